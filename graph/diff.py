"""What changed between two snapshots, in words and as a table.

The two may be of one store or of two. Nothing is compared but what is recorded: a thing or tie that
is gone from the record has not thereby ended, and the words say which of the two is known. Dates
and counts are those of the sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.errors import UnknownName
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .diff_moves import moves, successions
from .diff_rows import CHANGES, Pair
from .diff_sources import measurements, ratings, sources
from .diff_statements import statements
from .diff_things import things
from .snapshot import Snapshot

__all__ = ["WORDS", "Changes", "diff"]

WORDS: dict[str, str] = {
    "opened": "its stated start lies between the older and the newer edition",
    "to open": "its stated start lies after the newer edition",
    "closed": "its stated end lies between the older and the newer edition",
    "to close": "its stated end lies after the newer edition",
    "merged": "became one that follows on several",
    "split": "became several",
    "succeeded": "became another",
    "moved system": "left one system, and is in another",
    "moved with its system": "its system became the one that it is in",
    "renamed": "has another name",
    "rating changed": "its newest rating is another",
    "newly recorded": "in the newer snapshot only; when it began is older or not known",
    "no longer recorded": "in the older snapshot only; that it ended is not known",
    "known by another id": "the same thing, under another id",
    "joined": "two records that are one thing now",
    "parted": "one thing that is two records now",
    "begun": "a statement that is new, of what had not begun by the older edition",
    "ended": "a statement that has an end now, or that a newer complete edition leaves out",
    "restated": "the same thing or statement with other dates or attributes",
    "source added": "an edition that the older snapshot does not have",
    "source removed": "an edition that the newer snapshot does not have",
    "source replaced": "the same edition, with other files, rows, or another way to read it",
    "series changed": "a series of measurements with other rows",
}
"""Every change and what it means, in the order in which changes are told."""

KINDS = (*NODE_KINDS, *RELATIONSHIP_KINDS, "ratings", "series")


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one snapshot to another.

    `rows` is a table with the columns of `CHANGES`, sorted: one row a change. `before` and `after`
    say in words which snapshots are compared.

    >>> closed = {"change": "closed", "kind": "Organisation", "id": "ods:RY9", "date": "2024-10-31"}
    >>> Changes("one", "another", pl.DataFrame([closed], schema=CHANGES)).sentences()
    ['From one to another:', 'Closed: 1 organisation.']
    """

    before: str
    after: str
    rows: pl.DataFrame

    def only(self, kinds: Collection[str] = (), changes: Collection[str] = ()) -> Changes:
        """The changes of these kinds of thing and of these words; of all where none is named.

        `UnknownName` with the nearest for a kind or change that there is none of.
        """
        rows = self.rows
        for column, what, wanted, known in (
            ("kind", "kind", kinds, KINDS),
            ("change", "change", changes, tuple(WORDS)),
        ):
            meant = [_meant(what, text, known) for text in wanted]
            rows = rows.filter(pl.col(column).is_in(meant)) if meant else rows
        return replace(self, rows=rows)

    def first(self, number: int) -> Changes:
        """At most so many changes of each word and kind."""
        place = pl.int_range(pl.len()).over("change", "kind")
        return replace(self, rows=self.rows.filter(place < number))

    def counts(self) -> pl.DataFrame:
        """How many changes (`rows`) of how many `things` there are of each word and kind, in the
        order in which they are told."""
        each = self.rows.group_by("change", "kind", maintain_order=True)
        return each.agg(pl.len().alias("rows"), pl.col("id").n_unique().alias("things"))

    def by_source(self) -> pl.DataFrame:
        """How many changes each source has a part in, by word; sorted by source."""
        told = self.rows.with_columns(pl.col("source").str.split("; ")).explode(
            "source", empty_as_null=True
        )
        counted = told.drop_nulls("source").group_by("source", "change", maintain_order=True)
        return counted.agg(pl.len().alias("rows")).sort("source", maintain_order=True)

    def as_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "sentences": self.sentences(),
            "counts": self.counts().to_dicts(),
            "by_source": self.by_source().to_dicts(),
            "rows": self.rows.to_dicts(),
        }

    def sentences(self) -> list[str]:
        """What changed in plain words: one sentence for each change, with its counts."""
        if self.rows.is_empty():
            return [f"Nothing changed from {self.before} to {self.after}."]
        counts = self.counts()
        told = [f"From {self.before} to {self.after}:"]
        for (change,), rows in counts.group_by("change", maintain_order=True):
            if str(change).startswith("source"):
                parts = ", ".join(self.rows.filter(pl.col("change") == change)["id"])
            else:
                parts = ", ".join(
                    _counted(*row) for row in rows.select("kind", "things").iter_rows()
                )
            told.append(f"{str(change).capitalize()}: {parts}.")
        return told


def _meant(what: str, text: str, known: tuple[str, ...]) -> str:
    for name in known:
        if name.lower() == text.strip().lower():
            return name
    raise UnknownName(what, text, known)


def _counted(kind: str, number: int) -> str:
    """How many of a kind, in words.

    >>> _counted("Organisation", 1), _counted("System", 42), _counted("LOCATED_IN", 1042)
    ('1 organisation', '42 integrated care systems', '1,042 "is located in"')
    """
    if kind in RELATIONSHIP_KINDS:
        return f'{number:,} "{RELATIONSHIP_KINDS[kind].label}"'
    if kind in NODE_KINDS:
        model = NODE_KINDS[kind]
        return f"{number:,} {(model.label if number == 1 else model.plural).lower()}"
    return f"{number:,} {kind.removesuffix('s') if number == 1 and kind != 'series' else kind}"


def diff(old: Snapshot, new: Snapshot) -> Changes:
    """What changed from `old` to `new`?

    Snapshots of one store or of two, or views of them. Equal ones have no changes. Every table that
    is the same file in both is passed over.
    """
    if (old.id, old.view) == (new.id, new.view):
        return Changes(_said(old), _said(new), pl.DataFrame(schema=CHANGES))
    found = pl.concat([pl.DataFrame(schema=CHANGES), *_parts(Pair(old, new))])
    order = pl.Enum(list(WORDS))
    kinds = pl.Enum(list(KINDS))
    by = (pl.col("change").cast(order), pl.col("kind").cast(kinds), "name", "id", "before", "after")
    return Changes(_said(old), _said(new), found.sort(*by, "date", "source", nulls_last=True))


def _parts(pair: Pair) -> Iterator[pl.DataFrame]:
    yield from things(pair)
    yield from successions(pair)
    yield from moves(pair)
    yield ratings(pair)
    yield from statements(pair)
    yield sources(pair)
    yield measurements(pair)


def _said(snapshot: Snapshot) -> str:
    """A snapshot in words: its id, its view if it is one, and the day of its newest source."""
    day = snapshot.manifest["default_day"]
    newest = f"newest source of {BoundedDate.parse(day).plain()}" if day else "no dated source"
    return f"snapshot {snapshot.id}{f' {snapshot.view}' if snapshot.view else ''} ({newest})"
