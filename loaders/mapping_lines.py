"""On which line of a TOML file a key stands, since the reader of Python does not say."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Lines"]

_NAME = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_EACH = re.compile(_NAME)

Where = tuple[str | int, ...]


class Lines:
    """The lines of the tables and keys of a TOML text, counted from 1.

    >>> lines = Lines('[[nodes]]\\nfile = "a.csv"\\n\\n[nodes.columns]\\nname = "Name"')
    >>> lines.of(("nodes", 0, "columns", "name")), lines.of(("nodes", 0, "kind"))
    (5, 1)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Where, int] = {}
        self._lists: dict[str, int] = {}
        table: Where = ()
        for number, line in enumerate(text.splitlines(), start=1):
            if found := _TABLE.match(line):
                table = self._table(found[1], _parts(found[2]))
                self._lines.setdefault(table, number)
            elif found := _KEY.match(line):
                self._lines.setdefault((*table, *_parts(found[1])), number)

    def _table(self, bracket: str, parts: list[str]) -> Where:
        """The place that a heading opens; a table inside a list belongs to its last entry."""
        first, rest = parts[0], parts[1:]
        if bracket == "[[":
            self._lists[first] = self._lists.get(first, -1) + 1
        return (first, self._lists[first], *rest) if first in self._lists else (first, *rest)

    def of(self, where: Sequence[str | int]) -> int | None:
        """The line of a key, else of what it stands in; None if nothing of it is found."""
        ends = range(len(where), 0, -1)
        return next((n for end in ends if (n := self._lines.get(tuple(where[:end])))), None)


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _EACH.findall(dotted)]
