"""One thing under several codes: which records are the same, by their codes alone.

Two records of one kind are one thing when one lists the other's id among its codes, or both list
the same code. Of the ids that meet in this way the canonical one is the first by
`identifiers.PRECEDENCE` (ODS before CQC before ONS ... before ours), then by text. Nothing is
merged by name here.
"""

from __future__ import annotations

import polars as pl

from ..ontology.identifiers import canonical

__all__ = ["canonical_ids"]


def canonical_ids(records: pl.DataFrame) -> pl.DataFrame:
    """For each id that is not canonical, the canonical id of the same thing.

    `records` has `kind`, `id` and `codes` (list), one row for each record of each source. Returns
    `kind`, `id`, `canonical`, only rows where the two differ, sorted.

    >>> key = "icsg:local-authority/barnet"
    >>> records = pl.DataFrame({"kind": ["Area"] * 2, "id": ["ons:E09000003", key],
    ...                         "codes": [[key], []]})
    >>> canonical_ids(records).rows()
    [('Area', 'icsg:local-authority/barnet', 'ons:E09000003')]
    """
    ids = records.select("kind", "id").unique()
    links = (
        records.select("kind", "id", pl.col("codes").alias("code"))
        .explode("code", empty_as_null=True, keep_nulls=False)
        .filter(pl.col("code").is_not_null() & (pl.col("code") != pl.col("id")))
        .unique()
    )
    codes_that_are_ids = ids.rename({"id": "code"})
    shared = links.filter(pl.struct("kind", "code").is_duplicated())
    linking = pl.concat(
        [links.join(codes_that_are_ids, on=["kind", "code"], how="semi"), shared]
    ).unique()
    rows = [
        (kind, member, canonical(group))
        for (kind,), edges in linking.partition_by("kind", as_dict=True).items()
        for group in _groups(edges, set(ids.filter(pl.col("kind") == kind)["id"]))
        for member in group
    ]
    table = pl.DataFrame(
        rows, schema={"kind": pl.String, "id": pl.String, "canonical": pl.String}, orient="row"
    )
    return table.filter(pl.col("id") != pl.col("canonical")).sort("kind", "id")


def _groups(edges: pl.DataFrame, ids: set[str]) -> list[list[str]]:
    """Ids that hang together through shared codes (union-find); codes that are no record's id drop
    out."""
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for one, other in edges.select("id", "code").iter_rows():
        parent[root(one)] = root(other)
    groups: dict[str, list[str]] = {}
    for member in parent:
        if member in ids:
            groups.setdefault(root(member), []).append(member)
    return [group for group in groups.values() if len(group) > 1]
