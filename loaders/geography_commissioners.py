"""Areas of commissioners: CCG to STP, sub-ICB location to integrated care board to region."""

from __future__ import annotations

import polars as pl

from .cleaning import held_bounds
from .delimited import Layout
from .geography_tables import (
    Publication,
    Tables,
    nodes,
    region_nodes,
    statements,
    system_name,
)
from .records import Nodes

__all__ = ["PUBLICATIONS"]

# In April 2020 the ONS gave five partnerships new codes, since mergers of CCGs moved their borders;
# their ODS codes stayed, and the table of 2019 has ONS codes only.
_ODS_CODES_OF_2019 = {
    "E54000005": "QWO",
    "E54000006": "QOQ",
    "E54000033": "QNX",
    "E54000035": "QXU",
    "E54000049": "QHM",
}
_BOARD_ROLE = "integrated care board"
_BOARDS_FROM = "2022-07-01"


def _lookup(rows: pl.DataFrame, as_of: str) -> Tables:
    """What a table says whose rows are areas, boards or both, each with what it lies in."""
    columns = set(rows.columns)
    yield _systems(rows)
    if "board_name" in columns:
        yield from _boards(rows, as_of)
    if "area" in columns:
        yield from _areas(rows, as_of)
    if "alliance" in columns:
        alliance = pl.format("ons:{}", "alliance")
        name = pl.col("alliance_name")
        yield nodes("Area", rows, id=alliance, name=name, area_type="cancer-alliance")
        yield statements("PART_OF", rows, _area(), alliance, *held_bounds(as_of))
    if "region" in columns:
        region = pl.format("ods:{}", "region")
        yield region_nodes(rows)
        yield statements("PART_OF", rows, _system(rows), region, *held_bounds(as_of))


def _area() -> pl.Expr:
    return pl.format("ons:{}", "area")


def _system(rows: pl.DataFrame) -> pl.Expr:
    ons = pl.format("ons:{}", "system_ons")
    if "system" in rows.columns:
        return pl.format("ods:{}", "system")
    ods = pl.col("system_ons").replace_strict(
        _ODS_CODES_OF_2019, default=None, return_dtype=pl.String
    )
    return pl.coalesce(pl.format("ods:{}", ods), ons)


def _systems(rows: pl.DataFrame) -> Nodes:
    system, ons = _system(rows), pl.format("ons:{}", "system_ons")
    code = pl.when(system != ons).then(ons)
    if "board_name" in rows.columns:
        region = pl.col("region_name") if "region_name" in rows.columns else pl.lit(None, pl.String)
        named = {"name": system_name("board_name"), "region": region}
        return nodes("System", rows, code, id=system, statutory_from=_BOARDS_FROM, **named)
    name = pl.col("partnership_name")
    return nodes("System", rows, code, id=system, name=name, name_before=name)


def _boards(rows: pl.DataFrame, as_of: str) -> Tables:
    board, system = pl.format("icsg:icb/{}", "system"), pl.format("ods:{}", "system")
    still = held_bounds(as_of)[1]
    begun = [pl.lit(_BOARDS_FROM).alias(c) for c in ("start_earliest", "start_latest", "date_text")]
    dates = {c.meta.output_name(): c for c in (*begun, still)}
    name = pl.col("board_name")
    yield nodes("Organisation", rows, id=board, name=name, org_type="icb", **dates)
    role = pl.lit(_BOARD_ROLE).alias("role")
    yield statements("MEMBER_OF", rows, board, system, role, *begun, still)


def _areas(rows: pl.DataFrame, as_of: str) -> Tables:
    boards = "board_name" in rows.columns
    name = pl.col("area_name")
    area_type = "sub-icb" if boards else "ccg"
    org_type = "sub-icb-location" if boards else "ccg"
    commissioner = pl.format("ods:{}", "commissioner")
    bounds = held_bounds(as_of)
    yield nodes("Area", rows, id=_area(), name=name, area_type=area_type)
    yield nodes("Organisation", rows, id=commissioner, name=name, org_type=org_type)
    yield statements("SERVES", rows, commissioner, _area(), *bounds)
    yield statements("PART_OF", rows, _area(), _system(rows), *bounds)


_PARTS = {
    "SICBL": ("area", "commissioner", "area_name"),
    "ICB": ("system_ons", "system", "board_name"),
    "NHSER": ("region_ons", "region", "region_name"),
}
"""How the ONS calls what the three columns of a part hold: its code, its ODS code, its name."""
_ENDINGS = ("CD", "CDH", "NM")
_YEARS = range(22, 40)


def _layout(name: str, year: int, *parts: str, others: bool = False) -> Layout:
    """A table of boards: in the names of its columns stands the year of the edition, here this one,
    or with `others` any. The first editions called sub-ICB locations LOC."""
    spelled = {p: ("SICBL", "LOC") if p == "SICBL" else (p,) for p in parts}
    return Layout(
        name,
        {f"{p}{year}{e}": of for p in parts for e, of in zip(_ENDINGS, _PARTS[p], strict=True)},
        aliases={
            f"{spelling}{each}{e}": f"{p}{year}{e}"
            for p in parts
            for spelling in spelled[p]
            for each in (_YEARS if others else [year])
            for e in _ENDINGS
        },
    )


_TO_REGION = "Sub-ICB location to integrated care board to NHS England region"
_NAMES = "Names and codes of integrated care boards"

PUBLICATIONS: tuple[Publication, ...] = (
    Publication(
        Layout(
            "CCG to STP and cancer alliance (ONS, 2019)",
            {
                "CCG19CD": "area",
                "CCG19CDH": "commissioner",
                "CCG19NM": "area_name",
                "STP19CD": "system_ons",
                "STP19NM": "partnership_name",
                "CAL19CD": "alliance",
                "CAL19NM": "alliance_name",
            },
        ),
        _lookup,
        as_of="2019-07",
    ),
    Publication(
        Layout(
            "CCG to STP (ONS, 2020)",
            {
                "CCG20CD": "area",
                "CCG20CDH": "commissioner",
                "CCG20NM": "area_name",
                "STP20CD": "system_ons",
                "STP20CDH": "system",
                "STP20NM": "partnership_name",
            },
        ),
        _lookup,
        as_of="2020-04",
    ),
    Publication(
        Layout(
            "CCG to STP to NHS England region (ONS, 2021)",
            {
                "CCG21CD": "area",
                "CCG21CDH": "commissioner",
                "CCG21NM": "area_name",
                "STP21CD": "system_ons",
                "STP21CDH": "system",
                "STP21NM": "partnership_name",
                "NHSER21CD": "region_ons",
                "NHSER21CDH": "region",
                "NHSER21NM": "region_name",
            },
        ),
        _lookup,
        as_of="2021-04",
    ),
    Publication(_layout(f"{_TO_REGION} (ONS, 2022)", 22, *_PARTS), _lookup, as_of="2022-07"),
    Publication(_layout(f"{_TO_REGION} (ONS)", 23, *_PARTS, others=True), _lookup),
    Publication(_layout(f"{_NAMES} (ONS, 2024)", 24, "ICB"), _lookup, as_of="2024-12"),
    Publication(_layout(f"{_NAMES} (ONS)", 25, "ICB", others=True), _lookup),
)
"""The ONS's tables of commissioners' areas; where no day is named that of the source counts."""
