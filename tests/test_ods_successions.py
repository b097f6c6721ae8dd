"""What became of which ODS code: the succession table, and the mergers of April 2026."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import LayoutError

DATA = Path(__file__).with_name("data")
TABLE = """old_code,new_code,date
R9X,R9Y,2021-10-01
R9X,R9Z,2021-10-01
R9X01,R9Y0A,2021-10-01
99X,Z9X0A,2021-04-01
4XX01,5XX,2001-04-01
4XX01,5XX,2002-04-01
8X001,NX999,2015-04-01
"""


def load(file, kind="ods-successions", as_of="2022-04"):
    return list(loader(kind).read(SourceEntry("ods@x", kind, (file,), "Codes", as_of)))


def nodes(tables, kind):
    return next(t.rows for t in tables if isinstance(t, Nodes) and t.kind == kind)


def statements(tables, kind):
    found = (t.rows for t in tables if isinstance(t, Relationships) and t.kind == kind)
    return pl.concat(found, how="diagonal")


def accounts(tables):
    return [t for t in tables if isinstance(t, FileAccount)]


@pytest.fixture
def table(tmp_path):
    def write(text=TABLE):
        path = tmp_path / "successions.csv"
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    return write


def test_a_code_may_have_two_successors_and_one_successor_twice(table):
    told = statements(load(table()), "SUCCEEDED_BY")
    assert told.select("subject", "object", "key", "start_earliest").rows() == [
        ("ods:R9X", "ods:R9Y", "2021-10-01", "2021-10-01"),
        ("ods:R9X", "ods:R9Z", "2021-10-01", "2021-10-01"),
        ("ods:R9X01", "ods:R9Y0A", "2021-10-01", "2021-10-01"),
        ("ods:99X", "ods:Z9X0A", "2021-04-01", "2021-04-01"),
        ("ods:4XX01", "ods:5XX", "2001-04-01", "2001-04-01"),
        ("ods:4XX01", "ods:5XX", "2002-04-01", "2002-04-01"),
        ("ods:8X001", "ods:NX999", "2015-04-01", "2015-04-01"),
    ]


def test_a_site_is_told_by_the_form_of_its_code(table):
    tables = load(table())
    # R9Y0A has the form of a new organisation, and is a site of R9Y all the same.
    assert set(nodes(tables, "Location")["id"]) == {"ods:R9X01", "ods:R9Y0A", "ods:NX999"}
    assert set(nodes(tables, "Organisation")["id"]) == {
        *("ods:R9X", "ods:R9Y", "ods:R9Z", "ods:99X", "ods:Z9X0A"),
        *("ods:4XX01", "ods:5XX", "ods:8X001"),
    }


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("R9X,R9Y,", "R9X,R9X,", "new_code", "is named as its own successor"),
        ("99X,", "9,", "old_code", "is not an ODS code"),
        ("99X,Z9X0A", "99X,tbc?", "new_code", "is not an ODS code"),
        ("2015-04-01", "01/04/2015", "date", "is no day of the calendar in the form yyyy-mm-dd"),
        ("2015-04-01", "", "date", "is missing"),
        ("NX999", "NX\x00999", None, "the row holds a NUL byte"),
    ],
)
def test_a_row_with_a_fault_is_rejected(table, old, new, column, reason):
    assert old in TABLE
    (account,) = accounts(load(table(TABLE.replace(old, new, 1))))
    assert account.rejected.select("column", "reason").rows() == [(column, reason)]
    assert (account.rows_in, len(account.accepted)) == (7, 6)


def test_codes_are_cleaned_and_repeated_rows_merged(table):
    (account,) = accounts(load(table(TABLE + "r9x , R9Y,2021-10-01\n")))
    assert (account.rows_in, account.merged.to_list()) == (8, [8])


# --- the mergers of April 2026 --------------------------------------------------------------------

LSOA = (
    ["LSOA11CD", "LSOA11NM", "SICBL22CD", "SICBL22CDH", "SICBL22NM", "ICB22CD", "ICB22CDH"]
    + ["ICB22NM", "LAD22CD", "LAD22NM", None, "SICBL25CD", "SICBL25CDH", "SICBL25NM"]
    + ["ICB25CD", "ICB25CDH", "ICB25NM"]
)


def small_area(code, location, board, board_code="[ANANA] tbc"):
    old = [code, "Barset 1A", "E38999009", "Z9X0A", "NHS Barset ICB - Z9X0A", "E54999009", "Q9X"]
    new = ["[tbc by ONS]", location, f"{board} - {location}", "[tbc by ONS]", board_code, board]
    return [*old, "NHS Barset Integrated Care Board", "E07999001", "Barset", None, *new]


BOARDS = [
    ["The following boards will close."],
    ["Current ICB Code", "Current ICB Name", "PROPOSED NEW ICB /\xa0\xa0BOUNDARY CHANGES\xa0"],
    [
        "Q9X",
        "NHS Barset ICB\n(2 way split)",
        "NHS West and Marches Integrated Care Board\n1. LSOAs",
    ],
    [None, None, "NHS East Integrated Care Board"],
    ["Q9Y", "NHS Pallis ICB\xa0", None],
    ["Q9Z", "NHS Omnium ICB", "3. LSOAs from Barset to existing Q9Z"],
    [],
    ["NHSE Region Code", "New ICB Code (TBC)", "New ICB Name"],
    ["Y62", "[ANANA] format - code tbc", "NHS East Integrated Care Board"],
    [],
    ["NHSE Region Code", "Current ICB Code", "Current ICB Name"],
    ["Y62", "Q9Z", "NHS Omnium ICB\xa0"],
]
LOCATIONS = [
    ["Sub ICB Location Code", "Current Sub ICB Location Name", None, "New Sub ICB Location Name"],
    ["99X", "NHS PALLIS ICB - 99X", None, "NHS EAST ICB - 99X"],
    [],
    ["Current ICB Code", "Current ICB Name", "Current Sub ICB Location Code"]
    + ["Current Sub ICB Location Name", "SICBL Legal Code Closure Date"],
    ["Q9X", "NHS BARSET ICB", "Z9X0A", "NHS BARSET ICB - Z9X0A", ("day", 46112)],
    [],
    ["Sub ICB Location Code", "New Sub ICB Location Name", "New ICB Name (codes tbc)"],
    ["99X", "NHS EAST ICB - 99X", "NHS EAST INTEGRATED CARE BOARD"],
    ["[ANANA] - tbc", "NHS EAST ICB - [ANANA]", "NHS EAST INTEGRATED CARE BOARD"],
]
MOVES = [
    ["Commissioner as at 1 Apr 2026", "PCC Code", "PCC Name"]
    + ["Non Primary Role Name (Prescribing Setting)"],
    ["NHS EAST ICB - 99X", "Z99001", "THE PLUMSTEAD SURGERY", "GP PRACTICE"],
    ["NHS EAST ICB - [ANANA]", "Z99002", "ULLATHORNE MEDICAL CENTRE", "GP PRACTICE"],
    ["n/a", "Z99003", "PUDDINGDALE PRACTICE", "GP PRACTICE"],
    [],
    ["Commissioner as at 1 Apr 2026 (TBC)", "PCN Code", "PCN Name"],
    ["NHS EAST ICB - 99X", "U99901", "PLUMSTEAD PCN "],
]
AREAS = [
    ["Current", *[None] * 10, "New"],
    LSOA,
    small_area("E01999001", "99X", "NHS East Integrated Care Board"),
    small_area("E01999002", "99X", "NHS East Integrated Care Board"),
    small_area("E01999003", "[ANANA] tbc", "NHS West and Marches Integrated Care Board"),
    small_area("E01999004", "99Z", "NHS Omnium Integrated Care Board", "Q9Z"),
]


@pytest.fixture
def changes(tmp_path, write_workbook):
    sheets = {"Summary": BOARDS, "SICBL Changes": LOCATIONS, "GP Moves": MOVES, "LSOA": AREAS}
    merged = ["A3:A4", "B3:B4", "C4:C5"]
    path = write_workbook(tmp_path / "changes.xlsx", sheets, merged)
    return load(path, "ods-changes", "2025-11-06")


def test_boards_become_others_known_by_name(changes):
    told = statements(changes, "SUCCEEDED_BY").filter(pl.col("subject").str.starts_with("ods:Q"))
    assert told.select("subject", "object", "share", "start_earliest").rows() == [
        ("ods:Q9X", "icsg:system/west-and-marches", None, "2026-04-01"),
        ("ods:Q9X", "icsg:system/east", 0.5, "2026-04-01"),
        ("ods:Q9Y", "icsg:system/east", None, "2026-04-01"),
        ("ods:Q9X", "icsg:system/omnium", 0.25, "2026-04-01"),
    ]
    systems = nodes(changes, "System").select("id", "name", "codes").rows()
    assert ("icsg:system/east", "East", []) in systems
    # A board that goes on has the key among its codes, so that the two are one.
    assert ("ods:Q9Z", "Omnium", ["icsg:system/omnium"]) in systems


def test_small_areas_are_shares_of_a_location(changes):
    told = statements(changes, "SUCCEEDED_BY").filter(pl.col("subject") == "ods:Z9X0A")
    assert told.select("object", "share").rows() == [("ods:99X", 0.5), ("ods:99Z", 0.25)]
    (account,) = (a for a in accounts(changes) if "sheet LSOA" in a.file)
    assert (account.rows_in, len(account.accepted), len(account.merged)) == (4, 2, 1)


def test_a_placeholder_is_no_code(changes):
    rejected = pl.concat(a.rejected for a in accounts(changes))
    assert rejected.select("file", "row", "value", "reason").rows() == [
        (
            "changes.xlsx, sheet Summary, row 2",
            4,
            "3. LSOAs from Barset to existing Q9Z",
            "is not the name of an integrated care board",
        ),
        *(
            (f"changes.xlsx, sheet {table}", row, value, "is a placeholder, not a code")
            for table, row, value in (
                ("Summary, row 8", 1, "[ANANA] format - code tbc"),
                ("SICBL Changes, row 7", 2, "[ANANA] - tbc"),
                ("GP Moves, row 1", 2, "NHS EAST ICB - [ANANA]"),
                ("GP Moves, row 1", 3, "n/a"),
                ("LSOA, row 2", 3, "[ANANA] tbc"),
            )
        ),
    ]
    everything = pl.concat([t.rows.select("id") for t in changes if isinstance(t, Nodes)])
    assert not everything["id"].str.contains("(?i)anana|tbc").any()


def test_practices_and_networks_leave_one_commissioner_and_join_another(changes):
    told = statements(changes, "MEMBER_OF").select(
        "subject", "object", "role", "start_earliest", "end_latest", "locator"
    )
    practice, network = "practice", "primary care network"
    at = "sheet GP Moves, row {}, row 1 below"
    assert told.rows() == [
        ("ods:Z99001", "ods:99X", practice, "2026-04-01", None, at.format(1)),
        ("ods:Z99001", "ods:Z9X0A", practice, None, "2026-04-01", at.format(1)),
        ("ods:U99901", "ods:99X", network, "2026-04-01", None, at.format(6)),
        ("ods:U99901", "ods:Z9X0A", network, None, "2026-04-01", at.format(6)),
    ]


def test_locations_are_renamed_move_and_close(changes):
    told = nodes(changes, "Organisation").filter(pl.col("id").is_in(["ods:99X", "ods:Z9X0A"]))
    assert told.select("id", "name", "other_names", "end_latest").rows() == [
        ("ods:99X", "NHS East ICB - 99X", ["NHS PALLIS ICB - 99X"], None),
        ("ods:Z9X0A", "NHS Barset ICB - Z9X0A", [], "2026-04-01"),
    ]
    parts = statements(changes, "PART_OF").select("subject", "object", "start_earliest")
    assert parts.rows() == [
        ("ods:Q9Z", "ods:Y62", None),
        ("ods:Z9X0A", "ods:Q9X", None),
        ("ods:99X", "icsg:system/east", "2026-04-01"),
        ("ods:99Z", "icsg:system/omnium", "2026-04-01"),
    ]


def test_a_workbook_of_other_tables_is_refused(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "a.xlsx", {"S": [["Code", "Name"], ["R9X", "x"]]})
    with pytest.raises(LayoutError, match="none of its sheets has a table known here"):
        load(path, "ods-changes")


# --- England --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def england(shared):
    kinds = ("ods-successions", "ods-changes", "geography")
    sources = [e for e in read_sources(DATA / "all.toml") if e.kind in kinds]
    return {e.id: list(loader(e.kind).read(e)) for e in sources}


def test_every_row_of_the_succession_table_is_accounted_for(england):
    (account,) = accounts(england["ods-successions@2022-04"])
    assert (account.rows_in, len(account.accepted)) == (25_480, 25_439)
    reasons = account.rejected.unique("row")["reason"].value_counts(sort=True).rows()
    assert reasons == [("is named as its own successor", 39), ("is not an ODS code", 2)]


def test_a_trust_that_was_split_has_two_successors(england):
    told = statements(england["ods-successions@2022-04"], "SUCCEEDED_BY")
    split = told.filter(pl.col("subject") == "ods:RW6")
    assert split.select("object", "start_earliest").rows() == [
        ("ods:RM3", "2021-10-01"),
        ("ods:R0A", "2021-10-01"),
    ]


def test_every_row_of_the_change_summary_is_accounted_for(england):
    counted = accounts(england["ods-changes@2025-11"])
    assert len(counted) == 18
    assert sum(a.rows_in for a in counted) == 720
    assert sum(len(a.accepted) for a in counted) == 174
    assert sum(len(a.merged) for a in counted) == 194
    assert sum(a.rejected["row"].n_unique() for a in counted) == 352


def test_the_mergers_are_those_of_the_timeline(england):
    """What the summary of November 2025 announced is what had happened by April 2026."""
    timeline = england["geography-timeline@2026-04"]
    codes = {
        key: code
        for code, keys in nodes(timeline, "System").select("id", "codes").iter_rows()
        for key in keys
    }
    codes["icsg:system/hampshire-and-isle-of-wight"] = "ods:QRL"
    told = statements(england["ods-changes@2025-11"], "SUCCEEDED_BY")
    announced = {
        (old, codes[new])
        for old, new in told.select("subject", "object").iter_rows()
        if old.startswith("ods:Q")
    }
    happened = statements(timeline, "SUCCEEDED_BY").select("subject", "object")
    assert announced == set(happened.iter_rows())
    assert len(announced) == 16
