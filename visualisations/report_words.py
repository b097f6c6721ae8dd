"""What all reports say in the same words: their head, their licences, and where things lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..ontology.dates import BoundedDate
from .evidence import Card
from .layout import Box, projected, pushed_apart
from .licences import licences
from .part import part_of
from .report_evidence import CARD_COLUMNS, Evidence
from .report_page import Block, Figure, Paragraph, Report, Section, Spot, Table, said
from .wording import counted

__all__ = [
    "day_words",
    "filters_of",
    "findings",
    "finished",
    "nothing",
    "quiet",
    "sentence",
    "where",
]

MAP = Box(14, 14, 212, 262)
"""Where the systems lie on the small map, in pixels of its own."""

LOOKS = {
    "here": "spot-here",
    "found": "spot-found",
    "like": "spot-like",
    "looked": "spot-looked",
    "other": "spot-other",
}


def sentence(words: str, *notes: int) -> Paragraph:
    """A paragraph with the numbers of its sources."""
    return Paragraph(said(words, *notes))


def quiet(words: str, *notes: int) -> Paragraph:
    """A paragraph of what is said beside the matter."""
    return Paragraph(said(words, *notes), quiet=True)


def nothing(what: str) -> Paragraph:
    """That nothing of a sort is on record, and what that does not mean."""
    return quiet(f"No {what} on record. That does not say that there is none.")


def day_words(day: str) -> str:
    """A day as a reader says it.

    >>> day_words("2021-06-30"), day_words("")
    ('30 June 2021', 'date not stated')
    """
    return BoundedDate.parse(day or None).plain()


def findings(evidence: Evidence, heading: str, found: Sequence[Card]) -> Block:
    """Findings as a table, in the order given."""
    return Table(
        caption=f"{heading}: {counted(len(found), 'finding')}",
        columns=CARD_COLUMNS,
        rows=[evidence.row_of_card(card) for card in found],
        wide=frozenset({0, 1}),
    )


def where(
    evidence: Evidence, looks: Mapping[str, str], legend: Mapping[str, str], words: str
) -> list[Figure]:
    """The systems as dots where they lie in England, each looking as `looks` says (a key of
    `LOOKS`), the rest as others; none if no system has a place."""
    standing = {
        i: row
        for i, row in evidence.systems.items()
        if row["lon"] is not None
        and (i in looks or not (row["end_latest"] and row["end_latest"] <= evidence.day))
    }
    points = {i: (row["lon"], row["lat"]) for i, row in standing.items()}
    places = pushed_apart(projected(points, dict.fromkeys(points, 6.0), MAP), 2.0)
    if not places:
        return []
    spots = [
        Spot(place.x, place.y, place.radius, LOOKS[looks.get(i, "other")], evidence.name(i))
        for i, place in places.items()
    ]
    width, height = MAP.width + 2 * MAP.x, MAP.height + 2 * MAP.y
    key = [(LOOKS[look], name) for look, name in legend.items()]
    return [Figure(words, width, height, spots, key)]


def finished(
    evidence: Evidence,
    what: str,
    title: str,
    lead: str,
    facts: Iterable[tuple[int, str, str]],
    sections: Iterable[Section],
) -> Report:
    """A report whole: sections first, since they number the sources.

    `facts` are a number with its noun, for one and for several.
    """
    parts = list(sections)
    used = [f for i, f in sorted(evidence.editions.items()) if i in evidence.used]
    return Report(
        what=what,
        title=title,
        lead=lead,
        facts=[(f"{number:,}", one if number == 1 else more) for number, one, more in facts],
        filters=filters_of(evidence),
        sections=parts,
        sources=evidence.notes.listed(),
        licences=list(licences(used)),
    )


def filters_of(evidence: Evidence) -> list[tuple[str, str]]:
    """What a page is of: its day, what it leaves out, its snapshot."""
    day = day_words(evidence.day)
    part = dict(part_of(evidence.whole))
    return [
        ("As of", day if evidence.on else f"{day}, the newest source"),
        *part.items(),
        *(
            []
            if "Shown" in part
            else [("Shown", "all of this on record" if part else "all on record")]
        ),
        ("Snapshot", evidence.whole.id[:12]),
    ]
