"""What was found, on a map of England and on one of tiles: the pages of the registry of maps."""

from __future__ import annotations

from ..ontology.dates import read_day
from .chart_page import page_of
from .geography_map import shaded
from .geography_values import found_values
from .tables import SnapshotTables

__all__ = ["systems_area_page", "systems_tiles_page"]


def systems_area_page(snapshot: SnapshotTables, *, on: str | None = None) -> str:
    """Systems by their outlines, shaded by how many findings name them, as a page.

    >>> from icsgraph.visualisations.tables import Tables
    >>> "No system is recorded" in systems_area_page(Tables())
    True
    """
    return _page(snapshot, on, "systems-area")


def systems_tiles_page(snapshot: SnapshotTables, *, on: str | None = None) -> str:
    """Systems as tiles of equal area, shaded by how many findings name them, as a page."""
    return _page(snapshot, on, "systems-tiles")


def _page(snapshot: SnapshotTables, on: str | None, name: str) -> str:
    day = read_day(on).isoformat() if on else ""
    return page_of(shaded(found_values(snapshot, day), name))
