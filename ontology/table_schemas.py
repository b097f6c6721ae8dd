"""The tables of the graph for readers without Python: columns, types and meanings as JSON."""

from __future__ import annotations

import json
from typing import Any

from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS
from .tables import SERIES, kind_of, schema
from .terms import properties

__all__ = ["table_schemas"]


def table_schemas() -> str:
    """Which columns has each table, in order? Types are named as polars names them.

    >>> json.loads(table_schemas())["nodes"]["System"]["columns"][0]["name"]
    'id'
    """
    whole = {
        "nodes": {kind: _table(kind) for kind in NODE_KINDS},
        "relationships": {
            kind: {**_table(kind), "from": list(model.domain), "to": list(model.range)}
            for kind, model in RELATIONSHIP_KINDS.items()
        },
        "series": [{"name": name, "type": str(type_)} for name, type_ in SERIES.items()],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _table(kind: str) -> dict[str, Any]:
    meanings = {column.name: column for column in properties(kind)}
    columns = []
    for name, type_ in schema(kind).items():
        column: dict[str, Any] = {"name": name, "type": str(type_), "required": name == "kind"}
        if name in meanings:
            known = meanings[name]
            column |= {"required": known.required, "iri": known.term}
            column |= {"vocabulary": known.vocabulary} if known.vocabulary else {}
            column |= {"definition": known.definition}
        columns.append(column)
    return {"label": kind_of(kind).label, "columns": columns}
