"""Named, dated releases of a store, and what it keeps: `releases.csv`.

    name,date,snapshot
    before-the-mergers,2026-03-31,0a5c3f6e8b1d2f47

A release names a snapshot for good; its date is the day from which it is spoken of, not the as-of
day of a source. What is named is never pruned.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from io import StringIO
from pathlib import Path

import polars as pl

from ..ontology.dates import read_day
from ..ontology.errors import DateFault, FileFault, StoreDamaged, UnknownName, UsageError, shown
from .files import write_whole
from .snapshot import Snapshot
from .store import SNAPSHOT_ID, Store
from .views import known_by

__all__ = [
    "Leftover",
    "Release",
    "add_release",
    "as_leftovers",
    "day_meant",
    "find_snapshot",
    "kept",
    "leftovers",
    "prune",
    "releases",
    "remove_release",
    "state_meant",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SHORTEST_PREFIX = 4
"""Characters of a snapshot's id that are taken for a beginning of it."""


@dataclass(frozen=True, slots=True)
class Release:
    """One row of `releases.csv`: a name, an ISO day, and the id of a snapshot."""

    name: str
    date: str
    snapshot: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """A folder or file of a store that nothing needs: what it is in words, and how many bytes go
    with it; what it shares with a snapshot that stays is not counted."""

    path: Path
    what: str
    size: int


COLUMNS = tuple(field.name for field in fields(Release))


def releases(store: Store) -> list[Release]:
    """The releases of a store, by date and name; `FileFault` with the row if its file is not as it
    was written.

    >>> releases(Store("nowhere"))
    []
    """
    if not store.releases.is_file():
        return []
    try:
        text = store.releases.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFault(store.releases, reason=f"byte {error.start + 1} is no UTF-8") from None
    return _sorted(_read(store.releases, text))


def _read(path: Path, text: str) -> Iterator[Release]:
    rows = csv.reader(StringIO(text, newline=""))
    heading = next(rows, [])
    if tuple(heading) != COLUMNS:
        raise FileFault(path, 1, reason=f"the columns are not {', '.join(COLUMNS)}")
    seen = set()
    for number, row in enumerate(rows, start=2):
        if len(row) != len(COLUMNS):
            raise FileFault(path, number, reason=f"it has {len(row)} values, not {len(COLUMNS)}")
        release = Release(*row)
        if fault := _fault(release):
            column, reason = fault
            raise FileFault(path, number, column, getattr(release, column), reason)
        if release.name.lower() in seen:
            raise FileFault(path, number, "name", release.name, "stands in an earlier row, too")
        seen.add(release.name.lower())
        yield release


def _fault(release: Release) -> tuple[str, str] | None:
    """The first column of a release that cannot be right, and why."""
    if not NAME.fullmatch(release.name) or SNAPSHOT_ID.fullmatch(release.name):
        return "name", "is no name for a release"
    if not SNAPSHOT_ID.fullmatch(release.snapshot):
        return "snapshot", "is no id of a snapshot"
    try:
        read_day(release.date)
    except DateFault:
        return "date", "is no day"
    return None


def _sorted(given: Iterable[Release]) -> list[Release]:
    return sorted(given, key=lambda release: (release.date, release.name))


def add_release(store: Store, name: str, date: str) -> Release:
    """Name the current snapshot of a store. To name it again in the same words changes nothing.

    `date` is an ISO day. `UsageError` if the name or date is none, or the name is taken by another
    snapshot or day.
    """
    store.current()  # a store that is missing is said to be so, and not begun by the lock
    if DAY.fullmatch(name):
        raise UsageError(
            f"{shown(name)} is a day, which stands for what was known by then.",
            f"Give the release a word: as-of-{name}",
        )
    with store.writing():
        release = Release(name, date, store.current().id)
        if fault := _fault(release):
            column, reason = fault
            hint = "Letters, digits, dots, dashes and underscores." if column == "name" else ""
            value = getattr(release, column)
            raise UsageError(f"{shown(value)} {reason}.", hint or "Write it as 2026-03-31.")
        known = releases(store)
        for other in known:
            if other.name.lower() == name.lower() and other != release:
                raise UsageError(
                    f"The name {other.name} is taken: snapshot {other.snapshot}, {other.date}.",
                    f"Take another name, or free this one: icsgraph release {other.name} --remove",
                )
        if release not in known:
            _write(store, [*known, release])
    return release


def remove_release(store: Store, name: str) -> Release:
    """Take a name back; its snapshot stays until the store is pruned. `UnknownName` with the
    nearest names if there is none of that name."""
    store.current()
    with store.writing():
        known = releases(store)
        gone = [release for release in known if release.name.lower() == name.lower()]
        if not gone:
            raise UnknownName("release", name, (release.name for release in known))
        _write(store, [release for release in known if release not in gone])
    return gone[0]


def _write(store: Store, known: Iterable[Release]) -> None:
    text = StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(astuple(release) for release in _sorted(known))
    write_whole(store.releases, text.getvalue())


def find_snapshot(store: Store, text: str) -> Snapshot:
    """The snapshot that `text` means: the name of a release, an id, or the beginning of one id.

    `UnknownName` with the nearest names if there is none, `UsageError` if several ids begin so.
    """
    wanted = text.strip().lower()
    named = {release.name.lower(): release for release in releases(store)}
    ids = store.snapshots()
    if wanted in named:
        release = named[wanted]
        if release.snapshot not in ids:
            reason = f"release {release.name} names snapshot {release.snapshot}, which is not there"
            hint = f"Take the name back: icsgraph release {release.name} --remove"
            raise StoreDamaged(store.path, reason, hint)
        return store.snapshot(release.snapshot)
    begun = [i for i in ids if i.startswith(wanted)] if len(wanted) >= SHORTEST_PREFIX else []
    if len(begun) > 1:
        several = ", ".join(begun)
        raise UsageError(f"{shown(text)} is the beginning of {len(begun)} snapshots: {several}.")
    if not begun:
        names = [release.name for release in named.values()]
        raise UnknownName("release or snapshot", text, [*names, *ids])
    return store.snapshot(begun[0])


def state_meant(snapshot: Snapshot, text: str) -> Snapshot:
    """What `text` means beside a snapshot: another one of its store, as `find_snapshot` has it, or
    for an ISO day the same one as the editions known by that day knew it.

    `UsageError` for a day that is none.
    """
    store = Store.of(snapshot)
    named = {release.name.lower() for release in releases(store)}
    if not DAY.fullmatch(text.strip()) or text.strip().lower() in named:
        return find_snapshot(store, text)
    try:
        return known_by(snapshot, text.strip())
    except DateFault as error:
        raise UsageError(error.message, error.hint) from None


def kept(store: Store) -> pl.DataFrame:
    """Every snapshot of a store, with the names of those that have one: `name`, `date`, `snapshot`,
    `newest_source` (the newest as-of day) and whether it is the one that readers see (`current`).

    Sorted by date and name, those without a name last; a snapshot with two names has two rows.
    """
    current = store.current().id
    named = pl.DataFrame(releases(store), schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    rows = [(i, store.snapshot(i).manifest["default_day"], i == current) for i in store.snapshots()]
    columns = {"snapshot": pl.String, "newest_source": pl.String, "current": pl.Boolean}
    held = pl.DataFrame(rows, schema=columns, orient="row")
    joined = held.join(named, on="snapshot", how="left")
    return joined.select(*COLUMNS, "newest_source", "current").sort(*COLUMNS, nulls_last=True)


def day_meant(store: Store, text: str) -> str:
    """The ISO day of the release that `text` names, or that it states itself.

    `UnknownName` with the nearest names for what is no name, `DateFault` for what is no day.

    >>> day_meant(Store("nowhere"), "2021-06-30")
    '2021-06-30'
    """
    named = {release.name.lower(): release for release in releases(store)}
    if (wanted := str(text).strip().lower()) in named:
        return named[wanted].date
    if wanted[:1].isalpha():
        raise UnknownName("release", text, (release.name for release in named.values()))
    return read_day(text).isoformat()


def leftovers(store: Store) -> list[Leftover]:
    """What prune would remove: snapshots that are neither current nor named, and engines that are
    not of a kept snapshot as a whole (of days asked for, or of another edition of the engine).

    Sorted by path. `StoreMissing` if nothing was built.
    """
    needed = {store.current().id, *(release.snapshot for release in releases(store))}
    gone = [s for s in store.snapshots() if s not in needed]
    found = [(store.path / "snapshots" / s, f"snapshot {s}") for s in gone]
    for folder in sorted(store.engines.glob("*")):
        if not SNAPSHOT_ID.fullmatch(folder.name):
            continue
        if folder.name not in needed:
            found.append((folder, f"engines of snapshot {folder.name}"))
        else:
            found += _spare_databases(folder)
    return as_leftovers(found)


def as_leftovers(found: Sequence[tuple[Path, str]]) -> list[Leftover]:
    """Paths that nothing needs, each with what it is in words, and the bytes that go with it."""
    sizes = _freed([path for path, _ in found])
    return [Leftover(path, what, size) for (path, what), size in zip(found, sizes, strict=True)]


def _spare_databases(folder: Path) -> Iterator[tuple[Path, str]]:
    """The engine files of a kept snapshot that are of a view, or of another edition of the engine
    or ontology."""
    from .ladybug import ENDING as CYPHER
    from .ladybug import database_name
    from .oxigraph import ENDING as SPARQL
    from .oxigraph import store_name

    wholes = {CYPHER: database_name(), SPARQL: store_name()}
    for path in sorted(folder.glob("[!.]*")):
        whole = next((name for ending, name in wholes.items() if ending in path.name), None)
        if whole and not path.name.startswith(whole):
            yield path, f"engine {path.name} of snapshot {folder.name}"


def _freed(paths: Iterable[Path]) -> list[int]:
    """The bytes that go with each path, if all go: snapshots share the tables in which they do not
    differ, as one file under several names, and its bytes go with the last of them."""
    inside = [[p.stat() for p in (path, *path.rglob("*")) if p.is_file()] for path in paths]
    names = Counter((s.st_dev, s.st_ino) for files in inside for s in files)
    sizes = []
    for files in inside:
        gone = [s for s in files if names.pop((s.st_dev, s.st_ino), 0) == s.st_nlink]
        sizes.append(sum(s.st_size for s in gone))
    return sizes


def prune(store: Store) -> tuple[list[Leftover], list[Leftover]]:
    """Remove the leftovers of a store: those that are gone, and those that another process has
    open on a system that then keeps them.

    Each is gone in one step; who has one open reads on what is open, and is told what happened
    when asking for more. A prune that dies leaves nothing that the next writer does not clear away.
    """
    gone, held = [], []
    store.current()
    with store.writing():
        for leftover in leftovers(store):
            try:
                store.drop(leftover.path)
            except PermissionError:
                held.append(leftover)
            else:
                gone.append(leftover)
    return gone, held
