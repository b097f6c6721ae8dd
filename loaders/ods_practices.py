"""GP practices and other prescribing cost centres of the NHS Organisation Data Service
(`epraccur`): 27 columns without a header (`ods_records`).

Most records of the file are no general practice: the prescribing setting says which are. A practice
joins its commissioner (clinical commissioning group, later sub-ICB location) on a day of its own;
a cost centre whose provider is another body than its commissioner is part of that provider.

Publisher's page: https://digital.nhs.uk/services/organisation-data-service
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import polars as pl

from .cleaning import Rule, day, declared_bounds, is_no_day, is_not, sift, upper_code
from .delimited import Layout, Sheet, read_delimited
from .ods_records import (
    CODE,
    COLUMNS_27,
    FORM,
    membership_bounds,
    memberships,
    one_record_each,
    organisations,
    record_rules,
    regions,
    system_id,
    with_days,
)
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["PRACTICES", "ROLE", "SETTINGS", "read"]

_NAMED = {
    "Column 13": ("Status Code", "status"),
    "Sub-type": ("Organisation Sub-type Code", ""),
    "Column 15": ("Commissioner", "commissioner"),
    "Column 16": ("Join Provider/Purchaser Date", "joined_text"),
    "Column 17": ("Left Provider/Purchaser Date", "left_text"),
    "Column 18": ("Contact Telephone Number", ""),
    "Column 22": ("Amended Record Indicator", ""),
    "Column 24": ("Provider/Purchaser", "provider"),
    "Column 26": ("Prescribing Setting", "setting"),
}

PRACTICES = Layout(
    "GP practices of ODS (epraccur)",
    dict(_NAMED.get(name, (name, ours)) for name, ours in COLUMNS_27.items()),
    has_header=False,
    proof=("code", r"(?i)^(?:[A-Z][0-9]{5}|[A-Z]{3}[0-9]{3})$", "the code of a practice"),
)
"""The layout of `epraccur`."""

ROLE = "practice"
"""What a practice is among the members of its commissioner."""

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "0": "other",
        "1": "walk-in centre",
        "2": "out-of-hours service",
        "3": "walk-in centre and out-of-hours service",
        "4": "GP practice",
        "8": "public health service",
        "9": "community health service",
        "10": "hospital service",
        "11": "optometry service",
        "12": "urgent and emergency care",
        "13": "hospice",
        "14": "care home or nursing home",
        "15": "border force",
        "16": "young offender institution",
        "17": "secure training centre",
        "18": "secure children's home",
        "19": "immigration removal centre",
        "20": "court",
        "21": "police custody",
        "22": "sexual assault referral centre",
        "24": "other, justice estate",
        "25": "prison",
    }
)
"""Prescribing settings by their code, where the publisher's guide to the file names them."""

_PRACTICE = "4"
_DORMANT = "Listed as dormant."
# The code of a system stands for its integrated care board, which is a body of its own here. New
# codes, as those of April 2026, are told by the column of systems: any body may have their form.
_A_BOARD = "^Q[A-Z][0-9A-Z]$"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes and relationships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the register.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, (PRACTICES,)))
        tables += _tables(sheet.rows, entry.as_of)
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    sheet = with_days(sheet).derive(
        upper_code("commissioner"),
        upper_code("provider"),
        upper_code("status"),
        day("joined_text", FORM).alias("joined"),
        day("left_text", FORM).alias("left"),
    )
    return one_record_each(sift(sheet, [*record_rules(), *_rules()]))


def _rules() -> Iterator[Rule]:
    yield is_not("status", "[ACDP]", "a status (A active, C closed, D dormant, P proposed)")
    yield is_not("commissioner", CODE, "an ODS code of a commissioner")
    yield is_not("provider", CODE, "an ODS code of a provider")
    yield is_not("setting", "[0-9]{1,2}", "a prescribing setting")
    yield is_no_day("joined_text", FORM)
    yield is_no_day("left_text", FORM)
    early = pl.col("left") < pl.col("joined")
    yield Rule("left_text", early, "lies before the join date", "Correct one of the two.")
    unclosed = (pl.col("status") == "C") & pl.col("close_text").is_null()
    yield Rule("close_text", unclosed, "is missing of a closed practice", "Fill it in.")


def _tables(rows: pl.DataFrame, as_of: str) -> Iterator[Nodes | Relationships | Series]:
    rows = rows.with_columns(
        pl.format("ods:{}", "code").alias("id"),
        system_id().alias("system_id"),
        pl.format("ods:{}", "region").alias("region_id"),
        pl.format("ods:{}", "commissioner").alias("commissioner_id"),
        _provider(rows.select(system_id()).to_series()).alias("provider_id"),
        *declared_bounds("open", "close", as_of),
    ).with_columns(*membership_bounds(as_of))
    outside = rows.filter(pl.col("system_id").is_null())
    yield Nodes("Organisation", organisations(rows, *_what_it_is()))
    for kind, end in (
        ("Organisation", "commissioner_id"),
        ("Organisation", "provider_id"),
        ("System", "system_id"),
    ):
        yield Nodes(kind, rows.select(pl.col(end).alias("id")).drop_nulls().unique().sort("id"))
    yield Nodes("Area", regions(outside))
    yield Relationships("LOCATED_IN", memberships(rows, "system_id"))
    yield Relationships("LOCATED_IN", memberships(outside, "region_id"))
    yield Relationships("PART_OF", memberships(rows, "provider_id"))
    yield Relationships("MEMBER_OF", _joined(rows, as_of))


def _provider(systems: pl.Series) -> pl.Expr:
    """The body that runs a cost centre, where that is not its commissioner; `systems` are the ids
    of those in which practices stand."""
    other = pl.when(pl.col("provider") != pl.col("commissioner")).then(pl.col("provider"))
    known = systems.drop_nulls().unique().str.strip_prefix("ods:")
    board = pl.when(other.str.contains(_A_BOARD) | other.is_in(known.implode())).then(
        pl.format("icsg:icb/{}", other)
    )
    return pl.coalesce(board, pl.format("ods:{}", other))


def _what_it_is() -> Iterator[pl.Expr]:
    setting = pl.col("setting")
    practice = setting == _PRACTICE
    kind = (
        pl.when(practice).then(pl.lit("gp-practice")).otherwise(pl.lit("prescribing-cost-centre"))
    )
    yield kind.alias("org_type")
    name = setting.replace_strict(dict(SETTINGS), default=None, return_dtype=pl.String)
    named = pl.format("prescribing setting {}: {}", setting, name)
    published = pl.coalesce(named, pl.format("prescribing setting {}", setting))
    yield published.alias("type_as_published")
    yield pl.lit(True).alias("is_provider")
    yield pl.when(pl.col("status") == "D").then(pl.lit(_DORMANT)).alias("note")


def _joined(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """The statements that each was with its commissioner; a second time there is another one."""
    return rows.drop_nulls("commissioner").select(
        pl.col("id").alias("subject"),
        pl.col("commissioner_id").alias("object"),
        pl.col("joined").fill_null("").alias("key"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        pl.lit(ROLE).alias("role"),
        *declared_bounds("joined", "left", as_of),
    )
