"""What the ontology says in OWL, in its tables and in its glossary."""

import re

import polars as pl
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from icsgraph.ontology.examples import example_rows
from icsgraph.ontology.markdown import glossary
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.owl import owl
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.ontology.tables import columns, conform, faults, schema
from icsgraph.ontology.terms import class_term, concept_iri, iri, predicate_term, properties
from icsgraph.ontology.vocabularies import scheme, schemes

KINDS = [*NODE_KINDS, *RELATIONSHIP_KINDS]
ROWS = {row["kind"]: row for row in example_rows()}


@pytest.fixture(scope="module")
def ontology():
    return Graph().parse(data=owl(), format="turtle")


def term(text):
    return URIRef(iri(text))


def members(graph, node):
    """The classes that a domain or range consists of."""
    if not isinstance(node, BNode):
        return {node}
    return set(Collection(graph, graph.value(node, OWL.unionOf)))


# What the OWL says


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_class_with_a_label_and_a_definition(ontology, kind):
    it = term(class_term(kind))
    assert (it, RDF.type, OWL.Class) in ontology
    assert len(list(ontology.objects(it, RDFS.label))) == 1
    assert len(list(ontology.objects(it, SKOS.definition))) == 1


@pytest.mark.parametrize("kind", RELATIONSHIP_KINDS)
def test_every_relationship_kind_is_a_property_between_its_kinds(ontology, kind):
    it, model = term(predicate_term(kind)), RELATIONSHIP_KINDS[kind]
    assert (it, RDF.type, OWL.ObjectProperty) in ontology
    assert (it, RDFS.label, Literal(model.label, lang="en")) in ontology
    domain, range_ = ontology.value(it, RDFS.domain), ontology.value(it, RDFS.range)
    assert members(ontology, domain) == {term(class_term(end)) for end in model.domain}
    assert members(ontology, range_) == {term(class_term(end)) for end in model.range}


@pytest.mark.parametrize(
    ("kind", "direction"),
    [("SHARES_INFORMATION_WITH", "forward"), ("COLLABORATES_WITH", "both"), ("PART_OF", "none")],
)
def test_a_relationship_kind_says_which_way_information_flows(ontology, kind, direction):
    flow = ontology.value(term(predicate_term(kind)), term("icsgo:informationFlow"))
    assert str(flow) == concept_iri("information-flow", direction)
    assert (flow, RDF.type, SKOS.Concept) in ontology


@pytest.mark.parametrize(
    ("ours", "standard"),
    [
        ("icsgo:Organisation", "org:Organization"),
        ("icsgo:System", "org:OrganizationalCollaboration"),
        ("icsgo:Review", "prov:Activity"),
        ("icsgo:Concept", "skos:Concept"),
        ("icsgo:Area", "geosparql:Feature"),
        ("icsgo:Statement", "prov:Entity"),
        ("icsgo:MemberOfStatement", "org:Membership"),
        ("icsgo:BoundedInterval", "time:TemporalEntity"),
    ],
)
def test_a_class_is_narrower_than_the_standard_one(ontology, ours, standard):
    assert (term(ours), RDFS.subClassOf, term(standard)) in ontology


def test_a_relationship_is_narrower_than_the_standard_one(ontology):
    assert (term("icsgo:operates"), RDFS.subPropertyOf, term("org:hasSite")) in ontology


def test_bounds_of_dates_point_to_the_terms_of_owl_time(ontology):
    assert (term("icsgo:startLatest"), RDFS.seeAlso, term("time:hasBeginning")) in ontology
    assert (term("icsgo:endEarliest"), RDFS.range, XSD.date) in ontology


def test_our_own_columns_have_a_domain_and_a_range(ontology):
    ours = {p.term for kind in KINDS for p in properties(kind) if p.term.startswith("icsgo:")}
    lacking = [
        it
        for it in sorted(ours)
        for wanted in (RDFS.label, SKOS.definition, RDFS.domain, RDFS.range)
        if ontology.value(term(it), wanted, any=True) is None
    ]
    assert lacking == []


def test_no_two_words_have_one_address():
    classes = [class_term(kind) for kind in KINDS]
    predicates = [predicate_term(kind) for kind in RELATIONSHIP_KINDS]
    fields = {p.term for kind in KINDS for p in properties(kind)}
    assert len({*classes, *predicates, *fields}) == len(classes) + len(predicates) + len(fields)


def test_one_term_has_one_form_in_every_kind():
    forms = {}
    for kind in KINDS:
        for column in properties(kind):
            if column.name != "id":
                forms.setdefault(column.term, set()).add(column.form.is_literal)
    assert {name: form for name, form in forms.items() if len(form) > 1} == {}


@pytest.mark.parametrize("name", schemes())
def test_every_vocabulary_is_a_scheme_with_its_concepts(ontology, name):
    concepts = set(ontology.subjects(SKOS.inScheme, URIRef(concept_iri(name))))
    assert concepts == {URIRef(concept_iri(name, notation)) for notation in scheme(name)}


def test_a_concept_has_its_broader_ones_labels_and_notation(ontology):
    it = URIRef(concept_iri("organisation-type", "acute-trust"))
    broader = URIRef(concept_iri("organisation-type", "nhs-trust"))
    assert (it, SKOS.broader, broader) in ontology
    assert (it, SKOS.notation, Literal("acute-trust")) in ontology
    assert (it, SKOS.altLabel, Literal("NHS acute trust", lang="en")) in ontology


# What the tables are


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_has_the_columns_and_types_of_the_model(kind):
    table = schema(kind)
    assert set(table) == {"kind", *columns(kind)}
    row = pl.DataFrame([ROWS[kind]], schema=table, strict=True).to_dicts()[0]
    assert row == {name: ROWS[kind][name] for name in table}


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_is_a_row_without_faults(kind):
    rows = conform(kind, pl.DataFrame([ROWS[kind]], schema=schema(kind)))
    assert faults(kind, rows).to_dicts() == []


# What the glossary says


def words():
    """Each word of the glossary with the rest of its line."""
    return re.findall(r"^- \*\*(.+?)\*\*(.*)$", glossary(), flags=re.MULTILINE)


def test_the_words_of_the_glossary_are_labels_of_the_ontology(ontology):
    labels = {str(o) for p in (RDFS.label, SKOS.prefLabel) for o in ontology.objects(None, p)}
    assert len(words()) > 40
    assert [word for word, _ in words() if word not in labels] == []


def test_the_glossary_is_short():
    assert len(glossary().splitlines()) <= 75


def test_ics_is_not_icb_is_not_icp():
    ics, icb, icp = (
        "Integrated care system",
        "Integrated care board (ICB)",
        "Integrated care partnership (ICP)",
    )
    says = dict(words())
    assert says[ics].startswith(" (ICS)") and says[ics].endswith(f" Not: {icb}, {icp}.")
    assert says[icb].endswith(f" Not: {ics}, {icp}.")
    assert says[icp].endswith(f" Not: {ics}, {icb}.")
