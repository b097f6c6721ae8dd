"""The national map as columns: short to embed, quick to read for tens of thousands of things.

A column holds one value of each thing, in one order. Words, days and sources that come again and
again are listed once and named by their place in the list; place 0 of a list is what is not known.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Hashable, Iterable
from typing import Any, Generic, TypeVar

__all__ = ["Listed", "packed_text"]

Word = TypeVar("Word", bound=Hashable)


class Listed(Generic[Word]):
    """A list in which each value stands once, in the order in which they were first asked for.

    >>> days = Listed("")
    >>> days.places(["2021-04-01", None, "2021-04-01"]), days.values
    ([1, 0, 1], ['', '2021-04-01'])
    """

    def __init__(self, unknown: Word) -> None:
        self.values: list[Word] = [unknown]
        self._places: dict[Word, int] = {unknown: 0}

    def place(self, value: Word | None) -> int:
        """Where a value stands; it is added if it is new."""
        if value is None:
            return 0
        if value not in self._places:
            self._places[value] = len(self.values)
            self.values.append(value)
        return self._places[value]

    def places(self, values: Iterable[Word | None]) -> list[int]:
        """Where each of several values stands."""
        return [self.place(value) for value in values]


def packed_text(columns: Any) -> str:
    """Columns as JSON, gzipped, in base64: the same text for the same columns on every machine.

    >>> gzip.decompress(base64.b64decode(packed_text({"id": ["a"]})))
    b'{"id":["a"]}'
    """
    text = json.dumps(columns, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    raw = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")
    return base64.b64encode(gzip.compress(raw, 9, mtime=0)).decode("ascii")
