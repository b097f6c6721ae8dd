"""The command questions: the catalogue, each question explained, and the beginning of a new
one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import UnknownName, UsageError
from .options import catalogue_option, format_options
from .output import deliver, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..queries.catalogue import Example, Parameter, Question

__all__ = ["catalogue_of", "flag", "meaning", "question_named", "questions_command"]

NEW = "new"
OWN = Path("icsgraph-questions")
"""The folder in which a new question begins, unless another is named."""


@click.command("questions")
@click.argument("name", required=False, metavar="[NAME]")
@click.argument("new_name", required=False, metavar="[new NAME]")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help=f"Where a new question begins: otherwise that of --catalogue, otherwise {OWN}.",
)
@catalogue_option
@format_options
def questions_command(
    name: str | None,
    new_name: str | None,
    folder: Path | None,
    catalogue: Path | None,
    **out: Any,
) -> None:
    """The catalogue, and each question explained.

    With NAME: its parameters with their choices, its columns with their units, what must be said
    beside an answer, the text that each engine runs, and worked examples. With new NAME: a file to
    begin a question of your own with.

    \b
    icsgraph questions
    icsgraph questions common-barriers
    icsgraph questions new regions
    """
    if name == NEW:
        _begin(new_name, folder or catalogue or OWN)
        return
    if new_name is not None:
        raise UsageError(
            f"One question at a time: {name}.", "icsgraph questions new NAME begins one"
        )
    known = catalogue_of(catalogue)
    if name is None:
        _deliver_catalogue(known, out)
        return
    question = question_named(known, name)
    whole = {**question.model_dump(mode="json"), "engines": list(question.engines)}
    deliver(_columns(question), text="\n\n".join(_explained(question)), whole=whole, **out)


def _begin(name: str | None, folder: Path) -> None:
    """Write the beginning of a question, and say what to do next."""
    from ..queries.skeleton import skeleton

    if name is None:
        raise UsageError("The new question has no name.", "icsgraph questions new NAME")
    file = folder / f"{name}.toml"
    text = skeleton(name, folder)
    if file.exists():
        raise UsageError(f"{file} is there already.", "Give the question another name.")
    send(text, file)
    click.echo(
        f"Fill it in, then look at it: icsgraph questions {name} --catalogue {folder}", err=True
    )


def catalogue_of(folder: Path | None) -> Mapping[str, Question]:
    """The bundled questions, and those of a folder."""
    from ..queries.catalogue import read_catalogues

    return read_catalogues(folder)


def question_named(catalogue: Mapping[str, Question], name: str) -> Question:
    """A question of the catalogue; `UnknownName` with the nearest if there is none."""
    if name not in catalogue:
        raise UnknownName("question", name, catalogue)
    return catalogue[name]


def _deliver_catalogue(catalogue: Mapping[str, Question], out: dict[str, Any]) -> None:
    import polars as pl

    from ..queries.pages import by_group
    from .tables import listed

    columns = ("name", "group", "question", "engines")
    rows = pl.DataFrame(
        [[getattr(q, c) for c in columns] for q in catalogue.values()],
        schema={**dict.fromkeys(columns, pl.String), "engines": pl.List(pl.String)},
        orient="row",
    )
    text = "\n\n".join(
        f"{group}\n"
        + listed([(q.name, f"{q.question} ({', '.join(q.engines)})") for q in questions], 2)
        for group, questions in by_group(catalogue).items()
    )
    deliver(rows, text=text, **out)


def _columns(question: Question) -> Any:
    import polars as pl

    rows = [(n, c.type, c.unit, c.definition) for n, c in question.columns.items()]
    return pl.DataFrame(rows, schema=["column", "type", "unit", "definition"], orient="row")


def _explained(question: Question) -> Iterator[str]:
    """A question in parts: what it asks, takes, gives, leaves open and runs."""
    from ..queries.pages import COUNTED, with_n
    from .tables import listed, wrapped

    yield f"{question.name}\n{wrapped(question.question)}"
    if question.parameters:
        parameters = [(flag(n), meaning(p)) for n, p in question.parameters.items()]
        yield f"Parameters\n{listed(parameters, 2)}"
    columns = [
        (name, f"{column.definition} ({column.unit or column.type})")
        for name, column in question.columns.items()
    ]
    yield f"Columns\n{listed(columns, 2)}"
    if question.caveats:
        told = [with_n(caveat) for caveat in question.caveats]
        counted = [f"n{COUNTED}"] if told != list(question.caveats) else []
        caveats = "\n".join(wrapped(c, "  - ", "    ") for c in [*told, *counted])
        yield f"To be said beside the answer\n{caveats}"
    engines = ", ".join(question.engines)
    yield f"Engines that answer it, the first unless another is named\n  {engines}"
    yield from (_text(language, text) for language, text in question.texts.items())
    yield from (_worked(question, example) for example in question.examples)


def _text(language: str, text: str) -> str:
    if language == "python":
        place = text.replace(":", ".")
        return f"The function that answers\n  icsgraph.queries.{place}"
    lines = "\n".join(f"  {line}".rstrip() for line in text.strip().splitlines())
    return f"What the {language} engines run\n{lines}"


def flag(parameter: str) -> str:
    """The option that sets a parameter.

    >>> flag("at_least")
    '--at-least'
    """
    return f"--{parameter.replace('_', '-')}"


def meaning(parameter: Parameter) -> str:
    """What a parameter means and takes, in a sentence or two."""
    if parameter.allowed:
        takes = f"One of: {', '.join(parameter.allowed)}."
    elif parameter.node:
        takes = f"The id, a code or a name of: {' or '.join(parameter.node)}."
    elif parameter.values:
        takes = f"A value of {parameter.values}."
    else:
        takes = f"Takes: {parameter.type}."
    if parameter.default is None:
        return f"{parameter.definition} {takes} Required."
    default = "any" if parameter.default == "" else str(parameter.default)
    return f"{parameter.definition} {takes} Default: {default}."


def _worked(question: Question, example: Example) -> str:
    from shlex import join

    import polars as pl

    from ..queries.pages import STORES
    from .tables import table

    options = [p for n, v in example.parameters.items() for p in (flag(n), str(v))]
    options += ["--on", example.on] if example.on else []
    columns = list(question.shown(example.parameters))
    rows = pl.DataFrame(example.rows, schema=columns, orient="row", strict=False)
    more = "\n  ..." if example.more else ""
    command = join(["icsgraph", "ask", question.name, *options])
    return f"On {STORES[example.store]}\n  {command}\n\n{table(rows)}{more}"
