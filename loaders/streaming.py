"""Reads a file that is too large to hold at once: block by block, from within its archive.

Plain, packed by gzip, or the one CSV file of a zip archive, told apart by how the file begins. A
block ends where a line does and no quotation mark is open, so that each can be read by itself. An
archive that is encrypted, damaged or cut short, that holds anything but one CSV file, or that
unpacks to more than `LARGEST_FILE` bytes is refused with a sentence.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import IO, cast
from zipfile import BadZipFile, ZipFile, ZipInfo
from zipfile import Path as InArchive

import polars as pl

from ..ontology.errors import FileFault, LayoutError, shown
from .decoding import FETCH_AGAIN, LARGEST_FILE
from .delimited import Layout, Sheet, read_blocks
from .records import FileAccount

__all__ = ["blocks", "read_in_blocks"]

BLOCK = 2**23
"""Bytes that are unpacked at a time."""

LONGEST_RECORD = 2**27
"""Most bytes that are searched for the end of a record."""

_ZIP = b"PK"
_GZIP = b"\x1f\x8b"
_ARCHIVE = "an archive of one file"
_READ_BY_LINES = "a file that is read line by line"
_DAMAGED = (BadZipFile, EOFError, gzip.BadGzipFile, zlib.error)
_TAKE_IT_OUT = "Fetch the file again, or take the CSV file out and list that."
_COUNTED = re.compile(r"(.*: )(\d+)")

Check = Callable[[Sheet, pl.DataFrame], Sheet]


def read_in_blocks(
    path: Path, layouts: Sequence[Layout], check: Check
) -> tuple[pl.DataFrame, FileAccount]:
    """The rows of a file that `check` leaves, and what became of all its rows.

    `check` is given the sheet of each block, and the rows that it left of the blocks before.
    """
    kept, accounts, before = pl.DataFrame(), [], 0
    for sheet in read_blocks(path, blocks(path), layouts):
        sheet = check(sheet, kept)
        rows = sheet.rows.with_columns(pl.col("row") + before)
        kept = pl.concat([kept, rows]) if before else rows
        accounts.append(_moved(sheet.account(), before))
        before += sheet.rows_in
    return kept, _joined(accounts).check()


def _moved(account: FileAccount, by: int) -> FileAccount:
    """The account of a block that other rows come before."""
    return replace(
        account,
        accepted=account.accepted + by,
        merged=account.merged + by,
        rejected=account.rejected.with_columns(pl.col("row") + by),
    )


def _joined(accounts: Sequence[FileAccount]) -> FileAccount:
    return FileAccount(
        file=accounts[0].file,
        rows_in=sum(account.rows_in for account in accounts),
        accepted=pl.concat([account.accepted for account in accounts]),
        merged=pl.concat([account.merged for account in accounts]),
        rejected=pl.concat([account.rejected for account in accounts]),
        notes=_summed(note for account in accounts for note in account.notes),
    )


def _summed(notes: Iterator[str]) -> tuple[str, ...]:
    """Each note once: those of several blocks that end in a number are added up."""
    sums: dict[str, int] = {}
    for note in notes:
        counted = _COUNTED.fullmatch(note)
        text, number = (counted[1], int(counted[2])) if counted else (note, 0)
        sums[text] = sums.get(text, 0) + number
    return tuple(text + (str(n) if text.endswith(": ") else "") for text, n in sums.items())


def blocks(path: Path, *, quoted: bool = True) -> Iterator[bytes]:
    """The content of a file, unpacked, in blocks of whole records.

    A record is a line, or more than one where a line break stands in quotation marks, unless they
    are not `quoted`. `FileFault` if it cannot be read, `LayoutError` for an archive that is refused
    or breaks off.
    """
    with _opened(path) as stream:
        held = b""
        for part in _parts(path, stream):
            held += part
            end = held.rfind(b"\n") + 1
            if end and not (quoted and held.count(b'"', 0, end) % 2):
                yield held[:end]
                held = held[end:]
            elif len(held) > LONGEST_RECORD:
                reason = "a quotation mark is never closed" if quoted else "it has no lines"
                raise LayoutError(path, _READ_BY_LINES, reason, FETCH_AGAIN)
        if held:
            yield held


def _parts(path: Path, stream: IO[bytes]) -> Iterator[bytes]:
    """What the stream holds, a part at a time, as long as it is whole and not too much."""
    packed = not isinstance(stream, BufferedReader)
    size = 0
    try:
        while part := stream.read(BLOCK):
            size += len(part)
            if packed and size > LARGEST_FILE:
                raise _refused(path, f"it unpacks to more than {_gigabytes(LARGEST_FILE)}")
            yield part
    except _DAMAGED:
        raise _refused(path, "it is damaged or breaks off", FETCH_AGAIN) from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except OSError as error:
        raise FileFault(path, reason=f"it cannot be read: {error.strerror}") from None
    with stream:
        start = stream.peek(2)
        if start.startswith(_ZIP):
            with _zip(path, stream) as archive, _member(path, archive) as member:
                yield member
        elif start.startswith(_GZIP):
            yield cast(IO[bytes], gzip.GzipFile(fileobj=stream))
        else:
            yield stream


def _zip(path: Path, stream: IO[bytes]) -> ZipFile:
    try:
        return ZipFile(stream)
    except (BadZipFile, NotImplementedError, ValueError):
        raise _refused(path, "it is damaged or breaks off", FETCH_AGAIN) from None


def _member(path: Path, archive: ZipFile) -> IO[bytes]:
    """The one CSV file of an archive. What zipfile then hands out is at most as much as declared,
    and its checksum is compared at the end."""
    files = [member for member in archive.infolist() if not member.is_dir()]
    tables = [member for member in files if member.filename.lower().endswith(".csv")]
    if not tables:
        raise _refused(path, "it holds no CSV file")
    if others := [member for member in files if member is not tables[0]]:
        reason = f"it holds {shown(others[0].filename)} beside {shown(tables[0].filename)}"
        raise _refused(path, reason)
    _refuse_member(path, tables[0])
    try:
        return InArchive(archive, tables[0].filename).open("rb")
    except BadZipFile:
        raise _refused(path, "it is damaged or breaks off", FETCH_AGAIN) from None
    except NotImplementedError:
        raise _refused(path, "it is packed in a way that is not read here") from None


def _refuse_member(path: Path, member: ZipInfo) -> None:
    if member.flag_bits & 1:
        raise _refused(path, f"{shown(member.filename)} in it is encrypted")
    if member.file_size > LARGEST_FILE:
        size, most = _gigabytes(member.file_size), _gigabytes(LARGEST_FILE)
        raise _refused(path, f"it unpacks to {size}, and at most {most} are read")


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _refused(path: Path, reason: str, hint: str = _TAKE_IT_OUT) -> LayoutError:
    return LayoutError(path, _ARCHIVE, reason, hint)
