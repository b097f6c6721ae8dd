"""The vocabularies: what they know, what is refused when one is read, who uses them."""

import csv

import pytest

from icsgraph.ontology.errors import FileFault, UnknownName
from icsgraph.ontology.identifiers import expand
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS, Flow
from icsgraph.ontology.tables import vocabulary_columns
from icsgraph.ontology.vocabularies import COLUMNS, plain, read, scheme, schemes

HEADER = ",".join(COLUMNS)
TRUSTS = """\
nhs-trust,NHS trust,trust;NHS foundation trust,,,
acute-trust,Acute trust,NHS acute trust,,nhs-trust,
mental-health-trust,Mental health trust,,,nhs-trust,
acute-and-mental-health-trust,Acute and mental health trust,,,acute-trust;mental-health-trust,
"""


def write(folder, rows, header=HEADER):
    path = folder / "trusts.csv"
    path.write_text(f"{header}\n{rows}", encoding="utf-8", newline="\n")
    return path


def fault(folder, rows, **changed):
    with pytest.raises(FileFault) as raised:
        read(write(folder, rows, **changed))
    return raised.value.row, raised.value.column, raised.value.reason


@pytest.fixture
def trusts(tmp_path):
    return read(write(tmp_path, TRUSTS))


@pytest.mark.parametrize(
    ("wording", "notation"),
    [
        ("NHS acute trust", "acute-trust"),
        ("  nhs ACUTE\ttrust ", "acute-trust"),
        ("NHS Foundation Trust", "nhs-trust"),
        ("acute-trust", "acute-trust"),
        ("acute", None),
        ("", None),
    ],
)
def test_a_publishers_wording_finds_its_notation(trusts, wording, notation):
    assert trusts.notation_of(wording) == notation


def test_broader_values_come_nearest_first_and_once(trusts):
    assert trusts.ancestors("acute-and-mental-health-trust") == (
        "acute-trust",
        "mental-health-trust",
        "nhs-trust",
    )
    assert trusts.ancestors("nhs-trust") == ()


def test_narrower_values_reach_all_the_way_down(trusts):
    assert trusts.narrower("nhs-trust") == (
        "acute-trust",
        "mental-health-trust",
        "acute-and-mental-health-trust",
    )
    assert trusts.narrower("acute-and-mental-health-trust") == ()


@pytest.mark.parametrize("question", ["label", "term", "ancestors", "narrower"])
def test_an_unknown_notation_is_answered_with_the_nearest(trusts, question):
    with pytest.raises(UnknownName) as raised:
        getattr(trusts, question)("acute-trsut")
    assert raised.value.nearest[0] == "acute-trust"


def test_an_unknown_vocabulary_is_answered_with_the_nearest():
    with pytest.raises(UnknownName) as raised:
        scheme("organization-type")
    assert raised.value.nearest[0] == "organisation-type"


def test_a_circle_is_refused(tmp_path):
    row, column, reason = fault(tmp_path, "a,A,,,b,\nb,B,,,c,\nc,C,,,a,\n")
    assert (row, column, reason) == (2, "broader", "is a circle")


def test_a_term_broader_than_itself_is_refused(tmp_path):
    assert fault(tmp_path, "a,A,,,,\nb,B,,,b,\n") == (3, "broader", "is a circle")


def test_an_unknown_broader_is_refused(tmp_path):
    assert fault(tmp_path, "a,A,,,,\nb,B,,,z,\n") == (3, "broader", "is no notation of this file")


def test_one_wording_for_two_notations_is_refused(tmp_path):
    assert fault(tmp_path, "a,A,trust,,,\nb,B,Trust,,,\n") == (3, "alt_labels", "means a already")


def test_a_notation_that_stands_twice_is_refused(tmp_path):
    assert fault(tmp_path, "a,A,,,,\na,B,,,,\n") == (3, "notation", "stands twice")


def test_a_notation_in_capitals_is_refused(tmp_path):
    assert fault(tmp_path, "NHS trust,NHS trust,,,,\n") == (2, "notation", "is no notation")


def test_a_term_without_a_label_is_refused(tmp_path):
    assert fault(tmp_path, "a,,,,,\n") == (2, "label", "it is missing")


def test_a_short_row_is_refused(tmp_path):
    assert fault(tmp_path, "a,A,,,,\nb,B\n") == (3, None, "it has 2 cells, not 6")


def test_another_header_is_refused(tmp_path):
    row, _column, reason = fault(tmp_path, "a,A\n", header="notation,label")
    assert (row, reason) == (1, f"the header is not {HEADER}")


@pytest.mark.parametrize("name", schemes())
def test_every_term_is_defined_and_has_an_address(name):
    terms = scheme(name).terms.values()
    assert [t.notation for t in terms if not t.definition or not t.source] == []
    assert [t.notation for t in terms if not expand(f"icsgv:{name}/{t.notation}")] == []


def test_every_scheme_has_a_title_and_a_definition(repository):
    text = (repository / "ontology" / "schemes.csv").read_text(encoding="utf-8")
    named = [row["scheme"] for row in csv.DictReader(text.splitlines()) if row["definition"]]
    assert named == list(schemes())


@pytest.mark.parametrize("kind", [*NODE_KINDS, *RELATIONSHIP_KINDS])
def test_a_column_of_coded_values_names_an_existing_scheme(kind):
    assert set(vocabulary_columns(kind).values()) <= set(schemes())


def test_directions_of_flow_are_those_of_the_vocabulary():
    known = scheme("information-flow")
    assert {flow.name.lower() for flow in Flow} == set(known)
    assert [flow for flow in Flow if known.notation_of(flow.value) != flow.name.lower()] == []


def test_the_type_of_every_organisation_of_the_evidence_is_known(repository):
    path = repository / "loaders" / "sample" / "organisations.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    types = scheme("organisation-type")
    assert sorted({row["type"] for row in rows if types.notation_of(row["type"]) is None}) == []


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("finding-kind", "kind"),
        ("evidence-class", "evidence_class"),
        ("sector", "sectors"),
        ("population-group", "population_group"),
        ("technology", "technology"),
    ],
)
def test_every_coded_value_of_the_findings_is_known(repository, name, column):
    path = repository / "loaders" / "sample" / "findings.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    values = {part.strip() for row in rows for part in row[column].split(";") if part.strip()}
    assert sorted(v for v in values if scheme(name).notation_of(v) is None) == []


def test_two_kinds_of_trust_are_told_apart_and_are_both_trusts():
    types = scheme("organisation-type")
    assert {"acute-trust", "ambulance-trust"} <= set(types.narrower("nhs-trust"))
    assert "ambulance-trust" not in types.narrower("acute-trust")


def test_a_value_is_shown_in_words_whether_it_is_known_or_not():
    assert plain("uptake-stage", "pilot") == "Pilot"
    assert plain("uptake-stage", "half_way") == "Half way"
    assert plain("uptake-stage", None) == ""
