"""Parquet: a folder of tables with the types of their columns. Nothing is lost."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...ontology.errors import FileFault
from ..files import write_table
from ..snapshot import Snapshot
from .content import Content, Tell, columns_of
from .folders import read_folder, write_folder

__all__ = ["read", "write"]


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the tables of a snapshot to a new folder."""
    write_folder(snapshot, path, "parquet", ".parquet", write_table, tell)
    return ()


def read(path: Path) -> Content:
    """The tables of a folder; `FileFault` names a file that is no Parquet, or the column that is
    not as it should be."""
    return read_folder(path, "parquet", ".parquet", _read)


def _read(group: str, name: str, file: Path) -> pl.DataFrame:
    try:
        table = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = f"it cannot be read as Parquet ({str(error).splitlines()[0]})"
        raise FileFault(file, reason=reason, hint="Export it again.") from None
    wanted = columns_of(group, name)
    for column, kind in table.schema.items():
        if column not in wanted:
            raise FileFault(file, reason=f"{name} has no column {column}")
        if kind != wanted[column]:
            raise FileFault(file, reason=f"column {column} is {kind}, not {wanted[column]}")
    absent = [pl.lit(None, dtype=t).alias(c) for c, t in wanted.items() if c not in table.columns]
    return table.with_columns(absent).select(_without_missing_lists(wanted))


def _without_missing_lists(wanted: dict[str, pl.DataType]) -> list[pl.Expr]:
    return [
        pl.col(c).fill_null([]) if isinstance(kind, pl.List) else pl.col(c)
        for c, kind in wanted.items()
    ]
