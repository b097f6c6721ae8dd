"""The care directory: both generations of its header, below four lines of text, made-up rows."""

import polars as pl
import pytest

from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.errors import LayoutError
from icsgraph.pipeline import load

FIRST = (
    "Name,Also known as,Address,Postcode,Phone number,Service's website (if available),"
    "Service types,Date of latest check,Specialisms/services,Provider name,"
)
OLD = (
    FIRST + "Local Authority,Region,Location URL,"
    "CQC Location (for office use only,CQC Provider ID (for office use only)"
)
NEW = (
    FIRST + "Local authority,Region,Location URL,"
    "CQC Location ID (for office use only),CQC Provider ID (for office use only)"
)
ABOVE = "CQC Locations data{0}\n{0}\nThis data was produced on 29 July 2026{0}\n{0}\n"
PADDED = ABOVE.format("," * 14)
CLOSE = (
    'The Close,Close House,"2 The Close,\nBarchester",BC1 2BB,01,www.example.org,'
    "Nursing homes|Homecare agencies,{day},Dementia|Caring for adults over 65 yrs,{owner},"
    "Barchester,North West,https://www.cqc.org.uk/location/1-900000002,{id},1-900000001"
)


def close(day="13/02/2020 - 09:30", owner="Grantly Homes Limited", identifier="1-900000002"):
    return CLOSE.format(day=day, owner=owner, id=identifier)


@pytest.fixture
def read(tmp_path):
    def read(*rows, header=NEW, above=PADDED, encoding="utf-8"):
        path = tmp_path / "directory.csv"
        text = "\r\n".join([header, *rows]) + "\r\n"
        path.write_bytes(above.encode(encoding) + text.encode(encoding))
        return load(SourceEntry("directory@2026-07", "cqc-directory", (path,), "CQC", "2026-07-29"))

    return read


def node(part, kind, identifier):
    return part.nodes[kind].row(by_predicate=pl.col("id") == identifier, named=True)


def said(part, kind):
    return set(part.relationships[kind].select("subject", "object").rows())


def reasons(part):
    return part.rejects.select("row", "column", "reason").rows()


@pytest.mark.parametrize("header", [OLD, NEW, OLD.replace("only,", "only),")])
@pytest.mark.parametrize("above", [ABOVE.format(""), PADDED, ""])
def test_every_header_that_was_published_is_known(read, header, above):
    part = read(close(), header=header, above=above)
    assert part.nodes["Location"]["id"].to_list() == ["cqc:1-900000002"]


def test_a_location_and_its_provider(read):
    part = read(close())
    location = node(part, "Location", "cqc:1-900000002")
    assert location["address"] == "2 The Close, Barchester"
    assert (location["postcode"], location["other_names"]) == ("BC1 2BB", ["Close House"])
    assert location["url"] == "https://www.cqc.org.uk/location/1-900000002"
    assert (location["start_latest"], location["end_earliest"]) == ("2026-07-29", "2026-07-30")
    assert node(part, "Organisation", "cqc:1-900000001")["name"] == "Grantly Homes Limited"
    assert said(part, "OPERATES") == {("cqc:1-900000001", "cqc:1-900000002")}
    assert said(part, "LOCATED_IN") == {("cqc:1-900000002", "icsg:local-authority/barchester")}


@pytest.mark.parametrize(
    ("day", "iso"),
    [
        ("13/02/2020 - 09:30", "2020-02-13"),
        ("09/Jan/2026 - 00:00", "2026-01-09"),
        ("1/3/2021", "2021-03-01"),
    ],
)
def test_the_day_of_the_latest_check_has_an_hour(read, day, iso):
    services = read(close(day)).series["services"]
    assert services.filter(pl.col("measure") == "latest check")["date"].to_list() == [iso]


def test_lists_are_taken_apart(read):
    services = read(close("")).series["services"].select("measure", "value")
    assert services.rows() == [
        ("service category", "Nursing homes"),
        ("service category", "Homecare agencies"),
        ("specialism", "Dementia"),
        ("specialism", "Caring for adults over 65 yrs"),
    ]


def test_a_provider_that_looks_like_one_person_is_marked_as_a_guess(read):
    owner = node(read(close(owner="Mrs E Ashton")), "Organisation", "cqc:1-900000001")
    assert (owner["is_sole_trader"], owner["sole_trader_basis"]) == (True, "guess from the name")


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (close("31/02/2020 - 09:30"), "Date of latest check", "is no day in the form"),
        (close(identifier="9-1"), "CQC Location ID (for office use only)", "is not the id of a"),
        (close(owner=""), "Provider name", "is missing"),
        (close(owner="bc1 2bb"), "Provider name", "is a postcode and no name"),
        ("The Close,,", "Postcode", "the row has 3 of 15 fields"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected(read, row, column, reason):
    part = read(close(identifier="1-900000007"), row)
    ((at, where, why),) = reasons(part)
    assert (at, why[: len(reason)]) == (2, reason)
    assert where in (column, "Phone number")


def test_a_repeated_location_is_merged_and_another_record_of_it_rejected(read):
    part = read(close(), close(), close(owner="Stanhope Homes Limited"))
    column = "CQC Location ID (for office use only)"
    assert reasons(part) == [(3, column, "has another record in an earlier row")]
    assert part.facts["accounting"][0]["merged"] == 1


def test_a_file_of_another_layout_is_refused(read):
    with pytest.raises(LayoutError, match="cannot be CQC care directory"):
        read(close(), header=NEW.replace("Postcode", "Shoe size"))


def test_an_old_encoding_is_read_and_said(read):
    part = read(close(owner="Café Homes Limited"), encoding="cp1252")
    assert node(part, "Organisation", "cqc:1-900000001")["name"] == "Café Homes Limited"
    assert "read as Windows-1252" in part.facts["accounting"][0]["notes"][0]
