"""Graphs that other programs wrote, with our kinds: read right, or refused with the reason."""

import networkx as nx
import pytest

from icsgraph.graph.formats.importing import import_file, read_file
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import DataError, FileFault

YED = """\
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key for="port" id="d1" yfiles.type="portgraphics"/>
  <key attr.name="kind" attr.type="string" for="node" id="d4"><default>Organisation</default></key>
  <key for="node" id="d6" yfiles.type="nodegraphics"/>
  <key attr.name="kind" attr.type="string" for="edge" id="d9"/>
  <key attr.name="source" attr.type="string" for="edge" id="d10"/>
  <key attr.name="knowledge_level" for="edge" id="d11"><default>survey</default></key>
  <graph edgedefault="directed" id="G">
    <node id="ods:R1H">
      <data key="d6"><y:ShapeNode><y:NodeLabel>Barts</y:NodeLabel></y:ShapeNode></data>
    </node>
    <node id="ods:QMF"><data key="d4">System</data></node>
    <edge source="ods:R1H" target="ods:QMF">
      <data key="d9">LOCATED_IN</data><data key="d10">mine@2026</data>
    </edge>
    <edge source="ods:R1H" target="ods:QMF">
      <data key="d9">LOCATED_IN</data><data key="d10">mine@2026</data>
    </edge>
  </graph>
</graphml>
"""
GEPHI = """\
<gexf xmlns="http://gexf.net/1.3" version="1.3" xmlns:viz="http://gexf.net/1.3/viz">
  <meta lastmodifieddate="2026-01-01"><creator>Gephi 0.10.1</creator></meta>
  <graph defaultedgetype="directed" mode="dynamic" timeformat="date">
    <attributes class="node" mode="static">
      <attribute id="0" title="kind" type="string"><default>Organisation</default></attribute>
    </attributes>
    <attributes class="node" mode="dynamic">
      <attribute id="beds" title="beds" type="integer"/>
    </attributes>
    <attributes class="edge" mode="static">
      <attribute id="0" title="kind" type="string"/>
      <attribute id="1" title="source_" type="string"/>
      <attribute id="2" title="knowledge_level" type="string"/>
    </attributes>
    <nodes count="2">
      <node id="ods:R1H" label="Barts">
        <attvalues><attvalue for="beds" value="10" start="2020-01-01"/></attvalues>
        <spells><spell start="2020-01-01"/></spells>
        <viz:size value="10.0"/><viz:position x="1" y="2" z="0"/><viz:color r="1" g="2" b="3"/>
      </node>
      <node id="ods:QMF" ><attvalues><attvalue for="0" value="System"/></attvalues></node>
    </nodes>
    <edges count="1">
      <edge id="7" source="ods:R1H" target="ods:QMF" weight="2.0"><attvalues>
        <attvalue for="0" value="LOCATED_IN"/><attvalue for="1" value="mine@2026"/>
        <attvalue for="2" value="survey"/>
      </attvalues></edge>
    </edges>
  </graph>
</gexf>
"""
NODES = "id\tcategory\tname\tkind\tdeprecated\n"
EDGES = "id\tsubject\tpredicate\tobject\trelation\tkind\tsource\thow_known\n"
TURTLE = """\
@prefix it: <https://w3id.org/icsgraph/ontology#> .
@prefix body: <https://directory.spineservices.nhs.uk/STU3/Organization/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
body:R1H a it:Organisation ; rdfs:label "Barts"@en ; foaf:based_near [ foaf:name "Whitechapel" ] .
"""


def test_graphml_of_yed_has_defaults_and_edges_without_ids(tmp_path):
    (tmp_path / "yed.graphml").write_text(YED, "utf-8")
    store = Store(tmp_path / "store")
    _, notes = import_file(store, "graphml", tmp_path / "yed.graphml")
    assert notes[1:] == (
        "2 edges without an id have one of their ends, kind and source.",
        "Attributes that no column takes were passed over: d6 (1).",
    )
    assert store.current().nodes("Organisation")["id"].to_list() == ["ods:R1H"]
    ties = store.current().relationships("LOCATED_IN")
    assert ties["knowledge_level"].to_list() == ["survey", "survey"]
    assert ties["id"].n_unique() == 2
    again = Store(tmp_path / "again")
    import_file(again, "graphml", tmp_path / "yed.graphml")
    assert again.current().id == store.current().id


def test_gexf_of_gephi_has_defaults_drawing_and_values_with_times(tmp_path):
    (tmp_path / "gephi.gexf").write_text(GEPHI, "utf-8")
    held = read_file("gexf", tmp_path / "gephi.gexf")
    assert held.nodes["Organisation"]["id"].to_list() == ["ods:R1H"]
    assert held.nodes["System"]["id"].to_list() == ["ods:QMF"]
    told = held.relationships["LOCATED_IN"].select("id", "subject", "object", "source").row(0)
    assert told == ("7", "ods:R1H", "ods:QMF", "mine@2026")
    assert held.notes[-1] == "Attributes that no column takes were passed over: beds (1)."


@pytest.mark.parametrize("truth", ["True", "1", "TRUE"])
def test_truth_values_are_read_as_programs_write_them(truth, tmp_path):
    graph = nx.DiGraph()
    graph.add_node("ods:R1H", kind="Organisation", is_provider=truth)
    graph.add_edge("ods:R1H", "ods:R1H", kind="SUCCEEDED_BY", source="mine@2026")
    nx.write_graphml(graph, tmp_path / "own.graphml")
    held = read_file("graphml", tmp_path / "own.graphml")
    assert held.nodes["Organisation"]["is_provider"].to_list() == [True]
    assert held.relationships["SUCCEEDED_BY"]["id"].null_count() == 0


def test_kgx_of_another_program_may_have_fewer_columns_and_more(tmp_path):
    rows = "ods:R1H\tbiolink:Agent\tBarts\tOrganisation\tFalse\nods:QMF\t\t\tSystem\t\n"
    tie = "urn:1\tods:R1H\tbiolink:located_in\tods:QMF\tRO:1\tLOCATED_IN\tmine@2026\tsurvey\n"
    (tmp_path / "nodes.tsv").write_text(NODES + rows, "utf-8")
    (tmp_path / "edges.tsv").write_text(EDGES + tie, "utf-8")
    held = read_file("kgx", tmp_path)
    assert held.nodes["Organisation"].select("name", "other_names").row(0) == ("Barts", [])
    assert held.relationships["LOCATED_IN"]["source"].to_list() == ["mine@2026"]
    passed_over = [note for note in held.notes if note.startswith("Columns")]
    assert passed_over == [
        "Columns that no kind has were passed over: deprecated.",
        "Columns that no kind has were passed over: relation.",
    ]


def test_turtle_with_other_prefixes_and_blank_nodes(tmp_path):
    file = tmp_path / "own.ttl"
    file.write_text(TURTLE, "utf-8")
    held = read_file("turtle", file)
    assert held.nodes["Organisation"].select("id", "name").row(0) == ("ods:R1H", "Barts")
    file.write_text(TURTLE + '[] a it:System ; rdfs:label "NEL" .\n', "utf-8")
    with pytest.raises(DataError, match='System _:.*, column id: "_:.*" is no identifier'):
        import_file(Store(tmp_path / "store"), "turtle", file)
    assert not (tmp_path / "store").exists()


def test_csv_that_excel_saved(tmp_path):
    (tmp_path / "nodes").mkdir()
    file = tmp_path / "nodes" / "Organisation.csv"
    row = 'ods:R1H,Organisation,Barts,TRUE,"[""x@2020""]"'
    file.write_bytes(f"\ufeffid,kind,name,is_provider,sources\r\n{row}\r\n".encode())
    held = read_file("csv", tmp_path).nodes["Organisation"].to_dicts()[0]
    told = {name: value for name, value in held.items() if value not in (None, [])}
    assert told == {
        "id": "ods:R1H",
        "kind": "Organisation",
        "name": "Barts",
        "is_provider": True,
        "sources": ["x@2020"],
    }
    file.write_text("id;kind\r\nods:R1H;Organisation\r\n", "utf-8")
    with pytest.raises(FileFault, match="row 1: its columns stand between semicolons"):
        read_file("csv", tmp_path)
