"""Who could learn from whom: systems alike in what they adopted, or in which barriers they report.

Of two systems with sets A and B: Jaccard |A n B| / |A u B|, cosine |A n B| / sqrt(|A| |B|), both 0
if either set is empty. The score of an innovation for a system is the sum of its likeness to the
other systems that adopted it; `popularity` counts them; `ppr` is the share of time that a walk
spends on the innovation if it starts at the system, steps to neighbours at random in the network of
systems and innovations, and returns with probability 0.15 (personalised PageRank, solved exactly).

Scores mean something only if hidden adoptions are found better than in tables that have the same
row and column sums and are random otherwise (`margin_null`): popularity and chance are no yardstick
for each other. See `learning` for suggestions that stay silent without that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, nearest_names, shown
from .permutation import PermutationTest, checked_draws, permutation_test
from .spread_inputs import Array, Table, frame_of, names_in, read_nodes

__all__ = [
    "Adopted",
    "LeaveOneOut",
    "Method",
    "curveball",
    "hidden_places",
    "leave_one_out",
    "likeness",
    "margin_null",
    "read_adopted",
    "scores",
]

Method = Literal["jaccard", "cosine", "popularity", "ppr"]
RESTART = 0.15
CLOSE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Adopted:
    """Which system adopted which innovation: a table of 0 and 1, shape (systems, innovations)."""

    systems: tuple[str, ...]
    innovations: tuple[str, ...]
    table: Array


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """How well hidden adoptions are found: rank 1 is best, equal scores share the middle rank.

    `hit_at` gives for k the share of hidden adoptions among the best k, equal scores by chance.
    """

    method: Method
    mean_rank: float
    mean_reciprocal_rank: float
    hit_at: dict[int, float]
    hidden: int


def read_adopted(
    adoptions: Table,
    *,
    systems: Iterable[object] | pl.Series | None = None,
    innovations: Iterable[object] | pl.Series | None = None,
    argument: str = "adoptions",
    columns: tuple[str, str] = ("system", "innovation"),
) -> Adopted:
    """The table of a frame system, innovation; rows that come twice count once.

    `systems` and `innovations` are the universes, else all that are named. ArgumentFault for a name
    outside of them.

    >>> read_adopted({"system": ["A", "B"], "innovation": ["x", "y"]}).table.tolist()
    [[1, 0], [0, 1]]
    """
    rows = frame_of(adoptions, argument, columns)
    given = (systems, innovations)
    universes, places = [], []
    for column, universe in zip(columns, given, strict=True):
        names = names_in(rows, column, argument)
        known = _universe(universe, names, f"{column}s")
        number = {name: place for place, name in enumerate(known)}
        strange = next((name for name in names if name not in number), None)
        if strange is not None:
            raise ArgumentFault(argument, f"it names {shown(strange)}, not among the {column}s")
        universes.append(known)
        places.append([number[name] for name in names])
    table = np.zeros((len(universes[0]), len(universes[1])), dtype=np.int64)
    table[tuple(places)] = 1
    return Adopted(universes[0], universes[1], table)


def _universe(
    given: Iterable[object] | pl.Series | None, names: pl.Series, argument: str
) -> tuple[str, ...]:
    try:
        return read_nodes(given, names.unique().to_list())
    except ArgumentFault as fault:
        raise ArgumentFault(argument, fault.reason, fault.hint) from None


def likeness(table: Array, method: Literal["jaccard", "cosine", "overlap"] = "jaccard") -> Array:
    """How alike are any two rows of a table of 0 and 1? Shape (rows, rows).

    `overlap` is the number in common. A row without a 1 is like none, itself included.

    >>> likeness(np.array([[1, 1, 0], [0, 1, 1]])).round(3).tolist()
    [[1.0, 0.333], [0.333, 1.0]]
    """
    common = (table @ table.T).astype(float)
    if method == "overlap":
        return common
    size = table.sum(axis=1).astype(float)
    return _alike(common, size[:, None], size[None, :], method)


def _alike(common: Array, own: Array, other: Array, method: str) -> Array:
    if method not in ("jaccard", "cosine"):
        raise ArgumentFault("method", f"{shown(method)} is none of jaccard, cosine")
    whole = own + other - common if method == "jaccard" else np.sqrt(own * other)
    found: Array = np.zeros(common.shape)
    np.divide(common, whole, out=found, where=whole > 0)
    return found


def scores(
    adoptions: Table | Adopted, system: str, *, method: Method = "jaccard", **universes: Any
) -> pl.DataFrame:
    """How strongly do the adoptions of others speak for each innovation, for one system?

    Returns innovation, score, adopted (by the system itself), adopters (how many others), best
    first among those not adopted, then the adopted ones. `universes` as in `read_adopted`.

    >>> taken = {"system": ["A", "B", "B"], "innovation": ["x", "x", "y"]}
    >>> scores(taken, "A").rows()
    [('y', 0.5, False, 1), ('x', 0.5, True, 1)]
    """
    read = adoptions if isinstance(adoptions, Adopted) else read_adopted(adoptions, **universes)
    system = str(system)
    if system not in read.systems:
        near = nearest_names(system, read.systems)
        hint = f"The nearest names: {', '.join(near)}." if near else ""
        raise ArgumentFault("system", f"{shown(system)} is not among the systems", hint)
    row = read.systems.index(system)
    found = pl.DataFrame(
        {
            "innovation": list(read.innovations),
            "score": _scores_of(read.table, np.array([row]), np.array([-1]), method)[0],
            "adopted": read.table[row] > 0,
            "adopters": read.table.sum(axis=0) - read.table[row],
        }
    )
    return found.sort("adopted", "score", "innovation", descending=[False, True, False])


def _scores_of(table: Array, systems: Array, hidden: Array, method: Method) -> Array:
    """Scores of all innovations for each of `systems`, its adoption `hidden` (or -1) taken out."""
    if method not in get_args(Method):
        raise ArgumentFault("method", f"it is none of {', '.join(get_args(Method))}")
    some = hidden >= 0
    own = table[systems].copy()
    own[np.flatnonzero(some), hidden[some]] = 0
    others = np.ones((len(systems), len(table)))
    others[np.arange(len(systems)), systems] = 0
    if method == "popularity":
        return others @ table
    if method == "ppr":
        return np.stack([_walk(table, row, kept) for row, kept in zip(systems, own, strict=True)])
    sizes = table.sum(axis=1).astype(float)
    alike = _alike((own @ table.T).astype(float), own.sum(axis=1)[:, None], sizes[None, :], method)
    return (alike * others) @ table


def _walk(table: Array, system: int, kept: Array) -> Array:
    """Personalised PageRank of all innovations from a system that has adopted `kept`."""
    rows, columns = table.shape
    tied = table.astype(float)
    tied[system] = kept
    step = np.zeros((rows + columns, rows + columns))
    step[:rows, rows:], step[rows:, :rows] = tied, tied.T
    degree = step.sum(axis=1, keepdims=True)
    step = np.divide(step, degree, out=np.zeros_like(step), where=degree > 0)
    start = np.zeros(rows + columns)
    start[system] = 1.0
    step[degree[:, 0] == 0] = start  # a walk that cannot go on returns
    found: Array = np.linalg.solve(np.eye(rows + columns) - (1 - RESTART) * step.T, RESTART * start)
    return found[rows:]


def leave_one_out(
    adoptions: Table | Adopted,
    *,
    method: Method = "jaccard",
    hits: Sequence[int] = (1, 3, 5),
    **universes: Any,
) -> LeaveOneOut:
    """If each adoption is hidden in turn, how high is it ranked among those not adopted?

    ArgumentFault if nothing was adopted.

    >>> taken = {"system": ["A", "A", "B", "B", "C"], "innovation": ["x", "y", "x", "y", "z"]}
    >>> round(leave_one_out(taken).hit_at[1], 4)
    0.8667
    """
    read = adoptions if isinstance(adoptions, Adopted) else read_adopted(adoptions, **universes)
    if not read.table.any():
        raise ArgumentFault("adoptions", "nothing was adopted, so nothing can be hidden")
    better, equal = hidden_places(read.table, method)
    rank = 1 + better + (equal - 1) / 2
    hit = {k: float(np.clip((k - better) / equal, 0, 1).mean()) for k in hits}
    return LeaveOneOut(method, float(rank.mean()), float((1 / rank).mean()), hit, len(rank))


def hidden_places(table: Array, method: Method) -> tuple[Array, Array]:
    """For each hidden adoption, how many candidates score higher, and how many the same."""
    systems, hidden = np.nonzero(table)
    found = _scores_of(table, systems, hidden, method)
    candidate = table[systems] == 0
    each = np.arange(len(systems))
    candidate[each, hidden] = True
    gap = found - found[each, hidden][:, None]
    near = CLOSE * np.maximum(1e-6, np.abs(found[each, hidden]))[:, None]
    better = ((gap > near) & candidate).sum(axis=1)
    equal = ((np.abs(gap) <= near) & candidate).sum(axis=1)
    return better, equal


def curveball(table: Array, trades: int, chance: np.random.Generator) -> Array:
    """A random table of 0 and 1 with the same row and column sums, `trades` trades away.

    A trade takes two rows and deals what only one of them has anew between them, each keeping its
    number. Source: Strona, Nappo, Boccacci, Fattorini & San-Miguel-Ayanz (2014).

    >>> chance = np.random.default_rng(1)
    >>> drawn = curveball(np.array([[1, 0, 1], [0, 1, 0]]), 10, chance)
    >>> drawn.sum(axis=0).tolist(), drawn.sum(axis=1).tolist()
    ([1, 1, 1], [2, 1])
    """
    drawn = table.copy()
    if len(drawn) < 2:
        return drawn
    for _ in range(trades):
        a, b = int(chance.integers(len(drawn))), int(chance.integers(len(drawn) - 1))
        b += b >= a
        differ = np.flatnonzero(drawn[a] != drawn[b])
        mixed = chance.permutation(differ)
        kept = int(drawn[a, differ].sum())
        drawn[a, differ], drawn[b, differ] = 0, 1
        drawn[a, mixed[:kept]], drawn[b, mixed[:kept]] = 1, 0
    return drawn


def margin_null(
    adoptions: Table | Adopted,
    *,
    method: Method = "jaccard",
    hits: int = 3,
    replicates: int = 200,
    seed: int = 0,
    **universes: Any,
) -> PermutationTest:
    """Are hidden adoptions found better than in random tables with the same row and column sums?

    The statistic is the share found among the best `hits`; the same leave-one-out is run on each
    table, five trades a row after the one before.

    >>> taken = {"system": ["A", "A", "B", "B", "C"], "innovation": ["x", "y", "x", "y", "z"]}
    >>> margin_null(taken, hits=1, replicates=19).replicates
    19
    """
    read = adoptions if isinstance(adoptions, Adopted) else read_adopted(adoptions, **universes)
    chance = checked_draws(replicates, seed, least=1)
    observed = leave_one_out(read, method=method, hits=[hits]).hit_at[hits]
    table, null = read.table, np.empty(replicates)
    for draw in range(replicates):
        table = curveball(table, 5 * len(table), chance)
        better, equal = hidden_places(table, method)
        null[draw] = np.clip((hits - better) / equal, 0, 1).mean()
    return permutation_test(
        observed, null, seed=seed, permuted="who adopted what, row and column sums kept"
    )
