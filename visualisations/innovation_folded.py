"""The map of an innovation that thousands took up: one mark for each system, where half of its
adopters had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate
from .evidence import Card
from .layout import Box, Place
from .network_map import Plan, around_places, network_page
from .palette import KNOWLEDGE
from .statements import Evidence, edition_link
from .tables import Row
from .things import Thing, systems_of, things
from .wording import counted, of_day

__all__ = ["MOST_APART", "folded_page"]

MOST_APART = 400
"""So many adopters have a mark of their own; of more, their systems have."""

LEFT, WIDTH, TOP, STEP = 420.0, 640.0, 58.0, 18.0
MOST_TICKS = 4


@dataclass(frozen=True)
class _Fold:
    """The adopters of one system: how many, and by when the first, half and all had begun."""

    number: int
    first: str
    half: str
    last: str
    undated: int
    source: str
    survey: str


def folded_page(snapshot: Snapshot, code: str, statements: Sequence[Row], day: str) -> str:
    """The page of an innovation with more adopters than have marks of their own."""
    subjects = pl.Series("id", sorted({row["subject"] for row in statements}))
    system = dict(systems_of(snapshot, subjects).select("subject", "object").iter_rows())
    folds = _folds(statements, system)
    shown = things(snapshot, [*folds, code])
    own = shown.pop(code)
    places, lines, headings = _laid(shown, folds)
    world = around_places(places)
    box = Box(0.0, 0.0, LEFT + WIDTH + 60, max(world.y + world.height - 30, 320.0))
    nowhere = len(subjects) - sum(fold.number for fold in folds.values())
    return network_page(
        snapshot,
        Plan(
            name="innovation",
            heading=f"Who took up {own.name}, and when",
            reading=(
                *own.facts,
                "Each mark is a system, the larger the more of its organisations took it up. From "
                "left to right is time: it stands at the day by which half of them certainly had, "
                "and the line goes on to the last. From top to bottom are the regions.",
            ),
            absent=[
                "Recorded adoptions are not all that happened. A first month of a series says only "
                "by when it had begun.",
                f"{counted(len(subjects), 'adopter')} are folded into their systems, and no routes "
                "between them are searched.",
                *(
                    [f"{counted(nowhere, 'adopter')} in no known system: left out."]
                    if nowhere
                    else []
                ),
            ],
            things=shown,
            evidence=_evidence(snapshot, folds, own, shown),
            places=places,
            world=box,
            empty=f"No adoption of {own.name} is recorded in any system.",
            day=of_day(day),
            asked=f"Innovation: {own.name}",
            lines=lines,
            headings=headings,
            sides=dict.fromkeys(shown, "left"),
        ),
    )


def _folds(statements: Sequence[Row], system: Mapping[str, str]) -> dict[str, _Fold]:
    """The adoptions of each system, by its id; each adopter counts once, at its earliest."""
    days: dict[str, dict[str, str]] = {}
    stated: dict[str, Row] = {}
    for row in statements:
        where = system.get(row["subject"])
        if where is None:
            continue
        own = days.setdefault(where, {})
        day = row["start_latest"] or "9999"
        own[row["subject"]] = min(day, own.get(row["subject"], day))
        stated.setdefault(where, row)
    found = {}
    for where, own in sorted(days.items()):
        known = sorted(day for day in own.values() if day != "9999")
        first, half, last = (known[0], known[len(known) // 2], known[-1]) if known else ("",) * 3
        row = stated[where]
        found[where] = _Fold(
            len(own),
            first,
            half,
            last,
            len(own) - len(known),
            row["source"],
            row["knowledge_level"],
        )
    return found


def _evidence(
    snapshot: Snapshot, folds: Mapping[str, _Fold], own: Thing, shown: Mapping[str, Thing]
) -> Evidence:
    editions = {facts["id"]: facts for facts in snapshot.manifest.get("sources", ())}
    cards = []
    for where, fold in folds.items():
        level = KNOWLEDGE.get(fold.survey)
        cards.append(
            Card(
                id=f"fold-{where}", name=f"{counted(fold.number, 'adopter')} of {own.name}",
                kind=f"adopted {own.name}", description=_told(fold), badges=(), where="",
                when=f"half of them by {_plain(fold.half)}" if fold.half else "date not stated",
                earliest=fold.first, latest=fold.half, remark="",
                sources=(edition_link(editions.get(fold.source, {"id": fold.source})),),
                things=(where,), systems=(), placeless=False,
                facets={
                    "knowledge": (level.label,) if level else (),
                    "system": (shown[where].name,),
                    "region": (shown[where].region,) if shown[where].region else (),
                },
                knowledge=level.label if level else "",
            )
        )  # fmt: skip
    return Evidence([], cards, {fold.source for fold in folds.values()})


def _told(fold: _Fold) -> str:
    if not fold.first:
        return "None of them with a date."
    said = f"The first certainly by {_plain(fold.first)}, all by {_plain(fold.last)}."
    return f"{said} {counted(fold.undated, 'adopter')} without a date." if fold.undated else said


def _plain(day: str) -> str:
    return BoundedDate.parse(day).plain()


def _laid(
    shown: Mapping[str, Thing], folds: Mapping[str, _Fold]
) -> tuple[dict[str, Place], list[dict[str, float]], list[dict[str, Any]]]:
    days = sorted(day for fold in folds.values() for day in (fold.first, fold.last) if day)
    months = _months(days[0], days[-1]) if days else ["2000-01", "2000-02"]
    most = max((fold.number for fold in folds.values()), default=1)
    places: dict[str, Place] = {}
    lines: list[dict[str, float]] = []
    headings: list[dict[str, Any]] = []
    y = TOP
    for region in sorted({thing.region for thing in shown.values()}):
        headings.append(
            {
                "text": region or "No region known",
                "below": "",
                "x": 8.0,
                "y": y,
                "align": "left",
            }
        )
        for i in sorted(
            (i for i in shown if shown[i].region == region),
            key=lambda i: (folds[i].half or "9999", i),
        ):
            fold = folds[i]
            at = _x(fold.half, months) if fold.half else LEFT + WIDTH + 30
            places[i] = Place(at, y, round(4 + 7 * (fold.number / most) ** 0.5, 1))
            if fold.first:
                lines.append(
                    {
                        "x1": _x(fold.half, months),
                        "x2": _x(fold.last, months),
                        "y1": y,
                        "y2": y,
                        "strong": 1.0,
                    }
                )
            y += STEP
        y += 12
    for month in _ticks(months):
        x = _x(f"{month}-01", months)
        lines.append({"x1": x, "x2": x, "y1": TOP - 24, "y2": y})
        headings.append({"text": _plain(month), "below": "", "x": x, "y": 14.0, "align": "left"})
    return places, lines, headings


def _months(first: str, last: str) -> list[str]:
    start, stop = (12 * int(day[:4]) + int(day[5:7]) - 1 for day in (first, last))
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(start, stop + 2)]


def _ticks(months: Sequence[str]) -> list[str]:
    """A handful of months, evenly."""
    return list(months[:: max(1, -(-len(months) // MOST_TICKS))])


def _x(day: str, months: Sequence[str]) -> float:
    at = months.index(day[:7]) + (int(day[8:10] or 1) - 1) / 31
    return round(LEFT + WIDTH * at / max(1, len(months) - 1), 1)
