"""What a snapshot holds, and all that it says about one thing."""

import polars as pl
import pytest

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import UnknownName
from icsgraph.queries.describe import describe, holdings
from icsgraph.queries.versions import Version

REGISTER = {"knowledge_level": ["register"]}


def ratings(*rows: tuple[str, str, str]) -> dict[str, pl.DataFrame]:
    told = [("ods:QMF", measure, "Overall", value, day) for measure, value, day in rows]
    columns = ["thing", "measure", "group", "value", "date"]
    return {"ratings": pl.DataFrame(told, schema=columns, orient="row")}


def partition(source: str, as_of: str, nodes: dict, relationships: dict, series: dict) -> Partition:
    facts = {"id": source, "data_set": source.partition("@")[0], "as_of": as_of, "official": True}
    return Partition(
        facts,
        {kind: pl.DataFrame(rows) for kind, rows in nodes.items()},
        {kind: pl.DataFrame({**rows, **REGISTER}) for kind, rows in relationships.items()},
        series,
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
        ratings(
            ("overall rating", "Good", "2015-01-01"),
            ("overall rating", "Inadequate", "2019-01-01"),
            ("safe rating", "Good", "2019-01-01"),
        ),
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
        ratings(("overall rating", "Good", "2025-11-01")),
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
    assert held.series == {"ratings": 4}
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


def version(attribute: str, year: str, value: str, shown: bool) -> Version:
    source = f"ods-trusts@{year}"
    return Version(attribute, source, value, f"{year}-01", "ods:R1H", shown=shown)


def test_only_what_the_sources_differ_in_is_told_by_source_and_the_newest_is_shown(
    snapshot: Snapshot,
):
    assert describe(snapshot, "R1H").versions == (
        version("name", "2026", "Barts Health NHS Trust", True),
        version("name", "2020", "Barts Health", False),
        version("org_type", "2026", "Acute trust", True),
        version("org_type", "2020", "NHS trust", False),
    )


def test_of_several_ratings_the_newest_edition_s_is_shown_and_each_source_s_latest_is_kept(
    snapshot: Snapshot,
):
    overall, safe = "overall rating, Overall", "safe rating, Overall"
    told = describe(snapshot, "QMF")
    assert [(r.attribute, r.value, r.date) for r in told.ratings] == [
        (overall, "Good", "2025-11-01"),
        (safe, "Good", "2019-01-01"),
    ]
    differing = [(v.source, v.value, v.date, v.shown) for v in told.versions if v.date]
    assert differing == [
        ("ods-trusts@2026", "Good", "2025-11-01", True),
        ("ods-trusts@2020", "Inadequate", "2019-01-01", False),
    ]


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
