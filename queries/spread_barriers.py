"""Barriers beside innovations: found together or not, and who could learn from whom.

The questions of the catalogue on `co_occurrence` and `learning`, of systems. A system that no
record names with a barrier may have it all the same: what is counted is what was reported, of the
systems that were looked at. Adopting something while reporting a barrier is not solving it by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured, Unanswerable
from .co_occurrence import co_occurrence, false_discovery
from .learning import who_could_learn
from .spread_adoptions import reported_barriers
from .spread_ties import reviewed_systems
from .wording import counted

__all__ = ["barriers_and_innovations", "who_could_learn_from"]

LEVEL = 0.05
TOGETHER = "more often together than chance gives"
APART = "less often together than chance gives"
UNTOLD = "not told from chance"


def _universe(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.Series:
    if parameters["population"] == "all":
        return snapshot.nodes("System")["id"]
    return reviewed_systems(snapshot)


def _adopted(snapshot: Snapshot, systems: pl.Series, on: str) -> pl.DataFrame:
    """What reports state that systems took up by a day: system, innovation (its name), time (the
    latest day on which it may have begun), source."""
    rows = snapshot.relationships("ADOPTED").filter(
        pl.col("subject").is_in(systems.implode())
        & pl.col("rule").is_null()
        & (pl.col("start_earliest").is_null() | (pl.col("start_earliest") <= on))
    )
    names = snapshot.nodes("Innovation").select(object="id", innovation="name")
    named = rows.join(names, on="object").select(
        "innovation", "source", system="subject", time="start_latest"
    )
    return named.sort("system", "innovation", "time", nulls_last=True)


def _tables(
    snapshot: Snapshot, parameters: Mapping[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series, dict[str, int]]:
    """Reports, adoptions and systems, with the counts; `Unanswerable` if either is empty."""
    systems, on = _universe(snapshot, parameters), parameters["on"]
    reported = reported_barriers(snapshot).filter(
        pl.col("system").is_in(systems.implode())
        & (pl.col("earliest").is_null() | (pl.col("earliest") <= on))
    )
    adopted = _adopted(snapshot, systems, on)
    sources = pl.concat([reported["source"], adopted["source"]])
    counts = {
        "records": reported.height + adopted.height,
        "sources": sources.n_unique(),
        "systems_looked_at": len(systems),
        "systems_with_a_barrier": reported["system"].n_unique(),
        "systems_with_an_innovation": adopted["system"].n_unique(),
    }
    if reported.is_empty() or adopted.is_empty():
        what = "barrier is reported" if reported.is_empty() else "innovation is recorded"
        raise Unanswerable(f"No {what} of the {counted(len(systems), 'system')} looked at.", counts)
    return reported, adopted, systems, counts


def barriers_and_innovations(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which innovations are found where which barrier is reported, and is that more than chance?"""
    from scipy.stats import hypergeom

    reported, adopted, systems, counts = _tables(snapshot, parameters)
    found = co_occurrence(
        reported.select("system", "barrier"),
        adopted.select("system", "innovation"),
        systems=systems,
    )
    fewer = hypergeom.cdf(
        *(found[c].to_numpy() for c in ("both", "systems", "with_barrier", "with_innovation"))
    )
    rows = found.with_columns(
        p_fewer=pl.Series(fewer, dtype=pl.Float64),
        q_fewer=pl.Series(false_discovery(fewer), dtype=pl.Float64),
    )
    for column, kind in (("barrier", "Barrier"), ("innovation", "Innovation")):
        if parameters[column]:
            names = dict(snapshot.nodes(kind).select("id", "name").iter_rows())
            rows = rows.filter(pl.col(column) == names.get(parameters[column]))
    if not (parameters["barrier"] or parameters["innovation"]):
        rows = rows.filter(pl.col("both") > 0)
    reading = (
        pl.when(pl.col("q_value") <= LEVEL)
        .then(pl.lit(TOGETHER))
        .when(pl.col("q_fewer") <= LEVEL)
        .then(pl.lit(APART))
        .otherwise(pl.lit(UNTOLD))
    )
    told = int((found["q_value"] <= LEVEL).sum())
    least = float(str(found["p_value"].min()))
    said = (
        f"Looked at: {counted(found.height, 'pair')} of a barrier and an innovation; of {told} the "
        f"share of false discoveries is at most {LEVEL:.0%}. The smallest p is {least:.2g}."
    )
    shown = rows.with_columns(reading=reading).drop("systems", "q_fewer")
    order = ["p_value", "barrier", "innovation"]
    return Measured(shown.sort(order), counts, [said])


def who_could_learn_from(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which systems lack what others took up that report the same barriers, and who are those?"""
    reported, adopted, systems, counts = _tables(snapshot, parameters)
    barrier = None
    if parameters["barrier"]:
        names = dict(snapshot.nodes("Barrier").select("id", "name").iter_rows())
        barrier = names[parameters["barrier"]]
        if barrier not in set(reported["barrier"]):
            raise Unanswerable(f"{barrier} is reported by none of the systems looked at.", counts)
    found = who_could_learn(
        adopted.select("system", "innovation", "time"),
        reported.select("system", "barrier"),
        systems=systems,
        barrier=barrier,
        replicates=parameters["replicates"],
        seed=parameters["seed"],
    )
    if found.reason:
        test = found.test
        told = ""
        if test is not None:
            told = (
                f" Found among the best three: {test.observed:.2f} of hidden adoptions; in random "
                f"tables {test.null_mean:.2f} (sd {test.null_sd:.2f}, R = {test.replicates})."
            )
        raise Unanswerable(
            f"Nothing can be learned from these records: {found.reason}.{told}", counts
        )
    named = dict(snapshot.nodes("System").select("id", "name").iter_rows())
    rows = found.suggestions
    if parameters["system"]:
        rows = rows.filter(pl.col("system") == parameters["system"])
    shown = rows.select(
        pl.col("system").replace_strict(named, default=pl.col("system")).alias("system_name"),
        "innovation",
        "score",
        "adopters",
        pl.Series(
            "adopted_by",
            [[_named(each, named) for each in names] for names in rows["adopted_by"]],
            dtype=pl.List(pl.String),
        ),
        "shared_barriers",
        pl.col("system").alias("id"),
    )
    tests = [] if found.test is None else [found.test.record()]
    return Measured(shown.rename({"system_name": "system"}), counts, (), tests)


def _named(adopter: str, names: Mapping[str, str]) -> str:
    """An adopter "ods:QE1 (2021-03-31)" by the name of its system."""
    system, _, rest = adopter.partition(" ")
    return f"{names.get(system, system)} {rest}".strip()
