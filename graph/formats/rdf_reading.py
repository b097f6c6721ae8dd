"""RDF read back into tables: the columns of each kind from the properties of its class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph as ox

from ...ontology.errors import FileFault
from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS
from ...ontology.tables import conform, schema
from ...ontology.terms import Form, Property, class_term, iri, predicate_term, properties
from ..rdf import ORDER, in_usual_order
from ..rdf_terms import SOURCES, identifier_of, identifiers_of
from .about import said_in
from .content import Content
from .gathering import OWN_DATA
from .nquads_lines import columns_of_lines
from .parsing import NotPlain
from .rdf_about import ABOUT

__all__ = ["read_rdf"]

BATCH = 500_000
"""Triples that are held as Python has them, at a time."""

_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_KINDS = {iri(class_term(kind)): kind for kind in (*NODE_KINDS, *RELATIONSHIP_KINDS)}
_TYPE, _ORDER, _ABOUT = (iri(term) for term in ("rdf:type", ORDER, ABOUT))
_NO_TRIPLES = pl.DataFrame(schema={"subject": pl.String, "object": pl.String})
_NO_OBJECTS = pl.DataFrame(schema={"row": pl.Int64, "object": pl.String})
# What follows from the tables and has no column.
_IMPLIED = frozenset(
    iri(term)
    for term in (
        "dcterms:identifier",
        "geosparql:asWKT",
        "geosparql:hasGeometry",
        "org:member",
        "org:memberDuring",
        "org:organization",
        "skos:notation",
        "time:hasBeginning",
        "time:hasEnd",
        "time:hasTime",
        "time:inXSDDate",
        *map(predicate_term, RELATIONSHIP_KINDS),
    )
)
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_NUMBERS = {"INF": "inf", "-INF": "-inf"}


def read_rdf(path: Path, format_name: str) -> Content:
    """The things and statements of a file of RDF.

    A thing or a statement is what has a class of the ontology; its columns are the properties of
    its kind. `FileFault` with the line for what is no RDF in this format, with the subject for
    what its column cannot have.
    """
    read = _Triples(path, format_name)
    kinds = _kinds(path, read.by_predicate.pop(_TYPE, _NO_TRIPLES))
    if read.about is None and not any(kind in NODE_KINDS for kind in kinds["kind"].unique()):
        raise FileFault(path, reason="there is no thing of the ontology in it", hint=OWN_DATA)
    told = _by_kind(read.by_predicate, kinds)
    made = Content(notes=read.notes())
    if read.about is not None:
        made.said = said_in(read.about, format_name, path)
    for (kind,), subjects in sorted(kinds.partition_by("kind", as_dict=True).items()):
        group = "nodes" if kind in NODE_KINDS else "relationships"
        made.put(group, str(kind), _Kind(path, str(kind), subjects["subject"], told).table())
    return made


@cache
def _columns() -> frozenset[str]:
    """The properties that columns are."""
    kinds = (*NODE_KINDS, *RELATIONSHIP_KINDS)
    terms = {c.term for kind in kinds for c in properties(kind) if c.name != "id"}
    return frozenset({_TYPE, _ORDER, *map(iri, terms)})


class _Triples:
    """The triples of a file by predicate, and what it says of itself."""

    def __init__(self, path: Path, format_name: str) -> None:
        self.path = path
        self.about: str | None = None
        self.by_predicate: dict[str, pl.DataFrame] = {}
        self._parts: dict[str, list[pl.DataFrame]] = {}
        self._passed_over: dict[str, int] = {}
        if format_name != "nquads" or not self._take_lines():
            self._take(_quads(path, format_name))
        for predicate, parts in self._parts.items():
            self.by_predicate[predicate] = pl.concat(parts)
        self._parts.clear()

    def _take_lines(self) -> bool:
        """Whether the lines of the file are such that columns could be made of them, as was done
        then."""
        try:
            for predicate, told in columns_of_lines(self.path, _columns() | {_ABOUT}):
                if isinstance(told, int):
                    self._pass_over(predicate, told)
                elif predicate == _ABOUT:
                    self.about = told["object"][0]
                else:
                    self._parts.setdefault(predicate, []).append(told)
        except NotPlain:
            self.about = None
            self._parts.clear()
            self._passed_over.clear()
            return False
        return True

    def _pass_over(self, predicate: str, triples: int) -> None:
        if predicate not in _IMPLIED:
            self._passed_over[predicate] = self._passed_over.get(predicate, 0) + triples

    def _take(self, quads: Iterator[Any]) -> None:
        held: dict[str, tuple[list[str], list[str]]] = {}
        wanted = _columns()
        for number, quad in enumerate(quads):
            predicate = quad.predicate.value
            if predicate in wanted:
                subjects, objects = held.setdefault(predicate, ([], []))
                subjects.append(_text(quad.subject))
                objects.append(_text(quad.object))
            elif predicate == _ABOUT:
                self.about = _text(quad.object)
            else:
                self._pass_over(predicate, 1)
            if number % BATCH == BATCH - 1:
                self._keep(held)
        self._keep(held)

    def _keep(self, held: dict[str, tuple[list[str], list[str]]]) -> None:
        for predicate, (subjects, objects) in held.items():
            part = pl.DataFrame({"subject": subjects, "object": objects}, _NO_TRIPLES.schema)
            self._parts.setdefault(predicate, []).append(part)
        held.clear()

    def notes(self) -> tuple[str, ...]:
        """How a file that is no export of ours was understood, a sentence each."""
        if self.about is not None:
            return ()
        told = (
            f"{self.path} was not written by icsgraph: what has a class of the ontology was read, "
            "with the properties that its kind has."
        )
        if not self._passed_over:
            return (told,)
        names = ", ".join(
            f"{identifier_of(p)} ({n:,})" for p, n in sorted(self._passed_over.items())
        )
        return (told, f"Properties that no column takes were passed over: {names}.")


def _text(term: Any) -> str:
    """A term as the tables take it; what has no name, or is a triple itself, as RDF writes it."""
    named = isinstance(term, (ox.NamedNode, ox.Literal))
    return str(term.value if named else term)


def _quads(path: Path, format_name: str) -> Iterator[Any]:
    try:
        yield from ox.parse(path=str(path), format=_FORMATS[format_name], base_iri=iri("icsg:"))
    except SyntaxError as error:
        reason = " ".join(str(error.msg).split()).removeprefix("Parser error ")
        hint = "It may be cut off or changed by hand: export it again."
        raise FileFault(
            path, error.lineno, reason=f"it is no {format_name}: {reason}", hint=hint
        ) from None


def _kinds(path: Path, types: pl.DataFrame) -> pl.DataFrame:
    """The kind of each subject that has one, and its row in the table of its kind."""
    named = pl.col("object").replace_strict(_KINDS, default=None, return_dtype=pl.String)
    kinds = types.select("subject", kind=named).drop_nulls().unique()
    for twice in kinds.filter(pl.col("subject").is_duplicated()).sort("subject", "kind").rows()[:1]:
        raise FileFault(path, reason=f"{identifier_of(twice[0])} is of two kinds")
    return kinds.sort("kind", "subject").with_columns(row=pl.int_range(pl.len()).over("kind"))


def _by_kind(
    triples: dict[str, pl.DataFrame], kinds: pl.DataFrame
) -> dict[tuple[str, str], pl.DataFrame]:
    """The objects by kind of the subject and predicate, with the subject's row."""
    found = {}
    for predicate in list(triples):
        joined = triples.pop(predicate).join(kinds, on="subject").select("kind", "row", "object")
        for (kind,), part in joined.partition_by("kind", as_dict=True, include_key=False).items():
            found[str(kind), predicate] = part
    return found


class _Kind:
    """The table of a kind, from what is told of its subjects."""

    def __init__(
        self, path: Path, kind: str, subjects: pl.Series, told: dict[tuple[str, str], pl.DataFrame]
    ) -> None:
        self.path = path
        self.kind = kind
        self.subjects = subjects
        self._told = told

    def table(self) -> pl.DataFrame:
        """A row for each subject, with the columns of the kind."""
        columns = [_mapped(self.subjects).alias("id")]
        columns += [self._column(c) for c in properties(self.kind) if c.name != "id"]
        return conform(self.kind, pl.DataFrame(columns))

    def _column(self, column: Property) -> pl.Series:
        given = self._told.get((self.kind, iri(column.term)), _NO_OBJECTS)
        if given["row"].n_unique() < given.height:  # several values, or one in several graphs
            given = given.unique()
        values = given.with_columns(self._typed(column, given).alias("object"))
        if column.many:
            values = self._listed(column, values)
        elif twice := values.filter(pl.col("row").is_duplicated())["row"].head(1).to_list():
            about = identifier_of(self.subjects[twice[0]])
            raise FileFault(self.path, reason=f"{about} has two values of {column.name}")
        rows = pl.DataFrame({"row": pl.int_range(len(self.subjects), eager=True)})
        found = rows.join(values, on="row", how="left", maintain_order="left")
        return found["object"].alias(column.name)

    def _typed(self, column: Property, given: pl.DataFrame) -> pl.Series:
        objects = given["object"]
        if column.form is Form.EDITION:
            return _mapped(objects.str.strip_prefix(SOURCES), SOURCES)
        if not column.form.is_literal:
            return _mapped(objects)
        wanted = schema(self.kind)[column.name]
        if column.many or wanted == pl.String():
            return objects
        if wanted == pl.Boolean():
            made = objects.replace_strict(_TRUTHS, default=None, return_dtype=wanted)
        else:
            made = objects.replace(_NUMBERS).cast(wanted, strict=False)
        for at in (made.is_null() & objects.is_not_null()).arg_true().head(1):
            where = f"{self.path}, {identifier_of(self.subjects[given['row'][at]])}"
            raise FileFault(where, None, column.name, objects[at], "is no such value")
        return made

    def _listed(self, column: Property, values: pl.DataFrame) -> pl.DataFrame:
        lists = values.group_by("row").agg("object")
        lists = lists.with_columns(in_usual_order(lists["object"], column).alias("object"))
        stated = self._told.get((self.kind, _ORDER), _NO_OBJECTS)
        mine = stated.filter(pl.col("object").str.starts_with(f'{{"{column.name}":')).unique()
        ordered = [json.loads(text)[column.name] for text in mine["object"]]
        told = pl.DataFrame({"row": mine["row"], "object": ordered}, lists.schema)
        return pl.concat([lists.join(told, on="row", how="anti"), told])


def _mapped(addresses: pl.Series, base: str = "") -> pl.Series:
    """What the tables call the things with these IRIs; `base` was taken off them."""
    if not base:
        return identifiers_of(addresses)
    known = addresses.unique().drop_nulls()
    known = known.filter(known.str.contains("%", literal=True))
    names = [identifier_of(base + each).removeprefix("icsg:source/") for each in known]
    return addresses.replace(known, pl.Series(names, dtype=pl.String))
