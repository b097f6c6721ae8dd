"""Maps of systems and charts in a real browser: closed, readable by keyboard and screen reader, in
the dark, at 200 % zoom."""

from pathlib import Path

import pytest

from icsgraph.visualisations.charts import chart
from icsgraph.visualisations.geography_page import systems_area_page, systems_tiles_page
from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.palette import SEQUENCE, tones
from icsgraph.visualisations.tables import Tables

RING = "[[[{0},51],[{0},52],[{1},52],[{1},51],[{0},51]]]"
BESIDE = Tables(
    {
        "System": {
            "id": [f"ods:Q{at:02}" for at in range(8)],
            "name": [f"System {at}, with a long name" for at in range(8)],
            "lon": [-4.5 + at for at in range(8)],
            "lat": [51.5] * 8,
            "boundary": [
                f'{{"type":"Polygon","coordinates":{RING.format(-5 + at, -4 + at)}}}'
                for at in range(8)
            ],
        }
    }
)
CHARTS = {"timeline": {}, "acted-on": {}, "years": {}, "systems-matrix": {"of": "innovations"}}


@pytest.fixture(scope="module")
def pages(sample, tmp_path_factory) -> dict[str, Path]:
    """A page of each kind: what was found on tiles, an answer, arcs, charts, nothing."""
    folder = tmp_path_factory.mktemp("geography")
    asked = {"question": "coverage", "column": "findings_from_context"}
    drawn = {
        "answer": chart(sample, "systems-tiles", **asked).html(),
        "arcs": chart(sample, "systems-tiles", flows="innovations", on="2021-12-31").html(),
        "tiles": systems_tiles_page(sample.snapshot),
        "nothing": systems_area_page(sample.snapshot),
        "area": systems_area_page(BESIDE),
        **{name: chart(sample, name, **choices).html() for name, choices in CHARTS.items()},
    }
    return {name: write_page(html, folder / f"{name}.html") for name, html in drawn.items()}


KINDS = ("answer", "arcs", "tiles", "nothing", "area", *CHARTS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_for_nothing_and_complains_of_nothing(visit, pages, kind):
    seen = visit(pages[kind])
    assert seen.requests == [pages[kind].as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, pages, broken_rules, kind, scheme):
    assert broken_rules(visit(pages[kind], color_scheme=scheme)) == []


def test_the_policy_stops_what_should_ever_slip_in(visit, pages):
    seen = visit(pages["tiles"])
    seen.page.evaluate(
        """() => {
            const made = document.createElement("script");
            made.textContent = "window.ran = 1";
            document.body.append(made);
            const image = document.createElement("img");
            image.src = "https://example.org/x.png";
            image.setAttribute("onerror", "window.ran = 2");
            document.body.append(image);
        }"""
    )
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("window.ran") is None
    assert [url for url in seen.sent if not url.startswith("file:")] == []


def test_the_keyboard_reaches_an_area_its_row_and_the_way_back(visit, pages):
    page = visit(pages["tiles"]).page
    names = page.locator(".area").evaluate_all("all => all.map(a => a.getAttribute('aria-label'))")
    assert names == sorted(names) and len(names) == 42
    for _ in range(3):  # the way past the drawing, the drawing itself, its first area
        page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == names[0]
    told = page.locator(".area").first.locator(".said")
    assert told.evaluate("node => getComputedStyle(node).visibility") == "visible"
    page.keyboard.press("Enter")
    row = page.locator("tr:target")
    assert focused.startswith(row.locator("th").inner_text() + ":")
    row.locator("a").press("Enter")
    assert page.evaluate("document.querySelector(':target').getAttribute('aria-label')") == focused


def test_the_table_says_what_the_drawing_says(visit, pages):
    page = visit(pages["tiles"]).page
    drawn = page.locator(".area").evaluate_all("all => all.map(a => a.getAttribute('aria-label'))")
    lines = page.locator("tbody tr").evaluate_all(
        "rows => rows.map(r => `${r.cells[0].innerText}: ${r.cells[2].innerText}; "
        "${r.cells[4].innerText}`)"
    )
    assert sorted(drawn) == sorted(lines)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shades_are_those_of_the_palette_by_day_and_by_night(visit, pages, scheme):
    page = visit(pages["tiles"], color_scheme=scheme).page
    fills = page.locator(".area .shape").evaluate_all(
        "all => all.map(s => getComputedStyle(s).fill)"
    )
    palette = {rgb(tone.of(scheme)) for tone in SEQUENCE}
    plain = {fill for fill in fills if fill.startswith("rgb")}
    assert plain and plain <= palette
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == rgb(tones(scheme)["page"])


def rgb(colour: str) -> str:
    """`#010203` as `rgb(1, 2, 3)`."""
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


@pytest.mark.parametrize("kind", ["tiles", "timeline", "area"])
def test_at_200_percent_the_page_needs_no_scrolling_sideways(visit, pages, kind):
    """A window of 640 pixels is what one of 1,280 shows at 200 %: wide drawings scroll inside."""
    seen = visit(pages[kind], viewport={"width": 640, "height": 480})
    page = seen.page
    assert not seen.scrolls_sideways
    assert page.locator("h1").is_visible()
    assert page.locator(".drawing").evaluate("node => node.scrollWidth > node.clientWidth")


def test_no_word_of_a_tile_leaves_its_tile(visit, pages):
    page = visit(pages["tiles"]).page
    outside = page.locator(".area").evaluate_all(
        """areas => areas.flatMap(area => {
            const box = area.querySelector(".shape").getBoundingClientRect();
            return [...area.querySelectorAll(":scope > text")].filter(word => {
                const own = word.getBoundingClientRect();
                return own.left < box.left || own.right > box.right
                    || own.top < box.top - 1 || own.bottom > box.bottom + 1;
            }).map(word => word.textContent);
        })"""
    )
    assert outside == []
