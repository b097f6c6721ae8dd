"""The shuffle test, the test of structure and the logit against R's answers."""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from icsgraph.ontology.errors import ArgumentFault
from icsgraph.queries.adoption_logit import adoption_logit, person_periods
from icsgraph.queries.association import shuffle_test
from icsgraph.queries.permutation import generator, permutation_test, shuffled_within
from icsgraph.queries.structure_dependence import structure_dependence_test
from icsgraph.queries.swaps import swap_targets, swapped_targets

OWN = Path(__file__).parent / "golden"
SIMULATED = ["influence", "homophily", "homophily_timing", "none"]
NEVER = 18


def read(folder: Path) -> tuple[dict, pl.DataFrame, pl.DataFrame]:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    ties = pl.read_csv(folder / "edges.csv").rename({"ego": "source", "alter": "target"})
    people = pl.read_csv(folder / "nodes.csv", schema_overrides={"id": pl.String})
    return expected, ties, people.rename({"id": "node", "toa": "time"})


def doctors(shared, case: str) -> tuple[dict, pl.DataFrame, pl.DataFrame]:
    expected, ties, people = read(shared / "golden" / case)
    return (
        expected,
        ties,
        people.with_columns(time=pl.when(pl.col("time") < NEVER).then(pl.col("time"))),
    )


def strata_of(people: pl.DataFrame, null: str) -> pl.DataFrame | None:
    if null == "shuffle_within_trait_deciles":
        ranks = (pl.col("trait").rank("ordinal") - 1) * 10 // pl.len()
        return people.select("node", stratum=ranks.cast(pl.Int64))
    if null == "shuffle_within_strata" and "city" in people.columns:
        return people.select("node", stratum="city")
    return None


def check_shuffles(expected: dict, ties: pl.DataFrame, people: pl.DataFrame) -> None:
    nulls = [name for name in expected if name.startswith("shuffle_")]
    assert len(nulls) >= 2
    for name in nulls:
        null = expected[name]
        found = shuffle_test(
            ties,
            people.select("node", "time"),
            nodes=people["node"],
            strata=strata_of(people, name),
            replicates=null["R"],
            seed=11,
        )
        observed = expected["observed"]
        assert found.alpha == pytest.approx(observed["alpha"], abs=1e-6)
        assert found.standard_error == pytest.approx(observed["se"], abs=1e-6)
        assert found.beta == pytest.approx(observed["beta"], abs=1e-6)
        assert (found.person_periods, found.adoptions) == (observed["n"], observed["adoptions"])
        spread = sqrt(2 / null["R"])
        p = null["p_ge"]
        assert abs(found.test.null_mean - null["null_mean"]) < 4 * null["null_sd"] * spread
        assert abs(found.test.p_value - p) < 4 * sqrt(p * (1 - p)) * spread + 0.005
    reversed_ties = shuffle_test(
        ties,
        people.select("node", "time"),
        nodes=people["node"],
        direction="incoming",
        replicates=1,
    )
    assert reversed_ties.alpha == pytest.approx(expected["edge_reversed"]["alpha"], abs=1e-6)


@pytest.mark.parametrize("process", SIMULATED)
def test_the_shuffle_test_on_networks_whose_truth_is_known(process):
    check_shuffles(*read(OWN / f"shuffle_sim_{process}"))


def test_the_shuffle_test_on_the_doctors(shared):
    check_shuffles(*doctors(shared, "shuffle_test_medinnovations"))


def test_ties_that_change_give_the_counts_of_lasting_ones_where_they_do_not():
    _, ties, people = read(OWN / "shuffle_sim_homophily")
    lasting = shuffle_test(ties, people, nodes=people["node"], replicates=5, seed=2)
    dated = ties.with_columns(
        start=0, end=pl.when(pl.int_range(pl.len()) == 0).then(40).otherwise(41)
    )
    longer = shuffle_test(
        dated, people, nodes=people["node"], periods=range(1, 41), replicates=5, seed=2
    )
    again = shuffle_test(
        ties, people, nodes=people["node"], periods=range(1, 41), replicates=5, seed=2
    )
    assert (longer.alpha, longer.test) == pytest.approx((again.alpha, again.test))
    assert lasting.person_periods < longer.person_periods


def test_what_would_have_been_significant_is_said():
    null = np.arange(1.0, 20.0)
    test = permutation_test(19.5, null)
    assert (test.p_value, test.smallest_significant) == (0.05, 19.0)
    assert permutation_test(19.0, null).p_value == 0.1
    assert permutation_test(5.0, null[:9]).smallest_significant is None
    assert permutation_test(2.0, np.full(50, 2.0), alternative="two-sided").p_value == 1.0


def test_chance_is_its_own():
    np.random.seed(1)
    before = np.random.get_state()[1].tolist()
    codes = np.array([0, 0, 0, 1, 1])
    values = np.array([1, 2, 3, 8, 9])
    drawn = shuffled_within(values, codes, 50, generator(5))
    assert np.array_equal(drawn, shuffled_within(values, codes, 50, generator(5)))
    assert {tuple(sorted(row[:3])) for row in drawn.tolist()} == {(1, 2, 3)}
    assert np.random.get_state()[1].tolist() == before


def test_structure_dependence_of_the_doctors(shared):
    expected, ties, people = read(shared / "golden" / "struct_test_medinnovations")
    for name, known in expected["results"].items():
        some = people if name == "all" else people.filter(city=int(name.removeprefix("city")))
        inside = pl.col("source").is_in(some["node"].cast(pl.Int64).implode())
        inside &= pl.col("target").is_in(some["node"].cast(pl.Int64).implode())
        found = structure_dependence_test(
            ties.filter(inside),
            some.select("node", "time"),
            nodes=some["node"],
            periods=range(1, 19),
            replicates=known["R"],
            seed=1,
        )
        spread, p = sqrt(2 / known["R"]), known["p"]
        assert found.observed == pytest.approx(known["observed"], abs=1e-6)
        assert abs(found.null_mean - known["null_mean"]) < 4 * known["null_sd"] * spread + 0.005
        assert abs(found.p_value - p) < 4 * sqrt(p * (1 - p)) * spread + 0.01


def test_swaps_keep_degrees_and_make_no_tie_twice():
    chance = generator(3)
    pairs = sorted({(a, b) for a, b in chance.integers(0, 12, (60, 2)).tolist() if a != b})
    source, target = np.array(pairs).T
    drawn = swapped_targets(source, target, 12, 20, generator(8))
    assert np.bincount(drawn, minlength=12).tolist() == np.bincount(target, minlength=12).tolist()
    assert len(set(zip(source.tolist(), drawn.tolist(), strict=True))) == len(pairs)
    assert not (source == drawn).any() and not np.array_equal(drawn, target)
    plain, first = target.copy(), np.searchsorted(source, np.arange(13))
    choices = generator(8).integers(0, len(source), size=(20 * len(source), 2))
    swap_targets(source, plain, first, choices)
    assert np.array_equal(plain, drawn)


def test_ties_that_change_are_not_swapped():
    ties = {"source": ["A", "B"], "target": ["B", "A"], "start": [1, 2]}
    with pytest.raises(ArgumentFault, match="`ties`.*lasting"):
        structure_dependence_test(ties, {"node": ["A", "B"], "time": [1, 3]})


def test_the_logit_of_the_published_vignette(shared):
    expected, ties, people = doctors(shared, "medinnovations")
    rows = person_periods(
        ties,
        people.select("node", "time"),
        people.select("node", "city", "belief", "proage"),
        nodes=people["node"],
    )
    found = adoption_logit(
        rows,
        numbers=["exposure", "belief", "proage"],
        squares=["proage"],
        categories=["time", "city"],
    )
    known = expected["lagged_exposure_logit"]
    names = {"intercept": "(Intercept)", "exposure": "lagged_expo", "proage squared": "I(proage^2)"}
    estimates, errors = {}, {}
    for term, estimate, error in found.terms.select(
        "term", "estimate", "standard_error"
    ).iter_rows():
        kind, _, value = term.partition("=")
        factor = {"time": "factor(per)", "city": "factor(city)"}.get(kind)
        name = f"{factor}{value}" if factor else names.get(term, term)
        estimates[name], errors[name] = estimate, error
    assert len(estimates) == 23 and found.rows == known["n_obs"]
    assert estimates == pytest.approx(known["estimate"], abs=1e-6)
    assert errors == pytest.approx(known["std_error"], abs=1e-6)
    assert found.log_likelihood == pytest.approx(known["loglik"], abs=1e-6)
    assert found.left_out == () and not found.separated


def test_a_period_in_which_nobody_adopted_has_no_estimate():
    rows = pl.DataFrame(
        {
            "adopted": [0, 1, 0, 1, 0, 0],
            "exposure": [0.1, 0.2, 0.4, 0.3, 0.5, 0.6],
            "time": [2, 2, 3, 3, 4, 4],
        }
    )
    found = adoption_logit(rows)
    assert found.left_out == ("time=4",) and found.rows == 4
    with pytest.raises(ArgumentFault, match="say the same thing twice: double"):
        adoption_logit(
            rows.with_columns(double=2 * pl.col("exposure")), numbers=["exposure", "double"]
        )
    with pytest.raises(ArgumentFault, match="nobody adopted"):
        adoption_logit(rows.with_columns(adopted=0), categories=[])
