// The cut through the groups: which are open, and what is therefore drawn. It knows no pixels' colours.

import type { Drawing } from "./types";

/** What the screen shows of the map, in its units, and how many pixels a unit has. */
export interface Window {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly scale: number;
}

export interface Cut {
  /** Indexes of what is drawn as marks: closed groups, and bodies of open local authorities. */
  readonly drawn: readonly number[];
  /** Numbers of the open groups. */
  readonly open: readonly number[];
  /** For each index the index drawn for it: itself, a closed group around it, or itself if it is an open group. */
  readonly standsFor: Int32Array;
  /** Two cuts with the same key draw the same. */
  readonly key: string;
}

/** How wide a group of each level must be on the screen, in pixels, to be opened. */
export const OPEN_AT: readonly number[] = [70, 270, 190];

/** The most marks that are drawn at a time: more would make the picture slow to move. */
export const MOST_DRAWN = 2400;

/** What is drawn does not depend on what is filtered out: that is hidden, and the rest stays where it is. */
export function cutOf(drawing: Drawing, window: Window): Cut {
  const open = openGroups(drawing, window);
  const { bodyCount, groupCount, parent, first, last, level, home } = drawing;
  const standsFor = new Int32Array(bodyCount + groupCount);
  const closedTop = new Int32Array(groupCount).fill(-1);
  const drawn: number[] = [];
  for (let group = 0; group < groupCount; group += 1) {
    const above = parent[group] < 0 ? -1 : closedTop[parent[group]];
    closedTop[group] = above >= 0 ? above : open.has(group) ? -1 : group;
    standsFor[bodyCount + group] = bodyCount + (closedTop[group] >= 0 ? closedTop[group] : group);
    if (above < 0 && closedTop[group] === group) drawn.push(bodyCount + group);
    if (closedTop[group] >= 0 || level[group] !== 2) continue;
    for (let body = first[group]; body < last[group]; body += 1) drawn.push(body);
  }
  for (let body = 0; body < bodyCount; body += 1) {
    const top = closedTop[home[body]];
    standsFor[body] = top < 0 ? body : bodyCount + top;
  }
  const opened = [...open].sort((a, b) => a - b);
  return { drawn, open: opened, standsFor, key: opened.join(" ") };
}

/** Groups that are wide enough and in view, those nearest the middle of the screen first, as far as there is room. */
function openGroups(drawing: Drawing, window: Window): Set<number> {
  const { bodyCount, groupCount, parent, level, x, y, radius } = drawing;
  const open = new Set<number>();
  const ready: { group: number; away: number }[] = [];
  const middleX = (window.left + window.right) / 2;
  const middleY = (window.top + window.bottom) / 2;
  for (let group = 0; group < groupCount; group += 1) {
    if (parent[group] >= 0 && !open.has(parent[group])) continue;
    const at = bodyCount + group;
    const wide = 2 * radius[group] * window.scale >= OPEN_AT[level[group]];
    if (!wide || !inView(x[at], y[at], radius[group], window)) continue;
    if (level[group] < 2) open.add(group);
    else ready.push({ group, away: Math.hypot(x[at] - middleX, y[at] - middleY) - radius[group] });
  }
  let room = MOST_DRAWN;
  for (const { group } of ready.sort((a, b) => a.away - b.away || a.group - b.group)) {
    const held = drawing.last[group] - drawing.first[group];
    if (held > room && room < MOST_DRAWN) break; // the nearest one always opens
    room -= held;
    open.add(group);
  }
  return open;
}

function inView(x: number, y: number, radius: number, window: Window): boolean {
  return x + radius > window.left && x - radius < window.right && y + radius > window.top && y - radius < window.bottom;
}

/** The heaviest links of each end: a link stays if it is among the heaviest of either end. */
export function heaviest<L extends { id: string; from: number; to: number; weight: number; strength: string }>(
  links: readonly L[],
  most: number,
): L[] {
  const held = new Map<number, number>();
  const order = [...links].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  return order.filter((link) => {
    const [one, other] = [held.get(link.from) ?? 0, held.get(link.to) ?? 0];
    if (link.strength !== "strong" && one >= most && other >= most) return false;
    held.set(link.from, one + 1);
    held.set(link.to, other + 1);
    return true;
  });
}
