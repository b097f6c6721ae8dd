"""Where sources contradict one another: names, dates and places of things, dates of statements.

Only different data sets contradict one another. Two editions of one tell of a change: the newer is
taken for what its data set says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS
from ..ontology.relationships import RELATIONSHIP_KINDS

__all__ = ["contradictions"]

KINDS = ("Organisation", "Location", "System", "Area")
COUNTED = ("TREATS_RESIDENTS_OF",)
"""The kinds of which each statement counts a period: several periods are no contradiction."""

BOUNDS = COLUMNS[:4]
ENDS = ("start", "end")
JOINED = ("kind", "subject", "object")
FOUND = ("what", "one", "one_source", "other", "other_source")
GIVEN = ("thing", *FOUND, "id")

_DATA_SET = pl.col("source").str.split("@").list.first()
_OF_THING = pl.col("object").is_null()
_ABOUT = {
    "name": pl.col("what") == "name",
    "place": pl.col("what") == "postcode",
    "dates": _OF_THING & pl.col("what").is_in(ENDS),
    "relationship": ~_OF_THING,
    "anything": pl.lit(True),
}


def contradictions(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """What two sources say differently: a row for each pair of contradicting words or dates.

    Names and postcodes are compared without spelling: capitals, marks and blanks. Dates contradict
    one another if no day is within the bounds of both.
    """
    thing, kind = parameters["thing"], parameters["kind"]
    rows = _found(snapshot).filter(_ABOUT[parameters["about"]])
    if thing:
        rows = rows.filter((pl.col("id") == thing) | (pl.col("object") == thing))
    if kind:
        rows = rows.filter(pl.col("kind") == kind)
    return rows.select(GIVEN).sort("what", "thing", "id", "other_source", "other")


@lru_cache(maxsize=4)
def _found(snapshot: Snapshot) -> pl.DataFrame:
    """All contradictions of a snapshot, few beside what was compared; those on a statement have an
    `object`, and `id` is then the subject's."""
    called = pl.coalesce("name", "id").alias("thing")
    named = pl.concat(snapshot.nodes(kind).select("id", "kind", called) for kind in KINDS)
    found = [_of_things(snapshot, named), _of_statements(snapshot, named)]
    return pl.concat(part.select(*GIVEN, "kind", "object") for part in found)


def _of_things(snapshot: Snapshot, named: pl.DataFrame) -> pl.DataFrame:
    """Names, postcodes and dates of things that two or more sources describe."""
    rows = pl.concat(map(snapshot.records, KINDS), how="diagonal")
    rows = rows.with_columns(source=pl.col("sources").list.first())
    dated = _one_of_each(rows.filter(~pl.all_horizontal(pl.col(BOUNDS).is_null())), BOUNDS)
    found = [_words(rows, "name"), _words(rows, "postcode")]
    found += [_days(dated, ["id"], end) for end in ENDS]
    together = pl.concat(part.select("id", *FOUND) for part in found)
    return together.join(named, on="id").with_columns(object=pl.lit(None, dtype=pl.String))


def _differing(rows: pl.DataFrame, by: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """The rows of those groups whose rows do not all say the same in `columns`: few of many. The
    rows of a group stand together, as in the tables of a snapshot."""
    again = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in by).fill_null(False)
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in columns)
    groups = rows.select(group=(~again).cum_sum(), differs=again & other)
    held = groups.filter("differs")["group"].unique()
    return rows.filter(groups["group"].is_in(held.implode()))


def _one_of_each(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Of the records of things whose records differ in `columns`, the one of each data set that is
    believed first; in that order, as it is when records are merged."""
    told = _differing(rows, ["id"], columns).with_columns(data_set=_DATA_SET)
    told = told.sort("id", "rank", pl.col("own_id") != pl.col("id"), "own_id")
    return told.unique(["id", "data_set"], keep="first", maintain_order=True)


def _words(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Those words for a thing that differ from the ones believed, once for each data set."""
    told = _one_of_each(rows.drop_nulls(column), [column]).select("id", "source", said=column)
    first = told.unique("id", keep="first", maintain_order=True)
    others = told.join(first.rename({"said": "one", "source": "one_source"}), on="id")
    others = others.filter(pl.col("said") != pl.col("one"))
    plain = (pl.col(c).str.to_lowercase().str.replace_all("[^a-z0-9]", "") for c in ("said", "one"))
    differs = next(plain) != next(plain)
    return others.filter(differs).select(
        "id", "one", "one_source", other="said", other_source="source", what=pl.lit(column)
    )


def _days(rows: pl.DataFrame, by: Sequence[str], end: str) -> pl.DataFrame:
    """Where the bounds of a beginning or end leave no day that all agree on: the one that says the
    earliest, and the one that says the latest."""
    early, late = pl.col(f"{end}_earliest"), pl.col(f"{end}_latest")
    rows = _differing(rows.filter(early.is_not_null() | late.is_not_null()), by, BOUNDS)
    rows = rows.select(*by, "source", early, late, _said(end).alias("said"))
    apart = rows.group_by(by).agg((early.max() > late.min()).alias("apart")).filter("apart")
    rows = rows.join(apart, on=by, how="semi")
    one = rows.drop_nulls(f"{end}_latest").sort(late, "source")
    other = rows.drop_nulls(f"{end}_earliest").sort(early, "source", descending=[True, False])
    pair = one.unique(by, keep="first", maintain_order=True).join(
        other.unique(by, keep="first", maintain_order=True), on=by, suffix="_of_other"
    )
    names = {"said": "one", "source": "one_source", "said_of_other": "other"}
    pair = pair.rename({**names, "source_of_other": "other_source"})
    return pair.select(*by, "one", "one_source", "other", "other_source", what=pl.lit(end))


def _said(end: str) -> pl.Expr:
    """Bounds in words: a day, from one to another, or only one of them."""
    early, late = pl.col(f"{end}_earliest"), pl.col(f"{end}_latest")
    return (
        pl.when(early == late)
        .then(early)
        .when(early.is_null())
        .then("by " + late)
        .when(late.is_null())
        .then(early + " or later")
        .otherwise(early + " to " + late)
    )


def _of_statements(snapshot: Snapshot, named: pl.DataFrame) -> pl.DataFrame:
    """Statements of one kind about the same two things whose dates contradict one another."""
    counted = [name for name in RELATIONSHIP_KINDS if name not in COUNTED]
    told = _once(
        pl.concat(
            snapshot.relationships(name).select(*JOINED, "source", *BOUNDS) for name in counted
        )
    )
    words = {name: f" {RELATIONSHIP_KINDS[name].label} " for name in counted}
    found = pl.concat(_days(told, JOINED, end) for end in ENDS)
    found = found.with_columns(words=pl.col("kind").replace(words)).drop("kind")
    found = found.join(named, left_on="subject", right_on="id")
    others = named.select(pl.col("id").alias("object"), pl.col("thing").alias("other_thing"))
    said = pl.concat_str("thing", "words", "other_thing")
    return found.join(others, on="object").with_columns(thing=said, id="subject")


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Statements of which a data set makes one alone: several are several times, not several
    opinions on one; and of which another data set makes one, too."""
    several = _differing(rows, JOINED, ["source"]).with_columns(data_set=_DATA_SET)
    several = _differing(_differing(several, JOINED, ["data_set"]), JOINED, BOUNDS)
    apart = [pl.col(f"{end}_earliest").max() > pl.col(f"{end}_latest").min() for end in ENDS]
    disputed = several.group_by(JOINED).agg(pl.any_horizontal(apart).alias("apart"))
    rows = several.join(disputed.filter("apart"), on=JOINED, how="semi", maintain_order="left")
    rows = rows.filter(pl.len().over(*JOINED, "data_set") == 1)
    return rows.filter(pl.len().over(*JOINED) > 1)
