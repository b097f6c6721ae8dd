"""Groups found in the ties themselves, and how like they are to given borders.

Detection is random: give several seeds and show how far they differ. Compare by ARI or AMI, which
are corrected for chance; with 42 groups a raw NMI is high for any division.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, MissingService
from .borders import bordered
from .groups import Groups
from .permutation import checked_draws, generator
from .spread_inputs import Array, Table, frame_of, names_in
from .static_network import StaticNetwork, StaticTies, static_network

if TYPE_CHECKING:
    import networkit

__all__ = [
    "PartitionLikeness",
    "communities",
    "communities_against_borders",
    "networkit_graph",
    "overlapping_communities",
    "partition_likeness",
]

Method = Literal["louvain", "leiden"]
Nodes = Iterable[object] | pl.Series | None
SCALE = "Install it: pip install 'icsgraph[scale]'"


@dataclass(frozen=True, slots=True)
class PartitionLikeness:
    """How like two divisions of the same nodes are; information is in nats.

    `adjusted_rand` (Hubert and Arabie 1985) and `adjusted_mutual_information` (arithmetic mean) are
    0 on average for unrelated divisions and 1 for equal ones. `p_ge` is the share of shuffles of
    one division with as high an adjusted Rand index.
    """

    adjusted_rand: float
    adjusted_mutual_information: float
    nmi: float
    mutual_information: float
    variation_of_information: float
    replicates: int
    null_mean: float | None
    null_sd: float | None
    p_ge: float | None


def communities(
    ties: StaticTies,
    *,
    method: Method = "louvain",
    seed: int = 0,
    nodes: Nodes = None,
    at: Any = None,
    weighted: bool = False,
) -> pl.DataFrame:
    """Which nodes are tied more among themselves than to others?

    A row a node: node, community (from 0, the largest first, then by first node). Maximises
    modularity of the undirected network: Louvain (NetworkX), or Leiden (networkit, the extra
    `scale`; for large networks).

    >>> pairs = ["AB", "BC", "AC", "DE", "EF", "DF", "CD"]
    >>> ties = [{"source": a, "target": b} for a, b in pairs]
    >>> communities(ties)["community"].to_list()
    [0, 0, 0, 1, 1, 1]
    """
    generator(seed)
    network = static_network(ties, nodes, directed=False, at=at)
    if method == "louvain":
        found = _louvain(network, seed, weighted)
    elif method == "leiden":
        found = _leiden(network, seed, weighted)
    else:
        raise ArgumentFault("method", "it is neither louvain nor leiden")
    return pl.DataFrame([network.column(), pl.Series("community", _in_order(found))])


def _louvain(network: StaticNetwork, seed: int, weighted: bool) -> Array:
    import networkx

    graph = network.networkx()
    weight = "weight" if weighted else None
    parts = networkx.community.louvain_communities(graph, weight=weight, seed=seed)
    found = np.empty(network.size, dtype=np.int64)
    for number, part in enumerate(parts):
        found[list(part)] = number
    return found


def networkit_graph(network: StaticNetwork, *, weighted: bool = False) -> networkit.Graph:
    """The network for networkit; MissingService where the extra `scale` is not installed."""
    try:
        import networkit
    except ImportError as missing:
        raise MissingService("networkit", SCALE) from missing
    weights = network.weight if weighted else np.ones(len(network.source))
    ends = (network.source.astype(np.uint64), network.target.astype(np.uint64))
    return networkit.GraphFromCoo(
        (weights, ends), n=network.size, weighted=weighted, directed=network.directed
    )


def _leiden(network: StaticNetwork, seed: int, weighted: bool) -> Array:
    graph = networkit_graph(network, weighted=weighted)
    import networkit

    # One thread, since the order in which several finish is no seed's.
    before = networkit.getMaxNumberOfThreads()
    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    try:
        run = networkit.community.ParallelLeiden(graph, randomize=True).run()
        return np.array(run.getPartition().getVector(), dtype=np.int64)
    finally:
        networkit.setNumberOfThreads(before)


def _in_order(found: Array) -> Array:
    """Communities numbered from the largest, then from the one whose node comes first."""
    _, first, numbers, sizes = np.unique(
        found, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    ordered: Array = rank[numbers]
    return ordered


def communities_against_borders(
    ties: StaticTies,
    groups: Groups,
    *,
    method: Method = "louvain",
    seeds: int = 20,
    nodes: Nodes = None,
    at: Any = None,
) -> pl.DataFrame:
    """Do communities of ties follow the given borders, whatever the seed?

    A row a seed: seed, communities (how many), modularity, and their likeness to the groups:
    adjusted_rand, adjusted_mutual_information, nmi, variation_of_information. Give the spread of
    the rows, not the best. Nodes in no group are left out.

    >>> pairs = ["AB", "BC", "AC", "DE", "EF", "DF", "CD"]
    >>> ties = [{"source": a, "target": b} for a, b in pairs]
    >>> groups = dict(zip("ABCDEF", "xxxyyy"))
    >>> communities_against_borders(ties, groups, seeds=2)["adjusted_rand"].to_list()
    [1.0, 1.0]
    """
    if seeds < 1:
        raise ArgumentFault("seeds", "there must be one or more")
    case = bordered(ties, groups, nodes, directed=False, at=at)
    rows = []
    for seed in range(seeds):
        found = communities(case.network, method=method, seed=seed)["community"].to_numpy()
        like = _likeness(found, case.of)
        row = {"seed": seed, "communities": int(found.max()) + 1}
        rows.append({**row, "modularity": _modularity(case.network, found), **like})
    return pl.DataFrame(rows).drop("mutual_information")


def _modularity(network: StaticNetwork, of: Array) -> float | None:
    count = len(network.source)
    if not count:
        return None
    inside = float((of[network.source] == of[network.target]).mean())
    ends = np.bincount(of[np.concatenate([network.source, network.target])]) / (2 * count)
    return inside - float((ends**2).sum())


def partition_likeness(
    first: Table | Mapping[str, Any],
    second: Table | Mapping[str, Any],
    *,
    replicates: int = 0,
    seed: int = 0,
) -> PartitionLikeness:
    """How like are two divisions of the same nodes (communities, systems)?

    Each is a frame {node, group} or a mapping. Over the nodes that both put in a group;
    ArgumentFault if there is none. Computed by scikit-learn.

    >>> like = partition_likeness(dict(zip("abcd", [0, 0, 1, 1])), dict(zip("abcd", [0, 0, 1, 2])))
    >>> round(like.adjusted_rand, 4)
    0.5714
    """
    from sklearn.metrics import adjusted_rand_score

    chance = checked_draws(replicates, seed)
    one, two = (_division(given, name) for given, name in ((first, "first"), (second, "second")))
    both = one.join(two, on="node", how="inner").sort("node")
    if both.is_empty():
        raise ArgumentFault("second", "it puts no node of the first in a group")
    a, b = (both[name].rank("dense").to_numpy() for name in ("group", "group_right"))
    like = _likeness(a, b)
    null = np.array([adjusted_rand_score(chance.permutation(a), b) for _ in range(replicates)])
    above = int((null >= like["adjusted_rand"] - 1e-12).sum())
    return PartitionLikeness(
        **like,
        replicates=replicates,
        null_mean=float(null.mean()) if replicates else None,
        null_sd=float(null.std(ddof=1)) if replicates > 1 else None,
        p_ge=(1 + above) / (1 + replicates) if replicates else None,
    )


def _division(given: Table | Mapping[str, Any], argument: str) -> pl.DataFrame:
    if isinstance(given, Mapping) and "node" not in given:
        groups = [None if group is None else str(group) for group in given.values()]
        given = {"node": [str(node) for node in given], "group": groups}
    rows = frame_of(given, argument, ["node", "group"])
    names = names_in(rows, "node", argument)
    if names.is_duplicated().any():
        raise ArgumentFault(argument, "a node comes twice")
    return pl.DataFrame({"node": names, "group": rows["group"].cast(pl.String)}).drop_nulls()


def _likeness(a: Array, b: Array) -> dict[str, float]:
    from sklearn import metrics

    mutual = float(metrics.mutual_info_score(a, b))
    return {
        "adjusted_rand": float(metrics.adjusted_rand_score(a, b)),
        "adjusted_mutual_information": float(metrics.adjusted_mutual_info_score(a, b)),
        "nmi": float(metrics.normalized_mutual_info_score(a, b)),
        "mutual_information": mutual,
        "variation_of_information": max(0.0, _entropy(a) + _entropy(b) - 2 * mutual),
    }


def _entropy(of: Array) -> float:
    share = np.unique(of, return_counts=True)[1] / len(of)
    return float(-(share * np.log(share)).sum())


def overlapping_communities(
    ties: StaticTies, k: int = 3, *, nodes: Nodes = None, at: Any = None
) -> pl.DataFrame:
    """Which communities overlap: unions of cliques of `k` nodes that share all but one?

    Clique percolation (Palla and others 2005) by NetworkX. Rows community (from 0, the largest
    first), node; a node may be in several, or in none.

    >>> pairs = ["AB", "BC", "AC", "CD", "DE", "CE"]
    >>> ties = [{"source": a, "target": b} for a, b in pairs]
    >>> overlapping_communities(ties).rows()
    [(0, 'A'), (0, 'B'), (0, 'C'), (1, 'C'), (1, 'D'), (1, 'E')]
    """
    import networkx

    if k < 2:
        raise ArgumentFault("k", "a clique has two nodes or more")
    network = static_network(ties, nodes, directed=False, at=at)
    found = networkx.community.k_clique_communities(network.networkx(), k)
    parts = sorted((sorted(part) for part in found), key=lambda part: (-len(part), part))
    rows = [(number, network.nodes[node]) for number, part in enumerate(parts) for node in part]
    return pl.DataFrame(rows, schema={"community": pl.Int64, "node": pl.String}, orient="row")
