"""The national map without a mouse, without sight, in the dark, enlarged, and when still."""

import pytest

from icsgraph.visualisations.palette import tones


def chosen(seen):
    seen.find("Barsetshire Hospitals")


def a_group(seen):
    seen.find("North West")


def tables(seen):
    seen.page.locator("#table-view").click()


def filtered(seen):
    seen.page.locator("#filter-region").select_option(index=1)
    seen.page.locator("#date").fill("4")


ACTS = [None, chosen, a_group, tables, filtered]


@pytest.mark.parametrize(
    ("scheme", "act"), [*(("light", act) for act in ACTS), ("dark", chosen), ("dark", tables)]
)
def test_axe_finds_nothing(visit, england_file, broken_rules, scheme, act):
    seen = visit(england_file, color_scheme=scheme)
    if act:
        act(seen)
    assert broken_rules(seen) == []


def test_enlarged_twice_it_scrolls_one_way_only_and_axe_finds_nothing(
    visit, england_file, broken_rules
):
    seen = visit(england_file, viewport={"width": 720, "height": 450})
    assert not seen.scrolls_sideways
    assert broken_rules(seen) == []


def test_a_walk_by_keyboard(visit, england_file):
    """From the map into a region, a system, a local authority; to an organisation, its sources,
    and back."""
    seen = visit(england_file)
    page = seen.page
    active = "document.activeElement.id"
    said = page.locator("#status")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(active) == "stage-focus"
    assert "Enter opens it." in said.inner_text()
    page.keyboard.press("0")
    for _ in range(9):  # each step opens what is there, until an organisation is read
        if page.evaluate(active) == "chosen":
            break
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowRight")
        if " · " in said.inner_text() and "organisation" not in said.inner_text():
            page.keyboard.press("Enter")
    assert page.evaluate(active) == "chosen"
    seen.read_a_source_and_close(40)


def test_backspace_leads_out_again(visit, england_file):
    page = visit(england_file).page
    page.locator("#search").fill("Barsetshire Hospitals")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#stage-focus").focus()
    said = []
    for _ in range(3):
        page.keyboard.press("Backspace")
        said.append(page.locator("#status").inner_text().split(" · ")[0])
    assert said == [
        "Barsetshire, Local authority",
        "Barsetshire, System",
        "North West, Region",
    ] or [one.split(", ")[1].split(",")[0] for one in said] == [
        "Local authority",
        "System",
        "Region",
    ]


def test_the_table_has_every_item_and_tie_of_the_map(visit, england_file):
    page = visit(england_file).page
    page.locator("#table-view").click()
    titles = page.locator("#table-choice button").all_inner_texts()
    assert titles == [
        "Organisations (22)", "Ties (20)", "Regions, systems and local authorities (11)",
    ]  # fmt: skip


def test_what_is_still_stays_still(visit, england_file):
    """With reduced motion the camera jumps; without, it moves there and arrives."""
    for motion in ("reduce", "no-preference"):
        seen = visit(england_file, reduced_motion=motion)
        seen.find("Barsetshire Hospitals")
        if motion == "no-preference":
            seen.page.wait_for_timeout(1500)
        assert "ods:R9X" in seen.drawn


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_marks_have_the_colour_of_the_key(visit, england_file, mode):
    seen = visit(england_file, color_scheme=mode)
    seen.find("Barsetshire Hospitals")
    seen.page.locator("#close").click()
    picture = """() => {
        const map = document.getElementById("stage").icsgraphMap;
        const marks = map.picture().shapes.filter(shape => shape.tagName === "rect");
        return marks.map(mark => mark.getAttribute("fill"));
    }"""
    assert tones(mode)["organisation"] in seen.page.evaluate(picture)
    key = seen.page.locator(".legend .fill-organisation").first
    shown = key.evaluate("shape => getComputedStyle(shape).fill")
    colour = tones(mode)["organisation"]
    assert shown == f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"
