"""The compiled loops behind time-respecting paths: arrays in, arrays out.

Loaded only when a path is asked for, since numba takes half a second to import. The machine code is
kept beside this file, or in the user's cache where the installation is read-only; a second process
reads it from there.

A network is held twice. In compressed rows: the ties of node u are numbers `first[u]` up to but not
including `first[u + 1]`, each with the node it leads to (`head`) and its half-open interval of use
`spell[tie] = (onset, terminus)`. And the same ties in order of their onset, with both ends
(`opening_ends`, `opening_spell`). Backward questions use the same loops on reversed ties with
negated times.

No heap is needed: candidates come in order of time. A tie either is open when its tail is reached,
or opens later and is met in the order of onsets; a hop always lasts the same, so what is reached
waits in a plain queue. One search looks at each tie twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = [
    "arrivals",
    "compiled",
    "contact_steps",
    "group_arrivals",
    "informed",
    "reach_counts",
    "routes",
]

Array = np.ndarray[Any, Any]
Network = tuple[Array, Array, Array, Array, Array]
"""first, head, spell, opening ends, opening spells."""
Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """The function as machine code, kept for the next process wherever a folder can be written."""
    made: Any
    if not kernel.__module__.startswith("icsgraph."):  # what is kept names the module that made it
        return cast(Kernel, njit(nogil=True)(kernel))
    try:
        made = njit(cache=True, nogil=True)(kernel)
    except RuntimeError:  # numba found no folder to write to: compile anew in each process
        made = njit(nogil=True)(kernel)
    return cast(Kernel, made)


@compiled
def _reach(other: int, arrive: float, best: Array, queue: Array, waiting: int) -> int:
    """Note a first arrival; how many have been queued now."""
    best[other] = arrive
    queue[waiting] = other
    return waiting + 1


@compiled
def _leave(
    network: Network, node: int, end: float, hop: float, best: Array, queue: Array, waiting: int
) -> int:
    """Take every tie of a node that is open when the node is reached; how many are queued now."""
    first, head, spell, _, _ = network
    now = best[node]
    arrive = now + hop
    for tie in range(first[node], first[node + 1]):
        close = min(spell[tie, 1], end)
        if spell[tie, 0] <= now < close and arrive <= close and arrive < best[head[tie]]:
            waiting = _reach(head[tie], arrive, best, queue, waiting)
    return waiting


@compiled
def _spread(
    network: Network,
    sources: Array,
    begins: Array,
    end: float,
    hop: float,
    best: Array,
    queue: Array,
) -> None:
    """Lower `best` to the earliest arrival at each node.

    It comes filled: infinite for all but nodes that must not be reached (minus infinity). `sources`
    come in order of `begins`; `queue` has room for every node.
    """
    _, _, _, ends, spell = network
    for at in range(len(sources)):
        best[sources[at]] = min(best[sources[at]], begins[at])
    source, done, waiting = 0, 0, 0
    opening = np.searchsorted(spell[:, 0], begins[0]) if len(begins) else len(ends)
    while True:
        starts = begins[source] if source < len(sources) else np.inf
        reached = best[queue[done]] if done < waiting else np.inf
        opens = spell[opening, 0] if opening < len(ends) else np.inf
        if done < waiting and reached <= min(starts, opens):
            waiting = _leave(network, queue[done], end, hop, best, queue, waiting)
            done += 1
        elif source < len(sources) and starts <= opens:
            if starts == best[sources[source]]:  # else it was reached before
                waiting = _leave(network, sources[source], end, hop, best, queue, waiting)
            source += 1
        elif opening < len(ends):
            tail, other = ends[opening, 0], ends[opening, 1]
            arrive, close = opens + hop, min(spell[opening, 1], end)
            if -np.inf < best[tail] <= opens < close and arrive <= close and arrive < best[other]:
                waiting = _reach(other, arrive, best, queue, waiting)
            opening += 1
        else:
            return


@compiled
def arrivals(network: Network, sources: Array, begins: Array, end: float, hop: float) -> Array:
    """Earliest arrival at every node from any of `sources`, infinite if none."""
    count = len(network[0]) - 1
    best = np.full(count, np.inf)
    _spread(network, sources, begins, end, hop, best, np.empty(count, np.int64))
    return best


@compiled
def group_arrivals(
    network: Network, groups: Array, count: int, wanted: Array, begin: float, end: float, hop: float
) -> Array:
    """Earliest arrival at anyone of group b from anyone of group a, for each a of `wanted`.

    `groups` holds each node's group from 0, or -1 for none. Within a group it is `begin`, also for
    a group without members.
    """
    nodes = len(groups)
    best, queue = np.empty(nodes), np.empty(nodes, np.int64)
    firsts = np.full((len(wanted), count), np.inf)
    for row, group in enumerate(wanted):
        best[:] = np.inf
        sources = np.flatnonzero(groups == group)
        _spread(network, sources, np.full(len(sources), begin), end, hop, best, queue)
        for node in range(nodes):
            if groups[node] >= 0:
                firsts[row, groups[node]] = min(firsts[row, groups[node]], best[node])
        firsts[row, group] = begin
    return firsts


@compiled
def reach_counts(
    network: Network, sources: Array, without: Array, begin: float, end: float, hop: float
) -> tuple[Array, Array]:
    """How many nodes each source can reach from `begin` on, itself and those `without` left out.

    Twice: in the network as it is, and if nobody could pass the nodes that `without` marks.
    """
    best, queue = np.empty(len(without)), np.empty(len(without), np.int64)
    counts, fewer = np.zeros(len(sources), np.int64), np.zeros(len(sources), np.int64)
    one, none = np.empty(1, np.int64), not without.any()
    for at in range(len(sources)):
        one[0] = sources[at]
        if without[sources[at]]:
            continue
        best[:] = np.inf
        _spread(network, one, np.full(1, begin), end, hop, best, queue)
        counts[at] = (np.isfinite(best) & ~without).sum() - 1
        fewer[at] = counts[at]
        if none:
            continue
        best[:] = np.where(without, -np.inf, np.inf)
        _spread(network, one, np.full(1, begin), end, hop, best, queue)
        fewer[at] = np.isfinite(best).sum() - 1
    return counts, fewer


@compiled
def routes(
    network: Network, best: Array, sources: Array, end: float, hop: float
) -> tuple[Array, Array, Array]:
    """For each node the hops, the node before and the tie of one quickest route; -1 where none.

    Every part of the route is a quickest one itself; among those it has the fewest hops, then the
    first tie in order. `best` are the arrivals from `sources`.
    """
    first, head, spell, _, _ = network
    hops, before = np.full(len(best), -1), np.full(len(best), -1)
    through, queue = np.full(len(best), -1), np.empty(len(best), np.int64)
    done, waiting = 0, 0
    for source in sources:
        if hops[source] < 0:
            hops[source], queue[waiting] = 0, source
            waiting += 1
    while done < waiting:
        node = queue[done]
        done += 1
        for tie in range(first[node], first[node + 1]):
            other, close = head[tie], min(spell[tie, 1], end)
            leave = max(best[node], spell[tie, 0])
            fits = leave < close and leave + hop <= close and leave + hop == best[other]
            if fits and hops[other] < 0:
                hops[other], before[other], through[other] = hops[node] + 1, node, tie
                queue[waiting] = other
                waiting += 1
    return hops, before, through


@compiled
def _begin(
    network: Network,
    together: Array,
    begins: Array,
    end: float,
    hop: float,
    best: Array,
    own: Array,
    queue: Array,
    waiting: int,
) -> int:
    """Start nodes that begin at one instant, but for those reached by then; how many are queued."""
    for node in together:
        if begins[node] < best[node]:
            best[node], own[node] = begins[node], True
    for node in together:
        if own[node]:
            waiting = _leave(network, node, end, hop, best, queue, waiting)
    return waiting


@compiled
def informed(network: Network, begins: Array, end: float, hop: float) -> Array:
    """Which nodes are reached, by the time each begins, from one that began earlier?

    `begins` is infinite for nodes that never begin. What arrives at an instant comes before what
    begins at it, so a node that begins at the same instant is no source.
    """
    _, _, _, ends, spell = network
    best, own = np.full(len(begins), np.inf), np.zeros(len(begins), np.bool_)
    order, queue = np.argsort(begins), np.empty(len(begins), np.int64)
    begun, opening, done, waiting = 0, 0, 0, 0
    while True:
        starts = begins[order[begun]] if begun < len(order) else np.inf
        opens = spell[opening, 0] if opening < len(ends) else np.inf
        if done < waiting and best[queue[done]] <= min(starts, opens):
            waiting = _leave(network, queue[done], end, hop, best, queue, waiting)
            done += 1
        elif opening < len(ends) and opens <= starts:
            tail, other = ends[opening, 0], ends[opening, 1]
            arrive, close = opens + hop, min(spell[opening, 1], end)
            if best[tail] <= opens < close and arrive <= close and arrive < best[other]:
                waiting = _reach(other, arrive, best, queue, waiting)
            opening += 1
        elif starts < np.inf:
            until = begun
            while until < len(order) and begins[order[until]] == starts:
                until += 1
            same = order[begun:until]
            waiting = _begin(network, same, begins, end, hop, best, own, queue, waiting)
            begun = until
        else:
            return (best <= begins) & ~own & np.isfinite(begins)


@compiled
def contact_steps(
    first: Array, head: Array, time: Array, source: int, begin: float, end: float, wait: float
) -> tuple[Array, Array]:
    """For each contact the fewest contacts that lead to and through it, and the one before; or -1.

    Contacts are in order of their tail, then of time. The first contact may come any time from
    `begin` on; each next one is strictly later, at most `wait` later, and before `end`.
    """
    steps, before = np.full(len(head), -1), np.full(len(head), -1)
    queue, unseen = np.empty(len(head), np.int64), np.arange(len(head) + 1)
    done, waiting, now, node, at = 0, 0, 0.0, source, -1
    while True:
        low, high = first[node], first[node + 1]
        if at < 0:
            contact = low + np.searchsorted(time[low:high], begin)
            last = low + np.searchsorted(time[low:high], end)
        else:
            contact = low + np.searchsorted(time[low:high], now, side="right")
            last = low + np.searchsorted(time[low:high], now + wait, side="right")
            last = min(last, low + np.searchsorted(time[low:high], end))
        while contact < last:
            while unseen[contact] != contact:  # jump over contacts that were met before
                unseen[contact] = unseen[unseen[contact]]
                contact = unseen[contact]
            if contact >= last:
                break
            steps[contact] = 1 if at < 0 else steps[at] + 1
            before[contact], unseen[contact] = at, contact + 1
            queue[waiting] = contact
            waiting += 1
        if done == waiting:
            return steps, before
        at = queue[done]
        now, node = time[at], head[at]
        done += 1
