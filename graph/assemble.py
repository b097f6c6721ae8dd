"""From partitions to a snapshot: the union of what all sources say, under canonical ids.

A snapshot is a function of its partitions and decisions and of nothing else: the same ones give the
same bytes, in whatever order they were loaded.

    nodes/<Kind>.parquet            one row for each thing
    records/<Kind>.parquet          what each source says of a thing that two or more describe
    relationships/<KIND>.parquet    one row for each statement, as its newest edition makes it
    history/<KIND>.parquet          every edition's row of a statement with several, or one ended
    series/<name>.parquet           measurements
    manifest.json                   sources, decisions, tables, what each group of them is made from

The tables of a kind are a group. What a group is made from has a fingerprint in the manifest; where
it is that of the snapshot before, its files are taken over, and nothing of it is read or computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from ..ontology.errors import DataError, StoreError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import conform, schema
from .decisions import DIFFERENT, Decision, read_decisions
from .files import (
    fingerprint,
    fresh_folder,
    in_parallel,
    json_text,
    sha256,
    take_over,
    write_table,
    write_whole,
)
from .identity import canonical_ids, in_force
from .mentions import settled_kinds
from .merging import (
    as_of_day,
    editions,
    merged_nodes,
    one_row_each,
    ranks,
    seen_once,
    with_broader_types,
)
from .partitions import StoredPartition, told_of_source
from .store import Store

__all__ = ["assemble"]

VERSION = 4
"""Raise it when the same partitions should give other tables: nothing older is then taken over."""


def assemble(store: Store, arriving: Mapping[str, StoredPartition] = MappingProxyType({})) -> str:
    """Write the union of the store's partitions as a snapshot, unless it is there already; its id.

    `arriving` are partitions, by source id, that are not at their place yet and count as if they
    were. The caller holds the store's lock and switches readers to it.
    """
    with fresh_folder(store.path / "snapshots") as folder:
        union = _Union(store, arriving, folder)
        union.write()
        name = sha256(folder / "manifest.json")[:16]
        place = folder.with_name(name)
        if not place.exists():
            folder.rename(place)
    return name


class _Union:
    """One snapshot in the making."""

    def __init__(self, store: Store, arriving: Mapping[str, StoredPartition], folder: Path) -> None:
        self.folder = folder
        parts = [
            arriving.get(source) or StoredPartition(store.partitions / source)
            for source in sorted({*store.sources(), *arriving})
        ]
        self.partitions = parts
        self.facts = [part.facts for part in self.partitions]
        codes = pl.concat([part.codes().with_columns(source=pl.lit(part.id)) for part in parts])
        self.settled = settled_kinds(parts, codes)
        codes = _of_settled_kinds(codes, self.settled)
        decisions = read_decisions(store.decisions)
        self.judged = in_force(decisions, codes.select("kind", "id").unique())
        self.same = canonical_ids(codes, decisions)
        self.same_print = fingerprint(self.same.rows())
        self.editions = editions(self.facts)
        self.groups: dict[str, str] = {}
        self.fresh: set[str] = set()
        try:
            self.before = store.current()
            self.known: Mapping[str, Any] = self.before.manifest
        except StoreError:
            self.known = {}

    def write(self) -> None:
        """Write every table, and the manifest last."""
        in_parallel(self._nodes, NODE_KINDS)
        kinds = pl.concat([self._ids(kind) for kind in NODE_KINDS])
        self._one_kind_each(kinds)
        in_parallel(lambda kind: self._relationships(kind, kinds), RELATIONSHIP_KINDS)
        in_parallel(self._series, {name for p in self.partitions for name in p.series_names})
        write_whole(self.folder / "manifest.json", json_text(self._manifest()))

    def _taken_over(self, group: str, inputs: Any) -> bool:
        """Note what a group is made from; True if the snapshot before has it, made from the
        same."""
        self.groups[group] = fingerprint([VERSION, inputs])
        files = [name for name in self.known.get("tables", {}) if _group(name) == group]
        if self.known.get("groups", {}).get(group) == self.groups[group] and files:
            for name in files:
                take_over(self.before.folder / name, self.folder / name)
            return True
        self.fresh.add(group)
        return False

    def _ids(self, kind: str) -> pl.DataFrame:
        """`id` and `kind` of every node of a kind."""
        return pl.read_parquet(self.folder / "nodes" / f"{kind}.parquet", columns=["id", "kind"])

    def _sources_of(self, kind: str, thing: str) -> list[str]:
        table = pl.read_parquet(
            self.folder / "nodes" / f"{kind}.parquet", columns=["id", "sources"]
        )
        return table.filter(id=thing)["sources"].explode().to_list()

    def _one_kind_each(self, kinds: pl.DataFrame) -> None:
        """`DataError` for a thing that is described as of two kinds."""
        twice = kinds.filter(pl.col("id").is_duplicated()).sort("id", "kind")
        for thing, *_ in twice.head(1).iter_rows():
            said = [
                f"{kind} in {', '.join(self._sources_of(kind, thing))}"
                for kind in twice.filter(id=thing)["kind"]
            ]
            hint = "Give it the same kind everywhere, or two identifiers if it is two things."
            raise DataError(f"{thing} is of several kinds: {'; '.join(said)}.", hint)

    def _nodes(self, kind: str) -> None:
        same = self.same.filter(pl.col("kind") == kind)
        ranked = ranks(self.facts)
        table = f"nodes/{kind}.parquet"
        settled = self.settled.filter((pl.col("kind") == kind) | (pl.col("settled") == kind))
        telling = {p.id for p in self.partitions if p.checksum(table)} | {*settled["source"]}
        parts = sorted((p for p in self.partitions if p.id in telling), key=lambda p: ranked[p.id])
        different = [d.key for d in self.judged.get(kind, []) if d.judgement == DIFFERENT]
        inputs = [[(p.id, p.checksum(table)) for p in parts], same.rows(), list(schema(kind))]
        if not self._taken_over(kind, [*inputs, different, settled.rows()]):
            self._write_nodes(kind, parts, same)

    def _write_nodes(self, kind: str, parts: Sequence[StoredPartition], same: pl.DataFrame) -> None:
        told = _told(kind, parts, same, self.settled)
        told = _without_refuted_codes(told, self.judged.get(kind, []))
        repeated = told.filter(pl.col("id").is_duplicated())
        single = told.filter(~pl.col("id").is_duplicated()).drop("rank", "own_id")
        merged = merged_nodes(kind, repeated.lazy()).collect()
        nodes = with_broader_types(pl.concat([single, merged]).sort("id"))
        write_table(nodes, self.folder / "nodes" / f"{kind}.parquet")
        records = repeated.sort("id", "rank", "own_id")
        write_table(records, self.folder / "records" / f"{kind}.parquet")

    def _relationships(self, kind: str, kinds: pl.DataFrame) -> None:
        """Write the statements of a kind; `DataError` for an end that is no node. Where nothing is
        new nothing is checked."""
        path = self.folder / "relationships" / f"{kind}.parquet"
        parts = [p for p in self.partitions if kind in p.facts["relationship_kinds"]]
        ids = pl.Series("source", [p.id for p in parts], dtype=pl.String)
        known = self.editions.filter(pl.col("source").is_in(ids.implode()))
        stated = [(p.id, p.checksum("relationships.parquet")) for p in parts]
        inputs = [stated, known.rows(), self.same_print, list(schema(kind))]
        if self._taken_over(kind, inputs):
            if self.fresh & {*NODE_KINDS}:
                columns = ["source", "subject", "object", "locator"]
                _check_ends(kind, pl.read_parquet(path, columns=columns), kinds)
            return
        rows = self._canonical([p.relationships(kind) for p in parts], schema(kind))
        ended = known.filter(pl.col("next_complete").is_not_null())["source"]
        several = rows.select(
            pl.col("id").is_duplicated() | pl.col("source").is_in(ended.implode())
        ).to_series()
        history, only = rows.filter(several), rows.filter(~several)
        table = pl.concat([seen_once(only, known), one_row_each(history, known)])
        _check_ends(kind, table, kinds)
        write_table(table.sort("subject", "object", "id"), path)
        if history.height:
            path = self.folder / "history" / f"{kind}.parquet"
            write_table(history.sort("id", "source"), path)

    def _series(self, name: str) -> None:
        table = f"series/{name}.parquet"
        parts = [p for p in self.partitions if p.checksum(table)]
        inputs = [[(p.id, p.checksum(table)) for p in parts], self.same_print]
        if self._taken_over(f"series {name}", inputs):
            return
        if len(parts) == 1 and not self._renamed(parts[0].folder / table):
            take_over(parts[0].folder / table, self.folder / table)
        else:
            rows = self._canonical([p.series(name) for p in parts], None)
            write_table(rows, self.folder / table)

    def _renamed(self, series: Path) -> bool:
        """Whether something that a series measures has another canonical id."""
        things = pl.read_parquet(series, columns=["thing"])["thing"].unique()
        return bool(things.is_in(self.same["id"].implode()).any())

    def _canonical(
        self, tables: Sequence[pl.DataFrame | None], columns: Mapping[str, pl.DataType] | None
    ) -> pl.DataFrame:
        """The tables one below the other, the things they name under canonical ids."""
        # An id that names things of two kinds would be ambiguous here; then it is left as it is.
        same = self.same.unique("id", keep="none", maintain_order=True)
        empty = [pl.DataFrame(schema=columns)] if columns is not None else []
        table = pl.concat([*empty, *(t for t in tables if t is not None)])
        ends = [c for c in ("subject", "object", "thing") if c in table.columns]
        if same.is_empty():
            return table
        return table.with_columns(pl.col(c).replace(same["id"], same["canonical"]) for c in ends)

    def _manifest(self) -> dict[str, Any]:
        days = [day for facts in self.facts if (day := as_of_day(facts))]
        tables = {}
        for path in sorted(self.folder.rglob("*.parquet")):
            name = path.relative_to(self.folder).as_posix()
            if _group(name) in self.fresh:
                rows = pl.scan_parquet(path).select(pl.len()).collect().item()
                tables[name] = {"rows": rows, "sha256": sha256(path)}
            else:
                tables[name] = self.known["tables"][name]
        sources = [told_of_source(facts) for facts in self.facts]
        decisions = [each for kind in sorted(self.judged) for each in self.judged[kind]]
        return {
            "decisions": [each.as_dict() for each in decisions],
            "default_day": max(days, default=None),
            "sources": sorted(sources, key=lambda facts: str(facts["id"])),
            "tables": tables,
            "groups": self.groups,
        }


def _group(table: str) -> str:
    """The group of a table: its kind, or which series it is.

    >>> _group("history/PART_OF.parquet"), _group("series/ratings.parquet")
    ('PART_OF', 'series ratings')
    """
    folder, _, name = table.removesuffix(".parquet").partition("/")
    return f"series {name}" if folder == "series" else name


def _of_settled_kinds(records: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """The records under the kinds that `settled_kinds` gives them."""
    told = records.join(settled, on=["source", "id", "kind"], how="left", maintain_order="left")
    return told.with_columns(pl.coalesce("settled", "kind").alias("kind")).select(records.columns)


def _told(
    kind: str, parts: Sequence[StoredPartition], same: pl.DataFrame, settled: pl.DataFrame
) -> pl.DataFrame:
    """What each source says of the things of a kind, best-ranked first, under canonical ids."""
    empty = pl.DataFrame(schema=schema(kind))
    told = [pl.DataFrame(schema={**schema(kind), "rank": pl.Int32})]
    for rank, part in enumerate(parts):
        table = part.nodes(kind)
        table = conform(kind, table) if table is not None else empty
        own = settled.filter(pl.col("source") == part.id)
        if not own.is_empty():
            others = own.filter(pl.col("kind") == kind)
            kept = table.join(others, on="id", how="anti", maintain_order="left")
            named = own.filter(pl.col("settled") == kind).select("id")
            table = pl.concat([kept, conform(kind, named)])
        told.append(
            table.with_columns(
                sources=pl.concat_list(pl.lit(part.id)), rank=pl.lit(rank, dtype=pl.Int32)
            )
        )
    table = pl.concat(told).with_columns(own_id=pl.col("id"))
    if same.is_empty():
        return table
    return table.with_columns(pl.col("id").replace(same["id"], same["canonical"]))


def _without_refuted_codes(told: pl.DataFrame, decisions: Sequence[Decision]) -> pl.DataFrame:
    """`told` where no record lists the id of a thing that it was judged to differ from."""
    for each in decisions:
        if each.judgement == DIFFERENT:
            for own, wrong in ((each.one, each.other), (each.other, each.one)):
                kept = pl.col("codes").list.eval(pl.element().filter(pl.element() != wrong))
                codes = pl.when(pl.col("own_id") == own).then(kept).otherwise(pl.col("codes"))
                told = told.with_columns(codes=codes)
    return told


def _check_ends(kind: str, table: pl.DataFrame, kinds: pl.DataFrame) -> None:
    """`DataError` for an end that is no node, or is of a kind that the relationship does not
    join."""
    model = RELATIONSHIP_KINDS[kind]
    for end, allowed in (("subject", model.domain), ("object", model.range)):
        fit = kinds.filter(pl.col("kind").is_in(allowed)).select(pl.col("id").alias(end))
        wrong = table.join(fit, on=end, how="anti").sort("source", end)
        for row in wrong.head(1).iter_rows(named=True):
            found = kinds.filter(pl.col("id") == row[end])["kind"].to_list()
            what = found[0] if found else "of no known kind"
            at = f"{row['source']}, {row['locator']}" if row["locator"] else row["source"]
            hint = f"The {end} may be: {', '.join(allowed)}."
            raise DataError(f"{at}: {kind} has the {end} {row[end]}, which is {what}.", hint)
