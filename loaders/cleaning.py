"""What a loader declares about its columns: rules that a row must keep, codes, days, addresses.

Everything here is an expression over whole columns. Days are ISO text, as in all tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ..ontology.dates import BoundedDate
from .delimited import Sheet

__all__ = [
    "DAY_FORMS",
    "Rule",
    "address",
    "day",
    "day_after",
    "day_before",
    "declared_bounds",
    "held_bounds",
    "is_missing",
    "is_no_day",
    "is_not",
    "one_row_each",
    "postcode",
    "same_key",
    "sift",
    "upper_code",
]

DAY_FORMS: dict[str, tuple[str, str]] = {
    "dd/mm/yyyy": ("%d/%m/%Y", r"^\d{1,2}/\d{1,2}/(?:19|20|21)\d\d$"),
    "mm/dd/yyyy": ("%m/%d/%Y", r"^\d{1,2}/\d{1,2}/(?:19|20|21)\d\d$"),
    "dd/Mon/yyyy": ("%d/%b/%Y", r"^\d{1,2}/[A-Z][a-z]{2}/(?:19|20|21)\d\d$"),
    "dd Mon yyyy": ("%d %b %Y", r"^\d{1,2} [A-Z][a-z]{2} (?:19|20|21)\d\d$"),
    "yyyy-mm-dd": ("%Y-%m-%d", r"^(?:19|20|21)\d\d-\d\d-\d\d$"),
    "yyyymmdd": ("%Y%m%d", r"^(?:19|20|21)\d{6}$"),
}
"""The ways publishers write a day: how polars reads each, and what a text must look like."""

_WITH_HYPHENS = r"^(\d{4})-(\d\d)-(\d\d)$"

_POSTCODE = r"^[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}$"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is wrong with a row: true in `wrong`, at `column` (our name), and why.

    `reason` continues a sentence that begins with the value.
    """

    column: str
    wrong: pl.Expr
    reason: str
    what_to_do: str = ""


def sift(sheet: Sheet, rules: Sequence[Rule]) -> Sheet:
    """The sheet without the rows that break a rule; each broken rule is one line of its rejects.

    A rule that cannot be judged, since a value is missing, is kept.
    """
    flags = sheet.rows.select(
        rule.wrong.fill_null(False).alias(str(at)) for at, rule in enumerate(rules)
    )
    broken = [at for at, count in enumerate(flags.sum().row(0)) if count]
    faults = [_faults(sheet.rows.filter(flags[str(at)]), rules[at]) for at in broken]
    return sheet.reject(pl.concat(faults)) if faults else sheet


def _faults(rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    return rows.select(
        "row",
        pl.lit(rule.column).alias("column"),
        pl.col(rule.column).cast(pl.String).alias("value"),
        pl.lit(rule.reason).alias("reason"),
        pl.lit(rule.what_to_do).alias("what_to_do"),
    )


def is_missing(*columns: str) -> list[Rule]:
    """The rules that these columns have a value.

    >>> [rule.reason for rule in is_missing("code")]
    ['is missing']
    """
    return [Rule(c, pl.col(c).is_null(), "is missing", "Fill it in.") for c in columns]


def is_not(column: str, pattern: str, what: str, what_to_do: str = "Correct it.") -> Rule:
    """The rule that a value, if there is one, has a form; `pattern` is that of the whole value.

    >>> is_not("code", "[A-Z0-9]{3}", "an ODS code").reason
    'is not an ODS code'
    """
    wrong = ~pl.col(column).str.contains(f"^(?:{pattern})$")
    return Rule(column, wrong, f"is not {what}", what_to_do)


def is_no_day(column: str, form: str) -> Rule:
    """The rule that a value, if there is one, is a day of the calendar written in this form.

    >>> rows = pl.DataFrame({"open": ["20210228", "20210230", None]})
    >>> rows.select(is_no_day("open", "yyyymmdd").wrong).to_series().to_list()
    [False, True, False]
    """
    wrong = pl.col(column).is_not_null() & day(column, form).is_null()
    return Rule(column, wrong, f"is no day of the calendar in the form {form}", "Correct the date.")


def upper_code(column: str) -> pl.Expr:
    """A code as its publisher writes it: capitals, no blanks around it.

    >>> pl.DataFrame({"code": [" r1h "]}).select(upper_code("code")).item()
    'R1H'
    """
    return pl.col(column).str.strip_chars().str.to_uppercase()


def day(column: str, form: str) -> pl.Expr:
    """The days of a column as ISO text; null where a text is no day in this form. Days in the form
    yyyymmdd may have hyphens, as newer editions of a register do that had none.

    >>> rows = pl.DataFrame({"on": ["28/02/2021", "02/28/2021", "1/2/21"]})
    >>> rows.select(day("on", "dd/mm/yyyy")).to_series().to_list()
    ['2021-02-28', None, None]
    """
    code, pattern = DAY_FORMS[form]
    text = pl.col(column)
    if form == "yyyymmdd":
        text = text.str.replace(_WITH_HYPHENS, "$1$2$3")
    plausible = pl.when(text.str.contains(pattern)).then(text)
    return plausible.str.to_date(code, strict=False).dt.to_string("%Y-%m-%d").alias(column)


def day_after(column: str) -> pl.Expr:
    """The days that follow those of a column, both as ISO text.

    >>> pl.DataFrame({"close": ["2020-02-29"]}).select(day_after("close")).item()
    '2020-03-01'
    """
    return _shifted(column, "1d")


def day_before(column: str) -> pl.Expr:
    """The days before those of a column, both as ISO text.

    >>> pl.DataFrame({"gone": ["2021-04-01"]}).select(day_before("gone")).item()
    '2021-03-31'
    """
    return _shifted(column, "-1d")


def _shifted(column: str, by: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d").dt.offset_by(by).dt.to_string("%Y-%m-%d")


def postcode(column: str) -> pl.Expr:
    """Postcodes in capitals with one space; null for what is none.

    >>> rows = pl.DataFrame({"at": ["w1u  2au", "M139WL", "Manchester"]})
    >>> rows.select(postcode("at")).to_series().to_list()
    ['W1U 2AU', 'M13 9WL', None]
    """
    closed = upper_code(column).str.replace_all(" ", "", literal=True)
    spaced = pl.concat_str(closed.str.head(-3), closed.str.tail(3), separator=" ")
    return pl.when(spaced.str.contains(_POSTCODE)).then(spaced).alias(column)


def address(*columns: str) -> pl.Expr:
    """Address lines as one text, comma-separated; null if there are none.

    >>> rows = pl.DataFrame({"one": ["Cobbett House", None], "two": ["Oxford Road", None]})
    >>> rows.select(address("one", "two")).to_series().to_list()
    ['Cobbett House, Oxford Road', None]
    """
    joined = pl.concat_str(columns, separator=", ", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias("address")


def declared_bounds(start: str, last_day: str, as_of: str) -> list[pl.Expr]:
    """The columns of a bounded date, from columns with the first and the last day, ISO or null.

    Without a last day the record is open: it still held on the day `as_of`, taken as early as its
    text allows. A start is exact; one that is missing lies before that day. The same as
    `BoundedDate.from_parts` and `BoundedDate.open_on`, for a whole column.

    >>> rows = pl.DataFrame({"open": ["2013-04-01"], "close": ["2020-03-31"]})
    >>> rows.select(declared_bounds("open", "close", "2026-01"))["end_latest"].item()
    '2020-04-01'
    """
    stated = BoundedDate.parse(as_of)
    first, last = pl.col(start), pl.col(last_day)
    ended = day_after(last_day)
    still = _iso_text(stated.start_earliest, timedelta(days=1))
    by_then = pl.when(last.is_null()).then(_iso_text(stated.start_latest))
    text = pl.when(last.is_null()).then(first)
    return [
        first.alias("start_earliest"),
        pl.coalesce(first, by_then).alias("start_latest"),
        pl.coalesce(ended, still).alias("end_earliest"),
        ended.alias("end_latest"),
        text.otherwise(pl.format("{} to {}", first.fill_null("unknown"), last)).alias("date_text"),
    ]


def held_bounds(as_of: str) -> list[pl.Expr]:
    """The columns of what a list of the day `as_of` says, where it states no dates of its own.

    It had begun by that day, taken as late as its text allows, and had not ended, taken as early.

    >>> pl.select(held_bounds("2021-02")).row(0)
    ('2021-02-28', '2021-02-02')
    """
    stated = BoundedDate.parse(as_of)
    return [
        _iso_text(stated.start_latest).alias("start_latest"),
        _iso_text(stated.start_earliest, timedelta(days=1)).alias("end_earliest"),
    ]


def _iso_text(when: date | None, later: timedelta = timedelta()) -> pl.Expr:
    return pl.lit((when + later).isoformat() if when else None, dtype=pl.String)


def one_row_each(
    sheet: Sheet,
    key: Sequence[str],
    told: Sequence[str],
    column: str,
    reason: str,
    what_to_do: str = "Keep one of the two.",
) -> Sheet:
    """The sheet with one row for each key: a later one that says the same in the columns `told` is
    merged, one that says something else is rejected at `column` for this reason."""
    later = same_key(sheet.rows, key, told)
    if later.is_empty():
        return sheet
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit(column).alias("column"),
        pl.col(column).cast(pl.String).alias("value"),
        pl.lit(reason).alias("reason"),
        pl.lit(what_to_do).alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)


def same_key(rows: pl.DataFrame, key: Iterable[str], value: Iterable[str]) -> pl.DataFrame:
    """The rows whose key an earlier row has, with `alike`: whether the values are equal too.

    >>> rows = pl.DataFrame({"row": [1, 2, 3], "code": ["R1H"] * 3, "name": ["A", "A", "B"]})
    >>> same_key(rows, ["code"], ["name"])["alike"].to_list()
    [True, False]
    """
    keys, values = list(key), list(value)
    # Hashes find the few candidates cheaply; whether the keys are equal is then seen.
    several = rows.filter(rows.select(keys).hash_rows().is_duplicated())
    first = pl.struct(values).first().over(keys)
    return several.with_columns(pl.struct(values).eq_missing(first).alias("alike")).filter(
        ~pl.struct(keys).is_first_distinct()
    )
