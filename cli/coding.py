"""The command that prepares a report for coding: code."""

from __future__ import annotations

from pathlib import Path

import click

from ..ontology.errors import UsageError
from .options import progress, snapshot_of, store_option

__all__ = ["code_command"]


@click.command("code")
@click.argument("document", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the sheet to this file, which must not be there yet; otherwise to standard output.",
)
@store_option
def code_command(document: Path, output: Path | None, store: Path | None) -> None:
    """A sheet to code a report in, with proposals.

    DOCUMENT is text, Markdown, HTML or PDF. The sheet has a row for each passage; proposed are
    systems and organisations that the store knows by name, and terms of the vocabularies. Correct
    them, say what kind of finding a row is, and write yes under keep; then add it.

    \b
    icsgraph code report.pdf -o sheet.csv
    icsgraph add findings sheet.csv --document report.pdf --as-of 2022-07
    """
    from ..coded_reports import code
    from .output import send

    if output is not None and output.exists():
        raise UsageError(
            f"{output} is there already, and may hold somebody's work.",
            "Name another file, or move that one.",
        )
    with progress() as tell:
        tell(f"Reading {document.name}")
        coded = code(document, snapshot_of(store))
    send(coded.sheet, output)
    found = [f"{part} {count}" for part, count in coded.proposed.items() if count]
    said = ", ".join(found) if found else "none"
    click.echo(f"{coded.passages} passages. Proposals, to be judged: {said}.", err=True)
