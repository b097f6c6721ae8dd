"""What the maps of any part of the graph show of a few rows, and what they say of the rest."""

from itertools import combinations
from math import hypot

import polars as pl
import pytest
from click.testing import CliRunner
from page_data import payload_of

from icsgraph.cli.app import app
from icsgraph.graph.views import known_by
from icsgraph.ontology.errors import DateFault, UnknownName, UsageError
from icsgraph.visualisations.around_map import around_map, ring_places
from icsgraph.visualisations.flows_map import flows_map
from icsgraph.visualisations.innovation_map import innovation_map
from icsgraph.visualisations.maps import MAPS
from icsgraph.visualisations.question_map import question_map
from icsgraph.visualisations.system_map import system_map
from icsgraph.visualisations.topic_map import topic_map


def named(payload: dict) -> dict[str, str]:
    return {item["id"]: item["name"] for item in payload["items"]}


def ends(payload: dict) -> set[tuple[str, str]]:
    names = named(payload)
    return {(names[tie["start"]], names[tie["end"]]) for tie in payload["ties"]}


def asked(graph, name: str, **parameters) -> str:
    answer = graph.ask(name, **parameters)
    return question_map(graph.snapshot, answer, question=graph.questions[name])


# ---- around one thing ----------------------------------------


def test_around_a_thing_is_what_the_graph_ties_it_to(sample):
    payload = payload_of(around_map(sample.snapshot, "Virtual ward", hops=1))
    edges = sample.networkx().to_undirected()
    assert set(named(payload)) == {
        "icsg:innovation/virtual-ward",
        *edges.neighbors("icsg:innovation/virtual-ward"),
    }


def test_a_second_ring_lies_farther_out_than_the_first(sample):
    payload = payload_of(around_map(sample.snapshot, "Virtual ward", hops=2))
    far = {n["id"]: hypot(n["x"], n["y"]) for n in payload["drawing"]["nodes"]}
    first = set(sample.networkx().to_undirected().neighbors("icsg:innovation/virtual-ward"))
    rest = set(far) - first - {"icsg:innovation/virtual-ward"}
    assert max(far[i] for i in first) < min(far[i] for i in rest)


@pytest.mark.parametrize("number", [3, 40, 500])
def test_no_two_marks_of_a_ring_lie_on_one_another(number):
    ring = [f"a{at}" for at in range(number)]
    places = ring_places([["middle"], ring], dict.fromkeys(ring, "middle")).values()
    assert all(
        hypot(one.x - other.x, one.y - other.y) > one.radius + other.radius
        for one, other in combinations(places, 2)
    )


def test_one_thing_alone_is_a_map(sample):
    view = known_by(sample.snapshot, "1900-01-01")
    with pytest.raises(UnknownName):
        around_map(view, "Virtual ward")
    lonely = payload_of(around_map(sample.snapshot, "icsg:organisation/alcove", hops=1))
    assert "Alcove" in named(lonely).values()


def test_of_more_things_than_the_limit_those_with_the_most_ties_are_drawn(sample):
    page = around_map(sample.snapshot, "Virtual ward", hops=2, limit=20)
    assert len(payload_of(page)["items"]) == 20
    assert "Shown: 20 of " in page and "The map of England has all providers." in page
    for limit in (1, 1501):
        with pytest.raises(UsageError, match=f"--limit is {limit}"):
            around_map(sample.snapshot, "Virtual ward", limit=limit)


def test_what_the_evidence_says_of_its_own_columns_is_no_remark_on_a_system(sample):
    page = around_map(sample.snapshot, "QE1", hops=1)
    assert "area column" in "".join(sample.nodes("System")["note"].drop_nulls())
    assert "area column" not in page


@pytest.mark.parametrize("hops", [0, 4])
def test_how_far_around_can_be_drawn(sample, hops):
    with pytest.raises(UsageError, match="--hops"):
        around_map(sample.snapshot, "Virtual ward", hops=hops)


def test_a_day_on_which_a_thing_was_not_there_gives_an_empty_map(sample):
    html = around_map(sample.snapshot, "ods:D7T5G", on="2020-01-01")
    assert payload_of(html)["items"] == []
    assert "Essex is not recorded" in html or "is not recorded on this day" in html


# ---- one system ----------------------------------------


def test_a_system_holds_its_members_in_their_local_authorities(registers):
    members = registers.ask("system-members", system="Q9X", on="2026-01-31")
    payload = payload_of(system_map(registers.snapshot, "Q9X", on="2026-01-31"))
    bodies = {i["id"] for i in payload["items"] if i["kind"] == "organisation"}
    wanted = members.filter(pl.col("type") != "Prescribing cost centre")["id"]
    assert bodies == set(wanted)
    parents = {i["id"]: i.get("parent", "") for i in payload["items"]}
    assert all(parents[parents[body]] == "ods:Q9X" for body in bodies)


def test_an_organisation_tells_its_locations_with_their_ratings(registers):
    payload = payload_of(system_map(registers.snapshot, "Q9X", on="2026-01-31"))
    told = {
        item["name"]: dict(item.get("details", ())).get("Locations here") or []
        for item in payload["items"]
    }
    assert "Barchester Infirmary" in " ".join(told["Barsetshire Hospitals NHS Trust"])
    assert "Elmhurst: Good, 29 May 2026" in [site for sites in told.values() for site in sites]


def test_marks_of_a_system_do_not_lie_on_one_another(registers):
    payload = payload_of(system_map(registers.snapshot, "Q9X"))
    groups = {i["parent"] for i in payload["items"] if i.get("parent")}
    nodes = [n for n in payload["drawing"]["nodes"] if n["id"] not in groups]
    assert all(
        hypot(a["x"] - b["x"], a["y"] - b["y"]) > a["size"] + b["size"]
        for a, b in combinations(nodes, 2)
    )


def test_an_unknown_system_is_answered_with_the_nearest(sample):
    with pytest.raises(UnknownName, match="Frimley"):
        system_map(sample.snapshot, "Frimly")


def test_a_system_of_another_time_is_an_empty_map(registers):
    html = system_map(registers.snapshot, "N9W0A", on="2019-01-01")
    assert payload_of(html)["items"] == []
    assert "No organisation is recorded" in html


# ---- innovations ----------------------------------------


def test_adopters_stand_in_the_order_in_which_they_adopted(spread):
    payload = payload_of(innovation_map(spread.snapshot, "Shared record"))
    stated = spread.relationships("ADOPTED").filter(object="icsg:innovation/shared-record")
    first = stated.group_by("subject").agg(pl.col("start_latest").min()).drop_nulls()
    at = {node["id"]: node["x"] for node in payload["drawing"]["nodes"]}
    order = first.sort("start_latest", "subject")["subject"].to_list()
    assert [at[i] for i in order] == sorted(at[i] for i in order)
    assert set(at) == set(stated["subject"])


def test_routes_are_those_of_the_question_about_them(spread):
    payload = payload_of(innovation_map(spread.snapshot, "Shared record"))
    assert payload["ties"]
    adopted = dict(
        spread.relationships("ADOPTED")
        .filter(object="icsg:innovation/shared-record")
        .group_by("subject")
        .agg(pl.col("start_earliest").min())
        .iter_rows()
    )
    assert all(adopted[tie["start"]] <= adopted[tie["end"]] for tie in payload["ties"])
    assert all(tie["knowledge"] == "inference" for tie in payload["ties"])


def test_what_was_taken_up_after_the_day_is_left_out_and_counted(spread):
    html = innovation_map(spread.snapshot, "Shared record", on="2020-01-01")
    stated = spread.relationships("ADOPTED").filter(object="icsg:innovation/shared-record")
    later = stated.filter(pl.col("start_earliest") > "2020-01-01").height
    assert f"{later} adoptions after this day: left out." in html
    assert payload_of(html)["items"] == [] and "No adoption of Shared record" in html


# ---- topics, answers, flows ----------------------------------------


def test_a_topic_has_its_findings_and_no_others(sample):
    payload = payload_of(topic_map(sample.snapshot, "cancer"))
    about = sample.relationships("ABOUT").filter(object="icsg:topic/cancer")["subject"]
    findings = sample.nodes("Finding").filter(pl.col("id").is_in(about.implode()))
    wanted = findings.filter(pl.col("evidence_class") != "programme_evaluation")["id"]
    assert {card["id"] for card in payload["cards"]} == set(wanted)
    with pytest.raises(UnknownName, match="Cancer care"):
        topic_map(sample.snapshot, "zebra")


def test_an_answer_with_two_ids_a_row_is_drawn_as_ties(sample):
    answer = sample.ask("system-2022-to-2026")
    payload = payload_of(asked(sample, "system-2022-to-2026"))
    rows = answer.filter(pl.col("id") != pl.col("became_id"))
    drawn = {(t["start"], t["end"]) for t in payload["ties"] if t["id"].startswith("r")}
    assert drawn == set(rows.select("id", "became_id").rows())


def test_an_answer_with_one_id_a_row_is_drawn_as_marks(sample):
    answer = sample.ask("innovations", topic="cancer")
    payload = payload_of(asked(sample, "innovations", topic="cancer"))
    assert set(named(payload)) == set(answer["id"])


def test_what_a_question_was_asked_about_stands_in_the_middle(sample):
    payload = payload_of(asked(sample, "system-profile", system="Frimley"))
    middle = next(n for n in payload["drawing"]["nodes"] if n["id"] == "ods:QNQ")
    assert (middle["x"], middle["y"]) == (0, 0)


def test_an_answer_without_things_is_refused_and_one_without_rows_is_an_empty_map(sample):
    with pytest.raises(UsageError, match="name no things"):
        asked(sample, "voices")
    html = asked(sample, "brands-across-systems")
    assert payload_of(html)["items"] == []
    assert 'class="empty"' in html


def test_what_was_asked_about_stands_alone_with_a_sentence_where_there_are_no_rows(sample):
    html = asked(sample, "who-works-with-whom", organisation="North West London")
    assert list(named(payload_of(html)).values()) == ["North West London"]
    assert "This cannot be answered: None of the" in html


def test_flows_are_what_the_question_counts(registers):
    payload = payload_of(flows_map(registers.snapshot))
    answer = registers.ask("cross-border-flows")
    outside = answer.filter(pl.col("code") == "C_999")["outside"].item()
    counted = [int(tie["what"].split()[1].replace(",", "")) for tie in payload["ties"]]
    assert sum(counted) == outside == 20
    assert ends(payload) == {("Barsetshire", "Plumstead"), ("Plumstead", "Barsetshire")}


def test_no_flows_are_an_empty_map_with_a_sentence(sample):
    html = flows_map(sample.snapshot)
    assert payload_of(html)["items"] == []
    assert "No pathways are counted in this snapshot" in html


# ---- every map ----------------------------------------

DRAW = {
    "system": "Frimley",
    "innovation": "Oximetry at home",
    "topic": "cancer",
    "around": "Virtual ward",
    "flows": "",
}


def drawn(sample, name: str, **more) -> str:
    return MAPS[name].draw(sample.snapshot, *([DRAW[name]] if DRAW[name] else []), **more)


@pytest.mark.parametrize("name", DRAW)
def test_every_map_says_what_of_when_and_whose(sample, name):
    html = drawn(sample, name)
    assert f"Snapshot {sample.snapshot.id[:12]}" in html
    for heading in ("What this map shows", "What is not here", "Drawn from"):
        assert f"<h2>{heading}</h2>" in html
    if payload_of(html)["items"]:
        assert "MIT: Provider collaboration reviews" in html
    with pytest.raises(DateFault):
        drawn(sample, name, on="2020-02-30")


@pytest.mark.parametrize("name", [name for name in DRAW if name != "flows"])
def test_every_tie_rests_on_cards_with_sources(sample, name):
    payload = payload_of(drawn(sample, name))
    cards = {card["id"]: card for card in payload["cards"]}
    for tie in payload["ties"]:
        assert tie["cards"]
        assert all(cards[card]["sources"] for card in tie["cards"])
    assert all(payload["sources"][at]["title"] for c in cards.values() for at, *_ in c["sources"])


# ---- the command ----------------------------------------


def run(*words: str):
    return CliRunner().invoke(app, ["map", *words])


def test_the_command_lists_the_maps_with_what_they_take():
    told = run().output
    assert all(row.usage in told for row in MAPS.values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("system",), "needs to know of what"),
        (("flows", "Frimley"), "is of the whole graph"),
        (("topic", "cancer", "--hops", "2"), "has no --hops"),
        (("question", "innovations", "--param", "topic"), "is no NAME=VALUE"),
        (("systm",), "systems"),
    ],
)
def test_what_cannot_be_drawn_is_said(sample, tmp_path, words, said):
    store = ("--store", str(sample.snapshot.folder.parent.parent))
    result = run(*words, *store, "-o", str(tmp_path / "map.html"))
    assert result.exit_code == 2
    assert said in str(result.exception) + result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused_before_any_work(tmp_path):
    result = run("systems", "-o", str(tmp_path / "no" / "map.html"))
    assert result.exit_code == 2
    assert "there is no folder" in str(result.exception) + result.output
    assert list(tmp_path.iterdir()) == []


def test_an_answer_is_drawn_from_the_command_line(sample, tmp_path):
    store = ("--store", str(sample.snapshot.folder.parent.parent))
    target = tmp_path / "map.html"
    words = ("question", "innovations", "--param", "topic=cancer", *store, "-o", str(target))
    assert run(*words).exit_code == 0
    assert target.read_text(encoding="utf-8") == asked(sample, "innovations", topic="cancer")
