"""Primary care networks (PCN) and their member practices: the `ePCN` workbook of the NHS
Organisation Data Service.

Two sheets: networks with open and close dates and their commissioner of the day, and members with
the first and the last day of each membership. A practice may be with a network twice, so a
membership is told apart by its first day.

Publisher's page: https://digital.nhs.uk/services/organisation-data-service
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from .cleaning import Rule, declared_bounds, is_missing, is_not, one_row_each, sift, upper_code
from .delimited import Layout, Sheet
from .geography_tables import nodes
from .nhs_names import written_out
from .ods_practices import ROLE
from .ods_records import (
    CODE,
    FORM,
    is_named,
    membership_bounds,
    memberships,
    one_record_each,
    organisations,
)
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united
from .workbook import is_no_sheet_day, read_sheet, sheet_day

__all__ = ["MEMBERS", "NETWORKS", "NETWORK_ROLE", "read"]

NETWORKS = Layout(
    "primary care networks of ODS (ePCN, PCNDetails)",
    {
        "PCN Code": "code",
        "PCN Name": "name",
        "Current Sub ICB Loc Code": "commissioner",
        "Sub ICB Location": "commissioner_name",
        "Open Date": "open_text",
        "Close Date": "close_text",
        "Address Line 1": "line_1",
        "Address Line 2": "line_2",
        "Address Line 3": "line_3",
        "Address Line 4": "town",
        "Address Line 5": "county",
        "Postcode": "postcode",
    },
    aliases={
        "Current Clinical Commissioning Group Code": "Current Sub ICB Loc Code",
        "Clinical Commissioning Group Name": "Sub ICB Location",
    },
    more=True,
)
"""The sheet of networks, with the names of its columns before and since July 2022."""

MEMBERS = Layout(
    "members of primary care networks of ODS (ePCN, PCN Core Partner Details)",
    {
        "Partner Organisation Code": "practice",
        "Partner Name": "practice_name",
        "Practice Parent Sub ICB Loc Code": "",
        "Practice Parent Sub ICB Loc Name": "",
        "PCN Code": "network",
        "PCN Name": "network_name",
        "PCN Parent Sub ICB Loc Code": "",
        "PCN Parent Sub ICB Loc Name": "",
        "Practice to PCN Relationship Start Date": "joined_text",
        "Practice to PCN Relationship End Date": "left_text",
        "Practice Sub ICB Loc and PCN Sub ICB Loc Match": "",
    },
    aliases={
        "Practice Parent CCG Code": "Practice Parent Sub ICB Loc Code",
        "Practice Parent CCG Name": "Practice Parent Sub ICB Loc Name",
        "PCN Parent CCG Code": "PCN Parent Sub ICB Loc Code",
        "PCN Parent CCG Name": "PCN Parent Sub ICB Loc Name",
        "Practice CCG and PCN CCG Match": "Practice Sub ICB Loc and PCN Sub ICB Loc Match",
    },
    more=True,
)
"""The sheet of members, with the names of its columns before and since July 2022."""

NETWORK_ROLE = "primary care network"
"""What a network is among the members of its commissioner."""

_NETWORK = "U[0-9]{5}"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The workbooks of an edition as nodes and relationships, an account for each of their sheets.

    Raises `LayoutError` or `FileFault` for a file that cannot be the workbook.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        networks = _checked_networks(read_sheet(path, (NETWORKS,)))
        members = _checked_members(read_sheet(path, (MEMBERS,)))
        tables += _networks(networks.rows, entry.as_of)
        tables += _members(members.rows, entry.as_of)
        yield networks.account()
        yield members.account()
    yield from united(tables)


# --- checks ---------------------------------------------------------------------------------------


def _with_days(sheet: Sheet, codes: tuple[str, ...], days: tuple[str, ...]) -> Sheet:
    cleaned = [upper_code(code) for code in codes]
    return sheet.derive(*cleaned, *(sheet_day(f"{d}_text", FORM).alias(d) for d in days))


def _in_order(first: str, last: str, which: str) -> Rule:
    early = pl.col(last) < pl.col(first)
    return Rule(f"{last}_text", early, f"lies before the {which} date", "Correct one of the two.")


def _checked_networks(sheet: Sheet) -> Sheet:
    sheet = _with_days(sheet, ("code", "commissioner"), ("open", "close"))
    rules = [
        *is_missing("code", "name", "open_text"),
        is_not("code", _NETWORK, "an ODS code of a primary care network"),
        is_named("name"),
        is_not("commissioner", CODE, "an ODS code of a commissioner"),
        is_no_sheet_day("open_text", FORM),
        is_no_sheet_day("close_text", FORM),
        _in_order("open", "close", "open"),
    ]
    return one_record_each(sift(sheet, rules))


def _checked_members(sheet: Sheet) -> Sheet:
    sheet = _with_days(sheet, ("practice", "network"), ("joined", "left"))
    rules = [
        *is_missing("practice", "network", "joined_text"),
        is_not("practice", CODE, "an ODS code of a practice"),
        is_not("network", _NETWORK, "an ODS code of a primary care network"),
        is_named("practice_name"),
        is_no_sheet_day("joined_text", FORM),
        is_no_sheet_day("left_text", FORM),
        _in_order("joined", "left", "start"),
    ]
    return _one_spell_each(sift(sheet, rules))


def _one_spell_each(sheet: Sheet) -> Sheet:
    reason = "contradicts an earlier row of the same membership"
    return one_row_each(sheet, ["practice", "network", "joined"], ["left"], "left_text", reason)


# --- what the rows say ----------------------------------------------------------------------------


def _networks(rows: pl.DataFrame, as_of: str) -> Iterator[Nodes | Relationships]:
    rows = rows.with_columns(
        pl.format("ods:{}", "code").alias("id"),
        pl.format("ods:{}", "commissioner").alias("commissioner_id"),
        *declared_bounds("open", "close", as_of),
    ).with_columns(*membership_bounds(as_of))
    yield Nodes("Organisation", organisations(rows, pl.lit("pcn").alias("org_type")))
    name = written_out("commissioner_name")
    yield nodes("Organisation", rows, id=pl.col("commissioner_id"), name=name)
    role = pl.lit(NETWORK_ROLE).alias("role")
    yield Relationships("MEMBER_OF", memberships(rows, "commissioner_id", role))


def _members(rows: pl.DataFrame, as_of: str) -> Iterator[Nodes | Relationships]:
    practice, network = pl.format("ods:{}", "practice"), pl.format("ods:{}", "network")
    yield nodes("Organisation", rows, id=network, name=written_out("network_name"), org_type="pcn")
    yield nodes("Organisation", rows, id=practice, name=written_out("practice_name"))
    spells = rows.select(
        practice.alias("subject"),
        network.alias("object"),
        pl.col("joined").alias("key"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        pl.lit(ROLE).alias("role"),
        *declared_bounds("joined", "left", as_of),
    )
    yield Relationships("MEMBER_OF", spells)
