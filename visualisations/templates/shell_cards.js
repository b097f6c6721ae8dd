// What the panel says of a map whose lines rest on cards: findings or statements, each with its sources.

const MOST_CARDS = 120; // in the panel at once; all of them are in the table
const MOST_CHIPS = 60;
const PANELS = { item: itemPanel, tie: tiePanel, card: cardPanel, path: pathPanel };

function itemPanel(id, now) {
  const item = items.get(id);
  const own = cardsOf.get(id) || [];
  const shown = own.filter((card) => now.cards.has(card.id));
  const parts = [heading(item.name), el("p", { class: "lead", dir: "auto" }, item.lead),
    el("p", {}, itemSentence(item, shown, now))];
  for (const fact of item.facts) parts.push(el("p", { class: "fact", dir: "auto" }, fact));
  parts.push(...itemActions(item), detailList(item));
  if (data.lists.left || data.lists.right ? item.list !== "middle" : true) parts.push(...tiedWith(item, now));
  if (item.list !== "middle") parts.push(earliestSentence(item, now));
  return [...parts, ...hiddenNote(own.length - shown.length), ...cardSections(item, shown)];
}

function itemSentence(item, shown, now) {
  const { ends, placeless } = now.items.get(item.id);
  const [card, several] = data.words.card;
  if (!shown.length) return `No ${card} is shown.`;
  if (!shown[0].facets.evidence) return `${counted(shown.length, card, several)}${ends ? `, with ${counted(ends, "other")}` : ""}.`;
  const reviews = shown.filter((one) => one.facets.evidence.includes("reviews")).length;
  const split = `${counted(shown.length, card, several)}: ${number(reviews)} from the reviews, ${number(shown.length - reviews)} from context.`;
  if (item.list === "middle") return split;
  const places = ends ? `Found in ${ofWords(ends, data.words.place)}` : `Found in no named ${data.words.place[0]}`;
  return `${places}${placeless ? `, and ${counted(placeless, card, several)} that ${placeless === 1 ? "names" : "name"} no ${data.words.place[0]}` : ""}. ${split}`;
}

/** Opening and closing a group, and the way to another item. */
function itemActions(item) {
  const members = membersOf.get(item.id);
  const open = state.open.has(item.id);
  const words = members && (open ? "Fold them together on the map" : `Show its ${number(members.length)} on the map`);
  return [el("p", { class: "actions" },
    members ? el("button", { type: "button", class: "pill", id: "open-group", on: { click: () => setOpen([item.id], !open) } }, words) : null,
    data.ties.length && !members ? pathButton(item) : null)];
}

/** Labels and what is known under them: names, codes, dates, ratings. */
function detailList(item) {
  if (!item.details.length) return null;
  return el("dl", { class: "details" }, item.details.map(([label, values]) => [
    el("dt", {}, label), values.map((value) => el("dd", { dir: "auto" }, value))]));
}

/** Earliest dates over the ties to systems: by when it was certainly observed, since when it possibly was. */
function earliestSentence(item, now) {
  const own = (tiesOf.get(item.id) || []).filter((tie) => now.ties.has(tie.id));
  const found = own.flatMap((tie) => tie.cards).filter((id) => now.cards.has(id)).map((id) => cards.get(id));
  const certain = found.map((card) => card.latest).filter(Boolean).sort()[0];
  const possible = found.map((card) => card.earliest).filter(Boolean).sort()[0];
  if (!certain && !possible) return null;
  const parts = [certain ? `certainly by ${plainDay(certain)}` : "", possible ? `possibly from ${plainDay(possible)}` : ""];
  return el("p", { class: "fact" }, `Earliest in a ${data.words.place[0]}: ${parts.filter(Boolean).join(", ")}.`);
}

function tiedWith(item, now) {
  const others = [...neighbours(item.id, now.ties).keys()];
  if (!others.length) return [];
  const label = item.list === "middle" ? "Tied with" : `${capital(data.words.place[1])} where it was found`;
  const more = others.length - MOST_CHIPS;
  return [el("ul", { class: "chips", "aria-label": label }, others.slice(0, MOST_CHIPS).map((id) =>
    el("li", {}, chooser(items.get(id).name, { type: "item", id }, "chip")))),
  more > 0 ? el("p", { class: "fact" }, `And ${number(more)} more, in the table view.`) : null];
}

function hiddenNote(hidden) {
  if (!hidden) return [];
  const [one, several] = data.words.card;
  const words = `${counted(hidden, `more ${one}`, `more ${several}`)} ${hidden === 1 ? "is" : "are"} hidden by the filters or the date. `;
  return [el("p", { class: "fact" }, words, el("button", { type: "button", class: "quiet", on: { click: clearFilters } }, "Show all"))];
}

/** Cards in the middle stand under innovations, barriers and the rest, or under what they state; others in one list. */
function cardSections(item, shown) {
  if (item.list !== "middle") return cardList(shown, item.id);
  const about = (list) => shown.filter((card) => card.items.some((id) => items.get(id).list === list));
  const right = about("right");
  const left = about("left").filter((card) => !right.includes(card));
  const rest = shown.filter((card) => !right.includes(card) && !left.includes(card));
  const byKind = [...grouped(rest.map((card) => [card.name ? `Other ${data.words.card[1]}` : capital(card.kind), card]))];
  return [[data.lists.right, right], [data.lists.left, left], ...byKind]
    .filter(([, group]) => group.length)
    .flatMap(([title, group]) => [el("h3", { class: "group" }, `${title} (${number(group.length)})`), ...cardList(group, item.id, "h4")]);
}

function cardList(shown, without, level = "h3") {
  const more = shown.length - MOST_CARDS;
  return [...shown.slice(0, MOST_CARDS).map((card) => cardElement(card, without, level)),
    more > 0 ? el("p", { class: "fact" }, `And ${ofWords(more, data.words.card)} more, in the table view.`) : null];
}

function cardElement(card, without, level = "h3") {
  const onward = card.items.filter((id) => id !== without && items.has(id));
  const [things, places] = [onward.filter((id) => items.get(id).list !== "middle"), onward.filter((id) => items.get(id).list === "middle")];
  const badges = [card.name ? card.kind : "", ...card.badges, card.knowledge].filter(Boolean);
  return el("article", { class: "card" },
    el(level, { dir: "auto" }, cardName(card)),
    el("p", { class: "badges" }, badges.map((badge) => [el("span", { class: "badge", dir: "auto" }, badge), " "])),
    card.description ? el("p", { dir: "auto" }, card.description) : null,
    el("p", { class: "where", dir: "auto" }, [card.where, card.when].filter(Boolean).join(" · ")),
    card.remark ? el("p", { class: "remark", dir: "auto" }, `Remark: ${card.remark}`) : null,
    sourceList(card),
    onward.length ? el("p", { class: "onward" }, [...things, ...places].map((id) => [chooser(items.get(id).name, { type: "item", id }, "chip"), " "])) : null);
}

/** Each source with what it is, whose, of when, where in it, and under which licence. */
function sourceList(card) {
  if (!card.sources.length) return el("p", { class: "where" }, "Source not recorded.");
  return card.sources.map((source) => {
    const publisher = source.title.includes(source.publisher) ? "" : source.publisher;
    const more = [publisher, source.date, source.locator, source.licence].filter(Boolean);
    return el("p", { class: "source" }, "Source: ", link(source.title || source.url, source.url),
      more.map((part) => el("span", { dir: "auto" }, ` · ${part}`)));
  });
}

function endsList(tie) {
  const words = tie.directed ? ["From", "To"] : ["Between", "and"];
  return el("ul", { class: "chips", "aria-label": tie.directed ? "From one end to the other" : "Both ends" },
    [tie.start, tie.end].map((end, index) => el("li", {}, el("span", { class: "fact" }, `${words[index]} `),
      chooser(items.get(end).name, { type: "item", id: end }, "chip"))));
}

function tiePanel(id, now) {
  const tie = ties.get(id);
  const own = tie.cards.map((card) => cards.get(card));
  const shown = own.filter((card) => now.cards.has(card.id));
  return [heading(`${items.get(tie.end).name}, ${items.get(tie.start).name}`), el("p", { class: "lead", dir: "auto" }, tieSentence(tie)),
    endsList(tie), ...hiddenNote(own.length - shown.length), ...cardList(shown, "")];
}

function cardPanel(id) {
  const card = cards.get(id);
  return [heading(cardName(card)), el("p", { class: "lead" }, capital(data.words.card[0])), cardElement(card, "")];
}
