"""The command that says what kinds of thing there are: schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..ontology.errors import UnknownName
from .output import send

if TYPE_CHECKING:
    from ..ontology.model import Node
    from ..ontology.relationships import Relationship

__all__ = ["FORMS", "schema_command"]

FORMS = (
    *("context", "cypher", "cypher-neo4j", "glossary", "json-schema", "markdown", "owl", "shacl"),
    "tables",
)
"""The forms of the ontology, named here so that help need not load what writes them."""


@click.command("schema")
@click.argument("kind", required=False)
@click.option("--as", "form", metavar="FORM", help=f"All of it, as one of: {', '.join(FORMS)}.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file, whole or not at all, instead of standard output.",
)
def schema_command(kind: str | None, form: str | None, output: Path | None) -> None:
    """The kinds of thing and relationship.

    With KIND: what it means, and its columns.

    \b
    icsgraph schema
    icsgraph schema Finding
    icsgraph schema --as owl -o ontology.ttl
    """
    if kind is not None and form is not None:
        raise click.UsageError("KIND and --as do not go together: a form holds every kind.")
    if form is not None:
        from ..ontology.generate import derived

        send(derived(form), output)
        return
    parts = _kinds() if kind is None else _columns(kind)
    send("\n\n".join(parts) + "\n", output)


def _kinds() -> Iterator[str]:
    from ..ontology.model import NODE_KINDS
    from ..ontology.relationships import RELATIONSHIP_KINDS
    from .tables import listed

    nodes = [(name, _in_short(kind)) for name, kind in NODE_KINDS.items()]
    yield f"Kinds of thing\n{listed(nodes, 2)}"
    ties = [(name, f"{_in_short(kind)} {_ends(kind)}") for name, kind in RELATIONSHIP_KINDS.items()]
    yield f"Kinds of relationship\n{listed(ties, 2)}"


def _meaning(kind: type[Node] | type[Relationship]) -> str:
    """What a kind is, in the words of the ontology."""
    return " ".join((kind.__doc__ or "").split())


def _in_short(kind: type[Node] | type[Relationship]) -> str:
    """The first sentence of what a kind is."""
    return _meaning(kind).split(". ")[0].removesuffix(".") + "."


def _ends(kind: type[Relationship]) -> str:
    """Which kinds a kind of relationship joins."""
    return f"{', '.join(kind.domain)} -> {', '.join(kind.range)}."


def _columns(name: str) -> Iterator[str]:
    from ..ontology.model import NODE_KINDS
    from ..ontology.relationships import RELATIONSHIP_KINDS
    from ..ontology.tables import columns, vocabulary_columns
    from .tables import listed, wrapped

    if name not in NODE_KINDS and name not in RELATIONSHIP_KINDS:
        raise UnknownName("kind in the ontology", name, [*NODE_KINDS, *RELATIONSHIP_KINDS])
    kind = NODE_KINDS.get(name) or RELATIONSHIP_KINDS[name]
    yield f"{name}: {kind.label}\n{wrapped(_meaning(kind))}"
    if name in RELATIONSHIP_KINDS:
        tie = RELATIONSHIP_KINDS[name]
        yield f"{wrapped(_ends(tie))}\nFlow of information: {tie.flow.value}."
    coded = vocabulary_columns(name)
    meanings = [
        (column, (field.description or "") + _values(coded.get(column)))
        for column, field in columns(name).items()
    ]
    yield f"Columns\n{listed(meanings, 2)}"


def _values(vocabulary: str | None) -> str:
    """The values of a coded column, in words after its definition."""
    from ..ontology.vocabularies import scheme

    return f" One of: {', '.join(scheme(vocabulary))}." if vocabulary else ""
