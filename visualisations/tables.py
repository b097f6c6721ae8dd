"""What a map is drawn from: the tables of one snapshot, and small ways to read them.

`SnapshotTables` is the shape that `icsgraph.graph.snapshot.Snapshot` has; a map asks for nothing
more, so that it can also be drawn from tables that never were in a store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from ..ontology.tables import conform

__all__ = ["Row", "SnapshotTables", "Tables", "by_id", "grouped", "pairs", "rows"]

Row = Mapping[str, Any]


class SnapshotTables(Protocol):
    """The tables of one snapshot: a frame for each kind of node and of relationship."""

    @property
    def id(self) -> str:
        """The content hash of the snapshot."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the snapshot was built from."""

    def nodes(self, kind: str) -> pl.DataFrame:
        """Every node of a kind."""

    def relationships(self, kind: str) -> pl.DataFrame:
        """Every relationship of a kind."""


@dataclass(frozen=True)
class Tables:
    """Tables that never were in a store, for drawing a few rows of one's own.

    Both mappings go from a kind to columns of equal length; what is left out is missing or empty.

    >>> Tables({"System": {"id": ["ods:QE1"]}}).nodes("System")["name"].to_list()
    [None]
    """

    node_columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    relationship_columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    id: str = "none"
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def series_names(self) -> Sequence[str]:
        """None: such tables hold no measurements."""
        return ()

    def series(self, name: str) -> pl.DataFrame:
        """A series by name; `KeyError`, since there is none."""
        raise KeyError(name)

    def nodes(self, kind: str) -> pl.DataFrame:
        """Every node of a kind, with all columns of the kind's table."""
        return conform(kind, pl.DataFrame(self.node_columns.get(kind, {"id": []})))

    def relationships(self, kind: str) -> pl.DataFrame:
        """Every relationship of a kind, with all columns of the kind's table."""
        return conform(kind, pl.DataFrame(self.relationship_columns.get(kind, {"id": []})))


def rows(frame: pl.DataFrame) -> Iterator[Row]:
    """The rows of a table as mappings, in the order of their ids.

    >>> [row["id"] for row in rows(pl.DataFrame({"id": ["b", "a"]}))]
    ['a', 'b']
    """
    return frame.sort("id").iter_rows(named=True) if frame.height else iter(())


def by_id(frame: pl.DataFrame) -> dict[str, Row]:
    """The rows of a table by their id."""
    return {row["id"]: row for row in rows(frame)}


def pairs(frame: pl.DataFrame) -> list[tuple[str, str]]:
    """Subject and object of each relationship, each pair once, sorted.

    >>> pairs(pl.DataFrame({"subject": ["a", "a"], "object": ["b", "b"]}))
    [('a', 'b')]
    """
    if not frame.height:
        return []
    return sorted(set(frame.select("subject", "object").iter_rows()))


def grouped(links: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The second ends by the first, in the order they come.

    >>> grouped([("a", "b"), ("a", "c")])["a"]
    ['b', 'c']
    """
    found: dict[str, list[str]] = defaultdict(list)
    for first, second in links:
        found[first].append(second)
    return found
