"""Our own GraphML and GEXF are read by columns, and by a parser once they were changed: alike."""

import pytest
from generated_graphs import awkward, snapshot_of, unusual

from icsgraph.graph.formats import gexf, graphml
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.importing import read_file
from icsgraph.graph.formats.parsing import GraphReader
from icsgraph.ontology.errors import FileFault

FORMATS = {"graphml": graphml, "gexf": gexf}


@pytest.fixture
def exported(tmp_path):
    def to(name, made):
        file = tmp_path / f"graph.{name}"
        export(snapshot_of(tmp_path / "store", [made()]), name, file)
        return file

    return to


def heard(monkeypatch) -> list[str]:
    """What the parser hears of nodes and edges."""
    told: list[str] = []
    begin = GraphReader.begin

    def hear(self, parser, name, given):
        told.append(name)
        begin(self, parser, name, given)

    monkeypatch.setattr(GraphReader, "begin", hear)
    return told


@pytest.mark.parametrize("made", [awkward, unusual])
@pytest.mark.parametrize("name", FORMATS)
def test_both_ways_read_the_same(name, made, exported, monkeypatch):
    file, told = exported(name, made), heard(monkeypatch)
    by_columns = FORMATS[name].read(file)
    assert told == []
    file.write_bytes(file.read_bytes().replace(b"<node id", b"<node  id", 1))
    by_parser = FORMATS[name].read(file)
    assert "node" in told and "edge" in told
    assert by_columns.said == by_parser.said
    tables = by_columns.nodes | by_columns.relationships
    for kind, table in (by_parser.nodes | by_parser.relationships).items():
        assert tables[kind].equals(table)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("another", "an<other", "not well-formed XML"),
        ("another", "an\x01other", "not well-formed XML"),
        ("another", "&other;", "not well-formed XML"),
        ("date_text", "dates", "not declared"),
    ],
)
def test_a_line_that_is_none_of_ours_is_told_by_the_parser(name, old, new, reason, exported):
    file = exported(name, awkward)
    head, node, rest = file.read_text("utf-8").partition('<node id="icsg:body/1"')
    file.write_text(head + node + rest.replace(old, new, 1), encoding="utf-8", newline="\n")
    line = head.count("\n") + 1 + rest.partition(old)[0].count("\n")
    with pytest.raises(FileFault) as error:
        read_file(name, file)
    assert f"row {line}: " in str(error.value) and reason in str(error.value)
