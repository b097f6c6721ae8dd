"""What changed between two snapshots: told from small partitions, and counted in real registers."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icsgraph.graph.diff import WORDS, Changes, diff
from icsgraph.graph.partitions import Partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.errors import UnknownName

SYSTEMS = pl.DataFrame(
    {"id": ["ods:QMF", "ods:QMJ"], "name": ["North East London", "North Central London"]}
)
OLD, NEW = "2021-12-01", "2026-01-01"


def edition(
    source: str,
    as_of: str,
    trusts: list[dict[str, object]],
    *,
    complete: bool = True,
    systems: pl.DataFrame = SYSTEMS,
    **tables: pl.DataFrame,
) -> Partition:
    """An edition that lists trusts; `system` of a trust becomes LOCATED_IN, `tables` is what else
    it says."""
    schema = {"id": pl.String, "name": pl.String, "codes": pl.List(pl.String)}
    dates = ("start_earliest", "start_latest", "end_earliest", "end_latest", "town")
    listed = pl.DataFrame(
        [{**dict.fromkeys(dates), **t} for t in trusts],
        schema={**schema, **dict.fromkeys(dates, pl.String), "system": pl.String},
    )
    located = listed.drop_nulls("system").select(
        subject="id", object="system", knowledge_level=pl.lit("register"), end_latest="end_latest"
    )
    nodes = {"Organisation": listed.drop("system"), "System": systems}
    ties = {"LOCATED_IN": located}
    for kind, rows in tables.items():
        (nodes if kind[1].islower() else ties)[kind] = rows
    facts = {
        "id": source,
        "data_set": source.partition("@")[0],
        "title": source,
        "as_of": as_of,
        "complete": complete,
        "official": True,
        "files": [{"name": "etr.csv", "sha256": "0" * 64}],
        "accounting": [
            {
                "file": "etr.csv",
                "rows": len(trusts),
                "accepted": len(trusts),
                "merged": 0,
                "rejected": 0,
                "notes": [],
            }
        ],
    }
    return Partition(facts, nodes, ties)


def trust(code: str, name: str = "A trust", system: str | None = "ods:QMF", **facts: object):
    return {"id": f"ods:{code}", "name": name, "system": system, **facts}


def closed(day_after: str) -> dict[str, str]:
    """The end of a trust whose first day without it is this one."""
    return {"end_earliest": day_after, "end_latest": day_after}


def opened(day: str) -> dict[str, str]:
    return {"start_earliest": day, "start_latest": day}


@pytest.fixture
def between(tmp_path: Path, built):
    """The changes from one list of partitions to another, each built in a store of its own."""

    def compare(old: list[Partition], new: list[Partition]) -> Changes:
        return diff(built(tmp_path / "old", *old), built(tmp_path / "new", *new))

    return compare


def told(changes: Changes, *words: str) -> list[tuple[str, ...]]:
    """The changes of some words, without names and sources."""
    rows = changes.rows.filter(pl.col("change").is_in(words)) if words else changes.rows
    return rows.select("change", "kind", "id", "before", "after", "date").rows()


def statements(changes: Changes, *words: str) -> list[tuple[str, ...]]:
    """The changes of statements, by their names."""
    rows = changes.rows.filter(pl.col("kind").str.contains("^[A-Z_]+$"))
    rows = rows.filter(pl.col("change").is_in(words)) if words else rows
    return rows.select("change", "name", "date").rows()


def old_edition(*trusts: dict[str, object], **settings) -> Partition:
    return edition("ods@2021", OLD, list(trusts), **settings)


def new_edition(*trusts: dict[str, object], **settings) -> Partition:
    return edition("ods@2026", NEW, list(trusts), **settings)


# Things


def test_a_snapshot_does_not_differ_from_itself(tmp_path: Path, built):
    one = built(tmp_path / "a", old_edition(trust("R1H")))
    same = built(tmp_path / "b", old_edition(trust("R1H")))
    assert diff(one, same).rows.is_empty()
    assert diff(one, same).sentences()[0].startswith("Nothing changed from snapshot ")


def test_a_newer_edition_that_says_the_same_changes_nothing_but_the_sources(between):
    """What an edition knows of open records moves with its day: that is no change."""
    seen_then = {"start_latest": OLD, "end_earliest": "2021-12-02"}
    seen_now = {"start_latest": NEW, "end_earliest": "2026-01-02"}
    changes = between(
        [old_edition(trust("R1H", **seen_then))], [new_edition(trust("R1H", **seen_now))]
    )
    assert [row[0] for row in told(changes)] == ["source added", "source removed"]


def test_opened_closed_and_renamed(between):
    changes = between(
        [old_edition(trust("RAA", "Old name"), trust("RBB"))],
        [
            new_edition(
                trust("RAA", "New name"),
                trust("RBB", **closed("2024-10-01")),
                trust("RCC", **opened("2023-04-01")),
            )
        ],
    )
    assert told(changes, "opened", "closed", "renamed", "newly recorded") == [
        ("opened", "Organisation", "ods:RCC", None, None, "2023-04-01"),
        ("closed", "Organisation", "ods:RBB", None, None, "2024-09-30"),
        ("renamed", "Organisation", "ods:RAA", "Old name", "New name", None),
    ]


def test_what_opened_before_the_older_edition_is_newly_recorded(between):
    changes = between(
        [old_edition(trust("RAA"))],
        [new_edition(trust("RAA"), trust("RBB", **opened("2005-01-01")), trust("RCC"))],
    )
    assert told(changes, "opened") == []
    rows = [row[2] for row in told(changes, "newly recorded") if row[1] == "Organisation"]
    assert rows == ["ods:RBB", "ods:RCC"]


def test_what_a_new_data_set_lists_is_newly_recorded(between):
    """Nothing is known of what it would have listed before."""
    cqc = edition("cqc@2026", NEW, [trust("RBB", **opened("2024-01-01"))])
    changes = between([old_edition(trust("RAA"))], [old_edition(trust("RAA")), cqc])
    assert [row[2] for row in told(changes, "newly recorded")][:1] == ["ods:RBB"]
    assert told(changes, "opened") == []


def test_what_opened_and_closed_in_between_did_both(between):
    life = {**opened("2023-04-01"), **closed("2024-10-01")}
    changes = between(
        [old_edition(trust("RAA"))], [new_edition(trust("RAA"), trust("RBB", **life))]
    )
    assert [row[0] for row in told(changes) if row[2] == "ods:RBB"] == ["opened", "closed"]


def test_an_end_from_before_the_older_edition_is_told_as_restated(between):
    changes = between(
        [old_edition(trust("RAA"))], [new_edition(trust("RAA", **closed("2020-04-01")))]
    )
    assert told(changes, "closed") == []
    assert told(changes, "restated")[0][3:5] == (
        "last held: not known",
        "last held: 2020-03-31",
    )


def test_what_is_announced_has_not_happened_until_its_day(built, tmp_path: Path):
    names = ("before", "announced", "after")
    days = ("2025-12-01", "2026-01-01", "2026-07-01")
    ahead = [trust("RAA", **closed("2026-04-01")), trust("RBB", **opened("2026-06-01"))]
    lists = ([trust("RAA")], ahead, ahead)
    before, announced, after = (
        built(tmp_path / name, edition(f"ods@{day}", day, listed))
        for name, day, listed in zip(names, days, lists, strict=True)
    )
    words = ("opened", "to open", "closed", "to close", "restated")
    assert [row[::2] for row in told(diff(before, announced), *words)] == [
        ("to open", "ods:RBB", None),
        ("to close", "ods:RAA", None),
    ]
    happened = told(diff(announced, after), *words)
    assert [(row[0], row[2], row[5]) for row in happened if row[1] == "Organisation"] == [
        ("opened", "ods:RBB", "2026-06-01"),
        ("closed", "ods:RAA", "2026-03-31"),
    ]


def test_gone_from_the_record_is_not_closed(between):
    changes = between([old_edition(trust("RAA"), trust("RBB"))], [new_edition(trust("RAA"))])
    gone = [row for row in told(changes) if row[2] == "ods:RBB"]
    assert gone == [("no longer recorded", "Organisation", "ods:RBB", None, None, None)]


def test_another_town_is_restated_and_a_new_order_of_names_is_not(between):
    changes = between(
        [old_edition(trust("RAA", town="Bow"), trust("RBB"))],
        [new_edition(trust("RAA", town="Stratford"), trust("RBB"))],
    )
    assert told(changes, "restated") == [
        ("restated", "Organisation", "ods:RAA", "town: Bow", "town: Stratford", None)
    ]


def test_codes_are_told_by_what_they_are_called(between):
    changes = between(
        [old_edition(Area=pl.DataFrame({"id": ["ons:E38000044"], "area_type": ["ccg"]}))],
        [old_edition(Area=pl.DataFrame({"id": ["ons:E38000044"], "area_type": ["sub-icb"]}))],
    )
    row = told(changes, "restated")[0]
    assert row[3] == "area type: Area of a CCG"
    assert "sub-icb" not in row[4]


def test_findings_come_and_go(between):
    def evidence(*ids: str) -> pl.DataFrame:
        return pl.DataFrame({"id": [f"icsg:finding/{i}" for i in ids]})

    changes = between(
        [old_edition(Finding=evidence("1", "2"))], [old_edition(Finding=evidence("2", "3"))]
    )
    assert [row[:3] for row in told(changes) if row[1] == "Finding"] == [
        ("newly recorded", "Finding", "icsg:finding/3"),
        ("no longer recorded", "Finding", "icsg:finding/1"),
    ]


def test_a_thing_under_another_id_is_the_same_thing(between):
    """Its name is compared under the new id, and it has neither come nor gone."""
    before = old_edition({"id": "icsg:organisation/barts", "name": "Bart's", "system": "ods:QMF"})
    after = old_edition(trust("R1H", "Barts Health", codes=["icsg:organisation/barts"]))
    changes = between([before], [after])
    things = [row[:5] for row in told(changes) if row[1] == "Organisation"]
    assert things == [
        ("renamed", "Organisation", "ods:R1H", "Bart's", "Barts Health"),
        ("known by another id", "Organisation", "ods:R1H", "icsg:organisation/barts", "ods:R1H"),
    ]
    assert told(changes, "moved system") == []


def test_records_that_are_joined_come_apart_the_other_way(built, tmp_path: Path):
    loose = {"id": "icsg:organisation/barts", "name": "Barts", "system": None}
    apart = built(tmp_path / "a", old_edition(trust("R1H"), loose))
    whole = built(tmp_path / "b", old_edition(trust("R1H", codes=["icsg:organisation/barts"])))
    forth, back = diff(apart, whole), diff(whole, apart)
    assert [row[:5] for row in told(forth) if row[1] == "Organisation"] == [
        ("joined", "Organisation", "ods:R1H", "icsg:organisation/barts", "ods:R1H")
    ]
    assert [row[:5] for row in told(back) if row[1] == "Organisation"] == [
        ("parted", "Organisation", "icsg:organisation/barts", "ods:R1H", "icsg:organisation/barts")
    ]


# Statements


def test_another_system_in_a_complete_edition_began_and_ended_in_between(between):
    changes = between([old_edition(trust("RAA"))], [new_edition(trust("RAA", system="ods:QMJ"))])
    assert statements(changes) == [
        (
            "begun",
            "A trust is located in North Central London",
            "from 2021-12-02",
        ),
        (
            "ended",
            "A trust is located in North East London",
            "between 2021-12-01 and 2025-12-31",
        ),
    ]
    assert told(changes, "moved system") == [
        (
            "moved system",
            "Organisation",
            "ods:RAA",
            "North East London (ods:QMF)",
            "North Central London (ods:QMJ)",
            None,
        )
    ]


def test_an_edition_that_is_not_complete_neither_begins_nor_ends_anything(between):
    changes = between(
        [old_edition(trust("RAA"), complete=False)],
        [new_edition(trust("RAA", system="ods:QMJ"), complete=False)],
    )
    assert [row[0] for row in statements(changes)] == ["newly recorded", "no longer recorded"]


def test_a_source_that_was_taken_out_ended_nothing(between):
    survey = edition("survey@2021", OLD, [trust("RAA", system="ods:QMJ")])
    changes = between([old_edition(trust("RAA")), survey], [old_edition(trust("RAA"))])
    assert [row[0] for row in statements(changes)] == ["no longer recorded"]
    assert told(changes, "source removed")[0][2] == "survey@2021"
    assert told(changes, "moved system") == []


def test_a_statement_that_an_edition_in_the_store_leaves_out_has_ended(built, tmp_path: Path):
    """One store with both editions: the statement is still there, with an end now."""
    before = built(tmp_path, old_edition(trust("RAA"), trust("RBB")))
    after = built(tmp_path, new_edition(trust("RAA"), trust("RBB", system="ods:QMJ")))
    assert statements(diff(before, after), "ended") == [
        ("ended", "A trust is located in North East London", "between 2021-12-01 and 2025-12-31")
    ]
    assert [row[2] for row in told(diff(before, after), "moved system")] == ["ods:RBB"]


def test_a_closed_trust_does_not_move(between):
    changes = between(
        [old_edition(trust("RAA"))],
        [new_edition(trust("RAA", system="ods:QMJ", **closed("2024-10-01")))],
    )
    assert told(changes, "moved system") == []


def test_a_statement_with_other_attributes_is_restated(between):
    def member(role: str) -> pl.DataFrame:
        row = {"subject": "ods:RAA", "object": "ods:QMF", "knowledge_level": "register"}
        return pl.DataFrame([{**row, "role": role}])

    changes = between(
        [old_edition(trust("RAA", system=None), MEMBER_OF=member("partner"))],
        [new_edition(trust("RAA", system=None), MEMBER_OF=member("host"))],
    )
    rows = changes.rows.filter(pl.col("change") == "restated")
    assert rows.select("kind", "name", "before", "after").rows() == [
        ("MEMBER_OF", "A trust is a member of North East London", "role: partner", "role: host")
    ]


def succession(*pairs: tuple[str, str], start: str = "2024-04-01") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "subject": f"ods:{one}",
                "object": f"ods:{other}",
                "knowledge_level": "register",
                "start_earliest": start,
                "start_latest": start,
            }
            for one, other in pairs
        ]
    )


def test_merged_split_and_succeeded(between):
    listed = [trust(code, code) for code in ("RAA", "RBB", "RCC", "RDD", "REE", "RFF", "RGG")]
    pairs = succession(
        ("RAA", "RCC"), ("RBB", "RCC"), ("RDD", "REE"), ("RDD", "RFF"), ("REE", "RGG")
    )
    changes = between([old_edition(*listed)], [new_edition(*listed, SUCCEEDED_BY=pairs)])
    assert [row[::2] for row in told(changes, "merged", "split", "succeeded")] == [
        ("merged", "ods:RAA", "RCC (ods:RCC)"),
        ("merged", "ods:RBB", "RCC (ods:RCC)"),
        ("split", "ods:RDD", "REE (ods:REE)"),
        ("split", "ods:RDD", "RFF (ods:RFF)"),
        ("succeeded", "ods:REE", "RGG (ods:RGG)"),
    ]
    assert "Split: 1 organisation." in changes.sentences()


def test_an_older_succession_that_is_only_recorded_now_is_no_merger(between):
    listed = [trust("RAA"), trust("RBB")]
    pairs = succession(("RAA", "RBB"), start="2015-04-01")
    changes = between([old_edition(*listed)], [new_edition(*listed, SUCCEEDED_BY=pairs)])
    assert told(changes, "merged", "succeeded") == []
    assert [row[0] for row in statements(changes)] == ["newly recorded"]


def test_who_goes_with_a_system_that_became_another_did_not_move(between):
    changes = between(
        [old_edition(trust("RAA"))],
        [
            new_edition(
                trust("RAA", system="ods:QMJ"),
                SUCCEEDED_BY=succession(("QMF", "QMJ"), start="2026-01-01"),
            )
        ],
    )
    assert told(changes, "moved system") == []
    assert [row[2] for row in told(changes, "moved with its system")] == ["ods:RAA"]


# Ratings, series, sources


def rated(source: str, *rows: tuple[str, str, str]) -> Partition:
    part = old_edition(trust("RAA"))
    part.facts |= {"id": source, "data_set": "cqc"}
    table = pl.DataFrame(rows, schema=["group", "value", "date"], orient="row")
    part.series["ratings"] = table.with_columns(
        thing=pl.lit("ods:RAA"), measure=pl.lit("overall rating")
    )
    return part


def test_the_newest_rating_of_each_group_is_compared(between):
    changes = between(
        [rated("cqc@1", ("Overall", "Good", "2020-01-01"), ("Surgery", "Good", "2020-01-01"))],
        [
            rated(
                "cqc@1",
                ("Overall", "Inadequate", "2019-01-01"),
                ("Overall", "Outstanding", "2022-01-01"),
                ("Surgery", "Good", "2022-01-01"),
                ("Maternity", "Good", "2022-01-01"),
            )
        ],
    )
    rows = changes.rows.filter(pl.col("change") == "rating changed")
    assert rows.select("id", "name", "before", "after", "date").rows() == [
        ("ods:RAA", "A trust, overall rating, Overall", "Good", "Outstanding", "2022-01-01")
    ]
    assert told(changes, "series changed")[0][3:5] == (
        "2 rows, 2 of them gone",
        "4 rows, 4 of them new",
    )


def test_sources_are_added_removed_and_replaced(between):
    listed = [trust("RAA")]
    other = edition("cqc@1", OLD, listed)
    corrected = old_edition(*listed, trust("RBB"))
    corrected.facts["files"] = [{"name": "etr.csv", "sha256": "f" * 64}]
    survey = edition("survey@1", OLD, listed)
    changes = between([old_edition(*listed), other], [corrected, survey])
    rows = told(changes, "source added", "source removed", "source replaced")
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("source added", "survey@1", None, "1 rows"),
        ("source removed", "cqc@1", "1 rows", None),
        (
            "source replaced",
            "ods@2021",
            "1 rows; sha256 etr.csv 000000000000",
            "2 rows; sha256 etr.csv ffffffffffff",
        ),
    ]
    counted = changes.by_source()
    assert counted.filter(pl.col("change") == "source added")["source"].to_list() == ["survey@1"]


# The whole


def test_every_change_is_a_word_with_a_meaning_and_rows_are_in_their_order(between):
    changes = between(
        [old_edition(trust("RBB"), trust("RAA", "Old"))],
        [new_edition(trust("RAA", "New", system="ods:QMJ"), trust("RCC"))],
    )
    words = changes.rows["change"].unique(maintain_order=True).to_list()
    assert words == [word for word in WORDS if word in words]
    assert changes.rows.equals(
        changes.rows.sort("change", "kind", "name", nulls_last=True).sort(
            pl.col("change").cast(pl.Enum(list(WORDS))), maintain_order=True
        )
    )


def test_some_kinds_and_words_only(between):
    changes = between(
        [old_edition(trust("RAA", "Old"), trust("RBB"))], [new_edition(trust("RAA", "New"))]
    )
    assert told(changes.only(["organisation"], ["Renamed"])) == told(changes, "renamed")
    with pytest.raises(UnknownName) as unknown:
        changes.only(["Organisations"])
    assert unknown.value.nearest[0] == "Organisation"
    with pytest.raises(UnknownName):
        changes.only(changes=["gone"])


TRUSTS = st.dictionaries(
    st.sampled_from(["RAA", "RBB", "RCC"]),
    st.tuples(
        st.sampled_from(["North", "South"]),
        st.sampled_from([None, "ods:QMF", "ods:QMJ"]),
        st.sampled_from([{}, opened("2020-01-01"), opened("2024-01-01"), closed("2024-01-01")]),
    ),
)


@settings(max_examples=20)
@given(TRUSTS, TRUSTS, st.booleans())
def test_what_comes_one_way_goes_the_other(tmp_path_factory, before, after, complete):
    """Any two snapshots: what is new from one to the other is what is gone the other way."""
    from icsgraph.graph.assemble import assemble
    from icsgraph.graph.files import fresh_folder
    from icsgraph.graph.partitions import write_partition

    def snapshot(name: str, listed: dict) -> Snapshot:
        store = Store(tmp_path_factory.mktemp(name))
        rows = [trust(code, each, system, **life) for code, (each, system, life) in listed.items()]
        with store.writing(), fresh_folder(store.partitions) as folder:
            write_partition(folder, edition("ods@1", NEW, rows, complete=complete))
            store.put_partition("ods@1", folder)
            store.switch(assemble(store))
        return store.current()

    one, other = snapshot("one", before), snapshot("other", after)
    forth, back = diff(one, other).rows, diff(other, one).rows
    come = pl.col("change").is_in(["opened", "to open", "newly recorded", "begun"])
    gone = pl.col("change") == "no longer recorded"
    assert forth.is_empty() == back.is_empty() == (one.id == other.id)
    for rows, reverse in ((forth, back), (back, forth)):
        new = set(rows.filter(come).select("kind", "id").iter_rows())
        assert new == set(reverse.filter(gone).select("kind", "id").iter_rows())
    assert diff(one, one).rows.is_empty()
