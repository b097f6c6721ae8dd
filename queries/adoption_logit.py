"""Does earlier exposure go with adopting, after traits and time? A logit over persons and periods.

One row for each node and period from the second on in which it had not adopted before: adopted (1
in its period of adoption), the exposure `lag` periods earlier, and what else is known of the node.
The coefficient of exposure is an association: shared traits give one without any influence
(Shalizi & Thomas 2011); compare `association.shuffle_test`. Source: Allison (1982) on discrete-time
event history; Valente (1995); the model of netdiffuseR's vignette on medical innovations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from statistics import NormalDist
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .diffusion import normal_quantile
from .exposure import AlterWeight, exposure_matrix
from .spread_inputs import Array, Table, frame_of, per_node
from .spread_periods import Direction, PeriodsGiven, read_spread

__all__ = ["AdoptionLogit", "adoption_logit", "person_periods"]

LARGEST_ERROR = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class AdoptionLogit:
    """A fitted model: `terms` has term, estimate, standard_error, z, p_value, low and high.

    Estimates are log odds. `left_out` names the levels in which nobody, or everybody, adopted: they
    have no finite estimate and say nothing of the others, so their rows are not used. `separated`
    is true if some estimate still runs away; then no p is given.
    """

    terms: pl.DataFrame
    rows: int
    adoptions: int
    log_likelihood: float
    left_out: tuple[str, ...]
    separated: bool


def person_periods(
    ties: Table,
    adoptions: Table,
    attributes: Table | None = None,
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    periods: PeriodsGiven = None,
    direction: Direction = "outgoing",
    lag: int = 1,
    weighted: bool = False,
    alter_weight: AlterWeight = None,
) -> pl.DataFrame:
    """Who was at risk when, how exposed it had been, and did it adopt?

    Returns node, time, adopted (0 or 1), exposure (null in the first `lag` periods) and the columns
    of `attributes` (a frame with node, one row a node). Without `periods` they run from the first
    to the last adoption. Other arguments as in `exposure`.

    >>> ties = {"source": ["B"], "target": ["A"]}
    >>> person_periods(ties, {"node": ["A", "B"], "time": [1, 2]}).filter(node="B").rows()
    [('B', 1, 0, None), ('B', 2, 1, 1.0)]
    """
    spread = read_spread(ties, adoptions, nodes, periods)
    exposed = exposure_matrix(
        spread, direction=direction, lag=lag, weighted=weighted, alter_weight=alter_weight
    )
    number = np.arange(len(spread.periods))
    node, period = np.nonzero(number <= spread.adopted[:, None])
    rows = pl.DataFrame(
        {
            "node": pl.Series(spread.nodes, dtype=pl.String)[node],
            "time": spread.periods.column()[period],
            "adopted": (spread.adopted[node] == period).astype(np.int64),
            "exposure": pl.Series(exposed[node, period]).fill_nan(None),
        }
    )
    if attributes is None:
        return rows
    known = frame_of(attributes, "attributes", ["node"])
    columns = {
        name: per_node(known, spread.nodes, name, "attributes")[node]
        for name in known.columns
        if name != "node"
    }
    return rows.with_columns(**columns)


def adoption_logit(
    rows: pl.DataFrame,
    *,
    numbers: Sequence[str] = ("exposure",),
    squares: Sequence[str] = (),
    categories: Sequence[str] = ("time",),
    level: float = 0.95,
) -> AdoptionLogit:
    """The log odds of adopting by exposure and other columns of `rows` (of `person_periods`).

    `numbers` enter as they are, `squares` are columns whose square enters besides, `categories` get
    one term a level but the first ("time=3"). Rows in which any of them is null are not used.
    ArgumentFault if a column is not there or says the same as others. Fitted by iteratively
    reweighted least squares (statsmodels).

    >>> rows = pl.DataFrame([
    ...     {"node": f"{i}", "time": 2, "adopted": a, "exposure": e}
    ...     for i, (a, e) in enumerate([(0, 0.0), (0, 0.0), (1, 0.0), (0, 1.0), (1, 1.0), (1, 1.0)])
    ... ])
    >>> fitted = adoption_logit(rows, categories=())
    >>> fitted.terms.select("term", pl.col("estimate").round(3)).rows()
    [('intercept', -0.693), ('exposure', 1.386)]
    """
    used = [*numbers, *squares, *categories]
    table = frame_of(rows, "rows", ["adopted", *used])
    table = table.drop_nulls(list(dict.fromkeys(used)))
    table, left_out = _without_settled(table, categories)
    names, design = _design(table, numbers, squares, categories)
    adopted = table["adopted"].cast(pl.Float64).to_numpy()
    if not 0 < adopted.sum() < len(adopted):
        raise ArgumentFault("rows", "nobody adopted in them, or everybody in each")
    if np.linalg.matrix_rank(design) < len(names):
        raise ArgumentFault(
            "rows", f"their columns say the same thing twice: {_repeated(design, names)}"
        )
    estimate, error, likelihood, converged = _fit(design, adopted)
    separated = not converged or bool((error > LARGEST_ERROR).any())
    return AdoptionLogit(
        _terms(names, estimate, error, level, separated),
        len(adopted),
        int(adopted.sum()),
        likelihood,
        left_out,
        separated,
    )


def _without_settled(
    table: pl.DataFrame, categories: Sequence[str]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Without the levels in which nobody or everybody adopted, and the names of those."""
    left_out: list[str] = []
    again = True
    while again:
        again = False
        for name in categories:
            share = pl.col("adopted").mean().over(name)
            settled = table.filter((share == 0) | (share == 1))
            if settled.height and settled.height < table.height:
                left_out += [f"{name}={value}" for value in settled[name].unique().sort()]
                table = table.filter((share > 0) & (share < 1))
                again = True
    return table, tuple(left_out)


def _design(
    table: pl.DataFrame, numbers: Sequence[str], squares: Sequence[str], categories: Sequence[str]
) -> tuple[list[str], Array]:
    names, columns = ["intercept"], [np.ones(table.height)]
    for name in numbers:
        names.append(name)
        columns.append(_number(table, name))
    for name in squares:
        names.append(f"{name} squared")
        columns.append(_number(table, name) ** 2)
    for name in categories:
        for value in table[name].unique().sort()[1:]:
            names.append(f"{name}={value}")
            columns.append((table[name] == value).cast(pl.Float64).to_numpy())
    return names, np.column_stack(columns)


def _number(table: pl.DataFrame, name: str) -> Array:
    if not table[name].dtype.is_numeric() and table[name].dtype != pl.Boolean:
        raise ArgumentFault("numbers", f"the column {name} holds no numbers")
    values: Array = table[name].cast(pl.Float64).to_numpy()
    return values


def _repeated(design: Array, names: Sequence[str]) -> str:
    """The first columns that those before them make up."""
    found = []
    for place in range(1, len(names)):
        if np.linalg.matrix_rank(design[:, : place + 1]) == np.linalg.matrix_rank(
            design[:, :place]
        ):
            found.append(names[place])
    return ", ".join(found)


def _fit(design: Array, adopted: Array) -> tuple[Array, Array, float, bool]:
    """Estimates, errors and log-likelihood, ended as R's `glm` ends (relative deviance 1e-8)."""
    with catch_warnings():
        simplefilter("ignore")  # what it warns of is said by `separated`
        from statsmodels.genmod.families import Binomial
        from statsmodels.genmod.generalized_linear_model import GLM

        try:
            fitted = GLM(adopted, design, family=Binomial()).fit(tol=1e-9, rtol=1e-8, maxiter=100)
        except (np.linalg.LinAlgError, ValueError):
            gone = np.full(design.shape[1], np.inf)
            return np.full(design.shape[1], nan), gone, nan, False
        return fitted.params, fitted.bse, float(fitted.llf), bool(fitted.converged)


def _terms(
    names: Sequence[str], estimate: Array, error: Array, level: float, separated: bool
) -> pl.DataFrame:
    z = estimate / error
    half = normal_quantile(level) * error
    columns: Mapping[str, Any] = {
        "term": list(names),
        "estimate": estimate,
        "standard_error": error,
        "z": z,
        "p_value": [2 * NormalDist().cdf(-abs(float(value))) for value in z],
        "low": estimate - half,
        "high": estimate + half,
    }
    found = pl.DataFrame(columns)
    if separated:
        empty = [pl.lit(None, pl.Float64).alias(name) for name in ("z", "p_value", "low", "high")]
        return found.with_columns(empty)
    return found
