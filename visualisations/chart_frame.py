"""The frame of a picture that travels alone: title above the drawing, everything it needs below."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from .chart_parts import Body, Picture
from .chart_text import FONT, printable, text_width, wrapped
from .palette import INKS, LINES, SURFACES

__all__ = ["EDGE", "body_of", "framed", "line_of_text", "number"]

EDGE = 24.0
LEAST = 640.0
"""Pixels: the margin, and the least width that notes are set in."""

TITLE, LEAD, NOTE = 20.0, 13.0, 11.0
SENTENCE_HEIGHT = 90.0


def number(value: float) -> str:
    """A coordinate as short as it can be, to a tenth of a pixel.

    >>> number(3.0), number(-0.04), number(2.25)
    ('3', '0', '2.2')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def line_of_text(
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    ink: str = "",
    bold: bool = False,
    anchor: str = "",
) -> str:
    """A line of text as SVG, its baseline at y."""
    weight = ' font-weight="bold"' if bold else ""
    side = f' text-anchor="{anchor}"' if anchor else ""
    at = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
    return f'<text {at} fill="{ink or INKS["text"].light}"{weight}{side}>{_plain(text)}</text>'


def _plain(text: str) -> str:
    return escape(printable(text))


def body_of(chart: Picture) -> Body:
    """The drawing of a chart; the sentence instead, where there is nothing to draw."""
    if chart.drawing is not None:
        return chart.drawing.body()
    lines = wrapped(chart.empty, 15, LEAST - 2 * EDGE)
    box = f'<rect x="0.5" y="0.5" width="{number(LEAST - 1)}" height="{{}}" rx="6" {_outline()}/>'
    height = SENTENCE_HEIGHT + 20 * len(lines)
    first = (height - 20 * len(lines)) / 2 + 15
    words = "".join(
        line_of_text(line, LEAST / 2, first + 20 * at, 15, anchor="middle")
        for at, line in enumerate(lines)
    )
    return Body(box.format(number(height - 1)) + words, LEAST, height)


def _outline() -> str:
    return f'fill="{SURFACES["panel"].light}" stroke="{LINES["edge"].light}"'


def framed(chart: Picture) -> str:
    """A chart as one SVG text."""
    body = body_of(chart)
    room = max(body.width, LEAST)
    width = room + 2 * EDGE
    above, top = _above(chart, room)
    below, bottom = _below(chart, room, top + body.height + 12)
    height = bottom + EDGE
    drawn = (
        f'<svg x="{number(EDGE)}" y="{number(top)}" width="{number(body.width)}" '
        f'height="{number(body.height)}" viewBox="0 0 {number(body.width)} {number(body.height)}">'
        f"{body.inside}</svg>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{number(width)}" height="{number(height)}" '
        f'viewBox="0 0 {number(width)} {number(height)}" role="img" '
        f'aria-labelledby="chart-title chart-text" font-family={quoteattr(FONT)}>'
        f'<title id="chart-title">{_plain(chart.title)}</title>'
        f'<desc id="chart-text">{_plain(chart.described)}</desc>'
        f'<rect width="{number(width)}" height="{number(height)}" '
        f'fill="{SURFACES["page"].light}"/>{above}{drawn}{below}</svg>\n'
    )


def _above(chart: Picture, room: float) -> tuple[str, float]:
    """Title and sentence, and where the drawing begins."""
    parts, y = [], EDGE
    for line in wrapped(chart.title, TITLE, room, bold=True):
        y += TITLE * 1.2
        parts.append(line_of_text(line, EDGE, y - 4, TITLE, bold=True))
    y += 4
    for line in wrapped(chart.sentence, LEAD, room):
        y += LEAD * 1.4
        parts.append(line_of_text(line, EDGE, y - 4, LEAD, ink=INKS["muted"].light))
    return "".join(parts), y + 12


def _below(chart: Picture, room: float, y: float) -> tuple[str, float]:
    """The notes below a rule, and where they end."""
    rule = f'<path d="M{number(EDGE)} {number(y)}h{number(room)}" stroke="{LINES["rule"].light}"/>'
    parts, y = [rule], y + 8
    wide = max(room, text_width("n" * 80, NOTE))
    for note in chart.notes:
        for line in wrapped(note, NOTE, min(wide, room)):
            y += NOTE * 1.4
            parts.append(line_of_text(line, EDGE, y - 3, NOTE, ink=INKS["muted"].light))
        y += 3
    return "".join(parts), y
