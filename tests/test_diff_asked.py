"""What changed, asked from Python, at the command line, and as a question of the catalogue."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.graph.diff import WORDS
from icsgraph.graph.partitions import Partition
from icsgraph.graph.releases import add_release
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.queries.catalogue import read_catalogue
from icsgraph.session import Graph, open_graph

OLD, NEW = "2021-12-01", "2026-01-01"


def edition(as_of: str, *names: str) -> Partition:
    """A register of so many trusts, R00 and on, of these names."""
    facts = {"id": f"ods@{as_of}", "data_set": "ods", "title": "Trusts", "as_of": as_of}
    ids = [f"ods:R{n:02d}" for n in range(len(names))]
    trusts = pl.DataFrame({"id": ids, "name": names}, schema={"id": pl.String, "name": pl.String})
    return Partition({**facts, "complete": True, "official": True}, {"Organisation": trusts})


@pytest.fixture
def two(tmp_path: Path, built) -> Path:
    """A store whose first snapshot is released as `first`, and that has another one since."""
    path = tmp_path / "two"
    built(path, edition(OLD, "Old"))
    add_release(Store(path), "first", "2022-01-01")
    built(path, edition(NEW, "New"))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_graph_tells_what_changed_since_another(two: Path):
    graph = Graph(Store(two).current())
    by_name = graph.diff("first")
    assert by_name.rows.select("change", "id", "before", "after").rows() == [
        ("renamed", "ods:R00", "Old", "New"),
        ("source added", f"ods@{NEW}", None, "0 rows"),
    ]
    first = Graph(Store(two).snapshot(by_name.before.split()[1]))
    assert graph.diff(first).rows.equals(by_name.rows)
    assert graph.diff(graph).rows.is_empty()


def test_a_day_means_what_was_known_by_then(two: Path):
    graph = Graph(Store(two).current())
    since = graph.diff("2022-06-30")
    assert since.rows["change"].to_list() == ["renamed", "source added"]
    assert "known-2022-06-30" in since.before
    assert graph.diff("2026-06-30").rows.is_empty()
    with pytest.raises(UsageError, match="2022-06-31 is not in the calendar"):
        graph.diff("2022-06-31")


def test_a_release_can_be_named_where_a_day_is_known(two: Path):
    """Its day is meant: what the editions known by that day said."""
    graph = open_graph(two)
    assert graph.known("first").nodes("Organisation")["name"].to_list() == ["Old"]
    text = "MATCH (o:Organisation) RETURN o.name AS name"
    told = run("cypher", text, "--known", "first", "--store", two, "--format", "csv")
    assert told.stdout == "name\nOld\n"
    unknown = run("cypher", text, "--known", "frist", "--store", two)
    assert (unknown.exit_code, "The nearest names: first." in unknown.stderr) == (2, True)


def test_the_command_says_it_in_sentences_and_rows(two: Path):
    said = run("diff", "first", "--store", two)
    assert said.exit_code == 0
    assert said.stderr == ""
    lines = said.stdout.splitlines()
    assert lines[0].startswith("From snapshot ")
    assert "Renamed: 1 organisation." in lines
    assert "  New  ods:R00" in lines
    assert f"      Old → New · ods@{OLD}; ods@{NEW}" in lines


def test_names_ids_and_paths_of_stores_mean_snapshots(two: Path):
    store = Store(two)
    first, second = sorted(store.snapshots(), key=lambda i: i == store.current().id)
    asked = [("first",), (first,), (first[:6], second), ("first", two), (first, second[:8])]
    outputs = {run("diff", *each, "--store", two, "--format", "csv").stdout for each in asked}
    assert len(outputs) == 1
    assert run("diff", two, two, "--format", "csv").stdout == ",".join(
        ("change", "kind", "id", "name", "before", "after", "date", "source\n")
    )


def test_json_holds_it_all(two: Path):
    whole = json.loads(run("diff", "first", "--store", two, "--format", "json").stdout)
    assert list(whole) == ["before", "after", "sentences", "counts", "by_source", "rows"]
    assert {"change": "renamed", "kind": "Organisation", "rows": 1, "things": 1} in whole["counts"]


def test_a_file_holds_every_row_and_a_table_the_first(tmp_path: Path, built):
    one, other = tmp_path / "one", tmp_path / "other"
    built(one, edition(OLD))
    built(other, edition(NEW, *["A trust"] * 30))
    table = run("diff", one, other, "--kind", "Organisation").stdout
    assert table.count("\n  A trust  ods:R") == 5
    assert table.endswith("... and 25 more (--all, or --format csv)\n")
    assert run("diff", one, other, "--kind", "Organisation", "--all").stdout.count("ods:R") == 30
    run("diff", one, other, "--change", "newly recorded", "-o", tmp_path / "c.parquet")
    assert pl.read_parquet(tmp_path / "c.parquet").height == 30


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["frist"], 2, "The nearest names: first."),
        (["first", "--kind", "Trust"], 2, 'There is no kind "Trust"'),
        (["first", "--change", "gone"], 2, 'There is no change "gone"'),
        (["nowhere/store"], 2, 'There is no release or snapshot "nowhere/store"'),
    ],
)
def test_what_cannot_be_compared_is_said(two: Path, arguments, code, said):
    done = run("diff", *arguments, "--store", two)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


def test_the_same_comparison_has_the_same_bytes(two: Path):
    once, again = (run("diff", "first", "--store", two, "--format", "json") for _ in range(2))
    assert once.stdout == again.stdout


# The question


def test_what_changed_cannot_be_told_without_since_when(two: Path):
    answer = open_graph(two).ask("what-changed")
    assert (answer.answerable, answer.is_empty()) == (False, True)
    assert "since" in answer.reason
    (other,) = set(Store(two).snapshots()) - {answer.snapshot}
    assert f"This store has first, {other};" in answer.reason
    said = run("ask", "what-changed", "--store", two)
    assert said.exit_code == 0
    assert "This cannot be answered: It is not said since when." in said.stdout


def test_the_question_tells_what_the_comparison_tells(two: Path):
    graph = open_graph(two)
    answer = graph.ask("what-changed", since="first")
    rows = graph.diff("first").rows
    assert answer.columns == rows.columns
    assert answer.drop("kind").rows() == rows.drop("kind").rows()
    assert answer["kind"].to_list() == ["Organisation", "Source"]
    assert any("has not thereby ended" in caveat for caveat in answer.caveats)
    only = graph.ask("what-changed", since="2022-06-30", change="Renamed", kind="organisation")
    assert only["id"].to_list() == ["ods:R00"]


def test_the_question_names_every_change(two: Path):
    assert read_catalogue()["what-changed"].parameters["change"].choices == tuple(WORDS)


def test_the_question_refuses_what_it_cannot_compare(two: Path):
    graph = open_graph(two)
    with pytest.raises(UnknownName) as unknown:
        graph.ask("what-changed", since="frist")
    assert unknown.value.nearest == ["first"]
    with pytest.raises(UnknownName):
        graph.ask("what-changed", since="first", kind="Trust")
    with pytest.raises(UsageError, match="not of one day in the world"):
        graph.ask("what-changed", since="first", on="2022-01-01")


def test_a_question_in_python_is_answered_without_an_engine(two: Path):
    graph = Graph(Store(two).current())
    assert graph.ask("what-changed", since="first").counts["findings"] == 0
    assert not (two / "engines").exists()
    assert graph.ask("reviews").counts["findings"] == 0
    assert (two / "engines").exists()
