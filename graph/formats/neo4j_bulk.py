"""Neo4j: a folder of files for `neo4j-admin database import full`, for a first load.

A CSV file for each kind, with a header that names types, and

    neo4j-admin.args      all options and files, so that the command is short
    after-import.cypher   constraints and indexes, and what the import cannot say

    cd FOLDER && neo4j-admin database import full neo4j @neo4j-admin.args
    cypher-shell -f after-import.cypher

The result is what `icsgraph push` makes of the same snapshot, but for what a push notes of itself.
Lists are split at U+001F, which is left out of their values.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...ontology.cypher import neo4j_ddl
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..pushed import CONSTRAINTS, MARK
from ..snapshot import Snapshot
from .about import write_about
from .content import Tell, columns_of
from .losses import only_a_graph
from .texts import number_texts

__all__ = ["write"]

_BETWEEN = "\x1f"
_TYPES = {
    "String": "string",
    "List(String)": "string[]",
    "Boolean": "boolean",
    "Int64": "long",
    "Float64": "double",
}
_OPTIONS = (
    "--id-type=string",
    "--array-delimiter=U+001F",
    "--multiline-fields=true",
    "--ignore-empty-strings=false",
    "--trim-strings=false",
)


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new folder."""
    path.mkdir()
    options, split = list(_OPTIONS), 0
    for kind in NODE_KINDS:
        table = snapshot.nodes(kind)
        if table.height:
            tell(f"Writing {kind}")
            split += _put(table, path / f"{kind}.csv", {"id": "id:ID"})
            options.append(f"--nodes={kind}:{MARK}={kind}.csv")
    for kind in RELATIONSHIP_KINDS:
        table = snapshot.relationships(kind)
        if table.height:
            tell(f"Writing {kind}")
            split += _put(
                table, path / f"{kind}.csv", {"subject": ":START_ID", "object": ":END_ID"}
            )
            options.append(f"--relationships={kind}={kind}.csv")
    _put_text(path / "neo4j-admin.args", options)
    _put_text(
        path / "after-import.cypher",
        [f"{each};" for each in (*CONSTRAINTS, *neo4j_ddl(), *_lists())],
    )
    write_about(snapshot, "neo4j", path)
    told = f"{split:,} values of lists hold U+001F, at which the import splits: it is left out."
    return (*((told,) if split else ()), *only_a_graph(snapshot))


def _put_text(file: Path, lines: list[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _lists() -> list[str]:
    """The import makes no property of an empty list; a push makes an empty list of it."""
    return [
        f"MATCH (n:{kind}) WHERE n.{column} IS NULL SET n.{column} = []"
        for kind in NODE_KINDS
        for column, info in columns_of("nodes", kind).items()
        if isinstance(info, pl.List)
    ]


def _put(table: pl.DataFrame, file: Path, ends: dict[str, str]) -> int:
    """Write one file; how many values of lists cannot be as they are."""
    split = 0
    columns = []
    for column, kind in table.schema.items():
        name = ends.get(column, f"{column}:{_TYPES[str(kind)]}")
        value = pl.col(column)
        if isinstance(kind, pl.List):
            each = value.list.eval(pl.element().str.contains(_BETWEEN, literal=True))
            split += int(table.select(each.list.sum().sum()).item() or 0)
            plain = value.list.eval(pl.element().str.replace_all(_BETWEEN, "", literal=True))
            value = pl.when(value.list.len() > 0).then(plain.list.join(_BETWEEN))
        elif isinstance(kind, pl.Float64):
            value = number_texts(column, {"inf": "Infinity", "-inf": "-Infinity"})  # Java's words
        columns.append(value.alias(name))
    table.select(columns).write_csv(file, quote_style="necessary")
    return split
