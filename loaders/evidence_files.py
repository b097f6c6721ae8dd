"""The files of the evidence: which there are, their columns, and what becomes of each of their
rows.

A `Sheet` is one file as rows of text. Whoever reads a row says what became of it: `accept` (it
made something), `merge` (it was added to what another row made) or `fault` (it was rejected, and
why).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.errors import DateFault, IdentifierFault, LayoutError
from ..ontology.identifiers import curie, slug
from . import delimited
from .decoding import read_utf8
from .layouts import Layout, recognised
from .records import REJECT_SCHEMA, FileAccount, SourceEntry

__all__ = ["FILES", "EvidenceFile", "Row", "Sheet", "open_sheets", "rows_of"]


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One file: its columns, which of them may not be blank, and whether it must be there."""

    file: str
    what: str
    columns: tuple[str, ...]
    named: tuple[str, ...] = ()
    must: bool = True

    @property
    def layout(self) -> Layout:
        """The layout as the reader of delimited files wants it: our column names are its own."""
        return Layout(f"a file of {self.what}", {column: column for column in self.columns})


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FILES: dict[str, EvidenceFile] = {
    each.file.removesuffix(".csv"): each
    for each in (
        EvidenceFile(
            "sources.csv",
            "pages and documents",
            _columns("source_key url title stored_text_cut findings_using"),
            _columns("source_key url title"),
        ),
        EvidenceFile(
            "publishers.csv",
            "our coding of who published each page, and when",
            _columns("source_key publisher source_type published"),
            _columns("source_key publisher"),
            must=False,
        ),
        EvidenceFile(
            "reviews.csv",
            "reviews",
            _columns(
                "review_id topic phase fieldwork_start fieldwork_end published title source_url "
                "note"
            ),
            _columns("review_id topic"),
        ),
        EvidenceFile(
            "systems.csv",
            "health systems",
            _columns(
                "system_id ods_code ons_code name name_before_2022_07 region region_ods valid_from "
                "statutory_from valid_to lon lat"
            ),
            _columns("system_id ods_code name"),
        ),
        EvidenceFile(
            "system_successions.csv",
            "which system followed which",
            _columns("system_id successor_id date share_of_area"),
            _columns("system_id successor_id"),
        ),
        EvidenceFile(
            "organisations.csv",
            "organisations",
            _columns("name type ods_code icb_2022 icb_ods also_seen_as source_url note"),
            _columns("name type"),
        ),
        EvidenceFile(
            "org_aliases.csv",
            "other names of organisations",
            _columns("alias_as_published canonical_name source_url"),
            _columns("alias_as_published canonical_name"),
        ),
        EvidenceFile(
            "review_areas.csv",
            "areas that were reviewed",
            _columns("review_id area_name icb_2022 ods_code note source_url"),
            _columns("review_id"),
        ),
        EvidenceFile(
            "themes.csv",
            "themes of the reviews",
            _columns("topic review_id theme level definition status source_url"),
            _columns("review_id theme level"),
        ),
        EvidenceFile(
            "clusters.csv",
            "our names for the clusters of findings",
            _columns("cluster label definition becomes_innovation becomes_barrier"),
            _columns("cluster label"),
            must=False,
        ),
        EvidenceFile(
            "pandemic_stages.csv",
            "dated stages of the pandemic",
            _columns("id label start end definition source_title source_url note"),
            _columns("id label"),
            must=False,
        ),
        EvidenceFile(
            "findings.csv",
            "findings",
            _columns(
                "finding_id review_id area kind theme short_name description organisations sectors "
                "technology population_group period source_url source_title area_ods place "
                "evidence_class cluster related_review source_text_cut other_source_urls note"
            ),
            _columns("finding_id review_id kind short_name source_url evidence_class"),
        ),
        EvidenceFile(
            "coding.csv",
            "our coding of findings",
            _columns("finding_id field value words level note"),
            _columns("finding_id field value level"),
            must=False,
        ),
        EvidenceFile(
            "evaluation.csv",
            "facts of the programme's evaluation",
            _columns("eval_id kind short_name description applies_to source_file source_url"),
            _columns("eval_id kind short_name applies_to source_url"),
        ),
        EvidenceFile(
            "ties.csv",
            "ties between organisations",
            _columns("subject_org relation object_org area about start source_url area_ods"),
            _columns("subject_org relation object_org about source_url"),
        ),
    )
}
"""Every file by its name without `.csv`, in the order in which one may refer to another."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its number (from 1, the header not counted) and its cells, "" where
    blank."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def text(self, column: str) -> str | None:
        """The cell, or None if it is blank."""
        return self.cells[column] or None

    def parts(self, column: str) -> list[str]:
        """The values of a cell that holds several, split by semicolons.

        >>> Row(1, {"sectors": "acute; primary care"}).parts("sectors")
        ['acute', 'primary care']
        """
        return [part.strip() for part in self.cells[column].split(";") if part.strip()]


@dataclass(slots=True)
class Sheet:
    """One file's rows and the account of them. A row with a fault is rejected, whatever else
    was said."""

    file: str
    rows: list[Row] = field(default_factory=list)
    origin: delimited.Sheet | None = None
    notes: list[str] = field(default_factory=list)
    accepted: set[int] = field(default_factory=set)
    merged: set[int] = field(default_factory=set)
    faults: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    faulty: set[int] = field(default_factory=set)

    def __iter__(self) -> Iterator[Row]:
        """The rows that have no fault so far."""
        return (row for row in self.rows if row.number not in self.faulty)

    def sound(self, row: Row) -> bool:
        """Whether no fault of this row was reported."""
        return row.number not in self.faulty

    def accept(self, row: Row) -> None:
        """The row made something of its own."""
        self.accepted.add(row.number)

    def merge(self, row: Row) -> None:
        """The row was added to what another row made."""
        self.merged.add(row.number)

    def fault(self, row: Row, column: str, reason: str, what_to_do: str = "") -> None:
        """The row is rejected: its value in `column` is, or has, what `reason` says."""
        self.faulty.add(row.number)
        self.faults.append((row.number, column, row[column], reason, what_to_do))

    def date(self, row: Row, column: str) -> BoundedDate:
        """The date in a cell; a text that is none is a fault, and an unknown date."""
        try:
            return BoundedDate.parse(row[column])
        except DateFault as wrong:
            self.fault(row, column, f"is no date: {wrong.reason}", wrong.hint)
            return BoundedDate()

    def interval(self, row: Row, start: str, end: str) -> BoundedDate:
        """From the date in one cell to the last day, month, ... in another; faults as in `date`."""
        try:
            return BoundedDate.from_parts(row[start], row[end])
        except DateFault as wrong:
            column = end if wrong.text == row[end] else start
            self.fault(row, column, f"is no date: {wrong.reason}", wrong.hint)
            return BoundedDate()

    def identifier(self, row: Row, column: str, prefix: str, local: str | None = None) -> str:
        """The CURIE that a cell (or `local`, made from it) is the code of; one that is none is
        a fault."""
        try:
            return curie(prefix, row[column] if local is None else local)
        except IdentifierFault as wrong:
            self.fault(row, column, f"is no identifier: {wrong.reason}", wrong.hint)
            return ""

    def worded(self, row: Row, *columns: str) -> None:
        """A value from whose letters no identifier can be made is a fault; blank ones are none."""
        for column in columns:
            try:
                for part in row.parts(column):
                    slug(part)
            except IdentifierFault as wrong:
                self.fault(row, column, f"makes no identifier: {wrong.reason}")

    def number(self, row: Row, column: str, lowest: float, highest: float) -> float | None:
        """The number in a cell, None if blank; text or a number out of bounds is a fault."""
        if not row[column]:
            return None
        try:
            value = float(row[column])
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:
            self.fault(row, column, f"is no number from {lowest:g} to {highest:g}")
            return None
        return value

    def yes(self, row: Row, column: str) -> bool | None:
        """True for yes, False for no, None for blank; anything else is a fault."""
        if row[column] not in ("", "yes", "no"):
            self.fault(row, column, "is neither yes nor no", "Write yes or no, or leave it blank.")
        return {"yes": True, "no": False}.get(row[column])

    def account(self) -> FileAccount:
        """What became of every row. Faulty rows are rejected, whatever was said of them before."""
        if self.origin is None:
            return FileAccount(self.file, 0, pl.Series("row", [], dtype=pl.Int64))
        columns = ("row", "column", "value", "reason", "what_to_do")
        schema = {name: REJECT_SCHEMA[name] for name in columns}
        faults = pl.DataFrame(self.faults, schema=schema, orient="row")
        accepted = pl.Series("row", sorted(self.accepted - self.faulty), dtype=pl.Int64)
        merged = pl.Series("row", sorted(self.merged - self.faulty), dtype=pl.Int64)
        return FileAccount(
            self.file,
            self.origin.rows_in,
            accepted,
            pl.concat([self.origin.merged, merged]).sort(),
            self.origin.reject(faults).rejected.sort("row", maintain_order=True),
            (*self.origin.notes, *self.notes),
        )


def open_sheets(entry: SourceEntry) -> dict[str, Sheet]:
    """Every file of the evidence, by its name without `.csv`; one that may be absent is empty
    then.

    `entry.files` is the folder, or the files themselves. Raises LayoutError if a file is missing,
    breaks off or has other columns, FileFault if it is empty.
    """
    files = [file for path in entry.files for file in (_inside(path) if path.is_dir() else [path])]
    given = {file.name: file for file in files}
    absent = [each.file for each in FILES.values() if each.must and each.file not in given]
    if absent:
        raise LayoutError(
            entry.files[0] if entry.files else entry.id,
            "a folder of evidence",
            f"it has no {', '.join(absent)}",
            "A folder of evidence holds the files that the bundled one, loaders/sample, holds.",
        )
    return {
        name: _read(given[each.file], each) if each.file in given else Sheet(each.file)
        for name, each in FILES.items()
    }


def _inside(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.csv") if file.is_file())


def _read(path: Path, each: EvidenceFile) -> Sheet:
    layouts = [each.layout]
    if _only_a_header(path, layouts):
        return Sheet(each.file)
    return rows_of(delimited.read_delimited(path, layouts), each.named)


def rows_of(origin: delimited.Sheet, named: Iterable[str] = ()) -> Sheet:
    """A file that was read, row by row; a row without a value in one of these columns is a
    fault."""
    sheet = Sheet(origin.file, origin=origin)
    for cells in origin.rows.iter_rows(named=True):
        number = cells.pop("row")
        row = Row(number, {column: cell or "" for column, cell in cells.items()})
        sheet.rows.append(row)
        for column in named:
            if not row[column]:
                sheet.fault(row, column, "is missing")
    return sheet


def _only_a_header(path: Path, layouts: list[Layout]) -> bool:
    """Whether the file has its header and no row: evidence may have no ties, or no successions."""
    content, _ = read_utf8(path)
    return not recognised(path, content, layouts)[2].strip()
