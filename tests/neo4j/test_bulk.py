"""The bulk files of the format neo4j, taken in by neo4j-admin itself and read from the server."""

from generated_graphs import AWKWARD, awkward, snapshot_of

from icsgraph.benchmarks.neo4j_push import after_import
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.neo4j_server import Server
from icsgraph.graph.pushed import ENDS, nodes_on, relationships_on

PASSWORD = "icsgraph-tests"
# The bulk files separate the texts of a list by it, and leave it out of them, as export says.
TEXTS = [text for text in AWKWARD if "\x1f" not in text]


def test_what_neo4j_admin_takes_in_is_what_was_exported(address, own_server, tmp_path):
    snapshot = snapshot_of(tmp_path / "store", [awkward(TEXTS)])
    assert export(snapshot, "neo4j", tmp_path / "bulk") == ()
    own_server.take_in(tmp_path / "bulk")
    with Server(own_server.start(), password=PASSWORD) as server:
        after_import(server, tmp_path / "bulk")
        for kind in ("Organisation", "Source"):
            assert nodes_on(server, kind).equals(snapshot.nodes(kind))
        told = relationships_on(server, "TREATS_RESIDENTS_OF").drop(list(ENDS))
        assert told.equals(snapshot.relationships("TREATS_RESIDENTS_OF"))
