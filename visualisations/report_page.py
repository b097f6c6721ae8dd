"""A report as one page: what it is made of, and how it becomes HTML that prints well.

A report is sections of paragraphs, lists and tables. Each statement carries the numbers of its
sources, which stand in full at the end. The page has no script at all: it is read on a locked-down
laptop, by a screen reader, or on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .page import filled, own_text, policy
from .palette import css_variables
from .report_sources import Numbered

__all__ = [
    "Bullets",
    "Figure",
    "Names",
    "Paragraph",
    "Report",
    "Section",
    "Spot",
    "Table",
    "Text",
    "render_report",
    "said",
]


@dataclass(frozen=True, slots=True)
class Text:
    """Words with the numbers of their sources; `below` is a quieter line, `target` the file of
    another page of the same folder."""

    words: str
    notes: tuple[int, ...] = ()
    below: str = ""
    target: str = ""

    @property
    def refs(self) -> list[tuple[int, int]]:
        """The numbers as runs, first and last of each.

        >>> said("", 1, 2, 3, 4, 7).refs
        [(1, 4), (7, 7)]
        """
        runs: list[tuple[int, int]] = []
        for number in self.notes:
            if runs and number == runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
        return runs


def said(words: str, *notes: int, below: str = "") -> Text:
    """Words with the numbers of their sources, each once and in order.

    >>> said("Shared record", 3, 1, 3).notes
    (1, 3)
    """
    return Text(words, tuple(sorted(set(notes))), below)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `quiet` for what is said beside the matter."""

    text: Text
    quiet: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of statements."""

    texts: Sequence[Text]
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True)
class Names:
    """A heading with many short names, in columns."""

    heading: str
    names: Sequence[Text]
    kind: Literal["names"] = "names"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; the first column heads its row. `numbers` are the columns of numbers
    and `wide` those that hold sentences, by their place."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Text]]
    numbers: frozenset[int] = frozenset()
    wide: frozenset[int] = frozenset()
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark of a figure: centre, radius, class of `report.css`, and its name where it has one."""

    x: float
    y: float
    radius: float
    look: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A small picture; its words say all that it shows."""

    words: str
    width: float
    height: float
    spots: Sequence[Spot]
    legend: Sequence[tuple[str, str]] = ()
    kind: Literal["figure"] = "figure"


Block = Paragraph | Bullets | Names | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under its heading; `anchor` names it in links."""

    anchor: str
    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of a report but its looks.

    `facts` are the numbers at its head, `filters` what it is of (day, snapshot, profile), and
    `licences` whose data it shows. In a folder of pages, `links` are its index and the pages of the
    same matter, each a file and what it is called.
    """

    what: str
    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    filters: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    sources: Sequence[Numbered]
    licences: Sequence[str]
    links: Sequence[tuple[str, str]] = ()


def render_report(report: Report) -> str:
    """The whole HTML text of a report: the same bytes for the same report, nothing fetched to show
    it, no script in it.

    >>> html = render_report(Report("System", "A <system>", "Lead.", [], [], [], [], []))
    >>> "<h1>A &lt;system&gt;</h1>" in html, "<script" in html
    (True, False)
    """
    styles = css_variables() + own_text("report.css")
    return filled(
        "report.html", report=report, styles=styles, policy=policy(scripts=[], styles=[styles])
    )
