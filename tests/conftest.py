"""What all tests share: where the repository and the real data are, and the refusal of skips.

With ICSGRAPH_REFUSE_SKIPS=1 (set by .ci/run) a skipped test fails, unless its reason is one that
this machine cannot do anything about: a machine that has the data and the browser must use them.
"""

import os
import zipfile
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import settings

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources, sample_sources
from icsgraph.pipeline import build
from icsgraph.session import Graph, open_graph
from icsgraph.visualisations.viewer_bundle import BUNDLE

# The same examples each time, and no clock: a busy machine is no failure.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
NO_SHARED = "no ../shared folder with the real data beside the checkout"
NO_VIEWER = "the viewer of the national map is not built: make viewer (it needs Node.js and npm)"
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


@pytest.fixture(scope="session")
def viewer() -> Path:
    """The built viewer of the national map; a test that asks for it skips where there is none."""
    if not BUNDLE.is_file():
        pytest.skip(NO_VIEWER)
    return BUNDLE


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _xlsx_cell(at: str, value: Any) -> str:
    match value:
        case ("day", serial):  # a number shown as a date, as Excel stores one
            return f'<c r="{at}" s="1"><v>{serial}</v></c>'
        case ("error", text):
            return f'<c r="{at}" t="e"><v>{text}</v></c>'
        case int() | float():
            return f'<c r="{at}"><v>{value}</v></c>'
        case str():
            return f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return ""


def _letters(column: int) -> str:
    """A column's name: A, B ... Z, AA, AB ..."""
    more, last = divmod(column, 26)
    return (_letters(more - 1) if more else "") + chr(65 + last)


def _relationship(key: str, what: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{_OFFICE}/{what}" Target="{target}"/>'


def _xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]], merged: Sequence[str]) -> dict[str, str]:
    """The files of an .xlsx archive; `merged` holds ranges of the first sheet such as A2:A4."""
    book = _relationship("book", "officeDocument", "xl/workbook.xml")
    files = {"_rels/.rels": f"<Relationships>{book}</Relationships>"}
    listed = targets = ""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        listed += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>'
        targets += _relationship(f"r{number}", "worksheet", f"worksheets/{number}.xml")
        lines = [
            "".join(_xlsx_cell(f"{_letters(c)}{r}", v) for c, v in enumerate(row))
            for r, row in enumerate(rows, 1)
        ]
        ranges = "".join(f'<mergeCell ref="{r}"/>' for r in merged) if number == 1 else ""
        body = "".join(f'<row r="{r}">{line}</row>' for r, line in enumerate(lines, 1))
        files[f"xl/worksheets/{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>'
            f"<mergeCells>{ranges}</mergeCells></worksheet>"
        )
    files["xl/workbook.xml"] = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    )
    targets += _relationship("styles", "styles", "styles.xml")
    files["xl/_rels/workbook.xml.rels"] = f"<Relationships>{targets}</Relationships>"
    files["xl/styles.xml"] = (
        f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>"
    )
    return files


def _ods_cell(value: Any) -> str:
    text, attributes = "", ""
    match value:
        case ("day", day):
            attributes = f' office:value-type="date" office:date-value="{day}"'
        case ("over", rows, text):  # a cell merged over this many rows
            attributes = f' office:value-type="string" table:number-rows-spanned="{rows}"'
        case "covered":
            return "<table:covered-table-cell/>"
        case int() | float():
            attributes = f' office:value-type="float" office:value="{value}"'
        case str():
            text, attributes = value, ' office:value-type="string"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n") if line)
    return f"<table:table-cell{attributes}>{lines}</table:table-cell>"


def _ods(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, str]:
    tables = ""
    for name, rows in sheets.items():
        lines = ("".join(map(_ods_cell, row)) for row in rows)
        body = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
        tables += f'<table:table table:name="{escape(name)}">{body}</table:table>'
    spaces = " ".join(f'xmlns:{n}="{_ODF}:{n}:1.0"' for n in ("office", "table", "text"))
    content = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f"<office:document-content {spaces}>{content}</office:document-content>",
    }


@pytest.fixture
def write_workbook() -> Callable[..., Path]:
    """Writes a workbook, .xlsx or .ods by its name: sheets of rows of cells, text or number; a day
    as ("day", serial number or ISO text), an error value as ("error", "#N/A")."""

    def write(
        path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], merged: Sequence[str] = ()
    ) -> Path:
        files = _ods(sheets) if path.suffix == ".ods" else _xlsx(sheets, merged)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return path

    return write


@pytest.fixture
def built() -> Callable[..., Snapshot]:
    """Puts partitions into a store, builds it, and gives the snapshot that readers then see."""

    def build_store(path: Path, *partitions: Partition) -> Snapshot:
        store = Store(path)
        with store.writing():
            for part in partitions:
                with fresh_folder(store.partitions) as folder:
                    write_partition(folder, part)
                    store.put_partition(part.facts["id"], folder)
            store.switch(assemble(store))
        return store.current()

    return build_store


@pytest.fixture(scope="session")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph of the small made-up registers, built once."""
    return _built(tmp_path_factory, REPOSITORY / "tests" / "data" / "registers" / "SOURCES.toml")


@pytest.fixture(scope="session")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph of the small made-up adoptions, built once."""
    return _built(tmp_path_factory, REPOSITORY / "tests" / "data" / "spread" / "SOURCES.toml")


@pytest.fixture(scope="session")
def england(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph of all registers beside the checkout, built once; some twenty seconds."""
    return _built(tmp_path_factory, REPOSITORY / "tests" / "data" / "all.toml")


def _built(folders: pytest.TempPathFactory, listed: Path) -> Graph:
    store = Store(folders.mktemp(listed.stem) / "store")
    build(store, read_sources(listed))
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
