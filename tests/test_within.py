"""The graph within a system: what is of it, and the ties among that and out of it."""

from collections.abc import Callable

import polars as pl
import pytest

from icsgraph.graph.partitions import Partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.within import within
from icsgraph.ontology.dates import BoundedDate
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.session import Graph

Built = Callable[..., Snapshot]
REGISTER = {
    **{"id": "register@2022-01", "data_set": "register", "as_of": "2022-01-31"},
    **{"complete": True, "official": True},
}


def ties(*rows: tuple[str, ...], share: float | None = None) -> pl.DataFrame:
    """Statements of subject, object and, if there is a third, since when."""
    told = [
        {
            **{"subject": subject, "object": object, "knowledge_level": "register"},
            **BoundedDate.parse(*since).columns(),
        }
        if since
        else {"subject": subject, "object": object, "knowledge_level": "register"}
        for subject, object, *since in rows
    ]
    frame = pl.DataFrame(told, infer_schema_length=None)
    return frame if share is None else frame.with_columns(share=pl.lit(share))


def named(*ids: str) -> pl.DataFrame:
    return pl.DataFrame({"id": ids})


@pytest.fixture
def two_systems(tmp_path, built: Built) -> Graph:
    """QE1 with a trust, a commissioner, a practice and a location; QF7 beside it; one provider
    with a location in each, and one area that lies in both."""
    nodes = {
        "System": named("ods:QE1", "ods:QF7"),
        "Area": named("ons:E38000001", "ons:E38000002", "ons:E38000003"),
        "Organisation": named("ods:RXX", "ods:RYY", "ods:01A", "ods:A81", "cqc:1-1011"),
        "Location": named("cqc:1-2011", "cqc:1-2022"),
        "Innovation": named("icsg:innovation/hub"),
    }
    relationships = {
        "PART_OF": pl.concat(
            [
                ties(
                    *(("ods:01A", "ods:QE1"), ("ons:E38000001", "ods:QE1")),
                    *(("ons:E38000002", "ods:QF7"),),
                    share=1.0,
                ),
                ties(("ons:E38000003", "ods:QE1"), share=0.4),
            ]
        ),
        "MEMBER_OF": ties(("ods:A81", "ods:01A")),
        "LOCATED_IN": ties(
            ("ods:RXX", "ods:QE1"),
            ("ods:RYY", "ods:QF7"),
            ("cqc:1-2011", "ons:E38000001"),
            ("cqc:1-2022", "ons:E38000002"),
        ),
        "OPERATES": ties(("cqc:1-1011", "cqc:1-2011"), ("cqc:1-1011", "cqc:1-2022")),
        "COLLABORATES_WITH": ties(("ods:RXX", "ods:RYY")),
        "ADOPTED": ties(("ods:QE1", "icsg:innovation/hub")),
    }
    return Graph(built(tmp_path / "store", Partition(REGISTER, nodes, relationships)))


def test_of_a_system_are_its_parts_members_and_the_places_in_its_areas(two_systems: Graph) -> None:
    own = within(two_systems.snapshot, ["ods:QE1"]).own.to_list()
    assert own == [
        *("cqc:1-2011", "ods:01A", "ods:A81", "ods:QE1", "ods:RXX", "ons:E38000001"),
    ]


def test_a_tie_out_of_a_system_brings_its_other_end_and_no_more(two_systems: Graph) -> None:
    view = two_systems.within("QE1")
    assert view.nodes("Organisation")["id"].to_list() == [
        *("cqc:1-1011", "ods:01A", "ods:A81", "ods:RXX", "ods:RYY"),
    ]
    assert view.nodes("Location")["id"].to_list() == ["cqc:1-2011"]
    assert view.nodes("System")["id"].to_list() == ["ods:QE1"]
    assert view.nodes("Innovation").height == 1
    assert view.relationships("OPERATES")["object"].to_list() == ["cqc:1-2011"]
    assert view.relationships("COLLABORATES_WITH").height == 1
    assert view.relationships("PART_OF")["subject"].to_list() == [
        *("ods:01A", "ons:E38000001", "ons:E38000003"),
    ]


def test_several_systems_are_one_graph(two_systems: Graph) -> None:
    both = two_systems.within("QE1", "QF7")
    assert both.nodes("Location").height == 2
    assert both.relationships("OPERATES").height == 2


def test_every_tie_has_both_its_ends(sample: Graph) -> None:
    view = sample.within(region="South East")
    ids = pl.concat(
        [view.nodes(k)["id"] for k in view.tables() if k[0].isupper() and k[1].islower()]
    )
    for kind in (name for name in view.tables() if name.isupper()):
        ends = view.relationships(kind).select("subject", "object").unpivot()["value"]
        assert ends.is_in(ids.implode()).all()
    assert view.relationships("ADOPTED").height > 0


def test_the_order_of_views_does_not_matter(sample: Graph) -> None:
    day, system = "2024-05-01", "Frimley"
    one, other = sample.on(day).within(system), sample.within(system).on(day)
    assert one.snapshot.view == other.snapshot.view
    for kind in one.tables():
        assert one.tables()[kind].equals(other.tables()[kind])
    assert one.nodes("System").height < sample.within(system).nodes("System").height


def test_an_engine_answers_of_the_system_alone(sample: Graph) -> None:
    adopted = "MATCH (s:System)-[:ADOPTED]->(i) RETURN DISTINCT s.id AS id ORDER BY id"
    assert sample.within("Frimley").cypher(adopted)["id"].to_list() == ["ods:QNQ"]
    assert sample.cypher(adopted).height > 1


def test_a_system_or_region_that_there_is_none_of_names_the_nearest(sample: Graph) -> None:
    with pytest.raises(UnknownName) as system:
        sample.within("Frimly")
    assert system.value.nearest == ["Frimley"]
    with pytest.raises(UnknownName) as region:
        sample.within(region="South Eats")
    assert region.value.nearest[0] == "South East"
    with pytest.raises(UsageError, match="No system is named"):
        sample.within()
