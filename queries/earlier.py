"""Is adopting more frequent after something earlier: another innovation, a reported barrier?

A node counts as "after" in the periods that come after the one in which the earlier thing happened
to it, as "before" until then. The hazards of the two are pooled over nodes and periods from the
second on. The null deals the times of the earlier thing (never included) anew among the nodes; it
says how often chance alone makes such a difference, not what caused one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from .diffusion import wilson_interval
from .permutation import (
    Alternative,
    PermutationTest,
    generator,
    permutation_test,
    shuffled_within,
    stratum_codes,
)
from .spread_inputs import (
    Array,
    Table,
    frame_of,
    names_in,
    per_node,
    read_adoptions,
    read_nodes,
    times_read,
    whole_number,
)
from .spread_periods import PeriodsGiven, joint_scale, read_periods

__all__ = ["HazardByEarlier", "hazard_by_earlier", "person_period_counts"]


@dataclass(frozen=True, slots=True, eq=False)
class HazardByEarlier:
    """Two hazards and their difference.

    `hazards` has after (true or false), at_risk (nodes x periods), new_adopters, hazard, low, high;
    `difference` is the hazard after less the hazard before, None if either is not known; `test`
    is its permutation, None likewise.
    """

    hazards: pl.DataFrame
    difference: float | None
    test: PermutationTest | None


def hazard_by_earlier(
    adoptions: Table,
    earlier: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    strata: Table | Mapping[str, Any] | None = None,
    replicates: int = 1000,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
    seed: int = 0,
    argument: str = "earlier",
) -> HazardByEarlier:
    """Is the hazard of `adoptions` other for nodes to which `earlier` had happened before?

    `earlier` is a frame node, time; a null time means from before the first period. Without
    `periods` they run from the first to the last adoption.

    >>> found = hazard_by_earlier(
    ...     {"node": ["A", "B"], "time": [3, 1]}, {"node": ["A"], "time": [2]},
    ...     nodes=["A", "B", "C"], replicates=99)
    >>> found.hazards.select("after", "at_risk", "new_adopters").rows(), found.difference
    ([(False, 3, 0), (True, 1, 1)], 1.0)
    """
    replicates = whole_number(replicates, "replicates", 1)
    rows = frame_of(adoptions, "adoptions", ["node", "time"])
    before = frame_of(earlier, argument, ["node", "time"])
    universe = read_nodes(
        nodes,
        names_in(rows, "node", "adoptions").to_list(),
        names_in(before, "node", argument).to_list(),
    )
    taken = read_adoptions(rows, universe)
    scale, since = _since(before, universe, argument)
    joint = joint_scale([("adoptions", taken.scale), (argument, scale)])
    looked = read_periods(periods, taken.first, joint)
    adopted = looked.of(taken.first)
    happened = np.where(np.isneginf(since), -1, looked.of(since))
    counts = person_period_counts(happened[None, :], adopted, len(looked))
    codes, _ = stratum_codes(strata, universe)
    draws = shuffled_within(happened, codes, replicates, generator(seed))
    differences = _difference(person_period_counts(draws, adopted, len(looked)))
    observed = float(_difference(counts)[0])
    test = permutation_test(
        observed,
        differences,
        alternative=alternative,
        seed=seed,
        permuted="times of the earlier thing among nodes"
        + ("" if strata is None else ", in strata"),
    )
    known = bool(np.isfinite(observed))
    return HazardByEarlier(
        _hazards(counts[0], level), observed if known else None, test if known else None
    )


def _since(rows: pl.DataFrame, universe: tuple[str, ...], argument: str) -> tuple[Any, Array]:
    """For each node the first time of the earlier thing: minus infinity from before, else never."""
    scale, times = times_read(rows["time"], argument)
    first = (
        pl.DataFrame({"node": names_in(rows, "node", argument), "time": times.fill_null(-np.inf)})
        .group_by("node")
        .agg(pl.col("time").min())
    )
    return scale, per_node(first, universe, "time", argument, missing=np.inf).to_numpy()


def person_period_counts(happened: Array, adopted: Array, end: int) -> Array:
    """At risk before and after, adopted before and after, for each draw: shape (draws, 4)."""
    last = np.minimum(adopted, end - 1)
    adopts = (adopted > 0) & (adopted < end)
    risk_after = np.maximum(last - np.maximum(happened, 0), 0)
    took_after = adopts & (happened < adopted)
    risk, took = risk_after.sum(axis=1), took_after.sum(axis=1)
    return np.stack([last.sum() - risk, risk, adopts.sum() - took, took], axis=1)


def _difference(counts: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        difference: Array = counts[:, 3] / counts[:, 1] - counts[:, 2] / counts[:, 0]
    return difference


def _hazards(counts: Array, level: float) -> pl.DataFrame:
    risk, took = counts[:2], counts[2:]
    low, high = wilson_interval(took, risk, level)
    share = np.divide(took, risk, out=np.full(2, np.nan), where=risk > 0)
    columns = {"hazard": share, "low": low, "high": high}
    counted = {"after": [False, True], "at_risk": risk, "new_adopters": took}
    return pl.DataFrame(counted | columns).with_columns(pl.col(list(columns)).fill_nan(None))
