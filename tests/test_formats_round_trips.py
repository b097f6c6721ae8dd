"""What is exported and read back is what it was: in every format that can be read, on generated
graphs, on the bundled evidence and on England."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from generated_graphs import UNUSUAL, awkward, partitions, snapshot_of, unusual
from hypothesis import given, settings

from icsgraph.graph.diff import diff
from icsgraph.graph.formats.content import tables_of
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.importing import import_file, read_file
from icsgraph.graph.formats.registry import FORMATS
from icsgraph.graph.selection import of_kinds
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.graph.within import within

WHOLE = ["parquet", "csv", "sqlite"]
OF_RDF = ["turtle", "nquads", "jsonld"]
OF_NODES_AND_EDGES = ["json", "graphml", "gexf", "kgx", "kgx-jsonl", *OF_RDF]
EVERY = [*WHOLE, *OF_NODES_AND_EDGES]
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
        assert_same_table(tables[1][place], table, place)


def assert_same_table(again: pl.DataFrame, table: pl.DataFrame, place: object) -> None:
    """Equal types and values, what is no number too."""
    assert again.schema == table.schema
    for column in table.columns:
        if not again[column].equals(table[column], null_equal=True):  # also where NaN is
            assert again[column].to_list() == table[column].to_list(), (place, column)


@given(made=partitions())
@settings(max_examples=6)
def test_every_format_gives_a_generated_graph_back(made):
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(Path(folder) / "store", made)
        for name in EVERY:
            export(snapshot, name, Path(folder) / name)
            held = read_file(name, Path(folder) / name)
            for group, kind, table in tables_of(snapshot):
                if table.height and (group in GRAPH or name in WHOLE):
                    again = getattr(held, group)[kind]
                    by = ["id"] if group in GRAPH else []
                    assert_same_table(again.sort(by) if by else again, table.sort(by), name)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("made", [awkward, unusual])
def test_every_awkward_value_comes_back(name, made, tmp_path):
    numbers = UNUSUAL[1:] if name == "sqlite" else UNUSUAL
    part = unusual(numbers) if made is unusual else awkward()
    snapshot = snapshot_of(tmp_path / "store", [part])
    again = back(snapshot, name, tmp_path)
    assert_same_graph(snapshot, again)
    assert again.id == snapshot.id or name not in WHOLE


def test_sqlite_says_which_numbers_it_does_not_hold(tmp_path):
    snapshot = snapshot_of(tmp_path / "store", [unusual([float("nan"), -0.0, 0.5])])
    assert export(snapshot, "sqlite", tmp_path / "graph.sqlite") == (
        "1 values that are no number (NaN) are missing: SQLite has none.",
        "1 values of -0.0 are 0.0, which is the same number.",
    )
    numbers = read_file("sqlite", tmp_path / "graph.sqlite").relationships["TREATS_RESIDENTS_OF"]
    assert sorted(numbers["share"], key=str) == [0.0, 0.5, None]


@pytest.mark.parametrize("name", EVERY)
def test_a_graph_without_statements_and_one_without_anything_come_back(name, sample, tmp_path):
    innovations = of_kinds(sample.snapshot, ["Innovation"])
    for each in (innovations, within(innovations, ["ods:QE1"])):
        (tmp_path / str(each.view)).mkdir()
        again = back(each, name, tmp_path / str(each.view))
        assert_same_graph(each, again)
    assert again.nodes("Innovation").is_empty()


@pytest.mark.parametrize("name", [*WHOLE, *OF_RDF, "json", "graphml", "kgx", "kgx-jsonl"])
def test_the_evidence_comes_back_with_its_sources(name, sample, tmp_path):
    assert diff(sample.snapshot, back(sample.snapshot, name, tmp_path)).rows.is_empty()


def test_gexf_gives_the_evidence_back_and_names_its_source(sample, tmp_path):
    again = back(sample.snapshot, "gexf", tmp_path)
    assert_same_graph(sample.snapshot, again)
    (source,) = again.manifest["sources"]
    assert (source["id"], source["as_of"]) == ("evidence@2026-11", "2026-11")


@pytest.mark.parametrize("name", ["parquet", "graphml", "gexf"])
def test_england_comes_back(name, england, tmp_path):
    assert_same_graph(england.snapshot, back(england.snapshot, name, tmp_path))


@pytest.mark.parametrize("name", ["nquads", "turtle"])
def test_what_england_has_most_of_comes_back_as_triples(name, england, tmp_path):
    kinds = {"nquads": ["LOCATED_IN", "PART_OF"], "turtle": ["PART_OF"]}
    most = of_kinds(england.snapshot, kinds[name])
    assert_same_graph(most, back(most, name, tmp_path))


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
