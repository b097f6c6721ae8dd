"""Who could learn from whom, and barriers with innovations, against known answers."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.co_occurrence import co_occurrence, false_discovery, found_where
from icsgraph.queries.learning import who_could_learn
from icsgraph.queries.permutation import generator
from icsgraph.queries.similarity import (
    curveball,
    leave_one_out,
    likeness,
    margin_null,
    read_adopted,
    scores,
)

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(params=["davis", "planted42", "null42"])
def case(request):
    folder = GOLDEN / f"recommend_{request.param}"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    return expected, read_adopted(pl.read_csv(folder / "edges.csv"), systems=expected["overlap"])


def test_overlap(case):
    expected, read = case
    common = likeness(read.table, "overlap")
    wanted = [[row[other] for other in read.systems] for row in expected["overlap"].values()]
    assert common.tolist() == wanted


def test_scores_and_hidden_adoptions(case):
    expected, read = case
    ((system, by_method),) = expected["scores_for_first_system"].items()
    for method, wanted in by_method.items():
        found = scores(read, system, method=method)
        given_scores = dict(zip(found["innovation"], found["score"], strict=True))
        assert given_scores == pytest.approx(wanted, abs=1e-6)
        left = leave_one_out(read, method=method)
        known = expected["leave_one_out"][method]
        assert left.hidden == known["n"]
        assert left.mean_rank == pytest.approx(known["mean_rank"], abs=1e-6)
        assert left.mean_reciprocal_rank == pytest.approx(
            known["mean_reciprocal_midrank"], abs=1e-6
        )
        hits = [known[f"hit_at_{k}"] for k in (1, 3, 5)]
        assert list(left.hit_at.values()) == pytest.approx(hits, abs=1e-6)


def test_the_null_that_keeps_both_margins(case):
    expected, read = case
    for method in ("popularity", "cosine", "jaccard"):
        known = expected["margin_preserving_null_hit_at_3"][method]
        found = margin_null(read, method=method, replicates=known["R"])
        assert found.observed == pytest.approx(known["observed_hit_at_3"], abs=1e-6)
        assert abs(found.null_mean - known["null_mean"]) < 0.02
        assert abs(found.p_value - known["p_ge"]) < 0.06


def test_silent_where_there_is_nothing_to_learn():
    planted, null = (
        who_could_learn(pl.read_csv(GOLDEN / f"recommend_{name}42" / "edges.csv"), replicates=100)
        for name in ("planted", "null")
    )
    assert null.suggestions.height == 0 and "not found better" in null.reason
    assert planted.suggestions.height > 0 and planted.reason == ""
    read = read_adopted(pl.read_csv(GOLDEN / "recommend_planted42" / "edges.csv"))
    first = planted.suggestions.row(0, named=True)
    best = scores(read, first["system"]).row(0, named=True)
    assert (best["innovation"], best["score"]) == (
        first["innovation"],
        pytest.approx(first["score"]),
    )


def test_adopters_are_named_with_date_and_what_is_shared():
    systems = [f"S{number}" for number in range(12)]
    taken, reported = [], []
    for place, system in enumerate(systems):
        group = "a" if place < 6 else "b"
        reported.append({"system": system, "barrier": f"barrier {group}"})
        for number in range(4):
            if place != 0 or number:
                innovation = f"{group}{number}"
                row = {"system": system, "innovation": innovation, "time": f"202{number}"}
                taken.append(row)
    found = who_could_learn(taken, reported, replicates=99)
    assert found.suggestions.rows() == [
        (
            "S0",
            "a0",
            5.0,
            5,
            ["S1 (2020)", "S2 (2020)", "S3 (2020)", "S4 (2020)", "S5 (2020)"],
            ["barrier a"],
        )
    ]
    with pytest.raises(ArgumentFault, match="nearest names: .*barrier a"):
        who_could_learn(taken, reported, barrier="barrier c")
    assert who_could_learn(taken, reported, barrier="barrier b", replicates=19).reason


def test_barriers_and_innovations_by_hand():
    folder = GOLDEN / "barrier_innovation_hand"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    names = ("barriers", "innovations", "systems")
    reported, adopted, systems = (pl.read_csv(folder / f"{name}.csv") for name in names)
    found = co_occurrence(reported, adopted, systems=systems["system"])
    columns = {"with_barrier": "barrier", "with_innovation": "innovation"}
    columns |= {name: name for name in ("both", "systems", "confidence", "lift", "smoothed_share")}
    columns["p_value"] = "hypergeometric_p_ge"
    for row in found.iter_rows(named=True):
        known = expected["pairs"][f"{row['barrier']}|{row['innovation']}"]
        assert {known_as: row[name] for name, known_as in columns.items()} == pytest.approx(known)
    assert found.height == len(expected["pairs"])
    ranked = found_where(reported, adopted, "S5", systems=systems["system"])
    shares = dict(zip(ranked["innovation"], ranked["smoothed_share"], strict=True))
    assert shares == {name: expected["for_S5"][name] for name in ("n1", "n2")}


def test_the_false_discovery_rate_is_that_of_scipy():
    from scipy.stats import false_discovery_control

    p = generator(2).random(40) ** 2
    assert false_discovery(p) == pytest.approx(false_discovery_control(p))
    assert (
        co_occurrence({"system": [], "barrier": []}, {"system": ["A"], "innovation": ["x"]}).height
        == 0
    )


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 1), min_size=width, max_size=width), min_size=1, max_size=7
        )
    ),
    st.integers(0, 40),
)
def test_trades_keep_both_margins(rows, trades):
    table = np.array(rows)
    drawn = curveball(table, trades, generator(1))
    assert drawn.sum(axis=0).tolist() == table.sum(axis=0).tolist()
    assert drawn.sum(axis=1).tolist() == table.sum(axis=1).tolist()
    assert set(np.unique(drawn)) <= {0, 1}


def test_a_walk_from_a_system_is_the_pagerank_of_networkx():
    import networkx

    edges = [("A", "x"), ("A", "y"), ("B", "y"), ("B", "z"), ("C", "z")]
    graph = networkx.Graph(edges)
    reference = networkx.pagerank(
        graph, alpha=0.85, personalization={"A": 1.0}, tol=1e-13, max_iter=999
    )
    rows = {"system": [a for a, _ in edges], "innovation": [b for _, b in edges]}
    found = scores(rows, "A", method="ppr")
    for innovation, score in found.select("innovation", "score").iter_rows():
        assert score == pytest.approx(reference[innovation], abs=1e-9)


def test_a_system_that_is_not_there_is_named():
    with pytest.raises(ArgumentFault, match="`system`"):
        scores({"system": ["A"], "innovation": ["x"]}, "B")
    with pytest.raises(ArgumentFault, match="`adoptions`.*nothing was adopted"):
        leave_one_out(read_adopted({"system": [], "innovation": []}, systems="A", innovations="x"))
