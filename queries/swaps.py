"""Another network with the same degrees: the compiled loop that swaps the targets of ties."""

from __future__ import annotations

import numpy as np

from .arrivals import compiled
from .spread_inputs import Array

__all__ = ["swap_targets", "swapped_targets"]


def swap_targets(source: Array, target: Array, first: Array, choices: Array) -> int:
    """Swap the targets of pairs of ties in place; how many swaps were made.

    Ties come sorted by source; `first[i]` is the first tie of node i. A swap that would make a tie
    of a node with itself, or one that is there already, is not made.
    """
    made = 0
    for draw in range(len(choices)):
        a, b = choices[draw, 0], choices[draw, 1]
        i, j, k, m = source[a], target[a], source[b], target[b]
        if i == k or j == m or i == m or k == j:
            continue
        there = False
        for tie in range(first[i], first[i + 1]):
            there = there or target[tie] == m
        for tie in range(first[k], first[k + 1]):
            there = there or target[tie] == j
        if not there:
            target[a], target[b] = m, j
            made += 1
    return made


_swap_compiled = compiled(swap_targets)


def swapped_targets(
    source: Array, target: Array, nodes: int, per_tie: int, chance: np.random.Generator
) -> Array:
    """Targets after `per_tie` attempted swaps for each tie: in- and out-degrees are kept.

    `source` is sorted, no pair comes twice. The order of ties stays.

    >>> from icsgraph.queries.permutation import generator
    >>> drawn = swapped_targets(np.array([0, 1]), np.array([2, 3]), 4, 5, generator(3))
    >>> sorted(drawn.tolist())
    [2, 3]
    """
    drawn = target.copy()
    if len(source):
        first = np.searchsorted(source, np.arange(nodes + 1))
        choices = chance.integers(0, len(source), size=(per_tie * len(source), 2))
        _swap_compiled(source, drawn, first, choices)
    return drawn
