"""Named snapshots, what a name keeps, and what prune takes away."""

import json
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import polars as pl
import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.graph import cached
from icsgraph.graph.diff import diff
from icsgraph.graph.ladybug import Ladybug, database_name
from icsgraph.graph.partitions import Partition
from icsgraph.graph.releases import (
    Release,
    add_release,
    day_meant,
    find_snapshot,
    kept,
    leftovers,
    prune,
    releases,
    remove_release,
)
from icsgraph.graph.store import Store
from icsgraph.graph.views import on_day
from icsgraph.ontology.errors import (
    DateFault,
    FileFault,
    StoreDamaged,
    StoreLocked,
    StoreMissing,
    UnknownName,
    UsageError,
)


def trusts(name: str) -> Partition:
    """An edition with one trust of this name, and one system that is always the same."""
    facts = {"id": "ods@1", "data_set": "ods", "as_of": "2026-01", "official": True}
    nodes = {
        "Organisation": pl.DataFrame({"id": ["ods:R1H"], "name": [name]}),
        "System": pl.DataFrame({"id": ["ods:QMF"], "name": ["North East London"]}),
    }
    return Partition(facts, nodes)


@pytest.fixture
def store(tmp_path: Path, built) -> Store:
    """A store with three snapshots: the first is named, the third is current."""
    path = tmp_path / "store"
    first = built(path, trusts("First"))
    add_release(Store(path), "first", "2026-01-31")
    built(path, trusts("Second"))
    third = built(path, trusts("Third"))
    assert first.id != third.id
    return Store(path)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own in the place of the user's."""
    for module in (platformdirs, cached):
        monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "icsgraph"


def name_of(snapshot) -> str:
    return snapshot.nodes("Organisation")["name"][0]


def unnamed(store: Store) -> str:
    """The id of the snapshot that is neither current nor named."""
    known = {store.current().id, *(r.snapshot for r in releases(store))}
    (other,) = set(store.snapshots()) - known
    return other


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_release_stands_for_its_snapshot_whatever_is_built_later(store: Store):
    assert name_of(find_snapshot(store, "first")) == "First"
    assert name_of(find_snapshot(store, "First ")) == "First"
    assert name_of(store.current()) == "Third"


def test_a_snapshot_is_found_by_the_beginning_of_its_id(store: Store):
    wanted = unnamed(store)
    assert find_snapshot(store, wanted).id == wanted
    assert find_snapshot(store, wanted[:8].upper()).id == wanted


def test_three_characters_are_no_beginning_of_an_id(store: Store):
    with pytest.raises(UnknownName):
        find_snapshot(store, unnamed(store)[:3])


def test_a_beginning_of_two_ids_is_not_guessed(store: Store):
    snapshots = store.path / "snapshots"
    for end in ("0000", "1111"):
        (snapshots / f"abcdef000000{end}").mkdir()
        (snapshots / f"abcdef000000{end}" / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="the beginning of 2 snapshots: abcdef0000000000, abc"):
        find_snapshot(store, "abcdef")


def test_an_unknown_name_brings_the_nearest(store: Store):
    with pytest.raises(UnknownName) as unknown:
        find_snapshot(store, "frist")
    assert unknown.value.nearest == ["first"]


def test_a_release_whose_snapshot_is_gone_says_so(store: Store):
    gone = "0" * 16
    store.releases.write_text(
        f"name,date,snapshot\nlost,2026-01-01,{gone}\n", encoding="utf-8", newline="\n"
    )
    with pytest.raises(StoreDamaged, match=f"release lost names snapshot {gone}"):
        find_snapshot(store, "lost")


def test_to_name_it_again_changes_nothing(store: Store):
    add_release(store, "third", "2026-03-31")
    before = store.releases.read_bytes()
    add_release(store, "third", "2026-03-31")
    assert store.releases.read_bytes() == before
    assert before.startswith(b"name,date,snapshot\nfirst,2026-01-31,")
    assert b"\r" not in before


@pytest.mark.parametrize(("name", "date"), [("first", "2026-01-31"), ("FIRST", "2026-02-01")])
def test_a_name_that_is_taken_is_refused(store: Store, name: str, date: str):
    with pytest.raises(UsageError, match="The name first is taken") as taken:
        add_release(store, name, date)
    assert "icsgraph release first --remove" in taken.value.hint


@pytest.mark.parametrize("name", ["", "a b", "../first", "-x", "é", "0" * 16, "a" * 81, "=1+1"])
def test_what_is_no_name_is_refused(store: Store, name: str):
    with pytest.raises(UsageError, match="is no name for a release"):
        add_release(store, name, "2026-01-01")


@pytest.mark.parametrize("date", ["2026", "2026-02-30", "31.3.2026", ""])
def test_a_release_has_a_day(store: Store, date: str):
    with pytest.raises(UsageError, match="is no day"):
        add_release(store, "spring", date)


def test_a_store_that_is_missing_is_not_begun(tmp_path: Path):
    missing = Store(tmp_path / "nowhere")
    for attempt in (
        lambda: add_release(missing, "spring", "2026-01-01"),
        lambda: remove_release(missing, "spring"),
        lambda: prune(missing),
    ):
        with pytest.raises(StoreMissing):
            attempt()
    assert not missing.path.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,name,snapshot\n", "row 1: the columns are not name, date, snapshot"),
        ("name,date,snapshot\nspring,2026-01-01\n", "row 2: it has 2 values, not 3"),
        (f"name,date,snapshot\nspring,today,{'a' * 16}\n", 'column date: "today" is no day'),
        ("name,date,snapshot\nspring,2026-01-01,abc\n", '"abc" is no id of a snapshot'),
        (
            f"name,date,snapshot\na,2026-01-01,{'a' * 16}\nA,2026-01-02,{'b' * 16}\n",
            'row 3, column name: "A" stands in an earlier row, too',
        ),
    ],
)
def test_a_file_of_releases_that_was_spoilt_is_refused_and_nothing_pruned(
    store: Store, text: str, said: str
):
    store.releases.write_text(text, encoding="utf-8", newline="\n")
    before = store.snapshots()
    with pytest.raises(FileFault) as fault:
        prune(store)
    assert said in fault.value.message
    assert store.snapshots() == before


def test_a_file_that_a_spreadsheet_saved_is_read(store: Store):
    text = store.releases.read_text(encoding="utf-8").replace("\n", "\r\n")
    store.releases.write_text(text, encoding="utf-8-sig", newline="")
    assert [release.name for release in releases(store)] == ["first"]


def test_the_day_of_a_release_can_be_meant_by_its_name(store: Store):
    assert day_meant(store, "first") == "2026-01-31"
    assert day_meant(store, "2025-12-01") == "2025-12-01"
    with pytest.raises(UnknownName):
        day_meant(store, "frist")
    with pytest.raises(DateFault):
        day_meant(store, "2025")


def test_every_snapshot_is_listed_with_its_name_if_it_has_one(store: Store):
    rows = kept(store).rows()
    assert rows[0][:2] == ("first", "2026-01-31")
    assert [row[4] for row in rows].count(True) == 1
    assert sorted(row[2] for row in rows) == store.snapshots()


# Prune


def test_prune_removes_what_is_neither_current_nor_named(store: Store):
    spare = unnamed(store)
    gone, held = prune(store)
    assert [each.what for each in gone] == [f"snapshot {spare}"]
    assert held == []
    assert spare not in store.snapshots()
    assert name_of(find_snapshot(store, "first")) == "First"
    assert store.current().damage() == []
    assert prune(store) == ([], [])


def test_a_name_taken_back_keeps_nothing(store: Store):
    named = remove_release(store, "First").snapshot
    prune(store)
    assert store.snapshots() == [store.current().id]
    assert named not in store.snapshots()


def test_the_bytes_told_are_those_that_go(store: Store):
    def used() -> int:
        seen = {}
        for path in (store.path / "snapshots").rglob("*.*"):
            if path.is_file():
                seen[path.stat().st_ino] = path.stat().st_size
        return sum(seen.values())

    before = used()
    gone, _ = prune(store)
    assert sum(each.size for each in gone) == before - used() > 0


def test_engines_of_removed_snapshots_go_and_those_of_kept_ones_stay(store: Store):
    snapshots = {name: store.snapshot(name) for name in store.snapshots()}
    for snapshot in snapshots.values():
        Ladybug(snapshot).close()
    spare = unnamed(store)
    gone, _ = prune(store)
    assert sorted(each.what for each in gone) == [
        f"engines of snapshot {spare}",
        f"snapshot {spare}",
    ]
    assert sorted(p.name for p in store.engines.iterdir()) == store.snapshots()
    assert all((store.engines / name / database_name()).is_file() for name in store.snapshots())


def test_databases_of_a_day_or_of_another_ladybug_go(store: Store):
    prune(store)
    current = store.current()
    Ladybug(current).close()
    Ladybug(on_day(current, "2026-01-01")).close()
    (store.engines / current.id / "graph-0.1.0.lbug").write_bytes(b"old")
    gone, _ = prune(store)
    assert [each.path.name.split("-")[0] for each in gone] == ["graph", "on"]
    assert [p.name for p in (store.engines / current.id).iterdir()] == [database_name()]


def test_an_engine_without_its_snapshot_goes_and_what_is_not_ours_stays(store: Store):
    prune(store)
    (store.engines / ("f" * 16)).mkdir(parents=True)
    (store.engines / "notes").mkdir()
    (store.path / "snapshots" / "notes").mkdir()
    assert [each.path.name for each in prune(store)[0]] == ["f" * 16]
    assert (store.engines / "notes").is_dir()
    assert (store.path / "snapshots" / "notes").is_dir()


def test_a_reader_of_a_pruned_snapshot_keeps_what_it_read_and_is_told_of_the_rest(store: Store):
    reader = store.snapshot(unnamed(store))
    assert name_of(reader) == "Second"
    prune(store)
    assert name_of(reader) == "Second"
    with pytest.raises(StoreDamaged, match="is not there any more") as told:
        reader.nodes("System")
    assert "open the store again" in told.value.hint


def test_a_reader_between_the_name_and_the_snapshot_finds_the_new_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    """CURRENT is read, then a build switches and a prune removes what it named."""
    names = iter([unnamed(store), store.current().id])
    prune(store)
    monkeypatch.setattr(Store, "_current_id", lambda self: next(names))
    assert name_of(store.current()) == "Third"


def test_prune_waits_for_nobody_who_writes(store: Store):
    with store.writing(), pytest.raises(StoreLocked):
        prune(Store(store.path))
    assert len(store.snapshots()) == 3


KILLED = """
import os, sys
from pathlib import Path
from icsgraph.graph import store as module
from icsgraph.graph.releases import prune
module.shutil.rmtree = lambda *a, **k: os._exit(9)
prune(module.Store(Path(sys.argv[1])))
"""


def test_a_prune_that_dies_half_way_leaves_a_whole_store(store: Store):
    spare = unnamed(store)
    done = subprocess.run([sys.executable, "-c", KILLED, str(store.path)])
    assert done.returncode == 9
    assert spare not in store.snapshots()
    assert name_of(store.current()) == "Third"
    with store.writing():
        pass
    left = [p.name for p in (store.path / "snapshots").iterdir()]
    assert sorted(left) == store.snapshots()


def test_a_file_that_a_dead_prune_left_goes_and_the_folder_of_a_reader_at_work_stays(store: Store):
    engines = store.engines / store.current().id
    (engines / ".unfinished-reader").mkdir(parents=True)
    (engines / ".unfinished-graph-0.1.0.lbug").write_bytes(b"old")
    with store.writing():
        pass
    assert [p.name for p in engines.iterdir()] == [".unfinished-reader"]


def test_what_the_system_does_not_let_go_of_stays_and_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    """As on Windows, where another process may have a file open."""

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use", str(self))

    spare = unnamed(store)
    monkeypatch.setattr(Path, "replace", refuse)
    gone, held = prune(store)
    assert (gone, [each.what for each in held]) == ([], [f"snapshot {spare}"])
    assert spare in store.snapshots()


def older(snapshot) -> None:
    """Make a snapshot what it was before systems had boundaries and bodies were hosts."""
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    path = snapshot.folder / "nodes" / "System.parquet"
    table = pl.read_parquet(path).drop("boundary")
    path.unlink()  # another snapshot may have the same file
    table.write_parquet(path)
    (snapshot.folder / "relationships" / "HOSTS.parquet").unlink()
    del manifest["tables"]["relationships/HOSTS.parquet"]
    (snapshot.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_snapshot_from_before_a_column_or_a_kind_was_declared_is_read(store: Store):
    older(find_snapshot(store, "first"))
    first = find_snapshot(store, "first")
    assert first.nodes("System")["boundary"].to_list() == [None]
    assert first.relationships("HOSTS").columns == store.current().relationships("HOSTS").columns
    assert first.relationships("HOSTS").is_empty()
    engine = Ladybug(first)
    rows = engine.run("MATCH (s:System) RETURN s.id AS id, s.boundary AS boundary")
    engine.close()
    assert rows.rows() == [("ods:QMF", None)]
    assert diff(first, store.current()).rows["change"].to_list() == ["renamed"]


# The user's cache


def test_engines_in_the_cache_go_with_their_snapshot(
    store: Store, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    """As of a store on a drive that this user cannot write."""
    monkeypatch.setattr(os, "access", lambda folder, mode: cache in Path(folder).parents)
    for snapshot in map(store.snapshot, store.snapshots()):
        Ladybug(snapshot).close()
    spare = unnamed(store)
    assert sorted(p.name for p in (cache / "engines").iterdir()) == store.snapshots()
    assert cached.cached_leftovers(cache / "sample-0") == []
    prune(store)
    gone, _ = cached.prune_cache(cache / "sample-0")
    assert [each.what for each in gone] == [
        f"engines in the cache of snapshot {spare}, which is gone"
    ]
    assert sorted(p.name for p in (cache / "engines").iterdir()) == store.snapshots()


def test_the_bundled_evidence_of_another_edition_goes_and_what_is_not_ours_stays(cache: Path):
    for name in ("sample-0123456789abcdef", "sample-fedcba9876543210", "sample-of-mine"):
        (cache / name).mkdir(parents=True)
    gone, _ = cached.prune_cache(cache / "sample-0123456789abcdef")
    assert [each.path.name for each in gone] == ["sample-fedcba9876543210"]
    assert sorted(p.name for p in cache.iterdir()) == ["sample-0123456789abcdef", "sample-of-mine"]


def test_prune_tells_of_the_cache_too(store: Store, cache: Path):
    (cache / "sample-0123456789abcdef").mkdir(parents=True)
    told = run("prune", "--store", store.path)
    assert "bundled evidence of another edition, sample-0123456789abcdef" in told.stdout
    assert told.exit_code == 0


# The command line


def test_releases_from_the_command_line(store: Store):
    made = run("release", "spring", "--date", "2026-03-31", "--store", store.path)
    assert (made.exit_code, made.stdout) == (
        0,
        f"spring, 2026-03-31: snapshot {store.current().id}.\n",
    )
    listed = run("release", "--store", store.path, "--format", "csv")
    assert listed.stdout.splitlines()[0] == "name,date,snapshot,newest_source,current"
    assert [line.split(",")[0] for line in listed.stdout.splitlines()[1:]] == [
        "first",
        "spring",
        "",
    ]
    gone = run("release", "spring", "--remove", "--store", store.path)
    assert gone.exit_code == 0
    assert [release.name for release in releases(store)] == ["first"]


def test_the_day_of_a_release_is_today_unless_stated(store: Store):
    made = run("release", "now", "--store", store.path)
    assert made.exit_code == 0
    (release,) = (r for r in releases(store) if r.name == "now")
    assert day_meant(store, release.date) == release.date
    assert release == Release("now", release.date, store.current().id)


def test_a_day_without_a_name_is_wrong_usage(store: Store):
    assert run("release", "--date", "2026-01-01", "--store", store.path).exit_code == 2
    assert run("release", "spring", "--date", "soon", "--store", store.path).exit_code == 2
    assert run("release", "frist", "--remove", "--store", store.path).exit_code == 2


def test_a_dry_run_says_what_prune_then_does(store: Store, cache: Path):
    spare = unnamed(store)
    size = sum(each.size for each in leftovers(store))
    before = {p for p in store.path.rglob("*") if p.name != ".lock"}
    told = run("prune", "--dry-run", "--store", store.path)
    assert {p for p in store.path.rglob("*") if p.name != ".lock"} == before
    assert told.stdout.splitlines()[0].startswith(f"snapshot {spare}  ")
    assert told.stdout.splitlines()[-1] == f"{size:,} bytes would be removed."
    done = run("prune", "--store", store.path)
    assert done.stdout.replace("removed.", "") == told.stdout.replace("would be removed.", "")
    assert (done.exit_code, store.snapshots()) == (
        0,
        sorted([store.current().id, releases(store)[0].snapshot]),
    )


def test_prune_of_a_store_that_is_not_there(tmp_path: Path):
    told = run("prune", "--store", tmp_path / "nowhere")
    assert told.exit_code == 1
    assert "There is no store at" in told.stderr
    assert not os.path.exists(tmp_path / "nowhere")
