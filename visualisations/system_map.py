"""The map of one system: its organisations in the local authorities in which they work.

Region, system, local authority and organisation lie in one another. A local authority is one mark
until it is opened. An organisation stands where most of its locations are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from ..graph.snapshot import Snapshot
from ..graph.views import on_day
from ..ontology.dates import BoundedDate, read_day
from ..queries.places import members
from ..queries.resolve import resolve
from .layout import Place
from .national_bodies import located
from .national_layout import packed, spiral, spiral_radius
from .national_places import places
from .network_map import MOST_MARKS, Plan, largest, network_page
from .network_words import left_out
from .statements import between, evidence_of
from .tables import Row
from .things import Thing, coded, things
from .wording import counted, listed, of_day

__all__ = ["system_map"]

NO_AUTHORITY = "icsg:area/local-authority-not-known"
ACCOUNTS = "prescribing-cost-centre"
OPEN_UNTIL = 150
"""So many organisations are all shown at first; of more, their local authorities are."""

UNIT, GAP = 7.0, 14.0
SIZES = {"NHS trust": 8.5, "Integrated care board": 8.5}
SMALL = 4.6
MOST_SITES = 8
TIES = (
    "MEMBER_OF", "PART_OF", "COMMISSIONS", "COLLABORATES_WITH", "SHARES_INFORMATION_WITH",
    "PLANS_JOINTLY_WITH", "SHARES_STAFF_WITH", "REFERS_TO", "SUPPORTS", "HOSTS", "LOCATED_IN",
    "SERVES", "ADOPTED",
)  # fmt: skip


@dataclass(frozen=True)
class _Members:
    """Who is in the system: the ids drawn, the local authority of each, and who is left out."""

    ids: Sequence[str]
    homes: Mapping[str, str]
    left: int
    accounts: int
    locations: int
    sites: Mapping[str, Sequence[str]]


def system_map(snapshot: Snapshot, system: str, *, on: str | None = None) -> str:
    """The map of one system, by its code or name, on an ISO day: unless given, the newest of the
    snapshot, or the last day of a system that is no more. `UnknownName` with the nearest names if
    there is no such system.

    >>> import icsgraph
    >>> html = system_map(icsgraph.open().snapshot, "Frimley", on="2022-01-01")
    >>> "Who works in Frimley" in html
    True
    """
    code = resolve(snapshot, system, ["System"])
    own = snapshot.nodes("System").row(by_predicate=pl.col("id") == code, named=True)
    day = read_day(on).isoformat() if on else _newest(own, snapshot.manifest["default_day"])
    found = _members(snapshot, code, day)
    groups = sorted(set(found.homes.values()))
    named = _things(snapshot, found, [code, *groups], day)
    name, region = named[code].name, named[code].region
    shown = named if found.ids else {}
    held = [row for row in between(snapshot, shown, TIES) if _may_hold(row, day)]
    evidence = evidence_of(snapshot, held, shown)
    laid = _places(shown, code, found.homes, snapshot)
    parents = {**found.homes, **dict.fromkeys(groups, code)} if shown else {}
    return network_page(
        snapshot,
        Plan(
            name="system",
            heading=f"Who works in {name}",
            reading=_reading(region),
            absent=[*_ended(snapshot, own), *_absent(found)],
            things=dict(sorted(shown.items())),
            evidence=evidence,
            places=laid,
            empty=f"No organisation is recorded in {name} on this day. What is known of its own "
            f"dates: {BoundedDate.from_columns(own).plain()}.",
            day=of_day(day),
            asked=f"System: {name}{region and f', {region}'}",
            parents=parents,
            open_groups=[code, *(groups if len(found.ids) <= OPEN_UNTIL else ())] if shown else (),
        ),
    )


def _newest(system: Row, day: str) -> str:
    """The day of the newest source, or before that the last day on which the system stood."""
    ended = system["end_latest"]
    if ended is None or ended > day:
        return day
    return (date.fromisoformat(ended) - timedelta(days=1)).isoformat()


def _ended(snapshot: Snapshot, system: Row) -> Iterator[str]:
    """That a system is no more, and what it became."""
    if system["end_latest"] is None:
        return
    rows = snapshot.relationships("SUCCEEDED_BY").filter(pl.col("subject") == system["id"])
    systems = snapshot.nodes("System").select("id", "name")
    after = rows.select(id="object").unique().join(systems, on="id")["name"].drop_nulls().sort()
    became = f" Its places are now in {listed(after.to_list())}." if len(after) else ""
    last = BoundedDate.parse(_newest(system, system["end_latest"])).plain()
    yield f"{system['name'] or system['id']} stood until {last}.{became}"


def _things(
    snapshot: Snapshot, found: _Members, around: Sequence[str], day: str
) -> dict[str, Thing]:
    """The organisations of the day, each with its locations, and what they lie in: the system, and
    local authorities, of which an older register may name one that is no more."""
    shown = things(on_day(snapshot, day), found.ids)
    shown = {i: _with_sites(thing, found.sites.get(i, ())) for i, thing in shown.items()}
    shown |= things(snapshot, around)
    if NO_AUTHORITY in around:
        nowhere = "Local authority not known"
        region = shown[around[0]].region
        shown[NO_AUTHORITY] = Thing(NO_AUTHORITY, "area", nowhere, "Area", "Area", system=region)
    return shown


def _may_hold(row: Row, day: str) -> bool:
    begun = row["start_earliest"] is None or row["start_earliest"] <= day
    return begun and (row["end_latest"] is None or row["end_latest"] > day)


def _members(snapshot: Snapshot, code: str, day: str) -> _Members:
    rows = members(snapshot, {"system": code, "on": day, "type": ""})
    if rows.is_empty():
        return _Members([], {}, 0, 0, 0, {})
    bodies = rows.filter(pl.col("type").is_null() | (pl.col("type") != ACCOUNTS))
    degrees = Counter(dict(bodies.select("id", "locations").iter_rows()))
    ids, left = largest(bodies["id"].to_list(), degrees, most=MOST_MARKS - 60)
    none = pl.DataFrame(schema={"subject": pl.String, "object": pl.String})
    ties = pl.concat([none, *(_pairs(snapshot, kind, ids) for kind in ("MEMBER_OF", "PART_OF"))])
    stood = places(snapshot, day, ties)
    homes = stood.homes.filter(pl.col("id").is_in(ids))
    known = dict(homes.filter(pl.col("system") == code).select("id", "authority").iter_rows())
    return _Members(
        ids=ids,
        homes={i: known.get(i) or NO_AUTHORITY for i in ids},
        left=left,
        accounts=rows.height - bodies.height,
        locations=int(bodies["locations"].sum()),
        sites=_sites(snapshot, stood.sites.filter(pl.col("owner").is_in(ids), system=code)),
    )


def _sites(snapshot: Snapshot, sites: pl.DataFrame) -> dict[str, list[str]]:
    """The locations of each organisation in the system, each with its newest rating and the day of
    that."""
    found: dict[str, list[str]] = {}
    rows = located(snapshot, sites).select("owner", "name", "id", "rating", "rated")
    for owner, name, i, rating, rated in rows.iter_rows():
        said = f": {rating}, {BoundedDate.parse(rated).plain()}" if rating else ""
        found.setdefault(owner, []).append(f"{name or coded(i)}{said}")
    return found


def _with_sites(thing: Thing, sites: Sequence[str]) -> Thing:
    """An organisation that tells its locations, too: they are folded into it."""
    if not sites:
        return thing
    more = [f"and {counted(len(sites) - MOST_SITES, 'other')}"] if len(sites) > MOST_SITES else []
    told = (*sites[:MOST_SITES], *more)
    return replace(thing, details=(*thing.details, ("Locations here", told)))


def _pairs(snapshot: Snapshot, kind: str, ids: Sequence[str]) -> pl.DataFrame:
    table = snapshot.relationships(kind).select("subject", "object")
    return table.filter(pl.col("subject").is_in(ids) | pl.col("object").is_in(ids))


def _places(
    shown: Mapping[str, Thing], code: str, homes: Mapping[str, str], snapshot: Snapshot
) -> dict[str, Place]:
    """Organisations in spirals inside their local authorities, those inside the system: the larger
    ones in the middle of each spiral."""
    if not shown:
        return {}
    own: dict[str, list[str]] = {group: [] for group in sorted(set(homes.values()))}
    for i in sorted(homes, key=lambda i: (-_size(shown[i]), shown[i].what, shown[i].name, i)):
        own[homes[i]].append(i)
    areas = snapshot.nodes("Area").select("id", "lon", "lat").filter(pl.col("id").is_in(list(own)))
    points = {i: (lon, lat) for i, lon, lat in areas.iter_rows() if lon is not None}
    radii = {group: UNIT * spiral_radius(len(ids)) for group, ids in own.items()}
    circles, around = packed({group: points.get(group) for group in own}, radii, GAP)
    laid = {code: Place(0.0, 0.0, round(around + GAP, 1))}
    for group, ids in own.items():
        circle = circles[group]
        laid[group] = Place(circle.x, circle.y, round(circle.radius, 1))
        for i, (x, y) in zip(ids, spiral(len(ids)), strict=True):
            at = (round(circle.x + UNIT * x, 1), round(circle.y + UNIT * y, 1))
            laid[i] = Place(*at, _size(shown[i]))
    return laid


def _size(thing: Thing) -> float:
    return SIZES.get(thing.what, SMALL)


def _reading(region: str) -> tuple[str, ...]:
    inside = f"Region: {region}. " if region else ""
    return (
        f"{inside}Local authorities lie in the directions in which they truly lie; an organisation "
        "stands in the one where most of its locations are, larger ones in the middle.",
        "A local authority is one mark until it is opened, from its panel or all at once. The "
        "number behind its name says how many organisations stand in it.",
        "Lines are what registers and reports state between organisations. Choose a mark or a line "
        "to read it, with its source.",
    )


def _absent(found: _Members) -> list[str]:
    said = [
        *left_out(len(found.ids), found.left, "organisation"),
    ]
    if found.locations:
        told = counted(found.locations, "location")
        said.append(f"{told} of these organisations: folded into them, and told by their panels.")
    if found.accounts:
        told = counted(found.accounts, "prescribing cost centre")
        said.append(f"{told}: accounts to which prescriptions are charged, not places of care.")
    return said
