"""CSV: a folder of tables as text. Nothing is lost.

UTF-8, commas, one line of names, LF between rows. A missing value is nothing between two commas, an
empty text is `""`. Lists are JSON (`["one", "two"]`), truth values true and false, dates as in all
tables. Values stand as they are, also where a spreadsheet would take one for a formula.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...ontology.errors import FileFault
from ..snapshot import Snapshot
from .about import ABOUT
from .content import Content, Tell, columns_of
from .folders import read_folder, write_folder
from .parsing import CUT
from .texts import as_texts, from_texts

__all__ = ["FORMULA", "formulas", "read", "read_csv", "write"]

AS_TEXT = "Save it as text in UTF-8, its columns apart as icsgraph export writes them."

FORMULA = "^[=+@\t\r-]"
"""What a spreadsheet takes for the beginning of a formula."""


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the tables of a snapshot to a new folder."""
    begun = 0

    def put(table: pl.DataFrame, file: Path) -> None:
        nonlocal begun
        texts = as_texts(table)
        begun += formulas(texts)
        texts.write_csv(file)

    write_folder(snapshot, path, "csv", ".csv", put, tell)
    if not begun:
        return ()
    return (
        f"{begun:,} values begin with = + - or @, which a spreadsheet takes for formulas: open "
        "these files as text there.",
    )


def formulas(texts: pl.DataFrame) -> int:
    """How many texts of a table a spreadsheet would take for formulas; numbers are none."""
    begins = pl.all().str.contains(FORMULA) & pl.all().cast(pl.Float64, strict=False).is_null()
    return int(texts.select(pl.sum_horizontal(begins.sum())).item()) if texts.width else 0


def read(path: Path) -> Content:
    """The tables of a folder; `FileFault` names the file, row and column of a value that cannot
    be."""
    return read_folder(path, "csv", ".csv", _read)


def _read(group: str, name: str, file: Path) -> pl.DataFrame:
    ours = (file.parents[1] / ABOUT).is_file()
    return from_texts(read_csv(file, ours), columns_of(group, name), file)


def read_csv(file: Path, ours: bool, separator: str = ",", quote: str | None = '"') -> pl.DataFrame:
    """A delimited file as texts; `FileFault` if its rows differ in length, it is not UTF-8, or it
    is `ours` and has no line break at its end, as one that is cut off."""
    _refuse_what_is_no_text(file, ours)
    try:
        rows = pl.read_csv(file, separator=separator, quote_char=quote, infer_schema=False)
    except pl.exceptions.NoDataError:
        raise FileFault(file, reason="the file is empty") from None
    except pl.exceptions.PolarsError as error:
        reason = f"it cannot be read as a table ({str(error).splitlines()[0]})"
        raise FileFault(file, reason=reason, hint=CUT) from None
    for other, named in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
        if other in rows.columns[0] and rows.width == 1:
            raise FileFault(file, 1, reason=f"its columns stand between {named}", hint=AS_TEXT)
    return rows


def _refuse_what_is_no_text(file: Path, ours: bool) -> None:
    """`FileFault` with the row for bytes that are no UTF-8, and for a last row without an end."""
    with file.open("rb") as lines:
        last = b"\n"
        for number, last in enumerate(lines, 1):
            try:
                last.decode("utf-8")
            except UnicodeDecodeError as error:
                reason = f"byte {error.start + 1} is no UTF-8"
                raise FileFault(file, number, reason=reason, hint=AS_TEXT) from None
    if ours and not last.endswith(b"\n"):
        raise FileFault(file, number, reason="the last row has no end", hint=CUT)
