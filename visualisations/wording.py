"""Plain English for numbers and lists, as a reader meets them on a map.

>>> counted(3, "system")
'3 systems'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..ontology.dates import BoundedDate
from ..queries.wording import counted

__all__ = ["counted", "days_spelt", "listed", "of_day"]

_DAY = re.compile(r"\b[12]\d{3}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?\b")


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence; semicolons part names that are lists themselves.

    >>> listed(["Cancer", "Dorset", "Kent"])
    'Cancer, Dorset and Kent'
    >>> listed(["Dorset", "Kent and Medway", "Leicester, Leicestershire and Rutland"])
    'Dorset; Kent and Medway; and Leicester, Leicestershire and Rutland'
    """
    if len(words) < 2:
        return "".join(words)
    if any(" and " in word or ", " in word for word in words):
        return f"{'; '.join(words[:-1])}; and {words[-1]}"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def of_day(day: str) -> str:
    """Of which day a picture is, in words; blank for no day.

    >>> of_day("2021-06-30"), of_day("")
    ('as on 30 June 2021', '')
    """
    return f"as on {BoundedDate.parse(day).plain()}" if day else ""


def days_spelt(text: str) -> str:
    """A text of a register with its days and months as people write them.

    >>> days_spelt("by 2021-05-28 (summary); 2021-07 (full report, day not seen)")
    'by 28 May 2021 (summary); July 2021 (full report, day not seen)'
    """
    return _DAY.sub(lambda found: BoundedDate.parse(found[0]).plain(), text)
