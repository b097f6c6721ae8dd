// What the panel says of a map whose lines rest on findings: cards, each with its sources.

const PANELS = { item: itemPanel, tie: tiePanel, card: cardPanel };

function itemPanel(id, now) {
  const item = items.get(id);
  const own = cardsOf.get(id) || [];
  const shown = own.filter((card) => now.cards.has(card.id));
  const parts = [heading(item.name), el("p", { class: "lead", dir: "auto" }, item.lead),
    el("p", {}, itemSentence(item, shown, now))];
  for (const fact of item.facts) parts.push(el("p", { class: "fact", dir: "auto" }, fact));
  if (item.list !== "middle") parts.push(...foundIn(item, now), earliestSentence(item, now));
  return [...parts, ...hiddenNote(own.length - shown.length), ...cardSections(item, shown)];
}

function itemSentence(item, shown, now) {
  const reviews = shown.filter((card) => card.facets.evidence.includes("reviews")).length;
  const split = `${counted(shown.length, "finding")}: ${number(reviews)} from the reviews, ${number(shown.length - reviews)} from context.`;
  if (!shown.length) return "No finding is shown.";
  if (item.list === "middle") return split;
  const { ends, placeless } = now.items.get(item.id);
  const places = ends ? `Found in ${counted(ends, "system")}` : "Found in no named system";
  return `${places}${placeless ? `, and ${counted(placeless, "finding")} that ${placeless === 1 ? "names" : "name"} no system` : ""}. ${split}`;
}

/** Earliest dates over the ties to systems: by when it was certainly observed, since when it possibly was. */
function earliestSentence(item, now) {
  const own = (tiesOf.get(item.id) || []).filter((tie) => now.ties.has(tie.id));
  const found = own.flatMap((tie) => tie.cards).filter((id) => now.cards.has(id)).map((id) => cards.get(id));
  const certain = found.map((card) => card.latest).filter(Boolean).sort()[0];
  const possible = found.map((card) => card.earliest).filter(Boolean).sort()[0];
  if (!certain && !possible) return null;
  const parts = [certain ? `certainly by ${plainDay(certain)}` : "", possible ? `possibly from ${plainDay(possible)}` : ""];
  return el("p", { class: "fact" }, `Earliest in a system: ${parts.filter(Boolean).join(", ")}.`);
}

function foundIn(item, now) {
  const own = (tiesOf.get(item.id) || []).filter((tie) => now.ties.has(tie.id));
  if (!own.length) return [];
  return [el("ul", { class: "chips", "aria-label": "Systems where it was found" }, own.map((tie) => {
    const other = items.get(tie.start === item.id ? tie.end : tie.start);
    return el("li", {}, chooser(other.name, { type: "item", id: other.id }, "chip"));
  }))];
}

function hiddenNote(hidden) {
  if (!hidden) return [];
  const words = `${counted(hidden, "more finding")} ${hidden === 1 ? "is" : "are"} hidden by the filters or the date. `;
  return [el("p", { class: "fact" }, words, el("button", { type: "button", class: "quiet", on: { click: clearFilters } }, "Show all"))];
}

/** A system's cards stand under innovations, barriers and the rest; other things have one list. */
function cardSections(item, shown) {
  if (item.list !== "middle") return cardList(shown, item.id);
  const about = (list) => shown.filter((card) => card.items.some((id) => items.get(id).list === list));
  const right = about("right");
  const left = about("left").filter((card) => !right.includes(card));
  const rest = shown.filter((card) => !right.includes(card) && !left.includes(card));
  return [[data.lists.right, right], [data.lists.left, left], ["Other findings", rest]]
    .filter(([, group]) => group.length)
    .flatMap(([title, group]) => [el("h3", { class: "group" }, `${title} (${number(group.length)})`), ...cardList(group, item.id, "h4")]);
}

function cardList(shown, without, heading = "h3") {
  return shown.map((card) => cardElement(card, without, heading));
}

function cardElement(card, without, heading = "h3") {
  const things = card.items.filter((id) => id !== without && items.get(id).list !== "middle");
  const places = card.items.filter((id) => id !== without && items.get(id).list === "middle");
  return el("article", { class: "card" },
    el(heading, { dir: "auto" }, card.name),
    el("p", { class: "badges" }, [card.kind, ...card.badges].filter(Boolean).map((badge) => [el("span", { class: "badge", dir: "auto" }, badge), " "])),
    el("p", { dir: "auto" }, card.description),
    el("p", { class: "where", dir: "auto" }, `${card.where} · ${card.when}`),
    card.remark ? el("p", { class: "remark", dir: "auto" }, `Remark: ${card.remark}`) : null,
    sourceList(card),
    [...things, ...places].length ? el("p", { class: "onward" }, [...things, ...places].map((id) => [chooser(items.get(id).name, { type: "item", id }, "chip"), " "])) : null);
}

function sourceList(card) {
  if (!card.sources.length) return el("p", { class: "where" }, "Source not recorded.");
  return card.sources.map((source) => el("p", { class: "source" }, "Source: ", link(source.title || source.url, source.url),
    source.publisher && !source.title.includes(source.publisher) ? el("span", { dir: "auto" }, ` · ${source.publisher}`) : null));
}

function tiePanel(id, now) {
  const tie = ties.get(id);
  const ends = [tie.start, tie.end].map((end) => el("li", {}, chooser(items.get(end).name, { type: "item", id: end }, "chip")));
  const own = tie.cards.map((card) => cards.get(card));
  const shown = own.filter((card) => now.cards.has(card.id));
  return [heading(`${items.get(tie.end).name}, ${items.get(tie.start).name}`), el("p", { class: "lead", dir: "auto" }, tie.sentence),
    el("ul", { class: "chips", "aria-label": "Both ends" }, ends), ...hiddenNote(own.length - shown.length), ...cardList(shown, "")];
}

function cardPanel(id) {
  const card = cards.get(id);
  return [heading(card.name), el("p", { class: "lead" }, "Finding"), cardElement(card, "")];
}
