"""The command that draws: map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import UsageError
from .options import Chosen, catalogue_option, view_options

if TYPE_CHECKING:
    from ..session import Graph
    from ..visualisations.maps import Map

__all__ = ["map_command"]


@click.command("map")
@click.argument("name", required=False)
@click.argument("of", required=False, metavar="[WHAT]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="The file to write, whole or not at all.",
)
@click.option("--hops", type=int, metavar="NUMBER", help="How many ties away: 2 unless given.")
@click.option("--limit", type=int, metavar="NUMBER", help="How many things: 500 unless given.")
@click.option(
    "--param", multiple=True, metavar="NAME=VALUE", help="A parameter of the question drawn."
)
@click.option("--question", metavar="NAME", help="Shade systems by the answer to this question.")
@click.option("--column", metavar="NAME", help="By which of its columns, where it has several.")
@catalogue_option
@view_options
def map_command(
    chosen: Chosen,
    name: str | None,
    of: str | None,
    output: Path | None,
    catalogue: Path | None,
    **asked: Any,
) -> None:
    """An interactive map as one HTML file.

    The file opens in any browser and asks nothing of any network. Without NAME: which maps there
    are, and what each takes.

    \b
    icsgraph map systems -o map.html
    icsgraph map system QE1 -o lancashire.html
    icsgraph map question who-works-with-whom --param organisation=RXL -o ties.html
    icsgraph map systems-tiles --question coverage --column findings_from_reviews -o t.html
    """
    from ..visualisations.maps import MAPS, map_named, write_page
    from .tables import listed

    if name is None:
        click.echo(listed((row.usage, row.what) for row in MAPS.values()))
        return
    drawn = map_named(name)
    views = {option: getattr(chosen, option) for option in ("on", "known", "within")}
    _refuse(
        drawn, of, {o: value for o, value in (views | asked).items() if value not in (None, "", ())}
    )
    target = _target(drawn, output)
    page = _drawn(drawn, chosen.graph(catalogue), of, chosen.on, asked)
    click.echo(write_page(page, target))


def _refuse(chosen: Map, of: str | None, asked: Mapping[str, Any]) -> None:
    """Say what this map takes where something else was asked of it."""
    example = f"icsgraph map {chosen.usage} -o {chosen.name}.html"
    if chosen.takes and of is None:
        raise UsageError(f"The map {chosen.name} needs to know of what: {chosen.takes}.", example)
    if of is not None and not chosen.takes:
        raise UsageError(f'The map {chosen.name} is of the whole graph, not of "{of}".', example)
    for option in asked:
        if option not in chosen.options:
            raise UsageError(f"The map {chosen.name} has no --{option}.", example)
    for option in ("column", "param"):
        if option in asked and "question" in chosen.options and "question" not in asked:
            raise UsageError(f"--{option} is of a question, and none is named.", example)


def _target(chosen: Map, output: Path | None) -> Path:
    """The file to write; refused before any work if there is none, or no folder for it."""
    if output is None:
        example = f"icsgraph map {chosen.usage} -o {chosen.name}.html"
        raise UsageError("A map needs a file.", example)
    folder = output.parent
    if not folder.absolute().is_dir():
        file = folder.is_file()
        why = f"{folder} is a file, not a folder" if file else f"there is no folder {folder}"
        raise UsageError(
            f"The page cannot be written to {output}: {why}.",
            "Name a file in a folder that you may write to.",
        )
    return output


def _drawn(chosen: Map, graph: Graph, of: str | None, on: str, asked: Mapping[str, Any]) -> str:
    day: dict[str, Any] = {"on": on} if on else {}
    numbers = {name: asked[name] for name in ("hops", "limit") if asked[name] is not None}
    if chosen.name == "question":
        from .questions import question_named

        question = question_named(graph.questions, of or "")
        answer = graph.ask(question.name, **_parameters(asked["param"]), **day)
        return chosen.draw(graph.snapshot, answer, question=question, **day)
    if asked["question"]:
        from ..visualisations.charts import chart

        of_question = {key: asked[key] for key in ("question", "column", "param") if asked[key]}
        return chart(graph, chosen.name, on=on, **of_question).html()
    return chosen.draw(graph.snapshot, *([of] if of is not None else []), **numbers, **day)


def _parameters(texts: Sequence[str]) -> dict[str, Any]:
    """`NAME=VALUE` as parameters; one that is named twice has several values.

    >>> _parameters(["topic=cancer", "at-least=2"])
    {'topic': 'cancer', 'at_least': '2'}
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, parted, value = text.partition("=")
        if not parted:
            raise UsageError(f'"{text}" is no NAME=VALUE.', "--param topic=cancer")
        key = name.strip().replace("-", "_")
        held = found.get(key)
        found[key] = (
            value if held is None else [*([held] if isinstance(held, str) else held), value]
        )
    return found
