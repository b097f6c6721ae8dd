"""What an exported file holds of a graph, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ...ontology.tables import SERIES, schema
from ..snapshot import Snapshot

__all__ = ["GROUPS", "Content", "Said", "Tell", "columns_of", "silent", "tables_of"]

Tell = Callable[[str], None]

GROUPS = ("nodes", "relationships", "records", "history", "series")
"""The groups of tables of a snapshot, as its folders are called."""

_MORE: Mapping[str, Mapping[str, pl.DataType]] = {
    "records": {"rank": pl.Int32(), "own_id": pl.String()}
}


def silent(step: str) -> None:
    """Say nothing of a step."""


class Said(NamedTuple):
    """What an export of ours says of itself: the manifest of the snapshot that was exported, and
    how many rows each table has that was (`nodes/System`)."""

    manifest: dict[str, Any]
    rows: Mapping[str, int]


@dataclass(slots=True)
class Content:
    """The tables of a graph as a file gave them, by kind or name; `read` of each format makes it.

    Each table has the columns of its kind and no others (`columns_of`). `said` is None where the
    format does not hold it. `notes` tell, a sentence each, how a file that is no export of ours
    was understood.
    """

    nodes: dict[str, pl.DataFrame] = field(default_factory=dict)
    relationships: dict[str, pl.DataFrame] = field(default_factory=dict)
    records: dict[str, pl.DataFrame] = field(default_factory=dict)
    history: dict[str, pl.DataFrame] = field(default_factory=dict)
    series: dict[str, pl.DataFrame] = field(default_factory=dict)
    said: Said | None = None
    notes: tuple[str, ...] = ()

    def put(self, group: str, name: str, table: pl.DataFrame) -> None:
        """Add a table; `group` is one of `GROUPS`."""
        getattr(self, group)[name] = table


def columns_of(group: str, name: str) -> dict[str, pl.DataType]:
    """The columns of a table of a group and their types.

    >>> list(columns_of("records", "Barrier"))[-2:]
    ['rank', 'own_id']
    """
    if group == "series":
        return dict(SERIES)
    return {**schema(name), **_MORE.get(group, {})}


def tables_of(snapshot: Snapshot) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Each table of a snapshot or view that has rows: its group, its kind or name, its rows."""
    for kind in NODE_KINDS:
        yield "nodes", kind, snapshot.nodes(kind)
    for kind in RELATIONSHIP_KINDS:
        yield "relationships", kind, snapshot.relationships(kind)
    for kind in NODE_KINDS:
        yield "records", kind, snapshot.records(kind)
    for kind in RELATIONSHIP_KINDS:
        yield "history", kind, snapshot.history(kind)
    for name in snapshot.series_names:
        yield "series", name, snapshot.series(name)
