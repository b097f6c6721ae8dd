"""`check --published` finds what the public profile leaves out, however a file packs it."""

import base64
import gzip
import sqlite3
import zipfile
from contextlib import closing

import polars as pl
import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.formats.registry import FORMATS
from icsgraph.graph.public import public
from icsgraph.graph.published import LeftOut, search_file
from icsgraph.graph.views import View
from icsgraph.visualisations.reports import report
from icsgraph.visualisations.systems_map import systems_map

NOTE = "one paper quotes 13 hours, the regulator 12"


def searched(graph, path):
    return search_file(graph.snapshot, path)


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_in_any_format(registers, tmp_path, name):
    place = tmp_path / f"graph{FORMATS[name].ending}"
    export(registers.snapshot, name, place)
    leaks = searched(registers, place).leaks
    assert any("Dr Thorne" in leak.value for leak in leaks)
    export(public(registers.snapshot), name, place)
    assert searched(registers, place).leaks == ()


def test_the_notes_of_the_evidence_are_in_a_full_map_and_in_no_public_one(sample, tmp_path):
    page = tmp_path / "map.html"
    page.write_text(systems_map(sample.snapshot), encoding="utf-8")
    assert NOTE in [leak.value for leak in searched(sample, page).leaks]
    page.write_text(systems_map(public(sample.snapshot)), encoding="utf-8")
    assert searched(sample, page).leaks == ()


def test_the_bytes_of_a_public_page_hold_no_note(sample):
    notes = sample.nodes("Finding")["note"].drop_nulls().unique()
    shown = systems_map(public(sample.snapshot)) + report(
        public(sample.snapshot), "system", "North East London"
    )
    assert notes.len() == 7 and [note for note in notes if note in shown] == []


PACKINGS = {
    "text": lambda note: note.encode(),
    "escaped page": lambda note: note.replace(" ", "&#32;").encode(),
    "escaped JSON": lambda note: "".join(f"\\u{ord(c):04x}" for c in note).encode(),
    "gzip": lambda note: gzip.compress(note.encode(), mtime=0),
    "gzip in base64 in a page": lambda note: (
        b"<script>"
        + base64.b64encode(gzip.compress((note + " " + "x1y2" * 50).encode(), mtime=0))
        + b"</script>"
    ),
}


@pytest.mark.parametrize("packed", PACKINGS)
def test_a_packed_value_is_found(sample, tmp_path, packed):
    file = tmp_path / "file"
    file.write_bytes(PACKINGS[packed](NOTE))
    assert [leak.value for leak in searched(sample, file).leaks] == [NOTE]


def test_a_value_in_a_database_a_table_and_an_archive(sample, tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database, database:
        database.execute("CREATE TABLE t (said TEXT)")
        database.execute("INSERT INTO t VALUES (?)", [NOTE])
    pl.DataFrame({"said": [[NOTE]]}).write_parquet(tmp_path / "b.parquet")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("inside.txt", NOTE)
    for file in sorted(tmp_path.iterdir()):
        assert [leak.value for leak in searched(sample, file).leaks] == [NOTE], file.name


def test_part_of_a_word_or_of_something_that_may_be_shown_is_no_leak(registers, tmp_path):
    file = tmp_path / "file.txt"
    file.write_text("XDr Thorney", encoding="utf-8")
    assert searched(registers, file).leaks == ()


def test_a_picture_cannot_be_proved(sample, tmp_path):
    file = tmp_path / "map.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert searched(sample, file).unread == (
        "map.png: it is a picture, and what a picture shows cannot be searched",
    )


def test_the_command_says_which_value_and_where(sample, tmp_path):
    store = str(sample.snapshot.folder.parents[1])
    file = tmp_path / "note.txt"
    file.write_text(NOTE, encoding="utf-8")
    run = CliRunner().invoke(app, ["check", "--published", str(file), "--store", store])
    assert run.exit_code == 1
    assert f'note of Finding: "{NOTE}" (note.txt)' in run.stderr
    file.write_text("All systems", encoding="utf-8")
    run = CliRunner().invoke(app, ["check", "--published", str(file), "--store", store])
    assert run.exit_code == 0 and "holds none of the" in run.stdout


def test_a_value_is_no_leak_inside_a_longer_name_that_a_page_must_escape(registers, tmp_path):
    hidden = LeftOut(registers.snapshot).values.filter(pl.col("what") == "name of Organisation")
    value = hidden["value"][0]
    longer = f"{value} & Partners (Practice)"

    class Named(View):
        def _nodes(self, kind):
            table = self.base.nodes(kind)
            named = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(longer)).otherwise("name")
            return table.with_columns(name=named) if kind == "System" else table

        def _relationships(self, kind):
            return self.base.relationships(kind)

    graph = Named(registers.snapshot, "named")
    page = tmp_path / "page.html"
    inside = longer.replace("&", "&amp;"), longer.replace("&", "\\u0026"), longer
    page.write_text("\n".join(inside), encoding="utf-8")
    assert search_file(graph, page).leaks == ()
    for alone in (value, value.replace(" ", "&#32;"), value.replace(" ", "\\u0020")):
        page.write_text("\n".join([*inside, alone]), encoding="utf-8")
        assert [leak.value for leak in search_file(graph, page).leaks] == [value]


def test_a_folder_of_many_files_is_searched_in_one_pass(registers, tmp_path, monkeypatch):
    value = LeftOut(registers.snapshot).values["value"][0]
    for number in range(40):
        text = value if number == 25 else "nothing of the kind"
        (tmp_path / f"{number:02}.txt").write_text(text, encoding="utf-8")
    passes = []
    once = LeftOut.in_texts
    monkeypatch.setattr(LeftOut, "in_texts", lambda self, t: passes.append(len(t)) or once(self, t))
    found = search_file(registers.snapshot, tmp_path)
    assert [(leak.value, leak.where) for leak in found.leaks] == [(value, "25.txt")]
    assert passes == [80] and found.texts == 80
