"""The command chart: each chart is a command of its own, its choices are its options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import UsageError
from .options import Chosen, catalogue_option, view_options
from .questions import flag, meaning, question_named

if TYPE_CHECKING:
    from ..visualisations.charts import ChartRow

__all__ = ["Charts", "chart_command"]


class Charts(click.Group):
    """`icsgraph chart`: each row of the registry is a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all charts."""
        from ..visualisations.charts import CHARTS

        return list(CHARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The chart of a name as a command; `UnknownName` with the nearest if there is none."""
        from ..visualisations.charts import chart_named

        return _command(chart_named(cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the charts under their names."""
        from ..visualisations.charts import CHARTS

        with formatter.section("Charts"):
            formatter.write_dl([(row.name, row.what) for row in CHARTS.values()])


def _command(row: ChartRow) -> click.Command:
    @catalogue_option
    @view_options
    def run(chosen: Chosen, output: Path | None, catalogue: Path | None, **given: Any) -> None:
        from ..visualisations.charts import chart

        if output is None:
            raise UsageError(
                "A chart needs a file.", f"icsgraph chart {row.name} -o {row.name}.svg"
            )
        choices = {name: value for name, value in given.items() if value not in (None, ())}
        drawn = chart(chosen.graph(catalogue), row.name, on=chosen.on, **choices)
        click.echo(drawn.save(output))

    what = f"{row.what[0].upper()}{row.what[1:]}."
    options: list[click.Parameter] = [*_of_question(row), *_own(row)]
    output = click.Option(["-o", "--output"], **_file())
    return click.command(row.name, help=what, params=[output, *options])(run)


def _file() -> dict[str, Any]:
    return {
        "type": click.Path(dir_okay=False, path_type=Path),
        "metavar": "FILE",
        "help": "The file to write, whole or not at all: .svg, .png, .pdf, .html or .csv.",
    }


def _of_question(row: ChartRow) -> list[click.Option]:
    """The parameters of the question that a chart draws."""
    from ..queries.catalogue import read_catalogue

    if not row.question:
        return []
    parameters = question_named(read_catalogue(), row.question).parameters
    return [
        click.Option(
            [flag(name), name],
            help=meaning(parameter),
            metavar="VALUE",
            multiple=parameter.type == "texts",
        )
        for name, parameter in parameters.items()
    ]


def _own(row: ChartRow) -> list[click.Option]:
    """The choices that are the chart's own."""
    return [
        click.Option(
            [flag(name), name], help=_meaning(option), metavar="VALUE", multiple=option.many
        )
        for name, option in row.options.items()
    ]


def _meaning(option: Any) -> str:
    choices = f" One of: {', '.join(option.choices)}." if option.choices else ""
    default = f" Otherwise {option.default}." if option.default else ""
    return f"{option.definition}{choices}{default}"


@click.group("chart", cls=Charts, subcommand_metavar="NAME [--CHOICE VALUE]... -o FILE")
def chart_command() -> None:
    """A chart or map as SVG, PNG, PDF, a page or a table.

    The ending of FILE says which: .svg, .png and .pdf are pictures, .html is one page with the same
    numbers as a table, .csv is the numbers. No browser and no network is used.

    \b
    icsgraph chart timeline -o timeline.svg
    icsgraph chart years --first 2020 --second 2021 -o years.html
    icsgraph chart adoption-curve -h            the choices of a chart
    """
