"""How long a push to a Neo4j server takes, beside the bare driver sending the same batches.

    python benchmarks/neo4j_push.py STORE [--rounds 1] [--again]

Each time a new server is started (tests/neo4j/server.py, with Java's whole compiler and 1 GB of
heap), and both declare the same constraints before and the same indexes after. The bare driver
sends batches that are ready: only sending is timed, and nothing is read, checked or put down. The
two take turns at going first. On a busy machine look at the seconds of processors, of the server
and of this process together (Linux only). With --again the push is then repeated, once with nothing
to do and once comparing every table, and the graph is pulled back.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


class Clock:
    """Seconds that went by, and those of processors that the server and this process spent."""

    def __init__(self, home: str) -> None:
        self.process = (Path(home) / "run" / "pid").read_text(encoding="utf-8").strip()
        self.seconds = 0.0
        self.of_processors = 0.0

    def _spent(self) -> float:
        stat = Path(f"/proc/{self.process}/stat")
        if not stat.is_file():
            return time.process_time()
        user, system = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
        return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what is done meanwhile."""
        start, spent = time.perf_counter(), self._spent()
        yield
        self.seconds += time.perf_counter() - start
        self.of_processors += self._spent() - spent

    def __str__(self) -> str:
        return f"{self.seconds:6.1f} s, {self.of_processors:6.1f} s of processors"


@contextmanager
def server(bulk: Path | None = None) -> Iterator[tuple[Server, Clock]]:
    """A new server, with what a folder of bulk files holds; it is gone at the end."""
    environment = {"NEO4J_JIT": "", "NEO4J_HEAP": "1g", **os.environ, "NEO4J_PASSWORD": PASSWORD}
    with tempfile.TemporaryDirectory(prefix="neo4j-") as folder:
        home, command = str(Path(folder, "home")), [sys.executable, str(SCRIPT)]
        if bulk:
            subprocess.run([*command, "import", home, str(bulk)], env=environment, check=True)
        started = subprocess.run(
            [*command, "start", home], env=environment, check=True, capture_output=True, text=True
        )
        try:
            with Server(started.stdout.strip(), password=PASSWORD) as running:
                if bulk:
                    after_import(running, bulk)
                yield running, Clock(home)
        finally:
            subprocess.run([*command, "stop", home], check=True)


def after_import(server: Server, bulk: Path) -> None:
    """Do what the bulk files say is to be done after the import."""
    for statement in (bulk / "after-import.cypher").read_text("utf-8").split(";\n")[:-1]:
        server.write(statement)
    server.write("CALL db.awaitIndexes(600)")


def batches(snapshot: Snapshot) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Every text and batch that a push of a snapshot to an empty server sends."""
    tables = [(node_batch(kind), snapshot.nodes(kind)) for kind in NODE_KINDS]
    for kind in RELATIONSHIP_KINDS:
        tables.append((relationship_batch(kind), nested(snapshot.relationships(kind))))
    for text, table in tables:
        for batch in table.iter_slices(BATCH):
            yield text, batch.to_dicts()


def bare(snapshot: Snapshot, to: Server, clock: Clock) -> None:
    """Let the driver send it all."""
    unique = [each for each in neo4j_ddl() if each.startswith("CREATE CONSTRAINT")]
    with to.driver.session() as session:

        def send(texts: Iterable[str], rows: list[dict[str, object]] | None = None) -> None:
            with clock.running():
                session.execute_write(
                    lambda t: [t.run(each, rows=rows).consume() for each in texts]
                )

        send([*CONSTRAINTS, *unique])
        for text, rows in batches(snapshot):
            send([text], rows)
        send(neo4j_ddl())
        send(["CALL db.awaitIndexes(600)"])


def afterwards(snapshot: Snapshot, to: Server) -> None:
    """What else can be done once it is there: each is timed and printed."""
    with tempfile.TemporaryDirectory() as folder:
        for what, do in (
            ("push, nothing to do", lambda: push(snapshot, to)),
            ("push --again", lambda: push(snapshot, to, again=True)),
            ("pull", lambda: pull(to, Store(Path(folder) / "pulled"))),
        ):
            start = time.perf_counter()
            do()
            print(f"  {what}: {time.perf_counter() - start:.1f} s", flush=True)


def one(name: str, snapshot: Snapshot, again: bool) -> Clock:
    """The bare driver, or a push, to a new server."""
    with server() as (to, clock):
        if name == "bare driver":
            bare(snapshot, to, clock)
        else:
            with clock.running():
                push(snapshot, to)
        print(f"{name:<12} {clock}", flush=True)
        if name == "push" and again:
            afterwards(snapshot, to)
    return clock


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
    print(f"{snapshot.id}: {nodes:,} nodes, {ties:,} relationships", flush=True)
    clocks: dict[str, list[Clock]] = {"bare driver": [], "push": []}
    for number in range(given.rounds):
        for name in sorted(clocks, reverse=number % 2 == 1):
            clocks[name].append(one(name, snapshot, given.again))
    for what in ("seconds", "of_processors"):
        bare_driver, ours = (
            statistics.median(getattr(clock, what) for clock in clocks[name])
            for name in ("bare driver", "push")
        )
        rate = (nodes + ties) / ours
        print(f"push / bare driver, {what}: {ours / bare_driver:.2f} ({rate:,.0f} rows/s)")


if __name__ == "__main__":
    main()
