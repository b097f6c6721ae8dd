"""Reads comma-separated files as publishers send them: strictly, and counting every row.

A layout is declared as data (`Layout`): the publisher's column names, and ours for those that are
read. A file is recognised by its header. What comes out is a `Sheet`: text columns, each blank or
trimmed, with `row` (data rows counted from 1), and beside them every row that could not be taken,
with its reason.

Handled: byte-order mark, CRLF, Windows-1252, gzip, line breaks inside quotation marks, blank
lines, rows that are short or long, NUL bytes, repeated rows. A file that breaks off, or has
another header, is refused whole with a `LayoutError`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import polars as pl

from ..ontology.errors import FileFault, LayoutError
from .decoding import FETCH_AGAIN, as_utf8, read_utf8
from .layouts import Layout, recognised
from .records import REJECT_SCHEMA, FileAccount

__all__ = ["Layout", "Sheet", "as_sheet", "read_blocks", "read_delimited"]

_SHORT = "Give the row all its values; one that holds a comma or line break needs quotation marks."
_LONG = "Put quotation marks around values that hold a comma."
_NUL = "Take the NUL byte out, or fetch the file again."
_UNDECODED = "Save the file as UTF-8."


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one file on their way to acceptance.

    `rows` has `row` and our text columns, of rows not yet merged or rejected. `cells` has all
    columns of all rows as they stand in the file, for the record of a reject.
    """

    file: str
    layout: Layout
    rows: pl.DataFrame
    cells: pl.DataFrame
    merged: pl.Series
    rejected: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def rows_in(self) -> int:
        """Rows of data in the file, blank lines apart."""
        return self.cells.height

    def account(self) -> FileAccount:
        """What became of each row: those still in `rows` are accepted."""
        account = FileAccount(
            file=self.file,
            rows_in=self.rows_in,
            accepted=self.rows["row"],
            merged=self.merged.sort(),
            rejected=self.rejected.sort("row", "column", nulls_last=True, maintain_order=True),
            notes=self.notes,
        )
        return account.check()

    def derive(self, *columns: pl.Expr | pl.Series, note: str = "") -> Sheet:
        """The sheet with these columns added or changed in its rows, and a note for its account."""
        notes = (*self.notes, note) if note else self.notes
        return replace(self, rows=self.rows.with_columns(*columns), notes=notes)

    def merge(self, rows: pl.Series, note: str = "") -> Sheet:
        """The sheet with these rows counted as merged into others."""
        if rows.is_empty():
            return self
        kept = self.rows.filter(~pl.col("row").is_in(rows.implode()))
        notes = (*self.notes, note) if note else self.notes
        merged = pl.concat([self.merged, rows.cast(pl.Int64).alias("row")])
        return replace(self, rows=kept, merged=merged, notes=notes)

    def reject(self, faults: pl.DataFrame) -> Sheet:
        """The sheet without the rows of `faults`: columns `row`, `column` (ours or blank),
        `value`, `reason`, `what_to_do`, one line for each fault."""
        if faults.is_empty():
            return self
        gone = faults["row"].unique()
        names = {ours: theirs for theirs, ours in self.layout.columns.items() if ours}
        described = faults.with_columns(
            pl.lit(self.file).alias("file"),
            pl.col("column").replace(names),
            self._raw(faults["row"]).alias("raw"),
        ).select(pl.col(name).cast(kind) for name, kind in REJECT_SCHEMA.items())
        kept = self.rows.filter(~pl.col("row").is_in(gone.implode()))
        return replace(self, rows=kept, rejected=pl.concat([self.rejected, described]))

    def _raw(self, rows: pl.Series) -> pl.Series:
        """The rows as comma-separated text again."""
        quoted = [
            pl.when(pl.col(c).str.contains('[",\n]'))
            .then(pl.format('"{}"', pl.col(c).str.replace_all('"', '""', literal=True)))
            .otherwise(pl.col(c))
            for c in self.cells.columns
        ]
        return (
            self.cells[rows - 1]
            .select(pl.concat_str(quoted, separator=",", ignore_nulls=True))
            .to_series()
        )


def read_delimited(path: Path, layouts: Sequence[Layout]) -> Sheet:
    """The rows of a comma-separated file, plain or packed by gzip, that has one of these layouts.

    `FileFault` if it is missing or empty; `LayoutError` if it has another header (naming the
    column and the nearest known one), breaks off, or is no such file at all.
    """
    content, notes = read_utf8(path)
    layout, header, body = recognised(path, content, layouts)
    return _sheet(path, layout, header, body, notes)


def read_blocks(path: Path, blocks: Iterable[bytes], layouts: Sequence[Layout]) -> Iterator[Sheet]:
    """The same of a file too large to hold at once: a sheet for each block of whole lines.

    Each sheet counts its rows from 1. What is wrong with the file is raised when its block is read.
    """
    layout: Layout | None = None
    header: list[str] = []
    before = 0
    for block in blocks:
        body, notes = as_utf8(path, block)
        if layout is None:
            layout, header, body = recognised(path, body, layouts)
        elif not body.strip():
            continue
        sheet = _sheet(path, layout, header, body, notes, before)
        before += sheet.rows_in
        yield sheet
    if layout is None:
        raise FileFault(path, reason="the file is empty", hint=FETCH_AGAIN)


def _sheet(
    path: Path,
    layout: Layout,
    header: list[str],
    body: bytes,
    notes: tuple[str, ...],
    before: int = 0,
) -> Sheet:
    """The rows of the lines of data, of which others come `before` in the file."""
    table, mark = _parsed(path, layout, body, len(header))
    marked, notes = _without_blank_lines(table, mark, notes)
    if marked.is_empty():
        raise FileFault(path, reason="the file has no rows of data", hint=FETCH_AGAIN)
    cells, faults = _counted(marked, header, mark)
    _refuse_cut(path, layout, faults, cells, body, before)
    damage = pl.concat([faults, *_damaged(cells, body)])
    return as_sheet(path, layout, header, cells, notes, damage)


def as_sheet(
    path: Path,
    layout: Layout,
    header: Sequence[str],
    cells: pl.DataFrame,
    notes: tuple[str, ...] = (),
    faults: pl.DataFrame | None = None,
    part: str = "",
) -> Sheet:
    """Cells that have been read, as a sheet: `faults` rejected, repeated rows merged.

    `cells` has the columns "0", "1", ... in the order of `header`, the published names. `part`
    names the part of the file that they are. `LayoutError` if the layout demands a proof and the
    rows do not give it.
    """
    more = [at for at, published in enumerate(header) if layout.is_more(published)]
    personal = [at for at, published in enumerate(header) if layout.is_personal(published)]
    cells = cells.with_columns(pl.lit("").alias(str(at)) for at in (*personal, *more))
    if named := [name for at in more if (name := " ".join(header[at].split()))]:
        notes = (*notes, f"columns that are not known, passed over: {'; '.join(named)}")
    sheet = _cleaned(f"{path.name}{part}", layout, cells, header, notes)
    sheet = sheet.reject(_no_faults() if faults is None else faults)
    _refuse_unproven(path, layout, sheet)
    return sheet.merge(_repeated(sheet))


def _parsed(path: Path, layout: Layout, body: bytes, width: int) -> tuple[pl.DataFrame, str]:
    """Cells of all lines, with one column more than the layout has; and the mark.

    polars fills a short row up without a word. So each line gets a mark as a field of its own at
    its end: a whole row has it in the last column, a short one in an earlier column, a long one
    nowhere.
    """
    mark = "\x1e"
    while mark.encode() in body:
        mark += "\x1e"
    table = _marked(body, width, mark)
    if table is None:
        table = _marked(_requoted(path, layout, body, width), width, mark)
    if table is None:
        raise LayoutError(path, layout.name, "its quotation marks do not match", FETCH_AGAIN)
    return table, mark


def _marked(body: bytes, width: int, mark: str) -> pl.DataFrame | None:
    """The cells, or None where the quotation marks do not leave every line its place."""
    end = f",{mark}\n"
    if not body.endswith(b"\n"):
        body += b"\n"
    header = ",".join(str(number) for number in range(width + 1))
    marked = body.replace(b"\n", end.encode())
    try:
        table = pl.read_csv(
            header.encode() + b"\n" + marked,
            infer_schema=False,
            empty_string_is_null=False,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.ComputeError:
        return None
    lines = body.count(b"\n")
    if table.height == lines:
        return table
    # Marks of line breaks inside quotation marks stand inside a value.
    inside = table.select(pl.all().str.count_matches(end, literal=True).sum()).row(0, named=True)
    if table.height + sum(inside.values()) != lines:
        return None
    broken = [column for column, count in inside.items() if count]
    return table.with_columns(pl.col(broken).str.replace_all(end, "\n", literal=True))


def _requoted(path: Path, layout: Layout, body: bytes, width: int) -> bytes:
    """The same records quoted as polars wants them: Python's reader takes stray marks as text.

    Of a record with too many fields the first one too many is kept, as a sign.
    """
    text = body.decode("utf-8")
    lines = io.StringIO(text if text.endswith("\n") else f"{text}\n", newline="")
    last = ["\x1e"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    records, record = 0, [""]
    try:
        for record in csv.reader(chain(lines, last)):
            writer.writerow(record[: width + 1])
            records += 1
    except csv.Error:  # the rest of the file as one value, longer than the reader allows
        records, record = records + 1, []
    if record != last:
        reason = f"a quotation mark opened in row {records} is never closed"
        raise LayoutError(path, layout.name, reason, FETCH_AGAIN)
    written = out.getvalue()
    return written[: written.rindex(last[0])].encode("utf-8")


def _without_blank_lines(
    table: pl.DataFrame, mark: str, notes: tuple[str, ...]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    if table.width < 3:
        return table, notes
    blank = table.select((pl.col("0") == "") & (pl.col("1") == mark)).to_series()
    if not blank.any():
        return table, notes
    return table.filter(~blank), (*notes, f"blank lines passed over: {blank.sum()}")


def _counted(
    marked: pl.DataFrame, header: Sequence[str], mark: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells without marks, and the faults of rows with fewer or more fields than columns.

    The last column of the cells is the first field too many, so null in all other rows.
    """
    width = len(header)
    extra = marked.columns[-1]
    whole = marked[extra] == mark
    if whole.all():
        return marked.with_columns(pl.lit(None, dtype=pl.String).alias(extra)), _no_faults()
    count = pl.coalesce(pl.when(pl.col(str(n)) == mark).then(n) for n in range(width + 1))
    counted = marked.with_columns(count.alias("count"))
    fields = pl.col("count").fill_null(width + 1)
    cells = counted.select(
        pl.when(fields > n).then(pl.col(str(n))).alias(str(n)) for n in range(width + 1)
    )
    ragged = counted.with_row_index("row", 1).filter(~whole).select("row", "count")
    return cells, ragged.select(_ragged(header))


def _ragged(header: Sequence[str]) -> Iterator[pl.Expr]:
    """What is wrong with rows of which `count` is the number of fields, null if there are too
    many."""
    width, count = len(header), pl.col("count")
    missing = count.replace_strict(dict(enumerate(header)), default=None, return_dtype=pl.String)
    yield pl.col("row").cast(pl.Int64)
    yield missing.alias("column")
    yield pl.lit(None, dtype=pl.String).alias("value")
    short = pl.format(f"the row has {{}} of {width} fields", count)
    long = pl.lit(f"the row has more than {width} fields")
    yield pl.when(count.is_null()).then(long).otherwise(short).alias("reason")
    what = pl.when(count.is_null()).then(pl.lit(_LONG)).otherwise(pl.lit(_SHORT))
    yield what.alias("what_to_do")


def _no_faults() -> pl.DataFrame:
    kept = ("row", "column", "value", "reason", "what_to_do")
    return pl.DataFrame(schema={name: REJECT_SCHEMA[name] for name in kept})


def _refuse_cut(
    path: Path,
    layout: Layout,
    ragged: pl.DataFrame,
    cells: pl.DataFrame,
    body: bytes,
    before: int,
) -> None:
    """A last line that is short and has no line break is where half a file ends."""
    if ragged.is_empty():
        return
    last = ragged.row(-1, named=True)
    if last["row"] == cells.height and last["column"] is not None and not body.endswith(b"\n"):
        reason = f"it breaks off in row {before + cells.height}"
        raise LayoutError(path, layout.name, reason, FETCH_AGAIN)
    if ragged.height * 2 > cells.height:
        reason = f"most of its rows do not have {cells.width - 1} fields"
        raise LayoutError(path, layout.name, reason, "Check the kind of this source.")


def _cleaned(
    file: str,
    layout: Layout,
    cells: pl.DataFrame,
    header: Sequence[str],
    notes: tuple[str, ...],
) -> Sheet:
    """The sheet with the columns that are read: trimmed, and null where nothing is left."""
    names = [layout.ours(published) for published in header]
    texts = {ours: pl.col(str(at)).str.strip_chars() for at, ours in enumerate(names) if ours}
    absent = [ours for ours in layout.columns.values() if ours and ours not in texts]
    rows = (
        cells.select(text.alias(ours) for ours, text in texts.items())
        .select(pl.when(pl.all() != "").then(pl.all()))
        .with_columns(pl.lit(None, dtype=pl.String).alias(ours) for ours in absent)
        .with_row_index("row", 1)
        .with_columns(pl.col("row").cast(pl.Int64))
        # polars 2.1 reads a file in chunks, and filtered ones can make `pl.format` panic.
        .rechunk()
    )
    return Sheet(
        file=file,
        layout=layout,
        rows=rows,
        cells=cells,
        merged=pl.Series("row", [], dtype=pl.Int64),
        rejected=pl.DataFrame(schema=REJECT_SCHEMA),
        notes=notes,
    )


def _damaged(cells: pl.DataFrame, content: bytes) -> Iterator[pl.DataFrame]:
    """The faults of rows with NUL bytes, or with bytes that are neither UTF-8 nor Windows-1252."""
    for character, reason, what_to_do in (
        ("\0", "the row holds a NUL byte", _NUL),
        ("\ufffd", "the row holds characters that could not be read", _UNDECODED),
    ):
        if character.encode() not in content:
            continue
        held = pl.any_horizontal(pl.all().str.contains(character, literal=True))
        yield (
            cells.with_columns(held.alias("held"))
            .with_row_index("row", 1)
            .filter("held")
            .select(
                pl.col("row").cast(pl.Int64),
                pl.lit(None, dtype=pl.String).alias("column"),
                pl.lit(None, dtype=pl.String).alias("value"),
                pl.lit(reason).alias("reason"),
                pl.lit(what_to_do).alias("what_to_do"),
            )
        )


def _refuse_unproven(path: Path, layout: Layout, sheet: Sheet) -> None:
    if layout.proof is None:
        return
    column, pattern, words = layout.proof
    proven = sheet.rows[column].str.contains(pattern).sum()
    if proven * 2 < sheet.rows.height:
        reason = f"fewer than half of its rows have {words}"
        raise LayoutError(path, layout.name, reason, "Check the kind of this source.")


def _repeated(sheet: Sheet) -> pl.Series:
    """Numbers of rows that repeat an earlier row, cell by cell."""
    rows = sheet.rows["row"]
    # Hashes of what is read, then of all cells, find the few candidates cheaply; whether they are
    # equal is then seen.
    alike = sheet.rows.drop("row").hash_rows().is_duplicated()
    candidates = sheet.cells[rows.filter(alike) - 1].with_columns(rows.filter(alike))
    candidates = candidates.filter(candidates.drop("row").hash_rows().is_duplicated())
    repeats = ~candidates.select(pl.struct(pl.exclude("row")).is_first_distinct()).to_series()
    return candidates.filter(repeats)["row"]
