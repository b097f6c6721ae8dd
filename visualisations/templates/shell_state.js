// What is in the file, what the reader has asked for, and what therefore is shown. Nothing here draws.

const data = completed(JSON.parse(byId("data").textContent));
const items = new Map(data.items.map((item) => [item.id, item]));
const ties = new Map(data.ties.map((tie) => [tie.id, tie]));
const cards = new Map(data.cards.map((card) => [card.id, card]));
const LAST_PERIOD = data.periods.length - 1;

const state = {
  choice: null, // { type: "item" | "tie" | "card", id } or { type: "path", id, to }
  cursor: null, // the item the keyboard is on
  filters: {}, // name of a filter -> value
  period: LAST_PERIOD, // index; the last one shows all dates
  view: "map",
  table: data.tables.length ? data.tables[0].name : "",
  sort: null, // { column, ascending }
  open: new Set(data.open), // groups whose members are drawn
};

/** What is empty is not in the file; each source stands there once, and so does what many say alike. */
function completed(plain) {
  const source = { title: "", publisher: "", url: "", date: "", licence: "", locator: "" };
  const item = { list: "middle", what: "", lead: "", also: [], group: "", state: "", facts: [], details: [], parent: "", system: "" };
  const tie = { what: "", sentence: "", knowledge: "", cards: [], directed: false };
  const card = { name: "", kind: "", description: "", badges: [], where: "", when: "", earliest: "", latest: "",
    remark: "", sources: [], placeless: false, facets: {}, knowledge: "", going: "", gone: "", items: [] };
  const found = plain.sources.map((own) => ({ ...source, ...own }));
  const whole = (empty, name) => plain[name].map((own) => ({ ...empty, ...plain.alike[name][own.like], ...own }));
  const items = whole(item, "items");
  const byId = new Map(plain.derived.length ? items.map((one) => [one.id, one]) : []);
  return {
    ...plain,
    items,
    ties: whole(tie, "ties"),
    cards: whole(card, "cards").map((own) => ({ ...own, facets: { ...derived(own, byId), ...own.facets },
      sources: own.sources.map(([at, locator = ""]) => ({ ...found[at], locator })) })),
  };
}

/** The facets of a statement that follow from its kind and its ends. */
function derived(own, byId) {
  if (!byId.size) return {};
  const ends = own.items.map((id) => byId.get(id)).filter(Boolean);
  const each = (value) => [...new Set(ends.map(value).filter(Boolean))];
  return {
    relation: [capital(own.kind)], knowledge: [own.knowledge],
    sector: each((end) => end.what), system: each((end) => end.system), region: each((end) => end.group),
    barrier: each((end) => (end.kind === "barrier" ? end.name : "")),
  };
}

/** Whether something is on this map: an item, a tie, a card. */
function isKnown(type, id) {
  return Boolean({ item: items, tie: ties, card: cards }[type]?.has(id));
}

function grouped(pairs) {
  const found = new Map();
  for (const [key, value] of pairs) {
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(value);
  }
  return found;
}

const membersOf = grouped(data.items.filter((item) => item.parent).map((item) => [item.parent, item.id]));

const lineages = new Map();

/** An item and the groups it stands in, the nearest first. */
function lineage(id) {
  if (!lineages.has(id)) {
    const up = [];
    for (let at = items.get(id); at && !up.includes(at.id); at = items.get(at.parent)) up.push(at.id);
    lineages.set(id, up);
  }
  return lineages.get(id);
}

const tiesOf = grouped(data.ties.flatMap((tie) => [...new Set([...lineage(tie.start), ...lineage(tie.end)])].map((id) => [id, tie])));
const cardsOf = grouped(data.cards.flatMap((card) => [...new Set(card.items.flatMap(lineage))].map((id) => [id, card])));

/** The mark that stands for an item: itself, or the outermost closed group around it. */
function standIn(id) {
  const closed = lineage(id).slice(1).filter((group) => !state.open.has(group));
  return closed.length ? closed[closed.length - 1] : id;
}

/** Whether an item has a mark of its own now. An open group is drawn as a ring around its members. */
function isDrawn(id) {
  return standIn(id) === id && !(membersOf.has(id) && state.open.has(id));
}

function tieSentence(tie) {
  return tie.sentence || `${items.get(tie.start).name} ${tie.what} ${items.get(tie.end).name}`;
}

const tieOfCard = new Map(data.ties.flatMap((tie) => tie.cards.map((id) => [id, tie])));

/** A statement has no name of its own: it says what it states. */
function cardName(card) {
  return card.name || (tieOfCard.has(card.id) ? tieSentence(tieOfCard.get(card.id)) : card.kind);
}

/** Whether a card held by a day: "certain", "possible", or "" if it did not. With all dates, that it ended is no matter. */
function certaintyBy(card, period) {
  const day = dayOf(period);
  const all = period === LAST_PERIOD;
  if (!all && card.gone && card.gone <= day) return "";
  const ending = !all && card.gone && (!card.going || card.going <= day);
  if (card.latest && card.latest <= day) return ending ? "possible" : "certain";
  return all || !card.earliest || card.earliest <= day ? "possible" : "";
}

function dayOf(period) {
  return data.periods.length ? data.periods[period].last : "9999-12-31";
}

function passes(card, name, value, certainty) {
  if (!value) return true;
  return name === "certainty" ? certainty === value : (card.facets[name] || []).includes(value);
}

/** Cards that remain, with their certainty by the chosen date. `filters` and `period` as in `state`. */
function remaining(filters = state.filters, period = state.period) {
  const asked = Object.entries(filters).filter(([, value]) => value);
  const found = new Map();
  for (const card of data.cards) {
    const certainty = certaintyBy(card, period);
    if (certainty && asked.every(([name, value]) => passes(card, name, value, certainty))) found.set(card.id, certainty);
  }
  return found;
}

let tally = { key: "", counts: new Map() };

/** How many cards would remain with one more choice made. Each filter is counted once for all its choices. */
function remainingWith(name, value) {
  const key = JSON.stringify([state.filters, state.period]);
  if (tally.key !== key) tally = { key, counts: new Map() };
  if (!tally.counts.has(name)) tally.counts.set(name, tallied(name));
  return tally.counts.get(name).get(value) || 0;
}

function tallied(name) {
  const counts = new Map();
  for (const [id, certainty] of remaining({ ...state.filters, [name]: "" })) {
    const values = name === "certainty" ? [certainty] : cards.get(id).facets[name] || [];
    for (const value of ["", ...values]) counts.set(value, (counts.get(value) || 0) + 1);
  }
  return counts;
}

function strongest(certainties) {
  if (certainties.includes("certain")) return "certain";
  return certainties.length ? "possible" : "";
}

/** Everything that is shown now: cards, ties and items, each with its certainty and counts. */
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
  return {
    cards: own.length,
    ends: neighbours(item.id, tieShown).size,
    placeless: own.filter((card) => card.placeless).length,
    certainty: strongest(own.map((card) => shown.get(card.id))),
  };
}

/** The other ends of the ties shown of an item, each with the ties that lead there. */
function neighbours(id, tieShown) {
  const found = new Map();
  for (const tie of tiesOf.get(id) || []) {
    if (!tieShown.has(tie.id)) continue;
    const own = (end) => end === id || lineage(end).includes(id);
    const other = own(tie.start) ? tie.end : tie.start;
    if (own(other)) continue; // within the group itself
    if (!found.has(other)) found.set(other, []);
    found.get(other).push(tie);
  }
  return found;
}

/** The fewest ties shown that lead from one item to another, whichever way they point; null if none do. */
function shortestPath(from, to, tieShown) {
  const before = new Map([[from, null]]);
  for (let edge = [from]; edge.length && !before.has(to);) {
    const next = [];
    for (const id of edge) {
      for (const [other, own] of [...neighbours(id, tieShown)].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (before.has(other)) continue;
        before.set(other, { id, tie: own[0] });
        next.push(other);
      }
    }
    edge = next;
  }
  if (!before.has(to)) return null;
  const steps = [];
  for (let at = to; before.get(at); at = before.get(at).id) steps.unshift({ tie: before.get(at).tie, to: at });
  return steps;
}

/** What belongs to the choice: its ties, and the items to name. Nothing chosen: null. */
function chosenNow(now) {
  const { choice } = state;
  if (!choice) return null;
  const ofTies = (found) => ({
    ties: new Set(found.map((tie) => tie.id)),
    items: new Set(found.flatMap((tie) => [tie.start, tie.end])),
  });
  if (choice.type === "path") {
    const own = ofTies((shortestPath(choice.id, choice.to, now.ties) || []).map((step) => step.tie));
    const ends = [choice.id, choice.to];
    return { ties: own.ties, items: new Set([...own.items, ...ends]), main: new Set(ends) };
  }
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
const askedDate = (day) => `${data.words.observed} by ${day}`;

/** "3 findings", in the words of this map. */
function ofWords(value, [one, several]) {
  return counted(value, one, several);
}

/** How many cards shown were certainly, and how many possibly observed by the chosen date. */
function totals(now) {
  const certain = [...now.cards.values()].filter((certainty) => certainty === "certain").length;
  return { certain, possible: now.cards.size - certain };
}

/** When a card was observed or began, against one period: certainly in it, possibly in it, or not. */
function observed(card, period) {
  if (!card.earliest && !card.latest) return "";
  if (card.earliest && card.latest && card.earliest >= period.first && card.latest <= period.last) return "certain";
  const notLater = !card.earliest || card.earliest <= period.last;
  return notLater && (!card.latest || card.latest >= period.first) ? "possible" : "";
}

/** For each period how many cards were observed in it, and how many of those in reach have no date. */
function inPeriods() {
  const inReach = [...remaining(state.filters, LAST_PERIOD).keys()].map((id) => cards.get(id));
  const counts = data.periods.map((period) => {
    const when = inReach.map((card) => observed(card, period));
    return { certain: when.filter((w) => w === "certain").length, possible: when.filter((w) => w === "possible").length };
  });
  return { counts, undated: inReach.filter((card) => !card.earliest && !card.latest).length };
}

function shownSentence(now) {
  const places = data.items.filter((item) => item.list === "middle" && !membersOf.has(item.id) && now.items.get(item.id).cards).length;
  const sources = new Set([...now.cards.keys()].flatMap((id) => cards.get(id).sources.map((s) => s.url || s.title)));
  const found = `${number(now.cards.size)} of ${ofWords(data.cards.length, data.words.card)} shown`;
  if (!now.cards.size) return `${found}. Nothing recorded answers to all these choices.`;
  return `${found} · in ${ofWords(places, data.words.place)} · ${counted(sources.size, "source")}`;
}

/** What the search looks through, each entry with its names folded. */
function searchable() {
  return [
    ...data.items.map((item) => ({ type: "item", id: item.id, name: item.name, what: item.lead, also: item.also })),
    ...data.cards.filter((card) => card.name).map((card) => ({ type: "card", id: card.id, name: card.name,
      what: [capital(data.words.card[0]), card.where].filter(Boolean).join(" · "), also: [] })),
  ].map((entry) => ({ ...entry, own: folded(entry.name), other: folded(entry.also.join(" ")) }));
}
