"""Which cells of a workbook's sheet are merged over several rows: one value stands for all of them.

The reader of workbooks gives such a value to the first row only. Rows and columns count from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import join, normpath
from xml.etree import ElementTree
from xml.sax.saxutils import escape
from zipfile import ZipFile

__all__ = ["MergedDown", "merged_down"]

_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"
_PART = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RANGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+)(\d+):[A-Z]+(\d+)"')

_SPANS_ROWS = re.compile(rb'number-rows-spanned="(?!1")')
_CELLS = re.compile(rb"<table:(table-row|table-cell|covered-table-cell)\b([^>]*)>")
_COUNT = {
    name: re.compile(rb'table:number-%b="(\d+)"' % name)
    for name in (b"rows-repeated", b"columns-repeated", b"rows-spanned")
}


@dataclass(frozen=True, slots=True)
class MergedDown:
    """One cell that covers the rows from `first` to `last` in its column."""

    first: int
    last: int
    column: int


def merged_down(archive: ZipFile, sheet: str) -> list[MergedDown]:
    """The cells of a sheet, of .xlsx or .ods, that are merged over more than one row."""
    if "content.xml" in archive.namelist():
        return list(_of_ods(archive.read("content.xml"), sheet))
    return list(_of_xlsx(archive.read(_part(archive, sheet))))


def _of_xlsx(content: bytes) -> Iterator[MergedDown]:
    for column, first, last in _RANGE.findall(content):
        if first != last:
            yield MergedDown(int(first) - 1, int(last) - 1, _number(column.decode()))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _part(archive: ZipFile, sheet: str) -> str:
    """The file of an .xlsx archive that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    parts = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    wanted = next(each.get(_PART) for each in book.iter(_SHEETS) if each.get("name") == sheet)
    target = next(each.get("Target", "") for each in parts if each.get("Id") == wanted)
    return normpath(join("xl", target)).lstrip("/")


def _of_ods(content: bytes, sheet: str) -> Iterator[MergedDown]:
    name = escape(sheet, {'"': "&quot;"}).encode()
    table = re.search(rb'<table:table\b[^>]*table:name="%b"' % re.escape(name), content)
    if table is None:
        return
    start = table.end()
    end = content.find(b"</table:table>", start)
    if not _SPANS_ROWS.search(content, start, end):
        return
    row, next_row, column = -1, 0, 0
    for cell in _CELLS.finditer(content, start, end):
        what, attributes = cell.groups()
        if what == b"table-row":
            row, column = next_row, 0
            next_row += _count(attributes, b"rows-repeated")
            continue
        if (rows := _count(attributes, b"rows-spanned")) > 1:
            yield MergedDown(row, row + rows - 1, column)
        column += _count(attributes, b"columns-repeated")


def _count(attributes: bytes, name: bytes) -> int:
    stated = _COUNT[name].search(attributes)
    return int(stated[1]) if stated else 1
