"""From partitions to a snapshot: the union of what all sources say, under canonical ids.

A snapshot is a function of its partitions and decisions and of nothing else: the same ones give
the same bytes, in whatever order they were loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.errors import DataError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import conform, kind_of, schema
from ..ontology.vocabularies import scheme
from .files import fresh_folder, json_text, sha256
from .identity import canonical_ids
from .partitions import Partition, read_partition
from .store import Store

__all__ = ["as_of_day", "assemble"]

DATES = ("start_earliest", "start_latest", "end_earliest", "end_latest", "date_text")


def assemble(store: Store) -> str:
    """Write the union of the store's partitions as a snapshot, unless it is there already; its id.

    The caller holds the store's lock and switches readers to it.
    """
    partitions = [read_partition(store.partitions / source) for source in store.sources()]
    records = _records(partitions)
    same = canonical_ids(records)
    ranked = _ranks(partitions)
    with fresh_folder(store.path / "snapshots") as folder:
        kinds = _write_nodes(folder, partitions, same, ranked)
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
    empty = pl.DataFrame(schema={"kind": pl.String, "id": pl.String, "codes": pl.List(pl.String)})
    return pl.concat(
        [empty, *(r.select("kind", "id", "codes") for p in partitions for r in p.nodes.values())]
    )


def _ranks(partitions: Sequence[Partition]) -> dict[str, int]:
    """Which source is believed first where two give different values: the newest official edition.

    >>> old = Partition({"id": "b@1", "official": True, "as_of": "2021"})
    >>> new = Partition({"id": "a@2", "official": True, "as_of": "2026-01"})
    >>> _ranks([old, new])
    {'a@2': 0, 'b@1': 1}
    """
    by_id = sorted(partitions, key=lambda p: str(p.facts["id"]))
    newest = sorted(by_id, key=lambda p: as_of_day(p.facts), reverse=True)
    official = sorted(newest, key=lambda p: not p.facts.get("official", True))
    return {p.facts["id"]: rank for rank, p in enumerate(official)}


def as_of_day(facts: Mapping[str, Any]) -> str:
    """The first day that an edition's as-of text can mean, ISO; '' if it states none.

    An edition of "2026-01" is taken to be of the first of January: what it lists held then, and of
    a later day nothing is known from it.

    >>> as_of_day({"as_of": "2026-01"})
    '2026-01-01'
    """
    return _as_of(facts)[0]


def _as_of(facts: Mapping[str, Any]) -> tuple[str, str]:
    """First and last day that the as-of text can mean."""
    stated = BoundedDate.parse(facts.get("as_of")).columns()
    first, last = stated["start_earliest"], stated["start_latest"]
    return first or last or "", last or first or ""


def _to_canonical(frame: pl.DataFrame, column: str, same: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the ids in `column` replaced by canonical ones."""
    if same.is_empty():
        return frame
    known = same.select("id", "canonical").unique("id", maintain_order=True)
    return frame.with_columns(pl.col(column).replace(known["id"], known["canonical"]))


def _write_nodes(
    folder: Path, partitions: Sequence[Partition], same: pl.DataFrame, ranked: Mapping[str, int]
) -> pl.DataFrame:
    """Write `nodes/` and `records/`; returns `id` and `kind` of every node."""
    (folder / "nodes").mkdir()
    (folder / "records").mkdir()
    kinds = []
    for kind in NODE_KINDS:
        told = [
            conform(kind, p.nodes[kind]).with_columns(
                sources=pl.concat_list(pl.lit(p.facts["id"])), rank=pl.lit(ranked[p.facts["id"]])
            )
            for p in partitions
            if kind in p.nodes
        ]
        empty = pl.DataFrame(schema={**schema(kind), "rank": pl.Int32})
        table = pl.concat([empty, *told]).with_columns(own_id=pl.col("id"))
        table = _to_canonical(table, "id", same.filter(pl.col("kind") == kind)).sort(
            "id", "rank", "own_id"
        )
        repeated = table.filter(pl.col("id").is_duplicated())
        single = table.filter(~pl.col("id").is_duplicated())
        nodes = pl.concat([single.drop("rank", "own_id"), _merged(kind, repeated)]).sort("id")
        nodes = _with_broader_types(nodes)
        nodes.write_parquet(folder / "nodes" / f"{kind}.parquet")
        repeated.drop("rank", "own_id").write_parquet(folder / "records" / f"{kind}.parquet")
        kinds.append(nodes.select("id", "kind"))
    return _one_kind_each(pl.concat(kinds))


def _merged(kind: str, records: pl.DataFrame) -> pl.DataFrame:
    """One row for each id: values of the best-ranked source that gives any, lists united.

    The four bounds of a date are taken together from one source; names and ids that are not shown
    are kept among `other_names` and `codes`.
    """
    columns = schema(kind)
    dates = [c for c in DATES if c in columns]
    lists = [c for c, t in columns.items() if isinstance(t, pl.List)]
    plain = [c for c in columns if c not in (*dates, *lists, "id")]
    known = ~pl.all_horizontal(pl.col(c).is_null() for c in dates) if dates else pl.lit(False)
    grouped = records.group_by("id", maintain_order=True).agg(
        *(pl.col(c).drop_nulls().first() for c in plain),
        *(pl.col(c).filter(known).first() for c in dates),
        *(pl.col(c).explode(empty_as_null=True).drop_nulls().unique().sort() for c in lists),
        pl.col("name").drop_nulls().unique().sort().alias("all_names"),
        pl.col("own_id").unique().sort().alias("all_ids"),
    )
    others = pl.col("other_names").list.concat("all_names").list.unique().list.sort()
    codes = pl.col("codes").list.concat("all_ids").list.unique().list.sort()
    return grouped.with_columns(
        other_names=others.list.set_difference(pl.concat_list("name")).list.sort(),
        codes=codes.list.set_difference(pl.concat_list("id")).list.sort(),
    ).select(pl.col(c).cast(t) for c, t in columns.items())


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
    (folder / "relationships").mkdir()
    editions = _editions([p.facts for p in partitions])
    for kind in RELATIONSHIP_KINDS:
        told = [p.relationships[kind] for p in partitions if kind in p.relationships]
        table = pl.concat(
            [pl.DataFrame(schema=schema(kind)), *(conform(kind, rows) for rows in told)]
        )
        for end in ("subject", "object"):
            table = _to_canonical(table, end, same)
        table = _seen(table, editions)
        _no_loose_ends(kind, table, kinds)
        table.sort("subject", "object", "id").write_parquet(
            folder / "relationships" / f"{kind}.parquet"
        )


def _editions(facts: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """For each source its as-of day, and the last day that the as-of of the next complete edition
    of the same data set can mean, if there is such an edition."""
    known = [(f["id"], f["data_set"], *_as_of(f), bool(f.get("complete"))) for f in facts]
    rows = [
        (source, day or None, _next_complete(data_set, day, known))
        for source, data_set, day, _, _ in known
    ]
    columns = {"source": pl.String, "as_of": pl.String, "next_complete": pl.String}
    return pl.DataFrame(rows, schema=columns, orient="row")


def _next_complete(
    data_set: str, day: str, known: Iterable[tuple[str, str, str, str, bool]]
) -> str | None:
    later = [
        (first, last)
        for _, same, first, last, whole in known
        if same == data_set and whole and first > day
    ]
    return min(later)[1] if later else None


def _seen(table: pl.DataFrame, editions: pl.DataFrame) -> pl.DataFrame:
    """One row for each statement: the newest edition's, with the as-of days of the first and the
    last edition that make it.

    A statement that the next complete edition leaves out ended at some time after the day on which
    it was last seen and by that edition's as-of day, unless it states its own end.
    """
    dated = table.join(editions, on="source", how="left", maintain_order="left")
    dated = dated.sort("id", "as_of", "source", nulls_last=False)
    first = dated.group_by("id").agg(pl.col("as_of").min().alias("first"))
    newest = dated.unique("id", keep="last", maintain_order=True).join(first, on="id", how="left")
    left_out = pl.col("next_complete").is_not_null() & pl.col("end_latest").is_null()
    day_after = pl.col("as_of").str.to_date().dt.offset_by("1d").dt.to_string()
    return newest.with_columns(
        first_seen=pl.col("first"),
        last_seen=pl.col("as_of"),
        end_earliest=pl.when(left_out)
        .then(pl.coalesce("end_earliest", day_after))
        .otherwise(pl.col("end_earliest")),
        end_latest=pl.when(left_out).then(pl.col("next_complete")).otherwise(pl.col("end_latest")),
    ).select(table.columns)


def _no_loose_ends(kind: str, table: pl.DataFrame, kinds: pl.DataFrame) -> None:
    """`DataError` if an end is no node, or is of a kind that the relationship does not join."""
    model = kind_of(kind)
    for end, allowed in (("subject", model.domain), ("object", model.range)):  # type: ignore[union-attr]
        ends = table.select("id", "source", pl.col(end)).join(
            kinds.rename({"id": end, "kind": "end_kind"}), on=end, how="left"
        )
        wrong = ends.filter(~pl.col("end_kind").is_in(allowed).fill_null(False)).sort("source", end)
        if wrong.height:
            row = wrong.row(0, named=True)
            what = row["end_kind"] or "of no known kind"
            raise DataError(f"{row['source']}: {kind} has the {end} {row[end]}, which is {what}.")


def _write_series(folder: Path, partitions: Sequence[Partition], same: pl.DataFrame) -> None:
    (folder / "series").mkdir()
    names = sorted({name for p in partitions for name in p.series})
    for name in names:
        table = pl.concat([p.series[name] for p in partitions if name in p.series])
        _to_canonical(table, "thing", same).sort(pl.all()).write_parquet(
            folder / "series" / f"{name}.parquet"
        )


def _manifest(folder: Path, facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    files = sorted(p for p in folder.rglob("*.parquet"))
    days = [day for f in facts if (day := as_of_day(f))]
    return {
        "default_day": max(days, default=None),
        "sources": sorted(facts, key=lambda f: str(f["id"])),
        "tables": {
            p.relative_to(folder).as_posix(): {
                "rows": pl.scan_parquet(p).select(pl.len()).collect().item(),
                "sha256": sha256(p),
            }
            for p in files
        },
    }
