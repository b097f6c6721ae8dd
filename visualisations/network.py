"""A drawing for the pyvis back end: marks and ties with fixed positions, ready for vis-network.

pyvis builds the network and its options; its page template is not used (it loads from elsewhere and
lets text become markup), so what it built is taken out with `get_network_data()` and goes into our
own page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from .layout import Box, Place
from .palette import KINDS, KNOWLEDGE, tones

__all__ = ["DrawnMark", "DrawnTie", "drawing", "vis_network_script"]

VIS_NETWORK = "templates/lib/vis-9.1.2/vis-network.min.js"


@dataclass(frozen=True)
class DrawnMark:
    """One mark: what it is, where it stands, and on which side its name is written."""

    id: str
    kind: str
    name: str
    place: Place
    side: str


@dataclass(frozen=True)
class DrawnTie:
    """One tie between two marks; `width` is that of its knowledge level unless given, and one that
    is `directed` has an arrow where ties are not drawn from list to list."""

    id: str
    start: str
    end: str
    knowledge: str
    width: float | None = None
    directed: bool = False


CURVES: dict[str, dict[str, Any]] = {
    "lists": {
        "enabled": True,
        "type": "cubicBezier",
        "forceDirection": "horizontal",
        "roundness": 0.55,
    },
    "straight": {"enabled": False},
    "arc": {"enabled": True, "type": "curvedCW", "roundness": 0.16},
}
"""How ties are drawn: between lists, straight, or bent so that both directions are seen."""


def drawing(
    marks: Iterable[DrawnMark], ties: Iterable[DrawnTie], world: Box, curve: str = "lists"
) -> dict[str, Any]:
    """Marks, ties and options as vis-network takes them, built by pyvis. `world` is what must be in
    view, `curve` one of `CURVES`.

    >>> one = DrawnMark("ods:QE1", "system", "Lancashire", Place(10, 20, 8), "none")
    >>> drawn = drawing([one], [], Box(0, 0, 100, 100))
    >>> drawn["nodes"][0]["x"], drawn["nodes"][0]["shape"], drawn["options"]["physics"]["enabled"]
    (10, 'dot', False)
    """
    from pyvis.network import Network

    network = Network(directed=True, cdn_resources="in_line")
    for mark in marks:
        network.add_node(
            mark.id,
            label=mark.name,
            group=mark.kind,
            shape=KINDS[mark.kind].shape,
            size=mark.place.radius,
            x=mark.place.x,
            y=mark.place.y,
            side=mark.side,
        )
    for tie in ties:
        line = KNOWLEDGE[tie.knowledge]
        dashes = {"dashes": list(line.dashes)} if line.dashes else {}
        width = line.width if tie.width is None else tie.width
        network.add_edge(tie.start, tie.end, id=tie.id, width=width, **dashes)
        if curve == "lists" or not tie.directed:
            # a directed network is quicker to build, but an arrow there would say too much
            del network.edges[-1]["arrows"]
    network.set_options(json.dumps(_options(curve)))
    nodes, edges, _, _, _, options = network.get_network_data()
    return {"nodes": nodes, "edges": edges, "options": json.loads(options), "world": vars(world)}


def _options(curve: str) -> dict[str, Any]:
    """Nothing moves by itself; groups carry the colours (pyvis drops a colour beside a group)."""
    light = tones("light")
    groups = {
        kind: {"color": {"background": light[kind], "border": light[kind]}}
        for kind in sorted(KINDS)
    }
    return {
        "autoResize": False,
        "physics": {"enabled": False},
        "groups": groups,
        "nodes": {"fixed": True, "chosen": False, "borderWidth": 1.5, "font": {"size": 0}},
        "edges": {
            "arrows": {"to": {"enabled": False, "scaleFactor": 0.3}},
            "chosen": False,
            "smooth": CURVES[curve],
        },
        "interaction": {
            "dragNodes": False,
            "hover": False,
            "keyboard": False,
            "selectable": False,
            "zoomView": False,
        },
    }


def vis_network_script() -> str:
    """The vis-network script that the installed pyvis carries, with line feeds only.

    The pointer to its source map is taken off: a reader's developer tools would ask for that file.
    """
    text = (files("pyvis") / VIS_NETWORK).read_text(encoding="utf-8")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line for line in lines if not line.startswith("//# sourceMappingURL"))
