"""Direct oral anticoagulants (DOACs) among all oral anticoagulants, by commissioner and month.

From the prescribing data of NHS Digital and the NHS Business Services Authority: items by clinical
commissioning group and month. The items of the groups are also added up for the system in which
they later lay (group "CCGs of the later system" of the series), since systems came after most of
these months. A group whose total is not given, as in some early months without DOACs, is left out
of the sum.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .adoption_tables import adopted, numbered, things
from .cleaning import Rule
from .data_sets import DataSet, Form, Tables
from .delimited import Layout
from .records import Relationships, Series

__all__ = ["DOAC", "MONTHS"]

MONTHS = Layout(
    "DOACs by clinical commissioning group and month",
    {
        "month": "month",
        "ccg_code": "commissioner",
        "icb_code": "system",
        "doac_items": "doac_items",
        "oral_anticoagulant_items": "items",
        "doac_percent": "percent",
    },
)
"""The one layout."""

_MEASURES = {
    "doac_items": "DOAC items",
    "items": "oral anticoagulant items",
    "percent": "percent of oral anticoagulant items",
}
_SYSTEM = "CCGs of the later system"
_MOST = 100_000_000
# Percentages are published with up to four decimals; more apart than this is another figure.
_SAME_PERCENT = 0.01


def _tables(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    rows = tables[MONTHS.name].with_columns(pl.col("month").alias("date"))
    of_groups = rows.with_columns(pl.format("ods:{}", "commissioner").alias("thing"))
    of_systems = _added_up(rows.with_columns(pl.format("ods:{}", "system").alias("thing")))
    summed = numbered(of_systems, _MEASURES).with_columns(pl.lit(_SYSTEM).alias("group"))
    series = Series("doac", pl.concat([numbered(of_groups, _MEASURES), summed]))
    yield series
    yield from adopted(series)
    yield things("Organisation", rows, "commissioner", org_type="ccg")
    yield things("System", rows, "system")
    yield Relationships("PART_OF", _later_systems(rows))


def _added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """The items of each system and month, and the percentage that follows."""
    known = rows.drop_nulls("items").group_by("thing", "date", maintain_order=True)
    added = known.agg(pl.col("doac_items", "items").sum())
    return added.with_columns((100 * pl.col("doac_items") / pl.col("items")).alias("percent"))


def _later_systems(rows: pl.DataFrame) -> pl.DataFrame:
    """The system of each group. Since when is not said here: the system is a later one."""
    ends = rows.select(
        pl.format("ods:{}", "commissioner").alias("subject"),
        pl.format("ods:{}", "system").alias("object"),
    )
    register = pl.lit("register").alias("knowledge_level")
    return ends.unique().sort("subject", "object").with_columns(register)


def _rules() -> tuple[Rule, ...]:
    """A part is no more than the whole, and the percentage is that of the two."""
    part, whole, percent = (
        pl.col(c).cast(pl.Float64, strict=False) for c in ("doac_items", "items", "percent")
    )
    apart = (100 * part / whole - percent).abs() > _SAME_PERCENT
    judged = (whole > 0) & (part <= whole) & percent.is_between(0, 100)
    correct = "Correct one of the three numbers."
    return (
        Rule("doac_items", part > whole, "is more than all oral anticoagulant items", correct),
        Rule("percent", judged & apart, "is not the percentage of the items beside it", correct),
    )


DOAC = DataSet(
    (
        (
            MONTHS,
            Form(
                key=("commissioner", "month"),
                numbers={"doac_items": (0, _MOST), "items": (1, _MOST), "percent": (0, 100)},
                may_lack=frozenset({"items"}),
                rules=_rules(),
            ),
        ),
    ),
    _tables,
)
"""DOAC uptake by clinical commissioning group and month."""
