"""What the script of the national map is given: groups, organisations, locations and ties as
columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.vocabularies import plain
from .national_bodies import BOUNDS, bodies, located
from .national_columns import Listed
from .national_groups import LEVELS, Group, groups
from .national_layout import spiral
from .national_places import places
from .national_ties import KINDS, statements
from .palette import KNOWLEDGE

__all__ = ["National", "national"]

NO_KIND = "Kind not recorded"
TENTHS = 10
"""Positions are whole tenths of a mark's radius."""


@dataclass(frozen=True)
class National:
    """The map before it is drawn. `columns` are for the script; the rest is for its words."""

    day: str
    groups: Sequence[Group]
    bodies: pl.DataFrame
    sites: pl.DataFrame
    ties: pl.DataFrame
    editions: Sequence[Mapping[str, Any]]
    columns: Mapping[str, Any]


def national(snapshot: Snapshot, day: str) -> National:
    """Everything of the national map on an ISO day, which decides the systems and their parts."""
    every = statements(snapshot)
    stood = places(snapshot, day, every)
    rows = bodies(snapshot, stood.homes, stood.sites)
    found = groups(snapshot, rows, stood.sites)
    order = [body for group in found for body in group.bodies]
    rows = pl.DataFrame({"id": order}).join(rows, on="id", how="left", maintain_order="left")
    index = {body: at for at, body in enumerate(order)}
    index |= {g.id: len(order) + at for at, g in enumerate(found) if g.level == "system"}
    ties = every.filter(
        pl.all_horizontal(pl.col(e).is_in(list(index)) for e in ("subject", "object"))
    )
    sites = located(snapshot, stood.sites)
    editions = _editions(snapshot, rows, ties)
    columns = _columns(found, rows, sites, ties, index, editions)
    return National(day, found, rows, sites, ties, editions, columns)


def _editions(
    snapshot: Snapshot, rows: pl.DataFrame, ties: pl.DataFrame
) -> list[Mapping[str, Any]]:
    """The editions that describe what is shown or state a tie, by their ids."""
    used = {*rows["sources"].explode().unique().to_list(), *ties["source"].unique().to_list()}
    known = snapshot.manifest.get("sources", ())
    return sorted((facts for facts in known if facts["id"] in used), key=lambda f: str(f["id"]))


def _columns(
    found: Sequence[Group],
    rows: pl.DataFrame,
    sites: pl.DataFrame,
    ties: pl.DataFrame,
    index: Mapping[str, int],
    editions: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    days, sources, types, sites_kinds, ratings = (Listed("") for _ in range(5))
    sources.places(str(facts["id"]) for facts in editions)
    sets: Listed[tuple[int, ...]] = Listed(())
    return {
        "groups": _group_columns(found),
        "bodies": _body_columns(found, rows, days, sources, sets, types),
        "sites": _site_columns(rows, sites, days, sites_kinds, ratings),
        "ties": _tie_columns(ties, index, days, sources),
        "days": days.values,
        "sources": [_source(name, editions) for name in sources.values],
        "sourceSets": [list(one) for one in sets.values],
        "types": [plain("organisation-type", name) if name else NO_KIND for name in types.values],
        "siteKinds": sites_kinds.values,
        "ratings": ratings.values,
    }


def _source(name: str, editions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    facts = next((one for one in editions if one["id"] == name), {})
    wanted = ("title", "publisher", "as_of", "licence", "url")
    return {key: str(facts.get(key) or "") for key in wanted} | {"id": name}


def _group_columns(found: Sequence[Group]) -> dict[str, list[Any]]:
    return {
        "id": [group.id for group in found],
        "name": [group.name for group in found],
        "about": [group.about for group in found],
        "also": [list(group.also) for group in found],
        "level": [LEVELS.index(group.level) for group in found],
        "parent": [group.parent for group in found],
        "x": [round(group.x, 1) for group in found],
        "y": [round(group.y, 1) for group in found],
        "radius": [round(group.radius, 1) for group in found],
        "first": [group.first for group in found],
        "last": [group.last for group in found],
    }


def _body_columns(
    found: Sequence[Group],
    rows: pl.DataFrame,
    days: Listed[str],
    sources: Listed[str],
    sets: Listed[tuple[int, ...]],
    types: Listed[str],
) -> dict[str, list[Any]]:
    places = list(_positions(found))
    also = [
        [*(names or ()), *(code for code in codes or ())]
        for names, codes in rows.select("other_names", "codes").iter_rows()
    ]
    stated = [tuple(sources.places(sorted(ids or ()))) for ids in rows["sources"].to_list()]
    return {
        "id": rows["id"].to_list(),
        "name": [name or "" for name in rows["name"].to_list()],
        "also": also,
        "town": [town or "" for town in rows["town"].to_list()],
        "postcode": [code or "" for code in rows["postcode"].to_list()],
        "x": [round(x * TENTHS) for x, _ in places],
        "y": [round(y * TENTHS) for _, y in places],
        "type": types.places(rows["org_type"].to_list()),
        "sources": sets.places(stated),
        "soleTrader": [int(bool(one)) for one in rows["is_sole_trader"].to_list()],
        **_bounds(rows, days),
    }


def _positions(found: Sequence[Group]) -> Iterator[tuple[float, float]]:
    for group in found:
        for x, y in spiral(len(group.bodies)):
            yield group.x + x, group.y + y


def _bounds(rows: pl.DataFrame, days: Listed[str]) -> dict[str, list[Any]]:
    words = ("startEarliest", "startLatest", "endEarliest", "endLatest")
    return {
        word: days.places(rows[bound].to_list()) for word, bound in zip(words, BOUNDS, strict=True)
    }


def _site_columns(
    rows: pl.DataFrame,
    sites: pl.DataFrame,
    days: Listed[str],
    kinds: Listed[str],
    ratings: Listed[str],
) -> dict[str, list[Any]]:
    at = {body: place for place, body in enumerate(rows["id"].to_list())}
    what = [
        category or plain("location-type", kind)
        for category, kind in sites.select("inspection_category", "location_type").iter_rows()
    ]
    return {
        "owner": [at[owner] for owner in sites["owner"].to_list()],
        "id": sites["id"].to_list(),
        "name": [name or "" for name in sites["name"].to_list()],
        "postcode": [code or "" for code in sites["postcode"].to_list()],
        "kind": kinds.places(what),
        "rating": ratings.places(sites["rating"].to_list()),
        "rated": days.places(sites["rated"].to_list()),
    }


def _tie_columns(
    ties: pl.DataFrame, index: Mapping[str, int], days: Listed[str], sources: Listed[str]
) -> dict[str, list[Any]]:
    levels = list(KNOWLEDGE)
    return {
        "from": [index[one] for one in ties["subject"].to_list()],
        "to": [index[one] for one in ties["object"].to_list()],
        "kind": [KINDS.index(kind) for kind in ties["kind"].to_list()],
        "level": [levels.index(level) for level in ties["knowledge_level"].to_list()],
        "source": sources.places(ties["source"].to_list()),
        "since": [int(one) for one in ties["since"].to_list()],
        "amount": [amount or 0 for amount in ties["amount"].to_list()],
        **_bounds(ties, days),
    }
