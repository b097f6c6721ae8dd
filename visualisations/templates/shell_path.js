// A path between two marks: asked for in the panel of the one, answered by choosing the other.

let pathFrom = null;

function pathButton(item) {
  return el("button", { type: "button", class: "pill", id: "find-path", on: { click: () => askPath(item.id) } }, "Find a path to…");
}

function askPath(id) {
  pathFrom = id;
  const words = `A path from ${items.get(id).name} to…`;
  const input = byId("search");
  input.value = "";
  input.setAttribute("placeholder", words.slice(0, 60));
  byId("path-asked").hidden = false;
  byId("path-words").textContent = words;
  input.focus();
  announce(`${words} Search for the other end, or choose it on the map. Escape gives up.`);
}

function endPath() {
  pathFrom = null;
  byId("path-asked").hidden = true;
  byId("search").setAttribute("placeholder", byId("search").dataset.words);
}

hooks.choosing = (choice) => {
  const from = pathFrom;
  if (!from || !choice || choice.type !== "item" || choice.id === from) return choice;
  endPath();
  return { type: "path", id: from, to: choice.id };
};

function buildPath() {
  byId("path-stop").addEventListener("click", () => { endPath(); byId("search").focus(); });
  byId("search").addEventListener("keydown", (event) => { if (event.key === "Escape" && pathFrom) endPath(); });
}

function pathPanel(id, now) {
  const { to } = state.choice;
  const [from, end] = [items.get(id), items.get(to)];
  const steps = shortestPath(id, to, now.ties);
  const words = steps ? `${counted(steps.length, "step")}, the fewest there are among what is shown.`
    : "Nothing that is shown leads from the one to the other.";
  const parts = [heading(`From ${from.name} to ${end.name}`), el("p", { class: "lead" }, words)];
  for (const [index, step] of (steps || []).entries()) {
    parts.push(el("h3", { class: "group" }, `Step ${index + 1}, to `, chooser(items.get(step.to).name, { type: "item", id: step.to }, "chip")),
      ...cardList(step.tie.cards.filter((card) => now.cards.has(card)).map((card) => cards.get(card)), "", "h4"));
  }
  return parts;
}

hooks.build.push(buildPath);
