"""The map of one topic: what the reviews and other sources found on it, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..ontology.dates import read_day
from ..ontology.errors import UnknownName
from .systems_evidence import Found, gather
from .systems_map import found_page
from .tables import Row, SnapshotTables, rows

__all__ = ["topic_map"]


def topic_map(snapshot: SnapshotTables, topic: str, *, on: str | None = None) -> str:
    """The map of systems, barriers and innovations of one topic, by its name or a word of it.

    A system counts as reviewed if the review of this topic went there. `UnknownName` with the
    names there are if there is no such topic.

    >>> import icsgraph
    >>> "Cancer care: what was found" in topic_map(icsgraph.open().snapshot, "cancer")
    True
    """
    row = _topic(snapshot, topic)
    found = gather(snapshot, None if on is None else read_day(on).isoformat())
    name = str(row["name"])
    return found_page(
        snapshot,
        _of_topic(found, name, row["id"].rpartition("/")[2]),
        name="topic",
        heading=f"{name}: what was found, and where",
        asked=f"Topic: {name}",
    )


def _topic(snapshot: SnapshotTables, wanted: str) -> Row:
    """The topic of this name, of this last part of its id, or the only one that holds the word."""
    known = [row for row in rows(snapshot.nodes("Concept")) if row["concept_type"] == "topic"]
    asked = wanted.strip().lower()
    named = [row for row in known if asked in (row["id"], row["id"].rpartition("/")[2], _name(row))]
    for fitting in (named, [row for row in known if asked and asked in _name(row)]):
        if len(fitting) == 1:
            return fitting[0]
    raise UnknownName("topic", wanted, [str(row["name"]) for row in known])


def _name(row: Row) -> str:
    return str(row["name"] or "").lower()


def _of_topic(found: Found, name: str, notation: str) -> Found:
    """What was found, those cards alone that are of the topic, and what they are about."""
    kept = [card for card in found.cards if name in card.facets["topic"]]
    ids = {card.id for card in kept}
    own = [replace(tie, cards=tuple(c for c in tie.cards if c in ids)) for tie in found.ties]
    about = {thing for card in kept for thing in card.things}
    return replace(
        found,
        cards=kept,
        ties=[tie for tie in own if tie.cards],
        things={i: row for i, row in found.things.items() if i in about},
        looked=_of_review(found.looked, notation),
        unnamed=[row for row in found.unnamed if row["topic"] == notation],
        elsewhere=sum(not card.systems and not card.placeless for card in kept),
        other_topics=len(found.cards) - len(kept),
        topic=name,
    )


def _of_review(looked: Mapping[str, Sequence[Row]], notation: str) -> dict[str, list[Row]]:
    return {
        place: [row for row in visits if row["topic"] == notation]
        for place, visits in looked.items()
    }
