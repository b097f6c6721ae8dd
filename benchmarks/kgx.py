"""How long KGX takes to transform what `icsgraph build` builds, both in one run.

    python benchmarks/kgx.py SOURCES.toml [--rounds 1] [--environment FOLDER]

KGX 2.7 (https://github.com/biolink/kgx) reads nodes and edges, checks them against the Biolink
model and writes them again; it reads no register. So what it is given here is the result of the
build, as two files of its own TSV layout: every node and every relationship of the snapshot, once
with id, category and name, or id, subject, predicate and object, and once with all their columns as
properties. Either is less than the build does, which reads the registers as published, joins what
they say, checks each row, and stores the measurements beside the graph.

KGX transforms in memory (then edges between the same two nodes with the same predicate overwrite
one another, so what it wrote is counted) or as a stream.

KGX has an environment of its own, made with uv when it is not there (its requirements contradict
those of this package, and pip's resolver does not end on them). Importing it downloads three
files: the Biolink model, a predicate map and a JSON-LD context. No network is used here: the first
is that of the `biolink-model` wheel, the context is the prefix map in the same wheel, and the
predicate map is empty (a transformation does not read it). The import is timed apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from icsgraph.benchmarks.england import BUILD, measured
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS

WANTED = ("kgx==2.7.*", "biolink-model")

OFFLINE = """
import json, logging, sys, time
from pathlib import Path
import biolink_model, bmt.toolkit, requests
wheel = Path(biolink_model.__path__[0])
class Local:
    text = "predicate mappings: []"
    def json(self):
        return json.loads((wheel / "prefixmaps/biolink_model_prefix_map.json").read_text("utf-8"))
requests.get = lambda *given, **named: Local()
model = str(wheel / "schema/biolink_model.yaml")
bmt.toolkit.Toolkit.__init__.__defaults__ = (model, "")
from kgx.transformer import Transformer
logging.getLogger("KGX").setLevel(logging.ERROR)
"""
"""Imports KGX without a network."""

TRANSFORM = f"""
import time
start, cpu = time.perf_counter(), time.process_time()
{OFFLINE}
nodes, edges, out, stream = sys.argv[1:]
loaded, loaded_cpu = time.perf_counter(), time.process_time()
given = {{"filename": [nodes, edges], "format": "tsv"}}
Transformer(stream=stream == "stream").transform(given, {{"filename": out, "format": "tsv"}})
print(json.dumps({{
    "import": loaded - start, "import_cpu": loaded_cpu - cpu,
    "seconds": time.perf_counter() - loaded, "cpu": time.process_time() - loaded_cpu,
}}))
"""


def environment(folder: Path) -> Path:
    """The Python of an environment that has KGX; uv makes it if the folder is not there."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.is_file():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([*uv, "pip", "install", "--python", str(python), *WANTED], check=True)
    return python


def write_tables(snapshot: Snapshot, folder: Path, whole: bool) -> tuple[Path, Path, int, int]:
    """Write all nodes and all relationships as KGX wants them: the two files, and how many rows.

    With the columns that KGX must have, or `whole`, with every column of theirs as a property.
    """
    tables = [
        *(_table(snapshot.nodes(kind), category="biolink:NamedThing") for kind in NODE_KINDS),
        *(
            _table(snapshot.relationships(kind), predicate=f"biolink:{kind.lower()}")
            for kind in RELATIONSHIP_KINDS
        ),
    ]
    nodes = pl.concat(tables[: len(NODE_KINDS)], how="diagonal")
    edges = pl.concat(tables[len(NODE_KINDS) :], how="diagonal")
    if not whole:
        nodes = nodes.select("id", "category", "name")
        edges = edges.select("id", "subject", "predicate", "object")
    files = folder / f"whole-{whole}_nodes.tsv", folder / f"whole-{whole}_edges.tsv"
    for table, file in zip((nodes, edges), files, strict=True):
        table.write_csv(file, separator="\t", quote_style="never")
    return *files, nodes.height, edges.height


def _table(rows: pl.DataFrame, **constants: str) -> pl.DataFrame:
    """Rows with texts only: several values joined, and no tab or line break, which would be a
    column or row of its own."""
    texts = [
        pl.col(c).list.join("|") if isinstance(kind, pl.List) else pl.col(c).cast(pl.String)
        for c, kind in rows.schema.items()
    ]
    plain = rows.select(texts).with_columns(pl.all().str.replace_all(r"[\t\r\n\"]", " "))
    return plain.with_columns(pl.lit(text).alias(name) for name, text in constants.items())


def transformed(python: Path, nodes: Path, edges: Path, way: str) -> dict[str, float]:
    """What KGX takes, in a process of its own; what it wrote is counted, so that nothing is lost
    without a word."""
    out = nodes.with_name(f"{nodes.stem}-{way}")
    command = [str(python), "-c", TRANSFORM, str(nodes), str(edges), str(out), way]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"KGX failed:\n{done.stderr[-2000:]}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    for part in ("nodes", "edges"):
        with Path(f"{out}_{part}.tsv").open("rb") as file:
            answer[part] = sum(1 for _ in file) - 1
    return answer


def compare(sources: str, python: Path, rounds: int, folder: Path) -> None:
    """Print build and transformation, round by round, and their ratios."""
    ratios: dict[str, list[tuple[float, float]]] = {}
    for number in range(rounds):
        store = Store(folder / f"store-{number}")
        build = measured(BUILD, sources, str(store.path))
        for whole in (False, True):
            nodes, edges, n, m = write_tables(store.current(), folder, whole)
            for way in ("memory", "stream"):
                what = f"kgx transform of {'all' if whole else 'the least'} columns ({way})"
                kgx = transformed(python, nodes, edges, way)
                times, processor = (kgx[at] / build[at] for at in ("seconds", "cpu"))
                ratios.setdefault(what, []).append((times, processor))
                print(
                    f"{what}: {told(kgx)}, after {kgx['import']:.1f} s of import; wrote "
                    f"{kgx['nodes']:,} of {n:,} nodes and {kgx['edges']:,} of {m:,} edges; "
                    f"{times:.1f} times the build ({processor:.1f} by processor time)"
                )
        print(f"icsgraph build of {n:,} nodes and {m:,} relationships: {told(build)}")
    for what, each in ratios.items():
        clock, cpu = (statistics.median(numbers) for numbers in zip(*each, strict=True))
        print(
            f"{what} / build, median of {rounds}: {clock:.1f} by the clock, {cpu:.1f} by processor "
            "time (at least 10 was expected)"
        )


def told(spent: dict[str, float]) -> str:
    """Seconds and memory, in words."""
    memory = f", {spent['peak_mb']:.0f} MB" if "peak_mb" in spent else ""
    return f"{spent['seconds']:.2f} s ({spent['cpu']:.2f} of processor){memory}"


def main() -> None:
    """Compare both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", help="a SOURCES.toml")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir(), "kgx-2.7"))
    given = parser.parse_args()
    python = environment(given.environment)
    with tempfile.TemporaryDirectory() as folder:
        compare(given.sources, python, given.rounds, Path(folder))


if __name__ == "__main__":
    main()
