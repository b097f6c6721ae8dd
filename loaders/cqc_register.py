"""What the CQC's register says of a location or a provider, whichever publication says it.

The API, the list of active locations and the care directory differ in layout, not in what a
registration is. Each brings its values into the columns of `REGISTERED`; here they become nodes and
relationships.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.dates import COLUMNS, BoundedDate
from ..ontology.vocabularies import scheme
from .cleaning import Rule, address, held_bounds, is_not, postcode
from .cqc_identifiers import (
    BRAND,
    LOCATION,
    PRACTICE,
    PROVIDER,
    all_codes,
    charity_code,
    company_code,
    cqc_code,
    cqc_thing,
    registered_bounds,
    sole_trader,
)
from .delimited import Sheet
from .geography_tables import area_key, is_place, system_name
from .records import Nodes, Relationships

__all__ = [
    "REGISTERED",
    "Tables",
    "day_of",
    "identified",
    "is_name",
    "is_registration",
    "locations",
    "named_things",
    "noted",
    "providers",
    "published",
    "registrations",
    "said",
    "services",
]

Tables = Iterator[Nodes | Relationships]

REGISTERED: tuple[str, ...] = (
    *("thing", "location", "provider", "name", "also_known_as", "type", "ownership"),
    *("registered", "deregistered", "ods_code", "company", "charity", "url"),
    *("line_1", "line_2", "town", "county", "postcode", "lon", "lat"),
    *("local_authority", "region", "nhs_region", "ccg", "ccg_name", "system", "board_name"),
    *("commissioner", "commissioner_name", "brand", "brand_name"),
    *("inspection_category", "care_home", "locator"),
)
"""The columns of a registration, text each; one that a publication does not have is blank. `thing`
is the id at the CQC; `location` is blank for a provider; days are ISO."""

REGION_OF_NHS_ENGLAND = "[QY][0-9]{2}"
_AREAS = {"local_authority": "local-authority", "region": "region", "nhs_region": "nhs-region"}
_WITHIN = (
    ("LOCATED_IN", "id", "local_authority_id"),
    ("LOCATED_IN", "id", "ccg_id"),
    ("LOCATED_IN", "id", "nhs_region_id"),
    ("LOCATED_IN", "id", "system_id"),
    ("PART_OF", "id", "practice_id"),
    ("COMMISSIONS", "commissioner_id", "id"),
)
_LISTED = (("provider_id", "brand_id"), ("local_authority_id", "region_id"))


# --- registrations that can be taken --------------------------------------------------------------


def is_registration(*present: str) -> Iterator[Rule]:
    """The rules of a registration for those of these columns that a publication has."""
    forms = {
        "location": (LOCATION, "the id of a location"),
        "provider": (PROVIDER, "the id of a provider"),
        "ods_code": ("[0-9A-Z]{3,12}", "an ODS code"),
        "commissioner": ("[0-9A-Z]{3,6}", "an ODS code"),
        "ccg": ("E38[0-9]{6}", "an ONS code of a CCG"),
        "system": ("E54[0-9]{6}", "an ONS code of an integrated care board"),
        "brand": (f"{BRAND}|{REGION_OF_NHS_ENGLAND}|-", "the id of a brand"),
        "care_home": ("[YN]", "Y or N"),
        "beds": ("[0-9]{1,5}", "a number of beds"),
    }
    yield from (is_not(column, *forms[column]) for column in present if column in forms)
    yield from (
        is_place(column) for column in present if column.removeprefix("provider_") in _AREAS
    )
    bounds = {"lon": (-9, 3, "longitude"), "lat": (49, 61, "latitude")}
    for column, (low, high, what) in bounds.items():
        for placed in (c for c in present if c == column or c.endswith(f"_{column}")):
            number = pl.col(placed).cast(pl.Float64, strict=False)
            wrong = pl.col(placed).is_not_null() & ~number.is_between(low, high).fill_null(False)
            yield Rule(placed, wrong, f"is no {what} in England", "Correct it or leave it blank.")


def is_name(column: str) -> Rule:
    """The rule that a name is none of a neighbouring column.

    >>> rows = pl.DataFrame({"name": ["The Close", "BC1 2BB"]})
    >>> rows.select(is_name("name").wrong).to_series().to_list()
    [False, True]
    """
    wrong = postcode(column).is_not_null()
    return Rule(column, wrong, "is a postcode and no name", "Put the values in their columns.")


def noted(sheet: Sheet) -> Sheet:
    """The sheet with a note on each kind of value that is left out.

    Its rows need `brand`, `company` and `charity`.
    """
    counts = sheet.rows.select(
        (pl.col("brand").str.contains(f"^{REGION_OF_NHS_ENGLAND}$")).sum().alias("regions"),
        (pl.col("company").is_not_null() & company_code("company").is_null()).sum(),
        (pl.col("charity").is_not_null() & charity_code("charity").is_null()).sum(),
    ).row(0, named=True)
    left_out = {
        "regions": "brand ids that are codes of NHS England regions, so no brands",
        "company": "numbers that are none of Companies House, left out",
        "charity": "numbers that are none of the Charity Commission, left out",
    }
    for name, count in counts.items():
        sheet = sheet.derive(note=f"{left_out[name]}: {count}") if count else sheet
    return sheet


def published(rows: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The rows whose `rating` is one that was published, and a note of words that are none."""
    words = rows["rating"].unique().drop_nulls().sort()
    unknown = [word for word in words if not scheme("rating").notation_of(word)]
    none = ["No published rating", *unknown]
    left_out = f"ratings in words that are not known, left out: {'; '.join(unknown)}"
    rated = rows.drop_nulls("rating").filter(~pl.col("rating").is_in(none))
    return rated, left_out if unknown else ""


# --- identifiers and bounds -----------------------------------------------------------------------


def identified(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """Registrations with the identifiers of all that they name, and with their bounds."""
    absent = [pl.lit(None, pl.String).alias(c) for c in REGISTERED if c not in rows.columns]
    practice = pl.col("ods_code").str.contains(f"^{PRACTICE}$") & pl.col("location").is_not_null()
    # A code that several have, or a former one, names what came after as well.
    own = ~practice & pl.col("deregistered").is_null() & pl.col("ods_code").is_unique()
    brand = pl.col("brand").str.contains(f"^{BRAND}$")
    return (
        rows.with_columns(absent)
        .with_columns(
            cqc_thing("thing").alias("id"),
            cqc_thing("provider").alias("provider_id"),
            pl.when(brand).then(pl.format("cqc:{}", "brand")).alias("brand_id"),
            pl.format("ons:{}", "ccg").alias("ccg_id"),
            pl.format("ons:{}", "system").alias("system_id"),
            pl.format("ods:{}", "commissioner").alias("commissioner_id"),
            pl.when(practice).then(pl.format("ods:{}", "ods_code")).alias("practice_id"),
            pl.when(own).then(pl.format("ods:{}", "ods_code")).alias("own_ods_id"),
            *(area_key(kind, c).alias(f"{c}_id") for c, kind in _AREAS.items()),
            pl.lit("register").alias("knowledge_level"),
            *registered_bounds(as_of),
        )
        .with_columns(*_seen_within(as_of))
    )


def _seen_within(as_of: str) -> list[pl.Expr]:
    """Bounds of what is stated for a thing without a date: it held on the day of the edition, or
    at the end of the thing's life."""
    stated = BoundedDate.parse(as_of).start_latest
    seen = pl.lit(stated.isoformat() if stated else None, dtype=pl.String)
    by = pl.coalesce("deregistered", pl.max_horizontal("registered", seen))
    end = pl.when(pl.col("deregistered").is_null()).then("end_earliest")
    return [by.alias("seen_by"), end.alias("seen_until")]


def day_of(as_of: str) -> pl.Expr:
    """The day that a series says of what an edition lists: the first that its as-of text can mean.

    >>> pl.select(day_of("2025-03")).item()
    '2025-03-01'
    """
    stated = BoundedDate.parse(as_of)
    first = stated.start_earliest or stated.start_latest
    return pl.lit(first.isoformat() if first else None, dtype=pl.String)


# --- what they say --------------------------------------------------------------------------------


def locations(rows: pl.DataFrame) -> Nodes:
    """The locations of registrations that are `identified`."""
    made = rows.select(
        "id",
        "name",
        _other_names(),
        all_codes(cqc_code("thing"), pl.col("own_ods_id")),
        *_place(),
        _in_words_of("location-type", rows).alias("location_type"),
        "inspection_category",
        (pl.col("care_home") == "Y").alias("is_care_home"),
        "url",
    )
    return Nodes("Location", made)


def providers(rows: pl.DataFrame) -> Nodes:
    """The providers of registrations that are `identified`."""
    # What the register of trusts lists has its type from there.
    trust = pl.col("provider").str.starts_with("R")
    own = [cqc_code("thing"), pl.col("own_ods_id")]
    made = rows.select(
        "id",
        "name",
        _other_names(),
        all_codes(*own, company_code("company"), charity_code("charity")),
        *_place(),
        pl.lit(True).alias("is_provider"),
        pl.col("type").alias("type_as_published"),
        pl.when(~trust).then(_in_words_of("organisation-type", rows)).alias("org_type"),
        *sole_trader("name", "ownership"),
    )
    return Nodes("Organisation", made)


def _place() -> list[pl.Expr]:
    return [
        address("line_1", "line_2", "county"),
        pl.col("town"),
        postcode("postcode"),
        *(pl.col(c).cast(pl.Float64) for c in ("lon", "lat")),
        *(pl.col(c) for c in COLUMNS),
    ]


def _other_names() -> pl.Expr:
    return pl.concat_list("also_known_as").list.drop_nulls().alias("other_names")


def _in_words_of(vocabulary: str, rows: pl.DataFrame) -> pl.Expr:
    words = rows["type"].unique().drop_nulls()
    known = {word: scheme(vocabulary).notation_of(word) for word in words}
    return pl.col("type").replace_strict(known, default=None, return_dtype=pl.String)


def named_things(rows: pl.DataFrame) -> Tables:
    """The practices, brands, commissioners, systems and areas that registrations name."""
    # A practice has the name of a location that still is one, if there is any.
    former_last = rows.sort(pl.col("deregistered").is_not_null(), maintain_order=True)
    gp = pl.when(pl.col("inspection_category") == "GP Practices").then(pl.lit("gp-practice"))
    org_type, none = "org_type", pl.lit(None, dtype=pl.String)
    for kind, column, name, type_column, told in (
        ("Organisation", "practice_id", pl.col("name"), org_type, gp),
        ("Organisation", "brand_id", pl.col("brand_name"), org_type, pl.lit("brand")),
        ("Organisation", "commissioner_id", pl.col("commissioner_name"), org_type, none),
        ("System", "system_id", system_name("board_name"), "", none),
        ("Area", "ccg_id", pl.col("ccg_name"), "area_type", pl.lit("ccg")),
        *(
            ("Area", f"{area}_id", pl.col(area), "area_type", pl.lit(area_type))
            for area, area_type in _AREAS.items()
        ),
    ):
        typed = [told.alias(type_column)] if type_column else []
        things = former_last.select(pl.col(column).alias("id"), name.alias("name"), *typed)
        # A name beats none: some registrations give the code alone.
        things = things.drop_nulls("id").sort(pl.col("name").is_null(), maintain_order=True)
        yield Nodes(kind, things.unique("id", keep="first", maintain_order=True))


def registrations(rows: pl.DataFrame, as_of: str) -> Tables:
    """Who operates, commissions and holds what, and where it lies, as registrations say."""
    here = rows.filter(pl.col("location").is_not_null())
    yield Relationships("OPERATES", said(here, "provider_id", "id", [*COLUMNS]))
    seen = [
        pl.col("start_earliest"),
        pl.col("seen_by").alias("start_latest"),
        pl.col("seen_until").alias("end_earliest"),
        pl.col("end_latest"),
    ]
    for kind, subject, target in _WITHIN:
        yield Relationships(kind, said(rows, subject, target, seen))
    for subject, target in _LISTED:
        yield Relationships("PART_OF", said(rows, subject, target, held_bounds(as_of)))


def said(
    rows: pl.DataFrame, subject: str, target: str, bounds: list[str] | list[pl.Expr]
) -> pl.DataFrame:
    """One statement for each pair of ends in these columns, with bounds and the first that says
    so."""
    ends = [pl.col(subject).alias("subject"), pl.col(target).alias("object")]
    pairs = rows.select(*ends, "knowledge_level", "locator", *bounds)
    pairs = pairs.drop_nulls(["subject", "object"])
    return pairs.unique(["subject", "object"], keep="first", maintain_order=True)


def services(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """Rows of the series `services`: what was done on the day of the edition, or on the last day.

    `rows` has the columns of an identified registration, and `measure` with `value` or `number`.
    """
    told = [
        pl.col(c) if c in rows.columns else pl.lit(None, dtype=kind).alias(c)
        for c, kind in (("group", pl.String), ("value", pl.String), ("number", pl.Float64))
    ]
    date = pl.coalesce("deregistered", day_of(as_of)).alias("date")
    return rows.select(pl.col("id").alias("thing"), "measure", *told, date)
