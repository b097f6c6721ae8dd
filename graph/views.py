"""The graph as it was in the world on a day, or as the editions known by a day knew it.

A view is a snapshot seen through a filter: the same tables with fewer rows (and, for what was
known, the rows that older editions had). It is computed when asked and costs no copy of the store.

In the world (`on`): a relationship is POSSIBLE on a day if some completion of its dates holds then,
and CERTAIN if every one does; what happened (a finding, a review, a succession) counts from its
start on; what only orders what is known (a report of a finding) holds whenever both its ends are
there. A thing without any date says nothing of time and is there always; a relationship without
any is POSSIBLE.

As known (`known`): what the editions say whose as-of day lies on or before the day. A finding
counts as known, too, once a document that reports it is known to be out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.dates import COLUMNS as DATES
from ..ontology.dates import Certainty, begun_by_expr, holds_on_expr, read_day
from ..ontology.model import NODE_KINDS, node_kind
from ..ontology.relationships import Holds, relationship_kind
from ..ontology.tables import schema
from .merging import as_of_day, editions, merged_nodes, one_row_each, seen_once, with_broader_types
from .snapshot import Snapshot

__all__ = ["KnownBy", "OnDay", "View", "known_by", "on_day"]

BOUNDS = DATES[:4]
NEVER = "0001-01-01"


def on_day(snapshot: Snapshot, day: str, certainty: Certainty = Certainty.POSSIBLE) -> OnDay:
    """The graph as it was in the world on an ISO day.

    With POSSIBLE all that may have held then, what certainly did included; with CERTAIN only that.
    `DateFault` if `day` is no day.
    """
    read_day(day)
    return _on_day(snapshot, day, certainty)


@lru_cache(maxsize=2)
def _on_day(snapshot: Snapshot, day: str, certainty: Certainty) -> OnDay:
    """The same view again: its tables are computed once for all that is drawn of one day."""
    return OnDay(snapshot, day, certainty)


def known_by(snapshot: Snapshot, day: str) -> KnownBy:
    """The graph as the editions known by an ISO day knew it; `DateFault` if `day` is no day."""
    read_day(day)
    return KnownBy(snapshot, day)


class View(Snapshot, ABC):
    """A snapshot whose tables are computed from another's."""

    def __init__(self, base: Snapshot, name: str) -> None:
        super().__init__(base.folder)
        self.base = base
        self.view = f"{base.view}-{name}" if base.view else name
        self._kept: dict[str, pl.DataFrame] = {}

    @property
    def whole(self) -> Snapshot:
        """The snapshot of which this is a view."""
        return self.base.whole

    @property
    def manifest(self) -> dict[str, Any]:
        """That of the snapshot that is viewed."""
        return self.base.manifest

    def nodes(self, kind: str) -> pl.DataFrame:
        """The nodes of a kind that the view has, sorted by id."""
        node_kind(kind)
        return self._once(kind, self._nodes)

    def relationships(self, kind: str) -> pl.DataFrame:
        """The relationships of a kind that the view has, each with both its ends."""
        relationship_kind(kind)
        return self._once(kind, self._relationships)

    def records(self, kind: str) -> pl.DataFrame:
        """What each source says of the things in the view that two or more describe."""
        held = self.nodes(kind).select("id")
        return self.base.records(kind).join(held, on="id", how="semi", maintain_order="left")

    def history(self, kind: str) -> pl.DataFrame:
        """Every edition's row of the statements in the view that have several."""
        held = self.relationships(kind).select("id")
        return self.base.history(kind).join(held, on="id", how="semi", maintain_order="left")

    def table_file(self, kind: str) -> Path | None:
        """None: no file holds the rows of a view."""
        return None

    @property
    def series_names(self) -> list[str]:
        """The series of the snapshot that is viewed."""
        return self.base.series_names

    @cached_property
    def ids(self) -> pl.DataFrame:
        """The id of every node in the view."""
        return pl.concat([self.nodes(kind).select("id") for kind in NODE_KINDS])

    def _once(self, kind: str, compute: Callable[[str], pl.DataFrame]) -> pl.DataFrame:
        if kind not in self._kept:
            self._kept[kind] = compute(kind)
        return self._kept[kind]

    @abstractmethod
    def _nodes(self, kind: str) -> pl.DataFrame:
        """The nodes of a kind in the view."""

    @abstractmethod
    def _relationships(self, kind: str) -> pl.DataFrame:
        """The relationships of a kind in the view."""

    def _between_ends(self, table: pl.DataFrame) -> pl.DataFrame:
        for end in ("subject", "object"):
            there = self.ids.rename({"id": end})
            table = table.join(there, on=end, how="semi", maintain_order="left")
        return table


class OnDay(View):
    """The graph on a day in the world; see `on_day`."""

    def __init__(self, base: Snapshot, day: str, certainty: Certainty) -> None:
        super().__init__(base, f"on-{day}-{certainty.lower()}")
        self.day = day
        self.certainty = certainty

    def _held(self, since: bool) -> pl.Expr:
        """Whether a dated row is in the view: begun by the day if it only happens, else holding."""
        judged = begun_by_expr(self.day) if since else holds_on_expr(self.day)
        if self.certainty is Certainty.CERTAIN:
            return judged == Certainty.CERTAIN
        return judged != Certainty.NO

    def _nodes(self, kind: str) -> pl.DataFrame:
        table = self.base.nodes(kind)
        if "start_earliest" not in table.columns or kind == "Concept":
            return table
        undated = pl.all_horizontal(pl.col(c).is_null() for c in BOUNDS)
        return table.filter(undated | self._held(node_kind(kind).happens))

    def _relationships(self, kind: str) -> pl.DataFrame:
        table = self.base.relationships(kind)
        holds = relationship_kind(kind).holds
        if holds is not Holds.ALWAYS:
            table = table.filter(self._held(holds is Holds.SINCE))
        return self._between_ends(table)

    def series(self, name: str) -> pl.DataFrame:
        """The measurements dated on or before the day, and those without a date."""
        table = self.base.series(name)
        return table.filter(pl.col("date").is_null() | (pl.col("date") <= self.day))


class KnownBy(View):
    """The graph as the editions known by a day knew it; see `known_by`."""

    def __init__(self, base: Snapshot, day: str) -> None:
        super().__init__(base, f"known-{day}")
        self.day = day

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """That of the snapshot, with the known sources only."""
        facts = [f for f in self.base.manifest["sources"] if self._is_known(f)]
        days = [as_of_day(f) for f in facts]
        return {**self.base.manifest, "sources": facts, "default_day": max(days, default=None)}

    def _is_known(self, facts: Mapping[str, Any]) -> bool:
        return as_of_day(facts) <= self.day

    @cached_property
    def sources(self) -> pl.Series:
        """The ids of the editions known by the day."""
        return pl.Series("source", [f["id"] for f in self.manifest["sources"]], dtype=pl.String)

    @cached_property
    def _reported(self) -> pl.DataFrame:
        """Ids of the documents out by the day, of what they report, and of what those findings
        name."""
        out = self.base.nodes("Source").filter(pl.col("start_latest") <= self.day).select("id")
        reports = self.base.relationships("REPORTS")
        told = reports.join(out, left_on="subject", right_on="id", how="semi")
        return pl.concat([out, told.select(pl.col("object").alias("id"))]).unique()

    def _nodes(self, kind: str) -> pl.DataFrame:
        table, records = self.base.nodes(kind), self.base.records(kind)
        known = pl.col("sources").list.set_intersection(self.sources.to_list()).list.len() > 0
        single = table.filter(known).join(records.select("id"), on="id", how="anti")
        merged = with_broader_types(merged_nodes(kind, records.filter(known).lazy()).collect())
        wanted = pl.concat([self._reported, self._named])
        told = table.join(pl.concat([single, merged]).select("id"), on="id", how="anti")
        told = told.join(wanted.unique(), on="id", how="semi")
        return pl.concat([single, merged, told]).sort("id")

    @cached_property
    def _named(self) -> pl.DataFrame:
        """Ids of what statements name that rest on a reported finding."""
        ends = []
        for kind in ("ABOUT", "CONCERNS", "FOUND", "ADOPTED", "FACED", "ADDRESSES"):
            table = self._resting(kind, self.base.relationships(kind))
            ends += [table.select(pl.col(end).alias("id")) for end in ("subject", "object")]
        return pl.concat(ends).unique()

    def _resting(self, kind: str, table: pl.DataFrame) -> pl.DataFrame:
        """The statements that rest on a reported finding: its own, or made because of it."""
        reported = self._reported["id"].implode()
        rests = pl.col("subject").is_in(reported) & pl.col("subject").str.starts_with(
            "icsg:finding/"
        )
        rests |= pl.col("object").is_in(reported) & pl.col("object").str.starts_with(
            "icsg:finding/"
        )
        if "finding" in table.columns:
            rests |= pl.col("finding").is_in(reported).fill_null(False)
        return table.filter(rests)

    def _relationships(self, kind: str) -> pl.DataFrame:
        table, history = self.base.relationships(kind), self.base.history(kind)
        known = editions(self.manifest["sources"])
        stated = pl.col("source").is_in(self.sources.implode())
        only = table.filter(stated).join(history.select("id"), on="id", how="anti")
        several = history.filter(stated)
        rows = pl.concat([seen_once(only, known), one_row_each(several, known)])
        resting = self._resting(kind, table).join(rows.select("id"), on="id", how="anti")
        rows = pl.concat([rows, resting]).select(list(schema(kind)))
        return self._between_ends(rows).sort("subject", "object", "id")

    def series(self, name: str) -> pl.DataFrame:
        """The measurements of the known editions."""
        return self.base.series(name).filter(pl.col("source").is_in(self.sources.implode()))
