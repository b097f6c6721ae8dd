// Words, rings and axes on the drawing. They are drawn on a canvas, or for a picture on what answers like one.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const LABEL_WIDTH = 282;
const FADED = 0.16;
const MOST_NAMED = 260; // marks that are tried for a name at once
const CELL = 48;

/** Boxes on the drawing, found again by where they lie. */
class Boxes {
  constructor() { this.cells = new Map(); }

  * keys(box) {
    for (let x = Math.floor(box.x / CELL); x <= Math.floor((box.x + box.width) / CELL); x += 1) {
      for (let y = Math.floor(box.y / CELL); y <= Math.floor((box.y + box.height) / CELL); y += 1) yield `${x} ${y}`;
    }
  }

  add(box) {
    for (const key of this.keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  /** Whether a box lies on none of these, those of one mark left out. */
  free(box, own = null) {
    for (const key of this.keys(box)) {
      if ((this.cells.get(key) || []).some((other) => other.node !== own && overlap(box, other))) return false;
    }
    return true;
  }
}

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Under the marks: rings around open groups, and the lines of axes. */
function drawGround(context, drawing, kept) {
  for (const line of drawing.lines || []) {
    context.save();
    context.strokeStyle = line.strong ? kept.look.edge : kept.look.rule;
    context.lineWidth = line.strong ? 2 : 1;
    context.beginPath();
    context.moveTo(line.x1, line.y1);
    context.lineTo(line.x2, line.y2);
    context.stroke();
    context.restore();
  }
  for (const ring of drawing.rings || []) {
    const how = kept.view.items.get(ring.id);
    if (!how || !how.enclosing) continue;
    drawRing(context, ring, ring.radius, kept.look.edge, 1, [], how.faded && kept.view.choosing);
  }
}

/** Rings, names and headings over the drawn network. Returns the boxes of names, for clicks. */
function drawWords(context, drawing, kept) {
  const { view, look } = kept;
  const boxes = [];
  context.textBaseline = "middle";
  for (const heading of drawing.headings || []) drawHeading(context, heading, look);
  for (const node of drawing.nodes) {
    const how = view.items.get(node.id);
    if (how.hidden) continue;
    if (how.dashed && !how.hollow) drawRing(context, node, node.size + 3, look.system, 1.25, [3, 3], how.faded);
    if (how.ringed) drawRing(context, node, node.size + (node.side === "none" ? 4 : 3.5), look.ring, node.side === "none" ? 3 : 2, [], false);
    if (node.id === view.cursor) drawRing(context, node, node.size + 9, look.text, 2, [2, 2], false);
    if (node.side !== "none") boxes.push(drawListName(context, node, how, kept));
  }
  drawPlaceNames(context, drawing, kept, boxes);
  return boxes;
}

function drawRing(context, node, radius, colour, width, dashes, faded) {
  context.save();
  context.globalAlpha = faded ? FADED : 1;
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.setLineDash(dashes);
  context.beginPath();
  context.arc(node.x, node.y, radius, 0, 2 * Math.PI);
  context.stroke();
  context.restore();
}

const MOST_HEADING = 200; // pixels

function drawHeading(context, heading, look) {
  context.font = `600 14px ${FONT}`;
  context.fillStyle = look.text;
  context.textAlign = heading.align;
  context.fillText(shortened(context, heading.text, MOST_HEADING), heading.x, heading.y);
  context.font = `400 11px ${FONT}`;
  context.fillStyle = look.muted;
  context.fillText(heading.below, heading.x, heading.y + 16);
}

/** The room that headings take, so that no name lies on them. */
function headingBoxes(context, drawing) {
  context.font = `600 14px ${FONT}`;
  return (drawing.headings || []).map((heading) => {
    const width = Math.max(context.measureText(shortened(context, heading.text, MOST_HEADING)).width, heading.below ? 6 * heading.below.length : 0);
    const x = heading.x - { left: 0, right: width, center: width / 2 }[heading.align];
    return { x, y: heading.y - 9, width, height: heading.below ? 34 : 18 };
  });
}

/** A name beside its mark, the count between them on the left and after it on the right. */
function drawListName(context, node, how, kept) {
  const left = node.side === "left";
  const away = left ? -1 : 1;
  const edge = node.x + away * (node.size + 9);
  const bold = how.linked || node.id === kept.hover;
  context.font = `400 12px ${FONT}`;
  const countWidth = context.measureText(how.count).width;
  context.font = `${bold ? 600 : 400} 13px ${FONT}`;
  const name = shortened(context, node.label, LABEL_WIDTH - countWidth);
  const nameWidth = context.measureText(name).width;
  context.textAlign = left ? "right" : "left";
  context.fillStyle = how.faded ? kept.look.muted : kept.look.text;
  context.fillText(name, left ? edge - countWidth - 6 : edge, node.y);
  context.font = `400 12px ${FONT}`;
  context.fillStyle = kept.look.muted;
  context.fillText(how.count, left ? edge : edge + nameWidth + 6, node.y);
  const width = nameWidth + countWidth + 6;
  return { id: node.id, x: left ? edge - width : edge, y: node.y - 9, width, height: 18 };
}

function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = Array.from(text.slice(0, 200));
  while (letters.length > 1 && context.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** Names of places: those chosen always, the others where there is room; no name lies on another. */
function drawPlaceNames(context, drawing, kept, boxes) {
  const { view } = kept;
  const unit = drawing.free ? 1 / kept.scale : 1; // a free drawing keeps its letters readable at any zoom
  const named = drawing.nodes.filter((node) => node.side === "none" && !view.items.get(node.id).hidden && inSight(node, kept));
  const rank = (node) => {
    const how = view.items.get(node.id);
    if (how.main) return -1;
    if (how.ringed || node.id === view.cursor || node.id === kept.hover) return 0;
    return how.faded || view.choosing ? 2 : 1;
  };
  const ranked = named.map((node) => ({ node, rank: rank(node) })).filter((one) => one.rank < 2);
  ranked.sort((a, b) => a.rank - b.rank || b.node.size - a.node.size || (a.node.id < b.node.id ? -1 : 1));
  const near = new Boxes();
  for (const node of named) {
    const reach = node.size + 2;
    near.add({ node, x: node.x - reach - 6, y: node.y - reach - 3, width: 2 * reach + 12, height: 2 * reach + 6 });
  }
  const rings = new Boxes();
  for (const { node, rank: at } of ranked) if (at <= 0) rings.add({ node, x: node.x - node.size - 2, y: node.y - node.size - 2, width: 2 * node.size + 4, height: 2 * node.size + 4 });
  const taken = ringNames(context, drawing, kept, unit);
  for (const box of [...headingBoxes(context, drawing), ...boxes]) taken.add(box);
  for (const { node, rank: at } of ranked.slice(0, MOST_NAMED)) {
    const box = placeName(context, node, at, { near, rings, taken, free: drawing.free }, kept, unit);
    if (!box) continue;
    taken.add(box);
    boxes.push({ ...box, id: node.id });
  }
}

/** The names of open groups, at the top of their rings. */
function ringNames(context, drawing, kept, unit) {
  const taken = new Boxes();
  for (const ring of drawing.rings || []) {
    const how = kept.view.items.get(ring.id);
    if (!how || !how.enclosing) continue;
    context.font = `600 ${13 * unit}px ${FONT}`;
    const text = shortened(context, ring.label, Math.max(2.4 * ring.radius, 90 * unit));
    const width = context.measureText(text).width;
    const box = { x: ring.x - width / 2, y: ring.y - ring.radius - 9 * unit, width, height: 18 * unit };
    if (!taken.free(box)) continue;
    taken.add(box);
    writeName(context, text, box, kept.look.text, kept, unit);
  }
  return taken;
}

function inSight(node, kept) {
  const { sight } = kept;
  return !sight || (node.x > sight.x && node.x < sight.x + sight.width && node.y > sight.y && node.y < sight.y + sight.height);
}

function placeName(context, node, rank, { near, rings, taken, free }, kept, unit) {
  const must = rank <= 0;
  const size = (must ? 13 : 11) * unit;
  context.font = `${must ? 600 : 400} ${size}px ${FONT}`;
  const how = kept.view.items.get(node.id);
  const words = how.count && node.side === "none" ? `${node.label} (${how.count})` : node.label;
  const text = shortened(context, words, (must ? 400 : 250) * unit);
  const width = context.measureText(text).width;
  const height = (must ? 16 : 13) * unit;
  const gap = node.size + (must ? 8 : 5) * unit;
  const spots = [
    { x: node.x - width / 2, y: node.y - gap - height }, { x: node.x - width / 2, y: node.y + gap },
    { x: node.x + gap, y: node.y - height / 2 }, { x: node.x - gap - width, y: node.y - height / 2 },
    { x: node.x + gap * 0.7, y: node.y - gap * 0.7 - height }, { x: node.x - gap * 0.7 - width, y: node.y - gap * 0.7 - height },
    { x: node.x + gap * 0.7, y: node.y + gap * 0.7 }, { x: node.x - gap * 0.7 - width, y: node.y + gap * 0.7 },
  ].map((spot) => ({ ...spot, width, height }));
  const best = spots.find((spot) => taken.free(spot) && near.free(spot, node) && inWorld(spot, kept))
    || (must && (spots.find((spot) => taken.free(spot) && rings.free(spot, node))
      || spots.find((spot) => taken.free(spot)) || (free && rank === 0 ? null : spots[0]))); // the panel names it, too
  if (!best) return null;
  writeName(context, text, best, must ? kept.look.text : kept.look.muted, kept, unit);
  return best;
}

function writeName(context, text, box, colour, kept, unit) {
  context.textAlign = "left";
  context.lineJoin = "round";
  context.lineWidth = 4 * unit;
  context.strokeStyle = kept.look.page;
  context.strokeText(text, box.x, box.y + box.height / 2);
  context.fillStyle = colour;
  context.fillText(text, box.x, box.y + box.height / 2);
}

function inWorld(spot, kept) {
  const { middle } = kept.view;
  return !middle || (spot.x >= middle.x && spot.x + spot.width <= middle.x + middle.width);
}
