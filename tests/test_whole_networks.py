"""Figures of whole networks, cores, QAP, communities and centrality, against known answers."""

import json
from pathlib import Path

import networkx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.borders import border_modularity
from icsgraph.queries.centrality import (
    betweenness,
    core_number,
    degree,
    eigenvector_centrality,
    harmonic_closeness,
    pagerank,
    sampled_betweenness,
)
from icsgraph.queries.communities import (
    communities,
    communities_against_borders,
    overlapping_communities,
    partition_likeness,
)
from icsgraph.queries.cores import core_periphery
from icsgraph.queries.network_figures import centralisation, components, whole_network
from icsgraph.queries.qap import mrqap, qap_correlation

OWN = Path(__file__).parent / "golden"
CASES = ["campnet", "emon_cheyenne", "emon_texas", "emon_lakepomona", "hightech_advice"]


def edges(folder: Path, name: str = "edges") -> pl.DataFrame:
    return pl.read_csv(folder / f"{name}.csv").select(source="ego", target="alter")


def expected(folder: Path) -> dict:
    return json.loads((folder / "expected.json").read_text("utf-8"))


@pytest.fixture(params=CASES)
def case(request, shared) -> tuple[pl.DataFrame, list[str], dict]:
    folder = shared / "golden" / request.param
    nodes = pl.read_csv(folder / "nodes.csv")["id"].to_list()
    return edges(folder), nodes, expected(folder)["whole_network"]


def test_figures_of_the_whole_network(case):
    ties, nodes, known = case
    found = whole_network(ties, nodes=nodes)
    assert (found.nodes, found.ties) == (known["n"], known["ties"])
    assert found.components == known["components_weak"]
    names = {
        "density": "density",
        "connectedness": "connectedness",
        "hierarchy": "hierarchy_krackhardt",
        "transitivity": "transitivity_weak_sna",
        "triangle_transitivity": "transitivity_undirected_triangles",
    }
    for ours, theirs in names.items():
        assert getattr(found, ours) == pytest.approx(known[theirs], abs=1e-6), ours


def test_centralisation(case):
    ties, nodes, known = case
    for by, name in (
        ("in-degree", "centralisation_indegree"),
        ("out-degree", "centralisation_outdegree"),
        ("betweenness", "centralisation_betweenness"),
    ):
        assert centralisation(ties, by, nodes=nodes) == pytest.approx(known[name], abs=1e-6)


def test_degrees_and_betweenness(case):
    ties, nodes, known = case
    found = degree(ties, nodes=nodes)
    assert dict(found["node", "in_degree"].rows()) == known["degree_in"]
    assert dict(found["node", "out_degree"].rows()) == known["degree_out"]
    between = dict(betweenness(ties, nodes=nodes)["node", "betweenness"].rows())
    assert between == pytest.approx(known["betweenness_raw"], abs=1e-6)


def test_the_published_core_of_campnet(shared):
    folder = shared / "golden" / "campnet"
    known = expected(folder)["published"]["core_periphery"]
    found = core_periphery(edges(folder), replicates=19)
    core = found.members.filter("core")["node"].to_list()
    assert sorted(core) == sorted(known["core"])
    assert found.fit == pytest.approx(known["computed_fit"], abs=1e-6)
    assert found.density == pytest.approx(known["density"], abs=0.0006)
    assert 0 < found.p_ge <= 1


def test_a_core_is_found_that_no_degree_explains():
    """Six nodes tied to each other, and a ring of twelve with as many ties each."""
    inner = [(f"c{i}", f"c{j}") for i in range(6) for j in range(i)]
    outer = [(f"p{i:02}", f"p{(i + step) % 20:02}") for i in range(20) for step in (1, 5)]
    ties = pl.DataFrame(inner + outer, schema=["source", "target"], orient="row")
    found = core_periphery(ties, directed=False, replicates=30)
    assert set(found.members.filter("core")["node"]) == {f"c{i}" for i in range(6)}
    assert found.p_ge < 0.1


def test_the_published_qap_of_padgett(shared):
    folder = shared / "golden" / "padgett_qap"
    known = expected(folder)
    kinds = edges(folder, "edges_business"), edges(folder, "edges_marriage")
    nodes = pl.read_csv(folder / "nodes.csv")["id"]
    found = qap_correlation(*kinds, nodes=nodes, directed=False, replicates=20_000)
    assert found.r == pytest.approx(known["computed"]["r"], abs=1e-6)
    assert found.cells == known["published"]["n_dyads"]
    assert found.null_mean == pytest.approx(known["computed"]["null_mean"], abs=0.003)
    assert found.null_sd == pytest.approx(known["computed"]["null_sd"], abs=0.003)
    assert found.p_ge == pytest.approx(known["computed"]["p_ge"], abs=0.003)
    assert found.p_le == pytest.approx(known["computed"]["p_le"], abs=0.003)


@pytest.fixture
def managers(shared) -> tuple[dict, pl.DataFrame, dict]:
    folder = shared / "golden" / "hightech_multiplex_mrqap"
    kinds = {k: edges(folder, f"edges_{k}") for k in ("advice", "friendship", "reports_to")}
    return kinds, pl.read_csv(folder / "nodes.csv"), expected(folder)


def test_qap_among_managers(managers):
    kinds, rows, known = managers
    names = {"friend": "friendship", "advice": "advice", "reports": "reports_to"}
    for pair, values in known["qap"].items():
        first, second = (kinds[names[name]] for name in pair.split("_"))
        found = qap_correlation(first, second, nodes=rows["id"], replicates=2000)
        assert found.r == pytest.approx(values["r"], abs=1e-6)
        assert found.p_ge == pytest.approx(values["p_ge"], abs=0.03)
        assert found.p_le == pytest.approx(values["p_le"], abs=0.03)


def test_mrqap_among_managers(managers):
    kinds, rows, known = managers
    predictors = {"friendship": kinds["friendship"], "reports_to": kinds["reports_to"]}
    found = mrqap(kinds["advice"], predictors, nodes=rows["id"], replicates=2000)
    published, computed = known["published"], known["computed"]
    terms = {row["term"]: row for row in found.terms.to_dicts()}
    assert found.cells == published["n"]
    assert found.r_squared == pytest.approx(computed["r_squared"], abs=1e-6)
    assert found.adjusted_r_squared == pytest.approx(published["adj_r_squared"], abs=0.0006)
    for name, row in terms.items():
        assert row["coefficient"] == pytest.approx(computed["coef"][name], abs=1e-6)
        assert row["t"] == pytest.approx(computed["t"][name], abs=1e-6)
        assert row["p_two_sided"] == pytest.approx(computed["p_two_sided_dsp"][name], abs=0.03)
    for name, value in published["std_coef"].items():
        assert terms[name]["standardised"] == pytest.approx(value, abs=0.0006)


def test_mrqap_with_a_matrix_of_ones_own(managers):
    kinds, rows, known = managers
    department = rows["group"].to_numpy()
    predictors = {
        "same_department": (department[:, None] == department[None, :]).astype(float),
        "reports_to": kinds["reports_to"],
        "friendship": kinds["friendship"],
    }
    found = mrqap(kinds["advice"], predictors, nodes=rows["id"], replicates=2000)
    computed = known["computed"]["with_same_department"]
    for row in found.terms.to_dicts():
        assert row["coefficient"] == pytest.approx(computed["coef"][row["term"]], abs=1e-6)
        known_p = computed["p_two_sided_dsp"][row["term"]]
        assert row["p_two_sided"] == pytest.approx(known_p, abs=0.03)


@pytest.fixture
def karate() -> tuple[pl.DataFrame, pl.DataFrame, dict]:
    folder = OWN / "partitions"
    ties = pl.read_csv(folder / "karate_edges.csv").rename({"u": "source", "v": "target"})
    return ties, pl.read_csv(folder / "karate_partitions.csv"), expected(folder)


def test_divisions_of_the_karate_club(karate):
    ties, parts, known = karate
    for name, value in known["modularity"].items():
        groups = parts.select(node="id", group=name)
        found = border_modularity(ties, groups, directed=False, replicates=0).modularity
        assert found == pytest.approx(value, abs=1e-9)
    one = parts.select(node="id", group="faction")
    for other in ("fastgreedy2", "fastgreedy3"):
        found = partition_likeness(one, parts.select(node="id", group=other), replicates=500)
        values = known[f"faction_vs_{other}"]
        assert found.adjusted_rand == pytest.approx(values["adjusted_rand"])
        assert found.nmi == pytest.approx(values["nmi_arithmetic"])
        adjusted = values["adjusted_mutual_information_arithmetic"]
        assert found.adjusted_mutual_information == pytest.approx(adjusted)
        assert found.mutual_information == pytest.approx(values["mutual_information_nats"])
        between = values["variation_of_information_nats"]
        assert found.variation_of_information == pytest.approx(between)
    null = known["permutation"]
    assert found.null_mean == pytest.approx(null["null_mean"], abs=0.008)
    assert found.null_sd == pytest.approx(null["null_sd"], abs=0.008)
    assert found.p_ge == pytest.approx(null["p_ge"], abs=0.002)


def test_divisions_of_the_textbook(karate):
    for case in karate[2]["textbook"]:
        a, b = ({str(i): group for i, group in enumerate(case[side])} for side in "ab")
        assert partition_likeness(a, b).adjusted_rand == pytest.approx(case["adjusted_rand"])


@pytest.mark.parametrize("method", ["louvain", "leiden"])
def test_communities_of_the_karate_club_follow_its_factions(karate, method):
    ties, parts, _ = karate
    groups = parts.select(node="id", group="faction")
    found = communities_against_borders(ties, groups, method=method, seeds=5)
    assert found.height == 5
    assert found["modularity"].min() > 0.38  # published for Louvain: 0.42
    assert found["adjusted_rand"].min() > 0.3
    again = communities(ties, method=method, seed=3)
    assert again.equals(communities(ties, method=method, seed=3))


def test_sampled_betweenness_holds_its_error():
    graph = networkx.barabasi_albert_graph(300, 2, seed=1)
    ties = [{"source": str(a), "target": str(b)} for a, b in graph.edges]
    exact = betweenness(ties, directed=False)
    found = sampled_betweenness(ties, error=0.02, confidence=0.95, seed=1)
    both = found.join(exact, on="node", suffix="_exact")
    assert (both["normalised"] - both["normalised_exact"]).abs().max() <= 0.02
    first = found.filter(tie_group=1)["normalised"]
    others = found.filter(pl.col("tie_group") > 1)["normalised"]
    assert first.min() - others.max() > 0.04
    assert found["tie_group"].is_sorted()


def test_overlapping_communities_share_a_node():
    pairs = ["AB", "BC", "AC", "CD", "DE", "CE", "FG"]
    found = overlapping_communities([{"source": a, "target": b} for a, b in pairs])
    assert found.group_by("node").len().filter(pl.col("len") > 1)["node"].to_list() == ["C"]
    assert "F" not in found["node"]


def test_one_node_and_no_ties():
    lone = {"source": ["A"], "target": ["A"]}
    found = whole_network(lone)
    assert (found.ties, found.isolates, found.density, found.transitivity) == (0, 1, None, None)
    assert centralisation(lone) is None
    assert core_periphery(lone).fit is None
    assert communities(lone)["community"].to_list() == [0]
    assert pagerank(lone)["pagerank"].to_list() == [1.0]
    assert harmonic_closeness(lone)["harmonic"].to_list() == [0.0]
    assert sampled_betweenness(lone)["normalised"].to_list() == [0.0]
    assert qap_correlation(lone, lone).r is None
    with pytest.raises(ArgumentFault):
        mrqap(lone, {"same": lone})


def test_matrices_of_unlike_size_are_refused():
    with pytest.raises(ArgumentFault) as fault:
        qap_correlation(np.ones((3, 3)), np.ones((4, 4)))
    assert fault.value.argument == "nodes"


NODES = ["A", "B", "C", "D", "E", "F"]
PAIRS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda p: p[0] != p[1]),
    min_size=1,
    max_size=18,
)


@given(PAIRS)
def test_centrality_is_that_of_networkx(pairs):
    graph = networkx.DiGraph()
    graph.add_nodes_from(NODES)
    graph.add_edges_from(pairs)
    ties = pl.DataFrame(pairs, schema=["source", "target"], orient="row")
    ranked = dict(pagerank(ties, nodes=NODES)["node", "pagerank"].rows())
    assert ranked == pytest.approx(networkx.pagerank(graph, tol=1e-12, max_iter=1000), abs=1e-6)
    cores = dict(core_number(ties, nodes=NODES).rows())
    assert cores == networkx.core_number(graph.to_undirected())
    joined = components(ties, nodes=NODES, strong=True)["component"].n_unique()
    assert joined == networkx.number_strongly_connected_components(graph)


@given(PAIRS)
def test_an_eigenvector_is_one(pairs):
    ties = pl.DataFrame(pairs, schema=["source", "target"], orient="row")
    found = eigenvector_centrality(ties, nodes=NODES).drop_nulls()
    inside, vector = found["node"].to_list(), found["eigenvector"].to_numpy()
    graph = networkx.Graph([pair for pair in pairs if pair[0] in inside])
    matrix = networkx.to_numpy_array(graph, nodelist=inside)
    image = matrix @ vector
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert image == pytest.approx(np.linalg.eigvalsh(matrix).max() * vector, abs=1e-6)


@given(PAIRS)
def test_no_division_fits_better_than_the_core_found(pairs):
    ties = pl.DataFrame(pairs, schema=["source", "target"], orient="row")
    found = core_periphery(ties, nodes=NODES, replicates=0)
    tied = {(NODES.index(a), NODES.index(b)) for a, b in pairs}
    best = None
    for chosen in range(1, 2**6 - 1):
        core = [bool(chosen >> i & 1) for i in range(6)]
        cells = [(i, j) for i in range(6) for j in range(6) if i != j and core[i] == core[j]]
        ideal, real = [core[i] for i, _ in cells], [cell in tied for cell in cells]
        if len(set(ideal)) == 2 and len(set(real)) == 2:
            best = max(best or -1, np.corrcoef(ideal, real)[0, 1])
    assert found.fit == (None if best is None else pytest.approx(best))


def test_an_outcome_that_is_explained_wholly_or_not_at_all_is_defined():
    """No division by nothing: a warning would fail this test."""
    ties, other = {"source": ["A", "B"], "target": ["B", "C"]}, {"source": ["C"], "target": ["A"]}
    found = mrqap(ties, {"itself": ties}, nodes="ABC", replicates=9)
    assert found.terms["coefficient"].to_list() == pytest.approx([0, 1])
    with pytest.raises(ArgumentFault, match="`outcome`.*all its cells are alike"):
        mrqap({"source": [], "target": []}, {"other": other}, nodes="ABC", replicates=9)
