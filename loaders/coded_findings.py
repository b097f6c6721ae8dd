"""Findings that an analyst coded in a report: the sheet of `icsgraph code`, filled in, and the
document.

Each row that is kept becomes a Finding with its quote and where it stands, tied to what it is about
as findings of the bundled evidence are. A quote that does not stand in the document rejects its
row. What the words of the quote say is told apart from what only the analyst's reading says.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..ontology.dates import BoundedDate
from ..ontology.errors import DataError, IdentifierFault
from ..ontology.identifiers import parse, slug
from ..ontology.vocabularies import scheme
from .coding_sheet import open_sheet, parted
from .documents import Document, Passage, folded, read_document
from .evidence_coding import state_uptake
from .evidence_concepts import theme
from .evidence_files import Row, Sheet
from .evidence_findings import CONCERNED, EVERYWHERE, OBSTACLES, concerned, mentions
from .evidence_gathered import dated
from .evidence_reading import Names, Reading, nearest
from .records import SourceEntry, Table
from .sources import SAMPLE

__all__ = ["read"]

CLASS = "coded_report"
_NAMED = re.compile(r"(.*?)\s*\[([a-z]+:[^\[\]]+)\]")
_VOCABULARIES = {"voice": "voice", "stage": "uptake-stage", "novelty": "novelty"}
_STATED = {
    **{"voice": "voice", "stage": "uptake_stage", "novelty": "novelty", "for": "addressed_to"},
    **{"serves": "serves", "due": "due", "action": "action"},
}
"""Columns of the sheet that are kept on the finding, with its fields."""
_SHORT = 90


def read(entry: SourceEntry) -> Iterator[Table]:
    """What did the analyst keep, and what became of each row of the sheet?

    `DataError` unless the source is one sheet and one document; faults of the document as in
    `read_document`.
    """
    sheets, documents = parted(entry.files)
    if len(sheets) != 1 or len(documents) != 1:
        raise DataError(
            f"{entry.id} needs one sheet and one document, and has {len(sheets)} and "
            f"{len(documents)}.",
            "icsgraph add findings SHEET.csv --document DOCUMENT",
        )
    document = read_document(documents[0])
    sheet = open_sheet(sheets[0])
    coding = _Coding(Reading({}, None, entry.data_set), sheet, document)
    coding.reading.found.node(
        "Source",
        coding.source,
        name=document.title,
        source_type="report",
        publisher=entry.publisher or None,
        licence=entry.licence or None,
        url=entry.url or None,
        sha256=document.sha256,
        is_review=False,
        **dated(BoundedDate.parse(entry.as_of)),
    )
    passed = 0
    for row in sheet:
        if sheet.yes(row, "keep"):
            _finding(coding, row)
        elif sheet.sound(row):
            sheet.merge(row)
            passed += 1
    if passed:
        sheet.notes.append(f"rows that are not to be kept, passed over: {passed}")
    yield from coding.reading.found.tables()
    yield sheet.account()


@dataclass(slots=True)
class _Coding:
    """The report and what was made of it so far."""

    reading: Reading
    sheet: Sheet
    document: Document
    of_passage: dict[int, int] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The document as a node."""
        return f"icsg:source/{self.document.key}"

    def identifier(self, passage: Passage) -> str:
        """The next finding of a passage: the second one of passage 12 ends in 12-2."""
        again = self.of_passage[passage.number] = self.of_passage.get(passage.number, 0) + 1
        more = f"-{again}" if again > 1 else ""
        return f"icsg:finding/{self.document.key}-{passage.number}{more}"


@dataclass(frozen=True, slots=True)
class _Read:
    """A row whose cells could all be meant."""

    row: Row
    passage: Passage
    quote: str
    kind: str
    systems: dict[str, str]
    bodies: tuple[tuple[str, str, str | None], ...]
    thing: tuple[str, str] | None
    topic: str | None
    challenge: str | None
    coded: dict[str, str]
    when: BoundedDate


def _finding(coding: _Coding, row: Row) -> None:
    """State the finding of a row, and all that follows from it."""
    read = _cells(coding, row)
    if read is None or not coding.sheet.sound(row):
        return
    finding = coding.identifier(read.passage)
    said = {"document": coding.source, "locator": read.passage.locator}
    found = coding.reading.found
    found.node("Finding", finding, **_fields(read), **dated(read.when))
    found.link("REPORTS", coding.source, finding, locator=read.passage.locator)
    for system, name in read.systems.items():
        found.node("System", system, name=name or None)
        found.link("CONCERNS", finding, system, **said)
    for body, name, role in read.bodies:
        found.node("Organisation", body, name=name or None)
        found.link("CONCERNS", finding, body, role or "", role=role, **said)
    for concept in _about(coding.reading, read):
        found.link("ABOUT", finding, concept, **said)
    if read.thing:
        for system in read.systems:
            dates = {**said, **dated(read.when)}
            state_uptake(found, finding, system, read.thing[0], finding, dates)
    if read.challenge:
        _challenge(coding, finding, read, said)
    coding.sheet.accept(row)


def _fields(read: _Read) -> dict[str, Any]:
    """The columns of the finding."""
    row = read.row
    place = row.text("place")
    wider = "region" if place and place != EVERYWHERE else "national"
    return {
        "name": row.text("name") or _short(read.quote),
        "description": row.text("description") or f"“{read.quote}”",
        "finding_kind": read.kind,
        "evidence_class": CLASS,
        "from_reviews": False,
        "level": "system" if read.systems else wider,
        "topic": read.topic,
        "theme": row.text("theme"),
        "cluster": read.thing[0].rpartition("/")[2].replace("-", "_") if read.thing else None,
        "place": place,
        "note": row.text("note"),
        "quote": read.quote,
        "coding": sorted(_coded(read)),
        **{_STATED[column]: value for column, value in read.coded.items()},
    }


def _short(quote: str) -> str:
    """The beginning of a quote, in whole words.

    >>> _short("Beds were short.")
    'Beds were short.'
    """
    return quote if len(quote) <= _SHORT else f"{quote[:_SHORT].rpartition(' ')[0]} ..."


def _coded(read: _Read) -> Iterator[str]:
    """What the analyst's coding adds, each with how it is known."""
    for column, value in read.coded.items():
        yield f"{column}: {value} ({_known(read.quote, column, value)})"
    if read.thing:
        yield f"cluster: {read.thing[1]} ({_known(read.quote, 'cluster', read.thing[1])})"
    if coder := read.row["coder"]:
        yield f"kept by: {coder}"


def _known(quote: str, column: str, value: str) -> str:
    """`finding` where the words of the quote are those of the value, else `inference`."""
    wordings = [value]
    if column in _VOCABULARIES:
        term = scheme(_VOCABULARIES[column]).term(value)
        wordings = [term.notation, term.label, *term.alt_labels]
    said = folded(quote).casefold()
    return "finding" if any(folded(w).casefold() in said for w in wordings) else "inference"


# --- cells ----------------------------------------------------------------------------------------


def _cells(coding: _Coding, row: Row) -> _Read | None:
    """Every cell of a row as what it means; each that means nothing is a fault."""
    sheet, reading = coding.sheet, coding.reading
    passage = _passage(coding, row)
    kind = _kind(sheet, row)
    sheet.worded(row, "theme", *CONCERNED)
    systems, bodies = _systems(sheet, row), _bodies(coding, row)
    thing = _thing(sheet, row, kind) if kind else None
    topic = reading.term(sheet, row, "topic", "topic")
    challenge = reading.term(sheet, row, "challenge", "challenge")
    coded = {c: reading.term(sheet, row, c, v) for c, v in _VOCABULARIES.items()}
    coded |= {column: row.text(column) for column in _STATED if column not in _VOCABULARIES}
    when = sheet.date(row, "period")
    quote = _quote(coding, row, passage) if passage else ""
    if passage is None or not kind:
        return None
    told = {column: value for column, value in coded.items() if value}
    return _Read(row, passage, quote, kind, systems, bodies, thing, topic, challenge, told, when)


def _passage(coding: _Coding, row: Row) -> Passage | None:
    passages = coding.document.passages
    number = row["passage"].removesuffix(".0")
    if number.isdecimal() and 1 <= int(number) <= len(passages):
        return passages[int(number) - 1]
    reason = f"is no passage of {coding.document.path.name}, which has {len(passages)}"
    coding.sheet.fault(row, "passage", reason, "Was the sheet made from this document?")
    return None


def _quote(coding: _Coding, row: Row, passage: Passage) -> str:
    quote = row["quote"] or passage.text
    if not coding.document.holds(quote):
        hint = "Copy the words as they stand; ... may stand for what is left out."
        reason = f"does not stand in {coding.document.path.name}"
        coding.sheet.fault(row, "quote", reason, hint)
    return quote


def _kind(sheet: Sheet, row: Row) -> str | None:
    kinds = scheme("finding-kind")
    own = {"evaluation", *kinds.narrower("evaluation")}
    found = kinds.notation_of(row["kind"]) if row["kind"] else None
    if found is None or found in own:
        hint = f"One of: {', '.join(kind for kind in kinds if kind not in own)}."
        sheet.fault(row, "kind", "is no kind of finding" if row["kind"] else "is missing", hint)
        return None
    return found


def _named(text: str) -> tuple[str, str]:
    """Name and identifier of `Name [id]`; a blank for what is not there."""
    match = _NAMED.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def _systems(sheet: Sheet, row: Row) -> dict[str, str]:
    """The systems of a cell with their names, by identifier.

    `Name [ods:CODE]` is taken at its word unless the bundled list of systems has another code for
    the name; a name or code alone is looked up there.
    """
    (known, names), found = _known_systems(), dict[str, str]()
    for text in row.parts("systems"):
        name, identifier = _named(text)
        ids = known.ids(name)
        if identifier and not ids and identifier.startswith("ods:"):
            found[sheet.identifier(row, "systems", "ods", identifier.removeprefix("ods:"))] = name
        elif len(ids) == 1 and identifier in ("", *ids):
            found[ids[0]] = ""
        else:
            is_not = f'holds "{text}", which is no system'
            reason = f"{is_not}; {name} is {' or '.join(ids)}" if ids else is_not
            sheet.fault(row, "systems", reason, nearest(name, names))
    return found


@cache
def _known_systems() -> tuple[Names, list[str]]:
    """The systems of the bundled evidence by ODS code, name and former name; and all names."""
    known, names = Names(), []
    with (SAMPLE / "systems.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            identifier = f"ods:{row['ods_code']}"
            for code in (identifier, row["ods_code"]):
                known.add(0, code, identifier)
            for name in filter(None, (row["name"], row["name_before_2022_07"])):
                known.add(1, name, identifier)
                names.append(name)
    return known, sorted(set(names))


def _bodies(coding: _Coding, row: Row) -> tuple[tuple[str, str, str | None], ...]:
    """The organisations of a cell: identifier, name, role. One without an identifier is new."""
    found = []
    for text, role in mentions(coding.reading, row["organisations"]):
        name, identifier = _named(text)
        try:
            if identifier or text.startswith(("ods:", "cqc:", "icsg:", "companies:", "charity:")):
                parse(identifier or text)
                found.append((identifier or text, name if identifier else "", role))
            else:
                found.append((f"icsg:organisation/{slug(name)}", name, role))
        except IdentifierFault as wrong:
            reason = f'holds "{text}": {wrong.reason}'
            coding.sheet.fault(row, "organisations", reason, wrong.hint)
    return tuple(found)


def _thing(sheet: Sheet, row: Row, kind: str) -> tuple[str, str] | None:
    """The innovation, barrier or subject of a row, and its name; a new one is what the kind is."""
    parts = row.parts("cluster")
    if not parts:
        return None
    if len(parts) > 1:
        hint = "Keep one, and copy the row for each of the others."
        sheet.fault(row, "cluster", f"holds {len(parts)} things", hint)
        return None
    name, identifier = _named(parts[0])
    of = {"innovation": "innovation"} | dict.fromkeys(OBSTACLES, "barrier")
    try:
        identifier = identifier or f"icsg:{of.get(kind, 'subject')}/{slug(name)}"
        parse(identifier)
    except IdentifierFault as wrong:
        sheet.fault(row, "cluster", wrong.reason, wrong.hint)
        return None
    what = identifier.removeprefix("icsg:").partition("/")[0]
    if what not in ("innovation", "barrier", "subject") or of.get(kind, what) != what:
        hint = f"A row of this kind is about an {of.get(kind, 'innovation, barrier or subject')}."
        sheet.fault(row, "cluster", f"is no thing that {kind} can be about", hint)
        return None
    return identifier, name


# --- what it is about -----------------------------------------------------------------------------


def _about(reading: Reading, read: _Read) -> Iterator[str]:
    """The concepts, and the innovation, barrier or subject, each as a node."""
    yield from concerned(reading.found, read.row)
    if read.row["theme"]:
        yield theme(reading, read.row["theme"], read.topic)
    if read.topic:
        yield reading.found.concept("topic", scheme("topic").label(read.topic))
    if read.thing:
        identifier, name = read.thing
        kinds = {"innovation": "Innovation", "barrier": "Barrier", "subject": "Concept"}
        what = identifier.removeprefix("icsg:").partition("/")[0]
        fields = {"concept_type": "subject"} if what == "subject" else {}
        yield reading.found.node(kinds[what], identifier, name=name or None, **fields)


def _challenge(coding: _Coding, finding: str, read: _Read, said: dict[str, str]) -> None:
    """Which challenge for systems it bears on: known from its words, else the analyst's reading."""
    found = coding.reading.found
    label = scheme("challenge").label(str(read.challenge))
    concept = found.concept("challenge", label)
    level = _known(read.quote, "challenge", label)
    found.link("ADDRESSES", finding, concept, knowledge_level=level, **said)
