"""The sheet in which an analyst codes a report: its columns, how it is written and read again.

One row a passage. What was proposed stands in the cells, and once more under `proposed`, so that
what a person changed can be seen; nothing is loaded unless `keep` says yes.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from .delimited import read_delimited
from .documents import Document
from .evidence_files import Sheet, rows_of
from .layouts import Layout
from .workbook import read_sheet

__all__ = ["COLUMNS", "JOINT", "WORKBOOKS", "blank_sheet", "named", "open_sheet", "parted"]

COLUMNS: Mapping[str, str] = {
    "keep": "yes, if the row is a finding; no or blank, and it is passed over",
    "passage": "number of the passage; copy the row for a second finding in it",
    "page": "its page, where the document has pages",
    "text": "the passage, for reading",
    "proposed": "what the program proposed and why, for reading; correct the columns, not this",
    "kind": "innovation, barrier, challenge, enabler, inequality or recommendation",
    "name": "a short name; otherwise the beginning of the quote",
    "description": "what was found, in your words; otherwise the quote",
    "quote": "the words it rests on, as they stand; otherwise the whole passage",
    "systems": "integrated care systems it is about: name or ODS code, split by ;",
    "organisations": "bodies it is about, with their part: Barts Health [ods:R1H] (provider)",
    "cluster": "the innovation, barrier or subject, the same across places",
    "topic": "topic of a review that it bears on",
    "theme": "theme, in the words of the report",
    "population_group": "whom it is about, split by ;",
    "technology": "technologies, split by ;",
    "sectors": "parts of health and care, split by ;",
    "challenge": "which of the five challenges for systems it bears on",
    "voice": "who said it, only if the report says so",
    "stage": "how far an innovation had got: considered, pilot, live, scaled, stopped",
    "novelty": "confirmation or news, if the report says so",
    "period": "when it was observed: 2022-05, by 2022-06, 2022-04 to 2022-06",
    "place": "the place as stated, finer or wider than a system",
    "for": "whom a recommendation is for",
    "serves": "which winter or time it is meant to serve",
    "due": "by when it is to be met",
    "action": "what is known to have been done about it",
    "coder": "who kept the row",
    "note": "a doubt or remark",
}
"""Every column of the sheet and what belongs there."""

MUST = ("keep", "passage", "kind")
JOINT = "; "
WORKBOOKS = (".xlsx", ".ods")

_LAYOUT = Layout(
    "a sheet of coded passages (icsgraph code)",
    {column: column for column in COLUMNS},
    optional=frozenset(COLUMNS) - set(MUST),
    others=True,
)
_RUNS = re.compile(r"[=+\-@\t\r]")
_GUARDED = r"^'([=+\-@])"
_SHEETS = (".csv", *WORKBOOKS)


def named(name: str, identifier: str) -> str:
    """A thing as a cell holds it: its name, and its identifier in square brackets.

    >>> named("Barts Health; London", "ods:R1H")
    'Barts Health, London [ods:R1H]'
    """
    plain = re.sub(r"\s*;\s*", ", ", name).replace("[", "(").replace("]", ")")
    return f"{plain} [{identifier}]"


def blank_sheet(document: Document, cells: Mapping[int, Mapping[str, str]]) -> bytes:
    """The sheet of a document, nothing kept yet; `cells` are proposals by passage and column.

    CSV in UTF-8 with a byte-order mark, without which Excel would spoil every quotation mark. A
    cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for passage in document.passages:
        row = {"passage": str(passage.number), "page": str(passage.page or "")}
        row |= {"text": passage.text, **cells.get(passage.number, {})}
        writer.writerow({column: _guarded(cell) for column, cell in row.items()})
    return codecs.BOM_UTF8 + out.getvalue().encode("utf-8")


def _guarded(cell: str) -> str:
    return f"'{cell}" if _RUNS.match(cell) else cell


def open_sheet(path: Path) -> Sheet:
    """A sheet that was filled in, as CSV or as a workbook; columns of the analyst's own are passed
    over. `LayoutError` if a column is missing that it must have."""
    read = read_sheet if path.suffix.lower() in WORKBOOKS else read_delimited
    origin = read(path, [_LAYOUT])
    texts = [pl.col(c).str.replace(_GUARDED, "$1") for c in COLUMNS]
    keep = pl.col("keep").str.to_lowercase().replace({"y": "yes", "n": "no"})
    return rows_of(origin.derive(*texts).derive(keep))


def parted(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Of the files of a source, the sheets and the documents.

    >>> parted([Path("sheet.csv"), Path("report.pdf")])[1][0].name
    'report.pdf'
    """
    listed = list(files)
    sheets = [path for path in listed if path.suffix.lower() in _SHEETS]
    return sheets, [path for path in listed if path not in sheets]
