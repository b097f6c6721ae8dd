"""Tables as bytes: CSV, JSON and Parquet, the same bytes for the same rows."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import polars as pl
import polars.selectors as cs

__all__ = ["as_csv", "as_json", "as_parquet", "plain_rows"]

BETWEEN_VALUES = "; "
"""Between the values of a list, where one cell must hold them all."""


def as_csv(rows: pl.DataFrame) -> bytes:
    """A table as CSV: UTF-8, a header line, LF, missing values empty, lists joined by "; ".

    >>> as_csv(pl.DataFrame({"name": ["Barts, London", None], "codes": [["a", "b"], []]}))
    b'name,codes\\n"Barts, London",a; b\\n,""\\n'
    """
    joined = rows.with_columns(
        cs.by_dtype(pl.List(pl.String)).list.join(BETWEEN_VALUES, ignore_nulls=True)
    )
    return joined.write_csv(line_terminator="\n").encode()


def as_json(value: Any) -> bytes:
    """Plain values (as of `Answer.as_dict`) as indented JSON: UTF-8, LF, keys in their own order.

    >>> as_json({"name": "Frimley", "systems": None})
    b'{\\n  "name": "Frimley",\\n  "systems": null\\n}\\n'
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode()


def as_parquet(rows: pl.DataFrame) -> bytes:
    """A table as Parquet, with its types.

    >>> pl.read_parquet(as_parquet(pl.DataFrame({"systems": [3]})))["systems"].to_list()
    [3]
    """
    buffer = BytesIO()
    rows.write_parquet(buffer)
    return buffer.getvalue()


def plain_rows(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows ready for JSON: what is no number (not a number, infinite) becomes null.

    >>> plain_rows(pl.DataFrame({"share": [0.5, float("nan")]}))
    [{'share': 0.5}, {'share': None}]
    """
    finite = pl.when(cs.float().is_finite()).then(cs.float())
    return rows.with_columns(finite).to_dicts()
