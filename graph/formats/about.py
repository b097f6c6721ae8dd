"""What an exported file says of itself: its format, the snapshot it is of, and that one's sources.

Folders hold it as `icsgraph.json`, single files where their format has room for it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ...ontology.errors import FileFault
from ..files import json_text
from ..snapshot import Snapshot
from .content import GROUPS, Said, tables_of

__all__ = ["ABOUT", "about", "read_about", "said_in", "write_about"]

ABOUT = "icsgraph.json"
"""The file of a folder that says what the folder is."""

VERSION = 1
"""Of the layout of our exports; one that reads another way has a higher one."""


GRAPH = GROUPS[:2]
"""The groups of tables that a format of nodes and edges holds."""


def about(snapshot: Snapshot, format_name: str, groups: Collection[str] = GRAPH) -> dict[str, Any]:
    """What is said of an export of a snapshot, or of a view of it, that holds these groups of
    tables; how many rows each has, so that a file from which some are cut off is told."""
    held = ((group, name, table) for group, name, table in tables_of(snapshot) if group in groups)
    return {
        "format": format_name,
        "version": VERSION,
        "snapshot": snapshot.id,
        "view": snapshot.view,
        "manifest": snapshot.manifest,
        "rows": {f"{group}/{name}": table.height for group, name, table in held if table.height},
    }


def write_about(
    snapshot: Snapshot, format_name: str, folder: Path, groups: Collection[str] = GRAPH
) -> None:
    """Write `icsgraph.json` into a folder."""
    text = json_text(about(snapshot, format_name, groups))
    (folder / ABOUT).write_text(text, encoding="utf-8", newline="\n")


def read_about(folder: Path, format_name: str) -> Said | None:
    """What a folder's `icsgraph.json` says; None if it has no such file.

    `FileFault` if the folder is an export in another format.
    """
    file = folder / ABOUT
    if not file.is_file():
        return None
    return said_in(file.read_text(encoding="utf-8", errors="replace"), format_name, file)


def said_in(text: str, format_name: str, file: Path) -> Said:
    """What a file says of itself; `FileFault` if it is of another format or a later version."""
    try:
        told = json.loads(text)
        made, version, manifest = told["format"], int(told["version"]), told["manifest"]
        known = {key: manifest[key] for key in ("sources", "decisions", "default_day", "tables")}
        rows = {str(table): int(number) for table, number in told.get("rows", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileFault(
            file, reason="what it says of itself cannot be read", hint="Export it again."
        ) from None
    if made != format_name:
        raise FileFault(
            file, reason=f"this is {made}, not {format_name}", hint=f"icsgraph import {made} ..."
        )
    if version > VERSION:
        raise FileFault(
            file,
            reason=f"it was written in layout {version}, and this icsgraph reads {VERSION}",
            hint="Install a newer icsgraph.",
        )
    return Said({**manifest, **known}, rows)
