"""The formats by name: where each is written, what a file of it is called, what it is for.

A format is a module with

    write(snapshot, path, tell) -> tuple[str, ...]

which writes a snapshot, or a view of one, to a path that does not exist yet (a file, or a folder
for the formats without an ending) and gives what the format cannot hold, a sentence each; and,
where a graph can be read back from it, with

    read(path) -> Content

Both tell what is wrong as `FileFault`. `exporting` and `importing` see to it that a file comes
whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from ...ontology.errors import UnknownName, UsageError

if TYPE_CHECKING:  # the list alone is shown by --help, which should not wait for polars
    from ..snapshot import Snapshot
    from .content import Content, Tell

__all__ = ["FORMATS", "Format", "Reader", "Writer", "format_named"]


class Writer(Protocol):
    """Writes a snapshot in a format; what the format cannot hold."""

    def __call__(self, snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]: ...


class Reader(Protocol):
    """Reads a file or folder of a format."""

    def __call__(self, path: Path) -> Content: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its module in this folder, the ending of its files ('' if it is a folder), what
    it is in one line, and whether a graph can be read back from it."""

    name: str
    module: str
    ending: str
    what: str
    reads: bool

    @property
    def writer(self) -> Writer:
        """What writes it; the module is imported now."""
        return cast(Writer, import_module(f".{self.module}", __package__).write)

    @property
    def reader(self) -> Reader:
        """What reads it; `UsageError` for a format that only leads out."""
        if not self.reads:
            known = ", ".join(row.name for row in FORMATS.values() if row.reads)
            raise UsageError(
                f"{self.name} is only written: it does not hold a whole graph.",
                f"Those that can be read back: {known}.",
            )
        return cast(Reader, import_module(f".{self.module}", __package__).read)


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("parquet", "parquet", "", "a folder of Parquet tables: all of it, typed", True),
        Format("csv", "csv_folder", "", "a folder of CSV tables: all of it, as text", True),
        Format("sqlite", "sqlite", ".sqlite", "one SQLite database: all of it, for SQL", True),
        Format("json", "node_link", ".json", "node-link JSON: NetworkX, D3, Sigma", True),
        Format("graphml", "graphml", ".graphml", "GraphML: NetworkX, igraph, yEd, Cytoscape", True),
        Format("gexf", "gexf", ".gexf", "GEXF 1.3 with dates: Gephi, Gephi Lite", True),
        Format("kgx", "kgx", "", "a folder of KGX tables (TSV): Biolink, KG-Hub", True),
        Format("kgx-jsonl", "kgx_jsonl", "", "a folder of KGX JSON Lines", True),
        Format("kumu", "kumu", "", "a folder with Kumu's elements and connections (CSV)", False),
        Format("neo4j", "neo4j_bulk", "", "a folder for neo4j-admin database import full", False),
        Format("turtle", "turtle", ".ttl", "RDF as Turtle", True),
        Format("nquads", "nquads", ".nq", "RDF as N-Quads, a named graph for each source", True),
        Format("jsonld", "jsonld", ".jsonld", "RDF as JSON-LD", True),
    )
}
"""Every format, in the order in which help lists them."""


def format_named(name: str) -> Format:
    """The format of a name; `UnknownName` with the nearest if there is none.

    >>> format_named("graphml").ending
    '.graphml'
    """
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    return FORMATS[name]
