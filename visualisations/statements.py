"""The ties of a map of any part of the graph: each statement as a card with its dates and its
source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate
from ..ontology.relationships import RELATIONSHIP_KINDS, Flow, relationship_kind
from ..ontology.vocabularies import plain
from .evidence import Card, SourceLink, source_link
from .palette import KNOWLEDGE
from .payload import Tie
from .tables import Row, by_id
from .things import Thing
from .wording import counted

__all__ = ["Evidence", "between", "counted_pathways", "edition_link", "evidence_of", "touching"]

TOTAL = "C_999"
PATHWAYS = "new RTT periods"
"""Pathways begun in the period: what the question cross-border-flows counts unless told."""

UNCOUNTED = "treatment_function"


@dataclass(frozen=True)
class Evidence:
    """Ties, the cards that they rest on, and the editions that state them."""

    ties: Sequence[Tie] = ()
    cards: Sequence[Card] = ()
    editions: Collection[str] = ()


def between(
    snapshot: Snapshot, ids: Collection[str], kinds: Sequence[str] = tuple(RELATIONSHIP_KINDS)
) -> list[Row]:
    """The statements of these kinds that have both ends among these ids, by kind, ends and id."""
    wanted = pl.Series("id", sorted(set(ids)), dtype=pl.String)
    both = pl.col("subject").is_in(wanted.implode()) & pl.col("object").is_in(wanted.implode())
    return _rows(snapshot, kinds, both)


def touching(
    snapshot: Snapshot, ids: Collection[str], kinds: Sequence[str] = tuple(RELATIONSHIP_KINDS)
) -> list[Row]:
    """The statements that have an end among these ids."""
    wanted = pl.Series("id", sorted(set(ids)), dtype=pl.String)
    either = pl.col("subject").is_in(wanted.implode()) | pl.col("object").is_in(wanted.implode())
    return _rows(snapshot, kinds, either)


def _rows(snapshot: Snapshot, kinds: Sequence[str], chosen: pl.Expr) -> list[Row]:
    found: list[Row] = []
    for kind in kinds:
        table = snapshot.relationships(kind).filter(chosen)
        if UNCOUNTED in table.columns:
            table = counted_pathways(table)
        found += table.sort("subject", "object", "id").iter_rows(named=True)
    return found


def counted_pathways(table: pl.DataFrame) -> pl.DataFrame:
    """Of statements about pathways those of all treatment functions together, which hold the
    others."""
    return table.filter((pl.col(UNCOUNTED) == TOTAL) & (pl.col("measure") == PATHWAYS))


def evidence_of(
    snapshot: Snapshot, statements: Sequence[Row], things: Mapping[str, Thing]
) -> Evidence:
    """A tie for each pair and kind of relationship, and a card for each statement.

    Statements with an end that is not among `things` are left out.
    """
    known = [r for r in statements if r["subject"] in things and r["object"] in things]
    told = _Told(snapshot, known)
    together: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in known:
        together[row["subject"], row["object"], row["kind"]].append(row)
    return Evidence(
        ties=[_tie(n, key, own) for n, (key, own) in enumerate(sorted(together.items()))],
        cards=[told.card(row, things) for row in known],
        editions={row["source"] for row in known},
    )


def _tie(number: int, key: tuple[str, str, str], rows: Sequence[Row]) -> Tie:
    start, end, kind = key
    levels = [level for level in KNOWLEDGE if any(row["knowledge_level"] == level for row in rows)]
    return Tie(
        id=f"t{number}",
        start=start,
        end=end,
        what=relationship_kind(kind).label,
        sentence="",
        knowledge=levels[0] if levels else "finding",
        cards=tuple(row["id"] for row in rows),
        directed=relationship_kind(kind).flow is not Flow.BOTH,
    )


def edition_link(facts: Mapping[str, Any]) -> SourceLink:
    """An edition of a data set as a card names it."""
    return SourceLink(
        title=str(facts.get("title") or facts["id"]),
        publisher=str(facts.get("publisher") or ""),
        url=str(facts.get("url") or ""),
        date=BoundedDate.parse(facts["as_of"]).plain() if facts.get("as_of") else "",
        licence=str(facts.get("licence") or ""),
    )


class _Told:
    """What the sources say of statements: their editions, documents and findings."""

    def __init__(self, snapshot: Snapshot, statements: Sequence[Row]) -> None:
        sources = snapshot.manifest.get("sources", ())
        self.editions = {facts["id"]: edition_link(facts) for facts in sources}
        findings = {row["finding"] for row in statements if row.get("finding")}
        documents = {row["document"] for row in statements if row["document"]}
        self.findings = by_id(_those(snapshot.nodes("Finding"), findings))
        self.documents = by_id(_those(snapshot.nodes("Source"), documents))

    def card(self, row: Row, things: Mapping[str, Thing]) -> Card:
        kind = relationship_kind(row["kind"])
        finding = self.findings.get(row.get("finding") or "")
        when = BoundedDate.from_columns(row)
        dated = when.bounds != (None,) * 4
        level = KNOWLEDGE.get(row["knowledge_level"])
        return Card(
            id=row["id"],
            name="",
            kind=kind.label,
            description=(finding["description"] or "") if finding else "",
            badges=tuple(_badges(row)),
            where="",
            when=when.plain() if dated or kind.holds.name != "ALWAYS" else "",
            earliest=row["start_earliest"] or "",
            latest=row["start_latest"] or "",
            remark=row.get("note") or "",
            sources=tuple(self._sources(row)),
            things=(row["subject"], row["object"]),
            systems=(),
            placeless=False,
            facets=_facets(row, finding, [things[row["subject"]], things[row["object"]]]),
            knowledge=level.label if level else "",
            going=row["end_earliest"] or "",
            gone=row["end_latest"] or "",
        )

    def _sources(self, row: Row) -> Iterator[SourceLink]:
        """The document first, where the edition only passes it on."""
        if row["document"] in self.documents:
            yield source_link(self.documents[row["document"]])
        edition = self.editions.get(row["source"]) or edition_link({"id": row["source"]})
        yield replace(edition, locator=row["locator"]) if row["locator"] else edition


def _those(table: pl.DataFrame, ids: Collection[str]) -> pl.DataFrame:
    return table.filter(pl.col("id").is_in(sorted(ids)))


def _badges(row: Row) -> Iterator[str]:
    """What a statement says beside its ends: role, stage, share, count, period."""
    if row.get("role"):
        yield str(row["role"])
    if row.get("stage"):
        yield f"Stage: {plain('uptake-stage', row['stage'])}"
    if row.get("share") is not None:
        yield f"Share: {row['share']:.0%}"
    if row.get("count") is not None:
        period = f" in {BoundedDate.parse(row['period']).plain()}" if row.get("period") else ""
        yield f"{counted(row['count'], 'pathway')}{period}"
    if row.get("reason"):
        yield str(row["reason"])
    if row.get("rule"):
        yield "By a declared rule"


def _facets(row: Row, finding: Row | None, ends: Sequence[Thing]) -> dict[str, tuple[str, ...]]:
    level = KNOWLEDGE.get(row["knowledge_level"])
    topics = {end.topic for end in ends} | {plain("topic", finding["topic"]) if finding else ""}
    found = {
        "relation": {relationship_kind(row["kind"]).label.capitalize()},
        "knowledge": {level.label if level else ""},
        "sector": {end.what for end in ends},
        "system": {end.system for end in ends},
        "region": {end.region for end in ends},
        "topic": topics,
        "barrier": {end.name for end in ends if end.kind == "barrier"},
    }
    return {name: tuple(sorted(values - {""})) for name, values in found.items()}
