"""How an innovation was taken up over time: by whom and when, in what curve, how fast.

The questions of the catalogue on uptake, on `diffusion` as the plain functions have it. What
certainly holds counts from the latest day that an adoption may have begun, what possibly holds from
the earliest.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np
import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UsageError
from .answer import Measured
from .asked_rule import adopted_by_rule, asked_rule
from .diffusion import hazard, wilson_interval
from .held import certainty
from .spread_adoptions import Timed, asked_uptake, called
from .spread_inputs import Array
from .spread_ties import last_systems

__all__ = [
    "adopted_when",
    "adoption_curve_of",
    "hazard_by_period",
    "pooled_hazard",
    "still_spreading",
    "time_to_share_of",
]

EVERYBODY = "all"


def adopted_when(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Who took which innovation up, when at the earliest and the latest, and how is that known?"""
    day = parameters["on"]
    begun = pl.col("start_earliest").is_null() | (pl.col("start_earliest") <= day)
    rows = _adoptions(snapshot, parameters).filter(begun)
    findings = snapshot.nodes("Finding").select("topic", finding="id", found="name")
    rows = rows.join(findings, on="finding", how="left", maintain_order="left")
    if parameters["topic"]:
        rows = rows.filter(pl.col("topic") == parameters["topic"])
    names = called(snapshot)
    named = rows.join(names.rename({"id": "object", "name": "innovation"}), on="object").join(
        names.rename({"id": "subject", "name": "adopter"}), on="subject"
    )
    order = ["innovation", "start_latest", "start_earliest", "adopter", "id"]
    shown = named.sort(order, nulls_last=True).select(
        "innovation",
        "adopter",
        pl.col("start_earliest").alias("not_before"),
        pl.col("start_latest").alias("by"),
        pl.col("end_latest").alias("ended_by"),
        "stage",
        certainty((pl.col("start_latest") <= day).fill_null(False)),
        pl.coalesce("found", "rule", "source").alias("known_from"),
        pl.col("note").alias("doubt"),
        pl.col("subject").alias("id"),
    )
    undated = rows.filter(pl.col("start_latest").is_null()).height
    counts = {
        "records": rows.height,
        "sources": rows["source"].n_unique(),
        "records_with_no_date": undated,
    }
    return Measured(shown, counts)


def _adoptions(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """All adoptions, those of one innovation, or those by one rule for it."""
    innovation, by, threshold = (parameters[n] for n in ("innovation", "by", "threshold"))
    if innovation and (by or threshold):
        rule = asked_rule(snapshot, innovation, by, threshold)
        return adopted_by_rule(snapshot, innovation, rule)
    if by or threshold:
        raise UsageError("A rule, or a threshold, is that of one innovation.", "Add --innovation.")
    every = snapshot.relationships("ADOPTED")
    return every.filter(pl.col("object") == innovation) if innovation else every


def adoption_curve_of(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """How many had taken an innovation up by each period, certainly and possibly?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    surely, maybe = (_curve(timed, at) for at in (timed.latest, timed.earliest))
    size = len(timed.nodes)
    rows = pl.DataFrame(
        {
            "time": timed.periods,
            "new": np.diff(surely, prepend=0),
            "adopters": surely,
            "share": surely / size,
            "possible": maybe,
            "possible_share": maybe / size,
            "using": _using(timed),
        }
    )
    shown = rows.select(timed.label(), *rows.columns[1:])
    return Measured(shown, timed.counts, timed.caveats)


def _curve(timed: Timed, at: Array) -> Array:
    """How many had adopted by each period, by the number of the period of each node."""
    new = np.bincount(at, minlength=len(timed.periods) + 1)[: len(timed.periods)]
    curve: Array = np.cumsum(new)
    return curve


def _using(timed: Timed) -> list[int]:
    """How many use it at the end of each period: whose spell has begun and not ended."""
    used = timed.adoptions
    open_ = pl.col("end").is_null()
    return [
        used.filter((pl.col("time") <= day) & (open_ | (pl.col("end") > day)))["node"].n_unique()
        for day in timed.periods
    ]


def time_to_share_of(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """By which period had a share of the population taken an innovation up, as a whole or in each
    system or region?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    share = parameters["share"] / 100
    nodes = pl.DataFrame(
        {"node": list(timed.nodes), "latest": timed.latest, "earliest": timed.earliest}
    ).join(_groups(snapshot, parameters["each"]), on="node", how="left", maintain_order="left")
    labels = [*timed.periods.to_frame("time").select(timed.label())["period"], None]
    rows = []
    for (name,), part in nodes.group_by(["group"]):
        latest, earliest = (np.sort(part[side].to_numpy()) for side in ("latest", "earliest"))
        needed = max(1, ceil(share * len(latest) - 1e-9))
        adopters = int((latest < len(timed.periods)).sum())
        rows.append(
            {
                "group": name or "in no group",
                "population": len(latest),
                "needed": needed,
                "adopters": adopters,
                "first": labels[latest[0]],
                "reached": labels[latest[needed - 1]],
                "possibly_reached": labels[earliest[needed - 1]],
                "all_reached": labels[latest[-1]],
                "share_at_the_end": adopters / len(latest),
            }
        )
    text = dict.fromkeys(["first", "reached", "possibly_reached", "all_reached"], pl.String)
    found = pl.DataFrame(rows, schema_overrides=text)
    caveats = list(timed.caveats)
    if parameters["each"]:
        caveats.append(f"Each counts to the {parameters['each']} that it is in today.")
    return Measured(
        found.sort(pl.col("reached").is_null(), "reached", "group"), timed.counts, caveats
    )


def _groups(snapshot: Snapshot, each: str) -> pl.DataFrame:
    """The name of the group of each body: node, group; everybody in one if `each` is ''."""
    homes = last_systems(snapshot)
    systems = snapshot.nodes("System").select("region", "name", system="id")
    if not each:
        every = snapshot.nodes("Organisation")["id"].append(snapshot.nodes("System")["id"])
        return every.unique().to_frame("node").with_columns(group=pl.lit(EVERYBODY))
    column = "name" if each == "system" else "region"
    return homes.join(systems, on="system").select("node", group=column)


def hazard_by_period(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Of those who had not adopted yet, which share adopted in each period?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    rows = _hazard(timed).select(timed.label(), "at_risk", "new_adopters", "hazard", "low", "high")
    return Measured(rows, timed.counts, timed.caveats)


def _hazard(timed: Timed) -> pl.DataFrame:
    taken = timed.adoptions.select("node", "time").unique("node", keep="first", maintain_order=True)
    return hazard(taken, nodes=timed.nodes, periods=timed.periods, existing=timed.existing)


def pooled_hazard(timed: Timed, first: int, last: int) -> dict[str, Any]:
    """The hazard of the periods from number `first` up to before `last` taken together, with its
    interval: at_risk (nodes times periods), new_adopters, hazard, low, high.

    The first period of all is in none: its adopters may have adopted at any time before it.
    """
    rows = _hazard(timed)[max(first, 1) : last]
    risk, new = int(rows["at_risk"].sum()), int(rows["new_adopters"].sum())
    if not risk:
        return {"at_risk": 0, "new_adopters": 0, "hazard": None, "low": None, "high": None}
    low, high = wilson_interval(np.array([new]), np.array([risk]))
    return {
        "at_risk": risk,
        "new_adopters": new,
        "hazard": new / risk,
        "low": float(low[0]),
        "high": float(high[0]),
    }


def still_spreading(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Is the innovation still being taken up: the last periods beside as many before them?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    end, window = len(timed.periods), parameters["window"]
    labels = timed.periods.to_frame("time").select(timed.label())["period"].to_list()
    rows = []
    for last in (end, end - window):
        first = max(last - window, 1)
        if last > first:
            each = pooled_hazard(timed, first, last)
            rows.append({"from": labels[first], "to": labels[last - 1], **each})
    left = int((timed.first >= end).sum())
    reading = _still(rows, left)
    shown = [{**row, "reading": reading if n == 0 else ""} for n, row in enumerate(rows)]
    counts = {**timed.counts, "not_adopted_at_the_end": left}
    return Measured(pl.DataFrame(shown, infer_schema_length=None), counts, timed.caveats)


def _still(rows: list[dict[str, Any]], left: int) -> str:
    """What the hazards of the last periods and of those before say."""
    if not left:
        return "everybody has adopted"
    now = rows[0]
    if not now["new_adopters"]:
        return "nobody adopted in the last periods"
    if len(rows) < 2 or rows[1]["hazard"] is None:
        return "still being taken up; there is nothing earlier to compare with"
    before = rows[1]
    if now["high"] < before["low"]:
        return "still being taken up, more slowly than before"
    if now["low"] > before["high"]:
        return "still being taken up, faster than before"
    return "still being taken up, no faster or slower that could be told"
