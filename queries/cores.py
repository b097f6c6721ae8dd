"""Is there a core that works with everyone, and a periphery that works with the core only?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .permutation import checked_draws
from .spread_inputs import Array
from .static_network import StaticNetwork, StaticTies, static_network

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CorePeriphery", "core_periphery"]

SMALL = 400
"""Up to so many nodes exchanges of two nodes are tried as well as moves of one."""


@dataclass(frozen=True, slots=True, eq=False)
class CorePeriphery:
    """The best division into a core and a periphery that was found; see `core_periphery`.

    `members` has a row a node: node, core (true or false). `density` by block: core_core,
    core_periphery, periphery_core, periphery_periphery. `fit` None where no division is possible.
    """

    fit: float | None
    members: pl.DataFrame
    density: dict[str, float | None]
    replicates: int
    null_mean: float | None
    null_sd: float | None
    p_ge: float | None


def core_periphery(
    ties: StaticTies,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    directed: bool = True,
    at: Any = None,
    starts: int = 20,
    replicates: int = 100,
    seed: int = 0,
) -> CorePeriphery:
    """Which nodes form a core, how well does the pattern fit, and more than degrees alone give?

    Maximises Pearson's r between the ties and the ideal pattern: 1 within the core, 0 within the
    periphery, the cells between the two ignored (Borgatti and Everett 2000). The search is a
    heuristic: from `starts` divisions (one by degree, the others drawn with `seed`) it moves single
    nodes, and in networks of up to 400 exchanges two, as long as the fit grows. Memory grows with
    the ties, time with the square of the nodes: for more than some thousand take fewer `starts` and
    `replicates`.

    `p_ge` is the share of networks with the same degrees (20 swaps attempted for each tie) that
    fit as well, searched in the same way. Often nothing is left beyond degree.

    >>> pairs = ["AB", "BC", "AC", "AD", "BE", "CF"]
    >>> ties = [{"source": a, "target": b} for a, b in pairs]
    >>> found = core_periphery(ties, directed=False, replicates=9)
    >>> found.members.filter("core")["node"].to_list(), found.fit
    (['A', 'B', 'C'], 1.0)
    """
    if not isinstance(starts, Integral) or starts < 1:
        raise ArgumentFault("starts", "it is no whole number from 1 on")
    chance = checked_draws(replicates, seed)
    network = static_network(ties, nodes, directed=directed, at=at)
    core, fit = _search(_both_ways(network), starts, chance)
    null = list(_null(network, starts, replicates, seed)) if fit is not None else []
    members = pl.DataFrame([network.column(), pl.Series("core", core)])
    known = [value for value in null if value is not None]
    if fit is None or not known:
        return CorePeriphery(fit, members, _density(network, core), 0, None, None, None)
    drawn = np.array(known, dtype=float)
    return CorePeriphery(
        fit,
        members,
        _density(network, core),
        len(drawn),
        float(drawn.mean()),
        float(drawn.std(ddof=1)) if len(drawn) > 1 else None,
        float(1 + (drawn >= fit - 1e-12).sum()) / (1 + len(drawn)),
    )


def _both_ways(network: StaticNetwork) -> csr_array:
    """The ties between each two nodes, both ways added up."""
    matrix = network.matrix()
    return (matrix + matrix.T).tocsr()


def _search(
    both: csr_array, starts: int, chance: np.random.Generator
) -> tuple[Array, float | None]:
    """The core of the best fit over all starts."""
    size = both.shape[0]
    best, fit = np.zeros(size, dtype=bool), -np.inf
    for start in range(starts):
        core = np.zeros(size, dtype=bool)
        if start == 0:
            core[_by_degree(both)] = True
        else:
            core[chance.permutation(size)[: chance.integers(1, max(size, 2))]] = True
        climbed, value = _climb(both, core)
        if value > fit + 1e-12:
            best, fit = climbed, value
    return best, float(fit) if np.isfinite(fit) else None


def _by_degree(both: csr_array) -> Array:
    """The best core of the nodes with the most ties."""
    size = both.shape[0]
    order = np.argsort(-both.sum(axis=1), kind="stable")
    rank = np.empty(size, dtype=np.int64)
    rank[order] = np.arange(size)
    cells = both.tocoo()
    first, last = np.sort(rank[np.stack(cells.coords)], axis=0)
    # A tie is within a core of k nodes if both of its ends are among the first k.
    inner = np.append(0, np.cumsum(np.bincount(last, cells.data, minlength=size))) / 2
    outer = cells.data.sum() / 2 - np.append(0, np.cumsum(np.bincount(first, cells.data, size))) / 2
    fits = _fit(inner, outer, np.arange(size + 1), size)
    best: Array = order[: int(np.argmax(fits))]
    return best


def _fit(inner: Any, outer: Any, core: Any, size: int) -> Array:
    """Pearson's r for ties within a core of so many nodes, and within the periphery."""
    cells, others = core * (core - 1.0), (size - core) * (size - core - 1.0)
    all_cells, tied = cells + others, inner + outer
    spread = cells * others * tied * (all_cells - tied)
    above = all_cells * inner - cells * tied
    found: Array = np.divide(
        above, np.sqrt(np.maximum(spread, 0)), out=np.full(spread.shape, -np.inf), where=spread > 0
    )
    return found


def _climb(both: csr_array, core: Array) -> tuple[Array, float]:
    """Move the node that raises the fit most until none does; then, in a small network, exchange
    the two that do, and go on."""
    size, core = both.shape[0], core.copy()
    whole, to_core = both.sum(axis=1), both @ core
    while True:
        to_rest = whole - to_core
        inner, outer = to_core[core].sum() / 2, to_rest[~core].sum() / 2
        now = float(_fit(inner, outer, np.float64(core.sum()), size))
        way = np.where(core, -1, 1)
        moved = _fit(
            inner + way * to_core, outer - way * to_rest, core.sum() + way.astype(float), size
        )
        node = int(np.argmax(moved))
        best, change = moved[node], [node]
        if not best > now + 1e-12 and size <= SMALL and core.any() and not core.all():
            best, change = _best_exchange(both, core, inner, outer, to_core, to_rest)
        if not best > now + 1e-12:
            return core, now
        for node in change:
            row = slice(both.indptr[node], both.indptr[node + 1])
            to_core[both.indices[row]] += both.data[row] * (-1 if core[node] else 1)
            core[node] = not core[node]


def _best_exchange(
    both: csr_array, core: Array, inner: float, outer: float, to_core: Array, to_rest: Array
) -> tuple[float, list[int]]:
    ours, theirs = np.flatnonzero(core), np.flatnonzero(~core)
    between = both[ours][:, theirs].toarray()
    within = inner - to_core[ours][:, None] + to_core[theirs][None, :] - between
    beyond = outer - to_rest[theirs][None, :] + to_rest[ours][:, None] - between
    fits = _fit(within, beyond, np.full(within.shape, float(len(ours))), len(core))
    at = np.unravel_index(int(np.argmax(fits)), fits.shape)
    return float(fits[at]), [int(ours[at[0]]), int(theirs[at[1]])]


def _null(
    network: StaticNetwork, starts: int, replicates: int, seed: int
) -> Iterable[float | None]:
    """The fit of networks with the same degrees."""
    for replicate in range(replicates):
        chance = np.random.default_rng([seed, replicate])
        yield _search(_both_ways(_rewired(network, chance)), starts, chance)[1]


def _rewired(network: StaticNetwork, chance: np.random.Generator) -> StaticNetwork:
    nodes, weight = network.nodes, network.weight
    if network.directed:
        from .swaps import swapped_targets

        order = np.lexsort((network.target, network.source))
        source = network.source[order]
        target = swapped_targets(source, network.target[order], network.size, 20, chance)
        return StaticNetwork.of(nodes, True, source, target, weight)
    pairs = list(zip(network.source.tolist(), network.target.tolist(), strict=True))
    _swap_pairs(pairs, chance)
    low, high = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return StaticNetwork.of(nodes, False, low, high, weight)


def _swap_pairs(pairs: list[tuple[int, int]], chance: np.random.Generator) -> None:
    """Swap ends of undirected ties in place, 20 attempts a tie; each node keeps its degree."""
    tied = {frozenset(pair) for pair in pairs}
    for one, two, flip in chance.integers(0, [len(pairs), len(pairs), 2], (20 * len(pairs), 3)):
        (a, b), (c, d) = pairs[one], pairs[two][:: -1 if flip else 1]
        new = frozenset((a, d)), frozenset((c, b))
        if len({a, b, c, d}) == 4 and not tied & set(new):
            tied -= {frozenset((a, b)), frozenset((c, d))}
            tied |= set(new)
            pairs[one], pairs[two] = (a, d), (c, b)


def _density(network: StaticNetwork, core: Array) -> dict[str, float | None]:
    source, target, _ = network.arcs
    sides, found = {"core": core, "periphery": ~core}, {}
    for a, rows in sides.items():
        for b, columns in sides.items():
            cells = int(rows.sum()) * (int(columns.sum()) - (a == b))
            ties = (rows[source] & columns[target]).sum()
            found[f"{a}_{b}"] = float(ties / cells) if cells else None
    return found
