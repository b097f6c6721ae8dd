"""What ties between two snapshots say of the things they join: succeeded, and moved to another
system."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .diff_rows import Pair, as_changes, began_after, first_day
from .snapshot import Snapshot

__all__ = ["moves", "successions"]

IN_A_SYSTEM = ("LOCATED_IN", "PART_OF", "MEMBER_OF")
"""Kinds of relationship by which a thing belongs to a system."""


def successions(pair: Pair) -> Iterator[pl.DataFrame]:
    """Which things have become others since the day of which the older snapshot knew them.

    *Split* where several follow on the thing (a row for each), else *merged* where the successor
    follows on several, else *succeeded*.
    """
    if pair.alike("relationships/SUCCEEDED_BY.parquet"):
        return
    ends = ("subject", "object")
    old, new = (s.relationships("SUCCEEDED_BY") for s in (pair.old, pair.new))
    new = new.with_columns(
        successors=pl.col("object").n_unique().over("subject"),
        predecessors=pl.col("subject").n_unique().over("object"),
    )
    known = _under_new_ids(pair, old, *ends).select(ends)
    dated = new.join(known, on=ends, how="anti").join(pair.known_before, on="source", how="left")
    dated = dated.join(_last_known(pair), on="subject", how="left")
    since = dated.filter(began_after(pl.coalesce("last_day", "old_day")))
    told = since.group_by(ends).agg(pl.col("source").unique().sort().alias("told"))
    come = since.sort("source").unique(ends, keep="first", maintain_order=True)
    come = come.join(told, on=ends).with_columns(source=pl.col("told").list.join("; "))
    named = _with_kind(
        pair, pair.named(pair.named(come, "subject"), "object", "successor"), "subject"
    )
    word = (
        pl.when(pl.col("successors") > 1)
        .then(pl.lit("split"))
        .when(pl.col("predecessors") > 1)
        .then(pl.lit("merged"))
        .otherwise(pl.lit("succeeded"))
    )
    after = pl.format("{} ({})", "successor", "object")
    columns = {"id": pl.col("subject"), "after": after, "date": first_day()}
    yield as_changes(named, word, pl.col("thing_kind"), **columns)


def _last_known(pair: Pair) -> pl.DataFrame:
    """For each thing of the older snapshot (`subject`) the `last_day` of which an official source
    knew it."""
    days = [
        pair.last_days(pair.old.nodes(kind).select("id", "sources"), newer=False)
        for kind in RELATIONSHIP_KINDS["SUCCEEDED_BY"].domain
    ]
    known = pl.concat(days).select(pl.col("id").alias("subject"), "last_day")
    return _under_new_ids(pair, known, "subject").unique("subject", keep="first")


def moves(pair: Pair) -> Iterator[pl.DataFrame]:
    """Which things belong to another system than before, as one and the same data set says: they
    left one, and are in one that they were not in.

    *Moved with its system* where each system left has become one that the thing is in now.
    """
    before = _under_new_ids(pair, _belonging(pair.old), "subject", "object")
    after = _belonging(pair.new)
    on = ("subject", "kind", "data_set")
    left = before.join(after, on=(*on, "object"), how="anti")
    come = after.join(before, on=(*on, "object"), how="anti")
    left = _became(pair, left, come)
    moved = _each(pair, left, "before").join(_each(pair, come, "after"), on=on, suffix="_new")
    named = _with_kind(pair, pair.named(moved, "subject"), "subject")
    with_it = pl.when("became").then(pl.lit("moved with its system"))
    word = with_it.otherwise(pl.lit("moved system"))
    columns = {"id": pl.col("subject"), "source": pl.col("source_new")}
    yield as_changes(named, word, pl.col("thing_kind"), **columns)


def _belonging(snapshot: Snapshot) -> pl.DataFrame:
    """What belonged to which system at last: the ties that have no end, with their data set."""
    systems = snapshot.nodes("System").select(pl.col("id").alias("object"))
    ties = [
        snapshot.relationships(kind)
        .filter(pl.col("end_latest").is_null())
        .join(systems, on="object", how="semi")
        .select("subject", "object", "kind", "source")
        for kind in IN_A_SYSTEM
    ]
    sets = {facts["id"]: facts["data_set"] for facts in snapshot.manifest["sources"]}
    return pl.concat(ties).with_columns(data_set=pl.col("source").replace(sets))


def _became(pair: Pair, left: pl.DataFrame, come: pl.DataFrame) -> pl.DataFrame:
    """`left` with whether the system left `became` one that the thing has come into."""
    succeeded = pair.new.relationships("SUCCEEDED_BY").select(
        pl.col("subject").alias("object"), pl.col("object").alias("successor")
    )
    reached = left.join(succeeded, on="object").join(
        come.rename({"object": "successor"}), on=("subject", "kind", "data_set", "successor")
    )
    key = ("subject", "object", "kind", "data_set")
    mark = reached.select(key).unique().with_columns(became=pl.lit(True))
    return left.join(mark, on=key, how="left").with_columns(pl.col("became").fill_null(False))


def _each(pair: Pair, ties: pl.DataFrame, column: str) -> pl.DataFrame:
    """For each thing and kind of tie the systems, by name and id, and the sources that say so."""
    system = pl.format("{} ({})", "system", "object")
    return (
        pair.named(ties, "object", "system")
        .with_columns(system.alias(column))
        .group_by("subject", "kind", "data_set")
        .agg(
            pl.col(column).unique().sort().str.join("; "),
            pl.col("source").unique().sort().str.join("; "),
            *([pl.col("became").all()] if "became" in ties.columns else []),
        )
    )


def _under_new_ids(pair: Pair, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    newer = pair.newer_ids
    return frame.with_columns(pl.col(columns).replace(newer["id"], newer["new"]))


def _with_kind(pair: Pair, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """`frame` with the `thing_kind` of the ids in a column."""
    kinds = pl.concat(
        pair.new.nodes(kind).select(pl.col("id").alias(column), pl.lit(kind).alias("thing_kind"))
        for kind in NODE_KINDS
    )
    return frame.join(kinds, on=column, how="left")
