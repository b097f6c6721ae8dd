"""icsgraph export and import as a person calls them, and what docs/formats.md shows of them."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.graph.formats.registry import FORMATS
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import sample_sources
from icsgraph.pipeline import build

SNAPSHOT = re.compile("snapshot [0-9a-f]{16}")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "formats.md"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("commands") / "store"
    build(Store(path), sample_sources())
    return path


def test_help_lists_every_format():
    told = run("export", "--help").output
    assert all(re.search(rf"^  {name} +\w", told, re.MULTILINE) for name in FORMATS)
    listed = run("export").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(FORMATS)


def test_an_unknown_format_is_answered_with_the_nearest(tmp_path):
    ran = run("export", "geff", "-o", tmp_path / "x")
    assert ran.exit_code == 2
    assert ran.stderr == 'Error: There is no format "geff".\nThe nearest names: gexf.\n'
    assert run("import", "json-ld", tmp_path, "--store", tmp_path / "s").exit_code == 2


def test_an_export_without_a_place_shows_the_command(store):
    ran = run("export", "gexf", "--store", store)
    assert ran.exit_code == 2
    assert ran.stderr.splitlines()[1] == "icsgraph export gexf -o graph.gexf"


def test_a_part_is_exported_and_comes_back(store, tmp_path):
    out, again = tmp_path / "reviews.json", tmp_path / "again"
    kinds = ["--only", "Review", "--only", "System", "--only", "REVIEWED"]
    assert run("export", "json", "-o", out, *kinds, "--store", store).exit_code == 0
    assert run("import", "json", out, "--store", again).exit_code == 0
    whole, part = Store(store).current(), Store(again).current()
    assert part.nodes("Review").equals(whole.nodes("Review"))
    assert part.nodes("Finding").is_empty()
    reviews, systems = (set(whole.nodes(kind)["id"]) for kind in ("Review", "System"))
    told = whole.relationships("REVIEWED").rows(named=True)
    wanted = [row for row in told if row["subject"] in reviews and row["object"] in systems]
    assert part.relationships("REVIEWED").rows(named=True) == wanted
    assert 0 < len(wanted) < len(told)


def test_of_kinds_of_relationship_the_ends_are_there(store, tmp_path):
    out, again = tmp_path / "adopted", tmp_path / "again"
    assert run("export", "parquet", "-o", out, "--only", "ADOPTED", "--store", store).exit_code == 0
    run("import", "parquet", out, "--store", again)
    part = Store(again).current()
    adopted = Store(store).current().relationships("ADOPTED")
    assert part.relationships("ADOPTED").equals(adopted)
    assert sorted(set(adopted["object"])) == part.nodes("Innovation")["id"].to_list()


def test_an_unknown_kind_is_answered_with_the_nearest(store, tmp_path):
    ran = run("export", "csv", "-o", tmp_path / "x", "--only", "Sytem", "--store", store)
    assert ran.stderr.startswith('Error: There is no kind "Sytem".\nThe nearest names: System')


def test_a_fault_of_a_file_has_an_exit_code_and_no_traceback(tmp_path):
    (tmp_path / "x.graphml").write_text("<graphml><graph>", encoding="utf-8")
    ran = run("import", "graphml", tmp_path / "x.graphml", "--store", tmp_path / "again")
    assert ran.exit_code == 1
    assert "x.graphml, row 1: it is not well-formed XML" in ran.stderr
    assert not (tmp_path / "again").exists()


def test_the_page_shows_what_the_commands_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(Store("sample"), sample_sources())
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    shown = re.split(r"^\$ icsgraph ", "".join(blocks), flags=re.MULTILINE)[1:]
    assert len(shown) == 5
    for entry in shown:
        command, _, output = entry.partition("\n")
        arguments = re.findall(r'"[^"]*"|\S+', command)
        ran = run(*(argument.strip('"') for argument in arguments))
        assert ran.exit_code == 0, ran.output
        if output:
            assert SNAPSHOT.sub("", ran.output) == SNAPSHOT.sub("", output)


def test_the_page_lists_every_format():
    named = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert named == list(FORMATS)


def test_the_python_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, "docs/formats.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.rsplit(" ", 1)[1].isdecimal() for line in lines)
