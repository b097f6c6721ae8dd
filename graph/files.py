"""Files that are written whole or not at all, and what they hold by checksum."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

import polars as pl

__all__ = [
    "fingerprint",
    "fresh_folder",
    "in_parallel",
    "json_text",
    "seen_from",
    "sha256",
    "take_over",
    "write_table",
    "write_whole",
]

Job = TypeVar("Job")

UNFINISHED = ".unfinished-"
"""Prefix of folders that a process is still filling; the next one that holds the lock clears them
away."""


def sha256(path: Path) -> str:
    """Checksum of a file's bytes, in hexadecimal; a folder's is that of its files' names and
    checksums, hidden ones apart: git, a wheel or a file manager adds those or leaves them out."""
    if path.is_dir():
        inside = sorted(p.relative_to(path) for p in path.rglob("*") if p.is_file())
        seen = (p for p in inside if not any(part.startswith(".") for part in p.parts))
        lines = (f"{sha256(path / p)}  {p.as_posix()}\n" for p in seen)
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seen_from(folder: Path, path: Path) -> str:
    """Where a file is, seen from a folder: so that both can move together. Its whole path where
    there is no way from one to the other, as between two drives."""
    try:
        way = Path(os.path.relpath(path.resolve(), folder.resolve()))
    except ValueError:
        way = path.resolve()
    return way.as_posix()


def json_text(value: Any) -> str:
    """`value` as JSON with sorted keys, two spaces and a last newline: the same text for the same
    value.

    >>> json_text({"b": 1, "a": "é"})
    '{\\n  "a": "é",\\n  "b": 1\\n}\\n'
    """
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def fingerprint(value: Any) -> str:
    """A hash of what `json_text` writes of a value: the same for the same value, in any process.

    >>> fingerprint([1, "a"]) == fingerprint((1, "a")) != fingerprint([1, "b"])
    True
    """
    return hashlib.sha256(json_text(value).encode()).hexdigest()[:32]


def in_parallel(do: Callable[[Job], None], jobs: Iterable[Job]) -> None:
    """Do all jobs, as many at a time as there are processors; the first error, in the order of the
    jobs, is raised when the running ones are done.

    Tables are read, computed and written outside Python's lock, so threads are enough.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(do, job) for job in jobs]
        try:
            for each in running:
                each.result()
        finally:
            pool.shutdown(cancel_futures=True)


def take_over(file: Path, place: Path) -> None:
    """Let a file that nobody will change stand at another place, too: as a second name of the same
    bytes where the file system has such, else as a copy."""
    place.parent.mkdir(exist_ok=True)
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet; its folder is made if it is not there."""
    path.parent.mkdir(exist_ok=True)
    # Level 1 makes files of the same size here as the default level, in two thirds of the time;
    # whole tables are read, so nothing would use statistics of their parts.
    # In one piece, so that equal tables are equal bytes however they came about.
    table.rechunk().write_parquet(path, compression="zstd", compression_level=1, statistics=False)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part.

    Text is UTF-8 with LF. The file is written beside its place and moved over it; a device or a
    pipe, as /dev/stdout may be, is written to, and of a link the file that it names.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(data)
        return
    path = path.resolve() if path.is_symlink() else path
    _made(path.parent)
    beside = path.with_name(f"{UNFINISHED}{path.name}-{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _made(folder: Path) -> None:
    """Make a folder and those around it; an `OSError` that says so where one of them is a file."""
    held = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if held.is_file():
        raise NotADirectoryError(errno.ENOTDIR, f"{held} is a file, not a folder", str(folder))
    folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def fresh_folder(parent: Path) -> Iterator[Path]:
    """An empty folder inside `parent` to fill; gone at the end unless the caller has moved it to
    its place."""
    _made(parent)
    folder = Path(mkdtemp(prefix=UNFINISHED, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
