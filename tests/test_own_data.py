"""Anyone's own data: what a mapping makes of literal files, and what it refuses."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.loaders.mapping_lines import Lines
from icsgraph.loaders.own_data import files_of, read
from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.ontology.errors import DataError, LayoutError, MappingFault
from icsgraph.ontology.tables import conform, faults

NODES = """
[[nodes]]
file = "bodies.csv"
kind = "Organisation"
id = ["ods:{Code}", "icsg:organisation/{slug}"]
dates = "dd/mm/yyyy"
[nodes.columns]
name = "Name"
org_type = "Kind"
start = "Opened"
last_day = "Closed"
[nodes.words.org_type]
"big hospital" = "acute-trust"
"""

TIES = """
[[ties]]
file = "ties.csv"
kind = "REFERS_TO"
knowledge_level = "survey"
subject = { find = "From" }
object = { find = "To" }
[ties.columns]
start = "Since"
trust = "Trust"
"""

BODIES = """Name,Code,Kind,Opened,Closed
Anytown Trust,zz1,Big  Hospital,01/04/2013,31/03/2024
The Circle,,charity,2016-05,
"""

TIED = """From,To,Since,Trust
anytown trust,The Circle,2020-07,4
ZZ1,the circle,2021,2.5
"""


@pytest.fixture
def write(tmp_path: Path):
    """Write files and give the source whose mapping is own.toml."""

    def written(mapping: str = NODES, **files: str | bytes) -> SourceEntry:
        (tmp_path / "own.toml").write_text(mapping, encoding="utf-8")
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / f"{name}.csv").write_bytes(data)
        paths = sorted(tmp_path.iterdir())
        return SourceEntry("own@1", "own-data", tuple(paths), "Own", "2026-05")

    return written


def loaded(entry: SourceEntry) -> tuple[dict[str, pl.DataFrame], dict[str, FileAccount]]:
    """The tables by kind, each checked against the ontology, and the accounts by file."""
    tables, accounts = {}, {}
    for table in read(entry):
        if isinstance(table, FileAccount):
            accounts[table.file] = table.check()
        else:
            assert isinstance(table, Nodes | Relationships)
            rows = table.rows.drop("key", strict=False)
            if isinstance(table, Relationships):
                rows = rows.with_columns(id=pl.lit("x"), source=pl.lit("own@1"))
            tables[table.kind] = conform(table.kind, rows)
            assert faults(table.kind, tables[table.kind]).rows() == []
    return tables, accounts


def rejected(account: FileAccount) -> list[tuple]:
    return account.rejected.select("row", "column", "value", "reason").rows()


def told(mapping: str, write) -> list[str]:
    """Every fault of a mapping, line by line."""
    with pytest.raises(MappingFault) as fault:
        list(read(write(mapping, bodies=BODIES, ties=TIED)))
    return str(fault.value).splitlines()


# What is read


def test_columns_words_and_dates_become_fields(write):
    tables, accounts = loaded(write(bodies=BODIES))
    fields = ("id", "name", "org_type", "start_earliest", "end_latest")
    assert tables["Organisation"].select(fields).rows() == [
        ("ods:ZZ1", "Anytown Trust", "acute-trust", "2013-04-01", "2024-04-01"),
        ("icsg:organisation/the-circle", "The Circle", "charity", "2016-05-01", None),
    ]
    assert accounts["bodies.csv"].accepted.to_list() == [1, 2]


def test_ties_join_things_by_name_code_or_identifier(write):
    tables, accounts = loaded(write(NODES + TIES, bodies=BODIES, ties=TIED))
    circle = "icsg:organisation/the-circle"
    fields = ("subject", "object", "trust", "start_latest", "knowledge_level", "locator")
    assert tables["REFERS_TO"].select(fields).rows() == [
        ("ods:ZZ1", circle, 4.0, "2020-07-31", "survey", "ties.csv, row 1"),
        ("ods:ZZ1", circle, 2.5, "2021-12-31", "survey", "ties.csv, row 2"),
    ]
    assert accounts["ties.csv"].accepted.to_list() == [1, 2]


def test_an_end_that_no_list_names_is_a_node_all_the_same(write):
    tied = "From,To,Since,Trust\nods:R1H,The Circle,,\n"
    tables, _ = loaded(write(NODES + TIES, bodies=BODIES, ties=tied))
    assert "ods:R1H" in tables["Organisation"]["id"].to_list()
    assert tables["REFERS_TO"]["subject"].to_list() == ["ods:R1H"]


def test_a_column_of_the_node_list_can_be_a_tie(write):
    mapping = NODES + (
        '[[ties]]\nfile = "bodies.csv"\nkind = "LOCATED_IN"\nknowledge_level = "register"\n'
        'subject = { find = "Name" }\nobject = { id = "ods:{ICS}", kind = "System" }\n'
    )
    bodies = "Name,Code,Kind,Opened,Closed,ICS\nA Trust,ZZ1,,,,QE1\nB Trust,ZZ2,,,,\n"
    tables, accounts = loaded(write(mapping, bodies=bodies))
    assert tables["LOCATED_IN"].select("subject", "object").rows() == [("ods:ZZ1", "ods:QE1")]
    assert tables["System"]["id"].to_list() == ["ods:QE1"]
    account = accounts["bodies.csv, as LOCATED_IN 2"]
    assert (account.accepted.to_list(), account.merged.to_list()) == ([1], [2])
    assert account.notes == ("rows without this tie, passed over: 1",)


def test_the_kind_of_a_tie_may_stand_in_a_column(write):
    mapping = NODES + (
        '[[ties]]\nfile = "ties.csv"\nknowledge_level = "finding"\n'
        'subject = { find = "From" }\nobject = { find = "To" }\ncolumns = { kind = "Tie" }\n'
        'words = { kind = { "lends staff" = "SHARES_STAFF_WITH" } }\n'
    )
    tied = "From,To,Tie\nZZ1,The Circle,Lends staff\nZZ1,The Circle,likes\nThe Circle,ZZ1,\n"
    tables, accounts = loaded(write(mapping, bodies=BODIES, ties=tied))
    assert tables["SHARES_STAFF_WITH"]["object"].to_list() == ["icsg:organisation/the-circle"]
    assert rejected(accounts["ties.csv"]) == [
        (2, "Tie", "likes", "is no kind of tie"),
        (3, "Tie", None, "is missing, so it is not known which tie it is"),
    ]


def test_a_workbook_is_read_as_a_csv_is(write, tmp_path, write_workbook):
    header, *rows = [line.split(",") for line in BODIES.splitlines()]
    write_workbook(tmp_path / "bodies.xlsx", {"Notes": [["read me"]], "Bodies": [header, *rows]})
    mapping = NODES.replace("bodies.csv", "bodies.xlsx")
    tables, accounts = loaded(write(mapping))
    assert tables["Organisation"]["id"].to_list() == ["ods:ZZ1", "icsg:organisation/the-circle"]
    assert [account.rows_in for account in accounts.values()] == [2]


def test_files_that_are_not_listed_lie_beside_the_mapping(tmp_path):
    (tmp_path / "own.toml").write_text(NODES, encoding="utf-8")
    (tmp_path / "bodies.csv").write_text(BODIES, encoding="utf-8")
    (tmp_path / "SOURCES.toml").write_text(
        '[[source]]\nid = "own@1"\nkind = "own-data"\nfiles = ["own.toml"]\ntitle = "Own"\n'
        'as_of = "2026"\n',
        encoding="utf-8",
    )
    built = run("build", tmp_path / "SOURCES.toml", "--store", tmp_path / "store")
    assert built.exit_code == 0, built.output
    facts = snapshot(tmp_path / "store").manifest["sources"][0]
    assert [file["name"] for file in facts["files"]] == ["own.toml", "bodies.csv"]
    (tmp_path / "bodies.csv").write_text(BODIES.replace("Circle", "Ring"), encoding="utf-8")
    run("build", tmp_path / "SOURCES.toml", "--store", tmp_path / "store")
    assert "The Ring" in snapshot(tmp_path / "store").nodes("Organisation")["name"].to_list()


# Which mapping is refused, and where


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "Name"', 'nam = "Name"', 'line 8: There is no field of Organisation "nam".'),
        ('kind = "Organisation"', 'kind = "Organization"', "line 4: There is no kind of thing"),
        ('"acute-trust"', '"acute"', 'line 13: There is no organisation-type "acute".'),
        ('"dd/mm/yyyy"', '"dd.mm.yyyy"', 'line 6: There is no form of dates "dd.mm.yyyy".'),
        ('"ods:{Code}"', '"odd:{Code}"', 'line 5: There is no prefix of identifiers "odd".'),
        ('"ods:{Code}"', '"{Code}"', 'line 5: "{Code}" does not begin with a prefix.'),
        (
            'file = "bodies.csv"',
            'fil = "bodies.csv"',
            'line 3: There is no key of a mapping "fil".',
        ),
        ('kind = "Organisation"\n', "", "line 2: the key kind is missing."),
        ('start = "Opened"', 'start = ["Opened", "Closed"]', "line 10: start is read from one"),
        ("[nodes.words.org_type]", "[nodes.words.coding]", "line 12: There is no field of"),
        ("[nodes.words.org_type]", "[nodes.words.town]", "line 12: town is read from no column."),
        ("[nodes.columns]", "[nodes.constants]\nis_provider = 1\n[nodes.columns]", "line 8: 1 is"),
    ],
)
def test_a_fault_of_the_mapping_is_said_with_its_line(old, new, said, write):
    assert old in NODES
    assert any(f"own.toml, {said}" in line for line in told(NODES.replace(old, new), write))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"REFERS_TO"', '"REFERS"', 'line 17: There is no kind of relationship "REFERS".'),
        ('"survey"', '"hearsay"', 'line 18: There is no knowledge level "hearsay".'),
        ('{ find = "From" }', "{}", "line 19: it has no find or id."),
        ('find = "From"', 'find = "F", id = "ods:{F}"', "line 19: it needs one of find and id"),
        ('find = "To"', 'id = "ods:{To}", kind = "Review"', "line 20: no Review can be the object"),
        ('trust = "Trust"', 'held_on = "Trust"', "line 23: a day on which it held goes with no"),
    ],
)
def test_a_fault_of_the_ties_is_said_with_its_line(old, new, said, write):
    assert old in TIES
    lines = told(NODES + TIES.replace(old, new), write)
    assert any(f"own.toml, {said}" in line for line in lines), lines


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("", "own.toml: it maps nothing."),
        ("[[nodes]]\nfile = ", "it is no TOML"),
        ("nodes = 3\n", "own.toml, line 1: nodes: input should be a valid tuple."),
    ],
)
def test_what_is_no_mapping_is_said_so(mapping, said, write):
    with pytest.raises(DataError) as fault:
        list(read(write(mapping)))
    assert said in str(fault.value)


def test_all_faults_of_a_mapping_are_said_at_once(write):
    wrong = NODES.replace("name =", "nam =").replace('"Kind"', '["Kind", "Code"]')
    assert [line.split(":")[0] for line in told(wrong, write)] == [
        "own.toml, line 5",  # {slug} has no name to be made from
        "own.toml, line 8",
        "own.toml, line 9",
    ]


def test_the_nearest_names_are_said(write):
    assert "The nearest names: org_type" in told(NODES.replace("org_type =", "orgtype ="), write)[0]


def test_nothing_is_read_where_a_column_is_missing(write):
    with pytest.raises(LayoutError) as fault:
        list(read(write(bodies="Nme,Code,Kind,Opened,Closed\nx,ZZ1,,,\n")))
    assert 'the column "Name" is missing; the nearest that it has is "Nme"' in str(fault.value)


def test_a_source_needs_one_mapping(tmp_path):
    with pytest.raises(DataError, match="has 0 mappings"):
        list(read(SourceEntry("own@1", "own-data", (tmp_path / "a.csv",), "Own", "2026")))


def test_each_file_has_a_name_of_its_own_and_a_place_in_the_mapping(tmp_path):
    (tmp_path / "own.toml").write_text(NODES, encoding="utf-8")
    named = [tmp_path / name for name in ("own.toml", "bodies.csv", "other.csv")]
    with pytest.raises(DataError, match="own.toml does not say what other.csv holds"):
        files_of(named)
    again = NODES.replace("bodies.csv", "a/x.csv") + NODES.replace("bodies.csv", "b/x.csv")
    (tmp_path / "own.toml").write_text(again, encoding="utf-8")
    with pytest.raises(DataError, match=r"Two files of this source are called x\.csv"):
        files_of(named[:1])


def test_lines_are_found_for_quoted_and_dotted_keys():
    text = '[[ties]]\nkind = "A"\n[[ties]]\nsubject.find = "F"\n[ties.words."a b"]\n"c d" = 1\n'
    lines = Lines(text)
    assert lines.of(("ties", 1, "subject", "find")) == 4
    assert lines.of(("ties", 1, "words", "a b", "c d")) == 6
    assert lines.of(("nodes",)) is None


# Which rows are refused


def test_each_row_that_cannot_be_meant_is_rejected_with_its_reason(write):
    bodies = (
        "Name,Code,Kind,Opened,Closed\n"
        "A,ZZ1,palace,,\n"
        "B,n/a,,,\n"
        ",,,,\n"
        "D,ZZ4,,31/02/2020,\n"
        "E,ZZ5,,2021,2020\n"
        "F,ZZ6,,,\n"
        "G,ZZ6,,,\n"
        "F,ZZ6,,,\n"
        "H,ZZ8,,\n"
    )
    tables, accounts = loaded(write(bodies=bodies))
    assert tables["Organisation"]["id"].to_list() == ["ods:ZZ6"]
    assert rejected(accounts["bodies.csv"]) == [
        (1, "Kind", "palace", "is no organisation type"),
        (2, "Code", "n/a", 'makes "ods:N/A", which is no identifier'),
        (3, "Code", None, "makes no identifier"),
        (4, "Opened", "31/02/2020", "is no date: it is in none of the forms read here"),
        (5, "Opened", "2021", "is no date: it ends before it starts"),
        (7, "id", "ods:ZZ6", "is the identifier of an earlier row, which says something else"),
        (9, "Closed", None, "the row has 4 of 5 fields"),
    ]
    assert accounts["bodies.csv"].merged.to_list() == [8]


def test_each_tie_that_cannot_be_meant_is_rejected_with_its_reason(write):
    bodies = BODIES + "The Circle,ZZ9,,,\n"
    tied = (
        "From,To,Since,Trust\n"
        "ZZ1,Anytown Hospital,,\n"
        "ZZ1,The Circle,,\n"
        "ZZ1,Anytown Trust,,\n"
        "ZZ1,ZZ9,,much\n"
        "ZZ1,ZZ9,2020,3\n"
        "ZZ1,ZZ9,2020,4\n"
        ",ZZ9,,\n"
    )
    _, accounts = loaded(write(NODES + TIES, bodies=bodies, ties=tied))
    assert rejected(accounts["ties.csv"]) == [
        (1, "To", "Anytown Hospital", "is no name or code of the node lists"),
        (2, "To", "The Circle", "stands for several things of the node lists"),
        (3, "object", "ods:ZZ1", "is the same thing as the subject"),
        (4, "Trust", "much", "is no number"),
        (6, "object", "ods:ZZ9", "is in the same tie in an earlier row, which says something else"),
        (7, "From", None, "is missing, so the tie has no second end"),
    ]
    assert accounts["ties.csv"].accepted.to_list() == [5]


SITES = """
[[nodes]]
file = "sites.csv"
kind = "Location"
id = "ods:{Code}"
dates = "dd/mm/yyyy"
[nodes.columns]
name = "Name"
start = "Opened"
[[ties]]
file = "sites.csv"
kind = "LOCATED_IN"
knowledge_level = "register"
subject = { id = "ods:{Code}" }
object = { id = "ods:{ICB}", kind = "System" }
[[ties]]
file = "sites.csv"
kind = "OPERATES"
knowledge_level = "register"
subject = { id = "ods:{Provider}" }
object = { id = "ods:{Code}" }
"""


def test_an_end_whose_own_row_was_rejected_is_of_the_kind_of_its_list(tmp_path):
    (tmp_path / "own.toml").write_text(SITES, encoding="utf-8")
    sites = "Name,Code,Opened,ICB,Provider\nHub,ZZ102,31/02/2021,QKK,ZZ1\n"
    (tmp_path / "sites.csv").write_text(sites, encoding="utf-8")
    store = tmp_path / "store"
    told = run(
        *("add", "own-data", tmp_path / "own.toml", "--as-of", "2021-03", "--store", store),
    )
    assert told.exit_code == 0, told.output
    assert snapshot(store).nodes("Location")["id"].to_list() == ["ods:ZZ102"]


def test_a_row_that_two_lists_reject_is_told_of_each_and_all_is_accounted_for(tmp_path):
    (tmp_path / "own.toml").write_text(SITES, encoding="utf-8")
    sites = (
        "Name,Code,Opened,ICB,Provider\nHub,ZZ102,2020,QKK,ZZ1\nBad,ZZ103,31/02/2021,QKK,ZZ103\n"
    )
    (tmp_path / "sites.csv").write_text(sites, encoding="utf-8")
    store = tmp_path / "store"
    run(*("add", "own-data", tmp_path / "own.toml", "--as-of", "2021-03", "--store", store))
    told = run("sources", "own-data@2021-03", "--rejects", "--format", "csv", "--store", store)
    assert [line.split(",")[1:4] for line in told.output.splitlines()[1:]] == [
        ['"sites.csv', ' as Location 1"', "2"],
        ['"sites.csv', ' as OPERATES 3"', "2"],
    ]
    assert run("check", "--store", store).exit_code == 0


def test_hostile_cells_stay_text(write):
    bodies = "Name,Code,Kind,Opened,Closed\n=cmd|' /C calc'!A1,,,,\n<b>Robert'); DROP</b>,,,,\n"
    tables, _ = loaded(write(bodies=bodies))
    assert tables["Organisation"].select("id", "name").rows() == [
        ("icsg:organisation/cmd-c-calc-a1", "=cmd|' /C calc'!A1"),
        ("icsg:organisation/b-robert-drop-b", "<b>Robert'); DROP</b>"),
    ]


def test_a_name_of_ten_thousand_characters_is_none(write):
    bodies = f"Name,Code,Kind,Opened,Closed\n{'long ' * 2000},ZZ1,,,\n"
    _, accounts = loaded(write(bodies=bodies))
    ((row, column, _, reason),) = rejected(accounts["bodies.csv"])
    assert (row, column, reason) == (
        1,
        "Name",
        "is longer than 1,000 characters, so it is no name",
    )


def test_a_file_in_windows_letters_is_read_and_noted(write):
    bodies = "Name,Code,Kind,Opened,Closed\nCaf\xe9 of Anytown,,,,\n".encode("cp1252")
    tables, accounts = loaded(write(bodies=bodies))
    assert tables["Organisation"]["name"].to_list() == ["Café of Anytown"]
    assert "read as Windows-1252: 1" in accounts["bodies.csv"].notes[0]


def test_a_file_in_utf_16_is_refused(write):
    with pytest.raises(LayoutError, match="it is written in UTF-16"):
        list(read(write(bodies=BODIES.encode("utf-16"))))


# The survey of partners


SURVEY = """Respondent,Respondent ODS code,Partner,Partner ODS code,Tie,Trust,Value,Frequency,Date
Anytown Trust,ZZ1,The Circle,,works with,4,5,monthly,2026-05-12
The Circle,,Anytown Trust,,works with,2,,weekly,2026-05
"""


def surveyed(tmp_path: Path, text: str) -> tuple[Snapshot | None, Result]:
    (tmp_path / "answers.csv").write_text(text, encoding="utf-8")
    told = run(
        *("add", "partner-survey", tmp_path / "answers.csv", "--as-of", "2026-05"),
        *("--store", tmp_path / "store"),
    )
    held = snapshot(tmp_path / "store") if told.exit_code == 0 else None
    return held, told


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def snapshot(store: Path) -> Snapshot:
    return Store(store).current()


def test_a_survey_becomes_ties_with_their_scores(tmp_path):
    held, _ = surveyed(tmp_path, SURVEY)
    fields = (
        *("subject", "object", "trust", "value", "frequency", "start_latest", "end_earliest"),
        "knowledge_level",
    )
    circle = "icsg:organisation/the-circle"
    assert held.relationships("COLLABORATES_WITH").select(fields).rows() == [
        (circle, "ods:ZZ1", 2.0, None, 4.0, "2026-05-31", "2026-05-02", "survey"),
        ("ods:ZZ1", circle, 4.0, 5.0, 3.0, "2026-05-12", "2026-05-13", "survey"),
    ]


def test_a_survey_needs_no_scores_but_its_other_columns(tmp_path):
    text = "Respondent,Partner,Tie,Date\nA,B,refers to,2026\n"
    held, _ = surveyed(tmp_path, text)
    assert held.relationships("REFERS_TO")["trust"].to_list() == [None]
    held, told = surveyed(tmp_path, text.replace("Partner", "Other"))
    assert held is None
    assert told.exit_code == 1
    assert 'the column "Partner" is missing' in told.output


def test_a_body_with_two_codes_is_not_guessed(tmp_path):
    more = "The Circle,ZZ8,The Circle,ZZ9,works with,,,,2026\n"
    held, _ = surveyed(tmp_path, SURVEY + more)
    assert "icsg:organisation/the-circle" in held.nodes("Organisation")["id"].to_list()


# The command line


def test_a_mapping_with_faults_stops_the_command_and_the_store_stays(tmp_path):
    held, _ = surveyed(tmp_path, SURVEY)
    (tmp_path / "own.toml").write_text(NODES.replace("name =", "nam ="), encoding="utf-8")
    (tmp_path / "bodies.csv").write_text(BODIES, encoding="utf-8")
    told = run(
        *("add", "own-data", tmp_path / "own.toml", "--as-of", "2026"),
        *("--store", tmp_path / "store"),
    )
    assert told.exit_code == 1
    assert 'line 8: There is no field of Organisation "nam".' in told.output
    assert snapshot(tmp_path / "store").id == held.id


def test_a_file_that_the_mapping_names_and_is_not_there(tmp_path):
    (tmp_path / "own.toml").write_text(NODES, encoding="utf-8")
    told = run("add", "own-data", tmp_path / "own.toml", "--as-of", "2026")
    assert told.exit_code == 2
    assert "bodies.csv is not there" in told.output
