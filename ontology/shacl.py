"""What a graph in RDF must look like: SHACL shapes, as Turtle.

One shape for each node kind and one for each kind of statement, with what the models demand of a
row. The ends of a statement must be of the kinds that it may join.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from .identifiers import PREFIXES
from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS
from .terms import Form, Property, class_term, point, properties
from .turtle import Triples
from .vocabularies import scheme

__all__ = ["shacl"]


def _literally(namespace: str) -> str:
    # A hyphen stays bare: not every regular expression language lets it be escaped.
    return namespace.replace(".", r"\.")


# The words of the ontology are no things.
_WORDS = ("icsgo", "icsgv")
_THING, _STATEMENT = "icsgo:ThingIdentifier", "icsgo:StatementIdentifier"
_THINGS = "|".join(
    _literally(prefix.namespace) + f"(?:{prefix.local})"
    for prefix in PREFIXES.values()
    if prefix.name not in _WORDS
)
_STATEMENTS = _literally(PREFIXES["icsg"].namespace) + "statement/[^/]+"
# (column, shape's term, column): the order in which the bounds of a date lie.
_ORDER = (
    ("icsgo:startEarliest", "sh:lessThanOrEquals", "icsgo:startLatest"),
    ("icsgo:startEarliest", "sh:lessThan", "icsgo:endLatest"),
    ("icsgo:endEarliest", "sh:lessThanOrEquals", "icsgo:endLatest"),
)


def shacl() -> str:
    """Which shapes must the nodes and statements of a graph in RDF have? Turtle, sorted.

    A property shape that several kinds have alike is written once.
    """
    out = Triples()
    _identifier(out, _THING, _THINGS, "An identifier of a thing, such as ods:R1H, in full.")
    _identifier(out, _STATEMENT, _STATEMENTS, "The address of a statement.")
    for kind in NODE_KINDS:
        _shape(out, kind, _THING)
        if point(kind):
            _point(out, kind)
    for kind in RELATIONSHIP_KINDS:
        _shape(out, kind, _STATEMENT)
        _ends(out, kind)
    for column, shape in _names().items():
        _column(out, shape, column)
    return out.turtle()


def _identifier(out: Triples, shape: str, pattern: str, message: str) -> None:
    out.add(shape, "rdf:type", "sh:NodeShape")
    out.add(shape, "sh:nodeKind", "sh:IRI")
    out.add(shape, "sh:pattern", out.value(f"^(?:{pattern})$"))
    out.add(shape, "sh:message", out.text(message))


def _shape_of(kind: str) -> str:
    return f"{class_term(kind)}Shape"


def _shape(out: Triples, kind: str, identifier: str) -> None:
    shape = _shape_of(kind)
    out.add(shape, "rdf:type", "sh:NodeShape")
    out.add(shape, "sh:targetClass", class_term(kind))
    out.add(shape, "sh:node", identifier)
    for column in _own(kind):
        out.add(shape, "sh:property", _names()[column])


def _own(kind: str) -> list[Property]:
    """The columns of a kind that are shaped by themselves: neither its address nor its ends."""
    return [column for column in properties(kind) if column.name not in ("id", "subject", "object")]


@cache
def _names() -> dict[Property, str]:
    """The name of each column's shape: its property's, and its first kind's if there are others."""
    kinds: dict[Property, str] = {}
    for kind in (*NODE_KINDS, *RELATIONSHIP_KINDS):
        for column in _own(kind):
            kinds.setdefault(column, kind)
    alike = Counter(column.term for column in kinds)
    return {
        column: f"icsgo:shape-{_local(column.term)}"
        + (f"-of-{kind}" if alike[column.term] > 1 else "")
        for column, kind in kinds.items()
    }


def _local(term: str) -> str:
    return term.partition(":")[2]


def _path(out: Triples, shape: str, term: str) -> None:
    out.add(shape, "rdf:type", "sh:PropertyShape")
    out.add(shape, "sh:path", term)


def _column(out: Triples, shape: str, column: Property) -> None:
    _path(out, shape, column.term)
    out.add(shape, "sh:name", out.text(column.name.replace("_", " ")))
    out.add(shape, "sh:description", out.text(column.definition))
    if column.required:
        out.add(shape, "sh:minCount", out.value(1))
    if not column.many:
        out.add(shape, "sh:maxCount", out.value(1))
    _values(out, shape, column)
    for term, comparison, other in _ORDER:
        if term == column.term:
            out.add(shape, comparison, other)


def _values(out: Triples, shape: str, column: Property) -> None:
    if column.vocabulary is not None:
        known = (out.concept(column.vocabulary, n) for n in sorted(scheme(column.vocabulary)))
        out.add(shape, "sh:in", out.sequence(f"{shape}-in", known))
    elif column.form.is_literal:
        out.add(shape, "sh:datatype", column.form.value)
    elif column.form is Form.IDENTIFIER:
        out.add(shape, "sh:node", _THING)
    else:
        out.add(shape, "sh:nodeKind", "sh:IRI")


def _point(out: Triples, kind: str) -> None:
    shape = "icsgo:shape-hasGeometry"
    out.add(_shape_of(kind), "sh:property", shape)
    _path(out, shape, "geosparql:hasGeometry")
    out.add(shape, "sh:maxCount", out.value(1))
    out.add(shape, "sh:class", "sf:Point")


def _ends(out: Triples, kind: str) -> None:
    model = RELATIONSHIP_KINDS[kind]
    for term, kinds in (("icsgo:subject", model.domain), ("icsgo:object", model.range)):
        shape = f"icsgo:shape-{_local(term)}-of-{kind}"
        out.add(_shape_of(kind), "sh:property", shape)
        _path(out, shape, term)
        out.add(shape, "sh:minCount", out.value(1))
        out.add(shape, "sh:maxCount", out.value(1))
        _of_a_kind(out, shape, sorted(map(class_term, kinds)))


def _of_a_kind(out: Triples, shape: str, classes: Sequence[str]) -> None:
    """One of the classes, in a way that a report can name."""
    names = " or ".join(term.removeprefix("icsgo:") for term in classes)
    out.add(shape, "sh:message", out.text(f"This end must be of the kind {names}."))
    choices = []
    for term in classes:
        choice = out.blank(f"{shape}-{term}")
        out.add(choice, "sh:class", term)
        choices.append(choice)
    out.add(shape, "sh:or", out.sequence(f"{shape}-or", choices))
