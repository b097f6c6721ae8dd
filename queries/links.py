"""How two things are linked: the shortest chains of relationships, and what each step rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.relationships import TIES, relationship_kind

__all__ = ["links"]

KINDS = ("Organisation", "Location", "System", "Area")
ALONG = {
    "working ties": TIES,
    "working ties and registers": (
        *TIES,
        "COMMISSIONS",
        "LOCATED_IN",
        "MEMBER_OF",
        "OPERATES",
        "PART_OF",
        "SERVES",
    ),
}
"""The relationships that a chain may take."""

COLUMNS = ("id", "subject", "object", "source", "document", "date_text")


def links(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The shortest chains between two things, a row for each statement that a step rests on.

    A relationship is taken either way, whenever it held. Chains of one length are numbered in the
    order of the names they pass, as many as `at_most`.
    """
    told = _statements(snapshot, ALONG[parameters["along"]])
    either = pl.concat(
        [told.select(a="subject", b="object"), told.select(a="object", b="subject")]
    ).unique()
    ahead = _shortest(either, parameters["thing"], parameters["other"], parameters["steps"])
    named = pl.concat(
        snapshot.nodes(kind).select("id", pl.coalesce("name", "id").alias("name")) for kind in KINDS
    )
    names = dict(named.filter(pl.col("id").is_in(_passed(ahead).implode())).iter_rows())
    onward = [dict(frame.group_by("a").agg("b").iter_rows()) for frame in ahead]
    found = _chains(onward, names, (parameters["thing"],)) if onward else iter(())
    taken = [
        (path, step, *ends)
        for path, chain in enumerate(islice(found, parameters["at_most"]), 1)
        for step, ends in enumerate(zip(chain, chain[1:], strict=False), 1)
    ]
    return _told(snapshot, told, taken, names)


def _statements(snapshot: Snapshot, kinds: tuple[str, ...]) -> pl.DataFrame:
    tables = []
    for kind in kinds:
        label = pl.lit(relationship_kind(kind).label).alias("words")
        tables.append(snapshot.relationships(kind).select(*COLUMNS, label))
    return pl.concat(tables).filter(pl.col("subject") != pl.col("object"))


def _shortest(either: pl.DataFrame, start: str, goal: str, most: int) -> list[pl.DataFrame]:
    """The pairs that lie on a shortest chain, one frame a step; none if no chain is that short."""
    steps: list[pl.DataFrame] = []
    frontier = seen = pl.Series("b", [start])
    while frontier.len() and goal not in seen and len(steps) < most:
        pairs = either.join(frontier.to_frame(), left_on="a", right_on="b", how="semi")
        steps.append(pairs.join(seen.to_frame(), on="b", how="anti"))
        frontier = steps[-1]["b"].unique()
        seen = pl.concat([seen, frontier])
    if goal not in seen or start == goal:
        return []
    wanted = pl.Series("b", [goal])
    for place in reversed(range(len(steps))):
        steps[place] = steps[place].join(wanted.to_frame(), on="b", how="semi")
        wanted = steps[place]["a"].unique().alias("b")
    return steps


def _passed(steps: list[pl.DataFrame]) -> pl.Series:
    ends = [frame[end] for frame in steps for end in ("a", "b")]
    return pl.concat(ends).unique() if ends else pl.Series([], dtype=pl.String())


def _chains(
    onward: list[dict[str, list[str]]], names: Mapping[str, str], chain: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Each way through the steps from the end of a chain, in the order of the names it passes."""
    if len(chain) > len(onward):
        yield chain
        return
    for after in sorted(onward[len(chain) - 1][chain[-1]], key=lambda n: (names[n], n)):
        yield from _chains(onward, names, (*chain, after))


def _told(
    snapshot: Snapshot,
    told: pl.DataFrame,
    taken: list[tuple[int, int, str, str]],
    names: Mapping[str, str],
) -> pl.DataFrame:
    """The statements that each step of the chains rests on, in words."""
    texts = dict.fromkeys(("a", "b"), pl.String())
    schema = {"path": pl.Int64(), "step": pl.Int64(), **texts}
    steps = pl.DataFrame(taken, schema=schema, orient="row")
    back = steps.rename({"a": "b", "b": "a"}).select(steps.columns)
    rows = pl.concat([steps, back]).join(told, left_on=["a", "b"], right_on=["subject", "object"])
    pages = snapshot.nodes("Source").select("id", page="name", url="url")
    rows = rows.join(pages, left_on="document", right_on="id", how="left")
    name = {end: pl.col(end).replace(names) for end in ("a", "b")}
    return rows.select(
        "path",
        "step",
        statement=pl.concat_str(name["a"], "words", name["b"], separator=" "),
        date=pl.col("date_text").fill_null("not stated"),
        source=pl.coalesce("page", "source"),
        url="url",
        id="id",
    ).sort("path", "step", "statement", "source", "id")
