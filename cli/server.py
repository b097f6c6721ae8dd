"""Commands that speak to a Neo4j server: push, pull."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from .options import reading, server_password, store_option, writing

if TYPE_CHECKING:
    from ..graph.neo4j_server import Server
    from ..graph.push import Pushed

__all__ = ["pull_command", "push_command"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def _server_options(command: Decorated) -> Decorated:
    """Give a command the address of a server, `--user` and `--database`."""
    command = click.option(
        "--database", default="", metavar="NAME", help="Otherwise the server's usual one, neo4j."
    )(command)
    command = click.option(
        "--user", default="neo4j", show_default=True, help="Who asks to be let in."
    )(command)
    return click.argument("url", metavar="URL")(command)


@click.command("push")
@_server_options
@click.option("--into-shared", is_flag=True, help="Also where nodes of others' are; they stay.")
@click.option("--again", is_flag=True, help="Compare every table, and mend what was changed there.")
@store_option
def push_command(
    url: str, user: str, database: str, into_shared: bool, again: bool, store: Path | None
) -> None:
    """Let a Neo4j server hold the graph.

    URL is its Bolt address. The password is that of $NEO4J_PASSWORD, otherwise it is asked for. The
    server then holds the snapshot that readers of the store see, and of icsgraph nothing else: what
    a source said goes when the source has gone. A push that broke off goes on where it stopped.

    \b
    icsgraph push bolt://localhost:7687 --store england
    icsgraph ask voices --engine neo4j --url bolt://localhost:7687
    """
    from ..graph.push import push

    snapshot = reading(store).current()
    with _server(url, user, database) as server, _progress() as tell:
        done = push(snapshot, server, into_shared=into_shared, again=again, tell=tell)
    click.echo(_said(done, url), err=True)


@click.command("pull")
@_server_options
@store_option
def pull_command(url: str, user: str, database: str, store: Path | None) -> None:
    """Bring a graph back from a Neo4j server.

    URL is the Bolt address of a server that was pushed to. STORE becomes a store of that one
    snapshot, which answers and is compared as any other; its sources are not on the server, so it
    cannot be built again.

    \b
    icsgraph pull bolt://localhost:7687 --store pulled
    icsgraph diff england pulled
    """
    from ..graph.pull import pull

    target = writing(store)
    with _server(url, user, database) as server, _progress() as tell:
        done = pull(server, target, tell)
    same = "as it was pushed" if done.snapshot == done.pushed else f"{done.pushed} was pushed"
    click.echo(f"Snapshot {done.snapshot}, {same}: {target.path}", err=True)


def _said(done: Pushed, url: str) -> str:
    """What a push did, in a sentence or two."""
    told = f"{done.written:,} rows written, {done.removed:,} removed"
    if not done.written and not done.removed:
        told = "nothing had changed there"
    kept = ""
    if done.kept_for_others:
        kept = (
            f"\n{done.kept_for_others:,} nodes that the snapshot no longer has are held by "
            "relationships of others': they stay, as IcsgraphFormer."
        )
    return f"{url} holds snapshot {done.snapshot}: {told}.{kept}"


@contextmanager
def _server(url: str, user: str, database: str) -> Iterator[Server]:
    """The server at an address, with the password of the environment or one asked for."""
    from ..graph.neo4j_server import Server

    password = server_password(url, user)
    with Server(url, user=user, password=password, database=database) as server:
        yield server


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Something to tell each step of long work, and how far it is: said on stderr, if a person is
    looking on."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        tasks = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step)
            bar.update(tasks[step], completed=done, total=total)

        yield tell
