"""What happened to things between two snapshots: opened, closed, renamed, described otherwise.

A thing that only one snapshot has was not necessarily opened or closed in between: a source may be
new, or gone. It *opened* if its stated start lies after the day of the older edition of a data set
that now lists it, otherwise it is *newly recorded*; it *closed* if its stated end lies between the
two. What is stated of a day after the newer edition is *to open* or *to close*. A thing that is
gone altogether is *no longer recorded*.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.dates import COLUMNS as DATES
from ..ontology.model import NODE_KINDS
from ..ontology.tables import schema
from .diff_ids import Ids
from .diff_rows import Pair, as_changes, differing, first_day, in_words, last_day, shifted

__all__ = ["BODIES", "things"]

BODIES = ("Organisation", "Location", "System", "Area")
"""Kinds of thing that open and close; of the others a record comes or goes."""

APART = {"id", "kind", "name", "other_names", "codes", "sources", "org_types", *DATES}
"""Columns that are compared in ways of their own, or follow from others."""

EDITION = "data-set-edition"
"""The type of a source that stands for an edition: those are told of as sources."""


def things(pair: Pair) -> Iterator[pl.DataFrame]:
    """The changes of each node kind, as tables of changes."""
    for kind in NODE_KINDS:
        if not pair.alike(f"nodes/{kind}.parquet"):
            old, new = (_nodes(s.nodes(kind)) for s in (pair.old, pair.new))
            ids = pair.ids(kind)
            yield from _identities(pair, kind, ids)
            yield from _come(pair, kind, new.join(ids.under_new_ids(old), on="id", how="anti"), ids)
            yield _gone(kind, ids.under_new_ids(old).join(new, on="id", how="anti"))
            yield from _stayed(pair, kind, ids.under_new_ids(old), new)


def _nodes(table: pl.DataFrame) -> pl.DataFrame:
    if "source_type" not in table.columns:
        return table
    return table.filter(pl.col("source_type").ne_missing(EDITION))


def _sources() -> pl.Expr:
    return pl.col("sources").list.join("; ")


def _identities(pair: Pair, kind: str, ids: Ids) -> Iterator[pl.DataFrame]:
    """Records that became one thing, came apart, or stand under another id."""
    new = pair.new.nodes(kind).select(pl.col("id").alias("new"), "name", "sources")
    for change, table in (
        ("known by another id", ids.moved),
        ("joined", ids.joined),
        ("parted", ids.parted),
    ):
        named = table.join(new, on="new", how="left")
        before, after = pl.col("id"), pl.col("new")
        yield as_changes(
            named, change, kind, id=after, before=before, after=after, source=_sources()
        )


def _come(pair: Pair, kind: str, rows: pl.DataFrame, ids: Ids) -> Iterator[pl.DataFrame]:
    """Things that only the newer snapshot has."""
    rows = rows.join(ids.parted, left_on="id", right_on="new", how="anti")
    if kind not in BODIES:
        yield as_changes(rows, "newly recorded", kind, source=_sources())
        return
    rows = pair.last_days(pair.old_days(rows), newer=True)
    start, today, before = pl.col("start_earliest"), pl.col("last_day"), pl.col("old_day")
    after = (start > before).fill_null(False)
    ahead = (start > today).fill_null(False)
    ended = (shifted("end_earliest", "-1d") > before) & (shifted("end_latest", "-1d") <= today)
    day = {"date": first_day(), "source": _sources()}
    yield as_changes(rows.filter(ahead), "to open", kind, **day)
    yield as_changes(rows.filter(after & ~ahead), "opened", kind, **day)
    yield as_changes(rows.filter(~after & ~ahead), "newly recorded", kind, **day)
    yield as_changes(rows.filter(ended), "closed", kind, date=last_day(), source=_sources())


def _gone(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Things that only the older snapshot has."""
    return as_changes(rows, "no longer recorded", kind, source=_sources())


def _stayed(pair: Pair, kind: str, old: pl.DataFrame, new: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Things that both snapshots have and do not describe alike."""
    plain = [c for c, t in schema(kind).items() if c not in APART and not isinstance(t, pl.List)]
    if "end_latest" in new.columns:
        old, new = (in_words(*each) for each in zip((old, new), pair.days, strict=True))
        old, new = pair.last_days(old, newer=False), pair.last_days(new, newer=True)
        plain += ["began", "last_held"]
    both = new.join(old, on="id", suffix="_old")
    renamed = both.filter(pl.col("name") != pl.col("name_old"))
    before, after = pl.col("name_old"), pl.col("name")
    yield as_changes(renamed, "renamed", kind, before=before, after=after, source=_sources())
    if kind in BODIES:
        both, told = _lives(both, kind)
        yield from told
    yield as_changes(differing(both, kind, plain), "restated", kind, source=_sources())


def _lives(both: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Which things opened or closed, or are to close; and the rest of what can be compared, without
    the ends that are told so."""
    last, last_old = shifted("end_latest", "-1d"), shifted("end_latest_old", "-1d")
    today, before = pl.col("last_day"), pl.col("last_day_old")
    was_ahead, is_ahead = pl.col("start_earliest_old") > before, pl.col("start_earliest") > today
    opened = (was_ahead & ~is_ahead).fill_null(False)
    had_ended = (last_old <= pl.col("newest_day_old")).fill_null(last_old.is_not_null())
    to_close = (last > today).fill_null(False) & last_old.is_null()
    closed = ((last > before) & (last <= today)).fill_null(False) & ~had_ended
    told = [
        as_changes(both.filter(opened), "opened", kind, date=first_day(), source=_sources()),
        as_changes(both.filter(closed), "closed", kind, date=last_day(), source=_sources()),
        as_changes(both.filter(to_close), "to close", kind, date=last_day(), source=_sources()),
    ]
    untold = pl.when(~closed & ~to_close)
    ends = {column: untold.then(column) for column in ("last_held", "last_held_old")}
    return both.with_columns(**ends), told
