"""The rdflib projection: the triples of a snapshot or view in memory, to go on with in Python."""

from __future__ import annotations

from collections.abc import Iterable

import rdflib

from ..ontology.terms import NAMESPACES
from .rdf import facts, lines
from .snapshot import Snapshot

__all__ = ["rdflib_graph"]


def rdflib_graph(
    snapshot: Snapshot,
    *,
    nodes: Iterable[str] | None = None,
    relationships: Iterable[str] | None = None,
) -> rdflib.Graph:
    """All triples of a snapshot or view, or of the named kinds of it, as an rdflib graph, with the
    prefixes of the ontology.

    Some 50 triples a thing: a system or the bundled evidence takes seconds, a country many minutes.
    """
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in sorted(NAMESPACES.items()):
        graph.bind(prefix, namespace)
    texts = lines(facts(snapshot, nodes, relationships))
    data = "".join(f"{line}\n" for text in texts for line in text)
    return graph.parse(data=data, format="nt")
