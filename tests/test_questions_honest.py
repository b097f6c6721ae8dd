"""What the evaluation of the programme says, and what questions answer where evidence is missing or
grows: they say so, and say more once more is recorded."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.graph.store import Store
from icsgraph.loaders.records import SourceEntry
from icsgraph.pipeline import build
from icsgraph.session import Graph, open_graph

EVIDENCE = Path(__file__).resolve().parents[1] / "loaders" / "sample"
REVIEWS = [  # in the order of the programme
    "Care for older people",
    "Urgent and emergency care",
    "Cancer care",
    "Learning disability in the community",
    "Mental health of children and young people",
]


def test_the_evaluation_is_given_whole_with_the_reviews_it_speaks_of(sample: Graph) -> None:
    numbered = {
        "all": REVIEWS,
        "reviews 1-2": REVIEWS[:2],
        "reviews 2-5": REVIEWS[1:],
        "reviews 3-5": REVIEWS[2:],
    }
    with (EVIDENCE / "evaluation.csv").open(encoding="utf-8", newline="") as file:
        stated = list(csv.DictReader(file))
    answer = sample.ask("programme-evaluation")
    columns = ("id", "statement", "description", "applies_to", "topics")
    assert answer.select(columns).rows() == [
        (
            f"icsg:finding/{row['eval_id']}",
            row["short_name"],
            row["description"],
            row["applies_to"],
            sorted(numbered[row["applies_to"]]),
        )
        for row in stated
    ]
    assert Counter(answer["kind"]) == {
        "Setting of the programme": 4,
        "Method of the evaluation": 5,
        "What worked": 9,
        "Limit": 9,
        "Effect": 2,
        "Next step": 2,
    }


def test_a_limit_of_the_evaluation_is_found_by_the_review_it_speaks_of(sample: Graph) -> None:
    voice = {"Too little service-user voice early", "User detail still thin later"}
    for subject, limit in (
        ("older-people", "Too little service-user voice early"),
        ("cancer", "User detail still thin later"),
    ):
        limits = sample.ask("programme-evaluation", kind="limit", topic=subject)
        assert set(limits["statement"]) & voice == {limit}
        assert "Commissioning left out" in set(limits["statement"])


def built(tmp_path_factory: pytest.TempPathFactory, change: Callable[[Path, str], str]) -> Graph:
    """The graph of the bundled evidence after a change of the text of its files."""
    folder = tmp_path_factory.mktemp("evidence")
    for file in EVIDENCE.glob("*.csv"):
        text = change(file, file.read_text(encoding="utf-8"))
        (folder / file.name).write_text(text, encoding="utf-8", newline="\n")
    store = Store(tmp_path_factory.mktemp("store"))
    build(store, [SourceEntry("evidence@test", "evidence", (folder,), "Evidence", "2026-11")])
    return open_graph(store.path)


@pytest.fixture(scope="module")
def with_an_action(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The evidence with one more row of coding: an action on a recommendation."""
    row = "PCR2-UEC-023,action,a workforce plan was agreed,workforce strategy,finding,\n"
    return built(
        tmp_path_factory, lambda file, text: text + row if file.name == "coding.csv" else text
    )


@pytest.fixture(scope="module")
def without_evidence(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Systems alone: every other file of the evidence has its header and no row."""
    return built(
        tmp_path_factory,
        lambda file, text: text if file.name == "systems.csv" else text.split("\n")[0] + "\n",
    )


def test_an_action_is_shown_once_it_is_recorded(with_an_action: Graph) -> None:
    done = with_an_action.ask("acted-on", kind="recommendation", step="acted on")
    assert done.select("id", "done_about_it", "done_afterwards").rows() == [
        ("icsg:finding/PCR2-UEC-023", "a workforce plan was agreed", "not recorded")
    ]
    recorded = with_an_action.ask("recommendations", action="recorded")
    assert recorded.select("id", "action").rows() == [
        ("icsg:finding/PCR2-UEC-023", "a workforce plan was agreed")
    ]
    assert recorded.caveats[0].startswith("An action is recorded on 1 of these 16")


@pytest.mark.parametrize(
    "question",
    [
        "coverage",
        "voices",
        "known-already",
        "inequalities",
        "challenges",
        "programme-evaluation",
        "recommendations",
        "acted-on",
    ],
)
def test_a_store_without_evidence_cannot_say(without_evidence: Graph, question: str) -> None:
    answer = without_evidence.ask(question)
    assert (answer.answerable, answer.height, answer.counts["findings"]) == (False, 0, 0)
    assert answer.reason
