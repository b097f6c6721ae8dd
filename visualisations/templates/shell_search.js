// Search: a combobox over names, former names and codes. Choosing a result jumps to it.

const MOST_RESULTS = 12;
const search = { results: [], active: -1, entries: null };

/** Results for what was typed, best first: names that begin with it, names that hold it, other names, findings. */
function found(typed) {
  const wanted = folded(typed);
  if (!wanted) return [];
  const words = wanted.split(" ");
  search.entries ||= searchable(); // folded when first asked for: a map may hold tens of thousands of names
  const holds = (text) => words.every((word) => text.includes(word));
  const rank = (entry) => {
    if (entry.type === "card") return holds(entry.own) ? 3 : 4;
    if (holds(entry.own)) return entry.own.startsWith(wanted) ? 0 : 1;
    return holds(`${entry.own} ${entry.other}`) ? 2 : 4;
  };
  return search.entries.map((entry) => ({ entry, rank: rank(entry) })).filter(({ rank: at }) => at < 4)
    .sort((a, b) => a.rank - b.rank) // equal ranks keep their order
    .slice(0, MOST_RESULTS).map(({ entry, rank: at }) => (at === 2 ? { ...entry, what: `${entry.what} · ${entry.also.join(" · ")}` } : entry));
}

function buildSearch() {
  const input = byId("search");
  input.addEventListener("input", () => showResults(found(input.value)));
  input.addEventListener("keydown", searchKey);
  input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== input) showResults([]); }, 150));
  byId("search-form").addEventListener("submit", (event) => event.preventDefault());
}

function searchKey(event) {
  const { results } = search;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && results.length) {
    event.preventDefault();
    setActive((search.active + steps[event.key] + results.length) % results.length);
  } else if (event.key === "Enter" && results.length) {
    event.preventDefault();
    take(results[Math.max(0, search.active)]);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    if (results.length) showResults([]);
    else byId("search").value = "";
  }
}

function showResults(results) {
  search.results = results;
  search.active = -1;
  const list = byId("results");
  list.replaceChildren(...results.map((entry, index) => el("li", {
    id: `result-${index}`, role: "option", "aria-selected": "false",
    on: { mousedown: (event) => event.preventDefault(), click: () => take(entry) },
  }, el("span", { class: "result-name", dir: "auto" }, entry.name), el("span", { class: "result-what", dir: "auto" }, entry.what))));
  list.hidden = !results.length;
  const input = byId("search");
  input.setAttribute("aria-expanded", String(Boolean(results.length)));
  input.removeAttribute("aria-activedescendant");
  if (folded(input.value) && document.activeElement === input) {
    announce(results.length ? `${counted(results.length, "result")}. Use the arrow keys.` : "Nothing of that name is on this map.");
    byId("no-results").hidden = Boolean(results.length);
  } else {
    byId("no-results").hidden = true;
  }
}

function setActive(index) {
  search.active = index;
  [...byId("results").children].forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
  byId(`result-${index}`).scrollIntoView({ block: "nearest" });
  byId("search").setAttribute("aria-activedescendant", `result-${index}`);
}

function take(entry) {
  byId("search").value = entry.name;
  showResults([]);
  choose({ type: entry.type, id: entry.id }, { focusPanel: true });
}
