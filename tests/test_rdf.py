"""The graph as RDF: the pattern of each row, its escapes, and that all its forms say the same."""

import json

import polars as pl
import pyoxigraph as ox
import pyshacl
import pytest
from generated_graphs import AWKWARD, awkward, snapshot_of
from rdflib import RDF, Dataset, Graph, Literal, URIRef

from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.importing import read_file
from icsgraph.graph.in_rdflib import rdflib_graph
from icsgraph.graph.rdf import facts, lines
from icsgraph.graph.rdf_terms import identifier_of, iri_of, iris, literal, literals, with_base
from icsgraph.graph.within import within
from icsgraph.ontology.context import document
from icsgraph.ontology.errors import FileFault
from icsgraph.ontology.generate import derived
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.ontology.terms import Form, iri

# rdflib's own readers use what rdflib itself has deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
    pytest.mark.filterwarnings("ignore:Dataset"),
]

ODD_NAMES = ["ods:R1H", "icsg:a b/c", 'cqc:"<>\\^`{|}', "icsg:é\n#?%41", "no identifier", "x:y", ""]


def term(text):
    return URIRef(iri(text))


def rows_of(snapshot):
    """Every row of a snapshot, as a dictionary."""
    nodes = [row for kind in NODE_KINDS for row in snapshot.nodes(kind).to_dicts()]
    ties = [row for k in RELATIONSHIP_KINDS for row in snapshot.relationships(k).to_dicts()]
    return nodes + ties


@pytest.fixture(scope="module")
def lancashire(sample):
    """A slice of the bundled evidence: what is known within one system."""
    return within(sample.snapshot, ["ods:QE1"])


@pytest.fixture(scope="module")
def graph(lancashire):
    return rdflib_graph(lancashire)


# Terms


@pytest.mark.parametrize("text", AWKWARD)
def test_every_text_is_read_back_from_its_literal(text):
    line = f"<urn:a> <urn:b> {literals(pl.Series([text]), Form.TEXT)[0]} .\n"
    assert line.endswith(f"{literal(text)} .\n")
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    assert quad.object.value == text
    assert [str(o) for o in Graph().parse(data=line, format="nt").objects()] == [text]


@pytest.mark.parametrize(
    ("value", "form", "written"),
    [
        (0.25, Form.NUMBER, "0.25"),
        (-1e-9, Form.NUMBER, "-1e-9"),
        (float("inf"), Form.NUMBER, "INF"),
        (2**63 - 1, Form.INTEGER, "9223372036854775807"),
        (True, Form.BOOLEAN, "true"),
        ("2022-07-01", Form.DATE, "2022-07-01"),
    ],
)
def test_values_have_the_forms_of_xml_schema(value, form, written):
    (made,) = literals(pl.Series([value]), form)
    assert made == f'"{written}"^^<{iri(form.value)}>'


def test_every_name_has_an_iri_and_is_read_back_from_it():
    made = iris(pl.Series(ODD_NAMES))
    assert made.to_list() == [f"<{iri_of(name)}>" for name in ODD_NAMES]
    text = "".join(f"{it} <urn:b> {it} .\n" for it in made)
    quads = list(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    assert [identifier_of(quad.subject.value) for quad in quads] == ODD_NAMES


def test_names_that_look_alike_have_different_iris():
    names = pl.Series(["a b", "a%20b", "a+b", "a_b"])
    assert with_base(names, "urn:").n_unique() == 4


# Patterns


def test_two_sources_that_say_the_same_are_two_statements_and_one_triple(tmp_path):
    snapshot = snapshot_of(tmp_path / "store", [awkward(["a", "b"])])
    graph = rdflib_graph(snapshot)
    one, other = term("icsg:body/0"), term("icsg:body/1")
    assert len(list(graph.triples((one, term("icsgo:treatsResidentsOf"), other)))) == 1
    statements = set(graph.subjects(RDF.type, term("icsgo:TreatsResidentsOfStatement")))
    assert len(statements) == 2
    assert {graph.value(it, term("icsgo:subject")) for it in statements} == {one}


def test_what_an_edition_states_is_in_its_graph(lancashire, tmp_path):
    export(lancashire, "nquads", tmp_path / "graph.nq")
    data = Dataset().parse(tmp_path / "graph.nq", format="nquads")
    edition = data.graph(term("icsg:source/evidence@2026-11"))
    assert set(edition.subjects(RDF.type)) == set(edition.subjects(term("icsgo:subject")))
    ends = zip(
        edition.subjects(term("icsgo:adopted")), edition.objects(predicate=term("icsgo:adopted")),
        strict=True,
    )  # fmt: skip
    adopted = lancashire.relationships("ADOPTED").select("subject", "object").unique().rows()
    assert sorted((identifier_of(a), identifier_of(b)) for a, b in ends) == sorted(adopted)
    assert (None, term("rdfs:label"), None) not in edition


def test_things_and_statements_alone_can_be_had(lancashire):
    systems = rdflib_graph(lancashire, nodes=["System"], relationships=["ADOPTED"])
    kinds = {str(kind).removeprefix(iri("icsgo:")) for kind in systems.objects(None, RDF.type)}
    points = {iri("sf:Point"), iri("time:Instant")}
    assert kinds - points == {"System", "AdoptedStatement", "BoundedInterval"}
    assert systems.namespace_manager.store.namespace("icsgo") == term("icsgo:")


def test_a_file_is_the_same_twice_and_says_nothing_twice(sample):
    told = [[line for text in lines(facts(sample.snapshot)) for line in text] for _ in range(2)]
    assert told[0] == told[1]
    triples = "\n".join(told[0]).split("\n")
    assert len(triples) == len(set(triples)) > 40_000


# Agreement


def valued(triples):
    """Triples with the values of numbers, which may be written in several ways."""
    return {(s, p, o.value if isinstance(o, Literal) and o.value == o.value else o)
            for s, p, o in triples}  # fmt: skip


def test_the_triples_are_those_of_the_rows_under_the_context(lancashire, graph):
    of_rows = Graph().parse(data=json.dumps(document(rows_of(lancashire))), format="json-ld")
    order = term("icsgo:inOrder")
    assert valued(graph.triples((None, None, None))) - valued(of_rows) == {
        (s, order, o.value) for s, o in graph.subject_objects(order)
    }
    assert valued(of_rows) <= valued(graph)


@pytest.mark.parametrize(
    ("name", "ending", "syntax"),
    [("turtle", "ttl", "turtle"), ("jsonld", "jsonld", "json-ld")],
)
def test_other_readers_find_the_same_triples(lancashire, graph, tmp_path, name, ending, syntax):
    export(lancashire, name, tmp_path / f"graph.{ending}")
    read = Graph().parse(tmp_path / f"graph.{ending}", format=syntax)
    read.remove((None, term("icsgo:exported"), None))
    assert valued(read) == valued(graph)


@pytest.mark.parametrize("name", ["turtle", "nquads"])
def test_awkward_texts_are_the_same_in_other_readers(tmp_path, name):
    snapshot = snapshot_of(tmp_path / "store", [awkward()])
    export(snapshot, name, tmp_path / "file")
    read = Dataset().parse(tmp_path / "file", format=name)
    notes = {str(o) for _, _, o, _ in read.quads((None, term("skos:note"), None, None))}
    assert notes == set(AWKWARD)


def test_the_triples_pass_the_shapes(graph):
    shapes = Graph().parse(data=derived("shacl"), format="turtle")
    conforms, _graph, report = pyshacl.validate(graph, shacl_graph=shapes)
    assert conforms, report


# Files of others


def test_rdf_of_somebody_else_is_read_by_its_classes_and_what_is_left_is_said(tmp_path):
    file = tmp_path / "own.ttl"
    file.write_text(
        """
        @prefix icsgo: <https://w3id.org/icsgraph/ontology#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        <https://w3id.org/icsgraph/id/barrier/money> a icsgo:Barrier ; rdfs:label "Money" ;
            foaf:topic "costs" .
        foaf:Agent a rdfs:Class .
        """,
        encoding="utf-8",
    )
    content = read_file("turtle", file)
    barrier = content.nodes["Barrier"].row(0, named=True)
    assert (barrier["id"], barrier["name"]) == ("icsg:barrier/money", "Money")
    assert "were passed over: http://xmlns.com/foaf/0.1/topic (1)." in content.notes[-1]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("turtle", "@prefix a: <urn:a> .\na:b a:c", "line 2|row 2"),
        ("nquads", "<urn:a> <urn:b> .\n", "row 1"),
        ("jsonld", '{\n"@graph": [', "row 2"),
        ("turtle", "<urn:a> <urn:b> <urn:c> .", "no thing of the ontology"),
        ("jsonld", "{}", "no thing of the ontology"),
        (
            "turtle",
            "@prefix o: <https://w3id.org/icsgraph/ontology#> . <urn:a> a o:Barrier, o:System .",
            "urn:a is of two kinds",
        ),
        (
            "turtle",
            "@prefix o: <https://w3id.org/icsgraph/ontology#> ."
            '<urn:a> a o:Review ; o:phase "many" .',
            'column phase: "many" is no such value',
        ),
        (
            "turtle",
            "@prefix o: <https://w3id.org/icsgraph/ontology#> .<urn:a> a o:Review ; o:phase 1, 2 .",
            "urn:a has two values of phase",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, name, text, said):
    file = tmp_path / "file"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileFault, match=said):
        read_file(name, file)
