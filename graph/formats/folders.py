"""Folders of tables: nodes/, relationships/, records/, history/ and series/, as a snapshot has
them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from ...ontology.errors import FileFault, nearest_names
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ..snapshot import Snapshot
from .about import read_about, write_about
from .content import GROUPS, Content, Tell, tables_of

__all__ = ["read_folder", "write_folder"]

KINDS = {
    "nodes": tuple(NODE_KINDS),
    "records": tuple(NODE_KINDS),
    "relationships": tuple(RELATIONSHIP_KINDS),
    "history": tuple(RELATIONSHIP_KINDS),
}


def write_folder(
    snapshot: Snapshot,
    folder: Path,
    format_name: str,
    ending: str,
    write: Callable[[pl.DataFrame, Path], None],
    tell: Tell,
) -> None:
    """Write each table that has rows with `write`, and what the folder is."""
    folder.mkdir()
    for group, name, table in tables_of(snapshot):
        if table.height:
            tell(f"Writing {group}/{name}")
            (folder / group).mkdir(exist_ok=True)
            write(table, folder / group / f"{name}{ending}")
    write_about(snapshot, format_name, folder, GROUPS)


def read_folder(
    folder: Path,
    format_name: str,
    ending: str,
    read: Callable[[str, str, Path], pl.DataFrame],
) -> Content:
    """The tables in a folder; `read` is given group, kind or name, and file.

    `FileFault` for one of a kind that there is none of, or if it holds none and is no export.
    """
    content = Content(said=read_about(folder, format_name))
    for group in GROUPS:
        for file in sorted((folder / group).glob(f"[!.]*{ending}")):
            name = file.name.removesuffix(ending)
            if group in KINDS and name not in KINDS[group]:
                near = ", ".join(nearest_names(name, KINDS[group])) or ", ".join(KINDS[group])
                raise FileFault(
                    file, reason=f"there is no kind {name}", hint=f"The nearest: {near}."
                )
            content.put(group, name, read(group, name, file))
    if content.said is None and not any(getattr(content, group) for group in GROUPS):
        raise FileFault(
            folder,
            reason=f"it holds no tables: there is no nodes/ with files that end in {ending}",
            hint=f"Name the folder that icsgraph export {format_name} wrote.",
        )
    return content
