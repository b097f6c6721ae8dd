"""Push and pull with a real Neo4j server: what it holds after, whatever happens on the way."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest
from generated_graphs import partitions, snapshot_of
from hypothesis import HealthCheck, given, settings

from icsgraph.graph.diff import diff
from icsgraph.graph.neo4j_server import Server
from icsgraph.graph.partitions import Partition
from icsgraph.graph.pull import pull
from icsgraph.graph.push import push
from icsgraph.graph.push_lock import alone
from icsgraph.graph.push_writes import write_relationships
from icsgraph.graph.pushed import nodes_on, push_on, relationships_on
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import DataError, ServiceFailed, StoreError, UsageError
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.pipeline import build, remove
from icsgraph.session import Graph

PASSWORD = "icsgraph-tests"
TRUSTS = {"ods:R1H": "Barts", "ods:RWK": "East London"}


def edition(
    source: str, located: dict[str, str], things: dict[str, str] = TRUSTS, **more: pl.DataFrame
) -> Partition:
    """An edition that names two trusts, two systems, and in which system a trust is."""
    facts = {
        "id": source,
        "data_set": source.partition("@")[0],
        "title": source,
        "as_of": source.partition("@")[2],
        "complete": True,
        "official": True,
        "files": [],
        "accounting": [],
    }
    nodes = {
        "Organisation": pl.DataFrame({"id": list(things), "name": list(things.values())}),
        "System": pl.DataFrame({"id": ["ods:QMF", "ods:QMJ"], "name": ["North East", "Central"]}),
    }
    ends = {"subject": list(located), "object": list(located.values())}
    ties = pl.DataFrame({**ends, "knowledge_level": ["register"] * len(located)})
    return Partition(facts, {**nodes, **more}, {"LOCATED_IN": ties})


BOTH_IN_NORTH_EAST = {"ods:R1H": "ods:QMF", "ods:RWK": "ods:QMF"}


@pytest.fixture
def snapshot(tmp_path: Path, built) -> Callable[..., Snapshot]:
    """Builds a snapshot of editions in a store of its own."""
    stores = iter(range(99))
    return lambda *parts: built(tmp_path / f"store-{next(stores)}", *parts)


def all_of(server: Server) -> list[object]:
    """Every node and relationship on a server, also those that are not ours, with the ids that the
    server itself gives them."""
    return server.read(
        "MATCH (n) RETURN elementId(n) AS id, labels(n) AS what, properties(n) AS facts, '' AS a, "
        "'' AS b ORDER BY id UNION ALL MATCH (a)-[r]->(b) RETURN elementId(r) AS id, "
        "[type(r)] AS what, properties(r) AS facts, a.id AS a, b.id AS b ORDER BY id"
    )


def holds(server: Server, snapshot: Snapshot) -> bool:
    """Whether the graph on a server is that of a snapshot, row by row."""
    same = [nodes_on(server, kind).equals(snapshot.nodes(kind)) for kind in NODE_KINDS]
    for kind in RELATIONSHIP_KINDS:
        ties = snapshot.relationships(kind)
        same.append(relationships_on(server, kind).select(ties.columns).equals(ties))
    return all(same)


def test_the_evidence_comes_back_whole(
    holding, sample: Graph, server: Server, tmp_path: Path
) -> None:
    holding(sample)
    pulled = pull(server, Store(tmp_path / "pulled"))
    assert pulled.snapshot == pulled.pushed == sample.snapshot.id
    assert diff(sample.snapshot, Store(tmp_path / "pulled").current()).rows.is_empty()


@pytest.mark.parametrize("again", [False, True])
def test_a_second_push_changes_nothing(again: bool, holding, sample: Graph, server: Server) -> None:
    holding(sample)
    before = all_of(server)
    done = push(sample.snapshot, server, again=again)
    assert (done.written, done.removed) == (0, 0)
    unchanged = all_of(server) == before  # a thousand rows: pytest need not show where they differ
    assert unchanged


def test_a_view_is_not_pushed_but_a_store_of_it(sample: Graph) -> None:
    with pytest.raises(UsageError, match="no snapshot") as refused:
        push(sample.on("2021-06-30").snapshot, Server("bolt://127.0.0.1:1"))
    assert "icsgraph push URL --store part-store" in refused.value.hint


def test_two_sources_that_say_the_same_stay_two(empty_server: Server, snapshot) -> None:
    both = (edition("ods@2026", BOTH_IN_NORTH_EAST), edition("nhs@2026", BOTH_IN_NORTH_EAST))
    push(snapshot(*both), empty_server)
    said = relationships_on(empty_server, "LOCATED_IN").sort("subject", "source")
    assert said.select("subject", "source").rows() == [
        ("ods:R1H", "nhs@2026"),
        ("ods:R1H", "ods@2026"),
        ("ods:RWK", "nhs@2026"),
        ("ods:RWK", "ods@2026"),
    ]
    assert said["id"].n_unique() == 4


def test_a_source_that_is_removed_takes_its_statements_and_no_others(
    empty_server: Server, tmp_path: Path, built
) -> None:
    more = {**TRUSTS, "ods:RAL": "Royal Free"}
    store = Store(tmp_path / "store")
    built(
        store.path,
        edition("ods@2026", BOTH_IN_NORTH_EAST),
        edition("nhs@2026", {"ods:R1H": "ods:QMF", "ods:RAL": "ods:QMJ"}, more),
    )
    push(store.current(), empty_server)
    kept = [row for row in all_of(empty_server) if row[2].get("source") == "ods@2026"]
    remove(store, "nhs@2026")
    build(store)
    done = push(store.current(), empty_server)
    assert done.removed == 3  # two statements, and the trust that only they were about
    assert [row for row in all_of(empty_server) if row[2].get("source")] == kept
    assert holds(empty_server, store.current())


def test_a_statement_follows_its_thing_to_another_id_and_kind(
    empty_server: Server, snapshot
) -> None:
    """The statement keeps its id while its end changes: nothing may be in its way."""
    push(snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST)), empty_server)
    same = pl.DataFrame({"id": ["ods:QMX"], "codes": [["ods:QMF"]], "name": ["North East"]})
    merged = edition("ods@2026", BOTH_IN_NORTH_EAST)
    merged.nodes["System"] = pl.concat([merged.nodes["System"], same], how="diagonal")
    after = snapshot(merged)
    push(after, empty_server)
    assert holds(empty_server, after)


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=partitions())
def test_any_graph_replaces_any_other_and_comes_back(
    made: list[Partition], server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("made")
    snapshot = snapshot_of(folder / "store", made)
    push(snapshot, server)
    assert holds(server, snapshot)
    assert pull(server, Store(folder / "pulled")).snapshot == snapshot.id


def test_nodes_of_others_are_neither_touched_nor_passed_over(
    empty_server: Server, snapshot, tmp_path: Path
) -> None:
    ours = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST))
    empty_server.write("CREATE (:Note {text: 'mine'})")
    with pytest.raises(UsageError, match="holds 1 nodes that are not of icsgraph"):
        push(ours, empty_server)
    assert len(all_of(empty_server)) == 1
    push(ours, empty_server, into_shared=True)
    assert holds(empty_server, ours)
    assert empty_server.read("MATCH (n:Note) RETURN n.text") == [["mine"]]
    assert pull(empty_server, Store(tmp_path / "pulled")).snapshot == ours.id


def test_nodes_of_others_with_our_labels_are_refused(empty_server: Server, snapshot) -> None:
    ours = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST))
    empty_server.write("CREATE (:Organisation {id: 'acme'})")
    with pytest.raises(UsageError, match="labels of the graph"):
        push(ours, empty_server, into_shared=True)
    assert len(all_of(empty_server)) == 1


def test_a_thing_that_is_gone_stays_while_others_hold_it(empty_server: Server, snapshot) -> None:
    push(snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST)), empty_server)
    empty_server.write("MATCH (o {id: 'ods:RWK'}) CREATE (o)<-[:ABOUT_IT]-(:Note)")
    without = snapshot(edition("ods@2026", {"ods:R1H": "ods:QMF"}, {"ods:R1H": "Barts"}))
    assert push(without, empty_server, into_shared=True).kept_for_others == 1
    assert holds(empty_server, without)
    labels = empty_server.read("MATCH (:Note)-->(o) RETURN labels(o)")
    assert labels == [[["IcsgraphFormer"]]]


def test_what_was_changed_by_hand_is_mended(empty_server: Server, snapshot) -> None:
    ours = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST))
    push(ours, empty_server)
    empty_server.write("MATCH (o {id: 'ods:RWK'}) SET o.name = 'Wrong'")
    assert push(ours, empty_server).written == 0  # as many rows as there should be
    assert push(ours, empty_server, again=True).written == 1
    empty_server.write("MATCH (o {id: 'ods:RWK'}) DETACH DELETE o")
    assert push(ours, empty_server).written == 2  # the trust, and its statement
    assert holds(empty_server, ours)


def test_a_statement_without_its_end_on_the_server_is_said(empty_server: Server, snapshot) -> None:
    rows = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST)).relationships("LOCATED_IN")
    with pytest.raises(DataError, match="2 LOCATED_IN could not be written"):
        write_relationships(empty_server, "LOCATED_IN", rows, print)


class CutAtCommit:
    """A way to a server that is cut, once, after a commit has gone there and before its answer."""

    def __init__(self, url: str) -> None:
        self.server = urlsplit(url)
        self.commits_left = -1
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"bolt://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                server = socket.create_connection((self.server.hostname, self.server.port))
                ends = ((client, server, True), (server, client, False))
                for ways in ends:
                    threading.Thread(target=self._pass_on, args=ways, daemon=True).start()

    def _pass_on(self, start: socket.socket, end: socket.socket, to_server: bool) -> None:
        with suppress(OSError):
            while data := start.recv(65536):
                end.sendall(data)
                # A Bolt message COMMIT: two bytes of length, its tag, two bytes for the end.
                if to_server and b"\x00\x02\xb0\x12\x00\x00" in data:
                    self.commits_left -= 1
                    if self.commits_left == 0:
                        break
        for each in (start, end):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RD if each is start else socket.SHUT_WR)
            each.close()


def test_a_commit_whose_answer_is_lost_is_not_made_twice(empty_server: Server, snapshot) -> None:
    ours = snapshot(
        edition("ods@2026", BOTH_IN_NORTH_EAST), edition("nhs@2026", BOTH_IN_NORTH_EAST)
    )
    way = CutAtCommit(empty_server.url)

    def cut_at_the_next(step: str, done: int, total: int) -> None:
        if step == "Writing Organisation":
            way.commits_left = 1

    with Server(way.url, password=PASSWORD, patience=1) as cut:
        with pytest.raises(ServiceFailed):
            push(ours, cut, tell=cut_at_the_next)
    assert not push_on(empty_server).finished
    push(ours, empty_server)
    assert holds(empty_server, ours)
    way.listening.close()


def test_a_server_that_dies_is_pushed_to_again(own_server, snapshot, tmp_path: Path) -> None:
    def kill_in_the_middle(step: str, done: int, total: int) -> None:
        if step == "Writing Organisation":
            own_server.kill()

    ours = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST))
    own_server.start()
    with Server(own_server.url, password=PASSWORD, patience=1) as server:
        with pytest.raises(ServiceFailed):
            push(ours, server, tell=kill_in_the_middle)

    own_server.start()
    with Server(own_server.url, password=PASSWORD) as server:
        with pytest.raises(DataError, match="has not finished"):
            pull(server, Store(tmp_path / "half"))
        assert push(ours, server).written == 4  # two systems, two statements: the trusts are there
        assert holds(server, ours)

    own_server.stop()
    own_server.start(NEO4J_SETTINGS="server.databases.default_to_read_only=true")
    with Server(own_server.url, password=PASSWORD, patience=1) as server:
        with pytest.raises(ServiceFailed, match="it may only be read"):
            push(ours, server, again=True)


STANDS_STILL = """
import sys
from pathlib import Path
from icsgraph.graph.neo4j_server import Server
from icsgraph.graph.push import push
from icsgraph.graph.push_lock import alone
from icsgraph.graph.store import Store

def stand_still(step, done, total):
    if step == "Writing Organisation":
        print(step, flush=True)
        sys.stdin.read()

with Server(sys.argv[2], password=sys.argv[3]) as server:
    push(Store(Path(sys.argv[1])).current(), server, tell=stand_still)
"""


def test_of_two_pushes_at_once_the_second_is_refused_until_the_first_has_ended_or_died(
    empty_server: Server, snapshot
) -> None:
    first = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST))
    second = snapshot(edition("ods@2026", {"ods:R1H": "ods:QMJ"}))
    command = [sys.executable, "-c", STANDS_STILL, str(Store.of(first).path), empty_server.url]
    process = subprocess.Popen(
        [*command, PASSWORD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "Writing Organisation\n"
    before = all_of(empty_server)
    for again in (first, second):
        with pytest.raises(ServiceFailed, match="another push to it is under way"):
            push(again, empty_server)
    assert all_of(empty_server) == before
    process.kill()
    process.communicate()
    assert push(second, empty_server).written == 3  # two systems, a statement: the trusts are there
    assert holds(empty_server, second)
    assert push(first, empty_server).written == 2  # nor is a push in the way that has ended
    assert holds(empty_server, first)


def test_a_push_that_is_not_alone_any_more_stops(empty_server: Server) -> None:
    with alone(empty_server) as still_alone:
        still_alone()
        empty_server.write("TERMINATE TRANSACTIONS " + ", ".join(open_transactions(empty_server)))
        with pytest.raises(ServiceFailed):
            still_alone()


def open_transactions(server: Server) -> list[str]:
    """The ids of the transactions that stand open on a server, but for the one that asks."""
    rows = server.read("SHOW TRANSACTIONS YIELD transactionId, currentQuery, status")
    return [f"'{id}'" for id, query, _ in rows if "SHOW TRANSACTIONS" not in (query or "")]


def test_only_a_push_is_pulled_and_only_to_a_store_without_sources(
    empty_server: Server, snapshot, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="Nothing was pushed"):
        pull(empty_server, Store(tmp_path / "pulled"))
    ours = snapshot(edition("ods@2026", BOTH_IN_NORTH_EAST))
    push(ours, empty_server)
    with pytest.raises(StoreError, match="built from sources"):
        pull(empty_server, Store.of(ours))
