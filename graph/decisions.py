"""Judgements about identity: which records are one thing and which are not, by whom and why.

They stand in `decisions.csv` beside the store, one a row, in the order in which they were made:

    one,other,judgement,who,when,why

`same` makes one thing of two records, `different` keeps apart what a shared code would join. A
judgement that is taken back leaves no trace: the file is what it would be without it. What a source
itself judges (the evidence: that a published name means a certain body) is a row like any other.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

from ..ontology.dates import BoundedDate
from ..ontology.errors import (
    DateFault,
    FileFault,
    IdentifierFault,
    UnknownName,
    UsageError,
    shown,
)
from ..ontology.identifiers import parse
from .files import write_whole
from .grouping import Grouping

__all__ = [
    "COLUMNS",
    "DIFFERENT",
    "JUDGEMENTS",
    "SAME",
    "Decision",
    "Judged",
    "amended",
    "appended",
    "decisions_text",
    "numbered_decisions",
    "read_decisions",
    "without",
    "write_decisions",
]

SAME, DIFFERENT = "same", "different"
JUDGEMENTS = (SAME, DIFFERENT)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether two records are one thing, who says so, when, and why.

    `one` and `other` are ids as sources name them. Where both are of the same standing (no public
    code, or codes of one publisher), a thing judged the same keeps the id of `one`.
    """

    one: str
    other: str
    judgement: str
    who: str
    when: str
    why: str

    @property
    def pair(self) -> frozenset[str]:
        """The two ids, whatever their order.

        >>> a, b = "ods:R1H", "ods:RNH"
        >>> Decision(a, b, *"....").pair == Decision(b, a, *"....").pair
        True
        """
        return frozenset((self.one, self.other))

    @property
    def key(self) -> tuple[str, str, str]:
        """What is judged, without who, when and why: two decisions of one key say the same."""
        first, second = sorted((self.one, self.other))
        return first, second, self.judgement

    def as_dict(self) -> dict[str, str]:
        """Its columns, ready for JSON."""
        return asdict(self)


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Decision))


def _form_fault(decision: Decision) -> tuple[str, str]:
    """The column at fault in a decision by itself, and what is wrong; ("", "") if nothing is."""
    for column in ("one", "other"):
        try:
            parse(getattr(decision, column))
        except IdentifierFault as wrong:
            return column, wrong.message
    if decision.one == decision.other:
        return "other", f"{decision.one} is compared with itself."
    if decision.judgement not in JUDGEMENTS:
        return "judgement", f'A judgement is "same" or "different", not "{decision.judgement}".'
    for column in ("who", "when", "why"):
        text = getattr(decision, column)
        if not text.strip():
            return column, f"A decision needs {column}: it must be possible to judge it later."
        if not text.isprintable():
            return column, f"{shown(text)} holds a character that cannot be shown, or two lines."
    try:
        BoundedDate.parse(decision.when)
    except DateFault as wrong:
        return "when", wrong.message
    return "", ""


class Judged:
    """What decisions say together, and whether one more can stand beside them.

    >>> joined = Decision("ods:R1H", "ods:RNH", "same", "A. Analyst", "2026-11-22", "one trust")
    >>> Judged([joined]).fault(Decision("ods:RNH", "ods:R1H", "different", "B", "2026", "two"))
    'ods:RNH and ods:R1H are judged the same already (A. Analyst, 2026-11-22: one trust).'
    """

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self._by_pair: dict[frozenset[str], Decision] = {}
        self._groups = Grouping()
        for decision in decisions:
            self.add(decision)

    def add(self, decision: Decision) -> None:
        """Take one more into account, which has no fault."""
        self._by_pair[decision.pair] = decision
        change = self._groups.join if decision.judgement == SAME else self._groups.keep_apart
        change(decision.one, decision.other)

    def fault(self, decision: Decision) -> str:
        """Why one more contradicts or repeats these, as a sentence; "" if it does not."""
        named = f"{decision.one} and {decision.other}"
        if earlier := self._by_pair.get(decision.pair):
            said = f"{earlier.who}, {earlier.when}: {earlier.why}"
            judged = "the same" if earlier.judgement == SAME else "different"
            return f"{named} are judged {judged} already ({said})."
        if decision.judgement == SAME and self._groups.apart(decision.one, decision.other):
            return f"{named} cannot be the same: other decisions together keep them apart."
        if decision.judgement == DIFFERENT and self._groups.together(decision.one, decision.other):
            return f"{named} cannot be different: other decisions together make them the same."
        return ""


def appended(decisions: Iterable[Decision], new: Decision) -> list[Decision]:
    """The decisions and one more; `UsageError` if it is no decision, repeats or contradicts them.

    >>> same = Decision("ods:R1H", "ods:RNH", "same", "A. Analyst", "2026-11-22", "one trust")
    >>> len(appended([], same))
    1
    """
    known = list(decisions)
    if wrong := _form_fault(new)[1]:
        raise UsageError(wrong)
    if wrong := Judged(known).fault(new):
        raise UsageError(wrong, "icsgraph identity undo takes a decision back.")
    return [*known, new]


def without(decisions: Iterable[Decision], one: str, other: str) -> list[Decision]:
    """The decisions but the one about these two, in whatever order it names them.

    `UnknownName` if there is none, with those that name either.
    """
    known = list(decisions)
    kept = [each for each in known if each.pair != frozenset((one, other))]
    if len(kept) == len(known):
        near = [each for each in known if each.pair & {one, other}] or known
        pairs = (f"{each.one} and {each.other}" for each in near)
        raise UnknownName("decision about", f"{one} and {other}", pairs)
    return kept


def amended(
    decisions: Iterable[Decision],
    before: Mapping[tuple[str, str, str], Decision],
    after: Mapping[tuple[str, str, str], Decision],
) -> list[Decision]:
    """The decisions after the sources' own judgements changed from `before` to `after` (by `key`).

    What is newly judged comes in, unless an earlier decision is against it; what no source judges
    any more goes; what a person decided or took back stays as it is.

    >>> alias = Decision("ods:R1H", "icsg:organisation/barts-health", "same", "us", "2026", "page")
    >>> now = {alias.key: alias}
    >>> amended([], {}, now) == [alias], amended([alias], now, {}), amended([], now, now)
    (True, [], [])
    """
    kept = []
    known = Judged()
    for each in decisions:
        now = after.get(each.key) if before.get(each.key) == each else each
        if now is not None:
            kept.append(now)
            known.add(now)
    for key in sorted(set(after) - set(before)):
        if not _form_fault(after[key])[1] and not known.fault(after[key]):
            kept.append(after[key])
            known.add(after[key])
    return kept


def decisions_text(decisions: Iterable[Decision]) -> str:
    """Decisions as CSV: a header line, LF.

    >>> decisions_text([])
    'one,other,judgement,who,when,why\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(decision) for decision in decisions)
    return text.getvalue()


def write_decisions(path: Path, decisions: Iterable[Decision]) -> None:
    """Write a file of decisions, whole or not at all; none at all is no file."""
    known = list(decisions)
    if known:
        write_whole(path, decisions_text(known))
    else:
        path.unlink(missing_ok=True)


def read_decisions(path: Path) -> list[Decision]:
    """The decisions of a file, in its order; none if there is no file.

    `FileFault` names the first row that is no decision, repeats or contradicts an earlier one.
    """
    return list(numbered_decisions(path).values()) if path.is_file() else []


def numbered_decisions(path: Path) -> dict[int, Decision]:
    """The decisions of a file by their rows, as an editor counts lines; faults as in
    `read_decisions`, and if there is no file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except UnicodeDecodeError:
        raise FileFault(path, reason="it is not UTF-8 text", hint="Save it as UTF-8.") from None
    rows = csv.reader(io.StringIO(text, newline=""))
    if (header := tuple(next(rows, ()))) != COLUMNS:
        reason = f"its columns are {', '.join(header) or 'none'}, not {', '.join(COLUMNS)}"
        raise FileFault(path, 1, reason=reason)
    decisions: dict[int, Decision] = {}
    known = Judged()
    for cells in filter(None, rows):
        decision = _read(path, rows.line_num, cells)
        if wrong := known.fault(decision):
            raise FileFault(path, rows.line_num, reason=wrong)
        known.add(decision)
        decisions[rows.line_num] = decision
    return decisions


def _read(path: Path, row: int, cells: list[str]) -> Decision:
    if len(cells) != len(COLUMNS):
        raise FileFault(path, row, reason=f"it has {len(cells)} cells, not {len(COLUMNS)}")
    decision = Decision(*(" ".join(cell.split()) for cell in cells))
    column, wrong = _form_fault(decision)
    if wrong:
        raise FileFault(path, row, column, reason=wrong)
    return decision
