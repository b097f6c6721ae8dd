// The map itself: what each mark and tie looks like now, and how the keyboard moves over it.

const darkMode = matchMedia("(prefers-color-scheme: dark)");
const backEnd = backEnds[data.backEnd](byId("stage"), data.drawing, lookNow(), {
  choose: (target) => { cameFrom = null; choose(target); },
  hover: () => {},
});

function lookNow() {
  return data.palette[darkMode.matches ? "dark" : "light"];
}

function showMap(now) {
  const chosen = chosenNow(now);
  backEnd.paint({
    items: new Map(data.items.map((item) => [item.id, itemLook(item, now, chosen)])),
    ties: new Map(data.ties.map((tie) => [tie.id, tieLook(tie, now, chosen)])),
    cursor: document.activeElement === byId("stage-focus") ? state.cursor : null,
    choosing: Boolean(chosen),
    middle: data.drawing.middle,
  });
}

function itemLook(item, now, chosen) {
  const { cards: found, certainty } = now.items.get(item.id);
  const linked = Boolean(chosen && chosen.items.has(item.id));
  const filteredOut = !found && (isFiltered() || item.list !== "middle");
  return {
    certainty: certainty || "certain",
    hollow: item.state === "quiet" || item.state === "unreviewed",
    dashed: item.state === "unreviewed" || item.state === "elsewhere",
    linked,
    ringed: linked && (item.list === "middle" || chosen.main.has(item.id)),
    faded: !linked && (filteredOut || Boolean(chosen)),
    count: countWords(item, now.items.get(item.id)),
  };
}

/** Beside a name: in how many systems, and how many findings name none. */
function countWords(item, { ends, placeless }) {
  if (item.list === "middle") return "";
  return [ends ? number(ends) : "", placeless ? `+${number(placeless)}` : ""].filter(Boolean).join(" ") || "–";
}

function tieLook(tie, now, chosen) {
  const kind = items.get(tie.end).kind;
  const certainty = now.ties.get(tie.id);
  if (!certainty) return { kind, certainty: "possible", strength: "hidden" };
  if (!chosen) return { kind, certainty, strength: "faint" };
  return { kind, certainty, strength: chosen.ties.has(tie.id) ? "strong" : "gone" };
}

// ---- keyboard -------------------------------------------------------------------------------------

const LISTS = ["left", "middle", "right"];

function buildMap() {
  const focus = byId("stage-focus");
  focus.addEventListener("keydown", mapKey);
  focus.addEventListener("focus", () => { state.cursor = state.cursor || firstOf("right") || firstOf("middle"); sayCursor(); refresh(); });
  focus.addEventListener("blur", () => refresh());
  byId("zoom-in").addEventListener("click", () => backEnd.zoom(1.3));
  byId("zoom-out").addEventListener("click", () => backEnd.zoom(1 / 1.3));
  byId("zoom-all").addEventListener("click", () => backEnd.fit());
  darkMode.addEventListener("change", () => backEnd.repaint(lookNow()));
  addEventListener("beforeprint", () => backEnd.repaint(data.palette.light));
  addEventListener("afterprint", () => backEnd.repaint(lookNow()));
}

/** The items of a list from the top down, as they stand on the drawing. */
function inList(list) {
  const at = new Map(data.drawing.nodes.map((node) => [node.id, node.y]));
  return data.items.filter((item) => item.list === list).map((item) => item.id).sort((a, b) => at.get(a) - at.get(b) || (a < b ? -1 : 1));
}

function firstOf(list) {
  return inList(list)[0];
}

function mapKey(event) {
  const move = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (move) moveCursor(...move);
  else if ((event.key === "Enter" || event.key === " ") && state.cursor) choose({ type: "item", id: state.cursor }, { focusPanel: true });
  else if (event.key === "Escape" && state.choice) closeChoice();
  else if (event.key === "+" || event.key === "=") backEnd.zoom(1.3);
  else if (event.key === "-") backEnd.zoom(1 / 1.3);
  else if (event.key === "0") backEnd.fit();
  else return;
  event.preventDefault();
}

function moveCursor(across, down) {
  const item = items.get(state.cursor);
  if (!item) return;
  const own = inList(item.list);
  if (down) {
    state.cursor = own[Math.max(0, Math.min(own.length - 1, own.indexOf(item.id) + down))];
  } else {
    const next = LISTS[LISTS.indexOf(item.list) + across];
    state.cursor = (next && nearestIn(next, item.id)) || state.cursor;
  }
  backEnd.reveal(state.cursor);
  sayCursor();
  refresh();
}

function nearestIn(list, id) {
  const at = new Map(data.drawing.nodes.map((node) => [node.id, node.y]));
  return inList(list).sort((a, b) => Math.abs(at.get(a) - at.get(id)) - Math.abs(at.get(b) - at.get(id)))[0];
}

function sayCursor() {
  const item = items.get(state.cursor);
  if (!item) return;
  const { cards: found } = shownNow().items.get(item.id);
  announce(`${item.name}, ${item.lead}, ${counted(found, "finding")}. Enter opens it.`);
}
