"""Flows across borders: which commissioners' residents a provider treats.

`rtt` is NHS England's full extract of consultant-led referral to treatment (RTT) waiting times of
one month, straight from its archive: one row for each provider, commissioner, part of the
collection and treatment function. Its counts are pathways, never patients: one person may wait on
several. C_999 is the total of all treatment functions and must not be added to them; Part_2A is
contained in Part_2. New and completed pathways are counted over the month, incomplete ones on its
last day.

`catchments` are the shares of an acute trust's admissions by the patients' integrated care board
or local authority.

Publishers' pages:
https://www.england.nhs.uk/statistics/statistical-work-areas/rtt-waiting-times/
https://www.gov.uk/government/statistics/nhs-acute-hospital-trust-catchment-populations-april-2026
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ..ontology.dates import COLUMNS
from .cleaning import Rule, held_bounds, is_missing, is_not, same_key, sift, upper_code
from .delimited import Layout, Sheet, read_delimited
from .geography_tables import system_name
from .nhs_names import written_out
from .ods_records import system_id
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .streaming import read_in_blocks
from .uniting import united

__all__ = ["CATCHMENTS", "MEASURES", "RTT", "SMALLEST_SHARE", "TOTAL", "read"]

_WEEKS = [f"Gt {week:02} To {week + 1:02} Weeks SUM 1" for week in range(104)]

RTT = Layout(
    "RTT waiting times, full extract (NHS England)",
    {
        "Period": "period",
        "Provider Parent Org Code": "provider_system",
        "Provider Parent Name": "provider_system_name",
        "Provider Org Code": "provider",
        "Provider Org Name": "provider_name",
        "Commissioner Parent Org Code": "commissioner_system",
        "Commissioner Parent Name": "commissioner_system_name",
        "Commissioner Org Code": "commissioner",
        "Commissioner Org Name": "commissioner_name",
        "RTT Part Type": "part",
        "RTT Part Description": "",
        "Treatment Function Code": "function",
        "Treatment Function Name": "function_name",
        **dict.fromkeys([*_WEEKS, "Gt 104 Weeks SUM 1"], ""),
        "Total": "",
        "Patients with unknown clock start date": "",
        "Total All": "count",
    },
    optional=frozenset({*_WEEKS, "Gt 104 Weeks SUM 1", "RTT Part Description"}),
    more=True,
)
"""The layout of the full extract: 121 columns, most of them weeks waited (to 52 until 2021)."""

CATCHMENTS: dict[str, Layout] = {
    place: Layout(
        f"shares of trusts' admissions by {words}",
        {
            "nhs_trust22_code": "trust",
            f"{place}_code": "place",
            f"proportion_trust_came_from_{place[:-2]}": "share",
        },
    )
    for place, words in (("icb22", "integrated care board"), ("ltla21", "local authority"))
}
"""The two layouts of catchments, by the places that patients came from."""

MEASURES: dict[str, str] = {
    "Part_1A": "completed admitted pathways",
    "Part_1B": "completed non-admitted pathways",
    "Part_2": "incomplete pathways",
    "Part_2A": "incomplete pathways with a decision to admit",
    "Part_3": "new RTT periods",
}
"""What is counted in each part of the collection, as `measure` says it."""

TOTAL = "C_999"
"""The code that stands for all treatment functions together."""

SMALLEST_SHARE = 0.01
"""Shares of a catchment below this are left out."""

_OF_ADMISSIONS = "share of the trust's admissions"
_MONTHS = "January February March April May June July August September October November December"
_MONTH_NUMBERS = {name: f"{n:02}" for n, name in enumerate(_MONTHS.split(), start=1)}
_PERIOD = f"RTT-(?:{'|'.join(_MONTH_NUMBERS)})-20[0-9]{{2}}"
_NOT_AVAILABLE = "#N/A"
_COUNTED = ("period", "provider", "commissioner", "part", "function")
_CODED = ("provider_system", "provider", "commissioner_system", "commissioner")
_SYSTEMS = ("provider_system", "commissioner_system")
# The regions of NHS England buy some services themselves; in the graph such a code is the region's.
_REGION = "Y[0-9]{2}"
# Codes of systems have begun with Q; those of April 2026 have the form of any new code.
_SYSTEM = "Q[A-Z][0-9A-Z]"
_PARENT = "Q[0-9A-Z]{2}|[A-Z][0-9][A-Z][0-9][A-Z]"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as bodies, places and `TREATS_RESIDENTS_OF`, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be what it is listed as, or for an
    archive that is refused.
    """
    tables: list[Nodes | Relationships | Series] = []
    for path in entry.files:
        if entry.kind == "rtt":
            rows, account = read_in_blocks(path, (RTT,), _counts)
            tables += _flows(_named(rows))
        else:
            sheet = _shares(read_delimited(path, list(CATCHMENTS.values())))
            tables += _catchments(sheet.rows, entry.as_of, sheet.layout)
            account = sheet.account()
        yield account
    yield from united(tables)


# --- waiting times: rows that can be taken --------------------------------------------------------


def _counts(sheet: Sheet, before: pl.DataFrame) -> Sheet:
    """One count for each period, provider, commissioner, part and treatment function."""
    texts = [c for c in sheet.rows.columns if c != "row"]
    known = [pl.when(pl.col(c) != _NOT_AVAILABLE).then(pl.col(c)).alias(c) for c in texts]
    codes = [upper_code(c) for c in _CODED]
    sheet = sift(sheet.derive(*known).derive(*codes), list(_rules()))
    return _one_count_each(sheet, before)


def _rules() -> Iterator[Rule]:
    yield from is_missing(*_COUNTED, "count")
    yield is_not("period", _PERIOD, "a month as in RTT-January-2026")
    for column in ("provider", "commissioner"):
        yield is_not(column, "[0-9A-Z]{3,6}", "an ODS code")
    for column in _SYSTEMS:
        yield is_not(column, _PARENT, "an ODS code of a system")
    yield is_not("part", "|".join(MEASURES), "a part of the RTT collection")
    yield is_not("function", "[A-Z]_?[0-9]{2,3}", "a code of a treatment function")
    yield is_not("count", "[0-9]{1,9}", "a whole number")


def _one_count_each(sheet: Sheet, before: pl.DataFrame) -> Sheet:
    """A second row for the same count is merged if it says the same, else rejected."""
    told = [*_COUNTED, "count"]
    rows = sheet.rows.select("row", *told)
    if before.height:
        earlier = before.select(pl.lit(0, dtype=pl.Int64).alias("row"), *told)
        rows = pl.concat([earlier, rows])
    later = same_key(rows, _COUNTED, ["count"]).filter(pl.col("row") > 0)
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit("count").alias("column"),
        pl.col("count").alias("value"),
        pl.lit("contradicts an earlier row of the same count").alias("reason"),
        pl.lit("Keep the row that was published.").alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)


# --- waiting times: what they say -----------------------------------------------------------------


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with identifiers, and with the bounds of what they count."""
    counted = ["period", "part"]
    bounds = rows.select(counted).unique().with_columns(_month()).with_columns(*_bounds())
    return rows.join(bounds, on=counted, how="left", maintain_order="left").with_columns(
        pl.format("ods:{}", "provider").alias("provider_id"),
        pl.format("ods:{}", "commissioner").alias("commissioner_id"),
        *(system_id(c).alias(f"{c}_id") for c in _SYSTEMS),
        _kind_of_commissioner(rows).alias("kind"),
    )


def _kind_of_commissioner(rows: pl.DataFrame) -> pl.Expr:
    """Whether the commissioner's code is that of a body, of a region or of a system."""
    code = pl.col("commissioner")
    parents = pl.concat([rows[column].rename("code") for column in _SYSTEMS]).drop_nulls().unique()
    system = code.str.contains(f"^{_SYSTEM}$") | code.is_in(parents.implode())
    area = pl.when(code.str.contains(f"^{_REGION}$")).then(pl.lit("Area"))
    return area.when(system).then(pl.lit("System")).otherwise(pl.lit("Organisation"))


def _month() -> pl.Expr:
    name = pl.col("period").str.extract("RTT-([A-Za-z]+)-").replace_strict(_MONTH_NUMBERS)
    return pl.format("{}-{}", pl.col("period").str.extract("([0-9]{4})$"), name).alias("month")


def _bounds() -> Iterator[pl.Expr]:
    """New and completed pathways are those of a month, incomplete ones those of its last day."""
    first = pl.format("{}-01", "month").str.to_date("%Y-%m-%d")
    last, end = first.dt.month_end().dt.to_string(), first.dt.offset_by("1mo").dt.to_string()
    on_last_day = pl.col("part").str.starts_with("Part_2")
    begun = pl.when(on_last_day).then(last).otherwise(first.dt.to_string())
    yield from (begun.alias(c) for c in ("start_earliest", "start_latest"))
    yield from (end.alias(c) for c in ("end_earliest", "end_latest"))
    yield pl.when(on_last_day).then(last).otherwise("month").alias("date_text")


def _flows(rows: pl.DataFrame) -> Iterator[Nodes | Relationships]:
    yield from _bodies(rows)
    for column in _SYSTEMS:
        systems = rows.unique(column, keep="first", maintain_order=True).select(
            pl.col(f"{column}_id").alias("id"), system_name(f"{column}_name").alias("name")
        )
        yield Nodes("System", systems.drop_nulls("id"))
    yield Relationships("LOCATED_IN", _in_systems(rows, "provider"))
    commissioners = rows.filter(pl.col("kind") == "Organisation")
    yield Relationships("PART_OF", _in_systems(commissioners, "commissioner"))
    yield Nodes("Concept", _functions(rows))
    yield Relationships("TREATS_RESIDENTS_OF", _statements(rows))


def _bodies(rows: pl.DataFrame) -> Iterator[Nodes]:
    provider = pl.lit(True).alias("is_provider")
    yield Nodes("Organisation", _ends(rows, "provider", provider))
    commissioners = rows.filter(pl.col("kind") == "Organisation")
    yield Nodes("Organisation", _ends(commissioners, "commissioner", _commissioner_type()))
    regions = (
        rows.filter(pl.col("kind") == "Area").select(pl.col("commissioner_id").alias("id")).unique()
    )
    yield Nodes("Area", regions.sort("id").with_columns(area_type=pl.lit("nhs-region")))
    systems = (
        rows.filter(pl.col("kind") == "System")
        .select(pl.col("commissioner_id").alias("id"))
        .unique()
    )
    yield Nodes("System", systems.sort("id"))


def _ends(rows: pl.DataFrame, column: str, told: pl.Expr) -> pl.DataFrame:
    bodies = rows.unique(column, keep="first", maintain_order=True)
    return bodies.select(
        pl.col(f"{column}_id").alias("id"), written_out(f"{column}_name").alias("name"), told
    )


def _commissioner_type() -> pl.Expr:
    name = pl.col("commissioner_name")
    return (
        pl.when(name.str.contains(r" ICB - [0-9A-Z]+$"))
        .then(pl.lit("sub-icb-location"))
        .when(name.str.contains(r" CCG$"))
        .then(pl.lit("ccg"))
        .when(name.str.contains(r"\bHUB\b"))
        .then(pl.lit("commissioning-hub"))
        .otherwise(pl.lit("commissioner"))
        .alias("org_type")
    )


def _in_systems(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """The system of each body on the days that its counts are of, from first to last."""
    ends = [f"{column}_id", f"{column}_system_id"]
    known = rows.drop_nulls(ends).group_by(ends, maintain_order=True)
    return known.agg(
        pl.col("start_latest").min(), pl.col("end_earliest").max(), pl.col("row").first()
    ).select(
        pl.col(ends[0]).alias("subject"),
        pl.col(ends[1]).alias("object"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        "start_latest",
        "end_earliest",
    )


def _functions(rows: pl.DataFrame) -> pl.DataFrame:
    """The treatment functions by code, with the publisher's names."""
    functions = rows.unique("function", keep="first", maintain_order=True).sort("function")
    return functions.select(
        pl.format("icsg:treatment-function/{}", "function").alias("id"),
        pl.col("function_name").alias("name"),
        pl.lit("treatment-function").alias("concept_type"),
    )


def _statements(rows: pl.DataFrame) -> pl.DataFrame:
    measure = pl.col("part").replace_strict(MEASURES)
    return rows.select(
        pl.col("provider_id").alias("subject"),
        pl.col("commissioner_id").alias("object"),
        pl.concat_str("month", "part", "function", separator=" ").alias("key"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        pl.col("count").cast(pl.Int64),
        pl.col("month").alias("period"),
        measure.alias("measure"),
        pl.col("function").alias("treatment_function"),
        *COLUMNS,
    )


# --- catchments -----------------------------------------------------------------------------------


def _shares(sheet: Sheet) -> Sheet:
    """One share for each trust and place; those below `SMALLEST_SHARE` are rejected, and counted
    in a note."""
    share = pl.col("share").cast(pl.Float64, strict=False)
    wrong = pl.col("share").is_not_null() & ~share.is_between(0, 1).fill_null(False)
    rules = [
        *is_missing("trust", "place", "share"),
        is_not("trust", "[0-9A-Z]{3,6}", "an ODS code of a trust"),
        is_not("place", "E[0-9]{8}", "an ONS code in England"),
        Rule("share", wrong, "is not a share from 0 to 1", "Correct it."),
    ]
    sheet = sift(sheet.derive(upper_code("trust"), upper_code("place")), rules)
    sheet = sheet.derive(pl.col("share").cast(pl.Float64).alias("number"))
    small = Rule(
        "share", pl.col("number") < SMALLEST_SHARE, "is a share below 1 %, which is left out"
    )
    return sift(_one_share_each(sheet).derive(note=_left_out(sheet.rows)), [small])


def _left_out(rows: pl.DataFrame) -> str:
    small = pl.col("number") < SMALLEST_SHARE
    trusts, rest = rows["trust"].n_unique(), rows.filter(small)
    mean = rest["number"].sum() / trusts if trusts else 0.0
    return (
        f"shares below 1 % are left out: {rest.height} of {rows.height} rows, "
        f"on average {mean:.1%} of a trust's admissions"
    )


def _one_share_each(sheet: Sheet) -> Sheet:
    later = same_key(sheet.rows, ["trust", "place"], ["number"])
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit("share").alias("column"),
        pl.col("share").alias("value"),
        pl.lit("contradicts an earlier row of the same trust and place").alias("reason"),
        pl.lit("Keep one of the two.").alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)


def _catchments(rows: pl.DataFrame, as_of: str, layout: Layout) -> Iterator[Nodes | Relationships]:
    place = pl.format("ons:{}", "place")
    trusts = rows.select(pl.format("ods:{}", "trust").alias("id")).unique(maintain_order=True)
    yield Nodes("Organisation", trusts.with_columns(is_provider=True, org_type=pl.lit("nhs-trust")))
    boards = layout is CATCHMENTS["icb22"]
    places = rows.select(place.alias("id")).unique(maintain_order=True)
    district = pl.col("id").str.starts_with("ons:E07")
    tier = pl.when(district).then(pl.lit("local-authority-lower-tier"))
    area_type = tier.otherwise(pl.lit("local-authority")).alias("area_type")
    yield Nodes("System", places) if boards else Nodes("Area", places.with_columns(area_type))
    yield Relationships(
        "TREATS_RESIDENTS_OF",
        rows.select(
            pl.format("ods:{}", "trust").alias("subject"),
            place.alias("object"),
            pl.lit("register").alias("knowledge_level"),
            pl.format("row {}", "row").alias("locator"),
            pl.col("number").alias("share"),
            pl.lit(_OF_ADMISSIONS).alias("measure"),
            *held_bounds(as_of),
        ),
    )
