"""CQC's active locations (HSCA Active Locations, "care directory with filters"), monthly workbooks.

Every location that is registered under the Health and Social Care Act (HSCA), with its provider,
brand, latest overall rating, and columns marked Y for each service type, band of service users and
regulated activity; a second sheet lists services that two providers are registered for. The header
stands in the first row or below some lines of text. Registered managers, nominated individuals and
partners have columns in it: they are emptied while the sheet is read.

Publisher's page: https://www.cqc.org.uk/about-us/transparency/using-cqc-data
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ..ontology.errors import FileFault, LayoutError
from .cleaning import Rule, is_missing, is_not, one_row_each, sift, upper_code
from .cqc_identifiers import LOCATION, cqc_thing
from .cqc_register import (
    identified,
    is_name,
    is_registration,
    locations,
    named_things,
    noted,
    providers,
    published,
    registrations,
    services,
)
from .delimited import Sheet
from .layouts import Layout
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united
from .workbook import has_cells, is_no_sheet_day, read_sheet, sheet_day, sheet_names

__all__ = ["DUAL", "LOCATIONS", "read"]

_FAMILIES = {
    "Service type - ": "service type",
    "Service user band - ": "service user band",
    "Regulated activity - ": "regulated activity",
}
_READ = {
    "Location ID": "location",
    "Location HSCA start date": "start",
    "Dormant (Y/N)": "dormant",
    "Care home?": "care_home",
    "Location Name": "name",
    "Location ODS Code": "ods_code",
    "Care homes beds": "beds",
    "Location Type/Sector": "type",
    "Location Primary Inspection Category": "inspection_category",
    "Location Latest Overall Rating": "rating",
    "Publication Date": "published",
    "Location Region": "region",
    "Location NHS Region": "nhs_region",
    "Location Local Authority": "local_authority",
    "Location ONSPD CCG Code": "ccg",
    "Location ONSPD CCG": "ccg_name",
    "Location Commissioning CCG Code": "commissioner",
    "Location Commissioning CCG": "commissioner_name",
    "Location Street Address": "line_1",
    "Location Address Line 2": "line_2",
    "Location City": "town",
    "Location County": "county",
    "Location Postal Code": "postcode",
    "Location Latitude": "lat",
    "Location Longitude": "lon",
    "Brand ID": "brand",
    "Brand Name": "brand_name",
    "Provider Companies House Number": "company",
    "Provider Charity Number": "charity",
    "Provider ID": "provider",
    "Provider Name": "provider_name",
    "Provider HSCA start date": "provider_start",
    "Provider Type/Sector": "provider_type",
    "Provider Ownership Type": "ownership",
    "Provider Street Address": "provider_line_1",
    "Provider Address Line 2": "provider_line_2",
    "Provider City": "provider_town",
    "Provider County": "provider_county",
    "Provider Postal Code": "provider_postcode",
    "Provider Local Authority": "provider_local_authority",
    "Provider Region": "provider_region",
    "Provider NHS Region": "provider_nhs_region",
    "Provider Latitude": "provider_lat",
    "Provider Longitude": "provider_lon",
}
_NOT_READ = (
    *(f"Location {what}" for what in ("Telephone Number", "Web Address", "Inspection Directorate")),
    *(f"Location {what}" for what in ("PAF ID", "UPRN ID", "Parliamentary Constituency")),
    *(f"Provider {what}" for what in ("Telephone Number", "Web Address", "Inspection Directorate")),
    *(f"Provider {what}" for what in ("PAF ID", "UPRN ID", "Parliamentary Constituency")),
    *("Provider Primary Inspection Category", "Inherited Rating (Y/N)"),
)
_ALWAYS = {"Location ID", "Location Name", "Location Postal Code", "Provider ID", "Provider Name"}

LOCATIONS = Layout(
    "CQC active locations",
    {**_READ, **dict.fromkeys(_NOT_READ, "")},
    optional=frozenset({*_READ, *_NOT_READ} - _ALWAYS),
    more=True,
    families=tuple(_FAMILIES),
    personal=(
        "Registered manager",
        "Provider Nominated Individual Name",
        "Provider Main Partner Name",
    ),
)
"""The layout of the sheet of locations; a new service type is one more column of its family."""

DUAL = Layout(
    "CQC dual registrations",
    {
        "Location ID": "location",
        "Location Name": "",
        "Location HSCA Start Date": "",
        "Location Type/Sector": "",
        "Provider ID": "provider",
        "Provider Name": "",
        "Linked Organisation ID": "linked",
        "Linked Organisation Name": "",
        "Relationship": "relationship",
        "Relationship Start Date": "start",
        "Primary ID": "primary",
    },
    optional=frozenset({"Location HSCA Start Date", "Location Type/Sector", "Primary ID"}),
    more=True,
)
"""The layout of the sheet of services that two providers are registered for."""

_DUAL_SHEET = "dual_registration_locations"
_DAY = "dd/mm/yyyy"
_NO_VALUE = ("-", "*")
_CODED = ("location", "provider", "ods_code", "commissioner", "ccg", "brand")
_PLACES = ("local_authority", "region", "nhs_region")
_FORMED = (
    *(*_CODED, "care_home", "beds", "lon", "lat", "provider_lon", "provider_lat"),
    *(*_PLACES, *(f"provider_{place}" for place in _PLACES)),
)
_FLAG = "Y"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The workbooks of an edition as nodes, relationships and series, and an account of each sheet.

    Raises `LayoutError` or `FileFault` for a file that is no such workbook.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = noted(_one_each(_checked(read_sheet(path, [LOCATIONS]))))
        ratings, note = published(sheet.rows)
        tables += _tables(sheet, ratings, entry.as_of)
        yield sheet.derive(note=note).account()
        if dual := _dual_sheet(path):
            sheet = _checked_dual(dual)
            tables += _dual_tables(sheet.rows)
            yield sheet.account()
    yield from united(tables)


# --- locations ------------------------------------------------------------------------------------


def _families(sheet: Sheet) -> dict[str, str]:
    """The columns of a family, each with what it is a column of."""
    return {
        column: measure
        for column in sheet.rows.columns
        for beginning, measure in _FAMILIES.items()
        if column.startswith(beginning)
    }


def _without_signs(sheet: Sheet) -> Sheet:
    """The sheet with nothing in the place of signs that stand for no value."""
    texts = pl.exclude("row")
    return sheet.derive(pl.when(~texts.is_in(_NO_VALUE)).then(texts).name.keep())


def _checked(sheet: Sheet) -> Sheet:
    flags = list(_families(sheet))
    sheet = _without_signs(sheet).derive(
        *(upper_code(c) for c in (*_CODED, "care_home", "dormant", *flags)),
        *(pl.col(c).str.replace(r"\.0+$", "") for c in ("beds", "company", "charity")),
    )
    sheet = sheet.derive(
        sheet_day("start", _DAY).alias("registered"),
        sheet_day("provider_start", _DAY).alias("provider_registered"),
        sheet_day("published", _DAY).alias("date"),
        pl.col("location").alias("thing"),
        pl.lit(None, dtype=pl.String).alias("deregistered"),
        pl.format("row {}", "row").alias("locator"),
    )
    return sift(sheet, [*_rules(), *(is_not(c, _FLAG, "Y or blank") for c in flags)])


def _rules() -> Iterator[Rule]:
    yield from is_missing("location", "name", "provider", "provider_name")
    yield from (is_name(c) for c in ("name", "provider_name"))
    yield from is_registration(*_FORMED)
    yield from (is_no_sheet_day(c, _DAY) for c in ("start", "provider_start", "published"))
    yield is_not("dormant", "[YN]", "Y or N")


def _one_each(sheet: Sheet) -> Sheet:
    """One row for each location; a second one that says something else is rejected."""
    told = [c for c in sheet.rows.columns if c not in ("row", "location", "locator")]
    reason = "has another record in an earlier row"
    return one_row_each(sheet, ["location"], told, "location", reason)


def _tables(
    sheet: Sheet, ratings: pl.DataFrame, as_of: str
) -> Iterator[Nodes | Relationships | Series]:
    rows = identified(sheet.rows, as_of)
    owners = identified(_providers(sheet.rows), as_of)
    yield locations(rows)
    yield providers(owners)
    yield from named_things(rows)
    yield from named_things(owners)
    yield from registrations(rows, as_of)
    yield from registrations(owners, as_of)
    yield Series("ratings", _ratings(ratings))
    yield Series("services", _services(rows, _families(sheet), as_of))


def _providers(rows: pl.DataFrame) -> pl.DataFrame:
    """The providers as registrations of their own: the first row of each counts."""
    theirs = {c: c.removeprefix("provider_") for c in rows.columns if c.startswith("provider_")}
    first = rows.unique("provider", keep="first", maintain_order=True)
    return first.select(
        pl.col("provider").alias("thing"),
        *("provider", "ownership", "company", "charity", "brand", "brand_name"),
        *("deregistered", "locator"),
        *(pl.col(column).alias(name) for column, name in theirs.items() if name != "start"),
    )


def _ratings(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        cqc_thing("location").alias("thing"),
        pl.lit("overall rating").alias("measure"),
        pl.lit("Overall").alias("group"),
        pl.col("rating").alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        "date",
    )


def _services(rows: pl.DataFrame, families: dict[str, str], as_of: str) -> pl.DataFrame:
    """What each location does, for whom, and for how many it has beds."""
    marked = [
        rows.filter(pl.col(column) == _FLAG).with_columns(
            pl.lit(measure).alias("measure"), pl.lit(column.partition(" - ")[2]).alias("value")
        )
        for column, measure in families.items()
    ]
    dormant = rows.filter(pl.col("dormant") == _FLAG).with_columns(
        pl.lit("dormant").alias("measure"), pl.lit(_FLAG).alias("value")
    )
    beds = rows.drop_nulls("beds").with_columns(
        pl.lit("beds").alias("measure"), pl.col("beds").cast(pl.Float64).alias("number")
    )
    return pl.concat([services(table, as_of) for table in (*marked, dormant, beds)])


# --- services that two providers are registered for -----------------------------------------------


def _dual_sheet(path: Path) -> Sheet | None:
    """The sheet of dual registrations, if the workbook has it and it has rows."""
    names = sheet_names(path)
    named = (n for n in names if n.strip().casefold().replace(" ", "_") == _DUAL_SHEET)
    name = next(named, "")
    try:
        return read_sheet(path, [DUAL], name) if name else None
    except FileFault:
        return None
    except LayoutError:
        if has_cells(path, name):
            raise
        return None


def _checked_dual(sheet: Sheet) -> Sheet:
    sheet = _without_signs(sheet).derive(
        *(upper_code(c) for c in ("location", "linked", "primary")),
        sheet_day("start", _DAY).alias("date"),
    )
    rules = [
        *is_missing("location", "linked"),
        *(is_not(c, LOCATION, "the id of a location") for c in ("location", "linked")),
        is_no_sheet_day("start", _DAY),
        is_not("primary", "[YN]", "Y or N"),
    ]
    return sift(sheet, rules)


def _dual_tables(rows: pl.DataFrame) -> Iterator[Nodes | Series]:
    """Each of the two locations of such a service with the id of the other one."""
    for column in ("location", "linked"):
        yield Nodes("Location", rows.select(cqc_thing(column).alias("id")).unique())
    first = pl.when(pl.col("primary") == _FLAG).then(pl.lit("primary"))
    pairs = rows.select(
        cqc_thing("location").alias("thing"),
        pl.lit("dual registration").alias("measure"),
        first.alias("group"),
        cqc_thing("linked").alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        "date",
    )
    yield Series("services", pairs.unique(maintain_order=True))
