"""One thing under several ids: which records are the same, by their codes and by judgement.

Two records of one kind are one thing when one lists the other's id among its codes, when both list
the same code, or when a decision says so (`decisions`). A decision that two are different keeps
them apart whatever codes they share; what belongs to both by its codes then stays with the one that
comes first by id. Of the ids that meet in this way the canonical one is the first by
`identifiers.PRECEDENCE` (ODS before CQC before ONS ... before ours), then one that no decision
names second, then the first by text. Nothing is merged by name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from ..ontology.identifiers import canonical
from ..ontology.model import NODE_KINDS
from .decisions import DIFFERENT, SAME, Decision
from .grouping import Grouping
from .snapshot import Snapshot

__all__ = ["canonical_ids", "in_force", "known_records"]


def canonical_ids(records: pl.DataFrame, decisions: Iterable[Decision] = ()) -> pl.DataFrame:
    """For each id that is not canonical, the canonical id of the same thing.

    `records` has `kind`, `id` and `codes` (list), one row for each record of each source. Returns
    `kind`, `id`, `canonical`, only rows where the two differ, sorted. Decisions about an id that no
    record has, or about two kinds of thing, change nothing.

    >>> key = "icsg:local-authority/barnet"
    >>> records = pl.DataFrame({"kind": ["Area"] * 2, "id": ["ons:E09000003", key],
    ...                         "codes": [[key], []]})
    >>> canonical_ids(records).rows()
    [('Area', 'icsg:local-authority/barnet', 'ons:E09000003')]
    >>> apart = Decision("ons:E09000003", key, "different", "A. Analyst", "2026", "another Barnet")
    >>> canonical_ids(records, [apart]).rows()
    []
    """
    ids = records.select("kind", "id").unique()
    linking = _linking(records, ids).partition_by("kind", as_dict=True)
    links = {str(kind): rows for (kind,), rows in linking.items()}
    judged = in_force(decisions, ids)
    rows = [
        (kind, member, named)
        for kind in sorted({*links, *judged})
        for group, named in _groups(ids, kind, links.get(kind), judged.get(kind, []))
        for member in group
    ]
    table = pl.DataFrame(
        rows, schema={"kind": pl.String, "id": pl.String, "canonical": pl.String}, orient="row"
    )
    return table.filter(pl.col("id") != pl.col("canonical")).sort("kind", "id")


def in_force(decisions: Iterable[Decision], ids: pl.DataFrame) -> dict[str, list[Decision]]:
    """The decisions about two records that both are there and of one kind, sorted, by that kind.

    `ids` has `kind` and `id` of every record.
    """
    held = list(decisions)
    named = pl.Series("id", sorted({one for each in held for one in each.pair}), dtype=pl.String)
    kinds: dict[str, set[str]] = {}
    for kind, one in ids.filter(pl.col("id").is_in(named.implode())).select("kind", "id").rows():
        kinds.setdefault(one, set()).add(kind)
    found: dict[str, list[Decision]] = {}
    for each in sorted(held, key=lambda decision: decision.key):
        for kind in kinds.get(each.one, set()) & kinds.get(each.other, set()):
            found.setdefault(kind, []).append(each)
    return found


def _linking(records: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Each record's codes that another record has as its id or lists, too; sorted."""
    links = (
        records.select("kind", "id", pl.col("codes").alias("code"))
        .explode("code", empty_as_null=True, keep_nulls=False)
        .filter(pl.col("code").is_not_null() & (pl.col("code") != pl.col("id")))
        .unique()
    )
    codes_that_are_ids = ids.rename({"id": "code"})
    shared = links.filter(pl.struct("kind", "code").is_duplicated())
    joined = pl.concat([links.join(codes_that_are_ids, on=["kind", "code"], how="semi"), shared])
    return joined.unique().sort("kind", "id", "code")


def _groups(
    ids: pl.DataFrame, kind: str, links: pl.DataFrame | None, decisions: Iterable[Decision]
) -> Iterator[tuple[list[str], str]]:
    """Ids that are one thing, with the canonical one; codes that are no record's id drop out."""
    held, grouping = list(decisions), Grouping()
    for each in held:
        if each.judgement == DIFFERENT:
            grouping.keep_apart(each.one, each.other)
    for each in held:
        if each.judgement == SAME:
            grouping.join(each.one, each.other)
    if links is not None:
        for one, code in links.select("id", "code").iter_rows():
            grouping.join(one, code)
    records = set(ids.filter(pl.col("kind") == kind)["id"])
    second = {each.other for each in held if each.judgement == SAME}
    for group in grouping:
        members = [member for member in group if member in records]
        if len(members) > 1:
            yield members, canonical(members, second)


def known_records(snapshot: Snapshot) -> pl.DataFrame:
    """Every record's id as its source has it: `kind`, `id`, the `canonical` id of the thing that it
    is one record of, and the `name` that the record gives it. One row for each id, sorted."""
    tables = []
    for kind in NODE_KINDS:
        columns = (pl.lit(kind).alias("kind"), "id", pl.col("id").alias("canonical"), "name")
        records = snapshot.records(kind)
        own = records.select("kind", pl.col("own_id").alias("id"), pl.col("id").alias("canonical"),
                             "name")  # fmt: skip
        single = snapshot.nodes(kind).join(records.select("id"), on="id", how="anti")
        tables += [own.unique("id", maintain_order=True), single.select(columns)]
    return pl.concat(tables).sort("kind", "id")
