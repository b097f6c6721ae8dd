"""Ask a question of the catalogue on a snapshot, on an engine that has a text for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any, Protocol

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import BoundedDate, read_day
from ..ontology.errors import QueryError, UnknownName, UsageError
from ..ontology.vocabularies import scheme
from .answer import Answer, Unanswerable
from .behind import counts_behind
from .catalogue import DAY_AFTER, ON, Column, Parameter, Question
from .dated import caveats_of_day
from .resolve import resolve

__all__ = ["Engine", "ask", "dated"]

ONE_DAY = timedelta(days=1)
NO_DAY = "9998-12-31"
"""The day of an answer from sources that state no as-of day: nothing holds then for certain. The
year 9999 stands for no end."""

POLARS_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "texts": pl.List(pl.String()),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.String(),
}


class Engine(Protocol):
    """What a question needs of an engine."""

    name: str

    def run(self, text: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """The rows of a query."""


def ask(
    engine: Callable[[], Engine],
    snapshot: Snapshot,
    question: Question,
    parameters: Mapping[str, Any] | None = None,
    on: str = "",
) -> Answer:
    """The answer to `question`: its declared columns, typed, in the order of its text.

    `engine` gives the engine, and is called for a text in Cypher only: one for a whole country
    takes seconds to build. `on` is the ISO day of a question whose text uses `$on`; the newest
    as-of day unless given. Raises `UnknownName` for a parameter or value that the question does not
    take, with the nearest names, and `UsageError` if a required one is missing.
    """
    given = _arguments(snapshot.whole, question, dict(parameters or {}))
    if dated(question):
        given[ON] = on or snapshot.manifest["default_day"] or NO_DAY
    counts = _counts(engine, snapshot, question, given)
    reason = _why_not(question, counts)
    said = [caveat.format(**counts) for caveat in question.caveats]
    if dated(question):
        said = [*caveats_of_day(snapshot, given[ON]), *said]
    rows = pl.DataFrame()
    if not reason:
        try:
            rows = _rows(engine, snapshot, question, given)
        except Unanswerable as told:
            reason = told.reason
    return Answer(
        _typed(question, rows),
        question=question.name,
        parameters=given,
        caveats=said,
        counts=counts,
        reason=reason,
        snapshot=snapshot.id,
    )


def dated(question: Question) -> bool:
    """Whether a question takes the day of the answer itself: its text uses `$on`, or its function
    gives a certainty."""
    if "cypher" in question.texts:
        return f"${ON}" in question.texts["cypher"]
    return "certainty" in question.columns


def _rows(
    engine: Callable[[], Engine], snapshot: Snapshot, question: Question, given: Mapping[str, Any]
) -> pl.DataFrame:
    if "cypher" not in question.texts:
        return _function(question.texts["python"])(snapshot, given)
    text, days = question.texts["cypher"], {}
    if f"${DAY_AFTER}" in text:
        days = {DAY_AFTER: (read_day(given[ON]) + ONE_DAY).isoformat()}
    return engine().run(text, {**given, **days})


def _function(text: str) -> Callable[[Snapshot, Mapping[str, Any]], pl.DataFrame]:
    """The function that a text in Python names; its module is imported here and not before."""
    module, _, name = text.partition(":")
    function: Callable[[Snapshot, Mapping[str, Any]], pl.DataFrame] = getattr(
        import_module(f".{module}", __package__), name
    )
    return function


def _arguments(snapshot: Snapshot, question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in question.parameters:
            raise UnknownName(f"parameter of {question.name}", name, question.parameters)
    arguments = {}
    for name, parameter in question.parameters.items():
        value = given.get(name, parameter.default)
        if value is None:
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
                return int(value)
            case "number":
                return float(value)
            case "boolean":
                return {"true": True, "yes": True, "false": False, "no": False}[str(value).lower()]
            case "date":
                return BoundedDate.parse(str(value)).columns()["start_earliest"] or ""
            case "texts":
                return [value] if isinstance(value, str) else list(value)
            case _:
                return str(value)
    except (ValueError, KeyError):
        raise UsageError(f'{name} is "{value}", which is no {parameter.type}.') from None


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


def _counts(
    engine: Callable[[], Engine], snapshot: Snapshot, question: Question, given: Mapping[str, Any]
) -> dict[str, int]:
    counts = counts_behind(snapshot, question.behind)
    if question.counts is None:
        return counts
    text = question.counts.cypher
    used = {name: given[name] for name in re.findall(r"\$(\w+)", text)}
    told = engine().run(text, used).row(0, named=True)
    return counts | {name: int(value or 0) for name, value in told.items()}


def _why_not(question: Question, counts: Mapping[str, int]) -> str:
    rule = question.not_answerable
    if rule is None or counts.get(rule.when_zero, 0):
        return ""
    return rule.reason.format(**counts)


def _typed(question: Question, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the types declared, labels for coded values, and each list sorted."""
    schema = {name: POLARS_TYPES[column.type] for name, column in question.columns.items()}
    if not rows.columns:
        return pl.DataFrame(schema=schema)
    if rows.columns != list(schema):
        language = "Cypher" if "cypher" in question.texts else "Python"
        raise QueryError(language, f"{question.name} gave the columns {', '.join(rows.columns)}")
    return rows.select(
        _shown(pl.col(name).cast(schema[name]), column) for name, column in question.columns.items()
    )


def _shown(values: pl.Expr, column: Column) -> pl.Expr:
    labels: dict[str, str] = {}
    if column.vocabulary:
        terms = scheme(column.vocabulary)
        labels = {notation: terms.label(notation) for notation in terms}
    if column.type == "texts":
        return values.list.eval(pl.element().replace(labels)).list.sort()
    return values.replace(labels) if labels else values
