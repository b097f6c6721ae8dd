"""Partitions: what one edition of a source says, in the source's own identifiers.

sources/<source-id>/source.json           title, publisher, licence, as-of, checksums, row
accounting sources/<source-id>/nodes/<Kind>.parquet
sources/<source-id>/relationships.parquet
sources/<source-id>/series/<name>.parquet
sources/<source-id>/judgements.parquet    what the source itself judges to be one thing
sources/<source-id>/rejects.parquet
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from ..ontology.errors import DataError
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import SERIES, conform, faults, schema
from .files import json_text, sha256, write_table

__all__ = [
    "Partition",
    "StoredPartition",
    "read_facts",
    "relationship_schema",
    "statement_ids",
    "told_of_source",
    "write_partition",
]

SEPARATOR = "\x1f"
"""Between the parts of a hash, so that ("ab", "c") and ("a", "bc") differ."""

ENDS = ("subject", "object")
"""Statements stand in the order of their ends, as in a snapshot: that need not sort them anew."""


@dataclass(slots=True)
class Partition:
    """The tables of one edition and the facts about it; `facts["id"]` is the source id."""

    facts: dict[str, Any]
    nodes: dict[str, pl.DataFrame] = field(default_factory=dict)
    relationships: dict[str, pl.DataFrame] = field(default_factory=dict)
    series: dict[str, pl.DataFrame] = field(default_factory=dict)
    rejects: pl.DataFrame | None = None
    judgements: pl.DataFrame | None = None


def relationship_schema() -> dict[str, pl.DataType]:
    """Columns of a partition's one table of relationships: those of every kind together."""
    columns: dict[str, pl.DataType] = {}
    for kind in RELATIONSHIP_KINDS:
        columns.update(schema(kind))
    return columns


def statement_ids(data_set: str, kind: str, rows: pl.DataFrame) -> pl.Series:
    """The id of each statement: a hash of data set, kind, ends as the source names them, and `key`
    if any.

    The edition does not enter, so a statement keeps its id from edition to edition; judgements
    about identity do not enter, so it keeps its id when two records turn out to be one thing.

    >>> rows = pl.DataFrame({"subject": ["ods:R1H"], "object": ["ods:QMF"]})
    >>> statement_ids("ods-trusts", "LOCATED_IN", rows).to_list()
    ['47388efaf3a955bf331e']
    """
    parts = ["subject", "object", *(["key"] if "key" in rows.columns else [])]
    joined = rows.select(
        pl.concat_str([pl.col(p).fill_null("") for p in parts], separator=SEPARATOR)
    ).to_series()
    start = hashlib.blake2b(f"{data_set}{SEPARATOR}{kind}{SEPARATOR}".encode(), digest_size=10)

    def digest(text: bytes) -> str:
        state = start.copy()
        state.update(text)
        return state.hexdigest()

    texts = joined.cast(pl.Binary).to_list()
    return pl.Series("id", [digest(text) for text in texts], dtype=pl.String)


def _one_each(name: str, table: pl.DataFrame, *order: str) -> pl.DataFrame:
    """`table` in this order, by id at last, with repeated rows dropped; two different rows of one
    id are a loader's fault."""
    if table["id"].is_unique().all():
        return table.sort(*order, "id")
    rows = table.unique(maintain_order=True)
    twice = rows.filter(pl.col("id").is_duplicated())
    if twice.height:
        raise DataError(
            f"{name}: {twice['id'][0]} is described twice, and not alike, in one edition."
        )
    return rows.sort(*order, "id")


def _checked(name: str, table: pl.DataFrame) -> pl.DataFrame:
    wrong = faults(name, table)
    if wrong.height:
        first = wrong.row(0, named=True)
        raise DataError(
            f"{name} {first['id']}, column {first['column']}: {first['value']} {first['reason']}."
        )
    return table


def write_partition(folder: Path, partition: Partition) -> StoredPartition:
    """Write the tables and `source.json` into an empty folder; what then stands there.

    Every table is checked against the ontology first: `DataError` names the first row that is not
    of its kind. Loaders sift rows before; what fails here is a fault of the loader.
    """
    nodes = {
        f"nodes/{kind}.parquet": _one_each(kind, _checked(kind, conform(kind, rows)))
        for kind, rows in sorted(partition.nodes.items())
    }
    stated = {
        kind: _one_each(kind, _checked(kind, _statements(partition.facts, kind, rows)), *ENDS)
        for kind, rows in sorted(partition.relationships.items())
    }
    empty = pl.DataFrame(schema=relationship_schema())
    tables = {
        **nodes,
        "relationships.parquet": pl.concat([empty, *stated.values()], how="diagonal"),
    }
    for name, rows in sorted(partition.series.items()):
        tables[f"series/{name}.parquet"] = _series(partition.facts["id"], rows)
    if partition.rejects is not None:
        tables["rejects.parquet"] = partition.rejects
    if partition.judgements is not None and partition.judgements.height:
        tables["judgements.parquet"] = partition.judgements
    for name, table in tables.items():
        write_table(table, folder / name)
    facts = {
        **partition.facts,
        "tables": {name: sha256(folder / name) for name in tables},
        "relationship_kinds": list(stated),
    }
    (folder / "source.json").write_text(json_text(facts), encoding="utf-8", newline="\n")
    return StoredPartition(folder, facts, nodes, stated)


def _statements(facts: Mapping[str, Any], kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    ids = statement_ids(facts["data_set"], kind, rows)
    kept = rows.drop("key") if "key" in rows.columns else rows
    return conform(kind, kept.with_columns(ids, pl.lit(facts["id"]).alias("source")))


def _series(source: str, rows: pl.DataFrame) -> pl.DataFrame:
    table = rows.with_columns(pl.lit(source).alias("source"))
    missing = [pl.lit(None, dtype=t).alias(c) for c, t in SERIES.items() if c not in table.columns]
    return table.with_columns(*missing).select(pl.col(c).cast(t) for c, t in SERIES.items())


def read_facts(folder: Path) -> dict[str, Any]:
    """The facts of a partition: what `source.json` holds."""
    facts: dict[str, Any] = json.loads((folder / "source.json").read_text(encoding="utf-8"))
    return facts


def told_of_source(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a partition that tell of its source, not of the partition's own files.

    >>> told_of_source({"id": "ods@1", "tables": {}, "relationship_kinds": []})
    {'id': 'ods@1'}
    """
    return {k: v for k, v in facts.items() if k not in ("tables", "relationship_kinds")}


class StoredPartition:
    """A partition in a store: its facts, and its tables read when they are asked for."""

    def __init__(
        self,
        folder: Path,
        facts: dict[str, Any] | None = None,
        nodes: Mapping[str, pl.DataFrame] = MappingProxyType({}),
        stated: dict[str, pl.DataFrame] | None = None,
    ) -> None:
        """Of one that has just been written the facts, the tables of nodes by file and the
        statements by kind are known: it is not read again."""
        self.folder = folder
        self.facts = read_facts(folder) if facts is None else facts
        self._nodes = nodes
        self._stated = stated

    @property
    def id(self) -> str:
        """The source id."""
        return str(self.facts["id"])

    def checksum(self, table: str) -> str | None:
        """The checksum of one of its files, such as `nodes/System.parquet`; None if it has none."""
        checksum: str | None = self.facts["tables"].get(table)
        return checksum

    def nodes(self, kind: str) -> pl.DataFrame | None:
        """Its nodes of a kind, None if it has no such table."""
        return self._read(f"nodes/{kind}.parquet")

    def codes(self) -> pl.DataFrame:
        """`kind`, `id` and `codes` of all its nodes."""
        columns = {c: schema("Organisation")[c] for c in ("kind", "id", "codes")}
        files = sorted(table for table in self.facts["tables"] if table.startswith("nodes/"))
        told = (self._read(file, list(columns)) for file in files)
        return pl.concat([pl.DataFrame(schema=columns), *(t for t in told if t is not None)])

    def relationships(self, kind: str) -> pl.DataFrame | None:
        """Its statements of a kind with that kind's own columns; None if it makes none."""
        return self._by_kind.get(kind)

    def series(self, name: str) -> pl.DataFrame | None:
        """One of its series, None if it has none of the name."""
        return self._read(f"series/{name}.parquet")

    @property
    def series_names(self) -> list[str]:
        """The series it has, sorted."""
        return sorted(p.stem for p in (self.folder / "series").glob("*.parquet"))

    def _read(self, table: str, columns: list[str] | None = None) -> pl.DataFrame | None:
        if not self.checksum(table):
            return None
        if table in self._nodes:
            return self._nodes[table].select(columns or pl.all())
        return pl.read_parquet(self.folder / table, columns=columns)

    @cached_property
    def _by_kind(self) -> dict[str, pl.DataFrame]:
        if self._stated is not None:
            return self._stated
        stated = pl.read_parquet(self.folder / "relationships.parquet")
        parts = stated.partition_by("kind", as_dict=True, maintain_order=True)
        return {str(k): rows.select(list(schema(str(k)))) for (k,), rows in parts.items()}
