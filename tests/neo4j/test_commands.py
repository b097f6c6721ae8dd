"""push and pull on the command line: what is said, with which exit code, and no traceback."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.graph.neo4j_server import Server
from icsgraph.session import Graph

PASSWORD = "icsgraph-tests"


def run(*arguments: object, password: str = PASSWORD, **more: str) -> Result:
    environment = {"NEO4J_PASSWORD": password, "COLUMNS": "100", **more}
    return CliRunner().invoke(app, [str(a) for a in arguments], env=environment)


@pytest.fixture
def store(sample: Graph) -> Path:
    """The store of the bundled evidence."""
    return sample.snapshot.folder.parent.parent


def test_a_graph_goes_there_and_comes_back(
    address: str, store: Path, tmp_path: Path, sample: Graph
) -> None:
    there = run("push", address, "--store", store)
    assert there.exit_code == 0
    assert f"holds snapshot {sample.snapshot.id}: " in there.stderr
    again = run("push", address, "--store", store)
    assert again.stderr.endswith("nothing had changed there.\n")
    back = run("pull", address, "--store", tmp_path / "pulled")
    assert "as it was pushed" in back.stderr
    compared = run("diff", store, tmp_path / "pulled")
    assert compared.stdout.startswith("Nothing changed from snapshot")
    built = run("build", "--sample", "--store", tmp_path / "pulled")
    assert built.exit_code == 1  # its sources are elsewhere


def test_a_question_is_asked_of_the_server(address: str, store: Path) -> None:
    asked = ("ask", "shared-innovations", "--store", store, "--format", "csv")
    run("push", address, "--store", store)
    there = run(*asked, "--engine", "neo4j", "--url", address)
    assert there.exit_code == 0
    assert there.stdout == run(*asked).stdout


def test_a_question_is_not_asked_of_a_server_that_holds_another_graph(
    address: str, store: Path, tmp_path: Path, registers: Graph
) -> None:
    other = registers.snapshot.folder.parent.parent
    run("push", address, "--store", store)
    asked = ("ask", "shared-innovations", "--engine", "neo4j", "--url", address)
    refused = run(*asked, "--store", other)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"and not {registers.snapshot.id}, which is asked." in refused.stderr


def test_a_part_of_a_graph_is_pushed_as_a_store_of_its_own(
    address: str, store: Path, tmp_path: Path
) -> None:
    part, of_part = ("--within", "Frimley", "--on", "2023-01-01"), tmp_path / "part-store"
    asked = ("ask", "voices", "--format", "csv", "--store")
    on_server = ("--engine", "neo4j", "--url", address)
    refused = run(*asked, store, *part[:2], *on_server)
    assert (refused.exit_code, "or push the part" in refused.stderr) == (2, True)
    run("export", "parquet", "-o", tmp_path / "part", *part, "--store", store)
    run("import", "parquet", tmp_path / "part", "--store", of_part)
    assert run("push", address, "--store", of_part).exit_code == 0
    told = run(*asked, of_part, *on_server)
    assert told.exit_code == 0
    assert told.stdout == run(*asked, of_part).stdout
    assert len(told.stdout.splitlines()) > 1


@pytest.mark.parametrize(
    ("url", "options", "code", "said"),
    [
        ("bolt://127.0.0.1:1", (), 3, "Couldn't connect to 127.0.0.1:1."),
        ("bolt://no-such-host.invalid", (), 3, "Is it started"),
        ("http://localhost:7474", (), 2, "is no Bolt address"),
        ("bolt//localhost", (), 2, "is no Bolt address"),
        ("", ("--user", "nobody"), 3, "it refused the user nobody with this password"),
        ("", ("--database", "englnd"), 3, "it has no database englnd"),
    ],
)
@pytest.mark.parametrize("command", ["push", "pull"])
def test_what_stands_in_the_way_is_said(
    command: str,
    url: str,
    options: tuple[str, ...],
    code: int,
    said: str,
    address: str,
    store: Path,
    tmp_path: Path,
) -> None:
    there = store if command == "push" else tmp_path / "pulled"
    told = run(command, url or address, "--store", there, *options)
    assert (told.exit_code, said in told.stderr, "Traceback" in told.stderr) == (code, True, False)


def test_a_wrong_password_and_none_are_told_apart(address: str, store: Path) -> None:
    wrong = run("push", address, "--store", store, password="wrong")
    assert (wrong.exit_code, "refused the user neo4j" in wrong.stderr) == (3, True)
    none = run("push", address, "--store", store, password="")
    assert (none.exit_code, "it wants a password" in none.stderr) == (3, True)


def test_a_database_with_other_things_is_refused_unless_told(
    address: str, empty_server: Server, store: Path
) -> None:
    empty_server.write("CREATE (:Note {text: 'mine'})")
    refused = run("push", address, "--store", store)
    assert (refused.exit_code, "--into-shared" in refused.stderr) == (2, True)
    assert run("push", address, "--store", store, "--into-shared").exit_code == 0
    assert empty_server.read("MATCH (n:Note) RETURN n.text") == [["mine"]]
    empty_server.write("MATCH (n:Note) DELETE n")
