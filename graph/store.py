"""The store: a folder of Parquet tables that any tool can read.

    STORE/
      sources/<source-id>/      one partition for each edition of a source (`partitions`)
      snapshots/<content-hash>/ the union of the partitions, once for each content (`assemble`,
      `snapshot`) engines/<content-hash>/   what was built from a snapshot; disposable
      decisions.csv             judgements about identity
      releases.csv              named snapshots
      restored.txt              in a store without sources: what its snapshot was read back from
      CURRENT                   names the snapshot that readers see; switched last, in one step

Writers hold a lock that ends with their process; readers never lock.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from ..ontology.errors import StoreDamaged, StoreLocked, StoreMissing, UnknownName
from .files import UNFINISHED, write_whole
from .snapshot import Snapshot

__all__ = ["Store"]

SET_ASIDE = ".replaced-"
SNAPSHOT_ID = re.compile("[0-9a-f]{16}")


class Store:
    """A store at a path, which need not exist yet.

    >>> Store(Path("nowhere")).sources()
    []
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """The store in which a snapshot stands.

        >>> Store.of(Snapshot(Path("england/snapshots/0a5c3f6e8b1d2f47"))).path.as_posix()
        'england'
        """
        return cls(snapshot.folder.parent.parent)

    @property
    def partitions(self) -> Path:
        """Where the partitions stand."""
        return self.path / "sources"

    @property
    def decisions(self) -> Path:
        """The file of judgements about identity."""
        return self.path / "decisions.csv"

    @property
    def releases(self) -> Path:
        """The file of named snapshots."""
        return self.path / "releases.csv"

    @property
    def restored(self) -> Path:
        """The file that says what the snapshot was read back from, in a store that was not
        built from sources."""
        return self.path / "restored.txt"

    @property
    def engines(self) -> Path:
        """Where the engines stand, a folder for each snapshot."""
        return self.path / "engines"

    def sources(self) -> list[str]:
        """The ids of the sources that the store holds, sorted."""
        if not self.partitions.is_dir():
            return []
        return sorted(p.parent.name for p in self.partitions.glob("[!.]*/source.json"))

    def snapshots(self) -> list[str]:
        """The ids of the snapshots that the store holds, sorted."""
        held = (self.path / "snapshots").glob("*/manifest.json")
        return sorted(p.parent.name for p in held if SNAPSHOT_ID.fullmatch(p.parent.name))

    def snapshot(self, name: str) -> Snapshot:
        """The snapshot of an id; `UnknownName` if the store does not hold it."""
        if name not in self.snapshots():
            raise UnknownName("snapshot in the store", name, self.snapshots())
        return Snapshot(self.path / "snapshots" / name)

    def current(self) -> Snapshot:
        """The snapshot that readers see. `StoreMissing` if nothing was built, `StoreDamaged` if it
        is gone."""
        name, before = self._current_id(), ""
        while name != before:
            folder = self.path / "snapshots" / name
            if (folder / "manifest.json").is_file():
                return Snapshot(folder)
            # A writer may have switched and removed the old one since the name was read.
            name, before = self._current_id(), name
        raise StoreDamaged(self.path, f"CURRENT names snapshot {name}, which is not there")

    def _current_id(self) -> str:
        pointer = self.path / "CURRENT"
        if not pointer.is_file():
            raise StoreMissing(self.path)
        return pointer.read_text(encoding="utf-8").strip()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store alone while writing to it; `StoreLocked` at once if another process
        does."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise StoreLocked(self.path) from None
        try:
            self._clear_away()
            yield
        finally:
            lock.release()

    def _clear_away(self) -> None:
        """Undo what a writer that died left half done: put back what it had set aside, drop the
        rest."""
        for aside in self.partitions.glob(f"{SET_ASIDE}*"):
            place = aside.with_name(aside.name.removeprefix(SET_ASIDE))
            shutil.rmtree(aside) if place.exists() else aside.rename(place)
        for folder in (self.partitions, self.path / "snapshots", self.engines):
            for left in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
        for left in self.engines.glob(f"*/{UNFINISHED}*"):
            if left.is_file():  # a folder is that of a reader who builds an engine
                left.unlink()

    def put_partition(self, source: str, filled: Path) -> None:
        """Move a filled folder to its place as the partition of `source`, replacing an earlier
        one."""
        place = self.partitions / source
        aside = place.with_name(SET_ASIDE + source)
        if place.exists():
            place.rename(aside)
        filled.rename(place)
        shutil.rmtree(aside, ignore_errors=True)

    def remove_partition(self, source: str) -> None:
        """Drop the partition of a source; the snapshot keeps it until the next build."""
        if source not in self.sources():
            raise UnknownName("source in the store", source, self.sources())
        self.drop(self.partitions / source)

    def drop(self, folder: Path) -> None:
        """Remove a folder or file of the store in one step, so that nobody sees a half of it.

        `PermissionError` where the system does not let go of what another process has open.
        """
        aside = folder.with_name(f"{UNFINISHED}{folder.name}")
        folder.replace(aside)
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)

    def switch(self, snapshot: str) -> None:
        """Let readers see another snapshot; those that have one open keep it."""
        write_whole(self.path / "CURRENT", f"{snapshot}\n")
