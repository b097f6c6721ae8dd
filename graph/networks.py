"""The NetworkX projection: the whole graph, or a part of it, as a MultiDiGraph."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import polars as pl

from ..ontology.model import NODE_KINDS, node_kind
from ..ontology.relationships import RELATIONSHIP_KINDS, relationship_kind
from .snapshot import Snapshot

__all__ = ["network"]


def _several(kinds: Iterable[str] | None) -> Iterable[str] | None:
    """The kinds named; one may stand alone."""
    return [kinds] if isinstance(kinds, str) else kinds


def network(
    snapshot: Snapshot,
    *,
    nodes: Iterable[str] | None = None,
    relationships: Iterable[str] | None = None,
) -> nx.MultiDiGraph[str]:
    """The graph of the given kinds (all, unless named) as a MultiDiGraph keyed by relationship id.

    A node is its identifier and a relationship's key its id, so two sources that say the same stay
    two edges. Attributes are the columns of the tables, `kind` among them; what is unknown is left
    out, not None. With `nodes` given, only relationships between nodes of those kinds remain.
    `UnknownName` for a kind that there is none of.
    """
    nodes, relationships = _several(nodes), _several(relationships)
    wanted = [node_kind(kind).__name__ for kind in nodes] if nodes is not None else list(NODE_KINDS)
    ties = (
        [relationship_kind(kind).__name__ for kind in relationships]
        if relationships is not None
        else list(RELATIONSHIP_KINDS)
    )
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(snapshot=snapshot.id)
    for kind in wanted:
        for row in snapshot.nodes(kind).iter_rows(named=True):
            graph.add_node(row.pop("id"), **_known(row))
    ids = pl.Series("id", list(graph), dtype=pl.String)
    for kind in ties:
        table = snapshot.relationships(kind)
        inside = table.filter(
            pl.col("subject").is_in(ids.implode()) & pl.col("object").is_in(ids.implode())
        )
        for row in inside.iter_rows(named=True):
            start, end, key = row.pop("subject"), row.pop("object"), row.pop("id")
            graph.add_edge(start, end, key=key, **_known(row))
    return graph


def _known(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None and value != []}
