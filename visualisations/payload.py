"""What a page's script is given: plain, typed data that any back end can draw and any table can
show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .evidence import Card
from .palette import MODES, tones

__all__ = ["Filter", "Item", "Option", "Payload", "Period", "Tie", "as_data"]


@dataclass(frozen=True)
class Item:
    """One mark. `list` is where it stands (`left`, `middle`, `right`); `also` are names to search
    by."""

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


@dataclass(frozen=True)
class Tie:
    """One line between two marks, with the ids of the findings that it rests on."""

    id: str
    start: str
    end: str
    what: str
    sentence: str
    knowledge: str
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """One choice of a filter: the value that findings carry, and the reader's word for it."""

    value: str
    label: str


@dataclass(frozen=True)
class Filter:
    """One filter: its label, the words when nothing is chosen, and its choices."""

    name: str
    label: str
    any: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Period:
    """One bar of the time strip: first and last day (ISO; the first bar's first day may be
    empty)."""

    first: str
    last: str
    tick: str


@dataclass(frozen=True)
class Payload:
    """Everything a page's script needs. `drawing` is the back end's own part."""

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


def as_data(payload: Payload) -> dict[str, Any]:
    """The payload as plain lists and mappings, with the palette of both modes."""
    return {
        "name": payload.name,
        "backEnd": payload.back_end,
        "palette": {mode: tones(mode) for mode in MODES},
        "items": [asdict(item) for item in payload.items],
        "ties": [asdict(tie) for tie in payload.ties],
        "cards": [_card(card) for card in payload.cards],
        "filters": [asdict(one) for one in payload.filters],
        "periods": [asdict(period) for period in payload.periods],
        "lists": dict(payload.lists),
        "states": dict(payload.states),
        "drawing": dict(payload.drawing),
    }


def _card(card: Card) -> dict[str, Any]:
    plain = asdict(card)
    del plain["things"], plain["systems"]
    return {**plain, "items": [*card.things, *card.systems]}
