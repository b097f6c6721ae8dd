"""Two years side by side, topic by topic: what was observed in each, by kind of finding."""

from __future__ import annotations

from typing import Any

import polars as pl

from ..ontology.errors import ArgumentFault
from ..ontology.vocabularies import plain, scheme
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
from .evidence import ABOUT_PROGRAMME
from .licences import licences
from .palette import tones
from .vega import LABEL, VegaLite, long_label

__all__ = ["years"]

SURE, MAYBE = "certainly in the year", "possibly in the year"
WIDTH, ROW = 250, 16
CAVEATS = (
    "A finding counts for a year if it was, or may have been, observed in it: one whose dates span "
    "both is possible in both.",
    "How much was observed says how much was looked at: the reviews went to each topic once.",
)


def years(graph: Asks, on: str, first: str = "2020", second: str = "2021") -> Picture:
    """How many findings of each kind were observed in one year beside another, by topic."""
    snapshot = graph.snapshot
    pair = [_year(first), _year(second)]
    findings = snapshot.nodes("Finding").filter(
        pl.col("evidence_class").fill_null("") != ABOUT_PROGRAMME
    )
    undated = findings.filter(pl.col("start_earliest").is_null() & pl.col("start_latest").is_null())
    rows = pl.concat([_in_year(findings, year) for year in pair]).sort("place", "kind", "year")
    shown = rows.select("topic", "kind", "year", "certain", "possible")
    return Picture(
        name="years",
        title=f"Findings of {pair[0]} beside {pair[1]}, topic by topic",
        sentence=f"How many findings of each kind were observed. Held: {findings.height:,}; "
        f"{undated.height:,} without a date are not drawn.",
        rows=shown,
        columns={
            "topic": Column("Topic"),
            "kind": Column("What the finding is"),
            "year": Column("Year"),
            "certain": Column("Certainly in the year"),
            "possible": Column("Certainly or possibly"),
        },
        told=Told(
            drawn_from(snapshot, on),
            counts=counts_in_words({"findings": findings.height, "without_a_date": undated.height}),
            caveats=CAVEATS,
            licences=tuple(licences(known(snapshot, editions_of(findings)))),
        ),
        drawing=None if shown.is_empty() else VegaLite(_chart(rows, pair)),
        empty=f"No finding is dated in {pair[0]} or {pair[1]}, so there is nothing to draw.",
    )


def _year(text: str) -> str:
    if len(text) != 4 or not text.isdecimal():
        raise ArgumentFault("year", "it is no year such as 2020")
    return text


def _in_year(findings: pl.DataFrame, year: str) -> pl.DataFrame:
    """How many findings of each topic and kind were observed in a year: certainly, and at all."""
    begin, end = f"{year}-01-01", f"{year}-12-31"
    early = pl.coalesce("start_earliest", pl.lit("0000"))
    late = pl.coalesce("start_latest", pl.lit("9999"))
    dated = pl.col("start_earliest").is_not_null() | pl.col("start_latest").is_not_null()
    inside = findings.filter(dated & (early <= end) & (late >= begin)).with_columns(
        certain=(early >= begin) & (late <= end)
    )
    counts = inside.group_by("topic", "finding_kind").agg(
        certain=pl.col("certain").sum().cast(pl.Int64), possible=pl.len().cast(pl.Int64)
    )
    order = {topic: at for at, topic in enumerate(scheme("topic").terms)}
    return counts.select(
        pl.col("topic")
        .map_elements(lambda name: plain("topic", name), pl.String)
        .fill_null("No topic of a review"),
        pl.col("finding_kind")
        .map_elements(lambda n: plain("finding-kind", n), pl.String)
        .alias("kind"),
        pl.lit(year).alias("year"),
        "certain",
        "possible",
        pl.col("topic").replace_strict(order, default=99, return_dtype=pl.Int64).alias("place"),
    )


def _chart(rows: pl.DataFrame, pair: list[str]) -> Any:
    import altair as alt

    topics = rows.unique("topic").sort("place", "topic")["topic"].to_list()
    most = int(rows["possible"].to_numpy().max())
    lines = []
    for topic in topics:
        of_topic = rows.filter(topic=topic)
        kinds = of_topic["kind"].unique().sort().to_list()
        panels = [_panel(of_topic.filter(year=year), topic, year, kinds, most) for year in pair]
        panels[1:] = [panel for panel in panels[1:]]
        lines.append(alt.hconcat(*panels, spacing=24))
    return alt.vconcat(*lines, spacing=20)


def _panel(rows: pl.DataFrame, topic: str, year: str, kinds: list[str], most: int) -> Any:
    import altair as alt

    ink = tones("light")
    key = alt.Scale(domain=[SURE, MAYBE], range=[ink["innovation"], ink["innovation-possible"]])
    legend = alt.Legend(title=None, orient="top", symbolType="square")
    color = alt.Color("sure:N", scale=key, legend=legend)
    values = [{**row, "sure": SURE, "n": row["certain"], "from": 0} for row in rows.to_dicts()]
    values += [
        {**row, "sure": MAYBE, "n": row["possible"], "from": row["certain"]}
        for row in rows.to_dicts()
    ]
    names = alt.Axis(**long_label(), minExtent=150)
    base = alt.Chart(
        alt.InlineData(values=values),
        width=WIDTH,
        height=ROW * len(kinds),
        title=alt.TitleParams(f"{topic}, {year}", fontSize=LABEL + 1),
    )
    y = alt.Y("kind:N", title=None, axis=names, scale=alt.Scale(domain=kinds))
    number = alt.Axis(title=None, tickMinStep=1, tickCount=5, format="d")
    x = alt.X("from:Q", axis=number, scale=alt.Scale(domain=[0, most]))
    bars = base.mark_bar(size=11).encode(x=x, x2="n:Q", y=y, color=color)
    return bars
