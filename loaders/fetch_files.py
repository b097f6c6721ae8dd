"""Files that are fetched: a payload on each line, written whole or not at all, resumed after a cut.

Beside the file `cqc-locations.jsonl.gz` lie `cqc-locations.jsonl.gz.state.json`, which says what
the file is as of and what a run still has to fetch, and during a run
`cqc-locations.jsonl.gz.part`, to which each payload is added as it comes. The file itself is
replaced at the end of the run.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, cast

from filelock import FileLock, Timeout

from ..ontology.errors import DataError, FileFault, UsageError
from .fetch_service import Tell

__all__ = ["Destination", "Fetched", "Output", "Run", "fetch_each"]

Payload = dict[str, Any]
Scope = Mapping[str, list[str]]

ANEW = "Delete it and run the command again: everything is then fetched anew."


@dataclass(frozen=True, slots=True)
class Run:
    """What one run has to fetch: `whole` if all that the service has, otherwise what changed.

    It gives the state of `until`, a time by the service's clock. Either `wanted` are the
    identifiers to ask for one by one, and `dropped` those to leave out from now on; or `search` is
    what to search for, `total` how many that found at first, and `page` the next page of it, blank
    when all are read.
    """

    until: str
    whole: bool
    wanted: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    search: str = ""
    page: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file after a run: the records that it holds, how many came with the run, how many the
    service no longer has, and the time whose state it gives."""

    path: Path
    until: str
    records: int
    fetched: int
    gone: int


@dataclass(frozen=True, slots=True)
class _State:
    """What is kept about a file from one run to the next; `until` is blank before the first."""

    scope: dict[str, list[str]]
    until: str = ""
    records: int = 0
    run: Run | None = None


class Output:
    """One file of payloads, sorted by identifier, as a run finds it, fills it and leaves it.

    `key` gives the identifier of a payload. `UsageError` if the file was fetched for another scope.
    """

    def __init__(self, path: Path, scope: Scope, key: Callable[[Payload], str]) -> None:
        self.path = path
        self._key = key
        self._part = path.with_name(f"{path.name}.part")
        self._state_path = path.with_name(f"{path.name}.state.json")
        self._state = self._read_state(dict(scope))
        self._places: dict[str, int] = {}
        self._file: IO[bytes] | None = None
        self._fetched: set[str] = set()
        self._gone: set[str] = set()

    @property
    def until(self) -> str:
        """The time whose state the file gives; blank if it is still to be fetched."""
        return self._state.until

    @property
    def run(self) -> Run | None:
        """The run that was cut, if one was."""
        return self._state.run

    @property
    def result(self) -> Fetched:
        """What became of the file."""
        known = self._state
        counts = len(self._fetched), len(self._gone)
        return Fetched(self.path, known.until, known.records, *counts)

    def __contains__(self, identifier: str) -> bool:
        """Whether the run has fetched this one already."""
        return identifier in self._places

    def __len__(self) -> int:
        """How many the run has fetched."""
        return len(self._places)

    def fetched(self) -> set[str]:
        """The identifiers of what the run has fetched."""
        return set(self._places)

    def identifiers(self) -> set[str]:
        """The identifiers that the whole file holds."""
        return {identifier for identifier, _line in self._lines()}

    def begin(self, run: Run) -> None:
        """Start a run: it is kept, so that another process can go on with it."""
        self._part.unlink(missing_ok=True)
        self._keep(replace(self._state, run=run))
        self.go_on()

    def go_on(self) -> None:
        """Open what the run has fetched so far; a last line that was cut off is dropped."""
        self.close()
        self._places, end = {}, 0
        file = self._open_part()
        file.seek(0)
        for line in file:
            if (entry := _entry(line)) is None:
                break
            self._places[entry[0]] = end
            end += len(line)
        file.truncate(end)

    def note(self, run: Run) -> None:
        """Keep how far the run has come."""
        self._keep(replace(self._state, run=run))

    def add(self, identifier: str, payload: Payload | None) -> None:
        """Keep one payload; None if the service no longer has it."""
        file = self._open_part()
        self._places[identifier] = file.seek(0, os.SEEK_END)
        file.write(_text([identifier, payload]))
        file.flush()  # what was fetched outlives a process that is killed

    def finish(self, run: Run) -> None:
        """Put the file in its place with what the run fetched, and forget the run."""
        records = self._state.records
        if run.whole or self._places:
            records = self._write(run.whole)
        self.close()
        self._keep(replace(self._state, until=run.until, records=records, run=None))
        self._part.unlink(missing_ok=True)
        self._places = {}

    def close(self) -> None:
        """Let go of the files; what was fetched stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open_part(self) -> IO[bytes]:
        if self._file is None:
            self._file = self._part.open("a+b")
        return self._file

    def _write(self, whole: bool) -> int:
        """Write the file anew, and say how many records it holds."""
        held = () if whole else (e for e in self._lines() if e[0] not in self._places)
        records = 0
        with _replacing(self.path) as file:
            for _identifier, line in merge(held, self._new_lines(), key=itemgetter(0)):
                file.write(line)
                records += 1
        return records

    def _new_lines(self) -> Iterator[tuple[str, bytes]]:
        with self._part.open("rb") as part:
            for identifier, place in sorted(self._places.items()):
                part.seek(place)
                _identifier, payload = json.loads(part.readline())
                (self._fetched if payload is not None else self._gone).add(identifier)
                if payload is not None:
                    yield identifier, _text(payload)

    def _lines(self) -> Iterator[tuple[str, bytes]]:
        """Identifier and line of each payload of the whole file."""
        if not self.path.exists():
            return
        try:
            with _opened(self.path) as file:
                for line in file:
                    yield self._key(json.loads(line)), line
        except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError):
            reason = "the file is no longer as it was fetched"
            raise FileFault(self.path, reason=reason, hint=ANEW) from None

    def _read_state(self, scope: dict[str, list[str]]) -> _State:
        try:
            kept = json.loads(self._state_path.read_text(encoding="utf-8"))
            run = Run(**kept["run"]) if kept["run"] else None
            state = _State(**{**kept, "run": run})
        except FileNotFoundError:
            return _State(scope)
        except (ValueError, LookupError, TypeError):
            reason = "it is not what a run writes"
            raise FileFault(self._state_path, reason=reason, hint=ANEW) from None
        if state.scope != scope:
            raise UsageError(
                f"{self.path} was fetched for {_said(state.scope)}, not for {_said(scope)}.",
                f"Name another folder, or delete {self._state_path}.",
            )
        if self.path.exists():
            return state
        # Without the file that they were to be added to, changes alone are of no use.
        return _State(scope, run=run if run and run.whole else None)

    def _keep(self, state: _State) -> None:
        self._state = state
        with _replacing(self._state_path) as file:
            file.write(_text(asdict(state)))


@dataclass(frozen=True, slots=True)
class Destination:
    """The folder that a fetch writes to, for which scope, and whether its files are packed."""

    folder: Path
    scope: Scope
    packed: bool = True

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Keep other processes from fetching the same into the folder; `DataError` if one does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f".{name}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise DataError(
                f"Another process is fetching {name} into {self.folder}.",
                "Wait until it has finished, or name another folder.",
            ) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def output(self, stem: str, key: Callable[[Payload], str]) -> Iterator[Output]:
        """The file of this name in the folder; what was fetched is kept whatever happens."""
        path = self.folder / f"{stem}.jsonl{'.gz' if self.packed else ''}"
        output = Output(path, self.scope, key)
        try:
            yield output
        finally:
            output.close()


def fetch_each(
    output: Output,
    plan: Callable[[], Run | None],
    get: Callable[[str], Payload | None],
    tell: Tell,
) -> None:
    """Finish the run that was cut, if there is one, then fetch what is left, one by one.

    `plan` says what is left, seen from `output.until`; None if nothing can be.
    """
    if output.run is not None:
        output.go_on()
        _fetch_wanted(output, output.run, get, tell)
    if (run := plan()) is not None:
        output.begin(run)
        _fetch_wanted(output, run, get, tell)


def _fetch_wanted(
    output: Output, run: Run, get: Callable[[str], Payload | None], tell: Tell
) -> None:
    left = [identifier for identifier in run.wanted if identifier not in output]
    for identifier in left:
        tell(output.path.name, len(output), len(run.wanted))
        output.add(identifier, get(identifier))
    for identifier in run.dropped:
        output.add(identifier, None)
    tell(f"writing {output.path.name}", 0, 0)
    output.finish(run)


def _entry(line: bytes) -> tuple[str, Payload | None] | None:
    """What a line of a part holds; None if it was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        identifier, payload = json.loads(line)
    except ValueError:
        return None
    return identifier, payload


def _text(value: object) -> bytes:
    """A value as one line of JSON, with sorted keys: the same bytes for the same value.

    >>> _text({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}\\n'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # Half a surrogate pair, which UTF-8 cannot hold, stays the escape that it was.
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _said(scope: Scope) -> str:
    """A scope in words.

    >>> _said({"role": ["RO197", "RO198"]}), _said({})
    ('role RO197, RO198', 'everything')
    """
    parts: Iterable[str] = (f"{name} {', '.join(values)}" for name, values in scope.items())
    return "; ".join(parts) or "everything"


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write; it takes the place of `path` when it is whole."""
    beside = path.with_name(f".{path.name}.unfinished")
    try:
        with beside.open("wb") as file:
            if path.suffix == ".gz":
                # No name and no time in the head of the file: the same bytes for the same lines.
                packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0)
                with packed, io.BufferedWriter(packed, 2**20) as buffered:
                    yield buffered
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
