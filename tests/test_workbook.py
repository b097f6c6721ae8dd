"""Sheets of workbooks: where the header stands, what cells hold, and what is no workbook."""

import struct
import zipfile

import polars as pl
import pytest

from icsgraph.loaders.layouts import Layout
from icsgraph.loaders.workbook import read_sheet, read_tables, sheet_names
from icsgraph.ontology.errors import FileFault, LayoutError

PARTNERS = Layout("partners", {"Partner Organisation Code": "code", "Start Date": "start"})
CLOSURES = Layout("closures", {"Code": "code", "Closed": "closed", "New ICB": "board"})
HEADER = ["Partner\nOrganisation\nCode", "Start Date "]


def rows(sheet):
    return sheet.rows.rows()


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_the_header_is_found_by_its_names_wherever_it_stands(tmp_path, write_workbook, suffix):
    lines = [[], [None, "ODS: partners"], [], [None, *HEADER], [None, "A81001", "20191001"]]
    path = write_workbook(tmp_path / f"epcn.{suffix}", {"Cover": [["x"]], "Core": lines})
    sheet = read_sheet(path, [CLOSURES, PARTNERS])
    assert (sheet.layout.name, sheet.file) == ("partners", f"epcn.{suffix}, sheet Core")
    assert rows(sheet) == [(1, "A81001", "20191001")]
    assert sheet_names(path) == ["Cover", "Core"]


def test_days_come_as_iso_text_and_serial_numbers_as_they_stand(tmp_path, write_workbook):
    lines = [HEADER, ["A81001", ("day", 43739)], ["A81002", 43739], ["A81003", 20191001]]
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", {"S": lines}), [PARTNERS])
    assert sheet.rows["start"].to_list() == ["2019-10-01", "43739", "20191001"]


def test_days_of_an_open_document_come_as_iso_text(tmp_path, write_workbook):
    lines = [HEADER, ["A81001", ("day", "2019-10-01")]]
    sheet = read_sheet(write_workbook(tmp_path / "a.ods", {"S": lines}), [PARTNERS])
    assert rows(sheet) == [(1, "A81001", "2019-10-01")]


def test_an_error_value_is_no_value(tmp_path, write_workbook):
    lines = [HEADER, ["A81001", ("error", "#N/A")], ["A81002", "#N/A"], ["A81003", "#REF!"]]
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", {"S": lines}), [PARTNERS])
    assert sheet.rows["start"].to_list() == [None, None, None]
    # One that the workbook itself marks is as good as blank.
    assert sheet.notes == ("error values taken as none: 2",)


def test_blank_rows_are_passed_over_and_repeated_rows_merged(tmp_path, write_workbook):
    lines = [HEADER, ["A81001", "20191001"], [], [" ", None], ["A81001", "20191001"], [], []]
    account = read_sheet(write_workbook(tmp_path / "a.xlsx", {"S": lines}), [PARTNERS]).account()
    assert (account.rows_in, account.accepted.to_list(), account.merged.to_list()) == (2, [1], [2])
    assert account.notes == ("blank rows passed over: 2",)


def test_a_value_beside_the_table_is_noted(tmp_path, write_workbook):
    lines = [HEADER, ["A81001", "20191001", "check this one"]]
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", {"S": lines}), [PARTNERS])
    assert rows(sheet) == [(1, "A81001", "20191001")]
    assert sheet.notes == ("values in columns without a name, passed over: 1",)


def test_a_cell_merged_over_rows_stands_in_each_of_them(tmp_path, write_workbook):
    lines = [["Title"], ["Code", "Closed", None, "New ICB"], ["QHG", "x", None, "Central East"]]
    lines += [["QUE", "y"], ["QM7", "z", None, None], [None, None, None, "Essex"]]
    merged = ["A1:D1", "B2:C2", "D3:D5", "A5:A6", "B5:C6"]
    path = write_workbook(tmp_path / "a.xlsx", {"S": lines}, merged)
    sheet = read_sheet(path, [CLOSURES])
    assert rows(sheet) == [
        (1, "QHG", "x", "Central East"),
        (2, "QUE", "y", "Central East"),
        (3, "QM7", "z", "Central East"),
        (4, "QM7", "z", "Essex"),
    ]
    assert sheet.notes == ("rows filled from a cell merged over them: 3",)


def test_a_cell_of_an_open_document_merged_over_rows(tmp_path, write_workbook):
    lines = [["Code", "Closed", "New ICB"], ["QHG", "x", ("over", 2, "Central East")]]
    lines += [["QUE", "y", "covered"], ["QRL", "z", "none"]]
    sheet = read_sheet(write_workbook(tmp_path / "a.ods", {"A & B": lines}), [CLOSURES])
    assert sheet.rows["board"].to_list() == ["Central East", "Central East", "none"]


def test_several_tables_of_a_sheet_end_at_their_first_blank_row(tmp_path, write_workbook):
    lines = [["Closures"], ["Code", "Closed", "New ICB"], ["QHG", "x", "Central East"], [], HEADER]
    lines += [["A81001", "20191001"], ["A81002", "20191001"], [], ["Ask us."]]
    path = write_workbook(tmp_path / "a.xlsx", {"Cover": [["x"]], "S": lines})
    found = list(read_tables(path, [PARTNERS, CLOSURES]))
    assert [(t.layout.name, t.file, t.rows_in) for t in found] == [
        ("closures", "a.xlsx, sheet S, row 2", 1),
        ("partners", "a.xlsx, sheet S, row 5", 2),
    ]


def test_a_row_that_is_rejected_keeps_what_stood_in_it(tmp_path, write_workbook):
    lines = [["Start Date", HEADER[0]], ["soon, perhaps", "A81001"]]
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", {"S": lines}), [PARTNERS])
    fault = {"column": "start", "value": "soon", "reason": "is no day", "what_to_do": ""}
    rejected = sheet.reject(sheet.rows.select("row").with_columns(**fault_columns(fault)))
    assert rejected.account().rejected.select("column", "raw").rows() == [
        ("Start Date", '"soon, perhaps",A81001')
    ]


def fault_columns(fault):
    return {name: pl.lit(value) for name, value in fault.items()}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (["Partner Organisation Code"], 'the column "Start Date" is missing'),
        ([*HEADER, "Start Date"], 'the column "Start Date" stands twice'),
        ([*HEADER, "Stop Date"], 'the column "Stop Date" is not known; the nearest known one is'),
        (["Code", "Town"], "its first line is"),
    ],
)
def test_another_header_is_refused(tmp_path, write_workbook, header, sentence):
    path = write_workbook(tmp_path / "a.xlsx", {"S": [["A title"], header, ["A81001", "x"]]})
    with pytest.raises(LayoutError, match=sentence):
        read_sheet(path, [PARTNERS])


def test_a_sheet_that_is_not_there_is_said_with_those_that_are(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "a.xlsx", {"Core Partners": [HEADER], "Notes": [["x"]]})
    with pytest.raises(LayoutError, match='it has no sheet "PCNDetails"') as refused:
        read_sheet(path, [PARTNERS], "PCNDetails")
    assert refused.value.hint == "Its sheets: Core Partners, Notes."
    with pytest.raises(FileFault, match="sheet Core Partners: the table has no rows of data"):
        read_sheet(path, [PARTNERS], "core partners")
    with pytest.raises(LayoutError, match="none of its sheets has a table known here"):
        list(read_tables(path, [CLOSURES]))


@pytest.fixture
def whole(tmp_path, write_workbook):
    lines = [HEADER, *([f"A8{n:04}", "20191001"] for n in range(500))]
    return write_workbook(tmp_path / "whole.xlsx", {"S": lines}).read_bytes()


def test_half_a_workbook_is_refused(tmp_path, whole):
    path = tmp_path / "half.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LayoutError, match="half.xlsx cannot be a workbook .* breaks off"):
        read_sheet(path, [PARTNERS])


def test_a_damaged_workbook_is_refused(tmp_path, whole):
    path, at = tmp_path / "damaged.xlsx", whole.index(b"worksheets/1.xml") + 200
    path.write_bytes(whole[:at] + bytes(50) + whole[at + 50 :])
    with pytest.raises(LayoutError, match="it is damaged or breaks off"):
        read_sheet(path, [PARTNERS])


OLD = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (OLD + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "it is encrypted"),
        (OLD + bytes(500), "it is an old Excel workbook"),
        (b"code,name\nR1H,BARTS\n", "it is none"),
        (b"PK\x03\x04 and nothing else", "it is damaged or breaks off"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path, content, sentence):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=sentence):
        read_sheet(path, [PARTNERS])


def test_a_file_that_is_not_there_or_empty(tmp_path):
    with pytest.raises(FileFault, match="there is no such file"):
        read_sheet(tmp_path / "none.xlsx", [PARTNERS])
    (tmp_path / "empty.xlsx").touch()
    with pytest.raises(FileFault, match="the file is empty"):
        read_sheet(tmp_path / "empty.xlsx", [PARTNERS])


def test_a_zip_archive_of_other_files_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("etr.csv", "R1H,BARTS\n")
    with pytest.raises(LayoutError, match="it is a zip archive of other files"):
        read_sheet(path, [PARTNERS])


def test_an_encrypted_open_document_is_refused(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "a.ods", {"S": [HEADER]})
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["META-INF/manifest.xml"] = b"<manifest><manifest:encryption-data/></manifest>"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(LayoutError, match="it is encrypted"):
        read_sheet(path, [PARTNERS])


def test_a_workbook_that_unpacks_to_ten_gigabytes_is_refused(tmp_path, whole):
    path = tmp_path / "bomb.xlsx"
    directory = whole.index(b"PK\x01\x02")  # the size stands 24 bytes into each entry
    size = slice(directory + 24, directory + 28)
    path.write_bytes(whole[: size.start] + struct.pack("<I", 2**32 - 2) + whole[size.stop :])
    with pytest.raises(LayoutError, match="it unpacks to 4.0 GiB"):
        read_sheet(path, [PARTNERS])
