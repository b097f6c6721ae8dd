"""Commands that write pages for readers: report, site."""

from __future__ import annotations

from pathlib import Path

import click

from ..ontology.errors import UsageError
from .options import Chosen, progress, view_options

__all__ = ["report_command", "site_command"]


@click.command("report")
@click.argument("about", nargs=-1, metavar="[KIND] [NAME]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="The file to write, whole or not at all.",
)
@view_options
def report_command(chosen: Chosen, about: tuple[str, ...], output: Path | None) -> None:
    """A report in plain English as one HTML file, to read on a screen or on paper.

    A name alone is that of a system. Without a name: which kinds of report there are.

    \b
    icsgraph report "North East and North Cumbria" -o north-east.html
    icsgraph report innovation "oximetry at home" -o oximetry.html --on 2021-06-30
    icsgraph report programme -o programme.html --profile public
    """
    from ..visualisations.page import write_page
    from ..visualisations.reports import REPORTS, report
    from .tables import listed

    if not about:
        rows = ((f"{row.name} {row.wants}".strip(), row.what) for row in REPORTS.values())
        click.echo(listed(rows))
        return
    kind, name = _meant(about)
    if output is None:
        asked = " ".join(f'"{word}"' if " " in word else word for word in about)
        raise UsageError("A report needs a file.", f"icsgraph report {asked} -o report.html")
    click.echo(write_page(report(chosen.graph().snapshot, kind, name, on=chosen.on), output))


def _meant(about: tuple[str, ...]) -> tuple[str, str]:
    """Kind and name of the report that some words mean; a name may be given in several words.

    >>> _meant(("topic", "cancer")), _meant(("Frimley",)), _meant(("North", "East", "London"))
    (('topic', 'cancer'), ('system', 'Frimley'), ('system', 'North East London'))
    """
    from ..visualisations.reports import REPORTS

    if about[0] in REPORTS:
        return about[0], " ".join(about[1:])
    return "system", " ".join(about)


@click.command("site")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The folder to write, whole or not at all.",
)
@view_options
def site_command(chosen: Chosen, output: Path | None) -> None:
    """All maps, reports and charts as a folder of linked pages with an index.

    The folder works from a disk, a share or any web server, and asks nothing of any network.

    \b
    icsgraph site -o site --profile public
    """
    from ..visualisations.site import write_site

    if output is None:
        raise UsageError("A site needs a folder.", "icsgraph site -o site")
    with progress() as tell:
        written = write_site(chosen.graph(), output, on=chosen.on, tell=tell)
    click.echo(f"{output / 'index.html'}: {len(written):,} pages.")
