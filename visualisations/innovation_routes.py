"""Recorded routes between the adopters of an innovation, as `queries.feasible_sources` finds
them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.relationships import RELATIONSHIP_KINDS, Flow, relationship_kind
from ..queries.feasible_sources import feasible_tree
from ..queries.spread_inputs import ALWAYS
from .evidence import Card, SourceLink
from .palette import KNOWLEDGE
from .statements import edition_link
from .tables import Row
from .things import Thing
from .wording import counted

__all__ = ["Route", "Routes", "routes"]

BOUNDS = ("start_earliest", "start_latest", "end_earliest", "end_latest")


@dataclass(frozen=True)
class Route:
    """From an earlier adopter to a later one: the names on the way, and the statements."""

    source: str
    adopter: str
    certain: bool
    names: Sequence[str]
    ties: Sequence[str]
    arrival: str
    sources: Sequence[SourceLink]


@dataclass(frozen=True)
class Routes:
    """One route for each adopter that has any, and the ties that no search could use."""

    found: Sequence[Route] = ()
    undated: int = 0
    editions: Collection[str] = field(default_factory=frozenset)

    def card(self, number: str, route: Route, shown: Mapping[str, Thing]) -> Card:
        """What a route rests on."""
        both = [shown[route.source], shown[route.adopter]]
        return Card(
            id=number, name="", kind="a recorded route in time",
            description=f"By way of {' → '.join(route.names)}: {counted(len(route.ties), 'tie')}.",
            badges=("Certain by the dates" if route.certain else "Possible by the dates",),
            where="", when=f"could arrive by {route.arrival}" if route.arrival else "",
            earliest=route.arrival, latest=route.arrival if route.certain else "", remark="",
            sources=tuple(route.sources), things=(route.source, route.adopter), systems=(),
            placeless=False,
            facets={
                "relation": ("A recorded route in time",),
                "knowledge": (KNOWLEDGE["inference"].label,),
                "sector": tuple(sorted({end.what for end in both})),
                "system": tuple(sorted({end.system for end in both} - {""})),
                "region": tuple(sorted({end.region for end in both} - {""})),
            },
            knowledge=KNOWLEDGE["inference"].label,
        )  # fmt: skip


def routes(snapshot: Snapshot, adoptions: Sequence[Row]) -> Routes:
    """The route by which word could first have come to each adopter, along dated ties that
    information flows along."""
    ties = _ties(snapshot)
    undated = ties.filter(pl.all_horizontal(pl.col(bound).is_null() for bound in BOUNDS))
    dated = ties.join(undated.select("id"), on="id", how="anti")
    dates = pl.DataFrame(
        [{"node": row["subject"], **{b: row[b] for b in BOUNDS[:2]}} for row in adoptions],
        schema={"node": pl.String, **dict.fromkeys(BOUNDS[:2], pl.String)},
    )
    dates = dates.filter(pl.col("start_latest").is_not_null())
    dates = dates.group_by("node").agg(pl.col(bound).min() for bound in BOUNDS[:2]).sort("node")
    if dates.height < 2 or dated.is_empty():
        return Routes((), undated["statement"].n_unique())
    tree = feasible_tree(dated, dates).drop_nulls("source")
    stated = {row["id"]: row for row in dated.iter_rows(named=True)}
    return _named(snapshot, tree, stated, undated["statement"].n_unique())


def _ties(snapshot: Snapshot) -> pl.DataFrame:
    """The ties that information flows along, each in the ways it flows: source, target, bounds."""
    found = []
    for kind in RELATIONSHIP_KINDS:
        flow = relationship_kind(kind).flow
        table = snapshot.relationships(kind)
        if flow is Flow.NONE or table.is_empty():
            continue
        own = table.select("subject", "object", "source", *BOUNDS, statement="id")
        ahead = own.rename({"subject": "source_", "object": "target"})
        back = own.rename({"object": "source_", "subject": "target"})
        ways = {Flow.FORWARD: [ahead], Flow.BACKWARD: [back], Flow.BOTH: [ahead, back]}[flow]
        found += [way.select("source_", "target", "source", "statement", *BOUNDS) for way in ways]
    if not found:
        return pl.DataFrame(schema=["source", "target", "id", "statement", "edition", *BOUNDS])
    every = pl.concat(found).rename({"source": "edition", "source_": "source"})
    return (
        every.sort("statement", "source")
        .with_row_index("id")
        .with_columns(pl.col("id").cast(pl.String))
    )


def _known(day: str) -> str:
    """The day, or '' for the one that stands for any."""
    return "" if day.startswith(ALWAYS[:4]) else day


def _named(
    snapshot: Snapshot, tree: pl.DataFrame, stated: Mapping[str, Row], undated: int
) -> Routes:
    editions = {facts["id"]: facts for facts in snapshot.manifest.get("sources", ())}
    ids = sorted({i for row in tree["route"] for i in row})
    names: dict[str, str] = {}
    for kind in ("Organisation", "System"):
        table = snapshot.nodes(kind).filter(pl.col("id").is_in(ids))
        names |= {i: name or i for i, name in table.select("id", "name").iter_rows()}
    found, cited = [], set()
    for row in tree.iter_rows(named=True):
        own = sorted({stated[tie]["edition"] for tie in row["ties"]})
        cited |= set(own)
        found.append(
            Route(
                source=row["source"],
                adopter=row["node"],
                certain=row["certainty"] == "CERTAIN",
                names=[names.get(i, i) for i in row["route"]],
                ties=row["ties"],
                arrival=_known(str(row["arrival"] or "")),
                sources=[edition_link(editions.get(e, {"id": e})) for e in own],
            )
        )
    return Routes(found, undated, frozenset(cited))
