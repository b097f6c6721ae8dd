"""Along what something could spread: recorded ties with their flow of information.

`recorded_ties` gives the working ties that sources state, of chosen kinds, at one of two levels:
between bodies, or between the systems in which the two bodies were while the tie held. Which way
information flows along a kind is declared in `ontology.relationships`; a tie without any date is
kept apart, as it is true of no time that anybody knows.

`keeping_company` says who keeps company with whom among the population of an innovation, by these
ties or by shared membership.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UnknownName
from ..ontology.relationships import RELATIONSHIP_KINDS, TIES, Flow
from .answer import Unanswerable
from .observation import Observed
from .wording import counted

__all__ = [
    "DRAW",
    "EVERYTHING",
    "Recorded",
    "asked_observed",
    "asked_ties",
    "flowing",
    "group_statements",
    "homes_of",
    "kinds_meant",
    "last_of",
    "last_systems",
    "recorded_ties",
    "reviewed_bodies",
    "reviewed_systems",
    "systems_of",
]

BOUNDS = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
Level = Literal["provider", "system"]

EVERYTHING = Observed()

DRAW = "drawn"
"""Under what name a drawn network is among the parameters; no question has one of that name."""

PLACING = ("LOCATED_IN", "MEMBER_OF", "PART_OF", "SERVES")
"""The kinds by which a body is in a system."""


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
    unreviewed: int = 0
    """Ties left out because an end is in no system that was reviewed."""

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
            without = counted(counts["tie_records_without_a_date"], "has", "have")
            said.append(
                f"Of {counted(counts['tie_records'], 'tie')}, {without} no date: left out of every "
                "measure of time."
            )
        if self.unplaced:
            said.append(
                f"{counted(self.unplaced, 'tie has', 'ties have')} an end that is in no system, "
                "such as a national body."
            )
        if self.unreviewed:
            said.append(
                f"Only ties between reviewed systems, or bodies in them, count: {self.unreviewed} "
                "others are left out."
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
    snapshot: Snapshot,
    kinds: str | Sequence[str] = "",
    level: Level = "system",
    on: str = "",
    observed: Observed = EVERYTHING,
) -> Recorded:
    """The working ties of some kinds, between bodies or between systems, begun by an ISO day.

    At the level of systems a tie counts for the systems that its ends may have been in while it may
    have held; its bounds are those of tie and memberships together, and one whose ends are in one
    system is a tie of that system with itself. `observed` may leave out what was not reviewed, or
    draw another network. `Unanswerable` if none is recorded.

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
    if observed.draw:
        could = {*rows["source"], *rows["target"]}
        could |= set(snapshot.nodes("System")["id"]) if level == "system" else set()
        rows = observed.draw.drawn(rows, could, set(reviewed_bodies(snapshot, observed)))
    unplaced = 0
    if level == "system":
        rows, unplaced = _at_systems(rows, _once(observed, "memberships", systems_of, snapshot))
    unreviewed = 0
    if observed.reviewed_only:
        looked = reviewed_bodies(snapshot, observed).implode()
        among = rows.filter(pl.col("source").is_in(looked) & pl.col("target").is_in(looked))
        unreviewed = rows["id"].n_unique() - among["id"].n_unique()
        rows = among
    rows = rows.drop("area").sort("source", "target", "kind", "id", *BOUNDS)
    undated = pl.all_horizontal(pl.col(name).is_null() for name in BOUNDS)
    return Recorded(rows.filter(~undated), rows.filter(undated), unplaced, level, unreviewed)


def asked_observed(parameters: Mapping[str, Any]) -> Observed:
    """What the parameters of a question say of uneven observation."""
    return Observed(parameters.get("reviewed_only", False), parameters.get(DRAW))


def asked_ties(
    snapshot: Snapshot, parameters: Mapping[str, Any], level: Level | None = None
) -> Recorded:
    """The ties that the parameters of a question ask for: kind, level, day and observation."""
    asked: Level = level or parameters.get("level", "provider")
    kind, on = parameters.get("kind", ""), parameters["on"]
    return recorded_ties(snapshot, kind, asked, on, asked_observed(parameters))


def reviewed_systems(snapshot: Snapshot) -> pl.Series:
    """The systems that a review, or another inspection programme, looked at; sorted."""
    looked, systems = snapshot.relationships("REVIEWED")["object"], snapshot.nodes("System")["id"]
    return looked.filter(looked.is_in(systems.implode())).unique().sort()


def reviewed_bodies(snapshot: Snapshot, observed: Observed = EVERYTHING) -> pl.Series:
    """The reviewed systems, and the bodies that are last known to be in one; sorted."""
    looked, homes = reviewed_systems(snapshot).implode(), homes_of(snapshot, observed)
    return homes.filter(pl.col("system").is_in(looked))["node"].unique().sort()


def homes_of(snapshot: Snapshot, observed: Observed) -> pl.DataFrame:
    """`last_systems`, found once for all networks of a band of doubt."""
    return _once(observed, "homes", last_systems, snapshot)


def _once(
    observed: Observed, name: str, found: Callable[[Snapshot], pl.DataFrame], snapshot: Snapshot
) -> pl.DataFrame:
    draw = observed.draw
    return draw.once(name, lambda: found(snapshot)) if draw else found(snapshot)


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


def _at_systems(rows: pl.DataFrame, homes: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Ties of bodies as ties of their systems, and how many have an end in none; `homes` is what
    `systems_of` gives.

    A body of which no membership is known is in the system in which the tie holds, where that is
    stated.
    """
    placed = rows
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


def group_statements(snapshot: Snapshot, types: Sequence[str]) -> pl.DataFrame:
    """Statements of membership in bodies of some types: node, group and the four bounds."""
    bodies = snapshot.nodes("Organisation").filter(pl.col("org_type").is_in(list(types)))["id"]
    rows = snapshot.relationships("MEMBER_OF")
    return rows.filter(pl.col("object").is_in(bodies.implode())).select(
        *BOUNDS, node="subject", group="object"
    )


def last_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The group of each body by its newest membership: node, group. The newest begins last; one
    without a date is it only where none has one."""
    order = ["node", "start_latest", "end_earliest", "group"]
    last = rows.sort(order, nulls_last=False)
    return last.unique("node", keep="last", maintain_order=True).select("node", "group")


def last_systems(snapshot: Snapshot) -> pl.DataFrame:
    """The system that each body is last known to be in: node, system. A practice is in that of its
    commissioner; a system is in itself."""
    named = systems_of(snapshot).rename({"body": "node", "system": "group"})
    own = named.filter(pl.col("node") == pl.col("group")).select("node", "group")
    direct = pl.concat([last_of(named), own]).unique("node", keep="last", maintain_order=True)
    through = last_of(group_statements(snapshot, ("ccg", "sub-icb-location")))
    homes = direct.rename({"node": "group", "group": "system"})
    indirect = through.join(homes, on="group").select("node", group="system")
    both = pl.concat([direct, indirect]).unique("node", keep="first", maintain_order=True)
    return both.rename({"group": "system"}).sort("node")
