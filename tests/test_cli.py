"""The command line: what is said where, with which exit code, and what is left behind."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import COMMANDS, app
from icsgraph.cli.schema import FORMS as SCHEMA_FORMS
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import SAMPLE
from icsgraph.ontology.generate import FORMS
from icsgraph.queries.catalogue import read_catalogue

HEAVY = {
    *("ladybug", "networkx", "numpy", "pandas", "platformdirs", "polars", "pydantic", "pyvis"),
    *("rdflib", "rich"),
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the bundled evidence."""
    path = tmp_path_factory.mktemp("cli") / "sample"
    built = CliRunner().invoke(app, ["build", "--sample", "--store", str(path)])
    assert built.exit_code == 0, built.output
    return path


@pytest.fixture(autouse=True)
def nothing_but_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, no store named, lines of 100 characters."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ICSGRAPH_STORE", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def store(sample: Path) -> Path:
    """A store of the bundled evidence that a test may change, at `store`."""
    return Path(shutil.copytree(sample, "store"))


def run(*arguments: object, text: str | None = None) -> Result:
    """A command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments], input=text)


def icsgraph(*arguments: object, text: bytes = b"", **environment: str):
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "icsgraph", *map(str, arguments)],
        input=text,
        capture_output=True,
        env={**os.environ, **environment},
    )


def evidence(folder: Path, file: str, old: str, new: str) -> Path:
    """The bundled evidence with one text of one file replaced."""
    folder.mkdir()
    for path in SAMPLE.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    told = (folder / file).read_text(encoding="utf-8")
    assert old in told
    (folder / file).write_text(told.replace(old, new, 1), encoding="utf-8", newline="\n")
    return folder


# Help


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_explains_itself(name: str, option: str):
    told = run(name, option)
    assert told.exit_code == 0
    assert told.stdout.startswith(f"Usage: icsgraph {name}")
    assert told.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str):
    command = app.get_command(click.Context(app), name)
    assert command is not None and command.name == name
    assert (command.help or "").startswith(COMMANDS[name].summary)


@pytest.mark.parametrize("name", read_catalogue())
def test_every_question_is_a_command_with_its_parameters_as_options(name: str):
    told = run("ask", name, "-h")
    assert told.exit_code == 0
    for parameter in read_catalogue()[name].parameters:
        assert f"--{parameter.replace('_', '-')} VALUE" in told.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["build", "-h"], ["show", "-h"], ["map", "-h"]])
def test_help_loads_no_heavy_library(arguments: list[str]):
    program = f"""
import sys
from icsgraph.cli import main
sys.argv = ["icsgraph", *{arguments!r}]
try:
    main()
except SystemExit as end:
    sys.exit(end.code or " ".join(sorted({HEAVY!r} & set(sys.modules))) or None)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: icsgraph")


def test_the_forms_of_the_ontology_are_those_that_help_names():
    assert set(SCHEMA_FORMS) == set(FORMS)


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout == "icsgraph 0.1.0\n"


# Wrong usage: exit code 2, the nearest names, nothing on standard output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["biuld"], 'There is no command "biuld".\nThe nearest names: build.'),
        (["--store", "x", "show"], "Options follow the command they belong to"),
        (["show", "--stoer", "x"], 'There is no option "--stoer".\nThe nearest names: --store.'),
        (["questions", "barrier"], 'There is no question "barrier".\nThe nearest names: barriers'),
        (["ask", "barrier"], 'There is no question "barrier".\nThe nearest names: barriers'),
        (["ask", "barriers", "--topik", "x"], "The nearest names: --topic."),
        (["ask", "barriers", "--topic", "cancr"], "The nearest names: cancer."),
        (["ask", "where-found"], "The question where-found needs about"),
        (["ask", "common-barriers", "--at-least", "x"], 'at_least is "x", which is no integer.'),
        (["show", "Frimly"], 'There is no thing "Frimly".\nThe nearest names: Frimley'),
        (["sources", "evidence@2025"], "The nearest names: evidence@2026-11."),
        (["map", "systms", "-o", "map.html"], "The nearest names: systems"),
        (["map", "systems"], "A map needs a file.\nicsgraph map systems -o systems.html"),
        (["map", "systems", "-o", "map.html", "--on", "2021-13"], '"2021-13" is no date'),
        (["schema", "Findings"], "The nearest names: Finding."),
        (["schema", "--as", "olw"], "The nearest names: owl."),
        (["schema", "Finding", "--as", "owl"], "do not go together"),
        (["cypher", "RETURN $n AS n"], "The parameter n of the query has no value."),
        (["cypher", "RETURN 1 AS n", "--param", "m"], "'m' is not NAME=VALUE."),
        (["cypher", "RETURN 1 AS n", "--param", "m=1"], 'There is no parameter in the query "m".'),
        (["cypher", "RETURN 1 AS n", "--format", "xlsx"], "'xlsx' is not one of"),
        (["cypher"], "Missing argument 'TEXT'"),
    ],
)  # fmt: skip
def test_wrong_usage_names_what_is_nearest(sample: Path, arguments: list[str], said: str):
    told = CliRunner(env={"ICSGRAPH_STORE": str(sample)}).invoke(app, arguments)
    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stdout == ""


def test_a_command_without_its_name_is_explained():
    assert run().exit_code == 2
    assert "Usage: icsgraph" in run().output


# Which store


@pytest.mark.parametrize("command", [["show"], ["sources"], ["check"], ["ask", "reviews"]])
def test_a_store_that_is_not_there_is_said(command: list[str]):
    told = run(*command, "--store", "nowhere")
    assert told.exit_code == 1
    assert told.stderr == (
        "Error: There is no store at nowhere.\n"
        "Build one first: icsgraph build --sample --store nowhere\n"
    )
    assert not Path("nowhere").exists()


def test_a_file_is_no_store():
    Path("file").write_text("", encoding="utf-8")
    assert run("show", "--store", "file").exit_code == 2


def test_the_store_of_the_environment_is_read_without_a_word(sample: Path):
    told = icsgraph("show", ICSGRAPH_STORE=str(sample))
    assert (told.returncode, told.stderr) == (0, b"")


def test_the_store_of_the_folder_is_read_and_said(sample: Path):
    shutil.copytree(sample, "icsgraph-store")
    told = run("show")
    assert told.exit_code == 0
    assert told.stderr == "Reading the store icsgraph-store.\n"


def test_without_any_store_the_bundled_evidence_answers_two_who_ask_at_once(
    sample: Path, tmp_path: Path
):
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")}
    command = [sys.executable, "-m", "icsgraph", "ask", "reviews", "--format", "json"]
    asking = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **home}
        )
        for _ in range(2)
    ]
    for process in asking:
        answer, said = process.communicate()
        assert process.returncode == 0
        assert said == b"Reading the bundled evidence; another store is chosen with --store.\n"
        assert json.loads(answer)["snapshot"] == Store(sample).current().id


# Building


def test_a_build_accounts_for_every_row():
    built = run("build", "--sample", "--store", "store")
    assert built.exit_code == 0
    assert built.stderr == "A new store: store\n"
    lines = built.stdout.splitlines()
    assert lines[0].split() == ["source", "file", "rows", "accepted", "merged", "rejected"]
    assert ["evidence@2026-11", "findings.csv", "231", "231", "0", "0"] in map(str.split, lines)
    snapshot = Store("store").current().id
    assert lines[-1].startswith(f"Snapshot {snapshot}: ")
    assert lines[-1].endswith("Sources read: 1; unchanged and not read again: 0.")


def test_an_unchanged_source_is_not_read_again(store: Path):
    again = run("build", "--sample", "--store", "store")
    assert again.stdout.endswith("Sources read: 0; unchanged and not read again: 1.\n")


def test_a_build_without_sources_joins_what_the_store_holds(store: Path):
    before = Store(store).current().id
    (store / "CURRENT").unlink()
    assert run("build", "--store", "store").exit_code == 0
    assert Store(store).current().id == before


def test_a_build_of_nothing_leaves_nothing():
    told = run("build")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("Error: There is no source to build from.")
    assert list(Path().iterdir()) == []


def test_a_list_of_sources_that_is_not_there_leaves_nothing():
    told = run("build", "SOURCES.toml")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "Error: SOURCES.toml: there is no such file.\n"
    assert list(Path().iterdir()) == []


def test_a_rejected_row_is_counted_and_can_be_looked_at(tmp_path: Path):
    folder = evidence(tmp_path / "mine", "ties.csv", ",2020-03,", ",2020-13,")
    built = run("add", "evidence", folder, "--as-of", "2026-12", "--store", "store")
    assert built.exit_code == 0, built.stderr
    assert built.stdout.endswith(
        "Rejected rows and why: icsgraph sources --rejects --store store\n"
    )
    told = run("sources", "evidence@2026-12", "--rejects", "--store", "store", "--format", "json")
    (row,) = json.loads(told.stdout)
    assert (row["file"], row["row"], row["column"], row["value"]) == (
        "ties.csv", 1, "start", "2020-13",
    )  # fmt: skip
    table = run("sources", "--store", "store").stdout.splitlines()
    assert table[2].split()[0] == "evidence@2026-12" and table[2].split()[-1] == "1"
    assert "1 rejected." in run("check", "--store", "store").stdout


def test_a_layout_that_cannot_be_stops_the_build_and_the_last_snapshot_answers(
    store: Path, sample: Path, tmp_path: Path
):
    folder = evidence(tmp_path / "mine", "findings.csv", "finding_id,review_id", "a,b")
    told = run("add", "evidence", folder, "--as-of", "2026-12", "--store", "store")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("Error: ") and "findings.csv" in told.stderr
    assert Store("store").current().id == Store(sample).current().id
    assert run("check", "--store", "store").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evidense", "."], 'There is no kind of source "evidense".\nThe nearest names: evidence.'),
        (["evidence", "nowhere"], "nowhere is not there."),
        (["evidence", ".", "--id", "two words"], 'the id "two words" is not of the form'),
        (["evidence", ".", "--as-of", "soon"], '"soon" is no date'),
    ],
)
def test_a_source_that_cannot_be_added_is_wrong_usage(arguments: list[str], said: str):
    told = run("add", "--as-of", "2026", *arguments)
    assert (told.exit_code, told.stdout) == (2, "")
    assert said in told.stderr
    assert list(Path().iterdir()) == []


def test_what_was_removed_can_be_added_again_as_it_was(store: Path, tmp_path: Path):
    before = Store("store").current().id
    folder = evidence(tmp_path / "mine", "ties.csv", ",2020-03,", ",2020-04,")
    facts = ["--id", "mine@1", "--title", "Our own", "--licence", "MIT", "--as-of", "2026-12"]
    added = run("add", "evidence", folder, *facts, "--store", "store")
    assert added.exit_code == 0, added.stderr
    after = Store("store").current().id
    assert after != before
    removed = run("remove", "mine@1", "--store", "store")
    assert removed.exit_code == 0
    assert Store("store").current().id == before
    undo = shlex.split(removed.stdout.splitlines()[-1].partition("again: icsgraph ")[2])
    assert undo[:3] == ["add", "evidence", folder.name]  # by name: the store knows no folders
    assert run(*undo[:2], folder, *undo[3:]).exit_code == 0
    assert Store("store").current().id == after


def test_the_only_source_stays(sample: Path):
    told = run("remove", "evidence@2026-11", "--store", sample)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "only source" in told.stderr
    assert run("check", "--store", sample).exit_code == 0


def test_a_source_that_is_not_held_cannot_be_removed(sample: Path):
    told = run("remove", "evidence@2025", "--store", sample)
    assert told.exit_code == 2
    assert "The nearest names: evidence@2026-11." in told.stderr


# What a person does wrong at first


@pytest.mark.parametrize("option", ["--on", "--known"])
@pytest.mark.parametrize("day", ["2021-13-01", "2021", "2021-06-30T12:00:00+01:00"])
def test_a_day_that_is_none_is_told_how_a_day_is_written(option, day):
    told = run("ask", "reviews", option, day)
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (2, "Write it as in 2021-05-28.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "ods-trust", "etr.csv"], 'There is no kind of source "ods-trust".'),
        (["add", "ods-trusts", "etr.csv", "--as-of", "2026"], "etr.csv is not there."),
        (["fetch", "cqcc"], 'There is no service to fetch from "cqcc".'),
        (["cypher", " "], "The query is empty."),
        (["sparql", ""], "The query is empty."),
        (["cypher", "RETURN 1", "--timeout", "soon"], "'soon' is not a valid number."),
        (["cypher", "RETURN 1", "--limit", "ten"], "'ten' is not a valid whole number."),
        (["cypher", "RETURN 1", "--timeout", "nan"], "nan is no number of seconds"),
        (
            ["ask", "common-barriers", "--at-least", "inf"],
            'at_least is "inf", which is no integer.',
        ),
    ],
)
def test_what_is_wrong_is_told_before_what_is_missing(arguments, said):
    told = run(*arguments)
    assert told.exit_code == 2
    assert said in told.stderr


def test_a_folder_is_no_list_of_sources():
    told = run("build", ".", "--store", "new")
    assert (told.exit_code, told.stderr) == (
        1,
        "Error: .: it is a folder.\nName the SOURCES.toml in it.\n",
    )


def test_a_list_of_sources_may_begin_with_a_byte_order_mark():
    listed = (SAMPLE / "SOURCES.toml").read_text("utf-8").replace('["."]', f"['{SAMPLE}']")
    Path("SOURCES.toml").write_text(listed, encoding="utf-8-sig")
    assert run("build", "SOURCES.toml", "--store", "new").exit_code == 0


def test_a_release_is_not_called_like_another_day(store):
    told = run("release", "2026-01-01", "--date", "2026-02-01", "--store", store)
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (
        2,
        "Give the release a word: as-of-2026-01-01",
    )


def test_ctrl_c_while_the_commands_are_loaded_leaves_no_traceback():
    code = (
        "import sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'icsgraph.cli.app':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from icsgraph.cli import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "Interrupted.\n")
