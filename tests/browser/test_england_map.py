"""The national map in use: groups open, what is chosen is told with its sources, filters and the
slider say what remains, a link reopens a view. On the small made-up registers."""

import csv

import pytest

from icsgraph.visualisations.national_data import national

OPENED = "document.getElementById('stage').icsgraphMap.openIds()"
WHERE = "id => document.getElementById('stage').icsgraphMap.pointOf(id)"


@pytest.fixture(scope="module")
def told(registers):
    return national(registers.snapshot, "2026-06-01")


@pytest.fixture
def england_page(visit, england_file):
    return visit(england_file)


GROUPS = """async () => {
    const text = document.getElementById("columns").textContent;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { groups } = JSON.parse(await new Response(stream).text());
    return groups.id.map((_, at) => ({ name: groups.name[at], level: groups.level[at],
        also: groups.also[at] }));
}"""


def at(seen, identity):
    """Where an item lies on the screen."""
    box, point = seen.page.locator("#stage").bounding_box(), seen.page.evaluate(WHERE, identity)
    return box["x"] + point["x"], box["y"] + point["y"]


def text(seen, place):
    return seen.page.locator(place).inner_text()


# ---- closed -------------------------------------------------------------------------------------


def test_nothing_is_asked_for_and_nothing_complained_of(england_page, england_file):
    england_page.find("Barsetshire Hospitals")
    for button in ("#table-view", "#table-view", "#close", "#zoom-in", "#zoom-all"):
        england_page.page.locator(button).click()
    asked = [url for url in england_page.requests if not url.startswith("blob:")]
    assert asked == [england_file.as_uri()]
    assert england_page.complaints == []


# ---- groups and the panel -----------------------------------------------------------------------


def test_search_by_name_code_or_former_name_jumps_and_opens(england_page):
    for asked in ("Barsetshire Hospitals", "R9X", "BARSETSHIRE HOSPITALS NHS TRUST"):
        england_page.page.locator("#zoom-all").click()
        england_page.find(asked)
        assert text(england_page, "#chosen") == "Barsetshire Hospitals NHS Trust"
        assert "ods:R9X" in england_page.drawn


def test_search_finds_a_region_by_its_code_and_a_system_by_any(england_page):
    groups = england_page.page.evaluate(GROUPS)
    region = next(g for g in groups if g["level"] == 0 and g["also"])
    system = next(g for g in groups if g["level"] == 1 and len(g["also"]) > 1)
    for group in (region, system):
        for known in group["also"]:
            england_page.page.locator("#search").fill(
                known.removeprefix("ods:").removeprefix("ons:")
            )
            found = england_page.page.locator("#results .result-name").all_inner_texts()
            assert group["name"] in found
    england_page.find(region["also"][0].partition(":")[2])
    assert text(england_page, "#chosen") == region["name"]
    assert f"ODS {region['also'][0].partition(':')[2]}" in text(england_page, "#detail")


def test_a_click_on_a_group_opens_it(england_page, visit, england_file):
    seen = visit(england_file, viewport={"width": 1100, "height": 720})
    page = seen.page
    page.locator("#zoom-out").click()
    page.locator("#zoom-out").click()
    closed = "ods:Q9X"
    assert closed in seen.drawn
    page.mouse.click(*at(seen, closed))
    assert text(seen, "#chosen") == "Barsetshire"
    assert closed in page.evaluate(OPENED)
    assert closed not in seen.drawn


def test_coming_nearer_opens_and_going_away_closes(england_page):
    page = england_page.page
    england_page.find("Barsetshire Hospitals")
    near = len(england_page.drawn)
    for _ in range(8):
        page.locator("#zoom-out").click()
    far = len(england_page.drawn)
    assert far < near
    assert page.evaluate(OPENED) == []


def test_the_panel_tells_names_codes_dates_ratings_and_each_source(england_page):
    england_page.find("Barsetshire Hospitals")
    panel = text(england_page, "#detail")
    for words in (
        "NHS trust · Barsetshire · Barsetshire · North West",
        "Codes: ODS R9X, CQC R9X.",
        "Also called: BARSETSHIRE HOSPITALS NHS TRUST.",
        "Known dates: from 1 April 2001, still so on 31 January 2026.",
        "Barchester Infirmary",
        "treats residents of NHS Barsetshire CCG",
        "from 1 January 2026, until 31 January 2026 · 50 pathways begun",
        "Made-up pathways of January 2026",
        "NHS England · as of 2026-01 · MIT",
        "From a register",
    ):
        assert words in panel


def test_a_rating_stands_beside_its_location_with_its_day(england_page, told):
    site = told.sites.drop_nulls("rating").row(0, named=True)
    owner = told.bodies.filter(id=site["owner"])["name"][0]
    england_page.find(owner)
    assert f"{site['name']}" in text(england_page, "#detail")
    assert f"{site['rating']}, " in text(england_page, "#detail")


def test_a_group_tells_what_is_in_it_and_what_it_is_tied_to(england_page, told):
    england_page.page.locator("#table-view").click()
    england_page.page.locator("[data-table=groups]").click()
    england_page.page.locator("#rows th button", has_text="North West").click()
    region = next(group for group in told.groups if group.name == "North West")
    panel = text(england_page, "#detail")
    assert f"{region.last - region.first} organisations." in panel
    assert "Kinds of organisation" in panel and "Systems (1)" in panel


def test_a_line_tells_each_tie_that_it_gathers(england_page, told):
    ends = {"ods:R9X", "ods:99X"}
    stated = [
        row for row in told.ties.iter_rows(named=True) if {row["subject"], row["object"]} == ends
    ]
    england_page.page.evaluate("location.hash = 'chosen=tie:ods:R9X~ods:99X'")
    england_page.page.wait_for_timeout(200)
    panel = text(england_page, "#detail")
    assert f"from {len(stated)} statement" in panel and "between them" in panel
    assert "Made-up pathways of January 2026" in panel


def test_a_path_is_the_fewest_ties_with_their_sources(england_page):
    page = england_page.page
    england_page.find("Plumstead-upon-Bar")
    page.locator("#find-path").click()
    england_page.find("NHS Barsetshire CCG")
    assert "2 steps, the fewest there are" in text(england_page, "#detail")
    assert "was succeeded by" in text(england_page, "#detail")


# ---- filters, the slider, the table -------------------------------------------------------------


TABLE_OF = {
    **dict.fromkeys(("region", "system", "type", "rating", "certainty"), "bodies"),
    **dict.fromkeys(("tie", "knowledge"), "ties"),
}


@pytest.mark.parametrize("facet", TABLE_OF)
def test_each_choice_says_how_many_remain_and_the_table_has_as_many(england_page, facet):
    page = england_page.page
    page.locator("#table-view").click()
    page.locator(f"[data-table={TABLE_OF[facet]}]").click()
    if not page.locator(f"#filter-{facet}").is_visible():
        page.locator("#more-filters summary").click()
    options = page.locator(f"#filter-{facet} option").all()[1:]
    assert options
    for option in options:
        page.locator(f"#filter-{facet}").select_option(option.get_attribute("value"))
        count = int(option.inner_text().rsplit("(", 1)[1].rstrip(")"))
        assert page.locator("#rows tbody tr").count() == count


def test_filters_answer_to_the_rows_of_the_registers(england_page, told):
    page = england_page.page
    page.locator("#table-view").click()
    page.locator("#filter-type").select_option(label="NHS trust (4)")
    shown = page.locator("#rows tbody th").all_inner_texts()
    wanted = told.bodies.filter(org_type="nhs-trust")["name"].to_list()
    assert sorted(shown) == sorted(wanted)


def test_a_kind_of_tie_leaves_its_ties_only(england_page, told):
    page = england_page.page
    page.locator("#table-view").click()
    page.locator("[data-table=ties]").click()
    number = told.ties.filter(kind="TREATS_RESIDENTS_OF").height
    page.locator("#filter-tie").select_option(label=f"Treats residents of ({number})")
    assert page.locator("#rows tbody tr").count() == number


def held(row, day):
    """Whether something was there on a day, as the ontology of dates has it, in plain Python."""
    if row["start_earliest"] and row["start_earliest"] > day:
        return ""
    if row["end_latest"] and row["end_latest"] <= day:
        return ""
    begun = row["start_latest"] and row["start_latest"] <= day
    return "certain" if begun and row["end_earliest"] and row["end_earliest"] > day else "possible"


def test_the_slider_is_honest_about_dates_that_are_not_precise(england_page, told):
    page = england_page.page
    days = [period["last"] for period in england_page.payload["periods"]]
    for at_period in (0, 4, 12, len(days) - 2):
        page.locator("#date").fill(str(at_period))
        found = [held(row, days[at_period]) for row in told.bodies.iter_rows(named=True)]
        certain, possible = found.count("certain"), found.count("possible")
        assert f"{certain} certain, {possible} possible" in text(england_page, "#date-words")
    page.locator("#date").fill(str(len(days) - 1))
    assert text(england_page, "#date-words") == "All dates"


def test_a_filter_and_a_date_hide_marks(england_page):
    page = england_page.page
    england_page.find("Barsetshire Hospitals")
    page.locator("#close").click()
    before = england_page.drawn
    page.locator("#filter-type").select_option(label="NHS trust (4)")
    after = england_page.drawn
    assert "ods:99X" in before and "ods:99X" not in after and "ods:R9X" in after


def test_the_rows_can_be_downloaded(england_page, told):
    page = england_page.page
    page.locator("#table-view").click()
    with page.expect_download() as saved:
        page.locator("#download").click()
    with open(saved.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["Name"] for row in rows) == sorted(told.bodies["name"].to_list())


# ---- links and pictures -------------------------------------------------------------------------


def test_a_link_reopens_the_same_view(england_page, visit, england_file):
    page = england_page.page
    page.locator("#filter-region").select_option(label="North West (15)")
    england_page.find("Barsetshire Hospitals")
    for _ in range(50):  # the address follows a moment later
        page.wait_for_timeout(100)
        if "camera=" in page.url and "chosen=" in page.url:
            break
    page.wait_for_timeout(500)
    again = visit(england_file)
    other = again.page
    other.goto(page.url)
    other.reload()
    other.wait_for_selector("html[data-ready]")
    other.wait_for_timeout(1000)  # the page finds its size, and what is near enough opens
    assert other.locator("#chosen").inner_text() == "Barsetshire Hospitals NHS Trust"
    assert other.locator("#shown").inner_text().startswith("15 of 22")
    assert sorted(again.drawn) == sorted(england_page.drawn)


def test_a_picture_holds_what_is_drawn(england_page):
    page = england_page.page
    england_page.find("Barsetshire Hospitals")
    page.locator("#take summary").click()
    with page.expect_download() as saved:
        page.locator("#save-svg").click()
    picture = saved.value.path().read_text("utf-8")
    assert "Barsetshire Hospitals NHS Trust" in picture and "Care Quality Commission" in picture
    assert picture.count("<rect") > 5
    with page.expect_download() as saved:
        page.locator("#save-png").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_the_address_never_holds_more_than_the_view(england_page):
    page = england_page.page
    page.evaluate("location.hash = 'chosen=item:nothing&filter.region=x&camera=a b c'")
    page.wait_for_timeout(300)
    assert page.locator("#overview").is_visible()
    assert england_page.complaints == []
