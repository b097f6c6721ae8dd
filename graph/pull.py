"""A snapshot from a Neo4j server to which it was pushed, into a store.

Nodes and relationships are read from the graph; the tables beside them (records of each source,
history, series) come back from the files that were pushed with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from ..ontology.errors import DataError
from .neo4j_server import Server
from .pushed import ENDS, Push, attached_file, nodes_on, push_on, relationships_on
from .restoring import restore
from .store import Store

__all__ = ["Pulled", "pull"]


@dataclass(frozen=True, slots=True)
class Pulled:
    """The snapshot that was pulled, and the one that was pushed: the same, if the server holds what
    was pushed."""

    snapshot: str
    pushed: str


def _silent(step: str, done: int, total: int) -> None:
    """Say nothing of a step."""


def pull(server: Server, store: Store, tell: Callable[[str, int, int], None] = _silent) -> Pulled:
    """Bring the snapshot that a server holds into a store, and let readers see it.

    Raises `StoreError` for a store that was built from sources, `DataError` for a server to which
    nothing was pushed, whose push has not finished, or whose graph somebody has broken, and
    `ServiceFailed` where it cannot be reached.
    """
    push = _finished(server)
    names = sorted(name.removesuffix(".parquet") for name in push.manifest["tables"])
    tables = {}
    for number, name in enumerate(names):
        tell(f"Reading {name}", number, len(names))
        group, _, kind = name.partition("/")
        tables[group, kind] = _table(server, group, kind)
    return Pulled(restore(store, tables, push.manifest, server.url), push.snapshot)


def _finished(server: Server) -> Push:
    push = push_on(server)
    if push is None:
        raise DataError(f"Nothing was pushed to {server.url}.", f"icsgraph push {server.url}")
    if not push.finished:
        raise DataError(
            f"The push of snapshot {push.snapshot} to {server.url} has not finished.",
            f"Push again, and it goes on: icsgraph push {server.url}",
        )
    return push


def _table(server: Server, group: str, kind: str) -> pl.DataFrame:
    if group == "nodes":
        return nodes_on(server, kind)
    if group == "relationships":
        return relationships_on(server, kind).drop(list(ENDS))
    return pl.read_parquet(BytesIO(attached_file(server, f"{group}/{kind}")))
