"""Two levels at once: ties of members seen as ties of their groups, by membership at the time.

A provider can belong to several systems, and change them; borders of systems moved. So a tie counts
for the groups of its two ends in the time in which the tie and both memberships hold, all half-open
(C10). A tie whose members change group is cut at the change; a member of two groups at once gives
its ties to both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .diffusion import time_to_share
from .spread_inputs import (
    ALWAYS,
    Scale,
    Table,
    frame_of,
    names_in,
    refuse_undated,
    spells_in,
    times_of,
    times_read,
)
from .spread_periods import joint_scale

__all__ = ["AtLevel", "adoptions_at_level", "at_level"]

LONG_AGO = -(10.0**15)


@dataclass(frozen=True, slots=True, eq=False)
class AtLevel:
    """Ties between groups, and how many ties of members have no group at one end at any time.

    `ties` has source, target (groups), start, end (if anything is dated), inside (both ends in one
    group), source_member, target_member and the other columns of the ties of members. Measures
    leave ties of a group with itself out.
    """

    ties: pl.DataFrame
    unplaced: int


def at_level(ties: Table, memberships: Table) -> AtLevel:
    """Which groups are tied, and when, if their members are?

    `memberships` is a frame member, group and perhaps start, end: half-open, null where open.

    >>> found = at_level(
    ...     {"source": ["a"], "target": ["b"], "start": [1], "end": [9]},
    ...     {"member": ["a", "b", "b"], "group": ["X", "X", "Y"], "start": [0, 0, 5],
    ...      "end": [None, 5, None]})
    >>> found.ties.select("source", "target", "start", "end", "inside").rows()
    [('X', 'X', 1, 5, True), ('X', 'Y', 5, 9, False)]
    """
    rows = frame_of(ties, "ties", ["source", "target"])
    scale, (start, end) = spells_in(rows, "ties")
    refuse_undated(rows, [start, end], "ties")
    placed, group_scale = _memberships(memberships)
    joint = joint_scale([("ties", scale), ("memberships", group_scale)])
    members = rows.rename({"source": "source_member", "target": "target_member"})
    members = members.with_columns(
        names_in(rows, "source", "ties").alias("source_member"),
        names_in(rows, "target", "ties").alias("target_member"),
        start,
        end,
    ).with_row_index("_tie")
    found = _within(_within(members, placed, "source"), placed, "target")
    unplaced = rows.height - found["_tie"].n_unique()
    inside = (pl.col("source") == pl.col("target")).alias("inside")
    first = ["source", "target", "start", "end"]
    ordered = found.sort("_tie", "start", "source", "target").with_columns(inside)
    others = [name for name in ordered.columns if name not in (*first, "_tie")]
    return AtLevel(_with_times(ordered.select(first + others), joint), unplaced)


def _memberships(memberships: Table) -> tuple[pl.DataFrame, Scale | None]:
    rows = frame_of(memberships, "memberships", ["member", "group"])
    scale, (start, end) = spells_in(rows, "memberships")
    names = [names_in(rows, name, "memberships") for name in ("member", "group")]
    spells = [start.alias("group_start"), end.alias("group_end")]
    return pl.DataFrame([*names, *spells]).unique(maintain_order=True), scale


def _within(ties: pl.DataFrame, placed: pl.DataFrame, side: str) -> pl.DataFrame:
    """Ties in the time in which their member at one end is in a group."""
    joined = ties.join(
        placed.rename({"group": side}), left_on=f"{side}_member", right_on="member", how="inner"
    )
    cut = joined.with_columns(
        start=pl.max_horizontal("start", "group_start"), end=pl.min_horizontal("end", "group_end")
    )
    return cut.drop("group_start", "group_end").filter(pl.col("start") < pl.col("end"))


def _with_times(rows: pl.DataFrame, scale: Scale | None) -> pl.DataFrame:
    """Times as they are written; a tie without any limit among dated ones begins long ago."""
    if scale is None:
        return rows.drop("start", "end")
    start, end = rows["start"].to_numpy().copy(), rows["end"].to_numpy()
    earliest = times_read(pl.Series([ALWAYS]), "ties")[1][0]
    long_ago = earliest if scale is Scale.DAY else LONG_AGO
    start[np.isinf(start) & np.isinf(end)] = long_ago
    return rows.with_columns(times_of(start, scale, "start"), times_of(end, scale, "end"))


def adoptions_at_level(
    adoptions: Table, memberships: Table, *, share: float | None = None
) -> pl.DataFrame:
    """When did each group adopt: with its first member, or when a share of its members had?

    Returns node (the group) and time, null if it did not, groups in order. A member that adopted
    before it joined counts from the day it joined; who left does not count from then on.

    >>> taken = {"node": ["a", "b"], "time": [3, 7]}
    >>> groups = {"member": ["a", "b"], "group": ["X", "X"]}
    >>> adoptions_at_level(taken, groups).rows(), adoptions_at_level(taken, groups, share=1).rows()
    ([('X', 3)], [('X', 7)])
    """
    rows = frame_of(adoptions, "adoptions", ["node", "time"])
    scale, times = times_read(rows["time"], "adoptions")
    placed, group_scale = _memberships(memberships)
    joint = joint_scale([("adoptions", scale), ("memberships", group_scale)])
    names = names_in(rows, "node", "adoptions")
    if names.is_duplicated().any():
        raise ArgumentFault("adoptions", "a node comes twice", "Give one row for each node.")
    taken = pl.DataFrame({"member": names, "time": times.fill_null(np.inf)})
    each = placed.join(taken, on="member", how="left", maintain_order="left").with_row_index(
        "place"
    )
    when = pl.max_horizontal(pl.col("time").fill_null(np.inf), "group_start")
    each = each.with_columns(
        pl.when(when < pl.col("group_end")).then(when).otherwise(np.inf).alias("time")
    )
    if share is None:
        first = each.group_by("group").agg(pl.col("time").min()).sort("group")
        return pl.DataFrame(
            {"node": first["group"], "time": times_of(first["time"].to_numpy(), joint)}
        )
    return _by_share(each, joint, share)


def _by_share(each: pl.DataFrame, scale: Scale | None, share: float) -> pl.DataFrame:
    """The first time at which a share of the members of that time had adopted."""
    node = each["place"].cast(pl.String)
    columns: dict[str, Any] = {
        name: times_of(each[column].to_numpy(), scale)
        for name, column in (("time", "time"), ("start", "group_start"), ("end", "group_end"))
    }
    found = time_to_share(
        {"node": node, "time": columns["time"]},
        share,
        nodes=node,
        existing={"node": node, "start": columns["start"], "end": columns["end"]},
        groups={"node": node, "group": each["group"]},
    )
    return found.select(pl.col("group").alias("node"), "time").sort("node")
