"""What the map of systems shows of a few rows, and what it says of the rest."""

from dataclasses import replace
from itertools import combinations
from math import hypot

import pytest
from page_data import payload_of

from icsgraph.ontology.errors import DateFault, UnknownName
from icsgraph.visualisations.evidence import cards
from icsgraph.visualisations.maps import MAPS, map_named
from icsgraph.visualisations.systems_map import systems_map
from icsgraph.visualisations.tables import Tables
from icsgraph.visualisations.timeline import periods
from icsgraph.visualisations.topic_map import topic_map


def columns(*rows: dict) -> dict[str, list]:
    names = sorted({name for row in rows for name in row})
    return {name: [row.get(name) for row in rows] for name in names}


def finding(number: int, **fields) -> dict:
    return {"id": f"icsg:finding/{number}", "name": f"Finding {number}", **fields}


def tie(kind: str, system: str, thing: str, number: int) -> dict:
    ends = {"subject": system, "object": thing, "finding": f"icsg:finding/{number}"}
    return {"id": f"{kind}-{system}-{number}", "knowledge_level": "finding", **ends}


def link(subject: str, target: str) -> dict:
    return {"id": f"{subject}>{target}", "subject": subject, "object": target}


LEEDS, KENT, ESSEX, NEW = "ods:QWO", "ods:QKS", "ods:QH8", "ods:D7T5G"
RECORD, WARD, DELAY = "icsg:innovation/record", "icsg:innovation/ward", "icsg:barrier/delay"

SMALL = Tables(
    {
        "System": columns(
            {"id": LEEDS, "name": "West Yorkshire", "name_before": "WYH", "lon": -1.7, "lat": 53.9},
            {"id": KENT, "name": "Kent", "region": "South East", "lon": 0.7, "lat": 51.2},
            {"id": ESSEX, "name": "Mid Essex", "end_latest": "2026-04-01", "lon": 0.6, "lat": 51.8},
            {"id": NEW, "name": "Essex", "start_earliest": "2026-04-01", "lon": 0.4, "lat": 51.8},
        ),
        "Innovation": columns(
            {"id": RECORD, "name": "Shared record"}, {"id": WARD, "name": "Virtual ward"}
        ),
        "Barrier": columns({"id": DELAY, "name": "Delayed discharge"}),
        "Finding": columns(
            finding(1, start_earliest="2020-07-01", start_latest="2020-07-31", from_reviews=True),
            finding(2, start_earliest="2021-01-01", start_latest="2021-12-31", from_reviews=False),
            finding(3, voice="public", place="Thanet"),
            finding(4, evidence_class="programme_evaluation"),
        ),
        "Review": columns({"id": "icsg:review/1", "name": "Cancer", "topic": "cancer"}),
        "Source": columns(
            {"id": "icsg:source/1", "name": "Report", "url": "https://example.org/1"},
            {"id": "icsg:source/2", "name": "Address", "publisher": "CQC"},
        ),
    },
    {
        "ADOPTED": columns(
            tie("ADOPTED", LEEDS, RECORD, 1),
            tie("ADOPTED", KENT, RECORD, 2),
            tie("ADOPTED", KENT, WARD, 3),
        ),
        "FACED": columns(tie("FACED", KENT, DELAY, 3)),
        "CONCERNS": columns(
            link("icsg:finding/1", LEEDS),
            link("icsg:finding/2", KENT),
            link("icsg:finding/3", KENT),
        ),
        "ABOUT": columns(
            link("icsg:finding/1", RECORD),
            link("icsg:finding/2", RECORD),
            link("icsg:finding/3", WARD),
            link("icsg:finding/3", DELAY),
        ),
        "REPORTS": columns(
            link("icsg:source/1", "icsg:finding/1"), link("icsg:source/2", "icsg:finding/1")
        ),
        "REVIEWED": columns(link("icsg:review/1", LEEDS), link("icsg:review/1", ESSEX)),
    },
    id="0123456789abcdef",
)


@pytest.fixture(scope="module")
def small() -> dict:
    return payload_of(systems_map(SMALL))


def place(payload: dict, name: str) -> dict:
    return next(node for node in payload["drawing"]["nodes"] if node["label"] == name)


def test_what_was_found_in_more_systems_stands_higher(small):
    assert place(small, "Shared record")["y"] < place(small, "Virtual ward")["y"]


def test_barriers_left_systems_between_innovations_right(small):
    xs = [place(small, n)["x"] for n in ("Delayed discharge", "West Yorkshire", "Kent")]
    assert xs == sorted(xs)
    assert xs[-1] < place(small, "Shared record")["x"] == place(small, "Virtual ward")["x"]


def test_systems_of_the_day_are_drawn_and_no_others(small):
    names = {item["name"] for item in small["items"] if item["kind"] == "system"}
    assert names == {"West Yorkshire", "Kent", "Mid Essex"}
    later = payload_of(systems_map(SMALL, on="2026-06-01"))
    names = {item["name"] for item in later["items"] if item["kind"] == "system"}
    assert names == {"West Yorkshire", "Kent", "Essex"}


def test_an_earlier_day_leaves_out_what_came_after_and_says_so():
    html = systems_map(SMALL, on="2020-12-31")
    assert {card["id"] for card in payload_of(html)["cards"]} == {
        "icsg:finding/1",
        "icsg:finding/3",
    }
    assert "1 finding observed only after this day: left out." in html


def test_a_day_that_is_none():
    with pytest.raises(DateFault, match="2020-02-30"):
        systems_map(SMALL, on="2020-02-30")


def test_each_tie_holds_the_findings_it_rests_on(small):
    ties = {(t["start"], t["what"], t["end"]): t["cards"] for t in small["ties"]}
    assert ties == {
        (LEEDS, "adopted", RECORD): ["icsg:finding/1"],
        (KENT, "adopted", RECORD): ["icsg:finding/2"],
        (KENT, "adopted", WARD): ["icsg:finding/3"],
        (KENT, "faced", DELAY): ["icsg:finding/3"],
    }
    drawn = {(edge["from"], edge["to"]) for edge in small["drawing"]["edges"]}
    assert drawn == {(start, end) for start, _, end in ties}


def test_reviewed_and_found_are_told_apart(small):
    states = {item["name"]: item["state"] for item in small["items"] if item["kind"] == "system"}
    assert states == {"West Yorkshire": "found", "Mid Essex": "quiet", "Kent": "elsewhere"}


def test_the_words_say_how_much_and_what_is_missing():
    html = systems_map(SMALL)
    for sentence in (
        "3 findings · 2 of 3 integrated care systems named · 2 sources · "
        "dated 2020 to 2021, 1 without a date",
        "1 system reviewed, but named by no finding: drawn hollow.",
        "1 system in none of the reviews: drawn dashed.",
        "1 finding about the review programme itself: left out.",
        "Snapshot 0123456789ab, systems as on 31 December 2021.",
    ):
        assert sentence in html


def test_what_no_finding_names_is_not_on_the_map():
    nodes = SMALL.node_columns["Innovation"]
    more = {"id": [*nodes["id"], "icsg:innovation/doac"], "name": [*nodes["name"], "DOAC"]}
    ties = SMALL.relationship_columns["ADOPTED"]
    measured = {"id": "m", "subject": KENT, "object": "icsg:innovation/doac"}
    known = {name: [*values, measured.get(name)] for name, values in ties.items()}
    with_series = Tables(
        {**SMALL.node_columns, "Innovation": more},
        {**SMALL.relationship_columns, "ADOPTED": known},
    )
    html = systems_map(with_series)
    assert "DOAC" not in {item["name"] for item in payload_of(html)["items"]}
    assert "1 adoption known from measurements only: left out." in html


def test_the_page_says_whose_data_it_shows_and_under_which_licence():
    shown = {**SMALL.node_columns["System"], "sources": [["ods@2026-01"]] * 4}
    facts = {"publisher": "NHS England", "as_of": "2026-01", "licence": "OGL-UK-3.0"}
    sources = [
        {"id": "ods@2026-01", "title": "Systems <of> 2026", **facts},
        {"id": "rtt@2026-01", "title": "Waiting times", **facts},
    ]
    html = systems_map(
        Tables({**SMALL.node_columns, "System": shown}, manifest={"sources": sources})
    )
    assert "OGL-UK-3.0: Systems &lt;of&gt; 2026 (NHS England, as of January 2026)." in html
    assert "Contains public sector information licensed under the Open Government" in html
    assert "Waiting times" not in html


def test_the_map_of_the_evidence_says_its_licence(sample):
    assert "MIT: Provider collaboration reviews and later" in systems_map(sample.snapshot)


def test_a_card_says_where_when_and_by_whom():
    first, second, third = cards(SMALL)
    assert (first.where, first.when) == ("West Yorkshire", "July 2020")
    assert [(s.title, s.url) for s in first.sources] == [
        ("Address", ""),
        ("Report", "https://example.org/1"),
    ]
    assert (second.where, second.when) == ("Kent", "2021")
    assert (third.where, third.when) == ("Thanet, Kent", "date not stated")
    assert third.badges == ("Said by: People who use services",)


def test_a_filter_without_choices_is_not_shown(small):
    assert [one["name"] for one in small["filters"]] == [
        "region",
        "evidence",
        "voice",
        "certainty",
        "system",
        "relation",
        "barrier",
    ]


def test_the_strip_has_a_bar_for_each_quarter_and_one_for_all_before():
    strip = periods(cards(SMALL))
    assert (strip[0].first, strip[0].last) == ("", "2019-12-31")
    assert (strip[1].first, strip[1].last) == ("2020-01-01", "2020-03-31")
    assert (strip[-1].first, strip[-1].last) == ("2021-10-01", "2021-12-31")
    assert len(strip) == 9
    assert periods([]) == []


def test_nothing_and_a_single_system_can_be_drawn():
    assert payload_of(systems_map(Tables()))["items"] == []
    lonely = Tables({"System": {"id": ["ods:QWO"], "name": [None], "lon": [None]}})
    assert payload_of(systems_map(lonely))["items"][0]["name"] == "ods:QWO"


def test_the_map_is_found_by_its_name():
    assert map_named("systems").draw is systems_map
    with pytest.raises(UnknownName, match="systems"):
        map_named("sytems")
    assert {name: row.name for name, row in MAPS.items()} == {name: name for name in MAPS}


def test_every_finding_of_the_evidence_is_on_the_map(sample):
    payload = payload_of(systems_map(sample.snapshot))
    found = sample.nodes("Finding").filter(evidence_class="programme_evaluation").height
    assert len(payload["cards"]) == sample.nodes("Finding").height - found == 231
    assert all(card["sources"] for card in payload["cards"])


def test_no_two_marks_of_the_evidence_touch(sample):
    nodes = payload_of(systems_map(sample.snapshot))["drawing"]["nodes"]
    touching = [
        (a["label"], b["label"])
        for a, b in combinations(nodes, 2)
        if hypot(a["x"] - b["x"], a["y"] - b["y"]) < a["size"] + b["size"] + 2
    ]
    assert touching == []


def test_the_map_of_the_evidence_stays_small(sample):
    assert len(systems_map(sample.snapshot).encode("utf-8")) < 1_000_000


def test_a_map_of_one_topic_says_reviewed_of_that_topic_alone(sample):
    page = topic_map(sample.snapshot, "cancer")
    assert "34 systems not reviewed on this topic: drawn dashed." in page
    assert "5 systems reviewed on this topic, but named by no finding: drawn hollow." in page
    assert "In no review" not in page and "none of the reviews" not in page
    states = {item["state"] for item in payload_of(page)["items"] if item["kind"] == "system"}
    assert states == {"found", "quiet", "elsewhere", "unreviewed"}
    assert payload_of(page)["states"]["elsewhere"].startswith("Not reviewed on this topic")


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ((2012, 2026), ["2012", "2014", "2016", "2018", "2020", "2022", "2024", "2026"]),
        ((2006, 2026), ["Earlier", "2010", "2015", "2020", "2025"]),
        ((1986, 2026), [str(year) for year in range(1990, 2026, 5)]),
    ],
)
def test_a_strip_of_years_has_as_many_words_as_there_is_room_for(years, words):
    first, last = years
    told = [card_of(f"{year}-06-01") for year in range(first, last + 1)]
    assert [period.tick for period in periods(told) if period.tick] == words


def card_of(day):
    return replace(cards(SMALL)[0], earliest=day, latest=day)
