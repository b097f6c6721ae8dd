"""Engines by name: what opens them, and what is said of one that cannot be opened."""

from contextlib import suppress

import pytest

from icsgraph.benchmarks.questions import ways
from icsgraph.graph import ladybug
from icsgraph.graph.engines import ENGINES, engine
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.session import Graph

SYSTEMS = {
    "cypher": "MATCH (s:System) RETURN count(s.id) AS systems ORDER BY systems",
    "sparql": "SELECT (COUNT(?s) AS ?systems) WHERE { ?s a icsgo:System }",
}


def test_an_engine_that_there_is_none_of_names_the_nearest(sample: Graph) -> None:
    with pytest.raises(UnknownName) as unknown:
        engine("oxigraf", sample.snapshot)
    assert unknown.value.nearest == ["oxigraph"]
    assert unknown.value.exit_code == 2


@pytest.mark.parametrize("name", ["ladybug", "oxigraph"])
def test_an_engine_is_opened_by_its_name(sample: Graph, name: str) -> None:
    opened = engine(name, sample.snapshot)
    assert (opened.name, opened.language) == (name, ENGINES[name].language)
    assert opened.run(SYSTEMS[opened.language]).rows() == [(sample.nodes("System").height,)]
    opened.close()


def test_a_server_needs_an_address_and_what_is_no_server_takes_none(sample: Graph) -> None:
    with pytest.raises(UsageError, match="say where it is"):
        engine("neo4j", sample.snapshot)
    with pytest.raises(UsageError, match="takes no address"):
        engine("ladybug", sample.snapshot, "bolt://localhost")


def test_a_server_is_not_asked_about_a_view(sample: Graph) -> None:
    view = sample.on("2021-06-30").snapshot
    with pytest.raises(UsageError, match="holds a whole graph") as refused:
        engine("neo4j", view, "bolt://localhost")
    assert "icsgraph export parquet -o part" in refused.value.hint


def test_a_database_whose_memory_is_full_is_opened_again(
    england: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladybug.Ladybug(england.snapshot).close()  # its file is built with room enough
    monkeypatch.setattr(ladybug, "BUFFER_POOL", 100 * 2**20)
    graph = Graph(england.snapshot)
    small = graph.engine("ladybug")
    assert isinstance(small, ladybug.Ladybug)
    databases = {small._database}
    for question in graph.questions.values():
        for parameters, day in ways(question, graph.snapshot)[:3]:
            if "cypher" in question.texts:
                with suppress(UsageError):  # an example's name that England has not, or twice
                    graph.ask(question.name, on=day, **parameters)
                databases.add(small._database)
    assert len(databases) > 1
