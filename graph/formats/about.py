"""What an exported file says of itself: its format, the snapshot it is of, and that one's sources.

Folders hold it as `icsgraph.json`, single files where their format has room for it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...ontology.errors import FileFault
from ..files import json_text
from ..snapshot import Snapshot

__all__ = ["ABOUT", "about", "manifest_in", "read_about", "write_about"]

ABOUT = "icsgraph.json"
"""The file of a folder that says what the folder is."""

VERSION = 1
"""Of the layout of our exports; one that reads another way has a higher one."""


def about(snapshot: Snapshot, format_name: str) -> dict[str, Any]:
    """What is said of an export of a snapshot, or of a view of it."""
    return {
        "format": format_name,
        "version": VERSION,
        "snapshot": snapshot.id,
        "view": snapshot.view,
        "manifest": snapshot.manifest,
    }


def write_about(snapshot: Snapshot, format_name: str, folder: Path) -> None:
    """Write `icsgraph.json` into a folder."""
    text = json_text(about(snapshot, format_name))
    (folder / ABOUT).write_text(text, encoding="utf-8", newline="\n")


def read_about(folder: Path, format_name: str) -> dict[str, Any] | None:
    """The manifest in a folder's `icsgraph.json`; None if it has no such file.

    `FileFault` if the folder is an export in another format.
    """
    file = folder / ABOUT
    if not file.is_file():
        return None
    return manifest_in(file.read_text(encoding="utf-8"), format_name, file)


def manifest_in(text: str, format_name: str, file: Path) -> dict[str, Any]:
    """The manifest in what a file says of itself; `FileFault` if it is of another format or a
    later version."""
    try:
        said = json.loads(text)
        made, version, manifest = said["format"], said["version"], said["manifest"]
        known = {key: manifest[key] for key in ("sources", "decisions", "default_day", "tables")}
    except (ValueError, KeyError, TypeError):
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
    return {**manifest, **known}
