"""Questions on spread: counted by hand on a small made-up country, held to the plain functions and,
where the real series lie beside the checkout, to what is known of them."""

import polars as pl
import pytest

from icsgraph.ontology.errors import UsageError
from icsgraph.queries.answer import Answer
from icsgraph.queries.association import shuffle_test
from icsgraph.queries.keeping_company import company
from icsgraph.queries.spread_adoptions import uptake
from icsgraph.queries.spread_ties import recorded_ties
from icsgraph.session import Graph

CONSULTATION = {"innovation": "icsg:innovation/online-consultation"}
RECORD = {"innovation": "icsg:innovation/shared-record"}
EVIDENCE = {"innovation": "icsg:innovation/oximetry-at-home"}
NEEDS_PERIODS = [
    *("adoption-curve", "time-to-share", "hazard-by-period", "still-spreading", "thresholds"),
    *("exposure-before-adoption", "neighbours-alike", "clustered-in-time", "exposure-model"),
]


def said(answer: Answer) -> str:
    return " ".join(answer.caveats)


@pytest.mark.parametrize("name", NEEDS_PERIODS)
@pytest.mark.parametrize("population", ["seen", "reviewed", "all"])
def test_what_the_reviews_cannot_say_is_told_with_its_counts(
    sample: Graph, name: str, population: str
) -> None:
    """Six systems, each some time in 2020: no population, and no month, quarter or year apart."""
    answer = sample.ask(name, **EVIDENCE, population=population)
    assert (answer.answerable, answer.height) == (False, 0)
    assert (answer.counts["records"], answer.counts["adopters"]) == (6, 6)
    assert "6 records of 1 sources name 6 adopters" in answer.reason


def test_a_population_is_taken_only_if_it_is_asked_for(spread: Graph) -> None:
    refused = spread.ask("adoption-curve", **RECORD, every="month")
    assert "not who did not" in refused.reason
    asked = spread.ask("adoption-curve", **RECORD, every="month", population="all")
    assert asked["adopters"].to_list() == [1, 2, 3, 3, 5, 6]
    assert asked["share"][-1] == 6 / 8
    assert "All systems are taken as the population because it was asked so" in said(asked)


def test_a_doubtful_adoption_is_counted_or_left_out_with_its_practice(spread: Graph) -> None:
    """The supplier of the seventh practice had only just begun to report."""
    counted = spread.ask("adoption-curve", **CONSULTATION, every="month")
    without = spread.ask("adoption-curve", **CONSULTATION, every="month", doubtful="left out")
    assert (counted["adopters"][-1], counted.counts["population"]) == (7, 8)
    assert (without["adopters"][-1], without.counts["population"]) == (6, 7)
    assert "Adoptions that carry a doubt (a note) are left out: 1." in said(without)


def test_a_day_cuts_what_is_looked_at(spread: Graph) -> None:
    then = spread.ask("adoption-curve", **CONSULTATION, every="month", on="2024-01-31")
    assert then["period"].to_list() == ["2023-09", "2023-10", "2023-11", "2023-12", "2024-01"]
    assert then["adopters"].to_list() == [1, 2, 3, 5, 6]


def test_an_adoption_of_imprecise_date_is_possible_before_it_is_certain(spread: Graph) -> None:
    on = spread.ask("adopted-when", innovation="icsg:innovation/night-team", on="2021-03-31")
    assert on.select("adopter", "certainty").rows() == [
        ("Aldershire", "CERTAIN"),
        ("Hallam", "POSSIBLE"),
    ]
    assert on.counts["records_with_no_date"] == 1


def test_the_hazards_multiply_to_those_who_are_left(spread: Graph) -> None:
    found = spread.ask("hazard-by-period", **CONSULTATION, every="month").drop_nulls("hazard")
    left = 1.0
    for hazard in found["hazard"]:
        left *= 1 - hazard
    assert left == pytest.approx(1 / 7)  # of seven who had not adopted at the start, one never did


def test_clusters_in_groups_are_those_of_the_plain_test_on_all_pairs(spread: Graph) -> None:
    """Two networks of practices: four, and three without the doubtful one."""
    answer = spread.ask("clustered-in-time", **CONSULTATION, replicates=49)
    networks = [("1", "2", "3", "4"), ("5", "6", "8")]
    pairs = [(a, b) for group in networks for a in group for b in group if a != b]
    plain = shuffle_test(
        {"source": [a for a, _ in pairs], "target": [b for _, b in pairs]},
        {"node": ["1", "2", "3", "4", "5", "6", "8"], "time": [1, 2, 3, 4, 4, 5, None]},
        periods=range(1, 7),
        replicates=1,
    )
    assert answer["slope"].to_list() == pytest.approx([plain.alpha] * 3)
    assert [test["replicates"] for test in answer.tests] == [49, 49, 49]
    assert answer["p_value"].min() >= 1 / 50
    assert "the records do not say which" in said(answer)


def test_another_seed_deals_otherwise_and_the_same_one_alike(spread: Graph) -> None:
    one, same, other = (
        spread.ask("clustered-in-time", **CONSULTATION, replicates=49, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one.rows() == same.rows()
    assert one.key == same.key != other.key


def test_no_wording_says_more_than_the_records(spread: Graph) -> None:
    for name in NEEDS_PERIODS:
        if name == "exposure-model":
            continue
        answer = spread.ask(name, **CONSULTATION)
        told = f"{answer.rows()} {said(answer)}".lower()
        assert not [w for w in ("because of", "influenced", "spread from") if w in told], name


def test_a_route_needs_a_tie_with_a_date_and_two_adopters(spread: Graph) -> None:
    whole = spread.ask("feasible-sources", **RECORD, replicates=19)
    assert "1 of 8 ties have no date" in said(whole)
    assert [test["observed"] for test in whole.tests] == [0.8, 1.0]
    elmet = pl.DataFrame(whole).filter(pl.col("adopter") == "Elmet")
    assert set(elmet["certainty"]) == {"POSSIBLE"}  # Deira adopted, and the tie began, in one month
    # Aldershire's own tie to Elmet began in June, after Elmet had adopted.
    assert "Aldershire > Elmet" not in elmet["route"].to_list()
    joint = spread.ask("feasible-sources", **RECORD, kind="PLANS_JOINTLY_WITH")
    assert "0 of those adopters have such a tie" in joint.reason


def test_the_side_of_an_incentive_must_have_periods(spread: Graph) -> None:
    found = spread.ask("before-and-after", **CONSULTATION, day="2023-12-01", replicates=19)
    assert found.select("side", "from", "to", "at_risk", "new_adopters").rows() == [
        ("before", "2023-10", "2023-11", 11, 2),
        ("after", "2023-12", "2024-02", 7, 3),
    ]
    assert "common cause outside the network" in said(found)
    with pytest.raises(UsageError, match="nothing to compare around 2030-01-01"):
        spread.ask("before-and-after", **CONSULTATION, day="2030-01-01")


def test_a_tie_of_bodies_is_one_of_their_systems_while_both_were_in_them(sample: Graph) -> None:
    bodies = recorded_ties(sample.snapshot, "SHARES_INFORMATION_WITH", "provider")
    assert (bodies.ties.height, bodies.undated.height) == (4, 2)
    systems = recorded_ties(sample.snapshot, "SHARES_INFORMATION_WITH", "system")
    named = set(systems.ties["source"]) | set(systems.undated["source"])
    assert named <= set(sample.nodes("System")["id"])


def test_information_flows_both_ways_along_joint_planning_alone(spread: Graph) -> None:
    flows = recorded_ties(spread.snapshot).flows
    both = flows.filter(pl.col("kind") == "PLANS_JOINTLY_WITH").select("source", "target").rows()
    assert sorted(both) == [("ods:QZ7", "ods:QZ8"), ("ods:QZ8", "ods:QZ7")]
    assert flows.filter(pl.col("kind") == "SHARES_INFORMATION_WITH").height == 6


def test_company_is_that_of_the_time(spread: Graph) -> None:
    """Practices are in networks from July 2019 on, and in none before."""
    timed = uptake(spread.snapshot, CONSULTATION["innovation"]).in_periods("month")
    window = (timed.periods[0], timed.periods[-1])
    kept = company(spread.snapshot, timed.nodes, "pcn", window)
    assert kept.counts["with_recorded_company"] == 8
    assert kept.pairs.height == 2 * 4 * 3
    assert str(kept.pairs["start"].min()) == "2019-07-01"
