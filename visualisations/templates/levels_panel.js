// What the panel says of the national map: an organisation with its names, codes, dates, ratings and ties; a
// group with what is in it; a line with the ties that it gathers, each with its sources.

const PANELS = { item: itemPanel, tie: linkPanel, path: stepsPanel };
const FEW = 12; // rows of a list before "show more"

function itemPanel(id, now) {
  const index = indexOf(id);
  const head = [heading(nameOf(index)), el("p", { class: "lead", dir: "auto" }, leadOf(index)), wayUp(index)];
  return [...head, ...(isGroup(index) ? groupParts(groupOf(index), now) : bodyParts(index, now))];
}

/** Buttons to the groups around it. */
function wayUp(index) {
  const around = above(index);
  if (!around.length) return null;
  return el("ul", { class: "chips", "aria-label": "Where it stands" }, around.map((group) =>
    el("li", {}, chooser(nameOf(group), { type: "item", id: idOf(group) }, "chip"))));
}

function fact(...words) {
  return el("p", { class: "fact", dir: "auto" }, ...words);
}

/** A heading with its number, and as many rows as asked for; a button shows the rest. */
function section(title, rows, make, few = FEW) {
  if (!rows.length) return [];
  const list = el("div", {}, rows.slice(0, few).map(make));
  const more = rows.length > few && el("button", { type: "button", class: "quiet", on: { click: () => {
    const first = list.childElementCount;
    list.append(...rows.slice(few).flatMap((row) => make(row)).filter(Boolean));
    more.remove();
    const next = list.children[first];
    next.setAttribute("tabindex", "-1");
    next.focus();
  } } }, `Show ${counted(rows.length - few, "more row")}`);
  return [el("h3", { class: "group" }, `${title} (${number(rows.length)})`), list, more || null];
}

// ---- an organisation --------------------------------------------------------------------------------------

function bodyParts(body, now) {
  const place = [bodies.town[body], bodies.postcode[body]].filter(Boolean).join(", ");
  const own = [...tiesFrom.of(body), ...tiesTo.of(body)];
  const shown = own.filter((tie) => now.tie[tie]);
  return [
    ...called([bodies.id[body], ...bodies.also[body]]),
    place ? fact(`Address: ${place}.`) : null,
    fact(`Known dates: ${whenWords(bodies, body)}.`),
    own.length ? el("p", { class: "actions" }, pathButton(items.get(bodies.id[body]))) : null,
    ...section("Ties", pairsOf(shown), (pair) => tieCard(pair, body)),
    ...hiddenTies(own.length - shown.length),
    ...section("Locations", [...sitesOf.of(body)], siteRow),
    ...section("Described by", packed.sourceSets[bodies.sources[body]], (source) => sourceLine(packed.sources[source])),
  ];
}

/** The codes and the other names of a thing, apart; an id that no register gave is no code. */
function called(known) {
  const isCode = (text) => /^[a-z]+:\S+$/.test(text);
  const codes = known.filter((text) => isCode(text) && !text.startsWith("icsg:"));
  const names = known.filter((text) => !isCode(text));
  return [
    codes.length ? fact(`Codes: ${codes.map((code) => code.replace(/^([a-z]+):/, (_, scheme) => `${scheme.toUpperCase()} `)).join(", ")}.`) : null,
    names.length ? fact(`Also called: ${names.join("; ")}.`) : null,
  ];
}

function hiddenTies(hidden) {
  if (!hidden) return [];
  return [fact(`${counted(hidden, "more statement")} of a tie ${hidden === 1 ? "is" : "are"} hidden by the filters or the date. `,
    el("button", { type: "button", class: "quiet", on: { click: clearFilters } }, "Show all"))];
}

function siteRow(site) {
  const rating = packed.ratings[sites.rating[site]], rated = packed.days[sites.rated[site]];
  const code = sites.id[site].slice(sites.id[site].indexOf(":") + 1);
  return el("p", { class: "site" }, el("strong", { dir: "auto" }, sites.name[site] || "No name recorded"),
    el("span", { dir: "auto" }, [` · ${packed.siteKinds[sites.kind[site]]}`, sites.postcode[site], code].filter((part) => part.trim() !== "·").join(" · ")),
    rating ? el("span", { class: "badge" }, `${rating}${rated ? `, ${plainDay(rated)}` : ""}`) : null);
}

// ---- ties -------------------------------------------------------------------------------------------------

/** Statements that say the same of the same two, together: [[tie, …], …], in the order of the kinds. */
function pairsOf(list) {
  const found = new Map();
  for (const tie of list) {
    const key = `${ties.kind[tie]} ${ties.from[tie]} ${ties.to[tie]}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(tie);
  }
  return [...found.values()].sort((a, b) => ties.kind[a[0]] - ties.kind[b[0]] || amountOf(b) - amountOf(a) || a[0] - b[0]);
}

const amountOf = (pair) => Math.max(...pair.map((tie) => ties.amount[tie]));

/** A tie with both ends, when it held, how it is known, and each source. `from`: the end that is open already. */
function tieCard(pair, from = -1) {
  const [tie] = pair;
  const kind = data.tieKinds[ties.kind[tie]].toLowerCase();
  const end = (index) => (index === from ? el("strong", { dir: "auto" }, nameOf(index)) : chooser(nameOf(index), { type: "item", id: idOf(index) }, "in-line"));
  return el("article", { class: "card" },
    el("p", {}, end(ties.from[tie]), ` ${kind} `, end(ties.to[tie])),
    el("p", { class: "badges" }, [...new Set(pair.map((one) => data.levels[ties.level[one]].label))].map((word) => [el("span", { class: "badge" }, word), " "])),
    pair.map((one) => el("div", { class: "said" },
      el("p", { class: "where" }, whenWords(ties, one, Boolean(ties.since[one])), ties.amount[one] ? ` · ${counted(ties.amount[one], "pathway")} begun` : ""),
      sourceLine(packed.sources[ties.source[one]]))));
}

/** A source with title, publisher, date and licence; its title is a link where it has an address of the web. */
function sourceLine(source) {
  const after = [source.publisher, source.as_of ? `as of ${source.as_of}` : "", source.licence || "licence not stated"].filter(Boolean);
  return el("p", { class: "source" }, "Source: ", link(source.title || source.id || "not recorded", source.url), el("span", { dir: "auto" }, ` · ${after.join(" · ")}`));
}

/** A line: all ties between what its two ends hold. */
function linkPanel(id, now) {
  const [a, b] = id.split("~").map(indexOf);
  const inside = (index, end) => index === end || (isGroup(end) && isInside(index, end));
  const own = [];
  for (let tie = 0; tie < TIES; tie += 1) {
    const { from: f, to: t } = { from: ties.from[tie], to: ties.to[tie] };
    if (now.tie[tie] && ((inside(f, a) && inside(t, b)) || (inside(f, b) && inside(t, a)))) own.push(tie);
  }
  const pairs = pairsOf(own);
  return [heading(`${nameOf(a)} and ${nameOf(b)}`),
    el("p", { class: "lead" }, `${counted(pairs.length, "tie")} between them, from ${counted(own.length, "statement")}.`),
    el("ul", { class: "chips", "aria-label": "Both ends" }, [a, b].map((end) => el("li", {}, chooser(nameOf(end), { type: "item", id: idOf(end) }, "chip")))),
    ...byKind(own), ...section("Ties", pairs, (pair) => tieCard(pair), 30)];
}

/** How many statements of each kind, the most first. */
function byKind(own) {
  const counts = new Map();
  for (const tie of own) counts.set(ties.kind[tie], (counts.get(ties.kind[tie]) || 0) + 1);
  return [...counts].sort((x, y) => y[1] - x[1] || x[0] - y[0]).map(([kind, count]) => fact(`${data.tieKinds[kind]}: ${counted(count, "statement")}.`));
}

// ---- a group ----------------------------------------------------------------------------------------------

function groupParts(group, now) {
  const index = BODIES + group;
  const types = new Map();
  for (let body = groups.first[group]; body < groups.last[group]; body += 1) {
    if (now.body[body]) types.set(bodies.type[body], (types.get(bodies.type[body]) || 0) + 1);
  }
  const shown = now.inGroup[group], all = groups.last[group] - groups.first[group];
  const parts = [...groups.id.keys()].filter((other) => groups.parent[other] === group);
  const kinds = [...types].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const toward = outward(index, now);
  return [
    ...called(groups.also[group]),
    el("p", {}, shown === all ? `${counted(all, "organisation")}.` : `${number(shown)} of ${counted(all, "organisation")} shown.`),
    ...section("Tied to", toward, ({ other, count }) => el("p", { class: "row" },
      chooser(nameOf(other), { type: "tie", id: `${idOf(Math.min(index, other))}~${idOf(Math.max(index, other))}` }, "in-line"), ` ${counted(count, "statement")}`)),
    ...section("Kinds of organisation", kinds, ([type, count]) => el("p", { class: "row" }, `${packed.types[type]}: ${number(count)}`)),
    ...section(parts.length && groups.level[parts[0]] === 1 ? "Systems" : "Local authorities", parts, (other) => el("p", { class: "row" },
      chooser(groups.name[other], { type: "item", id: groups.id[other] }, "in-line"), ` ${number(now.inGroup[other])}`)),
    ...(parts.length ? [] : section("Organisations", shownIn(group, now), (body) => el("p", { class: "row" },
      chooser(nameOf(body), { type: "item", id: bodies.id[body] }, "in-line"), ` ${packed.types[bodies.type[body]]}`))),
  ];
}

function shownIn(group, now) {
  const found = [];
  for (let body = groups.first[group]; body < groups.last[group]; body += 1) if (now.body[body]) found.push(body);
  return found;
}

/** The other groups of the same level to which ties lead from a group, the most first. */
function outward(index, now) {
  const level = groups.level[groupOf(index)], counts = new Map();
  const at = (end) => (isGroup(end) && groups.level[groupOf(end)] === level ? end : above(end).find((group) => groups.level[groupOf(group)] === level));
  for (let tie = 0; tie < TIES; tie += 1) {
    if (!now.tie[tie]) continue;
    const from = isInside(ties.from[tie], index), to = isInside(ties.to[tie], index);
    if (from === to) continue;
    const other = at(from ? ties.to[tie] : ties.from[tie]);
    if (other !== undefined) counts.set(other, (counts.get(other) || 0) + 1);
  }
  return [...counts].map(([other, count]) => ({ other, count })).sort((a, b) => b.count - a.count || a.other - b.other);
}

// ---- a path -----------------------------------------------------------------------------------------------

function stepsPanel(id, now) {
  const { to } = state.choice;
  const steps = fewestSteps(indexOf(id), indexOf(to), now);
  const words = steps ? `${counted(steps.length, "step")}, the fewest there are among what is shown.`
    : "Nothing that is shown leads from the one to the other.";
  const same = (step) => [...tiesFrom.of(step.from), ...tiesTo.of(step.from)].filter((tie) => now.tie[tie] && [ties.from[tie], ties.to[tie]].includes(step.to));
  return [heading(`From ${items.get(id).name} to ${items.get(to).name}`), el("p", { class: "lead" }, words),
    (steps || []).map((step, index) => [
      el("h3", { class: "group" }, `Step ${index + 1}, to `, chooser(nameOf(step.to), { type: "item", id: idOf(step.to) }, "chip")),
      pairsOf(same(step)).map((pair) => tieCard(pair))])];
}
