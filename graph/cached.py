"""What the user's cache holds that nothing needs any more.

Two things stand there: engines of snapshots whose store cannot be written, and the store of the
bundled evidence, one for each edition of it. Both are made again when asked for.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from .engine_files import MADE_FROM
from .files import UNFINISHED
from .releases import Leftover, as_leftovers
from .store import SNAPSHOT_ID

__all__ = ["cached_leftovers", "prune_cache"]


def cached_leftovers(sample: Path) -> list[Leftover]:
    """What pruning would remove of the user's cache: engines of snapshots that are not where they
    were, and stores of the bundled evidence but for `sample`, that of this edition.

    Sorted by path.
    """
    return as_leftovers([*_engines(), *_samples(sample)])


def _engines() -> Iterator[tuple[Path, str]]:
    for folder in sorted((user_cache_path("icsgraph") / "engines").glob("*")):
        if SNAPSHOT_ID.fullmatch(folder.name) and not _is_there(folder / MADE_FROM):
            yield folder, f"engines in the cache of snapshot {folder.name}, which is gone"


def _is_there(note: Path) -> bool:
    """Whether the snapshot from which engines were made, as their note has it, is still there."""
    try:
        snapshot = note.read_text(encoding="utf-8").strip()
    except OSError:  # an engine of before notes were written
        return False
    return (Path(snapshot) / "manifest.json").is_file()


def _samples(sample: Path) -> Iterator[tuple[Path, str]]:
    for folder in sorted(sample.parent.glob("sample-*")):
        if folder != sample and SNAPSHOT_ID.fullmatch(folder.name.removeprefix("sample-")):
            yield folder, f"bundled evidence of another edition, {folder.name}"


def prune_cache(sample: Path) -> tuple[list[Leftover], list[Leftover]]:
    """Remove the leftovers of the user's cache: those that are gone, and those that another process
    has open on a system that then keeps them. Each is gone in one step."""
    gone, held = [], []
    for leftover in cached_leftovers(sample):
        aside = leftover.path.with_name(f"{UNFINISHED}{leftover.path.name}")
        try:
            leftover.path.replace(aside)
        except PermissionError:
            held.append(leftover)
        else:
            shutil.rmtree(aside, ignore_errors=True)
            gone.append(leftover)
    return gone, held
