"""A publisher's web service: what it needs to be asked, what it answers, lists of many pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ..ontology.errors import ServiceFailed, shown

__all__ = ["Answer", "Key", "Listing", "Page", "Service", "settled", "stamp"]

Query = Sequence[tuple[str, str]]
Tell = Callable[[str, int, int], None]
"""Is told what is going on, how much of it is done, and of how much (0 if that is not known)."""

AGAIN = "What was fetched is kept. Run the same command again later: it goes on from there."

WALKS = 3
"""How often a list that changes while it is read is read, at most."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a service asks for: the environment variable it is in, the header it goes into,
    and the page that gives one out. It is never an argument, nor written anywhere."""

    variable: str
    header: str
    page: str


@dataclass(frozen=True, slots=True)
class Service:
    """A web service that can be fetched from: a row of `FETCHED`.

    `url` is its address; another one (of a mirror) can stand in the environment variable
    `url_variable`. `per_minute` is how many requests are sent in a minute at most. `parameters` go
    with each request where the environment has the variable named. `narrowed_by` is the option
    that fetches a part only; `kind` is the loader that reads the files.
    """

    name: str
    module: str
    kind: str
    publisher: str
    title: str
    what: str
    page: str
    url: str
    url_variable: str
    per_minute: int
    narrowed_by: str
    licence: str = "OGL-UK-3.0"
    accept: str = "application/json"
    key: Key | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered to one request: JSON, with the headers that came with it."""

    service: str
    url: str
    body: Any
    headers: Mapping[str, str]

    @property
    def time(self) -> datetime:
        """When the service answered, by its own clock: a change is asked for by that clock, too.

        >>> Answer("S", "u", {}, {"Date": "Sun, 22 Nov 2026 00:40:00 GMT"}).time.isoformat()
        '2026-11-22T00:40:00+00:00'
        """
        try:
            return parsedate_to_datetime(self.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):
            raise self.fault("it does not say when it answered (the header Date)") from None

    def items(self, name: str) -> list[Any]:
        """The list of this name; `ServiceFailed` if the answer has none.

        >>> Answer("S", "u", {"changes": ["1-101"]}, {}).items("changes")
        ['1-101']
        """
        found = self.body.get(name) if isinstance(self.body, dict) else None
        if not isinstance(found, list):
            raise self.fault(f"the answer has no list {shown(name)}")
        return found

    def fault(self, reason: str) -> ServiceFailed:
        """The error that says that this answer cannot be used, and why."""
        return ServiceFailed(self.service, self.url, reason, AGAIN)


class Page(NamedTuple):
    """One page of a list: its identifiers, how many the whole list has (if said), and when."""

    identifiers: list[str]
    total: int | None
    time: datetime


class Listing(NamedTuple):
    """The identifiers of a whole list, sorted, and when its first page was asked for."""

    identifiers: list[str]
    time: datetime


def settled(walk: Callable[[], Iterator[Page]]) -> Listing:
    """A list that may change while its pages are read, so that none that stays in it is missed.

    What is taken out of a list moves those behind it towards a page that was read already. So the
    list is read again, at most `WALKS` times, until one reading had as many identifiers as the list
    says on each of its pages; what any reading had counts.

    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> readings = iter([
    ...     [Page(["a", "b"], 4, noon), Page(["d"], 3, noon)],  # "a" was taken out, "c" moved
    ...     [Page(["b", "c"], 3, noon), Page(["d"], 3, noon)],
    ... ])
    >>> settled(lambda: iter(next(readings))).identifiers
    ['a', 'b', 'c', 'd']
    """
    found: set[str] = set()
    times: list[datetime] = []
    for _ in range(WALKS):
        pages = list(walk())
        seen = {identifier for page in pages for identifier in page.identifiers}
        found |= seen
        times += [page.time for page in pages]
        if {page.total for page in pages} <= {None, len(seen)}:
            break
    return Listing(sorted(found), min(times))


def stamp(time: datetime) -> str:
    """A time as services take it.

    >>> stamp(datetime(2026, 11, 22, 0, 40, tzinfo=UTC))
    '2026-11-22T00:40:00Z'
    """
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
