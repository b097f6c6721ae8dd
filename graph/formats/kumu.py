"""Kumu (https://docs.kumu.io/guides/import/import): elements.csv and connections.csv.

Kumu is for drawing, and has no types: an element is a thing with its name, kind and what is worth
showing, a connection a statement. Both begin with `ID`, so that things of one name and parallel
statements stay apart, and a second import updates the first. Several values in a cell stand between
bars.

The files go through spreadsheets, so a value that one would take for a formula has an apostrophe
before it, which a spreadsheet hides.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...ontology.model import NODE_KINDS
from ...ontology.relationships import RELATIONSHIP_KINDS, Flow
from ..snapshot import Snapshot
from .about import write_about
from .content import Tell
from .csv_folder import FORMULA
from .losses import only_a_graph

__all__ = ["write"]

_DIRECTIONS = {Flow.BOTH: "mutual"}
_DESCRIBED = ("description", "definition", "note")
_DATES = {
    "Start earliest": "start_earliest",
    "Start latest": "start_latest",
    "End earliest": "end_earliest",
    "End latest": "end_latest",
    "Date as stated": "date_text",
}
_SHOWN = {
    "Subtype": ("org_type", "location_type", "area_type", "finding_kind", "concept_type"),
    "Region": ("region",),
    "Topic": ("topic",),
    "Town": ("town",),
    "Postcode": ("postcode",),
    "Longitude": ("lon",),
    "Latitude": ("lat",),
    "URL": ("url",),
}


def write(snapshot: Snapshot, path: Path, tell: Tell) -> tuple[str, ...]:
    """Write the things and statements of a snapshot to a new folder."""
    path.mkdir()
    tell("Writing elements.csv")
    elements = pl.concat(_elements(snapshot.nodes(kind)) for kind in NODE_KINDS)
    tell("Writing connections.csv")
    connections = pl.concat(
        _connections(snapshot.relationships(kind), tie.label, tie.flow)
        for kind, tie in RELATIONSHIP_KINDS.items()
    )
    marked = 0
    for name, table in (("elements", elements), ("connections", connections)):
        marked += int(table.select(pl.sum_horizontal(_formulas().sum())).item() or 0)
        plain = pl.when(_formulas()).then("'" + pl.all()).otherwise(pl.all()).name.keep()
        table.select(plain).write_csv(path / f"{name}.csv")
    write_about(snapshot, "kumu", path)
    told = f"{marked:,} values that a spreadsheet would take for formulas have an apostrophe before"
    return (
        "Only what is worth drawing is held: of a thing its name, kind, type, dates, place and "
        "texts; of a statement its kind, dates, source and how it is known.",
        *((f"{told} them.",) if marked else ()),
        *only_a_graph(snapshot),
    )


def _formulas() -> pl.Expr:
    number = pl.all().cast(pl.Float64, strict=False).is_not_null()
    return pl.all().str.contains(FORMULA).fill_null(False) & ~number


def _elements(table: pl.DataFrame) -> pl.DataFrame:
    described = [c for c in _DESCRIBED if c in table.columns]
    return table.select(
        pl.col("id").alias("ID"),
        pl.coalesce("name", "id").alias("Label"),
        pl.col("kind").alias("Type"),
        _first(table, described).alias("Description"),
        _barred("other_names").alias("Tags"),
        _barred("codes").alias("Codes"),
        *(_first(table, columns).alias(title) for title, columns in _SHOWN.items()),
        *(_first(table, [column]).alias(title) for title, column in _DATES.items()),
        _barred("sources").alias("Sources"),
    )


def _connections(table: pl.DataFrame, label: str, flow: Flow) -> pl.DataFrame:
    return table.select(
        pl.col("id").alias("ID"),
        pl.col("subject").alias("From"),
        pl.col("object").alias("To"),
        pl.lit(_DIRECTIONS.get(flow, "directed")).alias("Direction"),
        pl.lit(label).alias("Label"),
        pl.col("kind").alias("Type"),
        *(_first(table, [column]).alias(title) for title, column in _DATES.items()),
        pl.col("source").alias("Source"),
        pl.col("locator").alias("Locator"),
        pl.col("knowledge_level").alias("How known"),
    )


def _first(table: pl.DataFrame, columns: list[str] | tuple[str, ...]) -> pl.Expr:
    """The first of some columns that a table has and that holds a value."""
    there = [pl.col(c).cast(pl.String) for c in columns if c in table.columns]
    return pl.coalesce([*there, pl.lit(None, dtype=pl.String)])


def _barred(column: str) -> pl.Expr:
    """A list in one cell; a bar inside a value would be read as two values."""
    plain = pl.col(column).list.eval(pl.element().str.replace_all("|", "/", literal=True))
    return pl.when(pl.col(column).list.len() > 0).then(plain.list.join("|"))
