"""The switch from trimethoprim to nitrofurantoin for urinary infections, by practice and month.

From the prescribing data of NHS Digital and the NHS Business Services Authority: the share of
trimethoprim in trimethoprim and nitrofurantoin items, in one column for each month, blank where a
practice prescribed neither. A *low* share is the adoption. The shares of small practices swing.

A list of first months at or below one half, derived by somebody else from the same shares, is kept
as a series of its own (`trimethoprim-switches`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .adoption_tables import adopted, measured, things
from .cleaning import is_not
from .data_sets import MONTH, DataSet, Form, Tables
from .delimited import Layout
from .records import Series

__all__ = ["SHARES", "SWITCHES", "TRIMETHOPRIM"]

_MONTHS = tuple(f"{year}-{month:02}" for year in range(2010, 2036) for month in range(1, 13))

SHARES = Layout(
    "Trimethoprim share by practice, a column for each month",
    {"gp_code": "practice", **{month: month for month in _MONTHS}},
    optional=frozenset(_MONTHS),
)
"""The layout of the shares: any months, in any order."""

SWITCHES = Layout(
    "First months with a trimethoprim share of at most half (derived)",
    {
        "gp_code": "practice",
        "first_month_3m_share_le_50pct": "first_month",
        "share_first_12m": "share_at_first",
        "share_last_12m": "share_at_last",
    },
)
"""The layout of a list of switches that somebody derived from the shares."""


def _tables(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    for rows in tables.values():
        yield things("Organisation", rows, "practice", org_type="gp-practice")
    if (shares := tables.get(SHARES.name)) is not None:
        long = shares.unpivot(_MONTHS, index="practice", variable_name="date", value_name="share")
        long = long.drop_nulls("share").with_columns(pl.format("ods:{}", "practice").alias("thing"))
        series = Series("trimethoprim", measured(long, "trimethoprim share of items", "share"))
        yield series
        yield from adopted(series)
    if (switches := tables.get(SWITCHES.name)) is not None:
        yield Series("trimethoprim-switches", _switches(switches))


def _switches(rows: pl.DataFrame) -> pl.DataFrame:
    """What the derived list says of each practice; one without a first month never switched."""
    rows = rows.with_columns(pl.format("ods:{}", "practice").alias("thing"))
    undated = rows.with_columns(pl.lit(None, dtype=pl.String).alias("date"))
    month = pl.when(pl.col("first_month").str.contains(f"^{MONTH}$")).then("first_month")
    return pl.concat(
        [
            measured(
                rows.with_columns(month.alias("date")),
                "first month",
                value=pl.col("first_month").fill_null("never"),
            ),
            measured(undated, "mean share of the first 12 months", "share_at_first"),
            measured(undated, "mean share of the last 12 months", "share_at_last"),
        ]
    )


TRIMETHOPRIM = DataSet(
    (
        (
            SHARES,
            Form(
                key=("practice",),
                numbers={month: (0, 1) for month in _MONTHS},
                may_lack=frozenset(_MONTHS),
            ),
        ),
        (
            SWITCHES,
            Form(
                key=("practice",),
                numbers={"share_at_first": (0, 1), "share_at_last": (0, 1)},
                may_lack=frozenset({"first_month", "share_at_first", "share_at_last"}),
                rules=(is_not("first_month", f"at_start|{MONTH}", "a month or at_start"),),
            ),
        ),
    ),
    _tables,
)
"""Trimethoprim shares by practice and month, and switches derived from them."""
