"""Recorded routes from earlier adopters to later ones: who could have informed whom, and by what.

A route says that what one knew could have reached the other in time along recorded ties. It is an
upper bound, often as high if dates are dealt anew, and says nothing of what happened: "had a
recorded route from", never "spread from".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.relationships import RELATIONSHIP_KINDS, TIES
from .answer import Measured
from .feasible_sources import FeasibleShare, feasible_share, feasible_sources
from .spread_adoptions import asked_uptake, called
from .spread_ties import Level, Recorded, recorded_ties

__all__ = ["feasible_sources_of"]


def feasible_sources_of(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which earlier adopters had a recorded route to each later one, by which ties?"""
    taken = asked_uptake(snapshot, parameters)
    adopters = taken.adopters.filter(pl.col("latest").is_not_null())
    recorded = _recorded(snapshot, parameters, adopters["node"])
    counts = {**taken.counts, **recorded.counts}
    apart = recorded.ties.filter(pl.col("source") != pl.col("target"))
    ends = pl.concat([apart["source"], apart["target"].rename("source")])
    tied = adopters.filter(pl.col("node").is_in(ends.implode())).height
    if tied < 2:
        reason = (
            f"{adopters.height} adopters have a date, {apart.height} ties of two different ones "
            f"have one, and {tied} of those adopters have such a tie. A route in time needs two."
        )
        raise taken.thin(reason, counts)
    dated = adopters.rename({"earliest": "start_earliest", "latest": "start_latest"})
    ties = recorded.flows
    nodes = pl.concat([ties["source"], ties["target"], dated["node"]]).unique().sort()
    found = feasible_sources(ties, dated, nodes=nodes)
    tests, said = [], []
    for reading in ("certain", "possible"):
        share = _share(ties, dated, nodes, reading, parameters)
        tests.append({"reading": reading, **_test(share, parameters)})
        said.append(_sentence(share, reading))
    caveats = [*taken.caveats, *recorded.caveats, *said]
    return Measured(_shown(snapshot, found, recorded), counts, caveats, tests)


def _recorded(snapshot: Snapshot, parameters: Mapping[str, Any], adopters: pl.Series) -> Recorded:
    """The ties of the kinds asked for, between systems if systems adopt, else between bodies."""
    systems = snapshot.nodes("System")["id"]
    at_systems = adopters.is_in(systems.implode()).all()
    level: Level = "system" if at_systems else "provider"
    return recorded_ties(snapshot, parameters["kind"], level, parameters["on"])


def _share(
    ties: pl.DataFrame,
    dated: pl.DataFrame,
    nodes: pl.Series,
    reading: str,
    parameters: Mapping[str, Any],
) -> FeasibleShare:
    return feasible_share(
        ties,
        dated,
        nodes=nodes,
        certainty="certain" if reading == "certain" else "possible",
        replicates=parameters["replicates"],
        seed=parameters["seed"],
    )


def _test(share: FeasibleShare, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "observed": share.share,
        "replicates": share.replicates,
        "null_mean": share.null_mean,
        "null_sd": share.null_sd,
        "p_value": share.p,
        "alternative": "greater",
        "permuted": "dates among adopters",
        "seed": parameters["seed"],
    }


def _sentence(share: FeasibleShare, reading: str) -> str:
    """How many adoptions had a route, beside what dealing the dates anew gives."""
    surely = "certainly" if reading == "certain" else "possibly"
    if share.share is None:
        return f"No adoption {surely} came after another one."
    said = (
        f"{share.reached} of {share.adoptions} adoptions that came after another {surely} had a "
        "recorded route from an earlier adopter"
    )
    if share.null_mean is None or share.null_sd is None:
        return f"{said}."
    return (
        f"{said}; with dates dealt anew among adopters {share.null_mean:.2f} of them have one on "
        f"average (sd {share.null_sd:.2f}, R = {share.replicates}, p = {share.p:.3f})."
    )


def _shown(snapshot: Snapshot, found: pl.DataFrame, recorded: Recorded) -> pl.DataFrame:
    names = dict(called(snapshot).iter_rows())
    rests = dict(
        recorded.ties.select("id", pl.coalesce("finding", "record")).unique("id").iter_rows()
    )
    labels = {kind: RELATIONSHIP_KINDS[kind].label for kind in TIES}
    kinds = dict(
        recorded.ties.select("id", pl.col("kind").replace(labels)).unique("id").iter_rows()
    )
    text = pl.List(pl.String)
    rows = found.with_columns(
        *(
            pl.col(c).replace_strict(names, default=pl.col(c)).alias(f"{c}_name")
            for c in ("node", "source")
        ),
        pl.Series("way", [[names.get(n, n) for n in way] for way in found["route"]], dtype=text),
        pl.Series("kinds", [[kinds[t] for t in ties] for ties in found["ties"]], dtype=text),
        pl.Series("rests_on", [[rests[t] for t in ties] for ties in found["ties"]], dtype=text),
    )
    day = {c: pl.col(c).cast(pl.String) for c in ("adopted", "source_adopted", "arrival")}
    return rows.sort("adopted", "node_name", "certainty", "hops", "source_name").select(
        pl.col("node_name").alias("adopter"),
        day["adopted"].alias("adopted_by"),
        pl.col("source_name").alias("had_a_recorded_route_from"),
        day["source_adopted"].alias("who_adopted_not_before"),
        "certainty",
        day["arrival"].alias("earliest_arrival"),
        "hops",
        pl.col("way").list.join(" > ").alias("route"),
        pl.col("kinds").list.join(" > ").alias("ties"),
        pl.col("rests_on").list.join(" > ").alias("rests_on"),
    )
