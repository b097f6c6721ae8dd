"""Kinds of a variable in a Cypher text narrowed to the one that a parameter gives it.

Ladybug looks an identifier up at once where a variable has one kind, and reads all identifiers of
England where it may have several. The value of the parameter says which kind it is, so the rows are
the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .read_only import blanked

__all__ = ["narrowed"]

# A MATCH and its WHERE, up to the next clause or subquery.
_MATCH = re.compile(
    r"\bMATCH\s(?P<pattern>(?:(?!\b(?:MATCH|WHERE|WITH|RETURN|UNWIND)\b)[^{}])*?)"
    r"\bWHERE\b(?P<where>(?:(?!\b(?:MATCH|WITH|RETURN|UNWIND|OPTIONAL)\b)[^{}])*)(?P<subquery>\{?)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^()]*\)")
_EITHER = re.compile(r"\b(?:X?OR|WHERE)\b", re.IGNORECASE)
_IS = re.compile(
    r"(?:^|\bAND)\s+([A-Za-z_]\w*)\.(id|kind)\s*"
    r"(?:=\s*(\$\w+)|IN\s*\[\s*(\$\w+(?:\s*,\s*\$\w+)*)\s*\])(?=\s*(?:AND\b|$))",
    re.IGNORECASE,
)


def narrowed(text: str, values: Mapping[str, Any], kind_of: Callable[[str], str | None]) -> str:
    """The text in which a variable of several kinds has the one kind that a parameter gives it: by
    an identifier, whose kind `kind_of` says, or by name. What may be meant otherwise stays.

    >>> text = "MATCH (a:System|Area)-[t]-(b) WHERE a.id = $thing AND b.id <> a.id RETURN t.id"
    >>> narrowed(text, {"thing": "ods:QE1"}, {"ods:QE1": "System"}.get)
    'MATCH (a:System)-[t]-(b) WHERE a.id = $thing AND b.id <> a.id RETURN t.id'
    >>> narrowed(text, {"thing": "ods:none"}, {"ods:QE1": "System"}.get) == text
    True
    """
    for found in reversed(list(_MATCH.finditer(blanked(text)))):
        for variable, by_name, names in _known(found):
            bound = re.search(rf"\({variable}:(\w+(?:\|\w+)+)\)", found["pattern"])
            if not bound:
                continue
            given = [str(values.get(name)) for name in names]
            kinds = set(given) if by_name else {kind_of(id_) or "" for id_ in given}
            if kinds <= set(bound[1].split("|")):
                at, stated = found.start("pattern"), f"({variable}:{bound[1]})"
                fewer = f"({variable}:{'|'.join(sorted(kinds))})"
                text = text[:at] + text[at:].replace(stated, fewer, 1)
    return text


def _known(found: re.Match[str]) -> Iterator[tuple[str, bool, list[str]]]:
    """Each variable whose identifier or kind a condition gives, whether it is the kind, and the
    parameters that it may be."""
    where = found["where"]
    while (less := _BRACKETS.sub("", where)) != where:
        where = less
    # Either of two conditions, or a subquery with more behind it, may let other things in.
    if not found["subquery"] and not _EITHER.search(where):
        for variable, column, one, several in _IS.findall(where):
            yield variable, column.lower() == "kind", re.findall(r"\$(\w+)", one or several)
