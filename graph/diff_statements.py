"""What changed among statements between two snapshots: begun, ended, restated, or only recorded.

A statement keeps its id from edition to edition, so a new id is a new statement. It tells of
something that *began* if its start is stated and lies after the day of the older edition of its
data set, or if that edition was complete for its scope and did not make it; otherwise it is *newly
recorded*. A statement *ended* if it has an end now and had none, or if a newer complete edition of
its data set no longer makes it; one that is gone for another reason (its source was taken out, or
is another edition that is not complete) is *no longer recorded*.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.dates import COLUMNS as DATES
from ..ontology.relationships import RELATIONSHIP_KINDS, relationship_kind
from ..ontology.tables import schema
from .diff_rows import (
    Pair,
    as_changes,
    began_after,
    differing,
    first_day,
    in_words,
    last_day,
    shifted,
)

__all__ = ["statements"]

APART = {"id", "kind", "subject", "object", "source", "locator", "first_seen", "last_seen", *DATES}
"""Columns that are compared in ways of their own, or that every edition fills anew."""


def statements(pair: Pair) -> Iterator[pl.DataFrame]:
    """The changes of each relationship kind, as tables of changes."""
    for kind in RELATIONSHIP_KINDS:
        if not pair.alike(f"relationships/{kind}.parquet"):
            old, new = (s.relationships(kind) for s in (pair.old, pair.new))
            yield from _come(pair, kind, new.join(old, on="id", how="anti"))
            yield from _gone(pair, kind, old.join(new, on="id", how="anti"))
            yield from _stayed(pair, kind, old, new)


def _told(
    pair: Pair, change: str, kind: str, rows: pl.DataFrame, **columns: pl.Expr
) -> pl.DataFrame:
    """Statements as rows of the table of changes, their ends by name."""
    named = pair.named(pair.named(rows, "subject", "subject_name"), "object", "object_name")
    label = pl.lit(relationship_kind(kind).label)
    name = pl.concat_str("subject_name", label, "object_name", separator=" ")
    return as_changes(named, change, kind, name=name, **columns)


def _ends() -> pl.Expr:
    return pl.format("{} → {}", "subject", "object")


def _come(pair: Pair, kind: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Statements that only the newer snapshot has."""
    dated = rows.join(pair.known_before, on="source", how="left")
    began = began_after(pl.col("old_day"))
    # What a complete edition does not list had not begun by its day.
    not_yet = pl.when("complete").then(shifted("old_day", "1d"))
    begun = dated.filter(began).with_columns(
        start_earliest=pl.max_horizontal("start_earliest", not_yet)
    )
    yield _told(pair, "begun", kind, begun, after=_ends(), date=first_day())
    recorded = dated.filter(~began)
    yield _told(pair, "newly recorded", kind, recorded, after=_ends(), date=first_day())


def _gone(pair: Pair, kind: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Statements that only the older snapshot has."""
    dated = rows.join(pair.next_editions, on="source", how="left")
    open_then = pl.col("end_latest").is_null() & pl.col("next").is_not_null()
    ended = dated.filter(open_then).with_columns(
        end_earliest=pl.coalesce("end_earliest", shifted("last_seen", "1d")),
        end_latest=pl.col("next"),
    )
    yield _told(pair, "ended", kind, ended, before=_ends(), date=last_day())
    lost = dated.filter(~open_then)
    yield _told(pair, "no longer recorded", kind, lost, before=_ends())


def _stayed(pair: Pair, kind: str, old: pl.DataFrame, new: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Statements that both snapshots have, and that have an end now or say something else."""
    old, new = (in_words(*each) for each in zip((old, new), pair.days, strict=True))
    both = new.join(old, on="id", suffix="_old")
    ended = pl.col("end_latest").is_not_null() & pl.col("end_latest_old").is_null()
    yield _told(pair, "ended", kind, both.filter(ended), before=_ends(), date=last_day())
    both = both.with_columns(last_held=pl.when(~ended).then("last_held"))
    plain = [c for c in schema(kind) if c not in APART]
    yield _told(pair, "restated", kind, differing(both, kind, [*plain, "began", "last_held"]))
