"""The catalogue: what a question file may say, and that every question keeps what it declares."""

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from icsgraph.ontology.errors import QuestionFault, UnknownName, UsageError
from icsgraph.ontology.relationships import TIES, Flow, relationship_kind
from icsgraph.queries.answer import Answer
from icsgraph.queries.ask import POLARS_TYPES
from icsgraph.queries.catalogue import (
    Example,
    Question,
    read_catalogue,
    read_catalogues,
    read_question,
)
from icsgraph.queries.skeleton import skeleton
from icsgraph.session import Graph

Ask = Callable[[str, Example], Answer]

QUESTION = """\
question = "How many findings has each topic?"
group = "Tests"
caveats = ["Of {findings} findings."]

[parameters.level]
definition = "Only findings of this level."
vocabulary = "level"
default = ""

[columns.topic]
definition = "The topic."
vocabulary = "topic"

[columns.findings]
definition = "How many."
type = "integer"
unit = "findings"

[texts]
cypher = '''
MATCH (f:Finding)-[:ABOUT]->(b:Barrier)
WHERE $level = '' OR f.level = $level
RETURN f.topic AS topic, count(DISTINCT f.id) AS findings
ORDER BY topic
'''

[[examples]]
parameters = { level = "region" }
rows = []
"""

FAULTS = [
    ('group = "Tests"', "group = ", 2, "it is no TOML"),
    ("(f:Finding)", "(f:Findings)", 21, 'There is no kind in the ontology "Findings"'),
    ("[:ABOUT]", "[:ABOUT|CONCERN]", 21, 'There is no kind in the ontology "CONCERN"'),
    ("AS findings\n", "AS found\n", 23, "returns topic, found; the columns are topic, findings"),
    ("ORDER BY topic\n", "", 23, "has no ORDER BY at its end"),
    ("f.level = $level", "f.level = $width", 22, "width is not both a parameter and used"),
    ("$level = '' OR f.level = $level", "true", 5, "level is not both a parameter and used"),
    ('vocabulary = "level"', 'vocabulary = "levels"', 7, 'There is no vocabulary "levels"'),
    ('vocabulary = "topic"', 'vocabulary = "topics"', 12, 'There is no vocabulary "topics"'),
    ('vocabulary = "level"', 'values = "Finding.width"', 7, 'no column of Finding "width"'),
    ('vocabulary = "level"', 'node = ["Place"]', 7, 'There is no node kind "Place"'),
    ('vocabulary = "level"', 'vocabulary = "level"\nchoices = ["a"]', 5, "more than one of"),
    ('type = "integer"', 'type = "count"', 16, "columns.findings.type"),
    ("cypher = '''", "python = 'topics'\ncypher = '''", 20, "not of the form module:function"),
    ("cypher = '''", "python = 'os:system'\ncypher = '''", 20, "no module that answers"),
    ("cypher = '''", "python = 'changes:change'\ncypher = '''", 20, "no function in changes"),
    ("cypher = '''", "python = 'ask:_rows'\ncypher = '''", 20, "of the form module:function"),
    ('unit = "findings"', 'units = "findings"', 17, "columns.findings.units"),
    ("{findings}", "{records}", 3, "records is named in braces, and nothing counts it"),
    ('{ level = "region" }', "{ width = 1 }", 28, "an example sets width, which is no parameter"),
    ("rows = []", 'store = "england"\nrows = []', 29, "examples.0.store"),
    ("rows = []", 'rows = [["Cancer care"]]', 29, "a row that is not 2 columns wide"),
    ('group = "Tests"', 'group = "Tests"\nshared = ["colour"]', 3, 'no shared parameter "colour"'),
    (
        'unit = "findings"',
        'only_with = "width"',
        17,
        "comes only with width, which is no parameter",
    ),
    ('group = "Tests"', 'group = "Tests"\nband = { by = ["topic"] }', 3, "a band needs the shared"),
]


IN_SPARQL = """\
sparql = '''
PREFIX own: <https://example.org/own#>
# ORDER BY and ?nothing in a comment: no order, no column
SELECT ?topic (COUNT(DISTINCT ?finding) AS ?findings) WHERE {
  ?finding a icsgo:Finding ; icsgo:topic/skos:notation ?topic ; icsgo:level ?of .
  OPTIONAL { ?finding own:note "ORDER BY" }
  FILTER ($level = "" || EXISTS { ?of skos:notation $level })
  { SELECT ?finding WHERE { ?finding dcterms:identifier ?id } ORDER BY ?id }
}
GROUP BY ?topic
ORDER BY ?topic
'''
"""
WITH_SPARQL = QUESTION.replace("[texts]\n", f"[texts]\n{IN_SPARQL}")

SPARQL_FAULTS = [
    ("AS ?findings)", "AS ?found)", 23, "sparql text returns topic, found; the columns are topic,"),
    ("SELECT ?topic (C", "SELECT (C", 23, "the sparql text returns findings; the columns are"),
    ("SELECT ?topic (COUNT(DISTINCT ?finding) AS ?findings)", "SELECT *", 23, "returns *;"),
    ("GROUP BY ?topic\nORDER BY ?topic\n", "", 23, "the sparql text has no ORDER BY at its end"),
    ("notation $level", "notation $width", 26, "width is not both a parameter and used in"),
    ('$level = ""', "?on = $on", 26, "uses $on and declares no column certainty"),
    ("a icsgo:Finding", "a icsgo:Findng", 24, 'no term in the ontology "icsgo:Findng"'),
    ("icsgo:topic/", "icsgo:topics/", 24, 'no term in the ontology "icsgo:topics"'),
    ("own:note", "mine:note", 25, 'There is no prefix "mine"'),
    ("skos:notation ?topic", "scos:notation ?topic", 24, 'There is no prefix "scos"'),
]


@pytest.mark.parametrize(
    ("text", "good", "bad", "line", "reason"),
    [*((QUESTION, *fault) for fault in FAULTS), *((WITH_SPARQL, *f) for f in SPARQL_FAULTS)],
    ids=[fault[3] for fault in (*FAULTS, *SPARQL_FAULTS)],
)
def test_a_file_that_is_no_question_is_refused_with_its_line(
    tmp_path: Path, text: str, good: str, bad: str, line: int, reason: str
) -> None:
    assert good in text
    with pytest.raises(QuestionFault) as refused:
        question_of(tmp_path, text.replace(good, bad))
    assert f"topics.toml, line {line}: " in str(refused.value)
    assert reason in str(refused.value)


def test_a_question_may_have_a_text_for_each_language(tmp_path: Path) -> None:
    question = question_of(tmp_path, WITH_SPARQL)
    assert question.engines == ("ladybug", "oxigraph", "neo4j")
    only_sparql = question_of(tmp_path, WITH_SPARQL.split("cypher = ")[0])
    assert only_sparql.engines == ("oxigraph",)


def test_the_line_of_a_fault_is_that_of_its_own_entry(tmp_path: Path) -> None:
    """Three tables have a definition; the line is that of the one which is not a text."""
    with pytest.raises(QuestionFault) as refused:
        question_of(tmp_path, QUESTION.replace('"How many."', "3"))
    assert refused.value.line == 15
    assert "columns.findings.definition" in refused.value.reason


@pytest.mark.parametrize("word", ["on", "engine", "store", "format"])
def test_a_parameter_does_not_take_a_word_of_asking(tmp_path: Path, word: str) -> None:
    renamed = QUESTION.replace("$level", f"${word}").replace(".level]", f".{word}]")
    with pytest.raises(QuestionFault, match=f"no parameter may be called {word}|uses .on"):
        question_of(tmp_path, renamed)


def question_of(folder: Path, text: str) -> Question:
    """The question that a file with this text is."""
    file = folder / "topics.toml"
    file.write_text(text, encoding="utf-8", newline="\n")
    return read_question(file)


def test_a_key_that_there_is_none_of_brings_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(QuestionFault) as refused:
        question_of(tmp_path, QUESTION.replace("caveats =", "cavats ="))
    assert refused.value.line == 3
    said = "cavats: there is no such key.\nThe nearest names: caveats."
    assert str(refused.value).endswith(said)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(QUESTION, encoding="utf-8-sig")
    assert read_question(file).name == "topics"


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_bytes(QUESTION.replace("How", "Höw").encode("latin-1"))
    with pytest.raises(QuestionFault, match="no UTF-8"):
        read_question(file)


def test_a_question_of_ones_own_is_read_by_its_file_name(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(QUESTION, encoding="utf-8", newline="\n")
    question = read_catalogue(tmp_path)["topics"]
    assert question.name == "topics"
    assert question.parameters["level"].allowed == ("national", "region", "system")
    assert question.columns["findings"].unit == "findings"


# A folder of one's own


def test_a_skeleton_is_refused_until_each_gap_is_filled(tmp_path: Path, sample: Graph) -> None:
    lines = skeleton("regions", tmp_path).splitlines()
    gaps = [
        n for n, line in enumerate(lines) if re.match('(question|group|definition) *= *""', line)
    ]
    assert len(gaps) == 4
    file = tmp_path / "regions.toml"
    for gap in gaps:
        file.write_text("\n".join(lines), encoding="utf-8", newline="\n")
        with pytest.raises(QuestionFault, match="it is empty") as refused:
            read_question(file)
        assert refused.value.line == gap + 1
        lines[gap] = lines[gap].replace('""', '"Filled in."', 1)
    file.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    graph = Graph(sample.snapshot, catalogue=tmp_path)
    assert graph.ask("regions", region="London")["system"].to_list() == [
        "North Central London",
        "North East London",
        "North West London",
        "South East London",
        "South West London",
        "West and North London",
    ]


@pytest.mark.parametrize("name", ["New", "new", "two words", "barriers", ""])
def test_a_question_is_not_begun_under_a_name_it_cannot_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        skeleton(name, tmp_path)


def test_a_question_of_ones_own_may_not_hide_a_bundled_one(tmp_path: Path) -> None:
    (tmp_path / "barriers.toml").write_text(QUESTION, encoding="utf-8", newline="\n")
    with pytest.raises(QuestionFault, match="a bundled question is called barriers, too"):
        read_catalogues(tmp_path)


def test_a_folder_of_questions_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder of questions"):
        read_catalogues(tmp_path / "questions")


EXAMPLES = [
    (name, example) for name, question in read_catalogue().items() for example in question.examples
]


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Callable[[str, Example], Answer]:
    """Asks a question as an example does, of the store that it names."""

    def ask(name: str, example: Example) -> Answer:
        graph: Graph = request.getfixturevalue(example.store)
        return graph.ask(name, on=example.on, **example.parameters)

    return ask


def test_every_question_has_an_example() -> None:
    assert [name for name, q in read_catalogue().items() if not q.examples] == []


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{n} {e.parameters}" for n, e in EXAMPLES]
)
def test_the_examples_are_what_the_engine_gives(ask: Ask, name: str, example: Example) -> None:
    rows = [list(row) for row in ask(name, example).rows()]
    assert rows[: len(example.rows)] == example.rows
    assert example.more or len(rows) == len(example.rows)


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{n} {e.parameters}" for n, e in EXAMPLES]
)
def test_an_answer_has_the_columns_and_types_declared(
    ask: Ask, name: str, example: Example
) -> None:
    columns = read_catalogue()[name].shown(example.parameters)
    answer = ask(name, example)
    assert dict(answer.schema) == {c: POLARS_TYPES[column.type] for c, column in columns.items()}


CODED = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)+|[A-Z]+(_[A-Z]+)+")


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{n} {e.parameters}" for n, e in EXAMPLES]
)
def test_an_answer_is_in_plain_words(ask: Ask, name: str, example: Example) -> None:
    """No coded value where people read: only identifiers and addresses are not words."""
    answer = ask(name, example)
    texts = answer.select(pl.selectors.string(), pl.selectors.list().list.explode().implode())
    shown = {
        v
        for row in texts.rows()
        for cell in row
        for v in (cell if isinstance(cell, list) else [cell])
    }
    dates = re.compile(r"\d{4}(-\d{2}){0,2}|\d{4}-\d{4}")
    assert [v for v in shown if v and CODED.fullmatch(v) and not dates.fullmatch(v)] == []


IN_CYPHER = {name: q for name, q in read_catalogue().items() if "cypher" in q.texts}


@pytest.mark.parametrize("question", IN_CYPHER.values(), ids=list(IN_CYPHER))
def test_rows_have_one_order_and_no_other(ask: Ask, question: Question) -> None:
    """No two different rows of an answer are alike in all that the text sorts by."""
    keys = re.split(r"\bORDER\s+BY\b", question.texts["cypher"])[-1].replace(" DESC", "")
    named = [key.strip() for key in keys.split(",") if key.strip() in question.columns]
    for example in question.examples or (Example(rows=[]),):
        rows = ask(question.name, example).unique()
        assert rows.select(named).is_duplicated().sum() == 0


def test_a_question_is_asked_of_the_engine_named(sample: Graph) -> None:
    asked = sample.ask("common-barriers", engine="ladybug")
    assert asked.rows() == sample.ask("common-barriers").rows()
    assert asked.height > 0


def test_an_engine_without_a_text_is_refused_and_those_with_one_named(sample: Graph) -> None:
    with pytest.raises(UsageError) as refused:
        sample.ask("trust-history", organisation="R1H", engine="neo4j", url="bolt://localhost")
    assert refused.value.message == "The question trust-history has no text for neo4j."
    assert refused.value.hint == "Engines that answer it: python."
    with pytest.raises(UnknownName) as unknown:
        sample.ask("barriers", engine="ladybgu")
    assert unknown.value.nearest == ["ladybug"]


def test_a_parameter_that_there_is_none_of_names_the_nearest(sample: Graph) -> None:
    with pytest.raises(UnknownName) as unknown:
        sample.ask("barriers", topics="cancer")
    assert unknown.value.exit_code == 2
    assert unknown.value.nearest == ["topic"]


def test_a_question_that_there_is_none_of_names_the_nearest(sample: Graph) -> None:
    with pytest.raises(UnknownName) as unknown:
        sample.ask("barrier")
    assert unknown.value.nearest[0] == "barriers"


def test_a_value_that_there_is_none_of_names_the_nearest(sample: Graph) -> None:
    with pytest.raises(UnknownName) as unknown:
        sample.ask("barriers", topic="cancr")
    assert unknown.value.nearest == ["cancer"]
    with pytest.raises(UnknownName) as unknown:
        sample.ask("barriers", theme="Ensuring acess")
    assert unknown.value.nearest[0] == "Ensuring access"


@pytest.mark.parametrize(
    "topic", ["cancer", "Cancer care", "CANCER CARE", "Cancer care services and pathways"]
)
def test_a_coded_value_may_be_given_in_words(sample: Graph, topic: str) -> None:
    answer = sample.ask("barriers", topic=topic)
    assert answer.parameters["topic"] == "cancer"
    assert "Fear of seeking care" in answer["barrier"]


@pytest.mark.parametrize(
    "text",
    [
        "ods:QMF",
        "qmf",
        "E54000029",
        "North East London",
        "north east london ",
        "East London Health and Care Partnership",
    ],
)
def test_a_system_is_meant_by_identifier_code_or_any_of_its_names(sample: Graph, text: str) -> None:
    assert sample.ask("barriers", system=text).parameters["system"] == "ods:QMF"


def test_an_innovation_is_meant_by_name_or_the_last_part_of_its_identifier(sample: Graph) -> None:
    wanted = "icsg:innovation/oximetry-at-home"
    for text in (wanted, "Oximetry at home", "oximetry-at-home", "innovation/oximetry-at-home"):
        assert sample.ask("where-found", about=text).parameters["about"] == wanted


def test_a_name_of_two_things_is_not_guessed(sample: Graph) -> None:
    with pytest.raises(UsageError) as two:
        sample.ask("where-found", about="Remote consultation")
    assert "may mean 2 things: icsg:barrier/remote-consultation" in two.value.message
    assert two.value.hint == "Give the id."


def test_a_thing_goes_before_a_word_of_a_vocabulary_that_is_named_like_it(sample: Graph) -> None:
    assert sample.show("Oximetry at home").id == "icsg:innovation/oximetry-at-home"


def test_a_part_of_a_name_brings_the_names_that_hold_it(sample: Graph) -> None:
    with pytest.raises(UnknownName) as unknown:
        sample.ask("system-profile", system="Cornwall")
    assert unknown.value.nearest == ["Cornwall and the Isles of Scilly"]


def test_a_required_parameter_is_asked_for(sample: Graph) -> None:
    with pytest.raises(UsageError) as missing:
        sample.ask("system-profile")
    assert "needs system" in missing.value.message
    assert "--system VALUE" in missing.value.hint


def test_a_number_must_be_one(sample: Graph) -> None:
    assert sample.ask("common-barriers", at_least="3").parameters["at_least"] == 3
    with pytest.raises(UsageError, match="is no integer"):
        sample.ask("common-barriers", at_least="many")


def test_caveats_say_the_counts_behind_the_answer(sample: Graph) -> None:
    answer = sample.ask("innovations")
    assert answer.counts["findings_from_reviews"] == 103
    assert "4 of the 103 findings from the reviews name a system" in answer.caveats[0]
    assert answer.as_dict()["caveats"] == list(answer.caveats)


def test_what_is_made_from_an_answer_is_a_plain_frame(sample: Graph) -> None:
    answer = sample.ask("reviews")
    for made in (answer.head(1), answer.filter(pl.col("phase") > 2), answer.clone()):
        assert type(made) is pl.DataFrame


def test_the_flow_of_a_tie_is_that_of_the_ontology() -> None:
    text = read_catalogue()["who-works-with-whom"].texts["cypher"]
    both, forward = (
        set(re.findall(r"'([A-Z_]+)'", part)) for part in re.findall(r"\[('[^]]+)\]", text)
    )
    kinds = {*TIES, "COMMISSIONS"}
    flows = {kind: relationship_kind(kind).flow for kind in kinds}
    assert both == {kind for kind, flow in flows.items() if flow is Flow.BOTH}
    assert forward == {kind for kind, flow in flows.items() if flow is Flow.FORWARD}
    assert set(re.findall(r"[:|]([A-Z_]+)(?=[|\]])", text)) == kinds
    assert all(relationship_kind(k).label == k.lower().replace("_", " ") for k in kinds)
