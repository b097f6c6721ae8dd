"""N-Quads: RDF by lines, what each edition states in a named graph of its own.

A statement, and the plain triple that it makes, stand in the graph `icsg:source/<edition>`. What is
said of things stands in the default graph, since a build unites it over editions. Read back, a
triple says the same in whichever graph it stands.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from ..rdf import facts, lines, put
from ..snapshot import Snapshot
from .content import Content, Tell
from .losses import only_a_graph
from .rdf_about import about_facts
from .rdf_reading import read_rdf

__all__ = ["read", "write"]


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the triples of a snapshot to a new file, kind by kind, each by id."""
    parts = chain([about_facts(snapshot, "nquads")], facts(snapshot, graphs=True))
    with path.open("wb") as file:
        tell("Writing quads")
        for text in lines(parts):
            put(text, file)
    return only_a_graph(snapshot)


def read(path: Path) -> Content:
    """The things and statements of a file; `FileFault`, with the line if it is no N-Quads."""
    return read_rdf(path, "nquads")
