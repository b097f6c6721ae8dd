"""The tables of the graph as Cypher engines want them declared.

Ladybug (https://docs.ladybugdb.com) has typed tables, one for each node kind and each relationship
kind; a relationship table lists every pair of kinds that it may join. Neo4j has no tables: there
the ontology becomes constraints that keep identifiers unique, and indexes.
"""

from __future__ import annotations

from itertools import product

from .model import NODE_KINDS
from .relationships import RELATIONSHIP_KINDS
from .tables import schema, vocabulary_columns

__all__ = ["ladybug_ddl", "ladybug_script", "neo4j_ddl", "neo4j_script"]

_LADYBUG_TYPES = {
    "String": "STRING",
    "Int64": "INT64",
    "Float64": "DOUBLE",
    "Boolean": "BOOL",
    "List(String)": "STRING[]",
}
_ENDS = ("subject", "object")
# What questions search by, beside the identifier and the columns of coded values.
_SEARCHED = ("name", "source", "start_earliest")


def ladybug_ddl() -> tuple[str, ...]:
    """The statements that make an empty Ladybug database: node tables first, one statement each.

    Columns are those of the tables, in their order; a relationship's `subject` and `object` are its
    two ends and no columns.

    >>> print(ladybug_ddl()[0][:56])
    CREATE NODE TABLE Organisation (
      id STRING PRIMARY KEY
    """
    nodes = [_node_table(kind) for kind in NODE_KINDS]
    return (*nodes, *(_relationship_table(kind) for kind in RELATIONSHIP_KINDS))


def ladybug_script() -> str:
    """The text of `ladybug_ddl`, to run or to read."""
    return _script("Ladybug 0.22: the tables of the graph, empty.", ladybug_ddl())


def neo4j_ddl() -> tuple[str, ...]:
    """The constraints and indexes of a Neo4j database, for its Community edition too.

    Valid for Cypher of Neo4j 5.26 and later; each may be run again without harm.

    >>> neo4j_ddl()[0]
    'CREATE CONSTRAINT organisation_id IF NOT EXISTS FOR (n:Organisation) REQUIRE n.id IS UNIQUE'
    """
    unique = [
        f"CREATE CONSTRAINT {kind.lower()}_id IF NOT EXISTS FOR {pattern} REQUIRE {it}.id IS UNIQUE"
        for kind, pattern, it in _patterns()
    ]
    indexes = [
        f"CREATE INDEX {kind.lower()}_{column} IF NOT EXISTS FOR {pattern} ON ({it}.{column})"
        for kind, pattern, it in _patterns()
        for column, type_ in schema(kind).items()
        if column in _SEARCHED or column in vocabulary_columns(kind)
        # An index on a list finds only whole lists.
        if str(type_) != "List(String)"
    ]
    return (*unique, *indexes)


def neo4j_script() -> str:
    """The text of `neo4j_ddl`, to run or to read."""
    return _script("Neo4j 5.26 and later: unique identifiers, and indexes.", neo4j_ddl())


def _patterns() -> list[tuple[str, str, str]]:
    """(kind, pattern that matches it, its variable) of every kind."""
    nodes = [(kind, f"(n:{kind})", "n") for kind in NODE_KINDS]
    return [*nodes, *((kind, f"()-[r:{kind}]-()", "r") for kind in RELATIONSHIP_KINDS)]


def _node_table(kind: str) -> str:
    columns = _columns(kind)
    columns[0] += " PRIMARY KEY"
    return f"CREATE NODE TABLE {kind} ({_lines(columns)})"


def _relationship_table(kind: str) -> str:
    model = RELATIONSHIP_KINDS[kind]
    pairs = [f"FROM {start} TO {end}" for start, end in product(model.domain, model.range)]
    return f"CREATE REL TABLE {kind} ({_lines([*pairs, *_columns(kind)])})"


def _columns(kind: str) -> list[str]:
    table = schema(kind)
    return [f"{name} {_LADYBUG_TYPES[str(t)]}" for name, t in table.items() if name not in _ENDS]


def _lines(parts: list[str]) -> str:
    return "\n  " + ",\n  ".join(parts) + "\n"


def _script(title: str, statements: tuple[str, ...]) -> str:
    return "\n".join([f"// {title}", *(f"{statement};" for statement in statements), ""])
