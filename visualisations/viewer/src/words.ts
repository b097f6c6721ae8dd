// What lies over and under the marks: outlines of open groups, lines of the choice, rings, and names.

import type { Cut, Window } from "./cut";
import type { Drawing, ItemLook, Link, Look, View } from "./types";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const MOST_NAMES = 60;
const NAME_AT = 9; // pixels of a unit from which on organisations are named
const WIDEST = 190;

export interface Scene {
  readonly drawing: Drawing;
  readonly cut: Cut;
  readonly view: View;
  readonly look: Look;
  readonly window: Window;
  readonly hovered: number;
  readonly links: readonly Link[];
  toScreen(index: number): { x: number; y: number };
  lookOf(index: number): ItemLook | null;
  /** Radius of the mark of an item, in pixels. */
  sizeOf(index: number): number;
}

export interface Box {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Paper = CanvasRenderingContext2D;

/** Outlines of the open groups, under everything. */
export function drawGround(paper: Paper, scene: Scene): void {
  const { drawing, cut, look, window } = scene;
  for (const group of cut.open) {
    const index = drawing.bodyCount + group;
    const at = scene.toScreen(index);
    circle(paper, at.x, at.y, drawing.radius[group] * window.scale);
    paper.fillStyle = drawing.level[group] === 1 ? look.panel : look.page;
    paper.fill();
    paper.lineWidth = [1.75, 1.25, 1][drawing.level[group]];
    paper.strokeStyle = drawing.level[group] === 2 ? look.area : look.edge;
    paper.setLineDash([]);
    paper.stroke();
  }
}

/** Lines of the choice, rings and names, over everything. Gives the boxes of the names, for clicks. */
export function drawOver(paper: Paper, scene: Scene): Box[] {
  for (const link of scene.links) if (link.strength === "strong") drawLink(paper, link, scene);
  const cursorAt = cursorOf(scene);
  for (const index of scene.cut.drawn) {
    const how = scene.lookOf(index);
    const cursor = index === cursorAt;
    if (!how || !(how.ringed || cursor)) continue;
    const at = scene.toScreen(index);
    if (how.ringed) ring(paper, at, scene.sizeOf(index) + 3.5, scene.look.ring, 3, []);
    if (cursor) ring(paper, at, scene.sizeOf(index) + 8, scene.look.text, 2, [2, 2]);
  }
  for (const group of scene.cut.open) ringOpen(paper, group, scene);
  return drawNames(paper, scene);
}

function cursorOf({ view, drawing }: Scene): number {
  return view.cursor === null ? -1 : drawing.indexOf(view.cursor);
}

function ringOpen(paper: Paper, group: number, scene: Scene): void {
  const index = scene.drawing.bodyCount + group;
  const how = scene.lookOf(index);
  const radius = scene.drawing.radius[group] * scene.window.scale;
  if (how?.ringed) ring(paper, scene.toScreen(index), radius, scene.look.ring, 3, []);
  if (index === cursorOf(scene)) ring(paper, scene.toScreen(index), radius + 4, scene.look.text, 2, [2, 2]);
}

function circle(paper: Paper, x: number, y: number, radius: number): void {
  paper.beginPath();
  paper.arc(x, y, Math.max(radius, 0.1), 0, 2 * Math.PI);
}

function ring(paper: Paper, at: { x: number; y: number }, radius: number, colour: string, width: number, dashes: number[]): void {
  paper.lineWidth = width;
  paper.strokeStyle = colour;
  paper.setLineDash(dashes);
  circle(paper, at.x, at.y, radius);
  paper.stroke();
  paper.setLineDash([]);
}

function drawLink(paper: Paper, link: Link, scene: Scene): void {
  const [from, to] = [anchor(link.from, scene), anchor(link.to, scene)];
  paper.lineWidth = Math.min(6, 1.5 + Math.log2(1 + link.weight) / 2);
  paper.strokeStyle = scene.look.innovation;
  paper.globalAlpha = link.certainty === "certain" ? 0.9 : 0.5;
  paper.setLineDash([...link.dashes]);
  paper.beginPath();
  paper.moveTo(from.x, from.y);
  paper.lineTo(to.x, to.y);
  paper.stroke();
  paper.setLineDash([]);
  paper.globalAlpha = 1;
}

/** Where lines to an item end: in its middle, or at the head of an open group, where its name is. */
export function anchor(index: number, scene: Pick<Scene, "drawing" | "cut" | "toScreen" | "window">): { x: number; y: number } {
  const at = scene.toScreen(index);
  const group = index - scene.drawing.bodyCount;
  if (group < 0 || scene.cut.standsFor[index] !== index || !scene.cut.open.includes(group)) return at;
  return { x: at.x, y: at.y - scene.drawing.radius[group] * scene.window.scale };
}

interface Named {
  readonly index: number;
  readonly rank: number;
  readonly size: number;
  readonly open: boolean;
}

/** A name with its place on the screen (its middle) and its look. */
export interface Name extends Box {
  readonly words: string;
  readonly ink: string;
  readonly size: number;
  readonly weight: number;
  /** Whether the ground shows around its letters; not inside a mark. */
  readonly halo: boolean;
}

const measuring = document.createElement("canvas").getContext("2d");

/** The names that have room, where they stand. */
export function namesOf(scene: Scene): Name[] {
  if (!measuring) return [];
  const names: Name[] = [];
  for (const named of wanted(scene)) {
    if (names.length >= MOST_NAMES) break;
    const name = placed(measuring, named, scene, names);
    if (name) names.push(name);
  }
  return names;
}

function drawNames(paper: Paper, scene: Scene): Box[] {
  paper.textBaseline = "middle";
  paper.textAlign = "center";
  paper.lineJoin = "round";
  paper.lineWidth = 4;
  paper.strokeStyle = scene.look.page;
  return namesOf(scene).map((name) => {
    paper.font = `${name.weight} ${name.size}px ${FONT}`;
    if (name.halo) paper.strokeText(name.words, name.x, name.y);
    paper.fillStyle = name.ink;
    paper.fillText(name.words, name.x, name.y);
    return { ...name, x: name.x - name.width / 2, y: name.y - name.height / 2 };
  });
}

/** What may be named, the most needed first: the choice, open groups, closed ones by size, then bodies. */
function wanted(scene: Scene): Named[] {
  const { drawing, cut, view, hovered } = scene;
  const found: Named[] = [];
  const cursorAt = cursorOf(scene);
  const add = (index: number, rank: number, size: number, open: boolean): void => {
    const how = scene.lookOf(index);
    if (!how) return;
    const must = how.chosen || index === hovered || index === cursorAt;
    if (!must && how.faded && !open) return;
    found.push({ index, rank: must ? 0 : how.ringed ? 0.5 : rank, size, open });
  };
  for (const group of cut.open) add(drawing.bodyCount + group, 1 + drawing.level[group], drawing.radius[group], true);
  for (const index of cut.drawn) {
    const group = index - drawing.bodyCount;
    if (group >= 0) add(index, 5, drawing.radius[group], false);
    else if (scene.window.scale >= NAME_AT || index === hovered || view.choosing || view.cursor) add(index, 6, 1, false);
  }
  const body = (named: Named): boolean => named.index < drawing.bodyCount && named.rank >= 1 && scene.window.scale < NAME_AT;
  return found.filter((named) => !body(named)).sort((a, b) => a.rank - b.rank || b.size - a.size || a.index - b.index);
}

function placed(paper: Paper, named: Named, scene: Scene, names: readonly Name[]): Name | null {
  const { drawing, look } = scene;
  const group = named.index - drawing.bodyCount;
  const at = scene.toScreen(named.index);
  const must = named.rank === 0;
  const bold = named.rank < 1 || (named.open && drawing.level[group] === 0);
  const [size, weight] = [named.open || must ? 13 : 12, bold ? 600 : 400];
  paper.font = `${weight} ${size}px ${FONT}`;
  const how = scene.lookOf(named.index);
  const text = shortened(paper, drawing.nameOf(named.index) || "No name recorded", must ? 420 : WIDEST);
  const words = how?.count && group >= 0 && !named.open ? `${text} ${how.count}` : text;
  const ink = bold || named.open ? look.text : look.muted;
  const own = { index: named.index, words, ink, size, weight, x: at.x, width: paper.measureText(words).width + 4, height: 18 };
  const inside = group >= 0 && !named.open && own.width < 1.9 * scene.sizeOf(named.index);
  let first: Name | null = null;
  for (const [right, down] of spots(named, own.width, inside, scene)) {
    const name = { ...own, x: at.x + right, y: at.y + down, ...(inside && !down ? { ink: how?.pale ? look.text : look.page, halo: false } : { halo: true }) };
    if (outside(name, scene)) continue;
    first ??= name;
    if (!names.some((other) => overlap(other, name)) && (must || !covers(name, scene))) return name;
  }
  return must ? first : null;
}

/** Where the middle of a name may lie from that of its mark, the best place first. */
function spots(named: Named, width: number, inside: boolean, scene: Scene): [number, number][] {
  if (named.open) {
    const up = -scene.drawing.radius[named.index - scene.drawing.bodyCount] * scene.window.scale;
    return [[0, up], [0, up + 15], [0, -up]];
  }
  const size = scene.sizeOf(named.index);
  const [down, aside] = [size + 10, size + 4 + width / 2];
  const around: [number, number][] = [[0, down], [0, -down], [aside, 0], [-aside, 0], [0.6 * aside, down], [-0.6 * aside, down], [0.6 * aside, -down], [-0.6 * aside, -down]];
  return inside ? [[0, 0], ...around] : around;
}

/** Whether a name would lie over a closed group that is not its own. */
function covers(name: Name, scene: Scene): boolean {
  const { bodyCount } = scene.drawing;
  return scene.cut.drawn.some((index) => {
    if (index < bodyCount || index === name.index) return false;
    const at = scene.toScreen(index);
    const size = scene.sizeOf(index);
    return Math.abs(at.x - name.x) < name.width / 2 + size - 2 && Math.abs(at.y - name.y) < 7 + size;
  });
}

function outside(name: Name, { window }: Scene): boolean {
  const [width, height] = [(window.right - window.left) * window.scale, (window.bottom - window.top) * window.scale];
  return name.x < 0 || name.y < 8 || name.x > width || name.y > height - 8;
}

function overlap(a: Name, b: Name): boolean {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}

const cutShort = new Map<string, string>();

/** A name that fits. What was measured is kept: names are drawn many times a second. */
function shortened(paper: Paper, name: string, width: number): string {
  const key = `${paper.font} ${width} ${name}`;
  const known = cutShort.get(key);
  if (known !== undefined) return known;
  const letters = Array.from(name.slice(0, 200));
  let text = letters.join("");
  while (letters.length > 1 && paper.measureText(text).width > width) {
    letters.pop();
    text = `${letters.join("").trimEnd()}…`;
  }
  cutShort.set(key, text);
  return text;
}
