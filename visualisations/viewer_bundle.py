"""The viewer that draws the national map in a browser: built from `visualisations/viewer`, shipped
in the wheel, never fetched."""

from __future__ import annotations

from pathlib import Path

from ..ontology.errors import UsageError

__all__ = ["BUNDLE", "viewer_script"]

BUNDLE = Path(__file__).with_name("viewer") / "dist" / "viewer.js"


def viewer_script(bundle: Path = BUNDLE) -> str:
    """The text of the built viewer, with line feeds only.

    `UsageError` in a checkout in which it was not built: it says how to get it.
    """
    if not bundle.is_file():
        raise UsageError(
            "The national map needs its viewer, which is not built here.",
            "Run `make viewer` in the checkout (it needs Node.js 20 or newer), or install the "
            "wheel, which carries it. The other maps need neither.",
        )
    return bundle.read_text(encoding="utf-8")
