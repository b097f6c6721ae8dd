"""Organisations with all their names, and the ties between them."""

from __future__ import annotations

from ..ontology.identifiers import slug
from ..ontology.relationships import COMMISSIONS, TIES
from ..ontology.vocabularies import scheme
from .evidence_files import Row, Sheet
from .evidence_gathered import dated
from .evidence_places import board, board_id
from .evidence_reading import Alias, HealthSystem, Reading, nearest

__all__ = ["read_aliases", "read_organisations", "read_ties"]

BOARD = "icb"
PARTNERSHIP = "system-partnership"
PROVIDER = "health-or-care-provider"

TIE_KINDS = {name.lower(): name for name in (*TIES, COMMISSIONS.__name__)}
"""The relations of ties.csv, by the words of that file."""


def read_organisations(reading: Reading) -> None:
    """organisations.csv: each body under its ODS code, or else an id of ours.

    A body of the type "ICS/STP" is no organisation here but the System of its code, and its names
    are other names of that system; an integrated care board is an organisation of its own
    (`icsg:icb/...`).
    """
    sheet = reading.sheets["organisations"]
    taken: set[str] = set()
    for row in sheet:
        page = reading.page(sheet, row)
        system = reading.system(sheet, row, "icb_ods")
        org_type = scheme("organisation-type").notation_of(row["type"])
        sheet.worded(row, "name")
        if row["ods_code"]:
            sheet.identifier(row, "ods_code", "ods")
        if org_type in (PARTNERSHIP, BOARD) and not row["icb_ods"]:
            sheet.fault(row, "icb_ods", "is missing, so it is not known which system it is")
        if reading.names.ids(row["name"], ranks=1):
            sheet.fault(row, "name", "is the name of an earlier row")
        if not sheet.sound(row):
            continue
        identifier = _identifier(row, org_type, system)
        if identifier in taken:
            reason = f"makes it {identifier}, which an earlier row is"
            sheet.fault(row, "ods_code" if row["ods_code"] else "name", reason)
            continue
        if org_type is None:
            sheet.notes.append(f'row {row.number}: the type "{row["type"]}" is not known')
        if org_type == PARTNERSHIP:
            _partnership(reading, row, identifier)
            sheet.merge(row)
        else:
            taken.add(identifier)
            _organisation(reading, row, identifier, org_type, system)
            sheet.accept(row)
        if system and row["icb_2022"]:
            board(reading, system, row["icb_2022"])
        _name(reading, row, identifier, page)


def _identifier(row: Row, org_type: str | None, system: HealthSystem | None) -> str:
    if system and org_type == PARTNERSHIP:
        return system.id
    if system and org_type == BOARD:
        return board_id(system)
    return f"ods:{row['ods_code']}" if row["ods_code"] else f"icsg:organisation/{slug(row['name'])}"


def _partnership(reading: Reading, row: Row, system: str) -> None:
    names = [row["name"], *row.parts("also_seen_as")]
    reading.found.node("System", system, other_names=names, note=row.text("note"))


def _organisation(
    reading: Reading, row: Row, identifier: str, org_type: str | None, system: HealthSystem | None
) -> None:
    types = [org_type, *scheme("organisation-type").ancestors(org_type)] if org_type else []
    before = reading.found.get("Organisation", identifier).get("name")
    reading.found.node(
        "Organisation",
        identifier,
        other_names=[name for name in (before, *row.parts("also_seen_as")) if name],
        org_type=org_type,
        org_types=types,
        is_provider=True if PROVIDER in types else None,
        type_as_published=row["type"],
        note=row.text("note"),
    )
    reading.found.amend("Organisation", identifier, name=row["name"])
    if system and org_type != BOARD:
        reading.found.link(
            "LOCATED_IN",
            identifier,
            system.id,
            document=reading.pages.get(row["source_url"]),
            locator=f"organisations.csv, row {row.number}",
        )


def _name(reading: Reading, row: Row, identifier: str, page: str) -> None:
    """The names by which other files may mean it, and the page that gives its name."""
    reading.names.add(0, row["name"], identifier)
    for other in row.parts("also_seen_as"):
        reading.names.add(1, other, identifier)
    if page:
        locator = _named(row["name"])
        reading.found.link("REPORTS", page, identifier, key=row["name"], locator=locator)


def _named(name: str) -> str:
    return f'named there "{name}"'


def read_aliases(reading: Reading) -> None:
    """org_aliases.csv: a name as one page publishes it, of a body that has another name here.

    That the name means the body is a judgement. So the name is a thing of its own, under which
    findings name it, judged to be the same as the body; a person may judge otherwise. A name by
    which organisations.csv or systems.csv lists the body needs no judgement, and one that stands
    for several bodies allows none: these are other names of theirs.

    "Dorset (system)" means the system of that name.
    """
    sheet = reading.sheets["org_aliases"]
    sound: list[tuple[Row, str, str]] = []
    for row in sheet:
        page = reading.page(sheet, row)
        body = reading.body(sheet, row, "canonical_name", row["canonical_name"])
        sheet.worded(row, "alias_as_published")
        if sheet.sound(row):
            sound.append((row, body, page))
            if not _listed(reading, row["alias_as_published"], body):
                reading.names.add(1, row["alias_as_published"], body)
    for row, body, page in sound:
        alias = row["alias_as_published"]
        thing = _alias(reading, row, body)
        if thing == body:
            reading.found.node(_kind(reading, body), body, other_names=[alias])
            sheet.merge(row)
        else:
            sheet.accept(row)
        if page:
            reading.found.link("REPORTS", page, thing, key=alias, locator=_named(alias))


def _kind(reading: Reading, body: str) -> str:
    return "System" if body in reading.found.ids("System") else "Organisation"


def _listed(reading: Reading, name: str, body: str) -> bool:
    """Whether organisations.csv or systems.csv lists a body by this name."""
    return any(body in reading.names.of_rank(rank, name) for rank in (0, 2))


def _alias(reading: Reading, row: Row, body: str) -> str:
    """The thing that a published name is, judged to be a body; the body if no judgement is due."""
    alias, kind = row["alias_as_published"], _kind(reading, body)
    # In another data set the same letters may stand for another body.
    named = f"icsg:{kind.lower()}/{reading.data_set}/{slug(alias)}"
    known = reading.aliases.get(named)
    others = reading.names.of_rank(1, alias) - {named, body}
    if others or (known and known.body != body) or _listed(reading, alias, body):
        return body
    if known is None:
        why = f'named "{alias}" at {row["source_url"]}' if row["source_url"] else f'"{alias}"'
        reading.aliases[named] = Alias(body, f"org_aliases.csv, row {row.number}: {why}")
    reading.names.replace(1, alias, named)
    names = reading.found.get(kind, body).get("other_names", [])
    reading.found.amend(kind, body, other_names=[name for name in names if name != alias])
    return reading.found.node(kind, named, name=alias)


def read_ties(reading: Reading) -> None:
    """ties.csv: who worked with whom, as the page of a finding states it; the date only where
    stated."""
    sheet = reading.sheets["ties"]
    for row in sheet:
        kind = TIE_KINDS.get(row["relation"])
        if kind is None:
            hint = nearest(row["relation"], sorted(TIE_KINDS))
            sheet.fault(row, "relation", "is no kind of tie", hint)
        subject = reading.body(sheet, row, "subject_org", row["subject_org"])
        target = reading.body(sheet, row, "object_org", row["object_org"])
        _tie(reading, sheet, row, kind, subject, target)


def _tie(
    reading: Reading, sheet: Sheet, row: Row, kind: str | None, subject: str, target: str
) -> None:
    finding = f"icsg:finding/{row['about']}"
    page, system = reading.page(sheet, row), reading.system(sheet, row, "area_ods")
    when = sheet.date(row, "start")
    if not reading.found.get("Finding", finding):
        hint = "Correct the id, or see why findings.csv was read without that row."
        sheet.fault(row, "about", "is no finding that was read", hint)
    if subject and reading.meant(subject) == reading.meant(target):
        sheet.fault(row, "object_org", "is the same body as the subject")
    if kind is None or not sheet.sound(row):
        return
    if system and row["area"]:
        reading.found.node("System", system.id, other_names=[row["area"]])
    new = reading.found.link(
        kind,
        subject,
        target,
        key=row["about"],
        finding=finding,
        area=system.id if system else None,
        document=page or None,
        locator=f"ties.csv, row {row.number}",
        **dated(when),
    )
    if new:
        sheet.accept(row)
    else:
        sheet.fault(row, "object_org", "stands in the same tie in an earlier row")
