"""Every kind of page, picture and table: with the public profile it holds nothing that was planted
in the store, and without it the check finds each planted thing that stands in its bytes."""

import polars as pl
import pytest
from click.testing import CliRunner
from generated_graphs import facts, snapshot_of

from icsgraph.cli.app import app
from icsgraph.graph.partitions import Partition
from icsgraph.graph.published import search_file
from icsgraph.graph.published_parts import parts
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources
from icsgraph.pipeline import build
from icsgraph.session import Graph
from icsgraph.visualisations.charts import CHARTS
from icsgraph.visualisations.maps import MAPS
from icsgraph.visualisations.reports import REPORTS

NOTE, TRADER, CLOSED = "a remark on Quillfeather", "Ms Perdita Plant", "Ravenmoor Care"
EMAIL, PHONE = "j.plant@example.org", "020 7946 0123"
PLANTED = (NOTE, TRADER, CLOSED, EMAIL, PHONE)
SYSTEM, INNOVATION, REVIEW = "ods:Q9X", "icsg:innovation/planted", "icsg:review/planted"


def tied(*pairs):
    """Statements of findings between pairs of things."""
    rows = [
        {"subject": a, "object": b, "key": f"{n}", "knowledge_level": "finding"}
        for n, (a, b) in enumerate(pairs)
    ]
    return pl.DataFrame(rows)


def planted_editions():
    lodge, trader, care = (f"cqc:1-77700000{n}" for n in (1, 2, 3))
    bodies = {
        "id": [lodge, trader],
        "name": [f"Quillfeather Lodge, ring {PHONE}", TRADER],
        "note": [NOTE, None],
        "is_sole_trader": [False, True],
        "is_provider": [True, True],
    }
    finding = {
        "id": ["icsg:finding/planted"],
        "name": ["A line to ring"],
        "finding_kind": ["innovation"],
        "description": [f"Ask {EMAIL} about it"],
        "note": [NOTE],
        "topic": ["cancer"],
        "from_reviews": [True],
        "start_earliest": ["2020-05-01"],
        "start_latest": ["2020-05-31"],
        "date_text": ["2020-05"],
    }
    nodes = {
        "Organisation": pl.DataFrame(bodies),
        "Innovation": pl.DataFrame({"id": [INNOVATION], "name": [f"Line {PHONE}"]}),
        "Finding": pl.DataFrame(finding),
        "Review": pl.DataFrame({"id": [REVIEW], "name": ["Cancer"], "topic": ["cancer"]}),
        "Concept": pl.DataFrame(
            {"id": ["icsg:topic/cancer"], "name": ["Cancer"], "concept_type": ["topic"]}
        ),
        "System": pl.DataFrame({"id": [SYSTEM, "ods:Q9Y"]}),
    }
    adopted = tied((SYSTEM, INNOVATION), ("ods:Q9Y", INNOVATION)).with_columns(
        finding=pl.lit("icsg:finding/planted"), note=pl.lit(NOTE)
    )
    told = {
        "LOCATED_IN": tied((lodge, SYSTEM), (trader, SYSTEM)),
        "COLLABORATES_WITH": tied((lodge, trader)),
        "REVIEWED": tied((REVIEW, SYSTEM)),
        "FOUND": tied((REVIEW, "icsg:finding/planted")),
        "CONCERNS": tied(("icsg:finding/planted", SYSTEM)),
        "ABOUT": tied(("icsg:finding/planted", INNOVATION)),
        "ADOPTED": adopted,
    }
    yield Partition(facts("planted@2026-06-01"), nodes, told)
    hidden = pl.DataFrame({"id": [care], "name": [CLOSED], "is_provider": [True]})
    system = pl.DataFrame({"id": [SYSTEM]})
    only = {"Organisation": hidden, "System": system}, {"LOCATED_IN": tied((care, SYSTEM))}
    yield Partition({**facts("closed@2026-06-01"), "licence": ""}, *only)


@pytest.fixture(scope="module")
def planted(repository, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("planted") / "store")
    build(store, read_sources(repository / "tests" / "data" / "registers" / "SOURCES.toml"))
    return Graph(snapshot_of(store.path, list(planted_editions())))


def standing_in(path):
    """Which of the planted texts stand in a file, however it packs them."""
    texts = [text for part in parts(path) for text in (part.text, *part.spelt)]
    return {value for value in PLANTED if any(value in text for text in texts)}


def found_in(graph, path):
    """Which of them the check finds, alone or as a part of a longer value."""
    leaks = search_file(graph.snapshot, path).leaks
    return {value for value in PLANTED if any(value in leak.value for leak in leaks)}


def map_of(graph, name):
    what = {"system": SYSTEM, "innovation": INNOVATION, "topic": "cancer", "around": SYSTEM}
    if name == "question":
        return graph.map(name, "system-members", system=SYSTEM)
    return graph.map(name, what.get(name, ""))


def report_of(graph, kind):
    return graph.report(kind, {"programme": "", "topic": "cancer"}.get(kind, INNOVATION))


def chart_of(graph, name):
    of_one = name in ("adoption-curve", "hazard")
    return graph.chart(name, **({"innovation": INNOVATION} if of_one else {}))


SHOWN = {
    **{f"map {name}": (lambda graph, name=name: map_of(graph, name)) for name in MAPS},
    **{f"report {kind}": (lambda graph, kind=kind: report_of(graph, kind)) for kind in REPORTS},
    "report system": lambda graph: graph.report("system", SYSTEM),
}
LEAST = {"map system": {TRADER, CLOSED, PHONE}, "map england": {TRADER, PHONE}}
"""What stands at least in what shows every organisation, or every one with a tie."""


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_and_its_frame_in_a_notebook(planted, tmp_path, name):
    page, frame = tmp_path / "page.html", tmp_path / "cell.ipynb"
    shown = SHOWN[name](planted)
    shown.save(page)
    frame.write_text(shown._repr_html_(), encoding="utf-8")
    there = standing_in(page)
    assert there >= LEAST.get(name, set())
    assert found_in(planted, page) == there == found_in(planted, frame)
    public = SHOWN[name](planted.public())
    public.save(page)
    frame.write_text(public._repr_html_(), encoding="utf-8")
    for file in (page, frame):
        assert standing_in(file) == set()
        assert search_file(planted.snapshot, file).leaks == ()


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_in_every_format(planted, tmp_path, name):
    for ending in ("svg", "html", "csv", "pdf"):
        file = chart_of(planted, name).save(tmp_path / f"full.{ending}")
        assert found_in(planted, file) >= (standing_in(file) if ending != "pdf" else set())
        file = chart_of(planted.public(), name).save(tmp_path / f"public.{ending}")
        assert standing_in(file) == set()
        found = search_file(planted.snapshot, file)
        assert found.leaks == () and found.unread == ()


def test_of_all_kinds_together_each_planted_thing_is_seen_somewhere(planted, tmp_path):
    """What nothing shows would be looked for in vain."""
    seen = set()
    for name in ("map system", "map innovation", "report topic"):
        seen |= standing_in(SHOWN[name](planted).save(tmp_path / "page.html"))
    assert seen == set(PLANTED)


@pytest.mark.parametrize("value", PLANTED)
def test_the_command_refuses_a_file_with_one_of_them_and_takes_one_without(
    planted, tmp_path, value
):
    store = str(planted.snapshot.folder.parents[1])
    file = tmp_path / "page.html"
    planted.public().chart("years").save(file)
    asked = ["check", "--published", str(file), "--store", store]
    assert CliRunner().invoke(app, asked).exit_code == 0
    file.write_text(f"{file.read_text(encoding='utf-8')}<p>{value}</p>", encoding="utf-8")
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 1 and value in told.stderr


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Ring +44 (0)20 7946 0123 today", True),
        ("01632960001", True),
        ("(01632) 960001", True),
        ('mail <a href="mailto:a.b@nhs.net">us</a>', True),
        ("oximetry@home, 0.1234567890, 1-0123456789, E01012345678, sha 00123456789a", False),
    ],
)
def test_a_way_to_reach_somebody_is_found_wherever_it_comes_from(planted, tmp_path, text, refused):
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    assert bool(search_file(planted.snapshot, file).leaks) == refused
