"""Before and after a day on which something national began: an incentive, a target, a mandate.

What began for everybody at one time is a common cause outside any network. Adoption that rises with
it is no spread along ties; so each side of the day is looked at by itself, and dates are dealt anew
only within it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UsageError
from .answer import Measured
from .spread_adoptions import asked_uptake
from .spread_company import NO_REASON, company_asked, left_out, shuffled_dates, strata_of
from .spread_curves import pooled_hazard

__all__ = ["before_and_after"]

COMMON = (
    "What began for everybody on one day is a common cause outside the network: a hazard that "
    "rises then is no spread along ties, and adoptions that are clustered after it may be so "
    "because those who keep company met it together."
)


def before_and_after(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """How likely was adopting before and after a day, and were dates clustered on each side?"""
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    kept = company_asked(snapshot, parameters, timed)
    within = ("region", "size")
    strata, said = strata_of(snapshot, timed.nodes, within)
    cut = _cut(timed.periods, parameters["day"])
    labels = timed.periods.to_frame("time").select(timed.label())["period"].to_list()
    rows, tests = [], []
    for side, first, last in (("before", 1, cut), ("after", cut, len(labels))):
        # The period before the window stands first: who had adopted by its end is past.
        found = shuffled_dates(timed, kept, timed.periods[first - 1 : last], strata, parameters)
        test = found.test
        row = {"side": side, "from": labels[first], "to": labels[last - 1]}
        row |= {"periods": last - first, **pooled_hazard(timed, first, last)}
        row |= {
            "slope": found.alpha,
            "null_mean": test.null_mean,
            "null_sd": test.null_sd,
            "replicates": test.replicates,
            "p_value": test.p_value,
        }
        rows.append(row)
        tests.append({"side": side, **found.record()})
    shown = pl.DataFrame(rows, infer_schema_length=None).fill_nan(None)
    caveats = [*timed.caveats, *kept.caveats, *said, *left_out(kept), COMMON, NO_REASON]
    return Measured(shown, {**timed.counts, **kept.counts}, caveats, tests)


def _cut(periods: pl.Series, day: str) -> int:
    """The number of the period in which a day lies; there must be a whole period on either side."""
    cut = int((periods < date.fromisoformat(day)).sum())
    if not 1 < cut < len(periods):
        raise UsageError(
            f"There is nothing to compare around {day}: what is looked at goes from {periods[0]} "
            f"to {periods[-1]}.",
            "Give a day between, with --day.",
        )
    return cut
