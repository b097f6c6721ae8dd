"""What holds of a map of any kind: the same bytes everywhere, and a file written whole or not."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.visualisations.maps import MAPS

OF = {"system": "Frimley", "around": "Virtual ward", "question": "system-2022-to-2026"}

ELSEWHERE = """
import hashlib, sys
from icsgraph.session import open_graph
graph = open_graph(sys.argv[1])
for asked in sys.argv[2:]:
    page = graph.map(*asked.split(":")).html
    print(asked, hashlib.sha256(page.encode("utf-8")).hexdigest())
"""


def store_of(graph) -> str:
    return str(graph.snapshot.folder.parent.parent)


def drawn_elsewhere(graph, seed: str, of: dict[str, str]) -> list[str]:
    """The sum of each map that is of something in `of` or of all, by a process of its own."""
    asked = [f"{row.name}:{of.get(row.name, '')}" for row in MAPS.values()]
    asked = [one for one in asked if not one.endswith(":") or not MAPS[one[:-1]].takes]
    return subprocess.run(
        [sys.executable, "-c", ELSEWHERE, store_of(graph), *asked],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()


def test_every_map_of_the_evidence_has_the_same_bytes_in_every_process(sample, viewer):
    of = {**OF, "innovation": "Oximetry at home", "topic": "cancer"}
    said = drawn_elsewhere(sample, "0", of)
    assert len(said) == len(MAPS)
    assert drawn_elsewhere(sample, "4242", of) == said


def test_every_map_of_registers_has_the_same_bytes_in_every_process(registers, viewer):
    of = {**OF, "system": "Q9X", "around": "R9X"}
    said = drawn_elsewhere(registers, "0", of)
    assert len(said) == len(MAPS) - 2
    assert drawn_elsewhere(registers, "4242", of) == said


# ---- files that cannot be written ----------------------------------------


LONG = f"{'m' * 300}.html"


@pytest.mark.parametrize("name", ["systems", "flows", "systems-tiles", "england"])
@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere/map.html", "there is no folder"),
        ("a-file/map.html", "a-file is a file, not a folder"),
        ("a-folder", "is a directory"),
        (LONG, "cannot be written"),
    ],
    ids=["no-folder", "in-a-file", "a-folder", "too-long"],
)
def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(
    sample, viewer, tmp_path, name, target, said
):
    (tmp_path / "a-file").write_text("as it was", encoding="utf-8")
    (tmp_path / "a-folder").mkdir()
    words = ["map", name, "-o", str(tmp_path / target), "--store", store_of(sample)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert said in f"{result.output} {result.exception or ''}"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a-file", "a-folder"]
    assert (tmp_path / "a-file").read_text(encoding="utf-8") == "as it was"


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from icsgraph.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems that limit a file's size")
def test_a_disk_that_is_full_leaves_what_was_there(sample, tmp_path):
    """A limit of 100,000 bytes stands for the full disk: the map is larger."""
    target = tmp_path / "map.html"
    target.write_text("the map of yesterday", encoding="utf-8")
    words = ["map", "systems", "-o", str(target), "--store", store_of(sample)]
    told = subprocess.run([sys.executable, "-c", FULL, *words], capture_output=True, text=True)
    assert told.returncode == 2
    assert "cannot be written" in told.stderr and "Traceback" not in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]
    assert target.read_text(encoding="utf-8") == "the map of yesterday"
