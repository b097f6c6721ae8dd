"""Names of NHS registers, which are in capitals, as the NHS writes them."""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

__all__ = ["as_the_nhs_writes_it", "written_out"]

CAPITALS = frozenset(
    "NHS ICB ICS STP CCG PCN GP FT UK HQ CIC LLP H&J II III IV VI VII NE NW SE SW".split()
)
"""Words that stay in capitals: abbreviations and Roman numbers."""

SMALL = frozenset("and at by for in le of on or super the to under upon with".split())
"""Words that are small unless they begin the name."""

# A word with its apostrophe, or a run of anything else: "KING'S", "STOKE", "-", "(".
_PARTS = re.compile(r"[A-Z0-9&]+(?:['\u2019][A-Z]+)?|[^A-Z0-9&]+")
_LETTERS = re.compile("[A-Z]+")
_POSSESSIVE = re.compile("(?<=['\u2019])S$")
_ORDINAL = re.compile(r"[0-9]+(?:ST|ND|RD|TH)")


# Editions of one register name the same things: all of England is some 40,000 names.
@lru_cache(maxsize=65536)
def as_the_nhs_writes_it(name: str) -> str:
    """How does the NHS write this name of its register? A name with a small letter stays as it is.

    >>> as_the_nhs_writes_it("MANCHESTER UNIVERSITY NHS FOUNDATION TRUST")
    'Manchester University NHS Foundation Trust'
    >>> as_the_nhs_writes_it("THE QUEEN ELIZABETH HOSPITAL, KING'S LYNN, NHS FOUNDATION TRUST")
    "The Queen Elizabeth Hospital, King's Lynn, NHS Foundation Trust"
    >>> as_the_nhs_writes_it("NHS STAFFORDSHIRE AND STOKE-ON-TRENT ICB - 04Y")
    'NHS Staffordshire and Stoke-on-Trent ICB - 04Y'
    """
    if name != name.upper():
        return name
    written = ""
    for part in _PARTS.findall(name):
        written += _cased(part, first=written == written.lower())
    return written


@lru_cache(maxsize=65536)
def _cased(part: str, *, first: bool) -> str:
    if part in CAPITALS:
        return part
    if _ORDINAL.fullmatch(part):
        return part.lower()
    if any(letter.isdigit() for letter in part):  # a code, a number of a house, a postcode
        return part
    if part.lower() in SMALL and not first:
        return part.lower()
    # "KING'S" has a small letter after its apostrophe, "O'BRIEN" a capital.
    return _POSSESSIVE.sub("s", _LETTERS.sub(lambda word: word[0].capitalize(), part))


def written_out(column: str) -> pl.Expr:
    """The names of a column as the NHS writes them; each different name is read once.

    >>> towns = pl.DataFrame({"town": ["MANCHESTER", None]})
    >>> towns.select(written_out("town")).to_series().to_list()
    ['Manchester', None]
    """

    def each(names: pl.Series) -> pl.Series:
        different = names.drop_nulls().unique()
        written = [as_the_nhs_writes_it(name) for name in different]
        return names.replace(different, pl.Series(written, dtype=pl.String))

    return pl.col(column).map_batches(each, return_dtype=pl.String)
