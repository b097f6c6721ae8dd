"""The store: partitions, snapshots, the switch, the lock, and what a writer that dies leaves."""

import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import polars as pl
import pytest

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder, sha256, write_whole
from icsgraph.graph.partitions import Partition, StoredPartition, statement_ids, write_partition
from icsgraph.graph.store import SET_ASIDE, Store
from icsgraph.loaders.sources import SAMPLE
from icsgraph.ontology.errors import DataError, StoreLocked, StoreMissing, UnknownName

TRUST = {"id": ["ods:R1H"], "name": ["Barts Health NHS Trust"], "org_type": ["nhs-trust"]}


def facts(source: str, as_of: str = "2026-01", *, complete: bool = False, official: bool = True):
    return {
        "id": source,
        "data_set": source.partition("@")[0],
        "as_of": as_of,
        "complete": complete,
        "official": official,
    }


def partition(source: str, **settings) -> Partition:
    """A small edition: two trusts in one system."""
    nodes = {
        "Organisation": pl.DataFrame(
            {"id": ["ods:R1H", "ods:RWK"], "name": ["Barts", "East London"]}
        ),
        "System": pl.DataFrame({"id": ["ods:QMF"], "name": ["North East London"]}),
    }
    located = pl.DataFrame(
        {
            "subject": ["ods:R1H", "ods:RWK"],
            "object": ["ods:QMF"] * 2,
            "knowledge_level": ["register"] * 2,
        }
    )
    return Partition(facts(source, **settings), nodes, {"LOCATED_IN": located})


def put(store: Store, *partitions: Partition) -> None:
    with store.writing():
        for part in partitions:
            with fresh_folder(store.partitions) as folder:
                write_partition(folder, part)
                store.put_partition(part.facts["id"], folder)


def built(store: Store, *partitions: Partition):
    put(store, *partitions)
    with store.writing():
        store.switch(assemble(store))
    return store.current()


def test_a_partition_comes_back_as_it_was_written(tmp_path: Path):
    put(Store(tmp_path), partition("ods-trusts@2026-01"))
    again = StoredPartition(tmp_path / "sources" / "ods-trusts@2026-01")
    assert again.nodes("Organisation")["id"].to_list() == ["ods:R1H", "ods:RWK"]
    assert again.relationships("LOCATED_IN")["source"].unique().to_list() == ["ods-trusts@2026-01"]
    assert again.facts["data_set"] == "ods-trusts"


def test_two_sources_that_say_the_same_are_two_statements(tmp_path: Path):
    snapshot = built(Store(tmp_path), partition("ods@1"), partition("survey@1"))
    located = snapshot.relationships("LOCATED_IN").filter(pl.col("subject") == "ods:R1H")
    assert sorted(located["source"]) == ["ods@1", "survey@1"]
    assert located["id"].n_unique() == 2


def test_a_statement_keeps_its_id_from_edition_to_edition(tmp_path: Path):
    snapshot = built(
        Store(tmp_path),
        partition("ods@2021", as_of="2021-12-01"),
        partition("ods@2026", as_of="2026-01-01"),
    )
    located = snapshot.relationships("LOCATED_IN")
    assert located.select("first_seen", "last_seen").unique().rows() == [
        ("2021-12-01", "2026-01-01")
    ]
    assert located["source"].unique().to_list() == ["ods@2026"]


def test_what_the_next_complete_edition_leaves_out_ended_in_between(tmp_path: Path):
    newer = partition("ods@2026", as_of="2026-01", complete=True)
    newer.relationships["LOCATED_IN"] = newer.relationships["LOCATED_IN"].head(1)
    snapshot = built(Store(tmp_path), partition("ods@2021", as_of="2021-12-01"), newer)
    gone = snapshot.relationships("LOCATED_IN").filter(pl.col("subject") == "ods:RWK")
    assert gone.select("end_earliest", "end_latest").rows() == [("2021-12-02", "2026-01-31")]


def held(source: str, as_of: str, *, listed: bool = True) -> Partition:
    """A complete edition that lists one trust in its system as held on its day, or does not."""
    day_after = (date.fromisoformat(as_of) + timedelta(days=1)).isoformat()
    part = partition(source, as_of=as_of, complete=True)
    bounds = {"start_latest": pl.lit(as_of), "end_earliest": pl.lit(day_after)}
    rows = part.relationships["LOCATED_IN"].head(1 if listed else 0).with_columns(**bounds)
    part.relationships["LOCATED_IN"] = rows
    return part


def test_what_two_editions_list_held_on_both_days_and_between(tmp_path: Path):
    editions = [held("ods@1", "2021-02-15"), held("ods@2", "2026-06-01")]
    row = built(Store(tmp_path), *editions).relationships("LOCATED_IN").row(0, named=True)
    assert (row["start_latest"], row["end_earliest"]) == ("2021-02-15", "2026-06-02")


def test_what_a_complete_edition_left_out_in_between_may_have_begun_anew(tmp_path: Path):
    editions = [
        held("ods@1", "2021-02-15"),
        held("ods@2", "2022-01-01", listed=False),
        held("ods@3", "2024-01-01"),
        held("ods@4", "2026-06-01"),
    ]
    row = built(Store(tmp_path), *editions).relationships("LOCATED_IN").row(0, named=True)
    assert (row["start_latest"], row["end_earliest"]) == ("2024-01-01", "2026-06-02")


def test_an_edition_that_is_not_complete_ends_nothing(tmp_path: Path):
    newer = partition("ods@2026", as_of="2026-01")
    newer.relationships["LOCATED_IN"] = newer.relationships["LOCATED_IN"].head(1)
    snapshot = built(Store(tmp_path), partition("ods@2021", as_of="2021-12-01"), newer)
    assert snapshot.relationships("LOCATED_IN")["end_latest"].to_list() == [None, None]


def test_ends_enter_a_statement_id_apart_and_the_edition_does_not():
    one = pl.DataFrame({"subject": ["ods:AB1"], "object": ["ods:C12"]})
    other = pl.DataFrame({"subject": ["ods:AB"], "object": ["1ods:C12"]})
    assert statement_ids("a", "PART_OF", one)[0] != statement_ids("a", "PART_OF", other)[0]
    keyed = one.with_columns(key=pl.lit("2021"))
    assert statement_ids("a", "PART_OF", one)[0] != statement_ids("a", "PART_OF", keyed)[0]


def test_the_newest_official_edition_is_believed_and_all_names_are_kept(tmp_path: Path):
    old = Partition(facts("ods@2021", "2021-12"), {"Organisation": pl.DataFrame(TRUST)})
    new = Partition(
        facts("ods@2026", "2026-01"),
        {"Organisation": pl.DataFrame({**TRUST, "name": ["Barts Health"], "town": ["London"]})},
    )
    press = Partition(
        facts("press@2027", "2027-01", official=False),
        {"Organisation": pl.DataFrame({**TRUST, "name": ["Bart's"], "town": ["Whitechapel"]})},
    )
    snapshot = built(Store(tmp_path), press, old, new)
    trust = snapshot.nodes("Organisation").row(0, named=True)
    assert (trust["name"], trust["town"]) == ("Barts Health", "London")
    assert trust["other_names"] == ["Bart's", "Barts Health NHS Trust"]
    assert trust["sources"] == ["ods@2021", "ods@2026", "press@2027"]
    assert snapshot.records("Organisation")["name"].to_list() == [
        "Barts Health",
        "Barts Health NHS Trust",
        "Bart's",
    ]


def test_bounds_of_a_date_come_from_one_source_together(tmp_path: Path):
    dated = {
        "start_earliest": ["2020-01-01"],
        "start_latest": ["2020-12-31"],
        "date_text": ["2020"],
    }
    old = Partition(
        facts("a@1", "2021"),
        {"Organisation": pl.DataFrame({**TRUST, "end_latest": ["2019-01-01"]})},
    )
    new = Partition(facts("b@1", "2026"), {"Organisation": pl.DataFrame({**TRUST, **dated})})
    trust = built(Store(tmp_path), old, new).nodes("Organisation").row(0, named=True)
    assert (trust["start_earliest"], trust["end_latest"]) == ("2020-01-01", None)


def test_records_that_share_a_code_become_one_thing_and_come_apart_again(tmp_path: Path):
    by_name = {"id": ["icsg:local-authority/barnet"], "name": ["Barnet"]}
    by_code = {
        "id": ["ons:E09000003"],
        "name": ["Barnet"],
        "codes": [["icsg:local-authority/barnet"]],
    }
    home = {"id": ["cqc:1-101"], "name": ["A home"]}
    inside = {
        "subject": ["cqc:1-101"],
        "object": ["icsg:local-authority/barnet"],
        "knowledge_level": ["register"],
    }
    cqc = Partition(
        facts("cqc@1"),
        {"Area": pl.DataFrame(by_name), "Location": pl.DataFrame(home)},
        {"LOCATED_IN": pl.DataFrame(inside)},
    )
    ons = Partition(facts("ons@1"), {"Area": pl.DataFrame(by_code)})
    store = Store(tmp_path)
    together = built(store, cqc, ons)
    assert together.nodes("Area")["id"].to_list() == ["ons:E09000003"]
    assert together.relationships("LOCATED_IN")["object"].to_list() == ["ons:E09000003"]
    with store.writing():
        store.remove_partition("ons@1")
        store.switch(assemble(store))
    apart = store.current()
    assert apart.nodes("Area")["id"].to_list() == ["icsg:local-authority/barnet"]
    assert (
        apart.relationships("LOCATED_IN")["id"].to_list()
        == together.relationships("LOCATED_IN")["id"].to_list()
    )


def test_removing_a_source_leaves_the_bytes_of_a_build_without_it(tmp_path: Path):
    both, one = Store(tmp_path / "both"), Store(tmp_path / "one")
    built(both, partition("ods@1"), partition("survey@1"))
    with both.writing():
        both.remove_partition("survey@1")
        both.switch(assemble(both))
    built(one, partition("ods@1"))
    assert both.current().id == one.current().id
    assert sha256(both.current().folder) == sha256(one.current().folder)


def test_the_order_of_loading_does_not_show(tmp_path: Path):
    first = built(Store(tmp_path / "a"), partition("ods@1"), partition("survey@1"))
    second = built(Store(tmp_path / "b"), partition("survey@1"), partition("ods@1"))
    assert sha256(first.folder) == sha256(second.folder)


def test_an_end_that_is_no_node_stops_the_build(tmp_path: Path):
    loose = partition("ods@1")
    del loose.nodes["System"]
    with pytest.raises(
        DataError, match="LOCATED_IN has the object ods:QMF, which is of no known kind"
    ):
        built(Store(tmp_path), loose)


def test_a_row_that_is_not_of_its_kind_is_never_written(tmp_path: Path):
    wrong = partition("ods@1")
    wrong.nodes["System"] = pl.DataFrame({"id": ["Quite a system"]})
    with pytest.raises(DataError, match="System Quite a system, column id"):
        put(Store(tmp_path), wrong)
    assert Store(tmp_path).sources() == []


def test_an_empty_store_says_what_to_do(tmp_path: Path):
    with pytest.raises(StoreMissing, match="icsgraph build --sample"):
        Store(tmp_path / "nowhere").current()
    with pytest.raises(UnknownName, match="no source in the store"):
        Store(tmp_path).remove_partition("ods@1")


def test_damage_is_named_by_file(tmp_path: Path):
    snapshot = built(Store(tmp_path), partition("ods@1"))
    assert snapshot.damage() == []
    write_whole(snapshot.folder / "nodes" / "System.parquet", b"half")
    (snapshot.folder / "nodes" / "Area.parquet").unlink()
    assert snapshot.damage() == [
        "nodes/Area.parquet is missing",
        "nodes/System.parquet has another checksum",
    ]


HOLD = """
import sys, time
from pathlib import Path
from threading import Thread
from icsgraph.graph.store import Store
with Store(Path(sys.argv[1])).writing():
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_builds_cannot_run_at_once_and_a_dead_one_holds_nothing(tmp_path: Path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(StoreLocked), Store(tmp_path).writing():
            pass
        other.kill()
    with Store(tmp_path).writing():
        pass


def test_what_a_dead_writer_set_aside_is_put_back(tmp_path: Path):
    store = Store(tmp_path)
    put(store, partition("ods@1"))
    place = store.partitions / "ods@1"
    place.rename(place.with_name(SET_ASIDE + "ods@1"))
    assert store.sources() == []
    with store.writing():
        assert store.sources() == ["ods@1"]


KILLED = """
import sys
from pathlib import Path
from threading import Thread
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources
from icsgraph.pipeline import build
print("ready", flush=True)
build(Store(Path(sys.argv[1])), read_sources(Path(sys.argv[2])))
"""


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.2, 0.35, 0.5, 0.8])
def test_a_build_killed_at_any_moment_leaves_the_last_snapshot_answering(
    tmp_path: Path, delay: float
):
    store = Store(tmp_path / "store")
    before = built(store, partition("ods@1"))
    listed = str(SAMPLE / "SOURCES.toml")
    command = [sys.executable, "-c", KILLED, str(store.path), listed]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        time.sleep(delay)
        running.kill()
    now = store.current()
    assert now.damage() == []
    assert before.damage() == []
    with store.writing():
        assert "ods@1" in store.sources()
    left = [p.name for p in (store.path / "snapshots").iterdir() if p.name.startswith(".")]
    assert left == []


def test_the_manifest_names_every_table_with_its_rows(tmp_path: Path):
    snapshot = built(Store(tmp_path), partition("ods@1"))
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["nodes/Organisation.parquet"]["rows"] == 2
    assert manifest["tables"]["relationships/LOCATED_IN.parquet"]["rows"] == 2
    assert manifest["default_day"] == "2026-01-01"


def test_a_group_made_from_the_same_is_taken_over_and_the_bytes_are_those_of_a_first_build(
    tmp_path: Path,
):
    store, anew = Store(tmp_path / "store"), Store(tmp_path / "anew")
    first = built(store, partition("ods@1"))
    systems = first.folder / "nodes" / "System.parquet"
    trusts = {"Organisation": pl.DataFrame({"id": ["ods:R1K"]})}
    other = Partition(facts("survey@1"), trusts)
    second = built(store, other)
    assert (second.folder / "nodes" / "System.parquet").samefile(systems)
    assert second.nodes("Organisation").height == 3
    assert built(anew, partition("ods@1"), other).id == second.id
    assert sha256(anew.current().folder) == sha256(second.folder)


def test_an_end_that_a_removed_source_described_stops_the_build(tmp_path: Path):
    loose = partition("survey@1")
    system = loose.nodes.pop("System")
    store = Store(tmp_path)
    built(store, loose, Partition(facts("ods@1"), {"System": system}))
    with store.writing():
        store.remove_partition("ods@1")
        with pytest.raises(DataError, match="ods:QMF, which is of no known kind"):
            assemble(store)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files")
def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=write_whole, args=(pipe, "äb"))
    writer.start()
    assert pipe.read_text(encoding="utf-8") == "äb"
    writer.join()
    assert pipe.is_fifo()


@pytest.mark.skipif(os.name == "nt", reason="making a link on Windows needs a right of its own")
def test_of_a_link_the_file_that_it_names_is_written(tmp_path: Path) -> None:
    link, file = tmp_path / "link.html", tmp_path / "far" / "page.html"
    link.symlink_to(file)
    write_whole(link, "new")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "new"
    assert [path.name for path in file.parent.iterdir()] == ["page.html"]
