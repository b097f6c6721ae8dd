"""A chart in every format: SVG, PNG, PDF, a page, and the numbers as CSV.

It is drawn once, as SVG, by Vega through vl-convert (no browser, no network) or by our own code;
PNG and PDF are made of that SVG, a page holds it. The same snapshot gives the same bytes: dates are
drawn as text or on a scale in UTC, the font is one that comes with vl-convert, nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..graph.files import write_whole
from ..ontology.errors import UnknownName, UsageError
from ..queries.formats import as_csv
from .chart_frame import framed
from .chart_page import page_of
from .chart_parts import Picture
from .pdf_order import in_order

__all__ = ["FORMATS", "Chart"]

FORMATS = ("svg", "png", "pdf", "html", "csv")
"""The endings of files that a chart can be written to."""


@dataclass(frozen=True)
class Chart:
    """A picture that can be written, and that shows itself in a notebook."""

    picture: Picture

    @property
    def rows(self) -> pl.DataFrame:
        """The numbers that are drawn."""
        return self.picture.rows

    def __repr__(self) -> str:
        return f"<icsgraph chart {self.picture.name}: {self.picture.title}>"

    def svg(self) -> str:
        """The picture as SVG, with its title, its notes and a description for screen readers."""
        return framed(self.picture)

    def png(self, scale: float = 2.0) -> bytes:
        """The picture as PNG, `scale` pixels for each of the drawing."""
        import vl_convert

        return bytes(vl_convert.svg_to_png(self.svg(), scale=scale))

    def pdf(self) -> bytes:
        """The picture as a page of PDF."""
        import vl_convert

        return in_order(bytes(vl_convert.svg_to_pdf(self.svg())))

    def html(self) -> str:
        """The picture, its table and its notes as one page that asks nothing of any network."""
        return page_of(self.picture)

    def csv(self) -> bytes:
        """The numbers that are drawn."""
        return as_csv(self.rows)

    def save(self, path: str | Path) -> Path:
        """Write the chart whole or not at all, as the ending of the file says: one of `FORMATS`.

        `UnknownName` for another ending, `UsageError` if the file cannot be written.
        """
        target = Path(path)
        ending = target.suffix.lower().removeprefix(".")
        if ending not in FORMATS:
            raise UnknownName("format of a chart", ending, FORMATS)
        content: str | bytes = getattr(self, ending)()
        try:
            write_whole(target, content)
        except OSError as error:
            raise UsageError(
                f"The chart cannot be written to {target}: {error.strerror or error}.",
                "Name a file in a folder that you may write to.",
            ) from error
        return target

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        said = f"{self.picture.title}. {self.picture.described}"
        return {"image/svg+xml": self.svg(), "text/plain": said}
