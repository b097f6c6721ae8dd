"""Names and codes that no register describes: what is still to be found out who or what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.relationships import RELATIONSHIP_KINDS

__all__ = ["CODE_ALONE", "CODE_NOT_LISTED", "NAME_ALONE", "unresolved"]

NAME_ALONE = "a name without a code"
CODE_NOT_LISTED = "a code that no register lists"
CODE_ALONE = "a code without a name"

NAMED_BY_US = "icsg:organisation/"
"""How the id of a body begins that a source knows by its name alone."""

LISTING = "ods-"
"""How the kinds of those sources begin that list the bodies of the Organisation Data Service."""


def unresolved(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """The things of a kind that no source describes: in which way, by whom named, and how often.

    A body is known by name alone if it has neither an ODS code nor one of the CQC, the ONS,
    Companies House or the Charity Commission. A code of ODS is listed if an edition of an ODS file
    gives its name: another source that has the code may have a name of its own for it.
    """
    nodes = snapshot.nodes(parameters["kind"]).select("id", "kind", "name", "codes", "sources")
    known = _listed(snapshot, parameters["kind"]).implode()
    unlisted = pl.col("id").str.starts_with("ods:") & (pl.col("kind") == "Organisation")
    why = (
        pl.when(pl.col("id").str.starts_with(NAMED_BY_US))
        .then(pl.lit(NAME_ALONE))
        .when(pl.col("name").is_null())
        .then(pl.lit(CODE_ALONE))
        .when(unlisted & ~pl.col("id").is_in(known))
        .then(pl.lit(CODE_NOT_LISTED))
    )
    found = nodes.with_columns(why.alias("why")).drop_nulls("why")
    coded = pl.col("codes").list.eval(~pl.element().str.starts_with("icsg:")).list.any()
    found = found.filter((pl.col("why") != NAME_ALONE) | ~coded)
    if parameters["why"]:
        found = found.filter(pl.col("why") == parameters["why"])
    counts = _statements(snapshot, parameters["kind"], found.select("id"))
    counted = found.join(counts, on="id", how="left")
    return counted.sort(["why", "id"], descending=[True, False]).select(
        "name",
        "why",
        pl.col("sources").list.sort().alias("named_by"),
        pl.col("statements").fill_null(0),
        "id",
    )


def _listed(snapshot: Snapshot, kind: str) -> pl.Series:
    """The ids of the things that a file of ODS gives a name."""
    facts = snapshot.manifest["sources"]
    listing = pl.Series([f["id"] for f in facts if f["kind"].startswith(LISTING)], dtype=pl.String)
    several = snapshot.records(kind)
    single = snapshot.nodes(kind).filter(pl.col("sources").list.len() == 1)
    told = pl.concat([each.select("id", "name", "sources") for each in (several, single)])
    by_register = pl.col("sources").list.first().is_in(listing.implode())
    return told.filter(by_register & pl.col("name").is_not_null())["id"].unique()


def _statements(snapshot: Snapshot, kind: str, things: pl.DataFrame) -> pl.DataFrame:
    """How many statements name each of some things of a kind."""
    ends = [
        snapshot.relationships(name).select(id=end)
        for name, model in RELATIONSHIP_KINDS.items()
        for end, kinds in (("subject", model.domain), ("object", model.range))
        if kind in kinds
    ]
    named = pl.concat(ends).join(things, on="id", how="semi")
    return named.group_by("id").agg(pl.len().alias("statements"))
