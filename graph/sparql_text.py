"""SPARQL texts before an engine sees them: parameters put in, what does not only read refused.

A parameter is written `$name`, SPARQL's other spelling of a variable, and its value stands in the
text wherever its name does: in patterns, filters and subqueries alike, which no binding from
outside reaches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..ontology.errors import QueryError, UnknownName, UsageError
from .rdf_terms import iri_of, literal

__all__ = ["Iri", "marked", "misread", "refuse_services", "sparql_parameters", "with_values"]

# What holds names that are none: IRIs, texts in any of four quotes, comments.
_OPAQUE = (
    r"<[^<>\"{}|^`\\\x00-\x20]*>"
    r"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''"
    r'|"""(?:"{0,2}(?:[^"\\]|\\.))*"""'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|\#[^\n\r]*"
)
_NAMED = re.compile(rf"{_OPAQUE}|(?<![\w$?])\$(?P<name>\w+)", re.DOTALL)
_HIDDEN = re.compile(_OPAQUE, re.DOTALL)
_WORD = re.compile(r"(?<![\w:?$\\-])[A-Za-z]+(?![\w:-])")
_EXPECTED = re.compile(r"expected (?:one of )?(\w+(?:, \w+)*)")
_WRITING = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "SERVICE")
)


class Iri(str):
    """The identifier of a thing, which a SPARQL text has as its IRI; elsewhere it is the text.

    >>> with_values("SELECT ?n { $system rdfs:label ?n }", {"system": Iri("ods:QE1")})
    'SELECT ?n { <https://directory.spineservices.nhs.uk/STU3/Organization/QE1> rdfs:label ?n }'
    """

    __slots__ = ()


def sparql_parameters(text: str) -> list[str]:
    """The parameters that a SPARQL text uses, sorted; what looks like one in a string is none.

    >>> sparql_parameters('SELECT * { ?s ?p $value FILTER (?p != "$none") } # $of $these')
    ['value']
    """
    return sorted({found["name"] for found in _NAMED.finditer(text) if found["name"]})


def with_values(text: str, given: Mapping[str, Any]) -> str:
    """The text with each parameter's value in its place.

    An `Iri` becomes the IRI of the thing, unless it is '', other values typed literals, a list its
    values with commas after an opening bracket (`IN ($names)`) and blanks elsewhere (`VALUES ?n
    { $names }`). Raises `UnknownName` for a value that the text does not use, `UsageError` for one
    that it lacks.

    >>> with_values('SELECT * { ?s ?p ?v FILTER (?v > $least) }', {"least": 2})
    'SELECT * { ?s ?p ?v FILTER (?v > 2) }'
    """
    used = sparql_parameters(text)
    if unused := sorted(set(given) - set(used)):
        raise UnknownName("parameter in the query", unused[0], used)
    for name in used:
        if given.get(name) is None:
            lacks = "is None" if name in given else "of the query has no value"
            raise UsageError(f"The parameter {name} {lacks}.", "Give it one; '' is a text, too.")

    def put(found: re.Match[str]) -> str:
        if not found["name"]:
            return found[0]
        return _written(given[found["name"]], text[: found.start()].rstrip()[-1:])

    return _NAMED.sub(put, text)


def _written(value: Any, before: str) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return (", " if before == "(" else " ").join(_written(each, "") for each in value)
    if isinstance(value, Iri) and value:
        return f"<{iri_of(value)}>"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str | bool | float):
        return literal(value)
    raise UsageError(f"A parameter of a SPARQL query cannot be a {type(value).__name__}.")


def refuse_services(text: str) -> None:
    """`QueryError` if a SPARQL text would write, or ask another server.

    >>> refuse_services("SELECT * { ?s icsgo:service ?o }  # SERVICE")
    >>> refuse_services("SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }")
    Traceback (most recent call last):
    icsgraph.ontology.errors.QueryError: SPARQL refused the query: SERVICE is not allowed: queries \
only read, and only this graph.
    """
    for word in _WORD.findall(_HIDDEN.sub(" ", text)):
        if word.upper() in _WRITING:
            reason = f"{word.upper()} is not allowed: queries only read, and only this graph"
            raise QueryError("SPARQL", reason)


def misread(text: str, line: int, column: int, reason: str) -> tuple[int, int, str]:
    """The place of a fault that the engine tells, and why, both counted from 1.

    Where a word was expected, the engine counts the letters of that word, too, and names words of
    many rules: the place is that of what stands there instead.

    >>> misread("ASK {} ORDR BY ?s", 1, 14, "expected one of HAVING, OFFSET, OPTIONAL")
    (1, 8, 'ORDR is not expected here')
    """
    words = _EXPECTED.fullmatch(reason)
    if not words:
        return line, column, reason
    lines = text.splitlines(keepends=True)
    reached = sum(map(len, lines[: line - 1])) + column - 1
    place = max(0, reached - min(map(len, words[1].split(", "))))
    while text[place : place + 1].isspace():
        place += 1
    stands = re.match(r"\S+", text[place:])
    told = f"{stands[0]} is not expected here" if stands else "something is missing at the end"
    before = text[:place]
    return before.count("\n") + 1, place - before.rfind("\n"), told


def marked(text: str, line: int, column: int) -> str:
    """A line of a text with a mark below the column, both counted from 1.

    >>> print(marked("SELECT * {\\n  FILTR (1) }", 2, 3))
      FILTR (1) }
      ^
    """
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1].expandtabs(1)
    return f"{shown}\n{' ' * (min(column, len(shown) + 1) - 1)}^"
