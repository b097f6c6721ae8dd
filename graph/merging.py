"""What several editions and sources say of one thing or one statement, made one row.

Pure functions on lazy frames; `assemble` uses them on all editions, `views` on those known by a
day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ..ontology.dates import COLUMNS as DATES
from ..ontology.dates import BoundedDate
from ..ontology.tables import schema
from ..ontology.vocabularies import scheme

__all__ = [
    "as_of_day",
    "editions",
    "merged_nodes",
    "one_row_each",
    "ranks",
    "seen_once",
    "with_broader_types",
]


def as_of_day(facts: Mapping[str, Any]) -> str:
    """The first day that an edition's as-of text can mean, ISO; '' if it states none.

    An edition of "2026-01" is taken to be of the first of January: what it lists held then, and of
    a later day nothing is known from it.

    >>> as_of_day({"as_of": "2026-01"})
    '2026-01-01'
    """
    return _as_of(facts)[0]


def _as_of(facts: Mapping[str, Any]) -> tuple[str, str]:
    """First and last day that the as-of text can mean."""
    stated = BoundedDate.parse(facts.get("as_of")).columns()
    first, last = stated["start_earliest"], stated["start_latest"]
    return first or last or "", last or first or ""


def ranks(sources: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Which source is believed first where two give different values: the newest official edition.

    >>> old = {"id": "b@1", "official": True, "as_of": "2021"}
    >>> new = {"id": "a@2", "official": True, "as_of": "2026-01"}
    >>> ranks([old, new])
    {'a@2': 0, 'b@1': 1}
    """
    by_id = sorted(sources, key=lambda facts: str(facts["id"]))
    newest = sorted(by_id, key=as_of_day, reverse=True)
    official = sorted(newest, key=lambda facts: not facts.get("official", True))
    return {str(facts["id"]): rank for rank, facts in enumerate(official)}


def editions(sources: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """For each source its as-of day, and the last day that the as-of of the next complete edition
    of the same data set can mean, if there is such an edition.

    >>> old = {"id": "b@1", "data_set": "b", "as_of": "2021-12"}
    >>> new = {"id": "b@2", "data_set": "b", "as_of": "2026-01", "complete": True}
    >>> editions([old, new]).rows()
    [('b@1', '2021-12-01', '2026-01-31'), ('b@2', '2026-01-01', None)]
    """
    known = [(f["id"], f["data_set"], *_as_of(f), bool(f.get("complete"))) for f in sources]
    rows = [
        (source, day or None, _next_complete(data_set, day, known))
        for source, data_set, day, _, _ in known
    ]
    columns = {"source": pl.String, "as_of": pl.String, "next_complete": pl.String}
    return pl.DataFrame(rows, schema=columns, orient="row")


def _next_complete(
    data_set: str, day: str, known: Iterable[tuple[str, str, str, str, bool]]
) -> str | None:
    later = [
        (first, last)
        for _, same, first, last, whole in known
        if same == data_set and whole and first > day
    ]
    return min(later)[1] if later else None


def merged_nodes(kind: str, records: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each id: values of the best-ranked record that gives any, lists united.

    `records` has the kind's columns, `rank` (0 is believed first) and `own_id` (the id in its
    source; of records of one rank that of the canonical id goes first). The bounds of a date are
    taken together from one record; names and ids that are not shown are kept among `other_names`
    and `codes`.
    """
    columns = schema(kind)
    dates = [c for c in DATES if c in columns]
    lists = [c for c, t in columns.items() if isinstance(t, pl.List)]
    plain = [c for c in columns if c not in (*dates, *lists, "id")]
    dated = ~pl.all_horizontal(pl.col(c).is_null() for c in dates) if dates else pl.lit(False)
    grouped = (
        records.with_columns(alias=pl.col("own_id") != pl.col("id"))
        .sort("id", "rank", "alias", "own_id")
        .group_by("id", maintain_order=True)
        .agg(
            *(pl.col(c).drop_nulls().first() for c in plain),
            *(pl.col(c).filter(dated).first() for c in dates),
            *(pl.col(c).explode(empty_as_null=True).drop_nulls().unique().sort() for c in lists),
            pl.col("name").drop_nulls().unique().alias("all_names"),
            pl.col("own_id").unique().alias("all_ids"),
        )
    )
    others = pl.col("other_names").list.concat("all_names").list.unique()
    codes = pl.col("codes").list.concat("all_ids").list.unique()
    return grouped.with_columns(
        other_names=others.list.set_difference(pl.concat_list("name")).list.sort(),
        codes=codes.list.set_difference(pl.concat_list("id")).list.sort(),
    ).select(pl.col(c).cast(t) for c, t in columns.items())


def seen_once(told: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Statements that one edition alone makes, with its as-of day as that of first and last sight.

    `known` is what `editions` gives.
    """
    day = pl.col("source").replace_strict(known["source"], known["as_of"], return_dtype=pl.String)
    return told.with_columns(first_seen=day, last_seen=day) if told.height else told


def one_row_each(told: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """One row for each statement: the newest edition's, with the as-of days of the first and the
    last edition that make it, and the closest start that these editions give.

    `told` has every edition's rows as told, `known` is what `editions` gives. A statement that the
    next complete edition leaves out ended at some time after the day on which it was last seen and
    by that edition's as-of day, unless it states its own end. A start that an earlier edition
    dates is not lost to a looser one ("by September 2023") of a later edition, as long as it lies
    within what the later ones allow; where they contradict each other, the newest is believed.

    >>> told = [("a", "e@1", "2021-03-01", "2021-03-01"), ("a", "e@2", None, "2023-09-30")]
    >>> told = pl.DataFrame(told, ["id", "source", "start_earliest", "start_latest"], orient="row")
    >>> columns = ("end_earliest", "end_latest", "date_text", "first_seen", "last_seen")
    >>> told = told.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in columns)
    >>> facts = [{"id": f"e@{n}", "data_set": "e", "as_of": f"202{n}"} for n in (1, 2)]
    >>> one_row_each(told, editions(facts)).row(0)[1:4]
    ('e@2', '2021-03-01', '2021-03-01')
    """
    if told.is_empty():
        return told
    dated = (
        told.lazy()
        .join(known.lazy(), on="source", how="left")
        .sort("id", "as_of", "source", nulls_last=False)
        .with_columns(
            first_seen=pl.col("as_of").min().over("id"), same_run=_is_unbroken().over("id")
        )
    )
    newest = _with_closest_start(dated.filter("same_run")).unique(
        "id", keep="last", maintain_order=True
    )
    left_out = pl.col("next_complete").is_not_null() & pl.col("end_latest").is_null()
    day_after = pl.col("as_of").str.to_date().dt.offset_by("1d").dt.to_string()
    bounded = newest.with_columns(
        last_seen=pl.col("as_of"),
        end_earliest=pl.when(left_out)
        .then(pl.coalesce("end_earliest", day_after))
        .otherwise(pl.col("end_earliest")),
        end_latest=pl.when(left_out).then(pl.col("next_complete")).otherwise(pl.col("end_latest")),
    )
    return bounded.select(told.columns).collect()


def _is_unbroken() -> pl.Expr:
    """Which editions of one statement, in their order, make it without a break up to the newest: a
    complete edition may have left it out before."""
    later = pl.col("as_of").shift(-1)
    broken = (pl.col("next_complete") < later).fill_null(False)
    return broken.cum_sum(reverse=True) == 0


def _with_closest_start(run: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of editions, in their order, all with the start that they give together.

    From the newest back, each edition may only narrow what the later ones left open. A statement
    had begun by the earliest day that any of them gives, but not before the start believed.
    """
    begun = pl.col("start_latest").str.to_date()
    by = begun.cum_min(reverse=True).backward_fill().shift(-1).dt.to_string()
    allowed = (pl.col("start_earliest") <= pl.col("by")).fill_null(True)
    narrowed = run.with_columns(by=by.over("id")).with_columns(
        since=pl.when(allowed).then("start_earliest").max().over("id"),
        begun=pl.col("start_latest").min().over("id"),
    )
    giving = pl.col("since").is_null() | (pl.col("start_earliest") == pl.col("since"))
    return narrowed.with_columns(
        start_earliest=pl.col("since"),
        start_latest=pl.max_horizontal("begun", "since"),
        date_text=pl.col("date_text").filter(giving).last().over("id"),
    )


def with_broader_types(nodes: pl.DataFrame) -> pl.DataFrame:
    """Nodes with the type of each body and every broader one in `org_types`, if they have types."""
    if "org_types" not in nodes.columns:
        return nodes
    types = scheme("organisation-type")
    used = nodes["org_type"].drop_nulls().unique().sort().to_list()
    broader = pl.DataFrame(
        {"org_type": used, "org_types": [[t, *types.ancestors(t)] for t in used]},
        schema={"org_type": pl.String, "org_types": pl.List(pl.String)},
    )
    joined = nodes.drop("org_types").join(broader, on="org_type", how="left", maintain_order="left")
    return joined.with_columns(pl.col("org_types").fill_null([])).select(nodes.columns)
