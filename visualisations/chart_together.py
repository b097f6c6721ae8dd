"""Which barriers and which innovations are reported in the same systems: a matrix."""

from __future__ import annotations

from typing import Any

import polars as pl

from ..ontology.errors import ArgumentFault
from ..queries.co_occurrence import co_occurrence
from .chart_parts import Asks, Column, Picture, Told, drawn_from, editions_of, known
from .licences import licences
from .matrix import matrix
from .tables import SnapshotTables
from .vega import VegaLite
from .wording import counted

__all__ = ["barriers_and_innovations"]

CAVEATS = (
    "A barrier and an innovation in one system were reported of it, by whatever sources: that the "
    "one answers the other is not said.",
    "What is not reported of a system may be there.",
)


def barriers_and_innovations(graph: Asks, on: str, least: str = "2") -> Picture:
    """In how many systems a barrier and an innovation are both reported.

    `least` leaves out what is reported in fewer systems than that.
    """
    snapshot = graph.on(on).snapshot if on else graph.snapshot
    reported = _named(snapshot, "FACED", "Barrier", "barrier", _least(least))
    adopted = _named(snapshot, "ADOPTED", "Innovation", "innovation", _least(least))
    both = co_occurrence(reported, adopted)
    shown = both.filter(pl.col("both") > 0).select(
        "barrier", "innovation", "both", "with_barrier", "with_innovation"
    )
    kinds = counted(reported["barrier"].n_unique(), "barrier")
    ways = counted(adopted["innovation"].n_unique(), "innovation")
    systems = int(both["systems"][0]) if both.height else 0
    return Picture(
        name="barriers-and-innovations",
        title="Barriers and innovations reported in the same systems",
        sentence=f"{kinds} and {ways}, each reported in {least} systems or more, of {systems}.",
        rows=shown.sort("both", "barrier", "innovation", descending=[True, False, False]),
        columns={
            "barrier": Column("Barrier or challenge"),
            "innovation": Column("Innovation"),
            "both": Column("Systems with both"),
            "with_barrier": Column("Systems with the barrier"),
            "with_innovation": Column("Systems with the innovation"),
        },
        told=Told(
            drawn_from(graph.snapshot, on),
            counts=f"Behind this: {counted(len(reported), 'barrier')} and "
            f"{counted(len(adopted), 'innovation')} in systems.",
            caveats=CAVEATS,
            licences=tuple(licences(known(snapshot, editions_of(snapshot.nodes("Finding"))))),
        ),
        drawing=None if shown.is_empty() else VegaLite(_chart(shown)),
        empty="No barrier and innovation are reported in the same system, so there is nothing to "
        "draw.",
    )


def _least(text: str) -> int:
    if not str(text).isdecimal() or int(text) < 1:
        raise ArgumentFault("least", "it is no whole number above 0")
    return int(text)


def _named(
    snapshot: SnapshotTables, kind: str, things: str, column: str, least: int
) -> pl.DataFrame:
    """System and thing by the findings that say so, those in enough systems."""
    rows = snapshot.relationships(kind).filter(pl.col("finding").is_not_null())
    names = snapshot.nodes(things).select(object="id", name=pl.coalesce("name", "id"))
    found = rows.join(names, on="object").select(system="subject", thing="name").unique()
    enough = pl.col("system").n_unique().over("thing") >= least
    return found.filter(enough).rename({"thing": column}).sort("system", column)


def _chart(shown: pl.DataFrame) -> Any:
    return matrix(
        shown.select(row="barrier", column="innovation", value="both"),
        legend="Systems with both",
        rows=_ordered(shown, "barrier", "with_barrier"),
        columns=_ordered(shown, "innovation", "with_innovation"),
        cell=22,
        written=True,
    )


def _ordered(shown: pl.DataFrame, column: str, by: str) -> list[str]:
    order = shown.unique(column).sort(by, column, descending=[True, False])
    return order[column].to_list()
