// Elements, words and links. Text from data only ever becomes text: no markup is parsed anywhere.

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December"];

/** Where parts that not every page has take their place: what is built once, a choice before it is made, what is
 * done after all is drawn, and after the map was moved. */
const hooks = { build: [], choosing: (choice) => choice, refreshed: [], moved: [] };

/** An element. Children are elements or text; `on` holds listeners. `style` and `on…` attributes are refused. */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (key === "style" || key.startsWith("on")) {
      throw new Error(`attribute ${key} is not set from here`);
    } else if (value === true) {
      made.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === "") continue;
    made.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

const inThousands = new Intl.NumberFormat("en-GB");

function number(value) {
  return inThousands.format(value);
}

/** "1 finding", "1,234 findings". */
function counted(value, singular, plural = `${singular}s`) {
  return `${number(value)} ${value === 1 ? singular : plural}`;
}

function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A file for the reader to keep, made of what the page holds. */
function saveFile(name, type, content) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** "28 May 2021" for 2021-05-28. */
function plainDay(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  return `${day} ${MONTHS[month - 1]} ${year}`;
}

/** The address if it is one of the web, else nothing: `javascript:` and the like never become a link. */
function webAddress(text) {
  try {
    const address = new URL(text);
    return address.protocol === "http:" || address.protocol === "https:" ? address.href : "";
  } catch {
    return "";
  }
}

function link(text, url) {
  const address = webAddress(url);
  if (!address) return el("span", { dir: "auto" }, text, url ? ` (${url})` : "");
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer", dir: "auto" },
    text, el("span", { class: "unseen" }, " (opens in a new tab)"));
}

/** Lower case, without accents and punctuation, for searching. */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** Said to a screen reader, once. */
function announce(text) {
  byId("status").textContent = text;
}
