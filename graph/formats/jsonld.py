"""JSON-LD: the rows of the tables as JSON objects under the generated context.

Each thing and each statement is one line, its columns by their names, as in the tables. The context
stands in the file, so that it means the same triples as the Turtle without any other file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ...ontology.context import BOUNDS, context, named_objects, row_objects
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..files import json_text
from ..rdf import orders
from ..snapshot import Snapshot
from .about import about, said_in
from .content import Content, Tell
from .gathering import Gathered, text_of
from .losses import only_a_graph
from .parsing import parsed_json
from .rdf_about import EXPORT
from .rdf_reading import read_rdf

__all__ = ["read", "write"]

# What an object has besides its columns, and the objects that are no rows.
_ADDED = frozenset(
    ("hasTime", "identifier", "inOrder", "member", "memberDuring", "organization", "point")
)
_NAMED = frozenset(("BoundedInterval", "Instant"))
_INFINITE = {"inf": "INF", "-inf": "-INF"}


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new file, kind by kind, each by id."""
    said = {"id": EXPORT, "exported": json_text(about(snapshot, "jsonld"))}
    with path.open("wb") as file:
        file.write(b'{"@context":' + _line(context()) + b',\n"@graph":[\n' + _line(said))
        for found in _objects(snapshot, tell):
            file.write(b",\n" + _line(found))
        file.write(b"\n]}\n")
    return only_a_graph(snapshot)


def read(path: Path) -> Content:
    """The things and statements of a file; `FileFault`, with the line if it is no JSON-LD.

    A file with the context of this ontology is read as the rows that it holds, any other as the
    triples that it means.
    """
    whole = parsed_json(path)
    objects = _own_objects(whole)
    return read_rdf(path, "jsonld") if objects is None else _rows(path, objects)


def _own_objects(whole: Any) -> list[dict[str, Any]] | None:
    """The objects of an export of ours; None for anything else."""
    if not isinstance(whole, dict) or whole.get("@context") != context():
        return None
    objects = whole.get("@graph")
    listed = isinstance(objects, list) and all(isinstance(each, dict) for each in objects)
    ours = listed and objects and objects[0].get("id") == EXPORT
    return objects if ours else None


def _rows(path: Path, objects: list[dict[str, Any]]) -> Content:
    """The rows of an export of ours, which has each object on a line."""
    said = text_of(objects[0].get("exported")) or ""
    gathered = Gathered(path)
    for line, found in enumerate(objects[1:], 4):
        values = {name: value for name, value in found.items() if name not in _ADDED}
        kind = values.get("kind")
        if isinstance(kind, list):
            kind = values["kind"] = kind[0] if kind else None
        if kind in NODE_KINDS:
            values["sources"] = [_unquoted(source) for source in values.get("sources", [])]
            gathered.node(values.pop("id", None), _texts(values), line)
        elif kind is not None and kind not in _NAMED:
            values["source"] = _unquoted(values.get("source"))
            ends = (values.pop("subject", None), values.pop("object", None))
            id_ = _unquoted(values.pop("id", None))
            id_ = id_.removeprefix("icsg:statement/") if isinstance(id_, str) else None
            gathered.edge(id_, ends, _texts(values), line)
    return gathered.content(said_in(said, "jsonld", path))


def _unquoted(value: Any) -> Any:
    return unquote(value) if isinstance(value, str) else value


def _texts(values: dict[str, Any]) -> dict[str, str | None]:
    return {name: text_of(value) for name, value in values.items()}


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _without_infinity(found: dict[str, Any]) -> dict[str, Any]:
    """An object with words of XML Schema for numbers that JSON has no word for."""
    infinite = {
        name: _INFINITE.get(str(value), "NaN")
        for name, value in found.items()
        if isinstance(value, float) and not isfinite(value)
    }
    return {**found, **infinite} if infinite else found


def _objects(snapshot: Snapshot, tell: Tell) -> Iterator[dict[str, Any]]:
    dates: set[tuple[str | None, ...]] = set()
    editions: set[str] = set()
    for kind in (*NODE_KINDS, *RELATIONSHIP_KINDS):
        table = snapshot.nodes(kind) if kind in NODE_KINDS else snapshot.relationships(kind)
        if table.is_empty():
            continue
        tell(f"Writing {kind}")
        if set(BOUNDS) <= set(table.columns):
            dates |= set(table.select(BOUNDS).unique().rows())
        column = table["source"] if "source" in table.columns else table["sources"].explode()
        editions |= set(column.drop_nulls())
        rows = table.with_columns(orders(kind, table).alias("inOrder")).sort("id")
        for row in rows.iter_rows(named=True):
            yield from map(_without_infinity, row_objects(row))
    yield from named_objects(dates, editions)
