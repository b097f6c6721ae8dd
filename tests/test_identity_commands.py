"""icsgraph identity: candidates, decide, undo, decisions and the review at the terminal."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from icsgraph.cli.app import app
from icsgraph.cli.identity import AT_LEAST, MOST
from icsgraph.graph.decisions import read_decisions
from icsgraph.graph.files import sha256
from icsgraph.graph.store import Store
from icsgraph.queries import matching

BARTS, ALIAS = "ods:R1H", "icsg:organisation/evidence/barts-health"
WHO = ("--who", "A. Analyst", "--when", "2026-11-22")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the bundled evidence in which two of its aliases were taken back."""
    path = tmp_path_factory.mktemp("identity") / "sample"
    run = CliRunner()
    assert run.invoke(app, ["build", "--sample", "--store", str(path)]).exit_code == 0
    for name in ("Bart's Health", "The London Borough of Newham"):
        told = run.invoke(app, ["identity", "undo", name, "--store", str(path)])
        assert told.exit_code == 0, told.output
    return path


@pytest.fixture(autouse=True)
def store(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy that a test may change, at `store`; lines of 100 characters."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("ICSGRAPH_STORE", raising=False)
    return Store(shutil.copytree(sample, "store"))


def identity(*arguments: object, text: str | None = None, store: str = "store") -> Result:
    asked = ["identity", *map(str, arguments), "--store", store]
    return CliRunner().invoke(app, asked, input=text)


def content(store: Store) -> str:
    return sha256(store.current().folder)


def test_help_names_the_defaults_of_matching():
    assert (AT_LEAST, MOST) == (matching.AT_LEAST, matching.MOST)


def test_candidates_are_told_part_by_part():
    told = identity("candidates")
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[:5] == [
        f"100  Bart's Health  {ALIAS}",
        f"     Barts Health NHS Trust  {BARTS}",
        """         name 100   "Bart's Health" and "Barts Health NHS Trust\"""",
        "         words 100  barts (in 2), health (in 8)",
        "         not known of both: postcode, town, type",
    ]
    assert told.stdout.rstrip().endswith("To judge one after the other: icsgraph identity review")


def test_candidates_of_one_thing_as_json():
    told = identity("candidates", "bart's health", "--format", "json")
    (one,) = json.loads(told.stdout)
    assert (one["one"], one["other"], one["score"]) == (BARTS, ALIAS, 100.0)
    assert [part["part"] for part in one["parts"]] == ["name", "words", "postcode", "town", "type"]
    assert identity("candidates", "Ofsted").stdout == "No candidate.\n"


def test_a_decision_joins_and_says_how_to_take_it_back(store: Store):
    before = content(store)
    why = "one council"
    told = identity("decide", "Newham Council", "The London Borough of Newham", "same", *WHO,
                    "--why", why)  # fmt: skip
    assert told.exit_code == 0, told.output
    council = "icsg:organisation/newham-council"
    first, last = told.stdout.splitlines()
    assert first.endswith(f"are one thing: {council}.")
    shown = CliRunner().invoke(app, ["show", "Newham Council", "--store", "store"]).stdout
    assert "The London Borough of Newham" in shown and "A. Analyst · 22 November 2026" in shown
    back = shlex.split(last.partition("To take it back: icsgraph ")[2])
    undone = CliRunner().invoke(app, back)
    assert undone.exit_code == 0, undone.output
    assert content(store) == before
    again = shlex.split(undone.stdout.rstrip().partition("To have it again: icsgraph ")[2])
    assert CliRunner().invoke(app, again).exit_code == 0
    assert read_decisions(store.decisions)[-1].why == why


def test_different_ones_are_no_candidates_any_more(store: Store):
    told = identity("decide", BARTS, ALIAS, "different", *WHO, "--why", "a test")
    assert told.stdout.splitlines()[0].endswith("are two things.")
    assert ALIAS not in identity("candidates", "--all").stdout


def test_decisions_are_dumped_and_loaded(store: Store, sample: Path, tmp_path: Path):
    identity("decide", BARTS, ALIAS, "same", *WHO, "--why", "one trust")
    told = identity("decisions", "--format", "csv", "-o", "dump.csv")
    assert told.exit_code == 0 and Path("dump.csv").read_bytes() == store.decisions.read_bytes()
    shutil.copytree(sample, "other")
    loaded = identity("decisions", "--load", "dump.csv", store="other")
    assert loaded.stdout == f"New: 1; decisions in all: 98. Snapshot {store.current().id}.\n"
    assert content(Store("other")) == content(store)
    text = identity("decisions").stdout
    assert text.rstrip().endswith("Decisions: 98.")
    assert f"  Barts Health NHS Trust  {BARTS}\n  Bart's Health  {ALIAS}\n" in text
    assert "  A. Analyst, 22 November 2026: one trust\n" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["candidats"], 2, 'no command of identity "candidats".\nThe nearest names: candidates.'),
        (["candidates", "Newham Counsil"], 2, "The nearest names: Newham Council"),
        (["decide", "Newham Counsil", "R1H", "same", *WHO, "--why", "x"], 2, "The nearest names:"),
        (["decide", "R1H", "R1H", "same", *WHO, "--why", "x"], 2, "compared with itself"),
        (["decide", "R1H", "QMF", "same", *WHO, "--why", "x"], 2, "they cannot be compared."),
        (["decide", "R1H", "RWK", "alike", *WHO, "--why", "x"], 2, "is not one of 'same'"),
        (["decide", "R1H", "RWK", "same", "--who", "me", "--why", " "], 2, "A decision needs why"),
        (["decide", "R1H", "RWK", "same", "--who", "me"], 2, "Missing option '--why'"),
        (["decide", "ELFT", "RWK", "same", *WHO, "--why", "x"], 2, "compared with itself"),
        (["undo", "Newham Counsil"], 2, 'There is no decision about "Newham Counsil"'),
        (["undo", "RWK", "R1H"], 2, 'There is no decision about "RWK and R1H"'),
        (["undo", "RWK"], 2, '2 decisions are about "RWK".\nName both: '),
        (["decisions", "--load", "none.csv"], 1, "none.csv: there is no such file."),
        (["decisions", "--load", "x.csv", "--format", "csv"], 2, "do not go with it"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(store: Store, arguments: list[str], code: int, said: str):
    before = content(store), store.decisions.read_bytes()
    told = identity(*arguments)
    assert (told.exit_code, told.stdout) == (code, "")
    assert said in told.stderr
    assert (content(store), store.decisions.read_bytes()) == before


@pytest.mark.parametrize("command", [["decide", "a", "b", "same", *WHO, "--why", "x"], ["review"]])
def test_a_store_that_is_not_there_is_not_made(command: list[str]):
    told = identity(*command, store="nowhere")
    assert told.exit_code == 1 and "There is no store at nowhere." in told.stderr
    assert not Path("nowhere").exists()


# The review


def test_a_review_shows_both_records_and_keeps_what_is_decided(store: Store):
    told = identity("review", "--who", "A. Analyst", text="s\n\nd\nnot the council\nq\n")
    assert told.exit_code == 0, told.output
    one, other = read_decisions(store.decisions)[-2:]
    assert (one.one, one.other, one.judgement, one.who) == (BARTS, ALIAS, "same", "A. Analyst")
    assert one.why.startswith(
        """reviewed; name 100: "Bart's Health" and "Barts Health NHS Trust";"""
    )
    assert (other.judgement, other.why) == ("different", "not the council")
    lines = told.stdout.splitlines()
    heading = next(line for line in lines if line.startswith("1 of "))
    assert heading.split() == ["1", "of", str(len(matching.candidates(first(store)))),
                               "this", "is", "it", "this?"]  # fmt: skip
    row = next(line for line in lines if line.startswith("name "))
    assert row.split("  ")[0] == "name" and "Barts Health NHS Trust" in row
    snapshot = store.current()
    assert lines[-1].endswith(f"Decided: same 1, different 1. Snapshot {snapshot.id}.")
    assert "Bart's Health" not in dict(snapshot.nodes("Organisation").select("id", "name").rows())


def first(store: Store):
    """The snapshot before anything was decided."""
    held = store.path / "snapshots"
    others = [path.name for path in held.iterdir() if path.name != store.current().id]
    return max((store.snapshot(name) for name in others), key=lambda s: len(matching.candidates(s)))


def test_next_changes_nothing_and_the_end_of_the_input_leaves(store: Store):
    before = content(store), store.decisions.read_bytes()
    told = identity("review", "--who", "A. Analyst", text="n\nNEXT\n")
    assert told.exit_code == 0, told.output
    assert (content(store), store.decisions.read_bytes()) == before


def test_an_answer_that_is_none_is_asked_again_and_who_decides_is_asked_once(store: Store):
    told = identity("review", text="maybe\ns\nA. Analyst\none trust\nd\nanother\n")
    assert "'maybe' is not one of" in told.output
    assert told.stdout.count("Who decides") == 1
    assert [each.why for each in read_decisions(store.decisions)[-2:]] == ["one trust", "another"]


def test_what_was_decided_before_the_input_broke_off_is_joined(store: Store):
    told = identity("review", "--who", "A. Analyst", text="s\none trust\nd\n")
    assert told.exit_code == 0
    assert told.stdout.rstrip().endswith(
        f"Decided: same 1, different 0. Snapshot {store.current().id}."
    )
    assert store.current().nodes("Organisation").filter(id=ALIAS).is_empty()


def test_a_review_of_one_thing_without_candidates_says_so():
    assert identity("review", "Ofsted", "--who", "A. Analyst").stdout == "No candidate.\n"
