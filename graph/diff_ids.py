"""Which things two snapshots both have, though under other ids.

A thing keeps every identifier that it is known by among its codes. So an id that only one of the
two snapshots has may be a code of a thing in the other: the records have become one thing, have
come apart, or the thing stands under another id.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Ids"]


@dataclass(frozen=True, slots=True)
class Ids:
    """How the ids of one node kind in two snapshots belong together; each a table of `id` (the
    older one) and `new`.

    `moved` are things that stand under another id, `joined` records that became part of a thing
    that was there already, `parted` things that came out of one that is still there.
    """

    moved: pl.DataFrame
    joined: pl.DataFrame
    parted: pl.DataFrame

    @classmethod
    def of(cls, old: pl.DataFrame, new: pl.DataFrame) -> Ids:
        """Compare two tables of nodes of one kind.

        >>> old = pl.DataFrame({"id": ["icsg:area/barnet"], "codes": [["ods:N1"]]})
        >>> new = pl.DataFrame({"id": ["ons:E09000003"], "codes": [["icsg:area/barnet"]]})
        >>> Ids.of(old, new).moved.rows()
        [('icsg:area/barnet', 'ons:E09000003')]
        """
        gone, come = _only(old, new), _only(new, old)
        said_later = _codes(new).join(gone, left_on="code", right_on="id", how="semi")
        said_before = _codes(old).join(come, left_on="code", right_on="id", how="semi")
        later = said_later.select(pl.col("code").alias("id"), pl.col("id").alias("new"))
        before = said_before.select("id", pl.col("code").alias("new"))
        to_come = pl.col("new").is_in(come["id"].implode())
        from_gone = pl.col("id").is_in(gone["id"].implode())
        moved = _one_each(pl.concat([later.filter(to_come), before.filter(from_gone)]))
        joined = later.filter(~to_come).join(moved, on="id", how="anti")
        parted = before.filter(~from_gone).join(moved, on="new", how="anti")
        return cls(moved, _first(joined, "id", "new"), _first(parted, "new", "id"))

    def under_new_ids(self, old: pl.DataFrame) -> pl.DataFrame:
        """The older table with each thing under the id that it has in the newer one."""
        alone = old.join(self.joined, on="id", how="anti", maintain_order="left")
        return alone.with_columns(pl.col("id").replace(self.moved["id"], self.moved["new"]))

    @property
    def newer(self) -> pl.DataFrame:
        """`id` and `new` for every id of the older snapshot that the newer one does not have."""
        return pl.concat([self.moved, self.joined])


def _only(here: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    return here.select("id").join(there.select("id"), on="id", how="anti")


def _codes(table: pl.DataFrame) -> pl.DataFrame:
    codes = table.select("id", pl.col("codes").alias("code"))
    return codes.explode("code", empty_as_null=False, keep_nulls=False)


def _one_each(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each older and each newer id once, the first of several."""
    return _first(_first(pairs, "id", "new"), "new", "id")


def _first(pairs: pl.DataFrame, one: str, other: str) -> pl.DataFrame:
    """Each value of a column once, with the first of those beside it."""
    return pairs.sort(one, other).unique(one, keep="first", maintain_order=True)
