"""From files to a store: what is read, what is skipped, what a person should look at."""

import shutil
from pathlib import Path

import pytest

from icsgraph.graph.store import Store
from icsgraph.loaders.sources import SAMPLE, entry
from icsgraph.ontology.errors import DataError
from icsgraph.pipeline import build, remove

ROW = (
    '"{code}","A NHS TRUST","Y56","QMF","1 ROAD","","","LONDON","","E1 1BB","20200401"' + ',""' * 16
)


def trusts(folder: Path, edition: str, *codes: str):
    """An edition of the trusts with these codes."""
    path = folder / f"etr-{edition}.csv"
    path.write_text("".join(ROW.format(code=c) + "\n" for c in codes), encoding="utf-8")
    row = {"id": f"ods-trusts@{edition}", "kind": "ods-trusts", "files": [path.name]}
    return entry({**row, "title": "Trusts", "as_of": edition, "complete": True}, folder)


def test_what_has_not_changed_is_not_read_again(tmp_path):
    store, edition = Store(tmp_path / "store"), trusts(tmp_path, "2026-01", "R1H", "RWK")
    first = build(store, [edition])
    assert (first.read, first.unchanged) == (("ods-trusts@2026-01",), ())
    again = build(store, [edition])
    assert (again.read, again.unchanged) == ((), ("ods-trusts@2026-01",))
    assert again.snapshot == first.snapshot
    changed = build(store, [trusts(tmp_path, "2026-01", "R1H")])
    assert changed.read == ("ods-trusts@2026-01",)
    assert changed.snapshot != first.snapshot


def test_hidden_files_of_a_folder_are_no_part_of_a_source(tmp_path):
    """A wheel leaves them out, and file managers leave them behind."""
    folder = tmp_path / "evidence"
    shutil.copytree(SAMPLE, folder)
    row = {"id": "evidence@1", "kind": "evidence", "files": ["evidence"], "title": "Reviews"}
    edition = entry({**row, "as_of": "2026-11"}, tmp_path)
    store = Store(tmp_path / "store")
    build(store, [edition])
    (folder / ".DS_Store").write_bytes(b"")
    (folder / ".git").mkdir()
    (folder / ".git" / "index").write_bytes(b"")
    assert build(store, [edition]).unchanged == ("evidence@1",)


def test_a_newer_edition_stands_beside_the_older_one(tmp_path):
    store = Store(tmp_path / "store")
    build(store, [trusts(tmp_path, "2021-12", "R1H", "RWK")])
    built = build(store, [trusts(tmp_path, "2026-01", "R1H", "RWK")])
    assert built.warnings == ()
    assert store.sources() == ["ods-trusts@2021-12", "ods-trusts@2026-01"]


def test_an_older_edition_and_one_with_far_fewer_rows_are_worth_a_look(tmp_path):
    store = Store(tmp_path / "store")
    build(store, [trusts(tmp_path, "2026-01", "R1H", "RWK", "RQX", "RAL")])
    built = build(store, [trusts(tmp_path, "2021-12", "R1H")])
    assert list(built.warnings) == [
        "ods-trusts@2021-12 is of 2021-12, older than ods-trusts@2026-01 of 2026-01, which was "
        "loaded before.",
        "ods-trusts@2021-12 has 1 rows, far fewer than the 4 of ods-trusts@2026-01.",
    ]


def test_an_edition_of_which_most_rows_are_rejected_is_worth_a_look(tmp_path):
    built = build(Store(tmp_path / "store"), [trusts(tmp_path, "2026-01", "R1H", "?", "??")])
    assert list(built.warnings) == ["ods-trusts@2026-01: 2 of its 3 rows were rejected."]


def test_editions_of_one_list_are_not_compared_with_one_another(tmp_path):
    editions = [trusts(tmp_path, "2026-01", "R1H"), trusts(tmp_path, "2021-12", "R1H")]
    assert build(Store(tmp_path / "store"), editions).warnings == ()


def test_an_error_leaves_partitions_and_snapshot_as_they_were(tmp_path):
    store = Store(tmp_path / "store")
    before = build(store, [trusts(tmp_path, "2026-01", "R1H")])
    good, bad = trusts(tmp_path, "2026-04", "R1H"), trusts(tmp_path, "2026-05", "R1H")
    bad.files[0].write_text("<html>Not found</html>\n", encoding="utf-8")
    with pytest.raises(DataError):
        build(store, [good, bad])
    assert store.sources() == ["ods-trusts@2026-01"]
    assert store.current().id == before.snapshot
    assert sorted(p.name for p in store.partitions.iterdir()) == ["ods-trusts@2026-01"]


def test_a_removed_source_is_gone_after_the_next_build(tmp_path):
    store = Store(tmp_path / "store")
    first = build(store, [trusts(tmp_path, "2021-12", "R1H")])
    build(store, [trusts(tmp_path, "2026-01", "R1H", "RWK")])
    remove(store, "ods-trusts@2026-01")
    assert build(store).snapshot == first.snapshot
