"""`SOURCES.toml`: which files to build from, and what is known about each.

root = "data"                      # optional; where the files are, seen from this file

[[source]]
id = "ods-trusts@2026-01"          # data set and edition
kind = "ods-trusts"                # which loader reads it (icsgraph sources --kinds)
files = ["etr.csv"]
title = "NHS trusts"
as_of = "2026-01"                  # the day whose state it gives; 2026, 2026-01 or 2026-01-31
retrieved = "2026-02-03"
licence = "OGL-UK-3.0"
scope = "England"
complete = true                    # what it leaves out of its scope did not hold
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any

from ..ontology.dates import BoundedDate
from ..ontology.errors import DataError, FileFault, IcsgraphError, MappingFault, UnknownName
from .records import SourceEntry
from .registry import loader

__all__ = ["SAMPLE", "entry", "read_sources", "sample_sources"]

SAMPLE = Path(__file__).with_name("sample")
"""The bundled evidence: the reviews as facts in our own words."""

_WANTED: Mapping[str, tuple[type, str]] = {
    "files": (list, 'a list: ["etr.csv"]'),
    "complete": (bool, "true or false"),
}
"""Of what type the values of keys that are no texts are."""

SOURCE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?")


def read_sources(path: Path) -> list[SourceEntry]:
    """The sources that a `SOURCES.toml` lists, in its order.

    Raises `FileFault` where the file is missing or no TOML, a key is missing, unknown or of the
    wrong type, an id is listed twice, or a listed file is not there.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        listed = tomllib.loads(text)
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except IsADirectoryError:
        hint = "Name the SOURCES.toml in it."
        raise FileFault(path, reason="it is a folder", hint=hint) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileFault(path, reason=f"it is no TOML: {error}") from None
    if unknown := sorted(set(listed) - {"root", "source"}):
        raise _at(path, UnknownName("key of SOURCES.toml", unknown[0], ["root", "source"]))
    rows = listed.get("source")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise FileFault(path, reason="it lists no source", hint="Each begins with [[source]].")
    root = path.parent / str(listed.get("root", ""))
    entries = []
    for number, row in enumerate(rows, start=1):
        try:
            entries.append(entry(row, root))
        except MappingFault:
            raise
        except (DataError, UnknownName) as error:
            raise _at(path, error, f"source {number}, {row.get('id', 'without id')}: ") from None
    ids = [e.id for e in entries]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise FileFault(path, column="id", value=twice[0], reason="is listed twice")
    return entries


def entry(row: Mapping[str, Any], root: Path) -> SourceEntry:
    """One source from its keys, checked; `files` are seen from `root` and must be there.

    >>> row = {"id": "evidence@1", "kind": "evidence", "files": ["."], "title": "Reviews",
    ...        "as_of": "2026-11"}
    >>> entry(row, SAMPLE).data_set
    'evidence'
    """
    known = {f.name: f for f in fields(SourceEntry)}
    if row.get("kind") == "evidence" and "files" not in row:
        row = {**row, "files": [str(SAMPLE.resolve())]}
    if unknown := sorted(set(row) - set(known)):
        raise UnknownName("key of a source", unknown[0], known)
    if missing := [n for n, f in known.items() if f.default is MISSING and n not in row]:
        raise DataError(f"the key {missing[0]} is missing.")
    # TOML has days of its own: as_of = 2026-04-01 means what "2026-04-01" does.
    row = {key: value.isoformat() if type(value) is date else value for key, value in row.items()}
    for key, value in row.items():
        wanted, what = _WANTED.get(key, (str, 'text in quotation marks: "..."'))
        if not isinstance(value, wanted):
            raise DataError(f"{key} is {value!r}.", f"It has to be {what}.")
    if not SOURCE_ID.fullmatch(row["id"]):
        raise DataError(f'the id "{row["id"]}" is not of the form data-set@edition.')
    loader(row["kind"])
    BoundedDate.parse(row["as_of"])
    BoundedDate.parse(row.get("retrieved") or "unknown")
    paths = tuple(root / str(name) for name in row["files"])
    if not paths:
        raise DataError("files names none.", "Name at least one file.")
    if twice := [path for path in paths if paths.count(path) > 1]:
        raise DataError(f"{twice[0]} is listed twice.", "Leave one of the two out.")
    _refuse_gone(paths)
    paths = loader(row["kind"]).files(paths)
    _refuse_gone(paths)
    return SourceEntry(**{**row, "files": paths})


def _refuse_gone(paths: Iterable[Path]) -> None:
    if gone := [path for path in paths if not path.exists()]:
        raise DataError(
            f"{gone[0]} is not there.", "Check its name and folder; in a list of sources, its root."
        )


def _at(path: Path, error: IcsgraphError, where: str = "") -> FileFault:
    return FileFault(path, reason=f"{where}{error.message}", hint=error.hint)


def sample_sources() -> list[SourceEntry]:
    """The bundled evidence as a list of sources: what `icsgraph build --sample` reads."""
    return read_sources(SAMPLE / "SOURCES.toml")
