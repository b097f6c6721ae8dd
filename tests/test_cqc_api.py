"""Payloads of the CQC's API: what one says, what is dropped, and the joins of the real files."""

import gzip
import json

import polars as pl
import pytest

from icsgraph.loaders.cqc_payloads import read_payloads
from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.errors import FileFault, LayoutError
from icsgraph.pipeline import load

CLOSE = {
    "locationId": "1-900000002",
    "providerId": "1-900000001",
    "organisationType": "Location",
    "type": "Social Care Org",
    "name": "The Close",
    "alsoKnownAs": "Close House",
    "brandId": "BD900",
    "brandName": "BRAND Grantly",
    "registrationStatus": "Registered",
    "registrationDate": "2015-04-01",
    "careHome": "Y",
    "numberOfBeds": 12,
    "odsCode": "VZZ01",
    "onspdCcgCode": "E38000999",
    "onspdCcgName": "NHS Barchester CCG",
    "onspdIcbCode": "E54000999",
    "onspdIcbName": "NHS Barsetshire Integrated Care Board",
    "onspdLatitude": 53.9,
    "onspdLongitude": -2.5,
    "localAuthority": "Barchester",
    "region": "North West",
    "postalAddressLine1": "2 The Close",
    "postalAddressTownCity": "Barchester",
    "postalCode": "bc1 2bb",
    "inspectionCategories": [
        {"code": "S1", "name": "Residential social care", "primary": "true"},
        {"code": "S2", "name": "Community based adult social care services"},
    ],
    "gacServiceTypes": [{"name": "Nursing homes", "description": "Care home with nursing"}],
    "regulatedActivities": [
        {
            "name": "Nursing care",
            "contacts": [{"personGivenName": "Septimus", "personFamilyName": "Harding"}],
            "nominatedIndividual": {"personFamilyName": "Proudie"},
        }
    ],
    "relationships": [
        {
            "relatedLocationId": "1-800000001",
            "relatedLocationName": "The Old Close",
            "type": "HSCA Predecessor",
            "reason": "Location Move",
        }
    ],
    "currentRatings": {
        "overall": {
            "rating": "Good",
            "reportDate": "2021-05-01",
            "keyQuestionRatings": [
                {"name": "Safe", "rating": "Requires improvement", "reportDate": "2020-01-31"}
            ],
        }
    },
    "historicRatings": [
        {
            "reportDate": "2017-02-03",
            "overall": {"rating": "Inadequate", "keyQuestionRatings": []},
            "serviceRatings": [{"name": "old", "rating": "Inadequate"}],
        }
    ],
    "inspectionAreas": [{"inspectionAreaId": "old", "inspectionAreaName": "Older people"}],
}
OLD = {
    "locationId": "1-800000001",
    "providerId": "1-800000000",
    "name": "The Old Close",
    "registrationStatus": "Deregistered",
    "registrationDate": "2011-03-10",
    "deregistrationDate": "2015-04-01",
    "relationships": [
        {
            "relatedLocationId": "1-900000002",
            "relatedLocationName": "The Close",
            "type": "HSCA Successor",
            "reason": "Location Move",
        }
    ],
}
GRANTLY = {
    "providerId": "1-900000001",
    "organisationType": "Provider",
    "ownershipType": "Organisation",
    "type": "Social Care Org",
    "name": "Grantly Homes Limited",
    "registrationStatus": "Registered",
    "registrationDate": "2010-10-01",
    "companiesHouseNumber": "3175855",
    "charityNumber": "1058340",
    "locationIds": ["1-900000002", "1-900000003"],
}
ASHTON = {"providerId": "1-900000009", "name": "Mrs E Ashton", "ownershipType": "Individual"}


@pytest.fixture
def read(tmp_path):
    def read(*payloads, name="payloads.jsonl", as_of="2025-03"):
        path = tmp_path / name
        lines = [p if isinstance(p, str) else json.dumps(p) for p in payloads]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return load(SourceEntry("cqc-api@2025-03", "cqc-api", (path,), "API", as_of))

    return read


def node(part, kind, identifier):
    return part.nodes[kind].row(by_predicate=pl.col("id") == identifier, named=True)


def said(part, kind, *columns):
    return set(part.relationships[kind].select("subject", "object", *columns).rows())


def reasons(part):
    return part.rejects.select("row", "column", "value", "reason").rows()


def test_a_location_stands_in_its_place(read):
    location = node(read(CLOSE), "Location", "cqc:1-900000002")
    assert {c: location[c] for c in ("name", "town", "postcode", "lon", "lat")} == {
        "name": "The Close",
        "town": "Barchester",
        "postcode": "BC1 2BB",
        "lon": -2.5,
        "lat": 53.9,
    }
    assert location["codes"] == ["ods:VZZ01"]
    assert location["other_names"] == ["Close House"]
    assert location["location_type"] == "social-care"
    assert location["inspection_category"] == "Residential social care"
    assert location["is_care_home"] is True


def test_a_location_that_is_open_has_no_end(read):
    location = node(read(CLOSE), "Location", "cqc:1-900000002")
    assert (location["start_earliest"], location["start_latest"]) == ("2015-04-01", "2015-04-01")
    assert (location["end_earliest"], location["end_latest"]) == ("2025-03-02", None)


def test_a_deregistration_bounds_the_end(read):
    part = read(OLD)
    location = node(part, "Location", "cqc:1-800000001")
    assert (location["end_earliest"], location["end_latest"]) == ("2015-04-01", "2015-04-02")
    (operates,) = said(part, "OPERATES", "start_earliest", "end_latest")
    assert operates == ("cqc:1-800000000", "cqc:1-800000001", "2011-03-10", "2015-04-02")


def test_where_a_location_lies_and_whose_it_is(read):
    part = read(CLOSE)
    assert said(part, "LOCATED_IN") == {
        ("cqc:1-900000002", "icsg:local-authority/barchester"),
        ("cqc:1-900000002", "ons:E38000999"),
        ("cqc:1-900000002", "ons:E54000999"),
    }
    assert said(part, "PART_OF") == {
        ("cqc:1-900000001", "cqc:BD900"),
        ("icsg:local-authority/barchester", "icsg:region/north-west"),
    }
    assert node(part, "System", "ons:E54000999")["name"] == "Barsetshire"


def test_a_provider_has_its_other_numbers(read):
    provider = node(read(GRANTLY), "Organisation", "cqc:1-900000001")
    assert provider["codes"] == ["companies:03175855", "charity:1058340"]
    assert provider["org_type"] == "social-care-organisation"


def test_a_provider_operates_what_it_lists(read):
    part = read(GRANTLY, CLOSE)
    assert said(part, "OPERATES", "start_earliest", "start_latest") == {
        ("cqc:1-900000001", "cqc:1-900000002", "2015-04-01", "2015-04-01"),
        ("cqc:1-900000001", "cqc:1-900000003", "2010-10-01", None),
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (True, "ownership type")),
        ({"ownershipType": "Partnership"}, (False, "ownership type")),
        ({"ownershipType": None}, (True, "guess from the name")),
        ({"ownershipType": None, "name": "Ashton & Daughters"}, (None, None)),
    ],
)
def test_a_sole_trader_is_marked_and_how_that_is_known(read, change, expected):
    provider = node(read({**ASHTON, **change}), "Organisation", "cqc:1-900000009")
    assert (provider["is_sole_trader"], provider["sole_trader_basis"]) == expected


def test_a_predecessor_became_its_successor_whoever_says_so(read):
    expected = ("cqc:1-800000001", "cqc:1-900000002", "Location Move")
    forth, back, both = read(OLD), read(CLOSE), read(CLOSE, OLD)
    for part in (forth, back, both):
        assert said(part, "SUCCEEDED_BY", "reason") == {expected}
    bounds = ("start_earliest", "start_latest")
    assert said(both, "SUCCEEDED_BY", *bounds) == {(*expected[:2], "2015-04-01", "2015-04-02")}
    assert said(back, "SUCCEEDED_BY", *bounds) == {(*expected[:2], None, None)}


def test_former_ratings_are_kept_with_their_days(read):
    ratings = read(CLOSE).series["ratings"].select("measure", "group", "value", "date")
    assert ratings.rows() == [
        ("overall rating", "Overall", "Good", "2021-05-01"),
        ("safe rating", "Overall", "Requires improvement", "2020-01-31"),
        ("overall rating", "Overall", "Inadequate", "2017-02-03"),
        ("overall rating", "Older people", "Inadequate", "2017-02-03"),
    ]


def test_a_rating_that_was_not_published_is_none(read):
    none = {"overall": {"rating": "No published rating"}}
    assert (
        read({**CLOSE, "currentRatings": none, "historicRatings": []}).series.get("ratings") is None
    )


def test_an_unknown_rating_is_left_out_and_said(read):
    part = read({**CLOSE, "currentRatings": {"overall": {"rating": "Splendid"}}})
    assert "Splendid" not in part.series["ratings"]["value"]
    (account,) = part.facts["accounting"]
    assert account["notes"] == ["ratings in words that are not known, left out: Splendid"]


def test_what_a_location_does(read):
    services = read(CLOSE).series["services"].select("measure", "value", "number", "date")
    assert services.rows() == [
        ("service type", "Care home with nursing", None, "2025-03-01"),
        ("service category", "Nursing homes", None, "2025-03-01"),
        ("regulated activity", "Nursing care", None, "2025-03-01"),
        ("beds", None, 12.0, "2025-03-01"),
    ]


def test_a_region_in_the_place_of_a_brand_is_none(read):
    part = read({**CLOSE, "brandId": "Q83", "brandName": "NHS England North"})
    assert "ods:Q83" not in part.nodes["Organisation"]["id"]
    (account,) = part.facts["accounting"]
    assert account["notes"] == ["brand ids that are codes of NHS England regions, so no brands: 1"]


def test_a_code_of_two_locations_names_neither(read):
    part = read(CLOSE, {**OLD, "odsCode": "VZZ01"})
    assert part.nodes["Location"]["codes"].explode().drop_nulls().to_list() == []


def test_a_code_of_a_practice_names_the_practice(read):
    part = read({**CLOSE, "odsCode": "P99999"})
    assert ("cqc:1-900000002", "ods:P99999") in said(part, "PART_OF")


def test_a_site_of_the_nhs_is_named_by_its_ods_code(read):
    part = read({"locationId": "RZ117", "providerId": "RZ1", "name": "Barchester Infirmary"})
    assert node(part, "Location", "ods:RZ117")["codes"] == ["cqc:RZ117"]
    assert node(part, "Organisation", "ods:RZ1")["codes"] == ["cqc:RZ1"]


def test_names_of_managers_are_in_no_table(read):
    part = read(CLOSE, {**CLOSE, "locationId": "wrong!"})
    tables = [*part.nodes.values(), *part.relationships.values(), *part.series.values()]
    texts = [str(table.to_dicts()) for table in (*tables, part.rejects)]
    assert part.rejects.height == 1
    assert [t for t in texts if "Harding" in t or "Septimus" in t or "Proudie" in t] == []


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"name": None}, "name", "is missing"),
        ({"name": "bc1 2bb"}, "name", "is a postcode and no name"),
        ({"locationId": "x"}, "locationId", "is not the id of a location"),
        ({"registrationDate": "2015-02-30"}, "registrationDate", "is no day of the calendar"),
        ({"deregistrationDate": "2014-04-01"}, "deregistrationDate", "lies before"),
        ({"onspdLatitude": 0}, "onspdLatitude", "is no latitude in England"),
        ({"brandId": "Grantly"}, "brandId", "is not the id of a brand"),
    ],
)
def test_a_payload_that_breaks_a_rule_is_rejected(read, change, column, reason):
    part = read(GRANTLY, {**CLOSE, **change})
    ((row, at, _, why),) = reasons(part)
    assert (row, at) == (2, column)
    assert why.startswith(reason)


def test_a_line_that_is_no_payload_is_rejected(read):
    part = read(CLOSE, "{not json}", {"totalPages": 3}, "[1, 2]", GRANTLY)
    assert [(row, why) for row, _, _, why in reasons(part)] == [
        (2, "the line is no JSON"),
        (3, "the line is no payload of a location or provider"),
        (4, "the line is no payload of a location or provider"),
    ]


def test_values_of_another_shape_are_taken_as_missing(read):
    odd = {"currentRatings": [], "relationships": "none", "locationIds": 3, "historicRatings": {}}
    part = read({**CLOSE, **odd, "alsoKnownAs": {"a": 1}})
    assert node(part, "Location", "cqc:1-900000002")["other_names"] == []


def test_what_is_listed_by_no_id_of_the_register_is_left_out_and_said(read):
    odd = {"relatedLocationId": "see notes", "type": "HSCA Predecessor"}
    other = {**CLOSE, "relationships": [*CLOSE["relationships"], odd]}
    part = read(other, {**GRANTLY, "locationIds": ["1-900000002", "N/A", " r9x01 "]})
    assert said(part, "SUCCEEDED_BY") == {("cqc:1-800000001", "cqc:1-900000002")}
    assert ("cqc:1-900000001", "ods:R9X01") in said(part, "OPERATES")
    (account,) = part.facts["accounting"]
    assert "things listed by what is no id of the register, left out: 2" in account["notes"]


def test_a_repeated_payload_is_merged_and_another_one_rejected(read):
    part = read(CLOSE, dict(reversed(CLOSE.items())), {**CLOSE, "name": "The Other Close"})
    said = "has another payload before this one"
    assert [(row, value, why) for row, _, value, why in reasons(part)] == [(3, "1-900000002", said)]
    assert part.facts["accounting"][0]["merged"] == 1


def test_a_file_may_be_one_payload_or_a_list(tmp_path):
    for name, content in (("one", CLOSE), ("list", [CLOSE, OLD])):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content, indent=1), encoding="utf-8", newline="\n")
    rows = [read_payloads(tmp_path / f"{name}.json").sheet.rows_in for name in ("one", "list")]
    assert rows == [1, 2]


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        (b"", FileFault, "the file is empty"),
        (b" \n \n", FileFault, "the file is empty"),
        (b'{"totalPages": 1,\n "locations": []}', LayoutError, "it is a page of a list"),
        (b'{"locationId": "1-900000002",\n"na', LayoutError, "it is no JSON, or breaks off"),
        (b'{"providerId": "1-9000"}\n{"locat', LayoutError, "its last line breaks off"),
        (gzip.compress(b'{"providerId": "1-9"}\n')[:-9], LayoutError, "damaged or breaks off"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, error, reason):
    path = tmp_path / "payloads.jsonl"
    path.write_bytes(content)
    with pytest.raises(error, match=reason):
        read_payloads(path)


def test_a_file_is_read_in_blocks(read, monkeypatch):
    many = [{**OLD, "locationId": f"1-8000{n:05}"} for n in range(60)]
    whole = read(*many)
    monkeypatch.setattr("icsgraph.loaders.streaming.BLOCK", 1024)
    parts = read(*many)
    assert parts.nodes["Location"].equals(whole.nodes["Location"])
    assert parts.relationships["SUCCEEDED_BY"].equals(whole.relationships["SUCCEEDED_BY"])


# --- the real files -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oldham(shared):
    names = [f"oldham_{things}_2025-03.jsonl.gz" for things in ("locations", "providers")]
    files = tuple(shared / "data" / "cqc_api" / name for name in names)
    return load(SourceEntry("cqc-api@2025-03", "cqc-api", files, "API", "2025-03"))


@pytest.fixture(scope="module")
def england(shared):
    name = "cqc_latest_ratings_locations_overall_2021-02_england.csv.gz"
    path = shared / "data" / "cqc" / name
    return load(SourceEntry("cqc-ratings@2021-02", "cqc-ratings", (path,), "CQC", "2021-02"))


def test_every_payload_of_oldham_is_taken(oldham):
    accounts = [(f["rows"], f["accepted"], f["rejected"]) for f in oldham.facts["accounting"]]
    assert accounts == [(451, 451, 0), (20, 20, 0)]


def test_all_113_oldham_locations_of_2021_are_found(oldham, england):
    there = england.relationships["LOCATED_IN"].filter(
        pl.col("object") == "icsg:local-authority/oldham"
    )
    assert there.height == 113
    assert set(there["subject"]) <= set(oldham.nodes["Location"]["id"])


def test_240_of_254_predecessors_and_successors_are_in_the_file(oldham, shared):
    name = "oldham_locations_2025-03.jsonl.gz"
    payloads = read_payloads(shared / "data" / "cqc_api" / name)
    related = payloads.lists["relations"]["related"]
    known = payloads.sheet.rows["location"]
    assert (related.len(), related.is_in(known.implode()).sum()) == (254, 240)
    # Both ends name the other where both are in the file, so each of these is one statement.
    moves = oldham.relationships["SUCCEEDED_BY"]
    own = oldham.nodes["Location"].drop_nulls("date_text")["id"]
    both = moves.filter(
        pl.col("subject").is_in(own.implode()), pl.col("object").is_in(own.implode())
    )
    assert (moves.height, both.height) == (14 + 120 + 2, 120)


def test_the_samples_repeat_payloads_of_the_whole_file(shared):
    folder = shared / "data" / "cqc_api"
    files = [folder / "oldham_locations_2025-03.jsonl.gz", folder / "samples/location_RM317.json"]
    part = load(SourceEntry("cqc-api@2025-03", "cqc-api", tuple(files), "API", "2025-03"))
    assert [f["merged"] for f in part.facts["accounting"]] == [0, 1]


def test_no_name_that_was_taken_out_of_the_real_files_is_read(oldham):
    tables = [*oldham.nodes.values(), *oldham.relationships.values(), *oldham.series.values()]
    assert [t for t in tables if "redacted" in str(t.to_dicts())] == []
