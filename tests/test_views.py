"""The graph on a day in the world, and as known by a day."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.graph.views import known_by, on_day
from icsgraph.ontology.dates import BoundedDate, Certainty
from icsgraph.ontology.errors import DateFault
from icsgraph.session import Graph


def edition(source: str, as_of: str, nodes, relationships, *, complete=True, official=True):
    facts = {
        "id": source,
        "data_set": source.partition("@")[0],
        "as_of": as_of,
        "complete": complete,
        "official": official,
    }
    return Partition(facts, nodes, relationships)


def snapshot_of(path: Path, *editions: Partition) -> Snapshot:
    store = Store(path)
    with store.writing():
        for part in editions:
            with fresh_folder(store.partitions) as folder:
                write_partition(folder, part)
                store.put_partition(part.facts["id"], folder)
        store.switch(assemble(store))
    return store.current()


def practices(*names: str) -> dict[str, pl.DataFrame]:
    networks = pl.DataFrame({"id": ["ods:U11", "ods:U22"]})
    return {"Organisation": pl.concat([networks, pl.DataFrame({"id": list(names)})])}


def member(practice: str, network: str, dates: str, end: str | None = None, key: str = ""):
    bounds = BoundedDate.from_parts(dates, end).columns()
    row = {"subject": practice, "object": network, "knowledge_level": "register", "key": key}
    return pl.DataFrame([{**row, **bounds}], schema_overrides=dict.fromkeys(bounds, pl.String))


@pytest.fixture
def moved(tmp_path: Path) -> Snapshot:
    """A practice that left one network at the end of June 2021 for another, in July."""
    members = pl.concat(
        [
            member("ods:A81", "ods:U11", "2020-04-01", "2021-06-30"),
            member("ods:A81", "ods:U22", "2021-07"),
        ]
    )
    part = edition("pcn@1", "2022-01-01", practices("ods:A81"), {"MEMBER_OF": members})
    return snapshot_of(tmp_path, part)


def networks_on(snapshot: Snapshot, day: str, certainty=Certainty.POSSIBLE) -> list[str]:
    return on_day(snapshot, day, certainty).relationships("MEMBER_OF")["object"].to_list()


def test_a_membership_holds_until_the_day_after_its_last(moved):
    assert networks_on(moved, "2021-06-30", Certainty.CERTAIN) == ["ods:U11"]
    assert networks_on(moved, "2021-07-01") == ["ods:U22"]
    assert networks_on(moved, "2020-03-31") == []


def test_an_imprecise_start_is_possible_within_its_bounds_and_never_certain_without_an_end(moved):
    assert networks_on(moved, "2021-07-15", Certainty.CERTAIN) == []
    assert networks_on(moved, "2021-07-15") == ["ods:U22"]
    assert networks_on(moved, "2025-01-01", Certainty.CERTAIN) == []


def test_a_relationship_needs_both_its_ends(tmp_path):
    nodes = practices("ods:A81")
    closed = {"end_earliest": "2021-01-01", "end_latest": "2021-01-01"}
    nodes["Organisation"] = nodes["Organisation"].with_columns(
        *(
            pl.when(pl.col("id") == "ods:U11").then(pl.lit(v)).otherwise(None).alias(c)
            for c, v in closed.items()
        )
    )
    told = {"MEMBER_OF": member("ods:A81", "ods:U11", "2020-04-01")}
    snapshot = snapshot_of(tmp_path, edition("pcn@1", "2022", nodes, told))
    assert networks_on(snapshot, "2020-12-31") == ["ods:U11"]
    assert networks_on(snapshot, "2021-01-01") == []


def test_what_happened_stays_and_what_orders_knowledge_follows_its_ends(sample):
    view = on_day(sample.snapshot, "2020-12-31")
    reviews = view.nodes("Review")["id"].to_list()
    assert reviews == ["icsg:review/PCR1-OP", "icsg:review/PCR2-UEC", "icsg:review/PCR4-LD"]
    certain = on_day(sample.snapshot, "2020-12-31", Certainty.CERTAIN).nodes("Review")
    assert certain["id"].to_list() == ["icsg:review/PCR1-OP", "icsg:review/PCR2-UEC"]
    found = view.relationships("FOUND")
    assert set(found["object"]) <= set(view.nodes("Finding")["id"])
    assert found.height < sample.snapshot.relationships("FOUND").height


def test_the_systems_of_a_day(sample):
    counts = {day: on_day(sample.snapshot, day).nodes("System").height for day in ("2021-06-30",)}
    counts["2026-05-01"] = on_day(sample.snapshot, "2026-05-01").nodes("System").height
    assert counts == {"2021-06-30": 42, "2026-05-01": 36}


def test_certain_is_part_of_possible_whatever_the_day(sample):
    for day in ("2019-06-01", "2020-11-15", "2021-07-01", "2026-12-01"):
        for kind in ("ADOPTED", "FACED", "COLLABORATES_WITH", "LOCATED_IN"):
            sure = on_day(sample.snapshot, day, Certainty.CERTAIN).relationships(kind)["id"]
            maybe = on_day(sample.snapshot, day).relationships(kind)["id"]
            assert set(sure) <= set(maybe)


def test_editions_of_a_later_day_are_not_known(tmp_path):
    first = edition(
        "pcn@2021",
        "2021-01-01",
        practices("ods:A81"),
        {"MEMBER_OF": member("ods:A81", "ods:U11", "2020")},
    )
    second = edition(
        "pcn@2026",
        "2026-01-01",
        practices("ods:B82"),
        {"MEMBER_OF": member("ods:B82", "ods:U22", "2022")},
    )
    snapshot = snapshot_of(tmp_path, first, second)
    now = snapshot.relationships("MEMBER_OF").filter(pl.col("subject") == "ods:A81")
    assert now.select("end_earliest", "end_latest").rows() == [("2021-01-02", "2026-01-01")]
    then = known_by(snapshot, "2022-06-30")
    assert then.relationships("MEMBER_OF")["subject"].to_list() == ["ods:A81"]
    assert then.relationships("MEMBER_OF").select("end_earliest", "end_latest").rows() == [
        (None, None)
    ]
    assert "ods:B82" not in then.nodes("Organisation")["id"].to_list()
    assert then.manifest["default_day"] == "2021-01-01"
    assert known_by(snapshot, "2020-12-31").nodes("Organisation").is_empty()


def test_a_name_is_the_one_that_the_known_editions_gave(tmp_path):
    old = {"Organisation": pl.DataFrame({"id": ["ods:R1H"], "name": ["Barts and The London"]})}
    new = {"Organisation": pl.DataFrame({"id": ["ods:R1H"], "name": ["Barts Health"]})}
    snapshot = snapshot_of(
        tmp_path, edition("etr@2012", "2012", old, {}), edition("etr@2026", "2026", new, {})
    )
    assert snapshot.nodes("Organisation")["name"].to_list() == ["Barts Health"]
    assert known_by(snapshot, "2020-01-01").nodes("Organisation")["name"].to_list() == [
        "Barts and The London"
    ]


def test_the_view_by_the_newest_day_is_the_snapshot_itself(sample):
    view = known_by(sample.snapshot, "2030-01-01")
    for kind in ("Organisation", "Finding", "System", "Source"):
        assert view.nodes(kind).equals(sample.snapshot.nodes(kind))
    for kind in ("ABOUT", "ADOPTED", "COLLABORATES_WITH", "REPORTS"):
        assert view.relationships(kind).equals(sample.snapshot.relationships(kind))


def test_an_answer_on_a_day_is_given_twice(sample):
    answer = sample.ask("shared-innovations", on="2020-12-31")
    assert answer.columns[0] == "certainty"
    marks = answer.filter(pl.col("innovation") == "Oximetry at home").select("certainty", "systems")
    assert marks.rows() == [("CERTAIN", 3), ("POSSIBLE", 6)]
    assert "31 December 2020" in answer.caveats[0]


def test_engines_and_networks_of_a_view_have_its_rows(sample):
    graph: Graph = sample.on("2026-05-01")
    assert graph.cypher("MATCH (s:System) RETURN count(*) AS systems").item() == 36
    assert len(graph.networkx(nodes=["System"], relationships=[])) == 36


def test_a_day_is_a_day(sample):
    with pytest.raises(DateFault, match="2021-02-30"):
        sample.on("2021-02-30")
    with pytest.raises(DateFault, match="a single day is needed"):
        sample.known("2021")


def test_a_finding_is_known_once_a_document_that_reports_it_is_out(sample):
    then = known_by(sample.snapshot, "2021-02-28")
    known = set(then.nodes("Finding")["id"])
    reports = sample.snapshot.relationships("REPORTS")
    out = sample.snapshot.nodes("Source").filter(pl.col("start_latest") <= "2021-02-28")
    told = reports.filter(
        pl.col("subject").is_in(out["id"].implode())
        & pl.col("object").str.starts_with("icsg:finding/")
    )
    assert known == set(told["object"])
    assert 0 < len(known) < sample.snapshot.nodes("Finding").height
    assert set(then.relationships("FOUND")["object"]) <= known


def test_a_thing_that_had_ended_by_the_day_is_still_meant_by_its_name(sample):
    answer = sample.ask("system-profile", system="North West London", on="2026-05-01")
    assert answer.parameters["system"] == "ods:QRV"
    assert answer.is_empty()
