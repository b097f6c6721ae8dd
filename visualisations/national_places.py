"""Who is on the national map, and in which local authority, system and region each of them stands.

A provider stands where most of its locations are; locations are folded into it. One without a
location stands in the system that a register gives it, and there in the local authority of its
postcode, as the locations near it tell. Networks, brands and boards stand where most of those stand
that belong to them. Who can be placed nowhere is on the map all the same, beside England.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from ..graph.snapshot import Snapshot
from ..queries.held import statements_on, systems_of_locations, there

__all__ = ["PROVIDERS", "Places", "places"]

PROVIDERS = ("nhs-trust", "gp-practice")
"""Kinds of organisation that are providers without any location in the registers of the CQC."""

AUTHORITIES = ("local-authority", "local-authority-upper-tier")
"""The areas by which the CQC says in which local authority a location stands."""

FULL, SECTOR, DISTRICT = "full", "sector", "district"
HOME = ("system", "authority")
NO_PROVIDERS = ("prescribing-cost-centre",)
"""Kinds that are left out: accounts to which prescriptions are charged, not places of care."""

ROUNDS = 3
"""How often those that stand where their members do are placed: a network of networks needs two."""


@dataclass(frozen=True)
class Places:
    """`homes`: id, system, authority (null where not known), of every organisation on the map.
    `sites`: the locations folded into it: owner, id, system, authority."""

    homes: pl.DataFrame
    sites: pl.DataFrame


def places(snapshot: Snapshot, day: str, ties: pl.DataFrame) -> Places:
    """Where each organisation stands on an ISO day. `ties` (subject, object) say who else than
    providers is on the map, and next to whom."""
    sites = _sites(snapshot, day)
    bodies = snapshot.nodes("Organisation").select("id", "name", "org_type", "postcode")
    provider = pl.col("org_type").is_in(PROVIDERS) | pl.col("id").is_in(sites["owner"].implode())
    tied = pl.concat([ties["subject"], ties["object"]]).unique()
    # a code that no source names or describes stands in a chain of successions only
    told = pl.col("name").is_not_null() & ~pl.col("org_type").is_in(NO_PROVIDERS).fill_null(False)
    bodies = bodies.filter(provider.fill_null(False) | (pl.col("id").is_in(tied.implode()) & told))
    homes = _first(sites.rename({"owner": "about"}))
    homes = _by_register(snapshot, day, bodies, homes, sites)
    for _ in range(ROUNDS):
        homes = _beside_their_ties(bodies, homes, ties)
    every = bodies.select("id").join(homes, left_on="id", right_on="about", how="left")
    return Places(every.sort("id"), sites)


@lru_cache(maxsize=1)
def _sites(snapshot: Snapshot, day: str) -> pl.DataFrame:
    """Each location with who operates it, its system on the day and its local authority."""
    operated = snapshot.relationships("OPERATES").select(owner="subject", id="object").unique()
    systems = systems_of_locations(snapshot, day).sort(
        "certain", "system", descending=[True, False]
    )
    systems = systems.unique("location", keep="first", maintain_order=True)
    areas = snapshot.nodes("Area").filter(pl.col("area_type").is_in(AUTHORITIES))["id"]
    inside = snapshot.relationships("LOCATED_IN").filter(pl.col("object").is_in(areas.implode()))
    newest = inside.sort("last_seen", "object", descending=[True, False], nulls_last=True)
    newest = newest.unique("subject", keep="first", maintain_order=True)
    postcodes = snapshot.nodes("Location").select("id", "postcode", "lon", "lat")
    return (
        operated.join(systems.select(id="location", system="system"), on="id", how="left")
        .join(newest.select(id="subject", authority="object"), on="id", how="left")
        .join(postcodes, on="id", how="left")
        .sort("owner", "id")
    )


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    """The home that most rows of a thing (`about`) name; of two with as many, the first by id."""
    known = rows.filter(pl.col("system").is_not_null())
    votes = known.group_by("about", *HOME).agg(pl.len().alias("votes"))
    best = votes.sort(
        "about", "votes", *HOME, descending=[False, True, False, False], nulls_last=True
    )
    return best.unique("about", keep="first", maintain_order=True).select("about", *HOME)


def _by_register(
    snapshot: Snapshot, day: str, bodies: pl.DataFrame, homes: pl.DataFrame, sites: pl.DataFrame
) -> pl.DataFrame:
    """Homes, and those that only a register's system or the postcode gives."""
    systems = there(snapshot.nodes("System"), day)["id"]
    stated = [
        statements_on(snapshot, kind, day, systems)
        for kind in ("LOCATED_IN", "MEMBER_OF", "PART_OF")
    ]
    named = pl.concat([one.select("subject", "object", "certain", "last_seen") for one in stated])
    named = named.sort(
        "certain", "last_seen", "object", descending=[True, True, False], nulls_last=True
    )
    named = named.unique("subject", keep="first", maintain_order=True)
    rest = bodies.join(homes, left_on="id", right_on="about", how="anti")
    rest = rest.join(named.select(id="subject", stated="object"), on="id", how="left")
    return pl.concat([homes, _near(rest, sites)])


def _near(rest: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """The home of each by its postcode: where most locations of the same postcode, else sector,
    else district stand, in the stated system if there is one."""
    rest, known = _coded(rest), _coded(sites.filter(pl.col("system").is_not_null()))
    found = rest.select(about="id", system="stated", authority=pl.lit(None, pl.String))
    for key in (DISTRICT, SECTOR, FULL):  # the nearer is taken last and so wins
        votes = known.filter(pl.col("authority").is_not_null())
        votes = votes.group_by(key, *HOME).agg(pl.len().alias("votes"))
        each = rest.join(votes, on=key)
        fits = pl.col("stated").is_null() | (pl.col("stated") == pl.col("system"))
        each = each.filter(fits).sort("id", "votes", *HOME, descending=[False, True, False, False])
        best = each.unique("id", keep="first", maintain_order=True).select(
            about="id", s="system", a="authority"
        )
        found = found.join(best, on="about", how="left").select(
            "about",
            pl.coalesce("s", "system").alias("system"),
            pl.coalesce("a", "authority").alias("authority"),
        )
    return found.filter(pl.col("system").is_not_null())


def _coded(rows: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("postcode")
    return rows.with_columns(
        code.alias(FULL),
        code.str.extract(r"^([A-Z0-9]+ [0-9])").alias(SECTOR),
        code.str.extract(r"^([A-Z0-9]+) ").alias(DISTRICT),
    )


def _beside_their_ties(
    bodies: pl.DataFrame, homes: pl.DataFrame, ties: pl.DataFrame
) -> pl.DataFrame:
    """Homes, and those of bodies that have none where most of their ties lead."""
    both = pl.concat(
        [ties.select(about="subject", other="object"), ties.select(about="object", other="subject")]
    )
    missing = bodies.join(homes, left_on="id", right_on="about", how="anti")
    ends = both.join(missing.select(about="id"), on="about", how="semi")
    ends = ends.join(homes, left_on="other", right_on="about")
    return pl.concat([homes, _first(ends)])
