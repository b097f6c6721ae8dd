"""The map can be used without a mouse, without sight, in the dark, enlarged, and on paper."""

from itertools import combinations

import pytest

from icsgraph.visualisations.palette import SURFACES, contrast, tones


def chosen(seen):
    seen.find("Shared care record")


def tables(seen):
    seen.page.locator("#filter-topic").select_option("Cancer care")
    seen.page.locator("#table-view").click()


def results(seen):
    seen.page.locator("#search").press_sequentially("care")


def filtered(seen):
    seen.page.locator("#filter-topic").select_option("Cancer care")
    seen.page.locator("#date").fill("4")


IN_LIGHT = [("light", act) for act in (None, chosen, tables, results, filtered)]


@pytest.mark.parametrize(("scheme", "act"), [*IN_LIGHT, ("dark", chosen), ("dark", tables)])
def test_axe_finds_nothing(visit, systems_file, broken_rules, scheme, act):
    seen = visit(systems_file, color_scheme=scheme)
    if act:
        act(seen)
    assert broken_rules(seen) == []


def test_axe_finds_nothing_at_200_percent(visit, systems_file, broken_rules):
    assert broken_rules(visit(systems_file, viewport={"width": 720, "height": 450})) == []


def test_a_page_at_200_percent_scrolls_one_way_only(visit, systems_file):
    assert not visit(systems_file, viewport={"width": 720, "height": 450}).scrolls_sideways


def test_a_walk_by_keyboard(systems):
    """Search, filter, open from the map, read its sources, close, and be where one was."""
    page = systems.page
    active = "document.activeElement.id"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the map"
    page.keyboard.press("Enter")
    assert page.evaluate(active) == "stage-focus"
    page.keyboard.press("ArrowDown")
    assert "Home chemotherapy" in page.locator("#status").inner_text()
    page.keyboard.press("Enter")
    assert page.locator("#chosen").inner_text() == "Home chemotherapy"
    assert page.evaluate(active) == "chosen"
    systems.read_a_source_and_close(30)


def test_arrows_go_from_list_to_list_and_stop_at_the_ends(systems):
    page = systems.page
    page.locator("#stage-focus").focus()
    said = page.locator("#status")
    assert "Oximetry at home" in said.inner_text()
    page.keyboard.press("ArrowUp")
    assert "Oximetry at home" in said.inner_text()
    page.keyboard.press("ArrowLeft")
    assert "Integrated care system" in said.inner_text()
    page.keyboard.press("ArrowLeft")
    assert "Barrier or challenge" in said.inner_text()
    page.keyboard.press("ArrowLeft")
    assert "Barrier or challenge" in said.inner_text()


def test_a_filter_and_the_slider_by_keyboard_say_what_remains(systems):
    page = systems.page
    page.locator("#filter-topic").focus()
    page.keyboard.press("ArrowDown")
    assert "of 231 findings shown" in page.locator("#status").inner_text()
    page.locator("#date").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#date").get_attribute("aria-valuetext").startswith("By ")


def test_every_stop_of_the_tab_key_has_a_name_and_can_be_seen(systems):
    page = systems.page
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate("""() => {
            const at = document.activeElement, style = getComputedStyle(at);
            const label = at.labels && at.labels[0] && at.labels[0].textContent;
            const name = at.getAttribute("aria-label") || label || at.textContent.trim();
            const seen = style.outlineStyle !== "none";
            return at === document.body ? null : [at.id || name, Boolean(name), seen];
        }""")
        if stop is None:
            break
        stops.append(stop)
    assert {"stage-focus", "search", "date", "play", "panel"} <= {stop[0] for stop in stops}
    assert [name for name, named, seen in stops if not (named and seen)] == []


def test_controls_are_large_enough_to_touch(visit, systems_file):
    seen = visit(systems_file)
    seen.find("Shared care record")
    small = (
        "nodes => nodes.filter(n => n.offsetParent && n.offsetHeight < 44).map(n => n.outerHTML)"
    )
    assert seen.page.locator("button, select, input").evaluate_all(small) == []
    seen.page.locator("#table-view").click()
    assert seen.page.locator("button, select, input").evaluate_all(small) == []


MARKS = {
    "Dorset": "system-possible",  # all that was found there is without a date
    "Norfolk and Waveney": "system",
    "Oximetry at home": "innovation",
    "Delayed discharge": "barrier",
}
PIXEL = """([x, y]) => {
    const canvas = document.querySelector("#stage canvas");
    const box = canvas.getBoundingClientRect(), at = canvas.width / box.width;
    const spot = [(x - box.left) * at, (y - box.top) * at, 1, 1];
    const [r, g, b] = canvas.getContext("2d").getImageData(...spot).data;
    return `rgb(${r}, ${g}, ${b})`;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mark_has_the_colour_that_the_key_says(visit, systems_file, scheme):
    seen = visit(systems_file, color_scheme=scheme)
    for name, kind in MARKS.items():
        drawn = seen.page.evaluate(PIXEL, seen.point(name))
        look = "fill-possible" if kind.endswith("possible") else f"fill-{kind}"
        swatch = seen.page.locator(f".legend .{look}").first
        key = swatch.evaluate("node => getComputedStyle(node).fill")
        assert as_hex(drawn) == tones(scheme)[kind] == as_hex(key)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bars_of_what_is_possible_stand_out_from_the_page(visit, systems_file, scheme):
    page = visit(systems_file, color_scheme=scheme).page
    looks = page.evaluate("""() => [".bar.possible", ".legend .fill-bar-possible"].map((one) => {
        const look = getComputedStyle(document.querySelector(one));
        return one.startsWith(".bar") ? look.borderTopColor : look.stroke;
    })""")
    for look in looks:
        assert contrast(as_hex(look), SURFACES["page"].of(scheme)) >= 3


def as_hex(colour: str) -> str:
    """`rgb(1, 2, 3)` as `#010203`."""
    return "#" + "".join(f"{int(v):02x}" for v in colour.strip("rgb()").split(","))


def test_paper_shows_the_map_in_light_colours_and_no_controls(visit, systems_file):
    page = visit(systems_file, color_scheme="dark").page
    page.locator("#filter-topic").select_option("Cancer care")
    page.locator("#date").fill("4")
    page.emulate_media(media="print")
    assert page.locator("#asked").inner_text() == "Only: Cancer care; observed by 31 December 2020"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("#filters").is_hidden()
    assert page.locator("#overview").is_visible()


def test_the_map_is_there_within_two_seconds(systems):
    ready = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    assert systems.page.evaluate(ready) < 2000


# Keeps every word that was drawn since the canvas was last cleared, as a box.
RECORD_WORDS = """
    window.words = [];
    const draw = CanvasRenderingContext2D.prototype, write = draw.fillText, clear = draw.clearRect;
    draw.clearRect = function (...box) { window.words = []; return clear.apply(this, box); };
    draw.fillText = function (text, x, y) {
        const width = this.measureText(text).width;
        const height = parseFloat(this.font.match(/\\d+px/)[0]);
        const left = { left: x, right: x - width, center: x - width / 2 }[this.textAlign];
        const top = y - height / 2;
        window.words.push({ text, left, right: left + width, top, bottom: top + height });
        return write.call(this, text, x, y);
    };
"""


def on_one_another(words: list[dict]) -> list[tuple[str, str]]:
    """Pairs of words whose boxes share some ground."""
    return [
        (a["text"], b["text"])
        for a, b in combinations(words, 2)
        if a["left"] < b["right"]
        and b["left"] < a["right"]
        and a["top"] < b["bottom"]
        and b["top"] < a["bottom"]
    ]


@pytest.mark.parametrize("found", ["", "Oximetry at home", "Delayed discharge", "Frimley"])
def test_no_word_lies_on_another(visit, systems_file, found):
    seen = visit(systems_file, first_run=RECORD_WORDS)
    if found:
        seen.find(found)
    seen.page.wait_for_timeout(200)  # the next frame
    words = seen.page.evaluate("window.words")
    assert len(words) > 130
    assert on_one_another(words) == []
