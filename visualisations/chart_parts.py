"""What every chart is made of: a drawing, its numbers, and all that must be said beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from ..ontology.dates import BoundedDate
from ..queries.answer import Answer
from .licences import licences
from .part import snapshot_in_words
from .tables import SnapshotTables
from .wording import counted, days_spelt

__all__ = [
    "Asks",
    "Body",
    "Column",
    "Drawing",
    "Picture",
    "Told",
    "asked",
    "counts_in_words",
    "drawn_from",
    "editions_of",
    "known",
    "of_answer",
    "spoken",
]


class Asks(Protocol):
    """What a chart asks: a graph, as `icsgraph.open` gives one."""

    @property
    def snapshot(self) -> Any:
        """The snapshot of the graph, as `graph.snapshot.Snapshot`."""

    def on(self, day: str) -> Asks:
        """The graph as it was in the world on an ISO day."""

    def ask(self, name: str, *, on: str = "", **parameters: Any) -> Answer:
        """The answer to a question of the catalogue."""


@dataclass(frozen=True)
class Body:
    """A drawing as the inside of an SVG element, and the size it has."""

    inside: str
    width: float
    height: float

    def body(self) -> Body:
        """Itself: it is drawn."""
        return self


class Drawing(Protocol):
    """What can be drawn: `vega.Vega`, or a `Body` that our own code has drawn."""

    def body(self) -> Body:
        """The drawing as SVG."""


@dataclass(frozen=True)
class Column:
    """A column of the table beside a drawing: its heading, and how its numbers are written."""

    heading: str
    share: bool = False


@dataclass(frozen=True)
class Told:
    """What must be said beside a drawing. `asked` is the filter, in words; `drawn_from` says which
    snapshot and which day; `licences` whose data it shows."""

    drawn_from: str
    asked: str = ""
    counts: str = ""
    caveats: Sequence[str] = ()
    licences: Sequence[str] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, one sentence or more a line."""
        parts = (self.asked, self.counts, *self.caveats, self.drawn_from, *self.licences)
        return tuple(part for part in parts if part)


@dataclass(frozen=True)
class Picture:
    """A drawing with its title, its numbers and its notes: all of a chart but its formats.

    `rows` are the numbers that are drawn, `columns` those of them that the table shows. Without a
    `drawing` there is nothing to draw, and `empty` says why. With a `key`, parts of
    the drawing lead to rows of the table: that is the column by whose value a row is found.
    """

    name: str
    title: str
    sentence: str
    rows: pl.DataFrame
    columns: Mapping[str, Column]
    told: Told
    drawing: Drawing | None = None
    empty: str = ""
    key: str = ""

    @property
    def notes(self) -> list[str]:
        """All that is told, as a reader meets it: days written out, and a column of the answer by
        its heading.

        >>> told = Told("Snapshot x.", counts="Behind this: 2.", caveats=["p_le, begun 2026-01."])
        >>> Picture("", "", "", pl.DataFrame(), {"p_le": Column("p of as few")}, told).notes[1]
        'p of as few, begun January 2026.'
        """
        coded = {name: column.heading for name, column in self.columns.items() if "_" in name}
        found = re.compile(rf"\b(?:{'|'.join(map(re.escape, coded))})\b") if coded else None
        named = (found.sub(lambda m: coded[m[0]], t) if found else t for t in self.told.lines)
        return list(map(days_spelt, named))

    @property
    def described(self) -> str:
        """The drawing in words, for whoever does not see it."""
        if self.drawing is None:
            return self.empty
        table = counted(self.rows.height, "row")
        return f"{self.sentence} The table beside it has the same numbers: {table}."


def of_answer(graph: Asks, answer: Answer, editions: Iterable[str], on: str = "") -> Told:
    """What must be said beside a drawing of an answer.

    `editions` are the ids of those that it rests on.
    """
    caveats = [line for line in answer.caveats if not line.startswith("As on ")]
    return Told(
        drawn_from=drawn_from(graph.snapshot, on),
        asked=asked(answer.parameters),
        counts=counts_in_words(answer.counts),
        caveats=caveats,
        licences=tuple(licences(known(graph.snapshot, editions))),
    )


def asked(parameters: Mapping[str, Any]) -> str:
    """What was asked for, in words.

    >>> asked({"every": "quarter", "topic": ""})
    'Asked for: every quarter.'
    """
    said = {name: value for name, value in parameters.items() if value and name != "on"}
    given = [f"{spoken(name)} {_value(value)}" for name, value in said.items()]
    return f"Asked for: {'; '.join(given)}." if given else ""


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    text = str(value)
    return spoken(text.rpartition("/")[2]) if text.startswith("icsg:") else text


def spoken(name: str) -> str:
    """A name of the code as words.

    >>> spoken("adopters_with_no_date")
    'adopters with no date'
    """
    return re.sub(r"[_-]+", " ", name)


def counts_in_words(counts: Mapping[str, int]) -> str:
    """How much stands behind a drawing.

    >>> counts_in_words({"records": 1200, "sources": 2})
    'Behind this: records 1,200; sources 2.'
    """
    parts = [f"{spoken(name)} {count:,}" for name, count in counts.items()]
    return f"Behind this: {'; '.join(parts)}." if parts else ""


def drawn_from(snapshot: SnapshotTables, on: str = "") -> str:
    """Which snapshot is drawn, as on which day (without one: how new its sources are), and which
    part of it."""
    newest = snapshot.manifest.get("default_day", "")
    if on:
        when = f", as on {BoundedDate.parse(on).plain()}"
    else:
        when = f", newest source as of {BoundedDate.parse(newest).plain()}" if newest else ""
    return f"{snapshot_in_words(snapshot)}{when}."


def editions_of(*frames: pl.DataFrame) -> set[str]:
    """The ids of the editions that say the rows of some tables: nodes have several, a relationship
    has one.

    >>> sorted(editions_of(pl.DataFrame({"sources": [["b", "a"], None]}),
    ...                    pl.DataFrame({"source": ["c"]})))
    ['a', 'b', 'c']
    """
    found: set[str] = set()
    for frame in frames:
        for name in ("sources", "source"):
            if name in frame.columns:
                told = frame[name].drop_nulls()
                found |= set(told.explode() if told.dtype == pl.List else told)
    return found - {None, ""}


def known(snapshot: SnapshotTables, editions: Iterable[str]) -> list[Mapping[str, Any]]:
    """What the manifest says of some editions, in the order of their ids."""
    wanted = set(editions)
    listed = [facts for facts in snapshot.manifest.get("sources", ()) if facts["id"] in wanted]
    return sorted(listed, key=lambda facts: str(facts["id"]))
