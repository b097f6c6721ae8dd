"""RTT waiting times from their archive, and catchments: what a row says, and the real files."""

import csv
import io
import zipfile

import polars as pl
import pytest

from icsgraph.loaders.flows import CATCHMENTS, RTT
from icsgraph.loaders.records import SourceEntry
from icsgraph.pipeline import load

KIRKBY = {
    "Period": "RTT-January-2026",
    "Provider Parent Org Code": "QZ1",
    "Provider Parent Name": "NHS BARSETSHIRE INTEGRATED CARE BOARD",
    "Provider Org Code": "RZ1",
    "Provider Org Name": "BARCHESTER HOSPITALS NHS FOUNDATION TRUST",
    "Commissioner Parent Org Code": "QZ2",
    "Commissioner Parent Name": "NHS LOAMSHIRE INTEGRATED CARE BOARD",
    "Commissioner Org Code": "99Z",
    "Commissioner Org Name": "NHS LOAMSHIRE ICB - 99Z",
    "RTT Part Type": "Part_3",
    "RTT Part Description": "New RTT Periods - All Patients",
    "Treatment Function Code": "C_999",
    "Treatment Function Name": "Total",
    "Total All": "12",
}
NO_PARENT = {"Commissioner Parent Org Code": "", "Commissioner Parent Name": "#N/A"}


def extract(*changes):
    """A full extract with one row for each set of changes to `KIRKBY`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(RTT.columns), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**KIRKBY, **change} for change in changes)
    return text.getvalue().encode()


@pytest.fixture
def read(tmp_path):
    def read(*changes):
        path = tmp_path / "RTT.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("20260131-RTT-January-2026-full-extract.csv", extract(*changes))
        return load(SourceEntry("rtt@2026-01", "rtt", (path,), "RTT", "2026-01"))

    return read


def flows(part):
    return part.relationships["TREATS_RESIDENTS_OF"]


def reasons(part):
    return part.rejects.select("row", "column", "value", "reason").rows()


def test_a_row_is_a_dated_count_of_pathways(read):
    (flow,) = flows(read({})).to_dicts()
    assert (flow["subject"], flow["object"]) == ("ods:RZ1", "ods:99Z")
    assert (flow["count"], flow["measure"], flow["period"]) == (12, "new RTT periods", "2026-01")
    assert (flow["start_earliest"], flow["end_latest"]) == ("2026-01-01", "2026-02-01")


def test_incomplete_pathways_are_those_of_the_last_day(read):
    (flow,) = flows(read({"RTT Part Type": "Part_2", "Period": "RTT-February-2024"})).to_dicts()
    assert flow["measure"] == "incomplete pathways"
    assert (flow["start_earliest"], flow["end_latest"]) == ("2024-02-29", "2024-03-01")
    assert flow["date_text"] == "2024-02-29"


def test_the_bodies_stand_in_their_systems(read):
    part = read({})
    names = dict(part.nodes["Organisation"].select("id", "name").rows())
    assert names["ods:RZ1"] == "Barchester Hospitals NHS Foundation Trust"
    assert part.nodes["System"].select("id", "name").rows() == [
        ("ods:QZ1", "Barsetshire"),
        ("ods:QZ2", "Loamshire"),
    ]
    within = {
        kind: part.relationships[kind].select("subject", "object").rows()
        for kind in ("LOCATED_IN", "PART_OF")
    }
    assert within == {
        "LOCATED_IN": [("ods:RZ1", "ods:QZ1")],
        "PART_OF": [("ods:99Z", "ods:QZ2")],
    }


def test_an_older_extract_has_fewer_columns_of_weeks(tmp_path):
    older = [name for name in RTT.columns if not name.startswith("Gt ") or int(name[3:6]) < 52]
    path = tmp_path / "rtt.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*older, "Gt 52 Weeks SUM 1"], extrasaction="ignore")
        writer.writeheader()
        writer.writerow({**KIRKBY, "Period": "RTT-April-2019"})
    part = load(SourceEntry("rtt@2019-04", "rtt", (path,), "RTT", "2019-04"))
    assert flows(part).select("count", "period").rows() == [(12, "2019-04")]


def test_systems_may_have_the_new_form_of_codes(read):
    """As those of April 2026, which no form tells from other bodies."""
    part = read(
        {"Provider Parent Org Code": "Z9Z0A", "Commissioner Org Code": "Z9Z0B"},
        {"Provider Parent Org Code": "Z9Z0A", "Commissioner Org Code": "Z9Z0A"},
        {"Provider Parent Org Code": "Q74", "Commissioner Org Code": "99Y"},
    )
    assert set(part.nodes["System"]["id"]) == {"ods:Z9Z0A", "ods:QZ2"}
    assert part.relationships["LOCATED_IN"]["object"].to_list() == ["ods:Z9Z0A"]
    commissioners = part.nodes["Organisation"].filter(pl.col("id") != "ods:RZ1")
    assert sorted(commissioners["id"]) == ["ods:99Y", "ods:Z9Z0B"]


def test_totals_are_of_all_functions_and_not_added_up(read):
    part = read({}, {"Treatment Function Code": "C_100", "Treatment Function Name": "Surgery"})
    total = flows(part).filter(pl.col("treatment_function") == "C_999")
    assert total["count"].to_list() == [12]
    assert part.nodes["Concept"]["id"].to_list() == [
        "icsg:treatment-function/C_100",
        "icsg:treatment-function/C_999",
    ]


@pytest.mark.parametrize(
    ("code", "name", "kind", "said"),
    [
        ("13Q", "NATIONAL COMMISSIONING HUB 1", "Organisation", "National Commissioning Hub 1"),
        ("NONC", "#N/A", "Organisation", None),
        ("Y61", "EAST OF ENGLAND COMMISSIONING REGION", "Area", None),
    ],
)
def test_a_commissioner_without_a_parent_is_in_no_system(read, code, name, kind, said):
    part = read({**NO_PARENT, "Commissioner Org Code": code, "Commissioner Org Name": name})
    assert "PART_OF" not in part.relationships
    assert flows(part)["object"].to_list() == [f"ods:{code}"]
    rows = part.nodes[kind].filter(pl.col("id") == f"ods:{code}").to_dicts()
    assert [row.get("name") for row in rows] == [said]


def test_codes_may_have_small_letters_and_blanks(read):
    part = read({"Provider Org Code": " rz1 "})
    assert flows(part)["subject"].to_list() == ["ods:RZ1"]


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"Provider Org Code": "#N/A"}, "Provider Org Code", "is missing"),
        ({"Commissioner Org Code": "tbc!"}, "Commissioner Org Code", "is not an ODS code"),
        ({"Total All": "-3"}, "Total All", "is not a whole number"),
        ({"Total All": ""}, "Total All", "is missing"),
        ({"RTT Part Type": "Part_9"}, "RTT Part Type", "is not a part of the RTT collection"),
        ({"Period": "RTT-Janvier-2026"}, "Period", "is not a month as in RTT-January-2026"),
        (
            {"Provider Parent Org Code": "X24"},
            "Provider Parent Org Code",
            "is not an ODS code of a system",
        ),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_with_its_place(read, change, column, reason):
    part = read({"Treatment Function Code": "C_100"}, change)
    value = None if reason == "is missing" else next(iter(change.values())).upper()
    assert [(row, at, why) for row, at, _, why in reasons(part)] == [(2, column, reason)]
    assert [v.upper() if v else v for _, _, v, _ in reasons(part)] == [value]
    assert part.facts["accounting"][0]["accepted"] == 1


def test_a_repeated_count_is_merged_and_a_contradiction_rejected(read):
    part = read({}, {}, {"Total": "1"}, {"Total All": "13"})
    said = "contradicts an earlier row of the same count"
    assert reasons(part) == [(4, "Total All", "13", said)]
    account = part.facts["accounting"][0]
    assert (account["accepted"], account["merged"], account["rejected"]) == (1, 2, 1)


def test_blocks_are_one_file(read, monkeypatch):
    functions = [{"Treatment Function Code": f"C_{n}"} for n in range(100, 400)]
    whole = read(*functions, {"Total All": "x"}, functions[0], {**functions[1], "Total All": "13"})
    monkeypatch.setattr("icsgraph.loaders.streaming.BLOCK", 4096)
    parts = read(*functions, {"Total All": "x"}, functions[0], {**functions[1], "Total All": "13"})
    assert flows(parts).equals(flows(whole))
    assert reasons(parts) == reasons(whole)
    assert [row for row, *_ in reasons(parts)] == [301, 303]
    assert parts.facts["accounting"] == whole.facts["accounting"]


# --- catchments -----------------------------------------------------------------------------------


@pytest.fixture
def catchments(tmp_path):
    def catchments(*rows, place="ltla21"):
        path = tmp_path / "catchments.csv"
        lines = [",".join(CATCHMENTS[place].columns), *rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return load(SourceEntry("catchments@2022", "catchments", (path,), "Catchments", "2022"))

    return catchments


def test_a_share_is_a_statement(catchments):
    part = catchments("RZ1,E07000001,0.25")
    (flow,) = flows(part).to_dicts()
    assert (flow["object"], flow["share"], flow.get("count")) == ("ons:E07000001", 0.25, None)
    assert part.nodes["Area"]["area_type"].to_list() == ["local-authority-lower-tier"]


def test_shares_below_one_per_cent_are_left_out_and_said(catchments):
    part = catchments("RZ1,E54000001,0.99", "RZ1,E54000002,0.0099", place="icb22")
    assert flows(part)["object"].to_list() == ["ons:E54000001"]
    said = "is a share below 1 %, which is left out"
    assert reasons(part) == [(2, "proportion_trust_came_from_icb", "0.0099", said)]
    note = "shares below 1 % are left out: 1 of 2 rows, on average 1.0% of a trust's admissions"
    assert part.facts["accounting"][0]["notes"] == [note]


def test_a_share_is_between_nothing_and_all(catchments):
    part = catchments("RZ1,E07000001,1.5", "RZ1,E07000002,half", "RZ1,E07000003,0.5")
    assert [row for row, *_ in reasons(part)] == [1, 2]


# --- the real files -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def january(shared):
    path = shared / "data" / "flows" / "RTT_full_extract_2026-01.zip"
    return load(SourceEntry("rtt@2026-01", "rtt", (path,), "RTT", "2026-01"))


def trusts(shared, edition):
    path = shared / "data" / "ods" / f"etr_{edition}.csv"
    part = load(SourceEntry("ods-trusts@x", "ods-trusts", (path,), "Trusts", edition[:4]))
    return set(part.nodes["Organisation"]["id"])


def test_every_row_of_january_2026_is_taken(january):
    (account,) = january.facts["accounting"]
    assert (account["rows"], account["accepted"]) == (183417, 183417)
    assert flows(january).height == 183417


def test_149_of_150_trusts_of_january_2026_are_in_the_register(january, shared):
    seen = flows(january)["subject"].unique()
    trust_like = set(seen.filter(seen.str.contains("^ods:[RT][0-9A-Z]{2}$")))
    assert len(trust_like) == 150
    # A care trust: ODS lists those in another file.
    assert trust_like - trusts(shared, "2026-01") == {"ods:TAD"}


def test_14_per_cent_of_new_periods_cross_borders(january):
    new = flows(january).filter(
        (pl.col("measure") == "new RTT periods") & (pl.col("treatment_function") == "C_999")
    )
    assert new["count"].sum() == 1_773_734
    within = {
        kind: january.relationships[kind].select("subject", pl.col("object").alias(kind))
        for kind in ("LOCATED_IN", "PART_OF")
    }
    known = new.join(within["LOCATED_IN"], on="subject").join(
        within["PART_OF"], left_on="object", right_on="subject"
    )
    across = known.filter(pl.col("LOCATED_IN") != pl.col("PART_OF"))
    assert round(across["count"].sum() / known["count"].sum(), 3) == 0.14


def test_the_total_is_the_sum_of_the_functions(january):
    total = pl.col("treatment_function") == "C_999"
    sums = (
        flows(january)
        .group_by("subject", "object", "measure")
        .agg(
            pl.col("count").filter(total).sum().alias("total"),
            pl.col("count").filter(~total).sum().alias("sum"),
        )
    )
    assert sums.filter(pl.col("total") != pl.col("sum")).is_empty()


def test_all_138_trusts_with_a_catchment_are_in_the_register_of_2021(shared):
    files = [shared / "data" / "flows" / f"lookup_nhs_trusts22_{place}.csv" for place in CATCHMENTS]
    part = load(SourceEntry("catchments@2022", "catchments", tuple(files), "Catchments", "2022"))
    seen = set(part.nodes["Organisation"]["id"])
    assert len(seen) == 138
    assert seen <= trusts(shared, "2021-late")
    kept = {f["file"]: (f["rows"], f["accepted"]) for f in part.facts["accounting"]}
    assert kept == {
        "lookup_nhs_trusts22_icb22.csv": (1321, 450),
        "lookup_nhs_trusts22_ltla21.csv": (5670, 1127),
    }
