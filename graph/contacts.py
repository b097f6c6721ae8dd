"""Ways to reach a person that stand inside a text: addresses of e-mail and telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

__all__ = ["contacts_in", "without_contacts"]

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(  # of the United Kingdom; no part of a longer number, path or code
    r"(?<![\w.+/#=-])(?:\+44[ -]?(?:\(0\)[ -]?)?\d{2,4}|\(?0\d{2,4}\)?)"
    r"[ -]?\d{3,4}[ -]?\d{3,4}(?![\w-])"
)
_PERHAPS = r"@|\+44|0\d{2,4}\)?[ -]?\d{3,4}"
"""What every text with such a thing has, for engines without look-around."""

DIGITS = range(10, 14)
"""How many a number has, with or without that of the country."""

LEFT_OUT = "(left out)"


def contacts_in(text: str) -> Iterator[tuple[str, str]]:
    """Each way to reach somebody in a text: what it is, and the words.

    >>> list(contacts_in("Ask j.smith@example.org or 020 7946 0123, not oximetry@home or 2020-01"))
    [('an e-mail address', 'j.smith@example.org'), ('a telephone number', '020 7946 0123')]
    """
    if "@" in text:
        yield from (("an e-mail address", found[0]) for found in _EMAIL.finditer(text))
    for found in _PHONE.finditer(text):
        if sum(letter.isdigit() for letter in found[0]) in DIGITS:
            yield "a telephone number", found[0]


def without_contacts(texts: pl.Series) -> pl.Series:
    """Texts, or lists of texts, that say `(left out)` instead of a way to reach somebody.

    >>> without_contacts(pl.Series(["Ring 020 7946 0123", "Barts Health", None])).to_list()
    ['Ring (left out)', 'Barts Health', None]
    """
    several = isinstance(texts.dtype, pl.List)
    perhaps = (texts.list.join("\n") if several else texts).str.contains(_PERHAPS)
    if not perhaps.any():
        return texts
    clean = (lambda told: list(map(_cleaned, told))) if several else _cleaned
    told = [clean(one) if may else one for one, may in zip(texts, perhaps, strict=True)]
    return pl.Series(texts.name, told, dtype=texts.dtype)


def _cleaned(text: str) -> str:
    for _, found in list(contacts_in(text)):
        text = text.replace(found, LEFT_OUT)
    return text
