"""How long England takes: the build against a floor, a second build, start-up, each question.

    python benchmarks/england.py tests/data/all.toml [--first] [--rounds 3]

Of the whole list a build should take at most three times the floor. With `--first` only the data
sets of `FIRST` are built, of which it should take at most four times: the list is a small part of
England, so that what a build does once weighs more.

Machines are noisy, so a build and its floor run in turn, each in a process of its own, and the
ratio of each pair is what counts. The floor is what no build can avoid: polars reads the same
files (Python's own readers those that polars cannot) and writes the same tables. The second build
reads one source again, of whose first file the last row was taken out. Questions are asked of the
whole graph, and of it on a day and as known then. Prints one table; writes nothing but
a temporary folder.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from icsgraph.loaders.records import SourceEntry
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import IcsgraphError

FIRST = frozenset(
    {
        "cqc-ratings-england",
        "cqc-ratings-lincolnshire",
        "evidence",
        "geography-authorities",
        "geography-boards",
        "geography-ccg",
        "geography-sub-icb",
        "geography-timeline",
        "ods-commissioners",
        "ods-trusts",
    }
)
"""The data sets of `--first`: what the reviews say, who provides and commissions care, and the
geography of systems."""

MOST = 3
MOST_OF_FIRST = 4

BUILD = """
import sys, time, json
from dataclasses import replace
from pathlib import Path
from icsgraph.graph.store import Store
from icsgraph.loaders.registry import loader
from icsgraph.pipeline import build
sources = LISTED(*sys.argv[1:3])
for source in sources:
    loader(source.kind).read  # imports are on neither side of the comparison
if sys.argv[4:]:
    changed, file = sys.argv[4], Path(sys.argv[5])
    sources = [replace(s, files=(file, *s.files[1:])) if s.id == changed else s for s in sources]
start, cpu = time.perf_counter(), time.process_time()
done = build(Store(Path(sys.argv[3])), sources)
spent = SPENT(start, cpu)
print(json.dumps({**spent, "read": len(done.read)}))
"""

FLOOR = """
import sys, time, json, gzip, io, zipfile
from pathlib import Path
import polars as pl

def read_one(file):
    name = file.name.removesuffix(".gz")
    if name.endswith((".xlsx", ".ods")):
        pl.read_excel(file, sheet_id=0, infer_schema_length=0)
    elif name.endswith((".json", ".geojson")):
        json.loads(file.read_bytes())
    elif name.endswith(".jsonl"):
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
            [json.loads(line) for line in lines]
    elif name.endswith(".zip"):
        with zipfile.ZipFile(file) as archive:
            for member in archive.namelist():
                pl.read_csv(io.BytesIO(archive.read(member)), infer_schema=False)
    elif name.endswith((".csv", ".txt")):
        pl.read_csv(file, infer_schema=False, truncate_ragged_lines=True)

sources = LISTED(*sys.argv[1:3])
listed = [f for s in sources for f in s.files]
files = [f for at in listed for f in (sorted(at.rglob("*.csv")) if at.is_dir() else [at])]
tables = {p: pl.read_parquet(p) for p in sorted(Path(sys.argv[3]).rglob("*.parquet"))}
out = Path(sys.argv[4])
start, cpu = time.perf_counter(), time.process_time()
for file in files:
    read_one(file)
for number, table in enumerate(tables.values()):
    table.write_parquet(out / f"{number}.parquet")
print(json.dumps(SPENT(start, cpu)))
"""

COMMON = """
import sys, time
from pathlib import Path
from icsgraph.loaders.sources import read_sources

def LISTED(path, ids):
    return [source for source in read_sources(Path(path)) if source.id in ids.split()]

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
    command = [sys.executable, "-c", COMMON + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def listed(path: Path, first: bool) -> list[SourceEntry]:
    """The sources of a list, or those of it that `--first` is about."""
    return [s for s in read_sources(path) if s.data_set in FIRST or not first]


def builds(sources: tuple[str, str], rounds: int, most: int, folder: Path) -> None:
    """Print build and floor, round by round, and the median of their ratios."""
    ratios, processor, peaks = [], [], []
    for number in range(rounds):
        store, out = folder / f"store-{number}", folder / f"floor-{number}"
        out.mkdir()
        build = measured(BUILD, *sources, str(store))
        floor = measured(FLOOR, *sources, str(store), str(out))
        ratios.append(build["seconds"] / floor["seconds"])
        processor.append(build["cpu"] / floor["cpu"])
        peaks.append(build.get("peak_mb", 0))
        print(
            f"build {build['seconds']:.2f} s ({build['cpu']:.2f} of processor), "
            f"{peaks[-1]:.0f} MB   floor {floor['seconds']:.2f} s "
            f"({floor['cpu']:.2f})   ratio {ratios[-1]:.2f} ({processor[-1]:.2f})"
        )
    print(
        f"build / floor, median of {rounds}: {statistics.median(ratios):.2f} by the clock, "
        f"{statistics.median(processor):.2f} by processor time (at most {most}); "
        f"highest peak {max(peaks):.0f} MB (under 2048)"
    )


def without_last_row(file: Path, folder: Path) -> Path:
    """A copy of a delimited file, packed or not, that lacks the last line of it."""
    packed = file.suffix == ".gz"
    content = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
    kept = content[: content.rstrip().rindex(b"\n") + 1]
    copy = folder / file.name
    copy.write_bytes(gzip.compress(kept) if packed else kept)
    return copy


def second_builds(
    sources: tuple[str, str], changed: SourceEntry, rounds: int, folder: Path
) -> None:
    """Print what a build takes of a store that has all but one changed source, against the first
    build of it."""
    first = changed.files[0]
    copies = folder / "changed"
    copies.mkdir()
    copy = without_last_row(first, copies)
    shares, processor = [], []
    for number in range(rounds):
        store = folder / f"again-{number}"
        once = measured(BUILD, *sources, str(store))
        again = measured(BUILD, *sources, str(store), changed.id, str(copy))
        shares.append(again["seconds"] / once["seconds"])
        processor.append(again["cpu"] / once["cpu"])
        print(
            f"first build {once['seconds']:.2f} s ({once['cpu']:.2f}), second with a changed "
            f"{first.name} {again['seconds']:.2f} s ({again['cpu']:.2f}), "
            f"sources read again {again['read']}: {shares[-1]:.2f} ({processor[-1]:.2f})"
        )
    print(
        f"second build / first, median of {rounds}: {statistics.median(shares):.2f} by the clock, "
        f"{statistics.median(processor):.2f} by processor time (at most 0.25)"
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


def questions(store: Path, day: str, rounds: int) -> None:
    """Print p50 and p95 of each question of the catalogue, by its worked examples or by what is
    named in `NAMED`, inside a process: of the whole graph, on a day, and as known on it."""
    import icsgraph

    graph, sample = icsgraph.open(store), icsgraph.open()
    for title, seen in (("", {}), (f"on {day}", {"on": day}), (f"known {day}", {"known": day})):
        slowest = 0.0
        for name, question in graph.questions.items():
            examples = [e.parameters for e in question.examples if e.store == "sample"]
            asked = NAMED.get(name, examples) or [{}]
            first, times = 0.0, []
            for named in asked:
                # A name that means one body in the sample may mean two in England; its id does not.
                parameters = _meant(sample, name, named)
                first += clocked(graph, name, {**parameters, **seen})
                times += [clocked(graph, name, {**parameters, **seen}) for _ in range(rounds)]
            p95 = statistics.quantiles(times, n=20)[-1]
            slowest = max(slowest, p95)
            print(
                f"{name} {title}: p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms "
                f"(the first time {first:.0f} ms)"
            )
        print(f"slowest p95 {title}: {slowest:.1f} ms (under 100)")


NAMED: dict[str, list[dict[str, Any]]] = {
    "brands-across-systems": [{}, {"of": "provider"}],
    "cross-border-flows": [{}, {"system": "ods:QMF"}],
    "follow-to-current": [{"thing": "ods:RW6"}, {"thing": "ods:QNQ"}],
    "ratings-over-time": [{"thing": "ods:R1H"}, {"thing": "cqc:1-102643122"}],
    "same-place-services": [{}, {"system": "ods:QMF"}],
    "system-members": [{"system": "ods:QHM"}, {"system": "ods:QMF", "type": "nhs-trust"}],
    "trust-history": [{"organisation": "ods:R0A"}],
}
"""What is asked of the questions whose worked examples are of made-up registers."""


def _meant(sample: Any, name: str, named: dict[str, Any]) -> dict[str, Any]:
    try:
        parameters: dict[str, Any] = sample.ask(name, **named).parameters
    except IcsgraphError:  # it names what only the registers have
        return named
    return {key: value for key, value in parameters.items() if key not in ("on", "known")}


def clocked(graph: Any, name: str, parameters: dict[str, Any]) -> float:
    """Milliseconds that one question takes."""
    start = time.perf_counter()
    graph.ask(name, **parameters)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Run all four."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", help="a SOURCES.toml")
    parser.add_argument("--first", action="store_true", help="only the data sets of FIRST")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--day", default="2025-04-01", help="of the questions about a day")
    parser.add_argument("--changed", default="ods-trusts@2026-04", help="source of a changed file")
    given = parser.parse_args()
    entries = listed(Path(given.sources), given.first)
    sources = (given.sources, " ".join(entry.id for entry in entries))
    changed = next(entry for entry in entries if entry.id == given.changed)
    most = MOST_OF_FIRST if given.first else MOST
    print(f"{len(entries)} sources")
    with tempfile.TemporaryDirectory() as folder:
        builds(sources, given.rounds, most, Path(folder))
        second_builds(sources, changed, given.rounds, Path(folder))
        start_up(9)
        questions(Path(folder) / "store-0", given.day, 20)


if __name__ == "__main__":
    main()
