// The tables of a map whose lines rest on findings: which columns, and which rows.

const CERTAINTIES = { certain: "Certainly", possible: "Possibly" };

const TABLES = {
  cards: { title: "Findings", columns: [
    { title: "Finding", value: (row) => row.card.name, choice: (row) => ({ type: "card", id: row.card.id }) },
    { title: "What it is", value: (row) => row.card.kind },
    { title: "About", value: (row) => row.card.items.filter((id) => items.get(id).list !== "middle").map((id) => items.get(id).name).join("; ") },
    { title: "Where", value: (row) => row.card.where },
    { title: "When", value: (row) => row.card.when, order: (row) => row.card.latest || row.card.earliest || "9999" },
    { title: "Evidence", value: (row) => row.card.badges.join(", ") },
    { title: "Observed by the date", value: (row) => CERTAINTIES[row.certainty] },
    { title: "Source", value: (row) => row.card.sources.map((s) => s.title).join("; "), links: (row) => row.card.sources },
  ], rows: (now) => data.cards.filter((card) => now.cards.has(card.id)).map((card) => ({ card, certainty: now.cards.get(card.id) })) },
  ties: { title: "Ties", columns: [
    { title: "System", value: (row) => items.get(row.tie.start).name, choice: (row) => ({ type: "item", id: row.tie.start }) },
    { title: "What", value: (row) => row.tie.what },
    { title: "Innovation or barrier", value: (row) => items.get(row.tie.end).name, choice: (row) => ({ type: "item", id: row.tie.end }) },
    { title: "Findings", value: (row) => row.findings, choice: (row) => ({ type: "tie", id: row.tie.id }), number: true },
    { title: "Observed by the date", value: (row) => CERTAINTIES[row.certainty] },
  ], rows: (now) => data.ties.filter((tie) => now.ties.has(tie.id)).map((tie) => ({
    tie, certainty: now.ties.get(tie.id), findings: tie.cards.filter((id) => now.cards.has(id)).length })) },
  things: { title: "Innovations and barriers", columns: [
    { title: "Name", value: (row) => row.item.name, choice: (row) => ({ type: "item", id: row.item.id }) },
    { title: "What it is", value: (row) => row.item.what },
    { title: "Systems", value: (row) => row.now.ends, number: true },
    { title: "Findings", value: (row) => row.now.cards, number: true },
    { title: "Findings that name no system", value: (row) => row.now.placeless, number: true },
  ], rows: (now) => itemRows(now, (item) => item.list !== "middle") },
  places: { title: "Systems", columns: [
    { title: "Name", value: (row) => row.item.name, choice: (row) => ({ type: "item", id: row.item.id }) },
    { title: "Region", value: (row) => row.item.group },
    { title: "State", value: (row) => data.states[row.item.state] },
    { title: "Findings", value: (row) => row.now.cards, number: true },
    { title: "Innovations and barriers", value: (row) => row.now.ends, number: true },
  ], rows: (now) => itemRows(now, (item) => item.list === "middle") },
};

function itemRows(now, wanted) {
  return data.items.filter(wanted).map((item) => ({ item, now: now.items.get(item.id) }));
}
