"""Queries may read the graph and nothing else; what is said of one that an engine refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..ontology.errors import QueryError, UnknownName, UsageError

__all__ = [
    "blanked",
    "checked_parameters",
    "parameter_names",
    "refuse_writes",
    "refused",
    "took_too_long",
    "with_parameters_renamed",
]

# A read-only Ladybug database still obeys COPY ... TO and LOAD FROM, which write and read the
# user's files, and Neo4j's LOAD CSV reads local files in a READ session; so the words are refused
# before an engine sees them.
FORBIDDEN = frozenset(
    """
    ALTER ATTACH CALL CHECKPOINT COPY CREATE DELETE DETACH DROP EXPORT FOREACH IMPORT INSTALL LOAD
    MERGE REMOVE SET UNINSTALL UPDATE USE
    """.split()
)
_QUOTED = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|/\*.*?\*/|//[^\n]*""",
    re.DOTALL,
)
_PARAMETER = re.compile(r"\$(\w+)")
_WORD = re.compile(r"(?<![\w.:$])[A-Za-z_]\w*")


def blanked(text: str) -> str:
    """A Cypher text with blanks for strings, comments and back-quoted names, each word in its
    place.

    >>> blanked("RETURN 'a' AS b // c")
    'RETURN     AS b     '
    """
    return _QUOTED.sub(lambda found: " " * len(found[0]), text)


def refuse_writes(text: str) -> None:
    """`QueryError` if a Cypher text holds a word that writes, reads files or changes settings.

    Words inside strings, comments, back-quoted names, after a dot (properties), a colon (labels)
    or a dollar (parameters) are names, not commands.

    >>> refuse_writes("MATCH (s:System) WHERE s.name = 'CREATE' RETURN s.id // DELETE nothing")
    >>> refuse_writes("MATCH (s) DETACH DELETE s")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    icsgraph.ontology.errors.QueryError: ...DETACH is not allowed: queries only read.
    """
    for word in _WORD.findall(_QUOTED.sub(" ", text)):
        if word.upper() in FORBIDDEN:
            raise QueryError("Cypher", f"{word.upper()} is not allowed: queries only read")


def parameter_names(text: str) -> list[str]:
    """The parameters that a Cypher text uses, sorted; what looks like one in a string is none.

    >>> parameter_names("MATCH (s:System) WHERE s.id = $system AND s.name <> '$name' RETURN s.id")
    ['system']
    """
    return sorted(set(_PARAMETER.findall(_QUOTED.sub(" ", text))))


def checked_parameters(text: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """`given`, if it is what a Cypher text uses; `UnknownName` or `UsageError` if it is not.

    Engines differ in what they make of a missing or empty value: an error, or no rows.

    >>> checked_parameters("RETURN $day AS day", {"day": "2021-06-30"})
    {'day': '2021-06-30'}
    """
    used = parameter_names(text)
    if unused := sorted(set(given) - set(used)):
        raise UnknownName("parameter in the query", unused[0], used)
    for name in used:
        if name not in given:
            raise UsageError(f"The parameter {name} of the query has no value.", "Give it one.")
        if given[name] is None:
            raise UsageError(f"The parameter {name} is None.", "'' stands for any value.")
    return given


def with_parameters_renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names for its parameters; strings, comments and quoted names stay.

    >>> with_parameters_renamed("RETURN $on AS day, '$on' AS words", {"on": "on_"})
    "RETURN $on_ AS day, '$on' AS words"
    """

    def renamed(found: re.Match[str]) -> str:
        name = found["name"]
        return f"${names.get(name, name)}" if name else found[0]

    return re.sub(rf"{_QUOTED.pattern}|\$(?P<name>\w+)", renamed, text, flags=re.DOTALL)


def refused(said: str) -> QueryError:
    """A Cypher engine's message; the line of the text that it quotes, and its mark below, are the
    hint.

    >>> said = 'Parser exception: extraneous input (line: 1, offset: 0)\\n"RETRN 1"\\n ^^^^^'
    >>> print(refused(said))
    Cypher refused the query: Parser exception: extraneous input (line: 1, offset: 0).
    "RETRN 1"
     ^^^^^
    """
    reason, quoted, place = said.rpartition('\n"')
    if not quoted:
        reason, place = said, ""
    return QueryError("Cypher", " ".join(reason.split()), f'"{place}' if place else "")


def took_too_long(language: str, seconds: float) -> QueryError:
    """What is said of a query that was interrupted."""
    reason = f"it took longer than {seconds:g} seconds"
    return QueryError(language, reason, "Ask for less, or allow more.")
