"""One question, every engine: equal rows in equal order, with the same counts behind them."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from generated_graphs import partitions, snapshot_of
from hypothesis import given, settings

from icsgraph.benchmarks.questions import ways
from icsgraph.graph.engines import ENGINES
from icsgraph.graph.partitions import Partition
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.queries.catalogue import Example, read_catalogue
from icsgraph.session import Graph

SERVED = {name for name, row in ENGINES.items() if row.served}
"""Engines that are servers: theirs are the tests beside the server."""


def cases() -> Iterator[tuple[str, str, Example]]:
    """Each question with each engine but its first, as each of its worked examples asks it."""
    for name, question in read_catalogue().items():
        for engine in question.engines[1:]:
            if engine not in SERVED:
                yield from ((name, engine, example) for example in question.examples)


def without_parameters() -> Iterator[tuple[str, str]]:
    """Each question that can be asked without parameters, with each engine but its first."""
    for name, question in read_catalogue().items():
        if all(p.default is not None for p in question.parameters.values()):
            yield from ((name, e) for e in question.engines[1:] if e not in SERVED)


@pytest.mark.parametrize(
    ("name", "engine", "example"),
    list(cases()),
    ids=[f"{n} {e} {x.parameters}" for n, e, x in cases()],
)
def test_every_engine_gives_the_same_rows_in_the_same_order(
    request: pytest.FixtureRequest, name: str, engine: str, example: Example
) -> None:
    graph: Graph = request.getfixturevalue(example.store)
    first = graph.ask(name, on=example.on, **example.parameters)
    other = graph.ask(name, on=example.on, engine=engine, **example.parameters)
    assert other.rows() == first.rows()
    assert (other.schema, other.counts, other.reason) == (first.schema, first.counts, first.reason)


@pytest.mark.parametrize("store", ["sample", "registers"])
@pytest.mark.parametrize(("name", "engine"), list(without_parameters()))
def test_every_engine_gives_the_same_rows_for_any_parameters(
    request: pytest.FixtureRequest, name: str, engine: str, store: str
) -> None:
    """All rows of a store, also of one that holds nothing of what is asked about."""
    graph: Graph = request.getfixturevalue(store)
    first, other = graph.ask(name), graph.ask(name, engine=engine)
    assert other.rows() == first.rows()
    assert (other.schema, other.counts, other.reason) == (first.schema, first.counts, first.reason)


IN_BOTH = [name for name, q in read_catalogue().items() if {"cypher", "sparql"} <= set(q.texts)]


@pytest.mark.parametrize("name", IN_BOTH)
def test_every_engine_gives_the_same_rows_on_england(england: Graph, name: str) -> None:
    """About things that England has, the busiest among them, and with each choice there is."""
    asked = 0
    for parameters, on in ways(england.questions[name], england.snapshot):
        with suppress(UnknownName, UsageError):  # an example names a thing of another store
            first = england.ask(name, on=on, **parameters)
            other = england.ask(name, on=on, engine="oxigraph", **parameters)
            assert other.rows() == first.rows(), parameters
            assert (other.schema, other.counts) == (first.schema, first.counts), parameters
            asked += 1
    assert asked > 1


@settings(max_examples=5)
@given(made=partitions())
def test_every_engine_gives_the_same_rows_on_any_graph(
    made: list[Partition], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Graphs with every kind of value that a column may have; a thing that a question asks for is
    the first of its kind."""
    graph = Graph(snapshot_of(tmp_path_factory.mktemp("made") / "store", made))
    for name, question in read_catalogue().items():
        engines = [engine for engine in question.engines if engine not in SERVED]
        things = {
            key: next((i for kind in each.node for i in graph.nodes(kind)["id"]), each.default)
            for key, each in question.parameters.items()
        }
        needed = {key: value for key, value in things.items() if value is not None}
        if len(engines) > 1 and len(needed) == len(things):
            first, *others = (graph.ask(name, engine=engine, **needed) for engine in engines)
            for other in others:
                assert (other.rows(), other.counts) == (first.rows(), first.counts), name
    for engine in ("ladybug", "oxigraph"):
        graph.engine(engine).close()
