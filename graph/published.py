"""Whether a file may be published: a search in all of it for every value that the public profile
leaves out of the graph it was made from.

A value is looked for in the file as a whole word, whatever the case of its blanks. It is no leak
where it only stands inside something longer that may be shown: an address is left out, but not the
name of a care home that repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.dates import COLUMNS as DATES
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .contacts import contacts_in
from .public import Public, is_open
from .published_parts import parts
from .rdf_terms import iri_of
from .snapshot import Snapshot

__all__ = ["Found", "Leak", "LeftOut", "search_file"]

SHORTEST = 5
"""Letters that a value has at least to be looked for: shorter ones stand everywhere by chance."""

APART = {
    *("kind", "source", "sources", "rank", "boundary", "town", "knowledge_level", *DATES),
    *("sole_trader_basis", "type_as_published", "inspection_category", "measure", "rule", "status"),
}
"""Columns whose values say nothing of one thing alone."""

_NUMBER = re.compile(r"[\d\W_]*")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Leak:
    """A value that should not be in a file: what it is in the graph, and where it stands."""

    value: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the values looked for, the texts searched, the leaks, and what could
    not be read (where and why)."""

    values: int
    texts: int
    leaks: tuple[Leak, ...]
    unread: tuple[str, ...]


class LeftOut:
    """The values of a snapshot that its public profile leaves out, each with what it is."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.whole = snapshot
        self.public = Public(snapshot)

    @cached_property
    def shown(self) -> pl.Series:
        """Every text that may be published."""
        return _texts(self.public).get_column("value").unique()

    @cached_property
    def values(self) -> pl.DataFrame:
        """`value` and `what`: those that only the whole graph has."""
        every = pl.concat([_texts(self.whole), self._of_manifest()])
        long_enough = pl.col("value").str.len_chars() >= SHORTEST
        told = every.filter(long_enough).unique("value", keep="first", maintain_order=True)
        hidden = told.filter(~pl.col("value").is_in(self.shown.implode()))
        words = ~pl.col("value").str.contains(rf"^{_NUMBER.pattern}$")
        street = pl.col("value").str.contains("[0-9,]")  # the name of a village leads to nobody
        hidden = hidden.filter(words & (street | ~pl.col("what").str.starts_with("address")))
        ids = hidden.filter(pl.col("what").str.starts_with("id of "))
        iris = ids.with_columns(pl.col("value").map_elements(iri_of, return_dtype=pl.String))
        return pl.concat([hidden, iris]).unique("value", keep="first").sort("value")

    def _of_manifest(self) -> pl.DataFrame:
        rows: list[tuple[str, str]] = []
        for facts in self.whole.manifest["sources"]:
            if not is_open(facts.get("licence")):
                what = "a source without an open licence"
                rows += [(str(facts.get(key) or ""), what) for key in ("id", "title")]
            rows += [(f["path"], "where a file lay") for f in facts["files"] if "path" in f]
            rows += [(n, "a note") for each in facts["accounting"] for n in each["notes"]]
        for each in self.whole.manifest["decisions"]:
            rows.append((str(each["why"]), "why two records were judged"))
        return _frame([(_plain(value), what) for value, what in rows])

    def in_text(self, text: str) -> list[str]:
        """Which of the values stand in a text, and not only inside something longer that may be
        shown."""
        hits = [value for value in _among(self.values["value"], text) if _stands(value, text)]
        if not hits:
            return []
        longer = self.shown.filter(self.shown.str.contains_any(hits))
        order = longer.to_frame("it").sort(pl.col("it").str.len_bytes(), "it", descending=True)
        veils = dict.fromkeys(order["it"], "\n")
        veiled = pl.Series([text]).str.replace_many(veils, leftmost=True)[0] if veils else text
        return [value for value in hits if _stands(value, veiled)]


def _among(values: pl.Series, text: str) -> list[str]:
    """Which values stand somewhere in a text, sorted; all are looked for in one pass."""
    if values.is_empty():
        return []
    found = pl.Series([text]).str.extract_many(values.implode(), overlapping=True)
    return sorted(found.explode(empty_as_null=True).drop_nulls().unique())


def _texts(snapshot: Snapshot) -> pl.DataFrame:
    """Every text of a snapshot, in the order of its tables: `value`, `what`."""
    frames: list[pl.DataFrame] = []
    for kind in NODE_KINDS:
        frames += _columns(snapshot.nodes(kind), kind)
        frames += _columns(snapshot.records(kind), kind)
    for kind in RELATIONSHIP_KINDS:
        frames += _columns(snapshot.relationships(kind), kind)
    return pl.concat([_frame([]), *frames])


def _columns(table: pl.DataFrame, kind: str) -> Iterator[pl.DataFrame]:
    fields = {**NODE_KINDS, **RELATIONSHIP_KINDS}[kind].model_fields
    for name in table.columns:
        extra: Any = fields[name].json_schema_extra if name in fields else {}
        coded = isinstance(extra, dict) and "vocabulary" in extra
        column = table[name]
        if isinstance(column.dtype, pl.List):
            column = column.explode(empty_as_null=True)
        if name in APART or coded or column.dtype != pl.String:
            continue
        values = column.drop_nulls().str.replace_all(r"\s+", " ").str.strip_chars()
        named = "id" if name in ("id", "own_id", "subject", "object", "codes") else name
        what = pl.lit(f"{named.replace('_', ' ')} of {kind}")
        yield values.unique(maintain_order=True).to_frame("value").with_columns(what=what)


def _frame(rows: Iterable[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"value": pl.String, "what": pl.String}, orient="row")


def _plain(text: str) -> str:
    return _BLANK.sub(" ", text).strip()


def _stands(value: str, text: str) -> bool:
    """Whether a value stands in a text as whole words."""
    start, step = text.find(value), len(value)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + step : start + step + 1]
        if not (before.isalnum() and value[0].isalnum()) and not (
            after.isalnum() and value[-1].isalnum()
        ):
            return True
        start = text.find(value, start + 1)
    return False


@lru_cache(maxsize=1)
def _left_out(snapshot: Snapshot) -> LeftOut:
    """What is left out of a snapshot, gathered once for all files that are searched."""
    return LeftOut(snapshot)


def search_file(snapshot: Snapshot, path: Path) -> Found:
    """Which values that the public profile of a snapshot leaves out stand in a file or folder, and
    which addresses of e-mail and telephone numbers, wherever they come from?"""
    left_out = _left_out(snapshot)
    what = dict(left_out.values.iter_rows())
    leaks: dict[str, Leak] = {}
    unread, texts = [], 0
    for part in parts(path):
        texts += not part.unread
        if part.unread:
            unread.append(f"{part.where}: {part.unread}")
        text = _BLANK.sub(" ", part.text)
        for value in left_out.in_text(text):
            leaks.setdefault(value, Leak(value, what[value], part.where))
        for way, value in contacts_in(text):
            leaks.setdefault(value, Leak(value, way, part.where))
    return Found(len(what), texts, tuple(leaks[value] for value in sorted(leaks)), tuple(unread))
