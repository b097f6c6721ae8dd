"""Systems, what became of them, their regions, and which of them each review looked at."""

from __future__ import annotations

from collections.abc import Mapping

from ..ontology.dates import BoundedDate
from ..ontology.errors import DateFault
from ..ontology.identifiers import slug
from ..ontology.vocabularies import scheme
from .evidence_files import Row, Sheet
from .evidence_gathered import dated
from .evidence_reading import HealthSystem, Holder, Reading

__all__ = ["board", "board_id", "read_review_areas", "read_successions", "read_systems"]

BOARD_ROLE = "integrated care board"


def read_systems(reading: Reading) -> None:
    """systems.csv: each system under its ODS code, part of the area of its NHS England region."""
    sheet = reading.sheets["systems"]
    regions = _regions(sheet)
    for row in sheet:
        identifier = sheet.identifier(row, "ods_code", "ods")
        codes = [sheet.identifier(row, "ons_code", "ons")] if row["ons_code"] else []
        point = {
            "lon": sheet.number(row, "lon", -180, 180),
            "lat": sheet.number(row, "lat", -90, 90),
        }
        when = _existence(reading, sheet, row)
        board = _board_time(sheet, row, when)
        sheet.worded(row, "region")
        if row["region_ods"]:
            sheet.identifier(row, "region_ods", "ods")
        if row["system_id"] != identifier and sheet.sound(row):
            sheet.fault(row, "system_id", f"is not {identifier}, the id that its ODS code makes")
        if row["ods_code"] in reading.systems:
            sheet.fault(row, "ods_code", "is the code of an earlier row")
        if not sheet.sound(row):
            continue
        reading.systems[row["ods_code"]] = HealthSystem(identifier, when, board)
        _system(reading, row, codes, when, point)
        _region(reading, row, regions, when)
        sheet.accept(row)


def _existence(reading: Reading, sheet: Sheet, row: Row) -> BoundedDate:
    """From valid_from to valid_to, which is the first day it was no more; open ones hold on the
    as-of day."""
    begun, ended = sheet.date(row, "valid_from"), sheet.date(row, "valid_to")
    try:
        if row["valid_to"]:
            text = f"{begun.text or 'unknown'} to {ended.text}"
            return BoundedDate(*begun.bounds[:2], *ended.bounds[:2], text=text)
        return BoundedDate.open_on(begun, reading.as_of) if reading.as_of else begun
    except DateFault as wrong:
        sheet.fault(row, "valid_to", wrong.reason)
        return BoundedDate()


def _board_time(sheet: Sheet, row: Row, when: BoundedDate) -> BoundedDate:
    """From statutory_from until the end of its system."""
    begun = sheet.date(row, "statutory_from")
    try:
        return BoundedDate(*begun.bounds[:2], *when.bounds[2:], text=begun.text)
    except DateFault as wrong:
        sheet.fault(row, "statutory_from", wrong.reason)
        return BoundedDate()


def _system(
    reading: Reading,
    row: Row,
    codes: list[str],
    when: BoundedDate,
    point: Mapping[str, float | None],
) -> None:
    before = row.text("name_before_2022_07")
    reading.found.node(
        "System",
        f"ods:{row['ods_code']}",
        name=row["name"],
        name_before=before,
        other_names=[before] if before else [],
        codes=codes,
        region=row.text("region"),
        statutory_from=BoundedDate.parse(row["statutory_from"]).columns()["start_earliest"],
        **point,
        **dated(when),
    )
    # org_aliases.csv writes "Dorset (system)" for a system that organisations.csv does not have.
    for name in (row["name"], f"{row['name']} (system)", before):
        if name:
            reading.names.add(2, name, f"ods:{row['ods_code']}")


def _regions(sheet: Sheet) -> dict[str, str]:
    """The ODS code of each region that any row gives one for, by name."""
    return {
        row["region"]: row["region_ods"] for row in sheet if row["region"] and row["region_ods"]
    }


def _region(reading: Reading, row: Row, regions: Mapping[str, str], when: BoundedDate) -> None:
    """The system is part of its region; a row without the region's code finds it by the
    region's name."""
    if not row["region"]:
        return
    by_name = f"icsg:nhs-region/{slug(row['region'])}"
    code = row["region_ods"] or regions.get(row["region"])
    region = f"ods:{code}" if code else by_name
    codes = [by_name] if code else []
    reading.found.node("Area", region, name=row["region"], area_type="nhs-region", codes=codes)
    reading.found.link(
        "PART_OF",
        f"ods:{row['ods_code']}",
        region,
        knowledge_level="register",
        locator=f"systems.csv, row {row.number}",
        **dated(when),
    )


def read_successions(reading: Reading) -> None:
    """system_successions.csv: which system followed which, when, with what share of the former
    area."""
    sheet = reading.sheets["system_successions"]
    known = {system.id for system in reading.systems.values()}
    for row in sheet:
        for column in ("system_id", "successor_id"):
            if row[column] not in known:
                sheet.fault(row, column, "is no system of systems.csv")
        when, share = sheet.date(row, "date"), sheet.number(row, "share_of_area", 0, 1)
        if not sheet.sound(row):
            continue
        new = reading.found.link(
            "SUCCEEDED_BY",
            row["system_id"],
            row["successor_id"],
            knowledge_level="register",
            share=share,
            locator=f"system_successions.csv, row {row.number}",
            **dated(when),
        )
        if new:
            sheet.accept(row)
        else:
            sheet.fault(row, "successor_id", "is the successor in an earlier row, too")


def board_id(system: HealthSystem) -> str:
    """The integrated care board's id: of ours, since its code in the ODS names the system here."""
    return f"icsg:icb/{system.id.removeprefix('ods:')}"


def board(reading: Reading, system: HealthSystem, name: str) -> str:
    """The integrated care board of a system, the organisation that leads it: made if not there."""
    identifier = board_id(system)
    reading.found.node(
        "Organisation",
        identifier,
        name=name,
        other_names=[name],
        org_type="icb",
        org_types=["icb", *scheme("organisation-type").ancestors("icb")],
        **dated(system.board),
    )
    reading.found.link(
        "MEMBER_OF",
        identifier,
        system.id,
        role=BOARD_ROLE,
        knowledge_level="register",
        locator="systems.csv, statutory_from",
        **dated(system.board),
    )
    return identifier


def read_review_areas(reading: Reading) -> None:
    """review_areas.csv: which review looked at which system; areas without a name are one Area."""
    sheet = reading.sheets["review_areas"]
    for row in sheet:
        holder = reading.holder(sheet, row)
        page = reading.page(sheet, row)
        system = reading.system(sheet, row, "ods_code")
        if row["area_name"] and not row["ods_code"]:
            hint = "Give the code of its system in systems.csv."
            sheet.fault(row, "ods_code", "is missing though an area is named", hint)
        if not holder or not sheet.sound(row):
            continue
        seen = system.id if system else _unnamed(reading, holder, row)
        new = reading.found.link(
            "REVIEWED",
            holder.id,
            seen,
            document=page or None,
            area_name=row.text("area_name"),
            note=row.text("note"),
            locator=f"review_areas.csv, row {row.number}",
            **dated(holder.when),
        )
        if not new:
            sheet.fault(row, "ods_code", "is an area of this review in an earlier row, too")
            continue
        if system and row["icb_2022"]:
            board(reading, system, row["icb_2022"])
        sheet.accept(row)


def _unnamed(reading: Reading, holder: Holder, row: Row) -> str:
    """The Area that stands for areas which a review looked at and no text names."""
    what = holder.topic or slug(row["review_id"])
    topic = reading.found.get("Concept", f"icsg:topic/{what}").get("name", what)
    return reading.found.node(
        "Area",
        f"icsg:area/unnamed-{what}-areas",
        name=f"Areas not named ({topic})",
        area_type="unnamed",
        note=row.text("note"),
    )
