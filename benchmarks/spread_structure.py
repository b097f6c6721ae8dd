"""How long paths and measures of structure take on 300,000 nodes and 1,000,000 dated ties.

    python benchmarks/spread_structure.py [--ties 1000000] [--environment FOLDER] [--no-memory]

Beside each measure stands the form that a user would write or pick: NetworkX where it has the
measure, else plain Python (a heap for paths). Both run in this process on the same network, and
their values are compared. Where the other form would take hours it runs on a part (so many nodes,
systems or shuffles), which the table names, and its time is scaled up. igraph (GPL) runs in an
environment of its own, made with uv when it is not there, and hands its values over.

The network is made here, with a seed: degrees have a heavy tail, each node is in one of 42 systems,
a tie lasts up to three years within seven. Times compared are processor seconds, since a machine
may have other work; elapsed seconds of ours stand beside them. Compiling is timed apart, in a
process with an empty cache; the measures are then taken warm. Memory is the peak of a process of
its own.
"""

from __future__ import annotations

import argparse
import heapq
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import polars as pl
from scipy.sparse.csgraph import connected_components

from icsgraph.queries.feasible_sources import feasible_sources
from icsgraph.queries.structure import (
    border_modularity,
    brokerage,
    components,
    ei_index,
    nominal_assortativity,
    pagerank,
    participation,
    static_network,
    structural_holes,
    tie_matrix,
    whole_network,
)
from icsgraph.queries.temporal_paths import (
    dated_network,
    earliest_arrival,
    group_earliest_arrival,
    reach,
)

NODES, SYSTEMS, DAYS = 300_000, 42, 2_555
WANTED = ("igraph==1.*", "numpy")

IGRAPH = """
import json, sys, time
import igraph, numpy
pairs = numpy.load(sys.argv[1])
graph = igraph.Graph(n=int(sys.argv[2]), edges=pairs)
start = time.process_time()
values = numpy.array(graph.constraint())
print(time.process_time() - start)
numpy.save(sys.argv[3], values)
"""

COLD = """
import time
import polars as pl
ties = pl.DataFrame({"source": ["A", "B"], "target": ["B", "C"], "start": [1, 2], "end": [3, 4]})
groups = {"A": "x", "B": "x", "C": "y"}
start = time.perf_counter()
from icsgraph.queries.temporal_paths import earliest_arrival, group_earliest_arrival, reach
earliest_arrival(ties, "A"), group_earliest_arrival(ties, groups), reach(ties)
paths = time.perf_counter() - start
start = time.perf_counter()
from icsgraph.queries.structure import brokerage, ei_index, structural_holes
brokerage(ties, groups), ei_index(ties, groups, replicates=3), structural_holes(ties)
print(paths, time.perf_counter() - start)
"""

PEAK = """
import re, sys
from pathlib import Path
from icsgraph.benchmarks.spread_structure import made
from icsgraph.queries.structure import brokerage, static_network, structural_holes
from icsgraph.queries.temporal_paths import dated_network, earliest_arrival
small, _ = made(1000)
count, what = int(sys.argv[1]), sys.argv[2]
ties, groups = made(count)
if what == "paths":
    earliest_arrival(dated_network(ties, directed=False), "0")
elif what == "structure":
    network = static_network(ties, groups["node"])
    structural_holes(network), brokerage(network, groups)
# The high-water mark of this process alone: getrusage would count its parent, too (Linux).
status = Path("/proc/self/status").read_text(encoding="utf-8")
print(int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024)
"""


@dataclass(frozen=True)
class Row:
    """One measure in both forms: processor seconds, and elapsed ones of ours.

    `part` is the share of the work that the other form did.
    """

    measure: str
    ours: tuple[float, float]
    other: str
    theirs: float
    equal: bool
    part: float = 1.0

    def line(self) -> str:
        """As it is printed."""
        whole = self.theirs / self.part
        other = self.other + (f" (scaled from {self.theirs:.1f} s)" if self.part < 1 else "")
        equal = "yes" if self.equal else "NO"
        return (
            f"{self.measure:28} {self.ours[1]:8.3f} {self.ours[0]:8.3f} {whole:9.2f} "
            f"{whole / self.ours[0]:8.1f}x  {equal:5}  {other}"
        )


def made(ties: int, nodes: int = NODES) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A network with heavy-tailed degrees and dated ties, and the system of each node."""
    chance = np.random.default_rng(6)
    weight = chance.pareto(2.2, nodes) + 1
    ends = chance.choice(nodes, (2, ties), p=weight / weight.sum())
    start = chance.integers(0, DAYS - 30, ties)
    frame = pl.DataFrame(
        {
            "source": ends[0],
            "target": ends[1],
            "start": start,
            "end": start + chance.integers(30, 1095, ties),
        }
    ).with_columns(pl.col("source", "target").cast(pl.String))
    numbers = np.arange(nodes)
    groups = pl.DataFrame({"node": numbers, "group": chance.integers(0, SYSTEMS, nodes)})
    named = [pl.col("node").cast(pl.String), pl.col("group").cast(pl.String).str.zfill(2)]
    return frame.filter(pl.col("source") != pl.col("target")), groups.with_columns(named)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds (of all threads), and what it gave."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def best(work: Callable[[], Any], rounds: int = 3) -> tuple[tuple[float, float], Any]:
    """The least processor and elapsed seconds of several runs: the others waited for others."""
    ran, found = [], None
    for _ in range(rounds):
        start = time.perf_counter()
        seconds, found = timed(work)
        ran.append((seconds, time.perf_counter() - start))
    return (min(cpu for cpu, _ in ran), min(elapsed for _, elapsed in ran)), found


Lists = dict[int, list[tuple[int, float, float]]]


def heap_search(ties: Lists, sources: list[int], begin: float = 0) -> dict[int, float]:
    """Earliest arrivals by a heap in plain Python."""
    found: dict[int, float] = {}
    waiting = [(begin, source) for source in sources]
    while waiting:
        now, node = heapq.heappop(waiting)
        if node in found:
            continue
        found[node] = now
        for other, start, end in ties.get(node, ()):
            leave = max(now, start)
            if leave < end and other not in found:
                heapq.heappush(waiting, (leave, other))
    return found


def paths(ties: pl.DataFrame, groups: pl.DataFrame) -> Iterator[Row]:
    """One source, all systems, and reach, beside the heap."""
    network = dated_network(ties, groups["node"], directed=False)
    lists: Lists = defaultdict(list)
    for a, b, start, end in ties.with_columns(pl.col("source", "target").cast(pl.Int64)).rows():
        lists[a].append((b, start, end))
        lists[b].append((a, start, end))
    earliest_arrival(network, "5", start=0)  # once for the arrays, which later searches share
    ours, found = best(lambda: earliest_arrival(network, "5", start=0))
    theirs, plain = timed(lambda: heap_search(lists, [5]))
    known = found.drop_nulls("arrival").select(pl.col("node").cast(pl.Int64), "arrival").rows()
    yield Row("earliest arrival, one source", ours, "heap in Python", theirs, dict(known) == plain)
    yield all_systems(network, lists, groups)
    few = ["0", "1", "2", "3"]
    ours, counts = best(lambda: reach(network, few, start=0), 2)
    theirs, numbers = timed(lambda: [len(heap_search(lists, [int(n)])) - 1 for n in few])
    equal = counts["reached"].to_list() == numbers
    yield Row("reach of 4 nodes", ours, "heap in Python", theirs, equal)
    yield routes_between_adopters(network, lists)


def all_systems(network: Any, lists: Lists, groups: pl.DataFrame, few: int = 3) -> Row:
    """Every system to every other; the heap for the first few."""
    ours, matrix = best(lambda: group_earliest_arrival(network, groups, start=0), 2)
    system = [int(group) for group in groups["group"]]
    members = [[n for n, group in enumerate(system) if group == name] for name in range(few)]
    theirs, found = timed(lambda: [heap_search(lists, sources) for sources in members])
    equal = True
    for name, plain in enumerate(found):
        first = [math.inf] * SYSTEMS
        for node, at in plain.items():
            first[system[node]] = min(first[system[node]], at)
        equal &= matrix.filter(source=f"{name:02}")["arrival"].to_list() == first
    part = few / SYSTEMS
    return Row("earliest arrival, 42 systems", ours, f"heap, {few} systems", theirs, equal, part)


def routes_between_adopters(network: Any, lists: Lists) -> Row:
    """Feasible sources of six adoptions; by hand without the routes themselves."""
    adopted = {n: 300 * (n + 1) for n in range(6)}
    adoptions = {"node": [str(n) for n in adopted], "time": list(adopted.values())}
    ours, found = best(lambda: feasible_sources(network, adoptions), 2)

    def by_hand() -> set[tuple[str, str]]:
        pairs = set()
        for source, at in adopted.items():
            reached = heap_search(lists, [source], at)
            later = [n for n, time in adopted.items() if time > at]
            pairs |= {(str(n), str(source)) for n in later if reached.get(n, 1e9) <= adopted[n]}
        return pairs

    theirs, pairs = timed(by_hand)
    equal = set(found.select("node", "source").rows()) == pairs
    return Row("feasible sources of 6", ours, "heap in Python", theirs, equal)


def borders(ties: pl.DataFrame, groups: pl.DataFrame) -> Iterator[Row]:
    """Measures of given groups, beside loops in plain Python and NetworkX."""
    network = static_network(ties, groups["node"])
    of = groups["group"].to_list()
    pairs = list(zip(network.source.tolist(), network.target.tolist(), strict=True))
    yield shuffles(network, groups, pairs, of)
    ours, matrix = best(lambda: tie_matrix(network, groups))
    theirs, plain = timed(lambda: Counter((of[a], of[b]) for a, b in pairs))
    equal = all(plain[a, b] == n for a, b, n in matrix["source", "target", "ties"].rows())
    yield Row("42 x 42 tie matrix", ours, "Counter in Python", theirs, equal)
    graph = networkx.DiGraph(pairs)
    graph.add_nodes_from(range(network.size))
    networkx.set_node_attributes(graph, dict(enumerate(of)), "group")
    ours, value = best(lambda: nominal_assortativity(network, groups))
    theirs, known = timed(lambda: networkx.attribute_assortativity_coefficient(graph, "group"))
    equal = math.isclose(value, known, abs_tol=1e-9)
    yield Row("nominal assortativity", ours, "NetworkX", theirs, equal)
    sides = [set(part["node"].cast(pl.Int64)) for part in groups.partition_by("group")]
    ours, found = best(lambda: border_modularity(network, groups, replicates=0))
    theirs, known = timed(lambda: networkx.community.modularity(graph, sides))
    equal = math.isclose(found.modularity, known, abs_tol=1e-9)
    yield Row("modularity of borders", ours, "NetworkX", theirs, equal)
    ours, table = best(lambda: participation(network, groups))
    theirs, plain = timed(lambda: partners_by_hand(pairs, of))
    values = table["participation"].to_numpy()
    equal = all(math.isclose(values[node], value, abs_tol=1e-9) for node, value in plain.items())
    yield Row("participation, all nodes", ours, "sets in Python", theirs, equal)


def shuffles(
    network: Any, groups: pl.DataFrame, pairs: list[tuple[int, int]], of: list[str], few: int = 5
) -> Row:
    """The E-I index with 1,000 shuffles; a few in Python."""

    def by_hand() -> list[int]:
        labels, counts, chance = list(of), [], random.Random(1)
        for _ in range(few):
            chance.shuffle(labels)
            counts.append(sum(labels[a] == labels[b] for a, b in pairs))
        return counts

    ours, found = best(lambda: ei_index(network, groups, replicates=1000), 2)
    theirs, counts = timed(by_hand)
    mean = sum(1 - 2 * count / len(pairs) for count in counts) / few
    equal = found.internal == sum(of[a] == of[b] for a, b in pairs)
    equal &= abs(mean - found.null_mean) < 5 * found.null_sd / few**0.5
    part = few / 1000
    return Row("E-I with 1,000 shuffles", ours, f"Python, {few} shuffles", theirs, equal, part)


def partners_by_hand(pairs: list[tuple[int, int]], of: list[str]) -> dict[int, float]:
    """The participation coefficient of every node that has partners."""
    partners = defaultdict(set)
    for a, b in pairs:
        partners[a].add(b)
        partners[b].add(a)
    found = {}
    for node, theirs in partners.items():
        counts = Counter(of[partner] for partner in theirs)
        found[node] = 1 - sum(n**2 for n in counts.values()) / len(theirs) ** 2
    return found


def roles_by_hand(pairs: list[tuple[int, int]], of: list[str]) -> dict[tuple[int, int], int]:
    """Gould and Fernandez' roles, path by path."""
    out: dict[int, set[int]] = defaultdict(set)
    into: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        out[a].add(b)
        into[b].add(a)
    counts: dict[tuple[int, int], int] = Counter()
    for v, senders in into.items():
        own, beyond = of[v], out.get(v, set())
        for a in senders:
            known, first = out[a], of[a]
            for b in beyond:
                if b != a and b not in known:
                    last = of[b]
                    if first == last:
                        role = 0 if first == own else 1
                    else:
                        role = 2 if last == own else 3 if first == own else 4
                    counts[v, role] += 1
    return counts


def structure(ties: pl.DataFrame, groups: pl.DataFrame, environment: Path) -> Iterator[Row]:
    """Brokers, holes and closure, beside Python, NetworkX and igraph."""
    network = static_network(ties, groups["node"])
    pairs = list(zip(network.source.tolist(), network.target.tolist(), strict=True))
    ours, table = best(lambda: brokerage(network, groups))
    theirs, plain = timed(lambda: roles_by_hand(pairs, groups["group"].to_list()))
    counts = table.filter(pl.col("role") != "total")["count"].to_numpy()
    where = np.flatnonzero(counts)
    equal = plain == {(int(at) // 5, int(at) % 5): int(counts[at]) for at in where}
    yield Row("brokerage roles, all nodes", ours, "sets in Python", theirs, equal)
    both = network.undirected
    graph = networkx.Graph(list(zip(both.source.tolist(), both.target.tolist(), strict=True)))
    ours, holes = best(lambda: structural_holes(both))
    few = [node for node in range(200) if node in graph]
    part, told = len(few) / graph.number_of_nodes(), f"NetworkX, {len(few)} nodes"
    theirs, plain = timed(lambda: networkx.constraint(graph, nodes=few))
    equal = all(math.isclose(holes["constraint"][n], plain[n], abs_tol=1e-9) for n in few)
    yield Row("constraint, all nodes", ours, told, theirs, equal, part)
    theirs, plain = timed(lambda: sizes_by_hand(pairs))
    sizes = holes["effective_size"].to_numpy()
    equal = all(math.isclose(sizes[node], size, abs_tol=1e-9) for node, size in plain.items())
    yield Row("effective size, all nodes", ours, "sets in Python", theirs, equal)
    theirs, known = igraph_constraint(both, environment)
    values = holes["constraint"].fill_null(float("nan")).to_numpy()
    equal = bool(np.allclose(values, known, equal_nan=True))
    yield Row("constraint, all nodes", ours, "igraph", theirs, equal)
    ours, figures = best(lambda: whole_network(both, directed=False))
    theirs, share = timed(lambda: networkx.transitivity(graph))
    equal = math.isclose(figures.transitivity, share)
    yield Row("figures of the network", ours, "NetworkX, transitivity only", theirs, equal)


def sizes_by_hand(pairs: list[tuple[int, int]]) -> dict[int, float]:
    """Borgatti's effective size of every node that has partners: k - 2t/k."""
    partners: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        partners[a].add(b)
        partners[b].add(a)
    return {
        node: len(theirs) - sum(len(theirs & partners[p]) for p in theirs) / len(theirs)
        for node, theirs in partners.items()
    }


def igraph_constraint(network: Any, environment: Path) -> tuple[float, Any]:
    """Processor seconds and values of igraph's constraint, from its own environment."""
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--python", sys.executable, str(environment)], check=True)
        subprocess.run([*uv, "pip", "install", "--python", str(python), *WANTED], check=True)
    with tempfile.TemporaryDirectory() as folder:
        edges, values = Path(folder, "edges.npy"), Path(folder, "values.npy")
        np.save(edges, np.column_stack([network.source, network.target]))
        command = [str(python), "-c", IGRAPH, str(edges), str(network.size), str(values)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(ran.stdout), np.load(values)


def scipys(ties: pl.DataFrame, groups: pl.DataFrame) -> Iterator[Row]:
    """PageRank and components, beside the same on scipy's matrices."""
    network = static_network(ties, groups["node"])
    ours, found = best(lambda: pagerank(network), 5)
    (theirs, _), ranks = best(lambda: scipy_pagerank(network), 5)
    equal = bool(np.allclose(found["pagerank"], ranks))
    yield Row("PageRank", ours, "scipy", theirs, equal)
    graph = network.networkx()
    theirs, plain = timed(lambda: networkx.pagerank(graph, weight=None, tol=1e-10 / network.size))
    equal = bool(np.allclose(found["pagerank"], [plain[n] for n in range(network.size)]))
    yield Row("PageRank", ours, "NetworkX", theirs, equal)
    ours, found = best(lambda: components(network), 5)
    (theirs, _), parts = best(lambda: connected_components(network.matrix()), 5)
    equal = found["component"].n_unique() == parts[0]
    yield Row("components", ours, "scipy", theirs, equal)


def scipy_pagerank(network: Any) -> Any:
    """PageRank by hand on scipy's matrix."""
    matrix = network.matrix()
    sent = np.asarray(matrix.sum(axis=1)).ravel()
    share = np.where(sent > 0, 1 / np.maximum(sent, 1), 0)
    back, rank = matrix.T.tocsr(), np.full(network.size, 1 / network.size)
    while True:
        spread = back @ (rank * share) + rank[sent == 0].sum() / network.size
        moved = 0.85 * spread + 0.15 / network.size
        if np.abs(moved - rank).sum() <= 1e-10:
            return moved
        rank = moved


def first_calls() -> Iterator[str]:
    """The first calls of paths and of structure: nothing compiled, then from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        for when in ("nothing compiled", "a second process"):
            command = [sys.executable, "-c", COLD]
            ran = subprocess.run(
                command, check=True, capture_output=True, text=True, env=environment
            )
            paths, structure = map(float, ran.stdout.split())
            yield f"first calls, {when}: paths {paths:.1f} s, structure {structure:.1f} s"


def peaks(ties: int) -> Iterator[str]:
    """Peak memory of paths and of structure at one, two and four times the ties."""
    for times in (1, 2, 4):
        found = {}
        for what in ("nothing", "paths", "structure"):
            command = [sys.executable, "-c", PEAK, str(times * ties), what]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)
            found[what] = float(ran.stdout)
        base = found.pop("nothing")
        told = ", ".join(f"{what} {mib:,.0f} MiB" for what, mib in found.items())
        yield f"{times * ties:>10,} ties: peak of making the table {base:,.0f} MiB, {told}"


def main() -> None:
    """Print the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ties", type=int, default=1_000_000)
    somewhere = Path(tempfile.gettempdir(), "icsgraph-igraph")
    parser.add_argument("--environment", type=Path, default=somewhere)
    parser.add_argument("--no-memory", action="store_true")
    given = parser.parse_args()
    say = partial(print, flush=True)
    for line in first_calls():
        say(line)
    ties, groups = made(given.ties)
    ready, _ = best(lambda: dated_network(ties, groups["node"], directed=False).forward, 2)
    say(f"{NODES:,} nodes, {ties.height:,} ties; made ready for paths in {ready[1]:.2f} s\n")
    say(f"{'measure':28} {'elapsed':>8} {'cpu':>8} {'other':>9} {'times':>9}  equal  other form")
    rows = []
    for row in chain(
        paths(ties, groups),
        borders(ties, groups),
        structure(ties, groups, given.environment),
        scipys(ties, groups),
    ):
        rows.append(row)
        say(row.line())
    for line in () if given.no_memory else peaks(given.ties):
        say(line)
    sys.exit(0 if all(row.equal for row in rows) else 1)


if __name__ == "__main__":
    main()
