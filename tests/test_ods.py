"""NHS trusts and commissioners of the Organisation Data Service."""

import re
from pathlib import Path

import polars as pl
import pytest

from icsgraph.loaders.nhs_names import as_the_nhs_writes_it
from icsgraph.loaders.ods import read
from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.dates import BoundedDate, Certainty, read_day
from icsgraph.ontology.errors import LayoutError

REGISTERS = Path(__file__).with_name("data") / "registers"
ETR, ECCG = REGISTERS / "etr.csv", REGISTERS / "eccg.csv"


def load(file, kind="ods-trusts", as_of="2026-01"):
    return list(read(SourceEntry("ods@x", kind, (file,), "Trusts", as_of)))


def nodes(tables, kind):
    return next(t.rows for t in tables if isinstance(t, Nodes) and t.kind == kind)


def statements(tables, kind):
    return next(t.rows for t in tables if isinstance(t, Relationships) and t.kind == kind)


def account(tables):
    return next(t for t in tables if isinstance(t, FileAccount))


def organisation(tables, identifier):
    return nodes(tables, "Organisation").row(by_predicate=pl.col("id") == identifier, named=True)


def held(row, day):
    return BoundedDate.from_columns(row).holds_on(read_day(day))


@pytest.mark.parametrize(
    ("published", "written"),
    [
        ("BARTS HEALTH NHS TRUST", "Barts Health NHS Trust"),
        ("GUY'S AND ST THOMAS' NHS FOUNDATION TRUST", "Guy's and St Thomas' NHS Foundation Trust"),
        ("ROYAL BROMPTON & HAREFIELD NHS FT", "Royal Brompton & Harefield NHS FT"),
        ("NHS STOKE-ON-TRENT ICB - 05W", "NHS Stoke-on-Trent ICB - 05W"),
        ("NORTH WEST - H&J COMMISSIONING HUB", "North West - H&J Commissioning Hub"),
        ("729 THE RIDGE", "729 The Ridge"),
        ("4TH FLOOR, EAST WING", "4th Floor, East Wing"),
        ("Kent and Medway NHS Trust", "Kent and Medway NHS Trust"),
    ],
)
def test_names_are_shown_as_the_nhs_writes_them(published, written):
    assert as_the_nhs_writes_it(published) == written
    assert as_the_nhs_writes_it(written) == written


def test_a_trust_with_its_names_place_and_dates():
    assert organisation(load(ETR), "ods:R9Y") == {
        "id": "ods:R9Y",
        "name": "Plumstead-upon-Bar Women's NHS Foundation Trust",
        "other_names": ["PLUMSTEAD-UPON-BAR WOMEN'S NHS FOUNDATION TRUST"],
        "org_type": "nhs-trust",
        "type_as_published": None,
        "is_provider": True,
        "address": "The Infirmary, Hospital Lane, Barsetshire",
        "town": "Barchester",
        "postcode": "BC1 3CC",
        "start_earliest": "1994-04-01",
        "start_latest": "1994-04-01",
        "end_earliest": "2020-04-01",
        "end_latest": "2020-04-01",
        "date_text": "1994-04-01 to 2020-03-31",
    }


@pytest.mark.parametrize(
    ("identifier", "day", "certainty"),
    [
        ("ods:R9X", "2026-01-01", Certainty.CERTAIN),
        # The edition is of some day of January, so the day after the first is not sure.
        ("ods:R9X", "2026-01-02", Certainty.POSSIBLE),
        ("ods:R9X", "2001-03-31", Certainty.NO),
        ("ods:R9Y", "2020-03-31", Certainty.CERTAIN),
        ("ods:R9Y", "2020-04-01", Certainty.NO),
        ("ods:R9Z0A", "2026-01-31", Certainty.NO),
        ("ods:R9Z0A", "2030-10-01", Certainty.CERTAIN),
    ],
)
def test_when_a_trust_was_there(identifier, day, certainty):
    assert held(organisation(load(ETR), identifier), day) is certainty


def test_a_trust_stands_in_its_system_and_its_region():
    tables = load(ETR)
    located = statements(tables, "LOCATED_IN")
    assert set(located.select("subject", "object").iter_rows()) == {
        ("ods:R9X", "ods:Q9X"),
        ("ods:R9X", "ods:Y62"),
        ("ods:R9Y", "ods:Q9Y"),
        ("ods:R9Y", "ods:Y62"),
        ("ods:R9Z0A", "ods:Q9X"),
        ("ods:R9Z0A", "ods:Y62"),
        ("ods:R9W", "ods:W00"),
    }
    assert nodes(tables, "System")["id"].to_list() == ["ods:Q9X", "ods:Q9Y"]
    assert nodes(tables, "Area").select("id", "name", "area_type").rows() == [
        ("ods:W00", "Wales", "country"),
        ("ods:Y62", None, "nhs-region"),
    ]


def test_where_a_closed_trust_stood_ended_with_it():
    located = statements(load(ETR), "LOCATED_IN")
    closed = located.row(by_predicate=pl.col("object") == "ods:Q9Y", named=True)
    dates = {c: closed[c] for c in closed if c.startswith(("start_", "end_"))}
    assert dates == {
        "start_earliest": "1994-04-01",
        "start_latest": "2020-03-31",
        "end_earliest": None,
        "end_latest": "2020-04-01",
    }


def test_commissioners_by_role_and_name():
    tables = load(ECCG, "ods-commissioners")
    kinds = nodes(tables, "Organisation").select("id", "org_type", "type_as_published")
    assert kinds.rows() == [
        ("ods:99X", "sub-icb-location", "RO319"),
        ("ods:99Y", "ccg", None),
        ("ods:99Z", "commissioning-hub", "RO218"),
        ("ods:Z9X0A", "commissioner", "RO327"),
    ]
    parts = set(statements(tables, "PART_OF").select("subject", "object").iter_rows())
    assert ("ods:99X", "ods:Q9X") in parts and ("ods:99X", "ods:Y62") in parts
    # A hub only stands in the area of a system.
    assert {part for part, _ in parts} == {"ods:99X", "ods:99Y", "ods:Z9X0A"}
    assert set(statements(tables, "LOCATED_IN")["subject"]) == {"ods:99Z"}


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ('"20010401"', '"20010431"', "Open Date", "is no day of the calendar in the form yyyymmdd"),
        ('"20010401"', '""', "Open Date", "is missing"),
        ('"20010401",""', '"20010401","20010331"', "Close Date", "lies before the open date"),
        ('"R9X"', '""', "Organisation Code", "is missing"),
        ('"R9X"', '"R-9"', "Organisation Code", "is not an ODS code"),
        ('"Q9X"', '"tbc?"', "High Level Health Geography", "is not an ODS code of a system"),
        ('"Y62"', '"North West"', "National Grouping", "is not an ODS code of a region"),
        ('"R9Y"', '"R9X"', "Organisation Code", "has another record in an earlier row"),
    ],
)
def test_a_record_with_a_fault_is_rejected(tmp_path, old, new, column, reason):
    text = ETR.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "etr.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    rejected = account(load(path)).rejected
    assert rejected.select("column", "reason").rows() == [(column, reason)]
    assert len(account(load(path)).accepted) == 3


def test_codes_are_cleaned_and_repeated_records_merged(tmp_path):
    lines = ETR.read_text(encoding="utf-8").splitlines()
    lines.append(lines[0].replace('"R9X"', '" r9x "'))
    path = tmp_path / "etr.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    assert account(load(path)).merged.to_list() == [5]


def test_days_with_hyphens_are_the_same_days(tmp_path):
    plain = ETR.read_text(encoding="utf-8")
    hyphened = re.sub(r'"(\d{4})(\d\d)(\d\d)"', r'"\1-\2-\3"', plain)
    assert hyphened != plain
    (tmp_path / "etr.csv").write_text(hyphened, encoding="utf-8")
    made, known = load(tmp_path / "etr.csv"), load(ETR)
    assert nodes(made, "Organisation").equals(nodes(known, "Organisation"))
    assert statements(made, "LOCATED_IN").equals(statements(known, "LOCATED_IN"))


def test_a_postcode_that_is_none_is_left_out(tmp_path):
    path = tmp_path / "etr.csv"
    text = ETR.read_text(encoding="utf-8").replace('"BC1 3CC"', '"BARCHESTER"', 1)
    path.write_text(text, encoding="utf-8", newline="\n")
    assert organisation(load(path), "ods:R9X")["postcode"] is None


@pytest.mark.parametrize(
    ("file", "kind", "sentence"),
    [
        (ECCG, "ods-trusts", "fewer than half of its rows have the name of a trust"),
        (ETR, "ods-commissioners", "fewer than half of its rows have the name of a commissioner"),
        (REGISTERS / "ccg_2020.csv", "ods-trusts", "it has 7 columns, not 27"),
    ],
)
def test_another_register_is_refused(file, kind, sentence):
    with pytest.raises(LayoutError, match=sentence):
        load(file, kind)


@pytest.fixture(scope="module")
def england(shared):
    sources = read_sources(REGISTERS.parent / "all.toml")
    wanted = ("ods-trusts", "ods-commissioners", "cqc-ratings")
    return {e.id: list(loader(e.kind).read(e)) for e in sources if e.kind in wanted}


@pytest.mark.parametrize(
    ("source", "rows", "closed"),
    [
        ("ods-trusts@2021-Q4", 218, 6),
        ("ods-trusts@2026-01", 273, 68),
        ("ods-trusts@2026-04", 274, 71),
        ("ods-commissioners@2026-01", 320, 161),
    ],
)
def test_every_record_of_england_is_taken(england, source, rows, closed):
    counted = account(england[source])
    assert (counted.rows_in, len(counted.accepted)) == (rows, rows)
    ended = nodes(england[source], "Organisation")["end_latest"].is_not_null().sum()
    assert ended == closed


def test_providers_of_the_cqc_are_found_among_the_trusts_of_2021(england):
    providers = nodes(england["cqc-ratings-england@2021-02"], "Organisation").filter(
        "is_provider", pl.col("id").str.starts_with("ods:")
    )["id"]
    trusts = nodes(england["ods-trusts@2021-Q4"], "Organisation")["id"]
    assert (len(providers), len(set(providers) & set(trusts))) == (181, 179)
    # Care trusts, which ODS lists in another file.
    assert set(providers) - set(trusts) == {"ods:TAD", "ods:TAH"}


def test_locations_of_trusts(england):
    operates = statements(england["cqc-ratings-england@2021-02"], "OPERATES")
    sites = operates.filter(pl.col("object").str.starts_with("ods:"))
    trusts = nodes(england["ods-trusts@2021-Q4"], "Organisation")["id"]
    assert sites.filter(pl.col("subject").is_in(trusts.implode())).height == 430


@pytest.mark.parametrize(
    ("source", "systems"), [("ods-trusts@2026-01", 42), ("ods-trusts@2026-04", 36)]
)
def test_the_systems_in_which_trusts_stand(england, source, systems):
    assert nodes(england[source], "System").height == systems
