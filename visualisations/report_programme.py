"""The report on the programme as a whole: five reviews side by side, what came up in several
systems, what was said of the programme itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate
from ..ontology.vocabularies import plain
from .report_evidence import Evidence, Statement, about_programme, evidence, topic_name
from .report_page import Block, Bullets, Report, Section, Table, Text, said
from .report_words import findings, finished, nothing, quiet, where
from .tables import Row, rows
from .wording import counted, days_spelt, listed

__all__ = ["programme_report"]

SEVERAL = 2
"""In how many systems something must be on record to count as shared."""


def programme_report(snapshot: Snapshot, *, on: str = "") -> Report:
    """The report on all reviews together, as known by the ISO day `on` if given.

    >>> import icsgraph
    >>> programme_report(icsgraph.open().snapshot).facts[0]
    ('5', 'reviews')
    """
    return _Programme(evidence(snapshot, on)).report()


@dataclass
class _Programme:
    """The programme and all that its report says."""

    known: Evidence

    def report(self) -> Report:
        known = self.known
        sections = [
            Section("reviews", "The reviews", list(self._reviews())),
            Section("found", "How much is on record", list(self._found())),
            Section(
                "innovations",
                "Innovations on record in several systems",
                self._shared(known.adopted, known.innovations, "Innovation"),
            ),
            Section(
                "barriers",
                "Barriers on record in several systems",
                self._shared(known.faced, known.barriers, "Barrier or challenge"),
            ),
            Section("recommendations", "Recommendations", list(self._recommendations())),
            Section("programme", "What was said of the programme", list(self._said())),
            Section("unknown", "What is not known", [Bullets(list(self._unknown()))]),
        ]
        named = {i for card in known.cards for i in card.systems}
        facts = [
            (len(known.reviews), "review", "reviews"),
            (len(self._looked()), "system looked at", "systems looked at"),
            (len(named), "system named by a finding", "systems named by findings"),
            (len(known.cards), "finding", "findings"),
        ]
        title = "Provider collaboration reviews"
        lead = (
            "What the five reviews looked at and found, what other sources add, and what the "
            "record leaves open."
        )
        return finished(known, "Programme report", title, lead, facts, sections)

    def _looked(self) -> set[str]:
        """The systems that a review names among its areas."""
        found = {i for row in self.known.reviews for i in self.known.looked.get(row["id"], ())}
        return found & set(self.known.systems)

    def _reviews(self) -> Iterator[Block]:
        lines = [self._review(row) for row in self.known.reviews]
        if not lines:
            yield nothing("review is")
            return
        yield Table(
            "The reviews, in the order of the programme",
            ("Review", "Fieldwork", "Published", "Systems named", "Findings held", "In a system"),
            lines,
            numbers=frozenset({3, 4, 5}),
        )
        found = {i for card in self.known.cards for i in card.systems}
        looks = {i: "found" if i in found else "looked" for i in self._looked()}
        legend = {
            "found": "Looked at, findings on record",
            "looked": "Looked at, no finding names it",
            "other": "In no review",
        }
        words = f"Looked at by a review: {listed(sorted(map(self.known.name, looks)))}."
        yield from where(self.known, looks, legend, words)

    def _review(self, row: Row) -> tuple[Text, ...]:
        reports = self.known.snapshot.relationships("REPORTS")
        documents = reports.filter(reports["object"] == row["id"])["subject"]
        areas = set(self.known.looked.get(row["id"], ())) & set(self.known.systems)
        own = [
            card
            for card in self.known.cards
            if self.known.findings[card.id]["topic"] == row["topic"]
            and "reviews" in card.facets["evidence"]
        ]
        placed = sum(bool(card.systems) for card in own)
        return (
            said(topic_name(row), *self.known.of_documents(documents)),
            said(BoundedDate.from_columns(row).plain()),
            said(days_spelt(row["published"] or "not stated")),
            said(f"{len(areas):,}" if areas else "not named"),
            said(f"{len(own):,}"),
            said(f"{placed:,}"),
        )

    def _found(self) -> Iterator[Block]:
        kinds: Counter[tuple[str, bool]] = Counter(
            (card.kind, "reviews" in card.facets["evidence"]) for card in self.known.cards
        )
        if not kinds:
            yield nothing("finding is")
            return
        yield Table(
            "Findings by what they are",
            ("What", "From the reviews", "From other sources"),
            [
                (said(kind), said(f"{kinds[kind, True]:,}"), said(f"{kinds[kind, False]:,}"))
                for kind in sorted({kind for kind, _ in kinds})
            ],
            numbers=frozenset({1, 2}),
        )
        yield quiet("How many findings are held says how much was written down and read, no more.")

    def _shared(
        self, told: Sequence[Statement], things: Mapping[str, Row], what: str
    ) -> list[Block]:
        """What findings report of several systems, by name."""
        by_thing: dict[str, list[Statement]] = {}
        for one in told:
            if one.level == "finding" and one.body in self.known.systems:
                by_thing.setdefault(one.thing, []).append(one)
        lines = []
        for thing in sorted(by_thing, key=lambda i: (self.known.thing(i).lower(), i)):
            systems = sorted({self.known.name(s.body) for s in by_thing[thing]})
            if len(systems) >= SEVERAL:
                notes = [n for s in by_thing[thing] for n in self.known.of_statement(s)]
                below = things.get(thing, {}).get("definition") or ""
                name = said(self.known.thing(thing), *notes, below=below)
                lines.append((name, said(f"{len(systems):,}"), said(listed(systems))))
        if not lines:
            return [nothing("such thing in several systems is")]
        return [
            Table(
                f"On record in two systems or more: {len(lines):,}",
                (what, "Systems", "Which"),
                lines,
                numbers=frozenset({1}),
                wide=frozenset({0, 2}),
            )
        ]

    def _recommendations(self) -> Iterator[Block]:
        kinds = self.known.findings
        own = [c for c in self.known.cards if kinds[c.id]["finding_kind"] == "recommendation"]
        if own:
            yield findings(self.known, "Recommendations", own)
        else:
            yield nothing("recommendation is")

    def _said(self) -> Iterator[Block]:
        lines = []
        for row in rows(about_programme(self.known.snapshot)):
            reports = self.known.snapshot.relationships("REPORTS")
            documents = reports.filter(reports["object"] == row["id"])["subject"]
            lines.append(
                (
                    said(
                        row["name"] or row["id"],
                        *self.known.of_documents(documents),
                        below=row["description"] or "",
                    ),
                    said(plain("finding-kind", row["finding_kind"])),
                    said(row["applies_to"] or "not stated"),
                )
            )
        if not lines:
            yield nothing("statement about the programme itself is")
            return
        yield Table(
            f"From the evaluation of the programme: {counted(len(lines), 'statement')}",
            ("What it says", "What it is", "Of which reviews"),
            lines,
            wide=frozenset({0}),
        )

    def _unknown(self) -> Iterator[Text]:
        known = self.known
        standing = [r for r in known.systems.values() if not _gone(r, "2021-12-31")]
        silent = len({r["id"] for r in standing} - self._looked())
        yield said(
            f"{silent:,} of the {counted(len(standing), 'system')} of 2021 are named by no review."
        )
        if known.unnamed:
            yield said(
                "No text held names the areas of this review: "
                f"{listed([topic_name(row) for row in known.unnamed])}."
            )
        placeless = sum(card.placeless for card in known.cards)
        if placeless:
            yield said(
                f"{placeless:,} of the {counted(len(known.cards), 'finding')} named no system."
            )
        undated = sum(not card.earliest and not card.latest for card in known.cards)
        if undated:
            yield said(f"{undated:,} had no date.")
        yield said(
            "Only the first part of each report is held: what is missing here may stand in the "
            "reports."
        )


def _gone(row: Row, day: str) -> bool:
    """Whether a system surely did not stand on a day."""
    late = row["start_earliest"] is not None and row["start_earliest"] > day
    return late or (row["end_latest"] is not None and row["end_latest"] <= day)
