// What is in the file, what the reader has asked for, and what therefore is shown. Nothing here draws.

const data = JSON.parse(byId("data").textContent);
const items = new Map(data.items.map((item) => [item.id, item]));
const ties = new Map(data.ties.map((tie) => [tie.id, tie]));
const cards = new Map(data.cards.map((card) => [card.id, card]));
const LAST_PERIOD = data.periods.length - 1;

const state = {
  choice: null, // { type: "item" | "tie" | "card", id }
  cursor: null, // the item the keyboard is on
  filters: {}, // name of a filter -> value
  period: LAST_PERIOD, // index; the last one shows all dates
  view: "map",
  table: "cards",
  sort: null, // { column, ascending }
};

function grouped(pairs) {
  const found = new Map();
  for (const [key, value] of pairs) {
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(value);
  }
  return found;
}

const tiesOf = grouped(data.ties.flatMap((tie) => [[tie.start, tie], [tie.end, tie]]));
const cardsOf = grouped(data.cards.flatMap((card) => card.items.map((id) => [id, card])));

/** Whether a finding had been observed by a day: "certain", "possible", or "" if it had not. */
function certaintyBy(card, day) {
  if (card.latest && card.latest <= day) return "certain";
  return !card.earliest || card.earliest <= day ? "possible" : "";
}

function dayOf(period) {
  return data.periods.length ? data.periods[period].last : "9999-12-31";
}

function passes(card, name, value, certainty) {
  if (!value) return true;
  return name === "certainty" ? certainty === value : (card.facets[name] || []).includes(value);
}

/** Findings that remain, with their certainty by the chosen date. `filters` and `period` as in `state`. */
function remaining(filters = state.filters, period = state.period) {
  const day = dayOf(period);
  const found = new Map();
  for (const card of data.cards) {
    const certainty = certaintyBy(card, day);
    if (certainty && Object.entries(filters).every(([n, v]) => passes(card, n, v, certainty))) {
      found.set(card.id, certainty);
    }
  }
  return found;
}

/** How many findings would remain with one more choice made. */
function remainingWith(name, value) {
  return remaining({ ...state.filters, [name]: value }).size;
}

function strongest(certainties) {
  if (certainties.includes("certain")) return "certain";
  return certainties.length ? "possible" : "";
}

/** Everything that is shown now: findings, ties and items, each with its certainty and counts. */
function shownNow() {
  const shown = remaining();
  const held = (ids) => ids.filter((id) => shown.has(id)).map((id) => shown.get(id));
  const tieShown = new Map();
  for (const tie of data.ties) {
    const certainty = strongest(held(tie.cards));
    if (certainty) tieShown.set(tie.id, certainty);
  }
  const itemShown = new Map(data.items.map((item) => [item.id, itemNow(item, shown, tieShown)]));
  return { cards: shown, ties: tieShown, items: itemShown };
}

function itemNow(item, shown, tieShown) {
  const own = (cardsOf.get(item.id) || []).filter((card) => shown.has(card.id));
  const ends = (tiesOf.get(item.id) || []).filter((tie) => tieShown.has(tie.id))
    .map((tie) => (tie.start === item.id ? tie.end : tie.start));
  return {
    cards: own.length,
    ends: new Set(ends).size,
    placeless: own.filter((card) => card.placeless).length,
    certainty: strongest(own.map((card) => shown.get(card.id))),
  };
}

/** What belongs to the choice: its ties, and the items to name. Nothing chosen: null. */
function chosenNow(now) {
  const { choice } = state;
  if (!choice) return null;
  const ofTies = (found) => ({
    ties: new Set(found.map((tie) => tie.id)),
    items: new Set(found.flatMap((tie) => [tie.start, tie.end])),
  });
  if (choice.type === "tie") return { ...ofTies([ties.get(choice.id)]), main: new Set() };
  if (choice.type === "card") {
    const own = data.ties.filter((tie) => tie.cards.includes(choice.id));
    const { ties: t, items: i } = ofTies(own);
    return { ties: t, items: new Set([...i, ...cards.get(choice.id).items]), main: new Set() };
  }
  const own = (tiesOf.get(choice.id) || []).filter((tie) => now.ties.has(tie.id));
  const { ties: t, items: i } = ofTies(own);
  return { ties: t, items: i.add(choice.id), main: new Set([choice.id]) };
}

// ---- counts and words for the controls ----------------------------------------------------------------

const dateWords = (day) => `By ${day}`;
const askedDate = (day) => `observed by ${day}`;

/** How many findings shown were certainly, and how many possibly observed by the chosen date. */
function totals(now) {
  const certain = [...now.cards.values()].filter((certainty) => certainty === "certain").length;
  return { certain, possible: now.cards.size - certain };
}

/** When a finding was observed, against one period: certainly in it, possibly in it, or not. */
function observed(card, period) {
  if (!card.earliest && !card.latest) return "";
  if (card.earliest && card.latest && card.earliest >= period.first && card.latest <= period.last) return "certain";
  const notLater = !card.earliest || card.earliest <= period.last;
  return notLater && (!card.latest || card.latest >= period.first) ? "possible" : "";
}

/** For each period how many findings were observed in it, and how many of those in reach have no date. */
function inPeriods() {
  const inReach = [...remaining(state.filters, LAST_PERIOD).keys()].map((id) => cards.get(id));
  const counts = data.periods.map((period) => {
    const when = inReach.map((card) => observed(card, period));
    return { certain: when.filter((w) => w === "certain").length, possible: when.filter((w) => w === "possible").length };
  });
  return { counts, undated: inReach.filter((card) => !card.earliest && !card.latest).length };
}

function shownSentence(now) {
  const places = data.items.filter((item) => item.list === "middle" && now.items.get(item.id).cards).length;
  const sources = new Set([...now.cards.keys()].flatMap((id) => cards.get(id).sources.map((s) => s.url || s.title)));
  const found = `${number(now.cards.size)} of ${counted(data.cards.length, "finding")} shown`;
  if (!now.cards.size) return `${found}. Nothing recorded answers to all these choices.`;
  return `${found} · in ${counted(places, "system")} · ${counted(sources.size, "source")}`;
}

/** What the search looks through, each entry with its names folded. */
function searchable() {
  return [
    ...data.items.map((item) => ({ type: "item", id: item.id, name: item.name, what: item.lead, also: item.also })),
    ...data.cards.map((card) => ({ type: "card", id: card.id, name: card.name, what: `Finding · ${card.where}`, also: [] })),
  ].map((entry) => ({ ...entry, own: folded(entry.name), other: folded(entry.also.join(" ")) }));
}
