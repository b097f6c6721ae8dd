"""Who keeps company with whom among those who could adopt: as groups, or as ties.

Members of one primary care network or commissioner at the time, systems between which patients go,
or those between which a working tie is recorded (`spread_ties`). A membership that is dated counts
from its first certain day until another begins, or until it ended: a register of a day does not say
what was before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UnknownName
from ..ontology.relationships import TIES
from .answer import Unanswerable
from .flows import TOTAL, in_one_system
from .observation import Observed
from .spread_inputs import completion
from .spread_ties import (
    EVERYTHING,
    Level,
    group_statements,
    last_of,
    last_systems,
    recorded_ties,
)

__all__ = ["COMPANIES", "Company", "among_ties", "company", "tie_kind"]

COMPANIES = (
    "pcn",
    "commissioner",
    "later-commissioner",
    "system",
    "region",
    "patient-flows",
    "working-ties",
)
"""By what some keep company with others."""

GROUPS = {"pcn": ("pcn",), "commissioner": ("ccg", "sub-icb-location")}

SAID = {
    "pcn": "practices of one primary care network at the time",
    "commissioner": "practices of one clinical commissioning group or sub-ICB location at the time",
    "later-commissioner": "practices of the sub-ICB location that they are in today: this looks "
    "back from later borders",
    "system": "bodies of the system that they are in today: this looks back from later borders",
    "region": "systems of one NHS region",
    "patient-flows": "systems between which pathways go, both ways: for the residents of one a "
    "provider in the other begins them. Which way information flows is not stated for this kind",
    "working-ties": "those between which a working tie is recorded",
}

_ALWAYS = pl.lit("0001-01-01").str.to_date("%Y-%m-%d")

NO_TIES = pl.DataFrame(
    schema={"source": pl.String, "target": pl.String, "start": pl.Date, "end": pl.Date}
)

LEAST_FLOW = 0.01
"""Share of a system's pathways that must go to another, for the two to keep company."""


@dataclass(frozen=True, eq=False)
class Company:
    """Who keeps company with whom, as groups or as ties, among some nodes.

    `memberships` has node, group, start, end (days; null: open), and each node is in one group at a
    time; it is None where company is kept by ties. `ties` has source, target, start, end, and
    information goes from source to target.
    """

    name: str
    nodes: tuple[str, ...]
    memberships: pl.DataFrame | None
    ties: pl.DataFrame
    records: int
    caveats: tuple[str, ...]

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The company as ties from each to each, for functions that take ties; the id of one by
        membership is the group."""
        if self.memberships is None:
            return self.ties
        own = self.memberships
        both = own.join(own, on="group", suffix="_of").filter(pl.col("node") != pl.col("node_of"))
        start = pl.max_horizontal("start", "start_of")
        end = pl.min_horizontal("end", "end_of")
        rows = both.select(
            pl.col("node").alias("source"),
            pl.col("node_of").alias("target"),
            start.alias("start"),
            end.alias("end"),
            pl.col("group").alias("id"),
        )
        return rows.filter(pl.col("end").is_null() | (pl.col("start") < pl.col("end")))

    @cached_property
    def placed(self) -> set[str]:
        """The nodes that have any company recorded."""
        if self.memberships is not None:
            return set(self.memberships["node"])
        return set(self.ties["source"]) | set(self.ties["target"])

    def joined_to(self, node: str) -> Company:
        """The company of those whom it joins to a node at any time, through however many others."""
        if self.memberships is None:
            return self
        rows, known, groups = self.memberships, {node}, set[str]()
        while True:
            of_node, of_group = (
                pl.col("node").is_in(list(known)),
                pl.col("group").is_in(list(groups)),
            )
            inside = rows.filter(of_node | of_group)
            found = {node, *inside["node"]}, set(inside["group"])
            if found == (known, groups):
                return replace(self, nodes=tuple(sorted(known)), memberships=inside)
            known, groups = found

    @property
    def counts(self) -> dict[str, int]:
        """How many records stand behind it, and how many nodes have company at any time."""
        placed = len(self.placed)
        return {
            "company_records": self.records,
            "with_recorded_company": placed,
            "without_recorded_company": len(self.nodes) - placed,
        }


def among_ties(name: str) -> bool:
    """Is company by this name kept along recorded working ties? '' is.

    >>> among_ties("HOSTS"), among_ties("pcn")
    (True, False)
    """
    return name in ("", "working-ties", *TIES)


def tie_kind(parameters: Mapping[str, Any]) -> str:
    """The kind of tie that `company` or `kind` of a question names; '' for all.

    >>> tie_kind({"company": "HOSTS", "kind": ""}), tie_kind({"company": "pcn", "kind": "HOSTS"})
    ('HOSTS', 'HOSTS')
    """
    named = parameters.get("company", "")
    return str(named if named in TIES else parameters["kind"])


def company(
    snapshot: Snapshot,
    nodes: Sequence[str],
    name: str,
    window: tuple[date, date],
    certainty: str = "possible",
    observed: Observed = EVERYTHING,
) -> Company:
    """Who keeps company with whom among `nodes`, by one of `COMPANIES` or a kind of working tie.

    `window` is the first and the last day looked at; company that is kept on none of its days is
    left out. `certainty` "certain" or "possible" is how ties with imprecise dates are read,
    `observed` which recorded ties count. `Unanswerable` if no two of the nodes do.
    """
    if among_ties(name):
        found = _by_ties(snapshot, nodes, name, certainty, observed)
    elif name == "patient-flows":
        found = _by_flows(snapshot, nodes)
    elif name in COMPANIES:
        found = _by_groups(snapshot, nodes, name)
    else:
        raise UnknownName("company", name, [*COMPANIES, *TIES])
    found = _within(found, *window)
    if found.pairs.is_empty():
        raise Unanswerable(
            f"No two of the {len(nodes)} of whom adoption is known are recorded as {SAID[name]}."
            if name in SAID
            else f"No tie {name} with a date is recorded between those of whom adoption is known.",
            found.counts,
        )
    return found


def _within(found: Company, first: date, last: date) -> Company:
    held = (pl.col("start") <= last) & (pl.col("end").is_null() | (pl.col("end") > first))
    groups, ties = found.memberships, found.ties
    return replace(
        found,
        memberships=None if groups is None else groups.filter(held),
        ties=ties.filter(held),
    )


def _by_ties(
    snapshot: Snapshot, nodes: Sequence[str], name: str, certainty: str, observed: Observed
) -> Company:
    kinds = name if name in TIES else ""
    systems = set(snapshot.nodes("System")["id"])
    level: Level = "system" if systems.issuperset(nodes) else "provider"
    recorded = recorded_ties(snapshot, kinds, level, observed=observed)
    read = completion(recorded.flows, "certain" if certainty == "certain" else "possible")
    known = pl.Series(nodes, dtype=pl.String).implode()
    among = read.filter(
        pl.col("source").is_in(known)
        & pl.col("target").is_in(known)
        & (pl.col("source") != pl.col("target"))
    )
    days = among.select(
        "source", "target", *(pl.col(c).str.to_date("%Y-%m-%d") for c in ("start", "end"))
    )
    said = (f"Company: {_label(name)}.", *recorded.caveats)
    return Company(name, tuple(nodes), None, days.unique(maintain_order=True), among.height, said)


def _label(name: str) -> str:
    return SAID.get(name, f"those between which a tie {name} is recorded")


def _by_groups(snapshot: Snapshot, nodes: Sequence[str], name: str) -> Company:
    known = pl.Series(nodes, dtype=pl.String).implode()
    if name in GROUPS:
        rows = group_statements(snapshot, GROUPS[name]).filter(pl.col("node").is_in(known))
        placed = _carried(rows)
    else:
        rows = _later_groups(snapshot, name).filter(pl.col("node").is_in(known))
        placed = rows.with_columns(start=_ALWAYS, end=pl.lit(None, pl.Date))
    said = [f"Company: {SAID[name]}."]
    if name in GROUPS:
        said.append(
            "A membership counts from its first stated day until the next one begins or it ended; "
            "what was before the first stated day is not known."
        )
    return Company(name, tuple(nodes), placed, NO_TIES, rows.height, tuple(said))


def _carried(rows: pl.DataFrame) -> pl.DataFrame:
    """Memberships one after another: each from its latest first day until the next, or its end.

    >>> rows = pl.DataFrame({"node": ["a", "a"], "group": ["X", "Y"],
    ...     "start_earliest": ["2019-04-01", "2021-04-01"],
    ...     "start_latest": ["2019-04-01", "2021-04-01"],
    ...     "end_earliest": ["2020-04-02", "2025-08-02"], "end_latest": [None, None]})
    >>> [(str(s), str(e)) for s, e in _carried(rows).select("start", "end").rows()]
    [('2019-04-01', '2021-04-01'), ('2021-04-01', 'None')]
    """
    dated = rows.drop_nulls("start_latest").with_columns(
        start=pl.col("start_latest").str.to_date("%Y-%m-%d"),
        end=pl.col("end_latest").cast(pl.String).str.to_date("%Y-%m-%d"),
    )
    order = ["node", "start", "end", "group"]
    one = dated.sort(order, nulls_last=True).unique(
        ["node", "start"], keep="last", maintain_order=True
    )
    turned = (pl.col("group") != pl.col("group").shift().over("node")).fill_null(True)
    ended = pl.col("end").shift().over("node")
    gap = (ended < pl.col("start")).fill_null(False)
    runs = one.with_columns(run=(turned | gap).cum_sum().over("node"))
    joined = runs.group_by("node", "run", maintain_order=True).agg(
        pl.col("group").first(), pl.col("start").min(), pl.col("end").last()
    )
    following = pl.col("start").shift(-1).over("node")
    until = pl.min_horizontal("end", following)
    return (
        joined.with_columns(end=until)
        .select("node", "group", "start", "end")
        .filter(pl.col("end").is_null() | (pl.col("start") < pl.col("end")))
    )


def _later_groups(snapshot: Snapshot, name: str) -> pl.DataFrame:
    """The group that each body is last known to be in: node, group."""
    if name == "later-commissioner":
        return last_of(group_statements(snapshot, ("sub-icb-location",)))
    homes = last_systems(snapshot)
    if name == "system":
        return homes.rename({"system": "group"})
    regions = snapshot.nodes("System").select(system="id", group="region").drop_nulls()
    return homes.join(regions, on="system").select("node", "group")


def _by_flows(snapshot: Snapshot, nodes: Sequence[str]) -> Company:
    """Systems between which pathways go: both ways, at all times, in the newest period counted."""
    rows = snapshot.relationships("TREATS_RESIDENTS_OF").filter(
        (pl.col("measure") == "new RTT periods")
        & (pl.col("treatment_function") == TOTAL)
        & pl.col("count").is_not_null()
    )
    period = rows["start_earliest"].max()
    day = period if isinstance(period, str) else ""
    counted = rows.filter(pl.col("start_earliest") == day).select("subject", "object", "count")
    homes = in_one_system(snapshot, "LOCATED_IN", day).select(subject="id", target="system")
    payers = in_one_system(snapshot, "PART_OF", day).select(object="id", source="system")
    flows = counted.join(homes, on="subject").join(payers, on="object")
    flows = flows.group_by("source", "target").agg(pl.col("count").sum())
    share = pl.col("count") / pl.col("count").sum().over("source")
    known = pl.Series(nodes, dtype=pl.String).implode()
    strong = flows.filter((share >= LEAST_FLOW) & (pl.col("source") != pl.col("target")))
    among = strong.filter(pl.col("source").is_in(known) & pl.col("target").is_in(known))
    turned = among.select(source="target", target="source")
    both = pl.concat([among.select("source", "target"), turned]).unique().sort("source", "target")
    said = (
        f"Company: {SAID['patient-flows']}.",
        f"Flows are those of {day[:7] or 'no month'}, of {LEAST_FLOW:.0%} of a system's pathways "
        "at least. They are taken to have been alike at the time of the adoptions, which is not "
        "known.",
    )
    ties = both.with_columns(start=_ALWAYS, end=pl.lit(None, pl.Date))
    return Company("patient-flows", tuple(nodes), None, ties, counted.height, said)
