"""Records that only name a thing: of which kind it is, the source that describes it says.

A source may know no more of a thing than its code, and take its kind from the form of that code: a
table of successions cannot say whether "R0B0A" is a body or a site. Where a record of another kind
says anything of the same id, the mention is taken as a mention of that thing. Two records that both
describe a thing as of different kinds are a contradiction, and left to be found as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from ..ontology.model import NODE_KINDS
from .partitions import StoredPartition

__all__ = ["settled_kinds"]

SCHEMA = dict.fromkeys(("source", "id", "kind", "settled"), pl.String)


def settled_kinds(parts: Iterable[StoredPartition], records: pl.DataFrame) -> pl.DataFrame:
    """The mentions whose kind is settled by others: `source`, `id`, its `kind`, and the one
    `settled`; sorted.

    `records` has `source`, `kind` and `id` of every record. Where nobody describes the thing, it is
    of the first of its kinds in the order of the ontology.
    """
    kinds = records.select("kind", "id").unique()
    several = kinds.filter(pl.col("id").is_duplicated())
    if several.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    described = pl.concat(_described(parts, several["id"].unique())).unique()
    contradicted = described.filter(pl.col("id").is_duplicated())["id"]
    order = pl.Enum(list(NODE_KINDS))
    first = several.sort(pl.col("kind").cast(order)).unique("id", keep="first", maintain_order=True)
    settled = pl.concat([described, first.select("id", "kind")])
    settled = settled.unique("id", keep="first", maintain_order=True)
    return (
        records.join(several, on=["kind", "id"], how="semi")
        .filter(~pl.col("id").is_in(contradicted.implode()))
        .join(settled.rename({"kind": "settled"}), on="id")
        .filter(pl.col("kind") != pl.col("settled"))
        .select(*SCHEMA)
        .unique()
        .sort(*SCHEMA)
    )


def _described(parts: Iterable[StoredPartition], ids: pl.Series) -> Iterator[pl.DataFrame]:
    """`id` and `kind` of those of `ids` of which some record says more than the id."""
    yield pl.DataFrame(schema={"id": pl.String, "kind": pl.String})
    for part in parts:
        for kind in NODE_KINDS:
            table = part.nodes(kind)
            if table is None or not table["id"].is_in(ids.implode()).any():
                continue
            of_them = table.filter(pl.col("id").is_in(ids.implode()))
            yield of_them.filter(_says_something(of_them)).select("id", "kind")


def _says_something(table: pl.DataFrame) -> pl.Expr:
    told = (c for c in table.columns if c not in ("id", "kind", "sources"))
    return pl.any_horizontal(
        pl.col(c).list.len() > 0
        if isinstance(table.schema[c], pl.List)
        else pl.col(c).is_not_null()
        for c in told
    )
