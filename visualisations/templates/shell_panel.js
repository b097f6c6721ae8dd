// The panel is the evidence: what was found, in words, with place, date, sources, and who said it.

let cameFrom = null; // where the focus goes back to when a choice is closed

function showPanel(now) {
  const { choice } = state;
  byId("overview").hidden = Boolean(choice);
  const detail = byId("detail");
  detail.hidden = !choice;
  if (!choice) {
    detail.replaceChildren();
    return;
  }
  const parts = PANELS[choice.type](choice.id, now);
  detail.replaceChildren(
    el("button", { type: "button", id: "close", class: "quiet", on: { click: closeChoice } }, "✕ Close and show everything"),
    ...parts.flat(Infinity).filter(Boolean));
}

function heading(text) {
  return el("h2", { id: "chosen", tabindex: "-1", dir: "auto" }, text);
}

function chooser(text, choice, className) {
  return el("button", { type: "button", class: className, on: { click: () => choose(choice, { focusPanel: true }) } },
    el("span", { dir: "auto" }, text));
}

function choose(wanted, { focusPanel = false } = {}) {
  const choice = hooks.choosing(wanted);
  if (choice && focusPanel && document.activeElement.id !== "close") cameFrom = cameFrom || document.activeElement;
  state.choice = choice;
  if (choice && choice.type === "item") {
    if (state.open) unfold(choice.id);
    state.cursor = choice.id;
  }
  refresh();
  byId("panel").scrollTop = 0;
  if (!choice) return;
  if (focusPanel) byId("chosen").focus();
  if (choice.type === "item") backEnd.reveal(choice.id);
  announce(`${byId("chosen").textContent}. ${counted(byId("detail").querySelectorAll(".card").length, ...data.words.card)} in the panel.`);
}

function closeChoice() {
  const back = cameFrom && cameFrom.isConnected ? cameFrom : byId(state.view === "map" ? "stage-focus" : "table-view");
  cameFrom = null;
  choose(null);
  back.focus();
  announce("Everything is shown again.");
}
