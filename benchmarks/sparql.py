"""How long SPARQL takes on England: the store's build and opening, and each text against rdflib.

    python benchmarks/sparql.py STORE [--rounds 3] [--builds 3] [--build 60] [--open 0.2]

The build of the store of triples, and its opening, run each in a process of its own. The texts are
asked of Oxigraph and of rdflib on the same triples, and must give the same rows. rdflib would need
many gigabytes and minutes for all of England, so there the graph is a slice: `SLICE`, with every
thing at an end. Both run in this one process, so what a text costs is its processor time, which
other programs do not change; the limit is on each text's ratio. Of the rounds the
median counts. Writes nothing but a temporary folder and the engines of the store; exit code 1 if
rows differ or a figure is over its limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import rdflib

from icsgraph.benchmarks.england import measured
from icsgraph.graph.in_rdflib import rdflib_graph
from icsgraph.graph.oxigraph import PREFIXES, Oxigraph
from icsgraph.graph.rdf_terms import identifier_of
from icsgraph.graph.selection import of_kinds
from icsgraph.graph.sparql_text import Iri, with_values
from icsgraph.graph.store import Store
from icsgraph.ontology.generate import derived

SLICE = ("ADOPTED", "FACED", "PART_OF", "SUCCEEDED_BY")

TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "adoptions of a system": (
        """
        SELECT ?innovation ?start ?source {
          ?it a icsgo:AdoptedStatement ; icsgo:subject $system .
          ?it icsgo:object ?innovation ; prov:wasDerivedFrom/skos:notation ?source .
          OPTIONAL { ?it icsgo:startEarliest ?start }
        } ORDER BY ?innovation ?start ?source""",
        {"system": Iri("ods:QE1")},
    ),
    "adopters of each innovation": (
        """
        SELECT ?innovation (COUNT(DISTINCT ?who) AS ?adopters) { ?who icsgo:adopted ?innovation }
        GROUP BY ?innovation ORDER BY DESC(?adopters) ?innovation""",
        {},
    ),
    "adoptions by year": (
        """
        SELECT ?year (COUNT(*) AS ?adoptions) {
          ?it a icsgo:AdoptedStatement { SELECT ?it ?day { ?it icsgo:startLatest ?day } }
          BIND (YEAR(?day) AS ?year)
        } GROUP BY ?year ORDER BY ?year""",
        {},
    ),
    "what adopters are part of": (
        """
        SELECT ?whole (COUNT(DISTINCT ?who) AS ?adopters) {
          ?who icsgo:partOf ?whole { SELECT ?who { ?who icsgo:adopted ?innovation } }
        } GROUP BY ?whole ORDER BY DESC(?adopters) ?whole""",
        {},
    ),
    "what became of bodies, at any distance": (
        """
        SELECT ?old ?new { ?old a icsgo:System ; icsgo:succeededBy+ ?new } ORDER BY ?old ?new""",
        {},
    ),
    "barriers met by systems that share an innovation": (
        """
        SELECT ?one ?other ?barrier {
          ?one a icsgo:System ; icsgo:faced ?barrier ; icsgo:adopted ?innovation .
          ?other icsgo:faced ?barrier ; a icsgo:System ; icsgo:adopted ?innovation
          FILTER (STR(?one) < STR(?other))
        } ORDER BY ?one ?other ?barrier""",
        {},
    ),
    "how a class of statements is known": (
        """
        SELECT ?level ?statements {
          { SELECT ?known (COUNT(*) AS ?statements) {
              ?class rdfs:subClassOf icsgo:Statement . ?it a ?class
              { SELECT ?it ?known { ?it icsgo:knowledgeLevel ?known } }
            } GROUP BY ?known }
          ?known skos:notation ?level
        } ORDER BY ?level""",
        {},
    ),
}
"""What is asked: a lookup with dates and source, counts, joins, a path, the ontology."""

BUILD = """
import json
from pathlib import Path
from icsgraph.graph.oxigraph import build_store
from icsgraph.graph.store import Store
snapshot = Store(sys.argv[1]).current()
start, cpu = time.perf_counter(), time.process_time()
build_store(snapshot, Path(sys.argv[2]))
print(json.dumps(SPENT(start, cpu)))
"""

OPEN = """
import json
from icsgraph.graph.oxigraph import Oxigraph
from icsgraph.graph.store import Store
snapshot = Store(sys.argv[1]).current()
start, cpu = time.perf_counter(), time.process_time()
Oxigraph(snapshot).close()
print(json.dumps(SPENT(start, cpu)))
"""


def building(store: str, rounds: int) -> float:
    """Print what each build takes; the median of the seconds."""
    taken = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            spent = measured(BUILD, store, str(Path(folder, "store")))
        busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        print(
            f"build {spent['seconds']:.1f} s ({spent['cpu']:.1f} of processor{busy}), "
            f"{spent.get('peak_mb', 0):,.0f} MB at most",
            flush=True,
        )
        taken.append(spent["seconds"])
    return statistics.median(taken)


def opening(store: str, rounds: int) -> float:
    """Print what opening takes once the store is there; the median of the seconds."""
    Oxigraph(Store(store).current()).close()
    seconds = statistics.median(measured(OPEN, store)["seconds"] for _ in range(rounds))
    print(f"opening {seconds:.3f} s", flush=True)
    return seconds


def plain(term: Any) -> Any:
    """What our frames have for a term of rdflib."""
    if isinstance(term, rdflib.URIRef):
        return identifier_of(str(term))
    value = term.toPython() if term is not None else None
    return value if isinstance(value, int | float | bool | None) else str(value)


def spent_on(ask: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """The median of the processor seconds that an answer takes when warm, and the answer."""
    answer, taken = ask(), []
    for _ in range(rounds):
        start = time.process_time()
        answer = ask()
        taken.append(time.process_time() - start)
    return statistics.median(taken), answer


def _rows(graph: rdflib.Graph, query: str) -> list[Any]:
    return list(graph.query(query, initNs=dict(PREFIXES)))


def compared(store: str, rounds: int) -> list[float]:
    """Print each text's time in both, on the slice; how many times rdflib's is Oxigraph's."""
    view = of_kinds(Store(store).current(), SLICE)
    engine = Oxigraph(view)
    start = time.perf_counter()
    graph = rdflib_graph(view).parse(data=derived("owl"), format="turtle")
    print(
        f"the slice: {len(graph):,} triples, read by rdflib in {time.perf_counter() - start:.1f} s"
    )
    ratios = []
    for name, (text, values) in TEXTS.items():
        query = with_values(text, values)
        ours, frame = spent_on(partial(engine.run, text, values), rounds)
        theirs, rows = spent_on(partial(_rows, graph, query), rounds)
        if frame.rows() != [tuple(map(plain, row)) for row in rows]:
            raise SystemExit(f"{name}: the two answer differently")
        ratios.append(theirs / ours)
        print(
            f"{name}: {frame.height:,} rows, Oxigraph {ours * 1000:,.1f} ms, "
            f"rdflib {theirs * 1000:,.0f} ms, {ratios[-1]:,.1f} times",
            flush=True,
        )
    return ratios


def main() -> None:
    """Measure, compare, and say what is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--builds", type=int, default=3, help="how often the store is built")
    parser.add_argument("--build", type=float, default=60, help="seconds that a build may take")
    parser.add_argument("--open", type=float, default=0.2, help="seconds that opening may take")
    parser.add_argument("--times", type=float, default=5, help="how much slower rdflib must be")
    given = parser.parse_args()
    over = []
    if building(given.store, given.builds) > given.build:
        over.append(f"the build takes longer than {given.build:g} s")
    if opening(given.store, given.rounds) > given.open:
        over.append(f"opening takes longer than {given.open:g} s")
    ratios = compared(given.store, given.rounds)
    print(f"rdflib takes {statistics.geometric_mean(ratios):.1f} times as long (geometric mean)")
    if min(ratios) < given.times:
        over.append(f"a text is less than {given.times:g} times as fast as in rdflib")
    if over:
        raise SystemExit("; ".join(over))


if __name__ == "__main__":
    main()
