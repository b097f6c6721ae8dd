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
from .answer import Measured, Unanswerable
from .feasible_sources import FeasibleShare, feasible_share, feasible_sources
from .keeping_company import Company, among_ties, tie_kind
from .spread_adoptions import Timed, asked_uptake, called
from .spread_company import AT_START, company_asked, left_out
from .spread_ties import Level, Recorded, asked_ties
from .wording import counted

__all__ = ["feasible_sources_of"]

MOST_PAIRS = 400_000
"""Pairs of an earlier and a later adopter in one company, at most, of which routes are listed."""

AT_ONCE = (
    "All in a company are in reach of one another at once, so that most adoptions have a route; "
    "an adoption counts at the end of its period."
)
FLOWS = "patient flows"


def feasible_sources_of(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which earlier adopters had a recorded route to each later one, by which ties?"""
    if not among_ties(parameters.get("company", "")):
        return _by_company(snapshot, parameters)
    taken = asked_uptake(snapshot, parameters)
    adopters = taken.adopters.filter(pl.col("latest").is_not_null())
    recorded = _recorded(snapshot, parameters, adopters["node"])
    counts = {**taken.counts, **recorded.counts}
    apart = recorded.ties.filter(pl.col("source") != pl.col("target"))
    ends = pl.concat([apart["source"], apart["target"].rename("source")])
    tied = adopters.filter(pl.col("node").is_in(ends.implode())).height
    if tied < 2:
        reason = (
            f"Of the adopters {counted(adopters.height, 'has', 'have')} a date, of the ties of two "
            f"different ones {counted(apart.height, 'has', 'have')} one, and of those adopters "
            f"{counted(tied, 'has', 'have')} such a tie. A route in time needs two."
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
    labels = {kind: RELATIONSHIP_KINDS[kind].label for kind in TIES}
    told = recorded.ties.select(
        "id", pl.col("kind").replace(labels), rests_on=pl.coalesce("finding", "record")
    ).unique("id")
    return Measured(_shown(snapshot, found, told), counts, caveats, tests)


def _by_company(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """The same through shared membership, or flows of patients: adoptions count at the end of their
    period, so that of two in one period neither had a route to the other."""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    kept = company_asked(snapshot, parameters, timed)
    taken = timed.adoptions.select("node", "time").unique("node", maintain_order=True)
    taken = taken.filter(pl.col("node").is_in(list(kept.placed)))
    counts, caveats = {**timed.counts, **kept.counts}, [*timed.caveats, *kept.caveats]
    many = _pairs_in_time(kept.pairs, taken)
    if many > MOST_PAIRS:
        raise Unanswerable(
            f"{many:,} pairs of an earlier and a later adopter keep this company, more than the "
            f"{MOST_PAIRS:,} of which routes are listed. Ask of a narrower company.",
            counts,
            caveats,
        )
    nodes = pl.Series(sorted(kept.placed))
    found = feasible_sources(kept.pairs, taken, nodes=nodes)
    started = pl.Series(timed.nodes).filter(pl.Series(timed.at_start)).to_list()
    fixed = {node: AT_START if node in started else "" for node in kept.placed}
    share = _share(kept.pairs, taken, nodes, "possible", parameters, fixed)
    shown = _shown(snapshot, _surely(found, timed), _told(snapshot, kept))
    said = [*caveats, *left_out(kept), AT_ONCE, _sentence(share, "possible")]
    return Measured(shown, counts, said, [_test(share, parameters)])


def _pairs_in_time(pairs: pl.DataFrame, taken: pl.DataFrame) -> int:
    """How many pairs of company are of an earlier and a later adopter."""
    times = (taken.rename({"node": side, "time": f"{side}_time"}) for side in ("source", "target"))
    source, target = times
    both = pairs.join(source, on="source").join(target, on="target")
    return both.filter(pl.col("source_time") < pl.col("target_time")).height


def _surely(found: pl.DataFrame, timed: Timed) -> pl.DataFrame:
    """Routes are CERTAIN if they were gone before the period in which the later one, and in no
    other, adopted."""
    ends = timed.periods.to_list()
    before = [
        ends[number - 1] if exact and number else None
        for number, exact in zip(timed.first.tolist(), timed.exact.tolist(), strict=True)
    ]
    days = pl.DataFrame(
        {"node": list(timed.nodes), "before": before}, {"node": pl.String, "before": pl.Date}
    )
    joined = found.join(days, on="node", how="left", maintain_order="left")
    sure = (pl.col("arrival") <= pl.col("before")).fill_null(False)
    certainty = pl.when(sure).then(pl.lit("CERTAIN")).otherwise(pl.lit("POSSIBLE"))
    return joined.with_columns(certainty=certainty).drop("before")


def _told(snapshot: Snapshot, kept: Company) -> pl.DataFrame:
    """What the ties of a company are, and what they rest on: id, kind, rests_on."""
    names = called(snapshot).rename({"name": "rests_on"})
    groups = pl.Series(
        "id", [] if kept.memberships is None else kept.memberships["group"], pl.String
    )
    found = groups.unique().sort().to_frame().join(names, on="id", how="left")
    return found.select("id", kind=pl.lit(kept.name), rests_on=pl.coalesce("rests_on", "id"))


def _recorded(snapshot: Snapshot, parameters: Mapping[str, Any], adopters: pl.Series) -> Recorded:
    """The ties of the kinds asked for, between systems if systems adopt, else between bodies."""
    systems = snapshot.nodes("System")["id"]
    at_systems = adopters.is_in(systems.implode()).all()
    level: Level = "system" if at_systems else "provider"
    return asked_ties(snapshot, {**parameters, "kind": tie_kind(parameters)}, level)


def _share(
    ties: pl.DataFrame,
    dated: pl.DataFrame,
    nodes: pl.Series,
    reading: str,
    parameters: Mapping[str, Any],
    strata: Mapping[str, str] | None = None,
) -> FeasibleShare:
    return feasible_share(
        ties,
        dated,
        nodes=nodes,
        certainty="certain" if reading == "certain" else "possible",
        strata=strata,
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


def _shown(snapshot: Snapshot, found: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The answer; `told` says of ties by their id of which kind they are and what they rest on."""
    names = dict(called(snapshot).iter_rows())
    kinds, rests = (dict(told.select("id", name).iter_rows()) for name in ("kind", "rests_on"))
    text = pl.List(pl.String)
    rows = found.with_columns(
        *(
            pl.col(c).replace_strict(names, default=pl.col(c)).alias(f"{c}_name")
            for c in ("node", "source")
        ),
        pl.Series("way", [[names.get(n, n) for n in way] for way in found["route"]], dtype=text),
        *(
            pl.Series(
                name, [[of.get(t, FLOWS) for t in ties] for ties in found["ties"]], dtype=text
            )
            for name, of in (("kinds", kinds), ("rests_on", rests))
        ),
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
