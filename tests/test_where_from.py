"""Where the data come from: one list, the page made of it, and every file that was gathered."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from click.testing import CliRunner

from icsgraph.cli.app import app
from icsgraph.loaders.registry import LOADERS
from icsgraph.loaders.where_from import PAGE, data_page, data_sets

OWN = {"own-data", "partner-survey"}
"""Loaders of what has no publisher."""

NO_DATA = ("*README.md", "*_header.json", "cqc_api/*.schema.json", "cqc_api/samples/*")

FILES = {
    "adoption/community_diagnostic_centres*": "diagnostic-centres",
    "adoption/derived_gp_online_consultation*": "online-consultation",
    "adoption/doac_*": "doac",
    "adoption/elective_surgical_hubs*": "surgical-hubs",
    "adoption/gp_clinical_system*": "gp-systems",
    "adoption/gp_online_consultation*": "online-consultation",
    "adoption/trimethoprim_*": "trimethoprim",
    "adoption/virtual_ward*": "virtual-wards",
    "context/*ICS-discovery.md": "ics-discovery",
    "cqc/cqc_inspection_history*": "cqc-inspections",
    "cqc/cqc_latest_ratings*": "cqc-ratings",
    "cqc_api/oldham_*": "cqc-api",
    "flows/RTT_*": "rtt",
    "flows/lookup_nhs_trusts22*": "trust-catchments",
    "geography/CCG*": "geography-ccg",
    "geography/ICB24*": "geography-boards",
    "geography/LOC22*": "geography-sub-icb",
    "geography/*boundaries*": "geography-boundaries",
    "geography/derived_icb_timeline*": "geography-timeline",
    "geography/derived_utla21*": "geography-authorities",
    "geography/derived_lad22*": "geography-authorities",
    "geography/lookup_lsoa11*": "geography-small-areas",
    "geography/lookup_ltla24*": "geography-regions",
    "geography/mysociety_*": "local-authorities",
    "ods/ODS_Change_Summary*": "ods-changes",
    "ods/ePCN*": "ods-networks",
    "ods/eccg*": "ods-commissioners",
    "ods/epraccur*": "ods-practices",
    "ods/etr*": "ods-trusts",
    "ods/gp-reg-pat-prac-map*": "ods-network-mapping",
    "ods/lookup_trust_trust*": "ods-successions",
    "ods/points_nhs_trusts22*": "trust-points",
    "ods_api/ORD_*": "ods-ord",
    "ods_api/*openapi.yaml": "ods-fhir",
    "ties/ties_organisation_groups*": "cancer-alliances",
    "ties/ties_stroke_units*": "stroke-networks",
}
"""Of which data set each file of ../shared/data is; the memberships are of four."""


def test_the_page_is_what_the_list_gives(repository: Path):
    """Forgotten after a change of the list: `make generate`."""
    assert (repository / PAGE).read_bytes() == data_page().encode()


def test_make_generate_writes_the_page(repository: Path):
    assert "icsgraph.loaders.where_from" in (repository / "Makefile").read_text("utf-8")


def test_every_loader_of_published_data_is_named_and_every_name_is_a_loader():
    named = {each.loader for each in data_sets()} - {""}
    assert named == set(LOADERS) - OWN


def test_every_cell_is_filled_and_every_name_is_given_once():
    names = [each.data_set for each in data_sets()]
    assert sorted(set(names)) == sorted(names)
    for each in data_sets():
        assert each.page.startswith("https://")
        assert each.licence in ("OGL-UK-3.0", "CC-BY-4.0", "MIT", "CC0-1.0")
        assert each.what and each.publisher and each.editions
        assert each.loader or each.note


def test_every_page_that_the_page_points_to_is_there(repository: Path):
    links = re.findall(r"\]\((?!https)([^)]+)\)", data_page())
    assert links
    assert [link for link in links if not (repository / "docs" / link).is_file()] == []


def test_every_file_that_was_gathered_is_of_a_data_set(shared: Path):
    root = shared / "data"
    known = {each.data_set for each in data_sets()}
    assert set(FILES.values()) <= known
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    data = [name for name in names if not any(fnmatch(name, pattern) for pattern in NO_DATA)]
    of = {name: {FILES[p] for p in FILES if fnmatch(name, p)} for name in data}
    assert len(data) >= 50
    assert {name: sets for name, sets in of.items() if len(sets) != 1} == {}


def test_the_loader_named_is_the_one_that_reads_the_file(repository: Path):
    loaders = {each.data_set: each.loader for each in data_sets()}
    listed = tomllib.loads((repository / "tests" / "data" / "all.toml").read_text("utf-8"))
    for source in listed["source"]:
        for file in source.get("files", []):
            (data_set,) = {FILES[p] for p in FILES if fnmatch(file, p)}
            assert loaders[data_set] == source["kind"]


def test_the_example_says_of_an_edition_what_the_tests_say(repository: Path):
    """Only the names of the files are the reader's own; the example has no day of retrieval."""
    own = ("files", "retrieved")
    example, tests = (
        {
            source["id"]: {key: value for key, value in source.items() if key not in own}
            for source in tomllib.loads((repository / name).read_text("utf-8"))["source"]
        }
        for name in ("docs/sources-england.toml", "tests/data/all.toml")
    )
    both = sorted(set(example) & set(tests))
    assert len(both) >= 35
    assert {name: example[name] for name in both} == {name: tests[name] for name in both}


def test_where_is_a_command():
    told = CliRunner().invoke(app, ["sources", "--where", "--format", "csv"])
    assert told.exit_code == 0
    assert len(told.stdout.splitlines()) == len(data_sets()) + 1
    told = CliRunner().invoke(app, ["sources", "--where"])
    assert "https://www.cqc.org.uk/about-us/transparency/using-cqc-data" in told.stdout
