"""Answers that are kept: records by their content, never overwritten, found and compared."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.ontology.errors import DataError, UnknownName
from icsgraph.queries.answer import Answer
from icsgraph.queries.measures import Measures, differences
from icsgraph.session import Graph


def answer(adopters: int, **more: object) -> Answer:
    rows = pl.DataFrame({"month": ["2021-01", "2021-02"], "adopters": [1, adopters]})
    return Answer(rows, question="curve", parameters={"innovation": "x"}, **more)


def test_the_same_answer_is_kept_once_and_another_beside_it(tmp_path: Path) -> None:
    measures = Measures(tmp_path)
    one = measures.keep(answer(3))
    written = (tmp_path / "curve" / f"{one.key}.json").stat().st_mtime_ns
    again, other = measures.keep(answer(3)), measures.keep(answer(4))
    assert (again.key, other.key != one.key) == (one.key, True)
    assert (tmp_path / "curve" / f"{one.key}.json").stat().st_mtime_ns == written
    assert measures.listed()["key"].sort().to_list() == sorted([one.key, other.key])
    assert measures.get(one.key[:6]).record == one.record


def test_a_record_holds_the_tests_the_view_and_the_version() -> None:
    record = answer(3, view="on-2021-06-30", tests=[{"p_value": 0.2, "null_mean": float("nan")}])
    told = record.record()
    assert told["tests"] == [{"p_value": 0.2, "null_mean": None}]
    assert (told["view"], bool(told["icsgraph"])) == ("on-2021-06-30", True)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_two_records_differ_in_the_number_of_a_row_and_in_a_caveat(tmp_path: Path) -> None:
    measures = Measures(tmp_path)
    one, other = measures.keep(answer(3)), measures.keep(answer(5, caveats=["Counted twice."]))
    assert differences(one, other).rows() == [
        ("month 2021-02: adopters", "3", "5"),
        ("caveat", None, "Counted twice."),
    ]
    assert differences(one, one).is_empty()


def test_a_record_that_was_changed_is_told(tmp_path: Path) -> None:
    kept = Measures(tmp_path).keep(answer(3))
    file = tmp_path / "curve" / f"{kept.key}.json"
    file.write_text(file.read_text(encoding="utf-8").replace("2021", "2022"), encoding="utf-8")
    with pytest.raises(DataError, match="was changed after it was kept"):
        Measures(tmp_path).get(kept.key)
    with pytest.raises(UnknownName):
        Measures(tmp_path).get("ffff")


def test_an_answer_is_kept_listed_shown_and_compared_on_the_command_line(sample: Graph) -> None:
    store = str(sample.snapshot.folder.parent.parent)

    def run(*arguments: str) -> str:
        told = CliRunner().invoke(app, [*arguments, "--store", store])
        assert told.exit_code == 0, told.output
        return told.output

    keys = []
    for topic in ("cancer", "learning-disability"):
        told = run("ask", "barriers", "--topic", topic, "--keep")
        keys.append(told.rsplit("icsgraph measures show ", 1)[1].split()[0])
    assert all(key in run("measures", "list", "--format", "csv") for key in keys)
    shown = json.loads(run("measures", "show", keys[0][:8], "--format", "json"))
    assert shown == sample.ask("barriers", topic="cancer").record()
    assert "parameter topic" in run("measures", "compare", *keys)
