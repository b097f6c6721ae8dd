"""What a file of RDF says of itself: one triple with the manifest of the snapshot it is of."""

from __future__ import annotations

import polars as pl

from ...ontology.terms import iri
from ..files import json_text
from ..rdf import Facts
from ..rdf_terms import literal
from ..snapshot import Snapshot
from .about import about

__all__ = ["ABOUT", "EXPORT", "about_facts"]

EXPORT = iri("icsg:export/graph")
"""The subject of what a file says of itself."""

ABOUT = "icsgo:exported"
"""Its property: JSON with the format, the snapshot and its manifest."""


def about_facts(snapshot: Snapshot, format_name: str) -> Facts:
    """What an export of a snapshot says of itself."""
    out = Facts(pl.Series([f"<{EXPORT}>"]))
    out.add(ABOUT, literal(json_text(about(snapshot, format_name))))
    return out
