"""What measures of structure are given: the same rules in every function, and every form of it."""

import networkx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries import structure
from icsgraph.queries.borders_over_time import ei_by_period
from icsgraph.queries.co_occurrence import false_discovery, found_where
from icsgraph.queries.learning import who_could_learn
from icsgraph.queries.observation import reviewed_only, sensitivity
from icsgraph.queries.similarity import scores
from icsgraph.queries.structure import (
    border_modularity,
    brokerage,
    brokerage_totals,
    communities,
    core_periphery,
    degree,
    ei_by_group,
    ei_index,
    mrqap,
    multiplexity,
    pagerank,
    partition_likeness,
    qap_correlation,
    sampled_betweenness,
    static_network,
    structural_holes,
    survey_scores,
    tie_matrix,
    whole_network,
)

TIES = {"source": ["A", "B"], "target": ["B", "C"]}
GROUPS = {"A": "x", "B": "x", "C": "y"}
FEW = {"replicates": 3}
BY_TIES = (
    *("betweenness", "centralisation", "communities", "components", "core_number", "degree"),
    *("eigenvector_centrality", "harmonic_closeness", "one_sided_ties", "overlapping_communities"),
    *("pagerank", "reciprocity", "sampled_betweenness", "structural_holes", "whole_network"),
    *("core_periphery", "static_network"),
)
BY_GROUPS = (
    *("border_modularity", "brokerage", "brokerage_totals", "communities_against_borders"),
    *("ei_by_group", "ei_by_node", "ei_index", "homophily", "nominal_assortativity"),
    *("participation", "tie_matrix"),
)


def measures():
    """Every measure of ties, as a function of the ties and what else is given."""
    for name in BY_TIES:
        yield name, "ties", getattr(structure, name)
    for name in BY_GROUPS:
        function = getattr(structure, name)
        yield name, "ties", lambda ties, *, f=function, **more: f(ties, GROUPS, **more)
    yield (
        "ei_by_period",
        "ties",
        lambda ties, at=1, **more: ei_by_period(ties, GROUPS, periods=[at], **FEW, **more),
    )
    yield (
        "sensitivity",
        "ties",
        lambda ties, at=None, **more: sensitivity(
            lambda drawn: float(static_network(drawn, "ABC", at=at).size), ties, **FEW, **more
        ),
    )
    yield (
        "qap_correlation, first",
        "first",
        lambda ties, **more: qap_correlation(ties, TIES, **FEW, **more),
    )
    yield (
        "qap_correlation, second",
        "second",
        lambda ties, **more: qap_correlation(TIES, ties, **FEW, **more),
    )
    yield (
        "mrqap, outcome",
        "outcome",
        lambda ties, **more: mrqap(
            ties, {"other": {"source": ["C"], "target": ["A"]}}, **FEW, **more
        ),
    )
    yield (
        "mrqap, predictors",
        "predictors[other]",
        lambda ties, **more: mrqap(TIES, {"other": ties}, **FEW, **more),
    )
    yield (
        "multiplexity",
        "kinds[other]",
        lambda ties, **more: multiplexity({"other": ties, "known": TIES}, **more),
    )


MEASURES = list(measures())
BROKEN = {
    "an unknown node": {"source": ["A", "Z"], "target": ["B", "C"]},
    "a tie without dates": {**TIES, "start": [1, None], "end": [3, None]},
    "a month for a day": {**TIES, "start": ["2020-01-01", "2020-02"]},
    "an end before the start": {**TIES, "start": [3, 1], "end": [1, 2]},
    "no such column": {"source": ["A"], "to": ["B"]},
    "a tie to nobody": {"source": ["A", None], "target": ["B", "C"]},
    "a weight of nothing": {**TIES, "weight": [1, 0]},
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize(("name", "argument", "measure"), MEASURES, ids=[m[0] for m in MEASURES])
def test_what_breaks_a_rule_is_refused_by_the_name_of_the_argument(name, argument, measure, fault):
    with pytest.raises(ArgumentFault) as refused:
        measure(BROKEN[fault], nodes="ABC")
    assert refused.value.argument == argument


@pytest.mark.parametrize(("name", "argument", "measure"), MEASURES, ids=[m[0] for m in MEASURES])
def test_nodes_are_given_once_and_by_name(name, argument, measure):
    for nodes in (["A", "B", "C", "A"], []):
        with pytest.raises(ArgumentFault, match="`nodes`"):
            measure(TIES, nodes=nodes)


ALIKE = {
    "self-ties": {"source": ["A", "B", "B"], "target": ["B", "C", "B"]},
    "duplicated ties": {"source": ["A", "B", "A"], "target": ["B", "C", "B"]},
    "rows of a list": [{"source": "A", "target": "B"}, {"source": "B", "target": "C"}],
}


# Of a band of doubt, how many ties are dropped goes by rows.
BY_TIES = [(name, measure) for name, _, measure in MEASURES if name != "sensitivity"]


@pytest.mark.parametrize("form", ALIKE)
@pytest.mark.parametrize(("name", "measure"), BY_TIES, ids=[m[0] for m in BY_TIES])
def test_forms_of_one_network_have_one_answer(name, measure, form):
    one, other = (told(measure(ties, nodes="ABC")) for ties in (TIES, ALIKE[form]))
    assert one == other


# Of two networks that share `at`, the other has no dates here.
OF_TWO = ("multiplexity", "qap", "mrqap")
OF_ONE = [(name, measure) for name, _, measure in MEASURES if not name.startswith(OF_TWO)]


@pytest.mark.parametrize(("name", "measure"), OF_ONE, ids=[m[0] for m in OF_ONE])
def test_dates_may_be_texts(name, measure):
    dated = {**TIES, "start": ["2020-01-01"] * 2, "end": [None, "2020-06-01"]}
    left = {"source": ["A"], "target": ["B"]}
    one, other = (told(measure(ties, nodes="ABC", at="2020-07-01")) for ties in (dated, left))
    assert one == other


def told(found) -> str:
    """An answer as text, to be compared."""
    if isinstance(found, pl.DataFrame):
        return str(found.to_dicts())
    if hasattr(found, "arcs"):
        return str([ends.tolist() for ends in found.arcs])
    if hasattr(found, "__dataclass_fields__"):
        return str([told(getattr(found, name)) for name in found.__dataclass_fields__])
    return str(found)


def test_an_empty_network_and_one_node_are_defined_or_refused():
    for name, _, measure in MEASURES:
        if name.startswith("mrqap"):
            with pytest.raises(ArgumentFault):
                measure({"source": [], "target": []}, nodes="ABC")
        else:
            measure({"source": [], "target": []}, nodes="ABC")


def test_draws_and_seeds_are_whole_numbers_everywhere():
    drawing = (
        *(lambda **more: ei_index(TIES, GROUPS, **more),),
        *(lambda **more: border_modularity(TIES, GROUPS, **more),),
        *(lambda **more: ei_index({"source": [], "target": []}, GROUPS, **more),),
        *(lambda **more: core_periphery(TIES, **more),),
        *(lambda **more: qap_correlation(TIES, TIES, **more),),
        *(lambda **more: mrqap(TIES, {"other": {"source": ["C"], "target": ["A"]}}, **more),),
        *(lambda **more: partition_likeness(GROUPS, GROUPS, **more),),
        *(lambda **more: sensitivity(lambda ties: 1.0, TIES, **more),),
        *(lambda **more: ei_by_period(TIES, GROUPS, periods=[1], **more),),
    )
    for function in drawing:
        for wrong in ({"replicates": -1}, {"replicates": 2.5}, {"replicates": 3, "seed": -1}):
            with pytest.raises(ArgumentFault) as refused:
                function(**wrong)
            assert refused.value.argument == list(wrong)[-1]
    for function in (communities, sampled_betweenness):
        with pytest.raises(ArgumentFault, match="`seed`"):
            function(TIES, seed=-1)


NAMES = ["A", "B", "C", "é", "1", "東"]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=16)
WEIGHTS = st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=16, max_size=16)


@settings(max_examples=25)
@given(PAIRS, WEIGHTS, st.booleans())
def test_a_prepared_network_is_measured_like_its_table(pairs, weights, directed):
    table = pl.DataFrame(
        {
            "source": [a for a, _ in pairs],
            "target": [b for _, b in pairs],
            "weight": weights[: len(pairs)],
        },
        schema={"source": pl.String, "target": pl.String, "weight": pl.Float64},
    )
    groups = {name: "xyz"[place % 3] for place, name in enumerate(NAMES)}
    nodes = {"nodes": NAMES}
    way = {"directed": directed}
    prepared = static_network(table, NAMES, directed=directed)
    turned = static_network(table, NAMES[::-1])
    for function in (degree, whole_network):
        assert told(function(prepared)) == told(function(table, **nodes, **way))
    for function in (tie_matrix, ei_by_group):
        expected = told(function(table, groups, **nodes, **way))
        assert told(function(prepared, groups)) == expected
        assert told(function(turned, groups, **nodes, **way)) == expected
    expected = told(structural_holes(table, **nodes, directed=False, weighted=True))
    both_ways = static_network(table, NAMES)
    assert told(structural_holes(both_ways, directed=False, weighted=True)) == expected
    other = {"source": ["A", "B"], "target": ["B", "C"]}
    for kinds in ((prepared, other), (turned, other), (other, turned)):
        tables = [table if kind is not other else other for kind in kinds]
        found = qap_correlation(*kinds, **nodes, **way, replicates=3)
        assert found == qap_correlation(*tables, **nodes, **way, replicates=3)
        named = [dict(zip("ab", which, strict=True)) for which in (kinds, tables)]
        one, again = (told(multiplexity(kind, **nodes, **way)) for kind in named)
        assert one == again


def test_a_prepared_network_has_its_own_nodes_and_no_dates():
    network = static_network(TIES)
    assert degree(network, nodes="CBAD")["node"].to_list() == ["C", "B", "A", "D"]
    with pytest.raises(ArgumentFault, match='`ties`.*"C"'):
        degree(network, nodes="AB")
    with pytest.raises(ArgumentFault, match="`at`"):
        degree(network, at=1)
    one, other = static_network(TIES), static_network({"source": ["A", "D"], "target": ["B", "A"]})
    assert qap_correlation(one, other, replicates=0).cells == 12
    assert multiplexity({"a": one, "b": other}).by_number["pairs"].to_list() == [9, 2, 1]


@given(st.lists(st.integers(2, 5), min_size=1, max_size=4), st.integers(0, 3))
def test_sampling_of_paths_ends_where_there_is_none_over_a_third(sizes, alone):
    """In cliques it would look for ever."""
    graph = networkx.disjoint_union_all([networkx.complete_graph(size) for size in sizes])
    graph.add_nodes_from(f"alone {number}" for number in range(alone))
    ties = pl.DataFrame(
        [(str(a), str(b)) for a, b in graph.edges], schema=["source", "target"], orient="row"
    )
    found = sampled_betweenness(ties, nodes=[str(node) for node in graph], error=0.2)
    assert found["normalised"].to_list() == [0.0] * len(graph)


def test_a_rank_settles_though_rounding_goes_on():
    ties = [{"source": a, "target": b} for a, b in ("AB", "BC", "CA", "CD", "DE")]
    graph = networkx.DiGraph([(row["source"], row["target"]) for row in ties])
    found = dict(pagerank(ties, tolerance=1e-300).iter_rows())
    assert found == pytest.approx(networkx.pagerank(graph, tol=1e-14, max_iter=999))
    for wrong in (0, -1.0, float("nan")):
        with pytest.raises(ArgumentFault, match="`tolerance`"):
            pagerank(ties, tolerance=wrong)


def test_a_stratum_of_an_unknown_node_is_refused():
    ties = {"source": ["A", "B", "D"], "target": ["B", "C", "A"]}
    strata = {"A": "north", "D": "south"}  # D is in no group, and known
    for function in (ei_index, border_modularity):
        assert function(ties, GROUPS, strata=strata, replicates=3).replicates == 3
        with pytest.raises(ArgumentFault, match='`strata`.*"E"'):
            function(ties, GROUPS, strata={"E": "north"}, replicates=3)


def test_a_period_before_all_memberships_has_nobody_in_a_group():
    groups = {"node": ["A", "B"], "group": ["x", "y"], "start": [5, 5]}
    found = ei_by_period({**TIES, "start": [1, 1]}, groups, periods=[1, 6], **FEW)
    assert found.select("nodes", "internal", "external", "ei").rows() == [
        (0, 0, 0, None),
        (2, 0, 1, 1.0),
    ]


def test_as_many_groups_as_nodes_take_no_more_memory():
    size = 3000
    ties = {"source": range(size - 1), "target": range(1, size)}
    groups = {node: node for node in range(size)}
    totals = brokerage_totals(ties, groups).filter(role="liaison")
    each = brokerage(ties, groups).filter(role="liaison")
    assert totals["count"].item() == size - 2
    assert totals["expected"].item() == pytest.approx(each["expected"].sum())


def test_a_correlation_of_many_nodes_needs_no_room_for_every_pair():
    size, chance = 200_000, np.random.default_rng(3)
    ends = chance.integers(0, size, (2, 5 * size))
    ties = static_network({"source": ends[0], "target": ends[1]}, range(size))
    found = qap_correlation(ties, ties, replicates=2)
    assert (found.r, found.cells) == (pytest.approx(1), size * (size - 1))
    assert abs(found.null_mean) < 1e-3
    with pytest.raises(ArgumentFault, match="`nodes`.*200,000.*3,000"):
        mrqap(ties, {"other": ties}, replicates=2)
    with pytest.raises(ArgumentFault, match="`nodes`.*4,000.*3,000"):
        qap_correlation(np.ones((4000, 4000)), np.ones((4000, 4000)))


@given(PAIRS, PAIRS, WEIGHTS, st.booleans())
def test_ties_and_their_matrix_have_one_correlation(first, second, weights, directed):
    tables = [
        pl.DataFrame(
            {"source": [a for a, _ in p], "target": [b for _, b in p], "weight": weights[: len(p)]},
            schema={"source": pl.String, "target": pl.String, "weight": pl.Float64},
        )
        for p in (first, second)
    ]
    matrices = [
        static_network(table, NAMES, directed=directed).matrix(weighted=True).toarray()
        for table in tables
    ]
    way = {"directed": directed, "replicates": 5, "nodes": NAMES}
    of_ties, of_cells = qap_correlation(*tables, **way), qap_correlation(*matrices, **way)
    for name in ("r", "cells", "null_mean", "null_sd", "p_ge", "p_le"):
        known = getattr(of_cells, name)
        found = getattr(of_ties, name)
        assert found == (known if known is None else pytest.approx(known, abs=1e-9)), name


def test_a_predictor_may_have_any_name():
    near = {"source": ["A", "A", "C"], "target": ["B", "C", "D"]}
    ties = {"source": ["A", "B", "C"], "target": ["B", "C", "D"]}
    one, other = (mrqap(ties, {name: near}, replicates=9) for name in ("near", "outcome"))
    assert other.terms["coefficient"].to_list() == one.terms["coefficient"].to_list()


def test_answers_of_a_survey_are_numbers_of_two_sides():
    answers = {"source": ["A", "B"], "target": ["B", "A"], "score": [4.0, float("nan")]}
    assert survey_scores(answers).select("n", "both_sides").row(0) == (1, False)
    for wrong in ({"score": ["high", "4"]}, {"source": [None, "B"]}):
        with pytest.raises(ArgumentFault, match="`answers`"):
            survey_scores({**answers, **wrong})


def test_no_group_is_no_group_in_a_division():
    one, other = {"A": 1, "B": 1, "C": None}, {"A": 2, "B": 2, "C": 3}
    assert partition_likeness(one, other).adjusted_rand == 1.0
    with pytest.raises(ArgumentFault, match="`first`.*row 1 has no node"):
        partition_likeness({"node": [None, "A"], "group": [1, 2]}, other)


def test_systems_may_be_numbers():
    taken = {"system": [1, 2, 2], "innovation": ["x", "x", "y"]}
    assert scores(taken, 1)["innovation"].to_list() == ["y", "x"]
    reported = {"system": [1, 2], "barrier": [7, 7]}
    assert found_where(reported, taken, 1)["innovation"].to_list() == ["y"]
    assert who_could_learn(taken, reported, barrier=7, replicates=5).test is not None


def test_shares_of_false_discoveries_are_of_shares():
    assert false_discovery([0.01, 0.04, 0.03]).round(3).tolist() == [0.03, 0.04, 0.04]
    assert false_discovery([]).tolist() == []
    for wrong in ([0.5, float("nan")], [1.5]):
        with pytest.raises(ArgumentFault, match="`p_values`"):
            false_discovery(wrong)


def test_a_band_of_a_measure_that_may_be_undefined():
    def index(ties: pl.DataFrame) -> float | None:
        return ei_index(ties, GROUPS, nodes="ABC", replicates=0).ei

    band = sensitivity(index, TIES, nodes="ABC", drop=1.0, add=0.0, replicates=4)
    assert (band.observed, band.undefined) == (0.0, 4)
    with pytest.raises(ArgumentFault, match="`level`"):
        sensitivity(index, TIES, nodes="ABC", level=95)
    with pytest.raises(ArgumentFault, match="`ties`"):
        reviewed_only({**TIES, "start": [3, 1], "end": [1, 2]}, {"node": [], "time": []}, "AB")


def test_measures_of_an_instant_need_ties_of_one_kind_of_time():
    dated = {**TIES, "start": [1, 5], "end": [9, 9]}
    assert structural_holes(dated, nodes="ABC", at=2)["degree"].to_list() == [1, 1, 0]
    assert brokerage_totals(dated, GROUPS, at=2)["count"].sum() == 0
    assert qap_correlation(dated, dated, at=2, replicates=0).cells == 6
    with pytest.raises(ArgumentFault, match="`at`"):
        structural_holes(dated, at="2020-01-01")
