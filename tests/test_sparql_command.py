"""A SPARQL query of one's own: its formats, its bounds, and what is said of one that is refused."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.session import Graph

IN_REGION = """
SELECT ?system WHERE { ?s a icsgo:System ; icsgo:region $region ; rdfs:label ?system }
ORDER BY ?system
"""
LONDON = [
    *("North Central London", "North East London", "North West London"),
    *("South East London", "South West London", "West and North London"),
]


@pytest.fixture(autouse=True)
def of_the_sample(sample: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICSGRAPH_STORE", str(sample.snapshot.folder.parent.parent))


def sparql(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["sparql", *map(str, arguments)], input=text)


def test_a_query_gives_its_rows_in_each_format() -> None:
    asked = (IN_REGION, "--param", "region=London")
    assert all(name in sparql(*asked).stdout for name in LONDON)
    assert sparql(*asked, "--format", "csv").stdout.splitlines() == ["system", *LONDON]
    rows = json.loads(sparql(*asked, "--format", "json").stdout)["rows"]
    assert [row["system"] for row in rows] == LONDON
    assert sparql(*asked, "-o", "rows.parquet").exit_code == 0
    assert pl.read_parquet("rows.parquet")["system"].to_list() == LONDON


def test_a_thing_is_a_parameter_in_angle_brackets() -> None:
    text = "SELECT ?name WHERE { $system rdfs:label ?name }"
    told = sparql(text, "--param", "system=<ods:QMF>", "--format", "csv")
    assert told.stdout == "name\nNorth East London\n"


def test_a_query_comes_from_standard_input_and_is_asked_on_a_day() -> None:
    then = sparql("-", "--on", "2025-01-01", "--param", "region=London", "--format", "csv",
                  text=IN_REGION)  # fmt: skip
    assert then.stdout.splitlines() == ["system", *LONDON[:5]]


def test_an_empty_result_has_its_headings() -> None:
    told = sparql(IN_REGION, "--param", "region=Wales", "--format", "csv")
    assert (told.exit_code, told.stdout) == (0, "system\n")


def test_more_rows_than_the_limit_are_said_to_be_left_out() -> None:
    told = sparql(IN_REGION, "--param", "region=London", "--limit", 2, "--format", "csv")
    assert told.stdout.splitlines() == ["system", *LONDON[:2]]
    assert "Only the first 2 rows are here" in told.stderr


def test_a_syntax_error_marks_the_place() -> None:
    told = sparql("SELECT ?s WHERE {\n  ?s a icsgo:System .\n  FILTR (true)\n}")
    assert (told.exit_code, told.stdout) == (1, "")
    *_, quoted, mark = told.stderr.splitlines()
    assert quoted == "  FILTR (true)"
    assert mark.strip() == "^" and len(mark) <= len(quoted)
    assert f"line 3, column {len(mark)}: " in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["DELETE WHERE { ?s ?p ?o }"], 1, "queries only read"),
        (["SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }"], 1, "SERVICE is not allowed"),
        ([IN_REGION], 2, "region"),
        ([IN_REGION, "--param", "regoin=London"], 2, "The nearest names: region."),
        ([IN_REGION, "--param", "London"], 2, "NAME=VALUE"),
        (["ASK { ?s ?p ?o }", "--engine", "ladybug"], 2, "does not read sparql"),
        (["ASK { ?s ?p ?o }", "--engine", "oxigrpah"], 2, "The nearest names: oxigraph."),
    ],
)
def test_a_query_that_cannot_run_says_why(arguments: list[str], code: int, said: str) -> None:
    told = sparql(*arguments)
    assert (told.exit_code, told.stdout) == (code, "")
    assert said in told.stderr
