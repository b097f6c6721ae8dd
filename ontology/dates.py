"""Dates as the sources state them: what "2020-11" or "by 2021-05-28" leaves open stays open.

A `BoundedDate` is a start and an end of which only bounds may be known. Start bounds are days, both
included. The end is the first day on which the thing no longer held (half-open, so that two
memberships that follow one another leave no day between), and its bounds are such days: registers
of the NHS Organisation Data Service state the *last* day held, which is the day before.

A *completion* is one choice of a start and an end within the bounds, the start before the end; an
unknown bound leaves its side open, and an unknown end may come any time after the start, or never.
Every comparison says whether it is true of all completions, of some, or of none (`Certainty`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from .date_words import Precision, Span, in_words, unit
from .errors import DateFault

if TYPE_CHECKING:
    import polars as pl

ACCEPTED: tuple[str, ...] = (
    "2020",
    "2020-Q3",
    "2020-11",
    "2020-11-05",
    "2020-07 to 2020-08",
    "2020-2021",
    "by 2021-05-28",
    "before 2020-03",
    "from 2020-03",
    "from 2020-03 to 2021",
    "unknown",
)
"""The forms of text that state a date, by example."""

COLUMNS: tuple[str, ...] = (
    "start_earliest",
    "start_latest",
    "end_earliest",
    "end_latest",
    "date_text",
)
"""The columns of every dated table: ISO days, and the text as stated; null where unknown."""

_DAY = timedelta(days=1)
# The year 9999 is the usual stand-in for "no end", and has no day after it.
_NO_END_YEAR = "9999"
_POINT = "[1-9][0-9]{3}(?:-(?:Q[1-4]|[0-9]{2}(?:-[0-9]{2})?))?"
_STATED = re.compile(f"(?:(by|before|from) )?({_POINT})(?: to ({_POINT}))?")
_TWO_YEARS = re.compile("([0-9]{4})-([0-9]{4})")
_UNKNOWN = ("", "unknown")


class Certainty(StrEnum):
    """Is it so? Of every completion of the dates, of some, or of none."""

    CERTAIN = "CERTAIN"
    POSSIBLE = "POSSIBLE"
    NO = "NO"


@dataclass(frozen=True, slots=True)
class BoundedDate:
    """When did it start and end, as far as that is known?

    All bounds are days, `None` where unknown; `end_earliest` and `end_latest` bound the first day
    on which it no longer held. DateFault if no completion is possible.

    >>> stated = BoundedDate.parse("2020-07 to 2020-08")
    >>> stated.start_earliest.isoformat(), stated.start_latest.isoformat()
    ('2020-07-01', '2020-07-31')
    >>> stated.end_earliest.isoformat(), stated.end_latest.isoformat()
    ('2020-08-02', '2020-09-01')
    """

    start_earliest: date | None = None
    start_latest: date | None = None
    end_earliest: date | None = None
    end_latest: date | None = None
    text: str = ""

    def __post_init__(self) -> None:
        if _later(self.start_earliest, self.start_latest):
            self._refuse("its latest start lies before its earliest")
        if _later(self.end_earliest, self.end_latest):
            self._refuse("its latest end lies before its earliest")
        if self.start_earliest and self.end_latest and self.start_earliest >= self.end_latest:
            self._refuse("it ends before it starts")

    def _refuse(self, reason: str) -> None:
        raise DateFault(self.text or " ".join(map(str, self.bounds)), reason, ACCEPTED)

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Which bounds does this text state? Forms as in `ACCEPTED`; DateFault for any other.

        A single "2020-11" is a start some day in that month, with an unknown end.

        >>> BoundedDate.parse("before 2020-03").start_latest.isoformat()
        '2020-02-29'
        >>> BoundedDate.parse(None).precision
        'unknown'
        """
        stated = (text or "").strip()
        if stated in _UNKNOWN:
            return cls(text=stated)
        years = _TWO_YEARS.fullmatch(stated)
        match = _STATED.fullmatch(years.expand(r"\1 to \2") if years else stated)
        if match is None or (match[1] in ("by", "before") and match[3]):
            raise DateFault(stated, "it is in none of the forms read here", ACCEPTED)
        word, start, end = match.groups()
        span = _span(start, stated)
        if word == "by":
            return cls(start_latest=span.last, text=stated)
        if word == "before":
            return cls(start_latest=span.first - _DAY, text=stated)
        return cls(span.first, span.last, *_end_bounds(end, stated), text=stated)

    @classmethod
    def from_parts(cls, start: BoundedDate | str | None, end_last_day: str | None) -> Self:
        """When did it hold, if a source states the start and the last day (or month, ...) of it?

        A blank or "unknown" end is an unknown end; for a record that is open in a register use
        `open_on`. DateFault if the start carries an end already.

        >>> BoundedDate.from_parts("by 2020-04", "2026-03-31").end_latest.isoformat()
        '2026-04-01'
        """
        begun = start if isinstance(start, BoundedDate) else cls.parse(start)
        ended = (end_last_day or "").strip()
        if ended in _UNKNOWN:
            return cls(*begun.bounds, text=begun.text)
        text = f"{begun.text or 'unknown'} to {ended}"
        if not re.fullmatch(_POINT, ended):
            raise DateFault(ended, "it is no day, month, quarter or year", ACCEPTED)
        if begun.end_earliest or begun.end_latest:
            raise DateFault(text, "its end is stated twice", ACCEPTED)
        return cls(begun.start_earliest, begun.start_latest, *_end_bounds(ended, text), text=text)

    @classmethod
    def open_on(cls, start: BoundedDate | str | None, as_of: date) -> Self:
        """When did it hold, if a register of the day `as_of` lists it without an end?

        It still held on that day: so it had begun by then, unless its start is stated as later (a
        body that is announced), and it ended on the following day at the earliest. The text stays
        that of the start, so that a record reads alike in every edition.

        >>> trust = BoundedDate.open_on("2013-04-01", date(2026, 1, 31))
        >>> trust.end_earliest.isoformat(), trust.end_latest
        ('2026-02-01', None)
        """
        begun = start if isinstance(start, BoundedDate) else cls.parse(start)
        if begun.end_earliest or begun.end_latest:
            raise DateFault(begun.text, "it has an end, so it is not open", ACCEPTED)
        announced = begun.start_earliest is not None and begun.start_earliest > as_of
        latest = begun.start_latest if announced else min(begun.start_latest or as_of, as_of)
        return cls(begun.start_earliest, latest, end_earliest=as_of + _DAY, text=begun.text)

    @classmethod
    def from_columns(cls, row: Mapping[str, str | None]) -> Self:
        """Which date do these columns of a table hold? The inverse of `columns`.

        >>> stated = BoundedDate.parse("2020-Q3")
        >>> BoundedDate.from_columns(stated.columns()) == stated
        True
        """
        bounds = {name: row[name] for name in COLUMNS[:4]}
        days = {name: date.fromisoformat(text) for name, text in bounds.items() if text}
        return cls(**days, text=row["date_text"] or "")

    def columns(self) -> dict[str, str | None]:
        """What stands in the columns of a table: ISO texts, None where unknown or not stated.

        >>> BoundedDate.parse("by 2021-05").columns()["start_latest"]
        '2021-05-31'
        """
        texts = [bound.isoformat() if bound else None for bound in self.bounds]
        return dict(zip(COLUMNS, [*texts, self.text or None], strict=True))

    @property
    def bounds(self) -> tuple[date | None, date | None, date | None, date | None]:
        """Earliest and latest start, earliest and latest end."""
        return (self.start_earliest, self.start_latest, self.end_earliest, self.end_latest)

    @property
    def precision(self) -> Precision:
        """How exactly is the start known? "unknown" only if nothing is known of the end either.

        >>> [BoundedDate.parse(text).precision for text in ("2020-11", "2020-Q3", "by 2020")]
        ['month', 'quarter', 'bounded']
        """
        if self.start_earliest and self.start_latest:
            return unit(Span(self.start_earliest, self.start_latest))
        return "bounded" if any(self.bounds) else "unknown"

    @property
    def _last_start(self) -> date | None:
        """The latest start of any completion: none starts on its last possible end."""
        before_end = self.end_latest - _DAY if self.end_latest else None
        known = [day for day in (self.start_latest, before_end) if day]
        return min(known, default=None)

    @property
    def _first_end(self) -> date | None:
        """The earliest end of any completion: none ends on its first possible start."""
        after_start = self.start_earliest + _DAY if self.start_earliest else None
        known = [day for day in (self.end_earliest, after_start) if day]
        return max(known, default=None)

    def holds_on(self, day: date) -> Certainty:
        """Did it hold on that day: begun by then, and not ended?

        >>> str(BoundedDate.parse("2020-07 to 2020-08").holds_on(date(2020, 8, 1)))
        'CERTAIN'
        >>> str(BoundedDate.parse("2020-11").holds_on(date(2021, 1, 1)))
        'POSSIBLE'
        """
        return _certainty(
            _surely(self._last_start, day + _DAY) and _surely(day, self._first_end),
            _maybe(self.start_earliest, day + _DAY) and _maybe(day, self.end_latest),
        )

    def overlaps(self, other: BoundedDate) -> Certainty:
        """Was there a day on which both held?

        The two are taken as independent: any completion of one goes with any of the other.

        >>> july, august = BoundedDate.parse("2020-07"), BoundedDate.parse("2020-08")
        >>> str(july.overlaps(august))
        'POSSIBLE'
        """
        return _certainty(
            _surely(self._last_start, other._first_end)
            and _surely(other._last_start, self._first_end),
            _maybe(self.start_earliest, other.end_latest)
            and _maybe(other.start_earliest, self.end_latest),
        )

    def before(self, other: BoundedDate) -> Certainty:
        """Did it start on an earlier day than the other started ("adopted before")?

        Ends play no part, since hardly any is stated; the two are taken as independent.

        >>> july, summer = BoundedDate.parse("2020-07"), BoundedDate.parse("2020-Q3")
        >>> str(july.before(BoundedDate.parse("2020-08"))), str(july.before(summer))
        ('CERTAIN', 'POSSIBLE')
        """
        return _certainty(
            _surely(self._last_start, other.start_earliest),
            _maybe(self.start_earliest, other._last_start),
        )

    def plain(self) -> str:
        """How is it said to people? Never more exactly than it is known.

        >>> BoundedDate.parse("2020-07 to 2020-08").plain()
        'July to August 2020'
        >>> BoundedDate.parse("by 2021-05-28").plain()
        'by 28 May 2021'
        >>> BoundedDate.parse("").plain()
        'date not stated'
        """
        return in_words(self.bounds, self.text)


Day = str | date
"""A day as a caller gives it: ISO text, or a date."""


def iso_day(day: Day) -> str:
    """A day as ISO text, however it is given; a text stays as it is.

    >>> iso_day(date(2021, 6, 30)), iso_day("2021-06-30")
    ('2021-06-30', '2021-06-30')
    """
    return day.strftime("%Y-%m-%d") if isinstance(day, date) else day


def read_day(text: str) -> date:
    """Which single day is this? ISO form only; DateFault for anything else.

    >>> read_day("2021-06-30")
    datetime.date(2021, 6, 30)
    """
    form = ("2021-05-28",)
    if not isinstance(text, str) or not re.fullmatch("[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", text):
        raise DateFault(text, "a single day is needed", form)
    try:
        return _span(text, text).first
    except DateFault as fault:
        raise DateFault(text, fault.reason, form) from None


def holds_on_expr(day: str) -> pl.Expr:
    """`BoundedDate.holds_on` for every row of a table with the columns of `COLUMNS`.

    `day` is an ISO day (DateFault if it is none); the column `certainty` holds the texts
    CERTAIN, POSSIBLE and NO.

    >>> import polars as pl
    >>> stated = ("2020-07 to 2020-08", "2020-11", "2021")
    >>> table = pl.DataFrame([BoundedDate.parse(text).columns() for text in stated])
    >>> table.select(holds_on_expr("2020-11-05")).to_series().to_list()
    ['NO', 'POSSIBLE', 'NO']
    """
    import polars as pl

    today, next_day = day, (read_day(day) + _DAY).isoformat()
    # ISO texts sort as their days do. An unknown bound makes a condition null, and `when` takes
    # null as false: so unknown bounds neither rule out nor make certain.
    never = (pl.col("start_earliest") > today) | (pl.col("end_latest") <= today)
    begun = (pl.col("start_latest") <= today) | (pl.col("end_latest") <= next_day)
    lasting = (pl.col("end_earliest") > today) | (pl.col("start_earliest") >= today)
    return _certainty_expr(never, begun & lasting)


def begun_by_expr(day: str) -> pl.Expr:
    """Had it started on that day or earlier, whether or not it had ended again? For every row of a
    table; as `holds_on_expr`.

    >>> import polars as pl
    >>> stated = ("2020-07 to 2020-08", "2020-11", "2021")
    >>> table = pl.DataFrame([BoundedDate.parse(text).columns() for text in stated])
    >>> table.select(begun_by_expr("2020-11-05")).to_series().to_list()
    ['CERTAIN', 'POSSIBLE', 'NO']
    """
    import polars as pl

    next_day = (read_day(day) + _DAY).isoformat()
    begun = (pl.col("start_latest") <= day) | (pl.col("end_latest") <= next_day)
    return _certainty_expr(pl.col("start_earliest") > day, begun)


def _certainty_expr(never: pl.Expr, certain: pl.Expr) -> pl.Expr:
    import polars as pl

    verdict = (
        pl.when(never)
        .then(pl.lit(str(Certainty.NO)))
        .when(certain)
        .then(pl.lit(str(Certainty.CERTAIN)))
        .otherwise(pl.lit(str(Certainty.POSSIBLE)))
    )
    return verdict.alias("certainty")


def _certainty(certain: bool, possible: bool) -> Certainty:
    if certain:
        return Certainty.CERTAIN
    return Certainty.POSSIBLE if possible else Certainty.NO


def _surely(first: date | None, then: date | None) -> bool:
    """first < then, whatever an unknown day may be."""
    return first is not None and then is not None and first < then


def _maybe(first: date | None, then: date | None) -> bool:
    """first < then, for some day that an unknown one may be."""
    return first is None or then is None or first < then


def _span(point: str, stated: str) -> Span:
    """First and last day of a text of the form `_POINT`, which stands in the text `stated`."""
    year, _, rest = point.partition("-")
    if year == _NO_END_YEAR:
        raise DateFault(
            stated, "9999 stands for no end, which is stated by leaving it out", ACCEPTED
        )
    try:
        if rest.startswith("Q"):
            last_month = 3 * int(rest[1])
            return Span(date(int(year), last_month - 2, 1), _month_end(int(year), last_month))
        if len(rest) == 2:
            return Span(date(int(year), int(rest), 1), _month_end(int(year), int(rest)))
        if rest:
            day = date.fromisoformat(point)
            return Span(day, day)
    except ValueError:
        raise DateFault(stated, f"{point} is not in the calendar", ACCEPTED) from None
    return Span(date(int(year), 1, 1), date(int(year), 12, 31))


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _end_bounds(last_held: str | None, stated: str) -> tuple[date | None, date | None]:
    """Bounds of the first day it no longer held, from the day, month, ... it last held in."""
    if last_held is None:
        return None, None
    span = _span(last_held, stated)
    return span.first + _DAY, span.last + _DAY


def _later(first: date | None, then: date | None) -> bool:
    return first is not None and then is not None and first > then
