"""Plain English for numbers and lists, as a reader meets them on a map.

>>> counted(3, "system")
'3 systems'
"""

from __future__ import annotations

from collections.abc import Sequence

from ..ontology.dates import BoundedDate

__all__ = ["counted", "listed", "of_day"]


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun, thousands separated.

    >>> counted(1, "system"), counted(1234, "finding"), counted(0, "body", "bodies")
    ('1 system', '1,234 findings', '0 bodies')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["Cancer", "Dorset", "Kent"])
    'Cancer, Dorset and Kent'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def of_day(day: str) -> str:
    """Of which day a picture is, in words; blank for no day.

    >>> of_day("2021-06-30"), of_day("")
    ('as on 30 June 2021', '')
    """
    return f"as on {BoundedDate.parse(day).plain()}" if day else ""
