"""Other programs open what is exported: NetworkX, Gephi Lite's parser, KGX, SQLite."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import networkx as nx
import polars as pl
import pytest
from generated_graphs import AWKWARD, awkward, snapshot_of

from icsgraph.benchmarks.kgx import OFFLINE, environment
from icsgraph.graph.formats.exporting import export
from icsgraph.graph.snapshot import Snapshot

REPOSITORY = Path(__file__).resolve().parents[1]
PARSER = REPOSITORY / "tests" / "formats"
FIT_FOR_XML = [n for n, text in enumerate(AWKWARD) if text.isprintable() and "_x" not in text]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Snapshot:
    """A body for each awkward text, two parallel statements."""
    return snapshot_of(tmp_path_factory.mktemp("small") / "store", [awkward()])


@pytest.fixture
def exported(small, tmp_path):
    """Exports the small graph and gives the path."""

    def to(name: str) -> Path:
        export(small, name, tmp_path / name)
        return tmp_path / name

    return to


def test_networkx_reads_graphml_typed(exported):
    graph = nx.read_graphml(exported("graphml"))
    first, second = graph["icsg:body/0"]["icsg:body/1"].values()
    assert sorted([first.get("count"), second.get("count", 0)]) == [0, 2**63 - 1]
    assert first["source"] == "made@2020-01"
    assert graph.nodes["icsg:body/1"]["is_provider"] is True
    assert graph.nodes["icsg:body/1"]["lon"] == 0.1
    assert json.loads(graph.nodes["icsg:body/2"]["other_names"]) == [AWKWARD[2], "another"]
    texts = {n: graph.nodes[f"icsg:body/{n}"].get("note", "") for n in FIT_FOR_XML}
    assert texts == {n: AWKWARD[n] for n in FIT_FOR_XML}


def test_networkx_reads_gexf_with_dates(exported):
    graph = nx.read_gexf(exported("gexf"))
    assert graph.number_of_edges("icsg:body/0", "icsg:body/1") == 2
    assert graph.nodes["icsg:body/0"]["start"] == "2020-01-01"
    assert "end" not in graph.nodes["icsg:body/0"]
    # The first day on which it no longer held is 1 January: GEXF has the last on which it did.
    assert graph.nodes["icsg:body/1"]["end"] == "2021-12-31"
    assert "start" not in graph.nodes["icsg:body/1"]
    assert graph.nodes["icsg:body/1"]["start_latest"] == "2020-12-31"


def test_networkx_reads_node_link_json(exported):
    whole = json.loads(exported("json").read_text("utf-8"))
    graph = nx.node_link_graph(whole, edges="edges")
    assert graph.is_directed() and graph.is_multigraph()
    edges = graph["icsg:body/0"]["icsg:body/1"]
    assert {edge["source_"] for edge in edges.values()} == {"made@2020-01"}
    notes = [graph.nodes[f"icsg:body/{number}"]["note"] for number in range(len(AWKWARD))]
    assert notes == list(AWKWARD)


@pytest.fixture(scope="module")
def parser() -> list[str]:
    """The command that runs Gephi Lite's parser of GEXF, which npm brings. A machine without node
    skips."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node and npm for Gephi Lite's parser: apt-get install --yes npm")
    if not (PARSER / "node_modules" / ".package-lock.json").is_file():
        npm = [shutil.which("npm") or "npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"]
        subprocess.run(npm, cwd=PARSER, check=True)
    return [shutil.which("node") or "node", str(PARSER / "parse.mjs")]


def parsed(parser: list[str], file: Path) -> dict:
    ran = subprocess.run([*parser, file], capture_output=True, encoding="utf-8", check=True)
    return json.loads(ran.stdout)


def test_the_parser_of_gephi_lite_reads_awkward_texts(parser, exported):
    graph = parsed(parser, exported("gexf"))
    assert (graph["type"], graph["multi"]) == ("directed", True)
    assert {n: graph["nodes"][f"icsg:body/{n}"]["note"] for n in FIT_FOR_XML} == {
        n: AWKWARD[n] for n in FIT_FOR_XML
    }
    first, _second = graph["edges"].values()
    assert first["attributes"]["kind"] == "TREATS_RESIDENTS_OF"
    assert first["attributes"]["source_"] == "made@2020-01"
    assert (first["source"], first["target"]) == ("icsg:body/0", "icsg:body/1")


def test_the_parser_of_gephi_lite_reads_all_of_the_evidence(parser, sample, tmp_path):
    export(sample.snapshot, "gexf", tmp_path / "evidence.gexf")
    graph = parsed(parser, tmp_path / "evidence.gexf")
    network = sample.networkx()
    assert set(graph["nodes"]) == set(network.nodes)
    ends = {key: (edge["source"], edge["target"]) for key, edge in graph["edges"].items()}
    assert ends == {key: (start, end) for start, end, key in network.edges(keys=True)}


READ = f"""
{OFFLINE}
for ending in ("tsv", "jsonl"):
    records = {{"nodes": {{}}, "edges": {{}}}}
    def hear(what, record):
        records["nodes" if len(record) == 2 else "edges"][record[-1]["id"]] = record[-1]
    given = {{"filename": [f"{{sys.argv[1]}}/{{part}}.{{ending}}" for part in records]}}
    out = {{"format": "null"}}
    Transformer(stream=True).transform({{**given, "format": ending}}, out, inspector=hear)
    print(json.dumps(records))
"""


@pytest.fixture(scope="module")
def kgx() -> str:
    """The Python of an environment with KGX, which uv brings once. A machine without a network
    skips."""
    try:
        return str(environment(REPOSITORY / ".venv" / "kgx-2.7"))
    except subprocess.CalledProcessError:
        pytest.skip("no KGX: uv pip install 'kgx==2.7.*' did not succeed, see above")


def test_kgx_reads_what_is_exported(kgx, sample, tmp_path):
    for name in ("kgx", "kgx-jsonl"):
        export(sample.snapshot, name, tmp_path / name)
    for file in (tmp_path / "kgx-jsonl").glob("*.jsonl"):
        file.rename(tmp_path / "kgx" / file.name)
    command = [kgx, "-c", READ, str(tmp_path / "kgx")]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    network = sample.networkx()
    for records in map(json.loads, ran.stdout.splitlines()[-2:]):
        assert set(records["nodes"]) == set(network.nodes)
        assert set(records["edges"]) == {key for _, _, key in network.edges(keys=True)}
        system = records["nodes"]["ods:QMF"]
        assert (system["name"], system["category"]) == ("North East London", ["biolink:Agent"])
        assert system["synonym"] == ["East London Health and Care Partnership"]
        edge = next(e for e in records["edges"].values() if e["kind"] == "PART_OF")
        told = (edge["predicate"], edge["knowledge_level"])
        assert told == ("biolink:part_of", "knowledge_assertion")


def test_sql_asks_a_database(sample, tmp_path):
    export(sample.snapshot, "sqlite", tmp_path / "evidence.sqlite")
    with closing(sqlite3.connect(tmp_path / "evidence.sqlite")) as database:
        (named,) = database.execute(
            "SELECT name FROM System, json_each(other_names) "
            "WHERE json_each.value = 'East London Health and Care Partnership'"
        ).fetchall()
        assert named == ("North East London",)
        things = database.execute("SELECT count(*) FROM things").fetchone()
        statements = database.execute("SELECT count(*) FROM statements").fetchone()
        meaning = database.execute(
            "SELECT meaning FROM icsgraph_columns WHERE table_name = 'System' "
            "AND column_name = 'statutory_from'"
        ).fetchone()
    network = sample.networkx()
    assert (*things, *statements) == (network.number_of_nodes(), network.number_of_edges())
    assert meaning == ("Day on which its integrated care board was established.",)


def test_kumu_gets_names_kinds_and_both_ends(sample, tmp_path):
    export(sample.snapshot, "kumu", tmp_path / "kumu")
    elements = pl.read_csv(tmp_path / "kumu" / "elements.csv")
    connections = pl.read_csv(tmp_path / "kumu" / "connections.csv")
    assert elements.columns[:3] == ["ID", "Label", "Type"]
    assert connections.columns[:3] == ["ID", "From", "To"]
    row = elements.row(by_predicate=pl.col("ID") == "ods:QMF", named=True)
    assert (row["Label"], row["Type"], row["Region"]) == ("North East London", "System", "London")
    ends = pl.concat([connections["From"], connections["To"]])
    assert ends.is_in(elements["ID"].implode()).all()
    assert elements["ID"].is_unique().all() and connections["ID"].is_unique().all()


def test_no_cell_of_kumu_is_a_formula(exported):
    elements = pl.read_csv(exported("kumu") / "elements.csv", infer_schema=False)
    told = dict(elements.select("ID", "Description").rows())
    notes = {text: told[f"icsg:body/{number}"] for number, text in enumerate(AWKWARD)}
    assert (notes["=SUM(A1)"], notes["@cell"]) == ("'=SUM(A1)", "'@cell")
    assert (notes["-1"], notes["a|b;c,d"]) == ("-1", "a|b;c,d")
