"""Answers that were kept: each a record by itself, never overwritten, found and compared later.

A record is a file `QUESTION/KEY.json` in a folder of measures: rows, parameters, day, view,
snapshot, counts, tests, caveats and the version of icsgraph. Its key is a hash of all that, so the
same answer is kept once, and another one never takes its place. Nothing in it tells when it was
kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..graph.files import fingerprint, json_text, write_whole
from ..ontology.errors import DataError, UnknownName, UsageError
from .answer import Answer

__all__ = ["FOLDER", "Kept", "Measures", "differences"]

FOLDER = "measures"
"""The folder of kept answers, beside the sources and snapshots of a store."""

ENDING = ".json"

WHOLE = ("question", "snapshot", "view", "icsgraph", "answerable", "reason")

SHORTEST = 4
"""Letters of a key at least that stand for a record."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record and its key."""

    key: str
    record: Mapping[str, Any]

    @property
    def question(self) -> str:
        """The name of the question."""
        return str(self.record["question"])

    @property
    def rows(self) -> pl.DataFrame:
        """The rows of the answer."""
        return pl.DataFrame(self.record["rows"], infer_schema_length=None)


class Measures:
    """The kept answers in a folder, which need not exist yet.

    >>> from tempfile import TemporaryDirectory
    >>> answer = Answer(pl.DataFrame({"systems": [3]}), question="barriers")
    >>> with TemporaryDirectory() as folder:
    ...     measures = Measures(Path(folder))
    ...     key = measures.keep(answer).key
    ...     measures.keep(answer).key == key == measures.listed()["key"].item()
    True
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, answer: Answer) -> Kept:
        """Write the record of an answer; nothing is written if it is there already."""
        kept = Kept(answer.key, answer.record())
        file = self._file(kept.question, kept.key)
        if not file.exists():
            write_whole(file, json_text(dict(kept.record)))
        return kept

    def _file(self, question: str, key: str) -> Path:
        return self.folder / question / f"{key}{ENDING}"

    def all(self) -> Iterator[Kept]:
        """Every record, by question and key. `DataError` for a file that is not what its name
        says."""
        for file in sorted(self.folder.glob(f"*/*{ENDING}")):
            yield _read(file)

    def get(self, key: str) -> Kept:
        """The record of a key, or of the beginning of one; `UnknownName` if there is none,
        `UsageError` if several begin so."""
        files = {file.stem: file for file in sorted(self.folder.glob(f"*/*{ENDING}"))}
        found = [name for name in files if name.startswith(key)] if len(key) >= SHORTEST else []
        if len(found) > 1:
            raise UsageError(f"Several records begin with {key}: {', '.join(found)}.")
        if not found:
            raise UnknownName("kept answer", key, files)
        return _read(files[found[0]])

    def listed(self) -> pl.DataFrame:
        """A row for each record: key, question, parameters, snapshot, view, icsgraph, answerable,
        rows."""
        columns = ("key", "question", "parameters", "snapshot", "view", "icsgraph")
        schema = {**dict.fromkeys(columns, pl.String), "answerable": pl.Boolean, "rows": pl.Int64}
        rows = [
            {
                **each.record,
                "key": each.key,
                "parameters": _told(each.record["parameters"]),
                "rows": len(each.record["rows"]),
            }
            for each in self.all()
        ]
        return pl.DataFrame([{c: row[c] for c in schema} for row in rows], schema=schema)


def _read(file: Path) -> Kept:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(
            f"{file} is no kept answer: {error}.", "Remove it, and ask again."
        ) from None
    if fingerprint(record)[:16] != file.stem:
        raise DataError(
            f"{file} was changed after it was kept: its content has another key.",
            "Remove it, and ask again with --keep.",
        )
    return Kept(file.stem, record)


def _told(parameters: Mapping[str, Any]) -> str:
    given = (f"{name}={value}" for name, value in parameters.items() if value not in ("", None))
    return ", ".join(given)


def differences(one: Kept, other: Kept) -> pl.DataFrame:
    """In what do two kept answers differ? A row for each difference: `what`, `one`, `other`.

    Rows of the answers are matched by the cells in them that are no numbers; a row of one alone is
    a difference, and so is each number that differs. Equal answers give no rows.

    >>> a = Answer(pl.DataFrame({"month": ["2021-01"], "adopters": [3]}), question="curve")
    >>> b = Answer(pl.DataFrame({"month": ["2021-01"], "adopters": [4]}), question="curve")
    >>> differences(Kept(a.key, a.record()), Kept(b.key, b.record())).rows()
    [('month 2021-01: adopters', '3', '4')]
    """
    a, b = one.record, other.record
    found = [(name, a.get(name), b.get(name)) for name in WHOLE]
    for part in ("parameters", "counts"):
        names = dict.fromkeys([*a[part], *b[part]])
        found += [(f"{part[:-1]} {n}", a[part].get(n), b[part].get(n)) for n in names]
    found += _of_rows(a["rows"], b["rows"])
    found += _of_rows(a.get("tests", []), b.get("tests", []), "test ")
    found += [
        ("caveat", text if text in a["caveats"] else None, text if text in b["caveats"] else None)
        for text in dict.fromkeys([*a["caveats"], *b["caveats"]])
    ]
    rows = [(what, _text(left), _text(right)) for what, left, right in found if left != right]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(["what", "one", "other"], pl.String), orient="row"
    )


def _of_rows(
    one: list[dict[str, Any]], other: list[dict[str, Any]], prefix: str = ""
) -> list[tuple[str, Any, Any]]:
    left, right = _keyed(one), _keyed(other)
    found: list[tuple[str, Any, Any]] = []
    for key in dict.fromkeys([*left, *right]):
        told = f"{prefix}{key[0]}"
        a, b = left.get(key), right.get(key)
        if a is None or b is None:
            found.append((told or "row", a and "there", b and "there"))
            continue
        names = dict.fromkeys([*a, *b])
        found += [(f"{told}: {n}" if told else n, a.get(n), b.get(n)) for n in names]
    return found


def _keyed(rows: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """The numbers of each row by its other cells, and by how often those came before."""
    keyed: dict[tuple[str, int], dict[str, Any]] = {}
    times: dict[str, int] = {}
    for row in rows:
        numbers = {n: v for n, v in row.items() if isinstance(v, int | float) or v is None}
        named = ", ".join(f"{n} {_text(v)}" for n, v in row.items() if n not in numbers)
        times[named] = times.get(named, 0) + 1
        keyed[named, times[named]] = {n: v for n, v in numbers.items() if v is not None}
    return keyed


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
