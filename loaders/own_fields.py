"""From the cells of somebody's own files to the fields of the model, as a mapping says.

Every function takes a sheet and gives it back with columns added, and without the rows that could
not be read, each of which is a reject with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from ..ontology.dates import COLUMNS, BoundedDate
from ..ontology.errors import DateFault, nearest_names
from ..ontology.identifiers import PATTERN
from ..ontology.vocabularies import scheme
from .delimited import Sheet
from .mapping_checks import DATES, fields_of, vocabulary_of
from .mapping_parts import FileList
from .workbook import sheet_day

__all__ = [
    "LONGEST_NAME",
    "Cells",
    "converted",
    "refuse",
    "refuse_long",
    "with_dates",
    "with_fields",
]

LONGEST_NAME = 1000
"""Characters of a name at most: a longer one is a text that went to the wrong column."""

Cells = Mapping[str, str]
"""Under which name a sheet holds each column of the file."""

Convert = Callable[[str], Any]
"""What a cell means; None if it means nothing."""

_YES_OR_NO = {
    **dict.fromkeys(("yes", "y", "true", "1"), True),
    **dict.fromkeys(("no", "n", "false", "0"), False),
}
_IDENTIFIERS = ("area", "document", "finding")
_DAYS = ("statutory_from",)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MOST_HINTS = 50


def with_fields(sheet: Sheet, rows: FileList, cells: Cells, kinds: Sequence[str]) -> Sheet:
    """The sheet with a column for each field that the mapping fills, but for dates and the kind.

    Constants are the same in all rows. A field of `kinds` that the mapping leaves out is not there.
    """
    known = fields_of(kinds)
    for field, named in rows.columns.items():
        if field in DATES or field == "kind":
            continue
        if known[field] == pl.List(pl.String):
            sheet = sheet.derive(_parts([cells[name] for name in named]).alias(field))
            continue
        column = cells[named[0]]
        convert, what, values = _reading(rows, kinds, field, known[field])
        sheet = converted(sheet, column, field, convert, what, values, known[field])
    fixed = {f: v for f, v in rows.constants.items() if f not in DATES}
    sheet = sheet.derive(
        *(
            pl.lit([v] if known[f] == pl.List(pl.String) else v, known[f]).alias(f)
            for f, v in fixed.items()
        )
    )
    return refuse_long(sheet, cells[rows.columns["name"][0]]) if "name" in rows.columns else sheet


def _parts(names: Sequence[str]) -> pl.Expr:
    """The texts of several columns as one list; a cell may hold several, split by semicolons."""
    split = [pl.col(name).fill_null("").str.split(";") for name in names]
    parts = pl.concat_list(split).list.eval(pl.element().str.strip_chars())
    return parts.list.eval(pl.element().filter(pl.element() != "")).list.unique().list.sort()


def refuse_long(sheet: Sheet, column: str) -> Sheet:
    """The sheet without rows whose name, in this column, is too long to be one."""
    return refuse(
        sheet,
        sheet.rows.filter(pl.col(column).str.len_chars() > LONGEST_NAME),
        column,
        f"is longer than {LONGEST_NAME:,} characters, so it is no name",
        "Give it a name, and put the text in a column of its own.",
    )


def refuse(
    sheet: Sheet, rows: pl.DataFrame, column: str, reason: str, what_to_do: str = ""
) -> Sheet:
    """The sheet without these rows, each rejected for its value in the column."""
    return sheet.reject(
        rows.select(
            "row",
            pl.lit(column).alias("column"),
            pl.col(column).cast(pl.String).alias("value"),
            pl.lit(reason).alias("reason"),
            pl.lit(what_to_do).alias("what_to_do"),
        )
    )


def _reading(
    rows: FileList, kinds: Sequence[str], field: str, dtype: pl.DataType
) -> tuple[Convert, str, Sequence[str]]:
    """How the cells of a field are read, what they have to be, and which texts would do."""
    words = {_folded(word): value for word, value in rows.words.get(field, {}).items()}
    plain, what, values = _unworded(kinds, field, dtype)

    def convert(text: str) -> Any:
        word = words.get(_folded(text))
        return plain(text) if word is None else word

    return convert, what, [*rows.words.get(field, {}), *values]


def _unworded(
    kinds: Sequence[str], field: str, dtype: pl.DataType
) -> tuple[Convert, str, Sequence[str]]:
    if vocabulary := vocabulary_of(kinds, field):
        terms = scheme(vocabulary)
        return (
            terms.notation_of,
            vocabulary.replace("-", " "),
            [t.label for t in terms.terms.values()],
        )
    if dtype == pl.Boolean:
        return lambda text: _YES_OR_NO.get(_folded(text)), "yes or no", ["yes", "no"]
    if dtype in (pl.Float64, pl.Int64):
        return (lambda text: _number(text, dtype)), "number", []
    if field in _IDENTIFIERS:
        return (lambda text: text if re.fullmatch(PATTERN, text) else None), "identifier", []
    if field in _DAYS:
        return _iso_day, "day such as 2022-07-01", []
    return (lambda text: text), "text", []


def _number(text: str, dtype: pl.DataType) -> float | int | None:
    plain = text.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain)
    return (int(number) if number.is_integer() else None) if dtype == pl.Int64 else number


def _iso_day(text: str) -> str | None:
    try:
        stated = BoundedDate.parse(text)
    except DateFault:
        return None
    return text if stated.precision == "day" else None


def converted(
    sheet: Sheet,
    column: str,
    field: str,
    convert: Convert,
    what: str,
    values: Sequence[str] = (),
    dtype: pl.DataType | None = None,
) -> Sheet:
    """The sheet with the meaning of each cell of `column` as `field`; a cell without one rejects
    its row, and the nearest of `values` are said. Each different text is read once."""
    texts = sheet.rows[column].drop_nulls().unique().sort().to_list()
    meant = {text: convert(text) for text in texts}
    unknown = [text for text, value in meant.items() if value is None]
    table = pl.DataFrame(
        {column: list(meant), field: list(meant.values())},
        schema={column: pl.String(), field: dtype or pl.String()},
        strict=False,
    )
    rows = sheet.rows.join(table, on=column, how="left", maintain_order="left")
    sheet = sheet.derive(rows[field])
    hints = {text: _hint(text, values) for text in unknown[:_MOST_HINTS]}
    bad = rows.filter(pl.col(column).is_in(unknown))
    faults = bad.select(
        "row",
        pl.lit(column).alias("column"),
        pl.col(column).alias("value"),
        pl.lit(f"is no {what}").alias("reason"),
        pl.col(column)
        .replace_strict(hints, default="", return_dtype=pl.String)
        .alias("what_to_do"),
    )
    return sheet.reject(faults) if unknown else sheet


def _hint(text: str, values: Sequence[str]) -> str:
    if not values:
        return "Correct it, or leave it blank."
    near = nearest_names(text, values)
    said = f"The nearest: {', '.join(near)}." if near else f"Known: {', '.join(values[:8])}."
    return f"{said} Or say in the mapping what it means: words."


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


# --- dates ----------------------------------------------------------------------------------------


def with_dates(sheet: Sheet, rows: FileList, cells: Cells) -> Sheet:
    """The sheet with the columns of a date, from a start and a last day, or from a day on which it
    held; each different date is read once."""
    stated = {f: cells[named[0]] for f, named in rows.columns.items() if f in DATES}
    fixed = {f: str(v) for f, v in rows.constants.items() if f in DATES}
    if not stated and not fixed:
        return sheet
    texts = sheet.rows.select(
        "row",
        *(_iso(column, rows.dates).alias(field) for field, column in stated.items()),
        *(pl.lit(text).alias(field) for field, text in fixed.items()),
    )
    fields = [field for field in DATES if field in texts.columns]
    each = texts.select(fields).unique().sort(fields)
    read = [{**row, **_bounds(row)} for row in each.iter_rows(named=True)]
    schema = dict.fromkeys((*fields, *COLUMNS, "at", "why"), pl.String)
    dates = texts.join(
        pl.DataFrame(read, schema=schema),
        on=fields,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    sheet = sheet.derive(*(dates[column] for column in COLUMNS))
    for field in fields:
        wrong = dates.filter(pl.col("at") == field)
        at = stated.get(field, next(iter(stated.values()), "row"))
        for (why,), some in wrong.partition_by("why", as_dict=True).items():
            held = sheet.rows.filter(pl.col("row").is_in(some["row"].implode()))
            sheet = refuse(sheet, held, at, str(why), "Write it as in: 2020, 2020-11, 2020-11-05.")
    return sheet


def _iso(column: str, form: str) -> pl.Expr:
    """The texts of a column, days in this form as ISO days; others stay for `BoundedDate`."""
    return pl.coalesce(sheet_day(column, *([form] if form else [])), pl.col(column)).fill_null("")


def _bounds(stated: Mapping[str, str]) -> dict[str, str | None]:
    """The columns of a date, or at which field it is wrong and why."""
    try:
        if held := stated.get("held_on"):
            day = BoundedDate.parse(held)
            known = BoundedDate.open_on("", day.start_earliest) if day.start_earliest else day
            return {
                **BoundedDate(None, day.start_latest, known.end_earliest, None, held).columns(),
            }
        start, last = stated.get("start", ""), stated.get("last_day", "")
        when = BoundedDate.from_parts(start, last) if last else BoundedDate.parse(start)
        return {**when.columns()}
    except DateFault as fault:
        named = (field for field, text in stated.items() if text == fault.text)
        return {"at": next(named, next(iter(stated))), "why": f"is no date: {fault.reason}"}
