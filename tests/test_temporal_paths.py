"""Time-respecting paths against tsna's and pathpyG's answers, and what must hold of any network."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.contact_paths import contact_paths
from icsgraph.queries.temporal_paths import (
    arrival_bounds,
    dated_network,
    earliest_arrival,
    group_earliest_arrival,
    latest_departure,
    pairwise_arrival,
    quickest_route,
    reach,
    reach_ratio,
    removal_loss,
    temporal_efficiency,
)

OWN = Path(__file__).parent / "golden"
RANDOM = ["temporal_random30_directed", "temporal_random30_undirected"]
UNITS = json.loads((OWN / "temporal_units" / "expected.json").read_text("utf-8"))["cases"]


def expected(folder: Path) -> dict:
    return json.loads((folder / "expected.json").read_text("utf-8"))


def spells(folder: Path) -> pl.DataFrame:
    renamed = {"onset": "start", "terminus": "end", "tail": "source", "head": "target"}
    return pl.read_csv(folder / "spells.csv").rename(renamed)


def numbered(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]


@pytest.fixture
def moody(shared) -> Path:
    return shared / "golden" / "temporal_moody"


@pytest.mark.parametrize("case", UNITS, ids=lambda case: case["id"])
def test_the_sixteen_cases_of_tsna(case):
    ties = pl.DataFrame(case["spells"]).rename(
        {"tail": "source", "head": "target", "onset": "start", "terminus": "end"}
    )
    search = earliest_arrival if case["direction"] == "fwd" else latest_departure
    found = search(
        ties,
        str(case["source_vertex"]),
        nodes=numbered(case["n"]),
        start=case["start"],
        end=case["end"],
        hop=case["hop_duration"],
    )
    assert found["elapsed"].to_list() == case["elapsed"]


def test_the_published_paths_from_actor_ten(moody):
    published = expected(moody)["published"]["from10"]
    found = earliest_arrival(spells(moody), "10", nodes=numbered(16), directed=False)
    assert found["elapsed"].to_list() == published["elapsed"]
    assert [int(node or 0) for node in found["previous"]] == published["previous"]
    assert found["hops"].to_list() == published["steps"]


def test_the_published_reach_counts_oneself(moody):
    published = expected(moody)["published"]
    for direction in ("forward", "backward"):
        found = reach(spells(moody), directed=False, direction=direction)
        sizes = published[f"{direction}_reach_sizes_incl_self_sorted"]
        assert sorted(found["reached"] + 1) == sizes


def test_latest_departure_of_actors_ten_and_sixteen(moody):
    for target in ("10", "16"):
        found = latest_departure(spells(moody), target, nodes=numbered(16), directed=False)
        published = expected(moody)["published"][f"to{target}_latest_depart_elapsed_before_end"]
        assert found["elapsed"].to_list() == published


@pytest.mark.parametrize("case", ["temporal_moody", *RANDOM])
def test_every_pair_arrives_when_tsna_says(case, shared):
    folder = OWN / case if case in RANDOM else shared / "golden" / case
    known = expected(folder)
    directed = known["directed"]
    matrices = {0: known.get("earliest_elapsed_hop0"), 1: known.get("earliest_elapsed_hop1")}
    if not matrices[0]:
        matrices = {0: known["computed"]["earliest_elapsed_from_each"]}
    network = dated_network(spells(folder), numbered(len(matrices[0])), directed=directed)
    for hop, matrix in matrices.items():
        for source, elapsed in matrix.items():
            window = {"start": known["start"], "end": known["end"]}
            found = earliest_arrival(network, source, hop=hop, **window)
            assert found["elapsed"].to_list() == elapsed


@pytest.mark.parametrize("case", RANDOM)
def test_every_pair_must_leave_when_tsna_says(case):
    known = expected(OWN / case)
    network = dated_network(spells(OWN / case), numbered(30), directed=known["directed"])
    for target, elapsed in known["latest_depart_elapsed_before_end_hop0"].items():
        found = latest_departure(network, target, start=0, end=60)
        assert found["elapsed"].to_list() == elapsed


@pytest.mark.parametrize("case", RANDOM)
def test_reach_ratio_and_efficiency(case):
    known = expected(OWN / case)
    network = dated_network(spells(OWN / case), numbered(30), directed=known["directed"])
    window = {"start": 0, "end": 60}
    for direction in ("forward", "backward"):
        found = reach(network, direction=direction, **window)
        assert (found["reached"] + 1).to_list() == known[f"reach_{direction}_incl_self"]
    ratio = reach_ratio(network, **window).ratio
    assert ratio == pytest.approx(known["reachability_ratio_excl_self"], abs=1e-9)
    fast = temporal_efficiency(network, hop=1, **window)
    assert fast.efficiency == pytest.approx(known["temporal_efficiency_hop1"], abs=1e-9)


@pytest.mark.parametrize("case", RANDOM)
def test_what_is_lost_with_each_node(case):
    known = expected(OWN / case)
    network = dated_network(spells(OWN / case), numbered(30), directed=known["directed"])
    found = removal_loss(network, start=0, end=60)
    values = known["removal_loss"]["values"].values()
    assert found["pairs"].to_list() == [v["pairs_reachable_not_involving"] for v in values]
    assert found["lost"].to_list() == [v["pairs_lost"] for v in values]


@pytest.mark.parametrize("case", RANDOM)
def test_groups_first_reach_each_other(case):
    known = expected(OWN / case)
    network = dated_network(spells(OWN / case), numbered(30), directed=known["directed"])
    groups = {node: (int(node) - 1) // 5 for node in network.nodes}
    found = group_earliest_arrival(network, groups, start=0, end=60)
    matrix = known["group_earliest_elapsed"]["matrix"]
    assert found["elapsed"].to_list() == [elapsed for row in matrix for elapsed in row]


def test_contacts_with_a_limit_to_waiting(shared):
    folder = shared / "golden" / "temporal_contacts_pathpyG"
    known = expected(folder)
    contacts = pl.read_csv(folder / "contacts.csv").rename({"tail": "source", "head": "target"})
    for source, row in zip(known["order"], known["distance"], strict=True):
        found = contact_paths(contacts, source, waiting=known["delta"], nodes=known["order"])
        assert found["contacts"].to_list() == row


def test_a_tie_that_ends_does_not_join_one_that_starts_then():
    ties = {"source": ["A", "B"], "target": ["B", "C"], "start": [0, 2], "end": [2, 3]}
    assert earliest_arrival(ties, "A", start=0)["arrival"].to_list() == [0, 0, 2]
    apart = {**ties, "start": [1, 0], "end": [2, 1]}
    assert earliest_arrival(apart, "A", start=0)["arrival"].to_list() == [0, 1, None]


def test_dates_come_back_as_dates_and_lengths_in_days():
    ties = {"source": ["A"], "target": ["B"], "start": ["2021-03-01"], "end": [None]}
    found = earliest_arrival(ties, "A", start="2021-01-01").row(1)
    assert (str(found[1]), found[2]) == ("2021-03-01", 59)


def test_certain_and_possible_arrival():
    ties = {
        "source": ["A", "B", "C"],
        "target": ["B", "C", "D"],
        "start_earliest": ["2021-01-01", "2021-03-01", "2021-06-01"],
        "start_latest": ["2021-01-31", "2021-12-31", "2021-06-01"],
        "end_earliest": ["2022-01-01", "2022-01-01", "2021-07-01"],
        "end_latest": ["2022-01-01", "2022-01-01", None],
    }
    found = arrival_bounds(ties, "A")
    assert found["certainty"].to_list() == ["CERTAIN", "CERTAIN", "CERTAIN", "POSSIBLE"]
    assert [str(day) for day in found["earliest"][1:]] == ["2021-01-01", "2021-03-01", "2021-06-01"]
    assert [str(day) for day in found["certain"][1:]] == ["2021-01-31", "2021-12-31", "None"]


def test_a_tie_without_any_date_may_have_held():
    names = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
    ties = {"source": ["A"], "target": ["B"], **{name: [None] for name in names}}
    assert arrival_bounds(ties, "A")["certainty"].to_list() == ["CERTAIN", "POSSIBLE"]


def test_the_quickest_route_names_its_ties():
    ties = {
        "source": ["A", "A", "B"],
        "target": ["B", "C", "C"],
        "start": [1, 9, 4],
        "end": [3, 10, 6],
        "id": ["x", "y", "z"],
    }
    found = quickest_route(ties, "A", "C")
    assert found["tie"].to_list() == ["x", "z"]
    assert found["arrive"].to_list() == [1, 4]
    assert quickest_route(ties, "C", "A").is_empty()
    assert quickest_route(ties, "A", "A").is_empty()


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"source": "Z"}, "source"),
        ({"hop": -1}, "hop"),
        ({"start": "2020-01-01"}, "start"),
        ({"start": 5, "end": 4}, "end"),
        ({"ties": {"source": ["A"], "target": ["B"], "start": [None], "end": [None]}}, "ties"),
        ({"ties": {"source": ["A"], "target": ["B"], "start": ["May"]}}, "ties"),
        ({"ties": {"source": [], "target": []}}, "nodes"),
        ({"certainty": "likely"}, "certainty"),
        (
            {
                "ties": {"source": ["A"], "target": ["A"], "start": ["2020-01-01"]},
                "end": "2021-01-01",
            },
            "start",
        ),
    ],
)
def test_what_cannot_be_asked_names_its_argument(change, argument):
    given_ = {"ties": {"source": ["A"], "target": ["B"], "start": [1]}, "source": "A", **change}
    with pytest.raises(ArgumentFault) as fault:
        earliest_arrival(**given_)
    assert fault.value.argument == argument


def test_without_a_tie_nobody_says_until_when():
    nothing = {"source": [], "target": []}
    with pytest.raises(ArgumentFault, match="`end`.*no tie has an end"):
        latest_departure(nothing, "A", nodes=["A", "B"])
    found = latest_departure(nothing, "A", nodes=["A", "B"], start=0, end=9)
    assert found["departure"].to_list() == [9, None]


def test_no_day_is_made_up_where_the_ties_name_none():
    lone = {"source": ["A"], "target": ["A"], "start": ["2020-01-01"]}
    assert earliest_arrival(lone, "A")["arrival"].to_list() == [0]


def test_a_node_may_be_a_number_of_an_array():
    ties = {"source": np.array([1, 2]), "target": np.array([2, 3]), "start": [1, 2]}
    for node in np.array([1]):
        assert earliest_arrival(ties, node)["arrival"].to_list() == [1, 1, 2]


def test_a_route_leads_to_one_node():
    ties = {"source": ["A", "A"], "target": ["B", "C"], "start": [1, 2]}
    for target in (None, [], ["B", "C"]):
        with pytest.raises(ArgumentFault, match="`target`.*it must be one node"):
            quickest_route(ties, "A", target)
    with pytest.raises(ArgumentFault, match="`source`.*it must be one node"):
        contact_paths({"source": ["A"], "target": ["B"], "time": [1]}, ["A", "B"])
    assert pairwise_arrival(ties, []).is_empty()


@pytest.mark.parametrize(
    ("argument", "value"), [("sample", 0), ("sample", 1.5), ("confidence", 95)]
)
def test_a_sample_needs_a_size_and_a_confidence(argument, value):
    with pytest.raises(ArgumentFault, match=f"`{argument}`"):
        reach_ratio({"source": ["A"], "target": ["B"]}, **{argument: value})


def test_one_node_reaches_itself():
    lone = {"source": ["A"], "target": ["A"], "start": [1]}
    assert earliest_arrival(lone, "A").rows() == [("A", 0, 0, 0, None, None)]
    assert reach_ratio(lone).ratio == 0.0
    assert reach(lone).row(0) == ("A", 0, 0.0)


NODES = ["A", "B", "C", "D", "E", "F"]
TIES = st.lists(
    st.tuples(
        st.sampled_from(NODES), st.sampled_from(NODES), st.integers(0, 12), st.integers(1, 6)
    ),
    max_size=14,
).map(
    lambda rows: pl.DataFrame(
        [(a, b, start, start + length) for a, b, start, length in rows],
        schema={"source": pl.String, "target": pl.String, "start": pl.Int64, "end": pl.Int64},
        orient="row",
    )
)
HOPS = st.sampled_from([0, 1, 2])


def arrivals(ties: pl.DataFrame, hop: float, directed: bool = True) -> dict[tuple[str, str], int]:
    window = {"start": 0, "end": 30, "hop": hop, "nodes": NODES, "directed": directed}
    return {(a, b): at for a, b, at, _ in pairwise_arrival(ties, **window).rows()}


def plain_search(ties: pl.DataFrame, hop: float) -> dict[tuple[str, str], int]:
    """The definition by brute force: which (node, time) follow from which, one unit at a time."""
    found = {}
    for source in NODES:
        there = {source: 0}
        for _ in range(len(NODES)):
            for tail, head, start, end in ties.rows():
                leave = max(there.get(tail, 99), start)
                if leave < end and leave + hop <= end:
                    there[head] = min(there.get(head, 99), leave + hop)
        found |= {(source, node): at for node, at in there.items() if node != source}
    return found


@given(TIES, HOPS)
def test_arrivals_are_those_of_the_definition(ties, hop):
    assert arrivals(ties, hop) == plain_search(ties, hop)


@given(TIES, HOPS)
def test_relabelling_nodes_changes_nothing(ties, hop):
    other = dict(zip(NODES, reversed(NODES), strict=True))
    renamed = ties.with_columns(pl.col("source", "target").replace(other))
    assert arrivals(renamed, hop) == {
        (other[a], other[b]): at for (a, b), at in arrivals(ties, hop).items()
    }


@given(TIES, HOPS, st.integers(-50, 50))
def test_shifting_all_times_shifts_the_answers(ties, hop, by):
    moved = ties.with_columns(pl.col("start", "end") + by)
    found = pairwise_arrival(moved, start=by, end=30 + by, hop=hop, nodes=NODES)
    assert {(a, b): at - by for a, b, at, _ in found.rows()} == arrivals(ties, hop)


@given(TIES, TIES, HOPS)
def test_more_ties_never_make_an_arrival_later(ties, more, hop):
    before, after = arrivals(ties, hop), arrivals(pl.concat([ties, more]), hop)
    assert all(after[pair] <= at for pair, at in before.items())


@given(TIES, HOPS, st.booleans())
def test_forward_and_backward_reach_are_the_same_pairs(ties, hop, directed):
    given_ = {"start": 0, "end": 30, "hop": hop, "nodes": NODES, "directed": directed}
    pairs = arrivals(ties, hop, directed)
    into = reach(ties, direction="backward", **given_)
    assert into["reached"].to_list() == [sum(b == node for _, b in pairs) for node in NODES]
    for target in NODES:
        back = latest_departure(ties, target, **given_).drop_nulls("departure")
        assert {(a, target) for a in back["node"] if a != target} == {
            pair for pair in pairs if pair[1] == target
        }


@given(TIES, HOPS)
def test_a_group_arrives_with_its_first_member(ties, hop):
    groups = {node: "north" if node < "D" else "south" for node in NODES}
    found = group_earliest_arrival(ties, groups, start=0, end=30, hop=hop, nodes=NODES)
    pairs = arrivals(ties, hop)
    for a, b, at, _ in found.rows():
        across = [t for (i, j), t in pairs.items() if groups[i] == a and groups[j] == b]
        assert at == (0 if a == b else min(across, default=None))


@given(TIES, HOPS)
def test_a_route_is_made_of_ties_that_follow_one_another(ties, hop):
    known = ties.with_row_index("id").with_columns(pl.col("id").cast(pl.String))
    pairs = arrivals(ties, hop)
    for (source, target), at in list(pairs.items())[:4]:
        route = quickest_route(known, source, target, start=0, end=30, hop=hop, nodes=NODES)
        assert [*route["source"], target] == [source, *route["target"]]
        assert route["arrive"][-1] == at
        assert (route["leave"].diff().drop_nulls() >= hop).all()
        for tail, head, tie, leave in route.select("source", "target", "tie", "leave").rows():
            _, a, b, start, end = known.row(int(tie))
            assert (a, b) == (tail, head)
            assert start <= leave < end


def test_a_node_may_be_named_by_its_number():
    ties = {"source": [1, 2], "target": [2, 3], "start": [1, 4], "end": [3, 6]}
    assert earliest_arrival(ties, 1)["arrival"].to_list() == [1, 1, 4]
    assert latest_departure(ties, 3, end=6)["departure"].to_list() == [3, 6, 6]
    assert quickest_route(ties, 1, 3)["arrive"].to_list() == [1, 4]
    assert reach(ties, [2]).row(0) == ("2", 1, 0.5)
    assert removal_loss(ties, 2).row(0) == ("2", 1, 1, 1.0)


def test_days_asked_of_ties_without_dates_are_days_in_the_answer():
    ties = {"source": ["A"], "target": ["B"]}
    found = earliest_arrival(ties, "A", start="2021-03-01")
    assert found["arrival"].to_list() == [date(2021, 3, 1)] * 2
    nobody = earliest_arrival({"source": [], "target": []}, "A", nodes=["A"], start="2021-03-01")
    assert nobody["arrival"].to_list() == [date(2021, 3, 1)]
    with pytest.raises(ArgumentFault, match="`end`.*another kind than the start"):
        earliest_arrival(ties, "A", start="2021-03-01", end=5)


@st.composite
def loose_ties(draw):
    """Ties with the four bounds of their dates, and one completion: days that the bounds allow."""
    bounds, days = [], []
    for tail, head in draw(st.lists(st.tuples(*[st.sampled_from(NODES)] * 2), max_size=8)):
        begins = draw(st.integers(0, 20))
        latest = begins + draw(st.integers(0, 5))
        ends = draw(st.one_of(st.none(), st.integers(begins + 1, latest + 9)))
        over = None if ends is None else max(ends, latest + 1) + draw(st.integers(0, 5))
        start = draw(st.integers(begins, latest))
        last = draw(st.integers(max(ends or 0, start + 1), over or start + 30))
        bounds.append((tail, head, begins, latest, ends, over))
        days.append((tail, head, start, last))
    return bounds, days


def on_day(number):
    return None if number is None else (date(2021, 1, 1) + timedelta(days=number)).isoformat()


def dated_table(rows, names):
    told = [(*row[:2], *map(on_day, row[2:])) for row in rows]
    return pl.DataFrame(
        told, schema=dict.fromkeys(["source", "target", *names], pl.String), orient="row"
    )


@given(loose_ties(), HOPS)
def test_certain_implies_possible_and_any_completion_lies_between(drawn, hop):
    bounds, days = drawn
    names = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
    loose, exact = dated_table(bounds, names), dated_table(days, ["start", "end"])
    asked = {"nodes": NODES, "start": on_day(0), "hop": hop}
    found = arrival_bounds(loose, NODES[0], **asked)
    true = earliest_arrival(exact, NODES[0], **asked)["arrival"]
    never = date.max
    for row, arrival in zip(found.to_dicts(), true, strict=True):
        early, sure = row["earliest"] or never, row["certain"] or never
        assert early <= (arrival or never) <= sure
        assert (row["certainty"] == "CERTAIN") == (row["certain"] is not None)
    certain, possible = (
        reach(loose, certainty=reading, **asked)["reached"] for reading in ("certain", "possible")
    )
    assert (certain <= reach(exact, **asked)["reached"]).all()
    assert (certain <= possible).all()
