"""What the README shows is what happens."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.fixture
def readme(repository: Path) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


def sessions(readme: str) -> list[tuple[str, str]]:
    """Each `$ command` of the README with the output that follows it."""
    blocks = "".join(CONSOLE.findall(readme))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)


def test_the_python_session_is_what_python_prints(readme: str):
    text = readme.replace("```", "")
    example = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    assert len(example.examples) >= 6
    assert doctest.DocTestRunner().run(example).failed == 0


def test_the_terminal_session_is_what_the_terminal_prints(readme: str, tmp_path: Path):
    shown = sessions(readme)
    assert len(shown) == 3
    for command, output in shown:
        words = shlex.split(command)
        assert words[0] == "icsgraph"
        done = subprocess.run(
            [sys.executable, "-m", "icsgraph", *words[1:]],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert done.stdout == output
    assert (tmp_path / "reviews.csv").read_text(encoding="utf-8").startswith("review,")


def test_every_page_that_the_readme_points_to_is_there(readme: str, repository: Path):
    links = re.findall(r"\]\(([^)#]+)\)", readme)
    assert links
    assert [link for link in links if not (repository / link).is_file()] == []
