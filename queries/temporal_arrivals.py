"""When does what one node knows first arrive, by which dated ties, and how late may it be sent?

The conventions are those of `temporal_paths`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import inf
from typing import Any

import numpy as np
import polars as pl

from .dated_network import (
    Certainty,
    DatedNetwork,
    DatedTies,
    Nodes,
    Searched,
    Some,
    Window,
    dated_network,
    network_and_window,
    window_of,
)
from .groups import Groups, group_numbers
from .spread_inputs import Array, Table

__all__ = [
    "arrival_bounds",
    "earliest_arrival",
    "group_earliest_arrival",
    "latest_departure",
    "pairwise_arrival",
    "quickest_route",
    "reached_from",
]

SHARES = 8
"""Into so many parts searches are divided, to run on several processors."""


def earliest_arrival(
    ties: DatedTies,
    source: Some,
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
    network, window = network_and_window(ties, nodes, directed, certainty, start, end, hop)
    sources = network.numbers(source, "source")
    best, hops, before, through = _search(network.forward, sources, window)
    return pl.DataFrame(
        [
            network.column,
            window.times(best, "arrival"),
            window.lengths(best - window.begin),
            _or_null("hops", hops),
            network.names(before).alias("previous"),
            network.tie_names(through, network.forward).alias("tie"),
        ]
    )


def latest_departure(
    ties: DatedTies,
    target: Some,
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
    network, window = network_and_window(
        ties, nodes, directed, certainty, start, end, hop, closed=True
    )
    reverse = Window(-window.end, -window.begin, window.hop, window.scale)
    targets = network.numbers(target, "target")
    best, hops, after, through = _search(network.backward, targets, reverse)
    return pl.DataFrame(
        [
            network.column,
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
    source: Some,
    target: str | int,
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
    network, window = network_and_window(ties, nodes, directed, certainty, start, end, hop)
    sources, at = network.numbers(source, "source"), network.number(target, "target")
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
    source: Some,
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
    certain = dated_network(ties, possible.nodes, directed=directed, certainty="certain")
    window = window_of(possible, start, end, hop)
    arrivals = {}
    for name, network in (("earliest", possible), ("certain", certain)):
        sources = network.numbers(source, "source")
        arrivals[name] = _search(network.forward, sources, window)[0]
    reached = [np.isfinite(arrivals[name]) for name in ("certain", "earliest")]
    certainty = np.select(reached, ["CERTAIN", "POSSIBLE"], "NO")
    times = [window.times(values, name) for name, values in arrivals.items()]
    return pl.DataFrame([possible.column, pl.Series("certainty", certainty.tolist()), *times])


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
    network, window = network_and_window(ties, nodes, directed, certainty, start, end, hop)
    numbers = network.numbers(sources, "sources")
    pairs = [reached_from(network, source, window) for source in numbers]
    heads = np.concatenate([np.empty(0), *(head for head, _ in pairs)]).astype(np.int64)
    best = np.concatenate([np.empty(0), *(arrival for _, arrival in pairs)])
    tails = np.repeat(numbers, np.array([len(head) for head, _ in pairs], dtype=np.int64))
    return pl.DataFrame(
        [
            network.names(tails).alias("source"),
            network.names(heads).alias("target"),
            window.times(best, "arrival"),
            window.lengths(best - window.begin),
        ]
    )


def reached_from(network: DatedNetwork, source: int, window: Window) -> tuple[Array, Array]:
    """The numbers of the nodes that a path from the source reaches, itself left out, and when."""
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
    nothing arrives. Groups come in order of their names, as texts. Within a group it is there at
    `start`. Paths may pass through any node, also one in no group. One search a group. `groups` is
    a frame {node, group} or a mapping; without `nodes` its members are nodes, too.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [3, 6]}
    >>> groups = {"A": "north", "B": "north", "C": "south"}
    >>> group_earliest_arrival(ties, groups).rows()[1]
    ('north', 'south', 4, 3)
    """
    from .arrivals import group_arrivals

    network, window = network_and_window(
        ties, nodes, directed, certainty, start, end, hop, groups=groups
    )
    names, numbers = group_numbers(groups, network.nodes)

    arrays, limits = network.forward.arrays, (window.begin, window.end, window.hop)

    def search(wanted: Array) -> Array:
        found: Array = group_arrivals(arrays, numbers, len(names), wanted, *limits)
        return found

    parts = np.array_split(np.arange(len(names)), min(len(names), SHARES))
    with ThreadPoolExecutor() as pool:  # compiled loops run side by side
        best = np.concatenate(list(pool.map(search, parts))).ravel()
    return pl.DataFrame(
        [
            pl.Series("source", np.repeat(names, len(names)).tolist()),
            pl.Series("target", names * len(names)),
            window.times(best, "arrival"),
            window.lengths(best - window.begin),
        ]
    )
