"""The files to begin with: written, never over others, and loadable as they are."""

import shlex

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.loaders.template_files import TEMPLATES


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ICSGRAPH_STORE", raising=False)


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_every_template_is_listed_with_what_it_is_for():
    told = run("template")
    assert told.exit_code == 0
    assert [line.split()[0] for line in told.stdout.splitlines() if line[0] != " "] == [*TEMPLATES]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_loads_as_it_is(name, tmp_path):
    written = run("template", name)
    assert written.exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(TEMPLATES[name].files)
    command = shlex.split(TEMPLATES[name].load)
    assert command[0] == "icsgraph"
    told = run(*command[1:], "--store", "store")
    assert told.exit_code == 0, told.output
    rejects = run("sources", "--rejects", "--store", "store")
    assert "No row was rejected." in rejects.stdout
    assert run("check", "--store", "store").exit_code == 0


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "own-data-ties.csv").write_text("mine", encoding="utf-8")
    told = run("template", "own-data")
    assert told.exit_code == 2
    assert "Nothing was written, since there is already: own-data-ties.csv." in told.stderr
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [
        ("own-data-ties.csv", "mine")
    ]


def test_an_unknown_template_is_told_with_the_nearest():
    told = run("template", "own-dat")
    assert told.exit_code == 2
    assert "The nearest names: own-data." in told.stderr
