"""What a format cannot hold, in words."""

from __future__ import annotations

from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot

__all__ = ["only_a_graph"]


def only_a_graph(snapshot: Snapshot) -> tuple[str, ...]:
    """What of a snapshot is left out by a format of nodes and edges, a sentence each."""
    series = {name: snapshot.series(name).height for name in snapshot.series_names}
    records = sum(snapshot.records(kind).height for kind in NODE_KINDS)
    history = sum(snapshot.history(kind).height for kind in RELATIONSHIP_KINDS)
    lost = []
    if any(series.values()):
        named = ", ".join(f"{name} ({rows:,} rows)" for name, rows in series.items() if rows)
        lost.append(f"Left out, the measurements: {named}.")
    if records:
        lost.append(
            f"Left out, what each source says of things that several describe: {records:,}."
        )
    if history:
        lost.append(f"Left out, what older editions say of the same statements: {history:,}.")
    if lost:
        lost.append("The formats parquet, csv and sqlite hold these.")
    return tuple(lost)
