"""Cypher on a Neo4j server that a snapshot was pushed to.

The same texts run as on Ladybug, and give equal frames. A session only reads, and what would write,
read files or change the server is refused before it is sent: in a session that reads, LOAD CSV
still reads the server's files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import polars as pl

from ..ontology.errors import QueryError
from .neo4j_server import Server
from .pushed import push_on
from .read_only import checked_parameters, refuse_writes, refused, took_too_long

__all__ = ["Neo4j"]

# Commands of a server that Ladybug does not have; in READ mode some of them work all the same.
_COMMANDS = re.compile(
    r"\s*(?:(?:CYPHER\b(?:\s+(?:\d+|\w+\s*=\s*\w+))*|EXPLAIN|PROFILE)\s+)*"
    r"(DEALLOCATE|DENY|DRYRUN|ENABLE|GRANT|INSERT|REALLOCATE|RENAME|REVOKE|SHOW|START|STOP|TERMINATE)\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
SECONDS_TO_RETRY = 5


class Neo4j:
    """Answers Cypher on a server: `url` is its Bolt address.

    Without a password that of $NEO4J_PASSWORD is used.
    """

    name = "neo4j"
    language = "cypher"

    def __init__(
        self, url: str, *, user: str = "neo4j", password: str = "", database: str = ""
    ) -> None:
        self.server = Server(
            url, user=user, password=password, database=database, patience=SECONDS_TO_RETRY
        )

    def run(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> pl.DataFrame:
        """The rows of a Cypher query; see `engines.Engine.run`.

        Raises `ServiceFailed`, too, if the server cannot be reached. A column without a value is
        text: the server does not say what it would have held.
        """
        _refuse_commands(text)
        given = checked_parameters(text, dict(parameters or {}))
        names, rows = self._rows(text, given, limit, timeout)
        columns = {
            name: _column(name, [row[position] for row in rows])
            for position, name in enumerate(names)
        }
        return pl.DataFrame(columns)

    def _rows(
        self, text: str, given: Mapping[str, Any], limit: int | None, timeout: float | None
    ) -> tuple[list[str], list[list[Any]]]:
        from neo4j import unit_of_work
        from neo4j.exceptions import Neo4jError

        def work(transaction: Any) -> tuple[list[str], list[list[Any]]]:
            result = transaction.run(text, given)
            return list(result.keys()), [record.values() for record in islice(result, limit)]

        server = self.server
        with server.explained(), server.session("READ") as session:
            try:
                found: tuple[list[str], list[list[Any]]] = session.execute_read(
                    unit_of_work(timeout=timeout)(work)
                )
            except Neo4jError as error:
                if refusal := _refusal(error, timeout):
                    raise refusal from None
                raise
        return found

    def holds(self) -> str:
        """The id of the snapshot that the server holds; '' if none was pushed there whole."""
        last = push_on(self.server)
        return last.snapshot if last and last.finished else ""

    def close(self) -> None:
        """Let go of the connections."""
        self.server.close()


def _refuse_commands(text: str) -> None:
    """`QueryError` for what is no query that reads.

    >>> _refuse_commands("CYPHER 25 /* now */ TERMINATE TRANSACTIONS 'neo4j-transaction-1'")
    Traceback (most recent call last):
    icsgraph.ontology.errors.QueryError: Cypher refused the query: TERMINATE is not allowed: \
queries only read.
    """
    refuse_writes(text)
    if found := _COMMANDS.match(_COMMENTS.sub(" ", text)):
        raise QueryError("Cypher", f"{found[1].upper()} is not allowed: queries only read")


def _refusal(error: Any, timeout: float | None) -> QueryError | None:
    """What the server says of a query; None if it speaks of something else."""
    code = error.code or ""
    if timeout and "TransactionTimedOut" in code:
        return took_too_long("Cypher", timeout)
    if not code.startswith(("Neo.ClientError.Statement.", "Neo.ClientError.Procedure.")):
        return None
    return refused(str(error.message))


def _column(name: str, values: Sequence[Any]) -> pl.Series:
    """Values as a column of the type that Ladybug would give; what is no plain value or list of
    text (a node, a path) becomes JSON text.

    >>> _column("n", [1, 2.5]).dtype, _column("n", [None]).dtype, _column("n", [["a"], []]).dtype
    (Float64, String, List(String))
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return pl.Series(name, values, dtype=pl.String())
    for types, dtype in (({bool}, pl.Boolean()), ({int}, pl.Int64()), ({int, float}, pl.Float64())):
        if kinds <= types:
            return pl.Series(name, values, dtype=dtype)
    if kinds == {list} and all(isinstance(item, str | None) for v in values for item in v or ()):
        return pl.Series(name, values, dtype=pl.List(pl.String()))
    told = [value if value is None or isinstance(value, str) else _plain(value) for value in values]
    return pl.Series(name, told, dtype=pl.String())


def _plain(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    if hasattr(value, "iso_format"):
        return str(value.iso_format())
    return json.dumps(_simple(value), ensure_ascii=False, sort_keys=True)


def _simple(value: Any) -> Any:
    """A node or relationship as its properties, a path as both, in what JSON knows."""
    from neo4j.graph import Entity, Path

    if isinstance(value, Path):
        return {
            "nodes": [_simple(node) for node in value.nodes],
            "relationships": [_simple(each) for each in value.relationships],
        }
    if isinstance(value, Entity | dict):
        return {key: _simple(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(each) for each in value]
    return value if isinstance(value, str | int | float | None) else str(value)
