"""Figures of a whole network: how dense, connected, closed and centralised is it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .centrality import betweenness
from .spread_inputs import Array
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = ["WholeNetwork", "centralisation", "components", "whole_network"]

Nodes = Iterable[object] | pl.Series | None
REACHABLE = 3000
"""Up to so many nodes Krackhardt's hierarchy is computed: it needs every pair."""


@dataclass(frozen=True, slots=True)
class WholeNetwork:
    """Figures of a network; None where there is nothing to divide.

    `density` of ties among ordered pairs (pairs, if undirected); it falls as networks grow, so
    compare systems of unlike size by `mean_degree` (partners in any direction). `components` are
    weak ones, `largest_component` the nodes of the largest, `connectedness` the share of pairs in
    one component (Krackhardt 1994). `hierarchy`: of the pairs in which one can reach the other
    along directed ties, the share in which it cannot come back; None for undirected ties and above
    3,000 nodes. `transitivity`: of the paths a -> v -> b the share with a -> b (the weak form of
    `sna::gtrans`); `triangle_transitivity`: the same without directions.
    """

    nodes: int
    ties: int
    isolates: int
    density: float | None
    mean_degree: float
    components: int
    largest_component: int
    connectedness: float | None
    hierarchy: float | None
    transitivity: float | None
    triangle_transitivity: float | None


def whole_network(
    ties: StaticTies, *, nodes: Nodes = None, directed: bool = True, at: Any = None
) -> WholeNetwork:
    """How dense, connected and closed is the network?

    >>> figures = whole_network({"source": ["A", "B", "A"], "target": ["B", "C", "C"]})
    >>> figures.density, figures.components, figures.transitivity
    (0.5, 1, 1.0)
    """
    network = static_network(ties, nodes, directed=directed, at=at)
    partners = np.diff(network.undirected.matrix().indptr)
    sizes = components(network)["component"].value_counts()["count"].to_numpy()
    pairs = network.size * (network.size - 1) / 2
    together = float((sizes * (sizes - 1.0)).sum() / 2)
    count = len(network.source)
    return WholeNetwork(
        nodes=network.size,
        ties=count,
        isolates=int((partners == 0).sum()),
        density=count / (pairs * (2 if network.directed else 1)) if pairs else None,
        mean_degree=float(partners.mean()),
        components=len(sizes),
        largest_component=int(sizes.max()),
        connectedness=together / pairs if pairs else None,
        hierarchy=_hierarchy(network) if network.directed else None,
        transitivity=_transitivity(network),
        triangle_transitivity=_transitivity(network.undirected),
    )


def components(
    ties: StaticTies, *, nodes: Nodes = None, strong: bool = False, at: Any = None
) -> pl.DataFrame:
    """Which nodes are joined by ties, whatever their directions (`strong`: both ways, by paths)?

    A row a node: node, component (from 0, the largest first, then by first node) and size. By
    scipy.

    >>> components({"source": ["A", "C"], "target": ["B", "D"]}, nodes="ABCDE").rows()[-2:]
    [('D', 1, 2), ('E', 2, 1)]
    """
    from scipy.sparse.csgraph import connected_components

    network = static_network(ties, nodes, at=at)
    kind = "strong" if strong else "weak"
    _, found = connected_components(network.matrix(), directed=True, connection=kind)
    _, first, sizes = np.unique(found, return_index=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return pl.DataFrame({"node": network.column(), "component": rank[found], "size": sizes[found]})


def _hierarchy(network: StaticNetwork) -> float | None:
    from scipy.sparse.csgraph import shortest_path

    if network.size > REACHABLE:
        return None
    there = np.isfinite(shortest_path(network.matrix(), unweighted=True))
    np.fill_diagonal(there, False)
    either, both = (there | there.T).sum(), (there & there.T).sum()
    return float(1 - both / either) if either else None


def _transitivity(network: StaticNetwork) -> float | None:
    from .brokerage import open_and_closed

    still_open, closed = open_and_closed(network)
    return closed / (still_open + closed) if still_open + closed else None


def centralisation(
    ties: StaticTies,
    by: Literal["in-degree", "out-degree", "degree", "betweenness"] = "in-degree",
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
) -> float | None:
    """How far is the network centred on one node (Freeman 1979)? 0 to 1.

    sum(max - c) over its largest possible value: (n - 1)^2 for in- and out-degree, (n - 1)(n - 2)
    for the degree in an undirected network, and for betweenness (exact) (n - 1)^2 (n - 2), half of
    that if undirected. None for networks in which it can only be 0.

    >>> star = {"source": ["B", "C", "D"], "target": ["A", "A", "A"]}
    >>> centralisation(star), centralisation(star, "degree", directed=False)
    (1.0, 1.0)
    """
    network = static_network(ties, nodes, directed=directed, at=at)
    n, one = network.size, 1 if network.directed else 2
    source, target, _ = network.arcs
    if by == "betweenness":
        scores, most = betweenness(network)["betweenness"].to_numpy(), (n - 1) ** 2 * (n - 2) / one
    elif by in ("in-degree", "out-degree") and network.directed:
        scores = np.bincount(target if by == "in-degree" else source, minlength=n)
        most = (n - 1) ** 2
    elif by == "degree":
        scores, most = _degree(network), (n - 1) * (n - 2)
    else:
        raise ArgumentFault("by", "it is none of in-degree, out-degree, degree, betweenness")
    return float((scores.max() - scores).sum() / most) if most > 0 else None


def _degree(network: StaticNetwork) -> Array:
    pairs = network.undirected
    return np.bincount(np.concatenate([pairs.source, pairs.target]), minlength=network.size)
