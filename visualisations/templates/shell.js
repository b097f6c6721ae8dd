// Starts the page: builds the controls once, then draws everything from the state after each change.

function refresh({ say = false } = {}) {
  const now = shownNow();
  showFilters(now);
  showTime(now);
  showTable(now);
  showPanel(now);
  if (state.view === "map") showMap(now);
  if (say) announce(state.view === "table" ? `Table view. ${byId("shown").textContent}` : byId("shown").textContent);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.choice && byId("panel").contains(event.target)) closeChoice();
});

buildFilters();
buildTime();
buildSearch();
buildTable();
buildMap();
refresh();
document.documentElement.setAttribute("data-ready", "true");
