"""Along what something could spread: recorded ties with their flow of information, and company.

`recorded_ties` gives the working ties that sources state, of chosen kinds, at one of two levels:
between bodies, or between the systems in which the two bodies were while the tie held. Which way
information flows along a kind is declared in `ontology.relationships`; a tie without any date is
kept apart, as it is true of no time that anybody knows.

`company` says who keeps company with whom among the population of an innovation: members of one
primary care network or commissioner at the time, systems between which patients go, or recorded
ties. A membership that is dated counts from its first certain day until another begins, or until it
ended: a register of a day does not say what was before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UnknownName
from ..ontology.relationships import RELATIONSHIP_KINDS, TIES, Flow
from .answer import Unanswerable
from .flows import TOTAL, in_one_system

__all__ = [
    "COMPANIES",
    "Company",
    "Recorded",
    "company",
    "flowing",
    "kinds_meant",
    "recorded_ties",
    "systems_of",
]

BOUNDS = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
Level = Literal["provider", "system"]

PLACING = ("LOCATED_IN", "MEMBER_OF", "PART_OF", "SERVES")
"""The kinds by which a body is in a system."""

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

LEAST_FLOW = 0.01
"""Share of a system's pathways that must go to another, for the two to keep company."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """Working ties as sources state them, one row a statement and pair of systems.

    `ties` has id, source, target, kind, flow ("both" or "forward": from source to target), the four
    bounds, finding and record (the source that states it); none is without any date. `undated` are
    the others, with the same columns. `unplaced` counts ties of which an end is in no system.
    """

    ties: pl.DataFrame
    undated: pl.DataFrame
    unplaced: int
    level: Level

    @property
    def counts(self) -> dict[str, int]:
        """How many statements, sources and ends there are, dated and not."""
        both = pl.concat([self.ties, self.undated])
        ends = pl.concat([both["source"], both["target"].rename("source")])
        return {
            "tie_records": both["id"].n_unique(),
            "tie_records_without_a_date": self.undated["id"].n_unique(),
            "tie_sources": both["record"].n_unique(),
            "tied": ends.n_unique(),
            "ties_in_no_system": self.unplaced,
        }

    @property
    def caveats(self) -> list[str]:
        """What must be said beside a measure on these ties."""
        counts = self.counts
        said = ["Recorded relationships are not all relationships."]
        if counts["tie_records_without_a_date"]:
            said.append(
                f"{counts['tie_records_without_a_date']} of {counts['tie_records']} ties have no "
                "date; they are in no measure of time."
            )
        if self.unplaced:
            said.append(
                f"{self.unplaced} ties have an end that is in no system, such as a national body."
            )
        return said

    @property
    def flows(self) -> pl.DataFrame:
        """The dated ties with information going from source to target: those that go both ways as
        two rows. A table for `temporal_paths` (bounds) or, after `completion`, for exposure."""
        return flowing(self.ties)


def flowing(ties: pl.DataFrame) -> pl.DataFrame:
    """Ties of both directions as two rows each, so that information goes from source to target.

    >>> flowing(pl.DataFrame({"source": ["A"], "target": ["B"], "flow": ["both"]})).rows()
    [('A', 'B', 'both'), ('B', 'A', 'both')]
    """
    back = ties.filter(pl.col("flow") == "both")
    turned = back.with_columns(source=pl.col("target"), target=pl.col("source"))
    return pl.concat([ties, turned.select(ties.columns)])


def kinds_meant(kinds: str | Sequence[str] = "") -> tuple[str, ...]:
    """The kinds of working tie that a parameter means: all of them for ''.

    >>> kinds_meant("SHARES_INFORMATION_WITH")
    ('SHARES_INFORMATION_WITH',)
    """
    named = [kinds] if isinstance(kinds, str) else list(kinds)
    for kind in named:
        if kind and kind not in TIES:
            raise UnknownName("kind of working tie", kind, TIES)
    return tuple(kind for kind in named if kind) or TIES


def recorded_ties(
    snapshot: Snapshot, kinds: str | Sequence[str] = "", level: Level = "system", on: str = ""
) -> Recorded:
    """The working ties of some kinds, between bodies or between systems, begun by an ISO day.

    At the level of systems a tie counts for the systems that its ends may have been in while it may
    have held; its bounds are those of tie and memberships together, and one whose ends are in one
    system is a tie of that system with itself. `Unanswerable` if none is recorded.

    >>> from icsgraph.session import sample_store
    >>> found = recorded_ties(sample_store().current(), "SHARES_INFORMATION_WITH", "provider")
    >>> found.counts["tie_records"], found.counts["tie_records_without_a_date"]
    (6, 2)
    """
    parts = [_of_kind(snapshot, kind) for kind in kinds_meant(kinds)]
    rows = pl.concat(parts)
    if on:
        begun = pl.col("start_earliest").is_null() | (pl.col("start_earliest") <= on)
        rows = rows.filter(begun)
    if rows.is_empty():
        named = ", ".join(kinds_meant(kinds))
        raise Unanswerable(f"No tie of these kinds is recorded: {named}.", {"tie_records": 0})
    unplaced = 0
    if level == "system":
        rows, unplaced = _at_systems(snapshot, rows)
    rows = rows.drop("area").sort("source", "target", "kind", "id", *BOUNDS)
    undated = pl.all_horizontal(pl.col(name).is_null() for name in BOUNDS)
    return Recorded(rows.filter(~undated), rows.filter(undated), unplaced, level)


def _of_kind(snapshot: Snapshot, kind: str) -> pl.DataFrame:
    flow = RELATIONSHIP_KINDS[kind].flow
    ends = ("object", "subject") if flow is Flow.BACKWARD else ("subject", "object")
    return snapshot.relationships(kind).select(
        "id",
        pl.col(ends[0]).alias("source"),
        pl.col(ends[1]).alias("target"),
        pl.lit(kind).alias("kind"),
        pl.lit("both" if flow is Flow.BOTH else "forward").alias("flow"),
        *BOUNDS,
        "finding",
        "area",
        pl.col("source").alias("record"),
    )


def systems_of(snapshot: Snapshot) -> pl.DataFrame:
    """In which systems each body is: body, system, and the four bounds of that. A system is in
    itself, always."""
    systems = snapshot.nodes("System")["id"]
    parts = []
    for kind in PLACING:
        rows = snapshot.relationships(kind)
        inside = rows.filter(pl.col("object").is_in(systems.implode()))
        parts.append(inside.select("subject", "object", *BOUNDS))
    own = pl.DataFrame({"subject": systems, "object": systems})
    own = own.with_columns(pl.lit(None, pl.String).alias(name) for name in BOUNDS)
    named = pl.concat([*parts, own]).rename({"subject": "body", "object": "system"})
    return named.filter(
        (pl.col("body") == pl.col("system")) | ~pl.col("body").is_in(systems.implode())
    ).unique(maintain_order=True)


def _at_systems(snapshot: Snapshot, rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Ties of bodies as ties of their systems, and how many have an end in none.

    A body of which no membership is known is in the system in which the tie holds, where that is
    stated.
    """
    placed, homes = rows, systems_of(snapshot)
    for side in ("source", "target"):
        joined = placed.join(homes, left_on=side, right_on="body", how="left", suffix="_in")
        joined = joined.with_columns(pl.coalesce("system", "area").alias(side)).drop("system")
        placed = _together(joined)
    found = placed.drop_nulls(["source", "target"])
    return found.unique(maintain_order=True), rows["id"].n_unique() - found["id"].n_unique()


def _together(rows: pl.DataFrame) -> pl.DataFrame:
    """The bounds of what holds while both of two things do; those that cannot have met are gone.

    An unknown latest start, or earliest end, of either leaves that of both unknown; a membership
    without any date is taken for always.
    """
    inside = [f"{name}_in" for name in BOUNDS]
    always = pl.all_horizontal(pl.col(name).is_null() for name in inside)

    def joint(name: str, pick: Any, *, known: bool) -> pl.Expr:
        a, b = pl.col(name), pl.col(f"{name}_in")
        both = pick(a, b)
        if known:  # where one is unknown, nothing is known of both
            both = pl.when(a.is_null() | b.is_null()).then(None).otherwise(both)
        return pl.when(always).then(a).otherwise(both).alias(name)

    undated = pl.all_horizontal(pl.col(name).is_null() for name in BOUNDS)
    bounded = rows.with_columns(
        joint("start_earliest", pl.max_horizontal, known=False),
        joint("start_latest", pl.max_horizontal, known=True),
        joint("end_earliest", pl.min_horizontal, known=True),
        joint("end_latest", pl.min_horizontal, known=False),
        undated=undated,
    )
    # A tie without a date gets none from a membership: when it held is still unknown.
    cleared = bounded.with_columns(
        pl.when("undated").then(None).otherwise(pl.col(name)).alias(name) for name in BOUNDS
    )
    met = (
        pl.col("start_earliest").is_null()
        | pl.col("end_latest").is_null()
        | (pl.col("start_earliest") < pl.col("end_latest"))
    )
    return cleared.filter(met).drop(*inside, "undated")


@dataclass(frozen=True, eq=False)
class Company:
    """Who keeps company with whom, as groups or as ties, among some nodes.

    `memberships` has node, group, start, end (days; null: open), and each node is in one group at a
    time; `ties` has source, target, start, end, and information goes from source to target. One of
    the two is None.
    """

    name: str
    nodes: tuple[str, ...]
    memberships: pl.DataFrame | None
    ties: pl.DataFrame | None
    records: int
    caveats: tuple[str, ...]

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The company as ties from each to each, for functions that take ties."""
        if self.ties is not None:
            return self.ties
        assert self.memberships is not None
        own = self.memberships
        both = own.join(own, on="group", suffix="_of").filter(pl.col("node") != pl.col("node_of"))
        start = pl.max_horizontal("start", "start_of")
        end = pl.min_horizontal("end", "end_of")
        rows = both.select(
            pl.col("node").alias("source"),
            pl.col("node_of").alias("target"),
            start.alias("start"),
            end.alias("end"),
        )
        return rows.filter(pl.col("end").is_null() | (pl.col("start") < pl.col("end")))

    @cached_property
    def placed(self) -> set[str]:
        """The nodes that have any company recorded."""
        if self.memberships is not None:
            return set(self.memberships["node"])
        assert self.ties is not None
        return set(self.ties["source"]) | set(self.ties["target"])

    @property
    def counts(self) -> dict[str, int]:
        """How many records stand behind it, and how many nodes have company at any time."""
        placed = len(self.placed)
        return {
            "company_records": self.records,
            "with_recorded_company": placed,
            "without_recorded_company": len(self.nodes) - placed,
        }


def company(
    snapshot: Snapshot,
    nodes: Sequence[str],
    name: str,
    window: tuple[date, date],
    certainty: str = "possible",
) -> Company:
    """Who keeps company with whom among `nodes`, by one of `COMPANIES` or a kind of working tie.

    `window` is the first and the last day looked at; company that is kept on none of its days is
    left out. `certainty` "certain" or "possible" is how ties with imprecise dates are read.
    `Unanswerable` if no two of the nodes do.
    """
    if name in TIES or name == "working-ties":
        found = _by_ties(snapshot, nodes, name, certainty)
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
        ties=None if ties is None else ties.filter(held),
    )


def _by_ties(snapshot: Snapshot, nodes: Sequence[str], name: str, certainty: str) -> Company:
    from .spread_inputs import completion

    kinds = "" if name == "working-ties" else name
    systems = set(snapshot.nodes("System")["id"])
    level: Level = "system" if systems.issuperset(nodes) else "provider"
    recorded = recorded_ties(snapshot, kinds, level)
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
        rows = _group_statements(snapshot, GROUPS[name]).filter(pl.col("node").is_in(known))
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
    return Company(name, tuple(nodes), placed, None, rows.height, tuple(said))


def _group_statements(snapshot: Snapshot, types: Sequence[str]) -> pl.DataFrame:
    """Statements of membership in bodies of some types: node, group and the four bounds."""
    bodies = snapshot.nodes("Organisation").filter(pl.col("org_type").is_in(list(types)))["id"]
    rows = snapshot.relationships("MEMBER_OF")
    return rows.filter(pl.col("object").is_in(bodies.implode())).select(
        *BOUNDS, node="subject", group="object"
    )


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
        end=pl.col("end_latest").str.to_date("%Y-%m-%d"),
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
        return _last(_group_statements(snapshot, ("sub-icb-location",)))
    homes = last_systems(snapshot)
    if name == "system":
        return homes.rename({"system": "group"})
    regions = snapshot.nodes("System").select(system="id", group="region").drop_nulls()
    return homes.join(regions, on="system").select("node", "group")


def _last(rows: pl.DataFrame) -> pl.DataFrame:
    """The membership that begins last; one without a date only where none has one."""
    order = ["node", "start_latest", "end_earliest", "group"]
    last = rows.sort(order, nulls_last=False)
    return last.unique("node", keep="last", maintain_order=True).select("node", "group")


def last_systems(snapshot: Snapshot) -> pl.DataFrame:
    """The system that each body is last known to be in: node, system. A practice is in that of its
    commissioner; a system is in itself."""
    named = systems_of(snapshot).rename({"body": "node", "system": "group"})
    own = named.filter(pl.col("node") == pl.col("group")).select("node", "group")
    direct = pl.concat([_last(named), own]).unique("node", keep="last", maintain_order=True)
    through = _last(_group_statements(snapshot, ("ccg", "sub-icb-location")))
    homes = direct.rename({"node": "group", "group": "system"})
    indirect = through.join(homes, on="group").select("node", group="system")
    both = pl.concat([direct, indirect]).unique("node", keep="first", maintain_order=True)
    return both.rename({"group": "system"}).sort("node")


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
