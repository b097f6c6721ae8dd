"""A code that one source only mentions is of the kind that another one describes."""

import polars as pl
import pytest

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import DataError

SITE = "ods:R9X01"


def source(edition, kind, **columns):
    facts = {"id": edition, "data_set": edition, "as_of": "2026-01", "official": True}
    rows = pl.DataFrame({"id": [SITE], **{c: [value] for c, value in columns.items()}})
    return Partition(facts, {kind: rows})


def succession():
    """A source that knows codes only, and takes them for those of bodies."""
    told = source("successions", "Organisation")
    told.nodes["Organisation"] = pl.DataFrame({"id": [SITE, "ods:R9Y01"]})
    told.relationships["SUCCEEDED_BY"] = pl.DataFrame(
        {"subject": [SITE], "object": ["ods:R9Y01"], "knowledge_level": ["register"]}
    )
    return told


def built(folder, *partitions):
    store = Store(folder)
    with store.writing():
        for part in partitions:
            with fresh_folder(store.partitions) as at:
                write_partition(at, part)
                store.put_partition(part.facts["id"], at)
        store.switch(assemble(store))
    return store.current()


def kinds(snapshot):
    return {
        kind: snapshot.nodes(kind)["id"].to_list()
        for kind in ("Organisation", "Location")
        if snapshot.nodes(kind).height
    }


def test_a_mention_is_of_the_kind_that_is_described(tmp_path):
    described = source("ratings", "Location", name="Barchester Infirmary")
    snapshot = built(tmp_path, succession(), described)
    assert kinds(snapshot) == {"Organisation": ["ods:R9Y01"], "Location": [SITE]}
    told = snapshot.nodes("Location").row(0, named=True)
    assert (told["name"], told["sources"]) == ("Barchester Infirmary", ["ratings", "successions"])
    assert snapshot.relationships("SUCCEEDED_BY")["subject"].to_list() == [SITE]


def test_codes_and_types_describe_as_names_do(tmp_path):
    snapshot = built(tmp_path, succession(), source("ratings", "Location", codes=["cqc:1-1234"]))
    assert kinds(snapshot) == {"Organisation": ["ods:R9Y01"], "Location": [SITE]}


def test_where_nobody_describes_it_the_first_kind_of_the_ontology_is_taken(tmp_path):
    snapshot = built(tmp_path, succession(), source("links", "Location"))
    assert kinds(snapshot) == {"Organisation": [SITE, "ods:R9Y01"]}


def test_one_described_as_of_two_kinds_is_a_contradiction(tmp_path):
    site = source("ratings", "Location", name="Barchester Infirmary")
    body = source("register", "Organisation", name="Barchester Infirmary")
    several = (
        f"{SITE} is of several kinds: Location in ratings; Organisation in register, successions"
    )
    with pytest.raises(DataError, match=several):
        built(tmp_path, succession(), site, body)


def test_a_mention_is_settled_anew_when_a_source_comes_or_goes(tmp_path):
    built(tmp_path, succession(), source("links", "Location"))
    snapshot = built(tmp_path, source("ratings", "Location", name="Barchester Infirmary"))
    assert kinds(snapshot) == {"Organisation": ["ods:R9Y01"], "Location": [SITE]}
    store = Store(tmp_path)
    with store.writing():
        store.remove_partition("ratings")
        store.switch(assemble(store))
    assert kinds(store.current()) == {"Organisation": [SITE, "ods:R9Y01"]}
