"""When a statement began that several editions make: the closest start that they give together."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.merging import editions, one_row_each
from icsgraph.graph.store import Store
from icsgraph.graph.views import known_by
from icsgraph.loaders.records import SourceEntry
from icsgraph.ontology.dates import BoundedDate
from icsgraph.pipeline import build

NONE = dict.fromkeys(("end_earliest", "end_latest", "first_seen", "last_seen"))


def started(*stated: str, complete: bool = False) -> tuple[str | None, str | None, str | None]:
    """The start of a statement of which each edition, a year apart, says this; '' is left out."""
    years = range(2021, 2021 + len(stated))
    rows = [
        {"id": "a", "source": f"e@{year}", **BoundedDate.parse(text).columns(), **NONE}
        for year, text in zip(years, stated, strict=True)
        if text
    ]
    facts = [
        {"id": f"e@{year}", "data_set": "e", "as_of": f"{year}-12-31", "complete": complete}
        for year in years
    ]
    told = pl.DataFrame(rows, schema_overrides=dict.fromkeys(rows[0], pl.String))
    row = one_row_each(told, editions(facts)).row(0, named=True)
    return row["start_earliest"], row["start_latest"], row["date_text"]


DAY = ("2020-03-01", "2020-03-01", "2020-03-01")


@pytest.mark.parametrize(
    ("stated", "start"),
    [
        (("2020-03-01", "by 2021-09"), DAY),
        (("by 2021-09", "2020-03-01"), DAY),
        (("2020", "2020-03-01"), DAY),
        (("2020-03", "2020"), ("2020-03-01", "2020-03-31", "2020-03")),
        (("by 2019", "by 2021-09"), (None, "2019-12-31", "by 2021-09")),
    ],
)
def test_a_looser_start_does_not_replace_a_closer_one(stated, start):
    assert started(*stated) == start


@pytest.mark.parametrize(
    "stated",
    [
        ("2019-03-01", "2020-03-01"),
        ("2020-05-01", "2020-03-01"),
        ("2019-03-01", "2020-03-01", "by 2021-09"),
        ("2020-05-01", "2020-03-01", "by 2021-09"),
    ],
)
def test_of_starts_that_contradict_each_other_the_newest_is_believed(stated):
    assert started(*stated) == DAY


def test_what_a_complete_edition_left_out_begins_anew():
    assert started("2020-03-01", "", "by 2023-09", complete=True) == (
        None,
        "2023-09-30",
        "by 2023-09",
    )


HEADER = (
    "month,gp_code,pcn_code,sub_icb_code,icb_code,supplier,oc_capability,oc_participation,"
    "oc_system_usage,submissions,submissions_clinical,submissions_admin,submissions_other,"
    "patients_registered\n"
)


def months(folder: Path, as_of: str, *taking_part: tuple[str, int]) -> SourceEntry:
    path = folder / f"{as_of}.csv"
    rows = (f"{m},A81001,U,16C,QHM,OLD LTD,1,{p},1,0,0,0,0,4000\n" for m, p in taking_part)
    path.write_text(HEADER + "".join(rows), encoding="utf-8", newline="\n")
    name = "online-consultation"
    return SourceEntry(f"{name}@{as_of}", name, (path,), "Online consultation", as_of)


def test_an_edition_that_begins_later_keeps_the_month_in_which_a_practice_began(tmp_path):
    store = Store(tmp_path / "store")
    build(
        store,
        [
            months(tmp_path, "2023-11", ("2023-09", 0), ("2023-10", 1), ("2023-11", 1)),
            months(tmp_path, "2024-02", ("2024-01", 1), ("2024-02", 1)),
        ],
    )
    columns = ("start_earliest", "start_latest", "date_text", "first_seen", "last_seen")
    adopted = store.current().relationships("ADOPTED").select(columns)
    assert adopted.rows() == [
        ("2023-10-01", "2023-10-31", "2023-10", "2023-11-01", "2024-02-01"),
    ]
    then = known_by(store.current(), "2024-01-01").relationships("ADOPTED")
    assert then["date_text"].to_list() == ["2023-10"]
