"""Do nodes that are tied have the same status? Moran's I of adoption.

With z the status of each node less the mean, and weights w that sum to 1 in each row that has any:

    I = (n / W) sum_ij w_ij z_i z_j / sum_i z_i^2        expected -1 / (n - 1)

`adjacency`: w from the ties; `geodesic`: 1 / shortest path, up to six steps. The normal
approximation uses the variance under randomisation (Cliff & Ord 1981), which has no use in small or
lopsided networks: prefer the p of the permutation. Undefined where all or none have adopted.
Source: Moran (1950); netdiffuseR `moran`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any, Literal

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse import csgraph

from ..ontology.errors import ArgumentFault
from .permutation import generator, permutation_test, shuffled_within, stratum_codes
from .spread_inputs import Array, Table, whole_number
from .spread_periods import (
    Direction,
    PeriodsGiven,
    Spread,
    adopted_by,
    alters_of,
    read_spread,
)

__all__ = [
    "Moran",
    "Neighbourhood",
    "moran",
    "morans_i",
    "neighbour_weights",
    "permuted_morans_i",
]

Neighbourhood = Literal["adjacency", "geodesic"]
BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class Moran:
    """Moran's I with its mean and standard deviation under randomisation; None if undefined.

    `p_value` is two-sided, of the normal approximation.
    """

    observed: float | None
    expected: float | None
    sd: float | None
    p_value: float | None


def neighbour_weights(
    spread: Spread,
    period: int,
    *,
    neighbourhood: Neighbourhood = "adjacency",
    direction: Direction = "outgoing",
    weighted: bool = False,
    longest: int = 6,
) -> Any:
    """Row-standardised weights of the ties that hold in a period, a sparse (n, n) array.

    `adjacency` uses ties (their weights, if `weighted`); `geodesic` 1 / steps for all pairs within
    `longest` steps.
    """
    alters = alters_of(spread.ties, spread.periods, direction)
    holds = (alters.begins <= period) & (period < alters.ends)
    ego, alter = alters.ego[holds], alters.alter[holds]
    amount = alters.weight[holds] if weighted else np.ones(len(ego))
    shape = (len(spread.nodes), len(spread.nodes))
    near = sparse.csr_array((amount, (ego, alter)), shape=shape)
    if neighbourhood == "geodesic":
        near = _inverse_steps(near, longest)
    elif neighbourhood != "adjacency":
        raise ArgumentFault("neighbourhood", "it is neither adjacency nor geodesic")
    rows = np.asarray(near.sum(axis=1)).ravel()
    scale = np.divide(1.0, rows, out=np.zeros_like(rows), where=rows > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ near)


def _inverse_steps(near: Any, longest: int) -> Any:
    """1 / shortest path for pairs within `longest` steps, block by block of rows."""
    nodes = near.shape[0]
    size = max(1, BLOCK // nodes)
    blocks = []
    for first in range(0, nodes, size):
        rows = np.arange(first, min(first + size, nodes))
        steps = csgraph.dijkstra(near, unweighted=True, indices=rows, limit=longest)
        reached = np.isfinite(steps) & (steps > 0)
        inverse = np.divide(1.0, steps, out=np.zeros_like(steps), where=reached)
        blocks.append(sparse.csr_array(inverse))
    return sparse.vstack(blocks, format="csr")


def morans_i(values: Array, weights: Any) -> Moran:
    """Moran's I of any values, one a node, with any weights: an (n, n) array, sparse or dense.

    >>> line = np.array([[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]])
    >>> found = morans_i(np.array([1.0, 1.0, 0.0]), line)
    >>> round(found.observed, 4), found.expected
    (-0.25, -0.5)
    """
    w = sparse.csr_array(weights)
    if w.shape != (len(values), len(values)):
        raise ArgumentFault("weights", f"they are no square of {len(values)} nodes")
    n, total = len(values), float(w.sum())
    z = values - values.mean() if n else values
    square = float((z**2).sum())
    if n < 2 or total == 0 or square <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return Moran(None, None, None, None)
    observed = n / total * float(z @ (w @ z)) / square
    expected = -1 / (n - 1)
    sd = _randomisation_sd(w, z, total)
    p = None if not sd else erfc(abs(observed - expected) / sd / sqrt(2))
    return Moran(observed, expected, sd, p)


def _randomisation_sd(w: Any, z: Array, total: float) -> float | None:
    """The standard deviation of I if every assignment of the values to nodes is as likely."""
    n = len(z)
    if n < 4:
        return None
    both = w + w.T
    s1 = 0.5 * float((both.multiply(both)).sum())
    margins = np.asarray(w.sum(axis=1)).ravel() + np.asarray(w.sum(axis=0)).ravel()
    s2 = float((margins**2).sum())
    kurtosis = float((z**4).mean() / (z**2).mean() ** 2)
    s4 = (n * n - 3 * n + 3) * s1 - n * s2 + 3 * total**2
    s5 = (n * n - n) * s1 - 2 * n * s2 + 6 * total**2
    moment = (n * s4 - kurtosis * s5) / ((n - 1) * (n - 2) * (n - 3) * total**2)
    variance = moment - 1 / (n - 1) ** 2
    return sqrt(variance) if variance > 0 else None


def moran(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    neighbourhood: Neighbourhood = "adjacency",
    direction: Direction = "outgoing",
    weighted: bool = False,
    longest: int = 6,
    replicates: int = 0,
    strata: Table | Mapping[str, Any] | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """Do tied nodes have the same adoption status in each period, more than by chance?

    Returns time, moran, expected, sd, p_normal (two-sided), and, with `replicates` > 0, p_value
    (one-sided: more alike than if the status were dealt anew, within `strata` {node: stratum}),
    replicates, null_mean, null_sd. All null where everybody or nobody has adopted, or no tie holds.
    Other arguments as in `exposure`.

    >>> ties = {"source": ["A", "B", "C", "D"], "target": ["B", "A", "D", "C"]}
    >>> found = moran(ties, {"node": ["A", "B"], "time": [1, 1]}, replicates=99)
    >>> found.select("moran", "replicates").row(0), found["p_value"][0] > 0.2
    ((1.0, 99), True)
    """
    replicates = whole_number(replicates, "replicates", 0)
    longest = whole_number(longest, "longest", 1)
    spread = read_spread(ties, adoptions, nodes, periods)
    using = adopted_by(spread.adoptions, spread.periods).astype(float)
    codes, _ = stratum_codes(strata, spread.nodes)
    chance = generator(seed)
    rows = []
    weights, at = None, None
    for period in range(len(spread.periods)):
        if weights is None or at != _holding(spread, period):
            at = _holding(spread, period)
            weights = neighbour_weights(
                spread,
                period,
                neighbourhood=neighbourhood,
                direction=direction,
                weighted=weighted,
                longest=longest,
            )
        found = morans_i(using[:, period], weights)
        row: dict[str, Any] = {
            "moran": found.observed,
            "expected": found.expected,
            "sd": found.sd,
            "p_normal": found.p_value,
        }
        if replicates:
            row |= _permuted(found, using[:, period], weights, codes, replicates, chance, seed)
        rows.append(row)
    names = ["moran", "expected", "sd", "p_normal"]
    names += ["p_value", "replicates", "null_mean", "null_sd"] if replicates else []
    types = {name: pl.Int64 if name == "replicates" else pl.Float64 for name in names}
    return pl.DataFrame(rows, schema=types).insert_column(0, spread.periods.column())


def _holding(spread: Spread, period: int) -> bytes:
    """Which ties hold in a period, to see whether the next one has the same network."""
    instant = spread.periods.instants[period]
    held = (spread.ties.start <= instant) & (instant < spread.ties.end)
    return np.packbits(held).tobytes()


def _permuted(
    found: Moran,
    values: Array,
    weights: Any,
    codes: Array,
    replicates: int,
    chance: np.random.Generator,
    seed: int,
) -> dict[str, Any]:
    if found.observed is None:
        return {"p_value": None, "replicates": 0, "null_mean": None, "null_sd": None}
    null = permuted_morans_i(values, weights, codes, replicates, chance)
    test = permutation_test(found.observed, null, seed=seed)
    return {
        "p_value": test.p_value,
        "replicates": test.replicates,
        "null_mean": test.null_mean,
        "null_sd": test.null_sd,
    }


def permuted_morans_i(
    values: Array, weights: Any, codes: Array, replicates: int, chance: np.random.Generator
) -> Array:
    """Moran's I of the values dealt anew, `replicates` times, in blocks that fit in memory."""
    z = values - values.mean()
    factor = len(z) / float(weights.sum()) / float((z**2).sum())
    size = max(1, BLOCK // len(z))
    parts = []
    for first in range(0, replicates, size):
        drawn = shuffled_within(z, codes, min(size, replicates - first), chance).T
        parts.append(factor * np.einsum("ij,ij->j", drawn, weights @ drawn))
    return np.concatenate(parts)
