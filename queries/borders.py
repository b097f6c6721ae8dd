"""Do ties stay within borders or cross them: E-I index, homophily, modularity of given groups.

`groups` is a frame {node, group} or a mapping: the system of each organisation. A tie with an end
in no group is left out, and such nodes are not counted. `ties` as in `static_network`.

Where ties are compared with chance, the network stays as it is and the groups' names are shuffled
among the nodes (within `strata`, such as regions, if given), since shuffling over the whole country
would compare with ties that distance forbids. p is the share of shuffles as extreme, with one added
above and below (convention C7), so that it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import polars as pl

from .groups import Groups, group_numbers, universe_with
from .permutation import checked_draws
from .spread_inputs import Array, per_node
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = [
    "BorderModularity",
    "Bordered",
    "EIIndex",
    "Homophily",
    "border_modularity",
    "bordered",
    "ei_by_group",
    "ei_by_node",
    "ei_index",
    "homophily",
    "index_of",
    "nominal_assortativity",
    "participation",
    "tie_matrix",
]

Nodes = Iterable[object] | pl.Series | None
SHARES = 8
"""Into so many parts shuffles are divided, to run on several processors."""


@dataclass(frozen=True, slots=True)
class EIIndex:
    """External less internal ties, over both: -1 all stay inside, +1 all cross.

    `expected` is the index of random ties; `null_mean`, `null_sd` and the two p come from shuffled
    groups. None where there is nothing to divide or shuffle. Its floor depends on the sizes of the
    groups, so never show it without `expected` and p.
    """

    internal: int
    external: int
    ei: float | None
    expected: float | None
    replicates: int
    null_mean: float | None
    null_sd: float | None
    p_le: float | None
    p_ge: float | None


@dataclass(frozen=True, slots=True)
class Homophily:
    """How much ties prefer their own group: over ordered pairs, or pairs if undirected.

    `share` of ties inside (H), `expected` share for random ties, `excess` (h*, H - expected),
    `yules_q` and `correlation` (phi) of being tied with being of one group. None where undefined.
    """

    share: float | None
    expected: float | None
    excess: float | None
    yules_q: float | None
    correlation: float | None


@dataclass(frozen=True, slots=True)
class BorderModularity:
    """Modularity of the given groups, and how often shuffled groups have as much or more."""

    modularity: float | None
    replicates: int
    null_mean: float | None
    null_sd: float | None
    p_ge: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Bordered:
    """A network whose nodes are all in a group: `names` of groups, and the number of each node's.

    Made by `bordered`. `outside` are the nodes in no group, which are not in the network.
    """

    network: StaticNetwork
    names: list[str]
    of: Array
    outside: tuple[str, ...] = ()

    @property
    def sizes(self) -> Array:
        """How many nodes each group has."""
        return np.bincount(self.of, minlength=len(self.names))

    @property
    def inside(self) -> Array:
        """Which ties stay in their group."""
        found: Array = self.of[self.network.source] == self.of[self.network.target]
        return found

    @property
    def pairs(self) -> tuple[float, float]:
        """Pairs of nodes, and pairs inside a group: ordered ones if the ties are directed."""
        size, sizes = self.network.size, self.sizes.astype(float)
        half = 1 if self.network.directed else 2
        return size * (size - 1) / half, float((sizes * (sizes - 1)).sum()) / half


def bordered(
    ties: StaticTies, groups: Groups, nodes: Nodes = None, *, directed: bool = True, at: Any = None
) -> Bordered:
    """The network of the nodes that are in a group, without the others and their ties.

    >>> found = bordered({"source": ["A", "A"], "target": ["B", "C"]}, {"A": "x", "B": "x"})
    >>> found.network.nodes, found.inside.tolist()
    (('A', 'B'), [True])
    """
    if not isinstance(ties, StaticNetwork):
        nodes = universe_with(ties, groups, nodes)
    network = static_network(ties, nodes, directed=directed, at=at)
    names, of = group_numbers(groups, network.nodes)
    kept = of >= 0
    outside = tuple(network.nodes[place] for place in np.flatnonzero(~kept))
    return Bordered(network.among(kept) if outside else network, names, of[kept], outside)


def ei_index(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
    strata: Groups | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> EIIndex:
    """Do ties cross borders more or less than chance (Krackhardt and Stern 1988)?

    (E - I) / (E + I) for E ties between and I ties inside groups; expected for random ties: 1 - 2
    sum s(s-1) / (n(n-1)) for groups of s of the n nodes. `p_le` is small if ties stay inside more
    than with shuffled groups, `p_ge` if they cross more.

    >>> ties = {"source": ["A", "B", "C"], "target": ["B", "A", "A"]}
    >>> found = ei_index(ties, {"A": "x", "B": "x", "C": "y"}, replicates=99)
    >>> found.internal, found.external, round(found.ei, 3), round(found.expected, 3)
    (2, 1, -0.333, 0.333)
    """
    checked_draws(replicates, seed)
    case = bordered(ties, groups, nodes, directed=directed, at=at)
    return index_of(case, strata, replicates, seed)


def index_of(case: Bordered, strata: Groups | None, replicates: int, seed: int) -> EIIndex:
    """The same of a network whose groups are known already."""
    ties_, internal = len(case.network.source), int(case.inside.sum())
    pairs, within = case.pairs
    expected = 1 - 2 * within / pairs if pairs else None
    observed = (ties_ - 2 * internal) / ties_ if ties_ else None
    if observed is None or not replicates:
        return EIIndex(internal, ties_ - internal, observed, expected, 0, None, None, None, None)
    drawn, _ = _shuffled(case, strata, replicates, seed, products=False)
    null = (ties_ - 2 * drawn) / ties_
    return EIIndex(
        internal,
        ties_ - internal,
        observed,
        expected,
        replicates,
        float(null.mean()),
        float(null.std(ddof=1)) if replicates > 1 else None,
        p_le=float(1 + (drawn >= internal).sum()) / (1 + replicates),
        p_ge=float(1 + (drawn <= internal).sum()) / (1 + replicates),
    )


def _shuffled(
    case: Bordered, strata: Groups | None, replicates: int, seed: int, *, products: bool
) -> tuple[Array, Array]:
    """Inside ties, and sums of products of degrees, for each shuffle of the groups."""
    from .label_shuffles import shuffled_borders

    network, kinds = case.network, np.zeros(case.network.size, dtype=np.int64)
    if strata is not None:
        every = (*network.nodes, *case.outside)
        named = per_node(strata, every, "group", "strata")[: network.size]
        kinds = np.array(named.cast(pl.String).fill_null("").rank("dense"), dtype=np.int64) - 1
    # Nodes are numbered anew so that those of one stratum follow one another.
    order = np.argsort(kinds, kind="stable")
    place = np.empty(network.size, dtype=np.int64)
    place[order] = np.arange(network.size)
    source, target = place[network.source], place[network.target]
    by_source = np.argsort(source, kind="stable")
    source, target = source[by_source].astype(np.int32), target[by_source].astype(np.int32)
    small = np.uint8 if len(case.names) <= 256 else np.int64
    bounds = np.append(0, np.cumsum(np.bincount(kinds)))
    sent, got = (degree[order if products else []] for degree in _degrees(network))
    labels = case.of[order].astype(small)
    # Shares of the same size and seed whatever the machine; compiled loops run side by side.
    shares = [len(part) for part in np.array_split(np.arange(replicates), SHARES)]
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(
                shuffled_borders,
                source,
                target,
                labels,
                bounds,
                sent,
                got,
                share,
                seed * SHARES + at,
            )
            for at, share in enumerate(shares)
        ]
        drawn = [run.result() for run in running]
    inside, sums = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return inside, sums


def _degrees(network: StaticNetwork) -> tuple[Array, Array]:
    """Ties sent and got; in an undirected network both are the degree."""
    source, target, _ = network.arcs
    counted = (np.bincount(ends, minlength=network.size) for ends in (source, target))
    sent, got = (degree.astype(float) for degree in counted)
    return sent, got


def ei_by_group(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
) -> pl.DataFrame:
    """The E-I index of each group: of the ties that its members send or get.

    A row a group: group, nodes, internal, external, ei (null without ties). Directed: each tie
    once. Undirected: over the ends of ties, so a tie inside counts twice, once for each end.

    >>> ties = {"source": ["A", "B", "C"], "target": ["B", "A", "A"]}
    >>> ei_by_group(ties, {"A": "x", "B": "x", "C": "y"}).rows()[0]
    ('x', 2, 2, 1, -0.3333333333333333)
    """
    case = bordered(ties, groups, nodes, directed=directed, at=at)
    source, target, inside = case.of[case.network.source], case.of[case.network.target], case.inside
    many, ends = len(case.names), 1 if case.network.directed else 2
    internal = np.bincount(source[inside], minlength=many) * ends
    across = np.concatenate([source[~inside], target[~inside]])
    external = np.bincount(across, minlength=many)
    return pl.DataFrame(
        {
            "group": case.names,
            "nodes": case.sizes,
            "internal": internal,
            "external": external,
            "ei": _ratio(external - internal, external + internal),
        }
    )


def _ratio(above: Array, below: Array) -> pl.Series:
    divided = np.divide(above, below, out=np.full(len(below), np.nan), where=below != 0)
    return pl.Series(divided).fill_nan(None)


def ei_by_node(
    ties: StaticTies, groups: Groups, *, nodes: Nodes = None, at: Any = None
) -> pl.DataFrame:
    """The E-I index of each node, over its partners in any direction.

    A row a node: node, group, internal, external, ei (null for a node without partners).

    >>> ties = {"source": ["A", "B", "C"], "target": ["B", "A", "A"]}
    >>> ei_by_node(ties, {"A": "x", "B": "x", "C": "y"})["ei"].to_list()
    [0.0, -1.0, 1.0]
    """
    case = bordered(ties, groups, nodes, directed=False, at=at)
    source, target, _ = case.network.arcs
    inside = case.of[source] == case.of[target]
    internal = np.bincount(source[inside], minlength=case.network.size)
    external = np.bincount(source[~inside], minlength=case.network.size)
    return pl.DataFrame(
        {
            "node": case.network.column(),
            "group": [case.names[of] for of in case.of],
            "internal": internal,
            "external": external,
            "ei": _ratio(external - internal, external + internal),
        }
    )


def homophily(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
) -> Homophily:
    """How much do ties prefer their own group, over all pairs that could be tied?

    Of the fourfold table of pairs, tied or not by of one group or not. Checked against xucinet.

    >>> ties = {"source": ["A", "C"], "target": ["B", "A"]}
    >>> found = homophily(ties, {"A": "x", "B": "x", "C": "y"})
    >>> found.share, found.yules_q
    (0.5, 0.5)
    """
    case = bordered(ties, groups, nodes, directed=directed, at=at)
    tied, both = len(case.network.source), int(case.inside.sum())
    pairs, within = case.pairs
    inside, across = both, tied - both
    none_inside, none_across = within - inside, pairs - within - across
    crossed = inside * none_across, across * none_inside
    product = float(tied) * (pairs - tied) * within * (pairs - within)
    share = inside / tied if tied else None
    expected = within / pairs if pairs else None
    return Homophily(
        share=share,
        expected=expected,
        excess=share - expected if share is not None and expected is not None else None,
        yules_q=(crossed[0] - crossed[1]) / sum(crossed) if sum(crossed) else None,
        correlation=(crossed[0] - crossed[1]) / sqrt(product) if product else None,
    )


def tie_matrix(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
) -> pl.DataFrame:
    """How many ties go from each group to each other: the matrix of systems, in long form.

    A row for each ordered pair of groups, in order of their names: source, target, ties, weight
    (their sum), pairs (that could be tied), density (ties / pairs; null without pairs). Undirected:
    the matrix is symmetric, and a tie inside counts once.

    >>> ties = {"source": ["A", "C"], "target": ["B", "A"]}
    >>> tie_matrix(ties, {"A": "x", "B": "x", "C": "y"}).select("source", "target", "ties").rows()
    [('x', 'x', 1), ('x', 'y', 0), ('y', 'x', 1), ('y', 'y', 0)]
    """
    case = bordered(ties, groups, nodes, directed=directed, at=at)
    many, sizes = len(case.names), case.sizes.astype(float)
    source, target, weights = case.network.arcs
    cell = case.of[source] * many + case.of[target]
    counts = np.bincount(cell, minlength=many**2).reshape(many, many)
    weight = np.bincount(cell, weights=weights, minlength=many**2).reshape(many, many)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    if not case.network.directed:  # each tie inside a group came both ways
        own = np.eye(many, dtype=bool)
        counts, weight, pairs = (np.where(own, m / 2, m) for m in (counts, weight, pairs))
    return pl.DataFrame(
        {
            "source": np.repeat(case.names, many).tolist(),
            "target": case.names * many,
            "ties": counts.ravel().astype(np.int64),
            "weight": weight.ravel(),
            "pairs": pairs.ravel().astype(np.int64),
            "density": _ratio(counts.ravel(), pairs.ravel()),
        }
    )


def nominal_assortativity(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
) -> float | None:
    """Are ties between nodes of one group more common than their degrees suggest (Newman 2003)?

    (sum e_gg - sum a_g b_g) / (1 - sum a_g b_g), with e the shares of tie ends by group; 1 if all
    ties stay inside. None without ties, or if all ends are in one group.

    >>> nominal_assortativity({"source": ["A"], "target": ["B"]}, {"A": "x", "B": "y"})
    0.0
    """
    case = bordered(ties, groups, nodes, directed=directed, at=at)
    share, chance = _shares(case)
    return None if share is None or chance == 1 else (share - chance) / (1 - chance)


def _shares(case: Bordered) -> tuple[float | None, float]:
    """The share of ties inside a group, and sum over groups of (share sent) * (share got)."""
    total = len(case.network.arcs[0])
    if not total:
        return None, 0.0
    sent, got = (
        np.bincount(case.of, weights=degree, minlength=len(case.names)) / total
        for degree in _degrees(case.network)
    )
    return float(case.inside.mean()), float((sent * got).sum())


def border_modularity(
    ties: StaticTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
    strata: Groups | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> BorderModularity:
    """Do ties follow the given borders more than the degrees of nodes suggest?

    Q = (1/m) sum over pairs in one group of (A_ij - kout_i kin_j / m) (Leicht and Newman 2008);
    undirected sum_g (I_g / m - (d_g / 2m)^2). p against shuffled groups answers the question
    without any detection of communities. Without weights.

    >>> ties = {"source": ["A", "C"], "target": ["B", "D"]}
    >>> groups = {"A": "x", "B": "x", "C": "y", "D": "y"}
    >>> border_modularity(ties, groups, directed=False, replicates=9).modularity
    0.5
    """
    checked_draws(replicates, seed)
    case = bordered(ties, groups, nodes, directed=directed, at=at)
    share, chance = _shares(case)
    if share is None:
        return BorderModularity(None, 0, None, None, None)
    if not replicates:
        return BorderModularity(share - chance, 0, None, None, None)
    inside, products = _shuffled(case, strata, replicates, seed, products=True)
    total = len(case.network.arcs[0])
    null = inside / len(case.network.source) - products / float(total) ** 2
    return BorderModularity(
        share - chance,
        replicates,
        float(null.mean()),
        float(null.std(ddof=1)) if replicates > 1 else None,
        float(1 + (null >= share - chance - 1e-12).sum()) / (1 + replicates),
    )


def participation(
    ties: StaticTies, groups: Groups, *, nodes: Nodes = None, at: Any = None
) -> pl.DataFrame:
    """Whose partners are spread over many groups (Guimerà and Amaral 2005)?

    A row a node: node, group, degree (partners in any direction), participation = 1 - sum_s (k_is /
    k_i)^2 (0: all in one group; null without partners), within_z: the partners in its own group,
    against the mean and population sd of its group (0 where sd is 0). Nodes with few partners
    cannot be high.

    >>> ties = {"source": ["A", "A"], "target": ["B", "C"]}
    >>> participation(ties, {"A": "x", "B": "x", "C": "y"})["participation"].to_list()
    [0.5, 0.0, 0.0]
    """
    case = bordered(ties, groups, nodes, directed=False, at=at)
    size, many = case.network.size, len(case.names)
    source, target, _ = case.network.arcs
    cells, counts = np.unique(source * many + case.of[target], return_counts=True)
    squares = np.bincount(cells // many, weights=counts.astype(float) ** 2, minlength=size)
    degree = np.bincount(source, minlength=size)
    own = np.bincount(source[case.of[source] == case.of[target]], minlength=size)
    sizes = case.sizes
    mean = np.bincount(case.of, weights=own, minlength=many) / np.maximum(sizes, 1)
    apart = own - mean[case.of]
    sd = np.sqrt(np.bincount(case.of, weights=apart**2, minlength=many) / np.maximum(sizes, 1))
    z = np.divide(apart, sd[case.of], out=np.zeros(size), where=sd[case.of] > 0)
    return pl.DataFrame(
        {
            "node": case.network.column(),
            "group": [case.names[of] for of in case.of],
            "degree": degree,
            "participation": 1 - _ratio(squares, degree.astype(float) ** 2),
            "within_z": z,
        }
    )
