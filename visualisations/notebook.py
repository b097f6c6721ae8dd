"""A page that shows itself in a notebook: in a sandboxed frame, as plain `text/html`.

The frame has no origin of its own and may run scripts and save files, nothing else: it cannot reach
the notebook, its cells or its server. Jupyter, JupyterLab and VS Code show it; Colab and Databricks
take the same `text/html`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .page import write_page

__all__ = ["Shown"]

HEIGHT = 680


@dataclass(frozen=True)
class Shown:
    """A map or report as a page: it shows itself in a notebook, and `save` writes it."""

    title: str
    html: str = field(repr=False)
    height: int = HEIGHT

    def save(self, path: str | Path) -> Path:
        """Write the page whole or not at all; `UsageError` if the file cannot be written."""
        return write_page(self.html, path)

    def _repr_html_(self) -> str:
        """The page in a frame."""
        return (
            f'<iframe title="{escape(self.title)}" sandbox="allow-scripts allow-downloads" '
            f'width="100%" height="{self.height}" style="border: 1px solid #768692" '
            f'srcdoc="{escape(self.html)}"></iframe>'
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The page in a frame, and what it is for a notebook that shows text only."""
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}
