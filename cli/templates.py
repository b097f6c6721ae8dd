"""The command that writes files to begin with: template."""

from __future__ import annotations

from pathlib import Path

import click

from ..ontology.errors import UsageError

__all__ = ["template_command"]


@click.command("template")
@click.argument("name", required=False)
def template_command(name: str | None) -> None:
    """Files to begin with, for data of your own.

    Without NAME: which templates there are. With it: its files are written into the current
    folder. A file that is there already is never overwritten.

    \b
    icsgraph template
    icsgraph template own-data
    """
    from ..graph.files import write_whole
    from ..loaders.template_files import TEMPLATES, template
    from .tables import listed

    if name is None:
        click.echo(listed((each.name, each.what) for each in TEMPLATES.values()))
        return
    wanted = template(name)
    if there := [file for file in wanted.files if Path(file).exists()]:
        raise UsageError(
            f"Nothing was written, since there is already: {', '.join(there)}.",
            "Run the command in another folder, or move what is there.",
        )
    for path in wanted.paths:
        write_whole(Path(path.name), path.read_bytes())
        click.echo(f"Wrote {path.name}.", err=True)
    click.echo(f"Fill them in, then: {wanted.load}")
