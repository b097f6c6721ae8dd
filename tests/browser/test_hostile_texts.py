"""Whatever words a source writes, in whatever field of whatever map: nothing runs, nothing is asked
for, nothing is complained of, and it reads as it was written."""

import pytest
from hostile_texts import EVERYTHING, HOSTILE, RUN, Hostile

from icsgraph.queries.answer import Answer
from icsgraph.visualisations.maps import MAPS
from icsgraph.visualisations.page import write_page
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

OPEN_EVERYTHING = """() => {
    let opened = 0;
    for (const table of document.querySelectorAll("[data-table]")) {
        table.click();
        const rows = document.querySelectorAll("#rows tbody tr").length;
        for (let row = 0; row < rows; row += 1, opened += 1) {
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
        asked = dict(zip(texts, texts, strict=True))
        answer = Answer(rows, question=question.name, parameters=asked, caveats=texts)
        return MAPS[kind].draw(snapshot, answer, question=question)
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
    assert page.evaluate(OPEN_EVERYTHING) > 5
    links = page.locator("#panel a, #rows a").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) <= {"http:", "https:"}
    page.locator("#table-view").click()
    for name in ("#save-svg", "#save-png", "#save-csv"):
        page.locator("#take").evaluate("menu => { menu.open = true; }")
        with page.expect_download():
            page.locator(name).click()
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
