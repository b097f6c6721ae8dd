"""What counts as taking an innovation up: rules over series, declared as data.

A rule names the series, the measure and the threshold that a thing must reach. `adoption_rules.csv`
holds those that loaders apply; any other threshold is the same rule with another value, applied to
the stored series by `adoptions.adoptions`.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import UnknownName, UsageError, shown

__all__ = ["COMPARISONS", "AdoptionRule", "rules", "rules_of"]

COMPARISONS: tuple[str, ...] = (">=", "<=", "lists")
"""How a measured value is held against the threshold; `lists` is for texts such as "EMIS/TPP"."""

_FILE = Path(__file__).with_name("adoption_rules.csv")
_RESERVED = re.compile(r"[\[\];\n]")
_TEXT = re.compile(
    r"(?P<series>[^:;]+): (?P<measure>[^\[\];]+?)(?: \[(?P<group>[^\[\];]+)\])?"
    r" (?P<comparison>>=|<=|lists) (?P<threshold>[^;]+)"
    r"(?:; over (?P<months>[0-9]+) months)?(?P<ends>; may end)?(?:; reporters: (?P<reporters>.+))?"
)


@dataclass(frozen=True, slots=True)
class AdoptionRule:
    """When has a thing adopted an innovation, by what a series says of it?

    The thing has adopted in the periods in which `measure` (of `group`, or of none) is at or past
    the threshold; over several `months`, the mean of the month and those before it is, and a month
    counts only if all of them are there. Without `ends` the first such period is the adoption and
    later ones are not looked at; with it, an adoption ends where the measure falls back, and a
    thing can adopt again. `reporters` names a measure that lists who reports for the thing: if all
    of them had only just begun to report, the adoption may be an artefact of coverage.

    `UsageError` for a rule that cannot be applied.

    >>> half = AdoptionRule("icsg:innovation/doac", "doac", "percent", ">=", 50)
    >>> half.text
    'doac: percent >= 50'
    """

    innovation: str
    series: str
    measure: str
    comparison: str
    threshold: float | str
    group: str | None = None
    months: int = 1
    ends: bool = False
    reporters: str | None = None
    name: str = ""
    words: str = ""
    caveat: str = ""

    def __post_init__(self) -> None:
        if self.comparison not in COMPARISONS:
            raise UnknownName("comparison of an adoption rule", self.comparison, COMPARISONS)
        if (self.comparison == "lists") != isinstance(self.threshold, str):
            wanted = "a text" if self.comparison == "lists" else "a number"
            raise UsageError(f"The threshold of {self.comparison} is no {wanted[2:]}.")
        if isinstance(self.threshold, (int, float)) and not math.isfinite(self.threshold):
            raise UsageError(f"The threshold {self.threshold} is no number.")
        if self.months < 1:
            raise UsageError(f"A rule cannot go over {self.months} months.", "One is the least.")
        if self.months > 1 and self.comparison == "lists":
            raise UsageError("Texts have no mean over several months.", "Leave out the months.")
        for part in (self.series, self.measure, self.group or "", self.reporters or ""):
            if _RESERVED.search(part):
                raise UsageError(f"{shown(part)} holds a character that rules are written with.")

    @property
    def text(self) -> str:
        """The rule as the statements that rest on it keep it; `parse` reads it again."""
        group = f" [{self.group}]" if self.group else ""
        value = self.threshold if isinstance(self.threshold, str) else f"{self.threshold:.15g}"
        over = f"; over {self.months} months" if self.months > 1 else ""
        ends = "; may end" if self.ends else ""
        reporters = f"; reporters: {self.reporters}" if self.reporters else ""
        measured = f"{self.measure}{group} {self.comparison} {value}"
        return f"{self.series}: {measured}{over}{ends}{reporters}"

    @classmethod
    def parse(cls, text: str, innovation: str) -> AdoptionRule:
        """The rule that a statement keeps as text, for the innovation that it speaks of.

        `UsageError` for another text.

        >>> rule = AdoptionRule.parse("doac: percent >= 50; over 3 months", "icsg:innovation/doac")
        >>> rule.threshold, rule.months, rule.text
        (50.0, 3, 'doac: percent >= 50; over 3 months')
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{shown(text)} is no adoption rule.", "One is: doac: percent >= 50; over 3 months"
            )
        return cls(
            innovation,
            match["series"],
            match["measure"],
            match["comparison"],
            _threshold(match["comparison"], match["threshold"]),
            group=match["group"],
            months=int(match["months"] or 1),
            ends=bool(match["ends"]),
            reporters=match["reporters"],
        )


def _threshold(comparison: str, text: str) -> float | str:
    if comparison == "lists":
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"The threshold {shown(text)} is no number.") from None


@cache
def rules() -> dict[str, AdoptionRule]:
    """The declared rules by name, in the order of their file.

    >>> rules()["virtual-ward"].text
    'virtual-wards: beds per 100,000 [registered_16_plus] >= 30; may end'
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: _rule(row) for row in csv.DictReader(file)}


def _rule(row: dict[str, str]) -> AdoptionRule:
    return AdoptionRule(
        row["innovation"],
        row["series"],
        row["measure"],
        row["comparison"],
        _threshold(row["comparison"], row["threshold"]),
        group=row["group"] or None,
        months=int(row["months"]),
        ends=row["ends"] == "yes",
        reporters=row["reporters"] or None,
        name=row["name"],
        words=row["words"],
        caveat=row["caveat"],
    )


def rules_of(series: str) -> tuple[AdoptionRule, ...]:
    """The declared rules over one series; none if it has none.

    >>> [rule.name for rule in rules_of("doac")]
    ['doac-ccg', 'doac-system']
    """
    return tuple(rule for rule in rules().values() if rule.series == series)
