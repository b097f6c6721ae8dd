"""Which group (system, region) each node is in, also where membership has dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import Array, Table, frame_of, names_in, per_node, times_read

__all__ = ["Groups", "group_numbers", "members_at", "universe_with"]

Groups = Table | Mapping[str, Any]
"""A frame {node, group}, or a plain mapping from node to group."""


def group_numbers(groups: Groups, nodes: Sequence[str]) -> tuple[list[str], Array]:
    """The groups by name, sorted, and for each node the number of its group; -1 for none.

    `groups` is a frame {node, group} or a plain mapping; a node it does not name is in no group.

    >>> group_numbers({"A": "north", "B": "south"}, ["A", "B", "C"])[1].tolist()
    [0, 1, -1]
    """
    of = per_node(groups, nodes, "group", "groups").cast(pl.String)
    names = of.drop_nulls().unique().sort().to_list()
    if not names:
        raise ArgumentFault("groups", "no node is in any group")
    numbers = of.replace_strict(names, list(range(len(names))), default=None)
    return names, np.array(numbers.fill_null(-1), dtype=np.int64)


def universe_with(
    ties: Table, groups: Groups, nodes: Iterable[object] | pl.Series | None
) -> Iterable[object] | pl.Series:
    """The universe: as given, or every node that the ties or the groups name, sorted.

    A member of a group without ties counts as a node that could be tied.

    >>> universe_with({"source": ["A"], "target": ["B"]}, {"C": "north"}, None)
    ['A', 'B', 'C']
    """
    if nodes is not None:
        return nodes
    rows = frame_of(ties, "ties", ["source", "target"])
    ends = [names_in(rows, side, "ties") for side in ("source", "target")]
    if isinstance(groups, Mapping) and "node" not in groups:
        members = pl.Series([str(node) for node in groups], dtype=pl.String)
    else:
        members = names_in(frame_of(groups, "groups", ["node", "group"]), "node", "groups")
    named = [column.alias("node") for column in (*ends, members)]
    return pl.concat(named).unique().sort().to_list()


def members_at(groups: Groups, moment: float) -> Groups:
    """The groups of one time: rows with start <= moment < end, of a frame that has these columns.

    Without such columns membership holds always (convention C10 asks for it to be dated). Times
    are numbers as `spread_inputs.times_read` gives them. ArgumentFault if a node is in two groups.

    >>> rows = {"node": ["A", "A"], "group": ["x", "y"], "start": [0, 5], "end": [5, None]}
    >>> members_at(rows, 5.0)["group"].to_list()
    ['y']
    """
    if isinstance(groups, Mapping) and "node" not in groups:
        return groups
    rows = frame_of(groups, "groups", ["node", "group"])
    dates = {"start": float("-inf"), "end": float("inf")}
    read = {
        side: times_read(rows[side], "groups")[1].fill_null(unknown)
        for side, unknown in dates.items()
        if side in rows.columns
    }
    held = pl.Series([True] * rows.height, dtype=pl.Boolean)
    if "start" in read:
        held &= read["start"] <= moment
    if "end" in read:
        held &= read["end"] > moment
    return rows.filter(held)
