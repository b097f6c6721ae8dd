"""Who is on the national map, where each stands, what ties them, and that the page never varies."""

import base64
import gzip
import json
import re
from collections import Counter
from itertools import combinations
from math import hypot

import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.ontology.errors import DateFault, UsageError
from icsgraph.visualisations import viewer_bundle
from icsgraph.visualisations.national_data import national
from icsgraph.visualisations.national_layout import packed, spiral, spiral_radius
from icsgraph.visualisations.national_map import national_map
from icsgraph.visualisations.national_words import filters, headline, periods

DAY, EARLIER = "2026-06-01", "2021-02-28"


@pytest.fixture(scope="module")
def small(registers):
    return national(registers.snapshot, DAY)


def home(found, body):
    group = next(group for group in found.groups if body in group.bodies)
    system = found.groups[group.parent]
    return group.name, system.name, found.groups[system.parent].name


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("ods:R9X", ("Barsetshire", "Barsetshire", "North West")),
        ("cqc:1-910000003", ("Plumstead, City of", "Framley and Plumstead", "Region not known")),
        (
            "ods:W99006",  # in Wales
            ("Local authority not known", "No system known", "Not placed in England"),
        ),
    ],
)
def test_a_provider_stands_where_its_locations_or_its_register_say(small, body, where):
    assert home(small, body) == where


def test_each_organisation_stands_once_and_in_the_order_of_the_groups(small):
    bodies = small.bodies["id"].to_list()
    assert len(set(bodies)) == len(bodies)
    for group in small.groups:
        if group.level == "authority":
            assert bodies[group.first : group.last] == group.bodies
        for other in small.groups:
            if other.parent >= 0 and small.groups[other.parent] is group:
                assert group.first <= other.first <= other.last <= group.last


def test_every_provider_with_a_location_is_on_the_map(registers, small):
    operated = registers.snapshot.relationships("OPERATES")
    assert set(operated["subject"]) <= set(small.bodies["id"])
    assert set(operated["object"]) == set(small.sites["id"])


def test_a_tie_names_both_ends_its_kind_its_source_and_its_dates(small):
    columns, ties = small.columns, small.columns["ties"]
    ids = [*columns["bodies"]["id"], *columns["groups"]["id"]]
    row = next(
        at
        for at, amount in enumerate(ties["amount"])
        if amount == 50 and ids[ties["from"][at]] == "ods:R9X"
    )
    assert ids[ties["to"][row]] == "ods:99X"
    source = columns["sources"][ties["source"][row]]
    assert (source["title"], source["publisher"], source["licence"]) == (
        "Made-up pathways of January 2026",
        "NHS England",
        "MIT",
    )
    assert columns["days"][ties["startLatest"][row]] == "2026-01-01"
    assert columns["days"][ties["endEarliest"][row]] == "2026-02-01"


def test_who_commissions_a_location_is_tied_to_who_operates_it(registers, small):
    paid = registers.snapshot.relationships("COMMISSIONS")
    operated = registers.snapshot.relationships("OPERATES")
    owners = dict(zip(operated["object"], operated["subject"], strict=True))
    ends = {(a, owners.get(b, b)) for a, b in paid.select("subject", "object").iter_rows()}
    shown = small.ties.filter(kind="COMMISSIONS").select("subject", "object")
    assert ends and set(shown.iter_rows()) == ends


def test_a_rating_is_the_newest_of_its_location(registers, small):
    told = registers.snapshot.series("ratings").filter(measure="overall rating", group="Overall")
    rated = small.sites.drop_nulls("rating")
    assert rated.height
    for site, rating, day in rated.select("id", "rating", "rated").iter_rows():
        newest = told.filter(thing=site).sort("date")[-1]
        assert (rating, day) == (newest["value"][0], newest["date"][0])


def test_every_filter_counts_what_has_its_values(small):
    by_name = {one.name: one for one in filters(small)}
    assert set(by_name) == {
        "region", "system", "type", "rating", "tie", "knowledge", "certainty",
    }  # fmt: skip
    regions = {option.label for option in by_name["region"].options}
    assert regions == {group.name for group in small.groups if group.level == "region"}


def test_the_headline_counts_what_is_in_the_tables(small):
    assert headline(small).startswith(
        f"{small.bodies.height} organisations · {small.sites.height} locations folded into them · "
        "2 systems of 1 June 2026"
    )


def test_periods_are_quarters_up_to_the_day_and_one_for_all_dates():
    found = periods("2020-08-05")
    assert [(one.first, one.last) for one in found] == [
        ("2020-01-01", "2020-03-31"),
        ("2020-04-01", "2020-06-30"),
        ("2020-07-01", "2020-09-30"),
        ("", "2020-08-05"),
    ]


# ---- positions ----------------------------------------------------------------------------------


def overlaps(found):
    """Groups of one level that lie over one another, and parts that stick out of their group."""
    for level in ("region", "system", "authority"):
        own = [group for group in found.groups if group.level == level]
        for a, b in combinations(own, 2):
            if hypot(a.x - b.x, a.y - b.y) < a.radius + b.radius - 0.05:
                yield a.name, b.name
    for group in found.groups:
        if group.parent >= 0:
            around = found.groups[group.parent]
            if hypot(group.x - around.x, group.y - around.y) > around.radius - group.radius + 0.05:
                yield group.name, "sticks out of", around.name


def test_no_group_lies_over_another(small):
    assert list(overlaps(small)) == []


def test_marks_in_a_spiral_have_room_and_lie_in_its_circle():
    places = spiral(500)
    assert min(hypot(a - c, b - d) for (a, b), (c, d) in combinations(places, 2)) > 2.2
    assert max(hypot(x, y) for x, y in places) + 1 < spiral_radius(500)


def test_circles_lie_towards_one_another_as_their_points_do():
    points = {"north": (0.0, 54.0), "south": (0.0, 50.0), "west": (-4.0, 52.0), "nowhere": None}
    circles, around = packed(points, dict.fromkeys(points, 10.0), 2.0)
    assert circles["north"].y < circles["south"].y
    assert circles["west"].x < min(circles["north"].x, circles["south"].x)
    assert all(hypot(c.x, c.y) + c.radius <= around + 0.05 for c in circles.values())


# ---- the page -----------------------------------------------------------------------------------


def columns_of(html):
    block = re.search(r'id="columns">([^<]+)<', html)
    return json.loads(gzip.decompress(base64.b64decode(block[1])))


def test_the_page_holds_the_columns_and_the_viewer(registers, viewer, small):
    html = national_map(registers.snapshot)
    assert columns_of(html)["bodies"]["id"] == small.bodies["id"].to_list()
    assert viewer.read_text("utf-8") in html


def test_the_kinds_of_sole_traders_can_be_told_apart(small):
    told = Counter(small.columns["bodies"]["soleTrader"])
    assert told[1] == small.bodies.filter(is_sole_trader=True).height


def test_another_day_has_other_systems(registers, viewer):
    before, today = (columns_of(national_map(registers.snapshot, on=on)) for on in (EARLIER, DAY))
    assert before["groups"]["id"] != today["groups"]["id"]


def test_what_is_no_day_is_refused(registers, viewer):
    with pytest.raises(DateFault):
        national_map(registers.snapshot, on="next week")


def test_without_its_viewer_the_map_says_how_to_get_it(registers, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="not built here"):
        viewer_bundle.viewer_script(tmp_path / "viewer.js")
    monkeypatch.setattr(viewer_bundle.viewer_script, "__defaults__", (tmp_path / "viewer.js",))
    store = registers.snapshot.folder.parent.parent
    output = tmp_path / "england.html"
    asked = ["map", "england", "-o", str(output), "--store", str(store)]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 2
    assert "make viewer" in told.output and "install the wheel" in told.output.replace("\n", " ")
    assert not output.exists()
