"""What the look-up tables between areas have in common: the forms of codes, areas, memberships."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from ..ontology.errors import IdentifierFault
from ..ontology.identifiers import slug
from .cleaning import Rule, is_missing, is_not, sift, upper_code
from .delimited import Layout, Sheet
from .nhs_names import written_out
from .records import Nodes, Relationships

__all__ = [
    "Prepare",
    "Publication",
    "area_key",
    "as_it_is",
    "is_place",
    "nodes",
    "region_nodes",
    "statements",
    "system_name",
]

Tables = Iterator[Nodes | Relationships]
Prepare = Callable[[Sheet], Sheet]

_CODES = {
    "area": ("E38[0-9]{6}", "an ONS code of a CCG or sub-ICB location"),
    "commissioner": ("[0-9A-Z]{3,6}", "an ODS code of a commissioner"),
    "system": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "system_ons": ("E54[0-9]{6}", "an ONS code of a system"),
    "system_2020": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "system_2020_ons": ("E54[0-9]{6}", "an ONS code of a system"),
    "system_2021_ons": ("E54[0-9]{6}", "an ONS code of a system"),
    "system_2026": ("[0-9A-Z]{3,6}", "an ODS code of a system"),
    "region": ("Y[0-9]{2}", "an ODS code of an NHS England region"),
    "region_ons": ("E40[0-9]{6}", "an ONS code of an NHS England region"),
    "alliance": ("E56[0-9]{6}", "an ONS code of a cancer alliance"),
    "authority": ("E(?:0[6-9]|1[0-3])[0-9]{6}", "an ONS code of a local authority"),
    "english_region": ("E12[0-9]{6}", "an ONS code of a region"),
    "small_area": ("E01[0-9]{6}", "an ONS code of a small area"),
}

_NAMES = ("authority_name", "region_name", "system_2026_name")
"""Columns of names that make keys."""


def as_it_is(sheet: Sheet) -> Sheet:
    """The sheet itself: nothing is left to check."""
    return sheet


@dataclass(frozen=True, slots=True)
class Publication:
    """One published table: its layout, its as-of day if its header says so, and what its rows say.

    `prepare` checks what the common rules do not; `tables` gets the rows and the as-of day. Every
    column that is read must have a value, but for those in `may_lack`.
    """

    layout: Layout
    tables: Callable[[pl.DataFrame, str], Tables]
    as_of: str = ""
    prepare: Prepare = as_it_is
    may_lack: frozenset[str] = frozenset()

    def checked(self, sheet: Sheet) -> Sheet:
        """The rows of which every value has its form."""
        read = [c for c in sheet.rows.columns if c != "row"]
        coded = [c for c in read if c in _CODES]
        shares = [c for c in read if c == "share"]
        rules = is_missing(*(c for c in read if c not in self.may_lack))
        rules += [is_not(column, *_CODES[column]) for column in coded]
        rules += [is_place(column) for column in read if column in _NAMES]
        rules += [_is_no_share(column) for column in shares]
        sheet = sift(sheet.derive(*(upper_code(c) for c in coded)), rules)
        return self.prepare(sheet.derive(*(pl.col(c).cast(pl.Float64) for c in shares)))


def _is_no_share(column: str) -> Rule:
    number = pl.col(column).cast(pl.Float64, strict=False)
    wrong = ~number.is_between(0, 1).fill_null(False)
    return Rule(column, wrong, "is not a share from 0 to 1", "Correct it.")


def area_key(kind: str, column: str) -> pl.Expr:
    """Our key of an area that a source knows by its name only; null for what `is_place` refuses.

    >>> rows = pl.DataFrame({"name": ["Bristol, City of", "..."]})
    >>> rows.select(area_key("local-authority", "name")).to_series().to_list()
    ['icsg:local-authority/bristol-city-of', None]
    """

    def each(names: pl.Series) -> pl.Series:
        keys = {name: _key(kind, name) for name in names.unique().drop_nulls()}
        return names.replace_strict(keys, default=None, return_dtype=pl.String)

    return pl.col(column).map_batches(each, return_dtype=pl.String)


def _key(kind: str, name: str) -> str | None:
    try:
        return f"icsg:{kind}/{slug(name)}"
    except IdentifierFault:
        return None


def is_place(column: str) -> Rule:
    """The rule that a name, if there is one, can make a key: it has a letter or digit.

    >>> rows = pl.DataFrame({"name": ["Bristol, City of", "...", None]})
    >>> rows.select(is_place("name").wrong).to_series().to_list()
    [False, True, None]
    """
    return is_not(column, "(?s).*[A-Za-z0-9].*", "the name of a place")


def system_name(board: str) -> pl.Expr:
    """The name of a system, from that of its integrated care board.

    >>> rows = pl.DataFrame({"board": ["NHS ESSEX INTEGRATED CARE BOARD"]})
    >>> rows.select(system_name("board")).item()
    'Essex'
    """
    return written_out(board).str.replace("^NHS ", "").str.replace(" Integrated Care Board$", "")


def nodes(kind: str, rows: pl.DataFrame, *codes: pl.Expr, **columns: pl.Expr | str) -> Nodes:
    """One node for each `id`, with the given columns; texts are constants, `codes` are united."""
    given = {c: pl.lit(e) if isinstance(e, str) else e for c, e in columns.items()}
    listed = pl.concat_list(codes).list.drop_nulls() if codes else pl.lit([], pl.List(pl.String))
    made = rows.select(**given, codes=listed).drop_nulls("id")
    if "other_names" in given:
        others = pl.col("other_names").list.set_difference(pl.concat_list("name"))
        made = made.with_columns(others.list.drop_nulls().list.sort())
    return Nodes(kind, made.unique("id", keep="first", maintain_order=True))


def region_nodes(rows: pl.DataFrame) -> Nodes:
    """The NHS England regions of a table with `region`, `region_ons`, `region_name`."""
    key = area_key("nhs-region", "region_name")
    codes = (key, pl.format("ons:{}", "region_ons"))
    return nodes(
        "Area",
        rows,
        *codes,
        id=pl.format("ods:{}", "region"),
        name=pl.col("region_name"),
        area_type="nhs-region",
    )


def statements(
    kind: str,
    rows: pl.DataFrame,
    subject: pl.Expr,
    target: pl.Expr,
    *columns: pl.Expr,
) -> Relationships:
    """One statement for each pair of ends: `columns` besides, and the first row that says so."""
    made = rows.select(
        subject.alias("subject"),
        target.alias("object"),
        pl.lit("register").alias("knowledge_level"),
        pl.format("row {}", "row").alias("locator"),
        *columns,
    ).drop_nulls(["subject", "object"])
    return Relationships(
        kind, made.unique(["subject", "object"], keep="first", maintain_order=True)
    )
