"""Whether a file may be published: a search in all of it for every value that the public profile
leaves out of the graph it was made from.

A value is looked for in the file as a whole word, whatever the case of its blanks. It is no leak
where it only stands inside something longer that may be shown: an address is left out, but not the
name of a care home that repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
from .published_parts import Part, parts
from .rdf_terms import iri_of
from .snapshot import Snapshot

__all__ = ["Found", "Leak", "LeftOut", "search_file"]

SHORTEST = 5
"""Letters that a value has at least to be looked for: shorter ones stand everywhere by chance."""

MOST_LETTERS = 16_000_000
"""Letters that are searched at once: so much of a large folder stands in the memory."""

APART = {
    *("kind", "source", "sources", "rank", "boundary", "town", "knowledge_level", *DATES),
    *("sole_trader_basis", "type_as_published", "inspection_category", "measure", "rule", "status"),
}
"""Columns whose values say nothing of one thing alone."""

_NUMBER = re.compile(r"[\d\W_]*")
COUNT = r"^[0-9,]+ \p{L}+$"
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
        count = pl.col("value").str.contains(COUNT)  # every page counts something
        hidden = hidden.filter(~(count & pl.col("what").str.starts_with("note of")))
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

    def in_texts(self, texts: Sequence[Part]) -> list[list[str]]:
        """Which of the values stand in each text, and not only inside something longer that may be
        shown.

        A value that the text itself holds is judged there, and not in its other readings: escapes
        of one kind would part it from the longer one."""
        readings = [[_plain(text) for text in (part.text, *part.spelt)] for part in texts]
        among = iter(_among(self.values["value"], [text for own in readings for text in own]))
        hits = [[_standing(next(among), text) for text in own] for own in readings]
        longer = self._longer(sorted({v for own in hits for found in own for v in found}))
        found = []
        for own, said in zip(hits, readings, strict=True):
            rest = [[v for v in each if v not in own[0]] for each in own[1:]]
            told = zip([own[0], *rest], said, strict=True)
            found.append(sorted({v for each, text in told for v in _unveiled(each, text, longer)}))
        return found

    def _longer(self, values: list[str]) -> pl.Series:
        """The texts that may be shown and hold one of these values, the longest first."""
        if not values:
            return pl.Series(dtype=pl.String)
        found = self.shown.filter(self.shown.str.contains_any(values)).to_frame("it")
        return found.sort(pl.col("it").str.len_bytes(), "it", descending=True)["it"]


def _unveiled(hits: list[str], text: str, longer: pl.Series) -> list[str]:
    """Those of the values that also stand outside of the longer texts that hold one of them."""
    veils = dict.fromkeys(longer.filter(longer.str.contains_any(hits)), "\n") if hits else {}
    veiled = pl.Series([text]).str.replace_many(veils, leftmost=True)[0] if veils else text
    return _standing(hits, veiled)


def _among(values: pl.Series, texts: Sequence[str]) -> list[list[str]]:
    """Which values stand somewhere in each text, sorted; all are looked for in one pass."""
    if values.is_empty():
        return [[] for _ in texts]
    found = pl.Series(texts).str.extract_many(values.implode(), overlapping=True)
    return found.list.unique().list.sort().to_list()


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


def _standing(values: Iterable[str], text: str) -> list[str]:
    return [value for value in values if _stands(value, text)]


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
    for several in _together(parts(path)):
        texts += sum(not part.unread for part in several)
        unread += [f"{part.where}: {part.unread}" for part in several if part.unread]
        for part, values in zip(several, left_out.in_texts(several), strict=True):
            ways = [way for text in (part.text, *part.spelt) for way in contacts_in(_plain(text))]
            for way, value in [*((what[value], value) for value in values), *ways]:
                leaks.setdefault(value, Leak(value, way, part.where))
    return Found(len(what), texts, tuple(leaks[value] for value in sorted(leaks)), tuple(unread))


def _together(each: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts by the many: to look for a hundred thousand values costs more to begin than to do."""
    several: list[Part] = []
    letters = 0
    for part in each:
        several.append(part)
        letters += len(part.text)
        if letters >= MOST_LETTERS:
            yield several
            several, letters = [], 0
    if several:
        yield several
