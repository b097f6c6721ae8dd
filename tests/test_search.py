"""Search: which things a text may mean, in which order, and why."""

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.session import Graph


def best(graph: Graph, text: str) -> tuple[str, str]:
    """Id of the best find, and why."""
    return graph.search(text, limit=1).select("id", "why").row(0)


@pytest.mark.parametrize(
    ("text", "id", "why"),
    [
        ("ods:QMF", "ods:QMF", "its id"),
        ("qmf", "ods:QMF", "its id"),
        ("E54000029", "ods:QMF", "its code ons:E54000029"),
        ("north east LONDON", "ods:QMF", "its name"),
        ("north east londn", "ods:QMF", "its name reads like it"),
        (
            "east london health and care partnership",
            "ods:QMF",
            "its other name East London Health and Care Partnership",
        ),
        ("isles scilly", "ods:QT6", "its name holds it"),
        ("Surrey Heartlnds", "ods:QXU", "its name reads like it"),
    ],
)
def test_a_text_finds_what_it_means(sample: Graph, text: str, id: str, why: str) -> None:
    assert best(sample, text) == (id, why)


def test_what_a_text_is_goes_before_what_holds_it_and_that_before_what_reads_like_it(
    sample: Graph,
) -> None:
    found = sample.search("Sussex")
    assert found.row(0)[:4] == ("Sussex", "System", "its name", 100.0)
    assert "Surrey and Sussex" in found["name"].to_list()
    assert found["score"].is_sorted(descending=True)
    assert found["id"].is_unique().all()


def test_only_things_of_the_kinds_named_are_found(sample: Graph) -> None:
    assert set(sample.search("oximetry", kinds=["Innovation"])["kind"]) == {"Innovation"}
    with pytest.raises(UnknownName) as unknown:
        sample.search("oximetry", kinds=["Inovation"])
    assert unknown.value.nearest[0] == "Innovation"


def test_nothing_is_found_for_what_nothing_is_called(sample: Graph) -> None:
    found = sample.search("zzzzqqqq")
    assert (found.height, found.columns) == (0, ["name", "kind", "why", "score", "id"])
    with pytest.raises(UsageError, match="nothing to search for"):
        sample.search(" ?! ")


def test_a_view_is_searched_for_what_is_in_it(sample: Graph) -> None:
    before = sample.on("2025-06-30")
    assert "Thames Valley" in sample.search("Thames Valley")["name"].to_list()
    assert before.search("Thames Valley", kinds=["System"]).height == 0


def test_the_command_gives_the_same() -> None:
    told = CliRunner().invoke(app, ["search", "E54000029", "--format", "csv"])
    assert told.stdout.splitlines()[1] == (
        "North East London,System,its code ons:E54000029,100.0,ods:QMF"
    )
    nothing = CliRunner().invoke(app, ["search", "zzzzqqqq", "--format", "csv"])
    assert (nothing.exit_code, nothing.stdout) == (0, "name,kind,why,score,id\n")
    assert "Nothing has a name or code like that." in nothing.stderr


def test_a_misspelt_name_is_found_among_all_of_england(england: Graph) -> None:
    assert best(england, "barts helth")[0] == "ods:R1H"
    assert best(england, "guys & st thomas")[0] == "ods:RJ1"
    assert best(england, "Leicestershire partnership trust")[0] == "ods:RT5"
