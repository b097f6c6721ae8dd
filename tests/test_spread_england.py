"""The four national series of adoption: what is known of them, found again by the questions."""

import pytest

from icsgraph.queries.answer import Answer
from icsgraph.session import Graph

FEW_DEALINGS = {"replicates": 99}


def ask(england: Graph, name: str, innovation: str, **more: object) -> Answer:
    return england.ask(name, innovation=f"icsg:innovation/{innovation}", **more)


def test_trimethoprim_962_at_the_start_6116_later_601_never(england: Graph) -> None:
    """Twelve of those dated later were past the threshold when first seen, after the start."""
    curve = ask(england, "adoption-curve", "nitrofurantoin-first", every="month")
    adopters = dict(curve.select("period", "adopters").rows())
    assert adopters["2013-08"] == 962
    assert adopters["2018-06"] - adopters["2013-08"] == 6116
    assert curve.counts["never_seen_to_adopt"] == 601
    assert curve.counts["adopters_already_at_first_sight"] == 962 + 12


def test_trimethoprim_is_switched_seven_times_as_fast_after_the_incentive(england: Graph) -> None:
    """The Quality Premium is a common cause; what is clustered on each side is not called more."""
    found = ask(
        england, "before-and-after", "nitrofurantoin-first", day="2017-04-01", **FEW_DEALINGS
    )
    before, after = found.to_dicts()
    assert (before["to"], after["from"]) == ("2017-03", "2017-04")
    assert after["low"] > 6 * before["high"]
    assert before["p_value"] <= 0.05 and after["p_value"] <= 0.05
    assert any("is no spread along ties" in caveat for caveat in found.caveats)


def test_half_of_the_systems_pass_half_doac_by_spring_2018(england: Graph) -> None:
    found = ask(england, "time-to-share", "direct-oral-anticoagulant").row(0, named=True)
    told = [found[c] for c in ("population", "first", "reached", "all_reached")]
    assert told == [42, "2015-11", "2018-03", "2019-07"]
    curve = ask(england, "adoption-curve", "direct-oral-anticoagulant", every="month")
    adopters = dict(curve.select("period", "adopters").rows())
    assert adopters["2018-03"] == 21 < adopters["2018-04"]  # the median system passes in April
    assert any("the system that they later lay in" in caveat for caveat in curve.caveats)


def test_online_consultation_is_clustered_in_commissioners_and_not_in_networks(
    england: Graph,
) -> None:
    """Suppliers that had only just begun to report are left out: 178 practices."""
    by_network = ask(england, "clustered-in-time", "online-consultation", **FEW_DEALINGS)
    by_commissioner = ask(
        england, "clustered-in-time", "online-consultation", company="commissioner", **FEW_DEALINGS
    )
    assert by_network["p_value"].min() > 0.05
    assert by_commissioner["p_value"].max() <= 0.05
    assert by_network.counts["adopters_in_a_known_period"] == 662 - 178


def test_virtual_wards_are_too_few_to_be_told_from_chance(england: Graph) -> None:
    """Five systems pass the threshold after the first month; their flows are of a later month."""
    found = ask(england, "clustered-in-time", "virtual-ward", **FEW_DEALINGS)
    assert set(found["adopters"]) == {5}
    assert found["p_value"].min() > 0.05
    assert any("alike at the time of the adoptions, which is not known" in c for c in found.caveats)
    quarters = ask(england, "adoption-curve", "virtual-ward", every="quarter")
    assert "at least 5 in 2 are needed. Shorter periods may do" in quarters.reason


@pytest.mark.parametrize("innovation", ["nitrofurantoin-first", "online-consultation"])
def test_a_practice_without_recorded_company_is_counted_and_not_exposed_to_nothing(
    england: Graph, innovation: str
) -> None:
    found = ask(england, "exposure-before-adoption", innovation)
    without = found.filter(found["in_company"] == 0)
    assert without["used_before"].null_count() == without.height
    counts = found.counts
    assert (
        counts["with_recorded_company"] + counts["without_recorded_company"]
        == (counts["population"])
    )
