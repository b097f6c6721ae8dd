// The table view: the same rows as the map, sortable, downloadable, and the equal way for a screen reader.

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

function buildTable() {
  byId("table-view").addEventListener("click", () => {
    state.view = state.view === "map" ? "table" : "map";
    refresh({ say: true });
  });
  byId("download").addEventListener("click", download);
  byId("table-choice").append(...Object.keys(TABLES).map((name) => el("button", {
    type: "button", "data-table": name, on: { click: () => { state.table = name; state.sort = null; refresh({ say: true }); } },
  })));
}

function sortedRows(table, now) {
  const rows = table.rows(now);
  if (!state.sort) return rows;
  const column = table.columns[state.sort.column];
  const key = column.order || column.value;
  const ways = state.sort.ascending ? 1 : -1;
  const compare = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en-GB"));
  return rows.map((row, index) => ({ row, index }))
    .sort((a, b) => ways * compare(key(a.row), key(b.row)) || a.index - b.index).map(({ row }) => row);
}

function showTable(now) {
  const open = state.view === "table";
  byId("table-area").hidden = !open;
  byId("map-area").hidden = open;
  byId("table-view").setAttribute("aria-pressed", String(open));
  byId("table-view").textContent = open ? "Map view" : "Table view";
  if (!open) return;
  const table = TABLES[state.table];
  for (const button of byId("table-choice").children) {
    const { title, rows } = TABLES[button.dataset.table];
    button.textContent = `${title} (${number(rows(now).length)})`;
    button.setAttribute("aria-pressed", String(button.dataset.table === state.table));
  }
  const rows = sortedRows(table, now);
  byId("rows").replaceChildren(
    el("caption", {}, rows.length ? `${table.title}: ${counted(rows.length, "row")}, as on the map` : `${table.title}: nothing answers to all these choices`),
    el("thead", {}, el("tr", {}, table.columns.map(headerCell))),
    el("tbody", {}, rows.map((row) => el("tr", {}, table.columns.map((column, index) => cell(column, row, index))))));
}

function headerCell(column, index) {
  const sorted = state.sort && state.sort.column === index;
  const ascending = sorted && state.sort.ascending;
  const order = sorted ? (ascending ? "ascending" : "descending") : "none";
  const sort = () => {
    state.sort = { column: index, ascending: !ascending };
    refresh();
    byId("rows").querySelectorAll("th button")[index].focus();
    announce(`Sorted by ${column.title}, ${ascending ? "descending" : "ascending"}.`);
  };
  return el("th", { scope: "col", "aria-sort": order }, el("button", { type: "button", on: { click: sort } },
    column.title, el("span", { "aria-hidden": "true" }, sorted ? (ascending ? " ▲" : " ▼") : " ↕")));
}

function cell(column, row, index) {
  const value = column.value(row);
  const words = typeof value === "number" ? number(value) : value;
  const content = column.links ? column.links(row).map((source) => [link(source.title || source.url, source.url), " "])
    : column.choice ? chooser(words || "No name recorded", column.choice(row), "row-button") : words;
  return el(index ? "td" : "th", { scope: index ? null : "row", class: column.number ? "number" : null, dir: column.number ? null : "auto" }, content);
}

/** The rows shown as CSV. A cell that a spreadsheet would run as a formula gets an apostrophe. */
function asCsv(now) {
  const table = TABLES[state.table];
  const quoted = (value) => {
    const text = String(value);
    const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const addresses = table.columns.some((column) => column.links);
  const lines = [[...table.columns.map((column) => column.title), ...(addresses ? ["Source address"] : [])],
    ...sortedRows(table, now).map((row) => [...table.columns.map((column) => column.value(row)),
      ...(addresses ? [row.card.sources.map((s) => s.url).join(" ")] : [])])];
  return `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}

function download() {
  const address = URL.createObjectURL(new Blob([asCsv(shownNow())], { type: "text/csv;charset=utf-8" }));
  el("a", { href: address, download: `${data.name}-${state.table}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  announce("The rows were downloaded.");
}
