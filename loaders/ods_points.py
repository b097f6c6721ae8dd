"""Points of the headquarters of NHS trusts, as the R package geographr gives them.

A derived table of one day: codes and names of the Organisation Data Service, whether the trust was
open, and a point. Names are not as the register writes them, and no dates are given: where a
register describes the same trust, that one is believed, and only the point is taken from here.

Publisher's page: https://github.com/humaniverse/geographr
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from .cleaning import held_bounds, is_not
from .data_sets import DataSet, Form, Tables, read_data_set
from .delimited import Layout
from .records import Nodes, SourceEntry, Table

__all__ = ["POINTS", "read"]

POINTS = Layout(
    "points of trusts' headquarters (geographr)",
    {
        "nhs_trust22_name": "name",
        "nhs_trust22_code": "trust",
        "status": "status",
        "lon": "lon",
        "lat": "lat",
    },
)
"""The layout of the table of 2022."""

_BOUNDS = {"lon": (-9, 3), "lat": (49, 61)}
"""Great Britain, WGS84 degrees: trusts of Wales that treat English patients are in the table."""


def read(entry: SourceEntry) -> Iterator[Table]:
    """The tables of an edition as organisations with a point, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the table.
    """
    form = Form(("trust",), _BOUNDS, rules=(is_not("status", "open|closed", "open or closed"),))
    yield from read_data_set(entry, DataSet(((POINTS, form),), _trusts))


def _trusts(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    begun, still = held_bounds(as_of)
    closed = pl.col("status") == "closed"
    bounds = (
        # What had closed had begun before, and ended by the last day that the as-of text can mean.
        begun.alias("start_latest"),
        pl.when(~closed).then(still).alias("end_earliest"),
        pl.when(closed).then(begun).alias("end_latest"),
    )
    yield Nodes(
        "Organisation",
        tables[POINTS.name].select(
            pl.format("ods:{}", "trust").alias("id"), "name", "lon", "lat", *bounds
        ),
    )
