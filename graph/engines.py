"""The engines by name: what turns a snapshot into something that answers a query language.

An engine is one module and one row here. Its class is named in words and imported when it is first
asked for, so that nobody waits for an engine that they do not use.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal, Protocol

import polars as pl

from ..ontology.errors import ArgumentFault, UnknownName, UsageError
from .snapshot import Snapshot

__all__ = [
    "ENGINES",
    "PUSH_A_PART",
    "Engine",
    "EngineRow",
    "Language",
    "Served",
    "bounded",
    "engine",
    "engine_row",
    "refuse_other",
]

Language = Literal["cypher", "sparql"]


class Engine(Protocol):
    """Something that answers queries, and only reads."""

    @property
    def name(self) -> str:
        """Its name in `ENGINES`."""

    @property
    def language(self) -> str:
        """What its queries are written in: cypher or sparql."""

    def run(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> pl.DataFrame:
        """The rows of a query as a frame; no rows give the columns alone.

        A parameter that is a `sparql_text.Iri` is bound as an IRI in SPARQL. `limit` stops reading
        after so many rows, `timeout` (seconds) interrupts the query. `QueryError` with the engine's
        message for a text that it refuses, that would write, or that takes too long.
        """

    def close(self) -> None:
        """Let go of files and connections."""


class Served(Engine, Protocol):
    """An engine that is a server, and holds what was last pushed to it."""

    def holds(self) -> str:
        """The id of the snapshot that it holds; '' if none was pushed there whole."""


@dataclass(frozen=True, slots=True)
class EngineRow:
    """Where an engine lives, what it is asked in, and what it is.

    `served` is an engine that is a server: it is opened by an address, with a user and a password,
    and holds what was pushed to it. The others are opened on a snapshot.
    """

    module: str
    opens: str
    language: Language
    what: str
    served: bool = False


ENGINES: Mapping[str, EngineRow] = MappingProxyType(
    {
        "ladybug": EngineRow("ladybug", "Ladybug", "cypher", "embedded, beside the snapshot"),
        "oxigraph": EngineRow("oxigraph", "Oxigraph", "sparql", "embedded, beside the snapshot"),
        "neo4j": EngineRow("neo4j", "Neo4j", "cypher", "a server that was pushed to", served=True),
    }
)
"""Every engine; of those of one language, the first is asked where none is named."""


PUSH_A_PART = (
    "It is pushed as a store of its own: icsgraph export parquet -o part, with what the part is of "
    "(--on, --known, --within); icsgraph import parquet part --store part-store; icsgraph push URL "
    "--store part-store"
)
"""How a server comes to hold a view of a snapshot."""


def engine_row(name: str) -> EngineRow:
    """The row of an engine; `UnknownName` with the nearest if there is none.

    >>> engine_row("oxigraph").language
    'sparql'
    """
    if name not in ENGINES:
        raise UnknownName("engine", name, ENGINES)
    return ENGINES[name]


def engine(
    name: str, snapshot: Snapshot, url: str = "", *, user: str = "neo4j", password: str = ""
) -> Engine:
    """An engine ready to be asked: opened on `snapshot`, or at `url` if it is a server.

    Raises `UnknownName` for a name that is none, and `UsageError` for a server without an address,
    for an address of what is no server, and for a view asked of a server, which holds the whole.
    """
    row = engine_row(name)
    if row.served and not url:
        raise UsageError(f"The engine {name} is a server: say where it is.", "--url bolt://HOST")
    if url and not row.served:
        raise UsageError(f"The engine {name} is no server: it takes no address.")
    if row.served and snapshot.view:
        raise UsageError(
            f"The engine {name} holds a whole graph, and this is a part of one: of a day, of what "
            "was known, or of some systems.",
            f"Ask an embedded engine (--engine ladybug), or push the part. {PUSH_A_PART}",
        )
    opens: Any = getattr(import_module(f".{row.module}", __package__), row.opens)
    opened: Engine = opens(url, user=user, password=password) if row.served else opens(snapshot)
    return opened


LONGEST = 1_000_000
"""Seconds that a query may take at most, where they are bounded: eleven days."""


def bounded(limit: int | None, timeout: float | None) -> tuple[int | None, float | None]:
    """The most rows and seconds of a query as every engine takes them, None where there is no
    bound; `ArgumentFault` for what is no number of them.

    >>> bounded(10, 0.5), bounded(10**30, None) == (sys.maxsize, None)
    ((10, 0.5), True)
    """
    if limit is not None and not (type(limit) is int and limit >= 0):
        raise ArgumentFault("limit", f"{limit!r} is no number of rows", "None reads all.")
    if timeout is not None and not (isinstance(timeout, int | float) and timeout >= 0):
        raise ArgumentFault("timeout", f"{timeout!r} is no number of seconds", "None waits on.")
    return (
        None if limit is None else min(limit, sys.maxsize),
        None if timeout is None else min(timeout, LONGEST),
    )


def refuse_other(server: Served, snapshot: Snapshot) -> None:
    """`UsageError` if a server holds another snapshot than the one asked: names would be looked up
    in the one and answered from the other."""
    held = server.holds()
    if held != snapshot.id:
        what = f"the snapshot {held}" if held else "no snapshot that was pushed whole"
        raise UsageError(
            f"The server holds {what}, and not {snapshot.id}, which is asked.",
            "Push it (icsgraph push), or name the store that was pushed (--store).",
        )
