"""What curve would the ties alone give? Simple models of spread on the real dated ties.

In every model a node adopts in period t because of nodes that had adopted before t and count for it
then (`direction`, as in `exposure`); seeds adopt at their own times. The ties and their dates are
real, the rest is the model.

* `threshold`: adopts once the share of its alters that have adopted reaches its threshold (given,
  or drawn evenly from 0 to 1 in each replicate). Granovetter (1978).
* `cascade`: each tie passes it on once, with its probability, in the first period in which it holds
  after its alter adopted. Independent cascade: Kempe, Kleinberg & Tardos (2003).
* `si`: each tie to an adopter passes it on with its probability in every period.
* `sir`: as `si`, but an adopter stops passing it on with probability `recovery` in each period.

A barrier is a lower probability: `lowered` {node: factor} for all ties of a node, or `weighted`,
which takes the weight of a tie as its factor (at most 1). In the threshold model a factor lowers
how much an alter's adoption counts. All chance comes from `seed`; nothing global is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from scipy import sparse

from ..ontology.errors import ArgumentFault
from .permutation import PermutationTest, generator, permutation_test
from .spread_inputs import Array, Table, per_node, whole_number
from .spread_periods import (
    Alters,
    Direction,
    Periods,
    PeriodsGiven,
    Spread,
    alters_of,
    read_spread,
)

__all__ = [
    "Compared",
    "Model",
    "Simulated",
    "compare",
    "fitted_transmission",
    "simulate",
]

Model = Literal["threshold", "cascade", "si", "sir"]
BLOCK = 4_000_000
SURE = 1 - 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Simulated adopters: `counts` by replicate and period, and how often each node adopted.

    `passing` counts those who still pass it on (all adopters, but in `sir`).
    """

    model: Model
    periods: Periods
    nodes: tuple[str, ...]
    counts: Array
    passing: Array
    adopted_share: Array
    seed: int

    def curve(self, level: float = 0.95) -> pl.DataFrame:
        """time, mean, low and high of the number of adopters over replicates."""
        low, high = np.quantile(self.counts, [(1 - level) / 2, (1 + level) / 2], axis=0)
        mean = self.counts.mean(axis=0)
        columns = {"mean": mean, "low": low, "high": high, "passing": self.passing.mean(axis=0)}
        return pl.DataFrame(columns).insert_column(0, self.periods.column())

    def by_node(self) -> pl.DataFrame:
        """node and the share of replicates in which it adopted."""
        columns = {"node": list(self.nodes), "adopted_share": self.adopted_share}
        return pl.DataFrame(columns, schema={"node": pl.String, "adopted_share": pl.Float64})


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """An observed curve beside simulated ones.

    `curve` has time, observed, mean, low, high, inside. `test` takes the distance of a curve from
    the mean simulated one, summed over periods: a small p says that the model seldom gives a curve
    that lies as far off.
    """

    curve: pl.DataFrame
    test: PermutationTest


@dataclass(frozen=True, slots=True, eq=False)
class _Passing:
    """Ties by whom they reach, with the probability (or the factor) of each."""

    alters: Alters
    chance: Array
    nodes: int

    def matrix(self, chosen: Array, values: Array) -> Any:
        ego, alter = self.alters.ego[chosen], self.alters.alter[chosen]
        return sparse.csr_array((values[chosen], (ego, alter)), (self.nodes, self.nodes))

    def holding(self, t: int) -> Array:
        held: Array = (self.alters.begins <= t) & (t < self.alters.ends)
        return held


def simulate(
    ties: Table,
    seeds: Table,
    *,
    model: Model = "si",
    transmission: float = 0.1,
    recovery: float = 0.0,
    thresholds: Table | Mapping[str, float] | None = None,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    weighted: bool = False,
    lowered: Table | Mapping[str, float] | None = None,
    replicates: int = 200,
    seed: int = 0,
) -> Simulated:
    """How many would have adopted by each period if adoption passed along the dated ties only?

    `seeds` is a frame node, time of those who adopt by themselves. `periods` must be given unless
    the seeds' own times are meant. `thresholds` {node: share} are for the threshold model. Models
    and barriers as at the head of this module; other arguments as in `exposure`.

    >>> ties = {"source": ["B", "C"], "target": ["A", "B"]}
    >>> found = simulate(ties, {"node": ["A"], "time": [1]}, transmission=1.0, periods=[1, 2, 3])
    >>> found.curve()["mean"].to_list()
    [1.0, 2.0, 3.0]
    """
    _refuse(model, transmission, recovery)
    replicates = whole_number(replicates, "replicates", 1)
    spread = read_spread(ties, seeds, nodes, periods)
    passing = _passing(spread, direction, transmission, model, weighted, lowered)
    limits = None
    if thresholds is not None:
        column = per_node(thresholds, spread.nodes, "threshold", "thresholds", missing=np.inf)
        limits = column.cast(pl.Float64, strict=False).to_numpy()
        if not (limits >= 0).all():
            raise ArgumentFault("thresholds", "a threshold is no share from 0 on")
    chance = generator(seed)
    size = max(1, BLOCK // len(spread.nodes))
    counts, still, share = [], [], np.zeros(len(spread.nodes))
    for first in range(0, replicates, size):
        run = _Run(spread, passing, model, recovery, limits, min(size, replicates - first), chance)
        adopters, active = run.all_periods()
        counts.append(adopters)
        still.append(active)
        share += run.adopted.sum(axis=1)
    return Simulated(
        model,
        spread.periods,
        spread.nodes,
        np.concatenate(counts),
        np.concatenate(still),
        share / replicates,
        seed,
    )


def _refuse(model: str, transmission: float, recovery: float) -> None:
    if model not in get_args(Model):
        raise ArgumentFault("model", f"it is none of {', '.join(get_args(Model))}")
    for name, value in (("transmission", transmission), ("recovery", recovery)):
        if not 0 <= value <= 1:
            raise ArgumentFault(name, "it is no probability")


def _passing(
    spread: Spread,
    direction: Direction,
    transmission: float,
    model: Model,
    weighted: bool,
    lowered: Table | Mapping[str, float] | None,
) -> _Passing:
    alters = alters_of(spread.ties, spread.periods, direction)
    factor = np.minimum(alters.weight, 1.0) if weighted else np.ones(len(alters.ego))
    if lowered is not None:
        column = per_node(lowered, spread.nodes, "factor", "lowered", missing=1.0)
        each = column.cast(pl.Float64, strict=False).to_numpy()
        if not ((each >= 0) & (each <= 1)).all():
            raise ArgumentFault("lowered", "a factor is no number from 0 to 1")
        factor = factor * each[alters.ego] * each[alters.alter]
    passed = factor if model == "threshold" else factor * transmission
    return _Passing(alters, np.minimum(passed, 1.0), len(spread.nodes))


class _Run:
    """Some replicates side by side: columns of arrays of shape (nodes, replicates)."""

    def __init__(
        self,
        spread: Spread,
        passing: _Passing,
        model: Model,
        recovery: float,
        limits: Array | None,
        replicates: int,
        chance: np.random.Generator,
    ) -> None:
        shape = (len(spread.nodes), replicates)
        self.spread, self.passing, self.model = spread, passing, model
        self.recovery, self.chance = recovery, chance
        self.adopted = np.zeros(shape, dtype=bool)
        self.newly = np.zeros(shape, dtype=bool)
        self.active = np.zeros(shape, dtype=bool)
        self.limits = chance.random(shape) if limits is None else limits[:, None]
        self.logs = np.log1p(-np.minimum(passing.chance, SURE))

    def all_periods(self) -> tuple[Array, Array]:
        """Adopters, and those who pass it on, in each period: two arrays (replicates, periods)."""
        counts, still = [], []
        for t in range(len(self.spread.periods)):
            reached = self.reached(t) if t else np.zeros_like(self.adopted)
            own = self.spread.adopted == t
            new = (reached | own[:, None]) & ~self.adopted
            if self.model == "sir":
                self.active &= self.chance.random(self.active.shape) >= self.recovery
            self.adopted |= new
            self.active |= new
            self.newly = new
            counts.append(self.adopted.sum(axis=0))
            still.append(self.active.sum(axis=0))
        return np.stack(counts, axis=1), np.stack(still, axis=1)

    def reached(self, t: int) -> Array:
        """Whom adoption reaches in a period, by the model."""
        if self.model == "threshold":
            return self._over_threshold(t)
        holding = self.passing.holding(t)
        if self.model == "cascade":
            begins = self.passing.alters.begins == t
            pressure = self.passing.matrix(holding & ~begins, self.logs) @ self.newly.astype(float)
            pressure += self.passing.matrix(holding & begins, self.logs) @ self.adopted.astype(
                float
            )
        else:
            pressure = self.passing.matrix(holding, self.logs) @ self.active.astype(float)
        reached: Array = self.chance.random(pressure.shape) < -np.expm1(pressure)
        return reached

    def _over_threshold(self, t: int) -> Array:
        holding = self.passing.holding(t)
        adopted = self.passing.matrix(holding, self.passing.chance) @ self.adopted.astype(float)
        alters = np.bincount(self.passing.alters.ego[holding], minlength=len(self.adopted))
        share = adopted / np.maximum(alters, 1)[:, None]
        over: Array = (share >= self.limits - 1e-12) & (alters > 0)[:, None]
        return over


def compare(simulated: Simulated, adoptions: Table, *, level: float = 0.95) -> Compared:
    """Does the observed curve lie within what the model gives?

    `adoptions` are those observed, of the same universe; the model's seeds are among them.

    >>> ties = {"source": ["B", "C"], "target": ["A", "B"]}
    >>> found = simulate(ties, {"node": ["A"], "time": [1]}, transmission=1.0, periods=[1, 2, 3])
    >>> compare(found, {"node": ["A", "B"], "time": [1, 3]}).curve["inside"].to_list()
    [True, False, False]
    """
    nothing: dict[str, list[str]] = {"source": [], "target": []}
    periods = simulated.periods.column()
    observed_spread = read_spread(nothing, adoptions, simulated.nodes, periods)
    steps = np.bincount(observed_spread.adopted, minlength=len(periods) + 1)[: len(periods)]
    observed = np.cumsum(steps)
    bands = simulated.curve(level)
    curve = bands.with_columns(pl.Series("observed", observed)).select(
        "time",
        "observed",
        "mean",
        "low",
        "high",
        pl.col("observed").is_between("low", "high").alias("inside"),
    )
    mean = simulated.counts.mean(axis=0)
    distances = np.abs(simulated.counts - mean).sum(axis=1)
    test = permutation_test(
        float(np.abs(observed - mean).sum()),
        distances,
        seed=simulated.seed,
        permuted=f"replicates of the {simulated.model} model",
    )
    return Compared(curve, test)


def fitted_transmission(
    ties: Table, seeds: Table, adopters: int, *, steps: int = 12, **how: Any
) -> float:
    """At which probability does the model end with as many adopters as were observed, on average?

    Bisection with the same chance in every step; `how` are the arguments of `simulate` but
    `transmission`. 0 if the seeds alone are as many, 1 if even certain passing gives fewer.

    >>> ties = {"source": ["B", "C"], "target": ["A", "B"]}
    >>> fitted_transmission(ties, {"node": ["A"], "time": [1]}, 3, periods=[1, 2, 3])
    1.0
    """
    if how.get("model") == "threshold":
        raise ArgumentFault("model", "the threshold model has no transmission")

    def mean_end(transmission: float) -> float:
        found = simulate(ties, seeds, transmission=transmission, **how)
        return float(found.counts[:, -1].mean())

    if mean_end(0.0) >= adopters:
        return 0.0
    low, high = 0.0, 1.0
    if mean_end(high) <= adopters:
        return high
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_end(middle) < adopters else (low, middle)
    return (low + high) / 2
