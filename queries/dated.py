"""Answers on a day: what certainly held, and what may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate, Certainty
from .answer import Answer

__all__ = ["caveats_of_day", "twice"]


def twice(certain: Answer, possible: Answer, snapshot: Snapshot, day: str) -> Answer:
    """One answer from two: of the graph as it certainly was on a day, and as it may have been.

    A row that both give is CERTAIN: true whatever the imprecise dates stand for. A row of one alone
    keeps its own mark: a count that is 3 for certain and may be 5 is two rows. The new first column
    is `certainty`.
    """
    sure = {_key(row) for row in certain.iter_rows()}
    maybe = pl.Series([_key(row) not in sure for row in possible.iter_rows()], dtype=pl.Boolean)
    rows = pl.concat(
        [
            _marked(pl.DataFrame(certain), Certainty.CERTAIN),
            _marked(pl.DataFrame(possible).filter(maybe), Certainty.POSSIBLE),
        ]
    )
    return Answer(
        rows,
        question=possible.question,
        parameters={**possible.parameters, "on": day},
        caveats=[*caveats_of_day(snapshot, day), *possible.caveats],
        counts=possible.counts,
        reason=possible.reason,
        snapshot=possible.snapshot,
    )


def _marked(rows: pl.DataFrame, certainty: Certainty) -> pl.DataFrame:
    mark = pl.lit(certainty.value, dtype=pl.String).alias("certainty")
    return rows.select(mark, pl.all())


def _key(row: tuple[Any, ...]) -> str:
    return repr(row)


def caveats_of_day(snapshot: Snapshot, day: str) -> list[str]:
    """What must be said beside an answer on a day: what the marks mean, and how old the news is."""
    manifest: Mapping[str, Any] = snapshot.manifest
    newest = manifest["default_day"]
    said = [
        f"As on {_plain(day)}. CERTAIN: true whatever the imprecise dates stand for. "
        "POSSIBLE: true for some of what they may stand for."
    ]
    if newest and day > newest:
        said.append(
            f"The newest source is of {_plain(newest)}: what was open then may have ended since."
        )
    return said


def _plain(day: str) -> str:
    return BoundedDate.parse(day).plain()
