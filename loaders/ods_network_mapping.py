"""Practices to primary care networks: the mapping that comes with NHS England's statistics of the
patients registered at a GP practice (`gp-reg-pat-prac-map`).

One row for each practice, as of the day of its extract: its network, its commissioner (clinical
commissioning group, since July 2022 sub-ICB location), and the system and region of that.

Publisher's page:
https://digital.nhs.uk/data-and-information/publications/statistical/patients-registered-at-a-gp-practice
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from .cleaning import Rule, held_bounds, is_missing, is_not, one_row_each, sift, upper_code
from .delimited import Layout, Sheet, read_delimited
from .geography_tables import is_place, nodes, region_nodes, statements, system_name
from .nhs_names import written_out
from .ods_practices import ROLE
from .ods_records import CODE, is_named
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["MAPPING", "read"]

MAPPING = Layout(
    "practices to primary care networks (patients registered at a GP practice)",
    {
        "PUBLICATION": "",
        "EXTRACT_DATE": "extracted",
        "PRACTICE_CODE": "practice",
        "PRACTICE_NAME": "practice_name",
        "PRACTICE_POSTCODE": "postcode",
        "PCN_CODE": "network",
        "PCN_NAME": "network_name",
        "ONS_CCG_CODE": "area",
        "CCG_CODE": "commissioner",
        "CCG_NAME": "commissioner_name",
        "ONS_STP_CODE": "system_ons",
        "STP_CODE": "system",
        "STP_NAME": "system_name",
        "ONS_COMM_REGION_CODE": "region_ons",
        "COMM_REGION_CODE": "region",
        "COMM_REGION_NAME": "region_name",
    },
    aliases={
        "ONS_SUB_ICB_LOCATION_CODE": "ONS_CCG_CODE",
        "SUB_ICB_LOCATION_CODE": "CCG_CODE",
        "SUB_ICB_LOCATION_NAME": "CCG_NAME",
        "ONS_ICB_CODE": "ONS_STP_CODE",
        "ICB_CODE": "STP_CODE",
        "ICB_NAME": "STP_NAME",
    },
    more=True,
)
"""The layout of `gp-reg-pat-prac-map`, with the names of its columns before and since July 2022."""

_NETWORK = "U[0-9]{5}"
_NO_NETWORK = ("U", "UNALLOCATED")
_EXTRACTED = "%d%b%Y"
_BOARDS_FROM = "2022-07-01"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes and relationships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the mapping.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, (MAPPING,)))
        # Files of one edition may be of several days.
        for (extracted,), rows in sheet.rows.partition_by("extracted", as_dict=True).items():
            tables += _mapped(rows, str(extracted))
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    codes = ("practice", "network", "area", "commissioner", "system", "system_ons", "region")
    extracted = pl.col("extracted").str.to_date(_EXTRACTED, strict=False).dt.to_string("%Y-%m-%d")
    sheet = sheet.derive(
        *(upper_code(code) for code in codes),
        extracted.alias("extracted_on"),
    )
    undated = pl.col("extracted").is_not_null() & pl.col("extracted_on").is_null()
    rules = [
        *is_missing("extracted", "practice", "practice_name", "commissioner"),
        Rule("extracted", undated, "is no day in the form 01Jan2022", "Correct the date."),
        is_not("practice", CODE, "an ODS code of a practice"),
        is_named("practice_name"),
        is_not("network", f"{_NETWORK}|{'|'.join(_NO_NETWORK)}", "an ODS code of a network"),
        is_not("commissioner", CODE, "an ODS code of a commissioner"),
        is_not("area", "E38[0-9]{6}", "an ONS code of a CCG or sub-ICB location"),
        is_not("system", CODE, "an ODS code of a system"),
        is_not("system_ons", "E54[0-9]{6}", "an ONS code of a system"),
        is_not("region", "Y[0-9]{2}", "an ODS code of an NHS England region"),
        is_not("region_ons", "E40[0-9]{6}", "an ONS code of an NHS England region"),
        is_place("region_name"),
    ]
    sheet = sift(sheet, rules).derive(pl.col("extracted_on").alias("extracted"))
    return _one_network_each(sheet)


def _one_network_each(sheet: Sheet) -> Sheet:
    reason = "stands in an earlier row with another network or commissioner"
    told = ["network", "commissioner"]
    return one_row_each(sheet, ["practice", "extracted"], told, "practice", reason)


def _mapped(rows: pl.DataFrame, as_of: str) -> Iterator[Nodes | Relationships]:
    practice, system = pl.format("ods:{}", "practice"), pl.format("ods:{}", "system")
    commissioner, area = pl.format("ods:{}", "commissioner"), pl.format("ons:{}", "area")
    network = pl.format(
        "ods:{}", pl.when(~pl.col("network").is_in(_NO_NETWORK)).then(pl.col("network"))
    )
    bounds, role = held_bounds(as_of), pl.lit(ROLE).alias("role")
    name = pl.col("commissioner_name")
    boards = as_of >= _BOARDS_FROM
    area_type, org_type = ("sub-icb", "sub-icb-location") if boards else ("ccg", "ccg")
    yield nodes("Organisation", rows, id=practice, name=written_out("practice_name"))
    yield nodes("Organisation", rows, id=network, name=written_out("network_name"), org_type="pcn")
    yield nodes("Organisation", rows, id=commissioner, name=name, org_type=org_type)
    yield nodes("Area", rows, id=area, name=name, area_type=area_type)
    names = {"name": system_name("system_name")}
    if not boards:
        names["name_before"] = pl.col("system_name")
    yield nodes("System", rows, pl.format("ons:{}", "system_ons"), id=system, **names)
    yield region_nodes(rows)
    yield statements("MEMBER_OF", rows, practice, network, role, *bounds)
    yield statements("MEMBER_OF", rows, practice, commissioner, role, *bounds)
    yield statements("SERVES", rows, commissioner, area, *bounds)
    yield statements("PART_OF", rows, area, system, *bounds)
    yield statements("PART_OF", rows, system, pl.format("ods:{}", "region"), *bounds)
