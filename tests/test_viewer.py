"""The viewer of the national map is built from its sources alone, the same everywhere."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "visualisations" / "viewer"
NO_NODE = "the viewer cannot be built: no npm here, or no node_modules (make viewer)"


def test_the_lock_names_no_registry_and_every_package_has_its_hash():
    text = (FOLDER / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert "resolved" not in text and not re.search(r"https?://[^\"]*regist", text)
    assert [name for name, facts in packages.items() if name and "integrity" not in facts] == []


def test_every_version_is_exact():
    stated = json.loads((FOLDER / "package.json").read_text("utf-8"))
    versions = {**stated["dependencies"], **stated["devDependencies"]}
    assert [v for v in versions.values() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []


def test_the_licences_of_all_that_the_bundle_holds_lie_beside_it(viewer):
    text = viewer.with_name("LICENCES.txt").read_text("utf-8")
    headed = re.findall(r"^(\S+) [\d.]+ \(MIT\)$", text, re.MULTILINE)
    assert {"sigma", "graphology", "events", "graphology-utils"} <= set(headed)
    assert text.count("Permission is hereby granted") == len(headed)


def test_the_bundle_asks_for_nothing_and_cannot_end_its_script(viewer):
    text = viewer.read_text("utf-8")
    assert "</script" not in text
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|importScripts|eval)\s*\(", text)
    assert "sourceMappingURL" not in text


def test_the_same_bytes_from_another_folder(viewer, tmp_path):
    npm = shutil.which("npm")
    if npm is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip(NO_NODE)
    copy = tmp_path / "another folder"
    copy.mkdir()
    for name in ("src", "node_modules"):
        shutil.copytree(FOLDER / name, copy / name, symlinks=True)
    for name in ("package.json", "tsconfig.json", "build.mjs"):
        shutil.copy(FOLDER / name, copy)
    subprocess.run([npm, "run", "--silent", "build"], cwd=copy, check=True, capture_output=True)
    assert (copy / "dist" / "viewer.js").read_bytes() == viewer.read_bytes()
