"""The way of the data: sources -> loaders -> store.

`build` reads each listed source, writes its partition, and joins all partitions to a new snapshot.
Nothing that a reader sees changes before the last step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from .graph.assemble import assemble
from .graph.files import fingerprint, fresh_folder, in_parallel, seen_from, sha256
from .graph.judging import following
from .graph.merging import as_of_day
from .graph.partitions import Partition, StoredPartition, read_facts, write_partition
from .graph.store import Store
from .loaders.records import (
    FileAccount,
    Judgements,
    Nodes,
    Relationships,
    Series,
    SourceEntry,
)
from .loaders.registry import loader
from .ontology.errors import DataError, StoreError
from .ontology.model import NODE_KINDS
from .ontology.relationships import RELATIONSHIP_KINDS
from .ontology.tables import schema

__all__ = ["Build", "build", "doubts", "load", "remove"]

Tell = Callable[[str], None]


def _silent(step: str) -> None:
    """Say nothing of a step."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a build did: the snapshot it made, the sources it read, those it had no need to read,
    and what a person should look at, a sentence each."""

    snapshot: str
    read: tuple[str, ...]
    unchanged: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def build(store: Store, sources: Iterable[SourceEntry] = (), tell: Tell = _silent) -> Build:
    """Read `sources` into partitions of `store`, join all that it holds, and switch readers to the
    result.

    A source whose files, loader and description are those of its partition is not read again.
    Sources that the store holds and the list does not name stay. `tell` hears of each step. Any
    error leaves the store's partitions and its last snapshot as they were.
    """
    listed = [(entry, _inputs(entry, store.path)) for entry in sources]
    if store.restored.is_file():
        raise StoreError(
            f"The store {store.path} was read back from an export, and holds no sources to join.",
            "Build in a store that does not exist yet: --store STORE",
        )
    with store.writing(), ExitStack() as unfinished:
        held = [read_facts(store.partitions / source) for source in store.sources()]
        new = [(e, known) for e, known in listed if not _is_current(store, e, known)]
        folders = {
            entry.id: unfinished.enter_context(fresh_folder(store.partitions)) for entry, _ in new
        }

        arrived: dict[str, StoredPartition] = {}

        def read(job: tuple[SourceEntry, dict[str, Any]]) -> None:
            entry, known = job
            tell(f"Reading {entry.id}")
            arrived[entry.id] = write_partition(folders[entry.id], load(entry, known))

        # The largest first: else it may be read at the end, with the other processors idle.
        in_parallel(read, sorted(new, key=lambda job: _size(job[0]), reverse=True))
        if not folders and not store.sources():
            raise DataError(
                "There is no source to build from.", "Name a SOURCES.toml, or use --sample."
            )
        tell("Joining all sources")
        with following(store, {**_partitions(store), **folders}):
            snapshot = assemble(store, arrived)
        warned = [said for folder in folders.values() for said in doubts(read_facts(folder), held)]
        for source, folder in folders.items():
            store.put_partition(source, folder)
        store.switch(snapshot)
    unchanged = tuple(entry.id for entry, _ in listed if entry.id not in folders)
    return Build(snapshot, tuple(folders), unchanged, tuple(warned))


FAR_FEWER = 0.5
"""An edition with less than this share of the rows of the last one is worth a look."""


MANY_REJECTED = 0.5
"""An edition of which more than this share of rows was rejected is hardly what it is taken for."""


def doubts(new: Mapping[str, Any], held: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What is strange about an edition: most of its rows were rejected; or beside those of its data
    set that the store held before it is older than the newest of them, or has far fewer rows.

    >>> rows = lambda n: [{"rows": n, "rejected": 0}]
    >>> last = {"id": "b@2", "data_set": "b", "as_of": "2026", "accounting": rows(200)}
    >>> new = {"id": "b@1", "data_set": "b", "as_of": "2021", "accounting": rows(50)}
    >>> for doubt in doubts(new, [last]): print(doubt)
    b@1 is of 2021, older than b@2 of 2026, which was loaded before.
    b@1 has 50 rows, far fewer than the 200 of b@2.
    """
    rows, gone = (sum(file[n] for file in new["accounting"]) for n in ("rows", "rejected"))
    if gone > MANY_REJECTED * rows:
        yield f"{new['id']}: {gone:,} of its {rows:,} rows were rejected."
    same = [f for f in held if f["data_set"] == new["data_set"] and f["id"] != new["id"]]
    if not same:
        return
    last = max(same, key=as_of_day)
    if as_of_day(new) < as_of_day(last):
        stated = f"{new['id']} is of {new['as_of']}, older than {last['id']} of {last['as_of']}"
        yield f"{stated}, which was loaded before."
    before = sum(file["rows"] for file in last["accounting"])
    if rows < FAR_FEWER * before:
        yield f"{new['id']} has {rows:,} rows, far fewer than the {before:,} of {last['id']}."


def remove(store: Store, source: str) -> None:
    """Drop a source from the store, and what it judged itself; the next `build` makes a snapshot
    without it."""
    with store.writing():
        kept = {other: at for other, at in _partitions(store).items() if other != source}
        with following(store, kept):
            store.remove_partition(source)


def _partitions(store: Store) -> dict[str, Path]:
    return {source: store.partitions / source for source in store.sources()}


@cache
def _ontology() -> str:
    """A fingerprint of every table's columns."""
    kinds = (*NODE_KINDS, *RELATIONSHIP_KINDS)
    return fingerprint({kind: {c: str(t) for c, t in schema(kind).items()} for kind in kinds})


def _inputs(entry: SourceEntry, store: Path | None = None) -> dict[str, Any]:
    """What decides whether a source must be read again.

    Where a source quotes a document, its files can be found again: seen from the store.
    """
    files = [{"name": path.name, "sha256": sha256(path)} for path in entry.files]
    if store is not None and loader(entry.kind).quotes:
        for facts, path in zip(files, entry.files, strict=True):
            facts["path"] = seen_from(store, path)
    return {
        "files": files,
        "loader": {"kind": entry.kind, "version": loader(entry.kind).version},
        "ontology": _ontology(),
    }


def _size(entry: SourceEntry) -> int:
    return sum(path.stat().st_size for path in entry.files)


def _description(entry: SourceEntry) -> dict[str, Any]:
    row = loader(entry.kind)
    return {
        "id": entry.id,
        "data_set": entry.data_set,
        "kind": entry.kind,
        "title": entry.title,
        "publisher": entry.publisher or row.publisher,
        "licence": entry.licence,
        "url": entry.url or row.page,
        "as_of": entry.as_of,
        "retrieved": entry.retrieved,
        "scope": entry.scope,
        "complete": entry.complete,
        "official": row.official,
    }


def _is_current(store: Store, entry: SourceEntry, known: dict[str, Any]) -> bool:
    if entry.id not in store.sources():
        return False
    facts = read_facts(store.partitions / entry.id)
    wanted = {**_description(entry), **known}
    return {key: facts.get(key) for key in wanted} == wanted


def load(entry: SourceEntry, inputs: dict[str, Any] | None = None) -> Partition:
    """Read one source with its loader: its tables, rejects and facts, with every row accounted for.

    `DataError` if a file has rows of which the loader says nothing.
    """
    nodes: dict[str, list[pl.DataFrame]] = {"Source": [_source_node(entry)]}
    relationships: dict[str, list[pl.DataFrame]] = {}
    series: dict[str, list[pl.DataFrame]] = {}
    judgements: list[pl.DataFrame] = []
    accounts: list[FileAccount] = []
    for table in loader(entry.kind).read(entry):
        match table:
            case Nodes(kind, rows):
                nodes.setdefault(kind, []).append(rows)
            case Relationships(kind, rows):
                relationships.setdefault(kind, []).append(rows)
            case Series(name, rows):
                series.setdefault(name, []).append(rows)
            case Judgements(rows):
                judgements.append(rows)
            case FileAccount():
                accounts.append(table.check())
    facts = {**_description(entry), **(inputs or _inputs(entry))}
    facts["accounting"] = [_accounting(account) for account in accounts]
    return Partition(
        facts,
        {kind: _joined(rows) for kind, rows in nodes.items()},
        {kind: _joined(rows) for kind, rows in relationships.items()},
        {name: _joined(rows) for name, rows in series.items()},
        _joined([account.rejected for account in accounts]),
        _judged(facts, judgements),
    )


def _judged(facts: dict[str, Any], judgements: Sequence[pl.DataFrame]) -> pl.DataFrame | None:
    """What the source judges itself, as decisions of its publisher on its as-of day."""
    if not judgements:
        return None
    who, when = facts["publisher"] or facts["title"], facts["as_of"] or "unknown"
    told = pl.concat(judgements).with_columns(who=pl.lit(who), when=pl.lit(when))
    one_line = pl.col("who", "when", "why").str.replace_all(r"\s+", " ").str.strip_chars()
    return told.with_columns(one_line)


def _joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()


def _source_node(entry: SourceEntry) -> pl.DataFrame:
    """The edition itself as a node, so that statements can be followed to what they rest on."""
    facts = _description(entry)
    return pl.DataFrame(
        {
            "id": [f"icsg:source/{entry.id}"],
            "name": [entry.title],
            "source_type": ["data-set-edition"],
            **{
                c: [facts[c] or None] for c in ("publisher", "licence", "url", "as_of", "retrieved")
            },
        }
    )


def _accounting(account: FileAccount) -> dict[str, Any]:
    return {
        "file": account.file,
        "rows": account.rows_in,
        "accepted": account.accepted.len(),
        "merged": account.merged.len(),
        "rejected": account.rejected["row"].n_unique(),
        "notes": list(account.notes),
    }
