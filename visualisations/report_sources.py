"""The numbered sources of a report: each document once, with all that a reader needs to find it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from . import statements
from .evidence import SourceLink

__all__ = ["Footnotes", "Numbered", "edition_link", "web_address"]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A source with its number. `address` is empty unless it is one of the web; `where` are the
    places in it that the report rests on."""

    number: int
    title: str
    publisher: str
    date: str
    licence: str
    address: str
    where: str


class Footnotes:
    """Sources by number, in the order in which a report first names them."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._links: list[SourceLink] = []
        self._where: list[dict[str, None]] = []

    def of(self, links: Iterable[SourceLink]) -> tuple[int, ...]:
        """The numbers of some sources, new ones given as they come.

        >>> notes = Footnotes()
        >>> one, other = SourceLink("A", "", ""), SourceLink("B", "", "")
        >>> notes.of([one, other]), notes.of([other])
        ((1, 2), (2,))
        """
        return tuple(sorted({self._number(link) for link in links}))

    def _number(self, link: SourceLink) -> int:
        key = (link.title, link.url)
        if key not in self._numbers:
            self._numbers[key] = len(self._links) + 1
            self._links.append(link)
            self._where.append({})
        number = self._numbers[key]
        if link.locator:
            self._where[number - 1].setdefault(link.locator)
        return number

    def listed(self) -> list[Numbered]:
        """All of them in the order of their numbers."""
        return [
            Numbered(
                number=number,
                title=link.title or "Title not stated",
                publisher=link.publisher or "publisher not stated",
                date=link.date or "date not stated",
                licence=f"Licence: {link.licence}" if link.licence else "Licence not stated",
                address=web_address(link.url),
                where="; ".join(where),
            )
            for number, (link, where) in enumerate(zip(self._links, self._where, strict=True), 1)
        ]


def edition_link(facts: Mapping[str, Any]) -> SourceLink:
    """An edition of a data set as a source.

    >>> edition_link({"title": "Trusts", "as_of": "2026-01"}).date
    'as of January 2026'
    """
    link = statements.edition_link(facts)
    return replace(link, date=f"as of {link.date}") if link.date else link


def web_address(url: str) -> str:
    """The address if it is one of the web; what may be anything else becomes no link.

    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', '')
    """
    if any(ord(letter) <= 32 for letter in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
