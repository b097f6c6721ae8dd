"""What the README and the tutorial show is what happens."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.fixture(params=["README.md", "docs/tutorial.md"])
def page(request: pytest.FixtureRequest, repository: Path) -> Path:
    return repository / request.param


def sessions(page: Path) -> list[tuple[str, str]]:
    """Each `$ command` of a page with the output that follows it."""
    blocks = "".join(CONSOLE.findall(page.read_text(encoding="utf-8")))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)


def test_the_python_session_is_what_python_prints(page: Path):
    text = page.read_text(encoding="utf-8").replace("```", "")
    example = doctest.DocTestParser().get_doctest(text, {}, page.stem, str(page), 0)
    assert len(example.examples) >= 6
    assert doctest.DocTestRunner().run(example).failed == 0


def test_the_terminal_session_is_what_the_terminal_prints(page: Path, tmp_path: Path):
    shown = sessions(page)
    assert len(shown) >= 3
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
        for written in re.findall(r"--output (\S+)", command):
            assert (tmp_path / written).exists()


def anchors(page: Path) -> set[str]:
    """What a link may name after a #: each heading as repository browsers write it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}


def test_every_link_of_every_page_leads_somewhere(repository: Path):
    pages = sorted([*repository.glob("*.md"), *(repository / "docs").rglob("*.md")])
    broken, links = [], 0
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"\w+:", link):
                continue
            path, _, anchor = link.partition("#")
            aim = page.parent / path if path else page
            there = aim.exists() and (not anchor or anchor in anchors(aim))
            links += 1
            broken += [] if there else [(page.name, link)]
    assert links > 200
    assert broken == []
