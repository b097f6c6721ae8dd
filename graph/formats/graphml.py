"""GraphML (http://graphml.graphdrawing.org/specification.html): every thing and statement with all
its columns.

A node is named by its identifier, an edge by the id of its statement, so parallel ones stay. A
column is a key of its name and type; lists are JSON texts. What is missing has no `data`, an empty
text an empty one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

import polars as pl

from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot
from .about import about, said_in
from .content import Content, Said, Tell
from .losses import only_a_graph
from .markup import attribute_types, put_lines, tag, unfit_for_xml, wrapped
from .parsing import GraphReader
from .texts import as_texts
from .xml_lines import Form, read_graph

__all__ = ["read", "write"]

_SPACE = "http://graphml.graphdrawing.org/xmlns"
_TYPES = {"Boolean": "boolean", "Int64": "long", "Float64": "double"}
_ABOUT = "icsgraph"
_ENDS = ("subject", "object")
_FORM = Form(
    node={"id": "id"},
    edge={"id": "id", "source": "subject", "target": "object"},
    before='<data key="',
    middle='">',
    between='</data><data key="',
    behind="</data>",
)


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new file."""
    with path.open("wb") as file:
        _put_head(file, snapshot)
        for kind in NODE_KINDS:
            tell(f"Writing {kind}")
            _put(file, "node", as_texts(snapshot.nodes(kind)))
        for kind in RELATIONSHIP_KINDS:
            tell(f"Writing {kind}")
            _put(file, "edge", as_texts(snapshot.relationships(kind)))
        file.write(b"</graph>\n</graphml>\n")
    return (*unfit_for_xml(snapshot), *only_a_graph(snapshot))


def _put_head(file: BinaryIO, snapshot: Snapshot) -> None:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<graphml xmlns="{_SPACE}">']
    lines.append(tag("key", **_key("graph", _ABOUT, pl.String())))
    for what, kinds in (("node", list(NODE_KINDS)), ("edge", list(RELATIONSHIP_KINDS))):
        types = attribute_types(kinds)
        lines += [tag("key", **_key(what, column, kind)) for column, kind in types.items()]
    lines.append(tag("graph", edgedefault="directed").replace("/>", ">"))
    said = json.dumps(about(snapshot, "graphml"), sort_keys=True)
    lines.append(tag("data", said, key=_name("graph", _ABOUT)))
    file.write("".join(f"{line}\n" for line in lines).encode())


def _name(what: str, column: str) -> str:
    """What a key is called: nodes and edges may have columns of one name and two types."""
    return f"{what[0]}-{column}"


def _key(what: str, column: str, kind: pl.DataType) -> dict[str, str]:
    return {
        "id": _name(what, column),
        "for": what,
        "attr.name": column,
        "attr.type": _TYPES.get(str(kind), "string"),
    }


def _put(file: BinaryIO, what: str, texts: pl.DataFrame) -> None:
    start = [wrapped(f'<{what} id="', "id", '"')]
    if what == "edge":
        start += [wrapped(' source="', "subject", '"'), wrapped(' target="', "object", '"')]
    values = [
        wrapped(f'<data key="{_name(what, column)}">', column, "</data>")
        for column in texts.columns
        if column not in ("id", *_ENDS)
    ]
    put_lines(file, texts, [*start, pl.lit(">"), *values, pl.lit(f"</{what}>")])


def read(path: Path) -> Content:
    """The things and statements of a file; `FileFault` with the line if it is no GraphML.

    A file that icsgraph did not write is read if its nodes and edges have a `kind`.
    """
    reader = read_graph(path, "graphml", _Reader, _FORM)
    return reader.gathered.content(reader.said)


class _Reader(GraphReader):
    """Hears what the parser finds."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.said: Said | None = None
        self._keys: dict[str, str] = {}
        self._about = ""
        self._key = ""
        self._declared = {"id": ""}

    def start(self, parser: expat.XMLParserType, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        if name == "data":
            self._key, self.texts = given.get("key", ""), []
        elif name in ("node", "edge"):
            self.begin(parser, name, given)
        elif name == "default":
            self.texts = []
        elif name == "key":
            self._declared = {"id": "", **given}
            self._keys[self._declared["id"]] = given.get("attr.name", self._declared["id"])
            if given.get("for") == "graph" and given.get("attr.name") == _ABOUT:
                self._about = given.get("id", "")
        elif name == "graph" and given.get("edgedefault") == "undirected":
            self.refuse(parser, "an undirected graph: a statement has a subject and an object")
        elif name in ("hyperedge", "port"):
            self.refuse(parser, f"a {name}, of which this ontology knows none")

    def end(self, parser: expat.XMLParserType, name: str) -> None:
        """An element ends."""
        if name == "data":
            self._end_data(parser)
        elif name == "default" and self._declared["id"] in self._keys:
            name, value = self._keys[self._declared["id"]], self.taken()
            for what in self.defaults:
                if self._declared.get("for", "all") in (what, "all"):
                    self.defaults[what][name] = value
        elif name in ("node", "edge"):
            self.finish({})

    def column_of(self, what: str, key: str) -> str:
        """The column that the values of a key are."""
        return self.gathered.column(self._keys.get(key, ""))

    def _end_data(self, parser: expat.XMLParserType) -> None:
        text = self.taken()
        if self.open:
            if self._key not in self._keys:
                self.refuse(parser, f"data of a key {self._key} that is not declared")
            self.values[self._keys[self._key]] = self.plain(text)
        elif self._about and self._key == self._about:
            self.said = said_in(text, "graphml", self.path)
            self.gathered.ours = True
