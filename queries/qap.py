"""Does one kind of tie go with another? QAP correlation and MRQAP regression.

Cells of a matrix of ties are not independent, so neither are their residuals: the null shuffles
the rows and columns of a matrix together (Hubert; Krackhardt 1987). p = (1 + count) / (1 + R), so
that it is never 0 (convention C7; sna reports 0 there).

Matrices are given as ties ({source, target, weight}; 0 where there is none) or as square numpy
arrays in the order of `nodes`. The diagonal is left out. A correlation of ties takes time and
memory in proportion to them. An array, and a regression, hold every pair: up to 3,000 nodes, such
as systems; more are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .permutation import checked_draws
from .spread_inputs import Array, frame_of, names_in, read_nodes
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = ["MRQAP", "QAPCorrelation", "mrqap", "qap_correlation"]

Matrix = StaticTies | Array
Nodes = Iterable[object] | pl.Series | None
MOST = 3000
"""Of so many nodes at most every pair is held."""


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
    at: Any = None,
    replicates: int = 1000,
    seed: int = 0,
) -> QAPCorrelation:
    """Do two kinds of tie join the same pairs of nodes more than by chance?

    Undirected: over one triangle. With `at` the ties of that time. Checked against `sna::gcor` and
    `sna::qaptest`. ArgumentFault for an array of more than 3,000 nodes.

    >>> staff = {"source": ["A", "B", "C"], "target": ["B", "C", "D"]}
    >>> found = qap_correlation(staff, staff, directed=False, replicates=99)
    >>> round(found.r, 6), found.cells
    (1.0, 6)
    """
    chance, given = checked_draws(replicates, seed), {"first": first, "second": second}
    universe = _universe(given, nodes)
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        a, b = _matrices(given, universe, directed, at).values()
        cells, found = _of_cells(a, b, _inside(len(a), directed), replicates, chance)
    else:
        one = static_network(first, universe, directed=directed, at=at, argument="first")
        other = static_network(second, universe, directed=directed, at=at, argument="second")
        cells, found = _of_ties(one, other, replicates, chance)
    if found is None or not replicates:
        r = None if found is None else float(found[0])
        return QAPCorrelation(r, cells, 0, None, None, None, None)
    observed, drawn = float(found[0]), found[1:]
    return QAPCorrelation(
        observed,
        cells,
        replicates,
        float(drawn.mean()),
        float(drawn.std(ddof=1)) if replicates > 1 else None,
        float(1 + (drawn >= observed - 1e-12).sum()) / (1 + replicates),
        float(1 + (drawn <= observed + 1e-12).sum()) / (1 + replicates),
    )


def _of_cells(
    a: Array, b: Array, inside: Array, replicates: int, chance: np.random.Generator
) -> tuple[int, Array | None]:
    """How many cells, and the correlation as observed and in each shuffle; None without any."""
    x, y = a[inside], b[inside]
    if not len(x) or np.ptp(x) == 0 or np.ptp(y) == 0:
        return len(x), None
    centred, scale = x - x.mean(), len(x) * x.std() * y.std()
    shuffled = (centred @ _shuffled(b, chance)[inside] for _ in range(replicates))
    return len(x), np.array([centred @ y, *shuffled]) / scale


def _of_ties(
    a: StaticNetwork, b: StaticNetwork, replicates: int, chance: np.random.Generator
) -> tuple[int, Array | None]:
    """The same from ties alone: all other cells are 0, so sums over ties are sums over cells."""
    size = a.size
    both_ways = a.directed and b.directed
    a, b = (network if both_ways else network.either_way for network in (a, b))
    cells = size * (size - 1) // (1 if both_ways else 2)
    means = [network.weight.sum() / cells if cells else 0.0 for network in (a, b)]
    squares = [
        ((network.weight - mean) ** 2).sum() + (cells - len(network.weight)) * mean**2
        for network, mean in zip((a, b), means, strict=True)
    ]
    if not all(_varies(network, cells) for network in (a, b)):
        return cells, None
    keys = a.source * size + a.target  # sorted, as the ties of a network are

    def product(source: Array, target: Array) -> float:
        if not both_ways:
            source, target = np.minimum(source, target), np.maximum(source, target)
        wanted = source * size + target
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return float((a.weight[at] * b.weight)[keys[at] == wanted].sum())

    found = [product(b.source, b.target)]
    for _ in range(replicates):
        place = np.argsort(chance.permutation(size))
        found.append(product(place[b.source], place[b.target]))
    return cells, (np.array(found) - cells * means[0] * means[1]) / np.sqrt(squares[0] * squares[1])


def _varies(network: StaticNetwork, cells: int) -> bool:
    """Are not all cells alike? Weights are positive, and pairs without a tie are 0."""
    weight = network.weight
    return bool(len(weight)) and (len(weight) < cells or np.ptp(weight) > 0)


def mrqap(
    outcome: Matrix,
    predictors: Mapping[str, Matrix],
    *,
    nodes: Nodes = None,
    directed: bool = True,
    at: Any = None,
    replicates: int = 2000,
    seed: int = 0,
) -> MRQAP:
    """Which kinds of tie go with the outcome, each beyond the others?

    Least squares over the cells. For each term its residuals on the other terms are shuffled (rows
    and columns together) and put in its place: double semi-partialling, with the t statistic
    (Dekker, Krackhardt and Snijders 2007). Checked against `sna::netlm(nullhyp = "qapspp")`, not
    UCINET, whose p are said to compare another statistic. ArgumentFault above 3,000 nodes.

    >>> ties = {"source": ["A", "B", "C"], "target": ["B", "C", "D"]}
    >>> near = {"source": ["A", "A", "C"], "target": ["B", "C", "D"]}
    >>> found = mrqap(ties, {"near": near}, replicates=99)
    >>> found.terms["term"].to_list(), round(found.terms["coefficient"][1], 3)
    (['intercept', 'near'], 0.556)
    """
    if not predictors or "intercept" in predictors:
        raise ArgumentFault("predictors", "there is none, or one is called intercept")
    chance = checked_draws(replicates, seed)
    given = {"outcome": outcome} | {f"predictors[{name}]": m for name, m in predictors.items()}
    y_all, *others = _matrices(given, _universe(given, nodes), directed, at).values()
    inside = _inside(len(y_all), directed)
    columns = {"intercept": np.ones(y_all.shape)} | dict(zip(predictors, others, strict=True))
    x, y = np.column_stack([m[inside] for m in columns.values()]), y_all[inside]
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ArgumentFault("predictors", "too few cells, or one follows from the others")
    if np.ptp(y) == 0:
        raise ArgumentFault("outcome", "all its cells are alike, so there is nothing to explain")
    coefficients, t, fit = _regression(x, y)
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


def _matrices(
    given: Mapping[str, Matrix], universe: tuple[str, ...] | None, directed: bool, at: Any
) -> dict[str, Array]:
    _refuse_large(len(universe or ()))
    found = {name: _matrix(matrix, universe, directed, at, name) for name, matrix in given.items()}
    if len({matrix.shape for matrix in found.values()}) > 1:
        raise ArgumentFault("nodes", "the matrices are of different sizes")
    return found


def _refuse_large(size: int) -> None:
    if size > MOST:
        raise ArgumentFault(
            "nodes",
            f"there are {size:,}, and every pair of them would be held: at most {MOST:,}",
            "Take a part of the network, or its groups as nodes.",
        )


def _universe(given: Mapping[str, Matrix], nodes: Nodes) -> tuple[str, ...] | None:
    """The nodes as given, or all that any of the ties name; None if there are only arrays."""
    if nodes is not None:
        return read_nodes(nodes)
    named: set[str] = set()
    for name, ties in given.items():
        if isinstance(ties, StaticNetwork):
            named.update(ties.nodes)
        elif not isinstance(ties, np.ndarray):
            rows = frame_of(ties, name, ["source", "target"])
            for side in ("source", "target"):
                named.update(names_in(rows, side, name))
    only_arrays = all(isinstance(matrix, np.ndarray) for matrix in given.values())
    return None if only_arrays else read_nodes(None, named)


def _matrix(
    given: Matrix, universe: tuple[str, ...] | None, directed: bool, at: Any, name: str
) -> Array:
    if not isinstance(given, np.ndarray):
        network = static_network(given, universe, directed=directed, at=at, argument=name)
        dense: Array = network.matrix(weighted=True).toarray()
        return dense
    if given.ndim != 2 or given.shape[0] != given.shape[1] or given.dtype.kind not in "biuf":
        raise ArgumentFault(name, "it is no square matrix of numbers")
    _refuse_large(len(given))
    matrix = given.astype(float)
    if universe is not None and len(universe) != len(matrix):
        raise ArgumentFault(name, f"it has {len(matrix)} rows for {len(universe)} nodes")
    if not np.isfinite(matrix[~np.eye(len(matrix), dtype=bool)]).all():
        raise ArgumentFault(name, "a cell is no finite number")
    if not directed and not np.array_equal(np.triu(matrix, 1), np.tril(matrix, -1).T):
        raise ArgumentFault(name, "it is not symmetric", "Say directed=True, or make it so.")
    filled: Array = np.nan_to_num(matrix)
    return filled
