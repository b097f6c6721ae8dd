// What is drawn, as SVG elements: the same positions, curves, looks and words as on the canvas.

/** Answers like the canvas that words are drawn on, and keeps them as SVG elements. */
class Pen {
  constructor() {
    this.shapes = [];
    this.ruler = document.createElement("canvas").getContext("2d");
    Object.assign(this, { fillStyle: "", strokeStyle: "", lineWidth: 1, textAlign: "left", globalAlpha: 1, dashes: [], path: "" });
  }

  set font(text) { this.ruler.font = text; }

  get font() { return this.ruler.font; }

  measureText(text) { return this.ruler.measureText(text); }

  save() { this.before = { alpha: this.globalAlpha, dashes: this.dashes }; }

  restore() { this.globalAlpha = this.before.alpha; this.dashes = this.before.dashes; }

  setLineDash(dashes) { this.dashes = dashes; }

  beginPath() { this.path = ""; }

  moveTo(x, y) { this.path += `M${x} ${y}`; }

  lineTo(x, y) { this.path += `L${x} ${y}`; }

  arc(x, y, r) { this.path += `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`; }

  stroke() {
    this.shapes.push(svg("path", { d: this.path, fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth,
      "stroke-dasharray": this.dashes.join(" ") || "none", opacity: this.globalAlpha }));
  }

  strokeText(text, x, y) { this.words(text, x, y, { fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth, "stroke-linejoin": "round" }); }

  fillText(text, x, y) { this.words(text, x, y, { fill: this.fillStyle }); }

  words(text, x, y, look) {
    const anchor = { left: "start", right: "end", center: "middle" }[this.textAlign];
    const [, size] = this.font.match(/([\d.]+)px/);
    const [weight] = this.font.match(/^\d{3}(?= )/) || [400];
    this.shapes.push(svg("text", { x, y, "text-anchor": anchor, "dominant-baseline": "central", "font-family": FONT,
      "font-size": size, "font-weight": weight, ...look }, xmlText(text)));
  }
}

function drawnPicture(drawing, places, kept) {
  const { x, y, width, height } = drawing.world;
  const scale = Math.max(1, Math.min(1600 / width, 1200 / height));
  const whole = { ...kept, scale, sight: null, hover: null }; // all of the map, whatever part is on the screen
  const [ground, over] = [new Pen(), new Pen()];
  drawGround(ground, drawing, whole);
  drawWords(over, drawing, { ...whole, view: { ...kept.view, cursor: null } });
  const lines = kept.lines.map((edge) => pictureLine(edge, places, kept));
  const marks = drawing.nodes.map((node) => pictureMark(node, kept));
  return { width: Math.round(width * scale), height: Math.round(height * scale), viewBox: `${x} ${y} ${width} ${height}`,
    shapes: [...ground.shapes, ...lines, ...marks, ...over.shapes].filter(Boolean) };
}

function pictureLine(edge, places, kept) {
  const how = kept.view.ties.get(edge.id) || (kept.view.folds || []).find((fold) => fold.id === edge.id);
  if (!how || how.strength === "hidden") return null;
  const drawn = edgeLook(edge, how, kept.look, kept.thin);
  return svg("path", { d: curvePath(places.get(edge.from), places.get(edge.to), kept.smooth), fill: "none",
    stroke: drawn.color.color, "stroke-width": drawn.width, "stroke-opacity": drawn.color.opacity,
    "stroke-dasharray": (edge.dashes || []).join(" ") || "none" });
}

function pictureMark(node, kept) {
  const how = kept.view.items.get(node.id);
  if (how.hidden) return null;
  const drawn = nodeLook(node, how, kept.look);
  const dashes = drawn.shapeProperties.borderDashes;
  return svg("path", { d: markPath(node), fill: drawn.color.background, stroke: drawn.color.border, "stroke-width": drawn.borderWidth,
    "stroke-dasharray": dashes ? dashes.join(" ") : "none", opacity: drawn.opacity });
}

/** The outline of a mark, as vis-network draws its shape. */
function markPath({ x, y, size: r, shape }) {
  const around = (corners, turn, reach = () => r) => `M${Array.from({ length: corners }, (_, index) => {
    const angle = turn + (2 * Math.PI * index) / corners;
    return `${(x + reach(index) * Math.cos(angle)).toFixed(2)} ${(y + reach(index) * Math.sin(angle)).toFixed(2)}`;
  }).join("L")}Z`;
  if (shape === "square") return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`;
  if (shape === "diamond") return around(4, 0);
  if (shape === "triangle") return around(3, -Math.PI / 2, () => r * 1.15);
  if (shape === "triangleDown") return around(3, Math.PI / 2, () => r * 1.15);
  if (shape === "hexagon") return around(6, 0);
  if (shape === "star") return around(10, -Math.PI / 2, (index) => (index % 2 ? r * 0.5 : r * 1.3));
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
}
