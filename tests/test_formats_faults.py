"""Files that cannot be read say where and what next; nothing half stands anywhere."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import networkx as nx
import polars as pl
import pytest
from generated_graphs import awkward, snapshot_of

from icsgraph.graph.accounts import problems
from icsgraph.graph.formats import graphml
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.importing import import_file, read_file
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import sample_sources
from icsgraph.ontology.errors import DataError, FileFault, StoreError, UnknownName, UsageError
from icsgraph.pipeline import build

ENDING = {"graphml": ".graphml", "gexf": ".gexf", "json": ".json", "sqlite": ".sqlite"}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Snapshot:
    return snapshot_of(tmp_path_factory.mktemp("small") / "store", [awkward(["", "a", "b"])])


@pytest.fixture
def exported(small, tmp_path):
    def to(name: str) -> Path:
        path = tmp_path / f"graph{ENDING.get(name, '')}"
        export(small, name, path)
        return path

    return to


def changed(file: Path, old: str, new: str) -> Path:
    """A file in which a text was replaced once; it must be there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return file


def said(format_name: str, path: Path) -> str:
    """What is said of a file that cannot be read, without its folder."""
    with pytest.raises(DataError) as error:
        read_file(format_name, path)
    return str(error.value).replace(f"{path.parent}/", "").replace(f"{path.parent}\\", "")


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_an_xml_file_that_is_cut_off_names_its_line(name, exported):
    file = exported(name)
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines[:20], lines[20][:10]]), encoding="utf-8")
    assert said(name, file).startswith(f"graph.{name}, row 21: it is not well-formed XML (")


def test_a_json_file_that_is_cut_off_names_its_line(exported):
    file = exported("json")
    file.write_text(file.read_text("utf-8")[:-40], encoding="utf-8")
    last = len(file.read_text("utf-8").splitlines())
    assert said("json", file).startswith(f"graph.json, row {last}: it is not well-formed JSON")


def test_a_file_of_another_format_says_which(exported, tmp_path):
    assert said("gexf", exported("graphml")) == (
        "graph.graphml, row 2: its outermost element is graphml, not gexf."
    )
    export_to_csv = exported("csv")
    assert said("parquet", export_to_csv).splitlines() == [
        "graph/icsgraph.json: this is csv, not parquet.".replace("/", str(Path("/"))[-1:]),
        "icsgraph import csv ...",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        ("graphml", '"n-lon">0.1<', '"n-lon">east<', "graph.graphml, row {}, column lon"),
        ("gexf", '"lon" value="0.1"', '"lon" value="east"', "graph.gexf, row {}, column lon"),
        ("json", '"lon":0.1', '"lon":"east"', "graph.json, row {}, column lon"),
    ],
)
def test_a_value_that_is_none_of_its_type_names_line_and_column(name, old, new, where, exported):
    file = changed(exported(name), old, new)
    lines = file.read_text("utf-8").splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if "east" in text]
    assert said(name, file).startswith(f'{where.format(line)}: "east" is no number.')


@pytest.mark.parametrize(
    ("column", "old", "new", "reason"),
    [
        ("is_provider", ",true,", ",maybe,", '"maybe" is neither true nor false.'),
        ("other_names", '"[""a"",""another""]"', '"[a]"', '"[a]" is no list of texts'),
    ],
)
def test_a_value_in_a_table_names_row_and_column(column, old, new, reason, exported):
    folder = exported("csv")
    file = changed(folder / "nodes" / "Organisation.csv", old, new)
    assert f"Organisation.csv, row 3, column {column}: {reason}" in said("csv", folder)
    assert file.exists()


def test_a_column_that_nobody_declared_names_the_nearest(exported):
    folder = exported("csv")
    changed(folder / "nodes" / "Organisation.csv", ",note,", ",notes,")
    told = said("csv", folder)
    assert "Organisation.csv: there is no column notes.\nThe nearest: note" in told


def test_a_row_that_is_cut_off(exported):
    folder = exported("csv")
    file = folder / "nodes" / "Organisation.csv"
    file.write_text(file.read_text("utf-8") + '"half', encoding="utf-8")
    assert "Organisation.csv" in said("csv", folder)


def test_a_kind_that_nobody_declared_names_the_nearest(exported):
    folder = exported("csv")
    (folder / "nodes" / "Organisation.csv").rename(folder / "nodes" / "Organization.csv")
    assert "there is no kind Organization.\nThe nearest: Organisation, Location." in said(
        "csv", folder
    )


@pytest.mark.parametrize(
    ("name", "file", "first", "table"),
    [
        ("csv", "nodes/Organisation.csv", "icsg:body/2", "nodes/Organisation, and 3"),
        ("kgx", "edges.tsv", "icsg:body", "relationships/TREATS_RESIDENTS_OF, and 2"),
        ("kgx-jsonl", "nodes.jsonl", "icsg:body/1", "nodes/Organisation, and 3"),
        ("turtle", "", "<statement", "relationships/TREATS_RESIDENTS_OF, and 2"),
        ("nquads", "", "/id/statement", "relationships/TREATS_RESIDENTS_OF, and 2"),
    ],
)
def test_rows_that_are_cut_off_whole_are_missed(name, file, first, table, exported):
    place = exported(name)
    path = place / file if file else place
    kept, cut, _ = path.read_text("utf-8").partition(first)
    assert cut
    path.write_text(kept[: kept.rindex("\n") + 1], encoding="utf-8", newline="\n")
    told = said(name, place)
    assert told.startswith(f"{place.name}: it holds ") and f"rows of {table} were" in told


def test_a_table_that_is_gone_is_missed(exported):
    folder = exported("parquet")
    (folder / "relationships" / "TREATS_RESIDENTS_OF.parquet").unlink()
    assert said("parquet", folder).startswith(
        "graph: it holds 0 rows of relationships/TREATS_RESIDENTS_OF, and 2 were exported.\n"
    )


@pytest.mark.parametrize(
    ("name", "file"), [("csv", "nodes/Organisation.csv"), ("kgx", "nodes.tsv")]
)
def test_a_last_row_without_its_end_is_told(name, file, exported):
    folder = exported(name)
    path = folder / file
    path.write_bytes(path.read_bytes()[:-1])
    last = len(path.read_bytes().split(b"\n"))
    assert f"{path.name}, row {last}: the last row has no end." in said(name, folder)


@pytest.mark.parametrize(
    ("name", "file"),
    [("csv", "nodes/Organisation.csv"), ("kgx", "nodes.tsv"), ("kgx-jsonl", "nodes.jsonl")],
)
def test_text_in_another_encoding_names_its_row(name, file, exported):
    folder = exported(name)
    path = folder / file
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b"icsg:", b"\xe9csg:", 1)
    path.write_bytes(b"\n".join(lines))
    assert f"{path.name}, row 2: " in said(name, folder)


def test_a_table_with_semicolons_says_so(exported):
    folder = exported("csv")
    file = folder / "nodes" / "Organisation.csv"
    file.write_text("id;name\nods:R1H;Barts\n", encoding="utf-8-sig")
    assert "Organisation.csv, row 1: its columns stand between semicolons." in said("csv", folder)


def test_a_missing_value_in_a_list_is_told(exported, tmp_path):
    file = changed(exported("json"), '["a","another"]', '["a",null]')
    assert 'row 4, column other_names: "["a", null]" is no list of texts' in said("json", file)
    table = tmp_path / "graph" / "nodes" / "Organisation.parquet"
    holes = pl.read_parquet(exported("parquet") / "nodes" / table.name)
    holes.with_columns(other_names=pl.lit([None], pl.List(pl.String))).write_parquet(table)
    with pytest.raises(DataError, match='column other_names: "" holds a missing value'):
        import_file(Store(tmp_path / "again"), "parquet", table.parents[1])


def test_what_is_no_database_and_no_parquet(tmp_path, exported):
    file = tmp_path / "text.sqlite"
    file.write_text("no database", encoding="utf-8")
    assert said("sqlite", file).startswith("text.sqlite: it is no SQLite database that icsgraph")
    folder = exported("parquet")
    table = folder / "nodes" / "Organisation.parquet"
    table.write_bytes(table.read_bytes()[:-30])
    assert "Organisation.parquet: it cannot be read as Parquet" in said("parquet", folder)


def test_a_value_that_was_changed_in_the_database(exported):
    file = exported("sqlite")
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE Organisation SET is_provider = 7 WHERE id = 'icsg:body/1'")
        database.commit()
    told = said("sqlite", file)
    assert told.startswith("graph.sqlite, table Organisation, row 3, column is_provider:")


def test_a_row_of_kgx_that_names_no_kind_of_ours(tmp_path):
    (tmp_path / "nodes.tsv").write_text("id\tcategory\nMONDO:1\tbiolink:Disease\n", "utf-8")
    (tmp_path / "edges.tsv").write_text("subject\tpredicate\tobject\n", "utf-8")
    with pytest.raises(FileFault) as error:
        read_file("kgx", tmp_path)
    assert "nodes.tsv, row 1: it has no column kind." in str(error.value)


def test_a_graph_of_somebody_else_is_refused_with_the_way_in(tmp_path):
    nx.write_graphml(nx.DiGraph([("a", "b")]), tmp_path / "other.graphml")
    assert said("graphml", tmp_path / "other.graphml").splitlines() == [
        "other.graphml, row 4: a node has no attribute kind.",
        "It is no graph of this ontology. Data of your own comes in otherwise: "
        "icsgraph template own-data",
    ]
    nx.write_gexf(nx.Graph([("a", "b")]), tmp_path / "other.gexf")
    assert "it holds an undirected graph" in said("gexf", tmp_path / "other.gexf")
    link = json.dumps(nx.node_link_data(nx.DiGraph([("a", "b")]), edges="edges"))
    (tmp_path / "other.json").write_text(link, encoding="utf-8")
    assert said("json", tmp_path / "other.json").startswith(
        "other.json, nodes, row 1: a node has no attribute kind."
    )


def foreign() -> nx.MultiDiGraph:
    """A graph as another program may write it: kinds and columns of ours, and a colour."""
    graph = nx.MultiDiGraph()
    graph.add_node("ods:R1H", kind="Organisation", name="Barts", colour="red")
    graph.add_node("ods:QMF", kind="System", name="North East London", colour="blue")
    told = {"kind": "LOCATED_IN", "source": "mine@2026", "knowledge_level": "survey"}
    graph.add_edge("ods:R1H", "ods:QMF", key="one", **told)
    return graph


def test_a_graph_of_another_program_with_our_kinds_is_read_and_the_reading_told(tmp_path):
    nx.write_graphml(foreign(), tmp_path / "own.graphml")
    store = Store(tmp_path / "store")
    _, notes = import_file(store, "graphml", tmp_path / "own.graphml")
    assert notes == (
        f"{tmp_path / 'own.graphml'} was not written by icsgraph: what a node or an edge is was "
        "read from its attribute kind, and its columns from attributes of their names.",
        "Attributes that no column takes were passed over: colour (2).",
    )
    (tie,) = store.current().relationships("LOCATED_IN").to_dicts()
    assert (tie["id"], tie["subject"], tie["source"]) == ("one", "ods:R1H", "mine@2026")
    assert [facts["id"] for facts in store.current().manifest["sources"]] == ["mine@2026"]


def test_entities_are_not_expanded(tmp_path):
    file = tmp_path / "bomb.graphml"
    file.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE graphml [\n<!ENTITY a "b">\n]>\n<graphml>&a;</graphml>',
        encoding="utf-8",
    )
    assert said("graphml", file) == "bomb.graphml, row 3: it declares entities of its own."


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("icsg:body/0", "icsg:body/9", "has the subject icsg:body/0, which is not among the nodes"),
        ("2020-12-31", "in 2020", 'column start_latest: "in 2020" is no ISO date.'),
        ("icsg:body/1", "icsg:body/0", "Organisation icsg:body/0 stands there twice."),
    ],
)
def test_what_is_no_graph_of_the_ontology_makes_no_store(old, new, reason, exported, tmp_path):
    file = changed(exported("json"), old, new)
    with pytest.raises(DataError) as error:
        import_file(Store(tmp_path / "again"), "json", file)
    assert reason in str(error.value)
    assert not (tmp_path / "again").exists()


def test_a_store_that_was_built_is_not_written_over(exported, tmp_path):
    built = snapshot_of(tmp_path / "built", [awkward(["a", "b"])])
    with pytest.raises(StoreError, match="holds a graph that was built from sources"):
        import_file(Store(tmp_path / "built"), "json", exported("json"))
    assert Store(tmp_path / "built").current().id == built.id


def test_a_store_that_was_read_back_is_in_order_and_takes_no_sources(exported, tmp_path):
    store = Store(tmp_path / "again")
    import_file(store, "csv", exported("csv"))
    assert problems(store) == []
    with pytest.raises(StoreError, match="was read back from an export"):
        build(store, sample_sources())
    import_file(store, "csv", tmp_path / "graph")  # once more is no harm


def test_an_export_that_fails_leaves_what_was_there(small, tmp_path, monkeypatch):
    place = tmp_path / "graph.graphml"
    export(small, "graphml", place)
    before = place.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(graphml, "put_lines", full)
    with pytest.raises(OSError, match="No space"):
        export(small, "graphml", place)
    assert place.read_bytes() == before
    assert list(tmp_path.iterdir()) == [place]


def test_an_earlier_export_in_a_folder_is_replaced_and_nothing_else(small, tmp_path):
    export(small, "csv", tmp_path / "out")
    export(small, "kumu", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "connections.csv",
        "elements.csv",
        "icsgraph.json",
    ]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(UsageError, match="holds other things"):
        export(small, "csv", tmp_path / "mine")
    with pytest.raises(UsageError, match="is a folder, and graphml is one file"):
        export(small, "graphml", tmp_path / "mine")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on systems with named pipes")
def test_a_device_or_a_pipe_is_not_replaced(small, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="pipe is a device or a pipe, and no file"):
        export(small, "json", tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="only on Linux")
def test_a_folder_in_which_nothing_can_be_written_is_named_as_given(small):
    with pytest.raises(OSError) as error:
        export(small, "json", "/proc/graph.json")
    assert error.value.filename == str(Path("/proc/graph.json"))


def test_formats_that_are_not_there(small, tmp_path):
    with pytest.raises(UnknownName, match="nearest names: graphml"):
        export(small, "graphlm", tmp_path / "x")
    with pytest.raises(UsageError, match="only written"):
        read_file("kumu", tmp_path)
    with pytest.raises(UsageError, match="There is no file"):
        read_file("json", tmp_path / "nothing.json")


def test_what_a_format_cannot_hold_is_said(sample, tmp_path):
    lost = export(sample.snapshot, "gexf", tmp_path / "x.gexf")
    assert lost[0].startswith("One start and one end are held")
    told = export(snapshot_of(tmp_path / "store", [awkward()]), "graphml", tmp_path / "x.graphml")
    assert told[0].startswith("3 values hold control characters, which XML cannot")
    assert export(sample.snapshot, "parquet", tmp_path / "tables") == ()


def test_every_column_has_one_type_in_all_kinds(small):
    """GraphML and GEXF declare a column once for all kinds of node, once for all of edge."""
    from icsgraph.graph.formats.content import columns_of
    from icsgraph.ontology.model import NODE_KINDS
    from icsgraph.ontology.relationships import RELATIONSHIP_KINDS

    for group, kinds in (("nodes", NODE_KINDS), ("relationships", RELATIONSHIP_KINDS)):
        types: dict[str, set[pl.DataType]] = {}
        for kind in kinds:
            for column, type_ in columns_of(group, kind).items():
                types.setdefault(column, set()).add(type_)
        assert {column: found for column, found in types.items() if len(found) > 1} == {}
