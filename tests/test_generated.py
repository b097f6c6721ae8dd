"""The derived files: they are current, and rows of every kind are what they describe."""

import json
import os
import subprocess
import sys

import fastjsonschema
import ladybug
import pyshacl
import pytest
from rdflib import RDF, XSD, Graph, Literal, URIRef

from icsgraph.ontology.context import document
from icsgraph.ontology.cypher import ladybug_ddl, neo4j_ddl
from icsgraph.ontology.errors import UnknownName
from icsgraph.ontology.examples import example_rows
from icsgraph.ontology.generate import DERIVED, FORMS, derived, stale, write
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.ontology.tables import schema
from icsgraph.ontology.terms import class_term, concept_iri, iri

# rdflib's own JSON-LD reader uses a class that rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

KINDS = [*NODE_KINDS, *RELATIONSHIP_KINDS]


def rdf(rows):
    return Graph().parse(data=json.dumps(document(rows)), format="json-ld")


def term(text):
    return URIRef(iri(text))


def row(kind, **changes):
    """The example of a kind, changed; None takes a column out."""
    made = next(row for row in example_rows() if row["kind"] == kind) | changes
    return {name: value for name, value in made.items() if value is not None}


# Current


def test_what_is_checked_in_is_what_the_ontology_gives(repository):
    assert stale(repository) == [], "run `make generate`"


def test_a_changed_or_missing_file_is_stale_until_it_is_written(tmp_path):
    assert write(tmp_path) == sorted(DERIVED)
    assert stale(tmp_path) == []
    (tmp_path / "docs" / "glossary.md").unlink()
    with (tmp_path / "ontology" / "generated" / "shapes.ttl").open("ab") as file:
        file.write(b"\n")
    assert stale(tmp_path) == ["docs/glossary.md", "ontology/generated/shapes.ttl"]


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path, seed):
    program = (
        "import sys, pathlib; from icsgraph.ontology.generate import write; "
        "write(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert stale(tmp_path) == []


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_one_of_the_derived_files(name):
    assert FORMS[name] in DERIVED.values()
    assert derived(name).endswith("\n")


def test_an_unknown_form_is_answered_with_the_nearest():
    with pytest.raises(UnknownName) as raised:
        derived("markdwon")
    assert raised.value.nearest == ["markdown"]


# JSON-LD


def test_a_system_becomes_these_triples():
    system = {
        "id": "ods:QE1",
        "kind": "System",
        "name": "Lancashire and South Cumbria",
        "codes": ["ons:E54000048"],
        "region": "North West",
        "statutory_from": "2022-07-01",
        "sources": ["systems@2026-04"],
        "lon": -2.5925,
        "lat": 54.0281,
        "note": None,
        "other_names": [],
    }
    graph = rdf([system])
    it = URIRef("https://directory.spineservices.nhs.uk/STU3/Organization/QE1")
    point, edition = it + "#point", term("icsg:source/systems@2026-04")
    wkt = Literal("POINT(-2.5925 54.0281)", datatype=term("geosparql:wktLiteral"))
    assert set(graph) == {
        (it, RDF.type, term("icsgo:System")),
        (it, term("dcterms:identifier"), Literal("ods:QE1")),
        (it, term("rdfs:label"), Literal("Lancashire and South Cumbria")),
        (it, term("icsgo:code"), Literal("ons:E54000048")),
        (it, term("icsgo:region"), Literal("North West")),
        (it, term("icsgo:statutoryFrom"), Literal("2022-07-01", datatype=XSD.date)),
        (it, term("dcterms:source"), edition),
        (it, term("wgs:long"), Literal("-2.5925", datatype=XSD.double)),
        (it, term("wgs:lat"), Literal("54.0281", datatype=XSD.double)),
        (it, term("geosparql:hasGeometry"), point),
        (point, RDF.type, term("sf:Point")),
        (point, term("geosparql:asWKT"), wkt),
        (edition, term("skos:notation"), Literal("systems@2026-04")),
    }


def test_a_statement_becomes_a_node_of_its_own_and_a_plain_triple():
    statement = {
        "id": "8f3a",
        "kind": "SHARES_INFORMATION_WITH",
        "subject": "ods:R1H",
        "object": "ods:RWK",
        "source": "evidence@2022-05",
        "knowledge_level": "finding",
        "start_earliest": "2020-03-01",
    }
    it, barts, elft = (term(i) for i in ("icsg:statement/8f3a", "ods:R1H", "ods:RWK"))
    level = URIRef(concept_iri("knowledge-level", "finding"))
    start = (term("icsgo:startEarliest"), Literal("2020-03-01", datatype=XSD.date))
    time = term("icsg:interval/2020-03-01_unknown_unknown_unknown")
    edition = term("icsg:source/evidence@2022-05")
    assert set(rdf([statement])) == {
        (it, RDF.type, term("icsgo:SharesInformationWithStatement")),
        (it, term("icsgo:subject"), barts),
        (it, term("icsgo:object"), elft),
        (it, term("prov:wasDerivedFrom"), edition),
        (it, term("icsgo:knowledgeLevel"), level),
        (it, *start),
        (it, term("time:hasTime"), time),
        (barts, term("icsgo:sharesInformationWith"), elft),
        (time, RDF.type, term("icsgo:BoundedInterval")),
        (time, *start),
        (edition, term("skos:notation"), Literal("evidence@2022-05")),
    }


def test_a_membership_is_one_of_the_organisation_ontology():
    bounds = {"start_earliest": "2022-07-01", "start_latest": "2022-07-01"}
    ends = {"subject": "icsg:icb/QE1", "object": "ods:QE1"}
    graph = rdf([{"id": "1", "kind": "MEMBER_OF", **ends, **bounds}])
    it, time = term("icsg:statement/1"), term("icsg:interval/2022-07-01_2022-07-01_unknown_unknown")
    day = term("icsg:day/2022-07-01")
    assert {
        (it, RDF.type, term("org:Membership")),
        (it, term("org:member"), term("icsg:icb/QE1")),
        (it, term("org:organization"), term("ods:QE1")),
        (it, term("org:memberDuring"), time),
        (time, term("time:hasBeginning"), day),
        (day, term("time:inXSDDate"), Literal("2022-07-01", datatype=XSD.date)),
    } <= set(graph)


def test_a_coded_value_is_not_taken_for_a_column_of_the_same_name():
    area = rdf([{"id": "ons:E12000002", "kind": "Area", "area_type": "region"}])
    region = URIRef(concept_iri("area-type", "region"))
    assert set(area.objects(None, term("dcterms:type"))) == {region}


# SHACL


@pytest.fixture(scope="module")
def shapes():
    return Graph().parse(data=derived("shacl"), format="turtle")


def test_the_examples_pass_the_shapes(shapes):
    conforms, _graph, report = pyshacl.validate(rdf(example_rows()), shacl_graph=shapes)
    assert conforms, report


def test_the_examples_pass_with_all_that_the_ontology_implies(shapes):
    ontology = Graph().parse(data=derived("owl"), format="turtle")
    data = rdf(example_rows())
    conforms, _graph, report = pyshacl.validate(
        data, shacl_graph=shapes, ont_graph=ontology, inference="rdfs", inplace=True
    )
    assert conforms, report
    ours = {term(class_term(kind)) for kind in NODE_KINDS}
    kinds_of_each = [
        ours & set(data.objects(term(row["id"]), RDF.type))
        for row in example_rows()
        if row["kind"] in NODE_KINDS
    ]
    assert [len(kinds) for kinds in kinds_of_each] == [1] * len(NODE_KINDS)


@pytest.mark.parametrize(
    ("kind", "change", "path"),
    [
        ("OPERATES", {"source": None}, "prov:wasDerivedFrom"),
        ("OPERATES", {"object": "ods:QE1"}, "icsgo:object"),
        ("OPERATES", {"subject": None}, "icsgo:subject"),
        ("ADOPTED", {"knowledge_level": "hearsay"}, "icsgo:knowledgeLevel"),
        ("ADOPTED", {"start_latest": "2019-12-31"}, "icsgo:startEarliest"),
        ("System", {"statutory_from": "July 2022"}, "icsgo:statutoryFrom"),
        ("Location", {"location_type": "nhs-trust"}, "dcterms:type"),
    ],
)
def test_a_broken_row_is_refused_and_the_column_is_named(shapes, kind, change, path):
    rows = [row(each, **(change if each == kind else {})) for each in KINDS]
    conforms, report, _text = pyshacl.validate(rdf(rows), shacl_graph=shapes)
    assert not conforms
    assert set(report.objects(None, term("sh:resultPath"))) == {term(path)}


# JSON Schema


@pytest.fixture(scope="module")
def evidence(sample):
    """Every row of the graph of the bundled evidence."""
    nodes = [row for kind in NODE_KINDS for row in sample.nodes(kind).to_dicts()]
    kinds = map(sample.relationships, RELATIONSHIP_KINDS)
    return nodes + [row for table in kinds for row in table.to_dicts()]


@pytest.fixture(scope="module")
def accept():
    return fastjsonschema.compile(json.loads(derived("json-schema")))


@pytest.mark.parametrize("kind", KINDS)
def test_the_json_schema_accepts_a_row_of_every_kind(accept, kind):
    assert accept(row(kind)) == row(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_json_schema_accepts_missing_values_as_null(accept, kind):
    required = {"id", "subject", "object", "source", "knowledge_level"}
    optional = {k for k, v in row(kind).items() if not isinstance(v, list)} - required - {"kind"}
    accept(row(kind) | dict.fromkeys(optional))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("Organisation", {"id": "R1H"}),
        ("Organisation", {"org_type": "hospital trust"}),
        ("Organisation", {"org_types": ["hospital trust"]}),
        ("Organisation", {"beds": 12}),
        ("System", {"statutory_from": "July 2022"}),
        ("System", {"lon": "-2.5"}),
        ("FACED", {"source": None}),
        ("FACED", {"object": "money"}),
        ("Hospital", {}),
    ],
)
def test_the_json_schema_refuses_what_is_no_row(accept, kind, change):
    start = {"kind": kind} if kind not in KINDS else row(kind)
    wrong = {k: v for k, v in (start | change).items() if v is not None}
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        accept(wrong)


# All of the bundled evidence


def test_every_row_of_the_bundled_evidence_passes_the_json_schema(accept, evidence):
    assert len(evidence) > 3000
    for each in evidence:
        accept(each)


def test_the_bundled_evidence_passes_the_shapes(shapes, evidence):
    conforms, _graph, report = pyshacl.validate(rdf(evidence), shacl_graph=shapes)
    assert conforms, report


# Cypher


@pytest.fixture
def database(tmp_path):
    store = ladybug.Database(tmp_path / "empty.lbug", buffer_pool_size=256 * 2**20)
    connection = ladybug.Connection(store)
    for statement in ladybug_ddl():
        connection.execute(statement)
    yield connection
    connection.close()
    store.close()


def rows_of(result):
    while result.has_next():
        yield result.get_next()


def test_ladybug_makes_every_table_with_the_columns_of_the_model(database):
    for kind in KINDS:
        found = {r[1] for r in rows_of(database.execute(f"CALL table_info('{kind}') RETURN *"))}
        ends = {"subject", "object"} if kind in RELATIONSHIP_KINDS else set()
        assert found == set(schema(kind)) - ends


def test_ladybug_joins_exactly_the_kinds_that_a_relationship_may_join(database):
    for kind, model in RELATIONSHIP_KINDS.items():
        shown = rows_of(database.execute(f"CALL show_connection('{kind}') RETURN *"))
        assert {(r[0], r[1]) for r in shown} == {(a, b) for a in model.domain for b in model.range}


def test_ladybug_takes_a_row_and_finds_it_by_its_columns(database):
    database.execute("CREATE (:Organisation {id: 'ods:R1H', org_types: ['nhs-trust']})")
    database.execute("CREATE (:Location {id: 'ods:R1H12', name: 'Newham'})")
    database.execute(
        "MATCH (o:Organisation), (l:Location) CREATE (o)-[:OPERATES {id: 'x', source: 's'}]->(l)"
    )
    found = database.execute(
        "MATCH (o:Organisation)-[r:OPERATES]->(l:Location) "
        "WHERE 'nhs-trust' IN o.org_types RETURN o.id, r.source, l.name"
    )
    assert list(rows_of(found)) == [["ods:R1H", "s", "Newham"]]


def test_neo4j_keeps_the_identifier_of_every_kind_unique():
    unique = [statement for statement in neo4j_ddl() if statement.startswith("CREATE CONSTRAINT")]
    assert len(unique) == len(KINDS)
    assert len({statement.split()[2] for statement in neo4j_ddl()}) == len(neo4j_ddl())
