"""XML written a table at a time: escaping as expressions on whole columns.

XML 1.0 has no way to hold most control characters (https://www.w3.org/TR/xml/#charsets). They are
written as `_x0007_`, as Office documents do it, and `_x` itself as `_x005F_x`, so that reading is
exact. Tabs and line breaks are written as references: parsers would make spaces of them, and a
thing or statement is one line of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot
from .content import columns_of
from .texts import as_texts

__all__ = [
    "UNESCAPED",
    "attribute_types",
    "escaped",
    "put_lines",
    "tag",
    "unescaped",
    "unfit_for_xml",
    "wrapped",
]

ROWS_AT_A_TIME = 50_000
_UNFIT = [*(chr(n) for n in range(32) if n not in (9, 10, 13)), "\ufffe", "\uffff"]
_REPLACED = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
    "_x": "_x005F_x",
    **{character: f"_x{ord(character):04X}_" for character in _UNFIT},
}
UNESCAPED = {written: plain for plain, written in _REPLACED.items() if written.startswith("&")}
"""What stands in our files for characters that mean something else in XML."""
_CODED = re.compile("_x([0-9A-F]{4})_")


def escaped(value: pl.Expr) -> pl.Expr:
    """Texts as they may stand in an element or between double quotes.

    >>> pl.DataFrame({"a": ['<"\\x07">']}).select(escaped(pl.col("a"))).item()
    '&lt;&quot;_x0007_&quot;&gt;'
    """
    return value.str.replace_many(list(_REPLACED), list(_REPLACED.values()))


def unescaped(text: str) -> str:
    """What `escaped` made of characters that XML cannot hold, as it was.

    >>> unescaped("_x0007_ _x005F_x0007_")
    '\\x07 _x0007_'
    """
    return _CODED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def unfit_for_xml(snapshot: Snapshot) -> tuple[str, ...]:
    """How many values of things and statements hold characters that XML cannot, as a sentence;
    none if there are none."""
    tables = [snapshot.nodes(kind) for kind in NODE_KINDS]
    tables += [snapshot.relationships(kind) for kind in RELATIONSHIP_KINDS]
    unfit = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]"
    counted = sum(
        int(table.select(pl.sum_horizontal(pl.selectors.string().str.contains(unfit).sum())).item())
        for table in map(as_texts, tables)
        if table.height
    )
    if not counted:
        return ()
    return (
        f"{counted:,} values hold control characters, which XML cannot: they are written as "
        "_x0007_ and read back as they were.",
    )


def attribute_types(kinds: Sequence[str]) -> dict[str, pl.DataType]:
    """Every column of some kinds, with its type: those that stand in an attribute of their own in
    each format (id, subject, object) left out."""
    group = "nodes" if kinds[0] in NODE_KINDS else "relationships"
    types: dict[str, pl.DataType] = {}
    for kind in kinds:
        types.update(columns_of(group, kind))
    return {c: t for c, t in types.items() if c not in ("id", "subject", "object")}


def tag(name: str, text: str = "", **attributes: str) -> str:
    """One element, on one line.

    >>> tag("key", "a < b", id="n1")
    '<key id="n1">a &lt; b</key>'
    """
    inside = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{inside}>{escape(text)}</{name}>" if text else f"<{name}{inside}/>"


def wrapped(before: str, column: str, after: str) -> pl.Expr:
    """The escaped value of a column of texts between two pieces of markup; missing if it is."""
    return pl.concat_str(pl.lit(before), escaped(pl.col(column)), pl.lit(after))


def put_lines(file: BinaryIO, table: pl.DataFrame, parts: Sequence[pl.Expr]) -> None:
    """Write a line for each row: `parts` one after the other, missing ones left out."""
    line = pl.concat_str(parts, ignore_nulls=True)
    for rows in table.iter_slices(ROWS_AT_A_TIME):
        rows.select(line).write_csv(file, include_header=False, quote_style="never")
