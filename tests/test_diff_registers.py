"""What changed between editions of the register of trusts, counted by hand in the files."""

import csv
from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.diff import Changes, diff
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.graph.views import known_by
from icsgraph.loaders.records import SourceEntry
from icsgraph.pipeline import build

ETR = {"2021-Q4": "etr_2021-late.csv", "2026-01": "etr_2026-01.csv", "2026-04": "etr_2026-04.csv"}
CODE, NAME, SYSTEM, OPENED, CLOSED = 0, 1, 3, 10, 11
NO_SYSTEM = "Q99"  # trusts of Wales


@pytest.fixture(scope="module")
def register(shared: Path, tmp_path_factory) -> dict[str, Snapshot]:
    """Each edition of the register of trusts, in a store of its own."""
    snapshots = {}
    for day, name in ETR.items():
        store = Store(tmp_path_factory.mktemp("etr") / "store")
        files = (shared / "data" / "ods" / name,)
        source = SourceEntry(f"ods-trusts@{day}", "ods-trusts", files, "Trusts", day, complete=True)
        build(store, [source])
        snapshots[day] = store.current()
    return snapshots


def rows_of(shared: Path, day: str) -> dict[str, list[str]]:
    path = shared / "data" / "ods" / ETR[day]
    with path.open(encoding="utf-8", newline="") as file:
        return {row[CODE]: row for row in csv.reader(file)}


def ids(changes: Changes, word: str, kind: str = "Organisation") -> set[str]:
    rows = changes.rows.filter((pl.col("change") == word) & (pl.col("kind") == kind))
    return {i.removeprefix("ods:") for i in rows["id"]}


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("2021-Q4", "2026-01", {"opened": 1, "closed": 8, "renamed": 13, "moved system": 2}),
        ("2026-01", "2026-04", {"to open": 1, "closed": 3, "renamed": 3, "moved system": 53}),
        ("2021-Q4", "2026-04", {"opened": 1, "to open": 1, "closed": 11, "moved system": 54}),
    ],
)
def test_trusts_that_changed_are_those_of_the_files(register, shared, old, new, counts):
    before, after = rows_of(shared, old), rows_of(shared, new)
    changes = diff(register[old], register[new])
    both = before.keys() & after.keys()
    was_open = {code for code in both if not before[code][CLOSED]}
    lasting = {code for code in was_open if not after[code][CLOSED]}
    assert ids(changes, "closed") == was_open - lasting
    assert ids(changes, "moved system") == {
        code
        for code in lasting
        if before[code][SYSTEM] != after[code][SYSTEM]
        if NO_SYSTEM not in (before[code][SYSTEM], after[code][SYSTEM])
    }
    assert ids(changes, "renamed") == {c for c in both if before[c][NAME] != after[c][NAME]}
    come = ids(changes, "opened") | ids(changes, "to open") | ids(changes, "newly recorded")
    assert come == after.keys() - before.keys()
    assert ids(changes, "no longer recorded") == before.keys() - after.keys() == set()
    assert {word: len(ids(changes, word)) for word in counts} == counts


def test_days_are_those_of_the_files(register, shared):
    changes = diff(register["2021-Q4"], register["2026-04"]).only(changes=["closed", "opened"])
    after = rows_of(shared, "2026-04")
    for code, change, day in changes.rows.select("id", "change", "date").iter_rows():
        column = CLOSED if change == "closed" else OPENED
        assert day.replace("-", "") == after[code.removeprefix("ods:")][column]


def test_every_statement_of_the_register_is_told_once(register):
    """Those of two editions are begun or newly recorded, ended or not, or not told at all."""
    old, new = register["2026-01"], register["2026-04"]
    before, after = (set(s.relationships("LOCATED_IN")["id"]) for s in (old, new))
    rows = diff(old, new).only(["LOCATED_IN"]).rows
    word = dict(rows.select("id", "change").iter_rows())
    assert len(word) == rows.height
    assert {i for i in word if word[i] in ("begun", "newly recorded")} == after - before
    gone = {i for i in word if word[i] in ("ended", "no longer recorded")}
    assert before - after <= gone
    # Those that are still listed and ended: of the three trusts that closed, what did not move.
    closed_ones = pl.col("subject").is_in(["ods:RNK", "ods:RYV", "ods:RY2"])
    still = new.relationships("LOCATED_IN").filter(closed_ones)
    assert gone - (before - after) == set(still["id"]) & before


def test_one_store_as_known_on_two_days_tells_the_same(register, shared, tmp_path):
    store = Store(tmp_path)
    listed = [
        SourceEntry(
            f"ods-trusts@{day}",
            "ods-trusts",
            (shared / "data" / "ods" / name,),
            "Trusts",
            day,
            complete=True,
        )
        for day, name in ETR.items()
    ]
    build(store, listed)
    whole = store.current()
    changes = diff(known_by(whole, "2025-12-31"), known_by(whole, "2026-12-31"))
    apart = diff(register["2021-Q4"], register["2026-04"])
    for word in ("opened", "to open", "closed", "renamed", "moved system"):
        assert ids(changes, word) == ids(apart, word)
