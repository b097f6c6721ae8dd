"""A measure of ties beside the same without those where a barrier is reported: for the questions.

On `barriers.with_and_without`. A barrier is reported of a system, and so of the bodies last known
to be in it; of a tie, if the finding that states the tie speaks of the barrier. When it began or
ended is hardly ever stated, so it is taken to have been there throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Unanswerable
from .barriers import with_and_without
from .spread_ties import last_systems
from .wording import counted

__all__ = ["Beside", "beside_barrier"]


@dataclass(frozen=True, slots=True)
class Beside:
    """A measure with the columns of the other beside its own, and what must be said of that."""

    rows: pl.DataFrame
    counts: Mapping[str, int]
    caveats: Sequence[str]


def beside_barrier(
    snapshot: Snapshot,
    parameters: Mapping[str, Any],
    measure: Callable[[pl.DataFrame], pl.DataFrame],
    ties: pl.DataFrame,
    *,
    on: Sequence[str],
) -> Beside:
    """The measure; with a `barrier` among the parameters, beside it without ties it touches.

    `ties` has source and target, and may have finding (that states the tie). `measure` and `on` as
    in `with_and_without`. `Unanswerable` if the barrier is reported of no system and no tie.
    """
    barrier = parameters.get("barrier", "")
    if not barrier:
        return Beside(measure(ties), {}, ())
    known = snapshot.nodes("Barrier").filter(pl.col("id") == barrier)["name"].to_list()
    name = next(iter(known), None) or barrier
    systems, bodies, findings = _reporting(snapshot, barrier)
    touched = pl.col("source").is_in(bodies.implode()) | pl.col("target").is_in(bodies.implode())
    if "finding" in ties.columns:
        touched |= pl.col("finding").is_in(findings.implode()).fill_null(False)
    told = ties.with_columns(barriers=pl.when(touched).then(pl.lit(barrier)))
    apart = pl.concat([ties["source"], ties["target"].rename("source")]).unique()
    counts = {
        "systems_reporting_the_barrier": len(systems),
        "ties_of_the_measure": ties.height,
        "ties_left_out_for_the_barrier": int(told["barriers"].is_not_null().sum()),
        "tied_left_out_for_the_barrier": int(apart.is_in(bodies.implode()).sum()),
    }
    if systems.is_empty() and not counts["ties_left_out_for_the_barrier"]:
        raise Unanswerable(f"{name} is reported of no system, and of no tie here.", counts)
    rows = with_and_without(measure, told, None, barrier, on=on)
    return Beside(rows, counts, (_sentence(name, counts),))


def _reporting(snapshot: Snapshot, barrier: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """The systems of which a barrier is reported; these and the bodies in them; and the findings
    that speak of it."""
    systems = snapshot.nodes("System")["id"].implode()
    faced = snapshot.relationships("FACED").filter(pl.col("object") == barrier)["subject"]
    reporting = faced.filter(faced.is_in(systems)).unique().sort()
    inside = last_systems(snapshot).filter(pl.col("system").is_in(reporting.implode()))["node"]
    findings = snapshot.relationships("ABOUT").filter(pl.col("object") == barrier)["subject"]
    return reporting, inside, findings


def _sentence(name: str, counts: Mapping[str, int]) -> str:
    left, ties = counts["ties_left_out_for_the_barrier"], counts["ties_of_the_measure"]
    reporting = counts["systems_reporting_the_barrier"]
    where = counted(reporting, "system with the bodies in it", "systems with the bodies in them")
    return (
        f"Without means without the {left:,} of {counted(ties, 'tie')} that touch where {name} is "
        f"reported: {where}, and ties "
        "whose own finding speaks of it. When it began or ended is hardly ever stated: it is taken "
        "to have been there throughout. The difference is what it could hide, not what it did; of "
        "whom it is not reported, it may be true all the same."
    )
