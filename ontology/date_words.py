"""How bounded dates are said to people: the units of the calendar, and the words for them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, NamedTuple

Precision = Literal["day", "month", "quarter", "year", "bounded", "unknown"]
Bounds = tuple[date | None, date | None, date | None, date | None]

_DAY = timedelta(days=1)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_QUARTERS = ("first", "second", "third", "fourth")


class Span(NamedTuple):
    """A run of days, first and last included."""

    first: date
    last: date


def unit(span: Span) -> Precision:
    """Which unit of the calendar is exactly these days? "bounded" if none is.

    >>> unit(Span(date(2020, 7, 1), date(2020, 9, 30)))
    'quarter'
    """
    first, after = span.first, span.last + _DAY
    if first == span.last:
        return "day"
    if first.day == 1 and after.day == 1:
        months = 12 * (after.year - first.year) + after.month - first.month
        if months == 1:
            return "month"
        if months == 3 and first.month % 3 == 1:
            return "quarter"
        if months == 12 and first.month == 1:
            return "year"
    return "bounded"


def in_words(bounds: Bounds, text: str) -> str:
    """How are these bounds said to people? Never more exactly than they are known.

    `bounds` are earliest and latest start, then earliest and latest first day it no longer held;
    `text` is the date as stated, of which only the leading "from" or "before" is used.

    >>> in_words((date(2020, 11, 5), date(2020, 11, 5), date(2020, 11, 8), date(2020, 11, 8)), "")
    '5 to 7 November 2020'
    """
    start, end = _span(*bounds[:2]), _span(*bounds[2:], shift=_DAY)
    if start and end:
        return _range(start, end)
    begun = _span_start(start, text, bounds) if start else _bounded_start(bounds, text)
    return begun + _end(bounds, end)


def _span(first: date | None, last: date | None, shift: timedelta = timedelta()) -> Span | None:
    return Span(first - shift, last - shift) if first and last else None


def _range(start: Span, end: Span) -> str:
    if start != end:
        return _joined(_parts(start), "to", _parts(end))
    return ("only " if unit(start) == "day" else "within ") + _words(start)


def _span_start(start: Span, text: str, bounds: Bounds) -> str:
    if text.startswith("from ") or bounds[2]:
        return f"from {_words(start)}"
    if unit(start) == "quarter":
        return _joined([_month(start.first)], "to", [_month(start.last), str(start.last.year)])
    return _words(start)


def _bounded_start(bounds: Bounds, text: str) -> str:
    earliest, latest, end_earliest, _ = bounds
    if earliest:
        return f"not before {_day(earliest)}"
    # What is open on a day began by that day at the latest: no news, so not said.
    if latest is None or latest + _DAY == end_earliest:
        return "start not stated" if any(bounds) else "date not stated"
    after = latest + _DAY
    if text.startswith("before "):
        return f"before {_beginning(after)}"
    return f"by the end of {_ending(latest)}" if after.day == 1 else f"by {_day(latest)}"


def _end(bounds: Bounds, end: Span | None) -> str:
    start_earliest, _, earliest, latest = bounds
    if end:
        return f", until {_words(end)}"
    if latest:
        return f", until {_day(latest - _DAY)} at the latest"
    # An end that is bounded only by its start (a body that is announced) is no news either.
    if earliest and not (start_earliest and start_earliest >= earliest):
        return f", still so on {_day(earliest - _DAY)}"
    return ""


def _parts(span: Span) -> list[str]:
    """The wording of some days in parts that a range may share, the largest unit last."""
    year = str(span.first.year)
    match unit(span):
        case "day":
            return [str(span.first.day), _month(span.first), year]
        case "month":
            return [_month(span.first), year]
        case "quarter":
            return [f"the {_QUARTERS[span.first.month // 3]} quarter of {year}"]
        case "year":
            return [year]
    first, last = (_parts(Span(day, day)) for day in span)
    return [f"between {_joined(first, 'and', last)}"]


def _words(span: Span) -> str:
    return " ".join(_parts(span))


def _day(day: date) -> str:
    return _words(Span(day, day))


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def _joined(first: list[str], word: str, last: list[str]) -> str:
    """Two wordings as one, saying once what they share: "5 to 7 November 2020"."""
    kept = len(first)
    if len(first) == len(last):
        while kept > 1 and first[kept - 1 :] == last[kept - 1 :]:
            kept -= 1
    return " ".join([*first[:kept], word, *last])


def _beginning(day: date) -> str:
    """The year or month that begins on the day, or else the day."""
    parts = _parts(Span(day, day))
    return " ".join(parts[2:] if (day.month, day.day) == (1, 1) else parts[day.day == 1 :])


def _ending(day: date) -> str:
    """The year or month that ends on the day, which is the last of a month."""
    return str(day.year) if day.month == 12 else f"{_month(day)} {day.year}"
