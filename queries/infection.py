"""Who is followed at once, and who follows at once: infectiousness and susceptibility.

The words are those of the literature; what is counted is the order of adoptions along ties, not a
cause. With a tie j -> i meaning that i counts for j, and lags k = 1 .. K weighing w(k):

    infectiousness of i = sum_k w(k) #{j -> i, t_j = t_i + k} / sum_k w(k) #{j -> i, t_j >= t_i + k}
    susceptibility of i = sum_k w(k) #{i -> j, t_j = t_i - k} / sum_k w(k) #{i -> j, t_j <= t_i - k}

Nodes that never adopted are in no sum: the other reading, with them in the denominator, is in use
too. Ties are those of period t_i + k - 1 and t_i - k + 1. w(k) is 1/k, or (1 + r)^-(k - 1) with a
rate r. Source: Valente, Dyal, Chu, Wipfli & Fujimoto (2015); Myers (2000).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import Array, Table, whole_number
from .spread_periods import Direction, PeriodsGiven, Spread, alters_of, read_spread

__all__ = ["infectiousness", "susceptibility"]


def infectiousness(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    lags: int = 1,
    rate: float | None = None,
    normalised: bool = False,
) -> pl.DataFrame:
    """Of those who count a node and adopted after it, what share did so in the next periods?

    Returns node and infectiousness: 0 if nobody who counts it adopted later, null if the node did
    not adopt. `lags` is K, `rate` is r (None: weights 1/k); `normalised` divides by the weighted
    number of all adoptions in those periods. `direction` says who counts for whom, as in
    `exposure`. Undefined in the literature for changing ties: there two readings differ.

    >>> ties = {"source": ["B", "C"], "target": ["A", "A"]}
    >>> infectiousness(ties, {"node": ["A", "B", "C"], "time": [1, 2, 4]})["infectiousness"][0]
    0.5
    """
    return _followed(
        ties, adoptions, nodes, periods, direction, lags, rate, normalised, "infectiousness"
    )


def susceptibility(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    lags: int = 1,
    rate: float | None = None,
    normalised: bool = False,
) -> pl.DataFrame:
    """Of those who count for a node and adopted before it, what share did so just before?

    Returns node and susceptibility: 0 if nobody who counts for it adopted earlier, null if the node
    did not adopt. Arguments as in `infectiousness`.

    >>> ties = {"source": ["A", "A"], "target": ["B", "C"]}
    >>> susceptibility(ties, {"node": ["A", "B", "C"], "time": [3, 2, 1]})["susceptibility"][0]
    0.5
    """
    return _followed(
        ties, adoptions, nodes, periods, direction, lags, rate, normalised, "susceptibility"
    )


def _followed(
    ties: Table,
    adoptions: Table,
    nodes: Iterable[object] | pl.Series | None,
    periods: PeriodsGiven,
    direction: Direction,
    lags: int,
    rate: float | None,
    normalised: bool,
    measure: str,
) -> pl.DataFrame:
    lags = whole_number(lags, "lags", 1)
    if rate is not None and rate <= -1:
        raise ArgumentFault("rate", "it must be above -1")
    spread = read_spread(ties, adoptions, nodes, periods)
    weights = [1 / k if rate is None else (1 + rate) ** (1 - k) for k in range(1, lags + 1)]
    values = _shares(spread, direction, weights, measure == "infectiousness", normalised)
    column = pl.Series(measure, values).fill_nan(None)
    return pl.DataFrame({"node": pl.Series(spread.nodes, dtype=pl.String), measure: column})


def _shares(
    spread: Spread, direction: Direction, weights: list[float], forward: bool, normalised: bool
) -> Array:
    """The share of each node; forward counts those who follow it, else those it follows."""
    alters = alters_of(spread.ties, spread.periods, direction)
    end, adopted = len(spread.periods), spread.adopted
    node, other = (alters.alter, alters.ego) if forward else (alters.ego, alters.alter)
    sign = 1 if forward else -1
    at_once, at_all, everyone = (np.zeros(len(adopted)) for _ in range(3))
    both = (adopted[node] < end) & (adopted[other] < end)
    per_period = np.bincount(adopted[adopted < end], minlength=end)
    for k, weight in enumerate(weights, start=1):
        when = adopted[node] + sign * (k - 1)
        held = both & (alters.begins <= when) & (when < alters.ends)
        apart = sign * (adopted[other] - adopted[node])
        at_once += weight * np.bincount(node[held & (apart == k)], minlength=len(adopted))
        at_all += weight * np.bincount(node[held & (apart >= k)], minlength=len(adopted))
        then = adopted + sign * k
        inside = (0 <= then) & (then < end) & (adopted < end)
        everyone[inside] += weight * per_period[then[inside]]
    whole = at_all * everyone if normalised else at_all
    shares: Array = np.zeros(len(adopted))
    np.divide(at_once, whole, out=shares, where=whole > 0)
    shares[adopted >= end] = np.nan
    return shares
