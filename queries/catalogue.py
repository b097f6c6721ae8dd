"""The catalogue: one file a question, read and checked before it is asked.

A file `catalogue/NAME.toml` holds the question in an analyst's words, its parameters, its columns
with units, its caveats, one text for each engine that can answer, and worked examples with the
rows expected:

    question = "Which barriers were reported, and how widely?"
    group = "Barriers"
    behind = "registers"                   # optional: what is counted behind the answer
    caveats = ["..."]

    [parameters.topic]                     # optional ones have a default; '' means any
    definition = "Only findings on this review topic."
    vocabulary = "topic"                   # or choices = ["a", "b"], or node = ["System"],
    default = ""                           # or values = "Finding.theme": those of that column

    [columns.kind]
    definition = "What was found."
    type = "text"                          # text, texts (sorted), integer, number, boolean, date
    unit = ""
    vocabulary = "finding-kind"            # optional: the text gives codes, the answer labels

    [texts]                                # one of the two, or both: they then give equal rows
    cypher = '''MATCH ... RETURN ... ORDER BY ...'''
    python = "brands:across_systems"       # module of this room, and a function in it

    [counts]                               # optional: one row of numbers that stand behind the
    answer cypher = '''MATCH ... RETURN count(*) AS actions'''

    [not_answerable]                       # optional: when a number in counts is 0
    when_zero = "actions"
    reason = "No action is recorded on any of the {recommendations} recommendations."

    [[examples]]
    parameters = { topic = "cancer" }
    rows = [["Fear of attending", ""]]     # "" for an empty cell
    more = true                            # optional: these are only the first rows
    store = "registers"                    # optional: asked of the small made-up registers

A text about a day may use `$on`, the day asked about, and `$day_after`, the one after it (ISO). It
then gives a column `certainty`, CERTAIN or POSSIBLE as `ontology.dates.holds_on_expr` has it: on
that day something may hold unless its earliest start lies after `$on` or its latest end does not,
and certainly does if

    (r.start_latest <= $on OR r.end_latest <= $day_after)
      AND (r.end_earliest > $on OR r.start_earliest >= $on)

A caveat may name a count in braces, too: "Only {systems_reviewed} systems are named".

A function in Python gets the snapshot and a mapping of the parameters, and gives the columns as a
polars frame, in the order in which they are shown; where the data cannot say, it raises
`answer.Unanswerable` with the reason. If the question has a column `certainty`, its parameters have
`on`, too. Python is for what a query language cannot say, or not in a tenth of a second of a whole
country.

A text must mean the same on Ladybug and Neo4j. Beside what either refuses, mind what differs
without an error: `'a' + $x IN list` wants brackets around the sum; a property of an outer variable
that may be missing must be filled (`coalesce`) in a WITH before an OPTIONAL MATCH or EXISTS names
it, for there Ladybug finds nothing; an alias that is also a variable cannot be sorted by; `:A:B`,
`sum` of no rows, `substring` and undirected walks differ.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..ontology.errors import QuestionFault, UnknownName
from ..ontology.model import NODE_KINDS, node_kind
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import schema
from ..ontology.vocabularies import scheme
from .behind import BEHIND, Behind

__all__ = [
    "CATALOGUE",
    "Column",
    "Counts",
    "Example",
    "NotAnswerable",
    "Parameter",
    "Question",
    "read_catalogue",
    "read_question",
]

CATALOGUE = Path(__file__).with_name("catalogue")

ON, DAY_AFTER = "on", "day_after"
"""The day of a dated answer, ISO, and the one after it: a text may use `$on` and `$day_after`
without declaring them, and then returns a column `certainty`. Other questions are asked on a day by
way of views."""

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
    values: str = ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values it takes, where the question alone says so. Empty if the snapshot does, or if
        it takes any of its type."""
        return tuple(scheme(self.vocabulary)) if self.vocabulary else self.choices

    @model_validator(mode="after")
    def _one_way(self) -> Parameter:
        if sum(map(bool, (self.choices, self.vocabulary, self.node, self.values))) > 1:
            raise ValueError("has more than one of choices, vocabulary, node and values")
        for kind in self.node:
            node_kind(kind)
        if self.vocabulary:
            scheme(self.vocabulary)
        if self.values:
            kind, _, column = self.values.partition(".")
            if column not in (known := schema(node_kind(kind).__name__)):
                raise UnknownName(f"column of {kind}", column, known)
        return self


class Column(_Part):
    """A column of the answer: what it holds and in which unit. Where a `vocabulary` is named, the
    query gives coded values and the answer what they are called."""

    definition: str
    type: ValueType = "text"
    unit: str = ""
    vocabulary: str = ""

    @model_validator(mode="after")
    def _vocabulary_is_known(self) -> Column:
        if self.vocabulary:
            scheme(self.vocabulary)
        return self


class Example(_Part):
    """A worked example: the rows that a small store gives, counted by hand.

    The store is that of the bundled evidence, or of the made-up registers in
    `tests/data/registers`. `on` is the day asked about. `rows` are the first ones of the answer,
    all of them unless `more` is true. TOML has no empty value: `""` stands for it.
    """

    store: Literal["sample", "registers"] = "sample"
    parameters: dict[str, Any] = {}
    on: str = ""
    rows: list[list[Any]]
    more: bool = False

    @field_validator("rows")
    @classmethod
    def _empty_cells(cls, rows: list[list[Any]]) -> list[list[Any]]:
        return [[None if cell == "" else cell for cell in row] for row in rows]


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
    behind: Behind = "evidence"
    parameters: dict[str, Parameter] = {}
    columns: dict[str, Column] = Field(min_length=1)
    caveats: tuple[str, ...] = ()
    texts: dict[Literal["cypher", "python"], str] = Field(min_length=1)
    counts: Counts | None = None
    not_answerable: NotAnswerable | None = None
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Question:
        if "cypher" in self.texts:
            _check_text("cypher", self.texts["cypher"], self)
        if "python" in self.texts:
            _check_function(self.texts["python"])
        if self.counts is not None:
            _check_kinds(self.counts.cypher)
            known = {*self.parameters, *([ON] if "certainty" in self.columns else [])}
            _check_parameters("counts", _used(self.counts.cypher) - known)
        _check_named_counts(self)
        for example in self.examples:
            if unknown := sorted(set(example.parameters) - set(self.parameters)):
                raise _Fault(f"an example sets {unknown[0]}, which is no parameter", unknown[0])
            if any(len(row) != len(self.columns) for row in example.rows):
                wanted = len(self.columns)
                raise _Fault(f"an example has a row that is not {wanted} columns wide", "rows")
        return self


class _Fault(ValueError):
    """What is wrong with a question, and the word on whose line it stands."""

    def __init__(self, reason: str, word: str = "RETURN") -> None:
        self.word = word
        super().__init__(reason)


def _check_text(engine: str, text: str, question: Question) -> None:
    if not re.search(r"\bORDER\s+BY\b", re.split(r"\bRETURN\b", text)[-1]):
        raise _Fault(f"the {engine} text has no ORDER BY at its end, so its rows have no order")
    if _returned(text) != list(question.columns):
        returned, declared = ", ".join(_returned(text)), ", ".join(question.columns)
        raise _Fault(f"the {engine} text returns {returned}; the columns are {declared}")
    used = _used(text)
    if used & {ON, DAY_AFTER} and "certainty" not in question.columns:
        raise _Fault(f"the {engine} text uses $on and declares no column certainty", "certainty")
    _check_parameters(engine, (used - {ON, DAY_AFTER}) ^ set(question.parameters))
    _check_kinds(text)


def _check_function(text: str) -> None:
    """A text in Python must name a public function of a module of this room; the module is not
    imported for that."""
    if not re.fullmatch(r"[a-z][a-z_]*:[a-z][a-z_]*", text):
        raise _Fault("the python text is not of the form module:function", "python")
    module, _, name = text.partition(":")
    modules = {path.stem: path for path in Path(__file__).parent.glob("[a-z]*.py")}
    if module not in modules:
        raise UnknownName("module that answers questions", module, modules)
    code = modules[module].read_text(encoding="utf-8")
    functions = re.findall(r"^def ([a-z]\w*)\(", code, re.MULTILINE)
    if name not in functions:
        raise UnknownName(f"function in {module}", name, functions)


def _returned(text: str) -> list[str]:
    """The names that a text gives its columns."""
    last = re.split(r"\bRETURN\b", text)[-1]
    return re.findall(r"\bAS\s+(\w+)", re.split(r"\bORDER\s+BY\b", last)[0])


def _used(text: str) -> set[str]:
    return set(re.findall(r"\$(\w+)", text))


def _check_parameters(text: str, wrong: set[str]) -> None:
    for name in sorted(wrong):
        raise _Fault(f"{name} is not both a parameter and used in the {text} text", name)


def _check_kinds(text: str) -> None:
    kinds = {*NODE_KINDS, *RELATIONSHIP_KINDS}
    for group in re.findall(r"[(\[]\w*:([A-Za-z_|]+)", text):
        for kind in group.split("|"):
            if kind not in kinds:
                raise UnknownName("kind in the ontology", kind, kinds)


def _check_named_counts(question: Question) -> None:
    """Counts that a caveat or reason names must be counted."""
    of_this = _returned(question.counts.cypher) if question.counts else []
    counted = {*BEHIND[question.behind], *of_this}
    rule = question.not_answerable
    said = [*question.caveats, *([rule.reason, f"{{{rule.when_zero}}}"] if rule else [])]
    for name in re.findall(r"\{(\w+)\}", " ".join(said)):
        if name not in counted:
            raise _Fault(f"{name} is named in braces, and nothing counts it", name)


def read_question(path: Path) -> Question:
    """One question from its file; `QuestionFault` with the line, as far as it is known, if it is
    none."""
    try:
        text = path.read_text(encoding="utf-8")
        return Question.model_validate({**tomllib.loads(text), "name": path.stem})
    except UnicodeDecodeError as error:
        raise QuestionFault(path, None, f"byte {error.start + 1} is no UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise QuestionFault(
            path, int(line[1]) if line else None, f"it is no TOML: {error}"
        ) from None
    except UnknownName as error:
        raise QuestionFault(path, _line_of(text, error.name), error.message, error.hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = [str(part) for part in first["loc"]]
        reason = str(first["msg"]).removeprefix("Value error, ")
        said = f"{'.'.join(where)}: {reason}" if where else reason
        fault = first.get("ctx", {}).get("error")
        word = fault.word if isinstance(fault, _Fault) else where[-1] if where else "question"
        raise QuestionFault(path, _line_of(text, word), said) from None


def _line_of(text: str, word: str) -> int | None:
    """The line on which a word first stands, the nearest that a fault can be told by."""
    wanted = re.compile(rf"\b{re.escape(word)}\b")
    return next((n for n, line in enumerate(text.splitlines(), 1) if wanted.search(line)), None)


@cache
def read_catalogue(folder: Path = CATALOGUE) -> Mapping[str, Question]:
    """Every question of a folder by its name, sorted; `QuestionFault` if a file is none."""
    return {path.stem: read_question(path) for path in sorted(folder.glob("*.toml"))}
