"""What became of every row that came in, and whether a store still is as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from .decisions import read_decisions
from .files import sha256
from .identity import in_force, known_records
from .partitions import read_facts, told_of_source
from .snapshot import Snapshot
from .store import Store

__all__ = ["ACCOUNTING", "REJECTS", "accounting", "problems", "rejects"]

ACCOUNTING: dict[str, pl.DataType] = {
    "source": pl.String(),
    "file": pl.String(),
    "rows": pl.Int64(),
    "accepted": pl.Int64(),
    "merged": pl.Int64(),
    "rejected": pl.Int64(),
}
"""Columns of a table of accounting: rows in = accepted + merged + rejected, for each file."""

REJECTS: dict[str, pl.DataType] = {
    "source": pl.String(),
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "what_to_do": pl.String(),
    "raw": pl.String(),
}
"""Columns of a table of rejects: one line for each fault of a rejected row."""


def accounting(sources: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """What became of the rows of each file? Columns as `ACCOUNTING`; `sources` are facts of
    partitions, as a manifest lists them.

    >>> file = {"file": "etr.csv", "rows": 3, "accepted": 2, "merged": 0, "rejected": 1}
    >>> accounting([{"id": "ods-trusts@2026-01", "accounting": [file]}]).row(0)
    ('ods-trusts@2026-01', 'etr.csv', 3, 2, 0, 1)
    """
    files = [
        {"source": facts["id"], **{c: file[c] for c in list(ACCOUNTING)[1:]}}
        for facts in sources
        for file in facts.get("accounting", [])
    ]
    return pl.DataFrame(files, schema=ACCOUNTING)


def rejects(store: Store, source: str | None = None) -> pl.DataFrame:
    """Which rows were not taken, and why? Those of one source, or of all; columns as `REJECTS`,
    sorted by source, file and row.

    A source that the store does not hold has none.
    """
    wanted = [source] if source is not None else store.sources()
    files = {name: store.partitions / name / "rejects.parquet" for name in wanted}
    told = [
        pl.read_parquet(path).with_columns(source=pl.lit(name))
        for name, path in files.items()
        if path.is_file()
    ]
    known = [rows for rows in told if "row" in rows.columns]
    return (
        pl.concat([pl.DataFrame(schema=REJECTS), *known], how="diagonal_relaxed")
        .select(list(REJECTS))
        .sort("source", "file", "row", "column", maintain_order=True)
    )


def problems(store: Store) -> list[str]:
    """What is wrong with a store, a sentence each; empty if every byte and row is accounted for.

    Every table of the current snapshot has the checksum of the manifest, the snapshot as a whole
    that of its name; the rows of every file are accepted, merged or rejected; the sources and the
    decisions are still those of the snapshot; and the rejects that the store holds are as many as
    were counted. A store that was read back from an export has no sources to compare with.
    """
    snapshot = store.current()
    damage = [*_damage(snapshot), *_lost_rows(snapshot)]
    if store.restored.is_file():
        return damage
    held = [told_of_source(read_facts(store.partitions / source)) for source in store.sources()]
    if held != snapshot.manifest["sources"]:
        return [*damage, f"The sources are not those that snapshot {snapshot.id} was built from."]
    decisions = [] if damage else _new_decisions(store, snapshot)
    return [*damage, *decisions, *_lost_rejects(store, snapshot)]


def _damage(snapshot: Snapshot) -> Iterator[str]:
    yield from (f"In snapshot {snapshot.id}, {said}." for said in snapshot.damage())
    tables = {p.relative_to(snapshot.folder).as_posix() for p in snapshot.folder.rglob("*.parquet")}
    more = tables - set(snapshot.manifest["tables"])
    if more or sha256(snapshot.folder / "manifest.json")[:16] != snapshot.id:
        yield f"Snapshot {snapshot.id} has a file more, or its manifest was changed."


def _new_decisions(store: Store, snapshot: Snapshot) -> Iterator[str]:
    judged = in_force(read_decisions(store.decisions), known_records(snapshot))
    standing = [each.as_dict() for kind in sorted(judged) for each in judged[kind]]
    if standing != snapshot.manifest["decisions"]:
        yield f"The decisions are not those that snapshot {snapshot.id} was built from."


def _lost_rows(snapshot: Snapshot) -> Iterator[str]:
    table = accounting(snapshot.manifest["sources"])
    parts = pl.sum_horizontal("accepted", "merged", "rejected")
    for row in table.with_columns(sum=parts).filter(pl.col("rows") != pl.col("sum")).to_dicts():
        yield (
            f"{row['source']}, {row['file']}: {row['rows']} rows came in, but "
            f"{row['accepted']} accepted + {row['merged']} merged + {row['rejected']} rejected."
        )


def _lost_rejects(store: Store, snapshot: Snapshot) -> Iterator[str]:
    counted = accounting(snapshot.manifest["sources"]).group_by("source").agg(pl.sum("rejected"))
    held = rejects(store).group_by("source").agg(pl.struct("file", "row").n_unique().alias("held"))
    both = counted.join(held, on="source", how="left").with_columns(pl.col("held").fill_null(0))
    for row in both.filter(pl.col("rejected") != pl.col("held")).sort("source").to_dicts():
        yield (
            f"{row['source']}: {row['rejected']} rows were rejected, but the store holds the "
            f"reasons for {row['held']}."
        )
