"""How much of its company had adopted when each one did: exposure, thresholds, likeness, a model.

The questions of the catalogue on `exposure`, `thresholds`, `moran` and `adoption_logit`, of those
who keep recorded company. "No recorded company" is not "no exposure": those without are left out
and counted. An exposure describes a history; it says nothing of what would have happened without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .adoption_logit import adoption_logit, person_periods
from .answer import Measured
from .beside_barrier import Beside, beside_barrier
from .keeping_company import Company
from .moran import moran
from .spread_adoptions import Timed, asked_uptake, called
from .spread_company import NO_REASON, company_asked, left_out, schemes, strata_of
from .thresholds import adopter_categories, thresholds
from .wording import counted

__all__ = [
    "adoption_thresholds",
    "exposure_before_adoption",
    "exposure_model",
    "neighbours_alike",
]


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """Those who keep company, their adoptions and their ties, ready for the plain functions."""

    timed: Timed
    kept: Company
    nodes: list[str]
    adoptions: pl.DataFrame
    ties: pl.DataFrame

    @property
    def begun(self) -> pl.DataFrame:
        """The first adoption of each, whether or not it has ended."""
        return self.adoptions.select("node", "time").unique(
            "node", keep="first", maintain_order=True
        )

    @property
    def counts(self) -> dict[str, int]:
        return {**self.timed.counts, **self.kept.counts}

    @property
    def caveats(self) -> list[str]:
        return [*self.timed.caveats, *self.kept.caveats, *left_out(self.kept)]

    def dated(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of nodes that adopted in a known period after they were first seen."""
        asked = ~self.timed.at_start & (self.timed.first < len(self.timed.periods))
        nodes = pl.Series(self.timed.nodes).filter(pl.Series(asked))
        return rows.filter(pl.col("node").is_in(nodes.implode()))


def _case(snapshot: Snapshot, parameters: Mapping[str, Any]) -> _Case:
    timed = asked_uptake(snapshot, parameters).in_periods(parameters["every"])
    kept = company_asked(snapshot, parameters, timed)
    nodes = [node for node in timed.nodes if node in kept.placed]
    taken = timed.adoptions.filter(pl.col("node").is_in(nodes))
    return _Case(timed, kept, nodes, taken, kept.pairs)


def _found(snapshot: Snapshot, parameters: Mapping[str, Any], case: _Case) -> Beside:
    """The thresholds of those who adopted in a known period after they were first seen, and beside
    them those without a barrier, if one is asked for; where nobody is in company, none."""

    def measured(ties: pl.DataFrame) -> pl.DataFrame:
        found = thresholds(
            ties,
            case.adoptions,
            nodes=case.nodes,
            periods=case.timed.periods,
            direction="incoming",
        )
        some = pl.col("alters") > 0
        return case.dated(found).with_columns(
            pl.when(some).then(pl.col(name)) for name in ("before", "at_adoption")
        )

    return beside_barrier(snapshot, parameters, measured, case.ties, on=["node", "time"])


def _named(snapshot: Snapshot, case: _Case, rows: pl.DataFrame) -> pl.DataFrame:
    names = called(snapshot).rename({"id": "node", "name": "adopter"})
    labelled = rows.join(names, on="node", how="left")
    return labelled.with_columns(pl.coalesce("adopter", "node").alias("adopter")).with_columns(
        case.timed.label()
    )


def adoption_thresholds(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Between which shares of its company had adopted did each one adopt, and was it early?"""
    case = _case(snapshot, parameters)
    found = _found(snapshot, parameters, case)
    early = adopter_categories(case.begun, nodes=case.nodes)
    rows = found.rows.join(early.select("node", "category"), on="node", how="left")
    columns = {"before": "before", "at_adoption": "at_adoption", "in_company": "alters"}
    return _shown(snapshot, case, found, rows, columns, "category")


def _shown(
    snapshot: Snapshot,
    case: _Case,
    found: Beside,
    rows: pl.DataFrame,
    columns: Mapping[str, str],
    *more: str,
) -> Measured:
    """The answer: columns by what they are called in it, and again those without a barrier."""
    without = {f"{name}_without": f"{own}_without" for name, own in columns.items()}
    known = {name: own for name, own in without.items() if own in rows.columns}
    shown = (
        _named(snapshot, case, rows)
        .sort("time", "adopter", "node")
        .select(
            "adopter",
            "period",
            *(pl.col(own).alias(name) for name, own in columns.items()),
            *more,
            pl.col("node").alias("id"),
            *(pl.col(own).alias(name) for name, own in known.items()),
        )
    )
    return Measured(shown, {**case.counts, **found.counts}, [*case.caveats, *found.caveats])


def exposure_before_adoption(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Which share of the company of each adopter used it already in the period before?"""
    case = _case(snapshot, parameters)
    found = _found(snapshot, parameters, case)
    columns = {"in_company": "alters", "used_before": "before"}
    answer = _shown(snapshot, case, found, found.rows, columns)
    known = answer.rows.drop_nulls("used_before")["used_before"]
    none = int((known == 0).sum())
    said = (
        f"Of {len(known):,} who adopted in a known period and kept company then, {none:,} had "
        "nobody in it who used it in the period before."
    )
    return replace(answer, caveats=[*answer.caveats, said])


def neighbours_alike(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Are those who keep company alike in having adopted, at the end of what is looked at?"""
    case = _case(snapshot, parameters)
    day = case.timed.periods[-1:]
    rows, tests, said = [], [], []
    for name, within in schemes(case.kept):
        strata, told = strata_of(snapshot, case.nodes, within)
        said += told
        found = moran(
            case.ties,
            case.adoptions,
            nodes=case.nodes,
            periods=day,
            direction="incoming",
            replicates=parameters["replicates"],
            strata=strata,
            seed=parameters["seed"],
        ).row(0, named=True)
        rows.append({"dealt_within": name, **{c: found[c] for c in _MORAN}})
        tests.append(
            {
                "dealt_within": name,
                "observed": found["moran"],
                "permuted": "who has adopted",
                "alternative": "greater",
                "seed": parameters["seed"],
                **{c: found[c] for c in _MORAN[2:]},
            }
        )
    shown = pl.DataFrame(rows, infer_schema_length=None)
    shown = shown.with_columns(pl.lit(_last_label(case.timed)).alias("period"))
    columns = ["period", "dealt_within", *_MORAN]
    caveats = [*case.caveats, *dict.fromkeys(said), NO_REASON]
    return Measured(shown.select(columns), case.counts, caveats, tests)


_MORAN = ("moran", "expected", "replicates", "null_mean", "null_sd", "p_value")


def _last_label(timed: Timed) -> str:
    return str(timed.periods[-1:].to_frame("time").select(timed.label()).item())


def exposure_model(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Does the exposure of the period before go with adopting, beside period, region and size?"""
    case = _case(snapshot, parameters)
    region, _ = strata_of(snapshot, case.nodes, ("region",))
    size, told = strata_of(snapshot, case.nodes, ("size",))
    traits = {
        "node": case.nodes,
        "region": [region[node] for node in case.nodes],
        "size": [size[node] for node in case.nodes],
    }
    rows = person_periods(
        case.ties,
        case.begun,
        pl.DataFrame(traits),
        nodes=case.nodes,
        periods=case.timed.periods,
        direction="incoming",
    )
    fitted = adoption_logit(rows, categories=_telling(rows, ["time", "region", "size"]))
    if fitted.separated:
        told_by = (
            "in these few some term tells adopting from not adopting, and no estimate is finite"
        )
        raise case.timed.uptake.thin(
            f"{counted(fitted.adoptions, 'adoption')} in {counted(fitted.rows, 'row')}: {told_by}.",
            case.counts,
        )
    terms = fitted.terms.filter(~pl.col("term").str.starts_with("time="))
    counts = {**case.counts, "node_periods": fitted.rows, "adoptions": fitted.adoptions}
    said = [*case.caveats, *told]
    if fitted.left_out:
        said.append(
            f"Nobody, or everybody, adopted in {len(fitted.left_out)} levels, which are left out: "
            f"{', '.join(fitted.left_out)}."
        )
    return Measured(terms, counts, [*said, NO_REASON])


def _telling(rows: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """The columns that tell rows apart, of those that could be terms."""
    used = rows.drop_nulls("exposure")
    return [name for name in names if used[name].n_unique() > 1]
