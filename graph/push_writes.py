"""How a table is written to a Neo4j server: what differs, in batches, each one transaction.

Each batch can be sent twice without harm, as happens when a server commits and its answer is lost:
nodes and relationships are merged by their ids, and what is removed may be gone already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from ..ontology.errors import DataError
from .neo4j_server import Server
from .pushed import MARK

__all__ = [
    "BATCH",
    "differing",
    "nested",
    "node_batch",
    "relationship_batch",
    "remove_nodes",
    "remove_relationships",
    "write_file",
    "write_nodes",
    "write_relationships",
]

BATCH = 5_000
"""Rows of a transaction: with a fifth of it, and with twice as many, a server took longer."""

PART = 2**20
"""Bytes of a file in one node."""

Rows = list[dict[str, Any]]


def differing(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """The rows of `new` that are not in `old`, which has the same columns; missing equals missing.

    >>> new = pl.DataFrame({"id": ["a", "b"], "codes": [["1"], []]})
    >>> differing(new, pl.DataFrame({"id": ["a", "b"], "codes": [["1"], [""]]}))["id"].to_list()
    ['b']
    """
    if old.is_empty():
        return new
    keys = new.with_row_index("row")
    others = keys.join(old, on=old.columns, how="anti", nulls_equal=True)
    return new[others["row"].sort()]


def node_batch(kind: str) -> str:
    """The text that writes a batch of nodes: `$rows` are maps of all properties."""
    return (
        f"UNWIND $rows AS row MERGE (n:{kind} {{id: row.id}}) SET n = row, n:{MARK} RETURN count(n)"
    )


def relationship_batch(kind: str) -> str:
    """The text that writes a batch of relationships: `$rows` have `subject`, `object` and a map of
    `properties`, the id among them."""
    return (
        f"UNWIND $rows AS row MATCH (a:{MARK} {{id: row.subject}}) "
        f"MATCH (b:{MARK} {{id: row.object}}) "
        f"MERGE (a)-[r:{kind} {{id: row.properties.id}}]->(b) SET r = row.properties "
        "RETURN count(r)"
    )


def write_nodes(
    server: Server, kind: str, rows: pl.DataFrame, wrote: Callable[[int], None]
) -> None:
    """Write nodes whole: properties that a row does not have are taken away."""
    text = node_batch(kind)
    for batch in rows.iter_slices(BATCH):
        _write(server, kind, text, batch.to_dicts(), wrote)


def write_relationships(
    server: Server, kind: str, rows: pl.DataFrame, wrote: Callable[[int], None]
) -> None:
    """Write relationships whole. `DataError` if one of their ends is not on the server."""
    text = relationship_batch(kind)
    for batch in nested(rows).iter_slices(BATCH):
        _write(server, kind, text, batch.to_dicts(), wrote)


def nested(rows: pl.DataFrame) -> pl.DataFrame:
    """Relationships as `relationship_batch` takes them.

    >>> rows = pl.DataFrame({"id": ["1"], "subject": ["a"], "object": ["b"], "source": ["s"]})
    >>> nested(rows).to_dicts()
    [{'subject': 'a', 'object': 'b', 'properties': {'id': '1', 'source': 's'}}]
    """
    kept = [c for c in rows.columns if c not in ("subject", "object", "from", "to")]
    return rows.select("subject", "object", pl.struct(kept).alias("properties"))


def _write(server: Server, kind: str, text: str, rows: Rows, wrote: Callable[[int], None]) -> None:
    number = server.write(text, rows=rows)[0][0]
    if number != len(rows):
        raise DataError(
            f"{len(rows) - number} {kind} could not be written: their ends are not on the server "
            f"at {server.url}, which somebody else has changed.",
            "Compare everything: icsgraph push --again",
        )
    wrote(len(rows))


def remove_relationships(server: Server, kind: str, ids: list[str]) -> None:
    """Remove the relationships of these ids."""
    text = f"UNWIND $ids AS id MATCH ()-[r:{kind} {{id: id}}]->() DELETE r"
    for start in range(0, len(ids), BATCH):
        server.write(text, ids=ids[start : start + BATCH])


def remove_nodes(server: Server, kind: str, ids: list[str]) -> int:
    """Remove the nodes of these ids. One that relationships of others' hold stays, without our
    labels: how many did."""
    gone = f"UNWIND $ids AS id MATCH (n:{kind} {{id: id}}) WHERE NOT (n)--() DELETE n"
    held = (
        f"UNWIND $ids AS id MATCH (n:{kind} {{id: id}}) "
        f"SET n:IcsgraphFormer REMOVE n:{kind}:{MARK} RETURN count(n)"
    )
    kept = 0
    for start in range(0, len(ids), BATCH):
        batch = {"ids": ids[start : start + BATCH]}
        kept += server.write_all([(gone, batch), (held, batch)])[1][0][0]
    return kept


def write_file(server: Server, name: str, content: bytes) -> None:
    """Write the bytes of a file, in parts, in place of what was there of that name."""
    starts = range(0, len(content), PART)
    write = (
        "MERGE (f:IcsgraphFile {id: $id}) "
        "SET f.name = $name, f.part = $part, f.parts = $parts, f.bytes = $bytes"
    )
    for part, start in enumerate(starts):
        facts = {"id": f"{name} {part}", "name": name, "part": part, "parts": len(starts)}
        server.write(write, **facts, bytes=content[start : start + PART])
    longer = "MATCH (f:IcsgraphFile) WHERE f.name = $name AND f.part >= $parts DELETE f"
    server.write(longer, name=name, parts=len(starts))
