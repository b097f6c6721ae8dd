"""The tables of the graph, derived from the models: columns, types, and what is wrong with a row.

One table for each node kind and each relationship kind. Dates are ISO text, so that they compare
alike in every engine; lists are lists of text; nothing is an index.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Union, get_args, get_origin

import polars as pl
from pydantic.fields import FieldInfo

from .identifiers import PATTERN
from .model import NODE_KINDS, Node
from .relationships import RELATIONSHIP_KINDS, Relationship
from .vocabularies import scheme

__all__ = [
    "ISO_DATE_PATTERN",
    "SERIES",
    "columns",
    "conform",
    "faults",
    "kind_of",
    "schema",
    "vocabulary_columns",
]

ISO_DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"

SERIES: dict[str, pl.DataType] = {
    "thing": pl.String(),
    "measure": pl.String(),
    "group": pl.String(),
    "value": pl.String(),
    "number": pl.Float64(),
    "date": pl.String(),
    "source": pl.String(),
}
"""Columns of every series: what was measured of which thing, when, for which service or group.
`date` is ISO text no more exact than the source: a day, or a month such as "2023-09"."""

_SCALARS: dict[type, pl.DataType] = {
    str: pl.String(),
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
}


def kind_of(name: str) -> type[Node] | type[Relationship]:
    """The model of a node or relationship kind by its name.

    >>> kind_of("OPERATES").label
    'operates'
    """
    kind = NODE_KINDS.get(name) or RELATIONSHIP_KINDS.get(name)
    if kind is None:
        raise KeyError(name)
    return kind


def columns(name: str) -> dict[str, FieldInfo]:
    """The fields of a kind in table order, `kind` after `id`.

    >>> list(columns("Barrier"))[:3]
    ['id', 'name', 'other_names']
    """
    return dict(sorted(kind_of(name).model_fields.items(), key=_order))


def _order(item: tuple[str, FieldInfo]) -> int:
    first = ("id", "subject", "object", "name", "source")
    return first.index(item[0]) if item[0] in first else len(first)


@cache
def schema(name: str) -> Mapping[str, pl.DataType]:
    """Column names and polars types of one kind's table.

    >>> schema("Barrier")["codes"]
    List(String)
    """
    table = {field: _polars_type(info.annotation) for field, info in columns(name).items()}
    return MappingProxyType({"id": table.pop("id"), "kind": pl.String(), **table})


def _polars_type(annotation: Any) -> pl.DataType:
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) is list:
        return pl.List(_polars_type(get_args(annotation)[0]))
    return _SCALARS[annotation]


def conform(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with exactly the columns of the kind's table, in order and typed; absent ones are
    missing.

    Columns that the kind does not have raise `ValueError`: a loader wrote something nobody
    declared.

    >>> conform("Barrier", pl.DataFrame({"id": ["icsg:barrier/distance"]})).columns[:3]
    ['id', 'kind', 'name']
    """
    wanted = schema(name)
    if list(rows.schema.items()) == list(wanted.items()):
        return rows
    if unknown := sorted(set(rows.columns) - set(wanted)):
        raise ValueError(f"{name} has no column {', '.join(unknown)}")
    return rows.select(_typed(name, frozenset(rows.columns) - {"kind"}))


@cache
def _typed(name: str, given: frozenset[str]) -> tuple[pl.Expr, ...]:
    """The columns of a kind's table, made from those that are given."""
    columns = []
    for column, kind in schema(name).items():
        if column in given:
            typed = pl.col(column).cast(kind)
            columns.append(typed.fill_null([]) if isinstance(kind, pl.List) else typed)
        else:
            absent: list[str] | None = [] if isinstance(kind, pl.List) else None
            value = name if column == "kind" else absent
            columns.append(pl.lit(value, dtype=kind).alias(column))
    return tuple(columns)


def vocabulary_columns(name: str) -> dict[str, str]:
    """The columns of a kind whose values come from a vocabulary, with the name of that vocabulary.

    >>> vocabulary_columns("System")
    {}
    """
    extras = {field: info.json_schema_extra for field, info in columns(name).items()}
    return {
        field: str(extra["vocabulary"])
        for field, extra in extras.items()
        if isinstance(extra, dict) and "vocabulary" in extra
    }


@cache
def _conditions(name: str) -> tuple[tuple[str, pl.Expr, str], ...]:
    """(column, expression that is true where the value is wrong, what is wrong)."""
    return tuple((column, wrong.fill_null(False), reason) for column, wrong, reason in _wrong(name))


@cache
def _any_wrong(name: str) -> tuple[pl.Expr, ...]:
    """Whether there is a row of each condition."""
    return tuple(
        wrong.any().alias(str(number)) for number, (_, wrong, _) in enumerate(_conditions(name))
    )


def _wrong(name: str) -> Iterator[tuple[str, pl.Expr, str]]:
    table = columns(name)
    for field, info in table.items():
        if info.is_required():
            yield field, pl.col(field).is_null(), "is missing"
    for field in ("id", "subject", "object", "document", "finding", "area"):
        if field in table and not (field == "id" and name in RELATIONSHIP_KINDS):
            yield field, ~pl.col(field).str.contains(PATTERN), "is no identifier"
    for field in (f for f in table if f.startswith(("start_", "end_")) or f == "statutory_from"):
        yield field, ~pl.col(field).str.contains(ISO_DATE_PATTERN), "is no ISO date"
    for field, vocabulary in vocabulary_columns(name).items():
        if table[field].annotation != list[str]:
            yield field, ~pl.col(field).is_in(list(scheme(vocabulary))), f"is no {vocabulary}"
    for field in (f for f, kind in schema(name).items() if isinstance(kind, pl.List)):
        yield field, pl.col(field).list.contains(None), "holds a missing value"
    if "start_earliest" in table:
        start, end = pl.col("start_earliest"), pl.col("end_latest")
        yield "end_latest", end <= start, "lies before its start"
        yield "start_latest", pl.col("start_latest") < start, "lies before start_earliest"
        yield "end_latest", end < pl.col("end_earliest"), "lies before end_earliest"


def _as_text(column: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    return value.list.join(", ") if isinstance(kind, pl.List) else value.cast(pl.String)


def faults(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """What is wrong with rows of a kind: one line per fault with `id`, `column`, `value`, `reason`.

    What the model demands of a single row: required values, identifiers, ISO dates in order,
    values that their vocabulary has, and lists without a missing one.

    >>> bad = conform("Barrier", pl.DataFrame({"id": ["no identifier"]}))
    >>> faults("Barrier", bad)["reason"].to_list()
    ['is no identifier']
    """
    # All conditions in one pass: nearly every table has no fault, and then nothing else is done.
    wrong = rows.select(_any_wrong(name)).row(0)
    found = [
        rows.filter(expression).select(
            pl.col("id"),
            pl.lit(column).alias("column"),
            _as_text(column, rows.schema[column]).alias("value"),
            pl.lit(reason).alias("reason"),
        )
        for (column, expression, reason), occurs in zip(_conditions(name), wrong, strict=True)
        if occurs
    ]
    nothing = pl.DataFrame(schema=dict.fromkeys(("id", "column", "value", "reason"), pl.String))
    return pl.concat([nothing, *found])
