"""A real Neo4j server for the tests: one a session, on a free port of this machine."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from icsgraph.benchmarks.neo4j_push import after_import
from icsgraph.graph.neo4j import Neo4j
from icsgraph.graph.neo4j_server import Server
from icsgraph.graph.push import push
from icsgraph.session import Graph

SCRIPT = Path(__file__).with_name("server.py")
PASSWORD = "icsgraph-tests"


def script(*arguments: object, **environment: str) -> str:
    """What `server.py` prints; a machine that lacks Java or Maven skips."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    environment = {**os.environ, "NEO4J_PASSWORD": PASSWORD, **environment}
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if ran.returncode == MISSING:
        pytest.skip(ran.stdout.strip())
    assert ran.returncode == 0, ran.stdout
    return ran.stdout.strip()


MISSING = 4


@dataclass
class Running:
    """A server of a test's own, which the test may kill and start again."""

    home: Path
    url: str = ""

    def take_in(self, bulk: Path) -> None:
        """Before the first start: what was exported as bulk files."""
        script("import", self.home, bulk)

    def start(self, **environment: str) -> str:
        self.url = script("start", self.home, **environment)
        return self.url

    def stop(self) -> None:
        script("stop", self.home)

    def kill(self) -> None:
        script("kill", self.home)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server of the session is."""
    running = Running(tmp_path_factory.mktemp("neo4j"))
    yield running.start()
    running.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Running]:
    """A server of a test's own, not started yet."""
    running = Running(tmp_path / "neo4j")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def england_on_neo4j(england: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    """A server of its own that holds all of England, as bulk files: a push would take minutes."""
    folder = tmp_path_factory.mktemp("england")
    england.export("neo4j", folder / "bulk")
    running = Running(folder / "neo4j")
    running.take_in(folder / "bulk")
    try:
        engine = Neo4j(running.start(), password=PASSWORD)
        after_import(engine.server, folder / "bulk")
        yield engine
        engine.close()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def server(address: str) -> Iterator[Server]:
    """The server of the session, whatever it holds."""
    with Server(address, password=PASSWORD) as server:
        yield server


@pytest.fixture
def empty_server(server: Server) -> Server:
    """The server of the session, with nothing in it but constraints and indexes."""
    server.write("MATCH (n) DETACH DELETE n")
    return server


@pytest.fixture(scope="session")
def neo4j(address: str) -> Iterator[Neo4j]:
    """The engine that asks the server of the session."""
    engine = Neo4j(address, password=PASSWORD)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def holding(server: Server) -> Callable[[Graph], None]:
    """Lets the server of the session hold a graph."""

    def hold(graph: Graph) -> None:
        push(graph.snapshot, server)

    return hold
