"""Measures of structure against sna, igraph, xucinet and published values, and by definition."""

import json
from collections import Counter
from pathlib import Path

import networkx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.borders import (
    border_modularity,
    ei_by_group,
    ei_by_node,
    ei_index,
    homophily,
    nominal_assortativity,
    participation,
    tie_matrix,
)
from icsgraph.queries.borders_over_time import ei_by_period
from icsgraph.queries.brokerage import ROLES, brokerage, brokerage_totals
from icsgraph.queries.label_shuffles import _mixed, _shuffle, shuffled_borders
from icsgraph.queries.multiplexity import multiplexity
from icsgraph.queries.reciprocity import one_sided_ties, reciprocity, survey_scores
from icsgraph.queries.structural_holes import structural_holes

OWN = Path(__file__).parent / "golden"
CASES = ["campnet", "emon_cheyenne", "emon_texas", "emon_lakepomona", "hightech_advice"]


class Case:
    """One network of the golden folder: ties, nodes, groups, and what is known of it."""

    def __init__(self, folder: Path) -> None:
        edges = pl.read_csv(folder / "edges.csv")
        self.ties = edges.select(source="ego", target="alter")
        rows = pl.read_csv(folder / "nodes.csv")
        self.nodes = rows["id"].to_list()
        self.groups = dict(zip(self.nodes, rows["group"].cast(pl.String), strict=True))
        self.known = json.loads((folder / "expected.json").read_text("utf-8"))


@pytest.fixture(params=CASES)
def case(request, shared) -> Case:
    return Case(shared / "golden" / request.param)


@pytest.fixture
def campnet(shared) -> Case:
    return Case(shared / "golden" / "campnet")


def close(value, known, by=1e-6):
    """Equal within a tolerance; None only to None."""
    return value is None if known is None else value == pytest.approx(known, abs=by)


def column(frame: pl.DataFrame, name: str, key: str = "node") -> dict:
    return dict(frame.select(key, name).rows())


def assert_columns(frame: pl.DataFrame, known: dict[str, dict]) -> None:
    for name, values in known.items():
        found = column(frame, name)
        assert [node for node, value in values.items() if not close(found[node], value)] == []


def test_ei_index_and_its_shuffles(case):
    found = ei_index(case.ties, case.groups, nodes=case.nodes, replicates=5000)
    known, null = case.known["ei"], case.known["ei_permutation"]
    assert (found.internal, found.external) == (known["internal"], known["external"])
    assert close(found.ei, known["ei"])
    assert close(found.expected, known["ei_expected_if_ties_random"])
    assert close(found.null_mean, null["null_mean"], 0.01)
    assert close(found.null_sd, null["null_sd"], 0.01)
    assert close(found.p_le, null["p_le"], 0.03)
    assert close(found.p_ge, null["p_ge"], 0.03)


def test_ei_of_nodes_and_groups(case):
    by_node = ei_by_node(case.ties, case.groups, nodes=case.nodes)
    assert_columns(by_node, {"ei": case.known["ei"]["ei_by_node_any_direction"]})
    by_group = column(ei_by_group(case.ties, case.groups, nodes=case.nodes), "ei", "group")
    for group, value in case.known["ei"]["ei_by_group_sent_plus_received"].items():
        assert close(by_group[group], value)


def test_assortativity_and_modularity_of_the_given_groups(case):
    known = case.known["mixing"]
    given_ = {"nodes": case.nodes}
    assert close(
        nominal_assortativity(case.ties, case.groups, **given_), known["assortativity_nominal"]
    )
    for directed, name in ((True, ""), (False, "_undirected")):
        found = border_modularity(case.ties, case.groups, **given_, directed=directed, replicates=0)
        assert close(found.modularity, known[f"modularity_given_partition{name}"])


def test_participation(case):
    found = participation(case.ties, case.groups, nodes=case.nodes)
    known = case.known["participation"]
    assert_columns(found, {"participation": known["participation"]})
    assert_columns(found, {"within_z": known["within_module_z_population_sd"]})


def test_structural_holes(case):
    known = case.known["structural_holes"]
    assert_columns(
        structural_holes(case.ties, nodes=case.nodes, directed=False), known["undirected_any_tie"]
    )
    directed = structural_holes(case.ties, nodes=case.nodes)
    assert_columns(directed, {"constraint": known["burt_constraint_directed_0_1"]})


def test_brokerage_roles(case):
    found = brokerage(case.ties, case.groups, nodes=case.nodes)
    names = {"raw": "count", "expected": "expected", "sd": "sd", "z": "z"}
    for known, name in names.items():
        values = {(node, role): value for node, role, value in found["node", "role", name].rows()}
        for node, roles in case.known["brokerage"][known].items():
            assert [r for r, value in roles.items() if not close(values[node, r], value)] == []
    totals = brokerage_totals(case.ties, case.groups, nodes=case.nodes)
    for known, name in (("raw", "count"), ("expected", "expected"), ("z", "z")):
        values = column(totals, name, "role")
        for role, value in case.known["brokerage"][f"total_{known}"].items():
            assert close(values[role], value)


def test_reciprocity_by_its_three_names(case):
    found, known = reciprocity(case.ties, nodes=case.nodes), case.known["whole_network"]
    census = {"mutual": found.mutual, "asymmetric": found.asymmetric, "null": found.null}
    assert census == known["dyad_census"]
    assert close(found.edgewise, known["reciprocity_edgewise"])
    assert close(found.dyadic_non_null, known["reciprocity_dyadic_nonnull"])
    assert close(found.dyadic, known["reciprocity_dyadic"])
    assert one_sided_ties(case.ties).height == found.asymmetric


def test_the_published_homophily_of_campnet(campnet):
    found, known = homophily(campnet.ties, campnet.groups), campnet.known["published"]
    assert close(found.share, known["H"], 0.0005)
    assert close(found.excess, known["h_star"], 0.0005)
    assert close(found.yules_q, known["yules_q"], 0.0005)
    assert close(found.correlation, known["corr_tie_samegroup"], 0.0005)
    matrix = tie_matrix(campnet.ties, campnet.groups)
    density = {f"{a}-{b}": value for a, b, value in matrix["source", "target", "density"].rows()}
    assert density == pytest.approx(known["density_group"], abs=0.0006)


def test_the_published_ego_networks_of_campnet(campnet):
    found = structural_holes(campnet.ties, version="ego-network")
    known = campnet.known["published"]["ego_structural_holes_sum_symmetrised"]
    for node in campnet.nodes:
        values = found.filter(node=node)
        row = [values[name].item() for name in known["columns"]]
        assert row == pytest.approx(known[node], abs=0.00051)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_published_holes_of_borgatti(weighted):
    folder = OWN / "borgatti_holes"
    ties = pl.read_csv(folder / "edges.csv").rename({"ego": "source", "alter": "target"})
    known = json.loads((folder / "expected.json").read_text("utf-8"))
    found = structural_holes(ties, directed=False, weighted=weighted)
    kind = "weighted" if weighted else "unweighted"
    for name, values in known["published"][kind].items():
        assert column(found, name) | values == pytest.approx(column(found, name), abs=0.0051)
    assert column(found, "constraint") == pytest.approx(known["computed"][f"constraint_{kind}"])
    if not weighted:
        sizes = known["computed"]["effective_size_unweighted"]
        assert column(found, "effective_size") == pytest.approx(sizes)


def test_ei_of_all_twenty_labellings():
    folder = OWN / "ei_exact_enumeration"
    known = json.loads((folder / "expected.json").read_text("utf-8"))
    ties = pl.read_csv(folder / "edges.csv").rename({"u": "source", "v": "target"})
    nodes = pl.read_csv(folder / "nodes.csv").rename({"id": "node"})
    found = ei_index(ties, nodes, directed=False, replicates=20_000)
    assert found.ei == pytest.approx(known["ei"])
    assert found.null_mean == pytest.approx(known["null_mean"], abs=0.01)
    assert found.p_le == pytest.approx(known["exact_p_le"], abs=0.01)


def test_kinds_of_tie_among_managers(shared):
    folder = shared / "golden" / "hightech_multiplex_mrqap"
    known = json.loads((folder / "expected.json").read_text("utf-8"))["multiplexity"]
    names = {"advice": "advice", "friend": "friendship", "reports": "reports_to"}
    kinds = {
        short: pl.read_csv(folder / f"edges_{name}.csv").rename(
            {"ego": "source", "alter": "target"}
        )
        for short, name in names.items()
    }
    found = multiplexity(kinds, nodes=pl.read_csv(folder / "nodes.csv")["id"])
    pairs = {f"{row['kind_a']}_{row['kind_b']}": row for row in found.pairs.to_dicts()}
    for name, values in known["pairs"].items():
        row = pairs[name]
        assert (row["both"], row["either"]) == (values["both"], values["either"])
        assert close(row["jaccard"], values["jaccard"])
        assert close(row["correlation"], values["pearson"])
    by_number = {str(kinds): pairs for kinds, pairs in found.by_number.rows()}
    assert by_number == known["ordered_pairs_by_number_of_kinds"]
    assert close(found.share, known["share_of_tied_pairs_multiplex"])


def test_shuffles_stay_within_their_stratum():
    """Where each stratum holds one group only, no shuffle changes anything."""
    ties = {"source": ["A", "B", "C"], "target": ["B", "C", "D"]}
    groups = {"A": "x", "B": "x", "C": "y", "D": "y"}
    found = ei_index(ties, groups, strata=groups, replicates=50)
    assert (found.null_mean, found.null_sd) == pytest.approx((found.ei, 0))
    assert (found.p_le, found.p_ge) == (1, 1)


def test_a_node_without_group_is_left_out_with_its_ties():
    ties = {"source": ["A", "B", "Z"], "target": ["B", "C", "A"]}
    groups = {"A": "x", "B": "x", "C": "y"}
    assert (ei_index(ties, groups).internal, ei_index(ties, groups).external) == (1, 1)
    assert brokerage(ties, groups)["node"].unique().sort().to_list() == ["A", "B", "C"]


def test_membership_at_the_date_of_the_tie():
    ties = {"source": ["A"], "target": ["B"], "start": ["2020-01-01"], "end": ["2020-12-31"]}
    groups = {
        "node": ["A", "B", "B"],
        "group": ["x", "y", "x"],
        "start": ["2019-01-01", "2019-01-01", "2020-07-01"],
        "end": [None, "2020-07-01", None],
    }
    found = ei_by_period(ties, groups, replicates=0)
    assert found["ei"].to_list() == [1.0, 1.0, -1.0, None]
    assert [str(day) for day in found["period"]][:2] == ["2020-03-31", "2020-06-30"]


def test_survey_scores_of_a_tie():
    answers = {"source": ["A", "B", "C"], "target": ["B", "A", "A"], "score": [4, 5, None]}
    found = survey_scores(answers).row(0, named=True)
    assert (found["mean"], found["n"], found["both_sides"]) == (4.5, 2, True)
    assert survey_scores(answers).height == 1


@pytest.mark.parametrize("measure", [ei_index, ei_by_node, homophily, participation, brokerage])
def test_an_empty_network_is_refused_in_the_same_words(measure):
    with pytest.raises(ArgumentFault) as fault:
        measure({"source": [], "target": []}, {})
    assert fault.value.argument in ("nodes", "groups")


def test_one_node_has_no_figures():
    lone, groups = {"source": ["A"], "target": ["A"]}, {"A": "x"}
    assert ei_index(lone, groups).ei is None
    assert structural_holes(lone)["constraint"].to_list() == [None]
    assert homophily(lone, groups).share is None
    assert nominal_assortativity(lone, groups) is None
    assert brokerage(lone, groups)["count"].sum() == 0


NODES = ["A", "B", "C", "D", "E", "F", "G"]
PAIRS = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=25)
LABELS = st.lists(st.sampled_from("xyz"), min_size=7, max_size=7)


def ties_of(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    schema = {"source": pl.String, "target": pl.String}
    return pl.DataFrame(pairs, schema=schema, orient="row")


@given(PAIRS, LABELS)
def test_roles_are_those_of_the_definition_and_sum_to_the_total(pairs, labels):
    groups, tied = dict(zip(NODES, labels, strict=True)), {p for p in pairs if p[0] != p[1]}
    counted = dict.fromkeys([(v, role) for v in NODES for role in (*ROLES, "total")], 0)
    for a, v in tied:
        for b in NODES:
            if (v, b) in tied and b != a and (a, b) not in tied:
                kinds = (groups[a] == groups[b], groups[v] == groups[b], groups[a] == groups[v])
                role = {
                    (True, True, True): "coordinator",
                    (True, False, False): "itinerant",
                    (False, True, False): "gatekeeper",
                    (False, False, True): "representative",
                    (False, False, False): "liaison",
                }[kinds]
                counted[v, role] += 1
                counted[v, "total"] += 1
    found = brokerage(ties_of(pairs), groups, nodes=NODES)
    assert {(v, role): n for v, role, n in found["node", "role", "count"].rows()} == counted


@given(PAIRS, st.booleans())
def test_constraint_and_effective_size_are_those_of_networkx(pairs, directed):
    graph = networkx.DiGraph() if directed else networkx.Graph()
    graph.add_nodes_from(NODES)
    graph.add_edges_from(pair for pair in pairs if pair[0] != pair[1])
    found = structural_holes(ties_of(pairs), nodes=NODES, directed=directed)
    known = networkx.constraint(graph)
    constraint = {node: None if value != value else value for node, value in known.items()}
    assert column(found, "constraint") == pytest.approx(constraint)
    # Asked for all nodes NetworkX 3.6 divides by another node's largest tie; named, by the right
    # one, but then it leaves out nodes that send no tie.
    sizes = networkx.effective_size(graph, nodes=[node for node in NODES if graph[node]])
    assert {node: column(found, "effective_size")[node] for node in sizes} == pytest.approx(sizes)


@given(PAIRS, LABELS, st.booleans())
def test_mixing_is_that_of_networkx(pairs, labels, directed):
    graph = networkx.DiGraph() if directed else networkx.Graph()
    graph.add_nodes_from((node, {"g": label}) for node, label in zip(NODES, labels, strict=True))
    graph.add_edges_from(pair for pair in pairs if pair[0] != pair[1])
    groups = dict(zip(NODES, labels, strict=True))
    given_ = {"nodes": NODES, "directed": directed}
    if graph.size():
        sides = [{n for n in NODES if groups[n] == label} for label in sorted(set(labels))]
        found = border_modularity(ties_of(pairs), groups, **given_, replicates=0).modularity
        assert found == pytest.approx(networkx.community.modularity(graph, sides))
        assortativity = nominal_assortativity(ties_of(pairs), groups, **given_)
        if assortativity is not None:
            known = networkx.attribute_assortativity_coefficient(graph, "g")
            assert assortativity == pytest.approx(known)
    counts = tie_matrix(ties_of(pairs), groups, **given_)
    assert counts["ties"].sum() == (
        graph.size() if directed else graph.size() + ei_index(
            ties_of(pairs), groups, **given_, replicates=0
        ).external
    )  # fmt: skip


@given(PAIRS.filter(lambda pairs: any(a != b for a, b in pairs)), st.booleans())
def test_ei_is_minus_one_inside_and_one_across(pairs, directed):
    ties = ties_of(pairs)
    assert ei_index(ties, dict.fromkeys(NODES, "x"), directed=directed, replicates=0).ei == -1
    apart = {node: node for node in NODES}
    assert ei_index(ties, apart, directed=directed, replicates=0).ei == 1


@given(PAIRS, LABELS)
def test_relabelling_nodes_and_groups_changes_nothing(pairs, labels):
    groups = dict(zip(NODES, labels, strict=True))
    other = dict(zip(NODES, reversed(NODES), strict=True))
    renamed = [(other[a], other[b]) for a, b in pairs]
    regrouped = {other[node]: f"group {label}" for node, label in groups.items()}
    before = ei_index(ties_of(pairs), groups, nodes=NODES, replicates=0)
    assert ei_index(ties_of(renamed), regrouped, nodes=NODES, replicates=0) == before
    first = column(structural_holes(ties_of(pairs), nodes=NODES), "constraint")
    second = column(structural_holes(ties_of(renamed), nodes=NODES), "constraint")
    assert {other[node]: value for node, value in first.items()} == pytest.approx(second)


@pytest.mark.parametrize("groups", [3, 256, 300])
def test_eight_shuffles_at_once_count_what_one_by_one_counts(groups):
    """Also where ties do not fill a block of 255, and more groups than a byte can tell apart."""
    chance = np.random.default_rng(groups)
    labels = np.append(np.arange(groups), chance.integers(0, groups, 700))
    labels = labels.astype(np.uint8 if groups <= 256 else np.int64)
    source, target = chance.integers(0, len(labels), (2, 777)).astype(np.int32)
    strata, none = np.array([0, 0, 400, len(labels)]), np.empty(0)
    inside, _ = shuffled_borders(source, target, labels, strata, none, none, 19, 4)
    drawn, state, counted = labels.copy(), _mixed(np.uint64(5)), []
    for _ in range(19):
        state = np.uint64(_shuffle(drawn, strata, state))
        counted.append(int((drawn[source] == drawn[target]).sum()))
    assert inside.tolist() == counted
    assert sorted(drawn[:400]) == sorted(labels[:400])  # nobody leaves its stratum
    assert len(set(counted)) > 1


def test_every_order_is_as_likely():
    drawn, strata, state = np.arange(3, dtype=np.uint8), np.array([0, 3]), np.uint64(1)
    orders = Counter()
    for _ in range(6000):
        state = np.uint64(_shuffle(drawn, strata, state))
        orders[tuple(drawn.tolist())] += 1
    assert len(orders) == 6
    assert sum((seen - 1000) ** 2 / 1000 for seen in orders.values()) < 20.5  # chi-squared, p .001
