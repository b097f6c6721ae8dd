"""Each kind of map looks as it did: marks, lines and where words stand, against stored pictures.

No font is compared, since every machine has its own: each word is measured as if all letters were
equally wide and drawn as a bar. Pictures are kept at half their size. A change that is meant is
written down by ICSGRAPH_WRITE_PICTURES=1; look at the new pictures before they are committed.
"""

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest

from icsgraph.visualisations.chart_page import page_of
from icsgraph.visualisations.geography_map import shaded
from icsgraph.visualisations.geography_page import systems_tiles_page
from icsgraph.visualisations.geography_values import found_values
from icsgraph.visualisations.national_map import national_map
from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.palette import tones
from icsgraph.visualisations.tables import Tables

PICTURES = Path(__file__).with_name("pictures")
WRITE = os.environ.get("ICSGRAPH_WRITE_PICTURES") == "1"
WIDTH, HEIGHT = 880, 640
FAR, MOST = 40, 0.0025
"""A pixel differs if one of its colours does by more than 40 of 255; at most 0.25 % may."""

ON_THE_SHELL = (
    "systems",
    "system",
    "innovation",
    "topic",
    "around",
    "question",
    "flows",
    "england",
)
KINDS = (*ON_THE_SHELL, "systems-area", "systems-tiles")
CASES = [*((kind, "light") for kind in KINDS), ("systems", "dark"), ("england", "dark")]

WORDS_AS_BARS = """
    const draw = CanvasRenderingContext2D.prototype;
    const high = context => parseFloat(context.font.match(/([\\d.]+)px/)[1]);
    const wide = (context, text) => 0.55 * high(context) * Array.from(text).length;
    draw.measureText = function (text) { return { width: wide(this, text) }; };
    draw.strokeText = () => {};
    draw.fillText = function (text, x, y) {
        const [width, height] = [wide(this, text), high(this)];
        const left = { left: x, start: x, right: x - width, end: x - width, center: x - width / 2 };
        const top = this.textBaseline === "middle" ? y - height / 4 : y - height / 2;
        this.fillRect(left[this.textAlign], top, width, height / 2);
    };
"""
ALONE = """([selector, width, height]) => {
    for (const words of document.querySelectorAll(".drawing text, .zoom, .empty")) {
        words.style.visibility = "hidden";
    }
    const svg = document.querySelector(".drawing svg");
    if (svg) Object.assign(svg.style, { width: "100%", height: "100%" });
    const shown = document.querySelector(selector);
    Object.assign(shown.style, {
        position: "fixed", left: 0, top: 0, width: `${width}px`, height: `${height}px`,
        zIndex: 99, background: getComputedStyle(document.body).backgroundColor,
    });
}"""
HALVED = """async picture => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width / 2, image.height / 2);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    // fewer shades make a smaller file, and are far nearer to one another than what differs
    pixels.data.forEach((value, at) => { if (at % 4 < 3) pixels.data[at] = value & 0xf0; });
    context.putImageData(pixels, 0, 0);
    const blob = await canvas.convertToBlob();
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
}"""
SHARE = """async ([one, other, far]) => {
    const pixels = async picture => {
        const image = new Image();
        image.src = `data:image/png;base64,${picture}`;
        await image.decode();
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height);
    };
    const [a, b] = [await pixels(one), await pixels(other)];
    if (a.width !== b.width || a.height !== b.height) return 1;
    let differ = 0;
    for (let at = 0; at < a.data.length; at += 4) {
        const gaps = [0, 1, 2].map(c => Math.abs(a.data[at + c] - b.data[at + c]));
        if (Math.max(...gaps) > far) differ += 1;
    }
    return (4 * differ) / a.data.length;
}"""

RING = "[[[{0},{2}],[{0},{3}],[{1},{3}],[{1},{2}],[{0},{2}]]]"
COUNTIES = Tables(
    {
        "System": {
            "id": [f"ods:Q{at:02}" for at in range(9)],
            "name": [f"System {at}" for at in range(9)],
            "lon": [-4.5 + at % 3 for at in range(9)],
            "lat": [51.5 + at // 3 for at in range(9)],
            "boundary": [
                '{"type":"Polygon","coordinates":'
                + RING.format(-5 + at % 3, -4 + at % 3, 51 + at // 3, 52 + at // 3)
                + "}"
                for at in range(9)
            ],
        }
    }
)


@pytest.fixture(scope="module")
def drawn(sample, systems_file, map_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    known = found_values(COUNTIES, "")
    numbers = {i: float(at) if at else None for at, i in enumerate(known.systems)}
    pages = {
        "systems-area": page_of(shaded(replace(known, numbers=numbers), "systems-area")),
        "systems-tiles": systems_tiles_page(sample.snapshot),
    }
    files = {name: write_page(html, folder / f"{name}.html") for name, html in pages.items()}
    return {**map_files, **files, "systems": systems_file}


@pytest.fixture(scope="module")
def england_drawn(sample, viewer, tmp_path_factory):
    file = tmp_path_factory.mktemp("england") / "england.html"
    return write_page(national_map(sample.snapshot), file)


@pytest.fixture
def picture(request, visit, drawn):
    """The drawing of a page alone, at half its size, as PNG in base64."""

    def taken(kind: str, scheme: str, file: Path | None = None) -> str:
        known = request.getfixturevalue("england_drawn") if kind == "england" else drawn[kind]
        seen = visit(file or known, first_run=WORDS_AS_BARS, color_scheme=scheme)
        selector = "#map-area" if kind in ON_THE_SHELL else ".drawing"
        seen.page.evaluate(ALONE, [selector, WIDTH, HEIGHT])
        seen.page.wait_for_timeout(300)
        if kind in ON_THE_SHELL:
            seen.page.evaluate("document.getElementById('zoom-all').click()")
            seen.page.wait_for_timeout(300)
        shot = seen.page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})
        blank = seen.page.context.new_page()
        halved: str = blank.evaluate(HALVED, base64.b64encode(shot).decode())
        return halved

    return taken


@pytest.fixture
def share(browser):
    """The share of pixels in which two pictures differ."""
    page = browser.new_page()
    yield lambda one, other: page.evaluate(SHARE, [one, other, FAR])
    page.close()


def stored(kind: str, scheme: str) -> Path:
    return PICTURES / f"{kind}-{scheme}.png"


@pytest.mark.parametrize(("kind", "scheme"), CASES)
def test_a_map_looks_as_it_did(picture, share, tmp_path, kind, scheme):
    now = picture(kind, scheme)
    target = stored(kind, scheme) if WRITE else tmp_path / "now.png"
    target.write_bytes(base64.b64decode(now))
    before = base64.b64encode(stored(kind, scheme).read_bytes()).decode()
    assert share(before, now) <= MOST, f"compare {stored(kind, scheme)} with {target}"


@pytest.mark.parametrize("tone", ["system", "innovation", "barrier"])
def test_a_mark_of_another_colour_is_another_picture(picture, share, drawn, tmp_path, tone):
    page = drawn["systems"].read_text(encoding="utf-8")
    head, data = page.split('id="data">')
    colour = tones("light")[tone]
    assert f'"{colour}"' in data
    other = write_page(
        f'{head}id="data">{data.replace(colour, "#00a000")}', tmp_path / "other.html"
    )
    before = base64.b64encode(stored("systems", "light").read_bytes()).decode()
    assert share(before, picture("systems", "light", other)) > 2 * MOST


def test_a_map_that_is_moved_is_another_picture(picture, share):
    assert share(picture("topic", "light"), picture("systems", "light")) > 10 * MOST
