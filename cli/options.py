"""Options that several commands have, and which store a command works on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..ontology.errors import UsageError

if TYPE_CHECKING:
    from ..graph.snapshot import Snapshot
    from ..graph.store import Store
    from ..session import Graph

__all__ = [
    "DEFAULT_STORE",
    "FORMATS",
    "Amount",
    "Chosen",
    "Count",
    "catalogue_option",
    "chosen_format",
    "day",
    "day_options",
    "engine_options",
    "format_options",
    "graph_of",
    "known_day",
    "opened",
    "profile_option",
    "progress",
    "reading",
    "server_password",
    "snapshot_of",
    "store_option",
    "today",
    "view_options",
    "writing",
]


class Count(click.IntRange):
    """A whole number, called so where what was given is none."""

    name = "whole number"


class Amount(click.FloatRange):
    """A number, called so where what was given is none."""

    name = "number"


DEFAULT_STORE = Path("icsgraph-store")
"""The store that is used where none is named: in the folder in which the command runs."""

FORMATS = ("table", "csv", "json", "parquet")

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

store_option = click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ICSGRAPH_STORE",
    metavar="PATH",
    help="The store to work on; otherwise $ICSGRAPH_STORE, otherwise ./icsgraph-store.",
)


profile_option = click.option(
    "--profile",
    metavar="NAME",
    help="public leaves out notes, contact fields, sole traders and what has no open licence; "
    "otherwise full.",
)


def format_options(command: Decorated) -> Decorated:
    """Give a command `--format` and `--output`."""
    command = click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Write to this file, whole or not at all, instead of standard output.",
    )(command)
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(FORMATS),
        help="How to write the rows; otherwise as the ending of FILE says, otherwise a table.",
    )(command)


def day_options(command: Decorated) -> Decorated:
    """Give a command `--on` and `--known`."""
    command = click.option(
        "--known",
        metavar="DAY",
        help="As the editions and documents known by this day, or that of a release, knew it.",
    )(command)
    return click.option(
        "--on",
        metavar="DAY",
        help="As it was in the world on this day (2021-06-30): rows are CERTAIN or POSSIBLE.",
    )(command)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which graph a command is about: that of a store, as the options of `view_options` show it.

    `on` is an ISO day, '' unless given; who draws or asks says what held on it for certain.
    """

    store: Path | None
    profile: str | None
    within: tuple[str, ...]
    known: str | None
    on: str

    def graph(self, catalogue: Path | None = None) -> Graph:
        """The graph as its profile shows it, as known by a day, within systems."""
        from ..session import Graph

        graph = Graph(snapshot_of(self.store, self.profile), catalogue)
        graph = graph.seen(known=known_day(self.known, self.store))
        return graph.within(*self.within) if self.within else graph


def view_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that draws, reports or answers `--on`, `--known`, `--within`, `--profile` and
    `--store`; it is called with all of them as one `Chosen`, named `chosen`."""

    @wraps(command)
    def run(
        *,
        store: Path | None,
        profile: str | None,
        within: tuple[str, ...],
        known: str | None,
        on: str | None,
        **given: Any,
    ) -> Any:
        return command(chosen=Chosen(store, profile, within, known, day(on)), **given)

    within_option = click.option(
        "--within",
        multiple=True,
        metavar="SYSTEM",
        help="Only what is of this system, and its ties. May be given again.",
    )
    return day_options(within_option(profile_option(store_option(run))))


def engine_options(command: Decorated) -> Decorated:
    """Give a command `--engine`, `--url` and `--user`."""
    command = click.option(
        "--user", default="neo4j", metavar="NAME", help="Who asks a server; otherwise neo4j."
    )(command)
    command = click.option(
        "--url",
        metavar="ADDRESS",
        help="Where a server is, as bolt://localhost:7687; its password: $NEO4J_PASSWORD.",
    )(command)
    told = "The engine to ask: ladybug or neo4j for Cypher, oxigraph for SPARQL."
    return click.option("--engine", metavar="NAME", help=told)(command)


catalogue_option = click.option(
    "--catalogue",
    type=click.Path(path_type=Path),
    envvar="ICSGRAPH_CATALOGUE",
    metavar="FOLDER",
    is_eager=True,
    help="A folder of questions of your own, beside the bundled ones; otherwise "
    "$ICSGRAPH_CATALOGUE.",
)


def opened(graph: Graph, engine: str | None, url: str | None, user: str) -> None:
    """Open the engine that a command names, and ask for the password of a server if nothing states
    it: `$NEO4J_PASSWORD`, or a person at a terminal."""
    from ..graph.engines import ENGINES

    if engine and engine in ENGINES and ENGINES[engine].served:
        password = server_password(url, user) if url else ""
        graph.engine(engine, url or "", user=user, password=password)


def server_password(url: str, user: str = "neo4j") -> str:
    """The password of a user of a server: that of $NEO4J_PASSWORD, else what a person types; ''
    where there is neither."""
    from ..graph.neo4j_server import PASSWORD_VARIABLE

    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password and sys.stdin.isatty():
        asked = f"Password of {user} at {url} (none if it asks for none)"
        password = click.prompt(asked, hide_input=True, default="", show_default=False, err=True)
    return password


def day(text: str | None) -> str:
    """The ISO day that an option states; '' if it was not given, `UsageError` if it is none.

    >>> day("2021-06-30"), day(None)
    ('2021-06-30', '')
    """
    from ..ontology.dates import read_day
    from ..ontology.errors import DateFault

    if text is None:
        return ""
    try:
        return read_day(text).isoformat()
    except DateFault as error:
        raise UsageError(error.message, error.hint) from None


def known_day(text: str | None, path: Path | None) -> str:
    """The ISO day that `--known` states, or that of the release that it names; '' if it was not
    given, `UsageError` if it is neither."""
    from ..graph.releases import day_meant
    from ..graph.store import Store
    from ..ontology.errors import DateFault

    if text is None:
        return ""
    try:
        return day_meant(Store(path or DEFAULT_STORE), text)
    except DateFault as error:
        raise UsageError(error.message, error.hint) from None


def chosen_format(format_name: str | None, output: Path | None) -> str:
    """The format asked for, by name or by the ending of the file.

    `UsageError` for Parquet that would fill a terminal with bytes.

    >>> chosen_format(None, Path("voices.csv")), chosen_format(None, None)
    ('csv', 'table')
    """
    ending = output.suffix.lower().removeprefix(".") if output else ""
    chosen = format_name or (ending if ending in FORMATS else "table")
    if chosen == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is not text, so a terminal cannot show it.", "Name a file: -o")
    return chosen


def reading(path: Path | None) -> Store:
    """The store that a command reads: the one named, else `DEFAULT_STORE`, else the bundled
    evidence.

    Which one is said on stderr where the user did not name it.
    """
    from ..graph.store import Store

    if path is not None:
        return Store(path)
    if (DEFAULT_STORE / "CURRENT").is_file():
        click.echo(f"Reading the store {DEFAULT_STORE}.", err=True)
        return Store(DEFAULT_STORE)
    from ..session import sample_store

    click.echo("Reading the bundled evidence; another store is chosen with --store.", err=True)
    with progress() as tell:
        return sample_store(tell)


def snapshot_of(path: Path | None, profile: str | None = None) -> Snapshot:
    """The current snapshot of the store that `reading` finds, as a profile shows it."""
    from ..graph.public import profiled

    return profiled(reading(path).current(), profile)


def graph_of(path: Path | None, catalogue: Path | None = None) -> Graph:
    """The graph of the store that `reading` finds, ready to be asked."""
    from ..session import Graph

    return Graph(snapshot_of(path), catalogue)


def writing(path: Path | None) -> Store:
    """The store that a command writes: the one named, else `DEFAULT_STORE`; a new one is said on
    stderr."""
    from ..graph.store import Store

    store = Store(path or DEFAULT_STORE)
    if not store.path.exists():
        click.echo(f"A new store: {store.path}", err=True)
    elif path is None:
        click.echo(f"The store {store.path}.", err=True)
    return store


def today() -> str:
    """The day of what a person does now and gives no day for: the one clock that is read."""
    from datetime import date

    return date.today().isoformat()


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Something to tell each step of long work to: it is said on stderr, with the time it takes,
    if a person is looking on."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(finished_text=" "), TextColumn("{task.description}", markup=False))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as steps:

        def tell(step: str) -> None:
            done()
            steps.add_task(step, total=None)

        def done() -> None:
            for task in steps.task_ids:
                steps.update(task, total=1, completed=1)

        yield tell
        done()
