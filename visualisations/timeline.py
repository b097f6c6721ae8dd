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


YEARS_OF_QUARTERS = 8
"""Spans up to so many years are shown by quarters, longer ones by years."""

MOST_YEARS = 40
MOST_WORDS = 8
LEAST_ROOM = 0.15


def periods(cards: Iterable[Card]) -> list[Period]:
    """One period a quarter, or a year where the span is long, the first for everything before; none
    if no finding has a date. A year stands under its second quarter, so that the words have room.

    The last period ends on or after the last day by which a dated finding was observed.
    """
    latest = sorted(card.latest for card in cards if card.latest)
    if not latest:
        return []
    first, last = int(latest[int(len(latest) * OLDER)][:4]), latest[-1]
    if int(last[:4]) - first > YEARS_OF_QUARTERS:
        return _years(max(first, int(last[:4]) - MOST_YEARS), int(last[:4]))
    words = "Earlier" if int(last[:4]) - first < 3 else ""  # else it lies on the first year
    found = [Period("", f"{first - 1}-12-31", words)]
    for year in range(first, int(last[:4]) + 1):
        for month in (3, 6, 9, 12):
            start, end = f"{year}-{month - 2:02d}-01", f"{year}-{month:02d}-{_LAST_DAYS[month]}"
            if start <= last:
                found.append(Period(start, end, str(year) if month == 6 else ""))
    return found


def _years(first: int, last: int) -> list[Period]:
    every = next(step for step in (1, 2, 5, 10) if (last - first) / step <= MOST_WORDS)
    worded = [year for year in range(first, last + 1) if year % every == 0]
    # the word for all that is older needs as much room as a few bars have
    room = (worded[0] - first + 1) / (last - first + 2) if worded else 1
    return [
        Period("", f"{first - 1}-12-31", "Earlier" if room >= LEAST_ROOM else ""),
        *(
            Period(f"{year}-01-01", f"{year}-12-31", str(year) if year in worded else "")
            for year in range(first, last + 1)
        ),
    ]
