"""Ties without their dates, as a sparse matrix: what measures of structure are computed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, shown
from .spread_inputs import Array, Scale, Table, read_nodes, read_ties, times_read

if TYPE_CHECKING:
    import networkx
    from scipy.sparse import csr_array

__all__ = ["StaticNetwork", "StaticTies", "static_network"]


@dataclass(frozen=True, eq=False)
class StaticNetwork:
    """Who is tied to whom, each pair once; made by `static_network`.

    `source` and `target` number the nodes of each tie and `weight` weighs it. In an undirected
    network every tie is there once, its source numbered below its target. Every function on
    structure takes one in place of a table of ties.
    """

    nodes: tuple[str, ...]
    directed: bool
    source: Array
    target: Array
    weight: Array

    @classmethod
    def of(
        cls, nodes: tuple[str, ...], directed: bool, tail: Array, head: Array, weight: Array
    ) -> StaticNetwork:
        """Each pair once, in order; of several weights the largest."""
        if not directed:
            tail, head = np.minimum(tail, head), np.maximum(tail, head)
        keys, where = np.unique(tail * len(nodes) + head, return_inverse=True)
        largest = np.zeros(len(keys))
        np.maximum.at(largest, where, weight)
        return cls(nodes, directed, *np.divmod(keys, len(nodes)), largest)

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.nodes)

    @cached_property
    def undirected(self) -> StaticNetwork:
        """A pair is tied if there is a tie in any direction; weights both ways are added up."""
        if not self.directed:
            return self
        low, high = np.minimum(self.source, self.target), np.maximum(self.source, self.target)
        keys, where = np.unique(low * self.size + high, return_inverse=True)
        weight = np.bincount(where, weights=self.weight, minlength=len(keys))
        return StaticNetwork(self.nodes, False, *np.divmod(keys, self.size), weight)

    @cached_property
    def either_way(self) -> StaticNetwork:
        """A pair is tied if there is a tie in any direction; of two weights the larger holds."""
        if not self.directed:
            return self
        return StaticNetwork.of(self.nodes, False, self.source, self.target, self.weight)

    def over(self, nodes: tuple[str, ...], argument: str = "ties") -> StaticNetwork:
        """The same ties in another universe; ArgumentFault if it lacks a node."""
        if nodes == self.nodes:
            return self
        place = {name: number for number, name in enumerate(nodes)}
        strange = next((name for name in self.nodes if name not in place), None)
        if strange is not None:
            said = f"it names {shown(strange)}, which is not among the nodes"
            raise ArgumentFault(argument, said)
        to = np.array([place[name] for name in self.nodes], dtype=np.int64)
        return StaticNetwork.of(nodes, self.directed, to[self.source], to[self.target], self.weight)

    def among(self, kept: Array) -> StaticNetwork:
        """The network of the nodes that `kept` marks, and of the ties between them."""
        place = np.cumsum(kept) - 1
        inside = kept[self.source] & kept[self.target]
        return StaticNetwork(
            tuple(node for node, keep in zip(self.nodes, kept, strict=True) if keep),
            self.directed,
            place[self.source[inside]],
            place[self.target[inside]],
            self.weight[inside],
        )

    @cached_property
    def arcs(self) -> tuple[Array, Array, Array]:
        """Source, target and weight; in an undirected network every tie both ways."""
        if self.directed:
            return self.source, self.target, self.weight
        return (
            np.concatenate([self.source, self.target]),
            np.concatenate([self.target, self.source]),
            np.tile(self.weight, 2),
        )

    def matrix(self, *, weighted: bool = False) -> csr_array:
        """The adjacency matrix: 1 (or the weight) where row is tied to column."""
        from scipy.sparse import csr_array

        source, target, weight = self.arcs
        values = weight if weighted else np.ones(len(source))
        return csr_array((values, (source, target)), shape=(self.size, self.size))

    def networkx(self) -> networkx.Graph:
        """The network as a NetworkX graph, whose nodes are numbers; edges carry `weight`."""
        import networkx

        graph = networkx.DiGraph() if self.directed else networkx.Graph()
        graph.add_nodes_from(range(self.size))
        edges = zip(self.source.tolist(), self.target.tolist(), self.weight.tolist(), strict=True)
        graph.add_weighted_edges_from(edges)
        return graph

    def column(self) -> pl.Series:
        """The nodes as a column `node`."""
        return pl.Series("node", self.nodes, dtype=pl.String)


StaticTies = Table | StaticNetwork
"""A table of ties, or a network that `static_network` prepared from one."""


def static_network(
    ties: StaticTies,
    nodes: Iterable[object] | pl.Series | None = None,
    *,
    directed: bool = True,
    at: Any = None,
    argument: str = "ties",
) -> StaticNetwork:
    """Who is tied to whom: ties by the rules of `spread_inputs`, each pair once.

    With `at` only ties that hold at that time (start <= at < end), else all that ever held.
    Undirected: a pair is tied whichever way it is listed. Ties of a node with itself are left out;
    of two weights the larger holds. A network that is prepared is returned as it is; `directed`
    False makes it undirected in the same way, `nodes` gives it another universe.

    >>> network = static_network({"source": ["A", "B", "A"], "target": ["B", "A", "C"]})
    >>> len(network.source), len(network.undirected.source)
    (3, 2)
    """
    if isinstance(ties, StaticNetwork):
        if at is not None:
            hint = "Say `at` where the network is prepared."
            raise ArgumentFault("at", "a prepared network has no dates", hint)
        network = ties if nodes is None else ties.over(read_nodes(nodes), argument)
        return network if directed else network.either_way
    read = read_ties(ties, nodes, argument=argument)
    held = np.ones(len(read.source), dtype=bool)
    if at is not None:
        moment = _moment(at, read.scale)
        held = (read.start <= moment) & (moment < read.end)
    ends = (read.source[held], read.target[held])
    return StaticNetwork.of(read.nodes, directed, *ends, read.weight[held])


def _moment(at: Any, scale: Scale | None) -> float:
    own, times = times_read(pl.Series([at]), "at")
    if scale and own is not scale:
        raise ArgumentFault("at", f"{shown(at)} is of another kind than the times of the ties")
    return float(times[0])
