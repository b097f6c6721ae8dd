"""How long a push to a Neo4j server takes, beside the bare driver sending the same batches.

    python benchmarks/neo4j_push.py STORE [--rounds 1] [--again]

Each time a new server is started (tests/neo4j/server.py, with Java's whole compiler and 1 GB of
heap), and both declare the same constraints before and the same indexes after. The bare driver
sends batches that are ready: only sending is timed, and nothing is read, checked or put down. With
--again the push is then repeated, once with nothing to do and once comparing every table, and the
graph is pulled back.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from icsgraph.graph.neo4j_server import Server
from icsgraph.graph.pull import pull
from icsgraph.graph.push import push
from icsgraph.graph.push_writes import BATCH, nested, node_batch, relationship_batch
from icsgraph.graph.pushed import CONSTRAINTS
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.cypher import neo4j_ddl
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS

SCRIPT = Path(__file__).resolve().parents[1] / "tests" / "neo4j" / "server.py"
PASSWORD = "icsgraph-tests"


@contextmanager
def server() -> Iterator[Server]:
    """A new server; it is gone at the end."""
    environment = {"NEO4J_JIT": "", "NEO4J_HEAP": "1g", **os.environ, "NEO4J_PASSWORD": PASSWORD}
    with tempfile.TemporaryDirectory(prefix="neo4j-") as home:
        command = [sys.executable, str(SCRIPT)]
        started = subprocess.run(
            [*command, "start", home], env=environment, check=True, capture_output=True, text=True
        )
        try:
            with Server(started.stdout.strip(), password=PASSWORD) as running:
                yield running
        finally:
            subprocess.run([*command, "stop", home], check=True)


def batches(snapshot: Snapshot) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Every text and batch that a push of a snapshot to an empty server sends."""
    tables = [(node_batch(kind), snapshot.nodes(kind)) for kind in NODE_KINDS]
    for kind in RELATIONSHIP_KINDS:
        tables.append((relationship_batch(kind), nested(snapshot.relationships(kind))))
    for text, table in tables:
        for batch in table.iter_slices(BATCH):
            yield text, batch.to_dicts()


def bare(snapshot: Snapshot, to: Server) -> float:
    """Seconds that the driver takes to send it all."""
    with to.driver.session() as session:

        def send(text: str, rows: list[dict[str, object]]) -> float:
            start = time.perf_counter()
            session.execute_write(lambda transaction: transaction.run(text, rows=rows).consume())
            return time.perf_counter() - start

        def declare(statements: tuple[str, ...]) -> float:
            start = time.perf_counter()
            session.execute_write(lambda t: [t.run(each).consume() for each in statements])
            return time.perf_counter() - start

        unique = tuple(each for each in neo4j_ddl() if each.startswith("CREATE CONSTRAINT"))
        seconds = declare((*CONSTRAINTS, *unique))
        seconds += sum(send(text, rows) for text, rows in batches(snapshot))
        return seconds + declare(neo4j_ddl()) + declare(("CALL db.awaitIndexes(600)",))


def pushed(snapshot: Snapshot, to: Server, again: bool) -> tuple[float, pl.DataFrame]:
    """Seconds that a push takes, and those of what can be done after it."""
    start = time.perf_counter()
    push(snapshot, to)
    seconds = time.perf_counter() - start
    after = []
    with tempfile.TemporaryDirectory() as folder:
        for what, do in (
            ("push, nothing to do", lambda: push(snapshot, to)),
            ("push --again", lambda: push(snapshot, to, again=True)),
            ("pull", lambda: pull(to, Store(Path(folder) / "pulled"))),
        ):
            start = time.perf_counter()
            if again:
                do()
                after.append((what, round(time.perf_counter() - start, 1)))
    return seconds, pl.DataFrame(after, schema=["what", "seconds"], orient="row")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    snapshot = Store(given.store).current()
    nodes = sum(snapshot.nodes(kind).height for kind in NODE_KINDS)
    ties = sum(snapshot.relationships(kind).height for kind in RELATIONSHIP_KINDS)
    print(f"{snapshot.id}: {nodes:,} nodes, {ties:,} relationships")
    seconds: dict[str, list[float]] = {"bare": [], "push": []}
    for _ in range(given.rounds):
        with server() as to:
            seconds["bare"].append(bare(snapshot, to))
        print(f"bare driver  {seconds['bare'][-1]:6.1f} s", flush=True)
        with server() as to:
            took, after = pushed(snapshot, to, given.again)
        seconds["push"].append(took)
        print(f"push         {took:6.1f} s", flush=True)
        for what, each in after.iter_rows():
            print(f"  {what}: {each} s", flush=True)
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    rate = (nodes + ties) / middle["push"]
    print(f"push / bare driver: {middle['push'] / middle['bare']:.2f}; {rate:,.0f} rows/s")


if __name__ == "__main__":
    main()
