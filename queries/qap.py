"""Does one kind of tie go with another? QAP correlation and MRQAP regression.

Cells of a matrix of ties are not independent, so neither are their residuals: the null shuffles
the rows and columns of a matrix together (Hubert; Krackhardt 1987). p = (1 + count) / (1 + R), so
that it is never 0 (convention C7; sna reports 0 there).

Matrices are given as ties ({source, target, weight}; 0 where there is none) or as square numpy
arrays in the order of `nodes`. The diagonal is left out. Dense: for up to about 2,000 nodes, such
as systems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import Array, frame_of
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = ["MRQAP", "QAPCorrelation", "mrqap", "qap_correlation"]

Matrix = StaticTies | Array
Nodes = Iterable[object] | pl.Series | None


@dataclass(frozen=True, slots=True)
class QAPCorrelation:
    """Pearson's r over `cells` pairs of nodes, and the same for shuffled nodes.

    `p_ge` is small if the two go together more than by chance, `p_le` if less. None where a matrix
    does not vary.
    """

    r: float | None
    cells: int
    replicates: int
    null_mean: float | None
    null_sd: float | None
    p_ge: float | None
    p_le: float | None


@dataclass(frozen=True, slots=True, eq=False)
class MRQAP:
    """A regression over the cells of matrices; see `mrqap`.

    `terms` has a row a term, "intercept" first: term, coefficient, standardised, t, p_two_sided,
    p_ge, p_le.
    """

    terms: pl.DataFrame
    r_squared: float
    adjusted_r_squared: float
    cells: int
    replicates: int


def qap_correlation(
    first: Matrix,
    second: Matrix,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    replicates: int = 1000,
    seed: int = 0,
) -> QAPCorrelation:
    """Do two kinds of tie join the same pairs of nodes more than by chance?

    Undirected: over one triangle. Checked against `sna::gcor` and `sna::qaptest`.

    >>> staff = {"source": ["A", "B", "C"], "target": ["B", "C", "D"]}
    >>> found = qap_correlation(staff, staff, directed=False, replicates=99)
    >>> round(found.r, 6), found.cells
    (1.0, 6)
    """
    a, b = _matrices({"first": first, "second": second}, nodes, directed).values()
    inside = _inside(len(a), directed)
    x, y = a[inside], b[inside]
    if not len(x) or x.std() == 0 or y.std() == 0:
        return QAPCorrelation(None, len(x), 0, None, None, None, None)
    chance, centred = np.random.default_rng(seed), x - x.mean()
    scale = len(x) * x.std() * y.std()
    observed = float(centred @ y / scale)
    drawn = np.array([centred @ _shuffled(b, chance)[inside] for _ in range(replicates)]) / scale
    if not replicates:
        return QAPCorrelation(observed, len(x), 0, None, None, None, None)
    return QAPCorrelation(
        observed,
        len(x),
        replicates,
        float(drawn.mean()),
        float(drawn.std(ddof=1)) if replicates > 1 else None,
        float(1 + (drawn >= observed - 1e-12).sum()) / (1 + replicates),
        float(1 + (drawn <= observed + 1e-12).sum()) / (1 + replicates),
    )


def mrqap(
    outcome: Matrix,
    predictors: Mapping[str, Matrix],
    *,
    nodes: Nodes = None,
    directed: bool = True,
    replicates: int = 2000,
    seed: int = 0,
) -> MRQAP:
    """Which kinds of tie go with the outcome, each beyond the others?

    Least squares over the cells. For each term its residuals on the other terms are shuffled (rows
    and columns together) and put in its place: double semi-partialling, with the t statistic
    (Dekker, Krackhardt and Snijders 2007). Checked against `sna::netlm(nullhyp = "qapspp")`, not
    UCINET, whose p are said to compare another statistic.

    >>> ties = {"source": ["A", "B", "C"], "target": ["B", "C", "D"]}
    >>> near = {"source": ["A", "A", "C"], "target": ["B", "C", "D"]}
    >>> found = mrqap(ties, {"near": near}, replicates=99)
    >>> found.terms["term"].to_list(), round(found.terms["coefficient"][1], 3)
    (['intercept', 'near'], 0.556)
    """
    if not predictors or "intercept" in predictors:
        raise ArgumentFault("predictors", "there is none, or one is called intercept")
    named = _matrices({"outcome": outcome, **predictors}, nodes, directed)
    y_all, inside = named.pop("outcome"), _inside(len(next(iter(named.values()))), directed)
    columns = {"intercept": np.ones(y_all.shape)} | named
    x, y = np.column_stack([m[inside] for m in columns.values()]), y_all[inside]
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ArgumentFault("predictors", "too few cells, or one follows from the others")
    if y.std() == 0:
        raise ArgumentFault("outcome", "all its cells are alike, so there is nothing to explain")
    coefficients, t, fit = _regression(x, y)
    chance = np.random.default_rng(seed)
    rows = []
    for term, name in enumerate(columns):
        drawn = _semi_partial(x, y, term, inside, replicates, chance)
        rows.append(
            {
                "term": name,
                "coefficient": coefficients[term],
                "standardised": coefficients[term] * x[:, term].std() / y.std(),
                "t": t[term],
                "p_two_sided": _share(np.abs(drawn) >= abs(t[term]) - 1e-12),
                "p_ge": _share(drawn >= t[term] - 1e-12),
                "p_le": _share(drawn <= t[term] + 1e-12),
            }
        )
    left = len(y) - x.shape[1]
    adjusted = 1 - (1 - fit) * (len(y) - 1) / left
    return MRQAP(pl.DataFrame(rows), fit, adjusted, len(y), replicates)


def _share(extreme: Array) -> float | None:
    return float(1 + extreme.sum()) / (1 + len(extreme)) if len(extreme) else None


def _regression(x: Array, y: Array) -> tuple[Array, Array, float]:
    """Coefficients, their t, and R squared."""
    inverse = np.linalg.inv(x.T @ x)
    coefficients = inverse @ (x.T @ y)
    residuals = y - x @ coefficients
    variance = residuals @ residuals / (len(y) - x.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):  # a fit without any residual
        t = np.nan_to_num(coefficients / np.sqrt(variance * np.diag(inverse)), posinf=np.inf)
    return coefficients, t, float(1 - residuals @ residuals / ((y - y.mean()) ** 2).sum())


def _semi_partial(
    x: Array, y: Array, term: int, inside: Array, replicates: int, chance: np.random.Generator
) -> Array:
    """The t of a term in whose place shuffled residuals stand.

    With the other terms taken out of both sides (Frisch, Waugh and Lovell) only one number is to
    be estimated for each shuffle.
    """
    basis, _ = np.linalg.qr(np.delete(x, term, axis=1))
    residual = np.zeros(inside.shape)
    residual[inside] = x[:, term] - basis @ (basis.T @ x[:, term])
    if not inside[np.tril_indices(len(inside), -1)].any():  # one triangle stands for both
        residual = residual + residual.T
    rest = y - basis @ (basis.T @ y)
    left = len(y) - x.shape[1]
    drawn = np.empty(replicates)
    for replicate in range(replicates):
        moved = _shuffled(residual, chance)[inside]
        moved = moved - basis @ (basis.T @ moved)
        square, product = moved @ moved, moved @ rest
        error = rest @ rest - product**2 / square if square > 0 else 0.0
        drawn[replicate] = product / np.sqrt(square * error / left) if error > 0 else 0.0
    return drawn


def _shuffled(matrix: Array, chance: np.random.Generator) -> Array:
    order = chance.permutation(len(matrix))
    moved: Array = matrix[np.ix_(order, order)]
    return moved


def _inside(size: int, directed: bool) -> Array:
    """The cells that count: off the diagonal, or above it."""
    cells = ~np.eye(size, dtype=bool)
    return cells if directed else np.triu(cells)


def _matrices(given: Mapping[str, Matrix], nodes: Nodes, directed: bool) -> dict[str, Array]:
    universe = [str(node) for node in nodes] if nodes is not None else _named(given)
    found = {name: _matrix(matrix, universe, directed, name) for name, matrix in given.items()}
    if len({matrix.shape for matrix in found.values()}) > 1:
        raise ArgumentFault("nodes", "the matrices are of different sizes")
    return found


def _named(given: Mapping[str, Matrix]) -> list[str] | None:
    """Every node that any of the ties name; None if there are only arrays."""
    named: set[str] = set()
    for name, ties in given.items():
        if isinstance(ties, StaticNetwork):
            named.update(ties.nodes)
        elif not isinstance(ties, np.ndarray):
            rows = frame_of(ties, name, ["source", "target"])
            for side in ("source", "target"):
                named.update(rows[side].cast(pl.String).drop_nulls())
    return sorted(named) or None


def _matrix(given: Matrix, universe: list[str] | None, directed: bool, name: str) -> Array:
    if not isinstance(given, np.ndarray):
        network = static_network(given, universe, directed=directed, argument=name)
        dense: Array = network.matrix(weighted=True).toarray()
        return dense
    matrix = given.astype(float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ArgumentFault(name, "it is no square matrix")
    if universe is not None and len(universe) != len(matrix):
        raise ArgumentFault(name, f"it has {len(matrix)} rows for {len(universe)} nodes")
    if not np.isfinite(matrix[~np.eye(len(matrix), dtype=bool)]).all():
        raise ArgumentFault(name, "a cell is no finite number")
    if not directed and not np.array_equal(np.triu(matrix, 1), np.tril(matrix, -1).T):
        raise ArgumentFault(name, "it is not symmetric", "Say directed=True, or make it so.")
    filled: Array = np.nan_to_num(matrix)
    return filled
