"""Ratings over time: what the Care Quality Commission published of a service, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Unanswerable
from .held import certainty
from .succession import successions_around

__all__ = ["over_time"]


def over_time(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """Each rating of a location, or of all that an organisation has operated, up to a day.

    A location's former registrations are taken along. What several sources say alike is one row.
    """
    thing, day = parameters["thing"], parameters["on"]
    if "ratings" not in snapshot.series_names:
        raise Unanswerable("This store has no ratings. Add ratings of the CQC as a source.")
    ratings = snapshot.series("ratings")
    measure = f"{parameters['domain']} rating"
    wanted = pl.col("thing").is_in(_services(snapshot, thing, day).implode())
    undated = pl.col("date").is_null()
    found = ratings.filter(
        wanted & (pl.col("measure") == measure) & (undated | (pl.col("date") <= day))
    )
    if parameters["group"]:
        found = found.filter(pl.col("group").str.to_lowercase() == parameters["group"].lower())
    each = found.group_by("thing", "group", "value", "date").agg(pl.col("source").unique())
    kinds = ("Location", "Organisation")
    names = pl.concat([snapshot.nodes(kind).select("id", "name") for kind in kinds])
    named = each.join(names, left_on="thing", right_on="id", how="left")
    return named.sort("date", "name", "thing", "group", "value", nulls_last=True).select(
        "date",
        pl.coalesce("name", "thing").alias("service"),
        "group",
        pl.col("value").alias("rating"),
        pl.col("source").list.sort().alias("sources"),
        certainty(pl.col("date").is_not_null()),
        pl.col("thing").alias("id"),
    )


def _services(snapshot: Snapshot, thing: str, day: str) -> pl.Series:
    """The thing itself, what it was before, and the locations that it operates or operated."""
    former = successions_around(snapshot, thing, day, ahead=False)["old"]
    operated = snapshot.relationships("OPERATES").filter(pl.col("subject") == thing)["object"]
    return pl.concat([pl.Series([thing]), former, operated]).unique()
