"""The catalogue: one file a question, read and checked before it is asked.

A file `catalogue/NAME.toml` holds the question in an analyst's words, its parameters, its columns
with units, its caveats, one text for each engine that can answer, and worked examples with the
rows expected:

    question = "Which barriers were reported, and how widely?"
    group = "Barriers"
    caveats = ["..."]

    [parameters.topic]                     # optional ones have a default; '' means any
    definition = "Only findings on this review topic."
    vocabulary = "topic"                   # or choices = ["a", "b"], or node = ["System"]
    default = ""

    [columns.barrier]
    definition = "The barrier or challenge."
    type = "text"                          # text, texts, integer, number, boolean, date
    unit = ""

    [texts]
    cypher = '''MATCH ... RETURN ... ORDER BY ...'''

    [counts]                               # optional: one row of numbers that stand behind the
    answer cypher = '''MATCH ... RETURN count(*) AS actions'''

    [not_answerable]                       # optional: when a number in counts is 0
    when_zero = "actions"
    reason = "No action is recorded on any of the {recommendations} recommendations."

    [[examples]]
    parameters = { topic = "cancer" }
    rows = [["Fear of attending", 0]]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..ontology.errors import QuestionFault, UnknownName
from ..ontology.model import NODE_KINDS, node_kind
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.vocabularies import scheme

__all__ = [
    "CATALOGUE",
    "Column",
    "Example",
    "Parameter",
    "Question",
    "read_catalogue",
    "read_question",
]

CATALOGUE = Path(__file__).with_name("catalogue")

ValueType = Literal["text", "texts", "integer", "number", "boolean", "date"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameter(_Part):
    """What an asker may set. Required unless it has a default; `''` stands for any."""

    definition: str
    type: ValueType = "text"
    default: str | int | float | bool | None = None
    choices: tuple[str, ...] = ()
    vocabulary: str = ""
    node: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values it takes, if they are few enough to list; empty if it takes any of its
        type."""
        return tuple(scheme(self.vocabulary)) if self.vocabulary else self.choices

    @model_validator(mode="after")
    def _one_way(self) -> Parameter:
        if sum(map(bool, (self.choices, self.vocabulary, self.node))) > 1:
            raise ValueError("has more than one of choices, vocabulary and node")
        for kind in self.node:
            node_kind(kind)
        return self


class Column(_Part):
    """A column of the answer: what it holds and in which unit."""

    definition: str
    type: ValueType = "text"
    unit: str = ""


class Example(_Part):
    """A worked example: the rows that the bundled evidence gives, counted by hand.

    `rows` are the first ones of the answer, all of them unless `more` is true.
    """

    parameters: dict[str, Any] = {}
    rows: list[list[Any]]
    more: bool = False


class Counts(_Part):
    """One row of numbers that stand behind an answer."""

    cypher: str


class NotAnswerable(_Part):
    """When the evidence cannot say: the named count is 0. `reason` may name counts in braces."""

    when_zero: str
    reason: str


class Question(_Part):
    """One entry of the catalogue."""

    name: str
    question: str
    group: str
    parameters: dict[str, Parameter] = {}
    columns: dict[str, Column] = Field(min_length=1)
    caveats: tuple[str, ...] = ()
    texts: dict[Literal["cypher"], str] = Field(min_length=1)
    counts: Counts | None = None
    not_answerable: NotAnswerable | None = None
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Question:
        for engine, text in self.texts.items():
            _check_text(engine, text, self)
        for example in self.examples:
            if unknown := sorted(set(example.parameters) - set(self.parameters)):
                raise ValueError(f"an example sets {unknown[0]}, which is no parameter")
            if any(len(row) != len(self.columns) for row in example.rows):
                raise ValueError(
                    f"an example has a row that is not {len(self.columns)} columns wide"
                )
        return self


def _check_text(engine: str, text: str, question: Question) -> None:
    last = re.split(r"\bRETURN\b", text)[-1]
    if not re.search(r"\bORDER\s+BY\b", last):
        raise ValueError(f"the {engine} text has no ORDER BY at its end, so its rows have no order")
    returned = re.findall(r"\bAS\s+(\w+)", re.split(r"\bORDER\s+BY\b", last)[0])
    if returned != list(question.columns):
        declared = ", ".join(question.columns)
        raise ValueError(
            f"the {engine} text returns {', '.join(returned)}; the columns are {declared}"
        )
    used = set(re.findall(r"\$(\w+)", text))
    if wrong := sorted(used ^ set(question.parameters)):
        raise ValueError(
            f"the parameter {wrong[0]} is not both declared and used in the {engine} text"
        )
    kinds = {*NODE_KINDS, *RELATIONSHIP_KINDS}
    for group in re.findall(r"[(\[]\w*:([A-Za-z_|]+)", text):
        for kind in group.split("|"):
            if kind not in kinds:
                raise UnknownName("kind in the ontology", kind, kinds)


def read_question(path: Path) -> Question:
    """One question from its file; `QuestionFault`, with the line where known, if it is none."""
    try:
        text = path.read_text(encoding="utf-8")
        return Question(name=path.stem, **tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise QuestionFault(
            path, int(line[1]) if line else None, f"it is no TOML: {error}"
        ) from None
    except UnknownName as error:
        raise QuestionFault(path, None, error.message, error.hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = [str(part) for part in first["loc"]]
        reason = str(first["msg"]).removeprefix("Value error, ")
        said = f"{'.'.join(where)}: {reason}" if where else reason
        raise QuestionFault(path, _line_of(text, where), said) from None


def _line_of(text: str, where: list[str]) -> int | None:
    """The line on which a key stands, as near as its name tells."""
    wanted = re.compile(rf"\b{re.escape(where[-1])}\b") if where else re.compile(r"\bRETURN\b")
    return next((n for n, line in enumerate(text.splitlines(), 1) if wanted.search(line)), None)


@cache
def read_catalogue(folder: Path = CATALOGUE) -> Mapping[str, Question]:
    """Every question of a folder by its name, sorted; `QuestionFault` if a file is none."""
    return {path.stem: read_question(path) for path in sorted(folder.glob("*.toml"))}
