"""Which barriers and which innovations are reported in the same systems: a matrix."""

from __future__ import annotations

from typing import Any

import polars as pl

from ..ontology.errors import ArgumentFault
from .chart_parts import Asks, Column, Picture, editions_of, of_answer
from .matrix import matrix
from .vega import VegaLite
from .wording import counted

__all__ = ["barriers_and_innovations"]


def barriers_and_innovations(graph: Asks, on: str, least: str = "2", **parameters: Any) -> Picture:
    """In how many systems a barrier is reported and an innovation was taken up.

    `least` leaves out what is known of fewer systems than that.
    """
    answer = graph.ask("barriers-and-innovations", on=on, **parameters)
    few = _least(least)
    enough = (pl.col("with_barrier") >= few) & (pl.col("with_innovation") >= few)
    shown = pl.DataFrame(answer).filter((pl.col("both") > 0) & enough)
    barriers = counted(shown["barrier"].n_unique(), "barrier")
    ways = counted(shown["innovation"].n_unique(), "innovation")
    return Picture(
        name="barriers-and-innovations",
        title="Barriers and innovations in the same systems",
        sentence=f"{barriers} and {ways}, each in {few} systems or more; the number is how many "
        "systems have both.",
        rows=shown.sort("both", "barrier", "innovation", descending=[True, False, False]),
        columns={
            "barrier": Column("Barrier or challenge"),
            "innovation": Column("Innovation"),
            "both": Column("Systems with both"),
            "with_barrier": Column("Systems with the barrier"),
            "with_innovation": Column("Systems with the innovation"),
            "reading": Column("Against chance"),
        },
        told=of_answer(graph, answer, editions_of(graph.snapshot.nodes("Finding")), on),
        drawing=None if shown.is_empty() else VegaLite(_chart(shown)),
        empty=answer.reason
        or "No barrier and innovation are reported in the same systems, so "
        "there is nothing to draw.",
    )


def _least(text: str) -> int:
    if not str(text).isdecimal() or int(text) < 1:
        raise ArgumentFault("least", "it is no whole number above 0")
    return int(text)


def _chart(shown: pl.DataFrame) -> Any:
    return matrix(
        shown.select(row="barrier", column="innovation", value="both"),
        legend="Systems with both",
        rows=_ordered(shown, "barrier", "with_barrier"),
        columns=_ordered(shown, "innovation", "with_innovation"),
        cell=22,
        written=True,
    )


def _ordered(shown: pl.DataFrame, column: str, by: str) -> list[str]:
    order = shown.unique(column).sort(by, column, descending=[True, False])
    return order[column].to_list()
