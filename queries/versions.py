"""Where sources disagree about a thing: what each says, of which day, and which of it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.merging import ranks
from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS as DATES
from ..ontology.dates import BoundedDate
from ..ontology.tables import schema, vocabulary_columns
from ..ontology.vocabularies import plain

__all__ = ["RATINGS", "RULE", "Version", "labelled", "rating_versions", "versions", "when"]

RATINGS = "ratings"
"""The series of ratings."""

RULE = "Shown is what the newest official edition says that says anything of it; all are kept."
"""Which of several values stands for a thing: the rule that `graph.merging` follows."""

UNSAID = {"id", "kind", *DATES}
"""Columns that are compared otherwise, or not at all."""


@dataclass(frozen=True, slots=True)
class Version:
    """One value of one attribute where the sources do not agree, and who gives it.

    `as_of` is the day whose state the source gives, as it states it; `record` is the id by which
    the source knows the thing; `date` is the day of a rating; `shown` says that this value stands
    for the thing.
    """

    attribute: str
    source: str
    value: Any
    as_of: str = ""
    record: str = ""
    date: str | None = None
    shown: bool = False


def when(row: Mapping[str, Any]) -> str:
    """The dates of a row in plain words; '' if it has none.

    >>> when(BoundedDate.parse("2021-03").columns())
    'March 2021'
    """
    if not any(row.get(column) for column in DATES):
        return ""
    return BoundedDate.from_columns(row).plain()


def labelled(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of `values`, coded ones as their labels.

    >>> labelled("Organisation", {"org_type": "nhs-trust", "town": None})
    {'org_type': 'NHS trust'}
    """
    coded = vocabulary_columns(kind)
    found = {}
    for column, value in values.items():
        if value is None or value == []:
            continue
        if column == "boundary":
            value = _outline(value)
        if column in coded:
            scheme = coded[column]
            known = isinstance(value, list)
            value = [plain(scheme, v) for v in value] if known else plain(scheme, value)
        found[column] = value
    return found


def _outline(boundary: str) -> str:
    """A boundary in a few words; the whole of it stands in the table of its kind."""
    return f"{json.loads(boundary)['type']}, {boundary.count(',[') + 1} points"


def versions(snapshot: Snapshot, kind: str, thing: str) -> Iterator[Version]:
    """What each source says of a thing, of the attributes in which they differ; the first of each
    attribute is shown. Lists, which are united, are left out."""
    as_of = {facts["id"]: str(facts["as_of"]) for facts in snapshot.manifest["sources"]}
    single = [c for c, t in schema(kind).items() if c not in UNSAID and not isinstance(t, pl.List)]
    records = snapshot.records(kind).filter(pl.col("id") == thing)
    records = records.with_columns(alias=pl.col("own_id") != thing).sort("rank", "alias", "own_id")
    told = [
        (row, {**labelled(kind, {c: row[c] for c in single}), **_dated(row)})
        for row in records.iter_rows(named=True)
    ]
    for column in (*single, "when"):
        values = [(row, said[column]) for row, said in told if column in said]
        if len({str(value) for _, value in values}) > 1:
            for number, (row, value) in enumerate(values):
                source, record = row["sources"][0], row["own_id"]
                yield Version(
                    column, source, value, as_of.get(source, ""), record, None, number == 0
                )


def _dated(row: Mapping[str, Any]) -> dict[str, str]:
    return {"when": said} if (said := when(row)) else {}


def rating_versions(snapshot: Snapshot, thing: str) -> Iterator[Version]:
    """The latest rating of a thing by each source, for each measure and group; the first of these
    is shown."""
    if RATINGS not in snapshot.series_names:
        return
    sources = snapshot.manifest["sources"]
    as_of = {facts["id"]: str(facts["as_of"]) for facts in sources}
    rank = ranks(sources)
    latest = (
        snapshot.series(RATINGS)
        .filter(pl.col("thing") == thing)
        .with_columns(rank=pl.col("source").replace_strict(rank, return_dtype=pl.Int64))
        .sort("measure", "group", "rank", "date", "value", nulls_last=True)
        .unique(["measure", "group", "source"], keep="last", maintain_order=True)
    )
    before = None
    for row in latest.iter_rows(named=True):
        attribute = ", ".join(part for part in (row["measure"], row["group"]) if part)
        source, first = row["source"], attribute != before
        yield Version(attribute, source, row["value"], as_of[source], thing, row["date"], first)
        before = attribute
