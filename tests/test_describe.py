"""What a snapshot holds, and all that it says about one thing."""

import polars as pl
import pytest

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import UnknownName
from icsgraph.queries.describe import Version, describe, holdings

REGISTER = {"knowledge_level": ["register"]}


def partition(source: str, as_of: str, nodes: dict, relationships: dict) -> Partition:
    facts = {"id": source, "data_set": source.partition("@")[0], "as_of": as_of, "official": True}
    return Partition(
        facts,
        {kind: pl.DataFrame(rows) for kind, rows in nodes.items()},
        {kind: pl.DataFrame({**rows, **REGISTER}) for kind, rows in relationships.items()},
    )


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A trust that two registers describe, in a system, with a predecessor."""
    old = partition(
        "ods-trusts@2020",
        "2020-01",
        {
            "Organisation": {
                "id": ["ods:R1H", "ods:RNJ"],
                "name": ["Barts Health", "Barts and the London"],
                "org_type": ["nhs-trust", "nhs-trust"],
                "town": ["LONDON", None],
                "start_earliest": ["2012-04-01", None],
                "start_latest": ["2012-04-01", None],
            }
        },
        {"SUCCEEDED_BY": {"subject": ["ods:RNJ"], "object": ["ods:R1H"]}},
    )
    new = partition(
        "ods-trusts@2026",
        "2026-01",
        {
            "Organisation": {
                "id": ["ods:R1H"],
                "name": ["Barts Health NHS Trust"],
                "codes": [["cqc:R1H"]],
                "org_type": ["acute-trust"],
                "town": ["LONDON"],
            },
            "System": {"id": ["ods:QMF"], "name": ["North East London"]},
        },
        {
            "LOCATED_IN": {
                "subject": ["ods:R1H"],
                "object": ["ods:QMF"],
                "locator": ["row 7"],
                "start_earliest": ["2020-04-01"],
                "start_latest": ["2020-04-30"],
                "date_text": ["2020-04"],
            }
        },
    )
    store = Store(tmp_path_factory.mktemp("describe"))
    with store.writing():
        for part in (old, new):
            with fresh_folder(store.partitions) as folder:
                write_partition(folder, part)
                store.put_partition(part.facts["id"], folder)
        store.switch(assemble(store))
    return store.current()


def test_what_a_snapshot_holds(snapshot: Snapshot):
    held = holdings(snapshot)
    assert held.nodes == {"Organisation": 2, "System": 1}
    assert held.relationships == {"LOCATED_IN": 1, "SUCCEEDED_BY": 1}
    assert held.sources == ("ods-trusts@2020", "ods-trusts@2026")
    assert held.newest == "2026-01"
    assert held.frame().row(0) == ("node", "Organisation", "Organisations", 2)


def test_a_thing_is_told_in_words(snapshot: Snapshot):
    told = describe(snapshot, "r1h")
    assert (told.id, told.kind, told.name) == ("ods:R1H", "Organisation", "Barts Health NHS Trust")
    assert told.other_names == ("Barts Health",)
    assert told.codes == ("cqc:R1H",)
    assert told.when == "1 April 2012"
    assert told.attributes["org_type"] == "Acute trust"
    assert told.attributes["town"] == "LONDON"
    assert "lon" not in told.attributes


def test_only_what_the_sources_differ_in_is_told_by_source(snapshot: Snapshot):
    assert describe(snapshot, "R1H").versions == (
        Version("name", "ods-trusts@2020", "Barts Health"),
        Version("name", "ods-trusts@2026", "Barts Health NHS Trust"),
        Version("org_type", "ods-trusts@2020", "NHS trust"),
        Version("org_type", "ods-trusts@2026", "Acute trust"),
    )


def test_relationships_are_told_from_both_ends(snapshot: Snapshot):
    located, succeeded = describe(snapshot, "R1H").ties
    assert (located.kind, located.outgoing) == ("LOCATED_IN", True)
    (there,) = located.statements
    assert (there.other, there.other_kind, there.other_name) == (
        "ods:QMF", "System", "North East London",
    )  # fmt: skip
    assert (there.when, there.locator, there.source) == ("April 2020", "row 7", "ods-trusts@2026")
    assert there.details["knowledge_level"] == "Register"
    assert (succeeded.kind, succeeded.outgoing) == ("SUCCEEDED_BY", False)
    assert succeeded.statements[0].other_name == "Barts and the London"
    assert describe(snapshot, "RNJ").ties[0].outgoing is True


def test_statements_are_rows(snapshot: Snapshot):
    assert describe(snapshot, "QMF").frame().row(0) == (
        *("LOCATED_IN", False, "ods:R1H", "Organisation", "Barts Health NHS Trust"),
        *("April 2020", "ods-trusts@2026", None, "row 7"),
    )


def test_a_name_that_nothing_has_is_unknown(snapshot: Snapshot):
    with pytest.raises(UnknownName, match='There is no thing "Bart Health".') as error:
        describe(snapshot, "Bart Health")
    assert "Barts Health NHS Trust" in error.value.nearest


@pytest.mark.parametrize("text", ["", "  ", "!!!"])
def test_a_text_without_letters_means_nothing(snapshot: Snapshot, text: str):
    with pytest.raises(UnknownName):
        describe(snapshot, text)
