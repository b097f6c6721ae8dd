// Filters are sentences: each choice says how many findings would remain with it.

function buildFilters() {
  const more = el("div", { class: "popover" });
  for (const filter of data.filters) {
    const row = filter.more ? more : byId("filters");
    const select = el("select", { id: `filter-${filter.name}`, on: { change: () => setFilter(filter.name, select.value) } },
      el("option", { value: "" }), filter.options.map((option) => el("option", { value: option.value })));
    row.append(el("div", { class: `filter filter-${filter.name}` },
      el("label", { class: filter.more ? null : "unseen", for: select.id }, filter.label), select));
  }
  if (more.children.length) byId("filters").append(el("details", { id: "more-filters", class: "menu", name: "menu" }, el("summary", { class: "pill" }, "More filters"), more));
  byId("clear-filters").addEventListener("click", () => {
    clearFilters();
    byId(data.filters.length ? `filter-${data.filters[0].name}` : "search").focus();
  });
}

function setFilter(name, value) {
  state.filters = { ...state.filters, [name]: value };
  refresh({ say: true });
}

function clearFilters() {
  state.filters = {};
  state.period = LAST_PERIOD;
  refresh({ say: true });
}

function isFiltered() {
  return state.period !== LAST_PERIOD || Object.values(state.filters).some(Boolean);
}

/** The words and numbers of every choice, as they stand now. */
function showFilters(now) {
  for (const filter of data.filters) {
    const select = byId(`filter-${filter.name}`);
    const labels = ["", ...filter.options.map((option) => option.value)];
    labels.forEach((value, index) => {
      const words = index ? filter.options[index - 1].label : filter.any;
      const option = select.options[index];
      option.textContent = `${words} (${number(remainingWith(filter.name, value))})`;
    });
    select.value = state.filters[filter.name] || "";
    select.classList.toggle("in-use", Boolean(select.value));
  }
  const inUse = data.filters.filter((filter) => filter.more && state.filters[filter.name]).length;
  const summary = document.querySelector("#more-filters summary");
  if (summary) {
    summary.textContent = inUse ? `More filters (${number(inUse)} in use)` : "More filters";
    summary.classList.toggle("in-use", Boolean(inUse));
  }
  byId("asked").textContent = askedSentence();
  byId("clear-filters").hidden = !isFiltered();
  byId("shown").textContent = isFiltered() ? shownSentence(now) : byId("shown").dataset.all;
}

/** What was chosen, for a printed page, where the controls are not to be seen. */
function askedSentence() {
  const chosen = data.filters.map((filter) => filter.options.find((option) => option.value === state.filters[filter.name]));
  const words = chosen.filter(Boolean).map((option) => option.label);
  if (state.period !== LAST_PERIOD) words.push(askedDate(plainDay(dayOf(state.period))));
  return words.length ? `Only: ${words.join("; ")}` : "";
}
