"""Every example in a docstring gives what it says.

The modules are imported by their installed names. Pytest's own --doctest-modules goes by folders,
and finds no package in a checkout whose folder has a hyphen in its name.
"""

import doctest
import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
FACES = [REPOSITORY / "__init__.py", *REPOSITORY.glob("[a-z]*/__init__.py")]
MODULES = sorted(
    ".".join(["icsgraph", *path.relative_to(REPOSITORY).with_suffix("").parts])
    for face in FACES
    for path in face.parent.glob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # an example may write a file
    failed, _tried = doctest.testmod(importlib.import_module(name))
    assert failed == 0
