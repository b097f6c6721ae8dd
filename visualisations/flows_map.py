"""The map of patients across borders: pathways begun in one system for the residents of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..graph.views import on_day
from ..ontology.dates import BoundedDate, read_day
from ..queries.held import statements_on, there
from .evidence import Card, SourceLink
from .layout import Box, Place, projected, pushed_apart
from .network_map import Plan, network_page
from .palette import KNOWLEDGE
from .payload import Tie
from .statements import Evidence, counted_pathways, edition_link
from .things import Thing, things
from .wording import counted, listed, of_day

__all__ = ["flows_map"]

MOST_ARCS = 400
LAND = Box(0, 0, 620, 700)
GAP = 16.0
LEAST_WIDTH, MOST_WIDTH = 0.5, 9.0
STEPS = ((1000, "1,000 pathways or more"), (100, "100 to 999 pathways"), (0, "Fewer than 100"))
MOST_PROVIDERS = 4


@dataclass(frozen=True)
class _Flows:
    """Flows between two systems, the largest first: `home` whose residents, `at` where, `pathways`,
    `providers` (names and numbers), `certain`; and what is not among them."""

    rows: pl.DataFrame
    day: str
    period: str
    edition: str
    inside: int
    not_placed: int


def flows_map(snapshot: Snapshot, *, on: str | None = None) -> str:
    """The map of pathways begun between systems, in the newest month counted by a day.

    An arc leads from the system whose residents they are to the one in which the provider stands.
    An empty map says so where no pathways are counted.
    """
    day = read_day(on or snapshot.manifest["default_day"]).isoformat()
    found = _flows(snapshot, day)
    standing = there(snapshot.nodes("System"), found.day or day)
    shown = things(on_day(snapshot, found.day), standing["id"]) if found.rows.height else {}
    kept = found.rows.head(MOST_ARCS)
    evidence, widths = _evidence(snapshot, kept, found, shown)
    places = _places(standing, kept) if shown else {}
    month = BoundedDate.parse(found.period).plain() if found.period else ""
    return network_page(
        snapshot,
        Plan(
            name="flows",
            heading="Patients across borders: whose care begins in another system",
            reading=(
                "Systems lie where they lie in England, moved apart just enough to be told apart; "
                "a larger mark treats more residents of others.",
                "An arc leads from the system whose residents they are to that of the provider; "
                "the wider, the more pathways. Pathways are counted, not patients.",
            ),
            absent=_absent(found, kept),
            things=shown,
            evidence=evidence,
            places=places,
            empty="No pathways are counted in this snapshot by this day. Add a full extract of the "
            "RTT waiting times as a source.",
            day=f"pathways begun in {month}" if month else of_day(day),
            curve="arc",
            widths=widths,
            tie_kind="system",
        ),
    )


def _flows(snapshot: Snapshot, day: str) -> _Flows:
    """Pathways by the system of the commissioner and that of the provider."""
    table = counted_pathways(snapshot.relationships("TREATS_RESIDENTS_OF"))
    table = table.filter(pl.col("count").is_not_null() & (pl.col("start_earliest") <= day))
    begun = table["start_earliest"].max()
    if not isinstance(begun, str):
        none = pl.DataFrame(schema=["home", "at", "pathways", "providers", "certain"])
        return _Flows(none, "", "", "", 0, 0)
    table = table.filter(pl.col("start_earliest") == begun)
    names = snapshot.nodes("Organisation").select("name", subject="id")
    homes = _one_system(snapshot, "LOCATED_IN", begun).rename({"id": "subject", "system": "at"})
    payers = _one_system(snapshot, "PART_OF", begun).rename({"id": "object", "system": "home"})
    each = (
        table.join(homes, on="subject", how="left")
        .join(payers, on="object", how="left", suffix="_payer")
        .join(names, on="subject", how="left")
        .with_columns(pl.coalesce("name", "subject").alias("name"))
    )
    placed = each.drop_nulls(["home", "at"])
    by_provider = placed.group_by("home", "at", "name").agg(
        pl.col("count").sum(), (pl.col("certain") & pl.col("certain_payer")).all()
    )
    across = by_provider.filter(pl.col("home") != pl.col("at"))
    across = across.sort("count", "name", descending=[True, False])
    rows = across.group_by("home", "at", maintain_order=True).agg(
        pl.col("count").sum().alias("pathways"),
        pl.struct("name", "count").alias("providers"),
        pl.col("certain").all(),
    )
    whole, total = int(table["count"].sum()), int(placed["count"].sum())
    return _Flows(
        rows=rows.sort("pathways", "home", "at", descending=[True, False, False]),
        day=begun,
        period=str(table["period"][0] or begun),
        edition=str(table["source"][0]),
        inside=total - int(rows["pathways"].sum()),
        not_placed=whole - total,
    )


def _one_system(snapshot: Snapshot, kind: str, day: str) -> pl.DataFrame:
    """The system of each body on a day, the certain one first: `id`, `system`, `certain`. A system
    that pays itself is its own."""
    systems = there(snapshot.nodes("System"), day)["id"]
    rows = statements_on(snapshot, kind, day, systems)
    rows = rows.sort("certain", "object", descending=[True, False])
    first = rows.unique("subject", keep="first", maintain_order=True)
    bodies = first.select("certain", id="subject", system="object")
    own = pl.DataFrame({"id": systems, "system": systems}).with_columns(certain=True)
    return pl.concat([bodies, own.select(bodies.columns)]).unique("id", keep="last")


def _evidence(
    snapshot: Snapshot, kept: pl.DataFrame, found: _Flows, shown: Mapping[str, Thing]
) -> tuple[Evidence, dict[str, float]]:
    """An arc and a card for each flow, and the width of each arc."""
    editions = {facts["id"]: facts for facts in snapshot.manifest.get("sources", ())}
    link = edition_link(editions.get(found.edition, {"id": found.edition}))
    ties, cards, widths = [], [], {}
    most = max(kept["pathways"].to_list(), default=1)
    for number, row in enumerate(kept.iter_rows(named=True)):
        home, at = row["home"], row["at"]
        if home not in shown or at not in shown:
            continue
        count = counted(row["pathways"], "pathway")
        what = f"has {count} at providers in"
        cards.append(_card(f"c{number}", row, found, shown, link))
        ties.append(Tie(f"t{number}", home, at, what, "", "register", (f"c{number}",), True))
        share = (row["pathways"] / most) ** 0.5
        widths[f"t{number}"] = round(LEAST_WIDTH + (MOST_WIDTH - LEAST_WIDTH) * share, 2)
    return Evidence(ties, cards, {found.edition}), widths


def _card(
    number: str, row: Mapping[str, Any], found: _Flows, shown: Mapping[str, Thing], link: SourceLink
) -> Card:
    home, at = str(row["home"]), str(row["at"])
    providers: Sequence[Mapping[str, Any]] = row["providers"]
    named = [f"{one['name']} ({one['count']:,})" for one in providers[:MOST_PROVIDERS]]
    rest = len(providers) - len(named)
    more = [f"{counted(rest, 'other')}"] if rest else []
    size = next(label for least, label in STEPS if int(row["pathways"]) >= least)
    latest = found.day if row["certain"] else ""
    return Card(
        id=number, name="", kind="residents treated in another system",
        description=f"{counted(row['pathways'], 'pathway')} begun, at {listed([*named, *more])}.",
        badges=("Pathways, not patients",), where="",
        when=BoundedDate.parse(found.period).plain(), earliest=found.day, latest=latest,
        remark="", sources=(link,), things=(home, at), systems=(), placeless=False,
        facets={
            "relation": ("Residents treated in another system",),
            "system": tuple(sorted({shown[home].name, shown[at].name})),
            "region": tuple(sorted({shown[home].region, shown[at].region} - {""})),
            "sector": (shown[home].what,),
            "pathways": (size,),
        },
        knowledge=KNOWLEDGE["register"].label,
    )  # fmt: skip


def _places(systems: pl.DataFrame, kept: pl.DataFrame) -> dict[str, Place]:
    taken = dict(kept.group_by("at").agg(pl.col("pathways").sum()).iter_rows())
    most = max(taken.values(), default=1)
    radii = {i: round(6 + 12 * (taken.get(i, 0) / most) ** 0.5, 1) for i in systems["id"]}
    known = systems.drop_nulls(["lon", "lat"])
    points = {i: (lon, lat) for i, lon, lat in known.select("id", "lon", "lat").iter_rows()}
    laid = pushed_apart(projected(points, radii, LAND), GAP)
    unplaced = [i for i in systems["id"].sort() if i not in laid]
    beside = {i: Place(-80.0, 40.0 * n, radii[i]) for n, i in enumerate(unplaced)}
    return {**laid, **beside}


def _absent(found: _Flows, kept: pl.DataFrame) -> list[str]:
    return list(_left(found, kept))


def _left(found: _Flows, kept: pl.DataFrame) -> Iterator[str]:
    smaller = found.rows.slice(kept.height)
    if smaller.height:
        number = int(smaller["pathways"].sum())
        yield (
            f"{counted(smaller.height, 'smaller flow')} of together {counted(number, 'pathway')}: "
            "left out, the largest are drawn."
        )
    if found.inside:
        yield f"{counted(found.inside, 'pathway')} at providers in the residents' own system."
    if found.not_placed:
        unknown = counted(found.not_placed, "pathway")
        yield f"{unknown} whose provider or payer is in no known system."
    if kept.height:
        yield "A provider counts where its headquarters stand, whichever of its sites is used."
