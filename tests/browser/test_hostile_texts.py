"""Whatever words a source writes, in whatever field of whatever page: nothing runs, nothing is
asked for, nothing is complained of, and it reads as it was written."""

import csv
import re
from xml.etree import ElementTree

import pytest
from hostile_texts import EVERYTHING, HOSTILE, RUN, SURROGATES, Hostile, HostileIds

from icsgraph.queries.answer import Answer
from icsgraph.session import Graph
from icsgraph.visualisations.charts import CHARTS
from icsgraph.visualisations.maps import MAPS
from icsgraph.visualisations.notebook import Shown
from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.site import write_site
from icsgraph.visualisations.tables import Tables

OF = {
    "system": "ods:Q9X",
    "innovation": "icsg:innovation/shared-record",
    "topic": "cancer",
    "around": "icsg:innovation/virtual-ward",
}
OF_REGISTERS = ("system", "flows", "england")
ON_A_PAGE = ("systems-area", "systems-tiles")
RING = "[[[-3,51],[-3,52.5],[-1,52.5],[-1,51],[-3,51]]]"

OPEN_EVERYTHING = """(most) => {
    let opened = 0;
    for (const table of document.querySelectorAll("[data-table]")) {
        table.click();
        const rows = document.querySelectorAll("#rows tbody tr").length;
        const step = Math.max(1, Math.ceil(rows / most));
        for (let row = 0; row < rows; row += step, opened += 1) {
            document.querySelectorAll("#rows tbody th button")[row].click();
        }
    }
    return opened;
}"""
STRANGERS = (
    "main img, main iframe, main script, main style, main link, main meta, base, form[action], "
    "object, embed, math, h1 ~ h1, body ~ *, details:not(.menu), #detail svg"
)


def drawn(kind, graphs, texts) -> str:
    """The page of a kind of map, of the graph that has such things, with every text hostile."""
    of_registers = graphs["registers"] if kind in OF_REGISTERS else graphs["sample"]
    graph = graphs["spread"] if kind == "innovation" else of_registers
    snapshot = Hostile(graph.snapshot, texts)
    if kind == "question":
        question = graph.questions["system-2022-to-2026"]
        rows = snapshot.hostile(graph.ask(question.name))
        said = [*texts, SURROGATES]
        asked = dict(zip(said, said, strict=True))
        answer = Answer(rows, question=question.name, parameters=asked, caveats=said)
        own = question.model_copy(update={"name": texts[0], "question": EVERYTHING})
        return MAPS[kind].draw(snapshot, answer, question=own)
    return MAPS[kind].draw(snapshot, *([OF[kind]] if kind in OF else []))


@pytest.fixture
def graphs(sample, registers, spread):
    return {"sample": sample, "registers": registers, "spread": spread}


@pytest.mark.parametrize("texts", [HOSTILE, [EVERYTHING]], ids=["each", "all-at-once"])
@pytest.mark.parametrize("kind", [kind for kind in MAPS if kind not in ON_A_PAGE])
def test_hostile_texts_run_nothing(request, visit, graphs, tmp_path, kind, texts):
    if kind == "england":
        request.getfixturevalue("viewer")
    file = write_page(drawn(kind, graphs, texts), tmp_path / "hostile.html")
    seen = visit(file)
    page = seen.page
    page.locator("#table-view").click()
    most = 1000 if len(texts) > 1 else 20  # rows of one text are all alike
    assert page.evaluate(OPEN_EVERYTHING, most) > 5
    links = page.locator("#panel a, #rows a").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) <= {"http:", "https:"}
    page.locator("#table-view").click()
    for name in ("#save-svg", "#save-png", "#save-csv"):
        page.locator("#take").evaluate("menu => { menu.open = true; }")
        with page.expect_download() as taken:
            page.locator(name).click()
        taken.value.save_as(tmp_path / name)
    assert ElementTree.parse(tmp_path / "#save-svg").getroot().tag.endswith("svg")
    with (tmp_path / "#save-csv").open(encoding="utf-8-sig", newline="") as file_of_rows:
        cells = [cell for row in csv.reader(file_of_rows) for cell in row]
    assert [cell for cell in cells if re.match("[=+@\t\r-]", cell)] == []
    for select in page.locator("#filters > .filter select").all():
        select.select_option(index=1)
    nothing_happened(seen, file)


def nothing_happened(seen, file):
    assert seen.page.evaluate("window.ran") is None
    assert seen.complaints == []
    own = (file.as_uri(), "blob:", "data:")
    assert [url for url in seen.requests if not url.startswith(own)] == []
    assert seen.page.locator(STRANGERS).count() == 0


@pytest.mark.parametrize("texts", [HOSTILE, [EVERYTHING]], ids=["each", "all-at-once"])
@pytest.mark.parametrize("kind", ON_A_PAGE)
def test_hostile_names_and_ids_of_systems_run_nothing(visit, tmp_path, kind, texts):
    names = list(texts)
    columns = {
        "id": [f"ods:{text}" for text in names],
        "name": names,
        "region": names[1:] + names[:1],
        "name_before": names[2:] + names[:2],
        "lon": [-5.0 + at / 6 for at in range(len(names))],
        "lat": [50.0 + at / 9 for at in range(len(names))],
        "boundary": [f'{{"type":"Polygon","coordinates":{RING}}}'] * len(names),
    }
    facts = [dict.fromkeys(("id", "title", "publisher", "url", "licence"), text) for text in texts]
    bad = Tables({"System": columns}, id=names[0], manifest={"sources": facts})
    file = write_page(MAPS[kind].draw(bad), tmp_path / "hostile.html")
    seen = visit(file)
    for area in seen.page.locator(".area").all():
        area.focus()
    assert seen.page.locator("tbody tr").count() == len(names)
    nothing_happened(seen, file)


ENDINGS = (f"#%20?&\"'/../<script>{RUN}</script>", f"\u2028`${{{RUN}}}`{{{{7*7}}}}</script >")


@pytest.mark.parametrize("ending", ENDINGS, ids=["address", "script"])
@pytest.mark.parametrize("kind", [*OF, "systems", "flows", "england"])
def test_hostile_ids_run_nothing_and_are_found_again(
    request, visit, graphs, tmp_path, kind, ending
):
    if kind == "england":
        request.getfixturevalue("viewer")
    of_registers = graphs["registers"] if kind in OF_REGISTERS else graphs["sample"]
    graph = graphs["spread"] if kind == "innovation" else of_registers
    what = [OF[kind] + (ending if kind != "topic" else "")] if kind in OF else []
    html = MAPS[kind].draw(HostileIds(graph.snapshot, ending), *what)
    file = write_page(html, tmp_path / "hostile.html")
    seen = visit(file)
    page = seen.page
    page.locator("#table-view").click()
    assert page.evaluate(OPEN_EVERYTHING, 1000) > 5
    chosen = page.locator("#detail").inner_text()
    nothing_happened(seen, file)
    again = visit(file)
    again.page.evaluate("hash => { location.hash = hash; }", page.evaluate("location.hash"))
    again.page.wait_for_timeout(60)
    assert again.page.locator("#detail").inner_text() == chosen
    nothing_happened(again, file)


TOLD = {"innovation": "icsg:innovation/virtual-ward"}


@pytest.mark.parametrize("name", CHARTS)
def test_hostile_texts_on_a_chart_as_a_page_run_nothing(visit, graphs, tmp_path, name):
    of_one = TOLD if name in ("adoption-curve", "hazard") else {}
    drawn = Graph(Hostile(graphs["sample"].snapshot)).chart(name, **of_one)
    ElementTree.fromstring(drawn.svg())
    file = write_page(drawn.html(), tmp_path / "hostile.html")
    nothing_happened(visit(file), file)


def test_hostile_texts_in_a_site_run_nothing_and_name_no_file_elsewhere(visit, registers, tmp_path):
    site = tmp_path / "one" / "site"
    names = write_site(Graph(Hostile(registers.snapshot)), site)
    written = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert written == {f"one/site/{name}" for name in [*names, "icsgraph-site.json"]}
    assert [name for name in names if not re.fullmatch(r"[a-z]+/?[a-z0-9-]*\.html", name)] == []
    for name in names:
        seen = visit(site / name)
        nothing_happened(seen, site / name)
        seen.page.context.close()


def test_hostile_texts_in_the_frame_of_a_notebook_run_nothing(visit, graphs, tmp_path):
    snapshot = Hostile(graphs["sample"].snapshot)
    frame = Shown(f'"><script>{RUN}</script>', MAPS["systems"].draw(snapshot))._repr_html_()
    page = f'<!doctype html><html lang="en" data-ready><title>Notebook</title><body>{frame}'
    file = write_page(page, tmp_path / "notebook.html")
    seen = visit(file)
    inside = next(one for one in seen.page.frames if one != seen.page.main_frame)
    inside.wait_for_selector("html[data-ready]")
    assert inside.evaluate("window.ran") is None and seen.page.evaluate("window.ran") is None
    own = (file.as_uri(), "about:srcdoc", "blob:", "data:")
    assert [url for url in seen.requests if not url.startswith(own)] == []
    assert [line for line in seen.complaints if not line.startswith("warning")] == []


LONG = "Partnership " * 180
RIGHT_TO_LEFT = "شبكة سلامة المرضى في الشمال " * 80
EMOJI = "👩‍⚕️🏥 " * 300
NAMES = [LONG.strip(), RIGHT_TO_LEFT.strip(), EMOJI.strip()]

KEEP_WORDS = """
    window.words = new Map();
    const draw = CanvasRenderingContext2D.prototype, write = draw.fillText;
    draw.fillText = function (text, x, y) {
        window.words.set(text, this.measureText(text).width);
        return write.call(this, text, x, y);
    };
"""


@pytest.mark.parametrize("kind", [kind for kind in MAPS if kind not in ON_A_PAGE])
def test_names_of_2000_characters_are_cut_in_the_picture_and_whole_in_the_panel(
    request, visit, graphs, tmp_path, kind
):
    if kind == "england":
        request.getfixturevalue("viewer")
    file = write_page(drawn(kind, graphs, NAMES), tmp_path / "long.html")
    seen = visit(file, first_run=KEEP_WORDS)
    page = seen.page
    page.wait_for_timeout(300)
    words = dict(page.evaluate("[...window.words]"))
    assert any(text.endswith("…") for text in words)
    widest = max(words.values())
    assert widest < 320
    assert not seen.scrolls_sideways
    page.locator("#table-view").click()
    cells = page.locator("#rows tbody th").all_text_contents()
    page.locator("#rows tbody th button").first.click()
    told = page.locator("#detail").text_content()
    assert any(name in text for name in NAMES for text in cells)
    assert any(name in told for name in NAMES)
    nothing_happened(seen, file)


def test_a_long_name_stays_in_its_tile_and_is_whole_in_the_table(visit, graphs, tmp_path):
    html = MAPS["systems-tiles"].draw(Hostile(graphs["sample"].snapshot, NAMES))
    page = visit(write_page(html, tmp_path / "long.html")).page
    outside = page.locator(".area").evaluate_all(
        """areas => areas.flatMap(area => {
            const box = area.querySelector(".shape").getBoundingClientRect();
            return [...area.querySelectorAll(":scope > text")].filter(word => {
                const own = word.getBoundingClientRect();
                return own.left < box.left || own.right > box.right;
            }).map(word => word.textContent);
        })"""
    )
    assert outside == []
    assert set(NAMES) <= set(page.locator("tbody th").all_text_contents())


@pytest.mark.parametrize("kind", ["around", "england"])
def test_a_hostile_address_of_a_view_runs_nothing(request, visit, map_files, kind):
    file = request.getfixturevalue("england_file") if kind == "england" else map_files[kind]
    seen = visit(file)
    for text in HOSTILE:
        seen.page.evaluate(
            "text => { location.hash = new URLSearchParams({"
            "'filter.relation': text, 'filter.region': text, date: text, chosen: `item:${text}`,"
            "to: text, open: text, camera: text, table: text, [text]: text,"
            "'filter.__proto__': text }).toString(); }",
            text,
        )
        seen.page.wait_for_timeout(60)
        assert seen.page.locator("#overview").is_visible()
        assert RUN not in seen.page.locator("main").inner_text()
    nothing_happened(seen, file)
