"""Data sets declared as data: layouts, the form of every value in them, and what the rows say.

A data set that is declared so needs no reading code of its own: `read_data_set` reads its files,
rejects with a reason what does not have its form, and accounts for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from .cleaning import Rule, is_missing, is_not, one_row_each, sift, upper_code
from .delimited import Layout, Sheet, read_delimited
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = [
    "MONTH",
    "DataSet",
    "Form",
    "Tables",
    "is_no_number",
    "read_data_set",
]

Tables = Iterator[Nodes | Relationships | Series]

MONTH = "(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])"
"""What a month looks like: 2023-09."""

_CODES: Mapping[str, tuple[str, str]] = {
    "practice": ("[A-Z][0-9]{5}", "an ODS code of a practice"),
    "trust": ("[0-9A-Z]{3,5}", "an ODS code of a trust"),
    "network": ("U(?:[0-9]{5})?", "an ODS code of a primary care network, or U for none"),
    "commissioner": ("[0-9A-Z]{3,6}", "an ODS code of a commissioner"),
    "system": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "region": ("Y[0-9]{2}", "an ODS code of an NHS England region"),
    "system_ons": ("E54[0-9]{6}", "an ONS code of a system"),
    "area": ("E38[0-9]{6}", "an ONS code of a sub-ICB location"),
    "member": ("[0-9A-Z]{3,12}", "an ODS code"),
    "month": (MONTH, "a month such as 2023-09"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How the rows of one layout are checked: each code by its form, each number by its bounds.

    `key` are the columns that tell rows apart; `numbers` gives each number the least and the
    greatest value it can have; every column must have a value, but for those in `may_lack`; `rules`
    are what else must hold.
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


def _checked(sheet: Sheet, form: Form) -> Sheet:
    """The rows of which every value has its form, with numbers as numbers, one for each key."""
    columns = [c for c in sheet.rows.columns if c != "row"]
    coded = [c for c in columns if c in _CODES]
    sheet = sheet.derive(*(upper_code(c) for c in coded))
    rules = is_missing(*(c for c in columns if c not in form.may_lack))
    rules += [is_not(c, *_CODES[c]) for c in coded]
    rules += [is_no_number(c, *bounds) for c, bounds in form.numbers.items()]
    sheet = sift(sheet, [*rules, *form.rules])
    sheet = sheet.derive(*(pl.col(c).cast(pl.Float64) for c in form.numbers))
    return _one_record_each(sheet, form.key)


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


def _one_record_each(sheet: Sheet, key: Sequence[str]) -> Sheet:
    """One row for each key: what repeats is merged, what contradicts an earlier row rejected."""
    told = [c for c in sheet.rows.columns if c != "row" and c not in key]
    reason = f"has other values in an earlier row of the same {' and '.join(key)}"
    return one_row_each(sheet, key, told, key[0], reason, "Keep the row that was published.")


def read_data_set(entry: SourceEntry, data_set: DataSet) -> Iterator[Table]:
    """The files of an edition as tables, one row for each thing and statement, and their accounts.

    Files of the same layout are parts of one table; of two rows with the same key the one in the
    earlier file counts. Raises `LayoutError` or `FileFault` for a file that cannot be of the data
    set.
    """
    forms = {layout.name: form for layout, form in data_set.forms}
    parts: dict[str, list[pl.DataFrame]] = {}
    for path in entry.files:
        sheet = read_delimited(path, [layout for layout, _ in data_set.forms])
        name = sheet.layout.name
        sheet = _checked(sheet, forms[name])
        parts.setdefault(name, []).append(sheet.rows)
        yield sheet.account()
    tables = {name: _joined(rows, forms[name].key) for name, rows in parts.items()}
    yield from united(data_set.tables(tables, entry.as_of))


def _joined(rows: Sequence[pl.DataFrame], key: Sequence[str]) -> pl.DataFrame:
    if len(rows) == 1:
        return rows[0]
    return pl.concat(rows).unique(key, keep="first", maintain_order=True)
