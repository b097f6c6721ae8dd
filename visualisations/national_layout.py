"""Positions on the national map: each group a circle that holds its own, none over another.

Nothing is left to chance and nothing moves: local authorities lie in their system, systems in their
region and regions in England in the directions in which they truly lie, drawn together as far as
their circles allow. What lies in a local authority stands in a spiral from its middle outwards.
Units are radii of one mark; x to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin, sqrt

from .layout import Place, pushed_apart

__all__ = ["Circle", "packed", "spiral", "spiral_radius"]

GOLDEN = pi * (3 - sqrt(5))
STEP = 1.45
"""Distance between marks in a spiral: neighbours keep at least 2.2 apart, 2 being two marks."""

RIM = 1.8
MIDDLE_LATITUDE = 52.8
INWARD_ROUNDS = 25
CLOSE = 0.9
"""How far the middles of a group's parts lie apart before they are pushed: as a share of the radius
of a circle of all their areas."""


@dataclass(frozen=True)
class Circle:
    """Where a group lies."""

    x: float
    y: float
    radius: float


def spiral(number: int) -> list[tuple[float, float]]:
    """The places of so many marks around a middle, none nearer to another than two radii.

    >>> spiral(2)
    [(1.025, 0.0), (-1.309, 1.2)]
    """
    return [
        (
            round(STEP * sqrt(at + 0.5) * cos(at * GOLDEN), 3),
            round(STEP * sqrt(at + 0.5) * sin(at * GOLDEN), 3),
        )
        for at in range(number)
    ]


def spiral_radius(number: int) -> float:
    """The radius of a circle that holds the spiral, with a rim."""
    return STEP * sqrt(max(number, 1)) + RIM


def packed(
    points: Mapping[str, tuple[float, float] | None], radii: Mapping[str, float], gap: float
) -> tuple[dict[str, Circle], float]:
    """Circles around (0, 0), none nearer to another than `gap`, each in the direction in which its
    point (longitude, latitude) lies from the others; and the radius of the circle around all.

    One without a point is laid in the middle and pushed from there.

    >>> circles, around = packed({"a": (0.0, 51.0), "b": (1.0, 51.0)}, {"a": 5.0, "b": 5.0}, 2.0)
    >>> circles["a"].x < circles["b"].x, 11.0 <= around < 11.2
    (True, True)
    """
    starts = _drawn_together(points, radii)
    apart = pushed_apart(starts, gap)
    middles = _spread({name: (place.x, place.y) for name, place in apart.items()}, radii, gap)
    middles = _drawn_in(middles, radii, gap)
    x, y, around = _enclosing([(*middles[name], radii[name]) for name in sorted(middles)])
    return {
        name: Circle(round(at[0] - x, 2), round(at[1] - y, 2), radii[name])
        for name, at in middles.items()
    }, round(around, 2)


def _drawn_together(
    points: Mapping[str, tuple[float, float] | None], radii: Mapping[str, float]
) -> dict[str, Place]:
    """Points as flat coordinates about their middle, at the size that the circles need."""
    flat = {
        name: (at[0] * cos(radians(MIDDLE_LATITUDE)), -at[1]) for name, at in points.items() if at
    }
    known = len(flat) or 1
    x0 = sum(x for x, _ in flat.values()) / known
    y0 = sum(y for _, y in flat.values()) / known
    spread = sqrt(sum((x - x0) ** 2 + (y - y0) ** 2 for x, y in flat.values()) / known)
    wanted = CLOSE * sqrt(sum(radius**2 for radius in radii.values()))
    scale = wanted / spread if spread else 0.0
    return {
        name: Place((x - x0) * scale, (y - y0) * scale, radii[name])
        for name, (x, y) in ((name, flat.get(name, (x0, y0))) for name in sorted(points))
    }


def _spread(
    middles: Mapping[str, tuple[float, float]], radii: Mapping[str, float], gap: float
) -> dict[str, tuple[float, float]]:
    """The same places, all drawn apart by one factor where pushing left two of them too near."""
    names, factor = sorted(middles), 1.0
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            (x, y), (u, v) = middles[one], middles[other]
            apart = hypot(u - x, v - y)
            if apart:
                factor = max(factor, (radii[one] + radii[other] + gap) / apart)
    grown = factor if factor > 1.001 else 1.0
    return {name: (x * grown, y * grown) for name, (x, y) in middles.items()}


def _drawn_in(
    middles: dict[str, tuple[float, float]], radii: Mapping[str, float], gap: float
) -> dict[str, tuple[float, float]]:
    """The same places, each moved towards the middle of all as far as the others let it, the inner
    ones first: less empty room, and the same directions."""
    moved = dict(middles)
    weight = sum(radii[name] ** 2 for name in sorted(moved)) or 1.0
    x0 = sum(moved[name][0] * radii[name] ** 2 for name in sorted(moved)) / weight
    y0 = sum(moved[name][1] * radii[name] ** 2 for name in sorted(moved)) / weight
    for _ in range(INWARD_ROUNDS):
        order = sorted(
            moved, key=lambda name: (hypot(moved[name][0] - x0, moved[name][1] - y0), name)
        )
        for name in order:
            x, y = moved[name]
            for step in (0.3, 0.1, 0.03):
                to = x + (x0 - x) * step, y + (y0 - y) * step
                if _is_free(name, to, moved, radii, gap):
                    moved[name] = to
                    break
    return moved


def _is_free(
    name: str,
    at: tuple[float, float],
    middles: Mapping[str, tuple[float, float]],
    radii: Mapping[str, float],
    gap: float,
) -> bool:
    return all(
        other == name or hypot(x - at[0], y - at[1]) >= radii[name] + radii[other] + gap
        for other, (x, y) in middles.items()
    )


def _enclosing(circles: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """The middle and radius of a small circle around circles: from their middle, step by step
    towards the one that sticks out farthest (Badoiu and Clarkson 2003)."""
    if not circles:
        return 0.0, 0.0, RIM
    x = sum(c[0] for c in circles) / len(circles)
    y = sum(c[1] for c in circles) / len(circles)
    for step in range(1, 400):
        far = max(circles, key=lambda c: hypot(c[0] - x, c[1] - y) + c[2])
        away = hypot(far[0] - x, far[1] - y) or 1.0
        reach = (away + far[2]) / away / (step + 1)  # towards its far rim, not its middle
        x, y = x + (far[0] - x) * reach, y + (far[1] - y) * reach
    return x, y, max(hypot(c[0] - x, c[1] - y) + c[2] for c in circles)
