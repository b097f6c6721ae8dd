"""At what exposure did nodes adopt, and who was early: thresholds and adopter categories.

The threshold of a node lies between its exposure one period before it adopted and its exposure when
it adopted (C5): who adopts when nobody looks for a year may have been ready long before (Berry et
al. 2019). Valente's published number is the upper end, with 0 for those who adopt first in their
community. It describes a history; it is no trait of the node. Source: Valente (1995, 1996).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .exposure import AlterWeight, exposed_in, lagged
from .spread_inputs import Array, Table, per_node, read_adoptions, times_of
from .spread_periods import Direction, PeriodsGiven, Spread, read_spread

__all__ = ["adopter_categories", "category_cutoffs", "threshold_categories", "thresholds"]

BY_TIME = ("Early Adopters", "Early Majority", "Late Majority", "Laggards")
BY_THRESHOLD = ("Very Low Thresh.", "Low Thresh.", "High Thresh.", "Very High Thresh.")
NOT_ADOPTED = "Non-Adopters"


def thresholds(
    ties: Table,
    adoptions: Table,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    weighted: bool = False,
    alter_weight: AlterWeight = None,
    communities: Table | Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Between which exposures did each node adopt?

    Returns node, time (period of adoption), before (exposure one period earlier, null in the first
    period), at_adoption (exposure in the period itself) and alters (how many nodes count then; 0
    means that no tie is recorded). Nodes that did not adopt have nulls. Where ties change, `before`
    can be the larger. With `communities` {node: community} those who adopt in the first period of
    adoption in their community get `at_adoption` 0, as Valente published it; a node in none keeps
    its own. Other arguments as in `exposure`.

    >>> ties = {"source": ["A", "A"], "target": ["B", "C"]}
    >>> adoptions = {"node": ["B", "C", "A"], "time": [1, 3, 3]}
    >>> thresholds(ties, adoptions).row(0)
    ('A', 3, 0.5, 1.0, 2)
    """
    spread = read_spread(ties, adoptions, nodes, periods)
    found = exposed_in(spread, direction, weighted, alter_weight)
    at = _at_adoption(spread, found.share)
    if communities is not None:
        at[_initiators(spread, communities)] = 0.0
    within = spread.adopted < len(spread.periods)
    instants = np.append(spread.periods.instants, np.inf)[spread.adopted]
    columns = {
        "before": _at_adoption(spread, lagged(found.share, 1)),
        "at_adoption": at,
        "alters": _at_adoption(spread, found.alters.astype(float)),
    }
    rows = pl.DataFrame(
        {
            "node": pl.Series(spread.nodes, dtype=pl.String),
            "time": times_of(np.where(within, instants, np.inf), spread.periods.scale),
            **{name: pl.Series(values).fill_nan(None) for name, values in columns.items()},
        }
    )
    return rows.with_columns(pl.col("alters").cast(pl.Int64))


def _at_adoption(spread: Spread, values: Array) -> Array:
    """The value of each node in its period of adoption; not a number if it did not adopt."""
    padded = np.column_stack([values, np.full(len(values), np.nan)])
    taken: Array = padded[np.arange(len(values)), spread.adopted]
    return taken


def _initiators(spread: Spread, communities: Table | Mapping[str, Any]) -> Array:
    """Who adopts in the first period in which anyone of its community does?"""
    rows = pl.DataFrame(
        {
            "community": per_node(communities, spread.nodes, "community", "communities"),
            "adopted": spread.adopted,
        }
    )
    first = pl.col("adopted") == pl.col("adopted").min().over("community")
    within = (pl.col("adopted") < len(spread.periods)) & pl.col("community").is_not_null()
    initiators: Array = rows.select(first & within)["adopted"].to_numpy()
    return initiators


def category_cutoffs(values: Array) -> tuple[float, float, float] | None:
    """Mean less, plus nothing, plus one sample standard deviation; None if all are alike.

    >>> category_cutoffs(np.array([1.0, 2.0, 3.0]))
    (1.0, 2.0, 3.0)
    """
    known = values[np.isfinite(values)]
    if len(known) < 2 or np.ptp(known) == 0:
        return None
    mean, sd = float(known.mean()), float(known.std(ddof=1))
    return mean - sd, mean, mean + sd


def _categories(values: Array, names: tuple[str, ...], adopted: Array) -> list[str | None]:
    cutoffs = category_cutoffs(values[adopted])
    if cutoffs is None:
        return [None if took else NOT_ADOPTED for took in adopted]
    places = np.searchsorted(cutoffs, values, side="right")
    return [
        names[place] if took else NOT_ADOPTED for place, took in zip(places, adopted, strict=True)
    ]


def adopter_categories(
    adoptions: Table, *, nodes: Iterable[object] | pl.Series | None = None
) -> pl.DataFrame:
    """Who adopted early and who late, of those who adopted?

    Returns node, time, category: before the mean less one standard deviation "Early Adopters", then
    up to before the mean "Early Majority", up to before the mean plus one "Late Majority", from
    there on "Laggards"; "Non-Adopters" otherwise. Mean and deviation are of the adopters alone
    (C4). Null if fewer than two adopted, or all at once. Source: Rogers (1962); the rule at a cut
    is that of netdiffuseR `classify_adopters`.

    >>> adoptions = {"node": ["A", "B", "C"], "time": [1, 2, 3]}
    >>> adopter_categories(adoptions, nodes=["A", "B", "C", "D"])["category"].to_list()
    ['Early Majority', 'Late Majority', 'Laggards', 'Non-Adopters']
    """
    taken = read_adoptions(adoptions, nodes)
    found = _categories(taken.first, BY_TIME, np.isfinite(taken.first))
    return pl.DataFrame(
        {
            "node": pl.Series(taken.nodes, dtype=pl.String),
            "time": times_of(taken.first, taken.scale),
            "category": pl.Series(found, dtype=pl.String),
        }
    )


def threshold_categories(found: pl.DataFrame) -> pl.DataFrame:
    """Who adopted at a low exposure and who at a high one? `found` comes from `thresholds`.

    Adds a column category with the same cuts on `at_adoption` as `adopter_categories` on time.

    >>> ties = {"source": ["A", "A"], "target": ["B", "C"]}
    >>> adoptions = {"node": ["B", "C", "A"], "time": [1, 3, 3]}
    >>> threshold_categories(thresholds(ties, adoptions))["category"].to_list()
    ['Very High Thresh.', 'Low Thresh.', 'Low Thresh.']
    """
    if "at_adoption" not in found.columns:
        raise ArgumentFault("found", "it has no column at_adoption", "Give what `thresholds` gave.")
    values = found["at_adoption"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    named = _categories(values, BY_THRESHOLD, np.isfinite(values))
    return found.with_columns(pl.Series("category", named, dtype=pl.String))
