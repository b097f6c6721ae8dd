"""An export comes whole or not at all: it is written beside its place and moved there."""

from __future__ import annotations

from pathlib import Path

from ...ontology.errors import UsageError
from ..files import UNFINISHED, fresh_folder
from ..snapshot import Snapshot
from .about import ABOUT
from .content import Tell, silent
from .registry import Format, format_named

__all__ = ["export"]


def export(
    snapshot: Snapshot, format_name: str, path: Path | str, tell: Tell = silent
) -> tuple[str, ...]:
    """Write a snapshot, or a view of one, in a format; what the format cannot hold, a sentence
    each.

    An earlier file at `path` is replaced, an earlier export in a folder, too; `UsageError` for a
    folder that holds anything else. `UnknownName` for a format that there is none of.
    """
    row, place = format_named(format_name), Path(path)
    _refuse(row, place)
    place = place.resolve()
    try:
        with fresh_folder(place.parent) as aside:
            made = aside / f"made{row.ending}"
            lost = row.writer(snapshot, made, tell)
            if place.is_dir():
                place.rename(aside / "earlier")
            made.replace(place)
    except OSError as error:
        if UNFINISHED in str(error.filename):  # nobody knows the folder beside the place
            raise OSError(error.errno, error.strerror, str(place)) from None
        raise
    return lost


def _refuse(row: Format, place: Path) -> None:
    """`UsageError` for a place at which something stands that the export would not replace."""
    if place.exists() and not place.is_file() and not place.is_dir():
        raise UsageError(f"{place} is a device or a pipe, and no file.", "Name a file: -o")
    if row.ending and place.is_dir():
        raise UsageError(
            f"{place} is a folder, and {row.name} is one file.",
            f"Name the file: -o {place / ('graph' + row.ending)}",
        )
    if not row.ending and place.is_file():
        raise UsageError(f"{place} is a file, and {row.name} is a folder.", "Name another: -o")
    if not row.ending and place.is_dir() and any(place.iterdir()):
        if not (place / ABOUT).is_file():
            raise UsageError(
                f"The folder {place} holds other things.", "Name one that does not exist yet: -o"
            )
