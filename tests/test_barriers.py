"""Measures with barriers inside, two levels at once, uneven observation, and simulated curves."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.barriers import (
    barrier_difference,
    hazard_by_barrier,
    ties_without_barrier,
    with_and_without,
)
from icsgraph.queries.diffusion import hazard
from icsgraph.queries.earlier import hazard_by_earlier
from icsgraph.queries.exposure import exposure
from icsgraph.queries.levels import adoptions_at_level, at_level
from icsgraph.queries.observation import reviewed_only, sensitivity
from icsgraph.queries.simulation import compare, fitted_transmission, simulate
from icsgraph.queries.thresholds import thresholds

TIES = pl.DataFrame(
    {"source": ["A", "A", "B"], "target": ["B", "C", "C"], "start": [0, 0, 4], "end": [9, 9, 9]}
)
TAKEN = {"node": ["B", "C", "A"], "time": [1, 2, 3]}


def test_a_tie_holds_until_its_node_reports_the_barrier():
    reported = {"node": ["B", "C"], "barrier": ["staffing", "staffing"], "time": [3, 5]}
    left = ties_without_barrier(TIES, reported, "staffing")
    assert left.rows() == [("A", "B", 0, 3), ("A", "C", 0, 5)]
    both = ties_without_barrier(TIES, reported, "staffing", ends="both")
    assert both.rows() == [("A", "B", 0, 9), ("A", "C", 0, 9), ("B", "C", 4, 5)]
    throughout = {"node": ["B"], "barrier": ["staffing"]}
    assert ties_without_barrier(TIES, throughout, "staffing")["target"].to_list() == ["C"]
    source = ties_without_barrier(TIES, throughout, "staffing", ends="source")
    assert source["target"].to_list() == ["B", "C"]


def test_ties_can_say_themselves_where_a_barrier_is():
    own = TIES.with_columns(barriers=pl.Series([["staffing"], [], ["staffing", "trust"]]))
    assert ties_without_barrier(own, None, "trust").height == 2
    with pytest.raises(ArgumentFault, match="`reported`"):
        ties_without_barrier(TIES, None, "trust")
    with pytest.raises(ArgumentFault, match='`barrier`.*"trust" is not reported'):
        ties_without_barrier(TIES, {"node": ["A"], "barrier": ["staffing"]}, "trust")


def test_thresholds_with_and_without():
    reported = {"node": ["C"], "barrier": ["staffing"]}
    found = with_and_without(
        lambda ties: thresholds(ties, TAKEN, nodes="ABC"), TIES, reported, "staffing", on=["node"]
    )
    row = found.filter(node="A").select("before", "before_without", "alters", "alters_without")
    assert row.row(0) == (1.0, 1.0, 2, 1)


def test_a_barrier_that_matters_is_beyond_others_dealt():
    nodes = [f"n{number}" for number in range(12)]
    star = pl.DataFrame({"source": ["n0"] * 11, "target": nodes[1:]})
    found = barrier_difference(
        lambda ties: float(ties.height),
        star,
        {"node": ["n0"], "barrier": ["trust"]},
        "trust",
        alternative="less",
        replicates=199,
        seed=2,
    )
    assert (found.all_ties, found.without, found.ties_removed) == (11.0, 0.0, 11)
    assert found.test.observed == -11.0 and 0.02 < found.test.p_value < 0.2


def plain_hazards(adopted: dict, since: dict, nodes: list, end: int) -> list[tuple[int, int]]:
    """At risk and adopting, before and after, one node and period after the other."""
    counts = {False: [0, 0], True: [0, 0]}
    for node in nodes:
        for t in range(1, end):
            if adopted.get(node, end) >= t:
                after = since.get(node, end) < t
                counts[after][0] += 1
                counts[after][1] += adopted.get(node) == t
    return [tuple(counts[False]), tuple(counts[True])]


NODES = list("ABCDEF")
TIMES = st.dictionaries(st.sampled_from(NODES), st.integers(0, 5))


@given(TIMES, TIMES)
def test_hazards_by_something_earlier_are_their_definition(adopted, since):
    frames = [{"node": list(a), "time": list(a.values())} for a in (adopted, since)]
    found = hazard_by_earlier(*frames, nodes=NODES, periods=range(6), replicates=3)
    counted = found.hazards.select("at_risk", "new_adopters").rows()
    assert counted == plain_hazards(adopted, since, NODES, 6)
    pooled = hazard(frames[0], nodes=NODES, periods=range(6))[1:]
    assert sum(risk for risk, _ in counted) == pooled["at_risk"].sum()


def test_a_barrier_reported_before_adoption_goes_with_a_lower_hazard():
    nodes = [f"n{number}" for number in range(40)]
    taken = {"node": nodes[:20], "time": [1 + number % 4 for number in range(20)]}
    reported = {"node": nodes[20:], "barrier": ["staffing"] * 20}
    found = hazard_by_barrier(taken, reported, "staffing", nodes=nodes, replicates=199)
    assert found.hazards["hazard"].to_list()[1] == 0.0
    assert found.difference < -0.3 and found.test.p_value == pytest.approx(2 / 200)
    inside = {node: "north" if number < 20 else "south" for number, node in enumerate(nodes)}
    same = hazard_by_barrier(taken, reported, "staffing", nodes=nodes, strata=inside, replicates=19)
    assert same.test.p_value == 1.0 and same.test.equal == 19


def test_a_provider_counts_for_the_systems_of_the_time():
    ties = {"source": ["a", "a"], "target": ["b", "c"], "start": ["2019-01-01"] * 2}
    places = {
        "member": ["a", "b", "b"],
        "group": ["X", "X", "Y"],
        "start": ["2018-01-01", "2018-01-01", "2022-07-01"],
        "end": [None, "2022-07-01", None],
    }
    found = at_level(ties, places)
    told = [
        tuple(map(str, row)) for row in found.ties.select(pl.all().exclude("^.*member$")).rows()
    ]
    assert told == [
        ("X", "X", "2019-01-01", "2022-07-01", "True"),
        ("X", "Y", "2022-07-01", "None", "False"),
    ]
    assert found.unplaced == 1
    undated = at_level(
        {"source": ["a"], "target": ["b"]}, {"member": ["a", "b"], "group": ["X", "Y"]}
    )
    assert undated.ties.rows() == [("X", "Y", "a", "b", False)]
    with pytest.raises(ArgumentFault, match="`ties`.*of 2 ties, 1 has no dates"):
        at_level({**ties, "start": ["2019-01-01", None]}, places)


def test_a_system_adopts_with_its_first_member_or_with_half_of_them():
    taken = {"node": ["a", "b", "c"], "time": [1, 5, 7]}
    places = {
        "member": ["a", "b", "c", "a", "d"],
        "group": ["X", "X", "X", "Y", "Z"],
        "start": [0, 0, 0, 3, 0],
        "end": [3, None, None, None, None],
    }
    assert adoptions_at_level(taken, places).rows() == [("X", 1), ("Y", 3), ("Z", None)]
    half = adoptions_at_level(taken, places, share=0.5).rows()
    assert half == [("X", 5), ("Y", 3), ("Z", None)]


def test_only_reviewed_nodes_count():
    found = reviewed_only(TIES, TAKEN, ["A", "B"])
    assert found.ties["target"].to_list() == ["B"] and found.ties_left_out == 2
    assert found.adoptions["node"].to_list() == ["B", "A"]
    with pytest.raises(ArgumentFault, match="`reviewed`"):
        reviewed_only(TIES, TAKEN, [])


def test_a_band_holds_what_ties_could_hide():
    nodes = [f"n{number}" for number in range(20)]
    ties = pl.DataFrame({"source": nodes[:-1], "target": nodes[1:], "start": [0] * 19})
    taken = {"node": nodes[:10], "time": [1] * 10}

    def mean_exposure(frame: pl.DataFrame) -> float:
        return exposure(frame, taken, nodes=nodes)["exposure"].mean()

    band = sensitivity(mean_exposure, ties, nodes=nodes, drop=0.2, add=0.2, replicates=60, seed=3)
    assert band.low <= band.dropped_low <= band.dropped_high <= band.high
    assert band.dropped_low < band.observed < band.high
    assert (band.dropped, band.added, band.undefined) == (4, 4, 0)
    assert band == sensitivity(
        mean_exposure, ties, nodes=nodes, drop=0.2, add=0.2, replicates=60, seed=3
    )
    seen = sensitivity(
        lambda frame: float(
            frame["source"].is_in(["n19"]).sum() + frame["target"].is_in(["n19"]).sum()
        ),
        ties,
        nodes=nodes,
        reviewed=nodes[:-1],
        drop=0.0,
        add=0.1,
        replicates=20,
    )
    assert (seen.observed, seen.added_low, seen.added_high) == (1.0, 3.0, 3.0)


LINE = {"source": ["B", "C", "D"], "target": ["A", "B", "C"]}
SEED = {"node": ["A"], "time": [0]}


@pytest.mark.parametrize("model", ["si", "sir", "cascade"])
def test_certain_passing_moves_one_step_a_period(model):
    found = simulate(LINE, SEED, model=model, transmission=1.0, periods=range(5), replicates=3)
    assert found.counts.tolist() == [[1, 2, 3, 4, 4]] * 3
    assert compare(found, {"node": list("ABCD"), "time": [0, 1, 2, 3]}).curve["inside"].all()


def test_a_dated_tie_passes_nothing_outside_of_its_dates():
    dated = {**LINE, "start": [0, 0, 0], "end": [1, 9, 9]}
    assert simulate(dated, SEED, transmission=1.0, periods=range(5)).counts[:, -1].max() == 1
    later = {**LINE, "start": [3, 0, 0]}
    for model in ("si", "cascade"):
        found = simulate(later, SEED, model=model, transmission=1.0, periods=range(6), replicates=2)
        assert found.counts.tolist() == [[1, 1, 1, 2, 3, 4]] * 2


def test_a_cascade_tries_once_and_si_again():
    one = {"source": ["B"], "target": ["A"]}
    how = {"periods": range(30), "transmission": 0.3, "replicates": 2000, "seed": 5}
    once = simulate(one, SEED, model="cascade", **how).by_node()["adopted_share"][1]
    again = simulate(one, SEED, model="si", **how).by_node()["adopted_share"][1]
    assert once == pytest.approx(0.3, abs=0.05) and again > 0.99


def test_a_barrier_lowers_what_passes():
    how = {"periods": range(8), "transmission": 0.5, "replicates": 400, "seed": 1}
    free = simulate(LINE, SEED, **how).counts[:, -1].mean()
    barred = simulate(LINE, SEED, lowered={"B": 0.2}, **how).counts[:, -1].mean()
    closed = simulate(LINE, SEED, lowered={"B": 0.0}, **how).counts[:, -1].max()
    assert free > barred > closed == 1
    weighted = simulate({**LINE, "weight": [0.0001, 1, 1]}, SEED, weighted=True, **how)
    assert weighted.counts[:, -1].mean() < 1.05


def test_who_recovers_passes_nothing_on():
    how = {"periods": range(20), "transmission": 0.2, "replicates": 500, "seed": 9}
    si, sir = (simulate(LINE, SEED, model=model, recovery=0.6, **how) for model in ("si", "sir"))
    assert sir.counts[:, -1].mean() < si.counts[:, -1].mean()
    assert sir.curve()["passing"].to_list()[-1] < 0.1


def test_thresholds_are_reached_or_not():
    star = {"source": ["D", "D", "D"], "target": ["A", "B", "C"]}
    how = {"model": "threshold", "periods": range(3), "replicates": 4}
    some = {"node": ["A", "B"], "time": [0, 0]}
    reached = simulate(star, some, thresholds={"D": 2 / 3}, **how)
    assert reached.counts[:, -1].tolist() == [3] * 4
    assert simulate(star, some, thresholds={"D": 0.7}, **how).counts[:, -1].tolist() == [2] * 4
    drawn = simulate(star, some, **{**how, "replicates": 1000}).by_node()
    assert drawn.filter(node="D")["adopted_share"][0] == pytest.approx(2 / 3, abs=0.06)


def test_a_simulation_repeats_and_touches_no_other_chance():
    np.random.seed(4)
    before = np.random.get_state()[1].tolist()
    runs = [simulate(LINE, SEED, periods=range(6), seed=3).counts for _ in range(2)]
    assert np.array_equal(*runs) and np.random.get_state()[1].tolist() == before
    passed = fitted_transmission(LINE, SEED, 2, periods=range(6), replicates=100)
    mean = simulate(LINE, SEED, transmission=passed, periods=range(6), replicates=100).counts
    assert mean[:, -1].mean() == pytest.approx(2, abs=0.1)
    with pytest.raises(ArgumentFault, match="`transmission`"):
        simulate(LINE, SEED, transmission=1.5)
