"""The adoption series of England: figures of the README beside the data, and how they are meant."""

from dataclasses import replace

import polars as pl
import pytest

from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.adoption_rules import AdoptionRule, rules
from icsgraph.ontology.adoptions import adoptions, observed
from icsgraph.pipeline import load

FILES = {
    "online-consultation@2025-03": (
        "gp_online_consultation_practice_month_2023-09_2025-03.csv.gz",
        "derived_gp_online_consultation_adoption_events.csv.gz",
    ),
    "virtual-wards@2024-07": ("virtual_ward_icb_month_2023-07_2024-07.csv.gz",),
    "doac@2020-03": ("doac_uptake_ccg_month_2012-01_2020-03.csv.gz",),
    "trimethoprim@2018-06": (
        "trimethoprim_share_practice_month_2013-06_2018-06.csv.gz",
        "trimethoprim_switch_timing_practice.csv.gz",
    ),
    "gp-systems@2025-11": ("gp_clinical_system_practice_2019_2025.csv.gz",),
    "diagnostic-centres@2025-10": ("community_diagnostic_centres_2025-06_2025-10.csv",),
    "surgical-hubs@2025-08": ("elective_surgical_hubs_2025-08.csv",),
}


@pytest.fixture(scope="module")
def loaded(shared):
    """Reads each data set when first asked for it, and keeps it."""
    kept = {}

    def partition(kind):
        if kind not in kept:
            source = next(each for each in FILES if each.startswith(f"{kind}@"))
            paths = tuple(shared / "data" / "adoption" / name for name in FILES[source])
            as_of = source.partition("@")[2]
            kept[kind] = load(SourceEntry(source, kind, paths, kind, as_of))
        return kept[kind]

    return partition


def adopted(partition, rule):
    rows = partition.relationships["ADOPTED"]
    return rows.filter(pl.col("rule") == rules()[rule].text)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("online-consultation", [119_015, 2_774]),
        ("virtual-wards", [546]),
        ("doac", [18_926]),
        ("trimethoprim", [7_679, 7_679]),
        ("gp-systems", [7_097]),
        ("diagnostic-centres", [170]),
        ("surgical-hubs", [134]),
    ],
)
def test_every_row_is_accepted(loaded, kind, rows):
    accounting = loaded(kind).facts["accounting"]
    assert [file["rows"] for file in accounting] == rows
    assert [file["accepted"] for file in accounting] == rows


# --- online consultation ---


def test_practices_take_part_from_the_start_later_or_never(loaded):
    partition = loaded("online-consultation")
    began = adopted(partition, "online-consultation")
    from_the_start = began.filter(pl.col("date_text") == "by 2023-09")
    later = began.filter(pl.col("start_earliest").is_not_null())
    everyone = observed(partition.series["online-consultation"], rules()["online-consultation"])
    # Four practices that come into the series later take part when they are first seen.
    assert (from_the_start.height, later.height, began.height) == (5_597, 662, 5_597 + 662 + 4)
    assert everyone.height - began.height == 74


def test_the_marked_beginnings_are_those_of_the_list_beside(loaded):
    partition = loaded("online-consultation")
    events = partition.series["online-consultation-events"].filter(pl.col("measure") == "oc_start")
    began = adopted(partition, "online-consultation").drop_nulls("start_earliest")
    ours = began.select("subject", pl.col("date_text"), pl.col("note").is_not_null())
    theirs = events.select("thing", "date", pl.col("value").is_not_null())
    assert sorted(ours.rows()) == sorted(theirs.rows())
    assert began["note"].count() == 178


def test_the_first_months_of_a_supplier_are_another_rule_on_the_same_series(loaded):
    partition = loaded("online-consultation")
    series = partition.series["online-consultation"]
    accurx = AdoptionRule(
        "icsg:innovation/accurx", "online-consultation", "supplier", "lists", "Accurx Limited"
    )
    began = adoptions(series, accurx).drop_nulls("start_earliest")
    events = partition.series["online-consultation-events"].filter(
        (pl.col("measure") == "supplier_first_seen") & (pl.col("group") == "ACCURX LIMITED")
    )
    assert sorted(began.select("subject", "date_text").rows()) == sorted(
        events.select("thing", "date").rows()
    )


def test_each_practice_belongs_to_a_network_a_commissioner_and_a_system(loaded):
    stated = loaded("online-consultation").relationships
    assert stated["COMMISSIONS"].height == stated["LOCATED_IN"].height == 6_337
    assert stated["LOCATED_IN"]["object"].n_unique() == 42
    assert stated["COMMISSIONS"]["subject"].n_unique() == 106
    assert stated["MEMBER_OF"]["object"].n_unique() == 1_281


# --- virtual wards ---


def test_ten_systems_reach_thirty_beds_and_two_fall_below_again(loaded):
    spells = adopted(loaded("virtual-wards"), "virtual-ward")
    assert (spells.height, spells["subject"].n_unique()) == (12, 10)
    assert spells["start_earliest"].null_count() == 5
    ended = spells.drop_nulls("end_latest").select("subject", "date_text", "end_latest")
    assert sorted(ended.rows()) == [
        ("ods:QOC", "by 2023-07 to 2023-11", "2023-12-31"),
        ("ods:QU9", "2023-12 to 2023-12", "2024-01-31"),
        ("ods:QU9", "2024-02 to 2024-02", "2024-03-31"),
    ]


def test_beds_of_england_are_those_published(loaded):
    series = loaded("virtual-wards").series["virtual-wards"]
    beds = series.filter(pl.col("measure") == "beds").group_by("date").agg(pl.col("number").sum())
    assert dict(beds.rows())["2023-07"] == 9_713
    assert dict(beds.rows())["2024-07"] == 12_365


def test_text_of_occupancy_is_kept(loaded):
    series = loaded("virtual-wards").series["virtual-wards"]
    texts = series.filter(pl.col("measure") == "occupancy")["value"]
    assert [(texts == text).sum() for text in ("100%*", "*", "**")] == [24, 3, 1]


# --- DOAC ---


def test_systems_pass_half_from_november_2015_to_july_2019(loaded):
    months = adopted(loaded("doac"), "doac-system")["date_text"].sort()
    assert (months.len(), months[0], months[-1]) == (42, "2015-11", "2019-07")
    # The median of 42 lies between these two; the later is the one by which half had passed.
    assert (months[20], months[21]) == ("2018-03", "2018-04")


def test_most_commissioners_pass_half(loaded):
    partition = loaded("doac")
    passed = adopted(partition, "doac-ccg")
    assert passed.height == 185
    assert observed(partition.series["doac"], rules()["doac-ccg"]).height == 192
    assert passed["start_earliest"].null_count() == 0


def test_another_threshold_needs_no_file(loaded):
    series = loaded("doac").series["doac"]
    heights = [
        adoptions(series, replace(rules()["doac-ccg"], threshold=share)).height
        for share in (0.1, 50, 60, 100)
    ]
    assert heights[0] == 192 and heights[1] == 185 and heights[-1] == 0
    assert heights == sorted(heights, reverse=True)


# --- trimethoprim ---


def test_practices_switch_at_a_date_before_the_start_or_never(loaded):
    partition = loaded("trimethoprim")
    switched = adopted(partition, "nitrofurantoin-first")
    at_start = switched.filter(pl.col("date_text") == "by 2013-08")
    everyone = observed(partition.series["trimethoprim"], rules()["nitrofurantoin-first"])
    assert everyone.height == 7_679
    assert at_start.height == 962
    assert switched.height - at_start.height == 6_116
    assert everyone.height - switched.height == 601
    # Of twelve of the 6,116 no three months in a row are known before: they are bounded too.
    assert switched["start_earliest"].null_count() == 962 + 12


def test_months_of_the_switch_differ_from_the_list_where_the_mean_is_exactly_half(loaded):
    partition = loaded("trimethoprim")
    ours = dict(
        adopted(partition, "nitrofurantoin-first")
        .select("subject", pl.col("date_text").str.tail(7))
        .rows()
    )
    listed = partition.series["trimethoprim-switches"].filter(pl.col("measure") == "first month")
    theirs = dict(listed.select("thing", pl.col("value").replace("at_start", "2013-08")).rows())
    differ = {thing for thing, month in theirs.items() if ours.get(thing, "never") != month}
    assert len(differ) == 7
    shares = partition.series["trimethoprim"].sort("thing", "date")
    for thing in differ:
        row = shares.filter((pl.col("thing") == thing) & (pl.col("date") <= ours[thing]))
        # To three decimals, as published, three shares that add up to 1.5 have the mean 0.5.
        assert sum(round(1000 * share) for share in row["number"].tail(3)) == 1500
        assert ours[thing] < theirs[thing]


def test_most_switches_follow_the_incentive_of_april_2017(loaded):
    dated = adopted(loaded("trimethoprim"), "nitrofurantoin-first").drop_nulls("start_earliest")
    years = dated.group_by(pl.col("start_latest").str.head(4)).len().sort("len", descending=True)
    assert years["start_latest"][0] == "2017"


# --- clinical systems, centres, hubs ---


def test_practices_changed_their_core_system(loaded):
    partition = loaded("gp-systems")
    series = partition.series["gp-systems"]
    at = {date: series.filter(pl.col("date") == date) for date in ("2019-08", "2025-11")}
    both = at["2019-08"].join(at["2025-11"], on="thing", suffix="_later")
    assert both.height == 6_137
    core = pl.col("value_later").str.split("/").list.first()
    assert both.filter(core.str.to_lowercase() != pl.col("value").str.to_lowercase()).height == 495


def test_vision_and_microtest_vanish(loaded):
    partition = loaded("gp-systems")
    for name in ("gp-system-vision", "gp-system-microtest"):
        used = adopted(partition, name)
        seen_later = pl.col("end_earliest") > "2025-11-30"
        assert used.height > 0 and used.filter(seen_later).is_empty()


def test_every_system_has_a_diagnostic_centre_and_39_have_a_hub(loaded):
    centres = adopted(loaded("diagnostic-centres"), "community-diagnostic-centre")
    hubs = adopted(loaded("surgical-hubs"), "elective-surgical-hub")
    assert centres["date_text"].to_list() == ["by 2025-06"] * 42
    assert hubs["date_text"].to_list() == ["by 2025-08"] * 39
    renamed = (
        loaded("diagnostic-centres").nodes["Location"].filter(pl.col("other_names").list.len() > 0)
    )
    assert renamed.height == 4
