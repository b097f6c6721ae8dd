"""What charts draw is what the questions answer, in every format, and the same bytes each time.

Pictures are tested by their structure, not by pixels: how many marks there are of which colour, and
which words stand in them, is counted in the SVG, from which every other format is made.
"""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import polars as pl
import pytest

from icsgraph.ontology.errors import ArgumentFault, DateFault, UnknownName, UsageError
from icsgraph.visualisations.chart_page import anchor
from icsgraph.visualisations.chart_parts import Body, Column, Picture, Told
from icsgraph.visualisations.chart_text import text_width, wrapped
from icsgraph.visualisations.charting import FORMATS, Chart
from icsgraph.visualisations.charts import CHARTS, chart, chart_named
from icsgraph.visualisations.matrix import classes
from icsgraph.visualisations.palette import INKS, MODES, SEQUENCE, SURFACES, contrast, tones

SVG = "{http://www.w3.org/2000/svg}"
UPTAKE = {"innovation": "icsg:innovation/online-consultation", "every": "month"}
IN_OCTAVIA = ("adoption-curve", "hazard")  # a made-up country, where enough was taken up
NOTHING = {"systems-matrix", "systems-area"}  # the bundled evidence has no flows and no boundaries


@pytest.fixture(scope="module")
def drawn(sample, spread):
    """Every chart: of the bundled evidence, or where it holds too little, of made-up uptake."""
    uptake = {name: chart(spread, name, **UPTAKE) for name in IN_OCTAVIA}
    return uptake | {name: chart(sample, name) for name in CHARTS if name not in IN_OCTAVIA}


def words(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", CHARTS)
def test_each_chart_is_found_by_its_name(name):
    assert chart_named(name).name == name
    assert callable(chart_named(name).draw)


@pytest.mark.parametrize("name", CHARTS)
def test_each_picture_carries_what_must_be_said(drawn, name, sample, spread):
    one, graph = drawn[name], spread if name in IN_OCTAVIA else sample
    said = " ".join(words(one.svg()))
    assert one.picture.title.split()[0] in said
    assert f"Snapshot {graph.snapshot.id[:12]}" in said
    if name not in NOTHING:
        assert one.picture.drawing is not None
        assert "MIT: " in said
    else:
        assert one.picture.empty.split(".")[0] in said


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_has_a_name_and_a_description_for_whoever_does_not_see_it(drawn, name):
    root = ElementTree.fromstring(drawn[name].svg())
    named = [root.find(f"{SVG}{part}") for part in ("title", "desc")]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == " ".join(node.get("id") for node in named)
    assert all(node.text for node in named)


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_asks_for_nothing(drawn, name):
    addresses = re.findall(r'(?:href|src)="([^"]*)"', drawn[name].svg())
    assert [address for address in addresses if not address.startswith("#")] == []
    assert "style=" not in drawn[name].svg()


@pytest.mark.parametrize(
    ("name", "question"), [("adoption-curve", "adoption-curve"), ("hazard", "hazard-by-period")]
)
def test_a_curve_is_that_of_its_question(drawn, spread, name, question):
    answer = spread.ask(question, **UPTAKE)
    assert drawn[name].rows.equals(pl.DataFrame(answer))
    assert answer.height > 3


def test_a_matrix_has_a_cell_for_each_pair_and_no_other(drawn):
    one = drawn["barriers-and-innovations"]
    cells = [word for word in words(one.svg()) if word.isdecimal()]
    assert sorted(map(int, cells)) == sorted(one.rows["both"])


def test_the_innovations_of_two_systems_are_the_same_both_ways_round(sample):
    rows = chart(sample, "systems-matrix", of="innovations").rows
    pairs = {(a, b): n for a, b, n in rows.select("from", "to", "value").rows()}
    assert pairs and all(pairs[b, a] == n for (a, b), n in pairs.items())


def test_the_ways_of_findings_add_up(drawn, sample):
    rows, answer = drawn["acted-on"].rows, sample.ask("acted-on")
    assert rows["findings"].sum() == answer["id"].n_unique()
    said = words(drawn["acted-on"].svg())
    shared = rows.filter(shared="Shared with others")["findings"].sum()
    assert f"Shared with others {shared}" in said
    assert answer.counts["shared"] == shared


def test_a_year_holds_what_was_surely_or_maybe_observed_in_it(sample):
    rows = chart(sample, "years", first="2020", second="2021").rows
    findings = sample.nodes("Finding").filter(
        pl.col("evidence_class") != "programme_evaluation",
        pl.col("start_earliest") <= "2020-12-31",
        pl.col("start_latest") >= "2020-01-01",
    )
    of_2020 = rows.filter(year="2020")
    assert of_2020["possible"].sum() >= findings.height > 0
    assert (rows["certain"] <= rows["possible"]).all()


def test_an_empty_answer_is_a_picture_with_a_sentence(sample):
    one = chart(sample, "adoption-curve", innovation="Oximetry at home")
    assert one.picture.drawing is None
    assert "not who did not" in " ".join(words(one.svg()))
    assert "not who did not" in one.html()
    assert one.csv().decode().splitlines() == [",".join(one.rows.columns)]


@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_is_written_whole(drawn, tmp_path, ending):
    file = drawn["years"].save(tmp_path / f"years.{ending}")
    starts = {"png": b"\x89PNG", "pdf": b"%PDF-1", "svg": b"<svg", "html": b"<!doc", "csv": b"topi"}
    assert file.read_bytes().startswith(starts[ending])


def test_what_cannot_be_written_leaves_nothing_behind(drawn, tmp_path):
    (tmp_path / "years.svg").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        drawn["years"].save(tmp_path / "years.svg")
    with pytest.raises(UnknownName, match="bmp"):
        drawn["years"].save(tmp_path / "years.bmp")
    assert [path.name for path in tmp_path.iterdir()] == ["years.svg"]


@pytest.mark.parametrize(
    ("name", "choices", "error", "said"),
    [
        ("yeers", {}, UnknownName, "years"),
        ("years", {"frist": "2020"}, UnknownName, "first"),
        ("years", {"first": "MMXX"}, ArgumentFault, "no year"),
        ("years", {"on": "2020-02-30"}, DateFault, "2020-02-30"),
        ("systems-matrix", {"of": "innovation"}, UnknownName, "innovations"),
        ("barriers-and-innovations", {"least": "0"}, ArgumentFault, "above 0"),
        ("acted-on", {"topic": "cancr"}, UnknownName, "cancer"),
    ],
)
def test_what_there_is_none_of_is_told_with_the_nearest(sample, name, choices, error, said):
    with pytest.raises(error, match=said):
        chart(sample, name, **choices)


HOSTILE = '</svg><script>alert(1)</script><img src=x onerror="alert(1)">\x00\x0b\u202e\U0001f600'


def test_text_stays_text_in_every_format():
    told = Told(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,))
    rows = pl.DataFrame({"name": [HOSTILE * 20], "n": [1]})
    columns = {"name": Column(HOSTILE), "n": Column("n", share=True)}
    one = Chart(Picture(HOSTILE, HOSTILE, HOSTILE, rows, columns, told, empty=HOSTILE, key="name"))
    assert ElementTree.fromstring(one.svg()).find(f".//{SVG}script") is None
    assert "<script" not in one.html()
    assert "<img" not in one.html()
    assert one.png().startswith(b"\x89PNG")


def test_names_in_a_chart_of_vega_stay_text(sample):
    from icsgraph.visualisations.matrix import matrix
    from icsgraph.visualisations.vega import VegaLite

    cells = pl.DataFrame({"row": [HOSTILE], "column": ["a"], "value": [1]})
    drawn = matrix(cells, legend=HOSTILE, rows=[HOSTILE], columns=["a"], cell=20)
    inside = VegaLite(drawn).body().inside
    assert "<script" not in inside and "<img" not in inside


DRAW = """
import sys
from pathlib import Path
from icsgraph.session import open_graph
from icsgraph.visualisations.charts import chart
graph = open_graph(Path(sys.argv[1]))
for name in sys.argv[2:]:
    drawn = chart(graph, name)
    sys.stdout.buffer.write(drawn.svg().encode() + drawn.html().encode() + drawn.csv())
sys.stdout.buffer.write(drawn.png() + drawn.pdf())
"""
TWICE = [name for name in CHARTS if name not in IN_OCTAVIA]


@pytest.mark.parametrize(("seed", "zone"), [("0", "Pacific/Apia"), ("4242", "America/New_York")])
def test_the_same_bytes_in_another_process_and_time_zone(sample, drawn, seed, zone):
    store = sample.snapshot.folder.parents[1]
    other = subprocess.run(
        [sys.executable, "-c", DRAW, str(store), *TWICE],
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        capture_output=True,
        check=True,
    )
    ours = [drawn[n].svg().encode() + drawn[n].html().encode() + drawn[n].csv() for n in TWICE]
    last = drawn[TWICE[-1]]
    assert other.stdout == b"".join(ours) + last.png() + last.pdf()


def test_lines_are_no_wider_than_they_may_be():
    lines = wrapped("Bath and North East Somerset, Swindon and Wiltshire " + "x" * 300, 10, 80)
    assert all(text_width(line, 10) <= 80 for line in lines)
    assert "".join(lines).replace(" ", "").endswith("x" * 300)


def test_classes_part_equal_numbers_nowhere():
    values = [0] * 50 + [1] * 5 + list(range(2, 60))
    cuts = classes(values)
    assert cuts == sorted(set(cuts)) and len(cuts) <= 4
    assert cuts[0] > 0


@pytest.mark.parametrize("mode", MODES)
def test_text_on_each_class_can_be_read(mode):
    inks = [INKS["text"]] * 3 + [SURFACES["page"]] * 2
    read = [contrast(a.of(mode), b.of(mode)) for a, b in zip(SEQUENCE, inks, strict=True)]
    assert min(read) >= 4.5
    lightness = [contrast(tone.of(mode), SURFACES["page"].of(mode)) for tone in SEQUENCE]
    assert lightness == sorted(lightness)


def test_each_colour_of_a_drawing_has_one_tone_in_the_dark():
    names = ("page", "panel", "text", "muted", "edge", "rule", "innovation", "review", "barrier")
    light = [tones("light")[name] for name in names] + [tone.light for tone in SEQUENCE]
    assert len(set(light)) == len(light)


def test_places_on_a_page_have_plain_names():
    assert anchor("ods:QE1") == "ods-QE1"
    assert anchor("a b") != anchor("a-b")
    assert re.fullmatch("r[0-9a-f]{16}", anchor(HOSTILE))


def test_a_chart_shows_itself_in_a_notebook(drawn):
    shown = drawn["years"]._repr_mimebundle_()
    assert shown["image/svg+xml"].startswith("<svg")
    assert shown["text/plain"].startswith("Findings of 2020 beside 2021")
    assert Body("", 1, 2).body() == Body("", 1, 2)
