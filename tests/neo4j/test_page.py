"""What docs/neo4j.md shows happens, with the server of the tests for the one that it names."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from icsgraph.graph.neo4j_server import Server

PASSWORD = "icsgraph-tests"
OTHERS = ("python tests/neo4j/server.py", "export ")
"""Commands that the fixtures stand for."""


def plain(said: str) -> str:
    """Without what changes with the evidence: the id of a snapshot, and how many rows it has."""
    return re.sub(r"[\d,]+ rows", "N rows", re.sub(r"snapshot \w+", "snapshot ID", said))


def test_the_page_shows_what_happens(
    empty_server: Server, repository: Path, tmp_path: Path
) -> None:
    page = (repository / "docs" / "neo4j.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"```console\n(.*?)```", page, re.DOTALL))
    sessions = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)
    ours = [each for each in sessions if not each[0].startswith(OTHERS)]
    assert len(ours) == 10
    told = ""
    for command, output in ours:
        words = shlex.split(command.replace("bolt://localhost:7687", empty_server.url))
        assert words[0] == "icsgraph"
        done = subprocess.run(
            [sys.executable, "-m", "icsgraph", *words[1:]],
            cwd=tmp_path,
            env={**os.environ, "NEO4J_PASSWORD": PASSWORD},
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        if output:
            shown = output.replace("bolt://localhost:7687", empty_server.url)
            assert plain(done.stderr) == plain(shown)
        told += done.stdout
    assert "Nothing changed" in told
