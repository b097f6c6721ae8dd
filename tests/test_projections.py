"""Ties that follow from shared membership: who, and when both belonged."""

from datetime import date, timedelta
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.dates import BoundedDate, Certainty
from icsgraph.ontology.errors import UnknownName
from icsgraph.queries.projections import shared_membership

COLUMNS = ("subject", "object", "start_earliest", "start_latest", "end_earliest", "end_latest")


def members(*rows):
    """Member, network, and its date as text."""
    dated = [(a, b, *list(BoundedDate.parse(text).columns().values())[:4]) for a, b, text in rows]
    return pl.DataFrame(dated, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def test_members_of_a_network_are_tied_while_both_belong():
    ties = shared_membership(
        members(
            ("ods:B", "ods:N1", "2020-01-01 to 2020-06-30"),
            ("ods:A", "ods:N1", "2020-03-01 to 2020-12-31"),
            ("ods:C", "ods:N2", "2020-01-01 to 2020-12-31"),
        )
    )
    assert ties.rows() == [
        (
            *("ods:A", "ods:B", "ods:N1", 2),
            *("2020-03-01", "2020-03-01", "2020-07-01", "2020-07-01", "CERTAIN"),
        )
    ]


def test_who_left_before_the_other_came_is_not_tied():
    ties = shared_membership(
        members(
            ("ods:A", "ods:N1", "2020-01-01 to 2020-06-30"),
            ("ods:B", "ods:N1", "2020-07-01 to 2020-12-31"),
        )
    )
    assert ties.is_empty()


def test_an_unknown_end_leaves_the_end_of_the_tie_open():
    ties = shared_membership(
        members(("ods:A", "ods:N1", "2020"), ("ods:B", "ods:N1", "by 2021-05 "))
    )
    assert ties.select(COLUMNS[2:]).row(0) == ("2020-01-01", "2021-05-31", None, None)
    assert ties["certainty"].to_list() == ["POSSIBLE"]


def test_two_networks_are_two_ties_and_their_sizes_stand_beside():
    ties = shared_membership(
        members(
            ("ods:A", "ods:N1", ""),
            ("ods:B", "ods:N1", ""),
            ("ods:C", "ods:N1", ""),
            ("ods:A", "ods:N2", ""),
            ("ods:B", "ods:N2", ""),
        )
    )
    assert ties.select("subject", "object", "network", "size").rows() == [
        ("ods:A", "ods:B", "ods:N1", 3),
        ("ods:A", "ods:B", "ods:N2", 2),
        ("ods:A", "ods:C", "ods:N1", 3),
        ("ods:B", "ods:C", "ods:N1", 3),
    ]


def test_repeated_and_returning_members_are_not_tied_to_themselves():
    ties = shared_membership(
        members(
            ("ods:A", "ods:N1", "2020"),
            ("ods:A", "ods:N1", "2020"),
            ("ods:A", "ods:N1", "2022"),
            ("ods:B", "ods:N1", "2019"),
        )
    )
    assert ties.select("subject", "object", "start_earliest", "size").rows() == [
        ("ods:A", "ods:B", "2020-01-01", 2),
        ("ods:A", "ods:B", "2022-01-01", 2),
    ]


def test_without_dates_every_tie_is_possible():
    undated = pl.DataFrame({"subject": ["ods:A", "ods:B"], "object": ["ods:N1", "ods:N1"]})
    assert shared_membership(undated)["certainty"].to_list() == ["POSSIBLE"]


@pytest.mark.parametrize("rows", [[], [("ods:A", "ods:N1", "2020")]])
def test_nobody_and_one_alone_have_no_ties(rows):
    assert shared_membership(members(*rows)).is_empty()


def test_a_missing_column_is_named():
    with pytest.raises(UnknownName, match="object"):
        shared_membership(pl.DataFrame({"subject": ["ods:A"]}))


DAYS = st.none() | st.integers(0, 6).map(lambda n: date(2020, 1, 1) + timedelta(n))


@st.composite
def bounded(draw):
    days = [draw(DAYS) for _ in range(4)]
    try:
        return BoundedDate(*days)
    except ValueError:
        return BoundedDate()


@given(st.lists(bounded(), min_size=2, max_size=4))
def test_ties_are_certain_or_possible_as_their_dates_overlap(dates):
    rows = [
        (f"ods:00{n}", "ods:N1", *list(when.columns().values())[:4]) for n, when in enumerate(dates)
    ]
    table = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    ties = shared_membership(table)
    found = {(a, b): c for a, b, c in ties.select("subject", "object", "certainty").iter_rows()}
    wanted = {
        (f"ods:00{n}", f"ods:00{m}"): str(dates[n].overlaps(dates[m]))
        for n, m in combinations(range(len(dates)), 2)
        if dates[n].overlaps(dates[m]) is not Certainty.NO
    }
    assert found == wanted
