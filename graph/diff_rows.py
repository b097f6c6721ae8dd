"""What the parts of a comparison share: the table of changes, and two snapshots side by side.

A date in the table is the first day of what begins, or the last day on which that held which ends,
no more exactly than is known: "2023-04-01", "between 2021-10-01 and 2025-12-31", "from 2020-03-01",
"by 2021-05-28".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.model import NODE_KINDS
from ..ontology.tables import schema, vocabulary_columns
from ..ontology.vocabularies import scheme
from .diff_ids import Ids
from .merging import as_of_day, editions
from .snapshot import Snapshot

__all__ = [
    "CHANGES",
    "Pair",
    "as_changes",
    "began_after",
    "differing",
    "first_day",
    "in_words",
    "last_day",
    "settled",
    "shifted",
    "text_of",
]

CHANGES: dict[str, pl.DataType] = {
    column: pl.String()
    for column in ("change", "kind", "id", "name", "before", "after", "date", "source")
}
"""Columns of a table of changes: what happened, to which kind of thing, its id and name, what stood
before and stands after, when (as known), and the sources that say so, joined by "; "."""

BETWEEN = "; "
LONGEST, SHOWN = 200, 40
"""Characters of a value that is told whole, and of what is told of a longer one."""


class Pair:
    """Two snapshots, the older first, and what comparing them needs to know of both."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self.old = old
        self.new = new
        self._ids: dict[str, Ids] = {}

    def alike(self, table: str) -> bool:
        """Whether both have a table with the same bytes (`nodes/System.parquet`)."""
        if self.old.view or self.new.view:
            return False
        first, second = (s.manifest["tables"].get(table) for s in (self.old, self.new))
        return bool(first == second)

    @cached_property
    def names(self) -> pl.DataFrame:
        """`id` and `name` of every thing that either has; the name is the newer one."""
        both = [
            s.nodes(kind).select("id", "name") for s in (self.new, self.old) for kind in NODE_KINDS
        ]
        return pl.concat(both).unique("id", keep="first", maintain_order=True)

    def named(self, frame: pl.DataFrame, column: str = "id", name: str = "name") -> pl.DataFrame:
        """`frame` with the names of the ids in a column; the id itself where there is no name."""
        known = self.names.select(pl.col("id").alias(column), pl.col("name").alias(name))
        joined = frame.join(known, on=column, how="left", maintain_order="left")
        return joined.with_columns(pl.col(name).fill_null(pl.col(column)))

    @cached_property
    def known_before(self) -> pl.DataFrame:
        """For each `source` of the newer one: the as-of day (`old_day`) of the newest edition of
        its data set in the older one, and whether that is `complete`; null if there is none."""
        newest: dict[str, Mapping[str, Any]] = {}
        for facts in sorted(_sources(self.old), key=as_of_day):
            newest[facts["data_set"]] = facts
        before = [(f["id"], newest.get(f["data_set"], {})) for f in _sources(self.new)]
        rows = [(source, _as_of(f)[0], bool(f.get("complete"))) for source, f in before]
        columns = {"source": pl.String, "old_day": pl.String, "complete": pl.Boolean}
        return pl.DataFrame(rows, schema=columns, orient="row")

    def old_days(self, things: pl.DataFrame) -> pl.DataFrame:
        """Nodes of the newer one with `old_day`, that of `known_before` of their sources."""
        return _with_newest(things, self.known_before, "old_day")

    def last_days(self, things: pl.DataFrame, newer: bool) -> pl.DataFrame:
        """Nodes of the newer or older one with the last day that the as-of of a source of theirs
        can mean: of any (`newest_day`), and of an official one (`last_day`)."""
        sources = _sources(self.new if newer else self.old)
        for column, kept in (("newest_day", (True, False)), ("last_day", (True,))):
            rows = [(f["id"], _as_of(f)[1]) for f in sources if f.get("official", True) in kept]
            days = pl.DataFrame(rows, schema={"source": pl.String, column: pl.String}, orient="row")
            things = _with_newest(things, days, column)
        return things

    @cached_property
    def next_editions(self) -> pl.DataFrame:
        """For each source of the older one that the newer one does not have, the last day that the
        as-of (`next`) of the next complete edition of its data set in the newer one can mean."""
        later = _sources(self.new)
        held = {facts["id"] for facts in later}
        gone = [facts for facts in _sources(self.old) if facts["id"] not in held]
        columns = {"source": pl.String, "next": pl.String}
        rows = [editions([facts, *later]).row(0) for facts in gone]
        return pl.DataFrame([(row[0], row[2]) for row in rows], schema=columns, orient="row")

    def ids(self, kind: str) -> Ids:
        """How the ids of a node kind in both belong together."""
        if kind not in self._ids:
            self._ids[kind] = Ids.of(self.old.nodes(kind), self.new.nodes(kind))
        return self._ids[kind]

    @cached_property
    def newer_ids(self) -> pl.DataFrame:
        """`id` and `new` for every id that only the older one has, of a thing that both have."""
        return pl.concat([self.ids(kind).newer for kind in NODE_KINDS])

    @cached_property
    def days(self) -> tuple[list[str], list[str]]:
        """First and last as-of days of the sources of each."""
        return _days(self.old), _days(self.new)


def _sources(snapshot: Snapshot) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = snapshot.manifest["sources"]
    return listed


def _with_newest(things: pl.DataFrame, days: pl.DataFrame, column: str) -> pl.DataFrame:
    """Nodes with the newest of the days that belong to their sources."""
    told = things.select("id", pl.col("sources").alias("source"))
    told = told.explode("source", empty_as_null=True).join(days, on="source")
    newest = told.group_by("id").agg(pl.max(column))
    return things.join(newest, on="id", how="left", maintain_order="left")


def _as_of(facts: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """First and last day that the as-of of a source can mean."""
    stated = BoundedDate.parse(facts.get("as_of")).columns()
    first, last = stated["start_earliest"], stated["start_latest"]
    return first or last, last or first


def _days(snapshot: Snapshot) -> list[str]:
    """The days on which a source of the snapshot saw what it lists."""
    return sorted({day for facts in _sources(snapshot) for day in _as_of(facts) if day})


def as_changes(
    frame: pl.DataFrame, change: str | pl.Expr, kind: str | pl.Expr, /, **columns: pl.Expr
) -> pl.DataFrame:
    """Rows of the table of changes from a frame that has some of its columns; `columns` gives
    others, and what neither has is null.

    >>> as_changes(pl.DataFrame({"id": ["ods:R1H"]}), "closed", "Organisation").row(0)[:3]
    ('closed', 'Organisation', 'ods:R1H')
    """
    told = {"change": change, "kind": kind}
    given = {c: pl.lit(v) if isinstance(v, str) else v for c, v in told.items()} | columns
    missing = [c for c in CHANGES if c not in given and c not in frame.columns]
    given |= {column: pl.lit(None) for column in missing}
    return frame.select(given.get(c, pl.col(c)).cast(t).alias(c) for c, t in CHANGES.items())


def first_day() -> pl.Expr:
    """The day on which something began, as known, from the bounds of its start."""
    return _between(pl.col("start_earliest"), pl.col("start_latest"))


def began_after(day: pl.Expr) -> pl.Expr:
    """Whether a statement tells of what began after a day on which an older edition of its data set
    gave the state: its stated start says so, or the older edition is `complete` and has it not."""
    start, end = pl.col("start_latest"), pl.col("end_latest")
    stated = pl.col("start_earliest") > day
    later = (start.is_null() | (start > day)) & (end.is_null() | (end > day))
    return (stated | (pl.col("complete") & day.is_not_null() & later)).fill_null(False)


def last_day() -> pl.Expr:
    """The last day on which something held, as known: the day before its end.

    >>> row = pl.DataFrame({"end_earliest": ["2021-10-02"], "end_latest": ["2026-01-01"]})
    >>> row.select(last_day()).item()
    'between 2021-10-01 and 2025-12-31'
    """
    return _between(shifted("end_earliest", "-1d"), shifted("end_latest", "-1d"))


def shifted(column: str, by: str) -> pl.Expr:
    """A column of ISO days moved by some days ("1d", "-1d")."""
    return pl.col(column).str.to_date().dt.offset_by(by).dt.to_string()


def _between(earliest: pl.Expr, latest: pl.Expr) -> pl.Expr:
    return (
        pl.when(earliest == latest)
        .then(earliest)
        .when(earliest.is_not_null() & latest.is_not_null())
        .then(pl.format("between {} and {}", earliest, latest))
        .when(earliest.is_not_null())
        .then(pl.format("from {}", earliest))
        .when(latest.is_not_null())
        .then(pl.format("by {}", latest))
    )


def in_words(table: pl.DataFrame, days: Iterable[str]) -> pl.DataFrame:
    """A dated table with when each row `began` and `last_held`, as known; `settled` on `days`."""
    return settled(table, days).with_columns(began=first_day(), last_held=last_day())


def settled(table: pl.DataFrame, days: Iterable[str]) -> pl.DataFrame:
    """`table` without the bounds that say no more than on which day an edition saw the record.

    Of a record that is open on the as-of day, an edition knows that it had begun by then and ended
    later; the next edition says the same of its own day, and nothing has changed. That something
    began before it ended is no news either.
    """
    start, seen = pl.col("start_latest"), pl.col("start_latest").is_in(sorted(days))
    exact = pl.col("start_earliest").eq_missing(start)
    empty = (seen | (start == shifted("end_latest", "-1d"))).fill_null(False) & ~exact
    return table.with_columns(
        start_latest=pl.when(~empty).then(start),
        end_earliest=pl.when(pl.col("end_latest").is_not_null()).then(pl.col("end_earliest")),
    )


def differing(both: pl.DataFrame, kind: str, columns: Sequence[str]) -> pl.DataFrame:
    """The rows in which a column differs from its twin (`town` and `town_old`), with `before` and
    `after`: each differing column by name, with its value in words."""
    unlike = {c: pl.col(c).ne_missing(pl.col(f"{c}_old")) for c in columns}
    if not unlike:
        return both.clear().with_columns(before=pl.lit(""), after=pl.lit(""))
    rows = both.filter(pl.any_horizontal(unlike.values()))

    def told(ending: str) -> pl.Expr:
        parts = (
            pl.when(differs).then(pl.format("{}: {}", pl.lit(_words(c)), text_of(kind, c, ending)))
            for c, differs in unlike.items()
        )
        return pl.concat_str(list(parts), separator=BETWEEN, ignore_nulls=True)

    return rows.with_columns(before=told("_old"), after=told(""))


def _words(column: str) -> str:
    return column.replace("_", " ")


def text_of(kind: str, column: str, ending: str = "") -> pl.Expr:
    """The value of a column in words: what a code is called, "not known" where there is none."""
    value = pl.col(f"{column}{ending}")
    if schema(kind).get(column) == pl.Float64:
        value = value.round(6)
    value = value.cast(pl.String)
    beginning = pl.format("{}... ({} characters)", value.str.head(SHOWN), value.str.len_chars())
    value = pl.when(value.str.len_chars() > LONGEST).then(beginning).otherwise(value)
    if vocabulary := vocabulary_columns(kind).get(column):
        terms = scheme(vocabulary)
        value = value.replace({notation: terms.label(notation) for notation in terms})
    return value.fill_null("not known")
