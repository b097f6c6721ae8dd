"""Each Cypher text of the catalogue gives on Neo4j the rows that it gives on Ladybug, in the same
order: on the bundled evidence, on the small made-up registers, and on all of England."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest
from generated_graphs import partitions, snapshot_of
from hypothesis import given, settings

from icsgraph.benchmarks.questions import ways
from icsgraph.graph.engines import Engine
from icsgraph.graph.ladybug import Ladybug
from icsgraph.graph.neo4j import Neo4j
from icsgraph.graph.neo4j_server import Server
from icsgraph.graph.partitions import Partition
from icsgraph.graph.push import push
from icsgraph.graph.snapshot import Snapshot
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.queries.ask import ask
from icsgraph.queries.catalogue import Question, read_catalogue
from icsgraph.session import Graph

WAYS = 12
"""In how many ways each is asked of England."""

QUESTIONS = {name: q for name, q in read_catalogue().items() if "cypher" in q.texts}


@dataclass
class Noting:
    """Ladybug, and a note of every text it is asked, with its parameters and rows."""

    ladybug: Engine
    asked: list[tuple[str, dict[str, Any], pl.DataFrame]] = field(default_factory=list)

    name, language = "ladybug", "cypher"

    def run(self, text: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        rows = self.ladybug.run(text, parameters)
        self.asked.append((text, dict(parameters or {}), rows))
        return rows


@pytest.fixture(scope="module", params=["sample", "registers"])
def graph(request: pytest.FixtureRequest, holding: Callable[[Graph], None]) -> Graph:
    """A graph that the server holds."""
    graph = request.getfixturevalue(request.param)
    holding(graph)
    return graph


@pytest.fixture(scope="module")
def ladybug(graph: Graph) -> Iterator[Ladybug]:
    engine = Ladybug(graph.snapshot)
    yield engine
    engine.close()


def ways_to_ask(question: Question) -> Iterator[tuple[dict[str, Any], str]]:
    """The parameters and day of each worked example, and the defaults."""
    yield from ((example.parameters, example.on) for example in question.examples)
    if all(parameter.default is not None for parameter in question.parameters.values()):
        yield {}, ""


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_text_gives_equal_rows_in_equal_order(
    name: str, graph: Graph, ladybug: Ladybug, neo4j: Neo4j
) -> None:
    noting = Noting(ladybug)
    for parameters, on in ways_to_ask(QUESTIONS[name]):
        try:
            ask(lambda _: noting, graph.snapshot, QUESTIONS[name], parameters, on, "ladybug")
        except UnknownName:
            continue  # an example that names a thing of the other store
    gives_the_same(neo4j, noting)


def gives_the_same(neo4j: Neo4j, noting: Noting) -> None:
    """Neo4j gives the rows that Ladybug gave, whatever was asked."""
    for text, values, rows in noting.asked:
        told = neo4j.run(text, values)
        assert told.columns == rows.columns
        assert lists_sorted(as_typed(told, rows)).to_dicts() == lists_sorted(rows).to_dicts()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_text_gives_equal_rows_of_england(
    name: str, england: Graph, england_on_neo4j: Neo4j
) -> None:
    """With each choice that a parameter has, and about things that have the most statements."""
    noting = Noting(england.engine())
    for parameters, on in ways(QUESTIONS[name], england.snapshot)[:WAYS]:
        with suppress(UnknownName, UsageError):  # an example that names a thing of another store
            ask(lambda _: noting, england.snapshot, QUESTIONS[name], parameters, on, "ladybug")
    assert noting.asked
    gives_the_same(england_on_neo4j, noting)


@settings(max_examples=5)
@given(made=partitions())
def test_every_text_gives_equal_rows_on_any_graph(
    made: list[Partition],
    server: Server,
    neo4j: Neo4j,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    snapshot = snapshot_of(tmp_path_factory.mktemp("made") / "store", made)
    push(snapshot, server)
    ladybug = Ladybug(snapshot)
    noting = Noting(ladybug)
    for question in QUESTIONS.values():
        try:
            values = any_values(question, snapshot)
            ask(lambda _: noting, snapshot, question, values, "2020-06-30", "ladybug")
        except (UnknownName, UsageError):
            continue  # it asks for a thing of a kind that this graph does not have
    ladybug.close()
    gives_the_same(neo4j, noting)


def any_values(question: Question, snapshot: Snapshot) -> dict[str, str]:
    """Values for the parameters that name a thing: the first of the kinds that they take."""
    values = {}
    for name, parameter in question.parameters.items():
        ids = [id for kind in parameter.node for id in snapshot.nodes(kind)["id"].head(1)]
        if ids:
            values[name] = ids[0]
    return values


def as_typed(told: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`told` with the types of `rows` in the columns that hold nothing: a server does not say what
    they would have held."""
    empty = [column for column in told.columns if told[column].null_count() == told.height]
    typed = told.with_columns(pl.col(c).cast(rows[c].dtype) for c in empty)
    assert typed.schema == rows.schema
    return typed


def lists_sorted(rows: pl.DataFrame) -> pl.DataFrame:
    """A list that is collected has no order in either engine; an answer gives it sorted."""
    lists = [name for name, type_ in rows.schema.items() if isinstance(type_, pl.List)]
    return rows.with_columns(pl.col(name).list.sort() for name in lists)
