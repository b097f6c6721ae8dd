"""The periods at which spread is looked at, and ties and adoptions in whole numbers of periods.

A period stands for one instant: whoever adopted at or before it has adopted, and the ties that hold
at it count. For calendar periods the instant is the last day. Between two instants nothing is
looked at: a tie that begins and ends between them is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import (
    Adoptions,
    Array,
    Scale,
    Table,
    Ties,
    column_of,
    frame_of,
    read_adoptions,
    read_nodes,
    read_ties,
    times_of,
    times_read,
)

__all__ = [
    "Alters",
    "Direction",
    "Periods",
    "PeriodsGiven",
    "Spread",
    "adopted_by",
    "alters_of",
    "joint_scale",
    "period_ends",
    "read_periods",
    "read_spread",
]

Direction = Literal["outgoing", "incoming", "both"]
PeriodsGiven = Sequence[Any] | Array | pl.Series | range | None
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Increasing instants; `of` numbers times by the first instant at or after them."""

    instants: Array
    scale: Scale | None

    def __len__(self) -> int:
        return len(self.instants)

    def of(self, times: Array) -> Array:
        """The number of the first period at or after each time; `len(self)` if there is none."""
        if len(self) and (self.instants == self.instants[0] + np.arange(len(self))).all():
            found: Array = np.clip(np.ceil(times - self.instants[0]), 0, len(self)).astype(np.int64)
        else:
            found = np.searchsorted(self.instants, times, side="left")
        return found

    def column(self, name: str = "time") -> pl.Series:
        """The instants as a column of numbers or dates."""
        return times_of(self.instants, self.scale, name)


@dataclass(frozen=True, slots=True, eq=False)
class Alters:
    """Who counts for whom: alters of egos, with the periods from `begins` up to before `ends`.

    Sorted by ego; a pair is listed at most once for any period.
    """

    ego: Array
    alter: Array
    weight: Array
    begins: Array
    ends: Array


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """One network and one innovation over one universe, one scale and one row of periods."""

    nodes: tuple[str, ...]
    ties: Ties
    adoptions: Adoptions
    periods: Periods
    adopted: Array
    """For each node the number of its period of adoption; `len(periods)` if not within them."""


def joint_scale(named: Iterable[tuple[str, Scale | None]]) -> Scale | None:
    """The one scale of several arguments; ArgumentFault names the one that differs.

    >>> joint_scale([("ties", None), ("adoptions", Scale.DAY)])
    <Scale.DAY: 'day'>
    """
    found: Scale | None = None
    for argument, scale in named:
        if found and scale and scale is not found:
            raise ArgumentFault(
                argument,
                f"its times are {_counted(scale)}, those before it {_counted(found)}",
                "Give all times as numbers, or all as days.",
            )
        found = found or scale
    return found


def _counted(scale: Scale) -> str:
    return "days" if scale is Scale.DAY else "numbers of periods"


def read_periods(periods: PeriodsGiven, times: Array, scale: Scale | None) -> Periods:
    """The periods as given (increasing), or from the first to the last of the times.

    Without periods, whole numbers count by one and days by the calendar month. ArgumentFault if
    there is neither a period nor a time.

    >>> read_periods(None, np.array([2.0, 4.0, np.inf]), Scale.PERIOD).instants.tolist()
    [2.0, 3.0, 4.0]
    """
    if periods is not None:
        return _given(periods, scale)
    known = times[np.isfinite(times)]
    if not len(known):
        raise ArgumentFault(
            "periods",
            "nothing has a time, so there is no first and no last period",
            "Say which periods are looked at.",
        )
    first, last = known.min(), known.max()
    if scale is Scale.DAY:
        ends = period_ends(_day(first), _day(last), "month")
        return Periods(times_read(ends, "periods")[1].to_numpy(), scale)
    whole = (known == np.floor(known)).all()
    return Periods(np.arange(first, last + 1) if whole else np.unique(known), scale)


def _given(periods: Sequence[Any] | Array | pl.Series | range, scale: Scale | None) -> Periods:
    try:
        column = column_of(periods, "periods")
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise ArgumentFault("periods", f"they are no times: {error}") from error
    own, instants = times_read(column, "periods")
    if not len(instants) or instants.null_count():
        raise ArgumentFault("periods", "there is none" if not len(instants) else "one is unknown")
    if not (instants.diff().drop_nulls() > 0).all():
        raise ArgumentFault("periods", "each must come after the one before it")
    return Periods(instants.to_numpy(), joint_scale([("adoptions", scale), ("periods", own)]))


def _day(number: float) -> date:
    return date(1970, 1, 1) + timedelta(days=int(number))


def period_ends(
    first: date, last: date, every: Literal["month", "quarter", "year"] = "month"
) -> pl.Series:
    """The last days of the calendar periods from that of `first` to that of `last`.

    >>> [str(day) for day in period_ends(date(2020, 1, 15), date(2020, 4, 1), "quarter")]
    ['2020-03-31', '2020-06-30']
    """
    if every not in MONTHS_IN:
        raise ArgumentFault("every", f"it is none of {', '.join(MONTHS_IN)}")
    step = MONTHS_IN[every]
    begun = pl.Series([first]).dt.truncate(f"{step}mo")[0]
    starts = pl.date_range(begun, last, interval=f"{step}mo", eager=True)
    return starts.dt.offset_by(f"{step}mo").dt.offset_by("-1d").alias("period")


def read_spread(
    ties: Table,
    adoptions: Table,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
) -> Spread:
    """Ties and adoptions of one innovation over one universe, by the rules of `spread_inputs`.

    >>> spread = read_spread({"source": ["A"], "target": ["B"]}, {"node": ["B"], "time": [2]})
    >>> spread.nodes, spread.adopted.tolist(), len(spread.periods)
    (('A', 'B'), [1, 0], 1)
    """
    edges = frame_of(ties, "ties", ["source", "target"])
    rows = frame_of(adoptions, "adoptions", ["node", "time"])
    named = [edges["source"], edges["target"], rows["node"]]
    universe = read_nodes(
        nodes,
        *(column.drop_nulls().cast(pl.String).unique().to_list() for column in named),
    )
    network, taken = read_ties(edges, universe), read_adoptions(rows, universe)
    scale = joint_scale([("ties", network.scale), ("adoptions", taken.scale)])
    looked = read_periods(periods, taken.first, scale)
    return Spread(universe, network, taken, looked, looked.of(taken.first))


def adopted_by(adoptions: Adoptions, periods: Periods) -> Array:
    """Who uses the innovation in which period: true or false, shape (nodes, periods)."""
    begins, ends = periods.of(adoptions.spell_start), periods.of(adoptions.spell_end)
    steps = np.zeros((len(adoptions.nodes), len(periods) + 1), dtype=np.int32)
    np.add.at(steps, (adoptions.spell_node, begins), 1)
    np.add.at(steps, (adoptions.spell_node, ends), -1)
    return np.cumsum(steps, axis=1)[:, :-1] > 0


def alters_of(ties: Ties, periods: Periods, direction: Direction) -> Alters:
    """Whose state counts for whom (convention C3).

    `outgoing`: the nodes that ego's ties point to, as in nominations (Valente). `incoming`: the
    nodes whose ties point to ego, as where source shares information with target. `both`: either.

    >>> ties = read_ties({"source": ["A"], "target": ["B"]})
    >>> alters = alters_of(ties, Periods(np.array([1.0]), Scale.PERIOD), "incoming")
    >>> alters.ego.tolist(), alters.alter.tolist()
    ([1], [0])
    """
    ends = {"outgoing": (ties.source, ties.target), "incoming": (ties.target, ties.source)}
    if direction not in (*ends, "both"):
        raise ArgumentFault("direction", "it is none of outgoing, incoming, both")
    begins, until = periods.of(ties.start), periods.of(ties.end)
    seen = np.flatnonzero(begins < until)
    sides = list(ends.values()) if direction == "both" else [ends[direction]]
    parts = [
        (ego[seen], alter[seen], ties.weight[seen], begins[seen], until[seen])
        for ego, alter in sides
    ]
    ego, alter, weight, begins, until = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    key = ego * len(ties.nodes) + alter
    order = np.argsort(key)
    found = Alters(ego[order], alter[order], weight[order], begins[order], until[order])
    again = np.flatnonzero(np.diff(key[order]) == 0)
    return _once(found, again) if len(again) else found


def _once(alters: Alters, again: Array) -> Alters:
    """Cut the spells of pairs that are tied several times so that at most one holds at a time."""
    several = np.zeros(len(alters.ego), dtype=bool)
    several[again] = several[again + 1] = True
    names = ("ego", "alter", "weight", "begins", "ends")
    pairs = pl.DataFrame({name: getattr(alters, name)[several] for name in names})
    cuts = pl.concat(
        [pairs.select("ego", "alter", at="begins"), pairs.select("ego", "alter", at="ends")]
    ).unique()
    following = pl.col("at").shift(-1).over("ego", "alter")
    pieces = cuts.sort("ego", "alter", "at").with_columns(until=following).drop_nulls()
    held = (
        pieces.join(pairs, on=["ego", "alter"])
        .filter((pl.col("begins") <= pl.col("at")) & (pl.col("at") < pl.col("ends")))
        .group_by("ego", "alter", "at", "until")
        .agg(pl.col("weight").max())
        .select("ego", "alter", "weight", begins="at", ends="until")
        .sort("ego", "alter", "begins")
    )
    kept = {name: getattr(alters, name)[~several] for name in names}
    place = np.searchsorted(kept["ego"], held["ego"].to_numpy())
    united = (np.insert(kept[name], place, held[name].to_numpy()) for name in names)
    return Alters(*united)
