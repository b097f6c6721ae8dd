"""Anyone's own data: node lists and lists of ties, in CSV or Excel, as a mapping describes them.

The first file of the source is the mapping (`mapping_parts.OwnMapping`, explained in
`templates/own-data.toml`); the files that it names lie beside it, or are listed with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ..ontology.errors import DataError
from ..ontology.tables import schema
from .cleaning import same_key
from .delimited import Sheet, read_delimited
from .layouts import Layout
from .mapping import read_mapping
from .mapping_checks import columns_of
from .mapping_parts import FileList, NodeList, OwnMapping, TieList
from .own_fields import Cells, refuse, with_dates, with_fields
from .own_identifiers import identified, with_code
from .own_ties import known_things, tie_tables, with_kinds
from .records import FileAccount, Nodes, SourceEntry, Table
from .uniting import united
from .workbook import read_sheet

__all__ = ["files_of", "read", "read_mapped"]

MAPPING = ".toml"
WORKBOOKS = (".xlsx", ".ods")


def read(entry: SourceEntry) -> Iterator[Table]:
    """What do these files say, as their mapping has it, and what became of each of their rows?

    Raises `MappingFault` with every fault of the mapping before any file is read, `LayoutError` if
    a file lacks a column that the mapping names. A row with a value that cannot be meant is
    rejected with its reason, and everything else is read.
    """
    mapping = read_mapping(_mapping_of(entry.files))
    yield from read_mapped(mapping, files_of(entry.files), _mapping_of(entry.files).name)


def _mapping_of(files: Sequence[Path]) -> Path:
    found = [path for path in files if path.suffix.lower() == MAPPING]
    if len(found) != 1:
        raise DataError(
            f"This source has {len(found)} mappings among its files, and needs one.",
            "List the mapping, a .toml file; icsgraph template own-data writes one to begin with.",
        )
    return found[0]


def files_of(files: Sequence[Path]) -> tuple[Path, ...]:
    """The files themselves and those that their mapping names, each once.

    A file that is not listed is looked for beside the mapping.
    """
    at = _mapping_of(files)
    mapping = read_mapping(at)
    listed = {path.name: path for path in files}
    named = [Path(rows.file) for rows in (*mapping.nodes, *mapping.ties)]
    found = [listed.get(name.name, at.parent / name) for name in named]
    whole = tuple(dict.fromkeys([*files, *found]))
    names = [path.name for path in whole]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"Two files of this source are called {twice[0]}.", "Rename one of them.")
    if unused := [path for path in files if path != at and path not in found]:
        hint = "Name it in the mapping as file, or leave it out."
        raise DataError(f"{at.name} does not say what {unused[0].name} holds.", hint)
    return whole


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list of the mapping with the rows of its file, and the name there of each column."""

    rows: FileList
    sheet: Sheet
    cells: Cells


def read_mapped(mapping: OwnMapping, files: Iterable[Path], name: str) -> Iterator[Table]:
    """The tables and accounts of files that a mapping describes; `name` is that of the mapping.

    Every file is opened, and has the columns that it must have, before any row is read.
    """
    by_name = {path.name: path for path in files}
    lists: list[FileList] = [*mapping.nodes, *mapping.ties]
    opened = [_opened(rows, by_name[Path(rows.file).name], name) for rows in lists]
    tables: list[Table] = []
    nodes: list[Nodes] = []
    for each in opened:
        if isinstance(each.rows, NodeList):
            sheet = _nodes(each, each.rows)
            nodes.append(Nodes(each.rows.kind, _filled(each.rows.kind, sheet.rows)))
            tables.append(_account(each, sheet, opened))
    things = known_things(nodes)
    stated: list[Table] = []
    for each in opened:
        if isinstance(each.rows, TieList):
            again = any(o.rows.file == each.rows.file for o in opened if o.rows is not each.rows)
            ties = with_kinds(each.rows, mapping.nodes)
            sheet, said = tie_tables(each.sheet, ties, each.cells, things, optional=again)
            stated += said
            tables.append(_account(each, sheet, opened))
    spoken = [t for t in (*nodes, *stated) if not isinstance(t, FileAccount)]
    yield from united(spoken)
    yield from tables


def _account(each: _Opened, sheet: Sheet, opened: Sequence[_Opened]) -> FileAccount:
    """What became of the rows; a file that two lists read is accounted for twice, by kind."""
    same = [o for o in opened if o.sheet.file == each.sheet.file]
    part = f", as {each.rows.kind or 'ties'} {same.index(each) + 1}" if len(same) > 1 else ""
    account, file = sheet.account(), f"{sheet.file}{part}"
    return replace(account, file=file, rejected=account.rejected.with_columns(file=pl.lit(file)))


# --- opening --------------------------------------------------------------------------------------


def _opened(rows: FileList, path: Path, mapping: str) -> _Opened:
    names = list(dict.fromkeys(_named_columns(rows)))
    cells = {name: f"c{number}" for number, name in enumerate(names)}
    layout = Layout(
        f"{rows.file} of {mapping}", cells, optional=frozenset(rows.optional), others=True
    )
    if path.suffix.lower() in WORKBOOKS:
        return _Opened(rows, read_sheet(path, [layout], rows.sheet), cells)
    return _Opened(rows, read_delimited(path, [layout]), cells)


def _named_columns(rows: FileList) -> Iterator[str]:
    """Every column that a list of the mapping names."""
    for columns in rows.columns.values():
        yield from columns
    if isinstance(rows, NodeList):
        for template in (*rows.id, *rows.codes):
            yield from columns_of(template)
    if isinstance(rows, TieList):
        for end in (rows.subject, rows.object):
            yield from (column for column in (end.find, end.name) if column)
            for template in end.id:
                yield from columns_of(template)


# --- node lists -----------------------------------------------------------------------------------


def _nodes(each: _Opened, rows: NodeList) -> Sheet:
    """The rows of a node list with the columns of its kind."""
    sheet = with_fields(each.sheet, rows, each.cells, [rows.kind])
    sheet = with_dates(sheet, rows, each.cells)
    name = each.cells[rows.columns["name"][0]] if "name" in rows.columns else ""
    sheet = identified(sheet, rows.id, each.cells, name, "id")
    sheet = _with_codes(sheet, rows, each.cells, name)
    return _one_each(sheet, list(each.cells.values()))


def _with_codes(sheet: Sheet, rows: NodeList, cells: Cells, name: str) -> Sheet:
    """The sheet with the other identifiers of each thing; what is blank makes none."""
    made = [f"code {number}" for number in range(len(rows.codes))]
    for template, column in zip(rows.codes, made, strict=True):
        sheet = with_code(sheet, [template], cells, name, column)
    codes = pl.concat_list(made).list.drop_nulls() if made else pl.lit([], pl.List(pl.String))
    return sheet.derive(codes.alias("codes"))


def _one_each(sheet: Sheet, cells: Sequence[str]) -> Sheet:
    """One row for each id: a repeated one is merged, one that says otherwise rejected."""
    later = same_key(sheet.rows, ["id"], [c for c in cells if c in sheet.rows.columns])
    if later.is_empty():
        return sheet
    alike = later.filter("alike")["row"]
    other = sheet.rows.filter(pl.col("row").is_in(later.filter(~pl.col("alike"))["row"].implode()))
    what = "Put what is known of one thing into one row, or give the other another identifier."
    reason = "is the identifier of an earlier row, which says something else"
    return refuse(sheet.merge(alike), other, "id", reason, what)


def _filled(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the kind's table."""
    return rows.select(column for column in schema(kind) if column in rows.columns)
