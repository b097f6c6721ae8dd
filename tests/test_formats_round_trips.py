"""What is exported and read back is what it was: in every format that can be read, on generated
graphs, on the bundled evidence and on England."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from generated_graphs import awkward, partitions, snapshot_of
from hypothesis import given, settings

from icsgraph.graph.diff import diff
from icsgraph.graph.formats.content import tables_of
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.importing import import_file
from icsgraph.graph.formats.registry import FORMATS
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store

WHOLE = ["parquet", "csv", "sqlite"]
OF_RDF = ["turtle", "nquads", "jsonld"]
OF_NODES_AND_EDGES = ["json", "graphml", "gexf", "kgx", "kgx-jsonl", *OF_RDF]
GRAPH = ("nodes", "relationships")


def back(snapshot: Snapshot, format_name: str, folder: Path) -> Snapshot:
    """A snapshot after export and import."""
    export(snapshot, format_name, folder / "exported")
    store = Store(folder / "again")
    import_file(store, format_name, folder / "exported")
    return store.current()


def assert_same_graph(one: Snapshot, other: Snapshot) -> None:
    """Every table of nodes and relationships is equal, types, order and missing values too."""
    tables = [
        {(group, name): table for group, name, table in tables_of(each) if group in GRAPH}
        for each in (one, other)
    ]
    for place, table in tables[0].items():
        assert tables[1][place].schema == table.schema
        for column in table.columns:
            assert tables[1][place][column].to_list() == table[column].to_list(), (place, column)


@given(made=partitions())
@settings(max_examples=12)
def test_every_format_gives_a_generated_graph_back(made):
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(Path(folder) / "store", made)
        for name in [*WHOLE, *OF_NODES_AND_EDGES]:
            (Path(folder) / name).mkdir()
            again = back(snapshot, name, Path(folder) / name)
            assert_same_graph(snapshot, again)
            assert again.id == snapshot.id or name not in WHOLE, name


@pytest.mark.parametrize("name", [*WHOLE, *OF_NODES_AND_EDGES])
def test_every_awkward_text_comes_back(name, tmp_path):
    snapshot = snapshot_of(tmp_path / "store", [awkward()])
    assert_same_graph(snapshot, back(snapshot, name, tmp_path))


@pytest.mark.parametrize("name", [*WHOLE, *OF_RDF, "json", "graphml", "kgx", "kgx-jsonl"])
def test_the_evidence_comes_back_with_its_sources(name, sample, tmp_path):
    assert diff(sample.snapshot, back(sample.snapshot, name, tmp_path)).rows.is_empty()


def test_gexf_gives_the_evidence_back_and_names_its_source(sample, tmp_path):
    again = back(sample.snapshot, "gexf", tmp_path)
    assert_same_graph(sample.snapshot, again)
    (source,) = again.manifest["sources"]
    assert (source["id"], source["as_of"]) == ("evidence@2026-11", "2026-11")


@pytest.mark.parametrize("name", ["parquet", "graphml"])
def test_england_comes_back(name, england, tmp_path):
    assert_same_graph(england.snapshot, back(england.snapshot, name, tmp_path))


ONCE = """
import sys
from pathlib import Path
from icsgraph.graph.files import sha256
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.registry import FORMATS
from icsgraph.graph.store import Store
snapshot = Store(sys.argv[1]).current()
for name in FORMATS:
    export(snapshot, name, Path(sys.argv[2], name))
    print(name, sha256(Path(sys.argv[2], name)))
"""


def test_two_exports_of_one_snapshot_are_the_same_bytes(tmp_path):
    snapshot_of(tmp_path / "store", [awkward()])
    told = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", ONCE, str(tmp_path / "store"), str(tmp_path / seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        told.append(ran.stdout.splitlines())
    assert told[0] == told[1]
    assert len(told[0]) == len(FORMATS)
