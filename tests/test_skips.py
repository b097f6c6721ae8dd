"""A machine that could have run a test may not skip it: the refusal in conftest.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = {
    "the real data": "def test_it(shared): pass",
    "a browser": "import pytest\ndef test_it(): pytest.skip('no browser')",
    "a browser, by mark": "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test_it(): 1",
    "a library": "import pytest\npytest.importorskip('no_such_library')\ndef test_it(): pass",
    "Windows": "import pytest\ndef test_it(): pytest.skip('only on Windows')",
}


@pytest.fixture
def run(tmp_path: Path, repository: Path):
    """Run one test file under our conftest.py and return the exit code: 1 failed, 2 broken."""

    def run(test: str, *, refuse: str) -> int:
        tests = tmp_path / "repository" / "tests"
        tests.mkdir(parents=True)
        (tests / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        conftest = (repository / "tests" / "conftest.py").read_text(encoding="utf-8")
        (tests / "conftest.py").write_text(conftest, encoding="utf-8")
        (tests / "test_it.py").write_text(test, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
        environment = {
            **os.environ,
            "ICSGRAPH_REFUSE_SKIPS": refuse,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        return subprocess.run(command, env=environment, capture_output=True).returncode

    return run


@pytest.mark.parametrize("what", SKIPPING)
def test_a_machine_that_refuses_nothing_may_skip_for_want_of(what, run):
    assert run(SKIPPING[what], refuse="0") in (0, 5)  # 5: skipped while it was read, nothing left


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("the real data", 0),  # there is no folder `shared` beside this repository
        ("a browser", 1),
        ("a browser, by mark", 1),
        ("a library", 2),
        ("Windows", 0),
    ],
)
def test_a_machine_that_refuses_skips_and_lacks(what, code, run):
    assert run(SKIPPING[what], refuse="1") == code


def test_the_real_data_may_not_be_passed_over_where_they_are(tmp_path, run):
    (tmp_path / "shared").mkdir()
    assert run("import pytest\ndef test_it(): pytest.skip('no shared data')", refuse="1") == 1
