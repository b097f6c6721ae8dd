"""Systems through time: what became of the 42 of 2022, and which local authorities lie in which.

The 36 systems of 1 April 2026 are 30 of the 42 of July 2022 and six new ones in the place of
twelve. An authority that lies in several systems has a share in each, by the number of its small
areas.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from ..ontology.dates import BoundedDate
from .cleaning import held_bounds
from .delimited import Layout, Sheet
from .geography_authorities import authority_nodes
from .geography_tables import Publication, Tables, area_key, nodes, statements, system_name
from .nhs_names import written_out
from .records import Nodes, Relationships

__all__ = ["PUBLICATIONS"]

_BOARDS_FROM = "2022-07-01"
_MERGERS = "2026-04-01"
_LAST_DAY = "2026-03-31"
_STOOD_BY = "by 2020-04"
# Shares are given to four decimals.
_SAME_SHARE = 0.0002


# --- what became of each system -------------------------------------------------------------------


def _timeline(rows: pl.DataFrame, as_of: str) -> Tables:
    """Each row is a part of a system of 2022 and the system of 2026 that it went to."""
    old, new = pl.format("ods:{}", "system"), pl.format("ods:{}", "system_2026")
    went = rows.filter(pl.col("system") != pl.col("system_2026"))
    kept = set(rows.filter(pl.col("system") == pl.col("system_2026"))["system"])
    begun = rows.filter(~pl.col("system_2026").is_in(rows["system"].implode())).with_columns(
        system_name("board_2026_name").alias("system_2026_name")
    )
    yield from _systems(rows, as_of, kept)
    dates = _constants(_open(_MERGERS, as_of))
    name = pl.col("system_2026_name")
    # By this key a system is known to sources of the time before it had a code.
    key = area_key("system", "system_2026_name")
    yield nodes("System", begun, key, id=new, name=name, statutory_from=_MERGERS, **dates)
    yield from _boards(rows, as_of, kept)
    starts = [pl.lit(_MERGERS).alias(c) for c in ("start_earliest", "start_latest", "date_text")]
    yield statements("SUCCEEDED_BY", went, old, new, pl.col("share"), *starts)


def _open(start: str, as_of: str) -> dict[str, str | None]:
    stated = BoundedDate.parse(as_of)
    day = stated.start_earliest or stated.start_latest or date.fromisoformat(_MERGERS)
    return BoundedDate.open_on(start, day).columns()


def _until_the_mergers(start: str) -> dict[str, str | None]:
    return BoundedDate.from_parts(start, _LAST_DAY).columns()


def _constants(columns: dict[str, str | None]) -> dict[str, pl.Expr]:
    return {column: pl.lit(value, pl.String).alias(column) for column, value in columns.items()}


def _ended_or_open(start: str, as_of: str, kept: set[str]) -> dict[str, pl.Expr]:
    """The columns of a date that began on `start` and, for systems not kept, ended in 2026."""
    still, ended = _open(start, as_of), _until_the_mergers(start)
    goes_on = pl.col("system").is_in(sorted(kept))
    ends = _constants(ended)
    return {
        column: pl.when(goes_on).then(value).otherwise(ends[column]).alias(column)
        for column, value in _constants(still).items()
    }


def _systems(rows: pl.DataFrame, as_of: str, kept: set[str]) -> Tables:
    codes = [pl.format("ons:{}", c) for c in ("system_ons", "system_2020_ons", "system_2021_ons")]
    before = pl.col("partnership_2020_name")
    yield nodes(
        "System",
        rows,
        pl.concat_list(codes).list.unique().list.sort(),
        id=pl.format("ods:{}", "system"),
        name=system_name("board_name"),
        name_before=before,
        other_names=pl.concat_list("partnership_2020_name", "partnership_2021_name").list.unique(),
        statutory_from=_BOARDS_FROM,
        **_ended_or_open(_STOOD_BY, as_of, kept),
    )


def _boards(rows: pl.DataFrame, as_of: str, kept: set[str]) -> Tables:
    """The boards of 2022, and those of 2026 that are new."""
    new = rows.filter(~pl.col("system_2026").is_in(rows["system"].implode())).select(
        "row",
        pl.col("system_2026").alias("system"),
        written_out("board_2026_name").alias("board_name"),
    )
    ended = _ended_or_open(_BOARDS_FROM, as_of, kept)
    fresh = _constants(_open(_MERGERS, as_of))
    role = pl.lit("integrated care board").alias("role")
    board, system = pl.format("icsg:icb/{}", "system"), pl.format("ods:{}", "system")
    for boards, dates in ((rows, ended), (new, fresh)):
        name = pl.col("board_name")
        yield nodes("Organisation", boards, id=board, name=name, org_type="icb", **dates)
        yield statements("MEMBER_OF", boards, board, system, role, *dates.values())


# --- which authorities lie in which system --------------------------------------------------------


def _authorities(rows: pl.DataFrame, as_of: str) -> Tables:
    """Each row is a part of an authority, with its system of 2022 and that of 2026."""
    yield authority_nodes(rows)
    yield _named_systems(rows, "system", "board_name")
    yield _named_systems(rows, "system_2026", "board_2026_name")
    yield Relationships("PART_OF", _memberships(rows, as_of))


def _named_systems(rows: pl.DataFrame, code: str, board: str) -> Nodes:
    ons = [pl.format("ons:{}", f"{code}_ons")] if f"{code}_ons" in rows.columns else []
    return nodes("System", rows, *ons, id=pl.format("ods:{}", code), name=system_name(board))


def _memberships(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """An authority in a system, with its share: from July 2022, from April 2026, or both times.

    Where the share changed although the system goes on, the two times are two statements.
    """
    shares = [_shares(rows, code).rename({"share": code}) for code in ("system", "system_2026")]
    both = shares[0].join(shares[1], on=["authority", "target"], how="full", coalesce=True)
    early, late = pl.col("system"), pl.col("system_2026")
    same = ((early - late).abs() < _SAME_SHARE).fill_null(False)
    open_since = _open(f"by {_BOARDS_FROM}", as_of)
    ended = _until_the_mergers(f"by {_BOARDS_FROM}")
    from_mergers = _open(_MERGERS, as_of)
    return pl.concat(
        [
            _dated(both.filter(same), early, "2022", open_since),
            _dated(both.filter(early.is_not_null() & ~same), early, "2022", ended),
            _dated(both.filter(late.is_not_null() & ~same), late, "2026", from_mergers),
        ]
    ).sort("subject", "object", "key")


def _shares(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    parts = rows.group_by("authority", pl.format("ods:{}", code).alias("target"))
    return parts.agg(pl.col("share").sum().clip(upper_bound=1.0).round(4))


def _dated(
    rows: pl.DataFrame, share: pl.Expr, key: str, dates: dict[str, str | None]
) -> pl.DataFrame:
    return rows.select(
        pl.format("ons:{}", "authority").alias("subject"),
        pl.col("target").alias("object"),
        pl.lit(key).alias("key"),
        pl.lit("register").alias("knowledge_level"),
        share.alias("share"),
        *_constants(dates).values(),
    )


# --- small areas ----------------------------------------------------------------------------------


def _merge_small_areas(sheet: Sheet) -> Sheet:
    """One row stands for all small areas of the same authority, sub-ICB location and board."""
    alike = ("area", "system", "authority")
    counted = sheet.rows.with_columns(pl.len().over(alike).alias("small_areas"))
    first = counted.unique(alike, keep="first", maintain_order=True)
    others = counted.filter(~pl.col("row").is_in(first["row"].implode()))["row"]
    note = f"small areas are counted into shares: {counted.height} into {first.height}"
    return replace(sheet, rows=counted).merge(others, note)


def _small_areas(rows: pl.DataFrame, as_of: str) -> Tables:
    """Shares of authorities and of sub-ICB locations in systems, by number of small areas."""
    bounds = held_bounds(as_of)
    system = pl.format("ods:{}", "system")
    yield _named_systems(rows, "system", "board_name")
    yield authority_nodes(rows)
    area = pl.format("ons:{}", "area")
    commissioner = pl.format("ods:{}", "commissioner")
    name = pl.col("area_name")
    yield nodes("Area", rows, id=area, name=name, area_type="sub-icb")
    yield nodes("Organisation", rows, id=commissioner, name=name, org_type="sub-icb-location")
    yield statements("SERVES", rows, commissioner, area, *bounds)
    for part in ("authority", "area"):
        shared = rows.with_columns(_counted_share(part).alias("share"))
        ends = pl.format("ons:{}", part), system
        yield statements("PART_OF", shared, *ends, pl.col("share"), *bounds)


def _counted_share(part: str) -> pl.Expr:
    there = pl.col("small_areas").sum().over(part, "system")
    return (there / pl.col("small_areas").sum().over(part)).round(4)


PUBLICATIONS: tuple[Publication, ...] = (
    Publication(
        Layout(
            "Systems from STP 2020 to integrated care board 2026 (derived)",
            {
                "icb22_code_h": "system",
                "icb22_code": "system_ons",
                "icb22_name": "board_name",
                "icb26_ods": "system_2026",
                "icb26_name": "board_2026_name",
                "n_lsoa11": "",
                "share_of_icb22": "share",
                "stp20cdh": "",
                "stp20cd": "system_2020_ons",
                "stp20nm": "partnership_2020_name",
                "stp21cdh": "",
                "stp21cd": "system_2021_ons",
                "stp21nm": "partnership_2021_name",
            },
        ),
        _timeline,
    ),
    Publication(
        Layout(
            "Lower-tier local authorities to systems of 2022 and 2026 (derived)",
            {
                "ltla22_code": "authority",
                "ltla22_name": "authority_name",
                "icb22_code_h": "system",
                "icb22_name": "board_name",
                "icb26_ods": "system_2026",
                "icb26_name": "board_2026_name",
                "n_lsoa11": "",
                "share_of_lad": "share",
            },
        ),
        _authorities,
    ),
    Publication(
        Layout(
            "Upper-tier local authorities to systems of 2022 and 2026 (derived)",
            {
                "utla21_code": "authority",
                "utla21_name": "authority_name",
                "icb22_code_h": "system",
                "icb22_code": "system_ons",
                "icb22_name": "board_name",
                "icb26_ods": "system_2026",
                "icb26_name": "board_2026_name",
                "n_lsoa11": "",
                "share_of_la": "share",
            },
        ),
        _authorities,
    ),
    Publication(
        Layout(
            "Small areas to sub-ICB location, integrated care board, local authority (ONS, 2022)",
            {
                "lsoa11_name": "",
                "lsoa11_code": "small_area",
                "sicbl22_name": "area_name",
                "sicbl22_code": "area",
                "sicbl22_code_h": "commissioner",
                "icb22_name": "board_name",
                "icb22_code": "system_ons",
                "icb22_code_h": "system",
                "ltla22_name": "authority_name",
                "ltla22_code": "authority",
            },
        ),
        _small_areas,
        as_of="2022-07",
        prepare=_merge_small_areas,
    ),
)
"""Tables of systems through time, and of the authorities in them."""
