"""The change summary of the NHS Organisation Data Service for the mergers of integrated care boards
on 1 April 2026: which board and sub-ICB location follows on which, and who moves with them.

The workbook was published before the codes of the new boards were known, and has a placeholder in
their place ("[ANANA] tbc"). A placeholder is no code: a row that needs the code is rejected. A new
board is known by its name, and its system by a key made from that name; a source that has both
name and code joins the two.

Read are the tables of boards, sub-ICB locations, small areas, practices and networks. Not read are
the estimates of how many relationships change, the reporting entities, and the list of cost
centres that close before the day.

Publisher's page: https://digital.nhs.uk/services/organisation-data-service
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl

from .cleaning import Rule, held_bounds, is_missing, is_not, sift, upper_code
from .delimited import Layout, Sheet
from .geography_tables import area_key, nodes, statements
from .nhs_names import written_out
from .ods_networks import NETWORK_ROLE
from .ods_practices import ROLE
from .records import Nodes, Relationships, SourceEntry, Table
from .uniting import united
from .workbook import is_no_sheet_day, read_tables, sheet_day

__all__ = ["LAYOUTS", "read"]

_DAY = "2026-04-01"
_LAST_DAY = "2026-03-31"

_LOCATION = "Sub ICB Location Code"
_NEW_NAME = "New Sub ICB Location Name"

LAYOUTS = (
    Layout(
        "integrated care boards that change",
        {
            "NHSE Region Code": "region",
            "Current ICB Code": "system",
            "Current ICB Name": "system_name",
        },
    ),
    Layout(
        "new integrated care boards",
        {
            "NHSE Region Code": "region",
            "New ICB Code (TBC)": "new_system",
            "New ICB Name": "board",
        },
    ),
    Layout(
        "what integrated care boards become",
        {
            "Current ICB Code": "system",
            "Current ICB Name": "system_name",
            "PROPOSED NEW ICB / BOUNDARY CHANGES": "board",
        },
    ),
    Layout(
        "sub-ICB locations of new boards",
        {
            "New ICB Name (code tbc)": "board",
            _LOCATION: "commissioner",
            _NEW_NAME: "commissioner_name",
        },
        aliases={
            "New ICB Name (codes tbc)": "New ICB Name (code tbc)",
            "ICB Name": "New ICB Name (code tbc)",
            "New ICB": "New ICB Name (code tbc)",
            "SICBL Code": _LOCATION,
            "Sub ICB Location Name": _NEW_NAME,
            "New SICBL Name": _NEW_NAME,
        },
    ),
    Layout(
        "sub-ICB locations with a new name",
        {
            _LOCATION: "commissioner",
            "Current Sub ICB Location Name": "former_name",
            _NEW_NAME: "commissioner_name",
        },
    ),
    Layout(
        "new sub-ICB locations",
        {"New Sub ICB Location Code": "commissioner", _NEW_NAME: "commissioner_name"},
    ),
    Layout(
        "sub-ICB locations that close",
        {
            "Current ICB Code": "system",
            "Current ICB Name": "system_name",
            "Current Sub ICB Location Code": "closing",
            "Current Sub ICB Location Name": "closing_name",
            "SICBL Legal Code Closure Date": "closed_text",
        },
    ),
    Layout(
        "practices that move",
        {
            "Commissioner as at 1 Apr 2026": "receiver",
            "PCC Code": "member",
            "PCC Name": "member_name",
            "Non Primary Role Name (Prescribing Setting)": "setting",
        },
    ),
    Layout(
        "primary care networks that move",
        {
            "Commissioner as at 1 Apr 2026 (TBC)": "receiver",
            "PCN Code": "member",
            "PCN Name": "member_name",
        },
    ),
    Layout(
        "small areas that move",
        {
            "LSOA11CD": "small_area",
            "LSOA11NM": "",
            "SICBL22CD": "",
            "SICBL22CDH": "former",
            "SICBL22NM": "",
            "ICB22CD": "",
            "ICB22CDH": "former_system",
            "ICB22NM": "",
            "LAD22CD": "",
            "LAD22NM": "",
            "SICBL25CD": "",
            "SICBL25CDH": "commissioner",
            "SICBL25NM": "",
            "ICB25CD": "",
            "ICB25CDH": "",
            "ICB25NM": "board",
        },
    ),
)
"""The tables of the workbook that are read."""

_CODES = {
    "region": ("Y[0-9]{2}", "an ODS code of an NHS England region"),
    "system": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "new_system": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "former_system": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "commissioner": ("[0-9A-Z]{3,6}", "an ODS code of a sub-ICB location"),
    "closing": ("[0-9A-Z]{3,6}", "an ODS code of a sub-ICB location"),
    "former": ("[0-9A-Z]{3,6}", "an ODS code of a sub-ICB location"),
    "member": ("[A-Z][0-9]{5}", "an ODS code of a practice or network"),
    "small_area": ("E01[0-9]{6}", "an ONS code of a small area"),
}
_NAMES = {
    "receiver": ("(?i)NHS .+ ICB - .+|n/a", "the name of a sub-ICB location"),
    "board": ("(?i)NHS .+ (?:INTEGRATED CARE BOARD|ICB)", "the name of an integrated care board"),
    "commissioner_name": ("(?i)NHS .+ ICB - .+", "the name of a sub-ICB location"),
}
_LATER = "Load the edition that has the code."
_PLACEHOLDER = r"(?i)\btbc\b|\[|\bn/a\b"
_MAY_LACK = frozenset({"setting", "member_name"})


def read(entry: SourceEntry) -> Iterator[Table]:
    """The workbooks of an edition as nodes and relationships, an account for each of their tables.

    Raises `LayoutError` or `FileFault` for a file that cannot be the workbook.
    """
    tables: list[Nodes | Relationships] = []
    for path in entry.files:
        sheets = [_checked(sheet) for sheet in read_tables(path, LAYOUTS)]
        closing = [
            code for s in sheets if "closing" in s.rows.columns for code in s.rows["closing"]
        ]
        for sheet in sheets:
            where = sheet.file.removeprefix(f"{path.name}, ")
            tables += _located(_told(sheet.rows, closing, entry.as_of), where)
            yield sheet.account()
    yield from united(tables)


# --- checks ---------------------------------------------------------------------------------------


def _checked(sheet: Sheet) -> Sheet:
    read = [c for c in sheet.rows.columns if c != "row"]
    first_lines = [pl.col(c).str.extract("^([^\n]*)").str.strip_chars() for c in read]
    coded = [c for c in read if c in _CODES]
    sheet = sheet.derive(*first_lines).derive(*(_code(c) for c in coded))
    rules = is_missing(*(c for c in read if c not in _MAY_LACK))
    for column in (*coded, *(c for c in read if c == "receiver")):
        rules.append(Rule(column, _stands_in(column), "is a placeholder, not a code", _LATER))
    for column in coded:
        form = is_not(column, *_CODES[column])
        rules.append(replace(form, wrong=form.wrong & ~_stands_in(column)))
    rules += [is_not(c, *_NAMES[c]) for c in read if c in _NAMES]
    rules += [is_no_sheet_day(c) for c in read if c == "closed_text"]
    return _one_small_area_each(sift(sheet, rules))


def _stands_in(column: str) -> pl.Expr:
    return pl.col(column).str.contains(_PLACEHOLDER)


def _code(column: str) -> pl.Expr:
    """A code in capitals; a placeholder as it stands."""
    return pl.when(_stands_in(column)).then(column).otherwise(upper_code(column)).alias(column)


def _one_small_area_each(sheet: Sheet) -> Sheet:
    """One row stands for all small areas that go the same way, with their share."""
    if "small_area" not in sheet.rows.columns:
        return sheet
    alike = ["former", "commissioner"]
    counted = sheet.derive(
        pl.len().over(alike).alias("areas"), pl.lit(sheet.rows_in).alias("all_areas")
    )
    first = counted.rows.unique(alike, keep="first", maintain_order=True)
    others = counted.rows.filter(~pl.col("row").is_in(first["row"].implode()))["row"]
    note = f"small areas are counted into shares: {counted.rows.height} into {first.height}"
    return counted.merge(others, note)


# --- what the rows say ----------------------------------------------------------------------------


Tables = Iterator[Nodes | Relationships]


def _told(rows: pl.DataFrame, closing: list[str], as_of: str) -> Tables:
    """What a table says, by the columns that it has."""
    columns = set(rows.columns)
    for needed, tell in _TELLING:
        if needed <= columns:
            yield from tell(rows, as_of)
    if "member" in columns:
        yield from _members(rows, closing, as_of)


def _located(tables: Tables, where: str) -> Tables:
    """The tables, with the place of their rows told apart from those of other tables."""
    locator = pl.format("{}, {} below", pl.lit(where), "locator")
    for table in tables:
        if isinstance(table, Nodes):
            yield table
        else:
            yield Relationships(table.kind, table.rows.with_columns(locator.alias("locator")))


def _ods(column: str) -> pl.Expr:
    return pl.format("ods:{}", column)


def _starts() -> list[pl.Expr]:
    return [pl.lit(_DAY).alias(c) for c in ("start_earliest", "start_latest", "date_text")]


def _ends(last_day: pl.Expr, as_of: str) -> list[pl.Expr]:
    """The columns of what held on the day `as_of` and ends with a last day, ISO text."""
    end = last_day.str.to_date("%Y-%m-%d").dt.offset_by("1d").dt.to_string("%Y-%m-%d")
    text = pl.format("unknown to {}", last_day)
    ends = [end.alias("end_earliest"), end.alias("end_latest"), text.alias("date_text")]
    return [held_bounds(as_of)[0], *ends]


def _system_of(rows: pl.DataFrame, board: str) -> tuple[pl.DataFrame, pl.Expr, pl.Expr]:
    """Rows with the name of a board's system, its key, and that name."""
    plain = written_out(board).str.replace("^NHS ", "")
    named = rows.with_columns(plain.str.replace(" (?:Integrated Care Board|ICB)$", "").alias("_of"))
    return named, area_key("system", "_of"), pl.col("_of")


def _current_systems(rows: pl.DataFrame, as_of: str) -> Tables:
    rows, key, name = _system_of(rows, "system_name")
    yield nodes("System", rows, key, id=_ods("system"), name=name)
    if "region" in rows.columns:
        yield nodes("Area", rows, id=_ods("region"), area_type="nhs-region")
        bounds = held_bounds(as_of)
        yield statements("PART_OF", rows, _ods("system"), _ods("region"), *bounds)


def _new_systems(rows: pl.DataFrame, as_of: str) -> Tables:
    rows, key, name = _system_of(rows, "board")
    yield nodes("System", rows, key, id=_ods("new_system"), name=name, statutory_from=_DAY)


def _named_systems(rows: pl.DataFrame, as_of: str) -> Tables:
    rows, key, name = _system_of(rows, "board")
    yield nodes("System", rows, id=key, name=name)


def _system_successions(rows: pl.DataFrame, as_of: str) -> Tables:
    rows, key, _ = _system_of(rows, "board")
    yield statements("SUCCEEDED_BY", rows, _ods("system"), key, *_starts())


def _locations(rows: pl.DataFrame, as_of: str) -> Tables:
    code, name = _ods("commissioner"), written_out("commissioner_name")
    former = pl.col("former_name") if "former_name" in rows.columns else pl.lit(None, pl.String)
    others = pl.concat_list(former).list.drop_nulls()
    yield nodes(
        "Organisation", rows, id=code, name=name, other_names=others, org_type="sub-icb-location"
    )


def _locations_in_systems(rows: pl.DataFrame, as_of: str) -> Tables:
    rows, key, _ = _system_of(rows, "board")
    # A new row below a location's own says only how many small areas come to it.
    yield statements("PART_OF", rows, _ods("commissioner"), key, *_starts())


def _closing_locations(rows: pl.DataFrame, as_of: str) -> Tables:
    rows = rows.with_columns(sheet_day("closed_text").alias("closed"))
    name, ends = written_out("closing_name"), _ends(pl.col("closed"), as_of)
    dates = {c.meta.output_name(): c for c in ends}
    code, kind = _ods("closing"), "sub-icb-location"
    yield nodes("Organisation", rows, id=code, name=name, org_type=kind, **dates)
    yield statements("PART_OF", rows, code, _ods("system"), *ends)


def _small_areas(rows: pl.DataFrame, as_of: str) -> Tables:
    rows, key, _ = _system_of(rows, "board")
    share = (pl.col("areas") / pl.col("all_areas")).round(4).alias("share")
    for column in ("former", "commissioner"):
        yield nodes("Organisation", rows, id=_ods(column), org_type="sub-icb-location")
    yield nodes("System", rows, id=_ods("former_system"))
    for former, new in ((_ods("former"), _ods("commissioner")), (_ods("former_system"), key)):
        yield statements("SUCCEEDED_BY", rows, former, new, share, *_starts())


def _members(rows: pl.DataFrame, closing: list[str], as_of: str) -> Tables:
    """Practices and networks leave the sub-ICB location that closes, and join another."""
    practices = "setting" in rows.columns
    role = pl.lit(ROLE if practices else NETWORK_ROLE).alias("role")
    kind = {} if practices else {"org_type": "pcn"}
    member = _ods("member")
    # The code stands at the end of the name.
    receiver = pl.format("ods:{}", pl.col("receiver").str.extract(" - ([0-9A-Z]+)$"))
    yield nodes("Organisation", rows, id=member, name=written_out("member_name"), **kind)
    yield nodes("Organisation", rows, id=receiver, org_type="sub-icb-location")
    yield statements("MEMBER_OF", rows, member, receiver, role, *_starts())
    if len(closing) == 1:
        left, ends = pl.lit(f"ods:{closing[0]}"), _ends(pl.lit(_LAST_DAY), as_of)
        yield statements("MEMBER_OF", rows, member, left, role, *ends)


_TELLING: tuple[tuple[set[str], Callable[[pl.DataFrame, str], Tables]], ...] = (
    ({"system", "system_name"}, _current_systems),
    ({"new_system"}, _new_systems),
    ({"board"}, _named_systems),
    ({"system", "board"}, _system_successions),
    ({"commissioner", "commissioner_name"}, _locations),
    ({"commissioner", "board"}, _locations_in_systems),
    ({"closing"}, _closing_locations),
    ({"small_area"}, _small_areas),
)
"""What is told of tables that have these columns."""
