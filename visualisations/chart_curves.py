"""Curves through time with how sure they are: uptake, hazard, ties across borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from ..ontology.relationships import TIES
from ..queries.answer import Answer
from .chart_parts import Asks, Column, Picture, Told, editions_of, of_answer
from .palette import tones
from .vega import VegaLite

__all__ = ["adoption_curve", "hazard", "ties_across_borders"]

WIDTH, HEIGHT = 720, 330
MOST_LABELS = 18


def _period_axis(periods: Sequence[str]) -> Any:
    """An axis of periods that names as many of them as there is room for, the first among them."""
    import altair as alt

    steps = (1, 2, 4, 8, 16) if any("Q" in name for name in periods) else (1, 3, 6, 12, 24, 60)
    step = next((n for n in steps if len(periods) <= n * MOST_LABELS), steps[-1])
    return alt.Axis(
        title=None,
        values=list(periods[::step]),
        labelAngle=-45 if len(periods) > 12 else 0,
        grid=False,
    )


def adoption_curve(graph: Asks, on: str, **parameters: Any) -> Picture:
    """The share of a population that had taken an innovation up by each period.

    The line is of those who certainly had, the band above reaches to those who possibly had.
    """
    answer = graph.ask("adoption-curve", on=on, **parameters)
    name = _innovation_name(graph, answer)
    size = answer.counts.get("population", 0)
    return Picture(
        name="adoption-curve",
        title=f"Uptake of {name}",
        sentence=_by_each(answer, size),
        rows=answer,
        columns={
            "period": Column("Period"),
            "new": Column("New"),
            "adopters": Column("Had certainly adopted"),
            "share": Column("Share", share=True),
            "possible": Column("Certainly or possibly"),
            "possible_share": Column("Share of these", share=True),
            "using": Column("Using it then"),
        },
        told=_uptake_told(graph, answer, on),
        drawing=None if answer.is_empty() else VegaLite(_curve(answer, size)),
        empty=answer.reason or "No adoption is recorded, so there is nothing to draw.",
    )


def _by_each(answer: Answer, size: int) -> str:
    of = f"Share of the {size:,} counted" if size else "Share of those"
    return f"{of} who had taken it up by the end of each {answer.parameters['every']}."


def _innovation_name(graph: Asks, answer: Answer) -> str:
    """The name of the innovation that was asked about."""
    wanted = answer.parameters["innovation"]
    names = graph.snapshot.nodes("Innovation").filter(pl.col("id") == wanted)["name"]
    return str(names[0]) if names.len() and names[0] else str(wanted)


def _uptake_told(graph: Asks, answer: Answer, on: str) -> Told:
    """What must be said beside a drawing of uptake: it rests on the editions of its adoptions."""
    rows = graph.snapshot.relationships("ADOPTED")
    own = rows.filter(pl.col("object") == answer.parameters["innovation"])
    return of_answer(graph, answer, editions_of(own), on)


SURE, MAYBE, NOW = "certainly adopted", "possibly adopted", "using it then"


def _curve(answer: Answer, size: int) -> Any:
    import altair as alt

    ink = tones("light")
    band = pl.DataFrame(answer).with_columns(now=pl.col("using") / size)
    ended = bool((band["using"] < band["adopters"]).any())
    doubtful = bool((band["possible"] > band["adopters"]).any())
    looks = [(SURE, ink["innovation"])]
    looks += [(MAYBE, ink["innovation-possible"])] if doubtful else []
    looks += [(NOW, ink["barrier"])] if ended else []
    scale = alt.Scale(domain=[kind for kind, _ in looks], range=[colour for _, colour in looks])
    data = alt.InlineData(values=band.to_dicts())
    period = alt.X("period:O", sort=None, axis=_period_axis(answer["period"].to_list()))
    share = alt.Axis(format=".0%", title="Share of those who could", tickCount=5)
    base = alt.Chart(data, width=WIDTH, height=HEIGHT)
    upper = alt.Y("possible_share:Q", axis=share, scale=alt.Scale(domain=[0, 1]))
    layers = [
        base.transform_calculate(kind=f"'{MAYBE}'")
        .mark_area(interpolate="step")
        .encode(x=period, y=upper, y2="share:Q", color=_key(scale)),
        base.transform_calculate(kind=f"'{SURE}'")
        .mark_line(interpolate="step", strokeWidth=2.5)
        .encode(x=period, y=alt.Y("share:Q", axis=share), color=_key(scale)),
    ]
    if ended:
        using = base.transform_calculate(kind=f"'{NOW}'").mark_line(
            interpolate="step", strokeWidth=2, strokeDash=[5, 3]
        )
        layers.append(using.encode(x=period, y=alt.Y("now:Q", axis=share), color=_key(scale)))
    return alt.layer(*layers)


def _key(scale: Any) -> Any:
    import altair as alt

    legend = alt.Legend(title=None, orient="top", symbolStrokeWidth=2, symbolType="square")
    return alt.Color("kind:N", scale=scale, legend=legend)


def hazard(graph: Asks, on: str, **parameters: Any) -> Picture:
    """Of those who had not adopted yet, the share that did in each period, with its interval."""
    answer = graph.ask("hazard-by-period", on=on, **parameters)
    risky = answer.filter(pl.col("hazard").is_not_null())
    return Picture(
        name="hazard",
        title=f"Who took up {_innovation_name(graph, answer)}, of those who had not yet",
        sentence=f"Share of those who could and had not adopted before, by "
        f"{answer.parameters['every']}; bars are 95 in 100 intervals.",
        rows=answer,
        columns={
            "period": Column("Period"),
            "at_risk": Column("Could adopt"),
            "new_adopters": Column("Adopted"),
            "hazard": Column("Share", share=True),
            "low": Column("From", share=True),
            "high": Column("To", share=True),
        },
        told=_uptake_told(graph, answer, on),
        drawing=None if risky.is_empty() else VegaLite(_hazard_chart(answer)),
        empty=answer.reason or "Nobody is known to have been at risk, so there is nothing to draw.",
    )


def _hazard_chart(answer: Answer) -> Any:
    import altair as alt

    ink = tones("light")["innovation"]
    data = alt.InlineData(values=pl.DataFrame(answer).to_dicts())
    x = alt.X("period:O", sort=None, axis=_period_axis(answer["period"].to_list()))
    axis = alt.Axis(format=".0%", title="Share of those who could adopt", tickCount=5)
    base = alt.Chart(data, width=WIDTH, height=HEIGHT).transform_filter("isValid(datum.hazard)")
    low = alt.Y("low:Q", axis=axis, scale=alt.Scale(domain=[0, 1]))
    end = base.mark_tick(color=ink, thickness=1.5, size=7, orient="horizontal", opacity=1)
    return alt.layer(
        base.mark_rule(color=ink, strokeWidth=1.5).encode(x=x, y=low, y2="high:Q"),
        *(end.encode(x=x, y=y) for y in (low, alt.Y("high:Q", axis=axis))),
        base.mark_point(color=ink, fill=ink, size=42, opacity=1).encode(
            x=x, y=alt.Y("hazard:Q", axis=axis)
        ),
    )


def ties_across_borders(graph: Asks, on: str, **parameters: Any) -> Picture:
    """The E-I index of recorded ties at the end of each period, beside what chance gives."""
    answer = graph.ask("ties-across-borders-by-period", on=on, **parameters)
    some = answer.filter(pl.col("ei").is_not_null())
    kinds = [graph.snapshot.relationships(kind) for kind in TIES]
    return Picture(
        name="ties-across-borders",
        title="Do recorded ties cross the borders of systems?",
        sentence="E-I index of the ties that may hold on the last day of each "
        f"{answer.parameters.get('every', 'quarter')}: -1 all stay inside a system, +1 all cross.",
        rows=answer,
        columns={
            "day": Column("Day"),
            "internal": Column("Inside"),
            "external": Column("Across"),
            "ei": Column("E-I index"),
            "expected": Column("Of random ties"),
            "null_mean": Column("Mean of shuffles"),
            "null_sd": Column("Their standard deviation"),
            "p_le": Column("p of as few across"),
            "p_ge": Column("p of as many across"),
        },
        told=of_answer(graph, answer, editions_of(*kinds), on),
        drawing=None if some.is_empty() else VegaLite(_ei_chart(some)),
        empty=answer.reason or "No tie with a date is recorded, so there is nothing to draw.",
    )


INDEX, CHANCE = "E-I index", "shuffled systems: mean and two standard deviations"


def _ei_chart(some: pl.DataFrame) -> Any:
    import altair as alt

    ink = tones("light")
    spread = 2 * pl.col("null_sd").fill_null(0)
    rows = some.with_columns(
        low=pl.max_horizontal(pl.col("null_mean") - spread, pl.lit(-1.0)),
        high=pl.min_horizontal(pl.col("null_mean") + spread, pl.lit(1.0)),
        day=pl.col("day").cast(pl.String),
    )
    data = alt.InlineData(values=rows.to_dicts())
    base = alt.Chart(data, width=WIDTH, height=HEIGHT)
    scale = alt.Scale(domain=[INDEX, CHANCE], range=[ink["innovation"], ink["rule"]])
    x = alt.X(
        "day:T", scale=alt.Scale(type="utc"), axis=alt.Axis(title=None, format="%b %Y", grid=False)
    )
    axis = alt.Axis(title="E-I index", tickCount=5)
    low = alt.Y("low:Q", axis=axis, scale=alt.Scale(domain=[-1, 1]))
    band = base.transform_calculate(kind=f"'{CHANCE}'").mark_area()
    line = base.transform_calculate(kind=f"'{INDEX}'").mark_line(
        strokeWidth=2.5, point=alt.OverlayMarkDef(size=28, color=ink["innovation"])
    )
    return alt.layer(
        band.encode(x=x, y=low, y2="high:Q", color=_key(scale)),
        line.encode(x=x, y=alt.Y("ei:Q", axis=axis), color=_key(scale)),
    )
