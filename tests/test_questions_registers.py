"""Questions on the registers: against counts made from the published files alone, and on small
graphs made for one point each.

Where the real files are read here, it is with the csv module: neither a loader nor a query is asked
what to expect.
"""

import csv
import gzip
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.graph.partitions import Partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.ontology.dates import BoundedDate, begun_by_expr, holds_on_expr
from icsgraph.queries.catalogue import read_catalogue
from icsgraph.queries.held import held, systems_of_locations
from icsgraph.queries.succession import follow, follow_to_current
from icsgraph.session import Graph

Built = Callable[..., Snapshot]
Row = dict[str, str]
OF_2021 = {"on": "2021-02-15", "known": "2021-03-31"}
"""The day of the ratings of February 2021, as they and what came before them knew it."""


def rows_of(path: Path) -> Iterator[Row]:
    opened = gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    with opened if path.suffix == ".gz" else path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


# --- England: brands and providers across systems -------------------------------------------------


@pytest.fixture(scope="module")
def locations(shared: Path) -> list[Row]:
    """The locations of February 2021, each with its system by the area of its commissioner."""
    areas = shared / "data/geography/CCG20_STP20_EN_LU.csv"
    systems = {row["CCG20CD"]: row["STP20CDH"] for row in rows_of(areas)}
    ratings = "cqc_latest_ratings_locations_overall_2021-02_england.csv.gz"
    each = {row["Location ID"]: row for row in rows_of(shared / "data/cqc" / ratings)}
    return [{**row, "system": systems[row["Location ONSPD CCG Code"]]} for row in each.values()]


@pytest.mark.parametrize(
    ("of", "column", "across", "all_of_them"),
    [("brand", "Brand ID", 292, 353), ("provider", "Provider ID", 1_127, 19_669)],
)
def test_brands_and_providers_across_the_borders_of_systems(
    england: Graph, locations: list[Row], of: str, column: str, across: int, all_of_them: int
) -> None:
    systems: dict[str, set[str]] = defaultdict(set)
    for row in locations:
        systems[row[column]].add(row["system"])
    systems.pop("-", None)
    several = {thing: len(them) for thing, them in systems.items() if len(them) > 1}
    assert (len(several), len(systems)) == (across, all_of_them)
    answer = england.ask("brands-across-systems", of=of, **OF_2021)
    found = answer.select(pl.col("id").str.replace("^(cqc|ods):", ""), "systems").rows()
    assert dict(found) == several


def test_what_a_later_edition_lists_may_have_been_there_before(england: Graph) -> None:
    """Lincolnshire of 2026 adds brands whose locations there may be older than that edition."""
    then = england.ask("brands-across-systems", **OF_2021)
    now = england.ask("brands-across-systems", on=OF_2021["on"])
    assert set(then["id"]) < set(now["id"])
    assert set(now["certainty"]) == {"POSSIBLE"}


def test_no_location_is_in_two_systems_for_certain(england: Graph) -> None:
    placed = systems_of_locations(england.snapshot, "2026-04-01")
    assert placed.filter("certain")["location"].is_unique().all()
    assert placed["system"].n_unique() == 36


# --- England: systems, trusts, practices ----------------------------------------------------------


def test_36_systems_of_2026_come_from_42(england: Graph, shared: Path) -> None:
    timeline = rows_of(shared / "data/geography/derived_icb_timeline_2020_2026.csv")
    expected = {
        (f"ods:{row['icb22_code_h']}", f"ods:{row['icb26_ods']}"): float(row["share_of_icb22"])
        for row in timeline
    }
    answer = england.ask("system-2022-to-2026", on="2026-04-01")
    found = {(row["id"], row["became_id"]): row["share"] for row in answer.to_dicts()}
    assert found == pytest.approx(expected, abs=0.0001)
    assert (answer["id"].n_unique(), answer["became_id"].n_unique()) == (42, 36)
    assert set(answer["certainty"]) == {"CERTAIN"}


def test_before_the_mergers_each_system_is_itself(england: Graph) -> None:
    answer = england.ask("system-2022-to-2026", on="2026-03-31")
    assert answer["id"].to_list() == answer["became_id"].to_list()
    assert answer.height == 42


def test_a_trust_that_was_divided_has_two_successors(england: Graph) -> None:
    history = england.ask("trust-history", organisation="RW6")
    became = history.filter((pl.col("event") == "was succeeded by") & (pl.col("id") == "ods:RW6"))
    assert became.select("latest", "other_id").rows() == [
        ("2021-10-01", "ods:R0A"),
        ("2021-10-01", "ods:RM3"),
    ]
    current = england.ask("follow-to-current", thing="RW6", on="2026-04-01")
    assert current.select("id", "since", "state").rows() == [
        ("ods:R0A", "2021-10-01", "open"),
        ("ods:RM3", "2021-10-01", "open"),
    ]
    assert england.follow_to_current("RW6", on="2021-09-30")["id"].to_list() == ["ods:RW6"]


def test_frimley_went_three_ways(england: Graph) -> None:
    parts = england.ask("follow-to-current", thing="Frimley", on="2026-04-01")
    assert parts["current"].to_list() == [
        "Hampshire and Isle of Wight",
        "Surrey and Sussex",
        "Thames Valley",
    ]
    assert parts["share"].sum() == pytest.approx(1, abs=0.001)


def test_practices_that_changed_their_network(england: Graph) -> None:
    """Open in each of the two workbooks are 272 changes in 6,204 practices. The later one dates the
    ends of some memberships back before the day of the earlier, so that of the two days there are
    258 changes of 257 practices."""
    answer = england.ask("practices-changed-pcn", since="2022-05-01", on="2024-10-01")
    assert (answer.height, answer["id"].n_unique()) == (258, 257)
    assert answer.counts["practices_on_both_days"] == 6_208
    assert answer.counts["practices_in_another"] == 257
    assert set(answer["certainty"]) == {"CERTAIN"}


# --- England: flows, names ------------------------------------------------------------------------


def test_fourteen_in_a_hundred_pathways_begin_outside_their_system(
    england: Graph, shared: Path
) -> None:
    with zipfile.ZipFile(shared / "data/flows/RTT_full_extract_2026-01.zip") as archive:
        text = io.TextIOWrapper(archive.open(archive.namelist()[0]), encoding="utf-8-sig")
        counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in csv.DictReader(text):
            ends = {row["Provider Parent Org Code"], row["Commissioner Parent Org Code"]}
            if row["RTT Part Type"] == "Part_3" and not ends & {"", "#N/A"}:
                number = int(row["Total All"])
                counted[row["Treatment Function Code"]][0] += number
                counted[row["Treatment Function Code"]][1] += number * (len(ends) == 2)
    answer = england.ask("cross-border-flows")
    found = {row["code"]: [row["pathways"], row["outside"]] for row in answer.to_dicts()}
    assert found == counted
    assert answer.row(0, named=True)["share"] == pytest.approx(0.140, abs=0.0005)
    assert set(answer["certainty"]) == {"CERTAIN"}


def test_of_the_trusts_that_the_cqc_rates_two_are_in_no_register(
    england: Graph, locations: list[Row]
) -> None:
    rated = {row["Provider ID"] for row in locations if len(row["Provider ID"]) == 3}
    answer = england.ask("unresolved-names", why="a code that no register lists")
    unlisted = {thing.removeprefix("ods:") for thing in answer["id"]}
    assert (len(rated), rated & unlisted) == (181, {"TAD", "TAH"})


def test_bodies_of_the_evidence_without_a_code_are_told(england: Graph) -> None:
    answer = england.ask("unresolved-names", why="a name without a code")
    assert "Care Quality Commission" in answer["name"]
    assert all("evidence@2026-11" in sources for sources in answer["named_by"])


def test_a_system_has_its_board_and_trusts_on_a_day(england: Graph, shared: Path) -> None:
    members = england.ask("system-members", system="North East London", on="2026-04-01")
    board = members.filter(pl.col("id") == "icsg:icb/QMF").row(0, named=True)
    assert (board["how"], board["certainty"]) == (["is a member of"], "CERTAIN")
    trusts = members.filter(pl.col("type") == "NHS trust")["id"]
    assert set(trusts) == open_records(shared / "data/ods/etr_2026-04.csv", "QMF")


def open_records(path: Path, system: str, setting: str = "") -> set[str]:
    """The bodies of a register of ODS that stand in a system and have not closed."""
    opened = gzip.open(path, "rt", encoding="utf-8", newline="")
    with opened if path.suffix == ".gz" else path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row[3] == system and not row[11]]
    return {f"ods:{row[0]}" for row in rows if not setting or row[25] == setting}


def test_the_practices_of_a_system_are_its_members(england: Graph, shared: Path) -> None:
    practices = open_records(shared / "data/ods/epraccur_2025-11.csv.gz", "QMF", setting="4")
    day = {"system": "North East London", "on": "2025-08-01"}
    members = england.ask("system-members", type="gp-practice", **day)
    assert practices <= set(members["id"])
    assert len(practices) == 265


# --- succession -----------------------------------------------------------------------------------


def successions(built: Built, path: Path, *steps: tuple[str, str, str | None]) -> Snapshot:
    """A snapshot of bodies that became one another: each step from, to, and when as stated."""
    things = sorted({thing for old, new, _ in steps for thing in (old, new)})
    dates = [BoundedDate.parse(when).columns() for _, _, when in steps]
    rows = pl.DataFrame(
        {
            "subject": [old for old, _, _ in steps],
            "object": [new for _, new, _ in steps],
            "key": [str(number) for number in range(len(steps))],
            "knowledge_level": ["register"] * len(steps),
            **{c: [each[c] for each in dates] for c in dates[0]},
        },
        schema_overrides=dict.fromkeys(dates[0], pl.String),
    )
    facts = {"id": "ods@1", "data_set": "ods", "kind": "ods-successions", "as_of": "2026-01-01"}
    nodes = {"Organisation": pl.DataFrame({"id": things})}
    return built(path, Partition(facts, nodes, {"SUCCEEDED_BY": rows}))


def became(snapshot: Snapshot, thing: str, day: str = "2026-01-01") -> list[tuple[str, str]]:
    rows = follow_to_current(snapshot, {"thing": thing, "on": day})
    return rows.select("id", "certainty").rows()


def test_a_succession_is_followed_to_its_end(built: Built, tmp_path: Path) -> None:
    steps = ("ods:AAA", "ods:BBB", "2010"), ("ods:BBB", "ods:CCC", "2015-04-01")
    snapshot = successions(built, tmp_path, *steps)
    assert became(snapshot, "ods:AAA") == [("ods:CCC", "CERTAIN")]
    assert became(snapshot, "ods:AAA", "2012-01-01") == [("ods:BBB", "CERTAIN")]
    assert became(snapshot, "ods:AAA", "2009-12-31") == [("ods:AAA", "CERTAIN")]
    assert became(snapshot, "ods:CCC") == [("ods:CCC", "CERTAIN")]


def test_a_day_within_the_bounds_leaves_both_possible(built: Built, tmp_path: Path) -> None:
    snapshot = successions(built, tmp_path, ("ods:AAA", "ods:BBB", "2010"))
    both = [("ods:AAA", "POSSIBLE"), ("ods:BBB", "POSSIBLE")]
    assert became(snapshot, "ods:AAA", "2010-06-01") == both
    undated = successions(built, tmp_path / "undated", ("ods:AAA", "ods:BBB", None))
    assert became(undated, "ods:AAA") == both


def test_a_circle_ends(built: Built, tmp_path: Path) -> None:
    circle = ("ods:AAA", "ods:BBB", "2010"), ("ods:BBB", "ods:AAA", "2010")
    snapshot = successions(built, tmp_path, *circle, ("ods:AAA", "ods:AAA", "2010"))
    assert became(snapshot, "ods:AAA") == [("ods:BBB", "CERTAIN")]


def test_what_was_handed_on_before_a_merger_is_no_part_of_it(built: Built, tmp_path: Path) -> None:
    steps = ("ods:BBB", "ods:OLD", "2012"), ("ods:AAA", "ods:BBB", "2020")
    snapshot = successions(built, tmp_path, *steps)
    assert became(snapshot, "ods:AAA") == [("ods:BBB", "CERTAIN")]
    assert became(snapshot, "ods:BBB") == [("ods:OLD", "CERTAIN")]


def test_two_ways_to_one_end_are_one_row(built: Built, tmp_path: Path) -> None:
    ways = [("ods:AAA", "ods:BBB", "2010"), ("ods:AAA", "ods:CCC", "2010")]
    on = [("ods:BBB", "ods:DDD", "2015"), ("ods:CCC", "ods:DDD", "2016")]
    snapshot = successions(built, tmp_path, *ways, *on)
    rows = follow_to_current(snapshot, {"thing": "ods:AAA", "on": "2026-01-01"})
    assert rows.select("id", "steps", "by_way_of").rows() == [
        ("ods:DDD", 2, ["ods:BBB", "ods:CCC"])
    ]
    assert len(follow(snapshot, "ods:AAA", "2026-01-01")) == 2


# --- days -----------------------------------------------------------------------------------------

STATED = ["2020-07 to 2020-08", "2020-11", "2021", "by 2021-05-28", "before 2020-03", "unknown"]


@pytest.mark.parametrize("day", ["2020-02-29", "2020-08-01", "2020-08-31", "2020-11-30"])
@pytest.mark.parametrize("since", [False, True])
def test_what_held_is_what_bounded_dates_say(day: str, since: bool) -> None:
    dates = [BoundedDate.parse(text) for text in STATED]
    rows = pl.DataFrame([d.columns() for d in dates], schema_overrides={"end_latest": pl.String})
    rows = rows.cast(pl.String).with_columns(number=pl.int_range(len(dates)))
    judge = begun_by_expr if since else holds_on_expr
    judged = rows.select(judge(day)).to_series()
    expected = [(n, j == "CERTAIN") for n, j in enumerate(judged) if j != "NO"]
    assert held(rows, day, since=since).select("number", "certain").rows() == expected


def test_a_question_that_takes_the_day_builds_no_view(registers: Graph) -> None:
    registers.ask("system-2022-to-2026", on="2026-04-01")
    registers.ask("practices-changed-pcn", on="2024-10-01")
    store = registers.snapshot.folder.parent.parent
    assert [p for p in (store / "engines").rglob("*.lbug") if p.name.startswith("on-")] == []


ON_A_DAY = [
    name
    for name, question in read_catalogue().items()
    if question.behind == "registers" and "certainty" in question.columns
]


@pytest.mark.parametrize("name", ON_A_DAY)
def test_a_day_can_be_given_on_the_command_line(name: str, registers: Graph) -> None:
    example = read_catalogue()[name].examples[0]
    store = registers.snapshot.folder.parent.parent
    options = [p for n, v in example.parameters.items() for p in (f"--{n.replace('_', '-')}", v)]
    asked = ["ask", name, *map(str, options), "--on", "2030-01-01"]
    told = CliRunner().invoke(app, [*asked, "--format", "json", "--store", str(store)])
    assert told.exit_code == 0, told.output
    answer: dict[str, Any] = json.loads(told.stdout)
    assert answer["caveats"][0].startswith("As on 1 January 2030.")
    assert "The newest source is of 1 June 2026" in answer["caveats"][1]
    assert {row["certainty"] for row in answer["rows"]} <= {"CERTAIN", "POSSIBLE"}


# --- what cannot be said --------------------------------------------------------------------------


def test_a_system_that_has_ended_has_no_members(registers: Graph) -> None:
    assert registers.ask("system-members", system="Plumstead", on="2026-03-31").height > 0
    assert registers.ask("system-members", system="Plumstead", on="2026-04-01").is_empty()


def test_a_type_includes_what_is_narrower(registers: Graph) -> None:
    system = {"system": "Barsetshire", "on": "2022-07-01"}
    every = registers.ask("system-members", **system)
    wanted = {"Integrated care board (ICB)", "Sub-ICB location", "Commissioning hub"}
    of_type = registers.ask("system-members", type="commissioner", **system)
    assert set(of_type["type"]) <= {*wanted, "Commissioner"}
    assert set(of_type["id"]) < set(every["id"])


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("cross-border-flows", {"on": "2020-01-01"}, "No new RTT periods are counted of a time"),
        ("practices-changed-pcn", {"on": "1999-01-01"}, "No practice has a network"),
    ],
)
def test_what_is_not_counted_is_not_answered(
    registers: Graph, name: str, parameters: dict[str, str], said: str
) -> None:
    answer = registers.ask(name, **parameters)
    assert not answer.answerable
    assert answer.reason.startswith(said)


def test_the_evidence_alone_has_no_ratings(sample: Graph) -> None:
    answer = sample.ask("ratings-over-time", thing="Barts Health NHS Trust")
    assert answer.reason == "This store has no ratings. Add ratings of the CQC as a source."


def test_behind_an_answer_of_the_registers_are_their_records(registers: Graph) -> None:
    counts = registers.ask("unresolved-names").counts
    sources = registers.snapshot.manifest["sources"]
    assert counts["editions"] == len(sources)
    assert counts["locations"] == registers.nodes("Location").height
