"""What is left of a name when spelling, legal form and courtesy are taken away.

"Kernow Health C.I.C." and "Kernow Health Community Interest Company" have one core, and so have
"London Borough of Newham" and "Newham Council".
"""

from __future__ import annotations

from functools import reduce

import polars as pl

__all__ = ["core", "initials", "spelled"]

PHRASES: tuple[tuple[str, str], ...] = (
    (r"\bcommunity interest company\b", "cic"),
    (r"\bclinical commissioning group\b", "ccg"),
    (r"\bacademic health science network\b", "ahsn"),
    (r"\bintegrated care board\b", "icb"),
    (r"\bintegrated care system\b", "ics"),
    (r"\bsustainability and transformation partnership\b", "stp"),
    (r"\bprimary care network\b", "pcn"),
    (r"\bcommunity diagnostic centre\b", "cdc"),
    (r"\bfoundation trust\b", "ft"),
    (r"\bco ops?\b", "cooperative"),
    (r"\bco operatives?\b", "cooperative"),
    (r"\bcooperatives\b", "cooperative"),
    (r"\bsaint\b", "st"),
)
"""Wordings that mean one thing, in small letters, as regular expressions."""

COUNCIL = r"\b(?:council|borough of|corporation of)\b"
OF_A_COUNCIL = "london royal metropolitan county borough district unitary city council corporation"
"""Words that say what kind of council it is, or that it is one."""

UNSAYING = "the of and for in at nhs ft trust limited ltd plc llp cic brand"
"""Words that organisations share: legal forms, and words without a meaning of their own."""


def spelled(name: pl.Expr) -> pl.Expr:
    """The words of a name in one spelling: small letters, no accents, marks or apostrophes.

    >>> names = pl.Series(["Guy's & St. Thomas' NHS Foundation Trust", "Kernow Health C.I.C."])
    >>> names.to_frame("name").select(spelled(pl.col("name"))).to_series().to_list()
    ['guys and st thomas nhs ft', 'kernow health cic']
    """
    plain = name.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    plain = plain.str.replace_all("['\u2018\u2019\u02bc`]", "").str.replace_all("&", " and ")
    plain = plain.str.replace_all(r"\b([a-z])\.", "$1").str.replace_all("[^a-z0-9]+", " ")
    steps = (*PHRASES, (r" +", " "))
    return reduce(lambda text, step: text.str.replace_all(*step), steps, plain).str.strip_chars()


def core(name: pl.Expr) -> pl.Expr:
    """What tells a name from others: the words of `spelled` without those that many have; of a
    council its place and the word council.

    >>> names = pl.Series(["London Borough of Newham", "Newham Council", "Barts Health NHS Trust"])
    >>> names.to_frame("name").select(core(pl.col("name"))).to_series().to_list()
    ['newham council', 'newham council', 'barts health']
    """
    words = spelled(name)
    place = _without(words, f"{OF_A_COUNCIL} {UNSAYING}") + " council"
    short = pl.when(words.str.contains(COUNCIL)).then(place).otherwise(_without(words, UNSAYING))
    return pl.when(short == "").then(words).otherwise(short)


def _without(words: pl.Expr, common: str) -> pl.Expr:
    kept = words.str.replace_all(rf"\b(?:{common.replace(' ', '|')})\b", " ")
    return kept.str.replace_all(" +", " ").str.strip_chars()


def initials(name: pl.Expr) -> pl.Expr:
    """The first letters of the words of a name that say something, as people shorten it.

    >>> names = pl.Series(["East London NHS Foundation Trust"])
    >>> names.to_frame("name").select(initials(pl.col("name"))).to_series().to_list()
    ['elft']
    """
    words = spelled(name).str.replace_all(r"\bft\b", "foundation trust")
    return _without(words, "the of and for in at nhs").str.replace_all(r"\b(\w)\w*\s*", "$1")
