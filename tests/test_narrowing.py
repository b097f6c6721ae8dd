"""Kinds narrowed to what a parameter says: only where no other row could come."""

import pytest

from icsgraph.graph.narrowing import narrowed

KINDS = {"ods:QE1": "System", "ods:R1H": "Organisation", "ons:E1": "Area"}
VALUES = {"one": "ods:QE1", "other": "ods:R1H", "none": "ods:none", "number": 3, "kind": "System"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("MATCH (a:System|Area) WHERE a.id = $one RETURN a", "System"),
        ("MATCH (a:System|Area) WHERE a.name <> 'b' AND a.id = $one RETURN a", "System"),
        ("OPTIONAL MATCH (a:System|Area)-[t]-(b) WHERE a.id = $one WITH a RETURN a", "System"),
        (
            "MATCH (a:Area|Organisation|System) WHERE a.id IN [$one, $other] RETURN a",
            "Organisation|System",
        ),
        ("MATCH (x) WHERE EXISTS { MATCH (a:System|Area) WHERE a.id = $one } RETURN x", "System"),
        ("MATCH (a:System|Area) WHERE a.id = $one AND (a.x OR a.y) RETURN a", "System"),
        ("MATCH (a:System|Area)--(b) WHERE a.x AND a.kind = $kind AND b <> a RETURN b", "System"),
        ("MATCH (a:System|Area) WHERE a.kind IN [$kind] RETURN a", "System"),
    ],
)
def test_a_variable_has_the_kind_that_it_must_have(text: str, kinds: str) -> None:
    assert f"(a:{kinds})" in narrowed(text, VALUES, KINDS.get)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a:System|Area) WHERE a.id = $none RETURN a",
        "MATCH (a:System|Area) WHERE a.id = $number RETURN a",
        "MATCH (a:Area|Review) WHERE a.id = $one RETURN a",
        "MATCH (a:System|Area) WHERE a.id = $one OR a.name = 'b' RETURN a",
        "MATCH (a:System|Area) WHERE a.kind = $one RETURN a",
        "MATCH (a:Review|Area) WHERE a.kind = $kind RETURN a",
        "MATCH (a:System|Area) WHERE a.kindness = $kind OR a.kind = $kind RETURN a",
        "MATCH (a:System|Area) WHERE a.id = $kind RETURN a",
        "MATCH (a:System|Area) WHERE a.name = ' WITH ' OR a.x AND a.id = $one RETURN a",
        "MATCH (a:System|Area) WHERE NOT a.id = $one RETURN a",
        "MATCH (a:System|Area) WHERE a.x AND NOT (a.id = $one) RETURN a",
        "MATCH (a:System|Area) WHERE a.id = $one + 'x' RETURN a",
        "MATCH (a:System|Area) WHERE a.id IN [$one, $none] RETURN a",
        "MATCH (a:System|Area) WHERE a.id IN [$one, 'ons:E1'] RETURN a",
        "MATCH (a:System|Area) WHERE a.id = $one AND EXISTS { (a)--() } OR a.x RETURN a",
        "MATCH (a:System|Area) WHERE any(x IN f(a) WHERE x.y AND a.id = $one) RETURN a",
        "MATCH (a:System|Area) WHERE size([x IN a.l WHERE x AND a.id = $one]) > 1 RETURN a",
        "MATCH (a:System|Area) with a limit 1 WHERE a.id = $one RETURN a",
        "RETURN 'MATCH (a:System|Area) WHERE a.id = $one' AS text",
        "MATCH (a:System|Area) // WHERE a.id = $one\nRETURN a",
        "MATCH (b:System|Area) WHERE b.x MATCH (a:System|Area) WITH a WHERE a.id = $one RETURN a",
    ],
)
def test_what_may_be_meant_otherwise_stays(text: str) -> None:
    assert narrowed(text, VALUES, KINDS.get) == text
