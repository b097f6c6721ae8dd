"""When the reviews were done, and when each innovation was first reported: bars between bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from ..queries.answer import Answer
from .chart_parts import Asks, Column, Picture, editions_of, of_answer
from .chart_text import text_width
from .palette import tones
from .timeline import OLDER
from .vega import LABEL, VegaLite, long_label
from .wording import counted

__all__ = ["timeline"]

WIDTH, ROW = 560, 17
SURE, MAYBE = "certainly then", "possibly then"
REVIEWS, INNOVATIONS = "Reviews: fieldwork", "Innovations: first reported to have begun"


def timeline(graph: Asks, on: str, topic: str = "") -> Picture:
    """Fieldwork of the reviews and the first report of each innovation, between the bounds of its
    dates: dark where certain, light where only possible."""
    reviews = graph.ask("reviews", on=on, topic=topic)
    innovations = graph.ask("innovations", on=on, topic=topic)
    rows = pl.DataFrame([*_reviews(reviews), *_innovations(innovations)], schema=SCHEMA)
    dated = rows.drop_nulls("from")
    snapshot = graph.snapshot
    editions = editions_of(snapshot.nodes("Review"), snapshot.nodes("Finding"))
    return Picture(
        name="timeline",
        title="Reviews and innovations through time",
        sentence=_how_many(reviews, innovations, dated),
        rows=rows,
        columns={
            "what": Column("What"),
            "kind": Column("Kind"),
            "from": Column("Possibly from"),
            "surely_from": Column("Certainly from"),
            "surely_to": Column("Certainly to"),
            "to": Column("Possibly to"),
        },
        told=of_answer(graph, innovations, editions, on),
        drawing=None if dated.is_empty() else VegaLite(_chart(dated)),
        empty="Nothing here has a date, so there is nothing to draw.",
    )


def _how_many(reviews: Answer, innovations: Answer, dated: pl.DataFrame) -> str:
    parts = [f"{counted(reviews.height, 'review')}, {counted(innovations.height, 'innovation')}."]
    if undated := reviews.height + innovations.height - dated.height:
        parts.append(f"Without a date, and so in the table only: {undated}.")
    if dated.height and (early := dated.filter(pl.col("from") < _first_year(dated))["what"].len()):
        parts.append(f"Begun before {_first_year(dated)}, so not drawn in full: {early}.")
    return " ".join(parts)


DAYS = ("from", "surely_from", "surely_to", "to")
SCHEMA = dict.fromkeys(("what", "kind", *DAYS), pl.String)


def _reviews(answer: Answer) -> Iterator[dict[str, Any]]:
    for row in answer.iter_rows(named=True):
        first, last = row["starts_earliest"], row["ends_latest"]
        days = (first or row["ends_earliest"], row["starts_latest"], row["ends_earliest"], last)
        yield _line(row["review"], REVIEWS, days)


def _innovations(answer: Answer) -> Iterator[dict[str, Any]]:
    """From the first day on which one may have begun to the one by which it surely had."""
    found = []
    for row in answer.iter_rows(named=True):
        last = row["earliest_certain"]
        days = (row["earliest_possible"] or last, None, None, last)
        found.append(_line(row["innovation"], INNOVATIONS, days))
    yield from sorted(found, key=lambda line: (line["from"] is None, line["from"], line["what"]))


def _line(what: str, kind: str, days: tuple[str | None, ...]) -> dict[str, Any]:
    return {"what": what, "kind": kind, **dict(zip(DAYS, days, strict=True))}


def _chart(rows: pl.DataFrame) -> Any:
    import altair as alt

    first, last = _first_year(rows), max(rows["to"].drop_nulls().to_list() or [""])
    domain = [f"{first}-01-01", last]
    wide = max(text_width(name, LABEL) for name in rows["what"]) + 8
    kinds = [(kind, rows.filter(kind=kind)) for kind in (REVIEWS, INNOVATIONS)]
    parts = [_of_kind(part, kind, domain, wide) for kind, part in kinds if part.height]
    return alt.vconcat(*parts, spacing=22).resolve_scale(color="independent")


def _first_year(rows: pl.DataFrame) -> str:
    """The year from which the axis goes: a few old days would stretch it over empty years."""
    days = sorted(rows["from"].drop_nulls())
    return str(days[int(len(days) * OLDER)])[:4]


def _of_kind(rows: pl.DataFrame, kind: str, domain: Sequence[str], wide: float) -> Any:
    import altair as alt

    lines = rows.with_columns(pl.col("to").fill_null(pl.col("from"))).to_dicts()
    surely = [line for line in lines if line["surely_from"] and line["surely_to"]]
    names = alt.Axis(**long_label(), minExtent=wide)
    y = alt.Y("what:N", sort=[line["what"] for line in lines], title=None, axis=names)
    key = _key(kind, bool(surely))

    def bars(values: list[dict[str, Any]], first: str, last: str, sure: str) -> Any:
        data = alt.InlineData(values=[{**line, "sure": sure} for line in values])
        drawn = alt.Chart(data, width=WIDTH, height=ROW * len(lines)).mark_bar(size=11)
        return drawn.encode(x=_moment(first, domain), x2=f"{last}:T", y=y, color=key)

    layers = [bars(lines, "from", "to", MAYBE)]
    layers += [bars(surely, "surely_from", "surely_to", SURE)] if surely else []
    early = [
        {"what": line["what"], "words": f"‹ {line['to'][:4]}"}
        for line in lines
        if line["to"] < domain[0]
    ]
    if early:
        before = alt.Chart(alt.InlineData(values=early)).mark_text(align="left", dx=2)
        layers.append(before.encode(x=alt.value(0), y=y, text="words:N"))
    return alt.layer(*layers, title=kind)


def _moment(column: str, domain: Sequence[str]) -> Any:
    import altair as alt

    axis = alt.Axis(title=None, format="%b %Y", labelOverlap=True, tickCount=8)
    scale = alt.Scale(type="utc", domain=domain, clamp=True)
    return alt.X(f"{column}:T", scale=scale, axis=axis)


def _key(kind: str, with_certain: bool) -> Any:
    import altair as alt

    ink, look = tones("light"), "review" if kind == REVIEWS else "innovation"
    looks = {MAYBE: ink[f"{look}-possible"], **({SURE: ink[look]} if with_certain else {})}
    scale = alt.Scale(domain=list(looks), range=list(looks.values()))
    legend = alt.Legend(title=None, orient="top", symbolType="square")
    return alt.Color("sure:N", scale=scale, legend=legend)
