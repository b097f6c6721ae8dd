"""Small made-up files of each data set of adoption: what is read, what is rejected, and why."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.partitions import write_partition
from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.adoption_rules import rules
from icsgraph.ontology.errors import LayoutError
from icsgraph.pipeline import load

MONTHS = """\
month,gp_code,pcn_code,sub_icb_code,icb_code,supplier,oc_capability,oc_participation,\
oc_system_usage,submissions,submissions_clinical,submissions_admin,submissions_other,\
patients_registered
2023-09,A81001,U89141,16C,QHM,None/Unknown,0,0,0,0,0,0,0,3955
2023-10,A81001,U89141,16C,QHM,NEWCOMER LTD,1,1,1,60,47,13,0,3960
2023-09,A81002,U,16C,QHM,OLD LTD,1,1,1,376,252,124,0,18415
2023-10,A81002,U,16C,QHM,OLD LTD,1,1,1,380,250,130,0,18420
"""
EVENTS = """\
gp_code,event,supplier,month,icb_code,sub_icb_code,pcn_code,possible_coverage_artefact
A81001,oc_start,,2023-10,QHM,16C,U89141,1
A81001,supplier_first_seen,NEWCOMER LTD,2023-10,QHM,16C,U89141,0
"""
WARDS = """\
month,icb_code,region_code,capacity,capacity_per_100k,gp_population,population_basis,patients,\
occupancy_published,occupancy_computed
2024-01,QE1,Y62,290,29.0,1000000,registered_16_plus,178,0.61,0.614
2024-02,QE1,Y62,310,31.0,1000000,registered_16_plus,400,100%*,1.29
2024-03,QE1,Y62,280,28.0,1000000,registered_16_plus,,**,
2024-04,QE1,Y62,400,32.0,1250000,registered_all_ages,200,0.5,0.5
"""
DOAC = """\
month,ccg_code,icb_code,doac_items,oral_anticoagulant_items,doac_percent
2018-03,00C,QHM,40,100,40.0
2018-03,00D,QHM,0,,0.0
2018-04,00C,QHM,60,100,60.0
2018-04,00D,QHM,20,100,20.0
2018-05,00C,QHM,70,100,70.0
2018-05,00D,QHM,30,100,30.0
"""
SHARES = """\
gp_code,2017-01,2017-02,2017-03,2017-04
A81001,0.7,0.6,0.5,0.4
A81002,0.3,0.3,0.3,0.3
A81003,0.7,,,
"""
SWITCHES = """\
gp_code,first_month_3m_share_le_50pct,share_first_12m,share_last_12m
A81001,2017-04,0.7,0.4
A81002,at_start,0.3,0.3
A81003,,0.7,
"""
SYSTEMS = """\
gp_code,system_2019,system_2025_11,icb_code_2025,sub_icb_code_2025
A81001,Vision,EMIS/EVERGREENLIFE,QHM,16C
A81002,TPP,,,
"""
CENTRES = """\
name_2025_10,name_2025_06,address,postcode,latitude,longitude,icb_ons_code,open_12_7_2025_06,\
open_12_7_2025_10,services_2025_10
Wye CDC,Hereford CDC,"Hereford, HR4 9SB",HR4 9SB,52.07,-2.72,E54000019,No,Yes,"Imaging, Endoscopy"
New CDC,,"Leeds, LS12 3HD",ls123hd,53.80,-1.59,E54000054,,N/A,Imaging
"""
HUBS = """\
name,address,postcode,latitude,longitude,icb_ons_code
Alder Hey Hub,"E Prescot Road, Liverpool",L14 5AB,53.42,-2.90,E54000008
Aintree Hub,"Lower Lane, Liverpool",L9 7AL,53.47,-2.93,E54000008
"""


@pytest.fixture
def read(tmp_path):
    """Reads texts as the files of a source, and checks that the partition can be written."""

    def partition(kind, *files, encoding="utf-8"):
        paths = []
        for number, text in enumerate(files):
            paths.append(tmp_path / f"{number}.csv")
            paths[-1].write_bytes(text.encode(encoding))
        loaded = load(SourceEntry(f"{kind}@2026-01", kind, tuple(paths), kind, "2026-01"))
        folder = tmp_path / "partition"
        for place in (folder, folder / "nodes", folder / "series"):
            place.mkdir(exist_ok=True)
        write_partition(Path(tmp_path / "partition"), loaded)
        not_dangling(loaded)
        return loaded

    return partition


def not_dangling(partition):
    nodes = {i for rows in partition.nodes.values() for i in rows["id"]}
    for rows in partition.relationships.values():
        assert {*rows["subject"], *rows["object"]} <= nodes


def dated(partition, *more):
    columns = ("subject", "object", "start_earliest", "start_latest", "date_text", *more)
    return partition.relationships["ADOPTED"].select(columns).rows()


def told(partition, name, thing):
    rows = partition.series[name].filter(pl.col("thing") == thing)
    return rows.select("measure", "group", "value", "number", "date").rows()


# --- what each data set says ---


def test_online_consultation_begins_in_the_first_month_of_taking_part(read):
    found = read("online-consultation", MONTHS, EVENTS)
    innovation = "icsg:innovation/online-consultation"
    note = "possible coverage artefact: NEWCOMER LTD had only just begun to report"
    assert dated(found, "note") == [
        ("ods:A81001", innovation, "2023-10-01", "2023-10-31", "2023-10", note),
        ("ods:A81002", innovation, None, "2023-09-30", "by 2023-09", None),
    ]
    assert ("supplier", None, "NEWCOMER LTD", None, "2023-10") in told(
        found, "online-consultation", "ods:A81001"
    )
    assert told(found, "online-consultation-events", "ods:A81001") == [
        ("oc_start", None, "possible coverage artefact", None, "2023-10"),
        ("supplier_first_seen", "NEWCOMER LTD", None, None, "2023-10"),
    ]


def test_online_consultation_says_where_a_practice_belongs_in_its_last_month(read):
    stated = read("online-consultation", MONTHS).relationships
    bounds = ("subject", "object", "start_latest", "end_earliest")
    assert stated["MEMBER_OF"].select(bounds).rows() == [
        ("ods:A81001", "ods:U89141", "2023-10-31", "2023-10-02")
    ]
    assert stated["COMMISSIONS"].select("subject", "object").rows() == [
        ("ods:16C", "ods:A81001"),
        ("ods:16C", "ods:A81002"),
    ]
    assert set(stated["LOCATED_IN"]["object"]) == {"ods:QHM"}


def test_every_published_value_is_in_the_series(read):
    series = read("online-consultation", MONTHS).series["online-consultation"]
    assert series.height == 4 * 9
    assert series.filter(pl.col("measure") == "registered patients")["number"].sum() == 44750
    assert series.filter(pl.col("measure") == "submissions")["number"].sum() == 816


def test_a_virtual_ward_ends_where_beds_fall_and_counts_one_population_only(read):
    found = read("virtual-wards", WARDS)
    (one,) = found.relationships["ADOPTED"].rows(named=True)
    assert (one["subject"], one["object"]) == ("ods:QE1", "icsg:innovation/virtual-ward")
    assert (one["start_earliest"], one["start_latest"]) == ("2024-02-01", "2024-02-29")
    assert (one["end_earliest"], one["end_latest"]) == ("2024-03-01", "2024-03-31")
    assert one["rule"] == rules()["virtual-ward"].text
    assert ("occupancy", None, "100%*", 1.29, "2024-02") in told(found, "virtual-wards", "ods:QE1")
    assert ("beds per 100,000", "registered_all_ages", None, 32.0, "2024-04") in told(
        found, "virtual-wards", "ods:QE1"
    )
    assert found.relationships["PART_OF"].select(
        "object", "start_latest", "end_earliest"
    ).rows() == [("ods:Y62", "2024-01-31", "2024-04-02")]


def test_a_virtual_ward_file_of_one_population_only_is_read(read):
    all_ages = WARDS.replace("registered_16_plus", "registered_all_ages")
    assert "ADOPTED" not in read("virtual-wards", all_ages).relationships


def test_doac_is_dated_for_commissioners_and_for_their_later_system(read):
    found = read("doac", DOAC)
    innovation = "icsg:innovation/direct-oral-anticoagulant"
    assert dated(found) == [
        ("ods:00C", innovation, "2018-04-01", "2018-04-30", "2018-04"),
        ("ods:QHM", innovation, "2018-05-01", "2018-05-31", "2018-05"),
    ]
    # In March the total of 00D is not known, so the sum is that of 00C.
    percents = found.series["doac"].filter(
        (pl.col("thing") == "ods:QHM") & pl.col("measure").str.starts_with("percent")
    )
    assert percents.select("date", "number", "group").rows() == [
        ("2018-03", 40.0, "CCGs of the later system"),
        ("2018-04", 40.0, "CCGs of the later system"),
        ("2018-05", 50.0, "CCGs of the later system"),
    ]


def test_the_switch_from_trimethoprim_is_a_low_share_over_three_months(read):
    found = read("trimethoprim", SHARES, SWITCHES)
    innovation = "icsg:innovation/nitrofurantoin-first"
    assert dated(found) == [
        ("ods:A81001", innovation, "2017-04-01", "2017-04-30", "2017-04"),
        ("ods:A81002", innovation, None, "2017-03-31", "by 2017-03"),
    ]
    assert found.series["trimethoprim"].height == 9
    assert told(found, "trimethoprim-switches", "ods:A81003") == [
        ("first month", None, "never", None, None),
        ("mean share of the first 12 months", None, None, 0.7, None),
    ]


def test_a_later_edition_of_the_shares_has_other_months(read):
    found = read("trimethoprim", SHARES.replace("2017-", "2019-"))
    assert [row[-1] for row in dated(found)] == ["2019-04", "by 2019-03"]


def test_a_clinical_system_changed_some_time_between_two_dates(read):
    found = read("gp-systems", SYSTEMS)
    end = ("end_earliest", "end_latest")
    assert dated(found, *end) == [
        (
            *("ods:A81001", "icsg:innovation/gp-system-emis", "2019-09-01", "2025-11-30"),
            *("by 2025-11", "2025-12-01", None),
        ),
        (
            *("ods:A81002", "icsg:innovation/gp-system-tpp", None, "2019-08-31"),
            *("by 2019-08", "2019-09-01", None),
        ),
        (
            *("ods:A81001", "icsg:innovation/gp-system-vision", None, "2019-08-31"),
            *("by 2019-08 to 2019-08", "2019-09-01", "2025-11-30"),
        ),
    ]


def test_diagnostic_centres_are_sites_of_systems_that_had_one_by_then(read):
    found = read("diagnostic-centres", CENTRES)
    innovation = "icsg:innovation/community-diagnostic-centre"
    assert dated(found) == [
        ("ons:E54000019", innovation, None, "2025-06-30", "by 2025-06"),
        ("ons:E54000054", innovation, None, "2025-10-31", "by 2025-10"),
    ]
    sites = found.nodes["Location"].select("id", "name", "other_names", "postcode").rows()
    assert sites == [
        ("icsg:diagnostic-centre/wye-cdc", "Wye CDC", ["Hereford CDC"], "HR4 9SB"),
        ("icsg:diagnostic-centre/new-cdc", "New CDC", [], "LS12 3HD"),
    ]
    assert told(found, "diagnostic-centres", "icsg:diagnostic-centre/wye-cdc") == [
        ("open 12 hours, 7 days", None, "No", None, "2025-06"),
        ("open 12 hours, 7 days", None, "Yes", None, "2025-10"),
        ("service", None, "Imaging", None, "2025-10"),
        ("service", None, "Endoscopy", None, "2025-10"),
    ]
    placed = found.relationships["LOCATED_IN"].select("object", "start_latest", "end_earliest")
    assert placed.rows() == [
        ("ons:E54000019", "2025-06-30", "2025-10-02"),
        ("ons:E54000054", "2025-10-31", "2025-10-02"),
    ]


def test_surgical_hubs_are_counted_by_system(read):
    found = read("surgical-hubs", HUBS)
    assert dated(found) == [
        (
            *("ons:E54000008", "icsg:innovation/elective-surgical-hub"),
            *(None, "2025-08-31", "by 2025-08"),
        )
    ]
    assert told(found, "surgical-hubs", "ons:E54000008") == [
        ("hubs listed", None, None, 2.0, "2025-08")
    ]


def test_every_innovation_of_a_rule_is_described(read):
    files = {
        "online-consultation": MONTHS,
        "virtual-wards": WARDS,
        "doac": DOAC,
        "trimethoprim": SHARES,
        "gp-systems": SYSTEMS,
        "diagnostic-centres": CENTRES,
        "surgical-hubs": HUBS,
    }
    described = {
        node
        for kind, text in files.items()
        for node in read(kind, text).nodes["Innovation"].drop_nulls(["name", "definition"])["id"]
    }
    assert described == {rule.innovation for rule in rules().values()}


def test_files_of_one_layout_are_parts_of_one_table(read):
    header, *rows = MONTHS.splitlines(keepends=True)
    halves = header + "".join(rows[:3]), header + "".join(rows[2:])
    found = read("online-consultation", *halves)
    assert found.series["online-consultation"].height == 4 * 9
    assert [a["accepted"] for a in found.facts["accounting"]] == [3, 2]


# --- what is wrong ---


@pytest.mark.parametrize(
    ("kind", "text", "old", "new", "column", "reason"),
    [
        (
            *("online-consultation", MONTHS, "2023-10,A81001,U8", "2023-13,A81001,U8"),
            *("month", "is not a month such as 2023-09"),
        ),
        (
            *("online-consultation", MONTHS, "2023-10,A81001,U8", "2023-10,North Road,U8"),
            *("gp_code", "is not an ODS code of a practice"),
        ),
        (
            *("online-consultation", MONTHS, "1,1,1,60", "1,2,1,60"),
            *("oc_participation", "is not 0 or 1"),
        ),
        (
            *("online-consultation", MONTHS, ",60,47", ",-60,47"),
            *("submissions", "is no number from 0 to 10,000,000"),
        ),
        (
            *("online-consultation", MONTHS, "NEWCOMER LTD", ""),
            *("supplier", "is missing"),
        ),
        (
            *("virtual-wards", WARDS, "2024-02,QE1,Y62,310", "2024-02,QE1,Y62,#N/A"),
            *("capacity", "is no number from 0 to 100,000,000"),
        ),
        (
            *("virtual-wards", WARDS, "100%*", "full"),
            *("occupancy_published", "is not an occupancy"),
        ),
        ("doac", DOAC, "2018-04,00C,QHM,60", "2018-04,00C,QHM,160", "doac_items", "is more than"),
        ("doac", DOAC, "60.0", "6.0", "doac_percent", "is not the percentage of the items"),
        ("doac", DOAC, "2018-04,00C,QHM", "2018-04,00C,tbc!", "icb_code", "is not an ODS code"),
        ("doac", DOAC, "60.0", "NaN", "doac_percent", "is no number from 0 to 100"),
        ("trimethoprim", SHARES, "0.5", "1.5", "2017-03", "is no number from 0 to 1"),
        ("trimethoprim", SHARES, "0.5", "n/a", "2017-03", "is no number from 0 to 1"),
        (
            *("trimethoprim", SWITCHES, "2017-04", "spring"),
            *("first_month_3m_share_le_50pct", "is not a month or at_start"),
        ),
        ("gp-systems", SYSTEMS, "TPP,", ",", "system_2019", "is missing at both dates"),
        ("diagnostic-centres", CENTRES, "No,Yes", "No,Perhaps", "open_12_7_2025_10", "is not Yes"),
        ("diagnostic-centres", CENTRES, "52.07", "5.2", "latitude", "is no number from 49.8"),
        ("diagnostic-centres", CENTRES, "Wye CDC", "new-cdc", "name_2025_10", "is the name of a"),
        ("surgical-hubs", HUBS, "Alder Hey Hub", "?", "name", "is not a name"),
        ("surgical-hubs", HUBS, "E54000008\nA", "E06000001\nA", "icb_ons_code", "is not an ONS"),
        ("surgical-hubs", HUBS, "L9 7AL", "Liverpool by the sea", "postcode", "is not a postcode"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_with_its_place(
    read, kind, text, old, new, column, reason
):
    assert text.count(old) == 1
    found = read(kind, text.replace(old, new))
    (account,) = found.facts["accounting"]
    (fault,) = found.rejects.rows(named=True)
    assert (account["rows"], account["rejected"]) == (text.count("\n") - 1, 1)
    assert fault["column"] == column
    assert fault["reason"].startswith(reason)
    assert fault["what_to_do"]


def test_repeated_rows_are_merged_and_contradictions_rejected(read):
    again = "2018-04,00C,QHM,60,100,60.0\n"
    other = "2018-04,00C,QHM,61,100,61.0\n"
    found = read("doac", DOAC + again + other)
    (account,) = found.facts["accounting"]
    assert (account["accepted"], account["merged"], account["rejected"]) == (6, 1, 1)
    assert found.rejects["reason"].to_list() == [
        "has other values in an earlier row of the same commissioner and month"
    ]


def test_small_letters_and_blanks_in_codes_do_not_matter(read):
    found = read("doac", DOAC.replace("00C,QHM", " 00c , qhm "))
    assert dated(found) == dated(read("doac", DOAC))


def test_bytes_of_another_encoding_and_line_breaks_of_windows_are_read(read):
    text = "\ufeff" + CENTRES.replace("\n", "\r\n")
    assert dated(read("diagnostic-centres", text)) == dated(read("diagnostic-centres", CENTRES))


def test_a_file_of_another_data_set_is_refused(read):
    with pytest.raises(LayoutError, match="Known here: DOACs by clinical commissioning group"):
        read("doac", SHARES)


def test_an_unknown_month_column_is_named(read):
    with pytest.raises(LayoutError, match='the column "2017-13" is not known'):
        read("trimethoprim", SHARES.replace("2017-04", "2017-13"))


def test_a_file_whose_rows_are_all_wrong_gives_no_adoptions(read):
    found = read("doac", DOAC.replace(",QHM", ",?"))
    assert found.rejects["row"].n_unique() == 6
    assert "ADOPTED" not in found.relationships and found.series == {}
