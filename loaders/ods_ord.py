"""Records of the ODS Organisation Reference Data API (ORD 2-0-0), as its JSON gives them.

A record without relationships (`Rels`) or successions (`Succs`) is legal: nothing is related. Of a
period the legal dates are told where they are given, else the operational ones.

Publisher's page: https://digital.nhs.uk/developer/api-catalogue/organisation-data-service-ord
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from .ods_bodies import told
from .ods_documents import ORGANISATION, RELATIONS, Parts, digests, legal_first, read_records
from .records import SourceEntry, Table

__all__ = ["decode", "read"]

_TEXT = pl.String()
_DATES = pl.List(pl.Struct({"Type": _TEXT, "Start": _TEXT, "End": _TEXT}))
_TARGET = pl.Struct(
    {
        "OrgId": pl.Struct({"extension": _TEXT}),
        "PrimaryRoleId": pl.Struct({"id": _TEXT}),
    }
)
_PLACE = pl.Struct(
    dict.fromkeys(("AddrLn1", "AddrLn2", "AddrLn3", "Town", "County", "PostCode"), _TEXT)
)
_ROLE = pl.Struct({"id": _TEXT, "primaryRole": pl.Boolean()})
_REL = pl.Struct({"id": _TEXT, "Date": _DATES, "Target": _TARGET})
_SUCC = pl.Struct({"Type": _TEXT, "Date": _DATES, "Target": _TARGET})
_RECORD = pl.Struct(
    {
        "Organisation": pl.Struct(
            {
                "Name": _TEXT,
                "Date": _DATES,
                "OrgId": pl.Struct({"extension": _TEXT}),
                "orgRecordClass": _TEXT,
                "GeoLoc": pl.Struct({"Location": _PLACE}),
                "Roles": pl.Struct({"Role": pl.List(_ROLE)}),
                "Rels": pl.Struct({"Rel": pl.List(_REL)}),
                "Succs": pl.Struct({"Succ": pl.List(_SUCC)}),
            }
        )
    }
)
_ADDRESS = {
    "AddrLn1": "line_1",
    "AddrLn2": "line_2",
    "AddrLn3": "line_3",
    "Town": "town",
    "County": "county",
    "PostCode": "postcode",
}


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files or folders of an edition as nodes and relationships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that holds no such records.
    """
    return told((read_records(path, decode) for path in entry.files), entry.as_of)


def decode(texts: pl.Series) -> Parts:
    """The values of records, and what they relate; `ComputeError` if one is no JSON.

    >>> record = '{"Organisation": {"Name": "X", "OrgId": {"extension": "R1H"}}}'
    >>> decode(pl.Series([record])).values.select("code", "name").row(0)
    ('R1H', 'X')
    """
    record = texts.str.json_decode(_RECORD).struct.field("Organisation").struct.unnest()
    place = pl.col("GeoLoc").struct.field("Location")
    roles = pl.col("Roles").struct.field("Role")
    primary = pl.element().struct.field("primaryRole").fill_null(False)
    of_kind = (roles.list.filter(test) for test in (primary, ~primary))
    listed = pl.concat_list(of_kind).list.eval(pl.element().struct.field("id")).list.join(" ")
    code = pl.col("OrgId").struct.field("extension")
    values = record.with_columns(*legal_first("Date", "Type", "Start", "End")).select(
        code.alias("document"),
        pl.when(code.is_not_null()).then(pl.lit(ORGANISATION)).alias("resource"),
        code.alias("code"),
        pl.col("Name").alias("name"),
        pl.col("orgRecordClass").alias("record_class"),
        listed.alias("roles"),
        pl.col("start").alias("start_text"),
        pl.col("last").alias("last_text"),
        *(place.struct.field(theirs).alias(ours) for theirs, ours in _ADDRESS.items()),
        digests(texts),
    )
    related = _related(record, "Rels", "Rel", "id")
    followed = _related(record, "Succs", "Succ", "Type")
    return Parts(values, pl.concat([related, followed]))


def _related(record: pl.DataFrame, group: str, item: str, relation: str) -> pl.DataFrame:
    """One row for each relationship or succession of a record."""
    listed = record.select(pl.col(group).struct.field(item)).with_row_index("row")
    each = listed.explode(item, empty_as_null=True, keep_nulls=False).unnest(item)
    target = pl.col("Target")
    return each.with_columns(*legal_first("Date", "Type", "Start", "End")).select(
        pl.col("row").cast(RELATIONS["row"]),
        pl.col(relation).alias("relation"),
        target.struct.field("OrgId").struct.field("extension").alias("target"),
        target.struct.field("PrimaryRoleId").struct.field("id").alias("target_role"),
        "start",
        "last",
    )
