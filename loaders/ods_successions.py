"""What became of which code: the succession table of the NHS Organisation Data Service.

Codes and the legal date only: trusts and their sites, commissioners and what was before them,
independent providers. A code with several successors stands in several rows. What a code names is
told here by its form alone; where another source describes the same code, that one is believed.

Publisher's page: https://digital.nhs.uk/services/organisation-data-service
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from .cleaning import Rule, day, is_missing, is_no_day, is_not, sift, upper_code
from .delimited import Layout, Sheet, read_delimited
from .records import Nodes, Relationships, SourceEntry, Table
from .uniting import united

__all__ = ["SUCCESSIONS", "names_a_site", "read"]

SUCCESSIONS = Layout(
    "successions of ODS codes",
    {"old_code": "old", "new_code": "new", "date": "date_text"},
)
"""The layout of the table as the R package geographr gives it."""

_CODE = "[0-9A-Z]{3,6}"
_FORM = "yyyy-mm-dd"
_ORGANISATION = "^(?:[48F]|[A-Z][0-9][A-Z][0-9][A-Z]$)"
"""Of codes of five characters: those of independent bodies (8...), of primary care groups (4...),
of pharmacies (F...), and the form that new codes of organisations have had since 2019."""


def read(entry: SourceEntry) -> Iterator[Table]:
    """The tables of an edition as successions, and their accounts.

    Raises `LayoutError` or `FileFault` for a file that cannot be the table.
    """
    tables: list[Nodes | Relationships] = []
    for path in entry.files:
        sheet = _checked(read_delimited(path, (SUCCESSIONS,)))
        tables += _tables(sheet.rows)
        yield sheet.account()
    yield from united(tables)


def _checked(sheet: Sheet) -> Sheet:
    sheet = sheet.derive(
        upper_code("old"), upper_code("new"), day("date_text", _FORM).alias("date")
    )
    itself = pl.col("old") == pl.col("new")
    rules = [
        *is_missing("old", "new", "date_text"),
        is_not("old", _CODE, "an ODS code"),
        is_not("new", _CODE, "an ODS code"),
        is_no_day("date_text", _FORM),
        Rule("new", itself, "is named as its own successor", "Take the row out."),
    ]
    sheet = sift(sheet, rules)
    repeats = ~sheet.rows.select(pl.struct("old", "new", "date").is_first_distinct()).to_series()
    return sheet.merge(sheet.rows.filter(repeats)["row"])


def names_a_site(column: str, bodies: pl.Series) -> pl.Expr:
    """Whether a code is that of a site, by its form: a site has the three characters of its body
    and two more. `bodies` are codes of bodies that are known.

    >>> codes = pl.DataFrame({"code": ["R0B", "R0B0A", "A3A8R", "8A033", "5GD01", "NT112"]})
    >>> codes.filter(names_a_site("code", pl.Series(["R0B"])))["code"].to_list()
    ['R0B0A', '5GD01', 'NT112']
    """
    code = pl.col(column)
    of_body = code.str.head(3).is_in(bodies.implode())
    return (code.str.len_chars() == 5) & (of_body | ~code.str.contains(_ORGANISATION))


def _tables(rows: pl.DataFrame) -> Iterator[Nodes | Relationships]:
    codes = pl.concat([rows["old"], rows["new"].alias("old")]).unique().sort().alias("code")
    bodies = codes.filter(codes.str.len_chars() == 3)
    named = codes.to_frame().with_columns(site=names_a_site("code", bodies))
    for kind, site in (("Organisation", False), ("Location", True)):
        ends = named.filter(pl.col("site") == site)
        yield Nodes(kind, ends.select(pl.format("ods:{}", "code").alias("id")))
    yield Relationships(
        "SUCCEEDED_BY",
        rows.select(
            pl.format("ods:{}", "old").alias("subject"),
            pl.format("ods:{}", "new").alias("object"),
            # A code that came back had the same successor on two days.
            pl.col("date").alias("key"),
            pl.lit("register").alias("knowledge_level"),
            pl.format("row {}", "row").alias("locator"),
            *(pl.col("date").alias(c) for c in ("start_earliest", "start_latest", "date_text")),
        ),
    )
