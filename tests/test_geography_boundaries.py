"""Boundaries of systems: what a feature must be, and which edition the shown one is of."""

import json

import polars as pl
import pytest

from icsgraph.graph.store import Store
from icsgraph.loaders.geography import read
from icsgraph.loaders.records import FileAccount, Nodes, SourceEntry
from icsgraph.ontology.errors import LayoutError
from icsgraph.pipeline import build
from icsgraph.queries.describe import describe

SQUARE = [[[-1.0, 52.0], [0.0, 52.0], [0.0, 53.0], [-1.0, 52.0]]]
AREA = {"type": "Polygon", "coordinates": SQUARE}


def feature(code="E54000901", geometry=AREA, **properties):
    named = {"icb22_code": code, "icb22_name": "NHS Barsetshire Integrated Care Board"}
    return {"type": "Feature", "properties": properties or named, "geometry": geometry}


def of_2026(code, geometry=AREA):
    return feature(ods_code=code, name="NHS BARSETSHIRE INTEGRATED CARE BOARD", geometry=geometry)


def entry(path, *features, as_of="2022-07"):
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8", newline="\n")
    return SourceEntry(f"boundaries@{as_of}", "geography", (path,), "Boundaries", as_of)


def load(path, *features):
    tables = list(read(entry(path, *features)))
    account = next(t for t in tables if isinstance(t, FileAccount))
    rows = [t.rows for t in tables if isinstance(t, Nodes)]
    return (rows[0] if rows else pl.DataFrame()), account


def test_a_feature_is_the_boundary_of_the_system_of_its_code(tmp_path):
    rows, account = load(tmp_path / "a.geojson", feature())
    row = rows.row(0, named=True)
    assert (row["id"], row["name"]) == ("ons:E54000901", "Barsetshire")
    assert json.loads(row["boundary"]) == AREA
    assert account.accepted.to_list() == [1]
    rows, _ = load(tmp_path / "b.geojson", of_2026("Q9X"))
    assert rows["id"].to_list() == ["ods:Q9X"]


def multi(*positions):
    return {"type": "MultiPolygon", "coordinates": [[list(positions)]]}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (feature(geometry={"type": "Point", "coordinates": [0, 52]}), "is neither a Polygon nor"),
        (feature(geometry=None), "is neither a Polygon nor"),
        (feature(geometry=multi([9, 52], [10, 52], [10, 53], [9, 52])), "outside the United"),
        (feature(geometry=multi([500000, 1], [1, 2], [3, 4], [500000, 1])), "outside the United"),
        (feature(geometry=multi([0, 52], [1, 52], [1, 53], [0, 53])), "does not end where it"),
        (feature(geometry=multi([0, 52], "x", None, [0, 52])), "that are no positions"),
        (feature(geometry={"type": "Polygon", "coordinates": None}), "that are no positions"),
        (feature(colour="red"), "icb22_code is not among them"),
        (feature(code="W54000901"), "is not an ONS code of a system"),
        (feature(geometry=multi([0, 52], [1, 52], [1, 53], [0, 52])), "in an earlier feature"),
        ("no feature", "icb22_code is not among them"),
    ],
)
def test_what_is_no_boundary_of_a_system_is_rejected(tmp_path, bad, reason):
    rows, account = load(tmp_path / "a.geojson", feature(), bad)
    assert rows["id"].to_list() == ["ons:E54000901"]
    assert (account.rows_in, account.rejected["row"].to_list()) == (2, [2])
    assert reason in account.rejected["reason"][0]


def test_a_feature_given_twice_counts_once(tmp_path):
    _, account = load(tmp_path / "a.geojson", feature(), feature())
    assert (account.accepted.to_list(), account.merged.to_list()) == ([1], [2])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "FeatureColl', "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ('{"type": "Feature"}', "it is no FeatureCollection"),
        ("[1]", "it is no FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "it has no features"),
        ('{"type": "FeatureCollection", "features": [{"properties": {"a": 1}}]}', "properties a,"),
    ],
)
def test_a_file_that_is_no_geojson_of_systems_is_refused(tmp_path, text, reason):
    path = tmp_path / "a.geojson"
    path.write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(LayoutError, match=reason):
        list(read(SourceEntry("b@1", "geography", (path,), "Boundaries", "2022")))


def test_of_two_editions_the_newest_is_shown_and_both_are_kept(tmp_path):
    later = multi([0, 52], [1, 52], [1, 53], [0, 52])
    old = entry(tmp_path / "a.geojson", of_2026("Q9X"), of_2026("Q9Y"), as_of="2022-07")
    new = entry(tmp_path / "b.geojson", of_2026("Q9X", later), as_of="2026-04")
    build(Store(tmp_path / "store"), [old, new])
    snapshot = Store(tmp_path / "store").current()
    shown = dict(snapshot.nodes("System").select("id", "boundary").iter_rows())
    assert json.loads(shown["ods:Q9X"]) == later
    assert json.loads(shown["ods:Q9Y"]) == AREA
    kept = snapshot.records("System").sort("rank")["boundary"]
    assert [json.loads(boundary) for boundary in kept] == [later, AREA]
    assert describe(snapshot, "ods:Q9X").attributes["boundary"] == "MultiPolygon, 4 points"


def test_the_systems_of_2022_and_of_2026_have_boundaries(shared):
    folder = shared / "data" / "geography"
    counts = {}
    for name in ("boundaries_icb22", "derived_icb26_boundaries_with_ods_codes"):
        source = SourceEntry("b@1", "geography", (folder / f"{name}.geojson",), "B", "2026-04")
        tables = list(read(source))
        counts[name] = next(t.rows["boundary"].count() for t in tables if isinstance(t, Nodes))
    assert list(counts.values()) == [42, 36]
