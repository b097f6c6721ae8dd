"""The map of one innovation: who took it up, when, where, and who could have told whom.

From left to right is time, from top to bottom are the regions. An adopter stands at the day by
which it had certainly adopted; those without a date stand apart, on the right. A dotted line says
that a recorded route of ties led from an earlier adopter in time, and no more: that word went along
it the records do not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import read_day
from ..queries.resolve import resolve
from .evidence import Card
from .innovation_folded import MOST_APART, folded_page
from .innovation_routes import Routes, routes
from .layout import Box, Place
from .network_map import Plan, network_page
from .payload import Tie
from .statements import Evidence, evidence_of
from .tables import Row
from .things import Thing, things
from .wording import counted, of_day

__all__ = ["innovation_map"]

MOST_SEARCHED = 300
"""Adopters of which routes are searched; of more, too many lead to each."""

MOST_NAMED = 120
"""Adopters that are all named; of more, those for whose names there is room."""

LETTER = 6.6
LEFT, WIDTH, APART = 215.0, 760.0, 110.0
STEP, TOP, EDGE = 17.0, 58.0, 16.0
RADIUS = 6.5
NO_REGION = "No region known"


@dataclass(frozen=True)
class _Adopted:
    """The statements of adoption drawn, by adopter, and what is not drawn."""

    rows: Mapping[str, Sequence[Row]]
    later: int


def innovation_map(snapshot: Snapshot, innovation: str, *, on: str | None = None) -> str:
    """The map of one innovation, by its name or the last part of its id. `on` (ISO day) leaves out
    what was surely taken up later. `UnknownName` with the nearest if there is no such innovation.

    >>> import icsgraph
    >>> html = innovation_map(icsgraph.open().snapshot, "Oximetry at home")
    >>> "Who took up Oximetry at home, and when" in html
    True
    """
    day = "" if on is None else read_day(on).isoformat()
    code = resolve(snapshot, innovation, ["Innovation"])
    adopted = _adopted(snapshot, code, day)
    if len(adopted.rows) > MOST_APART:
        return folded_page(snapshot, code, [r for own in adopted.rows.values() for r in own], day)
    shown = things(snapshot, [*adopted.rows, code])
    own = shown.pop(code)
    statements = [row for rows in adopted.rows.values() for row in rows]
    told = evidence_of(snapshot, statements, {**shown, code: own})
    cards = [_of_adopter(card, own.name) for card in told.cards]
    ways = routes(snapshot, statements) if len(shown) <= MOST_SEARCHED else Routes()
    ties, more = _route_ties(ways, shown, len(cards))
    places, lines, headings, world = _laid(shown, adopted.rows)
    return network_page(
        snapshot,
        Plan(
            name="innovation",
            heading=f"Who took up {own.name}, and when",
            reading=(*own.facts, *_READING),
            absent=_absent(adopted, shown, ways),
            things=shown,
            evidence=Evidence(ties, [*cards, *more], {*told.editions, *ways.editions}),
            places=places,
            world=world,
            empty=f"No adoption of {own.name} is recorded{on and ' by this day' or ''}.",
            day=of_day(day),
            asked=f"Innovation: {own.name}",
            curve="arc",
            lines=lines,
            headings=headings,
            sides=dict.fromkeys(shown, "right") if len(shown) <= MOST_NAMED else {},
        ),
    )


_READING = (
    "From left to right is time: an adopter stands at the day by which it had certainly taken it "
    "up, the line before it goes back to the first day on which it may have. From top to bottom "
    "are the regions.",
    "A dotted line leads from an earlier adopter to a later one if a recorded route of ties led "
    "there in time. That is all it says: not that word went along it.",
)


def _adopted(snapshot: Snapshot, code: str, day: str) -> _Adopted:
    table = snapshot.relationships("ADOPTED").filter(pl.col("object") == code)
    begun = pl.col("start_earliest").is_null() | (pl.col("start_earliest") <= day)
    held = table.filter(begun) if day else table
    held = held.sort("start_latest", "subject", "id", nulls_last=True)
    rows: dict[str, list[Row]] = {}
    for row in held.iter_rows(named=True):
        rows.setdefault(row["subject"], []).append(row)
    return _Adopted(rows, table.height - held.height)


def _of_adopter(card: Card, innovation: str) -> Card:
    """A statement of adoption as a card of the adopter alone: the innovation is the whole map."""
    return replace(card, kind=f"adopted {innovation}", things=card.things[:1])


def _route_ties(
    ways: Routes, shown: Mapping[str, Thing], before: int
) -> tuple[list[Tie], list[Card]]:
    ties, cards = [], []
    for number, way in enumerate(ways.found):
        if way.source not in shown or way.adopter not in shown:
            continue
        card = ways.card(f"w{before + number}", way, shown)
        what = "had adopted, and had a recorded route to"
        ties.append(
            Tie(f"t{number}", way.source, way.adopter, what, "", "inference", (card.id,), True)
        )
        cards.append(card)
    return ties, cards


def _laid(
    shown: Mapping[str, Thing], rows: Mapping[str, Sequence[Row]]
) -> tuple[dict[str, Place], list[dict[str, float]], list[dict[str, Any]], Box]:
    """Places, the lines of the axes, their words, and what must be in view."""
    when = {i: _day_of(own) for i, own in rows.items() if i in shown}
    known = sorted(day for day in when.values() if day)
    years = range(int(known[0][:4]), int(known[-1][:4]) + 2) if known else range(0)
    places: dict[str, Place] = {}
    headings: list[dict[str, Any]] = []
    lines: list[dict[str, float]] = []
    y = TOP
    for region in sorted({thing.region or NO_REGION for thing in shown.values()}):
        own = [i for i, thing in shown.items() if (thing.region or NO_REGION) == region]
        names = {i: shown[i].name for i in own}
        rows_used = _row(own, when, names, years, y, places)
        headings.append(_words(region, counted(len(own), "adopter"), LEFT - 24, y + 4, "right"))
        y += STEP * max(3, rows_used) + 18
        lines.append({"x1": 0.0, "y1": y - EDGE, "x2": LEFT + WIDTH + APART + 200, "y2": y - EDGE})
    for i, (first, last) in _spans(rows, shown).items():
        line = {"x1": max(LEFT, _x(first, years)), "x2": _x(last, years)}
        lines.append({**line, "y1": places[i].y, "y2": places[i].y, "strong": 1.0})
    for year in years:
        x = _x(f"{year}-01-01", years)
        lines.append({"x1": x, "y1": TOP - 20, "x2": x, "y2": y - EDGE})
        headings.append(_words(str(year), "", x, 16.0, "left"))
    if any(not when[i] for i in when):
        headings.append(_words("No date stated", "", LEFT + WIDTH + APART, 16.0, "left"))
    return places, lines, headings, Box(0.0, 0.0, LEFT + WIDTH + APART + 220, max(y, 300.0))


def _row(
    own: Sequence[str],
    when: Mapping[str, str],
    names: Mapping[str, str],
    years: range,
    y: float,
    places: dict[str, Place],
) -> int:
    """Lay the adopters of one region in as many rows as it takes that none lies on another."""
    ends: list[float] = []
    named = len(when) <= MOST_NAMED
    for i in sorted(own, key=lambda i: (when[i] or "9999", i)):
        x = _x(when[i], years) if when[i] else LEFT + WIDTH + APART
        at = next((n for n, end in enumerate(ends) if end <= x), len(ends))
        room = 16 + LETTER * min(len(names[i]), 44) if named else 3.0
        ends[at : at + 1] = [x + 2 * RADIUS + room]
        places[i] = Place(x, round(y + STEP * at, 1), RADIUS)
    return len(ends)


def _x(day: str, years: range) -> float:
    first = date(years.start, 1, 1).toordinal()
    span = max(1, date(years.stop, 1, 1).toordinal() - first)
    share = (date.fromisoformat(day).toordinal() - first) / span
    return round(LEFT + WIDTH * share, 1)


def _day_of(rows: Sequence[Row]) -> str:
    """The day by which it had surely adopted, else the first on which it may have."""
    sure = [row["start_latest"] for row in rows if row["start_latest"]]
    may = [row["start_earliest"] for row in rows if row["start_earliest"]]
    return min(sure) if sure else min(may) if may else ""


def _spans(
    rows: Mapping[str, Sequence[Row]], shown: Mapping[str, Thing]
) -> dict[str, tuple[str, str]]:
    """From when to when each adopter may have begun, where that is more than a day."""
    found = {}
    for i, own in rows.items():
        last = _day_of(own)
        may = [row["start_earliest"] for row in own if row["start_earliest"]]
        if i in shown and may and min(may) < last:
            found[i] = (min(may), last)
    return found


def _words(text: str, below: str, x: float, y: float, align: str) -> dict[str, Any]:
    return {"text": text, "below": below, "x": x, "y": y, "align": align}


def _absent(adopted: _Adopted, shown: Mapping[str, Thing], ways: Routes) -> list[str]:
    said = ["Recorded adoptions are not all that happened."]
    if adopted.later:
        said.append(f"{counted(adopted.later, 'adoption')} after this day: left out.")
    if len(shown) > MOST_SEARCHED:
        said.append(f"Routes between more than {MOST_SEARCHED} adopters: not searched.")
    elif ways.undated:
        what = counted(ways.undated, "tie")
        said.append(f"{what} of the graph without any date: part of no recorded route.")
    return said
