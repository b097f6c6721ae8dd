"""Rules over series: which things adopted, from when to when, and what is only bounded."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icsgraph.ontology.adoption_rules import COMPARISONS, AdoptionRule, rules, rules_of
from icsgraph.ontology.adoptions import adoptions, observed
from icsgraph.ontology.errors import DateFault, UnknownName, UsageError
from icsgraph.ontology.tables import SERIES, conform, faults

HALF = AdoptionRule("icsg:innovation/doac", "doac", "percent", ">=", 50)
BOUNDS = ("start_earliest", "start_latest", "end_earliest", "end_latest")


def series(text, measure="percent", group=None):
    """`thing | months from the first | ...`: a blank cell is a month that was not observed."""
    rows = []
    for line in text.strip().splitlines():
        thing, *cells = (cell.strip() for cell in line.split("|"))
        for month, cell in enumerate(cells, start=1):
            if cell:
                rows.append((thing, measure, group, None, float(cell), f"2020-{month:02}", None))
    return pl.DataFrame(rows, schema=SERIES, orient="row")


def texts(rows, measure):
    told = [(thing, measure, None, value, None, date, None) for thing, date, value in rows]
    return pl.DataFrame(told, schema=SERIES, orient="row")


def dated(frame, *columns):
    return frame.select("subject", *(columns or BOUNDS)).rows()


# --- when ---


def test_the_first_month_at_the_threshold_bounds_the_start():
    assert dated(adoptions(series("ods:00C | 40 | 50 | 60"), HALF)) == [
        ("ods:00C", "2020-02-01", "2020-02-29", "2020-04-01", None)
    ]


def test_what_is_past_the_threshold_when_first_seen_is_known_by_then_only():
    adopted = adoptions(series("ods:00C | | 50 | 60"), HALF)
    assert dated(adopted, "start_earliest", "start_latest", "date_text") == [
        ("ods:00C", None, "2020-02-29", "by 2020-02")
    ]


def test_months_that_were_not_observed_widen_the_bounds():
    adopted = adoptions(series("ods:00C | 40 | | | 50"), HALF)
    assert dated(adopted, "start_earliest", "start_latest", "date_text") == [
        ("ods:00C", "2020-02-01", "2020-04-30", "by 2020-04")
    ]


def test_without_an_end_what_the_measure_does_later_does_not_count():
    adopted = adoptions(series("ods:00C | 40 | 50 | 40 | 60"), HALF)
    assert dated(adopted, "date_text", *BOUNDS[2:]) == [("ods:00C", "2020-02", "2020-05-01", None)]


def test_an_adoption_can_end_and_begin_again():
    adopted = adoptions(series("ods:QE1 | 40 | 50 | 60 | 40 | 50"), replace(HALF, ends=True))
    assert dated(adopted, "date_text", *BOUNDS) == [
        ("ods:QE1", "2020-02 to 2020-03", "2020-02-01", "2020-02-29", "2020-04-01", "2020-04-30"),
        ("ods:QE1", "2020-05", "2020-05-01", "2020-05-31", "2020-06-01", None),
    ]
    assert adopted["key"].n_unique() == 2


def test_who_never_reaches_the_threshold_is_observed_and_has_not_adopted():
    told = series("ods:00C | 40 | 50\nods:00D | 40 | 49.9")
    assert adoptions(told, HALF)["subject"].to_list() == ["ods:00C"]
    assert observed(told, HALF).rows() == [
        ("ods:00C", "2020-01", "2020-02", 2),
        ("ods:00D", "2020-01", "2020-02", 2),
    ]


def test_things_do_not_run_into_one_another():
    told = series("ods:00C | 60 | 60\nods:00D | 60 | 40\nods:00E | 40 | 60")
    ended = replace(HALF, ends=True)
    assert dated(adoptions(told, ended), "date_text") == [
        ("ods:00C", "by 2020-01"),
        ("ods:00D", "by 2020-01 to 2020-01"),
        ("ods:00E", "2020-02"),
    ]


@pytest.mark.parametrize(
    ("date", "bounds"),
    [
        ("2020-06", ("2020-06-01", "2020-06-30")),
        ("2020-06-15", ("2020-06-01", "2020-06-15")),
        ("2020-Q3", ("2020-06-01", "2020-09-30")),
    ],
)
def test_a_period_is_as_exact_as_it_is_written(date, bounds):
    told = series("ods:00C | 40").with_columns(date=pl.lit("2020-05"))
    later = series("ods:00C | 60").with_columns(date=pl.lit(date))
    adopted = adoptions(pl.concat([told, later]), HALF)
    assert dated(adopted, "start_earliest", "start_latest") == [("ods:00C", *bounds)]


# --- by which rule ---


def test_a_low_measure_can_be_the_adoption():
    low = AdoptionRule("icsg:innovation/nitrofurantoin-first", "t", "share", "<=", 0.5)
    adopted = adoptions(series("ods:A81001 | 0.6 | 0.5 | 0.7", "share"), low)
    assert adopted["date_text"].to_list() == ["2020-02"]


def test_over_three_months_the_mean_decides_and_all_three_must_be_there():
    low = AdoptionRule("icsg:innovation/nitrofurantoin-first", "t", "share", "<=", 0.5, months=3)
    told = series(
        "ods:A81001 | 0.6 | 0.5 | 0.5 | 0.4\n"  # mean 0.533, then 0.467
        "ods:A81002 | 0.1 | 0.1 |     | 0.1 | 0.1 | 0.1\n"  # no three in a row before June
        "ods:A81003 | 0.1 | 0.1",
        "share",
    )
    assert dated(adoptions(told, low), "date_text") == [
        ("ods:A81001", "2020-04"),
        ("ods:A81002", "by 2020-06"),
    ]
    assert observed(told, low)["thing"].to_list() == ["ods:A81001", "ods:A81002"]


def test_a_mean_that_is_the_threshold_to_the_last_decimal_is_at_it():
    low = AdoptionRule("icsg:innovation/nitrofurantoin-first", "t", "share", "<=", 0.5, months=3)
    assert (0.5 + 0.543 + 0.457) / 3 > 0.5  # in binary fractions
    assert adoptions(series("ods:B81043 | 0.5 | 0.543 | 0.457", "share"), low).height == 1


def test_only_the_group_of_the_rule_is_looked_at():
    told = pl.concat(
        [
            series("ods:QE1 | 29 | 31", "beds", "adults"),
            series("ods:QE1 | 40 | 40 | 20", "beds", "all ages"),
        ]
    )
    rule = AdoptionRule("icsg:innovation/virtual-ward", "v", "beds", ">=", 30, group="adults")
    assert dated(adoptions(told, rule), "date_text", "end_earliest") == [
        ("ods:QE1", "2020-02", "2020-03-01")
    ]


def test_a_text_lists_a_name_in_any_spelling_and_only_whole():
    told = texts(
        [
            ("ods:A81001", "2020-01", "EMIS"),
            ("ods:A81001", "2020-02", "EMIS/TPP"),
            ("ods:A81002", "2020-01", "tpp , Klinik Limited"),
            ("ods:A81003", "2020-01", "TPP ONE"),
        ],
        "system",
    )
    rule = AdoptionRule("icsg:innovation/tpp", "g", "system", "lists", "TPP", ends=True)
    assert dated(adoptions(told, rule), "date_text") == [
        ("ods:A81001", "2020-02"),
        ("ods:A81002", "by 2020-01"),
    ]


def test_of_two_editions_the_later_is_believed():
    first = series("ods:00C | 40 | 50").with_columns(source=pl.lit("doac@2020-02"))
    second = series("ods:00C | 40 | 45 | 55").with_columns(source=pl.lit("doac@2020-03"))
    for told in (pl.concat([first, second]), pl.concat([second, first])):
        assert adoptions(told, HALF)["date_text"].to_list() == ["2020-03"]


# --- what may be an artefact ---


def reporting(*rows):
    """Thing, month, whether it takes part, who reports for it."""
    taking_part = [(t, "part", None, None, float(part), month, None) for t, month, part, _ in rows]
    told = texts([(t, month, who) for t, month, _, who in rows], "supplier")
    return pl.concat([pl.DataFrame(taking_part, schema=SERIES, orient="row"), told])


PART = AdoptionRule("icsg:innovation/oc", "oc", "part", ">=", 1, reporters="supplier")


def test_a_beginning_that_only_a_new_reporter_tells_of_is_marked():
    told = reporting(
        ("ods:A81001", "2020-01", 0, "None"),
        ("ods:A81001", "2020-02", 1, "Newcomer Ltd"),
        ("ods:A81002", "2020-01", 0, "None"),
        ("ods:A81002", "2020-02", 0, "None"),
        ("ods:A81002", "2020-03", 1, "NEWCOMER LIMITED"),
        ("ods:A81003", "2020-03", 0, "None"),
        ("ods:A81003", "2020-04", 1, "Newcomer Ltd"),
        ("ods:A81004", "2020-01", 0, "Old"),
        ("ods:A81004", "2020-02", 1, "Newcomer Ltd, Old"),
    )
    note = "possible coverage artefact: {} had only just begun to report"
    assert dated(adoptions(told, PART), "note") == [
        ("ods:A81001", note.format("Newcomer Ltd")),
        ("ods:A81002", note.format("NEWCOMER LIMITED")),  # one month after it began to report
        ("ods:A81003", None),  # two months after
        ("ods:A81004", None),  # one who reported before tells of it too
    ]


def test_what_is_bounded_above_only_cannot_be_an_artefact_of_a_month():
    told = reporting(("ods:A81001", "2020-01", 0, "Old"), ("ods:A81002", "2020-02", 1, "New"))
    assert dated(adoptions(told, PART), "note", "date_text") == [("ods:A81002", None, "by 2020-02")]


# --- faults ---


def test_a_measure_that_the_series_lacks_is_named_with_those_it_has():
    with pytest.raises(UnknownName) as caught:
        adoptions(series("ods:00C | 40", "percent", "sum"), HALF)
    assert caught.value.choices == ["percent [sum]"]


def test_an_empty_series_has_no_adoptions():
    assert adoptions(pl.DataFrame(schema=SERIES), HALF).is_empty()
    assert adoptions(pl.DataFrame(schema=SERIES), replace(PART, months=3)).is_empty()
    assert observed(pl.DataFrame(schema=SERIES), HALF).is_empty()


def test_a_mean_over_months_needs_months():
    told = series("ods:00C | 40").with_columns(date=pl.lit("2020"))
    with pytest.raises(UsageError, match="needs a series of months"):
        adoptions(told, replace(HALF, months=3))


def test_a_date_in_no_known_form_is_refused():
    with pytest.raises(DateFault):
        adoptions(series("ods:00C | 60").with_columns(date=pl.lit("May")), HALF)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"comparison": "=="}, UnknownName),
        ({"threshold": "half"}, UsageError),
        ({"threshold": float("nan")}, UsageError),
        ({"comparison": "lists"}, UsageError),
        ({"comparison": "lists", "threshold": "TPP", "months": 3}, UsageError),
        ({"months": 0}, UsageError),
        ({"group": "a]; may end"}, UsageError),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused_when_made(changes, error):
    with pytest.raises(error):
        replace(HALF, **changes)


@pytest.mark.parametrize("text", ["", "doac", "doac: percent = 50", "doac: percent >= half"])
def test_a_text_that_is_no_rule_is_refused(text):
    with pytest.raises(UsageError):
        AdoptionRule.parse(text, HALF.innovation)


# --- what holds of every series and every rule ---


def test_declared_rules_say_all_in_their_text():
    for rule in rules().values():
        plain = replace(rule, name="", words="", caveat="")
        assert AdoptionRule.parse(rule.text, rule.innovation) == plain
        assert rule in rules_of(rule.series)
        assert rule.words
    assert rules_of("ratings") == ()


CELLS = st.lists(
    st.lists(st.sampled_from([None, 10.0, 49.0, 50.0, 90.0]), min_size=1, max_size=9),
    min_size=1,
    max_size=4,
)


def table(cells):
    lines = (" | ".join("" if c is None else str(c) for c in row) for row in cells)
    return series("\n".join(f"ods:00{n} | {line}" for n, line in enumerate(lines)))


@given(CELLS, st.booleans(), st.sampled_from([1, 2, 3]))
def test_adoptions_are_rows_of_their_table(cells, ends, months):
    told = table(cells)
    if told.is_empty():
        return
    rule = replace(HALF, ends=ends, months=months)
    adopted = adoptions(told, rule)
    stated = conform(
        "ADOPTED",
        adopted.drop("key").with_columns(
            id=pl.lit("a"), source=pl.lit("s"), knowledge_level=pl.lit("inference")
        ),
    )
    assert faults("ADOPTED", stated).is_empty()
    assert adopted.select("subject", "object", "key").is_unique().all()
    assert set(adopted["subject"]) <= set(observed(told, rule)["thing"])


@given(CELLS)
def test_a_spell_holds_exactly_the_months_at_the_threshold(cells):
    """Judged cell by cell in plain Python."""
    told = table(cells)
    if told.is_empty():
        return
    spells = adoptions(told, replace(HALF, ends=True))
    for thing, month, number in told.select("thing", "date", "number").iter_rows():
        inside = spells.filter(
            (pl.col("subject") == thing)
            & (pl.col("start_latest").str.head(7) <= month)
            & (pl.col("end_earliest") > f"{month}-31")
        )
        assert inside.height == (number >= 50)


@given(CELLS)
def test_a_higher_threshold_is_reached_by_no_more_things_and_no_earlier(cells):
    told = table(cells)
    if told.is_empty():
        return
    low = dict(dated(adoptions(told, HALF), "start_latest"))
    high = dict(dated(adoptions(told, replace(HALF, threshold=90)), "start_latest"))
    assert all(low[thing] <= day for thing, day in high.items())


def test_every_comparison_is_used_by_a_declared_rule():
    assert {rule.comparison for rule in rules().values()} == set(COMPARISONS)
