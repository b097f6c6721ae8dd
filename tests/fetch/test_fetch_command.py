"""The command `icsgraph fetch`, and that nothing else asks a network."""

import ast
import os
import re
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.loaders.fetch import FETCHED
from icsgraph.loaders.registry import LOADERS

OLDHAM = ["--local-authority", "Oldham"]


@pytest.fixture
def run(cqc, monkeypatch):
    """Runs `icsgraph fetch` against the CQC's API on this machine."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments, **environment):
        settings = {**cqc.environment, **environment}
        return CliRunner(env=settings).invoke(app, ["fetch", *map(str, arguments)])

    return run


def test_without_a_name_the_services_are_listed_with_what_they_need(run, cqc):
    told = run()
    assert told.exit_code == 0
    for service in FETCHED.values():
        assert f"{service.name}: {service.publisher}" in told.stdout
        assert service.page in told.stdout
        assert service.licence in told.stdout
        if service.key:
            assert f"a key in {service.key.variable}, from {service.key.page}" in told.stdout
    assert "a-key-of-this-test" not in told.output
    assert cqc.service.asked == []


def test_only_loaders_that_there_are_are_named(run):
    named = re.findall("icsgraph add ([a-z-]+)", run().stdout)
    assert named == [s.kind for s in FETCHED.values() if s.kind in LOADERS]
    assert "cqc-api" in named


def test_the_files_are_named_on_standard_output(run, cqc):
    told = run("cqc", "-o", cqc.folder)
    assert told.exit_code == 0
    files = [cqc.folder / "cqc-locations.jsonl.gz", cqc.folder / "cqc-providers.jsonl.gz"]
    assert told.stdout.splitlines() == [str(file) for file in files]
    assert told.stderr.splitlines()[:2] == [
        "cqc-locations.jsonl.gz: 5 records as of 2026-11-02T09:00:00Z: 5 fetched.",
        "cqc-providers.jsonl.gz: 3 records as of 2026-11-02T09:00:00Z: 3 fetched.",
    ]


def test_the_command_that_reads_the_files_is_told_and_works(run, cqc, tmp_path):
    told = run("cqc", "-o", cqc.folder, *OLDHAM)
    command = shlex.split(told.stderr.splitlines()[-1].removeprefix("To read: icsgraph "))
    assert command[-2:] == ["--scope", "Oldham"]
    added = CliRunner().invoke(app, [*command, "--store", str(tmp_path / "store")])
    assert added.exit_code == 0, added.output
    assert added.stdout.splitlines()[2].split()[1:] == ["cqc-locations.jsonl.gz", *"3300"]


def test_everything_is_a_complete_edition(run, cqc):
    told = run("cqc", "-o", cqc.folder)
    assert told.stderr.splitlines()[-1].endswith(
        "--as-of 2026-11-02 --retrieved 2026-11-02 --licence OGL-UK-3.0 --scope England --complete"
    )


def test_plain_files_can_be_asked_for(run, cqc, lines):
    told = run("cqc", "-o", cqc.folder, "--plain")
    assert told.exit_code == 0
    assert len(lines(cqc.folder / "cqc-locations.jsonl")) == 5


def test_a_key_that_is_missing_is_named_with_where_to_get_one(run, cqc):
    told = run("cqc", "-o", cqc.folder, CQC_SUBSCRIPTION_KEY="")
    assert told.exit_code == 3
    assert told.stdout == ""
    assert told.stderr == (
        "Error: This needs a key in the environment variable CQC_SUBSCRIPTION_KEY, "
        "which is not here.\n"
        "Get one at https://api-portal.service.cqc.org.uk/\n"
    )


def test_a_service_that_fails_ends_with_code_three(run, cqc, reply):
    cqc.service.faults = [reply(b"", 401)]
    told = run("cqc", "-o", cqc.folder)
    assert told.exit_code == 3
    assert told.stderr.startswith(f"Error: The CQC API failed at {cqc.url}/locations?page=1")
    assert told.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cqc"], "A fetch needs a folder.\nicsgraph fetch cqc -o cqc"),
        (["cqcs", "-o", "x"], 'There is no service to fetch from "cqcs".\nThe nearest names: cqc.'),
        (["cqc", "-o", "x", "--role", "RO197"], "cqc is not fetched by role."),
        (["ods-ord", "-o", "x", *OLDHAM], "ods-ord is not fetched by local-authority."),
        (["cqc", "-o", "x", "--key", "k"], 'There is no option "--key".'),
    ],
)
def test_wrong_usage_is_said(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    told = run(*arguments)
    assert told.exit_code == 2
    assert said in told.stderr
    assert list(tmp_path.iterdir()) == []


# Nothing else asks a network


def test_building_works_where_there_is_no_network(tmp_path):
    """Any attempt to look up a name or to connect ends the process."""
    program = """
import socket, sys

def refuse(*arguments, **more):
    raise SystemExit("the network was asked")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from icsgraph.cli.app import app
app(["build", "--sample", "--store", "store"], standalone_mode=False)
loaded = sorted(name for name in sys.modules if name.split(".")[0] in ("httpx2", "httpcore2")
                or name.startswith("icsgraph.loaders.fetch"))
sys.exit(", ".join(loaded) or None)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "A new store: store\n")


def test_only_fetching_imports_what_asks_a_network(repository):
    """One module imports the HTTP library, one command the modules that fetch."""
    importers = {"httpx2": set(), "fetch": set()}
    for path in repository.glob("*/*.py"):
        if path.parent.name in ("tests", "build", "benchmarks"):
            continue
        name = f"{path.parent.name}/{path.stem}"
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported = [alias.name.split(".")[0] for alias in node.names]
                importers["httpx2"] |= {name for i in imported if i in NETWORK}
            if isinstance(node, ast.ImportFrom) and node.module:
                if node.module.split(".")[-1].startswith("fetch"):
                    importers["fetch"].add(name)
    ours = {f"loaders/{path.stem}" for path in repository.glob("loaders/fetch*.py")}
    assert importers["httpx2"] == {"loaders/fetch_http"}
    assert importers["fetch"] - ours == {"cli/fetching"}


NETWORK = {"httpx2", "httpx", "requests", "urllib3", "aiohttp", "http", "socket", "ftplib"}


def test_help_loads_nothing_that_asks_a_network():
    program = (
        "import sys\nfrom icsgraph.cli.app import app\n"
        "app(['fetch', '-h'], standalone_mode=False)\n"
        "sys.exit('httpx2' in sys.modules or 'polars' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=os.environ)
    assert done.returncode == 0
