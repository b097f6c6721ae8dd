"""A run that was cut, killed or interrupted is gone on with; files change whole or not at all."""

import gzip
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from icsgraph.loaders.fetch_files import Destination
from icsgraph.ontology.errors import DataError, FileFault, ServiceFailed, UsageError

TUESDAY = "2026-11-03T09:00:00Z"


@pytest.fixture
def standing_still(cqc):
    """Stops the service before its answer to one request; says when that is reached."""
    reached, go_on = threading.Event(), threading.Event()

    def stop_at(start):
        def before(target):
            if target.startswith(start):
                reached.set()
                go_on.wait(30)

        cqc.service.before = before
        return reached

    yield stop_at
    go_on.set()


def started(cqc, *more):
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "icsgraph", "fetch", "cqc", "-o", str(cqc.folder), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **cqc.environment},
        encoding="utf-8",
    )


def of_locations(cqc):
    return [t for t in cqc.service.asked if t.startswith("/locations/")]


def test_a_run_that_was_killed_is_gone_on_with(cqc, lines, standing_still):
    reached = standing_still("/locations/1-204")
    with started(cqc) as process:
        assert reached.wait(30)
        process.kill()
    cqc.service.before = lambda target: None
    assert not (cqc.folder / "cqc-locations.jsonl.gz").exists()
    locations, providers = cqc.fetch()
    assert of_locations(cqc) == ["/locations/1-204", "/locations/1-205"]
    assert [p["locationId"] for p in lines(locations.path)] == [f"1-20{n}" for n in range(1, 6)]
    assert (locations.records, locations.fetched, providers.records) == (5, 5, 3)


def test_a_run_gone_on_with_asks_what_changed_since_it_began(cqc, lines, dead):
    cqc.service.before = cut_at(cqc, "/locations/1-204", dead)
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    cqc.service.before = lambda target: None
    cqc.register.change("location", "1-201", "2026-11-02T15:00:00Z", name="Elm House")
    cqc.service.now = TUESDAY
    locations, _providers = cqc.fetch()
    assert of_locations(cqc) == ["/locations/1-204", "/locations/1-205", "/locations/1-201"]
    assert lines(locations.path)[0]["name"] == "Elm House"
    assert locations.until == TUESDAY


def cut_at(cqc, start, dead):
    """Answers from there on break off."""

    def before(target):
        if target.startswith(start):
            cqc.service.faults = [dead]

    return before


def test_what_is_complete_is_not_fetched_again(cqc, dead):
    cqc.service.before = cut_at(cqc, "/providers/1-101", dead)
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    cqc.service.before = lambda target: None
    assert (cqc.folder / "cqc-locations.jsonl.gz").exists()
    cqc.fetch()
    assert of_locations(cqc) == []


def test_half_a_line_at_the_end_is_fetched_again(cqc, lines, dead):
    cqc.service.before = cut_at(cqc, "/locations/1-204", dead)
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    cqc.service.before = lambda target: None
    part = cqc.folder / "cqc-locations.jsonl.gz.part"
    part.write_bytes(part.read_bytes()[:-20])
    locations, _providers = cqc.fetch()
    assert of_locations(cqc) == ["/locations/1-203", "/locations/1-204", "/locations/1-205"]
    assert len(lines(locations.path)) == 5


def test_the_old_file_stays_until_the_new_one_is_whole(cqc, dead):
    locations, _providers = cqc.fetch()
    before = locations.path.read_bytes()
    for number in (1, 2):
        cqc.register.change("location", f"1-20{number}", "2026-11-02T15:00:00Z", name="Elm House")
    cqc.service.now = TUESDAY
    cqc.service.before = cut_at(cqc, "/locations/1-202", dead)
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    assert locations.path.read_bytes() == before
    cqc.service.before = lambda target: None
    cqc.fetch()
    assert of_locations(cqc) == ["/locations/1-202"]
    assert gzip.decompress(locations.path.read_bytes()).count(b"Elm House") == 2


def test_nothing_is_left_behind_but_the_files_and_their_state(cqc):
    cqc.fetch()
    assert sorted(path.name for path in cqc.folder.iterdir()) == [
        ".cqc.lock",
        "cqc-locations.jsonl.gz",
        "cqc-locations.jsonl.gz.state.json",
        "cqc-providers.jsonl.gz",
        "cqc-providers.jsonl.gz.state.json",
    ]


def test_the_same_payloads_are_the_same_bytes_however_they_came(cqc, tmp_path, dead):
    whole = [file.path.read_bytes() for file in cqc.fetch()]
    cqc.folder.rename(tmp_path / "earlier")
    cqc.service.before = cut_at(cqc, "/locations/1-203", dead)
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    cqc.service.before = lambda target: None
    assert [file.path.read_bytes() for file in cqc.fetch()] == whole


@pytest.mark.skipif(os.name == "nt", reason="only on POSIX can one process interrupt another")
def test_an_interrupted_run_says_that_it_can_be_gone_on_with(cqc, standing_still):
    reached = standing_still("/locations/1-204")
    with started(cqc) as process:
        assert reached.wait(30)
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
    assert told == (
        f"What was fetched is kept in {cqc.folder}; the same command goes on from there.\n"
        "Interrupted.\n"
    )
    cqc.service.before = lambda target: None
    cqc.fetch()
    assert of_locations(cqc) == ["/locations/1-204", "/locations/1-205"]


# The folder is not as a run leaves it


def test_a_file_that_was_deleted_is_fetched_anew(cqc):
    locations, _providers = cqc.fetch()
    locations.path.unlink()
    locations, _providers = cqc.fetch()
    assert (locations.records, len(of_locations(cqc))) == (5, 5)


def test_changes_to_a_file_that_was_deleted_are_given_up(cqc, dead):
    """They cannot make the file whole."""
    locations, _providers = cqc.fetch()
    cqc.register.change("location", "1-201", "2026-11-02T15:00:00Z")
    cqc.service.now = TUESDAY
    cqc.service.before = cut_at(cqc, "/locations/1-201", dead)
    with pytest.raises(ServiceFailed):
        cqc.fetch()
    cqc.service.before = lambda target: None
    locations.path.unlink()
    locations, _providers = cqc.fetch()
    assert locations.records == 5


def test_a_file_that_was_cut_short_is_not_added_to(cqc):
    locations, _providers = cqc.fetch()
    locations.path.write_bytes(locations.path.read_bytes()[:-30])
    cqc.register.change("location", "1-201", "2026-11-02T15:00:00Z")
    cqc.service.now = TUESDAY
    with pytest.raises(FileFault, match="the file is no longer as it was fetched") as said:
        cqc.fetch()
    assert said.value.hint.startswith("Delete it and run the command again")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"scope": {}}', '{"run": {"a": 1}}'])
def test_a_state_that_no_run_wrote_is_said(cqc, text):
    cqc.fetch()
    state = cqc.folder / "cqc-locations.jsonl.gz.state.json"
    state.write_text(text, encoding="utf-8")
    with pytest.raises(FileFault, match="state.json: it is not what a run writes"):
        cqc.fetch()


def test_a_folder_holds_one_scope(cqc):
    cqc.fetch({"local-authority": ["Oldham"]})
    with pytest.raises(UsageError, match="fetched for local-authority Oldham, not for everything"):
        cqc.fetch()


def test_two_processes_do_not_fetch_into_one_folder(cqc):
    with (
        Destination(cqc.folder, {}).alone("cqc"),
        pytest.raises(DataError, match="Another process is fetching cqc"),
    ):
        cqc.fetch()


def test_a_file_in_the_place_of_the_folder_is_said(cqc):
    cqc.folder.write_text("", encoding="utf-8")
    with pytest.raises(OSError) as said:
        cqc.fetch()
    assert Path(said.value.filename) == cqc.folder
