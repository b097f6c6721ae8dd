"""The national map: every provider of England, opened from regions down to organisations.

sigma draws it in the browser, by our own small viewer (`visualisations/viewer`). Positions are made
here and never change; what is drawn at a time stays small, since a group is one mark until it is
opened.
"""

from __future__ import annotations

from typing import Any

from ..graph.snapshot import Snapshot
from ..ontology.dates import read_day
from .licences import licences
from .national_columns import packed_text
from .national_data import National, national
from .national_ties import KINDS
from .national_words import LEGEND, filters, headline, kind_words, notes, periods
from .page import Page, render
from .palette import KNOWLEDGE
from .part import snapshot_in_words
from .payload import Payload, Words, as_data
from .viewer_bundle import viewer_script

__all__ = ["national_map"]

NAME = "england"
HEADING = "Health and care providers of England, and their ties"
EMPTY = "No provider is recorded in this snapshot, so there is nothing to draw."

WORDS = Words(
    card=("tie", "ties"), place=("organisation", "organisations"), thing=("group", "groups")
)

PARTS = (
    "shell_dom.js",
    "levels_data.js",
    "levels_state.js",
    "draw_sigma.js",
    "shell_filters.js",
    "shell_time.js",
    "shell_search.js",
    "shell_panel.js",
    "levels_panel.js",
    "shell_table.js",
    "levels_tables.js",
    "shell_path.js",
    "shell_view.js",
    "shell_export.js",
    "levels_map.js",
    "shell.js",
)
"""The shell's own parts, and in place of those for findings the ones for groups and columns."""


def national_map(snapshot: Snapshot, *, on: str | None = None) -> str:
    """The national map of a snapshot as one HTML page that asks nothing of any network.

    `on` (ISO day) decides which systems stand and what lies in them; without it, the newest day of
    the snapshot. The same snapshot gives the same bytes. `DateFault` if `on` is no day,
    `UsageError` if the viewer has not been built.
    """
    library = viewer_script()
    day = read_day(on).isoformat() if on else str(snapshot.manifest["default_day"])
    found = national(snapshot, day)
    return render(
        Page(
            title=f"{HEADING} · icsgraph",
            heading=HEADING,
            sentence=headline(found),
            search_label="Find an organisation, a system, a code",
            stage_label="Map of England: regions, systems, local authorities, organisations",
            legend=LEGEND,
            notes=notes(found, snapshot_in_words(snapshot)),
            payload=_payload(found),
            empty="" if found.bodies.height else EMPTY,
            library=library,
            parts=PARTS,
            packed={"columns": packed_text(found.columns)},
            time_label="On a day",
        )
    )


def _payload(found: National) -> dict[str, Any]:
    world = {
        "left": min((g.x - g.radius for g in found.groups), default=0),
        "right": max((g.x + g.radius for g in found.groups), default=1),
        "top": min((g.y - g.radius for g in found.groups), default=0),
        "bottom": max((g.y + g.radius for g in found.groups), default=1),
    }
    payload = Payload(
        name=NAME,
        back_end="sigma",
        items=(),
        ties=(),
        cards=(),
        filters=filters(found),
        periods=periods(found.day),
        lists={},
        states={},
        drawing={"world": {side: round(value, 1) for side, value in world.items()}},
        words=WORDS,
        about=(headline(found), *licences(found.editions)),
    )
    return {
        **as_data(payload),
        "tieKinds": [kind_words(kind) for kind in KINDS],
        "levels": [
            {"label": line.label, "dashes": list(line.dashes)} for line in KNOWLEDGE.values()
        ],
    }
