"""How an innovation spread: the curve, the hazard, the time to a share, who had not adopted yet.

q(t) nodes have adopted at or before period t, of n(t) that exist then (convention C10: `existing`
says from when and until when a node could adopt). Whoever never adopted is at risk to the end (C4).

    share             adopters among the nodes that exist in t
    rate of adoption  (q(t) - q(t-1)) / q(t-1); 0 in the first period, null after no adopters
    hazard            adopters in t by the nodes that could and had not adopted before t; null in
                      the first period, whose adopters may have adopted at any time before it

Intervals are Wilson's (1927) for a share of small numbers. Sources: Valente (1995); Allison (1984);
netdiffuseR `cumulative_adopt_count` and `hazard_rate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import (
    Adoptions,
    Array,
    Table,
    frame_of,
    names_in,
    per_node,
    read_adoptions,
    read_nodes,
    spells_in,
    whole_number,
)
from .spread_periods import Periods, PeriodsGiven, adopted_by, joint_scale, read_periods

__all__ = [
    "adoption_curve",
    "hazard",
    "hazard_in_windows",
    "kaplan_meier",
    "normal_quantile",
    "stopping",
    "time_to_share",
    "wilson_interval",
]

Nodes = Iterable[object] | pl.Series | None
Groups = Table | Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Cohort:
    """Adoptions in periods, with who existed when; arrays over nodes, numbers of periods."""

    adoptions: Adoptions
    periods: Periods
    born: Array
    gone: Array
    adopted: Array
    group: Array
    groups: list[str]

    def counted(self, begins: Array, ends: Array) -> Array:
        """How many nodes of a group are within their own [begins, ends) in each period."""
        steps = np.zeros((len(self.groups), len(self.periods) + 1), dtype=np.int64)
        some = begins < ends
        np.add.at(steps, (self.group[some], begins[some]), 1)
        np.add.at(steps, (self.group[some], ends[some]), -1)
        return np.cumsum(steps, axis=1)[:, :-1]

    def summed(self, marked: Array) -> Array:
        """How many nodes of a group are marked, of an array (nodes, periods) of true and false."""
        sums = np.zeros((len(self.groups), marked.shape[1]), dtype=np.int64)
        np.add.at(sums, self.group, marked)
        return sums

    def new(self) -> Array:
        """How many nodes of a group adopted in each period."""
        return self.counted(self.adopted, np.minimum(self.adopted + 1, len(self.periods)))

    def at_risk(self) -> Array:
        """How many nodes of a group could adopt in each period and had not before."""
        adopted = self.adopted < len(self.periods)
        return self.counted(self.born, np.where(adopted, self.adopted + 1, self.gone))

    def frame(self, columns: Mapping[str, Array], grouped: bool) -> pl.DataFrame:
        """Arrays of shape (groups, periods) as a frame, a row for each group and period."""
        width = len(self.periods)
        time = self.periods.column()
        rows = {"time": time[np.tile(np.arange(width), len(self.groups))]}
        rows |= {name: pl.Series(array.ravel()).fill_nan(None) for name, array in columns.items()}
        names = pl.Series("group", self.groups)[np.repeat(np.arange(len(self.groups)), width)]
        return pl.DataFrame(({"group": names} if grouped else {}) | rows)


def _cohort(
    adoptions: Table, nodes: Nodes, periods: PeriodsGiven, existing: Table | None, groups: Groups
) -> _Cohort:
    rows = frame_of(adoptions, "adoptions", ["node", "time"])
    lives = None if existing is None else frame_of(existing, "existing", ["node"])
    universe = _universe(adoptions, nodes, existing)
    taken = read_adoptions(rows, universe)
    born, gone, scale = _lives(lives, universe)
    looked = read_periods(
        periods, taken.first, joint_scale([("adoptions", taken.scale), ("existing", scale)])
    )
    outside = np.isfinite(taken.first) & ((taken.first < born) | (taken.first >= gone))
    if outside.any():
        name = universe[int(outside.argmax())]
        raise ArgumentFault("existing", f"{name} adopts at a time when it does not exist")
    if groups is None:
        names, labels = [""], pl.Series([""] * len(universe))
    else:
        labels = per_node(groups, universe, "group", "groups").cast(pl.String)
        if labels.null_count():
            raise ArgumentFault("groups", "a node has no group")
        names = labels.unique().sort().to_list()
    code = labels.replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    first, last = looked.of(born), looked.of(gone)
    return _Cohort(taken, looked, first, last, looked.of(taken.first), code, names)


def _universe(adoptions: Table, nodes: Nodes, existing: Table | None) -> tuple[str, ...]:
    named = [frame_of(adoptions, "adoptions", ["node", "time"])["node"]]
    if existing is not None:
        named.append(frame_of(existing, "existing", ["node"])["node"])
    return read_nodes(nodes, *(column.drop_nulls().cast(pl.String).to_list() for column in named))


def _lives(lives: pl.DataFrame | None, universe: tuple[str, ...]) -> tuple[Array, Array, Any]:
    if lives is None:
        return np.full(len(universe), -np.inf), np.full(len(universe), np.inf), None
    scale, times = spells_in(lives, "existing")
    names = names_in(lives, "node", "existing")
    born, gone = (
        per_node({"node": names, "time": side}, universe, "time", "existing", missing)
        for side, missing in zip(times, (-np.inf, np.inf), strict=True)
    )
    return born.to_numpy(), gone.to_numpy(), scale


def _ratio(part: Array, whole: Array) -> Array:
    """part / whole, not a number where the whole is 0."""
    ratio: Array = np.full(part.shape, np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio


def normal_quantile(level: float) -> float:
    """How many standard deviations either side of the mean hold `level` of a normal distribution.

    ArgumentFault if the level is no share between 0 and 1.

    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    if not 0 < level < 1:
        raise ArgumentFault("level", "it is no share between 0 and 1")
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson_interval(part: Array, whole: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Between which shares does the true one lie, given `part` of `whole`? Wilson's interval.

    Not a number where the whole is 0. Source: Wilson (1927), without continuity correction.

    >>> low, high = wilson_interval(np.array([1]), np.array([10]))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0179, 0.4042)
    """
    z = normal_quantile(level)
    share, n = _ratio(part, whole), np.where(whole > 0, whole, np.nan).astype(float)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def adoption_curve(
    adoptions: Table,
    *,
    nodes: Nodes = None,
    periods: PeriodsGiven = None,
    existing: Table | None = None,
    groups: Groups = None,
) -> pl.DataFrame:
    """How many had adopted by each period, and how fast did that grow?

    Returns time, existing (nodes then), new_adopters, adopters (by then, whether or not they still
    exist or use it), using (by then and not stopped), share, rate; with `groups` {node: group} one
    curve for each group, named in the first column. `existing` is a frame node, start, end. Inputs
    and errors as in `spread_inputs`; definitions at the head of this module.

    >>> curve = adoption_curve({"node": ["A", "B"], "time": [1, 3]}, nodes=["A", "B", "C", "D"])
    >>> curve.select("time", "adopters", "share", "rate").rows()
    [(1, 1, 0.25, 0.0), (2, 1, 0.25, 0.0), (3, 2, 0.5, 1.0)]
    """
    cohort = _cohort(adoptions, nodes, periods, existing, groups)
    new = cohort.new()
    adopters = np.cumsum(new, axis=1)
    before = np.concatenate([np.zeros((len(new), 1)), adopters[:, :-1]], axis=1)
    rate = _ratio(new, before)
    rate[:, 0] = 0.0
    alive = cohort.counted(cohort.born, cohort.gone)
    had = cohort.counted(np.maximum(cohort.born, cohort.adopted), cohort.gone)
    columns = {
        "existing": alive,
        "new_adopters": new,
        "adopters": adopters,
        "using": cohort.summed(_using(cohort)),
        "share": _ratio(had, alive),
        "rate": rate,
    }
    return cohort.frame(columns, groups is not None)


def _using(cohort: _Cohort) -> Array:
    """Who exists and uses it in which period: true or false, shape (nodes, periods)."""
    t = np.arange(len(cohort.periods))
    exists = (cohort.born[:, None] <= t) & (t < cohort.gone[:, None])
    using: Array = adopted_by(cohort.adoptions, cohort.periods) & exists
    return using


def hazard(
    adoptions: Table,
    *,
    nodes: Nodes = None,
    periods: PeriodsGiven = None,
    existing: Table | None = None,
    groups: Groups = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """Of those who had not adopted yet, what share adopted in each period?

    Returns time, at_risk, new_adopters, hazard and its Wilson interval low, high; hazard is null in
    the first period and where nobody was at risk. Arguments as in `adoption_curve`.

    >>> found = hazard({"node": ["A", "B"], "time": [1, 2]}, nodes=["A", "B", "C"])
    >>> found.select("time", "at_risk", "hazard").rows()
    [(1, 3, None), (2, 2, 0.5)]
    """
    cohort = _cohort(adoptions, nodes, periods, existing, groups)
    new, at_risk = cohort.new(), cohort.at_risk()
    return _hazard_frame(cohort, new, at_risk, groups is not None, level)


def _hazard_frame(
    cohort: _Cohort, new: Array, at_risk: Array, grouped: bool, level: float
) -> pl.DataFrame:
    asked = at_risk.copy()
    asked[:, :1] = 0
    low, high = wilson_interval(new, asked, level)
    columns = {"at_risk": at_risk, "new_adopters": new, "hazard": _ratio(new, asked)}
    return cohort.frame(columns | {"low": low, "high": high}, grouped)


def hazard_in_windows(
    adoptions: Table,
    width: int | None,
    *,
    nodes: Nodes = None,
    periods: PeriodsGiven = None,
    existing: Table | None = None,
    groups: Groups = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """Is it still spreading? The hazard over the last `width` periods, or over all so far (None).

    Returns the columns of `hazard`, where at_risk and new_adopters are sums over the window (a node
    at risk in three periods counts three times). The first period, whose hazard is unknown, is in
    no window.

    >>> taken = {"node": ["A", "B"], "time": [1, 3]}
    >>> hazard_in_windows(taken, 2, nodes=["A", "B", "C"])["hazard"].to_list()
    [None, 0.0, 0.25]
    """
    width = width if width is None else whole_number(width, "width", 1)
    cohort = _cohort(adoptions, nodes, periods, existing, groups)
    sums = []
    for counts in (cohort.new(), cohort.at_risk()):
        counts[:, :1] = 0
        total = np.cumsum(counts, axis=1)
        if width is not None and width < total.shape[1]:
            total[:, width:] -= np.cumsum(counts, axis=1)[:, :-width]
        sums.append(total)
    return _hazard_frame(cohort, sums[0], sums[1], groups is not None, level)


def stopping(
    adoptions: Table,
    *,
    nodes: Nodes = None,
    periods: PeriodsGiven = None,
    groups: Groups = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """Of those who used it in the period before, what share stopped in each period?

    `adoptions` has a column end: the first time at which the node no longer used it. Returns time,
    using_before, stopped, share_stopped and its Wilson interval low, high. A node that stops and
    begins again between two periods has not stopped.

    >>> taken = {"node": ["A", "B"], "time": [1, 1], "end": [2, None]}
    >>> stopping(taken, periods=[1, 2, 3]).select("using_before", "stopped").rows()
    [(0, 0), (2, 1), (1, 0)]
    """
    cohort = _cohort(adoptions, nodes, periods, None, groups)
    using = _using(cohort)
    used = np.zeros_like(using)
    used[:, 1:] = using[:, :-1]
    before, stopped = cohort.summed(used), cohort.summed(used & ~using)
    low, high = wilson_interval(stopped, before, level)
    columns = {"using_before": before, "stopped": stopped, "share_stopped": _ratio(stopped, before)}
    return cohort.frame(columns | {"low": low, "high": high}, groups is not None)


def time_to_share(
    adoptions: Table,
    share: float = 0.5,
    *,
    nodes: Nodes = None,
    existing: Table | None = None,
    groups: Groups = None,
) -> pl.DataFrame:
    """When had a share of the nodes adopted: the first time t with q(t) >= share x n(t)?

    Returns one row, or one for each group: time (null if it was never reached), adopters, nodes (at
    that time, or at the end).

    >>> taken = {"node": ["A", "B"], "time": ["2020-03-01", "2021-01-31"]}
    >>> time_to_share(taken, 0.5, nodes=["A", "B", "C", "D"])["time"].to_list()
    [datetime.date(2021, 1, 31)]
    """
    if not 0 < share <= 1:
        raise ArgumentFault("share", "it is no share above 0 and up to 1")
    nodes = _universe(adoptions, nodes, existing)
    at_times = _change_times(adoptions, nodes, existing)
    cohort = _cohort(adoptions, nodes, at_times, existing, groups)
    alive = cohort.counted(cohort.born, cohort.gone)
    had = cohort.counted(np.maximum(cohort.born, cohort.adopted), cohort.gone)
    reached = (had >= share * alive - 1e-9) & (alive > 0) & (had > 0)
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    rows = np.arange(len(place))
    times = cohort.periods.column()
    found = pl.Series("time", [times[int(p)] if p >= 0 else None for p in place], times.dtype)
    columns = {"time": found, "adopters": had[rows, place], "nodes": alive[rows, place]}
    names = {"group": cohort.groups} if groups is not None else {}
    return pl.DataFrame(names | columns)


def _change_times(adoptions: Table, universe: tuple[str, ...], existing: Table | None) -> pl.Series:
    """The times at which somebody adopts, begins or ends to exist; one dummy if there are none."""
    taken = read_adoptions(adoptions, universe)
    lives = None if existing is None else frame_of(existing, "existing", ["node"])
    born, gone, scale = _lives(lives, universe)
    times = np.concatenate([taken.first, born, gone])
    known = np.unique(times[np.isfinite(times)])
    return Periods(known if len(known) else np.zeros(1), taken.scale or scale).column()


def kaplan_meier(
    adoptions: Table,
    *,
    nodes: Nodes = None,
    existing: Table | None = None,
    groups: Groups = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """What share had not adopted by each time, allowing for nodes that began late or left early?

    The product-limit estimate S(t) over the times at which somebody adopted: times 1 - d/r, d
    adopters of r at risk. A node is at risk from the start to before the end of its existence
    (`existing`), so that leaving is censoring and beginning late is late entry. Returns time,
    at_risk, adopted, not_adopted (S), standard_error (Greenwood), low and high (log-log interval;
    null at S = 0 or 1). Source: Kaplan & Meier (1958).

    >>> found = kaplan_meier({"node": ["A", "B"], "time": [1, 2]}, nodes=["A", "B", "C", "D"])
    >>> found.select("time", "at_risk", "adopted", "not_adopted").rows()
    [(1, 4, 1, 0.75), (2, 3, 1, 0.5)]
    """
    nodes = _universe(adoptions, nodes, existing)
    at_times = _change_times(adoptions, nodes, existing)
    cohort = _cohort(adoptions, nodes, at_times, existing, groups)
    adopted, at_risk = cohort.new(), cohort.at_risk()
    kept = np.where(at_risk > 0, 1 - _ratio(adopted, at_risk), 1.0)
    surviving = np.cumprod(kept, axis=1)
    left = (at_risk - adopted).astype(float)
    terms = np.where(adopted > 0, _ratio(adopted, at_risk * left), 0.0)
    greenwood = np.cumsum(terms, axis=1)
    low, high = _log_log(surviving, greenwood, level)
    columns = {
        "at_risk": at_risk,
        "adopted": adopted,
        "not_adopted": surviving,
        "standard_error": surviving * np.sqrt(greenwood),
        "low": low,
        "high": high,
    }
    return cohort.frame(columns, groups is not None).filter(pl.col("adopted") > 0)


def _log_log(surviving: Array, greenwood: Array, level: float) -> tuple[Array, Array]:
    z = normal_quantile(level)
    inner = (surviving > 0) & (surviving < 1)
    s = np.where(inner, surviving, 0.5)
    spread = z * np.sqrt(np.where(inner, greenwood, 0.0)) / np.log(s)
    low, high = s ** np.exp(-spread), s ** np.exp(spread)
    return np.where(inner, low, np.nan), np.where(inner, high, np.nan)
