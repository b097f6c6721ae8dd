"""What a text of a question must be, as far as it can be seen without an engine.

A text in a query language ends in ORDER BY, gives the declared columns in their order and uses the
declared parameters, and names no kind, prefix or term that there is none of. One in Python names a
function of this room.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from ..graph.read_only import blanked, parameter_names
from ..graph.sparql_text import sparql_parameters
from ..ontology.errors import UnknownName
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import schema
from ..ontology.terms import NAMESPACES
from ..ontology.vocabularies import scheme, schemes

__all__ = [
    "DAY_AFTER",
    "ON",
    "Fault",
    "check_function",
    "check_names",
    "check_query",
    "parameters_used",
    "returned",
]

ON, DAY_AFTER = "on", "day_after"
"""The day of a dated answer, ISO, and the one after it: a text may use `$on` and `$day_after`
without declaring them, and then returns a column `certainty`. Other questions are asked on a day by
way of views."""

_ONTOLOGY = Path(__file__).parents[1] / "ontology" / "generated" / "ontology.ttl"

# What holds no words of the query: addresses, strings and comments; their lines stay.
_QUOTED = re.compile(r"""<[^<>\s]*>|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|#[^\n]*""")
_PATTERN = re.compile(r"[(\[]\s*(\w*)\s*:\s*([A-Za-z_]\w*(?:\s*\|\s*:?\s*[A-Za-z_]\w*)*)")
_PROPERTY = re.compile(r"(?<![\w.$])([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?!\s*\()")
_PREFIX = re.compile(r"\bPREFIX\s+([\w-]*):", re.IGNORECASE)
_TERM = re.compile(r"(?<![\w?$:<-])([A-Za-z][\w-]*):([\w-]*)")
_ORDER = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)


class Fault(ValueError):
    """What is wrong with a question, and the word on whose line it stands."""

    def __init__(self, reason: str, word: str = "RETURN") -> None:
        self.word = word
        super().__init__(reason)


def check_query(
    language: str, text: str, columns: Collection[str], parameters: Collection[str]
) -> None:
    """`Fault` or `UnknownName` if a text in Cypher or SPARQL is not what its question declares."""
    word = "RETURN" if language == "cypher" else "SELECT"
    if not _is_ordered(language, text):
        raise Fault(
            f"the {language} text has no ORDER BY at its end, so its rows have no order", word
        )
    given = returned(language, text)
    if given != list(columns):
        names, declared = ", ".join(given), ", ".join(columns)
        raise Fault(f"the {language} text returns {names}; the columns are {declared}", word)
    used = parameters_used(language, text)
    if used & {ON, DAY_AFTER} and "certainty" not in columns:
        raise Fault(f"the {language} text uses $on and declares no column certainty", f"${ON}")
    for name in sorted((used - {ON, DAY_AFTER}) ^ set(parameters)):
        place = f"${name}" if name in used else name
        raise Fault(f"{name} is not both a parameter and used in the {language} text", place)
    check_names(language, text)


def check_function(text: str) -> None:
    """A text in Python must name a public function of a module of this room; the module is not
    imported for that."""
    if not re.fullmatch(r"[a-z][a-z_]*:[a-z][a-z_]*", text):
        raise Fault("the python text is not of the form module:function", "python")
    module, _, name = text.partition(":")
    modules = {path.stem: path for path in Path(__file__).parent.glob("[a-z]*.py")}
    if module not in modules:
        raise UnknownName("module that answers questions", module, modules)
    code = modules[module].read_text(encoding="utf-8")
    functions = re.findall(r"^def ([a-z]\w*)\(", code, re.MULTILINE)
    if name not in functions:
        raise UnknownName(f"function in {module}", name, functions)


def parameters_used(language: str, text: str) -> set[str]:
    """The names that a text uses with a dollar, those in strings and comments apart.

    >>> parameters_used("sparql", 'SELECT ?n { ?s rdfs:label ?n FILTER (?n != $name) } # "$on"')
    {'name'}
    """
    return set(parameter_names(text) if language == "cypher" else sparql_parameters(text))


def returned(language: str, text: str) -> list[str]:
    """The names that a text gives its columns, in their order.

    >>> returned("cypher", "MATCH (s:System) RETURN s.id AS id, count(*) AS n ORDER BY id")
    ['id', 'n']
    >>> returned("sparql", "SELECT ?id (COUNT(?x) AS ?n) WHERE { ?id ?p ?x } GROUP BY ?id")
    ['id', 'n']
    """
    if language == "cypher":
        last = re.split(r"\bRETURN\b", text)[-1]
        return re.findall(r"\bAS\s+(\w+)", re.split(r"\bORDER\s+BY\b", last)[0])
    head = re.search(r"\bSELECT\b(.*?)(?:\bWHERE\b|\{)", _bare(text), re.DOTALL | re.IGNORECASE)
    return list(_selected(head[1])) if head else []


def _selected(head: str) -> Iterator[str]:
    """The variables that stand between SELECT and WHERE: plain ones, and the names of brackets."""
    depth, last = 0, ""
    for token in re.findall(r"[()]|\?\w+|\*", head):
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if depth == 0:
                yield last
        elif depth == 0:
            yield token.lstrip("?")
        last = token.lstrip("?")


def _is_ordered(language: str, text: str) -> bool:
    """Whether the whole of a text is ordered, and not only a part of it."""
    if language == "cypher":
        return bool(_ORDER.search(re.split(r"\bRETURN\b", text)[-1]))
    return bool(_ORDER.search(_bare(text).rpartition("}")[2]))


def _bare(text: str) -> str:
    """A SPARQL text without addresses, strings and comments."""
    return _QUOTED.sub(" ", text)


def check_names(language: str, text: str) -> None:
    """`UnknownName` for a kind, property, prefix or term that a text names and there is none of.

    An engine would find nothing, and in SPARQL not say why.

    >>> check_names("cypher", "MATCH (s:Systm) RETURN s.name AS name")
    Traceback (most recent call last):
    icsgraph.ontology.errors.UnknownName: There is no kind in the ontology "Systm".
    The nearest names: System.
    """
    if language == "cypher":
        _check_kinds(blanked(text))
    else:
        _check_terms(_bare(text))


def _check_kinds(bare: str) -> None:
    """The kinds of a Cypher text, and the properties of variables that have kinds."""
    known = {*NODE_KINDS, *RELATIONSHIP_KINDS}
    of: dict[str, set[str]] = {}
    for variable, stated in _PATTERN.findall(bare):
        kinds = re.findall(r"\w+", stated)
        _check_among("kind in the ontology", kinds, known)
        of.setdefault(variable, set()).update(kinds)
    for variable, name in _PROPERTY.findall(bare):
        # A name that is given anew (AS, IN) may mean a map or a value there.
        if variable in of and not re.search(rf"\b(AS|IN)\s+{variable}\b|\b{variable}\s+IN\b", bare):
            kinds = sorted(of[variable])
            columns = {column for kind in kinds for column in schema(kind)}
            _check_among(f"property of {' or '.join(kinds)}", [name], columns)


def _check_terms(bare: str) -> None:
    """The prefixes of a SPARQL text that nobody declared, and the terms of ours."""
    declared = set(_PREFIX.findall(bare))
    terms = _TERM.findall(_PREFIX.sub(" ", bare))
    known = {*NAMESPACES, *schemes(), *declared}
    _check_among("prefix", (prefix for prefix, _ in terms), known)
    for prefix, local in terms:
        if prefix in schemes() and prefix not in declared:
            _check_among(f"term in the vocabulary {prefix}", [local], set(scheme(prefix)))
    ours = (f"{prefix}:{local}" for prefix, local in terms if prefix == "icsgo")
    _check_among("term in the ontology", ours, _terms())


def _check_among(what: str, named: Iterable[str], known: Collection[str]) -> None:
    for name in named:
        if name not in known:
            raise UnknownName(what, name, known)


@cache
def _terms() -> frozenset[str]:
    """The classes and properties of the ontology, read off what is checked in: computing them takes
    longer than most questions."""
    return frozenset(re.findall(r"\bicsgo:\w+", _ONTOLOGY.read_text(encoding="utf-8")))
