"""What the data sets of adoption have in common: series, things, memberships, adoptions."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import polars as pl

from ..ontology.adoption_rules import rules_of
from ..ontology.adoptions import adoptions
from .data_sets import Tables
from .records import Nodes, Relationships, Series

__all__ = [
    "adopted",
    "held_around",
    "innovation_nodes",
    "measured",
    "numbered",
    "things",
]

_INNOVATIONS = Path(__file__).with_name("adoption_innovations.csv")

# --- series ---------------------------------------------------------------------------------------


def measured(
    rows: pl.DataFrame,
    measure: str,
    number: str | pl.Expr | None = None,
    value: str | pl.Expr | None = None,
    group: str | pl.Expr | None = None,
) -> pl.DataFrame:
    """Rows of a series: one measure of `thing` on `date`, where there is a number or a value.

    >>> rows = pl.DataFrame({"thing": ["ods:QE1"], "date": ["2023-07"], "beds": [393.0]})
    >>> measured(rows, "beds", "beds").row(0)
    ('ods:QE1', 'beds', None, None, 393.0, '2023-07')
    """
    table = rows.select(
        "thing",
        pl.lit(measure).alias("measure"),
        _column(group, pl.String).alias("group"),
        _column(value, pl.String).alias("value"),
        _column(number, pl.Float64).alias("number"),
        "date",
    )
    return table.filter(pl.col("number").is_not_null() | pl.col("value").is_not_null())


def _column(given: str | pl.Expr | None, kind: type[pl.DataType]) -> pl.Expr:
    if given is None:
        return pl.lit(None, dtype=kind)
    return (pl.col(given) if isinstance(given, str) else given).cast(kind)


def numbered(rows: pl.DataFrame, measures: Mapping[str, str]) -> pl.DataFrame:
    """Rows of a series: every measure, by the name of its column of numbers."""
    return pl.concat([measured(rows, measure, column) for column, measure in measures.items()])


# --- things and statements ------------------------------------------------------------------------


def things(kind: str, rows: pl.DataFrame, column: str, prefix: str = "ods", **given: str) -> Nodes:
    """One node for each code in a column, with constant columns."""
    ids = rows.select(pl.format(f"{prefix}:{{}}", column).alias("id")).drop_nulls().unique()
    return Nodes(kind, ids.sort("id").with_columns(**{c: pl.lit(v) for c, v in given.items()}))


def held_around(first: str, last: str) -> list[pl.Expr]:
    """The columns of what is seen to hold in every month from one column's to another's: begun by
    the end of the first, not over at the start of the last.

    >>> pl.DataFrame({"from": ["2023-09"], "to": ["2025-03"]}).select(
    ...     held_around("from", "to")).row(0)
    ('2023-09-30', '2025-03-02')
    """
    begun = pl.format("{}-01", first).str.to_date().dt.month_end().dt.to_string("%Y-%m-%d")
    return [begun.alias("start_latest"), pl.format("{}-02", last).alias("end_earliest")]


@cache
def _innovations() -> pl.DataFrame:
    with _INNOVATIONS.open(encoding="utf-8", newline="") as file:
        return pl.DataFrame(list(csv.DictReader(file)))


def innovation_nodes(ids: Iterable[str]) -> Nodes:
    """The innovations that these series are about.

    >>> innovation_nodes(["icsg:innovation/virtual-ward"]).rows["name"].to_list()
    ['Virtual ward']
    """
    return Nodes("Innovation", _innovations().filter(pl.col("id").is_in(sorted(set(ids)))))


def adopted(series: Series) -> Tables:
    """The innovations of a series, and who adopted them by the declared rules."""
    told = set(series.rows.select("measure", "group").unique().iter_rows())
    # An edition need not have every group: the population that virtual wards count has changed.
    rules = [rule for rule in rules_of(series.name) if (rule.measure, rule.group) in told]
    if not rules:
        return
    yield innovation_nodes(rule.innovation for rule in rules)
    dated = pl.concat([adoptions(series.rows, rule) for rule in rules])
    yield Relationships(
        "ADOPTED",
        dated.with_columns(
            pl.lit("inference").alias("knowledge_level"), pl.lit("live").alias("stage")
        ),
    )
