"""Writes RDF graphs as Turtle whose bytes depend on their content alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .terms import NAMESPACES, concept_iri, iri
from .vocabularies import schemes

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import BNode, Node

__all__ = ["Triples"]


class Triples:
    """A growing RDF graph. Subjects, predicates and objects are given as terms (`org:hasSite`).

    >>> about = Triples()
    >>> about.add("icsgo:System", "rdfs:label", about.text("Integrated care system"))
    >>> print(about.turtle())
    @prefix icsgo: <https://w3id.org/icsgraph/ontology#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <BLANKLINE>
    icsgo:System rdfs:label "Integrated care system"@en .
    <BLANKLINE>
    """

    def __init__(self) -> None:
        from rdflib import Graph

        self.graph: Graph = Graph(bind_namespaces="none")
        for prefix, namespace in NAMESPACES.items():
            self.graph.bind(prefix, namespace)
        for scheme in schemes():
            self.graph.bind(scheme, concept_iri(scheme) + "/")

    def add(self, subject: str | Node, predicate: str, *objects: str | Node) -> None:
        """State `predicate` of `subject` once for each object; a `str` is a term."""
        for value in objects:
            self.graph.add((self.node(subject), self.node(predicate), self.node(value)))

    def text(self, text: str) -> Node:
        """A text in English."""
        from rdflib import Literal

        return Literal(text, lang="en")

    def value(self, value: str | int | bool) -> Node:
        """A plain value: a string, a whole number or a truth value."""
        from rdflib import Literal

        return Literal(value)

    def address(self, address: str) -> Node:
        """A resource by its whole IRI."""
        from rdflib import URIRef

        return URIRef(address)

    def concept(self, scheme: str, notation: str = "") -> Node:
        """A coded value, or its scheme."""
        from rdflib import URIRef

        return URIRef(concept_iri(scheme, notation))

    def blank(self, name: str) -> BNode:
        """A node without an address. The name keeps the order of the output and is not written."""
        from rdflib import BNode

        return BNode(name)

    def sequence(self, name: str, items: Iterable[str | Node]) -> Node:
        """An RDF list of the items, in their order."""
        nodes = [self.node(item) for item in items]
        links = [self.blank(f"{name}-{place:04}") for place in range(len(nodes))]
        rests: Iterable[str | Node] = [*links[1:], "rdf:nil"]
        for link, node, rest in zip(links, nodes, rests, strict=True):
            self.add(link, "rdf:first", node)
            self.add(link, "rdf:rest", rest)
        return links[0] if links else self.node("rdf:nil")

    def turtle(self) -> str:
        """The graph as Turtle, sorted, ending with one line break."""
        return self.graph.serialize(format="turtle").strip("\n") + "\n"

    def node(self, term: str | Node) -> Node:
        """The node that a term names; a node is itself."""
        from rdflib import URIRef
        from rdflib.term import Node

        return term if isinstance(term, Node) else URIRef(iri(term))
