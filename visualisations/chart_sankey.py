"""From what was found, by whom it was shared, to what was done: a Sankey diagram.

Vega lays it out: its `stack` transform puts blocks and ribbons on one another, its `linkpath`
transform draws the ribbons. Widths are numbers of findings.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ..queries.answer import Answer
from .chart_parts import Asks, Column, Picture, editions_of, of_answer
from .palette import INKS, tones
from .vega import LABEL, Vega

__all__ = ["acted_on"]

STAGES = ("Found", "Shared", "Done")
WIDTH, HEIGHT, BLOCK = 640, 400, 18
NOT = "not recorded"
UNSHARED, UNDONE = "Sharing not recorded", "Nothing recorded as done"
SCHEMA: dict[str, Any] = dict.fromkeys(("found", "shared", "done"), pl.String) | {
    "findings": pl.Int64
}
SILENT = [UNSHARED, UNDONE]
"""Blocks that say that nothing is recorded, drawn grey."""


def acted_on(graph: Asks, on: str, **parameters: Any) -> Picture:
    """How many findings were recorded as shared with others, and as followed or answered by
    something done."""
    answer = graph.ask("acted-on", on=on, **parameters)
    rows = _steps(answer)
    total = answer.counts.get("findings_asked_about", 0)
    return Picture(
        name="acted-on",
        title="What was found, shared and acted on",
        sentence=f"{answer['id'].n_unique():,} of {total:,} findings are recorded as shared, as "
        "followed by something done or as acted on; the others are not drawn.",
        rows=rows,
        columns={
            "found": Column("What the finding is"),
            "shared": Column("Shared"),
            "done": Column("What was done"),
            "findings": Column("Findings"),
        },
        told=of_answer(graph, answer, editions_of(graph.snapshot.nodes("Finding")), on),
        drawing=None if rows.is_empty() else Vega(_spec(rows)),
        empty=answer.reason or "No finding is recorded as shared or acted on.",
    )


def _steps(answer: Answer) -> pl.DataFrame:
    """How many findings of each kind went each way."""
    rows = pl.DataFrame(answer)
    if rows.is_empty():
        return pl.DataFrame(
            schema={**dict.fromkeys(("found", "shared", "done"), pl.String), "findings": pl.Int64}
        )
    done = (
        pl.when(pl.col("done_about_it") != NOT)
        .then(pl.lit("Acted on"))
        .when(pl.col("done_afterwards") != NOT)
        .then(pl.lit("Something done afterwards"))
        .otherwise(pl.lit(UNDONE))
    )
    shared = pl.when(pl.col("shared_with") != NOT).then(pl.lit("Shared with others")).otherwise(
        pl.lit(UNSHARED)
    )  # fmt: skip
    one = rows.unique("id").select(found="kind", shared=shared, done=done)
    counts = one.group_by("found", "shared", "done").agg(findings=pl.len().cast(pl.Int64))
    return counts.sort("found", "shared", "done")


def _links(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Ribbons from stage to stage."""
    parts = []
    for at, (left, right) in enumerate((("found", "shared"), ("shared", "done"))):
        counts = rows.group_by(left, right).agg(pl.col("findings").sum())
        parts += [
            {"stage": at, "left": a, "right": b, "size": n}
            for a, b, n in counts.sort(left, right).rows()
        ]
    return parts


def _blocks(rows: pl.DataFrame) -> list[dict[str, Any]]:
    parts = []
    for at, column in enumerate(("found", "shared", "done")):
        counts = rows.group_by(column).agg(pl.col("findings").sum()).sort(column)
        parts += [{"stage": at, "name": name, "size": n} for name, n in counts.rows()]
    return parts


def _spec(rows: pl.DataFrame) -> dict[str, Any]:
    ink = tones("light")
    total = int(rows["findings"].sum())
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "padding": {"left": 150, "right": 190, "top": 26, "bottom": 6},
        "autosize": {"type": "none"},
        "data": _data(rows, total),
        "scales": [
            {"name": "x", "type": "point", "domain": [0, 1, 2], "range": [0, WIDTH]},
            {"name": "y", "type": "linear", "domain": [0, total * 1.18], "range": [0, HEIGHT]},
        ],
        "marks": [_ribbons(ink), _bars(ink), _words(), _headings()],
    }


def _data(rows: pl.DataFrame, total: int) -> list[dict[str, Any]]:
    """Blocks stacked in their stage with gaps between; ribbons stacked at both of their ends, then
    moved to their blocks."""
    headings = [{"stage": at, "name": name} for at, name in enumerate(STAGES)]
    return [
        {"name": "headings", "values": headings},
        {"name": "blocks", "values": _blocks(rows), "transform": _placed_blocks(total * 0.06)},
        {"name": "links", "values": _links(rows), "transform": _placed_links()},
    ]


def _formula(name: str, expression: str) -> dict[str, Any]:
    return {"type": "formula", "as": name, "expr": expression}


def _placed_blocks(gap: float) -> list[dict[str, Any]]:
    by_name = {"groupby": ["stage"], "sort": {"field": "name"}}
    return [
        {"type": "stack", "field": "size", "as": ["a", "b"], **by_name},
        {"type": "window", "ops": ["row_number"], "as": ["place"], **by_name},
        _formula("top", f"datum.a + (datum.place - 1) * {gap}"),
        _formula("end", f"datum.b + (datum.place - 1) * {gap}"),
        _formula("key", "datum.stage + '|' + datum.name"),
    ]


def _placed_links() -> list[dict[str, Any]]:
    ends = {"fields": ["from", "to"], "as": ["start", "stop"]}
    path = {"sourceX": "x0", "sourceY": "y0", "targetX": "x1", "targetY": "y1"}
    return [
        _stacked("left", "right", "l"),
        _stacked("right", "left", "r"),
        _formula("from", "datum.stage + '|' + datum.left"),
        _formula("to", "(datum.stage + 1) + '|' + datum.right"),
        {"type": "lookup", "from": "blocks", "key": "key", **ends},
        _formula("y0", "scale('y', datum.start.top + (datum.l0 + datum.l1) / 2)"),
        _formula("y1", "scale('y', datum.stop.top + (datum.r0 + datum.r1) / 2)"),
        _formula("x0", f"scale('x', datum.stage) + {BLOCK}"),
        _formula("x1", "scale('x', datum.stage + 1)"),
        _formula("thick", "max(1, scale('y', datum.size))"),
        {"type": "linkpath", "orient": "horizontal", "shape": "diagonal", **path},
    ]


def _stacked(end: str, other: str, name: str) -> dict[str, Any]:
    """Ribbons at one end, in the order of what they lead to."""
    return {
        "type": "stack",
        "groupby": ["stage", end],
        "field": "size",
        "sort": {"field": other},
        "as": [f"{name}0", f"{name}1"],
    }


def _ribbons(ink: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "path",
        "from": {"data": "links"},
        "encode": {
            "enter": {
                "path": {"field": "path"},
                "strokeWidth": {"field": "thick"},
                "stroke": [
                    {"test": f"indexof({SILENT}, datum.right) >= 0", "value": ink["rule"]},
                    {"value": ink["innovation-possible"]},
                ],
            }
        },
    }


def _bars(ink: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "rect",
        "from": {"data": "blocks"},
        "encode": {
            "enter": {
                "x": {"scale": "x", "field": "stage"},
                "width": {"value": BLOCK},
                "y": {"scale": "y", "field": "top"},
                "y2": {"scale": "y", "field": "end"},
                "fill": [
                    {"test": f"indexof({SILENT}, datum.name) >= 0", "value": ink["edge"]},
                    {"value": ink["innovation"]},
                ],
            }
        },
    }


def _words() -> dict[str, Any]:
    """Names and numbers: before the first stage, behind the others."""
    first = "datum.stage == 0"
    return {
        "type": "text",
        "from": {"data": "blocks"},
        "encode": {
            "enter": {
                "text": {"signal": "datum.name + ' ' + format(datum.size, ',')"},
                "x": {"signal": f"scale('x', datum.stage) + ({first} ? -6 : {BLOCK} + 6)"},
                "align": {"signal": f"{first} ? 'right' : 'left'"},
                "y": {"signal": "(scale('y', datum.top) + scale('y', datum.end)) / 2"},
                "baseline": {"value": "middle"},
                "fill": {"value": INKS["text"].light},
                "fontSize": {"value": LABEL},
            }
        },
    }


def _headings() -> dict[str, Any]:
    return {
        "type": "text",
        "from": {"data": "headings"},
        "encode": {
            "enter": {
                "text": {"field": "name"},
                "x": {"signal": f"scale('x', datum.stage) + {BLOCK / 2}"},
                "y": {"value": -10},
                "align": {"value": "center"},
                "fontWeight": {"value": "bold"},
                "fill": {"value": INKS["text"].light},
                "fontSize": {"value": LABEL + 1},
            }
        },
    }
