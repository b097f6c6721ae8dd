"""Commands that write a store: build, add, remove."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import DataError, FileFault, MappingFault, UsageError
from .options import profile_option, progress, store_option, writing

if TYPE_CHECKING:
    from ..graph.store import Store
    from ..loaders.records import SourceEntry
    from ..pipeline import Build

__all__ = ["add_command", "build_command", "remove_command"]


@click.command("build")
@click.argument("sources", required=False, type=click.Path(path_type=Path))
@click.option("--sample", is_flag=True, help="Read the evidence that comes with icsgraph.")
@click.option(
    "--site",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Then check the store, and write all maps and reports into this folder.",
)
@profile_option
@store_option
def build_command(
    sources: Path | None,
    sample: bool,
    site: Path | None,
    profile: str | None,
    store: Path | None,
) -> None:
    """Read every source listed and join them.

    SOURCES is a file that lists files with their kind, as-of date, licence and scope, usually
    called SOURCES.toml. Without it, and without --sample, the sources that the store holds are
    joined again.

    A source that has not changed is not read again. Whatever goes wrong, the last snapshot still
    answers.

    \b
    icsgraph build --sample
    icsgraph build SOURCES.toml --store england
    icsgraph build SOURCES.toml --store england --site england-site --profile public
    """
    from ..graph.public import known_profile
    from ..loaders.sources import read_sources, sample_sources

    known_profile(profile)
    if profile and site is None:
        raise UsageError("--profile belongs to a site.", "Name its folder: --site FOLDER")

    listed = sample_sources() if sample else []
    listed += read_sources(sources) if sources else []
    _build(store, listed)
    if site is not None:
        _check_and_show(store, site, profile)


def _check_and_show(store: Path | None, site: Path, profile: str | None) -> None:
    """Check the store that was just built, and write its site."""
    from ..graph.accounts import problems
    from ..graph.public import profiled
    from ..graph.store import Store
    from ..session import Graph
    from ..visualisations.site import write_site
    from .options import DEFAULT_STORE

    built = Store(store or DEFAULT_STORE)
    if wrong := problems(built):
        said = "\n".join(f"- {problem}" for problem in wrong)
        raise DataError(f"The store {built.path} is not as it was written:\n{said}", "")
    click.echo("Checked: every table is as written, every row accounted for.")
    with progress() as tell:
        pages = write_site(Graph(profiled(built.current(), profile)), site, tell=tell)
    click.echo(f"{site / 'index.html'}: {len(pages):,} pages.")


@click.command("add")
@click.argument("kind")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--as-of", help="The day whose state it gives: 2026-01-31, 2026-01, 2026.")
@click.option("--document", help="The report that the findings were coded in.")
@click.option("--id", "source_id", help="Data set and edition; otherwise KIND@AS-OF.")
@click.option("--title", help="What it is called; otherwise what the loader says it is.")
@click.option("--licence", default="", help="Licence, as the publisher states it: OGL-UK-3.0.")
@click.option("--publisher", default="", help="Who published it, if not the loader's publisher.")
@click.option("--retrieved", default="", help="The day on which it was fetched.")
@click.option("--scope", default="", help="What it covers: England.")
@click.option("--url", default="", help="Where it was fetched.")
@click.option("--complete", is_flag=True, help="What it leaves out of its scope did not hold.")
@store_option
def add_command(
    kind: str,
    paths: tuple[str, ...],
    as_of: str | None,
    document: str | None,
    source_id: str | None,
    title: str | None,
    store: Path | None,
    **facts: Any,
) -> None:
    """Add one source without a SOURCES.toml.

    KIND is the loader that reads it (icsgraph sources --kinds lists them), PATH its files. The
    store is then built again; other sources stay as they are. Of findings, --as-of is the day on
    which the report came out, and may be left out.

    \b
    icsgraph add ods-trusts etr.csv --as-of 2026-01 --licence OGL-UK-3.0 --scope England --complete
    icsgraph add findings sheet.csv --document report.pdf --as-of 2022-07
    """
    from ..loaders.registry import loader
    from ..loaders.sources import entry

    _refuse(kind, as_of, document)
    row = {
        **facts,
        "id": source_id or _id(kind, as_of, document),
        "kind": kind,
        "files": [*paths, *([document] if document else [])],
        "title": title or (Path(document).stem if document else loader(kind).what),
        "as_of": as_of or "unknown",
    }
    try:
        listed = entry(row, Path())
    except (FileFault, MappingFault):
        raise
    except DataError as error:  # the command line is at fault here, not a file
        raise UsageError(error.message, error.hint) from None
    _build(store, [listed])


def _refuse(kind: str, as_of: str | None, document: str | None) -> None:
    """Options that do not go with a kind of source."""
    from ..loaders.registry import loader

    row = loader(kind)
    if document and not row.quotes:
        raise UsageError(f"--document belongs to findings, not to {kind}.", "Leave it out.")
    if not document and as_of is None:
        raise UsageError("The option --as-of is missing.", "Such as --as-of 2026-01.")


def _id(kind: str, as_of: str | None, document: str | None) -> str:
    """The id of a source that the user gives none: its kind, its document, its as-of day."""
    from ..ontology.identifiers import slug

    what = f"{kind}-{slug(Path(document).stem)}" if document else kind
    return f"{what}@{as_of}" if as_of else what


@click.command("remove")
@click.argument("source")
@store_option
def remove_command(source: str, store: Path | None) -> None:
    """Take one source out again.

    The store is built without SOURCE (an id, as icsgraph sources lists them) and is then byte for
    byte what it would be if the source had never been added.
    """
    from ..graph.partitions import read_facts
    from ..pipeline import remove

    target = writing(store)
    if target.sources() == [source]:
        raise UsageError(
            f"{source} is the only source of {target.path}, and a store cannot be empty.",
            "Add another one first, or delete the folder.",
        )
    folder = target.partitions / source
    facts = read_facts(folder) if source in target.sources() else {}
    remove(target, source)
    _build_and_tell(target, [])
    click.echo(f"{source} is removed. To have it again: {_again(facts, target)}")


def _again(facts: dict[str, Any], store: Store) -> str:
    """The command that adds a source again; its files are known by name, not by folder."""
    from shlex import join

    texts = ("id", "title", "licence", "publisher", "retrieved", "scope", "url")
    options = [part for key in texts if facts[key] for part in (f"--{key}", facts[key])]
    whole = ["--complete"] if facts["complete"] else []
    files = [file["name"] for file in facts["files"]]
    asked = ["--as-of", facts["as_of"], *options, *whole, "--store", str(store.path)]
    return join(["icsgraph", "add", facts["kind"], *files, *asked])


def _build(path: Path | None, listed: list[SourceEntry]) -> None:
    from ..graph.store import Store
    from .options import DEFAULT_STORE

    if not listed and not Store(path or DEFAULT_STORE).sources():
        raise UsageError("There is no source to build from.", "Name a SOURCES.toml, or --sample.")
    _build_and_tell(writing(path), listed)


def _build_and_tell(store: Store, listed: Iterable[SourceEntry]) -> None:
    from ..graph.accounts import accounting
    from ..pipeline import build
    from .tables import table

    with progress() as tell:
        built = build(store, listed, tell)
    account = accounting(store.current().manifest["sources"])
    click.echo(table(account))
    click.echo()
    click.echo(_summary(store, built))
    for warning in built.warnings:
        click.echo(f"Look at this: {warning}", err=True)
    if account["rejected"].sum():
        click.echo(f"Rejected rows and why: icsgraph sources --rejects --store {store.path}")


def _summary(store: Store, built: Build) -> str:
    from ..queries.describe import holdings

    held = holdings(store.current())
    nodes, ties = sum(held.nodes.values()), sum(held.relationships.values())
    return (
        f"Snapshot {built.snapshot}: {nodes:,} nodes, {ties:,} relationships. "
        f"Sources read: {len(built.read)}; unchanged and not read again: {len(built.unchanged)}."
    )
