"""How long the measures of spread take, beside the same measures in plain Python, values compared.

    python benchmarks/spread.py [--nodes 300000] [--ties 1000000] [--rounds 3]

Networks are random with a fixed seed. For each measure: ours at full size, with the target where
there is one; then ours and plain Python on the same smaller network, how many times faster, and
whether the values are equal (they must be, or the run fails). Times are seconds of processor, the
median of the rounds, so that other work on the machine counts little. Last, the memory that
exposure takes for a quarter, half and all of the ties.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from icsgraph.queries.association import counts_of_lasting
from icsgraph.queries.earlier import person_period_counts
from icsgraph.queries.exposure import exposed
from icsgraph.queries.moran import permuted_morans_i
from icsgraph.queries.permutation import generator, shuffled_within
from icsgraph.queries.similarity import hidden_places
from icsgraph.queries.spread_inputs import Adoptions, Array, Scale, Ties
from icsgraph.queries.spread_periods import Alters, Periods, Spread, alters_of
from icsgraph.queries.swaps import swap_targets, swapped_targets

PERIODS = 40


@dataclass(frozen=True)
class Measure:
    """A measure on a network of a size: ours, and the plain form of the same."""

    name: str
    ours: Callable[[Spread], Any]
    plain: Callable[[Spread], Any]
    full: tuple[int, int] | None
    small: tuple[int, int]
    target: float | None = None


def network(nodes: int, ties: int, lasting: bool = True) -> Spread:
    """A random network with adoptions: six in ten nodes adopt in one of forty periods."""
    chance = np.random.default_rng(7)
    source, target = chance.integers(0, nodes, ties), chance.integers(0, nodes, ties)
    apart = source != target
    source, target = source[apart], target[apart]
    start = chance.integers(0, PERIODS, len(source)).astype(float)
    end = start + chance.integers(1, 30, len(source))
    if lasting:
        start, end = np.full(len(source), -np.inf), np.full(len(source), np.inf)
    adopts = chance.random(nodes) < 0.6
    first = np.where(adopts, chance.integers(0, PERIODS, nodes), np.inf).astype(float)
    names, who = tuple(map(str, range(nodes))), np.flatnonzero(adopts)
    rows, open_end = np.arange(len(source)), np.full(len(who), np.inf)
    read = Ties(names, source, target, np.ones(len(source)), start, end, rows, Scale.PERIOD)
    taken = Adoptions(names, first, who, first[who], open_end, Scale.PERIOD)
    periods = Periods(np.arange(PERIODS, dtype=float), Scale.PERIOD)
    return Spread(names, read, taken, periods, periods.of(first))


def listed(alters: Alters, nodes: int) -> list[list[tuple[int, int, int]]]:
    """For each node its alters with the periods they count in, as plain lists."""
    found: list[list[tuple[int, int, int]]] = [[] for _ in range(nodes)]
    columns = (alters.ego, alters.alter, alters.begins, alters.ends)
    for ego, alter, begins, ends in zip(*(c.tolist() for c in columns), strict=True):
        found[ego].append((alter, begins, ends))
    return found


def outgoing(spread: Spread) -> Alters:
    return alters_of(spread.ties, spread.periods, "outgoing")


def exposure_ours(spread: Spread) -> Array:
    return exposed(outgoing(spread), spread.adoptions, spread.periods).share


def exposure_plain(spread: Spread) -> list[list[float]]:
    near, adopted = listed(outgoing(spread), len(spread.nodes)), spread.adopted.tolist()
    table = []
    for alters in near:
        row = []
        for t in range(PERIODS):
            held = [alter for alter, begins, ends in alters if begins <= t < ends]
            had = sum(adopted[alter] <= t for alter in held)
            row.append(had / len(held) if held else 0.0)
        table.append(row)
    return table


def dates_dealt(spread: Spread, draws: int) -> Array:
    adopters = np.flatnonzero(spread.adopted < PERIODS)
    when = np.repeat(spread.adopted[None, :], draws, axis=0)
    dates = spread.adopted[adopters]
    when[:, adopters] = shuffled_within(dates, np.zeros(len(dates)), draws, generator(1))
    return when


def shuffles_ours(spread: Spread) -> Any:
    at_risk, adopting = counts_of_lasting(outgoing(spread), dates_dealt(spread, 20), PERIODS)
    return np.stack([at_risk, adopting])


def shuffles_plain(spread: Spread) -> Any:
    alters = outgoing(spread)
    near = [[alter for alter, _, _ in row] for row in listed(alters, len(spread.nodes))]
    width = max(map(len, near)) + 1
    tables = []
    for when in dates_dealt(spread, 20).tolist():
        at_risk, adopting = [0] * width, [0] * width
        for ego, row in enumerate(near):
            for t in range(1, min(when[ego], PERIODS - 1) + 1):
                earlier = sum(when[alter] < t for alter in row)
                at_risk[earlier] += 1
                adopting[earlier] += when[ego] == t
        tables.append((at_risk, adopting))
    return np.array(tables).transpose(1, 0, 2)


def status(spread: Spread) -> tuple[Array, Any]:
    from icsgraph.queries.moran import neighbour_weights

    return (spread.adopted <= PERIODS // 2).astype(float), neighbour_weights(spread, 0)


def moran_ours(spread: Spread) -> Array:
    values, weights = status(spread)
    codes = np.zeros(len(values), dtype=int)
    return permuted_morans_i(values, weights, codes, 50, generator(2))


def moran_plain(spread: Spread) -> list[float]:
    values, weights = status(spread)
    pairs = weights.tocoo()
    cells = list(zip(pairs.row.tolist(), pairs.col.tolist(), pairs.data.tolist(), strict=True))
    centred = values - values.mean()
    total, square = sum(w for _, _, w in cells), float((centred**2).sum())
    codes, found = np.zeros(len(values), dtype=int), []
    for z in shuffled_within(centred, codes, 50, generator(2)).tolist():
        found.append(len(z) / total * sum(w * z[i] * z[j] for i, j, w in cells) / square)
    return found


def swaps_ours(spread: Spread) -> Array:
    alters = outgoing(spread)
    return swapped_targets(alters.ego, alters.alter, len(spread.nodes), 20, generator(3))


def swaps_plain(spread: Spread) -> Array:
    alters = outgoing(spread)
    drawn, first = alters.alter.copy(), np.searchsorted(alters.ego, range(len(spread.nodes) + 1))
    choices = generator(3).integers(0, len(drawn), size=(20 * len(drawn), 2))
    swap_targets(alters.ego, drawn, first, choices)
    return drawn


def earlier_dealt(spread: Spread) -> Array:
    since = np.random.default_rng(5).integers(0, PERIODS + 20, len(spread.nodes))
    codes = np.zeros(len(since), dtype=int)
    return shuffled_within(np.minimum(since, PERIODS), codes, 50, generator(4))


def earlier_ours(spread: Spread) -> Array:
    return person_period_counts(earlier_dealt(spread), spread.adopted, PERIODS)


def earlier_plain(spread: Spread) -> list[list[int]]:
    adopted, found = spread.adopted.tolist(), []
    for since in earlier_dealt(spread).tolist():
        counts = [0, 0, 0, 0]
        for node, when in enumerate(adopted):
            for t in range(1, min(when, PERIODS - 1) + 1):
                after = since[node] < t
                counts[after] += 1
                counts[2 + after] += when == t
        found.append(counts)
    return found


def table_of(spread: Spread) -> Array:
    table = np.zeros((len(spread.nodes), 30), dtype=np.int64)
    table[spread.ties.source, spread.ties.target % 30] = 1
    return table


def hidden_ours(spread: Spread) -> Any:
    better, equal = hidden_places(table_of(spread), "jaccard")
    return 1 + better + (equal - 1) / 2


def hidden_plain(spread: Spread) -> list[float]:
    sets = [set(np.flatnonzero(row).tolist()) for row in table_of(spread)]
    ranks = []
    for system, own in enumerate(sets):
        for hidden in sorted(own):
            left, scores = own - {hidden}, [0.0] * 30
            for other, others in enumerate(sets):
                alike = len(left & others) / len(left | others) if left | others else 0.0
                for innovation in others if other != system else ():
                    scores[innovation] += alike
            mine, rivals = scores[hidden], [scores[i] for i in range(30) if i not in own]
            higher = sum(score > mine + 1e-9 for score in rivals)
            same = sum(abs(score - mine) <= 1e-9 for score in rivals)
            ranks.append(1 + higher + same / 2)
    return ranks


def measures(full: tuple[int, int]) -> list[tuple[Measure, bool]]:
    """Each measure, and whether its ties last."""
    some, few = (30_000, 100_000), (2_000, 8_000)
    return [
        (Measure("exposure, 40 periods", exposure_ours, exposure_plain, full, some, 0.5), False),
        (Measure("shuffle test, 20 draws", shuffles_ours, shuffles_plain, some, few), True),
        (Measure("Moran's I, 50 draws", moran_ours, moran_plain, some, few), True),
        (Measure("swaps, 20 a tie", swaps_ours, swaps_plain, some, few), True),
        (Measure("hazard by earlier, 50 draws", earlier_ours, earlier_plain, some, few), True),
        (Measure("hidden adoptions", hidden_ours, hidden_plain, None, (42, 260)), True),
    ]


def timed(function: Callable[[Spread], Any], spread: Spread, rounds: int) -> tuple[float, Any]:
    spent, value = [], None
    for _ in range(rounds):
        start = time.process_time()
        value = function(spread)
        spent.append(time.process_time() - start)
    return statistics.median(spent), value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=300_000)
    parser.add_argument("--ties", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    failed = False
    for measure, lasting in measures((given.nodes, given.ties)):
        if measure.full:
            spread = network(*measure.full, lasting=lasting)
            measure.ours(spread)
            seconds, _ = timed(measure.ours, spread, given.rounds)
            kept = "" if measure.target is None else f", target {measure.target} s"
            failed |= measure.target is not None and seconds > measure.target
            print(f"{measure.name}: {measure.full[1]:,} ties {seconds:.3f} s{kept}")
        spread = network(*measure.small, lasting=lasting)
        measure.ours(spread)
        ours, value = timed(measure.ours, spread, given.rounds)
        plain, wanted = timed(measure.plain, spread, 1)
        equal = np.allclose(value, wanted, rtol=1e-9, atol=1e-9)
        failed |= not equal
        faster = plain / max(ours, 1e-9)
        told = "equal values" if equal else "VALUES DIFFER"
        print(
            f"  {measure.small[1]:,} ties: ours {ours:.4f} s, plain {plain:.2f} s, "
            f"{faster:.0f} times faster, {told}"
        )
    for share in (4, 2, 1):
        spread = network(given.nodes // share, given.ties // share, lasting=False)
        tracemalloc.start()
        exposure_ours(spread)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"memory of exposure, {given.ties // share:,} ties: {peak / 2**20:.0f} MB")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
