"""Plain English for numbers, as a reader meets them in an answer or on a page."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun, and with a verb if both words are given with it.

    >>> counted(1, "system"), counted(1234, "finding"), counted(0, "body", "bodies")
    ('1 system', '1,234 findings', '0 bodies')
    >>> counted(1, "tie has no date", "ties have no date")
    '1 tie has no date'
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
