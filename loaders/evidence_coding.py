"""Our coding of findings, and what follows from findings and coding: who took up or faced what,
and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ontology.identifiers import slug
from ..ontology.vocabularies import scheme
from .evidence_files import Row, Sheet
from .evidence_findings import OBSTACLES, Finding
from .evidence_gathered import Gathered, dated, joined
from .evidence_reading import Reading, nearest

__all__ = ["derive_uptake", "read_coding", "state_uptake"]

CODED = {"voice": "voice", "stage": "uptake_stage", "novelty": "novelty"}
"""Fields of coding.csv whose values are a vocabulary's, with the column of Finding they fill."""

VOCABULARIES = {"voice": "voice", "stage": "uptake-stage", "novelty": "novelty"}

STATED = {
    "for": "addressed_to",
    "serves": "serves",
    "shared": "shared_with",
    "action": "action",
    "acted": "action",
}
"""Fields of coding.csv whose values are words, with the column of Finding they fill."""

FIELDS = (*CODED, *STATED, "challenge")


def read_coding(reading: Reading, findings: Mapping[str, Finding]) -> None:
    """coding.csv (optional): what a finding's own words say beyond its columns, one statement a
    row.

    Every row is kept on its finding with the words it rests on and how it is known. A challenge
    becomes a link of its own (ADDRESSES). Something done afterwards stays words on the finding:
    which finding it answered is coded nowhere, so no ACTED_ON follows from it.
    """
    sheet = reading.sheets["coding"]
    for row in sheet:
        finding = findings.get(row["finding_id"])
        if row["field"] not in FIELDS:
            sheet.fault(row, "field", "is no field of the coding", f"One of {', '.join(FIELDS)}.")
        reading.term(sheet, row, "level", "knowledge-level")
        sheet.worded(row, "value")
        if finding is None:
            sheet.fault(row, "finding_id", "is no finding that was read")
        if finding is None or not sheet.sound(row):
            continue
        if row["field"] == "challenge":
            _challenge(reading, sheet, row, finding)
        elif row["field"] in CODED:
            _coded(reading, sheet, row, finding)
        else:
            _stated(reading, row, finding)
        if sheet.sound(row):
            reading.found.node("Finding", finding.id, coding=[_kept(row)])
            (sheet.accept if row["field"] == "challenge" else sheet.merge)(row)


def _kept(row: Row) -> str:
    """The row in one line, as it stays on the finding.

    >>> cells = {"field": "stage", "value": "pilot", "words": "First pilot", "level": "finding"}
    >>> _kept(Row(1, {**cells, "note": ""}))
    'stage: pilot (finding): "First pilot"'
    """
    words = f': "{row["words"]}"' if row["words"] else ""
    note = f"; {row['note']}" if row["note"] else ""
    return f"{row['field']}: {row['value']} ({row['level']}){words}{note}"


def _coded(reading: Reading, sheet: Sheet, row: Row, finding: Finding) -> None:
    """One value of a vocabulary. Two values of a finding are one that the vocabulary has for
    both."""
    value = reading.term(sheet, row, "value", VOCABULARIES[row["field"]])
    column = CODED[row["field"]]
    before = reading.found.get("Finding", finding.id).get(column)
    if value is None:
        return
    both = value if before in (None, value) else "_and_".join(sorted((str(before), value)))
    if both not in scheme(VOCABULARIES[row["field"]]):
        sheet.fault(row, "value", f"is not the value {before} of an earlier row")
        return
    reading.found.amend("Finding", finding.id, **{column: both})


def _stated(reading: Reading, row: Row, finding: Finding) -> None:
    column = STATED[row["field"]]
    before = reading.found.get("Finding", finding.id).get(column)
    reading.found.amend("Finding", finding.id, **{column: joined(before, row["value"])})


def _challenge(reading: Reading, sheet: Sheet, row: Row, finding: Finding) -> None:
    """Which of the challenges for systems the finding bears on: known as its own row says,
    mostly inferred."""
    challenge = f"icsg:challenge/{slug(row['value'])}"
    if not reading.found.get("Concept", challenge):
        known = [i for i in reading.found.ids("Concept") if i.startswith("icsg:challenge/")]
        names = [str(reading.found.get("Concept", i)["name"]) for i in known]
        sheet.fault(row, "value", "is no challenge in themes.csv", nearest(row["value"], names))
        return
    new = reading.found.link(
        "ADDRESSES",
        finding.id,
        challenge,
        words=row.text("words"),
        knowledge_level=row["level"],
        locator=f"coding.csv, row {row.number}",
    )
    if not new:
        sheet.fault(row, "value", "is the challenge of an earlier row of this finding")


def derive_uptake(reading: Reading, findings: Mapping[str, Finding]) -> None:
    """What the findings of innovations and obstacles in a system say of who took up or faced
    what."""
    for code, finding in findings.items():
        if not finding.system or not finding.thing:
            continue
        said = {
            "document": reading.pages[finding.row["source_url"]],
            "locator": f"findings.csv, row {finding.row.number}",
            **dated(finding.when),
        }
        state_uptake(reading.found, finding.id, finding.system, finding.thing, code, said)


def state_uptake(
    found: Gathered, finding: str, system: str, thing: str, key: str, said: Mapping[str, Any]
) -> None:
    """A finding of an innovation in a system is an ADOPTED by it, one of an obstacle a FACED.

    Dates (in `said`) are those of the finding, so mostly of its observation. What is only
    considered is not adopted.
    """
    known = found.get("Finding", finding)
    kind, stage = known["finding_kind"], known.get("uptake_stage")
    if kind == "innovation" and stage != "considered":
        found.link("ADOPTED", system, thing, key, stage=stage, finding=finding, **said)
    elif kind in OBSTACLES:
        found.link("FACED", system, thing, key, finding=finding, **said)
