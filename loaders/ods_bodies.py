"""What records of the ODS API say: bodies, sites, systems and regions, how they are related, and
what they became.

A record's class tells a site from a body; its primary role tells an integrated care system and a
region of the NHS, which are no bodies here. Codes that are only named are told by the role that
stands beside them, else by their form. Where a relationship needs a body and names a system, its
integrated care board is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from .cleaning import declared_bounds
from .geography_tables import system_name
from .nhs_names import written_out
from .ods_documents import ORGANISATION, Records
from .ods_networks import NETWORK_ROLE
from .ods_practices import ROLE
from .ods_records import organisations
from .ods_successions import names_a_site
from .records import FileAccount, Nodes, Relationships, Table
from .uniting import united

__all__ = ["told"]

# https://directory.spineservices.nhs.uk/ORD/2-0-0/roles
_SYSTEM, _REGION, _SITE_CLASS = "RO261", "RO209", "RC2"
_COST_CENTRE, _COMMISSIONER, _NETWORK = "RO177", "RO98", "RO272"
_SITES = (
    *("RO90", "RO99", "RO101", "RO108", "RO114", "RO122", "RO131", "RO136", "RO140", "RO147"),
    *("RO148", "RO149", "RO167", "RO168", "RO176", "RO180", "RO191", "RO198", "RO212", "RO214"),
    *("RO217", "RO222", "RO280"),
)
_ORGANISATION_TYPES: Mapping[str, str] = MappingProxyType(
    {
        # A further role goes before the primary one.
        "RO76": "gp-practice",
        "RO318": "icb",
        "RO319": "sub-icb-location",
        "RO218": "commissioning-hub",
        "RO197": "nhs-trust",
        "RO107": "care-trust",
        "RO98": "ccg",
        "RO177": "prescribing-cost-centre",
        "RO272": "pcn",
        "RO172": "independent-healthcare-organisation",
        "RO104": "social-care-organisation",
        "RO110": "primary-dental-care",
        "RO141": "council",
        "RO102": "clinical-network",
        "RO103": "network",
        "RO233": "police-force",
        "RO132": "commissioner",
        "RO109": "commissioner",
        "RO171": "commissioner",
        "RO179": "commissioner",
        "RO142": "nhs-organisation",
        "RO144": "nhs-organisation",
        "RO185": "nhs-organisation",
        "RO189": "nhs-organisation",
        "RO210": "nhs-organisation",
        "RO213": "nhs-organisation",
    }
)
_LOCATION_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "RO198": "nhs-site",
        "RO108": "nhs-site",
        "RO176": "independent-healthcare",
        "RO101": "social-care",
    }
)
_PROVIDERS = ("RO197", "RO107", "RO172", "RO104", "RO110", "RO177")

_SUB_DIVISION, _COMMISSIONED_BY, _IN_GEOGRAPHY = "RE2", "RE4", "RE5"
_OPERATED_BY, _PARTNER_TO, _CONSTITUENT_OF = "RE6", "RE8", "RE11"
_TAKEN = (
    *(_SUB_DIVISION, _COMMISSIONED_BY, _IN_GEOGRAPHY, _OPERATED_BY, _PARTNER_TO),
    *(_CONSTITUENT_OF, "Predecessor", "Successor"),
)
_FORMS = {"System": "^Q[A-Z][0-9A-Z]$", "Area": "^Y[0-9]{2}$"}


def told(found: Iterable[Records], as_of: str) -> Iterator[Table]:
    """The accounts of files, then the tables of all that their records say.

    Nothing of a file is told before all are read: a record may name one that another file has.
    """
    values, relations = [], []
    for records in found:
        account = records.sheet.account()
        passed_over = records.relations.filter(~pl.col("relation").is_in(_TAKEN))
        yield _with_note(account, passed_over["relation"])
        rows = records.sheet.rows
        values.append(rows)
        subjects = rows.select("row", subject="code", subject_roles="roles", is_record="resource")
        relations.append(records.relations.join(subjects, on="row"))
    if values:
        described = pl.concat(values).filter(pl.col("resource") == ORGANISATION)
        described = described.unique("code", keep="last", maintain_order=True)
        kinds = _kinds(described)
        yield from united(_tables(described, pl.concat(relations), kinds, as_of))


def _with_note(account: FileAccount, passed_over: pl.Series) -> FileAccount:
    if passed_over.is_empty():
        return account
    counted = passed_over.value_counts().sort("relation")
    listed = ", ".join(f"{kind} ({count})" for kind, count in counted.iter_rows())
    note = f"relationships of kinds that are not read: {listed}"
    return replace(account, notes=(*account.notes, note))


# --- of which kind a code is ----------------------------------------------------------------------


def _kinds(described: pl.DataFrame) -> pl.DataFrame:
    """`code` and `kind` of what is described."""
    primary = pl.col("roles").str.split(" ").list.first()
    kind = (
        pl.when(primary == _SYSTEM)
        .then(pl.lit("System"))
        .when(primary == _REGION)
        .then(pl.lit("Area"))
        .when((pl.col("record_class") == _SITE_CLASS) | primary.is_in(_SITES))
        .then(pl.lit("Location"))
        .otherwise(pl.lit("Organisation"))
    )
    return described.select("code", kind.alias("kind"))


def _kind_of(code: str, role: pl.Expr, bodies: pl.Series) -> pl.Expr:
    """The kind of a code that is only named."""
    by_role = (
        pl.when(role == _SYSTEM)
        .then(pl.lit("System"))
        .when(role == _REGION)
        .then(pl.lit("Area"))
        .when(role.is_in(_SITES))
        .then(pl.lit("Location"))
        .when(role.is_not_null())
        .then(pl.lit("Organisation"))
    )
    by_form = (
        pl.when(pl.col(code).str.contains(_FORMS["System"]))
        .then(pl.lit("System"))
        .when(pl.col(code).str.contains(_FORMS["Area"]))
        .then(pl.lit("Area"))
        .when(names_a_site(code, bodies))
        .then(pl.lit("Location"))
        .otherwise(pl.lit("Organisation"))
    )
    return pl.coalesce(by_role, by_form)


def _with_kinds(relations: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """The relations with `subject_kind` and `target_kind`."""
    bodies = kinds.filter(pl.col("code").str.len_chars() == 3)["code"]
    primary = pl.col("subject_roles").str.split(" ").list.first()
    roles = {"subject": primary, "target": pl.col("target_role")}
    for end, role in roles.items():
        known = kinds.rename({"code": end, "kind": "known"})
        relations = relations.join(known, on=end, how="left", maintain_order="left")
        kind = pl.coalesce("known", _kind_of(end, role, bodies))
        relations = relations.with_columns(kind.alias(f"{end}_kind")).drop("known")
    return relations


# --- tables ---------------------------------------------------------------------------------------


def _tables(
    described: pl.DataFrame, relations: pl.DataFrame, kinds: pl.DataFrame, as_of: str
) -> Iterator[Nodes | Relationships]:
    rows = described.join(kinds, on="code").with_columns(
        pl.format("ods:{}", "code").alias("id"), *declared_bounds("start", "last", as_of)
    )
    yield from _things(rows)
    related = _with_kinds(relations.filter(pl.col("relation").is_in(_TAKEN)), kinds)
    related = related.with_columns(*declared_bounds("start", "last", as_of))
    for kind, statements in _statements(related).items():
        yield from _ends(statements)
        yield Relationships(kind, statements.drop("subject_kind", "object_kind"))


def _things(rows: pl.DataFrame) -> Iterator[Nodes]:
    roles = pl.col("roles").str.split(" ")
    bodies, sites, systems, regions = (
        rows.filter(pl.col("kind") == kind)
        for kind in ("Organisation", "Location", "System", "Area")
    )
    published = pl.col("roles").str.replace_all(" ", "; ", literal=True)
    provides = pl.when(roles.list.first().is_in(_PROVIDERS)).then(True)
    what = _typed(roles, _ORGANISATION_TYPES).alias("org_type")
    more = (what, published.alias("type_as_published"), provides.alias("is_provider"))
    yield Nodes("Organisation", organisations(bodies, *more))
    site = _typed(roles, _LOCATION_TYPES).alias("location_type")
    yield Nodes("Location", organisations(sites, site))
    dates = ("start_earliest", "start_latest", "end_earliest", "end_latest", "date_text")
    yield Nodes("System", systems.select("id", system_name("name").alias("name"), *dates))
    kind = pl.lit("nhs-region").alias("area_type")
    name = written_out("name").str.replace(" Commissioning Region$", "")
    yield Nodes("Area", regions.select("id", name.alias("name"), kind, *dates))


def _typed(roles: pl.Expr, types: Mapping[str, str]) -> pl.Expr:
    """The type of the first role of `types` that a record has."""
    return pl.coalesce(
        pl.when(roles.list.contains(role)).then(pl.lit(name)) for role, name in types.items()
    )


def _ends(statements: pl.DataFrame) -> Iterator[Nodes]:
    """Every end of the statements, as no more than a mention."""
    for end in ("subject", "object"):
        for kind in ("Organisation", "Location", "System", "Area"):
            named = statements.filter(pl.col(f"{end}_kind") == kind)
            ids = named.select(pl.col(end).alias("id")).unique().sort("id")
            yield Nodes(kind, ids)


_BODY_OF_SYSTEM = pl.format("icsg:icb/{}", "target")


def _statements(related: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The statements of each kind of relationship, with `subject_kind` and `object_kind`."""
    found: dict[str, list[pl.DataFrame]] = {}
    for kind, rows in _sorted_out(related):
        found.setdefault(kind, []).append(rows)
    return {kind: pl.concat(rows, how="diagonal") for kind, rows in sorted(found.items())}


def _sorted_out(related: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    of = {code: related.filter(pl.col("relation") == code) for code in _TAKEN}
    site, system = pl.col("subject_kind") == "Location", pl.col("subject_kind") == "System"
    primary = pl.col("subject_roles").str.split(" ").list.first().fill_null("")
    part = system | (primary == _COMMISSIONER)
    yield "PART_OF", _joined(of[_SUB_DIVISION])
    located = _with_areas(of[_IN_GEOGRAPHY])
    yield "SERVES", _serving(located)
    yield "PART_OF", _joined(located.filter(part))
    yield "LOCATED_IN", _joined(located.filter(~part))
    operated = _with_boards(of[_OPERATED_BY])
    yield "OPERATES", _turned(_joined(operated.filter(site)))
    yield "PART_OF", _joined(operated.filter(~site & ~system))
    members = {_COST_CENTRE: ROLE, _NETWORK: NETWORK_ROLE}
    role = primary.replace_strict(members, default=None, return_dtype=pl.String)
    commissioned = _with_boards(of[_COMMISSIONED_BY]).with_columns(role.alias("role"))
    known = pl.col("role").is_not_null()
    yield "MEMBER_OF", _joined(commissioned.filter(known & ~site), "role")
    yield "COMMISSIONS", _turned(_joined(commissioned.filter((~known | site) & ~system)))
    for code, name in ((_PARTNER_TO, ROLE), (_CONSTITUENT_OF, "constituent")):
        joined = of[code].filter(~site).with_columns(role=pl.lit(name))
        yield "MEMBER_OF", _joined(joined.filter(pl.col("target_kind") == "Organisation"), "role")
    yield "SUCCEEDED_BY", _succeeded(_joined(of["Successor"]))
    yield "SUCCEEDED_BY", _succeeded(_turned(_joined(of["Predecessor"])))


def _with_areas(located: pl.DataFrame) -> pl.DataFrame:
    """A body in whose geography something lies stands for the area that it was responsible for."""
    area = pl.col("target_kind").is_in(["System", "Area"])
    return located.with_columns(
        pl.when(~area).then(pl.format("icsg:area-of/{}", "target")).alias("object"),
        pl.when(area).then("target_kind").otherwise(pl.lit("Area")).alias("target_kind"),
    )


def _serving(located: pl.DataFrame) -> pl.DataFrame:
    """The bodies of these areas with what they are responsible for; when, is not said."""
    former = located.drop_nulls("object").unique("target", maintain_order=True)
    return former.select(
        pl.format("ods:{}", "target").alias("subject"),
        "object",
        pl.lit("Organisation").alias("subject_kind"),
        pl.col("target_kind").alias("object_kind"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("record {}", pl.col("subject")).alias("locator"),
    )


def _with_boards(related: pl.DataFrame) -> pl.DataFrame:
    system = pl.col("target_kind") == "System"
    return related.with_columns(
        pl.when(system).then(_BODY_OF_SYSTEM).alias("object"),
        pl.when(system).then(pl.lit("Organisation")).otherwise("target_kind").alias("target_kind"),
    )


def _joined(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    end = pl.format("ods:{}", "target")
    return rows.select(
        pl.format("ods:{}", "subject").alias("subject"),
        (pl.coalesce("object", end) if "object" in rows.columns else end).alias("object"),
        "subject_kind",
        pl.col("target_kind").alias("object_kind"),
        pl.col("start").fill_null("").alias("key"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("record {}", "subject").alias("locator"),
        *("start_earliest", "start_latest", "end_earliest", "end_latest", "date_text"),
        *columns,
    )


def _turned(statements: pl.DataFrame) -> pl.DataFrame:
    """The statements with their ends exchanged."""
    exchanged = {"subject": "object", "object": "subject"}
    kinds = {"subject_kind": "object_kind", "object_kind": "subject_kind"}
    return statements.rename({**exchanged, **kinds})


def _succeeded(statements: pl.DataFrame) -> pl.DataFrame:
    """A succession happens on its day, and does not end."""
    none = pl.lit(None, dtype=pl.String)
    return statements.with_columns(none.alias("end_earliest"), none.alias("end_latest"))
