"""Who could have informed whom: recorded routes from earlier adopters to each adoption.

For an adoption by j at t, an earlier adopter i is a *feasible source* if a time-respecting path
(see `temporal_paths`) leaves i at or after its own adoption and arrives at j at or before t. That
is all it is: a recorded route existed in time. It is an upper bound, often as high if dates are
shuffled among adopters, and says nothing of what happened; so the share of adoptions that have one
is given with what shuffling gives. What may be said: "adopted after", "had a recorded route from",
"consistent with".

`adoptions` is a frame of node and time, or with imprecise dates of node, start_earliest and
start_latest; `ties` as in `temporal_paths`. A route is CERTAIN if it existed whatever the dates
were (ties open latest and end earliest, the source adopted latest, the target earliest), POSSIBLE
if it existed for some dates (convention C8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault
from .dated_network import (
    BOUNDS,
    Certainty,
    DatedNetwork,
    DatedTies,
    checked_hop,
    dated_network,
)
from .permutation import generator
from .spread_inputs import (
    ALWAYS,
    EPOCH,
    Array,
    Scale,
    Table,
    frame_of,
    per_node,
    read_adoptions,
    read_nodes,
    times_of,
    times_read,
    whole_number,
)

if TYPE_CHECKING:
    import networkx

__all__ = [
    "FeasibleShare",
    "feasible_share",
    "feasible_sources",
    "feasible_tree",
    "feasible_tree_graph",
]

Nodes = Iterable[object] | pl.Series | None
WORDING = "had a recorded route from"


@dataclass(frozen=True, slots=True)
class FeasibleShare:
    """The share of adoptions that had a recorded route from an earlier adopter, and its null.

    `adoptions` counts those that could have one: all but the very first. `p` is the share of
    shuffles that give as much or more, with one added above and below (convention C7); None
    without shuffles.
    """

    share: float | None
    reached: int
    adoptions: int
    replicates: int
    null_mean: float | None
    null_sd: float | None
    p: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One reading of the dates: a network, and when each node adopted as source and as target."""

    network: DatedNetwork
    gives: Array
    takes: Array
    scale: Scale | None


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Nodes that ties join to one another and to no other, by themselves: a case of its own, and
    the numbers that its nodes and ties have in the whole."""

    case: _Case
    nodes: Array
    ties: Array


def feasible_sources(
    ties: DatedTies,
    adoptions: Table,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """For each adoption: who had adopted earlier with a recorded route to it, and by which ties?

    A row for each adopter and feasible source: node, adopted, source, source_adopted (the
    possible dates), certainty (CERTAIN or POSSIBLE), arrival (the earliest), hops, route (the nodes
    from source to adopter) and ties (the id of each hop's tie: the evidence). An adopter that no
    row names had no recorded route from an earlier adopter.

    One search for each adopter and reading of the dates. `end` closes the ties that are open.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [9, 9]}
    >>> adoptions = {"node": ["A", "B", "C"], "time": [2, 3, 5]}
    >>> feasible_sources(ties, adoptions).select("node", "source", "route", "ties").rows()
    [('B', 'A', ['A', 'B'], ['0']), ('C', 'A', ['A', 'B', 'C'], ['0', '1']), \
('C', 'B', ['B', 'C'], ['1'])]
    """
    hop = checked_hop(hop)
    cases = _cases(ties, adoptions, nodes, directed)
    until = _until(cases["possible"], end)
    case, sure, rows = cases["possible"], None, []
    if cases["certain"] is not case:
        sure = {
            (int(part.nodes[target]), int(part.nodes[source]))
            for part in _parts(cases["certain"])
            for source, best in _searches(part.case, until, hop)
            for target in _reached(part.case, source, best)
        }
    for part in _parts(case):
        for source, best in _searches(part.case, until, hop):
            found = _reached(part.case, source, best)
            if len(found):
                rows += _routes(part, source, best, found, until, hop)
    return _table(case, rows, sure)


def _cases(
    ties: DatedTies, adoptions: Table, nodes: Nodes, directed: bool
) -> dict[Certainty, _Case]:
    """The two readings of the dates, over one universe; one and the same if no date is loose."""
    universe = _universe(ties, adoptions, nodes)
    possible = _case(ties, adoptions, universe, directed, "possible")
    loose = "start_earliest" in frame_of(adoptions, "adoptions", ["node"]).columns
    if not isinstance(ties, DatedNetwork):
        loose |= set(BOUNDS) <= set(frame_of(ties, "ties", ["source", "target"]).columns)
    if not loose:
        return {"certain": possible, "possible": possible}
    certain = _case(ties, adoptions, universe, directed, "certain")
    return {"certain": certain, "possible": possible}


def _case(
    ties: DatedTies, adoptions: Table, universe: list[str], directed: bool, certainty: Certainty
) -> _Case:
    bounds = ("latest", "earliest") if certainty == "certain" else ("earliest", "latest")
    (gives, scale), (takes, _) = (_adopted(adoptions, universe, bound) for bound in bounds)
    network = dated_network(ties, universe, directed=directed, certainty=certainty)
    if scale and network.ties.scale and scale is not network.ties.scale:
        raise ArgumentFault("adoptions", "its times are of another kind than those of the ties")
    return _Case(network, gives, takes, scale)


def _universe(ties: DatedTies, adoptions: Table, nodes: Nodes) -> list[str]:
    if isinstance(ties, DatedNetwork):
        return list(ties.nodes)
    if nodes is not None:
        return list(read_nodes(nodes))
    edges = frame_of(ties, "ties", ["source", "target"])
    named = [edges["source"], edges["target"], frame_of(adoptions, "adoptions", ["node"])["node"]]
    together = pl.concat([names.cast(pl.String).rename("node") for names in named])
    return together.drop_nulls().unique().sort().to_list()


def _adopted(adoptions: Table, universe: list[str], bound: str) -> tuple[Array, Scale | None]:
    """When each node adopted, at the earliest or latest; infinite for never or unknown."""
    rows = frame_of(adoptions, "adoptions", ["node"])
    if "start_earliest" in rows.columns:
        known = frame_of(adoptions, "adoptions", ["node", "start_earliest", "start_latest"])
        rows = known.select("node", time=f"start_{bound}")
        if bound == "earliest":  # an adoption "by May" may be as early as any
            unknown = known["start_earliest"].is_null() & known["start_latest"].is_not_null()
            rows = rows.with_columns(
                pl.when(unknown).then(pl.lit(ALWAYS)).otherwise("time").alias("time")
            )
    read = read_adoptions(rows, universe)
    return read.first, read.scale


def _until(case: _Case, end: Any) -> float:
    if end is None:
        return inf
    scale, (own, times) = _scale(case), times_read(pl.Series([end]), "end")
    if scale and own is not scale:
        raise ArgumentFault("end", "it is of another kind than the times of the ties")
    return float(times[0])


def _scale(case: _Case) -> Scale | None:
    return case.scale or case.network.ties.scale


def _parts(whole: _Case) -> Iterator[_Part]:
    """The parts of a case in which anybody adopted: a search of one looks at no tie of another."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties, size = whole.network.ties, len(whole.network.nodes)
    ends = (ties.source, ties.target)
    graph = coo_array((np.ones(len(ties.source)), ends), shape=(size, size))
    _, of = connected_components(graph, directed=False)
    order, by_part = np.argsort(of, kind="stable"), np.argsort(of[ties.source], kind="stable")
    of_node, of_tie = of[order], of[ties.source][by_part]
    place = np.empty(size, dtype=np.int64)
    for part in np.unique(of[np.isfinite(whole.gives)]):
        nodes = order[slice(*np.searchsorted(of_node, [part, part + 1]))]
        if len(nodes) == 1:
            continue
        chosen = by_part[slice(*np.searchsorted(of_tie, [part, part + 1]))]
        place[nodes] = np.arange(len(nodes))
        inside = replace(
            ties,
            nodes=tuple(whole.network.nodes[node] for node in nodes),
            source=place[ties.source[chosen]],
            target=place[ties.target[chosen]],
            weight=ties.weight[chosen],
            start=ties.start[chosen],
            end=ties.end[chosen],
            row=ties.row[chosen],
        )
        network = replace(whole.network, ties=inside)
        gives, takes = whole.gives[nodes], whole.takes[nodes]
        yield _Part(_Case(network, gives, takes, whole.scale), nodes, chosen)


def _searches(case: _Case, until: float, hop: float) -> Iterator[tuple[int, Array]]:
    """Earliest arrivals from each adopter, from its own adoption on."""
    from .arrivals import arrivals

    arrays = case.network.forward.arrays
    for source in np.flatnonzero(np.isfinite(case.gives)):
        begins = case.gives[source : source + 1]
        yield int(source), arrivals(arrays, np.array([source]), begins, until, float(hop))


def _reached(case: _Case, source: int, best: Array) -> Array:
    """The later adopters that a path from the source reaches by their adoption."""
    later = case.gives[source] < case.takes
    in_time = later & np.isfinite(case.takes) & (best <= case.takes)
    in_time[source] = False
    return np.flatnonzero(in_time)


def _routes(
    part: _Part, source: int, best: Array, targets: Array, until: float, hop: float
) -> list[dict[str, Any]]:
    from .arrivals import routes

    searched = part.case.network.forward
    hops, before, through = routes(searched.arrays, best, np.array([source]), until, float(hop))
    rows = []
    for target in targets:
        way, taken, at = [int(target)], [], int(target)
        while before[at] >= 0:
            taken.append(int(part.ties[searched.tie[through[at]]]))
            at = int(before[at])
            way.append(at)
        rows.append(
            {
                "node": int(part.nodes[target]),
                "source": int(part.nodes[source]),
                "arrival": best[target],
                "hops": hops[target],
                "route": part.nodes[way[::-1]].tolist(),
                "ties": taken[::-1],
            }
        )
    return rows


def _table(
    case: _Case, rows: list[dict[str, Any]], sure: set[tuple[int, int]] | None
) -> pl.DataFrame:
    rows = sorted(rows, key=lambda row: (row["node"], row["source"]))
    nodes, names = case.network.nodes, case.network.identifiers
    scale = _scale(case)
    node = np.array([row["node"] for row in rows], dtype=np.int64)
    source = np.array([row["source"] for row in rows], dtype=np.int64)
    found = [sure is None or (row["node"], row["source"]) in sure for row in rows]
    certain = ["CERTAIN" if known else "POSSIBLE" for known in found]
    listed = pl.List(pl.String)
    return pl.DataFrame(
        [
            case.network.names(node).alias("node"),
            times_of(case.takes[node], scale, "adopted"),
            case.network.names(source).alias("source"),
            times_of(_or_unknown(case.gives[source], scale), scale, "source_adopted"),
            pl.Series("certainty", certain, dtype=pl.String),
            times_of(np.array([row["arrival"] for row in rows]), scale, "arrival"),
            pl.Series("hops", [int(row["hops"]) for row in rows], dtype=pl.Int64),
            pl.Series("route", [[nodes[at] for at in row["route"]] for row in rows], dtype=listed),
            pl.Series("ties", [[names[at] for at in row["ties"]] for row in rows], dtype=listed),
        ]
    )


def _or_unknown(times: Array, scale: Scale | None) -> Array:
    """Times to show: an adoption "by May" has no earliest day."""
    never = (date.fromisoformat(ALWAYS) - EPOCH).days
    return np.where(times <= never, inf, times) if scale is Scale.DAY else times


def feasible_share(
    ties: DatedTies,
    adoptions: Table,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    certainty: Certainty = "certain",
    strata: Table | Mapping[str, Any] | None = None,
    replicates: int = 500,
    seed: int = 0,
    end: Any = None,
    hop: float = 0,
) -> FeasibleShare:
    """Which share of the adoptions had a recorded route from an earlier adopter, and by chance?

    The very first adoptions are left out, as they can have none (with imprecise dates: those that
    no other adoption can have come before). The null keeps the ties, who
    adopted and the dates, and shuffles who adopted when; within `strata` ({node, group}: region,
    size band) if given. `replicates` 0: no null. Each shuffle is one search.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [9, 9]}
    >>> feasible_share(ties, {"node": ["A", "B", "C"], "time": [2, 3, 5]}).share
    1.0
    """
    if certainty not in ("certain", "possible"):
        raise ArgumentFault("certainty", "it is neither certain nor possible")
    replicates = whole_number(replicates, "replicates", 0)
    hop = checked_hop(hop)
    cases = _cases(ties, adoptions, nodes, directed)
    case = cases[certainty]
    until, of = _until(case, end), int(_not_first(cases["possible"]).sum())
    observed = _count_reached(case, case.gives, case.takes, until, hop)
    shuffles = _shuffles(case, strata, replicates, seed)
    drawn = np.array([_count_reached(case, *times, until, hop) for times in shuffles])
    if not of:
        return FeasibleShare(None, 0, 0, 0, None, None, None)
    share, null = observed / of, drawn / of
    spread = float(null.std(ddof=1)) if replicates > 1 else None
    above = int((null >= share - 1e-12).sum())
    return FeasibleShare(
        share=share,
        reached=observed,
        adoptions=of,
        replicates=replicates,
        null_mean=float(null.mean()) if replicates else None,
        null_sd=spread,
        p=(1 + above) / (1 + replicates) if replicates else None,
    )


def _not_first(possible: _Case) -> Array:
    """Which adopters came after another one, for some dates; the very first did not."""
    earliest, latest = possible.gives, possible.takes
    first, second = np.partition(np.append(earliest, inf), 1)[:2]
    before = np.where(earliest == first, second if (earliest == first).sum() == 1 else first, first)
    found: Array = np.isfinite(latest) & (before < latest)
    return found


def _count_reached(case: _Case, gives: Array, takes: Array, until: float, hop: float) -> int:
    """How many adoptions have a feasible source."""
    if np.array_equal(gives, takes):
        from .arrivals import informed

        return int(informed(case.network.forward.arrays, gives, until, float(hop)).sum())
    other, found = replace(case, gives=gives, takes=takes), np.zeros(len(takes), dtype=bool)
    for source, best in _searches(other, until, hop):
        found[_reached(other, source, best)] = True
    return int(found.sum())


def _shuffles(
    case: _Case, strata: Table | Mapping[str, Any] | None, replicates: int, seed: int
) -> Iterator[tuple[Array, Array]]:
    """Adoption times given to other adopters of the same stratum."""
    random = generator(seed)
    adopters = np.flatnonzero(np.isfinite(case.gives) & np.isfinite(case.takes))
    kinds = np.zeros(len(adopters), dtype=np.int64)
    if strata is not None:
        named = per_node(strata, case.network.nodes, "group", "strata").cast(pl.String)
        kinds = named.fill_null("").rank("dense").to_numpy()[adopters]
    order = np.argsort(kinds, kind="stable")
    for _ in range(replicates):
        # Sorted by stratum, then at random: each stratum is shuffled in its own place.
        drawn = np.lexsort((random.random(len(adopters)), kinds))
        gives, takes = case.gives.copy(), case.takes.copy()
        gives[adopters[order]] = case.gives[adopters[drawn]]
        takes[adopters[order]] = case.takes[adopters[drawn]]
        yield gives, takes


def feasible_tree(
    ties: DatedTies,
    adoptions: Table,
    *,
    nodes: Nodes = None,
    directed: bool = True,
    end: Any = None,
    hop: float = 0,
) -> pl.DataFrame:
    """One feasible source for each adoption: the tree of likeliest recorded routes.

    Of several sources the one with a certain route before one with a possible one, then with the
    fewest hops, then the one that adopted last, then the first by name. That is a rule for reading,
    no estimate: which source, if any, mattered the records do not say.

    A row for each adopter, in order of adoption: node, adopted, wording ("had a recorded route
    from", or null), source, source_adopted, certainty, arrival, hops, route, ties, and sources (how
    many feasible sources there are). Adopters without a source have nulls there: the roots.

    >>> ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [1, 4], "end": [9, 9]}
    >>> tree = feasible_tree(ties, {"node": ["A", "B", "C"], "time": [2, 3, 5]})
    >>> tree.select("node", "wording", "source", "sources").rows()
    [('A', None, None, 0), ('B', 'had a recorded route from', 'A', 1), \
('C', 'had a recorded route from', 'B', 2)]
    """
    universe = _universe(ties, adoptions, nodes)
    given = {"nodes": universe, "directed": directed, "end": end, "hop": hop}
    found = feasible_sources(ties, adoptions, **given)
    case = _cases(ties, adoptions, universe, directed)["possible"]
    known = np.flatnonzero(np.isfinite(case.gives) | np.isfinite(case.takes))
    scale = _scale(case)
    adopters = pl.DataFrame(
        [case.network.names(known).alias("node"), times_of(case.takes[known], scale, "adopted")]
    )
    order = ["certainty", "hops", "source_adopted", "source"]
    best = (
        found.with_columns(sources=pl.len().over("node"), wording=pl.lit(WORDING))
        .sort(order, descending=[False, False, True, False], nulls_last=True)
        .unique("node", keep="first", maintain_order=True)
        .drop("adopted")
    )
    joined = adopters.join(best, on="node", how="left").with_columns(pl.col("sources").fill_null(0))
    front = ["node", "adopted", "wording", "source"]
    return joined.sort("adopted", "node", nulls_last=True).select(*front, pl.exclude(front))


def feasible_tree_graph(tree: pl.DataFrame) -> networkx.DiGraph:
    """The tree of `feasible_tree` as a NetworkX graph: an edge from each source to the adopter.

    Nodes carry `adopted`; edges `wording`, `certainty`, `arrival`, `hops`, `route` and `ties`.

    >>> ties = {"source": ["A"], "target": ["B"], "start": [1], "end": [9]}
    >>> tree = feasible_tree(ties, {"node": ["A", "B"], "time": [2, 3]})
    >>> list(feasible_tree_graph(tree).edges(data="wording"))
    [('A', 'B', 'had a recorded route from')]
    """
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from((row["node"], {"adopted": row["adopted"]}) for row in tree.to_dicts())
    told = ("wording", "certainty", "arrival", "hops", "route", "ties")
    for row in tree.drop_nulls("source").to_dicts():
        graph.add_edge(row["source"], row["node"], **{name: row[name] for name in told})
    return graph
