"""The map of systems: what was found, and where.

Position means something and never changes: systems lie where they lie in England, moved apart just
enough to be told apart; barriers and challenges stand on the left, innovations on the right, those
found in the most systems first. A line says that a source reports the one in the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from math import sqrt

from ..ontology.dates import read_day
from .layout import Box, Place, column, projected, pushed_apart
from .network import DrawnMark, DrawnTie, drawing, vis_network_script
from .page import Page, render
from .palette import KINDS
from .part import snapshot_in_words
from .payload import Item, Payload, Table, as_data
from .systems_evidence import Found, gather
from .systems_words import about, filters, headline, legend, notes, states, system_facts
from .tables import SnapshotTables
from .timeline import periods

__all__ = ["found_page", "systems_map"]

NAME = "systems"
HEADING = "What the reviews found, and where"
COUNTS = "in how many systems + findings that name none"
EMPTY = "Nothing is recorded in this snapshot, so there is nothing to draw."

TABLES = (
    Table("cards", "Findings", "cards", (
        ("name", "Finding"), ("kind", "What it is"), ("about", "About"), ("where", "Where"),
        ("when", "When"), ("evidence", "Evidence"), ("certainty", "Observed by the date"),
        ("source", "Source"),
    )),
    Table("ties", "Ties", "ties", (
        ("start", "System"), ("what", "What"), ("end", "Innovation or barrier"),
        ("cards", "Findings"), ("certainty", "Observed by the date"),
    )),
    Table("things", "Innovations and barriers", "items", (
        ("name", "Name"), ("what", "What it is"), ("ends", "Systems"), ("cards", "Findings"),
        ("placeless", "Findings that name no system"),
    ), ("left", "right")),
    Table("places", "Systems", "items", (
        ("name", "Name"), ("group", "Region"), ("state", "State"), ("cards", "Findings"),
        ("ends", "Innovations and barriers"),
    ), ("middle",)),
)  # fmt: skip

LISTS = {"Barrier": "left", "Innovation": "right"}

# The drawing in pixels at its natural size: names, marks, England, marks, names.
ROW, TOP = 18.0, 42.0
LEFT, RIGHT, WIDTH = 312.0, 856.0, 1168.0
MIDDLE_LEFT, MIDDLE_WIDTH = 360.0, 426.0
LEAST_ROWS, ZOOM_ROWS = 30, 3
GAP = 7.0


@dataclass(frozen=True)
class _Layout:
    """Where everything stands, and the rectangle that must be in view."""

    places: dict[str, Place]
    world: Box


def systems_map(snapshot: SnapshotTables, *, on: str | None = None) -> str:
    """The map of a snapshot as one HTML page that asks nothing of any network.

    `on` (ISO day) draws the systems that stood on that day and what may have been found by then;
    without it, the systems of the last day by which evidence was observed. The same snapshot gives
    the same bytes. `DateFault` if `on` is no day.

    >>> from icsgraph.visualisations.tables import Tables
    >>> "Nothing is recorded in this snapshot" in systems_map(Tables())
    True
    """
    found = gather(snapshot, None if on is None else read_day(on).isoformat())
    return found_page(snapshot, found, name=NAME, heading=HEADING)


def found_page(
    snapshot: SnapshotTables, found: Found, *, name: str, heading: str, asked: str = ""
) -> str:
    """The page of what was found, in all or in one part of it; `asked` says in which."""
    layout, drawn_from = _layout(found), snapshot_in_words(snapshot)
    payload = Payload(
        name=name,
        back_end="pyvis",
        items=_items(found),
        ties=found.ties,
        cards=found.cards,
        filters=filters(found),
        periods=periods(found.cards),
        lists={
            "left": KINDS["barrier"].plural,
            "middle": "Systems",
            "right": KINDS["innovation"].plural,
        },
        states=states(found.topic),
        drawing=_drawing(found, layout),
        tables=TABLES,
        about=about(found, drawn_from, asked),
    )
    return render(
        Page(
            title=f"{heading} · icsgraph",
            heading=heading,
            sentence=headline(found),
            search_label="Find a system, innovation or barrier",
            stage_label="Map of systems, barriers and innovations",
            legend=legend(found.topic),
            notes=notes(found, drawn_from, asked),
            payload=as_data(payload),
            empty="" if found.systems or found.things else EMPTY,
            library=vis_network_script(),
        )
    )


def _items(found: Found) -> list[Item]:
    """Systems, then things, in the order of their ids."""
    systems = [
        Item(
            id=i,
            kind="system",
            name=row["name"] or i,
            list="middle",
            what=KINDS["system"].label,
            lead=" · ".join(part for part in ("Integrated care system", row["region"]) if part),
            also=tuple(n for n in (row["name_before"], i.partition(":")[2]) if n),
            group=row["region"] or "",
            state=found.state(i),
            facts=system_facts(row, found),
        )
        for i, row in found.systems.items()
    ]
    return systems + [_thing(i, found) for i in sorted(found.things)]


def _thing(i: str, found: Found) -> Item:
    row = found.things[i]
    mark = KINDS[row["kind"].lower()]
    return Item(
        id=i,
        kind=row["kind"].lower(),
        name=row["name"] or i,
        list=LISTS[row["kind"]],
        what=mark.label,
        lead=mark.label,
        facts=(row["definition"],) if row["definition"] else (),
    )


def _layout(found: Found) -> _Layout:
    """Systems by longitude and latitude in the middle, a list on each side, all from the top
    down."""
    lists = {side: _ordered(found, kind) for kind, side in LISTS.items()}
    # below the left list stay some empty rows, where the page lays its zoom buttons
    height = ROW * max(LEAST_ROWS, len(lists["left"]) + ZOOM_ROWS, len(lists["right"]))
    findings = Counter(system for card in found.cards for system in card.systems)
    radii = {i: round(6 + 2.3 * sqrt(findings[i]), 1) for i in found.systems}
    points = {
        i: (row["lon"], row["lat"])
        for i, row in found.systems.items()
        if row["lon"] is not None and row["lat"] is not None
    }
    middle = Box(MIDDLE_LEFT, TOP + 12, MIDDLE_WIDTH, height - 24)
    unplaced = [i for i in found.systems if i not in points]
    places = {
        **column(lists["left"], LEFT, TOP, ROW, 6.5),
        **column(lists["right"], RIGHT, TOP, ROW, 5.5),
        # a system without a known place stands at the edge, not somewhere in England
        **column(unplaced, MIDDLE_LEFT, TOP, 2 * ROW, 8),
        **pushed_apart(projected(points, radii, middle), GAP),
    }
    return _Layout(places, Box(0, 0, WIDTH, TOP + height + 6))


def _ordered(found: Found, kind: str) -> list[str]:
    """The things of a kind: those found in the most systems first, then by name."""
    own = [(i, row) for i, row in found.things.items() if row["kind"] == kind]
    own.sort(
        key=lambda one: (-len(found.systems_of(one[0])), (one[1]["name"] or "").lower(), one[0])
    )
    return [i for i, _ in own]


def _drawing(found: Found, layout: _Layout) -> dict[str, object]:
    marks = [
        DrawnMark(
            id=item.id,
            kind=item.kind,
            name=item.name,
            place=layout.places[item.id],
            side="none" if item.list == "middle" else item.list,
        )
        for item in _items(found)
    ]
    lines = [DrawnTie(tie.id, tie.start, tie.end, tie.knowledge) for tie in found.ties]
    headings = [
        _heading(KINDS["barrier"].plural, COUNTS, LEFT + 6, "right"),
        _heading("Systems, where they lie", "larger: more findings", (LEFT + RIGHT) / 2, "center"),
        _heading(KINDS["innovation"].plural, COUNTS, RIGHT - 6, "left"),
    ]
    middle = asdict(Box(LEFT + 10, 0, RIGHT - LEFT - 18, layout.world.height))
    return {**drawing(marks, lines, layout.world), "headings": headings, "middle": middle}


def _heading(text: str, below: str, x: float, align: str) -> dict[str, object]:
    return {"text": text, "below": below, "x": x, "y": 12, "align": align}
