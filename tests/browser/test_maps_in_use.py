"""What a reader asks of any map: filters, the date, a path, a view to keep, a picture to take."""

import json
import xml.etree.ElementTree as ElementTree
from collections import Counter

import networkx as nx
import pytest
from playwright.sync_api import expect


def counts(page, name: str) -> dict[str, int]:
    """The choices of a filter with the number each says, the first being all."""
    texts = page.locator(f"#filter-{name} option").all_text_contents()
    return {text.rpartition(" (")[0]: int(text.rpartition(" (")[2][:-1]) for text in texts}


def choose(page, name: str, value: str) -> None:
    """Make a choice, opening the menu of more filters if it is there."""
    if not page.locator(f"#filter-{name}").is_visible():
        page.locator("#more-filters summary").click()
    page.locator(f"#filter-{name}").select_option(value)


def close_menus(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(menu => { menu.open = false; })")


CHOOSE_ALL = """async table => {
    document.getElementById("table-view").click();
    document.querySelector(`[data-table=${table}]`).click();
    const wrong = [], turn = () => new Promise(done => setTimeout(done));
    let tried = 0;
    for (const select of document.querySelectorAll("[id^=filter-]")) {
        for (let at = 1; at <= select.options.length; at += 1) {
            const option = select.options[at % select.options.length];
            const said = Number(option.text.match(/\\(([\\d,]+)\\)$/)[1].replaceAll(",", ""));
            select.value = option.value;
            select.dispatchEvent(new Event("change"));
            await turn();
            for (let more; (more = document.getElementById("more-rows")); ) more.click();
            const rows = document.querySelectorAll("#rows tbody tr").length;
            if (rows !== said) wrong.push([select.id, option.text, rows]);
            tried += 1;
        }
    }
    return [tried, wrong];
}"""


@pytest.mark.parametrize(
    "kind", ["systems", "system", "innovation", "topic", "around", "question", "flows"]
)
def test_every_choice_of_every_filter_leaves_as_many_rows_as_it_says(
    visit, map_files, systems_file, kind
):
    seen = visit({**map_files, "systems": systems_file}[kind])
    tried, wrong = seen.page.evaluate(CHOOSE_ALL, "cards")
    assert tried >= 3 and wrong == []


def test_filters_by_kind_of_tie_are_the_statements_of_the_graph(visit, map_files, sample):
    seen = visit(map_files["around"])
    ids = {item["id"] for item in seen.payload["items"]}
    edges = sample.networkx().edges(data="label")
    stated = Counter(
        label.capitalize() for one, other, label in edges if one in ids and other in ids and label
    )
    said = counts(seen.page, "relation")
    said.pop("All kinds of tie")
    if stated:
        assert said == dict(stated)
    assert sum(said.values()) == len(seen.payload["cards"])


def test_the_barrier_system_and_sector_filters_of_the_evidence(systems, sample):
    seen, page = systems, systems.page
    about = sample.relationships("ABOUT").filter(object="icsg:barrier/delayed-discharge")
    findings = set(about["subject"])
    shown = {card["id"] for card in systems.payload["cards"]}
    name = "Delayed discharge"
    assert counts(page, "barrier")[name] == len(findings & shown)
    choose(page, "barrier", name)
    close_menus(page)
    assert len(seen.rows("cards")) == len(findings & shown)
    page.locator("#clear-filters").click()
    there = set(sample.relationships("CONCERNS").filter(object="ods:QNQ")["subject"])
    assert counts(page, "system")["Frimley"] == len(there & shown)
    faced = set(sample.relationships("FACED")["finding"]) & shown
    assert counts(page, "relation")["Faced"] == len(faced)


def test_the_date_leaves_what_held_on_it(visit, map_files, spread):
    seen = visit(map_files["innovation"])
    page, periods = seen.page, seen.payload["periods"]
    cards = seen.payload["cards"]
    for step in range(len(periods) - 1):
        page.locator("#date").fill(str(step))
        day = periods[step]["last"]
        held = [
            card
            for card in cards
            if (not card.get("earliest") or card["earliest"] <= day)
            and not ("gone" in card and card["gone"] <= day)
        ]
        assert len(seen.rows("cards")) == len(held)


def test_a_path_is_as_short_as_the_graph_has_it(visit, map_files, sample):
    seen = visit(map_files["around"])
    payload = seen.payload
    names = {item["id"]: item["name"] for item in payload["items"]}
    graph = nx.Graph((tie["start"], tie["end"]) for tie in payload["ties"])
    far = nx.single_source_shortest_path_length(graph, "icsg:innovation/virtual-ward")
    once = [i for i in sorted(far) if Counter(names.values())[names[i]] == 1]
    other = max(once, key=lambda i: (far[i], i))
    seen.find("Virtual ward")
    seen.page.locator("#find-path").click()
    seen.find(names[other])
    assert seen.page.locator("#chosen").inner_text() == f"From Virtual ward to {names[other]}"
    assert seen.page.locator("#detail .lead").inner_text().startswith(f"{far[other]} step")
    assert seen.page.locator("#detail h3.group").count() == far[other]


def test_where_no_path_leads_it_says_so(visit, map_files):
    seen = visit(map_files["question"])
    apart = nx.Graph((tie["start"], tie["end"]) for tie in seen.payload["ties"])
    one, other, *_ = [i for i in seen.payload["items"] if i["id"] not in apart]
    seen.find(one["name"])
    seen.page.locator("#find-path").click()
    seen.find(other["name"])
    assert "Nothing that is shown leads" in seen.page.locator("#detail .lead").inner_text()


def test_a_path_can_be_given_up(visit, map_files):
    seen = visit(map_files["around"])
    seen.find("Virtual ward")
    seen.page.locator("#find-path").click()
    assert seen.page.locator("#path-asked").is_visible()
    seen.page.keyboard.press("Escape")
    assert seen.page.locator("#path-asked").is_hidden()


def test_a_link_reopens_the_view(visit, map_files):
    seen = visit(map_files["around"])
    page = seen.page
    relation = seen.payload["filters"][0]["options"][1]["value"]
    choose(page, "relation", relation)
    page.locator("#step-back").click()
    seen.find("Virtual ward")
    page.locator("#zoom-in").click()
    page.wait_for_timeout(250)
    address = page.evaluate("location.href")
    again = visit(map_files["around"])
    again.page.goto("about:blank")
    again.page.goto(address)
    again.page.wait_for_selector("html[data-ready]")
    for part in ("#filter-relation", "#date"):
        assert again.page.locator(part).input_value() == page.locator(part).input_value()
    assert again.page.locator("#chosen").inner_text() == "Virtual ward"
    assert again.page.locator("#shown").inner_text() == page.locator("#shown").inner_text()
    again.page.wait_for_timeout(250)
    assert again.page.evaluate("location.href") == address


def test_a_saved_view_opens_again(visit, map_files, tmp_path):
    seen = visit(map_files["around"])
    seen.find("Virtual ward")
    seen.page.locator("#take summary").click()
    with seen.page.expect_download() as waiting:
        seen.page.locator("#save-view").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["map"] == "around"
    again = visit(map_files["around"])
    again.page.locator("#take summary").click()
    again.page.locator("#open-view").set_input_files(file)
    again.page.wait_for_selector("#chosen")
    assert again.page.locator("#chosen").inner_text() == "Virtual ward"
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]", encoding="utf-8")
    again.page.locator("#open-view").set_input_files(wrong)
    expect(again.page.locator("#view-said")).to_contain_text("no saved view")


@pytest.mark.parametrize("kind", ["system", "around", "innovation", "flows"])
def test_a_picture_says_the_same_as_the_page(visit, map_files, kind, tmp_path):
    seen = visit(map_files[kind])
    seen.page.locator("#take summary").click()
    with seen.page.expect_download() as waiting:
        seen.page.locator("#save-svg").click()
    waiting.value.save_as(tmp_path / "map.svg")
    drawn = ElementTree.parse(tmp_path / "map.svg").getroot()
    words = " ".join(text for text in drawn.itertext())
    assert seen.page.locator("h1").inner_text() in words
    assert "Snapshot" in words
    with seen.page.expect_download() as waiting:
        seen.page.locator("#save-png").click()
    waiting.value.save_as(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert seen.complaints == []


def test_groups_open_and_fold(visit, map_files):
    seen = visit(map_files["system"])
    page = seen.page
    groups = {i["parent"] for i in seen.payload["items"] if i.get("parent")}
    assert groups
    first = page.locator("#open-all").inner_text()
    page.locator("#open-all").click()
    assert page.locator("#open-all").inner_text() != first
    name = next(i["name"] for i in seen.payload["items"] if i["kind"] == "area")
    seen.find(name)
    page.locator("#open-group").click()
    assert page.evaluate("document.activeElement.id") == "open-group"
    seen.find("Grantly Care Limited")  # what is chosen is not left folded away
    page.wait_for_timeout(250)
    assert page.locator("#chosen").inner_text() == "Grantly Care Limited"
