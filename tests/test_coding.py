"""Proposals for a report: which names and terms are found in a passage, and which are not."""

import csv
import io
from pathlib import Path

import pytest

from icsgraph.coded_reports import code
from icsgraph.graph.store import Store
from icsgraph.loaders.coding_sheet import COLUMNS
from icsgraph.loaders.sources import entry
from icsgraph.pipeline import build
from icsgraph.queries.coding import Proposal, Wordings, propose, wordings
from icsgraph.queries.likeness import likenesses, reads_like


@pytest.fixture(scope="module")
def known(sample) -> Wordings:
    return wordings(sample.snapshot)


def found(known: Wordings, text: str) -> list[Proposal]:
    return propose(known, {1: text})


def named(known: Wordings, text: str, *parts: str) -> list[tuple[str, str]]:
    """Name and words of what a text names."""
    wanted = parts or ("system", "organisation")
    return [(p.name, p.words) for p in found(known, text) if p.named and p.part in wanted]


# Names


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("At Bart's Health, beds ran short.", "Barts Health NHS Trust", "Bart's Health"),
        ("At BARTS HEALTH NHS TRUST", "Barts Health NHS Trust", "BARTS HEALTH NHS TRUST"),
        ("Staff of ELFT said so.", "East London NHS Foundation Trust", "ELFT"),
        ("In Cornwall & the Isles of Scilly,", "Cornwall and the Isles of Scilly", ""),
        ("Frimley was first.", "Frimley", "Frimley"),
        ("Guy’s and St Thomas’ NHS Foundation Trust", "", ""),
        ("(Healthier Lancashire and South Cumbria)", "Lancashire and South Cumbria", ""),
    ],
)
def test_a_name_is_found_however_it_is_written(text, name, words, known):
    ((shown, as_written),) = named(known, text)
    assert shown == (name or shown)
    assert as_written == words or not words


@pytest.mark.parametrize(
    "text",
    [
        "at barts health nhs trust",  # in small letters it is no name
        "elft",
        "Frimleyside",  # part of a word
        "the discharge hub opened",  # an alias of one hub, and a plain word
        "A Discharge Hub opened",
        "Community Services and a GP Practice",
        "a mind of its own",
    ],
)
def test_what_only_looks_like_a_name_is_none(text, known):
    assert named(known, text) == []


def test_the_longest_name_counts(known):
    text = "North Bristol NHS Trust is in Bristol, North Somerset and South Gloucestershire."
    assert named(known, text) == [
        (
            "Bristol, North Somerset and South Gloucestershire",
            "Bristol, North Somerset and South Gloucestershire",
        ),
        ("North Bristol NHS Trust", "North Bristol NHS Trust"),
    ]


def test_a_name_may_be_that_of_a_system_and_of_its_board(known):
    proposals = found(known, "East London Health and Care Partnership says")
    assert [(p.part, p.ids) for p in proposals] == [
        ("system", ("ods:QMF",)),
        ("organisation", ("icsg:icb/QMF",)),
    ]


def test_a_thing_is_proposed_once_a_passage(known):
    assert len(named(known, "Frimley and, again, Frimley. FRIMLEY too.")) == 1


# Terms


@pytest.mark.parametrize(
    ("text", "part", "name"),
    [
        ("a virtual ward opened", "innovation", "Virtual ward"),
        ("Virtual Wards opened", "innovation", "Virtual ward"),
        ("pulse oximeters were lent", "technology", "Pulse oximeter"),
        ("for care home residents", "population-group", "Care home residents"),
        ("cancer services", "topic", "Cancer care"),
        ("an UEC dashboard", "topic", "Urgent and emergency care"),
        ("embrace technology", "challenge", "Embrace technology"),
        ("digital exclusion grew", "barrier", "Digital exclusion"),
    ],
)
def test_a_term_is_found_in_any_letters_and_number(text, part, name, known):
    assert name in [shown for shown, _ in named(known, text, part)]


@pytest.mark.parametrize("text", ["111 people came", "no words of ours", "", "&", "’", "uec"])
def test_what_is_no_term_is_not_proposed(text, known):
    assert found(known, text) == []


def test_a_sentence_that_reads_like_a_thing_is_marked_so(known):
    text = "Discharge was late: on an average day 45 people had no place to go."
    likely = [p for p in found(known, text) if not p.named]
    assert [(p.part, p.name) for p in likely] == [("barrier", "Delayed discharge")]
    assert likely[0].words.startswith("Discharge was late")


def test_one_shared_word_is_not_enough():
    things = likenesses([(["virtual", "ward"], ["beds"]), (["hub"], [])])
    assert list(reads_like(things, ["virtual", "meetings"])) == []
    assert [key for _, key in reads_like(things, ["wards", "virtual"])] == [0]


def test_most_of_what_we_coded_ourselves_is_proposed(sample, known):
    """As `likeness.ENOUGH` says; it falls if the way to compare gets worse."""
    findings = sample.nodes("Finding").select("id", "name", "description", "cluster").rows()
    about = {
        row["subject"]: row["object"]
        for row in sample.relationships("ABOUT").iter_rows(named=True)
        if row["object"].startswith(("icsg:innovation/", "icsg:barrier/"))
    }
    texts = {n: f"{f[1]}. {f[2]}" for n, f in enumerate(findings) if f[0] in about}
    hits = {p.passage for p in propose(known, texts) if about[findings[p.passage][0]] in p.ids}
    assert len(texts) == 158
    assert len(hits) >= 95


def test_proposals_are_the_same_whatever_the_order_of_hashes(known):
    text = "In Frimley and Devon a virtual ward and a shared care record helped care homes."
    assert found(known, text) == found(known, text)
    assert [p.part for p in found(known, text) if p.named] == [
        *("system", "system", "innovation", "innovation", "technology", "sector"),
    ]


# The sheet


def sheet(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_sheet_has_a_row_for_each_passage_and_nothing_kept(sample, tmp_path: Path):
    report = tmp_path / "report.md"
    report.write_text(
        "In Frimley a virtual ward opened.\n\nDischarge was late: there was no place to go.\n",
        encoding="utf-8",
    )
    coded = code(report, sample.snapshot)
    first, second = sheet(coded.sheet)
    assert list(first) == list(COLUMNS)
    assert {column: cell for column, cell in first.items() if cell} == {
        "passage": "1",
        "text": "In Frimley a virtual ward opened.",
        "proposed": (
            "system: Frimley [ods:QNQ] (“Frimley”); innovation: Virtual ward"
            " [icsg:innovation/virtual-ward] (“virtual ward”); technology: Virtual ward"
            " [icsg:technology/virtual-ward] (“virtual ward”)"
        ),
        "systems": "Frimley [ods:QNQ]",
        "cluster": "Virtual ward [icsg:innovation/virtual-ward]",
        "technology": "Virtual ward",
    }
    assert second["proposed"].startswith("barrier: Delayed discharge [icsg:barrier/delayed-disch")
    assert "reads like it" in second["proposed"]
    assert second["cluster"] == ""
    assert coded.passages == 2
    assert coded.proposed["system"] == 1


def test_a_name_of_several_bodies_is_proposed_and_not_filled_in(tmp_path: Path):
    (tmp_path / "own.toml").write_text(
        '[[nodes]]\nfile = "own.csv"\nkind = "Organisation"\nid = "ods:{Code}"\n'
        'columns = { name = "Name" }\n',
        encoding="utf-8",
    )
    (tmp_path / "own.csv").write_text(
        "Name,Code\nSt Anne's Surgery,A11111\nST ANNES SURGERY,B22222\n", encoding="utf-8"
    )
    row = {"id": "own@1", "kind": "own-data", "files": ["own.toml"], "title": "", "as_of": "2026"}
    store = Store(tmp_path / "store")
    build(store, [entry(row, tmp_path)])
    (tmp_path / "report.txt").write_text("We saw St Anne’s Surgery.", encoding="utf-8")
    (only,) = sheet(code(tmp_path / "report.txt", store.current()).sheet)
    assert "[ods:A11111 or ods:B22222] (“St Anne’s Surgery”)" in only["proposed"]
    assert only["organisations"] == ""


def test_a_cell_that_a_spreadsheet_would_run_is_guarded(sample, tmp_path: Path):
    report = tmp_path / "report.txt"
    report.write_text('=HYPERLINK("http://a")\n\n@SUM(1)\n\nplain\n', encoding="utf-8")
    assert [row["text"] for row in sheet(code(report, sample.snapshot).sheet)] == [
        *('\'=HYPERLINK("http://a")', "'@SUM(1)", "plain"),
    ]


def test_a_published_report_gets_proposals(sample, shared):
    coded = code(shared / "data" / "context" / "nhsengland_ICS-discovery.md", sample.snapshot)
    rows = sheet(coded.sheet)
    assert coded.passages == len(rows) == 39
    assert rows[26]["sectors"] == "Health; Social care"
    assert "Uneven collaboration [icsg:barrier/uneven-collaboration]" in rows[17]["proposed"]
    assert all(row["keep"] == "" for row in rows)
