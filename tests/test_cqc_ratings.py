"""CQC latest ratings, in both layouts: what becomes of a row, and the joins of the real file."""

import csv
from pathlib import Path

import polars as pl
import pytest

from icsgraph.loaders.cqc_ratings import read
from icsgraph.loaders.records import FileAccount, Nodes, Relationships, Series, SourceEntry
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import LayoutError

REGISTERS = Path(__file__).with_name("data") / "registers"
OLD, NEW = REGISTERS / "cqc_ratings_2021.csv", REGISTERS / "cqc_ratings_2026.csv"


class Read:
    """What a loader yields, by kind."""

    def __init__(self, entry):
        self.tables = list(read(entry))

    def nodes(self, kind):
        return next(t.rows for t in self.tables if isinstance(t, Nodes) and t.kind == kind)

    def pairs(self, kind):
        return set(self.statements(kind).select("subject", "object").iter_rows())

    def statements(self, kind):
        return next(t.rows for t in self.tables if isinstance(t, Relationships) and t.kind == kind)

    @property
    def ratings(self):
        return next(t.rows for t in self.tables if isinstance(t, Series))

    @property
    def account(self):
        return next(t for t in self.tables if isinstance(t, FileAccount))


def load(*files, as_of="2021-02"):
    return Read(SourceEntry("cqc-ratings@x", "cqc-ratings", files, "Ratings", as_of))


@pytest.fixture
def changed(tmp_path):
    """The sample of 2021 with some text replaced, and what is read from it."""

    def changed(*replacements, sample=OLD):
        text = sample.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "ratings.csv"
        path.write_text(text, encoding="utf-8", newline="\n")
        return load(path)

    return changed


def row(frame, identifier):
    return frame.row(by_predicate=pl.col("id") == identifier, named=True)


def test_a_location_is_read_once_with_its_place():
    locations = load(OLD).nodes("Location")
    assert locations.height == 4
    assert row(locations, "cqc:1-900000002") == {
        "id": "cqc:1-900000002",
        "name": "The Close Surgery",
        "codes": [],
        "address": "2 The Close, Cathedral Yard",
        "town": "Barchester",
        "postcode": "BC1 2BB",
        "lon": -2.5,
        "lat": 53.9,
        "location_type": "primary-medical-services",
        "inspection_category": "GP Practices",
        "is_care_home": False,
        "url": "http://www.cqc.org.uk/location/1-900000002",
    }
    assert row(locations, "cqc:1-900000003")["lon"] is None


def test_nhs_bodies_and_sites_have_their_ods_code():
    sheet = load(OLD)
    assert row(sheet.nodes("Location"), "ods:R9X01")["codes"] == ["cqc:R9X01"]
    trust = row(sheet.nodes("Organisation"), "ods:R9X")
    assert trust["codes"] == ["cqc:R9X"] and trust["is_provider"]
    # Its type is for the register of trusts to say.
    assert trust["org_type"] is None
    assert trust["type_as_published"] == "NHS Healthcare Organisation"


def test_providers_brands_and_commissioners_are_organisations():
    organisations = load(OLD).nodes("Organisation")
    assert dict(organisations.select("id", "org_type").iter_rows()) == {
        "cqc:1-910000001": "social-care-organisation",
        "cqc:1-910000002": "primary-medical-services",
        "ods:R9X": None,
        "cqc:BD901": "brand",
        "ods:99X": None,
    }


def test_relationships_of_the_register():
    sheet = load(OLD)
    assert sheet.pairs("OPERATES") == {
        ("cqc:1-910000001", "cqc:1-900000001"),
        ("cqc:1-910000002", "cqc:1-900000002"),
        ("ods:R9X", "ods:R9X01"),
        ("cqc:1-910000001", "cqc:1-900000003"),
    }
    assert sheet.pairs("COMMISSIONS") == {("ods:99X", "cqc:1-900000002")}
    assert sheet.pairs("PART_OF") == {
        ("cqc:1-910000001", "cqc:BD901"),
        ("icsg:local-authority/barsetshire", "icsg:region/north-west"),
        ("icsg:local-authority/plumstead-city-of", "icsg:region/north-west"),
    }
    assert {end for _, end in sheet.pairs("LOCATED_IN")} == {
        "icsg:local-authority/barsetshire",
        "icsg:local-authority/plumstead-city-of",
        "ons:E38000901",
        "ons:E38000902",
    }
    kept = sheet.statements("OPERATES").row(0, named=True)
    assert (kept["start_latest"], kept["end_earliest"]) == ("2021-02-28", "2021-02-02")
    assert (kept["locator"], kept["knowledge_level"]) == ("row 1", "register")


def test_nothing_dangles():
    for sheet in (load(OLD), load(NEW)):
        tables = [t.rows for t in sheet.tables if isinstance(t, Nodes)]
        known = {i for rows in tables for i in rows["id"]}
        for table in sheet.tables:
            if isinstance(table, Relationships):
                assert set(table.rows["subject"]) | set(table.rows["object"]) <= known


def test_ratings_are_a_series():
    assert load(OLD).ratings.row(3) == (
        *("ods:R9X01", "overall rating", "Surgery", "Requires improvement", None, "2018-12-29"),
    )
    assert load(NEW, as_of="2026-06").ratings.select(
        "thing", "measure", "value", "date"
    ).rows() == [
        ("cqc:1-900000001", "overall rating", "Good", "2026-05-29"),
        ("cqc:1-900000001", "well-led rating", "Requires improvement", "2026-05-29"),
        ("cqc:1-900000002", "overall rating", "Good", "2025-04-03"),
        ("cqc:1-900000003", "safe rating", "Not Rated", None),
    ]


def test_the_layout_of_2026_gives_ods_codes_and_nhs_regions():
    sheet = load(NEW, as_of="2026-06")
    assert row(sheet.nodes("Location"), "cqc:1-900000001")["codes"] == ["ods:V9XAA"]
    # The code of a practice names the practice, not the place where it sees patients.
    assert row(sheet.nodes("Location"), "cqc:1-900000002")["codes"] == []
    assert ("cqc:1-900000002", "ods:Y99901") in sheet.pairs("PART_OF")
    assert row(sheet.nodes("Organisation"), "ods:Y99901")["org_type"] == "gp-practice"
    assert ("cqc:1-900000001", "icsg:nhs-region/north-west") in sheet.pairs("LOCATED_IN")


def test_the_order_of_day_and_month_is_read_off_the_dates(changed):
    notes = load(OLD).account.notes[0], load(NEW).account.notes[0]
    assert notes == (
        "dates read as dd/mm/yyyy: 2 of 4 exist in no other order",
        "dates read as mm/dd/yyyy: 1 of 2 exist in no other order",
    )
    british = changed(("05/29/2026", "29/05/2026"), ("05/29/2026", "29/05/2026"), sample=NEW)
    assert british.ratings["date"].to_list() == ["2026-05-29", "2026-05-29", "2025-03-04", None]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("yyyy-mm-dd", ("2026-05-29", "2026-05-29", "2025-04-03")),
        ("dd Mon yyyy", ("29 May 2026", "29 May 2026", "3 Apr 2025")),
    ],
)
def test_a_copy_that_went_through_a_program_may_write_days_otherwise(changed, form, written):
    stated = ("05/29/2026", "05/29/2026", "04/03/2025")
    copy = changed(*zip(stated, written, strict=True), sample=NEW)
    assert copy.account.notes[0] == f"dates read as {form}: 2 of 2 are written so"
    assert copy.ratings["date"].to_list() == load(NEW).ratings["date"].to_list()
    wrong = changed(*zip(stated, (*written[:2], "2025"), strict=True), sample=NEW)
    assert wrong.account.rejected.select("value", "what_to_do").rows() == [
        ("2025", "Correct the date.")
    ]


def faults(sheet):
    return sheet.account.rejected.select("row", "column", "value", "reason").rows()


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ('"Good"', '"Splendid"', "Latest Rating", "is not a rating of the CQC"),
        ('"Overall","Good"', '"Kindness","Good"', "Domain", "is not a domain of the CQC"),
        ("20/11/2019", "31/11/2019", "Publication Date", None),
        ("20/11/2019", "11/20/2019", "Publication Date", None),
        ('"1-900000001","Elm', '"","Elm', "Location ID", "is missing"),
        ('"1-900000001","Elm', '"Elm House","Elm', "Location ID", "is not the id of a location"),
        ('"1-910000001"', '""', "Provider ID", "is missing"),
        ('"BD901"', '"Grantly"', "Brand ID", "is not the id of a brand"),
        ("E38000901", "E39000901", "Location ONSPD CCG Code", "is not an ONS code of a CCG"),
        ('"Y","Social', '"Yes","Social', "Care Home?", "is not Y or N"),
        ('"-2.5"', '"53.9"', "long", "is no longitude in England"),
        ('"Barsetshire"', '"?"', "Location Local Authority", "is not the name of a place"),
    ],
)
def test_a_row_with_a_fault_is_rejected_and_the_others_are_read(changed, old, new, column, reason):
    sheet = changed((old, new))
    ((at, where, _, why),) = faults(sheet)
    assert (at, where) == (1, column)
    assert why == (reason or "is no day of the calendar in the form dd/mm/yyyy")
    assert sheet.account.accepted.to_list() == [2, 3, 4, 5]
    assert "cqc:1-900000001" not in sheet.nodes("Location")["id"].to_list()


def test_another_edition_may_have_more_columns_and_lack_some(tmp_path):
    with (REGISTERS / "cqc_ratings_2026.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = tmp_path / "ratings_2024.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        gone = ("Brand ID", "Brand Name", "Location ODS Code", "Inherited Rating (Y/N)")
        kept = [name for name in rows[0] if name not in gone]
        made = csv.DictWriter(file, ["Location Manager", *kept, ""], extrasaction="ignore")
        made.writeheader()
        made.writerows({**row, "Location Manager": "Slope"} for row in rows)
    sheet = Read(SourceEntry("cqc@2024", "cqc-ratings", (path,), "Ratings", "2024"))
    assert len(sheet.account.accepted) == len(rows)
    assert "columns that are not known, passed over: Location Manager" in sheet.account.notes
    assert sheet.nodes("Organisation").filter(pl.col("org_type") == "brand").is_empty()


def test_codes_with_blanks_or_small_letters_are_cleaned(changed):
    sheet = changed(('"R9X01"', '" r9x01 "'), ('"99X"', '"99x"'))
    assert faults(sheet) == []
    assert ("ods:R9X", "ods:R9X01") in sheet.pairs("OPERATES")


def test_rows_of_one_location_group_domain_and_day(tmp_path):
    head, first, *_ = OLD.read_text(encoding="utf-8").splitlines()
    lines = [
        *(head, first, first),
        first.replace('"N","http', '"Y","http'),
        first.replace('"Good"', '"Inadequate"'),
        first.replace("20/11/2019", "21/11/2020"),
    ]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    sheet = load(path)
    assert sheet.account.accepted.to_list() == [1, 5]
    assert sheet.account.merged.to_list() == [2, 3]
    reason = "contradicts an earlier row for the same location, group, domain and day"
    assert faults(sheet) == [(4, "Latest Rating", "Inadequate", reason)]


def test_rows_that_disagree_about_a_location_are_noted_and_the_first_counts(changed):
    sheet = changed(('"The Close Surgery"', '"The Close"'))
    assert row(sheet.nodes("Location"), "cqc:1-900000002")["name"] == "The Close"
    note = "locations whose rows disagree, so that the first counts: 1"
    assert note in sheet.account.notes


def test_two_files_of_an_edition_give_each_thing_once(tmp_path):
    other = tmp_path / "again.csv"
    other.write_bytes(OLD.read_bytes())
    both, one = load(OLD, other), load(OLD)
    for kind in ("Location", "Organisation", "Area"):
        assert both.nodes(kind).height == one.nodes(kind).height
    assert both.pairs("LOCATED_IN") == one.pairs("LOCATED_IN")
    assert both.statements("LOCATED_IN").height == one.statements("LOCATED_IN").height


def test_another_file_is_refused():
    with pytest.raises(LayoutError, match="its first line is"):
        load(REGISTERS / "authority_names.csv")


@pytest.fixture(scope="module")
def england(shared):
    sources = {source.id: source for source in read_sources(REGISTERS.parent / "all.toml")}
    return Read(sources["cqc-ratings-england@2021-02"])


def test_every_row_of_england_is_accounted_for(england):
    account = england.account
    counts = (account.rows_in, len(account.accepted), len(account.merged), len(account.rejected))
    assert counts == (74184, 74183, 0, 1)
    assert account.rejected.select("column", "value").row(0) == (
        *("Latest Rating", "Requires improvement"),
    )


def test_england_has_its_locations_providers_and_brands(england):
    assert england.nodes("Location").height == 31966
    organisations = england.nodes("Organisation")
    assert organisations.filter("is_provider").height == 19669
    assert organisations.filter(pl.col("org_type") == "brand").height == 353
    local = pl.col("area_type") == "local-authority"
    assert england.nodes("Area").filter(local).height == 151


def test_the_id_of_an_nhs_location_begins_with_that_of_its_provider(england):
    sites = england.statements("OPERATES").filter(pl.col("object").str.starts_with("ods:"))
    alike = pl.col("object").str.slice(0, 7) == pl.col("subject")
    assert (sites.height, sites.filter(alike).height) == (435, 435)


def test_lincolnshire_in_the_layout_of_2026(shared):
    sources = {source.id: source for source in read_sources(REGISTERS.parent / "all.toml")}
    sheet = Read(sources["cqc-ratings-lincolnshire@2026-06"])
    assert (sheet.account.rows_in, len(sheet.account.accepted)) == (4159, 4159)
    assert sheet.nodes("Location").height == 478
    assert sheet.ratings["date"].drop_nulls().max() == "2026-05-29"


def test_a_provider_that_looks_like_one_person_is_marked_as_a_guess(changed):
    providers = changed(("Grantly Care Limited", "Mrs E Ashton")).nodes("Organisation")
    one = providers.filter("is_sole_trader").select("name", "sole_trader_basis")
    assert one.rows() == [("Mrs E Ashton", "guess from the name")]
