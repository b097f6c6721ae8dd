"""What is shipped is whole: the wheel works in an empty environment, from an empty folder."""

import ast
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
PACKAGES = PROJECT["tool"]["setuptools"]["packages"]
ROOMS = [name.removeprefix("icsgraph.") for name in PACKAGES if name != "icsgraph"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PINNED = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>\S+)", re.MULTILINE)
NOT_SHIPPED = shutil.ignore_patterns(
    ".*", "build", "dist", "demo", "*.egg-info", "__pycache__", "node_modules"
)
VIEWER = Path("visualisations") / "viewer"


def test_every_folder_that_is_a_package_is_listed():
    """An editable install finds a forgotten folder, and the wheel does not."""
    faces = [face for face in REPOSITORY.glob("[a-z]*/**/__init__.py") if "build" not in face.parts]
    folders = [face.parent.relative_to(REPOSITORY).parts for face in faces]
    assert sorted([["icsgraph"], *(["icsgraph", *parts] for parts in folders)]) == sorted(
        name.split(".") for name in PACKAGES
    )


def test_the_dependencies_are_what_the_code_imports():
    imported = set()
    for path in [
        *REPOSITORY.glob("*.py"),
        *(p for r in ROOMS for p in REPOSITORY.glob(f"{r}/*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.split(".")[0])
    distributions = packages_distributions()
    others = imported - set(sys.stdlib_module_names)
    extras = chain.from_iterable(PROJECT["project"]["optional-dependencies"].values())
    wanted = [*PROJECT["project"]["dependencies"], *extras]
    stated = [Requirement(text).name for text in wanted]
    assert sorted(stated) == sorted({distributions[name][0].lower() for name in others})


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_registry_and_no_folder(lock):
    text = (REPOSITORY / lock).read_text("utf-8")
    assert not re.search(
        r"://|index-url|find-links|trusted-host|^-|\s@\s|[A-Z]:\\|/", text, re.MULTILINE
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock):
    text = (REPOSITORY / lock).read_text("utf-8")
    entries = re.split(r"\n(?=[a-z])", text.partition("make lock\n")[2])
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_answers_the_project_file():
    """Forgotten after a change of the dependencies: `make lock`."""
    for lock, stated in (
        (LOCKS[0], PROJECT["project"]["dependencies"]),
        (LOCKS[1], PROJECT["dependency-groups"]["dev"]),
    ):
        pins = PINNED.findall((REPOSITORY / lock).read_text("utf-8"))
        for requirement in map(Requirement, stated):
            versions = [version for name, version in pins if name == requirement.name]
            assert versions, f"{requirement.name} is not in {lock}"
            assert all(version in requirement.specifier for version in versions)


def test_both_locks_agree():
    runtime, dev = (set(PINNED.findall((REPOSITORY / lock).read_text("utf-8"))) for lock in LOCKS)
    assert runtime - dev == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, made from the source distribution, which is made from a copy of the checkout."""
    copy = tmp_path_factory.mktemp("source") / "a copy"
    shutil.copytree(REPOSITORY, copy, ignore=NOT_SHIPPED)
    if (REPOSITORY / VIEWER / "dist").is_dir():  # built before the wheel is, never while it is
        shutil.copytree(REPOSITORY / VIEWER / "dist", copy / VIEWER / "dist")
    run(sys.executable, "-m", "build", "--no-isolation", cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The folder of commands of an environment that holds the wheel and what it needs, no more."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    commands = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        commands / "python",
    ]
    lock = REPOSITORY / "requirements.lock"
    run(*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", lock, cwd=home)
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=home)
    run(*pip, "check", cwd=home)
    return commands


def run(*command: object, cwd: Path) -> str:
    """What a command prints; it may see nothing of this checkout, and must succeed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_wheel_holds_every_file_of_the_rooms(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    files = [
        *REPOSITORY.glob("*.py"),
        *(p for room in ROOMS for p in (REPOSITORY / room).rglob("*")),
    ]
    ours = {
        f"icsgraph/{path.relative_to(REPOSITORY).as_posix()}"
        for path in files
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    sources = f"icsgraph/{VIEWER.as_posix()}/"  # of the viewer, only what is built from them
    ours = {name for name in ours if not name.startswith(sources) or f"{sources}dist/" in name}
    assert ours - held == set()


def test_the_wheel_carries_the_viewer_and_the_licences_of_what_it_holds(wheel, viewer):
    archive = zipfile.ZipFile(wheel)
    folder = f"icsgraph/{VIEWER.as_posix()}/"
    held = {name.removeprefix(folder) for name in archive.namelist() if name.startswith(folder)}
    assert held == {"dist/viewer.js", "dist/LICENCES.txt"}
    assert archive.read(f"{folder}dist/viewer.js") == viewer.read_bytes()


def test_the_wheel_puts_no_general_name_beside_other_packages(wheel):
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert names == {"icsgraph", f"icsgraph-{PROJECT['project']['version']}.dist-info"}


def test_the_wheel_leaves_the_tests_at_home(wheel):
    folders = {name.split("/")[1] for name in zipfile.ZipFile(wheel).namelist()}
    assert folders & {"tests", "docs", "benchmarks"} == set()


def test_the_wheel_carries_licence_and_attribution(wheel):
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist()}
    assert {"LICENSE", "NOTICE", "py.typed"} <= names


def test_the_installed_command_builds_asks_and_draws(installed, tmp_path):
    icsgraph = installed / "icsgraph"
    run(icsgraph, "build", "--sample", "--store", "store", cwd=tmp_path)
    asked = ("ask", "shared-innovations", "--store", "store", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(run(icsgraph, *asked, cwd=tmp_path))))
    assert rows
    run(icsgraph, "map", "systems", "-o", "map.html", "--store", "store", cwd=tmp_path)
    assert (tmp_path / "map.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.html", "store"]


def test_the_installed_command_draws_the_national_map(installed, viewer, tmp_path):
    icsgraph = installed / "icsgraph"
    run(icsgraph, "build", "--sample", "--store", "store", cwd=tmp_path)
    run(icsgraph, "map", "england", "-o", "england.html", "--store", "store", cwd=tmp_path)
    assert viewer.read_text("utf-8") in (tmp_path / "england.html").read_text("utf-8")


def test_the_installed_package_runs_as_a_module(installed, tmp_path):
    assert "build" in run(installed / "python", "-m", "icsgraph", "--help", cwd=tmp_path)


def test_a_folder_of_the_users_own_does_not_shadow_a_room(installed, tmp_path):
    (tmp_path / "graph.py").write_text("raise SystemExit('the wrong graph')", encoding="utf-8")
    program = "import json, icsgraph.graph as g; print(json.dumps(g.__name__))"
    assert json.loads(run(installed / "python", "-c", program, cwd=tmp_path)) == "icsgraph.graph"
