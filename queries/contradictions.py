"""Where sources contradict one another: names, dates and places of things, dates of statements.

Only different data sets contradict one another. Two editions of one tell of a change: the newer is
taken for what its data set says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS
from ..ontology.relationships import RELATIONSHIP_KINDS

__all__ = ["contradictions"]

KINDS = ("Organisation", "Location", "System", "Area")
COUNTED = ("TREATS_RESIDENTS_OF",)
"""The kinds of which each statement counts a period: several periods are no contradiction."""

ANYTHING, RELATIONSHIP = "anything", "relationship"
BOUNDS = COLUMNS[:4]
ENDS = ("start", "end")
GIVEN = {
    "thing": pl.String(),
    "what": pl.String(),
    "one": pl.String(),
    "one_source": pl.String(),
    "other": pl.String(),
    "other_source": pl.String(),
    "id": pl.String(),
}

_DATA_SET = pl.col("source").str.split("@").list.first()


def contradictions(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """What two sources say differently: a row for each pair of contradicting words or dates.

    Names and postcodes are compared without spelling: capitals, marks and blanks. Dates contradict
    one another if no day is within the bounds of both.
    """
    thing, about = parameters["thing"], parameters["about"]
    kinds = [parameters["kind"]] if parameters["kind"] else KINDS
    parts = [pl.DataFrame(schema=GIVEN)]
    for kind in kinds if about != RELATIONSHIP else ():
        parts += _of_things(snapshot, kind, thing, about)
    if about in (ANYTHING, RELATIONSHIP):
        parts += _of_statements(snapshot, kinds, thing)
    return pl.concat(parts).sort("what", "thing", "id", "other_source", "other")


def _of_things(snapshot: Snapshot, kind: str, thing: str, about: str) -> Iterator[pl.DataFrame]:
    rows = snapshot.records(kind).with_columns(pl.col("sources").list.first().alias("source"))
    if thing:
        rows = rows.filter(pl.col("id") == thing)
    named = snapshot.nodes(kind).select("id", pl.coalesce("name", "id").alias("thing"))
    found = [_words(rows, "name")] if about in (ANYTHING, "name") else []
    if about in (ANYTHING, "place") and "postcode" in rows.columns:
        found.append(_words(rows, "postcode"))
    if about in (ANYTHING, "dates"):
        told = rows.sort("rank").with_columns(_DATA_SET.alias("data_set"))
        each = told.unique(["id", "data_set"], keep="first", maintain_order=True)
        found += [_days(each, ["id"], end) for end in ENDS]
    for part in found:
        yield part.join(named, on="id").select(*GIVEN)


def _words(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Those words for a thing that differ from the ones believed, once for each data set."""
    told = rows.drop_nulls(column).sort("rank", "source")
    told = told.select("id", "source", _DATA_SET.alias("data_set"), said=column)
    told = told.unique(["id", "data_set"], keep="first", maintain_order=True)
    first = told.unique("id", keep="first", maintain_order=True)
    others = told.join(first.rename({"said": "one", "source": "one_source"}), on="id")
    others = others.filter(pl.col("said") != pl.col("one"))
    plain = (pl.col(c).str.to_lowercase().str.replace_all("[^a-z0-9]", "") for c in ("said", "one"))
    differs = next(plain) != next(plain)
    return others.filter(differs).select(
        "id", "one", "one_source", other="said", other_source="source", what=pl.lit(column)
    )


def _days(rows: pl.DataFrame, by: list[str], end: str) -> pl.DataFrame:
    """Where the bounds of a beginning or end leave no day that all agree on: the one that says the
    earliest, and the one that says the latest."""
    early, late = pl.col(f"{end}_earliest"), pl.col(f"{end}_latest")
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


def _of_statements(
    snapshot: Snapshot, kinds: list[str] | tuple[str, ...], thing: str
) -> Iterator[pl.DataFrame]:
    """Statements of one kind about the same two things whose dates contradict one another."""
    name_or_id = pl.coalesce("name", "id").alias("of")
    named = pl.concat(snapshot.nodes(kind).select("id", name_or_id, "kind") for kind in KINDS)
    meant = named.filter(pl.col("kind").is_in(kinds)).drop("kind")
    for name, model in RELATIONSHIP_KINDS.items():
        if name in COUNTED:
            continue
        rows = snapshot.relationships(name).select("subject", "object", "source", *BOUNDS)
        if thing:
            rows = rows.filter((pl.col("subject") == thing) | (pl.col("object") == thing))
        told = _once(rows)
        for end in ENDS:
            found = _days(told, ["subject", "object"], end)
            if found.is_empty():
                continue
            found = found.join(meant, left_on="subject", right_on="id")
            found = found.join(named, left_on="object", right_on="id", suffix="_object")
            said = pl.concat_str("of", pl.lit(f" {model.label} "), "of_object")
            yield found.with_columns(said.alias("thing"), pl.col("subject").alias("id")).select(
                *GIVEN
            )


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Statements of which a data set makes one alone: several are several times, not several
    opinions on one; and of which another data set makes one, too."""
    ends = ["subject", "object"]
    apart = [pl.col(f"{end}_earliest").max() > pl.col(f"{end}_latest").min() for end in ENDS]
    disputed = rows.group_by(ends).agg(pl.any_horizontal(apart).alias("apart")).filter("apart")
    rows = rows.join(disputed, on=ends, how="semi").with_columns(_DATA_SET.alias("data_set"))
    rows = rows.filter(pl.len().over(*ends, "data_set") == 1)
    return rows.filter(pl.len().over(*ends) > 1)
