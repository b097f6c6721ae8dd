"""Chains of relationships: which are the shortest, in what order, and how many are told."""

from typing import Any

import pytest

from icsgraph.session import Graph

BOTH = "working ties and registers"
THROUGH_SYSTEM = [
    (1, 1, "Rochdale Infirmary is located in Greater Manchester"),
    (1, 2, "Greater Manchester Cancer Alliance is located in Greater Manchester"),
]
THROUGH_HUB = [
    (2, 1, "Rochdale Infirmary supports Greater Manchester Surgical Cancer Hub"),
    (2, 2, "Greater Manchester Cancer Alliance hosts Greater Manchester Surgical Cancer Hub"),
]


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"along": BOTH}, [*THROUGH_SYSTEM, *THROUGH_HUB]),
        ({"along": BOTH, "at_most": 1}, THROUGH_SYSTEM),
        ({"along": BOTH, "steps": 1}, []),
        ({}, [(1, step, said) for _, step, said in THROUGH_HUB]),
    ],
)
def test_chains_of_the_shortest_length_go_in_the_order_of_the_names_they_pass(
    sample: Graph, choices: dict[str, Any], told: list[tuple[int, int, str]]
) -> None:
    ends = {"thing": "Rochdale Infirmary", "other": "Greater Manchester Cancer Alliance"}
    answer = sample.ask("links", **ends, **choices)
    assert answer.select("path", "step", "statement").rows() == told


def test_a_step_that_two_statements_state_has_two_rows(sample: Graph) -> None:
    ends = {"thing": "Barts Health NHS Trust", "other": "Newham Integrated Discharge Hub"}
    assert sample.ask("links", **ends).select("path", "step", "statement", "date").rows() == [
        (1, 1, "Barts Health NHS Trust hosts Newham Integrated Discharge Hub", "2020-03"),
        (1, 1, "Barts Health NHS Trust refers to Newham Integrated Discharge Hub", "2020-04"),
    ]


def test_nothing_leads_from_a_thing_to_itself(sample: Graph) -> None:
    assert sample.ask("links", thing="Ofsted", other="Ofsted").rows() == []
