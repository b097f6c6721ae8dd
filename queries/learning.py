"""Who could learn from whom, with the adopters by name; silent where there is nothing to learn.

A system is shown the innovations that systems like it adopted and it did not. It is like another by
the barriers that both report (or, without reports, by what both adopted). Before anything is shown,
the same rule must find hidden adoptions better than in tables with the same row and column sums:
else the answer is empty and says why. A suggestion is who adopted what where the same is reported;
it is not that it would work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, nearest_names, shown
from .permutation import PermutationTest, checked_draws, permutation_test
from .similarity import Adopted, curveball, hidden_places, likeness, read_adopted
from .spread_inputs import Array, Table, frame_of, names_in

__all__ = ["Learning", "who_could_learn"]

SCHEMA: dict[str, Any] = {
    "system": pl.String,
    "innovation": pl.String,
    "score": pl.Float64,
    "adopters": pl.Int64,
    "adopted_by": pl.List(pl.String),
    "shared_barriers": pl.List(pl.String),
}


@dataclass(frozen=True, slots=True, eq=False)
class Learning:
    """Suggestions, the test they passed, and, if there are none, the reason.

    `suggestions` has system, innovation, score (sum of Jaccard likeness to the adopters), adopters,
    adopted_by (names, with the date where one is known, most alike first) and shared_barriers
    (those that the system and any adopter both report).
    """

    suggestions: pl.DataFrame
    test: PermutationTest | None
    reason: str


def who_could_learn(
    adoptions: Table,
    reported: Table | None = None,
    *,
    systems: Iterable[object] | pl.Series | None = None,
    barrier: str | None = None,
    hits: int = 3,
    replicates: int = 200,
    level: float = 0.05,
    seed: int = 0,
) -> Learning:
    """Which systems adopted what others like them, by reported barriers, did not?

    `adoptions` is a frame system, innovation and perhaps time; `reported` a frame system, barrier.
    With `barrier` only systems that report it are compared, adopters and learners. Silent (no rows,
    a reason) if hidden adoptions are not found among the best `hits` better than by chance, p at
    most `level`.

    >>> taken = {"system": ["A", "B"], "innovation": ["x", "y"]}
    >>> who_could_learn(taken, replicates=19).reason
    'hidden adoptions are not found better than in random tables (p = 1.00, 19 tables)'
    """
    rows = frame_of(adoptions, "adoptions", ["system", "innovation"])
    reports = None if reported is None else frame_of(reported, "reported", ["system", "barrier"])
    if barrier is not None:
        rows, reports, systems = _reporting(rows, reports, systems, str(barrier))
    if not rows.height:
        return Learning(pl.DataFrame(schema=SCHEMA), None, "no adoption is known")
    universe = systems
    if universe is None:
        named = [names_in(rows, "system", "adoptions")]
        named += [] if reports is None else [names_in(reports, "system", "reported")]
        universe = pl.concat(named).unique().sort()
    read = read_adopted(rows, systems=universe)
    barriers = None
    if reports is not None and reports.height:
        columns = ("system", "barrier")
        barriers = read_adopted(reports, systems=read.systems, argument="reported", columns=columns)
    test = _null(read, barriers, hits, replicates, level, seed)
    if not test.p_value <= level:
        reason = "hidden adoptions are not found better than in random tables"
        said = f"{reason} (p = {test.p_value:.2f}, {test.replicates} tables)"
        return Learning(pl.DataFrame(schema=SCHEMA), test, said)
    return Learning(_suggestions(read, barriers, rows), test, "")


def _reporting(
    rows: pl.DataFrame,
    reports: pl.DataFrame | None,
    systems: Iterable[object] | pl.Series | None,
    barrier: str,
) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Adoptions and reports of the systems that report one barrier."""
    if reports is None:
        raise ArgumentFault("barrier", "no reports of barriers are given", "Give `reported`.")
    names = names_in(reports, "barrier", "reported")
    if barrier not in set(names):
        near = nearest_names(barrier, names.unique().to_list())
        hint = f"The nearest names: {', '.join(near)}." if near else ""
        raise ArgumentFault("barrier", f"{shown(barrier)} is not reported by any system", hint)
    reporting = set(names_in(reports, "system", "reported").filter(names == barrier))
    if systems is not None:
        reporting &= {str(system) for system in systems}
    keep = sorted(reporting)
    return (
        rows.filter(names_in(rows, "system", "adoptions").is_in(keep)),
        reports.filter(names_in(reports, "system", "reported").is_in(keep)),
        keep,
    )


def _alike_to_others(table: Array) -> Array:
    alike = likeness(table)
    np.fill_diagonal(alike, 0.0)
    return alike


def _hit(adopted: Array, barriers: Array | None, hits: int) -> float:
    """The share of hidden adoptions among the best `hits` of what the system has not adopted."""
    if barriers is None:
        better, equal = hidden_places(adopted, "jaccard")
        return float(np.clip((hits - better) / equal, 0, 1).mean())
    found = _alike_to_others(barriers) @ adopted
    systems, hidden = np.nonzero(adopted)
    candidate = adopted[systems] == 0
    candidate[np.arange(len(systems)), hidden] = True
    gap = found[systems] - found[systems, hidden][:, None]
    better = ((gap > 1e-9) & candidate).sum(axis=1)
    equal = ((np.abs(gap) <= 1e-9) & candidate).sum(axis=1)
    return float(np.clip((hits - better) / equal, 0, 1).mean())


def _null(
    read: Adopted, barriers: Adopted | None, hits: int, replicates: int, level: float, seed: int
) -> PermutationTest:
    """The hit rate beside that in random tables of adoptions with the same margins."""
    reports = None if barriers is None else barriers.table
    chance = checked_draws(replicates, seed, least=1)
    table, null = read.table, np.empty(replicates)
    for draw in range(replicates):
        table = curveball(table, 5 * len(table), chance)
        null[draw] = _hit(table, reports, hits)
    return permutation_test(
        _hit(read.table, reports, hits),
        null,
        level=level,
        seed=seed,
        permuted="who adopted what, row and column sums kept",
    )


def _suggestions(read: Adopted, barriers: Adopted | None, rows: pl.DataFrame) -> pl.DataFrame:
    alike = _alike_to_others(read.table if barriers is None else barriers.table)
    score = alike @ read.table
    dates = _dates(rows)
    found = []
    for row, column in zip(*np.nonzero((read.table == 0) & (score > 0)), strict=True):
        adopters = np.flatnonzero((read.table[:, column] > 0) & (alike[row] > 0))
        adopters = adopters[np.argsort(-alike[row, adopters], kind="stable")]
        innovation = read.innovations[column]
        names = [read.systems[place] for place in adopters]
        found.append(
            {
                "system": read.systems[row],
                "innovation": innovation,
                "score": float(score[row, column]),
                "adopters": len(adopters),
                "adopted_by": [f"{name}{dates.get((name, innovation), '')}" for name in names],
                "shared_barriers": _shared(barriers, row, adopters),
            }
        )
    rows_found = pl.DataFrame(found, schema=SCHEMA)
    return rows_found.sort("system", "score", "innovation", descending=[False, True, False])


def _dates(rows: pl.DataFrame) -> dict[tuple[str, str], str]:
    if "time" not in rows.columns:
        return {}
    known = rows.drop_nulls("time")
    keys = zip(known["system"].cast(pl.String), known["innovation"].cast(pl.String), strict=True)
    return {key: f" ({time})" for key, time in zip(keys, known["time"], strict=True)}


def _shared(barriers: Adopted | None, row: int, adopters: Array) -> list[str]:
    if barriers is None:
        return []
    both = (barriers.table[row] > 0) & barriers.table[adopters].any(axis=0)
    return [barriers.innovations[place] for place in np.flatnonzero(both)]
