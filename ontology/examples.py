"""An example of every kind: what a row looks like, and what the derived files are tried on."""

from __future__ import annotations

from typing import Any

from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS
from .tables import kind_of
from .terms import Form, Property, properties
from .vocabularies import scheme

__all__ = ["example_rows"]

_IDENTIFIERS = {
    "Organisation": "ods:R1H",
    "Location": "cqc:1-101658918",
    "System": "ods:QE1",
    "Area": "ons:E12000002",
}
_VALUES: dict[Form, Any] = {
    Form.DATE: "2022-07-01",
    Form.INTEGER: 3,
    Form.NUMBER: 0.25,
    Form.BOOLEAN: True,
    Form.ADDRESS: "https://www.example.org/",
    Form.EDITION: "example@2022-07",
}
_BY_NAME = {
    "start_earliest": "2020-07-01",
    "start_latest": "2020-07-31",
    "end_earliest": "2020-09-01",
    "end_latest": "2020-10-01",
    "date_text": "July 2020 to September 2020",
    "lon": -2.5925,
    "lat": 54.0281,
}
# Which kind a column of identifiers points to.
_POINTS_TO = {"area": "System", "broader": "Concept", "document": "Source", "finding": "Finding"}


def example_rows() -> list[dict[str, Any]]:
    """One valid row of each kind with every column filled: nodes first, then statements about them.

    Each has its `kind` and has passed its model; the things are real, what is said of them is not.

    >>> [row["id"] for row in example_rows()][:3]
    ['ods:R1H', 'cqc:1-101658918', 'ods:QE1']
    """
    return [_row(kind) for kind in (*NODE_KINDS, *RELATIONSHIP_KINDS)]


def _row(kind: str) -> dict[str, Any]:
    values = {column.name: _value(column) for column in properties(kind)}
    if kind in NODE_KINDS:
        values["id"] = _identifier(kind)
    else:
        model = RELATIONSHIP_KINDS[kind]
        values |= {
            "id": f"example-{kind.lower()}",
            "subject": _identifier(model.domain[0]),
            "object": _identifier(model.range[-1]),
        }
    return {"kind": kind, **kind_of(kind)(**values).model_dump()}


def _identifier(kind: str) -> str:
    return _IDENTIFIERS.get(kind, f"icsg:{kind.lower()}/example")


def _value(column: Property) -> Any:
    if column.vocabulary is not None:
        value: Any = next(iter(scheme(column.vocabulary)))
    elif column.form is Form.IDENTIFIER:
        value = _identifier(_POINTS_TO.get(column.name, "System"))
    elif column.name in _BY_NAME:
        value = _BY_NAME[column.name]
    else:
        value = _VALUES.get(column.form, column.name.replace("_", " "))
    return [value] if column.many else value
