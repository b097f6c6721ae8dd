"""Where the files of the embedded engines lie, and how they are built.

An engine's file (or folder) is a projection of a snapshot: disposable, built on first use under a
temporary name, renamed when whole, kept in the store's `engines/` (or in the user's cache where the
store cannot be written). Another snapshot gets another; so does each view of one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from ..ontology.errors import UsageError
from .files import fresh_folder, write_whole
from .snapshot import Snapshot

__all__ = ["MADE_FROM", "engine_file", "engine_folders"]

MADE_FROM = "made-from.txt"
"""The file beside engines in the user's cache that says where their snapshot stands."""


def engine_file(snapshot: Snapshot, name: str, build: Callable[[Snapshot, Path], None]) -> Path:
    """Where a snapshot's engine file called `name` is; `build` makes it if it is not there.

    `build` gets the snapshot and the place at which to make the file or folder; it may use the
    folder around it, which goes. `UsageError` if there is no folder that can be written.
    """
    places = list(engine_folders(snapshot))
    for folder in places:
        if (folder / name).exists():
            return folder / name
    for folder in places:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            if folder != places[0]:
                write_whole(folder / MADE_FROM, f"{snapshot.folder.resolve()}\n")
            _built(snapshot, folder / name, build)
            return folder / name
    raise UsageError(
        f"There is no folder in which the engine {name} could be built.",
        f"Get the right to write to one of: {', '.join(map(str, places))}.",
    )


def _built(snapshot: Snapshot, place: Path, build: Callable[[Snapshot, Path], None]) -> None:
    with fresh_folder(place.parent) as building:
        build(snapshot, building / place.name)
        try:
            (building / place.name).replace(place)
        except OSError:
            # A folder does not replace another: another process was first, and its is the same.
            if not place.is_dir():
                raise


def engine_folders(snapshot: Snapshot) -> Iterator[Path]:
    """Where the engine files of a snapshot may lie, the store's own folder first."""
    yield snapshot.folder.parent.parent / "engines" / snapshot.id
    from platformdirs import user_cache_path

    yield user_cache_path("icsgraph") / "engines" / snapshot.id
