// What is shown, to take away: a picture with its title, filter, key and sources, or the rows of the table.

const SVG = "http://www.w3.org/2000/svg";
const PICTURE_MARGIN = 24;

function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children.flat(Infinity));
  return made;
}

/** Text without what XML cannot hold. */
function xmlText(text) {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}

/** Words in lines no wider than there is room for. */
function wrapped(text, width, font) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = font;
  const lines = [""];
  for (const word of text.slice(0, 1200).split(/\s+/)) {
    const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
    if (context.measureText(longer).width > width && lines[lines.length - 1]) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Lines of text from the top down: the elements, and where they end. */
function textBlock(texts, look, width, top) {
  let y = top;
  const made = [];
  for (const { text, size, weight = 400, ink = "muted" } of texts.filter((one) => one.text)) {
    for (const line of wrapped(text, width, `${weight} ${size}px ${FONT}`)) {
      y += size * 1.4;
      made.push(svg("text", { x: PICTURE_MARGIN, y, "font-size": size, "font-weight": weight, fill: look[ink], "font-family": FONT }, xmlText(line)));
    }
  }
  return { made, end: y };
}

/** The key as it stands on the page, in rows. */
function keyBlock(look, width, top) {
  const made = [];
  let [x, y] = [PICTURE_MARGIN, top + 26];
  for (const entry of document.querySelectorAll(".legend li")) {
    const words = entry.textContent.trim();
    const wide = 60 + 7 * words.length;
    if (x + wide > width) [x, y] = [PICTURE_MARGIN, y + 24];
    const swatch = entry.querySelector("svg").cloneNode(true);
    const shapes = [...swatch.children].map((shape, index) => {
      const style = getComputedStyle(entry.querySelector("svg").children[index]);
      for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray"]) shape.setAttribute(name, style.getPropertyValue(name));
      shape.removeAttribute("class");
      return shape;
    });
    made.push(svg("g", { transform: `translate(${x} ${y - 14})` }, shapes),
      svg("text", { x: x + 32, y, "font-size": 12, fill: look.text, "font-family": FONT }, xmlText(words)));
    x += wide;
  }
  return { made, end: y + 6 };
}

/** The whole picture: heading, filter, drawing, key, and whose data it shows. */
function picture() {
  const look = lookNow();
  const drawn = backEnd.picture();
  const width = drawn.width + 2 * PICTURE_MARGIN;
  const inner = width - 2 * PICTURE_MARGIN;
  const head = textBlock([
    { text: document.querySelector("h1").textContent, size: 20, weight: 600, ink: "text" },
    { text: byId("shown").textContent, size: 13 }, { text: byId("asked").textContent, size: 13 }], look, inner, 10);
  const key = keyBlock(look, width, head.end + drawn.height + 16);
  const foot = textBlock((data.about || []).map((text) => ({ text, size: 11 })), look, inner, key.end + 4);
  const height = Math.ceil(foot.end + 16);
  const whole = svg("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
    svg("title", {}, xmlText(document.title)), svg("rect", { width, height, fill: look.page }), head.made,
    svg("svg", { x: PICTURE_MARGIN, y: head.end + 12, width: drawn.width, height: drawn.height, viewBox: drawn.viewBox }, drawn.shapes),
    key.made, foot.made);
  return { width, height, text: new XMLSerializer().serializeToString(whole) };
}

function saveSvg() {
  saveFile(`${data.name}.svg`, "image/svg+xml", picture().text);
  announce("The picture was saved.");
}

function savePng() {
  const { width, height, text } = picture();
  const image = new Image();
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.addEventListener("load", () => {
    const canvas = el("canvas", { width: width * 2, height: height * 2 });
    canvas.getContext("2d").drawImage(image, 0, 0, width * 2, height * 2);
    URL.revokeObjectURL(address);
    canvas.toBlob((blob) => { saveFile(`${data.name}.png`, "image/png", blob); announce("The picture was saved."); });
  });
  image.src = address;
}

function buildExport() {
  byId("save-csv").addEventListener("click", download);
  for (const [id, save] of [["save-png", savePng], ["save-svg", saveSvg]]) {
    byId(id).hidden = !backEnd.picture;
    byId(id).addEventListener("click", save);
  }
}

hooks.build.push(buildExport);
