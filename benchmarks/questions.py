"""How long each question of the catalogue takes on England, and its Cypher text on a Neo4j server.

    python benchmarks/questions.py STORE [--rounds 5] [--url bolt://HOST] [--only NAME ...]

Everything is asked in this one process, warm, as an analyst asks: with the parameters of the worked
examples that England knows, with each choice that a parameter has, and about things of England, the
ones with the most statements first. A server is started and given the graph as bulk files
(tests/neo4j/server.py), or it is at --url and holds them already. Each way is asked so many times
of one engine, then of the other; an answer must have equal rows and counts from both, in the same
run.

A question with a Cypher text has its whole answer timed on the embedded engine (`g.ask`, 95 in a
hundred of them within 100 ms), and of either engine only its texts, the driver included: on nine
texts in ten the median of the embedded engine is to be at or below the server's. A question that
only Python answers has its answer timed; `MEASURES` stand apart, without a limit. Of an answer the
smaller of clock and processor time counts: another program lengthens the one, several threads the
other. The texts are timed by the clock. Exit code 1 if a limit is missed or rows differ.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from icsgraph.benchmarks.neo4j_push import PASSWORD, server
from icsgraph.graph.engines import Engine
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.neo4j import Neo4j
from icsgraph.graph.snapshot import Snapshot
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.queries.answer import Answer
from icsgraph.queries.ask import ask
from icsgraph.queries.catalogue import Question
from icsgraph.session import Graph, open_graph

MOST = 0.1
"""Seconds within which 95 in a hundred answers are to be there."""

AT_OR_BELOW = 0.9
"""Of how many texts the embedded engine is to take no longer than the server."""

THINGS = 3
"""How many things of a kind a question is asked about."""

MEASURES = frozenset({"Routes", "Spread along ties", "Spread over time", "Structure"})
"""Groups of questions that measure a whole network or population, many with permutations: they are
asked in a few ways, once, and have no limit."""

FEW = 3
"""In how many ways a measure is asked."""

Way = tuple[dict[str, Any], str]
"""The parameters of one way to ask, and the day."""


def ways(question: Question, snapshot: Snapshot) -> list[Way]:
    """The ways to ask a question of a snapshot: those of its worked examples (which may name things
    that it does not have), each choice, and things that it has."""
    listed = [(dict(example.parameters), example.on) for example in question.examples]
    needed = {name: p for name, p in question.parameters.items() if p.default is None}
    rest = {name: "2021-04-01" for name, p in needed.items() if p.type == "date"}
    asked_about = [name for name, p in question.parameters.items() if p.node]
    about = list(_about(question, asked_about, snapshot))
    if not set(needed) - set(rest):
        listed.append((rest, ""))
    listed += [({**things, **rest}, "") for things in about]
    base = {**about[0], **rest} if set(needed) & set(asked_about) else rest
    for name, parameter in question.parameters.items():
        listed += [({**base, name: choice}, "") for choice in parameter.choices]
    return [way for n, way in enumerate(listed) if way not in listed[:n]]


def _about(question: Question, names: list[str], snapshot: Snapshot) -> Iterator[dict[str, str]]:
    """Things to ask about, by the names of parameters: the busiest of each kind, and, where there
    are two, both ends of some statements."""
    kinds = [question.parameters[name].node for name in names]
    for row in range(THINGS if names else 0):
        for kind in kinds[0]:
            several = [
                _busiest(snapshot, kind),
                *(_busiest(snapshot, each[0]) for each in kinds[1:]),
            ]
            found = [id for n, ids in enumerate(several) for id in ids[row + n : row + n + 1]]
            if len(found) == len(names):
                yield dict(zip(names, found, strict=True))
    if len(names) == 2:
        for kind in RELATIONSHIP_KINDS:
            for ends in snapshot.relationships(kind).select("subject", "object").head(1).rows():
                yield dict(zip(names, ends, strict=True))


def _busiest(snapshot: Snapshot, kind: str) -> list[str]:
    """The things of a kind with the most statements, and those in the middle of the rest."""
    if (snapshot, kind) not in _KEPT:
        ties = pl.concat(
            snapshot.relationships(each).select(pl.col("subject", "object")).unpivot()
            for each in RELATIONSHIP_KINDS
        )
        ends = ties.group_by(id="value").len()
        ranked = snapshot.nodes(kind).select("id").join(ends, on="id", how="left")
        ids = ranked.sort(pl.col("len").fill_null(0), "id", descending=[True, False])["id"]
        _KEPT[snapshot, kind] = [*ids[:2], *ids[len(ids) // 2 :]][: THINGS + 1]
    return _KEPT[snapshot, kind]


_KEPT: dict[tuple[Snapshot, str], list[str]] = {}


@dataclass
class Timed:
    """An engine that counts what it has spent on texts, in seconds."""

    engine: Engine
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """That of the engine."""
        return self.engine.name

    @property
    def language(self) -> str:
        """That of the engine."""
        return self.engine.language

    def run(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> pl.DataFrame:
        """The rows that the engine gives."""
        start = time.perf_counter()
        rows = self.engine.run(text, parameters, limit=limit, timeout=timeout)
        self.seconds += time.perf_counter() - start
        return rows

    def close(self) -> None:
        """Let go of the engine."""
        self.engine.close()


@dataclass
class Figures:
    """What one question took, each way and each time that it was asked: the seconds of the answer
    that count, and those by the clock; seconds of its texts, embedded and on the server."""

    question: Question
    ways: int = 0
    seconds: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    embedded: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    differ: list[Way] = field(default_factory=list)

    def forget(self) -> None:
        """Count from now on."""
        for noted in (self.seconds, self.clock, self.embedded, self.served):
            noted.clear()

    @property
    def measure(self) -> bool:
        """Whether it is one of `MEASURES`, and Python's."""
        return self.question.group in MEASURES and "cypher" not in self.question.texts


def high(seconds: list[float]) -> float:
    """What 95 in a hundred stay within."""
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def measured(graph: Graph, question: Question, server: Engine | None, rounds: int) -> Figures:
    """Ask a question each way that the graph knows all names of, on either engine by turns."""
    figures = Figures(question)
    listed = ways(question, graph.snapshot)[: FEW if figures.measure else None]
    known = []
    for way in listed:
        with suppress(UnknownName, UsageError):  # it names what this graph does not have
            asked(graph, way, server, figures, 1)
            known.append(way)
    figures.ways = len(known)
    if not figures.measure:
        figures.forget()  # what was asked so far has warmed both
        for way in known:
            asked(graph, way, server, figures, rounds)
    return figures


def asked(graph: Graph, way: Way, server: Engine | None, figures: Figures, rounds: int) -> None:
    """Ask one way so many times of each engine, and note what it took."""
    for _ in range(rounds):
        answer_timed(graph, way, figures)
    if "cypher" in figures.question.texts and server:
        in_turn(graph, way, server, figures, rounds)


def answer_timed(graph: Graph, way: Way, figures: Figures) -> None:
    """Note what an answer takes on the engine that is asked first."""
    start, spent = time.perf_counter(), time.process_time()
    graph.ask(figures.question.name, on=way[1], **way[0])
    clock, spent = time.perf_counter() - start, time.process_time() - spent
    figures.clock.append(clock)
    figures.seconds.append(min(clock, spent))


def in_turn(graph: Graph, way: Way, server: Engine, figures: Figures, rounds: int) -> None:
    """Note what the texts of an answer take on either engine, and whether the answers are the
    same. An engine is asked so many times running: a server still compiles what it has just run,
    and the embedded engine would wait for the processor."""
    found: list[Answer] = []
    for engine, seconds in ((graph.engine(), figures.embedded), (server, figures.served)):
        given = (graph.snapshot, figures.question, *way, engine.name)
        for _ in range(rounds):
            timed = Timed(engine)
            answer = ask({engine.name: timed, "ladybug": timed}.__getitem__, *given)
            seconds.append(timed.seconds)
        found.append(answer)
    here, there = found
    if (here.rows(), here.counts) != (there.rows(), there.counts):
        figures.differ.append(way)


@contextmanager
def england_on(url: str, snapshot: Snapshot) -> Iterator[Engine]:
    """A server that holds a snapshot: the one at `url`, or a new one that takes it in."""
    with ExitStack() as stack:
        if not url:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bulk-")), "files")
            export(snapshot, "neo4j", folder)
            url = stack.enter_context(server(folder))[0].url
        engine = Neo4j(url, password=PASSWORD)
        stack.callback(engine.close)
        yield engine


def told(figures: Figures) -> str:
    """A line of the table, in milliseconds: what half of the answers stay within, what 95 in a
    hundred do, and by the clock; and the medians of the texts on either engine."""
    each = [statistics.median(figures.seconds), high(figures.seconds), high(figures.clock)]
    if figures.served:
        each += [statistics.median(figures.embedded), statistics.median(figures.served)]
    line = "".join(f"{1000 * seconds:9.1f}" for seconds in each)
    return f"{figures.question.name:<32}{figures.ways:5}{line}"


HEADING = f"{'question':<32}{'ways':>5}" + "".join(
    f"{name:>9}" for name in ("p50 ms", "p95 ms", "clock", "Ladybug", "Neo4j")
)


def verdict(figures: list[Figures]) -> bool:
    """Print how many keep within the limits; whether enough do."""
    limited = [each for each in figures if not each.measure]
    quick = [each for each in figures if each.measure and high(each.seconds) <= MOST]
    within = [each for each in limited if high(each.seconds) <= MOST]
    both = [each for each in limited if each.served]
    less = [e for e in both if statistics.median(e.embedded) <= statistics.median(e.served)]
    differ = [each for each in figures if each.differ]
    print(f"p95 under {1000 * MOST:.0f} ms on {len(within)} of {len(limited)}")
    print(f"  and {len(quick)} of {len(figures) - len(limited)} measures, which have no limit")
    for each in limited:
        if each not in within:
            print(f"  {each.question.name}: {1000 * high(each.seconds):.0f} ms")
    print(f"Ladybug at or below Neo4j's time on {len(less)} of {len(both)} texts")
    print(f"equal rows on {len(both) - len(differ)} of {len(both)} texts")
    for each in differ:
        print(f"  {each.question.name} differs: {each.differ[0]}")
    return within == limited and len(less) >= AT_OR_BELOW * len(both) and not differ


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", default="")
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    graph = open_graph(given.store)
    asked = [q for name, q in graph.questions.items() if not given.only or name in given.only]
    print(f"snapshot {graph.snapshot.id}, load {os.getloadavg()[0]:.1f}\n{HEADING}", flush=True)
    figures = []
    with england_on(given.url, graph.snapshot) as neo4j:
        for question in sorted(asked, key=lambda q: ("cypher" not in q.texts, q.group in MEASURES)):
            figures.append(measured(graph, question, neo4j, given.rounds))
            print(told(figures[-1]), flush=True)
    raise SystemExit(not verdict(figures))


if __name__ == "__main__":
    main()
