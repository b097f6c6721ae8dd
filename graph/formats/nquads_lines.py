"""N-Quads read by whole columns, where each line is a plain statement of named things.

A quad is a line, so that no parser is needed for what most files hold, ours among them: IRIs
without escapes, one space between terms. That takes a fifth of the time of an object for each term.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import polars as pl

from .parsing import NotPlain, lines_of

__all__ = ["columns_of_lines"]

_IRI = r'<[^<>"{}|^`\\\x00-\x20]*>'
_STRING = r'"(?:[^"\\]|\\(?:[tbnrf"\'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}))*"'
_OBJECT = f"^(?:{_IRI}|{_STRING}(?:\\^\\^{_IRI}|@[A-Za-z0-9-]+)?)(?: {_IRI})? \\.$"
_TEXT = f"^({_STRING})"
_ESCAPE = re.compile(r"\\(?:u(.{4})|U(.{8})|(.))")
_IS_PLAIN = (
    (pl.col("subject").str.contains(f"^{_IRI}$") & pl.col("object").str.contains(_OBJECT))
    .fill_null(False)
    .all()
)
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def columns_of_lines(
    path: Path, wanted: Collection[str]
) -> Iterator[tuple[str, pl.DataFrame | int]]:
    """For each predicate, again and again: `subject` and `object` of its triples as plain texts,
    or, of one that is not `wanted`, how many there are. `NotPlain` if a line is no plain one."""
    for lines in lines_of(path):
        parts = lines.select(pl.col("line").str.splitn(" ", 3).struct.unnest())
        parts.columns = ["subject", "predicate", "object"]
        by_predicate = parts.partition_by("predicate", as_dict=True, include_key=False)
        for (predicate,), rows in by_predicate.items():
            if not re.fullmatch(_IRI, str(predicate)) or not rows.select(_IS_PLAIN).item():
                raise NotPlain
            name = str(predicate)[1:-1]
            yield name, _texts(rows) if name in wanted else rows.height


def _texts(rows: pl.DataFrame) -> pl.DataFrame:
    value, subject = pl.col("object"), pl.col("subject").str.slice(1).str.head(-1)
    # A quotation mark in a literal is an escaped one: where there is none, the next one ends it.
    end = pl.when(value.str.starts_with("<")).then(pl.lit(">")).otherwise(pl.lit('"'))
    made = rows.select(subject, value.str.slice(1).str.splitn(end, 2).struct.field("field_0"))
    made.columns = ["subject", "object"]
    escaped = rows["object"].str.contains("\\", literal=True)
    if not escaped.any():
        return made
    odd = rows["object"].filter(escaped).unique()
    plain = [_ESCAPE.sub(_character, text[1:-1]) for text in odd.str.extract(_TEXT)]
    known = pl.Series(plain, dtype=pl.String)
    return made.with_columns(
        pl.when(escaped)
        .then(rows["object"].replace(odd, known))
        .otherwise("object")
        .alias("object")
    )


def _character(escape: re.Match[str]) -> str:
    if escape[3]:
        return _LETTERS.get(escape[3], escape[3])
    try:
        return chr(int(escape[1] or escape[2], 16)).encode().decode()
    except ValueError:  # half of a pair, or beyond Unicode
        raise NotPlain from None
