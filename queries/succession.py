"""What things became, and what they were: succession followed through mergers, splits and renames.

A succession counts from the day on which it may have begun. A path follows time: what a body handed
on before it took over another is nothing that the other became.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.dates import COLUMNS, BoundedDate, Certainty, read_day
from .held import held

__all__ = ["Path", "Step", "follow", "follow_to_current", "successions_around"]

BOUNDS = COLUMNS[:4]
KINDS = ("Organisation", "System", "Area", "Location")
LONG_AGO, NEVER = "0001-01-01", "9999-12-31"


@dataclass(frozen=True, slots=True)
class Step:
    """One succession: whose, by what, between which days it began, whether it surely had by the day
    asked about, and for which share."""

    old: str
    new: str
    earliest: str
    latest: str
    certain: bool
    share: float | None


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a thing to what it, or a part of it, became."""

    steps: tuple[Step, ...]
    certain: bool
    """Whether each step had surely been taken, and no further one may have been."""

    @property
    def share(self) -> float | None:
        """The share of the thing that went this way, if every step states one."""
        product = 1.0
        for step in self.steps:
            if step.share is None:
                return None
            product *= step.share
        return product


def follow(snapshot: Snapshot, thing: str, day: str) -> list[Path]:
    """Every way from a thing to what it was on an ISO day; one without steps if it was itself.

    A step that may not have been taken by then gives two paths, one with and one without it.
    """
    steps: dict[str, list[Step]] = {}
    for row in successions_around(snapshot, thing, day, back=False).iter_rows():
        step = Step(*row)
        steps.setdefault(step.old, []).append(step)
    return list(_onward(steps, thing, ()))


def _onward(steps: Mapping[str, list[Step]], thing: str, taken: tuple[Step, ...]) -> Iterator[Path]:
    since = taken[-1].earliest if taken else LONG_AGO
    passed = {step.old for step in taken}
    further = [s for s in steps.get(thing, []) if s.latest >= since and s.new not in passed]
    if not any(step.certain for step in further):
        yield Path(taken, not further and all(step.certain for step in taken))
    for step in further:
        yield from _onward(steps, step.new, (*taken, step))


def successions_around(
    snapshot: Snapshot, thing: str, day: str, *, ahead: bool = True, back: bool = True
) -> pl.DataFrame:
    """The successions that lead on from a thing, those that led to it, or both, as far as they may
    have begun by an ISO day.

    One row for each pair, in the columns of `Step`: what several sources say is taken together.
    """
    table = snapshot.relationships("SUCCEEDED_BY")
    table = table.filter(pl.col("subject") != pl.col("object"))
    directions = [("subject", "object")] * ahead + [("object", "subject")] * back
    found = pl.concat([_reached(table, thing, *ends) for ends in directions]).unique()
    rows = held(table.join(found, on="id", how="semi"), day, since=True)
    each = rows.group_by("subject", "object").agg(
        pl.col("start_earliest").fill_null(LONG_AGO).max(),
        pl.col("start_latest").fill_null(NEVER).min(),
        pl.col("certain").any(),
        pl.col("share").max(),
    )
    return each.rename({"subject": "old", "object": "new"}).sort("start_latest", "old", "new")


def _reached(table: pl.DataFrame, thing: str, start: str, end: str) -> pl.DataFrame:
    """The ids of all statements reached from a thing, however many lie between."""
    found = table.clear()
    frontier = pl.Series([thing])
    while frontier.len():
        rows = table.filter(pl.col(start).is_in(frontier.implode()))
        rows = rows.join(found.select("id"), on="id", how="anti")
        found, frontier = pl.concat([found, rows]), rows[end].unique()
    return found.select("id")


def follow_to_current(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """What a thing was on a day: itself, or each thing that it became."""
    day = parameters["on"]
    ends: dict[str, list[Path]] = {}
    for path in follow(snapshot, parameters["thing"], day):
        end = path.steps[-1].new if path.steps else parameters["thing"]
        ends.setdefault(end, []).append(path)
    known = _known(snapshot, {s.old for p in sum(ends.values(), []) for s in p.steps} | set(ends))
    rows = [_current(known, end, paths, day) for end, paths in ends.items()]
    return pl.DataFrame(rows, orient="row").sort("current", "id")


def _current(
    known: Mapping[str, Mapping[str, Any]], end: str, paths: list[Path], day: str
) -> dict[str, Any]:
    shares = [path.share for path in paths]
    between = {step.old for path in paths for step in path.steps[1:]}
    last = [path.steps[-1].latest for path in paths if path.steps]
    return {
        "current": known[end]["name"] or end,
        "what": known[end]["kind"],
        "steps": max(len(path.steps) for path in paths),
        "by_way_of": sorted(known[thing]["name"] or thing for thing in between),
        "since": min((latest for latest in last if latest != NEVER), default=None),
        "share": None if None in shares else min(1.0, sum(s for s in shares if s is not None)),
        "state": _state(known[end], day),
        "certainty": str(
            Certainty.CERTAIN if any(path.certain for path in paths) else Certainty.POSSIBLE
        ),
        "id": end,
    }


def _known(snapshot: Snapshot, things: set[str]) -> dict[str, Mapping[str, Any]]:
    """Name, kind and dates of things by id."""
    wanted = pl.Series(sorted(things)).implode()
    columns = ("id", "kind", "name", *COLUMNS)
    rows = (
        snapshot.nodes(kind).filter(pl.col("id").is_in(wanted)).select(columns) for kind in KINDS
    )
    return {row["id"]: row for row in pl.concat(rows).iter_rows(named=True)}


def _state(node: Mapping[str, Any], day: str) -> str:
    """Whether a thing was there on a day, in a word or two."""
    dates = BoundedDate.from_columns(node)
    if not any(dates.bounds):
        return "not dated"
    match dates.holds_on(read_day(day)):
        case Certainty.CERTAIN:
            return "open"
        case Certainty.POSSIBLE:
            return "may be open"
    return "not yet open" if (node["start_earliest"] or LONG_AGO) > day else "closed"
