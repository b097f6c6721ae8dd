"""The report on one system, for those who lead it: who works here, what was found, what others did
who are like it, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate
from ..ontology.errors import UsageError
from ..queries.held import held
from ..queries.resolve import resolve
from ..queries.similarity import likeness, read_adopted
from .evidence import Card
from .report_bodies import Bodies, bodies, who_works_here
from .report_evidence import Evidence, Statement, evidence, topic_name
from .report_page import Block, Bullets, Report, Section, Table, Text, said
from .report_ties import ties_across_borders
from .report_words import day_words, findings, finished, nothing, quiet, sentence, where
from .tables import Row
from .wording import counted, listed

__all__ = ["system_report"]

BARRIERS = "barriers or challenges"

AUTHORITIES = ("local-authority", "local-authority-lower-tier")

MOST_ALIKE = 8
"""Systems that are called similar at most; of equal likeness the first by name."""


def system_report(snapshot: Snapshot, name: str, *, on: str = "") -> Report:
    """The report on the system that `name` (a name, former name or code) means.

    `on` is an ISO day: what had been found by then, who worked there then. Errors as `resolve`;
    `UsageError` if the system did not stand on that day.

    >>> import icsgraph
    >>> system_report(icsgraph.open().snapshot, "Frimley").title
    'Frimley'
    """
    system = resolve(snapshot, name, ["System"])
    known = evidence(snapshot, on)
    if system not in known.systems:
        row = snapshot.nodes("System").filter(pl.col("id") == system).row(0, named=True)
        raise UsageError(
            f"{row['name']} did not stand on {day_words(on)}: it did "
            f"{BoundedDate.from_columns(row).plain()}.",
            "Name another day, or leave it out.",
        )
    return _System(known, system).report()


@dataclass
class _System:
    """One system and all that its report says."""

    known: Evidence
    id: str

    @property
    def row(self) -> Row:
        return self.known.systems[self.id]

    @cached_property
    def name(self) -> str:
        return self.known.name(self.id)

    @cached_property
    def cards(self) -> list[Card]:
        return [card for card in self.known.cards if self.id in card.systems]

    @cached_property
    def reviewed(self) -> list[Row]:
        return self.known.reviewed(self.id)

    @cached_property
    def bodies(self) -> Bodies:
        return bodies(self.known, self.id)

    @cached_property
    def adopted(self) -> list[Statement]:
        return [one for one in self.known.adopted if one.body == self.id]

    @cached_property
    def faced(self) -> list[Statement]:
        return [one for one in self.known.faced if one.body == self.id]

    @cached_property
    def in_common(self) -> dict[str, set[str]]:
        """The systems most like it, and what findings report both here and there."""
        told = [s for s in (*self.known.adopted, *self.known.faced) if s.level == "finding"]
        if self.id not in {s.body for s in told}:
            return {}
        read = read_adopted(
            {"system": [s.body for s in told], "innovation": [s.thing for s in told]}
        )
        alike = likeness(read.table)[read.systems.index(self.id)]
        order = sorted(zip(-alike, map(self.known.name, read.systems), read.systems, strict=True))
        near = [i for less, _, i in order if less < 0 and i != self.id and i in self.known.systems]
        own = {s.thing for s in told if s.body == self.id}
        return {i: own & {s.thing for s in told if s.body == i} for i in near[:MOST_ALIKE]}

    def report(self) -> Report:
        sections = [
            Section("place", "What this system is", list(self._place())),
            Section("who", "Who works here", list(who_works_here(self.known, self.bodies))),
            Section("found", "What the reviews found", list(self._found())),
            Section("innovations", "Innovations here", list(self._innovations())),
            Section("similar", "Innovations in similar systems", list(self._elsewhere())),
            Section("barriers", "Barriers, and who else reported them", list(self._barriers())),
            Section("ties", "Ties across borders", list(ties_across_borders(self.known, self.id))),
            Section("unknown", "What is not known", [Bullets(list(self._unknown()))]),
        ]
        things = {s.thing for s in self.adopted}
        facts = [
            (len(self.bodies.rows), "organisation on record", "organisations on record"),
            (len(self.reviewed), "review looked here", "reviews looked here"),
            (len(self.cards), "finding names it", "findings name it"),
            (len(things), "innovation on record", "innovations on record"),
            (len({s.thing for s in self.faced}), "barrier on record", "barriers on record"),
        ]
        region = f" in {self.row['region']}" if self.row["region"] else ""
        lead = (
            f"An integrated care system{region}: who works here, what the reviews and other "
            "sources say of it, and what nobody has written down."
        )
        return finished(self.known, "System report", self.name, lead, facts, sections)

    def _place(self) -> Iterator[Block]:
        code, before = self.id.partition(":")[2], self.row["name_before"]
        own = self.known.of_editions(self.known.believed_first(self.row["sources"] or ()))
        parts = [f"ODS code {code}."]
        if before and before != self.name:
            parts.append(f"Until July 2022 it was called {before}.")
        if self.row["statutory_from"]:
            board = day_words(self.row["statutory_from"])
            parts.append(f"Its integrated care board was established on {board}.")
        yield sentence(" ".join(parts), *own)
        for words, notes in self._successions():
            yield sentence(words, *notes)
        yield from self._authorities()
        looks = {**dict.fromkeys(self.in_common, "like"), self.id: "here"}
        legend = {"here": self.name, "like": "Similar: see below", "other": "Other systems"}
        if not self.in_common:
            del legend["like"]
        yield from where(self.known, looks, legend, f"Where {self.name} lies in England.")

    def _authorities(self) -> Iterator[Block]:
        """The local authorities of which all or a part lies in the system, by name."""
        table = self.known.whole.relationships("PART_OF").filter(pl.col("object") == self.id)
        inside = held(table, self.bodies.day) if self.bodies.day else table
        areas = self.known.whole.nodes("Area").filter(pl.col("area_type").is_in(AUTHORITIES))
        named = areas.join(inside, left_on="id", right_on="subject", how="semi")["name"]
        if named.drop_nulls().len():
            names = listed(sorted(named.drop_nulls().unique()))
            notes = self.known.of_editions(
                inside.filter(pl.col("subject").is_in(areas["id"].implode()))["source"].unique()
            )
            yield sentence(f"Local authorities, whole or in part: {names}.", *notes)

    def _successions(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        whole = self.known.whole.nodes("System")
        names = dict(whole.select("id", "name").iter_rows())
        table = self.known.snapshot.relationships("SUCCEEDED_BY")
        for end, other, words in (
            ("subject", "object", "It was succeeded by"),
            ("object", "subject", "It came from"),
        ):
            rows = table.filter(pl.col(end) == self.id, pl.col(other).is_in(list(names)))
            if rows.height:
                ends = sorted({names[i] or i for i in rows[other]})
                when = BoundedDate.from_columns(rows.row(0, named=True)).plain()
                yield f"{words} {listed(ends)} ({when}).", self.known.of_editions(rows["source"])

    def _found(self) -> Iterator[Block]:
        for review in self.reviewed:
            when = BoundedDate.from_columns(review).plain()
            reports = self.known.snapshot.relationships("REPORTS")
            documents = reports.filter(pl.col("object") == review["id"])["subject"]
            notes = self.known.of_documents(documents)
            yield sentence(
                f"{topic_name(review)}: the review looked here (fieldwork {when}).", *notes
            )
        if not self.reviewed:
            yield sentence("No review names this system among its areas.")
        own = [card for card in self.cards if "reviews" in card.facets["evidence"]]
        other = [card for card in self.cards if "reviews" not in card.facets["evidence"]]
        if own:
            yield findings(self.known, "From the reviews", own)
        elif self.reviewed:
            yield quiet(
                "Only the first part of each report is held, and it says nothing of this system: "
                "its findings, if there were any, stand in the report itself."
            )
        if other:
            yield quiet(
                "Other sources are no findings of the reviews: inspections, pages of local and "
                "national bodies, the press."
            )
            yield findings(self.known, "From other sources", other)
        if not self.cards:
            yield nothing("finding that names this system is")

    def _innovations(self) -> Iterator[Block]:
        rows = [self._taken_up(thing, told) for thing, told in self._by_thing(self.adopted)]
        if rows:
            yield Table(
                f"Taken up here: {counted(len(rows), 'innovation')}",
                ("Innovation", "Since when", "How far", "Systems where it is on record"),
                rows,
                numbers=frozenset({3}),
                wide=frozenset({0}),
            )
        else:
            yield nothing("innovation in this system is")
        if self.bodies.adopted:
            yield Table(
                "Taken up by organisations here, as registers and returns let us derive",
                ("Innovation", "Organisations"),
                [
                    (
                        said(self.known.thing(i), *self.known.of_editions(editions)),
                        said(f"{number:,}"),
                    )
                    for i, number, editions in self.bodies.adopted
                ],
                numbers=frozenset({1}),
            )

    def _by_thing(self, told: list[Statement]) -> list[tuple[str, list[Statement]]]:
        """Statements by what they are of, in the order of its name."""
        things = sorted({s.thing for s in told}, key=lambda i: (self.known.thing(i).lower(), i))
        return [(thing, [s for s in told if s.thing == thing]) for thing in things]

    def _taken_up(self, thing: str, told: list[Statement]) -> tuple[Text, ...]:
        row = self.known.innovations.get(thing, {})
        notes = [n for s in told for n in self.known.of_statement(s)]
        stages = sorted({s.stage for s in told} - {"", "Not stated"})
        derived = all(s.level != "finding" for s in told)
        everywhere = {s.body for s in self.known.adopted if s.thing == thing} & set(
            self.known.systems
        )
        return (
            said(self.known.thing(thing), *notes, below=row.get("definition") or ""),
            said("; ".join(dict.fromkeys(s.when for s in told))),
            said("; ".join(stages), below="derived from a return, by a stated rule" * derived),
            said(f"{len(everywhere):,}"),
        )

    def _elsewhere(self) -> Iterator[Block]:
        if not self.in_common:
            yield quiet(
                "No other system shares an innovation or a barrier with this one on record, so "
                "none is called similar here."
            )
            return
        yield sentence(
            "Similar are systems of which findings report the same innovations or the same "
            f"barriers: those {counted(len(self.in_common), 'system')} that share most of what "
            "either has, by name. Likeness on record is no proof of likeness."
        )
        yield Table(
            "What is on record both here and there",
            ("System", "In common"),
            [
                (said(self.known.name(i)), self._shared(i, shared))
                for i, shared in sorted(self.in_common.items(), key=lambda p: self.known.name(p[0]))
            ],
            wide=frozenset({1}),
        )
        own = {s.thing for s in self.adopted}
        there = [s for s in self.known.adopted if s.body in self.in_common and s.thing not in own]
        there = [s for s in there if s.level == "finding"]
        if not there:
            yield nothing("innovation that is there and not here is")
            return
        yield Table(
            "On record in similar systems and not here",
            ("Innovation", "Where, and since when"),
            [
                (
                    said(
                        self.known.thing(thing),
                        *(n for s in told for n in self.known.of_statement(s)),
                        below=self.known.innovations.get(thing, {}).get("definition") or "",
                    ),
                    said(
                        "; ".join(sorted({f"{self.known.name(s.body)} ({s.when})" for s in told}))
                    ),
                )
                for thing, told in self._by_thing(there)
            ],
            wide=frozenset({0, 1}),
        )
        yield quiet("That it is not on record here does not say that it is not in use here.")

    def _shared(self, system: str, things: set[str]) -> Text:
        """What another system has in common with this one, on the findings that report it there."""
        told = [
            s
            for s in (*self.known.adopted, *self.known.faced)
            if s.body == system and s.thing in things and s.level == "finding"
        ]
        names = listed(sorted(map(self.known.thing, things)))
        return said(names, *(n for s in told for n in self.known.of_statement(s)))

    def _barriers(self) -> Iterator[Block]:
        rows = []
        for thing, told in self._by_thing(self.faced):
            elsewhere = [
                s
                for s in self.known.faced
                if s.thing == thing and s.body != self.id and s.body in self.known.systems
            ]
            others = {s.body for s in elsewhere}
            placeless = sum(c.placeless and thing in c.things for c in self.known.cards)
            notes = [n for s in told for n in self.known.of_statement(s)]
            definition = self.known.barriers.get(thing, {}).get("definition") or ""
            wider = counted(placeless, "finding") + " that names no system" if placeless else ""
            rows.append(
                (
                    said(self.known.thing(thing), *notes, below=definition),
                    said("; ".join(dict.fromkeys(s.when for s in told))),
                    said(
                        listed(sorted(map(self.known.name, others))) or "no other system",
                        *(n for s in elsewhere for n in self.known.of_statement(s)),
                    ),
                    said(wider),
                )
            )
        if not rows:
            yield nothing("barrier in this system is")
            return
        yield Table(
            f"Reported here: {counted(len(rows), 'barrier or challenge', BARRIERS)}",
            ("Barrier or challenge", "When", "Also on record in", "Besides"),
            rows,
            wide=frozenset({0, 2}),
        )

    def _unknown(self) -> Iterator[Text]:
        undated = sum(not card.earliest and not card.latest for card in self.cards)
        if undated:
            yield said(f"{undated:,} of the {counted(len(self.cards), 'finding')} have no date.")
        if self.cards:
            yield said(
                "A date is mostly that of an observation: the thing may have begun earlier, and "
                "whether it lasted is on record only where a source says so."
            )
        silent = [topic_name(r) for r in self.known.reviews if r not in self.reviewed]
        silent = [t for t in silent if t not in map(topic_name, self.known.unnamed)]
        if silent:
            yield said(f"These reviews did not look here: {listed(silent)}.")
        if self.known.unnamed:
            topics = listed([topic_name(row) for row in self.known.unnamed])
            yield said(f"No text held names the areas of this review, so it may have: {topics}.")
        voices = sum(1 for card in self.cards if card.facets["voice"])
        if self.cards and voices < len(self.cards):
            yield said(
                f"Who said it is stated for {voices:,} of {counted(len(self.cards), 'finding')}."
            )
        yield from self.bodies.unknown
        yield said(
            "What was not asked or not written down is not here. What speaks of a region or of "
            "England is not repeated."
        )
