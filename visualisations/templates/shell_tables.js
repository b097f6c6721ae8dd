// The fields of the tables of a map whose lines rest on cards. Which of them a table has, the file says.

const CERTAINTIES = { certain: "Certainly", possible: "Possibly" };
const named = (ids) => ids.map((id) => items.get(id).name).join("; ");
const toItem = (id) => ({ type: "item", id });

const FIELDS = {
  cards: {
    name: { value: (row) => cardName(row.card), choice: (row) => ({ type: "card", id: row.card.id }) },
    kind: { value: (row) => capital(row.card.kind) },
    about: { value: (row) => named(row.card.items.filter((id) => items.get(id).list !== "middle")) },
    where: { value: (row) => row.card.where },
    when: { value: (row) => row.card.when, order: (row) => row.card.latest || row.card.earliest || "9999" },
    evidence: { value: (row) => row.card.badges.join(", ") },
    knowledge: { value: (row) => row.card.knowledge },
    certainty: { value: (row) => CERTAINTIES[row.certainty] },
    source: { value: (row) => row.card.sources.map((s) => [s.title, s.locator].filter(Boolean).join(", ")).join("; "), links: (row) => row.card.sources },
  },
  ties: {
    start: { value: (row) => items.get(row.tie.start).name, choice: (row) => toItem(row.tie.start) },
    what: { value: (row) => row.tie.what },
    end: { value: (row) => items.get(row.tie.end).name, choice: (row) => toItem(row.tie.end) },
    cards: { value: (row) => row.cards, choice: (row) => ({ type: "tie", id: row.tie.id }), number: true },
    certainty: { value: (row) => CERTAINTIES[row.certainty] },
  },
  items: {
    name: { value: (row) => row.item.name, choice: (row) => toItem(row.item.id) },
    what: { value: (row) => row.item.what },
    group: { value: (row) => row.item.group },
    within: { value: (row) => named(lineage(row.item.id).slice(1)) },
    state: { value: (row) => data.states[row.item.state] || "" },
    also: { value: (row) => row.item.also.join("; ") },
    cards: { value: (row) => row.now.cards, number: true },
    ends: { value: (row) => row.now.ends, number: true },
    placeless: { value: (row) => row.now.placeless, number: true },
  },
};

const ROWS = {
  cards: () => (now) => data.cards.filter((card) => now.cards.has(card.id)).map((card) => ({ card, certainty: now.cards.get(card.id) })),
  ties: () => (now) => data.ties.filter((tie) => now.ties.has(tie.id)).map((tie) => ({
    tie, certainty: now.ties.get(tie.id), cards: tie.cards.filter((id) => now.cards.has(id)).length })),
  items: (table) => (now) => data.items.filter((item) => !table.lists.length || table.lists.includes(item.list))
    .map((item) => ({ item, now: now.items.get(item.id) })),
};

const TABLES = Object.fromEntries(data.tables.map((table) => [table.name, {
  title: table.title,
  columns: table.columns.map(([name, title]) => ({ title, ...FIELDS[table.of][name] })),
  rows: ROWS[table.of](table),
}]));
