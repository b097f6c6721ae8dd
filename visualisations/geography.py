"""Where systems lie in England: their outlines on a map, and a tile of equal area for each.

Longitude and latitude (WGS84 degrees) are projected by the transverse Mercator projection about
two degrees west, as the National Grid is, on a sphere: no place of England is more than half a
percent off. Outlines are made small by laying every point on a grid of half a pixel: points of a
border that two systems share fall on the same place for both, so no gap opens between them.

Tiles stand in a declared picture of England; each system takes the tile that makes the sum of
squared distances from where the systems lie least (Kuhn 1955, by scipy). The same systems give the
same tiles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, atanh, cos, radians, sin

from .layout import Box

__all__ = ["GRIDS", "Outline", "Ring", "outlines", "projection", "tiles"]

Point = tuple[float, float]
Ring = Sequence[Point]

MERIDIAN = -2.0
FINEST = 0.5
"""Pixels: points of outlines are laid on multiples of it."""

SMALLEST = 2.0
"""Pixels: islands that are smaller both ways are left out."""

LINES_HIGH = 9.0
"""Pixels above and below the middle of a name that must lie inside its area, too."""

DOWN = 3.0
"""How much a step north or south weighs against one east or west: few mix up north and south."""

GRIDS: dict[int, tuple[str, ...]] = {
    42: (
        "...#....",
        "..###...",
        "..####..",
        "..#####.",
        ".######.",
        ".######.",
        "..#####.",
        ".#######",
        "#####...",
    ),
    36: (
        "...#...",
        "..###..",
        "..####.",
        "..####.",
        ".#####.",
        ".#####.",
        "..####.",
        ".#####.",
        "#####..",
    ),
}
"""Pictures of England in tiles, by how many systems there are: 42 until March 2026, 36 since."""


@dataclass(frozen=True)
class Outline:
    """The outline of an area on a drawing: its path as SVG, its bounds, and where a name fits, in
    how many pixels across."""

    path: str
    box: Box
    centre: Point
    room: float


def projection(longitude: float, latitude: float) -> Point:
    """A place on the plane, x to the right and y downwards, in radii of the earth.

    >>> projection(-2.0, 50.0)[0]
    0.0
    """
    east, north = radians(longitude - MERIDIAN), radians(latitude)
    return atanh(cos(north) * sin(east)), -atan2(sin(north), cos(north) * cos(east))


def outlines(
    boundaries: Mapping[str, str], box: Box, only: Sequence[str] = ()
) -> dict[str, Outline]:
    """The outlines of areas, fitted into a box in true proportion, by their ids.

    `boundaries` are GeoJSON geometries as text; `only` are the areas whose bounds fill the box,
    and that are drawn: all of them without it.

    >>> square = '{"type":"Polygon","coordinates":[[[0,51],[0,52],[1,52],[1,51],[0,51]]]}'
    >>> outlines({"a": square}, Box(0, 0, 10, 10))["a"].path
    'M2 10v-10h6v10z'
    """
    wanted = sorted(set(boundaries) & set(only) if only else boundaries)
    shapes = {name: _projected(boundaries[name]) for name in wanted}
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    if not points:
        return {}
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    scale = min(box.width / ((right - left) or 1), box.height / ((bottom - top) or 1))
    x0 = box.x + (box.width - (right - left) * scale) / 2 - left * scale
    y0 = box.y + (box.height - (bottom - top) * scale) / 2 - top * scale
    return {name: _outline(rings, x0, y0, scale) for name, rings in shapes.items()}


def _projected(geometry: str) -> list[list[Point]]:
    parsed = json.loads(geometry)
    parts = parsed["coordinates"]
    polygons = parts if parsed["type"] == "MultiPolygon" else [parts]
    return [[projection(*at[:2]) for at in ring] for polygon in polygons for ring in polygon]


def _outline(rings: Sequence[Ring], x0: float, y0: float, scale: float) -> Outline:
    drawn = [list(_snapped([(x0 + x * scale, y0 + y * scale) for x, y in ring])) for ring in rings]
    drawn.sort(key=lambda ring: -_size(ring))
    kept = [ring for ring in drawn if len(ring) > 2 and _size(ring) >= SMALLEST] or drawn[:1]
    xs = [x for ring in kept for x, _ in ring]
    ys = [y for ring in kept for _, y in ring]
    box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return Outline("".join(_path(ring) for ring in kept), box, *_centre(kept[0]))


def _snapped(ring: Ring) -> Iterator[Point]:
    """The points of a ring on the grid, none twice in a row and none between two on its line."""
    points = [(round(x / FINEST) * FINEST, round(y / FINEST) * FINEST) for x, y in ring[:-1]]
    once = [point for at, point in enumerate(points) if point != points[at - 1]]
    for at, (x, y) in enumerate(once):
        (x1, y1), (x2, y2) = once[at - 1], once[(at + 1) % len(once)]
        if (x - x1) * (y2 - y) != (y - y1) * (x2 - x) or len(once) < 4:
            yield x, y


def _size(ring: Ring) -> float:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return max(max(xs) - min(xs), max(ys) - min(ys)) if ring else 0.0


def _path(ring: Ring) -> str:
    """A ring as SVG, each point told from the one before: half as long as told from the corner."""
    parts, before = [], (0.0, 0.0)
    for at, (x, y) in enumerate(ring):
        across, down = x - before[0], y - before[1]
        if at == 0:
            parts.append(f"M{x:g} {y:g}")
        elif not down:
            parts.append(f"h{across:g}")
        elif not across:
            parts.append(f"v{down:g}")
        else:
            parts.append(f"l{across:g}{' ' if down > 0 else ''}{down:g}")
        before = (x, y)
    return f"{''.join(parts)}z"


def _centre(ring: Ring) -> tuple[Point, float]:
    """Where in a ring a few lines of text fit best, of nine levels, and how wide they may be."""
    top, bottom = min(y for _, y in ring), max(y for _, y in ring)
    best, place, room = -1.0, ring[0], 0.0
    for step in range(2, 11):
        level = top + (bottom - top) * step / 12 + 0.01
        for left, right in _stretches(ring, level):
            middle = (left + right) / 2
            wide = min(_wide_at(ring, level + off, middle) for off in (-LINES_HIGH, 0, LINES_HIGH))
            worth = wide * (1 - abs(step - 6) / 12)  # rather in the middle
            if worth > best:
                best, place, room = worth, (middle, level), wide
    return place, room


def _wide_at(ring: Ring, level: float, middle: float) -> float:
    """How far one can go both ways from a point and stay inside a ring."""
    inside = [(a, b) for a, b in _stretches(ring, level) if a < middle < b]
    return 2 * min(middle - inside[0][0], inside[0][1] - middle) if inside else 0.0


def _stretches(ring: Ring, level: float) -> list[Point]:
    crossings = sorted(_crossings(ring, level))
    return list(zip(crossings[::2], crossings[1::2], strict=False))


def _crossings(ring: Ring, level: float) -> Iterator[float]:
    for at, (x, y) in enumerate(ring):
        x1, y1 = ring[at - 1]
        if (y > level) != (y1 > level):
            yield x1 + (x - x1) * (level - y1) / (y - y1)


def tiles(places: Mapping[str, tuple[float | None, float | None]]) -> dict[str, tuple[int, int]]:
    """The column and row of each system's tile, by longitude and latitude.

    One whose place is not known takes a tile that is left over.

    >>> found = tiles({"south": (-2.0, 50.0), "north": (-2.0, 55.0)})
    >>> found["north"][1] < found["south"][1]
    True
    """
    from scipy.optimize import linear_sum_assignment

    names = sorted(places)
    if not names:
        return {}
    cells = _cells(len(names))
    known = {
        name: projection(lon, lat)
        for name, (lon, lat) in places.items()
        if lon is not None and lat is not None
    }
    wanted = _on_grid(known, cells)
    costs = [
        [_distance(wanted[name], cell) if name in wanted else 0.0 for cell in cells]
        for name in names
    ]
    rows, columns = linear_sum_assignment(costs)
    return {names[row]: cells[column] for row, column in zip(rows, columns, strict=True)}


def _cells(number: int) -> list[tuple[int, int]]:
    """The tiles of the picture that has enough; more than any has stand in a rectangle."""
    fitting = [size for size in sorted(GRIDS) if size >= number]
    if not fitting:
        across = int(number**0.5) + 1
        return [(at % across, at // across) for at in range(number)]
    lines = GRIDS[fitting[0]]
    return [(x, y) for y, line in enumerate(lines) for x, mark in enumerate(line) if mark == "#"]


def _on_grid(
    known: Mapping[str, Point], cells: Sequence[tuple[int, int]]
) -> dict[str, tuple[float, float]]:
    """Where systems lie, stretched over the picture: half by place and half by order, since tiles
    are spread evenly and systems are not."""
    found = {}
    for axis in (0, 1):
        values = {name: point[axis] for name, point in known.items()}
        low, high = min(values.values(), default=0.0), max(values.values(), default=1.0)
        spread = sorted(cell[axis] for cell in cells)
        order = sorted(values, key=lambda name: (values[name], name))
        for at, name in enumerate(order):
            share = (values[name] - low) / ((high - low) or 1)
            by_place = spread[0] + share * (spread[-1] - spread[0])
            by_order = spread[at * len(spread) // len(order)]
            found[name, axis] = (by_place + by_order) / 2
    return {name: (found[name, 0], found[name, 1]) for name in known}


def _distance(one: tuple[float, float], other: tuple[int, int]) -> float:
    return (one[0] - other[0]) ** 2 + DOWN * (one[1] - other[1]) ** 2
