"""Candidates for one identity: which pairs are found, in what order, and why they score so."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.assemble import assemble
from icsgraph.graph.decisions import Decision
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.judging import decide, undo
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.loaders.sources import read_sources, sample_sources
from icsgraph.pipeline import build
from icsgraph.queries.matching import Candidate, candidates, frame
from icsgraph.queries.names import core, initials, spelled

COUNCIL = "icsg:organisation/newham-council"
REGISTER = {"knowledge_level": ["register"]}


def stored(path: Path, nodes: dict[str, dict], operates: tuple[str, str] | None = None) -> Store:
    """A store of one source with these things."""
    facts = {"id": "mine@1", "data_set": "mine", "as_of": "2026", "official": True}
    ends = {"subject": [operates[0]], "object": [operates[1]]} if operates else {}
    ties = {"OPERATES": pl.DataFrame({**ends, **REGISTER})} if operates else {}
    tables = {kind: pl.DataFrame(rows) for kind, rows in nodes.items()}
    store = Store(path)
    with store.writing():
        with fresh_folder(store.partitions) as folder:
            write_partition(folder, Partition(facts, tables, ties))
            store.put_partition("mine@1", folder)
        store.switch(assemble(store))
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A council, three bodies that might be it, and two sites of one hospital."""
    organisations = {
        "id": [COUNCIL, "cqc:1-101", "cqc:1-102", "ods:08M"],
        "name": ["Newham Council", "London Borough of Newham", "Newham Care Ltd", "NHS Newham CCG"],
        "org_type": ["council", None, "social-care-organisation", "ccg"],
        "postcode": ["E16 2QU", None, "E16 2QU", None],
        "town": ["London", None, "LONDON", None],
    }
    locations = {
        "id": ["icsg:stroke-unit/newham", "cqc:1-201", "cqc:1-202"],
        "name": ["Newham University Hospital", "Newham University Hospital", "The Town Hall"],
        "postcode": ["E13 8SL", "E13 8RU", "E6 2RP"],
        "town": ["Newham", "London", "London"],
    }
    nodes = {"Organisation": organisations, "Location": locations}
    return stored(tmp_path / "store", nodes, operates=("cqc:1-101", "cqc:1-202"))


def found(snapshot: Snapshot, **how) -> list[tuple[str, str]]:
    return [(each.one, each.other) for each in candidates(snapshot, **how)]


# Names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Newham Council", "London Borough of Newham"),
        ("Kernow Health CIC", "Kernow Health C.I.C."),
        ("Kernow Health CIC", "KERNOW HEALTH COMMUNITY INTEREST COMPANY"),
        ("Bart's Health", "Barts Health NHS Trust"),
        ("Guys and St Thomas' NHS Trust", "Guy’s & St. Thomas’ NHS Foundation Trust"),
        ("Age UK", "BRAND Age UK"),
        ("Partnership of East London Cooperatives", "Partnership of East London Co-operatives Ltd"),
        ("NHS Liverpool CCG", "NHS Liverpool Clinical Commissioning Group"),
        ("City of York Council", "York City Council"),
        ("Café Care", "CAFE CARE LIMITED"),
    ],
)
def test_two_wordings_of_a_name_have_one_core(one: str, other: str):
    cores = pl.DataFrame({"name": [one, other]}).select(core(pl.col("name"))).to_series()
    assert cores[0] == cores[1] != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Essex County Council", "East Sussex County Council"),
        ("Newham Council", "NHS Newham CCG"),
        ("Leicester City Council", "Leicestershire County Council"),
        ("The Trust", "The Foundation"),
    ],
)
def test_two_names_have_two_cores(one: str, other: str):
    cores = pl.DataFrame({"name": [one, other]}).select(core(pl.col("name"))).to_series()
    assert cores[0] != cores[1]


def test_a_name_of_common_words_alone_keeps_them():
    names = pl.DataFrame({"name": ["The Trust", "!!!", "CIC Ltd"]})
    assert names.select(core(pl.col("name"))).to_series().to_list() == [
        "the trust",
        "",
        "cic ltd",
    ]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Care Quality Commission", "cqc"),
        ("East London NHS Foundation Trust", "elft"),
        ("South Central Ambulance Service NHS Foundation Trust", "scasft"),
        ("Great North Care Record", "gncr"),
    ],
)
def test_initials(name: str, short: str):
    assert pl.DataFrame({"name": [name]}).select(initials(pl.col("name"))).item() == short


def test_a_name_is_spelled_in_small_plain_letters():
    names = pl.DataFrame({"name": ["Dr. A.B. O’Hara & Partners — GP’s"]})
    assert names.select(spelled(pl.col("name"))).item() == "dr ab ohara and partners gps"


# Candidates


def test_a_name_without_a_code_is_matched_and_each_part_is_explained(store: Store):
    council = next(each for each in candidates(store.current()) if each.other == COUNCIL)
    assert (council.kind, council.one, council.one_name) == (
        "Organisation", "cqc:1-101", "London Borough of Newham",
    )  # fmt: skip
    assert [(p.part, p.score, p.weight, p.found) for p in council.parts] == [
        ("name", 100.0, 50, '"Newham Council" and "London Borough of Newham"'),
        ("words", 100.0, 25, "council (in 2), newham (in 4)"),
        ("postcode", 0.0, 15, "E16 2QU and E6 2RP"),
        ("town", 100.0, 5, "both london"),
        ("type", None, 5, "not known of both"),
    ]
    assert council.score == round((100 * 50 + 100 * 25 + 0 * 15 + 100 * 5) / 95, 1)
    assert council.why.endswith("postcode 0: E16 2QU and E6 2RP; town 100: both london")


def test_the_postcode_counts_by_how_much_of_it_is_the_same(store: Store):
    (hospital,) = (each for each in candidates(store.current()) if each.kind == "Location")
    assert (hospital.one, hospital.other) == ("cqc:1-201", "icsg:stroke-unit/newham")
    assert [(p.score, p.found) for p in hospital.parts if p.part in ("postcode", "town")] == [
        (50.0, "the same sector, E13 8"),
        (0.0, "newham and london"),
    ]


def test_what_scores_less_is_left_out_and_the_best_come_first(store: Store):
    low = [
        each for each in candidates(store.current(), at_least=30, most=9) if each.other == COUNCIL
    ]
    assert [each.one for each in low] == ["cqc:1-101", "cqc:1-102", "ods:08M"]
    assert [each.score for each in low] == sorted((each.score for each in low), reverse=True)
    assert found(store.current(), at_least=101) == []
    assert len(found(store.current(), things=[COUNCIL], at_least=30, most=2)) == 2


def test_only_what_is_asked_for_is_compared_and_what_has_a_code_may_be(store: Store):
    assert found(store.current(), things=["cqc:1-101"], at_least=70) == [("cqc:1-101", COUNCIL)]
    assert found(store.current(), things=["icsg:nobody/here"]) == []


def test_what_was_judged_is_no_candidate_until_it_is_taken_back(store: Store):
    before = found(store.current())
    for judgement in ("different", "same"):
        decide(store, Decision("cqc:1-101", COUNCIL, judgement, "A. Analyst", "2026", "seen"))
        assert found(store.current()) == [pair for pair in before if COUNCIL not in pair]
        undo(store, COUNCIL, "cqc:1-101")
    assert found(store.current()) == before


def test_a_name_that_is_nothing_but_initials_is_matched_unless_it_has_a_longer_one(tmp_path: Path):
    nodes = {
        "id": ["icsg:organisation/elft", "ods:RWK", "ods:RXX"],
        "name": ["ELFT", "East London NHS Foundation Trust", "East Lincolnshire Fire Team"],
        "other_names": [["East Leeds Fostering Trust"], [], []],
    }
    nodes_alone = {**nodes, "other_names": [[], [], []]}
    alone = stored(tmp_path / "alone", {"Organisation": nodes_alone}).current()
    assert found(alone) == [
        ("ods:RWK", "icsg:organisation/elft"),
        ("ods:RXX", "icsg:organisation/elft"),
    ]
    (first, *_) = candidates(alone)
    assert first.parts[0].found == '"ELFT" and "East London NHS Foundation Trust", by its initials'
    assert found(stored(tmp_path / "both", {"Organisation": nodes}).current()) == []


def test_two_names_without_codes_are_one_candidate_not_two(tmp_path: Path):
    nodes = {
        "id": ["icsg:organisation/a-b", "icsg:organisation/evidence/a-b"],
        "name": ["Discharge Hub (Newham)", "The Newham Discharge Hub"],
    }
    snapshot = stored(tmp_path / "store", {"Organisation": nodes}).current()
    assert found(snapshot) == [("icsg:organisation/a-b", "icsg:organisation/evidence/a-b")]


def test_a_thing_without_a_name_is_no_candidate(tmp_path: Path):
    nodes = {"id": ["icsg:organisation/x", "ods:RWK"], "name": [None, None]}
    frames = {"Organisation": {**nodes, "town": ["Leeds", "Leeds"]}}
    assert candidates(stored(tmp_path / "store", frames).current()) == []


def test_candidates_are_a_table_of_rows_with_the_reason(store: Store):
    table = frame(candidates(store.current()))
    assert table.columns == ["score", "kind", "one", "one_name", "other", "other_name", "why"]
    assert table.schema["score"] == pl.Float64 and table.height == 2
    assert frame([]).columns == table.columns


def test_the_same_snapshot_gives_the_same_list(store: Store):
    assert candidates(store.current()) == candidates(store.current())


# Real names


@pytest.fixture(scope="module")
def england(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The evidence with CQC's ratings of 2021, and trusts and commissioners of ODS."""
    listed = {each.id: each for each in read_sources(Path(__file__).parent / "data" / "all.toml")}
    wanted = ("cqc-ratings-england@2021-02", "ods-trusts@2026-01", "ods-commissioners@2026-01")
    store = Store(tmp_path_factory.mktemp("matching") / "store")
    build(store, [*sample_sources(), *(listed[name] for name in wanted)])
    return store.current()


@pytest.mark.parametrize(
    ("name", "provider", "provider_name"),
    [
        ("newham-council", "cqc:1-101667948", "London Borough of Newham"),
        ("medway-community-healthcare-cic", "cqc:1-184500761", "Medway Community Healthcare C.I.C"),
        (
            "partnership-of-east-london-co-operatives",
            "cqc:1-199811091",
            "Partnership of East London Co-operatives (PELC) Limited",
        ),
        ("durham-county-council", "cqc:1-101667827", "Durham County Council"),
        ("sheffield-city-council", "cqc:1-101668007", "Sheffield City Council"),
        ("nhs-lincolnshire-ccg", "ods:71E", "NHS Lincolnshire ICB - 71E"),
    ],
)
def test_names_of_the_evidence_that_nobody_can_mistake(
    england: Snapshot, name: str, provider: str, provider_name: str
):
    (best, *_) = candidates(england, [f"icsg:organisation/{name}"])
    assert best.one == provider
    assert (best.one_name or "").lower() == provider_name.lower()
    assert best.score >= 90


def test_who_is_in_no_register_has_no_candidate(england: Snapshot):
    named = ["care-quality-commission", "nhsx", "ofsted", "south-yorkshire-police", "docobo"]
    assert candidates(england, [f"icsg:organisation/{name}" for name in named]) == []


def test_the_evidence_s_own_aliases_are_found_again_when_none_is_decided(
    england: Snapshot, tmp_path: Path
):
    """99 names, of which some cannot be guessed: Treliske is a place, "the NHS trust in Plymouth"
    no name."""
    store = Store(tmp_path / "apart")
    build(store, sample_sources())
    decisions = store.current().manifest["decisions"]
    store.decisions.unlink()
    with store.writing():
        store.switch(assemble(store))
    aliases = {each["other"]: each["one"] for each in decisions}
    best: dict[str, Candidate] = {}
    for each in candidates(store.current(), list(aliases), at_least=50, most=20):
        for name, body in ((each.one, each.other), (each.other, each.one)):
            if name in aliases and body not in aliases:
                best.setdefault(name, each)
    right = sum(aliases[name] in (each.one, each.other) for name, each in best.items())
    print(f"{right} of {len(best)} names with a candidate have the right one first")
    assert right >= 75
