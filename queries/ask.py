"""Ask a question of the catalogue on a snapshot, on an engine that has a text for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from math import isfinite
from typing import Any, cast

import polars as pl

from ..graph.engines import ENGINES, Engine, engine_row
from ..graph.snapshot import Snapshot
from ..graph.sparql_text import Iri
from ..ontology.dates import BoundedDate, read_day
from ..ontology.errors import QueryError, UnknownName, UsageError
from ..ontology.vocabularies import scheme
from .answer import Answer, Measured, Unanswerable
from .behind import counts_behind
from .catalogue import PYTHON, Column, Parameter, Question
from .dated import caveats_of_day
from .resolve import resolve
from .texts import DAY_AFTER, ON, parameters_used

__all__ = ["ask", "engine_for"]

BETWEEN_VALUES = "\x1e"
"""What parts the values of a list in SPARQL, which has none: the record separator of ASCII."""

ONE_DAY = timedelta(days=1)
NO_DAY = "9998-12-31"
"""The day of an answer from sources that state no as-of day: nothing holds then for certain. The
year 9999 stands for no end."""

LANGUAGES = {"cypher": "Cypher", "sparql": "SPARQL", PYTHON: "Python"}

POLARS_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "texts": pl.List(pl.String()),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.String(),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, the snapshot and the engine that it is asked of, and how an engine is had: by its
    name, and only when it is needed, since one for a whole country takes seconds to build."""

    question: Question
    snapshot: Snapshot
    engine: str
    engines: Callable[[str], Engine]

    @property
    def language(self) -> str:
        return PYTHON if self.engine == PYTHON else engine_row(self.engine).language


def ask(
    engines: Callable[[str], Engine],
    snapshot: Snapshot,
    question: Question,
    parameters: Mapping[str, Any] | None = None,
    on: str = "",
    engine: str = "",
    tell: Callable[[str], None] = lambda step: None,
) -> Answer:
    """The answer to `question`: its declared columns, typed, in the order of its text.

    `engines` gives an engine by its name; `engine` names the one to ask, the question's first
    unless given. `on` is the ISO day of a question whose text uses `$on`; the newest as-of day
    unless given. `tell` hears of the steps of what takes long. Raises `UnknownName` for a parameter
    or value that the question does not take, with the nearest names, and `UsageError` if a required
    one is missing or the engine has no text.
    """
    asked = _Asked(question, snapshot, engine_for(question, engine), engines)
    given = _arguments(snapshot.whole, question, dict(parameters or {}))
    if question.dated:
        given[ON] = on or snapshot.manifest["default_day"] or NO_DAY
    counts = _counts(asked, given)
    reason = _why_not(question, counts)
    said = [caveat.format(**counts) for caveat in question.caveats]
    if question.dated:
        said = [*caveats_of_day(snapshot, given[ON]), *said]
    found = Measured(pl.DataFrame())
    if not reason:
        try:
            found = _found(asked, given, tell)
        except Unanswerable as told:
            reason = told.reason
            found = Measured(found.rows, told.counts, told.caveats)
    return Answer(
        _typed(asked, found.rows, given),
        question=question.name,
        parameters=given,
        caveats=[*said, *found.caveats],
        counts=counts | dict(found.counts),
        reason=reason,
        snapshot=snapshot.id,
        view=snapshot.view,
        tests=found.tests,
    )


def engine_for(question: Question, engine: str) -> str:
    """The engine asked for, or else the question's first; `UsageError` that names those which
    answer if that one does not."""
    if not engine:
        return question.engines[0]
    if engine not in question.engines:
        if engine not in ENGINES and engine != PYTHON:
            raise UnknownName("engine", engine, question.engines)
        raise UsageError(
            f"The question {question.name} has no text for {engine}.",
            f"Engines that answer it: {', '.join(question.engines)}.",
        )
    return engine


def _found(asked: _Asked, given: Mapping[str, Any], tell: Callable[[str], None]) -> Measured:
    text = asked.question.texts[cast(Any, asked.language)]
    if asked.language == PYTHON:
        band = asked.question.band
        if band is not None and given["doubt"]:
            from .band import banded

            return banded(_function(text), asked.snapshot, given, band, tell)
        found = _function(text)(asked.snapshot, given)
        return found if isinstance(found, Measured) else Measured(found)
    days = {}
    if DAY_AFTER in parameters_used(asked.language, text):
        days = {DAY_AFTER: (read_day(given[ON]) + ONE_DAY).isoformat()}
    bound = _bound(asked.question, asked.language, {**given, **days})
    return Measured(asked.engines(asked.engine).run(text, bound))


def _bound(question: Question, language: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as an engine takes them: to SPARQL the id of a thing is no text."""
    things = {name for name, each in question.parameters.items() if each.node}
    if language != "sparql":
        return dict(given)
    return {
        name: Iri(value) if value and name in things else value for name, value in given.items()
    }


Answering = Callable[[Snapshot, Mapping[str, Any]], pl.DataFrame | Measured]


def _function(text: str) -> Answering:
    """The function that a text in Python names; its module is imported here and not before."""
    module, _, name = text.partition(":")
    function: Answering = getattr(import_module(f".{module}", __package__), name)
    return function


def _arguments(snapshot: Snapshot, question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in question.parameters:
            raise UnknownName(f"parameter of {question.name}", name, question.parameters)
    arguments = {}
    for name, parameter in question.parameters.items():
        value = given.get(name)
        if value is None and (value := parameter.default) is None:
            raise UsageError(
                f"The question {question.name} needs {name}: {parameter.definition}",
                f"icsgraph ask {question.name} --{name.replace('_', '-')} VALUE",
            )
        arguments[name] = _argument(snapshot, name, parameter, value)
    return arguments


def _argument(snapshot: Snapshot, name: str, parameter: Parameter, value: Any) -> Any:
    """One value, cast to its type and checked against its choices; a name becomes the id of its
    node."""
    if value == parameter.default:
        return value
    if parameter.node:
        return resolve(snapshot, str(value), parameter.node)
    if parameter.values or parameter.allowed:
        return _choice(snapshot, name, parameter, str(value))
    try:
        match parameter.type:
            case "integer":
                return _whole(value)
            case "number":
                return _finite(value)
            case "boolean":
                return {"true": True, "yes": True, "false": False, "no": False}[str(value).lower()]
            case "date":
                return BoundedDate.parse(str(value)).columns()["start_earliest"] or ""
            case "texts":
                return [value] if isinstance(value, str) else list(value)
            case _:
                return str(value)
    except (TypeError, ValueError, KeyError, OverflowError):
        raise UsageError(f'{name} is "{value}", which is no {parameter.type}.') from None


def _whole(value: Any) -> int:
    """A whole number as it is given, however large; `ValueError` for anything else."""
    number = int(value)
    if isinstance(value, bool) or not (isinstance(value, str) or number == value):
        raise ValueError
    return number


def _finite(value: Any) -> float:
    """A number that is one; `ValueError` for a truth value and what has no end."""
    number = float(value)
    if isinstance(value, bool) or not isfinite(number):
        raise ValueError
    return number


def _choice(snapshot: Snapshot, name: str, parameter: Parameter, value: str) -> str:
    """The value meant, whatever the case; for a coded value its label or another wording does,
    too."""
    allowed = parameter.allowed
    if parameter.values:
        kind, column = parameter.values.split(".")
        allowed = tuple(snapshot.nodes(kind)[column].drop_nulls().unique().sort())
    if parameter.vocabulary and (notation := scheme(parameter.vocabulary).notation_of(value)):
        return notation
    for choice in allowed:
        if choice.lower() == value.strip().lower():
            return choice
    raise UnknownName(f"value of {name}", value, allowed)


def _counts(asked: _Asked, given: Mapping[str, Any]) -> dict[str, int]:
    counts, texts = counts_behind(asked.snapshot, asked.question.behind), asked.question.counts
    if texts is None:
        return counts
    language, engine = asked.language, asked.engine
    if language == PYTHON or (language == "sparql" and not texts.sparql):
        language, engine = "cypher", next(iter(ENGINES))
    text = texts.sparql if language == "sparql" else texts.cypher
    used = {name: given[name] for name in parameters_used(language, text)}
    rows = asked.engines(engine).run(text, _bound(asked.question, language, used))
    return counts | {name: int(value or 0) for name, value in rows.row(0, named=True).items()}


def _why_not(question: Question, counts: Mapping[str, int]) -> str:
    rule = question.not_answerable
    if rule is None or counts.get(rule.when_zero, 0):
        return ""
    return rule.reason.format(**counts)


def _typed(asked: _Asked, rows: pl.DataFrame, given: Mapping[str, Any]) -> pl.DataFrame:
    """The rows with the types declared, labels for coded values, and each list sorted."""
    columns = asked.question.shown(given)
    schema = {name: POLARS_TYPES[column.type] for name, column in columns.items()}
    if not rows.columns:
        return pl.DataFrame(schema=schema)
    if rows.columns != list(schema):
        language = LANGUAGES[asked.language]
        told = f"{asked.question.name} gave the columns {', '.join(rows.columns)}"
        raise QueryError(language, told)
    lists = [n for n, c in columns.items() if c.type == "texts" and rows[n].dtype == pl.String]
    rows = rows.with_columns(_as_list(name) for name in lists)
    return rows.select(
        _shown(pl.col(name).cast(schema[name]), column) for name, column in columns.items()
    )


def _as_list(name: str) -> pl.Expr:
    """A list from an engine that has none: its values parted by a character that no name has."""
    return pl.col(name).fill_null("").str.split(BETWEEN_VALUES)


def _shown(values: pl.Expr, column: Column) -> pl.Expr:
    labels: dict[str, str] = {}
    if column.vocabulary:
        terms = scheme(column.vocabulary)
        labels = {notation: terms.label(notation) for notation in terms}
    if column.type == "texts":
        # An empty name says nothing, and a list of one is not told from an empty list in SPARQL.
        said = values.list.eval(pl.element().filter(pl.element() != "").replace(labels))
        return said.list.sort()
    return values.replace(labels) if labels else values
