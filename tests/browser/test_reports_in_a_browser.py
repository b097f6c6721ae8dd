"""A report of each kind and the index of a site: closed, read by keyboard and screen reader, in the
dark, enlarged, and on paper."""

import io

import pytest
from hostile_texts import Hostile
from pypdf import PdfReader

from icsgraph.visualisations.page import write_page
from icsgraph.visualisations.reports import REPORTS, report
from icsgraph.visualisations.site import write_site

NAMES = {"system": "QMF", "topic": "cancer", "innovation": "icsg:innovation/virtual-ward"}
KINDS = (*REPORTS, "index")
A4 = (595, 842)


@pytest.fixture(scope="session")
def report_files(sample, registers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for kind in REPORTS:
        write_page(report(sample.snapshot, kind, NAMES.get(kind, "")), folder / f"{kind}.html")
    write_site(registers, folder / "site")
    files = {kind: folder / f"{kind}.html" for kind in REPORTS}
    return {**files, "index": folder / "site" / "index.html"}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_for_and_nothing_complained_of(visit, report_files, kind):
    seen = visit(report_files[kind])
    assert seen.requests == [report_files[kind].as_uri()]
    assert seen.complaints == []
    assert seen.page.locator("script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(visit, report_files, broken_rules, kind, scheme):
    assert broken_rules(visit(report_files[kind], color_scheme=scheme)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_at_200_percent_scrolls_one_way_only(visit, report_files, broken_rules, kind):
    seen = visit(report_files[kind], viewport={"width": 640, "height": 450})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert seen.page.evaluate(wide) is False
    assert broken_rules(seen) == []


@pytest.mark.parametrize("kind", REPORTS)
def test_hostile_texts_run_nothing_and_are_shown_as_text(sample, visit, tmp_path, kind):
    html = report(Hostile(sample.snapshot), kind, NAMES.get(kind, ""))
    seen = visit(write_page(html, tmp_path / "hostile.html"))
    page = seen.page
    assert page.evaluate("window.ran") is None
    assert seen.complaints == [] and len(seen.requests) == 1
    assert page.locator("script, img, iframe, base, form, details, h1 ~ h1").count() == 0
    schemes = page.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(schemes) <= {"https:", "file:"}
    assert "<img src=x onerror=window.ran=true>" in page.inner_text("body")
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wide) is False


def test_a_walk_by_keyboard_from_a_statement_to_its_source(visit, report_files):
    page = visit(report_files["system"]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    reached = []
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.getAttribute('href')")
        if at is None:
            if page.evaluate("document.activeElement === document.body"):
                break
            continue
        reached.append(at)
    every = page.locator("main a").evaluate_all("l => l.map(a => a.getAttribute('href'))")
    assert reached == every
    first = page.locator(".refs a").first
    first.focus()
    page.keyboard.press("Enter")
    target = page.locator(":target")
    assert target.get_attribute("id") == first.get_attribute("href").removeprefix("#")
    assert target.locator("a[href^=http]").or_(target.locator(".below")).count() > 0


def test_every_link_of_a_site_leads_to_a_page_and_every_page_is_linked(report_files):
    folder = report_files["index"].parent
    from html.parser import HTMLParser

    class Links(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found = set()

        def handle_starttag(self, tag, attributes):
            href = dict(attributes).get("href") or ""
            if tag == "a" and not href.startswith(("#", "http")):
                self.found.add(href)

    linked = set()
    for page in sorted(folder.rglob("*.html")):
        reader = Links()
        reader.feed(page.read_text(encoding="utf-8"))
        for href in reader.found:
            assert (page.parent / href).resolve().is_file(), href
        if page.name == "index.html":
            linked = reader.found
        else:
            assert "../index.html" in reader.found, page.name
    every = {p.relative_to(folder).as_posix() for p in folder.rglob("*.html")}
    assert linked == every - {"index.html"}


@pytest.mark.parametrize("kind", KINDS)
def test_on_paper_it_is_a4_and_no_row_is_cut(visit, report_files, kind):
    page = visit(report_files[kind]).page
    pages = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    sizes = {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pages}
    assert all(abs(w - A4[0]) <= 1 and abs(h - A4[1]) <= 1 for w, h in sizes)
    assert 1 <= len(pages) <= 20
    page.emulate_media(media="print")
    cut = page.locator("tbody tr").evaluate_all(
        "rows => rows.filter(r => getComputedStyle(r).breakInside !== 'avoid').length"
    )
    assert cut == 0
    short = page.locator("table").evaluate_all(
        "all => all.filter(t => t.rows.length <= 11).map(t => getComputedStyle(t).breakInside)"
    )
    assert set(short) <= {"avoid"}
    # in print no table is wider than the paper, so none scrolls or is cut at its side
    page.set_viewport_size({"width": 672, "height": 980})
    wide = page.locator(".scroll").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert wide == 0


def test_each_page_of_a_long_table_repeats_its_heads(visit, report_files):
    page = visit(report_files["programme"]).page
    pages = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    heads = [p.extract_text().count("What it says") for p in pages]
    assert sum(heads) > 1 and max(heads) == 1


def test_a_notebook_frame_shows_a_report_and_a_map(sample, visit, tmp_path):
    shown = [sample.report("system", "Dorset"), sample.map("systems")]
    frames = "".join(one._repr_html_() for one in shown)
    head = '<!doctype html><html lang="en" data-ready><title>Notebook</title>'
    seen = visit(write_page(f"{head}<body>{frames}", tmp_path / "notebook.html"))
    for _ in shown:
        seen.page.wait_for_timeout(100)
    inside = [frame for frame in seen.page.frames if frame != seen.page.main_frame]
    for frame in inside:
        frame.wait_for_selector("html[data-ready]")
    assert inside[0].locator("h1").inner_text() == "Dorset"
    assert inside[1].locator("h1").inner_text() == "What the reviews found, and where"
    assert [line for line in seen.complaints if not line.startswith("warning")] == []
    reach = "() => { try { return String(parent.document.title) } catch { return 'stopped' } }"
    assert [frame.evaluate(reach) for frame in inside] == ["stopped", "stopped"]
