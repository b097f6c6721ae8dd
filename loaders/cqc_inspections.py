"""Inspection history: every overall rating of community social care, gathered from the CQC's API.

One row for each location and report. The first column, a row number, has no name. The days on which
a location was registered and deregistered are numbers of days since 1 January 1960, as statistics
programs count them: read so, all 54 locations that the API's payloads of Oldham have as well agree
with these to the day, and no location begins before the register of the Act did; read from 1970,
most reports would lie before the registration. A report may be older than the registration: the
rating was taken over from a former one.

Publisher of the data: https://www.cqc.org.uk/about-us/transparency/using-cqc-data
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from ..ontology.dates import COLUMNS
from .cleaning import Rule, day, is_missing, is_no_day, is_not, one_row_each, sift, upper_code
from .cqc_identifiers import LOCATION, all_codes, cqc_code, cqc_thing, registered_bounds
from .delimited import Layout, Sheet, read_delimited
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["LAYOUT", "read"]

LAYOUT = Layout(
    "CQC inspection history of community social care",
    {
        "": "",
        "reportdate": "reported_text",
        "overall": "",
        "ownership": "ownership",
        "locationid": "location",
        "location_start_2025": "start",
        "location_end_2025": "end",
        "good": "",
        "rating": "rating",
    },
)
"""The layout: `overall` as `rating`, but in two spellings; `good` whether it is at least good."""

_NOUGHT = date(1960, 1, 1)
_NOT_AVAILABLE = "NA"
# NHS trusts were the first to be registered under the Health and Social Care Act 2008.
_REGISTER_BEGAN = "2010-04-01"
_FORM = "yyyy-mm-dd"
_RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate")


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as locations and the series `ratings` and `services`, and accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be this history.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, (LAYOUT,)))
        tables += _tables(sheet.rows, entry.as_of)
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    end = pl.when(pl.col("end") != _NOT_AVAILABLE).then("end").alias("end")
    sheet = sheet.derive(upper_code("location"), end).derive(
        day("reported_text", _FORM).alias("date"),
        _day_of_number("start").alias("registered"),
        _day_of_number("end").alias("deregistered"),
    )
    sheet = _one_rating_each(sift(sheet, list(_rules())))
    older = sheet.rows.filter(pl.col("date") < pl.col("registered")).height
    return sheet.derive(note=f"reports older than the registration, so of a former one: {older}")


def _day_of_number(column: str) -> pl.Expr:
    """The ISO days of a column of day numbers; null for what is none."""
    number = pl.col(column).cast(pl.Int32, strict=False).cast(pl.Int64)
    day_of = pl.lit(_NOUGHT) + pl.duration(days=number)
    return day_of.dt.to_string("%Y-%m-%d")


def _rules() -> Iterator[Rule]:
    yield from is_missing("location", "reported_text", "rating", "start")
    yield is_not("location", LOCATION, "the id of a location")
    yield is_no_day("reported_text", _FORM)
    yield is_not("rating", "|".join(_RATINGS), "a rating of the CQC")
    for column in ("start", "end"):
        yield is_not(column, "[0-9]{5}", "a number of days since 1960")
    early = pl.col("registered") < _REGISTER_BEGAN
    yield Rule("start", early, "lies before the register began in 2010", "Correct the day.")
    before = pl.col("deregistered") < pl.col("registered")
    yield Rule("end", before, "lies before the start", "Correct one of the two.")


def _one_rating_each(sheet: Sheet) -> Sheet:
    """One rating for each location and day: repeats merged, contradictions rejected."""
    told = ["rating", "registered", "deregistered"]
    reason = "contradicts an earlier row for the same location and day"
    hint = "Keep the row that was published."
    return one_row_each(sheet, ["location", "date"], told, "rating", reason, hint)


def _tables(rows: pl.DataFrame, as_of: str) -> Iterator[Nodes | Relationships | Series]:
    rows = rows.with_columns(cqc_thing("location").alias("thing"), *registered_bounds(as_of))
    locations = rows.unique("location", keep="first", maintain_order=True)
    codes = all_codes(cqc_code("location"))
    yield Nodes("Location", locations.select(pl.col("thing").alias("id"), codes, *COLUMNS))
    yield Series("ratings", _measured(rows, "overall rating", "rating", group="Overall"))
    owners = rows.drop_nulls("ownership").sort("date", maintain_order=True)
    last = owners.unique(["thing", "ownership"], keep="last", maintain_order=True)
    yield Series("services", _measured(last, "ownership", "ownership"))


def _measured(
    rows: pl.DataFrame, measure: str, value: str, group: str | None = None
) -> pl.DataFrame:
    return rows.select(
        "thing",
        pl.lit(measure).alias("measure"),
        pl.lit(group, dtype=pl.String).alias("group"),
        pl.col(value).alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        "date",
    )
