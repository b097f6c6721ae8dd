"""A map of any part of the graph on the shell: things in fixed places, and the statements between
them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..graph.snapshot import Snapshot
from .layout import Box, Place
from .licences import licences
from .network import DrawnMark, DrawnTie, drawing, vis_network_script
from .network_words import WORDS, filters, headline, legend, tables
from .page import Note, Page, render
from .part import snapshot_in_words
from .payload import Item, Payload, Period, Tie, as_data
from .statements import Evidence
from .tables import Row
from .things import Thing
from .timeline import periods

__all__ = ["MOST_MARKS", "Plan", "around_places", "largest", "network_page", "thinned"]

MOST_MARKS = 1500
"""Marks that one map draws: more cannot be told apart, and the browser grows slow."""

MOST_STATEMENTS = 1500
"""Statements that are drawn between things which many tie: more hide one another, and the file of
England's densest thing would be larger than two million bytes."""

MARGIN = 46.0

DERIVED = ("relation", "knowledge", "sector", "system", "region", "barrier")
"""What the script knows of a statement from its kind and its ends, so that the file need not say
it."""


@dataclass(frozen=True)
class Plan:
    """What a map of this kind is to show, and where.

    `reading` says how to read it, `absent` what is not on it, a sentence each. `places` has a place
    for every thing; `parents` the group of a thing that stands in one, `open_groups` those whose
    members are drawn at first. `world` is what must be in view, if more than the places. `widths`
    are of ties that are not drawn by their knowledge level.
    """

    name: str
    heading: str
    reading: Sequence[str]
    absent: Sequence[str]
    things: Mapping[str, Thing]
    evidence: Evidence
    places: Mapping[str, Place]
    empty: str
    world: Box | None = None
    day: str = ""
    asked: str = ""
    curve: str = "straight"
    parents: Mapping[str, str] = field(default_factory=dict)
    open_groups: Sequence[str] = ()
    widths: Mapping[str, float] = field(default_factory=dict)
    lines: Sequence[Mapping[str, float]] = ()
    headings: Sequence[Mapping[str, Any]] = ()
    tie_kind: str = ""
    sides: Mapping[str, str] = field(default_factory=dict)


def network_page(snapshot: Snapshot, plan: Plan) -> str:
    """The page of a plan: the same bytes for the same snapshot and plan."""
    ids = {*plan.evidence.editions, *(e for t in plan.things.values() for e in t.editions)}
    listed = snapshot.manifest.get("sources", ())
    editions = sorted((f for f in listed if f["id"] in ids), key=lambda facts: str(facts["id"]))
    drawn_from = f"{snapshot_in_words(snapshot)}{plan.day and f', {plan.day}'}."
    about = [*([plan.asked] if plan.asked else []), drawn_from, *licences(editions)]
    payload = Payload(
        name=plan.name,
        back_end="pyvis",
        items=_items(plan),
        ties=plan.evidence.ties,
        cards=plan.evidence.cards,
        filters=filters(plan.evidence.cards),
        periods=_periods(plan),
        lists={},
        states={},
        drawing=_drawing(plan),
        words=WORDS,
        tables=tables(bool(plan.parents)),
        about=about,
        open_groups=tuple(sorted(plan.open_groups)),
        derived=DERIVED,
    )
    notes = [
        Note("What this map shows", tuple(plan.reading)),
        Note("What is not here", tuple(plan.absent) or ("What no source here records.",)),
        Note("Drawn from", tuple(about)),
    ]
    return render(
        Page(
            title=f"{plan.heading} · icsgraph",
            heading=plan.heading,
            sentence=headline(plan.things.values(), plan.evidence, plan.day),
            search_label="Find by name, code or former name",
            stage_label=f"Map: {plan.heading}",
            legend=legend(plan.things.values(), plan.evidence.ties, bool(plan.parents)),
            notes=notes,
            payload=as_data(payload),
            empty="" if plan.things else plan.empty,
            library=vis_network_script(),
            time_label="When it began or was observed",
        )
    )


def _periods(plan: Plan) -> list[Period]:
    """The bars of the time strip; none where all that is dated lies in one of them."""
    found = periods(plan.evidence.cards)
    return found if len(found) > 2 else []


def _items(plan: Plan) -> list[Item]:
    return [
        Item(
            id=thing.id,
            kind=thing.kind,
            name=thing.name,
            list="middle",
            what=thing.what,
            lead=thing.lead,
            also=thing.also,
            group=thing.region,
            system=thing.system,
            facts=thing.facts,
            details=thing.details,
            parent=plan.parents.get(thing.id, ""),
        )
        for thing in plan.things.values()
    ]


def _drawing(plan: Plan) -> dict[str, Any]:
    groups = set(plan.parents.values())
    marks = [
        DrawnMark(
            thing.id,
            thing.kind,
            thing.name,
            _mark(plan, thing.id, groups),
            plan.sides.get(thing.id, "none"),
        )
        for thing in plan.things.values()
    ]
    lines = [_line(plan, tie) for tie in plan.evidence.ties]
    rings = [
        {"id": i, "label": plan.things[i].name, **vars(plan.places[i])} for i in sorted(groups)
    ]
    return {
        **drawing(marks, lines, plan.world or around_places(plan.places), plan.curve),
        "headings": list(plan.headings),
        "lines": list(plan.lines),
        "rings": rings,
        "free": True,
        "tieKind": plan.tie_kind,
    }


def _mark(plan: Plan, i: str, groups: set[str]) -> Place:
    """A closed group is a mark as large as a third of its ring, within what a mark may be."""
    place = plan.places[i]
    if i not in groups:
        return place
    return Place(place.x, place.y, round(max(9.0, min(30.0, place.radius / 3)), 1))


def _line(plan: Plan, tie: Tie) -> DrawnTie:
    width = plan.widths.get(tie.id)
    return DrawnTie(tie.id, tie.start, tie.end, tie.knowledge, width, tie.directed)


def around_places(places: Mapping[str, Place]) -> Box:
    """The rectangle that holds these places, with a margin; a small one where there are none.

    >>> around_places({"a": Place(0, 0, 5)})
    Box(x=-51.0, y=-51.0, width=102.0, height=102.0)
    """
    if not places:
        return Box(0, 0, 400, 300)
    left = min(p.x - p.radius for p in places.values()) - MARGIN
    top = min(p.y - p.radius for p in places.values()) - MARGIN
    right = max(p.x + p.radius for p in places.values()) + MARGIN
    bottom = max(p.y + p.radius for p in places.values()) + MARGIN
    return Box(round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1))


def largest(
    ids: Sequence[str], degrees: Counter[str], keep: Sequence[str] = (), most: int = MOST_MARKS
) -> tuple[list[str], int]:
    """As many of these ids as a map can draw, those with the most ties first, and how many are left
    out; `keep` are drawn in any case.

    >>> largest(["a", "b", "c"], Counter({"c": 2, "b": 1}), keep=["a"], most=2)
    (['a', 'c'], 1)
    """
    rest = sorted(set(ids) - set(keep), key=lambda i: (-degrees[i], i))
    room = max(0, most - len(set(keep)))
    kept = sorted({*keep, *rest[:room]})
    return kept, max(0, len(rest) - room)


def thinned(stated: Sequence[Row], parents: Mapping[str, str]) -> list[Row]:
    """As many statements as can be drawn: first those by which a thing was reached (`parents`: the
    thing that each hangs on), and of those about pathways the larger."""

    def rank(at: int) -> tuple[bool, int, int]:
        row = stated[at]
        ends = (row["subject"], row["object"])
        reached = parents.get(ends[0]) == ends[1] or parents.get(ends[1]) == ends[0]
        return not reached, -(row.get("count") or 0), at

    kept = sorted(range(len(stated)), key=rank)[:MOST_STATEMENTS]
    return [stated[at] for at in sorted(kept)]
