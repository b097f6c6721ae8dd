"""Barriers beside innovations, who could learn from whom, thin records and changes, on graphs that
are small enough to count."""

from pathlib import Path

import pytest

from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import UsageError
from icsgraph.pipeline import build
from icsgraph.session import Graph, open_graph

HERE = Path(__file__).parent / "data" / "spread"
SOURCES = """
[[source]]
id = "own-data@2022-06"
kind = "own-data"
files = ["systems.toml"]
title = "Planted"
as_of = "2022-06"
licence = "MIT"
scope = "Octavia"
complete = true
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Twelve systems in two halves: each half reports its own barrier and took up most of its own
    four innovations, system N all but the innovation N modulo 4."""
    folder = tmp_path_factory.mktemp("planted")
    rows = {
        "systems.csv": ["Code,Name,Region", *(f"QY{n},System {n},North" for n in range(12))],
        "innovations.csv": ["Code,Name", *(f"i{n},Innovation {n}" for n in range(8))],
        "barriers.csv": ["Code,Name", "first,First", "second,Second"],
        "practices.csv": ["Code,Network,Joined", "Z99001,U99101,2019-07-01"],
        "networks.csv": ["Code", "U99101"],
        "ties.csv": ["From,To,Tie,Since,Until", "System 0,System 1,SUPPORTS,,"],
        "adoptions.csv": [
            "System,Innovation,Since",
            *(
                f"System {n},Innovation {4 * (n // 6) + k},2021-0{k + 1}"
                for n in range(12)
                for k in range(4)
                if k != n % 4
            ),
        ],
        "reports.csv": [
            "System,Barrier,Since",
            *(f"System {n},{'First' if n < 6 else 'Second'},2021-01" for n in range(12)),
        ],
    }
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    mapping = (HERE / "systems.toml").read_text(encoding="utf-8")
    (folder / "systems.toml").write_text(mapping, encoding="utf-8", newline="\n")
    (folder / "SOURCES.toml").write_text(SOURCES, encoding="utf-8", newline="\n")
    store = Store(folder / "store")
    build(store, read_sources(folder / "SOURCES.toml"))
    return open_graph(store.path)


def test_a_system_learns_what_those_with_its_barrier_took_up(planted: Graph) -> None:
    answer = planted.ask("who-could-learn", population="all", system="System 0")
    assert answer.answerable
    assert answer.select("system", "innovation", "adopters", "shared_barriers").rows() == [
        ("System 0", "Innovation 0", 4, ["First"])
    ]
    assert answer["adopted_by"].to_list() == [
        [f"System {n} (2021-01-31)" for n in (1, 2, 3, 5)]  # System 4 lacks it, too
    ]
    assert answer.tests[0]["p_value"] <= 0.05


def test_a_barrier_and_its_innovations_are_together_more_than_chance(planted: Graph) -> None:
    found = planted.ask("barriers-and-innovations", population="all", barrier="First")
    told = dict(found.select("innovation", "reading").rows())
    assert found.filter(found["innovation"] == "Innovation 2")["both"].item() == 5
    assert told["Innovation 2"] == "more often together than chance gives"
    assert told["Innovation 4"] == "less often together than chance gives"


def test_where_nothing_is_reported_nothing_is_said(spread: Graph) -> None:
    answer = spread.ask("barriers-and-innovations")  # no system was reviewed
    assert "No barrier is reported of the 0 systems looked at." in answer.reason
    assert answer.counts["systems_looked_at"] == 0


def test_a_system_with_nothing_recorded_is_told_apart_from_one_reviewed(sample: Graph) -> None:
    found = sample.ask("too-few-records")
    told = {row["system"]: row["reading"] for row in found.to_dicts()}
    assert told["Birmingham and Solihull"].startswith("reviewed, and nothing of this is recorded")
    assert told["Essex"].startswith("not reviewed, and nothing is recorded")
    assert found.height == found.counts["systems"] == 48


def test_changes_are_those_that_a_recount_gives(sample: Graph) -> None:
    since, until = "2020-12-31", "2021-12-31"
    found = sample.ask("changed-between", since=since, on=until, kind="ADOPTED")
    began = found.filter(found["change"] == "began")
    rows = sample.relationships("ADOPTED").to_dicts()
    dated = [r for r in rows if r["start_latest"]]
    sure = [r for r in dated if (r["start_earliest"] or "") > since and r["start_latest"] <= until]
    may = [r for r in dated if (r["start_earliest"] or "") <= until and r["start_latest"] > since]
    assert sorted(began["id"]) == sorted(r["id"] for r in may)
    certain = began.filter(began["certainty"] == "CERTAIN")
    assert sorted(certain["id"]) == sorted(r["id"] for r in sure)
    assert found.counts["records_with_no_date"] == len(
        [r for r in rows if not r["start_latest"] and not r["end_latest"]]
    )
    with pytest.raises(UsageError, match="is not before"):
        sample.ask("changed-between", since=until, on=since)
