"""Whatever draws, reports or answers takes the same choices of what of the graph is meant."""

import click
import polars as pl
import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app

CHOICES = {"--on", "--known", "--within", "--profile", "--store"}
COMMANDS = ["ask barriers", "map", "chart years", "report", "site", "export"]


@pytest.fixture
def run(sample, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICSGRAPH_STORE", str(sample.snapshot.folder.parents[1]))
    return lambda *words: CliRunner().invoke(app, words)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_them_all(words):
    command: click.Command = app
    for word in words.split():
        command = command.get_command(click.Context(command), word)
    assert {option for each in command.params for option in each.opts} >= CHOICES


@pytest.mark.parametrize(
    "choice", [("--within", "North East London"), ("--known", "2021-06-30"), ("--on", "2021-06-30")]
)
def test_a_chart_is_of_what_is_chosen(run, tmp_path, choice):
    of = ("acted-on", "-o")
    for file, more in (("all.csv", ()), ("part.csv", choice)):
        assert run("chart", *of, file, *more).exit_code == 0
    counted = [pl.read_csv(tmp_path / name)["findings"].sum() for name in ("all.csv", "part.csv")]
    assert 0 <= counted[1] < counted[0]


def test_an_answer_is_of_what_is_chosen(run, sample):
    told = run("ask", "barriers", "--within", "North East London", "--format", "csv")
    rows = pl.read_csv(told.stdout.encode())
    assert (
        rows["barrier"].to_list()
        == sample.within("North East London").ask("barriers")["barrier"].to_list()
    )
    assert 0 < rows.height < sample.ask("barriers").height


@pytest.mark.parametrize(
    "words",
    ["report topic cancer", "map systems", "map around QMF", "chart years", "chart systems-tiles"],
)
def test_a_page_says_that_it_is_of_a_part(run, tmp_path, words):
    choices = ("--within", "QMF", "--known", "2026-06-30", "--profile", "public")
    told = run(*words.split(), *choices, "-o", "part.html")
    assert told.exit_code == 0, told.stderr
    page = (tmp_path / "part.html").read_text(encoding="utf-8").lower()
    for said in ("north east london and its ties", "30 june 2026", "what may be published"):
        assert said in page


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (("--on", "2021-02-30"), "2021-02-30"),
        (("--known", "2021-02-30"), "2021-02-30"),
        (("--within", "Frimly"), "Frimley"),
        (("--profile", "publik"), "public"),
    ],
)
@pytest.mark.parametrize("words", ["map systems", "chart years", "report programme", "site"])
def test_what_there_is_none_of_is_told_before_anything_is_written(
    run, tmp_path, words, choice, said
):
    told = run(*words.split(), *choice, "-o", "out.html")
    assert told.exit_code == 2 and said in told.stderr
    assert list(tmp_path.iterdir()) == []
