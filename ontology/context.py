"""JSON-LD: what turns rows of the tables into RDF.

A row, written as a JSON object with the columns' names as keys, is JSON-LD as it stands under the
context: `kind` is its type, `id` its identifier. Only two things need a hand: a statement's id is a
bare hash and becomes `icsg:statement/<hash>`, and the ends are joined by a property as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS
from .terms import (
    NAMESPACES,
    Form,
    Property,
    class_term,
    concept_iri,
    iri,
    point,
    predicate_term,
    properties,
)

__all__ = ["context", "context_text", "document"]


def context() -> dict[str, Any]:
    """The JSON-LD 1.1 context: prefixes, kinds, and under each kind its columns.

    >>> context()["System"]["@context"]["statutory_from"]
    {'@id': 'icsgo:statutoryFrom', '@type': 'xsd:date'}
    """
    kinds = (*NODE_KINDS, *RELATIONSHIP_KINDS)
    return {
        "@version": 1.1,
        **dict(sorted(NAMESPACES.items())),
        "id": "@id",
        "kind": "@type",
        "Point": "sf:Point",
        "wkt": {"@id": "geosparql:asWKT", "@type": "geosparql:wktLiteral"},
        "states": {"@id": "rdf:predicate", "@type": "@id"},
        **{kind: {"@id": class_term(kind), "@context": _columns(kind)} for kind in kinds},
    }


def context_text() -> str:
    """The context as a JSON document."""
    return json.dumps({"@context": context()}, indent=2, ensure_ascii=False) + "\n"


def document(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows of the tables, each with its `kind`, as one JSON-LD document with the context inside.

    Missing values are left out. A thing with a longitude and latitude gets its point in GeoSPARQL's
    text form, longitude first. A statement says which property it states, and its subject has that
    property too.

    >>> row = {"id": "8f3a", "kind": "FACED", "subject": "ods:QE1", "object": "icsg:barrier/money"}
    >>> statement, subject = document([row])["@graph"]
    >>> statement["id"], statement["states"], subject
    ('icsg:statement/8f3a', 'icsgo:faced', {'id': 'ods:QE1', 'icsgo:faced': \
{'id': 'icsg:barrier/money'}})
    """
    objects = [found for row in rows for found in _objects(row)]
    return {"@context": context(), "@graph": objects}


def _objects(row: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    made = {name: value for name, value in row.items() if value is not None and value != []}
    kind = row["kind"]
    if kind in RELATIONSHIP_KINDS:
        term = predicate_term(kind)
        yield {**made, "id": f"icsg:statement/{row['id']}", "states": term}
        if "subject" in made and "object" in made:
            yield {"id": made["subject"], term: {"id": made["object"]}}
        return
    if "lon" in made and "lat" in made:
        made["point"] = {"kind": "Point", "wkt": f"POINT({made['lon']} {made['lat']})"}
    yield made


def _columns(kind: str) -> dict[str, Any]:
    columns = {p.name: _definition(p) for p in properties(kind) if p.name != "id"}
    if point(kind):
        columns["point"] = {"@id": "geosparql:hasGeometry"}
    return columns


def _definition(column: Property) -> dict[str, Any]:
    """How JSON-LD reads a column. Codes are resolved against a base of their own.

    A base, not a vocabulary: a coded value such as `region` may also be the name of a column.
    """
    if column.form.is_literal:
        typed = {} if column.form is Form.TEXT else {"@type": column.form.value}
        return {"@id": column.term, **typed}
    base = None
    if column.vocabulary is not None:
        base = concept_iri(column.vocabulary) + "/"
    elif column.form is Form.EDITION:
        base = iri("icsg:source/")
    scoped = {"@context": {"@base": base}} if base else {}
    return {"@id": column.term, "@type": "@id", **scoped}
