"""From tables to a store: a graph that comes back from a file or a server, without its sources.

The store that is made has one snapshot and no partitions. It answers as any other does; nothing can
be added to it by a build, since what its sources said is not there (`Store.restored`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.errors import DataError, StoreError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import faults
from .files import fresh_folder, json_text, sha256, write_table, write_whole
from .formats.content import columns_of
from .merging import as_of_day
from .store import Store

__all__ = ["manifest_of", "problems_of", "restore"]

Tables = Mapping[tuple[str, str], pl.DataFrame]
"""Tables by group (`nodes`, `relationships`, `records`, `history`, `series`) and kind or name."""


def restore(store: Store, tables: Tables, manifest: Mapping[str, Any] | None, origin: str) -> str:
    """Make tables the snapshot that readers of a store see; its id.

    `tables` are checked as a build checks them: `DataError` for a value that its column cannot
    have, an id that stands twice, or an end that is no node. `manifest` is that of the snapshot
    they were exported from, if it is known: equal tables then have that snapshot's id. `origin`
    says in words where they are from. `StoreError` if the store holds anything else.
    """
    given = {place: table for place, table in tables.items() if table.height}
    for problem in problems_of(given):
        raise DataError(f"{origin}: {problem}")
    if (store.path / "CURRENT").exists() and not store.restored.exists():
        raise StoreError(
            f"The store {store.path} holds a graph that was built from sources.",
            "Name a store that does not exist yet: --store STORE",
        )
    with store.writing(), fresh_folder(store.path / "snapshots") as folder:
        _write(folder, given)
        facts = manifest_of(manifest, given)
        facts["tables"] = _written(folder)
        if manifest is not None and manifest.get("tables") == facts["tables"]:
            facts = dict(manifest)
        write_whole(folder / "manifest.json", json_text(facts))
        name = sha256(folder / "manifest.json")[:16]
        if not folder.with_name(name).exists():
            folder.rename(folder.with_name(name))
        write_whole(store.restored, f"{origin}\n")
        store.switch(name)
    return name


def _write(folder: Path, given: Tables) -> None:
    """Write the tables as a build lays them out: those of kinds also where they are empty."""
    always = [
        *(("nodes", kind) for kind in NODE_KINDS),
        *(("records", kind) for kind in NODE_KINDS),
        *(("relationships", kind) for kind in RELATIONSHIP_KINDS),
    ]
    for group, name in dict.fromkeys([*always, *given]):
        table = given.get((group, name), pl.DataFrame(schema=columns_of(group, name)))
        (folder / group).mkdir(exist_ok=True)
        write_table(_sorted(group, table), folder / group / f"{name}.parquet")


def _sorted(group: str, table: pl.DataFrame) -> pl.DataFrame:
    by = {"nodes": ("id",), "relationships": ("subject", "object", "id")}
    return table.sort(by[group], maintain_order=True) if group in by else table


def _written(folder: Path) -> dict[str, Any]:
    return {
        path.relative_to(folder).as_posix(): {
            "rows": pl.scan_parquet(path).select(pl.len()).collect().item(),
            "sha256": sha256(path),
        }
        for path in sorted(folder.rglob("*.parquet"))
    }


def manifest_of(known: Mapping[str, Any] | None, tables: Tables) -> dict[str, Any]:
    """What is known of the sources of restored tables, as a manifest says it: that of the snapshot
    they are from, else what the nodes of the editions say of themselves."""
    sources = known["sources"] if known else list(_editions(tables))
    days = [day for facts in sources if (day := as_of_day(facts))]
    return {
        "decisions": list(known["decisions"]) if known else [],
        "default_day": known["default_day"] if known else max(days, default=None),
        "sources": sources,
        "groups": {},
    }


def _editions(tables: Tables) -> Iterator[dict[str, Any]]:
    """The facts of each edition that a row names, from its node `icsg:source/<id>` if it is
    there."""
    named = {source for table in tables.values() for source in _named(table)}
    listed = tables.get(("nodes", "Source"))
    told = {row["id"]: row for row in listed.to_dicts()} if listed is not None else {}
    for source in sorted(named):
        row = told.get(f"icsg:source/{source}", {})
        facts = {c: row.get(c) for c in ("publisher", "licence", "url", "as_of", "retrieved")}
        yield {
            "id": source,
            "data_set": source.partition("@")[0],
            "kind": "",
            "title": row.get("name") or source,
            **facts,
            "scope": "",
            "complete": False,
            "official": False,
            "files": [],
            "accounting": [],
        }


def _named(table: pl.DataFrame) -> set[str]:
    named = set(table["source"].drop_nulls()) if "source" in table.columns else set()
    if "sources" in table.columns:
        named |= set(table["sources"].explode(empty_as_null=True).drop_nulls())
    return named


def problems_of(tables: Tables) -> Iterator[str]:
    """What is wrong with tables that are to be a graph? One sentence each, as a build says it."""
    for (group, kind), table in tables.items():
        if group != "series":
            for row in faults(kind, table).head(1).iter_rows(named=True):
                yield (
                    f'{kind} {row["id"]}, column {row["column"]}: "{row["value"]}" {row["reason"]}.'
                )
    nodes = [t.select("id", "kind") for (group, _), t in tables.items() if group == "nodes"]
    ties = [t.select("id", "kind") for (group, _), t in tables.items() if group == "relationships"]
    kinds = pl.concat([pl.DataFrame(schema={"id": pl.String, "kind": pl.String}), *nodes])
    for rows in (kinds, pl.concat([kinds.clear(), *ties])):
        for row in rows.filter(pl.col("id").is_duplicated()).sort("id").head(1).to_dicts():
            yield f"{row['kind']} {row['id']} stands there twice."
    for (group, kind), table in tables.items():
        if group == "relationships":
            yield from _loose_ends(kind, table, kinds)


def _loose_ends(kind: str, table: pl.DataFrame, kinds: pl.DataFrame) -> Iterator[str]:
    model = RELATIONSHIP_KINDS[kind]
    for end, allowed in (("subject", model.domain), ("object", model.range)):
        fit = kinds.filter(pl.col("kind").is_in(allowed)).select(pl.col("id").alias(end))
        for row in table.join(fit, on=end, how="anti").sort(end, "id").head(1).to_dicts():
            found = kinds.filter(pl.col("id") == row[end])["kind"].to_list()
            what = f"a {found[0]}" if found else "not among the nodes"
            yield f"{kind} {row['id']} has the {end} {row[end]}, which is {what}."
