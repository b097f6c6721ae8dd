"""One snapshot: the graph as tables, read-only, named by the hash of its content."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.errors import StoreDamaged
from ..ontology.model import node_kind
from ..ontology.relationships import relationship_kind
from ..ontology.tables import conform, schema
from .files import sha256

__all__ = ["Snapshot"]


class Snapshot:
    """The tables of one content hash. A table is read when first asked for and kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.view = ""
        """The name of the view that this is of the snapshot; '' for the whole of it."""
        self._tables: dict[Path, pl.DataFrame] = {}

    def __repr__(self) -> str:
        return f"Snapshot({self.id})"

    @property
    def whole(self) -> Snapshot:
        """The snapshot itself, of which this may be a view."""
        return self

    @property
    def id(self) -> str:
        """The content hash that names it."""
        return self.folder.name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What it was built from: sources with licence and accounting, tables with rows and
        checksums."""
        loaded: dict[str, Any] = json.loads(
            (self.folder / "manifest.json").read_text(encoding="utf-8")
        )
        return loaded

    def nodes(self, kind: str) -> pl.DataFrame:
        """All nodes of a kind, sorted by id; columns as `ontology.tables.schema(kind)`."""
        node_kind(kind)
        return self._of_kind("nodes", kind)

    def relationships(self, kind: str) -> pl.DataFrame:
        """All relationships of a kind, sorted by subject, object, id; columns as
        `tables.schema(kind)`."""
        relationship_kind(kind)
        return self._of_kind("relationships", kind)

    def records(self, kind: str) -> pl.DataFrame:
        """What each source says of the things of a kind that two or more sources describe.

        The columns of `nodes`, with the one source in `sources`, and `rank` (the record of rank 0
        is believed first) and `own_id` (the id in that source).
        """
        node_kind(kind)
        return self._of_kind("records", kind, rank=pl.Int32(), own_id=pl.String())

    def history(self, kind: str) -> pl.DataFrame:
        """Every edition's row, as told, of the statements of a kind that several editions make or
        that a later edition ended: the columns of `relationships`."""
        relationship_kind(kind)
        return self._of_kind("history", kind)

    def table_file(self, kind: str) -> Path | None:
        """The Parquet file that holds the rows of a node kind with its columns of today, if there
        is one."""
        path = self.folder / "nodes" / f"{kind}.parquet"
        if not path.is_file() or list(pl.read_parquet_schema(path)) != list(schema(kind)):
            return None
        return path

    def series(self, name: str) -> pl.DataFrame:
        """A series by name, for example `ratings`: thing, measure, group, value, number, date,
        source."""
        return self._table(self.folder / "series" / f"{name}.parquet")

    @property
    def series_names(self) -> list[str]:
        """The series it holds, sorted."""
        return sorted(p.stem for p in (self.folder / "series").glob("*.parquet"))

    def _of_kind(self, group: str, kind: str, **more: pl.DataType) -> pl.DataFrame:
        """A table with the columns of its kind, and `more`. A snapshot from before a column or a
        kind was declared has nothing in it."""
        path, wanted = self.folder / group / f"{kind}.parquet", {**schema(kind), **more}
        if f"{group}/{kind}.parquet" not in self.manifest.get("tables", ()) and not path.exists():
            return pl.DataFrame(schema=wanted)
        table = self._table(path)
        if table.columns != list(wanted):
            told = table.select(c for c in schema(kind) if c in table.columns)
            table = conform(kind, told).with_columns(table[c] for c in more)
            self._tables[path] = table
        return table

    def _table(self, path: Path) -> pl.DataFrame:
        if path not in self._tables:
            try:
                self._tables[path] = pl.read_parquet(path)
            except FileNotFoundError:
                raise self._gone(path) from None
        return self._tables[path]

    def _gone(self, path: Path) -> StoreDamaged:
        """What to say of a table that is not there: a writer may have removed the snapshot while
        this one was open."""
        store, name = self.folder.parent.parent, path.relative_to(self.folder).as_posix()
        if self.folder.is_dir():
            return StoreDamaged(store, f"{name} of snapshot {self.id} is not there")
        reason = f"snapshot {self.id} is not there any more"
        hint = (
            "It was pruned: open the store again, and name what should be kept (icsgraph release)."
        )
        return StoreDamaged(store, reason, hint)

    def damage(self) -> list[str]:
        """Files whose checksum is not the one in the manifest, or that are missing; empty if all
        is well."""
        tables: dict[str, dict[str, Any]] = self.manifest["tables"]
        return [
            f"{name} {'has another checksum' if (self.folder / name).is_file() else 'is missing'}"
            for name, facts in sorted(tables.items())
            if not (self.folder / name).is_file() or sha256(self.folder / name) != facts["sha256"]
        ]
