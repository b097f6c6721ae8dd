"""The command measures: answers that were kept as records, shown and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import format_options, graph_of, store_option
from .output import deliver

if TYPE_CHECKING:
    from ..queries.measures import Kept, Measures

__all__ = ["measures_command"]


@click.group("measures")
def measures_command() -> None:
    """Answers that were kept with icsgraph ask --keep.

    A kept answer is a record of its rows, parameters, day, snapshot, counts, tests, caveats and the
    version of icsgraph, under a key made of its content: it is never overwritten, and the same
    answer is kept once.

    \b
    icsgraph ask adoption-curve --innovation "virtual ward" --keep
    icsgraph measures list
    icsgraph measures compare 6ee1f927 0a5c3f6e
    """


@measures_command.command("list")
@store_option
@format_options
def _list(store: Path | None, **out: Any) -> None:
    """Every kept answer: its key, question, parameters and snapshot."""
    rows = _measures(store).listed()
    deliver(rows, notes=[] if rows.height else ["No answer was kept yet."], **out)


@measures_command.command("show")
@click.argument("key")
@store_option
@format_options
def _show(key: str, store: Path | None, **out: Any) -> None:
    """One kept answer, by its key or the beginning of it."""
    kept = _measures(store).get(key)
    deliver(kept.rows, notes=_notes(kept), whole=dict(kept.record), **out)


@measures_command.command("compare")
@click.argument("one")
@click.argument("other")
@store_option
@format_options
def _compare(one: str, other: str, store: Path | None, **out: Any) -> None:
    """In what two kept answers differ, by their keys: snapshot, parameters, rows, counts."""
    from ..queries.measures import differences

    measures = _measures(store)
    rows = differences(measures.get(one), measures.get(other))
    deliver(rows, notes=[] if rows.height else ["They say the same."], **out)


def _measures(store: Path | None) -> Measures:
    return graph_of(store).measures


def _notes(kept: Kept) -> list[str]:
    record = kept.record
    said = f"{kept.question}, snapshot {record['snapshot']}, icsgraph {record['icsgraph']}."
    given = [f"{name}: {value}" for name, value in record["parameters"].items() if value != ""]
    reason = [f"This cannot be answered: {record['reason']}"] if "reason" in record else []
    tests = [", ".join(f"{n} {v}" for n, v in test.items()) for test in record.get("tests", [])]
    counts = ", ".join(f"{name} {count:,}" for name, count in record["counts"].items())
    return [
        *reason,
        said,
        *([f"Asked with {'; '.join(given)}."] if given else []),
        f"Behind this answer: {counts}.",
        *tests,
        *(f"- {caveat}" for caveat in record["caveats"]),
    ]
