"""JSON-LD: what turns rows of the tables into RDF.

A row, written as a JSON object with the columns' names as keys, is JSON-LD as it stands under the
context: `kind` is its type, `id` its identifier. What a table leaves to be understood is added: a
statement's id is a bare hash and becomes `icsg:statement/<hash>`, the ends are joined by a property
as well, and bounds of dates name an interval.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .dates import COLUMNS as DATES
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

__all__ = [
    "BOUNDS",
    "UNKNOWN",
    "context",
    "context_text",
    "document",
    "interval",
    "named_objects",
    "row_objects",
]

BOUNDS = DATES[:4]
UNKNOWN = "unknown"
"""What stands for a bound that is not known in the name of an interval."""


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
        "identifier": "dcterms:identifier",
        "hasTime": {"@id": "time:hasTime", "@type": "@id"},
        "notation": "skos:notation",
        "inOrder": "icsgo:inOrder",
        "exported": "icsgo:exported",
        **_intervals(),
        **{kind: {"@id": class_term(kind), "@context": _columns(kind)} for kind in kinds},
    }


def context_text() -> str:
    """The context as a JSON document."""
    return json.dumps({"@context": context()}, indent=2, ensure_ascii=False) + "\n"


def document(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows of the tables, each with its `kind`, as one JSON-LD document with the context inside.

    Missing values are left out. A thing with a longitude and latitude gets its point in GeoSPARQL's
    text form, longitude first. A statement's subject has the property that it states, too. What
    has bounds of dates has an interval, and at the end stand the intervals, their days and the
    editions that are named.

    >>> row = {"id": "8f3a", "kind": "FACED", "subject": "ods:QE1", "object": "icsg:barrier/money"}
    >>> statement, subject = document([row])["@graph"]
    >>> statement["id"], subject
    ('icsg:statement/8f3a', {'id': 'ods:QE1', 'icsgo:faced': {'id': 'icsg:barrier/money'}})
    """
    told = list(rows)
    objects = [found for row in told for found in row_objects(row)]
    dates = {tuple(row.get(column) for column in BOUNDS) for row in told}
    editions = {
        *(row.get("source") for row in told),
        *(s for r in told for s in r.get("sources", ())),
    }
    return {"@context": context(), "@graph": [*objects, *named_objects(dates, editions)]}


def row_objects(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects that a row is: its own, and for a statement its subject's."""
    kind = row["kind"]
    made = {name: value for name, value in _with_addresses(row).items() if value not in (None, [])}
    if time := interval([row.get(column) for column in BOUNDS]):
        made["hasTime"] = time
    if kind not in RELATIONSHIP_KINDS:
        made["identifier"] = row["id"]
        if "lon" in made and "lat" in made:
            wkt = f"POINT({made['lon']} {made['lat']})"
            made["point"] = {"id": f"{row['id']}#point", "kind": "Point", "wkt": wkt}
        yield made
        return
    made["id"] = f"icsg:statement/{_quoted(row['id'])}"
    if kind == "MEMBER_OF":
        made |= {"kind": [kind, "Membership"], **_membership(made)}
    yield made
    if "subject" in made and "object" in made:
        yield {"id": row["subject"], predicate_term(kind): {"id": row["object"]}}


def _with_addresses(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose editions can stand in an IRI."""
    made = dict(row)
    if made.get("source"):
        made["source"] = _quoted(made["source"])
    if made.get("sources"):
        made["sources"] = [_quoted(source) for source in made["sources"]]
    return made


def _quoted(text: str) -> str:
    return quote(text, safe="/@")


def _membership(made: Mapping[str, Any]) -> dict[str, Any]:
    ends = {"member": "subject", "organization": "object", "memberDuring": "hasTime"}
    return {name: made[column] for name, column in ends.items() if column in made}


def interval(bounds: Sequence[str | None]) -> str | None:
    """The interval of the four bounds of a date, which all that has these bounds shares; None if
    none is known.

    >>> interval(["2020-07-01", "2020-07-31", None, None])
    'icsg:interval/2020-07-01_2020-07-31_unknown_unknown'
    """
    if not any(bounds):
        return None
    return "icsg:interval/" + "_".join(bound or UNKNOWN for bound in bounds)


def named_objects(
    dates: Iterable[tuple[str | None, ...]], editions: Iterable[str | None]
) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects of what rows name and that has no row: intervals by their bounds, the
    days that these begin and end on, and editions by their ids in the tables."""
    days = set()
    known = {time: bounds for bounds in dates if (time := interval(bounds))}
    for time, bounds in sorted(known.items()):
        told = {column: day for column, day in zip(BOUNDS, bounds, strict=True) if day}
        exact = {"begins": bounds[0] == bounds[1], "ends": bounds[2] == bounds[3]}
        at = {"begins": bounds[0], "ends": bounds[2]}
        ends = {end: day for end, day in at.items() if day and exact[end]}
        days |= set(ends.values())
        on = {end: f"icsg:day/{day}" for end, day in ends.items()}
        yield {"id": time, "kind": "BoundedInterval", **told, **on}
    yield from ({"id": f"icsg:day/{day}", "kind": "Instant", "day": day} for day in sorted(days))
    for edition in sorted(filter(None, editions)):
        yield {"id": f"icsg:source/{_quoted(edition)}", "notation": edition}


def _intervals() -> dict[str, Any]:
    dated = _columns("REVIEWED")
    return {
        "BoundedInterval": {
            "@id": "icsgo:BoundedInterval",
            "@context": {column: dated[column] for column in BOUNDS},
        },
        "Instant": "time:Instant",
        "begins": {"@id": "time:hasBeginning", "@type": "@id"},
        "ends": {"@id": "time:hasEnd", "@type": "@id"},
        "day": {"@id": "time:inXSDDate", "@type": "xsd:date"},
        "Membership": "org:Membership",
        "member": {"@id": "org:member", "@type": "@id"},
        "organization": {"@id": "org:organization", "@type": "@id"},
        "memberDuring": {"@id": "org:memberDuring", "@type": "@id"},
    }


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
