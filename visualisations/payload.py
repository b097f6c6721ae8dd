"""What a page's script is given: plain, typed data that any back end can draw and any table can
show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .evidence import Card, SourceLink
from .palette import MODES, tones

__all__ = ["Filter", "Item", "Option", "Payload", "Period", "Table", "Tie", "Words", "as_data"]


@dataclass(frozen=True)
class Words:
    """What a map counts, in the reader's words: one and several of each.

    `card` is what a line rests on, `place` a mark in the middle, `thing` one of a list; `observed`
    is what a card was by a day.
    """

    card: tuple[str, str] = ("finding", "findings")
    place: tuple[str, str] = ("system", "systems")
    thing: tuple[str, str] = ("innovation or barrier", "innovations and barriers")
    observed: str = "observed"


@dataclass(frozen=True)
class Table:
    """One table of the table view: rows of `of` (`cards`, `ties` or `items`, the latter of some
    `lists` only), and its columns as pairs of a field that `shell_tables.js` knows and a title."""

    name: str
    title: str
    of: str
    columns: tuple[tuple[str, str], ...]
    lists: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One mark. `list` is where it stands (`left`, `middle`, `right`); `also` are names to search
    by; `details` are labels and what is known under them; `parent` is the group it stands in."""

    id: str
    kind: str
    name: str
    list: str
    what: str
    lead: str
    also: tuple[str, ...] = ()
    group: str = ""
    state: str = ""
    facts: tuple[str, ...] = ()
    details: tuple[tuple[str, tuple[str, ...]], ...] = ()
    parent: str = ""
    system: str = ""


@dataclass(frozen=True)
class Tie:
    """One line between two marks, with the ids of the cards that it rests on. `sentence` may be
    empty: it is then made of the names of both ends and `what`."""

    id: str
    start: str
    end: str
    what: str
    sentence: str
    knowledge: str
    cards: tuple[str, ...]
    directed: bool = False


@dataclass(frozen=True)
class Option:
    """One choice of a filter: the value that findings carry, and the reader's word for it."""

    value: str
    label: str


@dataclass(frozen=True)
class Filter:
    """One filter: its label, the words when nothing is chosen, and its choices. One that is `more`
    is shown when more filters are asked for."""

    name: str
    label: str
    any: str
    options: tuple[Option, ...]
    more: bool = False


@dataclass(frozen=True)
class Period:
    """One bar of the time strip: first and last day (ISO; the first bar's first day may be
    empty)."""

    first: str
    last: str
    tick: str


@dataclass(frozen=True)
class Payload:
    """Everything a page's script needs. `drawing` is the back end's own part; `about` is said on
    each picture that is taken away; `open_groups` are those whose members are shown at first;
    `derived` are the facets of cards that the script makes of their kind and ends."""

    name: str
    back_end: str
    items: Sequence[Item]
    ties: Sequence[Tie]
    cards: Sequence[Card]
    filters: Sequence[Filter]
    periods: Sequence[Period]
    lists: Mapping[str, str]
    states: Mapping[str, str]
    drawing: Mapping[str, Any]
    words: Words = Words()
    tables: Sequence[Table] = ()
    about: Sequence[str] = ()
    open_groups: Sequence[str] = field(default_factory=tuple)
    derived: Sequence[str] = ()


ALIKE: dict[str, tuple[str, ...]] = {
    "items": ("kind", "list", "what", "lead", "group", "state", "system", "parent"),
    "ties": ("what", "knowledge", "directed"),
    "cards": (
        "kind",
        "badges",
        "where",
        "when",
        "earliest",
        "latest",
        "knowledge",
        "going",
        "gone",
    ),
}
"""The fields in which many items, ties or cards say the same."""


def as_data(payload: Payload) -> dict[str, Any]:
    """The payload as plain lists and mappings, with the palette of both modes.

    What is empty is left out of items, ties and cards, each source stands once, and so does what
    many say alike (`alike`, of which each names its own by its place), so that a map of thousands
    of ties stays small; `shell_state.js` completes them.
    """
    sources: dict[SourceLink, int] = {}
    said = {
        "items": [_lean(vars(item)) for item in payload.items],
        "ties": [_lean(vars(tie)) for tie in payload.ties],
        "cards": [_card(card, sources, payload.derived) for card in payload.cards],
    }
    alike = {name: _taken_out(records, ALIKE[name]) for name, records in said.items()}
    return {
        "name": payload.name,
        "backEnd": payload.back_end,
        "words": asdict(payload.words),
        "palette": {mode: tones(mode) for mode in MODES},
        **said,
        "alike": alike,
        "sources": [_lean(asdict(source)) for source in sources],
        "filters": [asdict(one) for one in payload.filters],
        "periods": [asdict(period) for period in payload.periods],
        "tables": [asdict(table) for table in payload.tables],
        "lists": dict(payload.lists),
        "states": dict(payload.states),
        "about": list(payload.about),
        "open": list(payload.open_groups),
        "derived": list(payload.derived),
        "drawing": dict(payload.drawing),
    }


def _taken_out(records: Sequence[dict[str, Any]], fields: Sequence[str]) -> list[dict[str, Any]]:
    """What the records say in these fields, each combination once; a record keeps only the place of
    its own, as `like`.

    >>> records = [{"id": 1, "what": "hospital"}, {"id": 2, "what": "hospital"}]
    >>> _taken_out(records, ["what"]), records
    ([{'what': 'hospital'}], [{'id': 1, 'like': 0}, {'id': 2, 'like': 0}])
    """
    places: dict[tuple[tuple[str, Any], ...], int] = {}
    for record in records:
        own = tuple((name, record.pop(name)) for name in fields if name in record)
        record["like"] = places.setdefault(own, len(places))
    return [dict(own) for own in places]


def _lean(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in ("", (), [], {}, False)}


def _card(card: Card, sources: dict[SourceLink, int], derived: Sequence[str]) -> dict[str, Any]:
    """A card as data; a source is its place among all, with where in it the card stands."""
    plain = {name: value for name, value in vars(card).items() if name not in ("things", "systems")}
    cited = []
    for source in card.sources:
        whole = replace(source, locator="")
        at = sources.setdefault(whole, len(sources))
        cited.append([at, source.locator] if source.locator else [at])
    told = {name: values for name, values in card.facets.items() if values}
    facets = {name: values for name, values in told.items() if name not in derived}
    items = [*card.things, *card.systems]
    return _lean({**plain, "sources": cited, "facets": facets, "items": items})
