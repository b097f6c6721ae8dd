"""The compiled loop behind permutation tests of borders: shuffle who is in which group.

Loaded only when such a test is asked for; compiled and kept as in `arrivals`. Up to 256 groups, the
groups of a node in eight shuffles stand in the eight bytes of one number, so that one look at a tie
says in which of the eight it stays inside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrivals import compiled

__all__ = ["shuffled_borders"]

Array = np.ndarray[Any, Any]

LANES, FITS, MOST = 8, 256, 255
LOW = np.uint64(0x7F7F7F7F7F7F7F7F)
HALF, BYTE = np.uint64(0xFFFFFFFF), np.uint64(0xFF)
ONE, BITS = np.uint64(1), np.uint64(32)


@compiled
def _mixed(state: np.uint64) -> np.uint64:
    """64 random bits from a state that goes up by a constant: splitmix64 (Steele et al. 2014)."""
    x = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def _shuffle(drawn: Array, strata: Array, state: np.uint64) -> np.uint64:
    """Shuffle in place, each stratum by itself (Fisher and Yates); the state after it.

    Of each 64 random bits either half, scaled (Lemire 2019), says with which of those from `low` up
    to `at` the last is swapped. All in unsigned numbers: an index that could be negative costs.
    """
    now = state
    for stratum in range(len(strata) - 1):
        low, at = np.uint64(strata[stratum]), np.uint64(strata[stratum + 1]) - ONE
        while at > low and at != ~np.uint64(0):
            now += np.uint64(0x9E3779B97F4A7C15)
            bits = _mixed(now)
            other = low + (((bits & HALF) * (at - low + ONE)) >> BITS)
            drawn[at], drawn[other] = drawn[other], drawn[at]
            at -= ONE
            if at > low:
                other = low + (((bits >> BITS) * (at - low + ONE)) >> BITS)
                drawn[at], drawn[other] = drawn[other], drawn[at]
                at -= ONE
    return now


@compiled
def _inside(source: Array, target: Array, labels: Array) -> int:
    """How many ties stay in a group."""
    count = 0
    for tie in range(len(source)):
        count += labels[source[tie]] == labels[target[tie]]
    return count


@compiled
def _alike(one: np.uint64, other: np.uint64) -> np.uint64:
    """A number with 1 in each byte that is alike in two numbers."""
    apart = one ^ other
    return ~(((apart & LOW) + LOW) | apart | LOW) >> np.uint64(7)


@compiled
def _emptied(found: np.uint64, counts: Array) -> None:
    """Add each byte of a sum to the count of its shuffle."""
    for lane in range(len(counts)):
        counts[lane] += np.int64((found >> np.uint64(8 * lane)) & BYTE)


@compiled
def _inside_each(source: Array, target: Array, packed: Array, counts: Array) -> None:
    """The same in eight shuffles at once. A byte of the sum counts to 255, then it is emptied; that
    a block has a fixed length makes it several times as fast."""
    blocks = len(source) // MOST
    for block in range(blocks):
        found = np.uint64(0)
        for number in range(MOST):
            tie = block * MOST + number
            found += _alike(packed[source[tie]], packed[target[tie]])
        _emptied(found, counts)
    for tie in range(blocks * MOST, len(source)):
        _emptied(_alike(packed[source[tie]], packed[target[tie]]), counts)


@compiled
def _product(labels: Array, sent: Array, got: Array, groups: int) -> float:
    """The sum over groups of (ties sent by its members) * (ties got by them)."""
    out, into = np.zeros(groups), np.zeros(groups)
    for node in range(len(labels)):
        out[labels[node]] += sent[node]
        into[labels[node]] += got[node]
    return float((out * into).sum())


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
    state = _mixed(np.uint64(seed) + ONE)  # so that neighbouring seeds begin far apart
    drawn, packed = labels.copy(), np.zeros(len(labels), np.uint64)
    inside, products = np.zeros(replicates, np.int64), np.zeros(replicates)
    groups = int(labels.max()) + 1
    for first in range(0, replicates, LANES):
        last = min(first + LANES, replicates)
        packed[:] = 0
        for replicate in range(first, last):
            state = _shuffle(drawn, strata, state)
            if len(sent):
                products[replicate] = _product(drawn, sent, got, groups)
            if groups > FITS:
                inside[replicate] = _inside(source, target, drawn)
                continue
            shift = np.uint64(8 * (replicate - first))
            for node in range(len(drawn)):
                packed[node] |= np.uint64(drawn[node]) << shift
        if groups <= FITS:
            _inside_each(source, target, packed, inside[first:last])
    return inside, products
