"""Things and statements as a file gives them, one after the other, made tables again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ...ontology.errors import FileFault, nearest_names
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..files import fingerprint
from .content import Content, Said, columns_of
from .texts import typed

__all__ = ["Gathered", "text_of"]

OWN_DATA = (
    "It is no graph of this ontology. "
    "Data of your own comes in otherwise: icsgraph template own-data"
)


def text_of(value: Any) -> str | None:
    """A value of a JSON file as text; None stays None.

    >>> text_of(True), text_of(0.5), text_of(["a"]), text_of("a")
    ('true', '0.5', '["a"]', 'a')
    """
    return value if value is None or isinstance(value, str) else json.dumps(value)


class Gathered:
    """Rows of texts by kind, and the line of the file on which each stands.

    `ours` says whether the file is an export of icsgraph: then a name that is no column is a fault,
    else it is noted and passed over. `by_line` says whether the numbers that are given with nodes
    and edges are those of lines, or of their places in a list.
    """

    def __init__(self, file: Path, renamed: Mapping[str, str] | None = None) -> None:
        self.file = file
        self.ours = True
        self.by_line = True
        self._column = {new: old for old, new in (renamed or {}).items()}
        self._rows: dict[str, list[tuple[str | None, ...]]] = {}
        self._lines: dict[str, list[int]] = {}
        self._passed_over: dict[str, int] = {}
        self._parts: dict[str, list[pl.DataFrame]] = {}
        self._without_id: dict[tuple[str | None, ...], int] = {}

    def node(self, id_: str | None, values: dict[str, str | None], line: int) -> None:
        """Take a node with its attributes."""
        if not id_:
            raise FileFault(self._file("nodes"), line, reason="a node has no id")
        self._take("nodes", {**values, "id": id_}, line)

    def edge(
        self,
        id_: str | None,
        ends: tuple[str | None, str | None],
        values: dict[str, str | None],
        line: int,
    ) -> None:
        """Take an edge with its two ends and its attributes."""
        if not id_ and not self.ours and all(ends):
            id_ = self._id_of(ends, values)
        if not id_ or not all(ends):
            what = "no id" if all(ends) else "not two ends"
            where = self._file("relationships")
            raise FileFault(where, line, reason=f"an edge has {what}", hint=OWN_DATA)
        self._take(
            "relationships", {**values, "id": id_, "subject": ends[0], "object": ends[1]}, line
        )

    def take_columns(self, group: str, kind: str, rows: pl.DataFrame) -> bool:
        """Whether rows of texts with the names of our columns, and the line of each in `at`, are
        of a kind that has these columns; they are taken then."""
        kinds = NODE_KINDS if group == "node" else RELATIONSHIP_KINDS
        given = [c for c in rows.columns if rows[c].null_count() < rows.height and c != "at"]
        if kind not in kinds or not set(given) <= columns_of(_group(kind), kind).keys():
            return False
        self._parts.setdefault(kind, []).append(rows.select("at", *given))
        return True

    def column(self, name: str) -> str:
        """The column that an attribute is."""
        return self._column.get(name, name)

    def _id_of(self, ends: tuple[str | None, ...], values: dict[str, str | None]) -> str:
        """An id for an edge without one: of its ends, kind and source, and how many there were of
        the same."""
        said = (*ends, values.get("kind"), values.get("source"), values.get("source_"))
        self._without_id[said] = self._without_id.get(said, 0) + 1
        return fingerprint([*said, self._without_id[said]])[:16]

    def _take(self, group: str, values: dict[str, str | None], line: int) -> None:
        kind, kinds = values.get("kind"), NODE_KINDS if group == "nodes" else RELATIONSHIP_KINDS
        if kind is None or kind not in kinds:
            raise FileFault(self._file(group), line, **_no_kind(group, kind, list(kinds)))
        wanted = columns_of(group, kind)
        row = {self._column.get(name, name): value for name, value in values.items()}
        if not row.keys() <= wanted.keys():
            self._pass_over(kind, [name for name in row if name not in wanted], line)
        self._rows.setdefault(kind, []).append(tuple(row.get(column) for column in wanted))
        self._lines.setdefault(kind, []).append(line)

    def _pass_over(self, kind: str, names: list[str], line: int) -> None:
        if self.ours:
            near = ", ".join(nearest_names(names[0], list(columns_of(_group(kind), kind))))
            raise FileFault(
                self._file(_group(kind)),
                line,
                reason=f"{kind} has no column {names[0]}",
                hint=f"The nearest: {near}." if near else "Take it out.",
            )
        for name in names:
            self._passed_over[name] = self._passed_over.get(name, 0) + 1

    def content(self, said: Said | None) -> Content:
        """What the file holds; `FileFault` for one of another program without a node, and with the
        line of a value that its column cannot have."""
        if not self.ours and not any(kind in self._rows for kind in NODE_KINDS):
            raise FileFault(self.file, reason="there is no node in it", hint=OWN_DATA)
        content = Content(said=said, notes=self.notes())
        for kind, table in self.tables().items():
            content.put(_group(kind), kind, table)
        return content

    def tables(self) -> dict[str, pl.DataFrame]:
        """The table of each kind that was met; what it is made from is let go of."""
        return {kind: self._table(kind) for kind in dict.fromkeys([*self._rows, *self._parts])}

    def _texts(self, kind: str) -> pl.DataFrame:
        """All rows of a kind as texts, and the line of each in `at`."""
        wanted = dict.fromkeys(columns_of(_group(kind), kind), pl.String())
        rows, lines = self._rows.pop(kind, []), self._lines.pop(kind, [])
        texts = pl.DataFrame(rows, schema=wanted, orient="row")
        texts = texts.with_columns(pl.Series("at", lines, dtype=pl.UInt32))
        return pl.concat([texts, *self._parts.pop(kind, [])], how="diagonal")

    def _table(self, kind: str) -> pl.DataFrame:
        texts, wanted = self._texts(kind), columns_of(_group(kind), kind)
        lines = texts["at"]
        file = self._file(_group(kind))
        return pl.DataFrame([typed(texts[c], t, file, lines) for c, t in wanted.items()])

    def _file(self, group: str) -> str:
        """The file, and in which of its lists the numbers count where they are not of lines."""
        lists = {"nodes": "nodes", "relationships": "edges"}
        return str(self.file) if self.by_line else f"{self.file}, {lists[group]}"

    def notes(self) -> tuple[str, ...]:
        """How a file that is no export of ours was understood, a sentence each."""
        if self.ours:
            return ()
        told: tuple[str, ...] = (
            f"{self.file} was not written by icsgraph: what a node or an edge is was read from its "
            "attribute kind, and its columns from attributes of their names.",
        )
        if self._without_id:
            number = sum(self._without_id.values())
            told += (f"{number:,} edges without an id have one of their ends, kind and source.",)
        if not self._passed_over:
            return told
        names = ", ".join(f"{name} ({n:,})" for name, n in sorted(self._passed_over.items()))
        return (*told, f"Attributes that no column takes were passed over: {names}.")


def _group(kind: str) -> str:
    return "nodes" if kind in NODE_KINDS else "relationships"


def _no_kind(group: str, kind: str | None, kinds: list[str]) -> dict[str, str]:
    what = "node" if group == "nodes" else "edge"
    if kind is None:
        return {"reason": f"a {what} has no attribute kind", "hint": OWN_DATA}
    near = nearest_names(kind, kinds)
    return {
        "reason": f"there is no kind of {what} {kind}",
        "hint": f"The nearest: {', '.join(near)}." if near else OWN_DATA,
    }
