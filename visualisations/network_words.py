"""The words of maps of any part of the graph: headline, key, filters and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from .evidence import Card
from .page import LegendEntry, LegendShape
from .palette import KINDS, KNOWLEDGE
from .payload import Filter, Option, Table, Tie, Words
from .statements import Evidence
from .things import Thing
from .wording import counted

__all__ = ["WORDS", "fewer", "filters", "headline", "left_out", "legend", "tables"]

WORDS = Words(
    card=("statement", "statements"),
    place=("thing", "things"),
    thing=("thing", "things"),
    observed="begun or observed",
)

_FILTERS = (
    ("relation", "Relationship", "All kinds of tie", False),
    ("sector", "What it is", "All kinds of thing", False),
    ("knowledge", "Evidence", "Known in any way", False),
    ("system", "System", "All systems", True),
    ("region", "Region", "All regions", True),
    ("topic", "Topic", "All topics", True),
    ("barrier", "Barrier or challenge", "All barriers", True),
    ("pathways", "Number of pathways", "Any number", True),
)
_CERTAINTY = (Option("certain", "Certain only"), Option("possible", "Possible only"))

_FORMS = {"dot": "circle"}


def filters(cards: Collection[Card]) -> list[Filter]:
    """The filters that have two choices or more, in the order they are shown."""
    found = []
    for name, label, none, more in _FILTERS:
        values = sorted({value for card in cards for value in card.facets.get(name, ())})
        if len(values) > 1:
            options = tuple(Option(value, value) for value in values)
            found.append(Filter(name, label, none, options, more))
    if cards:
        found.append(Filter("certainty", "Certainty", "Certain and possible", _CERTAINTY))
    return found


def headline(things: Collection[Thing], evidence: Evidence, day: str) -> str:
    """How much there is and of when, in one sentence."""
    sources = {(s.title, s.url) for card in evidence.cards for s in card.sources}
    parts = [
        *_kinds(things),
        counted(len(evidence.ties), "tie") if evidence.ties else "",
        f"from {counted(len(sources), 'source')}" if sources else "",
        day,
        _dated(evidence.cards),
    ]
    return " · ".join(part for part in parts if part)


def _kinds(things: Collection[Thing]) -> Iterator[str]:
    numbers = Counter(thing.kind for thing in things)
    for kind, mark in KINDS.items():
        if numbers[kind]:
            yield counted(numbers[kind], mark.label.lower(), mark.plural.lower())


def _dated(cards: Iterable[Card]) -> str:
    known = list(cards)
    days = sorted(day for card in known for day in (card.earliest, card.latest) if day)
    undated = sum(1 for card in known if not card.earliest and not card.latest)
    years = sorted({day[:4] for day in days})
    span = f"dated {' to '.join([years[0], years[-1]][: len(years)])}" if years else ""
    without = f"{undated:,} without a date" if undated else ""
    return ", ".join(part for part in (span, without) if part)


def left_out(shown: int, left: int, what: str = "thing") -> list[str]:
    """The sentence on marks that a map had no room for; none where it had.

    >>> left_out(500, 5162)[0]
    'Shown: 500 of 5,662 things, those with the most ties. The map of England has all providers.'
    """
    if not left:
        return []
    return [
        f"Shown: {shown:,} of {counted(shown + left, what)}, those with the most ties. "
        "The map of England has all providers."
    ]


def fewer(shown: int, every: int) -> list[str]:
    """The sentence on statements that a map had no room for; none where it had.

    >>> fewer(1500, 2810)
    ['Shown: 1,500 of 2,810 statements between these things, those that lead to them first.']
    """
    if shown == every:
        return []
    return [
        f"Shown: {shown:,} of {counted(every, 'statement')} between these things, "
        "those that lead to them first."
    ]


def legend(
    things: Collection[Thing], ties: Collection[Tie], grouped: bool
) -> tuple[LegendEntry, ...]:
    """The key: the kinds and lines that are on this map, and what fills and rings mean."""
    if not things:
        return ()
    kinds, levels = {thing.kind for thing in things}, {tie.knowledge for tie in ties}
    entries = [
        LegendEntry(mark.label, (LegendShape(_FORMS.get(mark.shape, mark.shape), f"fill-{kind}"),))
        for kind, mark in KINDS.items()
        if kind in kinds
    ]
    entries += [
        LegendEntry(line.label, (LegendShape("straight", f"line-{level}"),))
        for level, line in KNOWLEDGE.items()
        if level in levels
    ]
    if grouped:
        entries.append(LegendEntry("What lies inside", (LegendShape("circle", "group-ring", 8),)))
    pale = (LegendShape("circle", "fill-possible"),)
    ring = (LegendShape("circle", "fill-system", 4.5), LegendShape("circle", "ring", 8))
    return (
        *entries,
        LegendEntry("Pale: when is not certain", pale),
        LegendEntry("Chosen, or tied with it", ring),
    )


def tables(grouped: bool) -> tuple[Table, ...]:
    """The table view: statements, ties, things."""
    within = (("within", "Lies in"),) if grouped else (("group", "Region"),)
    return (
        Table("cards", "Statements", "cards", (
            ("name", "Statement"), ("kind", "Kind"), ("when", "When"), ("evidence", "Details"),
            ("knowledge", "How it is known"), ("certainty", "By the date"), ("source", "Source"),
        )),
        Table("ties", "Ties", "ties", (
            ("start", "From"), ("what", "What"), ("end", "To"), ("cards", "Statements"),
            ("certainty", "By the date"),
        )),
        Table("items", "Things", "items", (
            ("name", "Name"), ("what", "What it is"), *within,
            ("also", "Other names and codes"), ("cards", "Statements"), ("ends", "Tied with"),
        )),
    )  # fmt: skip
