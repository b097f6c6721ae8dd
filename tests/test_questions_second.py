"""Seven more questions against counts made from the evidence files alone, with the csv module.

Nothing here reads the graph to know what to expect: neither the loader nor the query is asked.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from icsgraph.ontology.vocabularies import scheme
from icsgraph.queries.answer import Answer
from icsgraph.session import Graph

Row = dict[str, str]

HERE = Path(__file__).resolve().parents[1]
EVIDENCE = HERE / "loaders" / "sample"
TOPICS = {
    "PCR1-OP": "Care for older people",
    "PCR2-UEC": "Urgent and emergency care",
    "PCR3-CAN": "Cancer care",
    "PCR4-LD": "Learning disability in the community",
    "PCR5-CYPMH": "Mental health of children and young people",
}
REGIONS = {  # places wider than a system that are not England
    "North West of England",
    "London",
    "West London",
    "London and West Yorkshire",
    "Essex, Kent and Suffolk",
}
LEVELS = ("system", "region", "national")


def read(name: str, folder: Path = EVIDENCE) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FINDINGS = read("findings")
CODING = read("coding")


def of_review(finding: Row) -> bool:
    return finding["review_id"] in TOPICS


def topic(finding: Row) -> str | None:
    return TOPICS.get(finding["review_id"]) or TOPICS.get(finding["related_review"])


def level(finding: Row) -> str:
    if finding["area_ods"]:
        return "system"
    return "region" if finding["place"] in REGIONS else "national"


def coded(field: str, finding: Row) -> list[Row]:
    return [
        row
        for row in CODING
        if row["field"] == field and row["finding_id"] == finding["finding_id"]
    ]


def named(findings: Iterable[Row]) -> list[str]:
    return sorted(f"{row['finding_id']}: {row['short_name']}" for row in findings)


def split(findings: list[Row]) -> tuple[int, int]:
    """How many are from the reviews, and how many from context."""
    from_reviews = sum(map(of_review, findings))
    return from_reviews, len(findings) - from_reviews


def table(answer: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return answer.select(columns).rows()


def totals(answer: Answer) -> tuple[int, int]:
    found = answer.select("findings_from_reviews", "findings_from_context").sum().row(0)
    return int(found[0]), int(found[1])


# --- coverage ---------------------------------------------------------------------------------


def expected_coverage() -> dict[tuple[str, str], tuple[str, int, int]]:
    looked_at = {(row["ods_code"], row["review_id"]) for row in read("review_areas")}
    systems = [row for row in read("systems") if row["valid_from"] == "by 2020-04"]
    expected = {}
    for system in systems:
        here = [row for row in FINDINGS if row["area_ods"] == system["ods_code"]]
        for review, name in TOPICS.items():
            from_reviews, from_context = split([row for row in here if topic(row) == name])
            if review == "PCR4-LD":
                state = "Not known"
            elif (system["ods_code"], review) not in looked_at:
                state = "Not reviewed"
            elif from_reviews:
                state = "Reviewed, with findings"
            else:
                state = "Reviewed, report text not held"
            expected[system["system_id"], name] = (state, from_reviews, from_context)
    return expected


def test_coverage_has_a_state_for_each_of_42_systems_by_five_topics(sample: Graph) -> None:
    answer = sample.ask("coverage")
    columns = ("id", "topic", "state", "findings_from_reviews", "findings_from_context")
    assert {row[:2]: row[2:] for row in table(answer, *columns)} == expected_coverage()
    assert answer.height == 42 * 5
    assert Counter(answer["state"]) == {
        "Not reviewed": 134,
        "Not known": 42,
        "Reviewed, report text not held": 31,
        "Reviewed, with findings": 3,
    }
    assert totals(answer) == (4, 105)


def test_a_level_changes_the_counts_of_coverage_and_not_its_states(sample: Graph) -> None:
    any_level, region = sample.ask("coverage"), sample.ask("coverage", level="region")
    assert region["state"].to_list() == any_level["state"].to_list()
    assert totals(region) == (0, 0)
    assert totals(sample.ask("coverage", level="system")) == totals(any_level)


def test_coverage_keeps_the_doubt_about_an_area(sample: Graph) -> None:
    devon = sample.ask("coverage", system="Devon", topic="older-people")
    assert devon["note"].to_list() == ["stored text stops after 'Dev'; Devon inferred"]


# --- voices and what was known already --------------------------------------------------------


def expected_by_value(
    field: str, unsaid: str, labels: dict[str, str]
) -> dict[tuple[str | None, str], tuple[int, int, list[str]]]:
    """Findings by topic and by the value of a coded field, the unsaid one among them."""
    groups: dict[tuple[str | None, str], list[Row]] = {}
    for finding in FINDINGS:
        values = "_and_".join(sorted(row["value"] for row in coded(field, finding)))
        groups.setdefault((topic(finding), labels[values or unsaid]), []).append(finding)
    return {
        key: (*split(rows), [] if key[1] == labels[unsaid] else named(rows))
        for key, rows in groups.items()
    }


VOICES = {
    "public": "People who use services",
    "leader": "Leaders",
    "regulator": "Regulator",
    "press": "Press",
    "sector_body": "Sector body",
    "voluntary_sector": "Voluntary sector",
    "not_recorded": "Not recorded",
}
NOVELTIES = {
    "confirmation": "Known before",
    "confirmation_and_news": "Known in part",
    "not_stated": "Not stated",
}


def test_voices_are_counted_by_topic_with_those_not_recorded(sample: Graph) -> None:
    expected = expected_by_value("voice", "not_recorded", VOICES)
    for name in TOPICS.values():
        expected.setdefault((name, "People who use services"), (0, 0, []))
    columns = ("topic", "voice", "findings_from_reviews", "findings_from_context", "findings")
    answer = sample.ask("voices")
    assert {row[:2]: row[2:] for row in table(answer, *columns)} == expected
    assert totals(answer) == (103, 128)
    silent = answer.filter(pl.col("voice") == "Not recorded")
    assert silent.select("findings_from_reviews", "findings_from_context").sum().row(0) == (99, 123)


def test_three_reviews_have_no_finding_in_the_voice_of_the_public(sample: Graph) -> None:
    public = sample.ask("voices", voice="public")
    columns = ("topic", "findings_from_reviews", "findings_from_context")
    assert table(public, *columns) == [
        ("Care for older people", 0, 0),
        ("Urgent and emergency care", 1, 1),
        ("Cancer care", 0, 0),
        ("Learning disability in the community", 0, 0),
        ("Mental health of children and young people", 1, 0),
    ]
    assert "over 1,700 children and young people heard" in public["review_note"][4]


def test_a_voice_that_nobody_has_is_answered_with_zeros(sample: Graph) -> None:
    staff = sample.ask("voices", voice="Staff")
    assert table(staff, "findings_from_reviews", "findings_from_context") == [(0, 0)] * 5


def test_known_already_counts_what_is_not_stated(sample: Graph) -> None:
    columns = ("topic", "novelty", "findings_from_reviews", "findings_from_context", "findings")
    answer = sample.ask("known-already")
    assert {row[:2]: row[2:] for row in table(answer, *columns)} == expected_by_value(
        "novelty", "not_stated", NOVELTIES
    )
    by_value = answer.group_by("novelty").agg(
        pl.col("findings_from_reviews", "findings_from_context").sum()
    )
    assert sorted(by_value.rows()) == [
        ("Known before", 8, 3),
        ("Known in part", 1, 0),
        ("Not stated", 94, 125),
    ]


@pytest.mark.parametrize(
    ("question", "vocabulary"), [("voices", "voice"), ("known-already", "novelty")]
)
def test_a_text_counts_every_value_of_its_vocabulary(question: str, vocabulary: str) -> None:
    text = (HERE / "queries" / "catalogue" / f"{question}.toml").read_text(encoding="utf-8")
    listed = re.search(r"UNWIND \[([^]]*)\]", text)
    assert listed is not None
    assert re.findall(r"'(\w+)'", listed[1]) == sorted(scheme(vocabulary))


# --- the five challenges ----------------------------------------------------------------------


def test_each_challenge_shows_what_is_recorded_and_how_it_is_known(sample: Graph) -> None:
    findings = {row["finding_id"]: row for row in FINDINGS}
    labels = {"finding": "Finding", "inference": "Our own coding"}
    expected = sorted(
        (
            row["value"],
            f"icsg:finding/{row['finding_id']}",
            labels[row["level"]],
            row["words"],
            *split([findings[row["finding_id"]]]),
        )
        for row in CODING
        if row["field"] == "challenge"
    )
    columns = ("challenge", "id", "known_by", "words")
    answer = sample.ask("challenges")
    found = table(answer, *columns, "findings_from_reviews", "findings_from_context")
    assert sorted(found) == expected
    links = answer.group_by("challenge", "known_by").agg(
        pl.col("findings_from_reviews", "findings_from_context").sum()
    )
    assert sorted(links.rows()) == [
        ("Develop and build on relationships", "Finding", 1, 0),
        ("Develop and build on relationships", "Our own coding", 2, 9),
        ("Embrace technology", "Finding", 1, 0),
        ("Embrace technology", "Our own coding", 1, 6),
        ("Share important information", "Finding", 1, 0),
        ("Share important information", "Our own coding", 1, 4),
        ("Understand inequality", "Finding", 1, 0),
        ("Understand inequality", "Our own coding", 3, 3),
        ("Understand staffing", "Finding", 1, 0),
        ("Understand staffing", "Our own coding", 0, 6),
    ]


def test_a_challenge_with_nothing_recorded_is_shown(sample: Graph) -> None:
    cancer = sample.ask("challenges", topic="cancer", known_by="finding")
    assert cancer["challenge"].n_unique() == 5
    assert set(cancer["finding"]) == {"nothing recorded"}
    assert totals(cancer) == (0, 0)


def test_a_finding_under_two_challenges_is_counted_once_in_the_counts(sample: Graph) -> None:
    answer = sample.ask("challenges")
    ids = {row["finding_id"] for row in CODING if row["field"] == "challenge"}
    once = split([row for row in FINDINGS if row["finding_id"] in ids])
    assert (answer.height, once) == (40, (11, 27))
    counts = answer.counts
    assert (
        counts["from_reviews_under_a_challenge"],
        counts["from_context_under_a_challenge"],
    ) == once
    assert counts["links_by_our_coding"] == 35


# --- recommendations and what became of findings ----------------------------------------------


def test_recommendations_say_for_whom_which_time_and_that_no_action_is_recorded(
    sample: Graph,
) -> None:
    expected = {}
    for finding in FINDINGS:
        if finding["kind"] == "recommendation":
            said = [
                "; ".join(
                    row["value"] + (" (our own coding)" if row["level"] == "inference" else "")
                    for row in coded(field, finding)
                )
                for field in ("for", "serves", "action")
            ]
            identifier = f"icsg:finding/{finding['finding_id']}"
            shown = [value or "not recorded" for value in said]
            expected[identifier] = (*shown, topic(finding), *split([finding]))
    columns = ("id", "for_whom", "serves", "action", "topic")
    answer = sample.ask("recommendations")
    found = table(answer, *columns, "findings_from_reviews", "findings_from_context")
    assert {row[0]: row[1:] for row in found} == expected
    assert totals(answer) == (8, 8)
    assert set(answer["action"]) == {"not recorded"}
    assert Counter(answer["level"]) == {"National": 10, "System": 6}
    winters = answer.filter(pl.col("serves") != "not recorded")
    assert table(winters, "id", "serves") == [
        ("icsg:finding/PCR2-UEC-021", "winter 2021 to 2022 (our own coding)")
    ]


def test_findings_that_were_shared_or_followed_are_shown_as_stated(sample: Graph) -> None:
    shared = {row["finding_id"]: row["value"] for row in CODING if row["field"] == "shared"}
    acted = {row["finding_id"]: row["value"] for row in CODING if row["field"] == "acted"}
    answer = sample.ask("acted-on")
    found = table(answer, "id", "shared_with", "done_afterwards", "done_about_it")
    assert sorted(found) == sorted(
        (
            f"icsg:finding/{key}",
            shared.get(key, "not recorded"),
            acted.get(key, "not recorded"),
            "not recorded",
        )
        for key in {*shared, *acted}
    )
    assert (len(shared), len(acted), answer.height, totals(answer)) == (9, 3, 10, (0, 10))
    manchester = answer.filter(pl.col("id") == "icsg:finding/CTX-048")
    assert "not said to be because of it" in manchester["rests_on"][0][0]


def test_no_action_on_a_recommendation_is_an_answer_of_its_own(sample: Graph) -> None:
    answer = sample.ask("acted-on", kind="recommendation", step="acted on")
    assert (answer.answerable, answer.height) == (False, 0)
    assert answer.counts["findings_asked_about"] == 16
    assert answer.counts["acted_on"] == 0
    assert answer.reason.startswith("Of the 16 findings asked about: recorded as shared 1,")
    assert not sample.ask("recommendations", action="recorded").answerable
    assert sample.ask("recommendations", action="not recorded").height == 16


# --- inequalities -----------------------------------------------------------------------------


def labels_of_groups() -> dict[str, str]:
    with (HERE / "ontology" / "vocabularies" / "population-group.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return {row["alt_labels"]: row["label"] for row in csv.DictReader(file)}


def expected_groups(findings: list[Row]) -> dict[tuple[str | None, str], tuple[int, int]]:
    labels = labels_of_groups()
    groups: dict[tuple[str | None, str], list[Row]] = {}
    for finding in findings:
        for group in finding["population_group"].split(";"):
            people = labels[group.strip()] if group else "no group named"
            groups.setdefault((topic(finding), people), []).append(finding)
    return {key: split(rows) for key, rows in groups.items()}


def test_inequalities_show_the_groups_that_each_review_looked_at(sample: Graph) -> None:
    columns = ("topic", "population_group", "findings_from_reviews", "findings_from_context")
    answer = sample.ask("inequalities")
    unequal = [row for row in FINDINGS if row["kind"] == "inequality"]
    assert {row[:2]: row[2:] for row in table(answer, *columns)} == expected_groups(unequal)
    assert (answer.height, totals(answer)) == (10, (7, 4))  # one finding names two groups
    everyone = sample.ask("inequalities", kind="any")
    assert {row[:2]: row[2:] for row in table(everyone, *columns)} == expected_groups(FINDINGS)


def test_where_no_group_was_looked_at_is_said_by_topic(sample: Graph) -> None:
    systems = sample.ask("inequalities", level="system")
    assert table(systems, "topic", "population_group") == [
        ("Care for older people", "no finding"),
        ("Urgent and emergency care", "People aged 65 and over"),
        ("Urgent and emergency care", "Rural residents"),
        ("Cancer care", "no finding"),
        ("Learning disability in the community", "no finding"),
        ("Mental health of children and young people", "Children and young people in crisis"),
    ]


def test_a_group_of_people_includes_narrower_ones(sample: Graph) -> None:
    young = sample.ask("inequalities", population_group="children-and-young-people")
    assert table(young, "population_group", "findings_from_reviews", "findings_from_context") == [
        ("no finding", 0, 0),
        ("no finding", 0, 0),
        ("no finding", 0, 0),
        ("no finding", 0, 0),
        ("Children and young people in crisis", 0, 1),
        ("Children with special educational needs and disabilities (SEND)", 0, 1),
        ("Young people without devices or data", 1, 0),
    ]


# --- all of them ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("voices", {}),
        ("known-already", {}),
        ("inequalities", {"kind": "any"}),
        ("challenges", {}),
        ("recommendations", {}),
        ("acted-on", {}),
        ("coverage", {}),
    ],
)
def test_the_levels_add_up(sample: Graph, question: str, given: dict[str, str]) -> None:
    parts = [totals(sample.ask(question, level=one, **given)) for one in LEVELS]
    whole = totals(sample.ask(question, **given))
    assert (sum(part[0] for part in parts), sum(part[1] for part in parts)) == whole


def test_counts_by_level_are_those_of_the_files(sample: Graph) -> None:
    for one in LEVELS:
        here = split([row for row in FINDINGS if level(row) == one])
        assert totals(sample.ask("voices", level=one)) == here
        assert totals(sample.ask("known-already", level=one)) == here


@pytest.mark.parametrize("question", ["recommendations", "challenges", "acted-on"])
def test_answers_that_touch_commissioning_carry_the_evaluations_caveat(
    sample: Graph, question: str
) -> None:
    assert any(
        "commissioning was not considered (EV-21)" in c for c in sample.ask(question).caveats
    )
