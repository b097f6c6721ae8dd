"""Commands that lead out of a store and back into one: export, import."""

from __future__ import annotations

from pathlib import Path

import click

from ..graph.formats.registry import FORMATS, format_named
from ..ontology.errors import UsageError
from .options import Chosen, progress, view_options

__all__ = ["export_command", "import_command"]

_LISTED = "\n".join(f"{row.name:<10} {row.what}" for row in FORMATS.values())
_READ = ", ".join(row.name for row in FORMATS.values() if row.reads)


@click.command("export", epilog=f"\b\nFormats:\n{_LISTED}")
@click.argument("format_name", metavar="[FORMAT]", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file to write, or the folder: whole or not at all.",
)
@click.option(
    "--only",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only this kind of thing or relationship: System, REVIEWED. May be given again.",
)
@view_options
def export_command(
    chosen: Chosen, format_name: str | None, output: Path | None, kinds: tuple[str, ...]
) -> None:
    """The graph, or a part of it, in a format that other programs read.

    What the format cannot hold is said on stderr. Without FORMAT: which formats there are.

    \b
    icsgraph export graphml -o england.graphml
    icsgraph export gexf -o north-east-london.gexf --within "North East London" --on 2021-06-30
    icsgraph export csv -o reviews --only Review --only Finding --only FOUND
    """
    from ..graph.formats.exporting import export
    from ..graph.selection import of_kinds

    if format_name is None:
        click.echo(_LISTED)
        return
    row = format_named(format_name)
    if output is None:
        place = f"graph{row.ending}" if row.ending else "graph"
        raise UsageError("An export needs a place.", f"icsgraph export {format_name} -o {place}")
    snapshot = chosen.graph().seen(on=chosen.on).snapshot
    if kinds:
        snapshot = of_kinds(snapshot, kinds)
    with progress() as tell:
        lost = export(snapshot, format_name, output, tell)
    for sentence in lost:
        click.echo(f"- {sentence}", err=True)
    click.echo(f"Wrote {output}.", err=True)


@click.command("import", epilog=f"\b\nFormats that can be read back:\n{_READ}")
@click.argument("format_name", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="PATH",
    required=True,
    help="The store to make; it holds this graph and no sources, so nothing can be added to it.",
)
def import_command(format_name: str, path: Path, store: Path) -> None:
    """A graph that was exported, back into a store of its own.

    The store answers as any other does. Data of your own comes in otherwise: icsgraph template.

    \b
    icsgraph import graphml england.graphml --store england-again
    """
    from ..graph.formats.importing import import_file
    from ..graph.store import Store

    snapshot, notes = import_file(Store(store), format_name, path)
    for sentence in notes:
        click.echo(f"- {sentence}", err=True)
    click.echo(f"{store}: snapshot {snapshot}.", err=True)
