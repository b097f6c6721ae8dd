"""Gould and Fernandez' roles of brokers: who stands between whom, within and between groups?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from .borders import bordered
from .groups import Groups
from .spread_inputs import Array
from .static_network import StaticNetwork, StaticTies

__all__ = ["ROLES", "brokerage", "brokerage_totals", "open_and_closed"]

ROLES = ("coordinator", "itinerant", "gatekeeper", "representative", "liaison")
"""a -> v -> b by groups: AAA, ABA (v outside), ABB (v of b's group), AAB (v of a's group), ABC."""


def brokerage(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    at: Any = None,
) -> pl.DataFrame:
    """In which roles, and how often, does each node broker between others?

    Node v brokers the ordered pair (a, b) if a is tied to v, v to b, and a not to b. The groups of
    a, v, b give the role: coordinator AAA, itinerant ABA (a and b of one group, v of another),
    gatekeeper ABB (from outside into v's own group), representative AAB (from v's own group to
    outside), liaison ABC (three groups). Mirrored texts for gatekeeper and representative are
    about; these are those of `sna::brokerage` 2.7.1 and of Gould and Fernandez (1989).

    A row for each node and role, and the role "total": node, group, role, count, expected, sd, z.
    Expected and sd are those of random directed ties of the same density, given the sizes of the
    groups; z is null where sd is 0. As ties are seldom random, rank counts against permuted groups
    as well. Nodes in no group are left out with their ties.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"]}
    >>> found = brokerage(ties, {"A": "north", "B": "south", "C": "south"})
    >>> found.filter(pl.col("count") > 0).select("node", "role", "count").rows()
    [('B', 'gatekeeper', 1), ('B', 'total', 1)]
    """
    case = bordered(ties, groups, nodes, at=at)
    network, names, of = case.network, case.names, case.of
    counts = _counts(network, of)
    sizes = np.bincount(of, minlength=len(names)).astype(float)
    expected, variance = _moments(sizes, _density(network))
    node, role = np.divmod(np.arange(6 * network.size), 6)
    return pl.DataFrame(
        [
            network.column().gather(node),
            pl.Series("group", names, dtype=pl.String).gather(of[node]),
            pl.Series("role", [*ROLES, "total"]).gather(role),
            *_scores(counts, expected[of], variance[of]),
        ]
    )


def brokerage_totals(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    at: Any = None,
) -> pl.DataFrame:
    """How often is each role taken in the whole network, against random ties?

    A row a role, and "total": role, count, expected, sd, z. As `brokerage`, summed over nodes, with
    the moments of the sums (the graph-level indices of `sna::brokerage`).

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"]}
    >>> brokerage_totals(ties, {"A": "north", "B": "south", "C": "south"})["count"].to_list()
    [0, 0, 1, 0, 0, 1]
    """
    case = bordered(ties, groups, nodes, at=at)
    network, names, of = case.network, case.names, case.of
    counts = _counts(network, of).sum(axis=0, keepdims=True)
    sizes = np.bincount(of, minlength=len(names)).astype(float)
    expected, variance = _total_moments(sizes, _density(network))
    role = pl.Series("role", [*ROLES, "total"])
    return pl.DataFrame([role, *_scores(counts, expected[None], variance[None])])


def _density(network: StaticNetwork) -> float:
    pairs = network.size * (network.size - 1)
    return len(network.arcs[0]) / pairs if pairs else 0.0


def _counts(network: StaticNetwork, groups: Array) -> Array:
    """For each node how often it has each role, and in all."""
    there, closed = _paths(network, groups)
    roles = there - closed
    return np.column_stack([roles, roles.sum(axis=1)])


def _paths(network: StaticNetwork, groups: Array) -> tuple[Array, Array]:
    """For each node and role the paths a -> v -> b, and those of them that a -> b closes."""
    from .triads import closed_triples, oriented, two_paths

    source, target, _ = network.arcs
    low, high = np.minimum(source, target), np.maximum(source, target)
    keys, where = np.unique(low * network.size + high, return_inverse=True)
    flags = np.bincount(where, weights=np.where(source < target, 1, 2), minlength=len(keys))
    edges = oriented(network.size, *np.divmod(keys, network.size))
    closed = closed_triples(edges, flags.astype(np.int64), groups)
    there = two_paths(
        *_rows(network.size, source, target), *_rows(network.size, target, source), groups
    )
    return there, closed


def open_and_closed(network: StaticNetwork) -> tuple[int, int]:
    """How many paths a -> v -> b (a other than b) no tie a -> b closes, and how many one does."""
    there, closed = _paths(network, np.zeros(network.size, dtype=np.int64))
    return int(there.sum() - closed.sum()), int(closed.sum())


def _rows(size: int, tail: Array, head: Array) -> tuple[Array, Array]:
    first = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=size), out=first[1:])
    return first, head[np.argsort(tail * size + head)]


def _scores(counts: Array, expected: Array, variance: Array) -> list[pl.Series]:
    sd = np.sqrt(np.maximum(variance, 0))
    z = np.divide(counts - expected, sd, out=np.full(counts.shape, np.nan), where=sd > 0)
    return [
        pl.Series("count", counts.ravel(), dtype=pl.Int64),
        pl.Series("expected", expected.ravel()),
        pl.Series("sd", sd.ravel()),
        pl.Series("z", z.ravel()).fill_nan(None),
    ]


def _moments(n: Array, d: float) -> tuple[Array, Array]:
    """Mean and variance of each role of a broker of each group: random ties of density d.

    A path of two ties that is open has the chance d^2 (1 - d). The variance adds to that of
    independent paths what two paths have in common that share one tie.
    """
    whole, other = n.sum(), n.sum() - n
    pairs, triples = (n * (n - 1)).sum(), (n * (n - 1) * (n - 2)).sum()
    squares = (n**2).sum() - n**2
    ways = [
        (n - 1) * (n - 2),
        pairs - n * (n - 1),
        other * (n - 1),
        other * (n - 1),
        other**2 - squares,
        (whole - 1) * (whole - 2) + 0 * n,
    ]
    mixed = (n - 1) * other * (other - 1) / 2 + other * (n - 1) * (n - 2) / 2
    # A liaison's two groups: from each other group j to what is neither it nor the broker's own,
    # sum over j of n_j (other - n_j) (other - n_j - 1) / 2, in powers of n_j.
    cubes = (n**3).sum() - n**3
    far = ((other**2 - other) * other + (1 - 2 * other) * squares + cubes) / 2
    shared = [
        2 * (n - 1) * (n - 2) * (n - 3),
        2 * (triples - n * (n - 1) * (n - 2)),
        2 * mixed,
        2 * mixed,
        4 * far,
        2 * (whole - 1) * (whole - 2) * (whole - 3) + 0 * n,
    ]
    mean = d**2 * (1 - d) * np.column_stack(ways)
    spread = d**3 * (1 - d) ** 3 * np.column_stack(shared)
    return mean, mean * (1 - d**2 * (1 - d)) + spread


def _total_moments(n: Array, d: float) -> tuple[Array, Array]:
    """Mean and variance of the sums over all brokers; the covariances as in `sna::brokerage`."""
    whole = n.sum()
    one, two, three = d**3 * (1 - d) ** 3, d**4 * (1 - d) ** 2, d**5 * (1 - d)
    inside, mixed = n * (n - 1) * (n - 2), n * (whole - n) * (n - 1)
    all_ways = whole * (whole - 1) * (whole - 2)
    liaisons, liaisons_shared = _liaisons([int(size) for size in n], one, two, three)
    ways = [inside.sum(), mixed.sum(), mixed.sum(), mixed.sum(), liaisons, all_ways]
    gate = (mixed * ((whole - 3) * one + (n - 2) * three)).sum()
    shared = [
        (inside * ((4 * n - 10) * one - 4 * (n - 3) * two + (n - 3) * three)).sum(),
        _itinerants_shared(n, one, three),
        gate,
        gate,
        liaisons_shared,
        all_ways * ((4 * whole - 10) * one - 4 * (whole - 3) * two + (whole - 3) * three),
    ]
    mean = d**2 * (1 - d) * np.array(ways)
    return mean, mean * (1 - d**2 * (1 - d)) + np.array(shared)


def _itinerants_shared(n: Array, one: float, three: float) -> float:
    """Over ordered pairs of groups x, y that differ: x y (x - 1) of what two brokers share."""
    whole, squares = n.sum(), (n**2).sum()
    apart = (2 * n - 6) * one + (whole - n - 1) * three
    every = n * (n - 1) * (apart * whole + 2 * one * squares)
    same = n * n * (n - 1) * ((4 * n - 6) * one + (whole - n - 1) * three)
    return float((every - same).sum())


def _liaisons(n: list[int], one: float, two: float, three: float) -> tuple[float, float]:
    """Ordered triples of three groups, and what pairs of them have in common.

    Summed over all i, j, k that differ: n_i n_j n_k, and the same times n_i (n_j or n_k give as
    much), from sums of powers. In whole numbers, which cancel exactly.
    """
    whole, squares, cubes, fourth = (sum(size**power for size in n) for power in (1, 2, 3, 4))
    triples = whole**3 - 3 * whole * squares + 2 * cubes
    once_more = squares * whole**2 - 2 * whole * cubes - squares**2 + 2 * fourth
    both = 4 * whole * triples - 8 * once_more - 2 * triples
    single = whole * triples - 2 * once_more - triples
    return float(triples), both * (one - two) + single * three
