"""SPARQL on a snapshot: rows as the tables have them, parameters, refusals, limits, views."""

import polars as pl
import pytest

from icsgraph.graph.oxigraph import Oxigraph, store_name
from icsgraph.graph.sparql_text import Iri
from icsgraph.graph.views import on_day
from icsgraph.ontology.errors import QueryError, UnknownName, UsageError
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.ontology.terms import class_term, predicate_term


@pytest.fixture(scope="module")
def engine(sample):
    opened = Oxigraph(sample.snapshot)
    yield opened
    opened.close()


def test_a_row_is_what_the_tables_have(engine, sample):
    rows = engine.run(
        """
        SELECT ?id ?subject ?object ?start_earliest ?date_text ?source ?stage {
          ?id a icsgo:AdoptedStatement ; icsgo:subject ?subject ; icsgo:object ?object ;
              prov:wasDerivedFrom/skos:notation ?source .
          OPTIONAL { ?id icsgo:startEarliest ?start_earliest ; icsgo:dateText ?date_text }
          OPTIONAL { ?id icsgo:uptakeStage ?stage }
        } ORDER BY ?id
        """
    )
    table = sample.relationships("ADOPTED").sort("id").select(rows.columns)
    assert rows.equals(table)
    assert rows.height == 57


@pytest.mark.parametrize("kind", NODE_KINDS)
def test_every_thing_is_there(engine, sample, kind):
    text = f"SELECT ?it {{ ?it a {class_term(kind)} }}"
    assert sorted(engine.run(text)["it"]) == sample.nodes(kind)["id"].sort().to_list()


@pytest.mark.parametrize("kind", RELATIONSHIP_KINDS)
def test_every_relationship_is_a_statement_and_a_triple(engine, sample, kind):
    table = sample.relationships(kind)
    stated = engine.run(f"SELECT (COUNT(*) AS ?n) {{ ?s a {class_term(kind)} }}")
    assert stated["n"].to_list() == [table.height]
    joined = engine.run(f"SELECT ?subject ?object {{ ?subject {predicate_term(kind)} ?object }}")
    assert set(joined.rows()) == set(table.select("subject", "object").rows())
    assert joined.height == table.select("subject", "object").n_unique()


def test_columns_have_types(engine):
    rows = engine.run(
        """
        SELECT (COUNT(*) AS ?count) (AVG(?lat) AS ?mean) (COUNT(*) > 1 AS ?several)
               (MAX(?from) AS ?last) (1 + 0.5 AS ?sum) (1 / 0 AS ?none)
        { ?system wgs:lat ?lat ; icsgo:statutoryFrom ?from }
        """
    )
    types = [pl.Int64(), pl.Float64(), pl.Boolean(), pl.String(), pl.Float64(), pl.String()]
    assert rows.dtypes == types
    assert rows.row(0)[0] == 48
    assert rows["last"].to_list() == ["2026-04-01"]


def test_no_rows_give_the_columns(engine):
    rows = engine.run("SELECT ?a ?b { ?a icsgo:nothingOfTheKind ?b }")
    assert (rows.columns, rows.height) == (["a", "b"], 0)


def test_the_other_forms_of_a_query(engine):
    assert engine.run("ASK { ?x a icsgo:System }").rows() == [(True,)]
    described = engine.run('DESCRIBE ?it { ?it dcterms:identifier "ods:QE1" }')
    assert ("ods:QE1", "rdfs:label", "Lancashire and South Cumbria") in described.rows()
    made = engine.run("CONSTRUCT { ?x rdfs:label ?l } { ?x a icsgo:Review ; rdfs:label ?l }")
    assert (made.columns, made.height) == (["subject", "predicate", "object"], 5)


def test_a_relative_iri_is_one_of_our_things(engine):
    rows = engine.run("SELECT ?name { <innovation/oximetry-at-home> rdfs:label ?name }")
    assert rows.height == 1


def test_the_standard_words_are_reached_through_the_ontology(engine, sample):
    rows = engine.run(
        "SELECT DISTINCT ?a ?b { ?p rdfs:subPropertyOf org:memberOf . ?a ?p ?b } ORDER BY ?a ?b"
    )
    assert set(rows.rows()) == set(
        sample.relationships("MEMBER_OF").select("subject", "object").rows()
    )
    members = engine.run("SELECT ?m { ?m a org:Membership ; org:organization ?system }")
    assert members.height == 37


# Parameters


@pytest.mark.parametrize(
    ("clause", "values", "count"),
    [
        ("?s a icsgo:System FILTER (?s = $system)", {"system": Iri("ods:QE1")}, 1),
        ("?s a icsgo:System FILTER ($any = '' || ?s = $any)", {"any": Iri("")}, 48),
        ("?s a icsgo:System FILTER ($any = '' || ?s = $any)", {"any": Iri("ods:QE1")}, 1),
        ("?s a icsgo:System { SELECT ?s { ?s dcterms:identifier $id } }", {"id": "ods:QE1"}, 1),
        ("?s a icsgo:System ; dcterms:identifier ?i FILTER (?i IN ($ids))",
         {"ids": ["ods:QE1", "ods:QF7"]}, 2),
        ("VALUES ?i { $ids } ?s dcterms:identifier ?i", {"ids": ["ods:QE1", "ods:QF7"]}, 2),
        ("?s a icsgo:Review ; icsgo:phase ?n FILTER (?n >= $least)", {"least": 4}, 2),
        ("?s wgs:lat ?n FILTER (?n > $least && ?n > -$least)", {"least": 54.5}, 1),
        ("?s a icsgo:Source ; icsgo:textCut ?cut FILTER (?cut = $cut)", {"cut": True}, 104),
        ("?s a icsgo:System FILTER ('$x' != $x) # $x\n", {"x": 'quote " \\ \n $x'}, 48),
    ],
)  # fmt: skip
def test_values_stand_where_their_names_do(engine, clause, values, count):
    assert engine.run(f"SELECT DISTINCT ?s {{ {clause} }}", values).height == count


def test_a_value_cannot_become_part_of_the_query(engine):
    hostile = '" } ; DELETE WHERE { ?s ?p ?o } #'
    rows = engine.run("SELECT ?v { BIND ($v AS ?v) }", {"v": hostile})
    assert rows["v"].to_list() == [hostile]
    assert engine.run("ASK { ?x icsgo:adopted $x }", {"x": Iri("icsg:x/> } #")}).rows() == [
        (False,)
    ]


def test_values_and_names_must_match(engine):
    with pytest.raises(UnknownName) as raised:
        engine.run("SELECT ?s { ?s rdfs:label $label }", {"lable": "Essex"})
    assert raised.value.nearest == ["label"]
    with pytest.raises(UsageError, match="has no value"):
        engine.run("SELECT ?s { ?s rdfs:label $label }")


# Refusals and limits


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DELETE WHERE { ?s ?p ?o }", "DELETE is not allowed"),
        ("SELECT * { SERVICE SILENT <http://localhost/> { ?s ?p ?o } }", "SERVICE is not allowed"),
        ("LOAD <http://localhost/>", "LOAD is not allowed"),
        ("SELECT ?x { ?x a none:Such }", ": Prefix not found"),
        ("SELECT ?z { ?x a ?y } GROUP BY ?x", ": The SELECT contains a variable that is unbound"),
        ("SELECT ?x { ?x a icsgo:System", "line 1, column"),
        ("", "line 1, column 1"),
        ("SELECT ?x { ?x a icsgo:System FILTER (<http://example.org/f>(?x)) }", "not supported"),
    ],
)
def test_what_is_no_query_is_refused_with_the_engine_s_words(engine, text, said):
    with pytest.raises(QueryError, match=said):
        engine.run(text)


def test_the_place_of_a_mistake_is_marked_in_the_text_as_it_was_given(engine):
    text = "SELECT ?s {\n  ?s dcterms:identifier $id FILTR (?s) }"
    with pytest.raises(QueryError) as raised:
        engine.run(text, {"id": "a much longer text than its name"})
    line, mark = raised.value.hint.splitlines()
    assert line == "  ?s dcterms:identifier $id FILTR (?s) }"
    assert line.index("FILTR") == mark.index("^")


@pytest.mark.parametrize("form", ["SELECT ?s ?p ?o", "CONSTRUCT { ?s ?p ?o }"])
def test_a_limit_stops_reading(engine, form):
    assert engine.run(f"{form} WHERE {{ ?s ?p ?o }}", limit=7).height == 7


def test_a_query_that_takes_too_long_is_ended(engine):
    with pytest.raises(QueryError, match="took longer than 0.5 seconds"):
        engine.run("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", timeout=0.5)


def test_with_a_time_limit_answers_and_refusals_are_the_same(engine):
    text = "SELECT ?s ?n (3 AS ?three) (1 / 0 AS ?none) { ?s a icsgo:System ; rdfs:label ?n }"
    assert engine.run(text, timeout=60).equals(engine.run(text))
    with pytest.raises(QueryError, match="line 1, column"):
        engine.run("SELECT ?x {", timeout=60)


# The store beside the snapshot


def test_it_is_kept_beside_the_snapshot_and_opened_again(engine, sample):
    folder = sample.snapshot.folder.parents[1] / "engines" / sample.snapshot.id / store_name()
    assert folder.is_dir()
    again = Oxigraph(sample.snapshot)
    assert again.run("ASK { ?x a icsgo:System }").rows() == [(True,)]
    again.close()
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []


def test_a_view_has_a_store_of_its_own(sample):
    view = on_day(sample.snapshot, "2021-06-30")
    engine = Oxigraph(view)
    rows = engine.run("SELECT ?s { ?s a icsgo:System } ORDER BY ?s")
    assert rows["s"].to_list() == view.nodes("System")["id"].to_list()
    assert rows.height < 48
    engine.close()
