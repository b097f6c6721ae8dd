"""What a Neo4j server holds after a push, and how it is read.

Beside the graph, a node for each thing and a relationship for each statement, with the labels,
types and properties of the ontology, there are nodes of our own:

    (:Icsgraph)        a second label on each node of the graph: it tells ours from others'
    (:IcsgraphPush)    one: which snapshot, its manifest, and whether the push has finished
    (:IcsgraphTable)   one for each table that stands whole on the server: what it was made from
    (:IcsgraphFile)    the tables of a snapshot that are no graph (records, history, series), as
                       the bytes of their Parquet files, in parts
    (:IcsgraphLock)    what a push holds while it writes, so that there is one at a time
    (:IcsgraphFormer)  a node that the snapshot no longer has, and that relationships of others'
                       still hold
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..ontology.errors import DataError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import schema
from .neo4j_server import Server

__all__ = [
    "CONSTRAINTS",
    "ENDS",
    "MARK",
    "OWN",
    "Push",
    "attached_file",
    "counts",
    "nodes_on",
    "push_on",
    "relationships_on",
]

MARK = "Icsgraph"
OWN = ("IcsgraphPush", "IcsgraphTable", "IcsgraphFile", "IcsgraphLock", "IcsgraphFormer")
CONSTRAINTS = (
    f"CREATE CONSTRAINT icsgraph_id IF NOT EXISTS FOR (n:{MARK}) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT icsgraph_push_id IF NOT EXISTS FOR (n:IcsgraphPush) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT icsgraph_table_name IF NOT EXISTS "
    "FOR (n:IcsgraphTable) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT icsgraph_file_id IF NOT EXISTS FOR (n:IcsgraphFile) REQUIRE n.id IS UNIQUE",
)
"""What keeps our own nodes one each, beside the constraints of the ontology."""

ENDS = {"from": pl.String(), "to": pl.String()}
"""Columns of a table of relationships beside those of its kind: the kinds of its two ends."""


@dataclass(frozen=True, slots=True)
class Push:
    """The last push to a server: the snapshot, its manifest, and whether it finished."""

    snapshot: str
    finished: bool
    manifest: Mapping[str, Any]


def push_on(server: Server) -> Push | None:
    """The last push to a server; None if nothing was pushed there."""
    rows = server.read("MATCH (p:IcsgraphPush) RETURN p.snapshot, p.finished, p.manifest")
    return Push(rows[0][0], rows[0][1], json.loads(rows[0][2])) if rows else None


def counts(server: Server) -> dict[str, int]:
    """How many nodes and relationships of each kind a server holds, how many nodes with each of
    our own labels, and how many nodes of any (`""`). The server keeps these numbers."""
    labels = (*NODE_KINDS, MARK, *OWN)
    patterns = [
        *((f"MATCH (n:{label})", label) for label in labels),
        *((f"MATCH ()-[n:{kind}]->()", kind) for kind in RELATIONSHIP_KINDS),
        ("MATCH (n)", ""),
    ]
    # Counted before it is named: a name beside a count would group, and give no row for nothing.
    parts = (f"{each} WITH count(n) AS n RETURN '{name}' AS kind, n" for each, name in patterns)
    return {kind: number for kind, number in server.read(" UNION ALL ".join(parts))}


def nodes_on(server: Server, kind: str) -> pl.DataFrame:
    """The nodes of a kind that were pushed to a server, sorted by id; columns as
    `tables.schema(kind)`."""
    told = ", ".join(f"n.`{column}`" for column in schema(kind))
    rows = server.read(f"MATCH (n:{kind}:{MARK}) RETURN {told}")
    return pl.DataFrame(rows, schema=dict(schema(kind)), orient="row").sort("id")


def relationships_on(server: Server, kind: str) -> pl.DataFrame:
    """The relationships of a kind that were pushed to a server, sorted by subject, object and id;
    columns as `tables.schema(kind)`, and those of `ENDS`."""
    ends = {"subject": "a.id", "object": "b.id"}
    told = ", ".join(ends.get(column, f"r.`{column}`") for column in schema(kind))
    rows = server.read(
        f"MATCH (a:{MARK})-[r:{kind}]->(b:{MARK}) WHERE r.id IS NOT NULL "
        f"RETURN {told}, a.kind, b.kind"
    )
    table = pl.DataFrame(rows, schema={**schema(kind), **ENDS}, orient="row")
    return table.sort("subject", "object", "id")


def attached_file(server: Server, name: str) -> bytes:
    """The bytes of a file that was pushed beside the graph; `DataError` if a part is missing."""
    rows = server.read(
        "MATCH (f:IcsgraphFile) WHERE f.name = $name "
        "RETURN f.part AS part, f.parts AS parts, f.bytes AS bytes ORDER BY part",
        name=name,
    )
    if not rows or len(rows) != rows[0][1]:
        raise DataError(f"The server at {server.url} does not hold {name} whole.", "Push again.")
    return b"".join(bytes(row[2]) for row in rows)
