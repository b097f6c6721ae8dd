"""An organisation's history: what it was called and part of, what it was made from and became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.merging import as_of_day
from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS
from ..ontology.relationships import SUCCEEDED_BY, relationship_kind
from .held import certainty, held
from .succession import LONG_AGO, NEVER, successions_around

__all__ = ["history"]

BOUNDS = COLUMNS[:4]
BELONGS = ("LOCATED_IN", "PART_OF", "MEMBER_OF")
EVENT = {c: pl.String() for c in ("thing", "event", "other", "name", *BOUNDS)}


def history(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """What is recorded of an organisation's past by a day, the oldest first.

    Of itself: when it opened and closed, under which names, in which systems and other bodies. Of
    those that it was made from and of those that it became, however far back and on: when they
    opened and closed, and by what they were succeeded.
    """
    organisation, day = parameters["organisation"], parameters["on"]
    steps = successions_around(snapshot, organisation, day)
    line = pl.concat([pl.Series([organisation]), steps["old"], steps["new"]]).unique()
    told = [_opened_and_closed(snapshot, line), _succeeded(steps), _called(snapshot, organisation)]
    told += [_belonged(snapshot, kind, organisation) for kind in BELONGS]
    events = held(pl.concat(_as_events(each) for each in told), day, since=True)
    return _in_words(snapshot, events)


def _as_events(rows: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, kind).alias(c) for c, kind in EVENT.items() if c not in rows.columns]
    return rows.with_columns(missing).select(pl.col(c).cast(kind) for c, kind in EVENT.items())


def _opened_and_closed(snapshot: Snapshot, things: pl.Series) -> pl.DataFrame:
    bodies = snapshot.nodes("Organisation").filter(pl.col("id").is_in(things.implode()))
    opened = bodies.select("start_earliest", "start_latest", thing="id", event=pl.lit("opened"))
    # An open record has an earliest end, the day after that of its edition: nothing closed then.
    closed = bodies.drop_nulls("end_latest").select(
        thing="id",
        event=pl.lit("closed"),
        start_earliest="end_earliest",
        start_latest="end_latest",
    )
    known = pl.any_horizontal(pl.col("start_earliest", "start_latest").is_not_null())
    return pl.concat([opened, closed.select(opened.columns)]).filter(known)


def _succeeded(steps: pl.DataFrame) -> pl.DataFrame:
    return steps.select(
        thing="old",
        event=pl.lit(SUCCEEDED_BY.label),
        other="new",
        start_earliest=pl.when(pl.col("start_earliest") != LONG_AGO).then("start_earliest"),
        start_latest=pl.when(pl.col("start_latest") != NEVER).then("start_latest"),
    )


def _belonged(snapshot: Snapshot, kind: str, organisation: str) -> pl.DataFrame:
    """What it was in or part of: one row for each, with all that the sources say of the dates."""
    rows = snapshot.relationships(kind).filter(pl.col("subject") == organisation)
    rows = rows.join(snapshot.nodes("Area"), left_on="object", right_on="id", how="anti")
    each = rows.group_by("object").agg(
        pl.col("start_earliest").max(), pl.col("start_latest").min(),
        pl.col("end_earliest").max(), pl.col("end_latest").min(),
    )  # fmt: skip
    goes_on = pl.col("end_earliest") > pl.col("end_latest")
    return each.select(
        pl.exclude("object", "end_latest"),
        pl.when(~goes_on.fill_null(False)).then("end_latest").alias("end_latest"),
        thing=pl.lit(organisation),
        event=pl.lit(relationship_kind(kind).label),
        other="object",
    )


def _called(snapshot: Snapshot, organisation: str) -> pl.DataFrame:
    """Its names in the official editions that describe it, if they have several; capitals aside."""
    official = [facts for facts in snapshot.manifest["sources"] if facts.get("official", True)]
    days = {facts["id"]: as_of_day(facts) for facts in official}
    records = snapshot.records("Organisation").filter(pl.col("id") == organisation)
    named = records.drop_nulls("name").select(
        "name",
        folded=pl.col("name").str.to_lowercase(),
        day=pl.col("sources")
        .list.first()
        .replace_strict(days, default=None, return_dtype=pl.String),
    )
    each = named.drop_nulls("day").sort("day", "name").group_by("folded", maintain_order=True)
    names = each.agg(pl.col("name").last(), pl.col("day").min())
    several = names.filter(pl.len() > 1)
    return several.select(
        "name", thing=pl.lit(organisation), event=pl.lit("was called"), start_latest="day"
    )


def _in_words(snapshot: Snapshot, events: pl.DataFrame) -> pl.DataFrame:
    kinds = ("Organisation", "System")
    names = pl.concat([snapshot.nodes(kind).select("id", "name") for kind in kinds])
    wanted = pl.concat([events["thing"], events["other"]]).unique()
    names = names.filter(pl.col("id").is_in(wanted.implode()))
    named = events.join(
        names.select(thing="id", thing_name="name"), on="thing", how="left"
    ).join(names.select(other="id", other_name="name"), on="other", how="left")  # fmt: skip
    when = pl.coalesce("start_latest", "start_earliest", pl.lit(NEVER))
    return named.sort(when, "event", "thing", "other", "name", nulls_last=True).select(
        pl.col("start_earliest").alias("earliest"),
        pl.col("start_latest").alias("latest"),
        pl.coalesce("thing_name", "thing").alias("organisation"),
        "event",
        pl.coalesce("name", "other_name", "other").alias("what"),
        pl.col("end_latest").alias("ended_by"),
        certainty(pl.col("certain")),
        pl.col("thing").alias("id"),
        pl.col("other").alias("other_id"),
    )
