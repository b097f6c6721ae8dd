"""Dated ties in the order in which paths are searched, prepared once for many questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import inf, isfinite
from numbers import Real
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, nearest_names, shown
from .groups import Groups, universe_with
from .spread_inputs import (
    ALWAYS,
    EPOCH,
    Array,
    Scale,
    Table,
    Ties,
    completion,
    frame_of,
    read_ties,
    times_of,
    times_read,
)

__all__ = [
    "BOUNDS",
    "Certainty",
    "DatedNetwork",
    "DatedTies",
    "Nodes",
    "Searched",
    "Some",
    "Window",
    "checked_hop",
    "dated_network",
    "network_and_window",
    "several",
    "window_of",
]

Certainty = Literal["certain", "possible"]
Nodes = Iterable[object] | pl.Series | None
Some = str | int | Iterable[str | int] | None
"""One node by its name, some, or all."""

_ALWAYS = float((date.fromisoformat(ALWAYS) - EPOCH).days)
BOUNDS = ("start_earliest", "start_latest", "end_earliest", "end_latest")


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """Ties as the loops in `arrivals` take them (`arrays`), and the tie behind each entry."""

    arrays: tuple[Array, Array, Array, Array, Array]
    tie: Array


@dataclass(frozen=True, eq=False)
class DatedNetwork:
    """Dated ties prepared for the search of paths; made by `dated_network`.

    Every function on paths takes one in place of a table of ties, and saves the preparation.
    """

    ties: Ties
    directed: bool
    identifiers: pl.Series

    @property
    def nodes(self) -> tuple[str, ...]:
        """The universe, in the order in which arrays number it."""
        return self.ties.nodes

    @cached_property
    def forward(self) -> Searched:
        """For paths that leave a node."""
        ties = self.ties
        return _searched(
            len(self.nodes), ties.source, ties.target, ties.start, ties.end, self.directed
        )

    @cached_property
    def backward(self) -> Searched:
        """For paths that end at a node: ties reversed, times negated."""
        ties = self.ties
        return _searched(
            len(self.nodes), ties.target, ties.source, -ties.end, -ties.start, self.directed
        )

    @cached_property
    def column(self) -> pl.Series:
        """The nodes as a column `node`."""
        return pl.Series("node", self.nodes, dtype=pl.String)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.nodes)}

    def last_time(self, at_least: float) -> float:
        """The last time that the ties name, or `at_least`."""
        times = np.concatenate([self.ties.start, self.ties.end, [at_least]])
        return float(times[np.isfinite(times)].max())

    def numbers(self, nodes: Some, argument: str) -> Array:
        """The numbers of some nodes (all of them for None); ArgumentFault for one not here."""
        if nodes is None:
            return np.arange(len(self.nodes))
        names = several(nodes)
        for name in names:
            if str(name) not in self._places:
                near = nearest_names(str(name), self.nodes)
                hint = f"The nearest names: {', '.join(near)}." if near else ""
                raise ArgumentFault(argument, f"{shown(name)} is not among the nodes", hint)
        return np.array([self._places[str(name)] for name in names], dtype=np.int64)

    def number(self, node: Some, argument: str) -> int:
        """The number of one node; ArgumentFault for none, and for several."""
        if node is None or len(found := self.numbers(node, argument)) != 1:
            raise ArgumentFault(argument, "it must be one node")
        return int(found[0])

    def names(self, numbers: Array) -> pl.Series:
        """The nodes of these numbers; null for -1."""
        places = pl.Series(numbers, dtype=pl.Int64)
        return self.column.gather(places.replace(-1, None))

    def tie_names(self, entries: Array, searched: Searched) -> pl.Series:
        """The ties behind entries of `searched`; null for -1."""
        # An entry of -1 picks the -1 put at the end.
        numbers = pl.Series(np.append(searched.tie, -1)[entries], dtype=pl.Int64)
        return self.identifiers.gather(numbers.replace(-1, None))


def several(nodes: str | int | Iterable[str | int]) -> list[str | int]:
    """One node, or some, as a list.

    >>> several(7), several(["A", "B"])
    ([7], ['A', 'B'])
    """
    return [nodes] if isinstance(nodes, str) or not isinstance(nodes, Iterable) else list(nodes)


DatedTies = Table | DatedNetwork
"""A table of dated ties, or a network that `dated_network` prepared from one."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when on, up to before when, and how long a hop takes."""

    begin: float
    end: float
    hop: float
    scale: Scale | None

    def times(self, values: Array, name: str) -> pl.Series:
        """Times as a column of the kind that the ties have."""
        return times_of(values, self.scale, name)

    def lengths(self, values: Array, name: str = "elapsed") -> pl.Series:
        """Lengths of time as a column of numbers: days, or units of the periods."""
        return times_of(values, Scale.PERIOD, name)


def dated_network(
    ties: DatedTies,
    nodes: Iterable[object] | pl.Series | None = None,
    *,
    directed: bool = True,
    certainty: Certainty = "certain",
) -> DatedNetwork:
    """Dated ties prepared for the search of paths, for use in several calls.

    `ties` has source, target, start and end by the rules of `spread_inputs`, and may have an `id`
    that routes are given by (else the number of the row, from 0). A tie holds at times start <= t <
    end. With the four columns of bounded dates instead of start and end, `certainty` says whether a
    tie counts only where it held for certain, or wherever it may have held (convention C8).

    `directed` False: every tie can be used both ways. A network that is prepared is returned as it
    is, and the other arguments say nothing.

    >>> network = dated_network({"source": ["A"], "target": ["B"], "start": [1], "end": [3]})
    >>> network.nodes
    ('A', 'B')
    """
    if certainty not in ("certain", "possible"):
        raise ArgumentFault("certainty", "it is neither certain nor possible")
    if isinstance(ties, DatedNetwork):
        return ties
    rows = frame_of(ties, "ties", ["source", "target"])
    if set(BOUNDS) <= set(rows.columns):
        rows = _completed(rows, certainty)
    read = read_ties(rows, nodes if nodes is not None else _named(ties))
    if read.scale is Scale.DAY:
        read = replace(read, start=np.where(read.start <= _ALWAYS, -inf, read.start))
    identifiers = rows["id"] if "id" in rows.columns else pl.Series("id", range(rows.height))
    kept = pl.Series(read.row, dtype=pl.Int64)
    return DatedNetwork(read, directed, identifiers.cast(pl.String).gather(kept))


def _completed(rows: pl.DataFrame, certainty: Certainty) -> pl.DataFrame:
    plain = rows.drop("start", "end", strict=False)
    named = plain if "id" in plain.columns else plain.with_row_index("id")
    return completion(named, certainty)


def _named(ties: Table) -> pl.Series | None:
    """Every node of the table: ties that hold on no day for certain must not take theirs away."""
    rows = frame_of(ties, "ties", ["source", "target"])
    if not set(BOUNDS) <= set(rows.columns):
        return None
    ends = pl.concat([rows[side].cast(pl.String).rename("node") for side in ("source", "target")])
    return ends.drop_nulls().unique().sort()


def _searched(
    count: int, tail: Array, head: Array, start: Array, end: Array, directed: bool
) -> Searched:
    tie = np.arange(len(tail), dtype=np.int32)
    if not directed:
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        start, end, tie = np.tile(start, 2), np.tile(end, 2), np.tile(tie, 2)
    rows = np.argsort(tail * count + head, kind="stable")
    first = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=count), out=first[1:])
    spell = np.column_stack([start[rows], end[rows]])
    tail, head = tail[rows].astype(np.int32), head[rows].astype(np.int32)
    order = np.argsort(spell[:, 0], kind="stable")
    ends = np.column_stack([tail[order], head[order]])
    return Searched((first, head, spell, ends, spell[order]), tie[rows])


def window_of(
    network: DatedNetwork, start: Any, end: Any, hop: float, *, closed: bool = False
) -> Window:
    """The window of a question: as stated, or from the first time that the ties name (0 if none).

    Without an end there is none; if one is needed (`closed`), it is the last time that the ties
    name, and ArgumentFault if some tie is open.
    """
    hop = checked_hop(hop)
    known = np.concatenate([network.ties.start, network.ties.end])
    known = known[np.isfinite(known)]
    (scale, begin), (own, until) = (
        _time(value, network.ties.scale, name) for name, value in (("start", start), ("end", end))
    )
    if scale and own and scale is not own:
        raise ArgumentFault("end", "it is of another kind than the start")
    scale = scale or own
    if begin is None and scale is Scale.DAY and not len(known):
        if until is not None:
            raise ArgumentFault("start", "the ties name no day", "Say from when.")
        scale = None  # times are then counted from the start, whenever that is
    if begin is None:
        begin = float(known.min()) if len(known) else 0.0
    if until is None and closed:
        if not np.isfinite(network.ties.end).all() or not len(known):
            reason = "some ties are still open" if len(network.ties.end) else "no tie has an end"
            raise ArgumentFault("end", reason, "Say until when.")
        until = float(known.max())
    until = inf if until is None else until
    if until < begin:
        raise ArgumentFault("end", "it lies before the start")
    return Window(begin, until, hop, scale)


def checked_hop(hop: float) -> float:
    """How long a hop lasts, or ArgumentFault.

    >>> checked_hop(1)
    1.0
    """
    if not (isinstance(hop, Real) and isfinite(hop) and hop >= 0):
        raise ArgumentFault("hop", "a hop lasts 0 or a positive length of time")
    return float(hop)


def network_and_window(
    ties: DatedTies,
    nodes: Nodes,
    directed: bool,
    certainty: Certainty,
    start: Any,
    end: Any,
    hop: float,
    *,
    groups: Groups | None = None,
    closed: bool = False,
) -> tuple[DatedNetwork, Window]:
    """What every question on paths begins with: the network, and the window of the question.

    With `groups` their members are among the nodes. `closed` as in `window_of`.

    >>> ties = {"source": ["A"], "target": ["B"], "start": [1], "end": [3]}
    >>> network_and_window(ties, None, True, "certain", None, None, 0)[1].begin
    1.0
    """
    if groups is not None and not isinstance(ties, DatedNetwork):
        nodes = universe_with(ties, groups, nodes)
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    return network, window_of(network, start, end, hop, closed=closed)


def _time(value: Any, scale: Scale | None, argument: str) -> tuple[Scale | None, float | None]:
    if value is None:
        return scale, None
    own, times = times_read(pl.Series([value]), argument)
    if scale and own is not scale:
        kind = "days" if scale is Scale.DAY else "numbers"
        raise ArgumentFault(argument, f"{shown(value)} is of another kind than the ties' {kind}")
    return own, float(times[0])
