"""Commands that ask: questions, ask, cypher."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import UnknownName, UsageError
from .options import day, day_options, format_options, graph_of, known_day, store_option
from .output import deliver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..queries.answer import Answer
    from ..queries.catalogue import Example, Parameter, Question

__all__ = ["Questions", "ask_command", "cypher_command", "questions_command"]

STORES = {"sample": "the bundled evidence", "registers": "the made-up registers of the tests"}
"""What the stores are called that worked examples are asked of."""


@click.command("questions")
@click.argument("name", required=False)
@format_options
def questions_command(name: str | None, **out: Any) -> None:
    """The catalogue, and each question explained.

    With NAME: its parameters with their choices, its columns with their units, what must be said
    beside an answer, the text that each engine runs, and worked examples.

    \b
    icsgraph questions
    icsgraph questions common-barriers
    """
    catalogue = _catalogue()
    if name is None:
        _deliver_catalogue(catalogue, out)
        return
    question = _question(catalogue, name)
    rows = _columns(question)
    whole = question.model_dump(mode="json")
    deliver(rows, text="\n\n".join(_explained(question)), whole=whole, **out)


def _catalogue() -> Mapping[str, Question]:
    from ..queries.catalogue import read_catalogue

    return read_catalogue()


def _question(catalogue: Mapping[str, Question], name: str) -> Question:
    if name not in catalogue:
        raise UnknownName("question", name, catalogue)
    return catalogue[name]


def _deliver_catalogue(catalogue: Mapping[str, Question], out: dict[str, Any]) -> None:
    import polars as pl

    from .tables import listed

    columns = ("name", "group", "question")
    rows = pl.DataFrame(
        [[getattr(q, c) for c in columns] for q in catalogue.values()],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    for question in catalogue.values():
        groups.setdefault(question.group, []).append((question.name, question.question))
    text = "\n\n".join(f"{group}\n{listed(pairs, 2)}" for group, pairs in groups.items())
    deliver(rows, text=text, **out)


def _columns(question: Question) -> Any:
    import polars as pl

    rows = [(n, c.type, c.unit, c.definition) for n, c in question.columns.items()]
    return pl.DataFrame(rows, schema=["column", "type", "unit", "definition"], orient="row")


def _explained(question: Question) -> Iterator[str]:
    """A question in parts: what it asks, takes, gives, leaves open and runs."""
    from .tables import listed, wrapped

    yield f"{question.name}\n{wrapped(question.question)}"
    if question.parameters:
        parameters = [(_flag(n), _meaning(p)) for n, p in question.parameters.items()]
        yield f"Parameters\n{listed(parameters, 2)}"
    columns = [
        (name, f"{column.definition} ({column.unit or column.type})")
        for name, column in question.columns.items()
    ]
    yield f"Columns\n{listed(columns, 2)}"
    if question.caveats:
        caveats = "\n".join(wrapped(c, "  - ", "    ") for c in question.caveats)
        yield f"To be said beside the answer\n{caveats}"
    if "python" in question.texts:
        place = question.texts["python"].replace(":", ".")
        yield f"The function that answers\n  icsgraph.queries.{place}"
    if "cypher" in question.texts:
        text = question.texts["cypher"].strip().splitlines()
        lines = "\n".join(f"  {line}".rstrip() for line in text)
        yield f"What the cypher engine runs\n{lines}"
    yield from (_worked(question, example) for example in question.examples)


def _flag(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"


def _meaning(parameter: Parameter) -> str:
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

    from .tables import table

    options = [p for n, v in example.parameters.items() for p in (_flag(n), str(v))]
    options += ["--on", example.on] if example.on else []
    rows = pl.DataFrame(example.rows, schema=list(question.columns), orient="row", strict=False)
    more = "\n  ..." if example.more else ""
    command = join(["icsgraph", "ask", question.name, *options])
    return f"On {STORES[example.store]}\n  {command}\n\n{table(rows)}{more}"


class Questions(click.Group):
    """`icsgraph ask`: each question of the catalogue is a command, its parameters are its
    options."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all questions."""
        return list(_catalogue())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The question of a name as a command; `UnknownName` with the nearest if there is none."""
        return _command(_question(_catalogue(), cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the questions under their names."""
        with formatter.section("Questions"):
            formatter.write_dl([(q.name, q.question) for q in _catalogue().values()])


def _command(question: Question) -> click.Command:
    def run(
        store: Path | None,
        format_name: str | None,
        output: Path | None,
        on: str | None,
        known: str | None,
        **given: Any,
    ) -> None:
        asked = {name: value for name, value in given.items() if value not in (None, ())}
        moment = {"on": day(on), "known": known_day(known, store)}
        answer = graph_of(store).ask(question.name, **moment, **asked)
        _deliver_answer(question, answer, format_name, output)

    options = [
        click.Option(
            [_flag(name), name],
            help=_meaning(parameter),
            metavar="VALUE",
            multiple=parameter.type == "texts",
        )
        for name, parameter in question.parameters.items()
    ]
    command = click.Command(
        question.name,
        callback=run,
        help=question.question,
        params=list(options),
        epilog=f"icsgraph questions {question.name} explains its columns and how it is answered.",
    )
    return store_option(format_options(day_options(command)))


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
def ask_command() -> None:
    """The answer to a question of the catalogue.

    \b
    icsgraph ask barriers --topic cancer
    icsgraph ask shared-innovations --format csv -o shared.csv
    icsgraph ask barriers -h                the parameters of a question
    """


@click.command("cypher")
@click.argument("text")
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of $NAME in TEXT, as JSON writes it (3, true, [1, 2]); all else is text.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="The most rows to read; 0 reads all.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="The longest it may take; 0 waits for ever.",
)
@day_options
@store_option
@format_options
def cypher_command(
    text: str,
    parameters: tuple[str, ...],
    limit: int,
    timeout: float,
    store: Path | None,
    on: str | None,
    known: str | None,
    **out: Any,
) -> None:
    """The rows of a query of your own.

    TEXT is openCypher that only reads; - reads it from standard input. icsgraph schema lists the
    kinds to match.

    \b
    icsgraph cypher 'MATCH (s:System) RETURN s.name AS name ORDER BY name'

    A text that uses $on or $known gets the day of --on or --known as that parameter; any other is
    asked of the graph as it may have been on that day, or as it was known by it.
    """
    given = dict(_parameter(stated) for stated in parameters)
    query = _standard_input() if text == "-" else text
    days, views = _moment(query, {"on": day(on), "known": known_day(known, store)})
    graph = graph_of(store).seen(**views)
    given |= days
    rows = graph.engine().run(
        query, given, limit=limit + 1 if limit else None, timeout=timeout or None
    )
    complete = not limit or rows.height <= limit
    notes = [] if complete else [f"Only the first {limit:,} rows are here; --limit 0 gives all."]
    whole = {"snapshot": graph.snapshot.id, "complete": complete}
    kept = rows if complete else rows.head(limit)
    deliver(kept, notes=notes, whole={**whole, "rows": _plain(kept)}, **out)


def _moment(query: str, moment: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The days that a query takes as parameters, and those for which a view is asked."""
    from ..graph.read_only import parameter_names

    used = parameter_names(query)
    stated = {name: value for name, value in moment.items() if value}
    return (
        {name: value for name, value in stated.items() if name in used},
        {name: value for name, value in stated.items() if name not in used},
    )


def _plain(rows: Any) -> list[dict[str, Any]]:
    from ..queries.formats import plain_rows

    return plain_rows(rows)


def _parameter(stated: str) -> tuple[str, Any]:
    """A parameter of a query from its text: `name=value`.

    >>> _parameter("topic=cancer"), _parameter("least=2"), _parameter('codes=["R1H"]')
    (('topic', 'cancer'), ('least', 2), ('codes', ['R1H']))
    """
    name, equals, value = stated.partition("=")
    if not equals or not name.isidentifier():
        raise click.BadParameter(f"{stated!r} is not NAME=VALUE.", param_hint="--param")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise UsageError("The text on standard input is not UTF-8.") from None
