"""A matrix of names by names, its cells in the classes of the palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from .palette import INKS, SEQUENCE, SURFACES
from .vega import long_label

__all__ = ["PLACES", "classes", "matrix"]

LONGEST = 290

PLACES = ((2,), (1, 3), (0, 2, 4), (0, 1, 3, 4), (0, 1, 2, 3, 4))
"""Which colours of the sequence one class has, two have, and so on."""


def classes(values: Sequence[float], number: int = len(SEQUENCE)) -> list[float]:
    """Between which values classes part: the first value of each but the first class.

    Whole numbers of few values have a class each; else classes hold as many values each, as far as
    equal values allow.

    >>> classes([1, 1, 2, 3]), classes([0.1, 0.2, 0.3, 0.4], number=2)
    ([2, 3], [0.3])
    """
    different = sorted(set(values))
    if len(different) <= number:
        return different[1:]
    ordered = sorted(values)
    cuts = {ordered[len(ordered) * at // number] for at in range(1, number)}
    return sorted(cuts - {different[0]})


def matrix(
    cells: pl.DataFrame,
    *,
    legend: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cell: int,
    written: bool = False,
    number_format: str = ",d",
) -> Any:
    """A chart of altair: `cells` has row, column and value; what has no cell is left blank.

    `written` sets the value into each cell; it must be short.
    """
    import altair as alt

    cuts = classes(cells["value"].to_list())
    tone = [SEQUENCE[at].light for at in PLACES[len(cuts)]]
    scale = (
        alt.Scale(type="threshold", domain=cuts, range=tone) if cuts else alt.Scale(range=tone * 2)
    )
    axis = long_label(LONGEST)
    y = alt.Y("row:N", scale=alt.Scale(domain=list(rows)), title=None, axis=alt.Axis(**axis))
    above = alt.Axis(orient="top", labelAngle=-60, **axis)
    x = alt.X("column:N", scale=alt.Scale(domain=list(columns)), title=None, axis=above)
    key = None if written else alt.Legend(**_key(legend, number_format))
    base = alt.Chart(
        alt.InlineData(values=_classed(cells, cuts).to_dicts()),
        width=cell * len(columns),
        height=cell * len(rows),
    )
    boxes = base.mark_rect(stroke=SURFACES["page"].light, strokeWidth=1).encode(
        x=x, y=y, color=alt.Color("value:Q", scale=scale, legend=key)
    )
    if not written:
        return boxes
    deep = len(SEQUENCE) - 2
    ink = alt.condition(
        f"datum.shade >= {deep}", alt.value(SURFACES["page"].light), alt.value(INKS["text"].light)
    )
    return boxes + base.mark_text(fontSize=11).encode(x=x, y=y, text="value:Q", color=ink)


def _key(legend: str, number_format: str) -> dict[str, Any]:
    across = {"orient": "bottom", "direction": "horizontal", "titleLimit": 500}
    return {**across, "title": legend, "format": number_format}


def _classed(cells: pl.DataFrame, cuts: Sequence[float]) -> pl.DataFrame:
    """Each cell with the place of its colour in the sequence."""
    above = sum(((pl.col("value") >= cut).cast(pl.Int64) for cut in cuts), pl.lit(0))
    places = PLACES[len(cuts)]
    return cells.with_columns(shade=above.replace_strict(range(len(places)), places))
