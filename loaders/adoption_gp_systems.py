"""The clinical system of each practice at two dates, six years apart.

Two dates only: which practices changed is known, and when only between the two. Several systems of
one practice stand in one cell, parted by a slash ("EMIS/EVERGREENLIFE").
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .adoption_tables import adopted, held_around, measured, things
from .cleaning import Rule
from .data_sets import DataSet, Form, Tables
from .delimited import Layout
from .records import Relationships, Series

__all__ = ["GP_SYSTEMS", "TWO_DATES"]

TWO_DATES = Layout(
    "GP clinical systems in August 2019 and November 2025",
    {
        "gp_code": "practice",
        "system_2019": "2019-08",
        "system_2025_11": "2025-11",
        "icb_code_2025": "system",
        "sub_icb_code_2025": "commissioner",
    },
)
"""The one layout; our names of the columns of systems are their months."""

_DATES = ("2019-08", "2025-11")


def _tables(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    rows = tables[TWO_DATES.name].with_columns(pl.format("ods:{}", "practice").alias("thing"))
    dated = (rows.with_columns(pl.lit(month).alias("date")) for month in _DATES)
    series = Series(
        "gp-systems",
        pl.concat(
            [
                measured(of_month, "clinical system", value=month)
                for of_month, month in zip(dated, _DATES, strict=True)
            ]
        ),
    )
    yield series
    yield from adopted(series)
    yield things("Organisation", rows, "practice", org_type="gp-practice")
    yield things("Organisation", rows, "commissioner", org_type="sub-icb-location")
    yield things("System", rows, "system")
    yield _listed(rows, "COMMISSIONS", "commissioner", "practice")
    yield _listed(rows, "LOCATED_IN", "practice", "system")


def _listed(rows: pl.DataFrame, kind: str, subject: str, target: str) -> Relationships:
    """Who is listed under whom at the later date."""
    there = rows.drop_nulls([subject, target]).with_columns(pl.lit(_DATES[-1]).alias("month"))
    return Relationships(
        kind,
        there.select(
            pl.format("ods:{}", subject).alias("subject"),
            pl.format("ods:{}", target).alias("object"),
            pl.lit("register").alias("knowledge_level"),
            pl.format("row {}", "row").alias("locator"),
            *held_around("month", "month"),
        ),
    )


def _rules() -> tuple[Rule, ...]:
    neither = pl.all_horizontal(pl.col(*_DATES).is_null())
    return (Rule(_DATES[0], neither, "is missing at both dates", "Fill one of the two in."),)


GP_SYSTEMS = DataSet(
    (
        (
            TWO_DATES,
            Form(
                key=("practice",),
                numbers={},
                may_lack=frozenset({*_DATES, "system", "commissioner"}),
                rules=_rules(),
            ),
        ),
    ),
    _tables,
)
"""Clinical systems of practices at two dates."""
