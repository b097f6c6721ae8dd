"""What a p-value of a permutation says, in one record: observed, null, replicates (C7).

p = (1 + replicates at least as extreme) / (1 + replicates): never 0, and right for any number of
replicates (Phipson & Smyth 2010). A null of few adopters or small strata may not be able to give a
small p at all; `smallest_significant` says what would have had to be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite, nan
from numbers import Integral
from typing import Any, Literal

import numpy as np

from ..ontology.errors import ArgumentFault
from .spread_inputs import Array, Table, per_node

__all__ = [
    "Alternative",
    "PermutationTest",
    "checked_draws",
    "generator",
    "permutation_test",
    "shuffled_within",
    "stratum_codes",
]

Alternative = Literal["greater", "less", "two-sided"]
CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """A statistic beside what it is if only chance is at work.

    `smallest_significant` is the value from which on the test would have given p <= `level`: the
    smallest for "greater" and "two-sided", the largest for "less"; None if no value would, because
    there are too few replicates. `replicates` counts those whose statistic is defined.
    """

    observed: float
    replicates: int
    null_mean: float
    null_sd: float
    p_value: float
    alternative: Alternative
    smallest_significant: float | None
    level: float
    seed: int
    permuted: str
    equal: int
    """How many replicates gave the observed value itself."""

    def record(self) -> dict[str, Any]:
        """The fields by name, to be stored beside an answer."""
        return asdict(self)


def generator(seed: int) -> np.random.Generator:
    """A source of chance of its own: the same seed gives the same draws, and no other is touched.

    >>> generator(7).integers(100) == generator(7).integers(100)
    np.True_
    """
    if seed < 0 or seed != int(seed):
        raise ArgumentFault("seed", "it is no whole number from 0 on")
    return np.random.default_rng(int(seed))


def checked_draws(replicates: int, seed: int = 0, *, least: int = 0) -> np.random.Generator:
    """A source of chance for as many shuffles as asked for; where 0 may be, it means no test.

    ArgumentFault if there are no whole number of them, or fewer than `least`.

    >>> checked_draws(0, 7).integers(100) == generator(7).integers(100)
    np.True_
    """
    if not isinstance(replicates, Integral) or replicates < least:
        raise ArgumentFault("replicates", f"it is no whole number from {least} on")
    return generator(seed)


def permutation_test(
    observed: float,
    null: Array,
    *,
    alternative: Alternative = "greater",
    level: float = 0.05,
    seed: int = 0,
    permuted: str = "",
    equal_is_extreme: bool = True,
) -> PermutationTest:
    """How does the observed value lie among those of the null? `permuted` says what was shuffled.

    "two-sided" is twice the smaller of the two one-sided p, at most 1. Values that differ by
    rounding count as equal, and equal ones as extreme; some published tests count only what lies
    beyond (`equal_is_extreme=False`), which says nothing where all are equal: then p is 1.
    ArgumentFault without replicates.

    >>> test = permutation_test(3.0, np.array([0.0, 1.0, 2.0]))
    >>> test.p_value, test.null_mean
    (0.25, 1.0)
    """
    drawn = np.sort(null[np.isfinite(null)])
    if not len(null):
        raise ArgumentFault("replicates", "there must be at least one")
    if alternative not in ("greater", "less", "two-sided"):
        raise ArgumentFault("alternative", "it is none of greater, less, two-sided")
    count = len(drawn)
    p, equal = nan, 0
    if isfinite(observed) and count:
        equal = int((np.abs(drawn - observed) <= CLOSE * max(1.0, abs(observed))).sum())
        counted = equal if equal_is_extreme or equal == count else 0
        above, below = _one_sided(drawn, observed, counted)
        p = {"greater": above, "less": below}.get(alternative, min(1.0, 2 * min(above, below)))
    return PermutationTest(
        float(observed),
        count,
        float(drawn.mean()) if count else nan,
        float(drawn.std(ddof=1)) if count > 1 else nan,
        p,
        alternative,
        _smallest_significant(drawn, alternative, level),
        level,
        int(seed),
        permuted,
        equal,
    )


def _one_sided(drawn: Array, observed: float, equal: int) -> tuple[float, float]:
    """The p of a value as large, and of one as small; `equal` draws count on both sides."""
    near = CLOSE * max(1.0, abs(observed))
    above = int((drawn > observed + near).sum()) + equal
    below = int((drawn < observed - near).sum()) + equal
    return (1 + above) / (1 + len(drawn)), (1 + below) / (1 + len(drawn))


def _smallest_significant(drawn: Array, alternative: str, level: float) -> float | None:
    """The first value beyond the null draws of which few enough are at least as extreme."""
    share = level / 2 if alternative == "two-sided" else level
    may_exceed = int(np.floor(share * (1 + len(drawn)) + CLOSE)) - 1
    if may_exceed < 0 or not len(drawn):
        return None
    if alternative == "less":
        return float(drawn[min(may_exceed, len(drawn) - 1)])
    return float(drawn[max(len(drawn) - 1 - may_exceed, 0)])


def stratum_codes(
    strata: Table | Mapping[str, Any] | None, nodes: tuple[str, ...]
) -> tuple[Array, int]:
    """The stratum of each node as a number, and how many strata there are; without strata one.

    A node without a stratum is in one with all others that have none.

    >>> stratum_codes({"A": "north", "B": "south"}, ("A", "B", "C"))[0].tolist()
    [1, 2, 0]
    """
    if strata is None:
        return np.zeros(len(nodes), dtype=np.int64), 1
    labels = per_node(strata, nodes, "stratum", "strata").cast(str)
    names = labels.unique().sort(nulls_last=False).to_list()
    order = {name: number for number, name in enumerate(names)}
    return np.array([order[name] for name in labels], dtype=np.int64), len(names)


def shuffled_within(
    values: Array, strata: Array, replicates: int, chance: np.random.Generator
) -> Array:
    """Values shuffled within strata, shape (replicates, len(values)), each stratum by itself.

    >>> shuffled_within(np.array([1, 2, 9]), np.array([0, 0, 1]), 5, generator(1))[:, 2].tolist()
    [9, 9, 9, 9, 9]
    """
    if replicates < 1:
        raise ArgumentFault("replicates", "there must be at least one")
    drawn = np.repeat(values[None, :], replicates, axis=0)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        drawn[:, members] = chance.permuted(drawn[:, members], axis=1)
    return drawn
