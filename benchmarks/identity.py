"""How long candidates take: all names of the evidence against all organisations, and a decision.

    python benchmarks/identity.py SOURCES.toml [--rounds 5]

Each round is a process of its own, from its start to its answer, so reading the tables is in it.
The threshold is five seconds for the names of the evidence. Beside it stand all things whose id was
made from a name (also sites and areas), and a decision with its undoing, each of which joins the
store again. Prints a line for each and how its median compares with the threshold; writes nothing
but a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

THRESHOLD = 5.0
"""Seconds that all names of the evidence against all organisations may take."""

MATCH = """
import json, sys, time
start, cpu = time.perf_counter(), time.process_time()
from pathlib import Path
import polars as pl
from icsgraph.graph.store import Store
from icsgraph.queries.matching import candidates
snapshot = Store(Path(sys.argv[1])).current()
bodies = snapshot.nodes("Organisation")
told = pl.col("sources").list.eval(pl.element().str.starts_with("evidence@")).list.any()
names = bodies.filter(told)["id"].to_list() if sys.argv[2] == "evidence" else None
found = candidates(snapshot, names)
print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu,
                  "compared": len(names or ()), "organisations": bodies.height,
                  "found": len(found)}))
"""

DECIDE = """
import json, sys, time
from pathlib import Path
from icsgraph.graph.decisions import Decision
from icsgraph.graph.files import sha256
from icsgraph.graph.judging import decide, undo
from icsgraph.graph.store import Store
from icsgraph.queries.matching import candidates
store = Store(Path(sys.argv[1]))
best = candidates(store.current())[0]
before = sha256(store.current().folder)
start, cpu = time.perf_counter(), time.process_time()
decide(store, Decision(best.one, best.other, "same", "benchmark", "2026", best.why))
undo(store, best.one, best.other)
spent = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
same = sha256(store.current().folder) == before
print(json.dumps({**spent, "apart_exactly_as_before": same}))
"""


def measured(code: str, *arguments: str) -> dict[str, float]:
    """What a program prints of itself, run in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def rounds_of(what: str, count: int, code: str, *arguments: str) -> float:
    """Print the rounds of one measurement; their median in seconds."""
    rounds = [measured(code, *arguments) for _ in range(count)]
    seconds = statistics.median(each["seconds"] for each in rounds)
    cpu = statistics.median(each["cpu"] for each in rounds)
    rest = {key: value for key, value in rounds[0].items() if key not in ("seconds", "cpu")}
    said = ", ".join(f"{key} {value:,}" for key, value in rest.items())
    print(f"{what}: median of {count} {seconds:.2f} s ({cpu:.2f} s of processor); {said}")
    return seconds


def main() -> None:
    """Build a store and measure it."""
    from icsgraph.graph.store import Store
    from icsgraph.loaders.sources import read_sources
    from icsgraph.pipeline import build

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path, help="a SOURCES.toml, the evidence among it")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "store")
        build(Store(store), read_sources(given.sources))
        evidence = rounds_of("evidence names", given.rounds, MATCH, store, "evidence")
        print(f"  {evidence / THRESHOLD:.2f} of the threshold of {THRESHOLD:.0f} s")
        rounds_of("all things named without a code", given.rounds, MATCH, store, "all")
        rounds_of("a decision and its undoing", given.rounds, DECIDE, store)


if __name__ == "__main__":
    main()
