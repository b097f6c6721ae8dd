"""JSON Schema of the rows: what pydantic makes of the models, with the vocabularies' values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .identifiers import PATTERN
from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS
from .tables import kind_of
from .terms import NAMESPACES, Property, definition, properties
from .vocabularies import scheme, schemes

__all__ = ["json_schema"]


def json_schema() -> str:
    """Which JSON objects are rows of the graph? A schema of one row of any kind.

    Valid for draft 7 and for 2020-12. A missing value is null or left out; coded values are those
    of their vocabulary.
    """
    kinds = (*NODE_KINDS, *RELATIONSHIP_KINDS)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": NAMESPACES["icsgo"].removesuffix("#") + "/schema.json",
        "title": "A node or relationship of icsgraph",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(kinds)}},
        "allOf": [_choice(kind) for kind in kinds],
        "$defs": {
            "identifier": {"type": "string", "pattern": PATTERN},
            **{name: _vocabulary(name) for name in schemes()},
            **{kind: _row(kind) for kind in kinds},
        },
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _choice(kind: str) -> dict[str, Any]:
    # A row is held against its own kind only, so that a validator's report is about that one.
    it = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": it, "then": {"$ref": f"#/$defs/{kind}"}}


def _vocabulary(name: str) -> dict[str, Any]:
    known = scheme(name)
    return {"title": known.title, "type": "string", "enum": list(known)}


def _row(kind: str) -> dict[str, Any]:
    model = kind_of(kind)
    read = model.model_json_schema()
    columns = {c.name: _column(c, read["properties"][c.name]) for c in properties(kind)}
    return {
        "title": model.label,
        "description": definition(model),
        "type": "object",
        "required": ["kind", *read["required"]],
        "properties": {"kind": {"const": kind}, **columns},
        "additionalProperties": False,
    }


def _column(column: Property, read: Mapping[str, Any]) -> dict[str, Any]:
    about = {"description": column.definition, "iri": column.term}
    if column.many:
        return {**about, "type": "array", "items": _value(column, read["items"])}
    choices = [_value(column, choice) for choice in read.get("anyOf", [read])]
    return {**about, "anyOf": choices}


def _value(column: Property, shape: Mapping[str, Any]) -> dict[str, Any]:
    if shape["type"] == "null":
        return dict(shape)
    if column.vocabulary is not None:
        return {"$ref": f"#/$defs/{column.vocabulary}"}
    if shape.get("pattern") == PATTERN:
        return {"$ref": "#/$defs/identifier"}
    return {part: shape[part] for part in ("type", "pattern") if part in shape}
