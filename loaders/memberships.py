"""Networks and groups, and who belongs to them: a list of memberships, and the stroke units.

Cancer alliances, paediatric epilepsy and diabetes networks, stroke networks, groups of trusts that
share a board, clusters of integrated care boards. Each row gives the day of which it speaks: the
member belonged by then and had not left, and neither the beginning nor the end is known. On what
the statement rests ("member", "same board-papers page") is kept as the role.

The list names a trust, a sub-ICB location or a board by its ODS code, and in diabetes networks the
hospital site: the trust is then the member, by the first three characters of the site's code, and
operates the site. Two sites of a trust are two statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from .cleaning import Rule, held_bounds, is_no_day, is_not, postcode
from .data_sets import DataSet, Form, Tables, read_data_set
from .delimited import Layout
from .geography_tables import area_key
from .records import Nodes, Relationships, Series, SourceEntry, Table

__all__ = ["MEMBERS", "NETWORKS", "STROKE_UNITS", "Network", "read"]


@dataclass(frozen=True, slots=True)
class Network:
    """One kind of network: its type, how its ids begin, and what completes a name in the list."""

    org_type: str
    prefix: str
    completion: str = ""


NETWORKS: Mapping[str, Network] = {
    "cancer_alliance": Network("cancer-alliance", "ods:"),
    "icb_cluster": Network("icb-cluster", "icsg:icb-cluster/"),
    "integrated_stroke_delivery_network": Network(
        "clinical-network",
        "icsg:integrated-stroke-delivery-network/",
        " integrated stroke delivery network",
    ),
    "paediatric_diabetes_network": Network(
        "clinical-network", "icsg:paediatric-diabetes-network/", " paediatric diabetes network"
    ),
    "paediatric_epilepsy_network": Network("clinical-network", "icsg:paediatric-epilepsy-network/"),
    "trust_group_board": Network("trust-group", "icsg:trust-group/"),
}
"""The kinds of network by the name that the list gives them. A new one is one entry."""

MEMBERS = Layout(
    "Members of networks",
    {
        "tie_type": "network_kind",
        "group_code": "group",
        "group_name": "group_name",
        "member_code": "member",
        "member_type": "member_type",
        "member_name": "member_name",
        "basis": "basis",
        "as_of": "as_of",
    },
)
"""The layout of memberships."""

STROKE_UNITS = Layout(
    "Stroke units with their stroke network",
    {
        "postcode": "postcode",
        "stroke_team": "name",
        "ssnap_name": "audit_name",
        "hospital_city": "town",
        "use_ivt": "thrombolysis",
        "use_mt": "thrombectomy",
        "sicbl_ons_code": "area",
        "icb_ons_code": "system_ons",
        "isdn": "group_name",
        "sub_icb_code": "commissioner",
        "icb_code": "system",
        "isdn_code": "group",
    },
)
"""The layout of stroke units. It names no trusts."""

_STROKE = "integrated_stroke_delivery_network"
_TREATMENTS = ("thrombolysis", "thrombectomy")
_NO_AUDIT_NAME = "None"
_DAY = "yyyy-mm-dd"

_BOARD, _SITE = "ICB", "hospital site or trust"
_MEMBER_TYPES = {
    "NHS trust": "nhs-trust",
    "sub-ICB location": "sub-icb-location",
    _BOARD: "icb",
    _SITE: None,
}
_TRUST = "^ods:R[0-9A-Z]{2}$"
_SITE_OF_TRUST = "^R[0-9A-Z]{4}$"


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as networks, members and memberships, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that is neither of the two layouts.
    """
    yield from read_data_set(entry, _MEMBERSHIPS)


def _tables(tables: Mapping[str, pl.DataFrame], as_of: str) -> Tables:
    if (members := tables.get(MEMBERS.name)) is not None:
        yield from _members(members)
    if (units := tables.get(STROKE_UNITS.name)) is not None:
        yield from _stroke_units(units, as_of)


# --- the list of memberships ----------------------------------------------------------------------


def _members(rows: pl.DataFrame) -> Tables:
    site = pl.col("member").str.contains(_SITE_OF_TRUST) & (pl.col("member_type") == _SITE)
    own = pl.when(site).then(pl.col("member").str.head(3)).otherwise("member")
    board = pl.col("member_type") == _BOARD
    day_after = pl.col("as_of").str.to_date().dt.offset_by("1d").dt.to_string()
    rows = rows.with_columns(
        network_id=_network_id(pl.col("network_kind")),
        member_id=pl.when(board)
        .then(pl.format("icsg:icb/{}", "member"))
        .otherwise(pl.format("ods:{}", own)),
        site=pl.when(site).then("member"),
        start_latest="as_of",
        end_earliest=day_after,
    )
    yield _networks(rows, pl.col("network_kind"))
    yield Nodes("Organisation", _organisations(rows))
    yield _statements("MEMBER_OF", rows, "member_id", "network_id", pl.col("basis").alias("role"))
    yield from _sites(rows.drop_nulls("site"))
    yield from _boards(rows.filter(board))


def _network_id(kind: pl.Expr) -> pl.Expr:
    prefixes = {name: network.prefix for name, network in NETWORKS.items()}
    return pl.concat_str(kind.replace_strict(prefixes, return_dtype=pl.String), "group")


def _networks(rows: pl.DataFrame, kind: pl.Expr) -> Nodes:
    types = {name: network.org_type for name, network in NETWORKS.items()}
    completions = {name: network.completion for name, network in NETWORKS.items()}
    completion = kind.replace_strict(completions, return_dtype=pl.String)
    named = rows.select(
        _network_id(kind).alias("id"),
        pl.concat_str("group_name", completion).alias("name"),
        kind.replace_strict(types, return_dtype=pl.String).alias("org_type"),
    )
    return Nodes("Organisation", named.unique("id", keep="first", maintain_order=True))


def _organisations(rows: pl.DataFrame) -> pl.DataFrame:
    by_code = pl.when(pl.col("member_id").str.contains(_TRUST))
    org_type = pl.col("member_type").replace_strict(_MEMBER_TYPES, return_dtype=pl.String)
    named = rows.select(
        pl.col("member_id").alias("id"),
        pl.when(pl.col("site").is_null()).then("member_name").alias("name"),
        pl.coalesce(org_type, by_code.then(pl.lit("nhs-trust"))).alias("org_type"),
    ).sort(pl.col("name").is_null(), maintain_order=True)
    return named.unique("id", keep="first", maintain_order=True)


def _sites(rows: pl.DataFrame) -> Tables:
    """The hospital sites that are named, and their trusts, as the codes say it."""
    placed = rows.with_columns(pl.format("ods:{}", "site").alias("site_id"))
    sites = placed.select(
        pl.col("site_id").alias("id"),
        pl.col("member_name").alias("name"),
        pl.lit("nhs-site").alias("location_type"),
    )
    yield Nodes("Location", sites.unique("id", keep="first", maintain_order=True))
    once = placed.unique("site_id", keep="first", maintain_order=True)
    operates = _statements("OPERATES", once, "member_id", "site_id", level="inference")
    yield Relationships(operates.kind, operates.rows.drop("key"))


def _boards(rows: pl.DataFrame) -> Tables:
    """The systems of integrated care boards, whose ODS code is that of the board."""
    systems = rows.with_columns(pl.format("ods:{}", "member").alias("system_id"))
    systems = systems.unique("system_id", keep="first", maintain_order=True)
    yield Nodes("System", systems.select(pl.col("system_id").alias("id")))
    role = pl.lit("integrated care board").alias("role")
    yield _statements("MEMBER_OF", systems, "member_id", "system_id", role)


def _statements(
    kind: str, rows: pl.DataFrame, subject: str, target: str, *columns: pl.Expr, level: str = ""
) -> Relationships:
    return Relationships(
        kind,
        rows.select(
            pl.col(subject).alias("subject"),
            pl.col(target).alias("object"),
            pl.col("site").fill_null("").alias("key"),
            pl.lit(level or "register").alias("knowledge_level"),
            pl.format("row {}", "row").alias("locator"),
            "start_latest",
            "end_earliest",
            *columns,
        ),
    )


# --- stroke units ---------------------------------------------------------------------------------


def _stroke_units(rows: pl.DataFrame, as_of: str) -> Tables:
    kind = pl.lit(_STROKE)
    rows = rows.with_columns(
        area_key("stroke-unit", "postcode").alias("thing"), network_id=_network_id(kind)
    )
    yield Nodes("Location", _units(rows))
    yield _networks(rows, kind)
    for node_kind, column, prefix, given in (
        ("System", "system", "ods", {}),
        ("Area", "area", "ons", {"area_type": "sub-icb"}),
    ):
        ids = rows.select(pl.format(f"{prefix}:{{}}", column).alias("id")).unique().sort("id")
        yield Nodes(node_kind, ids.with_columns(**{c: pl.lit(v) for c, v in given.items()}))
    for relation, target in (
        ("PART_OF", pl.col("network_id")),
        ("LOCATED_IN", pl.format("ods:{}", "system")),
        ("LOCATED_IN", pl.format("ons:{}", "area")),
    ):
        yield Relationships(relation, _placed(rows, target, as_of))
    yield Series("stroke-units", _treatments(rows, as_of))


def _units(rows: pl.DataFrame) -> pl.DataFrame:
    audited = ~pl.col("audit_name").str.starts_with(_NO_AUDIT_NAME)
    other = pl.when(audited & (pl.col("audit_name") != pl.col("name"))).then("audit_name")
    return rows.select(
        pl.col("thing").alias("id"),
        "name",
        pl.concat_list(other).list.drop_nulls().alias("other_names"),
        pl.lit("stroke-unit").alias("location_type"),
        "town",
        postcode("postcode"),
    )


def _placed(rows: pl.DataFrame, target: pl.Expr, as_of: str) -> pl.DataFrame:
    return rows.select(
        pl.col("thing").alias("subject"),
        target.alias("object"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        *held_bounds(as_of),
    )


def _treatments(rows: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """Which unit gives which treatment: 1 if it does."""
    told = rows.unpivot(_TREATMENTS, index="thing", variable_name="measure", value_name="number")
    return told.with_columns(
        pl.col("number").cast(pl.Float64),
        pl.lit(None, dtype=pl.String).alias("group"),
        pl.lit(None, dtype=pl.String).alias("value"),
        pl.lit(as_of).alias("date"),
    )


# --- what is checked ------------------------------------------------------------------------------


def _member_rules() -> Iterator[Rule]:
    kinds, types = list(NETWORKS), list(_MEMBER_TYPES)
    unknown_kind = ~pl.col("network_kind").is_in(kinds)
    known = f"One of {', '.join(kinds)}."
    yield Rule("network_kind", unknown_kind, "is no kind of network known here", known)
    unknown_type = ~pl.col("member_type").is_in(types)
    known = f"One of {', '.join(types)}."
    yield Rule("member_type", unknown_type, "is no type of member known here", known)
    yield is_not("group", "[0-9A-Za-z][0-9A-Za-z_.-]*", "a code of a network")
    coded = pl.col("network_kind").is_in([k for k, n in NETWORKS.items() if n.prefix == "ods:"])
    no_code = coded & ~pl.col("group").str.contains("^[0-9A-Z]{3,12}$")
    yield Rule("group", no_code, "is not an ODS code", "Correct it.")
    yield is_no_day("as_of", _DAY)


def _unit_rules() -> Iterator[Rule]:
    for treatment in _TREATMENTS:
        yield is_not(treatment, "[01]", "0 or 1")
    yield is_not("postcode", "[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}", "a postcode")
    yield is_not("group", "[0-9A-Za-z][0-9A-Za-z_.-]*", "a code of a network")


_MEMBERSHIPS = DataSet(
    (
        (
            MEMBERS,
            Form(
                key=("network_kind", "group", "member"),
                numbers={},
                may_lack=frozenset({"member_name"}),
                rules=tuple(_member_rules()),
            ),
        ),
        (
            STROKE_UNITS,
            Form(
                key=("postcode",),
                numbers={},
                may_lack=frozenset({"audit_name"}),
                rules=tuple(_unit_rules()),
            ),
        ),
    ),
    _tables,
)
