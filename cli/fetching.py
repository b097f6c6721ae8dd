"""The command that downloads registers: fetch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..ontology.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from ..loaders.fetch_files import Fetched
    from ..loaders.fetch_service import Service

__all__ = ["fetch_command"]


@click.command("fetch")
@click.argument("name", required=False)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder to write to; it is made if it is not there.",
)
@click.option(
    "--local-authority", multiple=True, help="Of cqc only what lies in it; may be repeated."
)
@click.option("--role", multiple=True, help="Of ods-... only this role, RO197; may be repeated.")
@click.option("--plain", is_flag=True, help="Write .jsonl, not .jsonl.gz.")
def fetch_command(
    name: str | None,
    folder: Path | None,
    local_authority: tuple[str, ...],
    role: tuple[str, ...],
    plain: bool,
) -> None:
    """Download registers that have a stable service.

    Without NAME, what can be fetched and what each needs. The files are then read by icsgraph add.

    The same command again fetches only what changed since. One that was interrupted goes on where
    it was; a file is replaced when the new one is whole.

    \b
    icsgraph fetch
    icsgraph fetch cqc -o registers --local-authority Oldham
    """
    from ..loaders.fetch import FETCHED, fetch

    if name is None:
        click.echo("\n\n".join(_listed(service) for service in FETCHED.values()))
        return
    if name not in FETCHED:
        raise UnknownName("service to fetch from", name, FETCHED)
    if folder is None:
        raise UsageError("A fetch needs a folder.", f"icsgraph fetch {name} -o {name}")
    scope = {"local-authority": list(local_authority), "role": list(role)}
    try:
        with _progress() as tell:
            files = fetch(name, folder, scope, packed=not plain, tell=tell)
    except KeyboardInterrupt:
        kept = f"What was fetched is kept in {folder}; the same command goes on from there."
        click.echo(kept, err=True)
        raise
    _tell_what_came(FETCHED[name], files, list(local_authority or role))


def _listed(service: Service) -> str:
    from ..loaders.registry import LOADERS
    from .tables import listed, wrapped

    needs = f"a key in {service.key.variable}, from {service.key.page}" if service.key else "no key"
    facts = [
        ("needs", needs),
        ("licence", service.licence),
        ("narrowed by", f"--{service.narrowed_by}"),
        ("read by", f"icsgraph add {service.kind}" if service.kind in LOADERS else ""),
        ("page", service.page),
        ("note", service.note),
    ]
    head = wrapped(f"{service.name}: {service.publisher}, {service.what}", then="  ")
    return f"{head}\n{listed([fact for fact in facts if fact[1]], indent=2)}"


def _tell_what_came(service: Service, files: list[Fetched], parts: list[str]) -> None:
    """The files on standard output; on stderr what is in them, and how to read them."""
    from shlex import join

    from ..loaders.registry import LOADERS

    for file in files:
        gone = f", {file.gone:,} no longer there" if file.gone else ""
        said = f"{file.records:,} records as of {file.until}: {file.fetched:,} fetched{gone}."
        click.echo(f"{file.path.name}: {said}", err=True)
        click.echo(file.path)
    if service.kind not in LOADERS:
        return
    day = min(file.until for file in files)[:10]
    scope = ["--scope", ", ".join(parts)] if parts else ["--scope", "England", "--complete"]
    dated = ["--as-of", day, "--retrieved", day, "--licence", service.licence, *scope]
    paths = [str(file.path) for file in files if file.records]
    click.echo(f"To read: {join(['icsgraph', 'add', service.kind, *paths, *dated])}", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Something to tell what is going on: it is said on stderr if a person is looking on."""
    if not sys.stderr.isatty():
        yield lambda step, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, Remaining(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking the service", total=None)

        def tell(step: str, done: int, of: int) -> None:
            if bar.tasks[0].description != step:
                bar.reset(task, description=step)
            bar.tasks[0].total = of or None  # which update takes for "as before"
            bar.update(task, completed=done)

        yield tell
