"""Terms of RDF as text, a whole column at once, and what the tables call them.

Terms are written as N-Triples wants them (https://www.w3.org/TR/n-triples/), which Turtle, N-Quads
and SPARQL read as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote, unquote

import polars as pl

from ..ontology.identifiers import PREFIXES
from ..ontology.terms import NAMESPACES, Form, concept_iri, iri

__all__ = [
    "DAYS",
    "INTERVALS",
    "SOURCES",
    "STATEMENTS",
    "identifier_of",
    "identifiers_of",
    "iri_of",
    "iris",
    "literal",
    "literals",
    "named",
    "values",
    "with_base",
]

SOURCES = iri("icsg:source/")
STATEMENTS = iri("icsg:statement/")
INTERVALS = iri("icsg:interval/")
DAYS = iri("icsg:day/")

# What stands for itself at the end of an IRI; the rest is percent-encoded, as `identifiers.expand`
# does. A text that is no identifier of ours is kept whole, behind a question mark.
_SAFE = "/@"
_UNSAFE = "[^A-Za-z0-9_.@/~-]"
_STRANGE = iri("icsg:") + "?"
_ESCAPES: Mapping[str, str] = MappingProxyType(
    {
        **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
        "\t": "\\t",
        "\b": "\\b",
        "\n": "\\n",
        "\r": "\\r",
        "\f": "\\f",
        '"': '\\"',
        "\\": "\\\\",
    }
)
_TRANSLATION = str.maketrans(dict(_ESCAPES))
_CODE = re.compile(re.escape(iri("icsgv:")) + "[^/]+/(.+)")
# The lexical forms of XML Schema, where polars writes others.
_NUMBERS = {"inf": "INF", "-inf": "-INF"}


def named(term: str) -> str:
    """A term of the ontology as an IRI in angle brackets.

    >>> named("org:hasSite")
    '<http://www.w3.org/ns/org#hasSite>'
    """
    return f"<{iri(term)}>"


def iri_of(identifier: str) -> str:
    """The IRI of a thing by its identifier; what is none gets one that says so.

    >>> iri_of("ods:R1H")
    'https://directory.spineservices.nhs.uk/STU3/Organization/R1H'
    >>> iri_of("no identifier")
    'https://w3id.org/icsgraph/id/?no%20identifier'
    """
    prefix, colon, local = identifier.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix].namespace + quote(local, safe=_SAFE)
    return _STRANGE + quote(identifier, safe=_SAFE)


@lru_cache(maxsize=2**16)
def identifier_of(address: str) -> str:
    """What the tables call the thing, statement or coded value that has this IRI.

    A thing is its CURIE, a statement its bare id, a coded value its notation. Any other IRI is its
    CURIE if it has one, or stays as it is.

    >>> identifier_of("https://w3id.org/icsgraph/id/statement/8f3a")
    '8f3a'
    >>> identifier_of("https://w3id.org/icsgraph/vocabulary/rating/good")
    'good'
    >>> identifier_of("http://www.w3.org/ns/org#hasSite"), identifier_of("https://example.org/")
    ('org:hasSite', 'https://example.org/')
    """
    for start in (STATEMENTS, _STRANGE):
        if address.startswith(start):
            return unquote(address[len(start) :])
    if coded := _CODE.fullmatch(address):
        return unquote(coded[1])
    for prefix, namespace in NAMESPACES.items():
        if address.startswith(namespace):
            return f"{prefix}:{unquote(address[len(namespace) :])}"
    return address


def identifiers_of(addresses: pl.Series) -> pl.Series:
    """What the tables call the things with these IRIs: `identifier_of` of each.

    >>> identifiers_of(pl.Series(["http://www.w3.org/ns/org#hasSite", "urn:a", None])).to_list()
    ['org:hasSite', 'urn:a', None]
    """
    odd = addresses.str.contains("%", literal=True)
    odd |= addresses.str.starts_with(_STRANGE) | addresses.str.starts_with(iri("icsgv:"))
    names = addresses
    for prefix, namespace in [("", STATEMENTS), *NAMESPACES.items()]:
        # Statements come first: their IRIs begin as those of things do.
        there = addresses.str.starts_with(namespace) & (names == addresses)
        if there.any():
            local = (f"{prefix}:" if prefix else "") + addresses.str.slice(len(namespace))
            names = local.zip_with(there, names)
    strange = addresses.filter(odd.fill_null(False)).unique()
    told = pl.Series([identifier_of(each) for each in strange], dtype=pl.String)
    return addresses.replace(strange, told).zip_with(odd.fill_null(False), names)


def with_base(column: pl.Series, base: str) -> pl.Series:
    """IRIs in angle brackets: `base`, and behind it each text, percent-encoded where it must be.

    >>> with_base(pl.Series(["ods-etr@2026-01", "a b"]), "http://e.org/").to_list()
    ['<http://e.org/ods-etr@2026-01>', '<http://e.org/a%20b>']
    """
    unsafe = column.str.contains(_UNSAFE).fill_null(False)
    if unsafe.any():  # nearly no column has any
        odd = column.filter(unsafe).unique()
        encoded = [quote(text, safe=_SAFE) for text in odd]
        column = column.replace(odd, pl.Series(encoded, dtype=pl.String))
    return "<" + base + column + ">"


def iris(column: pl.Series) -> pl.Series:
    """The IRIs of things by their identifiers, in angle brackets: `iri_of` of each.

    >>> iris(pl.Series(["ods:R1H", None])).to_list()
    ['<https://directory.spineservices.nhs.uk/STU3/Organization/R1H>', None]
    """
    known = column.str.extract(f"^({'|'.join(PREFIXES)}):", 1)
    out = with_base(column, _STRANGE) if (known.is_null() & column.is_not_null()).any() else None
    for prefix in known.unique().drop_nulls().sort():
        local = with_base(column.str.slice(len(prefix) + 1), PREFIXES[prefix].namespace)
        out = local if out is None else local.zip_with((known == prefix).fill_null(False), out)
    return column if out is None else out


def literal(value: str | bool | int | float) -> str:
    """One value as a literal, typed unless it is text.

    >>> print(literal("say \\"no\\""), literal(3), literal(True))
    "say \\"no\\"" "3"^^<http://www.w3.org/2001/XMLSchema#integer> \
"true"^^<http://www.w3.org/2001/XMLSchema#boolean>
    """
    if isinstance(value, str):
        return f'"{value.translate(_TRANSLATION)}"'
    form = {bool: Form.BOOLEAN, int: Form.INTEGER, float: Form.NUMBER}[type(value)]
    return str(literals(pl.Series([value]), form)[0])


def literals(column: pl.Series, form: Form) -> pl.Series:
    """Values as literals of the datatype of a form.

    >>> print(*literals(pl.Series(["2022-07-01"]), Form.DATE))
    "2022-07-01"^^<http://www.w3.org/2001/XMLSchema#date>
    """
    if column.dtype != pl.String:
        texts = column.cast(pl.String)
        if column.dtype == pl.Float64:
            texts = texts.replace(_NUMBERS)
    else:
        texts = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    end = '"' if form is Form.TEXT else f'"^^{named(form.value)}'
    return '"' + texts + end


def values(column: pl.Series, form: Form, vocabulary: str | None = None) -> pl.Series:
    """The values of a column of the tables as terms: literals, or the IRIs of what they name."""
    if vocabulary is not None:
        return with_base(column, concept_iri(vocabulary) + "/")
    if form is Form.EDITION:
        return with_base(column, SOURCES)
    return iris(column) if form is Form.IDENTIFIER else literals(column, form)
