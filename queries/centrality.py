"""Which nodes are central: degree, betweenness, harmonic closeness, eigenvector, k-core, PageRank.

Exact by NetworkX or scipy; betweenness in a large network by sampling (networkit, the extra
`scale`), with its error and the groups of nodes that it cannot tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, log
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .permutation import generator
from .spread_inputs import Array
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = [
    "betweenness",
    "core_number",
    "degree",
    "eigenvector_centrality",
    "harmonic_closeness",
    "pagerank",
    "sampled_betweenness",
]

Nodes = Iterable[object] | pl.Series | None


def degree(
    ties: StaticTies, *, nodes: Nodes = None, directed: bool = True, at: Any = None
) -> pl.DataFrame:
    """How many ties does each node send and get, and with how many partners?

    A row a node: node, in_degree, out_degree, partners (in any direction), in_weight, out_weight.

    >>> degree({"source": ["A", "B"], "target": ["B", "A"]}).row(0)
    ('A', 1, 1, 1, 1.0, 1.0)
    """
    network = static_network(ties, nodes, directed=directed, at=at)
    source, target, weight = network.arcs
    size = network.size
    return pl.DataFrame(
        {
            "node": network.column(),
            "in_degree": np.bincount(target, minlength=size),
            "out_degree": np.bincount(source, minlength=size),
            "partners": np.diff(network.undirected.matrix().indptr).astype(np.int64),
            "in_weight": np.bincount(target, weights=weight, minlength=size),
            "out_weight": np.bincount(source, weights=weight, minlength=size),
        }
    )


def betweenness(
    ties: StaticTies, *, nodes: Nodes = None, directed: bool = True, at: Any = None
) -> pl.DataFrame:
    """On how many shortest paths between others does each node lie (Freeman 1977)? Exact.

    A row a node: node, betweenness (the sum over pairs of the share of their shortest paths;
    ordered pairs if directed), normalised (over the pairs of others). By NetworkX, in time nodes
    times ties: for more than some thousand nodes use `sampled_betweenness`.

    >>> betweenness({"source": ["A", "B"], "target": ["B", "C"]})["betweenness"].to_list()
    [0.0, 1.0, 0.0]
    """
    import networkx

    network = static_network(ties, nodes, directed=directed, at=at)
    found = networkx.betweenness_centrality(network.networkx(), normalized=False)
    values = np.array([found[node] for node in range(network.size)], dtype=float)
    pairs = (network.size - 1) * (network.size - 2) / (1 if network.directed else 2)
    share = values / pairs if pairs > 0 else np.zeros(network.size)
    return pl.DataFrame({"node": network.column(), "betweenness": values, "normalised": share})


def sampled_betweenness(
    ties: StaticTies,
    *,
    error: float = 0.01,
    confidence: float = 0.9,
    seed: int = 0,
    nodes: Nodes = None,
    at: Any = None,
) -> pl.DataFrame:
    """Which nodes lie on most shortest paths, in a network too large for exact betweenness?

    Of the undirected network. A row a node, highest first: node, normalised (0 to 1, as in
    `betweenness`), error, tie_group (from 1). With the confidence asked for every value is within
    `error` of the true one (KADABRA, Borassi and Natale 2016, by networkit). Nodes whose values are
    closer than twice the error cannot be told apart: they share a tie group, and only groups may be
    ranked.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"]}
    >>> sampled_betweenness(ties, error=0.1).row(0)[::3]
    ('B', 1)
    """
    if not (0 < error < 1 and 0 < confidence < 1):
        raise ArgumentFault("error", "error and confidence lie between 0 and 1")
    generator(seed)
    network = static_network(ties, nodes, directed=False, at=at)
    values = _kadabra(network, error, 1 - confidence, seed)
    order = np.lexsort((np.arange(network.size), -values))
    ranked = values[order]
    apart = np.append(0, np.cumsum(-np.diff(ranked) > 2 * error)) + 1
    return pl.DataFrame(
        {
            "node": network.column().gather(order),
            "normalised": ranked,
            "error": np.full(network.size, error),
            "tie_group": apart,
        }
    )


def _kadabra(network: StaticNetwork, error: float, doubt: float, seed: int) -> Array:
    from .communities import networkit_graph

    size, graph = network.size, networkit_graph(network)
    import networkit

    if _all_adjacent(network):  # it would look for a path between two others without end
        return np.zeros(size)
    # One thread, since the order in which several draw is no seed's.
    before = networkit.getMaxNumberOfThreads()
    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    try:
        scores = np.zeros(size)
        for node, score in (
            networkit.centrality.KadabraBetweenness(graph, error, doubt).run().ranking()
        ):
            scores[node] = score
        # Its scores are over all pairs, those with the node itself too.
        found: Array = np.minimum(scores / _kadabra_unit() * size / (size - 2), 1)
        return found
    finally:
        networkit.setNumberOfThreads(before)


def _all_adjacent(network: StaticNetwork) -> bool:
    """Is every node tied to every other that it can reach, so that no path leads over a third?"""
    from scipy.sparse.csgraph import connected_components

    matrix = network.matrix()
    _, part = connected_components(matrix, directed=False)
    return bool((np.diff(matrix.indptr) == np.bincount(part)[part] - 1).all())


def _kadabra_unit() -> float:
    """What networkit's KADABRA gives for a node on every shortest path: 1, or 2 in release 11.

    Measured on a star of ten: the middle is on 36 of its 45 paths.
    """
    import networkit

    star = networkit.Graph(10)
    for leaf in range(1, 10):
        star.addEdge(0, leaf)
    _, score = networkit.centrality.KadabraBetweenness(star, 0.05, 0.1).run().ranking()[0]
    return max(1.0, float(round(score / 0.8)))


def harmonic_closeness(
    ties: StaticTies, *, nodes: Nodes = None, directed: bool = True, at: Any = None
) -> pl.DataFrame:
    """How near are all others to each node?

    A row a node: node, harmonic (the sum of 1 / distance from each other node to it along the
    ties; nothing for one that has no path), normalised (over n - 1). Unlike closeness it is defined
    where some cannot reach it. Exact, by NetworkX.

    >>> harmonic_closeness({"source": ["A", "B"], "target": ["B", "C"]})["harmonic"].to_list()
    [0.0, 1.0, 1.5]
    """
    import networkx

    network = static_network(ties, nodes, directed=directed, at=at)
    found = networkx.harmonic_centrality(network.networkx())
    values = np.array([found[node] for node in range(network.size)], dtype=float)
    share = values / (network.size - 1) if network.size > 1 else values
    return pl.DataFrame({"node": network.column(), "harmonic": values, "normalised": share})


def eigenvector_centrality(
    ties: StaticTies, *, nodes: Nodes = None, at: Any = None, weighted: bool = False
) -> pl.DataFrame:
    """Which nodes are tied to nodes that are themselves central (Bonacich 1972)?

    A row a node: node, eigenvector: the principal eigenvector of the undirected network, of length
    1. It is defined within one component: the largest, the others have null. By scipy.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"]}
    >>> [round(value, 4) for value in eigenvector_centrality(ties)["eigenvector"]]
    [0.5, 0.7071, 0.5]
    """
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import eigsh

    network = static_network(ties, nodes, directed=False, at=at)
    matrix = network.matrix(weighted=weighted)
    _, parts = connected_components(matrix, directed=False)
    inside = np.flatnonzero(parts == np.bincount(parts).argmax())
    values, part = np.full(network.size, np.nan), matrix[inside][:, inside]
    if len(inside) > 2:
        vector = eigsh(part, k=1, which="LA", v0=np.ones(len(inside)))[1][:, 0]
        values[inside] = np.abs(vector)
    elif len(inside) == 2:
        values[inside] = 2**-0.5
    return pl.DataFrame({"node": network.column(), "eigenvector": values}).fill_nan(None)


def core_number(ties: StaticTies, *, nodes: Nodes = None, at: Any = None) -> pl.DataFrame:
    """In which k-core is each node (Seidman 1983)?

    A row a node: node, core: the largest k such that it is among nodes that each have k partners
    among them. Undirected, exact, by NetworkX.

    >>> pairs = ["AB", "BC", "AC", "CD"]
    >>> core_number([{"source": a, "target": b} for a, b in pairs])["core"].to_list()
    [2, 2, 2, 1]
    """
    import networkx

    network = static_network(ties, nodes, directed=False, at=at)
    found = networkx.core_number(network.networkx())
    cores = [found[node] for node in range(network.size)]
    return pl.DataFrame({"node": network.column(), "core": pl.Series(cores, dtype=pl.Int64)})


def pagerank(
    ties: StaticTies,
    *,
    damping: float = 0.85,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
    weighted: bool = False,
    tolerance: float = 1e-10,
) -> pl.DataFrame:
    """Where would one end who follows ties at random, and now and then starts anew?

    A row a node: node, pagerank (they sum to 1). Power iteration on the sparse matrix until the
    change summed over nodes is at most `tolerance`; a node that sends no tie sends to all alike.

    >>> pagerank({"source": ["A", "B"], "target": ["B", "A"]})["pagerank"].to_list()
    [0.5, 0.5]
    """
    if not 0 <= damping < 1:
        raise ArgumentFault("damping", "it lies between 0 and 1, 1 left out")
    if not 0 < tolerance < 1:
        raise ArgumentFault("tolerance", "it lies between 0 and 1")
    network = static_network(ties, nodes, directed=directed, at=at)
    matrix = network.matrix(weighted=weighted)
    sent = np.asarray(matrix.sum(axis=1)).ravel()
    share = np.divide(1.0, sent, out=np.zeros(network.size), where=sent > 0)
    back, nowhere = matrix.T.tocsr(), sent == 0
    rank = np.full(network.size, 1 / network.size)
    # A step changes at most 2, and each `damping` times what the one before did; rounding may keep
    # the change above a tolerance for ever.
    for _ in range(ceil(log(tolerance / 2) / log(damping)) + 1 if damping else 1):
        spread = back @ (rank * share) + rank[nowhere].sum() / network.size
        moved = damping * spread + (1 - damping) / network.size
        change, rank = float(np.abs(moved - rank).sum()), moved
        if change <= tolerance:
            break
    return pl.DataFrame({"node": network.column(), "pagerank": rank})
