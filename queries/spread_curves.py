"""How an innovation was taken up over time: by whom and when, in what curve, how fast.

The questions of the catalogue on uptake, on `diffusion` as the plain functions have it. What
certainly holds counts from the latest day that an adoption may have begun, what possibly holds from
the earliest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured
from .diffusion import hazard
from .spread_adoptions import Timed, asked_uptake
from .spread_inputs import Array

__all__ = ["adoption_curve_of", "hazard_by_period"]


def adoption_curve_of(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """How many had taken an innovation up by each period, certainly and possibly?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    surely, maybe = (_curve(timed, at) for at in (timed.latest, timed.earliest))
    size = len(timed.nodes)
    rows = pl.DataFrame(
        {
            "time": timed.periods,
            "new": np.diff(surely, prepend=0),
            "adopters": surely,
            "share": surely / size,
            "possible": maybe,
            "possible_share": maybe / size,
            "using": _using(timed),
        }
    )
    shown = rows.select(timed.label(), *rows.columns[1:])
    return Measured(shown, timed.counts, timed.caveats)


def _curve(timed: Timed, at: Array) -> Array:
    """How many had adopted by each period, by the number of the period of each node."""
    new = np.bincount(at, minlength=len(timed.periods) + 1)[: len(timed.periods)]
    curve: Array = np.cumsum(new)
    return curve


def _using(timed: Timed) -> list[int]:
    """How many use it at the end of each period: whose spell has begun and not ended."""
    used = timed.adoptions
    open_ = pl.col("end").is_null()
    return [
        used.filter((pl.col("time") <= day) & (open_ | (pl.col("end") > day)))["node"].n_unique()
        for day in timed.periods
    ]


def hazard_by_period(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Of those who had not adopted yet, which share adopted in each period?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    found = hazard(
        timed.adoptions.select("node", "time"),
        nodes=timed.nodes,
        periods=timed.periods,
        existing=timed.existing,
    )
    rows = found.select(timed.label(), "at_risk", "new_adopters", "hazard", "low", "high")
    return Measured(rows, timed.counts, timed.caveats)
