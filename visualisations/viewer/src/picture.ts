// What is drawn, as an SVG to take away: the same rings, lines, marks and names as on the screen.

import { PALE, SHAPES } from "./marks";
import type { Link, Picture } from "./types";
import { anchor, namesOf, type Scene } from "./words";

const SVG = "http://www.w3.org/2000/svg";
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

interface Paint {
  tone(index: number): { color: string; shape: number };
  line(link: Link): { size: number; color: string };
}

export function drawnPicture(scene: Scene, paint: Paint, { width, height }: { width: number; height: number }): Picture {
  const { drawing, cut, look, window } = scene;
  const near = (at: { x: number; y: number }, reach: number): boolean =>
    at.x > -reach && at.y > -reach && at.x < width + reach && at.y < height + reach;
  const shapes: SVGElement[] = [];
  for (const group of cut.open) {
    const at = scene.toScreen(drawing.bodyCount + group);
    const r = drawing.radius[group] * window.scale;
    const stroke = drawing.level[group] === 2 ? look.area : look.edge;
    const fill = drawing.level[group] === 1 ? look.panel : look.page;
    if (near(at, r)) shapes.push(element("circle", { cx: at.x, cy: at.y, r, fill, stroke }));
  }
  for (const link of scene.links) {
    const [from, to] = [anchor(link.from, scene), anchor(link.to, scene)];
    const { size, color } = paint.line(link);
    const strong = link.strength === "strong";
    const dashes: Record<string, string> = link.dashes.length ? { "stroke-dasharray": link.dashes.join(" ") } : {};
    shapes.push(element("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, stroke: strong ? look.innovation : color, "stroke-width": strong ? 2.5 : size * window.scale, ...dashes }));
  }
  for (const index of cut.drawn) {
    const at = scene.toScreen(index);
    const size = scene.sizeOf(index);
    const how = scene.lookOf(index);
    if (!how || !near(at, size)) continue;
    shapes.push(mark(at, size, paint.tone(index)));
    if (how.ringed) shapes.push(element("circle", { cx: at.x, cy: at.y, r: size + 3.5, fill: "none", stroke: look.ring, "stroke-width": 3 }));
  }
  for (const name of namesOf(scene)) {
    const text = element("text", {
      x: name.x, y: name.y, fill: name.ink, "font-size": name.size, "font-weight": name.weight, "font-family": FONT,
      "text-anchor": "middle", "dominant-baseline": "central", stroke: name.halo ? look.page : "none", "stroke-width": 3, "paint-order": "stroke",
    });
    text.textContent = name.words.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
    shapes.push(text);
  }
  return { width, height, viewBox: `0 0 ${width} ${height}`, shapes };
}

function mark(at: { x: number; y: number }, size: number, { color, shape: looks }: { color: string; shape: number }): SVGElement {
  const shape = looks % PALE;
  const rim: Record<string, string | number> = looks >= PALE ? { "fill-opacity": 0.3, stroke: color } : {};
  if (shape === SHAPES.square) {
    const half = 0.86 * size;
    return element("rect", { x: at.x - half, y: at.y - half, width: 2 * half, height: 2 * half, fill: color, ...rim });
  }
  if (shape === SHAPES.ring) return element("circle", { cx: at.x, cy: at.y, r: Math.max(size - 1.5, 1), fill: "none", stroke: color, "stroke-width": 2 });
  return element("circle", { cx: at.x, cy: at.y, r: size, fill: color, ...rim });
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  }
  return made;
}
