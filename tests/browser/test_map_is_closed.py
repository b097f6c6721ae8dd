"""A map asks nothing of any network and runs nothing but its own script, whatever its data say."""

from itertools import cycle

import polars as pl
import pytest
from hostile_texts import HOSTILE, RUN

from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.systems_map import systems_map

COLUMNS = {
    "System": ["name", "name_before", "region"],
    "Innovation": ["name", "definition"],
    "Barrier": ["name", "definition"],
    "Finding": ["name", "description", "place", "note", "voice", "uptake_stage", "finding_kind"],
    "Concept": ["name"],
    "Source": ["name", "url", "publisher"],
    "Review": ["name", "topic"],
}


class Hostile:
    """A snapshot in which every text that reaches a page is hostile, each row in its own way."""

    def __init__(self, snapshot):
        self.snapshot, self.id, self.manifest = snapshot, HOSTILE[0], {}

    def relationships(self, kind):
        return self.snapshot.relationships(kind)

    def nodes(self, kind):
        frame, texts = self.snapshot.nodes(kind), cycle(HOSTILE)
        return frame.with_columns(
            pl.Series(name, [next(texts) for _ in range(frame.height)], dtype=pl.String)
            for name in COLUMNS.get(kind, [])
        )


@pytest.fixture(scope="module")
def hostile_file(sample, tmp_path_factory):
    html = systems_map(Hostile(sample.snapshot))
    return write_page(html, tmp_path_factory.mktemp("hostile") / "hostile.html")


def test_forty_hostile_texts():
    assert len(HOSTILE) == len(set(HOSTILE)) == 40


def test_nothing_is_asked_for_and_nothing_complained_of(systems, systems_file):
    systems.find("Shared care record")
    systems.page.locator("#table-view").click()
    systems.page.locator("#table-view").click()
    systems.page.locator("#close").click()
    assert systems.requests == [systems_file.as_uri()]
    assert systems.complaints == []


OPEN_EVERYTHING = """() => {
    let opened = 0;
    for (const table of ["cards", "ties", "things", "places"]) {
        document.querySelector(`[data-table=${table}]`).click();
        const rows = document.querySelectorAll("#rows tbody tr").length;
        for (let row = 0; row < rows; row += 1, opened += 1) {
            document.querySelectorAll("#rows tbody th button")[row].click();
        }
    }
    return opened;
}"""


def test_hostile_texts_run_nothing_and_are_shown_as_text(visit, hostile_file):
    seen = visit(hostile_file)
    page = seen.page
    page.locator("#table-view").click()
    opened = page.evaluate(OPEN_EVERYTHING)
    assert opened > 300
    page.locator("#table-view").click()
    for option in page.locator("#filter-region option").all()[1:3]:
        page.locator("#filter-region").select_option(option.get_attribute("value"))
    assert page.evaluate("window.ran") is None
    assert seen.complaints == []
    assert page.locator("img, iframe, base, form[action], details:not(.menu), h1 ~ h1").count() == 0
    assert page.locator("h2", has_text="${window.ran=true}").count() <= 1


def test_hostile_text_reads_as_it_was_written(visit, hostile_file):
    page = visit(hostile_file).page
    page.locator("#search").fill("img src")
    shown = page.locator("#results .result-name").all_text_contents()
    assert f"<img src=x onerror={RUN}>" in shown


def test_only_web_addresses_become_links(visit, hostile_file):
    page = visit(hostile_file).page
    page.locator("#table-view").click()
    addresses = page.locator("#rows a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(addresses) == {"https:"}
    assert page.locator("#rows").inner_text().count(f"(javascript:{RUN})") > 0


@pytest.mark.parametrize(
    "attempt",
    [
        f"document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"{RUN}\">')",
        "document.body.insertAdjacentHTML('beforeend', "
        f"'<a id=bad href=\"javascript:{RUN}\">x</a>');document.getElementById('bad').click()",
        "document.body.append(Object.assign(document.createElement('script'),"
        f"{{textContent: '{RUN}'}}))",
        "document.body.append(Object.assign(document.createElement('script'),"
        "{src: 'https://example.org/a.js'}))",
        "fetch('https://example.org').catch(() => 0)",
        "new Image().src = 'https://example.org/beacon.png'",
        "document.body.insertAdjacentHTML('beforeend', '<p id=styled style=\"color:red\">x</p>')",
    ],
    ids=["event", "link", "script", "loaded-script", "fetch", "picture", "style"],
)
def test_the_policy_stops_what_should_ever_slip_in(systems, attempt):
    systems.page.evaluate(f"() => {{ {attempt} }}")
    systems.page.wait_for_timeout(100)
    assert systems.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in systems.complaints)
    assert [url for url in systems.sent if not url.startswith("file:")] == []
