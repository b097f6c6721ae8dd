"""What stands on a map of any part of the graph: each node as a reader knows it.

Names and codes as published, dates no more exact than stated, ratings with their day. A thing that
only a code is known of is called by its code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate
from ..ontology.model import NODE_KINDS, node_kind
from ..ontology.tables import vocabulary_columns
from ..ontology.vocabularies import plain
from .tables import Row, rows

__all__ = ["MARKS", "Thing", "coded", "systems_of", "things"]

MARKS: dict[str, str] = {kind: kind.lower() for kind in NODE_KINDS}
"""The mark of the palette by which each kind of node is drawn."""

TYPES = ("org_type", "location_type", "area_type", "finding_kind", "concept_type", "source_type")
"""The columns that say, by kind, what a thing is."""

IN_A_SYSTEM = ("LOCATED_IN", "PART_OF", "MEMBER_OF", "SERVES")
OURS = "icsg"
"""Prefix of ids that no register gave: never shown, since a reader can look them up nowhere."""

ON_THE_CODE = "reviewed system; 2022 ICB code in area column, not an ODS code of this partnership"
"""What the evidence remarks on its own column, and not on the system: nothing for a reader."""

OVERALL = "overall rating"
MOST_RATINGS = 6


@dataclass(frozen=True)
class Thing:
    """One node: its mark, its name, what it is, and what is known of it under plain labels."""

    id: str
    kind: str
    name: str
    what: str
    lead: str
    also: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    details: tuple[tuple[str, tuple[str, ...]], ...] = ()
    system: str = ""
    region: str = ""
    topic: str = ""
    editions: tuple[str, ...] = ()


def things(snapshot: Snapshot, ids: Collection[str]) -> dict[str, Thing]:
    """The nodes of these ids, by id, in their order; ids that are no node's are left out."""
    wanted = pl.Series("id", sorted(set(ids)), dtype=pl.String)
    systems = {
        row["subject"]: (row["name"] or "", row["region"] or "")
        for row in systems_of(snapshot, wanted).iter_rows(named=True)
    }
    ratings = _ratings(snapshot, wanted)
    found: dict[str, Thing] = {}
    for kind in NODE_KINDS:
        for row in rows(snapshot.nodes(kind).filter(pl.col("id").is_in(wanted.implode()))):
            found[row["id"]] = _thing(kind, row, systems, ratings.get(row["id"], ()))
    return dict(sorted(found.items()))


def coded(curie: str) -> str:
    """A code of a register as it is written there; blank for an id of our own.

    >>> coded("ods:R1H"), coded("cqc:1-101"), coded("icsg:barrier/delay")
    ('ODS R1H', 'CQC 1-101', '')
    """
    prefix, _, code = curie.partition(":")
    return "" if prefix == OURS or not code else f"{prefix.upper()} {code}"


def _thing(
    kind: str, row: Row, systems: Mapping[str, tuple[str, str]], ratings: Sequence[str]
) -> Thing:
    what = _what(kind, row)
    system, region = systems.get(row["id"], ("", ""))
    if kind == "System":
        system, region = row["name"] or "", row["region"] or ""
    names = [*(row["other_names"] or ()), *([row["name_before"]] if kind == "System" else ())]
    codes = [code for code in map(coded, [row["id"], *(row["codes"] or ())]) if code]
    own = row["name"] or (codes[0] if codes else _last_part(row["id"]))
    others = tuple(sorted({name for name in names if name and name != own}))
    return Thing(
        id=row["id"],
        kind=MARKS[kind],
        name=own,
        what=what,
        lead=" · ".join(part for part in (what, system if system != own else "", region) if part),
        also=(*others, *(code.partition(" ")[2] for code in codes)),
        facts=tuple(_facts(row)),
        details=tuple(_details(row, others, codes, ratings)),
        system=system,
        region=region,
        topic=plain("topic", row.get("topic")) if row.get("topic") else "",
        editions=tuple(row["sources"] or ()),
    )


def _what(kind: str, row: Row) -> str:
    """What it is, in the words of its vocabulary, else of its kind."""
    vocabularies = vocabulary_columns(kind)
    for column in TYPES:
        if column in vocabularies and row.get(column):
            return plain(vocabularies[column], row[column])
    return node_kind(kind).label


def _last_part(curie: str) -> str:
    return curie.rpartition("/")[2].replace("-", " ").capitalize()


def _facts(row: Row) -> Iterator[str]:
    for column in ("definition", "description"):
        if row.get(column):
            yield row[column]
    if row["note"] and row["note"] != ON_THE_CODE:
        yield f"Remark: {row['note']}"


def _details(
    row: Row, names: Sequence[str], codes: Sequence[str], ratings: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Labels and what stands under them; a label with nothing under it is left out."""
    place = ", ".join(str(row[c]) for c in ("town", "postcode") if row.get(c))
    dates = BoundedDate.from_columns(row) if "start_earliest" in row else None
    known: dict[str, Sequence[Any]] = {
        "Other names": names,
        "Codes": codes,
        "Dates": [dates.plain()] if dates and dates.bounds != (None,) * 4 else [],
        "Place": [place] if place else [],
        "Publisher": [row["publisher"]] if row.get("publisher") else [],
        "Address": [row["url"]] if row.get("url") else [],
        "Ratings": ratings,
    }
    yield from ((label, tuple(values)) for label, values in known.items() if values)


def systems_of(snapshot: Snapshot, ids: pl.Series) -> pl.DataFrame:
    """The system that a register puts each thing in, of several that seen last: `subject`,
    `object`, and its `name` and `region`."""
    systems = snapshot.nodes("System").select("name", "region", object="id")
    stated = []
    for kind in IN_A_SYSTEM:
        table = snapshot.relationships(kind).filter(pl.col("subject").is_in(ids.implode()))
        stated.append(table.select("subject", "object", "last_seen").join(systems, on="object"))
    found = pl.concat(stated).sort(
        "last_seen", "object", descending=[True, False], nulls_last=True, maintain_order=True
    )
    return found.unique("subject", keep="first", maintain_order=True)


def _ratings(snapshot: Snapshot, ids: pl.Series) -> dict[str, list[str]]:
    """The overall ratings of each thing, the newest first."""
    if "ratings" not in snapshot.series_names:
        return {}
    series = snapshot.series("ratings")
    own = series.filter(pl.col("thing").is_in(ids.implode()) & (pl.col("measure") == OVERALL))
    told: dict[str, list[str]] = {}
    ordered = own.unique(["thing", "group", "value", "date"]).sort(
        "thing", "date", "group", "value", descending=[False, True, False, False], nulls_last=True
    )
    for row in ordered.iter_rows(named=True):
        known = told.setdefault(row["thing"], [])
        if len(known) < MOST_RATINGS:
            group = f" ({row['group']})" if row["group"] not in (None, "Overall") else ""
            known.append(f"{row['value']}{group}, {BoundedDate.parse(row['date']).plain()}")
    return told
