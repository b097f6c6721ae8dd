"""Paths of dated contacts: events that happen at a time, such as a meeting or a visit.

Only for events. A relationship that lasts is a tie with a start and an end (`temporal_paths`).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .dated_network import DatedNetwork, window_of
from .spread_inputs import Table, frame_of, read_ties

__all__ = ["contact_paths"]


def contact_paths(
    contacts: Table,
    source: str | int,
    *,
    waiting: float | None = None,
    nodes: Iterable[object] | pl.Series | None = None,
    directed: bool = True,
    start: Any = None,
    end: Any = None,
) -> pl.DataFrame:
    """By how few contacts can what `source` knows have reached each node, nobody waiting too long?

    `contacts` has source, target and time, and may have an id. The first contact may come any time
    from `start` on; each next one is strictly later than the one before, by at most `waiting`
    (days, or units of the periods; None: any time later), and before `end`.

    A row a node: node, contacts (the fewest), arrival (the earliest time of any such path, which
    may take more contacts), and of one path of fewest contacts previous and tie, the node before
    and the id of the last contact. Null where no path leads. Checked against pathpyG's
    `temporal_shortest_paths`.

    >>> meetings = {"source": ["A", "B"], "target": ["B", "C"], "time": [1, 5]}
    >>> contact_paths(meetings, "A", waiting=4)["contacts"].to_list()
    [0, 1, 2]
    >>> contact_paths(meetings, "A", waiting=3)["contacts"].to_list()
    [0, 1, None]
    """
    from .arrivals import contact_steps

    if waiting is not None and not 0 < waiting < inf:
        raise ArgumentFault("waiting", "it is a positive length of time, or None for no limit")
    network = _contacts(contacts, nodes, directed)
    window = window_of(network, start, end, 0)
    at = network.number(source, "source")
    tail, head, time, tie = _in_order(network)
    first = np.searchsorted(tail, np.arange(len(network.nodes) + 1))
    limit = inf if waiting is None else float(waiting)
    steps, before = contact_steps(first, head, time, at, window.begin, window.end, limit)
    fewest, arrival, last = _by_node(len(network.nodes), head, time, steps)
    fewest[at], arrival[at], last[at] = 0, window.begin, -1
    tails, ties = np.append(tail, -1)[last], np.append(tie, -1)[last]  # a last of -1 picks the -1
    return pl.DataFrame(
        [
            pl.Series("node", network.nodes),
            pl.Series("contacts", fewest).replace(-1, None),
            window.times(arrival, "arrival"),
            network.names(tails).alias("previous"),
            network.identifiers.gather(pl.Series(ties).replace(-1, None)).alias("tie"),
        ]
    )


def _contacts(
    contacts: Table, nodes: Iterable[object] | pl.Series | None, directed: bool
) -> DatedNetwork:
    rows = frame_of(contacts, "contacts", ["source", "target", "time"])
    plain = rows.drop("start", "end", strict=False).rename({"time": "start"})
    read = read_ties(plain, nodes, argument="contacts")
    names = rows["id"] if "id" in rows.columns else pl.Series("id", range(rows.height))
    return DatedNetwork(
        read, directed, names.cast(pl.String).gather(pl.Series(read.row, dtype=pl.Int64))
    )


def _in_order(network: DatedNetwork) -> tuple[np.ndarray[Any, Any], ...]:
    """Tail, head, time and tie of every contact in the order of tails, then of times."""
    ties = network.ties
    tail, head = ties.source, ties.target
    time, tie = ties.start, np.arange(len(ties.start))
    if not network.directed:
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        time, tie = np.tile(time, 2), np.tile(tie, 2)
    order = np.lexsort((head, time, tail))
    return tail[order], head[order], time[order], tie[order]


def _by_node(
    count: int,
    head: np.ndarray[Any, Any],
    time: np.ndarray[Any, Any],
    steps: np.ndarray[Any, Any],
) -> tuple[np.ndarray[Any, Any], ...]:
    """For each node the fewest contacts, the earliest time, and the first contact of the fewest."""
    arrival = np.full(count, inf)
    fewest, last = np.full(count, -1), np.full(count, -1)
    met = np.flatnonzero(steps >= 0)
    np.minimum.at(arrival, head[met], time[met])
    order = met[np.lexsort((met, time[met], steps[met]))][::-1]
    fewest[head[order]], last[head[order]] = steps[order], order
    return fewest, arrival, last
