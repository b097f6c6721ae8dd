// The tables of the national map: the same rows as the map. Long ones are shown by and by.

const HELD = ["", "Possibly", "Certainly"];
const itemChoice = (index) => ({ type: "item", id: idOf(index) });

const TABLES = {
  bodies: { title: "Organisations", columns: [
    { title: "Name", value: (body) => nameOf(body), choice: itemChoice },
    { title: "Kind", value: (body) => packed.types[bodies.type[body]] },
    { title: "Local authority", value: (body) => groups.name[home[body]] },
    { title: "System", value: (body) => groups.name[systemOf[body]] },
    { title: "Region", value: (body) => groups.name[regionOf[body]] },
    { title: "Code", value: (body) => bodies.id[body].slice(bodies.id[body].indexOf(":") + 1) },
    { title: "Locations", value: (body) => sitesOf.of(body).length, number: true },
    { title: "Known dates", value: (body) => whenWords(bodies, body) },
    { title: "There on the date", value: (body, now) => HELD[now.body[body]] },
  ], count: (now) => now.total, rows: (now) => present(now.body) },
  ties: { title: "Ties", columns: [
    { title: "From", value: (tie) => nameOf(ties.from[tie]), choice: (tie) => itemChoice(ties.from[tie]) },
    { title: "Tie", value: (tie) => data.tieKinds[ties.kind[tie]] },
    { title: "To", value: (tie) => nameOf(ties.to[tie]), choice: (tie) => itemChoice(ties.to[tie]) },
    { title: "Known dates", value: (tie) => whenWords(ties, tie, Boolean(ties.since[tie])) },
    { title: "Pathways", value: (tie) => ties.amount[tie] || "", number: true },
    { title: "How it is known", value: (tie) => data.levels[ties.level[tie]].label },
    { title: "Held on the date", value: (tie, now) => HELD[now.tie[tie]] },
    { title: "Source", value: (tie) => packed.sources[ties.source[tie]].title },
    { title: "Publisher", value: (tie) => packed.sources[ties.source[tie]].publisher },
  ], count: (now) => now.ties, rows: (now) => present(now.tie) },
  groups: { title: "Regions, systems and local authorities", columns: [
    { title: "Name", value: (group) => groups.name[group], choice: (group) => itemChoice(BODIES + group) },
    { title: "What it is", value: (group) => LEVEL_WORDS[groups.level[group]] },
    { title: "In", value: (group) => (groups.parent[group] < 0 ? "England" : groups.name[groups.parent[group]]) },
    { title: "Organisations", value: (group, now) => now.inGroup[group], number: true },
    { title: "Certainly there on the date", value: (group, now) => now.certainInGroup[group], number: true },
  ], count: () => GROUPS, rows: () => [...groups.id.keys()] },
};

function present(column) {
  const found = [];
  column.forEach((held, row) => { if (held) found.push(row); });
  return found;
}
