"""Each system beside each other: what passes between them, as a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..queries.answer import Measured, Unanswerable
from ..queries.between_systems import innovations_in_both, pathways, ties
from .chart_parts import (
    Asks,
    Column,
    Picture,
    Told,
    counts_in_words,
    drawn_from,
    editions_of,
    known,
)
from .licences import licences
from .matrix import matrix
from .vega import VegaLite
from .wording import counted

__all__ = ["OF", "Between", "between", "systems_matrix"]


@dataclass(frozen=True)
class Between:
    """One thing that can be counted between two systems, and the words for it."""

    title: str
    legend: str
    row: str
    column: str
    heading: str
    kinds: tuple[str, ...]
    count: Callable[[Any, str], Measured]


OF: dict[str, Between] = {
    "pathways": Between(
        "Patients' pathways between systems",
        "Share of the pathways that the system pays for",
        "System that pays",
        "System of the provider",
        "Pathways",
        ("TREATS_RESIDENTS_OF",),
        lambda snapshot, on: pathways(snapshot, on or "9999"),
    ),
    "innovations": Between(
        "Innovations reported in both of two systems",
        "Innovations in both",
        "System",
        "Other system",
        "Innovations in both",
        ("ADOPTED",),
        lambda snapshot, on: innovations_in_both(snapshot),
    ),
    "ties": Between(
        "Recorded working ties between systems",
        "Ties recorded",
        "From a body in",
        "To a body in",
        "Ties recorded",
        ("COLLABORATES_WITH", "PLANS_JOINTLY_WITH", "REFERS_TO", "SUPPORTS"),
        lambda snapshot, on: ties(snapshot, on),
    ),
}


def systems_matrix(graph: Asks, on: str, of: str = "pathways") -> Picture:
    """What passes between each two systems, ordered by region; `of` is one of `OF`.

    Pathways are shown as a share of those that the paying system pays for, and those that stay
    inside a system are left blank, as they would outshine all others.
    """
    counting = OF[of]
    snapshot = graph.snapshot
    rows, told, reason = between(graph, on, of)
    across = rows.filter(pl.col("source") != pl.col("target"))
    named = across.select("from", "to", "value", "share")
    total = counted(across["source"].n_unique(), "system")
    read = f"{counting.row} at the left, {counting.column[0].lower()}{counting.column[1:]} above."
    return Picture(
        name="systems-matrix",
        title=counting.title,
        sentence=f"{read} Between {total}, ordered by region; what stays inside one is left out."
        if across.height
        else read,
        rows=named.sort("value", "from", "to", descending=[True, False, False]),
        columns={
            "from": Column(counting.row),
            "to": Column(counting.column),
            "value": Column(counting.heading),
            **({"share": Column("Share", share=True)} if of == "pathways" else {}),
        },
        told=told,
        drawing=None if across.is_empty() else VegaLite(_chart(snapshot, across, of)),
        empty=reason or "Nothing is recorded between two systems, so there is nothing to draw.",
    )


def between(graph: Asks, on: str, of: str) -> tuple[pl.DataFrame, Told, str]:
    """What is counted between systems, with names and shares; what must be said of it; and why
    there is nothing, if so."""
    snapshot, counting, reason = graph.snapshot, OF[of], ""
    try:
        found = counting.count(snapshot, on)
    except Unanswerable as none:
        reason, found = none.reason, Measured(EMPTY, none.counts, none.caveats)
    editions = editions_of(*(snapshot.relationships(kind) for kind in counting.kinds))
    told = Told(
        drawn_from(snapshot, on),
        counts=counts_in_words(found.counts),
        caveats=tuple(found.caveats),
        licences=tuple(licences(known(snapshot, editions if found.rows.height else ()))),
    )
    names = snapshot.nodes("System").select("id", pl.coalesce("name", "id").alias("name"))
    rows = found.rows.join(names.rename({"id": "source", "name": "from"}), on="source")
    rows = rows.join(names.rename({"id": "target", "name": "to"}), on="target")
    share = pl.col("value") / pl.col("value").sum().over("source")
    return rows.with_columns(share=share).sort("source", "target"), told, reason


EMPTY = pl.DataFrame(schema={"source": pl.String, "target": pl.String, "value": pl.Int64})


def _chart(snapshot: Any, across: pl.DataFrame, of: str) -> Any:
    shares = of == "pathways"
    places = snapshot.nodes("System").select(pl.coalesce("name", "id"), "region", "lat")
    order = places.sort(
        pl.col("region").fill_null("~"), "lat", "name", descending=[False, True, False]
    )
    shown = set(across["from"]) | set(across["to"])
    names = [name for name in order["name"] if name in shown]
    least = 0.002 if shares else 0
    cells = across.select(
        row="from", column="to", value=pl.col("share") if shares else pl.col("value")
    ).filter(pl.col("value") >= least)
    return matrix(
        cells,
        legend=OF[of].legend,
        rows=names,
        columns=names,
        cell=15,
        number_format=".1%" if shares else ",d",
    )
