"""Rows for people: a table as wide as the terminal, or one row after the other where it is too
narrow."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterable
from io import StringIO
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console
    from rich.table import Table

__all__ = ["MISSING", "cell", "heading", "listed", "printable", "table", "wrapped"]

MISSING = "–"
"""What stands in a table for a value that is not known."""

WIDTH = 100
"""Columns of a table that goes to a pipe or a file; $COLUMNS sets another width."""


def table(frame: pl.DataFrame, *, years: Collection[str] = (), terminal: bool | None = None) -> str:
    """A table of `frame` as text, in colour if it goes to a terminal.

    The columns named in `years` get no thousands separators. A table that cannot be squeezed into
    the width is written as records: one line for each value, a blank line between rows.
    """
    from rich.console import Console
    from rich.measure import Measurement

    if terminal is None:
        terminal = sys.stdout.isatty()
    console = Console(
        file=StringIO(),
        width=shutil.get_terminal_size((WIDTH, 0)).columns,
        force_terminal=terminal,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    drawn = _drawn(frame, years)
    if Measurement.get(console, console.options, drawn).minimum > console.width and frame.height:
        return _records(frame, years)
    return _text_of(console, drawn)


def _drawn(frame: pl.DataFrame, years: Collection[str]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, dtype in frame.schema.items():
        # Text, not str: rich reads [brackets] in a str as markup.
        drawn.add_column(
            Text(heading(name)),
            justify="right" if dtype.is_numeric() else "left",
            overflow="fold",
        )
    for row in frame.iter_rows(named=True):
        drawn.add_row(*(Text(cell(v, year=name in years)) for name, v in row.items()))
    return drawn


def _text_of(console: Console, drawn: Table) -> str:
    """What rich prints, without the blanks that it fills lines with."""
    with console.capture() as captured:
        console.print(drawn)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _records(frame: pl.DataFrame, years: Collection[str]) -> str:
    names = {name: heading(name) for name in frame.columns}
    rows = (
        listed((names[name], cell(v, year=name in years)) for name, v in row.items())
        for row in frame.iter_rows(named=True)
    )
    return "\n\n".join(rows)


def heading(column: str) -> str:
    """The name of a column as a heading.

    >>> heading("earliest_certain")
    'earliest certain'
    """
    return printable(column).replace("_", " ")


def cell(value: Any, *, year: bool = False) -> str:
    """One value as it is shown to people.

    >>> cell(12345), cell(2021, year=True), cell(None), cell(0.125), cell(1234.5), cell(True)
    ('12,345', '2021', '–', '0.125', '1,234.5', 'yes')
    >>> cell(["Bolton", "Bury"]), cell([]), cell("")
    ('Bolton; Bury', '–', '–')
    """
    match value:
        case None | "":
            return MISSING
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value) if year else f"{value:,}"
        case float():
            return _number(value)
        case str():
            return printable(value)
        case list() | tuple():
            return "; ".join(cell(part) for part in value) or MISSING
        case _:
            return printable(str(value))


def _number(value: float) -> str:
    if not isfinite(value):
        return MISSING
    return f"{value:.3g}" if 0 < abs(value) < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")


def printable(text: str) -> str:
    """`text` without the characters that move a terminal's cursor or change its colours.

    >>> printable("a\\x1b[31mb\\tc\\xa0d\\ne")
    'a\\\\x1b[31mb c d\\ne'
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else " " if c.isspace() else repr(c)[1:-1] for c in text
    )


def listed(facts: Iterable[tuple[str, str]], indent: int = 0) -> str:
    """Names and values under one another, long values wrapped beside their names.

    >>> print(listed([("name", "Frimley"), ("region", "South East")]))
    name    Frimley
    region  South East
    """
    pairs = list(facts)
    width = max((len(name) for name, _ in pairs), default=0)
    margin = " " * (indent + width + 2)
    return "\n".join(
        wrapped(value, first=f"{' ' * indent}{name:<{width}}  ", then=margin)
        for name, value in pairs
    )


def wrapped(text: str, first: str = "", then: str = "") -> str:
    """`text` in lines that fit, the first one after `first`, the others after `then`."""
    from textwrap import fill

    width = max(shutil.get_terminal_size((WIDTH, 0)).columns, len(then) + 20)
    lines = text.splitlines() or [""]
    starts = [first, *[then] * (len(lines) - 1)]
    return "\n".join(
        fill(
            line,
            width=width,
            initial_indent=start,
            subsequent_indent=then,
            break_long_words=False,
            break_on_hyphens=False,
        )
        or start.rstrip()
        for line, start in zip(lines, starts, strict=True)
    )
