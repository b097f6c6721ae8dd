"""What all tests share: where the repository and the real data are, and the refusal of skips.

With ICSGRAPH_REFUSE_SKIPS=1 (set by .ci/run) a skipped test fails, unless its reason is one that
this machine cannot do anything about: a machine that has the data and the browser must use them.
"""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from icsgraph.graph.store import Store
from icsgraph.loaders.sources import sample_sources
from icsgraph.pipeline import build
from icsgraph.session import Graph, open_graph

# The same examples each time, and no clock: a busy machine is no failure.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
NO_SHARED = "no ../shared folder with the real data beside the checkout"
OTHER_SYSTEM = "only on "  # a test for another operating system says: only on Windows


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout, which is the package."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real open data; a test that asks for it skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    return SHARED


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph of the bundled evidence, built once in a store of the tests' own."""
    store = Store(tmp_path_factory.mktemp("sample") / "store")
    build(store, sample_sources())
    return open_graph(store.path)


def may_skip(reason: str) -> bool:
    """Whether a machine that refuses skips accepts this one."""
    return reason.startswith(OTHER_SYSTEM) or (reason == NO_SHARED and not SHARED.is_dir())


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure, where skips are refused and its reason is not accepted."""
    if os.environ.get("ICSGRAPH_REFUSE_SKIPS") != "1" or not report.skipped:
        return
    if hasattr(report, "wasxfail") or not isinstance(report.longrepr, tuple):
        return
    reason = str(report.longrepr[2]).removeprefix("Skipped: ")
    if not may_skip(reason):
        report.outcome = "failed"
        report.longrepr = f"skipped, and ICSGRAPH_REFUSE_SKIPS=1 refuses that: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    refuse_skip(report)
    return report
