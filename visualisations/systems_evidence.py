"""What the map of systems rests on: which systems stand on its day, what was found in them, who
looked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..ontology.relationships import relationship_kind
from .evidence import Card, cards
from .palette import KNOWLEDGE
from .payload import Tie
from .tables import Row, SnapshotTables, by_id, grouped, pairs, rows

__all__ = ["TIE_KINDS", "Found", "gather"]

TIE_KINDS = ("ADOPTED", "FACED")
THING_KINDS = ("Innovation", "Barrier")


@dataclass(frozen=True)
class Found:
    """Everything the map shows, and the numbers of what it does not.

    `things` are the innovations and barriers that some finding shown is about. `looked` and
    `inspected` hold, by system, the reviews that went there and the sources that are not reviews
    but did; `unnamed` are the reviews whose areas no source names. `editions` are the sources that
    say something of what is shown, as the manifest has them. `topic` is the name of the only topic
    shown, blank for all: then `looked` are the reviews of this topic alone.
    """

    systems: Mapping[str, Row]
    things: Mapping[str, Row]
    cards: Sequence[Card]
    ties: Sequence[Tie]
    looked: Mapping[str, Sequence[Row]]
    inspected: Mapping[str, Sequence[Row]]
    unnamed: Sequence[Row]
    later: int
    elsewhere: int
    programme: int
    measured: int
    day: str
    editions: Sequence[Mapping[str, Any]] = ()
    other_topics: int = 0
    topic: str = ""

    def state(self, system: str) -> str:
        """Whether a system was reviewed and whether a finding names it: a key of
        `systems_words.states`."""
        has_finding = any(system in card.systems for card in self.cards)
        if self.looked.get(system):
            return "found" if has_finding else "quiet"
        return "elsewhere" if has_finding else "unreviewed"

    def systems_of(self, thing: str) -> set[str]:
        """The systems in which an innovation or barrier was found."""
        return {tie.start for tie in self.ties if tie.end == thing}


def gather(snapshot: SnapshotTables, on: str | None) -> Found:
    """Read what the map needs. `on` is its day (ISO); without it, the last day by which evidence
    was observed."""
    every = cards(snapshot)
    day = on or max((card.latest for card in every), default="")
    known = [card for card in every if on is None or not card.earliest or card.earliest <= on]
    systems = {i: row for i, row in by_id(snapshot.nodes("System")).items() if _stood(row, day)}
    kept = [replace(card, systems=tuple(s for s in card.systems if s in systems)) for card in known]
    named_things = {thing for card in kept for thing in card.things}
    things = {
        i: row
        for kind in THING_KINDS
        for i, row in by_id(snapshot.nodes(kind)).items()
        if i in named_things
    }
    reviews, sources = by_id(snapshot.nodes("Review")), by_id(snapshot.nodes("Source"))
    visits = [(place, visitor) for visitor, place in pairs(snapshot.relationships("REVIEWED"))]
    named = {visitor for place, visitor in visits if place in systems}
    statements = list(_statements(snapshot))
    return Found(
        systems=systems,
        things=things,
        cards=kept,
        ties=_ties(statements, systems, things, {card.id for card in kept}),
        looked=_rows_by_place(visits, reviews),
        inspected=_rows_by_place(visits, sources),
        unnamed=[row for i, row in reviews.items() if i not in named],
        later=len(every) - len(known),
        elsewhere=sum(not card.systems and not card.placeless for card in kept),
        programme=snapshot.nodes("Finding").height - len(every),
        measured=sum(1 for row in statements if row["finding"] is None),
        day=day,
        editions=_editions(snapshot, [*systems.values(), *things.values()], kept),
    )


def _editions(
    snapshot: SnapshotTables, shown: Sequence[Row], kept: Sequence[Card]
) -> list[Mapping[str, Any]]:
    """The editions that describe the rows shown, or report a finding shown, by their ids."""
    findings = by_id(snapshot.nodes("Finding"))
    described = [*shown, *(findings[card.id] for card in kept)]
    ids = {edition for row in described for edition in row["sources"] or ()}
    listed = snapshot.manifest.get("sources", ())
    return sorted((facts for facts in listed if facts["id"] in ids), key=lambda f: str(f["id"]))


def _stood(row: Row, day: str) -> bool:
    """Whether a system may have stood on a day; every system, where there is no day."""
    begun = not day or row["start_earliest"] is None or row["start_earliest"] <= day
    return begun and (not day or row["end_latest"] is None or day < row["end_latest"])


def _rows_by_place(
    visits: Sequence[tuple[str, str]], known: Mapping[str, Row]
) -> dict[str, list[Row]]:
    return {
        place: [known[visitor] for visitor in visitors if visitor in known]
        for place, visitors in grouped(visits).items()
    }


def _statements(snapshot: SnapshotTables) -> Iterator[Row]:
    for kind in TIE_KINDS:
        yield from rows(snapshot.relationships(kind))


def _ties(
    statements: Sequence[Row],
    systems: Mapping[str, Row],
    things: Mapping[str, Row],
    known: set[str],
) -> list[Tie]:
    """One tie for each system and thing that some known finding puts together, sorted by both
    ids."""
    together: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in statements:
        if row["subject"] in systems and row["object"] in things and row["finding"] in known:
            together[row["subject"], row["object"], row["kind"]].append(row)
    return [
        _tie(number, key, found, systems, things)
        for number, (key, found) in enumerate(sorted(together.items(), key=lambda item: item[0]))
    ]


def _tie(
    number: int,
    key: tuple[str, str, str],
    found: Sequence[Row],
    systems: Mapping[str, Row],
    things: Mapping[str, Row],
) -> Tie:
    system, thing, kind = key
    what = relationship_kind(kind).label
    levels = [level for level in KNOWLEDGE if any(row["knowledge_level"] == level for row in found)]
    return Tie(
        id=f"tie-{number}",
        start=system,
        end=thing,
        what=what,
        sentence=f"{systems[system]['name']} {what}: {things[thing]['name']}",
        knowledge=levels[0] if levels else "finding",
        cards=tuple(sorted({row["finding"] for row in found})),
    )
