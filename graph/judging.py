"""Judge whether two records are one thing, and take a judgement back: the store is joined again.

Whatever goes wrong, the decisions and the snapshot that readers see stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ..ontology.errors import FileFault, UnknownName, UsageError
from .assemble import assemble
from .decisions import (
    Decision,
    Judged,
    amended,
    appended,
    numbered_decisions,
    read_decisions,
    without,
    write_decisions,
)
from .identity import known_records
from .merging import as_of_day
from .partitions import read_facts
from .store import Store

__all__ = [
    "decide",
    "following",
    "join_again",
    "load_decisions",
    "note_decision",
    "stated_by",
    "undo",
]

Tell = Callable[[str], None]


def _silent(step: str) -> None:
    """Say nothing of a step."""


def decide(store: Store, decision: Decision, tell: Tell = _silent) -> str:
    """Write a decision down and join the store again; the new snapshot.

    `UnknownName` for an id that no record has, `UsageError` for two kinds of thing, and where the
    decision repeats or contradicts earlier ones.
    """
    with store.writing():
        before = read_decisions(store.decisions)
        _check(decision, known_records(store.current()))
        return _joined(store, before, appended(before, decision), tell)


def note_decision(store: Store, decision: Decision) -> None:
    """Write a decision down and leave joining to `join_again`; raises as `decide`."""
    with store.writing():
        _check(decision, known_records(store.current()))
        write_decisions(store.decisions, appended(read_decisions(store.decisions), decision))


def join_again(store: Store, tell: Tell = _silent) -> str:
    """Join the store by the decisions that stand; the snapshot."""
    with store.writing():
        known = read_decisions(store.decisions)
        return _joined(store, known, known, tell)


def undo(store: Store, one: str, other: str, tell: Tell = _silent) -> tuple[Decision, str]:
    """Take back the decision about two records: it, and the snapshot that is as if it had never
    been. `UnknownName` if there is none."""
    with store.writing():
        before = read_decisions(store.decisions)
        after = without(before, one, other)
        (gone,) = (each for each in before if each not in after)
        return gone, _joined(store, before, after, tell)


def load_decisions(store: Store, path: Path, tell: Tell = _silent) -> tuple[list[Decision], str]:
    """Add the decisions of a file, all of them or none: those that are new, and the snapshot.

    `FileFault` names the first row that is no decision, is about an id that no record has or about
    two kinds of thing, or contradicts another; one that the store has already is passed over.
    """
    with store.writing():
        before = read_decisions(store.decisions)
        had, judged = {each.key for each in before}, Judged(before)
        known = known_records(store.current())
        new: list[Decision] = []
        for row, decision in numbered_decisions(path).items():
            if decision.key in had:
                continue
            try:
                _check(decision, known)
            except UsageError as wrong:
                raise FileFault(path, row, reason=wrong.message, hint=wrong.hint) from None
            if said := judged.fault(decision):
                raise FileFault(path, row, reason=said)
            judged.add(decision)
            new.append(decision)
        return new, _joined(store, before, [*before, *new], tell)


@contextmanager
def following(store: Store, partitions: Mapping[str, Path]) -> Iterator[None]:
    """Let the decisions follow what the sources judge themselves, while `partitions` (a folder for
    each source id) become all that the store holds; they are put back if that fails.

    What a person decided or took back stays as it is; see `decisions.amended`.
    """
    known = read_decisions(store.decisions)
    before = stated_by(store.partitions / source for source in store.sources())
    with _written(store, known, amended(known, before, stated_by(partitions.values()))):
        yield


@contextmanager
def _written(store: Store, before: Sequence[Decision], after: Sequence[Decision]) -> Iterator[None]:
    """The decisions are `after`; `before` again if what is done with them fails."""
    if before != after:
        write_decisions(store.decisions, after)
    try:
        yield
    except BaseException:
        if before != after:
            write_decisions(store.decisions, before)
        raise


def stated_by(folders: Iterable[Path]) -> dict[tuple[str, str, str], Decision]:
    """What partitions judge themselves, by `Decision.key`; of several editions of a data set that
    judge what an id means, the newest is followed."""
    found: dict[tuple[str, str], list[Decision]] = {}
    stated = [folder for folder in folders if (folder / "judgements.parquet").is_file()]
    facts = sorted(
        ((read_facts(folder), folder) for folder in stated),
        key=lambda pair: (as_of_day(pair[0]), str(pair[0]["id"])),
    )
    for told, folder in facts:
        rows = pl.read_parquet(folder / "judgements.parquet").rows_by_key("other", named=True)
        for other, judged in rows.items():
            key = (str(told["data_set"]), str(other))
            found[key] = [Decision(**{"other": other, **row}) for row in judged]
    decisions = (each for _, several in sorted(found.items()) for each in several)
    return {each.key: each for each in decisions}


def _check(decision: Decision, known: pl.DataFrame) -> None:
    """Both ids are of records that the store holds, and of one kind."""
    found = dict(
        known.filter(pl.col("id").is_in([decision.one, decision.other]))
        .select("id", "kind")
        .iter_rows()
    )
    for one in (decision.one, decision.other):
        if one not in found:
            raise UnknownName("record in the store", one, known["id"])
    kinds = [found[decision.one].lower(), found[decision.other].lower()]
    if kinds[0] != kinds[1]:
        raise UsageError(
            f"{decision.one} is of the kind {kinds[0]}, and {decision.other} is of the kind "
            f"{kinds[1]}: they cannot be compared."
        )


def _joined(store: Store, before: Sequence[Decision], after: Sequence[Decision], tell: Tell) -> str:
    tell("Joining all sources")
    with _written(store, before, after):
        snapshot = assemble(store)
    store.switch(snapshot)
    return snapshot
