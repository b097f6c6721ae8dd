"""Eight questions against counts made from the evidence files alone, with the csv module.

Nothing here reads the graph to know what to expect: neither the loader nor the query is asked.
"""

import csv
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from icsgraph.session import Graph

Row = dict[str, str]

EVIDENCE = Path(__file__).resolve().parents[1] / "loaders" / "sample"
TOPICS = {
    "PCR1-OP": "Care for older people",
    "PCR2-UEC": "Urgent and emergency care",
    "PCR3-CAN": "Cancer care",
    "PCR4-LD": "Learning disability in the community",
    "PCR5-CYPMH": "Mental health of children and young people",
}
EVIDENCE_CLASSES = {
    "pcr_report": "Review report",
    "cqc_summary": "CQC summary",
    "cqc_state_of_care": "State of Care",
    "press": "Press",
    "follow_on_2022": "Later CQC report",
    "local_context": "Local source",
}
OBSTACLES = ("barrier", "challenge")


def read(name: str) -> list[Row]:
    with (EVIDENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FINDINGS = read("findings")
NAMES = {row["cluster"]: row["label"] for row in read("clusters")}
SYSTEMS = {row["ods_code"]: row["name"] for row in read("systems")}
STAGES = {row["finding_id"]: row["value"] for row in read("coding") if row["field"] == "stage"}


def topic(finding: Row) -> str | None:
    return TOPICS.get(finding["related_review"] or finding["review_id"])


def of_review(finding: Row) -> bool:
    return finding["review_id"] in TOPICS


def level(finding: Row) -> str:
    if finding["area_ods"]:
        return "system"
    return "region" if finding["place"] not in ("", "England") else "national"


def bounds(stated: str) -> tuple[str | None, str | None]:
    """First and last day on which what a period states may have begun: "2020-03 to 2020-05" began
    in March, "2020-2021" in 2020, "before 2020-03" by the end of February."""
    if not stated:
        return None, None
    if stated == "before 2020-03":
        return None, "2020-02-29"
    if stated == "before 2020":
        return None, "2019-12-31"
    first = stated.split(" to ")[0]
    if len(first) == len("2020-2021") and first[5:].startswith("20"):
        first = first[:4]
    if len(first) == len("2020"):
        return f"{first}-01-01", f"{first}-12-31"
    year, month = first.split("-")
    return f"{first}-01", f"{first}-{monthrange(int(year), int(month))[1]:02}"


def lowest(days: Iterable[str | None]) -> str | None:
    return min((day for day in days if day), default=None)


def by_cluster(findings: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for finding in findings:
        groups[finding["cluster"]].append(finding)
    return groups


def counted(findings: list[Row]) -> tuple[Any, ...]:
    """Systems, reviews, topics, findings of reviews and of context, dates, those without start."""
    starts = [bounds(f["period"]) for f in findings]
    return (
        len({f["area_ods"] for f in findings} - {""}),
        len({f["review_id"] for f in findings if of_review(f)}),
        len({topic(f) for f in findings} - {None}),
        sum(of_review(f) for f in findings),
        sum(not of_review(f) for f in findings),
        lowest(latest for _, latest in starts),
        lowest(earliest for earliest, _ in starts),
        sum(earliest is None for earliest, _ in starts),
    )


OLDER = {"older people", "frail older people", "people aged 65+"}
FILTERS: list[tuple[dict[str, str], Callable[[Row], bool]]] = [
    ({}, lambda f: True),
    ({"level": "system"}, lambda f: level(f) == "system"),
    ({"level": "region"}, lambda f: level(f) == "region"),
    ({"level": "national"}, lambda f: level(f) == "national"),
    ({"topic": "Cancer care"}, lambda f: topic(f) == "Cancer care"),
    ({"system": "North Central London"}, lambda f: f["area_ods"] == "QMJ"),
    ({"system": "QT6", "level": "system"}, lambda f: f["area_ods"] == "QT6"),
    ({"theme": "Ensuring access"}, lambda f: f["theme"] == "Ensuring access"),
    (
        {"population_group": "older-people"},
        lambda f: bool(OLDER & set(f["population_group"].split(";"))),
    ),
]


@pytest.mark.parametrize(
    ("question", "kinds"), [("innovations", ["innovation"]), ("barriers", OBSTACLES)]
)
@pytest.mark.parametrize(("parameters", "wanted"), FILTERS, ids=[str(p) for p, _ in FILTERS])
def test_innovations_and_barriers_are_counted_as_by_hand(
    sample: Graph,
    question: str,
    kinds: list[str],
    parameters: dict[str, str],
    wanted: Callable[[Row], bool],
) -> None:
    groups = by_cluster(f for f in FINDINGS if f["kind"] in kinds and wanted(f))
    expected = sorted((NAMES[cluster], *counted(group)) for cluster, group in groups.items())
    answer = sample.ask(question, **parameters).drop("definition", "id")
    assert sorted(answer.rows()) == expected


def test_the_hand_counts_themselves() -> None:
    """A few figures read off the files by eye, so that the counting above is not taken on trust."""
    assert bounds("2020-2021") == ("2020-01-01", "2020-12-31")
    assert bounds("2018 to 2020") == ("2018-01-01", "2018-12-31")
    assert bounds("2020-02") == ("2020-02-01", "2020-02-29")
    chemotherapy = [f for f in FINDINGS if f["cluster"] == "home_chemotherapy"]
    assert counted(chemotherapy) == (5, 1, 1, 2, 5, "2020-03-31", "2020-01-01", 0)
    assert sum(of_review(f) for f in FINDINGS) == 103
    assert sum(of_review(f) and level(f) == "system" for f in FINDINGS) == 4


@pytest.mark.parametrize(("at_least", "only"), [(2, ""), (3, ""), (1, "national"), (2, "system")])
def test_common_barriers_are_in_several_topics_or_systems(
    sample: Graph, at_least: int, only: str
) -> None:
    groups = by_cluster(
        f for f in FINDINGS if f["kind"] in OBSTACLES and (not only or level(f) == only)
    )
    expected = []
    for cluster, group in groups.items():
        topics = sorted({t for f in group if (t := topic(f))})
        systems = sorted({SYSTEMS[f["area_ods"]] for f in group if f["area_ods"]})
        numbers = (sum(map(of_review, group)), sum(not of_review(f) for f in group))
        if max(len(topics), len(systems)) >= at_least:
            expected.append((NAMES[cluster], len(topics), topics, len(systems), systems, *numbers))
    answer = sample.ask("common-barriers", at_least=at_least, level=only).drop("id")
    assert sorted(answer.rows()) == sorted(expected)


def shared(wanted: Callable[[Row], bool], at_least: int) -> Iterator[tuple[Any, ...]]:
    for cluster, group in by_cluster(f for f in FINDINGS if f["kind"] == "innovation").items():
        about = [f for f in group if wanted(f)]
        found = [
            (SYSTEMS[f["area_ods"]], *bounds(f["period"]))
            for f in about
            if f["area_ods"] and STAGES.get(f["finding_id"]) != "considered"
        ]
        systems = sorted({system for system, _, _ in found})
        certain = lowest(latest for _, _, latest in found)
        if len(systems) >= at_least:
            yield (
                NAMES[cluster],
                len(systems),
                systems,
                certain,
                sorted({s for s, _, latest in found if latest and latest == certain}),
                lowest(earliest for _, earliest, _ in found),
                sorted({s for s, e, _ in found if e is None or certain is None or e <= certain}),
                sum(map(of_review, about)),
                sum(not of_review(f) for f in about),
            )


@pytest.mark.parametrize(("at_least", "on_topic"), [(2, ""), (5, ""), (2, "Cancer care")])
def test_shared_innovations_name_the_systems_that_may_be_first(
    sample: Graph, at_least: int, on_topic: str
) -> None:
    expected = shared(lambda f: not on_topic or topic(f) == on_topic, at_least)
    answer = sample.ask("shared-innovations", at_least=at_least, topic=on_topic).drop("id")
    assert sorted(answer.rows()) == sorted(expected)


def test_what_is_only_considered_was_not_taken_up(sample: Graph) -> None:
    """PCR2-UEC-008 says that unnamed neighbours explore Cornwall's unit, and is filed there."""
    answer = sample.ask("shared-innovations", at_least=1)
    units = answer.filter(pl.col("innovation") == NAMES["community_assessment_unit"])
    (unit,) = units.rows(named=True)
    assert unit["which_systems"] == ["Cornwall and the Isles of Scilly"]
    assert (unit["findings_from_reviews"], unit["findings_from_context"]) == (2, 1)


def statements(cluster: str, kinds: Iterable[str], only: str = "") -> Iterator[tuple[Any, ...]]:
    """What is recorded of a cluster: findings of these kinds, and those that are neither an
    innovation nor an obstacle; one row for each page."""
    things = {"innovation", *OBSTACLES}
    for f in FINDINGS:
        if f["cluster"] != cluster or (f["kind"] in things and f["kind"] not in kinds):
            continue
        if only and level(f) != only:
            continue
        for url in (f["source_url"], *f["other_source_urls"].split()):
            yield (
                f["kind"].capitalize(),
                f["description"],
                topic(f),
                SYSTEMS.get(f["area_ods"]),
                f["place"] or None,
                level(f).capitalize(),
                f["period"] or "not stated",
                *bounds(f["period"]),
                of_review(f),
                EVIDENCE_CLASSES[f["evidence_class"]],
                url,
                f"icsg:finding/{f['finding_id']}",
            )


@pytest.mark.parametrize(
    ("about", "cluster", "kinds", "only"),
    [
        ("Oximetry at home", "oximetry_at_home", ["innovation"], ""),
        ("Oximetry at home", "oximetry_at_home", ["innovation"], "national"),
        ("Discharge hub", "discharge_hub", ["innovation"], ""),
        ("wrong-front-door", "wrong_front_door", OBSTACLES, ""),
        ("icsg:barrier/remote-consultation", "remote_consultation", OBSTACLES, ""),
        ("icsg:innovation/remote-consultation", "remote_consultation", ["innovation"], ""),
    ],
)
def test_where_found_gives_each_finding_with_each_of_its_pages(
    sample: Graph, about: str, cluster: str, kinds: list[str], only: str
) -> None:
    answer = sample.ask("where-found", about=about, level=only)
    assert set(answer["locator"]) == {"page not recorded"}
    titles = {row["url"]: row["title"] for row in read("sources")}
    assert answer["source"].to_list() == [titles[url] for url in answer["url"]]
    without = answer.drop("stage", "source", "publisher", "locator")
    assert set(without.rows()) == set(statements(cluster, kinds, only))
    assert without.is_unique().all()


def test_where_found_says_how_far_an_innovation_had_got(sample: Graph) -> None:
    answer = sample.ask("where-found", about="Oximetry at home")
    stages = dict(zip(answer["id"], answer["stage"], strict=True))
    assert stages["icsg:finding/CTX-026"] == "Pilot"
    assert stages["icsg:finding/CTX-011"] == "Not stated"
    assert stages["icsg:finding/CTX-083"] is None


REVIEWED = {
    ("PCR1-OP", "QRV"): ("Reviewed, report text not held", ["Care for older people"]),
    ("PCR2-UEC", "QT6"): ("Reviewed, with findings", ["Urgent and emergency care"]),
    ("", "QSL"): ("Not known", []),
    ("", "D7T5G"): ("Not reviewed", []),
}


@pytest.mark.parametrize(("area", "state"), REVIEWED.items())
def test_a_system_profile_says_whether_the_system_was_reviewed(
    sample: Graph, area: tuple[str, str], state: tuple[str, list[str]]
) -> None:
    review, code = area
    reviewed_by = {row["review_id"] for row in read("review_areas") if row["ods_code"] == code}
    assert reviewed_by & set(TOPICS) == {review} - {""}
    answer = sample.ask("system-profile", system=code)
    assert set(answer["reviewed"]) == {state[0]}
    assert [list(topics) for topics in answer["reviewed_on"].unique()] == [state[1]]


@pytest.mark.parametrize("code", ["QT6", "QMF", "QMJ", "QK1", "QVV", "QRV"])
def test_a_system_profile_holds_every_finding_placed_there(sample: Graph, code: str) -> None:
    expected = {
        (
            f"icsg:finding/{f['finding_id']}",
            f["kind"].capitalize(),
            NAMES[f["cluster"]],
            topic(f),
            url,
        )
        for f in FINDINGS
        if f["area_ods"] == code
        for url in (f["source_url"], *f["other_source_urls"].split())
    }
    answer = sample.ask("system-profile", system=code).drop_nulls("id")
    columns = ["id", "kind", "about", "topic", "url"]
    assert set(answer.select(columns).rows()) == expected
    assert answer.height == len(expected)


def test_a_system_of_which_nothing_is_recorded_has_one_row(sample: Graph) -> None:
    assert not [f for f in FINDINGS if f["area_ods"] == "QRV"]
    (row,) = sample.ask("system-profile", system="North West London").rows(named=True)
    assert row["reviewed"] == "Reviewed, report text not held"
    assert {key for key, value in row.items() if value} == {"reviewed", "reviewed_on"}


BOTH_WAYS = {"collaborates_with", "plans_jointly_with", "hosts"}


def partners(name: str) -> Iterator[tuple[Any, ...]]:
    for tie in read("ties"):
        ends = {tie["subject_org"]: tie["object_org"], tie["object_org"]: tie["subject_org"]}
        if name not in ends:
            continue
        flow = "to the partner" if tie["subject_org"] == name else "from the partner"
        flow = "both ways" if tie["relation"] in BOTH_WAYS else flow
        flow = "not stated" if tie["relation"] == "commissions" else flow
        words = tie["relation"].replace("_", " ")
        yield (
            ends[name],
            words,
            f"{tie['subject_org']} {words} {tie['object_org']}",
            flow,
            tie["start"] or "not stated",
            *bounds(tie["start"]),
            SYSTEMS.get(tie["area_ods"]),
            tie["source_url"],
            f"icsg:finding/{tie['about']}",
        )


@pytest.mark.parametrize(
    "name",
    [
        "Barts Health NHS Trust",
        "NHS England",
        "Partnership of East London Co-operatives",
        "South Western Ambulance Service NHS Foundation Trust",
        "Sunderland City Council",
    ],
)
def test_partners_are_those_of_the_ties_in_both_directions(sample: Graph, name: str) -> None:
    expected = list(partners(name))
    assert expected
    answer = sample.ask("who-works-with-whom", organisation=name)
    assert sorted(answer.drop("finding", "evidence", "source").rows(), key=repr) == sorted(
        expected, key=repr
    )


def test_the_ties_without_a_date_are_counted_beside_the_answer(sample: Graph) -> None:
    answer = sample.ask("who-works-with-whom", organisation="ods:R1H")
    ties = read("ties")
    assert answer.counts["ties"] == len(ties) == 93
    assert answer.counts["ties_without_date"] == sum(not t["start"] for t in ties) == 57
    assert "57 of the 93" in answer.caveats[0]


def test_an_organisation_without_a_tie_is_not_answered_with_nobody(sample: Graph) -> None:
    answer = sample.ask("who-works-with-whom", organisation="North West London")
    assert not answer.answerable
    assert answer.reason.startswith("None of the 93 ties on record is of this organisation.")
    assert answer.is_empty()


@pytest.mark.parametrize("only", ["", "system", "region", "national"])
def test_reviews_count_their_own_findings_and_those_that_bear_on_them(
    sample: Graph, only: str
) -> None:
    asked = [f for f in FINDINGS if not only or level(f) == only]
    expected = [
        (
            int(row["phase"]),
            TOPICS[row["review_id"]],
            len({a["ods_code"] for a in areas if a["ods_code"]}),
            sorted(SYSTEMS[a["ods_code"]] for a in areas if a["ods_code"]),
            sum(f["review_id"] == row["review_id"] for f in asked),
            sum(f["related_review"] == row["review_id"] for f in asked),
            row["published"],
        )
        for row in read("reviews")
        if row["review_id"] in TOPICS
        for areas in [[a for a in read("review_areas") if a["review_id"] == row["review_id"]]]
    ]
    answer = sample.ask("reviews", level=only)
    columns = ["phase", "topic", "areas_named", "which_areas"]
    columns += ["findings_from_reviews", "findings_from_context", "published"]
    assert answer.select(columns).rows() == expected


def test_fieldwork_windows_and_stages_of_the_pandemic(sample: Graph) -> None:
    """By eye, from reviews.csv and pandemic_stages.csv."""
    answer = sample.ask("reviews").select(
        "fieldwork", "starts_earliest", "starts_latest", "ends_latest", "stages_certain"
    )
    summer, second = ["Between the waves, summer 2020"], ["Second wave"]
    assert answer.rows() == [
        ("2020-07 to 2020-08", "2020-07-01", "2020-07-31", "2020-09-01", summer),
        ("2020-10 to 2020-11", "2020-10-01", "2020-10-31", "2020-12-01", second),
        ("2021-03 to 2021-04", "2021-03-01", "2021-03-31", "2021-05-01", second),
        ("unknown to 2021-05", None, None, "2021-06-01", []),
        (
            "2021-06 to 2021-07",
            "2021-06-01",
            "2021-06-30",
            "2021-08-01",
            ["Reopening, spring and summer 2021"],
        ),
    ]


def test_the_areas_of_the_learning_disability_review_are_not_named(sample: Graph) -> None:
    (row,) = sample.ask("reviews", topic="learning-disability").rows(named=True)
    assert row["areas_named"] == 0
    assert row["areas_not_named"].startswith("7 areas, names not in any stored text")
    assert "Second wave" in row["stages_possible"]
