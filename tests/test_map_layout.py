"""Where things stand: north is up, nothing lies on anything, the order of the rows is no matter."""

from itertools import combinations
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.visualisations.layout import Box, Place, column, projected, pushed_apart

BOX = Box(100, 50, 400, 600)
CARLISLE, DOVER, PENZANCE = (-2.93, 54.89), (1.31, 51.13), (-5.54, 50.12)
TOWNS = {"carlisle": CARLISLE, "dover": DOVER, "penzance": PENZANCE}


def test_north_is_up_and_east_is_right():
    places = projected(TOWNS, dict.fromkeys(TOWNS, 5.0), BOX)
    assert places["carlisle"].y < places["dover"].y < places["penzance"].y
    assert places["penzance"].x < places["carlisle"].x < places["dover"].x


def test_the_map_fills_its_box_and_stays_inside():
    places = projected(TOWNS, dict.fromkeys(TOWNS, 5.0), BOX).values()
    left, right = min(p.x for p in places), max(p.x for p in places)
    top, bottom = min(p.y for p in places), max(p.y for p in places)
    assert (left, right) == pytest.approx((100, 500))  # the width limits this one
    assert top >= 50 and bottom <= 650
    assert (top - 50) == pytest.approx(650 - bottom)


def test_a_degree_of_longitude_is_shorter_than_one_of_latitude():
    points = {"a": (0.0, 52.0), "east": (1.0, 52.0), "north": (0.0, 53.0)}
    places = projected(points, dict.fromkeys(points, 1.0), BOX)
    across, up = places["east"].x - places["a"].x, places["a"].y - places["north"].y
    assert across / up == pytest.approx(0.612, abs=0.002)  # the cosine of 52 degrees 20 minutes


def test_one_place_stands_in_the_middle():
    place = projected({"a": (0.0, 52.0)}, {"a": 5.0}, BOX)["a"]
    assert (place.x, place.y) == (300, 350)


marks = st.lists(
    st.tuples(st.floats(0, 300), st.floats(0, 300), st.floats(2, 14)), min_size=2, max_size=25
)


@given(marks)
def test_after_pushing_no_two_marks_touch(found):
    places = {f"{i:02}": Place(*mark) for i, mark in enumerate(found)}
    moved = pushed_apart(places, gap=4)
    for one, other in combinations(moved.values(), 2):
        assert hypot(one.x - other.x, one.y - other.y) >= one.radius + other.radius


@given(marks, st.randoms())
def test_the_order_of_the_rows_moves_nothing(found, random):
    places = {f"{i:02}": Place(*mark) for i, mark in enumerate(found)}
    shuffled = list(places.items())
    random.shuffle(shuffled)
    assert pushed_apart(dict(shuffled), gap=4) == pushed_apart(places, gap=4)


def test_what_has_room_is_not_moved():
    places = {"a": Place(0, 0, 5), "b": Place(40, 0, 5)}
    assert pushed_apart(places, gap=7) == places


def test_a_list_runs_down_in_the_order_given():
    assert list(column(["z", "a"], x=10, top=100, row=20, radius=5).items()) == [
        ("z", Place(10, 110, 5)),
        ("a", Place(10, 130, 5)),
    ]
