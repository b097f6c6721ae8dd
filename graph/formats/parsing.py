"""XML read as a stream; what is not well-formed is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from ...ontology.errors import FileFault

__all__ = ["parse"]

Start = Callable[[expat.XMLParserType, str, dict[str, str]], None]
End = Callable[[expat.XMLParserType, str], None]


def parse(path: Path, root: str, start: Start, end: End, text: Callable[[str], None]) -> None:
    """Read an XML file, telling each element by its name without its namespace.

    `FileFault` with the line if it is not well-formed, if its outermost element is not `root`, or
    if it declares entities of its own, which no graph needs and which can be made to fill memory.
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
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise FileFault(
            path,
            error.lineno,
            reason=f"it is not well-formed XML ({said})",
            hint="It may be cut off or changed by hand: export it again.",
        ) from None
