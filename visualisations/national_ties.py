"""The ties among those on the national map: every statement that puts two of them together."""

from __future__ import annotations

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS
from ..ontology.relationships import relationship_kind
from ..queries.flows import TOTAL

__all__ = ["BOUNDS", "KINDS", "statements"]

KINDS = (
    "TREATS_RESIDENTS_OF",
    "MEMBER_OF",
    "PART_OF",
    "COMMISSIONS",
    "SUCCEEDED_BY",
    "COLLABORATES_WITH",
    "SHARES_INFORMATION_WITH",
    "SHARES_STAFF_WITH",
    "PLANS_JOINTLY_WITH",
    "REFERS_TO",
    "SUPPORTS",
    "HOSTS",
    "SERVES",
)
"""Kinds of relationship that the map draws between two bodies, as a reader meets them."""

MEASURE = "new RTT periods"
"""What counts as a flow of patients: pathways that began, of all treatment functions together."""

BOUNDS = COLUMNS[:4]
HUBS = ("sub-icb-location", "ccg")


def statements(snapshot: Snapshot) -> pl.DataFrame:
    """Every statement that ties two organisations, or an organisation and a system: kind, subject,
    object, source, knowledge_level, the four bounds, since, amount.

    A commissioner of a location is tied to who operates it. `since` tells of something that
    happened, which stays so; `amount` is the number of pathways, null for other ties. A statement
    that names a thing twice is left out.
    """
    found = [_of_kind(snapshot, kind) for kind in KINDS]
    bodies = pl.concat([snapshot.nodes(kind).select("id") for kind in ("Organisation", "System")])
    every = pl.concat(found).filter(pl.col("subject") != pl.col("object"))
    for end in ("subject", "object"):
        every = every.join(bodies, left_on=end, right_on="id", how="semi")
    return every.unique().sort(every.columns, nulls_last=True)


def _of_kind(snapshot: Snapshot, kind: str) -> pl.DataFrame:
    table = snapshot.relationships(kind)
    if kind == "TREATS_RESIDENTS_OF":
        begun = (pl.col("measure") == MEASURE) & (pl.col("treatment_function") == TOTAL)
        table = table.filter(begun | pl.col("share").is_not_null())
    if kind == "COMMISSIONS":
        table = _of_owners(snapshot, table)
    if kind == "PART_OF":
        table = table.filter(~_in_systems(snapshot, table))
    amount = pl.col("count") if "count" in table.columns else pl.lit(None, pl.Int64)
    since = relationship_kind(kind).holds.name == "SINCE"
    return table.select(
        pl.lit(kind).alias("kind"),
        "subject",
        "object",
        "source",
        "knowledge_level",
        *BOUNDS,
        pl.lit(since).alias("since"),
        amount.alias("amount"),
    )


def _of_owners(snapshot: Snapshot, table: pl.DataFrame) -> pl.DataFrame:
    """Who commissions a location commissions the one that operates it."""
    owners = snapshot.relationships("OPERATES").select(object="object", owner="subject").unique()
    each = table.join(owners, on="object", how="left")
    return each.with_columns(pl.coalesce("owner", "object").alias("object")).drop("owner")


def _in_systems(snapshot: Snapshot, table: pl.DataFrame) -> pl.Series:
    """Whether a row says in which system something lies: that is its place on the map, no tie."""
    systems = snapshot.nodes("System")["id"]
    return table["object"].is_in(systems.implode())
