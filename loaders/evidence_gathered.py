"""What the evidence says so far, thing by thing and statement by statement, until it is all read.

Several rows may speak of one thing (an organisation and its aliases, a system and the names it was
reviewed under), so things are gathered before they are handed on as tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from ..ontology.dates import BoundedDate
from ..ontology.identifiers import slug
from ..ontology.tables import schema
from ..ontology.vocabularies import scheme
from .records import Nodes, Relationships

__all__ = ["Gathered", "dated", "joined"]


def dated(when: BoundedDate) -> dict[str, Any]:
    """The columns of a date, for `node` and `link`."""
    return {**when.columns()}


def joined(*texts: str | None) -> str | None:
    """The different texts that are not blank, in their order, as one remark.

    >>> joined("labelled STP", None, "labelled STP", "name cut")
    'labelled STP; name cut'
    """
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


class Gathered:
    """Things by kind and id, and statements by kind, ends and key.

    >>> found = Gathered()
    >>> found.node("Organisation", "ods:R1H", name="Barts Health NHS Trust")
    'ods:R1H'
    >>> found.node("Organisation", "ods:R1H", other_names=["Bart's Health"])
    'ods:R1H'
    >>> next(found.tables()).rows["other_names"].to_list()
    [["Bart's Health"]]
    """

    def __init__(self) -> None:
        self._nodes: dict[str, dict[str, dict[str, Any]]] = {}
        self._links: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = {}

    def node(self, kind: str, identifier: str, **fields: Any) -> str:
        """Say something of a thing; its id is handed back.

        Lists are united, remarks (`note`) joined; of other fields the first value that is known
        stays.
        """
        known = self._nodes.setdefault(kind, {}).setdefault(identifier, {"id": identifier})
        for field, value in fields.items():
            if isinstance(value, list):
                known[field] = sorted({*known.get(field, []), *value})
            elif field == "note":
                known[field] = joined(known.get(field), value)
            elif known.get(field) is None:
                known[field] = value
        return identifier

    def amend(self, kind: str, identifier: str, **fields: Any) -> None:
        """Put these values in the place of what was said of a thing before."""
        self._nodes[kind][identifier].update(fields)

    def get(self, kind: str, identifier: str) -> Mapping[str, Any]:
        """What is known of a thing; empty if there is none."""
        return self._nodes.get(kind, {}).get(identifier, {})

    def ids(self, kind: str) -> list[str]:
        """The ids of all things of a kind, sorted."""
        return sorted(self._nodes.get(kind, {}))

    def link(self, kind: str, subject: str, target: str, key: str = "", **fields: Any) -> bool:
        """State that one thing stands in a relation to another; False if that was stated before.

        `key` tells apart statements between the same two things.
        """
        row = {"knowledge_level": "finding", **fields}
        row |= {"subject": subject, "object": target, "key": key}
        return self._links.setdefault(kind, {}).setdefault((subject, target, key), row) is row

    def ends(self, kind: str) -> list[tuple[str, str]]:
        """Subject and object of every statement of a kind."""
        return [(subject, target) for subject, target, _ in self._links.get(kind, {})]

    def concept(self, scheme_name: str, text: str) -> str:
        """The concept that a value means: that of the vocabulary with its broader ones, or a new
        one.

        A value that the vocabulary does not know becomes a concept of its own name.
        """
        vocabulary = scheme(scheme_name)
        notation = vocabulary.notation_of(text)
        if notation is None:
            new = f"icsg:{scheme_name}/{slug(text)}"
            return self.node("Concept", new, name=text, concept_type=scheme_name)
        for at in (notation, *vocabulary.ancestors(notation)):
            term = vocabulary.term(at)
            broader = [f"icsg:{scheme_name}/{wider}" for wider in vocabulary.ancestors(at)]
            meant = self.node("Concept", f"icsg:{scheme_name}/{at}", name=term.label)
            self.node("Concept", meant, definition=term.definition or None)
            self.amend("Concept", meant, concept_type=scheme_name, broader=broader)
        named = f"icsg:{scheme_name}/{notation}"
        other = [text] if text != vocabulary.term(notation).label else []
        return self.node("Concept", named, other_names=other)

    def tables(self) -> Iterator[Nodes | Relationships]:
        """Everything, as one table for each kind, sorted."""
        for kind, things in sorted(self._nodes.items()):
            yield Nodes(kind, _table(kind, [_named_once(things[one]) for one in sorted(things)]))
        for kind, statements in sorted(self._links.items()):
            yield Relationships(kind, _table(kind, [statements[one] for one in sorted(statements)]))


def _named_once(thing: dict[str, Any]) -> dict[str, Any]:
    """The thing without its own name among its other names."""
    others = [name for name in thing.get("other_names", []) if name != thing.get("name")]
    return {**thing, "other_names": others}


def _table(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The rows with those columns of the kind that any of them has, and `key`."""
    wanted = {**schema(kind), "key": pl.String()}
    used = {column for row in rows for column in row}
    if unknown := sorted(used - set(wanted)):
        raise ValueError(f"{kind} has no column {', '.join(unknown)}")
    return pl.DataFrame(rows, schema={name: t for name, t in wanted.items() if name in used})
