"""The CQC's care directory: every active location with its provider, in one CSV file a week.

Four lines of text ("CQC Locations data", when it was produced) stand above the header. Two
generations of headers are known: up to about 2024 `Local Authority` and a location id whose column
lacks its closing bracket, since then `CQC Location ID (for office use only)`. Service types and
specialisms are lists joined by upright strokes; the day of the latest check has an hour, and its
month is a number (2020) or a word (2026). There are no dates of registration in it.

Publisher's page: https://www.cqc.org.uk/about-us/transparency/using-cqc-data
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from .cleaning import Rule, day, held_bounds, is_missing, one_row_each, sift, upper_code
from .cqc_identifiers import all_codes, cqc_code, sole_trader
from .cqc_register import (
    identified,
    is_name,
    is_registration,
    locations,
    named_things,
    registrations,
    services,
)
from .delimited import Layout, Sheet, read_delimited
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["LAYOUTS", "read"]

_DIRECTORY = Layout(
    "CQC care directory",
    {
        "Name": "name",
        "Also known as": "also_known_as",
        "Address": "address",
        "Postcode": "postcode",
        "Phone number": "",
        "Service's website (if available)": "",
        "Service types": "service_types",
        "Date of latest check": "checked",
        "Specialisms/services": "specialisms",
        "Provider name": "provider_name",
        "Local authority": "local_authority",
        "Region": "region",
        "Location URL": "url",
        "CQC Location ID (for office use only)": "location",
        "CQC Provider ID (for office use only)": "provider",
    },
    aliases={
        "CQC Location (for office use only": "CQC Location ID (for office use only)",
        "CQC Location (for office use only)": "CQC Location ID (for office use only)",
    },
    preamble=4,
    more=True,
)

LAYOUTS: tuple[Layout, ...] = (_DIRECTORY, replace(_DIRECTORY, preamble=0))
"""The layout below its four lines of text, and without them."""

_LISTS = {"service_types": "service category", "specialisms": "specialism"}
_DAYS = ("dd/mm/yyyy", "dd/Mon/yyyy")


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes, relationships and the series `services`, and accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the directory.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _one_each(_checked(read_delimited(path, LAYOUTS)))
        tables += _tables(sheet.rows, entry.as_of)
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    lines = pl.col("address").str.replace_all(r"\s*[,\n]+\s*", ", ").str.strip_chars(", ")
    sheet = sheet.derive(
        *(upper_code(c) for c in ("location", "provider")),
        lines.alias("line_1"),
        pl.col("checked").str.replace(r"\s+-\s+\d\d:\d\d(?::\d\d)?$", "").alias("day"),
        *(pl.lit(None, dtype=pl.String).alias(c) for c in ("registered", "deregistered")),
        pl.format("row {}", "row").alias("locator"),
    )
    sheet = sheet.derive(
        pl.coalesce(day("day", form) for form in _DAYS).alias("date"),
        pl.col("location").alias("thing"),
    )
    return sift(sheet, list(_rules()))


def _rules() -> Iterator[Rule]:
    yield from is_missing("location", "name", "provider", "provider_name")
    yield from (is_name(c) for c in ("name", "provider_name"))
    yield from is_registration("location", "provider", "local_authority", "region")
    wrong = pl.col("checked").is_not_null() & pl.col("date").is_null()
    forms = " or ".join(f"{form} - HH:MM" for form in _DAYS)
    yield Rule("checked", wrong, f"is no day in the form {forms}", "Correct the date.")


def _one_each(sheet: Sheet) -> Sheet:
    """One row for each location; a second one that says something else is rejected."""
    told = [c for c in sheet.rows.columns if c not in ("row", "location", "locator")]
    reason = "has another record in an earlier row"
    return one_row_each(sheet, ["location"], told, "location", reason)


def _tables(rows: pl.DataFrame, as_of: str) -> Iterator[Nodes | Relationships | Series]:
    told = identified(rows, as_of)
    yield locations(told)
    yield Nodes("Organisation", _providers(told, as_of))
    yield from named_things(told)
    yield from registrations(told, as_of)
    yield Series("services", _services(told, as_of))


def _providers(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    first = rows.unique("provider", keep="first", maintain_order=True)
    return first.select(
        pl.col("provider_id").alias("id"),
        pl.col("provider_name").alias("name"),
        all_codes(cqc_code("provider")),
        pl.lit(True).alias("is_provider"),
        *sole_trader("provider_name"),
        *held_bounds(as_of),
    )


def _services(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """What each location does, each term of a list for itself, and when it was last checked."""
    listed = [
        rows.with_columns(
            pl.lit(measure).alias("measure"), pl.col(column).str.split("|").alias("value")
        )
        .explode("value", empty_as_null=True)
        .with_columns(pl.col("value").str.strip_chars())
        .filter(pl.col("value") != "")
        for column, measure in _LISTS.items()
    ]
    told = pl.concat([services(table, as_of) for table in listed])
    checks = rows.drop_nulls("date").select(
        pl.col("id").alias("thing"),
        pl.lit("latest check").alias("measure"),
        *(pl.lit(None, dtype=pl.String).alias(c) for c in ("group", "value")),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        "date",
    )
    return pl.concat([told.unique(maintain_order=True), checks])
