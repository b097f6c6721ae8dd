"""Pathways across borders: which share is begun outside the system whose residents they are of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Unanswerable
from .held import certainty, statements_on, there

__all__ = ["TOTAL", "cross_border", "in_one_system"]

TOTAL = "C_999"
"""The code that stands for all treatment functions together."""

ADD = "Add a full extract of the RTT waiting times as a source."

FUNCTIONS = "icsg:treatment-function/"


def cross_border(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """Pathways by treatment function, and those of them at a provider in another system than that
    of the commissioner, in the newest period counted by a day.

    The systems are those of the period. Certain is what is so by certain statements alone.
    """
    flows = snapshot.relationships("TREATS_RESIDENTS_OF")
    counted = (pl.col("measure") == parameters["measure"]) & pl.col("count").is_not_null()
    flows = flows.filter(counted & (pl.col("start_earliest") <= parameters["on"]))
    period = flows["start_earliest"].max()
    if not isinstance(period, str):
        what, day = parameters["measure"], parameters["on"]
        raise Unanswerable(f"No {what} are counted of a time that had begun by {day}. {ADD}")
    flows = flows.filter(pl.col("start_earliest") == period)
    homes = in_one_system(snapshot, "LOCATED_IN", period).rename({"id": "subject"})
    payers = in_one_system(snapshot, "PART_OF", period).rename({"id": "object"})
    placed = flows.select("subject", "object", "treatment_function", "period", "count").join(
        payers, on="object", how="left"
    ).join(homes, on="subject", how="left", suffix="_of_provider")  # fmt: skip
    if parameters["system"]:
        placed = placed.filter(pl.col("system") == parameters["system"])
    return _by_function(snapshot, placed)


def in_one_system(snapshot: Snapshot, kind: str, day: str) -> pl.DataFrame:
    """The system of each body on a day, the certain one first: `id`, `system`, `certain`. A system
    that pays itself is its own."""
    systems = there(snapshot.nodes("System"), day)["id"]
    rows = statements_on(snapshot, kind, day, systems).sort(
        "certain", "object", descending=[True, False]
    )
    first = rows.unique("subject", keep="first", maintain_order=True)
    bodies = first.select("certain", id="subject", system="object")
    own = pl.DataFrame({"id": systems, "system": systems}).with_columns(certain=True)
    return pl.concat([bodies, own.select(bodies.columns)]).unique("id", keep="last")


def _by_function(snapshot: Snapshot, placed: pl.DataFrame) -> pl.DataFrame:
    known = pl.col("system").is_not_null() & pl.col("system_of_provider").is_not_null()
    outside = known & (pl.col("system") != pl.col("system_of_provider"))
    each = placed.group_by("period", "treatment_function").agg(
        pl.col("count").filter(known).sum().alias("pathways"),
        pl.col("count").filter(outside).sum().alias("outside"),
        pl.col("count").filter(~known).sum().alias("not_placed"),
        (pl.col("certain") & pl.col("certain_of_provider")).filter(known).all().alias("certain"),
    )
    names = (
        snapshot.nodes("Concept")
        .select("id", "name")
        .with_columns(pl.col("id").str.strip_prefix(FUNCTIONS).alias("treatment_function"))
    )
    named = each.join(names, on="treatment_function", how="left")
    code = pl.col("treatment_function")
    return named.sort(pl.col("period"), code != TOTAL, code).select(
        "period",
        pl.coalesce("name", code).alias("treatment_function"),
        "pathways",
        "outside",
        pl.when(pl.col("pathways") > 0).then(pl.col("outside") / pl.col("pathways")).alias("share"),
        "not_placed",
        certainty(pl.col("certain")),
        code.alias("code"),
    )
