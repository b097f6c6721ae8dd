"""From partitions to a snapshot: the union of what all sources say, under canonical ids.

A snapshot is a function of its partitions and decisions and of nothing else: the same ones give the
same bytes, in whatever order they were loaded.

    nodes/<Kind>.parquet            one row for each thing
    records/<Kind>.parquet          what each source says of a thing that two or more describe
    relationships/<KIND>.parquet    one row for each statement, as its newest edition makes it
    history/<KIND>.parquet          every edition's row of a statement that has several, or was
    ended series/<name>.parquet, manifest.json
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.errors import DataError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import conform, schema
from ..ontology.vocabularies import scheme
from .files import fresh_folder, json_text, sha256, write_table
from .identity import canonical_ids
from .merging import as_of_day, editions, merged_nodes, one_row_each, ranks, seen_once
from .partitions import Partition, read_partition
from .store import Store

__all__ = ["assemble"]


def assemble(store: Store) -> str:
    """Write the union of the store's partitions as a snapshot, unless it is there already; its id.

    The caller holds the store's lock and switches readers to it.
    """
    partitions = [read_partition(store.partitions / source) for source in store.sources()]
    same = canonical_ids(_records(partitions))
    with fresh_folder(store.path / "snapshots") as folder:
        kinds = _write_nodes(folder, partitions, same)
        _write_relationships(folder, partitions, same, kinds)
        _write_series(folder, partitions, same)
        manifest = _manifest(folder, [p.facts for p in partitions])
        (folder / "manifest.json").write_text(json_text(manifest), encoding="utf-8", newline="\n")
        name = sha256(folder)[:16]
        place = folder.with_name(name)
        if not place.exists():
            folder.rename(place)
    return name


def _records(partitions: Sequence[Partition]) -> pl.DataFrame:
    columns = ("kind", "id", "codes")
    empty = pl.DataFrame(schema={c: schema("Organisation")[c] for c in columns})
    return pl.concat([empty, *(r.select(columns) for p in partitions for r in p.nodes.values())])


def _to_canonical(frame: pl.LazyFrame, column: str, same: pl.DataFrame) -> pl.LazyFrame:
    """`frame` with the ids in `column` replaced by canonical ones."""
    if same.is_empty():
        return frame
    return frame.with_columns(pl.col(column).replace(same["id"], same["canonical"]))


def _write_nodes(folder: Path, partitions: Sequence[Partition], same: pl.DataFrame) -> pl.DataFrame:
    """Write `nodes/` and `records/`; returns `id` and `kind` of every node."""
    ranked = ranks([p.facts for p in partitions])
    kinds = []
    for kind in NODE_KINDS:
        told = _told(kind, partitions, same.filter(pl.col("kind") == kind), ranked)
        repeated = told.filter(pl.col("id").is_duplicated())
        single = told.filter(~pl.col("id").is_duplicated())
        merged = merged_nodes(kind, repeated.lazy()).collect()
        nodes = pl.concat([single.drop("rank", "own_id"), merged]).sort("id")
        nodes = _with_broader_types(nodes)
        write_table(nodes, folder / "nodes" / f"{kind}.parquet")
        write_table(repeated.sort("id", "rank", "own_id"), folder / "records" / f"{kind}.parquet")
        kinds.append(nodes.select("id", "kind"))
    return _one_kind_each(pl.concat(kinds))


def _told(
    kind: str, partitions: Sequence[Partition], same: pl.DataFrame, ranked: Mapping[str, int]
) -> pl.DataFrame:
    """What each source says of the things of a kind, under canonical ids."""
    told = [
        conform(kind, p.nodes[kind]).with_columns(
            sources=pl.concat_list(pl.lit(p.facts["id"])),
            rank=pl.lit(ranked[p.facts["id"]], dtype=pl.Int32),
        )
        for p in partitions
        if kind in p.nodes
    ]
    empty = pl.DataFrame(schema={**schema(kind), "rank": pl.Int32})
    table = pl.concat([empty, *told]).lazy().with_columns(own_id=pl.col("id"))
    return _to_canonical(table, "id", same).collect()


def _with_broader_types(nodes: pl.DataFrame) -> pl.DataFrame:
    if "org_types" not in nodes.columns:
        return nodes
    types = scheme("organisation-type")
    used = nodes["org_type"].drop_nulls().unique().sort().to_list()
    broader = pl.DataFrame(
        {"org_type": used, "org_types": [[t, *types.ancestors(t)] for t in used]},
        schema={"org_type": pl.String, "org_types": pl.List(pl.String)},
    )
    joined = nodes.drop("org_types").join(broader, on="org_type", how="left", maintain_order="left")
    return joined.with_columns(pl.col("org_types").fill_null([])).select(nodes.columns)


def _one_kind_each(kinds: pl.DataFrame) -> pl.DataFrame:
    twice = kinds.filter(pl.col("id").is_duplicated()).sort("id", "kind")
    if twice.height:
        one, two = twice.row(0), twice.row(1)
        raise DataError(f"{one[0]} is a {one[1]} in one source and a {two[1]} in another.")
    return kinds


def _write_relationships(
    folder: Path, partitions: Sequence[Partition], same: pl.DataFrame, kinds: pl.DataFrame
) -> None:
    # A code that names things of two kinds would be ambiguous here; then it is left as it is.
    unambiguous = same.unique("id", keep="none", maintain_order=True)
    known = editions([p.facts for p in partitions])
    ended = known.filter(pl.col("next_complete").is_not_null())["source"]
    for kind in RELATIONSHIP_KINDS:
        parts = [p.relationships[kind] for p in partitions if kind in p.relationships]
        empty = pl.DataFrame(schema=schema(kind))
        told = pl.concat([empty, *(conform(kind, rows) for rows in parts)]).lazy()
        for end in ("subject", "object"):
            told = _to_canonical(told, end, unambiguous)
        rows = told.collect()
        several = rows.select(
            pl.col("id").is_duplicated() | pl.col("source").is_in(ended.implode())
        ).to_series()
        history, only = rows.filter(several), rows.filter(~several)
        table = pl.concat([seen_once(only, known), one_row_each(history, known)])
        table = table.sort("subject", "object", "id")
        for fault in _loose_ends(kind, table, kinds):
            raise DataError(fault)
        write_table(table, folder / "relationships" / f"{kind}.parquet")
        if history.height:
            write_table(history.sort("id", "source"), folder / "history" / f"{kind}.parquet")


def _loose_ends(kind: str, table: pl.DataFrame, kinds: pl.DataFrame) -> Iterator[str]:
    """Each end that is no node, or is of a kind that the relationship does not join, in words."""
    model = RELATIONSHIP_KINDS[kind]
    for end, allowed in (("subject", model.domain), ("object", model.range)):
        fit = kinds.filter(pl.col("kind").is_in(allowed)).select(pl.col("id").alias(end))
        wrong = table.join(fit, on=end, how="anti").sort("source", end)
        for row in wrong.head(1).iter_rows(named=True):
            found = kinds.filter(pl.col("id") == row[end])["kind"].to_list()
            what = found[0] if found else "of no known kind"
            yield f"{row['source']}: {kind} has the {end} {row[end]}, which is {what}."


def _write_series(folder: Path, partitions: Sequence[Partition], same: pl.DataFrame) -> None:
    names = sorted({name for p in partitions for name in p.series})
    unambiguous = same.unique("id", keep="none", maintain_order=True)
    for name in names:
        table = pl.concat([p.series[name] for p in partitions if name in p.series])
        canonical = _to_canonical(table.lazy(), "thing", unambiguous)
        write_table(canonical.sort(pl.all()).collect(), folder / "series" / f"{name}.parquet")


def _manifest(folder: Path, facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    days = [day for f in facts if (day := as_of_day(f))]
    return {
        "default_day": max(days, default=None),
        "sources": sorted(facts, key=lambda f: str(f["id"])),
        "tables": {
            path.relative_to(folder).as_posix(): {
                "rows": pl.scan_parquet(path).select(pl.len()).collect().item(),
                "sha256": sha256(path),
            }
            for path in sorted(folder.rglob("*.parquet"))
        },
    }
