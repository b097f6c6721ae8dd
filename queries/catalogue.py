"""The catalogue: one file a question, read and checked before it is asked.

A file `catalogue/NAME.toml` holds the question in an analyst's words, its parameters, its columns
with units, its caveats, one text for each engine that can answer, and worked examples with the
rows expected:

    question = "Which barriers were reported, and how widely?"
    group = "Barriers"
    behind = "registers"                   # optional: what is counted behind the answer
    shared = ["every"]                     # optional: parameters of `shared.toml`, before its own
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
    only_with = "topic"                    # optional: only if that parameter is given

    [texts]                                # one or several: they then give equal rows
    cypher = '''MATCH ... RETURN ... ORDER BY ...'''
    sparql = '''SELECT ... WHERE { ... } ORDER BY ...'''
    python = "brands:across_systems"       # module of this room, and a function in it

    [counts]                               # optional: one row of numbers behind the answer
    cypher = '''MATCH ... RETURN count(*) AS actions'''

    [not_answerable]                       # optional: when a number in counts is 0
    when_zero = "actions"
    reason = "No action is recorded on any of the {recommendations} recommendations."

    [[examples]]
    parameters = { topic = "cancer" }
    rows = [["Fear of attending", ""]]     # "" for an empty cell
    more = true                            # optional: these are only the first rows
    store = "registers"                    # optional: asked of the small made-up registers,
                                           # or of the made-up adoptions ("spread")

A text about a day may use `$on`, the day asked about, and `$day_after`, the one after it (ISO). It
then gives a column `certainty`, CERTAIN or POSSIBLE as `ontology.dates.holds_on_expr` has it: on
that day something may hold unless its earliest start lies after `$on` or its latest end does not,
and certainly does if

    (r.start_latest <= $on OR r.end_latest <= $day_after)
      AND (r.end_earliest > $on OR r.start_earliest >= $on)

A caveat may name a count in braces, too: "Only {systems_reviewed} systems are named".

In a SPARQL text a parameter is written `$topic`, and `?topic` is another thing: a variable. It is
put in before the query runs, one with `node` as the IRI of that node ('' stays the text ""), any
other as a literal of its type; a coded value is its notation. A list of texts is given as one text,
its values parted by the record separator, which no name has: `GROUP_CONCAT(DISTINCT ?name;
SEPARATOR="\\u001E")`. Nothing sorts before everything in SPARQL and behind it in Cypher: write
`ORDER BY (!BOUND(?day)) ?day`.

A function in Python gets the snapshot and a mapping of the parameters, and gives the columns as a
polars frame, in the order in which they are shown, or an `answer.Measured`: the frame with counts,
caveats and tests of its own. Where the data cannot say, it raises `answer.Unanswerable` with the
reason. If the question has a column `certainty`, or says `takes_day = true`, its parameters have
`on`, too. Python is for what a query language cannot say, or not in a tenth of a second of a whole
country.

A text must mean the same on Ladybug and Neo4j. Beside what either refuses, mind what differs
without an error: `'a' + $x IN list` wants brackets around the sum; a property of an outer variable
that may be missing must be filled (`coalesce`) in a WITH before an OPTIONAL MATCH or EXISTS names
it, for there Ladybug finds nothing; an alias that is also a variable cannot be sorted by; a text
plus a property that is missing is the text on Ladybug and nothing on Neo4j; `:A:B`, `sum` of no
rows, `substring` and undirected walks differ.

In SPARQL, the lowest of values of which one is missing is missing: write `xsd:date(MIN(?day))` over
days given as `COALESCE(STR(?known), "unknown")`, for no date sorts behind a letter. A variable that
an OPTIONAL leaves unbound matches anything in the next.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..graph.engines import ENGINES
from ..ontology.errors import QuestionFault, UnknownName, UsageError, nearest_names
from ..ontology.model import node_kind
from ..ontology.tables import schema
from ..ontology.vocabularies import scheme
from .behind import BEHIND, Behind
from .shared_parts import with_shared
from .texts import (
    ON,
    Fault,
    check_function,
    check_names,
    check_query,
    parameters_used,
    returned,
)

__all__ = [
    "CATALOGUE",
    "PYTHON",
    "Band",
    "Column",
    "Counts",
    "Example",
    "NotAnswerable",
    "Parameter",
    "Question",
    "read_catalogue",
    "read_catalogues",
    "read_question",
]

CATALOGUE = Path(__file__).with_name("catalogue")

PYTHON = "python"
_ASKED_FIRST = {"ladybug": 0, PYTHON: 1, "oxigraph": 2}

TAKEN = frozenset(
    {
        "name",
        "on",
        "known",
        "within",
        "profile",
        "engine",
        "url",
        "user",
        "catalogue",
        "store",
        "format",
        "output",
        "keep",
        "help",
    }
)
"""Words that asking takes itself, so that no parameter may be called by them."""

ValueType = Literal["text", "texts", "integer", "number", "boolean", "date"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameter(_Part):
    """What an asker may set. Required unless it has a default; `''` stands for any."""

    definition: str = Field(min_length=1)
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
    query gives coded values and the answer what they are called. A column `only_with` a parameter
    is in the answer only if that is given."""

    definition: str = Field(min_length=1)
    type: ValueType = "text"
    unit: str = ""
    vocabulary: str = ""
    only_with: str = ""

    @model_validator(mode="after")
    def _vocabulary_is_known(self) -> Column:
        if self.vocabulary:
            scheme(self.vocabulary)
        return self


class Example(_Part):
    """A worked example: the rows that a small store gives, counted by hand.

    The store is that of the bundled evidence, of the made-up registers in `tests/data/registers`,
    or of the made-up adoptions in `tests/data/spread`. `on` is the day asked about. `rows` are the
    first ones of the answer, all of them unless `more` is true. TOML has no empty value: `""`
    stands for it.
    """

    store: Literal["sample", "registers", "spread"] = "sample"
    parameters: dict[str, Any] = {}
    on: str = ""
    rows: list[list[Any]]
    more: bool = False

    @field_validator("rows")
    @classmethod
    def _empty_cells(cls, rows: list[list[Any]]) -> list[list[Any]]:
        return [[None if cell == "" else cell for cell in row] for row in rows]


class Counts(_Part):
    """One row of numbers that stand behind an answer. An engine without a text here leaves the
    counting to the embedded Cypher engine."""

    cypher: str
    sparql: str = ""


class NotAnswerable(_Part):
    """When the evidence cannot say: the named count is 0. `reason` may name counts in braces."""

    when_zero: str
    reason: str


class Band(_Part):
    """How a row is found again in another network: by which columns; and the column of numbers of
    which a band is given, '' if rows are only there or not."""

    by: tuple[str, ...] = Field(min_length=1)
    of: str = ""


class Question(_Part):
    """One entry of the catalogue."""

    name: str
    question: str = Field(min_length=1)
    group: str = Field(min_length=1)
    behind: Behind = "evidence"
    takes_day: bool = False
    """Whether a function in Python reads the day of the answer, though it marks no row by it."""
    shared: tuple[str, ...] = ()
    """Parameters of `shared.toml`, which come before its own."""
    parameters: dict[str, Parameter] = {}
    columns: dict[str, Column] = Field(min_length=1)
    band: Band | None = None
    caveats: tuple[str, ...] = ()
    texts: dict[Literal["cypher", "sparql", "python"], str] = Field(min_length=1)
    counts: Counts | None = None
    not_answerable: NotAnswerable | None = None
    examples: tuple[Example, ...] = ()

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that answer it, by name; the first is asked where none is named. A text in
        Python counts as an engine, `python`."""
        languages = {PYTHON: PYTHON, **{name: row.language for name, row in ENGINES.items()}}
        order = sorted(languages, key=lambda name: _ASKED_FIRST.get(name, len(_ASKED_FIRST)))
        return tuple(name for name in order if languages[name] in self.texts)

    @property
    def dated(self) -> bool:
        """Whether it takes the day of the answer itself: its texts use `$on`, or its function
        gives a certainty."""
        queries = [(language, text) for language, text in self.texts.items() if language != PYTHON]
        if queries:
            return any(ON in parameters_used(*each) for each in queries)
        return self.takes_day or "certainty" in self.columns

    def shown(self, given: Mapping[str, Any]) -> dict[str, Column]:
        """The columns of an answer with these parameters, in order."""
        columns = self.columns.items()
        return {n: c for n, c in columns if not c.only_with or given.get(c.only_with)}

    @model_validator(mode="before")
    @classmethod
    def _with_shared(cls, entry: Any) -> Any:
        return with_shared(entry)

    @model_validator(mode="after")
    def _consistent(self) -> Question:
        _check_texts(self)
        _check_only_with(self)
        _check_counts(self)
        _check_named_counts(self)
        for name in self.parameters:
            if name in TAKEN:
                raise Fault(f"no parameter may be called {name}: asking takes that word", name)
        for example in self.examples:
            if unknown := sorted(set(example.parameters) - set(self.parameters)):
                raise Fault(f"an example sets {unknown[0]}, which is no parameter", unknown[0])
            wanted = len(self.shown(example.parameters))
            if any(len(row) != wanted for row in example.rows):
                raise Fault(f"an example has a row that is not {wanted} columns wide", "rows")
        return self


def _check_texts(question: Question) -> None:
    for language, text in question.texts.items():
        if language == PYTHON:
            check_function(text)
        else:
            check_query(language, text, question.columns, question.parameters)
    dated = {
        ON in parameters_used(language, text)
        for language, text in question.texts.items()
        if language != PYTHON
    }
    if len(dated) > 1:
        raise Fault("one of the texts uses $on and the other does not", "texts")


def _check_only_with(question: Question) -> None:
    """Parameters and columns that others name must be there."""
    for name, column in question.columns.items():
        if column.only_with and column.only_with not in question.parameters:
            told = f"{name} comes only with {column.only_with}, which is no parameter"
            raise Fault(told, column.only_with)
    if (question.band is not None) != ("doubt" in question.parameters):
        raise Fault("a band needs the shared parameter doubt, and that needs a band", "band")
    if question.band is not None:
        named = [*question.band.by, *([question.band.of] if question.band.of else [])]
        for name in named:
            if name not in question.columns:
                raise Fault(f"{name} is named in band and is no column", name)


def _check_counts(question: Question) -> None:
    if question.counts is None:
        return
    counts = question.counts
    known = {*question.parameters, *([ON] if "certainty" in question.columns else [])}
    for language, text in (("cypher", counts.cypher), ("sparql", counts.sparql)):
        if wrong := sorted(parameters_used(language, text) - known):
            raise Fault(f"{wrong[0]} is used in counts and is no parameter", f"${wrong[0]}")
    check_names("cypher", counts.cypher)
    check_names("sparql", counts.sparql)
    if counts.sparql and returned("sparql", counts.sparql) != returned("cypher", counts.cypher):
        raise Fault("the texts in counts count different things", "counts")


def _check_named_counts(question: Question) -> None:
    """Counts that a caveat or reason names must be counted."""
    of_this = returned("cypher", question.counts.cypher) if question.counts else []
    counted = {*BEHIND[question.behind], *of_this}
    rule = question.not_answerable
    said = [*question.caveats, *([rule.reason, f"{{{rule.when_zero}}}"] if rule else [])]
    for name in re.findall(r"\{(\w+)\}", " ".join(said)):
        if name not in counted:
            raise Fault(f"{name} is named in braces, and nothing counts it", name)


_IN_WORDS = {
    "string_too_short": "it is empty",
    "extra_forbidden": "there is no such key",
    "missing": "it is missing",
}
"""What the commonest faults of a file are called."""


def read_question(path: Path) -> Question:
    """One question from its file; `QuestionFault` with the line, as far as it is known, if it is
    none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
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
        reason = _IN_WORDS.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
        hint = ""
        if first["type"] == "extra_forbidden":
            keys = sorted({key for part in _Part.__subclasses__() for key in part.model_fields})
            near = nearest_names(where[-1], keys)
            hint = f"The nearest names: {', '.join(near)}." if near else ""
        said = f"{'.'.join(where)}: {reason}" if where else reason
        fault = first.get("ctx", {}).get("error")
        at = _line_of(text, fault.word) if isinstance(fault, Fault) else _line_at(text, where)
        raise QuestionFault(path, at, said, hint) from None


def _line_of(text: str, word: str) -> int | None:
    """The line on which a word first stands, comments apart: the nearest that a fault can be told
    by."""
    wanted = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    lines = enumerate(text.splitlines(), 1)
    return next((n for n, line in lines if wanted.search(line) and line[:1] != "#"), None)


def _line_at(text: str, where: Sequence[str]) -> int | None:
    """The line of an entry by its place in the file: that of its key in its table; where there is
    no such key, the heading of the table. 1 for the file as a whole.

    >>> _line_at("group = 'a'\\n[columns.name]\\nunit = ''\\n", ["columns", "name", "unit"])
    3
    """
    lines = text.splitlines()
    parts = [part for part in where if not part.isdigit()]
    headings = {
        line.strip("[").split("]")[0]: n for n, line in enumerate(lines, 1) if line[:1] == "["
    }
    for depth in range(len(parts), -1, -1):
        start = headings.get(".".join(parts[:depth]), 0)
        if start or not depth:
            rest = "\n".join(lines[start:]).split("\n[")[0] if depth < len(parts) else ""
            inside = _line_of(rest, f"{parts[depth]} =") if rest else None
            return start + inside if inside else start or 1
    return 1


@cache
def read_catalogue(folder: Path = CATALOGUE) -> Mapping[str, Question]:
    """Every question of a folder by its name, sorted; `QuestionFault` if a file is none."""
    return {path.stem: read_question(path) for path in sorted(folder.glob("*.toml"))}


def read_catalogues(own: Path | str | None = None) -> Mapping[str, Question]:
    """The bundled questions and, with a folder of one's own, the questions in that, sorted by name.

    A folder of questions is data: its files hold queries, which only read, and no code is run from
    it. Raises `UsageError` if there is no such folder and `QuestionFault` for a file that is no
    question, or that has the name of a bundled one.
    """
    bundled = read_catalogue()
    if own is None:
        return bundled
    folder = Path(own)
    if not folder.is_dir():
        raise UsageError(f"There is no folder of questions at {folder}.")
    added = {path.stem: read_question(path) for path in sorted(folder.glob("*.toml"))}
    for name in added:
        if name in bundled:
            reason = f"a bundled question is called {name}, too"
            raise QuestionFault(
                folder / f"{name}.toml", None, reason, "Give the file another name."
            )
    return dict(sorted({**bundled, **added}.items()))
