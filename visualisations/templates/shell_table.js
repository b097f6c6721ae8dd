// The table view: the same rows as the map, sortable, downloadable, and the equal way for a screen reader.

const ROWS_AT_ONCE = 500; // a map may have tens of thousands: the rest follows on request, and is in the download
const inOrder = new Intl.Collator("en-GB");
let rowsAsked = ROWS_AT_ONCE;

function buildTable() {
  byId("table-view").addEventListener("click", () => {
    state.view = state.view === "map" ? "table" : "map";
    refresh({ say: true });
  });
  byId("download").addEventListener("click", download);
  byId("table-choice").append(...Object.keys(TABLES).map((name) => el("button", {
    type: "button", "data-table": name, on: { click: () => { state.table = name; state.sort = null; rowsAsked = ROWS_AT_ONCE; refresh({ say: true }); } },
  })));
}

function sortedRows(table, now) {
  const rows = table.rows(now);
  if (!state.sort) return rows;
  const column = table.columns[state.sort.column];
  const key = column.order || column.value;
  const ways = state.sort.ascending ? 1 : -1;
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : inOrder.compare(String(a), String(b)));
  return rows.map((row, index) => ({ row, index, by: key(row, now) }))
    .sort((a, b) => ways * compare(a.by, b.by) || a.index - b.index).map(({ row }) => row);
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
    const { title, rows, count } = TABLES[button.dataset.table];
    button.textContent = `${title} (${number(count ? count(now) : rows(now).length)})`;
    button.setAttribute("aria-pressed", String(button.dataset.table === state.table));
  }
  const rows = sortedRows(table, now);
  byId("rows").replaceChildren(
    el("caption", {}, rows.length ? `${table.title}: ${counted(rows.length, "row")}, as on the map` : `${table.title}: nothing answers to all these choices`),
    el("thead", {}, el("tr", {}, table.columns.map(headerCell))),
    el("tbody", {}, rows.slice(0, rowsAsked).map((row) => rowElement(table, row, now))), moreRows(table, rows, now));
}

function rowElement(table, row, now) {
  return el("tr", {}, table.columns.map((column, index) => cell(column, row, index, now)));
}

/** The foot of a table that shows its first rows only: a button for the next ones. */
function moreRows(table, rows, now) {
  if (rows.length <= rowsAsked) return "";
  const next = rows.slice(rowsAsked, rowsAsked + ROWS_AT_ONCE);
  const show = () => {
    rowsAsked += next.length;
    const body = byId("rows").tBodies[0], first = body.rows.length;
    body.append(...next.map((row) => rowElement(table, row, now)));
    byId("rows").tFoot.replaceWith(moreRows(table, rows, now));
    body.rows[first].querySelector("button, a, th").focus();
    announce(`${number(Math.min(rowsAsked, rows.length))} of ${counted(rows.length, "row")} are shown.`);
  };
  return el("tfoot", {}, el("tr", {}, el("td", { colspan: table.columns.length }, `${number(rowsAsked)} of ${counted(rows.length, "row")} are shown. `,
    el("button", { type: "button", class: "pill", id: "more-rows", on: { click: show } }, `Show ${number(next.length)} more`))));
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

function cell(column, row, index, now) {
  const value = column.value(row, now);
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
    ...sortedRows(table, now).map((row) => [...table.columns.map((column) => column.value(row, now)),
      ...(addresses ? [row.card.sources.map((s) => s.url).join(" ")] : [])])];
  return `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}

function download() {
  saveFile(`${data.name}-${state.table}.csv`, "text/csv;charset=utf-8", asCsv(shownNow()));
  announce("The rows were downloaded.");
}
