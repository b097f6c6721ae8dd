"""Who works in a system, as the report on it says: boards, trusts and networks by name, the rest
by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from ..ontology.vocabularies import plain
from ..queries.places import IN_A_SYSTEM, members
from .report_evidence import Evidence
from .report_page import Block, Names, Table, Text, said
from .report_words import day_words, nothing, quiet, sentence
from .wording import counted

__all__ = ["Bodies", "bodies", "who_works_here"]

NAMED = (
    ("Integrated care boards and their parts", ("icb", "icb-cluster", "sub-icb-location", "ccg")),
    ("NHS trusts", ("nhs-trust",)),
    ("Local authorities", ("council",)),
    ("Primary care networks", ("pcn",)),
)
"""What is listed by name, and the types that are meant (narrower types included)."""

ORDER = tuple(i for _, types in NAMED for i in types)
NO_TYPE = "Type not stated"
FEW = 12
"""Of other organisations, so many are listed by name at most."""


@dataclass(frozen=True)
class Bodies:
    """The organisations of a system on a day, what they took up (thing, how many, editions), and
    what is not known of them."""

    rows: pl.DataFrame
    day: str
    editions: tuple[str, ...]
    adopted: Sequence[tuple[str, int, Sequence[str]]]
    unknown: Sequence[Text]


def bodies(known: Evidence, system: str) -> Bodies:
    """The organisations of a system on the report's day, or on the last day that it stood."""
    row = known.systems[system]
    last = row["end_earliest"] if row["end_latest"] else None
    day = known.day
    if last and last <= day:
        day = _before(last)
    found = members(known.whole, {"system": system, "on": day, "type": ""}) if day else None
    if found is None or found.is_empty():
        return Bodies(pl.DataFrame(), day, (), (), ())
    types = known.whole.nodes("Organisation").select("id", "org_types")
    rows = found.join(types, on="id", how="left", maintain_order="left")
    return Bodies(rows, day, _editions(known, rows), _adopted(known, rows), list(_unknown(rows)))


def _editions(known: Evidence, rows: pl.DataFrame) -> tuple[str, ...]:
    """The editions that put the organisations where they are."""
    ids = rows["id"].implode()
    told = (known.whole.relationships(kind) for kind in (*IN_A_SYSTEM, "OPERATES"))
    named = pl.concat([table.filter(pl.col("subject").is_in(ids))["source"] for table in told])
    return tuple(named.unique().sort())


def _before(day: str) -> str:
    from datetime import date, timedelta

    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _adopted(known: Evidence, rows: pl.DataFrame) -> list[tuple[str, int, Sequence[str]]]:
    ids = set(rows["id"])
    told = [s for s in known.adopted if s.body in ids]
    numbers = Counter(thing for thing, _ in {(s.thing, s.body) for s in told})
    sources = {thing: {s.source for s in told if s.thing == thing} for thing in numbers}
    return [
        (thing, numbers[thing], sorted(sources[thing]))
        for thing in sorted(numbers, key=lambda i: (known.thing(i).lower(), i))
    ]


def _unknown(rows: pl.DataFrame) -> Iterator[Text]:
    possible = rows.filter(pl.col("certainty") == "POSSIBLE").height
    if possible:
        yield said(
            f"{possible:,} of the {counted(rows.height, 'organisation')} may have worked here on "
            "the day: their registers say what held on an earlier day, and not for how long."
        )


def who_works_here(known: Evidence, found: Bodies) -> Iterator[Block]:
    """The part of the report on who works in the system."""
    if found.rows.is_empty():
        yield nothing("organisation that works in this system is")
        return
    notes = known.of_editions(found.editions)
    yield sentence(
        f"On {day_words(found.day)}, {counted(found.rows.height, 'organisation')} on record worked "
        "here: those that a register puts here or that serve the place, members of the "
        "commissioners, and those that run a location here.",
        *notes,
    )
    yield _by_type(found.rows)
    for heading, types in NAMED:
        yield from _named(heading, found.rows, types)
    rest = found.rows.filter(~_of(ORDER))
    if rest.height <= FEW:
        yield from _names("Other organisations", rest)
    else:
        yield quiet(f"The other {rest.height:,} are counted above and not listed by name.")


def _of(types: Sequence[str]) -> pl.Expr:
    inside = pl.col("org_types").list.set_intersection(list(types)).list.len() > 0
    return (inside | pl.col("type").is_in(list(types))).fill_null(False)


def _by_type(rows: pl.DataFrame) -> Table:
    each = rows.group_by("type").agg(
        pl.len().alias("all"),
        pl.col("locations").sum(),
        pl.col("last_seen").max(),
    )
    lines = [
        (plain("organisation-type", kind) or NO_TYPE, number, locations, seen)
        for kind, number, locations, seen in each.iter_rows()
    ]
    lines.sort(key=lambda row: (row[0] == NO_TYPE, row[0].lower()))
    return Table(
        "Organisations by type",
        ("Type", "Organisations", "Locations run here", "Newest source that says so"),
        [
            (said(name), said(f"{number:,}"), said(f"{locations:,}"), said(day_words(seen or "")))
            for name, number, locations, seen in lines
        ],
        numbers=frozenset({1, 2}),
    )


def _named(heading: str, rows: pl.DataFrame, types: Sequence[str]) -> Iterator[Block]:
    yield from _names(heading, rows.filter(_of(types)))


def _names(heading: str, rows: pl.DataFrame) -> Iterator[Block]:
    if rows.height:
        names = sorted(
            ((name or i, i) for name, i in rows.select("organisation", "id").iter_rows()),
            key=lambda one: (one[0].lower(), one[1]),
        )
        yield Names(f"{heading}: {rows.height:,}", [said(name) for name, _ in names])
