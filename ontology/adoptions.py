"""From a series to dated adoptions, by a rule.

A series says of each thing, period by period, what was measured; a rule (`adoption_rules`) says
from where on that counts as adopted. What comes out has the columns of `ADOPTED`. It is a function
of series and rule alone, so another threshold needs nothing but the stored series.

The bounds say what was seen and no more. An adoption began after the last period in which the thing
was seen without it, and by the end of the first one with it: with no period missing between, in
that month. A thing that is past the threshold when it is first seen has adopted *by* then
(left-censored): its start has no earliest day. An adoption that ends did so after the last period
with it and by the end of the first one without.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from .adoption_rules import AdoptionRule
from .dates import COLUMNS, BoundedDate
from .errors import UnknownName, UsageError

__all__ = ["adoptions", "observed"]

# Means of decimals differ from them in the last bits; what was measured has no ninth decimal.
_EXACT = 1e-9
_MONTH = r"^[0-9]{4}-[0-9]{2}$"
# The periods in which a thing is seen around and within an adoption.
_SEEN = ("before", "first", "last", "after")


def adoptions(series: pl.DataFrame, rule: AdoptionRule) -> pl.DataFrame:
    """Which things adopted the innovation, and when, by the rule?

    `series` has the columns of `tables.SERIES` (`source` may be missing; of two editions that
    speak of the same period the later is believed). Returns one row for each adoption, sorted:
    `subject`, `object`, the columns of a bounded date, `rule` (its text), `note` (the doubt about
    coverage, else null) and `key` (tells apart adoptions of the same subject and object). A thing
    that is in the series and not in the result had not adopted when last seen: see `observed`.

    `UnknownName` if the series does not have the rule's measure and group; `UsageError` if a mean
    over months is asked of periods that are not months.

    >>> rows = {"thing": ["ods:00C"] * 3, "measure": ["percent"] * 3, "group": [None] * 3,
    ...         "value": [None] * 3, "number": [40.0, 48.0, 52.0],
    ...         "date": ["2018-02", "2018-03", "2018-04"]}
    >>> half = AdoptionRule("icsg:innovation/doac", "doac", "percent", ">=", 50)
    >>> adoptions(pl.DataFrame(rows), half).select("start_earliest", "start_latest").row(0)
    ('2018-04-01', '2018-04-30')
    """
    spells = _spells(_judged(series, rule), rule)
    noted = _noted(spells, series, rule)
    key = pl.format("{}: {}", "text", "first") if rule.ends else pl.col("text")
    return (
        _with_bounds(noted)
        .with_columns(pl.lit(rule.text).alias("text"), pl.lit(rule.innovation).alias("object"))
        .select(
            pl.col("thing").alias("subject"),
            "object",
            *COLUMNS,
            pl.col("text").alias("rule"),
            "note",
            key.alias("key"),
        )
    )


def observed(series: pl.DataFrame, rule: AdoptionRule) -> pl.DataFrame:
    """Which things could be seen to adopt by the rule, and from when to when?

    One row for each thing of which the rule could be judged, sorted: `thing`, `first` and `last`
    period (text, as in the series), `periods` (how many). Those who adopted are among them; it is
    the population that rates and curves are taken over. Errors as `adoptions`.

    >>> rows = {"thing": ["ods:00C", "ods:00D"], "measure": ["percent"] * 2, "group": [None] * 2,
    ...         "value": [None] * 2, "number": [40.0, 48.0], "date": ["2018-02", "2018-02"]}
    >>> half = AdoptionRule("icsg:innovation/doac", "doac", "percent", ">=", 50)
    >>> observed(pl.DataFrame(rows), half)["thing"].to_list()
    ['ods:00C', 'ods:00D']
    """
    judged = _judged(series, rule).group_by("thing", maintain_order=True)
    return judged.agg(
        pl.col("date").first().alias("first"),
        pl.col("date").last().alias("last"),
        pl.len().alias("periods"),
    )


# --- what the rule says of each thing in each period ----------------------------------------------


def _judged(series: pl.DataFrame, rule: AdoptionRule) -> pl.DataFrame:
    """`thing`, `date`, `past`: whether the measure is past the threshold; sorted by both.

    Periods of which the rule cannot be judged are left out.
    """
    rows = _measured(series, rule).drop_nulls(["thing", "date"])
    order = ["thing", "date", *(["source"] if "source" in rows.columns else [])]
    rows = rows.select(*order, "value", "number").sort(order)
    rows = rows.filter(~(_same_thing(-1) & (pl.col("date") == pl.col("date").shift(-1))))
    if isinstance(rule.threshold, str):
        (wanted,) = _parts(pl.Series([rule.threshold])).to_list()[0]
        listed = rows.select("thing", "date", _parts(rows["value"]).alias("names"))
        lists = pl.col("names").list.contains(wanted).alias("past")
        return listed.select("thing", "date", lists).drop_nulls("past")
    rows = _means(rows.drop_nulls("number"), rule.months)
    sign = 1 if rule.comparison == ">=" else -1
    past = (pl.col("number") - rule.threshold) * sign >= -_EXACT
    return rows.select("thing", "date", past.alias("past"))


def _measured(series: pl.DataFrame, rule: AdoptionRule) -> pl.DataFrame:
    of_group = pl.col("group").eq_missing(pl.lit(rule.group, dtype=pl.String))
    rows = series.filter((pl.col("measure") == rule.measure) & of_group)
    if rows.is_empty() and not series.is_empty():
        known = series.select("measure", "group").unique().rows()
        raise UnknownName(
            f"measure of the series {rule.series}",
            _measure_name(rule.measure, rule.group),
            [_measure_name(*each) for each in known],
        )
    return rows


def _measure_name(measure: str, group: str | None) -> str:
    return f"{measure} [{group}]" if group else measure


def _parts(values: pl.Series) -> pl.Series:
    """The names that each text lists, split at commas and slashes, in one spelling.

    >>> _parts(pl.Series(["KLINIK UK LIMITED, TPP", "Klinik UK Ltd"])).to_list()
    [['klinik uk ltd', 'tpp'], ['klinik uk ltd']]
    """
    one = values.str.to_lowercase().str.replace_all(r"\blimited\b", "ltd")
    return one.str.replace_all(r"\s*[,/]\s*", ",").str.strip_chars(" ,").str.split(",")


def _means(rows: pl.DataFrame, months: int) -> pl.DataFrame:
    """The numbers as means of the month and those before it; months that lack one are left out."""
    if months == 1:
        return rows
    if not rows["date"].str.contains(_MONTH).all():
        raise UsageError(f"A mean over {months} months needs a series of months.")
    year, month = pl.col("date").str.head(4).cast(pl.Int32), pl.col("date").str.tail(2)
    counted = rows.with_columns((year * 12 + month.cast(pl.Int32)).alias("at"))
    before = pl.col("at").shift(months - 1)
    whole = (pl.col("at") - before == months - 1) & _same_thing(months - 1)
    numbers = [pl.col("number").shift(back) for back in range(months)]
    mean = pl.sum_horizontal(numbers) / months
    return counted.with_columns(mean.alias("number")).filter(whole.fill_null(False))


def _same_thing(back: int) -> pl.Expr:
    """Whether the row so many rows before (after, if negative) speaks of the same thing."""
    return (pl.col("thing") == pl.col("thing").shift(back)).fill_null(False)


# --- when each adoption began and ended -----------------------------------------------------------


def _spells(judged: pl.DataFrame, rule: AdoptionRule) -> pl.DataFrame:
    """`thing`, and the periods `first` and `last` in which it is seen to have adopted, `before`
    and `after` in which it is not; null where there is none."""
    turned = ~_same_thing(1) | (pl.col("past") != pl.col("past").shift(1)).fill_null(True)
    previous = pl.when(_same_thing(1)).then(pl.col("date").shift(1))
    last_seen = judged.group_by("thing").agg(pl.col("date").last().alias("last_seen"))
    runs = judged.with_columns(previous.alias("before")).filter(turned)
    following = pl.when(_same_thing(-1))
    runs = runs.with_columns(
        following.then(pl.col("date").shift(-1)).alias("after"),
        following.then(pl.col("before").shift(-1)).alias("last"),
    ).join(last_seen, on="thing", how="left", maintain_order="left")
    spells = runs.filter("past").rename({"date": "first"})
    if rule.ends:
        return spells.with_columns(pl.coalesce("last", "last_seen").alias("last"))
    # What the measure does later is not looked at: the adoption is known for as long as the thing.
    return spells.unique("thing", keep="first", maintain_order=True).with_columns(
        pl.col("last_seen").alias("last"), pl.lit(None, dtype=pl.String).alias("after")
    )


def _with_bounds(spells: pl.DataFrame) -> pl.DataFrame:
    """The spells with the columns of a bounded date."""
    texts = pl.concat([spells[name].rename("date") for name in _SEEN]).unique().drop_nulls().sort()
    stated = [BoundedDate.parse(text) for text in texts]
    first = _days([period.start_earliest for period in stated])
    last = _days([period.start_latest for period in stated])
    following = last.str.to_date().dt.offset_by("1d").dt.to_string()
    at_once = pl.col("start_earliest") == _looked_up("first", texts, first)
    start = pl.when(at_once).then("first").otherwise(pl.format("by {}", "first"))
    ended = pl.format("{} to {}", start, "last")
    return spells.with_columns(
        _looked_up("before", texts, following).alias("start_earliest"),
        _looked_up("first", texts, last).alias("start_latest"),
        _looked_up("last", texts, following).alias("end_earliest"),
        _looked_up("after", texts, last).alias("end_latest"),
    ).with_columns(
        pl.when(pl.col("after").is_null()).then(start).otherwise(ended).alias("date_text")
    )


def _days(days: Iterable[date | None]) -> pl.Series:
    return pl.Series([day.isoformat() if day else None for day in days], dtype=pl.String)


def _looked_up(column: str, texts: pl.Series, days: pl.Series) -> pl.Expr:
    return pl.col(column).replace_strict(texts, days, default=None, return_dtype=pl.String)


# --- adoptions that may be artefacts of coverage --------------------------------------------------


def _noted(spells: pl.DataFrame, series: pl.DataFrame, rule: AdoptionRule) -> pl.DataFrame:
    """The spells with `note`: of things for which, when they began, nobody but newcomers reports.

    A newcomer reports in this period or the one before for the first time of any thing. Who
    reports in the first period of the series is none.
    """
    if rule.reporters is None:
        return spells.with_columns(pl.lit(None, dtype=pl.String).alias("note"))
    told = series.filter(pl.col("measure") == rule.reporters).drop_nulls(["date", "value"])
    names = told.select("thing", "date", "value", _parts(told["value"]).alias("name"))
    each = names.explode("name").with_columns(pl.col("date").rank("dense").alias("at"))
    since = pl.col("at").min().over("name")
    each = each.with_columns(new=(since > 1) & (pl.col("at") - since <= 1))
    only_new = each.group_by("thing", "date").agg(pl.col("value").first(), pl.col("new").all())
    newly = only_new.filter("new").select(
        "thing",
        pl.col("date").alias("first"),
        pl.format("possible coverage artefact: {} had only just begun to report", "value").alias(
            "note"
        ),
    )
    noted = spells.join(newly, on=["thing", "first"], how="left", maintain_order="left")
    dated = pl.when(pl.col("before").is_not_null())
    return noted.with_columns(dated.then("note").alias("note"))
