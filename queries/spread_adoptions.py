"""Who took an innovation up, and of whom that is known: from a snapshot to the plain inputs of the
measures of spread.

An innovation is known from a series by a declared rule (`ontology.adoption_rules`): then the
things that the series speaks of are the population, and each is known to have adopted or not. Or it
is known from statements of reports: those name adopters and nobody who is none, so that there is no
population unless the asker says which (`population`): *not reviewed is missing, not absent*.

A question on spread is a function `(snapshot, parameters) -> Measured`:

    taken = uptake(snapshot, parameters["innovation"], parameters["by"], ...)
    timed = taken.in_periods(parameters["every"])         # Unanswerable if the dates are too thin
    rows = ...                                            # a plain function on timed.adoptions etc.
    return Measured(rows, timed.counts, [*timed.caveats, ...], [test.record()])

with a TOML of the same columns that says `behind = "spread"`, `takes_day = true` and
`python = "module:function"`. Ties come from `spread_ties`, company from `keeping_company`. What is
too thin raises `Unanswerable` with the counts of what there is. The wording is bounded: "adopted
after", "had a recorded route from", "clustered along ties"; never "because of", "influenced",
"spread from A to B".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

import numpy as np
import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.adoption_rules import AdoptionRule
from ..ontology.adoptions import observed
from ..ontology.dates import BoundedDate
from .answer import Unanswerable
from .asked_rule import adopted_by_rule, asked_rule
from .spread_inputs import Array, times_read
from .spread_periods import Periods, period_ends
from .spread_ties import reviewed_bodies, reviewed_systems
from .wording import counted

__all__ = [
    "FEWEST",
    "Every",
    "Timed",
    "Uptake",
    "asked_uptake",
    "called",
    "reported_barriers",
    "uptake",
]

LEFT_OUT = "left out"
"""What is done with doubtful adoptions, if they are not counted."""

FEWEST = 5
"""Adopters at least whose period is known, and who adopted after the first one, for a measure of
time."""

Every = Literal["month", "quarter", "year"]
NEVER = np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Uptake:
    """Adoptions of one innovation, one row a spell of use, and the population.

    `spells` has node, earliest, latest, ended_earliest, ended_latest (ISO days; null: not known),
    source and note; `seen` has node, first and last, the days between which it could be seen to
    adopt (null: always); it is None where no population is known. `begins` and `ends` are the first
    and last day of what is known, and what is looked at ends with the period in which `until` lies.
    """

    innovation: str
    name: str
    rule: AdoptionRule | None
    spells: pl.DataFrame
    seen: pl.DataFrame | None
    begins: date | None
    ends: date | None
    until: date | None
    caveats: tuple[str, ...]

    @property
    def adopters(self) -> pl.DataFrame:
        """The first spell of each adopter: node, earliest, latest; sorted by node."""
        order = ["node", "latest", "earliest"]
        first = self.spells.sort(order, nulls_last=True)
        return first.unique("node", keep="first", maintain_order=True).select(
            "node", "earliest", "latest"
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many records, sources and adopters there are, and how well they are dated."""
        dated = pl.col("latest").is_not_null()
        adopters = self.adopters
        return {
            "records": self.spells.height,
            "sources": self.spells["source"].n_unique(),
            "adopters": adopters.height,
            "adopters_with_no_date": adopters.filter(~dated).height,
            "adopters_already_at_first_sight": adopters.filter(
                dated & pl.col("earliest").is_null()
            ).height,
            "population": 0 if self.seen is None else self.seen.height,
        }

    def in_periods(self, every: Every) -> Timed:
        """The adoptions in months, quarters or years; `Unanswerable` where there is no population,
        or too few adopters whose period is known."""
        if self.seen is None or self.begins is None or self.ends is None:
            raise self.thin(
                "The records name who took it up and not who did not, so shares, rates and "
                "exposures cannot be given. Name a population to count the rest of it as not "
                "having taken it up: --population reviewed, or all.",
            )
        instants = period_ends(self.begins, self.ends, every)
        if self.until is not None:  # the period in which the day lies is looked at whole
            instants = instants.head(int((instants < self.until).sum()) + 1)
        timed = _timed(self, self.seen, instants, self.ends, every)
        after = int(((timed.first > 0) & (timed.first < len(timed.periods)) & timed.exact).sum())
        apart = np.unique(timed.first[timed.exact & (timed.first < len(timed.periods))])
        if after < FEWEST or len(apart) < 2:
            shorter = "" if every == "month" else " Shorter periods may do: --every month."
            raise self.thin(
                f"{counted(after, 'adopter is', 'adopters are')} known to have adopted in one "
                f"{every} after the first, in {len(apart)} different ones; at least {FEWEST} in 2 "
                f"are needed.{shorter}",
                timed.counts,
            )
        return timed

    def thin(self, reason: str, counts: Mapping[str, int] | None = None) -> Unanswerable:
        """What to raise where this is too little: the reason, with the counts of what there is."""
        known = f"Known of {self.name}: {_known(self.counts)}."
        return Unanswerable(f"{reason} {known}", counts or self.counts, self.caveats)


def _known(counts: Mapping[str, int]) -> str:
    sources, adopters = counted(counts["sources"], "source"), counted(counts["adopters"], "adopter")
    named = counted(counts["records"], f"record of {sources} names", f"records of {sources} name")
    return f"{named} {adopters}, {counts['adopters_with_no_date']} of them without a date"


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """Adoptions in whole periods, ready for the plain functions.

    `adoptions` has node, time and end (days; who had adopted when first seen adopts in the first
    period), `existing` node, start, end; `first` is the number of the period of adoption of each
    node (`len(periods)`: none), `exact` whether its bounds lie in that period, `at_start` whether
    it had adopted when first seen.
    """

    uptake: Uptake
    every: Every
    nodes: tuple[str, ...]
    adoptions: pl.DataFrame
    existing: pl.DataFrame
    periods: pl.Series
    first: Array
    exact: Array
    at_start: Array
    earliest: Array
    latest: Array

    @property
    def counts(self) -> dict[str, int]:
        """The counts of the uptake, and how many adopters have a known period."""
        adopted = self.first < len(self.periods)
        return {
            **self.uptake.counts,
            "adopters_in_a_known_period": int((adopted & self.exact).sum()),
            "adopters_between_two_periods": int((adopted & ~self.exact & ~self.at_start).sum()),
            "never_seen_to_adopt": int((~adopted).sum()),
        }

    @property
    def caveats(self) -> list[str]:
        """What must be said of how these adoptions are dated."""
        counts = self.counts
        started, wide = (
            counts["adopters_already_at_first_sight"],
            counts["adopters_between_two_periods"],
        )
        said = list(self.uptake.caveats)
        if started:
            said.append(
                f"Who had adopted when first seen counts from the first period on and is never at "
                f"risk: {started:,}."
            )
        if wide:
            said.append(
                f"Adopters whose dates span several periods count from the last of them: {wide:,}."
            )
        return said

    def label(self, column: str = "time") -> pl.Expr:
        """A period, of its last day, as it is written: 2018-04, 2018 Q2, 2018."""
        day = pl.col(column).cast(pl.Date)
        year = day.dt.year().cast(pl.String)
        match self.every:
            case "month":
                text = day.dt.strftime("%Y-%m")
            case "quarter":
                text = pl.format("{} Q{}", year, day.dt.quarter())
            case _:
                text = year
        return text.alias("period")


def uptake(
    snapshot: Snapshot,
    innovation: str,
    by: str = "",
    population: str = "seen",
    doubtful: str = "counted",
    on: str = "",
    threshold: str = "",
    reviewed_only: bool = False,
) -> Uptake:
    """Who took an innovation up by an ISO day, and of whom that is known.

    `by` and `threshold` as in `asked_rule`. `population` is "seen"
    (those of whom the series speaks), "reviewed" (systems that a review looked at) or "all"
    (systems). Adoptions that carry a doubt are "counted" or "left out", and then their adopters are
    left out of the population, too. With `reviewed_only` only reviewed systems and bodies in them
    are looked at. `Unanswerable` where nobody is recorded to have taken it up.
    """
    names = dict(snapshot.nodes("Innovation").select("id", "name").iter_rows())
    rule = asked_rule(snapshot, innovation, by, threshold)
    rows = adopted_by_rule(snapshot, innovation, rule)
    if on:
        begun = pl.col("start_earliest").is_null() | (pl.col("start_earliest") <= on)
        rows = rows.filter(begun)
    name = names.get(innovation, innovation)
    if rows.is_empty():
        raise Unanswerable(
            f"Nobody is recorded to have taken up {name}"
            + (f" by {BoundedDate.parse(on).plain()}." if on else "."),
            {"records": 0, "sources": 0, "adopters": 0},
        )
    spells = rows.select(
        node="subject",
        earliest="start_earliest",
        latest="start_latest",
        ended_earliest="end_earliest",
        ended_latest="end_latest",
        source="source",
        note="note",
    )
    seen, begins, ends = _population(snapshot, rule, spells, population)
    if seen is not None:
        spells = spells.filter(pl.col("node").is_in(seen["node"].implode()))
    said = _caveats(rule, population, spells, doubtful)
    if doubtful == LEFT_OUT:
        doubted = spells.filter(pl.col("note").is_not_null())["node"].implode()
        spells = spells.filter(~pl.col("node").is_in(doubted))
        seen = seen if seen is None else seen.filter(~pl.col("node").is_in(doubted))
    if reviewed_only:
        looked = reviewed_bodies(snapshot).implode()
        spells = spells.filter(pl.col("node").is_in(looked))
        seen = seen if seen is None else seen.filter(pl.col("node").is_in(looked))
        said = (*said, "Only reviewed systems, and bodies in them, are looked at.")
    until = date.fromisoformat(on) if on else None
    return Uptake(innovation, name, rule, spells, seen, begins, ends, until, said)


def asked_uptake(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Uptake:
    """The uptake that the parameters of a question ask for."""
    names = ("by", "population", "doubtful", "on", "threshold", "reviewed_only")
    given = {name: parameters[name] for name in names if name in parameters}
    return uptake(snapshot, parameters["innovation"], **given)


def _population(
    snapshot: Snapshot, rule: AdoptionRule | None, spells: pl.DataFrame, population: str
) -> tuple[pl.DataFrame | None, date | None, date | None]:
    """Node, first and last day seen; and the days between which anything could be seen."""
    named = None
    if population != "seen":
        named = reviewed_systems(snapshot) if population == "reviewed" else _systems(snapshot)
    if rule is not None:
        seen = observed(snapshot.series(rule.series), rule)
        days = seen.select(
            pl.col("thing").alias("node"), _day("first").alias("first"), _day("last").alias("last")
        )
        if named is not None:
            days = days.filter(pl.col("node").is_in(named.implode()))
        firsts = cast(date | None, days["first"].min())
        return days, firsts, cast(date | None, days["last"].max())
    if named is None:
        return None, None, None
    nodes = pl.concat([named.rename("node"), spells["node"]]).unique().sort()
    open_ = pl.lit(None, pl.Date)
    known = pl.concat([spells["earliest"], spells["latest"]]).drop_nulls()
    days = nodes.to_frame().with_columns(open_.alias("first"), open_.alias("last"))
    if known.is_empty():
        return days, None, None
    first, last = str(known.min()), str(known.max())
    return days, date.fromisoformat(first), date.fromisoformat(last)


def _day(column: str) -> pl.Expr:
    """The last day of a period of a series, a month or a day."""
    text = pl.col(column)
    month = pl.format("{}-01", text.str.head(7)).str.to_date("%Y-%m-%d").dt.month_end()
    return (
        pl.when(text.str.len_chars() > 7)
        .then(text.str.to_date("%Y-%m-%d", strict=False))
        .otherwise(month)
    )


def _systems(snapshot: Snapshot) -> pl.Series:
    return snapshot.nodes("System")["id"]


def _caveats(
    rule: AdoptionRule | None, population: str, spells: pl.DataFrame, doubtful: str
) -> tuple[str, ...]:
    said = []
    if rule is None:
        said.append("Adopted is what a report or other source states; it does not say who did not.")
        if population != "seen":
            which = "reviewed systems" if population == "reviewed" else "systems"
            said.append(
                f"All {which} are taken as the population because it was asked so: one that no "
                "record names counts as not having taken it up, though nobody may have looked."
            )
    else:
        said.append(f"Adopted by the rule {rule.name}: {rule.words}.")
        if rule.caveat:
            said.append(f"{rule.caveat}.")
    doubted = spells["note"].drop_nulls().len()
    if doubted:
        said.append(f"Adoptions that carry a doubt (a note) are {doubtful}: {doubted:,}.")
    return tuple(said)


def _timed(
    taken: Uptake, seen: pl.DataFrame, instants: pl.Series, ends: date, every: Every
) -> Timed:
    looked = Periods(times_read(instants, "periods")[1].to_numpy(), None)
    adopters = seen.select("node").join(
        taken.adopters, on="node", how="left", maintain_order="left"
    )
    numbers = {side: _number(adopters[side], looked) for side in ("earliest", "latest")}
    adopted = adopters["latest"].is_not_null().to_numpy()
    end = len(looked)
    latest = np.where(adopted, numbers["latest"], end)
    at_start = adopted & adopters["earliest"].is_null().to_numpy() & (latest < end)
    earliest = np.where(at_start, 0, np.where(adopted, numbers["earliest"], end))
    first = np.where(at_start, 0, latest)
    existing = seen.with_columns(
        start=pl.when(pl.Series(at_start)).then(None).otherwise(pl.col("first")),
        end=_after(pl.col("last"), ends),
    ).select("node", "start", "end")
    return Timed(
        taken,
        every,
        tuple(seen["node"]),
        _in_use(taken.spells, instants[0]),
        existing,
        instants,
        first,
        adopted & (earliest == latest) & ~at_start,
        at_start,
        earliest,
        latest,
    )


def _after(last: pl.Expr, end: date) -> pl.Expr:
    """The first day on which a thing is not seen any more; null if it is seen to the end."""
    return pl.when(last < end).then(last.dt.offset_by("1d"))


def _number(days: pl.Series, looked: Periods) -> Array:
    read = pl.Series(days, dtype=pl.String).str.to_date("%Y-%m-%d")
    return looked.of(read.to_physical().cast(pl.Float64).fill_null(NEVER).to_numpy())


def _in_use(spells: pl.DataFrame, first: Any) -> pl.DataFrame:
    """Node, time and end of each spell of use as days, from its latest start to its latest end."""
    dated = spells.filter(pl.col("latest").is_not_null())
    started = pl.col("latest").str.to_date("%Y-%m-%d")
    rows = dated.select(
        "node",
        pl.when(pl.col("earliest").is_null()).then(pl.lit(first)).otherwise(started).alias("time"),
        pl.col("ended_latest").str.to_date("%Y-%m-%d").alias("end"),
    )
    rows = rows.filter(pl.col("end").is_null() | (pl.col("time") < pl.col("end")))
    rows = (
        rows.sort("node", "time").unique("node", keep="first", maintain_order=True)
        if not (rows["end"].is_not_null().any())
        else _apart(rows)
    )
    return rows.sort("node", "time")


def _apart(rows: pl.DataFrame) -> pl.DataFrame:
    """Spells of one node that overlap, as several records may tell them, made one."""
    far = pl.lit(date(9999, 12, 31))
    open_ = rows.with_columns(pl.col("end").fill_null(far)).sort("node", "time")
    reach = pl.col("end").cum_max().shift(1).over("node")
    parts = open_.with_columns(
        part=(pl.col("time") > reach).fill_null(False).cast(pl.Int64).cum_sum().over("node")
    )
    joined = parts.group_by("node", "part").agg(pl.col("time").min(), pl.col("end").max())
    ended = pl.when(pl.col("end") < far).then("end").alias("end")
    return joined.select("node", "time", ended)


def called(snapshot: Snapshot) -> pl.DataFrame:
    """What bodies, systems and innovations are called: id, name; the id itself if they have no
    name."""
    kinds = ("Organisation", "System", "Innovation")
    parts = [snapshot.nodes(kind).select("id", "name") for kind in kinds]
    return pl.concat(parts).with_columns(pl.coalesce("name", "id").alias("name"))


def reported_barriers(snapshot: Snapshot) -> pl.DataFrame:
    """Which system reported which barrier: system, barrier (its name), earliest, latest, source."""
    names = snapshot.nodes("Barrier").select(object="id", barrier="name")
    rows = snapshot.relationships("FACED").join(names, on="object")
    systems = _systems(snapshot).implode()
    return rows.filter(pl.col("subject").is_in(systems)).select(
        "barrier", "source", system="subject", earliest="start_earliest", latest="start_latest"
    )
