"""Charts in the grammar of Vega: the one theme of all, and their SVG without a browser.

The theme is made of `palette`. Accessible roles are left to the frame around a drawing, since Vega
names every mark as an image of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..ontology.errors import IcsgraphError
from .chart_parts import Body
from .chart_text import FONT, printable
from .palette import INKS, LINES, SURFACES

__all__ = ["LABEL", "Vega", "VegaLite", "config", "long_label"]

_OPENING = re.compile(r'^<svg [^>]*?width="([0-9.]+)" height="([0-9.]+)"[^>]*>')
_ROLES = re.compile(r' role="graphics-[a-z]+"(?: aria-roledescription="[a-z -]*")?')
LABEL = 11


def config() -> dict[str, Any]:
    """The theme: colours and type of axes, legends and headers."""
    text, muted = INKS["text"].light, INKS["muted"].light
    label = {"labelColor": text, "labelFontSize": LABEL, "labelLimit": 320}
    title = {"titleColor": muted, "titleFontSize": LABEL + 1, "titleFontWeight": "normal"}
    lines = {"gridColor": LINES["rule"].light, "domainColor": LINES["edge"].light}
    return {
        "aria": False,
        "background": SURFACES["page"].light,
        "font": FONT,
        "padding": 2,
        "view": {"stroke": None},
        "axis": {**label, **title, **lines, "tickColor": LINES["edge"].light, "titlePadding": 8},
        # wide apart: a reader's machine may have a wider font
        "legend": {
            **label,
            **title,
            "symbolStrokeColor": LINES["edge"].light,
            "columnPadding": 28,
        },
        "bar": {"stroke": LINES["edge"].light, "strokeWidth": 0.8},
        "header": {**label, **title},
        "title": {"color": text, "fontSize": 13, "anchor": "start"},
        "text": {"color": text, "fontSize": LABEL},
    }


def long_label(width: int = 300) -> dict[str, Any]:
    """Options of an axis whose labels are names: as wide as they need, none left out."""
    return {"labelLimit": width, "labelOverlap": False, "ticks": False, "domain": False}


@dataclass(frozen=True)
class VegaLite:
    """A chart of altair."""

    chart: Any

    def body(self) -> Body:
        """Its SVG, by the version of Vega-Lite that altair writes for."""
        return self._drawn

    @cached_property
    def _drawn(self) -> Body:
        import altair
        import vl_convert

        version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
        spec = _cleaned(self.chart.to_dict())
        spec["config"] = config()
        svg = vl_convert.vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[])
        return _inside(svg)


@dataclass(frozen=True)
class Vega:
    """A specification of Vega itself, for what Vega-Lite has no word for."""

    spec: dict[str, Any]

    def body(self) -> Body:
        """Its SVG."""
        return self._drawn

    @cached_property
    def _drawn(self) -> Body:
        import vl_convert

        spec = {"config": config(), **_cleaned(self.spec)}
        return _inside(vl_convert.vega_to_svg(spec, allowed_base_urls=[]))


def _cleaned(value: Any) -> Any:
    """A specification with printable texts: names come from data."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _cleaned(one) for key, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def _inside(svg: str) -> Body:
    found = _OPENING.match(svg)
    if found is None:
        raise IcsgraphError("vl-convert drew no SVG.", "Install the version that pyproject names.")
    inside = _ROLES.sub("", svg[found.end() :].rstrip().removesuffix("</svg>"))
    return Body(inside, float(found[1]), float(found[2]))
