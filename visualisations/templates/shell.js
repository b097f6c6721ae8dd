// Starts the page: builds the controls once, then draws everything from the state after each change.

// What the controls and the panel were drawn for last: each is built again only when that has changed, so
// that the focus stays where it is and a choice is quick.
const drawnFor = { controls: "", panel: "" };

function hasChanged(part, ...asked) {
  const key = JSON.stringify(asked);
  const changed = drawnFor[part] !== key;
  drawnFor[part] = key;
  return changed;
}

function refresh({ say = false } = {}) {
  const now = shownNow();
  if (hasChanged("controls", state.filters, state.period, state.view, state.table, state.sort)) {
    showFilters(now);
    showTime(now);
    showTable(now);
  }
  if (hasChanged("panel", state.filters, state.period, state.choice)) showPanel(now);
  if (state.view === "map") showMap(now);
  for (const step of hooks.refreshed) step(now);
  if (say) announce(state.view === "table" ? `Table view. ${byId("shown").textContent}` : byId("shown").textContent);
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  if (event.key === "Escape" && state.choice && byId("panel").contains(event.target)) closeChoice();
});

buildFilters();
buildTime();
buildSearch();
buildTable();
buildMap();
for (const build of hooks.build) build();
refresh();
document.documentElement.setAttribute("data-ready", "true");
