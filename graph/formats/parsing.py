"""XML, JSON and lines of a graph, read; what is not well-formed is told with its line."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers import expat

import polars as pl

from ...ontology.errors import FileFault
from .gathering import Gathered
from .markup import unescaped

__all__ = ["GraphReader", "NotPlain", "lines_of", "parse", "parsed_json", "xml_parser"]

AT_A_TIME = 2**25
"""Bytes of lines that are read at a time."""

CUT = "It may be cut off or changed by hand: export it again."

Start = Callable[[expat.XMLParserType, str, dict[str, str]], None]
End = Callable[[expat.XMLParserType, str], None]


class NotPlain(Exception):
    """A line is none that can be read by columns: it wants a parser, or is one's fault to tell."""


def lines_of(path: Path) -> Iterator[pl.DataFrame]:
    """The lines of a file in order, some millions of letters at a time: `line`. `NotPlain` for what
    is no text of such."""
    with path.open("rb") as file:
        while part := file.read(AT_A_TIME) + file.readline():
            if b"\x01" in part:  # which stands for a separator, as no line has one
                raise NotPlain
            try:
                yield pl.read_csv(
                    BytesIO(part),
                    has_header=False,
                    separator="\x01",
                    quote_char=None,
                    schema={"line": pl.String},
                )
            except pl.exceptions.PolarsError:
                raise NotPlain from None


def xml_parser(
    path: Path, root: str, start: Start, end: End, text: Callable[[str], None]
) -> expat.XMLParserType:
    """What reads an XML file, telling each element by its name without its namespace.

    `FileFault` with the line if its outermost element is not `root`, or if it declares entities of
    its own, which no graph needs and which can be made to fill memory.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def begin(name: str, given: dict[str, str]) -> None:
        nonlocal depth
        local = name.rpartition(" ")[2]
        if depth == 0 and local != root:
            reason = f"its outermost element is {local}, not {root}"
            raise FileFault(path, parser.CurrentLineNumber, reason=reason)
        depth += 1
        start(parser, local, given)

    def refuse(*declared: object) -> None:
        raise FileFault(path, parser.CurrentLineNumber, reason="it declares entities of its own")

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda name: end(parser, name.rpartition(" ")[2])
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    return parser


def parse(path: Path, parser: expat.XMLParserType) -> None:
    """Read an XML file; `FileFault` with the line if it is not well-formed."""
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise FileFault(
            path,
            error.lineno,
            reason=f"it is not well-formed XML ({said})",
            hint=CUT,
        ) from None


def parsed_json(path: Path) -> Any:
    """What a JSON file holds; `FileFault` with the line if it is not well-formed."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        reason = f"it is not well-formed JSON ({error.msg}, character {error.colno})"
        raise FileFault(path, error.lineno, reason=reason, hint=CUT) from None
    except UnicodeDecodeError as error:
        raise FileFault(path, reason=f"byte {error.start} is no UTF-8") from None


class GraphReader(ABC):
    """The elements node and edge of an XML file: each opens, gathers values and closes. `defaults`
    are values that the file declares for those that do not have their own."""

    def __init__(self, path: Path, names: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.gathered = Gathered(path, names)
        self.gathered.ours = False
        self.open: str = ""  # node or edge, while one is
        self.values: dict[str, str | None] = {}
        self.texts: list[str] | None = None
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
        self._given: dict[str, str] = {}
        self._line = 0

    def begin(self, parser: expat.XMLParserType, name: str, given: dict[str, str]) -> None:
        """A node or an edge begins."""
        if self.open:
            self.refuse(parser, f"a {name} inside another")
        self.open, self.values, self._given = name, {}, given
        self._line = parser.CurrentLineNumber

    def finish(self, stated: Mapping[str, str | None]) -> None:
        """The node or edge that is open ends; `stated` are values that its tag gave."""
        name, self.open = self.open, ""
        id_, values = (
            self.plain(self._given.get("id")),
            {**self.defaults[name], **stated, **self.values},
        )
        if name == "node":
            self.gathered.node(id_, values, self._line)
        else:
            ends = (self.plain(self._given.get("source")), self.plain(self._given.get("target")))
            self.gathered.edge(id_, ends, values, self._line)

    def stated(self, name: str) -> str | None:
        """An attribute of the tag of what is open."""
        return self._given.get(name)

    @abstractmethod
    def start(self, parser: expat.XMLParserType, name: str, given: dict[str, str]) -> None:
        """An element begins."""

    @abstractmethod
    def end(self, parser: expat.XMLParserType, name: str) -> None:
        """An element ends."""

    @abstractmethod
    def column_of(self, what: str, key: str) -> str:
        """The column that the values of an attribute of nodes or of edges are; '' for none."""

    def text(self, text: str) -> None:
        """Text between tags, kept where `texts` is a list."""
        if self.texts is not None:
            self.texts.append(text)

    def taken(self) -> str:
        """The text that was kept, which is kept no longer."""
        text, self.texts = "".join(self.texts or ()), None
        return text

    def plain(self, text: str | None) -> str | None:
        """A text without the marks that our own files put where XML cannot hold a character."""
        return unescaped(text) if text is not None and self.gathered.ours else text

    def refuse(self, parser: expat.XMLParserType, what: str) -> None:
        """`FileFault` at the line that is being read."""
        raise FileFault(self.path, parser.CurrentLineNumber, reason=f"it holds {what}")
