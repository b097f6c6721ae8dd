"""Commands that run a query of one's own: cypher, sparql."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..ontology.errors import UsageError
from .options import (
    Amount,
    Count,
    day,
    day_options,
    engine_options,
    format_options,
    graph_of,
    known_day,
    opened,
    store_option,
)
from .output import deliver

__all__ = ["cypher_command", "sparql_command"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _query_options(command: Decorated) -> Decorated:
    """Give a command its text, parameters and bounds, and what all that ask have."""
    options = (
        click.argument("text"),
        click.option(
            "--param",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help="The value of $NAME in TEXT, as JSON writes it (3, true, [1, 2]), or <ods:R1H> "
            "for a thing; all else is text.",
        ),
        click.option(
            "--limit",
            type=Count(min=0),
            metavar="NUMBER",
            default=1000,
            show_default=True,
            help="The most rows to read; 0 reads all.",
        ),
        click.option(
            "--timeout",
            type=Amount(min=0),
            default=30,
            show_default=True,
            metavar="SECONDS",
            help="The longest it may take; 0 waits for ever.",
        ),
        engine_options,
        day_options,
        store_option,
        format_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("cypher")
@_query_options
def cypher_command(text: str, **asked: Any) -> None:
    """The rows of a query of your own in Cypher.

    TEXT is openCypher that only reads; - reads it from standard input. icsgraph schema lists the
    kinds to match.

    \b
    icsgraph cypher 'MATCH (s:System) RETURN s.name AS name ORDER BY name'

    A text that uses $on or $known gets the day of --on or --known as that parameter; any other is
    asked of the graph as it may have been on that day, or as it was known by it.
    """
    _run("cypher", text, **asked)


@click.command("sparql")
@_query_options
def sparql_command(text: str, **asked: Any) -> None:
    """The rows of a query of your own in SPARQL.

    TEXT is a SELECT or ASK of SPARQL 1.1; - reads it from standard input. The prefixes of the
    ontology are known. $name is a parameter.

    \b
    icsgraph sparql 'SELECT ?name WHERE { ?s a icsgo:System ; rdfs:label ?name } ORDER BY ?name'

    A text that uses $on or $known gets the day of --on or --known as that parameter; any other is
    asked of the graph as it may have been on that day, or as it was known by it.
    """
    _run("sparql", text, **asked)


def _run(
    language: str,
    text: str,
    parameters: tuple[str, ...],
    limit: int,
    timeout: float,
    store: Path | None,
    on: str | None,
    known: str | None,
    engine: str | None,
    url: str | None,
    user: str,
    **out: Any,
) -> None:
    given = dict(_parameter(stated) for stated in parameters)
    # Read before polars is imported: its handler of signals lets a read go on after Ctrl-C.
    query = _standard_input() if text == "-" else text
    if not query.strip():
        raise UsageError("The query is empty.", f"icsgraph {language} -h shows one.")
    from ..graph.engines import bounded
    from ..queries.texts import check_names

    days, views = _moment(language, query, {"on": day(on), "known": known_day(known, store)})
    check_names(language, query)
    name = _engine(language, engine)
    graph = graph_of(store).seen(**views)
    opened(graph, name, url, user)
    most, longest = bounded(limit + 1 if limit else None, timeout or None)
    rows = graph.engine(name, url or "").run(query, given | days, limit=most, timeout=longest)
    complete = not limit or rows.height <= limit
    notes = [] if complete else [f"Only the first {limit:,} rows are here; --limit 0 gives all."]
    whole = {"snapshot": graph.snapshot.id, "complete": complete}
    kept = rows if complete else rows.head(limit)
    deliver(kept, notes=notes, whole={**whole, "rows": _plain(kept)}, **out)


def _engine(language: str, name: str | None) -> str:
    """The engine named, or the first of a language; `UsageError` for one of another language."""
    from ..graph.engines import ENGINES, engine_row

    speaking = [each for each, row in ENGINES.items() if row.language == language]
    if name is None:
        return speaking[0]
    if engine_row(name).language != language:
        several = ", ".join(speaking)
        raise UsageError(f"The engine {name} does not read {language}.", f"These do: {several}.")
    return name


def _moment(
    language: str, query: str, moment: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The days that a query takes as parameters, and those for which a view is asked."""
    from ..queries.texts import parameters_used

    used = parameters_used(language, query)
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
    >>> _parameter("system=<ods:QE1>")
    ('system', 'ods:QE1')
    """
    from ..graph.sparql_text import Iri

    name, equals, value = stated.partition("=")
    if not equals or not name.isidentifier():
        raise click.BadParameter(f"{stated!r} is not NAME=VALUE.", param_hint="--param")
    if value.startswith("<") and value.endswith(">"):
        return name, Iri(value[1:-1])
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise UsageError("The text on standard input is not UTF-8.") from None
