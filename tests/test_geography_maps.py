"""Systems on a map: outlines that stay closed and small, tiles in their place, honest shades."""

import json
import re
from itertools import combinations
from xml.etree import ElementTree

import polars as pl
import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.visualisations.chart_page import page_of
from icsgraph.visualisations.charts import chart
from icsgraph.visualisations.geography import GRIDS, outlines, projection, tiles
from icsgraph.visualisations.geography_map import shaded
from icsgraph.visualisations.geography_page import systems_area_page, systems_tiles_page
from icsgraph.visualisations.geography_values import found_values, standing
from icsgraph.visualisations.layout import Box
from icsgraph.visualisations.palette import SEQUENCE
from icsgraph.visualisations.tables import Tables

XHTML = re.compile(r'<a class="area" id="on-([^"]+)" href="#([^"]+)" aria-label="([^"]+)">')


def square(west: float, south: float, size: float = 1.0) -> str:
    east, north = west + size, south + size
    ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def finding(number: int) -> dict:
    return {"id": f"icsg:finding/{number}", "name": "A finding", "start_latest": "2021-05-28"}


WEST, EAST, NORTH = "ods:QW1", "ods:QE1", "ods:QN1"
SMALL = Tables(
    {
        "System": {
            "id": [WEST, EAST, NORTH],
            "name": ["West & <North>", "East", "North"],
            "lon": [-3.5, -1.5, -2.5],
            "lat": [51.5, 51.5, 52.5],
            "boundary": [square(-4, 51, 1.5), square(-2.5, 51, 1.5), square(-3, 52.5)],
            "end_latest": [None, "2026-04-01", None],
        },
        "Finding": {
            key: [finding(n)[key] for n in (1, 2, 3)] for key in ("id", "name", "start_latest")
        },
        "Review": {"id": ["icsg:review/1"], "name": ["Cancer"]},
    },
    {
        "CONCERNS": {
            "id": ["a", "b", "c"],
            "subject": [f"icsg:finding/{n}" for n in (1, 2, 3)],
            "object": [WEST, WEST, EAST],
        },
        "REVIEWED": {"id": ["r"], "subject": ["icsg:review/1"], "object": [WEST]},
    },
    id="0123456789abcdef",
)


def areas(html: str) -> dict[str, str]:
    return {target: said for _, target, said in XHTML.findall(html)}


def test_north_is_up_and_lengths_are_in_proportion():
    (x0, y0), (x1, y1) = projection(-2.0, 52.0), projection(-2.0, 53.0)
    assert x0 == x1 and y1 < y0
    (x2, y2) = projection(-1.0, 52.0)
    assert (x2 - x0) / (y0 - y1) == pytest.approx(0.6157, abs=0.002)  # cos 52 degrees


def points(path: str) -> set[tuple[float, float]]:
    """The places of a path of one ring."""
    x = y = 0.0
    found = set()
    for letter, told in re.findall("([Mlhv])([^Mlhvz]*)", path):
        numbers = [float(n) for n in re.findall(r"-?[0-9.]+", told)]
        across = 0.0 if letter == "v" else numbers[0]
        down = 0.0 if letter == "h" else numbers[-1]
        x, y = x + across, y + down
        found.add((x, y))
    return found


def test_a_border_of_two_systems_falls_on_the_same_places():
    drawn = outlines({"a": square(-4, 51), "b": square(-3, 51)}, Box(0, 0, 300, 300))
    assert len(points(drawn["a"].path) & points(drawn["b"].path)) == 2
    assert all(shape.path.endswith("z") for shape in drawn.values())


def test_an_island_too_small_to_see_is_left_out():
    parts = [json.loads(square(-3, 51))["coordinates"], json.loads(square(-1, 51, 0.001))]
    both = {"type": "MultiPolygon", "coordinates": [parts[0], parts[1]["coordinates"]]}
    assert outlines({"a": json.dumps(both)}, Box(0, 0, 100, 100))["a"].path.count("M") == 1


@pytest.mark.parametrize("size", GRIDS)
def test_a_picture_of_england_has_as_many_tiles_as_there_are_systems(size):
    assert "".join(GRIDS[size]).count("#") == size


@pytest.mark.parametrize(("day", "number"), [("2021-06-30", 42), ("2026-06-01", 36)])
def test_each_system_has_a_tile_of_its_own_where_it_lies(sample, day, number):
    systems = standing(sample.snapshot, day)
    placed = tiles({i: (row["lon"], row["lat"]) for i, row in systems.items()})
    assert len(set(placed.values())) == len(placed) == number
    by_name = {row["name"]: placed[i] for i, row in systems.items()}
    assert by_name["North East and North Cumbria"][1] == 0
    assert by_name["Cornwall and the Isles of Scilly"] == (0, 8)
    assert by_name["Kent and Medway"][0] == max(x for x, y in placed.values() if y == 7)
    assert by_name["South East London"][1] > by_name["North East London"][1]
    assert by_name["Devon"][0] < by_name["Dorset"][0] < by_name["Hampshire and Isle of Wight"][0]


def test_north_and_south_are_hardly_ever_mixed_up(sample):
    systems = standing(sample.snapshot, "2021-06-30")
    placed = tiles({i: (row["lon"], row["lat"]) for i, row in systems.items()})
    wrong = [
        (systems[a]["name"], systems[b]["name"])
        for a, b in combinations(systems, 2)
        if (systems[a]["lat"] - systems[b]["lat"]) * (placed[b][1] - placed[a][1]) < 0
        and abs(systems[a]["lat"] - systems[b]["lat"]) > 0.5
    ]
    assert wrong == []


def test_whose_place_is_not_known_still_has_a_tile():
    placed = tiles({"a": (-2.0, 52.0), "b": (None, None), **{f"n{n}": (n, 51) for n in range(50)}})
    assert len(set(placed.values())) == 52
    assert tiles({}) == {}


def test_an_area_says_its_name_and_number_and_leads_to_its_row():
    html = systems_area_page(SMALL)
    assert areas(html) == {
        "ods-QW1": "West &amp; &lt;North&gt;: 2; Reviewed, findings recorded",
        "ods-QE1": "East: 1; In no review, findings from other sources",
        "ods-QN1": "North: not known; In no review, nothing recorded",
    }
    rows = set(re.findall(r'<tr id="([^"]+)">', html))
    assert rows == set(areas(html))
    assert {f"on-{row}" for row in rows} <= set(re.findall(r'id="(on-[^"]+)"', html))


def test_what_is_not_known_is_hatched_and_not_zero():
    html = systems_tiles_page(SMALL)
    area = re.search(r'<a class="area" id="on-ods-QN1".*?</a>', html)[0]
    assert "url(#missing)" in area
    assert not any(tone.light in area for tone in SEQUENCE)
    assert "not known (1)" in html
    assert '<td class="number">not known</td>' in html


def test_shades_follow_the_numbers():
    page = systems_tiles_page(SMALL)
    shades = [
        re.search(f'id="on-{one}".*?class="shape"[^>]*fill="([^"]+)"', page)[1]
        for one in ("ods-QE1", "ods-QW1")
    ]
    order = [tone.light for tone in SEQUENCE]
    assert order.index(shades[0]) < order.index(shades[1])


def test_the_day_chooses_the_systems(sample):
    names = [
        re.findall(r'class="area"', systems_tiles_page(sample.snapshot, on=day)) for day in DAYS
    ]
    assert [len(found) for found in names] == [42, 36]
    assert set(areas(systems_tiles_page(SMALL, on="2026-06-01"))) == {"ods-QW1", "ods-QN1"}


DAYS = ("2021-06-30", "2026-06-01")


def test_without_boundaries_the_map_says_so(sample):
    html = systems_area_page(sample.snapshot)
    assert "No boundary of a system is held" in html
    assert areas(html) == {}
    assert 'href="#on-' not in html


def test_any_answer_that_names_systems_can_be_drawn(sample):
    asked = {"question": "coverage", "column": "findings_from_context", "param": ["topic=cancer"]}
    one = chart(sample, "systems-tiles", **asked)
    answer = sample.ask("coverage", topic="cancer")
    mine = dict(one.rows.select("system", "value").rows())
    theirs = dict(answer.select("system", "findings_from_context").rows())
    assert mine == theirs and len(mine) == 42
    assert "topic cancer" in one.svg()


def test_rows_of_one_system_are_added_up_and_counted(sample):
    one = chart(sample, "systems-tiles", question="coverage", column="findings_from_context")
    answer = sample.ask("coverage")
    assert one.rows["value"].sum() == answer["findings_from_context"].sum()
    assert set(one.rows["rows"]) == {5}


@pytest.mark.parametrize(
    ("choices", "error", "said"),
    [
        ({"question": "coverge"}, UnknownName, "coverage"),
        ({"question": "coverage"}, UsageError, "findings_from_reviews"),
        ({"question": "coverage", "column": "finding"}, UnknownName, "findings_from_reviews"),
        ({"question": "coverage", "param": ["cancer"]}, UsageError, "name=value"),
        ({"flows": "pathway"}, UnknownName, "pathways"),
    ],
)
def test_what_cannot_be_drawn_is_told(sample, choices, error, said):
    with pytest.raises(error, match=said):
        chart(sample, "systems-tiles", **choices)


def test_an_answer_that_names_no_system_is_a_page_with_a_sentence(sample):
    one = chart(sample, "systems-tiles", question="technologies", column="findings_from_reviews")
    assert "No row of the answer names a system." in one.html()


def test_arcs_are_the_strongest_pairs_and_each_leads_to_its_row(sample):
    one = chart(sample, "systems-tiles", flows="innovations", on="2021-12-31")
    matrix = chart(sample, "systems-matrix", of="innovations").rows
    pairs = {frozenset(pair) for pair in matrix.select("from", "to").rows()}
    drawn = {frozenset(pair) for pair in one.rows.select("from", "to").rows()}
    assert drawn <= pairs and len(drawn) == min(40, len(pairs))
    assert one.rows["value"][0] == matrix["value"].max()
    assert len(areas(one.html())) == one.rows.height


def test_a_map_is_small_and_whole(sample):
    picture = shaded(found_values(SMALL, ""), "systems-area")
    assert len(page_of(picture)) < 40_000
    assert ElementTree.fromstring(chart(sample, "systems-tiles").svg()).tag.endswith("svg")


def test_the_map_of_real_boundaries_stays_small(england):
    for day in DAYS:
        html = systems_area_page(england.snapshot, on=day)
        assert len(areas(html)) == {DAYS[0]: 42, DAYS[1]: 36}[day]
        assert len(html.encode()) < 150_000


# ---- the map of any answer ----------------------------------------

COVERAGE = ("--question", "coverage", "--column", "findings_from_reviews")


def drawn(graph, tmp_path, *words: str):
    """The command's result, and the file it was asked to write."""
    target = tmp_path / "map.html"
    store = ("--store", str(graph.snapshot.folder.parent.parent))
    return CliRunner().invoke(app, ["map", *words, *store, "-o", str(target)]), target


@pytest.mark.parametrize("name", ["systems-area", "systems-tiles"])
def test_any_answer_of_systems_shades_the_map(sample, tmp_path, name):
    result, target = drawn(sample, tmp_path, name, *COVERAGE)
    assert result.exit_code == 0
    chosen = {"question": "coverage", "column": "findings_from_reviews"}
    page = target.read_text(encoding="utf-8")
    assert page == chart(sample, name, **chosen).html() == sample.map(name, **chosen).html
    assert page != sample.map(name).html


def test_a_parameter_chooses_the_rows_that_are_counted(sample, tmp_path):
    _, target = drawn(sample, tmp_path, "systems-tiles", *COVERAGE, "--param", "topic=cancer")
    page = target.read_text(encoding="utf-8")
    rows = sample.ask("coverage", topic="cancer")
    wanted = dict(rows.group_by("id").agg(pl.col("findings_from_reviews").sum()).iter_rows())
    shades = {of: label for of, _, label in XHTML.findall(page)}
    assert len(wanted) == 42 and sum(wanted.values()) > 0
    for system, number in wanted.items():
        assert shades[system.replace(":", "-")].endswith(f": {number}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("systems-tiles", "--question", "coverag"), "coverage"),
        (("systems-tiles", "--question", "coverage"), "--column"),
        (("systems-tiles", "--question", "coverage", "--column", "found"), "findings_from_reviews"),
        (("systems-tiles", "--param", "topic=cancer"), "is of a question"),
        (("systems-area", "--column", "share"), "is of a question"),
        (("flows", "--question", "coverage"), "has no --question"),
    ],
)
def test_an_answer_that_cannot_shade_is_refused_and_nothing_is_written(
    sample, tmp_path, words, said
):
    result, target = drawn(sample, tmp_path, *words)
    assert result.exit_code == 2
    assert said in f"{result.output}{result.exception or ''}"
    assert not target.exists()


def test_a_name_that_does_not_fit_its_area_in_the_inset_stands_beside_it():
    """A thin area has no room for a name, and the wide one below has."""
    thin = {
        "type": "Polygon",
        "coordinates": [[[-1, 52], [-1, 52.1], [1, 52.1], [1, 52], [-1, 52]]],
    }
    names = ["North East London", "South London"]
    systems = {
        "id": ["ods:QT1", "ods:QT2"],
        "name": names,
        "region": ["London", "London"],
        "boundary": [json.dumps(thin), square(-1, 50, 2)],
    }
    html = systems_area_page(Tables({"System": systems}))
    drawn = re.findall(r"<text[^>]*>(.*?)</text>", html)
    assert drawn.count(names[0]) == 2  # beside its area, and where that is pointed at
