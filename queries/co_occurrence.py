"""Which innovations are found where a barrier is reported, and is that more than chance?

Of the systems looked at, `barrier` report the barrier, `innovation` adopted the innovation, `both`
did both. confidence = both / barrier; lift = confidence / (innovation / systems); smoothed share =
(both + 1) / (barrier + 2), which a single report does not drive to 0 or 1; p = P(X >= both), X
hypergeometric; q = the smallest share of false discoveries at which the pair would be called one
(Benjamini & Hochberg 1995), over all pairs. Adopting it while reporting the barrier is not "it
solved the barrier".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, shown
from .similarity import Adopted, read_adopted
from .spread_inputs import Array, Table, frame_of, names_in

__all__ = ["co_occurrence", "false_discovery", "found_where"]

SCHEMA: dict[str, Any] = {
    "barrier": pl.String,
    "innovation": pl.String,
    "both": pl.Int64,
    "with_barrier": pl.Int64,
    "with_innovation": pl.Int64,
    "systems": pl.Int64,
    "confidence": pl.Float64,
    "lift": pl.Float64,
    "smoothed_share": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
}


def co_occurrence(
    reported: Table, adopted: Table, *, systems: Iterable[object] | pl.Series | None = None
) -> pl.DataFrame:
    """For each barrier and innovation: how many systems have both, and is that more than chance?

    `reported` is a frame system, barrier; `adopted` a frame system, innovation; `systems` are those
    that were looked at (else all that are named). Returns barrier, innovation, both, with_barrier,
    with_innovation, systems, confidence, lift, smoothed_share, p_value, q_value; in order of p,
    then names. Empty if no barrier, or no innovation, is named.

    >>> found = co_occurrence(
    ...     {"system": ["A", "B"], "barrier": ["staffing", "staffing"]},
    ...     {"system": ["A"], "innovation": ["oximetry"]}, systems=["A", "B", "C"])
    >>> found.select("both", "lift", "smoothed_share", pl.col("p_value").round(3)).row(0)
    (1, 1.5, 0.5, 0.667)
    """
    barriers, innovations = _both_tables(reported, adopted, systems)
    if barriers is None or innovations is None:
        return pl.DataFrame(schema=SCHEMA)
    from scipy.stats import hypergeom

    count = len(barriers.systems)
    both = barriers.table.T @ innovations.table
    with_barrier = np.repeat(barriers.table.sum(axis=0)[:, None], both.shape[1], axis=1)
    with_innovation = np.repeat(innovations.table.sum(axis=0)[None, :], both.shape[0], axis=0)
    confidence = both / with_barrier
    p = np.minimum(hypergeom.sf(both - 1, count, with_barrier, with_innovation), 1.0)
    names = np.repeat(np.arange(both.shape[0]), both.shape[1])
    columns = {
        "barrier": [barriers.innovations[place] for place in names],
        "innovation": list(innovations.innovations) * both.shape[0],
        "both": both.ravel(),
        "with_barrier": with_barrier.ravel(),
        "with_innovation": with_innovation.ravel(),
        "systems": [count] * both.size,
        "confidence": confidence.ravel(),
        "lift": (confidence * count / with_innovation).ravel(),
        "smoothed_share": ((both + 1) / (with_barrier + 2)).ravel(),
        "p_value": p.ravel(),
        "q_value": false_discovery(p.ravel()),
    }
    return pl.DataFrame(columns, schema=SCHEMA).sort("p_value", "barrier", "innovation")


def _both_tables(
    reported: Table, adopted: Table, systems: Iterable[object] | pl.Series | None
) -> tuple[Adopted | None, Adopted | None]:
    """Who reported what and who adopted what, over one universe; None for an empty table."""
    barriers = frame_of(reported, "reported", ["system", "barrier"])
    innovations = frame_of(adopted, "adopted", ["system", "innovation"])
    named = pl.concat(
        [names_in(barriers, "system", "reported"), names_in(innovations, "system", "adopted")]
    )
    universe = list(systems) if systems is not None else named.unique().sort().to_list()
    given = (
        (barriers, "reported", ("system", "barrier")),
        (innovations, "adopted", ("system", "innovation")),
    )
    read = [
        read_adopted(rows, systems=universe, argument=argument, columns=columns)
        if rows.height
        else None
        for rows, argument, columns in given
    ]
    return read[0], read[1]


def false_discovery(p_values: Array | Sequence[float]) -> Array:
    """The adjusted p of Benjamini & Hochberg: the false discovery rate at which each is called one.

    >>> false_discovery(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ArgumentFault("p_values", "they are no row of numbers from 0 to 1")
    order, count = np.argsort(p)[::-1], len(p)
    adjusted: Array = np.empty(count)
    adjusted[order] = np.minimum.accumulate(p[order] * count / np.arange(count, 0, -1))
    return np.minimum(adjusted, 1.0)


def found_where(
    reported: Table,
    adopted: Table,
    system: str,
    *,
    systems: Iterable[object] | pl.Series | None = None,
) -> pl.DataFrame:
    """Which innovations that a system lacks are found where its barriers are reported?

    Returns innovation, smoothed_share (the mean over the system's barriers), largest (over them),
    adopters (how many systems that share a barrier with it), smallest_p; best first. With few
    systems no pair can be told from chance: look at smallest_p before reading an order into it.

    >>> found_where(
    ...     {"system": ["A", "B"], "barrier": ["staffing", "staffing"]},
    ...     {"system": ["A"], "innovation": ["oximetry"]}, "B").row(0)
    ('oximetry', 0.5, 0.5, 1, 1.0)
    """
    barriers, innovations = _both_tables(reported, adopted, systems)
    if barriers is None or innovations is None:
        return _nothing_found()
    system = str(system)
    if system not in barriers.systems:
        raise ArgumentFault("system", f"{shown(system)} is not among the systems")
    row = barriers.systems.index(system)
    own = [name for name, has in zip(barriers.innovations, barriers.table[row], strict=True) if has]
    has = [
        name
        for name, got in zip(innovations.innovations, innovations.table[row], strict=True)
        if got
    ]
    sharing = (barriers.table @ barriers.table[row]) > 0
    among = dict(zip(innovations.innovations, innovations.table[sharing].sum(axis=0), strict=True))
    pairs = co_occurrence(reported, adopted, systems=barriers.systems)
    found = (
        pairs.filter(pl.col("barrier").is_in(own) & ~pl.col("innovation").is_in(has))
        .group_by("innovation")
        .agg(
            pl.col("smoothed_share").mean(),
            pl.col("smoothed_share").max().alias("largest"),
            pl.col("p_value").min().alias("smallest_p"),
        )
    )
    counts = [int(among[name]) for name in found["innovation"]]
    return (
        found.with_columns(pl.Series("adopters", counts, dtype=pl.Int64))
        .select("innovation", "smoothed_share", "largest", "adopters", "smallest_p")
        .sort("smoothed_share", "innovation", descending=[True, False])
    )


def _nothing_found() -> pl.DataFrame:
    shares = {name: pl.Float64 for name in ("smoothed_share", "largest")}
    schema: dict[str, Any] = {"innovation": pl.String, **shares, "adopters": pl.Int64}
    return pl.DataFrame(schema=schema | {"smallest_p": pl.Float64})
