"""What `check --published` says of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..ontology.errors import DataError, shown
from .options import progress

if TYPE_CHECKING:
    from ..graph.snapshot import Snapshot

__all__ = ["tell_of_published"]

FEW = 20
"""Values that are named of those that should not be there."""


def tell_of_published(snapshot: Snapshot, path: Path) -> None:
    """Say that a file holds nothing that the public profile leaves out; `DataError` with what it
    holds and where, or with what could not be read."""
    from ..graph.published import search_file

    with progress() as tell:
        tell(f"Searching {path.name}")
        found = search_file(snapshot, path)
    lines = [f"- {leak.what}: {shown(leak.value)} ({leak.where})" for leak in found.leaks]
    if lines:
        more = f"\n- and {len(lines) - FEW:,} more" if len(lines) > FEW else ""
        raise DataError(
            f"{path} holds what should not be published:\n" + "\n".join(lines[:FEW]) + more,
            "Make it again with --profile public.",
        )
    if found.unread:
        said = "\n".join(f"- {each}" for each in found.unread[:FEW])
        raise DataError(
            f"What {path} holds cannot be proved, as a part of it cannot be read:\n{said}",
            "Publish it in another format, or look at it yourself.",
        )
    click.echo(
        f"{path} holds none of the {found.values:,} values of snapshot {snapshot.id} that may not "
        f"be published. Texts searched: {found.texts:,}."
    )
