"""How long England takes: the build against a floor, start-up, and each question.

    python benchmarks/england.py SOURCES.toml [--rounds 3]

Machines are noisy, so a build and its floor run in turn, each in a process of its own, and the
ratio of each pair is what counts. The floor is what no build can avoid: polars reads the same
files and writes the same tables. Prints one table; writes nothing but a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = """
import sys, time, json
from pathlib import Path
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources
from icsgraph.pipeline import build
sources = read_sources(Path(sys.argv[1]))
start, cpu = time.perf_counter(), time.process_time()
build(Store(Path(sys.argv[2])), sources)
print(json.dumps(SPENT(start, cpu)))
"""

FLOOR = """
import gzip, sys, time, json, zipfile
from pathlib import Path
import polars as pl
from icsgraph.loaders.sources import read_sources

def read(file):
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                pl.read_csv(archive.read(name), infer_schema=False)
    elif file.suffix in (".xlsx", ".ods"):
        pl.read_excel(file, sheet_id=0, infer_schema_length=0)
    elif ".json" in file.suffixes or ".jsonl" in file.suffixes:
        lines = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        pl.read_ndjson(lines, infer_schema_length=None)
    else:
        pl.read_csv(file, infer_schema=False, truncate_ragged_lines=True)

sources = read_sources(Path(sys.argv[1]))
files = [f for s in sources for f in s.files if f.is_file()]
tables = {p: pl.read_parquet(p) for p in sorted(Path(sys.argv[2]).rglob("*.parquet"))}
out = Path(sys.argv[3])
start, cpu = time.perf_counter(), time.process_time()
for file in files:
    read(file)
for number, table in enumerate(tables.values()):
    table.write_parquet(out / f"{number}.parquet")
print(json.dumps(SPENT(start, cpu)))
"""

SPENT = """
import sys, time

def SPENT(start, cpu):
    spent = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    try:
        import resource
    except ImportError:  # Windows has no resource module
        return spent
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {**spent, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}
"""


def measured(code: str, *arguments: str) -> dict[str, float]:
    """What a program prints of itself, run in a process of its own."""
    command = [sys.executable, "-c", SPENT + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def builds(sources: str, rounds: int, folder: Path) -> None:
    """Print build and floor, round by round, and the median of their ratios."""
    ratios, processor = [], []
    for number in range(rounds):
        store, out = folder / f"store-{number}", folder / f"floor-{number}"
        out.mkdir()
        build = measured(BUILD, sources, str(store))
        floor = measured(FLOOR, sources, str(store), str(out))
        ratios.append(build["seconds"] / floor["seconds"])
        processor.append(build["cpu"] / floor["cpu"])
        print(
            f"build {build['seconds']:.2f} s ({build['cpu']:.2f} of processor), "
            f"{build.get('peak_mb', 0):.0f} MB   floor {floor['seconds']:.2f} s "
            f"({floor['cpu']:.2f})   ratio {ratios[-1]:.2f} ({processor[-1]:.2f})"
        )
    print(
        f"build / floor, median of {rounds}: {statistics.median(ratios):.2f} by the clock, "
        f"{statistics.median(processor):.2f} by processor time (at most 4)"
    )


def start_up(rounds: int) -> None:
    """Print how long a process takes to show the help and to import the package, bare Python
    beside."""
    commands = {
        "icsgraph --help": ["-m", "icsgraph", "--help"],
        "import icsgraph": ["-c", "import icsgraph"],
        "python -c pass": ["-c", "pass"],
    }
    for name, arguments in commands.items():
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
            times.append(time.perf_counter() - start)
        print(f"{name}: median {statistics.median(times) * 1000:.0f} ms")


def questions(store: Path, rounds: int) -> None:
    """Print p50 and p95 of each question of the catalogue, by its worked examples, inside a
    process."""
    import icsgraph

    graph, sample = icsgraph.open(store), icsgraph.open()
    slowest = 0.0
    for name, question in graph.questions.items():
        asked = [example.parameters for example in question.examples] or [{}]
        times = []
        for named in asked:
            # A name that means one body in the sample may mean two in England; its id does not.
            parameters = sample.ask(name, **named).parameters
            graph.ask(name, **parameters)
            for _ in range(rounds):
                start = time.perf_counter()
                graph.ask(name, **parameters)
                times.append((time.perf_counter() - start) * 1000)
        p95 = statistics.quantiles(times, n=20)[-1]
        slowest = max(slowest, p95)
        print(f"{name}: p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms")
    print(f"slowest p95: {slowest:.1f} ms (under 100)")


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", help="a SOURCES.toml")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        builds(given.sources, given.rounds, Path(folder))
        start_up(9)
        questions(Path(folder) / "store-0", 20)


if __name__ == "__main__":
    main()
