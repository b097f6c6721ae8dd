"""Answers from the command line: their formats, and what is said beside them."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.cli.tables import table
from icsgraph.loaders.registry import LOADERS
from icsgraph.ontology.generate import FORMS, derived
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.queries.catalogue import read_catalogue
from icsgraph.session import Graph, open_graph

REGION = "MATCH (s:System) WHERE s.region = $region RETURN s.name AS system ORDER BY system"
SOUTH_EAST = [
    *("Buckinghamshire, Oxfordshire and Berkshire West", "Frimley"),
    *("Hampshire and Isle of Wight", "Kent and Medway", "Surrey Heartlands"),
    *("Surrey and Sussex", "Sussex", "Thames Valley"),
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the bundled evidence."""
    path = tmp_path_factory.mktemp("answers") / "sample"
    built = CliRunner().invoke(app, ["build", "--sample", "--store", str(path)])
    assert built.exit_code == 0, built.output
    return path


@pytest.fixture(autouse=True)
def in_an_empty_folder(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICSGRAPH_STORE", str(sample))
    monkeypatch.setenv("COLUMNS", "100")


def run(*arguments: object, text: str | None = None) -> Result:
    """A command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments], input=text)


def icsgraph(*arguments: object, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "icsgraph", *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True)


# ask


@pytest.mark.parametrize("name", read_catalogue())
def test_every_worked_example_can_be_asked_as_it_is_shown(
    name: str, sample: Path, registers: Graph, spread: Graph
):
    built = {"registers": registers, "spread": spread}
    stores = {name: graph.snapshot.folder.parent.parent for name, graph in built.items()}
    stores["sample"] = sample
    shown = re.findall(r"^  icsgraph (ask .*)$", run("questions", name).stdout, re.MULTILINE)
    examples = read_catalogue()[name].examples
    assert len(shown) == len(examples) > 0
    for command, example in zip(shown, examples, strict=True):
        store = stores[example.store]
        told = run(*shlex.split(command), "--format", "json", "--store", store)
        assert told.exit_code == 0, told.stderr
        rows = [list(row.values()) for row in json.loads(told.stdout)["rows"]]
        assert rows[: len(example.rows)] == example.rows


def test_json_holds_all_that_the_answer_holds(sample: Path):
    told = run("ask", "barriers", "--topic", "cancer", "--format", "json")
    answer = open_graph(sample).ask("barriers", topic="cancer")
    assert json.loads(told.stdout) == answer.as_dict()
    assert told.stderr == ""


def test_csv_is_the_rows_and_what_is_said_beside_them_is_apart(sample: Path):
    done = icsgraph("ask", "common-barriers", "--format", "csv")
    answer = open_graph(sample).ask("common-barriers")
    lines = list(csv.reader(io.StringIO(done.stdout.decode())))
    assert lines[0] == answer.columns
    assert len(lines) == answer.height + 1
    assert lines[1][2] == "; ".join(answer["which_topics"][0])
    assert b"\r" not in done.stdout
    beside = " ".join(done.stderr.decode().split())
    assert [c for c in answer.caveats if " ".join(c.split()) not in beside] == []


def test_parquet_keeps_the_types(sample: Path):
    done = icsgraph("ask", "common-barriers", "--format", "parquet")
    answer = open_graph(sample).ask("common-barriers")
    assert pl.read_parquet(io.BytesIO(done.stdout)).equals(pl.DataFrame(answer))


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_the_ending_of_a_file_chooses_the_format(ending: str):
    named = run("ask", "reviews", "-o", f"answer.{ending}")
    asked = icsgraph("ask", "reviews", "--format", ending)
    assert (named.exit_code, named.stdout) == (0, "")
    assert named.stderr.endswith(f"Wrote answer.{ending}.\n")
    assert Path(f"answer.{ending}").read_bytes() == asked.stdout


def test_a_table_says_below_what_must_be_said(sample: Path):
    told = run("ask", "shared-innovations")
    answer = open_graph(sample).ask("shared-innovations")
    flat = " ".join(told.stdout.split())
    assert flat.startswith(read_catalogue()["shared-innovations"].question)
    assert f"findings {answer.counts['findings']:,}" in flat
    for caveat in answer.caveats:
        assert " ".join(caveat.split()) in flat
    assert max(map(len, told.stdout.splitlines())) <= 100
    assert told.stderr == ""


def test_an_answer_without_rows_has_its_headings():
    options = ["--topic", "cancer", "--system", "Frimley"]
    told = run("ask", "barriers", *options, "--format", "csv")
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [",".join(read_catalogue()["barriers"].columns)]
    assert told.stderr.startswith("No rows.\n")
    table = run("ask", "barriers", *options)
    assert table.exit_code == 0
    assert "barrier" in table.stdout and "\nNo rows.\n" in table.stdout


# cypher


def test_a_query_gives_its_rows():
    told = run("cypher", REGION, "--param", "region=South East", "--format", "json")
    assert [row["system"] for row in json.loads(told.stdout)["rows"]] == SOUTH_EAST


def test_a_query_can_come_from_standard_input():
    done = icsgraph("cypher", "-", "--format", "csv", text=b"RETURN 'Caf\xc3\xa9' AS name")
    assert (done.returncode, done.stdout) == (0, b"name\nCaf\xc3\xa9\n")


def test_a_query_that_is_not_utf_8_is_wrong_usage():
    done = icsgraph("cypher", "-", text=b"RETURN 'Caf\xe9' AS name")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"Error: The text on standard input is not UTF-8.\n"


def test_a_refused_query_marks_the_place():
    told = run("cypher", "MATCH (s:System)\nWHERE s.name == 'Frimley' RETURN s")
    assert (told.exit_code, told.stdout) == (1, "")
    *_, quoted, mark = told.stderr.splitlines()
    assert quoted == "\"WHERE s.name == 'Frimley' RETURN s\""
    assert quoted[mark.index("^")] == "="


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("MATCH (s:System) DETACH DELETE s", "queries only read"),
        ("COPY (MATCH (s:System) RETURN s.id) TO 'taken.csv'", "queries only read"),
        ("/* how? */ profile MATCH (s:System) RETURN s.id AS id", "EXPLAIN shows the plan"),
        ("RETURN 1 AS a, 2 AS a", "two columns are called a"),
    ],
)
def test_a_query_that_cannot_run_says_why(query: str, said: str):
    told = run("cypher", query, "-o", "rows.csv")
    assert (told.exit_code, told.stdout) == (1, "")
    assert said in told.stderr
    assert list(Path().iterdir()) == []


def test_an_empty_query_is_wrong_usage():
    told = run("cypher", " ", "-o", "rows.csv")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr == "Error: The query is empty.\nicsgraph cypher -h shows one.\n"


def test_a_query_for_a_kind_that_there_is_none_of_is_wrong_usage():
    told = run("cypher", "MATCH (s:Sistem) RETURN s.id AS id", "-o", "rows.csv")
    assert (told.exit_code, told.stdout) == (2, "")
    assert 'kind in the ontology "Sistem".\nThe nearest names: System.' in told.stderr
    assert list(Path().iterdir()) == []


def test_a_query_that_takes_too_long_is_stopped():
    told = run("cypher", "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b "
               "RETURN sum(a * b) AS x", "--timeout", "0.2")  # fmt: skip
    assert told.exit_code == 1
    assert "it took longer than 0.2 seconds" in told.stderr


def test_a_sum_is_a_whole_number():
    told = run("cypher", "UNWIND [1, 2] AS x RETURN sum(x) AS total", "--format", "json")
    assert json.loads(told.stdout)["rows"] == [{"total": 3}]


def test_more_rows_than_the_limit_are_said_to_be_left_out():
    told = run("cypher", REGION, "--param", "region=South East", "--limit", "2", "--format", "csv")
    assert told.stdout.splitlines() == ["system", f'"{SOUTH_EAST[0]}"', "Frimley"]
    assert told.stderr == "Only the first 2 rows are here; --limit 0 gives all.\n"
    whole = run(
        "cypher", REGION, "--param", "region=South East", "--limit", "8", "--format", "json"
    )
    assert json.loads(whole.stdout)["complete"] is True


@pytest.mark.parametrize(
    ("stated", "value"),
    [("3", 3), ("0.5", 0.5), ("true", True), ("R1H", "R1H"), ('"3"', "3"), ("a=b", "a=b")],
)
def test_a_parameter_is_a_number_or_truth_or_else_text(stated: str, value: object):
    told = run("cypher", "RETURN $x AS x", "--param", f"x={stated}", "--format", "json")
    assert json.loads(told.stdout)["rows"] == [{"x": value}]


# What a reader sees


def test_the_store_is_told_kind_by_kind():
    told = json.loads(run("show", "--format", "json").stdout)
    assert told["nodes"]["Review"] == 5
    assert told["relationships"]["FACED"] == 28
    assert told["sources"] == ["evidence@2026-11"]
    rows = {row["kind"]: row["rows"] for row in csv_rows("show", "--format", "csv")}
    assert rows["System"] == "48"
    assert "Integrated care systems" in run("show").stdout


def csv_rows(*arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(*arguments).stdout)))


@pytest.mark.parametrize("wording", ["ods:QNQ", "qnq", "Frimley", "Frimley Health and Care STP"])
def test_a_thing_is_told_by_id_code_or_name(wording: str):
    told = run("show", wording)
    assert told.exit_code == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0] == "Frimley"
    assert lines[1].startswith("Integrated care system · ods:QNQ · ")
    assert lines[1].endswith("until 31 March 2026")
    assert "was succeeded by (3)" in lines
    assert "reviewed this (1)" in lines


def test_the_relationships_of_a_thing_are_rows():
    rows = csv_rows("show", "ods:QNQ", "--format", "csv")
    succeeded = [row for row in rows if row["relationship"] == "SUCCEEDED_BY"]
    assert [row["other_name"] for row in succeeded] == [
        "Hampshire and Isle of Wight", "Surrey and Sussex", "Thames Valley",
    ]  # fmt: skip
    assert {row["when"] for row in succeeded} == {"1 April 2026"}


def test_many_relationships_are_shortened_unless_all_are_asked_for():
    few, every = run("show", "icsg:review/PCR2-UEC"), run("show", "icsg:review/PCR2-UEC", "--all")
    assert "more (--all)" in few.stdout
    assert "more (--all)" not in every.stdout
    assert len(every.stdout) > len(few.stdout)


def test_a_name_that_means_several_things_names_them():
    told = run("show", "remote consultation")
    assert told.exit_code == 2
    assert "icsg:barrier/remote-consultation" in told.stderr


def test_a_source_is_told_with_its_checksums_and_rows():
    told = run("sources", "evidence@2026-11")
    assert "licence    MIT" in told.stdout
    assert "findings.csv" in told.stdout
    facts = json.loads(run("sources", "evidence@2026-11", "--format", "json").stdout)
    assert facts["files"][0]["sha256"] in told.stdout


def test_no_rejects_are_said_and_have_their_headings():
    assert run("sources", "--rejects").stdout.endswith("\nNo row was rejected.\n")
    assert csv_rows("sources", "--rejects", "--format", "csv") == []


def test_the_kinds_of_source_are_those_of_the_registry():
    kinds = [row["kind"] for row in csv_rows("sources", "--kinds", "--format", "csv")]
    assert kinds == list(LOADERS)
    assert all(kind in run("sources", "--kinds").stdout for kind in kinds)


def test_all_is_well_and_then_it_is_not(sample: Path):
    assert run("check").stdout.endswith("All is well.\n")
    shutil.copytree(sample, "copy")
    (damaged,) = Path("copy").glob("snapshots/*/nodes/System.parquet")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    told = run("check", "--store", "copy")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "nodes/System.parquet has another checksum." in told.stderr


def test_a_question_of_ones_own_is_begun_filled_in_explained_and_asked():
    begun = run("questions", "new", "regions")
    assert begun.exit_code == 0
    assert "icsgraph questions regions --catalogue icsgraph-questions" in begun.stderr
    file = Path("icsgraph-questions/regions.toml")
    refused = run("questions", "regions", "--catalogue", file.parent)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "regions.toml, line 8: question: it is empty." in refused.stderr
    text = file.read_text(encoding="utf-8").replace('default = ""', "default = ''")
    text = re.sub('^(question|group|definition)( *= *)""', r'\1\2"Where?"', text, flags=re.M)
    file.write_text(text, encoding="utf-8", newline="\n")
    assert "Where?" in run("questions", "regions", "--catalogue", file.parent).stdout
    for order in (
        ["regions", "--catalogue=icsgraph-questions"],
        ["--catalogue", file.parent, "regions"],
    ):
        rows = csv_rows("ask", *order, "--region", "South East", "--format", "csv")
        assert [row["system"] for row in rows] == SOUTH_EAST
    assert run("questions", "new", "regions").exit_code == 2
    assert run("ask", "regions").exit_code == 2


def test_an_engine_is_named_and_one_that_cannot_answer_is_refused():
    asked = run("ask", "common-barriers", "--engine", "ladybug")
    assert asked.stdout == run("ask", "common-barriers").stdout
    function = run("ask", "unresolved-names", "--engine", "python")
    assert (function.exit_code, function.stdout) == (0, run("ask", "unresolved-names").stdout)
    refused = run("ask", "trust-history", "--organisation", "R1H", "--engine", "ladybug")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Engines that answer it: python." in refused.stderr
    nearest = run("cypher", "RETURN 1 AS one", "--engine", "ladybgu")
    assert (nearest.exit_code, "The nearest names: ladybug." in nearest.stderr) == (2, True)


def test_a_server_that_is_not_there_is_said_and_one_needs_its_address():
    away = run("cypher", "RETURN 1 AS one", "--engine", "neo4j", "--url", "bolt://127.0.0.1:1")
    assert (away.exit_code, away.stdout) == (3, "")
    assert "Couldn't connect to 127.0.0.1:1." in away.stderr
    nowhere = run("ask", "common-barriers", "--engine", "neo4j")
    assert (nowhere.exit_code, "say where it is" in nowhere.stderr) == (2, True)


@pytest.mark.parametrize("name", read_catalogue())
def test_every_question_is_explained(name: str):
    question = read_catalogue()[name]
    told = " ".join(run("questions", name).stdout.split())
    texts = dict(question.texts)
    if "python" in texts:
        texts["python"] = f"icsgraph.queries.{texts['python'].replace(':', '.')}"
    caveats = [re.sub(r"\{\w+\}", "n", caveat) for caveat in question.caveats]
    for part in (question.question, *caveats, *texts.values()):
        assert " ".join(part.split()) in told
    for column in question.columns.values():
        assert " ".join(column.definition.split()) in told
    assert f"icsgraph ask {name}" in told


def test_the_catalogue_lists_every_question_once():
    told = run("questions").stdout
    names = [
        line.split()[0] for line in told.splitlines() if line.startswith("  ") and line[2] != " "
    ]
    assert sorted(names) == sorted(read_catalogue())
    assert [row["name"] for row in csv_rows("questions", "--format", "csv")] == list(
        read_catalogue()
    )


@pytest.mark.parametrize("form", FORMS)
def test_the_ontology_is_written_in_each_form(form: str):
    done = run("schema", "--as", form, "-o", "ontology")
    assert done.exit_code == 0
    assert Path("ontology").read_text(encoding="utf-8") == derived(form)


def test_the_kinds_are_listed_with_their_columns():
    told = run("schema").stdout
    assert all(f"\n  {kind} " in told for kind in (*NODE_KINDS, *RELATIONSHIP_KINDS))
    columns = run("schema", "ADOPTED").stdout
    assert "Organisation, System -> Innovation." in columns
    assert "considered, live, not_stated, pilot, scaled, stopped" in " ".join(columns.split())


def test_a_map_is_written_and_its_path_said():
    told = run("map", "systems", "-o", "systems.html")
    assert told.exit_code == 0, told.stderr
    assert told.stdout == f"{Path('systems.html')}\n"
    assert Path("systems.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "systems" in run("map").stdout


# Files and streams


def test_a_file_that_cannot_be_written_is_left_as_it_was():
    Path("folder").write_text("no folder", encoding="utf-8")
    told = run("ask", "reviews", "-o", "folder/answer.csv")
    assert told.exit_code == 2
    assert "cannot be written" in told.stderr
    assert [path.name for path in Path().iterdir()] == ["folder"]
    assert Path("folder").read_text(encoding="utf-8") == "no folder"


def test_a_failed_question_leaves_the_file_of_the_last_one():
    Path("answer.csv").write_text("before", encoding="utf-8")
    assert run("ask", "barriers", "--topic", "cancr", "-o", "answer.csv").exit_code == 2
    assert run("cypher", "RETURN", "-o", "answer.csv").exit_code == 1
    assert Path("answer.csv").read_text(encoding="utf-8") == "before"
    assert [path.name for path in Path().iterdir()] == ["answer.csv"]


@pytest.mark.skipif(os.name == "nt", reason="only on systems with POSIX pipes")
def test_a_reader_that_stops_listening_is_no_error():
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "icsgraph", "questions"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="only on systems with POSIX signals")
def test_an_interrupted_command_says_so_and_leaves_with_130():
    program = """
import os, signal, sys, threading
from icsgraph.cli import main
threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT)).start()
sys.argv = ["icsgraph", "cypher", "-"]
main()
"""
    read, write = os.pipe()
    done = subprocess.run([sys.executable, "-c", program], stdin=read, capture_output=True)
    os.close(read), os.close(write)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"Interrupted.\n")


def on_a_terminal(*arguments: object) -> tuple[int, bytes]:
    """The exit code of a command whose standard output and error are a terminal, and all it
    showed."""
    import pty

    ours, its = pty.openpty()
    command = [sys.executable, "-m", "icsgraph", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=its, stderr=its, env={**os.environ, "TERM": "xterm"})
    os.close(its)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return process.wait(), shown


@pytest.mark.skipif(os.name == "nt", reason="only on systems with POSIX terminals")
def test_a_terminal_is_spared_parquet_and_sees_the_steps_of_a_build():
    code, shown = on_a_terminal("ask", "reviews", "--format", "parquet")
    assert (code, b"PAR1" in shown, b"Name a file" in shown) == (2, False, True)
    code, shown = on_a_terminal("build", "--sample", "--store", "new")
    assert (code, b"Joining all sources" in shown) == (0, True)


def test_output_is_utf_8_whatever_the_console_is_set_to():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "icsgraph", "show", "Frimley"]
    done = subprocess.run(command, capture_output=True, env=environment)
    assert done.returncode == 0
    assert "System · ods:QNQ".encode() in done.stdout.replace(b"system", b"System")


# Tables


def test_a_table_aligns_numbers_and_marks_what_is_missing():
    frame = pl.DataFrame({"name": ["Frimley", None], "beds": [12345, None], "year": [2021, 2022]})
    assert table(frame, years=["year"]).splitlines() == [
        "name       beds  year",
        "─" * 21,
        "Frimley  12,345  2021",
        "–             –  2022",
    ]


def test_a_column_too_wide_for_the_table_stands_below_each_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "30")
    frame = pl.DataFrame({"name": ["Frimley"], "systems": [3], "found": ["word " * 30]})
    assert table(frame).splitlines()[:4] == [
        "name     systems",
        "─" * 16,
        "Frimley        3",
        "    found: word word word word",
    ]


def test_hostile_text_cannot_reach_the_terminal(monkeypatch: pytest.MonkeyPatch):
    frame = pl.DataFrame({"name": ["\x1b[31m[bold]\x07"]})
    assert table(frame).splitlines()[2] == "\\x1b[31m[bold]\\x07"
