"""The report on one topic of the reviews: what the review looked at, what it and others found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate
from ..ontology.errors import UnknownName
from ..ontology.vocabularies import plain, scheme
from .evidence import Card
from .report_evidence import Evidence, evidence
from .report_page import Block, Bullets, Report, Section, Table, Text, said
from .report_words import findings, finished, nothing, sentence, where
from .tables import Row
from .wording import counted, days_spelt, listed

__all__ = ["topic_report"]

GROUPS = (
    ("innovations", "Innovations", ("innovation",)),
    ("barriers", "Barriers and challenges", ("barrier", "challenge")),
    ("enablers", "What helped", ("enabler",)),
    ("inequalities", "Inequalities", ("inequality",)),
    ("recommendations", "Recommendations", ("recommendation",)),
)
"""Anchor, heading and kinds of finding of each part."""


def topic_report(snapshot: Snapshot, name: str, *, on: str = "") -> Report:
    """The report on the topic that `name` (its name, or another wording of it) means, as known by
    the ISO day `on` if given. `UnknownName` with the nearest if there is none.

    >>> import icsgraph
    >>> topic_report(icsgraph.open().snapshot, "cancer").title
    'Cancer care'
    """
    topics = scheme("topic")
    topic = topics.notation_of(name) or (name if name in topics else None)
    if topic is None:
        raise UnknownName("topic", name, [topics.label(one) for one in topics])
    return _Topic(evidence(snapshot, on), topic).report()


@dataclass
class _Topic:
    """One topic and all that its report says."""

    known: Evidence
    topic: str

    @cached_property
    def cards(self) -> list[Card]:
        rows = self.known.findings
        return [card for card in self.known.cards if rows[card.id]["topic"] == self.topic]

    @cached_property
    def reviews(self) -> list[Row]:
        return [row for row in self.known.reviews if row["topic"] == self.topic]

    @cached_property
    def systems(self) -> list[str]:
        """The systems that its review looked at, by name."""
        found = {i for row in self.reviews for i in self.known.looked.get(row["id"], ())}
        return sorted(found & set(self.known.systems), key=self.known.name)

    def report(self) -> Report:
        review = Section("review", "The review", list(self._review()))
        parts = [self._part(*group) for group in GROUPS]
        known = {kind for _, _, kinds in GROUPS for kind in kinds}
        rows = self.known.findings
        rest = [card for card in self.cards if rows[card.id]["finding_kind"] not in known]
        more = [Section("more", "What else was found", self._tables(rest))] if rest else []
        sections = [
            review,
            *parts,
            *more,
            Section("voices", "Who said it", list(self._voices())),
            Section("unknown", "What is not known", [Bullets(list(self._unknown()))]),
        ]
        own = sum("reviews" in card.facets["evidence"] for card in self.cards)
        facts = [
            (len(self.systems), "system looked at", "systems looked at"),
            (own, "finding of the review held", "findings of the review held"),
            (len(self.cards) - own, "finding of other sources", "findings of other sources"),
        ]
        title = plain("topic", self.topic)
        lead = "What the review on this topic looked at and found, and what other sources add."
        return finished(self.known, "Topic report", title, lead, facts, sections)

    def _review(self) -> Iterator[Block]:
        for row in self.reviews:
            when = BoundedDate.from_columns(row).plain()
            published = f" Published: {days_spelt(row['published'])}." if row["published"] else ""
            reports = self.known.snapshot.relationships("REPORTS")
            documents = reports.filter(reports["object"] == row["id"])["subject"]
            notes = self.known.of_documents(documents)
            yield sentence(f"{row['name']}: fieldwork {when}.{published}", *notes)
        if not self.reviews:
            yield nothing("review on this topic is")
        if not self.systems:
            return
        found = {i for card in self.cards for i in card.systems}
        looks = {i: "found" if i in found else "looked" for i in self.systems}
        legend = {
            "found": "Looked at, findings on record",
            "looked": "Looked at, no finding names it",
            "other": "Not looked at by this review",
        }
        names = listed([self.known.name(i) for i in self.systems])
        yield from where(self.known, looks, legend, f"Looked at: {names}.")
        yield sentence(f"The review looked at {names}.")

    def _part(self, anchor: str, heading: str, kinds: tuple[str, ...]) -> Section:
        rows = self.known.findings
        own = [card for card in self.cards if rows[card.id]["finding_kind"] in kinds]
        return Section(anchor, heading, self._tables(own) or [nothing("finding of this sort is")])

    def _tables(self, found: list[Card]) -> list[Block]:
        own = [card for card in found if "reviews" in card.facets["evidence"]]
        other = [card for card in found if card not in own]
        both = (("From the review", own), ("From other sources", other))
        return [findings(self.known, heading, cards) for heading, cards in both if cards]

    def _voices(self) -> Iterator[Block]:
        voices = Counter(voice for card in self.cards for voice in card.facets["voice"])
        if not voices:
            yield nothing("word on who said it is")
            return
        yield Table(
            f"Who said it, where a source says so: {voices.total():,} of "
            f"{counted(len(self.cards), 'finding')}",
            ("Who", "Findings"),
            [(said(voice), said(f"{voices[voice]:,}")) for voice in sorted(voices)],
            numbers=frozenset({1}),
        )

    def _unknown(self) -> Iterator[Text]:
        if self.reviews and not self.systems:
            yield said("No text held names the areas that the review looked at.")
        quiet_ones = [i for i in self.systems if all(i not in c.systems for c in self.cards)]
        if quiet_ones:
            names = listed([self.known.name(i) for i in quiet_ones])
            yield said(
                f"Looked at, but named by no finding held: {names}. Only the first part of the "
                "report is held, so the report itself may say more."
            )
        placeless = sum(card.placeless for card in self.cards)
        if placeless:
            yield said(f"{counted(placeless, 'finding')} named no system.")
        undated = sum(not card.earliest and not card.latest for card in self.cards)
        if undated:
            yield said(f"{counted(undated, 'finding')} had no date.")
        yield said("What was not asked or not written down is not here.")
