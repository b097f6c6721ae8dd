"""Values as text and back: lists as JSON, numbers and truth values as they are written anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ...ontology.errors import FileFault, nearest_names

__all__ = ["as_texts", "from_texts", "json_objects", "listed", "number_texts", "typed"]

_REASONS = {
    "Int32": "is no whole number",
    "Int64": "is no whole number",
    "Float64": "is no number",
    "Boolean": "is neither true nor false",
    "List(String)": 'is no list of texts such as ["one", "two"]',
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INFINITE = {"inf": "INF", "-inf": "-INF"}


def as_texts(table: pl.DataFrame) -> pl.DataFrame:
    """A table with every value as text, missing ones missing; lists are JSON, empty ones missing.

    >>> as_texts(pl.DataFrame({"codes": [["cqc:R1H"], []], "share": [0.5, None]})).rows()
    [('["cqc:R1H"]', '0.5'), (None, None)]
    """
    texts = {pl.List: listed, pl.Float64: number_texts}
    return table.select(
        texts.get(kind.base_type(), _plain)(column) for column, kind in table.schema.items()
    )


def _plain(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String)


def number_texts(column: str, infinite: Mapping[str, str] = _INFINITE) -> pl.Expr:
    """A column of numbers as texts; what is no number or has no end as XML Schema writes it, or as
    `infinite` says.

    >>> pl.DataFrame({"share": [0.5, float("-inf")]}).select(number_texts("share")).rows()
    [('0.5',), ('-INF',)]
    """
    return _plain(column).replace(infinite)


def listed(column: str) -> pl.Expr:
    """A column of lists as JSON texts, an empty list as a missing one."""
    # polars encodes only structs, and writes {"codes":["cqc:R1H"]}.
    text = pl.struct(column).struct.json_encode()
    inside = text.str.slice(len(json.dumps(column)) + 2).str.head(-1)
    return pl.when(pl.col(column).list.len() > 0).then(inside).alias(column)


def json_objects(table: pl.DataFrame, names: Mapping[str, str]) -> pl.Expr:
    """The text of a JSON object for each row: its values under `names`, in the order of the table;
    missing values and empty lists are left out. JSON has no word for what is no number or has no
    end: these are texts (`"NaN"`, `"INF"`, `"-INF"`).

    >>> rows = pl.DataFrame({"id": ["a"], "source": ["b"], "note": [None]})
    >>> rows.select(json_objects(rows, {"source": "source_"})).item()
    '{"id":"a","source_":"b"}'
    """
    members = []
    for column, kind in table.schema.items():
        name = names.get(column, column)
        there = pl.col(column).is_not_null()
        if isinstance(kind, pl.List):
            there &= pl.col(column).list.len() > 0
        encoded = pl.struct(pl.col(column).alias(name)).struct.json_encode()
        if isinstance(kind, pl.Float64):
            text = pl.struct(number_texts(column).alias(name)).struct.json_encode()
            encoded = pl.when(pl.col(column).is_finite()).then(encoded).otherwise(text)
        members.append(pl.when(there).then(encoded.str.slice(1).str.head(-1)))
    inside = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.concat_str(pl.lit("{"), inside, pl.lit("}"))


def typed(
    series: pl.Series, kind: pl.DataType, file: Path | str, rows: pl.Series | None = None
) -> pl.Series:
    """A column of texts as its type; `FileFault` with the row and column for one that cannot be.

    `rows` are the row numbers to name, else the file is taken to have one line of names above.
    """
    if isinstance(kind, pl.String):
        return series.cast(pl.String)
    if isinstance(kind, pl.List):
        made = _lists(series)
    elif isinstance(kind, pl.Boolean):
        made = series.str.to_lowercase().replace_strict(
            _BOOLEANS, default=None, return_dtype=pl.Boolean
        )
    else:
        made = series.cast(kind, strict=False)
    wrong = made.is_null() & series.is_not_null()
    if isinstance(kind, pl.List):
        wrong |= made.list.contains(None).fill_null(False)
    wrong = wrong.arg_true()
    if wrong.len():
        at = int(wrong[0])
        row = at + 2 if rows is None else int(rows[at])
        reason = _REASONS[str(kind)]
        raise FileFault(str(file), row, series.name, series[at], reason, "Correct the value.")
    return made.fill_null([]) if isinstance(kind, pl.List) else made


def _lists(series: pl.Series) -> pl.Series:
    """Lists of the JSON texts, missing where a text is none."""
    try:
        return series.str.json_decode(pl.List(pl.String))
    except pl.exceptions.PolarsError:
        return pl.Series(series.name, map(_list_of, series.to_list()), dtype=pl.List(pl.String))


def _list_of(text: str | None) -> list[str] | None:
    try:
        read = json.loads(text) if text is not None else []
    except ValueError:
        return None
    right = isinstance(read, list) and all(isinstance(each, str) for each in read)
    return read if right else None


def from_texts(
    table: pl.DataFrame, wanted: Mapping[str, pl.DataType], file: Path | str
) -> pl.DataFrame:
    """A table of texts with the types wanted; columns that are not there are missing throughout.

    `FileFault` for a column that is not wanted, or a value that is none of its type.
    """
    if unknown := [column for column in table.columns if column not in wanted]:
        near = ", ".join(nearest_names(unknown[0], list(wanted))) or ", ".join(wanted)
        raise FileFault(
            str(file), reason=f"there is no column {unknown[0]}", hint=f"The nearest: {near}."
        )
    columns = [
        typed(table[column], kind, file)
        if column in table.columns
        else pl.Series(column, [None], dtype=kind).extend_constant(None, table.height)[1:]
        for column, kind in wanted.items()
    ]
    return pl.DataFrame(columns)
