"""Every kind of map is closed, has an equal table, and can be used by everyone."""

import pytest

from icsgraph.visualisations.around_map import around_map
from icsgraph.visualisations.page import write_page

KINDS = ("system", "innovation", "topic", "around", "question", "flows", "empty")
FULL = tuple(kind for kind in KINDS if kind != "empty")


def a_name(payload: dict) -> str:
    """The name of a thing that some card is of."""
    shown = {i for card in payload["cards"] for i in card.get("items", ())}
    groups = {item.get("parent") for item in payload["items"]}
    held = [item for item in payload["items"] if item["id"] in shown - groups]
    return held[0]["name"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_for_and_nothing_complained_of(visit, map_files, kind):
    seen = visit(map_files[kind])
    if kind != "empty":
        seen.find(a_name(seen.payload))
    seen.page.locator("#table-view").click()
    seen.page.locator("#table-view").click()
    seen.page.wait_for_timeout(200)  # the address is written a moment later
    assert {url.partition("#")[0] for url in seen.requests} == {map_files[kind].as_uri()}
    assert seen.complaints == []


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(visit, map_files, broken_rules, kind):
    seen = visit(map_files[kind], color_scheme="dark" if kind in ("system", "flows") else "light")
    if kind != "empty":
        seen.find(a_name(seen.payload))
    for menu in seen.page.locator("details.menu summary").all():
        menu.click()
        assert broken_rules(seen) == []
    seen.page.locator("#table-view").click()
    assert broken_rules(seen) == []


@pytest.mark.parametrize("kind", KINDS)
def test_enlarged_twice_it_scrolls_one_way_only(visit, map_files, broken_rules, kind):
    seen = visit(map_files[kind], viewport={"width": 720, "height": 450})
    assert not seen.scrolls_sideways
    assert broken_rules(seen) == []


@pytest.mark.parametrize("kind", FULL)
def test_the_tables_hold_what_is_drawn(visit, map_files, kind):
    seen = visit(map_files[kind])
    payload = seen.payload
    names = {item["id"]: item["name"] for item in payload["items"]}
    drawn = sorted((names[edge["from"]], names[edge["to"]]) for edge in payload["drawing"]["edges"])
    assert sorted((row[0], row[2]) for row in seen.rows("ties")) == drawn
    tables = [one["name"] for one in payload["tables"] if one["of"] == "items"]
    marks = sorted(row[0] for name in tables for row in seen.rows(name))
    assert marks == sorted(node["label"] for node in payload["drawing"]["nodes"])


def test_an_empty_map_says_so(visit, map_files):
    page = visit(map_files["empty"]).page
    assert "No pathways are counted" in page.locator(".empty").inner_text()
    page.locator("#stage-focus").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#overview").is_visible()


@pytest.mark.parametrize("kind", FULL)
def test_a_walk_by_keyboard(visit, map_files, kind):
    """Search, open, read the sources, close; then over the map and open from there."""
    seen = visit(map_files[kind])
    page, name = seen.page, a_name(seen.payload)
    active = "document.activeElement.id"
    page.locator("#search").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    assert page.locator("#chosen").inner_text() == name
    assert page.evaluate(active) == "chosen"
    assert page.locator("#detail .source").count() > 0
    page.keyboard.press("Escape")
    assert page.locator("#overview").is_visible()
    page.locator("#stage-focus").focus()
    before = page.locator("#status").inner_text()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        if page.locator("#status").inner_text() != before:
            break
    assert page.locator("#status").inner_text() != before
    page.keyboard.press("Enter")
    assert page.evaluate(active) == "chosen"


@pytest.mark.parametrize("kind", KINDS)
def test_reduced_motion_moves_nothing(visit, map_files, kind):
    page = visit(map_files[kind], reduced_motion="reduce").page
    moving = "[...document.querySelectorAll('*')].filter(n => n.getAnimations().length).length"
    assert page.evaluate(moving) == 0


def test_a_node_tells_names_codes_dates_and_ratings(visit, map_files, registers, tmp_path):
    html = around_map(registers.snapshot, "Elmhurst", hops=1)
    seen = visit(write_page(html, tmp_path / "around.html"))
    seen.find("Elmhurst")
    told = seen.page.locator("dl.details").inner_text()
    assert "CQC 1-900000001" in told
    assert "Good, 29 May 2026" in told and "Good, 20 November 2019" in told
    seen = visit(map_files["system"])
    seen.find("NHS Barsetshire Integrated Care Board")
    assert "from 1 July 2022" in seen.page.locator("dl.details").inner_text()


def test_a_tie_tells_both_ends_dates_and_its_source(visit, map_files):
    seen = visit(map_files["flows"])
    seen.rows("ties")
    seen.page.locator("#rows tbody tr").first.locator("button").nth(2).click()
    detail = seen.page.locator("#detail")
    assert "From" in detail.locator(".chips").inner_text()
    assert "January 2026" in detail.locator(".where").inner_text()
    source = detail.locator(".source").inner_text()
    assert "OGL-UK-3.0" in source or "Source:" in source
