"""The report on one innovation: what it is, where it is on record and since when, what was found,
and what is not known of its spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..graph.snapshot import Snapshot
from ..ontology.errors import UsageError
from ..queries.resolve import resolve
from .evidence import Card
from .report_evidence import Evidence, Statement, evidence
from .report_page import Block, Bullets, Report, Section, Table, Text, said
from .report_words import day_words, findings, finished, nothing, quiet, sentence, where
from .tables import Row
from .wording import counted, listed

__all__ = ["innovation_report"]


def innovation_report(snapshot: Snapshot, name: str, *, on: str = "") -> Report:
    """The report on the innovation that `name` means, as known by the ISO day `on` if given.

    Errors as `resolve`.

    >>> import icsgraph
    >>> innovation_report(icsgraph.open().snapshot, "oximetry at home").title
    'Oximetry at home'
    """
    innovation = resolve(snapshot, name, ["Innovation"])
    known = evidence(snapshot, on)
    if innovation not in known.innovations:
        raise UsageError(f"{name} is not there on {day_words(on)}.", "Name another day.")
    return _Innovation(known, innovation).report()


@dataclass
class _Innovation:
    """One innovation and all that its report says."""

    known: Evidence
    id: str

    @property
    def row(self) -> Row:
        return self.known.innovations[self.id]

    @cached_property
    def name(self) -> str:
        return self.known.thing(self.id)

    @cached_property
    def cards(self) -> list[Card]:
        return [card for card in self.known.cards if self.id in card.things]

    @cached_property
    def told(self) -> list[Statement]:
        return [one for one in self.known.adopted if one.thing == self.id]

    @cached_property
    def by_system(self) -> dict[str, list[Statement]]:
        """What is stated of each system, in the order of their names."""
        systems = {s.body for s in self.told} & set(self.known.systems)
        order = sorted(systems, key=lambda i: (self.known.name(i), i))
        return {i: [s for s in self.told if s.body == i] for i in order}

    @cached_property
    def bodies(self) -> int:
        return len({s.body for s in self.told} - set(self.known.systems))

    def report(self) -> Report:
        sections = [
            Section("what", "What it is", list(self._what())),
            Section("where", "Where it is on record", list(self._where())),
            Section("when", "When it was taken up", list(self._when())),
            Section("found", "What was found", list(self._found())),
            Section("barriers", "Barriers reported beside it", list(self._barriers())),
            Section("unknown", "What is not known", [Bullets(list(self._unknown()))]),
        ]
        facts = [
            (len(self.by_system), "system", "systems"),
            (self.bodies, "organisation", "organisations"),
            (len(self.cards), "finding", "findings"),
        ]
        lead = "Where this way of working is on record, since when, and what is said of it."
        return finished(self.known, "Innovation report", self.name, lead, facts, sections)

    def _what(self) -> Iterator[Block]:
        notes = self.known.of_editions(self.known.believed_first(self.row["sources"] or ()))
        yield sentence(self.row["definition"] or "No definition is on record.", *notes)
        if self.row["other_names"]:
            yield quiet(f"Also called: {listed(list(self.row['other_names']))}.")

    def _where(self) -> Iterator[Block]:
        if not self.by_system:
            yield nothing("system that took it up is")
        else:
            looks = dict.fromkeys(self.by_system, "found")
            legend = {"found": "On record here", "other": "Not on record"}
            names = listed([self.known.name(i) for i in self.by_system])
            yield from where(self.known, looks, legend, f"On record in {names}.")
            yield Table(
                f"On record in {counted(len(self.by_system), 'system')}",
                ("System", "Region", "Since when", "How far"),
                [self._line(i, told) for i, told in self.by_system.items()],
            )
        yield from self._derived()

    def _line(self, system: str, told: list[Statement]) -> tuple[Text, ...]:
        notes = [n for s in told for n in self.known.of_statement(s)]
        stages = sorted({s.stage for s in told} - {"", "Not stated"})
        derived = all(s.level != "finding" for s in told)
        return (
            said(self.known.name(system), *notes),
            said(self.known.systems[system]["region"] or "not stated"),
            said("; ".join(dict.fromkeys(s.when for s in told))),
            said("; ".join(stages), below="derived from a return, by a stated rule" * derived),
        )

    def _derived(self) -> Iterator[Block]:
        """Organisations that took it up, by the edition from which that is derived."""
        told = [s for s in self.told if s.body not in self.known.systems]
        bodies = Counter(source for source, _ in {(s.source, s.body) for s in told})
        for source in sorted(bodies):
            yield sentence(
                f"{counted(bodies[source], 'organisation')} took it up, as a register or return "
                "lets us derive by a stated rule.",
                *self.known.of_editions([source]),
            )

    def _when(self) -> Iterator[Block]:
        firsts = [
            (
                min((s.latest or "9999") for s in told),
                min((s.earliest or "0000") for s in told),
            )
            for told in self.by_system.values()
        ]
        dated = [(sure, maybe) for sure, maybe in firsts if sure != "9999"]
        if not dated:
            yield nothing("dated record of its uptake is")
            return
        years = range(int(min(dated)[0][:4]), int(max(dated)[0][:4]) + 1)
        lines = []
        for year in years:
            sure = sum(latest <= f"{year}-12-31" for latest, _ in dated)
            perhaps = sum(earliest <= f"{year}-12-31" for _, earliest in dated)
            lines.append(
                (said(f"By the end of {year}"), said(f"{sure:,}"), said(f"{perhaps - sure:,}"))
            )
        yield Table(
            "Systems in which it is on record",
            ("By when", "Certainly", "Possibly as well"),
            lines,
            numbers=frozenset({1, 2}),
        )
        yield quiet("Dates are mostly those of an observation: it may have begun earlier.")

    def _found(self) -> Iterator[Block]:
        own = [card for card in self.cards if "reviews" in card.facets["evidence"]]
        other = [card for card in self.cards if "reviews" not in card.facets["evidence"]]
        for heading, cards in (("From the reviews", own), ("From other sources", other)):
            if cards:
                yield findings(self.known, heading, cards)
        if not self.cards:
            yield nothing("finding about it is")

    def _barriers(self) -> Iterator[Block]:
        beside: dict[str, list[Card]] = {}
        for card in self.cards:
            for thing in card.things:
                if thing in self.known.barriers:
                    beside.setdefault(thing, []).append(card)
        if not beside:
            yield nothing("barrier in a finding about it is")
            return
        yield Bullets(
            [
                said(self.known.thing(thing), *self.known.of_cards(cards))
                for thing, cards in sorted(beside.items(), key=lambda p: self.known.thing(p[0]))
            ]
        )

    def _unknown(self) -> Iterator[Text]:
        standing = self.known.systems.values()
        there = [r for r in standing if not (r["end_latest"] and r["end_latest"] <= self.known.day)]
        silent = len({r["id"] for r in there} - set(self.by_system))
        yield said(
            f"It is not on record in {silent:,} of the {counted(len(there), 'system')} that stand "
            f"on {day_words(self.known.day)}. Nobody has recorded that it is absent there."
        )
        undated = sum(all(not s.latest for s in told) for told in self.by_system.values())
        if undated:
            yield said(f"For {counted(undated, 'system')} no date is known.")
        placeless = sum(card.placeless for card in self.cards)
        if placeless:
            yield said(f"{counted(placeless, 'finding')} about it named no system.")
        yield said("Whether it lasted is on record only where a source says so.")
