"""Spread among members of groups: whoever is in one group counts for one another.

Practices of a commissioner, systems of a region: writing each pair as a tie makes millions of rows
that say one thing. Here a node's exposure is the share of the *other* members of its group, and the
shuffle test of `association` runs on counts by group and period. Both give what the functions on
ties give on all pairs.

`memberships` is a frame node, group and perhaps start, end (half-open, null where open); a node is
in one group at a time. Nodes without a group have no alters. Inputs and errors otherwise as in
`spread_inputs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, shown
from .association import ShuffleTest, logit_on_counts, movable_adopters
from .permutation import generator, permutation_test, shuffled_within, stratum_codes
from .spread_inputs import (
    Array,
    Table,
    frame_of,
    names_in,
    read_adoptions,
    read_nodes,
    spells_in,
)
from .spread_periods import Periods, PeriodsGiven, joint_scale, read_periods

__all__ = ["group_shuffle_test"]

BLOCK = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """Spells of membership as numbers: node, group, and the periods from `begins` to `ends`."""

    nodes: tuple[str, ...]
    node: Array
    group: Array
    begins: Array
    ends: Array
    groups: int
    periods: Periods
    adopted: Array


def _grouped(
    memberships: Table,
    adoptions: Table,
    nodes: Iterable[object] | pl.Series | None,
    periods: PeriodsGiven,
) -> _Grouped:
    rows = frame_of(memberships, "memberships", ["node", "group"])
    taken_rows = frame_of(adoptions, "adoptions", ["node", "time"])
    names = names_in(rows, "node", "memberships")
    universe = read_nodes(
        nodes,
        names.to_list(),
        names_in(taken_rows, "node", "adoptions").to_list(),
    )
    taken = read_adoptions(taken_rows, universe)
    scale, (start, end) = spells_in(rows, "memberships")
    joint = joint_scale([("memberships", scale), ("adoptions", taken.scale)])
    looked = read_periods(periods, taken.first, joint)
    number = {name: place for place, name in enumerate(universe)}
    unknown = next((name for name in names if name not in number), None)
    if unknown is not None:
        raise ArgumentFault("memberships", f"it names {shown(unknown)}, not among the nodes")
    groups = names_in(rows, "group", "memberships").rank("dense").to_numpy().astype(np.int64) - 1
    node = np.array([number[name] for name in names], dtype=np.int64)
    begins, ends = looked.of(start.to_numpy()), looked.of(end.to_numpy())
    seen = begins < ends
    spells = (node[seen], groups[seen], begins[seen], ends[seen])
    _refuse_two(universe, *spells)
    count = int(groups.max(initial=-1)) + 1
    return _Grouped(universe, *spells, count, looked, looked.of(taken.first))


def _refuse_two(
    universe: tuple[str, ...], node: Array, group: Array, begins: Array, ends: Array
) -> None:
    order = np.lexsort((begins, node))
    again = (node[order][1:] == node[order][:-1]) & (begins[order][1:] < ends[order][:-1])
    if again.any():
        name = universe[int(node[order][1:][again][0])]
        raise ArgumentFault("memberships", f"{shown(name)} is in two groups at a time")


def group_shuffle_test(
    memberships: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    strata: Table | Mapping[str, Any] | None = None,
    replicates: int = 1000,
    level: float = 0.05,
    seed: int = 0,
) -> ShuffleTest:
    """Are dates of adoption clustered within groups, more than if they were dealt anew in `strata`?

    As `association.shuffle_test` with every two members of a group tied while both are in it. The
    number of earlier adopters is that of the other members who adopted before.

    >>> members = {"node": ["A", "B", "C", "D"], "group": ["x", "x", "y", "y"]}
    >>> taken = {"node": ["A", "B", "C", "D"], "time": [1, 2, 5, 6]}
    >>> found = group_shuffle_test(members, taken, replicates=99)
    >>> found.person_periods, found.adoptions
    (10, 3)
    """
    read = _grouped(memberships, adoptions, nodes, periods)
    end = len(read.periods)
    codes, count = stratum_codes(strata, read.nodes)
    adopters = np.flatnonzero(read.adopted < end)
    dates = read.adopted[adopters]
    observed = logit_on_counts(*_counts(read, read.adopted[None, :]))
    null = np.empty(replicates)
    chance = generator(seed)
    size = max(1, BLOCK // max(1, read.groups * (end + 1), len(read.node)))
    for first in range(0, replicates, size):
        draws = min(size, replicates - first)
        when = np.repeat(read.adopted[None, :], draws, axis=0)
        when[:, adopters] = shuffled_within(dates, codes[adopters], draws, chance)
        null[first : first + draws] = logit_on_counts(*_counts(read, when))[:, 0]
    alpha, error, beta, rows, adopted = observed[0].tolist()
    within = "" if count == 1 else ", within strata"
    test = permutation_test(
        alpha, null, level=level, seed=seed, permuted=f"dates among adopters{within}"
    )
    movable = movable_adopters(codes[adopters], dates)
    return ShuffleTest(alpha, error, beta, int(rows), int(adopted), count, movable, test)


def _counts(read: _Grouped, when: Array) -> tuple[Array, Array]:
    """Persons at risk, and adopting, by number of earlier adopters in their group, for each draw.

    Arrays of shape (draws, numbers). A node that has not adopted is not among the adopters of its
    group, so that their number is that of the other members.
    """
    end, draws = len(read.periods), len(when)
    own = when[:, read.node]
    first = np.maximum(read.begins, 1)
    earlier = _running(read, np.maximum(own + 1, read.begins), read.ends, end)
    at_risk = _running(read, first, np.minimum(read.ends, own + 1), end)
    took = (own >= first) & (own < read.ends)
    adopting = _running(read, np.where(took, own, end), np.where(took, own + 1, end), end)
    width = int(max(earlier.max(initial=0), 0)) + 1
    counted = _histograms(earlier, at_risk, width), _histograms(earlier, adopting, width)
    return _with_groupless(read, when, *counted, draws)


def _running(read: _Grouped, begins: Array, ends: Array, end: int) -> Array:
    """How many spells of a group hold in each period: shape (draws, groups * (periods + 1))."""
    begins, ends = np.broadcast_arrays(np.atleast_2d(begins), np.atleast_2d(ends))
    draws, width = len(begins), read.groups * (end + 1)
    some = begins < ends
    offset = read.group * (end + 1) + width * np.arange(draws)[:, None]
    steps = np.bincount((offset + begins)[some], minlength=width * draws)
    steps -= np.bincount((offset + ends)[some], minlength=width * draws)
    held: Array = np.cumsum(steps.reshape(draws, read.groups, end + 1), axis=2)
    return held.reshape(draws, width)


def _histograms(values: Array, weights: Array, width: int) -> Array:
    """For each draw, the sum of weights by value."""
    place = values + width * np.arange(len(values))[:, None]
    sums = np.bincount(place.ravel(), weights.ravel(), width * len(values))
    return sums.reshape(len(values), width)


def _with_groupless(
    read: _Grouped, when: Array, at_risk: Array, adopting: Array, draws: int
) -> tuple[Array, Array]:
    """Nodes in the periods in which they are in no group: they have no earlier adopter."""
    end = len(read.periods)
    in_group = np.zeros((len(read.nodes), end + 1), dtype=np.int64)
    np.add.at(in_group, (read.node, read.begins), 1)
    np.add.at(in_group, (read.node, read.ends), -1)
    free = np.cumsum(in_group, axis=1)[:, :end] == 0
    free[:, 0] = False
    before = np.concatenate([np.zeros((len(free), 1), int), np.cumsum(free, axis=1)], axis=1)
    each = np.arange(len(free))
    at_risk[:, 0] += before[each, np.minimum(when + 1, end)].sum(axis=1)
    padded = np.concatenate([free, np.zeros((len(free), 1), bool)], axis=1)
    adopting[:, 0] += padded[each, when].sum(axis=1)
    return at_risk, adopting
