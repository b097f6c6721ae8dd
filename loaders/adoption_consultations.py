"""Online consultation by practice and month, with supplier and list size.

NHS England, "Submissions via online consultation systems in general practice": one row for each
practice and month. `oc_capability` is 0 in rows of practices that take part; so taking part is
judged by `oc_participation`. Reporting is not use: a supplier that joins the collection brings
practices that had used it before (the `reporters` of the rule).

The primary care network and the commissioner of a practice are those of the edition, in all its
months: they become relationships that held in the practice's last month.

Publisher's page: https://digital.nhs.uk/data-and-information/publications/statistical/submissions-via-online-consultation-systems-in-general-practice
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .adoption_tables import adopted, held_around, measured, numbered, things
from .cleaning import is_not
from .data_sets import DataSet, Form, Tables
from .delimited import Layout
from .records import Relationships, Series

__all__ = ["EVENTS", "MONTHS", "ONLINE_CONSULTATION"]

MONTHS = Layout(
    "Online consultation by practice and month (NHS England)",
    {
        "month": "month",
        "gp_code": "practice",
        "pcn_code": "network",
        "sub_icb_code": "commissioner",
        "icb_code": "system",
        "supplier": "supplier",
        "oc_capability": "capability",
        "oc_participation": "participation",
        "oc_system_usage": "usage",
        "submissions": "submissions",
        "submissions_clinical": "clinical",
        "submissions_admin": "administrative",
        "submissions_other": "other",
        "patients_registered": "patients",
    },
)
"""The layout of the months."""

EVENTS = Layout(
    "Beginnings of online consultation by practice (derived)",
    {
        "gp_code": "practice",
        "event": "event",
        "supplier": "supplier",
        "month": "month",
        "icb_code": "system",
        "sub_icb_code": "commissioner",
        "pcn_code": "network",
        "possible_coverage_artefact": "artefact",
    },
)
"""The layout of a list of beginnings that somebody derived from the months."""

_NAME = "online-consultation"
_MEASURES = {
    "participation": "participation",
    "capability": "capability",
    "usage": "system usage",
    "submissions": "submissions",
    "clinical": "clinical submissions",
    "administrative": "administrative submissions",
    "other": "other submissions",
    "patients": "registered patients",
}
_FLAGS = ("capability", "participation", "usage")
_MOST = 10_000_000
_NO_NETWORK = "U"


def _tables(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    if (months := tables.get(MONTHS.name)) is not None:
        yield from _of_months(months)
    if (events := tables.get(EVENTS.name)) is not None:
        yield things("Organisation", events, "practice", org_type="gp-practice")
        yield Series(f"{_NAME}-events", _events(events))


def _of_months(months: pl.DataFrame) -> Tables:
    rows = months.with_columns(
        pl.format("ods:{}", "practice").alias("thing"), pl.col("month").alias("date")
    )
    supplier = measured(rows, "supplier", value="supplier")
    series = Series(_NAME, pl.concat([numbered(rows, _MEASURES), supplier]))
    yield series
    yield from adopted(series)
    yield from _memberships(months)


def _memberships(months: pl.DataFrame) -> Tables:
    last = months.sort("month").unique("practice", keep="last", maintain_order=True)
    last = last.with_columns(
        pl.when(pl.col("network") != _NO_NETWORK).then("network").alias("network")
    ).sort("practice")
    yield things("Organisation", last, "practice", org_type="gp-practice")
    yield things("Organisation", last, "network", org_type="pcn")
    yield things("Organisation", last, "commissioner", org_type="sub-icb-location")
    yield things("System", last, "system")
    for kind, subject, target in (
        ("MEMBER_OF", "practice", "network"),
        ("COMMISSIONS", "commissioner", "practice"),
        ("LOCATED_IN", "practice", "system"),
    ):
        yield Relationships(
            kind,
            last.drop_nulls([subject, target]).select(
                pl.format("ods:{}", subject).alias("subject"),
                pl.format("ods:{}", target).alias("object"),
                pl.lit("register").alias("knowledge_level"),
                pl.format("row {}", "row").alias("locator"),
                *held_around("month", "month"),
            ),
        )


def _events(events: pl.DataFrame) -> pl.DataFrame:
    rows = events.with_columns(
        pl.format("ods:{}", "practice").alias("thing"), pl.col("month").alias("date")
    )
    return rows.select(
        "thing",
        pl.col("event").alias("measure"),
        pl.col("supplier").alias("group"),
        pl.when(pl.col("artefact") == "1")
        .then(pl.lit("possible coverage artefact"))
        .alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        "date",
    )


ONLINE_CONSULTATION = DataSet(
    (
        (
            MONTHS,
            Form(
                key=("practice", "month"),
                numbers={c: (0, _MOST) for c in _MEASURES if c not in _FLAGS},
                rules=tuple(is_not(flag, "[01]", "0 or 1") for flag in _FLAGS),
            ),
        ),
        (
            EVENTS,
            Form(
                key=("practice", "event", "supplier", "month"),
                numbers={},
                may_lack=frozenset({"supplier"}),
                rules=(
                    is_not("event", "oc_start|supplier_first_seen", "a kind of beginning"),
                    is_not("artefact", "[01]", "0 or 1"),
                ),
            ),
        ),
    ),
    _tables,
)
"""Months of online consultation, and beginnings derived from them."""
