// The pyvis back end: draws the network with vis-network. It knows positions and looks, and no evidence.
//
// A back end is a function (stage, drawing, look, events) that gives
//   paint(view)   view.items and view.ties: Map of id -> how it looks; view.cursor: id or null
//   fit(), zoom(factor), reveal(id), repaint(look)
// and calls events.choose({ type, id } or null) and events.hover({ type, id } or null).

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const LABEL_WIDTH = 282;
const FADED = 0.16;
const TIE_REACH = 7; // pixels on the screen
const CURVE_STEPS = 48;

const backEnds = {};

backEnds.pyvis = function drawWithPyvis(stage, drawing, firstLook, events) {
  const nodes = new vis.DataSet(drawing.nodes);
  const edges = new vis.DataSet(drawing.edges);
  const network = new vis.Network(stage, { nodes, edges }, drawing.options);
  const places = new Map(drawing.nodes.map((node) => [node.id, node]));
  const kept = { look: firstLook, edges: drawing.edges, roundness: drawing.options.edges.smooth.roundness, view: null, labels: [], hover: null, byHand: false };
  const again = () => network.redraw();

  for (const focusable of stage.querySelectorAll("[tabindex]")) focusable.setAttribute("tabindex", "-1");
  stage.querySelector("canvas").setAttribute("aria-hidden", "true");

  function paint(view) {
    kept.view = view;
    nodes.update(drawing.nodes.map((node) => nodeLook(node, view.items.get(node.id), kept.look)));
    edges.update(drawing.edges.map((edge) => edgeLook(edge, view.ties.get(edge.id), kept.look)));
    again();
  }

  network.on("afterDrawing", (context) => {
    if (kept.view) kept.labels = drawWords(context, drawing, places, kept);
  });

  function fit() {
    kept.byHand = false;
    const { x, y, width, height } = drawing.world;
    if (!stage.clientWidth || !stage.clientHeight) return; // the table is open: nothing to fit into
    const scale = Math.min(stage.clientWidth / width, stage.clientHeight / height);
    network.moveTo({ position: { x: x + width / 2, y: y + height / 2 }, scale });
  }

  function zoom(factor) {
    kept.byHand = true;
    network.moveTo({ scale: Math.min(6, Math.max(0.4, network.getScale() * factor)) });
  }

  function reveal(id) {
    const place = places.get(id);
    if (!place || !kept.byHand) return;
    const at = network.canvasToDOM(place);
    const inside = at.x > 40 && at.y > 40 && at.x < stage.clientWidth - 40 && at.y < stage.clientHeight - 40;
    if (!inside) network.moveTo({ position: { x: place.x, y: place.y } });
  }

  const targetAt = (dom) => hitTest(dom, network, places, kept);
  network.on("click", (event) => events.choose(targetAt(event.pointer.DOM)));
  network.on("dragEnd", () => { kept.byHand = true; });
  stage.addEventListener("mousemove", (event) => {
    const box = stage.getBoundingClientRect();
    setHover(targetAt({ x: event.clientX - box.left, y: event.clientY - box.top }));
  });
  stage.addEventListener("mouseleave", () => setHover(null));
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // the wheel alone scrolls the page, as everywhere
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });

  function setHover(target) {
    const id = target && target.type === "item" ? target.id : null;
    stage.classList.toggle("over-target", Boolean(target));
    if (id === kept.hover) return;
    kept.hover = id;
    events.hover(target);
    again();
  }

  new ResizeObserver(() => {
    if (!stage.clientWidth) return;
    network.setSize("100%", "100%");
    if (!kept.byHand) fit();
    again();
  }).observe(stage);
  fit();
  return {
    paint, fit, zoom, reveal,
    repaint(look) { kept.look = look; if (kept.view) paint(kept.view); },
    pointOf: (id) => network.canvasToDOM(places.get(id)),
  };
};

function nodeLook(node, how, look) {
  const own = look[node.group];
  const full = how.certainty === "possible" ? look[`${node.group}-possible`] : own;
  const fill = how.hollow ? look.page : full;
  return {
    id: node.id,
    color: { background: fill, border: own },
    opacity: how.faded ? FADED : 1,
    borderWidth: how.hollow ? 1.75 : 1.25,
    shapeProperties: { borderDashes: how.hollow && how.dashed ? [3, 3] : false },
  };
}

const STRENGTHS = { faint: 0.24, strong: 1, gone: 0.05 };

function edgeLook(edge, how, look) {
  const strong = how.strength === "strong";
  const dim = how.certainty === "possible" ? 0.6 : 1;
  return {
    id: edge.id,
    hidden: how.strength === "hidden",
    width: strong ? edge.width * 1.8 : edge.width,
    color: { color: look[how.kind], opacity: (STRENGTHS[how.strength] || 0) * dim, inherit: false },
  };
}

// ---- words on the drawing -------------------------------------------------------------------------

/** Rings, names and headings over the drawn network. Returns the boxes of names, for clicks. */
function drawWords(context, drawing, places, kept) {
  const { view, look } = kept;
  const boxes = [];
  context.textBaseline = "middle";
  for (const heading of drawing.headings) drawHeading(context, heading, look);
  for (const node of drawing.nodes) {
    const how = view.items.get(node.id);
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

function drawHeading(context, heading, look) {
  context.font = `600 14px ${FONT}`;
  context.fillStyle = look.text;
  context.textAlign = heading.align;
  context.fillText(heading.text, heading.x, heading.y);
  context.font = `400 11px ${FONT}`;
  context.fillStyle = look.muted;
  context.fillText(heading.below, heading.x, heading.y + 16);
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
  const named = drawing.nodes.filter((node) => node.side === "none");
  const rank = (node) => {
    const how = view.items.get(node.id);
    if (how.ringed || node.id === view.cursor || node.id === kept.hover) return 0;
    return how.faded || view.choosing ? 2 : 1;
  };
  const order = named.filter((node) => rank(node) < 2)
    .sort((a, b) => rank(a) - rank(b) || b.size - a.size || (a.id < b.id ? -1 : 1));
  const marks = named.map((node) => ({
    node, x: node.x - node.size - 2, y: node.y - node.size - 2, width: 2 * node.size + 4, height: 2 * node.size + 4,
  }));
  const taken = [];
  for (const node of order) {
    const must = rank(node) === 0;
    const box = placeName(context, node, must, marks, taken, kept);
    if (!box) continue;
    taken.push(box);
    boxes.push({ ...box, id: node.id });
  }
}

function placeName(context, node, must, marks, taken, kept) {
  context.font = must ? `600 13px ${FONT}` : `400 11px ${FONT}`;
  const text = shortened(context, node.label, must ? 400 : 250);
  const width = context.measureText(text).width;
  const height = must ? 16 : 13;
  const gap = node.size + (must ? 8 : 5);
  const spots = [
    { x: node.x - width / 2, y: node.y - gap - height }, { x: node.x - width / 2, y: node.y + gap },
    { x: node.x + gap, y: node.y - height / 2 }, { x: node.x - gap - width, y: node.y - height / 2 },
    { x: node.x + gap * 0.7, y: node.y - gap * 0.7 - height }, { x: node.x - gap * 0.7 - width, y: node.y - gap * 0.7 - height },
    { x: node.x + gap * 0.7, y: node.y + gap * 0.7 }, { x: node.x - gap * 0.7 - width, y: node.y + gap * 0.7 },
  ].map((spot) => ({ ...spot, width, height }));
  const others = marks.filter((mark) => mark.node !== node);
  const near = others.map((mark) => ({ x: mark.x - 6, y: mark.y - 3, width: mark.width + 12, height: mark.height + 6 }));
  const blocking = must ? others.filter((mark) => kept.view.items.get(mark.node.id).ringed) : others;
  const free = (spot, list) => !list.some((box) => overlap(spot, box));
  const best = spots.find((spot) => free(spot, taken) && free(spot, near) && inWorld(spot, kept))
    || (must && (spots.find((spot) => free(spot, taken) && free(spot, blocking))
      || spots.find((spot) => free(spot, taken)) || spots[0]));
  if (!best) return null;
  context.textAlign = "left";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = kept.look.page;
  context.strokeText(text, best.x, best.y + height / 2);
  context.fillStyle = must ? kept.look.text : kept.look.muted;
  context.fillText(text, best.x, best.y + height / 2);
  return best;
}

function inWorld(spot, kept) {
  const { middle } = kept.view;
  return !middle || (spot.x >= middle.x && spot.x + spot.width <= middle.x + middle.width);
}

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** What lies under a point: a mark, a name, or a tie. */
function hitTest(dom, network, places, kept) {
  const at = network.DOMtoCanvas(dom);
  for (const [id, node] of places) {
    if (Math.hypot(at.x - node.x, at.y - node.y) <= node.size + 3) return { type: "item", id };
  }
  const within = (box) => at.x >= box.x && at.x <= box.x + box.width && at.y >= box.y && at.y <= box.y + box.height;
  const named = kept.labels.find(within);
  if (named) return { type: "item", id: named.id };
  return tieAt(at, TIE_REACH / network.getScale(), places, kept);
}

/** The nearest tie that can be seen. vis-network's own search would also find those that are nearly gone. */
function tieAt(at, reach, places, kept) {
  let nearest = { distance: reach, id: null };
  for (const edge of kept.edges) {
    const how = kept.view && kept.view.ties.get(edge.id);
    if (!how || how.strength === "hidden" || how.strength === "gone") continue;
    const distance = distanceTo(at, places.get(edge.from), places.get(edge.to), kept.roundness);
    if (distance < nearest.distance) nearest = { distance, id: edge.id };
  }
  return nearest.id === null ? null : { type: "tie", id: nearest.id };
}

/** How far a point lies from the curve that vis-network draws between two marks (cubicBezier, horizontal). */
function distanceTo(at, from, to, roundness) {
  const bend = roundness * (to.x - from.x);
  let least = Infinity;
  for (let step = 0; step <= CURVE_STEPS; step += 1) {
    const t = step / CURVE_STEPS, s = 1 - t;
    const x = s * s * s * from.x + 3 * s * s * t * (from.x + bend) + 3 * s * t * t * (to.x - bend) + t * t * t * to.x;
    const y = (s * s * s + 3 * s * s * t) * from.y + (3 * s * t * t + t * t * t) * to.y;
    least = Math.min(least, Math.hypot(at.x - x, at.y - y));
  }
  return least;
}
