"""Time-respecting paths: by when can what one node knows have reached another, and by which ties?

A path takes ties one after another, each at a time at which it holds, never going back in time
(Kempe, Kleinberg and Kumar 2002; Holme and Saramäki 2012). A tie holds at times start <= t < end
(convention C1): one that ends at t and one that starts at t do not join. A hop lasts `hop` (C2): 0
by default, so that several fit into one instant; a positive one must end by the tie's end.
Information flows from source to target (C3); `directed=False` lets it flow both ways.

`start` and `end` bound the window [start, end); without a start it is the first time that the ties
name. Days count from and to dates; other times are numbers. Ties with imprecise dates carry the
four bounds of `ontology.dates`: "certain" counts each tie only where it held whatever the dates
were, "possible" wherever it may have held (C8).

In every function `ties` is a table by the rules of `spread_inputs` or a prepared `DatedNetwork`;
what breaks a rule raises ArgumentFault. A path says that information *could* have gone that way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, log, sqrt
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .dated_network import (
    Certainty,
    DatedNetwork,
    DatedTies,
    Searched,
    Window,
    dated_network,
    window_of,
)
from .groups import Groups, group_numbers, universe_with
from .spread_inputs import Array, Table

__all__ = [
    "ReachRatio",
    "TemporalEfficiency",
    "arrival_bounds",
    "earliest_arrival",
    "group_earliest_arrival",
    "latest_departure",
    "pairwise_arrival",
    "quickest_route",
    "reach",
    "reach_ratio",
    "removal_loss",
    "temporal_efficiency",
]

Nodes = Iterable[object] | pl.Series | None
Some = str | Iterable[str] | None


@dataclass(frozen=True, slots=True)
class ReachRatio:
    """The share of ordered pairs of nodes that a time-respecting path joins.

    `error` is 0 if every source was tried; else the true ratio lies within `ratio` +- `error` with
    the probability asked for (Hoeffding's inequality).
    """

    ratio: float
    sources: int
    nodes: int
    error: float


@dataclass(frozen=True, slots=True)
class TemporalEfficiency:
    """How fast pairs of nodes reach one another; see `temporal_efficiency`.

    `latency` is the median time among the pairs that are reached, None if there are none.
    """

    efficiency: float
    latency: float | None
    reach_ratio: float
    pairs: int


def earliest_arrival(
    ties: DatedTies,
    source: str | Iterable[str],
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """By when can what `source` knows at `start` first have reached each node?

    A row a node, in the order of the universe: node, arrival, elapsed (since `start`, in days or in
    the unit of the periods), and of one quickest route hops, the node before and the id of the last
    tie. Null where nothing arrives. Several sources: from whichever is first. Each part of the
    route is a quickest one, among those it has the fewest hops.

    Checked against tsna's `tPath`.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> earliest_arrival(ties, "A").select("node", "arrival", "hops", "previous").rows()
    [('A', 1, 0, None), ('B', 1, 1, 'A'), ('C', 4, 2, 'B')]
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop)
    sources = network.numbers(source, "source")
    best, hops, before, through = _search(network.forward, sources, window)
    return pl.DataFrame(
        [
            pl.Series("node", network.nodes),
            window.times(best, "arrival"),
            window.lengths(best - window.begin),
            _or_null("hops", hops),
            network.names(before).alias("previous"),
            network.tie_names(through, network.forward).alias("tie"),
        ]
    )


def latest_departure(
    ties: DatedTies,
    target: str | Iterable[str],
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """Until when can each node send so that `target` is reached before `end`?

    A row a node: node, departure, elapsed (from departure to `end`), and of one such route hops,
    the node after and the id of the first tie. Null where no path leads to the target. As ties are
    half-open, `departure` is for hops without length the first time that is too late; for hops
    with a length it is the last time that will do. Without `end` it is the last time that the ties
    name; it must be stated if one is open.

    Checked against tsna's `tPath(direction = "bkwd", type = "latest.depart")`.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 2], "end": [3, 6]}
    >>> latest_departure(ties, "C", end=6).select("node", "departure", "next").rows()
    [('A', 3, 'B'), ('B', 6, 'C'), ('C', 6, None)]
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop, closed=True)
    reverse = Window(-window.end, -window.begin, window.hop, window.scale)
    targets = network.numbers(target, "target")
    best, hops, after, through = _search(network.backward, targets, reverse)
    return pl.DataFrame(
        [
            pl.Series("node", network.nodes),
            window.times(-best, "departure"),
            window.lengths(best + window.end),
            _or_null("hops", hops),
            network.names(after).alias("next"),
            network.tie_names(through, network.backward).alias("tie"),
        ]
    )


def _search(searched: Searched, sources: Array, window: Window) -> tuple[Array, ...]:
    """Arrivals, and hops, node before and entry of the last tie on one quickest route."""
    from .arrivals import arrivals, routes

    begins = np.full(len(sources), window.begin)
    best = arrivals(searched.arrays, sources, begins, window.end, window.hop)
    return (best, *routes(searched.arrays, best, sources, window.end, window.hop))


def _or_null(name: str, numbers: Array) -> pl.Series:
    return pl.Series(name, numbers, dtype=pl.Int64).replace(-1, None)


def quickest_route(
    ties: DatedTies,
    source: str | Iterable[str],
    target: str,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """By which dated ties could what `source` knows at `start` first have reached `target`?

    A row a hop, in order: hop (from 1), source, target, tie (its id, the evidence), leave and
    arrive, and start and end of the tie (null: open). No row if there is no route, or nowhere to
    go.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6],
    ...         "id": ["first", "second"]}
    >>> quickest_route(ties, "A", "C").select("hop", "source", "tie", "arrive").rows()
    [(1, 'A', 'first', 1), (2, 'B', 'second', 4)]
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop)
    sources, at = network.numbers(source, "source"), network.numbers(target, "target")[0]
    best, _, before, through = _search(network.forward, sources, window)
    hops = []
    while before[at] >= 0:
        hops.append((before[at], at, through[at]))
        at = before[at]
    tails, heads, entries = np.array(hops[::-1], dtype=np.int64).reshape(-1, 3).T
    spell = network.forward.arrays[2][entries]
    return pl.DataFrame(
        [
            pl.Series("hop", range(1, len(hops) + 1), dtype=pl.Int64),
            network.names(tails).alias("source"),
            network.names(heads).alias("target"),
            network.tie_names(entries, network.forward).alias("tie"),
            window.times(np.maximum(best[tails], spell[:, 0]), "leave"),
            window.times(best[heads], "arrive"),
            window.times(spell[:, 0], "start"),
            window.times(spell[:, 1], "end"),
        ]
    )


def arrival_bounds(
    ties: Table,
    source: str | Iterable[str],
    *,
    nodes: Nodes = None,
    directed: bool = True,
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """By when can each node have been reached at the earliest, and by when for certain?

    A row a node: node, certainty (CERTAIN: by a path whatever the dates were; POSSIBLE: for some
    dates; NO), earliest (possible arrival) and certain (the arrival is no later than this). `ties`
    has the columns of bounded dates, else the two are the same. Without `start` it is the first
    time that any tie may have held.

    >>> ties = {"source": ["A"], "target": ["B"], "start_earliest": ["2021-01-01"],
    ...         "start_latest": ["2021-12-31"], "end_earliest": ["2023-01-01"],
    ...         "end_latest": ["2023-01-01"]}
    >>> [str(day) for day in arrival_bounds(ties, "A").filter(node="B").row(0)[2:]]
    ['2021-01-01', '2021-12-31']
    """
    possible = dated_network(ties, nodes, directed=directed, certainty="possible")
    certain = dated_network(ties, nodes, directed=directed, certainty="certain")
    window = window_of(possible, start, end, hop)
    arrivals = {}
    for name, network in (("earliest", possible), ("certain", certain)):
        sources = network.numbers(source, "source")
        arrivals[name] = _search(network.forward, sources, window)[0]
    reached = [np.isfinite(arrivals[name]) for name in ("certain", "earliest")]
    certainty = np.select(reached, ["CERTAIN", "POSSIBLE"], "NO")
    times = [window.times(values, name) for name, values in arrivals.items()]
    return pl.DataFrame(
        [pl.Series("node", possible.nodes), pl.Series("certainty", certainty.tolist()), *times]
    )


def pairwise_arrival(
    ties: DatedTies,
    sources: Some = None,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """By when can each of `sources` (all nodes) first have reached each other node?

    A row for each ordered pair that a path joins: source, target, arrival, elapsed. A pair that is
    not there is not joined. For systems, or for few sources: pairs grow with the square.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> pairwise_arrival(ties).select("source", "target", "arrival").rows()
    [('A', 'B', 1), ('A', 'C', 4), ('B', 'C', 4)]
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop)
    numbers = network.numbers(sources, "sources")
    pairs = [_reached(network, source, window) for source in numbers]
    heads = np.concatenate([head for head, _ in pairs]).astype(np.int64)
    best = np.concatenate([arrival for _, arrival in pairs])
    tails = np.repeat(numbers, [len(head) for head, _ in pairs])
    return pl.DataFrame(
        [
            network.names(tails).alias("source"),
            network.names(heads).alias("target"),
            window.times(best, "arrival"),
            window.lengths(best - window.begin),
        ]
    )


def _reached(network: DatedNetwork, source: int, window: Window) -> tuple[Array, Array]:
    from .arrivals import arrivals

    begins = np.full(1, window.begin)
    best = arrivals(network.forward.arrays, np.array([source]), begins, window.end, window.hop)
    best[source] = inf
    heads = np.flatnonzero(np.isfinite(best))
    return heads, best[heads]


def group_earliest_arrival(
    ties: DatedTies,
    groups: Groups,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """By when can what anyone in one group knows first have reached anyone in another?

    A row for each ordered pair of groups (systems): source, target, arrival, elapsed; null where
    nothing arrives. Within a group it is there at `start`. Paths may pass through any node, also
    one in no group. One search a group. `groups` is a frame {node, group} or a mapping.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> groups = {"A": "north", "B": "north", "C": "south"}
    >>> group_earliest_arrival(ties, groups).rows()[1]
    ('north', 'south', 4, 3)
    """
    from .arrivals import group_arrivals

    if not isinstance(ties, DatedNetwork):
        nodes = universe_with(ties, groups, nodes)
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop)
    names, numbers = group_numbers(groups, network.nodes)
    best = group_arrivals(
        network.forward.arrays, numbers, len(names), window.begin, window.end, window.hop
    ).ravel()
    return pl.DataFrame(
        [
            pl.Series("source", np.repeat(names, len(names)).tolist()),
            pl.Series("target", names * len(names)),
            window.times(best, "arrival"),
            window.lengths(best - window.begin),
        ]
    )


def reach(
    ties: DatedTies,
    sources: Some = None,
    *,
    direction: Literal["forward", "backward"] = "forward",
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """How many nodes can each of `sources` (all nodes) reach in the window, or be reached from?

    A row a source: node, reached (itself not counted; tsna's `tReach` counts it) and share of the
    other nodes. `backward` counts the nodes that can have informed it before `end`.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> reach(ties).rows(), reach(ties, "C", direction="backward").row(0)
    ([('A', 2, 1.0), ('B', 1, 0.5), ('C', 0, 0.0)], ('C', 2, 1.0))
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    numbers = network.numbers(sources, "sources")
    counts = _reach_counts(network, numbers, direction, start, end, hop)
    others = len(network.nodes) - 1
    return pl.DataFrame(
        [
            network.names(numbers).alias("node"),
            pl.Series("reached", counts, dtype=pl.Int64),
            pl.Series("share", counts / others if others else np.zeros(len(counts))),
        ]
    )


def _reach_counts(
    network: DatedNetwork, numbers: Array, direction: str, start: Any, end: Any, hop: float
) -> Array:
    from .arrivals import reach_counts

    if direction not in ("forward", "backward"):
        raise ArgumentFault("direction", "it is neither forward nor backward")
    window = window_of(network, start, end, hop)
    searched, begin, until = network.forward, window.begin, window.end
    if direction == "backward":
        # Backward from an open end: any time after all the times that the ties name will do.
        after = network.last_time(window.begin) + (window.hop + 1) * len(network.nodes)
        searched, begin, until = network.backward, -min(window.end, after), -window.begin
    nobody = np.zeros(len(network.nodes), dtype=np.bool_)
    counts, _ = reach_counts(searched.arrays, numbers, nobody, begin, until, window.hop)
    found: Array = counts
    return found


def reach_ratio(
    ties: DatedTies,
    *,
    sample: int | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> ReachRatio:
    """Which share of the ordered pairs of nodes does a time-respecting path join?

    Over all sources, or over a random `sample` of them, with the error that Hoeffding's inequality
    bounds at the confidence asked for. Pairs of a node with itself are left out.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> reach_ratio(ties).ratio
    0.5
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    count = len(network.nodes)
    numbers, error = np.arange(count), 0.0
    if sample is not None and sample < count:
        if sample < 1 or not 0 < confidence < 1:
            raise ArgumentFault("sample", "it needs a source or more, and a confidence below 1")
        numbers = np.sort(np.random.default_rng(seed).choice(count, sample, replace=False))
        error = sqrt(log(2 / (1 - confidence)) / (2 * sample))
    counts = _reach_counts(network, numbers, "forward", start, end, hop)
    ratio = float(counts.mean()) / (count - 1) if count > 1 else 0.0
    return ReachRatio(ratio, len(numbers), count, error)


def removal_loss(
    ties: DatedTies,
    removed: Some = None,
    *,
    groups: Groups | None = None,
    sources: Some = None,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """How many pairs of others lose every path if a node (or a whole group) leaves?

    A row for each of `removed` (all nodes; with `groups` all groups, named by group): node, pairs
    (ordered pairs of others that a path joins), lost (those that no path joins without it) and
    share lost. Exact, in two searches for each removed and each source; on a large network name
    the removed, and `sources` to count pairs from those only.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> removal_loss(ties, "B").row(0)
    ('B', 1, 1, 1.0)
    """
    from .arrivals import reach_counts

    if groups is not None and not isinstance(ties, DatedNetwork):
        nodes = universe_with(ties, groups, nodes)
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop)
    numbers = network.numbers(sources, "sources")
    names, marks = _removals(network, removed, groups)
    pairs, kept = np.zeros(len(names), dtype=np.int64), np.zeros(len(names), dtype=np.int64)
    for at, mark in enumerate(marks):
        before, after = reach_counts(
            network.forward.arrays, numbers, mark, window.begin, window.end, window.hop
        )
        pairs[at], kept[at] = before.sum(), after.sum()
    lost = pairs - kept
    share = np.divide(lost, pairs, out=np.zeros(len(names)), where=pairs > 0)
    return pl.DataFrame({"node": names, "pairs": pairs, "lost": lost, "share": share})


def _removals(
    network: DatedNetwork, removed: Some, groups: Groups | None
) -> tuple[list[str], Iterable[Array]]:
    """The names of what is removed, and for each which nodes go."""
    if groups is None:
        numbers = network.numbers(removed, "removed")
        everyone = np.arange(len(network.nodes))
        return network.names(numbers).to_list(), (everyone == number for number in numbers)
    names, of = group_numbers(groups, network.nodes)
    wanted = names if removed is None else [removed] if isinstance(removed, str) else list(removed)
    for name in wanted:
        if name not in names:
            raise ArgumentFault("removed", f"there is no group {name!r}")
    return wanted, (of == names.index(name) for name in wanted)


def temporal_efficiency(
    ties: DatedTies,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    start: Any = None,
    end: Any = None,
    hop: float = 1,
) -> TemporalEfficiency:
    """How fast do pairs of nodes reach one another, on the whole?

    The efficiency is the mean over all ordered pairs of 1 / elapsed time from `start`, 0 for a pair
    that no path joins (Nicosia and others 2013); the latency the median time of the pairs that
    are reached. A hop must last, else what arrives at once has no such number. Always give it with
    the reach ratio.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [0, 3], "end": [3, 6]}
    >>> temporal_efficiency(ties).latency
    4.0
    """
    network = dated_network(ties, nodes, directed=directed, certainty=certainty)
    window = window_of(network, start, end, hop)
    if not window.hop:
        raise ArgumentFault("hop", "it must be positive, since 1 / 0 is no number")
    reached = [_reached(network, source, window)[1] for source in range(len(network.nodes))]
    elapsed = np.concatenate(reached) - window.begin
    pairs = len(network.nodes) * (len(network.nodes) - 1)
    return TemporalEfficiency(
        efficiency=float((1 / elapsed).sum() / pairs) if pairs else 0.0,
        latency=float(np.median(elapsed)) if len(elapsed) else None,
        reach_ratio=len(elapsed) / pairs if pairs else 0.0,
        pairs=pairs,
    )
