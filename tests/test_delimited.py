"""Dirty files: every row is accepted, merged or rejected with a reason, or the file is refused."""

import csv
import gzip
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icsgraph.loaders.cleaning import (
    DAY_FORMS,
    Rule,
    day,
    declared_bounds,
    held_bounds,
    is_missing,
    is_not,
    same_key,
    sift,
)
from icsgraph.loaders.delimited import Layout, read_delimited
from icsgraph.ontology.dates import BoundedDate
from icsgraph.ontology.errors import FileFault, LayoutError

WARDS = Layout(
    "a list of wards",
    {"Code": "code", "Ward Name": "name", "Beds": "beds", "Remark": ""},
    optional=frozenset({"Remark"}),
    aliases={"Ward": "Ward Name"},
)
UNHEADED = Layout(
    "wards without a header",
    {"Code": "code", "Ward Name": "name", "Beds": "beds"},
    has_header=False,
    proof=("code", "^W[0-9]+$", "the code of a ward"),
)
HEAD = b"Code,Ward Name,Beds\n"


@pytest.fixture
def read(tmp_path):
    def read(content, layout=WARDS, name="wards.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        sheet = read_delimited(path, [layout])
        sheet.account()
        return sheet

    return read


@pytest.fixture
def refused(read):
    def refused(content, layout=WARDS, kind=LayoutError, name="wards.csv"):
        with pytest.raises(kind) as error:
            read(content, layout, name)
        return error.value.message.partition("wards.csv")[2]

    return refused


def texts(sheet):
    return sheet.rows.select("row", "code", "name", "beds").rows()


def reasons(sheet):
    return sheet.account().rejected.select("row", "column", "reason").rows()


CLEAN = [(1, "W1", "Elm", "12"), (2, "W2", "Oak", None)]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b"W1,Elm,12\nW2,Oak,\n",
        HEAD + b"W1,Elm,12\nW2,Oak,",
        HEAD + b" W1 ,Elm\t, 12\nW2,Oak, \n",
        b"\xef\xbb\xbf" + HEAD + b"W1,Elm,12\nW2,Oak,\n",
        (HEAD + b"W1,Elm,12\nW2,Oak,\n").replace(b"\n", b"\r\n"),
        (HEAD + b"W1,Elm,12\nW2,Oak,\n").replace(b"\n", b"\r"),
        b'"Code","Ward Name","Beds"\n"W1","Elm","12"\n"W2","Oak",""\n',
        gzip.compress(HEAD + b"W1,Elm,12\nW2,Oak,\n"),
        gzip.compress(HEAD) + gzip.compress(b"W1,Elm,12\nW2,Oak,\n"),
        b"Code,Ward,Beds,Remark\nW1,Elm,12,x\nW2,Oak,,\n",
        b"beds,CODE,Ward  name\n12,W1,Elm\n,W2,Oak\n",
    ],
    ids=[
        *("plain", "no last line break", "blanks", "byte-order mark", "CRLF", "CR", "quoted"),
        *("gzip", "gzip in two members", "alias and optional column", "order and case"),
    ],
)
def test_the_same_rows_however_they_are_written(read, content):
    assert texts(read(content)) == CLEAN


def test_an_optional_column_that_is_absent_is_null(read):
    layout = Layout("wards", {"Code": "code", "Beds": "beds"}, optional=frozenset({"Beds"}))
    assert read(b"Code\nW1\n", layout).rows.rows() == [(1, "W1", None)]


def test_a_column_that_only_another_edition_has_is_emptied_passed_over_and_named(read):
    layout = Layout("wards", {"Code": "code", "Beds": "beds"}, more=True)
    sheet = read(b"Sister,Code,Beds,\nA. Slope,W1,4,\nB. Grantly,W2\n", layout)
    assert sheet.rows.rows() == [(1, "W1", "4")]
    assert sheet.notes == ("columns that are not known, passed over: Sister",)
    assert sheet.rejected["raw"].to_list() == [",W2,"]


def test_columns_without_a_name_are_passed_over(read):
    assert texts(read(b"Code,Ward Name,Beds,,\nW1,Elm,4,,\n")) == [(1, "W1", "Elm", "4")]


def test_a_layout_without_header(read):
    assert texts(read(b"W1,Elm,12\nW2,Oak,\n", UNHEADED)) == CLEAN


def test_lines_before_the_header(read):
    layout = Layout("wards", {"Code": "code", "Beds": "beds"}, preamble=2)
    sheet = read(b'"Wards, all"\n\nCode,Beds\nW1,12\n', layout)
    assert sheet.rows.rows() == [(1, "W1", "12")]


def test_a_line_break_inside_quotation_marks_is_part_of_the_value(read):
    sheet = read(HEAD + b'W1,"Elm\nand\nAsh",12\r\nW2,"a ""quoted"" name, with comma",3\n')
    assert texts(sheet) == [
        (1, "W1", "Elm\nand\nAsh", "12"),
        (2, "W2", 'a "quoted" name, with comma', "3"),
    ]


def test_stray_quotation_marks_are_text(read):
    sheet = read(HEAD + b'W1,5" tube,12\nW2,"Oak" ward,3\nW3,Ash,4\n')
    assert [name for _, _, name, _ in texts(sheet)] == ['5" tube', "Oak ward", "Ash"]


def test_short_and_long_rows_are_rejected_and_the_rest_is_read(read):
    sheet = read(HEAD + b"W1,Elm,12\nW2,Oak\nW3,Ash,4,5,6\nW4,Yew,1\nW5,Fir,2\n")
    assert [row for row, *_ in texts(sheet)] == [1, 4, 5]
    assert reasons(sheet) == [
        (2, "Beds", "the row has 2 of 3 fields"),
        (3, None, "the row has more than 3 fields"),
    ]
    assert sheet.rejected["raw"].to_list() == ["W2,Oak", "W3,Ash,4,5"]


def test_a_row_of_the_length_of_another_layout_is_not_filled_up(read):
    """polars would read the missing field as an empty one."""
    empty, missing = read(HEAD + b"W1,Elm,\nW2,Oak,1\n"), read(HEAD + b"W1,Elm\nW2,Oak,1\nW3,A,2\n")
    assert (empty.rejected.height, missing.rejected.height) == (0, 1)


CELLS = st.text('ab",\n é', max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=6))
def test_what_the_reader_of_python_reads_is_read_alike(rows):
    whole = [["W0", "so that", "most rows are whole"], ["W1", "", ""]] * 4
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["Code", "Ward Name", "Beds"], *whole, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wards.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        account = (sheet := read_delimited(path, [WARDS])).account()
    written = [*whole, *(row for row in rows if row != [""])]  # which is a blank line
    assert account.rows_in == len(written)
    assert {n for n, row in enumerate(written, 1) if len(row) != 3} == set(account.rejected["row"])
    for number, *values in sheet.rows.iter_rows():
        assert values == [cell.strip() or None for cell in written[number - 1]]


def test_windows_1252_is_read_and_noted(read):
    sheet = read(HEAD + "W1,Café,12\n".encode() + "W2,Flo’s £5 ward,1\n".encode("cp1252"))
    assert [name for _, _, name, _ in texts(sheet)] == ["Café", "Flo’s £5 ward"]
    assert sheet.notes == ("characters that were not UTF-8, read as Windows-1252: 2",)


def test_bytes_of_no_encoding_and_nul_bytes_are_rejected(read):
    sheet = read(HEAD + b"W1,Elm,12\nW2,O\x81k,1\nW3,A\x00h,2\n")
    assert [row for row, *_ in texts(sheet)] == [1]
    assert reasons(sheet) == [
        (2, None, "the row holds characters that could not be read"),
        (3, None, "the row holds a NUL byte"),
    ]


def test_repeated_rows_are_merged_and_blank_lines_passed_over(read):
    sheet = read(HEAD + b"W1,Elm,12\n\nW1,Elm,12\nW1,Elm,13\n\n")
    assert (sheet.rows["row"].to_list(), sheet.merged.to_list(), sheet.rows_in) == ([1, 3], [2], 3)
    assert sheet.notes == ("blank lines passed over: 2",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HEAD + b"W1,Elm,12\nW2,O", "it breaks off in row 2."),
        (HEAD + b'W1,Elm,12\nW2,"Oak', "a quotation mark opened in row 2 is never closed."),
        (HEAD + b"W1\nW2\nW3,Ash,1\n", "most of its rows do not have 3 fields."),
        (b"Code,Ward Name,Bed\nW1,Elm,1\n", 'the column "Bed" is not known; the nearest known '),
        (b"Code,Ward Name,Beds,Ward\nW1,E,1,E\n", 'the column "Ward Name" stands twice.'),
        (b"Code,Ward Name\nW1,Elm\n", 'the column "Beds" is missing.'),
        (b"Trust,Town\nR1H,London\n", 'its first line is "Trust,Town".'),
    ],
)
def test_a_file_that_cannot_be_the_layout_is_refused_in_one_sentence(refused, content, sentence):
    assert sentence in refused(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Code Ward Beds\nW1 Elm 1\n", "it has 1 columns, not 3."),
        (b"R1H,Elm,12\nR1F,Oak,3\n", "fewer than half of its rows have the code of a ward."),
    ],
)
def test_a_file_without_header_is_told_by_its_width_and_its_values(refused, content, sentence):
    assert sentence in refused(content, UNHEADED)


def test_half_a_gzip_file_is_refused(refused):
    packed = gzip.compress(HEAD + b"".join(b"W%d,Elm,1\n" % n for n in range(5000)))
    assert "a whole gzip file: it breaks off." in refused(packed[: len(packed) // 2])
    damaged = packed[:-8] + b"\x00" * 8
    assert "a whole gzip file: it is damaged." in refused(damaged)


def test_a_file_that_unpacks_to_too_much_is_refused(refused, monkeypatch):
    monkeypatch.setattr("icsgraph.loaders.decoding.LARGEST_FILE", 1000)
    assert "over 2 GiB" in refused(gzip.compress(HEAD + b"W1,Elm,1\n" * 1000))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04...", "it is a workbook or a zip archive"),
        ("Code,Beds".encode("utf-16"), "it is written in UTF-16"),
    ],
)
def test_what_is_no_text_file_is_refused(refused, content, sentence):
    assert sentence in refused(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty."),
        (b"\n \n", "the file is empty."),
        (HEAD, "the file has no rows of data."),
    ],
)
def test_an_empty_file_is_a_fault(refused, content, sentence):
    assert sentence in refused(content, kind=FileFault)


def test_a_missing_file_is_a_fault(tmp_path):
    with pytest.raises(FileFault, match="there is no such file"):
        read_delimited(tmp_path / "nowhere.csv", [WARDS])


def test_a_row_may_break_several_rules_and_is_rejected_once(read):
    sheet = read(HEAD + b"W1,Elm,12\nX2,,many\nW3,Ash,\n")
    sifted = sift(
        sheet,
        [
            *is_missing("name"),
            is_not("code", "W[0-9]+", "the code of a ward", "See the list of wards."),
            Rule("beds", pl.col("beds").cast(pl.Int64, strict=False).is_null(), "is no number"),
        ],
    )
    account = sifted.account()
    assert account.accepted.to_list() == [1]
    assert account.rejected.select("row", "column", "value", "reason", "raw").rows() == [
        (2, "Beds", "many", "is no number", "X2,,many"),
        (2, "Code", "X2", "is not the code of a ward", "X2,,many"),
        (2, "Ward Name", None, "is missing", "X2,,many"),
        (3, "Beds", None, "is no number", "W3,Ash,"),
    ]


def test_rows_of_one_key_are_told_apart_by_their_values():
    rows = pl.DataFrame({"row": [1, 2, 3, 4], "code": ["A", "B", "A", "A"], "name": list("xxxy")})
    assert same_key(rows, ["code"], ["name"]).select("row", "alike").rows() == [
        (3, True),
        (4, False),
    ]


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        ("dd/mm/yyyy", "28/02/2021", "2021-02-28"),
        ("dd/mm/yyyy", "30/02/2021", None),
        ("dd/mm/yyyy", "02/28/2021", None),
        ("dd/mm/yyyy", "28/02/21", None),
        ("mm/dd/yyyy", "02/28/2021", "2021-02-28"),
        ("mm/dd/yyyy", "13/01/2021", None),
        ("yyyymmdd", "20200229", "2020-02-29"),
        ("yyyymmdd", "20210229", None),
        ("yyyymmdd", "99991231", None),
        ("yyyy-mm-dd", "2021-01-31", "2021-01-31"),
        ("yyyy-mm-dd", "2021-1-31", None),
    ],
)
def test_days_in_the_forms_of_publishers(form, text, iso):
    assert form in DAY_FORMS
    assert pl.DataFrame({"on": [text]}).select(day("on", form)).item() == iso


@pytest.mark.parametrize("as_of", ["2026-01-31", "2026-01", "2021-Q4"])
@pytest.mark.parametrize("start", ["2013-04-01", "2030-10-01", None])
@pytest.mark.parametrize("last_day", ["2035-03-31", None])
def test_declared_dates_are_those_of_a_single_record(as_of, start, last_day):
    rows = pl.DataFrame(
        {"open": [start], "close": [last_day]}, schema={"open": pl.String, "close": pl.String}
    )
    columns = rows.select(declared_bounds("open", "close", as_of)).row(0, named=True)
    stated = BoundedDate.parse(as_of)
    if last_day:
        expected = BoundedDate.from_parts(start, last_day).columns()
    else:
        expected = BoundedDate.open_on(start, stated.start_earliest).columns()
        if start is None:
            expected["start_latest"] = stated.start_latest.isoformat()
    assert columns == expected


def test_what_a_list_of_a_month_says_held_on_some_day_of_it():
    bounds = pl.select(held_bounds("2021-02")).row(0, named=True)
    assert bounds == {"start_latest": "2021-02-28", "end_earliest": "2021-02-02"}


@pytest.mark.parametrize(("separator", "called"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("layout", [WARDS, UNHEADED])
def test_a_file_that_is_separated_otherwise_is_told_so(refused, separator, called, layout):
    told = refused(HEAD.replace(b",", separator.encode()) * 2, layout)
    assert f"its values are separated by {called}, not by commas" in str(told)


def test_the_nearest_to_a_missing_column_is_one_that_is_not_known_itself(refused):
    spare = Layout("spare beds", {"Code": "code", "Beds": "beds", "Bed code": "bed"}, more=True)
    told = refused(b"Code,Beds,Bedcode,Town\nW1,1,2,Leeds\n", spare)
    assert 'the column "Bed code" is missing; the nearest that it has is "Bedcode"' in told
    told = refused(b"Code,Beds,Town\nW1,1,Leeds\n", spare)
    assert told.endswith('the column "Bed code" is missing.')
