"""Maps of parts of all England: dense ones stay small, and nobody stands nowhere."""

import time

import polars as pl
import pytest

from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.visualisations.around_map import MOST_AROUND, around_map
from icsgraph.visualisations.network_map import MOST_STATEMENTS
from icsgraph.visualisations.system_map import system_map

MOST_BYTES, MOST_SECONDS = 2_000_000, 2


@pytest.fixture(scope="module")
def densest(england) -> list[str]:
    """The ten things that the most statements name, and the one of each kind."""
    stated = [
        england.relationships(kind).select("subject", "object") for kind in RELATIONSHIP_KINDS
    ]
    ends = pl.concat(one[end] for one in stated for end in ("subject", "object"))
    ranks = ends.rename("id").value_counts().sort("count", "id", descending=[True, False])
    found = ranks["id"].head(10).to_list()
    for kind in NODE_KINDS:
        own = ranks.join(england.nodes(kind), on="id", how="semi", maintain_order="left")["id"]
        found += [i for i in own.head(1) if i not in found]
    return found


@pytest.mark.parametrize("hops", [1, 2])
def test_around_the_densest_things_a_map_stays_small_and_says_so(england, densest, hops):
    assert len(densest) > 10
    for thing in densest:
        began = time.process_time()
        page = around_map(england.snapshot, thing, hops=hops)
        assert time.process_time() - began < MOST_SECONDS, thing
        assert len(page.encode("utf-8")) < MOST_BYTES, thing
    page = around_map(england.snapshot, densest[0], hops=hops)
    assert f"Shown: {MOST_AROUND} of " in page and "those with the most ties" in page


def test_of_more_statements_than_can_be_followed_the_page_says_how_many_it_shows(england):
    page = around_map(england.snapshot, "RXL", hops=2)
    assert f"Shown: {MOST_STATEMENTS:,} of " in page
    assert "statements between these things" in page


@pytest.mark.parametrize("system", ["QHM", "QYG", "QOP", "QWO"])
def test_the_largest_systems_stay_small(england, system):
    began = time.process_time()
    page = system_map(england.snapshot, system)
    assert time.process_time() - began < MOST_SECONDS
    assert len(page.encode("utf-8")) < MOST_BYTES


def test_a_system_that_is_no_more_is_drawn_on_its_last_day(england):
    page = system_map(england.snapshot, "QMJ")
    assert "as on 31 March 2026" in page and "No organisation is recorded" not in page
    said = "North Central London stood until 31 March 2026. Its places are now in "
    assert f"{said}West and North London." in page
    assert "No organisation is recorded" in system_map(england.snapshot, "QMJ", on="2026-11-01")


def test_an_organisation_stands_in_a_local_authority_that_is_no_more(england):
    """Cumbria ended in 2023; who closed before is known to have worked in it, and in no other."""
    page = system_map(england.snapshot, "QE1")
    assert "Who works in Lancashire and South Cumbria" in page
    assert '"ons:E10000006"' in page
