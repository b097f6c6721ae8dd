"""Which charts there are. A new chart is one module with one function, and one row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from ..ontology.dates import read_day
from ..ontology.errors import UnknownName
from .chart_parts import Asks, Picture
from .charting import Chart

__all__ = ["CHARTS", "ChartRow", "Option", "chart", "chart_named"]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that is the chart's own: what it means, its values if they are few, its default;
    `many` if it may be given several times."""

    definition: str
    choices: tuple[str, ...] = ()
    default: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One row of the registry: what the chart shows, where the function is that draws it, and what
    it can be asked.

    `question` is the question of the catalogue that it draws: its parameters are options of the
    chart. `options` are the chart's own.
    """

    name: str
    what: str
    module: str
    function: str
    question: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)

    @property
    def draw(self) -> Callable[..., Picture]:
        """The chart's function: a graph, a day and the choices in, a picture out.

        Its module is imported here and not before.
        """
        function: Callable[..., Picture]
        function = getattr(import_module(self.module, __package__), self.function)
        return function


ON_A_MAP: dict[str, Option] = {
    "question": Option("A question of the catalogue whose rows name systems, to shade them by."),
    "column": Option("Which of its columns of numbers; not needed where there is one."),
    "param": Option("A parameter of the question, as name=value; may be repeated.", many=True),
    "flows": Option("Draw arcs between systems instead.", ("pathways", "innovations", "ties")),
}

CHARTS: dict[str, ChartRow] = {
    row.name: row
    for row in (
        ChartRow(
            "adoption-curve",
            "how many had taken an innovation up by each period, certainly and possibly",
            ".chart_curves",
            "adoption_curve",
            "adoption-curve",
        ),
        ChartRow(
            "hazard",
            "the share that took an innovation up in each period, of those who had not yet",
            ".chart_curves",
            "hazard",
            "hazard-by-period",
        ),
        ChartRow(
            "ties-across-borders",
            "whether recorded ties cross the borders of systems, period by period (E-I index)",
            ".chart_curves",
            "ties_across_borders",
            "ties-across-borders-by-period",
        ),
        ChartRow(
            "timeline",
            "when the reviews were done and when each innovation was first reported",
            ".chart_timeline",
            "timeline",
            options={"topic": Option("Only the review on this topic and what bears on it.")},
        ),
        ChartRow(
            "systems-matrix",
            "what passes between each two systems: pathways, innovations in both, ties",
            ".chart_systems",
            "systems_matrix",
            options={
                "of": Option(
                    "What is counted between two systems.",
                    ("pathways", "innovations", "ties"),
                    "pathways",
                )
            },
        ),
        ChartRow(
            "barriers-and-innovations",
            "in how many systems a barrier and an innovation are both reported",
            ".chart_together",
            "barriers_and_innovations",
            "barriers-and-innovations",
            options={
                "least": Option("Only what is reported in at least so many systems.", (), "2")
            },
        ),
        ChartRow(
            "acted-on",
            "what was found, with whom it was shared, what was done",
            ".chart_sankey",
            "acted_on",
            "acted-on",
        ),
        ChartRow(
            "years",
            "what was observed in 2020 beside 2021, topic by topic",
            ".chart_panels",
            "years",
            options={
                "first": Option("The year on the left.", (), "2020"),
                "second": Option("The year on the right.", (), "2021"),
            },
        ),
        ChartRow(
            "systems-area",
            "systems where they lie, shaded by any answer or with flows as arcs",
            ".geography_map",
            "systems_area",
            options=ON_A_MAP,
        ),
        ChartRow(
            "systems-tiles",
            "systems as tiles of equal area, shaded by any answer or with flows as arcs",
            ".geography_map",
            "systems_tiles",
            options=ON_A_MAP,
        ),
    )
}


def chart_named(name: str) -> ChartRow:
    """The chart of this name; `UnknownName`, with the nearest, if there is none.

    >>> chart_named("adoption-curve").question
    'adoption-curve'
    """
    if name not in CHARTS:
        raise UnknownName("chart", name, CHARTS)
    return CHARTS[name]


def chart(graph: Asks, name: str, *, on: str = "", **choices: Any) -> Chart:
    """A chart of a graph, ready to be shown or saved: `name` is one of `CHARTS`, `on` an ISO day.

    `UnknownName` for a chart, an option or a value that there is none of, with the nearest;
    `DateFault` if `on` is no day.
    """
    row = chart_named(name)
    day = read_day(on).isoformat() if on else ""
    own = {key: value for key, value in choices.items() if key in row.options}
    for key, value in own.items():
        allowed = row.options[key].choices
        if allowed and value not in allowed:
            raise UnknownName(f"value of {key}", str(value), allowed)
    if not row.question and (strange := sorted(set(choices) - set(row.options))):
        raise UnknownName("option", strange[0], row.options)
    defaults = {key: option.default for key, option in row.options.items()}
    given = {key: value for key, value in choices.items() if key not in row.options}
    return Chart(row.draw(graph, day, **(defaults | own), **given))
