"""What may be published: open sources only, nobody's own name, no way to reach somebody, no
remark."""

import polars as pl
import pytest

from icsgraph.graph.public import is_open, profiled, public
from icsgraph.graph.views import on_day
from icsgraph.ontology.errors import UnknownName, UsageError


@pytest.fixture(scope="module")
def view(sample):
    return public(sample.snapshot)


def test_a_licence_counts_as_open_only_if_it_is_listed():
    assert is_open("ogl-uk-3.0") and is_open("MIT; CC0-1.0")
    assert not is_open("") and not is_open(None) and not is_open("CC-BY-NC-4.0")
    assert not is_open("MIT; all rights reserved")


def test_notes_are_left_out_of_things_and_relationships(sample, view):
    assert sample.nodes("System")["note"].drop_nulls().len() > 0
    assert view.nodes("System")["note"].drop_nulls().len() == 0
    assert sample.relationships("REVIEWED")["note"].drop_nulls().len() > 0
    assert view.relationships("REVIEWED")["note"].drop_nulls().len() == 0
    assert view.records("Organisation")["note"].drop_nulls().len() == 0


def test_findings_in_our_own_words_stay_and_words_of_documents_go(sample, view):
    assert view.nodes("Finding")["description"].equals(sample.nodes("Finding")["description"])
    assert sample.relationships("ADDRESSES")["words"].drop_nulls().len() > 0
    assert view.relationships("ADDRESSES")["words"].drop_nulls().len() == 0
    assert set(view.nodes("Finding")["coding"].explode(empty_as_null=True)) == {None}


def test_who_judged_is_left_out(sample, view):
    assert sample.snapshot.manifest["decisions"] and view.manifest["decisions"] == []


def test_it_is_taken_before_any_other_view(sample):
    with pytest.raises(UsageError, match="whole graph"):
        public(on_day(sample.snapshot, "2021-06-30"))


def test_a_profile_that_there_is_none_of(sample):
    with pytest.raises(UnknownName, match="public"):
        profiled(sample.snapshot, "publik")
    assert profiled(sample.snapshot, None) is sample.snapshot


def test_it_can_be_looked_at_on_a_day(view):
    assert on_day(view, "2023-01-01").nodes("Finding").columns == view.nodes("Finding").columns
    assert isinstance(view.nodes("Finding"), pl.DataFrame)
