"""What do the measures say with, and without, the ties and systems where a barrier is reported?

A barrier is reported by nodes (a frame node, barrier, perhaps time: from then on) or of ties (a
column barriers in the ties: a list of names, or one name). A measure is taken over all ties and
again without those that the barrier touches; the difference is what the barrier could hide, were
nothing to pass there. It is not what the barrier did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, nearest_names, shown
from .earlier import HazardByEarlier, hazard_by_earlier
from .permutation import (
    Alternative,
    PermutationTest,
    generator,
    permutation_test,
    shuffled_within,
    stratum_codes,
)
from .spread_inputs import Table, frame_of, names_in, read_nodes, whole_number

__all__ = [
    "BarrierDifference",
    "barrier_difference",
    "hazard_by_barrier",
    "ties_without_barrier",
    "with_and_without",
]

Ends = Literal["either", "both", "source", "target"]


@dataclass(frozen=True, slots=True)
class BarrierDifference:
    """One number over all ties and without the barrier, beside barriers dealt to other nodes.

    `test.observed` is `without` less `all_ties`.
    """

    all_ties: float
    without: float
    ties_removed: int
    test: PermutationTest


def ties_without_barrier(
    ties: Table, reported: Table | None, barrier: str, *, ends: Ends = "either"
) -> pl.DataFrame:
    """Which ties are left if nothing passes where the barrier is reported?

    With `reported` (node, barrier, perhaps time) a tie goes if its `ends` report it; with times it
    holds until the first report (the first by both, for "both"), which needs dated ties. With
    `reported` None the ties say so themselves in a column barriers.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"]}
    >>> ties_without_barrier(ties, {"node": ["C"], "barrier": ["staffing"]}, "staffing").rows()
    [('A', 'B')]
    """
    rows = frame_of(ties, "ties", ["source", "target"])
    if reported is None:
        return _without_own(rows, barrier)
    since = _reports(reported, barrier)
    if ends not in ("either", "both", "source", "target"):
        raise ArgumentFault("ends", "it is none of either, both, source, target")
    begun = {side: _since(rows, side, since) for side in ("source", "target")}
    if ends in begun:
        touched, when = begun[ends]
    else:
        (first, one), (second, other) = begun.values()
        both = ends == "both"
        touched = (first & second) if both else (first | second)
        joined = pl.DataFrame({"one": one, "other": other})
        pick = pl.max_horizontal if both else pl.min_horizontal
        when = joined.select(pick("one", "other")).to_series()
        if not both:  # a report without a time holds throughout
            when = pl.select(
                pl.when((first & one.is_null()) | (second & other.is_null()))
                .then(None)
                .otherwise(when)
            ).to_series()
    return _cut(rows, touched, when)


def _without_own(rows: pl.DataFrame, barrier: str) -> pl.DataFrame:
    if "barriers" not in rows.columns:
        raise ArgumentFault("reported", "neither it nor a column barriers of the ties is given")
    own = rows["barriers"]
    has = own.list.contains(barrier) if own.dtype == pl.List else own == barrier
    return rows.filter(~has.fill_null(False))


def _reports(reported: Table, barrier: str) -> pl.DataFrame:
    """node and time of those who report the barrier, the first report of each."""
    rows = frame_of(reported, "reported", ["node", "barrier"])
    names = names_in(rows, "barrier", "reported")
    if rows.height and barrier not in set(names):
        near = nearest_names(barrier, names.unique().to_list())
        hint = f"The nearest names: {', '.join(near)}." if near else ""
        raise ArgumentFault("barrier", f"{shown(barrier)} is not reported", hint)
    time = rows["time"] if "time" in rows.columns else pl.Series([None] * rows.height)
    found = pl.DataFrame({"node": names_in(rows, "node", "reported"), "time": time})
    found = found.filter(names == barrier)
    throughout = pl.col("time").is_null().any()
    return found.group_by("node").agg(
        pl.when(throughout).then(None).otherwise(pl.col("time").min()).alias("time")
    )


def _since(rows: pl.DataFrame, side: str, since: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Whether the node at one end reports the barrier, and from when."""
    names = pl.DataFrame({"node": names_in(rows, side, "ties")})
    joined = names.join(
        since.with_columns(touched=True), on="node", how="left", maintain_order="left"
    )
    return joined["touched"].fill_null(False), joined["time"]


def _cut(rows: pl.DataFrame, touched: pl.Series, when: pl.Series) -> pl.DataFrame:
    """Without touched ties; those touched from a time on end then."""
    if when.is_null().all():
        return rows.filter(~touched)
    end = rows["end"] if "end" in rows.columns else pl.Series([None] * rows.height)
    if end.dtype == pl.Null:
        end = end.cast(when.dtype)
    if end.dtype != when.dtype:
        raise ArgumentFault("reported", "its times are written in another way than those of ties")
    both = pl.DataFrame({"end": end, "when": when, "touched": touched})
    cut = both.select(
        pl.when("touched").then(pl.min_horizontal("end", "when")).otherwise("end")
    ).to_series()
    left = rows.with_columns(cut.alias("end")).filter(~(touched & when.is_null()))
    if "start" in left.columns:
        left = left.filter(
            pl.col("start").is_null() | ~(pl.col("end") <= pl.col("start")).fill_null(False)
        )
    return left


def with_and_without(
    measure: Callable[[pl.DataFrame], pl.DataFrame],
    ties: Table,
    reported: Table | None,
    barrier: str,
    *,
    on: Sequence[str],
    ends: Ends = "either",
) -> pl.DataFrame:
    """A measure of the ties beside the same measure without those a barrier touches.

    `measure` takes a frame of ties and gives a frame (exposure, thresholds, reach ...); give it the
    nodes, so that nobody drops out. Columns `on` say which rows belong together; the others come
    twice, the second time with the ending _without.

    >>> from icsgraph.queries.exposure import exposure
    >>> found = with_and_without(
    ...     lambda ties: exposure(ties, {"node": ["B"], "time": [1]}, nodes="ABC"),
    ...     {"source": ["A", "A"], "target": ["B", "C"]},
    ...     {"node": ["C"], "barrier": ["staffing"]}, "staffing", on=["node", "time"])
    >>> found.filter(node="A").select("exposure", "exposure_without").row(0)
    (0.5, 1.0)
    """
    rows = frame_of(ties, "ties", ["source", "target"])
    left = measure(rows)
    right = measure(ties_without_barrier(rows, reported, barrier, ends=ends))
    missing = [name for name in on if name not in left.columns]
    if missing:
        raise ArgumentFault("on", f"the measure gives no column {', '.join(missing)}")
    return left.join(right, on=list(on), how="left", suffix="_without", maintain_order="left")


def barrier_difference(
    measure: Callable[[pl.DataFrame], float],
    ties: Table,
    reported: Table,
    barrier: str,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    ends: Ends = "either",
    strata: Table | Mapping[str, Any] | None = None,
    replicates: int = 199,
    alternative: Alternative = "two-sided",
    seed: int = 0,
) -> BarrierDifference:
    """Does leaving out the nodes that report a barrier change a number more than other nodes would?

    `measure` takes a frame of ties. The null deals the reports (and their times) anew among the
    nodes, within `strata`: as many nodes are left out each time.

    >>> found = barrier_difference(
    ...     lambda ties: float(ties.height), {"source": ["A", "A"], "target": ["B", "C"]},
    ...     {"node": ["A"], "barrier": ["staffing"]}, "staffing", replicates=99)
    >>> found.all_ties, found.without, found.ties_removed
    (2.0, 0.0, 2)
    """
    replicates = whole_number(replicates, "replicates", 1)
    rows = frame_of(ties, "ties", ["source", "target"])
    since = _reports(reported, barrier)
    universe = read_nodes(
        nodes,
        *(names_in(rows, side, "ties").to_list() for side in ("source", "target")),
        since["node"].to_list(),
    )
    whole = float(measure(rows))
    left = ties_without_barrier(rows, reported, barrier, ends=ends)
    without = float(measure(left))
    number = {name: place for place, name in enumerate(universe)}
    strange = [name for name in since["node"] if name not in number]
    if strange:
        raise ArgumentFault("reported", f"it names {shown(strange[0])}, not among the nodes")
    who = np.full(len(universe), -1)
    who[[number[name] for name in since["node"]]] = np.arange(since.height)
    codes, _ = stratum_codes(strata, universe)
    null = np.empty(replicates)
    for draw, dealt in enumerate(shuffled_within(who, codes, replicates, generator(seed))):
        places = np.flatnonzero(dealt >= 0)
        other = pl.DataFrame({"node": [universe[place] for place in places]}).with_columns(
            barrier=pl.lit(barrier), time=since["time"][dealt[places]]
        )
        null[draw] = measure(ties_without_barrier(rows, other, barrier, ends=ends)) - whole
    test = permutation_test(
        without - whole,
        null,
        alternative=alternative,
        seed=seed,
        permuted="which nodes report the barrier" + ("" if strata is None else ", within strata"),
    )
    return BarrierDifference(whole, without, rows.height - left.height, test)


def hazard_by_barrier(
    adoptions: Table, reported: Table, barrier: str, **how: Any
) -> HazardByEarlier:
    """Do nodes adopt more or less often after they reported a barrier?

    `reported` is a frame node, barrier, perhaps time (none: from before the first period). Other
    arguments and the result as in `earlier.hazard_by_earlier`.

    >>> found = hazard_by_barrier(
    ...     {"node": ["A", "B"], "time": [3, 1]},
    ...     {"node": ["A"], "barrier": ["staffing"], "time": [2]}, "staffing",
    ...     nodes=["A", "B", "C"], replicates=99)
    >>> found.difference
    1.0
    """
    return hazard_by_earlier(adoptions, _reports(reported, barrier), argument="reported", **how)
