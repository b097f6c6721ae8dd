"""What is derived from the ontology and checked in, and whether it still is what is derived.

`python -m icsgraph.ontology.generate` writes it all; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from .context import context_text
from .cypher import ladybug_script, neo4j_script
from .errors import UnknownName
from .jsonschema import json_schema
from .markdown import glossary, reference
from .owl import owl
from .shacl import shacl
from .table_schemas import table_schemas

__all__ = ["DERIVED", "FORMS", "derived", "main", "stale", "write"]

DERIVED: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/glossary.md": glossary,
        "docs/ontology.md": reference,
        "ontology/generated/context.jsonld": context_text,
        "ontology/generated/ladybug.cypher": ladybug_script,
        "ontology/generated/neo4j.cypher": neo4j_script,
        "ontology/generated/ontology.ttl": owl,
        "ontology/generated/schema.json": json_schema,
        "ontology/generated/shapes.ttl": shacl,
        "ontology/generated/tables.json": table_schemas,
    }
)
"""Each derived file, as a path in the repository, and the function that gives its text."""

FORMS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "context": context_text,
        "cypher": ladybug_script,
        "cypher-neo4j": neo4j_script,
        "glossary": glossary,
        "json-schema": json_schema,
        "markdown": reference,
        "owl": owl,
        "shacl": shacl,
        "tables": table_schemas,
    }
)
"""Each form of the ontology by the name that one asks for it."""


def derived(name: str) -> str:
    """The ontology in this form; UnknownName, with the nearest, if there is none.

    >>> derived("cypher").splitlines()[1]
    'CREATE NODE TABLE Organisation ('
    """
    if name not in FORMS:
        raise UnknownName("form of the ontology", name, FORMS)
    return FORMS[name]()


def write(root: Path) -> list[str]:
    """Write every derived file that is not current under `root`; the paths written."""
    paths = stale(root)
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(DERIVED[path](), encoding="utf-8", newline="\n")
    return paths


def stale(root: Path) -> list[str]:
    """Which derived files under `root` are missing or not what the ontology gives? Sorted."""
    return [
        path for path, make in sorted(DERIVED.items()) if _bytes(root / path) != make().encode()
    ]


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def main() -> None:
    """Write what is not current in the checkout that this module belongs to, and say which."""
    root = Path(__file__).resolve().parents[1]
    if not (root / "pyproject.toml").is_file():
        sys.exit(f"{root} is no checkout of the repository: derived files are written only there.")
    for path in write(root):
        print(f"Wrote {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
