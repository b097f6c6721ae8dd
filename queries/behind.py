"""The counts that stand behind every answer, taken from the tables: no engine is built for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.relationships import TIES

__all__ = ["BEHIND", "Behind", "counts_behind"]

Behind = Literal["evidence", "registers", "spread"]

BEHIND: Mapping[Behind, tuple[str, ...]] = {
    "evidence": (
        "findings",
        "findings_from_reviews",
        "review_findings_in_systems",
        "sources",
        "systems_reviewed",
    ),
    "registers": ("editions", "organisations", "locations"),
    "spread": ("systems", "systems_reviewed", "systems_with_a_record"),
}
"""What is counted behind an answer over the evidence, behind one over the registers, and behind
one on spread: of how many systems anything is recorded that could spread, or along which."""

SPREADING = ("ADOPTED", "FACED", *TIES)


def counts_behind(snapshot: Snapshot, behind: Behind) -> dict[str, int]:
    """How many records of which kinds stand behind an answer, by the names of `BEHIND`.

    Facts of the evaluations of programmes are not counted as findings, nor their documents as
    sources: they measure what was done, not what was found.

    >>> from icsgraph.session import sample_store
    >>> counts = counts_behind(sample_store().current(), "evidence")
    >>> counts["findings"], counts["findings_from_reviews"], counts["systems_reviewed"]
    (231, 103, 34)
    """
    count: Mapping[Behind, Callable[[Snapshot], tuple[int, ...]]] = {
        "evidence": _evidence,
        "registers": _registers,
        "spread": _spread,
    }
    return dict(zip(BEHIND[behind], count[behind](snapshot), strict=True))


def _evidence(snapshot: Snapshot) -> tuple[int, ...]:
    found = snapshot.nodes("Finding").filter(pl.col("evidence_class") != "programme_evaluation")
    reviews = found.filter("from_reviews")
    reports = snapshot.relationships("REPORTS").join(
        found.select("id"), left_on="object", right_on="id", how="semi"
    )
    reviewed = snapshot.relationships("REVIEWED")
    for end, kind in (("subject", "Review"), ("object", "System")):
        there = snapshot.nodes(kind).select(pl.col("id").alias(end))
        reviewed = reviewed.join(there, on=end, how="semi")
    return (
        found.height,
        reviews.height,
        reviews.filter(pl.col("level") == "system").height,
        reports["subject"].n_unique(),
        reviewed["object"].n_unique(),
    )


def _spread(snapshot: Snapshot) -> tuple[int, ...]:
    systems = snapshot.nodes("System").select("id")
    named = [
        snapshot.relationships(kind)[end] for kind in SPREADING for end in ("subject", "object")
    ]
    reviewed = snapshot.relationships("REVIEWED")["object"]
    ends = (reviewed, pl.concat([each.rename("id") for each in named]))
    known = (systems.filter(pl.col("id").is_in(each.implode())).height for each in ends)
    return systems.height, *known


def _registers(snapshot: Snapshot) -> tuple[int, ...]:
    editions = snapshot.nodes("Source").filter(pl.col("source_type") == "data-set-edition")
    things = (snapshot.nodes(kind).height for kind in ("Organisation", "Location"))
    return editions.height, *things
