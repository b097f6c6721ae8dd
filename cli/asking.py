"""The command ask: each question of the catalogue is a command of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import (
    Chosen,
    catalogue_option,
    engine_options,
    format_options,
    opened,
    progress,
    view_options,
)
from .output import deliver
from .questions import catalogue_of, flag, meaning, question_named

if TYPE_CHECKING:
    from ..queries.answer import Answer
    from ..queries.catalogue import Question

__all__ = ["Questions", "ask_command"]

CATALOGUE = "--catalogue"


class Questions(click.Group):
    """`icsgraph ask`: each question of the catalogue is a command, its parameters are its
    options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the folder of questions first, wherever it stands: it says which commands there
        are."""
        folder = [n for n, arg in enumerate(args) if arg.split("=")[0] == CATALOGUE]
        for at in folder:
            end = at + 1 if "=" in args[at] else at + 2
            args = [*args[at:end], *args[:at], *args[end:]]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all questions."""
        return list(catalogue_of(ctx.params.get("catalogue")))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The question of a name as a command; `UnknownName` with the nearest if there is none."""
        folder = ctx.params.get("catalogue")
        return _command(question_named(catalogue_of(folder), cmd_name), folder)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the questions under their names."""
        with formatter.section("Questions"):
            known = catalogue_of(ctx.params.get("catalogue"))
            formatter.write_dl([(q.name, q.question) for q in known.values()])


def _command(question: Question, folder: Path | None) -> click.Command:
    @view_options
    @engine_options
    @format_options
    def run(
        chosen: Chosen,
        format_name: str | None,
        output: Path | None,
        engine: str | None,
        url: str | None,
        user: str,
        keep: bool,
        **given: Any,
    ) -> None:
        from ..queries.ask import engine_for

        asked = {name: value for name, value in given.items() if value not in (None, ())}
        of = {"engine": engine or "", "url": url or ""}
        graph = chosen.graph(folder)
        engine_for(question, engine or "")
        opened(graph, engine, url, user)
        with progress() as graph.tell:
            answer = graph.ask(question.name, on=chosen.on, **of, **asked)
        _deliver_answer(question, answer, format_name, output)
        if keep:
            kept = graph.measures.keep(answer)
            click.echo(f"Kept as {kept.key}: icsgraph measures show {kept.key}", err=True)

    options: list[click.Parameter] = [
        click.Option(
            [flag(name), name],
            help=meaning(parameter),
            metavar="VALUE",
            multiple=parameter.type == "texts",
        )
        for name, parameter in question.parameters.items()
    ]
    return click.command(
        question.name,
        help=question.question,
        params=[*options, _keep_option()],
        epilog=f"icsgraph questions {question.name} explains its columns and how it is answered.",
    )(run)


def _keep_option() -> click.Option:
    told = "Keep the answer as a record beside the store (icsgraph measures)."
    return click.Option(["--keep"], is_flag=True, help=told)


def _deliver_answer(
    question: Question, answer: Answer, format_name: str | None, output: Path | None
) -> None:
    from .tables import table, wrapped

    years = [name for name, column in question.columns.items() if column.unit == "year"]
    drawn = table(answer, years=years, terminal=False if output else None)
    deliver(
        answer,
        format_name=format_name,
        output=output,
        notes=list(_notes(answer)),
        whole=answer.as_dict(),
        text=f"{wrapped(question.question)}\n\n{drawn}",
    )


def _notes(answer: Answer) -> Iterator[str]:
    """What must be said beside the rows of an answer."""
    if not answer.answerable:
        yield f"This cannot be answered: {answer.reason}"
    elif answer.is_empty():
        yield "No rows."
    counts = (f"{name.replace('_', ' ')} {count:,}" for name, count in answer.counts.items())
    yield f"Behind this answer: {', '.join(counts)}."
    yield from (f"- {caveat}" for caveat in answer.caveats)


@click.group("ask", cls=Questions, subcommand_metavar="NAME [--PARAMETER VALUE]...")
@catalogue_option
def ask_command(catalogue: Path | None) -> None:
    """The answer to a question of the catalogue.

    \b
    icsgraph ask barriers --topic cancer
    icsgraph ask shared-innovations --format csv -o shared.csv
    icsgraph ask barriers -h                the parameters of a question
    """
