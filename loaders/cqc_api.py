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

from .cleaning import Rule, day, is_missing, is_no_day, same_key, sift, upper_code
from .cqc_identifiers import LOCATION, PROVIDER, all_codes, cqc_code, cqc_thing, sole_trader
from .cqc_payloads import read_payloads
from .cqc_register import (
    identified,
    is_name,
    is_registration,
    locations,
    named_things,
    noted,
    providers,
    published,
    registrations,
    said,
    services,
)
from .delimited import Sheet
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["read"]

Tables = Iterator[Nodes | Relationships | Series]

_FORM = "yyyy-mm-dd"
_CODED = ("location", "provider", "ods_code", "commissioner", "ccg", "system", "brand")
_FORMED = (*_CODED, "care_home", "beds", "lon", "lat", "local_authority", "region")
_SUCCESSOR, _PREDECESSOR = "HSCA Successor", "HSCA Predecessor"


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
        sheet = noted(_one_each(_checked(payloads.sheet), before))
        before = pl.concat([before, sheet.rows.select("thing", "digest")])
        told = sheet.rows.with_columns(pl.format("payload of {}", "thing").alias("locator"))
        rows = identified(told, entry.as_of)
        lists = {name: listed.join(rows, on="row") for name, listed in payloads.lists.items()}
        lists["ratings"], note = published(lists["ratings"])
        lists, strays = _with_known_forms(lists)
        tables += _tables(_Told(rows, lists, entry.as_of))
        yield sheet.derive(note=note).derive(note=strays).account()
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
    yield is_name("name")
    yield from is_registration(*_FORMED)
    yield from (is_no_day(c, _FORM) for c in ("registered_text", "deregistered_text"))
    early = pl.col("deregistered") < pl.col("registered")
    yield Rule("deregistered_text", early, "lies before the registration", "Correct one of both.")


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


def _with_known_forms(lists: dict[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], str]:
    """The lists without what is named by no id of the register, and a note of how much that is."""
    left_out = 0
    for name, column, form in (
        ("operated", "location", LOCATION),
        ("relations", "related", f"{LOCATION}|{PROVIDER}"),
    ):
        listed = lists[name].with_columns(upper_code(column))
        known = listed[column].str.contains(f"^(?:{form})$").fill_null(True)
        left_out += int((~known).sum())
        lists = {**lists, name: listed.filter(known)}
    note = f"things listed by what is no id of the register, left out: {left_out}"
    return lists, note if left_out else ""


# --- what they say --------------------------------------------------------------------------------


def _tables(told: _Told) -> Tables:
    yield locations(told.locations)
    yield providers(told.providers)
    yield from _related(told)
    yield from named_things(told.rows)
    yield from registrations(told.rows, told.as_of)
    operated = told.lists["operated"].with_columns(cqc_thing("location").alias("location_id"))
    within = ["start_earliest", "end_latest"]
    yield Relationships("OPERATES", said(operated, "id", "location_id", within))
    yield Relationships("SUCCEEDED_BY", _successions(told.lists["relations"]))
    yield Series("ratings", _ratings(told.lists))
    yield Series("services", _services(told))


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
    rated = lists["ratings"].drop_nulls(["group", "domain"])
    rated = rated.join(names, on="group", how="left", maintain_order="left")
    return rated.select(
        pl.col("id").alias("thing"),
        pl.format("{} rating", pl.col("domain").str.to_lowercase()).alias("measure"),
        pl.coalesce("group_name", "group").alias("group"),
        pl.col("rating").alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("number"),
        day("date", _FORM),
    ).unique(maintain_order=True)


def _services(told: _Told) -> pl.DataFrame:
    """What a location or provider does, and for how many it has beds."""
    does = services(told.lists["services"].drop_nulls("value"), told.as_of)
    measured = [pl.lit("beds").alias("measure"), pl.col("beds").cast(pl.Float64).alias("number")]
    beds = services(told.rows.drop_nulls("beds").with_columns(measured), told.as_of)
    return pl.concat([does.unique(maintain_order=True), beds])
