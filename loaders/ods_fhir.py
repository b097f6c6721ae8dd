"""Records of the ODS as FHIR R4 resources (Organisation Data Terminology API), as its JSON gives
them: organisations and sites, and the affiliations that relate two of them.

Roles and typed dates stand in extensions. A resource has no dates of its own in this form: a body
is told to exist from the first day of its roles, and to have ended with the last of them.

Publisher's page: https://digital.nhs.uk/developer/api-catalogue/organisation-data-terminology
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from .ods_bodies import told
from .ods_documents import ORGANISATION, RELATIONS, Parts, digests, read_records
from .records import SourceEntry, Table

__all__ = ["decode", "read"]

_TEXT = pl.String()
_CODING = pl.Struct({"system": _TEXT, "code": _TEXT})
_CONCEPT = pl.Struct({"coding": pl.List(_CODING)})
_PERIOD = pl.Struct({"start": _TEXT, "end": _TEXT})
_TYPED = pl.Struct({"url": _TEXT, "valueCoding": _CODING, "valuePeriod": _PERIOD})
_PART = pl.Struct(
    {
        "url": _TEXT,
        "valueCodeableConcept": _CONCEPT,
        "valueCoding": _CODING,
        "valuePeriod": _PERIOD,
        "extension": pl.List(_TYPED),
    }
)
_EXTENSION = pl.Struct({"url": _TEXT, "extension": pl.List(_PART)})
_OTHER = pl.Struct({"reference": _TEXT, "identifier": pl.Struct({"value": _TEXT})})
_ADDRESS = pl.Struct(
    {
        "line": pl.List(_TEXT),
        "city": _TEXT,
        "district": _TEXT,
        "postalCode": _TEXT,
    }
)
_RESOURCE = pl.Struct(
    {
        "resourceType": _TEXT,
        "id": _TEXT,
        "name": _TEXT,
        "type": pl.List(_CONCEPT),
        "address": pl.List(_ADDRESS),
        "extension": pl.List(_EXTENSION),
        "organization": _OTHER,
        "participatingOrganization": _OTHER,
        "code": pl.List(_CONCEPT),
        "period": _PERIOD,
    }
)
_ROLES = "OrganisationRole"
_PERIODS = "TypedPeriod"
_CLASSES = "ODSRecordClass"
_BODY, _AFFILIATION = "Organization", "OrganizationAffiliation"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files or folders of an edition as nodes and relationships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that holds no such resources.
    """
    return told((read_records(path, decode) for path in entry.files), entry.as_of)


def decode(texts: pl.Series) -> Parts:
    """The values of resources, and what they relate; `ComputeError` if one is no JSON.

    >>> resource = '{"resourceType": "Organization", "id": "R1H", "name": "X"}'
    >>> decode(pl.Series([resource])).values.select("code", "name").row(0)
    ('R1H', 'X')
    """
    found = texts.str.json_decode(_RESOURCE).struct.unnest().with_row_index("row")
    found = found.with_columns(digests(texts))
    body = pl.col("resourceType") == _BODY
    return Parts(_values(found), _related(found.filter(~body)))


def _values(found: pl.DataFrame) -> pl.DataFrame:
    body = pl.col("resourceType") == _BODY
    known = body | (pl.col("resourceType") == _AFFILIATION)
    place = pl.col("address").list.first()
    lines = (place.struct.field("line").list.get(n, null_on_oob=True) for n in range(3))
    rows = found.join(_roles(found), on="row", how="left", maintain_order="left")
    return rows.select(
        pl.when(known).then(pl.format("{}/{}", "resourceType", "id")).alias("document"),
        pl.when(body).then(pl.lit(ORGANISATION)).otherwise("resourceType").alias("resource"),
        pl.when(body).then("id").otherwise(_code("organization")).alias("code"),
        "name",
        _class().alias("record_class"),
        pl.col("roles").list.join(" "),
        pl.col("first").alias("start_text"),
        pl.col("end").alias("last_text"),
        *(line.alias(f"line_{n}") for n, line in enumerate(lines, 1)),
        place.struct.field("city").alias("town"),
        place.struct.field("district").alias("county"),
        place.struct.field("postalCode").alias("postcode"),
        "digest",
    )


def _code(column: str) -> pl.Expr:
    """The code of a resource that another one names."""
    reference = pl.col(column).struct.field("reference").str.extract("([^/]*)$")
    return pl.coalesce(pl.col(column).struct.field("identifier").struct.field("value"), reference)


def _class() -> pl.Expr:
    codings = pl.col("type").list.eval(pl.element().struct.field("coding").list.first())
    system = pl.element().struct.field("system")
    return codings.list.filter(system.str.ends_with(_CLASSES)).list.first().struct.field("code")


def _roles(found: pl.DataFrame) -> pl.DataFrame:
    """For each resource (`row`) its roles, and the first and the last day of all of them together.

    The last day is missing while one of them goes on.
    """
    parts = (
        found.select("row", "extension")
        .explode("extension", empty_as_null=True, keep_nulls=False)
        .unnest("extension")
        .filter(pl.col("url").str.ends_with(_ROLES))
        .select("row", pl.int_range(pl.len()).alias("role"), pl.col("extension").alias("part"))
        .explode("part", empty_as_null=True, keep_nulls=False)
        .unnest("part")
    )
    coding = pl.col("valueCodeableConcept").struct.field("coding").list.first()
    typed = parts.filter(pl.col("url").str.ends_with(_PERIODS)).with_columns(
        *_typed_period("extension")
    )
    told_of = typed.group_by("row", "role", maintain_order=True).agg(
        _legal_first("start").alias("start"), _legal_first("last").alias("last")
    )
    each = parts.group_by("row", "role", maintain_order=True).agg(
        coding.struct.field("code").drop_nulls().first().alias("code")
    )
    dated = each.join(told_of, on=["row", "role"], how="left", maintain_order="left")
    ended = pl.when(pl.col("last").is_not_null().all()).then(pl.col("last").max())
    return dated.group_by("row", maintain_order=True).agg(
        pl.col("code").alias("roles"), pl.col("start").min().alias("first"), ended.alias("end")
    )


def _typed_period(column: str) -> list[pl.Expr]:
    """`typed`, `start` and `last` of an extension that gives a period with its type."""
    typed = pl.col(column)
    periods = typed.list.eval(pl.element().struct.field("valuePeriod")).list.drop_nulls()
    kinds = typed.list.eval(pl.element().struct.field("valueCoding")).list.drop_nulls()
    period = periods.list.first()
    return [
        kinds.list.first().struct.field("code").alias("typed"),
        period.struct.field("start").alias("start"),
        period.struct.field("end").alias("last"),
    ]


def _legal_first(column: str) -> pl.Expr:
    """A column of the legal period of a group, or else of its first one."""
    legal = pl.col("typed") == "Legal"
    return (
        pl.when(legal.any())
        .then(pl.col(column).filter(legal).first())
        .otherwise(pl.col(column).first())
    )


def _related(found: pl.DataFrame) -> pl.DataFrame:
    """One row for each affiliation."""
    coding = pl.col("code").list.first().struct.field("coding").list.first()
    period = pl.col("period").struct
    dates = _periods(found)
    rows = found.join(dates, on="row", how="left", maintain_order="left")
    return rows.filter(pl.col("resourceType") == _AFFILIATION).select(
        pl.col("row").cast(RELATIONS["row"]),
        coding.struct.field("code").alias("relation"),
        _code("participatingOrganization").alias("target"),
        pl.lit(None, dtype=pl.String).alias("target_role"),
        pl.coalesce("start", period.field("start")).alias("start"),
        pl.when(pl.col("start").is_null())
        .then(period.field("end"))
        .otherwise("last")
        .alias("last"),
    )


def _periods(found: pl.DataFrame) -> pl.DataFrame:
    """For each affiliation (`row`) its legal dates, else its operational ones."""
    parts = (
        found.select("row", "extension")
        .explode("extension", empty_as_null=True, keep_nulls=False)
        .unnest("extension")
        .filter(pl.col("url").str.ends_with(_PERIODS))
    )
    return (
        parts.with_columns(*_typed_period("extension"))
        .group_by("row", maintain_order=True)
        .agg(_legal_first("start").alias("start"), _legal_first("last").alias("last"))
    )
