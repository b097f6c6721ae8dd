"""Identifiers: what is one, what is not, and that nothing is lost on the way to an IRI and back."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from icsgraph.ontology.errors import IdentifierFault
from icsgraph.ontology.identifiers import (
    PATTERN,
    PRECEDENCE,
    PREFIXES,
    Curie,
    canonical,
    compress,
    curie,
    expand,
    parse,
    slug,
)

ASCII = st.characters(min_codepoint=33, max_codepoint=126)
identifiers = st.one_of(
    st.from_regex(prefix.local, fullmatch=True, alphabet=ASCII).map(f"{name}:".__add__)
    for name, prefix in PREFIXES.items()
)

GOOD = [
    "ods:R1H",
    "ods:QMF",
    "ods:G6V2S",
    "ods:C83064",
    "cqc:1-101658918",
    "cqc:RJ122",
    "cqc:5QT",
    "cqc:BD151",
    "ons:E54000029",
    "companies:03175855",
    "companies:IP19203R",
    "charity:1058340",
    "icsg:innovation/oximetry-at-home",
    "icsg:finding/PCR1-OP-001",
    "icsg:source/ods-etr@2026-01",
    "icsgv:org-type/nhs-trust",
    "icsgo:PART_OF",
]
BAD = [
    "",
    "R1H",
    "ods:",
    ":R1H",
    "ods:r1h",
    "ods: R1H",
    "ods:R1H ",
    "ods:R1H\n",
    "ods:R1H\r",
    "ODS:R1H",
    "ods:R1",
    "ods:R1H:2",
    "ods:R1H/ods:R1J",
    "od:R1H",
    "cqc:101658918",
    "cqc:1-",
    "cqc:-",
    "ons:E5400002",
    "ons:E54000029x",
    "ons:\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
    "companies:3175855",
    "charity:12345",
    "icsg:oximetry-at-home",
    "icsg:Innovation/oximetry",
    "icsg:innovation/",
    "icsg:innovation//oximetry",
    "icsg:innovation/../secret",
    "icsg:innovation/<script>",
    "icsgv:Org-type/nhs-trust",
    "https://example.org/R1H",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_an_identifier(text: str) -> None:
    assert curie(*parse(text)) == text
    assert TypeAdapter(Curie).validate_python(text) == text
    assert re.fullmatch(PATTERN, text)


@pytest.mark.parametrize("text", BAD)
def test_what_is_none_is_refused_everywhere(text: str) -> None:
    with pytest.raises(IdentifierFault):
        parse(text)
    with pytest.raises(IdentifierFault):
        expand(text)
    with pytest.raises(ValidationError, match="is no identifier"):
        TypeAdapter(Curie).validate_python(text)
    assert not re.fullmatch(PATTERN, text)


def test_the_bulk_pattern_tells_the_same_apart_in_polars() -> None:
    table = pl.DataFrame({"id": GOOD + BAD})
    kept = table.filter(pl.col("id").str.contains(PATTERN))["id"].to_list()
    assert kept == GOOD


@given(st.lists(identifiers | st.text(max_size=12), min_size=1, max_size=10))
def test_python_and_polars_agree_on_the_pattern(texts: list[str]) -> None:
    in_polars = pl.Series(texts).str.contains(PATTERN).to_list()
    assert in_polars == [re.fullmatch(PATTERN, text) is not None for text in texts]


@given(identifiers)
def test_an_identifier_comes_back_from_its_parts_and_from_its_iri(text: str) -> None:
    assert curie(*parse(text)) == text
    iri = expand(text)
    assert compress(iri) == text
    assert re.fullmatch(r"https?://[!-;=?-Z_a-z~#]+", iri)


@given(identifiers, identifiers)
def test_no_two_identifiers_have_one_iri(one: str, two: str) -> None:
    assert (expand(one) == expand(two)) is (one == two)


def test_every_example_of_the_table_is_one_and_every_kind_of_thing_has_a_rank() -> None:
    for name, prefix in PREFIXES.items():
        assert curie(name, prefix.example) == f"{name}:{prefix.example}"
    assert {*PRECEDENCE, "icsgv", "icsgo"} == {*PREFIXES}


def test_a_refusal_says_what_is_known() -> None:
    with pytest.raises(IdentifierFault, match='"osd" is no known prefix') as caught:
        curie("osd", "R1H")
    assert "ods" in caught.value.hint
    with pytest.raises(IdentifierFault, match="ons:E54000029"):
        curie("ons", "R1H")


@pytest.mark.parametrize(
    "iri",
    [
        "http://example.org/R1H",
        "https://w3id.org/icsgraph/id/oximetry",
        "http://statistics.data.gov.uk/id/statistical-geography/R1H",
    ],
)
def test_an_iri_without_an_identifier_is_refused(iri: str) -> None:
    with pytest.raises(IdentifierFault):
        compress(iri)


def test_the_schema_of_a_model_carries_the_pattern() -> None:
    class Thing(BaseModel):
        id: Curie

    assert Thing.model_json_schema()["properties"]["id"]["pattern"] == PATTERN


def test_ods_names_a_thing_before_cqc_before_ons_before_ours() -> None:
    known = ["icsg:organisation/barts", "ons:E54000029", "cqc:R1H", "ods:R1J", "ods:R1H"]
    assert canonical(known) == "ods:R1H"
    assert canonical(known[:3]) == "cqc:R1H"
    assert canonical(known[:2]) == "ons:E54000029"
    with pytest.raises(IdentifierFault, match="words, not things"):
        canonical(["icsgo:Organisation"])


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Oximetry at home", "oximetry-at-home"),
        ("Guy\u2019s & St Thomas' NHS Trust", "guys-and-st-thomas-nhs-trust"),
        ("R&D", "r-and-d"),
        ("  Café \u2014 24/7!  ", "cafe-24-7"),
        ("Stra\u00dfe \u0130", "strasse-i"),
        ("\ufb01rst \U0001d400", "first-a"),
    ],
)
def test_a_name_makes_a_slug(name: str, made: str) -> None:
    assert slug(name) == made


@given(st.text(max_size=30))
def test_a_slug_is_part_of_an_identifier_and_its_own_slug(name: str) -> None:
    try:
        made = slug(name)
    except IdentifierFault:
        assert not re.search("[A-Za-z0-9]", name)
        return
    assert slug(made) == made
    assert parse(f"icsg:innovation/{made}") == ("icsg", f"innovation/{made}")
