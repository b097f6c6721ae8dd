"""What held on a day, read off the tables: statements, and the systems in which locations stand.

Frames here have a column `certain`: true where a thing held on the day whatever the imprecise dates
stand for, false where it may have. What cannot have held is not in them.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS, Certainty, begun_by_expr, holds_on_expr

__all__ = [
    "COMMISSIONED_AREAS",
    "certainty",
    "held",
    "statements_on",
    "systems_of_locations",
    "there",
]

COMMISSIONED_AREAS = ("ccg", "sub-icb")
"""The types of area of which each lies in one system at a time."""

BOUNDS = COLUMNS[:4]


def held(rows: pl.DataFrame, day: str, *, since: bool = False) -> pl.DataFrame:
    """The rows of a dated table that may hold on an ISO day, and whether they surely do.

    With `since`, those that had begun by then, whether or not they had ended.

    >>> rows = pl.DataFrame({"id": ["a"], "start_earliest": ["2021-04-01"], "start_latest":
    ...     ["2021-04-01"], "end_earliest": ["2022-01-01"], "end_latest": [None]})
    >>> [held(rows, day)["certain"].to_list() for day in ("2021-03-31", "2021-05-01", "2023-01-01")]
    [[], [True], [False]]
    """
    judged = begun_by_expr(day) if since else holds_on_expr(day)
    verdicts = rows.select(judged).to_series()
    certain = (verdicts == Certainty.CERTAIN).alias("certain")
    return rows.with_columns(certain).filter(verdicts != Certainty.NO)


def there(nodes: pl.DataFrame, day: str) -> pl.DataFrame:
    """The nodes that are not known to be gone, or not yet there, on an ISO day.

    One without any date says nothing of time and is there always.
    """
    undated = nodes.select(pl.all_horizontal(pl.col(c).is_null() for c in BOUNDS)).to_series()
    gone = nodes.select(holds_on_expr(day)).to_series() == Certainty.NO
    return nodes.filter(undated | ~gone)


def statements_on(
    snapshot: Snapshot, kind: str, day: str, objects: pl.Series | None = None
) -> pl.DataFrame:
    """Ends, share and sight of each statement of a kind that may hold on an ISO day; of those about
    `objects` alone, if given."""
    table = snapshot.relationships(kind)
    if objects is not None:
        table = table.filter(pl.col("object").is_in(objects.implode()))
    wanted = ["subject", "object", "last_seen", *(["share"] if "share" in table.columns else [])]
    return held(table.select(*wanted, *BOUNDS), day).drop(BOUNDS)


@lru_cache(maxsize=1)
def systems_of_locations(snapshot: Snapshot, day: str) -> pl.DataFrame:
    """The systems in which each location stands on an ISO day: `location`, `system`, `certain`.

    A location stands where it stands; what changes is the system of its area. Areas are those of
    commissioners, and local authorities that lie wholly in one system. Where one system is certain,
    others that are only possible are not given; of several, those that the area of the commissioner
    gives go before those of the authority.
    """
    areas = _areas_in_systems(snapshot, day)
    places = snapshot.relationships("LOCATED_IN").select(location="subject", area="object")
    inside = places.join(areas, on="area").drop("area")
    named = statements_on(snapshot, "LOCATED_IN", day, _systems(snapshot, day))
    named = named.rename({"subject": "location", "object": "system"})
    named = named.join(snapshot.nodes("Location").select(location="id"), on="location", how="semi")
    own = named.select("location", "system", "certain", rank=pl.lit(0, pl.Int8))
    each = pl.concat([own, inside.select(own.columns)])
    each = each.group_by("location", "system").agg(pl.col("certain").any(), pl.col("rank").min())
    settled = pl.col("certain") | ~pl.col("certain").any().over("location")
    each = each.filter(settled)
    nearest = pl.col("rank") == pl.col("rank").min().over("location")
    return each.filter(nearest).drop("rank")


def _areas_in_systems(snapshot: Snapshot, day: str) -> pl.DataFrame:
    """The areas that lie wholly in a system on the day; the rank of commissioned ones is lower."""
    whole = statements_on(snapshot, "PART_OF", day, _systems(snapshot, day))
    whole = whole.filter(pl.col("share").fill_null(1.0) == 1.0)
    commissioned = pl.col("area_type").is_in(COMMISSIONED_AREAS)
    areas = snapshot.nodes("Area").select(
        pl.col("id").alias("subject"),
        pl.when(commissioned).then(1).otherwise(2).cast(pl.Int8).alias("rank"),
    )
    named = whole.join(areas, on="subject").rename({"subject": "area", "object": "system"})
    each = named.group_by("area", "system", "rank")
    return each.agg(pl.col("certain").any())


def _systems(snapshot: Snapshot, day: str) -> pl.Series:
    return there(snapshot.nodes("System"), day)["id"]


def certainty(certain: pl.Expr) -> pl.Expr:
    """The column `certainty` of an answer, from whether it is certain."""
    word = pl.when(certain).then(pl.lit(str(Certainty.CERTAIN)))
    return word.otherwise(pl.lit(str(Certainty.POSSIBLE))).alias("certainty")
