"""Rows for people: tables and lists that fit the width, with all that is in them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterable, Iterator
from math import isfinite
from textwrap import fill, wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MISSING", "cell", "heading", "listed", "printable", "table", "wrapped"]

MISSING = "–"
"""What stands in a table for a value that is not known."""

WIDTH = 100
"""Characters of a line that goes to a pipe or a file; $COLUMNS sets another width."""

BETWEEN = "  "
LEAST, LEAST_UNBROKEN = 16, 30
"""How narrow a column of words may be, and one of identifiers, in characters."""

LONGEST_FOLDED = 60
HIGHEST = 4
"""Lines of a cell at most; a column that would need more goes below."""


def table(frame: pl.DataFrame, *, years: Collection[str] = (), terminal: bool | None = None) -> str:
    """A table of `frame` as text that fits the width, its headings bold if it goes to a terminal.

    The columns named in `years` get no thousands separators. The widest columns that leave no room
    for the others are written below each row, by name.
    """
    width = _width()
    columns = [
        _Column(
            heading(name),
            [cell(value, year=name in years) for value in frame[name].to_list()],
            frame.schema[name].is_numeric(),
        )
        for name in frame.columns
    ]
    beside, below = _arranged(columns, width)
    lines = _headings(beside, sys.stdout.isatty() if terminal is None else terminal)
    for row in range(frame.height):
        lines += _row([column.wrapped(row) for column in beside], beside)
        lines += [
            wrapped(f"{column.heading}: {column.cells[row]}", " " * 4, " " * 6)
            for column in below
            if column.cells[row] != MISSING
        ]
    return "\n".join(lines)


class _Column:
    """A column of text: its heading, its cells, how wide it wants to be, may be, and is drawn."""

    def __init__(self, heading: str, cells: list[str], numeric: bool) -> None:
        self.heading = heading
        self.cells = cells
        self.numeric = numeric
        words = [*heading.split(), *(line for text in cells for line in text.split("\n"))]
        self.natural = self.width = max(map(len, words), default=0)
        self.least = min(self.natural, self._least(any(" " in text for text in cells)))

    def _least(self, words: bool) -> int:
        """How narrow it may be: identifiers may be folded, addresses are only of use in one
        piece."""
        if words:
            return LEAST
        return LEAST_UNBROKEN if self.natural <= LONGEST_FOLDED else self.natural

    def wrapped(self, row: int) -> list[str]:
        """The lines of one cell."""
        text = self.cells[row]
        if len(text) <= self.width and "\n" not in text:
            return [text]
        return [part for line in text.split("\n") for part in wrap(line, self.width) or [""]]

    def aligned(self, line: str) -> str:
        """A line of a cell at its place: numbers to the right."""
        return line.rjust(self.width) if self.numeric else line.ljust(self.width)


def _arranged(columns: list[_Column], width: int) -> tuple[list[_Column], list[_Column]]:
    """Which columns stand beside one another, with their widths, and which below each row.

    Columns of words are wrapped as long as that makes no row higher than `HIGHEST` lines; otherwise
    the widest goes below. The first column names the row and stays.
    """
    beside = list(columns)
    while len(beside) > 1 and not _fitted(beside, width):
        beside.remove(max(beside[1:], key=lambda c: c.natural))
    if len(beside) == 1:
        beside[0].width = min(beside[0].natural, width)
    return beside, [column for column in columns if column not in beside]


def _fitted(columns: list[_Column], width: int) -> bool:
    """Share the width out among columns; whether it is enough for them."""
    spare = width - sum(c.least for c in columns) - len(BETWEEN) * (len(columns) - 1)
    wanted = sum(c.natural - c.least for c in columns)
    for column in columns:
        more = column.natural - column.least
        column.width = column.least + min(more, max(spare, 0) * more // max(wanted, 1))
    return spare >= 0 and all(c.natural <= HIGHEST * c.width for c in columns[1:])


def _headings(columns: list[_Column], bold: bool) -> list[str]:
    from click import style

    lines = _row([wrap(c.heading, c.width) for c in columns], columns, to_the_bottom=True)
    rule = "─" * (sum(c.width for c in columns) + len(BETWEEN) * (len(columns) - 1))
    return [*(style(line, bold=True) if bold else line for line in lines), rule]


def _row(
    cells: list[list[str]], columns: list[_Column], to_the_bottom: bool = False
) -> Iterator[str]:
    """The lines of a row, from the lines of its cells."""
    height = max(map(len, cells), default=0)
    padded = (
        [*[""] * (height - len(c)), *c] if to_the_bottom else [*c, *[""] * (height - len(c))]
        for c in cells
    )
    for parts in zip(*padded, strict=True):
        texts = (column.aligned(part) for column, part in zip(columns, parts, strict=True))
        yield BETWEEN.join(texts).rstrip()


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 0)).columns


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
    width = max(_width(), len(then) + LEAST)
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
