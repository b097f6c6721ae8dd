// The view as it stands: in the address, so that a link reopens it, and as a file to keep. What comes in is checked.
// Of the state it uses filters, period, choice, view, table, and open where there are groups; isKnown(type, id) says
// whether a thing is on the map.

/** Filters, date, selection, camera, open groups and table, as plain text by name. */
function viewNow() {
  const view = {};
  for (const [name, value] of Object.entries(state.filters)) if (value) view[`filter.${name}`] = value;
  if (state.period !== LAST_PERIOD) view.date = dayOf(state.period);
  if (state.choice) {
    view.chosen = `${state.choice.type}:${state.choice.id}`;
    if (state.choice.to) view.to = state.choice.to;
  }
  if (state.view === "table") view.table = state.table;
  if (state.open) {
    const open = [...state.open].sort();
    if (open.join(" ") !== [...(data.open || [])].sort().join(" ")) view.open = open.join(" ");
  }
  const camera = backEnd.camera ? backEnd.camera() : null;
  if (camera) view.camera = camera.map((value) => Number(value.toPrecision(6))).join(" ");
  return view;
}

/** Take over a view; what does not fit this map is left out. Gives how many parts were left out. */
function showView(view) {
  let left = 0;
  const known = (test, use) => { if (test) use(); else left += 1; };
  const filters = {};
  for (const [name, value] of Object.entries(view).filter(([name]) => name.startsWith("filter."))) {
    const filter = data.filters.find((one) => `filter.${one.name}` === name);
    known(filter && filter.options.some((option) => option.value === value), () => { filters[filter.name] = value; });
  }
  state.filters = filters;
  const period = data.periods.findIndex((one) => one.last === view.date);
  if (view.date) known(period >= 0, () => {});
  state.period = period >= 0 ? period : LAST_PERIOD;
  if (state.open) {
    const open = view.open === undefined ? data.open || [] : view.open.split(" ").filter(Boolean);
    state.open = new Set(open.filter((id) => isKnown("item", id)));
  }
  state.choice = null;
  if (view.chosen) known(choiceIn(view), () => { state.choice = choiceIn(view); });
  state.view = "map";
  if (view.table !== undefined) known(Object.hasOwn(TABLES, view.table), () => { state.view = "table"; state.table = view.table; state.sort = null; });
  const camera = (view.camera || "").split(" ").map(Number);
  if (view.camera && backEnd.moveTo) known(camera.length === 3 && camera.every(Number.isFinite) && camera[2] > 0, () => backEnd.moveTo(camera));
  return left;
}

function choiceIn(view) {
  const at = view.chosen.indexOf(":");
  const [type, id] = [view.chosen.slice(0, at), view.chosen.slice(at + 1)];
  if (type === "path") return isKnown("item", id) && isKnown("item", view.to) ? { type, id, to: view.to } : null;
  return isKnown(type, id) ? { type, id } : null;
}

function addressNow() {
  const asked = new URLSearchParams(viewNow()).toString();
  return `${location.href.split("#")[0]}${asked ? `#${asked}` : ""}`;
}

let written = "";
let writing = null;

/** The address follows the view, a moment later, and without a step in the reader's history. */
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const address = addressNow();
    if (address === location.href) return;
    written = address;
    history.replaceState(null, "", address);
  }, 120);
}

function readAddress() {
  if (location.hash.length > 1) showView(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
}

async function copyLink() {
  const address = addressNow();
  const field = byId("link-text");
  field.hidden = false;
  field.value = address;
  field.select();
  let copied = false;
  try {
    await navigator.clipboard.writeText(address);
    copied = true;
  } catch { /* not allowed here: the address stands there, marked, to be copied by hand */ }
  announce(copied ? "The link was copied." : "The link stands in the field, ready to be copied.");
}

function saveView() {
  const content = { map: data.name, snapshot: data.snapshot || "", view: viewNow() };
  saveFile(`${data.name}-view.json`, "application/json", `${JSON.stringify(content, null, 2)}\n`);
  announce("The view was saved as a file.");
}

async function openView(file) {
  let said = "This file is no saved view of a map.";
  try {
    const { map, view } = JSON.parse(await file.text());
    const plain = Object.fromEntries(Object.entries(view).map(([name, value]) => [name, String(value)]));
    const left = showView(plain);
    refresh();
    said = map === data.name && !left ? "The saved view is open." : "Open, but some of this view is not on this map.";
  } catch { /* said below */ }
  byId("view-said").textContent = said;
  announce(said);
}

function buildView() {
  byId("take").hidden = false;
  byId("copy-link").addEventListener("click", copyLink);
  byId("save-view").addEventListener("click", saveView);
  byId("open-view").addEventListener("change", (event) => { if (event.target.files[0]) openView(event.target.files[0]); });
  readAddress();
  hooks.refreshed.push(writeAddress);
  hooks.moved.push(writeAddress);
  addEventListener("hashchange", () => { if (location.href !== written) { readAddress(); refresh(); } });
}

hooks.build.push(buildView);
