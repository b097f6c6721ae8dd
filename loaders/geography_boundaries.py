"""Boundaries of systems, from GeoJSON: a feature for each, found again by its code.

A row is a feature. One that is no area, lies elsewhere, or does not say which system it is, is
rejected; what is kept is its geometry as GeoJSON, longitude before latitude, WGS84 degrees.

Source of the format: RFC 7946, https://www.rfc-editor.org/rfc/rfc7946
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.errors import LayoutError
from .cleaning import Rule, sift
from .decoding import FETCH_AGAIN, read_utf8
from .delimited import Layout, Sheet, as_sheet
from .geography_tables import Publication, Tables, nodes, system_name
from .records import REJECT_SCHEMA, Nodes

__all__ = ["PUBLICATIONS", "holds_boundaries", "read_boundaries"]

# Degrees that the United Kingdom lies within: west, south, east, north.
_BOX = (-9.0, 49.0, 2.5, 61.5)
_GEOJSON = "boundaries in GeoJSON"
_DEPTHS = {"Polygon": 1, "MultiPolygon": 2}


def holds_boundaries(path: Path) -> bool:
    """Whether a file is one of boundaries, by its name.

    >>> holds_boundaries(Path("icb22.geojson")), holds_boundaries(Path("icb22.csv"))
    (True, False)
    """
    return path.suffix.lower() in (".geojson", ".json")


def read_boundaries(path: Path) -> tuple[Publication, Sheet]:
    """The features of a file and which publication they are, those in order with their geometry.

    `FileFault` if it is missing or empty, `LayoutError` if it is no GeoJSON of any `PUBLICATIONS`.
    """
    features, notes = _features(path)
    publication = _recognised(path, features)
    layout = publication.layout
    lines, faults = [], []
    for row, feature in enumerate(features, 1):
        properties, geometry = _member(feature, "properties"), _member(feature, "geometry")
        lines.append([_text(properties.get(name)) for name in list(layout.columns)[:-1]])
        lines[-1].append(json.dumps(geometry, separators=(",", ":")) if geometry else "")
        if fault := _fault(feature, layout):
            faults.append((row, *fault))
    header = list(layout.columns)
    cells = pl.DataFrame(lines, schema=[str(at) for at in range(len(header))], orient="row")
    wrong = pl.DataFrame(
        faults,
        schema={c: REJECT_SCHEMA[c] for c in ("row", "column", "value", "reason", "what_to_do")},
        orient="row",
    )
    return publication, as_sheet(path, layout, header, cells, notes, wrong)


def _features(path: Path) -> tuple[list[Any], tuple[str, ...]]:
    content, notes = read_utf8(path)
    try:
        collection = json.loads(content)
    except (ValueError, RecursionError):
        raise LayoutError(path, _GEOJSON, "it is no JSON", FETCH_AGAIN) from None
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise LayoutError(path, _GEOJSON, "it is no FeatureCollection", "Save it as GeoJSON.")
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise LayoutError(path, _GEOJSON, "it has no features", FETCH_AGAIN)
    return features, notes


def _recognised(path: Path, features: Sequence[Any]) -> Publication:
    """The publication whose properties a feature has."""
    seen = {name for feature in features for name in _member(feature, "properties")}
    for publication in PUBLICATIONS:
        if set(_named(publication.layout)) <= seen:
            return publication
    wanted = " or ".join(", ".join(_named(p.layout)) for p in PUBLICATIONS)
    reason = f"its features have the properties {', '.join(sorted(seen)) or 'none'}, not {wanted}"
    raise LayoutError(path, _GEOJSON, reason, "Rename the properties, or list another file.")


def _named(layout: Layout) -> list[str]:
    """The properties that a feature must have."""
    return list(layout.columns)[:-1]


def _member(feature: Any, name: str) -> Mapping[str, Any]:
    value = feature.get(name) if isinstance(feature, dict) else None
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _fault(feature: Any, layout: Layout) -> tuple[str, str | None, str, str] | None:
    """Column, value, reason and remedy of what is wrong with a feature, if anything is."""
    properties, geometry = _member(feature, "properties"), _member(feature, "geometry")
    for ours, published in zip(layout.columns.values(), _named(layout), strict=False):
        if published not in properties:
            given = ", ".join(sorted(properties))
            return ours, given, f"are its properties, and {published} is not among them", "Add it."
    kind = geometry.get("type")
    if kind not in _DEPTHS:
        reason = "is neither a Polygon nor a MultiPolygon"
        return "boundary", _text(kind), reason, "Give the boundary as an area."
    try:
        rings = list(_rings(geometry.get("coordinates"), _DEPTHS[kind]))
        if not rings or not all(map(_is_closed, rings)):
            reason = "has a ring that does not end where it begins"
            return "boundary", kind, reason, "Close the ring."
        stray = next((at for at in chain.from_iterable(rings) if not _is_near(at)), None)
    except (TypeError, ValueError, IndexError):
        return "boundary", kind, "has coordinates that are no positions", "Correct them."
    if stray is None:
        return None
    reason = "lies outside the United Kingdom"
    return "boundary", _text(stray[:2]), reason, "Give longitude and latitude in WGS84 degrees."


def _rings(coordinates: Any, depth: int) -> Iterator[list[list[float]]]:
    """The rings of a geometry: `depth` is how many lists they stand in."""
    if not isinstance(coordinates, list):
        raise TypeError
    if depth:
        for part in coordinates:
            yield from _rings(part, depth - 1)
    else:
        yield coordinates


def _is_closed(ring: Sequence[Sequence[float]]) -> bool:
    return len(ring) >= 4 and ring[0] == ring[-1]


def _is_near(position: Sequence[float]) -> bool:
    west, south, east, north = _BOX
    return west <= position[0] <= east and south <= position[1] <= north


def _one_each(sheet: Sheet) -> Sheet:
    """A system has one boundary in a file: a second, other one is rejected."""
    code = next(c for c in sheet.rows.columns if c.startswith("system"))
    again = ~pl.col(code).is_first_distinct()
    return sift(sheet, [Rule(code, again, "has a boundary in an earlier feature", "Keep one.")])


def _by_ons_code(rows: pl.DataFrame, as_of: str) -> Tables:
    yield _bounded(rows, pl.format("ons:{}", "system_ons"))


def _by_ods_code(rows: pl.DataFrame, as_of: str) -> Tables:
    yield _bounded(rows, pl.format("ods:{}", "system_2026"))


def _bounded(rows: pl.DataFrame, system: pl.Expr) -> Nodes:
    name = system_name("board_name")
    return nodes("System", rows, id=system, name=name, boundary=pl.col("boundary"))


PUBLICATIONS: tuple[Publication, ...] = (
    Publication(
        Layout(
            "Boundaries of integrated care boards (ONS, July 2022)",
            {"icb22_code": "system_ons", "icb22_name": "board_name", "geometry": "boundary"},
        ),
        _by_ons_code,
        as_of="2022-07",
        prepare=_one_each,
    ),
    Publication(
        Layout(
            "Boundaries of integrated care boards with ODS codes (derived)",
            {"ods_code": "system_2026", "name": "board_name", "geometry": "boundary"},
        ),
        _by_ods_code,
        prepare=_one_each,
    ),
)
"""Files of boundaries: the properties of a feature, its geometry last."""
