"""What the ontology says against a mapping: unknown fields, kinds, values, identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.errors import DateFault, IdentifierFault, UnknownName
from ..ontology.identifiers import PREFIXES, parse
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS, TIES
from ..ontology.tables import schema, vocabulary_columns
from ..ontology.vocabularies import scheme
from .cleaning import DAY_FORMS
from .mapping_parts import End, FileList, NodeList, TieList

__all__ = [
    "DATES",
    "PLACEHOLDER",
    "Fault",
    "columns_of",
    "fields_of",
    "joined_by",
    "kinds_of",
    "list_faults",
    "tie_faults",
    "vocabulary_of",
]

DATES: Mapping[str, str] = {
    "start": "since when it holds",
    "last_day": "the last day, month, ... on which it held",
    "held_on": "a day on which it held, as a survey tells it",
}
"""What a mapping may say of dates, in place of the four bounds."""

_BY_THE_BUILD = {
    *("id", "kind", "sources", "org_types", "codes", "subject", "object", "source", "date_text"),
    *("start_earliest", "start_latest", "end_earliest", "end_latest", "first_seen", "last_seen"),
    "knowledge_level",
}
"""Columns that a mapping does not fill field by field."""

PLACEHOLDER = re.compile(r"\{([^{}]*?)(:slug)?\}")
"""A column in a template of an identifier, as it stands or as a slug."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a mapping, at which key, and what to do."""

    where: tuple[str | int, ...]
    reason: str
    hint: str = ""

    def under(self, *where: str | int) -> Fault:
        """The fault as seen from the list that holds it."""
        return replace(self, where=(*where, *self.where))


def fields_of(kinds: Iterable[str]) -> dict[str, pl.DataType]:
    """The fields that a mapping may fill of all these kinds, with the types of their columns.

    >>> list(fields_of(["COLLABORATES_WITH"]))[-3:]
    ['start', 'last_day', 'held_on']
    """
    shared: dict[str, pl.DataType] | None = None
    for kind in kinds:
        table = schema(kind)
        mine = {f: t for f, t in table.items() if f not in _BY_THE_BUILD}
        if "start_earliest" in table:
            mine |= dict.fromkeys(DATES, pl.String())
        shared = mine if shared is None else {f: t for f, t in shared.items() if f in mine}
    return shared or {}


def vocabulary_of(kinds: Iterable[str], field: str) -> str:
    """The vocabulary that a field's values come from; "" if it has none."""
    return next((v for k in kinds if (v := vocabulary_columns(k).get(field))), "")


def kinds_of(ties: FileList) -> list[str]:
    """The kinds that the ties of a list may be of.

    Where the kind stands in a column, the words that mean a kind say which; without such words
    the cells are names of kinds of working tie.
    """
    if ties.kind:
        return [ties.kind]
    return sorted({str(kind) for kind in ties.words.get("kind", {}).values()} or {*TIES})


def joined_by(kind: str, end: str) -> tuple[str, ...]:
    """The kinds of thing that can be the `subject` or the `object` of a kind of relationship.

    >>> joined_by("MEMBER_OF", "object")
    ('Organisation', 'System')
    """
    of = RELATIONSHIP_KINDS[kind]
    return of.domain if end == "subject" else of.range


def columns_of(template: str) -> list[str]:
    """The columns that a template of an identifier needs.

    >>> columns_of("icsg:organisation/{Town:slug}-{Name:slug}"), columns_of("{slug}")
    (['Town', 'Name'], [])
    """
    return [name for name, _ in PLACEHOLDER.findall(template) if name != "slug"]


def list_faults(nodes: NodeList) -> Iterator[Fault]:
    """What is wrong with a node list."""
    if fault := _unknown(("kind",), "kind of thing", nodes.kind, NODE_KINDS):
        yield fault
        return
    yield from _field_faults(nodes, [nodes.kind])
    for key, templates in (("id", nodes.id), ("codes", nodes.codes)):
        yield from _template_faults((key,), templates)
        if any("{slug}" in t for t in templates) and "name" not in nodes.columns:
            yield Fault((key,), "{slug} is made from the name, and no column is the name")


def tie_faults(ties: TieList, *, has_nodes: bool) -> Iterator[Fault]:
    """What is wrong with a list of ties."""
    if ties.kind and "kind" in ties.columns:
        yield Fault(("kind",), "the kind is given twice, here and as a column")
    if not ties.kind and "kind" not in ties.columns:
        yield Fault((), "the key kind is missing", "Or name its column: columns.kind.")
        return
    unknown = list(_kind_faults(ties))
    yield from unknown
    levels = scheme("knowledge-level")
    if fault := _unknown(("knowledge_level",), "knowledge level", ties.knowledge_level, [*levels]):
        yield fault
    if unknown:
        return
    yield from _field_faults(ties, kinds_of(ties))
    for key, end in (("subject", ties.subject), ("object", ties.object)):
        yield from (f.under(key) for f in _end_faults(ties, key, end, has_nodes))


def _kind_faults(ties: TieList) -> Iterator[Fault]:
    for where, kind in [
        *([(("kind",), ties.kind)] if ties.kind else []),
        *((("words", "kind", word), str(k)) for word, k in ties.words.get("kind", {}).items()),
    ]:
        if fault := _unknown(where, "kind of relationship", kind, RELATIONSHIP_KINDS):
            yield fault


def _end_faults(ties: TieList, key: str, end: End, has_nodes: bool) -> Iterator[Fault]:
    if bool(end.find) == bool(end.id):
        reason = "it needs one of find and id, and has both" if end.id else "it has no find or id"
        yield Fault((), reason, "find names a column; id gives a template such as ods:{Code}.")
    if end.find and not has_nodes:
        reason = "there is no node list to find it in"
        yield Fault(("find",), reason, "Add [[nodes]], or give a template: id.")
    yield from _template_faults(("id",), end.id)
    if any("{slug}" in template for template in end.id) and not end.name:
        yield Fault(("id",), "{slug} is made from the name, and no column is the name")
    if not end.kind:
        return
    if fault := _unknown(("kind",), "kind of thing", end.kind, NODE_KINDS):
        yield fault
        return
    for kind in kinds_of(ties):
        if end.kind not in (allowed := joined_by(kind, key)):
            hint = f"It may be: {', '.join(allowed)}."
            yield Fault(("kind",), f"no {end.kind} can be the {key} of {kind}", hint)


def _field_faults(rows: FileList, kinds: Sequence[str]) -> Iterator[Fault]:
    """Fields that these kinds do not have, and constants, words and dates that are none."""
    known = fields_of(kinds)
    named = " and ".join(kinds) if len(kinds) < 4 else "working ties"
    for part, fields in (
        ("columns", rows.columns),
        ("constants", rows.constants),
        ("words", rows.words),
    ):
        for field in fields:
            if field == "kind" and part != "constants":
                continue
            if fault := _unknown((part, field), f"field of {named}", field, known):
                yield fault
    yield from _double_faults(rows, known)
    if rows.dates and (fault := _unknown(("dates",), "form of dates", rows.dates, DAY_FORMS)):
        yield fault
    for where, field, value in _values(rows):
        if field in known and (reason := _value_fault(field, value, known[field], kinds)):
            yield Fault(where, *reason)


def _double_faults(rows: FileList, known: Mapping[str, pl.DataType]) -> Iterator[Fault]:
    for field, columns in rows.columns.items():
        if field in rows.constants:
            yield Fault(("constants", field), f"{field} is read from a column, too")
        if len(columns) != 1 and known.get(field) != pl.List(pl.String):
            yield Fault(("columns", field), f"{field} is read from one column, not {len(columns)}")
    for field in rows.words:
        if field not in rows.columns:
            yield Fault(("words", field), f"{field} is read from no column")
        elif known.get(field) == pl.List(pl.String):
            yield Fault(("words", field), f"{field} is a list, and words are for single values")
    if "held_on" in rows.columns and {"start", "last_day"} & {*rows.columns, *rows.constants}:
        yield Fault(("columns", "held_on"), "a day on which it held goes with no start or last day")


def _values(rows: FileList) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Every value that the mapping itself gives, with its key and field."""
    yield from ((("constants", f), f, value) for f, value in rows.constants.items())
    for field, words in rows.words.items():
        yield from ((("words", field, word), field, value) for word, value in words.items())


def _value_fault(
    field: str, value: Any, dtype: pl.DataType, kinds: Sequence[str]
) -> tuple[str, str] | None:
    """Why a value is none of a field, and what to do; None if it is one."""
    if field in DATES:
        return _refused(BoundedDate.parse, value)
    if vocabulary := vocabulary_of(kinds, field):
        return _refused(scheme(vocabulary).term, value)
    wanted: dict[pl.DataType, tuple[tuple[type, ...], str]] = {
        pl.Boolean(): ((bool,), "is neither true nor false"),
        pl.Int64(): ((int,), "is no whole number"),
        pl.Float64(): ((int, float), "is no number"),
    }
    types, reason = wanted.get(dtype, ((str,), "is no text"))
    fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    return None if fits else (f"{value!r} {reason}", "")


def _refused(check: Callable[[str], Any], value: Any) -> tuple[str, str] | None:
    try:
        check(str(value))
    except (DateFault, UnknownName, IdentifierFault) as error:
        return error.message, error.hint
    return None


def _template_faults(where: tuple[str, ...], templates: Iterable[str]) -> Iterator[Fault]:
    for template in templates:
        prefix, colon, local = template.partition(":")
        if not PLACEHOLDER.search(template):
            if reason := _refused(parse, template):
                yield Fault(where, *reason)
        elif not colon or "{" in prefix:
            hint = "Such as ods:{Code} or icsg:organisation/{slug}."
            yield Fault(where, f'"{template}" does not begin with a prefix', hint)
        elif fault := _unknown(where, "prefix of identifiers", prefix, PREFIXES):
            yield fault
        elif "" in columns_of(template):
            yield Fault(where, f'"{template}" has braces without a column in them')


def _unknown(where: tuple[str, ...], what: str, name: str, known: Collection[str]) -> Fault | None:
    if name in known:
        return None
    error = UnknownName(what, name, known)
    return Fault(where, error.message, error.hint)
