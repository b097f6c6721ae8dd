// The pyvis back end: draws the network with vis-network. It knows positions and looks, and no evidence.
//
// A back end is a function (stage, drawing, look, events) that gives
//   paint(view)   view.items and view.ties: Map of id -> how it looks; view.folds: ties of closed groups;
//                 view.cursor: id or null
//   fit(), zoom(factor), reveal(id), repaint(look)
// and may give, for links and pictures,
//   camera()      [x, y, scale], or null while the whole map is in view; moveTo(camera)
//   picture()     { width, height, viewBox, shapes }: what is drawn, as SVG elements
// and calls events.choose({ type, id } or null), events.hover({ type, id } or null) and events.moved().

const TIE_REACH = 7; // pixels on the screen

const backEnds = {};

backEnds.pyvis = function drawWithPyvis(stage, drawing, firstLook, events) {
  const nodes = new vis.DataSet();
  const edges = new vis.DataSet();
  const network = new vis.Network(stage, { nodes, edges }, drawing.options);
  const places = new Map(drawing.nodes.map((node) => [node.id, node]));
  const smooth = drawing.options.edges.smooth;
  const kept = { look: firstLook, lines: drawing.edges, smooth, view: null, labels: [], hover: null, byHand: false, camera: null, scale: 1, sight: null };
  let folds = [];
  const again = () => network.redraw();

  for (const focusable of stage.querySelectorAll("[tabindex]")) focusable.setAttribute("tabindex", "-1");
  stage.querySelector("canvas").setAttribute("aria-hidden", "true");

  function paint(view) {
    kept.view = view;
    const seen = drawing.edges.filter((edge) => view.ties.get(edge.id).strength !== "hidden").length;
    kept.thin = drawing.free ? Math.max(0.3, Math.min(1, Math.sqrt(120 / Math.max(1, seen)))) : 1; // many lines are drawn fainter
    show(nodes, drawing.nodes, (node) => nodeLook(node, view.items.get(node.id), kept.look));
    show(edges, drawing.edges, (edge) => edgeLook(edge, view.ties.get(edge.id), kept.look, kept.thin));
    edges.remove(folds.map((fold) => fold.id));
    folds = (view.folds || []).map((fold) => ({ id: fold.id, from: fold.start, to: fold.end, width: Math.min(8, 1 + Math.log2(fold.count)) }));
    edges.add(folds.map((fold, index) => ({ ...fold, ...edgeLook(fold, view.folds[index], kept.look) })));
    kept.lines = [...drawing.edges, ...folds];
    again();
  }

  network.on("beforeDrawing", (context) => { if (kept.view) drawGround(context, drawing, kept); });
  network.on("afterDrawing", (context) => {
    if (!kept.view) return;
    kept.scale = network.getScale();
    const [from, to] = [{ x: -60, y: -60 }, { x: stage.clientWidth + 60, y: stage.clientHeight + 60 }].map((at) => network.DOMtoCanvas(at));
    kept.sight = drawing.free ? { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y } : null;
    kept.labels = drawWords(context, drawing, kept);
  });

  function fit() {
    kept.byHand = false;
    const { x, y, width, height } = drawing.world;
    if (!stage.clientWidth || !stage.clientHeight) return; // the table is open: nothing to fit into
    const scale = Math.min(stage.clientWidth / width, stage.clientHeight / height);
    network.moveTo({ position: { x: x + width / 2, y: y + height / 2 }, scale: drawing.free ? Math.min(scale, 2) : scale });
    events.moved();
  }

  const seenFrom = () => ({ ...network.getViewPosition(), scale: network.getScale() });

  /** Look at a place by hand: it stays until the whole map is asked for. */
  function look({ x, y, scale }) {
    kept.byHand = true;
    kept.camera = { x, y, scale: Math.min(6, Math.max(drawing.free ? 0.05 : 0.4, scale)) };
    network.moveTo({ position: { x, y }, scale: kept.camera.scale });
  }

  function zoom(factor) {
    const from = seenFrom();
    look({ ...from, scale: from.scale * factor });
    events.moved();
  }

  function reveal(id) {
    const place = places.get(id);
    if (!place || !kept.byHand) return;
    const at = network.canvasToDOM(place);
    const inside = at.x > 40 && at.y > 40 && at.x < stage.clientWidth - 40 && at.y < stage.clientHeight - 40;
    if (inside) return;
    look({ ...seenFrom(), x: place.x, y: place.y });
    events.moved();
  }

  const targetAt = (dom) => hitTest(dom, network, places, kept);
  network.on("click", (event) => events.choose(targetAt(event.pointer.DOM)));
  network.on("dragEnd", () => { look(seenFrom()); events.moved(); });
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
    if (kept.byHand && kept.camera) look(kept.camera); // a resized canvas would shift what is looked at
    else fit();
    again();
  }).observe(stage);
  fit();
  return {
    paint, fit, zoom, reveal,
    repaint(look) { kept.look = look; if (kept.view) paint(kept.view); },
    pointOf: (id) => network.canvasToDOM(places.get(id)),
    camera: () => (kept.byHand && kept.camera ? [kept.camera.x, kept.camera.y, kept.camera.scale] : null),
    moveTo: ([x, y, scale]) => look({ x, y, scale }),
    picture: () => drawnPicture(drawing, places, kept),
  };
};

const looks = new Map(); // how each mark and tie was drawn last, as text

/** Give vis-network what is new of each thing's look: all at first, then only what has changed. */
function show(set, drawn, lookOf) {
  const first = !set.length;
  const changed = [];
  for (const own of drawn) {
    const how = lookOf(own);
    const text = JSON.stringify(how);
    if (!first && looks.get(own) === text) continue;
    looks.set(own, text);
    changed.push(first ? { ...own, ...how } : how);
  }
  if (changed.length) set.update(changed);
}

function nodeLook(node, how, look) {
  const own = look[node.group];
  const full = how.certainty === "possible" ? look[`${node.group}-possible`] : own;
  const fill = how.hollow ? look.page : full;
  return {
    id: node.id,
    hidden: Boolean(how.hidden),
    color: { background: fill, border: own },
    opacity: how.faded ? FADED : 1,
    borderWidth: how.hollow ? 1.75 : 1.25,
    shapeProperties: { borderDashes: how.hollow && how.dashed ? [3, 3] : false },
  };
}

const STRENGTHS = { faint: 0.24, strong: 1, gone: 0.05 };

function edgeLook(edge, how, look, thin = 1) {
  const strong = how.strength === "strong";
  const dim = how.certainty === "possible" ? 0.6 : 1;
  return {
    id: edge.id,
    hidden: how.strength === "hidden",
    width: strong ? edge.width * 1.8 : edge.width * Math.max(0.5, thin),
    color: { color: look[how.kind], opacity: (STRENGTHS[how.strength] || 0) * dim * (strong ? 1 : thin) * (edge.dashes && how.strength === "faint" ? 2.5 : 1), inherit: false },
  };
}

/** What lies under a point: a mark, a name, or a tie. */
function hitTest(dom, network, places, kept) {
  const at = network.DOMtoCanvas(dom);
  const hidden = (id) => kept.view && kept.view.items.get(id).hidden;
  for (const [id, node] of places) {
    if (!hidden(id) && Math.hypot(at.x - node.x, at.y - node.y) <= node.size + 3) return { type: "item", id };
  }
  const within = (box) => at.x >= box.x && at.x <= box.x + box.width && at.y >= box.y && at.y <= box.y + box.height;
  const named = kept.labels.find(within);
  if (named) return { type: "item", id: named.id };
  return tieAt(at, TIE_REACH / network.getScale(), places, kept);
}

/** The nearest tie that can be seen. vis-network's own search would also find those that are nearly gone. */
function tieAt(at, reach, places, kept) {
  let nearest = { distance: reach, id: null };
  for (const edge of kept.lines) {
    const how = kept.view && kept.view.ties.get(edge.id);
    if (!how || how.strength === "hidden" || how.strength === "gone") continue;
    const distance = distanceTo(at, places.get(edge.from), places.get(edge.to), kept.smooth);
    if (distance < nearest.distance) nearest = { distance, id: edge.id };
  }
  return nearest.id === null ? null : { type: "tie", id: nearest.id };
}
