"""Where things stand on a map: places where they lie, lists in their order, nothing by chance.

Coordinates are pixels of a drawing at its natural size, x to the right, y downwards. The same input
gives the same positions, whatever the order of the rows: there is no force layout and no randomness
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians

__all__ = ["Box", "Place", "column", "projected", "pushed_apart"]

ROUNDS = 400
"""Enough for 42 systems to come to rest; a round is cheap, and an early stop is taken."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Place:
    """A mark on the drawing: its centre and its radius, in pixels."""

    x: float
    y: float
    radius: float


def projected(
    points: Mapping[str, tuple[float, float]], radii: Mapping[str, float], box: Box
) -> dict[str, Place]:
    """Longitudes and latitudes (WGS84 degrees) fitted into a box, north up, in true proportion.

    Equirectangular about the middle latitude: over England no place is more than about 1 % off, far
    less than marks are pushed apart.

    >>> places = projected({"a": (0, 50), "b": (0, 52)}, {"a": 5, "b": 5}, Box(0, 0, 100, 100))
    >>> places["b"].y < places["a"].y
    True
    """
    if not points:
        return {}
    middle = sum(lat for _, lat in points.values()) / len(points)
    flat = {i: (lon * cos(radians(middle)), -lat) for i, (lon, lat) in points.items()}
    left, right = min(x for x, _ in flat.values()), max(x for x, _ in flat.values())
    top, bottom = min(y for _, y in flat.values()), max(y for _, y in flat.values())
    scale = min(box.width / ((right - left) or 1), box.height / ((bottom - top) or 1))
    x0 = box.x + (box.width - (right - left) * scale) / 2
    y0 = box.y + (box.height - (bottom - top) * scale) / 2
    return {
        i: Place(x0 + (x - left) * scale, y0 + (y - top) * scale, radii[i])
        for i, (x, y) in sorted(flat.items())
    }


def pushed_apart(places: Mapping[str, Place], gap: float) -> dict[str, Place]:
    """The same marks, moved just enough that no two come closer than `gap` pixels.

    Pairs that are too close are moved apart along the line between them, half the way each, in the
    order of their ids, until all have room. Two marks on one spot part from left to right.

    >>> near = {"a": Place(0, 0, 5), "b": Place(2, 0, 5)}
    >>> [place.x for place in pushed_apart(near, gap=2).values()]
    [-5.0, 7.0]
    """
    names = sorted(places)
    x = {name: places[name].x for name in names}
    y = {name: places[name].y for name in names}
    for _ in range(ROUNDS):
        moved = False
        for index, one in enumerate(names):
            for other in names[index + 1 :]:
                room = places[one].radius + places[other].radius + gap
                apart = hypot(x[other] - x[one], y[other] - y[one])
                if apart >= room - 0.01:
                    continue
                moved = True
                along_x, along_y = (
                    ((x[other] - x[one]) / apart, (y[other] - y[one]) / apart)
                    if apart
                    else (1.0, 0.0)
                )
                half = (room - apart) / 2
                x[one], y[one] = x[one] - along_x * half, y[one] - along_y * half
                x[other], y[other] = x[other] + along_x * half, y[other] + along_y * half
        if not moved:
            break
    return {n: Place(round(x[n], 1), round(y[n], 1), places[n].radius) for n in names}


def column(
    names: Sequence[str], x: float, top: float, row: float, radius: float
) -> dict[str, Place]:
    """A list of marks from the top down, `row` pixels each, in the order given.

    >>> column(["a", "b"], x=10, top=0, row=20, radius=5)["b"].y
    30.0
    """
    return {
        name: Place(x, round(top + row * (index + 0.5), 1), radius)
        for index, name in enumerate(names)
    }
