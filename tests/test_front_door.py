"""What a Python user meets first: tables and SQL, networks, things shown, answers in notebooks."""

import re
from datetime import date, datetime

import networkx as nx
import pytest

from icsgraph.ontology.errors import DateFault, QueryError, UnknownName, UsageError
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.session import Graph


def test_the_tables_are_the_kinds_and_the_series_by_name(sample: Graph, registers: Graph) -> None:
    tables = sample.tables()
    assert list(tables) == [*NODE_KINDS, *RELATIONSHIP_KINDS, *sample.snapshot.series_names]
    assert tables["System"].equals(sample.nodes("System"))
    assert tables["ADOPTED"].equals(sample.relationships("ADOPTED"))
    assert registers.tables()["ratings"].equals(registers.snapshot.series("ratings"))
    with pytest.raises(UnknownName) as unknown:
        tables["Systems"]
    assert unknown.value.nearest == ["System"]


def test_sql_joins_the_tables(sample: Graph) -> None:
    rows = sample.tables().sql(
        "SELECT i.name AS innovation, count(DISTINCT a.subject) AS systems FROM ADOPTED a "
        "JOIN Innovation i ON a.object = i.id GROUP BY i.name ORDER BY systems DESC, i.name LIMIT 3"
    )
    cypher = sample.cypher(
        "MATCH (s)-[:ADOPTED]->(i:Innovation) WITH i.name AS innovation, count(DISTINCT s.id) AS n "
        "RETURN innovation AS innovation, n AS systems ORDER BY systems DESC, innovation LIMIT 3"
    )
    assert rows.rows() == cypher.rows()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELEC name FROM System", "Line: 1, Column: 1"),
        ("SELECT nam FROM System", 'unable to find column "nam"'),
        ("SELECT name FROM Systems", "'Systems' was not found"),
    ],
)
def test_sql_that_is_refused_says_why(sample: Graph, text: str, said: str) -> None:
    with pytest.raises(QueryError) as refused:
        sample.tables().sql(text)
    assert refused.value.message.startswith("SQL refused the query: ")
    assert said in refused.value.message
    assert "\n" not in refused.value.message


def test_a_network_is_of_the_kinds_day_and_systems_asked_for(sample: Graph) -> None:
    whole = sample.networkx(relationships=["ADOPTED"])
    part = sample.networkx(relationships=["ADOPTED"], within="Frimley", on="2024-05-01")
    assert isinstance(part, nx.MultiDiGraph)
    held = sample.on("2024-05-01").relationships("ADOPTED")
    of_frimley = held.filter(held["subject"] == "ods:QNQ")
    assert {key for _, _, key in part.edges(keys=True)} == set(of_frimley["id"])
    assert 0 < part.number_of_edges() < whole.number_of_edges()
    regional = sample.networkx(region="south east", nodes=["System"])
    assert {"ods:QNQ", "ods:QKS"} <= set(regional)
    assert "ods:QMF" not in regional


def test_a_thing_is_shown_in_words(sample: Graph) -> None:
    told = sample.show("Frimley")
    assert told.as_dict()["id"] == "ods:QNQ"
    lines = repr(told).splitlines()
    assert lines[0] == "Frimley"
    assert lines[1].startswith("Integrated care system · ods:QNQ · ")
    assert "  adopted: Oximetry at home, Shared care record" in lines
    assert "  region: South East" in lines


def test_a_notebook_shows_the_caveats_below_the_rows(sample: Graph) -> None:
    answer = sample.ask("innovations", topic="cancer")
    page = answer._repr_html_()
    assert page.index("</table>") < page.index("<li>")
    assert page.count("<li>") == len(answer.caveats) > 0


def test_rows_of_a_query_can_be_bounded(sample: Graph) -> None:
    systems = "MATCH (s:System) WHERE s.region = $limit RETURN s.id AS id ORDER BY id"
    assert sample.cypher(systems, {"limit": "London"}, limit=2).height == 2


@pytest.mark.parametrize(
    ("text", "name", "nearest"),
    [
        ("MATCH (s:Systm) RETURN s.id AS id", "Systm", "System"),
        ("MATCH ()-[:FACED | ADOPTD]->(b) RETURN b.id AS id", "ADOPTD", "ADOPTED"),
        ("MATCH (s:System) WHERE s.nam = 'x' RETURN s.id AS id", "nam", "name"),
    ],
)
def test_a_kind_or_property_that_there_is_none_of_brings_the_nearest(
    sample: Graph, text: str, name: str, nearest: str
) -> None:
    with pytest.raises(UnknownName) as unknown:
        sample.cypher(text)
    assert (unknown.value.name, unknown.value.nearest[0]) == (name, nearest)


def test_a_term_that_no_triple_can_have_is_refused_in_sparql(sample: Graph) -> None:
    with pytest.raises(UnknownName) as unknown:
        sample.sparql("SELECT ?s { ?s icsgo:adoptd ?innovation }")
    assert unknown.value.nearest[0] == "icsgo:adopted"


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (s:System) WHERE s.name <> '(x:Foo) s.nam' RETURN count(*) AS n",
        "MATCH (s:System) WITH {nam: s.name} AS s RETURN count(s.nam) AS n",
        "MATCH (s:System) // (x:Foo) s.nam\nRETURN count(*) AS n",
    ],
)
def test_what_only_looks_like_a_kind_or_property_is_none(sample: Graph, text: str) -> None:
    assert sample.cypher(text)["n"][0] > 40


@pytest.mark.parametrize("day", [date(2021, 6, 30), datetime(2021, 6, 30, 12)])
def test_a_day_may_be_a_date(sample: Graph, day: date) -> None:
    asked = {"innovation": "Oximetry at home"}
    told = sample.ask("adopted-when", on="2021-06-30", **asked)
    assert sample.ask("adopted-when", on=day, **asked).rows() == told.rows()
    assert sample.on(day).snapshot.view == sample.on("2021-06-30").snapshot.view
    assert sample.known(day).snapshot.view == sample.known("2021-06-30").snapshot.view


def test_one_kind_may_stand_alone_and_none_means_the_default(sample: Graph) -> None:
    assert sample.networkx(nodes="System").number_of_nodes() == sample.nodes("System").height
    assert sample.search("barts", kinds="Organisation")["kind"].unique().to_list() == [
        "Organisation"
    ]
    assert sample.ask("barriers", topic=None).rows() == sample.ask("barriers").rows()


def test_a_whole_number_of_any_size_is_kept_as_it_is(sample: Graph) -> None:
    seed = 2**60 + 1  # a float would round it
    assert sample.ask("who-could-learn", seed=seed, replicates=1).parameters["seed"] == seed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda g: g.ask(None), 'no question "None"'),
        (
            lambda g: g.ask("common-barriers", at_least=2.5),
            'at_least is "2.5", which is no integer',
        ),
        (lambda g: g.ask("common-barriers", at_least=True), 'is "True", which is no integer'),
        (lambda g: g.show(None), 'no thing "None"'),
        (lambda g: g.within(None), 'no system "None"'),
        (lambda g: g.nodes(None), 'no node kind "None"'),
        (lambda g: g.known(None), 'no release "None"'),
        (lambda g: g.on("2021-06-30", "SURE"), 'no certainty "SURE"'),
        (lambda g: g.diff(None), 'no release or snapshot "None"'),
        (lambda g: g.search(None), "nothing to search for"),
        (lambda g: g.search("barts", limit=0), "0 is no number of things"),
        (lambda g: g.map("systems", hops=1), 'no option of the map systems "hops"'),
        (lambda g: g.cypher(None), "None is no query"),
        (lambda g: g.sparql(" "), "' ' is no query"),
        (lambda g: g.cypher("RETURN 1 AS one", limit=-1), "-1 is no number of rows"),
        (lambda g: g.cypher("RETURN 1 AS one", limit="3"), "'3' is no number of rows"),
        (lambda g: g.sparql("ASK {}", timeout=float("nan")), "nan is no number of seconds"),
    ],
)
def test_what_is_of_the_wrong_type_is_told_by_its_name(sample: Graph, asked, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        asked(sample)


def test_a_day_that_is_none_is_no_day(sample: Graph) -> None:
    with pytest.raises(DateFault, match="a single day is needed"):
        sample.on(None)


def test_a_list_of_several_types_is_refused_by_the_engine_in_words(sample: Graph) -> None:
    with pytest.raises(QueryError, match="Cypher refused the query"):
        sample.cypher("RETURN $x AS x", x=[1, "a"])


@pytest.mark.parametrize("bounds", [{"limit": 10**30}, {"timeout": 1e300}])
def test_the_largest_bounds_are_none(sample: Graph, bounds) -> None:
    assert sample.cypher("RETURN 1 AS one", **bounds)["one"].to_list() == [1]
    assert sample.sparql("ASK {}", **bounds).rows() == [(True,)]
