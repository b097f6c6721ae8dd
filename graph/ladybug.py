"""Embedded Cypher: a Ladybug database built from a snapshot's tables, opened read-only.

The file is a projection, built on first use and kept beside the snapshot (`engine_files`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import ladybug
import polars as pl

from ..ontology.cypher import ladybug_ddl
from ..ontology.errors import QueryError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import schema
from .engine_files import engine_file
from .files import fingerprint, write_table
from .narrowing import narrowed
from .read_only import (
    checked_parameters,
    refuse_writes,
    refused,
    took_too_long,
    with_parameters_renamed,
)
from .snapshot import Snapshot

__all__ = ["ENDING", "Ladybug", "database_name"]

# Neo4j takes these as names of parameters, Ladybug 0.22 does not.
RESERVED = frozenset(
    """
    ACYCLIC ALL AND ANY ASC ASCENDING CASE CAST COLUMN CREATE DBTYPE DEFAULT DESC DESCENDING
    DISTINCT ELSE END ENDS EXISTS FALSE FOR GLOB GROUP HEADERS HINT IN INDEX INSTALL JOIN MACRO
    NONE NOT NULL ON ONLY OPTIONAL OR ORDER PRIMARY PROFILE SHORTEST SINGLE STARTS TABLE THEN TRAIL
    TRUE UNION UNWIND WHEN WHERE WITH WSHORTEST XOR
    """.split()
)
# Version 0.22 ends the process on a text with it that it has run before.
_PROFILE = re.compile(r"(?:\s|/\*.*?\*/|//[^\n]*)*PROFILE\b", re.IGNORECASE | re.DOTALL)
ENDING = ".lbug"
"""What the names of database files end in."""

# At most; all questions of the catalogue on England fill half of it. Ladybug's default is most of
# the machine's memory.
BUFFER_POOL = 2 * 2**30
_FULL = "buffer pool is full"
# Ladybug's default is eight terabytes of a process's addresses, which many open databases use up.
LARGEST = 2**38
# With one, as on a machine of one processor, version 0.22 fails on some texts
# (`unordered_map::at`); more take longer to wake than they save on those of the catalogue.
THREADS = 2
_TYPES: dict[str, pl.DataType] = {
    "STRING": pl.String(),
    "FLOAT": pl.Float64(),
    "DOUBLE": pl.Float64(),
    "BOOL": pl.Boolean(),
    "STRING[]": pl.List(pl.String()),
}
# A sum is an INT128, a parameter the smallest type that holds it.
_INTEGERS = {f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64, 128)}


class Ladybug:
    """Answers Cypher on one snapshot. Opening takes milliseconds once the database file is
    built."""

    name = "ladybug"
    language = "cypher"

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._file = engine_file(snapshot, database_name(snapshot.view), _build)
        self._open()

    def _open(self) -> None:
        self._database = ladybug.Database(
            self._file, read_only=True, buffer_pool_size=BUFFER_POOL, max_db_size=LARGEST
        )
        self._connection = ladybug.Connection(self._database, num_threads=THREADS)

    def run(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> pl.DataFrame:
        """The rows of a Cypher query; see `engines.Engine.run`."""
        refuse_writes(text)
        if _PROFILE.match(text):
            reason = "PROFILE is not allowed: asked for twice it would end the program"
            raise QueryError("Cypher", reason, "EXPLAIN shows the plan.")
        given = dict(checked_parameters(text, parameters or {}))
        text, given = _unreserved(narrowed(text, given, self._kind_of), given)
        try:
            names, types, rows = self._answered(text, given, limit, timeout)
        except (RuntimeError, TypeError, ValueError) as error:  # the last two: of a parameter
            said = str(error)
            if timeout and said == "Interrupted.":
                raise took_too_long("Cypher", timeout) from None
            raise refused(said) from None
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise QueryError("Cypher", f"two columns are called {twice[0]}", "Name them with AS.")
        return _frame(names, types, rows)

    def _answered(
        self, text: str, given: dict[str, Any], limit: int | None, timeout: float | None
    ) -> tuple[list[str], list[str], list[Any]]:
        """Names and types of the columns, and the rows."""
        for again in (True, False):
            self._connection.set_query_timeout(int(timeout * 1000) if timeout else 0)
            try:
                result = self._connection.execute(text, given)
                break
            except RuntimeError as error:
                if not again or _FULL not in str(error):
                    raise
                # What earlier queries left there is not let go of while the database is open.
                self.close()
                self._open()
        if isinstance(result, list):
            raise QueryError("Cypher", "one query at a time")
        names, types = result.get_column_names(), result.get_column_data_types()
        return names, types, list(islice(_rows(result), limit))

    def _kind_of(self, id_: str) -> str | None:
        """The kind of a thing by its identifier."""
        return self._kinds.get(id_)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {id_: kind for kind in NODE_KINDS for id_ in self._snapshot.nodes(kind)["id"]}

    def close(self) -> None:
        """Let go of the database file."""
        self._connection.close()
        self._database.close()


def _unreserved(text: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Text and values with other names for the parameters that Ladybug's grammar keeps to
    itself."""
    names = {name: f"{name}_" for name in given if name.upper() in RESERVED}
    values = {names.get(name, name): value for name, value in given.items()}
    return with_parameters_renamed(text, names), values


def _rows(result: ladybug.QueryResult) -> Iterator[Any]:
    while result.has_next():
        yield result.get_next()


def _frame(
    names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> pl.DataFrame:
    """Rows as a frame; what is no plain value or list of text (a node, a path) becomes JSON
    text."""
    columns = {
        name: _column(name, engine_type, [row[position] for row in rows])
        for position, (name, engine_type) in enumerate(zip(names, types, strict=True))
    }
    return pl.DataFrame(columns)


def _column(name: str, engine_type: str, values: list[Any]) -> pl.Series:
    if engine_type in _INTEGERS and all(v is None or -(2**63) <= v < 2**63 for v in values):
        # An INT128, as sums are, arrives as a Decimal.
        whole = [None if v is None else int(v) for v in values]
        return pl.Series(name, whole, dtype=pl.Int64())
    if engine_type not in _TYPES:
        values = [None if v is None else _plain(v) for v in values]
    return pl.Series(name, values, dtype=_TYPES.get(engine_type, pl.String()), strict=False)


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)
    return str(value)


def database_name(view: str = "") -> str:
    """The file name of the database of a whole snapshot, or of a view of it.

    It changes with Ladybug, whose files only it can read, and with the columns of the tables.

    >>> database_name("on-2021-06-30-possible").startswith("on-2021-06-30-possible-")
    True
    """
    columns = fingerprint(ladybug_ddl())[:8]
    return f"{view or 'graph'}-{ladybug.__version__}-{columns}{ENDING}"


def _build(snapshot: Snapshot, file: Path) -> None:
    # One checkpoint when it closes, not one after each of some sixty COPYs: twice as fast.
    database = ladybug.Database(
        file, buffer_pool_size=BUFFER_POOL, max_db_size=LARGEST, auto_checkpoint=False
    )
    connection = ladybug.Connection(database)
    for statement in ladybug_ddl():
        connection.execute(statement)
    kinds = []
    for kind in NODE_KINDS:
        nodes = snapshot.nodes(kind)
        kinds.append(nodes.select("id", pl.lit(kind).alias("kind")))
        if nodes.height:
            path = snapshot.table_file(kind) or _written(nodes, file.with_name(f"{kind}.parquet"))
            connection.execute(f"COPY {kind} FROM {_quoted(path)}")
    ends = pl.concat(kinds)
    for kind in RELATIONSHIP_KINDS:
        _copy_relationships(connection, kind, snapshot.relationships(kind), ends, file.parent)
    connection.close()
    database.close()


def _copy_relationships(
    connection: ladybug.Connection,
    kind: str,
    table: pl.DataFrame,
    ends: pl.DataFrame,
    scratch: Path,
) -> None:
    """COPY a kind's rows, one file for each pair of kinds that it joins, as Ladybug wants them."""
    if table.is_empty():
        return
    columns = ["subject", "object", *(c for c in schema(kind) if c not in ("subject", "object"))]
    joined = table.join(
        ends.rename({"id": "subject", "kind": "from"}), on="subject", maintain_order="left"
    )
    joined = joined.join(
        ends.rename({"id": "object", "kind": "to"}), on="object", maintain_order="left"
    )
    for (start, end), rows in sorted(joined.partition_by("from", "to", as_dict=True).items()):
        path = scratch / f"{kind}-{start}-{end}.parquet"
        write_table(rows.select(columns), path)
        connection.execute(f"COPY {kind} FROM {_quoted(path)} (from='{start}', to='{end}')")
        path.unlink()


def _written(table: pl.DataFrame, path: Path) -> Path:
    write_table(table, path)
    return path


def _quoted(path: Path) -> str:
    return "'" + path.as_posix().replace("\\", "\\\\").replace("'", "\\'") + "'"
