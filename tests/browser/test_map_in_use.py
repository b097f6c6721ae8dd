"""The map does what a reader asks, and says the same as the tables it was drawn from."""

import csv
import io

import polars as pl
import pytest
from playwright.sync_api import expect

RECORD = "icsg:innovation/shared-care-record"


def rows(page) -> list[list[str]]:
    """The texts of the table's cells."""
    return page.locator("#rows tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )


def table(page, name: str) -> list[list[str]]:
    """The rows of one of the tables, which is left open."""
    if page.locator("#table-view").get_attribute("aria-pressed") == "false":
        page.locator("#table-view").click()
    page.locator(f"[data-table={name}]").click()
    return rows(page)


def counts(page, name: str) -> dict[str, int]:
    """The choices of a filter with the number each says."""
    texts = page.locator(f"#filter-{name} option").all_text_contents()
    return {text.rpartition(" (")[0]: int(text.rpartition(" (")[2][:-1]) for text in texts}


def on_map(sample) -> pl.DataFrame:
    """The findings that the map shows."""
    return sample.nodes("Finding").filter(pl.col("evidence_class") != "programme_evaluation")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("shared care", "Shared care record"),
        ("Cumbria and North East", "North East and North Cumbria"),  # its name before 2022
        ("QT6", "Cornwall and the Isles of Scilly"),  # its code
        ("first council on regional", "First council on regional record"),  # a finding
    ],
)
def test_search_finds_by_name_former_name_and_code_and_jumps(systems, typed, found):
    systems.find(typed)
    assert systems.page.locator("#chosen").inner_text() == found
    assert systems.page.evaluate("document.activeElement.id") == "chosen"


def test_search_says_when_there_is_nothing(systems):
    systems.page.locator("#search").press_sequentially("zebra")
    assert systems.page.locator("#no-results").is_visible()
    assert "Nothing of that name" in systems.page.locator("#status").inner_text()


def test_an_innovation_opens_every_finding_about_it(systems, sample):
    systems.find("Shared care record")
    about = sample.relationships("ABOUT").filter(object=RECORD)["subject"]
    wanted = on_map(sample).filter(pl.col("id").is_in(about.implode()))
    cards = systems.page.locator("#detail .card")
    assert sorted(cards.locator("h3").all_text_contents()) == sorted(wanted["name"])
    reported = sample.relationships("REPORTS").filter(pl.col("object").is_in(about.implode()))
    documents = pl.col("source_type") != "context-collection"
    sources = sample.nodes("Source").filter(
        pl.col("id").is_in(reported["subject"].implode()) & documents
    )
    links = cards.locator("a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert set(links) == set(sources["url"])


def test_an_innovation_names_the_systems_it_was_found_in(systems, sample):
    systems.find("Shared care record")
    adopted = sample.relationships("ADOPTED").filter(object=RECORD)["subject"].unique()
    names = sample.nodes("System").filter(pl.col("id").is_in(adopted.implode()))["name"]
    chips = systems.page.locator(".chips button").all_text_contents()
    assert sorted(chips) == sorted(names)
    assert f"Found in {len(names)} systems" in systems.page.locator("#detail").inner_text()


def test_every_card_says_where_when_and_what_it_rests_on(systems):
    systems.find("Shared care record")
    for card in systems.page.locator("#detail .card").all():
        where, _, when = card.locator(".where").inner_text().partition(" · ")
        assert where and when
        assert card.locator(".badge").count() >= 2
        assert card.locator(".source").count() >= 1


def test_a_mark_and_a_name_can_be_clicked(systems):
    page = systems.page
    page.mouse.click(*systems.point("Dorset"))
    assert page.locator("#chosen").inner_text() == "Dorset"
    x, y = systems.point("Oximetry at home")
    page.mouse.click(x + 60, y)  # its name, to the right of its mark
    assert page.locator("#chosen").inner_text() == "Oximetry at home"
    below_the_left_list = systems.point("Delayed discharge")[0], systems.point("Dorset")[1] + 20
    page.mouse.click(*below_the_left_list)  # nothing lies there
    assert page.locator("#overview").is_visible()


def test_a_tie_can_be_clicked_and_shows_both_ends(systems):
    page = systems.page
    systems.find("Shared care record")
    (x1, y1), (x2, y2) = (
        systems.point("North East and North Cumbria"),
        systems.point("Shared care record"),
    )
    page.mouse.click((x1 + x2) / 2, (y1 + y2) / 2)
    assert (
        page.locator("#chosen").inner_text() == "Shared care record, North East and North Cumbria"
    )
    assert page.locator("#detail .lead").inner_text() == (
        "North East and North Cumbria adopted: Shared care record"
    )
    assert page.locator("#detail .card h3").all_text_contents() == [
        "First council on regional record"
    ]


def test_the_topic_filter_counts_what_it_leaves(systems, sample):
    page = systems.page
    findings = on_map(sample)
    said = counts(page, "topic")
    assert said.pop("All topics") == findings.height
    topics = sample.nodes("Concept").filter(concept_type="topic")
    for topic, name in topics.select("id", "name").iter_rows():
        about = sample.relationships("ABOUT").filter(object=topic)["subject"]
        wanted = findings.filter(pl.col("id").is_in(about.implode()))["name"]
        assert said[name] == len(wanted)
        page.locator("#filter-topic").select_option(name)
        assert sorted(row[0] for row in table(page, "cards")) == sorted(wanted)
    assert set(said) == set(topics["name"])


def test_the_region_filter_leaves_the_findings_of_its_systems(systems, sample):
    page = systems.page
    systems_there = sample.nodes("System").filter(region="South West")["id"]
    there = sample.relationships("CONCERNS").filter(pl.col("object").is_in(systems_there.implode()))
    wanted = on_map(sample).filter(pl.col("id").is_in(there["subject"].implode()))
    page.locator("#filter-region").select_option("South West")
    assert len(table(page, "cards")) == wanted.height == counts(page, "region")["South West"]
    shown = page.locator("#shown").inner_text()
    assert shown.startswith(f"{wanted.height} of 231 findings shown")


def test_the_evidence_filter_tells_the_reviews_from_context(systems, sample):
    said = counts(systems.page, "evidence")
    of_reviews = on_map(sample)["from_reviews"].sum()
    assert said == {
        "Any evidence": 231,
        "From the reviews": of_reviews,
        "From context": 231 - of_reviews,
    }


def test_filters_work_together_and_are_cleared_by_one_click(systems):
    page = systems.page
    page.locator("#filter-topic").select_option("Cancer care")
    both = counts(page, "evidence")["From the reviews"]
    page.locator("#filter-evidence").select_option("reviews")
    assert len(table(page, "cards")) == both
    page.locator("#clear-filters").click()
    assert len(rows(page)) == 231
    assert page.locator("#clear-filters").is_hidden()


def test_choices_that_leave_nothing_say_so(systems):
    page = systems.page
    page.locator("#filter-voice").select_option("Press")
    page.locator("#filter-region").select_option("South West")
    assert "Nothing recorded answers to all these choices" in page.locator("#shown").inner_text()
    assert table(page, "cards") == []


def test_the_tables_are_the_map(systems):
    page, payload = systems.page, systems.payload
    names = {item["id"]: item["name"] for item in payload["items"]}
    drawn = {(names[e["from"]], names[e["to"]]) for e in payload["drawing"]["edges"]}
    assert {(row[0], row[2]) for row in table(page, "ties")} == drawn
    marks = sorted(node["label"] for node in payload["drawing"]["nodes"])
    assert sorted(row[0] for t in ("things", "places") for row in table(page, t)) == marks


def test_the_numbers_of_the_tables_are_those_of_the_statements(systems, sample):
    stated = pl.concat(
        sample.relationships(kind).select("subject", "object") for kind in ("ADOPTED", "FACED")
    ).unique()
    in_systems = dict(stated.group_by("object").len().iter_rows())
    things = pl.concat(
        sample.nodes(k).select("id", "name", "kind") for k in ("Innovation", "Barrier")
    )
    wanted = {
        (name, "Innovation" if kind == "Innovation" else "Barrier or challenge"): in_systems.get(
            i, 0
        )
        for i, name, kind in things.iter_rows()
    }
    found = {(row[0], row[1]): int(row[2]) for row in table(systems.page, "things")}
    assert found == wanted


def test_a_column_sorts_both_ways(systems):
    page = systems.page
    table(page, "things")
    header = page.locator("#rows thead th").nth(2)
    header.locator("button").click()
    up = [int(row[2]) for row in rows(page)]
    assert header.get_attribute("aria-sort") == "ascending"
    header.locator("button").click()
    assert [int(row[2]) for row in rows(page)] == sorted(up, reverse=True) != up == sorted(up)


def test_the_rows_can_be_taken_away(systems):
    page = systems.page
    shown = table(page, "ties")
    with page.expect_download() as waiting:
        page.locator("#download").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    taken = list(csv.reader(io.StringIO(text)))
    assert waiting.value.suggested_filename == "systems-ties.csv"
    assert taken[0] == [
        "System",
        "What",
        "Innovation or barrier",
        "Findings",
        "Observed by the date",
    ]
    assert taken[1:] == shown


def test_the_slider_leaves_what_may_have_been_observed_by_its_day(systems, sample):
    page, payload = systems.page, systems.payload
    step = next(i for i, period in enumerate(payload["periods"]) if period["last"] == "2020-12-31")
    page.locator("#date").fill(str(step))
    findings = on_map(sample)
    possible = findings.filter(pl.col("start_earliest").fill_null("") <= "2020-12-31")
    certain = possible.filter(pl.col("start_latest") <= "2020-12-31")
    found = table(page, "cards")
    assert sorted(row[0] for row in found) == sorted(possible["name"])
    assert sum(row[6] == "Certainly" for row in found) == certain.height
    words = page.locator("#date").get_attribute("aria-valuetext")
    rest = possible.height - certain.height
    assert words == f"By 31 December 2020: {certain.height} certain, {rest} possible"
    assert page.locator("#undated").inner_text() == "13 without a date"


def test_steps_and_play_move_the_day(systems):
    page = systems.page
    last = len(systems.payload["periods"]) - 1
    page.locator("#step-back").click()
    assert page.locator("#date").input_value() == str(last - 1)
    page.locator("#step-on").click()
    assert page.locator("#date-words").inner_text() == "All dates"
    page.locator("#play").click()
    assert page.locator("#date").input_value() == "0"
    expect(page.locator("#date")).to_have_value("1")
    page.locator("#play").click()
    assert "Play" in page.locator("#play").inner_text()


def test_only_certain_leaves_out_what_has_no_date(systems):
    page = systems.page
    page.locator("#filter-certainty").select_option("certain")
    assert "date not stated" not in [row[4] for row in table(page, "cards")]
    page.locator("#filter-certainty").select_option("possible")
    assert {row[4] for row in rows(page)} == {"date not stated"}
