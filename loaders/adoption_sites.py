"""Community diagnostic centres and elective surgical hubs: lists of sites, by system.

Published on GOV.UK as the points of a map. Neither opening dates nor operating trusts are given: a
system with a site in the list had one *by* then. Whether a centre was "open 12 hours, 7 days" was
changed for many centres and changed back within a day in August 2025: treat it with care.

Publisher's page: https://www.gov.uk/government/organisations/department-of-health-and-social-care
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .adoption_tables import adopted, held_around, measured, things
from .cleaning import Rule, is_not, postcode
from .data_sets import DataSet, Form, Tables
from .delimited import Layout
from .geography_tables import area_key
from .records import Nodes, Relationships, Series

__all__ = ["CENTRES", "DIAGNOSTIC_CENTRES", "HUBS", "SURGICAL_HUBS"]

CENTRES = Layout(
    "Community diagnostic centres in June and October 2025 (GOV.UK)",
    {
        "name_2025_10": "name",
        "name_2025_06": "former_name",
        "address": "address",
        "postcode": "postcode",
        "latitude": "lat",
        "longitude": "lon",
        "icb_ons_code": "system_ons",
        "open_12_7_2025_06": "2025-06",
        "open_12_7_2025_10": "2025-10",
        "services_2025_10": "services",
    },
)
"""The layout of centres; our names of the columns of opening hours are their months."""

HUBS = Layout(
    "Elective surgical hubs in August 2025 (GOV.UK)",
    {
        "name": "name",
        "address": "address",
        "postcode": "postcode",
        "latitude": "lat",
        "longitude": "lon",
        "icb_ons_code": "system_ons",
    },
)
"""The layout of hubs."""

_EDITIONS = ("2025-06", "2025-10")
_HUBS_IN = "2025-08"
_IN_ENGLAND = {"lat": (49.8, 55.9), "lon": (-6.5, 1.9)}


def _centres(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    rows = _keyed(tables[CENTRES.name], "diagnostic-centre")
    former = pl.col("former_name")
    # A centre that has no name in the earlier edition is not in it.
    first = pl.when(former.is_null()).then(pl.lit(_EDITIONS[-1])).otherwise(pl.lit(_EDITIONS[0]))
    yield from _places(rows, "community-diagnostic-centre", former, first, _EDITIONS[-1])
    earlier = _listed(rows.drop_nulls("former_name"), "centres listed", _EDITIONS[0])
    listed = (earlier, _listed(rows, "centres listed", _EDITIONS[-1]))
    hours = [
        measured(rows.with_columns(pl.lit(m).alias("date")), "open 12 hours, 7 days", value=m)
        for m in _EDITIONS
    ]
    service = pl.col("services").str.split(", ")
    services = rows.with_columns(pl.lit(_EDITIONS[-1]).alias("date"), service).explode("services")
    offered = measured(services, "service", value="services")
    series = Series("diagnostic-centres", pl.concat([*listed, *hours, offered]))
    yield series
    yield from adopted(series)


def _hubs(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    rows = _keyed(tables[HUBS.name], "surgical-hub")
    no_other = pl.lit(None, dtype=pl.String)
    yield from _places(rows, "elective-surgical-hub", no_other, pl.lit(_HUBS_IN), _HUBS_IN)
    series = Series("surgical-hubs", _listed(rows, "hubs listed", _HUBS_IN))
    yield series
    yield from adopted(series)


def _keyed(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.with_columns(area_key(kind, "name").alias("thing"))


def _places(
    rows: pl.DataFrame, location_type: str, former: pl.Expr, first: pl.Expr, last: str
) -> Tables:
    """The sites, the systems, and which lies in which from the `first` month to the `last`."""
    other = pl.when(former != pl.col("name")).then(former)
    yield Nodes(
        "Location",
        rows.select(
            pl.col("thing").alias("id"),
            "name",
            pl.concat_list(other).list.drop_nulls().alias("other_names"),
            pl.lit(location_type).alias("location_type"),
            "address",
            postcode("postcode"),
            "lon",
            "lat",
        ),
    )
    yield things("System", rows, "system_ons", prefix="ons")
    yield Relationships(
        "LOCATED_IN",
        rows.with_columns(first.alias("first"), pl.lit(last).alias("last")).select(
            pl.col("thing").alias("subject"),
            pl.format("ons:{}", "system_ons").alias("object"),
            pl.lit("register").alias("knowledge_level"),
            pl.format("row {}", "row").alias("locator"),
            *held_around("first", "last"),
        ),
    )


def _listed(rows: pl.DataFrame, measure: str, month: str) -> pl.DataFrame:
    """How many sites each system has in the list of a month."""
    counted = rows.group_by(pl.format("ons:{}", "system_ons").alias("thing")).len("sites")
    dated = counted.sort("thing").with_columns(pl.lit(month).alias("date"))
    return measured(dated, measure, "sites")


def _names() -> tuple[Rule, Rule]:
    """The rules that a name can make an id, and that no two make the same."""
    plain = pl.col("name").str.to_lowercase().str.replace_all("[^a-z0-9]+", "-")
    same = pl.col("name").is_not_null() & ~plain.is_first_distinct()
    return (
        is_not("name", ".*[A-Za-z0-9].*", "a name"),
        Rule("name", same, "is the name of a site in an earlier row", "Tell the two apart."),
    )


def _place_form(*rules: Rule, may_lack: frozenset[str] = frozenset()) -> Form:
    return Form(
        key=("name",),
        numbers=_IN_ENGLAND,
        may_lack=may_lack,
        rules=(*rules, *_names(), is_not("postcode", "[A-Za-z0-9 ]{5,9}", "a postcode")),
    )


_OPEN = tuple(is_not(month, "Yes|No|N/A", "Yes, No or N/A") for month in _EDITIONS)

DIAGNOSTIC_CENTRES = DataSet(
    ((CENTRES, _place_form(*_OPEN, may_lack=frozenset({"former_name", "2025-06"}))),), _centres
)
"""Community diagnostic centres in two editions of the list."""

SURGICAL_HUBS = DataSet(((HUBS, _place_form()),), _hubs)
"""Elective surgical hubs in one edition of the list."""
