"""Reads sheets of workbooks (.xlsx, .ods) as publishers send them: as text, and counting every row.

A sheet comes out as a comma-separated file does (`delimited`): a `Sheet` of text columns with row
numbers, its layout found by the names in its header, wherever that stands.

Handled: titles above the header, line breaks inside its cells, dates stored as days or as serial
numbers, cells merged over rows (their value stands in every row), error values such as #N/A (no
value), blank rows. A file that is no workbook, breaks off, is encrypted, or holds no table of a
known layout is refused whole with a `LayoutError`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import fastexcel
import polars as pl

from ..ontology.errors import FileFault, LayoutError, shown
from .cleaning import Rule, day
from .decoding import FETCH_AGAIN, LARGEST_FILE
from .delimited import Sheet, as_sheet
from .layouts import Layout, misfit
from .merged_cells import MergedDown, merged_down

__all__ = ["has_cells", "is_no_sheet_day", "read_sheet", "read_tables", "sheet_day", "sheet_names"]

ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
"""What a workbook shows where a formula gave no value."""

HEADER_WITHIN = 60
"""In how many rows the header of a sheet is looked for."""

_A_WORKBOOK = "a workbook (.xlsx or .ods)"
_OLD = b"\xd0\xcf\x11\xe0"  # an Excel workbook of before 2007, or an encrypted one of today
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAMAGED = (BadZipFile, KeyError, StopIteration, NotImplementedError, fastexcel.FastExcelError)
_SAVE_OPEN = "Save it without a password."
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
_SERIAL = r"^[2-7]\d{4}$"
_DAY_ZERO = pl.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class _Book:
    path: Path
    archive: ZipFile
    reader: fastexcel.ExcelReader


@dataclass(frozen=True, slots=True)
class _Grid:
    """All cells of a sheet from its first row and column, and those that are merged over rows."""

    name: str
    cells: pl.DataFrame
    merged: Sequence[MergedDown]


def sheet_names(path: Path) -> list[str]:
    """The names of a workbook's sheets, in their order."""
    return list(_opened(path).reader.sheet_names)


def has_cells(path: Path, sheet: str) -> bool:
    """Whether any cell of this sheet of a workbook is filled."""
    cells = _grid(_opened(path), sheet).cells
    return not cells.is_empty() and not cells.select(_is_blank(cells.columns)).to_series().all()


def read_sheet(path: Path, layouts: Sequence[Layout], sheet: str = "") -> Sheet:
    """The rows of the first sheet, or of the one named, that has one of these layouts.

    Everything below the header is a row. `LayoutError` says which sheet or column is missing.
    """
    book = _opened(path)
    tried: list[list[str]] = []
    for name in _wanted(book, sheet):
        grid = _grid(book, name)
        for at, header in _headers(grid, HEADER_WITHIN):
            for layout in layouts:
                if layout.fitted(header):
                    return _table(path, grid, layout, at, grid.cells.height)
            tried.append(header)
    raise misfit(path, [(_likeliest(tried, layouts), 0)], layouts)


def read_tables(path: Path, layouts: Sequence[Layout]) -> Iterator[Sheet]:
    """Every table of every sheet that has one of these layouts; each ends at its first blank row.

    `LayoutError` if there is none.
    """
    book = _opened(path)
    found = False
    for name in _wanted(book, ""):
        grid = _grid(book, name)
        for at, header in _headers(grid, grid.cells.height):
            for layout in layouts:
                if layout.fitted(header):
                    found, end = True, _first_blank(grid, at + 1)
                    sheet = _table(path, grid, layout, at, end)
                    yield replace(sheet, file=f"{sheet.file}, row {at + 1}")
    if not found:
        known = "; ".join(layout.name for layout in layouts)
        reason = "none of its sheets has a table known here"
        raise LayoutError(path, layouts[0].name, reason, f"Known here: {known}.")


def sheet_day(column: str, *forms: str) -> pl.Expr:
    """The days of a column of a workbook as ISO text: stored as dates, as serial numbers, or as
    text in one of these forms (`cleaning.DAY_FORMS`).

    >>> rows = pl.DataFrame({"open": ["2019-10-01", "43739", "20191001", "soon"]})
    >>> rows.select(sheet_day("open", "yyyymmdd")).to_series().to_list()
    ['2019-10-01', '2019-10-01', '2019-10-01', None]
    """
    text = pl.col(column)
    number = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Int64, strict=False)
    serial = (_DAY_ZERO + pl.duration(days=number)).dt.to_string("%Y-%m-%d")
    read = [day(column, form) for form in ("yyyy-mm-dd", *forms)]
    return pl.coalesce(*read, serial).alias(column)


def is_no_sheet_day(column: str, *forms: str) -> Rule:
    """The rule that a value, if there is one, is a day as `sheet_day` reads it.

    >>> is_no_sheet_day("open", "yyyymmdd").reason
    'is no day of the calendar in the form yyyymmdd'
    """
    wrong = pl.col(column).is_not_null() & sheet_day(column, *forms).is_null()
    stated = " or ".join(forms or ("yyyy-mm-dd",))
    return Rule(
        column, wrong, f"is no day of the calendar in the form {stated}", "Correct the date."
    )


# --- opening --------------------------------------------------------------------------------------


def _opened(path: Path) -> _Book:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except OSError as error:
        raise FileFault(path, reason=f"it cannot be read: {error.strerror}") from None
    if not content:
        raise FileFault(path, reason="the file is empty", hint=FETCH_AGAIN)
    if content.startswith(_OLD):
        if _ENCRYPTED in content:
            raise LayoutError(path, _A_WORKBOOK, "it is encrypted", _SAVE_OPEN)
        reason = "it is an old Excel workbook"
        raise LayoutError(path, _A_WORKBOOK, reason, "Save it as .xlsx.")
    if not content.startswith(b"PK"):
        raise LayoutError(path, _A_WORKBOOK, "it is none", "Check the kind of this source.")
    try:
        archive = ZipFile(io.BytesIO(content))
        _refuse(path, archive)
        return _Book(path, archive, fastexcel.read_excel(content))
    except _DAMAGED:
        raise _broken(path) from None


def _broken(path: Path) -> LayoutError:
    return LayoutError(path, _A_WORKBOOK, "it is damaged or breaks off", FETCH_AGAIN)


def _refuse(path: Path, archive: ZipFile) -> None:
    members = {member.filename: member for member in archive.infolist()}
    if not members.keys() & {"xl/workbook.xml", "content.xml"}:
        reason = "it is a zip archive of other files"
        raise LayoutError(path, _A_WORKBOOK, reason, "Take the workbook out, and list that.")
    size = sum(member.file_size for member in members.values())
    if size > LARGEST_FILE:
        reason = f"it unpacks to {size / 2**30:.1f} GiB"
        most = f"At most {LARGEST_FILE / 2**30:.1f} GiB are read; check where the file comes from."
        raise LayoutError(path, _A_WORKBOOK, reason, most)
    manifest = "META-INF/manifest.xml"
    encrypted = manifest in members and b"encryption-data" in archive.read(manifest)
    if encrypted or any(member.flag_bits & 1 for member in members.values()):
        raise LayoutError(path, _A_WORKBOOK, "it is encrypted", _SAVE_OPEN)


def _wanted(book: _Book, sheet: str) -> list[str]:
    names = list(book.reader.sheet_names)
    if not sheet:
        return names
    named = [name for name in names if name.strip().casefold() == sheet.casefold()]
    if named:
        return named
    reason = f"it has no sheet {shown(sheet)}"
    raise LayoutError(book.path, _A_WORKBOOK, reason, f"Its sheets: {', '.join(names)}.")


def _grid(book: _Book, name: str) -> _Grid:
    try:
        sheet = book.reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        cells = sheet.to_polars()
        merged = merged_down(book.archive, name)
    except _DAMAGED:
        raise _broken(book.path) from None
    first = min((column.absolute_index for column in sheet.available_columns()), default=0)
    cells.columns = [str(first + number) for number in range(cells.width)]
    # Dates come as a stamp of their midnight.
    return _Grid(name, cells.with_columns(pl.all().str.replace(_MIDNIGHT, "$1")), merged)


# --- tables in a sheet ----------------------------------------------------------------------------


def _headers(grid: _Grid, within: int) -> Iterator[tuple[int, list[str]]]:
    """Each row that may be a header, with its number and its filled cells."""
    for at, row in enumerate(grid.cells.head(within).iter_rows()):
        if filled := [cell for cell in row if cell is not None and cell.strip()]:
            yield at, filled


def _likeliest(tried: Sequence[list[str]], layouts: Sequence[Layout]) -> list[str]:
    """Of rows that are no header, the one with the most names of one of the layouts."""

    def known(header: list[str]) -> int:
        return max(len(set(layout.resolve(header)) - {None}) for layout in layouts)

    return max(tried, key=known, default=[""])


def _first_blank(grid: _Grid, start: int) -> int:
    blank = grid.cells.slice(start).select(_is_blank(grid.cells.columns)).to_series()
    return start + (blank.arg_max() or 0) if blank.any() else grid.cells.height


def _is_blank(columns: Sequence[str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(c).fill_null("").str.strip_chars() == "" for c in columns)


def _table(path: Path, grid: _Grid, layout: Layout, at: int, end: int) -> Sheet:
    """The rows from below the header, in row `at`, to before `end`."""
    top = dict(zip(grid.cells.columns, grid.cells.row(at), strict=True))
    places = [place for place, cell in top.items() if cell is not None and cell.strip()]
    header = layout.fitted([top[place] for place in places])
    rows, filled = _filled_down(grid, places, at + 1, end)
    blank = rows.select(_is_blank(rows.columns)).to_series()
    strays = sum(rows[place].count() for place in rows.columns if place not in places)
    cells = rows.filter(~blank).select(places).fill_null("")
    if cells.is_empty():
        where, reason = f"{path}, sheet {grid.name}", "the table has no rows of data"
        raise FileFault(where, reason=reason, hint=FETCH_AGAIN)
    cells.columns = [str(number) for number in range(cells.width)]
    notes = (
        ("rows filled from a cell merged over them", filled),
        ("blank rows passed over", int(blank.sum())),
        ("values in columns without a name, passed over", strays),
        ("error values taken as none", _errors(cells)),
    )
    told = tuple(f"{what}: {count}" for what, count in notes if count)
    sheet = as_sheet(path, layout, header, cells, told, part=f", sheet {grid.name}")
    texts = pl.exclude("row")
    return sheet.derive(pl.when(~texts.is_in(ERRORS)).then(texts).name.keep())


def _errors(cells: pl.DataFrame) -> int:
    return int(cells.select(pl.all().is_in(ERRORS).sum()).sum_horizontal().item())


def _filled_down(
    grid: _Grid, places: Sequence[str], start: int, end: int
) -> tuple[pl.DataFrame, int]:
    """The rows from `start` to before `end`; a cell merged over rows stands in each of them."""
    rows = grid.cells.slice(start, end - start)
    filled: set[int] = set()
    columns: dict[str, list[str | None]] = {}
    for cell in grid.merged:
        place = str(cell.column)
        if place in places and start <= cell.first < end:
            column = columns.setdefault(place, rows[place].to_list())
            beneath = range(cell.first - start + 1, min(cell.last, end - 1) - start + 1)
            for row in beneath:
                column[row] = column[cell.first - start]
            filled.update(beneath)
    changed = [pl.Series(place, column, pl.String) for place, column in columns.items()]
    return rows.with_columns(changed), len(filled)
