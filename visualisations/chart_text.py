"""Text in a drawing that nobody lays out for us: how wide words are, and where a line breaks.

Widths are those of Liberation Sans, which comes with vl-convert and has the metrics of Arial and
Helvetica; so the same words break at the same place on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import combining, east_asian_width

__all__ = ["FONT", "printable", "text_width", "wrapped"]

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

_SHARES = {
    "ijl'|": 0.222,
    " .,:;!/tfI[]\\·": 0.278,
    "()-r`": 0.333,
    "cksvxyzJ": 0.5,
    "FTZ": 0.611,
    "ABEKPSVXY&": 0.667,
    "CDHNRUw": 0.722,
    "GOQ": 0.778,
    "Mm": 0.833,
    "%": 0.889,
    "W": 0.944,
    "@—": 1.015,
}
_WIDTHS = {letter: share for letters, share in _SHARES.items() for letter in letters}
_REGULAR, _BOLD = 0.556, 1.08


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How many pixels wide a line of text is, at a size in pixels.

    >>> round(text_width("Kent", 10), 2)
    20.57
    """
    return sum(map(_share, text)) * size * (_BOLD if bold else 1)


def _share(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if combining(letter):
        return 0.0
    return 1.0 if east_asian_width(letter) in "WF" else _REGULAR


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """A text in lines that are no wider than `width`; a word that is too long is cut.

    >>> wrapped("Kent and Medway", 10, 45)
    ['Kent and', 'Medway']
    """
    lines: list[str] = []
    for word in text.split():
        for part in _parts(word, size, width, bold):
            longer = f"{lines[-1]} {part}" if lines else part
            if lines and text_width(longer, size, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _parts(word: str, size: float, width: float, bold: bool) -> Iterator[str]:
    start = 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and text_width(word[start:end], size, bold=bold) > width:
            yield word[start : end - 1]
            start = end - 1
    yield word[start:]


def printable(text: str) -> str:
    """A text without what XML cannot hold: control characters (vl-convert ends on a NUL).

    >>> printable("Kent\\x00 and\\x0b Medway")
    'Kent and Medway'
    """
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\x7f\ufffe\uffff"))
