"""Questions on spread: counted by hand on a small made-up country, held to the plain functions and,
where the real series lie beside the checkout, to what is known of them."""

import polars as pl
import pytest

from icsgraph.ontology.errors import UsageError
from icsgraph.queries.answer import Answer
from icsgraph.queries.association import shuffle_test
from icsgraph.queries.catalogue import read_catalogue
from icsgraph.queries.keeping_company import company
from icsgraph.queries.spread_adoptions import uptake
from icsgraph.queries.spread_ties import recorded_ties, reviewed_bodies
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
    assert "6 records of 1 source name 6 adopters" in answer.reason


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
    assert "Of 8 ties, 1 has no date" in said(whole)
    assert [test["observed"] for test in whole.tests] == [0.8, 1.0]
    elmet = pl.DataFrame(whole).filter(pl.col("adopter") == "Elmet")
    assert set(elmet["certainty"]) == {"POSSIBLE"}  # Deira adopted, and the tie began, in one month
    # Aldershire's own tie to Elmet began in June, after Elmet had adopted.
    assert "Aldershire > Elmet" not in elmet["route"].to_list()
    joint = spread.ask("feasible-sources", **RECORD, kind="PLANS_JOINTLY_WITH")
    assert "of those adopters 0 have such a tie" in joint.reason


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


STAFFING = "icsg:barrier/staffing"
BETWEEN_SYSTEMS = {**RECORD, "population": "all", "company": "working-ties"}


def test_exposure_and_thresholds_with_and_without_a_barrier(spread: Graph) -> None:
    """Staffing is reported of Deira, Elmet and Gramarye: six of the eight ways have such an end."""
    found = spread.ask("exposure-before-adoption", **BETWEEN_SYSTEMS, barrier=STAFFING)
    sides = found.select("adopter", "used_before", "used_before_without", "in_company_without")
    assert sides.rows()[1:] == [
        ("Barset", 1.0, 1.0, 1),
        ("Casterbridge", 1.0, 1.0, 1),
        ("Deira", 1.0, None, 0),
        ("Elmet", 0.0, None, 0),
        ("Feldon", 1.0, None, 0),
    ]
    assert found.counts["ties_left_out_for_the_barrier"] == 6
    assert found.counts["systems_reporting_the_barrier"] == 3
    assert "the 6 of 8 ties that touch where Staffing is reported" in said(found)
    early = spread.ask("thresholds", **BETWEEN_SYSTEMS, barrier=STAFFING)
    assert early["at_adoption_without"].to_list() == [None, 1.0, 1.0, None, None, None]
    assert "used_before_without" not in spread.ask("exposure-before-adoption", **CONSULTATION)


def test_reach_with_and_without_a_barrier(spread: Graph) -> None:
    asked = {"level": "system", "since": "2021-01-01", "barrier": STAFFING}
    found = spread.ask("reach-within", **asked)
    sides = found.select("name", "possibly", "possibly_without").rows()
    assert sides[:3] == [("Aldershire", 5, 2), ("Barset", 4, 1), ("Casterbridge", 3, 0)]
    assert found.select("others").unique().item() == 7  # nobody drops out with its ties


def test_a_barrier_that_is_reported_of_nobody_here_is_not_answered(sample: Graph) -> None:
    barriers = sample.nodes("Barrier")["id"]
    faced = sample.relationships("FACED")["object"].implode()
    unheard = barriers.filter(~barriers.is_in(faced))
    told = [sample.ask("reach-within", barrier=one) for one in unheard]
    refused = [each for each in told if not each.answerable]
    assert refused and "is reported of no system, and of no tie here" in refused[0].reason


def test_another_threshold_is_applied_to_the_stored_series(spread: Graph) -> None:
    declared = spread.ask("adoption-curve", **CONSULTATION, every="month")
    other = spread.ask("adoption-curve", **CONSULTATION, every="month", threshold="0.5")
    same = spread.ask("adoption-curve", **CONSULTATION, every="month", threshold="1")
    assert declared.rows() == other.rows() == same.rows()  # a practice takes part, or does not
    assert other.record()["parameters"]["threshold"] == "0.5"
    rule = "online-consultation: participation >= 0.5; reporters: supplier"
    assert f"{rule} (the declared threshold is 1)" in said(other)
    dated = spread.ask("adopted-when", **CONSULTATION, threshold="0.5")
    assert set(dated["known_from"]) == {rule}
    everybody = spread.ask("adopted-when", **CONSULTATION, threshold="0")
    assert (dated.height, everybody.height) == (7, 8)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({**RECORD, "threshold": "0.5"}, "not from a stored series"),
        ({**CONSULTATION, "threshold": "half"}, 'The threshold "half" is no number'),
        ({**CONSULTATION, "threshold": "50"}, "outside of what was measured: .* from 0 to 1"),
        ({**CONSULTATION, "by": "statements", "threshold": "1"}, "not from a stored series"),
    ],
)
def test_a_threshold_that_cannot_be_applied_is_refused(
    spread: Graph, given: dict[str, str], told: str
) -> None:
    for name in ("adopted-when", "adoption-curve", "time-to-share", "hazard-by-period"):
        with pytest.raises(UsageError, match=told):
            spread.ask(name, **given)


def test_the_rule_of_a_threshold_needs_an_innovation(spread: Graph) -> None:
    with pytest.raises(UsageError, match="that of one innovation"):
        spread.ask("adopted-when", threshold="1")


SPREADING = {name: q for name, q in read_catalogue().items() if q.behind == "spread"}
OF_REVIEWED = [name for name, q in SPREADING.items() if "reviewed_only" in q.parameters]
NEEDED = {
    "innovation": "icsg:innovation/shared-record",
    "day": "2021-03-31",
    "source": "Sunderland City Council",
    "target": "Great North Care Record",
}


def needed(name: str) -> dict[str, str]:
    return {n: NEEDED[n] for n, p in SPREADING[name].parameters.items() if p.default is None}


@pytest.mark.parametrize("name", SPREADING)
def test_every_answer_on_spread_says_how_many_systems_were_looked_at(
    sample: Graph, name: str
) -> None:
    answer = sample.ask(name, **needed(name) | (EVIDENCE if "innovation" in needed(name) else {}))
    assert {"systems", "systems_reviewed", "systems_with_a_record"} <= set(answer.counts)
    assert answer.counts["systems_reviewed"] == 35


@pytest.mark.parametrize("name", OF_REVIEWED)
def test_what_was_not_reviewed_can_be_left_out_everywhere(spread: Graph, name: str) -> None:
    """Nobody reviewed the made-up country: nothing is left to be measured."""
    ends = {"source": "Aldershire", "target": "Barset"}
    given = needed(name) | {n: v for n, v in ends.items() if n in needed(name)}
    assert not spread.ask(name, **given, reviewed_only=True).answerable


def test_reach_among_reviewed_systems_alone(sample: Graph) -> None:
    every, reviewed = (sample.ask("reach-within", reviewed_only=only) for only in (False, True))
    bodies = set(reviewed_bodies(sample.snapshot))
    assert set(reviewed["id"]) < set(every["id"])
    assert set(reviewed["id"]) <= bodies
    assert "Only ties between reviewed systems" in said(reviewed)


def test_a_band_holds_the_number_and_says_how_often_a_row_stands(spread: Graph) -> None:
    asked = {"level": "system", "since": "2021-01-01"}
    plain = spread.ask("reach-within", **asked)
    banded = spread.ask("reach-within", **asked, doubt=25)
    assert banded.select(plain.columns).rows() == plain.rows()
    within = pl.col("band_low").le(pl.col("possibly")) & pl.col("band_high").ge(pl.col("possibly"))
    assert banded.select(within.all()).item()
    first = banded.row(0, named=True)
    assert (first["name"], first["band_low"] < 5 < first["band_high"]) == ("Aldershire", True)
    assert 0 < banded["stands"].min() <= banded["stands"].max() <= 1
    assert "2 of the 8 recorded ties taken out at random" in said(banded)
    assert banded.rows() == spread.ask("reach-within", **asked, doubt=25).rows()


def test_where_no_recorded_tie_is_measured_there_is_no_band(spread: Graph) -> None:
    answer = spread.ask("exposure-before-adoption", **CONSULTATION, doubt=10)
    assert answer["band_low"].null_count() == answer["stands"].null_count() == answer.height > 0
    assert "No band of doubt can be given" in said(answer)
    with pytest.raises(UsageError, match="up to 100"):
        spread.ask("reach-within", doubt=101)


def test_routes_go_through_shared_membership_too(spread: Graph) -> None:
    """Two networks of practices: 1 to 4 took it up one after another, and 6 after 5."""
    found = spread.ask("feasible-sources", **CONSULTATION, company="pcn", replicates=19)
    names = [(a[-1], s[-1]) for a, s in found.select("adopter", "had_a_recorded_route_from").rows()]
    wanted = ["21", "31", "32", "41", "42", "43", "65"]
    assert sorted(a + s for a, s in names) == wanted
    assert set(found["certainty"]) == {"CERTAIN"}  # each month lies wholly before the next
    assert found.tests[0]["observed"] == 0.8  # of five that came after the first, all but 5
    assert 0 < found.tests[0]["p_value"] <= 1 and found.tests[0]["replicates"] == 19
    assert "in reach of one another at once" in said(found)


def test_who_could_have_informed_a_practice_through_its_network(spread: Graph) -> None:
    asked = {"target": "ods:Z99002", "before": "2024-01-01"}
    found = spread.ask("could-have-informed", **asked, company="pcn")
    assert set(found["id"]) == {"ods:Z99001", "ods:Z99003", "ods:Z99004"}
    none = spread.ask("could-have-informed", **asked | {"target": "ods:QZ1"}, company="pcn")
    assert not none.answerable
    assert none.reason
