"""The time strip: quarters from the first dated evidence to the last, and one bar for all that is
older."""

from __future__ import annotations

from collections.abc import Iterable

from .evidence import Card
from .payload import Period

__all__ = ["periods"]

OLDER = 0.05
"""Share of the dated findings that may lie before the first quarter shown: a few old ones would
otherwise stretch the strip over years in which nothing was found."""

_LAST_DAYS = {3: 31, 6: 30, 9: 30, 12: 31}


def periods(cards: Iterable[Card]) -> list[Period]:
    """One period a quarter, the first for everything before; none if no finding has a date. The
    year stands under its second quarter, so that the words have room.

    The last period ends on or after the last day by which a dated finding was observed.
    """
    latest = sorted(card.latest for card in cards if card.latest)
    if not latest:
        return []
    first, last = int(latest[int(len(latest) * OLDER)][:4]), latest[-1]
    found = [Period("", f"{first - 1}-12-31", "Earlier")]
    for year in range(first, int(last[:4]) + 1):
        for month in (3, 6, 9, 12):
            start, end = f"{year}-{month - 2:02d}-01", f"{year}-{month:02d}-{_LAST_DAYS[month]}"
            if start <= last:
                found.append(Period(start, end, str(year) if month == 6 else ""))
    return found
