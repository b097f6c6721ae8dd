"""The command search: the things that a text may mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import Count, day, day_options, format_options, graph_of, known_day, store_option
from .output import deliver

__all__ = ["search_command"]


@click.command("search")
@click.argument("text")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only things of this kind (Organisation, System...); may be given several times.",
)
@click.option(
    "--limit",
    type=Count(min=1),
    metavar="NUMBER",
    default=20,
    show_default=True,
    help="The most things to give.",
)
@day_options
@store_option
@format_options
def search_command(
    text: str,
    kinds: tuple[str, ...],
    limit: int,
    store: Path | None,
    on: str | None,
    known: str | None,
    **out: Any,
) -> None:
    """The things that a text may mean, best first.

    TEXT is a name, another name, a part of one, an identifier or a code; it may be misspelt. Each
    thing is told with its kind and why it is among them.

    \b
    icsgraph search "barts helth"
    icsgraph search E54000029
    """
    graph = graph_of(store).seen(on=day(on), known=known_day(known, store))
    found = graph.search(text, kinds=kinds or None, limit=limit)
    notes = [] if found.height else ["Nothing has a name or code like that."]
    deliver(found, notes=notes, **out)
