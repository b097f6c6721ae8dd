"""What the data sets of adoption have in common: forms of values, series, things, adoptions."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from ..ontology.adoption_rules import rules_of
from ..ontology.adoptions import adoptions
from .cleaning import Rule, is_missing, is_not, same_key, sift, upper_code
from .delimited import Layout, Sheet
from .records import Nodes, Relationships, Series

__all__ = [
    "MONTH",
    "DataSet",
    "Form",
    "Tables",
    "adopted",
    "checked",
    "held_around",
    "innovation_nodes",
    "is_no_number",
    "measured",
    "numbered",
    "one_record_each",
    "things",
]

Tables = Iterator[Nodes | Relationships | Series]

MONTH = "(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])"
"""What a month looks like: 2023-09."""

_INNOVATIONS = Path(__file__).with_name("adoption_innovations.csv")
_CODES: Mapping[str, tuple[str, str]] = {
    "practice": ("[A-Z][0-9]{5}", "an ODS code of a practice"),
    "network": ("U(?:[0-9]{5})?", "an ODS code of a primary care network, or U for none"),
    "commissioner": ("[0-9A-Z]{3,6}", "an ODS code of a commissioner"),
    "system": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "region": ("Y[0-9]{2}", "an ODS code of an NHS England region"),
    "system_ons": ("E54[0-9]{6}", "an ONS code of a system"),
    "month": (MONTH, "a month such as 2023-09"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How the rows of one layout are checked: each code by its form, each number by its bounds.

    `key` are the columns that tell rows apart; `numbers` gives each number the least and the
    greatest value it can have; every other column must have a value, but for those in `may_lack`.
    `rules` are what else must hold.
    """

    key: Sequence[str]
    numbers: Mapping[str, tuple[float, float]]
    may_lack: frozenset[str] = frozenset()
    rules: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """One kind of source: its layouts with the form of their rows, and what its rows say.

    `tables` gets the checked rows of each layout by its name, and the as-of day.
    """

    forms: Sequence[tuple[Layout, Form]]
    tables: Callable[[Mapping[str, pl.DataFrame], str], Tables]


def checked(sheet: Sheet, form: Form) -> Sheet:
    """The rows of which every value has its form, with numbers as numbers, one for each key."""
    columns = [c for c in sheet.rows.columns if c != "row"]
    coded = [c for c in columns if c in _CODES]
    sheet = sheet.derive(*(upper_code(c) for c in coded))
    rules = is_missing(*(c for c in columns if c not in form.may_lack))
    rules += [is_not(c, *_CODES[c]) for c in coded]
    rules += [is_no_number(c, *bounds) for c, bounds in form.numbers.items()]
    sheet = sift(sheet, [*rules, *form.rules])
    sheet = sheet.derive(*(pl.col(c).cast(pl.Float64) for c in form.numbers))
    return one_record_each(sheet, form.key)


def is_no_number(column: str, least: float, greatest: float) -> Rule:
    """The rule that a value, if there is one, is a number within these bounds, both included.

    >>> rows = pl.DataFrame({"share": ["0.5", "1.5", "half", "NaN", None]})
    >>> rows.select(is_no_number("share", 0, 1).wrong).to_series().to_list()
    [False, True, True, True, False]
    """
    number = pl.col(column).cast(pl.Float64, strict=False)
    # NaN is greater than any number, here as in the order of polars.
    wrong = pl.col(column).is_not_null() & ~number.is_between(least, greatest).fill_null(False)
    return Rule(
        column, wrong, f"is no number from {least:,.15g} to {greatest:,.15g}", "Correct it."
    )


def one_record_each(sheet: Sheet, key: Sequence[str]) -> Sheet:
    """One row for each key: what repeats is merged, what contradicts an earlier row rejected."""
    told = [c for c in sheet.rows.columns if c != "row" and c not in key]
    later = same_key(sheet.rows, key, told)
    if later.is_empty():
        return sheet
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit(key[0]).alias("column"),
        pl.col(key[0]).alias("value"),
        pl.lit(f"has other values in an earlier row of the same {' and '.join(key)}").alias(
            "reason"
        ),
        pl.lit("Keep the row that was published.").alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)


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
