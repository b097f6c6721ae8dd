"""Are dates of adoption clustered along ties, more than if adopters had swapped their dates?

The shuffle test (Anagnostopoulos, Kumar & Mahdian 2008). The statistic is the slope alpha of

    logit P(i adopts in t | has not before) = beta + alpha log(1 + a_i(t))

over persons and periods from the second on, a_i(t) the number of nodes that count for i in t and
adopted before t. The null keeps who adopted and the list of dates, and deals the dates anew among
the adopters (within strata). alpha above 0 is no evidence by itself: dates dealt anew give one.

What a small p says: dates are clustered along recorded ties, from influence, shared traits, shared
funding waves or shared inspectors. A trait that drives when nodes adopt fools the test unless it is
a stratum (Shalizi & Thomas 2011). It never says "because of".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import log
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .permutation import (
    PermutationTest,
    generator,
    permutation_test,
    shuffled_within,
    stratum_codes,
)
from .spread_inputs import Array, Table, whole_number
from .spread_periods import Alters, Direction, PeriodsGiven, alters_of, read_spread

__all__ = [
    "ShuffleTest",
    "counts_of_lasting",
    "logit_on_counts",
    "movable_adopters",
    "shuffle_test",
]

BLOCK = 4_000_000
STEPS = 25
LARGEST_ERROR = 100.0


@dataclass(frozen=True, slots=True)
class ShuffleTest:
    """The slope of adoption on earlier adopters, beside the slopes of shuffled dates.

    `alpha` and `standard_error` are not a number where the slope is not determined (nobody adopted
    after the first period, or no node ever had an earlier adopter). `movable` counts the adopters
    who share a stratum with an adopter of another date: with few, the test can say little.
    """

    alpha: float
    standard_error: float
    beta: float
    person_periods: int
    adoptions: int
    strata: int
    movable: int
    test: PermutationTest

    def record(self) -> dict[str, Any]:
        """The fields by name, those of the test among them, to be stored beside an answer."""
        fields = asdict(self)
        return {**{k: v for k, v in fields.items() if k != "test"}, **self.test.record()}


def shuffle_test(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    strata: Table | Mapping[str, Any] | None = None,
    replicates: int = 1000,
    level: float = 0.05,
    seed: int = 0,
) -> ShuffleTest:
    """Are dates of adoption clustered along ties, more than if they were dealt anew in `strata`?

    `strata` is {node: stratum}; p is one-sided: a slope as large or larger. Without `periods` they
    run from the first to the last adoption. Other arguments as in `exposure`; ties may change.

    >>> ties = {"source": ["B", "C", "D", "E"], "target": ["A", "A", "B", "C"]}
    >>> taken = {"node": ["A", "B", "C", "E"], "time": [1, 2, 4, 3]}
    >>> found = shuffle_test(ties, taken, replicates=99)
    >>> found.person_periods, found.adoptions, round(found.alpha, 3)
    (9, 3, 0.0)
    """
    replicates = whole_number(replicates, "replicates", 1)
    if not 0 < level < 1:
        raise ArgumentFault("level", "it is no share between 0 and 1")
    spread = read_spread(ties, adoptions, nodes, periods)
    alters = alters_of(spread.ties, spread.periods, direction)
    end = len(spread.periods)
    codes, count = stratum_codes(strata, spread.nodes)
    adopters = np.flatnonzero(spread.adopted < end)
    dates = spread.adopted[adopters]
    observed = _fitted(alters, spread.adopted[None, :], end)
    null = np.empty(replicates)
    chance = generator(seed)
    size = max(1, BLOCK // max(len(alters.ego), len(spread.nodes)))
    for first in range(0, replicates, size):
        draws = min(size, replicates - first)
        when = np.repeat(spread.adopted[None, :], draws, axis=0)
        when[:, adopters] = shuffled_within(dates, codes[adopters], draws, chance)
        null[first : first + draws] = _fitted(alters, when, end)[:, 0]
    alpha, error, beta, rows, adopted = observed[0].tolist()
    test = permutation_test(
        alpha,
        null,
        level=level,
        seed=seed,
        permuted="dates among adopters" if count == 1 else "dates among adopters, within strata",
    )
    movable = movable_adopters(codes[adopters], dates)
    return ShuffleTest(alpha, error, beta, int(rows), int(adopted), count, movable, test)


def movable_adopters(codes: Array, dates: Array) -> int:
    """How many adopters share a stratum with an adopter of another date?"""
    rows = pl.DataFrame({"stratum": codes, "date": dates})
    several = pl.col("date").n_unique().over("stratum") > 1
    return rows.filter(several).height


def _fitted(alters: Alters, when: Array, end: int) -> Array:
    """alpha, its error, beta, rows and adoptions for each draw of dates, shape (draws, 5)."""
    lasting = not ((alters.begins > 0).any() or (alters.ends < end).any())
    counts = counts_of_lasting(alters, when, end) if lasting else _counts(alters, when, end)
    return logit_on_counts(*counts)


def counts_of_lasting(alters: Alters, when: Array, end: int) -> tuple[Array, Array]:
    """Persons at risk, and adopting, by number of earlier adopters: arrays (draws, numbers).

    For ties that hold always. The dates of each node's alters are sorted; between one date and the
    next the number of earlier adopters stays, so that no period is looked at by itself.
    """
    draws, nodes = when.shape
    ego = alters.ego
    degree = np.bincount(ego, minlength=nodes)
    width = int(degree.max(initial=0)) + 1
    base = ego * (end + 1)
    dates = np.sort(base + when[:, alters.alter], axis=1) - base
    last = np.minimum(when, end - 1)
    until = np.minimum(_next_within(ego, dates, end), last[:, ego])
    spent = np.maximum(until - dates, 0)
    rank = np.arange(len(ego)) - np.repeat(np.cumsum(degree) - degree, degree) + 1
    at_risk = _histogram(np.broadcast_to(rank, dates.shape), spent, width)
    heads = np.flatnonzero(np.diff(ego, prepend=-1))
    free = last.copy()
    free[:, ego[heads]] = np.minimum(dates[:, heads], last[:, ego[heads]])
    at_risk[:, 0] += free.sum(axis=1)
    earlier = _row_sums(ego, when[:, alters.alter] < when[:, ego], nodes)
    took = (when > 0) & (when < end)
    return at_risk, _histogram(earlier, took, width)


def _next_within(ego: Array, dates: Array, end: int) -> Array:
    """The date of the next alter of the same ego; `end` after the last one."""
    following = np.full_like(dates, end)
    following[:, :-1] = np.where(ego[1:] == ego[:-1], dates[:, 1:], end)
    return following


def _row_sums(ego: Array, marked: Array, nodes: int) -> Array:
    """How many ties of each ego are marked, for each draw: shape (draws, nodes)."""
    place = ego + nodes * np.arange(len(marked))[:, None]
    sums: Array = np.bincount(place[marked], minlength=nodes * len(marked))
    return sums.reshape(len(marked), nodes)


def _histogram(values: Array, weights: Array, width: int) -> Array:
    """For each row, the sum of weights by value: shape (rows, width)."""
    place = values + width * np.arange(len(values))[:, None]
    sums = np.bincount(place.ravel(), weights.ravel(), width * len(values))
    return sums.reshape(len(values), width)


def _counts(alters: Alters, when: Array, end: int) -> tuple[Array, Array]:
    """As `counts_of_lasting`, for ties that change: period by period."""
    from scipy import sparse

    draws, nodes = when.shape
    width = int(np.bincount(alters.ego, minlength=nodes).max(initial=0)) + 1
    at_risk, adopting = np.zeros((draws, width)), np.zeros((draws, width))
    for t in range(1, end):
        holds = (alters.begins <= t) & (t < alters.ends)
        ones = np.ones(int(holds.sum()), dtype=np.int64)
        near = sparse.csr_array((ones, (alters.ego[holds], alters.alter[holds])), (nodes, nodes))
        earlier = (near @ (when < t).T.astype(np.int64)).T
        at_risk += _histogram(earlier, when >= t, width)
        adopting += _histogram(earlier, when == t, width)
    return at_risk, adopting


def logit_on_counts(at_risk: Array, adopting: Array) -> Array:
    """Many logits at once, each on counts by number of earlier adopters, shape (draws, numbers).

    Returns alpha, its error, beta, persons and periods, and adoptions, shape (draws, 5).

    Iteratively reweighted least squares with the start, the end (deviance changes by less than one
    part in 10^8) and the standard error (weights of the last step) of R's `glm`.
    """
    x = np.log1p(np.arange(at_risk.shape[1]))
    rows, took = at_risk.sum(axis=1), adopting.sum(axis=1)
    first = log(3) + 4 / 3  # the working response of one who adopts, at the start
    with np.errstate(all="ignore"):
        flat, response = at_risk * 0.1875, first * (2 * adopting - at_risk) * 0.1875
        beta, alpha, error = _least_squares(flat, response, x)
        deviance = _deviance(at_risk, adopting, alpha, beta, x)
        settled = np.zeros(len(rows), dtype=bool)
        for _ in range(STEPS):
            p = 1 / (1 + np.exp(-(beta[:, None] + alpha[:, None] * x)))
            step_beta, step_alpha, new_error = _least_squares(
                at_risk * p * (1 - p), adopting - at_risk * p, x
            )
            moves = ~settled
            alpha, beta = alpha + moves * step_alpha, beta + moves * step_beta
            error = np.where(moves, new_error, error)
            before, deviance = deviance, _deviance(at_risk, adopting, alpha, beta, x)
            settled |= np.abs(deviance - before) < 1e-8 * (deviance + 0.1)
            if (settled | ~np.isfinite(deviance)).all():
                break
        # A slope that runs away (earlier adopters tell adopting from not exactly) has a huge error.
        unknown = ~settled | ~np.isfinite(error) | (error > LARGEST_ERROR)
    alpha[unknown] = error[unknown] = beta[unknown] = np.nan
    return np.column_stack([alpha, error, beta, rows, took])


def _least_squares(weight: Array, moment: Array, x: Array) -> tuple[Array, Array, Array]:
    """Constant, slope and the slope's error of weighted least squares, one fit a row."""
    h0, h1, h2 = weight.sum(axis=1), weight @ x, weight @ x**2
    g0, g1 = moment.sum(axis=1), moment @ x
    determinant = h0 * h2 - h1**2
    determinant = np.where(determinant > 1e-12 * h0 * h2, determinant, np.nan)
    constant, slope = (h2 * g0 - h1 * g1) / determinant, (h0 * g1 - h1 * g0) / determinant
    return constant, slope, np.sqrt(h0 / determinant)


def _deviance(at_risk: Array, adopting: Array, alpha: Array, beta: Array, x: Array) -> Array:
    eta = beta[:, None] + alpha[:, None] * x
    adopted = adopting * np.logaddexp(0, -eta)
    not_adopted = (at_risk - adopting) * np.logaddexp(0, eta)
    total: Array = 2 * (adopted + not_adopted).sum(axis=1)
    return total
