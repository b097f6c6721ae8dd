"""SQLite: one database for people who know SQL. Nothing is lost.

A table for each kind with rows (`Organisation`, `PART_OF`), two views over all of them (`things`,
`statements`), and the other tables of a snapshot (`Organisation_records`, `PART_OF_history`,
`series_ratings`). Lists are JSON texts, for SQLite's `json_each`; truth values 0 and 1; dates ISO
texts. `icsgraph_tables` says which table is what, `icsgraph_columns` what each column means,
`icsgraph_about` what was exported.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl

from ...ontology.errors import FileFault
from ...ontology.terms import properties
from ..files import json_text
from ..snapshot import Snapshot
from .about import about, said_in
from .content import GROUPS, Content, Tell, columns_of, tables_of
from .texts import listed, typed

__all__ = ["read", "write"]

_TYPES = {
    "String": "TEXT",
    "List(String)": "TEXT",
    "Boolean": "INTEGER",
    "Int32": "INTEGER",
    "Int64": "INTEGER",
    "Float64": "REAL",
}
_DATES = ("start_earliest", "start_latest", "end_earliest", "end_latest", "date_text")
_THINGS = ("id", "kind", "name")
_STATEMENTS = ("id", "kind", "subject", "object", *_DATES, "source", "locator", "knowledge_level")
ROWS_AT_A_TIME = 50_000


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the tables of a snapshot to a new database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # Nobody reads the file before it is whole, and a failed one is thrown away.
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
        database.execute("CREATE TABLE icsgraph_about (about TEXT) STRICT")
        said = json_text(about(snapshot, "sqlite", GROUPS))
        database.execute("INSERT INTO icsgraph_about VALUES (?)", (said,))
        database.execute(
            'CREATE TABLE icsgraph_tables (table_name TEXT, "group" TEXT, name TEXT) STRICT'
        )
        named: dict[str, tuple[str, str]] = {}
        for group, name, table in tables_of(snapshot):
            if table.height:
                tell(f"Writing {group}/{name}")
                named[_table_name(group, name, named)] = (group, name)
                _put(database, group, list(named)[-1], table)
        listing = [(table, *place) for table, place in named.items()]
        database.executemany("INSERT INTO icsgraph_tables VALUES (?, ?, ?)", listing)
        _explain(database, named)
        database.execute("COMMIT")
    return _changed(table for _, _, table in tables_of(snapshot))


def _changed(tables: Iterable[pl.DataFrame]) -> tuple[str, ...]:
    """Which numbers SQLite cannot hold as they are, a sentence each."""
    missing = negative = 0
    for table in tables:
        for number in table.select(pl.selectors.float()).iter_columns():
            missing += int(number.is_nan().sum())
            negative += int(((number == 0) & (1 / number < 0)).sum())
    told = []
    if missing:
        told.append(f"{missing:,} values that are no number (NaN) are missing: SQLite has none.")
    if negative:
        told.append(f"{negative:,} values of -0.0 are 0.0, which is the same number.")
    return tuple(told)


def _table_name(group: str, name: str, taken: dict[str, tuple[str, str]]) -> str:
    """What a table is called in SQL; names of series may hold what SQL would want quoted."""
    if group == "series":
        plain = "".join(c if c.isalnum() else "_" for c in name)
        wanted = f"series_{plain}"
        while wanted.lower() in (each.lower() for each in taken):
            wanted += "_"
        return wanted
    return name if group in ("nodes", "relationships") else f"{name}_{group}"


def _put(database: sqlite3.Connection, group: str, name: str, table: pl.DataFrame) -> None:
    columns = [f'"{column}" {_TYPES[str(kind)]}' for column, kind in table.schema.items()]
    if group in ("nodes", "relationships"):
        columns[0] += " PRIMARY KEY"
    database.execute(f'CREATE TABLE "{name}" ({", ".join(columns)}) STRICT')
    plain = table.select(
        listed(c) if isinstance(kind, pl.List) else pl.col(c) for c, kind in table.schema.items()
    )
    blanks = ", ".join("?" * table.width)
    for part in plain.iter_slices(ROWS_AT_A_TIME):
        database.executemany(f'INSERT INTO "{name}" VALUES ({blanks})', part.iter_rows())
    for end in ("subject", "object", "thing"):
        if end in table.columns and group != "history":
            database.execute(f'CREATE INDEX "{name} by {end}" ON "{name}" ("{end}")')


def _explain(database: sqlite3.Connection, named: dict[str, tuple[str, str]]) -> None:
    """The views over all things and all statements, and the meaning of every column."""
    for view, group, columns in (
        ("things", "nodes", _THINGS),
        ("statements", "relationships", _STATEMENTS),
    ):
        tables = [table for table, (of, _) in named.items() if of == group]
        chosen = ", ".join(columns)
        if tables:
            parts = " UNION ALL ".join(f'SELECT {chosen} FROM "{table}"' for table in tables)
            database.execute(f"CREATE VIEW {view} AS {parts}")
    database.execute(
        "CREATE TABLE icsgraph_columns (table_name TEXT, column_name TEXT, meaning TEXT) STRICT"
    )
    meanings = [
        (table, column.name, column.definition)
        for table, (group, kind) in named.items()
        if group in ("nodes", "relationships")
        for column in properties(kind)
    ]
    database.executemany("INSERT INTO icsgraph_columns VALUES (?, ?, ?)", meanings)


def read(path: Path) -> Content:
    """The tables of a database; `FileFault` if it is none of ours, with the table, row and column
    of a value that cannot be."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            said = database.execute("SELECT about FROM icsgraph_about").fetchone()[0]
            content = Content(said=said_in(said, "sqlite", path))
            for group, name, table in _tables(database, path):
                content.put(group, name, table)
            return content
    except (sqlite3.Error, TypeError, UnicodeDecodeError) as error:
        raise FileFault(
            path,
            reason=f"it is no SQLite database that icsgraph export wrote ({error})",
            hint="icsgraph export sqlite -o FILE.sqlite writes one.",
        ) from None


def _tables(database: sqlite3.Connection, path: Path) -> Iterator[tuple[str, str, pl.DataFrame]]:
    listing = database.execute('SELECT table_name, "group", name FROM icsgraph_tables').fetchall()
    for table_name, group, name in listing:
        where = f"{path}, table {table_name}"
        if group not in GROUPS:
            raise FileFault(where, reason=f"there is no group of tables {group}")
        wanted = columns_of(group, name)
        held = [row[1] for row in database.execute(f'PRAGMA table_info("{table_name}")')]
        if held != list(wanted):
            raise FileFault(where, reason=f"it has the columns {', '.join(held)}")
        plain = {c: pl.String() if isinstance(t, pl.List) else t for c, t in wanted.items()}
        plain |= {c: pl.Int64() for c, t in wanted.items() if isinstance(t, pl.Boolean)}
        rows = database.execute(f'SELECT * FROM "{table_name}" ORDER BY rowid').fetchall()
        table = pl.DataFrame(rows, schema=plain, orient="row")
        yield group, name, pl.DataFrame([_typed(table[c], t, where) for c, t in wanted.items()])


def _typed(column: pl.Series, kind: pl.DataType, where: str) -> pl.Series:
    if isinstance(kind, pl.Boolean):
        column = column.cast(pl.String).replace({"0": "false", "1": "true"})
    if column.dtype == kind:
        return column
    return typed(column, kind, where)
