"""Adoption beside the company that is kept: clustered in time, exposed before, alike or not.

The questions of the catalogue that ask whether those who keep company took an innovation up near
one another in time. What they can show is that dates are clustered along recorded company, from
influence, shared traits, shared funding waves or shared inspectors; never which (Shalizi & Thomas
2011).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured
from .association import ShuffleTest, shuffle_test
from .keeping_company import Company, company
from .shared_membership import group_shuffle_test
from .spread_adoptions import Timed, asked_uptake
from .spread_ties import asked_observed, last_systems

__all__ = [
    "AT_START",
    "NO_REASON",
    "clustered_in_time",
    "company_asked",
    "left_out",
    "schemes",
    "shuffled_dates",
    "strata_of",
    "usual_company",
]

NO_REASON = (
    "Dates that are clustered may be so from influence, shared traits, shared funding waves or "
    "shared inspectors: the records do not say which."
)

SIZES = (
    ("online-consultation", "registered patients", "registered patients when first counted"),
    ("virtual-wards", "registered people", "registered people when first counted"),
    ("doac", "oral anticoagulant items", "oral anticoagulant items when first counted"),
)
"""Where the size of a node is known from, and what it is."""

BANDS = 4
EVERYBODY = "all"
AT_START = "had adopted when first seen"

PCNS_BEGIN = date(2019, 7, 1)
"""Primary care networks began then; company of practices before is that of commissioners."""


def usual_company(snapshot: Snapshot, timed: Timed) -> str:
    """By what those who can adopt keep company, unless the asker says."""
    if timed.uptake.rule is None:
        return "working-ties"
    known = pl.Series(timed.nodes, dtype=pl.String).implode()
    if snapshot.nodes("System").filter(pl.col("id").is_in(known)).height:
        return "patient-flows"
    bodies = snapshot.nodes("Organisation").filter(pl.col("id").is_in(known))
    if bodies.filter(pl.col("org_type").is_in(["ccg", "sub-icb-location"])).height:
        return "system"
    return "pcn" if timed.periods[0] >= PCNS_BEGIN else "commissioner"


def company_asked(snapshot: Snapshot, parameters: Mapping[str, Any], timed: Timed) -> Company:
    """The company that the parameters of a question ask for, among those who can adopt."""
    name = parameters["company"] or usual_company(snapshot, timed)
    window = (timed.periods[0], timed.periods[-1])
    return company(snapshot, timed.nodes, name, window, observed=asked_observed(parameters))


def strata_of(
    snapshot: Snapshot, nodes: Sequence[str], within: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The stratum of each node by "region", "size" or both, and what must be said of it."""
    frame, said = pl.DataFrame({"node": list(nodes)}, schema={"node": pl.String}), []
    columns = []
    if "region" in within:
        regions = snapshot.nodes("System").select("region", system="id")
        homes = last_systems(snapshot).join(regions, on="system", how="left")
        frame = frame.join(homes.select("node", "region"), on="node", how="left")
        columns.append(pl.col("region").fill_null("no region"))
    if "size" in within:
        frame, told = _with_size(snapshot, frame)
        said.append(told)
        columns.append(pl.col("size").fill_null("no size"))
    label = pl.concat_str(columns, separator=", ") if columns else pl.lit("")
    return dict(frame.select("node", label.alias("stratum")).iter_rows()), said


def _with_size(snapshot: Snapshot, frame: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The nodes with the quarter of sizes that each is in, and where their sizes are from."""
    for series, measure, words in SIZES:
        if series not in snapshot.series_names:
            continue
        rows = snapshot.series(series).filter(pl.col("measure") == measure).drop_nulls("number")
        first = rows.sort("thing", "date").unique("thing", keep="first", maintain_order=True)
        found = frame.join(
            first.select("number", "date", node="thing"),
            on="node",
            how="left",
            maintain_order="left",
        )
        known = found.drop_nulls("number")
        if known.is_empty():
            continue
        order = pl.col("number").rank("ordinal")
        band = ((order - 1) * BANDS // known.height + 1).cast(pl.String)
        bands = known.select("node", pl.format("size band {}", band).alias("size"))
        since = str(known["date"].min())
        told = (
            f"Size bands are quarters by {words} ({since} at the earliest), known of "
            f"{known.height:,} of {frame.height:,}; the others are a band of their own."
        )
        return frame.join(bands, on="node", how="left", maintain_order="left"), told
    none = pl.lit(None, pl.String).alias("size")
    return frame.with_columns(none), "No size is known of any, so size bands change nothing."


def shuffled_dates(
    timed: Timed,
    kept: Company,
    periods: pl.Series,
    strata: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> ShuffleTest:
    """The shuffle test of dates along company, in some of the periods, of those who keep any.

    Who had adopted when first seen has no date that could be dealt to another, and keeps it.
    """
    placed = kept.placed
    nodes = [node for node in timed.nodes if node in placed]
    started = {node for node, so in zip(timed.nodes, timed.at_start, strict=True) if so}
    how: dict[str, Any] = {
        "nodes": nodes,
        "periods": periods,
        "strata": {n: AT_START if n in started else strata.get(n, "") for n in nodes},
        "replicates": parameters["replicates"],
        "seed": parameters["seed"],
    }
    taken = timed.adoptions.select("node", "time").unique("node", keep="first", maintain_order=True)
    taken = taken.filter(pl.col("node").is_in(nodes))
    if kept.memberships is not None:
        return group_shuffle_test(kept.memberships, taken, **how)
    return shuffle_test(kept.ties, taken, direction="incoming", **how)


def clustered_in_time(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Did those who keep company adopt nearer one another in time than if dates were dealt anew?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    kept = company_asked(snapshot, parameters, timed)
    rows, tests, said = [], [], []
    for name, within in schemes(kept):
        strata, told = strata_of(snapshot, timed.nodes, within)
        said += told
        found = shuffled_dates(timed, kept, timed.periods, strata, parameters)
        rows.append({"dealt_within": name, **_row(found)})
        tests.append({"dealt_within": name, **found.record()})
    caveats = [*timed.caveats, *kept.caveats, *dict.fromkeys(said), *left_out(kept), NO_REASON]
    return Measured(
        pl.DataFrame(rows, infer_schema_length=None),
        {**timed.counts, **kept.counts},
        caveats,
        tests,
    )


def left_out(kept: Company) -> list[str]:
    """What must be said of those without company: they are in no measure of it."""
    without = kept.counts["without_recorded_company"]
    told = f"{without:,} of {len(kept.nodes):,} have no recorded company and are left out."
    return [told] if without else []


def schemes(kept: Company) -> list[tuple[str, tuple[str, ...]]]:
    """Among whom dates are dealt: all, and strata. Company of a region cannot be told from it."""
    if kept.name == "region":
        return [(EVERYBODY, ()), ("size band", ("size",))]
    return [
        (EVERYBODY, ()),
        ("region", ("region",)),
        ("region and size band", ("region", "size")),
    ]


def _row(found: ShuffleTest) -> dict[str, Any]:
    test = found.test
    known = test.p_value == test.p_value  # a number
    return {
        "adopters": found.adoptions,
        "can_move": found.movable,
        "slope": found.alpha,
        "null_mean": test.null_mean,
        "null_sd": test.null_sd,
        "replicates": test.replicates,
        "p_value": test.p_value if known else None,
        "least_slope": test.smallest_significant,
        "reading": _reading(test.p_value, test.level),
    }


def _reading(p: float, level: float) -> str:
    if p != p:
        return "not determined"
    if p <= level:
        return "clustered more than if dates were dealt anew"
    return "no more clustered than if dates were dealt anew"
