"""GP practices and prescribing cost centres of the Organisation Data Service."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.dates import BoundedDate, Certainty, read_day
from icsgraph.ontology.errors import LayoutError

DATA = Path(__file__).with_name("data")
EPRACCUR = DATA / "registers" / "epraccur.csv"


def load(file=EPRACCUR, kind="ods-practices", as_of="2025-08"):
    return list(loader(kind).read(SourceEntry("ods@x", kind, (file,), "Practices", as_of)))


def nodes(tables, kind="Organisation"):
    return pl.concat(
        [t.rows for t in tables if isinstance(t, Nodes) and t.kind == kind], how="diagonal"
    )


def statements(tables, kind):
    return pl.concat(
        [t.rows for t in tables if isinstance(t, Relationships) and t.kind == kind],
        how="diagonal",
    )


def account(tables):
    return next(t for t in tables if isinstance(t, FileAccount))


def ends(rows):
    return set(rows.select("subject", "object").iter_rows())


def held(row, day):
    return BoundedDate.from_columns({"date_text": None, **row}).holds_on(read_day(day))


def test_a_practice_with_its_names_place_dates_and_what_it_is():
    practice = nodes(load()).row(by_predicate=pl.col("id") == "ods:Z99001", named=True)
    assert practice == {
        "id": "ods:Z99001",
        "name": "The Plumstead Surgery",
        "other_names": ["THE PLUMSTEAD SURGERY"],
        "org_type": "gp-practice",
        "type_as_published": "prescribing setting 4: GP practice",
        "is_provider": True,
        "note": None,
        "address": "The Surgery, High Street, Barsetshire",
        "town": "Barchester",
        "postcode": "BC1 4AA",
        "start_earliest": "1974-04-01",
        "start_latest": "1974-04-01",
        "end_earliest": "2025-08-02",
        "end_latest": None,
        "date_text": "1974-04-01",
    }


def test_a_cost_centre_is_no_practice_and_a_dormant_practice_is_marked():
    told = nodes(load()).drop_nulls("org_type").sort("id")
    assert told.select("id", "org_type", "type_as_published", "note").rows() == [
        (
            "ods:W99006",
            "gp-practice",
            "prescribing setting 4: GP practice",
            None,
        ),
        (
            "ods:Y99004",
            "prescribing-cost-centre",
            "prescribing setting 9: community health service",
            None,
        ),
        ("ods:Y99005", "prescribing-cost-centre", "prescribing setting 26", None),
        ("ods:Z99001", "gp-practice", "prescribing setting 4: GP practice", None),
        ("ods:Z99002", "gp-practice", "prescribing setting 4: GP practice", None),
        ("ods:Z99003", "gp-practice", "prescribing setting 4: GP practice", "Listed as dormant."),
    ]


def test_a_practice_joins_and_leaves_its_commissioner_on_days_of_its_own():
    members = statements(load(), "MEMBER_OF")
    assert set(members.select("subject", "object", "key", "role").iter_rows()) == {
        ("ods:Z99001", "ods:99X", "2020-04-01", "practice"),
        ("ods:Z99002", "ods:99Y", "2013-04-01", "practice"),
        ("ods:Z99003", "ods:99X", "2020-04-01", "practice"),
        ("ods:Y99004", "ods:99X", "2015-04-01", "practice"),
        ("ods:Y99005", "ods:99X", "2030-09-01", "practice"),
        ("ods:W99006", "ods:7Z9", "2009-10-01", "practice"),
    }
    left = members.row(by_predicate=pl.col("subject") == "ods:Z99002", named=True)
    assert held(left, "2017-10-31") is Certainty.CERTAIN
    assert held(left, "2017-11-01") is Certainty.NO
    assert {"ods:99X", "ods:99Y", "ods:7Z9"} <= set(nodes(load())["id"])


def test_a_cost_centre_is_part_of_the_body_that_runs_it():
    assert ends(statements(load(), "PART_OF")) == {
        ("ods:Y99004", "ods:R9X"),
        # The code of a system, where its integrated care board is meant.
        ("ods:Y99005", "icsg:icb/QZX"),
    }


def test_the_board_of_a_system_may_have_a_code_of_the_new_form(tmp_path):
    text = EPRACCUR.read_text(encoding="utf-8").replace("Q9X", "Z9Z0A").replace("QZX", "Z9Z0A")
    path = tmp_path / "epraccur.csv"
    path.write_text(text, encoding="utf-8", newline="\n")
    assert ("ods:Y99005", "icsg:icb/Z9Z0A") in ends(statements(load(path), "PART_OF"))


def test_a_former_office_of_the_nhs_is_no_system():
    tables = load()
    assert nodes(tables, "System")["id"].to_list() == ["ods:Q9X"]
    assert set(nodes(tables, "Area")["id"]) == {"ods:W00", "ods:Y54"}
    assert ends(statements(tables, "LOCATED_IN")) == {
        ("ods:Z99001", "ods:Q9X"),
        ("ods:Z99002", "ods:Y54"),
        ("ods:Z99003", "ods:Q9X"),
        ("ods:Y99004", "ods:Q9X"),
        ("ods:Y99005", "ods:Q9X"),
        ("ods:W99006", "ods:W00"),
    }


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ('"THE PLUMSTEAD SURGERY"', '"BC1 4AA"', "Name", "is a postcode, not a name"),
        ('"THE PLUMSTEAD SURGERY"', '"bc14aa"', "Name", "is a postcode, not a name"),
        ('"Z99001"', '"Z99-01"', "Organisation Code", "is not an ODS code"),
        ('"Z99002"', '"Z99001"', "Organisation Code", "has another record in an earlier row"),
        ('"20171031","C"', '"","C"', "Close Date", "is missing of a closed practice"),
        ('"A","B","99X"', '"X","B","99X"', "Status Code", "is not a status (A active"),
        ('"A","B","99X"', '"A","B","[tbc]"', "Commissioner", "is not an ODS code of a commi"),
        ('"20130401","20171031"', '"20171101","20171031"', "Left Provider/Purchaser Date", "lies"),
        ('"20200401",""', '"20200431",""', "Join Provider/Purchaser Date", "is no day of the cal"),
        ('"4"', '"GP"', "Prescribing Setting", "is not a prescribing setting"),
        ("PLUMSTEAD", "PLUM\0STEAD", None, "the row holds a NUL byte"),
        ('"Y54","Q74","THE SURGERY"', '"Y54","Q74"', "Column 27", "the row has 26 of 27 fields"),
    ],
)
def test_a_record_with_a_fault_is_rejected(tmp_path, old, new, column, reason):
    text = EPRACCUR.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "epraccur.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    counted = account(load(path))
    (rejected,) = counted.rejected.select("column", "reason").rows()
    assert rejected[0] == column and rejected[1].startswith(reason)
    assert (counted.rows_in, len(counted.accepted)) == (6, 5)


def test_codes_are_cleaned_and_repeated_records_merged(tmp_path):
    lines = EPRACCUR.read_text(encoding="utf-8").splitlines()
    lines += [lines[0].replace('"Z99001"', '" z99001 "'), lines[1]]
    path = tmp_path / "epraccur.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="cp1252", newline="")
    counted = account(load(path))
    assert (counted.rows_in, len(counted.accepted)) == (8, 6)
    assert counted.merged.to_list() == [7, 8]


@pytest.mark.parametrize("file", ["etr.csv", "eccg.csv"])
def test_another_register_is_refused(file):
    with pytest.raises(LayoutError, match="fewer than half of its rows have the code of a pra"):
        load(EPRACCUR.with_name(file))


def test_care_trusts_are_read_as_trusts_are(tmp_path):
    path = tmp_path / "ect.csv"
    text = EPRACCUR.with_name("etr.csv").read_text(encoding="utf-8")
    path.write_text(text.replace('"R9', '"T9'), encoding="utf-8", newline="\n")
    trusts = nodes(load(path, "ods-care-trusts"))
    assert trusts.select("id", "org_type", "is_provider").row(0) == ("ods:T9X", "care-trust", True)
    with pytest.raises(LayoutError, match="fewer than half of its rows have the code of a care"):
        load(EPRACCUR.with_name("etr.csv"), "ods-care-trusts")


@pytest.fixture(scope="module")
def england(shared):
    sources = read_sources(DATA / "all.toml")
    return {e.id: list(loader(e.kind).read(e)) for e in sources if e.kind == "ods-practices"}


@pytest.mark.parametrize(
    ("source", "rows", "closed", "practices"),
    [
        ("ods-practices@2021-11", 14_963, 3_095, 8_631),
        ("ods-practices@2025-08", 16_685, 4_024, 8_655),
    ],
)
def test_every_record_of_england_is_taken(england, source, rows, closed, practices):
    counted = account(england[source])
    assert (counted.rows_in, len(counted.accepted)) == (rows, rows)
    records = nodes(england[source]).drop_nulls("org_type")
    assert records["end_latest"].count() == closed
    assert (records["org_type"] == "gp-practice").sum() == practices


@pytest.mark.parametrize("source", ["ods-practices@2021-11", "ods-practices@2025-08"])
def test_practices_of_england_stand_in_the_42_systems(england, source):
    assert nodes(england[source], "System").height == 42
