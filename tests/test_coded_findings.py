"""Findings that an analyst coded in a report: what is loaded, what is refused, what is checked."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.graph.store import Store
from icsgraph.loaders.coded_findings import read
from icsgraph.loaders.records import FileAccount, SourceEntry
from icsgraph.ontology.errors import DataError, LayoutError
from icsgraph.session import Graph

REPORT = """In Frimley a virtual ward opened as a pilot in 2021.

Beds were “short” all winter.

Leaders should plan for winter. They have since done so.
"""

INNOVATION = {
    "keep": "yes",
    "passage": "1",
    "kind": "innovation",
    "systems": "Frimley",
    "organisations": "Surrey Heath Help (drivers); Barts Health NHS Trust [ods:R1H]",
    "cluster": "Virtual ward [icsg:innovation/virtual-ward]",
    "stage": "pilot",
    "period": "2021",
    "topic": "cancer",
    "population_group": "care home residents",
}
BARRIER = {"keep": "yes", "passage": "2", "kind": "barrier", "cluster": "Too few beds"}
ADVICE = {
    "keep": "YES",
    "passage": "3",
    "kind": "recommendation",
    "name": "Plan for winter",
    "for": "Leaders",
    "due": "before winter",
    "serves": "winter",
    "action": "done since",
    "challenge": "understand staffing",
    "quote": "Leaders should plan for winter",
}


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ICSGRAPH_STORE", raising=False)


def written(*rows: dict[str, str], report: str = REPORT, columns: tuple[str, ...] = ()) -> None:
    """A report and a sheet with these rows, in the current folder."""
    Path("report.md").write_text(report, encoding="utf-8")
    out = io.StringIO(newline="")
    names = columns or tuple(dict.fromkeys(c for row in rows for c in row))
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    Path("sheet.csv").write_text(out.getvalue(), encoding="utf-8", newline="")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def added(*more: str) -> Result:
    return run("add", "findings", "sheet.csv", "--document", "report.md", "--store", "store", *more)


def graph() -> Graph:
    return Graph(Store(Path("store")).current())


def account() -> FileAccount:
    entry = SourceEntry("f", "findings", (Path("sheet.csv"), Path("report.md")), "F", "2022")
    (told,) = (table for table in read(entry) if isinstance(table, FileAccount))
    return told.check()


def refused(*rows: dict[str, str]) -> list[tuple]:
    """Column, value and reason of each fault."""
    written(*rows)
    return account().rejected.select("column", "value", "reason").rows()


# What a kept row becomes


def test_a_kept_row_becomes_a_finding_with_quote_and_place():
    written(INNOVATION, BARRIER, ADVICE)
    told = added("--as-of", "2022-07")
    assert told.exit_code == 0, told.output
    fields = ("name", "finding_kind", "level", "topic", "cluster", "uptake_stage", "quote")
    found = graph().nodes("Finding").sort("id").select(fields).rows()
    assert found == [
        (
            "In Frimley a virtual ward opened as a pilot in 2021.",
            *("innovation", "system", "cancer", "virtual_ward", "pilot"),
            "In Frimley a virtual ward opened as a pilot in 2021.",
        ),
        (
            "Beds were “short” all winter.",
            *("barrier", "national", None, "too_few_beds", None),
            "Beds were “short” all winter.",
        ),
        (
            "Plan for winter",
            *("recommendation", "national", None, None, None),
            "Leaders should plan for winter",
        ),
    ]


def test_a_finding_is_tied_to_what_it_is_about():
    written(INNOVATION)
    added()
    held = graph()
    (finding,) = held.nodes("Finding")["id"]
    ends = {k: held.relationships(k)["object"].to_list() for k in ("CONCERNS", "ABOUT", "ADOPTED")}
    assert ends == {
        "CONCERNS": ["icsg:organisation/surrey-heath-help", "ods:QNQ", "ods:R1H"],
        "ABOUT": [
            *("icsg:innovation/virtual-ward", "icsg:population-group/care-home-residents"),
            "icsg:topic/cancer",
        ],
        "ADOPTED": ["icsg:innovation/virtual-ward"],
    }
    roles = held.relationships("CONCERNS").select("object", "role", "locator").rows()
    assert ("icsg:organisation/surrey-heath-help", "drivers", "passage 1") in roles
    adopted = held.relationships("ADOPTED").row(0, named=True)
    assert (adopted["subject"], adopted["stage"], adopted["finding"]) == (
        *("ods:QNQ", "pilot"),
        finding,
    )
    assert (adopted["start_earliest"], adopted["start_latest"]) == ("2021-01-01", "2021-12-31")


def test_the_document_is_a_source_with_its_checksum():
    written(INNOVATION)
    added("--as-of", "2022-07", "--publisher", "Somebody", "--licence", "OGL-UK-3.0")
    held = graph()
    (key,) = held.relationships("REPORTS")["subject"].unique()
    row = held.nodes("Source").filter(id=key).row(0, named=True)
    assert (row["name"], row["publisher"], row["source_type"]) == ("report", "Somebody", "report")
    assert len(row["sha256"]) == 64
    assert key == f"icsg:source/report-{row['sha256'][:8]}"
    assert row["start_earliest"] == "2022-07-01"


def test_what_the_words_say_is_told_apart_from_the_reading():
    written({**ADVICE, "voice": "public", "coder": "AB"})
    added()
    held = graph()
    row = held.nodes("Finding").row(0, named=True)
    assert (row["addressed_to"], row["due"], row["action"]) == (
        *("Leaders", "before winter", "done since"),
    )
    assert row["coding"] == [
        "action: done since (inference)",
        "due: before winter (inference)",
        "for: Leaders (finding)",
        "kept by: AB",
        "serves: winter (finding)",
        "voice: public (inference)",
    ]
    addresses = held.relationships("ADDRESSES").select("object", "knowledge_level").rows()
    assert addresses == [("icsg:challenge/understand-staffing", "inference")]


def test_two_findings_of_a_passage_are_two():
    written(BARRIER, {**BARRIER, "kind": "enabler", "cluster": "Calm"})
    added()
    ids = graph().nodes("Finding")["id"].to_list()
    assert ids[1] == f"{ids[0]}-2"
    assert "icsg:subject/calm" in graph().nodes("Concept")["id"].to_list()


def test_an_obstacle_in_a_system_is_faced_by_it_and_a_plan_is_no_adoption():
    considered = {**INNOVATION, "stage": "considered"}
    written(considered, {**BARRIER, "systems": "QNQ; Frimley [ods:QNQ]"})
    added()
    held = graph()
    assert held.relationships("FACED")["object"].to_list() == ["icsg:barrier/too-few-beds"]
    assert held.relationships("ADOPTED").height == 0


def test_only_rows_that_say_yes_are_loaded():
    written(INNOVATION, {**BARRIER, "keep": "no"}, {**ADVICE, "keep": ""}, {"passage": "9"})
    told = account()
    assert (told.accepted.to_list(), told.merged.to_list()) == ([1], [2, 3, 4])
    assert told.notes == ("rows that are not to be kept, passed over: 3",)


def test_a_sheet_that_excel_saved_is_read(write_workbook):
    written(INNOVATION)
    write_workbook(
        Path("sheet.xlsx"),
        {"Sheet1": [[*INNOVATION, "my own"], [*INNOVATION.values(), "a remark"]]},
    )
    told = run("add", "findings", "sheet.xlsx", "--document", "report.md", "--store", "store")
    assert told.exit_code == 0, told.output
    assert graph().nodes("Finding").height == 1


def test_the_guard_of_a_formula_is_taken_off_again():
    report = "=SUM(beds) was all that they wrote.\n"
    row = {"keep": "yes", "passage": "1", "kind": "barrier", "quote": "'=SUM(beds) was all"}
    written(row, report=report)
    assert account().rejected.is_empty()


# What is refused, with what to do


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"keep": "perhaps"}, "keep", "is neither yes nor no"),
        ({"passage": "4"}, "passage", "is no passage of report.md, which has 3"),
        ({"passage": "one"}, "passage", "is no passage of report.md, which has 3"),
        ({"kind": ""}, "kind", "is missing"),
        ({"kind": "idea"}, "kind", "is no kind of finding"),
        ({"kind": "method"}, "kind", "is no kind of finding"),
        ({"quote": "Beds were plenty"}, "quote", "does not stand in report.md"),
        ({"systems": "Frimly"}, "systems", 'holds "Frimly", which is no system'),
        (
            {"systems": "Frimley [ods:QMF]"},
            "systems",
            'holds "Frimley [ods:QMF]", which is no system; Frimley is ods:QNQ',
        ),
        ({"systems": "X [ods:q]"}, "systems", "is no identifier"),
        ({"organisations": "A [ods:a]"}, "organisations", 'holds "A [ods:a]"'),
        ({"organisations": "—"}, "organisations", 'holds "—"'),
        ({"cluster": "A; B"}, "cluster", "holds 2 things"),
        (
            {"cluster": "A [icsg:barrier/a]"},
            "cluster",
            "is no thing that innovation can be about",
        ),
        ({"stage": "begun"}, "stage", "is no uptake stage"),
        ({"voice": "me"}, "voice", "is no voice"),
        ({"topic": "dentistry"}, "topic", "is no topic"),
        ({"challenge": "money"}, "challenge", "is no challenge"),
        ({"period": "last year"}, "period", "is no date"),
        ({"theme": "—"}, "theme", "makes no identifier"),
    ],
)
def test_a_cell_that_cannot_be_meant_rejects_its_row(change, column, reason):
    ((at, value, why),) = refused({**INNOVATION, "quote": "", **change})
    assert at == column
    assert value == change[column]
    assert why.startswith(reason)


def test_the_nearest_system_is_said():
    refused({**INNOVATION, "systems": "Frimly"})
    assert account().rejected["what_to_do"].to_list() == ["The nearest: Frimley."]


def test_a_long_name_stays_text():
    written({**BARRIER, "name": "long " * 2000, "cluster": "=cmd|' /C calc'!A1"})
    added()
    assert len(graph().nodes("Finding")["name"][0]) == 9999
    assert graph().nodes("Barrier")["id"].to_list() == ["icsg:barrier/cmd-c-calc-a1"]


def test_a_sheet_without_its_columns_is_refused():
    written({"keep": "yes", "passage": "1"})
    with pytest.raises(LayoutError, match='the column "kind" is missing'):
        account()


def test_a_source_needs_a_sheet_and_a_document():
    entry = SourceEntry("f", "findings", (Path("sheet.csv"),), "F", "2022")
    with pytest.raises(DataError, match="needs one sheet and one document, and has 1 and 0"):
        list(read(entry))


# The command line


def test_a_document_that_is_not_there_is_wrong_usage():
    written(INNOVATION)
    Path("report.md").unlink()
    assert added().exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "ods-trusts", "etr.csv"), "The option --as-of is missing."),
        (
            ("add", "ods-trusts", "etr.csv", "--as-of", "2026", "--document", "r.pdf"),
            "--document belongs to findings",
        ),
        (("code", "report.md", "-o", "sheet.csv"), "sheet.csv is there already"),
    ],
)
def test_what_cannot_be_asked(arguments, said):
    written(INNOVATION)
    told = run(*arguments)
    assert told.exit_code == 2
    assert said in told.output


def test_the_sheet_of_a_report_goes_to_a_file_and_a_summary_to_stderr():
    written(INNOVATION)
    told = run("code", "report.md", "-o", "new.csv")
    assert told.exit_code == 0
    assert told.stdout == ""
    assert (
        "3 passages. Proposals, to be judged: system 1, innovation 1, technology 1." in told.stderr
    )
    assert Path("new.csv").read_text("utf-8-sig").startswith("keep,passage,page,text,proposed,")


def test_a_report_that_cannot_be_read_is_one_sentence():
    Path("report.docx").write_bytes(b"PK\x03\x04")
    told = run("code", "report.docx")
    assert told.exit_code == 1
    assert "Save it as PDF, HTML or text." in told.stderr


# Quotes, checked again


def test_check_says_of_quotes_whether_they_stand():
    written(INNOVATION, BARRIER)
    added()
    told = run("check", "--store", "store")
    assert told.exit_code == 0
    assert "findings-report: 2 of 2 quotes stand in report.md." in told.stdout


def test_check_finds_a_quote_that_stands_no_more():
    written(INNOVATION, BARRIER)
    added()
    Path("report.md").write_text(REPORT.replace("short", "plenty"), encoding="utf-8")
    told = run("check", "--store", "store")
    assert told.exit_code == 1
    assert '"Beds were “short” all winter." (report.md)' in told.stderr
    assert "In Frimley" not in told.stderr


def test_check_says_that_a_document_is_gone():
    written(INNOVATION)
    added()
    Path("report.md").unlink()
    told = run("check", "--store", "store")
    assert told.exit_code == 0
    assert "1 quotes cannot be checked" in told.stdout
    assert "All else is well." in told.stdout


def test_store_and_report_can_move_together(tmp_path):
    written(INNOVATION)
    added()
    (tmp_path / "elsewhere").mkdir()
    for name in ("store", "report.md"):
        (tmp_path / name).rename(tmp_path / "elsewhere" / name)
    told = run("check", "--store", "elsewhere/store")
    assert "1 of 1 quotes stand in report.md." in told.stdout


def test_the_same_report_again_changes_nothing():
    written(INNOVATION)
    added()
    before = graph().snapshot.id
    assert "unchanged and not read again: 1" in added().stdout
    assert graph().snapshot.id == before


def test_a_published_report_is_coded_loaded_and_checked(shared):
    document = shared / "data" / "context" / "nhsengland_ICS-discovery.md"
    kept = {"keep": "yes", "passage": "23", "kind": "barrier", "cluster": "Schedules differ"}
    kept |= {"quote": "Coordinating programmes of work at a system level is often challenging"}
    kept |= {"passage": "25"}
    written(kept)
    command = ("add", "findings", "sheet.csv", "--document", document, "--as-of", "2022")
    told = run(*command, "--store", "store")
    assert told.exit_code == 0, told.output
    told = run("check", "--store", "store")
    assert "1 of 1 quotes stand in nhsengland_ICS-discovery.md." in told.stdout
    source = graph().nodes("Source").filter(source_type="report")["name"].to_list()
    assert source == ["FutureNHS Integrated Care System Discovery"]
