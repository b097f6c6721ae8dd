"""Who works where: the members of a system, brands across systems, services at one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.relationships import relationship_kind
from .held import certainty, statements_on, systems_of_locations, there

__all__ = ["IN_A_SYSTEM", "across_systems", "at_one_place", "members"]

IN_A_SYSTEM = ("LOCATED_IN", "PART_OF", "MEMBER_OF", "SERVES")


def members(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The organisations of a system on a day: those said to be in it or to serve it, the members of
    its commissioners, and those that operate a location there."""
    system, day = parameters["system"], parameters["on"]
    if there(snapshot.nodes("System").filter(pl.col("id") == system), day).is_empty():
        return pl.DataFrame()
    stated = [_in_system(snapshot, kind, system, day) for kind in IN_A_SYSTEM]
    others = [_with_commissioners(snapshot, system, day), _operating_in(snapshot, system, day)]
    ties = pl.concat([*stated, *others])
    each = ties.group_by("id").agg(
        pl.col("how").unique(), pl.col("locations").sum(), pl.col("certain").any(),
        pl.col("last_seen").max(),
    )  # fmt: skip
    bodies = there(snapshot.nodes("Organisation").join(each, on="id"), day)
    if parameters["type"]:
        bodies = bodies.filter(pl.col("org_types").list.contains(parameters["type"]))
    return bodies.sort("org_type", "name", "id", nulls_last=True).select(
        pl.col("name").alias("organisation"),
        pl.col("org_type").alias("type"),
        "how",
        "locations",
        certainty(pl.col("certain")),
        "last_seen",
        "id",
    )


def _in_system(snapshot: Snapshot, kind: str, system: str, day: str) -> pl.DataFrame:
    return _tied(statements_on(snapshot, kind, day, pl.Series([system])), kind)


def _tied(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.select(
        pl.col("subject").alias("id"),
        pl.lit(relationship_kind(kind).label).alias("how"),
        pl.lit(0, pl.UInt32).alias("locations"),
        "certain",
        "last_seen",
    )


def _with_commissioners(snapshot: Snapshot, system: str, day: str) -> pl.DataFrame:
    """The practices and networks that are members of what is part of the system."""
    parts = statements_on(snapshot, "PART_OF", day, pl.Series([system]))
    each = parts.group_by(object="subject").agg(pl.col("certain").any().alias("part_is_certain"))
    members = statements_on(snapshot, "MEMBER_OF", day, each["object"]).join(each, on="object")
    sure = pl.col("certain") & pl.col("part_is_certain")
    return _tied(members.with_columns(certain=sure), "MEMBER_OF")


def _operating_in(snapshot: Snapshot, system: str, day: str) -> pl.DataFrame:
    there_in = systems_of_locations(snapshot, day).filter(pl.col("system") == system)
    runs = _operated(snapshot, day).join(there_in, on="location")
    return runs.group_by("id").agg(
        pl.lit(relationship_kind("OPERATES").label).alias("how"),
        pl.col("location").n_unique().alias("locations"),
        (pl.col("certain") & pl.col("certain_right")).any().alias("certain"),
        pl.col("last_seen").max(),
    )


def _operated(snapshot: Snapshot, day: str) -> pl.DataFrame:
    """Who operates which location on a day: `id`, `location`, `certain`, `last_seen`."""
    rows = statements_on(snapshot, "OPERATES", day)
    return rows.rename({"subject": "id", "object": "location"})


def across_systems(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The brands, or the providers, that operate locations in several systems on a day.

    A location is in one system at a time, so there are no more systems than locations, even where
    several are possible for one of them.
    """
    day, least = parameters["on"], parameters["at_least"]
    runs = _operated(snapshot, day).with_columns(provider="id")
    if parameters["of"] == "brand":
        runs = runs.join(_brands(snapshot, day), on="id")
        runs = runs.with_columns(id="brand", certain=pl.col("certain") & pl.col("certain_right"))
    placed = runs.drop("certain_right", strict=False)
    placed = placed.join(systems_of_locations(snapshot, day), on="location")
    each = placed.group_by("id", "system").agg(
        (pl.col("certain") & pl.col("certain_right")).any().alias("certain"),
        "location",
        "provider",
    )
    names = snapshot.nodes("System").select("name", system="id")
    several = each.filter(pl.len().over("id") >= least).join(names, on="system")
    found = several.group_by("id").agg(
        pl.len().alias("systems"),
        pl.col("certain").sum().alias("certain_systems"),
        pl.col("name").alias("which_systems"),
        pl.col("location").explode().n_unique().alias("locations"),
        pl.col("provider").explode().n_unique().alias("providers"),
    )
    found = found.filter(pl.col("locations") >= least)
    named = there(snapshot.nodes("Organisation").join(found, on="id"), day)
    sure = certainty(pl.col("certain_systems") >= least)
    columns = ("name", "systems", "which_systems", "locations", "providers", sure, "id")
    return named.sort("systems", "name", "id", descending=[True, False, False]).select(columns)


def _brands(snapshot: Snapshot, day: str) -> pl.DataFrame:
    """The brand of each provider that is part of one on a day: `id`, `brand`, `certain`."""
    brands = snapshot.nodes("Organisation").filter(pl.col("org_type") == "brand")
    parts = statements_on(snapshot, "PART_OF", day, brands["id"])
    return parts.select("certain", id="subject", brand="object")


def at_one_place(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The postcodes at which several services that the CQC regulates are run on a day."""
    day, least = parameters["on"], parameters["at_least"]
    runs = _operated(snapshot, day).join(_regulated(snapshot, parameters), on="location")
    if parameters["system"]:
        inside = systems_of_locations(snapshot, day)
        inside = inside.filter(pl.col("system") == parameters["system"])
        runs = runs.join(inside, on="location", how="semi")
    several = runs.filter(pl.col("location").n_unique().over("postcode") >= least)
    names = snapshot.nodes("Organisation").select("id", provider=pl.coalesce("name", "id"))
    found = several.join(names, on="id").group_by("postcode").agg(
        pl.col("location").n_unique().alias("services"),
        pl.col("id").n_unique().alias("providers"),
        pl.col("service").unique().alias("which_services"),
        pl.col("provider").unique().alias("which_providers"),
        pl.col("inspection_category").drop_nulls().unique().alias("categories"),
        certainty(pl.col("location").filter("certain").n_unique() >= least),
    )  # fmt: skip
    return found.sort("services", "providers", "postcode", descending=[True, True, False])


def _regulated(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The locations registered with the CQC, at one postcode if one is asked for."""
    nodes = snapshot.nodes("Location").drop_nulls("postcode")
    if wanted := parameters["postcode"].upper().replace(" ", ""):
        nodes = nodes.filter(pl.col("postcode").str.replace_all(" ", "") == wanted)
    codes = pl.col("codes").list.eval(pl.element().str.starts_with("cqc:")).list.any()
    registered = pl.col("id").str.starts_with("cqc:") | codes
    places = there(nodes.filter(registered), parameters["on"])
    return places.select(
        "postcode", "inspection_category", location="id", service=pl.coalesce("name", "id")
    )
