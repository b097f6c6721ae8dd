"""Identifiers and names in the publications of the Care Quality Commission, common to all of them.

CQC's own ids begin with "1-"; a provider or location of the NHS has its ODS code as its id.
"""

from __future__ import annotations

import polars as pl

from ..ontology.identifiers import PREFIXES
from .cleaning import declared_bounds, upper_code

__all__ = [
    "BRAND",
    "LOCATION",
    "PRACTICE",
    "PROVIDER",
    "all_codes",
    "charity_code",
    "company_code",
    "cqc_code",
    "cqc_thing",
    "registered_bounds",
    "sole_trader",
]

_OWN = "1-[0-9]{3,12}"
PROVIDER = f"{_OWN}|[0-9A-Z]{{3,6}}"
"""The form of a provider's id."""

LOCATION = f"{_OWN}|[0-9A-Z]{{5,12}}"
"""The form of a location's id."""

BRAND = "BD[0-9]{1,6}"
"""The form of a brand's id."""

PRACTICE = "[A-Z][0-9]{5}"
"""What a practice of doctors or dentists is called in ODS; the code names the practice, which may
have several locations, while other codes name the location itself."""

_TITLE = r"(?:mr|mrs|ms|miss|mx|dr|doctor|prof|professor|rev|reverend|sir|dame)"
_NAMES_MORE_THAN_ONE = rf"(?i)[&,/+]|\b(?:and|with)\b|\s{_TITLE}\b"
_NAMES_A_BODY = (
    r"(?i)'s\b|\b(?:ltd|limited|llp|plc|cic|trust|partners?|partnership|practice|surgery|clinics?|"
    r"centre|hospice|society|group|company|corporation|anywhere|diagnostics)\b"
)


def cqc_thing(column: str) -> pl.Expr:
    """The identifiers of a column of provider or location ids.

    >>> ids = pl.DataFrame({"id": ["1-101668216", "RM317", None]})
    >>> ids.select(cqc_thing("id")).to_series().to_list()
    ['cqc:1-101668216', 'ods:RM317', None]
    """
    own = pl.col(column).str.starts_with("1-")
    return pl.when(own).then(pl.format("cqc:{}", column)).otherwise(pl.format("ods:{}", column))


def cqc_code(column: str) -> pl.Expr:
    """The id at the CQC of what is named by its ODS code.

    >>> ids = pl.DataFrame({"id": ["1-101668216", "RM317"]})
    >>> ids.select(cqc_code("id")).to_series().to_list()
    [None, 'cqc:RM317']
    """
    nhs = ~pl.col(column).str.starts_with("1-")
    return pl.when(nhs).then(pl.format("cqc:{}", column))


def all_codes(*identifiers: pl.Expr) -> pl.Expr:
    """The column `codes`: the identifiers that are there."""
    return pl.concat_list(identifiers).list.drop_nulls().alias("codes")


def company_code(column: str) -> pl.Expr:
    """The identifiers of a column of numbers at Companies House; null for what is none.

    >>> numbers = pl.DataFrame({"company": ["3175855", "ip19203r", "0", "none"]})
    >>> numbers.select(company_code("company")).to_series().to_list()
    ['companies:03175855', 'companies:IP19203R', None, None]
    """
    written = upper_code(column)
    whole = pl.when(written.str.contains("^[0-9]{1,8}$")).then(written.str.zfill(8))
    return _identifier("companies", whole.otherwise(written), column)


def charity_code(column: str) -> pl.Expr:
    """The identifiers of a column of numbers at the Charity Commission; null for what is none.

    >>> numbers = pl.DataFrame({"charity": ["1058340", "508466", "SC012345"]})
    >>> numbers.select(charity_code("charity")).to_series().to_list()
    ['charity:1058340', 'charity:508466', None]
    """
    return _identifier("charity", upper_code(column), column)


def _identifier(prefix: str, code: pl.Expr, column: str) -> pl.Expr:
    known = code.str.contains(f"^(?:{PREFIXES[prefix].local})$") & ~code.str.contains("^0+$")
    return pl.when(known).then(pl.format(f"{prefix}:{{}}", code)).alias(column)


def registered_bounds(as_of: str) -> list[pl.Expr]:
    """The columns of a bounded date, from the ISO days `registered` and `deregistered`.

    The day of deregistration may be the last day or the day after it: so both bound the end.

    >>> rows = pl.DataFrame({"registered": ["2011-03-10"], "deregistered": ["2012-07-02"]})
    >>> rows.select(registered_bounds("2025-03")).row(0)[2:4]
    ('2012-07-02', '2012-07-03')
    """
    stated = declared_bounds("registered", "deregistered", as_of)
    by_name = {bound.meta.output_name(): bound for bound in stated}
    last = pl.coalesce("deregistered", by_name["end_earliest"])
    return list({**by_name, "end_earliest": last.alias("end_earliest")}.values())


def sole_trader(name: str, ownership: str | None = None) -> list[pl.Expr]:
    """The columns that say whether a provider is one person, and how that is known.

    By the type of ownership where the source has such a column and a value in it; else a name that
    is a title and the name of one person is taken as one, and marked as a guess.

    >>> names = pl.DataFrame({"name": ["Mrs E Ashton", "Dr Pal and Miss Pal", "Dr Esa Ltd"]})
    >>> names.select(sole_trader("name")).rows()
    [(True, 'guess from the name'), (None, None), (None, None)]
    """
    text = pl.col(name)
    looks = (
        text.str.contains(rf"(?i)^{_TITLE}\b")
        & ~text.str.contains(_NAMES_MORE_THAN_ONE)
        & ~text.str.contains(_NAMES_A_BODY)
    ).fill_null(False)
    stated = pl.col(ownership) if ownership else pl.lit(None, dtype=pl.String)
    said = stated.is_not_null()
    is_one = pl.when(said).then(stated == "Individual").when(looks).then(True)
    basis = pl.when(said).then(pl.lit("ownership type"))
    guess = basis.when(looks).then(pl.lit("guess from the name"))
    return [is_one.alias("is_sole_trader"), guess.alias("sole_trader_basis")]
