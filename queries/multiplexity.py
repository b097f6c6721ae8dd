"""Where do several kinds of tie coincide: joint planning, shared staff, shared information?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .spread_inputs import Array, frame_of, names_in, read_nodes
from .static_network import StaticNetwork, StaticTies, static_network

__all__ = ["Multiplexity", "multiplexity"]


@dataclass(frozen=True, slots=True, eq=False)
class Multiplexity:
    """How kinds of tie coincide; see `multiplexity`.

    `pairs` has a row for two kinds: kind_a, kind_b, both, either, jaccard (both / either),
    correlation (Pearson over all pairs of nodes). `by_number` has a row for each number of kinds:
    kinds, pairs (ordered pairs of nodes; unordered if undirected). `share` of tied pairs with two
    kinds or more, None without ties.
    """

    pairs: pl.DataFrame
    by_number: pl.DataFrame
    share: float | None


def multiplexity(
    kinds: Mapping[str, StaticTies],
    *,
    nodes: Iterable[object] | pl.Series | None = None,
    directed: bool = True,
    at: Any = None,
) -> Multiplexity:
    """How often are two nodes tied by more than one kind of tie?

    `kinds` maps the name of each kind to its ties, all over one universe: `nodes`, or every node
    that any kind names.

    >>> found = multiplexity({"staff": {"source": ["A"], "target": ["B"]},
    ...                       "data": {"source": ["A", "B"], "target": ["B", "C"]}})
    >>> found.pairs.select("both", "either", "jaccard").row(0), found.share
    ((1, 2, 0.5), 0.5)
    """
    if not kinds:
        raise ArgumentFault("kinds", "there is no kind of tie")
    networks = _together(kinds, nodes, directed, at)
    if not all(network.directed for network in networks.values()):
        directed = False
        networks = {name: network.either_way for name, network in networks.items()}
    size = next(iter(networks.values())).size
    total = size * (size - 1) // (1 if directed else 2)
    keys = {name: n.source * size + n.target for name, n in networks.items()}
    _, counts = np.unique(np.concatenate(list(keys.values())), return_counts=True)
    many = np.bincount(counts, minlength=len(kinds) + 1)
    many[0] = total - len(counts)
    rows = [{"kind_a": a, "kind_b": b, **_overlap(keys[a], keys[b], total)}
            for a, b in combinations(keys, 2)]  # fmt: skip
    schema = dict.fromkeys(("kind_a", "kind_b"), pl.String) | dict.fromkeys(
        ("both", "either"), pl.Int64
    )
    return Multiplexity(
        pl.DataFrame(rows, schema=schema | dict.fromkeys(("jaccard", "correlation"), pl.Float64)),
        pl.DataFrame({"kinds": range(len(many)), "pairs": many}),
        float((counts > 1).mean()) if len(counts) else None,
    )


def _together(
    kinds: Mapping[str, StaticTies],
    nodes: Iterable[object] | pl.Series | None,
    directed: bool,
    at: Any,
) -> dict[str, StaticNetwork]:
    if nodes is None:
        named = [_named(ties, f"kinds[{name}]") for name, ties in kinds.items()]
        nodes = pl.concat(named).unique().sort()
    universe = read_nodes(nodes)
    return {
        name: static_network(ties, universe, directed=directed, at=at, argument=f"kinds[{name}]")
        for name, ties in kinds.items()
    }


def _named(ties: StaticTies, argument: str) -> pl.Series:
    if isinstance(ties, StaticNetwork):
        return pl.Series("node", ties.nodes, dtype=pl.String)
    rows = frame_of(ties, argument, ["source", "target"])
    ends = [names_in(rows, side, argument).alias("node") for side in ("source", "target")]
    return pl.concat(ends)


def _overlap(a: Array, b: Array, total: int) -> dict[str, float | int | None]:
    both = len(np.intersect1d(a, b))
    either = len(a) + len(b) - both
    spread = float(len(a)) * (total - len(a)) * len(b) * (total - len(b))
    return {
        "both": both,
        "either": either,
        "jaccard": both / either if either else None,
        "correlation": (both * total - len(a) * len(b)) / spread**0.5 if spread else None,
    }
