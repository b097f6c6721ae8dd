"""Identifiers: CURIEs such as `ods:R1H`, and a plain refusal of anything else.

A CURIE is a prefix of the table below, a colon, and the code as its publisher writes it. It stands
for an IRI, the prefix's namespace followed by the code (https://www.w3.org/TR/curie/). One thing
may have several; `PRECEDENCE` says which of them names it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated
from urllib.parse import quote, unquote

from pydantic import AfterValidator, WithJsonSchema

from .errors import IdentifierFault, nearest_names, shown

_SEGMENT = "[a-z0-9][a-z0-9-]*"


@dataclass(frozen=True, slots=True)
class Prefix:
    """One publisher's codes.

    `local` is the regular expression of a whole code, in the syntax that Python and Rust share
    (no look-around); `meaning` and `example` are for people.
    """

    name: str
    namespace: str
    local: str
    meaning: str
    example: str


PREFIXES: Mapping[str, Prefix] = MappingProxyType(
    {
        prefix.name: prefix
        for prefix in (
            Prefix(
                "ods",
                "https://directory.spineservices.nhs.uk/STU3/Organization/",
                "[0-9A-Z]{3,12}",
                "code of the NHS Organisation Data Service",
                "R1H",
            ),
            # CQC shows providers and locations at different addresses, and an id alone does not
            # say which it is; so this namespace names things and is not an address to open.
            # NHS bodies have the ODS code as their id, brands have one that begins with BD.
            Prefix(
                "cqc",
                "https://api.service.cqc.org.uk/public/v1/",
                "1-[0-9]{3,12}|[A-Z][0-9A-Z]{2,7}|[0-9][A-Z][0-9A-Z]{1,6}",
                "id of a provider, location or brand at the Care Quality Commission",
                "1-101658918",
            ),
            Prefix(
                "ons",
                "http://statistics.data.gov.uk/id/statistical-geography/",
                "[EWSNK][0-9]{8}",
                "code of an area at the Office for National Statistics",
                "E54000029",
            ),
            # https://www.gov.uk/government/publications/uniform-resource-identifiers-uri-customer-guide
            Prefix(
                "companies",
                "http://data.companieshouse.gov.uk/id/company/",
                "[0-9]{8}|R[0-9]{7}|[A-Z]{2}[0-9]{5}[0-9A-Z]",
                "number at Companies House, with its leading noughts",
                "03175855",
            ),
            # A charity linked to another one has that one's number and a suffix.
            Prefix(
                "charity",
                "https://register-of-charities.charitycommission.gov.uk/charity/",
                "[0-9]{6,7}(?:-[0-9]{1,4})?",
                "number at the Charity Commission for England and Wales",
                "1058340",
            ),
            # The last part may be a publisher's own key: a finding's number, `ods-etr@2026-01`.
            Prefix(
                "icsg",
                "https://w3id.org/icsgraph/id/",
                f"{_SEGMENT}(?:/{_SEGMENT})*/[A-Za-z0-9][A-Za-z0-9_.@-]*",
                "a thing that has no public code: its kind, a slash, its slug",
                "innovation/oximetry-at-home",
            ),
            Prefix(
                "icsgv",
                "https://w3id.org/icsgraph/vocabulary/",
                f"{_SEGMENT}(?:/[a-z0-9][a-z0-9_-]*)?",
                "a vocabulary, or a concept in it",
                "organisation-type/nhs-trust",
            ),
            Prefix(
                "icsgo",
                "https://w3id.org/icsgraph/ontology#",
                "[A-Za-z][A-Za-z0-9_]*",
                "a class or property of the ontology",
                "Organisation",
            ),
        )
    }
)

PRECEDENCE: tuple[str, ...] = ("ods", "cqc", "ons", "companies", "charity", "icsg")
"""Whose code names a thing that has several, first choice first."""

PATTERN: str = "^(?:" + "|".join(f"{p.name}:(?:{p.local})" for p in PREFIXES.values()) + ")$"
"""Every identifier and nothing else, for bulk checks: `pl.col("id").str.contains(PATTERN)`.

In Python use `re.fullmatch`, since there a bare `$` lets a line break through."""

_LOCAL = {name: re.compile(prefix.local) for name, prefix in PREFIXES.items()}
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u2032]")


def curie(prefix: str, local: str) -> str:
    """Which identifier does this publisher's code make? IdentifierFault if it is no such code.

    The code must be clean: blanks and case are the loader's business.

    >>> curie("ods", "R1H")
    'ods:R1H'
    >>> try:
    ...     curie("ods", "r1h")
    ... except IdentifierFault as fault:
    ...     print(fault)
    "ods:r1h" is no identifier: "r1h" is no code of the NHS Organisation Data Service.
    One such is written ods:R1H.
    """
    text = f"{prefix}:{local}"
    if prefix not in PREFIXES:
        near = nearest_names(prefix, list(PREFIXES))
        hint = f"The nearest: {', '.join(near)}." if near else f"Known: {', '.join(PREFIXES)}."
        raise IdentifierFault(text, f"{shown(prefix)} is no known prefix", hint)
    if not _LOCAL[prefix].fullmatch(local):
        known = PREFIXES[prefix]
        raise IdentifierFault(
            text,
            f"{shown(local)} is no {known.meaning}",
            f"One such is written {prefix}:{known.example}.",
        )
    return text


def parse(text: str) -> tuple[str, str]:
    """What are prefix and code of this identifier? IdentifierFault if it is none.

    >>> parse("cqc:1-101658918")
    ('cqc', '1-101658918')
    """
    prefix, colon, local = text.partition(":")
    if not colon:
        raise IdentifierFault(text, "it has no prefix", "An NHS trust is written ods:R1H.")
    curie(prefix, local)
    return prefix, local


def _checked(text: str) -> str:
    parse(text)
    return text


Curie = Annotated[
    str, AfterValidator(_checked), WithJsonSchema({"type": "string", "pattern": PATTERN})
]
"""An identifier as a field of a pydantic model; what is none is refused with the reason."""


def expand(identifier: str) -> str:
    """Which IRI does this identifier stand for? IdentifierFault if it is none.

    >>> expand("ons:E54000029")
    'http://statistics.data.gov.uk/id/statistical-geography/E54000029'
    """
    prefix, local = parse(identifier)
    return PREFIXES[prefix].namespace + quote(local, safe="/@")


def compress(iri: str) -> str:
    """Which identifier stands for this IRI? IdentifierFault if none does.

    >>> compress("https://w3id.org/icsgraph/ontology#Organisation")
    'icsgo:Organisation'
    """
    for prefix in PREFIXES.values():
        if iri.startswith(prefix.namespace):
            return curie(prefix.name, unquote(iri.removeprefix(prefix.namespace)))
    raise IdentifierFault(
        iri, "it begins with no known namespace", "The namespaces are in ontology/identifiers.py."
    )


def canonical(identifiers: Iterable[str], last: Container[str] = ()) -> str:
    """Which of the identifiers of one thing names it? The first by `PRECEDENCE`, then by text.

    Of those of one publisher the ones in `last` come after the others. IdentifierFault if one is no
    identifier, or is a word of the ontology and names no thing; ValueError if there are none.

    >>> canonical(["cqc:R1H", "companies:03175855", "ods:R1H"])
    'ods:R1H'
    >>> canonical(["ods:R1H", "ods:RNH"], last={"ods:R1H"})
    'ods:RNH'
    """

    def rank(identifier: str) -> tuple[int, bool, str]:
        publisher, text = _rank(identifier)
        return publisher, text in last, text

    return min(identifiers, key=rank)


def _rank(identifier: str) -> tuple[int, str]:
    prefix, _ = parse(identifier)
    if prefix not in PRECEDENCE:
        raise IdentifierFault(identifier, f"{prefix} names words, not things")
    return PRECEDENCE.index(prefix), identifier


def slug(text: str) -> str:
    """Which part of an identifier does this name make? Lower-case ASCII words joined by hyphens.

    Accents are dropped, `&` is read as "and", apostrophes vanish, any other run of characters
    becomes one hyphen; the slug of a slug is itself. IdentifierFault if nothing is left.

    >>> slug("Guy's & St Thomas' NHS Trust")
    'guys-and-st-thomas-nhs-trust'
    >>> slug("Café — 24/7")
    'cafe-24-7'
    """
    if text.isascii():  # nearly every name, and many times faster
        return _hyphened(text.lower(), text)
    # Twice: folding case can leave characters that decompose, and the other way round.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return _hyphened(letters, text)


def _hyphened(letters: str, text: str) -> str:
    spaced = _APOSTROPHES.sub("", letters).replace("&", " and ")
    made = re.sub("[^a-z0-9]+", "-", spaced).strip("-")
    if not made:
        raise IdentifierFault(text, "it holds no letter or digit of the Latin alphabet")
    return made
