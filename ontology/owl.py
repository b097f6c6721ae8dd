"""The ontology in OWL: classes, properties and vocabularies, as Turtle.

Our words stand beside the standard ones and never change them: a class or relationship of ours is
narrower than the standard term of its model, and a standard property is only declared, not defined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS, TIES
from .terms import (
    Property,
    class_term,
    definition,
    point,
    predicate_term,
    properties,
)
from .turtle import Triples
from .vocabularies import Scheme, scheme, schemes

if TYPE_CHECKING:
    from rdflib.term import Node

__all__ = ["owl"]

# A date is given by bounds, which OWL-Time has no terms for: these say which of its terms they
# bound. https://www.w3.org/TR/owl-time/
_BOUNDED = {
    "icsgo:startEarliest": "time:hasBeginning",
    "icsgo:startLatest": "time:hasBeginning",
    "icsgo:endEarliest": "time:hasEnd",
    "icsgo:endLatest": "time:hasEnd",
}
# The pattern of statements: "Defining N-ary Relations on the Semantic Web", W3C, 2006.
N_ARY = "https://www.w3.org/TR/swbp-n-aryRelations/"
BOUNDED_INTERVAL = "icsgo:BoundedInterval"
# Properties that OWL itself, RDFS and SKOS declare as annotations: declaring them again as
# anything else would leave OWL DL.
_ANNOTATIONS = frozenset({"rdfs:label", "skos:altLabel", "skos:definition", "skos:note"})


def owl() -> str:
    """Which classes, properties and concepts are there? An OWL ontology as Turtle, sorted."""
    out = Triples()
    _header(out)
    _classes(out)
    _relationships(out)
    _properties(out)
    _points(out)
    _times(out)
    _memberships(out)
    out.add("dcterms:identifier", "rdf:type", "owl:DatatypeProperty")
    for name in schemes():
        _vocabulary(out, scheme(name))
    return out.turtle()


def _header(out: Triples) -> None:
    out.add("icsgo:", "rdf:type", "owl:Ontology")
    out.add("icsgo:", "dcterms:title", out.text("icsgraph: how health and care work together"))
    out.add(
        "icsgo:",
        "dcterms:description",
        out.text(
            "Kinds of thing, kinds of relationship and vocabularies of a dated, evidence-carrying "
            "graph of health and social care organisations in England."
        ),
    )
    for name, label, meaning in (
        ("icsgo:informationFlow", "information flow", "Which way information goes along it."),
        ("icsgo:exported", "exported", "What an exported file is, and of which snapshot, as JSON."),
        (
            "icsgo:inOrder",
            "in order",
            "A list of several values, column and list as JSON, where its order is not the usual "
            "one: by text, narrower concepts of a vocabulary before broader ones.",
        ),
        ("icsgo:states", "states", "The relationship that statements of this class state."),
    ):
        out.add(name, "rdf:type", "owl:AnnotationProperty")
        _describe(out, name, label, meaning)


def _describe(out: Triples, term: str, label: str, *meanings: str) -> None:
    out.add(term, "rdfs:label", out.text(label))
    out.add(term, "skos:definition", *map(out.text, meanings))
    out.add(term, "rdfs:isDefinedBy", "icsgo:")


def _class(out: Triples, term: str, label: str, meaning: str, *broader: str) -> None:
    out.add(term, "rdf:type", "owl:Class")
    out.add(term, "rdfs:subClassOf", *broader)
    _describe(out, term, label, meaning)
    for standard in broader:
        if not standard.startswith("icsgo:"):
            out.add(standard, "rdf:type", "owl:Class")


def _classes(out: Triples) -> None:
    _class(out, "icsgo:Node", "Thing", "A thing in the graph.")
    meaning = "A dated statement by one source that one thing stands in a relation to another."
    _class(out, "icsgo:Statement", "Statement", meaning, "prov:Entity")
    out.add("icsgo:Statement", "rdfs:seeAlso", out.address(N_ARY))
    meaning = "A statement that two bodies work together in some way."
    _class(out, "icsgo:TieStatement", "Statement of a working tie", meaning, "icsgo:Statement")
    for kind, model in NODE_KINDS.items():
        standard = () if model.iri.startswith("icsgo:") else (model.iri,)
        _class(out, class_term(kind), model.label, definition(model), "icsgo:Node", *standard)
    for kind, relationship in RELATIONSHIP_KINDS.items():
        term, label = class_term(kind), f"Statement: {relationship.label}"
        broader = "icsgo:TieStatement" if kind in TIES else "icsgo:Statement"
        standard = ("org:Membership",) if kind == "MEMBER_OF" else ()
        _class(out, term, label, definition(relationship), broader, *standard)
        out.add(term, "icsgo:states", predicate_term(kind))
    apart = out.blank("disjoint")
    out.add(apart, "rdf:type", "owl:AllDisjointClasses")
    out.add(apart, "owl:members", out.sequence("disjoint-of", map(class_term, NODE_KINDS)))


def _relationships(out: Triples) -> None:
    for kind, model in RELATIONSHIP_KINDS.items():
        term = predicate_term(kind)
        out.add(term, "rdf:type", "owl:ObjectProperty")
        _describe(out, term, model.label, definition(model))
        out.add(term, "rdfs:domain", _union(out, f"{kind}-domain", map(class_term, model.domain)))
        out.add(term, "rdfs:range", _union(out, f"{kind}-range", map(class_term, model.range)))
        flow = out.concept("information-flow", model.flow.name.lower())
        out.add(term, "icsgo:informationFlow", flow)
        if not model.iri.startswith("icsgo:"):
            out.add(term, "rdfs:subPropertyOf", model.iri)
            out.add(model.iri, "rdf:type", "owl:ObjectProperty")


def _union(out: Triples, name: str, classes: Iterable[str]) -> Node:
    terms = sorted(set(classes))
    if len(terms) == 1:
        return out.node(terms[0])
    union = out.blank(name)
    out.add(union, "rdf:type", "owl:Class")
    out.add(union, "owl:unionOf", out.sequence(f"{name}-of", terms))
    return union


def _properties(out: Triples) -> None:
    for term, users in sorted(_users().items()):
        column = users[0][1]
        kind_of_property = (
            "owl:DatatypeProperty" if column.form.is_literal else "owl:ObjectProperty"
        )
        if term in _ANNOTATIONS:
            kind_of_property = "owl:AnnotationProperty"
        out.add(term, "rdf:type", kind_of_property)
        if not term.startswith("icsgo:"):
            continue
        meanings = sorted({p.definition for _, p in users})
        _describe(out, term, column.name.replace("_", " "), *meanings)
        owners = [*_owners(k for k, _ in users), *([BOUNDED_INTERVAL] if term in _BOUNDED else [])]
        out.add(term, "rdfs:domain", _union(out, f"{term}-domain", owners))
        out.add(term, "rdfs:range", column.form.value)
        if term in _BOUNDED:
            out.add(term, "rdfs:seeAlso", _BOUNDED[term])


def _users() -> dict[str, list[tuple[str, Property]]]:
    """Each property's IRI, with the kinds that have it as a column."""
    users: dict[str, list[tuple[str, Property]]] = {}
    for kind in (*NODE_KINDS, *RELATIONSHIP_KINDS):
        # `id` is the address of the row itself, and no property of it.
        for column in (c for c in properties(kind) if c.name != "id"):
            users.setdefault(column.term, []).append((kind, column))
    return users


def _owners(kinds: Iterable[str]) -> list[str]:
    """The fewest classes that are exactly these kinds."""
    left = set(kinds)
    owners = []
    for term, group in (
        ("icsgo:Node", set(NODE_KINDS)),
        ("icsgo:Statement", set(RELATIONSHIP_KINDS)),
        ("icsgo:TieStatement", set(TIES)),
    ):
        if group <= left:
            owners.append(term)
            left -= group
    return owners + [class_term(kind) for kind in left]


def _times(out: Triples) -> None:
    """What a time known by its bounds is, and how statements and things have one."""
    meaning = (
        "A time of which the bounds of its beginning and its end are known. All that has the same "
        "bounds shares it, which says that nothing known tells their times apart."
    )
    _class(out, BOUNDED_INTERVAL, "Interval within bounds", meaning, "time:TemporalEntity")
    out.add("time:Instant", "rdf:type", "owl:Class")
    for term in ("time:hasTime", *sorted(set(_BOUNDED.values()))):
        out.add(term, "rdf:type", "owl:ObjectProperty")
    out.add("time:inXSDDate", "rdf:type", "owl:DatatypeProperty")


def _memberships(out: Triples) -> None:
    for term in ("org:member", "org:organization", "org:memberDuring"):
        out.add(term, "rdf:type", "owl:ObjectProperty")


def _points(out: Triples) -> None:
    out.add("geosparql:hasGeometry", "rdf:type", "owl:ObjectProperty")
    out.add("geosparql:asWKT", "rdf:type", "owl:DatatypeProperty")
    out.add("geosparql:Feature", "rdf:type", "owl:Class")
    out.add("sf:Point", "rdf:type", "owl:Class")
    for kind in filter(point, NODE_KINDS):
        out.add(class_term(kind), "rdfs:subClassOf", "geosparql:Feature")


def _vocabulary(out: Triples, vocabulary: Scheme) -> None:
    name = vocabulary.name
    whole = out.concept(name)
    out.add(whole, "rdf:type", "skos:ConceptScheme")
    out.add(whole, "skos:prefLabel", out.text(vocabulary.title))
    out.add(whole, "skos:definition", out.text(vocabulary.definition))
    for notation, term in vocabulary.terms.items():
        it = out.concept(name, notation)
        out.add(it, "rdf:type", "skos:Concept")
        out.add(it, "skos:inScheme", whole)
        out.add(it, "skos:notation", out.value(notation))
        out.add(it, "skos:prefLabel", out.text(term.label))
        out.add(it, "skos:altLabel", *map(out.text, term.alt_labels))
        out.add(it, "skos:definition", out.text(term.definition))
        out.add(it, "skos:broader", *(out.concept(name, broader) for broader in term.broader))
        out.add(it, "dcterms:source", out.value(term.source))
        if not term.broader:
            out.add(it, "skos:topConceptOf", whole)
        # A term that findings are about is a node of the graph too.
        if name in scheme("concept-type"):
            out.add(it, "skos:exactMatch", f"icsg:{name}/{notation}")
