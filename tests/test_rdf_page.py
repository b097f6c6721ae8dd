"""The page on RDF: each pattern that it shows is in the graph, and each query finds something."""

import doctest
import re
from pathlib import Path

import pytest
from rdflib import Graph

from icsgraph.graph.formats.turtle import BASE
from icsgraph.graph.in_rdflib import rdflib_graph
from icsgraph.graph.oxigraph import PREFIXES
from icsgraph.ontology.generate import derived

PAGE = (Path(__file__).parents[1] / "docs" / "rdf.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def graph(sample):
    return rdflib_graph(sample.snapshot).parse(data=derived("owl"), format="turtle")


@pytest.mark.parametrize("number", range(len(blocks("turtle"))))
def test_each_pattern_is_in_the_graph(graph, number):
    prefixes = [f"@prefix {name}: <{namespace}> ." for name, namespace in PREFIXES.items()]
    shown = Graph().parse(
        data="\n".join([f"@base <{BASE}> .", *prefixes, blocks("turtle")[number]]), format="turtle"
    )
    assert len(shown) > 0
    assert set(shown) - set(graph) == set()


@pytest.mark.parametrize("number", range(len(blocks("sparql"))))
def test_each_query_finds_something(sample, number):
    rows = sample.sparql(blocks("sparql")[number])
    assert rows.height > 0
    assert all(rows[column].count() for column in rows.columns)


def test_the_session_in_python_is_as_shown():
    (session,) = blocks("pycon")
    test = doctest.DocTestParser().get_doctest(session, {}, "docs/rdf.md", "docs/rdf.md", 0)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_the_patterns_and_queries_are_there():
    assert (len(blocks("turtle")), len(blocks("sparql"))) == (6, 6)
