"""Who had a recorded route from whom: against known answers, and against the definition."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.dates import BoundedDate
from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.feasible_sources import (
    feasible_share,
    feasible_sources,
    feasible_tree,
    feasible_tree_graph,
)
from icsgraph.queries.temporal_paths import pairwise_arrival

OWN = Path(__file__).parent / "golden"
CASES = ["feasible_spread_random30_directed", "feasible_spread_random30_undirected"]


def read(case: str) -> tuple[pl.DataFrame, pl.DataFrame, dict]:
    folder = OWN / case
    renamed = {"onset": "start", "terminus": "end", "tail": "source", "head": "target"}
    ties = pl.read_csv(folder / "spells.csv").rename(renamed)
    adoptions = pl.read_csv(folder / "nodes.csv").rename({"id": "node", "toa": "time"})
    return ties, adoptions, json.loads((folder / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_the_sources_of_each_adoption(case):
    ties, adoptions, known = read(case)
    found = feasible_sources(ties, adoptions, directed=known["directed"], end=known["end"])
    sources = {node: [] for node in known["feasible_sources"]}
    for node, source in found.select("node", "source").rows():
        sources[node].append(int(source))
    expected = {node: sorted(of) for node, of in known["feasible_sources"].items()}
    assert {node: sorted(of) for node, of in sources.items()} == expected
    assert set(found["certainty"]) == {"CERTAIN"}


@pytest.mark.parametrize("case", CASES)
def test_the_share_and_what_shuffled_dates_give(case):
    ties, adoptions, known = read(case)
    found = feasible_share(
        ties, adoptions, directed=known["directed"], end=known["end"], replicates=2000
    )
    assert found.share == pytest.approx(known["share_reachable"], abs=1e-9)
    null = known["permutation"]
    assert found.null_mean == pytest.approx(null["null_mean"], abs=0.03)
    assert found.null_sd == pytest.approx(null["null_sd"], abs=0.03)
    assert found.p == pytest.approx(null["p_ge"], abs=0.03)


@pytest.fixture
def by_hand() -> tuple[pl.DataFrame, pl.DataFrame, dict]:
    """Ties and adoptions known to the month or year; a blank end is open until after 2022."""
    folder = OWN / "date_precision_hand"
    stated = pl.read_csv(folder / "ties.csv", infer_schema=False).to_dicts()
    ties = [
        {"source": row["tail"], "target": row["head"]}
        | BoundedDate.from_parts(row["from"], row["to"] or "2022-12-31").columns()
        for row in stated
    ]
    adopted = pl.read_csv(folder / "adoptions.csv", infer_schema=False).to_dicts()
    adoptions = [{"node": r["id"]} | BoundedDate.parse(r["adopted"]).columns() for r in adopted]
    known = json.loads((folder / "expected.json").read_text("utf-8"))
    return pl.DataFrame(ties), pl.DataFrame(adoptions), known


def test_certain_and_possible_sources_by_hand(by_hand):
    ties, adoptions, known = by_hand
    found = feasible_sources(ties, adoptions)
    direct = {
        (node, source): certainty
        for node, source, certainty in found.select("node", "source", "certainty").rows()
    }
    for node, answer in known["feasible_source_of"].items():
        certainty = direct.get((node, answer["source"]))
        assert (certainty == "CERTAIN") == answer["certain"], answer["why"]
        assert (certainty is not None) == answer["possible"], answer["why"]


def test_the_share_of_certain_routes_is_never_above_that_of_possible_ones(by_hand):
    ties, adoptions, _ = by_hand
    certain = feasible_share(ties, adoptions, certainty="certain", replicates=0)
    possible = feasible_share(ties, adoptions, certainty="possible", replicates=0)
    assert (certain.reached, possible.reached) == (1, 3)


TIES = {"source": ["A", "B", "A"], "target": ["B", "C", "C"], "start": [1, 4, 4], "end": [9, 9, 9]}


def test_a_tree_has_one_source_for_each_adoption_and_no_cause():
    tree = feasible_tree(
        {**TIES, "id": ["x", "y", "z"]}, {"node": ["A", "B", "C", "D"], "time": [2, 3, 5, 6]},
        nodes=["A", "B", "C", "D"],
    )  # fmt: skip
    rows = tree.select("node", "wording", "source", "ties", "sources").rows()
    wording = "had a recorded route from"
    assert rows == [
        ("A", None, None, None, 0),
        ("B", wording, "A", ["x"], 1),
        ("C", wording, "B", ["y"], 2),
        ("D", None, None, None, 0),
    ]
    graph = feasible_tree_graph(tree)
    assert sorted(graph.edges) == [("A", "B"), ("B", "C")]
    assert sorted(graph.nodes) == ["A", "B", "C", "D"]


def test_an_adopter_at_the_same_time_is_no_source():
    assert feasible_sources(TIES, {"node": ["A", "B"], "time": [3, 3]}).is_empty()
    assert feasible_share(TIES, {"node": ["A", "B", "C"], "time": [5, 5, 6]}).reached == 1


def test_nobody_adopted():
    empty = {"node": ["A"], "time": [None]}
    assert feasible_sources(TIES, empty).is_empty()
    assert feasible_share(TIES, empty).share is None
    assert feasible_tree(TIES, empty).is_empty()


@pytest.mark.parametrize(
    "how", [{"certainty": "likely"}, {"replicates": -1}, {"seed": -1}], ids=lambda how: str(how)
)
def test_what_the_share_cannot_be_asked_names_its_argument(how):
    with pytest.raises(ArgumentFault) as fault:
        feasible_share(TIES, {"node": ["A", "B"], "time": [2, 3]}, **how)
    assert fault.value.argument in how


def test_dates_of_two_kinds_are_refused():
    with pytest.raises(ArgumentFault) as fault:
        feasible_sources(TIES, {"node": ["A"], "time": ["2021-01-01"]})
    assert fault.value.argument == "adoptions"


NODES = ["A", "B", "C", "D", "E"]
SPELLS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.integers(0, 9), st.integers(1, 5)),
    min_size=1,
    max_size=10,
)
TIMES = st.lists(st.none() | st.integers(0, 12), min_size=5, max_size=5)


def frames(spells: list[tuple], times: list) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [(a, b, start, start + length) for a, b, start, length in spells]
    ties = pl.DataFrame(rows, schema=["source", "target", "start", "end"], orient="row")
    return ties, pl.DataFrame({"node": NODES, "time": pl.Series(times, dtype=pl.Int64)})


@given(SPELLS, TIMES, st.sampled_from([0, 1]), st.booleans())
def test_sources_and_share_are_those_of_the_definition(spells, times, hop, directed):
    ties, adoptions = frames(spells, times)
    adopted = dict(zip(NODES, times, strict=True))
    pairs = set()
    for source, at in adopted.items():
        if at is None:
            continue
        found = pairwise_arrival(
            ties, [source], nodes=NODES, directed=directed, start=at, end=40, hop=hop
        )
        pairs |= {
            (node, source)
            for _, node, arrival, _ in found.rows()
            if adopted[node] is not None and adopted[node] > at and arrival <= adopted[node]
        }
    given_ = {"nodes": NODES, "directed": directed, "hop": hop, "end": 40}
    sources = feasible_sources(ties, adoptions, **given_)
    assert set(sources.select("node", "source").rows()) == pairs
    share = feasible_share(ties, adoptions, **given_, replicates=0)
    assert share.reached == len({node for node, _ in pairs})


@given(SPELLS, TIMES, st.integers(0, 40), st.integers(0, 40))
def test_certain_implies_possible_and_looser_dates_never_make_a_route_certain(
    spells, times, looser, wider
):
    def day(number: int) -> str:
        return (date(2021, 1, 1) + timedelta(days=30 * number)).isoformat()

    def later(text: str, days: int) -> str:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()

    ties = pl.DataFrame(
        [(a, b, day(s), later(day(s), looser), day(s + n), later(day(s + n), looser))
         for a, b, s, n in spells],
        schema=["source", "target", "start_earliest", "start_latest", "end_earliest", "end_latest"],
        orient="row",
    )  # fmt: skip
    known = [
        (node, day(t), later(day(t), wider))
        for node, t in zip(NODES, times, strict=True)
        if t is not None
    ]
    adoptions = pl.DataFrame(
        known,
        schema={"node": pl.String, "start_earliest": pl.String, "start_latest": pl.String},
        orient="row",
    )
    found = feasible_sources(ties, adoptions, nodes=NODES)
    certain = set(found.filter(certainty="CERTAIN").select("node", "source").rows())
    exact = adoptions.select("node", time="start_earliest")
    plain = ties.select("source", "target", start="start_earliest", end="end_earliest")
    if not looser and not wider:
        assert found.height == feasible_sources(plain, exact, nodes=NODES).height == len(certain)
    assert certain <= set(
        feasible_sources(plain, exact, nodes=NODES).select("node", "source").rows()
    )
