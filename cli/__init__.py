"""The command line: what `icsgraph` and `python -m icsgraph` run. No logic of its own.

Each group of commands is one module, imported when one of its commands is called; what reads the
graph (polars, the engines, the catalogue) is imported inside the commands, so that help is quick.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from ..ontology.errors import INTERRUPTED

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command that `sys.argv` names and leave with its exit code: 0 done, 1 the data has
    problems, 2 wrong usage, 3 a service is missing, 130 interrupted."""
    try:
        from .app import app  # here, so that Ctrl-C while it loads ends as it does later
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Windows consoles and pipes default to an older encoding, which lacks letters of names.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(app(prog_name="icsgraph"))
