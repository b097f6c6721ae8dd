"""Every text inside an exported file, however it is packed: so that a search can miss nothing.

Files are told by their first bytes, not by their names. Packed data (gzip, zip, base64 in a page)
is unpacked; databases and tables are read cell by cell; what stands in a page or in JSON escaped is
read as it will be shown.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl

__all__ = ["Part", "parts"]

_PACKED = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")
_ESCAPED = re.compile(r'\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|["/\\nrtbf\'])')
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
DEEPEST = 4
"""Packings inside one another that are opened."""


@dataclass(frozen=True, slots=True)
class Part:
    """A text of a file and where it stands; `unread` says why there is none.

    `spelt` are the text as it stands and as one kind of escapes alone would have it, where that is
    not the same."""

    where: str
    text: str = ""
    unread: str = ""
    spelt: tuple[str, ...] = ()


def parts(path: Path) -> Iterator[Part]:
    """Every text of a file, or of all files of a folder, in the order of their names."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        where = file.relative_to(path).as_posix() if path.is_dir() else file.name
        yield from _of_bytes(file.read_bytes(), where, 0)
        yield Part(f"name of {where}", where)


def _of_bytes(data: bytes, where: str, depth: int) -> Iterator[Part]:
    if depth > DEEPEST:
        yield Part(where, unread="it is packed too often")
    elif data.startswith(b"\x1f\x8b"):
        yield from _unpacked(data, where, depth)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in sorted(archive.namelist()):
                yield from _of_bytes(archive.read(name), f"{where}, {name}", depth + 1)
    elif data.startswith(b"SQLite format 3\x00"):
        yield from _of_database(data, where)
    elif data.startswith(b"PAR1"):
        yield from _of_table(data, where)
    elif data.startswith(b"%PDF"):
        yield from _of_document(data, where)
    elif data.startswith(_PICTURES):
        yield Part(where, unread="it is a picture, and what a picture shows cannot be searched")
    else:
        yield from _of_text(data.decode("utf-8", "replace"), where, depth)


def _unpacked(data: bytes, where: str, depth: int) -> Iterator[Part]:
    try:
        inside = gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        yield Part(where, unread="its packed data is damaged")
    else:
        yield from _of_bytes(inside, f"{where}, packed data", depth + 1)


def _of_text(text: str, where: str, depth: int) -> Iterator[Part]:
    """A text as a page, JSON and CSV together mean it, its other readings, and what it packs."""
    shown = html.unescape(text)
    meant = _ESCAPED.sub(_meant, shown).replace('""', '"')
    readings = {text, shown, _ESCAPED.sub(_meant, text), text.replace('""', '"')}
    yield Part(where, meant, spelt=tuple(sorted(readings - {meant})))
    for number, found in enumerate(_PACKED.finditer(text), 1):
        try:
            data = base64.b64decode(found.group(), validate=True)
        except (binascii.Error, ValueError):
            continue
        if data.startswith((b"\x1f\x8b", b"PK\x03\x04")):
            yield from _of_bytes(data, f"{where}, embedded data {number}", depth + 1)


def _meant(found: re.Match[str]) -> str:
    code = found.group(1)
    if code[0] in "uU":
        value = int(code[1:], 16)
        return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else "\ufffd"
    return _SHORT.get(code, code)


def _of_database(data: bytes, where: str) -> Iterator[Part]:
    """Each column of each table, and the bytes as they stand: a deleted row may still be there."""
    yield Part(where, data.decode("utf-8", "replace"))
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data)
        names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        for (table,) in database.execute(names).fetchall():
            quoted = '"' + table.replace('"', '""') + '"'
            rows = database.execute(f"SELECT * FROM {quoted}")
            columns = [each[0] for each in rows.description]
            for name, values in zip(columns, zip(*rows.fetchall(), strict=True), strict=False):
                told = "\n".join(value for value in values if isinstance(value, str))
                yield from _of_text(told, f"{where}, {table}.{name}", DEEPEST)


def _of_table(data: bytes, where: str) -> Iterator[Part]:
    """Each column of a Parquet table."""
    table = pl.read_parquet(io.BytesIO(data))
    for name in table.columns:
        column = table[name]
        while isinstance(column.dtype, pl.List):
            column = column.explode(empty_as_null=True)
        if column.dtype == pl.String:
            yield Part(f"{where}, column {name}", "\n".join(column.drop_nulls().unique().sort()))


def _of_document(data: bytes, where: str) -> Iterator[Part]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages = PdfReader(io.BytesIO(data)).pages
        for number, page in enumerate(pages, 1):
            yield Part(f"{where}, page {number}", page.extract_text())
    except PyPdfError:
        yield Part(where, unread="its pages cannot be read")
