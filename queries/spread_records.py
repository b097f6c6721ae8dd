"""What records there are to measure spread by, system by system, and what changed between two days.

Absence of a record is not absence of what it would tell of: a system of which little is recorded
may have done much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UsageError
from ..ontology.relationships import RELATIONSHIP_KINDS, TIES
from .answer import Measured
from .held import certainty
from .spread_adoptions import called
from .spread_ties import recorded_ties, reviewed_systems
from .wording import counted

__all__ = ["FEW", "changed_between", "too_few_records"]

FEW = 5
"""Dated records at least for a system to be compared with others over time."""

BOUNDS = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
CHANGING = ("ADOPTED", "FACED", *TIES)


def _dated() -> pl.Expr:
    """Whether a record has a date to the month."""
    same = pl.col("start_earliest").str.head(7) == pl.col("start_latest").str.head(7)
    return same.fill_null(False)


def too_few_records(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Of which systems is too little recorded to say anything?"""
    on = parameters["on"]
    systems = snapshot.nodes("System").select("id", "name")
    begun = pl.col("start_earliest").is_null() | (pl.col("start_earliest") <= on)
    parts = []
    for name, kind in (("adoptions", "ADOPTED"), ("barriers", "FACED")):
        rows = snapshot.relationships(kind).filter(begun)
        parts.append(
            rows.select(pl.lit(name).alias("what"), "source", system="subject", dated=_dated())
        )
    ties = recorded_ties(snapshot, on=on)
    each = pl.concat([ties.ties, ties.undated])
    for end in ("source", "target"):
        parts.append(
            each.select(
                "id", pl.lit("ties").alias("what"), _dated().alias("dated"), system=end, at="record"
            )
            .unique(["id", "system"])
            .select("what", pl.col("at").alias("source"), "system", "dated")
        )
    rows = pl.concat(parts)
    counted = rows.group_by("system").agg(
        *(
            (pl.col("what") == name).sum().cast(pl.Int64).alias(name)
            for name in ("adoptions", "ties", "barriers")
        ),
        pl.col("dated").sum().cast(pl.Int64).alias("dated_to_the_month"),
        pl.col("source").n_unique().cast(pl.Int64).alias("sources"),
    )
    looked = reviewed_systems(snapshot)
    told = systems.join(counted, left_on="id", right_on="system", how="left").with_columns(
        reviewed=pl.col("id").is_in(looked.implode())
    )
    numbers = ["adoptions", "ties", "barriers", "dated_to_the_month", "sources"]
    filled = told.with_columns(pl.col(numbers).fill_null(0))
    reading = _reading()
    shown = filled.with_columns(reading=reading).select(
        pl.coalesce("name", "id").alias("system"), "reviewed", *numbers, "reading", "id"
    )
    enough = shown.filter(pl.col("dated_to_the_month") >= FEW).height
    counts = {
        "records": rows.height,
        "sources": rows["source"].n_unique(),
        "systems_with_enough_dated_records": enough,
    }
    return Measured(shown.sort("dated_to_the_month", "system", "id"), counts, ties.caveats)


def _reading() -> pl.Expr:
    """What the numbers of a system allow."""
    records = pl.sum_horizontal("adoptions", "ties", "barriers")
    return (
        pl.when((records == 0) & ~pl.col("reviewed"))
        .then(pl.lit("not reviewed, and nothing is recorded: nothing can be said"))
        .when(records == 0)
        .then(pl.lit("reviewed, and nothing of this is recorded: nothing can be said"))
        .when(pl.col("dated_to_the_month") == 0)
        .then(pl.lit("no record has a month: nothing can be said of time"))
        .when(pl.col("dated_to_the_month") < FEW)
        .then(pl.lit("too few with a month to compare over time"))
        .otherwise(pl.lit("enough to be compared"))
    )


def changed_between(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which adoptions, barriers and working ties began or ended between two days?"""
    since, until = parameters["since"], parameters["on"]
    if since >= until:
        raise UsageError(
            f"{since} is not before {until}.", "--since is the earlier day, --on the later one."
        )
    kinds = [parameters["kind"]] if parameters["kind"] else list(CHANGING)
    rows = pl.concat(
        [
            snapshot.relationships(kind).select(
                "id", "subject", "object", "source", *BOUNDS, pl.lit(kind).alias("kind")
            )
            for kind in kinds
        ]
    )
    undated = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in BOUNDS)).height
    parts = [_moved(rows, side, since, until) for side in ("start", "end")]
    names = pl.concat(
        [called(snapshot), snapshot.nodes("Barrier").select("id", "name")], how="vertical"
    )
    found = pl.concat(parts)
    for end in ("subject", "object"):
        found = found.join(names.rename({"id": end, "name": f"{end}_name"}), on=end, how="left")
    labels = {kind: RELATIONSHIP_KINDS[kind].label for kind in CHANGING}
    shown = found.select(
        pl.coalesce("subject_name", "subject").alias("who"),
        pl.col("kind").replace_strict(labels).alias("did"),
        pl.coalesce("object_name", "object").alias("what"),
        "change",
        "not_before",
        "by",
        certainty(pl.col("sure")),
        "id",
    )
    counts = {
        "records": rows.height,
        "sources": rows["source"].n_unique(),
        "records_with_no_date": undated,
    }
    records, without = counted(rows.height, "record"), counted(undated, "has", "have")
    said = f"Of {records}, {without} no date: when that began is not known."
    order = ["by", "not_before", "did", "who", "what", "id"]
    return Measured(shown.sort(order, nulls_last=True), counts, [said])


def _moved(rows: pl.DataFrame, side: str, since: str, until: str) -> pl.DataFrame:
    """What may have begun, or ended, after one day and by another, and whether it surely did."""
    earliest, latest = pl.col(f"{side}_earliest"), pl.col(f"{side}_latest")
    # What is open, or has no date at all, is not known to have begun or ended at any time.
    stated = latest.is_not_null()
    may = stated & (earliest.is_null() | (earliest <= until)) & (latest > since)
    sure = (earliest > since) & (latest <= until)
    return rows.filter(may).with_columns(
        pl.lit("began" if side == "start" else "ended").alias("change"),
        earliest.alias("not_before"),
        latest.alias("by"),
        sure.fill_null(False).alias("sure"),
    )
