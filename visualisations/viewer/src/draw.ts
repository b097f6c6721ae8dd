// Draws the national map with sigma: groups that open as one comes nearer, organisations inside them.

import Graph from "graphology";
import Sigma from "sigma";
import { EdgeLineProgram, EdgeRectangleProgram } from "sigma/rendering";

import { cutOf, heaviest, type Cut, type Window } from "./cut";
import MarkProgram, { PALE, setGround, SHAPES } from "./marks";
import { drawnPicture } from "./picture";
import type { Camera, Drawing, Events, ItemLook, Link, Look, Picture, Target, View } from "./types";
import { anchor, drawGround, drawOver, type Box, type Scene } from "./words";

const MOST_LINKS = 4; // of each end; see `heaviest`
const MANY = 300; // from so many links on, lines of one pixel
const GROUP_SIZE = [0.8, 0.74, 0.8]; // of its circle, while a group is closed, by level
const BODY_SIZE = 1;
const LEAST_SIZE = 3.5; // pixels
const REACH = 6; // pixels from a line
const NEAREST = 30; // pixels of a unit
const FADED = 0.2;

export interface BackEnd {
  paint(view: View): void;
  fit(): void;
  zoom(factor: number): void;
  reveal(id: string): void;
  repaint(look: Look): void;
  pointOf(id: string): { x: number; y: number };
  drawnIds(): string[];
  openIds(): string[];
  camera(): readonly [number, number, number] | null;
  moveTo(camera: readonly [number, number, number]): void;
  around(id: string, dx: number, dy: number): string | null;
  picture(): Picture | null;
}

export function drawWithSigma(stage: HTMLElement, drawing: Drawing, firstLook: Look, events: Events): BackEnd {
  const ground = paperIn(stage);
  const renderer = startSigma(stage, drawing);
  const over = paperIn(stage);
  const kept = {
    look: firstLook,
    view: null as View | null,
    cut: null as Cut | null,
    links: [] as Link[],
    boxes: [] as Box[],
    hovered: -1,
    byHand: false,
    waiting: 0,
    scale: 1,
    mark: new Map<string, string>(),
  };
  setGround(firstLook.page);
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const toScreen = (index: number) => renderer.graphToViewport({ x: drawing.x[index], y: -drawing.y[index] });

  function windowNow(): Window {
    const { width, height } = renderer.getDimensions();
    const [a, b] = [renderer.viewportToGraph({ x: 0, y: 0 }), renderer.viewportToGraph({ x: width, y: height })];
    return { left: a.x, right: b.x, top: -a.y, bottom: -b.y, scale: width / (b.x - a.x) };
  }

  function sizeOf(index: number, scale: number): number {
    const group = index - drawing.bodyCount;
    const units = group < 0 ? BODY_SIZE : drawing.radius[group] * GROUP_SIZE[drawing.level[group]];
    return Math.max(units * scale, group < 0 ? 1 : LEAST_SIZE);
  }

  let looks: (ItemLook | null | undefined)[] = []; // kept until the next `paint`

  function lookOf(index: number): ItemLook | null {
    const known = looks[index];
    if (known !== undefined) return known;
    return (looks[index] = kept.view ? kept.view.items.get(drawing.idOf(index)) : null);
  }

  /** Cuts again, and makes a new graph where other things are to be seen; else only changes what changed. */
  function recut(anew: boolean): void {
    if (!kept.view || !stage.clientWidth) return;
    const sight = windowNow();
    const nearer = Math.abs(Math.log2(sight.scale / kept.scale)) > 0.1;
    if (nearer) kept.scale = sight.scale;
    const cut = cutOf(drawing, sight);
    const same = kept.cut !== null && cut.key === kept.cut.key;
    if (same && !anew && !nearer) return;
    if (!same || anew) kept.links = heaviest(kept.view.ties.among(cut.standsFor), MOST_LINKS);
    kept.cut = cut;
    if (same) return restyle();
    renderer.setGraph(graphOf(cut, kept.links));
  }

  /** Marks and lines that look otherwise than before are changed in place. A line that went is hidden, not dropped:
   * sigma would index everything anew for each. */
  function restyle(): void {
    const graph = renderer.getGraph();
    const [nodes, edges]: [string[], string[]] = [[], []];
    for (const index of kept.cut?.drawn ?? []) {
      const id = drawing.idOf(index);
      if (hasChanged(id, markOf(index))) nodes.push(id);
    }
    const gone = new Set(graph.edges());
    const before = graph.size;
    for (const link of kept.links) {
      if (!gone.delete(link.id)) addLink(graph, link);
      else if (hasChanged(link.id, { ...lineOf(link), hidden: false })) edges.push(link.id);
    }
    for (const id of gone) if (hasChanged(id, { size: 0, color: "#0000", hidden: true })) edges.push(id);
    if (!nodes.length && !edges.length && graph.size === before) return over.draw();
    renderer.refresh({ partialGraph: { nodes, edges }, skipIndexation: graph.size === before, schedule: true });
  }

  function hasChanged(id: string, attributes: { size: number; color: string; shape?: number; hidden: boolean }): boolean {
    const key = `${attributes.color} ${attributes.shape ?? attributes.size} ${attributes.hidden}`;
    if (kept.mark.get(id) === key) return false;
    kept.mark.set(id, key);
    changes.set(id, attributes);
    return true;
  }

  // What marks and lines look like since the graph was made: the reducers put it over what is in the graph.
  const changes = new Map<string, object>();
  renderer.setSetting("nodeReducer", (id, data) => ({ ...data, ...changes.get(id) }));
  renderer.setSetting("edgeReducer", (id, data) => ({ ...data, ...changes.get(id) }));

  function graphOf(cut: Cut, links: readonly Link[]): Graph {
    const graph = new Graph({ type: "directed", multi: false });
    changes.clear();
    kept.mark.clear();
    for (const index of cut.drawn) {
      const attributes = markOf(index);
      hasChanged(drawing.idOf(index), attributes);
      graph.addNode(drawing.idOf(index), { x: drawing.x[index], y: -drawing.y[index], ...attributes });
    }
    for (const link of links) addLink(graph, link);
    return graph;
  }

  function addLink(graph: Graph, link: Link): void {
    for (const end of [link.from, link.to]) if (!graph.hasNode(drawing.idOf(end))) addAnchor(graph, end);
    const attributes = { ...lineOf(link), hidden: false };
    hasChanged(link.id, attributes);
    const type = kept.links.length > MANY ? "line" : "band";
    graph.addEdgeWithKey(link.id, drawing.idOf(link.from), drawing.idOf(link.to), { ...attributes, type });
  }

  /** Lines to an open group end at the head of its circle, where its name is written. */
  function addAnchor(graph: Graph, index: number): void {
    const group = index - drawing.bodyCount;
    const up = group >= 0 && kept.cut?.open.includes(group) ? drawing.radius[group] : 0;
    graph.addNode(drawing.idOf(index), { x: drawing.x[index], y: -(drawing.y[index] - up), size: 0, color: "#0000", shape: SHAPES.disc });
  }

  function markOf(index: number): { size: number; color: string; shape: number; hidden: boolean } {
    const group = index - drawing.bodyCount;
    const how = lookOf(index);
    const size = group < 0 ? BODY_SIZE : drawing.radius[group] * GROUP_SIZE[drawing.level[group]];
    if (!how) return { size, color: kept.look.rule, shape: SHAPES.disc, hidden: true };
    const color = how.faded ? mixed(kept.look[how.tone], kept.look.page, FADED) : kept.look[how.tone];
    return { size, color, shape: SHAPES[how.shape] + (how.pale && how.shape !== "ring" ? PALE : 0), hidden: false };
  }

  function lineOf(link: Link): { size: number; color: string } {
    const strength = { faint: 0.42, strong: 0, gone: 0.07 }[link.strength] * (link.certainty === "certain" ? 1 : 0.6);
    const color = strength ? mixed(kept.look.innovation, kept.look.page, strength) : "#0000";
    const pixels = Math.min(6, 1.2 + Math.log2(1 + link.weight) / 2.5);
    return { size: pixels / kept.scale, color }; // lines are as wide at any distance, marks are not
  }

  // ---- what lies over and under ---------------------------------------------------------------------

  function sceneNow(): Scene | null {
    if (!kept.view || !kept.cut) return null;
    const window = windowNow();
    return {
      drawing, window, toScreen, cut: kept.cut, view: kept.view, look: kept.look, hovered: kept.hovered,
      links: kept.links, lookOf, sizeOf: (index) => sizeOf(index, window.scale),
    };
  }

  ground.draw = () => {
    const scene = sceneNow();
    const paper = ground.fresh();
    if (scene && paper) drawGround(paper, scene);
  };
  over.draw = () => {
    const scene = sceneNow();
    const paper = over.fresh();
    if (scene && paper) kept.boxes = drawOver(paper, scene);
  };
  renderer.on("afterRender", () => { ground.draw(); over.draw(); });

  // ---- the camera -----------------------------------------------------------------------------------

  renderer.getCamera().on("updated", () => {
    if (kept.waiting) return;
    kept.waiting = window.setTimeout(() => { kept.waiting = 0; recut(false); events.moved(); }, 90);
  });

  function cameraNow(): Camera {
    const now = windowNow();
    return { x: (now.left + now.right) / 2, y: (now.top + now.bottom) / 2, scale: now.scale };
  }

  function goTo(wanted: Camera, slowly = false): void {
    const at = renderer.getCamera().getState();
    const middle = renderer.viewportToFramedGraph(renderer.graphToViewport({ x: wanted.x, y: -wanted.y }));
    const next = { x: middle.x, y: middle.y, ratio: (at.ratio * windowNow().scale) / wanted.scale, angle: 0 };
    if (!slowly || still.matches) {
      renderer.getCamera().setState(next);
      renderer.refresh({ skipIndexation: true });
      recut(false);
    } else {
      void renderer.getCamera().animate(next, { duration: 350 }).then(() => recut(false));
    }
  }

  /** Pixels of a unit with the whole map in view. */
  function fitScale(): number {
    const { left, right, top, bottom } = drawing.world;
    return Math.min(stage.clientWidth / (right - left), stage.clientHeight / (bottom - top)) * 0.96;
  }

  function fit(slowly = true): void {
    kept.byHand = false;
    const { left, right, top, bottom } = drawing.world;
    if (!stage.clientWidth) return; // the table is open: nothing to fit into
    goTo({ x: (left + right) / 2, y: (top + bottom) / 2, scale: fitScale() }, slowly);
  }

  function fitGroup(group: number): void {
    const at = drawing.bodyCount + group;
    const scale = (Math.min(stage.clientWidth, stage.clientHeight) * 0.86) / (2 * drawing.radius[group]);
    kept.byHand = true;
    goTo({ x: drawing.x[at], y: drawing.y[at], scale: Math.min(NEAREST, scale) }, true);
  }

  /** Opens what holds an item and brings it into view; a group is opened itself. */
  function reveal(id: string): void {
    const index = drawing.indexOf(id);
    if (index < 0 || !stage.clientWidth) return;
    if (index >= drawing.bodyCount) return fitGroup(index - drawing.bodyCount);
    const { width, height } = renderer.getDimensions();
    const at = toScreen(index);
    const inside = at.x > 20 && at.y > 20 && at.x < width - 20 && at.y < height - 20;
    if (inside && kept.cut?.standsFor[index] === index) return;
    kept.byHand = true;
    const group = drawing.home[index];
    const scale = Math.max(windowNow().scale, Math.min(16, (Math.min(width, height) * 0.9) / (2 * drawing.radius[group])));
    goTo({ x: drawing.x[index], y: drawing.y[index], scale }, true);
  }

  function zoom(factor: number): void {
    kept.byHand = true;
    const at = cameraNow();
    goTo({ ...at, scale: Math.min(NEAREST, Math.max(fitScale() / 8, at.scale * factor)) }, true);
  }

  // ---- the pointer ----------------------------------------------------------------------------------

  function targetAt(at: { x: number; y: number }): Target | null {
    const scene = sceneNow();
    if (!scene) return null;
    const item = itemAt(at, scene);
    if (item >= 0) return { type: "item", id: drawing.idOf(item) };
    const link = linkAt(at, scene);
    return link ? { type: "tie", id: link.id } : null;
  }

  function itemAt(at: { x: number; y: number }, scene: Scene): number {
    let nearest = { away: Infinity, index: -1 };
    for (const index of scene.cut.drawn) {
      if (!lookOf(index)) continue;
      const point = toScreen(index);
      const away = Math.hypot(at.x - point.x, at.y - point.y) - sizeOf(index, scene.window.scale);
      if (away < 2 && away < nearest.away) nearest = { away, index };
    }
    if (nearest.index >= 0) return nearest.index;
    const box = kept.boxes.find((one) => at.x >= one.x && at.x <= one.x + one.width && at.y >= one.y && at.y <= one.y + one.height);
    return box ? box.index : -1;
  }

  function linkAt(at: { x: number; y: number }, scene: Scene): Link | null {
    let nearest: { away: number; link: Link | null } = { away: REACH, link: null };
    for (const link of kept.links) {
      if (link.strength === "gone") continue;
      const away = distanceTo(at, anchor(link.from, scene), anchor(link.to, scene));
      if (away < nearest.away) nearest = { away, link };
    }
    return nearest.link;
  }

  renderer.on("clickStage", ({ event }) => events.choose(targetAt(event)));
  renderer.getMouseCaptor().on("mousemovebody", (event) => hover(event));
  stage.addEventListener("mouseleave", () => hover(null));
  stage.addEventListener("pointerdown", () => { kept.byHand = true; });
  stage.addEventListener("wheel", (event) => {
    // where the page itself can be scrolled, the wheel alone scrolls it
    if (!event.ctrlKey && document.documentElement.scrollHeight > window.innerHeight + 1) event.stopPropagation();
    else kept.byHand = true;
  }, { capture: true });

  let lastHover = 0;
  function hover(event: { x: number; y: number } | null): void {
    if (event && performance.now() - lastHover < 40) return;
    lastHover = performance.now();
    const inside = event && event.x >= 0 && event.y >= 0 && event.x <= stage.clientWidth && event.y <= stage.clientHeight;
    const target = inside ? targetAt(event) : null;
    const index = target?.type === "item" ? drawing.indexOf(target.id) : -1;
    stage.classList.toggle("over-target", target !== null);
    if (index === kept.hovered) return;
    kept.hovered = index;
    events.hover(target);
    over.draw();
  }

  /** The nearest drawn item in a direction, for the keyboard; open groups are not stopped at. */
  function around(id: string, dx: number, dy: number): string | null {
    const from = drawing.indexOf(id);
    const start = from < 0 ? null : toScreen(kept.cut?.standsFor[from] ?? from);
    const { width, height } = renderer.getDimensions();
    const here = start ?? { x: width / 2, y: height / 2 };
    let best: { cost: number; index: number } = { cost: Infinity, index: -1 };
    for (const index of kept.cut?.drawn ?? []) {
      if (index === from || !lookOf(index)) continue;
      const at = toScreen(index);
      const along = (at.x - here.x) * dx + (at.y - here.y) * dy;
      const aside = Math.abs((at.x - here.x) * dy) + Math.abs((at.y - here.y) * dx);
      if (start && along <= 0.5) continue;
      const cost = start ? along + 2 * aside : Math.hypot(at.x - here.x, at.y - here.y);
      if (cost < best.cost) best = { cost, index };
    }
    return best.index < 0 ? null : drawing.idOf(best.index);
  }

  function picture(): Picture | null {
    const scene = sceneNow();
    return scene && drawnPicture(scene, { tone: (index) => markOf(index), line: lineOf }, renderer.getDimensions());
  }

  new ResizeObserver(() => {
    if (!stage.clientWidth) return;
    renderer.resize(true);
    if (kept.byHand) renderer.refresh({ skipIndexation: true });
    else fit(false);
    recut(true);
  }).observe(stage);
  fit(false);

  return {
    paint(view) {
      kept.view = view;
      looks = [];
      recut(true);
    },
    fit, zoom, reveal, around, picture,
    camera() {
      const { x, y, scale } = cameraNow();
      return kept.byHand ? [x, y, scale] : null;
    },
    moveTo([x, y, scale]) {
      kept.byHand = true;
      goTo({ x, y, scale: Math.min(NEAREST, Math.max(fitScale() / 8, scale)) });
    },
    repaint(look) {
      kept.look = look;
      setGround(look.page);
      kept.cut = null;
      recut(true);
    },
    pointOf: (id) => toScreen(drawing.indexOf(id)),
    drawnIds: () => (kept.cut?.drawn ?? []).filter((index) => lookOf(index) !== null).map((index) => drawing.idOf(index)),
    openIds: () => (kept.cut?.open ?? []).map((group) => drawing.idOf(drawing.bodyCount + group)),
  };
}

function startSigma(stage: HTMLElement, drawing: Drawing): Sigma {
  const { left, right, top, bottom } = drawing.world;
  const start = new Graph(); // sigma measures nothing while its graph is empty, and the camera could not be placed
  start.addNode("start", { x: (left + right) / 2, y: -(top + bottom) / 2, size: 0, color: "#0000" });
  const renderer = new Sigma(start, stage, {
    allowInvalidContainer: true,
    defaultNodeType: "mark",
    defaultEdgeType: "line",
    enableCameraRotation: false,
    hideEdgesOnMove: true,
    itemSizesReference: "positions",
    maxCameraRatio: 10,
    minCameraRatio: 0.005,
    minEdgeThickness: 0.75,
    nodeProgramClasses: { mark: MarkProgram },
    edgeProgramClasses: { line: EdgeLineProgram, band: EdgeRectangleProgram },
    renderLabels: false,
    zoomToSizeRatioFunction: (ratio) => ratio,
  });
  renderer.setCustomBBox({ x: [left, right], y: [-bottom, -top] });
  renderer.refresh(); // whole: only then is it measured by that box, and the camera can be placed
  // What lies under the pointer is found from the positions: reading pixels back would stop the graphics card
  // at every move. (Not public: the version of sigma is pinned, and the tests click.)
  Object.assign(renderer, { getNodeAtPosition: () => null });
  for (const canvas of stage.querySelectorAll("canvas")) canvas.setAttribute("aria-hidden", "true");
  return renderer;
}

interface Sheet {
  readonly canvas: HTMLCanvasElement;
  fresh(): CanvasRenderingContext2D | null;
  draw(): void;
}

/** A sheet of our own over or under those of sigma, as large as the stage. */
function paperIn(stage: HTMLElement): Sheet {
  const canvas = document.createElement("canvas");
  canvas.className = "sheet";
  canvas.setAttribute("aria-hidden", "true");
  stage.append(canvas);
  return {
    canvas,
    fresh() {
      const sharp = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(stage.clientWidth * sharp), Math.round(stage.clientHeight * sharp)];
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      const paper = canvas.getContext("2d");
      paper?.setTransform(sharp, 0, 0, sharp, 0, 0);
      paper?.clearRect(0, 0, stage.clientWidth, stage.clientHeight);
      return paper;
    },
    draw() {},
  };
}

function distanceTo(at: { x: number; y: number }, from: { x: number; y: number }, to: { x: number; y: number }): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = Math.max(0, Math.min(1, ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(at.x - from.x - along * dx, at.y - from.y - along * dy);
}

/** `colour` laid over `ground` with the given strength: opaque, since clear marks laid over lines would mislead. */
function mixed(colour: string, ground: string, strength: number): string {
  const channel = (text: string, at: number): number => parseInt(text.slice(at, at + 2), 16);
  const parts = [1, 3, 5].map((at) => Math.round(channel(colour, at) * strength + channel(ground, at) * (1 - strength)));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
