// The national map itself: how each mark and line looks now, and how the keyboard moves over it.

const MOST_STRONG = 150; // lines of a chosen organisation that are drawn strong: the heaviest
const MOST_OF_GROUP = 24; // the same of what is in an open group
const darkMode = matchMedia("(prefers-color-scheme: dark)");
const backEnd = backEnds[data.backEnd](byId("stage"), data.drawing, lookNow(), {
  choose: (target) => { cameFrom = null; choose(target); },
  hover: () => {},
  moved: () => { for (const step of hooks.moved) step(); },
});
byId("stage").icsgraphMap = backEnd; // for whoever looks closer, and for the tests

function lookNow() {
  return data.palette[darkMode.matches ? "dark" : "light"];
}

function showMap(now) {
  const chosen = chosenIndexes();
  const linked = new Set();
  backEnd.paint({
    items: { get: (id) => itemLook(indexOf(id), now, chosen, linked) },
    ties: { among: (standsFor) => linksAmong(standsFor, now, chosen, linked) },
    cursor: document.activeElement === byId("stage-focus") ? state.cursor : null,
    choosing: chosen.length > 0,
  });
}

/** What is chosen, as indexes: an item, or both ends of a tie. */
function chosenIndexes() {
  const { choice } = state;
  if (!choice) return [];
  if (choice.type === "path") return [choice.id, choice.to].map(indexOf);
  return (choice.type === "tie" ? choice.id.split("~") : [choice.id]).map(indexOf).filter((index) => index >= 0);
}

const SHAPES = new Set(["Primary care network (PCN)", "Brand", "Cancer alliance", "Clinical network", "Group of trusts"]);
const isNetwork = packed.types.map((type) => SHAPES.has(type));
const TONES = ["edge", "system", "area"];

function itemLook(index, now, chosen, linked) {
  const group = groupOf(index);
  const shown = group < 0 ? now.body[index] : now.inGroup[group];
  if (group < 0 && !shown) return null;
  const main = chosen.includes(index);
  const near = main || linked.has(index) || chosen.some((one) => isGroup(one) && isInside(index, one));
  const certain = group < 0 ? shown === CERTAIN : now.certainInGroup[group] * 2 >= now.inGroup[group];
  const tone = group < 0 ? "organisation" : TONES[groups.level[group]];
  return {
    tone,
    pale: !certain,
    shape: group >= 0 ? "disc" : isNetwork[bodies.type[index]] ? "ring" : "square",
    faded: !shown || (chosen.length > 0 && !near),
    chosen: main,
    ringed: main || (linked.has(index) && chosen.length > 0),
    count: group < 0 ? "" : number(shown),
  };
}

/** All ties between what is drawn, one line for each two ends. Those of the choice are strong. */
function linksAmong(standsFor, now, chosen, linked) {
  const width = BODIES + GROUPS, found = new Map();
  for (let tie = 0; tie < TIES; tie += 1) {
    if (!now.tie[tie]) continue;
    const a = standsFor[ties.from[tie]], b = standsFor[ties.to[tie]];
    if (a === b) continue;
    const key = a < b ? a * width + b : b * width + a;
    let link = found.get(key);
    if (!link) found.set(key, link = { from: Math.min(a, b), to: Math.max(a, b), weight: 0, certainty: "possible", level: 0 });
    link.weight += 1;
    if (now.tie[tie] === CERTAIN) link.certainty = "certain";
    if (ties.level[tie] > link.level) link.level = ties.level[tie];
  }
  const links = [...found.values()].filter((link) => !isWithin(link.from, link.to) && !isWithin(link.to, link.from));
  for (const link of links) {
    link.id = `${idOf(link.from)}~${idOf(link.to)}`;
    link.strength = chosen.length ? "gone" : "faint";
    link.dashes = data.levels[link.level].dashes;
  }
  linked.clear();
  const steps = state.choice && state.choice.type === "path" ? stepsDrawn(standsFor, now) : null;
  if (steps) {
    for (const link of links) {
      if (!steps.has(link.id)) continue;
      link.strength = "strong";
      for (const end of [link.from, link.to]) linked.add(end);
    }
    return links;
  }
  const own = links.filter((link) => isOfChoice(link, chosen)).sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  const opened = chosen.length && isGroup(chosen[0]) && standsFor[groups.first[groupOf(chosen[0])]] !== standsFor[chosen[0]];
  for (const link of own.slice(0, opened ? MOST_OF_GROUP : MOST_STRONG)) {
    link.strength = "strong";
    for (const end of opened ? [] : [link.from, link.to]) if (!chosen.some((one) => isGroup(one) && isInside(end, one))) linked.add(end);
  }
  return links;
}

/** The lines that stand for the steps of the chosen path. */
function stepsDrawn(standsFor, now) {
  const steps = fewestSteps(indexOf(state.choice.id), indexOf(state.choice.to), now) || [];
  return new Set(steps.map((step) => {
    const ends = [standsFor[step.from], standsFor[step.to]].sort((a, b) => a - b);
    return `${idOf(ends[0])}~${idOf(ends[1])}`;
  }));
}

const isWithin = (index, group) => isGroup(group) && index !== group && isInside(index, group);

/** Whether a line is the chosen tie, or leads out of what is chosen. */
function isOfChoice(link, chosen) {
  if (!chosen.length) return false;
  if (state.choice.type === "tie") return link.id === state.choice.id;
  const inside = (index) => index === chosen[0] || (isGroup(chosen[0]) && isInside(index, chosen[0]));
  return inside(link.from) !== inside(link.to) || link.from === chosen[0] || link.to === chosen[0];
}

// ---- keyboard -------------------------------------------------------------------------------------------

function buildMap() {
  const focus = byId("stage-focus");
  focus.addEventListener("keydown", mapKey);
  focus.addEventListener("focus", () => { state.cursor ||= backEnd.around("", 0, 0); sayCursor(); refresh(); });
  focus.addEventListener("blur", () => refresh());
  byId("zoom-in").addEventListener("click", () => backEnd.zoom(1.6));
  byId("zoom-out").addEventListener("click", () => backEnd.zoom(1 / 1.6));
  byId("zoom-all").addEventListener("click", () => backEnd.fit());
  byId("open-all").hidden = true;
  darkMode.addEventListener("change", () => backEnd.repaint(lookNow()));
  addEventListener("beforeprint", () => backEnd.repaint(data.palette.light));
  addEventListener("afterprint", () => backEnd.repaint(lookNow()));
}

function mapKey(event) {
  const move = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (move) moveCursor(...move);
  else if ((event.key === "Enter" || event.key === " ") && state.cursor) enter(state.cursor);
  else if (event.key === "Backspace" && state.cursor) goUp();
  else if (event.key === "Escape" && state.choice) closeChoice();
  else if (event.key === "+" || event.key === "=") backEnd.zoom(1.6);
  else if (event.key === "-") backEnd.zoom(1 / 1.6);
  else if (event.key === "0") backEnd.fit();
  else return;
  event.preventDefault();
}

function moveCursor(across, down) {
  const next = backEnd.around(state.cursor || "", across, down);
  if (next) state.cursor = next;
  sayCursor();
  refresh();
}

/** A group opens on the map, and the keyboard stays there; an organisation is read in the panel. */
function enter(id) {
  const index = indexOf(id);
  choose({ type: "item", id }, { focusPanel: !isGroup(index) });
  if (isGroup(index)) announce(`${nameOf(index)} is opened. Its details are in the panel. Backspace leads out again.`);
}

function goUp() {
  const [parent, outer] = above(indexOf(state.cursor));
  if (parent === undefined) return backEnd.fit();
  state.cursor = idOf(parent);
  if (outer === undefined) backEnd.fit();
  else backEnd.reveal(idOf(outer));
  sayCursor();
  refresh();
}

function sayCursor() {
  const index = indexOf(state.cursor);
  if (index < 0) return;
  const now = shownNow();
  const inside = isGroup(index) ? `, ${counted(now.inGroup[groupOf(index)], "organisation")}` : "";
  announce(`${nameOf(index)}, ${leadOf(index)}${inside}. Enter opens it.`);
}
