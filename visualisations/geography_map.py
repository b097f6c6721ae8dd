"""Systems on a map of England: by their outlines, or as tiles of equal area.

Areas are shaded in classes by a number for each system; what is not known is hatched, never shown
as zero. Or flows between systems are drawn as arcs, thicker for more. Each area, or each arc, is a
link to its row of the table, with its name and number: so the keyboard reaches all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from ..ontology.dates import BoundedDate
from .chart_frame import line_of_text, number
from .chart_page import anchor, shown
from .chart_parts import Asks, Body, Column, Picture
from .chart_systems import OF, between
from .chart_text import printable, text_width, wrapped
from .geography import Outline, Point, outlines, tiles
from .geography_names import backing, name_beside, name_on
from .geography_values import Values, found_values, question_values, standing
from .layout import Box
from .matrix import PLACES, classes
from .palette import INKS, LINES, MISSING, SEQUENCE, SURFACES, tones
from .tables import Row
from .wording import counted

__all__ = ["shaded", "systems_area", "systems_tiles"]

WIDTH, HEIGHT = 900.0, 672.0
ENGLAND = Box(180, 6, 580, 660)
CAPITAL = Box(690, 60, 200, 190)
"""Where London stands again, larger: its systems are too small to be chosen among the others."""

BESIDE = Box(CAPITAL.x, 0, WIDTH - CAPITAL.x, HEIGHT)
SIDE = 170.0
TILE = (100.0, 70.0)
TILE_SIZES = (10.0, 9.0, 8.0)
ARCS = 40
LONDON = "London"

Drawn = Mapping[str, Outline]


@dataclass(frozen=True)
class _Ground:
    """Where systems are drawn: their outlines, those of an inset, and the size of the drawing."""

    areas: Drawn
    inset: Drawn
    width: float
    height: float
    tiles: bool = False


def systems_area(graph: Asks, on: str, **choices: Any) -> Picture:
    """Systems by their outlines; the choices are those of `systems_tiles`."""
    return _map(graph, on, "systems-area", **choices)


def systems_tiles(graph: Asks, on: str, **choices: Any) -> Picture:
    """Systems as tiles of equal area, where they lie in England as nearly as tiles can.

    `question` with `column` and `param` (name=value, several) shades them by an answer; `flows`
    (one of `OF`) draws arcs; without either they are shaded by how many findings name them.
    """
    return _map(graph, on, "systems-tiles", **choices)


def _map(
    graph: Asks,
    on: str,
    name: str,
    question: str = "",
    column: str = "",
    param: Sequence[str] = (),
    flows: str = "",
) -> Picture:
    if flows:
        return _flows(graph, on, name, flows)
    if question:
        values = question_values(graph, on, question, column, param)
    else:
        values = found_values(graph.snapshot, on)
    return shaded(values, name)


def shaded(values: Values, name: str) -> Picture:
    """Systems shaded by a number for each, by their outlines or as tiles as `name` says."""
    rows = _rows(values)
    ground = _ground(values.systems, name)
    how = sum(1 for value in values.numbers.values() if value is not None)
    return Picture(
        name=name,
        title=values.title,
        sentence=f"{values.what} by system: known of {how} of "
        f"{counted(len(values.systems), 'system')}.",
        rows=rows,
        columns={
            "system": Column("System"),
            "region": Column("Region"),
            "value": Column(values.what, share=values.share),
            "rows": Column("Rows counted"),
            **({"state": Column("State")} if any(values.states.values()) else {}),
        },
        told=values.told,
        drawing=None if values.reason or not ground.areas else _choropleth(values, ground),
        empty=values.reason or NO_PLACE[name],
        key="id",
    )


NO_PLACE = {
    "systems-area": "No boundary of a system is held, so they cannot be drawn where they lie. Add "
    "the boundaries as a source, or draw systems-tiles.",
    "systems-tiles": "No system is recorded, so there is nothing to draw.",
}


def _rows(values: Values) -> pl.DataFrame:
    lines = [
        {
            "system": _name(row, i),
            "region": row["region"],
            "value": values.numbers[i],
            "rows": values.rows_of[i],
            "state": values.states[i],
            "id": i,
        }
        for i, row in values.systems.items()
    ]
    whole = all(v is None or float(v).is_integer() for v in values.numbers.values())
    schema = {"system": pl.String, "region": pl.String, "value": pl.Float64, "rows": pl.Int64}
    frame = pl.DataFrame(lines, schema={**schema, "state": pl.String, "id": pl.String})
    kind = pl.Int64 if whole and not values.share else pl.Float64
    return frame.with_columns(pl.col("value").cast(kind)).sort("system", "id")


def _name(row: Row, i: str) -> str:
    """The name of a system; its id, if it has none that can be read."""
    return printable(row["name"] or "").strip() or i


# --- where systems are drawn ----------------------------------------------------------------------


def _ground(systems: Mapping[str, Row], name: str) -> _Ground:
    if name == "systems-tiles":
        return _tiled(systems)
    bounded = {i: str(row["boundary"]) for i, row in systems.items() if row["boundary"]}
    capital = [i for i, row in systems.items() if row["region"] == LONDON]
    inset = outlines(bounded, CAPITAL, capital) if set(capital) & set(bounded) else {}
    return _Ground(outlines(bounded, ENGLAND), inset, WIDTH, HEIGHT)


def _tiled(systems: Mapping[str, Row]) -> _Ground:
    wide, high = TILE
    placed = tiles({i: (row["lon"], row["lat"]) for i, row in systems.items()})
    columns = 1 + max((x for x, _ in placed.values()), default=0)
    lines = 1 + max((y for _, y in placed.values()), default=0)
    areas = {}
    for i, (x, y) in placed.items():
        box = Box(SIDE + x * wide + 1.5, 8 + y * high + 1.5, wide - 3, high - 3)
        path = f"M{box.x:g} {box.y:g}h{box.width:g}v{box.height:g}h-{box.width:g}z"
        middle = (box.x + box.width / 2, box.y + box.height / 2)
        areas[i] = Outline(path, box, middle, box.width - 8)
    return _Ground(areas, {}, SIDE + columns * wide + 8, max(16 + lines * high, 420), tiles=True)


# --- areas shaded by a number ---------------------------------------------------------------------


def _choropleth(values: Values, ground: _Ground) -> Body:
    cuts = classes([value for value in values.numbers.values() if value is not None])
    parts = [HATCH]
    for i in sorted(ground.areas, key=lambda one: (values.systems[one]["name"] or one, one)):
        parts.append(_area(values, i, ground, cuts))
    parts += list(_inset_frame(ground))
    parts.append(_key(values, cuts))
    return Body("".join(parts), ground.width, ground.height)


HATCH = (
    '<defs><pattern id="missing" width="7" height="7" patternUnits="userSpaceOnUse" '
    f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{SURFACES["page"].light}"/>'
    f'<path d="M1 0v7" stroke="{MISSING.light}" stroke-width="1.5"/></pattern></defs>'
)


def _shade(value: float | None, cuts: Sequence[float]) -> int | None:
    """The place of a number's colour in the sequence; None where it is not known."""
    return None if value is None else PLACES[len(cuts)][sum(value >= cut for cut in cuts)]


def _area(values: Values, i: str, ground: _Ground, cuts: Sequence[float]) -> str:
    row, value = values.systems[i], values.numbers[i]
    shade = _shade(value, cuts)
    fill = "url(#missing)" if shade is None else SEQUENCE[shade].light
    ink = INKS["text"] if shade is None or shade < len(SEQUENCE) - 2 else SURFACES["page"]
    name, said = _name(row, i), _said(values, i)
    outline = _look(fill)
    shapes = "".join(
        f'<path class="shape" d="{drawn[i].path}" {outline}/>'
        for drawn in (ground.areas, ground.inset)
        if i in drawn
    )
    label = _tile_words(name, _value(values, i), ground.areas[i], ink.light, hatched=shade is None)
    words = label if ground.tiles else _names(name, i, ground, ink.light, hatched=shade is None)
    return _linked(i, f"{name}: {said}", shapes + words, _told(name, said))


def _look(fill: str) -> str:
    edge = LINES["edge"].light
    return f'fill="{fill}" stroke="{edge}" stroke-width="0.8" stroke-linejoin="round"'


def _linked(i: str, label: str, shapes: str, told: str) -> str:
    target, label = anchor(i), printable(label)
    return (
        f'<a class="area" id="on-{target}" href="#{target}" aria-label={quoteattr(label)}>'
        f"{shapes}{told}</a>"
    )


def _value(values: Values, i: str) -> str:
    value = values.numbers[i]
    if value is None:
        return "not known"
    whole = float(value).is_integer() and not values.share
    return shown(int(value) if whole else float(value), Column("", share=values.share))


def _said(values: Values, i: str) -> str:
    return "; ".join(part for part in (_value(values, i), values.states[i]) if part)


def _told(name: str, said: str) -> str:
    """What stands at the upper left while an area is pointed at or in focus."""
    lines = wrapped(name, 13, SIDE - 10, bold=True)
    rest = wrapped(said, 12, SIDE - 10)
    parts = [line_of_text(line, 2, 24 + 17 * at, 13, bold=True) for at, line in enumerate(lines)]
    below = 24 + 17 * len(lines)
    parts += [line_of_text(line, 2, below + 16 * at, 12) for at, line in enumerate(rest)]
    return f'<g class="said" visibility="hidden" aria-hidden="true">{"".join(parts)}</g>'


def _tile_words(name: str, value: str, area: Outline, ink: str, *, hatched: bool) -> str:
    size, lines = _tile_lines(name)
    shown_lines = [*lines, "" if hatched else value]
    top = area.centre[1] - len(shown_lines) * (size + 1.5) / 2 + size
    back = backing(lines, size, area.centre, top) if hatched else ""
    return back + "".join(
        line_of_text(
            line,
            area.centre[0],
            top + at * (size + 1.5),
            size if at < len(lines) else size + 1,
            ink=ink,
            anchor="middle",
            bold=at == len(lines),
        )
        for at, line in enumerate(shown_lines)
        if line
    )


def _tile_lines(name: str) -> tuple[float, list[str]]:
    """A name in lines that fit a tile, also where a reader's machine has a wider font, and the size
    of its letters: the largest in which no word is cut and four lines do."""
    room = TILE[0] * 0.8
    for size in TILE_SIZES:
        lines = wrapped(name, size, room)
        if len(lines) <= 4 and max(text_width(word, size) for word in [*name.split(), ""]) <= room:
            break
    return size, lines[:4]


def _names(name: str, i: str, ground: _Ground, ink: str, *, hatched: bool) -> str:
    """The name on an area where it fits; of one in the inset there, else beside it."""
    if i not in ground.inset:
        return name_on(name, ground.areas[i], ink, hatched=hatched)
    area = ground.inset[i]
    return name_on(name, area, ink, hatched=hatched) or name_beside(
        name, area, BESIDE, ground.inset
    )


def _inset_frame(ground: _Ground) -> Iterator[str]:
    if ground.inset:
        box = CAPITAL
        yield line_of_text(LONDON + ", larger", box.x, box.y - 14, 12, bold=True)


def _key(values: Values, cuts: Sequence[float]) -> str:
    """The classes, how many systems are in each, and what is hatched."""
    numbers = [value for value in values.numbers.values() if value is not None]
    parts, y = [], 190.0
    for line in wrapped(values.what, 12, SIDE - 10, bold=True):
        parts.append(line_of_text(line, 2, y, 12, bold=True))
        y += 16
    for at, place in enumerate(PLACES[len(cuts)] if numbers else ()):
        inside = [n for n in numbers if sum(n >= cut for cut in cuts) == at]
        words = f"{_range(inside, values.share)} ({len(inside)})"
        parts.append(_swatch(y, SEQUENCE[place].light, words))
        y += 22
    missing = len(values.systems) - len(numbers)
    if missing:
        parts.append(_swatch(y, "url(#missing)", f"not known ({missing})"))
        y += 22
    note = "In brackets: how many systems."
    return "".join(parts) + line_of_text(note, 2, y + 14, 10, ink=INKS["muted"].light)


def _range(inside: Sequence[float], share: bool) -> str:
    if not inside:
        return "none"
    column = Column("", share=share)
    ends = [min(inside), max(inside)]
    told = [
        shown(int(n) if float(n).is_integer() and not share else float(n), column) for n in ends
    ]
    return told[0] if told[0] == told[1] else f"{told[0]} to {told[1]}"


def _swatch(y: float, fill: str, words: str) -> str:
    box = f'<rect x="2" y="{number(y)}" width="26" height="16" {_look(fill)}/>'
    return box + line_of_text(words, 36, y + 12, 11)


# --- flows as arcs --------------------------------------------------------------------------------


def _flows(graph: Asks, on: str, name: str, of: str) -> Picture:
    counting = OF[of]
    rows, told, reason = between(graph, on, of)
    across = rows.filter(pl.col("source") != pl.col("target"))
    if of == "innovations":
        across = across.filter(pl.col("source") < pl.col("target"))
    day = on or graph.snapshot.manifest.get("default_day", "9998")
    systems, other_time = _systems_of(graph, across, day)
    told = replace(told, caveats=(*told.caveats, *([other_time] if other_time else [])))
    ground = _ground(systems, name)
    placed = across.filter(
        pl.col("source").is_in(list(ground.areas)) & pl.col("target").is_in(list(ground.areas))
    )
    strongest = placed.sort("value", "from", "to", descending=[True, False, False]).head(ARCS)
    shown_rows = strongest.select(
        "from", "to", "value", "share", id=pl.format("{} to {}", "source", "target")
    )
    total = counted(across.height, "pair")
    return Picture(
        name=name,
        title=counting.title,
        sentence=f"The {strongest.height} strongest of {total} of systems, thicker for more; what "
        "stays inside a system is not drawn.",
        rows=shown_rows,
        columns={
            "from": Column(counting.row),
            "to": Column(counting.column),
            "value": Column(counting.heading),
            **({"share": Column("Share", share=True)} if of == "pathways" else {}),
        },
        told=told,
        drawing=None if strongest.is_empty() else _arcs(strongest, systems, ground, of),
        empty=reason or (NO_PLACE[name] if across.height else "Nothing is recorded between two "
                         "systems, so there is nothing to draw."),
        key="id",
    )  # fmt: skip


def _systems_of(graph: Asks, across: pl.DataFrame, day: str) -> tuple[dict[str, Row], str]:
    """The systems of the day, or those of another time where the flows name more of these; and
    what is then to be said."""
    named = set(across["source"]) | set(across["target"])
    ended = graph.snapshot.nodes("System")["end_latest"].drop_nulls().unique().sort().to_list()
    before = [(date.fromisoformat(end) - timedelta(days=1)).isoformat() for end in ended]
    tried = [(standing(graph.snapshot, moment), moment) for moment in [day, *before]]
    systems, moment = max(tried, key=lambda one: len(named & set(one[0])))
    if moment == day:
        return systems, ""
    then = BoundedDate.parse(moment).plain()
    return systems, f"Drawn on the systems that stood until {then}, of which the flows tell."


def _arcs(strongest: pl.DataFrame, systems: Mapping[str, Row], ground: _Ground, of: str) -> Body:
    look, parts = _look(SURFACES["panel"].light), []
    for i, area in sorted(ground.areas.items()):
        name = escape(_name(systems[i], i))
        parts.append(f'<path d="{area.path}" {look}><title>{name}</title></path>')
    for _, area in sorted(ground.inset.items()):
        parts.append(f'<path d="{area.path}" {look}/>')
    most = float(strongest["value"].to_numpy().max())
    for row in strongest.reverse().iter_rows(named=True):  # the strongest lie on top
        parts.append(_arc(row, ground, most, of))
    parts += [_names_above(systems, ground), *_inset_frame(ground)]
    return Body("".join(parts) + _arc_key(most, of), ground.width, ground.height)


def _end(area: Outline, *, in_tile: bool) -> Point:
    """Where arcs of a system begin and end: away from its name, low in a tile, else above."""
    return area.centre[0], area.centre[1] + (area.box.height / 2 - 14 if in_tile else -13.0)


def _names_above(systems: Mapping[str, Row], ground: _Ground) -> str:
    """The names over the arcs, edged in the colour of the ground; they take no clicks."""
    parts = []
    for i, area in sorted(ground.areas.items()):
        name = _name(systems[i], i)
        if ground.tiles:
            size, lines = _tile_lines(name)
            parts += [
                line_of_text(line, area.centre[0], area.box.y + 13 + 11 * at, size, anchor="middle")
                for at, line in enumerate(lines)
            ]
        else:
            parts.append(_names(name, i, ground, INKS["text"].light, hatched=False))
    edge = f'stroke="{SURFACES["panel"].light}" stroke-width="3" stroke-linejoin="round"'
    return f'<g {edge} paint-order="stroke" pointer-events="none">{"".join(parts)}</g>'


def _arc(row: Mapping[str, Any], ground: _Ground, most: float, of: str) -> str:
    """A flow: an arc between two systems, again in the inset where both stand there."""
    source, target = row["source"], row["target"]
    shapes = "".join(
        _curve(
            _end(drawn[source], in_tile=ground.tiles),
            _end(drawn[target], in_tile=ground.tiles),
            1 + 7 * row["value"] / most,
            of,
        )
        for drawn in (ground.areas, ground.inset)
        if source in drawn and target in drawn
    )
    said = f"{OF[of].heading.lower()} {row['value']:,}"
    if of == "pathways":
        said += f", {row['share'] * 100:.1f} % of those it pays for"
    name = f"{row['from']} to {row['to']}"
    return _linked(f"{source} to {target}", f"{name}: {said}", shapes, _told(name, said))


def _curve(start: Point, end: Point, thick: float, of: str) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = 0.22  # to the left of the way, so that there and back are two arcs
    cx, cy = (x1 + x2) / 2 + (y2 - y1) * bend, (y1 + y2) / 2 - (x2 - x1) * bend
    path = f"M{number(x1)} {number(y1)}Q{number(cx)} {number(cy)} {number(x2)} {number(y2)}"
    ink = tones("light")["innovation"]
    look = f'fill="none" stroke="{ink}" stroke-width="{number(thick)}" stroke-linecap="round"'
    at = f'cx="{number(x2)}" cy="{number(y2)}" r="{number(thick / 2 + 2)}"'
    dot = "" if of == "innovations" else f'<circle {at} fill="{ink}"/>'
    return f'<path class="shape" d="{path}" {look}/>{dot}'


def _arc_key(most: float, of: str) -> str:
    ink, y = tones("light")["innovation"], 200.0
    parts = [line_of_text(OF[of].heading, 2, 190, 12, bold=True)]
    for share in (1.0, 0.5, 0.1):
        thick = number(1 + 7 * share)
        parts.append(f'<path d="M4 {number(y + 10)}h40" stroke="{ink}" stroke-width="{thick}"/>')
        parts.append(line_of_text(f"{round(most * share):,}", 54, y + 14, 11))
        y += 24
    if of != "innovations":
        parts.append(line_of_text("A dot is where it leads to.", 2, y + 14, 10))
    return "".join(parts)
