"""A question asked of drawn networks: what all have alike is looked up once, and steps are told."""

from collections import Counter

from icsgraph.queries.band import DRAWS, banded
from icsgraph.queries.network_shape import unconnected
from icsgraph.session import Graph


class Counted:
    """A snapshot that counts the tables read from it, and cannot be a key."""

    __hash__ = None

    def __init__(self, snapshot) -> None:
        self.snapshot, self.read = snapshot, Counter()

    def __getattr__(self, name):
        return getattr(self.snapshot, name)

    def __eq__(self, other) -> bool:
        return other is self

    def relationships(self, kind):
        self.read[kind] += 1
        return self.snapshot.relationships(kind)


def test_systems_of_bodies_are_looked_up_once_for_all_networks(sample: Graph) -> None:
    question, snapshot = sample.questions["structural-holes"], Counted(sample.snapshot)
    given = {name: each.default for name, each in question.parameters.items()}
    given |= {"doubt": 10.0, "on": "2023-01-01"}
    found = banded(unconnected, snapshot, given, question.band)
    assert found.rows["stands"].null_count() == 0
    assert snapshot.read["LOCATED_IN"] == 2  # for the question itself, and for all that are drawn
    assert snapshot.read["SHARES_STAFF_WITH"] == 1 + 2 * DRAWS
    assert found.rows.rows() == sample.ask("structural-holes", doubt=10, on="2023-01-01").rows()


def test_the_steps_of_a_band_are_told(sample: Graph) -> None:
    told: list[str] = []
    graph = Graph(sample.snapshot)
    graph.tell = told.append
    graph.ask("confirmed-by-both-sides")
    assert told == []
    graph.ask("confirmed-by-both-sides", doubt=10)
    assert told[0] == "Drawn networks: 1 of 50" and len(told) == 5
