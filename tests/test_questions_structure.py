"""The questions on structure and routes, asked of graphs of which the answers are known."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from icsgraph.queries import across_borders, network_shape, recorded_routes
from icsgraph.queries.answer import Unanswerable
from icsgraph.visualisations.tables import Tables

ASKED = {"kind": "", "level": "provider", "on": "2026-11-01", "since": "", "replicates": 99}
FIRST = date(2020, 1, 1)


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns(rows: list[tuple[Any, ...]], *names: str) -> dict[str, list[Any]]:
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def graph(
    ties: list[tuple[str, str, int | None, int | None]],
    homes: dict[str, str],
    kind: str = "SUPPORTS",
) -> Tables:
    """Bodies tied from a day to before another (counted from 2020), each in a system."""
    day = [
        (None if at is None else (FIRST + timedelta(days=at)).isoformat() for at in tie[2:])
        for tie in ties
    ]
    rows = [
        (f"tie-{n}", one, other, start, start, end, end, "made@2026")
        for n, ((one, other, *_), (start, end)) in enumerate(zip(ties, day, strict=True))
    ]
    bodies = sorted({name for one, other, *_ in ties for name in (one, other)} | set(homes))
    systems = sorted(set(homes.values()))
    members = [(f"home-{body}", body, homes[body]) for body in sorted(homes)]
    bounds = ("start_earliest", "start_latest", "end_earliest", "end_latest")
    return Tables(
        {
            "Organisation": {"id": bodies, "name": bodies},
            "System": {"id": systems, "name": [f"System {s}" for s in systems]},
        },
        {
            kind: columns(rows, "id", "subject", "object", *bounds, "source"),
            "MEMBER_OF": columns(members, "id", "subject", "object"),
        },
    )


@pytest.fixture
def managers(shared: Path) -> tuple[Tables, dict[str, Any]]:
    """Who asks whom for advice among 21 managers (Krackhardt 1987), departments for systems."""
    folder = shared / "golden" / "hightech_advice"
    homes = {row["id"]: f"S{row['group']}" for row in read(folder, "nodes.csv")}
    ties = [(row["ego"], row["alter"], None, None) for row in read(folder, "edges.csv")]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return graph(ties, homes), expected


def test_borders_are_those_of_the_known_network(managers: tuple[Tables, dict[str, Any]]) -> None:
    tables, expected = managers
    found = across_borders.borders_followed(tables, ASKED)
    index = found.rows.row(0, named=True)
    assert index["value"] == pytest.approx(expected["ei"]["ei"])
    assert found.tests[0]["replicates"] == 99
    assert found.counts["tied_in_a_system"] == 21


def test_roles_are_those_of_the_known_network(managers: tuple[Tables, dict[str, Any]]) -> None:
    tables, expected = managers
    rows = across_borders.brokers(tables, {**ASKED, "role": "gatekeeper"}).rows
    counts = dict(rows.select("id", "count").iter_rows())
    known = {
        node: count["gatekeeper"]
        for node, count in expected["brokerage"]["raw"].items()
        if count["gatekeeper"]
    }
    assert counts == known


def test_partners_are_spread_as_in_the_known_network(
    managers: tuple[Tables, dict[str, Any]],
) -> None:
    tables, expected = managers
    rows = across_borders.partners_spread(tables, ASKED).rows
    found = dict(rows.select("id", "participation").iter_rows())
    known = {
        node: value
        for node, value in expected["participation"]["participation"].items()
        if node in found
    }
    assert found == pytest.approx(known)


def test_routes_are_those_of_the_known_network(shared: Path) -> None:
    folder = shared / "golden" / "temporal_random30_directed"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    spells = read(folder, "spells.csv")
    ties = [(s["tail"], s["head"], int(s["onset"]), int(s["terminus"])) for s in spells]
    tables = graph(ties, {}, "REFERS_TO")
    first = min(onset for *_, onset, _ in ties)
    rows = recorded_routes.first_arrivals(
        tables, {**ASKED, "source": "2", "since": FIRST.isoformat()}
    ).rows
    found = {
        row["id"]: (date.fromisoformat(row["earliest"]) - FIRST).days
        for row in rows.iter_rows(named=True)
    }
    elapsed = expected["earliest_elapsed_hop0"]["2"]
    tied = {name for one, other, *_ in ties for name in (one, other)}
    known = {
        str(n): value
        for n, value in enumerate(elapsed, 1)
        if value is not None and str(n) != "2" and str(n) in tied
    }
    assert first >= 0
    assert found == known


SMALL = [("A", "B", 0, 10), ("B", "C", 5, 20), ("C", "D", 2, 4)]
OPEN = [(one, other, start, None) for one, other, start, _ in SMALL]
HOMES = {"A": "north", "B": "north", "C": "south", "D": "south"}


def test_a_route_names_each_hop_in_order_and_goes_forward_in_time() -> None:
    asked = {**ASKED, "source": "A", "target": "C"}
    rows = recorded_routes.quickest_routes(graph(SMALL, HOMES), asked).rows
    assert rows.select("from", "to", "arrive", "certainty").rows() == [
        ("A", "B", "2020-01-01", "CERTAIN"),
        ("B", "C", "2020-01-06", "CERTAIN"),
    ]
    with pytest.raises(Unanswerable, match="No recorded route leads"):
        recorded_routes.quickest_routes(graph(SMALL, HOMES), {**asked, "target": "D"})


def test_who_could_have_informed_is_told_with_the_day_that_is_too_late() -> None:
    asked = {**ASKED, "target": "C", "before": "2020-02-01"}
    rows = recorded_routes.could_have_informed(graph(SMALL, HOMES), asked).rows
    assert rows.select("informant", "until", "hops").rows() == [
        ("A", "2020-01-11", 2),
        ("B", "2020-01-21", 1),
    ]


def test_what_is_out_of_reach_and_what_leaving_would_cut_are_counted() -> None:
    tables = graph(SMALL, HOMES)
    apart = recorded_routes.unreached_pairs(tables, {**ASKED, "by": ""}).rows
    assert apart.select("one", "other").rows() == [("A", "D"), ("B", "D")]
    lost = recorded_routes.routes_lost_without(tables, ASKED).rows
    assert lost.select("name", "pairs", "lost").rows() == [("B", 2, 1)]
    within = recorded_routes.reach_within(tables, {**ASKED, "days": 5}).rows
    assert dict(within.select("name", "possibly").iter_rows()) == {"A": 1, "B": 0, "C": 1, "D": 0}


def test_ties_across_borders_are_counted_at_the_end_of_each_period() -> None:
    asked = {**ASKED, "every": "month", "within_region": False, "on": "2020-01-31"}
    open_ties = [("A", "B", 0, None), ("B", "C", 5, None)]
    rows = across_borders.across_by_period(graph(open_ties, HOMES), asked).rows
    assert rows.select("day", "internal", "external", "ei").rows() == [("2020-01-31", 1, 1, 0.0)]


def test_a_border_that_no_tie_could_cross_is_said() -> None:
    with pytest.raises(Unanswerable, match="no border that a tie could cross"):
        across_borders.brokers(graph(OPEN, dict.fromkeys(HOMES, "north")), {**ASKED, "role": ""})
    with pytest.raises(Unanswerable, match="needs 3 at least"):
        network_shape.unconnected(graph(OPEN[:2], HOMES), {**ASKED, "version": "whole-network"})


def test_holes_core_centre_and_return_of_a_star() -> None:
    star = [("A", other, None, None) for other in "BCDE"]
    tables = graph(star, dict.fromkeys("ABCDE", "north"))
    holes = network_shape.unconnected(tables, {**ASKED, "version": "whole-network"}).rows
    assert holes.select("name", "effective_size", "constraint").rows() == [("A", 4.0, 0.25)]
    centre = network_shape.centralised(tables, ASKED).rows
    assert centre.select("system", "bodies", "ties", "out_degree").rows() == [
        ("System north", 5, 4, 1.0)
    ]
    answer = network_shape.confirmed(tables, ASKED)
    assert answer.counts["pairs_one_way"] == 4
    assert set(answer.rows["recorded"]) == {"one side"}


def test_kinds_of_tie_coincide_where_two_join_one_pair() -> None:
    tables = graph(OPEN, HOMES)
    both = pl.DataFrame(tables.relationship_columns["SUPPORTS"]).head(1)
    more = Tables(
        tables.node_columns,
        {**tables.relationship_columns, "HOSTS": both.to_dict(as_series=False)},
    )
    rows = network_shape.kinds_coincide(more, ASKED).rows
    assert rows.select("one_kind", "other_kind", "both", "either").rows() == [
        ("hosts", "supports", 1, 3)
    ]
    asked = {**ASKED, "outcome": "HOSTS", "with_kind": "SUPPORTS"}
    terms = network_shape.kinds_together(more, asked).rows
    assert terms["term"].to_list()[:3] == [
        "correlation of the two kinds (QAP)",
        "intercept",
        "supports",
    ]
