"""Node-link JSON, as `networkx.node_link_data` and D3 have it: every thing and statement.

A node's `id` is its identifier; an edge has `source` and `target`, the ids of its two ends, and
`key`, the id of its statement. The columns of those names have an underscore behind (`source_`).
Missing values and empty lists are left out. Each node and each edge is one line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from ...ontology.errors import FileFault
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot
from .about import about, said_in
from .content import Content, Tell
from .gathering import OWN_DATA, Gathered, text_of
from .losses import only_a_graph
from .parsing import parsed_json
from .texts import json_objects

__all__ = ["read", "write"]

_ABOUT = "icsgraph"
_ENDS = {"id": "key", "subject": "source", "object": "target"}
_TAKEN = {"source": "source_", "target": "target_", "key": "key_"}
ROWS_AT_A_TIME = 50_000


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new file."""
    said = json.dumps({_ABOUT: about(snapshot, "json")}, sort_keys=True)
    with path.open("wb") as file:
        file.write(b'{"directed":true,"multigraph":true,"graph":' + said.encode() + b',\n"nodes":[')
        _put(file, [snapshot.nodes(kind) for kind in NODE_KINDS], {}, tell)
        file.write(b'\n],\n"edges":[')
        ties = [snapshot.relationships(kind) for kind in RELATIONSHIP_KINDS]
        _put(file, ties, {**_TAKEN, **_ENDS}, tell)
        file.write(b"\n]}\n")
    return only_a_graph(snapshot)


def _put(file: BinaryIO, tables: list[pl.DataFrame], names: dict[str, str], tell: Tell) -> None:
    between = "\n"
    for table in tables:
        if table.height:
            tell(f"Writing {table['kind'][0]}")
        for rows in table.iter_slices(ROWS_AT_A_TIME):
            texts = rows.select(json_objects(rows, names)).to_series()
            file.write(between.encode())
            file.write(texts.str.join(",\n").item().encode())
            between = ",\n"


def read(path: Path) -> Content:
    """The things and statements of a file; `FileFault` with the line if it is no node-link JSON.

    A file that icsgraph did not write is read if its nodes and edges have a `kind`. Edges may stand
    under `edges` or `links`.
    """
    whole = _loaded(path)
    gathered = Gathered(path, _TAKEN)
    said = whole.get("graph")
    said = said.get(_ABOUT) if isinstance(said, dict) else None
    about_it = said_in(json.dumps(said), "json", path) if said is not None else None
    gathered.ours = gathered.by_line = said is not None
    nodes, edges = _listed(whole, path, "nodes"), _listed(whole, path, "edges", "links")
    # Ours has each node and edge on a line: the nodes after the second, the edges two lines later.
    first = (3, 3 + len(nodes) + 2) if gathered.by_line else (1, 1)
    for number, node in enumerate(nodes, first[0]):
        values = _texts(node, path, f"the node {number - first[0] + 1}")
        gathered.node(values.pop("id", None), values, number)
    for number, edge in enumerate(edges, first[1]):
        values = _texts(edge, path, f"the edge {number - first[1] + 1}")
        ends = (values.pop("source", None), values.pop("target", None))
        gathered.edge(values.pop("key", None) or values.pop("id", None), ends, values, number)
    return gathered.content(about_it)


def _loaded(path: Path) -> dict[str, Any]:
    whole = parsed_json(path)
    if not isinstance(whole, dict):
        raise FileFault(path, reason="it is no object with nodes and edges", hint=OWN_DATA)
    if whole.get("directed") is False:
        raise FileFault(path, reason="it holds an undirected graph", hint=OWN_DATA)
    return whole


def _listed(whole: dict[str, Any], path: Path, *names: str) -> list[dict[str, Any]]:
    for name in names:
        found = whole.get(name)
        if isinstance(found, list):
            return found
    raise FileFault(path, reason=f"it has no list of {names[0]}", hint=OWN_DATA)


def _texts(item: Any, path: Path, where: str) -> dict[str, str | None]:
    if not isinstance(item, dict):
        raise FileFault(path, reason=f"{where} is no object")
    return {name: text_of(value) for name, value in item.items()}
