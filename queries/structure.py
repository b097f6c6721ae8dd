"""Measures of the structure of collaboration, all in one place; each module tells one idea.

Plain functions on tables of ties and groups (`spread_inputs`), or on a `StaticNetwork` prepared
once for many of them. What they compute by hand, and against what it was checked, says each.
"""

from __future__ import annotations

from .borders import (
    BorderModularity,
    EIIndex,
    Homophily,
    border_modularity,
    ei_by_group,
    ei_by_node,
    ei_index,
    homophily,
    nominal_assortativity,
    participation,
    tie_matrix,
)
from .borders_over_time import ei_by_period
from .brokerage import ROLES, brokerage, brokerage_totals
from .centrality import (
    betweenness,
    core_number,
    degree,
    eigenvector_centrality,
    harmonic_closeness,
    pagerank,
    sampled_betweenness,
)
from .communities import (
    PartitionLikeness,
    communities,
    communities_against_borders,
    overlapping_communities,
    partition_likeness,
)
from .cores import CorePeriphery, core_periphery
from .multiplexity import Multiplexity, multiplexity
from .network_figures import WholeNetwork, centralisation, components, whole_network
from .qap import MRQAP, QAPCorrelation, mrqap, qap_correlation
from .reciprocity import Reciprocity, one_sided_ties, reciprocity, survey_scores
from .static_network import StaticNetwork, static_network
from .structural_holes import structural_holes

__all__ = [
    "MRQAP",
    "ROLES",
    "BorderModularity",
    "CorePeriphery",
    "EIIndex",
    "Homophily",
    "Multiplexity",
    "PartitionLikeness",
    "QAPCorrelation",
    "Reciprocity",
    "StaticNetwork",
    "WholeNetwork",
    "betweenness",
    "border_modularity",
    "brokerage",
    "brokerage_totals",
    "centralisation",
    "communities",
    "communities_against_borders",
    "components",
    "core_number",
    "core_periphery",
    "degree",
    "ei_by_group",
    "ei_by_node",
    "ei_by_period",
    "ei_index",
    "eigenvector_centrality",
    "harmonic_closeness",
    "homophily",
    "mrqap",
    "multiplexity",
    "nominal_assortativity",
    "one_sided_ties",
    "overlapping_communities",
    "pagerank",
    "participation",
    "partition_likeness",
    "qap_correlation",
    "reciprocity",
    "sampled_betweenness",
    "static_network",
    "structural_holes",
    "survey_scores",
    "tie_matrix",
    "whole_network",
]
