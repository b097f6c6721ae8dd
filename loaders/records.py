"""What a loader is given and what it yields.

A loader is one function, `read(entry) -> Iterator[Table]`: a stream of tables with validated rows,
of what the source itself judges to be one thing, and for each file an account of every one of its
rows. It reads files and nothing else: it fetches nothing, draws nothing, and knows no store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ..ontology.errors import DataError

__all__ = [
    "REJECT_SCHEMA",
    "FileAccount",
    "Judgements",
    "Nodes",
    "Relationships",
    "Series",
    "SourceEntry",
    "Table",
    "rejects",
]

REJECT_SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "what_to_do": pl.String(),
    "raw": pl.String(),
}
"""Columns of a table of rejects. `row` counts data rows from 1, the header not included."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One edition of one data set, as `SOURCES.toml` lists it.

    `id` names data set and edition (`ods-trusts@2026-01`); `kind` names the loader; `as_of` is the
    day whose state the edition gives, as text with its own precision; `complete` says whether what
    the edition leaves out of its `scope` did not hold (only then does a later edition end
    anything).
    """

    id: str
    kind: str
    files: tuple[Path, ...]
    title: str
    as_of: str
    retrieved: str = ""
    licence: str = ""
    publisher: str = ""
    scope: str = ""
    url: str = ""
    complete: bool = False

    @property
    def data_set(self) -> str:
        """The part of the id before the edition.

        >>> SourceEntry("ods-trusts@2026-01", "ods-trusts", (), "Trusts", "2026-01").data_set
        'ods-trusts'
        """
        return self.id.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Rows of one node kind. Columns: any of `tables.schema(kind)`; `id` is required."""

    kind: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Relationships:
    """Rows of one relationship kind: `subject`, `object`, `knowledge_level`, and any of the kind's
    columns but `id` and `source`, which the build adds. An optional column `key` tells apart
    statements of one data set between the same two ends (a role, a period): it enters the
    statement's id."""

    kind: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Series:
    """Dated measurements as published; columns as `tables.SERIES` but `source`."""

    name: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Judgements:
    """What the source itself judges to be one thing, or two: `one`, `other`, `judgement` (same or
    different), `why`. Both are nodes of the source. They become decisions, which a person may take
    back; so a loader states here what it knows by name, and in `codes` what it knows by code."""

    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FileAccount:
    """What became of each row of one file.

    `rows_in` is counted by the reader of the file; `accepted` and `merged` hold row numbers (from
    1); `rejected` has the columns of `REJECT_SCHEMA`, one line for each fault of a rejected row.
    """

    file: str
    rows_in: int
    accepted: pl.Series
    merged: pl.Series = field(default_factory=lambda: pl.Series("row", [], dtype=pl.Int64))
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECT_SCHEMA))
    notes: tuple[str, ...] = ()

    def check(self) -> FileAccount:
        """Itself, if every row of the file is accepted, merged or rejected, and only one of them.

        >>> FileAccount("a.csv", 2, pl.Series("row", [1])).check()
        Traceback (most recent call last):
            ...
        icsgraph.ontology.errors.DataError: a.csv: 2 rows in, 1 accepted, 0 merged, 0 rejected
        """
        rejected = self.rejected["row"].unique()
        parts = [s.cast(pl.Int64).rename("row") for s in (self.accepted, self.merged, rejected)]
        rows = pl.concat(parts)
        complete = rows.len() == self.rows_in == rows.n_unique()
        if complete and (self.rows_in == 0 or (rows.min() == 1 and rows.max() == self.rows_in)):
            return self
        a, m, r = (part.len() for part in parts)
        raise DataError(
            f"{self.file}: {self.rows_in} rows in, {a} accepted, {m} merged, {r} rejected"
        )


Table = Nodes | Relationships | Series | Judgements | FileAccount


def rejects(
    file: str, rows: pl.DataFrame, column: str, reason: str, what_to_do: str = ""
) -> pl.DataFrame:
    """The rejects of one rule: `rows` needs `row`, `raw` and the column at fault.

    >>> bad = pl.DataFrame({"row": [7], "raw": ["x,y"], "open": ["2021-02-30"]})
    >>> rejects("etr.csv", bad, "open", "is no date")["row"].to_list()
    [7]
    """
    value = (
        pl.col(column).cast(pl.String) if column in rows.columns else pl.lit(None, dtype=pl.String)
    )
    return rows.select(
        pl.lit(file).alias("file"),
        pl.col("row").cast(pl.Int64),
        pl.lit(column).alias("column"),
        value.alias("value"),
        pl.lit(reason).alias("reason"),
        pl.lit(what_to_do).alias("what_to_do"),
        pl.col("raw") if "raw" in rows.columns else pl.lit(None, dtype=pl.String).alias("raw"),
    )
