"""From memberships to ties: who belongs together with whom, and when."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..ontology.errors import UnknownName

__all__ = ["shared_membership"]

_ENDS = ("subject", "object")
_BOUNDS = ("start_earliest", "start_latest", "end_earliest", "end_latest")


def shared_membership(members: pl.DataFrame) -> pl.DataFrame:
    """Which members of the same network does their membership tie, and when?

    `members` are rows of `MEMBER_OF` (or of any kind that joins a part to a whole): `subject` the
    member, `object` the network, and the four bounds of a date, ISO text, of which any may be
    absent. Filter the rows before: a network that spans the country ties everybody. Returns one row
    for each pair and network, sorted: `subject` and `object` (two members, the lesser id first; the
    tie has no direction), `network`, `size` (how many members it has in `members`), the four
    bounds, and `certainty`.

    The tie holds while both belong: from the later of the two starts to the earlier of the two
    ends. It is CERTAIN if there was a day on which both surely belonged, else POSSIBLE; pairs of
    which one had surely left before the other came are left out. A member that left and came back
    has a row for each time. `UnknownName` if a column of ends is missing.

    >>> bounds = {"start_latest": ["2024-08-31"] * 3, "end_earliest": ["2024-09-01"] * 3}
    >>> members = pl.DataFrame({"subject": ["ods:RXF", "ods:R1H", "ods:RWY"],
    ...                         "object": ["ods:N63", "ods:N45", "ods:N63"], **bounds})
    >>> shared_membership(members).select("subject", "object", "network", "certainty").row(0)
    ('ods:RWY', 'ods:RXF', 'ods:N63', 'CERTAIN')
    """
    spells = _spells(members)
    size = spells.group_by("object").agg(pl.col("subject").n_unique().alias("size"))
    paired = spells.join(spells, on="object", suffix="_other").filter(
        pl.col("subject") < pl.col("subject_other")
    )
    together = paired.with_columns(
        pl.max_horizontal(_both("start_earliest")).alias("start_earliest"),
        _if_both_known("start_latest", pl.max_horizontal(_both("start_latest"))),
        _if_both_known("end_earliest", pl.min_horizontal(_both("end_earliest"))),
        pl.min_horizontal(_both("end_latest")).alias("end_latest"),
    )
    apart = pl.col("end_latest") <= pl.col("start_earliest")
    before_other_ended = pl.col("last_start") < pl.col("first_end_other")
    certain = before_other_ended & (pl.col("last_start_other") < pl.col("first_end"))
    return (
        together.filter(~apart.fill_null(False))
        .join(size, on="object", how="left")
        .with_columns(
            pl.when(certain)
            .then(pl.lit("CERTAIN"))
            .otherwise(pl.lit("POSSIBLE"))
            .alias("certainty")
        )
        .select(
            "subject",
            pl.col("subject_other").alias("object"),
            pl.col("object").alias("network"),
            "size",
            *_BOUNDS,
            "certainty",
        )
        .unique()
        .sort(pl.all())
    )


def _spells(members: pl.DataFrame) -> pl.DataFrame:
    """The ends and bounds of the rows, each once; bounds that are no column are unknown."""
    for column in _ENDS:
        if column not in members.columns:
            raise UnknownName("column of members", column, members.columns)
    absent = [pl.lit(None, pl.String).alias(c) for c in _BOUNDS if c not in members.columns]
    rows = members.with_columns(*absent).select(*_ENDS, *_BOUNDS)
    # No membership begins on its last possible end, nor ends on its first possible start.
    day_before = pl.col("end_latest").str.to_date().dt.offset_by("-1d").dt.to_string()
    day_after = pl.col("start_earliest").str.to_date().dt.offset_by("1d").dt.to_string()
    return (
        rows.drop_nulls(_ENDS)
        .unique()
        .with_columns(
            last_start=pl.min_horizontal("start_latest", day_before),
            first_end=pl.max_horizontal("end_earliest", day_after),
        )
    )


def _both(bound: str) -> Sequence[str]:
    return (bound, f"{bound}_other")


def _if_both_known(bound: str, value: pl.Expr) -> pl.Expr:
    known = pl.all_horizontal(pl.col(_both(bound)).is_not_null())
    return pl.when(known).then(value).alias(bound)
