"""Burt's structural holes: who ties together partners that are otherwise not tied?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import Array
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = ["structural_holes"]


def structural_holes(
    ties: StaticTies,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    directed: bool = True,
    at: Any = None,
    version: Literal["whole-network", "ego-network"] = "whole-network",
    weighted: bool = False,
) -> pl.DataFrame:
    """How constrained is each node by its partners, and how many of them are not redundant?

    A row a node: node, degree (partners in any direction), effective_size, efficiency (effective
    size / degree), constraint, hierarchy. Null for a node without ties; hierarchy null for one with
    a single partner.

    With z_ij the ties between i and j both ways added up (`weighted`: their weights), p_ij = z_ij /
    sum_k z_ik and m_jq = z_jq / max_k z_jk:

    * constraint c_i = sum_j c_ij, c_ij = (p_ij + sum_q p_iq p_qj)^2
    * effective size = sum_j (1 - sum_q p_iq m_jq); without weights k - 2t/k for t ties among k
      partners (Borgatti 1997)
    * hierarchy = Coleman-Theil disorder of the c_ij (Burt 1992)

    Two versions are in use and differ on the same data. "whole-network": the p and m of a partner
    count all its ties (igraph, NetworkX). "ego-network": only those within ego's own network
    (UCINET's default). `directed` False: i and j are tied once, whatever the directions.

    >>> star = {"source": ["A", "A", "A", "B"], "target": ["B", "C", "D", "C"]}
    >>> holes = structural_holes(star, directed=False)
    >>> [round(value, 3) for value in holes.row(0)[2:]]
    [2.333, 0.778, 0.611, 0.052]
    """
    from .triads import ego_strength, oriented, redundancy

    if version not in ("whole-network", "ego-network"):
        raise ArgumentFault("version", "it is neither whole-network nor ego-network")
    network = static_network(ties, nodes, directed=directed, at=at)
    low, high, weight = _both_ways(network, weighted)
    ends = np.concatenate([low, high])
    strength = np.bincount(ends, weights=np.tile(weight, 2), minlength=network.size)
    edges = oriented(network.size, low, high)
    if version == "ego-network":
        total, most = ego_strength(edges, low, high, weight)
    else:
        largest = np.zeros(network.size)
        np.maximum.at(largest, ends, np.tile(weight, 2))
        total = np.column_stack([strength[high], strength[low]])
        most = np.column_stack([largest[high], largest[low]])
    indirect, redundant = redundancy(edges, weight, strength, total, most)
    own = np.column_stack([weight / strength[low], weight / strength[high]])
    return _table(network, np.column_stack([low, high]), (own + indirect) ** 2, redundant)


def _both_ways(network: StaticNetwork, weighted: bool) -> tuple[Array, Array, Array]:
    """Every tied pair once with z_ij + z_ji."""
    if not weighted:
        one = np.ones(len(network.source))
        network = StaticNetwork(
            network.nodes, network.directed, network.source, network.target, one
        )
    pairs = network.undirected
    return pairs.source, pairs.target, pairs.weight


def _table(
    network: StaticNetwork, ends: Array, constraint: Array, redundant: Array
) -> pl.DataFrame:
    ego, size = ends.ravel(), network.size
    degree = np.bincount(ego, minlength=size)
    tied = degree > 0
    effective = degree - np.bincount(ego, weights=redundant.ravel(), minlength=size)
    whole = np.bincount(ego, weights=constraint.ravel(), minlength=size)
    mean = np.divide(whole, degree, out=np.ones(size), where=tied)
    ratio = constraint.ravel() / mean[ego]
    disorder = np.bincount(ego, weights=ratio * np.log(ratio), minlength=size)
    several = degree > 1
    scale = degree * np.log(np.maximum(degree, 1))
    hierarchy = np.divide(disorder, scale, out=np.full(size, np.nan), where=several)
    efficiency = np.divide(effective, degree, out=np.full(size, np.nan), where=tied)
    measured = pl.DataFrame(
        {
            "degree": degree,
            "effective_size": np.where(tied, effective, np.nan),
            "efficiency": efficiency,
            "constraint": np.where(tied, whole, np.nan),
            "hierarchy": hierarchy,
        }
    )
    return measured.fill_nan(None).insert_column(0, network.column())
