"""KGX as TSV: a folder with nodes.tsv and edges.tsv, one row a thing or statement.

KGX splits a row at tabs and line breaks and a value at `|`, whatever stands around them, and knows
no missing value but an empty one. So these are written with a backslash: `\\t`, `\\n`, `\\r`,
`\\p` for the bar inside a value, `\\e` for an empty text, and two backslashes for one.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import polars as pl

from ...ontology.errors import FileFault
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot
from .about import read_about, write_about
from .content import Content, Tell, columns_of
from .csv_folder import read_csv
from .gathering import OWN_DATA
from .kgx_columns import FILES, added, names_of
from .losses import only_a_graph
from .texts import number_texts, typed

__all__ = ["read", "write"]

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "|": "\\p"}
_EMPTY = "\\e"
_KINDS = {"nodes": tuple(NODE_KINDS), "relationships": tuple(RELATIONSHIP_KINDS)}
ROWS_AT_A_TIME = 50_000


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new folder."""
    path.mkdir()
    escaped = 0
    for group, file_name in FILES.items():
        tell(f"Writing {file_name}.tsv")
        columns = _columns(group)
        with (path / f"{file_name}.tsv").open("wb") as file:
            file.write(("\t".join(columns) + "\n").encode())
            for kind in _KINDS[group]:
                table = _table(snapshot, group, kind)
                escaped += _put(file, group, kind, table, columns)
    write_about(snapshot, "kgx", path)
    told = f"{escaped:,} values hold a tab, a line break, a bar or a backslash, or are empty texts:"
    lost = (f"{told} they are written with a backslash.",) if escaped else ()
    return (*lost, *only_a_graph(snapshot))


def _table(snapshot: Snapshot, group: str, kind: str) -> pl.DataFrame:
    return snapshot.nodes(kind) if group == "nodes" else snapshot.relationships(kind)


def _columns(group: str) -> list[str]:
    """The columns of a file: those that KGX must have first."""
    first = ["id", "category", "name"] if group == "nodes" else ["id", "subject", "predicate"]
    first += [] if group == "nodes" else ["object", "knowledge_level", "agent_type"]
    every = [name for kind in _KINDS[group] for name in names_of(group, kind).values()]
    return list(dict.fromkeys([*first, *every]))


def _put(file: BinaryIO, group: str, kind: str, table: pl.DataFrame, columns: list[str]) -> int:
    """Write the rows of a kind; how many values are written with a backslash."""
    made = {name: _text(c, table.schema[c]) for c, name in names_of(group, kind).items()}
    made |= {n: e.list.first() if n == "category" else e for n, e in added(kind).items()}
    chosen = [
        (made[name] if name in made else pl.lit(None, dtype=pl.String)).alias(name)
        for name in columns
    ]
    escaped = 0
    for part in table.iter_slices(ROWS_AT_A_TIME):
        rows = part.select(chosen)
        rows.write_csv(file, separator="\t", include_header=False, quote_style="never")
        counts = rows.select(pl.all().str.contains("\\", literal=True).sum())
        escaped += int(counts.select(pl.sum_horizontal(pl.all())).item() or 0)
    return escaped


def _text(column: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    if isinstance(kind, pl.List):
        joined = value.list.eval(_escaped(pl.element())).list.join("|")
        return pl.when(value.list.len() > 0).then(joined)
    if isinstance(kind, pl.Float64):
        return number_texts(column)
    return _escaped(value) if isinstance(kind, pl.String) else value.cast(pl.String)


def _escaped(value: pl.Expr) -> pl.Expr:
    written = value.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return pl.when(value == "").then(pl.lit(_EMPTY)).otherwise(written)


def _plain(value: pl.Expr) -> pl.Expr:
    """What `_escaped` wrote as it was."""
    back = {written: plain for plain, written in _ESCAPES.items()} | {_EMPTY: ""}
    return value.str.replace_many(list(back), list(back.values()))


def read(path: Path) -> Content:
    """The things and statements of a folder; `FileFault` with the row and column of a value that
    cannot be, or for files that do not say of which of our kinds their rows are."""
    content = Content(said=read_about(path, "kgx"))
    for group, file_name in FILES.items():
        file = path / f"{file_name}.tsv"
        if not file.is_file():
            raise FileFault(file, reason="it is not there", hint="KGX is two files: nodes, edges.")
        rows = read_csv(file, content.said is not None, "\t", None)
        rows = rows.with_row_index("row", offset=2)
        if "kind" not in rows.columns:
            raise FileFault(file, 1, reason="it has no column kind", hint=OWN_DATA)
        content.notes += () if content.said else _understood(group, file, rows)
        for (kind,), part in rows.group_by("kind", maintain_order=True):
            if kind not in _KINDS[group]:
                at = part["row"][0]
                raise FileFault(file, at, "kind", kind, "is no kind of this ontology", OWN_DATA)
            content.put(group, str(kind), _typed(content, group, str(kind), part, file))
    return content


def _understood(group: str, file: Path, rows: pl.DataFrame) -> tuple[str, ...]:
    """How a file that is no export of ours is understood, a sentence each."""
    told = f"{file} was not written by icsgraph: what a row is was read from its column kind."
    known = {"row", *(name for kind in _KINDS[group] for name in names_of(group, kind).values())}
    known |= {name for kind in _KINDS[group] for name in added(kind)}
    if not (others := [column for column in rows.columns if column not in known]):
        return (told,)
    return (told, f"Columns that no kind has were passed over: {', '.join(others)}.")


def _typed(content: Content, group: str, kind: str, rows: pl.DataFrame, file: Path) -> pl.DataFrame:
    columns = []
    for column, name in names_of(group, kind).items():
        wanted = columns_of(group, kind)[column]
        if name not in rows.columns and content.said is None:
            rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name))
        if name not in rows.columns:
            raise FileFault(file, 1, reason=f"it has no column {name}", hint="Export it again.")
        columns.append(_read_column(rows, name, wanted, file).alias(column))
    return pl.DataFrame(columns)


def _read_column(rows: pl.DataFrame, name: str, wanted: pl.DataType, file: Path) -> pl.Series:
    if isinstance(wanted, pl.List):
        split = pl.col(name).str.split("|").list.eval(_plain(pl.element()))
        return rows.select(pl.when(pl.col(name).is_not_null()).then(split).alias(name))[
            name
        ].fill_null([])
    if isinstance(wanted, pl.String):
        return rows.select(_plain(pl.col(name)))[name]
    return typed(rows[name], wanted, file, rows["row"])
