"""How long each format takes to export and to read back, and the most memory it takes.

    python benchmarks/formats.py STORE [--formats graphml parquet nquads] [--back] [--most 20]

Each export and each import runs in a process of its own, from the start of Python's own imports of
the package to the file in its place, on the current snapshot of a store. Prints one table; writes
nothing but a temporary folder. Exit code 1 if one of `MUST` takes longer than `--most` seconds, or
more than `MEMORY` megabytes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from icsgraph.benchmarks.england import COMMON
from icsgraph.graph.formats.registry import FORMATS
from icsgraph.graph.store import Store
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS

MUST = ("graphml", "parquet", "nquads")
"""The formats whose time and memory are promised for England."""
MEMORY = 2000

EXPORT = """
import json
start, cpu = time.perf_counter(), time.process_time()
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.store import Store
export(Store(sys.argv[1]).current(), sys.argv[2], sys.argv[3])
print(json.dumps(SPENT(start, cpu)))
"""

IMPORT = """
import json
start, cpu = time.perf_counter(), time.process_time()
from icsgraph.graph.formats.importing import import_file
from icsgraph.graph.store import Store
import_file(Store(sys.argv[1]), sys.argv[2], sys.argv[3])
print(json.dumps(SPENT(start, cpu)))
"""


def run(code: str, *arguments: str) -> dict[str, float]:
    """What a program prints of itself, run in a process of its own."""
    command = [sys.executable, "-c", COMMON + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{arguments[1]} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def size(path: Path) -> float:
    """Megabytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def told(what: str, spent: dict[str, float]) -> str:
    """Seconds, processor time and memory in words."""
    memory = f", {spent['peak_mb']:,.0f} MB at most" if "peak_mb" in spent else ""
    return f"{what} {spent['seconds']:.1f} s ({spent['cpu']:.1f} of processor){memory}"


def too_much(name: str, spent: dict[str, float], most: float) -> bool:
    """Whether a format takes more than is promised of it."""
    return name in MUST and (spent["seconds"] > most or spent.get("peak_mb", 0) > MEMORY)


def measure(store: Path, name: str, folder: Path, back: bool) -> dict[str, float]:
    """Export in a format, and read back if it can be; prints a line and gives what the export
    took."""
    made = folder / f"{name}{FORMATS[name].ending}"
    spent = run(EXPORT, str(store), name, str(made))
    line = f"{name:<10} {told('export', spent)}; {size(made):,.0f} MB"
    if back and FORMATS[name].reads:
        line += f"; {told('import', run(IMPORT, str(folder / f'{name}-again'), name, str(made)))}"
    print(line, flush=True)
    return spent


def main() -> None:
    """Measure each format."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--formats", nargs="+", default=list(FORMATS), choices=list(FORMATS))
    parser.add_argument("--back", action="store_true", help="read back what can be")
    parser.add_argument("--most", type=float, default=20)
    given = parser.parse_args()
    snapshot = Store(given.store).current()
    nodes = sum(snapshot.nodes(kind).height for kind in NODE_KINDS)
    ties = sum(snapshot.relationships(kind).height for kind in RELATIONSHIP_KINDS)
    print(f"{nodes:,} nodes, {ties:,} relationships")
    over = []
    for name in given.formats:
        with tempfile.TemporaryDirectory() as folder:
            spent = measure(given.store, name, Path(folder), given.back)
            over += [name] if too_much(name, spent, given.most) else []
    if over:
        raise SystemExit(f"Over {given.most:g} s or {MEMORY:,} MB: {', '.join(over)}")


if __name__ == "__main__":
    main()
