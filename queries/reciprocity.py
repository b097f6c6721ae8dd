"""Is a tie returned? Three numbers that go by one name, and the reports of one side only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, shown
from .spread_inputs import Array, Table, frame_of, names_in
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = ["Reciprocity", "one_sided_ties", "reciprocity", "survey_scores"]

Nodes = Iterable[object] | pl.Series | None


@dataclass(frozen=True, slots=True)
class Reciprocity:
    """Pairs of nodes tied both ways (mutual), one way (asymmetric) or not (null), and three ratios.

    `edgewise` 2M / m: the share of ties that are returned (NetworkX). `dyadic_non_null` M / (M +
    A): the share of tied pairs that are tied both ways. `dyadic` (M + N) / all: pairs that agree,
    empty ones too (the default of `sna::grecip`). None where there is nothing to divide.
    """

    mutual: int
    asymmetric: int
    null: int
    edgewise: float | None
    dyadic_non_null: float | None
    dyadic: float | None


def reciprocity(ties: StaticTies, *, nodes: Nodes = None, at: Any = None) -> Reciprocity:
    """Are ties returned? Name which of the three ratios you quote.

    >>> found = reciprocity({"source": ["A", "B", "A"], "target": ["B", "A", "C"]})
    >>> found.mutual, found.asymmetric, found.null, round(found.edgewise, 3), found.dyadic_non_null
    (1, 1, 1, 0.667, 0.5)
    """
    network = static_network(ties, nodes, at=at)
    returned = _returned(network)
    count, mutual = len(returned), int(returned.sum()) // 2
    asymmetric = count - 2 * mutual
    pairs = network.size * (network.size - 1) // 2
    null = pairs - mutual - asymmetric
    return Reciprocity(
        mutual,
        asymmetric,
        null,
        edgewise=2 * mutual / count if count else None,
        dyadic_non_null=mutual / (mutual + asymmetric) if count else None,
        dyadic=(mutual + null) / pairs if pairs else None,
    )


def _returned(network: StaticNetwork) -> Array:
    source, target, _ = network.arcs
    there, back = source * network.size + target, target * network.size + source
    return np.isin(there, back)


def one_sided_ties(ties: StaticTies, *, nodes: Nodes = None, at: Any = None) -> pl.DataFrame:
    """Which ties does only one side report? Rows source, target, sorted.

    >>> one_sided_ties({"source": ["A", "B", "A"], "target": ["B", "A", "C"]}).rows()
    [('A', 'C')]
    """
    network = static_network(ties, nodes, at=at)
    alone = ~_returned(network)
    source, target, _ = network.arcs
    names = pl.Series(network.nodes)
    return pl.DataFrame(
        {"source": names.gather(source[alone]), "target": names.gather(target[alone])},
        schema={"source": pl.String, "target": pl.String},
    ).sort("source", "target")


def survey_scores(answers: Table) -> pl.DataFrame:
    """What do the two sides of a tie say of it in a survey, and do both?

    `answers` has source (who answers), target (of whom) and score (a number; null: no answer), a
    row for each answer. A row a pair, its names in order: a, b, mean (over all answers), n, mean_a,
    n_a (what a says of b), mean_b, n_b, both_sides. Answers about oneself are left out.

    >>> answers = {"source": ["A", "A", "B"], "target": ["B", "B", "A"], "score": [4, 2, 5]}
    >>> survey_scores(answers).select("a", "b", "n", "mean_a", "mean_b", "both_sides").rows()
    [('A', 'B', 3, 3.0, 5.0, True)]
    """
    rows = frame_of(answers, "answers", ["source", "target", "score"])
    ends = [names_in(rows, side, "answers") for side in ("source", "target")]
    read = pl.DataFrame([*ends, _numbers(rows["score"])])
    source, target = pl.col("source"), pl.col("target")
    known = read.filter(pl.col("score").is_not_null() & (source != target)).select(
        "score",
        a=pl.min_horizontal(source, target),
        b=pl.max_horizontal(source, target),
        first=source < target,
    )
    of_a, of_b = pl.col("score").filter("first"), pl.col("score").filter(~pl.col("first"))
    return (
        known.group_by("a", "b")
        .agg(
            mean=pl.col("score").mean(),
            n=pl.len().cast(pl.Int64),
            mean_a=of_a.mean(),
            n_a=of_a.len().cast(pl.Int64),
            mean_b=of_b.mean(),
            n_b=of_b.len().cast(pl.Int64),
        )
        .with_columns(both_sides=(pl.col("n_a") > 0) & (pl.col("n_b") > 0))
        .sort("a", "b")
    )


def _numbers(scores: pl.Series) -> pl.Series:
    """Scores as numbers, null where there is none (an array says not a number)."""
    numbers = scores.cast(pl.Float64, strict=False)
    wrong = (numbers.is_null() & scores.is_not_null()) | numbers.is_infinite().fill_null(False)
    if wrong.any():
        first = shown(scores.filter(wrong)[0])
        raise ArgumentFault("answers", f"the score {first} is no number")
    return numbers.fill_nan(None)
