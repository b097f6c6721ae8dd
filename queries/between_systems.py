"""What passes between two systems: patients' pathways, innovations in both, recorded ties."""

from __future__ import annotations

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured, Unanswerable
from .flows import TOTAL, in_one_system
from .spread_ties import recorded_ties

__all__ = ["innovations_in_both", "pathways", "ties"]


def pathways(
    snapshot: Snapshot, on: str = "9999", measure: str = "new RTT periods", function: str = TOTAL
) -> Measured:
    """How many pathways paid for in one system are at a provider in another, in the newest period
    counted by a day?

    Rows: source (the system that pays, whose residents the patients are), target (that of the
    provider), value; inside a system both are the same. `Unanswerable` if none is counted.
    """
    rows = snapshot.relationships("TREATS_RESIDENTS_OF").filter(
        (pl.col("measure") == measure)
        & (pl.col("treatment_function") == function)
        & pl.col("count").is_not_null()
        & (pl.col("start_earliest") <= on)
    )
    period = rows["start_earliest"].max()
    if not isinstance(period, str):
        add = "Add a full extract of the RTT waiting times as a source."
        raise Unanswerable(f"No {measure} are counted of a time that had begun by then. {add}")
    rows = rows.filter(pl.col("start_earliest") == period)
    homes = in_one_system(snapshot, "LOCATED_IN", period).select(subject="id", target="system")
    payers = in_one_system(snapshot, "PART_OF", period).select(object="id", source="system")
    flows = rows.select("subject", "object", "count")  # a statement has a source of its own
    placed = flows.join(homes, on="subject").join(payers, on="object")
    found = placed.group_by("source", "target").agg(value=pl.col("count").sum().cast(pl.Int64))
    counts = {"pathways": int(found["value"].sum()), "records": rows.height}
    caveats = [
        f"Pathways begun in the period {period[:7]}; pathways are counted, never patients: one "
        "person may be on several.",
        "Of those whose two systems are both known. A provider is counted in one system, wherever "
        "its sites lie.",
    ]
    return Measured(found.sort("source", "target"), counts, caveats)


def innovations_in_both(snapshot: Snapshot) -> Measured:
    """How many innovations are reported of both of two systems? Each pair both ways round."""
    found = snapshot.relationships("ADOPTED").filter(pl.col("finding").is_not_null())
    own = found.select(system="subject", thing="object").unique()
    systems = snapshot.nodes("System")["id"].implode()
    own = own.filter(pl.col("system").is_in(systems))
    both = own.join(own, on="thing", suffix="_of").filter(pl.col("system") != pl.col("system_of"))
    pairs = both.group_by(source="system", target="system_of").agg(value=pl.len().cast(pl.Int64))
    counts = {"adoptions": own.height, "innovations": own["thing"].n_unique()}
    caveats = ["Reported by whatever sources; what is not reported of a system may be there."]
    return Measured(pairs.sort("source", "target"), counts, caveats)


def ties(snapshot: Snapshot, on: str = "") -> Measured:
    """How many statements of a working tie are there from a body in one system to one in another?

    Ties that go both ways count both ways. `Unanswerable` if none is recorded.
    """
    recorded = recorded_ties(snapshot, on=on)
    every = pl.concat([recorded.ties, recorded.undated])
    back = every.filter(pl.col("flow") == "both")
    turned = back.with_columns(source=pl.col("target"), target=pl.col("source"))
    rows = pl.concat([every, turned.select(every.columns)])
    found = rows.group_by("source", "target").agg(value=pl.col("id").n_unique().cast(pl.Int64))
    return Measured(found.sort("source", "target"), recorded.counts, recorded.caveats)
