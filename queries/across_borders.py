"""Do recorded ties cross the borders of systems: the questions, on the plain functions of
`borders`, `communities` and `brokerage`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured
from .borders import border_modularity, ei_by_group, ei_index, participation
from .borders_over_time import ei_by_period
from .recorded_network import (
    SEED,
    RecordedNetwork,
    named,
    recorded_network,
    shuffle_record,
)
from .spread_ties import DRAW

__all__ = ["across_by_period", "borders_followed", "brokers", "partners_spread"]

SYSTEMS = "systems of the bodies"


def across_by_period(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Has the share of ties that cross borders grown, quarter by quarter?"""
    from .spread_inputs import completion

    network, homes, _ = _placed(snapshot, parameters)
    dated = completion(network.recorded.ties, "possible")
    held = dated.filter(
        pl.col("source").is_in(list(homes)) & pl.col("target").is_in(list(homes))
    ).select("source", "target", "start", "end")
    held = held.filter(pl.col("source") != pl.col("target")).unique(maintain_order=True)
    if held.is_empty():
        raise network.refused("No tie between bodies of known systems has a date.")
    rows = ei_by_period(
        held.with_columns(pl.col(c).str.to_date("%Y-%m-%d") for c in ("start", "end")),
        homes,
        periods=_period_ends(held, parameters),
        replicates=parameters["replicates"],
        strata=_regions(snapshot, homes) if parameters["within_region"] else None,
        seed=SEED,
    )
    shown = rows.select(
        pl.col("period").dt.to_string("%Y-%m-%d").alias("day"),
        "internal",
        "external",
        "ei",
        "expected",
        "null_mean",
        "null_sd",
        "p_le",
        "p_ge",
    )
    return network.measured(shown)


def _period_ends(held: pl.DataFrame, parameters: Mapping[str, Any]) -> list[Any]:
    from datetime import date

    from .spread_periods import period_ends

    known = held["start"].filter(held["start"] > "1900-01-01")
    first = known.min() if known.len() else parameters["on"]
    ends = period_ends(
        date.fromisoformat(str(first)), date.fromisoformat(parameters["on"]), parameters["every"]
    )
    return list(ends)


def borders_followed(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Do recorded ties follow the borders of systems at all?"""
    from .communities import communities_against_borders

    network, homes, ties = _placed(snapshot, parameters)
    replicates = parameters["replicates"]
    index = ei_index(ties, homes, nodes=sorted(homes), replicates=replicates, seed=SEED)
    borders = border_modularity(ties, homes, nodes=sorted(homes), replicates=replicates, seed=SEED)
    seeds = 1 if DRAW in parameters else 20  # of a drawn network one partition will do
    found = communities_against_borders(ties, homes, nodes=sorted(homes), seeds=seeds)
    told = [
        ("E-I index", index.ei, index.null_mean, index.null_sd, index.p_le),
        ("modularity of the systems", borders.modularity, borders.null_mean, borders.null_sd,
         borders.p_ge),
    ]  # fmt: skip
    for column, words in (
        ("adjusted_rand", "communities and systems, adjusted Rand index"),
        ("adjusted_mutual_information", "communities and systems, adjusted mutual information"),
    ):
        over = found[column]
        told.append((words, _number(over.median()), _number(over.min()), _number(over.max()), None))
    schema = {"measure": pl.String} | dict.fromkeys(("value", "mean", "sd", "p"), pl.Float64)
    rows = pl.DataFrame(told, schema=schema, orient="row")
    spread = rows["measure"].str.starts_with("communities")
    shown = rows.select(
        "measure",
        "value",
        pl.when(~spread).then("mean").alias("null_mean"),
        pl.when(~spread).then("sd").alias("null_sd"),
        "p",
        pl.when(spread).then("mean").alias("lowest"),
        pl.when(spread).then("sd").alias("highest"),
    )
    tests = (
        shuffle_record(SYSTEMS, index.ei, index.p_le, index, alternative="less"),
        shuffle_record(SYSTEMS, borders.modularity, borders.p_ge, borders, alternative="greater"),
    )
    return network.measured(shown, *tests)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def brokers(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Who stands between others that are not tied, and between systems?"""
    from .brokerage import brokerage

    network, homes, ties = _placed(snapshot, parameters)
    found = brokerage(ties, homes, nodes=sorted(homes))
    role = parameters["role"]
    counted = found.filter((pl.col("count") > 0) & (pl.col("role") != "total"))
    if role:
        counted = counted.filter(pl.col("role") == role)
    rows = _in_systems(snapshot, named(snapshot, counted))
    shown = rows.select("name", "system", "role", "count", "expected", "sd", "z", id="node")
    return network.measured(shown.sort("count", "name", "role", "id", descending=_MOST_FIRST))


_MOST_FIRST = [True, False, False, False]


def partners_spread(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Whose partners are spread over many systems?"""
    network, homes, ties = _placed(snapshot, parameters)
    found = participation(ties, homes, nodes=sorted(homes))
    own = ei_by_group(ties, homes, nodes=sorted(homes), directed=False)
    crossing = dict(own.select("group", "ei").iter_rows())
    tied = found.filter(pl.col("degree") > 0)
    rows = _in_systems(snapshot, named(snapshot, tied)).with_columns(
        pl.col("group").replace_strict(crossing, default=None, return_dtype=pl.Float64).alias("ei")
    )
    shown = rows.select(
        "name", "system", "degree", "participation", pl.col("ei").alias("system_ei"), id="node"
    )
    order = ["participation", "degree", "name", "id"]
    return network.measured(shown.sort(order, descending=[True, True, False, False]))


def _placed(
    snapshot: Snapshot, parameters: Mapping[str, Any]
) -> tuple[RecordedNetwork, dict[str, str], pl.DataFrame]:
    """The network between bodies, the systems of its ends, and the ways that information goes among
    those; refused where all are in one system."""
    network = recorded_network(snapshot, {**parameters, "level": "provider"}, least=1)
    homes = network.placed
    if len(set(homes.values())) < 2:
        raise network.refused(
            f"Those tied are in {len(set(homes.values()))} known systems: there is no border that "
            "a tie could cross."
        )
    inside = network.flows.filter(
        pl.col("source").is_in(list(homes)) & pl.col("target").is_in(list(homes))
    )
    if inside.is_empty():
        raise network.refused("No tie joins two bodies of which both systems are known.")
    return network, homes, inside


def _in_systems(snapshot: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the name of the system that is their `group`."""
    systems = snapshot.nodes("System").select("id", system="name")
    joined = rows.join(systems, left_on="group", right_on="id", how="left")
    return joined.with_columns(pl.col("system").fill_null(pl.col("group")))


def _regions(snapshot: Snapshot, homes: Mapping[str, str]) -> dict[str, str]:
    """The NHS region of each body, by its system."""
    regions = dict(snapshot.nodes("System").select("id", "region").drop_nulls().iter_rows())
    return {body: regions.get(system, "not known") for body, system in homes.items()}
