"""A band of doubt round the numbers of an answer: the question asked again of drawn networks.

What is recorded depends on who was looked at. So a share of the recorded ties is taken out at
random, or as many are put in between those that nobody reviewed, and the question is answered
again, each time. Of a row it is told in how many of these networks it stands at all, and of its
number between which values it lies (`observation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import ArgumentFault, UsageError
from .answer import Measured, Unanswerable
from .catalogue import Band
from .observation import Draw
from .spread_ties import DRAW

__all__ = ["DRAWS", "banded"]

DRAWS = 25
"""Networks with fewer ties, and as many with more."""

TAILS = (0.025, 0.975)

NO_TIES = (
    "No band of doubt can be given: company here is what registers, or counts of pathways, say of "
    "all, and no recorded tie that a report may have left out."
)


def banded(
    function: Callable[[Snapshot, Mapping[str, Any]], pl.DataFrame | Measured],
    snapshot: Snapshot,
    given: Mapping[str, Any],
    band: Band,
    tell: Callable[[str], None] = lambda step: None,
) -> Measured:
    """The answer of a question with `stands`, and `band_low` and `band_high` of one of its numbers.

    `given` has `doubt`: how many ties of a hundred are taken out, or put in. `UsageError` if it is
    no share of a hundred. `tell` hears of every tenth network.
    """
    doubt = given["doubt"]
    if not 0 < doubt <= 100:
        raise UsageError(f"doubt is {doubt:g}: it is a number of ties of a hundred, up to 100.")
    found = _measured(function, snapshot, given)
    alike: dict[str, Any] = {}
    ways = [(adds, seed) for adds in (False, True) for seed in range(DRAWS)]
    draws = [Draw(doubt / 100, adds, seed, alike=alike) for adds, seed in ways]
    again = {**given, "doubt": 0.0, **({"replicates": 1} if "replicates" in given else {})}
    parts, by = [], list(band.by)
    for number, draw in enumerate(draws):
        if number % 10 == 1:  # after the first it is known whether there are ties to draw
            tell(f"Drawn networks: {number} of {len(draws)}")
        try:
            rows = _measured(function, snapshot, {**again, DRAW: draw}).rows
        except (Unanswerable, ArgumentFault):  # nothing can be said of it: its rows do not stand
            continue
        if not draw.of:  # the measure is not one of recorded ties
            break
        value = pl.col(band.of).cast(pl.Float64) if band.of else pl.lit(None, pl.Float64)
        keys = rows.unique(by, keep="first", maintain_order=True)
        told = keys.select(*by, value.fill_nan(None).alias("drawn"))
        parts.append(told.with_columns(network=pl.lit(number), adds=pl.lit(draw.adds)))
    if not any(draw.of for draw in draws):
        none = {name: pl.lit(None, pl.Float64) for name in ("stands", "band_low", "band_high")}
        kept = none if band.of else {"stands": none["stands"]}
        rows = found.rows.with_columns(**kept)
        return replace(found, rows=rows, caveats=[*found.caveats, NO_TIES])
    rows = _beside(found.rows, parts, band)
    return replace(found, rows=rows, caveats=[*found.caveats, _sentence(draws, doubt)])


def _measured(
    function: Callable[[Snapshot, Mapping[str, Any]], pl.DataFrame | Measured],
    snapshot: Snapshot,
    given: Mapping[str, Any],
) -> Measured:
    found = function(snapshot, given)
    return found if isinstance(found, Measured) else Measured(found)


def _beside(rows: pl.DataFrame, parts: list[pl.DataFrame], band: Band) -> pl.DataFrame:
    """The rows with what the drawn networks say of each."""
    by = list(band.by)
    none = rows.select(*by, drawn=pl.lit(None, pl.Float64), network=0, adds=pl.lit(False))
    every = pl.concat([none.clear(), *parts])
    stood = every.group_by(by).agg(stands=(pl.len() / (2 * DRAWS)).round(4))
    sides = every.group_by(*by, "adds").agg(
        low=pl.col("drawn").quantile(TAILS[0], "linear"),
        high=pl.col("drawn").quantile(TAILS[1], "linear"),
    )
    ends = sides.group_by(by).agg(pl.col("low").min(), pl.col("high").max())
    told = rows.join(stood, on=by, how="left", maintain_order="left", nulls_equal=True)
    told = told.with_columns(pl.col("stands").fill_null(0.0))
    if not band.of:
        return told
    own = pl.col(band.of).cast(pl.Float64)
    joined = told.join(ends, on=by, how="left", maintain_order="left", nulls_equal=True)
    return joined.with_columns(
        band_low=pl.min_horizontal("low", own), band_high=pl.max_horizontal("high", own)
    ).drop("low", "high")


def _sentence(draws: list[Draw], doubt: float) -> str:
    drawn = next(draw for draw in draws if draw.of)
    return (
        f"The band is of {DRAWS} networks with {drawn.changed} of the {drawn.of} recorded ties "
        f"taken out at random and {DRAWS} with as many put in ({doubt:g} of a hundred), each new "
        "one with the kind and dates of one that is there and, where there are such, an end that "
        "nobody reviewed. How many are in doubt is assumed, not measured."
    )
