"""What may be published: open sources only, nobody's own name, no way to reach somebody, no
remark."""

from dataclasses import replace

import polars as pl
import pytest

from icsgraph.graph.formats.exporting import export
from icsgraph.graph.public import is_open, profiled, public
from icsgraph.graph.published import search_file
from icsgraph.graph.store import Store
from icsgraph.graph.views import on_day
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.pipeline import build
from icsgraph.session import open_graph


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


def test_sole_traders_and_the_places_that_only_they_run_are_left_out(registers):
    shown = public(registers.snapshot)
    names = registers.nodes("Organisation").filter("is_sole_trader")["name"].to_list()
    assert names == ["Dr Thorne"]
    assert "Dr Thorne" not in shown.nodes("Organisation")["name"].to_list()
    gone = set(registers.nodes("Location")["id"]) - set(shown.nodes("Location")["id"])
    assert gone == {"cqc:1-900000004"}
    for kind in ("OPERATES", "LOCATED_IN", "COMMISSIONS"):
        rows = shown.relationships(kind)
        assert not set(rows["subject"]) & {"cqc:1-910000003", *gone}
        assert not set(rows["object"]) & gone
    assert not set(shown.series("ratings")["thing"]) & gone
    assert set(registers.snapshot.series("ratings")["thing"]) & gone


def test_no_way_to_reach_somebody(registers):
    shown = public(registers.snapshot)
    for kind in ("Organisation", "Location"):
        assert registers.nodes(kind)["postcode"].drop_nulls().len() > 0
        assert shown.nodes(kind)["postcode"].drop_nulls().len() == 0
        assert shown.nodes(kind)["address"].drop_nulls().len() == 0
        assert shown.records(kind)["postcode"].drop_nulls().len() == 0


@pytest.fixture(scope="module")
def mixed(repository, tmp_path_factory):
    """The small registers, of which the trusts and one list of ratings have no open licence."""
    listed = read_sources(repository / "tests" / "data" / "registers" / "SOURCES.toml")
    closed = {"ods-trusts@2026-01-31": "", "cqc-ratings@2026-06-01": "CC-BY-NC-4.0"}
    listed = [replace(one, licence=closed.get(one.id, one.licence)) for one in listed]
    store = Store(tmp_path_factory.mktemp("mixed") / "store")
    build(store, listed)
    return open_graph(store.path)


def test_what_only_a_closed_source_says_is_left_out(mixed):
    shown = public(mixed.snapshot)
    closed = {"ods-trusts@2026-01-31", "cqc-ratings@2026-06-01"}
    assert closed & {f["id"] for f in mixed.snapshot.manifest["sources"]} == closed
    assert not closed & {f["id"] for f in shown.manifest["sources"]}
    for kind in NODE_KINDS:
        said = set(shown.nodes(kind)["sources"].explode(empty_as_null=True).drop_nulls())
        assert not closed & said
        assert shown.nodes(kind).filter(pl.col("sources").list.len() == 0).is_empty()
        assert not closed & set(shown.records(kind)["sources"].explode(empty_as_null=True))
    for kind in RELATIONSHIP_KINDS:
        assert not closed & set(shown.relationships(kind)["source"])
        assert not closed & set(shown.history(kind)["source"])
    for name in shown.series_names:
        assert not closed & set(shown.series(name)["source"])


def test_a_thing_that_an_open_source_describes_too_is_shown_as_that_says(mixed):
    closed = "cqc-ratings@2026-06-01"
    both = mixed.nodes("Organisation").filter(
        pl.col("sources").list.contains(closed) & (pl.col("sources").list.len() > 1)
    )
    there = public(mixed.snapshot).nodes("Organisation")
    kept = there.filter(pl.col("id").is_in(both["id"].implode()))
    assert kept.height > 0
    records = mixed.snapshot.records("Organisation").filter(
        ~pl.col("sources").list.contains(closed)
    )
    for row in kept.iter_rows(named=True):
        told = records.filter(pl.col("id") == row["id"])["name"].drop_nulls().to_list()
        assert row["name"] in told or not told


def test_an_export_of_a_store_with_closed_sources_is_clean(mixed, tmp_path):
    export(mixed.snapshot, "json", tmp_path / "full.json")
    assert search_file(mixed.snapshot, tmp_path / "full.json").leaks
    export(public(mixed.snapshot), "json", tmp_path / "public.json")
    assert search_file(mixed.snapshot, tmp_path / "public.json").leaks == ()
