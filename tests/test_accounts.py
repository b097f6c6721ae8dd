"""Whether a store still is as it was written, and every row accounted for."""

import json
from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.accounts import accounting, problems, rejects
from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.store import Store

FAULTS = pl.DataFrame(
    {
        "file": ["etr.csv"] * 3,
        "row": [9, 4, 4],
        "column": ["code", "open", "close"],
        "value": ["", "x", "y"],
        "reason": ["is missing", "is no date", "is no date"],
    }
)
FILE = {"file": "etr.csv", "rows": 10, "accepted": 7, "merged": 1, "rejected": 2, "notes": []}


def put(store: Store, source: str, account: dict, rejected: pl.DataFrame | None) -> None:
    facts = {"id": source, "data_set": source, "as_of": "2026", "accounting": [account]}
    nodes = {"Organisation": pl.DataFrame({"id": ["ods:R1H"]})}
    with fresh_folder(store.partitions) as folder:
        write_partition(folder, Partition(facts, nodes, rejects=rejected))
        store.put_partition(source, folder)


def built(path: Path, account: dict, rejected: pl.DataFrame | None) -> Store:
    store = Store(path)
    with store.writing():
        put(store, "ods-trusts", account, rejected)
        store.switch(assemble(store))
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One source of ten rows: seven accepted, one merged, two rejected for three faults."""
    return built(tmp_path, FILE, FAULTS)


def test_a_store_as_it_was_written_has_no_problems(store: Store):
    assert problems(store) == []


def test_rejects_are_told_by_file_and_row(store: Store):
    assert rejects(store).select("source", "row", "column").rows() == [
        ("ods-trusts", 4, "close"),
        ("ods-trusts", 4, "open"),
        ("ods-trusts", 9, "code"),
    ]
    assert rejects(store, "ods-trusts").equals(rejects(store))
    assert rejects(store, "geography").is_empty()


def test_the_accounting_of_no_source_is_an_empty_table():
    assert accounting([]).columns == ["source", "file", "rows", "accepted", "merged", "rejected"]


def test_a_row_that_is_nowhere_is_a_problem(tmp_path: Path):
    store = built(tmp_path, {**FILE, "rows": 11}, FAULTS)
    assert problems(store) == [
        "ods-trusts, etr.csv: 11 rows came in, but 7 accepted + 1 merged + 2 rejected."
    ]


def test_a_rejected_row_without_a_reason_is_a_problem(tmp_path: Path):
    store = built(tmp_path, FILE, FAULTS.filter(pl.col("row") == 4))
    assert problems(store) == [
        "ods-trusts: 2 rows were rejected, but the store holds the reasons for 1."
    ]


def test_lost_reasons_are_a_problem(tmp_path: Path):
    (problem,) = problems(built(tmp_path, FILE, None))
    assert problem.endswith("the store holds the reasons for 0.")


def test_a_changed_manifest_is_a_problem(store: Store):
    snapshot = store.current()
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    (snapshot.folder / "manifest.json").write_text(
        json.dumps({**manifest, "default_day": "2030-01-01"}), encoding="utf-8"
    )
    assert problems(store) == [
        f"Snapshot {snapshot.id} has a file more, or its manifest was changed."
    ]


def test_a_source_that_came_after_the_snapshot_is_a_problem(store: Store):
    put(store, "geography", {**FILE, "rejected": 0, "rows": 8}, None)
    snapshot = store.current().id
    assert problems(store) == [
        f"The sources are not those that snapshot {snapshot} was built from."
    ]
