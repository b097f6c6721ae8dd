"""A picture as a page: the drawing, the equal table and the notes, without any script.

The drawing is the same SVG as in every other format. Its colours are those of the palette in light
surroundings; rules of the page put the dark ones in their place where the reader prefers that.
Parts of a drawing that are links lead to their row of the table, and back: that needs no script.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from .chart_frame import EDGE, body_of, number
from .chart_parts import Column, Picture
from .chart_text import FONT, printable
from .page import filled, own_text, policy
from .palette import (
    INKS,
    KINDS,
    LINES,
    MISSING,
    MODES,
    SEQUENCE,
    SURFACES,
    css_variables,
    tones,
)

__all__ = ["anchor", "page_of", "shown"]


def page_of(picture: Picture) -> str:
    """The whole HTML text: the same bytes for the same picture, and nothing fetched to show it."""
    styles = css_variables() + _in_the_dark() + own_text("chart.css")
    body = body_of(picture)
    return filled(
        "chart.html",
        picture=picture,
        policy=policy(scripts=[], styles=[styles]),
        styles=styles,
        drawing=body.inside,
        width=number(body.width),
        height=number(body.height),
        font=FONT,
        edge=number(EDGE),
        headings=list(picture.columns.values()),
        numeric=[_is_number(picture, name) for name in picture.columns],
        rows=list(_rows(picture)),
    )


def _rows(picture: Picture) -> Iterator[dict[str, Any]]:
    """The rows of the table: where a link leads, and the cells as text."""
    for row in picture.rows.iter_rows(named=True):
        linked = picture.key and picture.drawing is not None
        target = anchor(str(row[picture.key])) if linked else ""
        cells = [shown(row[name], column) for name, column in picture.columns.items()]
        yield {"id": target, "cells": cells}


def _is_number(picture: Picture, name: str) -> bool:
    return bool(picture.rows.schema[name].is_numeric())


def anchor(key: str) -> str:
    """The name of a place on a page, for any text: letters that an address may hold, and short.

    >>> anchor("ods:QE1")
    'ods-QE1'
    """
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in key)
    same = len(plain) <= 40 and plain.replace("-", "") == key.replace(":", "").replace("-", "")
    return plain if same and plain[:1].isalpha() else f"r{sha256(key.encode()).hexdigest()[:16]}"


def shown(value: Any, column: Column) -> str:
    """A value as a reader meets it.

    >>> shown(1234, Column("n")), shown(0.125, Column("p", share=True)), shown(None, Column("x"))
    ('1,234', '12.5 %', 'not known')
    """
    if value is None:
        return "not known"
    if isinstance(value, float):
        return (
            f"{value * 100:.1f} %"
            if column.share
            else f"{value:,.3g}"
            if value < 1000
            else f"{value:,.0f}"
        )
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else printable(str(value)).strip() or "not named"


def _in_the_dark() -> str:
    """Rules that give each colour of a drawing its dark tone."""
    named = [*SURFACES.values(), *INKS.values(), *LINES.values(), *SEQUENCE, MISSING]
    pairs = {tone.light: tone.dark for tone in [*named, *(mark.tone for mark in KINDS.values())]}
    light, dark = (tones(mode) for mode in MODES)
    pairs |= {light[name]: dark[name] for name in light if name.endswith("-possible")}
    rules = "".join(
        f'.drawing [{part}="{one}"] {{ {part}: {other}; }}\n'
        for one, other in sorted(pairs.items())
        for part in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rules}}}\n"
