"""The JSON documents of a file or folder, as texts: one on each line, one in the file, or a list.

Plain or packed by gzip. A FHIR bundle stands for the resources that it holds. A folder stands for
its files whose names end in .json or .jsonl (or that and .gz), in the order of their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..ontology.errors import FileFault, LayoutError
from .decoding import FETCH_AGAIN
from .streaming import blocks

__all__ = ["documents"]

_ENDINGS = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
_STATES = ".state.json"  # what a run of fetching notes beside its file
_BOM = b"\xef\xbb\xbf"


def documents(path: Path, what: str) -> Iterator[list[str]]:
    """The documents in lists of a few thousand; a line that is no text comes as a blank one.

    `FileFault` if there is nothing, `LayoutError` (a file that cannot be `what`) if one breaks off.
    """
    files = _files(path) if path.is_dir() else [path]
    if not files:
        raise FileFault(path, reason="the folder holds no JSON files")
    for file in files:
        yield from _of_file(file, what)


def _files(folder: Path) -> list[Path]:
    named = (file for file in folder.iterdir() if file.name.lower().endswith(_ENDINGS))
    return sorted(file for file in named if not file.name.endswith(_STATES))


def _of_file(path: Path, what: str) -> Iterator[list[str]]:
    parts = blocks(path, quoted=False)
    first = next(parts, b"").removeprefix(_BOM)
    if not first.strip():
        raise FileFault(path, reason="the file is empty")
    if not _has_one_on_each_line(first):
        yield _whole(path, b"".join((first, *parts)), what)
        return
    yield _lines(path, first, what)
    for part in parts:
        yield _lines(path, part, what)


def _has_one_on_each_line(start: bytes) -> bool:
    line = start.lstrip().split(b"\n", 1)[0]
    try:
        json.loads(line)
    except ValueError:
        return line.startswith(b"{") and line.rstrip().endswith(b"}")
    return line.lstrip().startswith(b"{")


def _lines(path: Path, part: bytes, what: str) -> list[str]:
    lines = [line for line in part.split(b"\n") if line.strip()]
    if lines and not part.endswith(b"\n") and not _is_json(lines[-1]):
        raise LayoutError(path, what, "its last line breaks off", FETCH_AGAIN)
    found: list[str] = []
    for line in lines:
        if b'"Bundle"' in line and _is_json(line):
            found += _texts(json.loads(line))
        else:
            found.append(_text(line))
    return found


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _whole(path: Path, content: bytes, what: str) -> list[str]:
    try:
        return list(_texts(json.loads(content)))
    except ValueError:
        raise LayoutError(path, what, "it is no JSON, or breaks off", FETCH_AGAIN) from None


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict) and found.get("resourceType") == "Bundle":
        found = [entry.get("resource") for entry in found.get("entry", [])]
    for document in found if isinstance(found, list) else [found]:
        yield json.dumps(document, ensure_ascii=False)
