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
    """One row of the registry: what the map shows, and where the function is that draws it.

    `takes` is what it is of, in one word, '' for a map of the whole snapshot; `options` are the
    choices that mean something for it.
    """

    name: str
    what: str
    module: str
    function: str
    takes: str = ""
    options: tuple[str, ...] = ("on", "known")

    @property
    def usage(self) -> str:
        """How it is asked for: `around THING --hops NUMBER --limit NUMBER`.

        >>> MAPS["around"].usage
        'around THING --hops NUMBER --limit NUMBER'
        """
        more = [f"--{name} {OPTIONS[name]}" for name in self.options if name in OPTIONS]
        return " ".join([self.name, *([self.takes] if self.takes else []), *more])

    @property
    def draw(self) -> Draw:
        """The map's function: a snapshot and the map's own choices in, HTML text out.

        Its module is imported here and not before.
        """
        function: Draw = getattr(import_module(self.module, __package__), self.function)
        return function


OPTIONS: dict[str, str] = {
    "hops": "NUMBER",
    "limit": "NUMBER",
    "question": "NAME",
    "column": "NAME",
    "param": "NAME=VALUE",
}
"""The options that only some maps have, with what they take."""

SHADED = ("on", "known", "within", "question", "column", "param")
"""The options of a map on which each system has one shade."""

MAPS: dict[str, Map] = {
    row.name: row
    for row in (
        Map(
            "systems",
            "what the reviews found, and where: systems, innovations and barriers",
            ".systems_map",
            "systems_map",
            options=("on", "known", "within"),
        ),
        Map(
            "system",
            "one system and its organisations: local authorities, opened and folded together",
            ".system_map",
            "system_map",
            "SYSTEM",
        ),
        Map(
            "innovation",
            "who took up an innovation, when, and which recorded routes led there in time",
            ".innovation_map",
            "innovation_map",
            "INNOVATION",
            ("on", "known", "within"),
        ),
        Map(
            "topic",
            "what was found on one topic, and where",
            ".topic_map",
            "topic_map",
            "TOPIC",
            ("on", "known", "within"),
        ),
        Map(
            "around",
            "all within so many ties of one thing",
            ".around_map",
            "around_map",
            "THING",
            ("on", "known", "within", "hops", "limit"),
        ),
        Map(
            "question",
            "the answer to a question whose rows are things or ties",
            ".question_map",
            "question_map",
            "QUESTION",
            ("on", "known", "within", "param"),
        ),
        Map(
            "flows",
            "patients across borders: pathways between systems",
            ".flows_map",
            "flows_map",
        ),
        Map(
            "systems-area",
            "systems where they lie, shaded by what was found or by any answer",
            ".geography_page",
            "systems_area_page",
            options=SHADED,
        ),
        Map(
            "systems-tiles",
            "systems as tiles of equal area, shaded by what was found or by any answer",
            ".geography_page",
            "systems_tiles_page",
            options=SHADED,
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
