"""Does it matter who is tied to whom, given how many ties everyone has?

The mean threshold of a network is compared with that of networks in which ties were swapped so that
every node keeps how many it gives and receives; who adopted when stays. A difference says that
thresholds depend on the pattern of ties, not that anybody influenced anybody. Twice the smaller
share of networks beyond the observed value is the p of netdiffuseR's `struct_test`; how many give
the observed value itself stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .permutation import Alternative, PermutationTest, generator, permutation_test
from .spread_inputs import Array, Table, whole_number
from .spread_periods import Direction, PeriodsGiven, Spread, alters_of, read_spread

__all__ = ["Statistic", "mean_threshold", "structure_dependence_test"]

Statistic = Callable[[Array, Array], float]
"""What is compared: of the numbers of sources and targets of all ties, one number."""


def mean_threshold(spread: Spread, direction: Direction) -> Statistic:
    """The mean exposure of adopters in their period of adoption, for ties that hold always."""
    adopted, end = spread.adopted, len(spread.periods)
    adopters = adopted < end

    def statistic(source: Array, target: Array) -> float:
        ego, alter = _counting(source, target, len(adopted), direction)
        degree = np.bincount(ego, minlength=len(adopted))
        before = adopters[alter] & (adopted[alter] <= adopted[ego])
        had = np.bincount(ego[before], minlength=len(adopted))
        share = np.divide(had, degree, out=np.zeros(len(adopted)), where=degree > 0)
        return float(share[adopters].mean()) if adopters.any() else np.nan

    return statistic


def _counting(
    source: Array, target: Array, nodes: int, direction: Direction
) -> tuple[Array, Array]:
    if direction == "outgoing":
        return source, target
    if direction == "incoming":
        return target, source
    if direction != "both":
        raise ArgumentFault("direction", "it is none of outgoing, incoming, both")
    keys = np.unique(np.concatenate([source * nodes + target, target * nodes + source]))
    ego, alter = np.divmod(keys, nodes)
    return ego, alter


def structure_dependence_test(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    statistic: Statistic | None = None,
    swaps_per_tie: int = 20,
    replicates: int = 1000,
    alternative: Alternative = "two-sided",
    seed: int = 0,
) -> PermutationTest:
    """Is the mean threshold other than in networks with the same degrees, dates kept?

    Each replicate starts from the ties as given and tries `swaps_per_tie` swaps of targets for each
    tie. `statistic` takes arrays of sources and targets (numbers of nodes) in place of the mean
    threshold. Ties must hold in all periods: swapping ties that change has no agreed meaning, and
    is refused. Other arguments as in `exposure`.

    >>> ties = {"source": ["A", "B", "C", "D"], "target": ["B", "C", "D", "A"]}
    >>> adoptions = {"node": ["A", "B", "C"], "time": [1, 2, 3]}
    >>> test = structure_dependence_test(ties, adoptions, replicates=99)
    >>> round(test.observed, 3), test.replicates
    (0.0, 99)
    """
    replicates = whole_number(replicates, "replicates", 1)
    swaps_per_tie = whole_number(swaps_per_tie, "swaps_per_tie", 1)
    spread = read_spread(ties, adoptions, nodes, periods)
    alters = alters_of(spread.ties, spread.periods, "outgoing")
    if (alters.begins > 0).any() or (alters.ends < len(spread.periods)).any():
        raise ArgumentFault(
            "ties",
            "some begin or end within the periods, and swaps are defined for lasting ties only",
            "Give the ties of one day without their dates.",
        )
    from .swaps import swapped_targets  # numba takes half a second to import

    measure = statistic or mean_threshold(spread, direction)
    chance = generator(seed)
    null = np.empty(replicates)
    for draw in range(replicates):
        target = swapped_targets(alters.ego, alters.alter, len(spread.nodes), swaps_per_tie, chance)
        null[draw] = measure(alters.ego, target)
    return permutation_test(
        measure(alters.ego, alters.alter),
        null,
        alternative=alternative,
        seed=seed,
        equal_is_extreme=False,
        permuted=f"targets of ties, degrees kept, {swaps_per_tie} swaps tried for each tie",
    )
