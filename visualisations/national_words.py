"""The words of the national map: headline, key, filters, and what is and is not on it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.relationships import relationship_kind
from .licences import licences
from .national_data import NO_KIND, National
from .national_groups import NOWHERE
from .national_ties import KINDS
from .page import LegendEntry, LegendShape, Note
from .palette import KNOWLEDGE
from .payload import Filter, Option, Period
from .wording import counted

__all__ = ["LEGEND", "filters", "headline", "kind_words", "notes", "periods"]

LEGEND: tuple[LegendEntry, ...] = (
    LegendEntry("Region, opened", (LegendShape("circle", "hollow", 8),)),
    LegendEntry("System: larger, more in it", (LegendShape("circle", "fill-system", 7),)),
    LegendEntry("Local authority in a system", (LegendShape("circle", "fill-area", 6),)),
    LegendEntry("Organisation", (LegendShape("square", "fill-organisation", 5),)),
    LegendEntry(
        "Pale: possible on that day", (LegendShape("square", "fill-organisation-possible", 5),)
    ),
    LegendEntry("Ties, the heaviest four of each", (LegendShape("line", "national-tie"),)),
    LegendEntry("Bars: certainly there that day", (LegendShape("square", "fill-bar-certain", 5),)),
    LegendEntry("Bars: possibly there that day", (LegendShape("square", "fill-bar-possible", 5),)),
    LegendEntry(
        "Chosen, and what it is tied to",
        (LegendShape("circle", "fill-system", 4.5), LegendShape("circle", "ring", 8)),
    ),
)

FIRST_YEAR = 2020
_QUARTERS = ((3, 31), (6, 30), (9, 30), (12, 31))
_CERTAINTY = (Option("certain", "Certain only"), Option("possible", "Possible only"))


def kind_words(kind: str) -> str:
    """A kind of relationship as the head of a sentence: "Is a member of"."""
    label = relationship_kind(kind).label
    return label[:1].upper() + label[1:]


def headline(found: National) -> str:
    """How much there is and of when, in one sentence."""
    systems = [g for g in found.groups if g.level == "system" and not g.id.startswith(NOWHERE)]
    sites = found.sites.height
    parts = [
        counted(found.bodies.height, "organisation"),
        counted(sites, "location") + " folded into them" if sites else "",
        f"{counted(len(systems), 'system')} of {BoundedDate.parse(found.day).plain()}",
        counted(found.ties.height, "statement") + " of ties",
        counted(len(found.editions), "source"),
    ]
    return " · ".join(part for part in parts if part)


def filters(found: National) -> list[Filter]:
    """The filters that have something to choose. Options are named by their place in the columns
    of the page."""
    regions = [(i, g) for i, g in enumerate(found.groups) if g.level == "region"]
    systems = [(i, g) for i, g in enumerate(found.groups) if g.level == "system"]
    facets = [
        Filter("region", "Region", "All regions", _named((str(i), g.name) for i, g in regions)),
        Filter("system", "System", "All systems", _named((str(i), g.name) for i, g in systems)),
        Filter(
            "type", "Kind of organisation", "All kinds of organisation", _listed(found, "types")
        ),
        Filter(
            "rating", "Rating of a location", "Any rating", _listed(found, "ratings"), more=True
        ),
        Filter("tie", "Kind of tie", "All kinds of tie", _tie_kinds(found)),
        Filter(
            "knowledge", "How a tie is known", "Ties known in any way", _levels(found), more=True
        ),
        Filter("certainty", "Certainty", "Certain and possible", _CERTAINTY, more=True),
    ]
    return [one for one in facets if one.options]


def _named(pairs: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(value, label) for value, label in sorted(pairs, key=lambda pair: pair[1]))


def _listed(found: National, column: str) -> tuple[Option, ...]:
    words = enumerate(found.columns[column])
    return _named((str(i), word) for i, word in words if word and (i or word == NO_KIND))


def _tie_kinds(found: National) -> tuple[Option, ...]:
    used = set(found.ties["kind"].unique().to_list())
    return tuple(Option(str(i), kind_words(kind)) for i, kind in enumerate(KINDS) if kind in used)


def _levels(found: National) -> tuple[Option, ...]:
    used = set(found.ties["knowledge_level"].unique().to_list())
    return tuple(Option(str(i), KNOWLEDGE[k].label) for i, k in enumerate(KNOWLEDGE) if k in used)


def periods(day: str) -> list[Period]:
    """One period a quarter from 2020 to the day, and a last one that stands for all dates."""
    found = [
        Period(
            f"{year}-{month - 2:02d}-01",
            f"{year}-{month:02d}-{last}",
            str(year) if month == 6 else "",
        )
        for year in range(FIRST_YEAR, int(day[:4]) + 1)
        for month, last in _QUARTERS
    ]
    known = [period for period in found if period.first <= day]
    return [*known, Period("", day, "")] if known else []


def notes(found: National, drawn_from: str) -> list[Note]:
    """The panel before anything is chosen: how to read the map, and what is not on it."""
    day = BoundedDate.parse(found.day).plain()
    return [
        Note("What this map shows", _reading(day)),
        Note("What is not here", tuple(_absent(found))),
        Note(
            "Drawn from",
            (f"{drawn_from}, systems as on {day}.", *licences(found.editions)),
        ),
    ]


def _reading(day: str) -> tuple[str, ...]:
    return (
        "Regions hold systems, systems hold local authorities, and those hold organisations. "
        "Choose a circle or come nearer, and it opens.",
        f"An organisation stands where most of its locations are, in the systems of {day}. Circles "
        "lie towards one another as their places do in England; their sizes tell how many "
        "organisations they hold, not how many miles.",
        "A line gathers all ties between what its two ends hold; of each circle the heaviest four "
        "are drawn. Choose anything to see all of its ties, each with its sources.",
    )


def _absent(found: National) -> Iterable[str]:
    """One sentence for each thing left out or not known; silent where there is none."""
    nowhere = found.bodies.filter(pl.col("system").is_null()).height
    unknown = found.bodies.filter(
        pl.col("system").is_not_null() & pl.col("authority").is_null()
    ).height
    if nowhere:
        bodies = counted(nowhere, "organisation")
        yield f"{bodies} that no source places: on the left, beside England."
    if unknown:
        yield f"{counted(unknown, 'organisation')} with a system, but no local authority known."
    undated = found.bodies.filter(
        pl.all_horizontal(pl.col(b).is_null() for b in ("start_latest", "end_earliest"))
    ).height
    if undated:
        yield f"{counted(undated, 'organisation')} without a date: possible on every day."
    yield "Accounts that only prescriptions are charged to are left out."
    yield (
        "A general practice may stand here twice: as the practice of the NHS registers, and as the "
        "provider registered with the Care Quality Commission. No register ties the two."
    )
    yield "A register of one day says nothing of the next: on other days what it lists is possible."
