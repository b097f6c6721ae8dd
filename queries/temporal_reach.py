"""How far does a node reach over time, and which nodes carry the paths of others?

The conventions are those of `temporal_paths`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, shown
from .dated_network import (
    Certainty,
    DatedNetwork,
    DatedTies,
    Nodes,
    Some,
    Window,
    network_and_window,
    several,
)
from .groups import Groups, group_numbers
from .permutation import generator
from .spread_inputs import Array, whole_number
from .temporal_arrivals import reached_from

__all__ = [
    "ReachRatio",
    "TemporalEfficiency",
    "reach",
    "reach_ratio",
    "removal_loss",
    "temporal_efficiency",
]


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
    network, window = network_and_window(ties, nodes, directed, certainty, start, end, hop)
    numbers = network.numbers(sources, "sources")
    counts = _reach_counts(network, window, numbers, direction)
    others = len(network.nodes) - 1
    return pl.DataFrame(
        [
            network.names(numbers).alias("node"),
            pl.Series("reached", counts, dtype=pl.Int64),
            pl.Series("share", counts / others if others else np.zeros(len(counts))),
        ]
    )


def _reach_counts(network: DatedNetwork, window: Window, numbers: Array, direction: str) -> Array:
    from .arrivals import reach_counts

    if direction not in ("forward", "backward"):
        raise ArgumentFault("direction", "it is neither forward nor backward")
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
    network, window = network_and_window(ties, nodes, directed, certainty, start, end, hop)
    count = len(network.nodes)
    numbers, error = np.arange(count), 0.0
    if not 0 < confidence < 1:
        raise ArgumentFault("confidence", "it is no share between 0 and 1")
    if sample is not None and whole_number(sample, "sample", 1) < count:
        numbers = np.sort(generator(seed).choice(count, sample, replace=False))
        error = sqrt(log(2 / (1 - confidence)) / (2 * sample))
    counts = _reach_counts(network, window, numbers, "forward")
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

    network, window = network_and_window(
        ties, nodes, directed, certainty, start, end, hop, groups=groups
    )
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
    wanted = names if removed is None else [str(name) for name in several(removed)]
    for name in wanted:
        if name not in names:
            raise ArgumentFault("removed", f"there is no group {shown(name)}")
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
    network, window = network_and_window(ties, nodes, directed, certainty, start, end, hop)
    if not window.hop:
        raise ArgumentFault("hop", "it must be positive, since 1 / 0 is no number")
    reached = [reached_from(network, source, window)[1] for source in range(len(network.nodes))]
    elapsed = np.concatenate(reached) - window.begin
    pairs = len(network.nodes) * (len(network.nodes) - 1)
    return TemporalEfficiency(
        efficiency=float((1 / elapsed).sum() / pairs) if pairs else 0.0,
        latency=float(np.median(elapsed)) if len(elapsed) else None,
        reach_ratio=len(elapsed) / pairs if pairs else 0.0,
        pairs=pairs,
    )
