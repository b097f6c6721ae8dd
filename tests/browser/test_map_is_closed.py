"""A map asks nothing of any network and runs nothing but its own script, whatever its data say."""

import pytest
from hostile_texts import HOSTILE, RUN, Hostile

from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.systems_map import systems_map


@pytest.fixture(scope="module")
def hostile_file(sample, tmp_path_factory):
    html = systems_map(Hostile(sample.snapshot))
    return write_page(html, tmp_path_factory.mktemp("hostile") / "hostile.html")


def test_eighty_hostile_texts():
    assert len(HOSTILE) == len(set(HOSTILE)) == 80


def test_nothing_is_asked_for_and_nothing_complained_of(systems, systems_file):
    systems.find("Shared care record")
    systems.page.locator("#table-view").click()
    systems.page.locator("#table-view").click()
    systems.page.locator("#close").click()
    assert systems.requests == [systems_file.as_uri()]
    assert systems.complaints == []


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
