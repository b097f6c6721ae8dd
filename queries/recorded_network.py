"""The network of recorded ties on a day, for the questions on its structure.

All ties that may hold on the day, dated or not: who works with whom is known of few ties to the
day, and a tie without a date is still a tie. Bodies are in the system that they are last known to
be in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured, Unanswerable
from .spread_ties import Recorded, asked_observed, asked_ties, flowing, homes_of
from .wording import counted

__all__ = ["SEED", "RecordedNetwork", "named", "recorded_network", "shuffle_record"]

SEED = 0
"""The seed of every shuffle, so that the same question has the same answer."""


@dataclass(frozen=True, eq=False)
class RecordedNetwork:
    """Ties that may hold, and in which system their ends are.

    `ties` has source, target and kind, one row each as they are recorded; information goes from
    source to target, and in ties of flow "both" the other way as well. `homes` has node and system
    for the ends that are in one.
    """

    recorded: Recorded
    ties: pl.DataFrame
    homes: pl.DataFrame

    @property
    def nodes(self) -> list[str]:
        """The ends of the ties, sorted."""
        ends = pl.concat([self.ties["source"], self.ties["target"].rename("source")])
        return ends.unique().sort().to_list()

    @property
    def flows(self) -> pl.DataFrame:
        """Source and target of each way that information goes, each pair once."""
        both = flowing(self.ties).select("source", "target")
        return both.unique().sort("source", "target")

    @property
    def placed(self) -> dict[str, str]:
        """The system of each end that is in one."""
        known = self.homes.filter(pl.col("node").is_in(self.nodes))
        return dict(known.select("node", "system").sort("node").iter_rows())

    @property
    def counts(self) -> dict[str, int]:
        """How many statements and ends stand behind a measure."""
        return {
            **self.recorded.counts,
            "ties_that_may_hold": self.ties.height,
            "tied_in_a_system": len(self.placed),
        }

    def measured(self, rows: pl.DataFrame, *tests: Mapping[str, Any]) -> Measured:
        """The answer with what belongs beside it."""
        return Measured(rows, self.counts, self.caveats, tests)

    @property
    def caveats(self) -> list[str]:
        """What must be said beside a measure of structure."""
        said = ["Ties without a date count, since they may hold on the day."]
        outside = len(self.nodes) - len(self.placed)
        if outside:
            said.append(f"{outside} of {len(self.nodes)} of those tied are in no known system.")
        among = [self.recorded.caveats[-1]] if self.recorded.unreviewed else []
        return [self.recorded.caveats[0], *said, *among]

    def refused(self, reason: str) -> Unanswerable:
        """What to raise where this network cannot say."""
        return Unanswerable(reason, self.counts, self.caveats)


def recorded_network(
    snapshot: Snapshot, parameters: Mapping[str, Any], *, least: int = 3
) -> RecordedNetwork:
    """The network that the parameters `kind`, `level` and `on` mean.

    `Unanswerable` if fewer than `least` ties join different ends.
    """
    level = parameters.get("level", "provider")
    found = asked_ties(snapshot, parameters)
    every = pl.concat([found.ties, found.undated])
    over = (pl.col("end_latest") <= parameters["on"]).fill_null(False)
    ties = every.filter(~over & (pl.col("source") != pl.col("target")))
    ties = ties.select("source", "target", "kind", "flow").unique().sort(pl.all())
    homes = homes_of(snapshot, asked_observed(parameters))
    network = RecordedNetwork(found, ties, homes)
    if ties.height < least:
        things = "systems" if level == "system" else "bodies"
        raise network.refused(
            f"{counted(ties.height, 'tie joins', 'ties join')} different {things}, of "
            f"{found.counts['tie_records']} recorded; a measure of structure needs {least} at "
            "least."
        )
    return network


def named(snapshot: Snapshot, rows: pl.DataFrame, column: str = "node") -> pl.DataFrame:
    """The rows with the `name` of what `column` identifies, its id where it has none."""
    kinds = ("Organisation", "System")
    names = pl.concat([snapshot.nodes(kind).select("id", "name") for kind in kinds])
    joined = rows.join(names, left_on=column, right_on="id", how="left")
    return joined.with_columns(pl.col("name").fill_null(pl.col(column)))


def shuffle_record(
    permuted: str, observed: float | None, p: float | None, found: Any, **more: Any
) -> dict[str, Any]:
    """What a p rests on, by the names of `permutation.PermutationTest`: `found` is the record of a
    measure, which holds replicates and the mean and sd of the null."""
    return {
        "permuted": permuted,
        "observed": observed,
        "p_value": p,
        "replicates": found.replicates,
        "null_mean": getattr(found, "null_mean", None),
        "null_sd": getattr(found, "null_sd", None),
        "seed": SEED,
        **more,
    }
