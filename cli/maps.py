"""The command that draws: map."""

from __future__ import annotations

from pathlib import Path

import click

from ..ontology.errors import DateFault, UsageError
from .options import profile_option, snapshot_of, store_option

__all__ = ["map_command"]


@click.command("map")
@click.argument("name", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="The file to write, whole or not at all.",
)
@click.option("--on", metavar="DAY", help="As of this day (2021-06-30), not of the newest source.")
@profile_option
@store_option
def map_command(
    name: str | None,
    output: Path | None,
    on: str | None,
    profile: str | None,
    store: Path | None,
) -> None:
    """An interactive map as one HTML file.

    The file opens in any browser and asks nothing of any network. Without NAME: which maps there
    are.

    \b
    icsgraph map systems -o map.html
    """
    from ..visualisations.maps import MAPS, map_named, write_page
    from .tables import listed

    if name is None:
        click.echo(listed((row.name, row.what) for row in MAPS.values()))
        return
    chosen = map_named(name)
    if output is None:
        raise UsageError("A map needs a file.", f"icsgraph map {name} -o {name}.html")
    snapshot = snapshot_of(store, profile)
    try:
        page = chosen.draw(snapshot, **({"on": on} if on else {}))
    except DateFault as error:
        raise UsageError(error.message, error.hint) from None
    click.echo(write_page(page, output))
