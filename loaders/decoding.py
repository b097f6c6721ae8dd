"""From the bytes of a file to text: gzip, byte-order mark, Windows-1252, line breaks."""

from __future__ import annotations

import codecs
import zlib
from pathlib import Path

import polars as pl

from ..ontology.errors import FileFault, LayoutError

__all__ = ["FETCH_AGAIN", "LARGEST_FILE", "as_utf8", "read_utf8"]

LARGEST_FILE = 2**31
"""Most bytes that a packed file may unpack to."""

FETCH_AGAIN = "Fetch the file again; nothing of it was read."
"""What to do about a file that is not whole."""

_GZIP = b"\x1f\x8b"
_NOT_DELIMITED = {
    b"PK\x03\x04": "it is a workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook",
    b"%PDF": "it is a PDF",
    b"\xff\xfe": "it is written in UTF-16",
    b"\xfe\xff": "it is written in UTF-16",
}


def read_utf8(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """The content as UTF-8 with plain line breaks, and notes on what was changed."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except OSError as error:
        raise FileFault(path, reason=f"it cannot be read: {error.strerror}") from None
    if content.startswith(_GZIP):
        content = _unpacked(path, content)
    content, notes = as_utf8(path, content)
    if not content.strip():
        raise FileFault(path, reason="the file is empty", hint=FETCH_AGAIN)
    return content, notes


def as_utf8(path: Path, content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Content, or a part of it, as UTF-8 with plain line breaks, and notes on what was changed.

    `LayoutError` if it is no text. A part must not end between two bytes of one line break.

    >>> as_utf8(Path("etr.csv"), b"R1H,Barts\\r\\n")
    (b'R1H,Barts\\n', ())
    """
    for start, what in _NOT_DELIMITED.items():
        if content.startswith(start):
            raise LayoutError(path, "a comma-separated file", what, "Save it as CSV, UTF-8.")
    content, notes = _utf8(content.removeprefix(codecs.BOM_UTF8))
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content, notes


def _unpacked(path: Path, packed: bytes) -> bytes:
    parts: list[bytes] = []
    room = LARGEST_FILE
    try:
        while packed:  # a gzip file may have several members
            unpacker = zlib.decompressobj(wbits=31)
            parts.append(unpacker.decompress(packed, room))
            room -= len(parts[-1])
            if not unpacker.eof:
                too_large = bool(unpacker.unconsumed_tail) or room <= 0
                raise _bad_gzip(path, "it unpacks to over 2 GiB" if too_large else "it breaks off")
            packed = unpacker.unused_data.lstrip(b"\0")
    except zlib.error:
        raise _bad_gzip(path, "it is damaged") from None
    return b"".join(parts)


def _bad_gzip(path: Path, reason: str) -> LayoutError:
    return LayoutError(path, "a whole gzip file", reason, FETCH_AGAIN)


def _utf8(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    try:
        # Checks only; polars looks through a whole file several times faster than bytes.decode.
        pl.Series([content], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        pass
    else:
        return content, ()
    text, replaced = _decoded(content)
    note = f"characters that were not UTF-8, read as Windows-1252: {replaced}"
    return text.encode("utf-8"), (note,)


def _decoded(content: bytes) -> tuple[str, int]:
    """Text that is UTF-8 wherever it can be and Windows-1252 elsewhere; files are joined from
    both."""
    replaced = 0

    def as_windows(error: UnicodeError) -> tuple[str, int]:
        nonlocal replaced
        replaced += 1
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end

    codecs.register_error("icsgraph.windows-1252", as_windows)
    return content.decode("utf-8", "icsgraph.windows-1252"), replaced
