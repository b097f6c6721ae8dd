"""The groups of the national map: regions, the systems in them, the local authorities in those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ..graph.snapshot import Snapshot
from .national_layout import Circle, packed, spiral_radius
from .tables import Row, by_id
from .things import coded

__all__ = ["LEVELS", "NOWHERE", "Group", "groups"]

LEVELS = ("region", "system", "authority")
NOWHERE = "icsg:map/not-placed"
"""The group of those that no source places."""

NO_AUTHORITY = "Local authority not known"
NO_REGION = "Region not known"
GAPS = {"authority": 3.0, "system": 5.0, "region": 10.0}

Point = tuple[float, float]


@dataclass
class Group:
    """A circle of the map. `also` are its other names, and its codes as CURIEs; `first` and `last`
    bound its bodies in their order: from `first` to before `last`."""

    id: str
    name: str
    level: str
    about: str
    also: Sequence[str] = ()
    parts: list[Group] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    point: Point | None = None
    x: float = 0.0
    y: float = 0.0
    radius: float = 0.0
    first: int = 0
    last: int = 0
    parent: int = -1


def groups(snapshot: Snapshot, homes: pl.DataFrame, sites: pl.DataFrame) -> list[Group]:
    """Every group, each before its parts, with its circle and the range of its bodies.

    `homes` have id, system and authority; their order within a group is the order of `homes`.
    """
    systems, areas = by_id(snapshot.nodes("System")), by_id(snapshot.nodes("Area"))
    points, known = _points(sites), _known_regions(areas)
    regions: dict[str, Group] = {}
    by_place: dict[tuple[str, str], list[str]] = {}
    for body, system, authority in homes.select("id", "system", "authority").iter_rows():
        by_place.setdefault((system or "", authority or ""), []).append(body)
    for (system, authority), bodies in sorted(by_place.items()):
        region = _region(regions, systems.get(system), known)
        home = _system(region, systems.get(system))
        home.parts.append(_authority(home, areas.get(authority), bodies, points))
    every = [regions[name] for name in sorted(regions)]
    _lay(every)
    found: list[Group] = []
    for region in every:
        _number(region, -1, found)
    return found


def _known_regions(areas: Mapping[str, Row]) -> Mapping[str, Row]:
    """The regions of the NHS by their names, by which systems name them."""
    return {row["name"]: row for row in areas.values() if row["area_type"] == "nhs-region"}


def _also(row: Row | None) -> list[str]:
    """The other names and the codes by which a reader may look for a thing."""
    if row is None:
        return []
    codes = [code for code in (row["id"], *(row["codes"] or ())) if coded(code)]
    names = {row.get("name_before"), *(row["other_names"] or ())} - {row["name"], None}
    return [*codes, *sorted(names)]


def _points(sites: pl.DataFrame) -> Mapping[tuple[str, str], Point]:
    """The middle of the locations of each system's part of each local authority."""
    known = sites.filter(pl.col("lon").is_not_null() & pl.col("system").is_not_null())
    # sorted, since the sum of floats depends on their order
    middle = (
        known.sort("id")
        .group_by("system", "authority", maintain_order=True)
        .agg(pl.col("lon").mean().round(4), pl.col("lat").mean().round(4))
    )
    return {(s, a or ""): (lon, lat) for s, a, lon, lat in middle.iter_rows()}


def _region(regions: dict[str, Group], system: Row | None, known: Mapping[str, Row]) -> Group:
    if system is None:
        return regions.setdefault(
            "\uffff", Group(NOWHERE, "Not placed in England", "region", "region")
        )
    name = system["region"] or NO_REGION
    made = Group(f"icsg:map/region/{name}", name, "region", "region", _also(known.get(name)))
    return regions.setdefault(name, made)


def _system(region: Group, system: Row | None) -> Group:
    identity = system["id"] if system else f"{NOWHERE}/system"
    for part in region.parts:
        if part.id == identity:
            return part
    name = str(system["name"] or identity) if system else "No system known"
    made = Group(identity, name, "system", identity, _also(system))
    if system and system["lon"] is not None:
        made.point = (system["lon"], system["lat"])
    region.parts.append(made)
    return made


def _authority(
    home: Group, area: Row | None, bodies: Sequence[str], points: Mapping[tuple[str, str], Point]
) -> Group:
    about = area["id"] if area else ""
    name = str(area["name"] or about) if area else NO_AUTHORITY
    made = Group(f"{home.id}/{about or 'not-known'}", name, "authority", about, _also(area))
    made.bodies, made.point = list(bodies), points.get((home.id, about), home.point)
    made.radius = spiral_radius(len(bodies))
    return made


def _lay(regions: Sequence[Group]) -> None:
    """Circles from the inside out, then places from the outside in."""
    for region in regions:
        for system in region.parts:
            system.radius = _pack(system.parts, "authority")
        region.radius = _pack(region.parts, "system")
        known = [part.point for part in region.parts if part.point]
        if known:
            region.point = (
                sum(lon for lon, _ in known) / len(known),
                sum(lat for _, lat in known) / len(known),
            )
    _pack([region for region in regions if region.id != NOWHERE], "region")
    _beside(regions)
    for region in regions:
        for system in region.parts:
            system.x, system.y = system.x + region.x, system.y + region.y
            for part in system.parts:
                part.x, part.y = part.x + system.x, part.y + system.y


def _pack(parts: Sequence[Group], level: str) -> float:
    circles, around = packed(
        {part.id: part.point for part in parts},
        {part.id: part.radius for part in parts},
        GAPS[level],
    )
    for part in parts:
        laid: Circle = circles[part.id]
        part.x, part.y = laid.x, laid.y
    return around + GAPS[level]


def _beside(regions: Sequence[Group]) -> None:
    """Those that no source places stand to the left of all, not somewhere in England."""
    placed = [region for region in regions if region.id != NOWHERE]
    for region in regions:
        if region.id == NOWHERE and placed:
            region.x = min(one.x - one.radius for one in placed) - region.radius - GAPS["region"]
            region.y = max(one.y + one.radius for one in placed) - 3 * region.radius


def _number(group: Group, parent: int, found: list[Group]) -> None:
    group.parent, at = parent, len(found)
    found.append(group)
    group.first = _end(found)
    for part in group.parts:
        _number(part, at, found)
    group.last = group.first + _count(group)


def _end(found: Sequence[Group]) -> int:
    """How many bodies stand in the local authorities numbered so far."""
    return sum(len(group.bodies) for group in found[:-1])


def _count(group: Group) -> int:
    return len(group.bodies) + sum(_count(part) for part in group.parts)
