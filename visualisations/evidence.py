"""What was found, as a reader meets it: one card for each finding, with place, date and sources in
words.

Nothing is filled in: an unknown date is "date not stated", and who said it is silent unless a
source says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ontology.dates import BoundedDate
from ..ontology.vocabularies import plain
from .tables import Row, SnapshotTables, by_id, grouped, pairs, rows
from .wording import listed

__all__ = ["ABOUT_PROGRAMME", "Card", "SourceLink", "cards"]

ABOUT_PROGRAMME = "programme_evaluation"
"""Evidence class of statements about the review programme itself: about no place, so on no map."""

COLLECTIONS = ("context-collection", "inspection-programme")
"""Types of source that only gather others: a card names the document itself."""

UNSTATED = ("not_recorded", "not_stated")
"""Values that say that a source is silent: nothing to show beside a finding."""

NATIONALLY = "Nationally"
NO_SYSTEM = "No system named"


@dataclass(frozen=True)
class SourceLink:
    """What a finding rests on. `url` may hold anything a file held: the page decides what becomes a
    link."""

    title: str
    publisher: str
    url: str


@dataclass(frozen=True)
class Card:
    """One finding. `earliest` and `latest` bound the day on which it was first observed (ISO, empty
    where unknown); `things` and `systems` are the ids of what it is about and where it was found;
    `placeless` findings name no system at all."""

    id: str
    name: str
    kind: str
    description: str
    badges: tuple[str, ...]
    where: str
    when: str
    earliest: str
    latest: str
    remark: str
    sources: tuple[SourceLink, ...]
    things: tuple[str, ...]
    systems: tuple[str, ...]
    placeless: bool
    facets: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Links:
    """Everything that findings are tied to, by the id of the finding."""

    about: Mapping[str, Sequence[str]]
    concerns: Mapping[str, Sequence[str]]
    sources: Mapping[str, Sequence[SourceLink]]
    topics: Mapping[str, str]
    systems: Mapping[str, Row]
    areas: Mapping[str, Row]
    things: frozenset[str]


def cards(snapshot: SnapshotTables) -> list[Card]:
    """Every finding of a snapshot except those about the review programme itself.

    Those from the reviews come first, and the earlier before the later; undated ones come last.

    >>> from icsgraph.visualisations.tables import Tables
    >>> row = {"id": ["icsg:finding/1"], "name": ["Shared record"], "start_latest": ["2021-05-28"]}
    >>> card = cards(Tables({"Finding": row}))[0]
    >>> card.name, card.where, card.when, card.sources
    ('Shared record', 'Nationally', 'by 28 May 2021', ())
    """
    links = _links(snapshot)
    findings = rows(snapshot.nodes("Finding"))
    found = [_card(row, links) for row in findings if row["evidence_class"] != ABOUT_PROGRAMME]
    return sorted(found, key=_order)


def _order(card: Card) -> tuple[bool, str, str]:
    return "reviews" not in card.facets["evidence"], card.latest or card.earliest or "9999", card.id


def _links(snapshot: SnapshotTables) -> _Links:
    concepts = by_id(snapshot.nodes("Concept"))
    things = [*by_id(snapshot.nodes("Innovation")), *by_id(snapshot.nodes("Barrier"))]
    return _Links(
        about=grouped(pairs(snapshot.relationships("ABOUT"))),
        concerns=grouped(pairs(snapshot.relationships("CONCERNS"))),
        sources=_sources(snapshot),
        topics={
            i: _text(row["name"]) for i, row in concepts.items() if row["concept_type"] == "topic"
        },
        systems=by_id(snapshot.nodes("System")),
        areas=by_id(snapshot.nodes("Area")),
        things=frozenset(things),
    )


def _sources(snapshot: SnapshotTables) -> dict[str, list[SourceLink]]:
    every = by_id(snapshot.nodes("Source"))
    known = {i: row for i, row in every.items() if row["source_type"] not in COLLECTIONS}
    reported = [(finding, source) for source, finding in pairs(snapshot.relationships("REPORTS"))]
    return {
        finding: [_source_link(known[source]) for source in sources if source in known]
        for finding, sources in grouped(reported).items()
    }


def _source_link(row: Row) -> SourceLink:
    return SourceLink(
        _text(row["name"]) or _text(row["url"]), _text(row["publisher"]), _text(row["url"])
    )


def _card(row: Row, links: _Links) -> Card:
    about = links.about.get(row["id"], ())
    concerned = links.concerns.get(row["id"], ())
    systems = tuple(s for s in concerned if s in links.systems)
    areas = [_text(links.areas[a]["name"]) for a in concerned if a in links.areas]
    return Card(
        id=row["id"],
        name=_text(row["name"]),
        kind=plain("finding-kind", row["finding_kind"]),
        description=_text(row["description"]),
        badges=_badges(row),
        where=_where(row, [_text(links.systems[s]["name"]) for s in systems], areas),
        when=BoundedDate.from_columns(row).plain(),
        earliest=_text(row["start_earliest"]),
        latest=_text(row["start_latest"]),
        remark=_text(row["note"]),
        sources=tuple(sorted(links.sources.get(row["id"], ()), key=lambda s: (s.title, s.url))),
        things=tuple(sorted(t for t in about if t in links.things)),
        systems=systems,
        placeless=not systems,
        facets=_facets(row, about, systems, links),
    )


def _badges(row: Row) -> tuple[str, ...]:
    said, stage = _stated("voice", row["voice"]), _stated("uptake-stage", row["uptake_stage"])
    found = [
        plain("evidence-class", row["evidence_class"]),
        f"Said by: {said}" if said else "",
        f"Stage: {stage}" if stage else "",
    ]
    return tuple(badge for badge in found if badge)


def _stated(scheme: str, value: str | None) -> str:
    """The label of a value that a source states; blank where it states none."""
    return "" if value in UNSTATED else plain(scheme, value)


def _where(row: Row, systems: Sequence[str], areas: Sequence[str]) -> str:
    """The place as stated and the system it lies in; `Nationally` where neither is known."""
    place = _text(row["place"])
    names = [*([place] if place and place not in systems else []), *(systems or areas)]
    if not names:
        return NATIONALLY
    return names[0] if len(names) == 1 else f"{names[0]}, {listed(names[1:])}"


def _facets(
    row: Row, about: Sequence[str], systems: Sequence[str], links: _Links
) -> dict[str, tuple[str, ...]]:
    """The values by which a finding can be filtered, each facet sorted."""
    regions = {_text(links.systems[s]["region"]) for s in systems} - {""}
    said = _stated("voice", row["voice"])
    return {
        "topic": tuple(sorted({links.topics[c] for c in about if c in links.topics})),
        "region": tuple(sorted(regions)) or (NO_SYSTEM,),
        "evidence": ("reviews" if row["from_reviews"] else "context",),
        "voice": (said,) if said else (),
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
