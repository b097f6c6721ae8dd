"""Our own XML read by whole columns: each node and each edge is one line of a known form.

What is between them goes through the parser. A file that is not in that form throughout is left to
the parser whole, which says where a fault is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from xml.parsers import expat

import polars as pl

from ...ontology.errors import FileFault
from .markup import UNESCAPED, unescaped
from .parsing import GraphReader, NotPlain, lines_of, parse, xml_parser

__all__ = ["Form", "read_graph"]

Reader = TypeVar("Reader", bound=GraphReader)

_TEXT = r"(?:[^<>&\"\x00-\x1f\x{fffe}\x{ffff}]|&(?:amp|lt|gt|quot|#9|#10|#13);)*"


_TIMES = f'(?: (?:start|end)="{_TEXT}")*'


def _given(name: str) -> str:
    return f' {name}="{_TEXT}"'


@dataclass(frozen=True)
class Form:
    """How a node and an edge stand on a line: the attributes of their tags and the columns that
    these are, and what is written before, within, between and behind names and values of others."""

    node: Mapping[str, str]
    edge: Mapping[str, str]
    before: str
    middle: str
    between: str
    behind: str

    @cached_property
    def lines(self) -> str:
        """What each line is."""
        value = f"{_TEXT}{self.middle}{_TEXT}"
        values = f"{self.before}{value}(?:{self.between}{value})*{self.behind}"
        tags = [
            f"<{what}{''.join(_given(name) for name in names)}{_TIMES}>{values}</{what}>"
            for what, names in (("node", self.node), ("edge", self.edge))
        ]
        return f"^(?:{'|'.join(tags)})$"


def read_graph(path: Path, root: str, make: Callable[[Path], Reader], form: Form) -> Reader:
    """A reader that has heard a whole file, whose outermost element is `root`.

    `FileFault` with the line for what is no such file.
    """
    with suppress(NotPlain, FileFault, expat.ExpatError, pl.exceptions.PolarsError):
        reader = make(path)
        _take_lines(
            path, form, reader, xml_parser(path, root, reader.start, reader.end, reader.text)
        )
        return reader
    reader = make(path)
    parse(path, xml_parser(path, root, reader.start, reader.end, reader.text))
    return reader


def _take_lines(path: Path, form: Form, reader: GraphReader, parser: expat.XMLParserType) -> None:
    """Let a reader have all nodes and edges of a file of ours; `NotPlain` for any other."""
    before = 1
    for lines in lines_of(path):
        lines = lines.with_row_index("at", offset=before)
        before += lines.height
        inside = pl.col("line").str.contains("^<(?:node|edge) ").fill_null(False)
        for line in lines.filter(~inside)["line"]:
            parser.Parse(f"{line or ''}\n".encode())
        lines = lines.filter(inside)
        if not lines.height:
            continue
        if not reader.gathered.ours or not lines["line"].str.contains(form.lines).all():
            raise NotPlain
        for what, names in (("node", form.node), ("edge", form.edge)):
            part = lines.filter(pl.col("line").str.starts_with(f"<{what}"))
            if part.height:
                table = _columns(part, form, what, names, reader)
                for (kind,), rows in table.partition_by("kind", as_dict=True).items():
                    if not reader.gathered.take_columns(
                        what, str(kind), rows.drop("label", strict=False)
                    ):
                        raise NotPlain
    parser.Parse(b"", True)


def _columns(
    lines: pl.DataFrame, form: Form, what: str, names: Mapping[str, str], reader: GraphReader
) -> pl.DataFrame:
    """`at`, the attributes of the tags, and a column of texts for each that has values."""
    parts = lines.select("at", pl.col("line").str.splitn(">", 2).struct.unnest())
    parts.columns = ["at", "tag", "values"]
    tags = pl.col("tag").str.split('"')
    given = [tags.list.get(2 * n + 1).alias(name) for n, name in enumerate(names.values())]
    made = parts.select("at", *given)
    rest = pl.col("values").str.strip_prefix(form.before)
    rest = rest.str.strip_suffix(f"{form.behind}</{what}>").str.split(form.between)
    pairs = parts.select("at", values=rest).explode("values")
    pairs = pairs.select("at", pl.col("values").str.splitn(form.middle, 2).struct.unnest())
    pairs.columns = ["at", "key", "value"]
    columns = {key: reader.column_of(what, key) for key in pairs["key"].unique().sort()}
    table = made.with_columns(_plain(made[name]) for name in names.values())
    for (key,), rows in pairs.partition_by("key", as_dict=True, include_key=False).items():
        if rows["at"].n_unique() < rows.height or columns[key] in table.columns:
            raise NotPlain
        named = rows.select("at", _plain(rows["value"]).alias(columns[key]))
        table = table.join(named, on="at", how="left", maintain_order="left")
    return table


def _plain(texts: pl.Series) -> pl.Series:
    """Texts without the escapes of XML, and those of what XML cannot hold."""
    if texts.str.contains("&", literal=True).any():
        texts = texts.str.replace_many(list(UNESCAPED), list(UNESCAPED.values()))
    odd = texts.filter(texts.str.contains("_x", literal=True)).unique()
    return texts.replace(odd, pl.Series(map(unescaped, odd), dtype=pl.String))
