// What the reader has asked for of the national map, and what therefore is shown. Counts are made in one
// pass over the columns and kept until something else is asked for: there are tens of thousands of rows.

const LAST_PERIOD = data.periods.length - 1;
const NOWHERE = "icsg:map/not-placed"; // the group of those that no source places
const FACETS = ["region", "system", "type", "rating", "certainty"]; // of organisations, one bit each
const TIE_FACETS = ["tie", "knowledge"];

const state = {
  choice: null, // { type: "item" | "tie", id } or { type: "path", id, to }
  cursor: null, // the item the keyboard is on
  filters: {}, // name of a filter -> value
  period: LAST_PERIOD, // index; the last one shows all dates
  view: "map",
  table: "bodies",
  sort: null, // { column, ascending }
};

const items = { get: (id) => (indexOf(id) < 0 ? undefined : { id, name: nameOf(indexOf(id)) }) };

/** Whether something is on this map: an item, or a line between two. */
function isKnown(type, id = "") {
  if (type === "tie") return id.split("~").length === 2 && id.split("~").every((end) => indexOf(end) >= 0);
  return type === "item" && indexOf(id) >= 0;
}

const dayOf = (period) => (data.periods.length ? data.periods[period].last : "9999-12-31");
const dateWords = (day) => `On ${day}`;
const askedDate = (day) => `there on ${day}`;

/** The value last made by `make`, until it is asked for with another key. */
function keptBy(make) {
  let known = null, value = null;
  return (...asked) => {
    const key = JSON.stringify(asked);
    if (key !== known) [known, value] = [key, make(...asked)];
    return value;
  };
}

/** For each body whether it was there on the day of a period: CERTAIN, POSSIBLE or 0. All dates: as recorded. */
const bodiesOn = keptBy((period) => standing(bodies, BODIES, period));
const tiesOn = keptBy((period) => standing(ties, TIES, period));

function standing(columns, count, period) {
  const found = new Uint8Array(count);
  if (period === LAST_PERIOD) return found.fill(CERTAIN);
  const rank = rankBy(dayOf(period)), { ranks, since } = columns;
  for (let row = 0; row < count; row += 1) found[row] = heldOn(ranks, row, rank, since && since[row]);
  return found;
}

/** For each body which filters it does not answer to, one bit a filter; 128 if it was not there. */
const missesOf = keptBy((filters, period) => {
  const there = bodiesOn(period);
  const asked = FACETS.map((name) => filters[name] || "");
  const [region, system, type, rating] = asked.map(Number);
  const wanted = { certain: CERTAIN, possible: POSSIBLE }[asked[4]];
  const misses = new Uint8Array(BODIES);
  for (let body = 0; body < BODIES; body += 1) {
    if (!there[body]) { misses[body] = 128; continue; }
    misses[body] = (asked[0] && regionOf[body] !== region ? 1 : 0) | (asked[1] && systemOf[body] !== system ? 2 : 0)
      | (asked[2] && bodies.type[body] !== type ? 4 : 0) | (asked[3] && !(ratingsOf[body] >> rating & 1) ? 8 : 0)
      | (wanted && there[body] !== wanted ? 16 : 0);
  }
  return misses;
});

/** The same of ties; 128 if it did not hold or one of its ends is not shown. */
const tieMissesOf = keptBy((filters, period) => {
  const held = tiesOn(period), misses = missesOf(filters, period);
  const [kind, level] = TIE_FACETS.map((name) => filters[name] || "");
  const wanted = { certain: CERTAIN, possible: POSSIBLE }[filters.certainty];
  const found = new Uint8Array(TIES);
  const hidden = (index) => index < BODIES && misses[index];
  for (let tie = 0; tie < TIES; tie += 1) {
    if (!held[tie] || hidden(ties.from[tie]) || hidden(ties.to[tie]) || (wanted && held[tie] !== wanted)) found[tie] = 128;
    else found[tie] = (kind && ties.kind[tie] !== Number(kind) ? 1 : 0) | (level && ties.level[tie] !== Number(level) ? 2 : 0);
  }
  return found;
});

/** Everything that is shown: for each body and tie CERTAIN, POSSIBLE or 0, and how many in each group. */
const shownOf = keptBy((filters, period) => {
  const there = bodiesOn(period), misses = missesOf(filters, period);
  const held = tiesOn(period), tieMisses = tieMissesOf(filters, period);
  const body = new Uint8Array(BODIES), tie = new Uint8Array(TIES);
  let tiesShown = 0;
  for (let row = 0; row < BODIES; row += 1) if (!misses[row]) body[row] = there[row];
  for (let row = 0; row < TIES; row += 1) if (!tieMisses[row]) { tie[row] = held[row]; tiesShown += 1; }
  const before = new Int32Array(BODIES + 1), certainBefore = new Int32Array(BODIES + 1);
  for (let row = 0; row < BODIES; row += 1) {
    before[row + 1] = before[row] + (body[row] ? 1 : 0);
    certainBefore[row + 1] = certainBefore[row] + (body[row] === CERTAIN ? 1 : 0);
  }
  const within = (sums) => groups.first.map((first, group) => sums[groups.last[group]] - sums[first]);
  return {
    body, tie, inGroup: within(before), certainInGroup: within(certainBefore),
    total: before[BODIES], certain: certainBefore[BODIES], ties: tiesShown,
  };
});

const shownNow = () => shownOf(state.filters, state.period);
const totals = (now) => ({ certain: now.certain, possible: now.total - now.certain });

/** For each filter how many would remain with each of its choices: organisations, or ties. `any` is without one. */
const optionCounts = keptBy((filters, period) => {
  const misses = missesOf(filters, period), tieMisses = tieMissesOf(filters, period);
  const columns = { region: regionOf, system: systemOf, type: bodies.type, rating: null, certainty: bodiesOn(period) };
  const found = {};
  FACETS.forEach((name, at) => { found[name] = countedBy(misses, ~(1 << at), columns[name]); });
  TIE_FACETS.forEach((name, at) => { found[name] = countedBy(tieMisses, ~(1 << at), at ? ties.level : ties.kind); });
  return found;
});

/** How many rows miss nothing but what `mask` leaves out, by the value of a column; without one, by rating. */
function countedBy(misses, mask, column) {
  const counts = new Int32Array(GROUPS + 64);
  let any = 0;
  for (let row = 0; row < misses.length; row += 1) {
    if (misses[row] & mask) continue;
    any += 1;
    if (column) counts[column[row]] += 1;
    else for (let bits = ratingsOf[row], bit = 0; bits; bits >>= 1, bit += 1) counts[bit] += bits & 1;
  }
  return { any, counts };
}

function remainingWith(name, value) {
  const { any, counts } = optionCounts(state.filters, state.period)[name];
  if (!value) return any;
  return counts[{ certain: CERTAIN, possible: POSSIBLE }[value] ?? Number(value)];
}

/** For each period how many organisations were certainly, and how many possibly there on its last day. */
const barsOf = keptBy((filters) => {
  const misses = missesOf({ ...filters, certainty: "" }, LAST_PERIOD);
  const inReach = [...misses.keys()].filter((body) => !misses[body]);
  const counts = data.periods.map((period, at) => {
    const count = { certain: 0, possible: 0 };
    if (at === LAST_PERIOD) return count;
    const rank = rankBy(period.last);
    for (const body of inReach) {
      const held = heldOn(bodies.ranks, body, rank, 0);
      if (held === CERTAIN) count.certain += 1;
      else if (held) count.possible += 1;
    }
    return count;
  });
  return { counts, undated: inReach.filter((body) => isUndated(bodies, body)).length };
});

const inPeriods = () => barsOf(state.filters);

function shownSentence(now) {
  const found = `${number(now.total)} of ${counted(BODIES, "organisation")} shown`;
  if (!now.total) return `${found}. Nothing recorded answers to all these choices.`;
  const systems = groups.level.filter((level, group) => level === 1 && now.inGroup[group] && indexOf(NOWHERE) !== BODIES + groups.parent[group]).length;
  return `${found} · in ${counted(systems, "system")} · ${counted(now.ties, "statement")} of ties among them`;
}

/** What kind of thing it is, and where it stands. */
function leadOf(index) {
  const places = above(index).map((group) => nameOf(group));
  const what = isGroup(index) ? LEVEL_WORDS[groups.level[groupOf(index)]] : packed.types[bodies.type[index]];
  return [what, ...places].join(" · ");
}

/** What the search looks through, each entry with its names folded: groups first, then organisations. */
function searchable() {
  const entry = (index, also) => {
    const name = nameOf(index);
    return { type: "item", id: idOf(index), name, also, own: folded(name), other: folded(also.join(" ")), get what() { return leadOf(index); } };
  };
  const bare = (known) => known.map((text) => text.replace(/^[a-z]+:/, ""));
  return [
    ...groups.id.map((id, group) => entry(BODIES + group, bare(groups.also[group]))),
    ...bodies.id.map((id, body) => entry(body, bare([id, ...bodies.also[body]]))),
  ];
}

/** The fewest ties shown that lead from one thing to another, whichever way they point; null if none do. */
function fewestSteps(from, to, now) {
  const before = new Map([[from, null]]);
  for (let edge = [from]; edge.length && !before.has(to);) {
    const next = [];
    for (const index of edge) {
      for (const tie of [...tiesFrom.of(index), ...tiesTo.of(index)]) {
        const other = ties.from[tie] === index ? ties.to[tie] : ties.from[tie];
        if (!now.tie[tie] || before.has(other)) continue;
        before.set(other, { index, tie });
        next.push(other);
      }
    }
    edge = next.sort((a, b) => a - b);
  }
  if (!before.has(to)) return null;
  const steps = [];
  for (let at = to; before.get(at); at = before.get(at).index) steps.unshift({ tie: before.get(at).tie, from: before.get(at).index, to: at });
  return steps;
}
