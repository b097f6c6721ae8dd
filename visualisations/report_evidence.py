"""What every report reads off a snapshot: findings with their sources, who took up or met what,
which systems there are, and who looked where.

Statements of findings and statements derived from a register are kept apart all the way: the
second have no finding, and their source is an edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import polars as pl

from ..graph.merging import ranks
from ..graph.snapshot import Snapshot
from ..graph.views import on_day
from ..ontology.dates import BoundedDate
from ..ontology.vocabularies import plain
from .evidence import ABOUT_PROGRAMME, Card, SourceLink, cards, source_link
from .report_page import Text, said
from .report_sources import Footnotes, edition_link
from .tables import Row, by_id, grouped, pairs, rows

__all__ = [
    "CARD_COLUMNS",
    "Evidence",
    "Statement",
    "about_programme",
    "evidence",
    "topic_name",
]

FEW = 3
"""Editions that are cited for what every register says."""

SHARED = ("card", "findings", "documents", "adopted", "faced", "looked")
"""What is read before the first report, so that all have it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """That a body or system took up an innovation or met a barrier: when, how far, on which
    finding it rests ('' for one derived from a register), and how it is known."""

    body: str
    thing: str
    when: str
    earliest: str
    latest: str
    stage: str
    finding: str
    level: str
    source: str


class Evidence:
    """A snapshot as a report reads it, on a day in the world if one is asked for.

    `whole` is the snapshot without the day; `day` is the day asked for or, if none, the day of the
    newest source; `notes` numbers the sources as they come up, and
    `used` are the editions whose data the report shows.
    """

    def __init__(self, snapshot: Snapshot, on: str = "") -> None:
        self.whole = snapshot
        self.on = on
        self.day = on or snapshot.manifest["default_day"] or ""
        self.snapshot: Snapshot = on_day(snapshot, on) if on else snapshot
        self.notes = Footnotes()
        self.used: set[str] = set()

    @cached_property
    def cards(self) -> list[Card]:
        """Every finding but those about the programme itself."""
        return cards(self.snapshot)

    @cached_property
    def card(self) -> Mapping[str, Card]:
        """The findings by their ids."""
        return {card.id: card for card in self.cards}

    @cached_property
    def findings(self) -> Mapping[str, Row]:
        """The rows of the findings by their ids."""
        return by_id(self.snapshot.nodes("Finding"))

    @cached_property
    def systems(self) -> Mapping[str, Row]:
        """The systems by their ids."""
        return by_id(self.snapshot.nodes("System"))

    @cached_property
    def innovations(self) -> Mapping[str, Row]:
        """The innovations by their ids."""
        return by_id(self.snapshot.nodes("Innovation"))

    @cached_property
    def barriers(self) -> Mapping[str, Row]:
        """The barriers and challenges by their ids."""
        return by_id(self.snapshot.nodes("Barrier"))

    @cached_property
    def reviews(self) -> list[Row]:
        """The reviews in the order of the programme."""
        found = list(rows(self.snapshot.nodes("Review")))
        return sorted(found, key=lambda row: (row["phase"] or 0, row["id"]))

    @cached_property
    def looked(self) -> Mapping[str, Sequence[str]]:
        """The systems, areas and bodies that each review or programme looked at, by its id."""
        return grouped(pairs(self.snapshot.relationships("REVIEWED")))

    def reviewed(self, system: str) -> list[Row]:
        """The reviews that name a system among their areas."""
        return [row for row in self.reviews if system in self.looked.get(row["id"], ())]

    @cached_property
    def unnamed(self) -> list[Row]:
        """The reviews of which no source names a system that they looked at."""
        known = self.whole.nodes("System")["id"]
        named = set(known)
        return [r for r in self.reviews if not named.intersection(self.looked.get(r["id"], ()))]

    @cached_property
    def adopted(self) -> list[Statement]:
        """Who took up what."""
        return list(map(_statement, rows(self.snapshot.relationships("ADOPTED"))))

    @cached_property
    def faced(self) -> list[Statement]:
        """Who met which barrier or challenge."""
        return list(map(_statement, rows(self.snapshot.relationships("FACED"))))

    @cached_property
    def editions(self) -> Mapping[str, Mapping[str, Any]]:
        """What is known of each edition, by its id."""
        return {facts["id"]: facts for facts in self.snapshot.manifest.get("sources", ())}

    @cached_property
    def documents(self) -> Mapping[str, Row]:
        """The documents by their ids."""
        return by_id(self.snapshot.nodes("Source"))

    def name(self, system: str) -> str:
        """What a system is called."""
        return _name(self.systems, system)

    def thing(self, thing: str) -> str:
        """What an innovation or barrier is called."""
        return _name({**self.innovations, **self.barriers}, thing)

    def of_cards(self, found: Iterable[Card]) -> tuple[int, ...]:
        """The numbers of the sources of some findings; where no document is known, of the edition
        that holds the finding."""
        links: list[SourceLink] = []
        for card in found:
            self.used.update(self.findings[card.id]["sources"] or ())
            links += card.sources or self._held_by(card.id)
        return self.notes.of(links)

    def _held_by(self, finding: str) -> list[SourceLink]:
        held = self.findings[finding]["sources"] or ()
        return [edition_link(self.editions[i]) for i in held if i in self.editions]

    def of_editions(self, ids: Iterable[str]) -> tuple[int, ...]:
        """The numbers of some editions."""
        known = [self.editions[i] for i in sorted(set(ids)) if i in self.editions]
        self.used.update(facts["id"] for facts in known)
        return self.notes.of(edition_link(facts) for facts in known)

    def believed_first(self, ids: Iterable[str]) -> list[str]:
        """Of some editions the few that go before the others where they differ."""
        order = ranks(self.snapshot.manifest.get("sources", ()))
        return sorted((i for i in ids if i in order), key=order.__getitem__)[:FEW]

    def of_documents(self, ids: Iterable[str]) -> tuple[int, ...]:
        """The numbers of some documents."""
        known = (self.documents[i] for i in sorted(set(ids)) if i in self.documents)
        return self.notes.of(source_link(row) for row in known)

    def of_statement(self, statement: Statement) -> tuple[int, ...]:
        """The numbers of the sources of a statement: its finding's, or its edition."""
        if statement.finding in self.card:
            return self.of_cards([self.card[statement.finding]])
        return self.of_editions([statement.source])

    def row_of_card(self, card: Card) -> tuple[Text, ...]:
        """A finding as four cells: what, about, when, said by and how carried."""
        stands_in = ", ".join(filter(None, (card.kind, *card.facets["topic"])))
        about = [self.thing(thing) for thing in card.things]
        return (
            said(card.name, *self.of_cards([card]), below=card.description),
            said("; ".join(about) or card.kind, below=stands_in if about else ""),
            said(card.when, below=f"Where: {card.where}" if card.where else ""),
            said("; ".join(card.badges)),
        )


CARD_COLUMNS = ("What was found", "About", "When and where", "How it is known")


def evidence(snapshot: Snapshot, on: str = "") -> Evidence:
    """What a report reads, as known on an ISO day or, without one, altogether. The tables of one
    snapshot are read once for all reports; each has source numbers of its own."""
    own = copy(_read(snapshot, on))
    own.notes, own.used = Footnotes(), set()
    return own


@lru_cache(maxsize=2)
def _read(snapshot: Snapshot, on: str) -> Evidence:
    """What is the same for every report of a snapshot."""
    read = Evidence(snapshot, on)
    for each in SHARED:
        getattr(read, each)
    return read


def _statement(row: Row) -> Statement:
    return Statement(
        body=row["subject"],
        thing=row["object"],
        when=BoundedDate.from_columns(row).plain(),
        earliest=row["start_earliest"] or "",
        latest=row["start_latest"] or "",
        stage=plain("uptake-stage", row.get("stage")),
        finding=row["finding"] or "",
        level=row["knowledge_level"],
        source=row["source"],
    )


def _name(known: Mapping[str, Row], i: str) -> str:
    return str(known[i]["name"] or i) if i in known else i


def topic_name(review: Row) -> str:
    """What the topic of a review is called, or the review where it states none."""
    return plain("topic", review["topic"]) or str(review["name"] or review["id"])


def about_programme(snapshot: Snapshot) -> pl.DataFrame:
    """The findings about the review programme itself."""
    table = snapshot.nodes("Finding")
    return table.filter(pl.col("evidence_class") == ABOUT_PROGRAMME).sort("id")
