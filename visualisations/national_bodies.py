"""The organisations of the national map as rows: names, codes, dates, kinds and ratings, and the
locations folded into them."""

from __future__ import annotations

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS

__all__ = ["BOUNDS", "bodies", "located"]

BOUNDS = COLUMNS[:4]
OVERALL = "overall rating"
ORDER = ("nhs-trust", "sub-icb-location", "ccg", "icb", "pcn", "gp-practice")
"""Kinds that stand nearest the middle of their local authority, in this order."""


def bodies(snapshot: Snapshot, homes: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """One row for each organisation on the map: what is told of it, where it stands, and when.

    One that no register dates is dated by what it operates: from the earliest start to the latest
    end. Rows are in the order in which they stand in their local authority.
    """
    told = snapshot.nodes("Organisation").join(homes, on="id", how="semi")
    dated = told.select("id", *BOUNDS).join(_operating(snapshot), on="id", how="left")
    undated = pl.all_horizontal(pl.col(bound).is_null() for bound in BOUNDS)
    bounds = dated.select(
        "id",
        *(
            pl.when(undated).then(pl.col(f"{b}_right")).otherwise(pl.col(b)).alias(b)
            for b in BOUNDS
        ),
    )
    number = sites.group_by("owner").agg(pl.len().alias("locations"))
    rank = pl.col("org_type").replace_strict(
        {kind: at for at, kind in enumerate(ORDER)}, default=len(ORDER), return_dtype=pl.Int8
    )
    joined = told.drop(*COLUMNS).join(bounds, on="id").join(homes, on="id")
    joined = joined.join(number, left_on="id", right_on="owner", how="left")
    return joined.with_columns(rank.alias("rank")).sort(
        "rank", "org_type", "name", "id", nulls_last=True
    )


def _operating(snapshot: Snapshot) -> pl.DataFrame:
    """From when to when an organisation operated anything, as its statements bound it: unknown on
    a side where one of them is."""
    rows = snapshot.relationships("OPERATES")

    def bound(column: str, value: pl.Expr) -> pl.Expr:
        return pl.when(pl.col(column).is_null().any()).then(None).otherwise(value).alias(column)

    return rows.group_by(pl.col("subject").alias("id")).agg(
        bound("start_earliest", pl.col("start_earliest").min()),
        pl.col("start_latest").min(),
        pl.col("end_earliest").max(),
        bound("end_latest", pl.col("end_latest").max()),
    )


def located(snapshot: Snapshot, sites: pl.DataFrame) -> pl.DataFrame:
    """The locations folded into organisations: owner, id, name, postcode, what it is, and its
    newest overall rating with its date."""
    rated = _ratings(snapshot)
    named = snapshot.nodes("Location").select("id", "name", "location_type", "inspection_category")
    found = sites.select("owner", "id", "postcode").join(named, on="id", how="left")
    return found.join(rated, left_on="id", right_on="thing", how="left").sort("owner", "name", "id")


def _ratings(snapshot: Snapshot) -> pl.DataFrame:
    """The newest overall rating of each thing that has one."""
    empty = {"thing": pl.String, "rating": pl.String, "rated": pl.String}
    if "ratings" not in snapshot.series_names:
        return pl.DataFrame(schema=empty)
    told = snapshot.series("ratings").filter(
        (pl.col("measure") == OVERALL) & (pl.col("group").fill_null("Overall") == "Overall")
    )
    newest = told.sort("thing", "date", "source", "value", nulls_last=False)
    last = newest.unique("thing", keep="last", maintain_order=True)
    return last.select("thing", rating="value", rated="date")
