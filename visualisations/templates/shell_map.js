// The map itself: what each mark and tie looks like now, and how the keyboard moves over it.

const darkMode = matchMedia("(prefers-color-scheme: dark)");
const backEnd = backEnds[data.backEnd](byId("stage"), data.drawing, lookNow(), {
  choose: (target) => { cameFrom = null; choose(target); },
  hover: () => {},
  moved: () => { for (const step of hooks.moved) step(); },
});

function lookNow() {
  return data.palette[darkMode.matches ? "dark" : "light"];
}

function showMap(now) {
  const chosen = chosenNow(now);
  backEnd.paint({
    items: new Map(data.items.map((item) => [item.id, itemLook(item, now, chosen)])),
    ties: new Map(data.ties.map((tie) => [tie.id, tieLook(tie, now, chosen)])),
    folds: foldedTies(now, chosen),
    cursor: document.activeElement === byId("stage-focus") ? state.cursor : null,
    choosing: Boolean(chosen),
    middle: data.drawing.middle,
  });
}

function itemLook(item, now, chosen) {
  const { cards: found, certainty } = now.items.get(item.id);
  const group = membersOf.get(item.id);
  const linked = Boolean(chosen && (chosen.items.has(item.id) || (group && standsForChosen(item.id, chosen))));
  const filteredOut = !found && (isFiltered() || item.list !== "middle");
  return {
    certainty: certainty || "certain",
    hollow: item.state === "quiet" || item.state === "unreviewed",
    dashed: item.state === "unreviewed" || item.state === "elsewhere",
    linked,
    main: Boolean(chosen && chosen.main.has(item.id)),
    ringed: linked && (item.list === "middle" || chosen.main.has(item.id)),
    faded: !linked && (filteredOut || Boolean(chosen)),
    hidden: !isDrawn(item.id),
    enclosing: Boolean(group) && state.open.has(item.id) && standIn(item.id) === item.id,
    count: group ? number(group.length) : countWords(item, now.items.get(item.id)),
  };
}

/** Whether a closed group stands for something that belongs to the choice. */
function standsForChosen(id, chosen) {
  return [...chosen.items].some((own) => own !== id && standIn(own) === id);
}

/** Beside a name: in how many systems, and how many findings name none. */
function countWords(item, { ends, placeless }) {
  if (item.list === "middle") return "";
  return [ends ? number(ends) : "", placeless ? `+${number(placeless)}` : ""].filter(Boolean).join(" ") || "–";
}

function tieLook(tie, now, chosen) {
  const kind = data.drawing.tieKind || items.get(tie.end).kind;
  const certainty = now.ties.get(tie.id);
  if (!certainty || !isDrawn(tie.start) || !isDrawn(tie.end)) return { kind, certainty: "possible", strength: "hidden" };
  if (!chosen) return { kind, certainty, strength: "faint" };
  return { kind, certainty, strength: chosen.ties.has(tie.id) ? "strong" : "gone" };
}

/** One line for all ties between the same two marks, where a closed group stands for an end of them. */
function foldedTies(now, chosen) {
  const found = new Map();
  if (!membersOf.size) return [];
  for (const tie of data.ties) {
    const ends = [standIn(tie.start), standIn(tie.end)];
    const folded = ends.some((end) => membersOf.has(end) && !state.open.has(end));
    if (!folded || ends[0] === ends[1] || !now.ties.has(tie.id) || !ends.every(isDrawn)) continue;
    const key = ends.join(" ");
    const fold = found.get(key) || { id: `fold ${key}`, start: ends[0], end: ends[1], kind: data.drawing.tieKind || "area", count: 0, certainty: "possible", chosen: false };
    fold.count += 1;
    if (now.ties.get(tie.id) === "certain") fold.certainty = "certain";
    fold.chosen ||= Boolean(chosen && chosen.ties.has(tie.id));
    found.set(key, fold);
  }
  return [...found.values()].map((fold) => ({ ...fold, strength: !chosen ? "faint" : fold.chosen ? "strong" : "gone" }));
}

/** Open or close groups: their members get marks of their own, or one mark stands for them. */
function setOpen(ids, open) {
  const all = new Set(state.open);
  for (const id of ids) if (open) all.add(id); else all.delete(id);
  state.open = all;
  drawnFor.panel = "";
  refresh();
  if (byId("open-group")) byId("open-group").focus();
  announce(open ? "Opened." : "Folded together.");
}

/** What is chosen gets a mark of its own: the groups around it open. */
function unfold(id) {
  const around = lineage(id).slice(1);
  if (around.some((group) => !state.open.has(group))) state.open = new Set([...state.open, ...around]);
}

// ---- keyboard -------------------------------------------------------------------------------------

const LISTS = ["left", "middle", "right"];

function buildMap() {
  const focus = byId("stage-focus");
  focus.addEventListener("keydown", mapKey);
  focus.addEventListener("focus", () => { state.cursor = (state.cursor && standIn(state.cursor)) || firstOf("right") || firstOf("middle"); sayCursor(); refresh(); });
  focus.addEventListener("blur", () => refresh());
  byId("zoom-in").addEventListener("click", () => backEnd.zoom(1.3));
  byId("zoom-out").addEventListener("click", () => backEnd.zoom(1 / 1.3));
  byId("zoom-all").addEventListener("click", () => backEnd.fit());
  byId("open-all").hidden = !membersOf.size;
  byId("open-all").addEventListener("click", () => setOpen([...membersOf.keys()], !allOpen()));
  hooks.refreshed.push(() => { byId("open-all").textContent = allOpen() ? "Fold all" : "Open all"; });
  darkMode.addEventListener("change", () => backEnd.repaint(lookNow()));
  addEventListener("beforeprint", () => backEnd.repaint(data.palette.light));
  addEventListener("afterprint", () => backEnd.repaint(lookNow()));
}

function allOpen() {
  return [...membersOf.keys()].every((id) => state.open.has(id));
}

const placeOf = new Map(data.drawing.nodes.map((node) => [node.id, node]));

/** The items of a list from the top down, as they stand on the drawing. */
function inList(list) {
  const at = (id) => placeOf.get(id).y;
  return data.items.filter((item) => item.list === list && isDrawn(item.id)).map((item) => item.id).sort((a, b) => at(a) - at(b) || (a < b ? -1 : 1));
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
  const lists = data.lists.left || data.lists.right;
  state.cursor = (lists ? nextInLists(item, across, down) : nextInDirection(item.id, across, down)) || state.cursor;
  backEnd.reveal(state.cursor);
  sayCursor();
  refresh();
}

function nextInLists(item, across, down) {
  const own = inList(item.list);
  if (down) return own[Math.max(0, Math.min(own.length - 1, own.indexOf(item.id) + down))];
  const next = LISTS[LISTS.indexOf(item.list) + across];
  return next && nearestIn(next, item.id);
}

/** The nearest mark that lies this way, sideways steps counting double; none at the edge. */
function nextInDirection(id, across, down) {
  const from = placeOf.get(id);
  let best = { far: Infinity, id: null };
  for (const item of data.items) {
    if (item.id === id || !isDrawn(item.id)) continue;
    const at = placeOf.get(item.id);
    const ahead = (at.x - from.x) * across + (at.y - from.y) * down;
    const aside = Math.abs(across ? at.y - from.y : at.x - from.x);
    const far = ahead + 2 * aside;
    if (ahead > 0.5 && aside <= 2 * ahead && far < best.far) best = { far, id: item.id };
  }
  return best.id;
}

function nearestIn(list, id) {
  const far = (other) => Math.abs(placeOf.get(other).y - placeOf.get(id).y);
  return inList(list).sort((a, b) => far(a) - far(b))[0];
}

function sayCursor() {
  const item = items.get(state.cursor);
  if (!item) return;
  const { cards: found } = shownNow().items.get(item.id);
  announce(`${item.name}, ${item.lead}, ${ofWords(found, data.words.card)}. Enter opens it.`);
}
