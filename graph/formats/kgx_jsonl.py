"""KGX as JSON Lines: a folder with nodes.jsonl and edges.jsonl, one object a line, typed.

Missing values and empty lists are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

from ...ontology.errors import FileFault
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot
from .about import read_about, write_about
from .content import Content, Tell, columns_of
from .gathering import Gathered, text_of
from .kgx_columns import EDGES, FILES, NODES, added, names_of
from .losses import only_a_graph
from .texts import json_objects

__all__ = ["read", "write"]

_ADDED = {"category", "predicate", "knowledge_level", "agent_type"}
ROWS_AT_A_TIME = 50_000


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new folder."""
    path.mkdir()
    with (path / "nodes.jsonl").open("wb") as file:
        for kind in NODE_KINDS:
            tell(f"Writing {kind}")
            _put(file, snapshot, "nodes", kind)
    with (path / "edges.jsonl").open("wb") as file:
        for kind in RELATIONSHIP_KINDS:
            tell(f"Writing {kind}")
            _put(file, snapshot, "relationships", kind)
    write_about(snapshot, "kgx-jsonl", path)
    return only_a_graph(snapshot)


def _put(file: BinaryIO, snapshot: Snapshot, group: str, kind: str) -> None:
    table = snapshot.nodes(kind) if group == "nodes" else snapshot.relationships(kind)
    extra = [expression.alias(name) for name, expression in added(kind).items()]
    for part in table.iter_slices(ROWS_AT_A_TIME):
        named = part.rename(names_of(group, kind))
        # Made from our columns, under the names that they have in our tables.
        whole = named.hstack(part.select("id", *extra).drop("id"))
        whole.select(json_objects(whole, {})).write_csv(
            file, include_header=False, quote_style="never"
        )


def read(path: Path) -> Content:
    """The things and statements of a folder; `FileFault` with the line for what cannot be read."""
    content = Content(said=read_about(path, "kgx-jsonl"))
    for group, file_name in FILES.items():
        file = path / f"{file_name}.jsonl"
        if not file.is_file():
            raise FileFault(file, reason="it is not there", hint="KGX is two files: nodes, edges.")
        gathered = Gathered(file, NODES if group == "nodes" else EDGES)
        gathered.ours = content.said is not None
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                _take(gathered, group, _object(file, number, line), number)
        read = gathered.tables()
        for kind, table in read.items():
            content.put(group, kind, table)
        content.notes += gathered.notes()
    return content


def _object(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        read = json.loads(line)
    except ValueError as error:
        raise FileFault(file, number, reason=f"it is no JSON object ({error})") from None
    if not isinstance(read, dict):
        raise FileFault(file, number, reason="it is no JSON object")
    return read


def _take(gathered: Gathered, group: str, read: dict[str, Any], number: int) -> None:
    kind = read.get("kind")
    own = columns_of(group, kind) if isinstance(kind, str) and _known(group, kind) else {}
    renamed = NODES if group == "nodes" else EDGES
    dropped = {name for name in _ADDED if name not in own or name in renamed}
    values = {name: text_of(value) for name, value in read.items() if name not in dropped}
    if group == "nodes":
        gathered.node(values.pop("id", None), values, number)
    else:
        ends = (values.pop("subject", None), values.pop("object", None))
        gathered.edge(values.pop("id", None), ends, values, number)


def _known(group: str, kind: str) -> bool:
    return kind in (NODE_KINDS if group == "nodes" else RELATIONSHIP_KINDS)
