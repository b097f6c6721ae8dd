"""Local authorities: their names, regions, counties, and what became of the former ones.

The register of mySociety has English and other authorities of the United Kingdom, the former ones
among them, with the names that lists use for each. A name that stands for two authorities there (a
county and the unitary authority in its place) is a key to neither.
"""

from __future__ import annotations

import polars as pl

from .cleaning import Rule, day_after, day_before, held_bounds, is_missing, is_no_day, is_not, sift
from .delimited import Layout, Sheet
from .geography_tables import Publication, Tables, area_key, is_place, nodes, statements
from .records import Nodes

__all__ = ["PUBLICATIONS", "authority_nodes"]

# https://www.ons.gov.uk/methodology/geography/ukgeographies/administrativegeography
_TIERS = {
    "E07": "local-authority-lower-tier",
    "E10": "local-authority-upper-tier",
    "E47": "combined-authority",
}
_ISO = "yyyy-mm-dd"
# Starts in these two months of 2005 are those of the register itself, so the authority is older.
_REGISTER_BEGAN = r"^2005-0[56]-"


def authority_nodes(rows: pl.DataFrame) -> Nodes:
    """The authorities of a table with `authority` (ONS code) and `authority_name`.

    The names of 2021 and 2022 are keys for sources that know names only; see `_regions`.
    """
    key = area_key("local-authority", "authority_name")
    return _authorities(rows, key)


def _authorities(rows: pl.DataFrame, *codes: pl.Expr) -> Nodes:
    return nodes(
        "Area",
        rows,
        *codes,
        id=pl.format("ons:{}", "authority"),
        name=pl.col("authority_name"),
        area_type=_tier("authority"),
    )


def _tier(code: str) -> pl.Expr:
    """Districts and counties are one tier each; unitary, metropolitan and London boroughs both. A
    combined authority is made of several."""
    kind = pl.col(code).str.slice(0, 3)
    return kind.replace_strict(_TIERS, default="local-authority", return_dtype=pl.String)


# --- authorities to regions -----------------------------------------------------------------------


def _regions(rows: pl.DataFrame, as_of: str) -> Tables:
    region = pl.format("ons:{}", "english_region")
    key, name = area_key("region", "region_name"), pl.col("region_name")
    # No keys: since April 2023 Somerset and North Yorkshire are other authorities than the counties
    # which tables of 2021 name so, and a key must not stand for two.
    yield _authorities(rows)
    yield nodes("Area", rows, key, id=region, name=name, area_type="region")
    authority = pl.format("ons:{}", "authority")
    yield statements("PART_OF", rows, authority, region, *held_bounds(as_of))


# --- names ----------------------------------------------------------------------------------------


def _register_key(code: str) -> pl.Expr:
    return pl.format("icsg:local-authority-code/{}", pl.col(code).str.to_lowercase())


def _prepare_names(sheet: Sheet) -> Sheet:
    """Names that differ in their spelling only are one; of those the first is kept."""
    sheet = sift(sheet, [_is_register_code("code"), is_place("name")])
    sheet = sheet.derive(area_key("local-authority", "name").alias("key"))
    first = sheet.rows.unique(["code", "key"], keep="first", maintain_order=True)
    again = sheet.rows.filter(~pl.col("row").is_in(first["row"].implode()))["row"]
    shared = first.filter(pl.col("key").is_duplicated())["name"].unique().sort()
    sheet = sheet.merge(again, "names that differ in spelling only count once")
    if shared.is_empty():
        return sheet
    return sheet.derive(note=f"names of two authorities, so keys to neither: {'; '.join(shared)}")


def _is_register_code(column: str) -> Rule:
    return is_not(column, "[A-Z]{3,4}(?:-[A-Z])?", "a code of the register of local authorities")


def _names(rows: pl.DataFrame, as_of: str) -> Tables:
    shared = pl.col("key").is_duplicated()
    grouped = (
        rows.with_columns(pl.when(~shared).then("key").alias("key"))
        .group_by("code", maintain_order=True)
        .agg(pl.col("name"), pl.col("key").drop_nulls())
    )
    yield Nodes(
        "Area",
        grouped.select(
            _register_key("code").alias("id"),
            pl.col("name").list.eval(_written_as_names()).list.sort().alias("other_names"),
            pl.col("key").list.sort().alias("codes"),
        ),
    )


def _written_as_names() -> pl.Expr:
    """The list has forms in small letters too, which are for matching."""
    return pl.element().filter(pl.element() != pl.element().str.to_lowercase())


# --- the register ---------------------------------------------------------------------------------


def _prepare_register(sheet: Sheet) -> Sheet:
    """Codes that exist, days as ISO text, and each other authority that a row names in the file."""
    register = [_is_register_code(c) for c in ("code", "county", "combined")]
    several = is_not("replaced_by", "[A-Z]{3,4}(?:[,-][A-Z]{1,4})*", "a list of codes")
    days = [_is_no_iso_day(c) for c in ("start", "end")]
    ons = is_not("gss", "[EWSN][0-9]{8}", "an ONS code")
    missing = is_missing("code", "name")
    sheet = sift(sheet, [*missing, is_place("name"), *register, several, ons, *days])
    known = sheet.rows["code"].to_list()
    strangers = [
        Rule(c, ~pl.col(c).is_in(known), "is no code of a row here", "Add the authority.")
        for c in ("county", "combined")
    ]
    all_known = pl.col("replaced_by").str.split(",").list.eval(pl.element().is_in(known)).list.all()
    strangers.append(Rule("replaced_by", ~all_known, "names a code of no row here", "Add it."))
    return sift(sheet, strangers)


def _is_no_iso_day(column: str) -> Rule:
    return is_no_day(column, _ISO)


def _register(rows: pl.DataFrame, as_of: str) -> Tables:
    rows = rows.with_columns(
        pl.coalesce(pl.format("ons:{}", "gss"), _register_key("code")).alias("id"),
        area_key("region", "region_name").alias("region_id"),
        _first_day_gone(rows).alias("gone"),
    )
    ids = dict(rows.select("code", "id").iter_rows())
    yield _register_nodes(rows, as_of)
    yield _register_regions(rows)
    held = _held(as_of)
    yield statements("PART_OF", rows, pl.col("id"), pl.col("region_id"), *held)
    for column in ("county", "combined"):
        whole = pl.col(column).replace_strict(ids, default=None, return_dtype=pl.String)
        yield statements("PART_OF", rows, pl.col("id"), whole, *held)
    heirs = rows.drop_nulls(["replaced_by", "gone"]).with_columns(
        pl.col("replaced_by").str.split(",").alias("heir")
    )
    since = [pl.col("gone").alias(c) for c in ("start_earliest", "start_latest", "date_text")]
    heir = pl.col("heir").replace_strict(ids, default=None, return_dtype=pl.String)
    yield statements("SUCCEEDED_BY", heirs.explode("heir"), pl.col("id"), heir, *since)


def _first_day_gone(rows: pl.DataFrame) -> pl.Expr:
    """The first day without the authority. Most end dates are the last day it stood, some the first
    day of its successor."""
    starts = dict(rows.select("code", "start").iter_rows())
    heir = pl.col("replaced_by").str.split(",").list.first()
    begun = heir.replace_strict(starts, default=None, return_dtype=pl.String)
    following = pl.when(begun == pl.col("end")).then("end")
    return pl.coalesce(following, day_after("end"))


def _register_nodes(rows: pl.DataFrame, as_of: str) -> Nodes:
    name = pl.col("name")
    key = pl.when(~name.is_duplicated()).then(area_key("local-authority", "name"))
    former = pl.col("former").str.split(",").list.eval(pl.format("ons:{}", pl.element()))
    known = pl.col("gss").str.contains("^(?:E0|E10|E47|[WSN])").fill_null(True)
    register = pl.when(pl.col("gss").is_not_null()).then(_register_key("code"))
    return nodes(
        "Area",
        rows,
        pl.concat_list(pl.concat_list(key, register), former.fill_null([])),
        id=pl.col("id"),
        name=name,
        other_names=pl.concat_list("official_name").list.drop_nulls(),
        area_type=pl.when(known).then(_tier("gss").fill_null("local-authority")),
        lon=pl.col("lon").cast(pl.Float64, strict=False),
        lat=pl.col("lat").cast(pl.Float64, strict=False),
        **_existence(as_of),
    )


def _existence(as_of: str) -> dict[str, pl.Expr]:
    start, gone = pl.col("start"), pl.col("gone")
    by_then, still = held_bounds(as_of)
    imprecise = start.str.contains(_REGISTER_BEGAN)
    stated = pl.when(imprecise).then(pl.format("by {}", start)).otherwise(start)
    last = pl.format("{} to {}", stated.fill_null("unknown"), day_before("gone"))
    return {
        "start_earliest": pl.when(~imprecise).then(start),
        "start_latest": pl.coalesce(start, pl.when(gone.is_null()).then(by_then)),
        "end_earliest": pl.coalesce(gone, still),
        "end_latest": gone,
        "date_text": pl.coalesce(last, stated),
    }


def _register_regions(rows: pl.DataFrame) -> Nodes:
    """Regions of England; Wales, Scotland and Northern Ireland stand in the same column."""
    name = pl.col("region_name")
    country = name.is_in(["Wales", "Scotland", "Northern Ireland"])
    kind = pl.when(country).then(pl.lit("country")).otherwise(pl.lit("region"))
    return nodes("Area", rows, id=pl.col("region_id"), name=name, area_type=kind)


def _held(as_of: str) -> list[pl.Expr]:
    """The bounds of what the register says of an authority: until its end, or on the as-of day."""
    by_then, still = held_bounds(as_of)
    stands = pl.col("gone").is_null()
    return [
        pl.when(stands).then(by_then).alias("start_latest"),
        pl.when(stands).then(still).alias("end_earliest"),
        pl.col("gone").alias("end_latest"),
    ]


_REGISTER = {
    "local-authority-code": "code",
    "official-name": "official_name",
    "nice-name": "name",
    "gss-code": "gss",
    "start-date": "start",
    "end-date": "end",
    "replaced-by": "replaced_by",
    "region": "region_name",
    "county-la": "county",
    "combined-authority": "combined",
    "former-gss-codes": "former",
    "long": "lon",
    "lat": "lat",
}
_NOT_READ = (
    *("nation", "local-authority-type", "local-authority-type-name", "alt-names", "notes"),
    *("current-authority", "BS-6879", "ecode", "even-older-register-and-code", "gov-uk-slug"),
    *("area", "pop-2020", "x", "y", "powers", "lower-or-unitary", "mapit-area-code", "ofcom"),
    *("old-ons-la-code", "old-register-and-code", "open-council-data-id", "os-file", "os"),
    *("snac", "wdtk-id"),
)

PUBLICATIONS: tuple[Publication, ...] = (
    Publication(
        Layout(
            "Local authorities to regions (ONS, 2024)",
            {
                "ltla24_name": "authority_name",
                "ltla24_code": "authority",
                "region24_name": "region_name",
                "region24_code": "english_region",
            },
        ),
        _regions,
        as_of="2024",
    ),
    Publication(
        Layout(
            "Names of local authorities (mySociety)",
            {"la-name": "name", "local-authority-code": "code"},
        ),
        _names,
        prepare=_prepare_names,
    ),
    Publication(
        Layout(
            "Register of local authorities (mySociety)",
            {**_REGISTER, **dict.fromkeys(_NOT_READ, "")},
            optional=frozenset(_NOT_READ),
        ),
        _register,
        prepare=_prepare_register,
        may_lack=frozenset(_REGISTER.values()),
    ),
)
"""Tables of local authorities."""
