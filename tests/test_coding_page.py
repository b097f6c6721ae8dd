"""What docs/coding-a-report.md shows is what happens."""

import csv
import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.loaders.coding_sheet import COLUMNS

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
ELSEWHERE = "## A published report"


@pytest.fixture(scope="module")
def manual() -> str:
    root = Path(__file__).resolve().parents[1]
    return (root / "docs" / "coding-a-report.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ICSGRAPH_STORE", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def shown(text: str) -> list[tuple[str, str]]:
    """Each `$ command` with the output that follows it, `...` for what is left out."""
    blocks = "".join(CONSOLE.findall(text))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)


def follow(text: str) -> None:
    """Run every command of a text and compare what it prints."""
    for command, output in shown(text):
        words = shlex.split(command)
        assert words[0] == "icsgraph"
        told = CliRunner().invoke(app, words[1:])
        assert told.exit_code == 0, told.output
        same = doctest.OutputChecker().check_output(output, told.stdout, doctest.ELLIPSIS)
        assert same, f"{command}\n{told.stdout}"


def test_the_made_up_report_goes_as_the_page_says(manual: str):
    follow(manual.split(ELSEWHERE)[0])
    (told,) = re.findall(r"```text\n(.*?)```", manual, re.DOTALL)
    wanted = dict(line.split(": ", 1) for line in told.splitlines())
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["passage"] == "5")
    assert {column: row[column] for column in wanted} == wanted
    assert {c for c, cell in row.items() if cell} - {*wanted, "passage", "text"} == set()


def test_a_published_report_goes_as_the_page_says(manual: str, shared: Path):
    first, second = manual.split(ELSEWHERE)
    real = shared / "data" / "context" / "nhsengland_ICS-discovery.md"
    shutil.copy(real, "ICS-discovery.md")
    (kept,) = re.findall(r"```csv\n(.*?)```", second, re.DOTALL)
    Path("kept.csv").write_text(kept, encoding="utf-8", newline="")
    follow(first)
    follow(second)


def test_every_column_of_the_sheet_is_explained(manual: str):
    told = set(re.findall(r"`(\w+)`", manual))
    assert set(COLUMNS) - told == {"passage", "page", "text"}
