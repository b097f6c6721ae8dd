"""The compiled loop behind permutation tests of borders: shuffle who is in which group.

Loaded only when such a test is asked for; compiled and kept as in `arrivals`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrivals import compiled

__all__ = ["shuffled_borders"]

Array = np.ndarray[Any, Any]


@compiled
def _draw(state: Array, below: int) -> int:
    """A random whole number below `below`: xorshift64*, its upper half scaled (Lemire)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    upper = (x * np.uint64(2685821657736338717)) >> np.uint64(32)
    return int((upper * np.uint64(below)) >> np.uint64(32))


@compiled
def _inside(source: Array, target: Array, labels: Array) -> int:
    """How many ties stay in a group."""
    count = 0
    for tie in range(len(source)):
        count += labels[source[tie]] == labels[target[tie]]
    return count


@compiled
def shuffled_borders(
    source: Array,
    target: Array,
    labels: Array,
    strata: Array,
    sent: Array,
    got: Array,
    replicates: int,
    seed: int,
) -> tuple[Array, Array]:
    """For each shuffle of labels: the ties that stay inside, and the sum over groups of
    (ties sent by its members) * (ties got by them).

    Labels are shuffled among nodes of one stratum: nodes `strata[s]` up to before `strata[s + 1]`.
    Without `sent` and `got` (empty) the sums are 0.
    """
    state = np.array([seed], np.uint64) * np.uint64(2654435769) + np.uint64(88172645463325252)
    drawn = labels.copy()
    inside, products = np.zeros(replicates, np.int64), np.zeros(replicates)
    out, into = np.zeros(labels.max() + 1), np.zeros(labels.max() + 1)
    for replicate in range(replicates):
        for stratum in range(len(strata) - 1):
            low = strata[stratum]
            for at in range(strata[stratum + 1] - 1, low, -1):
                other = low + _draw(state, at - low + 1)
                drawn[at], drawn[other] = drawn[other], drawn[at]
        inside[replicate] = _inside(source, target, drawn)
        if len(sent):
            out[:], into[:] = 0, 0
            for node in range(len(drawn)):
                out[drawn[node]] += sent[node]
                into[drawn[node]] += got[node]
            products[replicate] = (out * into).sum()
    return inside, products
