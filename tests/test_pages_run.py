"""Every block of code of every page is run: here, or by the test that the table names."""

import re
import shlex
from pathlib import Path
from shutil import copytree

import click
import polars as pl
import pytest
from click.testing import CliRunner
from generated_graphs import facts, snapshot_of

from icsgraph.cli.app import app
from icsgraph.cli.asking import ask_command
from icsgraph.graph.partitions import Partition
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources, sample_sources
from icsgraph.pipeline import build
from icsgraph.queries.catalogue import read_catalogue
from icsgraph.queries.pages import question_page

ROOT = Path(__file__).resolve().parents[1]
HERE = "test_pages_run.py"
RUN_BY = {
    "README.md": "test_readme.py",
    "docs/api.md": "test_examples.py",
    "docs/charts.md": HERE,
    "docs/coding-a-report.md": "test_coding_page.py",
    "docs/formats.md": "test_formats_commands.py",
    "docs/identity.md": HERE,
    "docs/measures.md": "test_examples.py",
    "docs/neo4j.md": "neo4j/test_page.py",
    "docs/rdf.md": "test_rdf_page.py",
    "docs/reports.md": HERE,
    "docs/spread.md": HERE,
    "docs/tutorial.md": "test_readme.py",
}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
RUN = ("sh", "console", "python", "pycon", "cypher", "sparql")
OF_NEO4J = ("cd FOLDER", "neo4j-admin ", "cypher-shell ")
"""Commands of a program that is not ours; `tests/neo4j` gives it the same files."""


def blocks(page, *languages):
    found = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    return [text for language, text in found if language in languages]


def commands(page):
    """The lines of the blocks for a shell; one that ends with a backslash goes on."""
    text = "".join(blocks(page, "sh")).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def test_no_page_has_code_that_nobody_runs():
    pages = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
    names = {page.relative_to(ROOT).as_posix() for page in pages}
    assert {name for name in names if blocks(name, *RUN)} == set(RUN_BY)
    assert all((ROOT / "tests" / test).is_file() for test in RUN_BY.values())
    for name in names:  # nor one that no shell would be told by its fence
        plain = re.sub(BLOCK, "", (ROOT / name).read_text(encoding="utf-8"))
        hidden = [*blocks(name, "", "text"), *re.findall(r"^    .*$", plain, re.MULTILINE)]
        assert not [text for text in hidden if re.match(r"\s*(\$ )?icsgraph ", text)], name


def test_the_block_for_another_program_is_the_only_one():
    assert all(line.startswith(OF_NEO4J) for line in commands("docs/formats.md"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def of_store(store, lines):
        monkeypatch.setenv("ICSGRAPH_STORE", str(store))
        told = []
        for line in lines:
            words = shlex.split(line, comments=True)
            assert words[0] == "icsgraph"
            ran = CliRunner().invoke(app, words[1:])
            assert ran.exit_code == 0, f"{line}\n{ran.output}"
            told.append(ran)
        return told

    return of_store


def test_commands_on_sources_of_your_own(run, tmp_path):
    copytree(ROOT / "tests" / "data" / "registers", tmp_path, dirs_exist_ok=True)
    _, told = run(tmp_path / "england", commands("README.md"))
    assert "ods-trusts@2026-01-31" in told.stdout


@pytest.mark.parametrize("page", ["docs/charts.md", "docs/reports.md"])
def test_commands_on_the_bundled_evidence(run, sample, tmp_path, page):
    lines = commands(page)
    run(sample.snapshot.folder.parents[1], lines)
    written = {name for line in lines for name in re.findall(r"-o (\S+)", line)}
    assert written and all((tmp_path / name).exists() for name in written)


def test_python_on_the_bundled_evidence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in blocks("docs/reports.md", "python"):
        exec(compile(block, "docs/reports.md", "exec"), {})
    assert (tmp_path / "programme.html").is_file()


def test_commands_on_identity(run, tmp_path):
    build(Store("england"), sample_sources())
    borough = pl.DataFrame({"id": ["ons:E09000025"], "name": ["London Borough of Newham"]})
    snapshot_of(Path("england"), [Partition(facts("made@2026-01-01"), {"Organisation": borough})])
    told = run(tmp_path / "england", commands("docs/identity.md"))
    assert "London Borough of Newham" in told[1].stdout


def test_commands_on_answers_that_are_kept(run, tmp_path):
    build(Store("uptake"), read_sources(ROOT / "tests" / "data" / "spread" / "SOURCES.toml"))
    lines = commands("docs/spread.md")
    kept = run(tmp_path / "uptake", [line for line in lines if line.endswith("--keep")])
    keys = [re.findall(r"Kept as (\S+):", each.stderr)[0] for each in kept]
    shown = sorted(set(re.findall(r"\b[0-9a-f]{8}\b", " ".join(lines))), reverse=True)
    assert len(keys) == len(shown) == 2
    for here, there in zip(shown, keys, strict=True):
        lines = [line.replace(here, there) for line in lines]
    listed, *_ = run(tmp_path / "uptake", [line for line in lines if " measures " in line])
    assert all(key[:8] in listed.stdout for key in keys)


@pytest.mark.parametrize("name", read_catalogue())
def test_the_commands_of_a_question_ask_what_its_examples_ask(name):
    """Their answers are compared on every engine where the catalogue is tested."""
    question = read_catalogue()[name]
    text = question_page(question)
    shown = [t.strip() for language, t in BLOCK.findall(text) if language == "sh"]
    assert len(shown) == len(question.examples)
    command = ask_command.get_command(click.Context(ask_command), name)
    for line, example in zip(shown, question.examples, strict=True):
        words = shlex.split(line)
        assert words[:3] == ["icsgraph", "ask", name]
        asked = command.make_context(name, words[3:]).params
        given = {n: v for n, v in asked.items() if n in question.parameters and v not in (None, ())}
        assert given == {n: str(v) for n, v in example.parameters.items()}
        assert (asked["on"] or "") == example.on
