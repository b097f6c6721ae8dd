"""A page of Markdown for each question of the catalogue, and one that lists them all.

Everything is read off the question's own file, so a page says what the file says: example rows are
those that were counted by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from inspect import getdoc
from re import sub
from shlex import join
from typing import Any

from .catalogue import PYTHON, Example, Parameter, Question

__all__ = ["COUNTED", "STORES", "WRITTEN", "by_group", "index_page", "question_page", "with_n"]

WRITTEN = "<!-- Written by `make generate` from {source}. Change that, not this page. -->"
SOURCE = "queries/catalogue"
STORES = {
    "sample": "the bundled evidence",
    "registers": "the made-up registers of the tests",
    "spread": "the made-up adoptions of the tests",
}
"""What the stores are called that worked examples are asked of."""

GROUPS = (
    *("Reviews", "Innovations", "Barriers", "Challenges and recommendations", "People"),
    *("Evidence", "Organisations", "Places", "Through time"),
    *("Spread over time", "Spread along ties", "Routes", "Structure"),
)
"""The groups in the order of a reader's questions: what was found, of whom, then how it spread."""

MOST_ROWS = 10
"""Rows of an example on a page, at most."""

BEFORE = """\
Each question has a page: what it takes and gives, what must be said beside the answer, the text
that each engine runs, and worked examples. Ask one with `icsgraph ask NAME`, or `g.ask("NAME")` in
Python; `--engine` names another engine than the first.

A new question is one file: `icsgraph questions new NAME` writes the beginning of it. A folder of
your own is read with `--catalogue FOLDER`, or `icsgraph.open(catalogue=FOLDER)`.
"""


COUNTED = " is a number, counted when the question is asked."


def by_group(catalogue: Mapping[str, Question]) -> dict[str, list[Question]]:
    """The questions of each group, the groups of `GROUPS` first, then one's own by name."""
    groups: dict[str, list[Question]] = {}
    for question in catalogue.values():
        groups.setdefault(question.group, []).append(question)
    place = {group: (at, "") for at, group in enumerate(GROUPS)}
    return dict(sorted(groups.items(), key=lambda item: place.get(item[0], (len(GROUPS), item[0]))))


def index_page(catalogue: Mapping[str, Question]) -> str:
    """All questions by their groups, each with its engines and a link to its page."""
    lines = ["# The questions", "", WRITTEN.format(source=SOURCE), "", BEFORE.rstrip()]
    for group, questions in by_group(catalogue).items():
        rows = [(f"[{q.name}]({q.name}.md)", q.question, ", ".join(q.engines)) for q in questions]
        lines += ["", f"## {group}", "", *_table(("question", "asks", "engines"), rows)]
    return "\n".join(lines) + "\n"


def question_page(question: Question) -> str:
    """One question: sentence, parameters, columns, caveats, every text, worked examples."""
    parts = [
        f"# {question.name}",
        WRITTEN.format(source=f"{SOURCE}/{question.name}.toml"),
        question.question,
        f"Engines: {', '.join(question.engines)}. [All questions](README.md)",
        *_parameters(question),
        "## Columns",
        "\n".join(_columns(question)),
        *_caveats(question),
        *(part for language, text in question.texts.items() for part in _text(language, text)),
        *(part for example in question.examples for part in _example(question, example)),
    ]
    return "\n\n".join(parts) + "\n"


def _parameters(question: Question) -> Iterator[str]:
    if question.parameters:
        rows = [(f"`{n}`", p.definition, *_takes(p)) for n, p in question.parameters.items()]
        yield "## Parameters"
        yield "\n".join(_table(("name", "meaning", "takes", "unless given"), rows))


def _takes(parameter: Parameter) -> tuple[str, str]:
    """What values a parameter takes, and what it is unless given."""
    if parameter.vocabulary:
        takes = f"a term of the vocabulary `{parameter.vocabulary}`"
    elif parameter.choices:
        takes = ", ".join(f"`{choice}`" for choice in parameter.choices)
    elif parameter.node:
        takes = f"the id, a code or a name of: {' or '.join(parameter.node)}"
    else:
        takes = f"a value of `{parameter.values}`" if parameter.values else parameter.type
    if parameter.default is None:
        return takes, "must be given"
    return takes, "any" if parameter.default == "" else f"`{parameter.default}`"


def _columns(question: Question) -> Iterator[str]:
    rows = [(f"`{n}`", c.definition, c.type, c.unit) for n, c in question.columns.items()]
    return _table(("column", "holds", "type", "unit"), rows)


def _caveats(question: Question) -> Iterator[str]:
    if question.caveats:
        yield "## To be said beside the answer"
        told = [with_n(caveat, "*n*") for caveat in question.caveats]
        yield "\n".join(f"- {caveat}" for caveat in told)
        if told != list(question.caveats):
            yield f"*n*{COUNTED}"


def with_n(caveat: str, number: str = "n") -> str:
    """A caveat as a sentence before the question is asked: each of its counts is called n.

    >>> with_n("{named} of the {findings} findings name a system.")
    'n of the n findings name a system.'
    """
    return sub(r"\{\w+\}", number, caveat)


def _text(language: str, text: str) -> Iterator[str]:
    if language == PYTHON:
        module, _, name = text.partition(":")
        function = getattr(import_module(f".{module}", __package__), name)
        yield "## In Python"
        yield f"`icsgraph.queries.{module}.{name}`: {getdoc(function)}"
        return
    yield f"## In {'Cypher' if language == 'cypher' else 'SPARQL'}"
    yield f"```{language}\n{text.strip()}\n```"


def _example(question: Question, example: Example) -> Iterator[str]:
    options = [p for n, v in example.parameters.items() for p in (_option(n), str(v))]
    options += ["--on", example.on] if example.on else []
    yield f"## Example on {STORES[example.store]}"
    yield f"```sh\n{join(['icsgraph', 'ask', question.name, *options])}\n```"
    shown = example.rows[:MOST_ROWS]
    if shown:
        columns = tuple(question.shown(example.parameters))
        yield "\n".join(_table(columns, shown))
    if not example.rows:
        yield "No rows."
    elif example.more or len(shown) < len(example.rows):
        yield "and more rows."


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(value: Any) -> str:
    """A value in a cell of a Markdown table; '–' for one that is missing."""
    if value is None or value == []:
        return "–"
    words = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return " ".join(words.replace("|", "\\|").replace("<", "&lt;").split())
