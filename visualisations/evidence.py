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
from ..ontology.relationships import relationship_kind
from ..ontology.vocabularies import plain
from .palette import KNOWLEDGE
from .tables import Row, SnapshotTables, by_id, grouped, pairs, rows
from .wording import listed

__all__ = ["ABOUT_PROGRAMME", "Card", "SourceLink", "cards", "source_link"]

ABOUT_PROGRAMME = "programme_evaluation"
"""Evidence class of statements about the review programme itself: about no place, so on no map."""

COLLECTIONS = ("context-collection", "inspection-programme")
"""Types of source that only gather others: a card names the document itself."""

CONCEPT_FACETS = ("topic", "sector")
"""Types of concept by which findings can be filtered."""

FOUND_KINDS = ("ADOPTED", "FACED")
"""The relationships that rest on a finding about an innovation or a barrier."""

NO_PAGE = "page not recorded"
"""What a locator says that says nothing."""

UNSTATED = ("not_recorded", "not_stated")
"""Values that say that a source is silent: nothing to show beside a finding."""

NATIONALLY = "Nationally"
NO_SYSTEM = "No system named"


@dataclass(frozen=True)
class SourceLink:
    """What a card rests on: a document or an edition, of when, under which licence, and where in
    it. `url` may hold anything a file held: the page decides what becomes a link."""

    title: str
    publisher: str
    url: str
    date: str = ""
    licence: str = ""
    locator: str = ""


@dataclass(frozen=True)
class Card:
    """What a line rests on: a finding, or a statement of a register or survey.

    `earliest` and `latest` bound the day on which it was first observed or began, `going` and
    `gone` the first day on which it no longer held (ISO, empty where unknown); `things` and
    `systems` are the ids of what it is about and where it was found; `placeless` findings name no
    system at all; `knowledge` says how it is known.
    """

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
    knowledge: str = ""
    going: str = ""
    gone: str = ""


@dataclass(frozen=True)
class _Links:
    """Everything that findings are tied to, by the id of the finding; `named` are the names of what
    a finding may be about, by facet and id, and `stated` the relationships that rest on it."""

    about: Mapping[str, Sequence[str]]
    concerns: Mapping[str, Sequence[str]]
    sources: Mapping[str, Sequence[SourceLink]]
    named: Mapping[str, Mapping[str, str]]
    stated: Mapping[str, Sequence[str]]
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
    concepts, barriers = by_id(snapshot.nodes("Concept")), by_id(snapshot.nodes("Barrier"))
    things = [*by_id(snapshot.nodes("Innovation")), *barriers]
    named = {
        kind: {i: _text(row["name"]) for i, row in concepts.items() if row["concept_type"] == kind}
        for kind in CONCEPT_FACETS
    }
    named["barrier"] = {i: _text(row["name"]) for i, row in barriers.items()}
    return _Links(
        about=grouped(pairs(snapshot.relationships("ABOUT"))),
        concerns=grouped(pairs(snapshot.relationships("CONCERNS"))),
        sources=_sources(snapshot),
        named=named,
        stated=_stated_by_finding(snapshot),
        systems=by_id(snapshot.nodes("System")),
        areas=by_id(snapshot.nodes("Area")),
        things=frozenset(things),
    )


def _stated_by_finding(snapshot: SnapshotTables) -> dict[str, list[str]]:
    """The labels of the relationships that state what a finding found."""
    found = []
    for kind in FOUND_KINDS:
        label = relationship_kind(kind).label.capitalize()
        found += [(finding, label) for finding in snapshot.relationships(kind)["finding"]]
    return grouped((finding, label) for finding, label in found if finding)


def _sources(snapshot: SnapshotTables) -> dict[str, list[SourceLink]]:
    every = by_id(snapshot.nodes("Source"))
    known = {i: row for i, row in every.items() if row["source_type"] not in COLLECTIONS}
    reported: dict[str, dict[str, SourceLink]] = {}
    for row in rows(snapshot.relationships("REPORTS")):
        if row["subject"] in known:
            link = source_link(known[row["subject"]], _text(row["locator"]))
            reported.setdefault(row["object"], {}).setdefault(row["subject"], link)
    return {finding: list(links.values()) for finding, links in reported.items()}


def source_link(row: Row, locator: str = "") -> SourceLink:
    """A document as a card names it: what it is, whose, of when, and where in it."""
    when = BoundedDate.from_columns(row)
    return SourceLink(
        title=_text(row["name"]) or _text(row["url"]),
        publisher=_text(row["publisher"]),
        url=_text(row["url"]),
        date="" if when.bounds == (None,) * 4 else when.plain(),
        licence=_text(row["licence"]),
        locator="" if locator == NO_PAGE else locator,
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
        knowledge=KNOWLEDGE["finding"].label,
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
    named = {
        facet: tuple(sorted({names[i] for i in about if i in names} - {""}))
        for facet, names in links.named.items()
    }
    return {
        **named,
        "system": tuple(sorted({_text(links.systems[s]["name"]) for s in systems} - {""})),
        "relation": tuple(sorted(set(links.stated.get(row["id"], ())))),
        "region": tuple(sorted(regions)) or (NO_SYSTEM,),
        "evidence": ("reviews" if row["from_reviews"] else "context",),
        "voice": (said,) if said else (),
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
