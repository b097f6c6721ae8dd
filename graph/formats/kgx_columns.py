"""What the two KGX formats share: which Biolink terms stand for our kinds and columns.

KGX (https://github.com/biolink/kgx/blob/master/specification/kgx-format.md) wants of a node `id`
and `category`, of an edge `subject`, `predicate` and `object`. Our kinds are finer than Biolink's
classes, so `kind` stands beside; a column for which KGX has a name of its own stands under it.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ...ontology.model import NODE_KINDS
from .content import columns_of

__all__ = ["EDGES", "FILES", "NODES", "added", "names_of"]

FILES = {"nodes": "nodes", "relationships": "edges"}
"""Which file holds which group of tables; KGX knows them by these names."""

NODES = {"other_names": "synonym", "codes": "xref", "sources": "provided_by"}
EDGES = {"knowledge_level": "how_known"}

_CATEGORIES = {
    "Organisation": "biolink:Agent",
    "System": "biolink:Agent",
    "Location": "biolink:GeographicLocation",
    "Area": "biolink:GeographicLocation",
    "Review": "biolink:Activity",
    "Finding": "biolink:InformationContentEntity",
    "Concept": "biolink:InformationContentEntity",
    "Source": "biolink:InformationContentEntity",
}
_PREDICATES = {
    "PART_OF": "biolink:part_of",
    "MEMBER_OF": "biolink:member_of",
    "LOCATED_IN": "biolink:located_in",
}
_LEVELS = {
    "register": "knowledge_assertion",
    "finding": "knowledge_assertion",
    "survey": "observation",
    "inference": "prediction",
}


def names_of(group: str, kind: str) -> dict[str, str]:
    """The columns of a kind and what each is called in KGX.

    >>> names_of("nodes", "Barrier")["codes"]
    'xref'
    """
    renamed = NODES if group == "nodes" else EDGES
    return {column: renamed.get(column, column) for column in columns_of(group, kind)}


def added(kind: str) -> Mapping[str, pl.Expr]:
    """The columns that KGX has and our tables do not, made from ours; texts, but for the list
    `category`."""
    if kind in NODE_KINDS:
        category = _CATEGORIES.get(kind, "biolink:NamedThing")
        return {"category": pl.concat_list(pl.lit(category))}
    level = pl.col("knowledge_level").replace_strict(_LEVELS, default="not_provided")
    return {
        "predicate": pl.lit(_PREDICATES.get(kind, "biolink:related_to")),
        "knowledge_level": level,
        "agent_type": pl.lit("not_provided"),
    }
