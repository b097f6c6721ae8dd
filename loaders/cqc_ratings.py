"""The Care Quality Commission's "Latest ratings": locations, providers, brands and their ratings.

One row for each location, service or population group, and domain (Overall, Safe, Effective,
Caring, Responsive, Well-led). Two layouts of 28 columns are known, told apart by their header:
that of 2021 with longitude and latitude, and that of 2026 with ODS code and NHS region. The order
of day and month is read off the dates: the copies in use have both.

Publisher's page: https://www.cqc.org.uk/about-us/transparency/using-cqc-data
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from ..ontology.vocabularies import scheme
from .cleaning import (
    DAY_FORMS,
    Rule,
    address,
    day,
    held_bounds,
    is_missing,
    is_no_day,
    is_not,
    one_row_each,
    postcode,
    sift,
    upper_code,
)
from .cqc_identifiers import (
    BRAND,
    LOCATION,
    PRACTICE,
    PROVIDER,
    all_codes,
    cqc_code,
    cqc_thing,
    sole_trader,
)
from .delimited import Layout, Sheet, read_delimited
from .geography_tables import area_key, is_place
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["LAYOUTS", "read"]

_BOTH = {
    "Location ID": "location",
    "Location Name": "name",
    "Care Home?": "care_home",
    "Location Type": "location_type",
    "Location Primary Inspection Category": "inspection_category",
    "Location Street Address": "street",
    "Location Address Line 2": "line_2",
    "Location City": "town",
    "Location Post Code": "postcode",
    "Location Local Authority": "local_authority",
    "Location Region": "region",
    "Location ONSPD CCG Code": "ccg",
    "Location ONSPD CCG": "ccg_name",
    "Location Commissioning CCG Code": "commissioner",
    "Location Commissioning CCG Name": "commissioner_name",
    "Service / Population Group": "group",
    "Domain": "domain",
    "Latest Rating": "rating",
    "Publication Date": "published",
    "Report Type": "",
    "Inherited Rating (Y/N)": "inherited",
    "URL": "url",
    "Provider ID": "provider",
    "Provider Name": "provider_name",
    "Brand ID": "brand",
    "Brand Name": "brand_name",
    "Location ODS Code": "ods_code",
    "Location NHS Region": "nhs_region",
}

_NOT_ALWAYS = frozenset(
    {
        *("Report Type", "Inherited Rating (Y/N)", "URL", "Brand ID", "Brand Name"),
        *("Location ODS Code", "Location NHS Region"),
    }
)

LAYOUTS: tuple[Layout, ...] = tuple(
    Layout(f"CQC latest ratings ({edition})", columns, optional=_NOT_ALWAYS, more=True)
    for edition, columns in (("2021", {**_BOTH, "long": "lon", "lat": "lat"}), ("2026", _BOTH))
)
"""The layouts of the sheet of locations: with a point, and without. Some editions lack some columns
or have more."""

DOMAINS = ("Overall", "Safe", "Effective", "Caring", "Responsive", "Well-led")

_OF_LOCATION = (
    *("name", "care_home", "location_type", "inspection_category", "street", "line_2", "town"),
    *("postcode", "local_authority", "ccg", "commissioner", "url", "provider", "brand"),
)
_ODS = "[0-9A-Z]{3,12}"


_NOT_IN_BOTH = ("lon", "lat")
_NAMED_AREAS = {
    "local_authority": "local-authority",
    "region": "region",
    "nhs_region": "nhs-region",
}
_AREAS = {**_NAMED_AREAS, "ccg": "ccg"}
_NAMED_ORGANISATIONS = {"brand": "brand", "commissioner": None}
_STATEMENTS = (
    ("OPERATES", "provider_id", "id"),
    ("PART_OF", "provider_id", "brand_id"),
    ("PART_OF", "id", "practice_id"),
    ("PART_OF", "local_authority_id", "region_id"),
    ("LOCATED_IN", "id", "local_authority_id"),
    ("LOCATED_IN", "id", "ccg_id"),
    ("LOCATED_IN", "id", "nhs_region_id"),
    ("COMMISSIONS", "commissioner_id", "id"),
)
_SEE_RATINGS = "The ratings known are in ontology/vocabularies/rating.csv."


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes, relationships and the series `ratings`, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be one of CQC's latest ratings.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, LAYOUTS))
        sheet, locations = _locations(sheet)
        tables += _tables(sheet, locations, entry.as_of)
        yield sheet.account()
    yield from united(tables)


# --- rows that can be taken -----------------------------------------------------------------------


def _checked(sheet: Sheet) -> Sheet:
    """The rows that keep the rules, with codes cleaned and days as ISO text."""
    form, note = _day_form(sheet)
    known = set(sheet.rows.columns)
    sheet = sheet.derive(
        *(upper_code(c) for c in ("location", "provider", "ccg", "commissioner", "care_home")),
        pl.when(pl.col("brand") != "-").then(upper_code("brand")).alias("brand"),
        day("published", form).alias("date"),
        *(pl.lit(None, dtype=pl.String).alias(c) for c in _NOT_IN_BOTH if c not in known),
        note=note,
    )
    sheet = sift(sheet, [*_rules(), _wrong_day(form), *_unknown_words(sheet.rows)])
    return _one_rating_each(sheet)


def _rules() -> Iterator[Rule]:
    yield from is_missing("location", "name", "provider", "provider_name", "group")
    yield is_not("location", LOCATION, "the id of a location")
    yield is_not("provider", PROVIDER, "the id of a provider")
    yield is_not("brand", BRAND, "the id of a brand", "No brand is written as -.")
    yield is_not("ccg", "E38[0-9]{6}", "an ONS code of a CCG")
    yield is_not("commissioner", "[0-9A-Z]{3,6}", "an ODS code")
    yield is_not("ods_code", _ODS, "an ODS code")
    yield is_not("care_home", "[YN]", "Y or N")
    yield from (is_place(column) for column in _NAMED_AREAS)
    for column, low, high, what in (("lon", -9, 3, "longitude"), ("lat", 49, 61, "latitude")):
        number = pl.col(column).cast(pl.Float64, strict=False)
        wrong = pl.col(column).is_not_null() & ~number.is_between(low, high).fill_null(False)
        yield Rule(column, wrong, f"is no {what} in England", "Correct it or leave it blank.")


def _unknown_words(rows: pl.DataFrame) -> Iterator[Rule]:
    """The rules that rating and domain are words that CQC uses."""
    rating = scheme("rating")
    words = rows["rating"].unique().drop_nulls()
    known = [word for word in words if rating.notation_of(word)]
    yield from is_missing("rating", "domain")
    unknown = ~pl.col("rating").is_in(known)
    yield Rule("rating", unknown, "is not a rating of the CQC", _SEE_RATINGS)
    other = ~pl.col("domain").is_in(DOMAINS)
    yield Rule("domain", other, "is not a domain of the CQC", f"One of {', '.join(DOMAINS)}.")


def _day_form(sheet: Sheet) -> tuple[str, str]:
    """The form in which more dates exist, and a note of how that is known.

    A copy that went through an American spreadsheet has the months first. Dates that exist in both
    orders do not tell; if none does, the copy with NHS regions and no points is the American one.
    Other forms are those of copies that went through a program.
    """
    rows = sheet.rows
    forms = ("dd/mm/yyyy", "mm/dd/yyyy")
    dates = rows.select(pl.col("published").drop_nulls().unique())
    fits = dates.select(day("published", form).is_not_null().alias(form) for form in DAY_FORMS)
    most = max(DAY_FORMS, key=lambda form: fits[form].sum())  # of equal ones the first
    if most not in forms:
        return most, f"dates read as {most}: {fits[most].sum()} of {dates.height} are written so"
    only = [fits.filter(pl.col(a) & ~pl.col(b)).height for a, b in (forms, forms[::-1])]
    copy = sheet.layout is LAYOUTS[1] and rows["nhs_region"].count() > 0
    american = copy if only[0] == only[1] else only[1] > only[0]
    form = forms[american]
    return form, f"dates read as {form}: {only[american]} of {dates.height} exist in no other order"


def _wrong_day(form: str) -> Rule:
    """The rule that a date exists in the form of the file, and what else a wrong one may be."""
    rule = is_no_day("published", form)
    if "/mm/" not in form and "/dd/" not in form:
        return rule
    hint = "If day and month are swapped in this row, swap them back."
    return replace(rule, what_to_do=hint)


def _one_rating_each(sheet: Sheet) -> Sheet:
    """One rating for each location, group, domain and day: repeats merged, contradictions
    rejected."""
    key = ["location", "group", "domain", "date"]
    reason = "contradicts an earlier row for the same location, group, domain and day"
    hint = "Keep the row with the rating that was published."
    return one_row_each(sheet, key, ["rating"], "rating", reason, hint)


# --- what they say --------------------------------------------------------------------------------


def _locations(sheet: Sheet) -> tuple[Sheet, pl.DataFrame]:
    """The first row of each location; how many locations have rows that disagree is noted."""
    rows = sheet.rows
    told = pl.DataFrame([rows["location"], rows.select(_OF_LOCATION).hash_rows().alias("told")])
    several = told.unique().group_by("location").len().filter(pl.col("len") > 1).height
    note = f"locations whose rows disagree, so that the first counts: {several}"
    inherited = rows.filter(pl.col("inherited") == "Y").height
    sheet = sheet.derive(note=note).derive(
        note=f"ratings inherited from a former registration: {inherited}"
    )
    locations = rows.unique("location", keep="first", maintain_order=True)
    shared = locations["ods_code"].is_duplicated()
    practice = pl.col("ods_code").str.contains(f"^{PRACTICE}$")
    return sheet, locations.with_columns(
        cqc_thing("location").alias("id"),
        cqc_thing("provider").alias("provider_id"),
        pl.format("cqc:{}", "brand").alias("brand_id"),
        pl.format("ons:{}", "ccg").alias("ccg_id"),
        pl.format("ods:{}", "commissioner").alias("commissioner_id"),
        pl.when(practice).then(pl.format("ods:{}", "ods_code")).alias("practice_id"),
        pl.when(~practice & ~shared).then(pl.format("ods:{}", "ods_code")).alias("site_id"),
        *(area_key(kind, c).alias(f"{c}_id") for c, kind in _NAMED_AREAS.items()),
        pl.format("row {}", "row").alias("locator"),
    )


def _tables(
    sheet: Sheet, locations: pl.DataFrame, as_of: str
) -> Iterator[Nodes | Relationships | Series]:
    yield Nodes("Location", _location_nodes(locations))
    yield Nodes("Organisation", _providers(locations))
    yield Nodes("Organisation", _practices(locations))
    for column, org_type in _NAMED_ORGANISATIONS.items():
        node_type = pl.lit(org_type, dtype=pl.String).alias("org_type")
        yield Nodes("Organisation", _named(locations, column, node_type))
    for column, area_type in _AREAS.items():
        yield Nodes("Area", _named(locations, column, pl.lit(area_type).alias("area_type")))
    for kind, subject, target in _STATEMENTS:
        yield Relationships(kind, _statements(locations, subject, target, as_of))
    yield Series("ratings", _ratings(sheet.rows))


def _location_nodes(locations: pl.DataFrame) -> pl.DataFrame:
    place = scheme("location-type")
    types = {
        word: place.notation_of(word) for word in locations["location_type"].unique().drop_nulls()
    }
    return locations.select(
        "id",
        "name",
        all_codes(cqc_code("location"), pl.col("site_id")),
        address("street", "line_2"),
        "town",
        postcode("postcode"),
        pl.col("lon", "lat").cast(pl.Float64),
        pl.col("location_type").replace_strict(types, default=None, return_dtype=pl.String),
        "inspection_category",
        (pl.col("care_home") == "Y").alias("is_care_home"),
        "url",
    )


def _providers(locations: pl.DataFrame) -> pl.DataFrame:
    """Each provider; it is of the type that CQC gives its locations, if that is one type."""
    kinds = scheme("organisation-type")
    types = locations.select("provider_id", "location_type").unique().drop_nulls().sort(pl.all())
    types = types.group_by("provider_id").agg(
        pl.col("location_type").str.join("; ").alias("type_as_published")
    )
    known = {word: kinds.notation_of(word) for word in types["type_as_published"].unique()}
    # What the register of trusts lists has its type from there.
    trust = pl.col("provider").str.starts_with("R")
    providers = locations.unique("provider_id", keep="first", maintain_order=True)
    return providers.join(types, on="provider_id", how="left", maintain_order="left").select(
        pl.col("provider_id").alias("id"),
        pl.col("provider_name").alias("name"),
        all_codes(cqc_code("provider")),
        pl.lit(True).alias("is_provider"),
        "type_as_published",
        pl.when(~trust)
        .then(
            pl.col("type_as_published").replace_strict(known, default=None, return_dtype=pl.String)
        )
        .alias("org_type"),
        *sole_trader("provider_name"),
    )


def _practices(locations: pl.DataFrame) -> pl.DataFrame:
    """The practices that ODS codes of locations name."""
    practices = locations.drop_nulls("practice_id").unique(
        "practice_id", keep="first", maintain_order=True
    )
    doctors = pl.col("inspection_category") == "GP Practices"
    return practices.select(
        pl.col("practice_id").alias("id"),
        "name",
        pl.when(doctors).then(pl.lit("gp-practice")).alias("org_type"),
    )


def _named(locations: pl.DataFrame, column: str, type_column: pl.Expr) -> pl.DataFrame:
    """The things that a column has the identifiers of, with the names beside it."""
    name = column if column in _NAMED_AREAS else f"{column}_name"
    things = locations.select(pl.col(f"{column}_id").alias("id"), pl.col(name).alias("name"))
    # A name beats none: some rows give the code alone.
    things = things.drop_nulls("id").sort(pl.col("name").is_null(), maintain_order=True)
    return things.unique("id", keep="first", maintain_order=True).with_columns(type_column)


def _statements(locations: pl.DataFrame, subject: str, target: str, as_of: str) -> pl.DataFrame:
    ends = [pl.col(subject).alias("subject"), pl.col(target).alias("object")]
    pairs = locations.select(*ends, "locator").drop_nulls()
    if "id" not in (subject, target):
        pairs = pairs.unique(["subject", "object"], keep="first", maintain_order=True)
    return pairs.with_columns(pl.lit("register").alias("knowledge_level"), *held_bounds(as_of))


def _ratings(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        cqc_thing("location").alias("thing"),
        pl.format("{} rating", pl.col("domain").str.to_lowercase()).alias("measure"),
        "group",
        pl.col("rating").alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        "date",
    )
