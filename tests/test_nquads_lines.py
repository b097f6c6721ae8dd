"""N-Quads are read by columns where lines are plain, and by a parser where they are not: alike."""

import pytest
from generated_graphs import awkward, snapshot_of

from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.nquads_lines import NotPlain, columns_of_lines
from icsgraph.graph.formats.rdf_reading import read_rdf

A, B = "<urn:a>", "<urn:b>"


def triples(tmp_path, *lines):
    (tmp_path / "x.nq").write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="")
    told = columns_of_lines(tmp_path / "x.nq", ["urn:b"])
    return [(name, it if isinstance(it, int) else it.rows()) for name, it in told]


def test_objects_are_told_as_plain_texts(tmp_path):
    lines = (
        f"{A} {B} {A} .",
        f'{A} {B} "say \\"no\\"\\n\\u00E9"@en <urn:g> .',
        f"{A} <urn:c> {A} .",
    )
    told = dict(triples(tmp_path, *lines, f'{A} {B} "2"^^<urn:t> .', f'{A} {B} "" .'))
    assert told["urn:b"] == [
        ("urn:a", "urn:a"),
        ("urn:a", 'say "no"\né'),
        ("urn:a", "2"),
        ("urn:a", ""),
    ]
    assert told["urn:c"] == 1


@pytest.mark.parametrize(
    "line",
    [
        f"_:x {B} {A} .",
        f"{A} {B} _:x .",
        f"{A} <urn:c> .",
        f"{A}  {B} {A} .",
        f"{A} {B} {A}.",
        f'{A} {B} "cut',
        f'{A} {B} "\\x" .',
        f'{A} {B} "\\uD800" .',
        f"{A} <urn:c> <a b> .",
        f"{A} {B} {A} . # said",
        "# said",
        "",
        "\x01",
    ],
)
def test_any_other_line_is_left_to_a_parser(line, tmp_path):
    with pytest.raises(NotPlain):
        triples(tmp_path, f"{A} {B} {A} .", line)


def test_both_ways_read_the_same(tmp_path):
    file = tmp_path / "graph.nq"
    export(snapshot_of(tmp_path / "store", [awkward()]), "nquads", file)
    by_columns = read_rdf(file, "nquads")
    file.write_bytes(b"# said\n" + file.read_bytes())
    by_parser = read_rdf(file, "nquads")
    assert by_columns.said == by_parser.said
    for kind, table in (by_parser.nodes | by_parser.relationships).items():
        assert (by_columns.nodes | by_columns.relationships)[kind].equals(table)
