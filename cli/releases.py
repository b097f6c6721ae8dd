"""Commands on the snapshots of a store: release, prune, diff."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import UsageError
from .options import chosen_format, format_options, reading, store_option, today, writing
from .output import deliver

if TYPE_CHECKING:
    from ..graph.diff import Changes
    from ..graph.releases import Leftover
    from ..graph.snapshot import Snapshot

__all__ = ["diff_command", "prune_command", "release_command"]

FEW = 5
"""Changes of one word and kind that `diff` lists in a table unless all are asked for."""


@click.command("release")
@click.argument("name", required=False)
@click.option(
    "--date", "stated", metavar="DAY", help="The day of the release: 2026-03-31; otherwise today."
)
@click.option("--remove", is_flag=True, help="Take the name back.")
@store_option
@format_options
def release_command(
    name: str | None, stated: str | None, remove: bool, store: Path | None, **out: Any
) -> None:
    """Name the snapshot that readers see.

    A name keeps its snapshot from being pruned, and stands for it in icsgraph diff; its day is what
    --known takes the name for. Without NAME, the snapshots of the store and their names.

    \b
    icsgraph release before-the-mergers --date 2026-03-31
    icsgraph release
    """
    from ..graph.releases import add_release, kept, remove_release

    if name is None:
        if stated or remove:
            raise UsageError("A release has a name.", "icsgraph release NAME --date 2026-03-31")
        deliver(kept(reading(store)), **out)
    elif remove:
        gone = remove_release(writing(store), name)
        click.echo(f"{gone.name} is no name any more; it was that of snapshot {gone.snapshot}.")
    else:
        made = add_release(writing(store), name, stated or today())
        click.echo(f"{made.name}, {made.date}: snapshot {made.snapshot}.")


@click.command("prune")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@store_option
def prune_command(dry_run: bool, store: Path | None) -> None:
    """Remove snapshots that are neither current nor named.

    Goes with them what engines made of them, and of those that stay the databases of single days
    and of other editions of an engine: they are made again when asked for. What has a name stays
    (icsgraph release). Of the user's cache go engines of snapshots that are gone, and the bundled
    evidence of other editions.
    """
    from ..graph.cached import cached_leftovers, prune_cache
    from ..graph.releases import leftovers, prune
    from ..session import sample_place

    held: list[Leftover] = []
    if dry_run:
        gone = [*leftovers(reading(store)), *cached_leftovers(sample_place())]
    else:
        (gone, held), (of_cache, held_there) = prune(writing(store)), prune_cache(sample_place())
        gone, held = gone + of_cache, held + held_there
    for line in _listed(gone):
        click.echo(line)
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{sum(each.size for each in gone):,} bytes {verb}.")
    for each in held:
        click.echo(f"Another process has it open, so it stays: {each.path}", err=True)


def _listed(gone: list[Leftover]) -> Iterator[str]:
    width = max((len(each.what) for each in gone), default=0)
    return (f"{each.what:<{width}}  {each.size:>15,} bytes" for each in gone)


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", required=False)
@click.option("--kind", "kinds", multiple=True, help="Only of this kind: Organisation, LOCATED_IN.")
@click.option(
    "--change", "changes", multiple=True, help='Only this change: closed, "moved system".'
)
@click.option("--all", "everything", is_flag=True, help=f"More than {FEW} rows of a change.")
@store_option
@format_options
def diff_command(
    old: str,
    new: str | None,
    kinds: tuple[str, ...],
    changes: tuple[str, ...],
    everything: bool,
    store: Path | None,
    **out: Any,
) -> None:
    """What changed between two snapshots.

    A and B are paths of stores, names of releases, ids of snapshots (or the beginning of one), or
    days (what was known by then); without B, the snapshot that readers see. What ended is told
    apart from what is no longer recorded.

    \b
    icsgraph diff before-the-mergers
    icsgraph diff 2025-12-31
    icsgraph diff england-2021 england-2026 --kind Organisation --format csv -o changes.csv
    """
    from ..graph.diff import diff

    find = _finder(store)
    told = diff(find(old), find(new)).only(kinds, changes)
    shown = told if everything else told.first(FEW)
    table = chosen_format(out["format_name"], out["output"]) == "table"
    notes = () if table else told.sentences()
    deliver(told.rows, text=_drawn(told, shown), whole=told.as_dict(), notes=notes, **out)


def _finder(path: Path | None) -> Any:
    """What finds the snapshot that a text means; the store is looked for once, and only if the
    text is no path of a store."""
    from ..graph.releases import state_meant
    from ..graph.store import Store

    store = cache(lambda: reading(path))

    def find(text: str | None) -> Snapshot:
        if text is None:
            return store().current()
        if (Path(text) / "CURRENT").is_file():
            return Store(text).current()
        return state_meant(store().current(), text)

    return find


def _drawn(told: Changes, shown: Changes) -> str:
    """The sentences, and below them the changes under one another."""
    from .tables import wrapped

    parts = ["\n".join(wrapped(sentence, then="  ") for sentence in told.sentences())]
    for (change, kind), rows in shown.rows.group_by("change", "kind", maintain_order=True):
        lines = (_line(row) for row in rows.iter_rows(named=True))
        parts.append("\n".join([f"{change} ({kind})", *lines]))
    if more := told.rows.height - shown.rows.height:
        parts.append(f"... and {more:,} more (--all, or --format csv)")
    return "\n\n".join(parts)


def _line(row: dict[str, Any]) -> str:
    """One change: the thing, and below it when, what stood before and after, and who says so."""
    from ..ontology.relationships import RELATIONSHIP_KINDS
    from .tables import printable, wrapped

    values = {column: printable(value) for column, value in row.items() if value}
    # The id of a statement is a hash, which no person reads.
    shown = "" if row["kind"] in RELATIONSHIP_KINDS else values["id"]
    change = " → ".join(values[c] for c in ("before", "after") if c in values)
    facts = (values.get("date"), change, values.get("source"))
    return "\n".join(
        [
            wrapped(f"{values.get('name', '')}  {shown}".strip(), "  ", "  "),
            wrapped(" · ".join(fact for fact in facts if fact), "      ", "      "),
        ]
    )
