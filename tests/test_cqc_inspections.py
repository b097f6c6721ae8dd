"""The inspection history: what a row says, and how its day numbers are counted."""

import gzip
import json

import polars as pl
import pytest

from icsgraph.loaders.records import SourceEntry
from icsgraph.pipeline import load

HEAD = (
    '"","reportdate","overall","ownership","locationid",'
    '"location_start_2025","location_end_2025","good","rating"'
)
ROW = '"1",2021-05-01,"Requires Improvement","For-profit","1-900000002",20179,21640,0,"{}"'
GOOD = ROW.format("Good")


@pytest.fixture
def read(tmp_path):
    def read(*rows):
        path = tmp_path / "history.csv"
        path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8", newline="\n")
        entry = SourceEntry("history@2025-02", "cqc-inspections", (path,), "History", "2025-02")
        return load(entry)

    return read


def reasons(part):
    return part.rejects.select("row", "column", "reason").rows()


def test_day_numbers_count_from_1960(read):
    (location,) = read(GOOD).nodes["Location"].to_dicts()
    assert location["id"] == "cqc:1-900000002"
    assert location["start_earliest"] == "2015-04-01"
    assert (location["end_earliest"], location["end_latest"]) == ("2019-04-01", "2019-04-02")


def test_a_location_without_an_end_goes_on(read):
    (location,) = read(GOOD.replace("21640", "NA")).nodes["Location"].to_dicts()
    assert (location["end_earliest"], location["end_latest"]) == ("2025-02-02", None)


def test_a_rating_has_its_day(read):
    (rating,) = read(GOOD).series["ratings"].to_dicts()
    assert (rating["thing"], rating["value"], rating["date"]) == (
        "cqc:1-900000002",
        "Good",
        "2021-05-01",
    )
    (owner,) = read(GOOD).series["services"].to_dicts()
    assert (owner["measure"], owner["value"]) == ("ownership", "For-profit")


def test_a_repeated_rating_is_merged_and_a_contradiction_rejected(read):
    part = read(GOOD, GOOD.replace('"1",', '"2",'), ROW.format("Inadequate"))
    said = "contradicts an earlier row for the same location and day"
    assert reasons(part) == [(3, "rating", said)]
    assert part.facts["accounting"][0]["merged"] == 1


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("20179", "16526", "location_start_2025", "lies before the register began in 2010"),
        ("20179", "soon", "location_start_2025", "is not a number of days since 1960"),
        ("21640", "20000", "location_end_2025", "lies before the start"),
        ('"Good"', '"Fair"', "rating", "is not a rating of the CQC"),
        ('"1-900000002"', '"x"', "locationid", "is not the id of a location"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected(read, old, new, column, reason):
    part = read(GOOD.replace(old, new))
    assert reasons(part) == [(1, column, reason)]


# --- the real file --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def history(shared):
    path = shared / "data/cqc/cqc_inspection_history_non_care_homes_to_2025.csv.gz"
    return load(SourceEntry("history@2025-02", "cqc-inspections", (path,), "CQC", "2025-02"))


def test_every_row_is_taken_but_five_that_repeat_another(history):
    (account,) = history.facts["accounting"]
    assert (account["rows"], account["accepted"], account["merged"]) == (29459, 29454, 5)


def test_the_day_numbers_agree_with_the_api(history, shared):
    path = shared / "data/cqc_api/oldham_locations_2025-03.jsonl.gz"
    days = {}
    for line in gzip.open(path, "rt", encoding="utf-8"):
        payload = json.loads(line)
        key = f"cqc:{payload['locationId']}"
        days[key] = (payload["registrationDate"], payload.get("deregistrationDate"))
    rows = history.nodes["Location"].filter(pl.col("id").is_in(list(days)))
    ended = pl.when(pl.col("end_latest").is_not_null()).then("end_earliest")
    read = {
        key: (start, end) for key, start, end in rows.select("id", "start_latest", ended).rows()
    }
    assert len(read) == 54
    assert read == {key: days[key] for key in read}


def test_8279_of_15648_locations_are_in_the_ratings_of_2021(history, shared):
    name = "cqc_latest_ratings_locations_overall_2021-02_england.csv.gz"
    path = shared / "data" / "cqc" / name
    ratings = load(SourceEntry("r@2021-02", "cqc-ratings", (path,), "CQC", "2021-02"))
    own, then = history.nodes["Location"]["id"], ratings.nodes["Location"]["id"]
    assert (own.len(), own.is_in(then.implode()).sum()) == (15648, 8279)
