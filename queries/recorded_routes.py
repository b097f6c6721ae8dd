"""What could have reached whom along recorded, dated ties: the questions on routes and reach.

On `temporal_paths` as the plain functions have it. A route goes forward in time along ties as
information flows on them; that there was one says what could have been known, not what was. What
rests on certain dates and what only on possible ones is told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import read_day
from .answer import Measured, Unanswerable
from .beside_barrier import beside_barrier
from .dated_network import DatedNetwork, dated_network
from .keeping_company import among_ties, company, tie_kind
from .recorded_network import named
from .spread_ties import Recorded, asked_ties
from .wording import counted

__all__ = [
    "could_have_informed",
    "first_arrivals",
    "quickest_routes",
    "reach_within",
    "routes_lost_without",
    "unreached_pairs",
]

CERTAINTIES: tuple[Literal["certain", "possible"], ...] = ("certain", "possible")
NO_ROUTES = "a route that is not recorded may have been there all the same."
ISO = "%Y-%m-%d"


def first_arrivals(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """By what date could information from one thing first have reached each other?"""
    from .temporal_paths import arrival_bounds

    found = _asked(snapshot, parameters)
    source = _known(found, snapshot, parameters["source"])
    bounds = arrival_bounds(found.flows, source, start=parameters["since"] or _first(found))
    reached = bounds.filter((pl.col("certainty") != "NO") & (pl.col("node") != source))
    rows = named(snapshot, reached).select(
        pl.col("name").alias("reached"),
        pl.col("earliest").dt.to_string(ISO),
        pl.col("certain").dt.to_string(ISO).alias("certainly_by"),
        "certainty",
        id="node",
    )
    return _measured(found, rows.sort("earliest", "reached", "id"))


def reach_within(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """How much of the network is in reach of each thing within some days of a day?"""
    from .temporal_paths import reach

    found = _asked(snapshot, parameters)
    start = parameters["since"] or _first(found)
    until = (read_day(start) + timedelta(days=parameters["days"])).isoformat()

    def measured(flows: pl.DataFrame) -> pl.DataFrame:
        certain, possible = (
            reach(_network(found, name, flows), start=start, end=until) for name in CERTAINTIES
        )
        told = possible.select("node", possibly="reached", possible_share="share")
        return told.join(certain.select("node", certainly="reached"), on="node")

    beside = beside_barrier(snapshot, parameters, measured, found.flows, on=["node"])
    without = [name for name in beside.rows.columns if name.endswith("_without")]
    rows = named(snapshot, beside.rows).select(
        "name",
        "certainly",
        "possibly",
        "possible_share",
        pl.lit(beside.rows.height - 1).alias("others"),
        pl.col("node").alias("id"),
        *sorted(without),
    )
    order = ["possibly", "certainly", "name", "id"]
    answer = _measured(found, rows.sort(order, descending=[True, True, False, False]))
    counts = {**answer.counts, **beside.counts}
    return replace(answer, counts=counts, caveats=[*answer.caveats, *beside.caveats])


def could_have_informed(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Who could have informed a thing before a day, and until when did they have to begin?"""
    from .temporal_paths import latest_departure

    if not among_ties(parameters.get("company", "")):
        return _informed_in_company(snapshot, parameters)
    found = _asked(snapshot, {**parameters, "kind": tie_kind(parameters)})
    target = _known(found, snapshot, parameters["target"])
    parts = []
    for name in CERTAINTIES:
        network = _network(found, name)
        if not len(network.ties.source):  # no tie holds on any day for certain
            continue
        latest = latest_departure(network, target, start=_first(found), end=parameters["before"])
        told = latest.drop_nulls("departure").filter(pl.col("node") != target)
        until = pl.col("departure").dt.to_string(ISO).alias("until")
        parts.append(told.select("node", until, "hops", pl.lit(name.upper()).alias("certainty")))
    every = pl.concat(parts).unique("node", keep="first", maintain_order=True)
    rows = named(snapshot, every).select(
        pl.col("name").alias("informant"), "until", "hops", "certainty", id="node"
    )
    return _measured(found, rows.sort("certainty", "until", "informant", "id"))


def _informed_in_company(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """The same through shared membership: of those that company joins to the thing at any time."""
    from .temporal_paths import latest_departure

    target, before = parameters["target"], parameters["before"]
    systems = snapshot.nodes("System")[
        "id"
    ]  # they keep company with one another, bodies with bodies
    alike = systems if target in set(systems) else snapshot.nodes("Organisation")["id"]
    window = (date(1, 1, 1), read_day(before))
    kept = company(snapshot, alike.to_list(), parameters["company"], window).joined_to(target)
    if target not in kept.placed:
        name = named(snapshot, pl.DataFrame({"node": [target]}))["name"][0]
        reason = f"No company of {name} is recorded before {before}; {NO_ROUTES}"
        raise Unanswerable(reason, kept.counts, kept.caveats)
    network = dated_network(kept.pairs, sorted(kept.placed))
    latest = latest_departure(network, target, end=before)
    told = latest.drop_nulls("departure").filter(pl.col("node") != target)
    rows = named(snapshot, told).select(
        pl.col("name").alias("informant"),
        pl.col("departure").dt.to_string(ISO).alias("until"),
        "hops",
        pl.lit("POSSIBLE").alias("certainty"),
        id="node",
    )
    return Measured(rows.sort("until", "informant", "id"), kept.counts, kept.caveats)


def quickest_routes(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """By which dated ties could what one thing knew first have reached another?"""
    from .temporal_paths import quickest_route

    found = _asked(snapshot, parameters)
    source = _known(found, snapshot, parameters["source"])
    target = _known(found, snapshot, parameters["target"])
    start = parameters["since"] or _first(found)
    for name in CERTAINTIES:
        route = quickest_route(_network(found, name), source, target, start=start)
        if route.height:
            return _measured(found, _hops(snapshot, found, route, name.upper()))
    reason = f"No recorded route leads from the one to the other; {NO_ROUTES}"
    raise Unanswerable(reason, found.counts, found.caveats)


def _hops(snapshot: Snapshot, found: Recorded, route: pl.DataFrame, certainty: str) -> pl.DataFrame:
    """The hops of a route, each with the page or document that states its tie."""
    ties = found.ties.select("id", "kind").unique("id", maintain_order=True)
    stated = pl.concat(
        snapshot.relationships(kind).select("id", "document")
        for kind in ties["kind"].unique().sort()
    )
    pages = snapshot.nodes("Source").select("id", "name", "url").rename({"name": "page"})
    told = ties.join(stated, on="id", how="left")
    hops = route.join(told, left_on="tie", right_on="id", how="left")
    hops = hops.join(pages, left_on="document", right_on="id", how="left")
    for side in ("source", "target"):
        hops = named(snapshot, hops, side).rename({"name": f"{side}_name"})
    return hops.sort("hop").select(
        "hop",
        pl.col("source_name").alias("from"),
        pl.col("target_name").alias("to"),
        pl.col("kind").str.replace_all("_", " ").str.to_lowercase(),
        pl.col("leave").dt.to_string(ISO),
        pl.col("arrive").dt.to_string(ISO),
        pl.lit(certainty).alias("certainty"),
        pl.col("page").alias("source"),
        "url",
        pl.col("tie").alias("id"),
    ).rename({"kind": "tie"})  # fmt: skip


def routes_lost_without(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which thing would cut most recorded routes between others if it left?"""
    from .temporal_paths import removal_loss

    found = _asked(snapshot, parameters)
    certain, possible = (removal_loss(_network(found, name)) for name in CERTAINTIES)
    both = possible.join(certain.select("node", certainly_lost="lost"), on="node")
    rows = named(snapshot, both.filter(pl.col("lost") > 0)).select(
        "name", "pairs", "lost", "share", "certainly_lost", id="node"
    )
    order = ["lost", "name", "id"]
    return _measured(found, rows.sort(order, descending=[True, False, False]))


def unreached_pairs(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which pairs have no recorded route between them, in either direction, by a day?"""
    from .temporal_paths import pairwise_arrival

    found = _asked(snapshot, parameters)
    network = _network(found, "possible")
    joined = pairwise_arrival(network, start=_first(found), end=parameters["by"] or None)
    tied = joined.select(
        one=pl.min_horizontal("source", "target"), other=pl.max_horizontal("source", "target")
    )
    nodes = pl.DataFrame({"one": list(network.nodes)})
    pairs = nodes.join(nodes.rename({"one": "other"}), how="cross")
    pairs = pairs.filter(pl.col("one") < pl.col("other"))
    apart = pairs.join(tied.unique(), on=["one", "other"], how="anti")
    for side in ("one", "other"):
        apart = named(snapshot, apart, side).rename({"name": f"{side}_name"})
    rows = apart.select(one="one_name", other="other_name", one_id="one", other_id="other")
    counts = {"pairs": pairs.height, "pairs_without_a_route": rows.height}
    order = ["one", "other", "one_id", "other_id"]
    return Measured(rows.sort(order), {**found.counts, **counts}, found.caveats)


# ---- what all of them share ----------------------------------------------------------------------


def _asked(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Recorded:
    """The ties of a question; `Unanswerable` if no two things are joined by one with a date."""
    found = asked_ties(snapshot, parameters)
    across = found.ties.filter(pl.col("source") != pl.col("target"))
    if across.is_empty():
        things = "systems" if parameters["level"] == "system" else "bodies"
        counts = found.counts
        raise Unanswerable(
            f"No tie with a date joins two {things}, so there is no route to follow: of "
            f"{counted(counts['tie_records'], 'tie')} recorded, "
            f"{counted(counts['tie_records_without_a_date'], 'has', 'have')} no date.",
            counts,
            found.caveats,
        )
    return replace(found, ties=across)


def _network(
    found: Recorded,
    certainty: Literal["certain", "possible"],
    flows: pl.DataFrame | None = None,
) -> DatedNetwork:
    """All that these ties join, with all of them or with some `flows` alone."""
    every = found.flows
    ends = pl.concat([every["source"], every["target"].rename("source")])
    chosen = every if flows is None else flows
    return dated_network(chosen, ends.unique().sort(), certainty=certainty)


def _known(found: Recorded, snapshot: Snapshot, thing: str) -> str:
    """The thing, if it has any tie of these; `Unanswerable` if it has none."""
    if thing in set(found.ties["source"]) | set(found.ties["target"]):
        return thing
    name = named(snapshot, pl.DataFrame({"node": [thing]}))["name"][0]
    reason = f"No tie with a date is recorded of {name}; {NO_ROUTES}"
    raise Unanswerable(reason, found.counts, found.caveats)


def _first(found: Recorded) -> str:
    """The first day on which any of the ties is known to have begun."""
    days = pl.concat([found.ties["start_earliest"], found.ties["start_latest"].rename("start")])
    first = days.drop_nulls().min()
    return first if isinstance(first, str) else "0001-01-01"


def _measured(found: Recorded, rows: pl.DataFrame) -> Measured:
    return Measured(rows, found.counts, found.caveats)
