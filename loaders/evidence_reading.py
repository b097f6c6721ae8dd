"""What one file of the evidence needs to know of the others: which codes, addresses and names
there are.

Every look-up takes the sheet and row that ask, so that what is not found is a fault of that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from ..ontology.dates import BoundedDate
from ..ontology.errors import nearest_names
from ..ontology.vocabularies import scheme
from .evidence_files import Row, Sheet
from .evidence_gathered import Gathered

__all__ = ["Alias", "HealthSystem", "Holder", "Names", "Reading", "nearest"]

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Holder:
    """What findings are filed under: one of the reviews, or a collection that is none (then a
    Source)."""

    id: str
    is_review: bool
    topic: str | None
    phase: int | None
    when: BoundedDate


@dataclass(frozen=True, slots=True)
class HealthSystem:
    """A system of systems.csv: when it existed, and when its integrated care board did."""

    id: str
    when: BoundedDate
    board: BoundedDate


@dataclass(frozen=True, slots=True)
class Alias:
    """A name as a page publishes it, a thing of its own here, judged to be the body it means."""

    body: str
    why: str


class Names:
    """Whom a name stands for: first the names of organisations.csv, then other names, then
    systems'.

    >>> names = Names()
    >>> names.add(0, "Barts Health NHS Trust", "ods:R1H")
    >>> names.add(1, "Bart's Health", "ods:R1H")
    >>> names.ids("bart's  health")
    ['ods:R1H']
    """

    def __init__(self) -> None:
        self._by_name: tuple[dict[str, set[str]], ...] = ({}, {}, {})

    def add(self, rank: int, name: str, identifier: str) -> None:
        """`name` stands for this thing, unless a name of a lower rank reads the same."""
        self._by_name[rank].setdefault(_folded(name), set()).add(identifier)

    def of_rank(self, rank: int, name: str) -> set[str]:
        """The things that names of one rank alone make the name stand for."""
        return set(self._by_name[rank].get(_folded(name), ()))

    def replace(self, rank: int, name: str, identifier: str) -> None:
        """Among the names of a rank, `name` stands for this thing and nothing else."""
        self._by_name[rank][_folded(name)] = {identifier}

    def ids(self, name: str, ranks: int = 3) -> list[str]:
        """The things that the name stands for: none, one, or several that it cannot tell apart.

        Only names of the first so many ranks are asked.
        """
        known = self._by_name[:ranks]
        return sorted(next((k[_folded(name)] for k in known if _folded(name) in k), set()))

    def __iter__(self) -> Iterator[str]:
        return (name for known in self._by_name for name in known)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass(slots=True)
class Reading:
    """Everything known while the files are read, in the order of `evidence_files.FILES`."""

    sheets: Mapping[str, Sheet]
    as_of: date | None
    data_set: str
    found: Gathered = field(default_factory=Gathered)
    pages: dict[str, str] = field(default_factory=dict)
    holders: dict[str, Holder] = field(default_factory=dict)
    systems: dict[str, HealthSystem] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    aliases: dict[str, Alias] = field(default_factory=dict)

    @property
    def reviews(self) -> list[Holder]:
        """The holders that are reviews, in the order of the programme."""
        reviews = [holder for holder in self.holders.values() if holder.is_review]
        return sorted(reviews, key=lambda review: (review.phase or 0, review.id))

    def page(self, sheet: Sheet, row: Row, column: str = "source_url") -> str:
        """The Source whose address stands in the cell; "" if the cell is blank."""
        return self.page_of(sheet, row, column, row[column])

    def page_of(self, sheet: Sheet, row: Row, column: str, url: str) -> str:
        """The Source with this address; an address that sources.csv does not have is a fault."""
        if url and url not in self.pages:
            hint = "Add a row for it to sources.csv."
            sheet.fault(
                row, column, f"holds an address that sources.csv does not have: {url}", hint
            )
        return self.pages.get(url, "")

    def holder(self, sheet: Sheet, row: Row, column: str = "review_id") -> Holder | None:
        """The review, or collection, whose id stands in the cell; None if blank or unknown (a
        fault)."""
        return self._known(sheet, row, column, self.holders, "review in reviews.csv")

    def system(self, sheet: Sheet, row: Row, column: str) -> HealthSystem | None:
        """The system whose ODS code stands in the cell; None if blank or unknown (a fault)."""
        return self._known(sheet, row, column, self.systems, "code of a system in systems.csv")

    def _known(
        self, sheet: Sheet, row: Row, column: str, known: Mapping[str, Known], what: str
    ) -> Known | None:
        if row[column] and row[column] not in known:
            sheet.fault(row, column, f"is no {what}", nearest(row[column], list(known)))
        return known.get(row[column])

    def term(self, sheet: Sheet, row: Row, column: str, scheme_name: str) -> str | None:
        """The vocabulary's notation for a cell; None if blank or not among its terms (a fault)."""
        terms = scheme(scheme_name)
        notation = terms.notation_of(row[column]) if row[column] else None
        if row[column] and notation is None:
            hint = f"The values are {', '.join(terms)}."
            sheet.fault(row, column, f"is no {scheme_name.replace('-', ' ')}", hint)
        return notation

    def meant(self, identifier: str) -> str:
        """The body that a thing is judged to be: itself, unless it is a published name of one."""
        alias = self.aliases.get(identifier)
        return alias.body if alias else identifier

    def body(self, sheet: Sheet, row: Row, column: str, name: str) -> str:
        """The organisation or system that a name stands for; one that is not known is a fault."""
        ids = self.names.ids(name)
        if len(ids) == 1:
            return ids[0]
        if ids:
            reason = f'holds "{name}", which stands for several: {", ".join(ids)}'
            sheet.fault(row, column, reason, "Write the full name of organisations.csv.")
        else:
            reason = f'holds "{name}", which neither organisations.csv nor org_aliases.csv has'
            sheet.fault(row, column, reason, nearest(name, list(self.names)))
        return ""


def nearest(value: str, known: list[str]) -> str:
    """What to write in place of a value that is not known: the nearest of those that are.

    >>> nearest("QE9", ["QE1", "QF7"])
    'The nearest: QE1.'
    """
    near = nearest_names(value, known)
    return f"The nearest: {', '.join(near)}." if near else "Add it to that file."
