"""Findings and facts of the evaluation: each tied to what reports it, where it was and what it
is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..ontology.dates import BoundedDate
from ..ontology.identifiers import slug
from .evidence_concepts import Cluster, cluster_of, theme
from .evidence_files import Row, Sheet
from .evidence_gathered import Gathered, dated
from .evidence_reading import HealthSystem, Holder, Reading

__all__ = [
    "CONCERNED",
    "EVERYWHERE",
    "Finding",
    "concerned",
    "mentions",
    "read_evaluation",
    "read_findings",
]

EVERYWHERE = "England"
PAGE_NOT_RECORDED = "page not recorded"
OBSTACLES = ("barrier", "challenge")
CONCERNED = {
    "sectors": "sector",
    "technology": "technology",
    "population_group": "population-group",
}
"""Columns whose values are concepts that a finding is about, with their vocabularies."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as it was read: what later files (coding, ties) need to know of it."""

    id: str
    row: Row
    kind: str
    when: BoundedDate
    system: str | None
    topic: str | None
    bodies: tuple[str, ...]
    thing: str | None


@dataclass(frozen=True, slots=True)
class _Ties:
    """Everything that a finding is tied to, looked up before anything is stated."""

    holder: Holder
    related: Holder | None
    system: HealthSystem | None
    pages: tuple[str, ...]
    bodies: tuple[tuple[str, str | None], ...]


def read_findings(reading: Reading, clusters: dict[str, Cluster]) -> dict[str, Finding]:
    """findings.csv: every finding with all its ties, by its id as the file has it."""
    sheet = reading.sheets["findings"]
    read: dict[str, Finding] = {}
    for row in sheet:
        identifier = sheet.identifier(row, "finding_id", "icsg", f"finding/{row['finding_id']}")
        if row["finding_id"] in read:
            sheet.fault(row, "finding_id", "is the id of an earlier row", "Give it another id.")
        kind = reading.term(sheet, row, "kind", "finding-kind")
        evidence_class = reading.term(sheet, row, "evidence_class", "evidence-class")
        ties, when = _ties(reading, sheet, row), sheet.date(row, "period")
        text_cut = sheet.yes(row, "source_text_cut")
        sheet.worded(row, "theme", "cluster", "sectors", "technology", "population_group")
        if not ties or not kind or not sheet.sound(row):
            continue
        topic = (ties.related or ties.holder).topic
        reading.found.node(
            "Finding",
            identifier,
            finding_kind=kind,
            evidence_class=evidence_class,
            from_reviews=ties.holder.is_review,
            level=_level(row),
            topic=topic,
            text_cut=text_cut,
            **_words(row),
            **dated(when),
        )
        _reported(reading, identifier, ties, row)
        thing = _about(reading, identifier, row, kind, topic, clusters)
        bodies = tuple(body for body, _ in ties.bodies)
        system = ties.system.id if ties.system else None
        read[row["finding_id"]] = Finding(identifier, row, kind, when, system, topic, bodies, thing)
        sheet.accept(row)
    return read


def _words(row: Row) -> dict[str, str | None]:
    return {
        "name": row["short_name"],
        "description": row.text("description"),
        "theme": row.text("theme"),
        "cluster": row.text("cluster"),
        "place": row.text("place"),
        "note": row.text("note"),
    }


def _level(row: Row) -> str:
    """One system if its code is given, wider if a place is named that is not England, else
    national."""
    if row["area_ods"]:
        return "system"
    return "region" if row["place"] not in ("", EVERYWHERE) else "national"


def _ties(reading: Reading, sheet: Sheet, row: Row) -> _Ties | None:
    holder, related = reading.holder(sheet, row), reading.holder(sheet, row, "related_review")
    system = reading.system(sheet, row, "area_ods")
    if row["area"] and not row["area_ods"]:
        hint = "Give the code of its system in systems.csv, or name it as place."
        sheet.fault(row, "area_ods", "is missing though an area is named", hint)
    if related and not related.is_review:
        sheet.fault(row, "related_review", "is none of the reviews")
    urls = [("source_url", row["source_url"])]
    urls += [("other_source_urls", url) for url in row["other_source_urls"].split()]
    pages = dict.fromkeys(reading.page_of(sheet, row, column, url) for column, url in urls)
    bodies = [
        (reading.body(sheet, row, "organisations", name), role)
        for name, role in mentions(reading, row["organisations"])
    ]
    return _Ties(holder, related, system, tuple(pages), tuple(bodies)) if holder else None


def mentions(reading: Reading, text: str) -> Iterator[tuple[str, str | None]]:
    """The organisations named in a cell, each with its role: `Name (role); Name (role)`.

    A name may itself end in brackets: the whole is tried first, and only then are the last
    brackets a role.
    """
    for mention in (part.strip() for part in text.split(";")):
        if not mention:
            continue
        name, bracket, role = mention.removesuffix(")").rpartition(" (")
        if not bracket or not mention.endswith(")") or reading.names.ids(mention):
            yield mention, None
        else:
            yield name.strip(), role.strip() or None


def _reported(reading: Reading, finding: str, ties: _Ties, row: Row) -> None:
    """Who found it, which pages carry it, and whom and where it concerns."""
    at = f"findings.csv, row {row.number}"
    found = reading.found
    found.link("FOUND" if ties.holder.is_review else "REPORTS", ties.holder.id, finding, locator=at)
    for page in ties.pages:
        found.link("REPORTS", page, finding, locator=PAGE_NOT_RECORDED)
        if page == ties.pages[0] and row["source_title"]:
            found.node("Source", page, other_names=[row["source_title"]])
    document = ties.pages[0]
    if ties.system:
        found.node("System", ties.system.id, other_names=[row["area"]] if row["area"] else [])
        found.link("CONCERNS", finding, ties.system.id, locator=at, document=document)
    if ties.related:
        found.link("CONCERNS", finding, ties.related.id, locator=at)
    for body, role in ties.bodies:
        found.link("CONCERNS", finding, body, role or "", role=role, locator=at, document=document)


def _about(
    reading: Reading,
    finding: str,
    row: Row,
    kind: str,
    topic: str | None,
    clusters: dict[str, Cluster],
) -> str | None:
    """State what a finding is about; the innovation, barrier or subject of its cluster is
    handed back."""
    at = f"findings.csv, row {row.number}"
    concepts = concerned(reading.found, row)
    if row["theme"]:
        concepts.append(theme(reading, row["theme"], topic))
    if topic:
        concepts.append(f"icsg:topic/{topic}")
    thing = _thing(reading, row["cluster"], kind, clusters) if row["cluster"] else None
    for concept in (*concepts, *([thing] if thing else [])):
        reading.found.link("ABOUT", finding, concept, locator=at)
    return thing


def concerned(found: Gathered, row: Row) -> list[str]:
    """The sectors, technologies and population groups that a row names, as concepts."""
    return [
        found.concept(scheme_name, text)
        for column, scheme_name in CONCERNED.items()
        for text in row.parts(column)
    ]


def _thing(reading: Reading, code: str, kind: str, clusters: dict[str, Cluster]) -> str:
    """An innovation is one of an Innovation, a barrier or challenge of a Barrier, all else of a
    subject."""
    cluster = cluster_of(clusters, code)
    named = {"name": cluster.name, "definition": cluster.definition}
    if kind == "innovation":
        return reading.found.node("Innovation", f"icsg:innovation/{slug(code)}", **named)
    if kind in OBSTACLES:
        return reading.found.node("Barrier", f"icsg:barrier/{slug(code)}", **named)
    subject = f"icsg:subject/{slug(code)}"
    return reading.found.node("Concept", subject, concept_type="subject", **named)


def read_evaluation(reading: Reading) -> None:
    """evaluation.csv: what was learnt about the programme itself, each fact a Finding about its
    reviews."""
    sheet = reading.sheets["evaluation"]
    for row in sheet:
        identifier = sheet.identifier(row, "eval_id", "icsg", f"finding/{row['eval_id']}")
        kind = reading.term(sheet, row, "kind", "finding-kind")
        page, reviews = reading.page(sheet, row), _covered(reading, sheet, row)
        if reading.found.get("Finding", identifier):
            sheet.fault(row, "eval_id", "is the id of an earlier finding")
        if not sheet.sound(row):
            continue
        reading.found.node(
            "Finding",
            identifier,
            name=row["short_name"],
            description=row.text("description"),
            finding_kind=kind,
            evidence_class="programme_evaluation",
            from_reviews=False,
            level="national",
            applies_to=row["applies_to"],
            text_cut=reading.found.get("Source", page).get("text_cut"),
        )
        locator = row["source_file"] or PAGE_NOT_RECORDED
        reading.found.link("REPORTS", page, identifier, locator=locator)
        for review in reviews:
            at = f"evaluation.csv, row {row.number}"
            reading.found.link("CONCERNS", identifier, review, locator=at, document=page)
        sheet.accept(row)


def _covered(reading: Reading, sheet: Sheet, row: Row) -> list[str]:
    """The reviews that a fact covers: "all", or "reviews 2-5" by their place in the programme."""
    stated = row["applies_to"]
    if stated == "all":
        return [review.id for review in reading.reviews]
    first, _, last = stated.removeprefix("reviews ").partition("-")
    if not stated.startswith("reviews ") or not (first.isdecimal() and last.isdecimal()):
        hint = 'Write "all", or "reviews 2-5" for the second to the fifth.'
        sheet.fault(row, "applies_to", "does not say which reviews", hint)
        return []
    phases = range(int(first), int(last) + 1)
    return [review.id for review in reading.reviews if review.phase in phases]
