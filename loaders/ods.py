"""Trusts (`etr`), care trusts (`ect`) and commissioners (`eccg`) of the NHS Organisation Data
Service: 27 columns without a header (`ods_records`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import polars as pl

from .cleaning import declared_bounds, sift
from .delimited import Layout, Sheet, read_delimited
from .ods_records import (
    COLUMNS_27,
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

__all__ = ["CARE_TRUSTS", "COMMISSIONERS", "TRUSTS", "read"]

TRUSTS = Layout(
    "NHS trusts of ODS (etr)",
    COLUMNS_27,
    has_header=False,
    proof=("name", r"(?i)\bTRUST\b", "the name of a trust"),
)
"""The layout of `etr`."""

CARE_TRUSTS = Layout(
    "care trusts of ODS (ect)",
    COLUMNS_27,
    has_header=False,
    proof=("code", r"(?i)^T[0-9A-Z]{2}$", "the code of a care trust"),
)
"""The layout of `ect`."""

COMMISSIONERS = Layout(
    "NHS commissioners of ODS (eccg)",
    COLUMNS_27,
    has_header=False,
    proof=("name", r"(?i)\b(?:CCG|ICB|COMMISSIONING)\b", "the name of a commissioner"),
)
"""The layout of `eccg`."""

_LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {"ods-trusts": TRUSTS, "ods-care-trusts": CARE_TRUSTS, "ods-commissioners": COMMISSIONERS}
)
_TRUST_TYPES = {TRUSTS.name: "nhs-trust", CARE_TRUSTS.name: "care-trust"}

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


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes and relationships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the register it is listed as.
    """
    layout = _LAYOUTS[entry.kind]
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, (layout,)))
        rows = sheet.rows.with_columns(*declared_bounds("open", "close", entry.as_of))
        tables += _tables(rows, _TRUST_TYPES.get(layout.name), entry.as_of)
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    return one_record_each(sift(with_days(sheet), list(record_rules())))


def _tables(
    rows: pl.DataFrame, trust_type: str | None, as_of: str
) -> Iterator[Nodes | Relationships | Series]:
    """What the rows say; `trust_type` is null for commissioners."""
    trusts = trust_type is not None
    rows = rows.with_columns(
        pl.format("ods:{}", "code").alias("id"),
        system_id().alias("system_id"),
        pl.format("ods:{}", "region").alias("region_id"),
        (pl.lit(trust_type) if trusts else _commissioner_type()).alias("org_type"),
        *membership_bounds(as_of),
    )
    published = pl.col("roles").alias("type_as_published")
    provides = pl.lit(True if trusts else None, dtype=pl.Boolean).alias("is_provider")
    yield Nodes("Organisation", organisations(rows, pl.col("org_type"), published, provides))
    yield Nodes(
        "System", rows.select(pl.col("system_id").alias("id")).drop_nulls().unique().sort("id")
    )
    yield Nodes("Area", regions(rows))
    # A hub stands in the area of a system and works for others too; so does a trust.
    member = pl.lit(not trusts) & (pl.col("org_type") != "commissioning-hub")
    for whole in ("system_id", "region_id"):
        yield Relationships("PART_OF", memberships(rows.filter(member), whole))
        yield Relationships("LOCATED_IN", memberships(rows.filter(~member), whole))


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
