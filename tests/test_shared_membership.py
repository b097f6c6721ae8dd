"""Groups give what all pairs of their members give as ties."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.association import shuffle_test
from icsgraph.queries.shared_membership import group_shuffle_test

NODES = [f"n{i}" for i in range(8)]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    members, taken = [], []
    for node in NODES:
        move = draw(st.integers(1, 6))
        first, second = draw(st.sampled_from("xyz-")), draw(st.sampled_from("xyz-"))
        for group, start, end in ((first, 0, move), (second, move, 9)):
            if group != "-":
                members.append({"node": node, "group": group, "start": start, "end": end})
        time = draw(st.one_of(st.none(), st.integers(1, 6)))
        taken.append({"node": node, "time": time})
    taken[0]["time"], taken[1]["time"] = 1, 5
    members.append({"node": NODES[0], "group": "w", "start": 9, "end": 10})
    return members, taken


def pairs(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [{"source": NODES[0], "target": NODES[1], "start": 20, "end": 21}]
    for a in members:
        for b in members:
            start, end = max(a["start"], b["start"]), min(a["end"], b["end"])
            if a["node"] != b["node"] and a["group"] == b["group"] and start < end:
                tie = {"source": a["node"], "target": b["node"], "start": start, "end": end}
                found.append(tie)
    return found


@given(cases())
def test_the_shuffle_test_on_groups_is_that_on_all_pairs(case: Any) -> None:
    members, taken = case
    how: dict[str, Any] = {"nodes": NODES, "periods": range(1, 7), "replicates": 5, "seed": 3}
    grouped = group_shuffle_test(members, taken, **how).record()
    tied = shuffle_test(pairs(members), taken, **how).record()
    assert grouped == pytest.approx(tied, abs=1e-9, nan_ok=True)


def test_a_node_in_two_groups_at_a_time_is_refused() -> None:
    members = {"node": ["A", "A"], "group": ["x", "y"]}
    with pytest.raises(ArgumentFault, match="two groups at a time"):
        group_shuffle_test(members, {"node": ["A"], "time": [1]})
