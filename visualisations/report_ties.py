"""Ties across the borders of a system: working ties on record, and pathways in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from ..graph.within import BELONGING
from ..ontology.dates import BoundedDate
from ..ontology.relationships import TIES, relationship_kind
from ..queries.flows import TOTAL, in_one_system
from ..queries.held import held
from .report_evidence import Evidence
from .report_page import Block, Table, Text, said
from .report_words import nothing, quiet, sentence
from .tables import Row, rows
from .wording import counted, listed

__all__ = ["ties_across_borders"]

MEASURE = "new RTT periods"
LEAST = 0.01
"""Systems that take less than this share of the pathways are added up in one row."""


def ties_across_borders(known: Evidence, system: str) -> Iterator[Block]:
    """The part of the report on ties across borders."""
    homes = _homes(known)
    found = list(_ties(known, system, homes))
    if found:
        yield Table(
            f"Working ties across the border: {counted(len(found), 'tie')}",
            ("Tie", "Where the other one is", "When"),
            found,
            wide=frozenset({0}),
        )
        yield quiet(
            "Working ties are those that some source happens to mention. A pair that is not here "
            "may work together all the same."
        )
    else:
        yield nothing("working tie across the border of this system is")
    yield from _pathways(known, system)


def _homes(known: Evidence) -> dict[str, set[str]]:
    """The systems of each body that some tie names, on the report's day."""
    systems = list(known.systems)
    homes: dict[str, set[str]] = {i: {i} for i in systems}
    for kind in BELONGING:
        table = known.snapshot.relationships(kind)
        inside = table.filter(pl.col("object").is_in(systems))
        inside = held(inside, known.day) if known.day else inside
        for body, home in inside.select("subject", "object").iter_rows():
            homes.setdefault(body, set()).add(home)
    return homes


def _ties(
    known: Evidence, system: str, homes: Mapping[str, set[str]]
) -> Iterator[tuple[Text, Text, Text]]:
    names = _names(known)
    stated = [row for kind in (*TIES, "COMMISSIONS") for row in _stated(known, kind)]
    lines = []
    for row in stated:
        ends = (row["subject"], row["object"])
        inside = [end for end in ends if system in homes.get(end, ())]
        beyond = [end for end in ends if homes.get(end) and system not in homes[end]]
        if not inside or not beyond:
            continue
        there = sorted({known.name(home) for end in beyond for home in homes[end]})
        what = relationship_kind(row["kind"]).label
        sentence = f"{names[ends[0]]} {what} {names[ends[1]]}"
        card = known.card.get(row["finding"] or "")
        notes = known.of_documents([row["document"]] if row["document"] else [])
        notes = notes or (known.of_cards([card]) if card else known.of_editions([row["source"]]))
        when = BoundedDate.from_columns(row).plain()
        below = card.description or card.name if card else ""
        lines.append((sentence, listed(there), when, notes, below))
    for words, there_in, when, notes, below in sorted(set(lines)):
        yield said(words, *notes, below=below), said(there_in), said(when)


def _stated(known: Evidence, kind: str) -> Iterator[Row]:
    """The ties of a kind that a source states; what registers say of commissioning is of each
    location and no working tie."""
    table = known.snapshot.relationships(kind)
    return rows(table.filter(pl.col("knowledge_level") != "register"))


def _names(known: Evidence) -> dict[str, str]:
    kinds = ("Organisation", "System", "Location")
    tables = [known.snapshot.nodes(kind).select("id", "name") for kind in kinds]
    return {i: name or i for i, name in pl.concat(tables).iter_rows()}


def _pathways(known: Evidence, system: str) -> Iterator[Block]:
    flows = known.whole.relationships("TREATS_RESIDENTS_OF")
    counted_rows = flows.filter(
        pl.col("measure") == MEASURE,
        pl.col("treatment_function") == TOTAL,
        pl.col("count").is_not_null(),
        pl.col("start_earliest") <= known.day,
    )
    period = counted_rows["start_earliest"].max()
    if not isinstance(period, str):
        yield nothing("count of pathways across the border is")
        return
    flows = counted_rows.filter(pl.col("start_earliest") == period)
    placed = _placed(known, flows, period)
    notes = known.of_editions(flows["source"].unique())
    stated = str(flows["period"][0])
    for own, other, words in (
        ("payer", "provider", "of its residents were begun at providers in other systems"),
        ("provider", "payer", "at its providers were for residents of other systems"),
    ):
        yield from _direction(known, placed, system, (own, other), words, stated, notes)


def _placed(known: Evidence, flows: pl.DataFrame, period: str) -> pl.DataFrame:
    """Pathways by the systems of payer and provider; those of which one is not known left out."""
    homes = in_one_system(known.whole, "LOCATED_IN", period).select(subject="id", provider="system")
    payers = in_one_system(known.whole, "PART_OF", period).select(object="id", payer="system")
    placed = flows.select("subject", "object", "count").join(homes, on="subject")
    each = placed.join(payers, on="object").group_by("payer", "provider")
    return each.agg(pl.col("count").sum())


def _direction(
    known: Evidence,
    placed: pl.DataFrame,
    system: str,
    ends: tuple[str, str],
    words: str,
    period: str,
    notes: tuple[int, ...],
) -> Iterator[Block]:
    own, other = ends
    ours = placed.filter(pl.col(own) == system)
    whole, beyond = int(ours["count"].sum()), ours.filter(pl.col(other) != system)
    number = int(beyond["count"].sum())
    if not whole:
        return
    yield sentence(
        f"In {BoundedDate.parse(period).plain()}, {number:,} of {whole:,} new pathways "
        f"({number / whole:.0%}) {words}.",
        *notes,
    )
    large = beyond.filter(pl.col("count") >= LEAST * whole)
    names = dict(known.whole.nodes("System").select("id", "name").iter_rows())
    lines = sorted((names.get(i) or i, n) for i, n in large.select(other, "count").iter_rows())
    rest = number - int(large["count"].sum())
    lines += [("All other systems together", rest)] if rest else []
    if lines:
        yield Table(
            f"New pathways {words}",
            ("System", "Pathways", "Share"),
            [(said(name), said(f"{n:,}"), said(f"{n / whole:.1%}")) for name, n in lines],
            numbers=frozenset({1, 2}),
        )
        yield quiet("Pathways are counted, never people: one person may be on several.")
