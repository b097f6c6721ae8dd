"""Points of the headquarters of NHS trusts."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.store import Store
from icsgraph.loaders.records import FileAccount, Nodes, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import LayoutError
from icsgraph.pipeline import build

DATA = Path(__file__).with_name("data")
ETR = DATA / "registers" / "etr.csv"
POINTS = """\
"nhs_trust22_name","nhs_trust22_code","status","lon","lat"
"Barchester And Plumstead NHS Foundation Trust"," r9x ","open",-2.5,51.25
"Plumstead Women's NHS Foundation Trust","R9Y","closed",-2.25,51.5
"""


def entry(folder: Path, text: str) -> SourceEntry:
    path = folder / "points.csv"
    path.write_text(text, encoding="utf-8", newline="\n")
    return SourceEntry("points@2022", "ods-trust-points", (path,), "Points", "2022")


def load(folder: Path, text: str = POINTS):
    tables = list(loader("ods-trust-points").read(entry(folder, text)))
    (account,) = (t for t in tables if isinstance(t, FileAccount))
    (trusts,) = (t.rows for t in tables if isinstance(t, Nodes))
    return account, trusts


def test_an_open_trust_held_on_the_day_of_the_table_and_a_closed_one_had_ended(tmp_path):
    _, trusts = load(tmp_path)
    columns = ("id", "lon", "lat", "start_latest", "end_earliest", "end_latest")
    assert trusts.select(columns).rows() == [
        ("ods:R9X", -2.5, 51.25, "2022-12-31", "2022-01-02", None),
        ("ods:R9Y", -2.25, 51.5, "2022-12-31", None, "2022-12-31"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("51.5\n", "5.15\n", "lat", "is no number from 49 to 61"),
        ("51.5\n", "NA\n", "lat", "is no number from 49 to 61"),
        ('"closed"', '"gone"', "status", "is not open or closed"),
        ('"R9Y"', '"Plumstead"', "nhs_trust22_code", "is not an ODS code of a trust"),
        ('"R9Y"', '"R9X"', "nhs_trust22_code", "has other values in an earlier row"),
    ],
)
def test_a_row_with_a_fault_is_rejected(tmp_path, old, new, column, reason):
    assert old in POINTS
    account, trusts = load(tmp_path, POINTS.replace(old, new))
    assert [account.rejected["column"].item(), trusts.height] == [column, 1]
    assert account.rejected["reason"].item().startswith(reason)


def test_another_file_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="its first line is"):
        load(tmp_path, "code,point\nR9X,1\n")


def test_the_register_is_believed_and_the_point_taken(tmp_path):
    register = SourceEntry("ods-trusts@2021-12", "ods-trusts", (ETR,), "Trusts", "2021-12")
    store = Store(tmp_path / "store")
    build(store, [register, entry(tmp_path, POINTS)])
    trust = (
        store.current()
        .nodes("Organisation")
        .row(by_predicate=pl.col("id") == "ods:R9Y", named=True)
    )
    assert {c: trust[c] for c in ("name", "lat", "start_earliest", "end_latest")} == {
        "name": "Plumstead-upon-Bar Women's NHS Foundation Trust",
        "lat": 51.5,
        "start_earliest": "1994-04-01",
        "end_latest": "2020-04-01",
    }


def test_every_trust_of_2022_has_its_point(shared):
    (points,) = (e for e in read_sources(DATA / "all.toml") if e.kind == "ods-trust-points")
    (trusts,) = (e for e in read_sources(DATA / "all.toml") if e.id == "ods-trusts@2021-Q4")
    tables = list(loader(points.kind).read(points))
    account = next(t for t in tables if isinstance(t, FileAccount))
    assert (account.rows_in, len(account.accepted)) == (218, 218)
    placed = next(t.rows for t in tables if isinstance(t, Nodes))
    register = next(t.rows for t in loader(trusts.kind).read(trusts) if isinstance(t, Nodes))
    assert set(placed["id"]) == set(register["id"])
    assert placed["end_latest"].is_not_null().sum() == 6
