"""The CQC's API: locations and providers, former ones too, what became of them, and their ratings.

The payloads are those of the calls for one location or one provider, on a line each or a file each.
Keys that do not apply are absent. The deregistration date may be the last day or the first day
after it, so the end is bounded by both. Relationships name the predecessors and successors of a
registration under the Health and Social Care Act (HSCA): a new registration follows each change of
owner and each move. Sites of the NHS have a code of a former NHS England region in the place of a
brand; it is none.

Publisher's page: https://api-portal.service.cqc.org.uk/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ..ontology.dates import COLUMNS, BoundedDate
from ..ontology.vocabularies import scheme
from .cleaning import (
    Rule,
    address,
    day,
    held_bounds,
    is_missing,
    is_no_day,
    is_not,
    postcode,
    same_key,
    sift,
    upper_code,
)
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
from .cqc_payloads import read_payloads
from .delimited import Sheet
from .geography_tables import area_key, system_name
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["read"]

Tables = Iterator[Nodes | Relationships | Series]

_FORM = "yyyy-mm-dd"
_CODED = ("location", "provider", "ods_code", "commissioner", "ccg", "system", "brand")
_REGION_OF_NHS_ENGLAND = "[QY][0-9]{2}"
_SUCCESSOR, _PREDECESSOR = "HSCA Successor", "HSCA Predecessor"
_WITHIN = (
    ("LOCATED_IN", "id", "local_authority_id"),
    ("LOCATED_IN", "id", "ccg_id"),
    ("LOCATED_IN", "id", "system_id"),
    ("PART_OF", "id", "practice_id"),
    ("COMMISSIONS", "commissioner_id", "id"),
)
"""Statements about a location or provider that hold within its life."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The accepted payloads of one file: their rows with identifiers and bounds, and their lists
    joined to them."""

    rows: pl.DataFrame
    lists: dict[str, pl.DataFrame]
    as_of: str

    @property
    def locations(self) -> pl.DataFrame:
        return self.rows.filter(pl.col("location").is_not_null())

    @property
    def providers(self) -> pl.DataFrame:
        return self.rows.filter(pl.col("location").is_null())


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as nodes, relationships, the series `ratings` and `services`, and
    their accounts.

    Raises `LayoutError` or `FileFault` for a file that holds no payloads or breaks off.
    """
    tables: list[Nodes | Relationships | Series] = []
    before = pl.DataFrame()
    for path in entry.files:
        payloads = read_payloads(path)
        sheet = _noted(_one_each(_checked(payloads.sheet), before))
        before = pl.concat([before, sheet.rows.select("thing", "digest")])
        rows = _identified(sheet.rows, entry.as_of)
        lists = {name: listed.join(rows, on="row") for name, listed in payloads.lists.items()}
        lists["ratings"], note = _published(lists["ratings"])
        tables += _tables(_Told(rows, lists, entry.as_of))
        yield sheet.derive(note=note).account()
    yield from united(tables)


# --- payloads that can be taken -------------------------------------------------------------------


def _checked(sheet: Sheet) -> Sheet:
    sheet = sheet.derive(
        *(upper_code(c) for c in _CODED),
        day("registered_text", _FORM).alias("registered"),
        day("deregistered_text", _FORM).alias("deregistered"),
    )
    return sift(sheet.derive(pl.coalesce("location", "provider").alias("thing")), list(_rules()))


def _rules() -> Iterator[Rule]:
    yield from is_missing("provider", "name")
    yield is_not("location", LOCATION, "the id of a location")
    yield is_not("provider", PROVIDER, "the id of a provider")
    yield is_not("ods_code", "[0-9A-Z]{3,12}", "an ODS code")
    yield is_not("commissioner", "[0-9A-Z]{3,6}", "an ODS code")
    yield is_not("ccg", "E38[0-9]{6}", "an ONS code of a CCG")
    yield is_not("system", "E54[0-9]{6}", "an ONS code of an integrated care board")
    yield is_not("brand", f"{BRAND}|{_REGION_OF_NHS_ENGLAND}|-", "the id of a brand")
    yield is_not("care_home", "[YN]", "Y or N")
    yield is_not("beds", "[0-9]{1,5}", "a number of beds")
    yield from (is_no_day(c, _FORM) for c in ("registered_text", "deregistered_text"))
    early = pl.col("deregistered") < pl.col("registered")
    yield Rule("deregistered_text", early, "lies before the registration", "Correct one of both.")
    for column, low, high, what in (("lon", -9, 3, "longitude"), ("lat", 49, 61, "latitude")):
        number = pl.col(column).cast(pl.Float64, strict=False)
        wrong = pl.col(column).is_not_null() & ~number.is_between(low, high).fill_null(False)
        yield Rule(column, wrong, f"is no {what} in England", "Correct it or leave it out.")


def _one_each(sheet: Sheet, before: pl.DataFrame) -> Sheet:
    """One payload for each thing of an edition: a repeated one is merged, another one rejected."""
    rows = sheet.rows.select("row", "thing", "digest")
    if before.height:
        rows = pl.concat([before.select(pl.lit(0, pl.Int64).alias("row"), pl.all()), rows])
    later = same_key(rows, ["thing"], ["digest"]).filter(pl.col("row") > 0)
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit("").alias("column"),
        pl.col("thing").alias("value"),
        pl.lit("has another payload before this one").alias("reason"),
        pl.lit("Keep the newer of the two.").alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)


def _published(ratings: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The ratings that were published, and a note of words that are no ratings of the CQC."""
    words = ratings["rating"].unique().drop_nulls().sort()
    unknown = [word for word in words if not scheme("rating").notation_of(word)]
    none = ["No published rating", *unknown]
    rated = ratings.filter(~pl.col("rating").is_in(none)).drop_nulls(["group", "domain"])
    said = f"ratings in words that are not known, left out: {'; '.join(unknown)}"
    return rated, said if unknown else ""


def _noted(sheet: Sheet) -> Sheet:
    """The sheet with a note on each kind of value that was left out."""
    counts = sheet.rows.select(
        (pl.col("brand").str.contains(f"^{_REGION_OF_NHS_ENGLAND}$")).sum().alias("regions"),
        (pl.col("company").is_not_null() & company_code("company").is_null()).sum(),
        (pl.col("charity").is_not_null() & charity_code("charity").is_null()).sum(),
    ).row(0, named=True)
    said = {
        "regions": "brand ids that are codes of NHS England regions, so no brands",
        "company": "numbers that are none of Companies House, left out",
        "charity": "numbers that are none of the Charity Commission, left out",
    }
    for name, count in counts.items():
        sheet = sheet.derive(note=f"{said[name]}: {count}") if count else sheet
    return sheet


# --- identifiers and bounds -----------------------------------------------------------------------


def _identified(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    practice = pl.col("ods_code").str.contains(f"^{PRACTICE}$") & pl.col("location").is_not_null()
    # A code that several have, or a former one, names what came after as well.
    own = ~practice & pl.col("deregistered").is_null() & pl.col("ods_code").is_unique()
    brand = pl.col("brand").str.contains(f"^{BRAND}$")
    return rows.with_columns(
        cqc_thing("thing").alias("id"),
        cqc_thing("provider").alias("provider_id"),
        pl.when(brand).then(pl.format("cqc:{}", "brand")).alias("brand_id"),
        pl.format("ons:{}", "ccg").alias("ccg_id"),
        pl.format("ons:{}", "system").alias("system_id"),
        pl.format("ods:{}", "commissioner").alias("commissioner_id"),
        pl.when(practice).then(pl.format("ods:{}", "ods_code")).alias("practice_id"),
        pl.when(own).then(pl.format("ods:{}", "ods_code")).alias("own_ods_id"),
        area_key("local-authority", "local_authority").alias("local_authority_id"),
        area_key("region", "region").alias("region_id"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("payload of {}", "thing").alias("locator"),
        *registered_bounds(as_of),
    ).with_columns(*_seen_within(as_of))


def _seen_within(as_of: str) -> list[pl.Expr]:
    """Bounds of what is stated for a thing without a date: it held on the day of the edition, or
    at the end of the thing's life."""
    stated = BoundedDate.parse(as_of).start_latest
    seen = pl.lit(stated.isoformat() if stated else None, dtype=pl.String)
    by = pl.coalesce("deregistered", pl.max_horizontal("registered", seen))
    end = pl.when(pl.col("deregistered").is_null()).then("end_earliest")
    return [by.alias("seen_by"), end.alias("seen_until")]


# --- what they say --------------------------------------------------------------------------------


def _tables(told: _Told) -> Tables:
    yield Nodes("Location", _locations(told.locations))
    yield Nodes("Organisation", _providers(told.providers))
    yield from _related(told)
    yield from _named(told.rows)
    yield from _statements(told)
    yield Series("ratings", _ratings(told.lists))
    yield Series("services", _services(told))


def _place(rows: pl.DataFrame) -> list[pl.Expr]:
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


def _locations(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "id",
        "name",
        _other_names(),
        all_codes(cqc_code("thing"), pl.col("own_ods_id")),
        *_place(rows),
        _in_words_of("location-type", rows).alias("location_type"),
        "inspection_category",
        (pl.col("care_home") == "Y").alias("is_care_home"),
    )


def _providers(rows: pl.DataFrame) -> pl.DataFrame:
    # What the register of trusts lists has its type from there.
    trust = pl.col("provider").str.starts_with("R")
    return rows.select(
        "id",
        "name",
        _other_names(),
        all_codes(
            cqc_code("thing"),
            pl.col("own_ods_id"),
            company_code("company"),
            charity_code("charity"),
        ),
        *_place(rows),
        pl.lit(True).alias("is_provider"),
        pl.col("type").alias("type_as_published"),
        pl.when(~trust).then(_in_words_of("organisation-type", rows)).alias("org_type"),
        *sole_trader("name", "ownership"),
    )


def _related(told: _Told) -> Tables:
    """The things that payloads name: providers, locations, predecessors, successors."""
    registered = told.locations.unique("provider_id", keep="first", maintain_order=True)
    provider = [pl.col("provider_id").alias("id"), all_codes(cqc_code("provider"))]
    yield Nodes("Organisation", registered.select(*provider, is_provider=pl.lit(True)))
    operated = told.lists["operated"].select(cqc_thing("location").alias("id"))
    yield Nodes("Location", operated.drop_nulls().unique(maintain_order=True))
    related = (
        told.lists["relations"]
        .drop_nulls("related")
        .select(
            cqc_thing("related").alias("id"),
            pl.col("related_name").alias("name"),
            pl.col("location").is_null().alias("is_provider"),
        )
    )
    named = related.unique("id", keep="first", maintain_order=True)
    yield Nodes("Location", named.filter(~pl.col("is_provider")).drop("is_provider"))
    yield Nodes("Organisation", named.filter("is_provider").with_columns(*sole_trader("name")))


def _named(rows: pl.DataFrame) -> Tables:
    doctors = pl.col("inspection_category") == "GP Practices"
    gp = pl.when(doctors).then(pl.lit("gp-practice")).alias("org_type")
    # A practice has the name of a location that still is one, if there is any.
    practices = rows.sort(pl.col("deregistered").is_not_null(), maintain_order=True)
    for kind, table, column, name, told in (
        ("Organisation", practices, "practice_id", pl.col("name"), gp),
        ("Organisation", rows, "brand_id", pl.col("brand_name"), _constant("org_type", "brand")),
        ("Organisation", rows, "commissioner_id", pl.col("commissioner_name"), None),
        ("System", rows, "system_id", system_name("board_name"), None),
        ("Area", rows, "ccg_id", pl.col("ccg_name"), _constant("area_type", "ccg")),
        ("Area", rows, "region_id", pl.col("region"), _constant("area_type", "region")),
        (
            "Area",
            rows,
            "local_authority_id",
            pl.col("local_authority"),
            _constant("area_type", "local-authority"),
        ),
    ):
        things = table.select(
            pl.col(column).alias("id"), name.alias("name"), *([told] if told is not None else [])
        )
        # A name beats none: some payloads give the code alone.
        things = things.drop_nulls("id").sort(pl.col("name").is_null(), maintain_order=True)
        yield Nodes(kind, things.unique("id", keep="first", maintain_order=True))


def _constant(column: str, value: str) -> pl.Expr:
    return pl.lit(value).alias(column)


# --- relationships --------------------------------------------------------------------------------


def _statements(told: _Told) -> Tables:
    life = [pl.col(c) for c in COLUMNS]
    yield Relationships("OPERATES", _said(told.locations, "provider_id", "id", life))
    operated = told.lists["operated"].with_columns(cqc_thing("location").alias("location_id"))
    within = [pl.col(c) for c in ("start_earliest", "end_latest")]
    yield Relationships("OPERATES", _said(operated, "id", "location_id", within))
    seen = [
        pl.col("start_earliest"),
        pl.col("seen_by").alias("start_latest"),
        pl.col("seen_until").alias("end_earliest"),
        pl.col("end_latest"),
    ]
    for kind, subject, target in _WITHIN:
        yield Relationships(kind, _said(told.rows, subject, target, seen))
    listed = held_bounds(told.as_of)
    for subject, target in (("provider_id", "brand_id"), ("local_authority_id", "region_id")):
        yield Relationships("PART_OF", _said(told.rows, subject, target, listed))
    yield Relationships("SUCCEEDED_BY", _successions(told.lists["relations"]))


def _said(rows: pl.DataFrame, subject: str, target: str, bounds: list[pl.Expr]) -> pl.DataFrame:
    ends = [pl.col(subject).alias("subject"), pl.col(target).alias("object")]
    pairs = rows.select(*ends, "knowledge_level", "locator", *bounds)
    pairs = pairs.drop_nulls(["subject", "object"])
    return pairs.unique(["subject", "object"], keep="first", maintain_order=True)


def _successions(relations: pl.DataFrame) -> pl.DataFrame:
    """From predecessor to successor, whichever of the two lists the other.

    The day is that on which the predecessor was deregistered, which its own payload gives.
    """
    known = relations.filter(pl.col("relation").is_in([_SUCCESSOR, _PREDECESSOR]))
    forth = pl.col("relation") == _SUCCESSOR
    related, own = cqc_thing("related"), pl.col("id")
    ended = {"start_earliest": "deregistered", "start_latest": "end_latest"}
    rows = known.drop_nulls("related").select(
        pl.when(forth).then(own).otherwise(related).alias("subject"),
        pl.when(forth).then(related).otherwise(own).alias("object"),
        "knowledge_level",
        "locator",
        "reason",
        *(pl.when(forth).then(theirs).alias(ours) for ours, theirs in ended.items()),
        pl.when(forth).then("deregistered").alias("date_text"),
        (~forth).alias("back"),
    )
    rows = rows.sort("back", maintain_order=True).drop("back")
    return rows.unique(["subject", "object"], keep="first", maintain_order=True)


# --- series ---------------------------------------------------------------------------------------


def _ratings(lists: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Each rating once, with the published name of the service or population group."""
    groups = lists["inspection_areas"].drop_nulls(["group", "group_name"])
    names = groups.select("group", "group_name").unique("group", keep="first", maintain_order=True)
    rated = lists["ratings"].join(names, on="group", how="left", maintain_order="left")
    return rated.select(
        pl.col("id").alias("thing"),
        pl.format("{} rating", pl.col("domain").str.to_lowercase()).alias("measure"),
        pl.coalesce("group_name", "group").alias("group"),
        pl.col("rating").alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        day("date", _FORM),
    ).unique(maintain_order=True)


def _services(told: _Told) -> pl.DataFrame:
    """What a location or provider did on the day of the edition, or when it was deregistered."""
    stated = BoundedDate.parse(told.as_of)
    first = stated.start_earliest or stated.start_latest
    seen = pl.lit(first.isoformat() if first else None, dtype=pl.String)
    date = pl.coalesce("deregistered", seen).alias("date")
    does = (
        told.lists["services"]
        .drop_nulls("value")
        .select(
            pl.col("id").alias("thing"),
            "measure",
            "value",
            pl.lit(None, dtype=pl.Float64).alias("number"),
            date,
        )
    )
    beds = told.rows.drop_nulls("beds").select(
        pl.col("id").alias("thing"),
        pl.lit("beds").alias("measure"),
        pl.lit(None, dtype=pl.String).alias("value"),
        pl.col("beds").cast(pl.Float64).alias("number"),
        date,
    )
    return pl.concat([does.unique(maintain_order=True), beds])
