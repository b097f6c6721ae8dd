"""What the derived files read off the models: the IRI, type and meaning of every kind and column.

A kind has a class of its own, narrower than the standard one that its model names: organisations
are `icsgo:Organisation`, a subclass of `org:Organization`. A relationship kind has two words: the
property that joins the two ends (`icsgo:operates`, a subproperty of `org:hasSite`), and the class
of the statements that say so (`icsgo:OperatesStatement`), which carry dates and sources.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

from .identifiers import PATTERN, PREFIXES
from .model import NODE_KINDS, Node
from .relationships import Relationship
from .tables import columns, kind_of

__all__ = [
    "NAMESPACES",
    "Form",
    "Property",
    "class_term",
    "concept_iri",
    "definition",
    "iri",
    "point",
    "predicate_term",
    "properties",
]

NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        **{prefix.name: prefix.namespace for prefix in PREFIXES.values()},
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "geosparql": "http://www.opengis.net/ont/geosparql#",
        "org": "http://www.w3.org/ns/org#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "https://schema.org/",
        "sf": "http://www.opengis.net/ont/sf#",
        "sh": "http://www.w3.org/ns/shacl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "time": "http://www.w3.org/2006/time#",
        "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""Prefixes of all terms and identifiers. `wgs` is the W3C's Basic Geo (a bare longitude), and
`geosparql` OGC's GeoSPARQL (geometries, and what lies within what); both are often called `geo`."""

# Standard properties whose values are things; elsewhere text stands for itself.
_THINGS = frozenset({"skos:broaderTransitive"})
_ADDRESSES = frozenset({"schema:url"})
_EDITIONS = frozenset({"dcterms:source", "prov:wasDerivedFrom"})


class Form(Enum):
    """What a column's values are, and what they become in RDF: a literal's datatype, or an IRI."""

    TEXT = "xsd:string"
    DATE = "xsd:date"
    INTEGER = "xsd:integer"
    NUMBER = "xsd:double"
    BOOLEAN = "xsd:boolean"
    ADDRESS = "xsd:anyURI"
    IDENTIFIER = "icsgo:Node"
    CONCEPT = "skos:Concept"
    EDITION = "icsgo:Source"

    @property
    def is_literal(self) -> bool:
        """Whether values are literals: `value` is their datatype, else the class they belong to.

        >>> Form.DATE.is_literal, Form.EDITION.is_literal
        (True, False)
        """
        return self.value.startswith("xsd:")


@dataclass(frozen=True, slots=True)
class Property:
    """One column of a kind. `term` is its IRI as a CURIE, `vocabulary` the scheme of its values."""

    name: str
    term: str
    definition: str
    form: Form
    many: bool
    required: bool
    vocabulary: str | None = None


@cache
def properties(kind: str) -> tuple[Property, ...]:
    """The columns of a kind in the order of its table, `kind` itself excluded.

    >>> [p.name for p in properties("FACED") if p.required]
    ['id', 'subject', 'object', 'source', 'knowledge_level']
    """
    read = kind_of(kind).model_json_schema()["properties"]
    return tuple(
        _property(name, read[name], required=info.is_required())
        for name, info in columns(kind).items()
    )


def _property(name: str, read: Mapping[str, Any], *, required: bool) -> Property:
    shape = next((s for s in read.get("anyOf", []) if s["type"] != "null"), read)
    many = shape["type"] == "array"
    form = _form(shape["items"] if many else shape, read["iri"], "vocabulary" in read)
    return Property(
        name, read["iri"], read["description"], form, many, required, read.get("vocabulary")
    )


def _form(shape: Mapping[str, Any], term: str, coded: bool) -> Form:
    if coded:
        return Form.CONCEPT
    if shape.get("pattern") == PATTERN or term in _THINGS:
        return Form.IDENTIFIER
    if term in _ADDRESSES:
        return Form.ADDRESS
    if term in _EDITIONS:
        return Form.EDITION
    if "pattern" in shape:
        return Form.DATE
    scalars = {"integer": Form.INTEGER, "number": Form.NUMBER, "boolean": Form.BOOLEAN}
    return scalars.get(shape["type"], Form.TEXT)


def point(kind: str) -> bool:
    """Whether things of this kind may have a longitude and latitude.

    >>> point("System"), point("Finding")
    (True, False)
    """
    return {"lon", "lat"} <= set(columns(kind))


def class_term(kind: str) -> str:
    """The class that rows of a kind belong to.

    >>> class_term("System"), class_term("PART_OF")
    ('icsgo:System', 'icsgo:PartOfStatement')
    """
    if kind in NODE_KINDS:
        return f"icsgo:{kind}"
    return f"icsgo:{''.join(word.capitalize() for word in kind.split('_'))}Statement"


def predicate_term(kind: str) -> str:
    """The property that joins the ends of a relationship kind.

    >>> predicate_term("SHARES_INFORMATION_WITH")
    'icsgo:sharesInformationWith'
    """
    first, *rest = kind.lower().split("_")
    return f"icsgo:{first}{''.join(word.capitalize() for word in rest)}"


def definition(model: type[Node] | type[Relationship]) -> str:
    """What a kind is: its docstring on one line.

    >>> definition(kind_of("OPERATES"))
    'An organisation provides care from a location.'
    """
    return " ".join((inspect.getdoc(model) or "").split())


def iri(term: str) -> str:
    """The full IRI of a term or identifier; KeyError if its prefix is none of `NAMESPACES`.

    >>> iri("org:hasSite")
    'http://www.w3.org/ns/org#hasSite'
    """
    prefix, _, local = term.partition(":")
    return NAMESPACES[prefix] + local


def concept_iri(scheme: str, notation: str = "") -> str:
    """The IRI of a coded value, or of its scheme.

    >>> concept_iri("rating", "good")
    'https://w3id.org/icsgraph/vocabulary/rating/good'
    """
    return iri(f"icsgv:{scheme}/{notation}" if notation else f"icsgv:{scheme}")
