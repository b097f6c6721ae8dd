"""A file becomes a store again."""

from __future__ import annotations

from pathlib import Path

from ...ontology.errors import FileFault, UsageError
from ..restoring import restore
from ..store import Store
from .content import GROUPS, Content
from .parsing import CUT
from .registry import Format, format_named

__all__ = ["import_file", "read_file"]


def read_file(format_name: str, path: Path | str) -> Content:
    """What a file or folder of a format holds.

    `UsageError` if there is nothing at `path`, `FileFault` with the place in the file for what
    cannot be read.
    """
    row, place = format_named(format_name), Path(path)
    read = row.reader
    if row.ending and not place.is_file():
        raise UsageError(_absent(row, place), f"Name a file that ends in {row.ending}.")
    if not row.ending and not place.is_dir():
        raise UsageError(_absent(row, place), f"Name the folder that holds the {row.name} files.")
    return _whole(place, read(place))


def _whole(place: Path, content: Content) -> Content:
    """`content`, if no rows are missing of those that were exported."""
    for table, wanted in content.said.rows.items() if content.said else ():
        group, _, name = table.partition("/")
        rows = getattr(content, group, {}).get(name)
        if (found := 0 if rows is None else rows.height) < wanted:
            reason = f"it holds {found:,} rows of {table}, and {wanted:,} were exported"
            raise FileFault(place, reason=reason, hint=CUT)
    return content


def _absent(row: Format, place: Path) -> str:
    what = "file" if row.ending else "folder"
    if place.exists():
        return f"{place} is no {what}, and {row.name} is one."
    return f"There is no {what} {place}."


def import_file(store: Store, format_name: str, path: Path | str) -> tuple[str, tuple[str, ...]]:
    """Make what a file holds the graph of a store; the id of its snapshot, and how a file that is
    no export of ours was understood.

    `DataError` if what it holds is no graph of this ontology, `StoreError` if the store holds one
    that was built from sources.
    """
    content = read_file(format_name, path)
    tables = {
        (group, name): table for group in GROUPS for name, table in getattr(content, group).items()
    }
    manifest = content.said.manifest if content.said else None
    return restore(store, tables, manifest, str(path)), content.notes
