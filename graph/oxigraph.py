"""Embedded SPARQL 1.1: an Oxigraph store built from a snapshot's tables, opened read-only.

The folder is a projection, built on first use and kept beside the snapshot (`engine_files`). It
holds the triples of `rdf.facts` and the ontology, all in the default graph.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pyoxigraph as ox

from ..ontology.errors import QueryError
from ..ontology.terms import NAMESPACES, concept_iri, iri
from ..ontology.vocabularies import schemes
from .engine_files import engine_file
from .files import sha256
from .rdf import facts, lines, put
from .rdf_terms import identifier_of
from .read_only import took_too_long
from .snapshot import Snapshot
from .solving import Asked, Solutions, Undone, solve, solve_apart
from .sparql_text import marked, misread, refuse_services, with_values

__all__ = ["ENDING", "PREFIXES", "Oxigraph", "build_store", "store_name"]

ENDING = ".oxigraph"
"""What the names of store folders end in."""

BASE = iri("icsg:")
"""What relative IRIs of a text are relative to: `<innovation/oximetry-at-home>`."""

PREFIXES: Mapping[str, str] = MappingProxyType(
    {**{scheme: concept_iri(scheme) + "/" for scheme in schemes()}, **NAMESPACES}
)
"""The prefixes that a text need not declare: those of `ontology.terms`, and each vocabulary's own
(`voice:people-using-services`)."""

# Counts the changes to which triples a row becomes that the ontology does not show.
_SHAPE = 1
_ONTOLOGY = Path(__file__).parents[1] / "ontology" / "generated" / "ontology.ttl"

_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# Among the many signs that might have come next, the engine says what is wrong in words.
_SENTENCE = re.compile(r"(?:expected|one of|,) ([A-Z]\w*(?: \w+){2,})")
_CHARACTERS = re.compile(r"\[[^\]]*\](?:,\s*)?")
_INTEGERS = re.compile(".*#((unsigned)?(int|long|short|byte)|(non|positive|negative)?.*[iI]nteger)")
_NUMBERS = ("#double", "#float", "#decimal")


class Oxigraph:
    """Answers SPARQL on one snapshot. Opening takes milliseconds once the store is built."""

    name = "oxigraph"
    language = "sparql"

    def __init__(self, snapshot: Snapshot) -> None:
        self._folder = engine_file(snapshot, store_name(snapshot.view), build_store)
        self._store = ox.Store.read_only(str(self._folder))

    def run(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> pl.DataFrame:
        """The rows of a SPARQL query; see `engines.Engine.run`.

        SELECT gives its variables, ASK a column `answer`, CONSTRUCT and DESCRIBE `subject`,
        `predicate` and `object`. A thing is its identifier, a coded value its notation, a statement
        its id, as in the tables; a date is ISO text. `parameters` are put in as `with_values` says.
        """
        refuse_services(text)
        query = with_values(text, parameters or {})
        asked = Asked(query, dict(PREFIXES), BASE, limit)
        try:
            if timeout:
                return _frame(solve_apart(str(self._folder), asked, timeout))
            return _frame(solve(self._store, asked))
        except TimeoutError:
            raise took_too_long("SPARQL", timeout or 0) from None
        except Undone as undone:
            raise _refusal(undone, text, query) from None

    def close(self) -> None:
        """Let go of the store."""
        del self._store


def _refusal(undone: Undone, text: str, query: str) -> QueryError:
    """The engine's message, and the place in the text if it says one.

    Where the text itself cannot be read, the place is the one in it, and not where it is with
    values put in.
    """
    said = undone.message
    if undone.syntax and query != text:
        try:
            solve(ox.Store(), Asked(text, dict(PREFIXES), BASE))
        except Undone as of_text:
            said, query = of_text.message, text
    found = _PLACE.fullmatch(said)
    if not found:
        return QueryError("SPARQL", " ".join(said.split()))
    line, column = int(found[1]), int(found[2])
    reason = " ".join(_CHARACTERS.sub("", found[3]).split()).rstrip(", ")
    if sentence := _SENTENCE.search(reason):
        reason = sentence[1]
    elif reason in ("expected", "expected one of"):
        reason = "expected something else"
    line, column, reason = misread(query, line, column, reason)
    place = f"line {line}, column {column}: {reason}"
    return QueryError("SPARQL", place, marked(query, line, column))


def _frame(solutions: Solutions) -> pl.DataFrame:
    names, rows = solutions
    return pl.DataFrame(
        [_column(name, [row[place] for row in rows]) for place, name in enumerate(names)]
    )


def _column(name: str, terms: Sequence[Any]) -> pl.Series:
    """Values of the type that all of them have: whole numbers, numbers, truth values, or text."""
    types = {_datatype(term) for term in terms if term is not None}
    if types and all(map(_is_integer, types)):
        return pl.Series(name, [term and int(term.value) for term in terms], dtype=pl.Int64())
    if types and all(_is_integer(t) or t.endswith(_NUMBERS) for t in types):
        return pl.Series(name, [term and float(term.value) for term in terms], dtype=pl.Float64())
    if types and all(t.endswith("#boolean") for t in types):
        truths = [term and term.value in ("true", "1") for term in terms]
        return pl.Series(name, truths, dtype=pl.Boolean())
    return pl.Series(name, [term and _text(term) for term in terms], dtype=pl.String())


def _datatype(term: Any) -> str:
    return term.datatype.value if isinstance(term, ox.Literal) else ""


@cache
def _is_integer(datatype: str) -> bool:
    return _INTEGERS.fullmatch(datatype) is not None


def _text(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        return identifier_of(term.value)
    return term.value if isinstance(term, ox.Literal) else str(term)


@cache
def _edition() -> str:
    return sha256(_ONTOLOGY)[:8]


def store_name(view: str = "") -> str:
    """The folder name of the store of a whole snapshot, or of a view of it.

    It changes with Oxigraph, whose folders only it can read, and with the ontology.

    >>> store_name("on-2021-06-30-possible").startswith("on-2021-06-30-possible-")
    True
    """
    return f"{view or 'graph'}-{ox.__version__}-{_SHAPE}-{_edition()}{ENDING}"


def build_store(snapshot: Snapshot, folder: Path) -> None:
    """Make the store of a snapshot at a folder that does not exist yet.

    Its triples go through a pipe, so that the store takes them in while the next are written, and
    all at once: several loads take half as long again. What was just written needs no second check
    of its IRIs.
    """
    store = ox.Store(str(folder))
    store.bulk_load(path=str(_ONTOLOGY), format=ox.RdfFormat.TURTLE)
    source, sink = os.pipe()
    with ThreadPoolExecutor(1) as writer:
        with open(source, "rb") as triples:
            writing = writer.submit(_write, snapshot, sink)
            store.bulk_load(input=triples, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        writing.result()
    store.optimize()


def _write(snapshot: Snapshot, sink: int) -> None:
    """Write the triples to a file that is open, and close it."""
    with open(sink, "wb") as file:
        for texts in lines(facts(snapshot)):
            put(texts, file)
