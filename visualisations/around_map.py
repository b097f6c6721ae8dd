"""The map around one thing: what it is tied to, and what that is tied to, in rings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import atan2, ceil, cos, pi, sin

from ..graph.snapshot import Snapshot
from ..graph.views import on_day
from ..ontology.dates import read_day
from ..ontology.errors import UnknownName, UsageError
from ..ontology.model import NODE_KINDS
from ..queries.resolve import resolve
from .layout import Place
from .network_map import MOST_MARKS, Plan, largest, network_page, thinned
from .network_words import fewer, left_out
from .statements import between, evidence_of, touching
from .things import things
from .wording import counted, of_day

__all__ = ["MOST_HOPS", "around_map", "ring_places"]

MOST_HOPS = 3
MOST_AROUND = 500
"""Marks around one thing unless asked for otherwise: of more, no line can be followed."""

FIRST_MEANT = ("Organisation", "Location", "System", "Area", "Innovation", "Barrier", "Review")
SPACE, LEAST_SPACE, BAND = 30.0, 20.0, 26.0
RADIUS = {0: 13.0, 1: 8.0}
SMALL = 5.5


@dataclass(frozen=True)
class _Reached:
    """The ids within reach, ring by ring, how many were left out, and each one's ring before."""

    rings: Sequence[Sequence[str]]
    left: int
    parents: Mapping[str, str]


def around_map(
    snapshot: Snapshot,
    thing: str,
    *,
    hops: int = 2,
    limit: int = MOST_AROUND,
    on: str | None = None,
) -> str:
    """The map of all within so many ties of one thing, by its id, code or name.

    The thing stands in the middle, what it is tied to in a ring around it, and so on; of more than
    `limit` things those with the most ties are kept. `on` (ISO day) draws what may have held then.
    `UnknownName` with the nearest names if there is no such thing, `UsageError` for less than one
    tie or more than three, and for a limit below two or above 1,500.

    >>> import icsgraph
    >>> html = around_map(icsgraph.open().snapshot, "Virtual ward", hops=1)
    >>> "Around Virtual ward" in html
    True
    """
    if not 1 <= hops <= MOST_HOPS:
        raise UsageError(f"--hops is {hops}.", f"Between 1 and {MOST_HOPS} ties can be drawn.")
    if not 2 <= limit <= MOST_MARKS:
        raise UsageError(f"--limit is {limit}.", f"From 2 to {MOST_MARKS:,} things can be drawn.")
    day = "" if on is None else read_day(on).isoformat()
    seen = on_day(snapshot, day) if day else snapshot
    middle = _meant(snapshot, thing)
    reached = _reached(seen, middle, hops, limit)
    ids = [i for ring in reached.rings for i in ring]
    shown = things(seen, ids)
    if middle not in shown:  # it did not stand on that day
        reached, shown = _Reached([[]], 0, {}), {}
    stated = between(seen, shown)
    kept = thinned(stated, reached.parents)
    evidence = evidence_of(seen, kept, shown)
    rings = [[i for i in ring if i in shown] for ring in reached.rings]
    places = ring_places(rings, reached.parents)
    name = shown[middle].name if shown else thing
    return network_page(
        seen,
        Plan(
            name="around",
            heading=f"Around {name}",
            reading=(
                f"{name} stands in the middle, what it is tied to in the first ring"
                f"{', what that is tied to in the next' if len(rings) > 2 else ''}.",
                "Choose a mark or a line to read what is stated, by whom, and of when.",
            ),
            absent=[
                *left_out(len(ids), reached.left),
                *fewer(len(kept), len(stated)),
                f"Nothing farther than {counted(hops, 'tie')} away is drawn.",
            ],
            things=shown,
            evidence=evidence,
            places=places,
            empty=f"{name} is not recorded on this day, so there is nothing to draw.",
            day=of_day(day),
            asked=f"Within {counted(hops, 'tie')} of {name}",
        ),
    )


def _meant(snapshot: Snapshot, thing: str) -> str:
    """The id of what is meant: of a body, place, innovation or barrier before that of a term or
    finding of the same name."""
    with suppress(UnknownName):
        return resolve(snapshot, thing, FIRST_MEANT)
    return resolve(snapshot, thing, list(NODE_KINDS))


def _reached(snapshot: Snapshot, middle: str, hops: int, limit: int) -> _Reached:
    """Ring after ring, each thing in the nearest one, until a map is full."""
    rings, known, left = [[middle]], {middle}, 0
    parents: dict[str, str] = {}
    for _ in range(hops):
        degrees: Counter[str] = Counter()
        for row in touching(snapshot, rings[-1]):
            for near, far in ((row["subject"], row["object"]), (row["object"], row["subject"])):
                if near in rings[-1] and far not in known:
                    degrees[far] += 1
                    parents.setdefault(far, near)
        fresh, more = largest(list(degrees), degrees, most=limit - len(known))
        left += more
        if not fresh:
            break
        rings.append(fresh)
        known |= set(fresh)
    return _Reached(rings, left, parents)


def ring_places(rings: Sequence[Sequence[str]], parents: Mapping[str, str]) -> dict[str, Place]:
    """Things in rings, each near the one in the ring before that it hangs on.

    A ring that would be too wide is drawn as several close ones.

    >>> places = ring_places([["a"], ["b", "c"]], {"b": "a", "c": "a"})
    >>> places["a"], places["b"].y
    (Place(x=0.0, y=0.0, radius=13.0), 0.0)
    """
    places: dict[str, Place] = {}
    edge = 0.0
    for hop, ring in enumerate(rings):
        if hop == 0:
            places |= {i: Place(0.0, 0.0, RADIUS[0]) for i in ring}
            edge = 70.0
            continue
        hangs = {i: parents.get(i, "") for i in ring}
        angles = {i: _angle(places.get(hangs[i])) for i in ring}
        order = sorted(ring, key=lambda i: (angles[i], hangs[i], i))
        bands = _bands(len(order), edge)
        around = ceil(len(order) / bands)  # in each band as many, so that the ends meet in none
        edge = max(edge, around * LEAST_SPACE / (2 * pi))
        radius = RADIUS.get(hop, SMALL)
        for index, i in enumerate(order):
            far = edge + BAND * (index % bands)
            angle = 2 * pi * index / (around * bands)
            places[i] = Place(round(far * cos(angle), 1), round(far * sin(angle), 1), radius)
        edge += BAND * (bands - 1) + 90.0
    return places


def _angle(place: Place | None) -> float:
    return atan2(place.y, place.x) % (2 * pi) if place else 0.0


def _bands(number: int, edge: float) -> int:
    """How many close rings so many marks need, the innermost of this radius."""
    bands = 1
    while bands < number and number * SPACE > bands * 2 * pi * (edge + BAND * (bands - 1) / 2):
        bands += 1
    return max(1, min(bands, ceil(number / 6)))
