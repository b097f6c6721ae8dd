"""Not reviewed is missing, not absent: measures over reviewed nodes only, and bands of doubt.

Records are uneven: a system that was looked at twice has more of them. Two ways to see what that
does to a number: take it over the reviewed nodes alone, and let ties go or come at random, as many
as differential reporting could hide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from math import isfinite, nan
from typing import Any, TypeVar

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, shown
from .permutation import checked_draws, generator
from .spread_inputs import Array, Table, frame_of, names_in, read_nodes, read_ties

__all__ = ["Draw", "Observed", "ReviewedOnly", "SensitivityBand", "reviewed_only", "sensitivity"]

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedOnly:
    """Ties among reviewed nodes and their adoptions, with how many rows were left out."""

    ties: pl.DataFrame
    adoptions: pl.DataFrame
    nodes: tuple[str, ...]
    ties_left_out: int
    adoptions_left_out: int


@dataclass(frozen=True, slots=True)
class SensitivityBand:
    """A number, and between which values it lies if ties are missing or too many.

    `dropped_low` to `dropped_high` holds `level` of the replicates in which a share of the ties was
    taken out, `added_...` of those in which as many were put in; `low` and `high` are the widest of
    them and the number itself. `undefined` counts replicates without a value.
    """

    observed: float
    dropped_low: float
    dropped_high: float
    added_low: float
    added_high: float
    low: float
    high: float
    dropped: int
    added: int
    replicates: int
    undefined: int
    level: float
    seed: int

    def record(self) -> dict[str, Any]:
        """The fields by name, to be stored beside an answer."""
        return asdict(self)


@dataclass(slots=True)
class Draw:
    """One drawn network: a share of the ties taken out, or as many put in, by a seed.

    `changed` of `of` ties is how many that was, once it was `drawn`; 0 of 0 before. `alike` holds
    what is the same in all networks of a band, which share it; see `once`.
    """

    share: float
    adds: bool
    seed: int
    changed: int = 0
    of: int = 0
    alike: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, found: Callable[[], Found]) -> Found:
        """What no draw changes: looked up for the first network, and kept for the others.

        >>> known = {}
        >>> first, second = Draw(0.1, True, 0, alike=known), Draw(0.1, True, 1, alike=known)
        >>> first.once("systems", lambda: 42), second.once("systems", lambda: 0)
        (42, 42)
        """
        if name not in self.alike:
            self.alike[name] = found()
        kept: Found = self.alike[name]
        return kept

    def drawn(self, ties: pl.DataFrame, nodes: Iterable[str], reviewed: set[str]) -> pl.DataFrame:
        """The ties of the drawn network. A new one joins two of `nodes`, one of them at least not
        reviewed, and has an `id` of its own.

        >>> ties = pl.DataFrame({"id": ["t"], "source": ["A"], "target": ["B"]})
        >>> Draw(1.0, True, 0).drawn(ties, ["A", "C"], {"A", "B"}).rows()[1][0]
        'drawn 1'
        """
        universe, chance = tuple(sorted(nodes)), generator(self.seed)
        self.of, self.changed = ties.height, round(self.share * ties.height)
        if not self.adds:
            return _with_fewer(ties, self.changed, chance)
        unseen = _unseen(universe, reviewed.intersection(universe))
        more = _with_more(ties, universe, unseen, self.changed, chance)
        number = pl.int_range(1, pl.len() + 1) - ties.height
        own = pl.when(number > 0).then(pl.format("drawn {}", number)).otherwise("id")
        return more.with_columns(own.alias("id"))


@dataclass(frozen=True, slots=True)
class Observed:
    """How unevenly things were looked at is allowed for: by reviewed ones alone, or by a draw."""

    reviewed_only: bool = False
    draw: Draw | None = None


def reviewed_only(
    ties: Table, adoptions: Table, reviewed: Iterable[object] | pl.Series
) -> ReviewedOnly:
    """What is left if only nodes that were looked at count? `reviewed` is the new universe.

    >>> found = reviewed_only({"source": ["A", "A"], "target": ["B", "C"]},
    ...                       {"node": ["C"], "time": [1]}, ["A", "B"])
    >>> found.ties.rows(), found.adoptions_left_out
    ([('A', 'B')], 1)
    """
    try:
        universe = read_nodes(reviewed)
    except ArgumentFault as fault:
        raise ArgumentFault("reviewed", fault.reason, fault.hint) from None
    rows = frame_of(ties, "ties", ["source", "target"])
    if rows.height:
        read_ties(rows)
    taken = frame_of(adoptions, "adoptions", ["node", "time"])
    both = names_in(rows, "source", "ties").is_in(universe)
    both &= names_in(rows, "target", "ties").is_in(universe)
    known = names_in(taken, "node", "adoptions").is_in(universe)
    return ReviewedOnly(
        rows.filter(both), taken.filter(known), universe, int((~both).sum()), int((~known).sum())
    )


def sensitivity(
    measure: Callable[[pl.DataFrame], float | None],
    ties: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    drop: float = 0.1,
    add: float = 0.1,
    reviewed: Iterable[object] | pl.Series | None = None,
    replicates: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> SensitivityBand:
    """How far could the number be off, if a share of the ties were wrong, or unreported?

    `measure` takes a frame of ties and gives one number, or None where it is undefined (give it the
    nodes, so that nobody drops out). `drop` and `add` are shares of the number of ties. A tie that
    is put in joins two nodes that are not tied, at random, with the dates and weight of one that is
    there; with `reviewed`, at least one of the two was not reviewed. Fewer come in if there are not
    so many pairs.

    >>> band = sensitivity(lambda ties: float(ties.height), {"source": ["A"] * 3,
    ...     "target": ["B", "C", "D"]}, drop=0.34, add=0.34, replicates=10)
    >>> band.observed, band.low, band.high
    (3.0, 2.0, 4.0)
    """
    rows = frame_of(ties, "ties", ["source", "target"])
    for name, share in (("drop", drop), ("add", add)):
        if not 0 <= share <= 1:
            raise ArgumentFault(name, "it is no share from 0 to 1")
    if not 0 < level <= 1:
        raise ArgumentFault("level", "it is no share from 0 to 1")
    chance = checked_draws(replicates, seed, least=1)
    universe = read_ties(rows, nodes).nodes
    unseen = _unseen(universe, reviewed)
    dropped, added = round(drop * rows.height), round(add * rows.height)
    fewer, more = np.empty(replicates), np.empty(replicates)
    for draw in range(replicates):
        fewer[draw] = _number(measure(_with_fewer(rows, dropped, chance)))
        more[draw] = _number(measure(_with_more(rows, universe, unseen, added, chance)))
    return _band(_number(measure(rows)), fewer, more, dropped, added, level, seed)


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _with_fewer(rows: pl.DataFrame, dropped: int, chance: np.random.Generator) -> pl.DataFrame:
    return rows[np.sort(chance.permutation(rows.height)[dropped:])]


def _unseen(universe: tuple[str, ...], reviewed: Iterable[object] | pl.Series | None) -> Array:
    """Which nodes a new tie needs at one end at least: all, or those not reviewed."""
    if reviewed is None:
        return np.ones(len(universe), dtype=bool)
    seen = {str(name) for name in reviewed}
    strange = sorted(seen - set(universe))
    if strange:
        raise ArgumentFault("reviewed", f"it names {shown(strange[0])}, not among the nodes")
    return np.array([name not in seen for name in universe])


def _with_more(
    rows: pl.DataFrame,
    universe: tuple[str, ...],
    unseen: Array,
    wanted: int,
    chance: np.random.Generator,
) -> pl.DataFrame:
    """The ties and some new ones; pairs are drawn until they are enough, or hardly any are free."""
    if not rows.height or not unseen.any():
        return rows
    taken = set(zip(rows["source"].cast(pl.String), rows["target"].cast(pl.String), strict=True))
    pairs: list[tuple[str, str]] = []
    for _ in range(50):
        for one, other in chance.integers(0, len(universe), size=(2 * wanted, 2)).tolist():
            pair = (universe[one], universe[other])
            free = one != other and pair not in taken and (unseen[one] or unseen[other])
            if free and len(pairs) < wanted:
                taken.add(pair)
                pairs.append(pair)
        if len(pairs) >= wanted:
            break
    model = rows[chance.integers(0, rows.height, size=len(pairs))]
    new = model.with_columns(
        pl.Series("source", [pair[0] for pair in pairs], dtype=pl.String),
        pl.Series("target", [pair[1] for pair in pairs], dtype=pl.String),
    )
    return pl.concat([rows.cast({"source": pl.String, "target": pl.String}), new])


def _band(
    observed: float, fewer: Array, more: Array, dropped: int, added: int, level: float, seed: int
) -> SensitivityBand:
    tails = [(1 - level) / 2, (1 + level) / 2]
    (a, b), (c, d) = (_limits(values, tails) for values in (fewer, more))
    known_limits = [limit for limit in (a, b, c, d, observed) if isfinite(limit)]
    return SensitivityBand(
        observed,
        dropped_low=a,
        dropped_high=b,
        added_low=c,
        added_high=d,
        low=min(known_limits, default=nan),
        high=max(known_limits, default=nan),
        dropped=dropped,
        added=added,
        replicates=len(fewer),
        undefined=int((~np.isfinite(fewer)).sum() + (~np.isfinite(more)).sum()),
        level=level,
        seed=seed,
    )


def _limits(values: Array, tails: list[float]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return nan, nan
    low, high = np.quantile(known, tails)
    return float(low), float(high)
