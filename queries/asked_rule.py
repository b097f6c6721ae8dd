"""By which rule an adoption is known: a declared one, with its threshold or another, or none."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.adoption_rules import AdoptionRule, rules
from ..ontology.adoptions import adoptions
from ..ontology.errors import UsageError, shown
from .answer import Unanswerable

__all__ = ["STATEMENTS", "adopted_by_rule", "asked_rule"]

STATEMENTS = "statements"
"""What adoptions are known by, if by no rule: the statements of reports and other sources."""


def asked_rule(
    snapshot: Snapshot, innovation: str, by: str = "", threshold: str = ""
) -> AdoptionRule | None:
    """The rule named `by`, with another threshold if one is given; None for the statements.

    Unless named, the rule for systems where the snapshot has such a series, else another rule, else
    the statements. `Unanswerable` for a rule that is not one of the innovation, `UsageError` for a
    threshold where there is no stored series that it could be applied to, or that is none.
    """
    known = [
        rule
        for rule in rules().values()
        if rule.innovation == innovation and rule.series in snapshot.series_names
    ]
    of_systems = [rule for rule in known if rule.group]
    usual = next(iter(of_systems or known), None)
    named = {rule.name: rule for rule in known}
    if by and by != STATEMENTS and by not in named:
        choices = ", ".join([*named, STATEMENTS])
        raise Unanswerable(f"{innovation} is not known by {by}. It is known by: {choices}.")
    found = (None if by == STATEMENTS else named[by]) if by else usual
    if not threshold:
        return found
    if found is None:
        raise UsageError(
            f"{innovation} is known from the statements of reports here, not from a stored series, "
            f"so the threshold {shown(threshold)} cannot be applied to it.",
            f"Rules over stored series: {', '.join(named)}."
            if named
            else "Add the source of a series of it, or leave --threshold out.",
        )
    return _at(found, threshold)


def _at(rule: AdoptionRule, threshold: str) -> AdoptionRule:
    """The rule with another threshold, in words that say so."""
    if isinstance(rule.threshold, str):
        raise UsageError(
            f"The rule {rule.name} asks whether a text lists {rule.threshold}: that has no other "
            "threshold.",
            "Ask about the innovation that the other name stands for.",
        )
    try:
        value = float(threshold)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"The threshold {shown(threshold)} is no number.")
    if value == rule.threshold:
        return rule
    other = replace(rule, threshold=value)
    told = f"{other.text} (the declared threshold is {rule.threshold:g})"
    return replace(other, name=f"{rule.name} at {value:g}", words=told)


def adopted_by_rule(snapshot: Snapshot, innovation: str, rule: AdoptionRule | None) -> pl.DataFrame:
    """What is known of adoptions of an innovation by a rule, or by statements (None): `ADOPTED`.

    Those by a rule with its declared threshold are in the snapshot; for another they are taken from
    the stored series, by the same rule. `UsageError` for a threshold outside of what was measured.
    """
    stated = snapshot.relationships("ADOPTED")
    own = stated.filter(pl.col("object") == innovation)
    if rule is None:
        return own.filter(pl.col("rule").is_null())
    if rule in rules().values():
        return own.filter(pl.col("rule") == rule.text)
    series = snapshot.series(rule.series)
    _within_the_measured(series, rule)
    found = adoptions(series, rule)
    newest = series.group_by(subject="thing").agg(pl.col("source").max())
    rows = found.join(newest, on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(pl.format("{} {}", "subject", "key").alias("id"))
    held = [name for name in stated.columns if name in rows.columns]
    rest = [pl.lit(None, stated.schema[n]).alias(n) for n in stated.columns if n not in held]
    return rows.select(*held, *rest).select(stated.columns).cast(stated.schema)


def _within_the_measured(series: pl.DataFrame, rule: AdoptionRule) -> None:
    """Refuse a threshold that nobody is below, or above: it is in another unit."""
    same = pl.col("group").eq_missing(pl.lit(rule.group, pl.String))
    numbers = series.filter((pl.col("measure") == rule.measure) & same)["number"].drop_nulls()
    if numbers.is_empty():
        return
    value = float(rule.threshold)
    low, high = float(numbers.to_numpy().min()), float(numbers.to_numpy().max())
    if not low <= value <= high:
        raise UsageError(
            f"The threshold {value:g} lies outside of what was measured: {rule.measure} goes from "
            f"{low:g} to {high:g}."
        )
