"""What counts as a contradiction between sources."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from generated_graphs import facts

from icsgraph.graph.partitions import Partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.queries.contradictions import contradictions

ANYTHING = {"about": "anything", "kind": "", "thing": ""}


def edition(source: str, bodies: dict[str, Any], since: str | None = None) -> Partition:
    """An edition that tells of one body, and since when it is part of another."""
    node = {"id": ["ods:R1H", "ods:QMF"], **{key: [value, None] for key, value in bodies.items()}}
    part = {
        "subject": ["ods:R1H"],
        "object": ["ods:QMF"],
        "key": ["1"],
        "knowledge_level": ["register"],
    }
    dated = {"start_earliest": [since], "start_latest": [since]}
    part_of = pl.DataFrame({**part, **dated}, schema_overrides=dict.fromkeys(dated, pl.String()))
    nodes = pl.DataFrame(node, schema_overrides=dict.fromkeys(bodies, pl.String()))
    return Partition(facts(source), {"Organisation": nodes}, {"PART_OF": part_of}, {})


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ({"name": "Barts Health"}, {"name": "BARTS HEALTH"}, []),
        ({"name": "Barts Health"}, {"name": None}, []),
        ({"name": "Barts Health"}, {"name": "Barts"}, [("name", "Barts Health", "Barts")]),
        ({"postcode": "E1 1BB"}, {"postcode": "E11BB"}, []),
        ({"postcode": "E1 1BB"}, {"postcode": "E1 2ES"}, [("postcode", "E1 1BB", "E1 2ES")]),
        (
            {"start_earliest": "2012-04-01", "start_latest": "2012-04-30"},
            {"start_earliest": "2012-04-15", "start_latest": "2012-05-15"},
            [],
        ),
        (
            {"start_earliest": "2012-05-01", "start_latest": None},
            {"start_earliest": None, "start_latest": "2012-04-01"},
            [("start", "by 2012-04-01", "2012-05-01 or later")],
        ),
    ],
)
def test_two_data_sets_contradict_one_another(
    built: Callable[..., Snapshot],
    tmp_path: Path,
    one: dict[str, Any],
    other: dict[str, Any],
    told: list[tuple[str, str, str]],
) -> None:
    snapshot = built(tmp_path, edition("made@2021-01", one), edition("other@2020-06", other))
    found = contradictions(snapshot, ANYTHING)
    assert found.select("what", "one", "other").rows() == told


def test_two_editions_of_one_data_set_tell_of_a_change(
    built: Callable[..., Snapshot], tmp_path: Path
) -> None:
    former = edition("made@2020-01", {"name": "Barts and The London"}, "2008-04-01")
    now = edition("made@2021-01", {"name": "Barts Health"}, "2012-04-01")
    assert contradictions(built(tmp_path, former, now), ANYTHING).rows() == []


def test_the_dates_of_a_relationship_are_told_in_its_words(
    built: Callable[..., Snapshot], tmp_path: Path
) -> None:
    one = edition("made@2021-01", {"name": "Barts Health"}, "2012-04-01")
    other = edition("other@2020-06", {"name": "Barts Health"}, "2013-04-01")
    found = contradictions(built(tmp_path, one, other), {**ANYTHING, "thing": "ods:QMF"})
    assert found.rows() == [
        (
            "Barts Health is part of ods:QMF",
            "start",
            "2012-04-01",
            "made@2021-01",
            "2013-04-01",
            "other@2020-06",
            "ods:R1H",
        )
    ]
