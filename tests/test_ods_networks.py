"""Primary care networks and their members: the ePCN workbook, and the mapping of practices."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.store import Store
from icsgraph.graph.views import known_by, on_day
from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import LayoutError
from icsgraph.pipeline import build

DATA = Path(__file__).with_name("data")
MAPPING = DATA / "registers" / "practice_mapping_2022.csv"

BEFORE_2022 = (
    ["PCN Code", "PCN Name", "Current Clinical \nCommissioning \nGroup Code"]
    + ["Clinical\nCommissioning\nGroup Name", "Open Date", "Close Date"]
    + [*(f"Address Line {n}" for n in range(1, 6)), "Postcode"]
)
SINCE_2022 = [*BEFORE_2022[:2], "Current Sub ICB Loc Code", "Sub ICB Location", *BEFORE_2022[4:]]
MEMBERS = (
    ["Partner\nOrganisation\nCode", "Partner\nName", "Practice\nParent\nCCG Code"]
    + ["Practice\nParent\nCCG Name", "PCN Code", "PCN Name", "PCN Parent\nCCG Code"]
    + ["PCN Parent\nCCG Name", "Practice to PCN\nRelationship\nStart Date"]
    + ["Practice to PCN\nRelationship\nEnd Date", "Practice CCG and PCN\nCCG Match "]
)
ADDRESS = ["THE SURGERY", "HIGH STREET", None, "BARCHESTER", None, "BC1 4AA"]
COMMISSIONER = ["99X", "NHS BARSETSHIRE CCG"]
NETWORKS = [
    ["U99901", "PLUMSTEAD PCN", *COMMISSIONER, "20190701", None, *ADDRESS],
    ["U99902", "CLOSE PCN", *COMMISSIONER, "20190701", "20210331", *ADDRESS],
]


def member(practice, name, network, first, last=None):
    of_network = [network, f"{network} PCN", *COMMISSIONER]
    return [practice, name, *COMMISSIONER, *of_network, first, last, "true"]


SPELLS = [
    member("Z99001", "THE PLUMSTEAD SURGERY", "U99902", "20190701", "20201231"),
    member("Z99001", "THE PLUMSTEAD SURGERY", "U99901", "20210101", "20210331"),
    member("Z99001", "THE PLUMSTEAD SURGERY", "U99901", "20220401"),
    member("Z99003", "PUDDINGDALE PRACTICE", "U99901", "20190701", "20190701"),
]


@pytest.fixture
def workbook(tmp_path, write_workbook):
    def write(networks=NETWORKS, members=SPELLS, header=BEFORE_2022):
        sheets = {
            "PCNDetails": [header, *networks],
            "PCN Core Partner Details": [MEMBERS, *members],
        }
        return write_workbook(tmp_path / "ePCN.xlsx", sheets)

    return write


def load(file, kind="ods-networks", as_of="2022-05"):
    return list(loader(kind).read(SourceEntry("ods@x", kind, (file,), "Networks", as_of)))


def nodes(tables, kind="Organisation"):
    return next(t.rows for t in tables if isinstance(t, Nodes) and t.kind == kind)


def members(tables):
    """Memberships with and without a key are tables of their own."""
    found = (t.rows for t in tables if isinstance(t, Relationships) and t.kind == "MEMBER_OF")
    return pl.concat(found, how="diagonal")


def accounts(tables):
    return [t for t in tables if isinstance(t, FileAccount)]


def test_a_practice_may_be_with_a_network_twice(workbook):
    spells = members(load(workbook())).filter(pl.col("role") == "practice")
    dates = ["subject", "object", "key", "start_earliest", "end_earliest", "end_latest"]
    assert spells.select(dates).sort("subject", "key").rows() == [
        ("ods:Z99001", "ods:U99902", "2019-07-01", "2019-07-01", "2021-01-01", "2021-01-01"),
        ("ods:Z99001", "ods:U99901", "2021-01-01", "2021-01-01", "2021-04-01", "2021-04-01"),
        ("ods:Z99001", "ods:U99901", "2022-04-01", "2022-04-01", "2022-05-02", None),
        ("ods:Z99003", "ods:U99901", "2019-07-01", "2019-07-01", "2019-07-02", "2019-07-02"),
    ]


@pytest.mark.parametrize("header", [BEFORE_2022, SINCE_2022])
def test_a_network_with_its_dates_and_its_commissioner(workbook, header):
    tables = load(workbook(header=header))
    assert nodes(tables).filter(pl.col("id").is_in(["ods:U99902", "ods:99X"])).select(
        "id", "name", "org_type", "postcode", "start_earliest", "end_latest"
    ).sort("id").rows() == [
        ("ods:99X", "NHS Barsetshire CCG", None, None, None, None),
        ("ods:U99902", "Close PCN", "pcn", "BC1 4AA", "2019-07-01", "2021-04-01"),
    ]
    commissioned = members(tables).filter(pl.col("role") == "primary care network")
    assert commissioned.select("subject", "object", "start_latest", "end_latest").rows() == [
        ("ods:U99901", "ods:99X", "2022-05-31", None),
        ("ods:U99902", "ods:99X", "2021-03-31", "2021-04-01"),
    ]


def test_the_sheets_are_accounted_for_one_by_one(workbook):
    named = [(a.file, a.rows_in, len(a.accepted)) for a in accounts(load(workbook()))]
    assert named == [
        ("ePCN.xlsx, sheet PCNDetails", 2, 2),
        ("ePCN.xlsx, sheet PCN Core Partner Details", 4, 4),
    ]


def test_days_may_be_stored_as_dates_or_as_serial_numbers(workbook):
    told = [
        member("Z99001", "THE PLUMSTEAD SURGERY", "U99901", ("day", 43647), ("day", 44196)),
        member("Z99003", "PUDDINGDALE PRACTICE", "U99901", 43647, 44196),
    ]
    for row in members(load(workbook(members=told))).drop_nulls("key").iter_rows(named=True):
        assert (row["start_earliest"], row["end_latest"]) == ("2019-07-01", "2021-01-01")


@pytest.mark.parametrize(
    ("at", "value", "column", "reason"),
    [
        (0, None, "Partner Organisation Code", "is missing"),
        (0, "Z 99001", "Partner Organisation Code", "is not an ODS code of a practice"),
        (1, "BC1 4AA", "Partner Name", "is a postcode, not a name"),
        (4, "[tbc]", "PCN Code", "is not an ODS code of a primary care network"),
        (8, "#N/A", "Practice to PCN Relationship Start Date", "is missing"),
        (8, "20190631", "Practice to PCN Relationship Start Date", "is no day of the calendar"),
        (9, "20190630", "Practice to PCN Relationship End Date", "lies before the start date"),
        (9, "20210101", "Practice to PCN Relationship End Date", "contradicts an earlier row"),
    ],
)
def test_a_membership_with_a_fault_is_rejected(workbook, at, value, column, reason):
    wrong = list(SPELLS[0])
    wrong[at] = value
    account = accounts(load(workbook(members=[*SPELLS, wrong])))[1]
    (rejected,) = account.rejected.select("row", "column", "reason").rows()
    assert rejected[:2] == (5, column) and rejected[2].startswith(reason)
    assert account.accepted.to_list() == [1, 2, 3, 4]


def test_codes_are_cleaned_and_repeated_rows_merged(workbook):
    again = [f" {SPELLS[0][0].lower()} ", *SPELLS[0][1:]]
    account = accounts(load(workbook(members=[*SPELLS, again, SPELLS[1]])))[1]
    assert (account.rows_in, account.merged.to_list()) == (6, [5, 6])


def test_a_workbook_without_the_sheet_of_members_is_refused(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "ePCN.xlsx", {"PCNDetails": [BEFORE_2022, *NETWORKS]})
    with pytest.raises(LayoutError, match="cannot be members of primary care networks"):
        load(path)


# --- the mapping ----------------------------------------------------------------------------------


def test_the_mapping_holds_on_the_day_of_its_extract():
    tables = load(MAPPING, "ods-network-mapping", "2022")
    told = members(tables)
    assert set(told.select("subject", "object", "start_latest", "end_earliest").iter_rows()) == {
        ("ods:Z99001", "ods:U99901", "2022-01-01", "2022-01-02"),
        ("ods:Z99001", "ods:99X", "2022-01-01", "2022-01-02"),
        ("ods:Z99002", "ods:99X", "2022-01-01", "2022-01-02"),
    }
    assert nodes(tables, "System").row(0, named=True) == {
        "id": "ods:Q9X",
        "name": "Barsetshire and the Marches",
        "name_before": "Barsetshire and the Marches",
        "codes": ["ons:E54999001"],
    }


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("01Jan2022,Z99001", "2022-01,Z99001", "EXTRACT_DATE", "is no day in the form 01Jan2022"),
        ("Z99002", "Z99001", "PRACTICE_CODE", "stands in an earlier row with another network"),
        ("U99901", "99901", "PCN_CODE", "is not an ODS code of a network"),
        ("E38999001", "E3899900", "ONS_CCG_CODE", "is not an ONS code of a CCG or sub-ICB"),
    ],
)
def test_a_row_of_the_mapping_with_a_fault_is_rejected(tmp_path, old, new, column, reason):
    text = MAPPING.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mapping.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    (account,) = accounts(load(path, "ods-network-mapping"))
    (rejected,) = account.rejected.select("column", "reason").rows()
    assert rejected[0] == column and rejected[1].startswith(reason)
    assert (account.rows_in, len(account.accepted)) == (2, 1)


# --- England --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sources(shared):
    kinds = ("ods-networks", "ods-practices", "ods-network-mapping")
    return [e for e in read_sources(DATA / "all.toml") if e.kind in kinds]


@pytest.fixture(scope="module")
def england(sources):
    return {e.id: list(loader(e.kind).read(e)) for e in sources}


def open_members(tables):
    """Members whose membership states no end."""
    return members(tables).filter(pl.col("role") == "practice", pl.col("end_latest").is_null())


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("ods-networks@2022-05", [1_318, 7_359]),
        ("ods-networks@2024-10", [1_366, 7_705]),
        ("ods-network-mapping@2022-01", [6_527]),
    ],
)
def test_every_row_of_england_is_taken(england, source, rows):
    counted = accounts(england[source])
    assert [a.rows_in for a in counted] == rows
    assert [len(a.accepted) for a in counted] == rows


@pytest.mark.parametrize(
    ("networks", "practices", "known", "of"),
    [
        ("ods-networks@2024-10", "ods-practices@2025-08", 6_224, 6_224),
        ("ods-networks@2022-05", "ods-practices@2021-11", 6_473, 6_474),
    ],
)
def test_members_are_found_among_the_practices(england, networks, practices, known, of):
    active = open_members(england[networks])["subject"]
    register = nodes(england[practices]).drop_nulls("org_type")["id"]
    assert (active.is_in(register.implode()).sum(), active.len()) == (known, of)


def test_practices_that_changed_their_network_between_the_workbooks(england):
    before, after = (open_members(england[f"ods-networks@{e}"]) for e in ("2022-05", "2024-10"))
    both = before.join(after, on="subject")
    changed = both.filter(pl.col("object") != pl.col("object_right"))
    assert (changed.height, both.height) == (272, 6_204)


@pytest.fixture(scope="module")
def built(sources, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("networks") / "store")
    build(store, [e for e in sources if e.kind == "ods-networks"])
    return store.current()


def changed(before, after):
    """Of practices in both tables, those with another network; and all of them."""
    both = before.join(after, on="subject")
    return both.filter(pl.col("object") != pl.col("object_right")).height, both.height


def of_practices(snapshot):
    return snapshot.relationships("MEMBER_OF").filter(pl.col("role") == "practice")


def test_changes_of_network_in_the_built_graph(built):
    """As each workbook knew it the count is that of the workbooks. As it was in the world it is
    lower: the later one dates back the ends of 46 memberships that the earlier one had open."""
    still_open = pl.col("end_latest").is_null()
    earlier = of_practices(known_by(built, "2022-05-31")).filter(still_open)
    assert changed(earlier, of_practices(built).filter(still_open)) == (272, 6_204)
    days = (of_practices(on_day(built, day)) for day in ("2022-05-31", "2024-10-01"))
    assert changed(*days) == (258, 6_208)


def test_what_the_later_workbook_is_of(england):
    """It was stored in February 2026; but of its open members some had closed long before."""
    active = open_members(england["ods-networks@2024-10"])
    starts = active["start_earliest"]
    assert starts.max() == "2024-10-01"
    closed = nodes(england["ods-practices@2025-08"]).drop_nulls("end_latest")
    gone = closed.join(active, left_on="id", right_on="subject")["end_latest"]
    assert (gone.len(), gone.min()) == (40, "2024-11-01")
