"""How four innovations were taken up across England: a page that is written from a store.

`python -m icsgraph.documentation STORE` writes `docs/four-innovations.md` and its pictures. Every
number on it is an answer of the catalogue; the words between them are ours, and say no more than
`docs/spread.md` allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..graph.files import write_whole
from ..queries.answer import Answer
from .chart_parts import Asks
from .charts import chart

__all__ = ["STORIES", "Story", "write_page_of_four"]

NAME = "four-innovations.md"
FOLDER = "four-innovations"


@dataclass(frozen=True, slots=True)
class Story:
    """One innovation: what it is, who takes it up, and which company is asked about."""

    innovation: str
    title: str
    what: str
    who: str
    every: str
    companies: tuple[str, ...]
    turn: str = ""
    turn_words: str = ""


STORIES = (
    Story(
        "icsg:innovation/direct-oral-anticoagulant",
        "Direct oral anticoagulants",
        "Newer medicines against blood clots that need no regular blood test. A system counts from "
        "the first month in which half or more of its items are of the newer kind.",
        "systems",
        "quarter",
        ("region", "patient-flows"),
    ),
    Story(
        "icsg:innovation/nitrofurantoin-first",
        "Nitrofurantoin before trimethoprim",
        "First choice for urinary infections. A practice counts from the first of three months in "
        "which at most half of the two is trimethoprim.",
        "practices",
        "quarter",
        ("commissioner",),
        "2017-04-01",
        "In April 2017 the Quality Premium, a national payment, rewarded just this change.",
    ),
    Story(
        "icsg:innovation/online-consultation",
        "Online consultation",
        "Patients write to their practice through a form. A practice counts from the first month "
        "for which its supplier reports it.",
        "practices",
        "month",
        ("pcn", "commissioner"),
    ),
    Story(
        "icsg:innovation/virtual-ward",
        "Virtual wards",
        "Hospital care at home. A system counts from the first month with 30 beds or more for each "
        "100,000 people.",
        "systems",
        "month",
        ("patient-flows",),
    ),
)
"""The innovations of the page, in its order."""

HEAD = """# How four innovations were taken up across England

*Written by `python -m icsgraph.documentation STORE` from snapshot `{snapshot}`; the same registers
give the same page. What the measures mean, and what may be
said, stands in [spread.md](spread.md).*

Four innovations of which it is known, month by month, who used them. For each: how many had taken
it up by when, whether those who keep company took it up nearer one another in time than chance
gives, and what that does not say. Nothing here says why anybody took anything up, and nobody is
ranked.
"""


NEARER = (
    "**Nearer in time than chance?** Dates of adopting are dealt anew among all, within regions, "
    "and within regions and size; the slope of adopting on company that had adopted is compared. "
    "A small p says that dates are clustered along that company, and nothing of influence: a "
    "trait or a payment that goes with company and with the date gives a small p as well."
)


def write_page_of_four(graph: Asks, folder: Path) -> list[Path]:
    """Write the page and its pictures into a folder; which files were written.

    `graph` is asked the questions of the catalogue and must hold the adoption series. The same
    snapshot gives the same bytes.
    """
    parts, written = [HEAD.format(snapshot=graph.snapshot.id)], []
    for story in STORIES:
        picture = f"{FOLDER}/{story.innovation.rpartition('/')[2]}.svg"
        drawn = chart(graph, "adoption-curve", innovation=story.innovation, every=story.every)
        target = folder / picture
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, drawn.svg())
        written.append(target)
        parts.append(_told(graph, story, picture))
    page = folder / NAME
    write_whole(page, "\n".join(parts))
    return [*written, page]


def _told(graph: Asks, story: Story, picture: str) -> str:
    half = graph.ask("time-to-share", innovation=story.innovation)
    curve = graph.ask("adoption-curve", innovation=story.innovation, every=story.every)
    lines = [
        f"## {story.title}",
        "",
        story.what,
        "",
        f"![How many {story.who} had taken it up by each {story.every}]({picture})",
        "",
        _row("How fast", half),
        *_turned(graph, story),
        NEARER,
        "",
        *_clustered(graph, story),
        "**To be said beside it**",
        "",
        *(f"- {caveat}" for caveat in _once([*curve.caveats, *half.caveats])),
        "",
    ]
    return "\n".join(lines)


def _once(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _row(title: str, answer: Answer) -> str:
    if not answer.answerable:
        return f"**{title}.** Not answerable: {answer.reason}\n"
    return f"**{title}**\n\n{_table(answer)}\n"


def _turned(graph: Asks, story: Story) -> list[str]:
    """Before and after a day on which something national is known to have changed."""
    if not story.turn:
        return []
    found = graph.ask("before-and-after", innovation=story.innovation, day=story.turn)
    return [
        f"**A known common cause.** {story.turn_words} What changes for all at once looks like "
        "spread and is none: the two sides are looked at apart.",
        "",
        _table(found) if found.answerable else f"Not answerable: {found.reason}",
        "",
    ]


def _clustered(graph: Asks, story: Story) -> list[str]:
    lines: list[str] = []
    for company in story.companies:
        found = graph.ask("clustered-in-time", innovation=story.innovation, company=company)
        lines += [f"Company: {company.replace('-', ' ')}.", ""]
        lines += [_table(found) if found.answerable else f"Not answerable: {found.reason}", ""]
    return lines


def _table(answer: Answer) -> str:
    """The rows as a Markdown table, numbers to three digits."""
    head = [name.replace("_", " ") for name in answer.columns]
    rows = [[_cell(value) for value in row] for row in answer.rows()]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")
