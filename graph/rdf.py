"""The graph as RDF: which triples the rows of a snapshot are.

A thing is an IRI with its properties. A relationship is a triple between its ends, and a resource
of its own that carries dates, source and all other columns, in the pattern of W3C's note on n-ary
relations (https://www.w3.org/TR/swbp-n-aryRelations/): two sources that say the same are two
resources and one triple. docs/rdf.md shows each pattern.

Terms are those of the ontology in OWL, SHACL and JSON-LD (`ontology.terms`). Rows become text by
whole columns, since a country has millions of triples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

import polars as pl

from ..ontology.context import BOUNDS, UNKNOWN
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.terms import (
    Form,
    Property,
    class_term,
    point,
    predicate_term,
    properties,
)
from ..ontology.vocabularies import Scheme, scheme
from .rdf_terms import (
    DAYS,
    INTERVALS,
    SOURCES,
    STATEMENTS,
    iris,
    literals,
    named,
    values,
    with_base,
)
from .snapshot import Snapshot

__all__ = ["ORDER", "Facts", "facts", "in_usual_order", "lines", "orders", "put"]

ORDER = "icsgo:inOrder"
"""The property of a list whose order is not the usual one: an object of JSON, column and list."""

_BETWEEN = "\0"

SLICE = 50_000
"""Rows that become triples at a time."""


@dataclass(slots=True)
class Facts:
    """Some triples about many subjects: a row for each subject, a column for each predicate.

    `subjects` are terms, and so are the objects; an object that is missing says nothing, and a
    column of lists says as much as its lists hold. `graphs` are the named graphs of the rows, None
    for those in the default graph. `columns` are (predicate, objects), predicates as CURIEs.
    """

    subjects: pl.Series
    graphs: pl.Series | None = None
    columns: list[tuple[str, pl.Series]] = field(default_factory=list)

    def add(self, predicate: str, objects: pl.Series | str) -> None:
        """State a predicate of every subject; a `str` is the same object for all."""
        if isinstance(objects, str):
            objects = pl.Series([objects]).new_from_index(0, len(self.subjects))
        self.columns.append((predicate, objects))


def facts(
    snapshot: Snapshot,
    nodes: Iterable[str] | None = None,
    relationships: Iterable[str] | None = None,
    *,
    graphs: bool = False,
) -> Iterator[Facts]:
    """All triples of a snapshot or view, or of the named kinds of it: kind by kind, each by id.

    With `graphs`, what a statement says is in the named graph of the edition that states it, and
    all else, which several editions tell of, in the default graph. At the end comes what rows name
    together: points, intervals and days, editions.
    """
    named_too = _Named()
    for kind in NODE_KINDS if nodes is None else sorted(set(nodes)):
        for table in snapshot.nodes(kind).iter_slices(SLICE):
            yield named_too.hear(_things(kind, table), table)
    for kind in RELATIONSHIP_KINDS if relationships is None else sorted(set(relationships)):
        whole = snapshot.relationships(kind)
        for table in whole.sort("id").iter_slices(SLICE):
            yield named_too.hear(_statements(kind, table, graphs), table)
        if whole.height:
            yield _direct(kind, whole, graphs)
    yield from named_too.facts()


def _properties(kind: str, table: pl.DataFrame, out: Facts) -> None:
    for column in properties(kind):
        if column.name in ("id", "subject", "object") or not _told(table[column.name]):
            continue
        given = table[column.name]
        as_terms = partial(values, form=column.form, vocabulary=column.vocabulary)
        if column.many:
            out.add(column.term, _in_lists(given, as_terms))
        else:
            out.add(column.term, as_terms(given))


def _told(column: pl.Series) -> bool:
    return bool(column.list.len().sum() if column.dtype == pl.List else column.count())


def orders(kind: str, table: pl.DataFrame) -> pl.Series:
    """For each row, the lists that are not in the usual order, each as JSON of column and list:
    triples have no order, and say nothing twice."""
    found = []
    for column in properties(kind):
        if column.many and _told(table[column.name]):
            given = table[column.name]
            other = (given.list.len() > 0) & (given != in_usual_order(given, column))
            text = pl.struct(column.name).struct.json_encode()
            found.append(table.select(pl.when(other).then(text)).to_series().alias(column.name))
    if not found:
        return pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, table.height)
    return pl.DataFrame(found).select(pl.concat_list(pl.all()).list.drop_nulls()).to_series()


def in_usual_order(lists: pl.Series, column: Property) -> pl.Series:
    """Lists in the order that is understood where nothing is said: each text once, the narrower
    concepts of a vocabulary before the broader ones, and else by text."""
    plain = lists.list.unique().list.sort()
    if column.vocabulary is None:
        return plain
    texts = plain.list.join(_BETWEEN)
    usual = {
        text: _BETWEEN.join(_narrowest_first(text.split(_BETWEEN), scheme(column.vocabulary)))
        for text in texts.unique()
        if text
    }
    return texts.replace(usual).str.split(_BETWEEN).zip_with(plain.list.len() > 0, plain)


def _narrowest_first(notations: list[str], known: Scheme) -> list[str]:
    """The narrowest with what is broader than it, nearest first, and then the others."""
    broader = {n: known.ancestors(n) if n in known else () for n in notations}
    narrowest = min(notations, key=lambda n: (-len(broader[n]), n))
    first = [n for n in (narrowest, *broader[narrowest]) if n in broader]
    return [*first, *(n for n in notations if n not in first)]


def _in_lists(lists: pl.Series, as_terms: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Each value of the lists as a term, in the same lists."""
    rows = pl.DataFrame({"row": pl.int_range(len(lists), eager=True), "value": lists})
    flat = rows.filter(pl.col("value").list.len() > 0).explode("value")
    flat = flat.with_columns(as_terms(flat["value"]).alias("value"))
    told = flat.group_by("row", maintain_order=True).agg("value")
    return rows.select("row").join(told, on="row", how="left", maintain_order="left")["value"]


def _things(kind: str, table: pl.DataFrame) -> Facts:
    out = Facts(iris(table["id"]))
    out.add("rdf:type", named(class_term(kind)))
    out.add("dcterms:identifier", literals(table["id"], Form.TEXT))
    _properties(kind, table, out)
    if point(kind) and _told(table["lon"]):
        out.add("geosparql:hasGeometry", _points(table, out.subjects))
    if _told(stated := orders(kind, table)):
        out.add(ORDER, _in_lists(stated, partial(literals, form=Form.TEXT)))
    return out


def _points(table: pl.DataFrame, subjects: pl.Series) -> pl.Series:
    there = table["lon"].is_not_null() & table["lat"].is_not_null()
    return (subjects.str.strip_suffix(">") + "#point>").zip_with(there, _none(len(subjects)))


def _none(length: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, length)


def _statements(kind: str, table: pl.DataFrame, graphs: bool) -> Facts:
    stated_in = with_base(table["source"], SOURCES) if graphs else None
    out = Facts(with_base(table["id"], STATEMENTS), stated_in)
    out.add("rdf:type", named(class_term(kind)))
    subjects, objects = iris(table["subject"]), iris(table["object"])
    out.add("icsgo:subject", subjects)
    out.add("icsgo:object", objects)
    if kind == "MEMBER_OF":
        out.add("rdf:type", named("org:Membership"))
        out.add("org:member", subjects)
        out.add("org:organization", objects)
        out.add("org:memberDuring", _intervals(table))
    _properties(kind, table, out)
    return out


def _direct(kind: str, table: pl.DataFrame, graphs: bool) -> Facts:
    """The triple between the ends, once in each graph that states it."""
    by = ["subject", "source"] if graphs else ["subject"]
    ends = table.group_by(by).agg(pl.col("object").unique().sort()).sort(by)
    out = Facts(iris(ends["subject"]), with_base(ends["source"], SOURCES) if graphs else None)
    out.add(predicate_term(kind), _in_lists(ends["object"], iris))
    return out


def _intervals(table: pl.DataFrame) -> pl.Series:
    """The interval of each row, by its bounds; missing where no bound is known."""
    undated = pl.all_horizontal(pl.col(c).is_null() for c in BOUNDS)
    bounds = pl.concat_str([pl.col(c).fill_null(UNKNOWN) for c in BOUNDS], separator="_")
    return with_base(table.select(pl.when(~undated).then(bounds)).to_series(), INTERVALS)


class _Named:
    """What the rows name and that is described once: intervals, points and editions."""

    def __init__(self) -> None:
        self._dates: list[pl.DataFrame] = []
        self._points: list[Facts] = []
        self._editions: list[pl.Series] = []

    def hear(self, out: Facts, table: pl.DataFrame) -> Facts:
        """The facts about a table's rows, with their intervals; what they name is kept."""
        if set(BOUNDS) <= set(table.columns):
            out.add("time:hasTime", _intervals(table))
            self._dates.append(table.select(BOUNDS).unique())
        if "source" in table.columns:
            self._editions.append(table["source"].unique())
        else:
            self._editions.append(table["sources"].explode().drop_nulls().unique())
        if any(predicate == "geosparql:hasGeometry" for predicate, _ in out.columns):
            self._points.append(_geometries(table))
        return out

    def facts(self) -> Iterator[Facts]:
        """What was named, each thing once."""
        yield from self._points
        if self._dates:
            yield from _dated(pl.concat(self._dates).unique())
        if self._editions:
            editions = pl.concat(self._editions).unique().sort()
            out = Facts(with_base(editions, SOURCES))
            out.add("skos:notation", literals(editions, Form.TEXT))
            yield out


def _geometries(table: pl.DataFrame) -> Facts:
    at = table.filter(pl.col("lon").is_not_null() & pl.col("lat").is_not_null())
    lon, lat = (at[c].cast(pl.String) for c in ("lon", "lat"))
    out = Facts(_points(at, iris(at["id"])))
    out.add("rdf:type", named("sf:Point"))
    out.add("geosparql:asWKT", '"POINT(' + lon + " " + lat + f')"^^{named("geosparql:wktLiteral")}')
    return out


def _dated(bounds: pl.DataFrame) -> Iterator[Facts]:
    """Intervals with their bounds, and with their beginning and end where a single day is known."""
    dated = bounds.with_columns(_intervals(bounds).alias("it")).drop_nulls("it").sort("it")
    out = Facts(dated["it"])
    out.add("rdf:type", named("icsgo:BoundedInterval"))
    for column in properties("REVIEWED"):
        if column.name in BOUNDS:
            out.add(column.term, literals(dated[column.name], Form.DATE))
    days = []
    for end, term in (("start", "time:hasBeginning"), ("end", "time:hasEnd")):
        earliest, latest = dated[f"{end}_earliest"], dated[f"{end}_latest"]
        days.append(earliest.zip_with((earliest == latest).fill_null(False), _none(len(dated))))
        out.add(term, with_base(days[-1], DAYS))
    yield out
    yield _days(pl.concat([day.alias("day") for day in days]).drop_nulls().unique().sort())


def _days(days: pl.Series) -> Facts:
    out = Facts(with_base(days, DAYS))
    out.add("rdf:type", named("time:Instant"))
    out.add("time:inXSDDate", literals(days, Form.DATE))
    return out


def lines(parts: Iterable[Facts]) -> Iterator[pl.Series]:
    """The triples as N-Triples, or as N-Quads where they are in graphs: for each subject its lines,
    without the last line break."""
    return filter(len, map(_rows, parts))


def put(texts: pl.Series, file: BinaryIO) -> None:
    """Write texts to a file, each with a line break behind it."""
    texts.to_frame().write_csv(
        file, include_header=False, quote_style="never", line_terminator="\n"
    )


def _rows(part: Facts) -> pl.Series:
    """For each subject, its lines."""
    table = pl.DataFrame(
        {
            "subject": part.subjects,
            "end": " ." if part.graphs is None else " " + part.graphs + " .",
            **{str(place): objects for place, (_, objects) in enumerate(part.columns)},
        }
    )
    told = [
        _line(str(place), f" {named(predicate)} ", objects.dtype == pl.List)
        for place, (predicate, objects) in enumerate(part.columns)
    ]
    rows = table.select(pl.concat_str(told, separator="\n", ignore_nulls=True)).to_series()
    return rows.filter(rows != "")


def _line(column: str, predicate: str, many: bool) -> pl.Expr:
    if not many:
        return pl.concat_str("subject", pl.lit(predicate), column, "end")
    start = pl.concat_str("subject", pl.lit(predicate))
    joined = pl.col(column).list.join(pl.concat_str("end", pl.lit("\n"), start))
    return pl.when(pl.col(column).list.len() > 0).then(pl.concat_str(start, joined, "end"))
