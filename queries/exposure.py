"""How much of a node's company has adopted: exposure, over time and for several innovations.

Definition (Valente 1995; Burt 1987; as in netdiffuseR `exposure`), for ego i in period t:

    E_i(t) = sum_j S_ij(t) x_j(t) a_j(t) / sum_j S_ij(t) x_j(t)

S is 1 (or the weight) where j counts for i in t, a_j(t) is 1 once j has adopted and has not
stopped, x_j is 1, a property of j, or its degree. A node does not count for itself. With nobody who
counts the exposure is 0, and `alters` says 0: "no recorded ties" is not "no exposure". With lag L
the exposure in t is E_i(t - L), null in the first L periods; a model of adoption needs L >= 1,
since lag 0 contains those who adopt in the same period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import (
    Adoptions,
    Array,
    Table,
    frame_of,
    per_node,
    read_nodes,
    times_read,
    whole_number,
)
from .spread_periods import (
    Alters,
    Direction,
    Periods,
    PeriodsGiven,
    Spread,
    adopted_by,
    alters_of,
    read_periods,
    read_spread,
)

__all__ = [
    "AlterWeight",
    "Exposed",
    "alter_worth",
    "degrees",
    "exposed",
    "exposed_in",
    "exposure",
    "exposure_matrix",
    "exposure_to_several",
    "lagged",
]

BLOCK = 400_000
SIDES: tuple[Direction, Direction] = ("outgoing", "incoming")
AlterWeight = Table | Mapping[str, float] | Literal["degree"] | None


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """Exposure of every node in every period, arrays of shape (nodes, periods).

    `adopted` is the numerator, `all_alters` the denominator, `alters` how many nodes count.
    """

    adopted: Array
    all_alters: Array
    alters: Array

    @property
    def share(self) -> Array:
        """The exposure: numerator by denominator, 0 where nobody counts."""
        share: Array = self.adopted / (self.all_alters + (self.alters == 0))
        return share


def exposed(
    alters: Alters,
    adoptions: Adoptions,
    periods: Periods,
    *,
    weighted: bool = False,
    alter_weight: Array | None = None,
) -> Exposed:
    """Exposure from arrays in time linear in ties and in nodes x periods.

    Each tie adds to the sums where it begins and takes away where it ends; the running sum over
    periods is the sum over the ties that hold. `alter_weight` is x_j, one a node or (nodes,
    periods); not negative.
    """
    factor = alters.weight if weighted else np.ones(len(alters.ego))
    if alter_weight is not None and alter_weight.ndim == 2:
        return _changing(alters, adoptions, periods, factor, alter_weight)
    if alter_weight is not None:
        factor = factor * alter_weight[alters.alter]
    counted = factor > 0
    if not counted.all():
        names = ("ego", "alter", "weight", "begins", "ends")
        alters = Alters(*(getattr(alters, name)[counted] for name in names))
        factor = factor[counted]
    amount = None if (factor == 1).all() else factor
    shape = (len(adoptions.nodes), len(periods))
    ego, begins, ends = alters.ego, alters.begins, alters.ends
    count = _running(ego, begins, ends, None, shape)
    total = count if amount is None else _running(ego, begins, ends, amount, shape)
    tie, start, end = _overlaps(alters, adoptions, periods)
    ego = ego[tie]
    adopted = _running(ego, start, end, None if amount is None else amount[tie], shape)
    if amount is not None:  # what remains of sums that cancelled is no exposure
        adopted[_running(ego, start, end, None, shape) == 0] = 0.0
    return Exposed(adopted, total, count)


def _overlaps(alters: Alters, adoptions: Adoptions, periods: Periods) -> tuple[Array, Array, Array]:
    """For each tie and each spell of use by its alter: the tie, and the periods both hold."""
    spells = np.bincount(adoptions.spell_node, minlength=len(adoptions.nodes))
    first = np.cumsum(spells) - spells
    several = spells[alters.alter]
    tie = np.repeat(np.arange(len(several)), several)
    spell = first[alters.alter[tie]]
    if (spells > 1).any():
        spell = spell + np.arange(len(tie)) - np.repeat(np.cumsum(several) - several, several)
    start = np.maximum(alters.begins[tie], periods.of(adoptions.spell_start)[spell])
    end = np.minimum(alters.ends[tie], periods.of(adoptions.spell_end)[spell])
    both = start < end
    return tie[both], start[both], end[both]


def _running(
    ego: Array, begins: Array, ends: Array, amount: Array | None, shape: tuple[int, int]
) -> Array:
    """For each node the running sum over periods of amounts that come and go.

    Ties come sorted by ego, and some thousand nodes are summed at a time: their sums stay in the
    cache, which is what the speed of this depends on.
    """
    nodes, periods = shape
    sums = np.empty(shape, dtype=np.int32 if amount is None else np.float64)
    size = max(1, BLOCK // (periods + 1))
    limits = np.searchsorted(ego, np.arange(0, nodes + size, size))
    for place, first in enumerate(range(0, nodes, size)):
        ties = slice(limits[place], limits[place + 1])
        rows = min(size, nodes - first)
        cell = (ego[ties] - first) * (periods + 1)
        part = None if amount is None else amount[ties]
        steps = np.bincount(cell + begins[ties], part, rows * (periods + 1))
        steps -= np.bincount(cell + ends[ties], part, rows * (periods + 1))
        steps = steps.reshape(rows, periods + 1)
        np.cumsum(steps[:, :-1], axis=1, out=sums[first : first + rows], dtype=sums.dtype)
    return sums


def _changing(
    alters: Alters, adoptions: Adoptions, periods: Periods, factor: Array, worth: Array
) -> Exposed:
    """Exposure where x_j changes: one product of a sparse matrix for each period."""
    using = adopted_by(adoptions, periods)
    shape = (len(adoptions.nodes), len(periods))
    adopted, total, count = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for t in range(len(periods)):
        holds = (alters.begins <= t) & (t < alters.ends)
        ego, alter = alters.ego[holds], alters.alter[holds]
        amount = factor[holds] * worth[alter, t]
        adopted[:, t] = np.bincount(ego, amount * using[alter, t], shape[0])
        total[:, t] = np.bincount(ego, amount, shape[0])
        count[:, t] = np.bincount(ego, amount > 0, shape[0])
    return Exposed(adopted, total, count)


def degrees(spread: Spread) -> Array:
    """How many ties a node has in each period, in and out together, shape (nodes, periods)."""
    shape = (len(spread.nodes), len(spread.periods))
    both = np.zeros(shape, dtype=np.int32)
    for alters in (alters_of(spread.ties, spread.periods, side) for side in SIDES):
        both += _running(alters.ego, alters.begins, alters.ends, None, shape)
    return both


def alter_worth(given: AlterWeight, spread: Spread) -> Array | None:
    """x_j as an array: None for 1, one a node for a property, (nodes, periods) for the degree."""
    if given is None:
        return None
    if isinstance(given, str):
        if given != "degree":
            raise ArgumentFault("alter_weight", 'it is neither "degree" nor one number a node')
        return degrees(spread).astype(float)
    column = per_node(given, spread.nodes, "weight", "alter_weight", missing=0.0)
    worth = column.cast(pl.Float64, strict=False).to_numpy()
    if not (np.isfinite(worth) & (worth >= 0)).all():
        raise ArgumentFault("alter_weight", "a number is negative or none")
    return worth


def lagged(values: Array, lag: int) -> Array:
    """The values `lag` periods earlier; not a number in the first ones.

    >>> lagged(np.array([[1.0, 2.0, 3.0]]), 1).tolist()
    [[nan, 1.0, 2.0]]
    """
    lag = whole_number(lag, "lag", 0)
    moved = np.full(values.shape, np.nan)
    if lag < values.shape[1]:
        moved[:, lag:] = values[:, : values.shape[1] - lag]
    return moved


def exposed_in(
    spread: Spread, direction: Direction, weighted: bool, alter_weight: AlterWeight
) -> Exposed:
    """Exposure of every node in every period, by the arguments of `exposure`."""
    return exposed(
        alters_of(spread.ties, spread.periods, direction),
        spread.adoptions,
        spread.periods,
        weighted=weighted,
        alter_weight=alter_worth(alter_weight, spread),
    )


def exposure_matrix(
    spread: Spread,
    *,
    direction: Direction = "outgoing",
    lag: int = 0,
    weighted: bool = False,
    alter_weight: AlterWeight = None,
    normalised: bool = True,
) -> Array:
    """The exposure of every node in every period as an array of shape (nodes, periods).

    The arguments are those of `exposure`; `spread` comes from `read_spread`.
    """
    found = exposed_in(spread, direction, weighted, alter_weight)
    return lagged(found.share if normalised else found.adopted.astype(float), lag)


def exposure(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    lag: int = 0,
    weighted: bool = False,
    alter_weight: AlterWeight = None,
    normalised: bool = True,
) -> pl.DataFrame:
    """What share of the nodes that count for each node had adopted in each period?

    Returns node, time, exposure (0 to 1; with `normalised=False` the sum of those who adopted) and
    alters (how many count then; 0 means that no tie is recorded, not that nobody adopted). Rows in
    the order of nodes, then periods. `direction`: "outgoing" counts whom ego's ties point to
    (Valente's nominations), "incoming" those whose ties point to ego (source shares with target),
    "both" either. `weighted` uses the weights of ties; `alter_weight` weighs alters by a property
    {node: number} or by "degree" (its ties in and out in the period, together). `lag` as at the
    head of this module. Inputs and errors as in `spread_inputs`. Source: Valente (1995); Burt
    (1987).

    >>> ties = {"source": ["A", "A"], "target": ["B", "C"]}
    >>> adoptions = {"node": ["B", "A"], "time": [1, 2]}
    >>> exposure(ties, adoptions).filter(node="A").rows()
    [('A', 1, 0.5, 2), ('A', 2, 0.5, 2)]
    """
    spread = read_spread(ties, adoptions, nodes, periods)
    found = exposed_in(spread, direction, weighted, alter_weight)
    values = lagged(found.share if normalised else found.adopted.astype(float), lag)
    counts = lagged(found.alters.astype(float), lag)
    return _long(spread, {"exposure": values, "alters": counts}).with_columns(
        pl.col("alters").cast(pl.Int64)
    )


def _long(spread: Spread, columns: Mapping[str, Array]) -> pl.DataFrame:
    times = spread.periods.column()
    height, width = len(spread.nodes), len(times)
    node = pl.Series("node", spread.nodes, dtype=pl.String)[np.repeat(np.arange(height), width)]
    time = times[np.tile(np.arange(width), height)]
    values = {name: pl.Series(array.ravel()).fill_nan(None) for name, array in columns.items()}
    return pl.DataFrame({"node": node, "time": time, **values})


def exposure_to_several(
    ties: Table, adoptions: Table, *, nodes: Iterable[object] | pl.Series | None = None, **how: Any
) -> pl.DataFrame:
    """How exposed was each node to each of several innovations, over one universe?

    `adoptions` has a column innovation besides node and time. Returns the columns of `exposure`
    after innovation, innovations in order of their name. Without `periods` they run from the first
    to the last adoption of any innovation.

    >>> ties = {"source": ["A"], "target": ["B"]}
    >>> taken = {"node": ["B", "B"], "time": [1, 2], "innovation": ["oximetry", "triage"]}
    >>> exposure_to_several(ties, taken).filter(node="A")["exposure"].to_list()
    [1.0, 1.0, 0.0, 1.0]
    """
    rows = frame_of(adoptions, "adoptions", ["innovation", "node", "time"])
    edges = frame_of(ties, "ties", ["source", "target"])
    if not rows.height:  # of no innovation there is no row
        alone = exposure(edges, rows.drop("innovation"), nodes=nodes, **how).clear()
        return alone.select(pl.lit("").alias("innovation"), pl.all())
    named = (edges["source"], edges["target"], rows["node"])
    universe = read_nodes(
        nodes,
        *(column.drop_nulls().cast(pl.String).unique().to_list() for column in named),
    )
    if how.get("periods") is None:
        scale, times = times_read(rows["time"], "adoptions")
        how["periods"] = read_periods(None, times.fill_null(np.inf).to_numpy(), scale).column()
    parts = [
        exposure(edges, part.drop("innovation"), nodes=universe, **how).select(
            pl.lit(str(name)).alias("innovation"), pl.all()
        )
        for (name,), part in sorted(rows.group_by("innovation"), key=lambda item: str(item[0]))
    ]
    return pl.concat(parts)
