"""Bounded dates: what a text states, what may be said of it, and that the definition is kept.

The comparisons are checked against the definition itself: every completion in a small calendar.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icsgraph.ontology.dates import (
    ACCEPTED,
    COLUMNS,
    BoundedDate,
    Certainty,
    begun_by_expr,
    holds_on_expr,
    read_day,
)
from icsgraph.ontology.errors import DateFault

parse = BoundedDate.parse
CERTAIN, POSSIBLE, NO = Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.NO

# As stated | earliest start | latest start | earliest end | latest end | precision | in words
STATED = """
2020                    | 2020-01-01 | 2020-12-31 |            |            | year    | 2020
2020-Q3                 | 2020-07-01 | 2020-09-30 |            |            | quarter | July to September 2020
2020-11                 | 2020-11-01 | 2020-11-30 |            |            | month   | November 2020
2020-02                 | 2020-02-01 | 2020-02-29 |            |            | month   | February 2020
2020-11-05              | 2020-11-05 | 2020-11-05 |            |            | day     | 5 November 2020
2020-07 to 2020-08      | 2020-07-01 | 2020-07-31 | 2020-08-02 | 2020-09-01 | month   | July to August 2020
2020-10 to 2021-01      | 2020-10-01 | 2020-10-31 | 2021-01-02 | 2021-02-01 | month   | October 2020 to January 2021
2020-11-05 to 2020-11-07| 2020-11-05 | 2020-11-05 | 2020-11-08 | 2020-11-08 | day     | 5 to 7 November 2020
2020-11-05 to 2020-12-05| 2020-11-05 | 2020-11-05 | 2020-12-06 | 2020-12-06 | day     | 5 November to 5 December 2020
2020 to 2021-06         | 2020-01-01 | 2020-12-31 | 2021-06-02 | 2021-07-01 | year    | 2020 to June 2021
2020-08 to 2020-08      | 2020-08-01 | 2020-08-31 | 2020-08-02 | 2020-09-01 | month   | within August 2020
2020-08-01 to 2020-08-01| 2020-08-01 | 2020-08-01 | 2020-08-02 | 2020-08-02 | day     | only 1 August 2020
2020-2021               | 2020-01-01 | 2020-12-31 | 2021-01-02 | 2022-01-01 | year    | 2020 to 2021
by 2021-05-28           |            | 2021-05-28 |            |            | bounded | by 28 May 2021
by 2020-04              |            | 2020-04-30 |            |            | bounded | by the end of April 2020
by 2020                 |            | 2020-12-31 |            |            | bounded | by the end of 2020
before 2020-03          |            | 2020-02-29 |            |            | bounded | before March 2020
before 2020             |            | 2019-12-31 |            |            | bounded | before 2020
before 2020-03-05       |            | 2020-03-04 |            |            | bounded | before 5 March 2020
from 2020-03            | 2020-03-01 | 2020-03-31 |            |            | month   | from March 2020
from 2020-Q4            | 2020-10-01 | 2020-12-31 |            |            | quarter | from the fourth quarter of 2020
from 2020-03 to 2021    | 2020-03-01 | 2020-03-31 | 2021-01-02 | 2022-01-01 | month   | March 2020 to 2021
unknown                 |            |            |            |            | unknown | date not stated
"""  # noqa: E501
ROWS = [[cell.strip() for cell in line.split("|")] for line in STATED.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_text_states_its_bounds_its_precision_and_its_wording(row: list[str]) -> None:
    text, *bounds, precision, words = row
    stated = parse(text)
    assert [str(day) if day else "" for day in stated.bounds] == bounds
    assert stated.precision == precision
    assert stated.plain() == words
    assert stated.text == text


@pytest.mark.parametrize("text", ["", "  ", None])
def test_a_blank_is_an_unknown_date(text: str | None) -> None:
    assert parse(text) == BoundedDate()


def test_every_form_that_a_fault_names_is_read() -> None:
    assert [parse(text).text for text in ACCEPTED] == list(ACCEPTED)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2021-02-30", "2021-02-30 is not in the calendar"),
        ("2020 to 2021-13", "2021-13 is not in the calendar"),
        ("2020-08 to 2020-07", "ends before it starts"),
        ("2021-2020", "ends before it starts"),
        ("2020-01-01 to 9999-12-31", "leaving it out"),
        ("05/11/2020", "none of the forms"),
        ("2020-Q5", "none of the forms"),
        ("2020-11-5", "none of the forms"),
        ("0000", "none of the forms"),
        ("\u0662\u0660\u0662\u0660", "none of the forms"),
        ("2020-2021-06", "none of the forms"),
        ("by 2020 to 2021", "none of the forms"),
        ("2020 to by 2021", "none of the forms"),
        ("Autumn 2020", "none of the forms"),
    ],
)
def test_any_other_text_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(DateFault) as caught:
        parse(text)
    assert f'"{text}" is no date' in caught.value.message
    assert reason in caught.value.message
    assert "2020-07 to 2020-08" in caught.value.hint


@pytest.mark.parametrize(
    "bounds",
    [
        {"start_earliest": date(2020, 2, 1), "start_latest": date(2020, 1, 1)},
        {"end_earliest": date(2020, 2, 1), "end_latest": date(2020, 1, 1)},
        {"start_earliest": date(2020, 2, 1), "end_latest": date(2020, 2, 1)},
    ],
)
def test_bounds_that_no_completion_meets_cannot_be_built(bounds: dict[str, date]) -> None:
    with pytest.raises(DateFault):
        BoundedDate(**bounds)


def test_the_last_day_of_a_register_is_the_day_before_the_end() -> None:
    first = BoundedDate.from_parts("2013-04-01", "2022-06-30")
    then = BoundedDate.from_parts("2022-07-01", "")
    assert first.holds_on(date(2022, 6, 30)) is CERTAIN
    assert first.holds_on(date(2022, 7, 1)) is NO
    assert first.overlaps(then) is NO
    assert first.plain() == "1 April 2013 to 30 June 2022"


def test_parts_may_be_imprecise_or_missing() -> None:
    system = BoundedDate.from_parts("by 2020-04", "2026-03-31")
    assert system.text == "by 2020-04 to 2026-03-31"
    assert system.plain() == "by the end of April 2020, until 31 March 2026"
    assert BoundedDate.from_parts(None, "2026-03").plain() == "start not stated, until March 2026"
    assert BoundedDate.from_parts(parse("2020"), "unknown") == parse("2020")


@pytest.mark.parametrize(
    ("start", "end"), [("2020 to 2021", "2022"), ("2020", "by 2022"), ("2020", "2019")]
)
def test_parts_that_do_not_go_together_are_refused(start: str, end: str) -> None:
    with pytest.raises(DateFault):
        BoundedDate.from_parts(start, end)


def test_what_is_open_on_a_day_held_on_it_and_may_have_ended_on_the_next() -> None:
    as_of = date(2026, 1, 31)
    trust = BoundedDate.open_on("2013-04-01", as_of)
    assert trust.holds_on(as_of) is CERTAIN
    assert trust.holds_on(as_of + timedelta(days=1)) is POSSIBLE
    assert trust.holds_on(date(2013, 3, 31)) is NO
    assert trust.plain() == "from 1 April 2013, still so on 31 January 2026"


def test_what_is_open_without_a_start_had_begun_and_what_is_announced_had_not() -> None:
    as_of = date(2026, 1, 31)
    undated = BoundedDate.open_on(None, as_of)
    assert undated.holds_on(as_of) is CERTAIN
    assert undated.plain() == "start not stated, still so on 31 January 2026"
    announced = BoundedDate.open_on("2026-06-01", as_of)
    assert announced.holds_on(as_of) is NO
    assert announced.plain() == "from 1 June 2026"
    with pytest.raises(DateFault):
        BoundedDate.open_on("2020 to 2021", as_of)


# The adoptions of the known answers on date precision: A 2021-02, B 2021-06-15, C 2021-08, D 2021.
@pytest.mark.parametrize(
    ("first", "then", "answer"),
    [
        ("2021-02", "2021-06-15", CERTAIN),
        ("2021-06-15", "2021-08", CERTAIN),
        ("2021-08", "2021", POSSIBLE),
        ("2021-02", "2021-01-10", NO),
        ("2021-06-15", "2021-06-15", NO),
        ("", "2021", POSSIBLE),
        ("by 2021-05", "2021-06", CERTAIN),
    ],
)
def test_one_starts_before_another(first: str, then: str, answer: Certainty) -> None:
    assert parse(first).before(parse(then)) is answer


def test_a_single_day_is_read_in_one_form_only() -> None:
    assert read_day("2021-06-30") == date(2021, 6, 30)
    for text in ("2021-06", "2021-06-31", "30/06/2021", "20210630", ""):
        with pytest.raises(DateFault):
            read_day(text)


# A small calendar: bounds on its days 0 to 5, completions from day -3 to day 9, so that an open
# side reaches well past every bound.
MONDAY = date(2021, 3, 1)
offsets = st.none() | st.integers(0, 5)


@st.composite
def bounded_dates(draw: st.DrawFn) -> BoundedDate:
    bounds = [None if (n := draw(offsets)) is None else MONDAY + timedelta(days=n) for _ in "abcd"]
    for low, high in ((0, 1), (2, 3)):
        if bounds[low] and bounds[high] and bounds[low] > bounds[high]:
            bounds[low], bounds[high] = bounds[high], bounds[low]
    if bounds[0] and bounds[3] and bounds[0] >= bounds[3]:
        bounds[0] = None
    return BoundedDate(*bounds)


days = st.integers(-2, 7).map(lambda n: MONDAY + timedelta(days=n))


def completions(dated: BoundedDate) -> Iterator[tuple[date, date]]:
    """Every start and end within the bounds, by the definition at the head of the module."""
    calendar = [MONDAY + timedelta(days=n) for n in range(-3, 10)]
    for start in calendar:
        for end in calendar:
            if start < end and (
                (dated.start_earliest or start) <= start <= (dated.start_latest or start)
                and (dated.end_earliest or end) <= end <= (dated.end_latest or end)
            ):
                yield start, end


def by_definition(answers: list[bool]) -> Certainty:
    assert answers, "the calendar of this test is too small"
    return CERTAIN if all(answers) else POSSIBLE if any(answers) else NO


@given(bounded_dates(), days)
@settings(deadline=None, max_examples=400)
def test_on_a_day_the_answer_is_that_of_all_completions(dated: BoundedDate, day: date) -> None:
    runs = list(completions(dated))
    assert dated.holds_on(day) is by_definition([start <= day < end for start, end in runs])
    table = pl.DataFrame([dated.columns()], schema=dict.fromkeys(COLUMNS, pl.String))
    begun = table.select(begun_by_expr(day.isoformat())).item()
    assert begun == by_definition([start <= day for start, _ in runs])


@given(bounded_dates(), bounded_dates())
@settings(deadline=None, max_examples=200)
def test_of_two_dates_the_answer_is_that_of_all_pairs(one: BoundedDate, two: BoundedDate) -> None:
    pairs = [(a, b) for a in completions(one) for b in completions(two)]
    together = [a[0] < b[1] and b[0] < a[1] for a, b in pairs]
    assert one.overlaps(two) is by_definition(together)
    assert one.before(two) is by_definition([a[0] < b[0] for a, b in pairs])


@given(dated=st.lists(bounded_dates(), min_size=1, max_size=20), day=days)
@settings(deadline=None)
def test_a_table_gives_the_same_answers(dated: list[BoundedDate], day: date) -> None:
    schema = dict.fromkeys(COLUMNS, pl.String)
    table = pl.DataFrame([one.columns() for one in dated], schema=schema)
    answers = table.select(holds_on_expr(day.isoformat())).to_series().to_list()
    assert answers == [one.holds_on(day) for one in dated]


@given(bounded_dates())
def test_columns_are_read_back(dated: BoundedDate) -> None:
    assert BoundedDate.from_columns(dated.columns()) == dated


@pytest.mark.parametrize(("file", "column"), [("findings.csv", "period"), ("ties.csv", "start")])
def test_every_date_of_the_evidence_is_read(shared: Path, file: str, column: str) -> None:
    with (shared / "evidence" / file).open(encoding="utf-8", newline="") as rows:
        texts = [row[column] for row in csv.DictReader(rows)]
    assert len([parse(text) for text in texts]) > 90
