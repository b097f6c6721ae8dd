"""GEXF 1.3 (https://gexf.net/schema.html): every thing and statement, with dates, for Gephi.

A node is named by its identifier, an edge by the id of its statement; an edge's `kind` is its kind
and its `label` that kind in words. Columns are attributes of their names; those that GEXF or Gephi
use for something else have an underscore behind (`source_`). Lists are JSON texts.

`start` and `end` are the widest that the bounds allow, as a day of `--on` takes them: the first day
on which a thing or statement may have held, and the last. What happened has no end. The four
bounds stand beside as attributes.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

import polars as pl

from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS, Holds
from ..snapshot import Snapshot
from .content import Content, Tell
from .losses import only_a_graph
from .markup import attribute_types, escaped, put_lines, tag, unfit_for_xml, wrapped
from .parsing import GraphReader
from .texts import as_texts
from .xml_lines import Form, read_graph

__all__ = ["read", "write"]

_CREATOR = "icsgraph"
_TYPES = {"Boolean": "boolean", "Int64": "long", "Float64": "double"}
_VIZ = {"color", "position", "shape", "size", "thickness", "viz", "x", "y", "z"}
_TIMES = {"start", "end", "timeset", "interval", "spells"}
_TAKEN = {
    "node": {"id", "label", "parent", "pid", *_TIMES, *_VIZ},
    "edge": {"id", "label", "kind", "source", "target", "type", "weight", *_TIMES, *_VIZ},
}
"""Names that GEXF, Gephi or NetworkX give a meaning of their own."""
_FORM = Form(
    node={"id": "id", "label": "label"},
    edge={"id": "id", "source": "subject", "target": "object", "kind": "kind", "label": "label"},
    before='<attvalues><attvalue for="',
    middle='" value="',
    between='"/><attvalue for="',
    behind='"/></attvalues>',
)


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new file."""
    with path.open("wb") as file:
        _put_head(file, snapshot)
        file.write(b"<nodes>\n")
        for kind, model in NODE_KINDS.items():
            tell(f"Writing {kind}")
            ends = Holds.SINCE if model.happens else Holds.WHILE
            ends = Holds.ALWAYS if kind == "Concept" else ends
            _put_nodes(file, snapshot.nodes(kind), ends)
        file.write(b"</nodes>\n<edges>\n")
        for kind, tie in RELATIONSHIP_KINDS.items():
            tell(f"Writing {kind}")
            _put_edges(file, snapshot.relationships(kind), tie.label, tie.holds)
        file.write(b"</edges>\n</graph>\n</gexf>\n")
    return (
        "One start and one end are held: the widest that the dates allow. The four bounds stand "
        "beside as attributes.",
        "Left out, what is known of the sources beside their nodes: accounting and checksums.",
        *unfit_for_xml(snapshot),
        *only_a_graph(snapshot),
    )


def _put_head(file: BinaryIO, snapshot: Snapshot) -> None:
    said = f"icsgraph snapshot {snapshot.id} {snapshot.view}".rstrip()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
        f"<meta>{tag('creator', _CREATOR)}{tag('description', said)}</meta>",
        '<graph defaultedgetype="directed" mode="dynamic" timeformat="date" '
        'timerepresentation="interval">',
    ]
    for what, kinds in (("node", list(NODE_KINDS)), ("edge", list(RELATIONSHIP_KINDS))):
        lines.append(f'<attributes class="{what}" mode="static">')
        for column, kind in attribute_types(kinds).items():
            name = _name(what, column)
            lines.append(
                tag("attribute", id=name, title=name, type=_TYPES.get(str(kind), "string"))
            )
        lines.append("</attributes>")
    file.write("".join(f"{line}\n" for line in lines).encode())


def _name(what: str, column: str) -> str:
    return f"{column}_" if column in _TAKEN[what] else column


def _put_nodes(file: BinaryIO, table: pl.DataFrame, holds: Holds) -> None:
    label = escaped(pl.coalesce("name", "id"))
    start = [wrapped('<node id="', "id", '"'), pl.format(' label="{}"', label)]
    _put(file, "node", table, [*start, *_interval(table, holds)])


def _put_edges(file: BinaryIO, table: pl.DataFrame, label: str, holds: Holds) -> None:
    start = [
        wrapped('<edge id="', "id", '"'),
        wrapped(' source="', "subject", '"'),
        wrapped(' target="', "object", '"'),
        wrapped(' kind="', "kind", f'" label="{label}"'),
    ]
    _put(file, "edge", table, [*start, *_interval(table, holds)])


def _interval(table: pl.DataFrame, holds: Holds) -> list[pl.Expr]:
    if "start_earliest" not in table.columns or holds is Holds.ALWAYS:
        return []
    start = pl.concat_str(pl.lit(' start="'), "start_earliest", pl.lit('"'))
    if holds is Holds.SINCE:
        return [start]
    # The tables have the first day on which it no longer held.
    last = pl.col("end_latest").str.to_date().dt.offset_by("-1d").dt.to_string()
    return [start, pl.concat_str(pl.lit(' end="'), last, pl.lit('"'))]


def _put(file: BinaryIO, what: str, table: pl.DataFrame, start: list[pl.Expr]) -> None:
    columns = [c for c in table.columns if c not in ("id", "subject", "object")]
    values = [
        wrapped(f'<attvalue for="{_name(what, column)}" value="', column, '"/>')
        for column in columns
        if (what, column) != ("edge", "kind")
    ]
    before, after = pl.lit("><attvalues>"), pl.lit(f"</attvalues></{what}>")
    put_lines(file, as_texts(table), [*start, before, *values, after])


def read(path: Path) -> Content:
    """The things and statements of a file; `FileFault` with the line if it is no GEXF.

    A file that icsgraph did not write is read if its nodes have an attribute `kind`, and its edges
    one or a `kind` of their own.
    """
    return read_graph(path, "gexf", _Reader, _FORM).gathered.content(None)


class _Reader(GraphReader):
    """Hears what the parser finds."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, {c: f"{c}_" for names in _TAKEN.values() for c in names})
        self._titles: dict[tuple[str, str], str] = {}
        self._class = ""
        self._title = ""

    def start(self, parser: expat.XMLParserType, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        if name == "attvalue":
            self._take(parser, given)
        elif name in ("node", "edge"):
            self.begin(parser, name, given)
        elif name == "attributes":
            self._class = given.get("class", "")
        elif name == "attribute":
            title = given.get("title") or given.get("id", "")
            self._titles[self._class, given.get("id", "")] = title
            self._title = title
        elif name in ("creator", "default"):
            self.texts = []
        elif name == "graph" and given.get("defaultedgetype", "undirected") != "directed":
            self.refuse(parser, "an undirected graph: a statement has a subject and an object")

    def column_of(self, what: str, key: str) -> str:
        """The column that the values of an attribute are."""
        return self.gathered.column(self._titles.get((what, key), ""))

    def _take(self, parser: expat.XMLParserType, given: dict[str, str]) -> None:
        key = given.get("for") or given.get("id", "")
        if (self.open, key) not in self._titles:
            self.refuse(parser, f"a value of an attribute {key} that is not declared")
        self.values[self._titles[self.open, key]] = self.plain(given.get("value", ""))

    def end(self, parser: expat.XMLParserType, name: str) -> None:
        """An element ends."""
        if name == "creator":
            self.gathered.ours = self.taken() == _CREATOR
        elif name == "default" and self._class in self.defaults:
            self.defaults[self._class][self._title] = self.taken()
        elif name in ("node", "edge"):
            self.finish({"kind": self.stated("kind")} if name == "edge" else {})
