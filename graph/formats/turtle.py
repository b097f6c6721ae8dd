"""Turtle: RDF for people to read, with prefixes, subject by subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import polars as pl

from ...ontology.terms import NAMESPACES, concept_iri, iri
from ...ontology.vocabularies import schemes
from ..rdf import Facts, facts, put
from ..snapshot import Snapshot
from .content import Content, Tell
from .losses import only_a_graph
from .rdf_about import about_facts
from .rdf_reading import read_rdf

__all__ = ["read", "turtle", "write"]

BASE = iri("icsg:")
_PREFIXES = {
    **{name: namespace for name, namespace in sorted(NAMESPACES.items()) if name != "icsg"},
    **{scheme: concept_iri(scheme) + "/" for scheme in schemes()},
}
# What needs no escape in a prefixed name, and what stays itself relative to the base.
_PLAIN = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_BELOW = "[A-Za-z0-9][A-Za-z0-9_@-]*(?:[/.%][A-Za-z0-9_@-]+)*"
_DATATYPE = re.escape(f'"^^<{NAMESPACES["xsd"]}') + r"(\w+)>$"

# Whole numbers and truth values need neither quotes nor a datatype.
_BARE = rf'^"(-?\d+|true|false)"\^\^<{NAMESPACES["xsd"]}(?:integer|boolean)>$'


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the triples of a snapshot to a new file, kind by kind, each by id."""
    with path.open("wb") as file:
        tell("Writing triples")
        for texts in turtle(chain([about_facts(snapshot, "turtle")], facts(snapshot))):
            put(texts, file)
    return only_a_graph(snapshot)


def read(path: Path) -> Content:
    """The things and statements of a file; `FileFault`, with the line if it is no Turtle."""
    return read_rdf(path, "turtle")


def turtle(parts: Iterator[Facts]) -> Iterator[pl.Series]:
    """The triples as Turtle, prefixes first, then a text for each subject; things without a public
    code stand relative to `icsg:`."""
    head = [f"@base <{BASE}> .", f"@prefix icsg: <{BASE}> ."]
    head += [f"@prefix {name}: <{namespace}> ." for name, namespace in _PREFIXES.items()]
    yield pl.Series(head)
    yield from filter(len, map(_blocks, parts))


def _blocks(part: Facts) -> pl.Series:
    """For each subject, a blank line and what is said of it."""
    table = pl.DataFrame(
        {
            "subject": _shortened(part.subjects),
            **{str(place): _objects(objects) for place, (_, objects) in enumerate(part.columns)},
        }
    )
    said = [
        pl.concat_str(pl.lit("a " if term == "rdf:type" else f"{term} "), str(place))
        for place, (term, _) in enumerate(part.columns)
    ]
    inside = pl.concat_str(said, separator=" ;\n    ", ignore_nulls=True)
    block = pl.concat_str(pl.lit("\n"), "subject", pl.lit(" "), inside, pl.lit(" ."))
    anything = pl.any_horizontal(pl.col(str(place)).is_not_null() for place in range(len(said)))
    return table.filter(anything).select(block).to_series()


def _objects(objects: pl.Series) -> pl.Series:
    """The objects of each subject, with commas between; missing if there are none."""
    if objects.dtype != pl.List:
        return _shortened(objects)
    rows = pl.DataFrame({"row": pl.int_range(len(objects), eager=True), "value": objects})
    flat = rows.filter(pl.col("value").list.len() > 0).explode("value")
    flat = flat.with_columns(_shortened(flat["value"]).alias("value"))
    joined = flat.group_by("row").agg(pl.col("value").str.join(", "))
    return rows.select("row").join(joined, on="row", how="left", maintain_order="left")["value"]


def _shortened(terms: pl.Series) -> pl.Series:
    """Terms as Turtle writes them: prefixed or relative names, datatypes by prefix."""
    first = terms.drop_nulls().head(1)
    if len(first) and not first[0].startswith("<"):
        return terms.str.replace(_BARE, "$1").str.replace(_DATATYPE, '"^^xsd:$1')
    terms = terms.str.replace(f"^<{re.escape(BASE)}({_BELOW})>$", "<$1>")
    for name, namespace in _PREFIXES.items():
        if terms.str.starts_with(f"<{namespace}").any():
            terms = terms.str.replace(f"^<{re.escape(namespace)}({_PLAIN})>$", f"{name}:$1")
    return terms
