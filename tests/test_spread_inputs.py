"""Bad input meets the same rules in every function on spread: an answer, or a named argument."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from icsgraph.ontology.errors import ArgumentFault, IcsgraphError
from icsgraph.queries.adoption_logit import person_periods
from icsgraph.queries.association import shuffle_test
from icsgraph.queries.diffusion import (
    adoption_curve,
    hazard,
    kaplan_meier,
    stopping,
    time_to_share,
)
from icsgraph.queries.earlier import hazard_by_earlier
from icsgraph.queries.exposure import exposure, exposure_to_several
from icsgraph.queries.feasible_sources import feasible_share, feasible_tree
from icsgraph.queries.infection import infectiousness, susceptibility
from icsgraph.queries.moran import moran
from icsgraph.queries.simulation import simulate
from icsgraph.queries.spread_inputs import completion, read_ties
from icsgraph.queries.spread_periods import alters_of, read_periods, read_spread
from icsgraph.queries.structure_dependence import structure_dependence_test
from icsgraph.queries.thresholds import adopter_categories, thresholds

OF_TIES = [
    exposure,
    thresholds,
    infectiousness,
    susceptibility,
    moran,
    person_periods,
    shuffle_test,
    structure_dependence_test,
    simulate,
]
OF_ADOPTIONS = [adoption_curve, hazard, kaplan_meier, time_to_share]
TIES = {"source": ["A", "B"], "target": ["B", "C"]}
TAKEN = {"node": ["A", "B"], "time": [1, 2]}

FAULTS = {
    "a node that is not there": ({**TIES, "target": ["B", "Z"]}, TAKEN, {"nodes": "ABC"}, "ties"),
    "an adopter that is not there": (
        TIES,
        {"node": ["Z"], "time": [1]},
        {"nodes": "ABC"},
        "adoptions",
    ),
    "a tie without dates": ({**TIES, "start": [1, None], "end": [3, None]}, TAKEN, {}, "ties"),
    "a tie that ends before it begins": (
        {**TIES, "start": [3, 1], "end": [2, 2]},
        TAKEN,
        {},
        "ties",
    ),
    "a tie without an end node": ({"source": ["A"], "target": [None]}, TAKEN, {}, "ties"),
    "no column target": ({"source": ["A"]}, TAKEN, {}, "ties"),
    "times that are not there": (
        {**TIES, "start": np.array([1, np.nan]), "end": np.array([3, np.nan])},
        TAKEN,
        {},
        "ties",
    ),
    "no table": (None, TAKEN, {}, "ties"),
    "days and numbers in a column": ({**TIES, "start": [date(2020, 1, 1), 3]}, TAKEN, {}, "ties"),
    "a weight that is no number": ({**TIES, "weight": ["heavy", 1]}, TAKEN, {}, "ties"),
    "a node without a name": (TIES, TAKEN, {"nodes": ["A", "B", "C", None]}, "nodes"),
    "a number of nodes": (TIES, TAKEN, {"nodes": 3}, "nodes"),
    "a weight below zero": ({**TIES, "weight": [1, -1]}, TAKEN, {}, "ties"),
    "a text that is no day": (TIES, {"node": ["A"], "time": ["2021-02"]}, {}, "adoptions"),
    "days and numbers": ({**TIES, "start": ["2020-01-01"] * 2}, TAKEN, {}, "adoptions"),
    "adopted twice": (TIES, {"node": ["A", "A"], "time": [1, 2]}, {}, "adoptions"),
    "no node": ({"source": [], "target": []}, {"node": [], "time": []}, {}, "nodes"),
    "a node twice": (TIES, TAKEN, {"nodes": ["A", "B", "C", "A"]}, "nodes"),
    "nobody adopts and no periods": (TIES, {"node": [], "time": []}, {}, "periods"),
    "periods that go back": (TIES, TAKEN, {"periods": [2, 1]}, "periods"),
    "an endless time": (TIES, {"node": ["A"], "time": [np.inf]}, {}, "adoptions"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("function", OF_TIES, ids=lambda function: function.__name__)
def test_a_fault_names_its_argument(function, fault):
    ties, taken, how, argument = FAULTS[fault]
    with pytest.raises(ArgumentFault) as raised:
        function(ties, taken, **how)
    assert raised.value.argument == argument
    assert isinstance(raised.value, IcsgraphError)


@pytest.mark.parametrize("fault", ["an adopter that is not there", "adopted twice", "no node"])
@pytest.mark.parametrize("function", OF_ADOPTIONS, ids=lambda function: function.__name__)
def test_a_fault_of_adoptions_names_its_argument(function, fault):
    _, taken, how, argument = FAULTS[fault]
    with pytest.raises(ArgumentFault) as raised:
        function(taken, **how)
    assert raised.value.argument == argument


SETTINGS = [
    (exposure, "lag", 1.5),
    (exposure, "lag", -1),
    (thresholds, "direction", "sideways"),
    (susceptibility, "lags", 1.5),
    (moran, "replicates", -1),
    (moran, "longest", 0),
    (shuffle_test, "replicates", 2.5),
    (shuffle_test, "level", 2),
    (hazard_by_earlier, "replicates", 2.5),
    (structure_dependence_test, "direction", "sideways"),
    (structure_dependence_test, "swaps_per_tie", 0),
    (simulate, "replicates", 0),
    (simulate, "thresholds", {"A": "low"}),
    (simulate, "thresholds", {"A": -1}),
    (simulate, "lowered", {"A": "low"}),
    (feasible_share, "hop", -1),
    (feasible_share, "seed", -1),
    (feasible_tree, "hop", "long"),
]


@pytest.mark.parametrize(("function", "argument", "value"), SETTINGS)
def test_a_setting_that_means_nothing_is_named(function, argument, value):
    with pytest.raises(ArgumentFault) as raised:
        function(TAKEN if function is hazard_by_earlier else TIES, TAKEN, **{argument: value})
    assert raised.value.argument == argument


def test_a_level_is_a_share():
    for function in (hazard, kaplan_meier, stopping):
        for level in (0, 1, 95):
            with pytest.raises(ArgumentFault, match="`level`"):
                function(TAKEN, level=level)


ANSWERED = {
    "no tie": ({"source": [], "target": []}, TAKEN, {"nodes": "ABC"}),
    "one node": ({"source": [], "target": []}, {"node": ["A"], "time": [1]}, {}),
    "nobody adopts": (TIES, {"node": [], "time": []}, {"periods": [1, 2]}),
    "nobody adopts, said so": (TIES, {"node": ["A"], "time": [None]}, {"periods": [1, 2]}),
    "everybody adopts at once": (TIES, {"node": ["A", "B", "C"], "time": [1, 1, 1]}, {}),
    "a tie with itself": ({"source": ["A", "A"], "target": ["A", "B"]}, TAKEN, {}),
    "adopted before the first tie": (
        {**TIES, "start": [5, 5], "end": [9, 9]},
        TAKEN,
        {"periods": [1, 2, 3]},
    ),
}


@pytest.mark.parametrize("given", ANSWERED)
@pytest.mark.parametrize("function", OF_TIES, ids=lambda function: function.__name__)
def test_awkward_input_has_an_answer(function, given):
    ties, taken, how = ANSWERED[given]
    if function is structure_dependence_test and "start" in ties:
        ties = {name: ties[name] for name in ("source", "target")}
    many = {} if function not in (shuffle_test, structure_dependence_test) else {"replicates": 9}
    assert function(ties, taken, **how, **many) is not None


def test_awkward_input_says_what_is_so():
    alone = exposure({"source": [], "target": []}, {"node": ["A"], "time": [1]})
    assert alone.rows() == [("A", 1, 0.0, 0)]
    nobody = hazard({"node": [], "time": []}, nodes=["A", "B"], periods=[1, 2])
    assert nobody.select("at_risk", "hazard").rows() == [(2, None), (2, 0.0)]
    early = exposure({**TIES, "start": [5, 5]}, TAKEN, periods=[1, 6])
    assert early.filter(node="A").select("exposure", "alters").rows() == [(0.0, 0), (1.0, 1)]
    with_itself = read_ties({"source": ["A", "A"], "target": ["A", "B"]})
    assert (with_itself.self_ties, len(with_itself.source)) == (1, 1)
    same = hazard_by_earlier({"node": ["A"], "time": [1]}, {"node": [], "time": []}, replicates=9)
    assert same.difference is None
    categories = adopter_categories({"node": ["A"], "time": [1]}, nodes=["A", "B"])
    assert categories["category"].to_list() == [None, "Non-Adopters"]


@pytest.mark.parametrize(
    "days",
    [["2020-01-01", "2020-02-01"], [date(2020, 1, 1), date(2020, 2, 1)], ["2020-01-01", None]],
)
def test_days_come_as_texts_or_dates(days):
    found = exposure(
        {**TIES, "start": ["2019-12-01", "2019-12-31"]},
        pl.DataFrame({"node": ["A", "B"], "time": days}),
        periods=[date(2020, 1, 31), date(2020, 2, 29)],
    )
    told = found.filter(node="A")["exposure"].to_list()
    assert told == [0.0, 0.0 if days[1] is None else 1.0]


def test_arrays_and_lists_of_rows_are_tables_too():
    frame = exposure(pl.DataFrame(TIES), pl.DataFrame(TAKEN))
    arrays = {name: np.array(values) for name, values in TIES.items()}
    rows = [{"node": "A", "time": 1}, {"node": "B", "time": 2}]
    assert exposure(arrays, rows).equals(frame)


def test_whole_and_broken_numbers_stand_in_one_column():
    broken = {**TIES, "start": [0, 0.5], "end": [None, 3], "weight": [2, 0.5]}
    found = exposure(
        broken,
        {"node": ["B", "C"], "time": [1, 1.5]},
        periods=[1, 1.5],
        alter_weight={"B": 1, "C": 0.5},
    )
    assert found["exposure"].to_list() == [1.0, 1.0, 0.0, 1.0, 0.0, 0.0]


def test_the_first_rows_of_a_list_do_not_decide_what_later_ones_hold():
    rows = [{"source": n, "target": n + 1, "start": 1, "end": None} for n in range(150)]
    read = read_ties([*rows, {"source": "x", "target": 1, "start": 1.5, "end": 9, "id": "late"}])
    assert (read.start[-1], read.end[-1], read.nodes[-1]) == (1.5, 9.0, "x")


def test_an_array_has_no_null_and_says_not_a_number():
    arrays = {"node": np.array(["A", "B"]), "time": np.array([1, np.nan])}
    assert hazard(arrays, periods=[1, 2]).equals(
        hazard({"node": ["A", "B"], "time": [1.0, None]}, periods=[1, 2])
    )


def test_a_pandas_frame_is_a_table():
    import pandas  # comes with statsmodels

    ties = pandas.DataFrame({**TIES, "start": ["2020-01-01", None], "end": [None, "2020-06-01"]})
    days = pandas.to_datetime(["2020-02-01", "2020-03-01", None])
    taken = pandas.DataFrame({"node": ["A", "B", "C"], "time": days})
    plain = {"node": ["A", "B"], "time": ["2020-02-01", "2020-03-01"]}
    dated = {**TIES, "start": ["2020-01-01", None], "end": [None, "2020-06-01"]}
    assert exposure(ties, taken).equals(exposure(dated, plain))
    numbers = pandas.DataFrame({"node": [1, 2], "time": [1, np.nan]})
    assert hazard(numbers, periods=[1, 2])["at_risk"].to_list() == [2, 1]


def test_nodes_may_come_one_by_one():
    for function in (time_to_share, kaplan_meier):
        given = function(TAKEN, nodes=(name for name in "ABC"))
        assert given.equals(function(TAKEN, nodes=["A", "B", "C"]))
    tree = feasible_tree({**TIES, "start": [1, 1]}, TAKEN, nodes=(name for name in "ABC"))
    assert tree["node"].to_list() == ["A", "B"]


def test_of_several_innovations_that_nobody_adopted_there_is_no_row():
    none = {"innovation": [], "node": [], "time": []}
    found = exposure_to_several(TIES, none, periods=[1, 2])
    assert (
        found.columns == ["innovation", "node", "time", "exposure", "alters"] and not found.height
    )


def test_of_two_weights_at_a_time_the_larger_holds():
    ties = {"source": ["A"] * 3, "target": ["B"] * 3, "start": [0, 2, 6], "end": [4, 6, 8]}
    spread = read_spread({**ties, "weight": [1.0, 3.0, 2.0]}, {"node": ["A"], "time": [0]})
    periods = read_periods(range(9), spread.adoptions.first, None)
    alters = alters_of(spread.ties, periods, "outgoing")
    held = zip(alters.begins, alters.ends, alters.weight, strict=True)
    by_period = {t: weight for begins, ends, weight in held for t in range(begins, ends)}
    assert [by_period.get(t, 0.0) for t in range(9)] == [1, 1, 3, 3, 3, 3, 2, 2, 0]


def test_bounds_say_what_held_for_certain_and_what_may_have():
    bounds = {
        "source": ["A", "B", "C"],
        "target": ["B", "C", "D"],
        "start_earliest": ["2021-01-01", "2021-03-01", None],
        "start_latest": ["2021-12-31", "2021-03-31", "2021-05-01"],
        "end_earliest": [None, "2021-09-01", "2022-01-01"],
        "end_latest": [None, "2021-10-01", "2022-01-01"],
    }
    certain = completion(bounds, "certain")
    assert certain.select("source", "start", "end").rows() == [
        ("B", "2021-03-31", "2021-09-01"),
        ("C", "2021-05-01", "2022-01-01"),
    ]
    possible = completion(bounds, "possible")
    assert possible["start"].to_list() == ["2021-01-01", "2021-03-01", "0001-01-01"]
    assert possible["end"].to_list() == [None, "2021-10-01", "2022-01-01"]
