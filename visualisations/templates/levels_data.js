// What is in the file of the national map: columns of bodies, groups, locations and ties. An index names one
// thing: bodies come first, then groups. Nothing here says what is shown.

const data = JSON.parse(byId("data").textContent);
const packed = await unpacked(byId("columns").textContent);
const { bodies, groups, sites, ties } = packed;
for (const [columns, names] of [[bodies, ["type"]], [ties, ["from", "to", "kind", "level", "source", "amount"]]]) {
  for (const name of names) columns[name] = Int32Array.from(columns[name]);
}
const BODIES = bodies.id.length;
const GROUPS = groups.id.length;
const TIES = ties.from.length;
const LEVEL_WORDS = ["Region", "System", "Local authority"];
const indexes = new Map([...bodies.id, ...groups.id].map((id, index) => [id, index]));

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const isGroup = (index) => index >= BODIES;
const groupOf = (index) => index - BODIES;
const idOf = (index) => (isGroup(index) ? groups.id[groupOf(index)] : bodies.id[index]);
const indexOf = (id) => indexes.get(id) ?? -1;
const nameOf = (index) => (isGroup(index) ? groups.name[groupOf(index)] : bodies.name[index] || "No name recorded");

/** For each body the number of its local authority, its system and its region. */
const home = new Int32Array(BODIES), systemOf = new Int32Array(BODIES), regionOf = new Int32Array(BODIES);
groups.level.forEach((level, group) => {
  if (level === 2) home.fill(group, groups.first[group], groups.last[group]);
  if (level === 1) systemOf.fill(group, groups.first[group], groups.last[group]);
  if (level === 0) regionOf.fill(group, groups.first[group], groups.last[group]);
});

/** For each body the ratings of its locations, one bit a rating, and where its locations begin in `sites`. */
const ratingsOf = new Int32Array(BODIES);
const sitesOf = listsBy(BODIES, sites.owner);
sites.owner.forEach((owner, site) => { if (sites.rating[site]) ratingsOf[owner] |= 1 << sites.rating[site]; });

/** For each index the ties that start or end there. */
const tiesFrom = listsBy(BODIES + GROUPS, ties.from);
const tiesTo = listsBy(BODIES + GROUPS, ties.to);

/** Numbers of the rows by the value of a column: `of(value)` gives them. */
function listsBy(size, column) {
  const starts = new Int32Array(size + 1);
  for (const value of column) starts[value + 1] += 1;
  for (let value = 0; value < size; value += 1) starts[value + 1] += starts[value];
  const order = new Int32Array(column.length), next = starts.slice();
  column.forEach((value, row) => { order[next[value]] = row; next[value] += 1; });
  return { of: (value) => order.subarray(starts[value], starts[value + 1]) };
}

/** The groups around a thing, the nearest first, as indexes. */
function above(index) {
  const found = [];
  let group = isGroup(index) ? groups.parent[groupOf(index)] : home[index];
  for (; group >= 0; group = groups.parent[group]) found.push(BODIES + group);
  return found;
}

function isInside(index, group) {
  if (!isGroup(index)) return index >= groups.first[groupOf(group)] && index < groups.last[groupOf(group)];
  return index === group || above(index).includes(group);
}

data.drawing = {
  ...data.drawing, idOf, indexOf, nameOf, home, bodyCount: BODIES, groupCount: GROUPS,
  x: Float32Array.from([...bodies.x.map((x) => x / 10), ...groups.x]),
  y: Float32Array.from([...bodies.y.map((y) => y / 10), ...groups.y]),
  radius: Float32Array.from(groups.radius), parent: Int32Array.from(groups.parent), level: Uint8Array.from(groups.level),
  first: Int32Array.from(groups.first), last: Int32Array.from(groups.last),
};

// ---- dates ----------------------------------------------------------------------------------------------

const POSSIBLE = 1, CERTAIN = 2;

// Days are compared by their rank among all days of the file, 0 for an unknown one: numbers are quick.
const inOrderOfDays = [...packed.days.keys()].slice(1).sort((a, b) => (packed.days[a] < packed.days[b] ? -1 : 1));
const rankOfDay = new Int32Array(packed.days.length);
inOrderOfDays.forEach((at, rank) => { rankOfDay[at] = rank + 1; });
for (const columns of [bodies, ties]) {
  columns.ranks = ["startEarliest", "startLatest", "endEarliest", "endLatest"].map((name) => Int32Array.from(columns[name], (at) => rankOfDay[at]));
}

/** The rank of the last day of the file that is not after a day. */
function rankBy(day) {
  let low = 0, high = inOrderOfDays.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (packed.days[inOrderOfDays[middle]] <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether what a row of columns tells of held on the day of a rank: CERTAIN, POSSIBLE, or 0. Unknown bounds leave
 * it open; what is told `since` a day does not end. */
function heldOn([startEarliest, startLatest, endEarliest, endLatest], row, rank, since) {
  if (startEarliest[row] > rank) return 0;
  const begun = startLatest[row] && startLatest[row] <= rank;
  if (since) return begun ? CERTAIN : POSSIBLE;
  if (endLatest[row] && endLatest[row] <= rank) return 0;
  return begun && endEarliest[row] > rank ? CERTAIN : POSSIBLE;
}

function isUndated(columns, row) {
  return !columns.startEarliest[row] && !columns.startLatest[row] && !columns.endEarliest[row] && !columns.endLatest[row];
}

function dayBefore(iso) {
  const day = new Date(`${iso}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

/** What is known of when something held, in words. An end is the first day on which it no longer did. */
function whenWords(columns, row, since = false) {
  const [a, b, c, d] = ["startEarliest", "startLatest", "endEarliest", "endLatest"].map((name) => packed.days[columns[name][row]]);
  const parts = [];
  if (a && a === b) parts.push(`${since ? "on" : "from"} ${plainDay(a)}`);
  else if (a && b) parts.push(`began between ${plainDay(a)} and ${plainDay(b)}`);
  else if (b) parts.push(`by ${plainDay(b)}`);
  else if (a) parts.push(`not before ${plainDay(a)}`);
  if (since) return parts.join(", ") || "date not stated";
  if (c && c === d) parts.push(`until ${plainDay(dayBefore(c))}`);
  else if (d) parts.push(`ended by ${plainDay(d)}`);
  else if (c) parts.push(`still so on ${plainDay(dayBefore(c))}`);
  return parts.join(", ") || "date not stated";
}
