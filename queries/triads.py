"""The compiled loops behind measures of structure: every triangle once, in arrays.

Loaded only when such a measure is asked for; compiled and kept as in `arrivals`. Each edge points
from its end with fewer ties to the one with more, so that no hub is searched for every tie it has:
all triangles of m edges take at most m to the power 3/2 steps.

An undirected graph is given by its edges, `low` and `high` with low < high, without repetition.
What belongs to a direction of edge e stands at [e, 0] for low to high, at [e, 1] for high to low.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrivals import compiled

__all__ = [
    "closed_triples",
    "ego_strength",
    "oriented",
    "redundancy",
    "role_of",
    "two_paths",
]

Array = np.ndarray[Any, Any]
Oriented = tuple[Array, Array, Array]
"""In compressed rows of nodes: where each row begins, the node that each edge points to, and the
number of the edge."""


def oriented(size: int, low: Array, high: Array) -> Oriented:
    """The edges of each node that point to a node with more of them (or as many, and later)."""
    degree = np.bincount(low, minlength=size) + np.bincount(high, minlength=size)
    upward = degree[low] <= degree[high]
    tail, head = np.where(upward, low, high), np.where(upward, high, low)
    order = np.argsort(tail * size + head)
    first = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=size), out=first[1:])
    return first, head[order], order


@compiled
def _room(edges: Oriented) -> tuple[Array, Array, Array]:
    """Room to work in: marks of nodes, edges by which they are reached, triangles of one node."""
    first, head, _ = edges
    most = 0
    for u in range(len(first) - 1):
        own = first[u + 1] - first[u]
        further = 0
        for at in range(first[u], first[u + 1]):
            further += first[head[at] + 1] - first[head[at]]
        most = max(most, min(own * (own - 1) // 2, further))
    size = len(first) - 1
    return np.full(size, -1), np.empty(size, np.int64), np.empty((most, 6), np.int64)


@compiled
def _triangles_of(u: int, edges: Oriented, mark: Array, via: Array, found: Array) -> int:
    """List the triangles in which u comes first: nodes u, v, w and edges uv, uw, vw; how many."""
    first, head, edge = edges
    count = 0
    for at in range(first[u], first[u + 1]):
        mark[head[at]], via[head[at]] = u, edge[at]
    for at in range(first[u], first[u + 1]):
        v = head[at]
        for other in range(first[v], first[v + 1]):
            w = head[other]
            if mark[w] == u:
                row = found[count]
                row[0], row[1], row[2] = u, v, w
                row[3], row[4], row[5] = edge[at], via[w], edge[other]
                count += 1
    return count


@compiled
def _turn(row: Array, turn: int) -> tuple[int, int, int, int, int, int]:
    """A triangle in one of its six orders: nodes i, j, q and edges ij, iq, qj."""
    u, v, w, uv, uw, vw = row[0], row[1], row[2], row[3], row[4], row[5]
    if turn == 0:
        return u, v, w, uv, uw, vw
    if turn == 1:
        return v, u, w, uv, vw, uw
    if turn == 2:
        return u, w, v, uw, uv, vw
    if turn == 3:
        return w, u, v, uw, vw, uv
    if turn == 4:
        return v, w, u, vw, uv, uw
    return w, v, u, vw, uw, uv


@compiled
def role_of(a: int, v: int, b: int) -> int:
    """Which role has a broker of group v between groups a and b; its place in `ROLES`."""
    if a == b:
        return 0 if a == v else 1
    if v == b:
        return 2
    return 3 if v == a else 4


@compiled
def closed_triples(edges: Oriented, flags: Array, groups: Array) -> Array:
    """How often is a -> v -> b closed by a -> b, for each node v and role.

    `flags` of an edge has bit 1 if low is tied to high, and bit 2 if high is tied to low.
    """
    mark, via, found = _room(edges)
    counts = np.zeros((len(mark), 5), np.int64)
    for u in range(len(mark)):
        for at in range(_triangles_of(u, edges, mark, via, found)):
            for turn in range(6):
                a, b, v, ab, av, vb = _turn(found[at], turn)
                there = (flags[ab] >> (a > b)) & (flags[av] >> (a > v)) & (flags[vb] >> (v > b))
                if there & 1:
                    counts[v, role_of(groups[a], groups[v], groups[b])] += 1
    return counts


@compiled
def two_paths(first: Array, head: Array, backs: Array, tails: Array, groups: Array) -> Array:
    """How often is there a -> v -> b, a other than b, for each node v and role.

    The nodes that v is tied to are `head`, from `first[v]` on; those tied to v `tails`, from
    `backs[v]` on; both sorted.
    """
    size, many = len(first) - 1, groups.max() + 1
    counts = np.zeros((size, 5), np.int64)
    into, out = np.zeros(many, np.int64), np.zeros(many, np.int64)
    for v in range(size):
        sent, got, own = head[first[v] : first[v + 1]], tails[backs[v] : backs[v + 1]], groups[v]
        into[:], out[:] = 0, 0
        for b in sent:
            out[groups[b]] += 1
        for a in got:
            into[groups[a]] += 1
        same, other = 0, 0  # ties that go both ways: a -> v -> a is no path between two
        at = 0
        for a in got:
            while at < len(sent) and sent[at] < a:
                at += 1
            if at < len(sent) and sent[at] == a:
                same += groups[a] == own
                other += groups[a] != own
        back = (into * out).sum() - into[own] * out[own]
        outside, beyond = len(got) - into[own], len(sent) - out[own]
        counts[v, 0] = into[own] * out[own] - same
        counts[v, 1] = back - other
        counts[v, 2] = outside * out[own]
        counts[v, 3] = into[own] * beyond
        counts[v, 4] = outside * beyond - back
    return counts


@compiled
def ego_strength(edges: Oriented, low: Array, high: Array, weight: Array) -> tuple[Array, Array]:
    """Of the ties that q has inside the network of ego i: their sum and the largest.

    For each edge iq and direction from i to q; the network of i holds i and those it is tied to.
    """
    mark, via, found = _room(edges)
    total, most = np.empty((len(weight), 2)), np.empty((len(weight), 2))
    for e in range(len(weight)):
        total[e, :], most[e, :] = weight[e], weight[e]
    for u in range(len(mark)):
        for at in range(_triangles_of(u, edges, mark, via, found)):
            for turn in range(6):
                i, q, _, iq, _, kq = _turn(found[at], turn)
                way = 1 if i > q else 0
                total[iq, way] += weight[kq]
                most[iq, way] = max(most[iq, way], weight[kq])
    return total, most


@compiled
def redundancy(
    edges: Oriented, weight: Array, strength: Array, total: Array, most: Array
) -> tuple[Array, Array]:
    """How much of what ego i puts into others leads to alter j, and is tied to j.

    For each edge ij and direction from i to j, over all q that both are tied to: the sum of p_iq
    p_qj, and the sum of p_iq m_jq (Burt 1992). `strength` sums the ties of a node; `total` and
    `most` are the sum and the largest of the ties of an alter, for each edge and direction.
    """
    mark, via, found = _room(edges)
    indirect, redundant = np.zeros((len(weight), 2)), np.zeros((len(weight), 2))
    for u in range(len(mark)):
        for at in range(_triangles_of(u, edges, mark, via, found)):
            for turn in range(6):
                i, j, q, ij, iq, qj = _turn(found[at], turn)
                way, share = 1 if i > j else 0, weight[iq] / strength[i]
                indirect[ij, way] += share * weight[qj] / total[iq, 1 if i > q else 0]
                redundant[ij, way] += share * weight[qj] / most[ij, way]
    return indirect, redundant
