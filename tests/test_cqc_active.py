"""CQC active locations: a made-up workbook under the published header, in both formats."""

import json

import polars as pl
import pytest

from icsgraph.loaders.cqc_active import LOCATIONS
from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.errors import LayoutError
from icsgraph.pipeline import load

MANAGER = "Registered manager (note; where there is more than one manager at a location, ...)"
CLOSE = {
    "Location ID": "1-900000002",
    "Location HSCA start date": "01/04/2015",
    "Dormant (Y/N)": "N",
    "Care home?": "Y",
    "Location Name": "The Close",
    "Location ODS Code": "VZZ01",
    MANAGER: "Harding, Septimus",
    "Care homes beds": 12,
    "Location Type/Sector": "Social Care Org",
    "Location Primary Inspection Category": "Residential social care",
    "Location Latest Overall Rating": "Good",
    "Publication Date": "01/05/2021",
    "Location Region": "North West",
    "Location NHS Region": "North West",
    "Location Local Authority": "Barchester",
    "Location ONSPD CCG Code": "E38000999",
    "Location ONSPD CCG": "NHS Barchester CCG",
    "Location Commissioning CCG Code": "*",
    "Location Street Address": "2 The Close",
    "Location City": "Barchester",
    "Location Postal Code": "BC1 2BB",
    "Location Latitude": 53.9,
    "Location Longitude": -2.5,
    "Brand ID": "BD900",
    "Brand Name": "BRAND Grantly",
    "Provider Companies House Number": 3175855,
    "Provider Charity Number": "-",
    "Provider ID": "1-900000001",
    "Provider Name": "Grantly Homes Limited",
    "Provider HSCA start date": "01/10/2010",
    "Provider Type/Sector": "Social Care Org",
    "Provider Ownership Type": "Organisation",
    "Provider City": "Plumstead",
    "Provider Local Authority": "Barchester",
    "Provider Nominated Individual Name": "Proudie, Olivia",
    "Service type - Care home service with nursing": "Y",
    "Service type - Community health care services - Nurses Agency only": "",
    "Service user band - Dementia": "Y",
    "Regulated activity - Nursing care": "Y",
}
ASHTON = {
    **CLOSE,
    "Location ID": "1-900000003",
    "Location Name": "Plumstead Lodge",
    "Location ODS Code": "-",
    "Brand ID": "-",
    "Brand Name": "-",
    "Provider ID": "1-900000009",
    "Provider Name": "Mrs E Ashton",
    "Provider Companies House Number": "",
    "Provider Ownership Type": "Individual",
}
DUAL_HEADER = [
    *("Location ID", "Location Name", "Location HSCA Start Date", "Location Type/Sector"),
    *("Provider ID", "Provider Name", "Linked Organisation ID", "Linked Organisation Name"),
    *("Relationship", "Relationship Start Date", "Primary ID"),
]
DUAL = ["1-900000002", "The Close", "01/04/2015", "Social Care Org", "1-900000001", "Grantly Homes"]
DUAL += ["1-900000005", "The Close", "Dual Registration", "01/06/2018", "Y"]


@pytest.fixture
def read(tmp_path, write_workbook):
    def read(*rows, above=0, suffix="xlsx", dual=(), sheet="HSCA_Active_Locations"):
        header = list(dict.fromkeys(name for row in rows for name in row))
        lines = [["CQC locations"] for _ in range(above)]
        lines += [header, *([row.get(name) for name in header] for row in rows)]
        sheets = {"README": [["Notes"], ["Location ID", "what it is"]], sheet: lines}
        if dual:
            sheets["Dual_Registration_Locations"] = [DUAL_HEADER, *dual]
        path = write_workbook(tmp_path / f"active.{suffix}", sheets)
        return load(SourceEntry("cqc-active@2026-05", "cqc-active", (path,), "CQC", "2026-05-05"))

    return read


def node(part, kind, identifier):
    return part.nodes[kind].row(by_predicate=pl.col("id") == identifier, named=True)


def said(part, kind):
    return set(part.relationships[kind].select("subject", "object").rows())


def reasons(part):
    return part.rejects.select("row", "column", "reason").rows()


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
@pytest.mark.parametrize("above", [0, 6])
def test_the_header_may_stand_below_lines_of_text(read, suffix, above):
    part = read(CLOSE, ASHTON, suffix=suffix, above=above)
    assert part.nodes["Location"]["name"].to_list() == ["The Close", "Plumstead Lodge"]
    (account,) = part.facts["accounting"]
    assert account["file"] == f"active.{suffix}, sheet HSCA_Active_Locations"
    assert (account["rows"], account["accepted"]) == (2, 2)


def test_an_older_sheet_has_blanks_in_its_name(read):
    assert read(CLOSE, sheet="HSCA Active Locations").nodes["Location"].height == 1


def test_a_location_and_its_provider(read):
    part = read(CLOSE)
    location = node(part, "Location", "cqc:1-900000002")
    assert (location["name"], location["town"], location["lat"]) == (
        "The Close",
        "Barchester",
        53.9,
    )
    assert location["codes"] == ["ods:VZZ01"]
    assert (location["start_earliest"], location["end_earliest"]) == ("2015-04-01", "2026-05-06")
    provider = node(part, "Organisation", "cqc:1-900000001")
    assert (provider["name"], provider["town"]) == ("Grantly Homes Limited", "Plumstead")
    assert provider["codes"] == ["companies:03175855"]
    assert provider["start_earliest"] == "2010-10-01"
    assert said(part, "OPERATES") == {("cqc:1-900000001", "cqc:1-900000002")}
    assert ("cqc:1-900000001", "cqc:BD900") in said(part, "PART_OF")
    assert ("cqc:1-900000002", "icsg:nhs-region/north-west") in said(part, "LOCATED_IN")
    assert "COMMISSIONS" not in part.relationships


@pytest.mark.parametrize("start", [("day", 42095), 42095, "42095", "2015-04-01"])
def test_a_day_may_be_stored_as_a_date_or_a_serial_number(read, start):
    part = read({**CLOSE, "Location HSCA start date": start})
    assert node(part, "Location", "cqc:1-900000002")["start_earliest"] == "2015-04-01"


def test_columns_marked_y_are_what_a_location_does(read):
    services = read(CLOSE).series["services"].select("measure", "value", "number", "date")
    assert services.rows() == [
        ("service type", "Care home service with nursing", None, "2026-05-05"),
        ("service user band", "Dementia", None, "2026-05-05"),
        ("regulated activity", "Nursing care", None, "2026-05-05"),
        ("beds", None, 12.0, "2026-05-05"),
    ]


def test_a_service_type_that_is_new_is_read_like_the_others(read):
    services = read({**CLOSE, "Service type - Care on the moon": "Y"}).series["services"]
    assert "Care on the moon" in services["value"]


def test_the_latest_rating_has_its_day(read):
    (rating,) = read(CLOSE).series["ratings"].to_dicts()
    assert (rating["thing"], rating["value"], rating["date"]) == (
        "cqc:1-900000002",
        "Good",
        "2021-05-01",
    )


def test_a_sole_trader_is_known_by_the_type_of_ownership(read):
    part = read(CLOSE, ASHTON)
    owner = node(part, "Organisation", "cqc:1-900000009")
    assert (owner["is_sole_trader"], owner["sole_trader_basis"]) == (True, "ownership type")
    assert node(part, "Organisation", "cqc:1-900000001")["is_sole_trader"] is False


def test_names_of_managers_are_in_no_table(read):
    part = read(CLOSE, {**ASHTON, "Location Latitude": "north"})
    tables = [*part.nodes.values(), *part.relationships.values(), *part.series.values()]
    texts = [str(table.to_dicts()) for table in (*tables, part.rejects)]
    assert part.rejects["raw"].str.contains("Plumstead Lodge").to_list() == [True]
    assert [t for t in texts if "Harding" in t or "Proudie" in t] == []


def test_services_of_two_providers_name_each_other(read):
    part = read(CLOSE, dual=[DUAL])
    (pair,) = part.series["services"].filter(pl.col("measure") == "dual registration").to_dicts()
    assert (pair["thing"], pair["value"]) == ("cqc:1-900000002", "cqc:1-900000005")
    assert (pair["group"], pair["date"]) == ("primary", "2018-06-01")
    assert "cqc:1-900000005" in part.nodes["Location"]["id"]
    files = [account["file"].partition("sheet ")[2] for account in part.facts["accounting"]]
    assert files == ["HSCA_Active_Locations", "Dual_Registration_Locations"]


def test_a_sheet_of_dual_registrations_without_rows_says_nothing(read, tmp_path, write_workbook):
    part = read(CLOSE, dual=[[]])
    assert len(part.facts["accounting"]) == 1


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"Location ID": "#N/A"}, "Location ID", "is missing"),
        ({"Location Name": "BC1 2BB"}, "Location Name", "is a postcode and no name"),
        ({"Location HSCA start date": "31/02/2015"}, "Location HSCA start date", "is no day"),
        ({"Care homes beds": "many"}, "Care homes beds", "is not a number of beds"),
        ({"Service user band - Dementia": "maybe"}, "Service user band - Dementia", "is not Y or"),
        ({"Provider ID": "Grantly"}, "Provider ID", "is not the id of a provider"),
        ({"Location Local Authority": "?"}, "Location Local Authority", "is not the name of a"),
        ({"Provider Region": "..."}, "Provider Region", "is not the name of a place"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected(read, change, column, reason):
    part = read(CLOSE, {**ASHTON, **change})
    ((row, at, why),) = reasons(part)
    assert (row, at) == (2, column)
    assert why.startswith(reason)


def test_codes_may_have_small_letters_and_blanks(read):
    part = read({**CLOSE, "Location ODS Code": " vzz01 ", "Brand ID": "bd900", "Care home?": "y"})
    assert node(part, "Location", "cqc:1-900000002")["codes"] == ["ods:VZZ01"]


def test_a_repeated_location_is_merged_and_another_record_of_it_rejected(read):
    part = read(CLOSE, CLOSE, {**CLOSE, MANAGER: "Arabin"}, {**CLOSE, "Location Name": "Other"})
    assert reasons(part) == [(4, "Location ID", "has another record in an earlier row")]
    assert part.facts["accounting"][0]["merged"] == 2


def test_a_column_that_nobody_knows_is_named_and_what_it_holds_is_read_nowhere(read):
    new = {"Location Deputy": "Slope, Obadiah", "Care home?": "perhaps"}
    part = read(CLOSE, {**ASHTON, **new})
    (account,) = part.facts["accounting"]
    assert "columns that are not known, passed over: Location Deputy" in account["notes"]
    assert reasons(part) == [(2, "Care home?", "is not Y or N")]
    assert "Slope" not in str(part.rejects.rows())


def test_a_sheet_of_dual_registrations_may_be_blank(tmp_path, write_workbook):
    sheets = {"Locations": [list(CLOSE), list(CLOSE.values())], "Dual_Registration_Locations": []}
    path = write_workbook(tmp_path / "active.xlsx", sheets)
    part = load(SourceEntry("cqc-active@x", "cqc-active", (path,), "CQC", "2026-05-05"))
    assert [account["rows"] for account in part.facts["accounting"]] == [1]


def test_a_sheet_without_locations_is_refused_with_the_column_that_it_lacks(read):
    with pytest.raises(LayoutError, match='the column "Location Postal Code" is missing; the near'):
        read({name.replace("Postal Code", "Postcode"): cell for name, cell in CLOSE.items()})


# --- the published header -------------------------------------------------------------------------


def test_the_published_header_is_known(shared):
    path = shared / "data" / "cqc" / "HSCA_Active_Locations_header.json"
    names = [name for name in json.loads(path.read_text(encoding="utf-8")) if name]
    assert len(names) == 119
    assert len(LOCATIONS.fitted(names)) == 119
    assert [name for name in names if LOCATIONS.is_more(name)] == []
    # One name of a person for the location and two for its provider.
    assert [names.index(name) for name in names if LOCATIONS.is_personal(name)] == [7, 59, 60]
    families = [name for name in names if name.startswith(LOCATIONS.families)]
    assert len(families) == 14 + 32 + 12
