"""Virtual wards by system and month: beds, patients, occupancy.

NHS England, virtual ward capacity and occupancy: a snapshot of management information in each
month. The population counted changes from registered people aged 16 and over to those of all ages
in April 2024, by 23 %; so beds per 100,000 stand in the group of their population, and a rule looks
at one group only. Every system had begun before the first month: what can be dated is passing a
threshold, and a system can fall below again. Occupancy is published over 100 % as "100%*"; the text
is kept beside the number computed from patients and beds.

Publisher's page: https://www.england.nhs.uk/statistics/statistical-work-areas/virtual-ward/
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .adoption_tables import adopted, held_around, measured, numbered, things
from .cleaning import is_not
from .data_sets import DataSet, Form, Tables
from .delimited import Layout
from .records import Relationships, Series

__all__ = ["MONTHS", "VIRTUAL_WARDS"]

MONTHS = Layout(
    "Virtual wards by integrated care board and month (NHS England)",
    {
        "month": "month",
        "icb_code": "system",
        "region_code": "region",
        "capacity": "beds",
        "capacity_per_100k": "beds_per_100k",
        "gp_population": "population",
        "population_basis": "basis",
        "patients": "patients",
        "occupancy_published": "occupancy_text",
        "occupancy_computed": "occupancy",
    },
)
"""The one layout."""

_MOST = 100_000_000


def _tables(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    months = tables[MONTHS.name]
    rows = months.with_columns(
        pl.format("ods:{}", "system").alias("thing"), pl.col("month").alias("date")
    )
    series = Series(
        "virtual-wards",
        pl.concat(
            [
                numbered(rows, {"beds": "beds", "patients": "patients"}),
                measured(rows, "beds per 100,000", "beds_per_100k", group="basis"),
                measured(rows, "registered people", "population", group="basis"),
                measured(rows, "occupancy", "occupancy", value="occupancy_text"),
            ]
        ),
    )
    yield series
    yield from adopted(series)
    yield things("System", months, "system")
    yield things("Area", months, "region", area_type="nhs-region")
    yield Relationships("PART_OF", _regions(months))


def _regions(months: pl.DataFrame) -> pl.DataFrame:
    """The region of each system, and from which month to which it is listed there."""
    listed = months.group_by("system", "region").agg(
        pl.col("month").min().alias("first"), pl.col("month").max().alias("last")
    )
    return listed.sort("system", "region").select(
        pl.format("ods:{}", "system").alias("subject"),
        pl.format("ods:{}", "region").alias("object"),
        pl.lit("register").alias("knowledge_level"),
        *held_around("first", "last"),
    )


VIRTUAL_WARDS = DataSet(
    (
        (
            MONTHS,
            Form(
                key=("system", "month"),
                numbers={
                    "beds": (0, _MOST),
                    "beds_per_100k": (0, 10_000),
                    "population": (1, _MOST),
                    "patients": (0, _MOST),
                    "occupancy": (0, 100),
                },
                # A board that did not submit has "**" for its occupancy, and no patients.
                may_lack=frozenset({"patients", "occupancy"}),
                rules=(
                    is_not("basis", "[a-z0-9_]+", "a population basis"),
                    is_not("occupancy_text", r"[0-9]+(?:\.[0-9]+)?%?\*?|\*{1,2}", "an occupancy"),
                ),
            ),
        ),
    ),
    _tables,
)
"""Virtual wards by system and month."""
