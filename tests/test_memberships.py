"""Memberships of networks: a small made-up list, its faults, and the whole one."""

import polars as pl
import pytest

from icsgraph.loaders.memberships import NETWORKS
from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.vocabularies import scheme
from icsgraph.pipeline import load
from icsgraph.queries.projections import shared_membership

HEADER = "tie_type,group_code,group_name,member_code,member_type,member_name,basis,as_of\n"
ALLIANCE = (
    "cancer_alliance,N69,Northern Cancer Alliance,R0B,NHS trust,South Trust,member,2026-04-02\n"
)
STROKE = (
    "integrated_stroke_delivery_network,ISDN-LONDON,London,A3A8R,sub-ICB location,"
    "North East London,covers,2024-08-15\n"
)
DIABETES = (
    "paediatric_diabetes_network,PN06,East of England,RM102,hospital site or trust,,"
    "member; unit 2,2024-08-31\n"
    "paediatric_diabetes_network,PN06,East of England,RM103,hospital site or trust,,"
    "member; unit 3,2024-08-31\n"
    "paediatric_diabetes_network,PN06,East of England,G0W1C,hospital site or trust,,"
    "member; unit 4,2024-08-31\n"
)
CLUSTER = (
    "icb_cluster,BSOL-BC,BSOL-BC cluster,QHL,ICB,Birmingham and Solihull ICB,shared chair,"
    "2026-08-22\n"
)
UNITS = """\
postcode,stroke_team,ssnap_name,hospital_city,use_ivt,use_mt,sicbl_ons_code,icb_ons_code,isdn,\
sub_icb_code,icb_code,isdn_code
RM70AG,Queens Hospital team,Queens HASU,Romford,1,0,E38000255,E54000029,London,A3A8R,QMF,ISDN-LONDON
NG51PB,City Hospital,None (for 72h care),Nottingham,0,0,E38000243,E54000060,East Midlands,52R,QT1,\
ISDN-EAST-MIDLANDS
"""
BOUNDS = ("start_earliest", "start_latest", "end_earliest", "end_latest")


@pytest.fixture
def read(tmp_path):
    def partition(text):
        path = tmp_path / "members.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return load(SourceEntry("memberships@2026", "memberships", (path,), "Networks", "2026"))

    return partition


def stated(partition, kind, *columns):
    return partition.relationships[kind].select("subject", "object", *columns).rows()


def named(partition, kind="Organisation"):
    return {row["id"]: row["name"] for row in partition.nodes[kind].rows(named=True)}


def test_a_trust_is_a_member_on_the_day_of_its_row(read):
    found = read(HEADER + ALLIANCE)
    assert stated(found, "MEMBER_OF", "role", "start_latest", "end_earliest") == [
        ("ods:R0B", "ods:N69", "member", "2026-04-02", "2026-04-03")
    ]
    assert named(found) == {"ods:N69": "Northern Cancer Alliance", "ods:R0B": "South Trust"}


def test_a_name_that_does_not_say_what_it_names_is_completed(read):
    found = read(HEADER + STROKE)
    network = "icsg:integrated-stroke-delivery-network/ISDN-LONDON"
    assert named(found)[network] == "London integrated stroke delivery network"
    assert stated(found, "MEMBER_OF", "role") == [("ods:A3A8R", network, "covers")]


def test_sites_make_their_trust_a_member_and_are_operated_by_it(read):
    found = read(HEADER + DIABETES)
    network = "icsg:paediatric-diabetes-network/PN06"
    assert stated(found, "MEMBER_OF", "key", "role") == [
        ("ods:RM1", network, "RM102", "member; unit 2"),
        ("ods:RM1", network, "RM103", "member; unit 3"),
        ("ods:G0W1C", network, "", "member; unit 4"),
    ]
    assert stated(found, "OPERATES", "knowledge_level") == [
        ("ods:RM1", "ods:RM102", "inference"),
        ("ods:RM1", "ods:RM103", "inference"),
    ]
    types = dict(found.nodes["Organisation"].select("id", "org_type").rows())
    assert (types["ods:RM1"], types["ods:G0W1C"]) == ("nhs-trust", None)


def test_a_board_is_told_apart_from_its_system(read):
    found = read(HEADER + CLUSTER)
    assert stated(found, "MEMBER_OF", "role") == [
        ("icsg:icb/QHL", "icsg:icb-cluster/BSOL-BC", "shared chair"),
        ("icsg:icb/QHL", "ods:QHL", "integrated care board"),
    ]
    assert found.nodes["System"]["id"].to_list() == ["ods:QHL"]


def test_stroke_units_are_places_of_their_network(read):
    found = read(UNITS)
    unit, other = "icsg:stroke-unit/rm70ag", "icsg:stroke-unit/ng51pb"
    assert stated(found, "PART_OF")[0] == (
        unit,
        "icsg:integrated-stroke-delivery-network/ISDN-LONDON",
    )
    assert set(stated(found, "LOCATED_IN")) == {
        (unit, "ods:QMF"),
        (unit, "ons:E38000255"),
        (other, "ods:QT1"),
        (other, "ons:E38000243"),
    }
    places = found.nodes["Location"].select("name", "other_names", "town", "postcode").rows()
    assert places == [
        ("Queens Hospital team", ["Queens HASU"], "Romford", "RM7 0AG"),
        ("City Hospital", [], "Nottingham", "NG5 1PB"),
    ]
    given = found.series["stroke-units"].filter(pl.col("number") == 1)
    assert given.select("thing", "measure", "date").rows() == [(unit, "thrombolysis", "2026")]


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("cancer_alliance", "cancer_club", "tie_type", "is no kind of network known here"),
        ("NHS trust", "band", "member_type", "is no type of member known here"),
        ("N69", "N-69", "group_code", "is not an ODS code"),
        ("R0B", "South Trust (tbc)", "member_code", "is not an ODS code"),
        ("R0B", "", "member_code", "is missing"),
        ("2026-04-02", "2026-02-30", "as_of", "is no day of the calendar"),
        ("2026-04-02", "April 2026", "as_of", "is no day of the calendar"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_with_its_place(read, old, new, column, reason):
    found = read(HEADER + STROKE + ALLIANCE.replace(old, new))
    (fault,) = found.rejects.rows(named=True)
    assert (fault["row"], fault["column"]) == (2, column)
    assert fault["reason"].startswith(reason)
    assert stated(found, "MEMBER_OF")[0][0] == "ods:A3A8R"


def test_a_member_twice_in_a_network_is_merged_or_contradicted(read):
    found = read(HEADER + ALLIANCE + ALLIANCE + ALLIANCE.replace("member,", "note,"))
    (account,) = found.facts["accounting"]
    assert (account["accepted"], account["merged"], account["rejected"]) == (1, 1, 1)


def test_every_kind_of_network_has_a_type_that_the_vocabulary_knows():
    types = scheme("organisation-type")
    assert {network.org_type for network in NETWORKS.values()} <= set(types)


# --- the whole list -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def england(shared):
    path = shared / "data" / "ties" / "ties_organisation_groups_membership.csv"
    return load(SourceEntry("memberships@2026", "memberships", (path,), "Networks", "2026-08-22"))


def test_every_membership_is_read(england):
    (account,) = england.facts["accounting"]
    assert (account["rows"], account["accepted"]) == (604, 604)
    of_boards = pl.col("role") == "integrated care board"
    assert england.relationships["MEMBER_OF"].filter(~of_boards).height == 604


@pytest.mark.parametrize(
    ("prefix", "networks", "members", "memberships"),
    [
        ("ods:N|ods:L", 20, 141, 146),
        ("icsg:paediatric-epilepsy-network", 14, 151, 152),
        ("icsg:paediatric-diabetes-network", 10, 123, 160),  # 160 sites of 123 bodies
        ("icsg:integrated-stroke-delivery-network", 20, 106, 106),
        ("icsg:trust-group", 8, 20, 20),
        ("icsg:icb-cluster", 9, 20, 20),
    ],
)
def test_networks_have_the_members_counted_beside_the_data(
    england, prefix, networks, members, memberships
):
    rows = england.relationships["MEMBER_OF"].filter(pl.col("object").str.contains(f"^{prefix}"))
    found = (rows["object"].n_unique(), rows["subject"].n_unique(), rows.height)
    assert found == (networks, members, memberships)


def test_shared_membership_of_clusters_is_counted_by_hand(england):
    rows = england.relationships["MEMBER_OF"]
    clusters = rows.filter(pl.col("object").str.starts_with("icsg:icb-cluster"))
    ties = shared_membership(clusters)
    # Seven clusters of two boards and two of three: 7 * 1 + 2 * 3 pairs.
    assert ties.height == 13
    assert set(ties["certainty"]) == {"CERTAIN"}


def test_every_stroke_unit_is_read(shared):
    path = shared / "data" / "ties" / "ties_stroke_units_isdn_2022.csv"
    found = load(SourceEntry("stroke-units@2022", "memberships", (path,), "Units", "2022"))
    (account,) = found.facts["accounting"]
    assert (account["rows"], account["accepted"]) == (128, 128)
    assert found.nodes["System"].height == 42
    treatments = found.series["stroke-units"].group_by("measure").agg(pl.col("number").sum())
    assert dict(treatments.rows()) == {"thrombolysis": 101, "thrombectomy": 24}
