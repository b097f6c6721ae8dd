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
from .content import Content, Tell, columns_of
from .folders import read_folder, write_folder
from .texts import as_texts, from_texts

__all__ = ["FORMULA", "formulas", "read", "read_csv", "write"]

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
    return from_texts(read_csv(file), columns_of(group, name), file)


def read_csv(file: Path, separator: str = ",", quote: str | None = '"') -> pl.DataFrame:
    """A delimited file as texts; `FileFault` if its rows differ in length or it is not UTF-8."""
    try:
        return pl.read_csv(file, separator=separator, quote_char=quote, infer_schema=False)
    except pl.exceptions.NoDataError:
        raise FileFault(file, reason="the file is empty") from None
    except pl.exceptions.PolarsError as error:
        reason = f"it cannot be read as a table ({str(error).splitlines()[0]})"
        raise FileFault(file, reason=reason, hint="Export it again.") from None
