"""What the registers of the NHS Organisation Data Service have in common: columns, checks, tables.

27 columns without a header, the same in every such file; most are always blank. Names are in
capitals; they are shown as the NHS writes them and kept as published. The close date is the last
day on which the record held. "High level health geography" is the health system in whose area the
body stands (STP until June 2022, then integrated care board), as of the day of the edition; closed
bodies may have a former office of the NHS there, such as an area team, which is no system.

Publisher's page: https://digital.nhs.uk/services/organisation-data-service
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.dates import COLUMNS, BoundedDate
from .cleaning import Rule, address, day, is_missing, is_no_day, is_not, one_row_each, postcode
from .cleaning import upper_code as upper
from .delimited import Sheet
from .nhs_names import written_out

__all__ = [
    "CODE",
    "COLUMNS_27",
    "FORM",
    "is_named",
    "membership_bounds",
    "memberships",
    "one_record_each",
    "organisations",
    "record_rules",
    "regions",
    "system_id",
    "with_days",
]

COLUMNS_27 = {
    "Organisation Code": "code",
    "Name": "name",
    "National Grouping": "region",
    "High Level Health Geography": "system",
    "Address Line 1": "line_1",
    "Address Line 2": "line_2",
    "Address Line 3": "line_3",
    "Address Line 4": "town",
    "Address Line 5": "county",
    "Postcode": "postcode",
    "Open Date": "open_text",
    "Close Date": "close_text",
    "Column 13": "",
    "Sub-type": "roles",
    **{f"Column {number}": "" for number in range(15, 28)},
}
"""The columns of trusts and commissioners; other registers name some more of them."""

FORM = "yyyymmdd"
"""How a register writes a day."""

CODE = "[0-9A-Z]{3,6}"
"""The form of a code."""

# Bodies of Wales stand in the register of England; W00 is no region. Q99 and two digits such as
# Q74 were offices of the NHS, YAC to YAF are islands of the Crown: none of these is a system.
_WALES = "W00"
_NO_SYSTEM = "^(?:Q[0-9]{2}|YA[A-Z])$"
_A_POSTCODE = r"(?i)^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$"


def with_days(sheet: Sheet) -> Sheet:
    """The sheet with its codes in capitals, and its open and close dates as days."""
    return sheet.derive(
        upper("code"),
        upper("region"),
        upper("system"),
        day("open_text", FORM).alias("open"),
        day("close_text", FORM).alias("close"),
    )


def record_rules() -> Iterator[Rule]:
    """What every record must keep."""
    yield from is_missing("code", "name", "open_text")
    yield is_not("code", CODE, "an ODS code")
    yield is_named("name")
    yield is_not("region", "[0-9A-Z]{3}", "an ODS code of a region")
    yield is_not("system", CODE, "an ODS code of a system")
    yield is_no_day("open_text", FORM)
    yield is_no_day("close_text", FORM)
    early = pl.col("close") < pl.col("open")
    yield Rule("close_text", early, "lies before the open date", "Correct one of the two.")


def is_named(column: str) -> Rule:
    """The rule that a name is not the postcode of the next column, as where a comma is missing.

    >>> rows = pl.DataFrame({"name": ["M13 9WL", "PARK SURGERY"]})
    >>> rows.select(is_named("name").wrong).to_series().to_list()
    [True, False]
    """
    wrong = pl.col(column).str.contains(_A_POSTCODE)
    return Rule(column, wrong, "is a postcode, not a name", "Correct it.")


def one_record_each(sheet: Sheet) -> Sheet:
    """One record for each code; a second one that says something else is rejected."""
    told = [c for c in sheet.rows.columns if c not in ("row", "code")]
    return one_row_each(sheet, ["code"], told, "code", "has another record in an earlier row")


def system_id(column: str = "system") -> pl.Expr:
    """The identifier of a health geography that is a system; null for any other.

    >>> rows = pl.DataFrame({"system": ["QHM", "Q74", "S1Y5D", None]})
    >>> rows.select(system_id()).to_series().to_list()
    ['ods:QHM', None, 'ods:S1Y5D', None]
    """
    code = pl.col(column)
    return pl.format("ods:{}", pl.when(~code.str.contains(_NO_SYSTEM)).then(code))


def organisations(rows: pl.DataFrame, *columns: pl.Expr) -> pl.DataFrame:
    """Rows with an `id`, a date and the columns of an address, as organisations."""
    written = rows.with_columns(written_out("name").alias("written"))
    lines = [written_out(line) for line in ("line_1", "line_2", "line_3", "county")]
    other = pl.when(pl.col("written") != pl.col("name")).then(pl.col("name"))
    return written.with_columns(lines).select(
        "id",
        pl.col("written").alias("name"),
        pl.concat_list(other).list.drop_nulls().alias("other_names"),
        *columns,
        address("line_1", "line_2", "line_3", "county"),
        written_out("town"),
        postcode("postcode"),
        *COLUMNS,
    )


def regions(rows: pl.DataFrame) -> pl.DataFrame:
    """The areas of the `region_id`s of rows: regions of the NHS, and Wales."""
    wales = pl.col("id") == f"ods:{_WALES}"
    area_type = pl.when(wales).then(pl.lit("country")).otherwise(pl.lit("nhs-region"))
    found = rows.select(pl.col("region_id").alias("id")).drop_nulls().unique().sort("id")
    name = pl.when(wales).then(pl.lit("Wales"))
    key = pl.concat_list(pl.when(wales).then(pl.lit("icsg:region/wales"))).list.drop_nulls()
    return found.with_columns(name.alias("name"), area_type.alias("area_type"), codes=key)


def membership_bounds(as_of: str) -> list[pl.Expr]:
    """When a body stood where the edition says, as `member_by` and `member_until`: within its
    life, and on the day of the edition. Of a body that has closed only the last is known."""
    day_of = BoundedDate.parse(as_of)
    latest = pl.lit(
        day_of.start_latest.isoformat() if day_of.start_latest else None, dtype=pl.String
    )
    closed = pl.col("close").is_not_null()
    still = pl.when(~closed).then(pl.col("end_earliest"))
    begun = pl.when(closed).then("close").otherwise(pl.max_horizontal("open", latest))
    return [begun.alias("member_by"), still.alias("member_until")]


def memberships(rows: pl.DataFrame, whole: str, *columns: pl.Expr) -> pl.DataFrame:
    """The statements that each body belongs to what its column `whole` names."""
    return rows.drop_nulls(whole).select(
        pl.col("id").alias("subject"),
        pl.col(whole).alias("object"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        "start_earliest",
        pl.col("member_by").alias("start_latest"),
        pl.col("member_until").alias("end_earliest"),
        "end_latest",
        *columns,
    )
