"""The ontology for people: a reference of every kind, column and coded value, and a glossary."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .identifiers import PREFIXES
from .model import NODE_KINDS, Dated, Node, Place
from .relationships import RELATIONSHIP_KINDS, Relationship, Tie
from .tables import SERIES, kind_of
from .terms import NAMESPACES, Form, Property, definition, properties
from .vocabularies import scheme, schemes

__all__ = ["glossary", "reference"]

_GLOSSARY = Path(__file__).with_name("glossary.csv")
_WRITTEN = (
    "<!-- Written by `make generate` from the ontology. Change the ontology, not this page. -->"
)
_FORMS = {
    Form.TEXT: "text",
    Form.DATE: "date",
    Form.INTEGER: "whole number",
    Form.NUMBER: "number",
    Form.BOOLEAN: "yes or no",
    Form.ADDRESS: "web address",
    Form.IDENTIFIER: "identifier",
    Form.CONCEPT: "coded value",
    Form.EDITION: "source id",
}
# What several kinds have in common, told once: (base, heading, a kind that has it).
_SHARED: tuple[tuple[type, str, str], ...] = (
    (Node, "Every thing", "Organisation"),
    (Dated, "Whatever has a beginning and an end", "Organisation"),
    (Place, "Whatever has an address", "Organisation"),
    (Relationship, "Every relationship", "OPERATES"),
    (Tie, "Every working tie between two bodies", "SUPPORTS"),
)


def reference() -> str:
    """Every kind, column, direction of flow and coded value, as one page of Markdown."""
    parts = (
        _introduction(),
        _shared(),
        _nodes(),
        _relationships(),
        _series(),
        _vocabularies(),
        _identifiers(),
    )
    return "\n".join(line for part in parts for line in part).rstrip("\n") + "\n"


def glossary() -> str:
    """What the words mean and what they do not, as one page of Markdown.

    The words stand in `glossary.csv`; what each is called and means is the ontology's.
    """
    lines = ["# Glossary", "", _WRITTEN]
    section = ""
    with _GLOSSARY.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["section"] != section:
                section = row["section"]
                lines += ["", f"## {section}", ""]
            lines.append(_entry(row["word"], row["abbreviation"], row["is_not"]))
    return "\n".join(lines) + "\n"


def _entry(word: str, abbreviation: str, is_not: str) -> str:
    label, meaning = _label_and_meaning(word)
    short = f" ({abbreviation})" if abbreviation else ""
    others = [_label_and_meaning(other)[0] for other in is_not.split(";") if other]
    apart = f" Not: {', '.join(others)}." if others else ""
    return f"- **{label}**{short}: {meaning.rstrip('.')}.{apart}"


def _label_and_meaning(word: str) -> tuple[str, str]:
    """Of a kind (`System`) or a coded value (`area-type/ccg`)."""
    name, slash, notation = word.partition("/")
    if slash:
        term = scheme(name).term(notation)
        return term.label, term.definition
    model = kind_of(name)
    return model.label, definition(model)


def _introduction() -> Iterator[str]:
    yield "# The ontology"
    yield ""
    yield _WRITTEN
    yield ""
    yield (
        f"{len(NODE_KINDS)} kinds of thing and {len(RELATIONSHIP_KINDS)} kinds of relationship, "
        "each with its own table. Every row carries its `kind`. A relationship is a statement by "
        "one source: two sources that say the same are two rows."
    )
    yield ""
    yield (
        "Dates are ISO text (`2021-07-01`), missing where unknown. A start lies between "
        "`start_earliest` and `start_latest`, both included; an end is the first day on which "
        "something no longer holds. A coded value is one of the named vocabulary below, and a "
        "question for a value includes what is narrower."
    )
    yield ""


def _shared() -> Iterator[str]:
    yield "## Columns in common"
    yield ""
    for base, heading, kind in _SHARED:
        names = base.__annotations__
        yield f"### {heading}"
        yield ""
        yield from _columns(column for column in properties(kind) if column.name in names)


def _own(kind: str) -> list[Property]:
    """The columns of a kind that `_shared` does not tell."""
    model = kind_of(kind)
    told = {n for base, *_ in _SHARED if issubclass(model, base) for n in base.__annotations__}
    return [column for column in properties(kind) if column.name not in told]


def _columns(columns: Iterable[Property]) -> Iterator[str]:
    rows = [(f"`{c.name}`", _type(c), c.definition, f"`{c.term}`") for c in columns]
    yield from _table(("Column", "Holds", "Meaning", "Term"), rows)


def _type(column: Property) -> str:
    name = _FORMS[column.form]
    if column.many:
        name = f"list of {name}s" if column.form is not Form.TEXT else "list of texts"
    if column.vocabulary is not None:
        name += f" of [{column.vocabulary}](#{_anchor(column.vocabulary)})"
    return f"{name}, required" if column.required else name


def _nodes() -> Iterator[str]:
    yield "## Kinds of thing"
    yield ""
    for kind, model in NODE_KINDS.items():
        yield f"### {kind}"
        yield ""
        label = "" if model.label == kind else f"{model.label}. "
        yield f"{label}{definition(model)} (`{model.iri}`)"
        yield ""
        has = [
            text
            for base, text in ((Dated, "dates"), (Place, "an address"))
            if issubclass(model, base)
        ]
        yield f"As every thing{', with ' + ' and '.join(has) if has else ''}; and:"
        yield ""
        yield from _columns(_own(kind))


def _relationships() -> Iterator[str]:
    yield "## Kinds of relationship"
    yield ""
    yield "Read a row as: *from*, what it says, *to*."
    yield ""
    rows = [
        (
            f"`{kind}`",
            ", ".join(model.domain),
            model.label,
            ", ".join(model.range),
            model.flow.value,
            f"`{model.iri}`",
        )
        for kind, model in RELATIONSHIP_KINDS.items()
    ]
    yield from _table(("Kind", "From", "Says", "To", "Information flows", "Term"), rows)
    for kind, model in RELATIONSHIP_KINDS.items():
        yield f"### {kind}"
        yield ""
        yield definition(model)
        yield ""
        if issubclass(model, Tie):
            yield "As every working tie."
            yield ""
        if own := _own(kind):
            yield from _columns(own)


def _series() -> Iterator[str]:
    yield "## Series"
    yield ""
    columns = ", ".join(f"`{name}`" for name in SERIES)
    yield (
        "Measurements as published (ratings, for one) are no relationships: a series has the "
        f"columns {columns}."
    )
    yield ""


def _vocabularies() -> Iterator[str]:
    yield "## Vocabularies"
    yield ""
    for name in schemes():
        vocabulary = scheme(name)
        yield f"### {name}"
        yield ""
        yield f"{vocabulary.title}. {vocabulary.definition}."
        yield ""
        rows = [
            (f"`{term.notation}`", term.label, term.definition, ", ".join(term.broader))
            for term in vocabulary.terms.values()
        ]
        header = ("Value", "Called", "Meaning", "Narrower than")
        width = len(header) if any(row[-1] for row in rows) else len(header) - 1
        yield from _table(header[:width], [row[:width] for row in rows])


def _identifiers() -> Iterator[str]:
    yield "## Identifiers"
    yield ""
    yield "An identifier is a prefix, a colon and the publisher's code. It stands for an address."
    yield ""
    rows = [
        (f"`{prefix.name}:{prefix.example}`", prefix.meaning, f"<{prefix.namespace}>")
        for prefix in PREFIXES.values()
    ]
    yield from _table(("Such as", "Meaning", "Begins"), rows)
    yield "Terms of others have these prefixes:"
    yield ""
    others = [(f"`{p}`", f"<{n}>") for p, n in sorted(NAMESPACES.items()) if p not in PREFIXES]
    yield from _table(("Prefix", "Begins"), others)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""


def _anchor(heading: str) -> str:
    """Where a heading is on the page, as code hosts make it."""
    return heading.lower().replace(" ", "-")
