"""Neo4j's own linter finds nothing in any Cypher text of the catalogue, as Cypher 5 or 25."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.ontology.tables import schema
from icsgraph.queries.catalogue import read_catalogue

FOLDER = Path(__file__).with_name("lint")
PARAMETERS = {"on": "2021-06-30", "day_after": "2021-07-01"}

BROKEN = {
    "a variable that is not there": ("MATCH (s:System) RETURN t.id AS id", "`t` not defined"),
    "a kind that is not there": ("MATCH (s:Sytem) RETURN s.id AS id", "Sytem"),
    "what is going to be removed": ("MATCH (s:System) RETURN id(s) AS id", "deprecated"),
}


def catalogue() -> dict[str, str]:
    """Every Cypher text of the catalogue, those that count as well."""
    texts = {name: q.texts["cypher"] for name, q in read_catalogue().items() if "cypher" in q.texts}
    counted = {name: q.counts.cypher for name, q in read_catalogue().items() if q.counts}
    return {**texts, **{f"{name}, counts": text for name, text in counted.items()}}


def parameters() -> dict[str, object]:
    """Every parameter of the catalogue with a value of its type."""
    values = {"integer": 1, "number": 1.5, "boolean": True, "texts": [""]}
    declared = [q.parameters.items() for q in read_catalogue().values()]
    return {n: values.get(p.type, "") for items in declared for n, p in items} | PARAMETERS


def schema_known() -> dict[str, object]:
    """The names that a text may use: others are found, too."""
    kinds = (*NODE_KINDS, *RELATIONSHIP_KINDS)
    return {
        "labels": list(NODE_KINDS),
        "relationshipTypes": list(RELATIONSHIP_KINDS),
        "propertyKeys": sorted({column for kind in kinds for column in schema(kind)}),
        "parameters": parameters(),
    }


@pytest.fixture(scope="module")
def faults() -> list[dict[str, str]]:
    """What the linter, which npm brings, finds in the catalogue and in broken texts. A machine
    without node skips."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node and npm for Neo4j's linter; to get them: apt-get install --yes npm")
    if not (FOLDER / "node_modules" / ".package-lock.json").is_file():
        npm = [shutil.which("npm") or "npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"]
        subprocess.run(npm, cwd=FOLDER, check=True)
    texts = {**catalogue(), **{what: text for what, (text, _) in BROKEN.items()}}
    ran = subprocess.run(
        ["node", "lint.mjs"],
        cwd=FOLDER,
        input=json.dumps({"texts": texts, "schema": schema_known()}),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    told: list[dict[str, str]] = json.loads(ran.stdout)
    return told


def test_the_linter_passes_every_text_of_the_catalogue(faults: list[dict[str, str]]) -> None:
    assert [fault for fault in faults if fault["name"] not in BROKEN] == []


@pytest.mark.parametrize("what", BROKEN)
def test_the_linter_finds(what: str, faults: list[dict[str, str]]) -> None:
    found = [fault for fault in faults if fault["name"] == what]
    assert any(BROKEN[what][1] in fault["message"] for fault in found)
