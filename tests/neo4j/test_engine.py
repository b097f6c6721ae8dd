"""Cypher on a real Neo4j server: the frames it gives, and what it refuses."""

import polars as pl
import pytest

from icsgraph.graph.ladybug import Ladybug
from icsgraph.graph.neo4j import Neo4j
from icsgraph.ontology.errors import QueryError, UnknownName, UsageError
from icsgraph.session import Graph

READING = {
    "plain values": "RETURN 'a' AS text, 1 AS whole, 1.5 AS number, true AS truth",
    "a list of text": "RETURN ['a', 'b'] AS texts",
    "missing among values": "UNWIND [1, 2] AS n RETURN CASE WHEN n = 1 THEN n END AS n ORDER BY n",
    "a list of numbers": "RETURN [1, 2] AS numbers",
    "whole and fraction": "UNWIND [1, 2.5] AS n RETURN n ORDER BY n",
    "things": "MATCH (s:System) RETURN s.id AS id, s.codes AS codes, s.name AS name ORDER BY id",
    "a sum": "MATCH (r:Review) RETURN sum(r.phase) AS phases, avg(r.phase) AS mean",
}
WRITING = (
    "CREATE (n:System {id: 'x'})",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) SET n.name = 'x'",
    "MERGE (n:System {id: 'x'}) RETURN n",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "load /* now */ csv FROM 'file:///etc/passwd' AS line RETURN line",
    "CALL dbms.listConfig() YIELD name RETURN name",
    "INSERT (n:System {id: 'x'})",
    "CYPHER 25 INSERT (n:System {id: 'x'})",
    "SHOW USERS",
    "EXPLAIN TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    "USE system MATCH (n) RETURN n",
)


@pytest.fixture(autouse=True)
def sample_is_held(holding, sample: Graph) -> None:
    holding(sample)


@pytest.mark.parametrize("what", READING)
def test_the_frame_is_that_of_ladybug(what: str, neo4j: Neo4j, sample: Graph) -> None:
    ladybug = Ladybug(sample.snapshot)
    assert neo4j.run(READING[what]).equals(ladybug.run(READING[what]))
    ladybug.close()


@pytest.mark.parametrize("text", WRITING)
def test_what_would_write_is_refused_before_it_is_sent(text: str, neo4j: Neo4j) -> None:
    with pytest.raises(QueryError, match="is not allowed: queries only read"):
        neo4j.run(text)


def test_the_session_itself_does_not_write(server) -> None:
    with pytest.raises(Exception, match="only be read"):
        server.read("CREATE (n:System {id: 'x'})")


def test_a_fault_of_grammar_is_shown_with_its_place(neo4j: Neo4j) -> None:
    with pytest.raises(QueryError) as refused:
        neo4j.run("RETRN 1 AS n")
    assert "Invalid input 'RETRN'" in refused.value.reason
    assert refused.value.hint.splitlines()[-1].strip() == "^"


def test_no_rows_give_the_columns(neo4j: Neo4j) -> None:
    none = neo4j.run("MATCH (s:System {id: 'nowhere'}) RETURN s.id AS id, s.name AS name")
    assert none.schema == {"id": pl.String, "name": pl.String}
    assert none.is_empty()


def test_reading_stops_at_the_limit(neo4j: Neo4j) -> None:
    assert neo4j.run("UNWIND range(1, 100000) AS n RETURN n", limit=3)["n"].to_list() == [1, 2, 3]


def test_a_query_is_interrupted(neo4j: Neo4j) -> None:
    endless = "UNWIND range(1, 100000) AS a UNWIND range(1, 1000000) AS b RETURN sum(a * b) AS n"
    with pytest.raises(QueryError, match="it took longer than 1 seconds"):
        neo4j.run(endless, timeout=1)


def test_parameters_are_what_the_text_uses(neo4j: Neo4j) -> None:
    assert neo4j.run("RETURN $day AS day", {"day": "2021-06-30"})["day"].to_list() == ["2021-06-30"]
    with pytest.raises(UsageError, match="parameter day of the query has no value"):
        neo4j.run("RETURN $day AS day")
    with pytest.raises(UnknownName):
        neo4j.run("RETURN $day AS day", {"day": "", "week": 1})


def test_a_thing_is_told_by_its_properties(neo4j: Neo4j) -> None:
    text = "MATCH p = (:Review {id: 'icsg:review/PCR3-CAN'})-[:ABOUT]->(c:Concept) RETURN p LIMIT 1"
    told = neo4j.run(text)["p"].str.json_decode(
        pl.Struct({"nodes": pl.List(pl.Struct({"id": pl.String, "kind": pl.String}))})
    )
    assert told[0]["nodes"][0] == {"id": "icsg:review/PCR3-CAN", "kind": "Review"}
