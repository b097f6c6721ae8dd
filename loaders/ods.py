"""The files of the NHS Organisation Data Service: trusts (`etr`) and commissioners (`eccg`).

27 columns without a header, the same in every such file; most are always blank here. Names are in
capitals; they are shown as the NHS writes them and kept as published. The close date is the last
day on which the record held. "High level health geography" is the health system in whose area the
body stands (STP until June 2022, then integrated care board), as of the day of the edition, also
for bodies that closed before there were systems.

Publisher's page: https://digital.nhs.uk/services/organisation-data-service
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.dates import COLUMNS, BoundedDate
from .cleaning import (
    Rule,
    address,
    day,
    declared_bounds,
    is_missing,
    is_no_day,
    is_not,
    postcode,
    same_key,
    sift,
    upper_code,
)
from .delimited import Layout, Sheet, read_delimited
from .nhs_names import written_out
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["COMMISSIONERS", "TRUSTS", "read"]

_COLUMNS = {
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

TRUSTS = Layout(
    "NHS trusts of ODS (etr)",
    _COLUMNS,
    has_header=False,
    proof=("name", r"(?i)\bTRUST\b", "the name of a trust"),
)
"""The layout of `etr`."""

COMMISSIONERS = Layout(
    "NHS commissioners of ODS (eccg)",
    _COLUMNS,
    has_header=False,
    proof=("name", r"(?i)\b(?:CCG|ICB|COMMISSIONING)\b", "the name of a commissioner"),
)
"""The layout of `eccg`."""

# https://digital.nhs.uk/services/organisation-data-service, codes of roles
_ROLES = {
    "RO319": "sub-icb-location",
    "RO218": "commissioning-hub",
}
_NAMES = {
    r"\bCCG$": "ccg",
    r"\bICB - [0-9A-Z]+$": "sub-icb-location",
    r"\bHUB\b": "commissioning-hub",
}
# Bodies of Wales stand in the register of England; W00 and Q99 are no region and no system.
_WALES = "W00"
_NO_SYSTEM = ("Q99",)
_FORM = "yyyymmdd"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes and relationships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the register it is listed as.
    """
    trusts = entry.kind == "ods-trusts"
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, (TRUSTS if trusts else COMMISSIONERS,)))
        rows = sheet.rows.with_columns(*declared_bounds("open", "close", entry.as_of))
        tables += _tables(rows, trusts, entry.as_of)
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    sheet = sheet.derive(
        upper_code("code"),
        upper_code("region"),
        upper_code("system"),
        day("open_text", _FORM).alias("open"),
        day("close_text", _FORM).alias("close"),
    )
    sheet = sift(sheet, list(_rules()))
    return _one_record_each(sheet)


def _rules() -> Iterator[Rule]:
    yield from is_missing("code", "name", "open_text")
    yield is_not("code", "[0-9A-Z]{3,6}", "an ODS code")
    yield is_not("region", "[0-9A-Z]{3}", "an ODS code of a region")
    yield is_not("system", "[0-9A-Z]{3,6}", "an ODS code of a system")
    yield is_no_day("open_text", _FORM)
    yield is_no_day("close_text", _FORM)
    early = pl.col("close") < pl.col("open")
    yield Rule("close_text", early, "lies before the open date", "Correct one of the two.")


def _one_record_each(sheet: Sheet) -> Sheet:
    """One record for each code; a second one that says something else is rejected."""
    told = [c for c in sheet.rows.columns if c not in ("row", "code")]
    later = same_key(sheet.rows, ["code"], told)
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit("code").alias("column"),
        pl.col("code").alias("value"),
        pl.lit("has another record in an earlier row").alias("reason"),
        pl.lit("Keep one of the two.").alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)


def _tables(
    rows: pl.DataFrame, trusts: bool, as_of: str
) -> Iterator[Nodes | Relationships | Series]:
    system = pl.when(~pl.col("system").is_in(_NO_SYSTEM)).then(pl.col("system"))
    rows = rows.with_columns(
        pl.format("ods:{}", "code").alias("id"),
        pl.format("ods:{}", system).alias("system_id"),
        pl.format("ods:{}", "region").alias("region_id"),
        (pl.lit("nhs-trust") if trusts else _commissioner_type()).alias("org_type"),
        *_membership_bounds(as_of),
    )
    yield Nodes("Organisation", _organisations(rows, trusts))
    yield Nodes(
        "System", rows.select(pl.col("system_id").alias("id")).drop_nulls().unique().sort("id")
    )
    yield Nodes("Area", _regions(rows))
    # A hub stands in the area of a system and works for others too; so does a trust.
    member = pl.lit(not trusts) & (pl.col("org_type") != "commissioning-hub")
    for whole in ("system_id", "region_id"):
        yield Relationships("PART_OF", _memberships(rows.filter(member), whole))
        yield Relationships("LOCATED_IN", _memberships(rows.filter(~member), whole))


def _commissioner_type() -> pl.Expr:
    """What a commissioner is: by its role in ODS, else by its name."""
    role = pl.coalesce(
        pl.when(pl.col("roles").str.contains(code, literal=True)).then(pl.lit(kind))
        for code, kind in _ROLES.items()
    )
    named = pl.coalesce(
        pl.when(pl.col("name").str.contains(pattern)).then(pl.lit(kind))
        for pattern, kind in _NAMES.items()
    )
    return pl.coalesce(role, named, pl.lit("commissioner"))


def _organisations(rows: pl.DataFrame, trusts: bool) -> pl.DataFrame:
    written = rows.with_columns(written_out("name").alias("written"))
    lines = [written_out(line) for line in ("line_1", "line_2", "line_3", "county")]
    other = pl.when(pl.col("written") != pl.col("name")).then(pl.col("name"))
    return written.with_columns(lines).select(
        "id",
        pl.col("written").alias("name"),
        pl.concat_list(other).list.drop_nulls().alias("other_names"),
        "org_type",
        pl.col("roles").alias("type_as_published"),
        pl.lit(True if trusts else None, dtype=pl.Boolean).alias("is_provider"),
        address("line_1", "line_2", "line_3", "county"),
        written_out("town"),
        postcode("postcode"),
        *COLUMNS,
    )


def _regions(rows: pl.DataFrame) -> pl.DataFrame:
    wales = pl.col("id") == f"ods:{_WALES}"
    area_type = pl.when(wales).then(pl.lit("country")).otherwise(pl.lit("nhs-region"))
    regions = rows.select(pl.col("region_id").alias("id")).drop_nulls().unique().sort("id")
    name = pl.when(wales).then(pl.lit("Wales"))
    key = pl.concat_list(pl.when(wales).then(pl.lit("icsg:region/wales"))).list.drop_nulls()
    return regions.with_columns(name.alias("name"), area_type.alias("area_type"), codes=key)


def _membership_bounds(as_of: str) -> list[pl.Expr]:
    """When a body stood where the edition says: within its life, and on the day of the edition.

    Of a body that has closed only the last is known.
    """
    day_of = BoundedDate.parse(as_of)
    latest = pl.lit(
        day_of.start_latest.isoformat() if day_of.start_latest else None, dtype=pl.String
    )
    closed = pl.col("close").is_not_null()
    still = pl.when(~closed).then(pl.col("end_earliest"))
    begun = pl.when(closed).then("close").otherwise(pl.max_horizontal("open", latest))
    return [begun.alias("member_by"), still.alias("member_until")]


def _memberships(rows: pl.DataFrame, whole: str) -> pl.DataFrame:
    return rows.drop_nulls(whole).select(
        pl.col("id").alias("subject"),
        pl.col(whole).alias("object"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        "start_earliest",
        pl.col("member_by").alias("start_latest"),
        pl.col("member_until").alias("end_earliest"),
        "end_latest",
    )
