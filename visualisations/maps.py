"""Which maps there are. A new map is one module with one function, and one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ..ontology.errors import UnknownName
from .page import write_page

__all__ = ["MAPS", "Map", "map_named", "write_page"]

Draw = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Map:
    """One row of the registry: what the map shows, and where the function is that draws it."""

    name: str
    what: str
    module: str
    function: str

    @property
    def draw(self) -> Draw:
        """The map's function: a snapshot and the map's own choices in, HTML text out.

        Its module is imported here and not before.
        """
        function: Draw = getattr(import_module(self.module, __package__), self.function)
        return function


MAPS: dict[str, Map] = {
    row.name: row
    for row in (
        Map(
            "systems",
            "what the reviews found, and where: systems, innovations and barriers",
            ".systems_map",
            "systems_map",
        ),
        Map(
            "england",
            "every provider of England and its ties: regions, systems, local authorities",
            ".national_map",
            "national_map",
        ),
    )
}


def map_named(name: str) -> Map:
    """The map of this name; `UnknownName`, with the nearest, if there is none.

    >>> map_named("systems").draw.__name__
    'systems_map'
    """
    if name not in MAPS:
        raise UnknownName("map", name, MAPS)
    return MAPS[name]
