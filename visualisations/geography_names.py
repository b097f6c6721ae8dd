"""The names of systems on a map of their outlines: on an area where they fit, or beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .chart_frame import line_of_text, number
from .chart_text import text_width, wrapped
from .geography import Outline, Point
from .layout import Box
from .palette import INKS, SURFACES

__all__ = ["backing", "name_beside", "name_on"]

NAME = 9.0
"""Pixels high."""


def backing(lines: Sequence[str], size: float, centre: Point, top: float) -> str:
    """Plain ground behind words on a hatched area."""
    wide = max(text_width(line, size) for line in lines) + 6
    high = len(lines) * (size + 1.5) + 4
    at = f'x="{number(centre[0] - wide / 2)}" y="{number(top - size - 1)}"'
    size_of = f'width="{number(wide)}" height="{number(high)}"'
    return f'<rect {at} {size_of} fill="{SURFACES["page"].light}"/>'


def name_on(name: str, area: Outline, ink: str, *, hatched: bool) -> str:
    """A name in up to three lines where its area is widest; none where it does not fit."""
    box, (x, y) = area.box, area.centre
    room = min(0.8 * area.room, 96)  # a reader's machine may have a wider font
    longest = max((text_width(word, NAME) for word in name.split()), default=0)
    lines = wrapped(name, NAME, room) if longest <= room else []
    if not lines or len(lines) > 3 or len(lines) * (NAME + 1) > box.height * 0.7:
        return ""
    top = y - len(lines) * (NAME + 1) / 2 + NAME
    words = [
        line_of_text(line, x, top + at * (NAME + 1), NAME, ink=ink, anchor="middle")
        for at, line in enumerate(lines)
    ]
    return (backing(lines, NAME, (x, y), top) if hatched else "") + "".join(words)


def name_beside(name: str, area: Outline, inside: Box, inset: Mapping[str, Outline]) -> str:
    """A name above or below its area, within the bounds of `inside`, with a line to it; none where
    it would lie on another area of the inset."""
    wide = text_width(name, NAME) * 1.2
    x = min(max(area.centre[0], inside.x + wide / 2), inside.x + inside.width - wide / 2)
    for y, end in ((area.box.y - 6, 3.0), (area.box.y + area.box.height + 14, -NAME)):
        words = Box(x - wide / 2, y - NAME, wide, NAME + 2)
        if wide <= inside.width and not any(_meet(words, other.box) for other in inset.values()):
            line = f"M{number(x)} {number(y + end)}L{number(area.centre[0])} "
            look = f'fill="none" stroke="{INKS["text"].light}" stroke-width="0.8"'
            said = line_of_text(name, x, y, NAME, anchor="middle")
            return f'<path d="{line}{number(area.centre[1])}" {look}/>{said}'
    return ""


def _meet(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height
