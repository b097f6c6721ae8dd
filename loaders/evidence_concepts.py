"""Themes of the reviews, our names for clusters of findings, and the dated stages of the
pandemic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..ontology.dates import BoundedDate, Certainty
from ..ontology.errors import DateFault
from ..ontology.identifiers import slug
from ..ontology.vocabularies import scheme
from .evidence_files import Row, Sheet
from .evidence_gathered import dated
from .evidence_reading import Holder, Reading

__all__ = ["Cluster", "cluster_of", "read_clusters", "read_stages", "read_themes", "theme"]

CHALLENGE = "challenge-for-systems"
THEME = "theme"


def read_themes(reading: Reading) -> None:
    """themes.csv: each theme is a Concept of its topic and level, and its review is about it.

    `icsg:theme/<topic>/<theme>` is a theme proper; a section or ingredient has its level in
    between. The challenges for systems are Concepts of their own kind,
    `icsg:challenge/<challenge>`.
    """
    sheet = reading.sheets["themes"]
    for row in sheet:
        holder, page = reading.holder(sheet, row), reading.page(sheet, row)
        sheet.worded(row, "theme", "level")
        if holder and not holder.is_review:
            sheet.fault(row, "review_id", "is none of the reviews, which alone have themes")
        if not holder or not sheet.sound(row):
            continue
        concept = _theme_concept(reading, row, holder.topic or "")
        new = reading.found.link(
            "ABOUT",
            holder.id,
            concept,
            document=page or None,
            locator=f"themes.csv, row {row.number}",
        )
        if new:
            sheet.accept(row)
        else:
            sheet.fault(row, "theme", "is the theme of an earlier row, at the same level")


def _theme_concept(reading: Reading, row: Row, topic: str) -> str:
    level = scheme("theme-level").notation_of(row["level"]) or slug(row["level"])
    name, concept_type = slug(row["theme"]), "challenge" if level == CHALLENGE else "theme"
    between = f"{topic}/" if level == THEME else f"{topic}/{level}/"
    identifier = f"icsg:challenge/{name}" if level == CHALLENGE else f"icsg:theme/{between}{name}"
    if row["topic"]:
        reading.found.node("Concept", f"icsg:topic/{topic}", other_names=[row["topic"]])
    return reading.found.node(
        "Concept",
        identifier,
        name=row["theme"],
        concept_type=concept_type,
        topic=topic,
        broader=[f"icsg:topic/{topic}"],
        level=row["level"],
        definition=row.text("definition"),
        status=row.text("status"),
    )


def theme(reading: Reading, name: str, topic: str | None) -> str:
    """The theme of this name under the topic: a theme proper, else a section or ingredient of it.

    Where themes.csv has none there, a theme of the finding's own naming is made.
    """
    levels = (level for level in scheme("theme-level") if level not in (THEME, CHALLENGE))
    places = [f"{topic}/", *(f"{topic}/{level}/" for level in levels)] if topic else [""]
    known = [f"icsg:theme/{place}{slug(name)}" for place in places]
    found = (concept for concept in known if reading.found.get("Concept", concept))
    concept = next(found, known[0])
    if not reading.found.get("Concept", concept):
        reading.found.node(
            "Concept",
            concept,
            name=name,
            concept_type="theme",
            topic=topic,
            broader=[f"icsg:topic/{topic}"] if topic else [],
            status="named by findings only, not in the list of themes",
        )
    return concept


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a cluster of findings is called, and what it is."""

    name: str
    definition: str | None = None


def cluster_of(clusters: dict[str, Cluster], code: str) -> Cluster:
    """The cluster of a code; one that clusters.csv does not name is called by its code.

    >>> cluster_of({}, "oximetry_at_home").name
    'Oximetry at home'
    """
    words = " ".join(code.replace("-", "_").split("_"))
    return clusters.get(code) or Cluster(words[:1].upper() + words[1:])


def read_clusters(reading: Reading) -> dict[str, Cluster]:
    """clusters.csv (optional): labels and definitions by the code of the cluster.

    What a cluster becomes follows from the findings; a row that says otherwise is rejected.
    """
    sheet, clusters = reading.sheets["clusters"], dict[str, Cluster]()
    kinds = _kinds_by_cluster(reading.sheets["findings"])
    for row in sheet:
        code = row["cluster"]
        for column, of in (
            ("becomes_innovation", {"innovation"}),
            ("becomes_barrier", {"barrier", "challenge"}),
        ):
            said, is_so = sheet.yes(row, column), bool(of & kinds.get(code, set()))
            if said is not None and said != is_so:
                reason = f"but findings.csv has {'a' if is_so else 'no'} finding of this kind"
                sheet.fault(row, column, reason, "Correct it, or leave it blank.")
        if code in clusters:
            sheet.fault(row, "cluster", "is the cluster of an earlier row")
        if code not in kinds:
            sheet.fault(row, "cluster", "is the cluster of no finding")
        if not sheet.sound(row):
            continue
        clusters[code] = Cluster(row["label"], row.text("definition"))
        sheet.merge(row)
    return clusters


def _kinds_by_cluster(findings: Sheet) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for row in findings:
        kind = scheme("finding-kind").notation_of(row["kind"])
        kinds.setdefault(row["cluster"], set()).add(kind or "")
    return kinds


def read_stages(reading: Reading) -> None:
    """pandemic_stages.csv (optional): dated Concepts, and which reviews' fieldwork fell in each.

    That link is our own comparison of two imprecise dates: CERTAIN if the two overlap whatever the
    days may have been, POSSIBLE if they may have.
    """
    sheet = reading.sheets["pandemic_stages"]
    for row in sheet:
        when = sheet.interval(row, "start", "end")
        sheet.worded(row, "source_title")
        identifier = sheet.identifier(row, "id", "icsg", f"pandemic-stage/{row['id']}")
        if reading.found.get("Concept", identifier):
            sheet.fault(row, "id", "is the id of an earlier row")
        if not sheet.sound(row):
            continue
        stage = reading.found.node(
            "Concept",
            identifier,
            name=row["label"],
            concept_type="pandemic-stage",
            definition=row.text("definition"),
            note=row.text("note"),
            **dated(when),
        )
        page = _stage_source(reading, row, stage)
        for review, fieldwork in _fieldwork(reading.reviews):
            certainty = fieldwork.overlaps(when)
            if certainty != Certainty.NO:
                reading.found.link(
                    "ABOUT",
                    review.id,
                    stage,
                    certainty=str(certainty),
                    knowledge_level="inference",
                    document=page,
                    locator=f"pandemic_stages.csv, row {row.number}",
                )
        sheet.accept(row)


def _fieldwork(reviews: list[Holder]) -> Iterator[tuple[Holder, BoundedDate]]:
    """Each review with the time of its fieldwork.

    A start that is not stated is taken to be no earlier than the fieldwork of the review before it:
    the phases are the order of the programme.
    """
    earliest: date | None = None
    for review in reviews:
        start = review.when.start_earliest
        yield review, review.when if start else _not_before(earliest, review.when)
        earliest = start or earliest


def _not_before(earliest: date | None, when: BoundedDate) -> BoundedDate:
    try:
        return BoundedDate(earliest, *when.bounds[1:], text=when.text)
    except DateFault:  # it ended before that day, so it began earlier
        return when


def _stage_source(reading: Reading, row: Row, stage: str) -> str | None:
    """The page that dates the stage: one of sources.csv, or a Source of its own title."""
    url, title = row["source_url"], row["source_title"] or row["source_url"]
    if not title:
        return None
    page = reading.pages.get(url)
    if page is None:
        page = f"icsg:source/{slug(title)}"
        reading.pages[url] = page
        reading.found.node("Source", page, source_type="web-page", url=url or None, name=title)
    reading.found.node("Source", page, other_names=[title])
    reading.found.link(
        "REPORTS", page, stage, locator=f'named there for the stage "{row["label"]}"'
    )
    return page
