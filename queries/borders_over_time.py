"""Have ties grown across borders? The E-I index at the end of each quarter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import polars as pl

from .borders import bordered, index_of
from .groups import Groups, members_at, universe_with
from .permutation import checked_draws
from .spread_inputs import Scale, Table, Ties, read_nodes, read_ties
from .spread_periods import Periods, PeriodsGiven, period_ends, read_periods
from .static_network import StaticNetwork

__all__ = ["ei_by_period"]


def ei_by_period(
    ties: Table,
    groups: Groups,
    *,
    periods: PeriodsGiven = None,
    every: Literal["month", "quarter", "year"] = "quarter",
    nodes: Iterable[object] | pl.Series | None = None,
    directed: bool = True,
    strata: Groups | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """How many ties cross borders at each time, against chance?

    A row a period: period, nodes, internal, external, ei, expected, null_mean, null_sd, p_le, p_ge,
    as `borders.ei_index` for the ties that hold at that time. `periods` are times as stated; else
    the last days of the calendar periods (`every`) from the first to the last day that the ties
    name; other times count by one. `groups` may have start and end: then a node counts for the
    group that it is in at that time (convention C10), and not at all where it is in none.

    >>> ties = {"source": ["A", "A"], "target": ["B", "C"], "start": [1, 2], "end": [9, 9]}
    >>> found = ei_by_period(ties, {"A": "x", "B": "x", "C": "y"}, periods=[1, 2], replicates=9)
    >>> found.select("period", "internal", "external", "ei").rows()
    [(1, 1, 0, -1.0), (2, 1, 1, 0.0)]
    """
    checked_draws(replicates, seed)
    universe = read_nodes(list(universe_with(ties, groups, nodes)))
    read = read_ties(ties, universe)
    looked = _periods(read, periods, every)
    rows = []
    for moment in looked.instants:
        held = (read.start <= moment) & (moment < read.end)
        network = _network(read, held, directed)
        members = members_at(groups, float(moment))
        if isinstance(members, pl.DataFrame) and not members["group"].count():
            rows.append({"nodes": 0, "internal": 0, "external": 0})
            continue
        case = bordered(network, members)
        found = index_of(case, strata, replicates, seed)
        rows.append({"nodes": case.network.size} | {name: getattr(found, name) for name in TOLD})
    schema = {"nodes": pl.Int64} | {
        name: pl.Int64 if name in ("internal", "external") else pl.Float64 for name in TOLD
    }
    return pl.DataFrame(rows, schema=schema).insert_column(0, looked.column("period"))


TOLD = ("internal", "external", "ei", "expected", "null_mean", "null_sd", "p_le", "p_ge")


def _periods(
    ties: Ties, periods: PeriodsGiven, every: Literal["month", "quarter", "year"]
) -> Periods:
    times = np.concatenate([ties.start, ties.end])
    if periods is None and ties.scale is Scale.DAY:
        known = times[np.isfinite(times)].astype(int)
        first, last = (pl.Series([day]).cast(pl.Date)[0] for day in (known.min(), known.max()))
        periods = period_ends(first, last, every)
    return read_periods(periods, times, ties.scale)


def _network(ties: Ties, held: np.ndarray, directed: bool) -> StaticNetwork:
    tail, head, weight = ties.source[held], ties.target[held], ties.weight[held]
    return StaticNetwork.of(ties.nodes, directed, tail, head, weight)
